"""Honest dates: the plan carried out many times over with durations as they might turn out.

Each draw has one overrun factor for the whole project, which every job shares (projects run late together), and a
triangular draw for each job. The policy looks at nothing that is not known on the day:

- Links are kept, and nobody does two things at once. Either people pass from job to job as the plan says, and whoever
  takes them over waits (``flow``), or whoever is free takes the first job in the plan's order that is ready
  (``dispatch``). Which of the two is settled before the dates are drawn and holds for the whole plan: the one whose
  launch four in five trials reach earlier.
- Nothing starts before its planned day, even when everybody is early: people, partners and ministries were asked for
  that day, and money that arrives in parts was counted on it; so no draw ever spends money before it arrives.
- What would touch a closed span by its planned length starts after the span; what overruns into one, or into days on
  which its people are away, rests meanwhile.

A job's draws depend on the seed and its id alone: another activity in the plan leaves everybody else's luck as it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .demand import Span
from .dispatch import Site, carry_out, ready, site_of
from .flow import handover
from .problem import Days, Plan, Problem

Floats = NDArray[np.float64]
EPSILON = 1e-9
HALF, FOUR_IN_FIVE = 0.5, 0.8
FEWER_DRAWS = 400  # each possible driver is tried out in that many
TRIALS = 200  # each policy is tried out in that many


Policy = Literal["handovers", "whoever is free"]


@dataclass(frozen=True)
class JobRisk:
    """When a job starts and ends in half and in four in five of the draws, in working days; ends are excluded days.

    ``critical`` is the share of draws in which a delay of it would delay the launch; ``buffer`` the days to add to the
    planned end before promising it.
    """

    start_p50: Days
    start_p80: Days
    end_p50: Days
    end_p80: Days
    critical: float
    buffer: Days


@dataclass(frozen=True)
class Risk:
    """How a plan may turn out. Days may lie beyond the horizon.

    ``drivers`` are jobs by the days that P80 of the launch would gain if the job took no longer than likely, most
    first. ``policy``: how people are passed on, "handovers" as the plan says or "whoever is free". ``starts`` and
    ``ends`` hold every draw of each job.
    """

    jobs: Mapping[str, JobRisk]
    launch_p50: Days | None
    launch_p80: Days | None
    drivers: tuple[tuple[str, Days], ...]
    policy: Policy
    starts: Mapping[str, Floats] = field(repr=False, compare=False)
    ends: Mapping[str, Floats] = field(repr=False, compare=False)


def simulate(
    problem: Problem,
    plan: Plan,
    days: Mapping[str, Span],
    overrun: Span,
    *,
    draws: int = 2000,
    seed: int,
    today: Days = 0,
    drivers: int = 5,
    policy: Policy | None = None,
) -> Risk:
    """Carry a plan out ``draws`` times.

    Parameters
    ----------
    plan
        One that a checker accepts.
    days
        Working days of each job's chosen way: low, likely, high. Where the plan gives a job more than the likely days,
        all three grow by that ratio. A job that is not named takes exactly its planned days, as those do that are done.
    overrun
        The factor that all durations share, in times.
    today
        A job that has begun and is named in ``days`` is not done before this day.
    drivers
        How many jobs to try out as drivers; five take at most as long as the dates.
    policy
        How people are passed on; None: the policy under which four in five of some trials launch earlier.
    """
    site = site_of(problem, plan)
    lengths = durations(site, days, overrun, draws, seed, today)
    launch = site.index.get(problem.launch or "")
    ways = _ways(problem, plan, site)
    way = next((w for w in ways if w.policy == policy), None) or _sooner(ways, lengths[:, :TRIALS], launch)
    starts, ends = way.carry_out(lengths)
    critical = _critical(site, way, starts, ends, launch)
    (s50, s80), (e50, e80) = _quantiles(starts), _quantiles(ends)
    found = {}
    for n, job in enumerate(site.jobs):
        buffer = max(0, e80[n] - plan[job.id].start - site.lengths[n])
        found[job.id] = JobRisk(s50[n], s80[n], e50[n], e80[n], round(float(critical[n].mean()), 6), buffer)
    return Risk(
        found,
        None if launch is None else s50[launch],
        None if launch is None else s80[launch],
        () if launch is None else _drivers(site, way, days, lengths, starts[launch], critical, launch, drivers),
        way.policy,
        {job.id: starts[n] for n, job in enumerate(site.jobs)},
        {job.id: ends[n] for n, job in enumerate(site.jobs)},
    )


@dataclass(frozen=True)
class _Way:
    """A policy on one site.

    ``waits``: for each job whom it waits for; ``queue``: whether it may wait for free people too.
    """

    policy: Policy
    carry_out: Callable[[Floats], tuple[Floats, Floats]]
    waits: tuple[tuple[tuple[int, Days], ...], ...]
    queue: bool


def _ways(problem: Problem, plan: Plan, site: Site) -> tuple[_Way, ...]:
    hands = handover(problem, plan, site)
    return (
        _Way("handovers", hands.carry_out, hands.waits, queue=False),
        _Way("whoever is free", lambda lengths: carry_out(site, lengths), site.waits, queue=True),
    )


def _sooner(ways: tuple[_Way, ...], trials: Floats, launch: int | None) -> _Way:
    """Return the policy under which four in five trials launch earlier, or are all done earlier if nothing launches."""

    def day(way: _Way) -> float:
        starts, ends = way.carry_out(trials)
        return float(_quantile(ends.max(axis=0, initial=0) if launch is None else starts[launch], FOUR_IN_FIVE))

    return min(ways, key=day)


def _luck(seed: int, name: str, draws: int) -> Floats:
    """Return uniforms that depend on the seed and the name alone, one in each of ``draws`` equal parts, shuffled."""
    key = int.from_bytes(hashlib.sha256(f"{seed}:{name}".encode()).digest()[:8], "big")
    rng = np.random.Generator(np.random.PCG64(key))
    return np.asarray((rng.permutation(draws) + rng.random(draws)) / draws)


def triangular(span: Span, u: Floats) -> Floats:
    """Return the triangular distribution's quantiles, ``u`` from 0 to 1."""
    width = span.high - span.low
    if width <= 0:
        return np.full(len(u), float(span.likely))
    turn = (span.likely - span.low) / width
    rising = span.low + np.sqrt(u * width * (span.likely - span.low))
    falling = span.high - np.sqrt((1 - u) * width * (span.high - span.likely))
    return np.asarray(np.where(u < turn, rising, falling))


def _share_below(span: Span, x: Floats) -> Floats:
    """Return the triangular distribution's share at or below each ``x``."""
    low, likely, high = span.low, span.likely, span.high
    x = np.clip(x, low, high)
    rising = (x - low) ** 2 / max((high - low) * (likely - low), 1e-12)
    falling = 1 - (high - x) ** 2 / max((high - low) * (high - likely), 1e-12)
    return np.asarray(np.where(x < likely, rising, falling))


def durations(site: Site, days: Mapping[str, Span], overrun: Span, draws: int, seed: int, today: Days = 0) -> Floats:
    """Return how long every job takes in every draw, in working days, shape (jobs, draws)."""
    rows = [_lengths(site, n, days, overrun, draws, seed, today) for n in range(len(site.jobs))]
    return np.array(rows).reshape(len(site.jobs), draws)


def _lengths(site: Site, n: int, days: Mapping[str, Span], overrun: Span, draws: int, seed: int, today: Days) -> Floats:
    """Return one job's durations; of a job that has begun, those that are still possible today."""
    job, planned = site.jobs[n], site.lengths[n]
    if job.id not in days or not planned:
        return np.full(draws, float(planned))
    span = days[job.id]
    span = span * (planned / span.likely) if span.likely > 0 else span
    factor = triangular(overrun, _luck(seed, "overrun", draws))
    u = _luck(seed, f"job:{job.id}", draws)
    if not job.begun:
        return np.asarray(triangular(span, u) * factor)
    so_far = max(0.0, today - float(site.planned[n]))
    past = _share_below(span, so_far / factor)
    return np.maximum(so_far, triangular(span, past + u * (1 - past)) * factor)


def _critical(site: Site, way: _Way, starts: Floats, ends: Floats, launch: int | None) -> NDArray[np.bool_]:
    """Return in which draws a delay of each job would delay the launch, shape (jobs, draws).

    The launch is traced back: a job is critical where one that is critical starts the moment it ends (and its days
    after have passed), because of a link, a handover or because it waited for the same people.
    """
    critical = np.zeros(ends.shape, dtype=np.bool_)
    if launch is None:
        return critical
    critical[launch] = True
    people = [{r for r, _ in units} for units in site.units]
    shares = [
        np.array([m for m, other in enumerate(people) if m != n and own & other], dtype=int)
        for n, own in enumerate(people)
    ]
    todo = {launch}
    while todo:
        n = max(todo, key=lambda n: (float(starts[n].mean()), n))
        todo.remove(n)
        draws = np.flatnonzero(critical[n])
        start = starts[n, draws]
        found = [(before, draws[start == ends[before, draws] + lag]) for before, lag in way.waits[n]]
        queued = start > (ready(site, n, ends, draws) if way.queue else np.inf)
        late, start = draws[queued], start[queued]
        rows, hits = np.nonzero(ends[shares[n]][:, late] == start)
        for before, where in [
            *found,
            *((int(shares[n][row]), late[hits[rows == row]]) for row in sorted(set(rows.tolist()))),
        ]:
            if not critical[before, where].all():
                critical[before, where] = True
                todo.add(before)
    return critical


def _quantile(values: Floats, share: float) -> Floats:
    """Return the day by which at least ``share`` of the draws are there."""
    rank = ceil(share * values.shape[-1] - EPSILON) - 1
    return np.asarray(np.partition(values, rank, axis=-1)[..., rank])


def _quantiles(values: Floats) -> tuple[list[Days], list[Days]]:
    half, most = ([ceil(x - EPSILON) for x in _quantile(values, share)] for share in (HALF, FOUR_IN_FIVE))
    return half, most


def _drivers(
    site: Site,
    way: _Way,
    days: Mapping[str, Span],
    lengths: Floats,
    launches: Floats,
    critical: NDArray[np.bool_],
    launch: int,
    count: int,
) -> tuple[tuple[str, Days], ...]:
    """Return jobs with the days of P80 of the launch that would be saved if each took no longer than likely.

    Tried out are the ``count`` jobs that overrun most while they are critical.
    """
    likely = np.array(site.lengths, dtype=float)[:, None]
    over = (np.maximum(lengths - likely, 0) * critical).sum(axis=1)
    named = [n for n, job in enumerate(site.jobs) if n != launch and over[n] > 0 and job.id in days]
    named = sorted(named, key=lambda n: (-over[n], site.jobs[n].id))[:count]
    fewer = lengths[:, :FEWER_DRAWS]
    tried = np.tile(fewer, (1, len(named)))
    for k, n in enumerate(named):
        part = slice(k * fewer.shape[1], (k + 1) * fewer.shape[1])
        tried[n, part] = np.minimum(tried[n, part], likely[n])
    again = way.carry_out(tried)[0][launch].reshape(len(named), -1) if named else np.empty((0, 1))
    saved = _quantile(launches[:FEWER_DRAWS], FOUR_IN_FIVE) - _quantile(again, FOUR_IN_FIVE)
    found = [(site.jobs[n].id, round(float(s))) for n, s in zip(named, saved, strict=True)]
    return tuple(sorted(((i, saved) for i, saved in found if saved > 0), key=lambda x: (-x[1], x[0])))
