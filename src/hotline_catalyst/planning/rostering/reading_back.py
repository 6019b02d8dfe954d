"""Reads roster.xlsx back: who works when by the grid, as people edited it in any spreadsheet program.

The grid is found by its days and by codes of people, not by fixed places. Only what differs from the roster counts as a
change; what cannot be understood is named with its sheet and cell and left as it was. No rule is judged here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from ...assessment.responses import clean_text
from ...assessment.workbook_cells import DamagedWorkbookError, Place, Sheet, address, read_sheets
from ...assessment.workbook_safety import Limits, checked_parts
from ...errors import AnswerError
from .codes import ON_CALL, codes_of, entries_of
from .dates import day_said
from .grid_cells import Entry, Letters
from .grid_places import Grid, calls_elsewhere, find_grid, other_times
from .records import Assignment, Roster
from .words import say

# A roster of 100 people over 12 weeks has 88 000 tags of 0.8 MB; LibreOffice 100 000 of 1.4 MB.
ROSTER = Limits("a roster", 300_000, 4_000_000)
SECTION = "reading_back"


@dataclass(frozen=True)
class Edited:
    """A roster as its workbook says.

    ``roster`` holds the shifts and calls of the grid; cells that could not be read are as they were. Hours that nobody
    covers are counted anew. Breaks of changed days are dropped and violations left empty: place breaks anew, then
    check. Where nothing changed it is the roster that was given.
    ``changes`` are sentences; ``problems`` name each cell that could not be understood.
    """

    roster: Roster
    changes: tuple[str, ...]
    problems: tuple[str, ...]


def read_roster(path: Path, roster: Roster) -> Edited:
    """Read a returned roster.xlsx against the roster it was made from.

    Raises
    ------
    AnswerError
        When the file is not safe to open or is damaged; what is wrong in its cells is in ``Edited.problems``.
    """
    parts = checked_parts(path, ROSTER)
    try:
        sheets = read_sheets(parts)
    except DamagedWorkbookError as error:
        raise AnswerError(path.name, [say(SECTION, "damaged", what=clean_text(str(error)))]) from error
    return read_grid(sheets, roster)


def read_grid(sheets: list[Sheet], roster: Roster) -> Edited:
    """Read the sheets of a returned roster.xlsx against the roster it was made from."""
    letters = Letters(roster)
    if older := other_times(sheets, roster):
        return Edited(roster, (), tuple(older))
    grid, problems = find_grid(sheets, roster, letters)
    if grid is None:
        return Edited(roster, (), tuple(problems))
    found = _Reading(roster, grid, letters, problems).read()
    elsewhere = calls_elsewhere(sheets, roster, found.roster.on_call)
    return replace(found, problems=(*found.problems, *elsewhere))


class _Reading:
    """One grid being read."""

    def __init__(self, roster: Roster, grid: Grid, letters: Letters, problems: list[str]) -> None:
        self.roster, self.grid, self.letters, self.problems = roster, grid, letters, problems
        self.codes = codes_of(roster.shifts)
        self.was = entries_of(roster)
        self.changes: list[str] = []
        self.changed: dict[tuple[str, date], Entry] = {}
        self.callers: dict[date, list[tuple[str, str]]] = {day: [] for day in roster.days}

    def read(self) -> Edited:
        """Read every cell."""
        for person in self.roster.people:
            for day in self.roster.days:
                self._cell(person.code, day)
        on_call = {day: code for day in self.roster.days if (code := self._call(day))}
        for (code, day), entry in self.changed.items():
            self._say(code, day, entry)
        return Edited(self._edited(on_call), tuple(self.changes), tuple(self.problems))

    def _cell(self, person: str, day: date) -> None:
        """Take one cell: note who is on call, and the shift or leave where it differs from the roster."""
        before = self.was.get((person, day), "")
        place = self.grid.place(person, day)
        if place is None:
            entry, problem = self.letters.read(before), ""
        else:
            entry, problem = self._read(person, day, place, before)
        if problem:
            self.problems.append(problem)
        if entry.on_call:
            at = address(*place) if place else ""
            self.callers[day].append((person, at))
        if entry != self.letters.read(before):
            self.changed[person, day] = entry

    def _read(self, person: str, day: date, place: Place, before: str) -> tuple[Entry, str]:
        """Return a cell's entry; with a problem, what stood there before."""
        same = self.letters.read(before)
        if self.grid.in_merged(place):
            return same, ""
        value = self.grid.sheet.cells.get(place)
        if clean_text(str(value if value is not None else "")).strip() == before:
            return same, ""
        entry = self.letters.read(value)
        held = {s.kind for s in self.roster.sessions if s.day == day and person in s.people}
        wrong, told = self.letters.problem(value, entry, held)
        return (same, say(SECTION, wrong, at=self.grid.at(place), **told)) if wrong else (entry, "")

    def _call(self, day: date) -> str | None:
        """Return who is on call by the grid; who held the call behind a shift of their own still does."""
        before = self.roster.on_call.get(day)
        callers = self.callers[day]
        hidden = before is not None and self.was.get((before, day)) != ON_CALL
        if len(callers) > 1:
            people, at = " and ".join(p for p, _ in callers), ", ".join(a for _, a in callers)
            at = f"{self.grid.name}, {at}"
            self.problems.append(say(SECTION, "two_calls", day=day_said(day), people=people, at=at))
            return before
        now = callers[0][0] if callers else before if hidden else None
        if now != before:
            nobody = say(SECTION, "nobody")
            self.changes.append(say(SECTION, "call", day=day_said(day), now=now or nobody, before=before or nobody))
        return now

    def _say(self, person: str, day: date, entry: Entry) -> None:
        """Say what changed for one person on one day; calls are said by day."""
        before = self._before((person, day))
        told: dict[str, Any] = {"who": person, "day": day_said(day), "before": self.letters.title(before)}
        if entry.leave and not before.leave:
            self.changes.append(say(SECTION, "leave_added", **told))
        elif before.leave and not entry.shift and not entry.leave:
            self.changes.append(say(SECTION, "leave_stays", **told))
        elif entry.shift != before.shift:
            self.changes.append(say(SECTION, "change", now=self.letters.title(entry), **told))
        elif before.sessions and entry == Entry():
            self.changes.append(say(SECTION, "session_stays", **told))

    def _edited(self, on_call: Mapping[date, str]) -> Roster:
        touched = {key for key, entry in self.changed.items() if entry.shift != self._before(key).shift}
        kept = [a for a in self.roster.assignments if (a.person, a.day) not in touched]
        new = [Assignment(day, self.changed[p, day].shift, p) for p, day in touched if self.changed[p, day].shift]
        leave: dict[str, set[date]] = {}
        for (person, day), entry in self.changed.items():
            if entry.leave and not self._before((person, day)).leave:
                leave.setdefault(person, set()).add(day)
        if not touched and not leave and on_call == dict(self.roster.on_call):
            return self.roster
        people = tuple(replace(p, leave=p.leave | leave[p.code]) if p.code in leave else p for p in self.roster.people)
        assignments = tuple(sorted([*kept, *new], key=lambda a: (a.day, a.shift, a.person)))
        breaks = tuple(b for b in self.roster.breaks if (b.person, b.day) not in touched)
        changed = self.roster.changed(assignments, breaks)
        return replace(changed, people=people, on_call=on_call, violations=())

    def _before(self, key: tuple[str, date]) -> Entry:
        return self.letters.read(self.was.get(key, ""))
