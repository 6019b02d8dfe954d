"""The named roster under strain: its own weeks played with busy days and absences, night by night and person by person.

Each week of the roster is played as a circle, its Sunday night running on into its own Monday morning, so a night
counts whole where it begins. All weeks meet the same callers, each in another order, so what differs between nights is
the roster. Absences strike each duty by itself: longer illness is the plan's and the repair's matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..calendar import MINUTES_A_WEEK, Limit
from ..demand import Span
from ..simulation import Duty, Outcome, Week, simulate
from ..stress import promise_of, scenario_factors
from .night_risk import NightRisk, night_risks
from .problem import Ints
from .records import Roster
from .single_points import SinglePoint, single_points
from .stress_words import sentences_of

Floats = NDArray[np.float64]
SEED = 2012
# Contacts to be played, all weeks together: under a second without a compiler; and how often at least, and at most.
CONTACTS, PLAYS = 100_000, (12, 240)
Z90 = 1.6449


@dataclass(frozen=True)
class RosterStress:
    """What a roster keeps of the promise.

    Parameters
    ----------
    plays, seed
        How often the whole roster was played.
    promise, service
        Share of signals to be answered in time, and the share that is; nine plays in ten lie between ``low`` and
        ``high``.
    by_week
        Share answered in time, by week of the roster.
    by_hour, by_hour_low, by_hour_high
        Share answered in time by hour of the week, all weeks together, and the 90 % interval of the estimate: (168,).
        1 where nothing arrives.
    nights
        Each night with its service and the chance that one person or nobody is there.
    """

    plays: int
    seed: int
    promise: float
    service: float
    low: float
    high: float
    by_week: tuple[float, ...]
    by_hour: Floats
    by_hour_low: Floats
    by_hour_high: Floats
    nights: tuple[NightRisk, ...]
    single_points: tuple[SinglePoint, ...]
    sentences: tuple[str, ...] = ()

    @property
    def weakest(self) -> tuple[NightRisk, ...]:
        """The nights, the weakest first."""
        return tuple(sorted(self.nights, key=lambda n: (n.service, -n.one_or_nobody, n.day)))


def stress_of(
    roster: Roster,
    week: Week,
    limits: Mapping[str, Limit],
    *,
    volume: Span | None = None,
    plays: int | None = None,
    seed: int = SEED,
) -> RosterStress:
    """Play a roster's weeks and return what they keep of the promise, and what a single absence breaks.

    Parameters
    ----------
    week
        Who calls, in which hours, and how often a duty is not taken up, as `planning.stress.week_of` gives it; its
        duties are those that were planned and give way to the roster's.
    limits
        Working-time rules in force, for who could step in.
    volume
        Signals a year: low, likely and high; None: as likely.
    plays
        How often to play the whole roster; None: as often as a budget of contacts allows.
    """
    open_ = week.open_quarters
    asked = replace(week, open_=open_)
    played = _played(roster, asked, volume, plays, seed)
    services = [(o.in_time_by_hour, o.offered_by_hour) for o in played.outcomes]
    in_time, offered = played.by_play()
    low, high = np.quantile(_share(in_time, offered), [0.05, 0.95])
    by_hour, by_hour_low, by_hour_high = _interval(services)
    made = RosterStress(
        plays=played.plays,
        seed=seed,
        promise=promise_of(asked) if asked.rates[:, open_].any() else 1.0,
        service=float(_share(in_time.sum(), offered.sum())),
        low=float(low),
        high=float(high),
        by_week=tuple(float(_share(s[0].sum(), s[1].sum())) for s in services),
        by_hour=by_hour,
        by_hour_low=by_hour_low,
        by_hour_high=by_hour_high,
        nights=night_risks(roster, services, week.absence, open_),
        single_points=single_points(roster, limits, open_),
    )
    return replace(made, sentences=sentences_of(made))


def duties_in(roster: Roster, week: int) -> tuple[Duty, ...]:
    """Return one week's duties on the line: real spans, the person's languages, breaks as placed."""
    shifts = {s.id: s for s in roster.shifts}
    languages = {p.code: frozenset(p.languages) for p in roster.people}
    breaks = {(b.person, b.day): b for b in roster.breaks}
    found = []
    for one in roster.answering:
        day = (one.day - roster.start).days
        if day // 7 != week:
            continue
        first = day % 7 * 1440 + roster.start.weekday() * 1440
        start = first + shifts[one.shift].start
        end = start + min(shifts[one.shift].cover, MINUTES_A_WEEK)
        placed = breaks.get((one.person, one.day))
        away = _inside(first + placed.start, placed.minutes, start, end) if placed else ()
        found.append(Duty(start, end, languages.get(one.person, frozenset()), away))
    return tuple(found)


def _inside(start: int, minutes: int, first: int, last: int) -> tuple[tuple[int, int], ...]:
    """Return the part of a break that lies in the answering time: a break in the handover leaves nobody waiting."""
    begin, end = max(start, first), min(start + minutes, last)
    return ((begin, end),) if begin < end else ()


@dataclass(frozen=True)
class _Played:
    """Outcomes by week of the roster; the n-th play takes its weeks from rows that all differ."""

    plays: int
    weeks: int
    outcomes: tuple[Outcome, ...]

    def by_play(self) -> tuple[Ints, Ints]:
        """Return answered in time and offered by play.

        In a block of rows, which share how busy the line is, each week of the roster begins elsewhere: no play meets
        the same callers twice.
        """
        sums = np.zeros((2, self.plays), dtype=np.int64)
        for turn, outcome in enumerate(self.outcomes):
            for side, counts in enumerate((outcome.in_time, outcome.offered)):
                own = counts[:, outcome.substantive].sum(axis=1).reshape(-1, self.weeks)
                sums[side] += np.roll(own, -turn, axis=1).ravel()
        return sums[0], sums[1]


def _played(roster: Roster, week: Week, volume: Span | None, plays: int | None, seed: int) -> _Played:
    """Play each week of the roster with the same callers."""
    weeks = max(1, roster.weeks)
    blocks = -(-(plays or _plays(week, weeks)) // weeks)
    factors = np.ones(blocks) if volume is None else scenario_factors(volume, 4 * blocks, seed)[::4]
    base = replace(week, demand_factors=np.repeat(factors, weeks))
    outcomes = (simulate(_on_duty(base, duties_in(roster, w)), blocks * weeks, seed) for w in range(roster.weeks))
    return _Played(blocks * weeks, weeks, tuple(outcomes))


def _on_duty(week: Week, duties: tuple[Duty, ...]) -> Week:
    """Return the week with these duties; a week of nobody has one minute of somebody who speaks no language."""
    if duties:
        return replace(week, duties=duties)
    return replace(week, duties=(Duty(0, 1, frozenset()),), interpreters=False)


def _plays(week: Week, weeks: int) -> int:
    per_roster = max(1.0, float(week.rates.sum()) / 4 * weeks)
    return int(np.clip(CONTACTS / per_roster, *PLAYS))


def _share(part: Ints, whole: Ints) -> Floats:
    return np.where(whole > 0, part / np.maximum(whole, 1), 1.0)


def _interval(services: Sequence[tuple[Ints, Ints]]) -> tuple[Floats, Floats, Floats]:
    """Return the share by hour, all weeks together, with its 90 % interval: Wilson's, widened by how plays differ."""
    if not services:
        return np.ones(168), np.ones(168), np.ones(168)
    in_time, offered = (np.sum([s[side] for s in services], axis=0) for side in (0, 1))
    came, served, rows = offered.sum(axis=0), in_time.sum(axis=0), len(offered)
    level = _share(served, came)
    rest = in_time - level * offered
    spread = rows / max(1, rows - 1) * (rest**2).sum(axis=0)
    plain = level * (1 - level) * came
    many = came / np.maximum(1, spread / np.maximum(plain, 1e-12) * (plain > 0))
    many = np.maximum(many, 1e-9)
    middle = (level + Z90**2 / (2 * many)) / (1 + Z90**2 / many)
    half = Z90 / (1 + Z90**2 / many) * np.sqrt(level * (1 - level) / many + Z90**2 / (4 * many**2))
    nothing = came == 0
    return (
        level,
        np.where(nothing, 1.0, np.maximum(0, middle - half)),
        np.where(nothing, 1.0, np.minimum(1, middle + half)),
    )
