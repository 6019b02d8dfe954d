"""The assessment half of the walk: everything that is judged from the answers of one engagement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from .assessment.agenda import Look, look_next
from .assessment.agreement import Agreement, agreement
from .assessment.findings import Chosen, Finding, Raised, choose, find, recommend, target_of
from .assessment.gates import GateResult, PlanFacts, caps, judge
from .assessment.inclusion import Inclusion, inclusion
from .assessment.inventory import Asset, inventory
from .assessment.programme import GoalState, Offer, goal_states, offers
from .assessment.readiness import Readiness, assess, capped, generator
from .assessment.sensitivity import Varied, compare, vary
from .engagement import Engagement


@dataclass(frozen=True)
class Judgement:
    """What the answers say: readiness and gates, what was found, what follows, what to find out next."""

    readiness: Readiness
    gates: tuple[GateResult, ...]
    targets: Mapping[str, int]
    findings: tuple[Finding, ...]
    raised: tuple[Raised, ...]
    chosen: tuple[Chosen, ...]
    inclusion: Mapping[str, Inclusion]
    agreement: Agreement
    agenda: tuple[Look, ...]
    inventory: tuple[Asset, ...]
    offers: tuple[Offer, ...]
    goals: tuple[GoalState, ...]
    sensitivity: tuple[Varied, ...]
    wishes: Mapping[str, Mapping[str, int]]


def judge_readiness(engagement: Engagement, plan: PlanFacts | None = None) -> tuple[Readiness, list[GateResult]]:
    """Judge items, gates and domains. Gates need only items; domains then need the gates' caps."""
    file, instrument, testimony = engagement.file, engagement.instrument, engagement.testimony
    first = assess(instrument, testimony, file.stage)
    languages = file.working_languages or engagement.country.working_languages
    gates = judge(
        instrument,
        first,
        testimony,
        file.stage,
        several_languages=len(languages) > 1,
        safe_migration=file.safe_migration,
        channels=file.channels,
        plan=plan,
    )
    return capped(instrument, first, caps(instrument, gates)), gates


def judge_everything(engagement: Engagement, plan: PlanFacts | None = None) -> Judgement:
    """Judge readiness, then find, recommend, choose activities and say what to look at next.

    ``plan`` holds the two facts of gates that only the plan can tell.
    """
    file, instrument = engagement.file, engagement.instrument
    readiness, gates = judge_readiness(engagement, plan)
    agreed = {g.domain: g.level for g in file.goals}
    targets = {i.id: target_of(instrument, i, file.stage, agreed) for i in instrument.items.values()}
    findings = find(instrument, readiness, gates, file.stage, agreed)
    raised = recommend(engagement.advice, findings, gates)
    advice, stage = engagement.advice, file.stage
    chosen = choose(instrument, advice, readiness, findings, gates, raised, stage, file.channels, agreed)
    return Judgement(
        readiness=readiness,
        gates=tuple(gates),
        targets=targets,
        findings=tuple(findings),
        raised=tuple(raised),
        chosen=tuple(chosen),
        inclusion=inclusion(instrument, advice, readiness, gates, stage, file.channels, agreed),
        agreement=_agreement(engagement),
        agenda=tuple(look_next(instrument, readiness, gates, targets)),
        inventory=tuple(inventory(instrument, readiness, targets)),
        offers=tuple(offers(engagement.programme, raised, readiness, targets, file.programme)),
        goals=tuple(goal_states(instrument, readiness, file.goals, caps(instrument, gates))),
        sensitivity=tuple(_sensitivity(engagement, plan, readiness, gates)),
        wishes={q.id: engagement.testimony.chosen(q.id) for q in instrument.quantities.values() if q.choices},
    )


def _agreement(engagement: Engagement) -> Agreement:
    scoring, testimony = engagement.instrument.scoring, engagement.testimony
    answers = [
        [int(a.value) for _, a in testimony.answers_to(item) if a.state == "answered" and a.value is not None]
        for item in engagement.instrument.items
    ]
    rng, least = generator(int(scoring.seed.value), "agreement"), int(scoring.agreement_items.value)
    return agreement(answers, rng, int(scoring.agreement_draws.value), scoring.interval.value, least)


def _sensitivity(
    engagement: Engagement, plan: PlanFacts | None, readiness: Readiness, gates: list[GateResult]
) -> list[Varied]:
    """Judge the same answers by each variation of the constants; the same draws serve all of them."""
    found = []
    for ident, variation in engagement.instrument.scoring.variations.items():
        other = replace(engagement.instrument, scoring=vary(engagement.instrument.scoring, variation))
        varied = judge_readiness(replace(engagement, instrument=other), plan)
        found.append(compare(ident, variation, (readiness, gates), varied))
    return found
