"""From a plan of shifts to duties: who speaks what, and breaks that leave somebody there."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from .calendar import MINUTES_A_WEEK, QUARTERS_A_WEEK
from .shifts import ShiftPlan
from .simulation_week import Duty

Ints = NDArray[np.int64]
BREAK_STEP = 5


def duties_of(
    plan: ShiftPlan,
    primary: str,
    speakers: Mapping[str, Ints] | None = None,
    *,
    break_minutes: int = 30,
    break_after_hours: float = 6,
) -> tuple[Duty, ...]:
    """Return one duty for each shift of the plan, its cover without the handover.

    Parameters
    ----------
    primary
        The language everybody speaks.
    speakers
        By further language: the fewest on shift who must speak it, in each of the 672 quarter-hours. Languages are
        given to as few duties as a simple rule finds, to those with the fewest languages first.
    break_minutes, break_after_hours
        A shift longer than this many hours has one break, in its middle third, at the moment when the fewest others
        are away and the most are there. 0 minutes: no breaks.
    """
    spans = _spans(plan)
    languages = [{primary} for _ in spans]
    for language, fewest in (speakers or {}).items():
        if language != primary:
            _give(language, np.asarray(fewest), spans, languages)
    breaks = _breaks(spans, break_minutes, break_after_hours)
    return tuple(
        Duty(start, end, frozenset(known), away)
        for (start, end), known, away in zip(spans, languages, breaks, strict=True)
    )


def _spans(plan: ShiftPlan) -> list[tuple[int, int]]:
    """Return start and end of every shift of the week, in order of time."""
    found = [
        (1440 * day + shift.start, 1440 * day + shift.start + shift.cover)
        for shift, row in zip(plan.shifts, plan.counts, strict=True)
        for day in range(7)
        for _ in range(int(row[day]))
    ]
    return sorted(found)


def _give(language: str, fewest: Ints, spans: list[tuple[int, int]], languages: list[set[str]]) -> None:
    """Add the language to duties until enough on shift speak it, wherever enough are on shift."""
    on_shift = np.zeros((len(spans), QUARTERS_A_WEEK), dtype=bool)
    for duty, (start, end) in enumerate(spans):
        on_shift[duty, np.arange(start // 15, -(-end // 15)) % QUARTERS_A_WEEK] = True
    missing = fewest.astype(np.int64)
    for quarter in range(QUARTERS_A_WEEK):
        here = [int(d) for d in np.flatnonzero(on_shift[:, quarter]) if language not in languages[d]]
        # Whoever fills most gaps, then whoever speaks fewest languages, then the last.
        here.sort(key=lambda d: (-int((missing[on_shift[d]] > 0).sum()), len(languages[d]), -d))
        for duty in here[: max(0, int(missing[quarter]))]:
            languages[duty].add(language)
            missing[on_shift[duty]] -= 1


def _breaks(spans: list[tuple[int, int]], length: int, after_hours: float) -> list[tuple[tuple[int, int], ...]]:
    """Return each duty's breaks, placed one after the other."""
    there, away = np.zeros(MINUTES_A_WEEK, dtype=np.int64), np.zeros(MINUTES_A_WEEK, dtype=np.int64)
    for start, end in spans:
        there[np.arange(start, end) % MINUTES_A_WEEK] += 1
    found: list[tuple[tuple[int, int], ...]] = []
    for start, end in spans:
        third = (end - start) / 3
        starts = range(-(-int(start + third) // BREAK_STEP) * BREAK_STEP, int(end - third) - length + 1, BREAK_STEP)
        if length <= 0 or end - start <= 60 * after_hours or not starts:
            found.append(())
            continue
        middle = (start + end - length) / 2
        best = min(starts, key=lambda s: (*_cost(s, length, there, away), abs(s - middle)))
        away[np.arange(best, best + length) % MINUTES_A_WEEK] += 1
        found.append(((best, best + length),))
    return found


def _cost(start: int, length: int, there: Ints, away: Ints) -> tuple[int, int]:
    """Return how many others are away at most, and the fewest left (negated), during a break."""
    minutes = np.arange(start, start + length) % MINUTES_A_WEEK
    return int(away[minutes].max()), -int((there[minutes] - away[minutes]).min())
