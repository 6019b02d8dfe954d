"""The frame of the roadmap's and the roster's workbooks: headings, notice, print set-up, formats."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from .. import archive
from ..results import Results
from . import look

HEAD = 4  # row of the column headings; title, notice and a sentence on the sheet stand above
A4, A3 = 9, 8
SERIF_SAFE_FOOTER = 200  # Excel refuses a footer of more than 255 characters
LINE_HEIGHT = 15


class Book:
    """A workbook in memory, with our fonts and colours, that gives the same bytes each time."""

    def __init__(self, results: Results, title: str, mark: str = "") -> None:
        import xlsxwriter

        self.results, self.title, self.mark = results, title, mark
        self._buffer = io.BytesIO()
        self._styles: dict[tuple[tuple[str, Any], ...], Any] = {}
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_format_properties": {"font_name": look.FONT, "font_size": 10, "font_color": look.INK},
        }
        self.book = xlsxwriter.Workbook(self._buffer, options)
        self.book.set_properties(
            {"title": title, "author": "Hotline Catalyst", "created": look.created(results), "comments": self.notice}
        )
        self.book.set_calc_mode("auto")

    @property
    def notice(self) -> str:
        """What must stand on every sheet."""
        return self.results.facts.notice

    def style(self, **properties: Any) -> Any:
        """Return a cell format; equal wishes give the same one."""
        key = tuple(sorted(properties.items()))
        if key not in self._styles:
            base = {"font_name": look.FONT, "font_size": 10, "font_color": look.INK, "valign": "top"}
            self._styles[key] = self.book.add_format(base | properties)
        return self._styles[key]

    def sheet(self, name: str, heading: str, says: str, columns: Sequence[Column], *, paper: int = A4) -> Sheet:
        """Add a sheet whose top says what it is, on screen and on every printed page."""
        sheet = Sheet(self, self.book.add_worksheet(name), list(columns))
        page = sheet.page
        page.hide_gridlines(2)
        page.set_landscape()
        page.set_paper(paper)
        page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        page.fit_to_pages(1, 0)
        page.repeat_rows(0, HEAD)
        mark = f"&C{self.mark.replace('&', '&&')}" if self.mark else ""
        left = self.title.replace("&", "&&")[:SERIF_SAFE_FOOTER]
        page.set_footer(f"&L&8{left}{mark}&R&8&P / &N")
        sheet.across(0, heading, bold=True, font_size=15, font_color=look.NIGHT)
        top = " · ".join(part for part in (self.mark, self.notice) if part)
        sheet.across(1, top, bold=True, font_color=look.CAUTION)
        sheet.across(2, says, font_color=look.QUIET)
        return sheet

    def save(self, path: Path) -> Path:
        """Write the workbook whole."""
        self.book.close()
        return archive.write_bytes(path, archive.normalised_zip(self._buffer.getvalue()))


@dataclass(frozen=True)
class Column:
    """A column: its heading, its width in characters, and how its cells are written."""

    title: str
    width: float
    kind: str = "text"


KINDS: dict[str, dict[str, Any]] = {
    "text": {"text_wrap": True},
    "id": {"font_color": look.NIGHT, "bold": True},
    "day": {"num_format": "d mmm yyyy", "align": "left"},
    "weekday": {"num_format": "ddd d mmm", "align": "left"},
    "money": {"num_format": "#,##0"},
    "whole": {"num_format": "0"},
    "hours": {"num_format": "0.0#"},
    "share": {"num_format": "0%"},
    "centre": {"align": "center"},
}


class Sheet:
    """One sheet of a book, written row by row below its headings."""

    def __init__(self, book: Book, page: Any, columns: list[Column]) -> None:
        self.book, self.page, self.columns = book, page, columns
        self.row = HEAD + 1
        for index, column in enumerate(columns):
            page.set_column(index, index, column.width)

    def across(self, row: int, text: str, **style: Any) -> None:
        """Write a line over all columns and give its row the height it needs."""
        wish = self.book.style(text_wrap=True, **style)
        room = sum(c.width for c in self.columns) * 10 / style.get("font_size", 10)
        lines = max(1, math.ceil(len(text) * 1.05 / room))
        self.page.set_row(row, lines * LINE_HEIGHT * style.get("font_size", 10) / 10)
        if len(self.columns) > 1:
            self.page.merge_range(row, 0, row, len(self.columns) - 1, "", wish)
        look.put(self.page, row, 0, text, wish)

    def headings(self, row: int = HEAD, titles: Sequence[str] | None = None, **style: Any) -> None:
        """Write the column headings."""
        wish = {"bold": True, "font_color": "#FFFFFF", "bg_color": look.NIGHT, "text_wrap": True, "valign": "vcenter"}
        for index, title in enumerate(titles or [c.title for c in self.columns]):
            look.put(self.page, row, index, title, self.book.style(**(wish | style)))

    def cell(self, row: int, column: int, value: Any, kind: str = "", **extra: Any) -> None:
        """Write one cell in its column's way: dates as dates, the rest through ``look.put``."""
        wish = KINDS[kind or self.columns[column].kind] | {"bottom": 1, "bottom_color": look.LINE} | extra
        style = self.book.style(**wish)
        if isinstance(value, Formula):
            self.page.write_formula(row, column, f"={value.text}", style, value.value)
        elif isinstance(value, date):
            self.page.write_datetime(row, column, datetime(value.year, value.month, value.day), style)
        else:
            look.put(self.page, row, column, value, style)

    def add(self, values: Sequence[Any], **extra: Any) -> int:
        """Write the next row; return its row number as a formula counts it."""
        for column, value in enumerate(values):
            self.cell(self.row, column, value, **extra)
        self.row += 1
        return self.row

    def finish(self, *, frozen: int = 0, filtered: bool = True, first: int = HEAD) -> None:
        """Freeze the headings, filter the table, and print just what is written."""
        self.page.freeze_panes(HEAD + 1, frozen)
        if filtered and self.row > first + 1:
            self.page.autofilter(first, 0, self.row - 1, len(self.columns) - 1)
        self.page.print_area(0, 0, max(self.row - 1, HEAD), len(self.columns) - 1)


@dataclass(frozen=True)
class Formula:
    """A spreadsheet formula and the value it has now, so that previews show it too."""

    text: str
    value: float | str | date

    def __post_init__(self) -> None:
        if isinstance(self.value, date):
            object.__setattr__(self, "value", serial(self.value))


def serial(day: date) -> int:
    """Return a date as spreadsheets count it.

    >>> serial(date(2027, 1, 4))
    46391
    """
    return (day - date(1899, 12, 30)).days


def read_me(book: Book, heading: str, says: str, lines: Sequence[tuple[str, str]]) -> None:
    """Add the first sheet: what the book is for, who may have it, what to change first."""
    sheet = book.sheet("Read me", heading, says, [Column("", 26), Column("", 100)])
    for name, text in lines:
        sheet.cell(sheet.row, 0, name, bold=True, text_wrap=True)
        sheet.cell(sheet.row, 1, text)
        sheet.row += 1
    sheet.finish(filtered=False)
