"""How far people agree: one item at a time, and over the whole questionnaire."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .instrument import TOP_LEVEL

Floats = NDArray[np.float64]


def consensus(levels: Sequence[int]) -> float:
    """Return Tastle and Wierman's consensus: 1 when all agree, 0 when half say 0 and half say 4.

    References
    ----------
    Tastle & Wierman (2007), Consensus and dissention, Int. J. Approximate Reasoning 45:531.
    """
    values, counts = np.unique(np.asarray(levels, dtype=float), return_counts=True)
    share = counts / counts.sum()
    distance = np.abs(values - share @ values) / TOP_LEVEL
    return float(max(0.0, 1 + share @ np.log2(1 - distance)))


@dataclass(frozen=True)
class Agreement:
    """Krippendorff's ordinal alpha over all items two or more people answered, with an interval, or None."""

    alpha: float | None
    low: float | None
    high: float | None
    items: int


def agreement(
    answers: Sequence[Sequence[int]], rng: np.random.Generator, draws: int, interval: float, least: int = 1
) -> Agreement:
    """Return the agreement of a whole panel; a quality figure of the engagement, never of a person.

    Parameters
    ----------
    answers
        The levels given to each item, one list an item.
    draws, interval
        How often items are drawn again (bootstrap), and the share of draws inside the interval.
    least
        Items with two answers or more below which nothing is said.

    References
    ----------
    Krippendorff (2011), Computing Krippendorff's alpha-reliability; Hayes & Krippendorff (2007).
    """
    counts = np.array([np.bincount(a, minlength=TOP_LEVEL + 1) for a in answers if len(a) >= 2], dtype=float)
    if len(counts) < max(1, least) or (alpha := ordinal_alpha(counts)) is None:
        return Agreement(None, None, None, len(counts))
    again = [ordinal_alpha(counts[rng.integers(0, len(counts), len(counts))]) for _ in range(draws)]
    found = np.sort([a for a in again if a is not None])
    tail = (1 - interval) / 2
    low, high = (float(found[int(q * (len(found) - 1))]) for q in (tail, 1 - tail))
    return Agreement(round(alpha, 6), round(low, 6), round(high, 6), len(counts))


def ordinal_alpha(counts: Floats) -> float | None:
    """Return Krippendorff's alpha for ordered values, or None where no two values differ.

    Parameters
    ----------
    counts
        Shape (items, values): how many people gave each value to each item, two or more an item.
    """
    people = counts.sum(axis=1)
    pairs = counts[:, :, None] * counts[:, None, :] - np.einsum("uk,kl->ukl", counts, np.eye(counts.shape[1]))
    coincidence = (pairs / (people - 1)[:, None, None]).sum(axis=0)
    totals = coincidence.sum(axis=0)
    below = np.cumsum(totals)
    distance = np.abs((below - totals / 2)[:, None] - (below - totals / 2)[None, :]) ** 2
    expected = float((np.outer(totals, totals) * distance).sum())
    if expected == 0:
        return None
    return 1 - (float(totals.sum()) - 1) * float((coincidence * distance).sum()) / expected
