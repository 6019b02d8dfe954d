"""The roadmap in results.json: every date, reason, sum and chance of the plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from typing import Any

from ..planning.demand import Span
from ..planning.roadmap import Roadmap, Scheduled


def roadmap_part(plan: Roadmap) -> dict[str, Any]:
    """Return the roadmap in the shape that site/results.schema.json documents."""
    launch = plan.launch
    return {
        "start": plan.start.isoformat(),
        "today": plan.today.isoformat(),
        "status": plan.status,
        "reached": plain(plan.reached),
        "cost": span(plan.cost),
        "prices": plain(plan.prices),
        "launch": plain(launch) if launch else {"activity": None, "planned": None, "p50": None, "p80": None},
        "stages": plain(plan.stages),
        "activities": [_activity(a) for a in plan.activities],
        "left_out": plain(plan.left_out),
        "purses": plain(plan.purses),
        "loads": plain(plan.loads),
        "worth": plain(plan.worth),
        "drivers": [{"activity": ident, "days": days} for ident, days in plan.drivers],
        "policy": plan.policy,
        "windows": plain(plan.windows),
        "unopened": list(plan.unopened),
    }


def plain(record: Any) -> Any:
    """Return a record's fields by name and all it holds, dates as text."""
    if isinstance(record, date):
        return record.isoformat()
    if isinstance(record, tuple):
        return [plain(part) for part in record]
    if isinstance(record, Mapping):
        return {key: plain(value) for key, value in record.items()}
    if not hasattr(record, "__dataclass_fields__"):
        return record
    return {f.name: plain(getattr(record, f.name)) for f in fields(record)}


def span(value: Span) -> dict[str, float]:
    """Return a range by its three names."""
    return {"low": value.low, "likely": value.likely, "high": value.high}


def _activity(a: Scheduled) -> dict[str, Any]:
    task, way = a.task, a.way
    return {
        "id": task.id,
        "title": task.title,
        "phase": task.phase,
        "state": a.state,
        "start": a.start.isoformat(),
        "end": a.end.isoformat(),
        "days": a.duration_days,
        "p50": a.p50.isoformat(),
        "p80": a.p80.isoformat(),
        "buffer_days": a.buffer_days,
        "owner": task.owner,
        "payer": task.payer,
        "way": way.id,
        "ways": plain(task.ways),
        "role_effort": dict(way.effort_days),
        "after": dict(a.waits_for),
        "cost": span(way.cost),
        "gates": list(task.gates),
        "finding_ids": list(task.finding_ids),
        "why_here": task.why_here,
        "bound": a.bound,
        "bound_by": list(a.bound_by),
        "why_then": a.why_then,
        "by_links": a.by_links,
        "moved": plain(a.moved),
        "critical": a.critical,
        "share": task.share,
        "standing": task.standing,
        "verify": list(task.verify),
        "repeats": plain(task.repeats),
        "again": [day.isoformat() for day in a.again],
        "done_when": task.done_when,
        "milestone": task.milestone,
        "playbooks": list(task.playbooks),
        "source": task.source,
    }
