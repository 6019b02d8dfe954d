"""What if: the plan as it is beside the plan under a scenario, and what differs, in plain words. Nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from .deliverables.look import day as said
from .deliverables.look import number
from .engagement import Engagement, read_engagement
from .errors import CatalystError, NoPlanError
from .judgement import Judgement, judge_everything
from .library import did_you_mean, read
from .plan_file import SCENARIOS, Baseline, Scenario, baseline_of, unheard
from .plan_words import SHOWN, binding, counted, not_heard
from .planning.asked import Asked, day_index
from .planning.goals import key_of
from .planning.plan_check import check
from .planning.problem import Placed, Plan, Problem
from .planning.roadmap import Roadmap
from .roadmapping import asked as asked_of
from .roadmapping import make_roadmap

Between = Callable[[date, date], int]


@dataclass(frozen=True)
class Shift:
    """A date that differs: ``days`` are working days, above zero when it is later now. None: not in that plan."""

    id: str
    title: str
    was: date | None
    now: date | None
    days: int = 0
    why: str = ""


@dataclass(frozen=True)
class OtherWay:
    """An activity that is done in another way, by the ways' titles."""

    id: str
    title: str
    was: str
    now: str


@dataclass(frozen=True)
class WhatIf:
    """What a scenario changes. ``no_plan`` says why it admits no plan; then nothing else is filled in.

    ``launch`` and ``p80`` hold the launch planned and the date by which four in five simulated plans have launched,
    also when neither moves. ``cost`` and ``over`` (None without a budget) are likely sums in ``currency``, was and now.
    ``binds`` leads from what holds the launch back to the launch, with what binds each of them; ``bound_before`` holds
    the ids that did so before. ``could`` holds, where the launch of an accepted plan is kept, the launch days without
    that promise, as it is and under the scenario, if the scenario makes an earlier one possible. ``proved`` is false
    when the search for one of the launches was stopped before it was proved the earliest. ``unheard`` says which wishes
    are about nothing in the plan.
    """

    title: str
    why: str
    currency: str = ""
    launch: Shift | None = None
    p80: Shift | None = None
    stages: tuple[Shift, ...] = ()
    moved: tuple[Shift, ...] = ()
    added: tuple[Shift, ...] = ()
    dropped: tuple[Shift, ...] = ()
    ways: tuple[OtherWay, ...] = ()
    opened: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    cost: tuple[float, float] = (0.0, 0.0)
    over: tuple[float, float] | None = None
    binds: tuple[Shift, ...] = ()
    bound_before: tuple[str, ...] = ()
    no_plan: str = ""
    could: tuple[date, date] | None = None
    proved: bool = True
    unheard: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Side:
    """The engagement as it is, or under the scenario, with its answers judged."""

    engagement: Engagement
    judged: Judgement

    def keeping(self, baseline: Baseline | None) -> tuple[Asked, Problem]:
        """Return what is asked, and the problem, when this plan is to be kept to."""
        from .planning.scheduling import base_problem
        from .planning.wishes import applied

        wanted = asked_of(replace(self.engagement, baseline=baseline), self.judged)
        return wanted, applied(base_problem(wanted), wanted.wishes)

    def planned(self, baseline: Baseline | None) -> Roadmap:
        """Return its plan when this one is to be kept to."""
        return make_roadmap(replace(self.engagement, baseline=baseline), self.judged, worths=False)

    def roadmap(self, plan: Plan, like: Roadmap) -> Roadmap:
        """Return a plan of this side that was found for the other as a roadmap."""
        from .planning.outcome import lengths_of, roadmap_of
        from .planning.problem import Solution
        from .planning.risk import simulate
        from .planning.roadmap import SEED

        wanted, problem = self.keeping(self.engagement.baseline)
        lengths = lengths_of(wanted, problem, plan)
        risk = simulate(problem, plan, lengths, wanted.overrun, seed=SEED, today=wanted.names.today)
        return roadmap_of(wanted, problem, Solution(plan, like.reached), risk, ())


def whatif(folder: Path, scenario: str) -> WhatIf:
    """Plan an engagement as it is and under a scenario, named as in its folder ``scenarios`` or by path.

    Raises
    ------
    CatalystError
        When there is no such scenario, its change does not fit, or the engagement as it is admits no plan.
    """
    path = find_scenario(folder, scenario)
    asked = read(path, Scenario)
    before = read_engagement(folder)
    after = read_engagement(folder, asked.change, path)
    as_is = _Side(before, judge_everything(before))
    judged = as_is.judged if _judged_alike(before, after) else judge_everything(after)
    changed = _Side(after, judged)
    was = as_is.planned(before.baseline)
    try:
        now = _under(as_is, changed, was)
    except NoPlanError as error:
        return WhatIf(asked.title, asked.why, no_plan=str(error))
    found = compare(asked, was, now, _between(before, after))
    ids = [a.task.id for a in now.activities]
    return replace(
        found,
        could=_could(as_is, changed, was, now),
        unheard=tuple(unheard(after.wishes, ids, now.launch is not None)),
    )


def roadmap_of(engagement: Engagement) -> Roadmap:
    """Judge an engagement and plan its roadmap, without its staffing and roster."""
    return make_roadmap(engagement, judge_everything(engagement), worths=False)


def _judged_alike(before: Engagement, after: Engagement) -> bool:
    """Whether the answers are judged alike: only what the plan alone is made from differs."""
    same = {key: getattr(before.file, key) for key in ("budget", "capacity", "plan", "stages", "start")}
    return after.file.model_copy(update=same) == before.file and after.parameters == before.parameters


def _under(as_is: _Side, changed: _Side, was: Roadmap) -> Roadmap:
    """Return the plan under a scenario: the plan as it is, but for what the scenario breaks or makes better.

    Both sides keep to the plan as it is. A plan that is better and that the scenario is not needed for is the search's
    luck, not the scenario's doing, and is not taken.
    """
    full = _accepted(as_is, was)
    keep = full if _promised(as_is) else _launch_free(full, was)
    (before, old_problem), (after, new_problem) = as_is.keeping(keep), changed.keeping(keep)
    stays = _plan_in(after, new_problem, was)
    if stays is not None and _same(old_problem, new_problem):
        return changed.roadmap(stays, was)
    found = changed.planned(keep)
    old, tried = _plan_in(before, old_problem, was), _plan_in(before, old_problem, found)
    lucky = bool(old and tried and old.keys() <= tried.keys() and key_of(old_problem, tried) < key_of(old_problem, old))
    new = _plan_in(after, new_problem, found)
    if stays is not None and (lucky or new is None or key_of(new_problem, stays) <= key_of(new_problem, new)):
        return changed.roadmap(stays, was)
    return changed.planned(full) if lucky and keep is not full else found


def _could(as_is: _Side, changed: _Side, was: Roadmap, now: Roadmap) -> tuple[date, date] | None:
    """Return the launch days without the accepted plan's promise, if the scenario makes an earlier one possible."""
    from .planning.solver import solve

    if not _promised(as_is) or was.launch is None or now.launch is None or now.launch.planned > was.launch.planned:
        return None
    free = _launch_free(_accepted(as_is, was), was)
    (before, old_problem), (after, new_problem) = as_is.keeping(free), changed.keeping(free)
    if _same(old_problem, new_problem) or before.launch is None or after.launch is None:
        return None
    new = solve(new_problem).plan
    if after.launch not in new or check(old_problem, new) == []:
        return None
    early = after.days[new[after.launch].start]
    old = solve(old_problem).plan if early < now.launch.planned else {}
    late = before.days[old[before.launch].start] if before.launch in old else early
    return (late, early) if early < late else None


def _promised(side: _Side) -> bool:
    """Whether people have agreed to a launch day."""
    return side.engagement.baseline is not None and side.engagement.baseline.launch is not None


def _accepted(side: _Side, roadmap: Roadmap) -> Baseline:
    return baseline_of(roadmap, side.engagement.file.as_of, side.engagement.file.as_of)


def _launch_free(accepted: Baseline, roadmap: Roadmap) -> Baseline:
    """Return a plan to keep to whose launch may come earlier."""
    ident = roadmap.launch.activity if roadmap.launch else None
    kept = {i: a for i, a in accepted.activities.items() if i != ident}
    return accepted.model_copy(update={"activities": kept, "launch": None})


def _plan_in(wanted: Asked, problem: Problem, roadmap: Roadmap) -> Plan | None:
    """Return a roadmap as a plan of another problem, without what that one does not know; None when it breaks it."""
    modes = {job.id: [mode.id for mode in job.modes] for job in problem.jobs}
    here = [a for a in roadmap.activities if a.task.id in modes]
    if any(a.way.id not in modes[a.task.id] for a in here):
        return None
    plan = {a.task.id: Placed(day_index(wanted.days, a.start), modes[a.task.id].index(a.way.id)) for a in here}
    return None if check(problem, plan) else plan


def _same(one: Problem, other: Problem) -> bool:
    """Whether two problems are alike: limits by the day count as equal when each day is."""
    if one.capacity.keys() != other.capacity.keys():
        return False
    if any((one.units(r) != other.units(r)).any() for r in one.capacity):
        return False
    return replace(one, capacity={}) == replace(other, capacity={})


def find_scenario(folder: Path, name: str) -> Path:
    """Return the file of a scenario.

    Raises
    ------
    CatalystError
        When there is none; the text names those there are.
    """
    path = Path(name)
    if path.suffix in (".yaml", ".yml") and path.is_file():
        return path
    known = sorted(p.stem for p in (folder / SCENARIOS).glob("*.yaml"))
    if path.stem in known:
        return folder / SCENARIOS / f"{path.stem}.yaml"
    there = f"; there are {', '.join(known)}" if known else f"; put one into {folder / SCENARIOS}, as a file NAME.yaml"
    raise CatalystError(f"There is no scenario '{name}'{did_you_mean(name, known) or there}.")


def compare(asked: Scenario, was: Roadmap, now: Roadmap, between: Between) -> WhatIf:
    """Return what differs between two plans. ``between`` counts the working days from one date to another."""
    old, new = ({a.task.id: a for a in plan.activities} for plan in (was, now))
    both = [new[i] for i in new if i in old]
    moved = [_shift(a.task.id, a.task.title, old[a.task.id].start, a.start, between, a.why_then) for a in both]
    reasons = {x.id: x.why for x in now.left_out}
    gone = [old[i] for i in old if i not in new]
    open_was, open_now = ({f for x in plan.left_out for f in x.open_findings} for plan in (was, now))
    return WhatIf(
        asked.title,
        asked.why,
        now.prices.currency,
        *_launches(was, now, between),
        stages=tuple(_stages(was, now, between)),
        moved=tuple(sorted((s for s in moved if s.days), key=lambda s: (-abs(s.days), s.id))),
        added=tuple(
            Shift(a.task.id, a.task.title, None, a.start, 0, a.task.why_here) for i, a in new.items() if i not in old
        ),
        dropped=tuple(Shift(a.task.id, a.task.title, a.start, None, 0, reasons.get(a.task.id, "")) for a in gone),
        ways=tuple(
            OtherWay(a.task.id, a.task.title, old[a.task.id].way.title, a.way.title)
            for a in both
            if a.way.id != old[a.task.id].way.id
        ),
        opened=tuple(sorted(open_now - open_was)),
        closed=tuple(sorted(open_was - open_now)),
        cost=(was.cost.likely, now.cost.likely),
        over=_over(was, now),
        binds=tuple(Shift(a.task.id, a.task.title, None, a.start, 0, a.why_then) for a in binding(now)),
        bound_before=tuple(a.task.id for a in binding(was)),
        proved=all(r.value == r.bound for plan in (was, now) for r in plan.reached if r.goal == "launch"),
    )


def _launches(was: Roadmap, now: Roadmap, between: Between) -> tuple[Shift | None, Shift | None]:
    plan = now if now.launch else was
    if plan.launch is None:
        return None, None
    ident = plan.launch.activity
    title = next((a.task.title for a in plan.activities if a.task.id == ident), ident)
    dates = [(x.launch.planned, x.launch.p80) if x.launch else (None, None) for x in (was, now)]
    planned, p80 = (_shift(ident, title, a, b, between) for a, b in zip(*dates, strict=True))
    return planned, p80


def _stages(was: Roadmap, now: Roadmap, between: Between) -> Iterator[Shift]:
    old, new = ({s.id: s for s in plan.stages} for plan in (was, now))
    for ident, stage in {**old, **new}.items():
        pair = [plan[ident].planned if ident in plan else None for plan in (old, new)]
        if pair[0] != pair[1]:
            yield _shift(ident, stage.title, pair[0], pair[1], between)


def _shift(ident: str, title: str, was: date | None, now: date | None, between: Between, why: str = "") -> Shift:
    return Shift(ident, title, was, now, between(was, now) if was and now else 0, why)


def _over(was: Roadmap, now: Roadmap) -> tuple[float, float] | None:
    sums = [[p.over for p in plan.purses if p.over is not None] for plan in (was, now)]
    return (sum(sums[0]), sum(sums[1])) if any(sums) else None


def _between(before: Engagement, after: Engagement) -> Between:
    """Return a count of the country's working days from one date to another, below zero when it lies earlier."""
    from bisect import bisect_left

    from .planning.roadmap import HORIZON_DAYS

    first = min(before.file.start, after.file.start, before.file.as_of, after.file.as_of) - timedelta(days=366)
    days = before.country.working_days(first, 2 * HORIZON_DAYS)
    return lambda a, b: bisect_left(days, b) - bisect_left(days, a)


def lines(found: WhatIf) -> Iterator[str]:
    """Yield what a scenario changes, in plain words."""
    yield f"What if: {found.title}"
    yield f"Why ask: {found.why}"
    if found.no_plan:
        yield "There is no plan that holds all of it."
        yield found.no_plan
        return
    yield from _say_launch(found)
    yield from _say_shifts("Steps of the opening that move", [replace(s, id="") for s in found.stages])
    yield from _say_money(found)
    yield from _say_shifts("Activities that move", found.moved[:SHOWN], len(found.moved))
    yield from _say_shifts("Added", found.added)
    yield from _say_shifts("No longer in the plan", found.dropped)
    if found.ways:
        yield f"Done another way ({counted(min(SHOWN, len(found.ways)), len(found.ways))})"
        yield from (f"  {w.id} {w.title}: {w.now} instead of {w.was}" for w in found.ways[:SHOWN])
    if found.opened:
        yield f"Left open now: {', '.join(found.opened)}"
    if found.closed:
        yield f"No longer left open: {', '.join(found.closed)}"
    if not (found.stages or found.moved or found.added or found.dropped or found.ways):
        yield "Nothing in the plan moves."
    yield from not_heard(found.unheard)


def _say_launch(found: WhatIf) -> Iterator[str]:
    if found.launch is None or found.p80 is None:
        yield "Neither plan has a launch."
        return
    yield f"{found.launch.id} {found.launch.title}: {_instead(found.launch)}"
    yield f"Four in five simulated plans are there by: {_instead(found.p80)}"
    yield from _say_doubt(found)
    if found.binds:
        yield f"What binds it now: {', then '.join(b.id for b in found.binds)}"
        first, *later = found.binds
        yield f"  {first.id} {first.title}. {first.why}"
        new = [b for b in later if b.id not in found.bound_before]
        yield from (f"  new: {b.id} {b.title}. {b.why}" for b in new)


def _say_doubt(found: WhatIf) -> Iterator[str]:
    """Yield what to know about the two launch days before taking their difference for more than it is."""
    if found.could:
        yield (
            f"The accepted plan's launch is kept. Without that promise it could be {said(found.could[1])} under this "
            f"change, and {said(found.could[0])} without it."
        )
    if found.launch and found.launch.days < 0:
        yield "What follows the launch keeps its dates here; planned anew it may come earlier too."
    if found.launch and found.launch.days and not found.proved:
        yield "Neither day may be the earliest: the search was stopped. Take a difference of a few days as none."


def _instead(shift: Shift) -> str:
    was, now = (said(d) if d else "not in the plan" for d in (shift.was, shift.now))
    if shift.was == shift.now:
        return f"{now}, as before"
    return f"{now} instead of {was}{_by(shift.days)}"


def _by(days: int) -> str:
    unit = "working day" if abs(days) == 1 else "working days"
    return f" ({abs(days)} {unit} {'later' if days > 0 else 'earlier'})" if days else ""


def _say_shifts(title: str, shifts: Sequence[Shift], of: int | None = None) -> Iterator[str]:
    if shifts:
        yield f"{title} ({counted(len(shifts), of or len(shifts))})"
        for s in shifts:
            yield f"  {f'{s.id} {s.title}'.strip()}: {_instead(s)}{'. ' + s.why if s.why else ''}"


def _say_money(found: WhatIf) -> Iterator[str]:
    was, now = found.cost
    same = number(was) == number(now)
    yield f"Cost, likely: {number(now)} {found.currency}{', as before' if same else f' instead of {number(was)}'}"
    if found.over is not None and any(found.over):
        yield f"Above the budget: {number(found.over[1])} {found.currency}; before: {number(found.over[0])}"
