"""Forecasts an existing line's contacts by hour: the week's rhythm, the level and its growth, and how sure they are.

The rhythm is learnt like a person would: from the hours of the day, the days of the week and each hour of the week, and
the fewer contacts an hour has seen, the more it follows the hours beside it (empirical Bayes with moment estimates).
Counts are Poisson with a gamma factor a day. tests/benchmarks/forecast.py compares it with simpler and larger models.

References
----------
Jongbloed & Koole (2001), Managing uncertainty in call centres using Poisson mixtures.
Gardner & McKenzie (1985), Forecasting trends in time series (damped trend).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .history_record import Floats, weekday_dates
from .history_words import load_words

if TYPE_CHECKING:
    from .demand import Span

Bools = NDArray[np.bool_]
# Hours beside an hour count 1, 2, 3, 2, 1: the kernel that did best on thinned real streams.
KERNEL = np.array([1, 2, 3, 2, 1]) / 9
MEMORY_WEEKS = 52.0  # a week's weight for the rhythm halves in this time
LEVEL_WEEKS = (3.0, 6.0, 12.0, 24.0)  # half-lives tried for the level
USUAL_LEVEL_WEEKS = 6.0
LOCAL_DAYS = 35
AHEAD = 4
Z90 = 1.6448536269514722


@dataclass(frozen=True)
class Forecast:
    """Contacts by day and hour, shape (days, 24): mean and the borders of the 90 % interval of the count."""

    mean: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Fit:
    """What a line's counts say about the hours to come.

    Parameters
    ----------
    last
        The last day seen.
    rhythm
        Share of each hour of the week, from Monday 00:00; sums to 1.
    level
        Contacts a week at the end of the counts.
    level_sd
        Standard deviation of the logarithm of the next weeks' level around it.
    growth, growth_sd
        A year, as a logarithm.
    drift
        Variance of the level's logarithm that a week adds.
    day_cv, hour_cv
        Coefficient of variation of a day's and an hour's rate beyond Poisson.
    holiday
        A public holiday against the same weekday.
    season, seasonal
        Factor by week of the year (53), mean 1; all 1 below two years. Whether two years were there to learn it.
    season_sd
        Uncertainty of a year's level where the yearly cycle is not known, as a logarithm.
    """

    last: date
    rhythm: Floats
    level: float
    level_sd: float
    growth: float
    growth_sd: float
    drift: float
    day_cv: float
    hour_cv: float
    holiday: float
    season: Floats
    seasonal: bool
    season_sd: float

    def hours(self, first: date, days: int, holidays: Collection[date] = ()) -> Forecast:
        """Return the forecast of each hour of some days."""
        dates = [first + timedelta(days=n) for n in range(days)]
        ahead = np.array([max((day - self.last).days, 0) / 7 for day in dates])
        factor = np.exp(self.growth * damped(ahead)) * self.season[[week_of(day) for day in dates]]
        factor *= np.where([day in holidays for day in dates], self.holiday, 1.0)
        mean = self.level * factor[:, None] * self.rhythm.reshape(7, 24)[weekday_dates(first, days)]
        sd2 = self.level_sd**2 + self.drift * np.maximum(ahead - AHEAD, 0) + (self.growth_sd * damped(ahead)) ** 2
        low, high = interval(mean, np.sqrt(self.hour_cv**2 + sd2)[:, None])
        return Forecast(mean, low, high)

    def per_week(self, start: date, weeks: int = 52) -> Span:
        """Return contacts a week in the planned year: the mean over its weeks, with the 90 % interval of that mean."""
        from .demand import Span

        before = max((start - self.last).days, 0) / 7
        middle = before + weeks / 2
        years = float(damped(np.array([middle]))[0])
        likely = self.level * float(np.exp(self.growth * years))
        variance = (
            self.level_sd**2
            + self.drift * max(before + weeks / 3 - AHEAD, 0)
            + (self.growth_sd * years) ** 2
            + self.season_sd**2
        )
        wide = float(np.exp(Z90 * np.sqrt(variance)))
        return Span(likely / wide, likely, likely * wide)


def interval(mean: Floats, cv: Floats | float, share: float = 0.9) -> tuple[Floats, Floats]:
    """Return the borders between which a count lies with chance ``share``: Poisson with a gamma rate of this cv."""
    from scipy.stats import nbinom

    size = 1 / np.maximum(np.broadcast_to(np.asarray(cv, dtype=float) ** 2, mean.shape), 1e-9)
    chance = size / (size + mean)
    tail = (1 - share) / 2
    return (
        np.maximum(nbinom.ppf(tail, size, chance), 0.0),
        np.maximum(nbinom.ppf(1 - tail, size, chance), 0.0),
    )


def damped(weeks: Floats) -> Floats:
    """Return for how many years growth goes on in that many weeks when each year keeps a part of the last one's.

    >>> damped(np.array([52.0, 520.0])).round(2).tolist()
    [0.84, 2.72]
    """
    kept = load_words().limit("growth_kept")
    return np.asarray((1 - kept ** (weeks / 52)) / -np.log(kept))


def week_of(day: date) -> int:
    """Return the week of the year, 0 to 52."""
    return min((day.timetuple().tm_yday - 1) // 7, 52)


def fit(
    first: date, counts: Floats, usable: Bools, hours: Floats | None = None, holidays: Collection[date] = ()
) -> Fit:
    """Learn from counts by day and hour.

    Parameters
    ----------
    counts
        Shape (days, 24), from ``first`` on.
    usable
        Which days count; a day that is missing or cut off says nothing.
    hours
        How often each hour came (0 or 2 on a night with a change of clocks); all once when not given.
    holidays
        Public holidays, which have a factor of their own.
    """
    days = len(counts)
    weekday = weekday_dates(first, days)
    hours = np.ones_like(counts) if hours is None else hours
    dates = [first + timedelta(days=n) for n in range(days)]
    off = np.array([day in holidays for day in dates])
    plain = usable & ~off
    if len(np.unique(weekday[plain])) < 7:
        plain = usable
    totals = counts.sum(1)
    level = local_level(totals, weekday, plain)
    rhythm = _rhythm(counts, hours, level, weekday, plain)
    daily = (rhythm.reshape(7, 24)[weekday] * hours).sum(1)
    weekly = _weekly(totals, daily, plain)
    season, sure = _season(weekly, dates[-1], days)
    weekly = weekly / season[[week_of(dates[-1] - timedelta(days=7 * n + 3)) for n in range(len(weekly))][::-1]]
    now, now_sd = _now(weekly, float(totals[plain].sum() / plain.sum() * 7))
    drift, growth, growth_sd = _growth(weekly, float(np.mean(totals[plain])) * 7)
    expected = (level * (totals[plain].sum() / (level * daily)[plain].sum()))[:, None] * (
        rhythm.reshape(7, 24)[weekday] * hours
    )
    missing = max(0.0, 1 - plain.sum() / 364)
    return Fit(
        last=dates[-1],
        rhythm=rhythm,
        level=now,
        level_sd=now_sd,
        growth=growth,
        growth_sd=growth_sd,
        drift=drift,
        day_cv=_cv(totals[plain], expected.sum(1)[plain], plain.sum() / LOCAL_DAYS + 7),
        hour_cv=_cv(counts[plain].ravel(), expected[plain].ravel(), plain.sum() / LOCAL_DAYS + 30),
        holiday=_holiday(totals, expected.sum(1), usable & off) if off.any() else 1.0,
        season=season,
        seasonal=sure,
        season_sd=0.0 if sure else load_words().limit("season_sd") * float(np.sqrt(missing)),
    )


def local_level(totals: Floats, weekday: NDArray[np.int64], usable: Bools) -> Floats:
    """Return each day's level against the whole, from the five weeks around it."""
    base = np.array(
        [totals[usable & (weekday == d)].mean() if (usable & (weekday == d)).any() else 0 for d in range(7)]
    )
    window = np.ones(min(LOCAL_DAYS, 2 * len(totals) - 1))
    seen = np.convolve(totals * usable, window, "same")[: len(totals)]
    usual = np.convolve(base[weekday] * usable, window, "same")[: len(totals)]
    whole = np.ones(len(totals))
    np.divide(seen, usual, out=whole, where=usual > 0)
    return np.maximum(whole, 1e-6)


def _rhythm(counts: Floats, hours: Floats, level: Floats, weekday: NDArray[np.int64], usable: Bools) -> Floats:
    """Return the share of each hour of the week (168); thin hours follow their neighbours."""
    age = np.arange(len(counts))[::-1] / 7
    weight = 0.5 ** (age / MEMORY_WEEKS) * usable
    seen, noise, chance = np.zeros((7, 24)), np.zeros((7, 24)), np.zeros((7, 24))
    for day in range(7):
        here = weekday == day
        seen[day] = weight[here] @ counts[here]
        noise[day] = weight[here] ** 2 @ counts[here]
        chance[day] = (weight * level)[here] @ hours[here]
    if not seen.any():
        return np.full(168, 1 / 168)
    noise_per = noise.sum() / seen.sum()
    smooth = _around(seen.sum(0))
    of_hour = _drawn(seen.sum(0), smooth, noise_per)
    of_hour /= of_hour.sum()
    even = (chance * of_hour).sum(1)
    even *= seen.sum() / even.sum()
    rate = _drawn(seen.sum(1), even, noise_per) / np.maximum((chance * of_hour).sum(1), 1e-12)
    product = chance * rate[:, None] * of_hour
    near = _around(product)
    beside = product * np.divide(_around(seen), near, out=np.ones_like(near), where=near > 0)
    product = _drawn(beside, product, noise_per * float(KERNEL @ KERNEL))
    cells = _drawn(seen, product, noise_per) / np.maximum(chance, 1e-12)
    return np.asarray((cells / cells.sum()).ravel())


def _around(values: Floats) -> Floats:
    """Return each hour's mean with the hours beside it, round the clock."""
    return np.asarray(sum(k * np.roll(values, shift - 2, axis=-1) for shift, k in enumerate(KERNEL)))


def _drawn(seen: Floats, expected: Floats, noise_per: float) -> Floats:
    """Return ``seen`` drawn towards ``expected``: as far as the differences are noise (moment estimator).

    ``noise_per`` is the variance of one counted contact. Where almost nothing is expected, what was seen stands.
    """
    thick = expected > 0.05 * expected.mean()
    if not thick.any():
        return seen
    noise = noise_per * expected[thick]
    between = max(float((((seen[thick] - expected[thick]) ** 2 - noise).sum()) / (expected[thick] ** 2).sum()), 0.0)
    own = between / (between + noise / expected[thick] ** 2)
    drawn = seen.copy()
    drawn[thick] = expected[thick] + own * (seen[thick] - expected[thick])
    return drawn


def _weekly(totals: Floats, daily: Floats, usable: Bools) -> Floats:
    """Return the level of each week of seven days before the last day, oldest first: contacts of a whole usual week.

    A week with fewer than three usable days takes its neighbour's level.
    """
    weeks = max(len(totals) // 7, 1)
    cut = len(totals) - 7 * weeks if len(totals) >= 7 else 0
    seen = (totals * usable)[cut:].reshape(weeks, -1).sum(1)
    usual = (daily * usable)[cut:].reshape(weeks, -1).sum(1)
    good = usual > 0.4 * daily[cut:].sum() / weeks
    if not good.any():
        return np.full(weeks, 0.5)
    level = np.interp(np.arange(weeks), np.flatnonzero(good), seen[good] / usual[good])
    return np.asarray(np.maximum(level, 0.5))


def _smoothed(weekly: Floats, half_life: float) -> Floats:
    """Return the level after each week: a mean in which a week's weight halves in ``half_life`` weeks."""
    keep = 0.5 ** (1 / half_life)
    top = bottom = 0.0
    found = np.empty(len(weekly))
    for n, value in enumerate(weekly):
        top, bottom = keep * top + value, keep * bottom + 1
        found[n] = top / bottom
    return found


def _now(weekly: Floats, usual: float) -> tuple[float, float]:
    """Return the level at the end and the standard deviation of the next four weeks' logarithm around it.

    The half-life that would have foretold the past best is taken; with less than half a year, six weeks.
    """
    begin = 8
    if len(weekly) < 26:
        level = float(_smoothed(weekly, USUAL_LEVEL_WEEKS)[-1])
        noise = float(np.var(np.diff(np.log(weekly)))) / 2 if len(weekly) > 3 else 1 / max(usual, 1)
        return level, float(np.sqrt(noise / min(len(weekly), 6) + AHEAD * load_words().limit("drift_sd") ** 2 / 52))
    following = np.array([weekly[n : n + AHEAD].mean() for n in range(1, len(weekly) - AHEAD + 1)])
    errors = {h: np.log(following / _smoothed(weekly, h)[: len(following)])[begin:] for h in LEVEL_WEEKS}
    best = min(errors, key=lambda h: float((errors[h] ** 2).mean()))
    return float(_smoothed(weekly, best)[-1]), float(np.sqrt((errors[best] ** 2).mean()))


def _growth(weekly: Floats, usual: float) -> tuple[float, float, float]:
    """Return the drift's variance a week, and growth and its standard deviation a year, as logarithms.

    The slope of the last two years is drawn towards none: growth seen in a short time rarely goes on.
    """
    logs = np.log(weekly[-104:])
    n, limits = len(logs), load_words()
    prior_drift = limits.limit("drift_sd") ** 2 / 52
    prior_growth = limits.limit("growth_sd")
    if n < 8:
        return prior_drift, 0.0, prior_growth
    lags = np.arange(1, min(13, n // 3) + 1)
    apart = np.array([((logs[k:] - logs[:-k]) ** 2).mean() for k in lags])
    slope, start = np.polyfit(lags, apart, 1, w=np.sqrt(n - lags)) if len(lags) > 1 else (0.0, apart[0])
    drift = (n * max(float(slope), 0.0) + 26 * prior_drift) / (n + 26)
    noise = max(float(start) / 2, 1 / max(usual, 1))
    fitted = float(np.polyfit(np.arange(n), logs, 1)[0]) * 52
    # Variance of a fitted slope when the level wanders (6/5 of its drift over n) and each week has noise.
    variance = (1.2 * drift / n + 12 * noise / n**3) * 52**2
    trust = prior_growth**2 / (prior_growth**2 + variance)
    return drift, fitted * trust, float(np.sqrt(variance * trust))


def _season(weekly: Floats, last: date, days: int) -> tuple[Floats, bool]:
    """Return the factor of each week of the year, mean 1, and whether two years were there to learn it."""
    flat = np.ones(53)
    n = len(weekly)
    if days < 728:
        return flat, False
    middle = [last - timedelta(days=7 * back + 3) for back in range(n)][::-1]
    turn = 2 * np.pi * np.array([day.timetuple().tm_yday / 365.25 for day in middle])
    waves = np.column_stack([f(k * turn) for k in (1, 2) for f in (np.sin, np.cos)])
    time = np.arange(n) / n
    design = np.column_stack([np.ones(n), time, time**2, waves])
    logs = np.log(weekly)
    found, *_ = np.linalg.lstsq(design, logs, rcond=None)
    rest = logs - design @ found
    # Weeks resemble their neighbours: as many independent ones as the residuals' first correlation leaves.
    alike = float(np.clip(np.corrcoef(rest[1:], rest[:-1])[0, 1], 0, 0.95))
    noise = rest.var() * n / max(n - 7, 1) * (1 + alike) / (1 - alike)
    chance = noise * np.diag(np.linalg.inv(design.T @ design))[3:]
    size = found[3:] ** 2
    kept = max(0.0, 1 - chance.sum() / max(size.sum(), 1e-12))
    year = 2 * np.pi * (7 * np.arange(53) + 3.5) / 365.25
    logs_of_year = np.column_stack([f(k * year) for k in (1, 2) for f in (np.sin, np.cos)]) @ (kept * found[3:])
    factor = np.exp(logs_of_year)
    return np.asarray(factor / factor[:52].mean()), True


def _cv(seen: Floats, expected: Floats, used: float) -> float:
    """Return the coefficient of variation beyond Poisson (moment estimator); ``used`` parameters were fitted."""
    free = len(seen) / max(len(seen) - used, 1)
    beyond = (((seen - expected) ** 2) * free - expected).sum()
    return float(np.sqrt(max(beyond / max((expected**2).sum(), 1e-12), 0.0)))


def _holiday(totals: Floats, expected: Floats, off: Bools) -> float:
    """Return a holiday against its weekday; few holidays are drawn towards 1."""
    if not off.any():
        return 1.0
    ratio = float(totals[off].sum() / max(expected[off].sum(), 1e-12))
    few = load_words().limit("holiday_days")
    count = float(off.sum())
    return (count * ratio + few) / (count + few)
