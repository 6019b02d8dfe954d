"""Is a swap legal, does the cover hold, and who else could take the shift?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from ...errors import CatalystError
from ...library import did_you_mean
from ..calendar import Limit
from .after_change import handed_breaks, said_day
from .codes import codes_of
from .records import Advocate, Assignment, Roster
from .stand_ins import added, may_hold, missing, who_could
from .words import say


@dataclass(frozen=True)
class Swap:
    """What a swap would do.

    Parameters
    ----------
    roster
        The roster after it; the checker's findings on the whole of it are not filled in anew.
    legal
        Whether it breaks no hard rule that was kept before.
    problems, cautions
        Hard and other rules it breaks, with person and day.
    gaps
        Shifts that lack a person or a language they had before.
    others
        Who else could take the first person's shift, whom to ask first at the top.
    """

    roster: Roster
    legal: bool
    problems: tuple[str, ...]
    cautions: tuple[str, ...]
    gaps: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def cover_holds(self) -> bool:
        """Whether no shift lacks a person or a language that it had before."""
        return not self.gaps


def swap(roster: Roster, limits: Mapping[str, Limit], first: tuple[str, date], second: tuple[str, date | None]) -> Swap:
    """Judge a swap of two people's shifts, or, where ``second`` names no day, a shift given away.

    Raises
    ------
    CatalystError
        When a person or a shift that is named does not exist.
    """
    people = {p.code: p for p in roster.people}
    mine, theirs = _held(roster, people, first), None
    other, day = second
    if day is not None:
        theirs = _held(roster, people, (other, day))
    elif other not in people:
        raise CatalystError(say("swaps", "no_person", person=other, hint=did_you_mean(other, list(people))))
    after = _exchanged(roster, mine, theirs, other)
    broken = [v for code in (first[0], other) for v in added(roster, after, limits, people[code])]
    hard = [v for v in broken if v.hard]
    taken = [(people[other], mine), *([(people[mine.person], theirs)] if theirs else [])]
    texts = [v.text for v in hard if v.rule != "supervisors_shift"]
    problems = [*_not_theirs(roster, taken), *_twice(roster, mine, theirs, other), *texts]
    free = replace(roster, assignments=tuple(a for a in roster.assignments if a != mine))
    return Swap(
        after,
        not problems,
        tuple(problems),
        tuple(v.text for v in broken if not v.hard),
        tuple(gaps_between(roster, after)),
        tuple(x.person for x in who_could(free, limits, mine.day, mine.shift) if x.person not in (first[0], other)),
    )


def _held(roster: Roster, people: Mapping[str, Advocate], place: tuple[str, date]) -> Assignment:
    person, day = place
    if person not in people:
        raise CatalystError(say("swaps", "no_person", person=person, hint=did_you_mean(person, list(people))))
    found = [a for a in roster.assignments if a.person == person and a.day == day]
    if not found:
        raise CatalystError(say("swaps", "no_shift", person=person, day=said_day(day)))
    return found[0]


def _exchanged(roster: Roster, mine: Assignment, theirs: Assignment | None, other: str) -> Roster:
    gone = [a for a in (mine, theirs) if a is not None]
    come = [replace(mine, person=other), *([replace(theirs, person=mine.person)] if theirs else [])]
    kept = [a for a in roster.assignments if a not in gone]
    assignments = tuple(sorted([*kept, *come], key=lambda a: (a.day, a.shift, a.person)))
    return replace(roster, assignments=assignments, breaks=handed_breaks(roster, assignments))


def _not_theirs(roster: Roster, taken: Iterable[tuple[Advocate, Assignment]]) -> Iterator[str]:
    """Yield who would hold a supervisors' shift without being one."""
    for person, duty in taken:
        if duty.shift in roster.supervisor_shifts and not may_hold(roster, person, duty.shift):
            yield say("swaps", "no_supervisor", person=person.code, day=said_day(duty.day))


def _twice(roster: Roster, mine: Assignment, theirs: Assignment | None, other: str) -> Iterator[str]:
    """Yield who would have two shifts on one day."""
    kept = {(a.person, a.day) for a in roster.assignments if a not in (mine, theirs)}
    for person, day in ((other, mine.day), *([(mine.person, theirs.day)] if theirs else [])):
        if (person, day) in kept:
            yield say("swaps", "two_shifts", person=person, day=said_day(day))


def gaps_between(before: Roster, after: Roster) -> Iterator[str]:
    """Yield the shifts that lack more people, or a language, in the second roster than in the first."""
    codes, already = codes_of(after.shifts), missing(before)
    for (day, shift, rule), people in sorted(missing(after).items()):
        if (more := people - already.get((day, shift, rule), 0)) > 0:
            language = rule.removeprefix("language ")
            name = "cover_lost" if rule == "cover" else "language_lost"
            yield say("swaps", name, day=said_day(day), shift=codes[shift], people=more, language=language)
