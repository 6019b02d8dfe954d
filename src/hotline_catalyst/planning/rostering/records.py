"""What a roster is made of: people by code, wishes, sessions off the queue, assignments, and what came before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..calendar import Limit
from ..shifts import Shift

Ints = NDArray[np.int64]
Status = Literal["proved best", "good", "none", "changed"]


@dataclass(frozen=True, slots=True)
class Request:
    """A wish for one day: to work (``wanted``) or to be free; ``shift`` empty means any. ``weight`` 1 to 3."""

    day: date
    wanted: bool
    shift: str = ""
    weight: int = 2


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Hours of every week in which a person cannot work: weekday 0 Monday, minutes after midnight; may pass 1440."""

    weekday: int
    start: int
    end: int


@dataclass(frozen=True)
class Advocate:
    """One person who can be rostered, by code.

    Parameters
    ----------
    hours_per_week
        Paid time; for a volunteer, the time promised.
    nights
        Whether nights may be given.
    leave
        Days away.
    limits
        Own value of a working-time rule by its id, as agreed: stricter than the rule, or a waiver the law allows.
    first_day, last_day
        First day the person may answer signals, and last; None: no end.
    """

    code: str
    hours_per_week: float
    languages: tuple[str, ...]
    supervisor: bool = False
    nights: bool = True
    leave: frozenset[date] = field(default_factory=frozenset)
    contract: Literal["employee", "volunteer"] = "employee"
    requests: tuple[Request, ...] = ()
    unavailable: tuple[Unavailable, ...] = ()
    limits: Mapping[str, float] = field(default_factory=dict)
    first_day: date | None = None
    last_day: date | None = None

    def may_work(self, day: date) -> bool:
        """Return whether the person is there at all on ``day``."""
        return (
            day not in self.leave
            and (self.first_day is None or day >= self.first_day)
            and (self.last_day is None or day <= self.last_day)
        )


@dataclass(frozen=True, slots=True)
class Session:
    """Paid time off the queue at a set time: training, staff meeting, supervision, or own work such as projects."""

    kind: Literal["training", "meeting", "supervision", "project"]
    title: str
    day: date
    start: int
    minutes: int
    people: tuple[str, ...]

    @property
    def end(self) -> int:
        """Minutes after midnight of its day."""
        return self.start + self.minutes


@dataclass(frozen=True, slots=True)
class Assignment:
    """One person on one shift on one day."""

    day: date
    shift: str
    person: str


@dataclass(frozen=True, slots=True)
class Break:
    """When a person on shift is away from the queue: minutes after the midnight that begins ``day``."""

    day: date
    person: str
    start: int
    minutes: int


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that an assignment breaks."""

    rule: str
    person: str
    day: date | None
    text: str
    hard: bool


@dataclass(frozen=True)
class Past:
    """What came before a roster: published assignments with their shifts, holidays among their days, sessions held."""

    shifts: Mapping[str, Shift] = field(default_factory=dict)
    assignments: tuple[Assignment, ...] = ()
    holidays: frozenset[date] = frozenset()
    sessions: tuple[Session, ...] = ()
    first: date | None = None  # first day the published rosters cover; None when there is none
    on_call: Mapping[date, str] = field(default_factory=dict)
    supervisor_shifts: frozenset[str] = frozenset()

    @property
    def answering(self) -> tuple[Assignment, ...]:
        """The assignments of people on the line; supervisors' own shifts are none."""
        return tuple(a for a in self.assignments if a.shift not in self.supervisor_shifts)


@dataclass(frozen=True)
class Question:
    """All that a roster is planned from.

    Parameters
    ----------
    weeks
        4 to 12.
    shifts, needed
        Kinds of shift, and how many people each day asks for: shape (days, kinds).
    speakers
        By language not everybody speaks: the fewest on each shift who speak it, shape (days, kinds).
    people
        Who can be given these shifts.
    limits
        Working-time rules in force, by id.
    weekend
        Days of the country's weekend, by name.
    sessions
        Time off the queue that stands before shifts are given; it counts as work.
    off_queue_share
        Share of paid time that shifts must leave free for what is not yet placed.
    fixed
        Assignments to keep as they are; ``fixed_until`` is the last day on which nothing else may be given.
    zone
        Time zone of the line, for nights on which the clock changes; empty: none.
    never_alone
        Whether these people answer signals, so that nobody should be there alone; supervisors' shifts ask one by one.
    rest_day
        Weekly rest day of the country's law, by name; empty: not known or none.
    """

    start: date
    weeks: int
    shifts: tuple[Shift, ...]
    needed: Ints
    speakers: Mapping[str, Ints]
    people: tuple[Advocate, ...]
    limits: Mapping[str, Limit]
    weekend: tuple[str, ...]
    holidays: Mapping[date, str]
    off_queue_share: float
    sessions: tuple[Session, ...] = ()
    past: Past = field(default_factory=Past)
    fixed: tuple[Assignment, ...] = ()
    fixed_until: date | None = None
    zone: str = ""
    never_alone: bool = True
    rest_day: str = ""

    @property
    def days(self) -> list[date]:
        """The days of the roster."""
        return [self.start + timedelta(days=n) for n in range(7 * self.weeks)]


@dataclass(frozen=True)
class Roster:
    """Weeks of assignments, what stays uncovered, and what the checker says.

    Parameters
    ----------
    needed
        People asked for by day and kind of shift: shape (days, kinds).
    status
        How good it is by the published prices: proved best, good, no answer found, or changed since it was planned.
    price, bound
        What the rules that give way cost by the published prices, and what any must cost at least; 0 once changed.
    not_placed
        Sessions that found no time, in sentences.
    published
        Day it was signed; None is a draft.
    supervisor_shifts
        Ids of the kinds of shift that supervisors hold: they do not count as people on the line.
    """

    start: date
    shifts: tuple[Shift, ...]
    needed: Ints
    people: tuple[Advocate, ...]
    assignments: tuple[Assignment, ...]
    on_call: Mapping[date, str]
    violations: tuple[Violation, ...]
    holidays: Mapping[date, str]
    weekend: tuple[str, ...]
    anonymous: bool
    status: Status
    speakers: Mapping[str, Ints] = field(default_factory=dict)
    sessions: tuple[Session, ...] = ()
    not_placed: tuple[str, ...] = ()
    breaks: tuple[Break, ...] = ()
    past: Past = field(default_factory=Past)
    zone: str = ""
    price: int = 0
    bound: int = 0
    prices: Mapping[str, int] = field(default_factory=dict)  # by rule: what it costs in this roster
    settings: Mapping[str, int | float | str] = field(default_factory=dict)
    published: date | None = None
    rest_day: str = ""
    supervisor_shifts: frozenset[str] = frozenset()
    night_window: tuple[int, int] | None = None  # the country's night, from and to, in minutes after midnight

    @property
    def weeks(self) -> int:
        """How many weeks it plans."""
        return len(self.needed) // 7

    @property
    def days(self) -> list[date]:
        """The days of the roster."""
        return [self.start + timedelta(days=n) for n in range(len(self.needed))]

    @property
    def answering(self) -> tuple[Assignment, ...]:
        """The assignments of people on the line; supervisors' own shifts are none."""
        return tuple(a for a in self.assignments if a.shift not in self.supervisor_shifts)

    @cached_property
    def uncovered_hours(self) -> float:
        """Advocate-hours of shifts that nobody covers; supervisors' shifts are not among them."""
        there = Counter((a.day, a.shift) for a in self.assignments)
        return sum(
            max(0, int(self.needed[n, k]) - there[day, shift.id]) * shift.cover / 60
            for n, day in enumerate(self.days)
            for k, shift in enumerate(self.shifts)
            if shift.id not in self.supervisor_shifts
        )

    def changed(self, assignments: tuple[Assignment, ...], breaks: tuple[Break, ...]) -> Roster:
        """Return the roster with other assignments: what it costs by the published prices is not known then."""
        if assignments == self.assignments:
            return replace(self, breaks=breaks)
        return replace(self, assignments=assignments, breaks=breaks, status="changed", price=0, bound=0, prices={})

    @property
    def covers_every_hour(self) -> bool:
        """Whether no shift lacks a person, a supervisor is on call each day and no hard rule is broken."""
        hard = [v for v in self.violations if v.hard]
        return not hard and self.uncovered_hours == 0 and len(self.on_call) == len(self.needed)
