"""The sheets By day and Cover by hour: who is on each shift, and whether every hour is held, breaks counted off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ..planning.calendar import QUARTERS_A_DAY, QUARTERS_A_WEEK
from ..planning.rostering.codes import codes_of
from ..planning.rostering.records import Roster
from ..planning.rostering.shortfalls import language_name
from ..planning.shifts import Shift
from ..results import Results
from . import look
from .plan_sheets import A3, Column, Formula
from .roster_book import (
    FIRST_LINE,
    FIRST_PERSON,
    ROOM,
    RosterBook,
    RosterSheet,
    column_name,
    columns_of,
    lines,
    on_weekend,
    people_by_shift,
    words,
)
from .sheets import FIRST_ROW

LONGEST_FORMULA = 8000  # Excel takes 8,192 characters
HOURS = 24
SHORT, ALONE, CLOSED = "✗ ", "! ", "·"
FILL_SHORT, FILL_ALONE = "#F0D9D3", "#F3E8D2"


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

    ``known`` counts people of a roster before this one, less those on their break.
    """

    today: frozenset[int]
    before: frozenset[int]
    known: int
    need: int


class Line:
    """The line by quarter-hours, from shifts, breaks and need; supervisors' own shifts are not on it."""

    def __init__(self, results: Results) -> None:
        self.roster = results.roster
        self.need = results.staffing.need.on_shift
        leads = self.roster.supervisor_shifts
        self.spans = {k: (s.start, s.start + s.cover) for k, s in enumerate(self.roster.shifts) if s.id not in leads}
        self.known: dict[tuple[date, int], int] = {}
        past, eve = self.roster.past, self.roster.start - timedelta(days=1)
        for a in past.answering:
            if a.day == eve:
                self._add(eve, past.shifts[a.shift].start, past.shifts[a.shift].cover, 1)
        on_line = {(a.person, a.day) for a in self.roster.answering}
        for b in (b for b in self.roster.breaks if (b.person, b.day) in on_line):
            self._add(b.day, b.start, b.minutes, -1)
        self.counts = {place: len(codes) for place, codes in people_by_shift(self.roster).items()}

    def _add(self, day: date, start: int, minutes: int, people: int) -> None:
        """Add people to every quarter-hour that a span touches."""
        for quarter in range(start // 15, -(-(start + minutes) // 15)):
            place = day + timedelta(days=quarter // QUARTERS_A_DAY), quarter % QUARTERS_A_DAY
            self.known[place] = self.known.get(place, 0) + people

    def quarters(self, n: int, day: date, hour: int) -> list[Quarter]:
        """Return what differs among the four quarter-hours of an hour, each once."""
        found: dict[Quarter, None] = {}
        for quarter in range(4 * hour, 4 * hour + 4):
            minute = 15 * quarter
            today = frozenset(k for k, (a, b) in self.spans.items() if a <= minute < b)
            before = frozenset(k for k, (a, b) in self.spans.items() if n and a <= minute + 1440 < b)
            need = int(self.need[(day.weekday() * QUARTERS_A_DAY + quarter) % QUARTERS_A_WEEK])
            found[Quarter(today, before, self.known.get((day, quarter), 0), need)] = None
        return list(found)

    def on(self, day: date, quarter: Quarter) -> int:
        """Return how many answer."""
        ids = [s.id for s in self.roster.shifts]
        eve = day - timedelta(days=1)
        held = sum(self.counts.get((day, ids[k]), 0) for k in quarter.today)
        return quarter.known + held + sum(self.counts.get((eve, ids[k]), 0) for k in quarter.before)


def cover_by_hour(book: RosterBook) -> None:
    """Add a line for each day: in each hour the fewest on the line against the most asked, breaks counted off.

    Right of what is printed, folded away, stand the counts by kind of shift and the numbers on the line.
    """
    results, roster = book.results, book.results.roster
    codes = list(codes_of(roster.shifts).values())
    columns = [*columns_of("cover", (13, "weekday"), (12, "text"), (9, "whole"), (9, "whole"), (12, "hours"))]
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
    """Yield how many hours are short, and in how many somebody is alone."""
    place = f"{column_name(2)}{row}:{column_name(1 + HOURS)}{row}"
    for sign in (SHORT, ALONE):
        count = sum(str(c.value).startswith(sign) for c in cells)
        yield Formula(f'SUMPRODUCT(--(LEFT({place},1)="{sign.strip()}"))', count)


def _sum(quarter: Quarter, shown: int, row: int) -> str:
    """Return the sum of the counts of the shifts that answer in a quarter-hour."""
    cells = [f"{column_name(shown + k)}{row}" for k in sorted(quarter.today)]
    cells += [f"{column_name(shown + k)}{row - 1}" for k in sorted(quarter.before)]
    text = "+".join(cells) or "0"
    return f"{text}{quarter.known:+d}" if quarter.known else text


def _least(sums: list[str]) -> str:
    different = list(dict.fromkeys(sums))
    return f"MIN({','.join(different)})" if len(different) > 1 else different[0]


def _hour(place: str, quarters: list[Quarter], sums: list[str], on: list[int]) -> Formula:
    """Return the cell of one hour: a sign where a quarter-hour is short or someone is alone, on the line / asked."""
    needs = [q.need for q in quarters]
    asked, fewest = max(needs), min(on)
    if not asked:
        return Formula(f'IF({place}=0,"{CLOSED}",{place}&"/0")', f"{fewest}/0" if fewest else CLOSED)
    if len(set(needs)) == 1:
        short = f"{place}<{asked}"
    else:
        short = f"MIN({','.join(f'{s}-{need}' for s, need in zip(sums, needs, strict=True))})<0"
    is_short = any(o < need for o, need in zip(on, needs, strict=True))
    sign = SHORT if is_short else ALONE if fewest == 1 else ""
    return Formula(f'IF({short},"{SHORT}",IF({place}=1,"{ALONE}",""))&{place}&"/{asked}"', f"{sign}{fewest}/{asked}")


def _totals(sheet: RosterSheet) -> None:
    """Write the last line: hours nobody covers, in all days."""
    sheet.cell(sheet.row, 0, words("all_days"), "name")
    for column in range(2 + HOURS, 5 + HOURS):
        name = column_name(column)
        total = sum(float(row[column].value) for row in sheet.written)
        sheet.cell(sheet.row, column, Formula(f"SUM({name}{FIRST_LINE}:{name}{sheet.row})", total), bold=True)
    sheet.row += 1


def _signs(sheet: RosterSheet, days: int) -> None:
    """Fill the cells with a sign: colour goes with it, never alone."""
    add, first = sheet.book.book.add_format, f"{column_name(2)}{FIRST_LINE}"
    area = (FIRST_LINE - 1, 2, FIRST_LINE + days - 2, 1 + HOURS)
    for sign, fill, ink in ((SHORT, FILL_SHORT, look.NOT_MET), (ALONE, FILL_ALONE, look.CAUTION)):
        wish = add({"bold": True, "bg_color": fill, "font_color": ink})
        rule = {"type": "formula", "criteria": f'=LEFT({first},1)="{sign.strip()}"', "format": wish}
        sheet.page.conditional_format(*area, rule)
