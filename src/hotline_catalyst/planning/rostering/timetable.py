"""Clock times of everything a day can hold, in real minutes: shifts, sessions off the queue, and duties of the past."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from ..shifts import Shift
from .clock_changes import minutes_on, moment
from .problem import Bools, Ints, Kind
from .records import Question, Session

DAY = 1440


def real_minute(day: date, minute: int, zone: str) -> int:
    """Return the real minute, counted from a fixed one, at which the clock shows ``minute`` of ``day``."""
    if not zone:
        return day.toordinal() * DAY + minute
    return round(moment(day, minute, zone).timestamp()) // 60


@dataclass(frozen=True, slots=True)
class Duty:
    """What a day can hold: from ``start`` to ``end``, minutes after midnight by the clock; may pass 1440.

    ``shift`` is the place of its shift among the question's; -1: none of them.
    """

    id: str
    start: int
    end: int
    night: bool = False
    shift: int = -1


def day_of_sessions(sessions: Sequence[Session]) -> Duty:
    """Return one person's sessions of one day as a duty from the first start to the last end."""
    start, end = min(s.start for s in sessions), max(s.end for s in sessions)
    return Duty(f"session {start}-{end}", start, end)


def both(shift: Duty, session: Duty) -> Duty:
    """Return a shift and a session beside it on the same day as one spell of work."""
    start, end = min(shift.start, session.start), max(shift.end, session.end)
    return Duty(f"{shift.id} and {session.id}", start, end, shift.night, shift.shift)


def fits_beside(shift: Duty, session: Duty, rest_minutes: int) -> bool:
    """Return whether both fit into one day: not at once, and the day's rest left in 24 hours."""
    apart = session.end <= shift.start or session.start >= shift.end
    spell = both(shift, session)
    return apart and spell.end - spell.start <= DAY - rest_minutes


@dataclass(frozen=True)
class Timetable:
    """Days and duties of a roster. The first duties are the question's shifts, in order; others follow.

    A session, a shift with a session beside it, and a past duty that is no shift any more become kinds of their own,
    so that rest is kept from them too.
    """

    days: tuple[date, ...]
    shifts: tuple[Shift, ...]
    duties: tuple[Duty, ...]
    zone: str

    @cached_property
    def kinds(self) -> tuple[Kind, ...]:
        """The duties as kinds of the problem."""
        return tuple(Kind(duty.id, duty.end - duty.start, duty.night) for duty in self.duties)

    @cached_property
    def place(self) -> dict[date, int]:
        """Each day's place."""
        return {day: n for n, day in enumerate(self.days)}

    @cached_property
    def nights(self) -> Bools:
        """Whether each duty is a night."""
        return np.array([duty.night for duty in self.duties], dtype=bool)

    @cached_property
    def is_shift(self) -> Bools:
        """Whether each duty holds a shift of the question."""
        return np.array([duty.shift >= 0 for duty in self.duties], dtype=bool)

    def holding(self, shift: int) -> tuple[int, ...]:
        """Return the duties that hold a shift: itself, and itself with a session beside it."""
        return tuple(k for k, duty in enumerate(self.duties) if duty.shift == shift)

    @cached_property
    def paid(self) -> Ints:
        """Real paid minutes on shift of each duty on each day; sessions add none: shape (days, kinds)."""
        return self._minutes(1)

    @cached_property
    def covered(self) -> Ints:
        """Real minutes each duty answers signals on each day: shape (days, kinds)."""
        return self._minutes(0)

    def _minutes(self, which: int) -> Ints:
        table = np.zeros((len(self.days), len(self.duties)), dtype=np.int64)
        for k, duty in enumerate(self.duties):
            if duty.shift >= 0:
                table[:, k] = [minutes_on(self.shifts[duty.shift], day, self.zone)[which] for day in self.days]
        return table

    def rest(self, first: Duty, second: Duty, apart: int, day: date | None = None) -> int:
        """Return minutes between a duty and one that starts ``apart`` days later; real ones when ``day`` is given."""
        if day is None:
            return second.start + DAY * apart - first.end
        later = day + timedelta(days=apart)
        return real_minute(later, second.start, self.zone) - real_minute(day, first.end, self.zone)

    @cached_property
    def clock_changes(self) -> tuple[int, ...]:
        """Days, from two before day 0, within which or within the two days after which the clock changes."""
        if not self.zone or not self.days:
            return ()
        midnights = [real_minute(self.days[0] + timedelta(days=n), 0, self.zone) for n in range(-2, len(self.days) + 3)]
        return tuple(n - 2 for n in range(len(self.days) + 2) if midnights[n + 3] - midnights[n] != 3 * DAY)


def shifts_as_duties(question: Question) -> list[Duty]:
    """Return the question's shifts as duties; paid handover is part of them."""
    return [Duty(shift.id, shift.start, shift.end, shift.night, k) for k, shift in enumerate(question.shifts)]


def timetable(question: Question, others: Iterable[Duty] = ()) -> Timetable:
    """Return the question's days and shifts, and ``others`` once each behind them."""
    shifts = shifts_as_duties(question)
    more = [duty for duty in dict.fromkeys(others) if duty not in shifts]
    return Timetable(tuple(question.days), question.shifts, (*shifts, *more), question.zone)


def sessions_by_day(sessions: Sequence[Session], code: str) -> dict[date, Duty]:
    """Return one person's sessions by day, each day's as one duty."""
    mine: dict[date, list[Session]] = {}
    for session in sessions:
        if code in session.people:
            mine.setdefault(session.day, []).append(session)
    return {day: day_of_sessions(of_day) for day, of_day in sorted(mine.items())}


def past_duties(question: Question, code: str) -> dict[date, Duty]:
    """Return what a person did before the roster, by day: shifts, sessions, and both on one day as one spell."""
    past, now = question.past, {(d.start, d.end, d.night): d for d in shifts_as_duties(question)}
    held = {day: duty for day, duty in sessions_by_day(past.sessions, code).items() if day < question.start}
    for a in past.assignments:
        if a.person == code and a.day < question.start:
            shift = past.shifts[a.shift]
            old = Duty(f"before {shift.id}", shift.start, shift.end, shift.night)
            duty = now.get((shift.start, shift.end, shift.night), old)
            held[a.day] = both(duty, held[a.day]) if a.day in held else duty
    return held
