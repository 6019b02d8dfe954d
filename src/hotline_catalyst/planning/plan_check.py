"""Judges a plan by the rules alone, whoever made it: the planner, or a person with a spreadsheet.

It shares nothing with the planner but the problem, so that a mistake in one shows in the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .problem import Days, Job, Mode, Plan, Problem

Runs = Mapping[str, "_Run"]

# What each rule says to the person who made the plan: where, what, what to do.
RULES = {
    "unknown job": "{job} is in the plan, but nothing is known by that id. Correct the id or take it out.",
    "unknown way": "{job} has no way number {number}. Choose one of: {ways}.",
    "missing": "{job} is not in the plan and cannot be left out. Give it a start day.",
    "needs": "{job} needs {other}, which is not in the plan. Put that in, or take this out if it may be left out.",
    "link": "{job} starts on {start}, {short} too early: it comes after {other}, which runs until {other_last}{wait}. "
    "Start the first on {first} or later, or bring the second forward.",
    "fixed": "{job} starts on {start}, but is pinned to {day}. Start it on {day}, or take the pin away.",
    "begun": "{job} starts on {start} in this plan, but began on {day}. Put that day back, or correct its progress.",
    "closed": "{job} runs from {start} to {last}, and must not run from {closed_first} to {closed_last}. Start it on "
    "{before}{after} or later.",
    "earliest": "{job} starts on {start}, before its first possible day. Start it on {day} or later.",
    "latest end": "{job} runs until {last}, {late} longer than it may. Start it earlier, or do it a quicker way.",
    "horizon": "{job} runs until {last}, and the plan ends on {end}. Start it earlier, or do it a quicker way.",
    "capacity": "{about}: {jobs} need {used} on {first}; there is room for {free}{until}. That is {over} too much. "
    "Move one of them, or do it another way.",
    "money": "{about}: what starts by {first} costs {used}, and {free} is there for it{until}. That is {over} too "
    "much. Start one of these later, or do it a cheaper way: {jobs}.",
    "ceiling": "{about}: the plan costs {used}, and {free} is all there is for it. That is {over} too much. Do one of "
    "these a cheaper way, or leave it out if it may be left out: {jobs}.",
    "launch by": "{job} starts on {start}, {late} after the launch is due. Start it on {day} or earlier.",
}


@dataclass(frozen=True)
class Broken:
    """A rule that a plan breaks: the jobs that could mend it, a sentence, and the resource or purse it is about."""

    rule: str
    jobs: tuple[str, ...]
    text: str
    about: str = ""


@dataclass(frozen=True)
class Words:
    """How days, ids (of jobs, ways, resources and purses) and amounts of a resource or purse are written."""

    day: Callable[[Days], str] = str
    name: Callable[[str], str] = str
    amount: Callable[[str, int], str] = lambda about, number: f"{number:,}"

    def names(self, ids: Iterable[str], most: int = 6) -> str:
        """Return names in a row, of a long row the first."""
        names = [self.name(ident) for ident in ids]
        return ", ".join([*names[:most], *([f"{len(names) - most} more"] if len(names) > most else [])])

    def broken(self, rule: str, *jobs: str, about: str = "", **values: str) -> Broken:
        """Return a broken rule with its sentence."""
        job, other = (self.name(ident) for ident in (*jobs, "", "")[:2])
        text = RULES[rule].format(job=job, other=other, jobs=self.names(jobs), about=self.name(about), **values)
        return Broken(rule, jobs, text, about)


@dataclass(frozen=True)
class _Run:
    """A job as a plan places it."""

    job: Job
    mode: Mode
    start: Days

    @property
    def end(self) -> Days:
        return self.start + self.mode.length


def check(problem: Problem, plan: Plan, day: Callable[[Days], str] = str, words: Words | None = None) -> list[Broken]:
    """Return every rule that a plan breaks; nothing for a plan that can be carried out.

    What has begun breaks no rule by its links, windows, bounds, units or cost, and the others may not use what it
    took. A stretch of days on which a resource or a purse is overdrawn counts once. ``words`` says how things are
    written and, where it is given, replaces ``day``; both must know days before the first and after the last.
    """
    words = words or Words(day)
    runs = {
        job.id: _Run(job, job.modes[plan[job.id].mode], plan[job.id].start)
        for job in problem.jobs
        if job.id in plan and 0 <= plan[job.id].mode < len(job.modes)
    }
    found = [*_strangers(problem, plan, words), *_absent(problem, plan, words)]
    for run in runs.values():
        found += [*_links(run, runs, words), *_dates(run, problem, words)]
    return [*found, *_resources(problem, runs, words), *_money(problem, runs, words)]


def _strangers(problem: Problem, plan: Plan, words: Words) -> Iterator[Broken]:
    jobs = {job.id: job for job in problem.jobs}
    for ident, placed in plan.items():
        if ident not in jobs:
            yield words.broken("unknown job", ident)
        elif not 0 <= placed.mode < len(jobs[ident].modes):
            ways = words.names(mode.id for mode in jobs[ident].modes)
            yield words.broken("unknown way", ident, number=str(placed.mode + 1), ways=ways)


def _absent(problem: Problem, plan: Plan, words: Words) -> Iterator[Broken]:
    for job in problem.jobs:
        if job.id not in plan and (job.begun or not job.optional):
            yield words.broken("missing", job.id)
        if job.id in plan and not job.begun:
            yield from (words.broken("needs", job.id, before) for before in job.after if before not in plan)


def _links(run: _Run, runs: Runs, words: Words) -> Iterator[Broken]:
    for before, days in () if run.job.begun else (*run.job.after.items(), *run.job.behind.items()):
        if before in runs and (short := runs[before].end + days - run.start) > 0:
            yield words.broken(
                "link",
                run.job.id,
                before,
                start=words.day(run.start),
                short=_count(short),
                other_last=words.day(runs[before].end - 1),
                wait=f", and {_count(days)} must pass after it" if days else "",
                first=words.day(run.start + short),
            )


def _dates(run: _Run, problem: Problem, words: Words) -> Iterator[Broken]:
    job, day = run.job, words.day
    said = {"start": day(run.start), "last": day(run.end - 1)}
    if job.fixed is not None and run.start != job.fixed:
        yield words.broken("begun" if job.begun else "fixed", job.id, **said, day=day(job.fixed))
    if job.begun:
        return
    for first, end in job.closed:
        if max(first, run.start) < min(end, run.end):
            span = {"closed_first": day(first), "closed_last": day(end - 1), "after": day(end)}
            room = first - run.mode.length
            before = f"{day(room)} or earlier, or on " if room >= max(job.earliest, 0) else ""
            yield words.broken("closed", job.id, **said, **span, before=before)
    if run.start < max(job.earliest, 0):
        yield words.broken("earliest", job.id, **said, day=day(max(job.earliest, 0)))
    if job.latest_end is not None and run.end > job.latest_end:
        yield words.broken("latest end", job.id, **said, late=_count(run.end - job.latest_end))
    if run.end > problem.horizon:
        yield words.broken("horizon", job.id, **said, end=day(problem.horizon - 1))
    if job.id == problem.launch and problem.launch_by is not None and run.start > problem.launch_by:
        late = _count(run.start - problem.launch_by)
        yield words.broken("launch by", job.id, **said, late=late, day=day(problem.launch_by))


def _resources(problem: Problem, runs: Runs, words: Words) -> Iterator[Broken]:
    for resource in problem.capacity:
        users = [run for run in runs.values() if run.mode.units.get(resource, 0) > 0]
        begun, others = (np.zeros(problem.horizon, np.int64) for _ in range(2))
        for run in users:
            (begun if run.job.begun else others)[max(run.start, 0) : max(run.end, 0)] += run.mode.units[resource]
        free = np.maximum(problem.units(resource) - begun, 0)
        for first, end in _stretches(others > free):
            jobs = [run.job.id for run in users if not run.job.begun and run.start <= first < run.end]
            yield _overdrawn("capacity", resource, jobs, first, end, others, free, words)


def _money(problem: Problem, runs: Runs, words: Words) -> Iterator[Broken]:
    for purse, releases in problem.purses.items():
        if not releases:
            continue
        drawn = [run for run in runs.values() if run.job.purse == purse and run.mode.cost]
        days = max(max(release.day for release in releases), 0)
        begun = _so_far(((run.start, run.mode.cost) for run in drawn if run.job.begun), days)
        others = _so_far(((run.start, run.mode.cost) for run in drawn if not run.job.begun), days)
        free = np.maximum(_so_far(((release.day, release.amount) for release in releases), days) - begun, 0)
        for first, end in _stretches(others[:days] > free[:days]):
            jobs = [run.job.id for run in drawn if not run.job.begun and run.start <= first]
            yield _overdrawn("money", purse, jobs, first, end, others, free, words)
        if problem.ceiling and others[-1] > free[-1]:
            jobs = [run.job.id for run in drawn if not run.job.begun]
            yield _overdrawn("ceiling", purse, jobs, days, days + 1, others, free, words)


def _overdrawn(
    rule: str,
    about: str,
    jobs: list[str],
    first: Days,
    end: Days,
    used: NDArray[np.int64],
    free: NDArray[np.int64],
    words: Words,
) -> Broken:
    """Return a stretch of days on which more is used than is free, told by its first day."""
    used_then, free_then = int(used[first]), int(free[first])
    return words.broken(
        rule,
        *jobs,
        about=about,
        first=words.day(first),
        until=f" (it stays overdrawn until {words.day(end - 1)})" if end > first + 1 else "",
        used=words.amount(about, used_then),
        free=words.amount(about, free_then),
        over=words.amount(about, used_then - free_then),
    )


def _so_far(amounts: Iterable[tuple[Days, int]], days: Days) -> NDArray[np.int64]:
    """Return the sum of amounts up to each of ``days`` days, and at the end the sum of all."""
    found = np.zeros(days + 1, np.int64)
    for day, amount in amounts:
        found[min(max(day, 0), days)] += amount
    return np.cumsum(found)


def _stretches(over: NDArray[np.bool_]) -> list[tuple[Days, Days]]:
    """Return the spans of days, ends excluded, on which something holds."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], over, [False]))))
    return [(int(first), int(end)) for first, end in zip(edges[::2], edges[1::2], strict=True)]


def _count(days: Days) -> str:
    return f"{days} working day{'s' if days != 1 else ''}"
