"""From readiness to findings, to recommendations, to the activities that carry them out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import Field

from ..errors import ContentError
from ..library import Content, content_root, did_you_mean, read, shown
from .activities import ActivitiesFile, Activity, Move, Phase, RoadmapContent
from .gates import GateResult
from .instrument import Instrument, Item, in_stage
from .readiness import ItemReadiness, Readiness

Kind = Literal["gap", "not known", "contested", "blind spot", "owner does not know", "gate not met", "gate not shown"]
NO_GOALS: Mapping[str, int] = {}


class Recommendation(Content):
    """What to do about a group of items that are below target."""

    id: str
    title: str
    say: str
    answers: list[str] = Field(min_length=1)
    activities: list[str] = Field(min_length=1)
    offering: str
    delivery: list[str] = Field(min_length=1)
    playbooks: list[str] = []
    source: str


class RecommendationsFile(Content):
    """recommendations/<domain>.yaml."""

    domain: str
    recommendations: list[Recommendation]


@dataclass(frozen=True)
class Advice:
    """Recommendations and activities, their references checked against the instrument."""

    recommendations: Mapping[str, Recommendation]
    activities: Mapping[str, Activity]
    phase_of: Mapping[str, Phase]
    phase_titles: Mapping[str, str]
    roadmap: RoadmapContent


@dataclass(frozen=True)
class Finding:
    """One thing the assessment found. ``probability`` is the chance that the item is below its target."""

    id: str
    kind: Kind
    subject: str
    domain: str | None
    text: str
    probability: float | None


@dataclass(frozen=True)
class Raised:
    """A recommendation that findings raised."""

    recommendation: Recommendation
    because: tuple[str, ...]
    gates: tuple[str, ...]


@dataclass(frozen=True)
class Chosen:
    """An activity the plan must hold, and why."""

    activity: Activity
    phase: Phase
    findings: tuple[str, ...]
    gates: tuple[str, ...]
    recommendations: tuple[str, ...]
    why: str


def load_advice(instrument: Instrument, root: Path | None = None) -> Advice:
    """Read recommendations and activities and check every reference.

    Raises
    ------
    ContentError
        Naming every broken reference, circle, or item that no recommendation or activity answers.
    """
    folder = (root or content_root()) / "assessment"
    rec_files = [read(path, RecommendationsFile) for path in sorted((folder / "recommendations").glob("*.yaml"))]
    act_files = [read(path, ActivitiesFile) for path in sorted((folder / "activities").glob("*.yaml"))]
    advice = Advice(
        {r.id: r for f in rec_files for r in f.recommendations},
        {a.id: a for f in act_files for a in f.activities},
        {a.id: f.phase for f in act_files for a in f.activities},
        {f.phase: f.title for f in act_files},
        read(folder / "roadmap.yaml", RoadmapContent),
    )
    if problems := list(_broken(instrument, advice)):
        raise ContentError(shown(folder), problems)
    return advice


def _broken(instrument: Instrument, advice: Advice) -> Iterator[str]:
    known_roles, activities = [*instrument.meta.roles, "consultant"], advice.activities
    known_items = list(instrument.items)
    answered: set[str] = set()
    for rec in advice.recommendations.values():
        for ident in rec.answers:
            if ident not in instrument.items:
                yield f"{rec.id}: item '{ident}' does not exist{did_you_mean(ident, list(instrument.items))}"
        for ident in rec.activities:
            if ident not in activities:
                yield f"{rec.id}: activity '{ident}' does not exist{did_you_mean(ident, list(activities))}"
        answered |= set(rec.answers)
    for ident in instrument.items:
        if ident not in answered:
            yield f"item {ident}: no recommendation answers it; a gap there would lead nowhere"
    reach = {move.item: 0 for a in activities.values() for move in a.moves}
    for activity in activities.values():
        for move in activity.moves:
            reach[move.item] = max(reach[move.item], move.to)
            if move.item not in instrument.items:
                yield f"{activity.id}: item '{move.item}' does not exist{did_you_mean(move.item, known_items)}"
        for after in activity.after:
            if after.id not in activities:
                yield f"{activity.id}: comes after '{after.id}', which does not exist"
        for way in activity.ways:
            if way.id not in advice.roadmap.ways:
                near = did_you_mean(way.id, list(advice.roadmap.ways))
                yield f"{activity.id}: way '{way.id}' is not in roadmap.yaml{near}"
        for role in dict.fromkeys([activity.owner, *(r for way in activity.ways for r in way.effort_days)]):
            if role not in known_roles:
                yield f"{activity.id}: role '{role}' is not known{did_you_mean(role, known_roles)}"
    for gate in instrument.gates:
        for leaf in gate.needs.leaves():
            if leaf.item and reach.get(leaf.item, 0) < (leaf.at_least or 0):
                yield f"gate {gate.id}: no activity brings {leaf.item} to level {leaf.at_least}; the gate cannot open"
    if circle := _circle(activities):
        yield "activities wait for each other in a circle: " + " after ".join(circle)


def _circle(activities: Mapping[str, Activity]) -> list[str]:
    done: set[str] = set()

    def visit(ident: str, path: list[str]) -> list[str]:
        if ident in path:
            return [*path[path.index(ident) :], ident]
        if ident in done or ident not in activities:
            return []
        for after in activities[ident].after:
            if found := visit(after.id, [*path, ident]):
                return found
        done.add(ident)
        return []

    return next((found for ident in activities if (found := visit(ident, []))), [])


def target_of(instrument: Instrument, item: Item, stage: str, goals: Mapping[str, int] = NO_GOALS) -> int:
    """Return the level an item is held against: what its gate asks, or the domain's agreed goal, else the stage's."""
    asked = [
        leaf.at_least or 0
        for gate in instrument.gates
        for leaf in gate.needs.leaves()
        if leaf.item == item.id and in_stage(gate.stage, stage)
    ]
    usual = int(instrument.scoring.target_level[stage].value)
    return max([goals.get(instrument.domain_of[item.id], usual), *asked])


def find(
    instrument: Instrument,
    readiness: Readiness,
    gates: list[GateResult],
    stage: str,
    goals: Mapping[str, int] = NO_GOALS,
) -> list[Finding]:
    """List what the assessment found: gates first, then items in the instrument's order."""
    findings = []
    for gate in gates:
        if gate.verdict != "met":
            missing = "; ".join(f"{c.text}: {c.missing}" for c in gate.conditions if c.verdict != "met")
            kind: Kind = "gate not met" if gate.verdict == "not met" else "gate not shown"
            findings.append(Finding(f"F-{gate.id}", kind, gate.id, None, f"{gate.title}. Missing: {missing}.", None))
    for item in instrument.items.values():
        found = readiness.items.get(item.id)
        if found is not None and found.applies:
            findings += _about_item(instrument, item, found, target_of(instrument, item, stage, goals))
    return findings


def _about_item(instrument: Instrument, item: Item, found: ItemReadiness, target: int) -> Iterator[Finding]:
    scoring, domain = instrument.scoring, instrument.domain_of[item.id]
    below = round(1 - found.at_least(target), 9)

    def finding(kind: Kind, suffix: str, text: str) -> Finding:
        return Finding(f"F-{item.id}{suffix}", kind, item.id, domain, text, below)

    if not found.known:
        yield finding("not known", "", f"{item.title}: nobody could say. Ask {_owners(instrument, item)}.")
    elif below >= scoring.gap_probability.value:
        yield finding("gap", "", f"{item.title}: {item.levels[found.likely]}")
    if found.consensus is not None and found.answered >= scoring.contested_answers.value:
        if found.consensus < scoring.contested_below.value:
            text = f"{item.title}: answers disagree (consensus {found.consensus:.2f} of 1)."
            yield finding("contested", "-contested", text)
        if found.groups and max(found.groups.values()) - min(found.groups.values()) >= scoring.blind_spot_levels.value:
            high, low = (f(found.groups, key=lambda g: found.groups[g]) for f in (max, min))
            yield finding("blind spot", "-blind-spot", f"{item.title}: {high} sees it far higher than {low}.")
    if found.owner_does_not_know:
        yield finding("owner does not know", "-owner", f"{item.title}: someone who should know does not.")


def _owners(instrument: Instrument, item: Item) -> str:
    return " or ".join(instrument.role_title(role).lower() for role in item.first_hand[:2])


def recommend(advice: Advice, findings: list[Finding], gates: list[GateResult]) -> list[Raised]:
    """Return the recommendations that findings raise, those of unmet launch gates first."""
    by_item: dict[str, list[str]] = {}
    for finding in findings:
        if finding.domain is not None:
            by_item.setdefault(finding.subject, []).append(finding.id)
    open_gates = _open_gates(gates)
    raised = []
    for rec in advice.recommendations.values():
        because = [f for item in rec.answers for f in by_item.get(item, [])]
        concerned = sorted({gate for item in rec.answers for gate in open_gates.get(item, [])})
        because += [f"F-{gate}" for gate in concerned]
        if because:
            raised.append(Raised(rec, tuple(because), tuple(concerned)))
    return sorted(raised, key=lambda r: (not r.gates, -len(r.gates)))


def _open_gates(gates: list[GateResult]) -> dict[str, list[str]]:
    """Return, by item, the gates that are not met because of it."""
    found: dict[str, list[str]] = {}
    for gate in gates:
        if gate.verdict != "met":
            for condition in gate.conditions:
                if condition.item and condition.verdict != "met":
                    found.setdefault(condition.item, []).append(gate.id)
    return found


def choose(
    instrument: Instrument,
    advice: Advice,
    readiness: Readiness,
    findings: list[Finding],
    gates: list[GateResult],
    raised: list[Raised],
    stage: str,
    channels: list[str],
    goals: Mapping[str, int] = NO_GOALS,
) -> list[Chosen]:
    """Return the activities the roadmap must hold, each with the findings and gates that put it there.

    An activity is chosen when its stage fits and it is always needed, or it moves an item that a finding
    or an open gate is about from below its target, and the item has likely not got that far already.
    """
    gaps = {f.subject: f.id for f in findings if f.kind in ("gap", "not known")}
    opened = _open_gates(gates)
    targets = {item.id: target_of(instrument, item, stage, goals) for item in instrument.items.values()}
    kinds = {g.id: g.kind for g in gates}
    asked = {(g.id, x.item): x.at_least or 0 for g in instrument.gates for x in g.needs.leaves() if x.item}
    chosen = []
    for activity in advice.activities.values():
        if not in_stage(activity.stage, stage) or (activity.channel and activity.channel not in channels):
            continue
        moves = [m for m in activity.moves if m.from_ < targets[m.item]]
        because = [gaps[m.item] for m in moves if m.item in gaps and _helps(instrument, readiness.items[m.item], m)]
        closes = sorted({g for m in moves for g in opened.get(m.item, []) if m.from_ < asked[g, m.item]})
        because += [f"F-{gate}" for gate in closes]
        if activity.needed == "always" or because:
            recs = tuple(r.recommendation.id for r in raised if activity.id in r.recommendation.activities)
            reviewed = [k for k, a in instrument.gates_file.reviewed_by.items() if a == activity.id]
            if reviewed:
                closes = sorted({g for g, kind in kinds.items() if kind in reviewed})
            why = _why(activity, instrument, because, closes, bool(reviewed))
            phase = advice.phase_of[activity.id]
            chosen.append(Chosen(activity, phase, tuple(dict.fromkeys(because)), tuple(closes), recs, why))
    return chosen


def _helps(instrument: Instrument, found: ItemReadiness, move: Move) -> bool:
    return not found.known or round(1 - found.at_least(move.to), 9) >= instrument.scoring.gap_probability.value


def _why(activity: Activity, instrument: Instrument, because: list[str], gates: list[str], reviews: bool) -> str:
    if reviews:
        return f"{activity.why} It judges {len(gates)} gates."
    if gates:
        return f"{activity.why} Needed to open {', '.join(gates)}."
    if because:
        names = [
            instrument.items[f.removeprefix("F-")].title for f in because if f.removeprefix("F-") in instrument.items
        ]
        count = f"{len(because)} finding{'s' if len(because) != 1 else ''}"
        return f"{activity.why} Answers {count}: {', '.join(names[:4])}{' …' if len(names) > 4 else ''}."
    return f"{activity.why} Part of every plan at this stage."
