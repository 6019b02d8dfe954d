"""The same decoding for bare problems (one way each, steady resources, links, nothing else), several times faster.

All resources of a day are packed into one whole number, a guard bit above each: taking units off leaves every guard bit
standing exactly when they all fit.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .dense import Dense


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
