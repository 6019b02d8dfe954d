"""Demand: signals by quarter-hour of a week, low, likely and high, from a rate per head or the line's own volume."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .calendar import DAYS, QUARTERS_A_DAY, QUARTERS_A_WEEK

Floats = NDArray[np.float64]
WEEKS_A_YEAR = 365.25 / 7
CATEGORIES = ("crisis", "tip", "referral", "technical", "general", "at_risk", "unrelated")
LIVE_CHANNELS = ("phone", "text", "chat")
BANDS = ((0, 6), (6, 9), (9, 13), (13, 17), (17, 21), (21, 24))


@dataclass(frozen=True, slots=True)
class Parameter:
    """A planning figure as it is used: its range and the origin that won."""

    id: str
    title: str
    unit: str
    low: float
    likely: float
    high: float
    origin: str
    assumption: bool


Parameters = Mapping[str, Parameter]


@dataclass(frozen=True, slots=True)
class Span:
    """A low, likely and high figure."""

    low: float
    likely: float
    high: float

    def __mul__(self, factor: float) -> Span:
        return Span(self.low * factor, self.likely * factor, self.high * factor)


@dataclass(frozen=True)
class Demand:
    """What arrives, and how long it takes.

    Parameters
    ----------
    annual
        Substantive signals in the first year planned, all channels.
    live_per_hour
        Signals per hour that want an answer at once, in each of the week's 672 quarter-hours; likely case, with
        the busiest hour of each part of the day standing for the whole part.
    handle_time_s
        Mean handle time of a live signal, silent and prank contacts included, in seconds.
    written_per_week
        E-mails and web forms a week.
    written_hours_per_week, follow_up_hours_per_week
        Work that can wait, in hours a week.
    band_per_hour
        The same rate by (band, weekday or weekend), for the workbook: shape (6, 2).
    """

    annual: Span
    live_per_hour: Floats
    handle_time_s: float
    written_per_week: float
    written_hours_per_week: float
    follow_up_hours_per_week: float
    band_per_hour: Floats
    band_shares: tuple[float, ...]
    day_weights: tuple[float, float]
    live_per_week: float
    all_per_week: float
    shares: Mapping[str, float]
    basis: str

    @property
    def offered_load(self) -> Floats:
        """Advocates kept busy on average in each quarter-hour, in erlangs."""
        return self.live_per_hour * self.handle_time_s / 3600


def annual_signals(parameters: Parameters, safe_migration: bool) -> tuple[Span, str]:
    """Return substantive signals a year and how they were reached."""
    if "demand.annual_signals" in parameters:
        own = parameters["demand.annual_signals"]
        return Span(own.low, own.likely, own.high), "the line's own volume"
    heads = parameters["demand.population"].likely / 100_000
    rate = parameters["demand.signals_per_100k"]
    extra = parameters["demand.safe_migration_per_100k"] if safe_migration else None
    total = [getattr(rate, s) + (getattr(extra, s) if extra else 0) for s in ("low", "likely", "high")]
    return Span(*(heads * t for t in total)), "population and a first-year rate per 100 000 people"


def shares_of(parameters: Parameters, channels: list[str]) -> dict[str, float]:
    """Return each offered channel's share of the signals; what a closed channel would bring goes to the others."""
    raw = {c: parameters[f"demand.share_{c}"].likely for c in channels}
    return {c: share / sum(raw.values()) for c, share in raw.items()}


def plan_demand(parameters: Parameters, channels: list[str], weekend: list[str], safe_migration: bool) -> Demand:
    """Spread a year's signals over a week."""

    def likely(name: str) -> float:
        return parameters[f"demand.{name}"].likely

    annual, basis = annual_signals(parameters, safe_migration)
    shares = shares_of(parameters, channels)
    per_week = annual.likely / WEEKS_A_YEAR
    # Silent and prank contacts are calls: without a phone there are none.
    silent = (
        per_week * likely("unsubstantive_share") / (1 - likely("unsubstantive_share")) if "phone" in shares else 0.0
    )
    mix = np.array([likely(f"mix_{c}") for c in CATEGORIES])
    call_s = 60 * float(mix @ [likely(f"minutes_{c}") for c in CATEGORIES] / mix.sum())
    live = {c: per_week * shares[c] for c in LIVE_CHANNELS if c in shares}
    work_s = sum(n * call_s * (1 if c == "phone" else likely("text_talk_factor")) for c, n in live.items())
    live_per_week = sum(live.values()) + silent
    handle_time_s = (
        (work_s + silent * 60 * likely("minutes_unsubstantive")) / live_per_week if live_per_week else call_s
    )
    written = per_week * shares.get("email", 0.0)
    bands = np.array([likely(f"band_{a:02d}_{b:02d}") for a, b in BANDS])
    band_shares = bands / bands.sum()
    weights = (1.0, likely("weekend_factor"))
    days = np.array([weights[day in weekend] for day in DAYS])
    per_day = live_per_week / days.sum()
    hours = np.array([b - a for a, b in BANDS])
    band_per_hour = (per_day * band_shares / hours * likely("within_band_peak"))[:, None] * np.array(weights)
    grid = np.repeat(band_per_hour, hours * 4, axis=0)
    week = np.concatenate([grid[:, int(day in weekend)] for day in DAYS])
    if week.shape != (QUARTERS_A_WEEK,) or grid.shape[0] != QUARTERS_A_DAY:
        raise AssertionError("the bands of the day must fill 24 hours")
    return Demand(
        annual=annual,
        live_per_hour=week,
        handle_time_s=float(handle_time_s),
        written_per_week=written,
        written_hours_per_week=written * likely("minutes_email") / 60,
        follow_up_hours_per_week=per_week * likely("follow_up_minutes") / 60,
        band_per_hour=band_per_hour,
        band_shares=tuple(float(b) for b in band_shares),
        day_weights=weights,
        live_per_week=float(live_per_week),
        all_per_week=float(per_week + silent),
        shares=shares,
        basis=basis,
    )
