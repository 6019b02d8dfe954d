"""The sheet Inputs: every figure the model rests on, the ones to change in pale cells with a name.

The sheet is laid out first and filled last: a figure that no formula of the workbook mentions is shown grey and
locked, as changing it would change nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from ..planning.calendar import DAYS, minutes_of
from ..planning.demand import CATEGORIES, LIVE_CHANNELS, OWN_VOLUME, Parameter, Span
from ..planning.people import MEASURED
from . import look
from .sheets import FIRST_ROW
from .staffing_pages import SIDES, Model, block, cell, endings, measured, without_ruling

CHANNELS = (*LIVE_CHANNELS, "email")
WIDTHS = (62, 13, 13, 13, 32, 84)
# A figure stands under the first title one of whose patterns fits it.
GROUPS = {
    "How much arrives": (
        "demand.annual_signals", "demand.population", "demand.*per_100k", "demand.unsubstantive_share",
        "demand.growth_*", "demand.ramp_*", "demand.campaign_*",
    ),
    "How days differ, and who calls again": ("demand.day_factor*", "service.plan_for_days", "demand.redial*"),
    "Which way it arrives": tuple(f"demand.share_{c}" for c in CHANNELS),
    "What it is about": tuple(f"demand.mix_{c}" for c in CATEGORIES),
    "How long it takes": (
        *(f"demand.minutes_{c}" for c in CATEGORIES),
        "demand.minutes_*", "demand.follow_up*", "demand.text_talk_factor", "service.parallel_*", "service.crisis_*",
        "demand.*minutes*",
    ),
    "When it arrives": ("demand.band_*", "demand.weekend_factor", "demand.within_band_peak"),
    "Which languages": (
        "demand.language_*", "demand.other_language_share", "service.interpreter_*", "staffing.versatile*",
    ),
    "Time away from signals": (
        "staffing.shrinkage", "staffing.contract_hours", "staffing.*_days", "staffing.training_hours",
        "staffing.supervision_*", "staffing.meeting_*", "staffing.off_queue*", "service.break_*",
    ),
    "What is promised": ("demand.patience_s", "service.*", "demand.*"),
    "Who is needed": ("staffing.*",),
    "What it costs": ("cost.*", "country.*", "roadmap.inflation"),
}  # fmt: skip
OWN_FIGURES = {
    "demand.annual_signals": ("The line's own substantive signals a year", "signals per year"),
    "cost.advocate_pay": ("Pay of an advocate", "local currency per year"),
    "staffing.shrinkage": ("Measured share of paid time away from signals", "share"),
}
UNKNOWN = "Not known yet. While it is empty, the figures below stand in."
OWN_COUNTS = "The line's own counts, blended with the usual figures as the report says."
# Shares that something is divided by, and shares whose remainder is.
DIVISORS = ("service.occupancy_cap", "staffing.*pass_rate", "staffing.*survival", "demand.band_*")
REMAINDERS = ("demand.unsubstantive_share", "staffing.shrinkage", "staffing.attrition", "service.plan_for_days")
WHOLE = ("service.minimum_cover", "service.minimum_without_supervisor", "service.parallel_contacts")


def name_of(parameter: str) -> str:
    """Return the name that a figure's cell has.

    >>> name_of("demand.language_zh-Hant")
    'demand_language_zh_Hant'
    """
    return re.sub(r"\W", "_", parameter)


def unsubstantive_share(model: Model) -> float:
    """Return the share of contacts without substance: with own counts only the one they mark, as they hold the rest."""
    observed = model.demand.observed
    if observed is None:
        return model.results.parameters["demand.unsubstantive_share"].likely
    return observed.measured("silent") or 0.0


def inputs(model: Model) -> Any:
    """Add the sheet, still empty, so that it stands where people look for it."""
    say = (
        "Change a pale cell; every sheet follows. Low and high say how far a figure may be off; the pale ones count. "
        "Grey figures count when the toolkit plans again."
    )
    return model.sheet("Inputs", "What does the model rest on?", say, WIDTHS)


def fill(model: Model, sheet: Any) -> None:
    """Write the figures, when it is known which of them the formulas use."""
    headings = ("Figure", "Low", "Likely", "High", "Unit", "Source or reason")
    styles = [model.label, *[model.figure] * 3, model.unit, model.note]
    model.book.headings(sheet, FIRST_ROW, headings, styles=styles)
    sheet.freeze_panes(FIRST_ROW + 1, 1)
    sheet.repeat_rows(FIRST_ROW)
    row, figures = FIRST_ROW + 1, _figures(model)
    for title, idents in _grouped(figures):
        model.subtitle(sheet, row, title)
        for ident in idents:
            row += 1
            _figure(model, sheet, row, ident, figures[ident])
        row += 2
    row = _switches(model, sheet, row)
    row = _opening_hours(model, sheet, row + 1)
    sheet.print_area(0, 0, row, len(WIDTHS) - 1)


def _grouped(figures: dict[str, Parameter | None]) -> Iterator[tuple[str, list[str]]]:
    """Yield each title with its figures, in the order of the patterns."""
    left = list(figures)
    for title, patterns in GROUPS.items():
        found = [i for pattern in patterns for i in left if fnmatchcase(i, pattern)]
        found = list(dict.fromkeys(found))
        left = [i for i in left if i not in found]
        if found:
            yield title, found


def _figures(model: Model) -> dict[str, Parameter | None]:
    """Return every figure of the sheet: the parameters, the country's own, and those a line may know one day."""
    country, prefixes = model.results.facts.country, ("demand.", "service.", "staffing.", "cost.", "roadmap.inflation")
    found: dict[str, Parameter | None] = dict.fromkeys(OWN_FIGURES)
    found |= {i: p for i, p in model.results.parameters.items() if i.startswith(prefixes)}
    if not measured(model):
        found[MEASURED] = None
    income, rate = country.income_per_head_usd, country.currency.per_usd
    for ident, title, unit, known in (
        ("country.income_per_head", "National income per head", "USD per person per year", income),
        ("country.currency_per_usd", "Exchange rate", f"{country.currency.code} per USD", rate),
    ):
        origin, v = f"country file ({known.year}): {known.source or known.assumption}", known.value
        found[ident] = Parameter(ident, title, unit, v, v, v, origin, known.source is None)
    return found | (_own_counts(model) if model.demand.observed else {})


def _own_counts(model: Model) -> dict[str, Parameter | None]:
    """Return the figures that a line's own counts have changed."""
    demand, known = model.demand, model.results.parameters
    own = known.get(OWN_VOLUME)
    # A volume that somebody gave goes before the counts: then it is the plan's, and stands as it was given.
    given = own is not None and Span(own.low, own.likely, own.high) == demand.annual
    spans: dict[str, Span] = {} if given else {OWN_VOLUME: demand.annual}
    for year in (2, 3):
        before, now = demand.years[year - 2], demand.years[year - 1]
        ends = [getattr(now, s) / getattr(before, s) - 1 if getattr(before, s) else 0.0 for s in SIDES]
        spans[f"demand.growth_year_{year}"] = Span(*ends)
    one = {f"demand.share_{c}": share for c, share in demand.shares.items()}
    one |= {"demand.day_factor_cv": demand.day_factor_cv, "demand.unsubstantive_share": unsubstantive_share(model)}
    spans |= {i: Span(v, v, v) for i, v in one.items()}
    made: dict[str, Parameter | None] = {}
    for ident, span in spans.items():
        old = known.get(ident)
        title, unit = (old.title, old.unit) if old else OWN_FIGURES[ident]
        made[ident] = Parameter(ident, title, unit, span.low, span.likely, span.high, OWN_COUNTS, False)
    return made


def _figure(model: Model, sheet: Any, row: int, ident: str, p: Parameter | None) -> None:
    number, name = number_of(p), name_of(ident)
    title, unit = (p.title, p.unit) if p else OWN_FIGURES[ident]
    origin = without_ruling(p.origin) if p else UNKNOWN
    look.put(sheet, row, 0, title, model.label)
    for column, (side, ending) in enumerate(zip(SIDES, endings(3), strict=True), 1):
        free = name + ending in model.used
        style = model.input(number) if free else model.book.text(num_format=number, font_color=look.QUIET)
        look.put(sheet, row, column, getattr(p, side) if p else None, style)
        if free:
            sheet.data_validation(row, column, row, column, allowed(ident, unit))
            model.name(name + ending, f"'Inputs'!{cell(row, column, 'rc')}")
    look.put(sheet, row, 4, unit, model.unit)
    look.put(sheet, row, 5, origin, model.note)
    model.book.fit(sheet, row, (title, None, None, None, unit, origin))


def number_of(p: Parameter | None) -> str:
    """Return how a figure is written: as a share, whole, or with as many decimals as it needs."""
    if p is None:
        return "#,##0"
    scale = 100 if p.unit == "share" else 1
    values = [getattr(p, s) * scale for s in SIDES]
    decimals = next((d for d in range(4) if all(abs(round(v, d) - v) < 1e-9 for v in values)), 2)
    if p.unit == "share":
        return "0%" if not decimals else "0.0%"
    return "#,##0" + ("." + "0" * decimals if decimals else "")


def _fits(ident: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(ident, pattern) for pattern in patterns)


def allowed(ident: str, unit: str) -> dict[str, Any]:
    """Return what may be typed: what the engine itself would accept."""
    rule: dict[str, Any] = {"validate": "decimal", "criteria": ">=", "value": 0}
    least: float
    if ident in WHOLE:
        least = 0 if "without" in ident else 1
        rule = {"validate": "integer", "criteria": "between", "minimum": least, "maximum": 50}
    elif ident.startswith("demand.growth"):
        rule = {"validate": "decimal", "criteria": "between", "minimum": -1, "maximum": 20}
    elif unit == "share" and not ident.startswith("cost."):
        least, most = (0.01 if _fits(ident, DIVISORS) else 0), (0.95 if _fits(ident, REMAINDERS) else 1)
        rule = {"validate": "decimal", "criteria": "between", "minimum": least, "maximum": most}
    elif unit == "hour of the day":
        rule = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 24}
    elif unit in ("seconds", "hours per week") or ident == "staffing.supervisor_span":
        rule = {"validate": "decimal", "criteria": ">", "value": 0}
    return rule | {"error_title": "Not possible", "error_message": "Type a number that this figure can have."}


def _switches(model: Model, sheet: Any, row: int) -> int:
    facts = model.results.facts
    model.subtitle(sheet, row, "What is in scope")
    titles = model.results.instrument.meta.channels
    switches = [("safe_migration", "Safe-migration advice", facts.safe_migration)]
    switches += [(f"channel_{c}", titles.get(c, c), c in facts.channels) for c in CHANNELS]
    for name, title, on in switches:
        row += 1
        look.put(sheet, row, 0, title, model.label)
        choice(model, sheet, row, 2, "yes" if on else "no", ["yes", "no"])
        look.put(sheet, row, 4, "yes or no", model.unit)
        model.name(name, f"'Inputs'!{cell(row, 2, 'rc')}")
    return row + 1


def choice(
    model: Model, sheet: Any, row: int, column: int, value: Any, values: list[Any], align: str = "right"
) -> None:
    """Write a cell in which one of a few values is chosen."""
    look.put(sheet, row, column, value, model.input("General", align=align))
    sheet.data_validation(row, column, row, column, {"validate": "list", "source": values})


def _opening_hours(model: Model, sheet: Any, row: int) -> int:
    facts = model.results.facts
    model.subtitle(sheet, row, "When the line is open")
    styles = [model.label, *[model.figure] * 3]
    model.book.headings(sheet, row + 1, ("Day", "Opens", "Closes", "Weekend"), styles=styles)
    row += 2
    model.name("opens", block("Inputs", (row, 1), (row + 6, 1)))
    model.name("closes", block("Inputs", (row, 2), (row + 6, 2)))
    model.name("weekend", block("Inputs", (row, 3), (row + 6, 3)))
    say = "Both empty: closed. Closing at or before opening: open past midnight. Steps of 15 minutes."
    look.put(sheet, row, 5, say, model.note)
    for index, day in enumerate(DAYS):
        hours = getattr(facts.hours, day)
        span = [None, None] if hours == "closed" else [minutes_of(clock) / 1440 for clock in hours.split("-")]
        look.put(sheet, row + index, 0, day.capitalize(), model.label)
        for column, moment in enumerate(span, 1):
            _moment(model, sheet, row + index, column, moment)
        choice(model, sheet, row + index, 3, "yes" if model.weekend[index] else "no", ["yes", "no"])
    row += 8
    night = facts.country.night
    for name, title, clock in (("night_from", "Night begins", night.from_), ("night_to", "Night ends", night.to)):
        look.put(sheet, row, 0, title, model.label)
        _moment(model, sheet, row, 2, minutes_of(clock) / 1440)
        look.put(sheet, row, 5, night.source or night.assumption, model.note)
        model.name(name, f"'Inputs'!{cell(row, 2, 'rc')}")
        row += 1
    return row - 1


def _moment(model: Model, sheet: Any, row: int, column: int, moment: float | None) -> None:
    look.put(sheet, row, column, moment, model.input("[hh]:mm", align="right"))
    rule = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1}
    sheet.data_validation(row, column, row, column, rule)
