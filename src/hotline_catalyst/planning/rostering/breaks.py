"""Breaks on the roster: one in each shift that asks for it, at the moment when fewest others are missed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from ..break_cover import break_window
from ..calendar import QUARTERS_A_DAY as DAY
from ..calendar import QUARTERS_A_WEEK, Limit
from ..shifts import Shift
from .records import Advocate, Assignment, Break, Roster

Ints = NDArray[np.int64]
# What counts most first: nobody there, one alone, below the need, many away at once, far from the middle.
NOBODY, ALONE, SHORT, TOGETHER = 10**9, 10**6, 10**3, 20
ROUNDS = 10


def place_breaks(roster: Roster, need: Ints | None, limits: Mapping[str, Limit]) -> tuple[Break, ...]:
    """Return one break for each shift that is paid for longer than the rule allows without, in order of time.

    Supervisors on shifts of their own are not on the line: their breaks are staggered among themselves.

    Breaks are staggered: as few quarter-hours as possible leave nobody or one person there, then as few as possible
    fall below the need, then as few people as possible are away together, then each break is near the middle of its
    shift. Found one by one and two by two until nothing improves; the same roster always gives the same breaks.

    Parameters
    ----------
    need
        Advocates needed in each of the week's 672 quarter-hours; None: only company counts.
    limits
        Working-time rules: ``break_after_hours`` and ``break_minutes``; a person's own values go first. Without
        them nobody has a break.
    """
    past = roster.past
    line = _placed(roster, roster.answering, past.answering, _needed(roster, need), limits)
    own = [a for a in roster.assignments if a.shift in roster.supervisor_shifts]
    own_before = [a for a in past.assignments if a.shift in past.supervisor_shifts]
    leads = _placed(roster, own, own_before, _needed(roster, None), limits)
    made = [Break(p.day, p.person, 15 * (p.at - p.midnight), p.minutes) for p in (*line, *leads)]
    return tuple(sorted(made, key=lambda b: (b.day, b.start, b.person)))


def _placed(
    roster: Roster,
    given: Sequence[Assignment],
    before: Sequence[Assignment],
    need: list[int],
    limits: Mapping[str, Limit],
) -> list[_Pause]:
    """Return the breaks of these assignments, placed; ``before`` are those of the past beside them."""
    desk = _Desk(_there(roster, given, before), need)
    wanted = list(_wanted(roster, given, limits))
    for pause in wanted:
        desk.place(pause)
    _improve(desk, wanted)
    return wanted


@dataclass(eq=False)
class _Pause:
    """A break to be placed: quarter-hours are counted from a day before the roster's first."""

    day: date
    person: str
    minutes: int
    midnight: int
    first: int
    last: int
    middle: int
    at: int = -1

    @property
    def length(self) -> int:
        return -(-self.minutes // 15)


@dataclass
class _Desk:
    """Who is there and who is away, and what one more away would cost in each quarter-hour."""

    there: list[int]
    need: list[int]
    away: list[int] = field(default_factory=list)
    more: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.away = [0] * len(self.there)
        self.more = [self._more(quarter) for quarter in range(len(self.there))]

    def _price(self, quarter: int, away: int) -> int:
        left = self.there[quarter] - away
        lonely = (NOBODY * (1 - left) if left < 1 else ALONE if left == 1 else 0) if self.there[quarter] > 1 else 0
        return lonely + SHORT * max(0, self.need[quarter] - left) + TOGETHER * away * away

    def _more(self, quarter: int) -> int:
        away = self.away[quarter]
        return self._price(quarter, away + 1) - self._price(quarter, away)

    def best(self, pause: _Pause) -> tuple[int, int]:
        """Return the least cost of the break and its quarter-hour, with everybody else's break as it stands."""
        more, length, middle = self.more, pause.length, pause.middle
        return min((sum(more[q : q + length]) + abs(q - middle), q) for q in range(pause.first, pause.last + 1))

    def put(self, pause: _Pause, quarter: int) -> None:
        """Let the break begin there."""
        pause.at = quarter
        self._move(pause, 1)

    def take(self, pause: _Pause) -> None:
        """Take the break away again; ``at`` still says where it was."""
        self._move(pause, -1)

    def place(self, pause: _Pause) -> int:
        """Put the break where it costs least; return that cost."""
        cost, quarter = self.best(pause)
        self.put(pause, quarter)
        return cost

    def _move(self, pause: _Pause, people: int) -> None:
        for quarter in range(pause.at, pause.at + pause.length):
            self.away[quarter] += people
            self.more[quarter] = self._more(quarter)

    def cost(self, pause: _Pause) -> int:
        """Return what a break costs where it was, once taken away."""
        return sum(self.more[pause.at : pause.at + pause.length]) + abs(pause.at - pause.middle)


def _improve(desk: _Desk, wanted: list[_Pause]) -> None:
    """Move breaks one by one, then two by two, until nothing gets better."""
    near = [[b for b in wanted[n + 1 : n + 40] if _meet(a, b)] for n, a in enumerate(wanted)]
    for _ in range(ROUNDS):
        moved = sum(_moved(desk, pause) for pause in wanted)
        moved += sum(_moved_together(desk, a, b) for a, others in zip(wanted, near, strict=True) for b in others)
        if not moved:
            break


def _meet(one: _Pause, two: _Pause) -> bool:
    return one.first < two.last + two.length and two.first < one.last + one.length


def _moved(desk: _Desk, pause: _Pause) -> bool:
    desk.take(pause)
    before = desk.cost(pause)
    cost, quarter = desk.best(pause)
    desk.put(pause, quarter if cost < before else pause.at)
    return cost < before


def _moved_together(desk: _Desk, one: _Pause, two: _Pause) -> bool:
    """Find better places for two breaks at once; they need no look when neither is in the other's way."""
    old = one.at, two.at
    desk.take(two)
    both = desk.cost(two)
    desk.take(one)
    both += desk.cost(one)
    found = (both, *old)
    if desk.best(one)[0] + desk.best(two)[0] < both:
        for quarter in range(one.first, one.last + 1):
            desk.put(one, quarter)
            desk.take(one)
            first = desk.cost(one)
            desk.put(one, quarter)
            second, place = desk.best(two)
            desk.take(one)
            found = min(found, (first + second, quarter, place)) if first + second < found[0] else found
    desk.put(one, found[1])
    desk.put(two, found[2])
    return found[0] < both


def _wanted(roster: Roster, given: Sequence[Assignment], limits: Mapping[str, Limit]) -> Iterator[_Pause]:
    """Yield the breaks to place, in order of time."""
    people, kinds = {p.code: p for p in roster.people}, {s.id: s for s in roster.shifts}
    for one in sorted(given, key=lambda a: (a.day, kinds[a.shift].start, a.person)):
        shift = kinds[one.shift]
        after, minutes = (
            _limit(name, people.get(one.person), limits) for name in ("break_after_hours", "break_minutes")
        )
        window = break_window(shift.cover, shift.paid, round(minutes), after) if minutes else None
        if window is not None:
            midnight = DAY * ((one.day - roster.start).days + 1)
            begin = midnight + shift.start // 15
            first, last = begin - (-window[0] // 15), begin + window[1] // 15
            middle = begin + (shift.cover - round(minutes)) // 30
            yield _Pause(one.day, one.person, round(minutes), midnight, first, max(first, last), middle)


def _limit(name: str, person: Advocate | None, limits: Mapping[str, Limit]) -> float:
    if person is not None and name in person.limits:
        return person.limits[name]
    return limits[name].value if name in limits else 0.0


def _there(roster: Roster, given: Sequence[Assignment], past: Sequence[Assignment]) -> list[int]:
    """Return the people on shift in each quarter-hour, from a day before the roster to two days after it."""
    size = DAY * (len(roster.needed) + 3)
    there = [0] * size
    now, before = {s.id: s for s in roster.shifts}, roster.past.shifts
    held: list[tuple[Mapping[str, Shift], Assignment]] = [(now, a) for a in given]
    held += [(before, a) for a in past if a.shift in before]
    for kinds, assignment in held:
        shift = kinds[assignment.shift]
        begin = DAY * ((assignment.day - roster.start).days + 1) + shift.start // 15
        for quarter in range(max(0, begin), min(size, begin + shift.cover // 15)):
            there[quarter] += 1
    return there


def _needed(roster: Roster, need: Ints | None) -> list[int]:
    size = DAY * (len(roster.needed) + 3)
    if need is None:
        return [0] * size
    return [int(n) for n in need[(np.arange(size) - DAY) % QUARTERS_A_WEEK]]
