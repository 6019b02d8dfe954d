"""What stays uncovered: in a roster as it stands, at least under the rules, and in sentences people can use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from ..calendar import DAYS
from ..shifts import Shift
from ..staffing_words import language_name
from .dates import days_said
from .hard_rules import HardRules
from .problem import OFF, Bools, Ints, Problem
from .records import Roster
from .words import say

SECTION = "explain"
FEW_DAYS = 4


@dataclass(frozen=True)
class Shortfall:
    """What stays uncovered at least.

    Parameters
    ----------
    price
        By the published prices of hours uncovered, alone and without a speaker.
    hours
        Hours of places that nobody fills.
    silent
        Shifts without a speaker who is asked for, each missing speaker counted.
    proved
        Whether no roster leaves less uncovered, by price.
    given
        A roster that does: (people, days).
    used
        People who would give more than they agreed to, by position, where that was allowed.
    work
        What the search took, in the solver's deterministic measure.
    """

    price: int
    hours: float
    silent: int
    proved: bool
    given: Ints
    used: tuple[int, ...] = ()
    work: float = 0.0

    @property
    def nothing(self) -> bool:
        """Whether every place is filled."""
        return self.price == 0


def least_shortfall(
    problem: Problem,
    shifts: Sequence[Shift],
    work: float,
    hint: Ints | None = None,
    spare: Bools | None = None,
) -> Shortfall:
    """Return the least that stays uncovered under the hard rules, whatever else it costs.

    Parameters
    ----------
    shifts
        The shifts that the first kinds are.
    work
        Limit in the solver's deterministic measure.
    spare
        Duties beyond what was agreed: (people, days, kinds). As few people as can be are given any.
    """
    hard = HardRules(problem)
    empty = [part for cover in problem.covers for part in hard.short(cover)]
    beyond = _beyond(hard, spare)
    hard.model.minimize(sum(price * v for price, v in empty) + sum(beyond.values()))
    solver, status = hard.run(work, hint)
    spent = solver.response_proto.deterministic_time
    if status not in (hard.cp.OPTIMAL, hard.cp.FEASIBLE):
        nobody = np.full((len(problem.people), problem.days), OFF, dtype=np.int64)
        return replace(shortfall_of(problem, shifts, nobody), work=spent)
    return replace(
        shortfall_of(problem, shifts, hard.read(solver)),
        proved=status == hard.cp.OPTIMAL,
        used=tuple(p for p, v in beyond.items() if solver.boolean_value(v)),
        work=spent,
    )


def shortfall_of(problem: Problem, shifts: Sequence[Shift], given: Ints) -> Shortfall:
    """Return what a roster, (people, days), leaves uncovered."""
    price, minutes, silent = 0, 0, 0
    for cover in problem.covers:
        rows = given[:, cover.day] if cover.people is None else given[list(cover.people), cover.day]
        missing = max(0, cover.need - int(np.isin(rows, cover.kinds).sum()))
        price += sum(cover.short[:missing])
        minutes += shifts[cover.kinds[0]].cover * missing if cover.people is None else 0
        silent += missing if cover.people is not None else 0
    return Shortfall(price, minutes / 60, silent, price == 0, given)


def all_filled(problem: Problem, work: float, spare: Bools | None = None) -> tuple[Shortfall | None, float]:
    """Return a roster that fills every place, if one is found, and the work done.

    Of people who would give more than they agreed to it asks half as many each time, those who could give most first,
    as long as that is found.
    """
    best, spent, low, high = None, 0.0, 0, None
    while spent < 2 * work and (high is None or low < high):
        hard = HardRules(problem)
        hard.fill(problem.covers)
        beyond = _beyond(hard, spare)
        allowed = len(beyond) if high is None else (low + high) // 2
        for p in _by_spare(beyond, spare)[allowed:]:
            hard.model.add(beyond[p] == 0)
        solver, status = hard.run(work)
        spent += solver.response_proto.deterministic_time
        if status in (hard.cp.OPTIMAL, hard.cp.FEASIBLE):
            used = tuple(p for p, v in beyond.items() if solver.boolean_value(v))
            best, high = Shortfall(0, 0.0, 0, True, hard.read(solver), used), min(allowed, len(used))
        elif high is None:
            break
        else:
            low = allowed + 1
    return best, spent


def _by_spare(beyond: Iterable[int], spare: Bools | None) -> list[int]:
    return [] if spare is None else sorted(beyond, key=lambda p: (-int(spare[p].sum()), p))


def _beyond(hard: HardRules, spare: Bools | None) -> dict[int, Any]:
    """Return a switch for each person who is given a duty beyond what was agreed."""
    found: dict[int, Any] = {}
    for p, d, k in () if spare is None else np.argwhere(spare).tolist():
        if k in hard.given[p][d]:
            found.setdefault(p, hard.model.new_bool_var(""))
            hard.model.add_implication(hard.given[p][d][k], found[p])
    return found


def shortfalls_said(roster: Roster) -> tuple[str, ...]:
    """Return where the line falls short, nights first: one sentence for each kind of shift and each language."""
    there, speaking = _filled(roster)
    line = [k for k, s in enumerate(roster.shifts) if s.id not in roster.supervisor_shifts]
    nights = [k for k in line if roster.shifts[k].night]
    groups = [*([nights] if nights else []), *([k] for k in line if k not in nights)]
    return (*_places_said(roster, groups, there), *_languages_said(roster, speaking))


def supervisors_said(roster: Roster) -> tuple[str, ...]:
    """Return where supervisors' own shifts stay empty: one sentence for each kind of shift."""
    own = [[k] for k, s in enumerate(roster.shifts) if s.id in roster.supervisor_shifts]
    return tuple(_places_said(roster, own, _filled(roster)[0]))


def _filled(roster: Roster) -> tuple[Ints, dict[str, Ints]]:
    """Return how many are on each shift, and how many of them speak each language: (days, kinds)."""
    there = np.zeros_like(roster.needed)
    speaking = {x: np.zeros_like(roster.needed) for x in roster.speakers}
    kinds = {s.id: k for k, s in enumerate(roster.shifts)}
    knows = {p.code: p.languages for p in roster.people}
    for a in roster.assignments:
        place = (a.day - roster.start).days, kinds[a.shift]
        there[place] += 1
        for language in set(knows.get(a.person, ())) & set(speaking):
            speaking[language][place] += 1
    return there, speaking


def _places_said(roster: Roster, groups: Sequence[Sequence[int]], there: Ints) -> Iterator[str]:
    missing = np.maximum(0, roster.needed - there)
    for kinds in groups:
        gone = missing[:, kinds].sum(axis=1)
        if not gone.any():
            continue
        where, days = _when(roster, gone > 0)
        first = roster.shifts[kinds[0]]
        supervisors = first.id in roster.supervisor_shifts
        hours = sum(int(missing[:, k].sum()) * roster.shifts[k].cover / 60 for k in kinds)
        yield say(
            SECTION,
            "empty_supervisors" if supervisors else "empty_nights" if first.night else "empty_shift",
            shift=first.text,
            when=where,
            missing=int(gone.sum()),
            places=int(roster.needed[np.ix_(days, kinds)].sum()),
            hours=f"{hours:g}",
        )


def _languages_said(roster: Roster, speaking: dict[str, Ints]) -> Iterator[str]:
    for language, fewest in roster.speakers.items():
        asked = np.minimum(fewest, roster.needed)
        silent = np.maximum(0, asked - speaking[language]) > 0
        if silent.any():
            where, days = _when(roster, np.asarray(silent.any(axis=1)))
            yield say(
                SECTION,
                "silent_shifts",
                language=language_name(language),
                when=where,
                missing=int(silent.sum()),
                places=int((asked[days] > 0).sum()),
            )


def _when(roster: Roster, short: Bools) -> tuple[str, list[int]]:
    """Return the days that fall short as people say them, and all days meant by that: dates, or days of the week."""
    days = [int(d) for d in np.flatnonzero(short)]
    if len(days) <= FEW_DAYS or days[-1] - days[0] < 7:
        return say(SECTION, "on_dates", days=days_said(roster.days[d] for d in days)), days
    weekdays = sorted({roster.days[d].weekday() for d in days})
    meant = [d for d, day in enumerate(roster.days) if day.weekday() in weekdays]
    if len(days) == len(meant) == len(roster.days):
        return say(SECTION, "every_day"), meant
    if len(weekdays) == 7:
        return say(SECTION, "any_day", days=len(days), of=len(meant)), meant
    return weekdays_said(weekdays), meant


def weekdays_said(weekdays: Sequence[int]) -> str:
    """Return days of the week, 0 Monday; three or more in a row as a span, over the week's end too.

    >>> weekdays_said([0, 4, 5, 6])
    'from Friday to Monday'
    """
    gaps = [b for a, b in pairwise([*weekdays, weekdays[0] + 7]) if b - a > 1]
    first = gaps[-1] % 7 if gaps else weekdays[0]
    turned = sorted(weekdays, key=lambda d: (d - first) % 7)
    if len(turned) > 2 and (turned[-1] - first) % 7 == len(turned) - 1:
        return say(SECTION, "from_to", first=DAYS[first].capitalize(), last=DAYS[turned[-1]].capitalize())
    names = [DAYS[d].capitalize() for d in weekdays]
    listed = names[0] if len(names) == 1 else say(SECTION, "days_and", first=", ".join(names[:-1]), last=names[-1])
    return say(SECTION, "on_dates", days=listed)


def hours_said(hours: float) -> str:
    """Return hours without needless digits."""
    return f"{hours:.1f}".removesuffix(".0")
