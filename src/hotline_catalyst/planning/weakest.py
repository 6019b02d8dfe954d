"""The weakest hours: where the simulated weeks fall furthest short of the promise, in words people use."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .calendar import DAYS, QUARTERS_A_WEEK
from .simulation import Outcome
from .simulation_week import Week
from .staffing_words import StaffingWords

Ints = NDArray[np.int64]
# Hours weaker than this share of all, and at most so many spans of them.
WEAKEST_SHARE, MOST_SPANS = 0.15, 3


@dataclass(frozen=True)
class Weak:
    """Hours in which the promise is kept least: on these days (0 Monday), from one hour to another."""

    days: tuple[int, ...]
    from_hour: int
    to_hour: int
    service: float
    offered_per_week: float
    label: str


def weakest_hours(week: Week, outcome: Outcome, promise: float, words: StaffingWords) -> tuple[Weak, ...]:
    """Return the spans of hours that fall furthest short, days that are planned alike taken together."""
    offered, in_time = outcome.offered_by_hour.sum(axis=0), outcome.in_time_by_hour.sum(axis=0)
    spans = []
    for days in days_alike(week):
        hours = [24 * np.array(days) + h for h in range(24)]
        came, served = (np.array([a[h].sum() for h in hours]) for a in (offered, in_time))
        spans += [(days, h, int(came[h]), int(served[h])) for h in range(24) if came[h]]
    if not spans:
        return ()
    level = np.array([_near(spans, i) for i in range(len(spans))])
    weight = np.array([len(s[0]) for s in spans])
    order = np.argsort(level, kind="stable")
    cut = level[order][np.searchsorted(weight[order].cumsum(), WEAKEST_SHARE * weight.sum())]
    usual = in_time.sum() / offered.sum()
    # An hour beside a weak one is not weak for that.
    low = [s for s, near in zip(spans, level, strict=True) if near <= cut and s[3] <= usual * s[2]]
    merged = _merged(low or [spans[int(order[0])]])
    merged.sort(key=lambda s: s[4] - promise * s[3])
    # One span is always named; others only where they differ from the whole week by more than chance.
    worse = [s for s in merged[1:] if s[4] < usual * s[3] - 2 * np.sqrt(usual * (1 - usual) * s[3])]
    return tuple(_weak(s, len(outcome.offered), words) for s in [merged[0], *worse][:MOST_SPANS])


OneHour = tuple[tuple[int, ...], int, int, int]
Hours = tuple[tuple[int, ...], int, int, int, int]


def _near(spans: list[OneHour], index: int) -> float:
    """Return the service of an hour and its neighbours on the same days: single hours are noisy."""
    days, hour = spans[index][:2]
    near = [s for s in spans[max(0, index - 1) : index + 2] if s[0] == days and abs(s[1] - hour) <= 1]
    return sum(s[3] for s in near) / sum(s[2] for s in near)


def _merged(spans: list[OneHour]) -> list[Hours]:
    """Join hours that follow one another on the same days: days, from, to, offered, in time."""
    found: list[Hours] = []
    for days, hour, came, served in spans:
        if found and found[-1][0] == days and found[-1][2] == hour:
            _, first, _, before, in_time = found.pop()
            found.append((days, first, hour + 1, before + came, in_time + served))
        else:
            found.append((days, hour, hour + 1, came, served))
    return found


def _weak(span: Hours, weeks: int, words: StaffingWords) -> Weak:
    days, first, last, offered, in_time = span
    label = words.stress.span.format(**{"days": _days(days, words), "from": f"{first:02d}", "to": f"{last:02d}"})
    return Weak(days, first, last, in_time / offered, offered / weeks, label)


def _days(days: tuple[int, ...], words: StaffingWords) -> str:
    """Return days as people say them.

    Three or more that follow one another are a run; the whole week has a name of its own.
    """
    names = [words.names.days[DAYS[d]] for d in days]
    if len(days) == 7:
        return words.stress.every_day
    if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
        return words.stress.days_run.format(first=names[0], last=names[-1])
    return words.listed(names)


def days_alike(week: Week) -> list[tuple[int, ...]]:
    """Return groups of days with the same demand and the same advocates on shift."""
    cover = np.zeros(QUARTERS_A_WEEK)
    for duty in week.duties:
        np.add.at(cover, np.arange(duty.start // 15, -(-duty.end // 15)) % QUARTERS_A_WEEK, 1)
    whole = np.vstack([np.round(week.rates, 12), cover]).reshape(-1, 7, QUARTERS_A_WEEK // 7).transpose(1, 0, 2)
    groups: dict[bytes, list[int]] = {}
    for day in range(7):
        groups.setdefault(np.ascontiguousarray(whole[day]).tobytes(), []).append(day)
    return [tuple(days) for days in groups.values()]
