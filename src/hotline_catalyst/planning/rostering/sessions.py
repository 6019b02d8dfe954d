"""Time off the queue, inside paid time: the academy before a roster; meetings, supervision and own work after it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from ..calendar import Country, Limit
from .diary import Diary
from .fewest_meetings import fewest
from .records import Advocate, Roster, Session
from .session_rules import SessionRules, office_hours
from .staff_file import Member, StaffFile
from .words import say

WEEKS_OF_SUPERVISION = 4
Kind = Literal["meeting", "supervision", "project"]


@dataclass(frozen=True)
class Placed:
    """Sessions that found a time, without those the roster already had, and what found none, in sentences."""

    sessions: tuple[Session, ...]
    not_placed: tuple[str, ...]


def academy_of(staff: StaffFile, rules: SessionRules, country: Country) -> tuple[Session, ...]:
    """Return the training of everybody who starts with an academy: the working days before their first day.

    These sessions stand before a roster is solved. People who train on the same day train together.
    """
    groups: dict[tuple[date, int, int], list[str]] = {}
    for member in staff.staff:
        for day, (opens, closes) in _training_days(member, rules, country):
            groups.setdefault((day, opens, min(rules.training.value, closes - opens)), []).append(member.code)
    title = say("sessions", "training")
    return tuple(
        Session("training", title, day, start, minutes, tuple(sorted(codes)))
        for (day, start, minutes), codes in sorted(groups.items())
    )


def _training_days(member: Member, rules: SessionRules, country: Country) -> list[tuple[date, tuple[int, int]]]:
    if not member.academy or member.first_day is None:
        return []
    first, last = member.first_day - timedelta(days=14 + 3 * member.academy), member.first_day - timedelta(days=1)
    closed = frozenset(country.public_holidays(first, last)) | member.days_away
    return list(office_hours(country, rules, first, last, closed).items())[-member.academy :]


def place_sessions(roster: Roster, limits: Mapping[str, Limit], plan: SessionRules, country: Country) -> Placed:
    """Return times for staff meetings, one-to-one supervision, and own work off the queue.

    In this order, as long as the contract's hours allow. The fewest meetings are held that let everybody who is
    there attend one. No rule of working time is broken: a session is work. Days that are worked anyway come first,
    so that free days stay free.
    """
    placing = _Placing(roster, limits, plan, country)
    placing.meetings()
    placing.supervision()
    placing.projects()
    sessions = sorted(placing.placed, key=lambda s: (s.day, s.start, s.kind, s.people))
    return Placed(tuple(sessions), tuple(placing.sentences))


@dataclass
class _Missing:
    """Sessions of one kind that found no time for one person."""

    asked: int = 0
    lacking: int = 0
    no_hours: bool = False


@dataclass
class _Placing:
    roster: Roster
    limits: Mapping[str, Limit]
    plan: SessionRules
    country: Country
    placed: list[Session] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        roster, plan = self.roster, self.plan
        self.people = sorted(roster.people, key=lambda p: p.code)
        self.supervisors = [p.code for p in self.people if p.supervisor]
        self.diaries = {
            p.code: Diary(p, roster, self.limits, longest_day=60 * plan.longest_day.value, nearest=plan.nearest.value)
            for p in self.people
        }
        self.load = dict.fromkeys(self.supervisors, 0)
        closed = frozenset(roster.holidays)
        hours = office_hours(self.country, plan, roster.start, roster.days[-1], closed) if len(roster.needed) else {}
        self.open = {(day - roster.start).days: span for day, span in hours.items()}

    def meetings(self) -> None:
        """Hold the fewest staff meetings of each month that let everybody who is there attend one."""
        weeks, minutes = self.plan.every_weeks.value, self.plan.meeting.value
        for first in range(0, self.roster.weeks - weeks + 1, weeks) if minutes else ():
            days = range(7 * first, 7 * (first + weeks))
            slots = list(self._slots(days, minutes))
            there = [p for p in self.people if self._is_there(p, days)]
            costs = [[self._cost(p, n, start, minutes) for p in there] for n, start in slots]
            for slot, attending in fewest(costs):
                n, start = slots[slot]
                self._hold("meeting", n, start, minutes, tuple(there[p].code for p in attending))
            for p, person in enumerate(there):
                if all(row[p] is None for row in costs):
                    self._say(person.code, "meeting", _Missing(1, 1, minutes > self.diaries[person.code].left))

    def supervision(self) -> None:
        """Give each advocate time with a supervisor: every four weeks, and weekly in the first months."""
        for index, person in enumerate(p for p in self.people if not p.supervisor):
            missing = _Missing()
            for days, minutes in self._supervision_due(person):
                turn = 7 * (index % max(1, len(days) // 7))
                found = self._best(person.code, [*days[turn:], *days[:turn]], minutes, with_supervisor=True)
                self._count(missing, person.code, minutes, found)
            self._say(person.code, "supervision", missing)

    def _supervision_due(self, person: Advocate) -> Iterator[tuple[range, int]]:
        """Yield the spans of days in which one supervision is due, and its minutes."""
        plan, day = self.plan, self.roster.start
        for first in range(0, self.roster.weeks, WEEKS_OF_SUPERVISION):
            weeks = range(first, min(first + WEEKS_OF_SUPERVISION, self.roster.weeks))
            new = [w for w in weeks if self._is_new(person, day + timedelta(weeks=w))]
            for w in new:
                yield range(7 * w, 7 * w + 7), plan.supervision_new.value
            if not new and len(weeks) == WEEKS_OF_SUPERVISION:
                yield range(7 * weeks[0], 7 * weeks[-1] + 7), plan.supervision.value

    def _is_new(self, person: Advocate, monday: date) -> bool:
        if person.first_day is None:
            return False
        return -7 < (monday - person.first_day).days < self.plan.new_days.value

    def projects(self) -> None:
        """Give employees a half day off the queue each week, in proportion to their contract."""
        plan = self.plan
        for person in self.people:
            minutes = int(plan.project.value * person.hours_per_week / plan.full_time.value) // 30 * 30
            minutes = min(minutes, plan.project.value)
            if person.supervisor or person.contract == "volunteer" or minutes < plan.project_shortest.value:
                continue
            missing = _Missing()
            for week in range(self.roster.weeks):
                found = self._best(person.code, range(7 * week, 7 * week + 7), minutes, with_supervisor=False)
                self._count(missing, person.code, minutes, found, range(7 * week, 7 * week + 7))
            self._say(person.code, "project", missing)

    def _best(self, code: str, days: Sequence[int], minutes: int, *, with_supervisor: bool) -> bool:
        """Hold a session for one person at the least harmful time; return whether there was one."""
        diary = self.diaries[code]
        if not minutes or minutes > diary.left:
            return not minutes
        for n in sorted(days, key=lambda n: (diary.cost(n), days.index(n))):
            for _, start in self._slots([n], minutes):
                if not diary.fits(n, start, minutes):
                    continue
                if not with_supervisor:
                    self._hold("project", n, start, minutes, (code,))
                    return True
                if (other := self._supervisor(n, start, minutes)) is not None:
                    self._hold("supervision", n, start, minutes, (code, *other))
                    return True
        return False

    def _supervisor(self, n: int, start: int, minutes: int) -> tuple[str, ...] | None:
        """Return a supervisor who has the time; nobody where a roster has none, None where none has the time."""
        free = [s for s in self.supervisors if self.diaries[s].fits(n, start, minutes)]
        return (min(free, key=lambda s: (self.load[s], s)),) if free else None if self.supervisors else ()

    def _hold(self, kind: Kind, n: int, start: int, minutes: int, people: tuple[str, ...]) -> None:
        day = self.roster.start + timedelta(days=n)
        session = Session(kind, say("sessions", kind), day, start, minutes, people)
        self.placed.append(session)
        for code in people:
            self.diaries[code].give(session)
            if kind == "supervision" and code in self.load:
                self.load[code] += minutes

    def _slots(self, days: Sequence[int], minutes: int) -> Iterator[tuple[int, int]]:
        """Yield the days and times at which a session may begin in office hours."""
        for n in days:
            if n in self.open:
                opens, closes = self.open[n]
                yield from ((n, start) for start in range(opens, closes - minutes + 1, self.plan.step.value))

    def _cost(self, person: Advocate, n: int, start: int, minutes: int) -> int | None:
        diary = self.diaries[person.code]
        return diary.cost(n) if diary.fits(n, start, minutes) else None

    def _is_there(self, person: Advocate, days: Sequence[int]) -> bool:
        return any(self.diaries[person.code].there[n] for n in days if n in self.open)

    def _count(self, missing: _Missing, code: str, minutes: int, found: bool, days: Sequence[int] = ()) -> None:
        """Count a session that was asked for; a week that a person is away asks for none."""
        diary = self.diaries[code]
        if days and not any(diary.there[n] for n in days if n in self.open):
            return
        missing.asked += 1
        missing.lacking += not found
        missing.no_hours = missing.no_hours or (not found and minutes > diary.left)

    def _say(self, code: str, kind: str, missing: _Missing) -> None:
        if missing.lacking:
            why = "no_hours" if missing.no_hours else "no_time"
            what, hours = say("sessions", f"what_{kind}"), f"{self.diaries[code].person.hours_per_week:g}"
            self.sentences.append(
                say("sessions", why, code=code, what=what, asked=missing.asked, lacking=missing.lacking, hours=hours)
            )
