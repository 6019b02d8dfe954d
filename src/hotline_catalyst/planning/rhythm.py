"""The rhythm: how a week's signals lie in its days and hours, by the usual figures or by the line's own counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .calendar import DAYS

if TYPE_CHECKING:
    from .demand import Parameters
    from .history import Observed

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
BANDS = ((0, 6), (6, 9), (9, 13), (13, 17), (17, 21), (21, 24))


@dataclass(frozen=True, slots=True)
class RateRow:
    """One distinct rate of the week: signals an hour between two hours of ``day``.

    ``day`` is "weekday", "weekend" or a day's name. ``per_hour`` is the likely case before ``planned_factor``; the
    busiest hour of a part of the day stands for it.
    """

    label: str
    day: str
    from_hour: int
    to_hour: int
    per_hour: float


@dataclass(frozen=True)
class Rhythm:
    """How a week's signals lie in it: the rows of the week, each quarter-hour's row, and the rhythm with mean 1."""

    shape: Floats
    rows: tuple[RateRow, ...]
    row_of: Ints
    band_per_hour: Floats
    band_shares: tuple[float, ...]
    day_weights: tuple[float, float]


def usual_rhythm(parameters: Parameters, weekend: Sequence[str], live_per_week: float) -> Rhythm:
    """Spread a week over six parts of the day and two kinds of day."""
    bands = np.array([parameters[f"demand.band_{a:02d}_{b:02d}"].likely for a, b in BANDS])
    shares, hours = bands / bands.sum(), np.array([b - a for a, b in BANDS])
    if hours.sum() != 24:
        raise AssertionError("the bands of the day must fill 24 hours")
    weights = (1.0, parameters["demand.weekend_factor"].likely)
    kinds = [int(day in weekend) for day in DAYS]
    per_day = live_per_week / sum(weights[kind] for kind in kinds)
    peak = parameters["demand.within_band_peak"].likely
    per_hour = (per_day * shares / hours * peak)[:, None] * np.array(weights)
    rows = tuple(
        RateRow(f"{day.capitalize()} {a:02d}–{b:02d}", day, a, b, float(per_hour[band, kind]))
        for kind, day in enumerate(("weekday", "weekend"))
        for band, (a, b) in enumerate(BANDS)
    )
    day_rows = np.repeat(np.arange(len(BANDS)), hours * 4)
    row_of = np.concatenate([day_rows + kind * len(BANDS) for kind in kinds])
    flat = np.outer(weights, shares / hours).ravel()[row_of]
    return Rhythm(flat / flat.mean(), rows, row_of, per_hour, tuple(float(s) for s in shares), weights)


def own_rhythm(usual: Rhythm, observed: Observed, weekend: Sequence[str], live_per_week: float) -> Rhythm:
    """Return the rhythm the line counted, hour by hour, blended with the usual one."""
    prior = usual.shape.reshape(168, 4).mean(axis=1) / 168
    share = np.asarray(observed.shape(prior), dtype=float)
    share = share / share.sum()
    rows = tuple(
        RateRow(f"{day.capitalize()} {hour:02d}", day, hour, hour + 1, float(live_per_week * share[24 * d + hour]))
        for d, day in enumerate(DAYS)
        for hour in range(24)
    )
    days, is_weekend = share.reshape(7, 24), np.array([day in weekend for day in DAYS])
    kinds = [days[~is_weekend].mean(axis=0) if not is_weekend.all() else days.mean(axis=0)]
    kinds.append(days[is_weekend].mean(axis=0) if is_weekend.any() else kinds[0])
    per_hour = np.array([[live_per_week * float(kind[a:b].mean()) for kind in kinds] for a, b in BANDS])
    in_day = days.sum(axis=0)
    bands = tuple(float(in_day[a:b].sum()) for a, b in BANDS)
    weights = (1.0, float(kinds[1].sum() / kinds[0].sum()) if kinds[0].sum() else 1.0)
    return Rhythm(np.repeat(share * 168, 4), rows, np.repeat(np.arange(168), 4), per_hour, bands, weights)
