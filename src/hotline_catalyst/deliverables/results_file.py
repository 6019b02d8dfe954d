"""results.json: every number, for the consultant's edition alone."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..archive import write_text
from ..results import Results
from .results_roadmap import plain, roadmap_part
from .results_roster import roster_part
from .results_staffing import demand_part, staffing_part

SCHEMA = "results/1"


def write(results: Results, folder: Path) -> list[Path]:
    """Write consultant/results.json; its shape is documented in site/results.schema.json."""
    text = json.dumps(as_dict(results), ensure_ascii=False, indent=1, allow_nan=False)
    return [write_text(folder / "consultant" / "results.json", text + "\n")]


def as_dict(results: Results) -> dict[str, Any]:
    """Return every number, in the shape that site/results.schema.json documents."""
    return {
        "schema": SCHEMA,
        "engagement": _engagement(results),
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
            for p in results.parameters.values()
        ],
        "readiness": _readiness(results),
        "findings": [
            {
                "id": f.id,
                "kind": f.kind,
                "subject": f.subject,
                "domain": f.domain,
                "text": f.text,
                "probability": f.probability,
            }
            for f in results.findings
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
            for r in results.raised
        ],
        "agenda": _all(results.agenda),
        "inventory": _all(results.inventory),
        "programme": {"offers": _all(results.offers), "goals": _all(results.goals)},
        "sensitivity": _all(results.sensitivity),
        "wishes": {question: dict(counts) for question, counts in results.wishes.items()},
        "roadmap": roadmap_part(results.roadmap),
        "demand": demand_part(results.demand),
        "staffing": staffing_part(results),
        "roster": roster_part(results),
        "working_time": [
            {"id": x.id, "title": x.title, "value": x.value, "unit": x.unit, "hard": x.hard, "source": x.source}
            for x in results.limits.values()
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
            for a in results.assumptions
        ],
        "answers": _answers(results),
    }


def _all(records: Iterable[Any]) -> list[dict[str, Any]]:
    return [plain(record) for record in records]


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
        "agreement": plain(results.agreement),
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
                "score": d.score,
                "score_low": d.score_low,
                "score_high": d.score_high,
                "weakest": d.weakest,
                "assessed": d.assessed,
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
                "organisations": i.organisations,
                "target": results.targets[i.id],
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
                "chosen": a.chosen,
                "carried_from": a.carried_from,
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
