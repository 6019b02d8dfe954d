"""What the results depend on: the same answers judged by other constants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .gates import GateResult
from .instrument import Scoring, Variation
from .readiness import Readiness


@dataclass(frozen=True)
class Difference:
    """One result that other constants would change."""

    id: str
    usual: str
    varied: str


@dataclass(frozen=True)
class Varied:
    """What one variation of the constants changes: domain levels of settled domains, and gate verdicts."""

    id: str
    title: str
    reason: str
    domains: tuple[Difference, ...]
    gates: tuple[Difference, ...]


def vary(scoring: Scoring, variation: Variation) -> Scoring:
    """Return the scoring constants with a variation's values; their reasons stay."""
    update: dict[str, object] = {}
    for name, value in variation.change.items():
        held = getattr(scoring, name)
        if isinstance(value, dict):
            given = {str(key): number for key, number in value.items()}
            update[name] = {
                key: constant.model_copy(update={"value": given.get(str(key), constant.value)})
                for key, constant in held.items()
            }
        else:
            update[name] = held.model_copy(update={"value": value})
    return scoring.model_copy(update=update)


def compare(
    ident: str,
    variation: Variation,
    usual: tuple[Readiness, Sequence[GateResult]],
    varied: tuple[Readiness, Sequence[GateResult]],
) -> Varied:
    """Return what differs between the usual judgement and a varied one."""
    domains = [
        Difference(a.id, _level(a.level, a.settled), _level(b.level, b.settled))
        for a, b in zip(usual[0].domains, varied[0].domains, strict=True)
        if (a.settled or b.settled) and (a.level, a.settled) != (b.level, b.settled)
    ]
    gates = [
        Difference(a.id, a.verdict, b.verdict)
        for a, b in zip(usual[1], varied[1], strict=True)
        if a.verdict != b.verdict
    ]
    return Varied(ident, variation.title, variation.reason, tuple(domains), tuple(gates))


def _level(level: int, settled: bool) -> str:
    return str(level) if settled else "not settled"
