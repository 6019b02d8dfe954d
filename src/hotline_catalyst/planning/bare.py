"""The same decoding for bare problems (one way each, steady resources, links, nothing else), several times faster.

All resources of a day are packed into one whole number, a guard bit above each: taking units off leaves every guard bit
standing exactly when they all fit. Many orders are decoded at once on arrays, one job of each by turns: a plan then
costs a tenth of what it costs alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from .dense import Dense

Table = NDArray[np.int64]  # a row for each plan
NARROW = 4  # links looked at for every job; the few jobs with more are looked at apart
LOOK = 64  # days looked at in one go


def is_bare(dense: Dense) -> bool:
    """Return whether a problem is links and steady resources alone."""
    problem = dense.problem
    if problem.needs or problem.purses or problem.previous or problem.launch_by is not None:
        return False
    if any(units.size and int(np.ptp(units)) for units in dense.free_units.values()):
        return False
    return all(
        len(ways) == 1 and len(job.modes) == 1 and not (job.optional or job.begun or job.behind or job.closed)
        and job.fixed is None and job.latest_end is None and not job.earliest
        and min(job.after.values(), default=0) >= 0
        for job, ways in zip(dense.jobs, dense.ways, strict=True)
    )  # fmt: skip


class Bare:
    """Serial generation and justification over lists of whole numbers."""

    def __init__(self, dense: Dense):
        self.launch = dense.launch
        most = [
            int(units[0]) // scale for units, scale in zip(dense.free_units.values(), dense.scale.values(), strict=True)
        ]
        shifts, self.guard, day = [], 0, 0
        place = 0
        for units in most:
            shifts.append(place)
            place += units.bit_length() + 1
            self.guard |= 1 << (place - 1)
            day |= units << shifts[-1]
        self.day = day | self.guard
        self.length = [ways[0].length for ways in dense.ways]
        self.need = [sum(u << shifts[r] for r, u in ways[0].units) for ways in dense.ways]
        self.before = [[(b, lag) for b, lag, _ in links] for links in dense.before]
        self.after: list[list[tuple[int, int]]] = [[] for _ in self.before]
        for n, links in enumerate(self.before):
            for b, lag in links:
                self.after[b].append((n, lag))
        self.days = sum(self.length) + sum(lag for links in self.before for _, lag in links) + 1
        self.rank = {n: place for place, n in enumerate(dense.order)}

    def forward(self, order: Sequence[int]) -> list[int]:
        """Return each job's start when they are placed in this order, each as early as it can be."""
        free, guard, length, need = [self.day] * self.days, self.guard, self.length, self.need
        start, end = [0] * len(length), [0] * len(length)
        for n in order:
            first = 0
            for before, lag in self.before[n]:
                if end[before] + lag > first:
                    first = end[before] + lag
            units, days = need[n], length[n]
            if units:
                low, top = first, first + days - 1
                at = top
                while at >= low:
                    if (free[at] - units) & guard == guard:
                        at -= 1
                    else:
                        first, low, top = at + 1, top + 1, at + days
                        at = top
                for at in range(first, first + days):
                    free[at] -= units
            start[n], end[n] = first, first + days
        return start

    def justified(self, start: Sequence[int]) -> list[int]:
        """Return an order that pulls a plan together: its jobs by their days when pushed to the plan's end."""
        free, guard, length, need = [self.day] * self.days, self.guard, self.length, self.need
        last = max(s + d for s, d in zip(start, length, strict=True))
        late = [last] * len(length)
        rank = self.rank
        for n in sorted(rank, key=lambda n: (-start[n] - length[n], -rank[n])):
            days, units = length[n], need[n]
            end = start[n] + days if n == self.launch else last
            for follower, lag in self.after[n]:
                if late[follower] - lag < end:
                    end = late[follower] - lag
            if units:
                low, top = end - days, end - 1
                at = low
                while at <= top:
                    if (free[at] - units) & guard == guard:
                        at += 1
                    else:
                        top, low = low - 1, at - days
                        end = at
                        at = low
                for at in range(end - days, end):
                    free[at] -= units
            late[n] = end - days
        return sorted(rank, key=lambda n: (late[n], rank[n]))


class Links:
    """The links of all jobs in one direction, as an array with a fixed number of them to a job."""

    def __init__(self, links: Sequence[Sequence[tuple[int, int]]]):
        count = len(links)
        self.near = np.full((count, NARROW), count)
        self.lag = np.zeros((count, NARROW), dtype=np.int64)
        self.many: dict[int, tuple[Table, Table]] = {}
        for n, row in enumerate(links):
            for place, (other, lag) in enumerate(row[:NARROW]):
                self.near[n, place], self.lag[n, place] = other, lag
            if len(row) > NARROW:
                self.many[n] = (np.array([b for b, _ in row]), np.array([lag for _, lag in row]))
        self.wide = np.array([len(row) > NARROW for row in links])
        self.any_lag = bool(self.lag.any())


def _shifts(length: Table) -> Iterator[Table]:
    """Yield what days are shifted by, job by job, until a day is left only where as many as the length follow on."""
    done = np.ones_like(length)
    while (done < length).any():
        step = np.clip(length - done, 0, done)
        yield step
        done += step


class Many:
    """Serial generation and justification of many orders at once, in plans of so many days at most."""

    def __init__(self, bare: Bare, days: int):
        self.bare, self.days = bare, days
        self.length = np.array(bare.length)
        small = bare.guard < 2**31
        self.kind: type[np.int32] | type[np.int64] = np.int32 if small else np.int64
        self.need: NDArray[np.signedinteger] = np.array(bare.need).astype(self.kind)
        self.guard = self.kind(bare.guard)
        self.most = int(self.length.max())
        self.before, self.after = Links(bare.before), Links(bare.after)
        self.taken = np.where(np.arange(self.most) < self.length[:, None], self.need[:, None], self.kind(0))
        self.shifts = [shift.astype(np.uint64) for shift in _shifts(self.length)]
        self.rank = np.array([bare.rank[n] for n in range(len(bare.length))])

    def decode(self, orders: Table, links: Links, least: Table | None = None) -> tuple[Table, NDArray[np.bool_]]:
        """Return the start of each job in each plan, each as early as it can be, and whether all fitted."""
        size, count = orders.shape
        free = np.full((size, self.days + 2 * LOOK), self.bare.day, dtype=self.kind)
        ahead, spans = sliding_window_view(free, LOOK, 1), sliding_window_view(free, self.most, 1, writeable=True)
        ends, starts = np.zeros((size, count + 1), dtype=np.int64), np.zeros((size, count), dtype=np.int64)
        fits, rows = np.ones(size, dtype=bool), np.arange(size)
        flat_ends, at_end = ends.reshape(-1), rows * (count + 1)
        flat_starts, at_start = starts.reshape(-1), rows * count
        for jobs in np.ascontiguousarray(orders.T):
            length = self.length[jobs]
            before = flat_ends[at_end[:, None] + links.near[jobs]]
            if links.any_lag:
                before += links.lag[jobs]
            first = before.max(axis=1)
            if links.wide[jobs].any():
                self._pass_wide(links, jobs, ends, first)
            if least is not None:
                np.maximum(first, least.reshape(-1)[at_start + jobs], out=first)
            np.minimum(first, self.days, out=first)
            begin = self._first(ahead, rows, jobs, first, fits)
            spans[rows, begin] = spans[rows, begin] - self.taken[jobs]
            flat_starts[at_start + jobs] = begin
            begin += length
            flat_ends[at_end + jobs] = begin
        return starts, fits & (starts + self.length <= self.days).all(axis=1)

    def _pass_wide(self, links: Links, jobs: Table, ends: Table, first: Table) -> None:
        """Raise the first days of jobs with many links."""
        for n, (others, lags) in links.many.items():
            at = np.flatnonzero(jobs == n)
            if at.size:
                first[at] = np.maximum(0, (ends[at[:, None], others] + lags).max(axis=1))

    def _first(
        self, ahead: NDArray[np.signedinteger], rows: Table, jobs: Table, first: Table, fits: NDArray[np.bool_]
    ) -> Table:
        """Return the first day from ``first`` on that each job fits, a word of days at a time."""
        left = (ahead[rows, first] - self.need[jobs][:, None]) & self.guard
        days = np.packbits(left == self.guard, axis=1, bitorder="little").view(np.uint64)[:, 0]
        for shift in self.shifts:
            days &= days >> shift[jobs]
        days &= -days
        found = days > 0
        begin = first + np.frexp(days.astype(np.float64))[1] - 1
        if found.all():
            return begin
        late = np.flatnonzero(~found)
        later = first[late] + (LOOK - self.most + 1)
        over = later > self.days - self.most
        fits[rows[late[over]]] = False
        begin[late[over]] = 0
        late, later = late[~over], later[~over]
        if late.size:
            begin[late] = self._first(ahead, rows[late], jobs[late], later, fits)
        return begin

    def justified(self, starts: Table) -> Table:
        """Return orders that pull plans together: their jobs by their days when pushed to the plan's end."""
        ends = starts + self.length
        last = ends.max(axis=1)
        orders = np.argsort(-(ends * (self.rank.size + 1) + self.rank), axis=1)
        least = None
        launch = self.bare.launch
        if launch is not None:
            least = np.zeros_like(starts)
            least[:, launch] = last - ends[:, launch]
        mirrored, _ = self.decode(orders, self.after, least)
        late = last[:, None] - mirrored - self.length
        return self.ordered(late)

    def ordered(self, starts: Table) -> Table:
        """Return jobs by their starts."""
        return np.argsort(starts * (self.rank.size + 1) + self.rank, axis=1)
