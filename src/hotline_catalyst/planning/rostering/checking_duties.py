"""What the checker judges: each person's duties in real minutes, and the rules with the person's own values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, cached_property
from operator import itemgetter
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from ..calendar import Limit
from ..shifts import Shift
from .codes import codes_of
from .dates import day_said
from .people import limits_of
from .records import Advocate, Roster

DAY = 1440
EPOCH = datetime(1970, 1, 1)


class Case(NamedTuple):
    """One place where a rule was judged.

    ``margin`` says how far it is kept, in the unit of ``figure``, and is negative where the rule is broken. ``words``
    names the sentence and ``told`` its figures.
    """

    rule: str
    person: str
    day: date | None
    figure: float
    margin: float
    words: str
    told: Mapping[str, Any]
    hard: bool


class Rule(NamedTuple):
    """A rule's value for one person, and whether it must hold."""

    value: float
    hard: bool

    @property
    def minutes(self) -> int:
        """The value in minutes, where it is hours."""
        return round(self.value * 60)


class Duty(NamedTuple):
    """A shift or a session of one person.

    ``n`` counts days from the roster's first, negative before it. ``start`` and ``end`` are real minutes, the same all
    over the world; ``from_`` and ``to`` are minutes of the wall clock after the midnight that begins ``day``. ``shift``
    is None for a session.
    """

    start: int
    end: int
    n: int
    day: date
    from_: int
    to: int
    name: str
    shift: Shift | None

    @property
    def night(self) -> bool:
        """Whether it is a night shift."""
        return self.shift is not None and self.shift.night


@dataclass(frozen=True)
class Plan:
    """One person's duties by time, those before the roster too, and the rules as they hold for this person."""

    person: Advocate
    rules: Mapping[str, Rule]
    duties: list[Duty]
    roster: Roster

    @cached_property
    def shifts(self) -> list[Duty]:
        """The duties on the line."""
        return [d for d in self.duties if d.shift is not None]

    @cached_property
    def own(self) -> list[Duty]:
        """The duties of the roster's own days."""
        return [d for d in self.duties if d.n >= 0]

    @property
    def known_from(self) -> int:
        """The first day of which every duty is known, counted as ``Duty.n``."""
        first = self.roster.past.first
        return min(0, (first - self.roster.start).days) if first else 0

    def case(self, rule: str, day: date | None, figure: float, margin: float, words: str, **told: Any) -> Case:
        """Return a case of a rule; a rule that no file states is an agreement and must hold."""
        found = self.rules.get(rule)
        return Case(rule, self.person.code, day, figure, margin, words, told, found is None or found.hard)


def real_minutes(zone: str) -> Callable[[date, int], int]:
    """Return a function that turns a day and minutes of the wall clock after its midnight into real minutes.

    Without a zone every day has 24 hours. An hour that the clock skips counts as the hour after it, and of an hour
    that comes twice the first is meant.
    """
    where = ZoneInfo(zone) if zone else UTC

    @cache
    def at(day: date, minute: int) -> int:
        wall = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)
        offset = wall.replace(tzinfo=where).utcoffset() or timedelta()
        return int((wall - offset - EPOCH).total_seconds()) // 60

    return at


def rules_for(person: Advocate, limits: Mapping[str, Limit]) -> dict[str, Rule]:
    """Return the rules with the person's own values. An own value of a rule that no file states must hold."""
    rules = {ident: Rule(x.value, x.hard) for ident, x in limits_of(person, limits).items()}
    return rules | {i: Rule(value, True) for i, value in person.limits.items() if i not in rules}


def plans_of(roster: Roster, limits: Mapping[str, Limit]) -> list[Plan]:
    """Return the plan of each person of the roster."""
    at = real_minutes(roster.zone)
    found: dict[str, list[Duty]] = {}
    for person, duty in _all_duties(roster, at):
        found.setdefault(person, []).append(duty)
    return [
        Plan(p, rules_for(p, limits), sorted(found.get(p.code, []), key=itemgetter(0, 1, 2, 4, 6)), roster)
        for p in roster.people
    ]


def _all_duties(roster: Roster, at: Callable[[date, int], int]) -> Iterable[tuple[str, Duty]]:
    past, start = roster.past, roster.start
    names = codes_of(tuple(past.shifts.values())) | codes_of(roster.shifts)
    now = {s.id: s for s in roster.shifts}
    earlier = [(a, past.shifts.get(a.shift)) for a in past.assignments if a.day < start]
    for a, shift in [*earlier, *((a, now.get(a.shift)) for a in roster.assignments)]:
        if shift is not None:
            yield a.person, _duty(roster, at, a.day, shift.start, shift.end, names[shift.id], shift)
    for s in [*(s for s in past.sessions if s.day < start), *roster.sessions]:
        for code in s.people:
            yield code, _duty(roster, at, s.day, s.start, s.end, s.title, None)


def _duty(
    roster: Roster, at: Callable[[date, int], int], day: date, from_: int, to: int, name: str, shift: Shift | None
) -> Duty:
    return Duty(at(day, from_), at(day, to), (day - roster.start).days, day, from_, to, name, shift)


def hours(minutes: float) -> str:
    """Return minutes as hours for a sentence.

    >>> hours(555)
    '9.25'
    """
    return f"{round(minutes / 60, 2):g}"


def head(case: Case) -> str:
    """Return whom and which day a case is about: "A03, 12 October"."""
    return ", ".join(part for part in (case.person, day_said(case.day) if case.day else "") if part)
