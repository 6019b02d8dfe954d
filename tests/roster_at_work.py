"""Published rosters for tests: one that keeps every rule by birth, and ones written by hand as rows of letters."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
from hotline_rosters import START, planted

from hotline_catalyst.planning.calendar import load_limits
from hotline_catalyst.planning.rostering.compiling import assignments_of
from hotline_catalyst.planning.rostering.records import Advocate, Assignment, Roster
from hotline_catalyst.planning.shifts import Shift

BASE = load_limits("base", START)
WEEKEND = ("saturday", "sunday")
SIGNED = START - timedelta(days=14)
SUPERVISORS = tuple(Advocate(f"SUP{n}", 40, ("en", "es"), supervisor=True) for n in (1, 2))


def day(n: int) -> date:
    return START + timedelta(days=n)


def at_work(people: int = 16, seed: int = 1) -> Roster:
    """Four published weeks that keep every rule."""
    question, given = planted(people, seed)
    return Roster(
        start=START,
        shifts=question.shifts,
        needed=question.needed,
        people=(*question.people, *SUPERVISORS),
        assignments=assignments_of(question, given),
        on_call={d: SUPERVISORS[n // 7 % 2].code for n, d in enumerate(question.days)},
        violations=(),
        holidays=question.holidays,
        weekend=question.weekend,
        anonymous=False,
        status="proved best",
        speakers=question.speakers,
        published=SIGNED,
    )


def by_hand(needed: dict[Shift, int], people: dict[str, str], **changes: object) -> Roster:
    """A roster written as a row of letters for each person; every day asks for the same."""
    shifts, length = tuple(needed), len(next(iter(people.values())))
    letters = {s.id: s for s in shifts}
    given = [Assignment(day(n), x, code) for code, row in people.items() for n, x in enumerate(row) if x in letters]
    roster = Roster(
        start=START,
        shifts=shifts,
        needed=np.tile(np.array(list(needed.values()), dtype=np.int64), (length, 1)),
        people=(*(Advocate(code, 40, ("en",)) for code in people), *SUPERVISORS),
        assignments=tuple(sorted(given, key=lambda a: (a.day, a.shift, a.person))),
        on_call={day(n): "SUP1" for n in range(length)},
        violations=(),
        holidays={},
        weekend=WEEKEND,
        anonymous=False,
        status="good",
        published=SIGNED,
    )
    return replace(roster, **changes)  # type: ignore[arg-type]


def row(roster: Roster, code: str) -> str:
    """A person's days as letters."""
    mine = {a.day: a.shift for a in roster.assignments if a.person == code}
    return "".join(mine.get(d, "-") for d in roster.days)
