"""Opens a line's own file and finds its heads: which column says when, how many, through what channel."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ..assessment.tables import quoted, read_text
from ..assessment.workbook_cells import DamagedWorkbookError, read_sheets
from ..assessment.workbook_safety import Limits, checked_parts
from ..errors import AnswerError, ContentError
from .history_times import clock
from .history_words import channel_of, is_total, load_words, plain, plain_digits, role_of

Cell = str | datetime
MOST_BYTES, MOST_ROWS, MOST_COLUMNS, HEAD_ROWS, TRIED = 50_000_000, 500_000, 300, 20, 200
# A contact a row with eight columns: some 9 000 rows fill a part of 4 MB, which is the most a workbook may hold.
HISTORY = Limits("a history of contacts", 500_000, 12_000_000)
LARGER = "; save the sheet as 'CSV UTF-8', which may be as large as 50 MB"
# Names of columns as a person gives them, and the role each stands for.
GIVEN = {"time": "moment", "hour": "clock"}
ROLES = ("moment", "date", "clock", "count", "channel", "language", "outcome", "duration")


@dataclass
class Lines:
    """One sheet: its title (empty for a text file) and its rows with their numbers, from 1."""

    title: str
    rows: list[tuple[int, list[Cell]]]

    def place(self, number: int) -> str:
        """Return where a row stands, as a person would look for it."""
        return f"sheet {quoted(self.title)}, row {number}" if self.title else f"row {number}"


@dataclass
class Columns:
    """Which column holds what, by position; ``hours`` and ``channels`` are columns of counts of a wide table."""

    roles: dict[str, int] = field(default_factory=dict)
    hours: dict[int, int] = field(default_factory=dict)
    channels: dict[int, str] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    width: int = 0
    numbered: bool = False  # a column that is not read tells nearly every row from every other

    @property
    def counted(self) -> bool:
        """Whether a row holds counts rather than being one contact."""
        return bool("count" in self.roles or self.hours or self.channels)


def read_lines(path: Path) -> list[Lines]:
    """Return the sheets of a csv or xlsx file.

    Raises
    ------
    ContentError
        When it is too large, unsafe, damaged or not saved as UTF-8.
    """
    try:
        return [Lines("", list(_csv(path)))] if path.suffix.lower() in (".csv", ".txt", ".tsv") else _workbook(path)
    except AnswerError as error:
        large = path.suffix.lower() == ".xlsx" and any("than" in problem for problem in error.problems)
        raise ContentError(error.where, [p + LARGER * large for p in error.problems]) from error
    except DamagedWorkbookError as error:
        raise ContentError(path.name, [f"it is damaged inside ({error}); save it again as .xlsx or CSV"]) from error


def _csv(path: Path) -> Iterator[tuple[int, list[Cell]]]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ContentError(
                path.name, [f"it is larger than {MOST_BYTES // 1_000_000} MB; give counts by hour instead"]
            )
    except OSError as error:
        raise ContentError(path.name, [f"the file cannot be read: {error.strerror}"]) from error
    text = read_text(path, MOST_BYTES)
    said = re.match(r"sep=([,;\t])\r?\n", text)
    above = 1 if said else 0
    text = text[said.end() :] if said else text
    cut = said[1] if said else _cut(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=cut, strict=True)
    begun = 1
    try:
        for row in reader:
            if begun > MOST_ROWS:
                raise ContentError(path.name, [f"it has more than {MOST_ROWS} rows; give counts by hour instead"])
            if any(cell.strip() for cell in row):
                yield above + begun, [cell.strip() for cell in row]
            begun = reader.line_num + 1
    except csv.Error as error:
        raise ContentError(path.name, [f"row {above + begun}: it cannot be read ({error})"]) from error


def _cut(text: str) -> str:
    """Return what cuts the cells: the mark by which one of the first lines falls into most heads that are known."""
    lines = [line[:10_000] for line, _ in zip(io.StringIO(text), range(HEAD_ROWS), strict=False)]

    def known(mark: str) -> tuple[int, int]:
        heads = (sum(bool(role_of(cell[:60])) for cell in line.split(mark)[:MOST_COLUMNS]) for line in lines)
        return max(heads, default=0), max((line.count(mark) for line in lines), default=0)

    return max(";\t,", key=known)


def _workbook(path: Path) -> list[Lines]:
    found = []
    for sheet in read_sheets(checked_parts(path, HISTORY)):
        rows: dict[int, dict[int, Cell]] = {}
        for (row, column), value in sheet.cells.items():
            if column <= MOST_COLUMNS:
                rows.setdefault(row, {})[column] = value if isinstance(value, datetime) else _text(value)
        lines = [(n, [cells.get(c, "") for c in range(1, max(cells) + 1)]) for n, cells in sorted(rows.items())]
        found.append(Lines(sheet.title or "?", lines))
    return found


def _text(value: str | int | float) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()


def find_columns(lines: Lines, given: Mapping[str, str]) -> tuple[Columns, int, list[str]] | None:
    """Return the columns, the index of the row of heads and what is wrong; None when no row looks like heads."""
    for index, (_, cells) in enumerate(lines.rows[:HEAD_ROWS]):
        heads = [cell if isinstance(cell, str) else _hour_head(cell) for cell in cells]
        if _is_head(heads, given):
            body = [row for _, row in lines.rows[index + 1 :]]
            columns, problems = _columns(heads, body, given)
            return columns, index, problems
    return None


def _hour_head(cell: datetime) -> str:
    """Return a workbook's time of day at the head of a column as text; a real date is no head."""
    return f"{cell:%H:%M}" if cell.year < 1905 else f"{cell:%Y-%m-%d}"


def _is_head(heads: list[str], given: Mapping[str, str]) -> bool:
    if given:
        return {plain(head) for head in given.values()} <= {plain(head) for head in heads}
    return any(role_of(head) in ("moment", "date", "clock") for head in heads)


def _columns(heads: list[str], body: list[list[Cell]], given: Mapping[str, str]) -> tuple[Columns, list[str]]:
    found: dict[str, list[int]] = {}
    asked = {plain(head): GIVEN.get(name, name) for name, head in given.items()}
    for place, head in enumerate(heads):
        role = asked.get(plain(head)) or (role_of(head) if head else None)
        if role and role != "never":
            found.setdefault(role, []).append(place)
    for name, head in given.items():
        role = GIVEN.get(name, name)
        found[role] = [n for n in found[role] if plain(heads[n]) == plain(head)]
    if {"time", "date"} & given.keys() and "moment" in found and "time" not in given:
        del found["moment"]
    columns = Columns(width=len(heads))
    columns.hours = _hours(heads, found)
    columns.channels = {} if columns.hours else _wide_channels(heads, body)
    problems = list(_settle(columns, found, heads, body))
    used = {*columns.roles.values(), *columns.hours, *columns.channels}
    unread = [n for n, head in enumerate(heads) if n not in used and (head or _filled(body, n))]
    columns.unread = [heads[n] for n in unread]
    columns.numbered = any(_distinct(body, n) for n in unread)
    return columns, problems


def _filled(body: list[list[Cell]], place: int) -> bool:
    return any(place < len(row) and row[place] for row in body[:TRIED])


def _distinct(body: list[list[Cell]], place: int) -> bool:
    values = [row[place] for row in body[:2000] if place < len(row) and row[place] != ""]
    return len(values) >= 2 and len(set(values)) >= 0.8 * len(values)


def _hours(heads: list[str], found: Mapping[str, list[int]]) -> dict[int, int]:
    """Return the columns headed with an hour of the day, when there are at least four beside a column of days."""
    hours: dict[int, int] = {}
    for place, head in enumerate(heads):
        bare = re.sub(r"^[^\W\d]{1,5}[\s_]*(?=\d)", "", plain_digits(head.strip()))
        if bare and bare[0].isdigit():
            try:
                hours[place] = clock(bare)[0] // 60
            except ValueError:
                if re.fullmatch(r"24(:00|h)?", bare):
                    hours[place] = 24
    return hours if len(hours) >= 4 and ("date" in found or "moment" in found) else {}


def _wide_channels(heads: list[str], body: list[list[Cell]]) -> dict[int, str]:
    """Return the columns headed with a channel when they hold counts; a column of numbers to call back holds none."""
    wide = {n: channel for n, head in enumerate(heads) if (channel := channel_of(head))}
    values = [row[n] for row in body for n in wide if n < len(row) and row[n] != ""]
    counts = bool(values) and all(isinstance(v, str) and re.fullmatch(r"\d{1,4}", plain_digits(v)) for v in values)
    return wide if len(wide) > 1 and counts else {}


def _settle(columns: Columns, found: dict[str, list[int]], heads: list[str], body: list[list[Cell]]) -> Iterator[str]:
    if columns.hours or columns.channels:
        found.pop("count", None)
        for role in ("channel",) if columns.channels else ("clock",):
            found.pop(role, None)
    if "count" in found:
        found["count"] = [n for n in found["count"] if n not in columns.channels and _numeric(body, n)]
    for role in ROLES:
        places = [n for n in found.get(role, []) if n not in columns.hours and n not in columns.channels]
        exact = [n for n in places if _whole(heads[n], role)]
        places = exact if len(exact) == 1 else places
        if len(places) > 1:
            names = " and ".join(quoted(heads[n]) for n in places[:3])
            yield f"the columns {names} could each be the {_called(role)}; say which one it is"
        elif places:
            columns.roles[role] = places[0]
    if "moment" in columns.roles:
        columns.roles.pop("date", None)
        columns.roles.pop("clock", None)
    elif "clock" in columns.roles and "date" not in columns.roles:
        columns.roles["moment"] = columns.roles.pop("clock")
    hours = sorted(columns.hours.values())
    if len(set(hours)) < len(hours):
        yield "two columns are headed with the same hour; name each hour of the day once, 0 to 23"
    if 24 in hours:
        yield "the hours run to 24, which may be the first or the last of the day; head them 0 to 23, each by its start"


def _called(role: str) -> str:
    return {"moment": "time", "clock": "hour"}.get(role, role)


def _whole(head: str, role: str) -> bool:
    heads = load_words().columns[role]
    return plain(head) in {plain(word) for word in [*heads.exact, *heads.within]}


def _numeric(body: list[list[Cell]], place: int) -> bool:
    """Return whether most values of a column are numbers: 'nombre' heads numbers in French and names in Spanish."""
    values = [row[place] for row in body if place < len(row) and row[place] != ""][:TRIED]
    numbers = [
        v for v in values if isinstance(v, str) and v and plain_digits(v).lstrip("=+-")[:1].isdigit() | is_formula(v)
    ]
    return not values or 2 * len(numbers) >= len(values)


def is_formula(value: Cell) -> bool:
    """Return whether a workbook's cell holds a formula, which is never worked out."""
    return isinstance(value, str) and value.startswith("=")


def is_sum(row: list[Cell]) -> bool:
    """Return whether a row is headed as a sum of others."""
    first = next((cell for cell in row if cell != ""), "")
    return isinstance(first, str) and is_total(first)
