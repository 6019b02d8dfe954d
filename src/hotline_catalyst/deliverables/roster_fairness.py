"""The sheet Fairness: shifts, nights, weekends, holidays and hours by person, with what published rosters brought."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from ..planning.rostering.codes import LEAVE, entries_of
from ..planning.rostering.fairness import weekends
from ..planning.rostering.records import Advocate, Assignment, Roster
from . import look
from .plan_sheets import A3, Formula
from .roster_book import (
    FIRST_LINE,
    FIRST_PERSON,
    RosterBook,
    RosterSheet,
    columns_of,
    letters_range,
    reach,
    words,
)
from .sheets import FIRST_ROW, column_name

WHOLE, HOURS, SHARE = (10.0, "whole"), (11.0, "hours"), (10.0, "share")
PLAIN = 4  # columns before the first count
SHIFTS, NIGHTS, NIGHT_SHARE, WEEKENDS, HOLIDAYS, SHIFT_HOURS, SESSION_HOURS, PAID, CONTRACT, LEFT, AWAY = range(
    PLAIN, 15
)
BEFORE = AWAY + 1  # shifts, nights, weekends, holidays before; then nights, weekends, holidays in all


@dataclass(frozen=True)
class Burden:
    """What one person holds: the values that stand beside the formulas."""

    shifts: int = 0
    nights: int = 0
    weekends: int = 0
    holidays: int = 0


class Ledger:
    """Everybody's burdens, hours and leave, counted once."""

    def __init__(self, roster: Roster) -> None:
        self.roster, self.days = roster, roster.days
        self.people = sorted(roster.people, key=lambda p: p.supervisor)
        self.groups = [[self.days[n] for n in group] for group in weekends(self.days, roster.weekend)]
        night = {s.id: s.night for s in roster.shifts}
        paid = {s.id: s.paid for s in roster.shifts}
        self.now = _burdens(roster.assignments, night, self.groups, roster.holidays)
        self.shift_hours: dict[str, float] = defaultdict(float)
        for a in roster.assignments:
            self.shift_hours[a.person] += paid[a.shift] / 60
        self.session_hours: dict[str, float] = defaultdict(float)
        for s in roster.sessions:
            for person in s.people:
                self.session_hours[person] += s.minutes / 60
        self.away: dict[str, int] = defaultdict(int)
        for (person, _), entry in entries_of(roster).items():
            self.away[person] += entry == LEAVE
        past = roster.past
        held = sorted({a.day for a in past.assignments})
        old = [[held[n] for n in group] for group in weekends(held, roster.weekend)]
        night = {ident: shift.night for ident, shift in past.shifts.items()}
        self.before = _burdens(past.assignments, night, old, past.holidays)

    def days_there(self, person: Advocate) -> int:
        """Return the days of the roster on which a person is employed."""
        return sum((person.first_day or day) <= day <= (person.last_day or day) for day in self.days)

    def totals(self) -> dict[str, list[Formula]]:
        """Return paid hours, nights and weekends of each person, read from the sheet."""
        found = {}
        for n, p in enumerate(self.people):
            held = self.now.get(p.code, Burden())
            paid = self.shift_hours[p.code] + self.session_hours[p.code]
            values = ((PAID, paid), (NIGHTS, held.nights), (WEEKENDS, held.weekends))
            found[p.code] = [Formula(f"Fairness!{column_name(c)}{FIRST_LINE + n}", value) for c, value in values]
        return found


def _burdens(
    given: Sequence[Assignment], night: dict[str, bool], groups: Sequence[Sequence[date]], holidays: Iterable[date]
) -> dict[str, Burden]:
    mine: dict[str, list[Assignment]] = defaultdict(list)
    for a in given:
        mine[a.person].append(a)
    found, free = {}, set(holidays)
    for person, held in mine.items():
        days = {a.day for a in held}
        worked = sum(any(day in days for day in group) for group in groups)
        found[person] = Burden(len(held), sum(night[a.shift] for a in held), worked, sum(a.day in free for a in held))
    return found


def fairness(book: RosterBook, ledger: Ledger) -> None:
    """Add a line for each person; where published rosters came before, with what they brought."""
    roster = book.results.roster
    columns = columns_of(
        "fairness", (12, "name"), (12, "text"), HOURS, (10, "text"),
        WHOLE, WHOLE, SHARE, WHOLE, WHOLE, *[HOURS] * 5, WHOLE,
    )  # fmt: skip
    past = roster.past.first is not None
    if past:
        columns += columns_of("before", *[WHOLE] * 7)
    sheet = RosterSheet(book, "Fairness", "fairness", columns)
    sheet.page.set_paper(A3)
    sheet.headings()
    grid = {p.code: FIRST_PERSON + n for n, p in enumerate(roster.people)}
    for p in ledger.people:
        row = sheet.row + 1
        role = words("supervisor" if p.supervisor else p.contract)
        counts = _counts(ledger, p, grid[p.code], row)
        history = _history(ledger.before.get(p.code, Burden()), counts, row) if past else []
        sheet.add([p.code, role, p.hours_per_week, words("yes" if p.nights else "no"), *counts, *history])
    if advocates := sum(not p.supervisor for p in ledger.people):
        _extremes(sheet, advocates, len(columns))
    sheet.finish(frozen=1, filtered=False)


def _counts(ledger: Ledger, person: Advocate, grid: int, row: int) -> list[Formula]:
    """Return a person's counts over the row ``grid`` of the grid; ``row`` is the person's own on this sheet."""
    roster, code = ledger.roster, person.code
    held, there = ledger.now.get(code, Burden()), ledger.days_there(person)
    days, holiday = reach(roster, grid), reach(roster, FIRST_ROW + 2)
    letters, paid, night = (letters_range(roster, c) for c in "AFG")
    on, off = ledger.shift_hours[code], ledger.session_hours[code]
    contract = person.hours_per_week * there / 7
    at = {c: f"{column_name(c)}{row}" for c in range(AWAY + 1)}
    return [
        Formula(f"SUMPRODUCT(COUNTIF({days},{letters}))", held.shifts),
        Formula(f'SUMPRODUCT(COUNTIF({days},{letters})*({night}="{words("yes")}"))', held.nights),
        Formula(f"IF({at[SHIFTS]}=0,0,{at[NIGHTS]}/{at[SHIFTS]})", held.nights / max(1, held.shifts)),
        Formula(_weekends(ledger, grid, letters), held.weekends),
        Formula(f'SUMPRODUCT(COUNTIFS({holiday},"H",{days},{letters}))', held.holidays),
        Formula(f"SUMPRODUCT(COUNTIF({days},{letters})*{paid})", on),
        Formula(_sessions(roster, f"$A{row}"), off),
        Formula(f"{at[SHIFT_HOURS]}+{at[SESSION_HOURS]}", on + off),
        Formula(f"{at[2]}*{there}/7", contract),
        Formula(f"{at[CONTRACT]}-{at[PAID]}", contract - on - off),
        Formula(f'COUNTIF({days},"{LEAVE}")', ledger.away[code]),
    ]


def _weekends(ledger: Ledger, grid: int, letters: str) -> str:
    """Return a count of weekends with any shift: one term for each weekend, whose days need not touch."""
    terms = []
    for group in ledger.groups:
        places = [(day - ledger.days[0]).days for day in group]
        spans = [(n, n) for n in places]
        if places[-1] - places[0] == len(places) - 1:
            spans = [(places[0], places[-1])]
        held = (f"SUMPRODUCT(COUNTIF({reach(ledger.roster, grid, a, b)},{letters}))" for a, b in spans)
        terms.append(f"({'+'.join(held)}>0)")
    return "+".join(["0", *terms])


def _sessions(roster: Roster, code: str) -> str:
    """Return the hours of the sessions whose people hold this code."""
    first, last = FIRST_LINE, FIRST_LINE + max(1, len(roster.sessions)) - 1
    named = f'ISNUMBER(FIND(", "&{code}&",",", "&Sessions!$F${first}:$F${last}&","))'
    return f"SUMPRODUCT({named}*Sessions!$G${first}:$G${last})"


def _history(before: Burden, counts: Sequence[Formula], row: int) -> list[int | Formula]:
    """Return what came before, then nights, weekends and holidays of before and now together."""
    old = [before.shifts, before.nights, before.weekends, before.holidays]
    both = [
        Formula(
            f"{column_name(now)}{row}+{column_name(BEFORE + then)}{row}", float(counts[now - PLAIN].value) + old[then]
        )
        for now, then in ((NIGHTS, 1), (WEEKENDS, 2), (HOLIDAYS, 3))
    ]
    return [*old, *both]


def _extremes(sheet: RosterSheet, advocates: int, count: int) -> None:
    """Write the fewest and the most among advocates."""
    last, rows = FIRST_LINE + advocates - 1, sheet.written[:advocates]
    for name, function, pick in ((words("fewest"), "MIN", min), (words("most"), "MAX", max)):
        values: list[object] = [name, "", "", ""]
        for c in range(PLAIN, count):
            seen = [float(v.value if isinstance(v, Formula) else v) for v in (row[c] for row in rows)]
            values.append(Formula(f"{function}({column_name(c)}{FIRST_LINE}:{column_name(c)}{last})", pick(seen)))
        sheet.add(values, bold=True, bg_color=look.PALE)
