"""The product's forecast on real contact streams: how near, how sure, and whether staffing by it keeps its promise.

python tests/benchmarks/forecast.py FOLDER                       FOLDER holds the streams, as its README says
python tests/benchmarks/forecast.py FOLDER --libraries           also statsforecast and prophet, where installed

The last four weeks of each stream are held back. Deviance is the Poisson deviance per hour of the counts held back.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import heapq
import io
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import gamma

from hotline_catalyst.planning.forecast import Fit, Forecast, fit
from hotline_catalyst.planning.history_quality import look_at
from hotline_catalyst.planning.history_record import Row, built, weekday_dates
from hotline_catalyst.planning.queueing import erlang_a_service_level, required

Floats = NDArray[np.float64]
HELD = 28
WITHIN_S, SHARE, PATIENCE_S = 30, 0.9, 300
MOST_LOAD, USUAL_S = 3.0, 1500.0
BUSY_DAYS = 0.8  # plan for the day that is busier than this share of days


@dataclass(frozen=True)
class Stream:
    """Counts by day and hour from a first day on, and the country whose holidays they know."""

    name: str
    first: date
    counts: Floats
    country: str
    round_the_clock: bool = True

    @property
    def holidays(self) -> set[date]:
        """Public holidays of the stream's years."""
        import holidays

        years = range(self.first.year, self.first.year + len(self.counts) // 365 + 2)
        return set(holidays.country_holidays(self.country, years=years))


def _stream(name: str, rows: Iterator[tuple[str, float]], country: str, always: bool = True) -> Stream:
    found: Counter[tuple[int, int]] = Counter()
    for time, count in rows:
        found[date.fromisoformat(time[:10]).toordinal(), int(time[11:13])] += count  # type: ignore[assignment]
    first, last = min(day for day, _ in found), max(day for day, _ in found)
    counts = np.zeros((last - first + 1, 24))
    for (day, hour), count in found.items():
        counts[day - first, hour] += count
    return Stream(name, date.fromordinal(first), counts, country, always)


def streams(folder: Path) -> list[Stream]:
    """Return the real streams of a folder."""

    def rows(name: str) -> list[dict[str, str]]:
        text = gzip.decompress((folder / f"{name}_train.csv.gz").read_bytes()).decode("utf-8")
        return list(csv.DictReader(io.StringIO(text)))

    calls = rows("911_montgomery")
    kinds = ("EMS", "Traffic", "Fire")
    return [
        _stream("emergency department", ((r["start"], float(r["arrivals"])) for r in rows("ed_hourly")), "US"),
        _stream("small bank, 24 hours", ((r["start"], float(r["calls"])) for r in rows("bank1999_6min")), "IL"),
        _stream("large bank, weekdays", ((r["start"], float(r["calls"])) for r in rows("bank2003_5min")), "US", False),
        *(_stream(f"911 {k}", ((r["time"], 1.0) for r in calls if r["type"] == k), "US") for k in kinds),
        _stream("911 distress", ((r["time"], 1.0) for r in rows("911_montgomery_distress")), "US"),
    ]


def deviance(seen: Floats, mean: Floats) -> float:
    """Return the Poisson deviance per hour; a forecast under one contact in twenty hours counts as that."""
    mean = np.maximum(mean, 0.05)
    gain = np.zeros_like(seen)
    np.log(seen / mean, out=gain, where=seen > 0)
    return float(2 * (seen * gain - (seen - mean)).mean())


def last_week(first: date, counts: Floats, days: int) -> Floats:
    """Return last week again and again."""
    return np.tile(counts[-7:], (days // 7 + 1, 1))[:days]


def eight_weeks(first: date, counts: Floats, days: int) -> Floats:
    """Return the mean of the last eight weeks by hour of the week."""
    weekday = weekday_dates(first, len(counts) + days)
    back = np.arange(max(len(counts) - 56, 0), len(counts))
    means = np.array([counts[back[weekday[back] == day]].mean(0) for day in range(7)])
    return np.asarray(means[weekday[len(counts) :]])


def learnt(stream: Stream, counts: Floats) -> Fit:
    """Return what the product learns from the first part of a stream, its own data-quality rules applied."""
    days = [stream.first + timedelta(days=n) for n in range(len(counts))]
    rows = [Row(day, hour, "", "", round(float(counts[n, hour]))) for n, day in enumerate(days) for hour in range(24)]
    quality = look_at(built(rows, timed=True, timezone=None, notes=()), stream.holidays)
    return fit(stream.first, counts, quality.usable, quality.hours, stream.holidays)


def forecast(stream: Stream, counts: Floats, days: int = HELD) -> tuple[Fit, Forecast]:
    """Return the product's fit and forecast of the days after ``counts``."""
    found = learnt(stream, counts)
    return found, found.hours(stream.first + timedelta(days=len(counts)), days, stream.holidays)


def in_time(
    arrivals: list[float], positions: list[int], handle_s: float, patience_s: float, within_s: float, seed: int
) -> NDArray[np.bool_]:
    """Return which arrivals (seconds from the first hour) are answered in time: first come, first served.

    ``positions`` are by hour; whoever is busy when positions fall finishes the contact in hand.
    """
    chance = np.random.default_rng(seed)
    work = chance.exponential(handle_s, len(arrivals))
    leaves = np.array(arrivals) + chance.exponential(patience_s, len(arrivals))
    events = [(at, 1, n) for n, at in enumerate(arrivals)] + [(3600.0 * n, 0, 0) for n in range(len(positions))]
    heapq.heapify(events)
    waiting: deque[int] = deque()
    met = np.zeros(len(arrivals), dtype=bool)
    busy = 0
    while events:
        now, kind, which = heapq.heappop(events)
        if kind == 1:
            waiting.append(which)
        busy -= kind == 2
        open_ = positions[min(int(now // 3600), len(positions) - 1)]
        while waiting and busy < open_:
            caller = waiting.popleft()
            if leaves[caller] >= now:
                busy += 1
                met[caller] = now - arrivals[caller] <= within_s
                heapq.heappush(events, (now + work[caller], 2, 0))
    return met


@dataclass(frozen=True)
class Kept:
    """What staffing by the forecast promised and what the real arrivals got: shares in time."""

    promised: float
    got: float
    weeks: tuple[float, ...]
    hours: int


def staffed(mean: Floats, seen: Floats, factor: float, handle_s: float, seeds: int = 20, cv: float = 0) -> Kept:
    """Staff each hour for the forecast mean times ``factor`` and let the real arrivals come.

    What is promised is Erlang A over days that differ by ``cv`` beyond chance.
    """
    planned = (mean * factor).ravel()
    need = np.maximum(required(planned, handle_s, WITHIN_S, SHARE, PATIENCE_S), 1)
    days = gamma.ppf((np.arange(20) + 0.5) / 20, cv**-2, scale=cv**2) if cv else np.ones(1)
    rates = np.outer(days, mean.ravel())
    level = np.empty_like(rates)
    for count in np.unique(need):
        here = need == count
        level[:, here] = erlang_a_service_level(int(count), rates[:, here], handle_s, PATIENCE_S, WITHIN_S)
    promised = float((level * rates).sum() / rates.sum())
    whole = np.round(seen.ravel()).astype(int)
    week = np.repeat(np.arange(len(whole)) // 168, whole)
    met = np.zeros((seeds, len(week)))
    for seed in range(seeds):
        spread = np.random.default_rng(seed).random(len(week))
        at = np.sort(3600 * (np.repeat(np.arange(len(whole)), whole) + spread))
        met[seed] = in_time(at.tolist(), need.tolist(), handle_s, PATIENCE_S, WITHIN_S, seed)
    weeks = tuple(float(met[:, week == n].mean()) for n in range(week.max() + 1))
    return Kept(promised, float(met.mean()), weeks, int(need.sum()))


def handle_time_of(counts: Floats) -> float:
    """Return 25 minutes, or less where that would keep more than three advocates busy: a hotline's loads."""
    return min(USUAL_S, MOST_LOAD * 3600 / float(counts.mean()))


def statsforecast_models(first: date, counts: Floats, days: int) -> dict[str, Floats]:
    """Return forecasts of statsforecast: daily and weekly cycles (MSTL) with an automatic trend; half a year back."""
    import pandas as pd
    from statsforecast import StatsForecast
    from statsforecast.models import MSTL, AutoETS

    back = counts[-182:]
    start = first + timedelta(days=len(counts) - len(back))
    table = pd.DataFrame(
        {"unique_id": "x", "ds": pd.date_range(str(start), periods=back.size, freq="h"), "y": back.ravel()}
    )
    model = StatsForecast([MSTL([24, 168], trend_forecaster=AutoETS(model="ZZN"))], freq="h")
    found = model.forecast(df=table, h=24 * days)
    return {"statsforecast MSTL": np.maximum(found["MSTL"].to_numpy(), 0).reshape(days, 24)}


def prophet_models(first: date, counts: Floats, days: int) -> dict[str, Floats]:
    """Return forecasts of prophet with daily and weekly cycles; half a year back."""
    import pandas as pd
    from prophet import Prophet

    back = counts[-182:]
    start = first + timedelta(days=len(counts) - len(back))
    times = pd.date_range(str(start), periods=back.size + 24 * days, freq="h")
    model = Prophet(yearly_seasonality=False, weekly_seasonality=True, daily_seasonality=True, uncertainty_samples=0)
    model.fit(pd.DataFrame({"ds": times[: back.size], "y": back.ravel()}))
    found = model.predict(pd.DataFrame({"ds": times[back.size :]}))
    return {"prophet": np.maximum(found["yhat"].to_numpy(), 0).reshape(days, 24)}


def regression_models(first: date, counts: Floats, days: int) -> dict[str, Floats]:
    """Return the forecast of a Poisson regression on each hour of the week and a trend (statsmodels); half a year."""
    import statsmodels.api as sm

    back = counts[-182:]
    start = first + timedelta(days=len(counts) - len(back))
    weekday = weekday_dates(start, len(back) + days)
    cell = (weekday[:, None] * 24 + np.arange(24)).ravel()
    design = np.zeros((len(cell), 169))
    design[np.arange(len(cell)), cell] = 1
    design[:, 168] = np.arange(len(cell)) / back.size - 0.5
    used = design[: back.size].any(0)
    model = sm.GLM(back.ravel() + 1e-3, design[: back.size, used], family=sm.families.Poisson()).fit()
    found = model.predict(design[back.size :, used])
    return {"statsmodels Poisson": np.asarray(found).reshape(days, 24)}


LIBRARIES: tuple[Callable[[date, Floats, int], dict[str, Floats]], ...] = (
    statsforecast_models,
    prophet_models,
    regression_models,
)


def compared(stream: Stream, libraries: bool) -> dict[str, float]:
    """Return the deviance of each forecast of the last four weeks."""
    before, seen = stream.counts[:-HELD], stream.counts[-HELD:]
    means = {
        "ours": forecast(stream, before)[1].mean,
        "last week": last_week(stream.first, before, HELD),
        "eight weeks": eight_weeks(stream.first, before, HELD),
    }
    for library in LIBRARIES if libraries else ():
        try:
            means |= library(stream.first, before, HELD)
        except ImportError as error:
            print(f"({error.name} is not installed)")
    return {name: deviance(seen, mean) for name, mean in means.items()}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--libraries", action="store_true")
    parser.add_argument("--seeds", type=int, default=20)
    asked = parser.parse_args()
    found = streams(asked.folder)
    heads: list[str] = []
    for stream in found:
        row = compared(stream, asked.libraries)
        if list(row) != heads:
            heads = list(row)
            print("\n| Poisson deviance per hour | " + " | ".join(heads) + " |\n|---|" + "---:|" * len(heads))
        print(f"| {stream.name} | " + " | ".join(f"{value:.3f}" for value in row.values()) + " |", flush=True)
    print("\n| stream | in the 90 % interval, % | day cv | contacts a week, 90 % | seen |\n|---|---:|---:|---|---:|")
    for stream in found:
        fitted, said = forecast(stream, stream.counts[:-HELD])
        seen = stream.counts[-HELD:]
        inside = 100 * float(((seen >= said.low) & (seen <= said.high)).mean())
        week = fitted.per_week(stream.first + timedelta(days=len(stream.counts) - HELD), 4)
        week = week * (float(said.mean.sum()) / 4 / week.likely)  # with the season and the holidays of these weeks
        print(
            f"| {stream.name} | {inside:.1f} | {fitted.day_cv:.2f} | {week.low:.0f} to {week.high:.0f} "
            f"| {seen.sum() / 4:.0f} |"
        )
    print("\n| stream | planned for | handle time, s | promised, % | got, % | by week, % | position hours |")
    print("|---|---|---:|---:|---:|---|---:|")
    for stream in (s for s in found if s.round_the_clock):
        fitted, said = forecast(stream, stream.counts[:-HELD])
        handle = handle_time_of(stream.counts[:-HELD])
        cv = max(fitted.day_cv, 0.01)
        for name, factor in (("mean", 1.0), (f"{BUSY_DAYS:.0%} of days", gamma.ppf(BUSY_DAYS, cv**-2, scale=cv**2))):
            kept = staffed(said.mean, stream.counts[-HELD:], factor, handle, asked.seeds, cv)
            weeks = " ".join(f"{100 * week:.1f}" for week in kept.weeks)
            print(
                f"| {stream.name} | {name} | {handle:.0f} | {100 * kept.promised:.1f} | {100 * kept.got:.1f} "
                f"| {weeks} | {kept.hours} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
