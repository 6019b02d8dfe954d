"""Where to look next: which items, once known, would settle most, and what it costs to know them.

Each question that is open (a gate not shown, a domain not settled) hands out its stake among the items that keep it
open. A gate shares by how unsure each missing condition is; a domain by the share of its level's variance that each
item explains, ``Var(E[level | item]) / Var(level)``, from the same draws as its interval. Variance alone would tell
nothing about gates: where eleven conditions are open no single one moves the verdict, and yet each must be known.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .gates import ConditionResult, GateResult
from .instrument import TOP_LEVEL, Condition, Instrument, Item, Way
from .readiness import Draws, ItemReadiness, Readiness, domain_level


@dataclass(frozen=True)
class Look:
    """One thing to find out: the item, how, from whom, what it costs and what it would settle.

    ``value`` is the share of all open stakes that hangs on the item, ``days`` the person-days to settle it.
    """

    item: str
    method: Way
    roles: tuple[str, ...]
    days: float
    value: float
    gates: tuple[str, ...]
    domain: str | None
    say: str


def look_next(
    instrument: Instrument, readiness: Readiness, gates: Sequence[GateResult], targets: Mapping[str, int]
) -> list[Look]:
    """Return every item that keeps a gate or a domain open, the most settled per person-day first.

    ``targets`` holds the level each item is held against.
    """
    stakes = instrument.scoring.stakes
    value: dict[str, float] = defaultdict(float)
    opens: dict[str, list[str]] = defaultdict(list)
    unsettled: set[str] = set()
    for gate in gates:
        for item, share in _gate_shares(gate).items():
            value[item] += stakes[gate.kind].value * share
            opens[item].append(gate.id)
    for domain in readiness.domains:
        if not domain.settled and domain.id in readiness.draws:
            for item, share in _domain_shares(instrument, readiness.draws[domain.id]).items():
                value[item] += stakes["domain"].value * share
                unsettled.add(item)
    total = sum(value.values()) or 1.0
    asked = _proof_asked(instrument, gates)
    looks = []
    for ident in value:
        method = _method(instrument, readiness.items[ident], asked.get(ident))
        looks.append(
            Look(
                item=ident,
                method=method,
                roles=tuple(instrument.items[ident].first_hand),
                days=instrument.scoring.verify[method].value,
                value=round(float(value[ident]) / total, 6),
                gates=tuple(opens[ident]),
                domain=instrument.domain_of[ident] if ident in unsettled else None,
                say=_say(instrument, instrument.items[ident], method, targets[ident]),
            )
        )
    return sorted(looks, key=lambda x: (-x.value / x.days, x.item))


def _gate_shares(gate: GateResult) -> dict[str, float]:
    """Return each item's part of a gate that is not shown, by how unsure its missing condition is."""
    if gate.verdict != "not shown":
        return {}
    unsure: dict[str, float] = {}
    for condition in gate.conditions:
        if condition.item and condition.verdict == "not shown":
            unsure[condition.item] = max(unsure.get(condition.item, 0.0), _unsure(condition))
    total = sum(unsure.values())
    return {item: u / total for item, u in unsure.items()} if total else {}


def _unsure(condition: ConditionResult) -> float:
    if condition.probability is None or condition.unproven:
        return 1.0
    return 4 * condition.probability * (1 - condition.probability)


def _domain_shares(instrument: Instrument, drawn: Draws) -> dict[str, float]:
    """Return each item's part of what keeps a domain's level unsure."""
    items = [instrument.items[i] for i in drawn.ids]
    if not items:
        return {}
    level = domain_level(drawn.levels, items, instrument.scoring).astype(float)
    explained = {i: _explained(drawn.levels[:, n], level) for n, i in enumerate(drawn.ids)}
    total = sum(explained.values())
    return {i: share / total for i, share in explained.items() if share > 0} if total else {}


def _explained(known: NDArray[np.int8], outcome: NDArray[np.float64]) -> float:
    """Return Var(E[outcome | known]) / Var(outcome), less what chance alone would give."""
    variance = float(outcome.var())
    if variance == 0:
        return 0.0
    counts = np.bincount(known, minlength=TOP_LEVEL + 1)
    means = np.bincount(known, outcome, minlength=TOP_LEVEL + 1) / np.maximum(counts, 1)
    between = float((counts * (means - outcome.mean()) ** 2).sum() / len(outcome)) / variance
    return max(0.0, between - (np.count_nonzero(counts) - 1) / len(outcome))


def _proof_asked(instrument: Instrument, gates: Sequence[GateResult]) -> Mapping[str, Condition]:
    """Return, by item, the condition of an open gate that asks for the strongest proof."""
    still = {g.id for g in gates if g.verdict == "not shown"}
    found: dict[str, Condition] = {}
    for gate in instrument.gates:
        for leaf in gate.needs.leaves() if gate.id in still else ():
            if leaf.item and (leaf.item not in found or leaf.proof == "observed" or found[leaf.item].proof is None):
                found[leaf.item] = leaf
    return found


def _say(instrument: Instrument, item: Item, method: Way, level: int) -> str:
    who = " or ".join(instrument.role_title(role) for role in item.first_hand[:2])
    evidence = item.evidence.get(level) or item.evidence[max(item.evidence)]
    words = instrument.scoring.verify[method].say
    return words.format(who=who, question=item.ask, evidence="; ".join(evidence))


def _method(instrument: Instrument, found: ItemReadiness, asked: Condition | None) -> Way:
    scoring = instrument.scoring
    if not found.known:
        return "ask"
    if found.consensus is not None and found.consensus < scoring.contested_below.value:
        return "together"
    return "visit" if asked is not None and asked.proof == "observed" else "document"
