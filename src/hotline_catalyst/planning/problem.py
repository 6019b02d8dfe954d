"""The scheduling problem in whole numbers: jobs with ways, units of resources by the day, money that arrives in parts.

It is a multi-mode resource-constrained project scheduling problem with optional jobs (Pritsker, Watters & Wolfe 1969;
Hartmann & Briskorn 2022). It knows no role, no country and no calendar: day 0 is the plan's first working day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Days = int
GOALS = ("gates", "launch", "gaps", "over budget", "left out", "extra cost", "stability", "early")


@dataclass(frozen=True)
class Mode:
    """One way of doing a job: ``length`` in days, units of each resource on every one of them, and whole money."""

    id: str
    length: Days
    units: Mapping[str, int] = field(default_factory=dict)
    cost: int = 0


@dataclass(frozen=True)
class Job:
    """One job.

    ``after``: predecessors and the days that must pass after each; a job that is placed needs each of them placed.
    ``behind``: the same for jobs that may be left out; the link holds where both are placed. ``optional``: may be left
    out. ``weight``: what a day earlier is worth. ``purse``: the money it draws on, on the day it starts; none for "".
    ``earliest`` and ``latest_end`` bound its days (``latest_end`` is the first day after it). ``closed``: spans of
    days, end excluded, in which it must not run at all. ``fixed``: the day it must start. ``begun``: it started in
    reality on that day, so its links, windows and bounds no longer matter, and it takes its units first, more than
    there are if need be.
    """

    id: str
    modes: tuple[Mode, ...]
    after: Mapping[str, Days] = field(default_factory=dict)
    behind: Mapping[str, Days] = field(default_factory=dict)
    optional: bool = False
    weight: int = 1
    purse: str = ""
    earliest: Days = 0
    latest_end: Days | None = None
    closed: tuple[tuple[Days, Days], ...] = ()
    fixed: Days | None = None
    begun: bool = False


@dataclass(frozen=True)
class Need:
    """Something that one of the jobs ``served_by`` must serve; ``gate`` when the launch depends on it."""

    id: str
    served_by: tuple[str, ...]
    weight: int = 1
    gate: bool = False


@dataclass(frozen=True)
class Release:
    """Money that a purse may spend from ``day`` on."""

    day: Days
    amount: int


@dataclass(frozen=True)
class Problem:
    """Everything a plan must respect and what it should reach.

    Parameters
    ----------
    capacity
        Units of each resource, one number for every day or an array of ``horizon`` days. A resource that jobs use and
        that has no capacity here is not limited.
    purses
        Releases by purse, by day. Before the last release no more may be committed than was released; what the whole
        plan costs above all releases counts as over budget, or is forbidden when ``ceiling`` is true.
    launch
        The job whose start is the launch; ``launch_by`` the last day it may start, None without a deadline.
    previous
        Start days of the plan this one replaces, and ``previous_modes`` the ids of their modes: they are kept where
        they can be; the launch and the extra cost that were promised are kept to, not beaten by moving others.
    """

    jobs: tuple[Job, ...]
    capacity: Mapping[str, int | NDArray[np.int64]]
    horizon: Days
    needs: tuple[Need, ...] = ()
    purses: Mapping[str, tuple[Release, ...]] = field(default_factory=dict)
    ceiling: bool = False
    launch: str | None = None
    launch_by: Days | None = None
    previous: Mapping[str, Days] = field(default_factory=dict)
    previous_modes: Mapping[str, str] = field(default_factory=dict)

    def units(self, resource: str) -> NDArray[np.int64]:
        """Return a resource's units on each day."""
        given = self.capacity[resource]
        return np.full(self.horizon, given, dtype=np.int64) if isinstance(given, int) else given


@dataclass(frozen=True)
class Placed:
    """A job in a plan: its first day and the index of its mode."""

    start: Days
    mode: int = 0


Plan = Mapping[str, Placed]
Status = Literal["proved best", "good", "heuristic"]


@dataclass(frozen=True)
class Reached:
    """What a plan reached of one goal, and the best that could not be ruled out."""

    goal: str
    value: int
    bound: int


@dataclass(frozen=True)
class Solution:
    """A plan with what it reached. Jobs that are not in ``plan`` are left out."""

    plan: Plan
    reached: tuple[Reached, ...]

    @property
    def proved(self) -> bool:
        """Whether no better plan exists by any goal."""
        return all(r.value == r.bound for r in self.reached)


def launch_of(problem: Problem, plan: Plan) -> Days | None:
    """Return the launch day of a plan; None when nothing launches."""
    return plan[problem.launch].start if problem.launch is not None and problem.launch in plan else None


def followers(jobs: Sequence[Job]) -> dict[str, list[str]]:
    """Return the jobs that come directly after each job."""
    found: dict[str, list[str]] = {job.id: [] for job in jobs}
    for job in jobs:
        for before in (*job.after, *job.behind):
            if before in found:
                found[before].append(job.id)
    return found
