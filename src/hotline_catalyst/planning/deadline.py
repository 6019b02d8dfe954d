"""Written work with a deadline: e-mail and tips read in business hours, in the quiet time advocates have.

A week of 672 quarter-hours that repeats. Items are taken in order of arrival; what comes in during a quarter-hour can
be worked on from the next one. Urgent items go first, at any hour at which somebody has room; the others only in
business hours, with the room that is left. Age counts in business days, from the start of the quarter-hour of arrival
to the end of the quarter-hour of completion, so the model is never kinder than the clock.

What is promised: when the model says that nothing is late, no single item is late, if the items come as stated (counts
by quarter-hour, at any moment within it), the room is there as stated, each item takes ``minutes_each`` and items are
dealt in turn to at most ``hands`` advocates, each working on one at a time and handing it on when the shift ends. The
allowance for that, ``hands - 1`` items, is in the answer. For expected counts (fractions) the answer is that of a
steady flow; give many drawn weeks to see chance.

References
----------
Cruz (1991), A calculus for network delay (arrival and service curves); Koole & Li (2021), arXiv 2101.10122 (blending).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import NoPlanError
from .queueing import Floats

QUARTERS_A_WEEK = 672
# A hundred-thousandth of a second of work: sums of quarter-hours differ by less for no reason.
_NIL = 1e-9


@dataclass(frozen=True)
class Backlog:
    """What becomes of a week's written work; one number for each week given.

    Attributes
    ----------
    oldest_business_days
        Age of the oldest item when it is done; infinite when more comes in than the room allows.
    late_share
        Share of the items that are not urgent and are done after the deadline.
    hours_missing_per_week
        Fewest hours, put in where they help most, without which some of these items are late.
    urgent_late_share
        Share of the urgent work not done by the end of the quarter-hour after the one in which it came.
    urgent_longest_h
        Longest time an urgent item takes from arrival to completion, in hours, closed hours included.
    """

    oldest_business_days: Floats
    late_share: Floats
    hours_missing_per_week: Floats
    urgent_late_share: Floats
    urgent_longest_h: Floats

    @property
    def none_late(self) -> NDArray[np.bool_]:
        """Whether every item that is not urgent is done in time."""
        return np.asarray(self.late_share == 0)


def room_hours(on_shift: ArrayLike, live_per_hour: ArrayLike, handle_time_s: float, occupancy_cap: float) -> Floats:
    """Return the quiet hours in each quarter-hour: what the occupancy cap allows beyond the live signals."""
    load = np.asarray(live_per_hour, dtype=float) * handle_time_s / 3600
    return np.asarray(np.maximum(0.0, occupancy_cap * np.asarray(on_shift) - load) / 4)


def backlog(
    arriving_per_quarter: ArrayLike,
    room_hours_per_quarter: ArrayLike,
    minutes_each: float,
    business: ArrayLike,
    days: float,
    *,
    urgent: ArrayLike = 0.0,
    hands: int | None = None,
) -> Backlog:
    """Return age, lateness and missing hours of the week's written work.

    Parameters
    ----------
    arriving_per_quarter
        Items in each quarter-hour, (672,) or (weeks, 672); every week stands for itself and repeats.
    room_hours_per_quarter
        Advocate hours free for written work, (672,) or (weeks, 672).
    minutes_each
        Work on one item, in minutes.
    business
        (672,), true in business hours.
    days
        Deadline in business days; a business day is the mean open length of the days that have business hours.
    urgent
        Share of the items that are urgent: one number, or one for each quarter-hour.
    hands
        Most advocates who work on written items at once; none given: as many as the room could keep busy.

    Raises
    ------
    NoPlanError
        When there are no business hours.
    """
    open_ = np.asarray(business, dtype=bool)
    if not open_.any():
        raise NoPlanError("There are no business hours, so written messages would never be read. Give some.")
    items = np.asarray(arriving_per_quarter, dtype=float)
    shape = np.broadcast_shapes(items.shape, np.shape(room_hours_per_quarter))[:-1]
    work = np.broadcast_to(items * minutes_each / 60, (*shape, QUARTERS_A_WEEK)).reshape(-1, QUARTERS_A_WEEK)
    room = np.broadcast_to(room_hours_per_quarter, (*shape, QUARTERS_A_WEEK)).reshape(-1, QUARTERS_A_WEEK)
    room = np.maximum(room.astype(float), 0.0)
    first = work * np.asarray(urgent, dtype=float)
    left, urgent_late, urgent_longest = _urgent(first, room)
    left = np.where(open_, left, 0.0)
    if hands is None:
        hands = max(1, int(np.ceil(4 * left.max(initial=0.0) - _NIL)))
    calendar = _Calendar.of(open_, days)
    week = _Week.of(work - first, np.minimum(left, hands / 4), calendar, (hands - 1) * minutes_each / 60)
    late, oldest = week.late_share(), week.oldest_days()
    missing = np.zeros(len(work))
    behind = np.flatnonzero(late > 0)
    if len(behind):
        missing[behind] = week.rows(behind).hours_missing()
    return Backlog(*(np.asarray(x.reshape(shape)) for x in (oldest, late, missing, urgent_late, urgent_longest)))


def _waiting(work: Floats, room: Floats) -> Floats:
    """Return the work still waiting at the end of each quarter-hour, before what came in during it."""
    came = np.concatenate([np.zeros((len(work), 1)), work[:, :-1]], axis=1)
    total = np.cumsum(came - room, axis=1)
    return np.asarray(total - np.minimum(np.minimum.accumulate(total, axis=1), 0.0))


def _urgent(work: Floats, room: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the room urgent work leaves, its late share, and the longest time it takes in hours."""
    if not work.any():
        return room, np.zeros(len(work)), np.zeros(len(work))
    size = QUARTERS_A_WEEK
    twice_work, twice_room = np.tile(work, 3), np.tile(room, 3)
    waits = _waiting(twice_work, twice_room)
    before = np.concatenate([np.zeros((len(work), 1)), (waits + twice_work)[:, :-1]], axis=1)
    left = np.maximum(twice_room - np.maximum(before - waits, 0.0), 0.0)[:, size : 2 * size]
    total = work.sum(1)
    late = np.minimum(work, waits[:, size + 1 : 2 * size + 1]).sum(1) / np.where(total > 0, total, 1)
    late = np.where(late < _NIL, 0.0, late)
    grows = total > room.sum(1) + _NIL
    need = (waits + twice_work)[:, size : 2 * size]
    taken = _quarters(np.cumsum(twice_room, axis=1), need, work > 0)
    longest = (taken / 4).max(1)
    return left, np.where(grows, 1.0, late), np.where(grows, np.inf, longest)


def _quarters(room: Floats, need: Floats, some: NDArray[np.bool_]) -> Floats:
    """Return how many quarter-hours pass until work of the second week is done, its own included; 0 where none."""
    size = QUARTERS_A_WEEK
    out = np.zeros(need.shape)
    for row, (have, want, here) in enumerate(zip(room, need, some, strict=True)):
        at = np.flatnonzero(here) + size
        done = np.searchsorted(have, have[at] + want[at - size] - _NIL)
        out[row, at - size] = np.where(done < len(have), np.maximum(done, at + 1) - at + 1, np.inf)
    return out


@dataclass(frozen=True)
class _Calendar:
    """Business time over the laps that a deadline can span."""

    laps: int
    elapsed: Floats
    a_day: float
    due: NDArray[np.int64]

    @classmethod
    def of(cls, open_: NDArray[np.bool_], days: float) -> _Calendar:
        a_week = int(open_.sum())
        a_day = a_week / int(open_.reshape(7, -1).any(axis=1).sum())
        allowed = days * a_day
        laps = 3 + int(np.ceil(allowed / a_week))
        elapsed = np.concatenate([[0.0], np.cumsum(np.tile(open_, laps))])
        # The last quarter-hour whose end is not past the deadline of what came in quarter-hour q.
        due = np.searchsorted(elapsed, elapsed[:-1] + allowed + _NIL, side="right") - 2
        return cls(laps, elapsed, a_day, due)


@dataclass(frozen=True)
class _Week:
    """Work that can wait, the room for it and the allowance for whole items, over all laps."""

    work: Floats
    room: Floats
    calendar: _Calendar
    allowance: float
    waits: Floats

    @classmethod
    def of(cls, work: Floats, room: Floats, calendar: _Calendar, allowance: float) -> _Week:
        work, room = np.tile(work, calendar.laps), np.tile(room, calendar.laps)
        return cls(work, room, calendar, allowance, _waiting(work, room) + work)

    def rows(self, which: NDArray[np.int64]) -> _Week:
        """Return some of the weeks."""
        return _Week(self.work[which], self.room[which], self.calendar, self.allowance, self.waits[which])

    @property
    def _second(self) -> slice:
        """The second lap: the first still starts with empty desks."""
        return slice(QUARTERS_A_WEEK, 2 * QUARTERS_A_WEEK)

    @property
    def _grows(self) -> NDArray[np.bool_]:
        lap = self._second
        return np.asarray(self.work[:, lap].sum(1) > self.room[:, lap].sum(1) + _NIL)

    def late_share(self) -> Floats:
        lap = self._second
        have = np.cumsum(self.room, axis=1)
        due, work = self.calendar.due[lap], self.work[:, lap]
        short = self.waits[:, lap] + self.allowance - (have[:, due] - have[:, lap])
        late = np.where(short > _NIL, np.minimum(work, short), 0.0).sum(1)
        total = work.sum(1)
        return np.where(self._grows, 1.0, late / np.where(total > 0, total, 1))

    def oldest_days(self) -> Floats:
        lap = self._second
        taken = _quarters(np.cumsum(self.room, axis=1), self.waits[:, lap] + self.allowance, self.work[:, lap] > 0)
        start = np.arange(QUARTERS_A_WEEK, 2 * QUARTERS_A_WEEK)
        known = np.isfinite(taken)
        end = np.where(known, start + taken, start).astype(np.int64)
        age = np.where(known, self.calendar.elapsed[end] - self.calendar.elapsed[start], np.inf) / self.calendar.a_day
        age = np.where(self.work[:, lap] > 0, age, 0.0).max(1)
        return np.where(self._grows & (self.work[:, lap].sum(1) > 0), np.inf, age)

    def hours_missing(self) -> Floats:
        """Put in work only at the last moment before something would be late: no plan needs less."""
        laps, due = self.calendar.laps, self.calendar.due
        served = np.zeros((len(self.work), laps * QUARTERS_A_WEEK))
        queue = np.zeros_like(served)
        total, waits, added = (np.zeros(len(self.work)) for _ in range(3))
        at_start, q = added, 0
        for t in range((laps - 1) * QUARTERS_A_WEEK):
            if t == (laps - 2) * QUARTERS_A_WEEK:
                at_start = added.copy()
            room = self.room[:, t]
            total, waits = total + room, np.maximum(0.0, waits - room)
            while q < t and due[q] <= t:
                owed = queue[:, q] + self.allowance - (total - served[:, q])
                extra = np.where((self.work[:, q] > 0) & (owed > _NIL), owed, 0.0)
                total, added, waits = total + extra, added + extra, np.maximum(0.0, waits - extra)
                q += 1
            waits = waits + self.work[:, t]
            served[:, t], queue[:, t] = total, waits
        return added - at_start
