"""Gates: met, not met or not shown. Ignorance about five items is not a "no"; an average never outvotes a gate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from .instrument import PROOF_ORDER, TOP_LEVEL, Condition, Gate, Instrument, Verdict, in_stage
from .readiness import Readiness
from .responses import Testimony

PlanFacts = Mapping[str, bool]


@dataclass(frozen=True)
class ConditionResult:
    """One condition's verdict, the probability behind it, and what is missing, in words.

    ``unproven`` marks a condition that people's answers meet and whose proof nobody has seen.
    """

    text: str
    item: str | None
    verdict: Verdict
    probability: float | None
    missing: str
    unproven: bool = False


@dataclass(frozen=True)
class GateResult:
    """One gate's verdict. ``probability`` is that of the weakest condition of an "all", the strongest of an "any"."""

    id: str
    title: str
    kind: str
    why: str
    verdict: Verdict
    probability: float | None
    conditions: tuple[ConditionResult, ...]
    source: str


def judge(
    instrument: Instrument,
    readiness: Readiness,
    testimony: Testimony,
    stage: str,
    *,
    several_languages: bool,
    safe_migration: bool,
    channels: list[str],
    plan: PlanFacts | None = None,
) -> list[GateResult]:
    """Judge every gate that concerns this engagement.

    ``plan`` holds the two facts that only the plan can tell; without it those conditions are not shown.
    """
    circumstances = {"always": True, "several_languages": several_languages, "safe_migration": safe_migration}
    results = []
    for gate in instrument.gates:
        concerns = in_stage(gate.stage, stage) and circumstances[gate.when]
        if concerns and (gate.kind not in instrument.meta.channels or gate.kind in channels):
            results.append(_judge_gate(gate, instrument, readiness, testimony, plan or {}))
    return results


def caps(instrument: Instrument, results: list[GateResult]) -> dict[str, int]:
    """Return the highest level each domain may have while its gates are not met. "Not shown" never caps."""
    unmet = {r.id for r in results if r.verdict == "not met"}
    limit: dict[str, int] = {}
    for gate in instrument.gates:
        if gate.id in unmet:
            for cap in gate.caps:
                limit[cap.domain] = min(limit.get(cap.domain, TOP_LEVEL), cap.level)
    return limit


def _judge_gate(
    gate: Gate, instrument: Instrument, readiness: Readiness, testimony: Testimony, plan: PlanFacts
) -> GateResult:
    leaves: list[ConditionResult] = []

    def leaf(condition: Condition) -> ConditionResult:
        result = _judge_leaf(condition, instrument, readiness, testimony, plan)
        leaves.append(result)
        return result

    verdict, probability = _combine(gate.needs, leaf)
    return GateResult(gate.id, gate.title, gate.kind, gate.why, verdict, probability, tuple(leaves), gate.source)


def _combine(condition: Condition, leaf: Callable[[Condition], ConditionResult]) -> tuple[Verdict, float | None]:
    """Three-valued and/or over verdicts; probabilities are never multiplied."""
    children = condition.all or condition.any
    if children is None:
        result = leaf(condition)
        return result.verdict, result.probability
    parts = [_combine(child, leaf) for child in children]
    verdicts = [verdict for verdict, _ in parts]
    known = [p for _, p in parts if p is not None]
    if condition.all is not None:
        verdict: Verdict = "not met" if "not met" in verdicts else "met" if set(verdicts) == {"met"} else "not shown"
        return verdict, min(known, default=None)
    verdict = "met" if "met" in verdicts else "not met" if set(verdicts) == {"not met"} else "not shown"
    return verdict, max(known, default=None)


def _judge_leaf(
    condition: Condition, instrument: Instrument, readiness: Readiness, testimony: Testimony, plan: PlanFacts
) -> ConditionResult:
    if condition.signature is not None:
        return ConditionResult(f"Signed: {condition.signature}", None, "not shown", None, "the signature")
    if condition.plan is not None:
        return _judge_plan(condition.plan, plan)
    item_id, level = condition.item or "", condition.at_least or 0
    item = instrument.items[item_id]
    text = f"{item_id} {item.title}: level {level}" + (f", with proof ({condition.proof})" if condition.proof else "")
    found = readiness.items.get(item_id)
    if found is None or not found.applies:
        waived = f"{text} (does not apply)" if found is not None else text
        return ConditionResult(waived, item_id, "met", None, "")
    if not found.known:
        return ConditionResult(text, item_id, "not shown", None, "an answer from someone who knows")
    scoring, probability = instrument.scoring, found.at_least(level)
    # What only supports must never turn "not shown" into "not met": the doubt then comes from the neighbours alone.
    if probability <= scoring.gate_not_met.value and (found.answered or found.contradicted):
        return ConditionResult(text, item_id, "not met", probability, f"level {level} is not reached")
    if probability < scoring.gate_met.value:
        return ConditionResult(text, item_id, "not shown", probability, "more certain answers, or proof")
    if condition.proof and not _proven(testimony, item_id, level, condition.proof):
        return ConditionResult(text, item_id, "not shown", probability, f"the proof: {condition.proof}", True)
    return ConditionResult(text, item_id, "met", probability, "")


def _proven(testimony: Testimony, item: str, level: int, proof: str) -> bool:
    needed = PROOF_ORDER.index(proof)
    return any(
        e.supports and e.level >= level and PROOF_ORDER.index(e.kind) >= needed for e in testimony.evidence_on(item)
    )


PLAN_TEXT = {
    "roster_covers_hours": (
        "The roster covers every advertised hour for four weeks, with a supervisor on call",
        "a roster that covers every hour",
    ),
    "capacity_exceeds_forecast": (
        "Planned capacity exceeds the forecast with its campaign peak",
        "enough people for a campaign peak",
    ),
}


def _judge_plan(name: str, plan: PlanFacts) -> ConditionResult:
    text, missing = PLAN_TEXT[name]
    if name not in plan:
        return ConditionResult(text, None, "not shown", None, missing)
    return ConditionResult(text, None, "met" if plan[name] else "not met", None, "" if plan[name] else missing)
