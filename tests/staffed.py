"""Staffing plans made by hand in a second: real records, the parts that take planning and simulation written down."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from hotline_catalyst.engagement import default_parameters
from hotline_catalyst.planning.budget import budget_of
from hotline_catalyst.planning.calendar import load_country
from hotline_catalyst.planning.correction import Correction
from hotline_catalyst.planning.deadline import Backlog
from hotline_catalyst.planning.demand import Parameter, Span, plan_demand
from hotline_catalyst.planning.growth import triggers
from hotline_catalyst.planning.hiring import Cohort, HiringMonth, HiringPlan
from hotline_catalyst.planning.need import Need, targets_of
from hotline_catalyst.planning.options import Option
from hotline_catalyst.planning.people import people_of
from hotline_catalyst.planning.shifts import Shift, ShiftPlan
from hotline_catalyst.planning.simulation import Quantiles
from hotline_catalyst.planning.staffing import StaffingPlan
from hotline_catalyst.planning.staffing_words import load_staffing_words
from hotline_catalyst.planning.stress import Cause, Stress
from hotline_catalyst.planning.weakest import Weak

COUNTRY = load_country("XR")
DAY = Shift("day", 480, 720, 15, False)
NIGHT = Shift("night", 1200, 720, 15, True)


def parameters() -> dict[str, Parameter]:
    """The toolkit's own figures for a country of 9.4 million."""
    own = default_parameters()
    found = {i: Parameter(i, f.title, f.unit, f.low, f.likely, f.high, "default", True) for i, f in own.items()}
    found["demand.population"] = Parameter("demand.population", "People", "", 9.4e6, 9.4e6, 9.4e6, "test", False)
    return found


def option(ident: str, people: int, share: float, **changed: Any) -> Option:
    """Return an option on the frontier for these people and this share of signals."""
    plain = Option(
        id=ident,
        title=f"Every day, choice {ident}",
        hours=f"hours {ident}",
        channels=("phone", "text"),
        languages=("en", "fr"),
        voice_share=0.9,
        advocates=max(1, people - 8),
        people=people,
        share_served=share,
        annual_cost=Span(1e5 * people, 1.5e5 * people, 3e5 * people),
        chosen=False,
        frontier=True,
        sentence=f"With {people} people: choice {ident}.",
        outside="While it is closed, callers hear when it opens.",
    )
    return replace(plain, **changed)


def hiring(every: int = 8) -> HiringPlan:
    """Return a class of 12 every so many months, and three years of months."""
    cohorts = tuple(Cohort(month, 12, 9.6) for month in range(-4, 34, every))
    months = tuple(HiringMonth(m, 15.0, 12.0 + m % 4, 13.3 if m >= 0 else 0.0) for m in range(-4, 36))
    return HiringPlan(cohorts, months, "Twelve people begin in every class.")


def stress(**changed: Any) -> Stress:
    """Return what a thousand weeks might have shown."""
    plain = Stress(
        weeks=1000, weeks_beside=200, seed=1, promise=0.88, service=0.91,
        weekly=Quantiles(0.81, 0.92, 0.99, 0.91), four_weeks=Quantiles(0.86, 0.91, 0.96, 0.91),
        kept_weeks=0.7, kept_four_weeks=0.8, by_hour=np.full(168, 0.9),
        weakest=(Weak((6,), 3, 4, 0.55, 1.5, "Sunday 03:00 to 04:00"),),
        causes=(
            Cause("absence", "Shifts not taken up", 0.95, 0.04, 0.004, "Absence costs 4.0 percentage points."),
            Cause("days", "Busy days", 0.91, 0.0, 0.004, "Busy days: nothing that can be told from chance."),
        ),
        one_more=0.93, one_more_everywhere=0.98, one_fewer=0.6, campaign=0.7,
        sentences=(),
    )  # fmt: skip
    return replace(plain, **changed)


def plan(day: int = 4, night: int = 2, turned: int = 0, **changed: Any) -> StaffingPlan:
    """Return a plan with so many on shift by day and by night; ``turned`` moves its week by quarter-hours."""
    found = parameters()
    shifts = ShiftPlan((DAY, NIGHT), np.array([[day] * 7, [night] * 7]))
    need = np.roll(np.maximum(1, shifts.covered - 1), turned)
    zeros = np.zeros(672, dtype=np.int64)
    bounds = np.roll(np.array(["minimum cover"] * 400 + ["load"] * 200 + ["language"] * 72), turned).tolist()
    speakers = {"en": need, "fr": np.minimum(need, 1)}
    one = Need(need, zeros, zeros, zeros, zeros, zeros, 2, need, tuple(bounds), speakers, zeros)
    demand = plan_demand(found, ["phone", "text", "email"], COUNTRY.weekend, True, ("en", "fr"))
    people = people_of(
        found, on_shift_hours=540.0, live_hours=20.0, waiting_hours=8.0, occupancy_cap=0.65, open_hours=168.0,
        crisis_per_week=2.0,
    )  # fmt: skip
    three, targets = (people, people, people), targets_of(found)
    budget = budget_of(
        found, COUNTRY, three, demand=demand, night_share=0.3, holiday_share=0.03, weekend_share=0.28, hiring=hiring(),
        lines=4,
    )  # fmt: skip
    plain = StaffingPlan(
        targets=targets, needs=(one, one, one), shift_plan=shifts, supervisor_plan=shifts,
        people_by_year=three, hiring=hiring(),
        hiring_refused="", budget=budget, service_level=0.97, service_level_erlang_c=0.95,
        service_by_quarter=np.full(672, 0.97), service_level_exact=0.97,
        confirmed=Correction(zeros, 0.95, 0.95, 0.88, 400, 0),
        written=Backlog(*(np.array(n) for n in (0.4, 0.0, 0.0, 0.0, 1.5))),
        lines=4, peak_on_shift=max(day, night), night_on_shift=night, night_share=0.3, open_hours_per_week=168.0,
        capacity_factor=1.3, reach=1.0, interpreted=0.0, cost_per_signal=1240.0, contact_share=0.04, already=0.0,
        from_nobody=False,
        options=(option("office", 14, 0.43), option("daily", 18, 0.7), option("always", 25, 0.997, chosen=True)),
        triggers=triggers(demand, shifts.covered, targets, found, COUNTRY.weekend, load_staffing_words()),
        stress=stress(),
    )  # fmt: skip
    return replace(plain, **changed)
