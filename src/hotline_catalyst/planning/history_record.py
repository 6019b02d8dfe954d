"""What is kept of a line's own counts: contacts by hour, channel and language, and what was found while reading them.

A stored history holds nothing else: no time stamp, no text, no number that leads to a person.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..archive import write_text
from ..errors import ContentError
from ..library import Content, read
from .history_words import load_words

Floats = NDArray[np.float64]
FILE, NOTES = "history.csv", "history_notes.yaml"
HEADS = ("hour", "channel", "language", "count")
CHANNELS = ("", "phone", "text", "chat", "email", "other")
MOST_YEARS, MOST_COUNT, MOST_PROBLEMS = 30, 100_000, 50
_HOUR = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T([01]\d|2[0-3]):00)?")


class Row(NamedTuple):
    """Contacts of one hour in one channel and language; of a whole day where the file has no times (hour 0)."""

    day: date
    hour: int
    channel: str
    language: str
    contacts: int


@dataclass(frozen=True, slots=True)
class Note:
    """A finding of the data-quality report: its id in history_words.yaml and what stands in the sentence."""

    id: str
    values: Mapping[str, str | int | float] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The sentence."""
        notes = load_words().notes
        alone = f"{self.id}_one" if str(self.values.get("count")) == "1" else self.id
        return notes.get(alone, notes[self.id]).format(**self.values)


@dataclass(frozen=True)
class History:
    """Contacts by hour.

    Parameters
    ----------
    first, last
        The first and the last day the file speaks of.
    rows
        In order; hours without any contact are left out.
    timed
        Whether hours are known; else each row is a day.
    timezone
        Where the line's clock stands (IANA name), None when it was not given.
    notes
        What was found while reading the file; what the counts themselves show is found later.
    """

    first: date
    last: date
    rows: tuple[Row, ...]
    timed: bool = True
    timezone: str | None = field(default=None, compare=False)
    notes: tuple[Note, ...] = field(default=(), compare=False)

    @property
    def days(self) -> int:
        """Days from the first to the last, both included."""
        return (self.last - self.first).days + 1

    @property
    def contacts(self) -> int:
        """How many contacts it holds."""
        return sum(row.contacts for row in self.rows)

    @cached_property
    def by_hour(self) -> Floats:
        """Contacts by day and hour: shape (days, 24); without times all stand in hour 0."""
        found = np.zeros((self.days, 24))
        for row in self.rows:
            found[(row.day - self.first).days, row.hour] += row.contacts
        return found

    def shares(self, kind: str) -> dict[str, float]:
        """Return the share of each channel or language among the contacts where it is known."""
        counts: Counter[str] = Counter()
        for row in self.rows:
            counts[getattr(row, kind)] += row.contacts
        known = {name: n for name, n in sorted(counts.items()) if name and n}
        return {name: n / sum(known.values()) for name, n in known.items()}

    def live(self) -> History:
        """Return the part that waits for an answer: without e-mails and web forms."""
        return replace(self, rows=tuple(row for row in self.rows if row.channel != "email"))


def store(history: History, folder: Path) -> Path:
    """Write history.csv (hour, channel, language, count) and history_notes.yaml (what was found, in numbers).

    Same history, same bytes. Channels and languages are from closed lists, so that no cell can be a formula.
    """
    lines = [",".join(HEADS), *_lines(history)]
    write_text(folder / NOTES, _notes_text(history))
    return write_text(folder / FILE, "\n".join(lines) + "\n")


def _lines(history: History) -> Iterator[str]:
    days = {row.day for row in history.rows}
    rows = [row for row in history.rows if row.contacts]
    rows += [Row(day, 0, "", "", 0) for day in {history.first, history.last} if day not in days]
    for row in sorted(rows):
        hour = f"{row.day}T{row.hour:02d}:00" if history.timed else f"{row.day}"
        yield f"{hour},{row.channel},{row.language},{row.contacts}"


def _notes_text(history: History) -> str:
    lines = ["# What was found in the line's own file when it was read; written by the toolkit.", "notes:"]
    for note in history.notes:
        if note.id != "not_read":  # heads of columns are the line's own words
            values = ", ".join(f'{name}: "{value}"' for name, value in sorted(note.values.items()))
            lines.append(f"  {note.id}: {{{values}}}")
    zone = f'"{history.timezone}"' if history.timezone else "null"
    return "\n".join([*(lines if len(lines) > 2 else [lines[0], "notes: {}"]), f"timezone: {zone}"]) + "\n"


class _NotesFile(Content):
    notes: dict[str, dict[str, str]] = {}
    timezone: str | None = None


def load(folder: Path) -> History | None:
    """Return the stored history of an engagement; None when there is none.

    Raises
    ------
    ContentError
        With every line that is not as `store` writes it.
    """
    path = folder / FILE
    if not path.exists():
        return None
    said = read(folder / NOTES, _NotesFile) if (folder / NOTES).exists() else _NotesFile()
    problems: list[str] = []
    rows: list[Row] = []
    shapes: set[bool] = set()
    for number, cells in enumerate(_cells(path), 2):
        try:
            row, timed = _row(cells)
            rows.append(row)
            shapes.add(timed)
        except ValueError as error:
            problems.append(f"line {number}: {error}; read the line's own file again")
    if len(shapes) > 1:
        problems.append("some lines have hours and others only days; read the line's own file again")
    if not rows and not problems:
        problems.append("it holds no hours; read the line's own file again")
    if problems:
        raise refused(FILE, problems)
    return built(rows, timed=shapes == {True}, timezone=said.timezone, notes=_notes(said))


def _notes(said: _NotesFile) -> tuple[Note, ...]:
    known = load_words().notes
    notes = (Note(ident, values) for ident, values in said.notes.items() if ident in known)
    return tuple(note for note in notes if set(re.findall(r"{(\w+)}", known[note.id])) <= note.values.keys())


def _cells(path: Path) -> list[list[str]]:
    try:
        text = path.read_bytes().decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ContentError(FILE, ["it cannot be read; read the line's own file again"]) from error
    if not rows or tuple(rows[0]) != HEADS:
        raise ContentError(FILE, [f"its first line is not {','.join(HEADS)}; read the line's own file again"])
    return rows[1:]


def _row(cells: list[str]) -> tuple[Row, bool]:
    if len(cells) != len(HEADS):
        raise ValueError(f"there are not {len(HEADS)} cells")
    hour, channel, language, count = cells
    match = _HOUR.fullmatch(hour)
    if not match:
        raise ValueError("the hour is not like 2027-03-14T05:00")
    if channel not in CHANNELS or not re.fullmatch(r"[a-z]{2,3}|", language):
        raise ValueError("the channel or the language is not known")
    if not re.fullmatch(r"\d{1,7}", count, re.ASCII):
        raise ValueError("the count is not a whole number")
    return Row(date.fromisoformat(match[1]), int(match[2] or 0), channel, language, int(count)), bool(match[2])


def built(rows: list[Row], *, timed: bool, timezone: str | None, notes: tuple[Note, ...]) -> History:
    """Return rows as a history: added up by hour, in order, from the first day to the last."""
    sums: Counter[tuple[date, int, str, str]] = Counter()
    for row in rows:
        sums[row[:4]] += row.contacts
    kept = tuple(Row(*key, count) for key, count in sorted(sums.items()) if count)
    days = [row.day for row in rows]
    return History(min(days), max(days), kept, timed, timezone, notes)


def refused(where: str, problems: list[str]) -> ContentError:
    """Return the error for these problems; of very many only the first, so that the message can be read."""
    more = len(problems) - MOST_PROBLEMS
    return ContentError(where, problems[:MOST_PROBLEMS] + [f"and {more} more; mend these first"] * (more > 0))


def weekday_dates(first: date, days: int) -> NDArray[np.int64]:
    """Return the day of the week of each day, Monday 0."""
    return (first.weekday() + np.arange(days)) % 7


def day_names(days: list[date], most: int = 5) -> str:
    """Return days as they stand in a sentence; of many only the first.

    >>> day_names([date(2027, 3, 14), date(2027, 3, 15), date(2027, 3, 16)])
    '14 to 16 Mar 2027'
    """
    runs: list[list[date]] = []
    for day in sorted(days):
        if runs and day - runs[-1][-1] == timedelta(days=1):
            runs[-1].append(day)
        else:
            runs.append([day])
    said = [_run(run[0], run[-1]) for run in runs]
    rest = len(said) - most
    return ", ".join(said[:most]) + (f" and {rest} more" if rest > 0 else "")


def _run(first: date, last: date) -> str:
    end = f"{last.day} {last:%b %Y}"
    if first == last:
        return end
    same = (first.year, first.month) == (last.year, last.month)
    return f"{first.day} to {end}" if same else f"{first.day} {first:%b %Y} to {end}"
