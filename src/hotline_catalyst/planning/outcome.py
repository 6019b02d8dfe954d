"""What a solved and simulated plan means to people: dates, reasons, money, load, steps of the opening."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

from . import reasons
from .asked import Asked, day_index
from .demand import Span
from .goals import cheapest, committed
from .jobs import ROLE
from .problem import Plan, Problem, Reached, Solution, launch_of
from .roadmap import (
    DAYS_A_WEEK,
    PARTS,
    Launch,
    LeftOut,
    Load,
    MoneyDay,
    Moved,
    Prices,
    Purse,
    Roadmap,
    Scheduled,
    Stage,
    State,
    Task,
    Way,
    Worth,
)

if TYPE_CHECKING:
    from .risk import Risk

DAYS_A_YEAR = 365.25


def _ways(asked: Asked, problem: Problem, plan: Plan) -> dict[str, Way]:
    """Return the way in which each placed task is done."""
    tasks = {t.id: t for t in asked.tasks}
    chosen = {job.id: job.modes[plan[job.id].mode].id for job in problem.jobs if job.id in plan}
    return {ident: next(w for w in tasks[ident].ways if w.id == way) for ident, way in chosen.items()}


def lengths_of(asked: Asked, problem: Problem, plan: Plan) -> dict[str, Span]:
    """Return low, likely and high working days of what is not over yet."""
    over = {ident for ident, progress in asked.progress.items() if progress.ended is not None}
    return {i: way.weeks * DAYS_A_WEEK for i, way in _ways(asked, problem, plan).items() if i not in over}


def roadmap_of(asked: Asked, problem: Problem, solution: Solution, risk: Risk, worths: tuple[Worth, ...]) -> Roadmap:
    plan, ways = solution.plan, _ways(asked, problem, solution.plan)
    why = reasons.binds(problem, plan, asked.names)
    tasks = {t.id: t for t in asked.tasks}
    activities = tuple(
        _scheduled(asked, problem, plan, tasks[ident], ways[ident], why[ident], risk)
        for ident in sorted(plan, key=lambda i: (plan[i].start, i))
    )
    cost = Span(*(sum(getattr(a.way.cost, side) for a in activities) for side in ("low", "likely", "high")))
    return Roadmap(
        start=asked.days[0],
        today=asked.today,
        activities=activities,
        launch=_launch(asked, problem, plan, risk),
        stages=tuple(_stages(asked, problem, plan, risk)),
        left_out=(*asked.left_out, *_left_out(asked, problem, plan)),
        cost=cost,
        prices=_prices(asked, activities),
        purses=tuple(_purses(asked, activities)),
        loads=tuple(_loads(asked, problem, plan)),
        status=_status(asked, solution),
        reached=solution.reached,
        drivers=risk.drivers,
        policy=asked.names.words.policy[risk.policy],
        worth=worths,
        windows=asked.windows,
        unopened=tuple(dict.fromkeys([*asked.unopened, *_kept_closed(asked, plan)])),
    )


def _date(asked: Asked, index: int) -> date:
    """Return a working day's date; days past the known ones run on by calendar weeks of five."""
    last = len(asked.days) - 1
    index = max(0, index)
    return asked.days[index] if index <= last else asked.days[last] + timedelta(days=(index - last) * 7 // DAYS_A_WEEK)


def _scheduled(
    asked: Asked, problem: Problem, plan: Plan, task: Task, way: Way, why: reasons.Binds, risk: Risk
) -> Scheduled:
    job = next(j for j in problem.jobs if j.id == task.id)
    first, length = plan[task.id].start, job.modes[plan[task.id].mode].length
    progress = asked.progress.get(task.id)
    state: State = "planned" if progress is None else "running" if progress.ended is None else "done"
    start = progress.started if progress else _date(asked, first)
    end = progress.ended if progress and progress.ended else _date(asked, first + length - 1)
    waits = {b: d // DAYS_A_WEEK for b, d in {**job.behind, **job.after}.items() if b in plan}
    return Scheduled(
        task=task,
        way=way,
        start_day=first,
        duration_days=length,
        start=start,
        end=end,
        bound=why.kind,
        bound_by=why.by,
        why_then=why.say,
        by_links=why.kind in ("start", "link") and (first == 0 or why.kind == "link"),
        critical=risk.jobs[task.id].critical,
        waits_for=dict(sorted(waits.items())),
        p50=end if state == "done" else _date(asked, risk.jobs[task.id].end_p50 - 1),
        p80=end if state == "done" else _date(asked, risk.jobs[task.id].end_p80 - 1),
        buffer_days=risk.jobs[task.id].buffer,
        state=state,
        moved=_moved(asked, problem, plan, task.id),
        again=_again(asked, task, end),
    )


def _moved(asked: Asked, problem: Problem, plan: Plan, ident: str) -> Moved | None:
    was, now = problem.previous.get(ident), plan[ident].start
    if was is None or was == now or ident in asked.progress:
        return None
    return Moved(_date(asked, was), now - was, reasons.why_moved(problem, plan, ident, was, asked.names))


def _again(asked: Asked, task: Task, end: date) -> tuple[date, ...]:
    """Return the first days on which the work recurs, to the end of the days that may hold work."""
    if task.repeats is None:
        return ()
    last, found = asked.days[asked.horizon - 1], []
    day = end + timedelta(weeks=task.repeats.every_weeks)
    while day <= last:
        found.append(asked.days[day_index(asked.days, day)])
        day += timedelta(weeks=task.repeats.every_weeks)
    return tuple(found)


def _launch(asked: Asked, problem: Problem, plan: Plan, risk: Risk) -> Launch | None:
    day = launch_of(problem, plan)
    if day is None or asked.launch is None:
        return None
    late = risk.jobs[asked.launch]
    if asked.launch in asked.progress:
        return Launch(asked.launch, *[asked.progress[asked.launch].started] * 3)
    planned, p50, p80 = (_date(asked, index) for index in (day, late.start_p50, late.start_p80))
    return Launch(asked.launch, planned, p50, p80)


def _stages(asked: Asked, problem: Problem, plan: Plan, risk: Risk) -> list[Stage]:
    """Return the steps by date; each keeps the hours and adds to the channels of those before it."""
    import numpy as np

    lengths = {j.id: j.modes[plan[j.id].mode].length for j in problem.jobs if j.id in plan}
    steps = [s for s in asked.stages if s.opens in plan]
    channels = [c for c in asked.channels if c not in {added for s in steps for added in s.channels}]
    hours, found = "", []
    for step in steps:
        first = asked.launch if asked.launch in plan and step.at_end else step.opens
        planned = max(plan[step.opens].start + (lengths[step.opens] if step.at_end else 0), plan[str(first)].start)
        opens = (risk.ends if step.at_end else risk.starts)[step.opens]
        late = np.maximum(opens, risk.starts[str(first)] if step.at_end else opens)
        p50, p80 = (int(np.ceil(q)) for q in np.quantile(late, (0.5, 0.8)))
        found.append((planned, p50, p80, step))
    stages = []
    for planned, p50, p80, step in sorted(found, key=lambda f: (f[0], f[3].at_end)):
        hours = hours if step.keeps and hours else step.hours
        channels += step.channels
        dates = (_date(asked, planned), _date(asked, p50), _date(asked, p80))
        named = (step.id, step.title, step.opens)
        stages.append(Stage(*named, *dates, hours, tuple(channels), step.unmet_gates, step.reason))
    return stages


def _left_out(asked: Asked, problem: Problem, plan: Plan) -> list[LeftOut]:
    closed = {n.id for n in problem.needs if any(j in plan for j in n.served_by)}
    words, found = asked.names.words.left_out, []
    for task in asked.tasks:
        if task.id not in plan:
            open_ = tuple(dict.fromkeys(f.split("@")[0] for f in task.closes if f not in closed))
            why = words["money" if _too_dear(problem, plan, task.id) else "days"]
            found.append(LeftOut(task.id, task.title, why, open_))
    return found


def _kept_closed(asked: Asked, plan: Plan) -> list[str]:
    """Return the gates of which something that opens them is not in the plan."""
    return [g for task in asked.tasks if task.id not in plan for g in task.gates]


def _too_dear(problem: Problem, plan: Plan, ident: str) -> bool:
    """Return whether what is left of its purse would not pay for the cheapest way of a job that is left out."""
    job = next(j for j in problem.jobs if j.id == ident)
    left = sum(r.amount for r in problem.purses.get(job.purse, ()))
    left -= committed(problem, plan).get(job.purse, 0)
    return job.purse in problem.purses and cheapest(job) > left


def _prices(asked: Asked, activities: Sequence[Scheduled]) -> Prices:
    """Return the prices with the cost in the money of each year: what starts later costs more."""
    p = asked.prices
    factor = [(1 + p.inflation) ** ((a.start - asked.days[0]).days / DAYS_A_YEAR) for a in activities]
    nominal = [
        sum(f * getattr(a.way.cost, side) for a, f in zip(activities, factor, strict=True))
        for side in ("low", "likely", "high")
    ]
    return Prices(p.currency, p.per_usd, p.rate_year, p.rate_origin, p.inflation, Span(*nominal))


def _purses(asked: Asked, activities: Sequence[Scheduled]) -> list[Purse]:
    """Return each purse's money over time: what has arrived and what is committed when activities start."""
    found = []
    names = {asked.purse_of.get(a.task.payer, "") or a.task.payer for a in activities if a.way.cost.likely}
    for name in sorted(names | set(asked.money)):
        released: dict[date, float] = {}
        for m in asked.money.get(name, ()):
            released[m.day] = released.get(m.day, 0.0) + m.released
        committed: dict[date, float] = {}
        for a in activities:
            if (asked.purse_of.get(a.task.payer, "") or a.task.payer) == name and a.way.cost.likely:
                committed[a.start] = committed.get(a.start, 0.0) + a.way.cost.likely
        curve, have, spent = [], 0.0, 0.0
        for day in sorted({*released, *committed}):
            have, spent = have + released.get(day, 0.0), spent + committed.get(day, 0.0)
            curve.append(MoneyDay(day, have, spent))
        found.append(Purse(name, tuple(curve), max(0.0, spent - have) if name in asked.money else None))
    return found


def _loads(asked: Asked, problem: Problem, plan: Plan) -> list[Load]:
    """Return each role's person-days by week of five working days, to the end of the plan."""
    import numpy as np

    runs = [(plan[j.id].start, j.modes[plan[j.id].mode]) for j in problem.jobs if j.id in plan]
    last = max((start + mode.length for start, mode in runs), default=0)
    weeks = -(-last // DAYS_A_WEEK)
    firsts = tuple(_date(asked, n * DAYS_A_WEEK) for n in range(weeks))
    found = []
    for resource in sorted({u for _, mode in runs for u in mode.units if u.startswith(ROLE)}):
        used = np.zeros(weeks * DAYS_A_WEEK)
        for start, mode in runs:
            used[start : start + mode.length] += mode.units.get(resource, 0)
        has = problem.units(resource)[: len(used)] if resource in problem.capacity else np.zeros(0)
        has = np.pad(has.astype(float), (0, len(used) - len(has)), mode="edge") if len(has) else has
        by_week = [tuple(np.round(x.reshape(weeks, DAYS_A_WEEK).sum(axis=1) / PARTS, 2)) for x in (used, has) if len(x)]
        whole = [tuple(float(v) for v in x) for x in by_week]
        found.append(Load(resource.removeprefix(ROLE), firsts, whole[0], whole[1] if len(whole) > 1 else ()))
    return found


def _status(asked: Asked, solution: Solution) -> str:
    words = asked.names.words
    if solution.proved:
        return words.status["proved"]
    gaps = [_gap(asked, r) for r in solution.reached if r.value != r.bound]
    return words.status["gap"].format(gaps="; ".join(gaps))


def _gap(asked: Asked, reached: Reached) -> str:
    counted = asked.names.words.goals[reached.goal]
    unit = asked.prices.currency if counted.unit == "money" else counted.unit
    return f"{counted.title} {abs(reached.value - reached.bound):,} {unit}".replace(",", " ").rstrip()
