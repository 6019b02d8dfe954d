"""Demand and staffing in results.json: what comes, who is needed, why, and what it costs."""

from __future__ import annotations

from math import isfinite
from typing import Any

from ..planning.demand import Demand
from ..planning.need import Need
from ..planning.people import People
from ..results import Results
from .results_roadmap import plain, span

DAY_MINUTES = 15


def demand_part(demand: Demand) -> dict[str, Any]:
    """Return the demand in the shape that site/results.schema.json documents."""
    return {
        "annual": span(demand.annual),
        "years": [span(year) for year in demand.years],
        "basis": demand.basis,
        "handle_time_s": demand.handle_time_s,
        "live_per_week": demand.live_per_week,
        "written_per_week": demand.written_per_week,
        "follow_up_hours_per_week": demand.follow_up_hours_per_week,
        "shares": dict(demand.shares),
        "languages": dict(demand.languages),
        "ramp": list(demand.ramp),
        "busy_day_factor": demand.busy_day_factor,
        "redial_factor": demand.redial_factor,
        "classes": plain(demand.classes),
        "rates": plain(demand.rows),
        "peak_offered_load": float(demand.offered_load.max()),
        "own_counts": _own_counts(demand),
    }


def _own_counts(demand: Demand) -> dict[str, Any] | None:
    """Return what the line's own counts said; nothing of the counts themselves."""
    observed = demand.observed
    if observed is None:
        return None
    return {
        "first": observed.first.isoformat(),
        "last": observed.last.isoformat(),
        "weeks": observed.weeks,
        "contacts": observed.contacts,
        "per_week": span(observed.per_week),
        "growth": observed.growth,
        "day_factor_cv": observed.day_factor_cv,
        "weight": observed.trust,
        "notes": [{"id": note.id, "text": note.text} for note in observed.notes],
    }


def staffing_part(results: Results) -> dict[str, Any]:
    """Return the staffing plan in the shape that site/results.schema.json documents."""
    plan = results.staffing
    return {
        "need": [_quarter(results, quarter) for quarter in range(len(plan.need.bound_by))],
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
        "service_level_exact": plan.service_level_exact,
        "simulated": {
            "before": plan.confirmed.before,
            "reached": plan.confirmed.reached,
            "promise": plan.confirmed.promise,
            "weeks": plan.confirmed.weeks,
            "added_hours_per_week": float(plan.need.added.sum() / 4),
        },
        "capacity_factor": plan.capacity_factor,
        "cost_per_signal": plan.cost_per_signal,
        "contact_share": plan.contact_share,
        "from_nobody": plan.from_nobody,
        "lines": plan.lines,
        "reach": plan.reach,
        "interpreted": plan.interpreted,
        "written": _written(results),
        "people": _people(plan.people),
        "years": [_year(need, people) for need, people in zip(plan.needs, plan.people_by_year, strict=True)],
        "posts": plain(plan.people.posts),
        "shrinkage": plain(plan.people.shrinkage),
        "hiring": plain(plan.hiring) if plan.hiring else {"refused": plan.hiring_refused},
        "annual_cost": span(plan.annual_cost),
        "currency": plan.currency,
        "budget": plain(plan.budget),
        "options": plain(plan.options),
        "triggers": plain(plan.triggers),
        "stress": _stress(results),
        "numbers": plain(results.numbers),
    }


def _quarter(results: Results, quarter: int) -> dict[str, Any]:
    need = results.staffing.need
    return {
        "start": quarter * DAY_MINUTES,
        "minutes": DAY_MINUTES,
        "role": "advocate",
        "speakers": {name: int(count[quarter]) for name, count in need.speakers.items()},
        "minimum": need.minimum if need.bound_by[quarter] != "closed" else 0,
        "rules": {
            "load": int(need.by_load[quarter]),
            "text_and_chat": int(need.by_text[quarter]),
            "occupancy": int(need.by_occupancy[quarter]),
            "language": int(need.by_language[quarter]),
            "supervisor": int(need.by_supervisor[quarter]),
            "simulated_week": int(need.added[quarter]),
        },
        "on_shift": int(need.on_shift[quarter]),
        "supervisors": int(need.supervisors[quarter]),
        "bound_by": need.bound_by[quarter],
    }


def _written(results: Results) -> dict[str, Any]:
    """Return what becomes of written work; an endless wait has no figure."""
    written = results.staffing.written
    oldest = float(written.oldest_business_days)
    return {
        "oldest_business_days": oldest if isfinite(oldest) else None,
        "late_share": float(written.late_share),
        "hours_missing_per_week": float(written.hours_missing_per_week),
        "urgent_late_share": float(written.urgent_late_share),
    }


def _people(people: People) -> dict[str, Any]:
    return {
        "advocates": people.advocates,
        "supervisors": people.supervisors,
        "support": people.support,
        "total": people.total,
        "advocates_low": people.advocates_low,
        "advocates_high": people.advocates_high,
        "full_time_advocates": people.full_time_advocates,
        "productive_hours": people.productive_hours,
        "on_shift_hours_per_week": people.on_shift_hours_per_week,
        "offline_hours_per_week": people.offline_hours_per_week,
        "on_call_hours_per_week": people.on_call_hours_per_week,
        "hires_first_year": people.hires_first_year,
    }


def _year(need: Need, people: People) -> dict[str, Any]:
    return {"need_hours_per_week": need.hours_per_week, "people": _people(people)}


def _stress(results: Results) -> dict[str, Any]:
    stress = results.staffing.stress
    shown: dict[str, Any] = plain(stress)
    return shown | {"by_hour": [float(x) for x in stress.by_hour]}
