"""roster.xlsx: the grid, and sheets that count over it, so that a change of the grid shows what it does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from ..planning.rostering.records import Advocate, Roster
from ..planning.shifts import Shift
from ..results import Results
from . import look
from .plan_sheets import Column, Formula, read_me
from .roster_grid import (
    FIRST_PERSON,
    LEAVE,
    ON_CALL,
    ROOM,
    add_grid,
    codes_of,
    column_name,
    draft_sheet,
    entries_of,
    key_of,
    mark_of,
    on_weekend,
    people_by_shift,
    reach,
)
from .sheets import FIRST_ROW, Book

FIRST_LINE = FIRST_ROW + 2  # first row of data of every sheet but the grid, as formulas count rows
AGREEMENTS = {"leave": "Leave is kept free", "nights": "No nights for those who agreed on none"}
LONGEST_FORMULA = 8000  # Excel takes 8,192 characters


def write(results: Results, path: Path) -> Path:
    """Write the workbook."""
    audience = f"{mark_of(results)}, operator's edition, codes only"
    book = Book(results, f"{mark_of(results)}: roster of {results.facts.name}", audience)
    _read_me(book)
    add_grid(book)
    _by_day(book)
    _cover(book)
    _fairness(book)
    _rules(book)
    _on_call(book)
    _shifts(book)
    return book.write(path)


def _read_me(book: Book) -> None:
    results, roster = book.results, book.results.roster
    hard = sum(v.hard for v in roster.violations)
    posts = "Posts, not people: staff.yaml lists nobody yet. Each post stands for one advocate to hire."
    found = {
        "proved best": "No roster leaves fewer hours uncovered; fairness is within 2 % of the best.",
        "good": "The search ended at its work limit: a better roster may exist.",
        "none": "No roster was found. The sheets show what is needed.",
    }
    lines = [
        ("Draft", posts if roster.anonymous else "Not in force until the desk has read and signed it."),
        (
            "Who may have it",
            "The operator's rota desk. Shift times and codes never leave it: they would help a trafficker.",
        ),
        ("Weeks", f"{look.day(roster.days[0])} to {look.day(roster.days[-1])}"),
        ("How good it is", found[roster.status]),
        ("Hours nobody covers", f"{roster.uncovered_hours:g} advocate-hours in {len(roster.days)} days"),
        ("Rules broken", f"{hard} that must hold, {len(roster.violations) - hard} that should; see the sheet Rules."),
        (
            "Holidays",
            "; ".join(f"{look.day(d)} {name}" for d, name in roster.holidays.items()) or "none in these weeks",
        ),
        ("Change this first", "The letters on the sheet By person. By day, Cover and Fairness count over them."),
        ("Then check", "The sheet Rules was judged on the roster as built, not on your changes."),
        ("Letters", f"{key_of(roster)}; {LEAVE} leave; {ON_CALL} on call. The sheet Shifts has the times."),
    ]
    read_me(book, f"Roster: {results.facts.name}", f"{mark_of(results)}. As of {look.day(results.facts.as_of)}.", lines)


def _lines(roster: Roster) -> Iterator[tuple[int, date, int, Shift, int]]:
    """Yield every shift of every day that needs or has someone: number of the day, day, of the shift, shift, needed."""
    who = people_by_shift(roster)
    for n, day in enumerate(roster.days):
        for index, shift in enumerate(roster.shifts):
            needed = int(roster.needed[n, index])
            if needed or (day, shift.id) in who:
                yield n, day, index, shift, needed


def _by_day(book: Book) -> None:
    results, roster = book.results, book.results.roster
    columns = [Column("Day", 13, "weekday"), Column("Holiday", 20), Column("Shift", 7, "centre"), Column("Times", 14)]
    columns += [Column("Who", 46, "name"), Column("Needed", 10, "whole"), Column("On shift", 10, "whole")]
    columns += [Column("Short", 9, "whole"), Column("Needed hours", 10, "hours"), Column("Short hours", 10, "hours")]
    says = "Hours are those in which signals are answered; handover comes on top."
    sheet = draft_sheet(book, "By day", "Who is on each shift, and where is one short?", says, columns)
    sheet.headings()
    who, codes = people_by_shift(roster), codes_of(roster)
    last = FIRST_PERSON + len(roster.people) - 1
    for n, day, index, shift, needed in _lines(roster):
        row, column = sheet.row + 1, column_name(ROOM + n)
        people, code = who.get((day, shift.id), []), codes[shift.id]
        short, hours = max(0, needed - len(people)), f"Shifts!$D${FIRST_LINE + index}"
        values = [
            *(day, roster.holidays.get(day, ""), code, shift.text, _who(roster, column, row, people), needed),
            Formula(f"COUNTIF('By person'!{column}${FIRST_PERSON}:{column}${last},C{row})", len(people)),
            Formula(f"MAX(0,F{row}-G{row})", short),
            Formula(f"F{row}*{hours}", needed * shift.cover / 60),
            Formula(f"H{row}*{hours}", short * shift.cover / 60),
        ]
        sheet.add(values, **({"bg_color": look.PALE} if on_weekend(results, day) or day in roster.holidays else {}))
    wrong = book.book.add_format({"bold": True, "font_color": look.NOT_MET})
    rule = {"type": "cell", "criteria": ">", "value": 0, "format": wrong}
    sheet.page.conditional_format(FIRST_ROW + 1, 7, max(sheet.row - 1, FIRST_ROW + 1), 7, rule)
    sheet.finish(frozen=1)


def _who(roster: Roster, column: str, row: int, people: list[str]) -> Formula | str:
    """Return the names of a shift, read from the grid; as plain text where the desk is too large for one formula."""
    places = [(p.code, FIRST_PERSON + n) for n, p in enumerate(roster.people)]
    named = "&".join(f"IF('By person'!{column}${at}=$C{row},\", \"&'By person'!$A${at},\"\")" for _, at in places)
    formula = f'IF(G{row}=0,"nobody",MID({named},3,2000))'
    order = [code for code, _ in places]
    text = ", ".join(sorted(people, key=order.index)) or "nobody"
    return Formula(formula, text) if places and len(formula) < LONGEST_FORMULA else text


def _cover(book: Book) -> None:
    results, roster = book.results, book.results.roster
    columns = [Column("Day", 16, "weekday"), Column("Holiday", 24), Column("Needed hours", 16, "hours")]
    columns += [Column("Uncovered hours", 18, "hours"), Column("Verdict", 18), Column("On call", 16)]
    sheet = draft_sheet(
        book, "Cover", "Is every hour covered?", "Advocate-hours in which signals are answered.", columns
    )
    sheet.page.set_portrait()
    sheet.headings()
    needed: dict[date, float] = dict.fromkeys(roster.days, 0.0)
    short = dict(needed)
    who = people_by_shift(roster)
    for _, day, _, shift, count in _lines(roster):
        needed[day] += count * shift.cover / 60
        short[day] += max(0, count - len(who.get((day, shift.id), []))) * shift.cover / 60
    last = FIRST_LINE + max(1, len(list(_lines(roster)))) - 1

    def total(column: str, row: int, value: float) -> Formula:
        days, hours = (f"'By day'!${c}${FIRST_LINE}:${c}${last}" for c in ("A", column))
        return Formula(f"SUMIF({days},$A{row},{hours})", value)

    for day in roster.days:
        row = sheet.row + 1
        verdict = Formula(f'IF(D{row}>0,"✗ short","✓ covered")', "✗ short" if short[day] else "✓ covered")
        values = [day, roster.holidays.get(day, ""), total("I", row, needed[day]), total("J", row, short[day]), verdict]
        shaded = {"bg_color": look.PALE} if on_weekend(results, day) or day in roster.holidays else {}
        sheet.add([*values, roster.on_call.get(day, "✗ nobody")], **shaded)
    end = sheet.row
    sums = [
        Formula(f"SUM({c}{FIRST_LINE}:{c}{end})", v)
        for c, v in (("C", sum(needed.values())), ("D", sum(short.values())))
    ]
    sheet.cell(sheet.row, 0, "All days", "name")
    for column, value in enumerate(["", *sums, "", ""], 1):
        sheet.cell(sheet.row, column, value, bold=True)
    sheet.row += 1
    sheet.finish(frozen=1, filtered=False)


def _fairness(book: Book) -> None:
    results, roster = book.results, book.results.roster
    columns = [Column("Who", 12, "name"), Column("Contract hours a week", 14, "hours"), Column("Nights agreed", 12)]
    columns += [Column(t, 13, "whole") for t in ("Shifts", "Nights", "Weekend shifts", "Holiday shifts")]
    columns += [Column("Paid hours on shift", 14, "hours"), Column("Days of leave", 12, "whole")]
    says = "Counted over the sheet By person. Leave and shorter contracts explain some differences; look at the rest."
    sheet = draft_sheet(book, "Fairness", "Is the burden shared?", says, columns)
    sheet.headings()
    for n, p in enumerate(roster.people):
        if not p.supervisor:
            sheet.add([p.code, p.hours_per_week, "yes" if p.nights else "no", *_burden(results, p, FIRST_PERSON + n)])
    if (end := sheet.row) > FIRST_ROW + 1:
        burdens = [_burden(results, p, 0) for p in roster.people if not p.supervisor]
        for name, function, pick in (("Fewest", "MIN", min), ("Most", "MAX", max)):
            values = [
                Formula(f"{function}({c}{FIRST_LINE}:{c}{end})", pick(float(b[i].value) for b in burdens))
                for i, c in enumerate("DEFGHI")
            ]
            sheet.add([name, "", "", *values], bold=True, bg_color=look.PALE)
    sheet.finish(frozen=1, filtered=False)


def _burden(results: Results, person: Advocate, row: int) -> list[Formula]:
    """Return a person's counts: shifts, nights, weekend and holiday shifts, paid hours, leave."""
    roster, end = results.roster, FIRST_LINE + max(1, len(results.roster.shifts)) - 1
    shifts = {s.id: s for s in roster.shifts}
    mine = [(a.day, shifts[a.shift]) for a in roster.assignments if a.person == person.code]
    days = reach(roster, row)
    letters, paid, night = (f"Shifts!${c}${FIRST_LINE}:${c}${end}" for c in "AFG")
    weekend, holiday = reach(roster, FIRST_ROW + 1), reach(roster, FIRST_ROW + 2)
    away = sum(entry == LEAVE for (code, _), entry in entries_of(roster).items() if code == person.code)
    return [
        Formula(f"SUMPRODUCT(COUNTIF({days},{letters}))", len(mine)),
        Formula(f'SUMPRODUCT(COUNTIF({days},{letters})*({night}="yes"))', sum(s.night for _, s in mine)),
        Formula(f'SUMPRODUCT(COUNTIFS({weekend},"W",{days},{letters}))', sum(on_weekend(results, d) for d, _ in mine)),
        Formula(f'SUMPRODUCT(COUNTIFS({holiday},"H",{days},{letters}))', sum(d in roster.holidays for d, _ in mine)),
        Formula(f"SUMPRODUCT(COUNTIF({days},{letters})*{paid})", sum(s.paid for _, s in mine) / 60),
        Formula(f'COUNTIF({days},"{LEAVE}")', away),
    ]


def _rules(book: Book) -> None:
    """List every working-time rule with its source, and under them each place where the roster breaks one."""
    results, roster = book.results, book.results.roster
    columns = [Column("Rule", 46, "name"), Column("Value", 9, "hours"), Column("Unit", 16), Column("Force", 14)]
    columns += [Column("Broken", 9, "whole"), Column("Verdict", 14), Column("Source", 80)]
    says = "Judged on the roster as built by a checker that shares no code with the planner."
    sheet = draft_sheet(book, "Rules", "Which rules hold, and where are they broken?", says, columns)
    sheet.headings()
    titles = {x.id: x.title for x in results.limits.values()} | AGREEMENTS
    rules: list[tuple[str, float | str, str, bool, str]] = [
        (x.title, x.value, x.unit, x.hard, x.source) for x in results.limits.values()
    ]
    rules += [(title, "", "", True, "staff.yaml") for title in AGREEMENTS.values()]
    top = FIRST_LINE + len(rules) + 2  # an empty row and headings stand between
    end = top + max(1, len(roster.violations)) - 1
    for title, value, unit, hard, source in rules:
        row = sheet.row + 1
        count = sum(titles.get(v.rule, v.rule) == title for v in roster.violations)
        verdict = "✓ kept" if not count else "✗ broken"
        broken = Formula(f"COUNTIF($A${top}:$A${end},$A{row})", count)
        live = Formula(f'IF(E{row}=0,"✓ kept","✗ broken")', verdict)
        sheet.add([title, value, unit, "must hold" if hard else "should hold", broken, live, source])
        colour = look.NOT_MET if count and hard else look.CAUTION if count else look.MET
        sheet.cell(row - 1, 5, live, bold=True, font_color=colour)
    sheet.row += 1
    sheet.headings("Broken rule", "Who", "Day", "Force", "", "", "What")
    for v in roster.violations:
        sheet.add(
            [titles.get(v.rule, v.rule), v.person, v.day, "must hold" if v.hard else "should hold", "", "", v.text]
        )
        sheet.cell(sheet.row - 1, 1, v.person, "text")
        sheet.cell(sheet.row - 1, 2, v.day or "four weeks", "day" if v.day else "text")
    if not roster.violations:
        sheet.add(["None", "", "", "", "", "", ""])
    sheet.finish(filtered=False)


def _on_call(book: Book) -> None:
    results, roster = book.results, book.results.roster
    columns = [
        Column("Day", 16, "weekday"),
        Column("Weekend", 12),
        Column("Holiday", 26),
        Column("On call", 20, "name"),
    ]
    columns += [Column("", 20)]
    says = "A supervisor an advocate can reach at any hour of that day."
    sheet = draft_sheet(book, "On call", "Who can be reached?", says, columns)
    sheet.page.set_portrait()
    sheet.headings()
    for day in roster.days:
        values = [day, "weekend" if on_weekend(results, day) else "", roster.holidays.get(day, "")]
        sheet.add([*values, roster.on_call.get(day, "✗ nobody"), ""])
    sheet.finish(frozen=1)


def _shifts(book: Book) -> None:
    roster, codes = book.results.roster, codes_of(book.results.roster)
    columns = [Column("Shift", 8, "name"), Column("Times", 16), Column("Handover, minutes", 12, "whole")]
    columns += [Column("Hours of answering", 12, "hours"), Column("Needed a day, Monday to Sunday", 30)]
    columns += [Column("Paid hours", 12, "hours"), Column("Night", 10)]
    says = "The other sheets count with these hours. Times end with the handover."
    sheet = draft_sheet(book, "Shifts", "What are the shifts?", says, columns)
    sheet.headings()
    for index, s in enumerate(roster.shifts):
        needed = ", ".join(str(int(n)) for n in roster.needed[:7, index])
        night = "yes" if s.night else "no"
        sheet.add([codes[s.id], s.text, s.handover, s.cover / 60, needed, s.paid / 60, night])
    sheet.finish(filtered=False)
