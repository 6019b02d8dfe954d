"""What a country has already: human, policy, technology and institutional assets, out of the same answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from .instrument import PROOF_ORDER, Instrument
from .readiness import Readiness

Kind = Literal["human", "policy", "technology", "institutional"]
Standing = Literal["shown", "said", "to improve", "not known"]
KINDS: tuple[Kind, ...] = ("human", "policy", "technology", "institutional")


@dataclass(frozen=True)
class Asset:
    """One item seen as an asset: shown (with a document or seen on site), only said, to improve, or not known."""

    item: str
    domain: str
    kind: Kind
    standing: Standing
    level: int


def inventory(instrument: Instrument, readiness: Readiness, targets: Mapping[str, int]) -> list[Asset]:
    """Return every item that applies with its standing, in the instrument's order.

    An item is an asset when it reaches its target as surely as a gate asks (``gate_met``).
    """
    return [
        Asset(
            ident,
            instrument.domain_of[ident],
            instrument.items[ident].asset,
            _standing(instrument, readiness, ident, targets[ident]),
            found.likely,
        )
        for ident, found in readiness.items.items()
        if found.applies
    ]


def _standing(instrument: Instrument, readiness: Readiness, ident: str, target: int) -> Standing:
    found = readiness.items[ident]
    if not found.known:
        return "not known"
    chance = found.at_least(target)
    if chance >= instrument.scoring.gate_met.value:
        proven = found.best_proof is not None and PROOF_ORDER.index(found.best_proof) >= PROOF_ORDER.index("document")
        return "shown" if proven else "said"
    return "to improve" if 1 - chance >= instrument.scoring.gap_probability.value else "not known"
