"""What the sheets of the staffing model share: addresses, names, inputs, formulas with their value, named lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..planning import queueing
from ..planning.calendar import DAYS, QUARTERS_A_DAY
from ..results import Results
from . import look
from .sheets import FIRST_ROW, Book

AUDIENCE = "operator's edition, not for partners or the public"
SIDES = ("low", "likely", "high")
FEWEST_COLUMNS = 12


def without_ruling(origin: str) -> str:
    """Leave out a ruling's reason: it is for the consultant's edition alone.

    >>> without_ruling("ruling on HR-Q1: the director misread the scale")
    'ruling on HR-Q1'
    """
    return re.sub(r"^(ruling on [^:]+):.*", r"\1", origin, flags=re.DOTALL)


def cell(row: int, column: int, fix: str = "") -> str:
    """Return a cell's address; ``fix`` names what stays when copied: r, c or rc.

    >>> cell(4, 27, "r")
    'AB$5'
    """
    letters, rest = "", column + 1
    while rest:
        rest, last = divmod(rest - 1, 26)
        letters = chr(65 + last) + letters
    return f"{'$' * ('c' in fix)}{letters}{'$' * ('r' in fix)}{row + 1}"


def block(sheet: str, first: tuple[int, int], last: tuple[int, int]) -> str:
    """Return a range with its sheet."""
    return f"'{sheet}'!{cell(*first, 'rc')}:{cell(*last, 'rc')}"


def endings(count: int) -> tuple[str, ...]:
    """Return what follows a name: nothing for one figure; _low, nothing and _high for three."""
    return ("_low", "", "_high") if count == 3 else ("",)


class Model:
    """The workbook being written: names, styles and the engine's values that several sheets need."""

    def __init__(self, results: Results) -> None:
        self.results, plan = results, results.staffing
        self.book = Book(results, f"Staffing model: {results.facts.name}", AUDIENCE)
        self.targets, self.handle_time_s = plan.targets, results.demand.handle_time_s
        self.rates = results.demand.band_per_hour.T.ravel()
        self.covered = plan.shift_plan.covered.reshape(7, QUARTERS_A_DAY)
        self.need = plan.need.on_shift.reshape(7, QUARTERS_A_DAY)
        self.weekend = [int(day in results.facts.country.weekend) for day in DAYS]
        most = max(FEWEST_COLUMNS, int(self.need.max()) + 4, int(self.covered.max()))
        promise = (self.handle_time_s, self.targets.patience_s, self.targets.voice_within_s)
        self.levels = np.array([queueing.erlang_a_service_level(n, self.rates, *promise) for n in range(1, most + 1)])
        self.most = most
        self.label, self.note = self.book.text(), self.book.text(font_color=look.QUIET)
        self.unit = self.book.text(font_color=look.QUIET, align="left", indent=1)
        self.figure = self.book.text(num_format="#,##0")

    def name(self, name: str, reference: str) -> None:
        """Give a cell or range a name that formulas use."""
        self.book.book.define_name(name, f"={reference}")

    def live(self, sheet: Any, row: int, column: int, formula: str, value: Any, style: Any) -> None:
        """Write a formula with the engine's value beside it, for readers that do not calculate."""
        value = value.item() if isinstance(value, np.generic) else value
        sheet.write_formula(row, column, formula if formula.startswith("=") else f"={formula}", style, value)

    def subtitle(self, sheet: Any, row: int, title: str) -> None:
        """Write the title of a part of a sheet."""
        look.put(sheet, row, 0, title, self.book.style(font_size=12, bold=True, font_color=look.NIGHT))
        sheet.set_row(row, 18)

    def input(self, number: str = "#,##0", **properties: Any) -> Any:
        """Return the style of a cell that may be changed."""
        return self.book.text(bg_color=look.PALE, locked=False, num_format=number, **properties)

    def sheet(self, name: str, title: str, say: str, widths: Sequence[float], *, wide: bool = False) -> Any:
        """Add a sheet that is protected, without a password, against slips."""
        sheet = self.book.sheet(name, title, say, widths, wide=wide)
        sheet.protect("", {"format_columns": True, "format_rows": True})
        return sheet


class Lines:
    """A sheet of named lines: label, one value or three, unit, and where it comes from."""

    def __init__(self, model: Model, name: str, title: str, say: str, sides: Sequence[str] = ("value",)) -> None:
        self.model, self.name, self.columns = model, name, len(sides)
        self.likely = sides.index("likely") if "likely" in sides else 0
        self.sheet = model.sheet(name, title, say, (50, *[15] * self.columns, 24, 74))
        headings = ["", *(s.capitalize() for s in sides), "Unit", "How it is worked out"]
        styles = [model.label, *[model.figure] * self.columns, model.unit, model.note]
        model.book.headings(self.sheet, FIRST_ROW, headings, styles=styles)
        self.sheet.freeze_panes(FIRST_ROW + 1, 1)
        self.sheet.repeat_rows(FIRST_ROW)
        self.row = FIRST_ROW + 1

    def section(self, title: str) -> None:
        """Begin a part."""
        self.model.subtitle(self.sheet, self.row + 1, title)
        self.row += 2

    def line(
        self, name: str, label: str, formula: str, value: Any, unit: str, how: str = "", *, bold: bool = False
    ) -> None:
        """Add one line, its value under Likely. Of three, {side} in the formula becomes _low, nothing and _high."""
        model, values = self.model, value if isinstance(value, list) else [value]
        style = model.book.text(bold=bold, num_format=self._format(unit, values))
        look.put(self.sheet, self.row, 0, label, model.book.text(bold=bold))
        first = 1 if len(values) > 1 else 1 + self.likely
        for column in range(1, self.columns + 1):
            look.put(self.sheet, self.row, column, None, model.label)
        for column, (one, side) in enumerate(zip(values, endings(len(values)), strict=True), first):
            model.live(self.sheet, self.row, column, formula.replace("{side}", side), one, style)
            model.name(name + side, f"'{self.name}'!{cell(self.row, column, 'rc')}")
        look.put(self.sheet, self.row, 1 + self.columns, unit, model.unit)
        look.put(self.sheet, self.row, 2 + self.columns, how, model.note)
        self.row += 1

    def _format(self, unit: str, values: list[Any]) -> str:
        if unit == "share":
            return "0.0%"
        if unit in ("people", "advocates") or unit.startswith(self.model.results.staffing.currency):
            return "#,##0"
        return "#,##0" if max(values) >= 1000 else "#,##0.0" if max(values) >= 100 else "#,##0.000"

    def close(self) -> None:
        """Set what is printed."""
        self.sheet.print_area(0, 0, self.row, 2 + self.columns)
