"""Shift design: few kinds of shift that cover the week, nights over midnight and over the week's end included."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..errors import NoPlanError
from .break_cover import Breaks, Pauses
from .calendar import QUARTERS_A_DAY, QUARTERS_A_WEEK, Country, Limit, clock_of
from .covering import EXACT, Covering, Solved
from .covering_search import searched

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
START_STEP = 15
SAME = 1e-6


@dataclass(frozen=True, slots=True)
class Shift:
    """A kind of shift: from ``start`` (minutes after midnight), ``cover`` minutes answering, then paid handover."""

    id: str
    start: int
    cover: int
    handover: int
    night: bool

    @property
    def paid(self) -> int:
        """Paid minutes."""
        return self.cover + self.handover

    @property
    def end(self) -> int:
        """Minutes after the first midnight at which it ends, handover included; may pass 1440."""
        return self.start + self.paid

    @property
    def text(self) -> str:
        """Start and end as clock times."""
        return f"{clock_of(self.start)}–{clock_of(self.end)}"

    def quarters(self, day: int) -> Ints:
        """Return the quarter-hours of the week it covers when it starts on ``day`` (0 Monday)."""
        first = day * QUARTERS_A_DAY + self.start // 15
        return (first + np.arange(self.cover // 15)) % QUARTERS_A_WEEK


@dataclass(frozen=True)
class ShiftPlan:
    """The kinds of shift and how many of each start on each day (shape: kinds, 7).

    Parameters
    ----------
    weight, bound
        What the search weighed the plan at, in hours a week (paid hours, and hours for what people live badly with),
        and what no plan under the same rules can weigh less than; None where nobody asked.
    breaks
        Breaks that begin in each of the week's quarter-hours, where the cover holds them; None where it does not.
    """

    shifts: tuple[Shift, ...]
    counts: Ints
    weight: float | None = None
    bound: float | None = None
    breaks: Ints | None = None

    @property
    def proved(self) -> bool:
        """Whether no plan under the same rules weighs less."""
        return self.gap == 0

    @property
    def gap(self) -> float | None:
        """Share of the weight that is not proved to be needed; None where nobody asked for a bound."""
        if self.weight is None or self.bound is None:
            return None
        return 0.0 if self.weight <= self.bound + SAME else 1 - self.bound / self.weight

    @property
    def paid_hours_per_week(self) -> float:
        """Paid hours of all shifts in a week."""
        return float(sum(s.paid * self.counts[i].sum() for i, s in enumerate(self.shifts)) / 60)

    @property
    def covered(self) -> Ints:
        """Advocates on shift in each of the week's quarter-hours, those on a break included."""
        total = np.zeros(QUARTERS_A_WEEK, dtype=np.int64)
        for index, shift in enumerate(self.shifts):
            for day in range(7):
                total[shift.quarters(day)] += self.counts[index, day]
        return total

    def night_hours_share(self, country: Country) -> float:
        """Share of the covered hours that lie in the country's night."""
        night = np.array([country.is_night(q * 15 % 1440) for q in range(QUARTERS_A_WEEK)])
        return float(self.covered[night].sum() / max(1, self.covered.sum()))


NO_SHIFTS = ShiftPlan((), np.zeros((0, 7), dtype=np.int64), 0.0, 0.0)


def candidates(country: Country, limits: dict[str, Limit], shortest_h: float, handover: int) -> Iterator[Shift]:
    """Yield every kind of shift the working-time rules allow, in quarter-hour starts and lengths."""
    inside = limits["handover_inside_limit"].value > 0
    longest = limits["shift_hours_limit"].value
    longest_at_night = min(longest, limits["night_shift_hours_limit"].value)
    # Only some laws know a shift that is part day and part night.
    longest_mixed = min(longest, limits["mixed_shift_hours_limit"].value if "mixed_shift_hours_limit" in limits else 24)
    dark = np.repeat([country.is_night(minute) for minute in range(0, 1440, 15)], 15)
    night_before = np.concatenate([[0], np.cumsum(np.tile(dark, 3))])
    for start in range(0, 1440, START_STEP):
        for cover in range(15 * int(shortest_h * 4), 60 * 12 + 1, 15):
            # The handover is working time: it counts towards the hours that make a shift a night shift.
            night_minutes = int(night_before[start + cover + handover] - night_before[start])
            night = night_minutes >= 60 * limits["night_hours_make_night_shift"].value
            limit = longest_at_night if night else longest_mixed if night_minutes else longest
            length = cover + handover if inside else cover
            if length <= limit * 60:
                yield Shift(f"S{start:04d}-{cover}", start, cover, handover, night)


def cover_week(need: Ints, kinds: Sequence[Shift], hours_each: Floats, breaks: Breaks | None = None) -> ShiftPlan:
    """Return counts of these kinds that cover ``need`` (672 quarter-hours) at the least hours, proved best.

    Every day has counts of its own. 672 starts of 8 lengths are proved in about half a second (HiGHS).

    Parameters
    ----------
    hours_each
        What a shift of each kind weighs: its paid hours, or more for what should be avoided.

    Raises
    ------
    NoPlanError
        When the kinds leave an hour uncovered.
    """
    covering = _covering(kinds, hours_each, need, np.arange(7), breaks=breaks)
    return _plan(kinds, covering.solve(EXACT))


@dataclass(frozen=True)
class Designer:
    """Designs shifts under one country's rules; a need met before is not solved again.

    Parameters
    ----------
    shortest_h
        Shortest shift worth a journey, in hours.
    handover
        Paid overlap at each change of shift, in minutes.
    variety_hours
        What a distinct kind of shift costs, in paid hours a week: people live better with few starts.
    unsocial_hours
        What a night shift, and a start or an end in the middle of the night, cost each time, in paid hours.
    most_starts
        The most distinct starts a week may have; None: any number.
    transport
        First and last minute of the day at which people can travel: no shift starts or ends outside; None: always.
    breaks
        Breaks that the cover must hold; None: breaks are no concern of the design.
    """

    country: Country
    limits: dict[str, Limit]
    shortest_h: float
    handover: int
    variety_hours: float
    unsocial_hours: float
    most_starts: int | None = None
    transport: tuple[int, int] | None = None
    breaks: Breaks | None = None
    _known: dict[tuple[bytes, bool], ShiftPlan] = field(default_factory=dict, repr=False, compare=False)

    def plan(self, need: Ints) -> ShiftPlan:
        """Return the shifts that cover ``need`` with the fewest paid hours, as `design` does."""
        return self._remembered(need, quick=False)

    def quick(self, need: Ints) -> ShiftPlan:
        """Return shifts that cover ``need``, found in less time and a few per cent dearer; they have no bound."""
        return self._remembered(need, quick=True)

    def _remembered(self, need: Ints, *, quick: bool) -> ShiftPlan:
        need = np.ascontiguousarray(need, dtype=np.int64)
        key = (need.tobytes(), quick)
        if key not in self._known:
            self._known[key] = self._solved(need, quick)
        return self._known[key]

    @cached_property
    def kinds(self) -> tuple[Shift, ...]:
        """Every kind of shift that rules and transport allow."""
        allowed = candidates(self.country, self.limits, self.shortest_h, self.handover)
        return tuple(s for s in allowed if self._can_travel(s.start) and self._can_travel(s.end))

    @cached_property
    def hours_each(self) -> Floats:
        """What a shift of each kind weighs: its paid hours, and the unsocial ones."""
        core_end = 60 * self.limits["night_core_end_hour"].value
        unsocial = [s.night + (s.start < core_end) + (0 < s.end % 1440 < core_end) for s in self.kinds]
        return np.array([s.paid / 60 for s in self.kinds]) + np.array(unsocial) * self.unsocial_hours

    def _can_travel(self, minute: int) -> bool:
        if self.transport is None:
            return True
        first, last = self.transport
        return (minute - first) % 1440 <= (last - first) % 1440 or last - first >= 1440

    def _solved(self, need: Ints, quick: bool) -> ShiftPlan:
        if not self.kinds:
            raise NoPlanError("The working-time rules allow no shift at all. Check the longest and the shortest shift.")
        if not need.any():
            return NO_SHIFTS
        found = searched(self._every(need), quick=quick)
        return replace(_plan(self.kinds, found), bound=None) if quick else _plan(self.kinds, found)

    def _every(self, need: Ints) -> Covering:
        beside = need if self.breaks is None or self.breaks.relief is None else need + 1000 * self.breaks.relief
        return _covering(
            self.kinds,
            self.hours_each,
            need,
            _patterns(beside),
            breaks=self.breaks,
            variety_hours=self.variety_hours,
            most_starts=self.most_starts,
        )


def _covering(
    kinds: Sequence[Shift],
    hours_each: Floats,
    need: Ints,
    pattern: Ints,
    *,
    breaks: Breaks | None = None,
    variety_hours: float = 0.0,
    most_starts: int | None = None,
) -> Covering:
    return Covering(
        starts=np.array([s.start // 15 for s in kinds], dtype=np.int64),
        lengths=np.array([s.cover // 15 for s in kinds], dtype=np.int64),
        hours_each=np.asarray(hours_each, dtype=float),
        need=np.asarray(need, dtype=np.int64),
        pattern=pattern,
        hours_a_kind=variety_hours,
        most_starts=most_starts,
        pauses=Pauses.of(breaks, [(s.cover, s.handover) for s in kinds]) if breaks else None,
    )


def _plan(kinds: Sequence[Shift], solved: Solved | None) -> ShiftPlan:
    """Return what was solved as a plan, unused kinds left out, earliest start first."""
    if solved is None:
        raise NoPlanError(
            "No set of shifts covers the open hours. Check opening hours, the longest shift, the most starts and the "
            "hours of public transport."
        )
    used = [i for i in range(len(kinds)) if solved.counts[i].any()]
    used.sort(key=lambda i: (kinds[i].start, kinds[i].cover))
    shifts = tuple(kinds[i] for i in used)
    return ShiftPlan(shifts, solved.counts[used], solved.hours, solved.bound, solved.breaks)


def _patterns(need: Ints) -> Ints:
    """Return which of the distinct days each day is: days alike share their shifts, so people can remember."""
    pattern: Ints = np.unique(need.reshape(7, QUARTERS_A_DAY), axis=0, return_inverse=True)[1]
    return pattern.ravel().astype(np.int64)
