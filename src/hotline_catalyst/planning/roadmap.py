"""The roadmap: activities scheduled under people's time and holidays, launch gated, with honest dates and reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil
from typing import Any

import numpy as np

from ..errors import NoPlanError
from .demand import Parameters, Span

HORIZON_DAYS = 1000  # working days: about four years
DAYS_A_WEEK = 5
SEED = 20261121
WORK_LIMIT = 2.0  # CP-SAT's own unit of work, the same on every machine
PARTS = 100  # a person's working day is counted in hundredths, as whole numbers
SIMULATIONS = 2000


@dataclass(frozen=True)
class Task:
    """One activity to schedule.

    ``weeks`` are low, likely and high; ``effort_days`` person-days by role, spread over the duration;
    ``after`` predecessors with the weeks that must pass after each.
    """

    id: str
    title: str
    phase: str
    weeks: Span
    effort_days: Mapping[str, float]
    after: Mapping[str, int]
    owner: str
    payer: str
    cost: Span
    gates: tuple[str, ...]
    finding_ids: tuple[str, ...]
    why_here: str
    done_when: str
    milestone: str
    source: str


@dataclass(frozen=True)
class Scheduled:
    """A task with its dates. Days count working days of the country's calendar.

    ``waits_for`` holds its predecessors in this plan with the weeks that must pass after each; one that the plan
    does not need has handed on its own. ``why_then`` says what binds its start. ``by_links`` is true when its links
    alone would put it there.
    """

    task: Task
    start_day: int
    duration_days: int
    start: date
    end: date
    why_then: str
    by_links: bool
    critical: float
    waits_for: Mapping[str, int]


@dataclass(frozen=True)
class Launch:
    """Launch dates: planned, and the dates by which half and four in five of the simulated plans have launched."""

    activity: str
    planned: date
    p50: date
    p80: date


@dataclass(frozen=True)
class Roadmap:
    """Scheduled activities, the launch, and how good the schedule is."""

    start: date
    activities: tuple[Scheduled, ...]
    launch: Launch | None
    cost: Span
    status: str
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Capacity:
    """What the country can carry.

    ``days_per_week`` by role, ``default_days`` where none is given; ``days`` are the working days of the country,
    weekends and holidays left out; ``at_once`` activities one owner can carry at the same time.
    """

    days_per_week: Mapping[str, float]
    default_days: float
    days: Sequence[date]
    at_once: int

    def of(self, role: str) -> int:
        """Hundredths of a person that ``role`` has on a working day."""
        return round(self.days_per_week.get(role, self.default_days) * PARTS / DAYS_A_WEEK)


def bridged(tasks: Sequence[Task], links: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """Return each task's predecessors among ``tasks``; a predecessor that is not needed hands on its own.

    ``links`` holds the predecessors of every activity of the library, chosen or not.
    """
    chosen = {t.id for t in tasks}

    def real(ident: str, lag: int, seen: frozenset[str]) -> dict[str, int]:
        if ident in chosen:
            return {ident: lag}
        found: dict[str, int] = {}
        for before in links.get(ident, {}):
            if before not in seen:
                for key, value in real(before, lag, seen | {before}).items():
                    found[key] = max(found.get(key, 0), value)
        return found

    result: dict[str, dict[str, int]] = {}
    for task in tasks:
        result[task.id] = {}
        for ident, lag in task.after.items():
            for key, value in real(ident, lag, frozenset({ident})).items():
                result[task.id][key] = max(result[task.id].get(key, 0), value)
    return result


def duration_of(task: Task, capacity: Capacity) -> int:
    """Return working days: the likely duration, longer where a role could not give the effort in that time."""
    days = max(1, ceil(task.weeks.likely)) * DAYS_A_WEEK
    for role, effort in task.effort_days.items():
        if effort > 0 and capacity.of(role) <= 0:
            raise NoPlanError(
                f"{task.id} needs {effort:g} days of {role}, who has none. Set capacity in engagement.yaml."
            )
        days = max(days, ceil(effort * PARTS / capacity.of(role)))
    return days


def _demands(task: Task, days: int) -> dict[str, int]:
    return {role: ceil(effort * PARTS / days) for role, effort in task.effort_days.items() if effort > 0}


def heuristic(
    tasks: Sequence[Task], after: Mapping[str, Mapping[str, int]], days: Mapping[str, int], capacity: Capacity
) -> dict[str, int]:
    """Return a start day for each task by serial generation, longest tail first. The warm start and the fallback.

    Raises
    ------
    NoPlanError
        When a task does not fit into the horizon.
    """
    by_id, start = {t.id: t for t in tasks}, dict[str, int]()
    order = _longest_tail_first(tasks, after, days)
    horizon = len(capacity.days)
    used = {r: np.zeros(horizon, dtype=np.int64) for t in tasks for r in t.effort_days}
    owned = {t.owner: np.zeros(horizon, dtype=np.int64) for t in tasks}
    while len(start) < len(tasks):
        ident = next(i for i in order if i not in start and all(b in start for b in after[i]))
        task, length = by_id[ident], days[ident]
        need = _demands(task, length)
        busy = owned[task.owner] >= capacity.at_once
        for role, parts in need.items():
            busy = busy | (used[role] + parts > capacity.of(role))
        first = max((start[b] + days[b] + lag * DAYS_A_WEEK for b, lag in after[ident].items()), default=0)
        while busy[first : first + length].any():
            first += int(np.flatnonzero(busy[first : first + length])[-1]) + 1
        if first + length > horizon:
            raise NoPlanError(
                f"{ident} does not fit within {horizon} working days. Give {', '.join(need) or task.owner} more days a "
                "week under capacity in engagement.yaml, or take activities out."
            )
        start[ident] = first
        owned[task.owner][first : first + length] += 1
        for role, parts in need.items():
            used[role][first : first + length] += parts
    return start


def _longest_tail_first(
    tasks: Sequence[Task], after: Mapping[str, Mapping[str, int]], days: Mapping[str, int]
) -> list[str]:
    followers: dict[str, list[str]] = {t.id: [] for t in tasks}
    for ident, before in after.items():
        for b in before:
            followers[b].append(ident)
    tail: dict[str, int] = {}

    def tail_of(ident: str) -> int:
        if ident not in tail:
            rest = (tail_of(f) + after[f][ident] * DAYS_A_WEEK for f in followers[ident])
            tail[ident] = days[ident] + max(rest, default=0)
        return tail[ident]

    return sorted((t.id for t in tasks), key=lambda i: (-tail_of(i), i))


def plan_roadmap(
    tasks: Sequence[Task],
    links: Mapping[str, Mapping[str, int]],
    start: date,
    capacity: Capacity,
    parameters: Parameters,
    launch_activity: str | None,
    review_after: Mapping[str, Sequence[str]],
) -> Roadmap:
    """Schedule the tasks: the earliest launch first, then everything as early as risk asks.

    Parameters
    ----------
    links
        Predecessors of every activity in the library, so that one left out hands on its own.
    launch_activity
        The task whose start is the launch; None when nothing launches.
    review_after
        For each reviewing task, the tasks that close the gates it judges.

    Raises
    ------
    NoPlanError
        When an activity cannot fit at all; the text says what to change.
    """
    after = bridged(tasks, links)
    for reviewer, closers in review_after.items():
        if reviewer in after:
            successors = _followers(reviewer, after)
            after[reviewer] |= {c: 0 for c in closers if c in after and c not in successors and c != reviewer}
    days = {t.id: duration_of(t, capacity) for t in tasks}
    warm = heuristic(tasks, after, days, capacity)
    day_of, status = _solve(tasks, after, days, capacity, launch_activity, warm)
    problems = check(tasks, after, days, capacity, day_of)
    if problems:
        raise AssertionError("the planner broke its own rules: " + "; ".join(problems))
    order = _with_queues(tasks, after, days, day_of, capacity)
    simulated = _simulate(tasks, order, days, day_of, parameters)
    critical = _criticality(tasks, order, simulated, launch_activity)
    scheduled = []
    for task in sorted(tasks, key=lambda t: (day_of[t.id], t.id)):
        first, length = day_of[task.id], days[task.id]
        why, by_links = _why_then(task, after, days, day_of, capacity, tasks)
        ends = capacity.days[first], capacity.days[first + length - 1]
        scheduled.append(
            Scheduled(
                task,
                first,
                length,
                *ends,
                why,
                by_links,
                critical.get(task.id, 0.0),
                dict(sorted(after[task.id].items())),
            )
        )
    launch = None
    if launch_activity in day_of:
        late = (int(np.ceil(q)) for q in np.quantile(simulated[launch_activity][0], (0.5, 0.8)))
        p50, p80 = (capacity.days[min(day, len(capacity.days) - 1)] for day in late)
        launch = Launch(launch_activity, capacity.days[day_of[launch_activity]], p50, p80)
    cost = Span(*(sum(getattr(t.cost, side) for t in tasks) for side in ("low", "likely", "high")))
    return Roadmap(start, tuple(scheduled), launch, cost, status, ())


def _followers(ident: str, after: Mapping[str, Mapping[str, int]]) -> set[str]:
    found: set[str] = set()
    wave = {ident}
    while wave:
        wave = {t for t, before in after.items() if wave & set(before)} - found
        found |= wave
    return found


def _solve(
    tasks: Sequence[Task],
    after: Mapping[str, Mapping[str, int]],
    days: Mapping[str, int],
    capacity: Capacity,
    launch_activity: str | None,
    warm: Mapping[str, int],
) -> tuple[dict[str, int], str]:
    """Minimise the launch, then the sum of starts weighted by the gates each task opens."""
    from ortools.sat.python import cp_model

    horizon = max(warm[t.id] + days[t.id] for t in tasks)
    model = cp_model.CpModel()
    begin = {t.id: model.new_int_var(0, horizon - days[t.id], t.id) for t in tasks}
    bars = {t.id: model.new_fixed_size_interval_var(begin[t.id], days[t.id], t.id) for t in tasks}
    for ident, before in after.items():
        for b, lag in before.items():
            model.add(begin[ident] >= begin[b] + days[b] + lag * DAYS_A_WEEK)
    for role in sorted({r for t in tasks for r in t.effort_days}):
        demands = [(bars[t.id], _demands(t, days[t.id])[role]) for t in tasks if t.effort_days.get(role, 0) > 0]
        model.add_cumulative([b for b, _ in demands], [n for _, n in demands], capacity.of(role))
    for owner in sorted({t.owner for t in tasks}):
        own = [bars[t.id] for t in tasks if t.owner == owner]
        model.add_cumulative(own, [1] * len(own), capacity.at_once)
    for ident, day in warm.items():
        model.add_hint(begin[ident], day)
    early = sum((1 + 2 * len(t.gates)) * begin[t.id] for t in tasks)
    launch = begin.get(str(launch_activity), 0)
    solver, proved = cp_model.CpSolver(), []
    _settings(solver)
    best = dict(warm)
    for goal in (launch, early):
        if isinstance(goal, int):
            continue
        model.minimize(goal)
        status = solver.solve(model)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            break
        proved.append(status == cp_model.OPTIMAL)
        best = {ident: int(solver.value(v)) for ident, v in begin.items()}
        if goal is launch:
            model.add(launch <= best[str(launch_activity)])
            model.clear_hints()  # type: ignore[no-untyped-call]
            for ident, day in best.items():
                model.add_hint(begin[ident], day)
    return best, "proved best" if proved and all(proved) else "good" if proved else "heuristic"


def _settings(solver: Any) -> None:
    solver.parameters.random_seed = SEED
    # One worker: several would finish in an order that differs from run to run.
    solver.parameters.num_workers = 1
    solver.parameters.max_deterministic_time = WORK_LIMIT


def check(
    tasks: Sequence[Task],
    after: Mapping[str, Mapping[str, int]],
    days: Mapping[str, int],
    capacity: Capacity,
    day_of: Mapping[str, int],
) -> list[str]:
    """Judge any plan, ours or edited by hand, by its rules alone: order, people's time, owners' load, horizon."""
    problems = []
    for task in tasks:
        first = day_of[task.id]
        if first < 0 or first + days[task.id] > len(capacity.days):
            problems.append(f"{task.id} lies outside the plan's days")
        for before, lag in after[task.id].items():
            if first < day_of[before] + days[before] + lag * DAYS_A_WEEK:
                problems.append(f"{task.id} starts before {before} has ended")
    used: dict[tuple[str, int], int] = {}
    owned: dict[tuple[str, int], int] = {}
    for task in tasks:
        for day in range(day_of[task.id], day_of[task.id] + days[task.id]):
            owned[task.owner, day] = owned.get((task.owner, day), 0) + 1
            for role, effort in task.effort_days.items():
                used[role, day] = used.get((role, day), 0) + ceil(effort * PARTS / days[task.id])
    overworked = {role for (role, _), parts in used.items() if parts > capacity.of(role)}
    overloaded = {owner for (owner, _), count in owned.items() if count > capacity.at_once}
    problems += [f"{role} has too much to do" for role in sorted(overworked)]
    problems += [f"{owner} owns too many activities at once" for owner in sorted(overloaded)]
    return problems


def _why_then(
    task: Task,
    after: Mapping[str, Mapping[str, int]],
    days: Mapping[str, int],
    day_of: Mapping[str, int],
    capacity: Capacity,
    tasks: Sequence[Task],
) -> tuple[str, bool]:
    """Say what binds a start: a predecessor, a role's time, an owner's load, or the plan's own start."""
    first = day_of[task.id]
    ends = {b: day_of[b] + days[b] + lag * DAYS_A_WEEK for b, lag in after[task.id].items()}
    latest = max(ends.values(), default=0)
    if first == latest:
        last = sorted(b for b, end in ends.items() if end == latest)
        return (f"It waits for {', '.join(last)} to end." if last else "It can start at once."), True
    blocked = check(tasks, after, days, capacity, dict(day_of) | {task.id: first - 1})
    who = sorted({p.split(" has too much")[0].split(" owns ")[0] for p in blocked if " starts before " not in p})
    if who:
        return f"It waits until {' and '.join(w.replace('_', ' ') for w in who)} has time.", False
    return "It could start earlier; starting it here keeps the work of others level.", False


def _with_queues(
    tasks: Sequence[Task],
    after: Mapping[str, Mapping[str, int]],
    days: Mapping[str, int],
    day_of: Mapping[str, int],
    capacity: Capacity,
) -> dict[str, dict[str, int]]:
    """Return the links with the queues for people added: who takes over a role's or an owner's time waits for its end.

    Without them a late activity would delay only its followers by link, and every simulated date would be too early.
    """
    order = {ident: dict(before) for ident, before in after.items()}
    for task in tasks:
        eve = day_of[task.id] - 1
        busy = [t for t in tasks if t is not task and day_of[t.id] <= eve < day_of[t.id] + days[t.id]]
        held: list[Task] = []
        for role, parts in _demands(task, days[task.id]).items():
            users = [t for t in busy if t.effort_days.get(role, 0) > 0]
            if parts + sum(_demands(t, days[t.id])[role] for t in users) > capacity.of(role):
                held += users
        owned = [t for t in busy if t.owner == task.owner]
        held += owned if len(owned) >= capacity.at_once else []
        for other in held:
            if day_of[other.id] + days[other.id] == day_of[task.id]:
                order[task.id].setdefault(other.id, 0)
    return order


def _simulate(
    tasks: Sequence[Task],
    after: Mapping[str, Mapping[str, int]],
    days: Mapping[str, int],
    day_of: Mapping[str, int],
    parameters: Parameters,
) -> dict[str, tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]]:
    """Return simulated starts and ends in working days.

    Delays share one overrun factor: independent ones would promise far too much.
    """
    rng = np.random.Generator(np.random.PCG64(SEED))
    overrun = parameters["roadmap.overrun"]
    shared = _triangular(rng, overrun.low, overrun.likely, overrun.high)
    result: dict[str, tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]] = {}
    for task in sorted(tasks, key=lambda t: (day_of[t.id], t.id)):
        stretch = days[task.id] / max(1, ceil(task.weeks.likely))
        length = _triangular(rng, task.weeks.low, task.weeks.likely, task.weeks.high) * stretch * shared
        begin = np.full(SIMULATIONS, float(day_of[task.id]))
        for before, lag in after[task.id].items():
            begin = np.maximum(begin, result[before][1] + lag * DAYS_A_WEEK)
        result[task.id] = (begin, begin + length)
    return result


def _triangular(rng: np.random.Generator, low: float, likely: float, high: float) -> np.ndarray[Any, Any]:
    return rng.triangular(low, likely, high, SIMULATIONS) if high > low else np.full(SIMULATIONS, float(likely))


def _criticality(
    tasks: Sequence[Task],
    after: Mapping[str, Mapping[str, int]],
    simulated: Mapping[str, tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]],
    launch_activity: str | None,
) -> dict[str, float]:
    """Return the share of simulated plans in which a delay of the task would delay the launch."""
    if launch_activity not in simulated:
        return {}
    on_path = {t.id: np.zeros(SIMULATIONS, dtype=bool) for t in tasks}
    on_path[str(launch_activity)][:] = True
    for ident in sorted(on_path, key=lambda i: -float(simulated[i][0].mean())):
        for before, lag in after[ident].items():
            binds = np.isclose(simulated[ident][0], simulated[before][1] + lag * DAYS_A_WEEK)
            on_path[before] |= on_path[ident] & binds
    return {ident: float(mask.mean()) for ident, mask in on_path.items()}
