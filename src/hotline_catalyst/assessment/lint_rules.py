"""The rules of the content check: what one content file must be true of another.

Each rule takes the whole content and yields problems; `RULES` is the list. Limits and exceptions are in lint.yaml.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise

from ..library import did_you_mean
from . import lint_plan, lint_wording
from .activities import Activity
from .instrument import PROOF_ORDER, STAGES, TOP_LEVEL, Condition, Item, in_stage
from .lint_subject import Problem, Subject, plain

KEY = re.compile(r"\[([A-Z][A-Z0-9]{1,8}(?:-G5)?)\]")
ACTIVITY_ID = re.compile(r"[RA]\d\d")
SEEN_PROOFS = ("document", "observed")


def topics_asked(s: Subject) -> Iterator[Problem]:
    """Every topic of the research is an item or a merge that both files declare."""
    for topic, entry in s.topics.items():
        holder = s.holder(topic)
        if holder is None:
            yield Problem("assessment/topics.yaml", 0, f"topic {topic} ({entry.title}) is not asked; add the item back")
        elif entry.merged_into and holder != entry.merged_into:
            text = f"topic {topic} is merged into {entry.merged_into}, but {holder} asks it; correct one of the two"
            yield Problem("assessment/topics.yaml", 0, text)
        elif holder != topic and not entry.merged_into:
            yield s.problem(holder, f"covers {topic}; add merged_into: {holder} to the topic in topics.yaml")


def anchors_differ(s: Subject) -> Iterator[Problem]:
    """No level text is used for two levels or two items."""
    seen: dict[str, tuple[str, int]] = {}
    for item in s.instrument.items.values():
        for level, text in sorted(item.levels.items()):
            other, at = seen.setdefault(plain(text), (item.id, level))
            if (other, at) != (item.id, level):
                say = f"level {level} has the text of {other} level {at}; say what differs for this item"
                yield s.problem(item.id, say)


def no_dead_ends(s: Subject) -> Iterator[Problem]:
    """Every step of every item has an activity at every stage."""
    found: dict[tuple[str, int], list[str]] = {}
    for item, level, stage in s.dead_ends:
        found.setdefault((item, level), []).append(stage)
    for (item, level), stages in found.items():
        text = f"no activity carries it from level {level} to {level + 1} ({', '.join(stages)}); add it to one's moves"
        yield s.problem(item, text)


def gates_can_open(s: Subject) -> Iterator[Problem]:
    """What a gate asks can be reached at each of its stages, and be shown by something named under evidence."""
    ends = set(s.dead_ends)
    for gate in s.instrument.gates:
        for leaf in gate.needs.leaves():
            if leaf.item:
                yield from _leaf(s, gate.id, gate.stage, leaf, ends)


def _leaf(
    s: Subject, gate: str, gate_stage: str, leaf: Condition, ends: set[tuple[str, int, str]]
) -> Iterator[Problem]:
    item, level = s.instrument.items[leaf.item or ""], leaf.at_least or 0
    stages = [stage for stage in STAGES if in_stage(gate_stage, stage)]
    shut = [x for x in stages if any((item.id, below, x) in ends for below in range(level))]
    if shut:
        text = f"no chain of activities brings {item.id} to level {level} ({', '.join(shut)}); the gate cannot open"
        yield s.problem(gate, text)
    if not any(in_stage(item.stage, stage) for stage in stages):
        yield s.problem(gate, f"{item.id} is not asked at the gate's stage; change one of the two stages")
    if leaf.proof in SEEN_PROOFS and not item.evidence.get(level):
        yield s.problem(
            item.id, f"gate {gate} wants proof ({leaf.proof}); name under evidence what shows level {level}"
        )


def everyone_asked_within_reason(s: Subject) -> Iterator[Problem]:
    """Each role is asked something at each stage, and nobody more than the burden allows."""
    burden = s.instrument.meta.burden
    for role in s.instrument.meta.roles:
        for stage in STAGES:
            asked = s.instrument.questions(role, stage)
            minutes = s.instrument.minutes(asked)
            if not asked:
                yield _burden(f"{role} is asked nothing at stage {stage}; name the role under an item's asked_of")
            if len(asked) > burden.most_items:
                yield _burden(f"{role} is asked {len(asked)} questions at stage {stage}, at most {burden.most_items}")
            if minutes > burden.most_minutes:
                limit = f"at most {burden.most_minutes:g}; ask other roles or shorten texts"
                yield _burden(f"{role} needs {minutes:.0f} minutes at stage {stage}, {limit}")


def _burden(text: str) -> Problem:
    return Problem("assessment/instrument.yaml", 0, text)


def core_set_reaches_every_launch_gate(s: Subject) -> Iterator[Problem]:
    """The short set stays short and says something about each gate of the launch."""
    core = {i.id for i in s.instrument.items.values() if i.core}
    most = s.instrument.meta.burden.most_core_items
    if len(core) > most:
        yield _burden(f"{len(core)} items are core, at most {most}; take core from the least telling")
    for gate in s.instrument.gates:
        if gate.kind == "launch" and gate.items and not core & set(gate.items):
            yield s.problem(gate.id, f"no core item speaks to it; mark one of {', '.join(sorted(set(gate.items)))}")


def scoring_in_order(s: Subject) -> Iterator[Problem]:
    """Constants of the scoring model stand in the order that their names promise."""
    scoring = s.instrument.scoring
    proof: dict[str, float] = {p: scoring.evidence_weight[p].value for p in PROOF_ORDER if p in scoring.evidence_weight}
    spread = {
        c: scoring.certainty_spread[c].value for c in s.instrument.meta.certainty if c in scoring.certainty_spread
    }
    ordered: dict[str, dict[str, float]] = {
        "evidence_weight": proof,
        "certainty_spread": spread,
        "weights": {"perception": scoring.perception_weight.value, "first hand": scoring.first_hand_weight.value},
        "gates": {"gate_not_met": scoring.gate_not_met.value, "gate_met": scoring.gate_met.value},
    }
    for name, values in ordered.items():
        for (low, a), (high, b) in pairwise(values.items()):
            if a > b:
                text = f"{name}: '{low}' ({a:g}) stands above '{high}' ({b:g}); it must not"
                yield Problem("assessment/scoring.yaml", 0, text)
    if missing := (set(PROOF_ORDER) - set(proof)) | (set(s.instrument.meta.certainty) - set(spread)):
        yield Problem("assessment/scoring.yaml", 0, f"{', '.join(sorted(missing))} has no value; add it")


def required_levels_rise(s: Subject) -> Iterator[Problem]:
    """An item's own requirements name levels that exist and never fall as the domain rises."""
    for item in s.instrument.items.values():
        levels = [item.required_at(level) for level in range(1, TOP_LEVEL + 1)]
        if not set(item.required) <= set(range(1, TOP_LEVEL + 1)) or not set(levels) <= set(range(TOP_LEVEL + 1)):
            yield s.problem(item.id, f"required holds a level outside 0 to {TOP_LEVEL}; correct it")
        elif levels != sorted(levels):
            yield s.problem(item.id, "required asks less of a higher domain level; let it rise or stay")


def quantities_fit_their_figures(s: Subject) -> Iterator[Problem]:
    """A number that planning takes from answers has the figure's unit, and its range holds the default."""
    for quantity in s.instrument.quantities.values():
        figure, extra = s.figures.get(quantity.feeds or ""), s.measured.get(quantity.feeds or "")
        if quantity.feeds is None:
            continue
        if figure is None and extra is None:
            hint = did_you_mean(quantity.feeds, [*s.figures, *s.measured])
            yield s.problem(quantity.id, f"feeds '{quantity.feeds}', which is no planning figure{hint}")
            continue
        unit, scale = s.limits.same_unit.get(quantity.unit, quantity.unit), 0.01 if quantity.unit == "percent" else 1
        wanted = figure.unit if figure else extra.unit if extra else ""
        if wanted not in (unit, quantity.unit):
            yield s.problem(quantity.id, f"is asked in {quantity.unit}, but '{quantity.feeds}' is in {wanted}")
        elif figure and not quantity.minimum * scale <= figure.likely <= quantity.maximum * scale:
            ends = f"{quantity.minimum:g} to {quantity.maximum:g} {quantity.unit}"
            yield s.problem(quantity.id, f"its range ({ends}) leaves out the default {figure.likely:g} {figure.unit}")


def figures_say_where_from(s: Subject) -> Iterator[Problem]:
    """Every planning figure has a source or an assumption in words."""
    for ident, figure in s.figures.items():
        if not (figure.source or figure.assumption or "").strip():
            yield s.problem(ident, "its source or assumption is empty; say where the figure comes from")


def source_keys_known(s: Subject) -> Iterator[Problem]:
    """A key in square brackets stands in sources.yaml."""
    for folder, ending in (("assessment", "*.yaml"), ("playbooks", "*.md")):
        for path in sorted((s.root / folder).rglob(ending)):
            if path.name == "sources.yaml":
                continue
            for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
                if "source" not in line and "assumption" not in line:
                    continue
                for key in KEY.findall(line):
                    if key not in s.sources and not ACTIVITY_ID.fullmatch(key):
                        file = path.relative_to(s.root).as_posix()
                        yield Problem(file, number, f"source [{key}] is not in sources.yaml; add it or correct the key")


def playbooks_named(s: Subject) -> set[str]:
    """Return every playbook that a recommendation or an activity names."""
    return {ident for entry in s.advised for ident in entry.playbooks}


def recommendations_lead_somewhere(s: Subject) -> Iterator[Problem]:
    """Offering, ways of delivery and playbooks exist; each item it answers is moved by one of its activities."""
    offerings = [d.id for d in s.instrument.domains if d.kind == "offering"]
    modes, most = list(s.modes), s.limits.plan.delivery_modes_each.most
    for rec in s.advice.recommendations.values():
        if rec.offering not in offerings:
            yield s.problem(rec.id, f"offering '{rec.offering}' is not one{did_you_mean(rec.offering, offerings)}")
        for mode in rec.delivery:
            if mode not in modes:
                yield s.problem(rec.id, f"delivery '{mode}' is not a mode of programme.yaml{did_you_mean(mode, modes)}")
        if len(rec.delivery) > most:
            yield s.problem(rec.id, f"names {len(rec.delivery)} ways of delivery; keep the best {most:g}")
        moved = {m.item for a in rec.activities for m in s.advice.activities[a].moves}
        for item in rec.answers:
            if item not in moved:
                yield s.problem(rec.id, f"answers {item}, but none of its activities moves it; add one")
    for entry in s.advised:
        for ident in entry.playbooks:
            if ident not in s.pages:
                yield s.problem(entry.id, f"there is no playbook {ident}; name one that is written, or write it")


def levels_rise_along_links(s: Subject) -> Iterator[Problem]:
    """A predecessor never brings an item higher than its successor, and a step begins where another has ended."""
    justified = {(j.activity, j.after, j.item) for j in s.limits.justified}
    for activity in s.advice.activities.values():
        for move in activity.moves:
            earlier = _earlier(s, activity, move.item)
            for ident, to in earlier.items():
                if to > move.to and (activity.id, ident, move.item) not in justified:
                    text = (
                        f"brings {move.item} to {move.to} after {ident} brought it to {to}; correct a level or a link"
                    )
                    yield s.problem(activity.id, text)
            starters = _starters(s, activity, s.instrument.items[move.item], move.from_)
            if missing := [ident for ident in starters if ident not in earlier]:
                text = f"begins {move.item} at level {move.from_}, which {', '.join(missing)} reaches; add it to after"
                yield s.problem(activity.id, text)


def _earlier(s: Subject, activity: Activity, item: str) -> dict[str, int]:
    """Return the activities before ``activity`` that move ``item``, with the level they bring it to."""
    before = (s.advice.activities[b] for b in sorted(s.before[activity.id]))
    return {a.id: m.to for a in before for m in a.moves if m.item == item}


def _starters(s: Subject, activity: Activity, item: Item, level: int) -> list[str]:
    """Return the activities that bring ``item`` to ``level`` and no further, at a stage that ``activity`` is for."""
    if level == 0:
        return []
    return [
        a.id
        for a in s.advice.activities.values()
        if a.id != activity.id and (a.stage == activity.stage or "both" in (a.stage, activity.stage))
        for m in a.moves
        if m.item == item.id and m.to == level
    ]


def notes(s: Subject) -> Iterator[str]:
    """Yield what is worth knowing though nothing is wrong."""
    for item in s.instrument.items.values():
        if item.id not in s.topics:
            yield f"item {item.id} goes beyond the research's topics."


RULES: tuple[Callable[[Subject], Iterator[Problem]], ...] = (
    topics_asked,
    anchors_differ,
    no_dead_ends,
    gates_can_open,
    everyone_asked_within_reason,
    core_set_reaches_every_launch_gate,
    scoring_in_order,
    required_levels_rise,
    quantities_fit_their_figures,
    figures_say_where_from,
    source_keys_known,
    recommendations_lead_somewhere,
    levels_rise_along_links,
    *lint_plan.RULES,
    *lint_wording.RULES,
)
