"""The nights of a roster: what they keep of the promise, and the chance that one person or nobody is there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import comb

import numpy as np

from .problem import Bools, Ints
from .records import Roster
from .single_points import Presence

Counts = tuple[Ints, Ints]
Group = tuple[int, int, int]
ENOUGH = 2
HOURS_A_WEEK = 168


@dataclass(frozen=True)
class NightRisk:
    """One night, by the day on which it begins.

    Parameters
    ----------
    people
        Codes of those on its night shifts.
    asked
        People its night shifts ask for.
    service, offered_per_week
        Share of the signals of its hours answered in time, 1 where none come, and how many come.
    one_or_nobody, nobody
        Chance that at some time of the night at most one person, or nobody, is there: exact for absences that strike
        each duty by itself.
    """

    day: date
    people: tuple[str, ...]
    asked: int
    service: float
    offered_per_week: float
    one_or_nobody: float
    nobody: float


def night_risks(
    roster: Roster, services: Sequence[Counts], absence: float, open_: Bools | None = None
) -> tuple[NightRisk, ...]:
    """Return the roster's nights in order.

    Parameters
    ----------
    services
        By week of the roster: answered in time and offered, by play and hour of the week.
    absence
        Chance that a duty is not taken up.
    """
    there = Presence(roster, open_)
    nights = [k for k, s in enumerate(roster.shifts) if s.night and s.id not in roster.supervisor_shifts]
    by_day = defaultdict(list)
    for one in roster.answering:
        by_day[one.day].append(one)
    found = []
    for d, day in enumerate(roster.days):
        kinds = [k for k in nights if roster.needed[d, k]]
        hours = sorted({q for k in kinds for q in _quarters(there, day, k) if there.open_[q]})
        if not hours:
            continue
        ids = {roster.shifts[k].id for k in kinds}
        on = Counter(
            (there.span(a.day, there.shifts[a.shift]).start, there.span(a.day, there.shifts[a.shift]).stop)
            for near in (-1, 0, 1)
            for a in by_day[day + timedelta(days=near)]
        )
        alone, nobody = chance_of_few([(*span, many) for span, many in on.items()], hours, absence)
        served, came, plays = _counts(services, d, hours, roster.start.weekday())
        found.append(
            NightRisk(
                day,
                tuple(sorted(a.person for a in by_day[day] if a.shift in ids)),
                int(roster.needed[d, kinds].sum()),
                served / came if came else 1.0,
                came / max(1, plays),
                alone,
                nobody,
            )
        )
    return tuple(found)


def _quarters(there: Presence, day: date, kind: int) -> range:
    span = there.span(day, there.roster.shifts[kind])
    return range(span.start, span.stop)


def _counts(services: Sequence[Counts], day: int, quarters: Iterable[int], first: int) -> tuple[int, int, int]:
    """Return answered in time, offered and plays of a night's hours; they count in the week in which it begins."""
    in_time, offered = services[day // 7]
    hours = sorted({(q // 4 + 24 * first - HOURS_A_WEEK * (day // 7)) % HOURS_A_WEEK for q in quarters})
    return int(in_time[:, hours].sum()), int(offered[:, hours].sum()), len(offered)


def chance_of_few(groups: Sequence[Group], quarters: Iterable[int], absence: float) -> tuple[float, float]:
    """Return the chance that in some of the quarter-hours at most one is there, and that nobody is.

    Parameters
    ----------
    groups
        (first quarter-hour, last excluded, people) of those who come and go together.

    >>> chance_of_few([(0, 32, 2)], range(32), 0.08)
    (0.1536, 0.0064)
    """
    times = np.array(sorted(quarters))
    inside = np.array([(times >= a) & (times < b) for a, b, _ in groups]).reshape(len(groups), len(times))
    # Times at which the same groups are there are alike.
    alike = np.unique(inside, axis=1).T
    chances: dict[tuple[int, ...], float] = {(0,) * len(alike): 1.0}
    for index, (_, _, people) in enumerate(groups):
        chances = _with(chances, alike[:, index], people, absence)
    few = sum(c for state, c in chances.items() if min(state) < ENOUGH)
    none = sum(c for state, c in chances.items() if min(state) == 0)
    return round(few, 12), round(none, 12)


def _with(
    chances: dict[tuple[int, ...], float], there: Bools, people: int, absence: float
) -> dict[tuple[int, ...], float]:
    """Add a group to the numbers present, of which more than two need not be told apart."""
    none = absence**people
    one = comb(people, 1) * (1 - absence) * absence ** (people - 1)
    made: dict[tuple[int, ...], float] = defaultdict(float)
    for state, chance in chances.items():
        for come, likely in ((0, none), (1, one), (ENOUGH, 1 - none - one)):
            now = tuple(min(ENOUGH, n + come * int(t)) for n, t in zip(state, there, strict=True))
            made[now] += chance * likely
    return made
