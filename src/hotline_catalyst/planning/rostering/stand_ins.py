"""Who could take a shift that somebody cannot: judged by the checker, in the order in which it is fair to ask."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from ..calendar import Limit
from ..shifts import Shift
from .checking import check
from .prices import load_prices
from .records import Advocate, Assignment, Roster, Violation

Missing = Mapping[tuple[date, str, str], int]


@dataclass(frozen=True, slots=True)
class StandIn:
    """Somebody who may legally take a shift.

    Parameters
    ----------
    extra_hours, nights
        Paid hours above the agreed ones, and nights, in the days before and after the shift.
    speaks
        Whether the person speaks every language that the shift would otherwise lack.
    wished_free
        Whether the person asked to be free that day.
    last_resort
        The supervisor on call, whom to ask when nobody else can come.
    """

    person: str
    extra_hours: float
    nights: int
    speaks: bool = True
    wished_free: bool = False
    last_resort: bool = False


def who_could(roster: Roster, limits: Mapping[str, Limit], day: date, shift: str) -> tuple[StandIn, ...]:
    """Return who is free and may take a shift by every hard rule, whom to ask first at the top.

    First who speaks what the shift lacks, then who did not ask to be free, then who has worked least lately: nights
    before hours when it is a night. The supervisor on call comes last.
    """
    silent = [rule for (on, kind, rule) in missing(roster) if (on, kind) == (day, shift) and rule != "cover"]
    busy = {a.person for a in roster.assignments if a.day == day}
    night = next(s.night for s in roster.shifts if s.id == shift)
    found = [
        _stand_in(roster, person, day, silent)
        for person in roster.people
        if person.code not in busy
        and may_hold(roster, person, shift)
        and not new_problems(roster, limits, person, day, shift)
    ]
    found.sort(
        key=lambda x: (
            not x.speaks, x.wished_free, x.nights if night else 0, round(x.extra_hours, 6), x.nights, x.person
        )
    )  # fmt: skip
    return (*found, *(x for x in _on_call(roster, day, busy) if x.person not in {y.person for y in found}))


def may_hold(roster: Roster, person: Advocate, shift: str) -> bool:
    """Return whether a kind of shift is meant for a person: supervisors hold theirs, and others where they have any."""
    if shift in roster.supervisor_shifts or not person.supervisor:
        return person.supervisor == (shift in roster.supervisor_shifts)
    return any(a.person == person.code and a.shift not in roster.supervisor_shifts for a in roster.assignments)


def _stand_in(roster: Roster, person: Advocate, day: date, silent: list[str]) -> StandIn:
    hours, nights = lately(roster, person, day)
    speaks = all(rule.removeprefix("language ") in person.languages for rule in silent)
    wished = any(r.day == day and not r.wanted for r in person.requests)
    return StandIn(person.code, hours, nights, speaks, wished)


def _on_call(roster: Roster, day: date, busy: set[str]) -> Iterator[StandIn]:
    code = roster.on_call.get(day)
    for person in roster.people:
        if person.code == code and code not in busy and person.may_work(day):
            yield StandIn(code, *lately(roster, person, day), last_resort=True)


def lately(roster: Roster, person: Advocate, day: date) -> tuple[float, int]:
    """Return a person's paid hours above the agreed ones, and nights, in the known days around a day."""
    span = timedelta(days=load_prices().spans["lately"].days)
    known = [roster.past.first or roster.start, roster.start, roster.days[-1]]
    first, last = max(day - span, min(known)), min(day + span, max(known))
    kinds: dict[str, Shift] = {**roster.past.shifts}
    worked = [(a, kinds[a.shift]) for a in roster.past.assignments] if roster.past.first else []
    now = {s.id: s for s in roster.shifts}
    worked += [(a, now[a.shift]) for a in roster.assignments]
    mine = [shift for a, shift in worked if a.person == person.code and first <= a.day <= last]
    here = sum(person.may_work(first + timedelta(days=n)) for n in range((last - first).days + 1))
    return sum(s.paid for s in mine) / 60 - person.hours_per_week * here / 7, sum(s.night for s in mine)


def new_problems(
    roster: Roster, limits: Mapping[str, Limit], person: Advocate, day: date, shift: str
) -> list[Violation]:
    """Return the hard rules that a person would break by taking a shift beside what is given already."""
    taken = replace(roster, assignments=(*roster.assignments, Assignment(day, shift, person.code)))
    return [v for v in added(roster, taken, limits, person) if v.hard]


def added(before: Roster, after: Roster, limits: Mapping[str, Limit], person: Advocate) -> list[Violation]:
    """Return what one person breaks in the second roster and did not break, or not as much, in the first."""
    old = {(v.rule, v.day, v.text) for v in of_person(before, limits, person)}
    return [v for v in of_person(after, limits, person) if (v.rule, v.day, v.text) not in old]


def of_person(roster: Roster, limits: Mapping[str, Limit], person: Advocate) -> list[Violation]:
    """Return what the checker says of one person; the others' days are not judged."""
    alone = replace(
        roster,
        needed=np.zeros_like(roster.needed),  # what no person alone can keep is not judged
        people=(person,),
        assignments=tuple(a for a in roster.assignments if a.person == person.code),
        breaks=tuple(b for b in roster.breaks if b.person == person.code),
    )
    return [v for v in check(alone, limits) if v.person == person.code]


def missing(roster: Roster) -> Missing:
    """Return how many people a shift lacks, by day, shift and what is asked for: cover, or a language."""
    speaks = {p.code: p.languages for p in roster.people}
    given = Counter((a.day, a.shift) for a in roster.assignments)
    spoken = Counter((a.day, a.shift, x) for a in roster.assignments for x in speaks.get(a.person, ()))
    found: dict[tuple[date, str, str], int] = {}
    for d, day in enumerate(roster.days):
        for k, shift in enumerate(roster.shifts):
            asked = {"cover": (int(roster.needed[d, k]), given[day, shift.id])} | {
                f"language {x}": (int(table[d, k]), spoken[day, shift.id, x]) for x, table in roster.speakers.items()
            }
            found |= {(day, shift.id, rule): need - there for rule, (need, there) in asked.items() if need > there}
    return found
