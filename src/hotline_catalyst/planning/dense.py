"""A problem laid out for speed: jobs by number, days as the bits of long whole numbers.

A set of days is one number with a bit for each day; the free units of a resource are a stack of such numbers, one for
each binary digit ("bit slices"). To ask on which days ``n`` units are free, or to take ``n`` units on a span of days,
then costs a few operations on numbers, however long the span is.
"""

from __future__ import annotations

from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from math import gcd

import numpy as np
from numpy.typing import NDArray

from .problem import Job, Mode, Problem, followers

Days = int  # a set of days as bits
Slices = list[int]


@dataclass(frozen=True)
class Way:
    """A mode by numbers: units by resource number, its place among the job's modes, the days it may start on.

    ``allowed`` keeps every rule about the job's days; ``soft`` leaves its latest end out, so that a search may be late
    on its way to a plan that is not.
    """

    mode: int
    length: int
    units: tuple[tuple[int, int], ...]
    cost: int
    allowed: Days
    soft: Days

    @property
    def last(self) -> int:
        """Return the last day the way may start on."""
        return self.allowed.bit_length() - 1


class Dense:
    """A problem by numbers.

    Attributes
    ----------
    ways
        For each job its modes that can be placed at all.
    before
        For each job its predecessors: number, days between, and whether the job needs it placed.
    free
        Free units of each limited resource by day, begun jobs already taken off.
    order
        The jobs in an order in which predecessors come first; empty when links run in a circle.
    """

    def __init__(self, problem: Problem):
        self.problem = problem
        self.jobs = problem.jobs
        self.count = len(problem.jobs)
        self.number = {job.id: n for n, job in enumerate(problem.jobs)}
        self.horizon = problem.horizon
        self.begun = [n for n, job in enumerate(problem.jobs) if job.begun]
        self.free_units, self.free, self.scale = _resources(problem)
        self.resources = {r: n for n, r in enumerate(self.free_units)}
        self.ways = [self._ways(job) for job in problem.jobs]
        self.before = [self._links(job) for job in problem.jobs]
        after = followers(problem.jobs)
        self.after = [sorted({self.number[f] for f in after[job.id]}) for job in problem.jobs]
        self.order = self._topological()
        self.launch = self.number.get(problem.launch) if problem.launch is not None else None

    def _ways(self, job: Job) -> tuple[Way, ...]:
        if job.begun:
            mode = job.modes[0]
            return (Way(0, mode.length, (), mode.cost, 0, 0),)
        ways = (self._way(job, n, mode) for n, mode in enumerate(job.modes))
        return tuple(way for way in ways if way.allowed)

    def _way(self, job: Job, n: int, mode: Mode) -> Way:
        units = tuple(
            (self.resources[r], need // self.scale[r]) for r, need in sorted(mode.units.items())
            if need > 0 and r in self.resources and mode.length > 0
        )  # fmt: skip
        soft = starts(job, mode, self.problem, self.horizon)
        hard = starts(job, mode, self.problem, latest_end(self.problem, job, mode))
        fit = self.free_window(units, mode.length)
        return Way(n, mode.length, units, mode.cost, hard & fit, soft & fit)

    def free_window(self, units: tuple[tuple[int, int], ...], length: int) -> Days:
        """Return the days on which a span with these units could start in an empty plan."""
        days = (1 << (self.horizon + 1)) - 1
        if not units:
            return days
        for resource, need in units:
            days &= at_least(self.free[resource], need, days)
        return window(days, length)

    def _links(self, job: Job) -> tuple[tuple[int, int, bool], ...]:
        if job.begun:
            return ()
        hard = [(self.number[b], lag, True) for b, lag in sorted(job.after.items()) if b in self.number]
        loose = [(self.number[b], lag, False) for b, lag in sorted(job.behind.items()) if b in self.number]
        return (*hard, *loose)

    def _topological(self) -> list[int]:
        graph = {n: [b for b, _, _ in self.before[n]] for n in range(self.count)}
        try:
            return list(TopologicalSorter(graph).static_order())
        except CycleError:
            return []


def latest_end(problem: Problem, job: Job, mode: Mode) -> int:
    """Return the first day after a job's last possible one: its own limit, the launch's deadline and the horizon."""
    limits = [problem.horizon, job.latest_end if job.latest_end is not None else problem.horizon]
    if job.id == problem.launch and problem.launch_by is not None:
        limits.append(problem.launch_by + mode.length)
    return min(limits)


def starts(job: Job, mode: Mode, problem: Problem, end_by: int) -> Days:
    """Return the days a job may start on in a mode by its own windows, as bits."""
    first, last = max(0, job.earliest), end_by - mode.length
    if job.fixed is not None:
        first, last = max(first, job.fixed), min(last, job.fixed)
    if last < first:
        return 0
    days = ((1 << (last - first + 1)) - 1) << first
    for begin, end in job.closed:
        low, high = max(0, begin - mode.length + 1), min(end, problem.horizon + 1)
        if mode.length and begin < end and low < high:
            days &= ~(((1 << (high - low)) - 1) << low)
    return days


def begun_span(job: Job) -> tuple[int, int]:
    """Return the days of a job that has begun, clipped to the axis."""
    first = job.fixed or 0
    return max(0, first), max(0, first + job.modes[0].length)


def residual(problem: Problem) -> dict[str, NDArray[np.int64]]:
    """Return the units of each limited resource that begun jobs leave on each day, never below none."""
    left = {resource: np.array(problem.units(resource), dtype=np.int64) for resource in sorted(problem.capacity)}
    for job in problem.jobs:
        if job.begun:
            first, end = begun_span(job)
            for resource, need in job.modes[0].units.items():
                if resource in left:
                    left[resource][first:end] -= need
    return {resource: np.maximum(units, 0) for resource, units in left.items()}


def _resources(problem: Problem) -> tuple[dict[str, NDArray[np.int64]], list[Slices], dict[str, int]]:
    """Return the resources that can bind, their slices, and the measure in which each is counted."""
    open_jobs = [job for job in problem.jobs if not job.begun]
    units: dict[str, NDArray[np.int64]] = {}
    slices: list[Slices] = []
    scale: dict[str, int] = {}
    for resource, left in residual(problem).items():
        needs = [[m.units.get(resource, 0) if m.length else 0 for m in job.modes] for job in open_jobs]
        most = sum(max(n, default=0) for n in needs)
        if most <= left.min(initial=most):
            continue
        measure = gcd(*(n for job in needs for n in job))
        units[resource], scale[resource] = left, measure
        slices.append(sliced(np.minimum(left, most) // measure))
    return units, slices, scale


def sliced(units: NDArray[np.int64]) -> Slices:
    """Return one number of days for each binary digit of the units."""
    digits = max(1, int(units.max(initial=1)).bit_length())
    return [_bits(((units >> d) & 1).astype(np.uint8)) for d in range(digits)]


def _bits(flags: NDArray[np.uint8]) -> int:
    return int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little")


def at_least(slices: Slices, need: int, days: Days) -> Days:
    """Return those of the days on which at least ``need`` units are free."""
    if need >> len(slices):
        return 0
    for digit in slices:
        days = days & digit if need & 1 else days | digit
        need >>= 1
    return days


def take(slices: Slices, need: int, span: Days) -> None:
    """Take units off a span of days, on each of which they must be free."""
    borrow = 0
    for n, digit in enumerate(slices):
        if need & 1:
            slices[n] = digit ^ span ^ borrow
            borrow |= span & (span ^ (span & digit))
        elif borrow:
            slices[n] = left = digit ^ borrow
            borrow &= left
        elif not need:
            return
        need >>= 1


def window(days: Days, length: int) -> Days:
    """Return the days from which ``length`` days on end are all in the set."""
    done = 1
    while done < length:
        step = min(done, length - done)
        days &= days >> step
        done += step
    return days


def first_from(days: Days, day: int) -> int:
    """Return the first day of the set from a day on; -1 when there is none."""
    rest = days >> day
    return day + (rest & -rest).bit_length() - 1 if rest else -1
