"""What changed between two waves, parted from what was only learnt later, said by others, or seen once.

Like is set against like: a real change is looked for among people who answered the same item both times, with
evidence on items looked at both times. Everything else that moves a score is shown as a part of its own, and
the four parts add up to the whole difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, cast

import numpy as np

from ..library import Content, content_root, read
from .gates import GateResult, judge
from .instrument import PROOF_ORDER, Constant, Domain, Gate, Instrument, Item, Verdict, in_stage
from .responses import Testimony
from .waves import View, Waves, look

Direction = Literal["higher", "lower", "none", "unknown"]
Reason = Literal[
    "moved", "steady", "not_then", "not_now", "too_few", "too_little", "seen_once", "not_borne_out", "carried"
]
GateReason = Literal["same", "evidence", "change", "new_proof", "lost_proof", "respondents", "unclear"]
Part = Literal["evidence", "change", "respondents", "once", ""]
GATE_VIEWS = ("known", "then", "then_shared", "now_shared", "now")
VERDICT_ORDER: tuple[Verdict, ...] = ("not met", "not shown", "met")
Views = Mapping[str, View]
Chances = tuple[float, float]  # higher, lower


class ComparisonConstants(Content):
    """comparison.yaml: when a difference is called a change, each number with its reason."""

    certain: Constant
    smallest_change: Constant
    certain_item: Constant
    shared_people: Constant
    covered_share: Constant


def load_constants() -> ComparisonConstants:
    """Read assessment/comparison.yaml."""
    return read(content_root() / "assessment" / "comparison.yaml", ComparisonConstants)


@dataclass(frozen=True)
class Parts:
    """What a difference is made of, in levels; the four add up to it.

    ``evidence``: seen later about the earlier time. ``change``: the same people, the same items, looked at alike.
    ``respondents``: other people, or other items answered. ``once``: evidence and rulings there are for one wave only.
    """

    evidence: float
    change: float
    respondents: float
    once: float

    @property
    def total(self) -> float:
        """The whole difference."""
        return self.evidence + self.change + self.respondents + self.once

    def mainly(self, least: float, shown: bool) -> Part:
        """Return the largest part that can be shown, if it is ``least`` levels or more."""
        sizes: dict[Part, float] = {"evidence": self.evidence, "once": self.once}
        if shown:
            sizes |= {"change": self.change, "respondents": self.respondents}
        largest = max(sizes, key=lambda name: abs(sizes[name]))
        return largest if abs(sizes[largest]) >= least else ""


@dataclass(frozen=True)
class Score:
    """A score 0 to 4 over the compared items: expected value and the interval of scoring.yaml."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class DomainComparison:
    """One domain in both waves.

    ``covered`` of ``items`` were compared, from the answers of ``shared`` people. ``higher`` and ``lower`` are the
    probabilities of a change by smallest_change or more, like set against like. Where ``shown`` is False so few people
    stand behind the change that its size could be traced to one of them.
    """

    id: str
    before: Score | None
    after: Score | None
    parts: Parts | None
    higher: float
    lower: float
    verdict: Direction
    reason: Reason
    mainly: Part
    covered: int
    items: int
    shared: int
    shown: bool


@dataclass(frozen=True)
class ItemComparison:
    """One item in both waves, as `DomainComparison`; values are expected levels."""

    id: str
    domain: str
    before: float
    after: float
    parts: Parts
    higher: float
    lower: float
    verdict: Direction
    reason: Reason
    shared: int
    shown: bool


@dataclass(frozen=True)
class GateComparison:
    """A gate's verdict then, then as known today, and now; ``reason`` says what the difference rests on."""

    id: str
    title: str
    kind: str
    before: Verdict
    learnt: Verdict
    after: Verdict
    reason: GateReason


@dataclass(frozen=True)
class Comparison:
    """Two waves compared. People are counted, never named."""

    since: date
    as_of: date
    domains: tuple[DomainComparison, ...]
    items: tuple[ItemComparison, ...]
    gates: tuple[GateComparison, ...]
    people_before: int
    people_after: int
    shared: int
    not_agreed: int
    other_role: int
    items_covered: int
    items_asked: int
    items_carried: int

    def count(self, verdict: Direction) -> int:
        """Return how many domains have this verdict."""
        return sum(d.verdict == verdict for d in self.domains)


def compare(
    instrument: Instrument,
    testimony: Testimony,
    stage: str,
    since: date,
    *,
    several_languages: bool = True,
    safe_migration: bool = True,
    channels: Sequence[str] | None = None,
) -> Comparison:
    """Compare the wave up to and including ``since`` with the answers given after it.

    What only the plan can tell about a gate (roster, capacity) is not known for the earlier day, so those conditions
    are "not shown" on both sides.

    Raises
    ------
    CatalystError
        When nobody answered by ``since``, or nobody after it; the text names the days there are.
    """
    waves = Waves.of(instrument, testimony, since)
    constants = load_constants()
    views = look(instrument, waves, stage)
    items = tuple(_compare_items(instrument, waves, views, stage, constants))
    domains = tuple(
        _compare_domain(instrument, domain, members, waves, views, constants)
        for domain in instrument.domains
        if (members := [i for i in domain.items if in_stage(i.stage, stage)])
    )

    def verdicts(name: str) -> list[GateResult]:
        return judge(
            instrument,
            views[name].readiness,
            views[name].testimony,
            stage,
            several_languages=several_languages,
            safe_migration=safe_migration,
            channels=list(instrument.meta.channels if channels is None else channels),
        )

    gates = _compare_gates(instrument, views, {name: verdicts(name) for name in GATE_VIEWS}, items)
    return Comparison(
        since=since,
        as_of=testimony.as_of,
        domains=domains,
        items=items,
        gates=tuple(gates),
        people_before=len(waves.before.people),
        people_after=len(waves.after.people),
        shared=len(waves.shared),
        not_agreed=waves.not_agreed,
        other_role=waves.other_role,
        items_covered=sum(i.shared > 0 and i.reason != "carried" for i in items),
        items_asked=sum(d.items for d in domains),
        items_carried=sum(i.reason == "carried" for i in items),
    )


def _parts(views: Views, items: Sequence[Item]) -> Parts:
    s = {name: view.expected(items) for name, view in views.items()}
    return Parts(
        evidence=s["then"] - s["known"],
        change=s["now_shared_alike"] - s["then_shared_alike"],
        respondents=(s["now_alike"] - s["now_shared_alike"]) - (s["then_alike"] - s["then_shared_alike"]),
        once=(s["now"] - s["now_alike"]) - (s["then"] - s["then_alike"]),
    )


# --- Items, domains, gates ---------------------------------------------------------------------------------------


def _direction(chances: Chances, certain: float) -> Direction:
    higher, lower = chances
    return "higher" if higher >= certain else "lower" if lower >= certain else "none"


def _verdict(alike: Chances, everything: Chances, certain: float) -> tuple[Direction, Reason]:
    """Call a change that shows like against like and is borne out by all that was seen; else say which is missing."""
    strict, wide = _direction(alike, certain), _direction(everything, certain)
    if strict == wide:
        return strict, "steady" if strict == "none" else "moved"
    return "unknown", "seen_once" if strict == "none" else "not_borne_out"


def _first(**holds: bool) -> Reason | None:
    """Return the first reason that holds why nothing can be told, or None."""
    return next((cast(Reason, reason) for reason, true in holds.items() if true), None)


def _item_chances(then: Sequence[float], now: Sequence[float]) -> Chances:
    """Return the probabilities that a level is higher now, and lower, the two waves being independent."""
    joint = np.outer(then, now)
    return float(np.triu(joint, 1).sum()), float(np.tril(joint, -1).sum())


def _shown(shared: int, instrument: Instrument) -> bool:
    return shared == 0 or shared >= instrument.scoring.smallest_group.value


def _compare_items(
    instrument: Instrument, waves: Waves, views: Views, stage: str, constants: ComparisonConstants
) -> Iterable[ItemComparison]:
    for ident, item in instrument.items.items():
        if not in_stage(item.stage, stage):
            continue
        levels = {name: view.readiness.items[ident] for name, view in views.items()}
        alike, everything = (
            _item_chances(levels[f"then_{x}"].probability, levels[f"now_{x}"].probability)
            for x in ("shared_alike", "shared")
        )
        shared = len(waves.pairs[ident])
        verdict, reason = _verdict(alike, everything, constants.certain_item.value)
        missing = _first(
            carried=ident in waves.carried,
            not_then=not levels["then"].known,
            not_now=not levels["now"].known,
            too_few=shared < constants.shared_people.value,
        )
        yield ItemComparison(
            id=ident,
            domain=instrument.domain_of[ident],
            before=views["known"].expected([item]),
            after=views["now"].expected([item]),
            parts=_parts(views, [item]),
            higher=alike[0],
            lower=alike[1],
            verdict="unknown" if missing else verdict,
            reason=missing or reason,
            shared=shared,
            shown=_shown(shared, instrument),
        )


def _core(members: Sequence[Item], waves: Waves) -> list[Item]:
    """Return the items compared: those the same people answered both times, else those that anybody did."""
    kept = [i for i in members if i.id not in waves.carried]
    paired = [i for i in kept if waves.pairs[i.id]]
    return paired or [i for i in kept if waves.before.speaks_of(i.id) and waves.after.speaks_of(i.id)]


def _score(view: View, domain: str, items: Sequence[Item], interval: float) -> Score:
    tail = (1 - interval) / 2
    low, high = np.quantile(view.scores(domain, items), (tail, 1 - tail))
    return Score(view.expected(items), float(low), float(high))


def _compare_domain(
    instrument: Instrument,
    domain: Domain,
    members: Sequence[Item],
    waves: Waves,
    views: Views,
    constants: ComparisonConstants,
) -> DomainComparison:
    core = _core(members, waves)
    people = {code for item in core for code in waves.pairs[item.id]}
    applying = [i for i in members if any(views[w].readiness.items[i.id].applies for w in ("then", "now"))]
    alike, everything = (
        _domain_chances(views, domain.id, core, x, constants.smallest_change.value) for x in ("shared_alike", "shared")
    )
    verdict, reason = _verdict(alike, everything, constants.certain.value)
    missing = _first(
        not_then=not views["then"].readiness.by_domain[domain.id].assessed,
        not_now=not views["now"].readiness.by_domain[domain.id].assessed,
        too_few=len(people) < constants.shared_people.value,
        too_little=len(core) < constants.covered_share.value * len(applying),
    )
    parts = _parts(views, core) if core else None
    shown, interval = _shown(len(people), instrument), instrument.scoring.interval.value
    return DomainComparison(
        id=domain.id,
        before=_score(views["known"], domain.id, core, interval) if core else None,
        after=_score(views["now"], domain.id, core, interval) if core else None,
        parts=parts,
        higher=alike[0],
        lower=alike[1],
        verdict="unknown" if missing else verdict,
        reason=missing or reason,
        mainly=parts.mainly(constants.smallest_change.value, shown) if parts else "",
        covered=len(core),
        items=len(applying),
        shared=len(people),
        shown=shown,
    )


def _domain_chances(views: Views, domain: str, core: Sequence[Item], which: str, least: float) -> Chances:
    if not core:
        return 0.0, 0.0
    moved = views[f"now_{which}"].scores(domain, core) - views[f"then_{which}"].scores(domain, core)
    # Rounded: a quarter of a level over twelve weights is 0.24999999999999994 in binary.
    moved = np.round(moved, 9)
    return float((moved >= least).mean()), float((moved <= -least).mean())


def _compare_gates(
    instrument: Instrument, views: Views, results: Mapping[str, list[GateResult]], items: Sequence[ItemComparison]
) -> Iterable[GateComparison]:
    moved = {i.id: i.verdict for i in items}
    by_id = {gate.id: gate for gate in instrument.gates}
    for known, then, then_shared, now_shared, now in zip(*(results[n] for n in GATE_VIEWS), strict=True):
        steps = {
            n: VERDICT_ORDER.index(r.verdict)
            for n, r in zip(GATE_VIEWS, (known, then, then_shared, now_shared, now), strict=True)
        }
        reason = _gate_reason(by_id[now.id], steps, views, moved)
        yield GateComparison(now.id, now.title, now.kind, known.verdict, then.verdict, now.verdict, reason)


def _gate_reason(gate: Gate, steps: Mapping[str, int], views: Views, moved: Mapping[str, Direction]) -> GateReason:
    if steps["known"] == steps["now"]:
        return "same"
    if steps["then"] == steps["now"]:
        return "evidence"
    better = steps["now"] > steps["then"]
    among_shared = steps["now_shared"] - steps["then_shared"]
    if (
        any(moved.get(i) == ("higher" if better else "lower") for i in gate.items)
        and among_shared * (1 if better else -1) > 0
    ):
        return "change"
    proven_then, proven_now = (_proven(gate, views[w].testimony) for w in ("then", "now"))
    if better and proven_now - proven_then:
        return "new_proof"
    if not better and proven_then - proven_now:
        return "lost_proof"
    return "unclear" if among_shared else "respondents"


def _proven(gate: Gate, testimony: Testimony) -> set[str]:
    """Return the gate's items whose proof is there."""
    return {
        c.item
        for c in gate.needs.leaves()
        if c.item
        and c.proof
        and any(
            e.supports and e.level >= (c.at_least or 0) and PROOF_ORDER.index(e.kind) >= PROOF_ORDER.index(c.proof)
            for e in testimony.evidence_on(c.item)
        )
    }
