"""Which kinds of shift to choose among: all that are allowed are too many to prove, so the search looks at the best.

The bound that goes with the answer holds over every kind allowed, whichever of them the search looked at.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .calendar import QUARTERS_A_DAY
from .covering import Covering, Solved

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
HOUR = 4
# The search stops within this share of the proved bound, or after this many nodes (a count repeats, a clock does not).
CAREFUL: dict[str, float] = {"mip_rel_gap": 0.01, "node_limit": 60}
QUICK: dict[str, float] = {"mip_rel_gap": 0.03, "node_limit": 5}
# A kind of shift is worth a closer look when the problem without whole numbers uses at least this share of it.
PROMISING = 0.2
# Of all quarter-hour starts and lengths, those join the usual ones of which that problem uses at least this many.
USED = 0.5


def searched(every: Covering, *, quick: bool) -> Solved | None:
    """Return good counts for every kind (most of them 0); None when nothing covers the need.

    Parameters
    ----------
    quick
        Look at the usual kinds only, for a shorter time, and leave the bound out.
    """
    chosen, bound = _usual(every), -np.inf
    if not quick:
        least, used = every.relaxed()
        bound = every.rounded(least)
        # Whole hours are easier to remember: other starts only where they are worth it. Breaks are hard enough already.
        if every.pauses is None and bound < every.rounded(every.only(chosen).relaxed()[0]):
            chosen = chosen | (used >= USED)
    # Two patterns of day are solved as they are; more make the whole choice of kinds too large to prove.
    if quick or every.groups > 2:
        chosen = _promising(every, chosen, quick=quick)
    solved = every.only(chosen).solve(QUICK if quick else CAREFUL)
    if solved is None:
        return None
    counts = np.zeros((every.kinds, 7), dtype=np.int64)
    counts[chosen] = solved.counts
    return replace(solved, counts=counts, bound=float(bound))


def _usual(every: Covering) -> Bools:
    """Return kinds that start where need begins or rises, or on the hour: enough choice, small problem.

    Of each start the lengths of whole pairs of hours, the longest, and the longest that needs no break.
    """
    rises = np.flatnonzero(every.need > np.roll(every.need, 1)) % QUARTERS_A_DAY
    starts = np.isin(every.starts, rises) | (every.starts % HOUR == 0)
    lengths = (every.lengths % (2 * HOUR) == 0) | _longest(every, np.ones(every.kinds, dtype=bool))
    if every.pauses is not None:
        lengths |= _longest(every, every.pauses.opens < 0)
    return np.asarray(starts & lengths)


def _longest(every: Covering, among: Bools) -> Bools:
    """Return the longest of each start among these kinds."""
    longest = np.zeros(QUARTERS_A_DAY, dtype=np.int64)
    np.maximum.at(longest, every.starts[among], every.lengths[among])
    return np.asarray(among & (every.lengths == longest[every.starts]))


def _promising(every: Covering, among: Bools, *, quick: bool) -> Bools:
    """Return the kinds that the problem without whole numbers uses, and those a day made of all days would."""
    used = every.only(among).relaxed()[1] >= PROMISING
    days = every.need.reshape(7, QUARTERS_A_DAY)
    busiest, usual = days.max(axis=0), np.ceil(np.round(days.mean(axis=0), 9)).astype(np.int64)
    for day in (busiest,) if quick else (busiest, usual):
        alike = replace(every, need=np.tile(day, 7), pattern=np.zeros(7, dtype=np.int64)).only(among)
        solved = alike.solve(QUICK)
        if solved is not None:
            used |= solved.counts.any(axis=1)
    chosen = np.zeros(every.kinds, dtype=bool)
    chosen[np.flatnonzero(among)[used]] = True
    return chosen
