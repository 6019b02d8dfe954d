"""From an order of jobs to a plan: serial schedule generation, and justification to pull the plan together.

Sources: Kolisch & Hartmann (2006), Experimental investigation of heuristics for resource-constrained project
scheduling, EJOR 174; Valls, Ballestín & Quintanilla (2005), Justification and RCPSP, EJOR 165.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from .dense import Dense, Way, at_least, first_from, take, window
from .goals import released
from .problem import Job, Placed, Plan

FREE = -1  # no mode chosen: the one that ends first, the cheaper at a tie


@dataclass(frozen=True)
class Recipe:
    """What a plan is made from.

    ``order``: every job once, predecessors first; ``modes``: a mode for each job or ``FREE``; ``out``: optional jobs
    to leave out; ``floor``: a day before which each job does not start, empty for none.
    """

    order: tuple[int, ...]
    modes: tuple[int, ...]
    out: frozenset[int] = frozenset()
    floor: tuple[int, ...] = ()


@dataclass
class Draft:
    """A plan by numbers: start and way of each job placed, and how far it is from keeping every hard rule."""

    start: dict[int, int] = field(default_factory=dict)
    way: dict[int, Way] = field(default_factory=dict)
    wrong: int = 0

    def end(self, job: int) -> int:
        """Return the first day after a job."""
        return self.start[job] + self.way[job].length


class Purses:
    """What is left of each purse before each of its releases, and in all when the ceiling holds."""

    def __init__(self, dense: Dense):
        problem = dense.problem
        self.days = {p: sorted({r.day for r in given}) for p, given in problem.purses.items() if given}
        self.left = {
            p: [sum(r.amount for r in problem.purses[p] if r.day < day) for day in days]
            for p, days in self.days.items()
        }
        self.total = {p: released(problem, p) for p in self.days} if problem.ceiling else {}
        for n, job in enumerate(dense.jobs):
            if self.total and job.purse in self.total and not job.optional and not job.begun:
                self.total[job.purse] -= min((way.cost for way in dense.ways[n]), default=0)

    def first_day(self, job: Job, cost: int) -> int | None:
        """Return the first day from which a job's cost is covered; None when it never is."""
        if not cost or job.purse not in self.days:
            return 0
        if job.purse in self.total and cost > self.total[job.purse]:
            return None
        short = (day for day, left in zip(self.days[job.purse], self.left[job.purse], strict=True) if cost > left)
        return max(short, default=0)

    def pay(self, job: Job, cost: int, day: int) -> None:
        """Commit a job's cost on a day."""
        if cost and job.purse in self.days:
            for n, release in enumerate(self.days[job.purse]):
                if day < release:
                    self.left[job.purse][n] -= cost
            if job.purse in self.total:
                self.total[job.purse] -= cost

    def unreserve(self, job: Job, cheapest: int) -> None:
        """Give back what was kept for a job that must be placed, now that it is being placed."""
        if job.purse in self.total and not job.optional:
            self.total[job.purse] += cheapest


def due_days(dense: Dense) -> list[int]:
    """Return for each job the latest end that leaves room for what must follow it; the horizon and more when free."""
    late = dense.horizon
    due = [late] * dense.count
    for n in range(dense.count):
        if dense.ways[n] and not dense.jobs[n].begun:
            due[n] = max(way.allowed.bit_length() - 1 + way.length for way in dense.ways[n])
    for n in reversed(dense.order):
        job = dense.jobs[n]
        if job.optional or job.begun or not dense.ways[n]:
            continue
        begin = due[n] - min(way.length for way in dense.ways[n])
        for before, lag, needed in dense.before[n]:
            if needed or not dense.jobs[before].optional:
                due[before] = min(due[before], begin - lag)
    return due


class Decoder:
    """Builds drafts from recipes for one problem."""

    def __init__(self, dense: Dense):
        self.dense = dense
        self.due = due_days(dense)
        self.pinned = [n for n in dense.order if dense.jobs[n].fixed is not None and not dense.jobs[n].begun]
        self.full = (1 << (dense.horizon + 1)) - 1
        self.paying = bool(Purses(dense).days)

    def decode(self, recipe: Recipe) -> Draft:
        """Place the jobs one after the other, each as early as it can be."""
        draft, free, purses = self._blank()
        for n in self.pinned:
            if n not in recipe.out:
                self._place(n, recipe, draft, free, purses)
        for n in recipe.order:
            if n not in draft.start and n not in recipe.out:
                self._place(n, recipe, draft, free, purses)
        draft.wrong += self._broken_before_pins(draft)
        return draft

    def _blank(self) -> tuple[Draft, list[list[int]], Purses]:
        draft, purses = Draft(), Purses(self.dense)
        for n in self.dense.begun:
            draft.start[n], draft.way[n] = self.dense.jobs[n].fixed or 0, self.dense.ways[n][0]
            purses.pay(self.dense.jobs[n], draft.way[n].cost, draft.start[n])
        return draft, [list(slices) for slices in self.dense.free], purses

    def _place(self, n: int, recipe: Recipe, draft: Draft, free: list[list[int]], purses: Purses) -> None:
        job = self.dense.jobs[n]
        begin, possible = self._after_links(n, draft) if job.fixed is None else (0, True)
        if recipe.floor:
            begin = max(begin, recipe.floor[n])
        if self.paying:
            purses.unreserve(job, min((way.cost for way in self.dense.ways[n]), default=0))
        found = self._choose(n, recipe.modes[n], begin, free, purses) if possible else None
        if found is None:
            draft.wrong += 0 if job.optional else 10 * self.dense.horizon
            return
        day, way = found
        draft.start[n], draft.way[n] = day, way
        draft.wrong += max(0, day + way.length - self.due[n], day - way.last)
        if self.paying:
            purses.pay(job, way.cost, day)
        if way.units:
            span = ((1 << way.length) - 1) << day
            for resource, need in way.units:
                take(free[resource], need, span)

    def _after_links(self, n: int, draft: Draft) -> tuple[int, bool]:
        begin = 0
        start, ways = draft.start, draft.way
        for before, lag, needed in self.dense.before[n]:
            if before in start:
                end = start[before] + ways[before].length + lag
                if end > begin:
                    begin = end
            elif needed:
                return 0, False
        return begin, True

    def _choose(
        self, n: int, wanted: int, begin: int, free: list[list[int]], purses: Purses | None
    ) -> tuple[int, Way] | None:
        """Return the wanted way's first day; where it is left open or cannot be, the way that ends first."""
        ways = self.dense.ways[n]
        best: tuple[tuple[int, int], int, Way] | None = None
        for way in ways:
            if wanted != FREE and way.mode != wanted:
                continue
            day = self.first_start(n, way, begin, free, purses)
            if day >= 0 and (best is None or (day + way.length, way.cost) < best[0]):
                best = (day + way.length, way.cost), day, way
        if best is None:
            return self._choose(n, FREE, begin, free, purses) if wanted != FREE and len(ways) > 1 else None
        return best[1], best[2]

    def first_start(self, n: int, way: Way, begin: int, free: list[list[int]], purses: Purses | None) -> int:
        """Return the first day on or after ``begin`` on which a way fits; -1 when there is none."""
        if purses is not None and self.paying and way.cost:
            paid = purses.first_day(self.dense.jobs[n], way.cost)
            if paid is None:
                return -1
            begin = max(begin, paid)
        return first_from(self.fitting(way, free), begin)

    def fitting(self, way: Way, free: list[list[int]]) -> int:
        """Return the days on which a way fits into what is free, as bits."""
        if not way.units:
            return way.soft
        days = self.full
        for resource, need in way.units:
            days &= at_least(free[resource], need, days)
        return window(days, way.length) & way.soft

    def _broken_before_pins(self, draft: Draft) -> int:
        broken = 0
        for n in self.pinned:
            if n in draft.start:
                for before, lag, needed in self.dense.before[n]:
                    if before in draft.start:
                        broken += max(0, draft.end(before) + lag - draft.start[n])
                    elif needed:
                        broken += self.dense.horizon
        return broken

    def justified(self, recipe: Recipe, draft: Draft) -> Recipe:
        """Return the recipe with the order of a plan pushed to its end, which a forward pass then pulls together.

        Jobs keep their ways; the launch keeps its day, so that only what the launch does not wait for goes behind it.
        """
        dense, free = self.dense, [list(slices) for slices in self.dense.free]
        last = max((draft.end(n) for n in draft.start), default=0)
        begin: dict[int, int] = {}
        for n in sorted(draft.start, key=lambda n: (-draft.end(n), -self.rank[n])):
            way = draft.way[n]
            if dense.jobs[n].begun:
                continue
            limit = draft.start[n] if n == dense.launch or dense.jobs[n].fixed is not None else last - way.length
            for follower in dense.after[n]:
                if follower in begin:
                    lag = self.lag[n, follower]
                    limit = min(limit, begin[follower] - lag - way.length)
            day = (self.fitting(way, free) & ((1 << (limit + 1)) - 1)).bit_length() - 1 if limit >= 0 else -1
            begin[n] = day = max(day, draft.start[n])
            if way.units:
                span = ((1 << way.length) - 1) << day
                if all(at_least(free[r], need, span) & span == span for r, need in way.units):
                    for resource, need in way.units:
                        take(free[resource], need, span)
        return self.by_starts(recipe, begin, {n: way.mode for n, way in draft.way.items()})

    def by_starts(self, recipe: Recipe, begin: Mapping[int, int], modes: Mapping[int, int]) -> Recipe:
        """Return a recipe whose order follows days, predecessors first even where days say otherwise.

        A job that is left out holds nobody back.
        """
        key: dict[int, int] = {}
        for n in self.dense.order:
            before = max((key[b] for b, _, _ in self.dense.before[n] if b not in recipe.out), default=0)
            key[n] = max(before, begin.get(n, before))
        order = tuple(sorted(self.dense.order, key=lambda n: (key[n], self.rank[n])))
        return Recipe(order, tuple(modes.get(n, m) for n, m in enumerate(recipe.modes)), recipe.out, recipe.floor)

    def sound(self, recipe: Recipe) -> Recipe:
        """Return the recipe with predecessors first again, should a job that came back in stand in the wrong place."""
        place = {n: at for at, n in enumerate(recipe.order)}
        if all(place[b] < place[n] for b, n in self.lag if b not in recipe.out and n not in recipe.out):
            return recipe
        return self.by_starts(recipe, place, {})

    def parallel(self, recipe: Recipe, priority: Sequence[float]) -> Recipe:
        """Return the recipe reordered by the parallel scheme: always the job that can start first."""
        draft, free, purses = self._blank()
        waiting = {n: len({b for b, _, _ in self.dense.before[n]}) for n in range(self.dense.count)}
        ready = [n for n, w in waiting.items() if not w]
        order: list[int] = []
        while ready:
            n = min(ready, key=lambda n: (self._earliest(n, recipe, draft, free), -priority[n], n))
            ready.remove(n)
            order.append(n)
            if n not in draft.start and n not in recipe.out:
                self._place(n, recipe, draft, free, purses)
            for follower in self.dense.after[n]:
                waiting[follower] -= 1
                if not waiting[follower]:
                    ready.append(follower)
        return Recipe(tuple(order), recipe.modes, recipe.out, recipe.floor)

    def _earliest(self, n: int, recipe: Recipe, draft: Draft, free: list[list[int]]) -> int:
        if n in recipe.out or n in draft.start or not self.dense.ways[n]:
            return 0
        begin, possible = self._after_links(n, draft)
        found = self._choose(n, recipe.modes[n], begin, free, None) if possible else None
        return found[0] if found else 0

    @cached_property
    def rank(self) -> Sequence[int]:
        """Return each job's place in an order in which predecessors come first."""
        rank = [0] * self.dense.count
        for place, n in enumerate(self.dense.order):
            rank[n] = place
        return rank

    @cached_property
    def lag(self) -> dict[tuple[int, int], int]:
        """Return the days between jobs that are linked; the longer where they are linked twice."""
        lags: dict[tuple[int, int], int] = {}
        for n in range(self.dense.count):
            for before, lag, _ in self.dense.before[n]:
                lags[before, n] = max(lag, lags.get((before, n), lag))
        return lags

    def plan(self, draft: Draft) -> Plan:
        """Return a draft as a plan."""
        jobs = self.dense.jobs
        return {jobs[n].id: Placed(draft.start[n], draft.way[n].mode) for n in sorted(draft.start)}
