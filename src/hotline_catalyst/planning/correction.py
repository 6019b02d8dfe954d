"""The simulated week confirms the plan, or says in which hours one more advocate is needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .calendar import QUARTERS_A_WEEK
from .demand import BANDS, Demand, Parameters
from .simulation import Outcome, Week, simulate
from .stress import SEED, promise_of, week_of
from .stress_duties import posts
from .weakest import days_alike

Ints = NDArray[np.int64]
MOST_ROUNDS = 5
CONTACTS, FEWEST_WEEKS, MOST_WEEKS = 50_000, 50, 400


@dataclass(frozen=True)
class Correction:
    """What the simulated week adds to the need.

    Parameters
    ----------
    added
        Advocates to add in each of the 672 quarter-hours.
    before, reached, promise
        Share of signals answered in time without and with them, and the share promised.
    weeks, rounds
        Weeks simulated each time, and how often advocates were added.
    """

    added: Ints
    before: float
    reached: float
    promise: float
    weeks: int
    rounds: int


def correction(
    on_shift: Ints,
    demand: Demand,
    parameters: Parameters,
    *,
    primary: str,
    speakers: Mapping[str, Ints] | None = None,
    weeks: int | None = None,
    seed: int = SEED,
) -> Correction:
    """Simulate the need as if every post were a person, and add posts where most is lost until the promise is kept.

    Everybody comes and nobody takes breaks: absence and breaks belong to shifts, not to the need. At most five
    rounds; each adds one advocate to the parts of the day that fall furthest short.

    Parameters
    ----------
    on_shift
        The need, 0 where the line is closed.
    primary
        The language everybody speaks.
    speakers
        By further language, how many on shift speak it; without it everybody speaks everything.
    """
    spoken = frozenset({primary} if speakers is not None else {c.language for c in demand.classes})
    week = week_of(demand, posts(on_shift, spoken, speakers), parameters, absence=False)
    number = weeks or int(np.clip(CONTACTS / max(1.0, week.rates.sum() / 4), FEWEST_WEEKS, MOST_WEEKS))
    promise, added = promise_of(week), np.zeros(QUARTERS_A_WEEK, dtype=np.int64)
    if not week.rates[:, on_shift > 0].any():
        return Correction(added, 1.0, 1.0, promise, 0, 0)
    outcome = simulate(week, number, seed)
    before, rounds = outcome.overall, 0
    while outcome.overall < promise and rounds < MOST_ROUNDS:
        added = added + _short(outcome, week, promise, on_shift > 0)
        rounds += 1
        more = posts(on_shift + added, spoken, speakers)
        outcome = simulate(replace(week, duties=more), number, seed)
    return Correction(added, before, outcome.overall, promise, number, rounds)


def _short(outcome: Outcome, week: Week, promise: float, open_: NDArray[np.bool_]) -> Ints:
    """Return one advocate more in the parts of the day that fall furthest short, as many as make up what is missing."""
    offered, in_time = outcome.offered_by_hour.sum(axis=0), outcome.in_time_by_hour.sum(axis=0)
    short = (promise * offered - in_time).reshape(7, 24)
    missing = float(short.sum())
    groups = [list(days) for days in days_alike(week)]
    parts = [(float(short[days, a:b].sum()), days, a, b) for days in groups for a, b in BANDS]
    parts.sort(key=lambda p: -p[0])
    added = np.zeros((7, 24), dtype=np.int64)
    for lost, days, first, last in parts:
        if added.any() and (missing <= 0 or lost <= 0):
            break
        added[days, first:last] = 1
        missing -= lost
    return np.where(open_, np.repeat(added.ravel(), 4), 0)
