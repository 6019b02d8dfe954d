"""Sheets with dates and live formulas, for the roadmap's and the roster's workbooks. The frame is that of sheets.py."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from . import look
from .sheets import FIRST_ROW, Book

A3 = 8
LINE_POINTS, HIGHEST_POINTS = 14.5, 400  # spreadsheets allow no row above 409 points
# Letters of our font that fit into one unit of a column's width, with a little to spare.
LETTERS, BOLD_LETTERS = 1.22, 1.1
KINDS: dict[str, dict[str, Any]] = {
    "text": {"text_wrap": True, "align": "left", "indent": 1},
    "name": {"text_wrap": True, "bold": True, "font_color": look.NIGHT},
    "day": {"num_format": "d mmm yyyy", "align": "left"},
    "weekday": {"num_format": "ddd d mmm", "align": "left"},
    "money": {"num_format": "#,##0_)", "align": "right"},
    "whole": {"num_format": "0_)", "align": "right"},
    "hours": {"num_format": "0.0#_)", "align": "right"},
    "share": {"num_format": "0%_)", "align": "right"},
    "centre": {"align": "center"},
}


@dataclass(frozen=True)
class Column:
    """A column: its heading, its width in characters, and how its cells are written."""

    title: str
    width: float
    kind: str = "text"


@dataclass(frozen=True)
class Formula:
    """A spreadsheet formula and the value it has now: previews show stored values, they calculate nothing."""

    text: str
    value: float | str


class Sheet:
    """One sheet of a book, written row by row below its headings."""

    def __init__(self, book: Book, name: str, title: str, say: str, columns: Sequence[Column]) -> None:
        self.book, self.say, self.columns, self.row = book, say, list(columns), FIRST_ROW
        self.page = book.sheet(name, title, say, [c.width for c in columns])

    def headings(self, *titles: str) -> None:
        """Write the column headings into the next row; ``titles`` replace those of the first columns."""
        wish = {"bold": True, "font_color": "#FFFFFF", "bg_color": look.NIGHT, "text_wrap": True, "valign": "vcenter"}
        named = [*titles, *(c.title for c in self.columns[len(titles) :])]
        for index, title in enumerate(named):
            sides = {k: v for k, v in KINDS[self.columns[index].kind].items() if k in ("align", "indent")}
            look.put(self.page, self.row, index, title, self.book.style(**wish, **sides))
        self._fit(named, bold=True)
        self.row += 1

    def cell(self, row: int, column: int, value: Any, kind: str = "", **extra: Any) -> None:
        """Write one cell in its column's way: formulas with their value, dates as dates, the rest by ``look.put``."""
        lined = {"bottom": 1, "bottom_color": look.LINE}
        style = self.book.style(**(lined | KINDS[kind or self.columns[column].kind] | extra))
        if isinstance(value, Formula):
            # The library escapes text in cells, but not a control character in a formula's stored value.
            stored = "".join(c for c in value.value if c >= " ") if isinstance(value.value, str) else value.value
            self.page.write_formula(row, column, f"={value.text}", style, stored)
        elif isinstance(value, date):
            self.page.write_datetime(row, column, datetime(value.year, value.month, value.day), style)
        else:
            look.put(self.page, row, column, value, style)

    def add(self, values: Sequence[Any], **extra: Any) -> int:
        """Write the next row; return its number as a formula counts it."""
        for column, value in enumerate(values):
            self.cell(self.row, column, value, **extra)
        self._fit(values, bold=bool(extra.get("bold")))
        self.row += 1
        return self.row

    def squeeze(self, columns: int) -> None:
        """Keep the lines above the headings within the first columns: a page that repeats them shows nothing else."""
        room = sum(c.width for c in self.columns[:columns])
        colours: dict[int, dict[str, Any]] = {
            1: {"font_color": look.QUIET},
            2: {"font_color": look.CAUTION, "bold": True},
        }
        for row, text in ((1, self.say), (2, self.book.results.facts.notice)):
            style = self.book.style(text_wrap=True, **colours[row])
            self.page.merge_range(row, 0, row, columns - 1, "", style)
            look.put(self.page, row, 0, text, style)
            self.page.set_row(row, LINE_POINTS * max(1, len(textwrap.wrap(text, int(room * BOLD_LETTERS)))))

    def _fit(self, values: Sequence[Any], *, bold: bool) -> None:
        """Give the row the height its longest text needs: not every reader does so by itself."""
        lines = 1
        for column, value in zip(self.columns, values, strict=False):
            text = value.value if isinstance(value, Formula) else value
            if isinstance(text, str):
                letters = BOLD_LETTERS if bold or column.kind == "name" else LETTERS
                room = max(1, int((column.width - 1) * letters))
                lines = max(lines, sum(len(textwrap.wrap(part, room)) or 1 for part in text.split("\n")))
        if lines > 1:
            self.page.set_row(self.row, min(HIGHEST_POINTS, lines * LINE_POINTS))

    def finish(self, *, frozen: int = 0, head: int = FIRST_ROW, filtered: bool = True) -> None:
        """Freeze and repeat the headings, filter the table, and print what is written."""
        last = max(self.row - 1, head + 1)
        self.page.freeze_panes(head + 1, frozen)
        self.page.repeat_rows(0, head)
        if filtered:
            self.page.autofilter(head, 0, last, len(self.columns) - 1)
        self.page.print_area(0, 0, last, len(self.columns) - 1)


def serial(day: date) -> int:
    """Return a date as spreadsheets count it.

    >>> serial(date(2027, 1, 4))
    46391
    """
    return (day - date(1899, 12, 30)).days


def read_me(book: Book, title: str, say: str, lines: Sequence[tuple[str, str]]) -> None:
    """Add the first sheet: what the book is for, who may have it, what to change first."""
    sheet = Sheet(book, "Read me", title, say, [Column("", 26, "name"), Column("", 100)])
    for line in lines:
        sheet.add(line)
    sheet.finish(filtered=False)
