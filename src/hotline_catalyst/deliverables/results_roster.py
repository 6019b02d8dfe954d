"""The roster in results.json: who works when, what the checker says, what it would not survive, and why."""

from __future__ import annotations

from typing import Any

from ..planning.rostering.explaining import Reasons
from ..planning.rostering.records import Advocate, Roster
from ..planning.rostering.rule_report import RuleLine
from ..planning.rostering.stress_test import RosterStress
from ..results import Results


def roster_part(results: Results) -> dict[str, Any]:
    """Return the roster as plain values."""
    return {
        **_roster(results.roster),
        "rules": [_rule(line) for line in results.roster_rules],
        "strain": _strain(results.roster_stress),
        "reasons": _reasons(results.roster_reasons),
    }


def _roster(roster: Roster) -> dict[str, Any]:
    return {
        "weeks": roster.weeks,
        "start": roster.start.isoformat(),
        "draft": roster.published is None,
        "anonymous": roster.anonymous,
        "status": roster.status,
        "price": roster.price,
        "bound": roster.bound,
        "prices": dict(roster.prices),
        "zone": roster.zone,
        "shifts": [
            {
                "id": s.id,
                "times": s.text,
                "paid_minutes": s.paid,
                "night": s.night,
                "supervisors": s.id in roster.supervisor_shifts,
            }
            for s in roster.shifts
        ],
        "assignments": [{"day": a.day.isoformat(), "shift": a.shift, "person": a.person} for a in roster.assignments],
        "breaks": [
            {"day": b.day.isoformat(), "person": b.person, "start": b.start, "minutes": b.minutes}
            for b in roster.breaks
        ],
        "sessions": [
            {
                "kind": s.kind,
                "title": s.title,
                "day": s.day.isoformat(),
                "start": s.start,
                "minutes": s.minutes,
                "people": list(s.people),
            }
            for s in roster.sessions
        ],
        "not_placed": list(roster.not_placed),
        "people": [_person(p) for p in roster.people],
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


def _person(person: Advocate) -> dict[str, Any]:
    return {
        "code": person.code,
        "contract": person.contract,
        "hours_per_week": person.hours_per_week,
        "languages": list(person.languages),
        "supervisor": person.supervisor,
        "nights": person.nights,
        "leave": [d.isoformat() for d in sorted(person.leave)],
    }


def _rule(line: RuleLine) -> dict[str, Any]:
    return {
        "rule": line.rule,
        "title": line.title,
        "value": line.value,
        "hard": line.hard,
        "source": line.source,
        "kept": line.kept,
        "broken": line.broken,
        "closest": line.closest,
    }


def _strain(strain: RosterStress) -> dict[str, Any]:
    return {
        "plays": strain.plays,
        "seed": strain.seed,
        "promise": strain.promise,
        "service": strain.service,
        "low": strain.low,
        "high": strain.high,
        "by_week": list(strain.by_week),
        "by_hour": [
            {"service": float(s), "low": float(low), "high": float(high)}
            for s, low, high in zip(strain.by_hour, strain.by_hour_low, strain.by_hour_high, strict=True)
        ],
        "nights": [
            {
                "day": n.day.isoformat(),
                "people": list(n.people),
                "asked": n.asked,
                "service": n.service,
                "one_or_nobody": n.one_or_nobody,
                "nobody": n.nobody,
            }
            for n in strain.nights
        ],
        "single_points": [
            {
                "person": p.person,
                "fails": p.fails,
                "days": [{"day": day.isoformat(), "could_step_in": list(p.could_step_in[day])} for day in p.days],
            }
            for p in strain.single_points
        ],
        "sentences": list(strain.sentences),
    }


def _reasons(reasons: Reasons) -> dict[str, Any]:
    return {
        "shortfalls": list(reasons.shortfalls),
        "conflict": list(reasons.conflict),
        "certain": reasons.certain,
        "sentence": reasons.sentence,
        "gap": reasons.gap,
        "ways_out": [
            {
                "kind": w.kind,
                "cost": w.cost,
                "says": w.say,
                "uncovered_hours": w.uncovered_hours,
                "silent_shifts": w.silent_shifts,
                "proved": w.proved,
            }
            for w in reasons.ways_out
        ],
    }
