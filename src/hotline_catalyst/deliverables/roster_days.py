"""The sheets By day and Cover by hour: who is on each shift, and whether every hour is held, breaks counted off."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ..planning.calendar import QUARTERS_A_DAY, QUARTERS_A_WEEK
from ..planning.rostering.codes import codes_of
from ..planning.rostering.records import Roster
from ..planning.shifts import Shift
from ..planning.staffing_words import language_name
from ..results import Results
from . import look
from .plan_sheets import A3, Column, Formula
from .roster_book import (
    FIRST_LINE,
    FIRST_PERSON,
    ROOM,
    RosterBook,
    RosterSheet,
    columns_of,
    lines,
    on_weekend,
    people_by_shift,
    words,
)
from .sheets import FIRST_ROW, column_name

LONGEST_FORMULA = 8000  # Excel takes 8,192 characters
HOURS = 24
SHORT, BREAK, ALONE, CLOSED = "✗ ", "b ", "! ", "·"
# Colour goes with a sign, never alone.
FILLS = ((SHORT, "#F0D9D3", look.NOT_MET), (BREAK, look.PALE, look.QUIET), (ALONE, "#F3E8D2", look.CAUTION))
FILL_SHORT = FILLS[0][1]


# --- By day ------------------------------------------------------------------------------------------------------


def by_day(book: RosterBook) -> None:
    """Add a line for every shift of every day, counted over the grid."""
    results, roster = book.results, book.results.roster
    columns = columns_of(
        "by_day", (13, "weekday"), (20, "text"), (7, "centre"), (26, "text"), (46, "name"),
        *[(9, "whole")] * 3, *[(10, "hours")] * 2,
    )  # fmt: skip
    columns += [Column(words("speakers_short", language=language_name(name)), 10, "whole") for name in roster.speakers]
    sheet = RosterSheet(book, "By day", "by_day", columns)
    sheet.headings()
    who, codes = people_by_shift(roster), codes_of(roster.shifts)
    for n, day, index, shift, needed in lines(roster):
        row = sheet.row + 1
        people, hours = who.get((day, shift.id), []), f"Shifts!$D${FIRST_LINE + index}"
        book.places[day, shift.id] = row, ", ".join(people) or words("nobody")
        short = max(0, needed - len(people))
        values = [
            *(day, roster.holidays.get(day, ""), codes[shift.id], _times(roster, shift)),
            *(_who(roster, column_name(ROOM + n), row, people), needed),
            Formula(f"COUNTIF({_column(roster, n)},C{row})", len(people)),
            Formula(f"MAX(0,F{row}-G{row})", short),
            Formula(f"F{row}*{hours}", needed * shift.cover / 60),
            Formula(f"H{row}*{hours}", short * shift.cover / 60),
            *(_speakers_short(roster, name, n, index, row, people) for name in roster.speakers),
        ]
        shaded = on_weekend(results, day) or day in roster.holidays
        sheet.add(values, **({"bg_color": look.PALE} if shaded else {}))
    wrong = book.book.add_format({"bold": True, "font_color": look.NOT_MET, "bg_color": FILL_SHORT})
    rule = {"type": "cell", "criteria": ">", "value": 0, "format": wrong}
    last = max(sheet.row - 1, FIRST_ROW + 1)
    for column in (7, *range(10, len(columns))):
        sheet.page.conditional_format(FIRST_ROW + 1, column, last, column, rule)
    sheet.finish(frozen=1)


def _times(roster: Roster, shift: Shift) -> str:
    return f"{shift.text}, {words('supervisors_shift')}" if shift.id in roster.supervisor_shifts else shift.text


def _column(roster: Roster, day: int) -> str:
    """Return everybody's cells of one day, as a formula names them."""
    name = column_name(ROOM + day)
    return f"'By person'!${name}${FIRST_PERSON}:${name}${FIRST_PERSON + max(1, len(roster.people)) - 1}"


def _who(roster: Roster, column: str, row: int, people: list[str]) -> Formula | str:
    """Return the codes of a shift, read from the grid; as plain text where the desk is too large for one formula."""
    places = [FIRST_PERSON + n for n in range(len(roster.people))]
    named = "&".join(f"IF('By person'!{column}${at}=$C{row},\", \"&'By person'!$A${at},\"\")" for at in places)
    nobody = words("nobody")
    formula = f'IF(G{row}=0,"{nobody}",MID({named},3,2000))'
    text = ", ".join(people) or nobody
    return Formula(formula, text) if places and len(formula) < LONGEST_FORMULA else text


def _speakers_short(roster: Roster, name: str, day: int, index: int, row: int, people: list[str]) -> Formula:
    """Return how many speakers of a language a shift lacks."""
    asked = int(roster.speakers[name][day, index])
    speak = {p.code for p in roster.people if name in p.languages}
    last = FIRST_PERSON + max(1, len(roster.people)) - 1
    spoken = f'ISNUMBER(FIND(", {name},",", "&\'By person\'!$B${FIRST_PERSON}:$B${last}&","))'
    formula = f"MAX(0,{asked}-SUMPRODUCT(({_column(roster, day)}=C{row})*{spoken}))"
    return Formula(formula, max(0, asked - len(speak & set(people))))


# --- Cover by hour -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Quarter:
    """Who answers in a quarter-hour: kinds of shift begun today and the day before, people known, and the need.

    ``known`` counts people of a roster before this one, ``away`` those on their break.
    """

    today: frozenset[int]
    before: frozenset[int]
    known: int
    away: int
    need: int


class Line:
    """The line by quarter-hours, from shifts, breaks and need; supervisors' own shifts are not on it."""

    def __init__(self, results: Results) -> None:
        self.roster = results.roster
        self.need = results.staffing.need.on_shift
        leads = self.roster.supervisor_shifts
        self.spans = {k: (s.start, s.start + s.cover) for k, s in enumerate(self.roster.shifts) if s.id not in leads}
        self.known: dict[tuple[date, int], int] = {}
        self.away: dict[tuple[date, int], int] = {}
        past, eve = self.roster.past, self.roster.start - timedelta(days=1)
        for a in past.answering:
            if a.day == eve:
                _add(self.known, eve, past.shifts[a.shift].start, past.shifts[a.shift].cover)
        on_line = {(a.person, a.day) for a in self.roster.answering}
        for b in (b for b in self.roster.breaks if (b.person, b.day) in on_line):
            _add(self.away, b.day, b.start, b.minutes)
        self.counts = {place: len(codes) for place, codes in people_by_shift(self.roster).items()}

    def quarters(self, n: int, day: date, hour: int) -> list[Quarter]:
        """Return what differs among the four quarter-hours of an hour, each once."""
        found: dict[Quarter, None] = {}
        for quarter in range(4 * hour, 4 * hour + 4):
            minute = 15 * quarter
            today = frozenset(k for k, (a, b) in self.spans.items() if a <= minute < b)
            before = frozenset(k for k, (a, b) in self.spans.items() if n and a <= minute + 1440 < b)
            need = int(self.need[(day.weekday() * QUARTERS_A_DAY + quarter) % QUARTERS_A_WEEK])
            known, away = (counts.get((day, quarter), 0) for counts in (self.known, self.away))
            found[Quarter(today, before, known, away, need)] = None
        return list(found)

    def on(self, day: date, quarter: Quarter) -> int:
        """Return how many answer."""
        ids = [s.id for s in self.roster.shifts]
        eve = day - timedelta(days=1)
        held = sum(self.counts.get((day, ids[k]), 0) for k in quarter.today)
        return quarter.known - quarter.away + held + sum(self.counts.get((eve, ids[k]), 0) for k in quarter.before)


def _add(counts: dict[tuple[date, int], int], day: date, start: int, minutes: int) -> None:
    """Count a person in every quarter-hour that a span touches."""
    for quarter in range(start // 15, -(-(start + minutes) // 15)):
        place = day + timedelta(days=quarter // QUARTERS_A_DAY), quarter % QUARTERS_A_DAY
        counts[place] = counts.get(place, 0) + 1


def cover_by_hour(book: RosterBook) -> None:
    """Add a line for each day: in each hour the fewest on the line against the most asked, breaks counted off.

    Right of what is printed, folded away, stand the counts by kind of shift and the numbers on the line.
    """
    results, roster = book.results, book.results.roster
    codes = list(codes_of(roster.shifts).values())
    columns = [*columns_of("cover", (13, "weekday"), (12, "text"), *[(9, "whole")] * 3, (12, "hours"))]
    columns[2:2] = [Column(f"{hour:02d}", 5.6, "centre") for hour in range(HOURS)]
    shown = len(columns)
    helpers = [*codes, *(f"#{hour:02d}" for hour in range(HOURS))]
    columns += [Column(title, 6, "whole") for title in helpers]
    sheet = RosterSheet(book, "Cover by hour", "cover", columns)
    sheet.page.set_column(shown, len(columns) - 1, 6, book.style(), {"level": 1, "hidden": True})
    sheet.headings()
    line = Line(results)
    for n, day in enumerate(roster.days):
        shaded = {"bg_color": look.PALE} if on_weekend(results, day) or day in roster.holidays else {}
        sheet.add(list(_hours(book, line, n, day, shown)), **shaded)
    _totals(sheet)
    _signs(sheet, len(roster.days))
    sheet.finish(frozen=1, filtered=False)
    sheet.page.set_paper(A3)
    sheet.page.print_area(0, 0, sheet.row - 1, shown - 1)


def _hours(book: RosterBook, line: Line, n: int, day: date, shown: int) -> Iterator[Any]:
    """Yield a day's cells: day, holiday, 24 hours, what they add up to; then counts and numbers."""
    roster, row = line.roster, FIRST_LINE + n
    kinds = len(roster.shifts)
    counts = [
        Formula(f'COUNTIF({_column(roster, n)},"{code}")', line.counts.get((day, shift), 0))
        for shift, code in codes_of(roster.shifts).items()
    ]
    cells, numbers = [], []
    for hour in range(HOURS):
        quarters = line.quarters(n, day, hour)
        place = f"{column_name(shown + kinds + hour)}{row}"
        sums = [_sum(q, shown, row) for q in quarters]
        on = [line.on(day, q) for q in quarters]
        numbers.append(Formula(_least(sums), min(on)))
        cells.append(_hour(place, quarters, sums, on))
    listed = [book.places.get((day, roster.shifts[k].id)) for k in line.spans]
    own = [place[0] for place in listed if place is not None]
    hours = sum(
        max(0, int(roster.needed[n, k]) - line.counts.get((day, s.id), 0)) * s.cover / 60
        for k, s in enumerate(roster.shifts)
        if k in line.spans
    )
    total = f"SUM('By day'!$J${min(own)}:$J${max(own)})" if own else "0"
    yield from (day, roster.holidays.get(day, ""), *cells, *_signed(cells, row), Formula(total, hours))
    yield from (*counts, *numbers)


def _signed(cells: list[Formula], row: int) -> Iterator[Formula]:
    """Yield in how many hours a place is empty, a break leaves too few, and somebody is alone."""
    place = f"{column_name(2)}{row}:{column_name(1 + HOURS)}{row}"
    for sign, *_ in FILLS:
        count = sum(str(c.value).startswith(sign) for c in cells)
        yield Formula(f'SUMPRODUCT(--(LEFT({place},1)="{sign.strip()}"))', count)


def _sum(quarter: Quarter, shown: int, row: int) -> str:
    """Return the sum of the counts of the shifts that answer in a quarter-hour."""
    cells = [f"{column_name(shown + k)}{row}" for k in sorted(quarter.today)]
    cells += [f"{column_name(shown + k)}{row - 1}" for k in sorted(quarter.before)]
    text = "+".join(cells) or "0"
    known = quarter.known - quarter.away
    return f"{text}{known:+d}" if known else text


def _least(sums: list[str]) -> str:
    different = list(dict.fromkeys(sums))
    return f"MIN({','.join(different)})" if len(different) > 1 else different[0]


def _hour(place: str, quarters: list[Quarter], sums: list[str], on: list[int]) -> Formula:
    """Return the cell of one hour: a sign where a quarter-hour has too few or someone is alone, on the line / asked."""
    needs = [q.need for q in quarters]
    asked, fewest = max(needs), min(on)
    if not asked:
        return Formula(f'IF({place}=0,"{CLOSED}",{place}&"/0")', f"{fewest}/0" if fewest else CLOSED)
    fewer = _below(f"{text}-{q.need}" for text, q in zip(sums, quarters, strict=True))
    empty = _below(f"{text}-{q.need}+{q.away}" for text, q in zip(sums, quarters, strict=True))
    is_fewer = any(o < q.need for o, q in zip(on, quarters, strict=True))
    is_empty = any(o + q.away < q.need for o, q in zip(on, quarters, strict=True))
    sign = SHORT if is_empty else BREAK if is_fewer else ALONE if fewest == 1 else ""
    signs = f'IF({empty},"{SHORT}",IF({fewer},"{BREAK}",IF({place}=1,"{ALONE}","")))'
    return Formula(f'{signs}&{place}&"/{asked}"', f"{sign}{fewest}/{asked}")


def _below(margins: Iterable[str]) -> str:
    return f"{_least(list(margins))}<0"


def _totals(sheet: RosterSheet) -> None:
    """Write the last line: hours nobody covers, in all days."""
    sheet.cell(sheet.row, 0, words("all_days"), "name")
    for column in range(2 + HOURS, 6 + HOURS):
        name = column_name(column)
        total = sum(float(row[column].value) for row in sheet.written)
        sheet.cell(sheet.row, column, Formula(f"SUM({name}{FIRST_LINE}:{name}{sheet.row})", total), bold=True)
    sheet.row += 1


def _signs(sheet: RosterSheet, days: int) -> None:
    """Fill the cells with a sign."""
    add, first = sheet.book.book.add_format, f"{column_name(2)}{FIRST_LINE}"
    area = (FIRST_LINE - 1, 2, FIRST_LINE + days - 2, 1 + HOURS)
    for sign, fill, ink in FILLS:
        wish = add({"bold": True, "bg_color": fill, "font_color": ink})
        rule = {"type": "formula", "criteria": f'=LEFT({first},1)="{sign.strip()}"', "format": wish}
        sheet.page.conditional_format(*area, rule)
