"""The covering programme behind shift design: how many of each kind of shift start on each pattern of day.

A kind of shift is a start and a length in quarter-hours of the day; days whose need is alike share their counts, so
that people can remember them. The week is a circle: what starts on Sunday night covers Monday morning. Set covering
by shifts after Dantzig (1954); its rows are intervals, so that even 5,000 variables are soon proved best.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import coo_matrix, csr_matrix, hstack, vstack

from .break_cover import Pauses
from .calendar import QUARTERS_A_DAY as DAY

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Matrix = Any
# Above this many counts the programme with a price for each kind takes seconds; a weaker bound then does.
MANY = 3500
GRAIN = 4  # hours are weighed in quarters; a bound may be rounded up to the next
EXACT: dict[str, float] = {"mip_rel_gap": 0.0}


@dataclass(frozen=True)
class Solved:
    """Counts (kinds, 7), what they weigh in hours, what no counts can weigh less than, and breaks begun (672,)."""

    counts: Ints
    hours: float
    bound: float
    breaks: Ints | None = None


@dataclass(frozen=True)
class Covering:
    """Kinds of shift and the week they are to cover.

    Parameters
    ----------
    starts, lengths
        Of each kind: first quarter-hour of the day (0 to 95) and how many it covers (1 to 96).
    hours_each
        What one shift of the kind weighs, in paid hours.
    need
        People in each of the week's 672 quarter-hours.
    pattern
        By day: days of the same number share their counts.
    hours_a_kind
        What it weighs that a kind is used at all.
    most_starts
        The most distinct starts; None: any number.
    pauses
        Breaks that the cover must hold; None: everybody is there from start to end.
    """

    starts: Ints
    lengths: Ints
    hours_each: Floats
    need: Ints
    pattern: Ints
    hours_a_kind: float = 0.0
    most_starts: int | None = None
    pauses: Pauses | None = None

    @property
    def kinds(self) -> int:
        """How many kinds there are to choose from."""
        return len(self.starts)

    @property
    def groups(self) -> int:
        """How many patterns of day there are."""
        return int(self.pattern.max()) + 1

    @property
    def counted(self) -> int:
        """How many counts are asked for: one for each kind and pattern."""
        return self.kinds * self.groups

    def only(self, chosen: Bools) -> Covering:
        """Return the same with fewer kinds to choose from."""
        return replace(
            self,
            starts=self.starts[chosen],
            lengths=self.lengths[chosen],
            hours_each=self.hours_each[chosen],
            pauses=self.pauses.only(chosen) if self.pauses else None,
        )

    @cached_property
    def days(self) -> list[int]:
        """Days whose quarter-hours are written down: one for each day and day before that are alike.

        Breaks are carried over from one quarter-hour to the next, so with breaks it is the whole week, or one day.
        """
        if self.pauses is not None:
            return [0] if self.groups == 1 else list(range(7))
        pairs = self.pattern * 7 + np.roll(self.pattern, 1)
        return sorted(int(day) for day in np.unique(pairs, return_index=True)[1])

    def written(self, by_quarter: Ints) -> Ints:
        """Return a week's values at the quarter-hours that are written down."""
        return by_quarter.reshape(7, DAY)[self.days].ravel()

    def place(self, day: int, quarter: int) -> int:
        """Return the row of a quarter-hour counted from the start of a written day; the written days are a circle."""
        return (self.days.index(day) * DAY + quarter) % (len(self.days) * DAY)

    @cached_property
    def cover(self) -> Matrix:
        """What each count (kinds x patterns) covers in each written quarter-hour."""
        kind = np.repeat(np.arange(self.kinds), self.lengths)
        quarter = np.concatenate([s + np.arange(n) for s, n in zip(self.starts, self.lengths, strict=True)])
        own, rows, columns = quarter < DAY, [], []
        for place, day in enumerate(self.days):
            for part, pattern in ((own, self.pattern[day]), (~own, self.pattern[day - 1])):
                rows.append(place * DAY + quarter[part] % DAY)
                columns.append(kind[part] * self.groups + pattern)
        ends = np.concatenate(rows), np.concatenate(columns)
        return coo_matrix((np.ones(len(ends[0])), ends), shape=(len(self.days) * DAY, self.counted)).tocsr()

    @cached_property
    def most(self) -> Ints:
        """The most of each count that can be of use: shape (kinds, patterns)."""
        found = np.zeros((self.kinds, self.groups), dtype=np.int64)
        days = self.need.reshape(7, DAY)
        for day in range(7):
            two = np.concatenate([days[day], days[(day + 1) % 7]])
            peaks = [two[s : s + n].max() for s, n in zip(self.starts, self.lengths, strict=True)]
            found[:, self.pattern[day]] = np.maximum(found[:, self.pattern[day]], peaks)
        # Whoever is on a break is replaced: at most everybody, once.
        return found * (2 if self.pauses is not None else 1)

    @cached_property
    def _days_of(self) -> Ints:
        return np.bincount(self.pattern, minlength=self.groups)

    @cached_property
    def cost(self) -> Floats:
        """What each count weighs: shape (kinds, patterns)."""
        return np.outer(self.hours_each, self._days_of)

    def weight(self, counts: Ints) -> float:
        """Return what counts (kinds, 7) weigh."""
        used = int(counts.any(axis=1).sum())
        return float(self.hours_each @ counts.sum(axis=1)) + self.hours_a_kind * used

    def relaxed(self) -> tuple[float, Floats]:
        """Return what any counts weigh at least, without whole numbers, and how much of each kind that would use.

        Where the counts are many, a kind's price is spread over the most of it that can be of use.
        """
        together = self.counted <= MANY and (self.hours_a_kind > 0 or self.most_starts is not None)
        return self._with_kinds() if together else self._spread()

    def _with_kinds(self) -> tuple[float, Floats]:
        written = self.written(self.need)
        rows, lower, upper = self._rows(written)
        solved = milp(self._objective(), constraints=LinearConstraint(rows, lower, upper), bounds=self._limits(rows))
        if solved.x is None:
            return np.inf, np.zeros(self.kinds)
        return float(solved.fun), np.asarray(solved.x[self.counted : self.counted + self.kinds])

    def _spread(self) -> tuple[float, Floats]:
        most = np.maximum(1, self.most @ self._days_of)
        cost = self.cost + np.outer(self.hours_a_kind / most, self._days_of)
        rows, lower, upper = self._cover_rows(self.written(self.need))
        extra = rows.shape[1] - self.counted
        solved = milp(np.concatenate([cost.ravel(), np.zeros(extra)]), constraints=LinearConstraint(rows, lower, upper))
        if solved.x is None:
            return np.inf, np.zeros(self.kinds)
        return float(solved.fun), solved.x[: self.counted].reshape(self.kinds, -1).max(axis=1)

    def _cover_rows(self, need: Ints) -> tuple[Matrix, Floats, Floats]:
        """Return the cover asked for as rows over counts and, where there are breaks, what they add."""
        if self.pauses is None:
            return self.cover, need.astype(float), np.full(len(need), np.inf)
        return self.pauses.rows(self, need)

    def _rows(self, need: Ints) -> tuple[Matrix, Floats, Floats]:
        """Return all rows with their bounds: columns are the counts, the kinds, the starts, then breaks."""
        covering, least, most = self._cover_rows(need)
        kinds, starts = self.kinds, len(np.unique(self.starts)) if self.most_starts is not None else 0
        beside = covering.shape[1] - self.counted
        blank = csr_matrix((covering.shape[0], kinds + starts))
        parts = [hstack([covering[:, : self.counted], blank, covering[:, self.counted :]])]
        lower, upper = [least], [most]
        own = np.arange(self.counted)
        used = coo_matrix((-self.most.ravel().astype(float), (own, own // self.groups)), shape=(self.counted, kinds))
        none = csr_matrix((self.counted, starts + beside))
        parts.append(hstack([coo_matrix((np.ones(self.counted), (own, own))), used, none]))
        lower.append(np.full(self.counted, -np.inf))
        upper.append(np.zeros(self.counted))
        if self.most_starts is not None:
            parts.append(self._start_rows(starts, beside))
            lower.append(np.full(kinds + 1, -np.inf))
            upper.append(np.concatenate([np.zeros(kinds), [self.most_starts]]))
        return vstack(parts).tocsr(), np.concatenate(lower), np.concatenate(upper)

    def _start_rows(self, starts: int, beside: int) -> Matrix:
        """Return rows by which a kind uses its start, and the starts used are few."""
        kind, which = np.arange(self.kinds), np.unique(self.starts, return_inverse=True)[1]
        uses = coo_matrix((np.ones(self.kinds), (kind, kind)), shape=(self.kinds + 1, self.kinds))
        last = np.full(starts, self.kinds)
        ends = (np.concatenate([kind, last]), np.concatenate([which, np.arange(starts)]))
        opens = coo_matrix((np.concatenate([-np.ones(self.kinds), np.ones(starts)]), ends))
        zero = csr_matrix((self.kinds + 1, self.counted))
        return hstack([zero, uses, opens, csr_matrix((self.kinds + 1, beside))])

    def _objective(self) -> Floats:
        starts = len(np.unique(self.starts)) if self.most_starts is not None else 0
        beside = self.pauses.columns(self) if self.pauses else 0
        return np.concatenate([self.cost.ravel(), np.full(self.kinds, self.hours_a_kind), np.zeros(starts + beside)])

    def _limits(self, rows: Matrix) -> Bounds:
        upper = np.full(rows.shape[1], np.inf)
        upper[: self.counted] = self.most.ravel()
        starts = len(np.unique(self.starts)) if self.most_starts is not None else 0
        upper[self.counted : self.counted + self.kinds + starts] = 1
        return Bounds(0, upper)

    def solve(self, options: dict[str, float]) -> Solved | None:
        """Return the best counts found under the solver's ``options``; None when nothing covers the need."""
        plain = self.hours_a_kind == 0 and self.most_starts is None
        written = self.written(self.need)
        if plain:
            rows, lower, upper = self._cover_rows(written)
            limits = Bounds(0, np.inf)
            cost = np.concatenate([self.cost.ravel(), np.zeros(rows.shape[1] - self.counted)])
        else:
            rows, lower, upper = self._rows(written)
            cost, limits = self._objective(), self._limits(rows)
        solved = milp(
            cost,
            constraints=LinearConstraint(rows, lower, upper),
            bounds=limits,
            integrality=self._whole(rows.shape[1]),
            options=dict(options),  # milp takes words out of what it is given
        )
        if solved.x is None:
            return None
        counts = np.round(solved.x[: self.counted]).astype(np.int64).reshape(self.kinds, -1)[:, self.pattern]
        breaks = self.pauses.begun(self, solved.x) if self.pauses else None
        return Solved(counts, self.weight(counts), self.rounded(float(solved.mip_dual_bound)), breaks)

    def _whole(self, columns: int) -> Ints:
        added = self.pauses.whole(self) if self.pauses else np.zeros(0, dtype=np.int64)
        return np.concatenate([np.ones(columns - len(added), dtype=np.int64), added])

    def rounded(self, bound: float) -> float:
        """Return a bound rounded up to the next weight that counts can have, where weights are quarter-hours."""
        grains = np.concatenate([self.hours_each, [self.hours_a_kind]]) * GRAIN
        whole = np.allclose(grains, np.round(grains), atol=1e-9)
        return float(np.ceil(bound * GRAIN - 1e-4) / GRAIN) if whole and np.isfinite(bound) else bound
