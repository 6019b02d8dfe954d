"""The sheets Bands and Growth: what each part of the week needs, the rule that says so, and what more people give."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..planning import queueing
from ..planning.demand import BANDS
from . import look
from . import staffing_formulas as formulas
from .sheets import FIRST_ROW
from .staffing_pages import YEARS, Model, block, cell

# A busy line has more columns than a page can hold in letters that can be read.
MOST_PRINTED = 16
HEAD = FIRST_ROW + 2
FIRST = HEAD + 1
RATE, PLANNED, LOAD, X, LATER, BY_LOAD, BY_TEXT, BY_OCCUPANCY, MINIMUM, NEED, LEVEL_A, LEVEL_C = range(1, 13)
LEVELS_FROM = 13
HEADINGS = (
    "Part of the week", "Signals per hour", "On a busy day, call-backs in", "Erlangs", "Signals in one patience",
    "Less those who left", "Needed by load", "By text and chat", "By occupancy", "Minimum cover", "Needed",
    "In time, Erlang A", "In time, Erlang C",
)  # fmt: skip
USUAL = ("Erlangs, usual day", "In one patience", "Less those who left")
WIDTHS = (18, 10, 12, 10, 12, 12, 10, 10, 12, 10, 10, 11, 11)
GROWTH = (
    "On a busy day", "Erlangs", "In one patience", "Less those who left", "By load", "By text and chat", "By occupancy",
    "Needed",
)  # fmt: skip


def last_row(model: Model) -> int:
    """Return the last row of both sheets' tables."""
    return FIRST + len(model.rows) - 1


def bands(model: Model) -> None:
    """Add the sheet of this year."""
    say = (
        "Advocates needed by load, occupancy and minimum cover in each part of the week, and what each number of them "
        "gives. Languages, supervisors and the simulated week come on top, on Working."
    )
    widths = (*WIDTHS, *[8] * model.most, 3, 10, 10, 10, *[8] * model.most)
    sheet = model.sheet("Bands", "How many advocates does each part of the week need?", say, widths, wide=True)
    last = last_row(model)
    styles = [model.label, *[model.figure] * (12 + model.most)]
    _level_heads(model, sheet, LEVELS_FROM, "Share answered in time by so many advocates on a busy day")
    model.book.headings(sheet, HEAD, (*HEADINGS, *range(1, model.most + 1)), styles=styles)
    usual = _usual_from(model)
    _level_heads(model, sheet, usual + 3, "The same on a usual day")
    model.book.headings(sheet, HEAD, (*USUAL, *range(1, model.most + 1)), usual, styles[1:])
    for index in range(len(model.rows)):
        _band_row(model, sheet, FIRST + index, index)
    usual = _usual_from(model)
    model.name("bands_usual_level", block("Bands", (FIRST, usual + 3), (last, usual + 2 + model.most)))
    for name, column in (
        ("bands_rate", RATE), ("bands_planned", PLANNED), ("bands_load", LOAD), ("bands_by_load", BY_LOAD),
        ("bands_by_text", BY_TEXT), ("bands_by_occupancy", BY_OCCUPANCY), ("bands_need", NEED),
    ):  # fmt: skip
        model.name(name, block("Bands", (FIRST, column), (last, column)))
    model.name("bands_level", block("Bands", (FIRST, LEVELS_FROM), (last, LEVELS_FROM + model.most - 1)))
    sheet.freeze_panes(FIRST, 1)
    sheet.repeat_rows(HEAD)
    sheet.repeat_columns(0)
    sheet.print_area(0, 0, last, LEVELS_FROM + min(model.most, MOST_PRINTED) - 1)


def _level_heads(model: Model, sheet: Any, first: int, title: str) -> None:
    """Write over the columns of levels: the number of advocates, and that number times patience over handle time."""
    quiet = model.book.style(font_color=look.QUIET, num_format="0.000")
    look.put(sheet, FIRST_ROW, first, title, model.book.style(bold=True))
    right = model.book.style(font_color=look.QUIET, align="right")
    look.put(sheet, HEAD - 1, first - 1, "n × patience ÷ handle time", right)
    for n in range(1, model.most + 1):
        column, value = first + n - 1, n * model.targets.patience_s / model.handle_time_s
        model.live(sheet, HEAD - 1, column, f"{cell(HEAD, column)}*demand_patience_s/handle_time_s", value, quiet)


def rate_formula(model: Model, index: int) -> str:
    """Return the usual rate of a part of the week: from the bands of the day, or its part of the week's signals."""
    row = model.rows[index]
    if model.banded:
        return f"{row.day}_{row.from_hour:02d}_{row.to_hour:02d}"
    part = row.per_hour / model.demand.live_per_week if model.demand.live_per_week else 0.0
    return f"live_per_week*{part!r}"


def _band_row(model: Model, sheet: Any, row: int, index: int) -> None:
    rate, planned = float(model.rates[index]), float(model.planned[index])
    number, quiet = (model.book.text(num_format="0.000", font_color=c) for c in (look.INK, look.QUIET))
    c = {column: cell(row, column, "c") for column in range(LEVELS_FROM)}
    look.put(sheet, row, 0, model.rows[index].label, model.label)
    model.live(sheet, row, RATE, rate_formula(model, index), rate, number)
    model.live(sheet, row, PLANNED, f"{c[RATE]}*planned_factor", planned, number)
    _erlangs(model, sheet, row, (PLANNED, LOAD, X, LATER), planned, (number, quiet))
    _rules(model, sheet, row, index, c)
    _levels(model, sheet, row, LEVELS_FROM, (c[LOAD], c[X], c[LATER]), model.levels[:, index])
    usual = _usual_from(model)
    _erlangs(model, sheet, row, (RATE, usual, usual + 1, usual + 2), rate, (number, quiet))
    cells = cell(row, usual, "c"), cell(row, usual + 1, "c"), cell(row, usual + 2, "c")
    _levels(model, sheet, row, usual + 3, cells, model.usual_levels[:, index])


def _usual_from(model: Model) -> int:
    """Return the first column of what a usual day gives, after the busy day's levels."""
    return LEVELS_FROM + model.most + 1


def _erlangs(
    model: Model, sheet: Any, row: int, columns: tuple[int, int, int, int], per_hour: float, styles: tuple[Any, Any]
) -> None:
    """Write load, signals in one patience, and the same less those who left before the promise."""
    rate, x = cell(row, columns[0], "c"), per_hour * model.targets.patience_s / 3600
    later = x * float(np.exp(-model.targets.voice_within_s / model.targets.patience_s))
    model.live(sheet, row, columns[1], f"{rate}*handle_time_s/3600", per_hour * model.handle_time_s / 3600, styles[0])
    model.live(sheet, row, columns[2], f"{rate}*demand_patience_s/3600", x, styles[1])
    left = f"{cell(row, columns[2], 'c')}*EXP(-service_voice_within_s/demand_patience_s)"
    model.live(sheet, row, columns[3], left, later, styles[1])


def _rules(model: Model, sheet: Any, row: int, index: int, c: dict[int, str]) -> None:
    """Write what each rule asks for, the largest of it, and what that many give."""
    whole, bold = model.book.text(num_format="0"), model.book.text(bold=True, num_format="0")
    by_load, by_text, by_occupancy, need = band_need(model, float(model.planned[index]), by_text_of(model, index))
    levels = f"{cell(row, LEVELS_FROM, 'c')}:{cell(row, LEVELS_FROM + model.most - 1, 'c')}"
    model.live(sheet, row, BY_LOAD, formulas.by_load(c[PLANNED], levels, model.most), by_load, whole)
    look.put(sheet, row, BY_TEXT, by_text, model.book.text(num_format="0", font_color=look.QUIET))
    occupancy = formulas.rounded_up(f"{c[LOAD]}/service_occupancy_cap")
    model.live(sheet, row, BY_OCCUPANCY, occupancy, by_occupancy, whole)
    model.live(sheet, row, MINIMUM, "ROUND(service_minimum_cover,0)", model.targets.minimum_cover, whole)
    rest = f"{c[BY_TEXT]},{c[BY_OCCUPANCY]},{c[MINIMUM]}"
    most = f"IF(ISNUMBER({c[BY_LOAD]}),MAX({c[BY_LOAD]},{rest}),{c[BY_LOAD]})"
    model.live(sheet, row, NEED, most, need, bold)
    a, cautious = _level_of(model, index, need)
    share, quiet = (model.book.text(num_format="0.0%", font_color=colour) for colour in (look.INK, look.QUIET))
    formula = f'IF(ISTEXT({c[NEED]}),"",INDEX({levels},MIN({c[NEED]},{model.most})))'
    model.live(sheet, row, LEVEL_A, formula, a, share)
    model.live(sheet, row, LEVEL_C, formulas.erlang_c(c[NEED], c[LOAD]), cautious, quiet)


def by_text_of(model: Model, index: int, year: int = 1) -> int:
    """Return what texts and chats by themselves ask of a part of the week: the plan's own number."""
    here = model.row_of.ravel() == index
    return int(model.plan.needs[year - 1].by_text[here].max(initial=0))


def band_need(model: Model, per_hour: float, by_text: int) -> tuple[int | str, int, int, int | str]:
    """Return what the engine says of one part of the week; text where it passes the sheet's columns."""
    t, load = model.targets, per_hour * model.handle_time_s / 3600
    by_load, by_occupancy = int(model.required(per_hour)[0]), int(np.ceil(np.round(load / t.occupancy_cap, 9)))
    if by_load > model.most:
        return f"more than {model.most}", by_text, by_occupancy, f"more than {model.most}"
    return by_load, by_text, by_occupancy, max(by_load, by_text, by_occupancy, t.minimum_cover)


def _level_of(model: Model, index: int, on_shift: int | str) -> tuple[Any, Any]:
    """Return the share answered in time by so many: Erlang A, and Erlang C as the cautious end."""
    if isinstance(on_shift, str):
        return "", ""
    promise = (model.handle_time_s, model.targets.voice_within_s)
    cautious = queueing.erlang_c_service_level(on_shift, model.planned[index], *promise)
    return model.levels[min(on_shift, model.most) - 1, index], float(cautious)


def _levels(model: Model, sheet: Any, row: int, first: int, load_x_later: tuple[str, str, str], values: Any) -> None:
    share = model.book.text(num_format="0.0%")
    for column in range(first, first + model.most):
        formula = formulas.erlang_a(cell(HEAD, column, "r"), cell(HEAD - 1, column, "r"), *load_x_later)
        model.live(sheet, row, column, formula, values[column - first], share)


def growth(model: Model) -> None:
    """Add the sheet of the second and third year: the same parts of the week at those years' volumes."""
    say = (
        "The same parts of the week at the volumes of years two and three. Texts and chats by themselves are from the "
        "plan. Shifts for those years are planned when they come."
    )
    size = len(GROWTH)
    first_level = 1 + size * (YEARS - 1)
    widths = (18, *[9.5] * (first_level - 1), *([26] + [8] * (model.most + 1)) * (YEARS - 1))
    sheet = model.sheet("Growth", "What will later years need?", say, widths, wide=True)
    number = model.figure
    model.book.headings(sheet, HEAD, ("Part of the week", *GROWTH * (YEARS - 1)), styles=[number] * first_level)
    for index in range(len(model.rows)):
        look.put(sheet, FIRST + index, 0, model.rows[index].label, model.label)
    for year in range(2, YEARS + 1):
        _growth_year(model, sheet, year, 1 + size * (year - 2), first_level + 1 + (model.most + 2) * (year - 2))
    sheet.freeze_panes(FIRST, 1)
    sheet.repeat_rows(HEAD)
    sheet.repeat_columns(0)
    sheet.print_area(0, 0, last_row(model), first_level - 1)


def _growth_year(model: Model, sheet: Any, year: int, column: int, levels_from: int) -> None:
    bold = model.book.style(bold=True)
    look.put(sheet, FIRST_ROW, column, f"Year {year}, signals times", bold)
    factor = model.demand.year_factors[year - 1]
    model.live(sheet, FIRST_ROW, column + 3, f"year_factor_{year}", factor, model.book.style(num_format="0.00"))
    _level_heads(model, sheet, levels_from, f"Year {year}: share answered in time by so many advocates")
    styles = [model.figure] * model.most
    model.book.headings(sheet, HEAD, range(1, model.most + 1), levels_from, styles)
    planned = model.planned * factor
    levels = model.levels_at(planned)
    number, quiet = (model.book.text(num_format="0.000", font_color=c) for c in (look.INK, look.QUIET))
    whole, total = model.book.text(num_format="0"), model.book.text(bold=True, num_format="0")
    for index in range(len(model.rows)):
        row = FIRST + index
        rate, load, x, later, by_load, by_text, by_occupancy, _ = (
            cell(row, column + k, "c") for k in range(len(GROWTH))
        )
        formula = f"INDEX(bands_planned,{index + 1})*year_factor_{year}"
        model.live(sheet, row, column, formula, float(planned[index]), number)
        columns = (column, column + 1, column + 2, column + 3)
        _erlangs(model, sheet, row, columns, float(planned[index]), (number, quiet))
        span = f"{cell(row, levels_from, 'c')}:{cell(row, levels_from + model.most - 1, 'c')}"
        need = band_need(model, float(planned[index]), by_text_of(model, index, year))
        model.live(sheet, row, column + 4, formulas.by_load(rate, span, model.most), need[0], whole)
        look.put(sheet, row, column + 5, need[1], model.book.text(num_format="0", font_color=look.QUIET))
        occupancy = formulas.rounded_up(f"{load}/service_occupancy_cap")
        model.live(sheet, row, column + 6, occupancy, need[2], whole)
        rest = f"{by_text},{by_occupancy},ROUND(service_minimum_cover,0)"
        most = f"IF(ISNUMBER({by_load}),MAX({by_load},{rest}),{by_load})"
        model.live(sheet, row, column + 7, most, need[3], total)
        _levels(model, sheet, row, levels_from, (load, x, later), levels[:, index])
    last = last_row(model)
    model.name(f"growth_need_{year}", block("Growth", (FIRST, column + 7), (last, column + 7)))


def part_of(model: Model, day: int, quarter: int, band: str, weekend: str) -> str:
    """Return the number of the part of the week that a quarter-hour lies in, as a formula.

    ``band`` and ``weekend`` are the cells of the band of the day and of the day's being a weekend day.
    """
    if model.banded:
        return f"{band}+{len(BANDS)}*{weekend}"
    return str(int(model.row_of[day, quarter]) + 1)
