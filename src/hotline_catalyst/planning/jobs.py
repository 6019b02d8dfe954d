"""Tasks as jobs: weeks become working days, person-days become units by the day, money becomes whole numbers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import ceil

from ..errors import NoPlanError
from .problem import Job, Mode, Need, Problem
from .roadmap import DAYS_A_WEEK, PARTS, Task, Way

ROLE, OWNER = "role:", "owner:"


def bridged(tasks: Sequence[Task], links: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """Return each task's predecessors among ``tasks`` with weeks; one that is not in the plan hands on its own.

    ``links`` holds the predecessors of every activity of the library, chosen or not. Weeks along a chain of absent
    activities add up: the waiting is real even where the work is not needed.
    """
    chosen = {t.id for t in tasks}

    def real(ident: str, weeks: int, seen: frozenset[str]) -> dict[str, int]:
        if ident in chosen:
            return {ident: weeks}
        found: dict[str, int] = {}
        for before, more in links.get(ident, {}).items():
            if before not in seen:
                for key, value in real(before, weeks + more, seen | {before}).items():
                    found[key] = max(found.get(key, 0), value)
        return found

    result: dict[str, dict[str, int]] = {}
    for task in tasks:
        result[task.id] = {}
        for ident, weeks in task.after.items():
            for key, value in real(ident, weeks, frozenset({ident})).items():
                result[task.id][key] = max(result[task.id].get(key, 0), value)
    return result


def reviewed(
    after: Mapping[str, Mapping[str, int]], review_after: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, int]]:
    """Return, for each reviewing task, the tasks it must come behind: those that close the gates it judges.

    A task that itself waits for the review cannot be waited for.
    """
    behind: dict[str, dict[str, int]] = {ident: {} for ident in after}
    for reviewer, closers in review_after.items():
        if reviewer in after:
            later = successors(reviewer, after)
            behind[reviewer] = {
                c: 0 for c in closers if c in after and c not in later and c != reviewer and c not in after[reviewer]
            }
    return behind


def successors(ident: str, after: Mapping[str, Mapping[str, int]]) -> set[str]:
    """Return everything that waits for a task, directly or not."""
    found: set[str] = set()
    wave = {ident}
    while wave:
        wave = {t for t, before in after.items() if wave & set(before)} - found
        found |= wave
    return found


def length_of(way: Way, has: Mapping[str, int]) -> int:
    """Return working days: the likely duration, longer where a role could not give the effort in that time.

    ``has`` are hundredths of a person on a working day, by role; a role with none stretches nothing.
    """
    days = max(1, ceil(way.weeks.likely * DAYS_A_WEEK))
    stretched = (ceil(e * PARTS / has[role]) for role, e in way.effort_days.items() if e > 0 and has[role] > 0)
    return max([days, *stretched])


def usable_ways(task: Task, has: Mapping[str, int]) -> list[Way]:
    """Return the ways for which every role has some time.

    Raises
    ------
    NoPlanError
        When there is none.
    """
    missing = [{r for r, effort in way.effort_days.items() if effort > 0 and has[r] <= 0} for way in task.ways]
    ways = [way for way, without in zip(task.ways, missing, strict=True) if not without]
    if not ways:
        roles = ", ".join(sorted(set.union(*missing)))
        raise NoPlanError(
            f"{task.id} needs time of {roles}, who has none. Set capacity in engagement.yaml, or leave {task.id} out."
        )
    return ways


def units_of(task: Task, way: Way, days: int) -> dict[str, int]:
    """Return what the task takes every day: hundredths of a person by role, and one of its owner's places."""
    units = {ROLE + role: ceil(effort * PARTS / days) for role, effort in way.effort_days.items() if effort > 0}
    return {**units, OWNER + task.owner: 1}


def problem_of(
    tasks: Sequence[Task],
    after: Mapping[str, Mapping[str, int]],
    behind: Mapping[str, Mapping[str, int]],
    has: Mapping[str, int],
    horizon: int,
    launch: str | None,
    need_weight: Mapping[str, int],
    purse_of: Mapping[str, str],
    begun: Collection[str] = (),
) -> Problem:
    """Return the bare problem: no limits, no money, no dates asked for. Wishes add those.

    Parameters
    ----------
    after, behind
        Links in weeks, by task.
    has
        Hundredths of a person each role has on a working day; ways are stretched to them.
    need_weight
        What closing each finding is worth.
    purse_of
        The purse that pays for each payer; "" draws on none.
    begun
        Tasks that run or are over: whoever did them had the time.

    Raises
    ------
    NoPlanError
        When a way needs a role that has no time at all.
    """
    jobs = []
    for task in tasks:
        modes = []
        for way in task.ways if task.id in begun else usable_ways(task, has):
            days = length_of(way, has)
            modes.append(Mode(way.id, days, units_of(task, way, days), round(way.cost.likely)))
        jobs.append(
            Job(
                task.id,
                tuple(modes),
                {b: w * DAYS_A_WEEK for b, w in after[task.id].items()},
                {b: w * DAYS_A_WEEK for b, w in behind[task.id].items()},
                optional=not task.must,
                weight=task.weight,
                purse=purse_of[task.payer],
            )
        )
    served: dict[str, list[str]] = {}
    for task in tasks:
        for finding in task.closes:
            served.setdefault(finding, []).append(task.id)
    needs = [Need(f, tuple(by), need_weight.get(f, 1)) for f, by in sorted(served.items())]
    needs += [Need(f"{g} by {t.id}", (t.id,), gate=True) for t in tasks if not t.must for g in t.gates]
    return Problem(tuple(jobs), {}, horizon, tuple(needs), launch=launch)
