"""One person's days with shifts and sessions, and whether one more session fits without breaking a rule."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from ..calendar import Limit
from .people import limits_of
from .records import Advocate, Request, Roster, Session
from .timetable import real_minute

NO_LIMIT = 10**9
MINUTES_A_DAY = 1440


@dataclass
class Day:
    """What a person has on one day, in real minutes: its pieces, and whether one of them is a night shift."""

    pieces: list[tuple[int, int]] = field(default_factory=list)
    night: bool = False

    @property
    def start(self) -> int:
        """Start of the first piece."""
        return min(start for start, _ in self.pieces)

    @property
    def end(self) -> int:
        """End of the last piece."""
        return max(end for _, end in self.pieces)

    @property
    def minutes(self) -> int:
        """Working minutes of the day."""
        return sum(end - start for start, end in self.pieces)


class Diary:
    """One person's days, 0 the roster's first; those before it are negative.

    Parameters
    ----------
    longest_day
        Minutes of shift and sessions together in one day.
    nearest
        Minutes between pieces of one day that still make them one stretch of work.
    """

    def __init__(
        self, person: Advocate, roster: Roster, limits: Mapping[str, Limit], *, longest_day: int, nearest: int
    ):
        self.person, self.first, self.zone, self.nearest = person, roster.start, roster.zone, nearest
        rules = limits_of(person, limits)
        self.rest = _minutes(rules, "daily_rest_hours", 0)
        self.weekly_rest = max(self.rest, _minutes(rules, "weekly_rest_hours", 0))
        self.week = _minutes(rules, "weekly_hours_limit", NO_LIMIT)
        self.most_days = int(rules["consecutive_days_limit"].value) if "consecutive_days_limit" in rules else NO_LIMIT
        self.sleep = int(rules["days_off_after_nights"].value) if "days_off_after_nights" in rules else 0
        # Where the law counts every paid minute of a day, a session beside a shift counts too.
        counted = "handover_inside_limit" in rules and rules["handover_inside_limit"].value > 0
        self.longest = min(longest_day, _minutes(rules, "shift_hours_limit", NO_LIMIT) if counted else NO_LIMIT)
        self.days: dict[int, Day] = {}
        self.there = [person.may_work(day) for day in roster.days]
        self.wished_free = {self.number(r.day) for r in person.requests if _wants_free(r)}
        for day, start, end, night in _held(roster, person.code):
            self._add(self.number(day), real_minute(day, start, self.zone), real_minute(day, end, self.zone), night)
        self.left = round(60 * person.hours_per_week * sum(self.there) / 7) - sum(
            day.minutes for n, day in self.days.items() if 0 <= n < len(self.there) and self.there[n]
        )

    def number(self, day: date) -> int:
        """Return a day's place."""
        return (day - self.first).days

    def works(self, n: int) -> bool:
        """Return whether the person has anything on a day."""
        return n in self.days

    def cost(self, n: int) -> int:
        """Return how bad a session on a day is: a free day is worse, one wished free or that breaks up rest worst."""
        if n in self.days:
            return 0
        alone = not self.works(n - 1) and not self.works(n + 1)
        breaks_up = sum(not self.works(n + s) and self.works(n + 2 * s) for s in (-1, 1))
        return 2 + alone + breaks_up + 6 * (n in self.wished_free)

    def fits(self, n: int, start: int, minutes: int) -> bool:
        """Return whether a session from ``start``, minutes after midnight, keeps every rule and the contract."""
        if not (0 <= n < len(self.there) and self.there[n]) or minutes > self.left:
            return False
        if self._in_week(n) + minutes > self.week or not self._is_available(n, start, start + minutes):
            return False
        real = real_minute(self.first + timedelta(days=n), start, self.zone)
        if n in self.days:
            return self._fits_beside(n, real, real + minutes)
        return self._day_is_open(n) and minutes <= self.longest and self._rested(n, real, real + minutes)

    def give(self, session: Session) -> None:
        """Write a session into the diary."""
        real = real_minute(session.day, session.start, self.zone)
        self._add(self.number(session.day), real, real + session.minutes, False)
        self.left -= session.minutes

    def _add(self, n: int, start: int, end: int, night: bool) -> None:
        day = self.days.setdefault(n, Day())
        day.pieces.append((start, end))
        day.night = day.night or night

    def _in_week(self, n: int) -> int:
        first = n - n % 7
        return sum(self.days[d].minutes for d in range(first, first + 7) if d in self.days)

    def _is_available(self, n: int, start: int, end: int) -> bool:
        weekday = (self.first + timedelta(days=n)).weekday()
        for away in self.person.unavailable:
            for week in (-7, 0, 7):
                from_ = (away.weekday - weekday + week) * MINUTES_A_DAY + away.start
                if from_ < end and start < from_ + away.end - away.start:
                    return False
        return True

    def _fits_beside(self, n: int, start: int, end: int) -> bool:
        """Return whether a session fits to what the day holds: near it, not over it, and not too long together."""
        day = self.days[n]
        gaps = [max(start - b, a - end) for a, b in day.pieces]
        first, last = min(start, day.start), max(end, day.end)
        return (
            min(gaps) >= 0
            and min(gaps) <= self.nearest
            and day.minutes + end - start <= self.longest
            and last - first <= MINUTES_A_DAY - self.rest
            and self._rested(n, first, last)
        )

    def _day_is_open(self, n: int) -> bool:
        """Return whether a free day may become a working one: sleep after nights is kept, and the longest run."""
        if any(self.days[n - gap].night for gap in range(1, self.sleep + 1) if n - gap in self.days):
            return False
        before = next(gap for gap in range(1, NO_LIMIT) if n - gap not in self.days)
        after = next(gap for gap in range(1, NO_LIMIT) if n + gap not in self.days)
        return before + after - 1 <= self.most_days

    def _rested(self, n: int, start: int, end: int) -> bool:
        """Return whether rest is kept to the days around: across one free day it is the weekly rest."""
        for gap, asked in ((1, self.rest), (2, self.weekly_rest)):
            single = gap == 1 or n - 1 not in self.days
            if single and n - gap in self.days and start - self.days[n - gap].end < asked:
                return False
            single = gap == 1 or n + 1 not in self.days
            if single and n + gap in self.days and self.days[n + gap].start - end < asked:
                return False
        return True


def _minutes(rules: Mapping[str, Limit], ident: str, otherwise: int) -> int:
    return round(60 * rules[ident].value) if ident in rules else otherwise


def _wants_free(request: Request) -> bool:
    return not request.wanted and not request.shift


def _held(roster: Roster, code: str) -> Iterator[tuple[date, int, int, bool]]:
    """Yield what a person already has: day, start, end, and whether it is a night shift."""
    past = roster.past
    earlier = [(a, past.shifts.get(a.shift)) for a in past.assignments if a.day < roster.start]
    shifts = {s.id: s for s in roster.shifts}
    for a, shift in [*earlier, *((a, shifts.get(a.shift)) for a in roster.assignments)]:
        if a.person == code and shift is not None:
            yield a.day, shift.start, shift.end, shift.night
    for s in [*(s for s in past.sessions if s.day < roster.start), *roster.sessions]:
        if code in s.people:
            yield s.day, s.start, s.end, False
