"""A plan carried out many times at once: each draw has a clock of its own and goes from event to event.

Whoever is free takes the first job in the plan's order that is ready: the parallel schedule scheme with the plan's
starts as priorities (Kolisch 1996, EJOR 90:320). Nobody knows how long a job will take before it is done.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from .problem import Days, Job, Plan, Problem, followers

Floats = NDArray[np.float64]
Draws = NDArray[np.int64]
Day = TypeVar("Day", int, float)
LAST_DAY = 10**9
WAITING, RUNNING, RESTING, DONE = range(4)


@dataclass(frozen=True)
class Site:
    """A plan as those who carry it out see it: placed jobs in its order, by planned start.

    ``waits``: for each job the places of those it waits for, with the days after each; ``waited``: the places of those
    that wait for it. ``units``: for each job the places of the limited resources it needs, with how many; ``varying``:
    resources of which there are not always as many. After the horizon, where nothing is known, there are as many as at
    most. ``closed``: for each job the spans in which it must not run; none for what has begun. ``bells``: days on which
    people come or go, or a span ends.
    """

    jobs: tuple[Job, ...]
    index: Mapping[str, int]
    planned: Floats
    lengths: tuple[Days, ...]
    waits: tuple[tuple[tuple[int, Days], ...], ...]
    waited: tuple[tuple[int, ...], ...]
    units: tuple[tuple[tuple[int, int], ...], ...]
    capacity: tuple[NDArray[np.int64], ...]
    varying: tuple[int, ...]
    bells: Floats
    closed: tuple[tuple[tuple[Days, Days], ...], ...]


def site_of(problem: Problem, plan: Plan) -> Site:
    """Return what a plan asks of those who carry it out; the plan is one that a checker accepts."""
    placed = {job.id: job for job in problem.jobs if job.id in plan}
    links = {ident: placed_links(job, plan) for ident, job in placed.items()}
    rank = {ident: n for n, ident in enumerate(TopologicalSorter(links).static_order())}
    order = sorted(placed.values(), key=lambda job: (plan[job.id].start, not job.begun, rank[job.id]))
    index = {job.id: n for n, job in enumerate(order)}
    later = followers(order)
    resources = {name: n for n, name in enumerate(sorted(problem.capacity))}
    capacity = tuple(np.append(units, units.max(initial=0)) for units in map(problem.units, resources))
    changes = {int(day) + 1 for units in capacity for day in np.flatnonzero(np.diff(units))}
    ends = {end for job in order for _, end in job.closed}
    modes = [job.modes[plan[job.id].mode] for job in order]
    return Site(
        jobs=tuple(order),
        index=index,
        planned=np.array([float(plan[job.id].start) for job in order]),
        lengths=tuple(mode.length for mode in modes),
        waits=tuple(tuple((index[b], lag) for b, lag in links[job.id].items()) for job in order),
        waited=tuple(tuple(index[f] for f in later[job.id] if job.id in links[f]) for job in order),
        units=tuple(
            tuple((resources[r], n) for r, n in mode.units.items() if n and mode.length and r in resources)
            for mode in modes
        ),
        capacity=capacity,
        varying=tuple(r for r, units in enumerate(capacity) if units.min() < units.max()),
        closed=tuple(() if job.begun else merged(job.closed) for job in order),
        bells=np.array(sorted(changes | ends), dtype=float),
    )


def merged(spans: Iterable[tuple[Day, Day]]) -> tuple[tuple[Day, Day], ...]:
    """Return the same days as spans that do not touch, by day.

    >>> merged([(5, 8), (1, 2), (7, 9)])
    ((1, 2), (5, 9))
    """
    found: list[tuple[Day, Day]] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return tuple(found)


def placed_links(job: Job, plan: Plan) -> dict[str, Days]:
    """Return a job's placed predecessors with the days after each; none for a job that has begun."""
    if job.begun:
        return {}
    return {b: days for given in (job.behind, job.after) for b, days in given.items() if b in plan}


def carry_out(site: Site, lengths: Floats) -> tuple[Floats, Floats]:
    """Return starts and ends of every job in every draw, shape (jobs, draws); ``lengths`` have that shape too."""
    run = _Run(site, lengths)
    while run.turn():
        pass
    return run.start, run.end


class _Run:
    """The state of all draws. Rows ``low`` to ``high`` are jobs that somewhere are under way or could be."""

    def __init__(self, site: Site, lengths: Floats) -> None:
        self.site, self.length = site, lengths
        self.now = np.zeros(lengths.shape[1])
        self.state = np.full(lengths.shape, WAITING, dtype=np.int8)
        self.start, self.end = np.full_like(lengths, np.inf), np.full_like(lengths, np.inf)
        self.next = np.full_like(lengths, np.inf)  # ready, while it waits; done, once it runs
        for n in range(len(lengths)):
            if not site.waits[n]:
                self.next[n] = site.planned[n]
        self.left = np.zeros_like(lengths)
        self.resting: set[int] = set()
        self.used = np.zeros((len(site.capacity), len(self.now)), dtype=np.int64)
        self.has = self.used.copy()
        self.low = self.high = 0

    def turn(self) -> bool:
        """Do what is due now in every draw and go on to the next event; false when there is none."""
        while self.high < len(self.site.jobs) and self.site.planned[self.high] <= self.now.max():
            self.high += 1
        day = np.minimum(self.now, LAST_DAY).astype(np.int64)
        for r, units in enumerate(self.site.capacity):
            np.take(units, day, mode="clip", out=self.has[r])
        for n, draws in self.due(RUNNING):
            self.state[n][draws] = DONE
            self.hold(n, draws, -1)
        self.rest()
        self.go_on()
        while self.begin():
            pass
        while self.low < self.high and bool((self.state[self.low] == DONE).all()):
            self.low += 1
        return self.wait()

    def due(self, state: int) -> list[tuple[int, Draws]]:
        """Return the jobs in a state whose time has come somewhere, in the plan's order, and in which draws."""
        rows = slice(self.low, self.high)
        jobs, draws = np.nonzero((self.state[rows] == state) & (self.next[rows] <= self.now))
        if not len(jobs):
            return []
        cuts = np.flatnonzero(np.diff(jobs)) + 1
        firsts = jobs[np.append(0, cuts)] + self.low
        return list(zip(firsts.tolist(), np.split(draws, cuts), strict=True))

    def rest(self) -> None:
        """Where people have gone, let the last jobs in the plan's order rest; what had begun before goes on."""
        for r in self.site.varying:
            over = np.flatnonzero(self.used[r] > self.has[r])
            for n in range(self.high - 1, self.low - 1, -1) if len(over) else ():
                if self.site.jobs[n].begun or all(used != r for used, _ in self.site.units[n]):
                    continue
                draws = over[self.state[n, over] == RUNNING]
                self.state[n][draws] = RESTING
                self.left[n][draws] = self.work_left(n, draws)
                self.hold(n, draws, -1)
                self.expect(n, draws, np.full(len(draws), np.inf))
                self.resting.add(n)
                over = over[self.used[r, over] > self.has[r, over]]

    def go_on(self) -> None:
        """Let jobs go on that rested, where their people are back."""
        for n in sorted(self.resting):
            resting = np.flatnonzero(self.state[n] == RESTING)
            draws = self.staffed(n, resting)
            self.state[n][draws] = RUNNING
            self.hold(n, draws, 1)
            self.expect(n, draws, self.foreseen(n, draws, self.left[n].take(draws)))
            if len(draws) == len(resting):
                self.resting.remove(n)

    def begin(self) -> bool:
        """Start what is ready; return whether something was done at once, so that others may be ready now."""
        again = False
        for n, due in self.due(WAITING):
            draws = self.allowed(n, due)
            if len(draws):
                length = self.site.lengths[n]
                self.state[n][draws] = RUNNING if length else DONE
                self.start[n][draws] = self.now.take(draws)
                self.hold(n, draws, 1)
                self.expect(n, draws, self.foreseen(n, draws, self.length[n].take(draws)))
                again |= not length
        return again

    def allowed(self, n: int, draws: Draws) -> Draws:
        """Return where a job that is ready has its people, and by its planned length stays clear of closed spans."""
        if self.site.jobs[n].begun:
            return draws
        for begin, end in self.site.closed[n]:
            now = self.now[draws]
            draws = draws[(now >= end) | (now + self.site.lengths[n] <= begin)]
        return self.staffed(n, draws)

    def staffed(self, n: int, draws: Draws) -> Draws:
        """Return where the people that a job needs are free."""
        for r, count in self.site.units[n]:
            draws = draws[self.used[r].take(draws) + count <= self.has[r].take(draws)]
        return draws

    def foreseen(self, n: int, draws: Draws, work: Floats) -> Floats:
        """Return the end of so much work from now on, later by the closed spans that it meets."""
        now = self.now.take(draws)
        end: Floats = now + work
        for begin, back in self.site.closed[n]:
            end = np.where((end > begin) & (now < back), end + back - np.maximum(begin, now), end)
        return end

    def work_left(self, n: int, draws: Draws) -> Floats:
        """Return the work that a job under way still has to do: the days to its end, closed spans apart."""
        now, end = self.now.take(draws), self.end[n].take(draws)
        closed = (
            np.clip(np.minimum(end, back) - np.maximum(now, begin), 0, None) for begin, back in self.site.closed[n]
        )
        return np.asarray(end - now - sum(closed))

    def hold(self, n: int, draws: Draws, sign: int) -> None:
        """Take a job's people, or let them go."""
        for r, count in self.site.units[n]:
            used = self.used[r]
            used[draws] += sign * count

    def expect(self, n: int, draws: Draws, end: Floats) -> None:
        """Note when a job will be done, and from when on those who wait for it are ready."""
        self.end[n][draws] = self.next[n][draws] = end
        for other in self.site.waited[n]:
            self.next[other][draws] = ready(self.site, other, self.end, draws)

    def wait(self) -> bool:
        """Go to the next event of each draw."""
        coming = self.next[self.low : self.high]
        then = np.where(coming > self.now, coming, np.inf).min(axis=0, initial=np.inf)
        if self.high < len(self.site.planned):
            then = np.minimum(then, self.site.planned[self.high])
        bells = np.append(self.site.bells, np.inf)
        bell = bells[np.searchsorted(self.site.bells, self.now, side="right")]
        more = (self.state[self.low : self.high] != DONE).any(axis=0) | (self.high < len(self.site.planned))
        self.now = np.where(more, np.minimum(then, bell), np.inf)
        return bool(np.isfinite(self.now).any())


def ready(site: Site, n: int, ends: Floats, draws: Draws) -> Floats:
    """Return the day from which nothing but people and closed spans keep a job back, in some draws."""
    day = np.full(len(draws), site.planned[n])
    for before, lag in site.waits[n]:
        np.maximum(day, ends[before].take(draws) + lag, out=day)
    return day
