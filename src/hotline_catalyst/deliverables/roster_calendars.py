"""Calendars of the roster: one for the desk, and one for each person by code.

A person's calendar holds one event for each day of the roster, free days too, so that a duty which is taken away goes
when the file is imported again: importing changes and adds events, it removes none. It names no colleague, no place and
no number, and not the line itself: it lies on private telephones.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from ..planning.calendar import clock_of
from ..planning.rostering.codes import codes_of
from ..planning.rostering.records import Advocate, Session
from ..results import Results
from .plan_feed import Feed, uid
from .roster_book import people_by_shift, state_of, words

FOLDER = "calendars"


def write_desk(results: Results, path: Path) -> Path:
    """Write the desk's calendar: each shift of a day with its codes, sessions, and who is on call."""
    roster, codes = results.roster, codes_of(results.roster.shifts)
    state = state_of(results)
    feed = _feed(results, words("ics_desk", state=state, line=results.facts.name), words("ics_desk_say"))
    who, when = people_by_shift(roster), _Clock(results)
    for n, day in enumerate(roster.days):
        for index, shift in enumerate(roster.shifts):
            people, needed = who.get((day, shift.id), []), int(roster.needed[n, index])
            if people or needed:
                summary = f"{codes[shift.id]}: {', '.join(people) or words('nobody_yet')}"
                kind = "ics_supervisors" if shift.id in roster.supervisor_shifts else "ics_shift"
                says = words(kind, state=state, times=shift.text, count=len(people), needed=needed)
                ident = uid(results, "shift", day.isoformat(), shift.id)
                feed.add(ident, summary, says, *when.span(day, shift.start, shift.end))
        if day in roster.on_call:
            summary = words("ics_on_call", code=roster.on_call[day])
            feed.add(uid(results, "on call", day.isoformat()), summary, words("ics_state", state=state), day)
    for key, session in _numbered(roster.sessions):
        summary = f"{session.title}: {', '.join(session.people)}"
        ident = uid(results, "session", *key)
        feed.add(ident, summary, words("ics_state", state=state), *when.span(session.day, session.start, session.end))
    return feed.save(path)


def write_each(results: Results, folder: Path) -> list[Path]:
    """Write a calendar for each person; none where the roster plans posts that nobody holds yet."""
    if results.roster.anonymous:
        return []
    personal = _Personal(results)
    names = file_names(p.code for p in results.roster.people)
    return [personal.write(p, folder / FOLDER / f"{names[p.code]}.ics") for p in results.roster.people]


def file_names(codes: Iterable[str]) -> dict[str, str]:
    """Return a file name for each code, never the same for two: some disks know no capitals.

    >>> file_names(["A01", "Post 02", "a01"])
    {'A01': 'A01', 'Post 02': 'Post-02', 'a01': 'a01-2'}
    """
    names: dict[str, str] = {}
    for code in codes:
        plain = name = re.sub(r"[^A-Za-z0-9_-]+", "-", code).strip("-") or "person"
        number = 1
        while name.casefold() in {other.casefold() for other in names.values()}:
            number += 1
            name = f"{plain}-{number}"
        names[code] = name
    return names


def _feed(results: Results, title: str, says: str) -> Feed:
    roster = results.roster
    return Feed(
        results,
        title,
        says,
        revised=roster.published,
        zone=roster.zone,
        span=(roster.start - timedelta(days=1), roster.days[-1] + timedelta(days=2)),
        **{"class": "PRIVATE", "status": "CONFIRMED" if roster.published else "TENTATIVE"},
    )


class _Clock:
    """Clock times of the roster's days: in its time zone, or in none, as it stands on the desk's own clock."""

    def __init__(self, results: Results) -> None:
        self.zone = ZoneInfo(results.roster.zone) if results.roster.zone else None

    def at(self, day: date, minute: int) -> datetime:
        return datetime.combine(day + timedelta(days=minute // 1440), time(minute % 1440 // 60, minute % 60), self.zone)

    def span(self, day: date, start: int, end: int) -> tuple[datetime, datetime]:
        return self.at(day, start), self.at(day, end)


def _numbered(sessions: Iterable[Session]) -> Iterator[tuple[tuple[str, ...], Session]]:
    """Yield sessions with a name that outlives a move within the week: kind, title, week and number."""
    seen: dict[tuple[str, ...], int] = defaultdict(int)
    for s in sorted(sessions, key=lambda s: (s.day, s.start, s.kind, s.title, s.people)):
        year, week, _ = s.day.isocalendar()
        key = (s.kind, s.title, f"{year}-{week:02d}")
        seen[key] += 1
        yield (*key, str(seen[key])), s


class _Personal:
    """What each person does, sorted once, and written person by person."""

    def __init__(self, results: Results) -> None:
        self.results, self.roster = results, results.roster
        self.days, self.when, self.state = self.roster.days, _Clock(results), state_of(results)
        self.codes = codes_of(self.roster.shifts)
        shifts = {s.id: s for s in self.roster.shifts}
        self.duty = {(a.person, a.day): shifts[a.shift] for a in self.roster.assignments}
        self.breaks: dict[tuple[str, date], list[str]] = defaultdict(list)
        for b in sorted(self.roster.breaks, key=lambda b: (b.day, b.start)):
            says = words("ics_break", time=clock_of(b.start), minutes=b.minutes)
            self.breaks[b.person, b.day].append(says)
        self.sessions: dict[str, list[Session]] = defaultdict(list)
        for s in self.roster.sessions:
            for person in s.people:
                self.sessions[person].append(s)

    def write(self, person: Advocate, path: Path) -> Path:
        """Write one person's calendar."""
        code, title = person.code, words("ics_own", code=person.code, state=self.state)
        feed = _feed(self.results, title, words("ics_own_say"))
        for day in self.days:
            self._day(feed, person, day)
        for key, s in _numbered(self.sessions[code]):
            ident = uid(self.results, "person", code, "session", *key)
            says = words("ics_state", state=self.state)
            feed.add(ident, s.title, says, *self.when.span(s.day, s.start, s.end))
        return feed.save(path)

    def _day(self, feed: Feed, person: Advocate, day: date) -> None:
        """Add what a person does on a day: a shift, on call, leave, or nothing."""
        code, shift = person.code, self.duty.get((person.code, day))
        called = self.roster.on_call.get(day) == code
        ident = uid(self.results, "person", code, day.isoformat())
        says = [words("ics_state", state=self.state), *self.breaks[code, day]]
        if shift is not None:
            summary = f"{self.codes[shift.id]} {shift.text}"
            if called:
                says.append(words("ics_called_too"))
            feed.add(ident, summary, "\n".join(says), *self.when.span(day, shift.start, shift.end))
        else:
            name = "ics_called" if called else "ics_leave" if day in person.leave else "ics_free"
            feed.add(ident, words(name), says[0], day)
