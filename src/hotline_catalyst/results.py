"""Results: all that was found and planned, the one thing deliverables receive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from .assessment.findings import Finding, Raised
from .assessment.gates import GateResult
from .assessment.instrument import Instrument
from .assessment.readiness import Readiness
from .assessment.responses import Testimony
from .library import Source
from .planning.calendar import Country, Hours, Limit
from .planning.demand import BANDS, Demand, Parameter, Span
from .planning.roadmap import Roadmap
from .planning.roster import Roster
from .planning.staffing import StaffingPlan

SCHEMA = "results/1"


@dataclass(frozen=True)
class Facts:
    """What the engagement is about, as its folder and its country's file say."""

    name: str
    country: Country
    stage: str
    as_of: date
    start: date
    languages: tuple[str, ...]
    working_languages: tuple[str, ...]
    channels: tuple[str, ...]
    hours: Hours
    safe_migration: bool
    scope: tuple[str, ...]
    offerings: tuple[str, ...]
    notice: str
    instrument: str


@dataclass(frozen=True)
class Assumption:
    """A figure used in the plan, with its origin; ``assumed`` marks the ones nobody has sourced."""

    id: str
    title: str
    value: str
    unit: str
    origin: str
    assumed: bool


@dataclass(frozen=True)
class Results:
    """Everything the deliverables lay out. They compute nothing of their own."""

    facts: Facts
    instrument: Instrument
    testimony: Testimony
    parameters: Mapping[str, Parameter]
    readiness: Readiness
    gates: tuple[GateResult, ...]
    findings: tuple[Finding, ...]
    raised: tuple[Raised, ...]
    roadmap: Roadmap
    phase_titles: Mapping[str, str]
    demand: Demand
    staffing: StaffingPlan
    roster: Roster
    limits: Mapping[str, Limit]
    assumptions: tuple[Assumption, ...]
    numbers: tuple[Number, ...]
    sources: Mapping[str, Source]

    @cached_property
    def gate(self) -> dict[str, GateResult]:
        """Gates by id."""
        return {g.id: g for g in self.gates}

    @cached_property
    def below(self) -> frozenset[str]:
        """Items below their target or not shown."""
        return frozenset(f.subject for f in self.findings if f.kind in ("gap", "not known"))

    def domain_title(self, ident: str) -> str:
        """A domain's or offering's title."""
        return next((d.title for d in self.instrument.domains if d.id == ident), ident.replace("_", " ").capitalize())

    def gate_counts(self, kind: str) -> dict[str, int]:
        """How many gates of a kind are met, not met and not shown."""
        verdicts = [g.verdict for g in self.gates if g.kind == kind]
        return {v: verdicts.count(v) for v in ("met", "not met", "not shown")}

    def as_dict(self) -> dict[str, Any]:
        """Return every number, in the shape that site/results.schema.json documents."""
        return {
            "schema": SCHEMA,
            "engagement": _engagement(self),
            "parameters": [
                {
                    "id": p.id,
                    "title": p.title,
                    "low": p.low,
                    "likely": p.likely,
                    "high": p.high,
                    "unit": p.unit,
                    "origin": p.origin,
                }
                for p in self.parameters.values()
            ],
            "readiness": _readiness(self),
            "findings": [
                {
                    "id": f.id,
                    "kind": f.kind,
                    "subject": f.subject,
                    "domain": f.domain,
                    "text": f.text,
                    "probability": f.probability,
                }
                for f in self.findings
            ],
            "recommendations": [
                {
                    "id": r.recommendation.id,
                    "title": r.recommendation.title,
                    "say": r.recommendation.say,
                    "because": list(r.because),
                    "gates": list(r.gates),
                    "activities": r.recommendation.activities,
                    "offering": r.recommendation.offering,
                    "delivery": r.recommendation.delivery,
                    "playbooks": r.recommendation.playbooks,
                    "source": r.recommendation.source,
                }
                for r in self.raised
            ],
            "roadmap": _roadmap(self),
            "demand": {
                "annual": _span(self.demand.annual),
                "basis": self.demand.basis,
                "handle_time_s": self.demand.handle_time_s,
                "live_per_week": self.demand.live_per_week,
                "written_per_week": self.demand.written_per_week,
                "follow_up_hours_per_week": self.demand.follow_up_hours_per_week,
                "shares": dict(self.demand.shares),
                "peak_offered_load": float(self.demand.offered_load.max()),
            },
            "staffing": _staffing(self),
            "roster": _roster(self),
            "working_time": [
                {"id": x.id, "title": x.title, "value": x.value, "unit": x.unit, "hard": x.hard, "source": x.source}
                for x in self.limits.values()
            ],
            "assumptions": [
                {
                    "id": a.id,
                    "title": a.title,
                    "value": a.value,
                    "unit": a.unit,
                    "source_or_assumption": a.origin,
                    "assumed": a.assumed,
                }
                for a in self.assumptions
            ],
            "answers": _answers(self),
        }


@dataclass(frozen=True)
class Number:
    """A headline number that ``catalyst explain`` can trace: its value and the figures it rests on."""

    id: str
    title: str
    value: float
    unit: str
    because: str
    rests_on: tuple[str, ...]


def _span(span: Span) -> dict[str, float]:
    return {"low": span.low, "likely": span.likely, "high": span.high}


def _engagement(results: Results) -> dict[str, Any]:
    facts, targets = results.facts, results.staffing.targets
    return {
        "name": facts.name,
        "country": facts.country.code,
        "country_name": facts.country.name,
        "as_of": facts.as_of.isoformat(),
        "start": facts.start.isoformat(),
        "stage": facts.stage,
        "scope": list(facts.scope),
        "safe_migration": facts.safe_migration,
        "hours": facts.hours.text,
        "channels": list(facts.channels),
        "languages": list(facts.languages),
        "working_languages": list(facts.working_languages),
        "service_targets": {
            "voice_share": targets.voice_share,
            "voice_within_s": targets.voice_within_s,
            "written_days": targets.written_days,
            "minimum_cover": targets.minimum_cover,
            "occupancy_cap": targets.occupancy_cap,
        },
        "offerings": list(facts.offerings),
        "currency": facts.country.currency.code,
        "notice": facts.notice,
        "instrument": facts.instrument,
        "respondents": len({r.respondent for r in results.testimony.responses}),
    }


def _readiness(results: Results) -> dict[str, Any]:
    blocks = results.instrument.gates_file.kinds
    return {
        "domains": [
            {
                "id": d.id,
                "level": d.level,
                "low": d.low,
                "high": d.high,
                "settled": d.settled,
                "bound_low": d.bound_low,
                "bound_high": d.bound_high,
                "role_median": d.role_median,
                "share_answered": d.share_answered,
            }
            for d in results.readiness.domains
        ],
        "items": [
            {
                "id": i.id,
                "probability": list(i.probability),
                "low": i.low,
                "high": i.high,
                "likely": i.likely,
                "role_median": i.role_median,
                "answered": i.answered,
                "dont_know": i.dont_know,
                "applies": i.applies,
                "consensus": i.consensus,
                "best_proof": i.best_proof,
                "groups": dict(i.groups),
            }
            for i in results.readiness.items.values()
        ],
        "gates": [
            {
                "id": g.id,
                "title": g.title,
                "kind": g.kind,
                "verdict": g.verdict,
                "probability": g.probability,
                "blocks": blocks[g.kind],
                "why": g.why,
                "source": g.source,
                "conditions": [
                    {
                        "text": c.text,
                        "item": c.item,
                        "verdict": c.verdict,
                        "probability": c.probability,
                        "missing": c.missing,
                    }
                    for c in g.conditions
                ],
            }
            for g in results.gates
        ],
    }


def _roadmap(results: Results) -> dict[str, Any]:
    plan = results.roadmap
    return {
        "start": plan.start.isoformat(),
        "status": plan.status,
        "cost": _span(plan.cost),
        "launch": {
            "activity": plan.launch.activity if plan.launch else None,
            "planned": plan.launch.planned.isoformat() if plan.launch else None,
            "p50": plan.launch.p50.isoformat() if plan.launch else None,
            "p80": plan.launch.p80.isoformat() if plan.launch else None,
        },
        "activities": [
            {
                "id": a.task.id,
                "title": a.task.title,
                "phase": a.task.phase,
                "start": a.start.isoformat(),
                "end": a.end.isoformat(),
                "days": a.duration_days,
                "owner": a.task.owner,
                "payer": a.task.payer,
                "role_effort": dict(a.task.effort_days),
                "after": dict(a.waits_for),
                "cost": _span(a.task.cost),
                "gates": list(a.task.gates),
                "finding_ids": list(a.task.finding_ids),
                "why_here": a.task.why_here,
                "why_then": a.why_then,
                "by_links": a.by_links,
                "critical": a.critical,
                "done_when": a.task.done_when,
                "milestone": a.task.milestone,
                "source": a.task.source,
            }
            for a in plan.activities
        ],
    }


def _staffing(results: Results) -> dict[str, Any]:
    plan = results.staffing
    need = plan.need
    skills = list(results.facts.working_languages)
    return {
        "need": [
            {
                "start": quarter * 15,
                "minutes": 15,
                "role": "advocate",
                "skills": skills if need.on_shift[quarter] else [],
                "minimum": need.minimum if need.bound_by[quarter] != "closed" else 0,
                "target": int(need.by_load[quarter]),
                "on_shift": int(need.on_shift[quarter]),
                "bound_by": need.bound_by[quarter],
            }
            for quarter in range(len(need.bound_by))
        ],
        "shifts": [
            {
                "id": s.id,
                "times": s.text,
                "cover_minutes": s.cover,
                "handover_minutes": s.handover,
                "night": s.night,
                "per_day": [int(n) for n in plan.shift_plan.counts[i]],
            }
            for i, s in enumerate(plan.shift_plan.shifts)
        ],
        "peak_on_shift": plan.peak_on_shift,
        "night_on_shift": plan.night_on_shift,
        "service_level": plan.service_level,
        "service_level_erlang_c": plan.service_level_erlang_c,
        "capacity_factor": plan.capacity_factor,
        "people": {
            "advocates": plan.people.advocates,
            "supervisors": plan.people.supervisors,
            "support": plan.people.support,
            "total": plan.people.total,
            "on_shift_hours_per_week": plan.people.on_shift_hours_per_week,
            "offline_hours_per_week": plan.people.offline_hours_per_week,
            "hires_first_year": plan.people.hires_first_year,
        },
        "annual_cost": _span(plan.annual_cost),
        "currency": plan.currency,
        "bands": [
            {"from": a, "to": b, "weekday_per_hour": float(rate[0]), "weekend_per_hour": float(rate[1])}
            for (a, b), rate in zip(BANDS, results.demand.band_per_hour, strict=True)
        ],
        "options": [
            {
                "id": o.id,
                "title": o.title,
                "hours": o.hours,
                "advocates": o.advocates,
                "people": o.people,
                "share_served": o.share_served,
                "annual_cost": _span(o.annual_cost),
                "chosen": o.chosen,
                "sentence": o.sentence,
            }
            for o in plan.options
        ],
        "numbers": [
            {
                "id": n.id,
                "title": n.title,
                "value": n.value,
                "unit": n.unit,
                "because": n.because,
                "rests_on": list(n.rests_on),
            }
            for n in results.numbers
        ],
    }


def _roster(results: Results) -> dict[str, Any]:
    roster = results.roster
    return {
        "weeks": len(roster.days) // 7,
        "start": roster.start.isoformat(),
        "draft": True,
        "anonymous": roster.anonymous,
        "status": roster.status,
        "shifts": [{"id": s.id, "times": s.text, "night": s.night} for s in roster.shifts],
        "assignments": [{"day": a.day.isoformat(), "shift": a.shift, "person": a.person} for a in roster.assignments],
        "people": [
            {
                "code": p.code,
                "hours_per_week": p.hours_per_week,
                "languages": list(p.languages),
                "supervisor": p.supervisor,
                "nights": p.nights,
                "leave": [d.isoformat() for d in sorted(p.leave)],
            }
            for p in roster.people
        ],
        "on_call": {day.isoformat(): code for day, code in roster.on_call.items()},
        "uncovered_hours": roster.uncovered_hours,
        "violations": [
            {
                "rule": v.rule,
                "person": v.person,
                "day": v.day.isoformat() if v.day else None,
                "text": v.text,
                "hard": v.hard,
            }
            for v in roster.violations
        ],
    }


def _answers(results: Results) -> dict[str, Any]:
    """Answers, evidence and rulings by question: the consultant's edition only."""
    testimony = results.testimony
    found: dict[str, Any] = {}
    for question in [*results.instrument.items, *results.instrument.quantities]:
        given = [
            {
                "respondent": r.respondent,
                "role": r.role,
                "organisation": r.organisation,
                "state": a.state,
                "value": a.value,
                "sure": a.sure,
                "note": a.note,
                "evidence": a.evidence,
            }
            for r, a in testimony.answers_to(question)
        ]
        seen = [
            {
                "id": e.id,
                "kind": e.kind,
                "level": e.level,
                "supports": e.supports,
                "what": e.what,
                "dated": e.dated.isoformat(),
            }
            for e in testimony.evidence_on(question)
        ]
        ruling = testimony.ruling_on(question)
        if given or seen or ruling:
            found[question] = {"answers": given, "evidence": seen}
            if ruling:
                found[question]["ruling"] = {"level": ruling.level, "value": ruling.value, "reason": ruling.reason}
    return found
