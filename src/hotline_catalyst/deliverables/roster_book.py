"""The frame of the roster's workbook: state on every sheet, words from content, and sheets from the right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from ..planning.calendar import DAYS
from ..planning.rostering.records import Roster
from ..planning.rostering.words import say
from ..planning.shifts import Shift
from ..results import Results
from . import look
from .plan_sheets import Column, Sheet
from .sheets import FIRST_ROW, Book, column_name
from .staffing_pages import MIRRORED, right_to_left

FIRST_LINE = FIRST_ROW + 2  # first row of data of every sheet but the grid, as formulas count rows
GRID_HEAD = FIRST_ROW + 2  # two rows of marks, weekend and holiday, stand above the grid's headings
FIRST_PERSON = GRID_HEAD + 2  # as formulas count rows
ROOM = 7  # the grid's first column of days


def words(name: str, **figures: object) -> str:
    """Return a text of the roster's files, from assessment/roster_words.yaml."""
    return say("files", name, None, **figures)


def titles(name: str) -> list[str]:
    """Return the headings of a table."""
    return [part.strip() for part in words(name).split("|")]


def state_of(results: Results) -> str:
    """Return the mark that stands on every sheet, page and feed: draft or published."""
    roster = results.roster
    if roster.published:
        return words("state_published", day=look.day(roster.published))
    return words("state_posts" if roster.anonymous else "state_draft")


def mirrored(results: Results) -> bool:
    """Return whether the line's first language is written from the right."""
    return right_to_left(results.facts.languages[0])


class RosterBook(Book):
    """A workbook whose sheets begin at the right when the engagement's first language does.

    ``places`` holds where each day's shift stands on the sheet By day, as formulas count rows, and who is on it.
    """

    def __init__(self, results: Results) -> None:
        self.mirrored = mirrored(results)
        self.places: dict[tuple[date, str], tuple[int, str]] = {}
        state = state_of(results)
        super().__init__(results, words("book", state=state, line=results.facts.name), words("audience", state=state))

    def style(self, **properties: Any) -> Any:
        """Return a cell style; where people read from the right, text stands at the right and numbers at the left."""
        if not self.mirrored:
            return super().style(**properties)
        side = properties.get("align", "right" if "num_format" in properties else "left")
        return super().style(**properties | {"align": MIRRORED.get(side, side)})

    def sheet(self, name: str, title: str, say: str, widths: Sequence[float], *, wide: bool = False) -> Any:
        """Add a sheet as every workbook of ours does, from the right where people read from there."""
        sheet = super().sheet(name, title, say, widths, wide=wide)
        if self.mirrored:
            sheet.right_to_left()
        return sheet

    def header(self, title: str) -> str:
        """Return a page header with notice and title."""
        notice, title = (text.replace("&", "&&")[:90] for text in (self.results.facts.notice, title))
        return f"&L&8 {notice}&R&8 {title}"


class RosterSheet(Sheet):
    """A sheet that says first in what state the roster is; ``key`` names its texts, ``written`` holds its rows."""

    book: RosterBook

    def __init__(self, book: RosterBook, name: str, key: str, columns: Sequence[Column], **figures: object) -> None:
        self.title = f"{state_of(book.results)} · {words(f'{key}_title')}"
        super().__init__(book, name, self.title, words(f"{key}_say", **figures), columns)
        self.written: list[Sequence[Any]] = []

    def add(self, values: Sequence[Any], **extra: Any) -> int:
        """Write the next row, and keep it; return its number as a formula counts it."""
        self.written.append(values)
        return super().add(values, **extra)

    def cell(self, row: int, column: int, value: Any, kind: str = "", **extra: Any) -> None:
        """Write one cell; codes and times keep their own order on sheets from the right."""
        order = {"reading_order": 1} if self.book.mirrored else {}
        super().cell(row, column, value, kind, **(order | extra))


def columns_of(key: str, *forms: tuple[float, str]) -> list[Column]:
    """Return the columns of a table: headings from content, width and kind of cell from ``forms``."""
    return [Column(title, width, kind) for title, (width, kind) in zip(titles(f"{key}_columns"), forms, strict=True)]


def reach(roster: Roster, row: int, first: int = 0, last: int | None = None) -> str:
    """Return the days ``first`` to ``last`` of one row of the grid, as a formula names them."""
    end = len(roster.needed) - 1 if last is None else last
    return f"'By person'!${column_name(ROOM + first)}${row}:${column_name(ROOM + end)}${row}"


def letters_range(roster: Roster, column: str = "A") -> str:
    """Return a column of the sheet Shifts, the kinds of shift only."""
    return f"Shifts!${column}${FIRST_LINE}:${column}${FIRST_LINE + max(1, len(roster.shifts)) - 1}"


def people_by_shift(roster: Roster) -> dict[tuple[date, str], list[str]]:
    """Return who works each shift of each day, in the roster's order of people."""
    place = {p.code: n for n, p in enumerate(roster.people)}
    found: dict[tuple[date, str], list[str]] = {}
    for a in sorted(roster.assignments, key=lambda a: place.get(a.person, len(place))):
        found.setdefault((a.day, a.shift), []).append(a.person)
    return found


def lines(roster: Roster) -> Iterator[tuple[int, date, int, Shift, int]]:
    """Yield every shift of every day that needs or has someone: number of the day, day, of the shift, shift, needed."""
    who = people_by_shift(roster)
    for n, day in enumerate(roster.days):
        for index, shift in enumerate(roster.shifts):
            needed = int(roster.needed[n, index])
            if needed or (day, shift.id) in who:
                yield n, day, index, shift, needed


def on_weekend(results: Results, day: date) -> bool:
    """Return whether a day belongs to the country's weekend."""
    return DAYS[day.weekday()] in results.facts.country.weekend


def closed_days(results: Results) -> Mapping[date, str]:
    """Return the days on which the office is closed, or closes early, each with the reason in words."""
    country, found = results.facts.country, {}
    for day in results.roster.days:
        name = DAYS[day.weekday()]
        why = [results.roster.holidays[day]] if day in results.roster.holidays else []
        if name in country.weekend:
            why.append(words("closed_weekend"))
        elif name in country.half_days:
            why.append(words("closed_half", time=country.half_days[name]))
        if why:
            found[day] = "; ".join(why)
    return found
