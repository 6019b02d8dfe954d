"""Shift design: few kinds of shift that cover the week, nights over midnight and over the week's end included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import lil_matrix

from ..errors import NoPlanError
from .calendar import QUARTERS_A_DAY, QUARTERS_A_WEEK, Country, Limit

Ints = NDArray[np.int64]
START_STEP = 30


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
        return f"{_clock(self.start)}–{_clock(self.end)}"

    def quarters(self, day: int) -> Ints:
        """Return the quarter-hours of the week it covers when it starts on ``day`` (0 Monday)."""
        first = day * QUARTERS_A_DAY + self.start // 15
        return (first + np.arange(self.cover // 15)) % QUARTERS_A_WEEK


def _clock(minutes: int) -> str:
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


@dataclass(frozen=True)
class ShiftPlan:
    """The kinds of shift and how many of each start on each day (shape: kinds, 7)."""

    shifts: tuple[Shift, ...]
    counts: Ints

    @property
    def paid_hours_per_week(self) -> float:
        """Paid hours of all shifts in a week."""
        return float(sum(s.paid * self.counts[i].sum() for i, s in enumerate(self.shifts)) / 60)

    @property
    def covered(self) -> Ints:
        """Advocates on shift in each of the week's quarter-hours."""
        total = np.zeros(QUARTERS_A_WEEK, dtype=np.int64)
        for index, shift in enumerate(self.shifts):
            for day in range(7):
                total[shift.quarters(day)] += self.counts[index, day]
        return total

    def night_hours_share(self, country: Country) -> float:
        """Share of the covered hours that lie in the country's night."""
        night = np.array([country.is_night(q * 15 % 1440) for q in range(QUARTERS_A_WEEK)])
        return float(self.covered[night].sum() / max(1, self.covered.sum()))


def candidates(country: Country, limits: dict[str, Limit], shortest_h: float, handover: int) -> Iterator[Shift]:
    """Yield every kind of shift the working-time rules allow, in half-hour starts and quarter-hour lengths."""
    inside = limits["handover_inside_limit"].value > 0
    longest = limits["shift_hours_limit"].value
    longest_at_night = min(longest, limits["night_shift_hours_limit"].value)
    # Only some laws know a shift that is part day and part night.
    longest_mixed = min(longest, limits["mixed_shift_hours_limit"].value if "mixed_shift_hours_limit" in limits else 24)
    for start in range(0, 1440, START_STEP):
        for cover in range(15 * int(shortest_h * 4), 60 * 12 + 1, 15):
            # The handover is working time: it counts towards the hours that make a shift a night shift.
            end = start + cover + handover
            night_minutes = sum(min(15, end - m) for m in range(start, end, 15) if country.is_night(m % 1440))
            night = night_minutes >= 60 * limits["night_hours_make_night_shift"].value
            limit = longest_at_night if night else longest_mixed if night_minutes else longest
            length = cover + handover if inside else cover
            if length <= limit * 60:
                yield Shift(f"S{start:04d}-{cover}", start, cover, handover, night)


def design(
    need: Ints,
    country: Country,
    limits: dict[str, Limit],
    *,
    shortest_h: float,
    handover: int,
    variety_hours: float,
    unsocial_hours: float,
) -> ShiftPlan:
    """Return the shifts that cover ``need`` (672 quarter-hours) with the fewest paid hours.

    A distinct kind of shift costs ``variety_hours`` a week: people live better with few starts. A night
    shift, and a start or an end in the middle of the night, cost ``unsocial_hours`` each time.

    Raises
    ------
    NoPlanError
        When the working-time rules leave no shift, or the solver finds no cover.
    """
    kinds = list(candidates(country, limits, shortest_h, handover))
    if not kinds:
        raise NoPlanError("The working-time rules allow no shift at all. Check the longest and the shortest shift.")
    if not need.any():
        return ShiftPlan((), np.zeros((0, 7), dtype=np.int64))
    kinds = _useful(kinds, need)
    # Days with the same need share their shifts: a week people can remember, and a smaller problem.
    by_day = need.reshape(7, QUARTERS_A_DAY)
    types, day_type = np.unique(by_day, axis=0, return_inverse=True)
    count, groups = len(kinds), len(types)
    size, most = count * groups, float(need.max())
    cover = lil_matrix((QUARTERS_A_WEEK, size + count))
    link = lil_matrix((size, size + count))
    core_end = 60 * limits["night_core_end_hour"].value
    cost = np.concatenate([np.zeros(size), np.full(count, variety_hours)])
    for index, shift in enumerate(kinds):
        unsocial = shift.night + (shift.start < core_end) + (0 < shift.end % 1440 < core_end)
        for day in range(7):
            column = index * groups + int(day_type[day])
            cover[shift.quarters(day), column] = cover[shift.quarters(day), column].toarray() + 1
            link[column, column], link[column, size + index] = 1, -most
            cost[column] += shift.paid / 60 + unsocial * unsocial_hours
    solved = milp(
        cost,
        constraints=[LinearConstraint(cover.tocsr(), lb=need), LinearConstraint(link.tocsr(), ub=0)],
        bounds=Bounds(0, np.concatenate([np.full(size, most), np.ones(count)])),
        integrality=np.ones(size + count),
        options={"mip_rel_gap": 0.01, "node_limit": 1000},
    )
    if solved.x is None:
        raise NoPlanError("No set of shifts covers the open hours. Check opening hours and the longest shift.")
    counts = np.round(solved.x[:size]).astype(np.int64).reshape(count, groups)[:, day_type]
    used = [i for i in range(count) if counts[i].any()]
    used.sort(key=lambda i: (kinds[i].start, kinds[i].cover))
    return ShiftPlan(tuple(kinds[i] for i in used), counts[used])


def _useful(kinds: list[Shift], need: Ints) -> list[Shift]:
    """Keep shifts that start where need begins or rises, or follow on from another; enough choice, small problem."""
    rises = {int(q) * 15 % 1440 for q in np.flatnonzero(need > np.roll(need, 1))}
    # Hours served round the clock rise nowhere: any whole hour may start a shift.
    hourly = set(range(0, 1440, 60))
    longest: dict[int, int] = {}
    for s in kinds:
        longest[s.start] = max(longest.get(s.start, 0), s.cover)
    starts = rises | hourly
    return [s for s in kinds if s.start in starts and (s.cover % 120 == 0 or s.cover == longest[s.start])]
