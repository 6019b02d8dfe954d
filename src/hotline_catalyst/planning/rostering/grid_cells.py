"""What people write into a cell of the grid, and which days they mean by a heading."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from ...assessment.responses import clean_text
from .codes import LEAVE, ON_CALL, SESSIONS, codes_of, part_of_day
from .records import Roster
from .words import say

SECTION = "reading_back"
LONGEST = 40  # letters of a wrong entry that a problem repeats
PARTING = re.compile(r"\s*[/+,;&]\s*|\s+")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


@dataclass(frozen=True)
class Entry:
    """What a cell says: the id of a shift, leave, a call, kinds of session; ``unread`` holds what is none of these.

    ``several`` are the codes that one word may mean, ``shifts`` how many shifts the cell names.
    """

    shift: str = ""
    leave: bool = False
    on_call: bool = False
    sessions: frozenset[str] = frozenset()
    unread: str = ""
    several: tuple[str, ...] = ()
    shifts: int = 0

    @property
    def says(self) -> bool:
        """Whether it says anything a grid can hold."""
        return not self.unread and bool(self.shift or self.leave or self.on_call or self.sessions or self.several)


class Letters:
    """Every word that may stand in a cell of one roster's grid."""

    def __init__(self, roster: Roster) -> None:
        self.codes = codes_of(roster.shifts)
        self.exact: dict[str, list[Entry]] = {}
        self.loose: dict[str, list[Entry]] = {}
        for shift in roster.shifts:
            code, times, entry = self.codes[shift.id], shift.text.split("–"), Entry(shift=shift.id, shifts=1)
            part = part_of_day(code)
            spans = {f"{dash}".join(times) for dash in ("–", "-", " – ", " - ")}
            _add(self.exact, {code, shift.id, *spans}, entry)
            # A start, or a word that several shifts share: E1 is E1, E alone may be a question.
            _add(self.loose, {times[0], code.rstrip("0123456789"), *_names(f"names_{part}")}, entry)
        _add(self.exact, {LEAVE, *_names("names_leave")}, Entry(leave=True))
        _add(self.exact, {ON_CALL, *_names("names_on_call")}, Entry(on_call=True))
        for kind, letter in SESSIONS.items():
            _add(self.exact, {letter, kind}, Entry(sessions=frozenset({kind})))
        _add(self.exact, {"", *_names("names_free")}, Entry())

    def read(self, value: Any) -> Entry:
        """Return what a cell says; two entries in one cell are read where each is known by itself."""
        whole = folded(_text(value))
        if whole in self.exact or whole in self.loose:
            return self._one(whole)
        parts = [self._one(part) for part in PARTING.split(whole) if part]
        if whole.startswith("=") or not parts or any(part.unread for part in parts):
            return Entry(unread=_text(value))
        return Entry(
            shift=next((part.shift for part in parts if part.shift), ""),
            leave=any(part.leave for part in parts),
            on_call=any(part.on_call for part in parts),
            sessions=frozenset().union(*(part.sessions for part in parts)),
            several=tuple(code for part in parts for code in part.several),
            shifts=sum(part.shifts for part in parts),
        )

    def _one(self, word: str) -> Entry:
        found = self.exact.get(word) or self.loose.get(word, [])
        if len(found) > 1:
            return Entry(several=tuple(self.codes[e.shift] for e in found if e.shift))
        return found[0] if found else Entry(unread=word)

    def problem(self, value: Any, entry: Entry, held: Collection[str]) -> tuple[str, dict[str, Any]]:
        """Return the name of the sentence that says what is wrong with an entry, and its figures; empty where nothing.

        ``held`` are the kinds of session that the person has on this day.
        """
        told: dict[str, Any] = {"given": shown(value)}
        if entry.unread:
            formula = entry.unread.startswith("=")
            allowed = [*self.codes.values(), LEAVE, ON_CALL]
            return ("formula", told) if formula else ("unknown", told | {"allowed": ", ".join(allowed)})
        if entry.several:
            return "several", told | {"codes": " or ".join(entry.several)}
        if entry.shifts > 1 or (entry.leave and entry.shift):
            return "two_shifts", told
        if not entry.sessions <= set(held):
            return "no_session", told
        return "", {}

    def title(self, entry: Entry) -> str:
        """Return an entry as a sentence names it."""
        if entry.shift:
            return self.codes[entry.shift]
        return say(SECTION, "leave" if entry.leave else "on_call" if entry.on_call else "free")


def _add(meanings: dict[str, list[Entry]], words: Collection[str], entry: Entry) -> None:
    for word in {folded(word) for word in words}:
        meanings.setdefault(word, []).append(entry)


def _names(name: str) -> Iterator[str]:
    yield from (word.strip() for word in say(SECTION, name).split("|"))


def day_of(value: Any, days: Collection[date]) -> date | None:
    """Return the day that a heading means; one without a year, or with day and month in either order, by the roster's.

    >>> day_of("Tue 5 Oct", [date(2027, 10, 4), date(2027, 10, 5)])
    datetime.date(2027, 10, 5)
    >>> day_of("05/10/2027", [date(2027, 10, 4), date(2027, 10, 5)])
    datetime.date(2027, 10, 5)
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, datetime):
        return value.date() if value.year > 1900 else None
    if isinstance(value, int | float):
        return date(1899, 12, 30) + timedelta(days=int(value)) if 36_526 <= value < 73_051 else None
    found = set(_dates(folded(_text(value)), days))
    inside = found & set(days)
    return inside.pop() if len(inside) == 1 else found.pop() if len(found) == 1 else None


def _dates(text: str, days: Collection[date]) -> Iterator[date]:
    """Yield every date that a text may mean."""
    if not any(character.isdigit() for character in text):
        return
    years = {day.year for day in days}
    if match := re.search(r"(\d{4})-(\d{1,2})-(\d{1,2})", text):
        yield from _valid(*(int(part) for part in match.groups()))
        return
    if match := re.search(r"\b(\d{1,2})[/.](\d{1,2})(?:[/.](\d{2,4}))?", text):
        a, b = int(match[1]), int(match[2])
        for year in {int(match[3]) % 100 + 2000} if match[3] else years:
            yield from _valid(year, b, a)
            yield from _valid(year, a, b)
        return
    worded = re.search(r"\b(\d{1,2})\.?[ -]?([a-z]{3})[a-z]*", text) or re.search(
        r"\b([a-z]{3})[a-z]* (\d{1,2})\b", text
    )
    if worded:
        number, name = (worded[1], worded[2]) if worded[1].isdigit() else (worded[2], worded[1])
        year_said = re.search(r"\b(20\d\d)\b", text)
        if name in MONTHS:
            for year in {int(year_said[1])} if year_said else years:
                yield from _valid(year, MONTHS.index(name) + 1, int(number))


def _valid(year: int, month: int, day: int) -> Iterator[date]:
    try:
        yield date(year, month, day)
    except ValueError:
        return


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime) and value.year < 1901:
        return f"{value:%H:%M}"  # a time of day, as spreadsheets keep it
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return clean_text(str(value)).strip()


def shown(value: Any) -> str:
    """Return what somebody typed, short enough for a sentence."""
    day = isinstance(value, datetime) and value.year > 1900
    text = value.date().isoformat() if day else _text(value)
    return repr(text if len(text) <= LONGEST else text[:LONGEST] + "…")


def folded(text: str) -> str:
    """Return a text without case, doubled blanks and look-alike letters of other widths."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
