"""One way to lay out a workbook: heading, notice, frozen headings, filter, print set-up and protected sheets."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from math import ceil
from pathlib import Path
from typing import Any

from ..archive import workbook, write_bytes
from ..results import Results
from . import look

# Title, sentence and notice stand in the first three rows of every sheet; row 4 is the first free one.
FIRST_ROW = 4
Row = Sequence[Any]


class Book:
    """A workbook in our look. Text from people is written as text by ``look.put`` and by nothing else."""

    def __init__(self, results: Results, title: str, audience: str) -> None:
        import xlsxwriter

        self.results, self.audience = results, audience
        self._stream = io.BytesIO()
        options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self.book = xlsxwriter.Workbook(self._stream, options)
        self.book.set_properties({"title": title, "created": look.created(results)})
        self.book.set_size(2000, 1300)
        self._styles: dict[tuple[tuple[str, Any], ...], Any] = {}
        self._placed: dict[int, dict[str, Any]] = {}
        self._widths: dict[str, Sequence[float]] = {}

    def style(self, **properties: Any) -> Any:
        """Return a cell style; the same properties give the same style."""
        base = {"font_name": look.FONT, "font_size": 10, "font_color": look.INK, "valign": "top"} | properties
        key = tuple(sorted(base.items()))
        if key not in self._styles:
            self._styles[key] = self.book.add_format(base)
            align = base.get("align", "right" if "num_format" in base else "left")
            self._placed[id(self._styles[key])] = {"align": align, "indent": base.get("indent", 0)}
        return self._styles[key]

    def sheet(self, name: str, title: str, say: str, widths: Sequence[float], *, wide: bool = False) -> Any:
        """Add a sheet with its heading, one sentence and the notice, set up for A4, or A3 when ``wide``."""
        sheet = self.book.add_worksheet(name)
        self._widths[name] = widths
        for column, width in enumerate(widths):
            sheet.set_column(column, column, width, self.style())
        look.put(sheet, 0, 0, title, self.style(font_size=16, bold=True, font_color=look.NIGHT))
        look.put(sheet, 1, 0, say, self.style(font_color=look.QUIET))
        look.put(sheet, 2, 0, self.results.facts.notice, self.style(bold=True, font_color=look.CAUTION))
        sheet.set_row(0, 26)
        sheet.hide_gridlines(2)
        sheet.set_paper(8 if wide else 9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.5, right=0.5, top=0.8, bottom=0.7)
        sheet.set_header(f"&L&8{_plain(self.results.facts.notice)}")
        sheet.set_footer(f"&L&8{_plain(self.results.facts.name)}: {_plain(self.audience)}&R&8&A, &P / &N")
        return sheet

    def headings(
        self, sheet: Any, row: int, headings: Sequence[Any], column: int = 0, styles: Sequence[Any] = ()
    ) -> None:
        """Write the headings of a table, each aligned as its column."""
        for offset, heading in enumerate(headings):
            placed = self._placed[id(styles[offset])] if styles else {"align": "left"}
            style = self.style(
                bold=True, font_color="#FFFFFF", bg_color=look.NIGHT, text_wrap=True, valign="vcenter", **placed
            )
            look.put(sheet, row, column + offset, heading, style)
        if not column:
            self.fit(sheet, row, headings, 1)

    def fit(self, sheet: Any, row: int, values: Sequence[Any], per_width: float = 1.15) -> None:
        """Make a row as high as its longest text needs: not every program does this by itself."""
        widths = self._widths[sheet.get_name()]
        lines = 1
        for value, width in zip(values, widths, strict=False):
            if isinstance(value, str):
                lines = max(lines, sum(ceil(max(1, len(part)) / (width * per_width)) for part in value.split("\n")))
        sheet.set_row(row, min(400, 14.5 * lines + 1.5))

    def table(
        self, sheet: Any, headings: Sequence[str], rows: Iterable[Row], styles: Sequence[Any], frozen: int = 1
    ) -> int:
        """Write a table that fills the sheet: headings frozen, filtered and repeated in print. Return the row after it.

        A value may be a pair ``(value, style)`` where a cell looks different from its column.
        """
        first = row = FIRST_ROW
        self.headings(sheet, first, headings, styles=styles)
        for row, values in enumerate(rows, first + 1):
            pairs = [v if isinstance(v, tuple) else (v, styles[column]) for column, v in enumerate(values)]
            for column, (value, style) in enumerate(pairs):
                look.put(sheet, row, column, value, style)
            self.fit(sheet, row, [value for value, _ in pairs])
        sheet.freeze_panes(first + 1, frozen)
        sheet.autofilter(first, 0, max(row, first + 1), len(headings) - 1)
        sheet.repeat_rows(first)
        sheet.print_area(0, 0, max(row, first + 1), len(headings) - 1)
        return row + 1

    def text(self, **properties: Any) -> Any:
        """Return the style of a table's text cell."""
        return self.style(text_wrap=True, bottom=1, bottom_color=look.LINE, **properties)

    def write(self, path: Path) -> Path:
        """Close the workbook and write it; the same results give the same bytes."""
        self.book.close()
        return write_bytes(path, workbook(self._stream.getvalue(), self.book.str_table.string_array))


def assumptions(book: Book, origin: Any = lambda text: text) -> None:
    """Add the sheet of every figure the plan rests on, the unsourced ones first."""
    sheet = book.sheet(
        "Assumptions",
        "Which figures does this rest on?",
        "Figures that nobody has sourced stand first. Replace them as soon as something better is known.",
        (34, 46, 26, 22, 74, 12),
    )
    text = book.text()
    rows = (
        (a.id, a.title, a.value, a.unit, origin(a.origin), "assumed" if a.assumed else "sourced")
        for a in book.results.assumptions
    )
    headings = ("Figure", "What it is", "Low – likely – high", "Unit", "Source or reason", "Standing")
    book.table(sheet, headings, rows, [text] * 6)


def column_name(index: int) -> str:
    """Return a column's letters.

    >>> column_name(0), column_name(27), column_name(702)
    ('A', 'AB', 'AAA')
    """
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(index))


def _plain(text: str) -> str:
    """Return text for a page header, where & gives orders and 255 characters are all.

    >>> _plain("2027 R&D")
    ' 2027 R&&D'
    """
    line = " ".join(text.split())[:90].replace("&", "&&")
    # The size of the font stands before it: "&82027" would be 82027 points.
    return f" {line}" if line[:1].isdigit() else line
