"""What people ask of a plan, one object each, laid over a problem that has none of it.

A problem without wishes knows jobs, links and needs alone: nobody is short of days or money, no date is set. Each
wish narrows it and none widens it, so taking one away never makes a plan harder: the conflict finder rests on this.
Wishes may come in any order.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from .problem import Days, Job, Mode, Problem, Release

Spans = tuple[tuple[Days, Days], ...]
NEVER = -1  # an end that no job can reach


@dataclass(frozen=True, eq=False)
class Wish(ABC):
    """One thing somebody asks for: ``id`` tells it from the others, ``say`` says it in plain words."""

    id: str
    say: str
    can_drop: ClassVar[bool] = True

    @abstractmethod
    def apply(self, problem: Problem) -> Problem:
        """Return the problem narrowed by this wish.

        Raises
        ------
        ValueError
            When the wish names a job, or a mode of it, that the problem does not have.
        """


@dataclass(frozen=True, eq=False)
class LaunchBy(Wish):
    """The launch is in the plan and starts on ``day`` at the latest."""

    day: Days

    def apply(self, problem: Problem) -> Problem:
        """Return the problem with the earlier of both deadlines."""
        if problem.launch is None:
            raise ValueError(f"wish {self.id!r}: the problem has no launch")
        by = self.day if problem.launch_by is None else min(self.day, problem.launch_by)
        return replace(_with(problem, self, (problem.launch,), _needed), launch_by=by)


@dataclass(frozen=True, eq=False)
class Limit(Wish):
    """A resource has ``units`` a day: one number, or an array with one for each day of the horizon."""

    resource: str
    units: int | NDArray[np.int64]

    def apply(self, problem: Problem) -> Problem:
        """Return the problem with the smaller of both limits on every day."""
        given, units = problem.capacity.get(self.resource), self.units
        if given is None:
            tightest: int | NDArray[np.int64] = units
        elif isinstance(given, int) and isinstance(units, int):
            tightest = min(given, units)
        else:
            tightest = np.minimum(given, units).astype(np.int64)
        return replace(problem, capacity={**problem.capacity, self.resource: tightest})


@dataclass(frozen=True, eq=False)
class Money(Wish):
    """All that a purse receives, and when; no releases at all mean no money."""

    purse: str
    releases: tuple[Release, ...]

    def apply(self, problem: Problem) -> Problem:
        """Return the problem with the smaller sum of both on every day."""
        mine, given = _in_order(self.releases), problem.purses.get(self.purse, ())
        return replace(problem, purses={**problem.purses, self.purse: _least(mine, given) if given else mine})


@dataclass(frozen=True, eq=False)
class Ceiling(Wish):
    """No purse spends more than it receives."""

    def apply(self, problem: Problem) -> Problem:
        """Return the problem with the ceiling on."""
        return replace(problem, ceiling=True)


@dataclass(frozen=True, eq=False)
class Pin(Wish):
    """A job is in the plan and starts on ``day``, in ``mode`` where one is named."""

    job: str
    day: Days
    mode: str | None = None

    def apply(self, problem: Problem) -> Problem:
        """Return the problem with the job pinned; pinned to two days it has none left."""

        def pinned(job: Job) -> Job:
            job = _needed(job)
            if self.mode is not None:
                job = _only(job, self.mode, self)
            if job.fixed is None:
                return replace(job, fixed=self.day)
            day = min(job.fixed, self.day)
            return replace(job, fixed=day, earliest=max(job.earliest, job.fixed, self.day))

        return _with(problem, self, (self.job,), pinned)


@dataclass(frozen=True, eq=False)
class UseMode(Wish):
    """A job, if it is done, is done in one mode; places in a plan then count the modes that are left."""

    job: str
    mode: str

    def apply(self, problem: Problem) -> Problem:
        """Return the problem with the job's other modes gone."""
        return _with(problem, self, (self.job,), lambda job: _only(job, self.mode, self))


@dataclass(frozen=True, eq=False)
class DoneBy(Wish):
    """A job is in the plan and has ended by ``day``, the first day after it."""

    job: str
    day: Days

    def apply(self, problem: Problem) -> Problem:
        """Return the problem with the earlier of both deadlines."""
        return _with(problem, self, (self.job,), lambda job: replace(_needed(job), latest_end=_by(job, self.day)))


@dataclass(frozen=True, eq=False)
class NotBefore(Wish):
    """A job does not start before ``day``."""

    job: str
    day: Days

    def apply(self, problem: Problem) -> Problem:
        """Return the problem with the later of both bounds."""
        return _with(problem, self, (self.job,), lambda job: replace(job, earliest=max(job.earliest, self.day)))


@dataclass(frozen=True, eq=False)
class Closed(Wish):
    """The jobs do not run on any day of the spans (ends excluded); jobs that the problem lacks are nobody's concern."""

    jobs: tuple[str, ...]
    spans: Spans

    def apply(self, problem: Problem) -> Problem:
        """Return the problem with the spans closed."""
        here = {job.id for job in problem.jobs}.intersection(self.jobs)
        return _with(problem, self, here, lambda job: replace(job, closed=tuple(sorted({*job.closed, *self.spans}))))


@dataclass(frozen=True, eq=False)
class Must(Wish):
    """The jobs are not left out."""

    jobs: tuple[str, ...]

    def apply(self, problem: Problem) -> Problem:
        """Return the problem with the jobs needed."""
        return _with(problem, self, self.jobs, _needed)


@dataclass(frozen=True, eq=False)
class Begun(Wish):
    """A job began on ``day`` and takes ``length`` days in all, in ``mode`` (None: its first one). Reality stands."""

    job: str
    day: Days
    length: Days
    mode: str | None = None
    can_drop: ClassVar[bool] = False

    def apply(self, problem: Problem) -> Problem:
        """Return the problem with the job begun; what else is asked of it no longer matters."""

        def begun(job: Job) -> Job:
            mode = _mode(job, self.mode, self) if self.mode is not None else job.modes[0]
            return replace(
                job, modes=(replace(mode, length=self.length),), fixed=self.day, begun=True, optional=False,
                earliest=0, latest_end=None, closed=(),
            )  # fmt: skip

        return _with(problem, self, (self.job,), begun)


@dataclass(frozen=True, eq=False)
class Previous(Wish):
    """The plan this one replaces, by start day and, where known, mode; it forbids nothing."""

    starts: Mapping[str, Days]
    modes: Mapping[str, str] = field(default_factory=dict)
    can_drop: ClassVar[bool] = False

    def apply(self, problem: Problem) -> Problem:
        """Return the problem that remembers these starts; of two for one job, the earlier."""
        here = {job.id for job in problem.jobs}
        mine = {j: min(day, problem.previous.get(j, day)) for j, day in self.starts.items() if j in here}
        modes = {j: mode for j, mode in self.modes.items() if j in here}
        return replace(
            problem, previous={**problem.previous, **mine}, previous_modes={**modes, **problem.previous_modes}
        )


def applied(problem: Problem, wishes: Iterable[Wish]) -> Problem:
    """Return the problem under all the wishes, in whatever order they come."""
    # What has begun comes first: it chooses among all modes, and the wishes about it find it begun and let it be.
    for wish in sorted(wishes, key=lambda w: (not isinstance(w, Begun), w.id)):
        problem = wish.apply(problem)
    return problem


def _with(problem: Problem, wish: Wish, ids: Iterable[str], change: Callable[[Job], Job]) -> Problem:
    """Return the problem with some jobs changed; those that have begun stay as they are."""
    chosen = set(ids)
    unknown = chosen - {job.id for job in problem.jobs}
    if unknown:
        raise ValueError(f"wish {wish.id!r} names {', '.join(sorted(unknown))}, which the problem does not have")
    return replace(
        problem, jobs=tuple(change(job) if job.id in chosen and not job.begun else job for job in problem.jobs)
    )


def _needed(job: Job) -> Job:
    return replace(job, optional=False)


def _by(job: Job, day: Days) -> Days:
    return day if job.latest_end is None else min(day, job.latest_end)


def _mode(job: Job, mode: str, wish: Wish) -> Mode:
    for one in job.modes:
        if one.id == mode:
            return one
    raise ValueError(f"wish {wish.id!r}: job {job.id} has no mode {mode!r} left")


def _only(job: Job, mode: str, wish: Wish) -> Job:
    """Return the job with one mode left; a second, different one leaves it no day to end on."""
    if len(job.modes) == 1 and job.modes[0].id != mode:
        return replace(job, latest_end=NEVER)
    return replace(job, modes=(_mode(job, mode, wish),))


def _in_order(releases: Iterable[Release]) -> tuple[Release, ...]:
    return tuple(sorted(releases, key=lambda r: (r.day, r.amount))) or (Release(0, 0),)


def _least(mine: tuple[Release, ...], given: tuple[Release, ...]) -> tuple[Release, ...]:
    """Return releases whose sum is, on every day, the smaller of two; the limit lasts to the later last day."""
    days, so_far, found = sorted({r.day for r in (*mine, *given)}), 0, []
    for day in days:
        least = min(sum(r.amount for r in some if r.day <= day) for some in (mine, given))
        found.append(Release(day, least - so_far))
        so_far = least
    return tuple(found)
