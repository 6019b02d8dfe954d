"""Puts what was read of a line's file at its day and hour, or says which rows cannot be placed, and what was found."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import accumulate
from zoneinfo import ZoneInfo

from ..assessment.tables import quoted
from .history_record import MOST_YEARS, History, Note, Row
from .history_times import Written, day_first, hours_on, local
from .history_words import listed, load_words

GOLDEN = 0.6180339887498949
Unknown = Callable[["Entry", int | None], bool]


@dataclass(slots=True)
class Entry:
    """One row, or one cell of a wide table, as read; ``place`` is where a person looks for it."""

    place: str
    row: int
    written: Written
    count: int
    channel: str = ""
    language: str = ""


@dataclass
class Scan:
    """What was read so far: entries, what is wrong, and what was counted on the way."""

    entries: list[Entry] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    tally: Counter[str] = field(default_factory=Counter)
    seen: set[int] = field(default_factory=set)
    first: dict[str, int] = field(default_factory=dict)
    unread: dict[str, None] = field(default_factory=dict)
    counted: bool = False
    outcome: bool = False
    cells: bool = False  # some days are a workbook's own dates

    def mark(self, ident: str, row: int) -> None:
        """Count something and remember where it came first."""
        self.tally[ident] += 1
        self.first.setdefault(ident, row)


def timed_of(scan: Scan) -> bool:
    """Return whether any contact has a time other than midnight, or the file counts by hour."""
    if scan.counted:
        return any(entry.written.minute is not None for entry in scan.entries)
    return any(entry.written.minute for entry in scan.entries)


def dated(scan: Scan, zone: ZoneInfo | None, until: date | None) -> Iterator[Row]:
    """Yield every entry with its day and hour; adds what is wrong to the scan."""
    order = _order(scan)
    if scan.problems:
        return
    timed, kept = timed_of(scan), list[tuple[Entry, date, int | None]]()
    for entry in scan.entries:
        try:
            day, minute = _placed(scan, entry, order, zone)
        except ValueError as error:
            scan.problems.append(f"{entry.place}: {error}")
            continue
        if until is not None and day > until:
            scan.problems.append(f"{entry.place}: {day} lies in the future; correct it")
        kept.append((entry, day, minute if timed else 0))
    if kept and (max(k[1] for k in kept) - min(k[1] for k in kept)).days > MOST_YEARS * 366:
        scan.problems.append(f"its days lie more than {MOST_YEARS} years apart; look for a wrong year")
    if scan.counted:
        scan.problems += _doubled(scan, kept)
    yield from _hours(scan, kept, timed)


def _order(scan: Scan) -> bool:
    """Return whether days stand before months; adds to the problems when the file does not settle it."""
    open_ = [entry for entry in scan.entries if entry.written.open and entry.written.one != entry.written.two]
    try:
        found = day_first([entry.written for entry in open_])
    except ValueError as error:
        scan.problems.append(str(error))
        return True
    if open_ and scan.cells:
        scan.problems.append(
            f"{open_[0].place}: this day is text and others are real dates: a spreadsheet may have taken days for "
            "months in some of them; export the file again and open it only here"
        )
    elif open_ and found is None:
        scan.problems.append(
            f"{open_[0].place} and {len(open_) - 1} more: the day may be read two ways (03/04 is March or April) and "
            "no row settles it; write days as 2027-03-14"
        )
    return bool(found)


def _placed(scan: Scan, entry: Entry, order: bool, zone: ZoneInfo | None) -> tuple[date, int | None]:
    written = entry.written
    day, minute = written.on(order), written.minute
    if written.offset is None or minute is None:
        return day, minute
    if zone is None:
        raise ValueError("the time names its distance from UTC; say in which time zone the line works")
    here = local(day, minute, written.offset, zone)
    scan.tally["zone"] += 1
    return here.date(), here.hour * 60 + here.minute


def _doubled(scan: Scan, kept: list[tuple[Entry, date, int | None]]) -> Iterator[str]:
    """Yield what is wrong where two rows of a table of counts give the same time; one hour a year may be a change."""
    first: dict[tuple[date, int | None, str, str], Entry] = {}
    twice: list[tuple[Entry, Entry, date, int]] = []
    for entry, day, minute in kept:
        key = (day, minute, entry.channel, entry.language)
        if key in first:
            twice.append((first[key], entry, day, (minute or 0) // 60))
        first.setdefault(key, entry)
    hours = {(day, hour) for _, _, day, hour in twice}
    years = {day.year for day, _ in hours}
    if twice and len(hours) == len(years) and all(hour < 4 for _, hour in hours):
        scan.tally["clock_rows"] = len(hours)
    elif twice and scan.unread:
        scan.tally["merged"] = len(twice)
    else:
        for before, after, day, hour in twice:
            yield f"{after.place}: {day} hour {hour} stands already in {before.place}; keep one"


def _hours(scan: Scan, kept: list[tuple[Entry, date, int | None]], timed: bool) -> Iterator[Row]:
    """Yield the entries by hour; contacts whose time is not known are spread over the day like the others."""
    unknown: Unknown = _midnight(scan, kept) if timed else (lambda entry, minute: False)
    by_hour = [0] * 24
    for entry, _, minute in kept:
        if not unknown(entry, minute):
            by_hour[(minute or 0) // 60] += entry.count
    sums = list(accumulate(by_hour))
    for entry, day, minute in kept:
        hour = (minute or 0) // 60
        if unknown(entry, minute) and sums[-1]:
            scan.tally["midnight"] += 1
            hour = bisect_right(sums, scan.tally["midnight"] * GOLDEN % 1 * sums[-1])
        yield Row(day, hour, entry.channel, entry.language, entry.count)


def _midnight(scan: Scan, kept: list[tuple[Entry, date, int | None]]) -> Unknown:
    """Return a test for contacts whose midnight means that the time was not written down."""

    def on_the_hour(entry: Entry, minute: int | None) -> bool:
        return minute is None or (minute % 60 == 0 and not entry.written.second)

    if scan.counted:
        return lambda entry, minute: False
    full = Counter((minute or 0) // 60 for entry, _, minute in kept if on_the_hour(entry, minute))
    scan.tally["full"] = sum(full.values())
    usual = (sum(full.values()) - full[0]) / 23
    heaped = full[0] >= load_words().limit("midnight_times") * max(usual, 1)
    return lambda entry, minute: heaped and not minute and on_the_hour(entry, minute)


def notes_of(scan: Scan, history: History, zone: ZoneInfo | None) -> Iterator[Note]:
    tally, words = scan.tally, load_words()
    yield Note(
        "read",
        {
            "contacts": history.contacts, "first": str(history.first), "last": str(history.last),
            "weeks": round(history.days / 7), "rows": tally["rows"],
        },
    )  # fmt: skip
    if unread := [quoted(head) if head else "one without a head" for head in scan.unread]:
        yield Note("not_read", {"count": len(unread), "names": listed(unread)})
    for ident in ("sums", "duplicates", "clock_rows", "merged"):
        if tally[ident]:
            yield Note(ident, {"count": tally[ident]})
    if tally["zone"]:
        yield Note("zone", {"count": tally["zone"], "zone": str(zone)})
    if not history.timed:
        yield Note("untimed")
    if tally["midnight"]:
        yield Note("midnight", {"count": tally["midnight"], "share": _per_cent(tally["midnight"], tally["all"])})
    full = tally["full"] - tally["midnight"]
    if history.timed and tally["all"] >= 100 and full > words.limit("round_share") * tally["all"]:
        yield Note("round", {"share": _per_cent(full, tally["all"])})
    if (
        zone
        and (skipped := sum(r.contacts for r in history.rows if not hours_on(r.day, zone)[r.hour]))
        and history.timed
    ):
        yield Note("skipped", {"count": skipped, "zone": str(zone)})
    for ident in ("no_channel", "no_language"):
        if tally[ident]:
            yield Note(ident, {"count": tally[ident], "row": scan.first[ident]})
    yield from _outcomes(scan)


def _per_cent(part: float, whole: float) -> int:
    return round(100 * part / whole) if whole else 0


def _outcomes(scan: Scan) -> Iterator[Note]:
    tally = scan.tally
    for ident in ("silent", "abandoned"):
        if tally[ident]:
            yield Note(ident, {"count": tally[ident], "share": _per_cent(tally[ident], tally["all"] - tally["test"])})
    if tally["test"]:
        yield Note("test", {"count": tally["test"]})
    if not scan.outcome:
        yield Note("no_outcome")
    if tally["short"]:
        share = _per_cent(tally["short"], tally["durations"])
        seconds = round(load_words().limit("short_s"))
        yield Note("short", {"count": tally["short"], "all": tally["durations"], "share": share, "seconds": seconds})
