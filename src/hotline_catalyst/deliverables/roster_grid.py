"""The sheet By person: people by days, with the letters that all other sheets count and that come back when edited.

What reads it back finds the row whose first cell is `codes.HEADING`, the day columns by the real dates in that row,
and people by the code in the first column, down to the first empty one. All weeks stand in one table; printed, each
four weeks have a page.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from ..planning.calendar import clock_of
from ..planning.rostering.codes import HEADING, LEAVE, ON_CALL, SESSIONS, SHEET, codes_of, entries_of, part_of_day
from ..planning.rostering.records import Advocate, Roster, Session
from . import look
from .plan_sheets import A3, Column, Formula
from .roster_book import (
    GRID_HEAD,
    ROOM,
    RosterBook,
    RosterSheet,
    on_weekend,
    titles,
    words,
)
from .sheets import FIRST_ROW, column_name

FILLS = {"E": look.LEVELS[1], "M": look.LEVELS[2], "L": look.LEVELS[3], "N": look.NIGHT}
WEEKEND = "#DCE3E8"
WIDTHS = (10.0, 11.0, 8.0, 9.0, 9.0, 8.0, 9.0)
DAY_WIDTH = 4.3
PAGE_DAYS, PAGE_SCALE = 28, 76  # per cent at which the first columns and 28 days fill an A3 page


def key_of(roster: Roster) -> str:
    """Return the letters with their times, in one line."""
    codes = codes_of(roster.shifts)
    line, leads = (
        [f"{codes[s.id]} {s.text}" for s in roster.shifts if (s.id in roster.supervisor_shifts) == theirs]
        for theirs in (False, True)
    )
    shifts = "; ".join(line) or words("no_shift")
    shifts += f"; {words('supervisors_only', listed=', '.join(leads))}" if leads else ""
    used = dict.fromkeys(s.kind for s in roster.sessions)
    others = [f"{LEAVE} {words('leave')}", f"{ON_CALL} {words('on_call')}"]
    others += [f"{SESSIONS[kind]} {words(f'session_{kind}')}" for kind in SESSIONS if kind in used]
    return "; ".join([shifts, *others])


def add_grid(book: RosterBook, totals: Mapping[str, list[Formula]]) -> None:
    """Add the sheet; ``totals`` holds hours, nights and weekends by person, as the sheet Fairness has them."""
    roster = book.results.roster
    columns = [Column(HEADING, WIDTHS[0], "name")]
    kinds = ("text", "centre", "hours", "hours", "whole", "whole")
    columns += [Column(t, w, k) for t, w, k in zip(titles("grid_columns"), WIDTHS[1:], kinds, strict=True)]
    columns += [Column("", DAY_WIDTH, "centre") for _ in roster.days]
    sheet = RosterSheet(book, SHEET, "grid", columns, letters=key_of(roster))
    _marks(sheet, roster)
    sheet.row = GRID_HEAD
    sheet.headings()
    _dates(sheet, roster)
    entries, sessions = entries_of(roster), _sessions(roster)
    for p in roster.people:
        nights = words("yes" if p.nights else "no")
        sheet.add([p.code, ", ".join(p.languages), nights, p.hours_per_week, *totals[p.code]])
        _days(sheet, p, entries, sessions)
    _colours(sheet, roster)
    _finish(sheet, roster)


def _marks(sheet: RosterSheet, roster: Roster) -> None:
    """Write the two rows above the headings: W on weekends, H on holidays. Other sheets count over them."""
    for row, mark in ((FIRST_ROW, "W"), (FIRST_ROW + 1, "H")):
        sheet.cell(row, ROOM - 1, words("weekend" if mark == "W" else "holiday"), "text", font_color=look.QUIET)
        colour = {} if mark == "W" else {"font_color": look.CAUTION}
        for n, day in enumerate(roster.days):
            holds = on_weekend(sheet.book.results, day) if mark == "W" else day in roster.holidays
            sheet.cell(row, ROOM + n, mark if holds else "", bold=True, align="center", **colour)


def _dates(sheet: RosterSheet, roster: Roster) -> None:
    style: dict[str, Any] = {"bold": True, "font_color": "#FFFFFF", "bg_color": look.NIGHT, "rotation": 90}
    style |= {"num_format": "ddd d mmm", "valign": "vcenter"}
    for n, day in enumerate(roster.days):
        sheet.cell(GRID_HEAD, ROOM + n, day, **style)
        if day in roster.holidays:
            sheet.page.write_comment(GRID_HEAD, ROOM + n, roster.holidays[day])
    sheet.page.set_row(GRID_HEAD, 62)


def _sessions(roster: Roster) -> dict[tuple[str, date], list[Session]]:
    found: dict[tuple[str, date], list[Session]] = {}
    for s in sorted(roster.sessions, key=lambda s: (s.day, s.start)):
        for person in s.people:
            found.setdefault((person, s.day), []).append(s)
    return found


def _days(
    sheet: RosterSheet,
    person: Advocate,
    entries: Mapping[tuple[str, date], str],
    sessions: Mapping[tuple[str, date], list[Session]],
) -> None:
    """Write a person's days; a session is a thick line below the letter, and a note with its time."""
    row = sheet.row - 1
    for n, day in enumerate(sheet.book.results.roster.days):
        held = sessions.get((person.code, day), [])
        line: dict[str, Any] = {"bottom": 5, "bottom_color": look.INK} if held else {}
        sheet.cell(row, ROOM + n, entries.get((person.code, day), ""), bg_color=look.PALE, **line)
        if held:
            says = "\n".join(f"{clock_of(s.start)}–{clock_of(s.end)} {s.title}" for s in held)
            sheet.page.write_comment(row, ROOM + n, says)


def _colours(sheet: RosterSheet, roster: Roster) -> None:
    """Colour the letters where they stand, and offer them as a list: a changed letter changes its colour."""
    area = (GRID_HEAD + 1, ROOM, max(sheet.row - 1, GRID_HEAD + 1), ROOM + len(roster.days) - 1)
    add = sheet.book.book.add_format
    codes = list(codes_of(roster.shifts).values())
    rules: list[tuple[str, dict[str, Any]]] = [
        (code, {"bg_color": FILLS[part], "font_color": "#FFFFFF" if part == "N" else look.INK, "bold": True})
        for code, part in zip(codes, map(part_of_day, codes), strict=True)
    ]
    rules += [(LEAVE, {"font_color": look.QUIET, "italic": True, "bg_color": look.LINE, "pattern": 17})]
    rules += [(ON_CALL, {"font_color": look.NIGHT, "bold": True, "border": 1})]
    for code, wish in rules:
        rule = {"type": "cell", "criteria": "==", "value": f'"{code}"', "format": add(wish), "stop_if_true": True}
        sheet.page.conditional_format(*area, rule)
    shade = {"type": "formula", "criteria": f'={column_name(ROOM)}${FIRST_ROW + 1}="W"'}
    sheet.page.conditional_format(*area, shade | {"format": add({"bg_color": WEEKEND})})
    # A range, not a list of words: those may hold 255 characters in all.
    last = FIRST_ROW + 1 + len(codes) + len(other_letters())
    source = f"=Shifts!$A${FIRST_ROW + 2}:$A${last}"
    sheet.page.data_validation(*area, {"validate": "list", "source": source, "error_type": "warning"})


def other_letters() -> dict[str, str]:
    """Return the letters that are no shift, with what they mean, in the order of the sheet Shifts."""
    return {LEAVE: words("leave"), ON_CALL: words("on_call")} | {
        letter: words(f"session_{kind}") for kind, letter in SESSIONS.items()
    }


def _finish(sheet: RosterSheet, roster: Roster) -> None:
    """Freeze codes and dates; print four weeks to an A3 page, codes and dates repeated on each.

    On pages that begin in the middle of the table the title would be cut: there it stands in the header.
    """
    page, days = sheet.page, len(roster.needed)
    sheet.finish(frozen=1, head=GRID_HEAD, filtered=False)
    page.set_paper(A3)
    if days > PAGE_DAYS:
        page.repeat_rows(FIRST_ROW, GRID_HEAD)
        page.repeat_columns(0)
        page.print_area(FIRST_ROW, 0, max(sheet.row - 1, GRID_HEAD + 1), ROOM + days - 1)
        page.set_print_scale(PAGE_SCALE)
        page.set_v_pagebreaks([ROOM + n for n in range(PAGE_DAYS, days, PAGE_DAYS)])
        page.set_header(sheet.book.header(sheet.title))
