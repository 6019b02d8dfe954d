"""Demand: signals by quarter-hour of a week, low, likely and high, from a rate per head or the line's own volume."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaincinv

from .calendar import QUARTERS_A_WEEK
from .mix import CATEGORIES as CATEGORIES
from .mix import SignalClass as SignalClass
from .mix import call_time_s, classes_of, languages_of, pooled_time_s
from .rhythm import BANDS as BANDS
from .rhythm import RateRow as RateRow
from .rhythm import own_rhythm, usual_rhythm

if TYPE_CHECKING:
    from .history import Observed

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
WEEKS_A_YEAR = 365.25 / 7
LIVE_CHANNELS = ("phone", "text", "chat")
MONTHS = 12
OWN_VOLUME = "demand.annual_signals"


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
        Mean advocate time a live signal takes, non-data contacts and parallel texts and chats included, in seconds;
        time off the queue after a crisis is not in it.
    written_per_week
        E-mails and web forms a week.
    written_hours_per_week, follow_up_hours_per_week
        Work that can wait, in hours a week.
    band_per_hour
        The same rate by (band, weekday or weekend), for the workbook: shape (6, 2).
    years, year_factors
        Substantive signals in years one to three, growth compounded low with low; the likely growth as factors.
    ramp
        Monthly factors of year one, mean 1.
    classes
        The kinds of live signal; their weeks add up to ``live_per_week``.
    shape
        The week's rhythm by quarter-hour, mean 1, without the busiest-hour factor.
    rows, row_of
        The distinct rates, and which of them each quarter-hour has.
    languages
        Share of live signals by language, adds up to 1.
    day_factor_cv, busy_day_factor
        How much days of a kind differ beyond chance, and the factor of a day as busy as the staffing is planned for.
    redial_factor
        Calls offered for each person calling: some who hang up call again.
    observed
        The line's own counts, where it has them.
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
    years: tuple[Span, Span, Span] = (Span(0, 0, 0),) * 3
    year_factors: tuple[float, float, float] = (1.0, 1.0, 1.0)
    ramp: tuple[float, ...] = (1.0,) * MONTHS
    classes: tuple[SignalClass, ...] = ()
    shape: Floats = field(default_factory=lambda: np.ones(QUARTERS_A_WEEK))
    rows: tuple[RateRow, ...] = ()
    row_of: Ints = field(default_factory=lambda: np.zeros(QUARTERS_A_WEEK, dtype=np.int64))
    languages: Mapping[str, float] = field(default_factory=lambda: {"": 1.0})
    day_factor_cv: float = 0.0
    busy_day_factor: float = 1.0
    redial_factor: float = 1.0
    observed: Observed | None = None

    @property
    def offered_load(self) -> Floats:
        """Advocates kept busy on average in each quarter-hour, in erlangs."""
        return self.live_per_hour * self.handle_time_s / 3600

    @property
    def planned_factor(self) -> float:
        """What the likely rate is multiplied by before people are counted: a busy day, and those who call again."""
        return self.busy_day_factor * self.redial_factor

    @property
    def planned_per_hour(self) -> Floats:
        """Signals an hour the staffing is planned for, in each quarter-hour."""
        return self.live_per_hour * self.planned_factor


def annual_signals(
    parameters: Parameters, weekend: Sequence[str], safe_migration: bool, observed: Observed | None = None
) -> tuple[Span, str]:
    """Return substantive signals in the first year planned, round the clock, and how they were reached."""
    own = parameters.get(OWN_VOLUME)
    # What somebody wrote into engagement.yaml, with a reason, goes before everything else.
    said = own is not None and own.origin.startswith("engagement.yaml")
    if observed is not None and not said:
        counted = f"{observed.contacts:,}".replace(",", " ")
        basis = (
            f"the line's own counts, {counted} signals from {observed.first} to {observed.last}; "
            f"their rhythm and shares weigh {observed.trust:.0%}, the usual ones the rest"
        )
        # Counts tell of open hours only; what closed ones would bring comes from the usual rhythm.
        usual = usual_rhythm(parameters, weekend, 1.0).shape.reshape(168, 4).mean(axis=1) / 168
        return observed.whole_week(usual) * WEEKS_A_YEAR, basis
    if own is not None:
        return Span(own.low, own.likely, own.high), "the line's own volume"
    heads = parameters["demand.population"].likely / 100_000
    rate = parameters["demand.signals_per_100k"]
    extra = parameters["demand.safe_migration_per_100k"] if safe_migration else None
    total = [getattr(rate, s) + (getattr(extra, s) if extra else 0) for s in ("low", "likely", "high")]
    return Span(*(heads * t for t in total)), "population and a first-year rate per 100 000 people"


def years_of(parameters: Parameters, annual: Span, observed: Observed | None = None) -> tuple[Span, Span, Span]:
    """Return substantive signals in years one to three: growth compounded, low with low and high with high.

    A line's own growth moves the usual range, it does not narrow it: a trend of some weeks says little about two years.
    """
    years = [annual]
    for name in ("growth_year_2", "growth_year_3"):
        usual, before = parameters[f"demand.{name}"], years[-1]
        shift = observed.trust * (observed.growth - usual.likely) if observed is not None else 0.0
        low, likely, high = (max(0.0, 1 + g + shift) for g in (usual.low, usual.likely, usual.high))
        years.append(Span(before.low * low, before.likely * likely, before.high * high))
    return years[0], years[1], years[2]


def ramp_of(start: float, months: float) -> tuple[float, ...]:
    """Return twelve monthly factors with mean 1: from ``start`` of the full level up to it in ``months``, then level.

    >>> ramp_of(1, 6)[0], ramp_of(0.5, 0)[0]
    (1.0, 1.0)
    """
    level = [start + (1 - start) * min(1.0, month / months) if months > 0 else 1.0 for month in range(MONTHS)]
    return tuple(MONTHS * factor / fsum(level) for factor in level)


def shares_of(parameters: Parameters, channels: list[str], observed: Observed | None = None) -> dict[str, float]:
    """Return each offered channel's share of the signals; what a closed channel would bring goes to the others."""
    usual = {c: parameters[f"demand.share_{c}"].likely for c in channels}
    usual = {c: share / sum(usual.values()) for c, share in usual.items()}
    if observed is None:
        return usual
    own = observed.shares(usual)
    total = fsum(own.get(c, 0.0) for c in usual)
    return {c: own.get(c, 0.0) / total for c in usual} if total else usual


def busy_day(cv: float, share_of_days: float) -> float:
    """Return the factor that ``share_of_days`` of days stay below: the quantile of a gamma with mean 1.

    ``cv`` is its coefficient of variation: how much days differ beyond chance.

    References
    ----------
    Jongbloed & Koole (2001), Managing uncertainty in call centres using Poisson mixtures.

    Examples
    --------
    >>> busy_day(0, 0.8)
    1.0
    """
    if cv < 1e-6:
        return 1.0
    # Where days differ very much, most are quiet: the mean is planned for then.
    return max(1.0, float(gammaincinv(1 / cv**2, share_of_days) * cv**2))


def redials(redial_share: float, answered_in_time: float) -> float:
    """Return calls offered for each person who calls, when of those not answered in time ``redial_share`` call again.

    >>> redials(0.5, 0.9)
    1.0526315789473684
    """
    return 1 / (1 - redial_share * (1 - answered_in_time))


def plan_demand(
    parameters: Parameters,
    channels: list[str],
    weekend: list[str],
    safe_migration: bool,
    languages: Sequence[str] = ("",),
    observed: Observed | None = None,
) -> Demand:
    """Spread a year's signals over a week, from the usual figures or, where the line has counts, from both."""

    def likely(name: str) -> float:
        return parameters[f"demand.{name}"].likely

    annual, basis = annual_signals(parameters, weekend, safe_migration, observed)
    years = years_of(parameters, annual, observed)
    shares = shares_of(parameters, channels, observed)
    by_language = languages_of(parameters, languages, observed)
    per_week = annual.likely / WEEKS_A_YEAR
    marked = observed.measured("silent") if observed is not None else None
    # Counts that do not tell silent calls from others hold them already.
    unsubstantive = likely("unsubstantive_share") if observed is None else marked or 0.0
    # Silent and prank contacts are calls: without a phone there are none.
    silent = per_week * unsubstantive / (1 - unsubstantive) if "phone" in shares else 0.0
    live = {c: per_week * shares[c] for c in LIVE_CHANNELS if c in shares}
    classes = classes_of(parameters, live, silent, by_language)
    live_per_week = fsum(c.per_week for c in classes)
    written = per_week * shares.get("email", 0.0)
    rhythm = usual_rhythm(parameters, weekend, live_per_week)
    if observed is not None:
        rhythm = own_rhythm(rhythm, observed, weekend, live_per_week)
    cv = likely("day_factor_cv") if observed is None else observed.dispersion(likely("day_factor_cv"))
    is_new = observed is None and OWN_VOLUME not in parameters
    return Demand(
        annual=annual,
        live_per_hour=np.array([row.per_hour for row in rhythm.rows])[rhythm.row_of],
        handle_time_s=pooled_time_s(classes) if live_per_week else call_time_s(parameters),
        written_per_week=written,
        written_hours_per_week=written * likely("minutes_email") / 60,
        follow_up_hours_per_week=per_week * likely("follow_up_minutes") / 60,
        band_per_hour=rhythm.band_per_hour,
        band_shares=rhythm.band_shares,
        day_weights=rhythm.day_weights,
        live_per_week=live_per_week,
        all_per_week=float(per_week + silent),
        shares=shares,
        basis=basis,
        years=years,
        year_factors=_factors(years),
        ramp=ramp_of(likely("ramp_start"), likely("ramp_months")) if is_new else (1.0,) * MONTHS,
        classes=classes,
        shape=rhythm.shape,
        rows=rhythm.rows,
        row_of=rhythm.row_of,
        languages=by_language,
        day_factor_cv=cv,
        busy_day_factor=busy_day(cv, parameters["service.plan_for_days"].likely),
        redial_factor=redials(likely("redial_share"), parameters["service.voice_share"].likely),
        observed=observed,
    )


def _factors(years: tuple[Span, Span, Span]) -> tuple[float, float, float]:
    first = years[0].likely
    second, third = (y.likely / first if first else 1.0 for y in years[1:])
    return 1.0, second, third
