"""Shift design: few kinds of shift that cover the week, nights over midnight and over the week's end included."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_matrix

from ..errors import NoPlanError
from .calendar import QUARTERS_A_DAY, QUARTERS_A_WEEK, Country, Limit

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
START_STEP = 30
# The search stops within this share of the proved bound, or after this many nodes (a count repeats, a clock does not).
CAREFUL: dict[str, float] = {"mip_rel_gap": 0.01, "node_limit": 60}
QUICK: dict[str, float] = {"mip_rel_gap": 0.03, "node_limit": 5}
# A kind of shift is worth a closer look when the problem without whole numbers uses at least this share of it.
PROMISING = 0.2


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
    """

    country: Country
    limits: dict[str, Limit]
    shortest_h: float
    handover: int
    variety_hours: float
    unsocial_hours: float
    _known: dict[tuple[bytes, bool], ShiftPlan] = field(default_factory=dict, repr=False, compare=False)

    def plan(self, need: Ints) -> ShiftPlan:
        """Return the shifts that cover ``need`` with the fewest paid hours, as `design` does."""
        return self._remembered(need, quick=False)

    def quick(self, need: Ints) -> ShiftPlan:
        """Return shifts that cover ``need``, found in about a tenth of the time and a few per cent dearer."""
        return self._remembered(need, quick=True)

    def _remembered(self, need: Ints, *, quick: bool) -> ShiftPlan:
        need = np.ascontiguousarray(need, dtype=np.int64)
        key = (need.tobytes(), quick)
        if key not in self._known:
            self._known[key] = self._solved(need, quick)
        return self._known[key]

    def _solved(self, need: Ints, quick: bool) -> ShiftPlan:
        kinds = list(candidates(self.country, self.limits, self.shortest_h, self.handover))
        if not kinds:
            raise NoPlanError("The working-time rules allow no shift at all. Check the longest and the shortest shift.")
        if not need.any():
            return ShiftPlan((), np.zeros((0, 7), dtype=np.int64))
        kinds = _useful(kinds, need)
        # Two patterns of day are solved as they are; more make the whole choice of kinds too large to prove.
        if quick or len(_patterns(need)[0]) > 2:
            kinds = self._promising(kinds, need, quick)
        problem = self._problem(kinds, need)
        return problem.plan(problem.solve(QUICK if quick else CAREFUL))

    def _promising(self, kinds: list[Shift], need: Ints, quick: bool) -> list[Shift]:
        """Return the kinds that the problem without whole numbers uses, and those a day made of all days would."""
        used = self._problem(kinds, need).solve(None)[-len(kinds) :] >= PROMISING
        days = need.reshape(7, QUARTERS_A_DAY)
        busiest, usual = days.max(axis=0), np.ceil(np.round(days.mean(axis=0), 9)).astype(np.int64)
        for day in (busiest,) if quick else (busiest, usual):
            used |= self._problem(kinds, np.tile(day, 7)).solve(QUICK)[-len(kinds) :] > 0.5
        return [shift for shift, is_used in zip(kinds, used, strict=True) if is_used]

    def _problem(self, kinds: list[Shift], need: Ints) -> _Problem:
        core_end = 60 * self.limits["night_core_end_hour"].value
        unsocial = [shift.night + (shift.start < core_end) + (0 < shift.end % 1440 < core_end) for shift in kinds]
        each = np.array([shift.paid / 60 for shift in kinds]) + np.array(unsocial) * self.unsocial_hours
        return _Problem(kinds, need, each, self.variety_hours)


@dataclass(frozen=True)
class _Problem:
    """How many of each kind start on each pattern of day: variables (kinds x patterns), then one a kind for its use."""

    kinds: list[Shift]
    need: Ints
    hours_each: Floats
    variety_hours: float

    def solve(self, options: dict[str, float] | None) -> Floats:
        """Return the variables; ``options`` None leaves whole numbers out."""
        count, groups = len(self.kinds), len(_patterns(self.need)[0])
        size = count * groups
        cover, most, cost = self._columns(groups)
        own = np.arange(size)
        link = coo_matrix(
            (np.concatenate([np.ones(size), -most]), (np.tile(own, 2), np.concatenate([own, size + own // groups]))),
            shape=(size, size + count),
        )
        solved = milp(
            np.concatenate([cost, np.full(count, self.variety_hours)]),
            constraints=[LinearConstraint(cover, lb=self.need), LinearConstraint(link.tocsr(), ub=0)],
            bounds=Bounds(0, np.concatenate([most, np.ones(count)])),
            integrality=np.full(size + count, 0 if options is None else 1),
            options=dict(options or {}),  # milp takes words out of what it is given
        )
        if solved.x is None:
            raise NoPlanError("No set of shifts covers the open hours. Check opening hours and the longest shift.")
        return np.asarray(solved.x)

    def _columns(self, groups: int) -> tuple[Any, Floats, Floats]:
        """Return what each variable covers, the most of it that can be of use, and its cost in hours."""
        pattern = _patterns(self.need)[1]
        count = len(self.kinds)
        most, cost = np.zeros(count * groups), np.zeros(count * groups)
        rows, columns = [], []
        for index, shift in enumerate(self.kinds):
            for day in range(7):
                column, quarters = index * groups + int(pattern[day]), shift.quarters(day)
                rows.append(quarters)
                columns.append(np.full(len(quarters), column))
                most[column] = max(most[column], self.need[quarters].max())
                cost[column] += self.hours_each[index]
        ones = np.ones(sum(len(row) for row in rows))
        places = (np.concatenate(rows), np.concatenate(columns))
        return coo_matrix((ones, places), shape=(QUARTERS_A_WEEK, count * (groups + 1))).tocsr(), most, cost

    def plan(self, solution: Floats) -> ShiftPlan:
        """Return the solution as kinds and counts, unused kinds left out, earliest start first."""
        count, pattern = len(self.kinds), _patterns(self.need)[1]
        counts = np.round(solution[:-count]).astype(np.int64).reshape(count, -1)[:, pattern]
        used = [i for i in range(count) if counts[i].any()]
        used.sort(key=lambda i: (self.kinds[i].start, self.kinds[i].cover))
        return ShiftPlan(tuple(self.kinds[i] for i in used), counts[used])


def _patterns(need: Ints) -> tuple[Ints, Ints]:
    """Return the distinct days and which of them each day is: days alike share their shifts, so people can remember."""
    days, pattern = np.unique(need.reshape(7, QUARTERS_A_DAY), axis=0, return_inverse=True)
    return days, pattern.ravel()


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

    Weeks with one or two patterns of day are solved at once, to 1 % of the proved bound. For others the kinds
    are chosen first (those the problem without whole numbers uses, and those a typical and a busiest day would
    take), then the counts of each day among them.

    Raises
    ------
    NoPlanError
        When the working-time rules leave no shift, or the solver finds no cover.
    """
    return Designer(country, limits, shortest_h, handover, variety_hours, unsocial_hours).plan(need)


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
