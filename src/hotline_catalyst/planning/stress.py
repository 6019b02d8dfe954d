"""Stress: a thousand simulated weeks of the plan, what they keep of the promise, and what breaks it first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .demand import Demand, Parameters, Span
from .simulation import Duty, Outcome, Quantiles, Week, four_week, quantiles, simulate
from .staffing_words import StaffingWords, whole_percent
from .stress_duties import one_fewer, posts
from .weakest import Weak, weakest_hours

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
SEED = 2011
# Weeks, at most and at least, of the plan itself and of each comparison beside it.
WEEKS, WEEKS_BESIDE = (1000, 200), (500, 40)
# Contacts in the main run and in each run beside it: together some seconds without a compiler.
CONTACTS, CONTACTS_BESIDE = 240_000, 40_000
# A drop that would read as 0.0 percentage points is not told.
LEAST_DROP = 0.0005
CAMPAIGN = "campaign"


@dataclass(frozen=True, slots=True)
class Cause:
    """What one cause costs: service without it less service with it, the same callers in both.

    ``drop`` counts in shares of signals; ``error`` is its standard error.
    """

    id: str
    title: str
    without: float
    drop: float
    error: float
    sentence: str


@dataclass(frozen=True)
class Stress:
    """The plan under strain.

    Parameters
    ----------
    weeks, weeks_beside, seed
        Simulated weeks of the plan itself, weeks in each comparison beside it, and the seed.
    promise
        Share of signals to be answered in time, each channel with its own promise.
    service
        Share answered in time, all weeks together.
    weekly, four_weeks
        Distribution of the share by week and by four weeks.
    kept_weeks, kept_four_weeks
        Share of weeks, and of four-week periods, that keep the promise.
    by_hour
        Share answered in time by hour of the week, 1 where nothing arrives.
    one_more, one_more_everywhere, one_fewer
        Service with one advocate more in the weakest hours, one more at every hour, one fewer at every hour.
    campaign
        Service in a campaign fortnight.
    """

    weeks: int
    weeks_beside: int
    seed: int
    promise: float
    service: float
    weekly: Quantiles
    four_weeks: Quantiles
    kept_weeks: float
    kept_four_weeks: float
    by_hour: Floats
    weakest: tuple[Weak, ...]
    causes: tuple[Cause, ...]
    one_more: float
    one_more_everywhere: float
    one_fewer: float
    campaign: float
    sentences: tuple[str, ...]


def week_of(
    demand: Demand,
    duties: Sequence[Duty],
    parameters: Parameters,
    *,
    absence: bool = True,
    open_: NDArray[np.bool_] | None = None,
) -> Week:
    """Return the planned week as it would be simulated: the likely demand, and the duties that answer it.

    ``open_`` are the line's hours, (672,), where shifts reach beyond them.
    """

    def likely(name: str) -> float:
        return parameters[name].likely

    per_week = np.array([c.per_week for c in demand.classes])
    return Week(
        classes=demand.classes,
        rates=np.outer(per_week, demand.shape / demand.shape.sum() * 4),
        duties=tuple(duties),
        day_factor_cv=demand.day_factor_cv,
        redial_share=likely("demand.redial_share"),
        redial_after_s=60 * likely("demand.redial_after_min"),
        absence=likely("staffing.absence_share") if absence else 0.0,
        interpreter_factor=likely("service.interpreter_factor"),
        interpreter_connect_s=likely("service.interpreter_connect_s"),
        open_=open_,
    )


def promise_of(week: Week) -> float:
    """Return the share of substantive signals to be answered in time: each class's promise by how often it comes."""
    real = np.array([c.kind != "silent" for c in week.classes], dtype=bool)
    often = week.rates[:, week.open_quarters].sum(axis=1) * real
    shares = np.array([c.share for c in week.classes])
    return float(often @ shares / often.sum()) if often.sum() else 1.0


def scenario_factors(volume: Span, weeks: int, seed: int = SEED) -> Floats:
    """Return factors on the demand of ``weeks`` weeks, triangular between low, likely and high; 1 is likely.

    Four weeks in a row share a factor: how busy the line turns out to be does not change from week to week. The
    factors lie evenly over the triangle and come in random order.
    """
    if volume.likely <= 0 or volume.high <= volume.low:
        return np.ones(weeks)
    low, high = volume.low / volume.likely, volume.high / volume.likely
    periods = -(-weeks // 4)
    u = (np.random.default_rng([seed, 0]).permutation(periods) + 0.5) / periods
    turn = (1 - low) / (high - low)
    rising = low + np.sqrt(u * (high - low) * (1 - low))
    falling = high - np.sqrt((1 - u) * (high - low) * (high - 1))
    return np.repeat(np.where(u < turn, rising, falling), 4)[:weeks]


def stress(
    week: Week,
    volume: Span,
    campaign_factor: float,
    words: StaffingWords,
    *,
    weeks: int | None = None,
    seed: int = SEED,
) -> Stress:
    """Simulate the plan under demand scenarios, busy days, absence and breaks, then without each, and return both.

    Parameters
    ----------
    week
        As `week_of` gives it.
    volume
        Signals a year: low, likely and high.
    campaign_factor
        Signals in a campaign fortnight against a usual one.
    weeks
        Simulated weeks; None: a thousand, fewer on a busy line.
    """
    if not week.rates[:, week.open_quarters].any():
        return _nothing_to_miss(seed, words)
    many = weeks or _weeks(week, CONTACTS, WEEKS)
    few = min(many, weeks or _weeks(week, CONTACTS_BESIDE, WEEKS_BESIDE))
    factors = scenario_factors(volume, many, seed)
    base = replace(week, demand_factors=factors)
    beside = _Beside(base, simulate(base, many, seed), few, seed)
    promise, outcome = promise_of(week), beside.outcome
    weakest = weakest_hours(week, outcome, promise, words)
    more = [*week.duties, *_extra(week, weakest[:1])]
    everywhere = [*week.duties, *posts(week.open_quarters.astype(np.int64), _spoken(week))]
    campaign = beside.run(replace(base, demand_factors=np.full(many, campaign_factor)))
    made = Stress(
        weeks=many,
        weeks_beside=few,
        seed=seed,
        promise=promise,
        service=outcome.overall,
        weekly=quantiles(outcome.service_level),
        four_weeks=quantiles(four_week(outcome)),
        kept_weeks=_kept(outcome.service_level, promise),
        kept_four_weeks=_kept(four_week(outcome), promise),
        by_hour=_ratio(outcome.in_time_by_hour.sum(axis=0), outcome.offered_by_hour.sum(axis=0)),
        weakest=weakest,
        causes=tuple(_causes(beside, campaign, campaign_factor, words)),
        one_more=beside.level(replace(base, duties=tuple(more))),
        one_more_everywhere=beside.level(replace(base, duties=tuple(everywhere))),
        one_fewer=beside.level(replace(base, duties=one_fewer(week.duties))),
        campaign=campaign.overall,
        sentences=(),
    )
    return replace(made, sentences=tuple(_sentences(made, words)))


def _nothing_to_miss(seed: int, words: StaffingWords) -> Stress:
    """Return the stress of a line without live signals in its hours."""
    all_kept = Quantiles(1.0, 1.0, 1.0, 1.0)
    hours = np.ones(168)
    said = (words.stress.nothing,)
    return Stress(0, 0, seed, 1.0, 1.0, all_kept, all_kept, 1.0, 1.0, hours, (), (), 1.0, 1.0, 1.0, 1.0, said)


def _weeks(week: Week, contacts: int, limits: tuple[int, int]) -> int:
    """Return as many weeks as bring ``contacts``, in whole four-week periods."""
    per_week = max(1.0, float(week.rates.sum()) / 4)
    return int(np.clip(contacts / per_week, limits[1], limits[0])) // 4 * 4


@dataclass(frozen=True)
class _Beside:
    """Runs beside the main one: the same callers in the first ``weeks`` weeks."""

    base: Week
    outcome: Outcome
    weeks: int
    seed: int

    def run(self, week: Week) -> Outcome:
        factors = week.demand_factors
        shorter = replace(week, demand_factors=None if factors is None else factors[: self.weeks])
        return simulate(shorter, self.weeks, self.seed)

    def level(self, week: Week) -> float:
        """Service of another week, on the main run's level: what differs is the change, not the choice of weeks."""
        return float(np.clip(self.outcome.overall + self.change(self.run(week))[0], 0, 1))

    def change(self, other: Outcome) -> tuple[float, float]:
        """Return how much higher the other's service is in the same weeks, and the standard error."""
        real = other.substantive
        sums = [o[: self.weeks, real].sum(axis=1) for o in (other.in_time, other.offered)]
        own = [o[: self.weeks, real].sum(axis=1) for o in (self.outcome.in_time, self.outcome.offered)]
        level, own_level = (float(a.sum() / max(1, b.sum())) for a, b in (sums, own))
        # The two ratios' residuals by week: what they share drops out.
        rest = (sums[0] - level * sums[1]) / max(1.0, sums[1].mean()) - (own[0] - own_level * own[1]) / max(
            1.0, own[1].mean()
        )
        return level - own_level, float(rest.std() / np.sqrt(self.weeks))


def _kept(levels: Floats, promise: float) -> float:
    return float((levels >= promise - 1e-9).mean())


def _ratio(part: Ints, whole: Ints) -> Floats:
    return np.where(whole > 0, part / np.maximum(whole, 1), 1.0)


def _spoken(week: Week) -> frozenset[str]:
    return frozenset(c.language for c in week.classes)


def _without(base: Week) -> Iterator[tuple[str, Week]]:
    """Yield the week without each cause that is in it."""
    everything = _spoken(base)
    if base.demand_factors is not None and np.ptp(base.demand_factors) > 0:
        yield "scenarios", replace(base, demand_factors=None)
    if base.day_factor_cv > 0:
        yield "days", replace(base, day_factor_cv=0.0)
    if base.absence > 0:
        yield "absence", replace(base, absence=0.0)
    if any(d.breaks for d in base.duties):
        yield "breaks", replace(base, duties=tuple(replace(d, breaks=()) for d in base.duties))
    if any(c.debrief_s for c in base.classes):
        yield "debrief", replace(base, classes=tuple(replace(c, debrief_s=0.0) for c in base.classes))
    if base.redial_share > 0:
        yield "redial", replace(base, redial_share=0.0)
    if any(not d.languages >= everything for d in base.duties):
        yield "languages", replace(base, duties=tuple(replace(d, languages=everything) for d in base.duties))


def _causes(beside: _Beside, campaign: Outcome, factor: float, words: StaffingWords) -> list[Cause]:
    """Return what each cause costs, the dearest first."""
    found = []
    for ident, week in _without(beside.base):
        drop, error = beside.change(beside.run(week))
        found.append(_cause(ident, beside.outcome.overall + drop, drop, error, words))
    lower, error = beside.change(campaign)
    found.append(_cause(CAMPAIGN, beside.outcome.overall, -lower, error, words, factor=f"{factor:g}"))
    return sorted(found, key=lambda c: -c.drop)


def _cause(ident: str, without: float, drop: float, error: float, words: StaffingWords, **figures: str) -> Cause:
    say = words.stress.causes[ident]
    told = drop > 2 * error and drop >= LEAST_DROP
    text = say.sentence.format(points=f"{100 * drop:.1f}", **figures) if told else ""
    return Cause(ident, say.title, min(1.0, without), drop, error, text or words.stress.no_cost.format(title=say.title))


def _extra(week: Week, spans: Sequence[Weak]) -> Iterator[Duty]:
    for span in spans:
        for day in span.days:
            yield Duty(1440 * day + 60 * span.from_hour, 1440 * day + 60 * span.to_hour, _spoken(week))


def _sentences(made: Stress, words: StaffingWords) -> Iterator[str]:
    say = words.stress
    yield say.summary.format(
        weeks=made.weeks,
        service=whole_percent(made.service),
        low=whole_percent(made.weekly.low),
        high=whole_percent(made.weekly.high),
        low_four=whole_percent(made.four_weeks.low),
        high_four=whole_percent(made.four_weeks.high),
        promise=whole_percent(made.promise),
        kept=whole_percent(made.kept_weeks),
        kept_four=whole_percent(made.kept_four_weeks),
    )
    for weak in made.weakest:
        yield say.weak.format(
            span=weak.label,
            service=whole_percent(weak.service),
            offered=f"{weak.offered_per_week:.1f}".removesuffix(".0"),
        )
    yield from (cause.sentence for cause in made.causes)
    if made.weakest:
        yield say.one_more.format(
            span=made.weakest[0].label,
            service=whole_percent(made.one_more),
            everywhere=whole_percent(made.one_more_everywhere),
        )
    yield say.one_fewer.format(service=whole_percent(made.one_fewer))
