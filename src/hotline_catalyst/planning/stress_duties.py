"""The same need or plan as other duties: posts without shifts, and a plan with one advocate fewer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from .calendar import MINUTES_A_WEEK
from .simulation_week import Duty

Ints = NDArray[np.int64]


def one_fewer(duties: Sequence[Duty]) -> tuple[Duty, ...]:
    """Return the duties without one chain of shifts that follow one another: one fewer at every hour, never nobody."""
    cover = np.zeros(MINUTES_A_WEEK, dtype=np.int64)
    for duty in duties:
        np.add.at(cover, np.arange(duty.start, duty.end) % MINUTES_A_WEEK, 1)
    gone, kept = np.zeros(MINUTES_A_WEEK, dtype=bool), []
    for duty in sorted(duties, key=lambda d: (d.start, d.end, sorted(d.languages))):
        minutes = np.arange(duty.start, duty.end) % MINUTES_A_WEEK
        if gone[minutes].any() or cover[minutes].min() < 2:
            kept.append(duty)
        else:
            gone[minutes] = True
    return tuple(kept)


def posts(on_shift: Ints, spoken: frozenset[str], speakers: Mapping[str, Ints] | None = None) -> tuple[Duty, ...]:
    """Return one duty for each post and unbroken run of hours in which it is on shift, over the week's end too.

    Parameters
    ----------
    on_shift
        Advocates on shift in each of the 672 quarter-hours.
    spoken
        Languages everybody speaks.
    speakers
        By further language: how many of those on shift speak it, the first posts first.
    """
    found = []
    for post in range(1, int(on_shift.max(initial=0)) + 1):
        there = on_shift >= post
        also = {x: there & (np.asarray(n) >= post) for x, n in (speakers or {}).items() if x not in spoken}
        state = there.astype(np.int64)
        for index, speaks in enumerate(also.values()):
            state = state + 2 ** (index + 1) * speaks
        found += [
            Duty(15 * first, 15 * last, spoken | {x for x, speaks in also.items() if speaks[first]})
            for first, last in _runs(state)
        ]
    return tuple(found)


def _runs(state: Ints) -> Iterator[tuple[int, int]]:
    """Yield first and last (excluded) quarter-hour of each run of one state, 0 left out; the last may pass the week."""
    changes = np.flatnonzero(state != np.roll(state, 1))
    if not len(changes):
        if state[0]:
            yield 0, len(state)
        return
    for first, after in zip(changes, [*changes[1:], changes[0] + len(state)], strict=True):
        if state[first]:
            yield int(first), int(after)
