"""Finds the grid in a workbook whose rows were sorted, columns inserted and headings retyped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ...assessment.responses import clean_text
from ...assessment.workbook_cells import Place, Sheet, Value, address
from ...library import did_you_mean
from .codes import SHEET, codes_of
from .dates import day_said
from .grid_cells import SECTION, Letters, day_of, folded, shown
from .records import Roster
from .words import say

SHIFTS = "Shifts"  # the sheet that says when each shift is
CALLS = "On call"
LEAST_DAYS = 2  # dates in a row that make it the row of days
TIMES = re.compile(r"\d\d:\d\d\s*[–-]\s*\d\d:\d\d")


@dataclass(frozen=True)
class Grid:
    """Where the grid stands: the row of each person, and the column of each day."""

    sheet: Sheet
    head: int
    rows: Mapping[str, int]
    columns: Mapping[date, int]

    @property
    def name(self) -> str:
        """The sheet's title, short and clean."""
        return _title(self.sheet)

    def place(self, person: str, day: date) -> Place | None:
        """Return row and column of a cell; None where the row or the column is gone."""
        return (self.rows[person], self.columns[day]) if person in self.rows and day in self.columns else None

    def at(self, place: Place) -> str:
        """Say where a cell stands."""
        return f"{self.name}, {address(*place)}"

    def in_merged(self, place: Place) -> bool:
        """Return whether a cell is part of merged cells, which say nothing for a single day."""
        return any(a <= place[0] <= c and b <= place[1] <= d for (a, b), (c, d) in self.sheet.merged)


def find_grid(sheets: list[Sheet], roster: Roster, letters: Letters) -> tuple[Grid | None, list[str]]:
    """Return the grid, and what is wrong with its headings and codes.

    It stands on the sheet of its name, or, renamed, on the one with the most days and codes.
    """
    named = [sheet for sheet in sheets if folded(sheet.title).startswith(folded(SHEET))]
    found = [(sheet, head) for sheet in named or sheets if (head := _row_of_days(sheet, roster))]
    tables = [(sheet, head, at) for sheet, head in found if (at := _column_of_codes(sheet, head, roster))]
    if not tables:
        return None, [_nothing(found, roster)]
    tables.sort(key=lambda table: folded(table[0].title) != folded(SHEET))
    sheet, head, code_column = tables[0]
    problems = [
        say(SECTION, "two_grids", sheet=repr(_title(other)), first=repr(_title(sheet)))
        for other, _, _ in (tables[1:] if named else [])
    ]
    finder = _Finder(sheet, head, code_column, roster, letters, problems)
    return finder.grid(), problems


def _nothing(found: list[tuple[Sheet, int]], roster: Roster) -> str:
    if not found:
        return say(SECTION, "no_grid", first=day_said(roster.days[0]), last=day_said(roster.days[-1]))
    sheet, head = found[0]
    return say(SECTION, "no_people", at=f"{_title(sheet)}, {address(head, 1)}")


def _row_of_days(sheet: Sheet, roster: Roster) -> int:
    """Return the row with the most days of the roster; 0 where there is none."""
    days, counts = set(roster.days), dict[int, set[date]]()
    for (row, _), value in sorted(sheet.cells.items()):
        if (day := day_of(value, roster.days)) in days and day is not None:
            counts.setdefault(row, set()).add(day)
    best = max(counts, key=lambda row: (len(counts[row]), -row), default=0)
    return best if best and len(counts[best]) >= min(LEAST_DAYS, len(days)) else 0


def _column_of_codes(sheet: Sheet, head: int, roster: Roster) -> int:
    """Return the column below the days that holds the most codes of people; 0 where there is none."""
    codes, counts = {folded(p.code) for p in roster.people}, dict[int, set[str]]()
    for (row, column), value in sorted(sheet.cells.items()):
        if row > head and (text := folded(_plain(value))) in codes:
            counts.setdefault(column, set()).add(text)
    return max(counts, key=lambda column: (len(counts[column]), -column), default=0)


class _Finder:
    """Names the rows and columns of one grid."""

    def __init__(
        self, sheet: Sheet, head: int, code_column: int, roster: Roster, letters: Letters, problems: list[str]
    ) -> None:
        self.sheet, self.head, self.code_column = sheet, head, code_column
        self.roster, self.letters, self.problems = roster, letters, problems
        self.last_row = max(row for row, _ in sheet.cells)

    def grid(self) -> Grid:
        """Return the grid."""
        columns = self._columns()
        rows = self._rows(columns)
        self._outside(columns, rows)
        self._merged(columns, rows)
        return Grid(self.sheet, self.head, rows, columns)

    def _at(self, row: int, column: int) -> str:
        return f"{_title(self.sheet)}, {address(row, column)}"

    def _columns(self) -> dict[date, int]:
        found: dict[date, int] = {}
        days = set(self.roster.days)
        for (row, column), value in sorted(self.sheet.cells.items()):
            day = day_of(value, self.roster.days) if row == self.head else None
            if day not in days or day is None:
                continue
            if day in found:
                told: dict[str, Any] = {"day": day_said(day), "first": address(self.head, found[day])}
                self.problems.append(say(SECTION, "day_twice", at=self._at(row, column), **told))
            else:
                found[day] = column
        for day in self.roster.days:
            if day not in found:
                self.problems.append(say(SECTION, "day_missing", sheet=repr(_title(self.sheet)), day=day_said(day)))
        return found

    def _rows(self, columns: Mapping[date, int]) -> dict[str, int]:
        exact = {p.code: p.code for p in self.roster.people}
        loose = {folded(p.code): p.code for p in self.roster.people}
        found: dict[str, int] = {}
        for row in range(self.head + 1, self.last_row + 1):
            text = _plain(self.sheet.cells.get((row, self.code_column)))
            code = exact.get(text) or loose.get(folded(text))
            if code is None:
                self._stranger(row, text, columns)
            elif code in found:
                told: dict[str, Any] = {"who": code, "first": address(found[code], self.code_column)}
                self.problems.append(say(SECTION, "person_twice", at=self._at(row, self.code_column), **told))
            else:
                found[code] = row
        for code in exact:
            if code not in found:
                self.problems.append(say(SECTION, "person_missing", sheet=repr(_title(self.sheet)), who=code))
        return found

    def _stranger(self, row: int, text: str, columns: Mapping[date, int]) -> None:
        """Name a row of nobody that holds shifts; totals and notes below the grid hold none."""
        entries = [
            (day, column, value)
            for day, column in columns.items()
            if (value := self.sheet.cells.get((row, column))) is not None and self.letters.read(value).says
        ]
        if not entries:
            return
        if text:
            shifts = ", ".join(f"{day_said(day)} {_plain(value)}" for day, _, value in entries)
            told: dict[str, Any] = {
                "given": shown(text),
                "hint": did_you_mean(text, [p.code for p in self.roster.people]),
            }
            at = self._at(row, self.code_column)
            self.problems.append(say(SECTION, "person_unknown", at=at, shifts=shifts, **told))
            return
        for _, column, value in entries:
            self.problems.append(say(SECTION, "no_code", at=self._at(row, column), given=shown(value)))

    def _outside(self, columns: Mapping[date, int], rows: Mapping[str, int]) -> None:
        """Name columns beside the days that hold shifts but no day of this roster."""
        first, known = min(columns.values()), {*columns.values(), self.code_column}
        mine = set(rows.values())
        filled = {
            column
            for (row, column), value in self.sheet.cells.items()
            if row in mine and column > first and column not in known and self.letters.read(value).says
        }
        for column in sorted(filled):
            heading = self.sheet.cells.get((self.head, column), "")
            if day_of(heading, self.roster.days) in columns:
                continue
            formula = isinstance(heading, str) and heading.startswith("=")
            words = "formula_day" if formula else "day_outside"
            self.problems.append(say(SECTION, words, at=self._at(self.head, column), given=shown(heading)))

    def _merged(self, columns: Mapping[date, int], rows: Mapping[str, int]) -> None:
        for (top, left), (bottom, right) in self.sheet.merged:
            hit = any(top <= row <= bottom for row in (*rows.values(), self.head))
            if hit and any(left <= column <= right for column in columns.values()):
                at = f"{self._at(top, left)}:{address(bottom, right)}"
                self.problems.append(say(SECTION, "merged", at=at))


def other_times(sheets: list[Sheet], roster: Roster) -> list[str]:
    """Name shifts whose times in the workbook's own list are not the roster's: it was made from another one."""
    texts, codes = {s.id: s.text for s in roster.shifts}, codes_of(roster.shifts)
    times = {folded(code): (code, texts[ident]) for ident, code in codes.items()}
    found = []
    for sheet in (s for s in sheets if folded(s.title) == folded(SHIFTS)):
        for (row, column), value in sorted(sheet.cells.items()):
            code, text = times.get(folded(_plain(value)), ("", ""))
            given = _plain(sheet.cells.get((row, column + 1)))
            if code and TIMES.fullmatch(given) and given.replace("-", "–").replace(" ", "") != text:
                at = f"{_title(sheet)}, {address(row, column + 1)}"
                told: dict[str, Any] = {"shift": code, "given": given, "times": text}
                found.append(say(SECTION, "other_times", at=at, **told))
    return found


def calls_elsewhere(sheets: list[Sheet], roster: Roster, on_call: Mapping[date, str]) -> list[str]:
    """Name calls changed on their own sheet, which is not read back: the grid has the word."""
    codes, found = {folded(p.code): p.code for p in roster.people}, []
    for sheet in (s for s in sheets if folded(s.title) == folded(CALLS)):
        days = {row: day_of(value, roster.days) for (row, column), value in sheet.cells.items() if column == 1}
        for (row, column), value in sorted(sheet.cells.items()):
            code, day = codes.get(folded(_plain(value))), days.get(row)
            if code and day and code not in (roster.on_call.get(day), on_call.get(day)):
                at = f"{_title(sheet)}, {address(row, column)}"
                told: dict[str, Any] = {"who": code, "day": day_said(day), "sheet": repr(SHEET)}
                found.append(say(SECTION, "call_elsewhere", at=at, **told))
    return found


def _title(sheet: Sheet) -> str:
    return clean_text(sheet.title)[:31]


def _plain(value: Value | None) -> str:
    if value is None or isinstance(value, datetime):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return clean_text(str(value)).strip()
