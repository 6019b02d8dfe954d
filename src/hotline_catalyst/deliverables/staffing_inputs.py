"""The sheet Inputs: every figure the model rests on, the ones to change in pale cells with a name."""

from __future__ import annotations

from typing import Any

from ..planning.calendar import DAYS, minutes_of
from ..planning.demand import BANDS, CATEGORIES, LIVE_CHANNELS, Parameter
from ..results import Results
from . import look
from .sheets import FIRST_ROW
from .staffing_pages import SIDES, Model, block, cell, endings, without_ruling

CHANNELS = (*LIVE_CHANNELS, "email")
INPUTS = {
    "How much arrives": (
        "demand.annual_signals",
        "demand.population",
        "demand.signals_per_100k",
        "demand.safe_migration_per_100k",
        "demand.unsubstantive_share",
    ),
    "Which way it arrives": (*(f"demand.share_{c}" for c in CHANNELS), "demand.text_talk_factor"),
    "What it is about": tuple(f"demand.mix_{c}" for c in CATEGORIES),
    "How long it takes": (
        *(f"demand.minutes_{c}" for c in CATEGORIES),
        "demand.minutes_unsubstantive",
        "demand.minutes_email",
        "demand.follow_up_minutes",
    ),
    "When it arrives": (
        *(f"demand.band_{a:02d}_{b:02d}" for a, b in BANDS),
        "demand.weekend_factor",
        "demand.within_band_peak",
    ),
    "What is promised": (
        "service.voice_share",
        "service.voice_within_s",
        "demand.patience_s",
        "service.minimum_cover",
        "service.occupancy_cap",
    ),
    "Who is needed": (
        "staffing.contract_hours",
        "staffing.shrinkage",
        "staffing.supervisor_span",
        "staffing.minimum_supervisors",
        "staffing.support_posts",
        "staffing.attrition",
        "staffing.academy_pass_rate",
        "staffing.ninety_day_survival",
    ),
    "What it costs": (
        "cost.advocate_pay",
        "country.income_per_head",
        "country.currency_per_usd",
        "cost.pay_multiple",
        "cost.supervisor_multiple",
        "cost.support_multiple",
        "cost.on_costs",
        "cost.night_premium",
        "cost.running_share",
    ),
}
OWN_FIGURES = {
    "demand.annual_signals": ("The line's own substantive signals a year", "signals per year"),
    "cost.advocate_pay": ("Pay of an advocate", "local currency per year"),
}
UNKNOWN = "Not known yet. While it is empty, the figures below stand in."
# Rows whose low and high are used by formulas too; elsewhere they only show how far the figure may be off.
RANGED = ("demand.annual_signals", "demand.signals_per_100k", "demand.safe_migration_per_100k", "cost.")

# Shares that something is divided by, and shares whose remainder is.
DIVISORS = (
    "service.occupancy_cap",
    "staffing.academy_pass_rate",
    "staffing.ninety_day_survival",
    *(f"demand.band_{a:02d}_{b:02d}" for a, b in BANDS),
)
REMAINDERS = ("demand.unsubstantive_share", "staffing.shrinkage")


def inputs(model: Model) -> None:
    """Add the sheet."""
    say = "Change a pale cell; every sheet follows. Low and high say how far a figure may be off; the pale ones count."
    sheet = model.sheet("Inputs", "What does the model rest on?", say, (62, 13, 13, 13, 32, 84))
    headings = ("Figure", "Low", "Likely", "High", "Unit", "Source or reason")
    styles = [model.label, *[model.figure] * 3, model.unit, model.note]
    model.book.headings(sheet, FIRST_ROW, headings, styles=styles)
    sheet.freeze_panes(FIRST_ROW + 1, 1)
    sheet.repeat_rows(FIRST_ROW)
    row = FIRST_ROW + 1
    figures = _figures(model.results)
    for title, idents in INPUTS.items():
        model.subtitle(sheet, row, title)
        row += 1
        for ident in idents:
            _input_row(model, sheet, row, ident, figures.get(ident))
            row += 1
        row += 1
    row = _switches(model, sheet, row)
    row = _opening_hours(model, sheet, row + 1)
    sheet.print_area(0, 0, row, 5)


def _figures(results: Results) -> dict[str, Parameter]:
    """Return every figure of the sheet; the country's two stand beside the parameters."""
    country = results.facts.country
    income, rate = country.income_per_head_usd, country.currency.per_usd
    found = dict(results.parameters)
    for ident, title, unit, known in (
        ("country.income_per_head", "National income per head", "USD per person per year", income),
        ("country.currency_per_usd", "Exchange rate", f"{country.currency.code} per USD", rate),
    ):
        origin, v = f"country file ({known.year}): {known.source or known.assumption}", known.value
        found[ident] = Parameter(ident, title, unit, v, v, v, origin, known.source is None)
    return found


def _input_row(model: Model, sheet: Any, row: int, ident: str, p: Parameter | None) -> None:
    ranged = ident.startswith(RANGED)
    number = _number(p)
    title, unit = (p.title, p.unit) if p else OWN_FIGURES[ident]
    origin = without_ruling(p.origin) if p else UNKNOWN
    look.put(sheet, row, 0, title, model.label)
    for column, side in enumerate(SIDES, 1):
        free = ranged or side == "likely"
        style = model.input(number) if free else model.book.text(num_format=number, font_color=look.QUIET)
        look.put(sheet, row, column, getattr(p, side) if p else None, style)
        if free:
            sheet.data_validation(row, column, row, column, _allowed(ident, unit))
    look.put(sheet, row, 4, unit, model.unit)
    look.put(sheet, row, 5, origin, model.note)
    model.book.fit(sheet, row, (title, None, None, None, unit, origin))
    for column, ending in enumerate(endings(3), 1):
        if ranged or not ending:
            model.name(_name(ident) + ending, f"'Inputs'!{cell(row, column, 'rc')}")


def _name(parameter: str) -> str:
    return parameter.replace(".", "_")


def _number(p: Parameter | None) -> str:
    if p is None:
        return "#,##0"
    scale = 100 if p.unit == "share" else 1
    whole = all(round(getattr(p, s) * scale, 9) == round(getattr(p, s) * scale) for s in SIDES)
    if p.unit == "share":
        return "0%" if whole else "0.0%"
    return "#,##0" if whole else "#,##0.00"


def _allowed(ident: str, unit: str) -> dict[str, Any]:
    """Return what may be typed: what the engine itself would accept."""
    rule: dict[str, Any] = {"validate": "decimal", "criteria": ">=", "value": 0}
    if ident == "service.minimum_cover":
        rule = {"validate": "integer", "criteria": "between", "minimum": 1, "maximum": 50}
    elif unit == "share":
        least, most = (0.01 if ident in DIVISORS else 0), (0.95 if ident in REMAINDERS else 1)
        rule = {"validate": "decimal", "criteria": "between", "minimum": least, "maximum": most}
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
        _choice(model, sheet, row, 2, on)
        look.put(sheet, row, 4, "yes or no", model.unit)
        model.name(name, f"'Inputs'!{cell(row, 2, 'rc')}")
    return row + 1


def _choice(model: Model, sheet: Any, row: int, column: int, on: bool) -> None:
    look.put(sheet, row, column, "yes" if on else "no", model.input(align="right"))
    sheet.data_validation(row, column, row, column, {"validate": "list", "source": ["yes", "no"]})


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
        _choice(model, sheet, row + index, 3, bool(model.weekend[index]))
    row += 8
    night = facts.country.night
    for name, title, clock in (("night_from", "Night begins", night.from_), ("night_to", "Night ends", night.to)):
        look.put(sheet, row, 0, title, model.label)
        _moment(model, sheet, row, 2, minutes_of(clock) / 1440)
        look.put(sheet, row, 5, night.source or night.assumption, model.note)
        model.name(name, f"'Inputs'!{cell(row, 2, 'rc')}")
        row += 1
    return row


def _moment(model: Model, sheet: Any, row: int, column: int, moment: float | None) -> None:
    look.put(sheet, row, column, moment, model.input("[hh]:mm", align="right"))
    rule = {"validate": "decimal", "criteria": "between", "minimum": 0, "maximum": 1}
    sheet.data_validation(row, column, row, column, rule)
