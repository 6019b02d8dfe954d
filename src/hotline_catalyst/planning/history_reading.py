"""Reads a line's own counts from its file: one row a contact, or counts by hour in a long or wide table.

Only the time, the channel, the language and the count are ever kept. Every slip of the file is named at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from itertools import combinations
from pathlib import Path
from zoneinfo import ZoneInfo

from ..assessment.privacy import masked
from ..assessment.tables import quoted
from ..errors import ContentError
from .history_placing import Entry, Scan, dated, notes_of, timed_of
from .history_record import MOST_COUNT, History, built, refused
from .history_table import Cell, Columns, Lines, find_columns, is_formula, is_sum, read_lines
from .history_times import Written, clock, moment, of_cell
from .history_words import channel_of, language_of, listed, load_words, outcome_of, plain, plain_digits


def read_history(
    path: Path, *, timezone: str | None = None, columns: Mapping[str, str] | None = None, until: date | None = None
) -> History:
    """Read a line's own file (csv or xlsx).

    Parameters
    ----------
    timezone
        Where the line's clock stands, as Europe/Madrid; needed when the file's times name their distance from UTC.
    columns
        Heads of columns that are not found by themselves: time, date, hour, count, channel, language, outcome,
        duration.
    until
        No contact can be later than this day (today).

    Raises
    ------
    ContentError
        With every row that cannot be understood; nothing is guessed and nothing was kept.
    """
    zone = _zone(timezone)
    given = _given(columns or {})
    scan = Scan()
    for lines in _sheets(path, given):
        _read_sheet(scan, lines, given)
    if not scan.entries and not scan.problems:
        scan.problems.append("it holds no contacts; give a file with at least two whole weeks")
    rows = [] if scan.problems else list(dated(scan, zone, until))
    if not scan.problems and not any(row.contacts for row in rows):
        scan.problems.append("every count in it is 0; give a file with contacts")
    if scan.problems:
        raise refused(path.name, scan.problems)
    timed = timed_of(scan)
    history = built(rows, timed=timed, timezone=timezone, notes=())
    return replace(history, notes=tuple(notes_of(scan, history, zone)))


def _zone(name: str | None) -> ZoneInfo | None:
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError) as error:
        raise ContentError("timezone", [f"{quoted(name)} is not a time zone; write it as Europe/Madrid"]) from error


def _given(columns: Mapping[str, str]) -> Mapping[str, str]:
    known = ("time", "date", "hour", "count", "channel", "language", "outcome", "duration")
    if wrong := [name for name in columns if name not in known]:
        raise ContentError("columns", [f"{quoted(name)} is not one of {', '.join(known)}" for name in wrong])
    return columns


def _sheets(path: Path, given: Mapping[str, str]) -> list[Lines]:
    sheets = read_lines(path)
    if not any(lines.rows for lines in sheets):
        raise ContentError(path.name, ["it is empty"])
    found = [lines for lines in sheets if find_columns(lines, given) is not None]
    if not found:
        what = (
            f"heads {listed(quoted(head) for head in given.values())}" if given else "a head for the time or the date"
        )
        hint = "head the columns time, channel, language, count, or say which is which"
        raise ContentError(path.name, [f"no row among the first 20 holds {what}; {hint}"])
    rows = [{tuple(row) for _, row in lines.rows} for lines in found]
    for (one, mine), (other, theirs) in combinations(zip(found, rows, strict=True), 2):
        fewest = min(len(mine), len(theirs))
        if fewest >= 10 and 2 * len(mine & theirs) > fewest:
            names = f"{quoted(one.title)} and {quoted(other.title)}"
            raise ContentError(path.name, [f"the sheets {names} hold the same rows; keep one of them"])
    return found


def _read_sheet(scan: Scan, lines: Lines, given: Mapping[str, str]) -> None:
    found = find_columns(lines, given)
    assert found is not None
    columns, index, problems = found
    where = f"{lines.place(lines.rows[index][0])}: "
    if scan.entries and scan.counted != columns.counted:
        problems.append("another sheet is of the other kind (counts, or a contact a row); give them as two files")
    if problems:
        scan.problems += [where + problem for problem in problems]
        return
    scan.counted, scan.outcome = columns.counted, scan.outcome or "outcome" in columns.roles
    scan.unread |= dict.fromkeys(columns.unread)
    for number, row in lines.rows[index + 1 :]:
        place = lines.place(number)
        if columns.counted and is_sum(row):
            scan.tally["sums"] += 1
        elif any(cell != "" for cell in row[columns.width :]):
            scan.problems.append(f"{place}: there are more cells than heads; is a text with a comma not in quotes?")
        elif any(cell != "" for cell in row):
            _read_row(scan, columns, place, number, row + [""] * (columns.width - len(row)))


def _read_row(scan: Scan, columns: Columns, place: str, number: int, row: list[Cell]) -> None:
    scan.tally["rows"] += 1
    try:
        written = _when(scan, columns, row)
        counts = list(_counts(columns, row, written))
    except ValueError as error:
        scan.problems.append(f"{place}: {error}")
        return
    scan.cells |= any(isinstance(row[columns.roles[r]], datetime) for r in ("moment", "date") if r in columns.roles)
    if _repeated(scan, columns, row, written):
        scan.tally["duplicates"] += 1
        return
    if not _outcome(scan, columns, row):
        return
    channel, language = _channel(scan, columns, row, number), _language(scan, columns, row, number)
    for own, count, at in counts:
        scan.entries.append(Entry(place, number, at, count, own or channel, language))


def _repeated(scan: Scan, columns: Columns, row: list[Cell], written: Written) -> bool:
    """Return whether the same row came before; rows that name only a minute may be alike and yet be two contacts."""
    if not columns.counted and not columns.numbered and not written.second:
        return False
    key = hash(tuple(row))
    if key in scan.seen:
        return True
    scan.seen.add(key)
    return False


def _when(scan: Scan, columns: Columns, row: list[Cell]) -> Written:
    if "moment" in columns.roles:
        return _moment(row[columns.roles["moment"]], "time")
    if "date" not in columns.roles:
        raise ValueError("there is no column for the day; head it date")
    written = _moment(row[columns.roles["date"]], "date")
    if "clock" not in columns.roles:
        return written
    cell = row[columns.roles["clock"]]
    if cell == "":
        return replace(written, minute=None, second=None)
    minute, second = _clock(cell)
    return replace(written, minute=minute, second=second)


def _moment(cell: Cell, what: str) -> Written:
    if isinstance(cell, datetime):
        return of_cell(cell)
    if cell == "":
        raise ValueError(f"the {what} is missing")
    if is_formula(cell):
        raise ValueError(f"the {what} is a formula; copy the column and paste it as values")
    try:
        return moment(cell)
    except ValueError as error:
        raise ValueError(f"the {what} {_shown(cell)} {error}") from None


def _clock(cell: Cell) -> tuple[int, int | None]:
    if isinstance(cell, datetime):
        return cell.hour * 60 + cell.minute, cell.second
    if is_formula(cell):
        raise ValueError("the hour is a formula; copy the column and paste it as values")
    try:
        return clock(cell)
    except ValueError as error:
        raise ValueError(f"the hour {_shown(cell)} {error}") from None


def _shown(cell: str) -> str:
    """Return a cell as it may stand in a message: numbers in full, words only by their first letters."""
    return quoted(cell) if not any(c.isalpha() for c in cell) else f"'{masked(cell)}'"


def _counts(columns: Columns, row: list[Cell], written: Written) -> Iterator[tuple[str, int, Written]]:
    """Yield channel (empty: the row's own), count and time of each count of a row; of a contact, one."""
    if columns.hours:
        for n, hour in columns.hours.items():
            cell = row[n]
            if cell not in ("", "-", "–"):
                yield "", _number(cell), replace(written, minute=60 * hour, second=None)
    elif columns.channels:
        for n, channel in columns.channels.items():
            if row[n] not in ("", "-", "–"):
                yield channel, _number(row[n]), written
    elif "count" in columns.roles:
        yield "", _number(row[columns.roles["count"]]), written
    else:
        yield "", 1, written


def _number(cell: Cell) -> int:
    if isinstance(cell, datetime):
        raise ValueError("the count is a date; a spreadsheet may have changed it")
    if cell == "":
        raise ValueError("the count is missing; write 0, or take the row out")
    if is_formula(cell):
        raise ValueError("the count is a formula; copy the column and paste it as values")
    return _whole_number(cell)


@cache
def _whole_number(text: str) -> int:
    digits = plain_digits(text).replace("٫", ".").replace("\u00a0", "").replace(" ", "")
    whole, _, rest = digits.replace(",", ".").partition(".")
    if not (whole.isascii() and whole.isdigit() and len(whole) < 8):
        raise ValueError(f"the count {_shown(text)} is not a whole number from 0")
    if len(rest) == 3 and len(whole) < 4:
        raise ValueError(f"the count {_shown(text)} may be read two ways; write it without points and commas")
    if rest.strip("0"):
        raise ValueError(f"the count {_shown(text)} is not whole; give counts, not means")
    if int(whole) > MOST_COUNT:
        raise ValueError(f"the count {_shown(text)} is over {MOST_COUNT}; is the column a count?")
    return int(whole)


def _outcome(scan: Scan, columns: Columns, row: list[Cell]) -> bool:
    """Count how a contact went; return whether it is a signal."""
    if columns.counted:
        return True
    outcome = outcome_of(str(row[columns.roles["outcome"]])) if "outcome" in columns.roles else None
    scan.tally["all"] += 1
    if outcome:
        scan.tally[outcome] += 1
    if "duration" in columns.roles:
        text = plain_digits(str(row[columns.roles["duration"]])).replace(",", ".")
        if text.replace(".", "", 1).isdigit():
            scan.tally["durations"] += 1
            scan.tally["short"] += float(text) < load_words().limit("short_s")
    return outcome not in ("silent", "test")


def _channel(scan: Scan, columns: Columns, row: list[Cell], number: int) -> str:
    if "channel" not in columns.roles:
        return ""
    channel = _known_channel(str(row[columns.roles["channel"]]))
    if channel is None:
        scan.mark("no_channel", number)
    return channel or "other"


def _language(scan: Scan, columns: Columns, row: list[Cell], number: int) -> str:
    text = str(row[columns.roles["language"]]) if "language" in columns.roles else ""
    language = language_of(text) if text else ""
    if language is None:
        scan.mark("no_language", number)
    return language or ""


@cache
def _known_channel(text: str) -> str | None:
    return "other" if plain(text) == "other" else channel_of(text)
