"""A line to staff: the toolkit's own figures for a country of 9.4 million, changed a few at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np

from hotline_catalyst.engagement import default_parameters
from hotline_catalyst.planning.calendar import Hours, load_country, load_limits
from hotline_catalyst.planning.cases import CHOSEN, Case
from hotline_catalyst.planning.demand import Demand, Parameter, RateRow, Span, plan_demand
from hotline_catalyst.planning.staffing_question import Question

ALWAYS = Hours(every_day="00:00-24:00")
CHANNELS = ("phone", "text", "email")


def figures(**changed: float) -> dict[str, Parameter]:
    """Return the toolkit's figures; ``cost__on_costs=0`` sets cost.on_costs, a name alone is one of staffing's."""
    found = {
        i: Parameter(i, f.title, f.unit, f.low, f.likely, f.high, "default", False)
        for i, f in default_parameters().items()
    }
    found["demand.population"] = Parameter("demand.population", "", "", *[9.4e6] * 3, "test", False)
    for name, value in changed.items():
        ident = name.replace("__", ".") if "__" in name else f"staffing.{name}"
        before = found.get(ident, Parameter(ident, ident, "", 0, 0, 0, "engagement.yaml: test", False))
        found[ident] = replace(before, low=value, likely=value, high=value)
    return found


def demand_of(
    parameters: dict[str, Parameter], channels: Sequence[str] = CHANNELS, languages: Sequence[str] = ("en", "fr")
) -> Demand:
    """Return the demand of a new line with these channels and languages, weekends on Saturday and Sunday."""
    return plan_demand(parameters, list(channels), ["saturday", "sunday"], False, languages)


def question(
    hours: Hours = ALWAYS,
    channels: Sequence[str] = CHANNELS,
    languages: Sequence[str] = ("en", "fr"),
    already: float = 0.0,
    weeks: int | None = 40,
    **changed: float,
) -> Question:
    """Return what a plan for Ruritania is asked for."""
    parameters, country = figures(**changed), load_country("XR")
    promise = parameters["service.voice_share"].likely
    return Question(
        demand=demand_of(parameters, channels, languages),
        case=Case(CHOSEN, hours.text.capitalize(), hours, tuple(channels), tuple(languages), promise),
        country=country,
        limits=load_limits("xr", date(2026, 11, 21)),
        parameters=parameters,
        already=already,
        weeks=weeks,
    )


def steady(per_hour: float, handle_time_s: float = 1500) -> Demand:
    """Return the same load in every quarter-hour of one language by telephone, and nothing that can wait."""
    return rates(np.full(672, per_hour), handle_time_s)


def rates(per_hour: np.ndarray, handle_time_s: float = 1500) -> Demand:
    """Return a demand with these signals an hour by quarter-hour; busy days and redials change nothing."""
    distinct, row_of = np.unique(per_hour, return_inverse=True)
    return Demand(
        annual=Span(1, 1, 1),
        live_per_hour=per_hour,
        handle_time_s=handle_time_s,
        written_per_week=0,
        written_hours_per_week=0,
        follow_up_hours_per_week=0,
        band_per_hour=np.zeros((6, 2)),
        band_shares=(1,),
        day_weights=(1, 1),
        live_per_week=float(per_hour.sum() / 4),
        all_per_week=float(per_hour.sum() / 4),
        shares={"phone": 1},
        basis="test",
        rows=tuple(RateRow(str(n), "weekday", 0, 24, float(rate)) for n, rate in enumerate(distinct)),
        row_of=row_of,
        languages={"en": 1.0},
    )
