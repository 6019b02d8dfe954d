"""Who calls: arrivals, handle times, patience and second calls, drawn from streams of their own.

Each stream is keyed by seed, week and purpose, and no draw depends on who is on duty: two plans meet the same
callers (common random numbers), so a difference between them is the plans' and not luck.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .calendar import QUARTERS_A_DAY, QUARTERS_A_WEEK
from .simulation_loop import WEEK_S
from .simulation_week import Week

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
# Every week begins with the last hours of its own end and is played on into its own beginning.
WARM_UP_S = 6 * 3600.0
HORIZON_S = WEEK_S + 4 * 3600.0
MOST_REDIALS = 3
DAYS, ARRIVALS, HANDLING, PATIENCE, REDIALS, ABSENCE = range(6)


class Callers(NamedTuple):
    """The contacts of several weeks, sorted by week and time.

    ``before`` is the call (row) that must have been given up for this one to come, or -1.
    """

    week: Ints
    at: Floats
    kind: Ints
    work: Floats
    patience: Floats
    before: Ints


def stream(seed: int, week: int, purpose: int) -> np.random.Generator:
    """Return the stream of random numbers for one purpose in one week."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence((seed, week, purpose))))


def day_factors(cv: float, seed: int, week: int) -> Floats:
    """Return how busy each of the seven days is: gamma with mean 1 and this coefficient of variation."""
    if cv <= 0:
        return np.ones(7)
    return stream(seed, week, DAYS).gamma(1 / cv**2, cv**2, 7)


def absent(duties: int, chance: float, seed: int, week: int) -> Flags:
    """Return which duties are not taken up."""
    if chance <= 0:
        return np.zeros(duties, dtype=bool)
    return stream(seed, week, ABSENCE).random(duties) < chance


def callers(week: Week, first: int, last: int, seed: int, open_quarters: Flags) -> Callers:
    """Return everybody who calls, or may call again, in weeks ``first`` to ``last`` (excluded).

    Calls in closed hours or past the end are left out, and whatever would have followed them.
    """
    return _stacked([_in_order(_wrapped(_one_week(week, n, seed)), open_quarters) for n in range(first, last)])


def _in_order(everybody: Callers, open_quarters: Flags) -> Callers:
    """Leave out who cannot call, and sort one week by time."""
    quarter = np.floor(np.minimum(everybody.at, HORIZON_S) / 900).astype(np.int64) % QUARTERS_A_WEEK
    here = (everybody.at < HORIZON_S) & open_quarters[quarter]
    later = np.flatnonzero(everybody.before >= 0)
    for _ in range(MOST_REDIALS):
        here[later] &= here[everybody.before[later]]
    rows = np.flatnonzero(here)
    return _rows(everybody, rows[np.argsort(everybody.at[rows], kind="stable")])


def _stacked(parts: list[Callers]) -> Callers:
    """Put callers one after the other; ``before`` keeps pointing at the right row."""
    offsets = np.cumsum([0, *(len(p.at) for p in parts)])
    return Callers(
        week=np.concatenate([p.week for p in parts]),
        at=np.concatenate([p.at for p in parts]),
        kind=np.concatenate([p.kind for p in parts]),
        work=np.concatenate([p.work for p in parts]),
        patience=np.concatenate([p.patience for p in parts]),
        before=np.concatenate([np.where(p.before < 0, -1, p.before + o) for p, o in zip(parts, offsets, strict=False)]),
    )


def _rows(callers: Callers, rows: Ints) -> Callers:
    """Return these rows in this order; ``before`` keeps pointing at the right one."""
    # One place more, for -1.
    place = np.full(len(callers.at) + 1, -1)
    place[rows] = np.arange(len(rows))
    return Callers(
        week=callers.week[rows],
        at=callers.at[rows],
        kind=callers.kind[rows],
        work=callers.work[rows],
        patience=callers.patience[rows],
        before=place[callers.before[rows]],
    )


def _one_week(week: Week, number: int, seed: int) -> Callers:
    """Draw one week: first calls in order of time, then what they would be if given up, call by call."""
    busy = np.repeat(day_factors(week.day_factor_cv, seed, number), QUARTERS_A_DAY)
    if week.demand_factors is not None:
        busy = busy * week.demand_factors[number]
    mean = (week.rates * busy / 4).ravel()
    reached = np.cumsum(mean)
    # A line that takes only written messages has no class of live signal at all.
    expected = float(reached[-1]) if len(reached) else 0.0
    draw = stream(seed, number, ARRIVALS)
    count = int(draw.poisson(expected))
    point = np.sort(draw.random(count)) * expected
    cell = np.minimum(np.searchsorted(reached, point, side="right"), len(mean) - 1)
    part = np.clip(1 - (reached[cell] - point) / mean[cell], 0, 1)
    at = (cell % QUARTERS_A_WEEK + part) * 900
    order = np.argsort(at, kind="stable")
    at, kind = at[order], cell[order] // QUARTERS_A_WEEK
    work = stream(seed, number, HANDLING).standard_exponential(count)
    return _with_redials(week, number, seed, at, kind, work)


def _with_redials(week: Week, number: int, seed: int, at: Floats, kind: Ints, work: Floats) -> Callers:
    """Add the calls that follow if one is given up: the same person and matter, with new patience."""
    count = len(at)
    roots = [np.arange(count)]
    before = [np.full(count, -1)]
    delays = [np.zeros(0)]
    if week.redial_share > 0:
        draw = stream(seed, number, REDIALS)
        again = draw.random(count)
        last = np.arange(count)
        for attempt in range(1, MOST_REDIALS + 1):
            who = np.flatnonzero(again < week.redial_share**attempt)
            before.append(last[who])
            last[who] = sum(map(len, roots)) + np.arange(len(who))
            roots.append(who)
            delays.append(draw.standard_exponential(len(who)) * week.redial_after_s)
    root, previous, delay = np.concatenate(roots), np.concatenate(before), np.concatenate(delays)
    kinds = kind[root]
    patience_s = np.array([c.patience_s for c in week.classes])
    handle_s = np.array([c.handle_time_s for c in week.classes])
    patience = stream(seed, number, PATIENCE).standard_exponential(len(root)) * patience_s[kinds]
    times = np.concatenate([at, np.zeros(len(root) - count)])
    start = count
    for part in roots[1:]:
        rows = slice(start, start + len(part))
        times[rows] = (
            times[previous[rows]] + patience[previous[rows]] + delay[start - count : start - count + len(part)]
        )
        start += len(part)
    return Callers(np.full(len(root), number), times, kinds, (work * handle_s[kind])[root], patience, previous)


def _wrapped(callers: Callers) -> Callers:
    """Copy the callers of the week's last hours before its beginning, and those of its first hours after its end."""
    root = np.arange(len(callers.at))
    later = np.flatnonzero(callers.before >= 0)
    for _ in range(MOST_REDIALS):
        root[later] = root[callers.before[later]]
    first_call = callers.at[root]
    eve = _rows(callers, np.flatnonzero(first_call >= WEEK_S - WARM_UP_S))
    morrow = _rows(callers, np.flatnonzero(first_call < HORIZON_S - WEEK_S))
    return _stacked([eve._replace(at=eve.at - WEEK_S), callers, morrow._replace(at=morrow.at + WEEK_S)])
