"""Which activities are right whatever the answers turn out to mean, and which rest on an item to be checked first.

The plan is chosen by probabilities; here the same choice is made again on each joint draw of the levels. An activity
that nearly all draws ask for is no regret. One that some ask for waits for the items that would decide it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .activities import Activity, Constant
from .findings import NO_GOALS, Advice, target_of
from .gates import GateResult
from .instrument import Instrument, in_stage
from .readiness import Readiness

Standing = Literal["no regret", "verify first", "optional"]
Asks = NDArray[np.bool_]


@dataclass(frozen=True)
class Inclusion:
    """How sure it is that an activity belongs into the plan.

    ``share`` is the share of draws that ask for it. ``verify`` holds the items that would decide it, those that decide
    most first; empty unless ``standing`` is "verify first".
    """

    share: float
    standing: Standing
    verify: tuple[str, ...]


def inclusion(
    instrument: Instrument,
    advice: Advice,
    readiness: Readiness,
    gates: Sequence[GateResult],
    stage: str,
    channels: Sequence[str],
    goals: Mapping[str, int] = NO_GOALS,
) -> dict[str, Inclusion]:
    """Return, for every activity that fits the stage and channels, how sure it is that the plan should hold it.

    An activity for an item that nobody could speak about, or that keeps a gate shut (a proof nobody has seen), is never
    optional: ask, or look, first.

    The constants are roadmap.yaml's: ``inclusion_draws``, and the shares of draws ``no_regret`` and ``verify_first``.
    """
    constants = advice.roadmap.constants
    count = int(constants["inclusion_draws"].value)
    levels = {i: drawn.levels[:count, n] for drawn in readiness.draws.values() for n, i in enumerate(drawn.ids)}
    targets = {ident: target_of(instrument, instrument.items[ident], stage, goals) for ident in levels}
    unclear = {c.item for g in gates if g.verdict != "met" for c in g.conditions if c.item and c.verdict != "met"}
    unclear |= {ident for ident in levels if not readiness.items[ident].known}
    return {
        activity.id: _judge(activity, levels, targets, unclear, constants)
        for activity in advice.activities.values()
        if in_stage(activity.stage, stage) and (not activity.channel or activity.channel in channels)
    }


def _judge(
    activity: Activity,
    levels: Mapping[str, NDArray[np.int8]],
    targets: Mapping[str, int],
    unclear: set[str],
    constants: Mapping[str, Constant],
) -> Inclusion:
    if activity.needed == "always":
        return Inclusion(1.0, "no regret", ())
    no_regret, verify_first = constants["no_regret"].value, constants["verify_first"].value
    asks: dict[str, Asks] = {}
    for move in activity.moves:
        if move.item in levels and move.from_ < targets[move.item]:
            asked = levels[move.item] < min(targets[move.item], move.to)
            asks[move.item] = asks.get(move.item, asked) | asked
    if not asks:
        return Inclusion(0.0, "optional", ())
    taken = np.any(list(asks.values()), axis=0)
    share = round(float(taken.mean()), 6)
    if share >= no_regret:
        return Inclusion(share, "no regret", ())
    decide = _deciding(asks, 1 - no_regret)
    decide += tuple(sorted(unclear & set(asks) - set(decide)))
    if share < verify_first and not unclear & set(asks):
        return Inclusion(share, "optional", ())
    return Inclusion(share, "verify first", decide)


def _deciding(asks: Mapping[str, Asks], least: float) -> tuple[str, ...]:
    """Return the items that ask for an activity often enough to decide it, most often first.

    Any one of them that asks is enough, so the activity's variance falls most by knowing the likeliest: of share ``p``,
    ``Var(E[taken | asks])`` is ``p / (1 - p)`` times the square of the share that does not ask for it.
    """
    often = {ident: float(asked.mean()) for ident, asked in asks.items()}
    return tuple(sorted((i for i, p in often.items() if p >= least), key=lambda i: (-often[i], i)))
