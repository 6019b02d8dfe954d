"""Single points of failure: whose absence leaves an hour without anybody, without a language, or no one on call."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from ..calendar import QUARTERS_A_DAY, Limit
from ..shifts import Shift
from .problem import Bools, Ints
from .records import Assignment, Roster
from .substitutes import Substitutes

COVER, ON_CALL, LANGUAGE = "cover", "on_call", "language "


@dataclass(frozen=True)
class SinglePoint:
    """What fails when one person is absent: ``cover``, ``language xx`` or ``on_call``, by day of the duty.

    ``could_step_in`` holds, for each of the days, the people who could take the duty by a simple test.
    """

    person: str
    fails: str
    days: tuple[date, ...]
    could_step_in: Mapping[date, tuple[str, ...]]

    @property
    def nobody(self) -> tuple[date, ...]:
        """Days on which nobody could step in."""
        return tuple(day for day in self.days if not self.could_step_in[day])


def single_points(roster: Roster, limits: Mapping[str, Limit], open_: Bools | None = None) -> tuple[SinglePoint, ...]:
    """Return the single points of failure by person and what fails.

    Parameters
    ----------
    open_
        Whether each of the week's 672 quarter-hours is open; None: all hours of all shifts count.
    """
    there, substitutes = Presence(roster, open_), Substitutes(roster, limits)
    found: dict[tuple[str, str], list[Assignment]] = defaultdict(list)
    for one in roster.answering:
        for fails in there.failing(one):
            found[one.person, fails].append(one)
    points = [
        SinglePoint(
            person,
            fails,
            tuple(a.day for a in mine),
            {a.day: substitutes.of(a, fails.removeprefix(LANGUAGE) if fails != COVER else "") for a in mine},
        )
        for (person, fails), mine in sorted(found.items())
    ]
    return (*points, *_on_call(roster))


def _on_call(roster: Roster) -> Iterator[SinglePoint]:
    """Yield the days on which no other supervisor is there to be on call instead."""
    alone: dict[str, list[date]] = defaultdict(list)
    supervisors = [p for p in roster.people if p.supervisor]
    for day, person in sorted(roster.on_call.items()):
        if not any(s.may_work(day) for s in supervisors if s.code != person):
            alone[person].append(day)
    for person, days in sorted(alone.items()):
        yield SinglePoint(person, ON_CALL, tuple(days), dict.fromkeys(days, ()))


class Presence:
    """Who is on the line in each quarter-hour of a roster, and where a language is asked for."""

    def __init__(self, roster: Roster, open_: Bools | None = None):
        self.roster, self.shifts = roster, {s.id: s for s in roster.shifts}
        size = (len(roster.needed) + 2) * QUARTERS_A_DAY
        hours = np.ones(672, dtype=bool) if open_ is None else open_
        self.open_ = np.resize(np.roll(hours, -roster.start.weekday() * QUARTERS_A_DAY), size)
        self.speaks = {p.code: set(p.languages) & set(roster.speakers) for p in roster.people}
        self.everybody = np.zeros(size, dtype=np.int64)
        self.speakers = {x: np.zeros(size, dtype=np.int64) for x in roster.speakers}
        for one in roster.answering:
            span = self.span(one.day, self.shifts[one.shift])
            self.everybody[span] += 1
            for language in self.speaks.get(one.person, ()):
                self.speakers[language][span] += 1
        self.asked = {x: self._asked(fewest, size) for x, fewest in roster.speakers.items()}

    def span(self, day: date, shift: Shift) -> slice:
        """Return the quarter-hours from the roster's first midnight that a shift answers."""
        first = (day - self.roster.start).days * QUARTERS_A_DAY + shift.start // 15
        return slice(first, first + shift.cover // 15)

    def _asked(self, fewest: Ints, size: int) -> Bools:
        asked = np.zeros(size, dtype=bool)
        for d, day in enumerate(self.roster.days):
            for k, shift in enumerate(self.roster.shifts):
                if fewest[d, k] > 0:
                    asked[self.span(day, shift)] = True
        return asked

    def failing(self, one: Assignment) -> Iterator[str]:
        """Yield what fails without this assignment."""
        span = self.span(one.day, self.shifts[one.shift])
        open_ = self.open_[span]
        if (open_ & (self.everybody[span] == 1)).any():
            yield COVER
        for language in sorted(self.speaks.get(one.person, ())):
            if (open_ & self.asked[language][span] & (self.speakers[language][span] == 1)).any():
                yield LANGUAGE + language
