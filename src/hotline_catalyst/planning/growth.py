"""When to grow: the weekly volume at which each part of the day needs one more advocate, and the signs to watch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import floor
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from . import queueing
from .calendar import DAYS, QUARTERS_A_DAY
from .demand import BANDS, Demand, Parameters
from .staffing_words import StaffingWords, whole_percent

if TYPE_CHECKING:
    from .need import Targets

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trigger:
    """A sign that one more advocate is needed.

    Parameters
    ----------
    posts, now, holds_to
        Advocates on shift where the part of the day is tightest, signals a week expected in it, and up to how many
        they keep the promise; None for a sign that is watched in every part of the day.
    """

    id: str
    title: str
    sentence: str
    posts: int | None = None
    now: float | None = None
    holds_to: int | None = None


def triggers(
    demand: Demand,
    on_shift: Ints,
    targets: Targets,
    parameters: Parameters,
    weekend: Sequence[str],
    words: StaffingWords,
) -> tuple[Trigger, ...]:
    """Return the signs for growth: one for each part of weekdays and weekends that is open, then those to watch.

    Parameters
    ----------
    on_shift
        Advocates on shift in each of the 672 quarter-hours; 0 where the line is closed.
    """
    return (*_by_volume(demand, on_shift, targets, weekend, words), *_standing(targets, parameters, words))


def rate_held(on_shift: Ints, handle_time_s: float, targets: Targets) -> Floats:
    """Return the most signals an hour that ``on_shift`` advocates answer as promised, within the occupancy cap."""
    most = int(on_shift.max(initial=1))
    table = queueing.thresholds(
        handle_time_s, targets.voice_within_s, targets.voice_share, targets.patience_s, max(1, most)
    )
    by_load = np.concatenate([[0.0], table])[on_shift]
    return np.asarray(np.minimum(by_load, on_shift * targets.occupancy_cap * 3600 / handle_time_s))


def _by_volume(
    demand: Demand, on_shift: Ints, targets: Targets, weekend: Sequence[str], words: StaffingWords
) -> Iterator[Trigger]:
    open_ = (on_shift > 0) & (demand.planned_per_hour > 0)
    room = np.full(len(open_), np.inf)
    held = rate_held(on_shift, demand.handle_time_s, targets)
    room[open_] = held[open_] / demand.planned_per_hour[open_]
    per_quarter = demand.live_per_week * demand.shape / demand.shape.sum()
    for kind, hours, part in _parts(weekend):
        part &= open_
        if part.any():
            tightest = int(np.flatnonzero(part)[np.argmin(room[part])])
            now = float(per_quarter[part].sum())
            # Rounded first: a volume that is whole but for the last binary digit is whole.
            holds = floor(round(now * room[tightest], 9))
            # By the room itself: a volume cut to a whole number may lie below what is expected and held.
            held_now = bool(room[tightest] >= 1 - 1e-9)
            yield _trigger(
                kind,
                hours,
                int(on_shift[tightest]),
                now,
                max(holds, floor(now)) if held_now else holds,
                held_now,
                words,
            )


def _parts(weekend: Sequence[str]) -> Iterator[tuple[str, tuple[int, int], NDArray[np.bool_]]]:
    """Yield the parts of weekdays and of weekends, with the quarter-hours of each."""
    at_weekend = np.repeat([day in weekend for day in DAYS], QUARTERS_A_DAY)
    hour = np.tile(np.arange(QUARTERS_A_DAY) / 4, len(DAYS))
    for kind, days in (("weekday", ~at_weekend), ("weekend", at_weekend)):
        for first, last in BANDS:
            yield kind, (first, last), days & (hour >= first) & (hour < last)


def _trigger(
    kind: str, hours: tuple[int, int], posts: int, now: float, holds: int, held: bool, words: StaffingWords
) -> Trigger:
    say, days = words.trigger.volume, words.names.day_kinds[kind]
    span = {"from": f"{hours[0]:02d}", "to": f"{hours[1]:02d}"}
    text = (say.holds if held else say.past).text(posts, days=days, now=_few(now), holds=holds, **span)
    title = say.title.format(days=days[:1].upper() + days[1:], **span)
    return Trigger(f"{kind}_{hours[0]:02d}_{hours[1]:02d}", title, text, posts, now, holds)


def _few(volume: float) -> str:
    """Return a volume as people read it: a decimal only where it is small.

    >>> _few(2.34), _few(31.6)
    ('2.3', '32')
    """
    return f"{volume:.1f}" if volume < 9.95 else f"{volume:.0f}"


def _standing(targets: Targets, parameters: Parameters, words: StaffingWords) -> Iterator[Trigger]:
    figures = {
        "share": whole_percent(targets.voice_share),
        "within": round(targets.voice_within_s),
        "weeks": round(parameters["growth.weeks_below"].likely),
        "occupancy": whole_percent(parameters["growth.occupancy"].likely),
        "overtime": whole_percent(parameters["growth.overtime"].likely),
    }
    for sign in words.trigger.standing:
        yield Trigger(sign.id, sign.title, sign.sentence.format(**figures))
