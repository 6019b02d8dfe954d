"""The planning half of the walk for the roadmap: an engagement's activities, limits and wishes become one plan."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from math import ceil

from .assessment.activities import Way as LibraryWay
from .assessment.findings import Chosen
from .assessment.inclusion import Inclusion
from .engagement import Engagement
from .errors import NoPlanError
from .judgement import Judgement
from .plan_file import LeftOut as LeaveOut
from .planning import wishes as w
from .planning.asked import Asked, Progress, StageAsked, day_index
from .planning.demand import Span
from .planning.jobs import OWNER, ROLE, length_of
from .planning.outcome import DAYS_A_YEAR
from .planning.problem import Release
from .planning.reasons import Names, load_reasons
from .planning.roadmap import (
    DAYS_A_WEEK,
    HORIZON_DAYS,
    PARTS,
    LeftOut,
    MoneyDay,
    Prices,
    Repeat,
    Roadmap,
    Task,
    Way,
    Window,
)
from .planning.scheduling import judge_edits, plan_roadmap

LATE_DAYS = 500  # working days past the plan's horizon, to name late dates
ONE_PURSE = "budget"


def make_roadmap(engagement: Engagement, judged: Judgement, *, worths: bool = True) -> Roadmap:
    """Plan what the assessment chose under everything the engagement says about its plan.

    ``worths`` asks for what more people, money or time would be worth, which takes as long again.

    Raises
    ------
    NoPlanError
        When what is asked cannot hold together; the text names the smallest set that cannot, and the ways out.
    """
    return plan_roadmap(asked(engagement, judged), worths=worths)


def edited_plan_problems(
    engagement: Engagement,
    judged: Judgement,
    roadmap: Roadmap,
    starts: Mapping[str, date],
    ways: Mapping[str, str],
    left_out: Sequence[str],
) -> list[str]:
    """Return, in sentences, what breaks when the roadmap is changed by hand in this way."""
    out = [LeaveOut(activity=i, reason="taken out by hand") for i in left_out]
    wishes = engagement.wishes.model_copy(update={"leave_out": [*engagement.wishes.leave_out, *out]})
    without = replace(engagement, file=engagement.file.model_copy(update={"plan": wishes}))
    return judge_edits(asked(without, judged), roadmap, starts, ways, left_out)


def asked(engagement: Engagement, judged: Judgement) -> Asked:
    """Return everything the roadmap is made from."""
    file, country, parameters = engagement.file, engagement.country, engagement.parameters
    days = country.working_days(file.start, HORIZON_DAYS + LATE_DAYS)
    tasks = tuple(_tasks(engagement, judged))
    has, weights = _has(engagement, tasks), _need_weights(engagement, judged)
    ids = {t.id for t in tasks}
    gates_file = engagement.instrument.gates_file
    launch = next((a for a in (gates_file.launched_by, gates_file.reviewed_by["launch"]) if a in ids), None)
    overrun = parameters["roadmap.overrun"]
    money = dict(_money(engagement, days))
    wishes = tuple(_wishes(engagement, tasks, days, has, money, launch))
    return Asked(
        tasks=tasks,
        links={a.id: {x.id: x.lag_weeks for x in a.after} for a in engagement.advice.activities.values()},
        launch=launch,
        review_after=_review_after(engagement, judged, tasks),
        days=days,
        horizon=HORIZON_DAYS,
        today=max(file.as_of, file.start),
        has=has,
        wishes=wishes,
        need_weight={s: weights[s.split("@")[0]] for t in tasks for s in t.closes},
        overrun=Span(overrun.low, overrun.likely, overrun.high),
        names=_names(engagement, tasks, days),
        prices=_prices(engagement),
        stages=tuple(_stages(engagement, judged, ids)),
        channels=tuple(file.channels),
        left_out=tuple(_left_out(engagement, judged)),
        unopened=tuple(_unopened(engagement, judged, ids)),
        windows=tuple(Window(x.title, x.from_, x.to) for x in engagement.wishes.windows),
        progress={d.activity: Progress(d.started, d.ended) for d in engagement.progress if d.activity in ids},
        money=money,
        purse_of=_purse_of(engagement),
    )


def _tasks(engagement: Engagement, judged: Judgement) -> Iterator[Task]:
    wishes = engagement.wishes
    out = {x.activity for x in wishes.leave_out}
    later = {d.activity: d.weeks for d in wishes.delays}
    begun = {d.activity for d in engagement.progress}
    for chosen in [*judged.chosen, *_asked_for(engagement, judged)]:
        if chosen.activity.id not in out or chosen.activity.id in begun:
            yield _task(engagement, judged, chosen, later.get(chosen.activity.id, 0.0))


def _unopened(engagement: Engagement, judged: Judgement, ids: set[str]) -> Iterator[str]:
    """Yield the gates that something taken out on request was to open: the plan no longer brings all they ask for."""
    reviewers = set(engagement.instrument.gates_file.reviewed_by.values())
    out = {g for c in judged.chosen if c.activity.id not in ids | reviewers for g in c.gates}
    yield from (g.id for g in judged.gates if g.id in out)


def _asked_for(engagement: Engagement, judged: Judgement) -> Iterator[Chosen]:
    """Yield what no answer asks for, or asks for no longer, but somebody has set a date for or has begun."""
    advice, have, words = engagement.advice, {c.activity.id for c in judged.chosen}, load_reasons().here
    asked_for = {x.activity: x.reason for x in engagement.wishes.done_by}
    asked_for |= {x.activity: x.reason for x in engagement.wishes.pins}
    begun = {d.activity for d in engagement.progress}
    for ident in sorted({*asked_for, *begun} - have):
        activity = advice.activities[ident]
        say = words["begun" if ident in begun else "asked"]
        why = say.format(why=activity.why, reason=asked_for.get(ident, "").rstrip("."))
        yield Chosen(activity, advice.phase_of[ident], (), (), (), why)


def _task(engagement: Engagement, judged: Judgement, chosen: Chosen, later: float) -> Task:
    a, weights = chosen.activity, _need_weights(engagement, judged)
    always = round(engagement.advice.roadmap.constants["always_weight"].value)
    closes = tuple(_steps(judged, chosen, weights))
    again, sure = a.repeats, judged.inclusion.get(a.id, Inclusion(0.0, "optional", ()))
    return Task(
        id=a.id,
        title=a.title,
        phase=chosen.phase,
        ways=tuple(_way(engagement, way, later) for way in a.ways),
        after={x.id: x.lag_weeks for x in a.after},
        owner=a.owner,
        payer=a.payer,
        gates=chosen.gates,
        finding_ids=chosen.findings,
        why_here=chosen.why,
        done_when=a.done_when,
        milestone=a.milestone,
        source=a.source,
        must=a.needed == "always",
        weight=1 + sum(weights[f] for f in chosen.findings if f in weights) + (always if a.needed == "always" else 0),
        closes=closes,
        avoid=tuple(a.avoid),
        repeats=Repeat(again.every_weeks, again.effort_days, again.what) if again else None,
        share=sure.share,
        standing=sure.standing,
        verify=sure.verify,
        playbooks=tuple(a.playbooks),
    )


def _steps(judged: Judgement, chosen: Chosen, weights: Mapping[str, int]) -> Iterator[str]:
    """Yield what the activity does for each finding it answers, level by level: from where the item likely is."""
    for move in chosen.activity.moves:
        finding = f"F-{move.item}"
        if finding in weights and finding in chosen.findings:
            item = judged.readiness.items[move.item]
            first = max(move.from_, item.likely if item.known else 0)
            yield from (f"{finding}@{level + 1}" for level in range(first, min(move.to, judged.targets[move.item])))


def _way(engagement: Engagement, way: LibraryWay, later: float) -> Way:
    rate = engagement.country.currency.per_usd.value
    weeks = Span(way.weeks.low + later, way.weeks.likely + later, way.weeks.high + later)
    cost = Span(way.cost_usd.low, way.cost_usd.likely, way.cost_usd.high) * rate
    return Way(way.id, engagement.advice.roadmap.ways[way.id].title, weeks, way.effort_days, cost)


def _need_weights(engagement: Engagement, judged: Judgement) -> dict[str, int]:
    """Return what closing each finding is worth: its chance times its item's weight, more where a gate asks for it.

    Counted in tenths, as whole numbers of one at least.
    """
    instrument, constants = engagement.instrument, engagement.advice.roadmap.constants
    gated = {leaf.item for gate in instrument.gates for leaf in gate.needs.leaves()}
    found = {}
    for finding in judged.findings:
        if finding.kind in ("gap", "not known"):
            factor = constants["gate_weight"].value if finding.subject in gated else 1.0
            worth = 10 * (finding.probability or 1.0) * instrument.items[finding.subject].weight * factor
            found[finding.id] = max(1, round(worth))
    return found


def _has(engagement: Engagement, tasks: Sequence[Task]) -> dict[str, int]:
    """Return hundredths of a person on a working day, by role."""
    parameters, capacity = engagement.parameters, engagement.file.capacity
    usual = parameters["roadmap.role_days_per_week"].likely
    given = {"operator": parameters["roadmap.operator_days_per_week"].likely, **capacity}
    roles = {r for t in tasks for way in t.ways for r in way.effort_days}
    return {r: _parts(given.get(r, usual)) for r in sorted(roles)}


def _parts(days_per_week: float) -> int:
    return round(days_per_week * PARTS / DAYS_A_WEEK)


def _review_after(engagement: Engagement, judged: Judgement, tasks: Sequence[Task]) -> dict[str, list[str]]:
    reviewed_by, kinds = engagement.instrument.gates_file.reviewed_by, {g.id: g.kind for g in judged.gates}
    reviewers = set(reviewed_by.values())
    return {
        reviewer: [t.id for t in tasks if t.id not in reviewers and any(kinds[g] == kind for g in t.gates)]
        for kind, reviewer in reviewed_by.items()
    }


def _purse_of(engagement: Engagement) -> dict[str, str]:
    """Return the purse that pays for each payer: its own, one for all, or none."""
    budget = engagement.file.budget
    if budget is None:
        return {}
    payers = {t.payer for t in budget.tranches}
    if payers == {None}:
        return dict.fromkeys(("state", "donor", "operator"), ONE_PURSE)
    return {p: p for p in sorted(str(p) for p in payers)}


def _money(engagement: Engagement, days: Sequence[date]) -> Iterator[tuple[str, tuple[MoneyDay, ...]]]:
    """Yield each purse with what arrives when, in local currency and in the prices of the plan's start."""
    budget, rate = engagement.file.budget, engagement.country.currency.per_usd.value
    if budget is None:
        return
    factor = rate if budget.currency == "USD" and engagement.country.currency.code != "USD" else 1.0
    inflation, start = engagement.parameters["roadmap.inflation"].likely, days[0]
    purses: dict[str, list[MoneyDay]] = {}
    for tranche in sorted(budget.tranches, key=lambda t: (t.date, t.amount)):
        years = max(0, (tranche.date - start).days) / DAYS_A_YEAR
        worth = tranche.amount * factor / (1 + inflation) ** years
        purses.setdefault(tranche.payer or ONE_PURSE, []).append(MoneyDay(max(tranche.date, start), worth, 0.0))
    yield from ((name, tuple(arrives)) for name, arrives in sorted(purses.items()))


def _wishes(
    engagement: Engagement,
    tasks: Sequence[Task],
    days: Sequence[date],
    has: Mapping[str, int],
    money: Mapping[str, tuple[MoneyDay, ...]],
    launch: str | None,
) -> Iterator[w.Wish]:
    file, wishes = engagement.file, engagement.wishes
    ids = {t.id for t in tasks}
    begun = {d.activity for d in engagement.progress}

    def at(day: date) -> int:
        return day_index(days, day)

    _check_ways(tasks, has, {**{x.activity: x.way for x in wishes.ways}, **{p.activity: p.way for p in wishes.pins}})
    yield from _limits(engagement, tasks, days, has)
    for purse, arrives in money.items():
        releases = tuple(Release(at(m.day), round(m.released)) for m in arrives)
        yield w.Money(f"money:{purse}", f"money from {purse}", purse, releases)
    if file.budget and file.budget.fixed:
        yield w.Ceiling("ceiling", "the plan costs no more than the budget")
    if wishes.gates == "all":
        openers = tuple(t.id for t in tasks if t.gates and not t.must)
        yield w.Must("gates", "everything that opens a gate is done", openers)
    if wishes.launch_by and launch:
        yield w.LaunchBy("launch_by", f"launch by {_day(wishes.launch_by.date)}", _last(days, wishes.launch_by.date))
    for pin in wishes.pins:
        if pin.activity in ids - begun:
            say = f"{pin.activity} starts on {_day(pin.start)}"
            yield w.Pin(f"pin:{pin.activity}", say, pin.activity, at(pin.start), pin.way)
    for chosen in wishes.ways:
        if chosen.activity in ids - begun:
            say = f"{chosen.activity} is done this way: {engagement.advice.roadmap.ways[chosen.way].title.lower()}"
            yield w.UseMode(f"way:{chosen.activity}", say, chosen.activity, chosen.way)
    for by in wishes.done_by:
        if by.activity in ids - begun:
            say = f"{by.activity} is done by {_day(by.date)}"
            yield w.DoneBy(f"done_by:{by.activity}", say, by.activity, _last(days, by.date) + 1)
    for first in wishes.not_before:
        if first.activity in ids - begun:
            say = f"{first.activity} starts on {_day(first.date)} or later"
            yield w.NotBefore(f"not_before:{first.activity}", say, first.activity, at(first.date))
    for number, window in enumerate(wishes.windows, 1):
        avoiding = tuple(t.id for t in tasks if window.kind in t.avoid)
        say = f"nothing that avoids it runs in {window.title} ({_day(window.from_)} to {_day(window.to)})"
        yield w.Closed(f"window:{number}", say, avoiding, ((at(window.from_), _last(days, window.to) + 1),))
    yield from _progress(engagement, tasks, days, has)


def _check_ways(tasks: Sequence[Task], has: Mapping[str, int], chosen: Mapping[str, str | None]) -> None:
    """Refuse a way that was asked for and that needs people who have no time at all."""
    for task in tasks:
        way = next((x for x in task.ways if x.id == chosen.get(task.id)), None)
        none = sorted(r for r, effort in way.effort_days.items() if effort > 0 and has[r] <= 0) if way else []
        if way and none:
            raise NoPlanError(
                f"{task.id} is to be done this way: {way.title.lower()}. That needs time of {', '.join(none)}, who has "
                "none. Set capacity in engagement.yaml, or choose another way."
            )


def _last(days: Sequence[date], day: date) -> int:
    """Return the index of the last working day on or before ``day``; -1 for days before the plan."""
    return bisect_right(days, day) - 1


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _limits(
    engagement: Engagement, tasks: Sequence[Task], days: Sequence[date], has: Mapping[str, int]
) -> Iterator[w.Wish]:
    import numpy as np

    title = engagement.instrument.role_title
    for role, parts in has.items():
        units: int | np.ndarray[tuple[int], np.dtype[np.int64]] = parts
        for away in engagement.wishes.away:
            if away.role == role:
                units = np.full(HORIZON_DAYS, parts, dtype=np.int64) if isinstance(units, int) else units.copy()
                span = slice(day_index(days, away.from_), _last(days, away.to) + 1)
                units[span] = np.minimum(units[span], _parts(away.days_per_week))
        say = f"{title(role)} gives {parts * DAYS_A_WEEK / PARTS:g} days a week"
        yield w.Limit(f"role:{role}", say, ROLE + role, units)
    at_once = round(engagement.parameters["roadmap.role_at_once"].likely)
    for owner in sorted({t.owner for t in tasks}):
        say = f"{title(owner)} owns {at_once} activities at the same time at most"
        yield w.Limit(f"owner:{owner}", say, OWNER + owner, at_once)


def _progress(
    engagement: Engagement, tasks: Sequence[Task], days: Sequence[date], has: Mapping[str, int]
) -> Iterator[w.Wish]:
    """Yield what has begun, that nothing else starts before today, and the plan that was accepted."""
    by_id = {t.id: t for t in tasks}
    today = day_index(days, engagement.file.as_of)
    begun = {d.activity: d for d in engagement.progress if d.activity in by_id}
    for ident, done in begun.items():
        first, task = day_index(days, done.started), by_id[ident]
        way = next((x for x in task.ways if x.id == done.way), task.ways[0])
        if done.ended is not None:
            length = bisect_right(days, done.ended) - first
        elif done.remaining_weeks is not None:
            length = today + ceil(done.remaining_weeks * DAYS_A_WEEK) - first
        else:
            spent = len([d for d in engagement.country.working_days(done.started, HORIZON_DAYS) if d < days[0]])
            length = max(length_of(way, has) - spent, today + 1 - first)
        yield w.Begun(f"begun:{ident}", f"{ident} began on {_day(done.started)}", ident, first, max(0, length), way.id)
    if today > 0:
        for ident in sorted(set(by_id) - set(begun)):
            yield _Today(f"today:{ident}", f"{ident} has not begun", ident, today)
    if engagement.baseline is not None:
        starts = {i: day_index(days, a.start) for i, a in engagement.baseline.activities.items() if i in by_id}
        ways = {i: a.way for i, a in engagement.baseline.activities.items() if i in starts}
        say = "the plan that was accepted"
        yield w.Previous("previous", say, {i: d for i, d in starts.items() if i not in begun}, ways)


class _Today(w.NotBefore):
    """A job that has not begun cannot begin in the past; nobody can drop that."""

    can_drop = False


def _names(engagement: Engagement, tasks: Sequence[Task], days: Sequence[date]) -> Names:
    plan = engagement.wishes
    spans = [(x.title, (day_index(days, x.from_), _last(days, x.to) + 1)) for x in plan.windows]
    roles = {r for t in tasks for r in [t.owner, *(r for way in t.ways for r in way.effort_days)]}
    return Names(
        words=load_reasons(),
        days=days,
        roles={r: engagement.instrument.role_title(r) for r in sorted(roles)},
        payers={p: f"the {p}" for p in ("state", "donor", "operator")} | {ONE_PURSE: "the budget"},
        windows={t.id: [spans[n] for n, x in enumerate(plan.windows) if x.kind in t.avoid] for t in tasks if t.avoid},
        began={d.activity: d.started for d in engagement.progress},
        wishes={x.activity: x.reason for x in plan.not_before} | {x.activity: x.reason for x in plan.pins},
        today=day_index(days, engagement.file.as_of),
    )


def _prices(engagement: Engagement) -> Prices:
    currency = engagement.country.currency
    origin = currency.per_usd.source or currency.per_usd.assumption or ""
    inflation = engagement.parameters["roadmap.inflation"].likely
    return Prices(currency.code, currency.per_usd.value, currency.per_usd.year, origin, inflation, Span(0, 0, 0))


def _stages(engagement: Engagement, judged: Judgement, ids: set[str]) -> Iterator[StageAsked]:
    """Yield the steps of the opening; shorter hours only where they are fewer than those promised."""
    file = engagement.file
    opener = engagement.instrument.gates_file.launched_by
    if opener not in ids and any(c.activity.id == opener for c in judged.chosen):
        return  # the opening was taken out: nothing opens, and no later step can
    options = {o.id: o.hours for o in engagement.options}
    for stage in engagement.advice.roadmap.stages:
        own = file.stages.get(stage.id)
        name = (own.hours if own else None) or stage.hours
        shorter = options[name] if name else file.hours
        fewer = shorter.open_quarters.sum() < file.hours.open_quarters.sum()
        hours = (shorter if fewer else file.hours).text
        adds = tuple(own.channels) if own and own.channels is not None else (stage.channel,) if stage.channel else ()
        unmet = tuple(g.id for g in judged.gates if g.kind in stage.kinds and g.verdict != "met")
        keeps = stage.channel is not None
        opens, at_end = stage.opens, stage.at == "end"
        if opens not in ids and stage.or_after:
            opens, at_end = stage.or_after, True
        yield StageAsked(stage.id, stage.title, opens, hours, adds, unmet, stage.reason, at_end, keeps)


def _left_out(engagement: Engagement, judged: Judgement) -> Iterator[LeftOut]:
    """Yield what was left out on request, and what too few readings of the answers ask for as yet."""
    words, by_id = load_reasons().left_out, {c.activity.id: c for c in judged.chosen}
    served = {f for c in judged.chosen for f in c.findings}
    out = {x.activity: x.reason for x in engagement.wishes.leave_out}
    kept = {f for c in judged.chosen if c.activity.id not in out for f in c.findings}
    for ident, reason in out.items():
        if ident in by_id:
            open_ = tuple(f for f in by_id[ident].findings if f in served - kept)
            yield LeftOut(ident, by_id[ident].activity.title, words["asked"].format(reason=reason.rstrip(".")), open_)
    least = engagement.advice.roadmap.constants["verify_first"].value
    for ident, sure in judged.inclusion.items():
        if ident not in by_id and sure.standing == "verify first" and sure.share >= least:
            hidden = any(
                engagement.instrument.items[i].sensitive or judged.readiness.items[i].shielded for i in sure.verify
            )
            say = words["verify_hidden" if hidden else "verify"].format(
                share=f"{sure.share:.0%}", items=", ".join(sure.verify)
            )
            yield LeftOut(ident, engagement.advice.activities[ident].title, say, ())
