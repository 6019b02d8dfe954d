"""Fair shares: what each person's part of nights, shifts, weekends and holidays would be, what came before included."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from ..calendar import DAYS
from .records import Advocate, Past

Floats = NDArray[np.float64]


def fair_shares(total: float, able: Sequence[float] | Floats, owed: Sequence[float] | Floats) -> Floats:
    """Return each person's fair part of ``total``: in proportion to ``able``, more for who owes, never below 0.

    Parameters
    ----------
    able
        Hours each person can give; 0: no part at all.
    owed
        What each did less than a fair part before; negative for who did more.

    >>> fair_shares(12, [40, 40, 20], [0, 0, 0]).tolist()
    [4.8, 4.8, 2.4]
    >>> fair_shares(12, [40, 40], [-3, 3]).tolist()
    [3.0, 9.0]
    """
    hours, dues = np.asarray(able, dtype=float), np.asarray(owed, dtype=float)
    taking = hours > 0
    share = np.zeros(len(hours))
    # Who has done so much that the part falls below nothing gets none, and the others share what there is.
    while taking.any():
        rate = (total - dues[taking].sum()) / hours[taking].sum()
        share = np.where(taking, rate * hours + dues, 0)
        if (share >= 0).all():
            break
        taking &= share >= 0
    return np.maximum(share, 0)


def owed_from_before(done: Sequence[int], hours: Sequence[float] | Floats) -> Floats:
    """Return what each did less than a fair part of all that these people did: in proportion to hours they could give.

    >>> owed_from_before([6, 2], [100, 100]).tolist()
    [-2.0, 2.0]
    """
    able = np.asarray(hours, dtype=float)
    did = np.asarray(done, dtype=float) * (able > 0)
    return did.sum() * able / able.sum() - did if able.sum() else np.zeros(len(able))


def remembered(past: Past, start: date) -> tuple[date, ...]:
    """Return the days before ``start`` that the past holds, work or not."""
    return () if past.first is None else tuple(past.first + timedelta(days=n) for n in range((start - past.first).days))


def hours_able(person: Advocate, days: Sequence[date]) -> float:
    """Return the paid hours a person can give on ``days``: leave, and time before the first day, taken out."""
    return person.hours_per_week * sum(person.may_work(day) for day in days) / 7


def weekends(days: Sequence[date], weekend: Sequence[str]) -> tuple[tuple[int, ...], ...]:
    """Return the places of each weekend's days in ``days``, by the country's own weekend; cut ones at the ends too."""
    groups: dict[int, list[int]] = {}
    for place, day in enumerate(days):
        if DAYS[day.weekday()] in weekend:
            groups.setdefault((day - timedelta(days=day.weekday())).toordinal(), []).append(place)
    return tuple(tuple(group) for _, group in sorted(groups.items()))
