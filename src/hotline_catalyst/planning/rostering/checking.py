"""The independent judge of any roster, ours, edited by hand or swapped. Shares no code with the planner.

Hours are real ones (nights on which the clock changes), sessions count as duties, and what came before the roster
counts wherever a rule looks back. Rules that `limits` does not hold are not judged; agreements always are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..calendar import Limit
from .checking_cover import break_cases, cover_cases
from .checking_days import day_cases
from .checking_duties import Case, head, plans_of
from .checking_time import time_cases
from .records import Break, Roster, Violation
from .words import say

SECTION = "checking"


def check(roster: Roster, limits: Mapping[str, Limit]) -> list[Violation]:
    """Return every rule that a roster breaks, with a sentence that names person, date and figures.

    Hard are the rules that ``limits`` calls hard, and what was agreed with people (leave, nights, contract, one shift
    a day). Cover, languages and being alone are soft: they have a price.
    """
    return [violation(case) for case in cases(roster, limits) if case.margin < 0]


def cases(roster: Roster, limits: Mapping[str, Limit]) -> Iterator[Case]:
    """Yield every place where a rule was judged, kept or broken."""
    yield from _unknown(roster)
    breaks: dict[str, list[Break]] = {}
    for b in roster.breaks:
        breaks.setdefault(b.person, []).append(b)
    for plan in plans_of(roster, limits):
        yield from day_cases(plan)
        yield from time_cases(plan)
        if breaks:
            yield from break_cases(plan, breaks.get(plan.person.code, ()))
    yield from cover_cases(roster)


def violation(case: Case) -> Violation:
    """Return a broken case as people read it."""
    return Violation(
        case.rule, case.person, case.day, say(SECTION, case.words, head=head(case), **case.told), case.hard
    )


def _unknown(roster: Roster) -> Iterator[Case]:
    """People, shifts and days that this roster does not know."""
    people, shifts, days = {p.code for p in roster.people}, {s.id for s in roster.shifts}, set(roster.days)
    for a in roster.assignments:
        for rule, wrong in (
            ("unknown_person", a.person not in people),
            ("unknown_shift", a.shift not in shifts),
            ("unknown_day", a.day not in days),
        ):
            if wrong:
                yield Case(rule, a.person, a.day, 1, -1, rule, {"shift": a.shift}, True)
    for s in roster.sessions:
        for code in sorted(set(s.people) - people):
            yield Case("unknown_person", code, s.day, 1, -1, "unknown_person", {"shift": s.title}, True)
