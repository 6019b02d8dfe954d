"""The sheet Bands: what each part of the day needs, the rule that says so, and what 1, 2, 3 … advocates give."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..planning import queueing
from ..planning.demand import BANDS
from . import look
from . import staffing_formulas as formulas
from .sheets import FIRST_ROW
from .staffing_pages import Model, block, cell

LEVELS_FROM = 13
# A busy line has more columns than a page can hold in letters that can be read.
MOST_PRINTED = 16


HEADINGS = (
    "Day", "Hours", "Signals per hour", "Erlangs", "Signals in one patience", "Less those who left",
    "Needed by load", "Needed by occupancy", "Minimum cover", "On shift", "Bound by", "In time, Erlang A",
    "In time, Erlang C",
)  # fmt: skip
WIDTHS = (10, 10, 10, 10, 12, 12, 11, 13, 11, 10, 17, 11, 11)


def bands(model: Model) -> None:
    """Add the sheet."""
    say = "Advocates needed in each part of the day, the rule that set it, and what each number of advocates gives."
    widths = (*WIDTHS, *[8] * model.most)
    sheet = model.sheet("Bands", "How many advocates does each part of the day need?", say, widths, wide=True)
    head, first, last = FIRST_ROW + 2, FIRST_ROW + 3, FIRST_ROW + 14
    look.put(sheet, FIRST_ROW, LEVELS_FROM, "Share answered in time by so many advocates", model.book.style(bold=True))
    right = model.book.style(font_color=look.QUIET, align="right")
    look.put(sheet, head - 1, LEVELS_FROM - 1, "n × patience ÷ handle time", right)
    styles = [*[model.label] * 2, *[model.figure] * 8, model.unit, *[model.figure] * (2 + model.most)]
    model.book.headings(sheet, head, (*HEADINGS, *range(1, model.most + 1)), styles=styles)
    quiet = model.book.style(font_color=look.QUIET, num_format="0.000")
    for n in range(1, model.most + 1):
        column = LEVELS_FROM + n - 1
        formula, value = f"{cell(head, column)}*demand_patience_s/handle_time_s", n * model.targets.patience_s
        model.live(sheet, head - 1, column, formula, value / model.handle_time_s, quiet)
    for index in range(2 * len(BANDS)):
        _band_row(model, sheet, first + index, head, index)
    for name, column in (("bands_rate", 2), ("bands_on_shift", 9)):
        model.name(name, block("Bands", (first, column), (last, column)))
    model.name("bands_level", block("Bands", (first, LEVELS_FROM), (last, LEVELS_FROM + model.most - 1)))
    sheet.freeze_panes(first, 2)
    sheet.repeat_rows(head)
    sheet.print_area(0, 0, last, LEVELS_FROM + min(model.most, MOST_PRINTED) - 1)


def _band_row(model: Model, sheet: Any, row: int, head: int, index: int) -> None:
    kind, band = divmod(index, len(BANDS))
    (a, b), rate = BANDS[band], float(model.rates[index])
    number, whole = (model.book.text(num_format=f) for f in ("0.000", "0"))
    look.put(sheet, row, 0, ("Weekday", "Weekend")[kind], model.label)
    look.put(sheet, row, 1, f"{a:02d} to {b:02d}", model.label)
    c = {key: cell(row, column, "c") for column, key in enumerate("DHREXYLOMNB")}
    per_patience = rate * model.targets.patience_s / 3600
    later = per_patience * float(np.exp(-model.targets.voice_within_s / model.targets.patience_s))
    load = rate * model.handle_time_s / 3600
    model.live(sheet, row, 2, f"{('weekday', 'weekend')[kind]}_{a:02d}_{b:02d}", rate, number)
    model.live(sheet, row, 3, f"{c['R']}*handle_time_s/3600", load, number)
    model.live(sheet, row, 4, f"{c['R']}*demand_patience_s/3600", per_patience, number)
    model.live(sheet, row, 5, f"{c['X']}*EXP(-service_voice_within_s/demand_patience_s)", later, number)
    _band_rules(model, sheet, row, c, whole, _band_need(model, rate, load))
    _band_levels(model, sheet, row, head, index)


def _band_rules(
    model: Model, sheet: Any, row: int, c: dict[str, str], whole: Any, need: tuple[int | str, int, int | str]
) -> None:
    """Write what each rule asks for, the number on shift, and the rule that set it."""
    by_load, by_occupancy, on_shift = need
    levels = f"{cell(row, LEVELS_FROM, 'c')}:{cell(row, LEVELS_FROM + model.most - 1, 'c')}"
    model.live(sheet, row, 6, formulas.by_load(c["R"], levels, model.most), by_load, whole)
    occupancy = formulas.rounded_up(f"{c['E']}/service_occupancy_cap")
    model.live(sheet, row, 7, occupancy, by_occupancy, whole)
    model.live(sheet, row, 8, "ROUND(service_minimum_cover,0)", model.targets.minimum_cover, whole)
    most = f"IF(ISNUMBER({c['L']}),MAX({c['L']},{c['O']},{c['M']}),{c['L']})"
    bold = model.book.text(bold=True, num_format="0")
    model.live(sheet, row, 9, most, on_shift, bold)
    bound = _bound(by_load, by_occupancy, model.targets.minimum_cover)
    model.live(sheet, row, 10, formulas.bound_by(c["L"], c["O"], c["M"]), bound, model.unit)
    a, cautious = _level_on_shift(model, row - FIRST_ROW - 3, on_shift)
    share = model.book.text(num_format="0.0%")
    model.live(sheet, row, 11, f'IF(ISTEXT({c["N"]}),"",INDEX({levels},MIN({c["N"]},{model.most})))', a, share)
    quiet = model.book.text(num_format="0.0%", font_color=look.QUIET)
    model.live(sheet, row, 12, formulas.erlang_c(c["N"], c["E"]), cautious, quiet)


def _band_need(model: Model, rate: float, load: float) -> tuple[int | str, int, int | str]:
    """Return what the engine says of one part of the day; text where it passes the sheet's columns."""
    t = model.targets
    required = queueing.required(rate, model.handle_time_s, t.voice_within_s, t.voice_share, t.patience_s)
    by_load, by_occupancy = int(required[0]), int(np.ceil(np.round(load / t.occupancy_cap, 9)))
    if by_load > model.most:
        return f"more than {model.most}", by_occupancy, f"more than {model.most}"
    return by_load, by_occupancy, max(by_load, by_occupancy, t.minimum_cover)


def _bound(by_load: int | str, by_occupancy: int, minimum: int) -> str:
    if isinstance(by_load, str) or (by_load >= max(by_occupancy, minimum) and by_load > minimum):
        return "load"
    return "occupancy" if by_occupancy > max(by_load, minimum) else "minimum cover"


def _level_on_shift(model: Model, index: int, on_shift: int | str) -> tuple[Any, Any]:
    """Return the share answered in time by those on shift: Erlang A, and Erlang C as the cautious end."""
    if isinstance(on_shift, str):
        return "", ""
    promise = (model.handle_time_s, model.targets.voice_within_s)
    cautious = queueing.erlang_c_service_level(on_shift, model.rates[index], *promise)
    return model.levels[min(on_shift, model.most) - 1, index], float(cautious)


def _band_levels(model: Model, sheet: Any, row: int, head: int, index: int) -> None:
    share = model.book.text(num_format="0.0%")
    load, x, later = (cell(row, column, "c") for column in (3, 4, 5))
    for column in range(LEVELS_FROM, LEVELS_FROM + model.most):
        formula = formulas.erlang_a(cell(head, column, "r"), cell(head - 1, column, "r"), load, x, later)
        model.live(sheet, row, column, formula, model.levels[column - LEVELS_FROM, index], share)
