"""A roster made by hand with all a roster can hold: five weeks, sessions, breaks, a past, a zone, languages, leave.

Small enough to count: six advocates, two supervisors, shifts given by a fixed turn.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np

from hotline_catalyst.planning.calendar import load_country, load_limits
from hotline_catalyst.planning.rostering.explaining import Reasons, WayOut
from hotline_catalyst.planning.rostering.night_risk import NightRisk
from hotline_catalyst.planning.rostering.records import (
    Advocate,
    Assignment,
    Break,
    Past,
    Roster,
    Session,
    Violation,
)
from hotline_catalyst.planning.rostering.rule_report import rule_report
from hotline_catalyst.planning.rostering.single_points import SinglePoint
from hotline_catalyst.planning.rostering.stress_test import RosterStress
from hotline_catalyst.planning.shifts import Shift

MONDAY = date(2027, 10, 4)  # the clocks of Europe go back on 31 October
EARLY, LATE, NIGHT = (
    Shift("S0360-480", 360, 480, 15, False),
    Shift("S0840-480", 840, 480, 15, False),
    Shift("S1320-480", 1320, 480, 15, True),
)
SHIFTS = (EARLY, LATE, NIGHT)


def rich(weeks: int = 5, people: int = 6, **changes: Any) -> Roster:
    """Return the roster; ``changes`` replace its fields."""
    days = [MONDAY + timedelta(days=n) for n in range(7 * weeks)]
    team = tuple(
        Advocate(
            f"A{n + 1:02d}",
            40.0 if n % 3 else 24.0,
            ("en", "fr") if n % 2 else ("en",),
            nights=n != 1,
            contract="volunteer" if n == 5 else "employee",
            leave=frozenset(days[14:21]) if n == 2 else frozenset(),
            first_day=days[7] if n == 3 else None,
        )
        for n in range(people)
    )
    leads = tuple(Advocate(f"S{n + 1:02d}", 40.0, ("en", "fr"), supervisor=True) for n in range(2))
    given = tuple(
        Assignment(day, SHIFTS[k].id, person.code)
        for n, day in enumerate(days)
        for k in range(3)
        for person in team[(n // 2 + 2 * k) % people :: people][:1] + team[(n // 2 + 2 * k + 1) % people :: people][:1]
        if person.may_work(day)
    )
    breaks = tuple(Break(a.day, a.person, 600 + 45 * (i % 3), 30) for i, a in enumerate(given) if a.shift == EARLY.id)
    everybody = tuple(p.code for p in (*team, *leads))
    sessions = tuple(
        Session("meeting", "Monthly meeting", days[n], 780, 60, everybody) for n in range(9, len(days), 28)
    ) + tuple(
        Session("supervision", "Supervision", days[n], 540, 60, (team[(n // 7) % people].code, "S01"))
        for n in range(3, len(days), 7)
    )
    eve = MONDAY - timedelta(days=1)
    past = Past(
        {s.id: s for s in SHIFTS},
        (
            Assignment(eve, NIGHT.id, "A01"),
            Assignment(eve, LATE.id, "A02"),
            Assignment(eve - timedelta(days=1), NIGHT.id, "A01"),
        ),
        frozenset({eve}),
        (),
        MONDAY - timedelta(days=28),
    )
    roster = Roster(
        start=MONDAY,
        shifts=SHIFTS,
        needed=np.full((len(days), 3), 2, dtype=np.int64),
        people=(*team, *leads),
        assignments=given,
        on_call={day: f"S{1 + n // 7 % 2:02d}" for n, day in enumerate(days) if n != 20},
        violations=(
            Violation("daily_rest_hours", "A01", days[2], "A01, 6 October: 9 hours of rest", True),
            Violation("free_weekends_of_four", "A04", None, "A04: no free weekend", False),
        ),
        holidays={days[0]: "Lake Day", days[24]: "Day of the <Sea> & more"},
        weekend=("saturday", "sunday"),
        anonymous=False,
        status="good",
        speakers={"fr": np.ones((len(days), 3), dtype=np.int64)},
        sessions=sessions,
        breaks=breaks,
        past=past,
        zone="Europe/Paris",
        price=64,
        bound=60,
        prices={"daily_rest_hours": 0, "free_weekends_of_four": 6, "nights_apart": 24},
        published=date(2027, 9, 20),
    )
    return replace(roster, **changes)


def results_with(roster: Roster, language: str = "en", name: str = "A line", **more: Any) -> SimpleNamespace:
    """Return just what the roster's files read of the results."""
    country = load_country("XR")
    facts = SimpleNamespace(
        name=name, country=country, as_of=date(2026, 11, 21), notice="A notice.", languages=(language,)
    )
    staffing = SimpleNamespace(need=SimpleNamespace(on_shift=np.full(672, 2, dtype=np.int64)))
    limits = load_limits("base", date(2026, 11, 21))
    given = {"roster_rules": rule_report(roster, limits), "roster_stress": stressed(), "roster_reasons": reasons()}
    return SimpleNamespace(facts=facts, limits=limits, roster=roster, staffing=staffing, **(given | more))


def stressed() -> RosterStress:
    """A stress test made by hand: one hour below the promise, one night at risk, two people nobody can miss."""
    by_hour = np.full(168, 0.95)
    by_hour[[3, 27]] = (0.5, 0.9)
    nights = tuple(
        NightRisk(MONDAY + timedelta(days=n), ("A05", "A06"), 2, 0.8 + n / 100, 40.0, 0.2, 0.01) for n in range(20)
    )
    points = (
        SinglePoint("A03", "cover", (MONDAY,), {MONDAY: ()}),
        SinglePoint("A04", "language fr", (MONDAY,), {MONDAY: ("A02", "A03")}),
    )
    return RosterStress(
        200, 2012, 0.9, 0.93, 0.88, 0.97, (0.93,) * 5, by_hour, by_hour - 0.04, by_hour + 0.02, nights, points,
        ("It holds nine weeks in ten.",),
    )  # fmt: skip


def reasons() -> Reasons:
    """Reasons made by hand."""
    way = WayOut("speaker", 40.0, "One more speaker of fr fills every place.", 0.0, 0, True)
    return Reasons(
        ("12 places on late shifts stay empty.",), ("cover", "daily_rest_hours"),
        "Rest and cover cannot hold together.", (way,), "Proved within 6 %.",
    )  # fmt: skip
