"""The week as it happens: every caller, every advocate, many weeks, to see whether a plan keeps its promise.

Callers arrive as a Poisson process whose rate changes by quarter-hour and is busier or quieter by the day (a gamma
factor). They wait up to an exponential patience, and some of those who hang up call again, at most three times.
Contacts take an exponential time. An advocate with several chats at once works on all of them, each slowed down:
what is left of a contact stretches or shrinks whenever the number in hand changes.

Weeks are independent repetitions. Each is a circle: it is played from six hours before Monday 00:00 (with its own
Sunday evening) to four hours after its end (with its own Monday morning), and callers count by when they call
within the seven days; whoever still waits at the very end counts as having hung up.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from .simulation_draws import Callers, absent, callers
from .simulation_duties import duties_of
from .simulation_engine import Crew, crew_of, engine, played
from .simulation_loop import ANSWERED, INTERPRETED, WEEK_S, Log
from .simulation_week import Duty, Week

__all__ = ["Duty", "Outcome", "Quantiles", "Trace", "Week", "duties_of", "four_week", "quantiles", "simulate"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
CONTACTS_AT_ONCE = 200_000


@dataclass(frozen=True)
class Trace:
    """Every contact of a run, warm-up included, one row each.

    Parameters
    ----------
    counted
        Whether it called within the seven days.
    before
        Row of the call that had to be given up for this one to come, or -1.
    state
        0 did not call (again), 1 hung up, 2 answered, 3 answered with an interpreter.
    start, finish
        When the answer began and ended, seconds; only where answered.
    duty
        Index of the duty that answered, or -1.
    """

    week: Ints
    at: Floats
    kind: Ints
    work: Floats
    patience: Floats
    before: Ints
    counted: NDArray[np.bool_]
    state: Ints
    start: Floats
    finish: Floats
    duty: Ints


@dataclass(frozen=True)
class Outcome:
    """What became of the callers, by week and class; a second call counts as offered again.

    Parameters
    ----------
    offered, in_time, answered, abandoned
        Counts, shape (weeks, classes); in_time are those answered within their promise.
    offered_by_hour, in_time_by_hour
        Counts of substantive signals by hour of the call, shape (weeks, 168).
    wait_s
        Mean wait of the answered by class, seconds; 0 where nobody was answered.
    busy_share
        Share of the time on duty, breaks left out, with at least one contact in hand; debriefs count as not in hand.
    interpreted
        Contacts with an interpreter, by week.
    substantive
        Which classes the service level counts: all but silent ones.
    """

    offered: Ints
    in_time: Ints
    answered: Ints
    abandoned: Ints
    offered_by_hour: Ints
    in_time_by_hour: Ints
    wait_s: Floats
    busy_share: float
    interpreted: Ints
    substantive: NDArray[np.bool_]
    trace: Trace | None = None

    @property
    def service_level(self) -> Floats:
        """Share of substantive signals answered in time, by week; 1 in a week without any."""
        return _share(self.in_time[:, self.substantive].sum(axis=1), self.offered[:, self.substantive].sum(axis=1))

    @property
    def overall(self) -> float:
        """Share of substantive signals answered in time, all weeks together."""
        in_time, offered = self.in_time[:, self.substantive].sum(), self.offered[:, self.substantive].sum()
        return float(in_time / offered) if offered else 1.0


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Nine of ten figures lie between ``low`` and ``high``; half lie below ``median``."""

    low: float
    median: float
    high: float
    mean: float


def quantiles(service_levels: Floats) -> Quantiles:
    """Return the 5 %, 50 % and 95 % points and the mean of several weeks' figures."""
    low, median, high = np.quantile(service_levels, [0.05, 0.5, 0.95])
    return Quantiles(float(low), float(median), float(high), float(np.mean(service_levels)))


def four_week(outcome: Outcome) -> Floats:
    """Return the service level over every four weeks following one another; weeks left over are dropped."""
    groups = len(outcome.offered) // 4

    def pooled(counts: Ints) -> Ints:
        return np.asarray(counts[: 4 * groups, outcome.substantive].reshape(groups, -1).sum(axis=1))

    return _share(pooled(outcome.in_time), pooled(outcome.offered))


def _share(part: Ints, whole: Ints) -> Floats:
    return np.where(whole > 0, part / np.maximum(whole, 1), 1.0)


def simulate(week: Week, weeks: int, seed: int, *, fast: bool | None = None, trace: bool = False) -> Outcome:
    """Play ``weeks`` independent weeks and count.

    Parameters
    ----------
    weeks
        1 or more, and no more than there are demand factors.
    seed
        0 or more. The same seed, week and demand give the same callers whoever is on duty.
    fast
        Whether to compile with numba; None: when it is installed and the run is long enough to pay for it. The
        outcome is the same to the last bit.
    trace
        Keep what became of every contact.
    """
    if weeks < 1 or (week.demand_factors is not None and len(week.demand_factors) < weeks):
        raise ValueError("At least one week must be played, and demand factors given for all of them.")
    per_week = float(week.rates.sum()) / 4 / max(0.05, 1 - week.redial_share)
    if week.demand_factors is not None:
        per_week *= float(np.mean(week.demand_factors[:weeks]))
    runner = engine(fast, per_week * weeks)
    crew = crew_of(week.duties)
    open_quarters = week.open_quarters
    size = int(min(weeks, max(1, CONTACTS_AT_ONCE / max(1.0, per_week))))
    parts: list[tuple[Outcome, float]] = []
    for first in range(0, weeks, size):
        last = min(first + size, weeks)
        absences = np.array([absent(len(week.duties), week.absence, seed, w) for w in range(first, last)], dtype=bool)
        who = callers(week, first, last, seed, open_quarters)
        log = played(week, crew, first, last, who, absences, runner)
        counted, on_duty_s = _counted(week, first, last, _traced(crew, who, log), log.busy, absences)
        parts.append((counted if trace else replace(counted, trace=None), on_duty_s))
    return _joined(parts)


def _traced(crew: Crew, who: Callers, log: Log) -> Trace:
    """Put the callers and what became of them side by side."""
    duty = np.where(log.by >= 0, np.append(crew.duty, -1)[log.by], -1)
    counted = (who.at >= 0) & (who.at < WEEK_S) & (log.state > 0)
    return Trace(*who, counted, log.state, log.start, log.finish, duty)


def _counted(
    week: Week, first: int, last: int, trace: Trace, busy: Floats, absences: NDArray[np.bool_]
) -> tuple[Outcome, float]:
    """Count the contacts of some weeks; with the seconds on duty in them."""
    shape = (last - first, len(week.classes))
    rows = trace.counted
    at, kind, number = trace.at[rows], trace.kind[rows], trace.week[rows] - first
    wait = trace.start[rows] - at
    answered = trace.state[rows] >= ANSWERED
    in_time = answered & (wait <= np.array([c.within_s for c in week.classes])[kind])
    hour = np.minimum(at / 3600, 167).astype(np.int64)

    def by_class(chosen: NDArray[np.bool_]) -> Ints:
        return np.bincount((number * shape[1] + kind)[chosen], minlength=shape[0] * shape[1]).reshape(shape)

    def by_hour(chosen: NDArray[np.bool_]) -> Ints:
        return np.bincount((number * 168 + hour)[chosen], minlength=shape[0] * 168).reshape(shape[0], 168)

    everybody = np.ones(len(at), dtype=bool)
    substantive = np.array([c.kind != "silent" for c in week.classes], dtype=bool)
    real = substantive[kind] if len(substantive) else everybody
    offered, served = by_class(everybody), by_class(answered)
    waited = np.bincount(kind[answered], weights=wait[answered], minlength=shape[1])
    lengths = np.array([d.end - d.start - sum(b - a for a, b in d.breaks) for d in week.duties], dtype=float)
    on_duty_s = float(60 * (~absences * lengths).sum())
    outcome = Outcome(
        offered=offered,
        in_time=by_class(in_time),
        answered=served,
        abandoned=offered - served,
        offered_by_hour=by_hour(real),
        in_time_by_hour=by_hour(in_time & real),
        wait_s=waited / np.maximum(served.sum(axis=0), 1),
        busy_share=float(busy.sum()) / on_duty_s if on_duty_s else 0.0,
        interpreted=np.bincount(number[trace.state[rows] == INTERPRETED], minlength=shape[0]),
        substantive=substantive,
        trace=trace,
    )
    return outcome, on_duty_s


def _joined(parts: list[tuple[Outcome, float]]) -> Outcome:
    """Put the weeks of several outcomes one after the other."""

    def stacked(name: str) -> Ints:
        return np.concatenate([getattr(o, name) for o, _ in parts])

    outcomes = [o for o, _ in parts]
    answered = stacked("answered")
    waited = np.sum([o.wait_s * o.answered.sum(axis=0) for o in outcomes], axis=0)
    on_duty_s = sum(s for _, s in parts)
    return Outcome(
        offered=stacked("offered"),
        in_time=stacked("in_time"),
        answered=answered,
        abandoned=stacked("abandoned"),
        offered_by_hour=stacked("offered_by_hour"),
        in_time_by_hour=stacked("in_time_by_hour"),
        wait_s=waited / np.maximum(answered.sum(axis=0), 1),
        busy_share=sum(o.busy_share * s for o, s in parts) / on_duty_s if on_duty_s else 0.0,
        interpreted=stacked("interpreted"),
        substantive=outcomes[0].substantive,
        trace=_joined_traces([o.trace for o in outcomes if o.trace]),
    )


def _joined_traces(traces: list[Trace]) -> Trace | None:
    """Put traces one after the other; ``before`` keeps pointing at the right row."""
    if not traces:
        return None
    offsets = np.cumsum([0, *(len(t.at) for t in traces)])
    moved = [replace(t, before=np.where(t.before < 0, -1, t.before + o)) for t, o in zip(traces, offsets, strict=False)]
    return Trace(*(np.concatenate([getattr(t, f.name) for t in moved]) for f in fields(Trace)))
