"""Reads roadmap.xlsx back: what people changed on the sheets Plan and Left out, found by headings and ids.

Changes count against the dates the workbook was made with, which it carries on a hidden sheet. Nothing is checked
against links, people or money here, and nothing is guessed: what cannot be understood is a problem with its cell.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from ..assessment.responses import clean_text
from ..assessment.workbook_cells import DamagedWorkbookError, Sheet, address, read_sheets
from ..assessment.workbook_safety import ROADMAP, checked_parts
from ..errors import AnswerError
from ..library import did_you_mean
from ..planning.roadmap import Roadmap, Scheduled
from .roadmap_plan_sheet import (
    AS_PLANNED,
    ASKED,
    BEGUN,
    END,
    ENDED,
    ID,
    LEAVE,
    LENGTH,
    MARK,
    START,
    WAY,
    YES,
    fingerprint,
)

FIRST_YEAR, LAST_YEAR = 2000, 2100
LONGEST = 40  # letters of a wrong entry that a problem repeats
YES_WORDS, NO_WORDS = {YES, "y", "x", "✓", "true"}, {"", "no", "n", "false"}
LOCKED = (LENGTH, "Cost, low", "Cost, likely", "Cost, high")
ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?")
# Texts that leave no doubt about which number is the month.
WORDED = re.compile(r"(\d{1,2})\.? ([a-z]{3})[a-z]*\.? (\d{4})")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True)
class Edited:
    """What a returned roadmap.xlsx asks for.

    ``starts``: first days that people want, by activity; one that the plan left out is wanted in it from that day.
    ``ways``: ids of the ways chosen. ``left_out``: activities to leave out. ``started`` and ``ended``: what really
    happened. ``problems`` name each cell that cannot be understood, ``questions`` what somebody should be asked about:
    rows that are gone, cells changed that are not read back, and a workbook made from another plan.
    """

    starts: Mapping[str, date] = field(default_factory=dict)
    ways: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    started: Mapping[str, date] = field(default_factory=dict)
    ended: Mapping[str, date] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()

    @property
    def changes(self) -> int:
        """How many cells ask for something."""
        return sum(len(x) for x in (self.starts, self.ways, self.left_out, self.started, self.ended))


@dataclass(frozen=True)
class _Was:
    """What an activity was when the workbook was made."""

    start: date
    way: str
    started: date | None
    ended: date | None


@dataclass(frozen=True)
class _Row:
    """One activity's row: its sheet and number, and the column and value of each heading."""

    sheet: str
    row: int
    columns: Mapping[str, int]
    values: Mapping[str, Any]

    def at(self, heading: str) -> str:
        """Say where a value stands, as its reader finds it."""
        return f"{clean_text(self.sheet)[:31]}, {address(self.row, self.columns[heading])}"


class _Reading:
    """One workbook being read."""

    def __init__(self, plan: Roadmap, sheets: list[Sheet]) -> None:
        self.plan, self.sheets = plan, sheets
        self.activities = {a.task.id: a for a in plan.activities}
        self.left = {x.id: x for x in plan.left_out}
        self.problems: list[str] = []
        self.questions: list[str] = []
        self.starts: dict[str, date] = {}
        self.ways: dict[str, str] = {}
        self.left_out: list[str] = []
        self.started: dict[str, date] = {}
        self.ended: dict[str, date] = {}

    def read(self) -> Edited:
        """Read everything."""
        was = self._was()
        rows = self._rows(ASKED)
        if not rows and not self.problems:
            self.problems.append(self._no_plan())
        for ident, row in rows.items():
            if ident in self.activities:
                self._activity(ident, row, was[ident])
            else:
                self.problems.append(f"{row.at(ID)}: {_unknown(ident, {*self.activities, *self.left})}")
        for ident in self.activities if rows else ():
            if ident not in rows:
                title = self.activities[ident].task.title
                says = f"{ident} {title}: its row is gone; write yes under {LEAVE} if it is to be left out"
                self.questions.append(says)
        self._wanted_in()
        return Edited(
            self.starts,
            self.ways,
            tuple(self.left_out),
            self.started,
            self.ended,
            tuple(self.problems),
            tuple(self.questions),
        )

    def _no_plan(self) -> str:
        """Say which headings are missing on the sheet that comes nearest to the plan."""
        heads = (ID, *ASKED)
        rows: dict[tuple[str, int], set[str]] = {}
        for sheet in self.sheets:
            for (row, _), value in sheet.cells.items():
                rows.setdefault((sheet.title, row), set()).add(_folded(str(value)))
        nearest = max(rows, key=lambda at: sum(_folded(h) in rows[at] for h in heads), default=None)
        lacking = [h for h in heads if nearest is None or _folded(h) not in rows[nearest]]
        if nearest is None or len(lacking) == len(heads):
            return f"no sheet has the plan's headings ({', '.join(heads)}) in one row; is this a roadmap.xlsx?"
        at = f"sheet {clean_text(nearest[0])[:31]!r}, row {nearest[1]}"
        return f"{at}: the plan's headings {', '.join(lacking)} are missing; write them as they were"

    def _was(self) -> dict[str, _Was]:
        """Return what the workbook was made with; from the plan at hand where it does not say so any more."""
        was = {
            i: _Was(a.start, a.way.id, a.start if a.state != "planned" else None, a.end if a.state == "done" else None)
            for i, a in self.activities.items()
        }
        marks = [str(v) for s in self.sheets for v in s.cells.values() if isinstance(v, str) and v.startswith(MARK)]
        if set(marks) == {f"{MARK}{fingerprint(self.plan)}"}:
            return was
        if not marks:
            says = "the workbook does not say which plan it was made from; it is held against the plan of today"
            self.questions.append(says)
            return was
        self.questions.append(
            "the workbook was made from another plan than today's; only what differs from the dates it was made with "
            "counts as a change"
        )
        for ident, row in self._rows(AS_PLANNED, AS_PLANNED[0], quietly=True).items():
            days = [_date(row.values.get(h)) for h in ("#start", "#started", "#ended")]
            if ident in was and isinstance(days[0], date):
                started, ended = (d if isinstance(d, date) else None for d in days[1:])
                was[ident] = _Was(days[0], str(row.values.get("#way", "")), started, ended)
        return was

    def _rows(self, headings: Collection[str], key: str = ID, *, quietly: bool = False) -> dict[str, _Row]:
        """Return the rows of the one table that has these headings, by id."""
        rows: dict[str, _Row] = {}
        tables = [(s, *found) for s in self.sheets if (found := _headed(s, {key, *headings}))]
        for sheet, _, _ in tables[1:] if not quietly else ():
            self.problems.append(f"sheet {clean_text(sheet.title)[:31]!r} holds the same table again; keep one of them")
        for sheet, head, columns in tables[:1]:
            for row in _body(sheet, head, columns):
                ident = _text(row.values.get(key)).upper() if key == ID else _text(row.values.get(key))
                if not ident:
                    if not quietly:
                        self._nameless(row, headings)
                elif ident in rows:
                    first = rows[ident].at(key)
                    self.problems.append(
                        f"{row.at(key)}: {_shown(ident)} stands here again, first in {first}; keep one"
                    )
                else:
                    rows[ident] = row
        return rows

    def _nameless(self, row: _Row, headings: Collection[str]) -> None:
        for heading in headings:
            if _filled(row, heading):
                given = _shown(row.values[heading])
                self.problems.append(f"{row.at(heading)}: {given} stands beside no {ID}; say which activity it means")

    def _activity(self, ident: str, row: _Row, was: _Was) -> None:
        a = self.activities[ident]
        started, ended = self._day(row, BEGUN), self._day(row, ENDED)
        if started and started != was.started:
            self.started[ident] = started
        if ended and ended != was.ended:
            self.ended[ident] = ended
        begun, over = started or was.started, ended or was.ended
        if over and not begun:
            self.problems.append(f"{row.at(ENDED)}: {ident} has ended and never started; fill in {BEGUN} too")
        elif over and begun and over < begun:
            self.problems.append(f"{row.at(ENDED)}: {ident} ended on {over} before it started on {begun}")
        for heading, before, now in ((BEGUN, was.started, started), (ENDED, was.ended, ended)):
            if before and now is None and not _filled(row, heading):
                self.questions.append(f"{row.at(heading)}: {before} was taken away; did {ident} not happen then?")
        self._wishes(ident, row, was)
        self._leave(ident, row, bool(begun))
        self._locked(row, a)

    def _wishes(self, ident: str, row: _Row, was: _Was) -> None:
        start, way = self._day(row, START), self._way(ident, row)
        if not _filled(row, START):
            self.problems.append(f"{row.at(START)}: {ident} has no start; write a date, or yes under {LEAVE}")
        begun = self.activities[ident].state != "planned"
        for heading, changed in ((START, start and start != was.start), (WAY, way and way != was.way)):
            if changed and begun:
                self.problems.append(
                    f"{row.at(heading)}: {ident} has begun, so this cannot be changed; correct {BEGUN} if that is wrong"
                )
        if start and start != was.start and not begun:
            self.starts[ident] = start
        if way and way != was.way and not begun:
            self.ways[ident] = way

    def _way(self, ident: str, row: _Row) -> str | None:
        text = _text(row.values.get(WAY))
        ways = self.activities[ident].task.ways
        for way in ways:
            if _folded(text) in (_folded(way.title), _folded(way.id)):
                return way.id
        allowed = " or ".join(repr(way.title) for way in ways)
        given = _shown(row.values.get(WAY))
        self.problems.append(f"{row.at(WAY)}: {given} is no way of doing {ident}; choose {allowed}")
        return None

    def _leave(self, ident: str, row: _Row, begun: bool) -> None:
        word = _folded(_text(row.values.get(LEAVE)))
        if word in YES_WORDS and begun:
            self.problems.append(f"{row.at(LEAVE)}: {ident} has started; what has started cannot be left out")
        elif word in YES_WORDS:
            self.left_out.append(ident)
        elif word not in NO_WORDS:
            self.problems.append(f"{row.at(LEAVE)}: {_shown(row.values[LEAVE])} is neither yes nor empty")

    def _day(self, row: _Row, heading: str) -> date | None:
        """Return a cell's date; None when it is empty or, with a problem, when it is none."""
        found = _date(row.values.get(heading))
        if isinstance(found, str):
            self.problems.append(f"{row.at(heading)}: {found}")
            return None
        return found

    def _locked(self, row: _Row, a: Scheduled) -> None:
        """Ask about what was changed in cells that are not read back."""
        cost = a.way.cost
        for heading, value in zip(LOCKED, (a.duration_days, cost.low, cost.likely, cost.high), strict=True):
            now = row.values.get(heading)
            if isinstance(now, int | float) and abs(now - value) > 0.005:
                self.questions.append(
                    f"{row.at(heading)}: {_shown(now)} in place of {value:g}; this column is not read back: "
                    "days and cost are changed in the activity library, or by another way"
                )
        end = row.values.get(END)
        if isinstance(end, datetime) and end.date() != a.end and _date(row.values.get(START)) == a.start:
            self.questions.append(
                f"{row.at(END)}: {end.date()} was typed over the end, which follows from {START} and {WAY}; "
                f"write {ENDED} if it has ended, or change {START}"
            )

    def _wanted_in(self) -> None:
        """Read the starts written beside activities that the plan left out."""
        why = "Why it is left out"
        for ident, row in self._rows((START, why), quietly=True).items():
            day = self._day(row, START)
            if day is None:
                continue
            if ident in self.left:
                self.starts[ident] = day
            elif ident not in self.activities:
                self.problems.append(f"{row.at(ID)}: {_unknown(ident, {*self.activities, *self.left})}")


def read_roadmap(path: Path, roadmap: Roadmap) -> Edited:
    """Read a returned roadmap.xlsx against the plan at hand.

    Raises
    ------
    AnswerError
        When the file is not safe to open or is damaged; what is wrong in its cells is in ``Edited.problems``.
    """
    parts = checked_parts(path, ROADMAP)
    try:
        sheets = read_sheets(parts)
    except DamagedWorkbookError as error:
        text = f"it is damaged inside ({clean_text(str(error))}); ask for it again as .xlsx"
        raise AnswerError(path.name, [text]) from error
    return read_edits(sheets, roadmap)


def read_edits(sheets: list[Sheet], roadmap: Roadmap) -> Edited:
    """Read the sheets of a returned roadmap.xlsx against the plan at hand."""
    return _Reading(roadmap, sheets).read()


def _headed(sheet: Sheet, headings: set[str]) -> tuple[int, dict[str, int]] | None:
    """Return the first row that holds all headings, and the column of every heading in it."""
    wanted = {_folded(h) for h in headings}
    rows: dict[int, dict[str, int]] = {}
    for (row, column), value in sorted(sheet.cells.items()):
        if isinstance(value, str):
            rows.setdefault(row, {}).setdefault(_folded(value), column)
    return next(((row, found) for row, found in rows.items() if wanted <= set(found)), None)


def _body(sheet: Sheet, head: int, columns: Mapping[str, int]) -> Iterator[_Row]:
    """Yield the rows below a table's headings that hold something under them."""
    named = {h: columns[_folded(h)] for h in (ID, END, *ASKED, *LOCKED, *AS_PLANNED) if _folded(h) in columns}
    by_column = {column: heading for heading, column in named.items()}
    rows: dict[int, dict[str, Any]] = {}
    for (row, column), value in sheet.cells.items():
        if row > head and column in by_column:
            rows.setdefault(row, {})[by_column[column]] = value
    for row in sorted(rows):
        yield _Row(sheet.title, row, named, rows[row])


def _date(value: Any) -> date | str | None:
    """Return a cell's date, None when it is empty, and a sentence when it cannot be one.

    >>> _date("2027-2-3"), _date(46391), _date("3 March 2027")
    (datetime.date(2027, 2, 3), datetime.date(2027, 1, 4), datetime.date(2027, 3, 3))
    >>> _date("03/04/2027")
    "'03/04/2027' is not a date that leaves no doubt; write it as 2027-02-28"
    """
    if _text(value) == "":
        return None
    if isinstance(value, datetime):
        return _sensible(value.date(), value)
    if isinstance(value, int | float) and not isinstance(value, bool) and 1 <= value < 100_000:
        return _sensible((datetime(1899, 12, 30) + timedelta(days=int(value))).date(), value)
    text = _folded(_text(value))
    if text.startswith("="):
        return f"{_shown(value)} is a formula, which is not worked out here; write the date itself"
    try:
        if match := ISO.fullmatch(text):
            return _sensible(date(*(int(part) for part in match.groups())), value)
        if (match := WORDED.fullmatch(text)) and match[2] in MONTHS:
            return _sensible(date(int(match[3]), MONTHS.index(match[2]) + 1, int(match[1])), value)
    except ValueError:
        return f"{_shown(value)} is not a date; write it as 2027-02-28"
    doubt = " that leaves no doubt" if re.fullmatch(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}", text) else ""
    return f"{_shown(value)} is not a date{doubt}; write it as 2027-02-28"


def _sensible(day: date, value: Any) -> date | str:
    if FIRST_YEAR <= day.year <= LAST_YEAR:
        return day
    return f"{_shown(value)} is the year {day.year}; write a date between {FIRST_YEAR} and {LAST_YEAR}"


def _unknown(ident: str, known: Collection[str]) -> str:
    return f"{_shown(ident)} is no activity of this plan{did_you_mean(ident, sorted(known))}"


def _filled(row: _Row, heading: str) -> bool:
    return _text(row.values.get(heading)) != ""


def _text(value: Any) -> str:
    return "" if value is None else clean_text(str(value)).strip()


def _shown(value: Any) -> str:
    text = value.date().isoformat() if isinstance(value, datetime) else _text(value)
    return repr(text if len(text) <= LONGEST else text[:LONGEST] + "…")


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
