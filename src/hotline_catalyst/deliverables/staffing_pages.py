"""What the sheets of the staffing model share: addresses, names, inputs, formulas with their value, named lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..planning import queueing
from ..planning.calendar import DAYS, QUARTERS_A_DAY
from ..planning.demand import BANDS
from ..results import Results
from . import look
from .sheets import FIRST_ROW, Book

AUDIENCE = "operator's edition, not for partners or the public"
SIDES = ("low", "likely", "high")
YEARS = 3
YEAR_TAILS = ("", "_y2", "_y3")
FEWEST_COLUMNS = 12
# The most advocates that each part of the week may need beyond today's before "more than" is said.
ROOM = 4
PLAN_SHEET = "From the plan"
MIRRORED = {"left": "right", "right": "left"}


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


def right_to_left(language: str) -> bool:
    """Return whether a language is written from the right.

    >>> right_to_left("ar"), right_to_left("fr")
    (True, False)
    """
    from babel import Locale

    return bool(Locale.parse(language, sep="-").character_order == "right-to-left")


def _plain_sheet() -> Any:
    """Return a kind of sheet that writes formulas as they are.

    XlsxWriter searches each formula for thirty functions newer than 2007; ours hold none, and the tests watch it.
    """
    from xlsxwriter.worksheet import Worksheet

    class PlainSheet(Worksheet):  # type: ignore[misc]
        def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
            return formula.removeprefix("=")

    return PlainSheet


class SheetsBook(Book):
    """A workbook whose sheets and charts begin at the right when the engagement's first language does."""

    def __init__(self, results: Results) -> None:
        self.mirrored = right_to_left(results.facts.languages[0])
        super().__init__(results, f"Staffing model: {results.facts.name}", AUDIENCE)
        self.book.worksheet_class = _plain_sheet()

    def style(self, **properties: Any) -> Any:
        """Return a cell style; where people read from the right, text stands at the right and numbers at the left."""
        if not self.mirrored:
            return super().style(**properties)
        side = properties.get("align", "right" if "num_format" in properties else "left")
        made = super().style(**properties | {"align": MIRRORED.get(side, side)})
        # Headings take their column's side from here, and are turned again.
        self._placed[id(made)]["align"] = side
        return made

    def sheet(self, name: str, title: str, say: str, widths: Sequence[float], *, wide: bool = False) -> Any:
        """Add a sheet as every workbook of ours does, from the right where people read from there."""
        sheet = super().sheet(name, title, say, widths, wide=wide)
        if self.mirrored:
            sheet.right_to_left()
        return sheet


class Model:
    """The workbook being written: names, styles and the engine's values that several sheets need.

    ``rows`` are the distinct rates of the week; ``levels[n - 1, row]`` is the share answered in time by n advocates on
    a day as busy as planned for, ``usual_levels`` on a usual one.
    ``groups`` are the rows of the budget's groups, known once the sheet Budget is written.
    ``used`` collects every name that a formula mentions: an input that none of them mentions is no input.
    """

    def __init__(self, results: Results) -> None:
        self.results, self.plan, self.demand = results, results.staffing, results.demand
        self.book = SheetsBook(results)
        self.targets, self.handle_time_s = self.plan.targets, self.demand.handle_time_s
        self.rows = self.demand.rows
        self.rates = np.array([row.per_hour for row in self.rows])
        self.planned = self.rates * self.demand.planned_factor
        self.row_of = self.demand.row_of.reshape(7, QUARTERS_A_DAY)
        self.covered = self.plan.shift_plan.covered.reshape(7, QUARTERS_A_DAY)
        self.need = self.plan.need.on_shift.reshape(7, QUARTERS_A_DAY)
        self.weekend = [int(day in results.facts.country.weekend) for day in DAYS]
        self.most = self._most()
        self.levels, self.usual_levels = self.levels_at(self.planned), self.levels_at(self.rates)
        self.used: set[str] = set()
        self.groups: dict[str, int] = {}
        self.label, self.note = self.book.text(), self.book.text(font_color=look.QUIET, align="left", indent=1)
        self.after = self.book.text(align="left", indent=1)
        self.unit = self.book.text(font_color=look.QUIET, align="left", indent=1)
        self.figure = self.book.text(num_format="#,##0")

    def _most(self) -> int:
        by_load = self.required(self.planned * self.demand.year_factors[-1])
        return int(max(FEWEST_COLUMNS, self.need.max() + ROOM, self.covered.max(), by_load.max() + 1))

    def levels_at(self, per_hour: Any) -> Any:
        """Return the share answered in time by 1 to ``most`` advocates: shape (most, rates)."""
        t = self.targets
        promise = (self.handle_time_s, t.patience_s, t.voice_within_s)
        return np.array([queueing.erlang_a_service_level(n, per_hour, *promise) for n in range(1, self.most + 1)])

    def required(self, per_hour: Any) -> Any:
        """Return the fewest advocates that keep the promise at so many signals an hour."""
        t = self.targets
        return queueing.required(per_hour, self.handle_time_s, t.voice_within_s, t.voice_share, t.patience_s)

    @property
    def banded(self) -> bool:
        """Whether the week is drawn by parts of weekdays and weekend days, and not hour by hour from own counts."""
        found = [(row.day, row.from_hour, row.to_hour) for row in self.rows]
        return found == [(day, a, b) for day in ("weekday", "weekend") for a, b in BANDS]

    def name(self, name: str, reference: str) -> None:
        """Give a cell or range a name that formulas use."""
        self.book.book.define_name(name, f"={reference}")

    def live(self, sheet: Any, row: int, column: int, formula: str, value: Any, style: Any) -> None:
        """Write a formula with the engine's value beside it, for readers that do not calculate."""
        value = value.item() if isinstance(value, np.generic) else value
        self.used.update(re.findall(r"[a-z][a-z0-9_]+", formula))
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


def measured(model: Model) -> bool:
    """Return whether the line has measured its time away from signals."""
    return bool(model.plan.people.shrinkage.parts[0].id == "measured")


class Lines:
    """A sheet of named lines: label, one value or three, unit, and where it comes from.

    ``tails`` are what follows a line's name in each of three columns: of low, likely and high, or of three years.
    """

    def __init__(
        self,
        model: Model,
        name: str,
        title: str,
        say: str,
        sides: Sequence[str] = SIDES,
        tails: Sequence[str] = ("_low", "", "_high"),
    ) -> None:
        self.model, self.name, self.columns, self.tails = model, name, len(sides), tails
        self.likely = list(tails).index("")
        self.sheet = model.sheet(name, title, say, (52, *[15] * self.columns, 24, 76))
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
        self,
        name: str,
        label: str,
        formula: str | Sequence[str],
        value: Any,
        unit: str,
        how: str = "",
        *,
        bold: bool = False,
    ) -> None:
        """Add one line, one value under the plain name. Of three, {side} in the formula becomes each of the tails."""
        model, values = self.model, value if isinstance(value, list) else [value]
        style = model.book.text(bold=bold, num_format=self._format(unit, values))
        look.put(self.sheet, self.row, 0, label, model.book.text(bold=bold))
        first = 1 if len(values) > 1 else 1 + self.likely
        for column in range(1, self.columns + 1):
            look.put(self.sheet, self.row, column, None, model.label)
        tails = self.tails if len(values) > 1 else ("",)
        each = [formula] * len(values) if isinstance(formula, str) else formula
        for column, (one, side, of) in enumerate(zip(values, tails, each, strict=True), first):
            model.live(self.sheet, self.row, column, of.replace("{side}", side), one, style)
            model.name(name + side, f"'{self.name}'!{cell(self.row, column, 'rc')}")
        look.put(self.sheet, self.row, 1 + self.columns, unit, model.unit)
        look.put(self.sheet, self.row, 2 + self.columns, how, model.note)
        model.book.fit(self.sheet, self.row, (label, *[None] * self.columns, unit, how))
        self.row += 1

    def _format(self, unit: str, values: list[Any]) -> str:
        if unit == "share":
            return "0.0%"
        if unit in ("people", "advocates") or unit.startswith(self.model.plan.currency):
            return "#,##0"
        return "#,##0" if max(values) >= 1000 else "#,##0.0" if max(values) >= 100 else "#,##0.000"

    def close(self) -> None:
        """Set what is printed."""
        self.sheet.print_area(0, 0, self.row, 2 + self.columns)
