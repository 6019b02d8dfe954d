"""Who could step in for a duty: leave, agreements, rest, runs and weekly hours, in a simple test of its own.

It only proposes names; the checker has the last word on any change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta

from ..calendar import Limit
from ..shifts import Shift
from .records import Advocate, Assignment, Roster


class Substitutes:
    """The people of a roster, with what they do and what came before."""

    def __init__(self, roster: Roster, limits: Mapping[str, Limit]):
        self.roster, self.limits = roster, limits
        self.shifts = {**roster.past.shifts, **{s.id: s for s in roster.shifts}}
        self.duties: dict[str, dict[date, Shift]] = defaultdict(dict)
        for one in (*roster.past.assignments, *roster.assignments):
            self.duties[one.person][one.day] = self.shifts[one.shift]
        # Supervisors take shifts on the line only where the roster gives them any.
        takes = {a.person for a in roster.answering}
        self.team = [p for p in roster.people if not p.supervisor or p.code in takes]

    def of(self, duty: Assignment, language: str = "") -> tuple[str, ...]:
        """Return the codes of those who could take a duty, and speak ``language`` where it is asked for."""
        shift = self.shifts[duty.shift]
        return tuple(
            person.code
            for person in self.team
            if person.code != duty.person
            and (not language or language in person.languages)
            and self.can(person, duty.day, shift)
        )

    def can(self, person: Advocate, day: date, shift: Shift) -> bool:
        """Return whether a person could take a shift on top of what they have."""
        mine = self.duties[person.code]
        if day in mine or not person.may_work(day) or (shift.night and not person.nights):
            return False
        return (
            not self._elsewhere(person, day, shift)
            and self._rested(person, day, shift)
            and self._runs_hold(person, {*mine, day}, "consecutive_days_limit", day)
            and self._nights_hold(person, day, shift)
            and self._hours(person, day, shift)
        )

    def _limit(self, person: Advocate, rule: str) -> float | None:
        if rule in person.limits:
            return person.limits[rule]
        return self.limits[rule].value if rule in self.limits else None

    def _elsewhere(self, person: Advocate, day: date, shift: Shift) -> bool:
        """Return whether the shift falls into hours in which the person cannot work, or into a session."""
        busy = [
            ((u.weekday - day.weekday() + turn) * 1440 + u.start, (u.weekday - day.weekday() + turn) * 1440 + u.end)
            for u in person.unavailable
            for turn in (-7, 0, 7)
        ]
        apart = [((s.day - day).days * 1440, s) for s in self.roster.sessions if person.code in s.people]
        busy += [(first + s.start, first + s.end) for first, s in apart]
        return any(a < shift.end and shift.start < b for a, b in busy)

    def _rested(self, person: Advocate, day: date, shift: Shift) -> bool:
        rest = self._limit(person, "daily_rest_hours") or 0
        for other, held in self.duties[person.code].items():
            apart = (other - day).days * 1440
            gap = apart + held.start - shift.end if other > day else shift.start - apart - held.end
            if gap < 60 * rest:
                return False
        return True

    def _runs_hold(self, person: Advocate, days: set[date], rule: str, day: date) -> bool:
        most = self._limit(person, rule)
        return most is None or len(_run(days, day)) <= most

    def _nights_hold(self, person: Advocate, day: date, shift: Shift) -> bool:
        """Keep the longest run of nights, and free days after each run of nights."""
        duties = {**self.duties[person.code], day: shift}
        nights = {d for d, s in duties.items() if s.night}
        if shift.night and not self._runs_hold(person, nights, "consecutive_nights_limit", day):
            return False
        off = int(self._limit(person, "days_off_after_nights") or 0)
        around = {day - timedelta(days=n) for n in range(off + 1)} & nights
        lasts = {d for d in around if d + timedelta(days=1) not in nights}
        return not any(d + timedelta(days=n) in duties for d in lasts for n in range(1, off + 1))

    def _hours(self, person: Advocate, day: date, shift: Shift) -> bool:
        most = self._limit(person, "weekly_hours_limit")
        week = (day - self.roster.start).days // 7
        held = sum(s.paid for d, s in self.duties[person.code].items() if (d - self.roster.start).days // 7 == week)
        return most is None or held + shift.paid <= 60 * most


def _run(days: set[date], day: date) -> list[date]:
    """Return the days around ``day`` that follow one another."""
    one = timedelta(days=1)
    first = last = day
    while first - one in days:
        first -= one
    while last + one in days:
        last += one
    return [first + n * one for n in range((last - first).days + 1)]
