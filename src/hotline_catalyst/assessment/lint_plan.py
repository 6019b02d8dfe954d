"""The rules of the content check about the roadmap: activities, ways of doing them, and the steps of the opening."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from ..library import did_you_mean
from .activities import PHASES, Activity, Move, Way
from .instrument import STAGES, Gate, in_stage
from .lint_subject import Problem, Subject

ROADMAP = "assessment/roadmap.yaml"
PAID_FOR = "consultant"
STARTER = "hotline/"


def activities_say_enough(s: Subject) -> Iterator[Problem]:
    """No text of an activity is empty, and phases run forward."""
    for a in s.advice.activities.values():
        for field in ("title", "why", "done_when", "milestone", "source"):
            if not str(getattr(a, field)).strip():
                yield s.problem(a.id, f"{field} is empty; fill it in")
        for after in a.after:
            if PHASES.index(s.advice.phase_of[after.id]) > PHASES.index(s.advice.phase_of[a.id]):
                yield s.problem(a.id, f"comes after {after.id}, which stands in a later phase; move one of the two")
        if a.channel is not None and a.channel not in s.instrument.meta.channels:
            hint = did_you_mean(a.channel, list(s.instrument.meta.channels))
            yield s.problem(a.id, f"channel '{a.channel}' is not in instrument.yaml{hint}")


def activities_are_asked_for(s: Subject) -> Iterator[Problem]:
    """Each activity is part of every plan, or a recommendation names it, or one that is asked for waits for it."""
    activities = s.advice.activities
    asked = {a for rec in s.advice.recommendations.values() for a in rec.activities}
    asked |= {a.id for a in activities.values() if a.needed == "always"}
    wave = asked & set(activities)
    while wave:
        wave = {after.id for ident in wave for after in activities[ident].after} - asked
        asked |= wave
    for ident in activities:
        if ident not in asked:
            yield s.problem(ident, "no recommendation names it and nothing waits for it; name it under activities")


def words_of_the_roadmap_are_known(s: Subject) -> Iterator[Problem]:
    """Windows are those of roadmap.yaml, roles of what comes again those of the instrument, templates are files."""
    windows, roles = list(s.advice.roadmap.windows), [*s.instrument.meta.roles, PAID_FOR]
    for a in s.advice.activities.values():
        for window in a.avoid:
            if window not in windows:
                yield s.problem(
                    a.id, f"avoid '{window}' is not a window of roadmap.yaml{did_you_mean(window, windows)}"
                )
        for role in a.repeats.effort_days if a.repeats else ():
            if role not in roles:
                yield s.problem(a.id, f"repeats: role '{role}' is not known{did_you_mean(role, roles)}")
        for template in a.templates:
            if not _template_exists(s, template):
                text = (
                    f"template '{template}' is not in templates/; correct the path, as in kit/papers/gate-review.yaml"
                )
                yield s.problem(a.id, text)


def _template_exists(s: Subject, path: str) -> bool:
    """Whether a file lies below templates/; ``hotline/x`` is file x of the starter project."""
    folder = s.root / "templates"
    in_starter = folder.glob(f"{STARTER}*/{path.removeprefix(STARTER)}") if path.startswith(STARTER) else ()
    return (folder / path).is_file() or any(in_starter)


def ways_can_be_done(s: Subject) -> Iterator[Problem]:
    """Each way asks something of the owner, lasts some time, and asks nobody for more days than its weeks hold."""
    for a in s.advice.activities.values():
        for way in a.ways:
            if way.weeks.low <= 0:
                yield s.problem(a.id, f"way {way.id}: lasts 0 weeks at best; give it at least half a week")
            if way.effort_days.get(a.owner, 0) <= 0:
                yield s.problem(a.id, f"way {way.id}: its owner {a.owner} gives no days; add them under effort_days")
            yield from _fits(s, a, f"way {way.id}", way.effort_days, way.weeks.likely)
        if a.repeats is not None:
            yield from _fits(s, a, "repeats", a.repeats.effort_days, a.repeats.every_weeks)
            if not a.repeats.effort_days or not a.repeats.what.strip():
                yield s.problem(a.id, "repeats takes nobody's days or does not say what is done; fill it in")


def _fits(s: Subject, a: Activity, place: str, effort: dict[str, float], weeks: float) -> Iterator[Problem]:
    per_week = s.limits.plan.effort_days_a_week.most
    for role, days in effort.items():
        if not 0 < days <= per_week * weeks:
            room = f"{per_week:g} days a week for {weeks:g} weeks"
            yield s.problem(a.id, f"{place}: {days:g} days of {role} do not fit into {room}; correct days or weeks")


def own_days(way: Way) -> float:
    """Return the person-days a way asks of the operator and its partners, a hired consultant's left out."""
    return sum(days for role, days in way.effort_days.items() if role != PAID_FOR)


def ways_are_a_choice(s: Subject) -> Iterator[Problem]:
    """No way is at once no quicker, no cheaper and no lighter than another: nobody would ever take it."""
    for a in s.advice.activities.values():
        for way in a.ways:
            mine = _burdens(way)
            for other in a.ways:
                theirs = _burdens(other)
                if mine != theirs and all(m >= t for m, t in zip(mine, theirs, strict=True)):
                    text = (
                        f"way {way.id} is no quicker, cheaper or lighter than {other.id}; correct a figure or drop it"
                    )
                    yield s.problem(a.id, text)


def _burdens(way: Way) -> tuple[float, float, float]:
    return way.weeks.likely, way.cost_usd.likely, own_days(way)


def costs_are_plausible(s: Subject) -> Iterator[Problem]:
    """A cost lies within the limits of lint.yaml, and what a hired consultant adds is a fee somebody would charge."""
    limits = s.limits.plan
    for a in s.advice.activities.values():
        for way in a.ways:
            cost = way.cost_usd
            if cost.high > limits.cost_usd.most:
                yield s.problem(a.id, f"way {way.id}: costs up to {cost.high:,.0f} dollars; split the activity")
            if cost.likely and cost.high > limits.cost_spread.most * cost.likely:
                yield s.problem(a.id, f"way {way.id}: its highest cost is far above the likely one; narrow the range")
            fee = limits.consultant_day_usd.least * way.effort_days.get(PAID_FOR, 0)
            if cost.likely < fee:
                yield s.problem(a.id, f"way {way.id}: its cost leaves out the consultant's fee; add at least {fee:g}")
        yield from _fee(s, a)


def _fee(s: Subject, a: Activity) -> Iterator[Problem]:
    """Compare a consultant's way with the usual one: more days of the consultant, more money."""
    ways, limit = {way.id: way for way in a.ways}, s.limits.plan.consultant_day_usd
    hired, usual = ways.get(PAID_FOR), ways.get("in_house")
    if hired is None or usual is None:
        return
    days = hired.effort_days.get(PAID_FOR, 0) - usual.effort_days.get(PAID_FOR, 0)
    extra = hired.cost_usd.likely - usual.cost_usd.likely
    if days <= 0:
        yield s.problem(
            a.id, "way consultant asks no more days of the consultant than in_house; correct one of the two"
        )
    elif not limit.least <= extra / days <= limit.most:
        range_ = f"{limit.least:g} to {limit.most:g}"
        yield s.problem(
            a.id, f"way consultant pays {extra / days:.0f} dollars a day more than in_house; expect {range_}"
        )


def opening_is_whole(s: Subject) -> Iterator[Problem]:
    """Each step of the opening names an activity, gates, a channel and hours that exist; each channel has its step."""
    instrument, activities = s.instrument, list(s.advice.activities)
    kinds, channels = list(instrument.gates_file.kinds), list(instrument.meta.channels)
    for stage in s.advice.roadmap.stages:
        known = [("opens", stage.opens, activities), *(("kinds", kind, kinds) for kind in stage.kinds)]
        known += [("or_after", stage.or_after, activities)] if stage.or_after else []
        known += [("channel", stage.channel, channels)] if stage.channel else []
        known += [("hours", stage.hours, sorted(s.options))] if stage.hours else []
        for key, word, words in known:
            if word not in words:
                yield Problem(ROADMAP, 0, f"stage {stage.id}: {key} '{word}' does not exist{did_you_mean(word, words)}")
        if stage.hours and not stage.reason.strip():
            yield Problem(ROADMAP, 0, f"stage {stage.id}: keeps shorter hours without a reason; say why")
    opened = {stage.opens for stage in s.advice.roadmap.stages}
    if (launch := instrument.gates_file.launched_by) not in opened:
        yield Problem(ROADMAP, 0, f"no stage opens with {launch}, which gates.yaml calls the launch; add one")
    for a in s.advice.activities.values():
        if a.channel and a.channel not in {stage.channel for stage in s.advice.roadmap.stages}:
            yield Problem(ROADMAP, 0, f"no stage opens channel '{a.channel}', which {a.id} prepares; add one")


def gates_close_in_time(s: Subject) -> Iterator[Problem]:
    """What closes a gate can be done before the review that judges it, and before the step that the gate keeps shut."""
    deadlines = [(kind, review, False) for kind, review in s.instrument.gates_file.reviewed_by.items()]
    deadlines += [(kind, x.opens, x.at == "end") for x in s.advice.roadmap.stages for kind in x.kinds]
    for kind, ident, with_it in deadlines:
        if ident in s.advice.activities:
            early: dict[str, list[tuple[str, Move]]] = {}
            for before in sorted(s.before[ident] | ({ident} if with_it else set())):
                activity = s.advice.activities[before]
                for move in activity.moves:
                    early.setdefault(move.item, []).append((activity.stage, move))
            for gate in s.instrument.gates:
                if gate.kind == kind:
                    yield from _closed_by(s, gate, s.advice.activities[ident], early)


def _closed_by(
    s: Subject, gate: Gate, deadline: Activity, early: Mapping[str, list[tuple[str, Move]]]
) -> Iterator[Problem]:
    for leaf in gate.needs.leaves():
        for stage in STAGES if leaf.item else ():
            item = s.instrument.items[leaf.item or ""]
            if not all(in_stage(x.stage, stage) for x in (gate, deadline, item)):
                continue
            moves = [move for own, move in early.get(item.id, []) if in_stage(own, stage)]
            steps = range(leaf.at_least or 0)
            late = [level for level in steps if not any(m.from_ <= level < m.to for m in moves)]
            if late and (item.id, late[0], stage) not in s.dead_ends:
                text = f"nothing before {deadline.id} brings {item.id} above level {late[0]}; link what does before it"
                yield s.problem(gate.id, text)


def counts(s: Subject) -> dict[str, int]:
    """Return how many ways the library holds, and how many activities leave a choice or come again."""
    activities = s.advice.activities.values()
    return {
        "Activities": len(activities),
        "Ways of doing them": sum(len(a.ways) for a in activities),
        "Activities with a choice of ways": sum(1 for a in activities if len(a.ways) > 1),
        "Activities that come again": sum(1 for a in activities if a.repeats),
        "Activities that avoid a window": sum(1 for a in activities if a.avoid),
    }


RULES: tuple[Callable[[Subject], Iterator[Problem]], ...] = (
    activities_say_enough,
    activities_are_asked_for,
    words_of_the_roadmap_are_known,
    ways_can_be_done,
    ways_are_a_choice,
    costs_are_plausible,
    opening_is_whole,
    gates_close_in_time,
)
