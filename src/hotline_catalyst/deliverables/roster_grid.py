"""The grid of the roster, people by days, with the letters that all other sheets count."""

from __future__ import annotations

from datetime import date
from typing import Any

from ..planning.calendar import DAYS
from ..planning.rostering.records import Roster
from ..planning.shifts import Shift
from ..results import Results
from . import look
from .plan_sheets import Column, Sheet
from .sheets import FIRST_ROW, Book

ROOM = 3  # the grid's first column of days
GRID_HEAD = FIRST_ROW + 2  # two rows of marks, weekend and holiday, stand above the grid's headings
FIRST_PERSON = GRID_HEAD + 2  # as formulas count rows
LEAVE, ON_CALL = "lv", "C"
NOON_FROM, LATE_FROM = 600, 840  # minutes after midnight from which a shift is called middle or late
FILLS = {"E": look.LEVELS[1], "M": look.LEVELS[2], "L": look.LEVELS[3], "N": look.NIGHT}


def mark_of(results: Results) -> str:
    """Return the mark that stands on every sheet and in every feed."""
    return "DRAFT: posts, not people" if results.roster.anonymous else "DRAFT"


def codes_of(roster: Roster) -> dict[str, str]:
    """Return a short code for each shift: E early, M middle, L late, N night, numbered where there are several."""
    letters = {s.id: _letter(s) for s in roster.shifts}
    codes: dict[str, str] = {}
    for ident, letter in letters.items():
        same = [i for i, other in letters.items() if other == letter]
        codes[ident] = letter if len(same) == 1 else f"{letter}{same.index(ident) + 1}"
    return codes


def _letter(shift: Shift) -> str:
    if shift.night:
        return "N"
    return "E" if shift.start < NOON_FROM else "M" if shift.start < LATE_FROM else "L"


def people_by_shift(roster: Roster) -> dict[tuple[date, str], list[str]]:
    """Return who works each shift of each day."""
    found: dict[tuple[date, str], list[str]] = {}
    for a in roster.assignments:
        found.setdefault((a.day, a.shift), []).append(a.person)
    return found


def draft_sheet(book: Book, name: str, title: str, say: str, columns: list[Column]) -> Sheet:
    """Add a sheet that says first what it is: a draft."""
    return Sheet(book, name, f"{mark_of(book.results)} · {title}", say, columns)


def column_name(index: int) -> str:
    return chr(ord("A") + index) if index < 26 else f"{chr(ord('A') + index // 26 - 1)}{chr(ord('A') + index % 26)}"


def on_weekend(results: Results, day: date) -> bool:
    return DAYS[day.weekday()] in results.facts.country.weekend


def key_of(roster: Roster) -> str:
    codes = codes_of(roster)
    return "; ".join(f"{codes[s.id]} {s.text}" for s in roster.shifts) or "no shift is needed"


def entries_of(roster: Roster) -> dict[tuple[str, date], str]:
    """Return what stands in each cell of the grid."""
    codes = codes_of(roster)
    found = {(p.code, day): LEAVE for p in roster.people for day in p.leave}
    found |= {(person, day): ON_CALL for day, person in roster.on_call.items()}
    return found | {(a.person, a.day): codes[a.shift] for a in roster.assignments}


def add_grid(book: Book) -> None:
    results, roster = book.results, book.results.roster
    columns = [Column("Who", 10, "name"), Column("Languages", 11), Column("Nights", 10)]
    columns += [Column("", 4.3, "centre") for _ in roster.days]
    says = f"{key_of(roster)}; {LEAVE} leave; {ON_CALL} on call. W weekend, H holiday."
    sheet = draft_sheet(book, "By person", "Who works when?", says, columns)
    head: dict[str, Any] = {"bold": True, "align": "center"}
    holiday = head | {"font_color": look.CAUTION}
    for row, mark in ((FIRST_ROW, "W"), (FIRST_ROW + 1, "H")):
        sheet.cell(row, 2, "weekend" if mark == "W" else "holiday", font_color=look.QUIET)
        for n, day in enumerate(roster.days):
            holds = on_weekend(results, day) if mark == "W" else day in roster.holidays
            sheet.cell(row, ROOM + n, mark if holds else "", **(head if mark == "W" else holiday))
    sheet.row = GRID_HEAD
    sheet.headings()
    date_style: dict[str, Any] = {
        "bold": True,
        "font_color": "#FFFFFF",
        "bg_color": look.NIGHT,
        "rotation": 90,
        "num_format": "ddd d mmm",
    }
    for n, day in enumerate(roster.days):
        sheet.cell(GRID_HEAD, ROOM + n, day, **date_style, valign="vcenter")
        if day in roster.holidays:
            sheet.page.write_comment(GRID_HEAD, ROOM + n, roster.holidays[day])
    sheet.page.set_row(GRID_HEAD, 62)
    entries = entries_of(roster)
    for p in roster.people:
        nights = "" if p.supervisor else "yes" if p.nights else "no"
        sheet.add([p.code, ", ".join(p.languages), nights, *(entries.get((p.code, d), "") for d in roster.days)])
    _colours(sheet, roster)
    sheet.finish(frozen=ROOM, head=GRID_HEAD, filtered=False)


def _colours(sheet: Sheet, roster: Roster) -> None:
    """Colour the letters where they stand, and offer them as a list: a changed letter changes its colour."""
    area = (GRID_HEAD + 1, ROOM, max(sheet.row - 1, GRID_HEAD + 1), ROOM + len(roster.days) - 1)
    add = sheet.book.book.add_format
    rules = [
        (code, {"bg_color": FILLS[code[0]], "font_color": "#FFFFFF" if code[0] == "N" else look.INK, "bold": True})
        for code in codes_of(roster).values()
    ]
    rules += [(LEAVE, {"font_color": look.QUIET, "italic": True, "bg_color": look.LINE, "pattern": 17})]
    rules += [(ON_CALL, {"font_color": look.NIGHT, "bold": True, "border": 1})]
    for code, wish in rules:
        rule = {"type": "cell", "criteria": "==", "value": f'"{code}"', "format": add(wish), "stop_if_true": True}
        sheet.page.conditional_format(*area, rule)
    shade = {
        "type": "formula",
        "criteria": f'={column_name(ROOM)}${FIRST_ROW + 1}="W"',
        "format": add({"bg_color": "#F1F3F5"}),
    }
    sheet.page.conditional_format(*area, shade)
    allowed = [*codes_of(roster).values(), LEAVE, ON_CALL]
    if len(",".join(allowed)) < 250:
        sheet.page.data_validation(*area, {"validate": "list", "source": allowed, "error_type": "warning"})


def reach(roster: Roster, row: int) -> str:
    """Return one row of the grid's days, as a formula names it."""
    return f"'By person'!$D${row}:${column_name(ROOM + len(roster.days) - 1)}${row}"
