"""The sheets On call, Sessions, Shifts and Closed office: who is there off the line, and what must be arranged."""

from __future__ import annotations

from ..planning.calendar import clock_of
from ..planning.rostering.codes import codes_of
from . import look
from .plan_sheets import Formula
from .roster_book import RosterBook, RosterSheet, closed_days, columns_of, on_weekend, titles, words
from .roster_grid import other_letters


def on_call(book: RosterBook) -> None:
    """Add a line for each day: which supervisor can be reached."""
    results, roster = book.results, book.results.roster
    columns = columns_of("on_call", (16, "weekday"), (12, "text"), (26, "text"), (20, "name"), (24, "text"))
    sheet = RosterSheet(book, "On call", "on_call", columns)
    sheet.page.set_portrait()
    sheet.headings()
    for day in roster.days:
        weekend = words("weekend") if on_weekend(results, day) else ""
        code = roster.on_call.get(day)
        sheet.add([day, weekend, roster.holidays.get(day, ""), code or words("nobody_called"), ""])
        if code is None:
            sheet.cell(sheet.row - 1, 3, words("nobody_called"), font_color=look.NOT_MET)
        sheet.cell(sheet.row - 1, 4, "", bg_color=look.PALE)
    sheet.finish(frozen=1)


def sessions(book: RosterBook) -> None:
    """Add training, meetings, supervision and own work."""
    roster = book.results.roster
    columns = columns_of(
        "sessions",
        (14, "weekday"),
        (9, "centre"),
        (9, "centre"),
        (16, "text"),
        (34, "text"),
        (50, "text"),
        (9, "hours"),
    )
    sheet = RosterSheet(book, "Sessions", "sessions", columns)
    sheet.headings()
    for s in sorted(roster.sessions, key=lambda s: (s.day, s.start, s.title)):
        kind = words(f"session_{s.kind}")
        sheet.add([s.day, clock_of(s.start), clock_of(s.end), kind, s.title, ", ".join(s.people), s.minutes / 60])
    if not roster.sessions:
        sheet.add(["", "", "", words("none"), "", "", ""])
    sheet.finish(frozen=1)


def shifts(book: RosterBook) -> None:
    """Add the kinds of shift that the other sheets count with, and the other letters of the grid."""
    roster, codes = book.results.roster, codes_of(book.results.roster.shifts)
    columns = columns_of(
        "shifts", (8, "name"), (18, "text"), (12, "whole"), (12, "hours"), (30, "text"), (12, "hours"), (10, "text")
    )
    sheet = RosterSheet(book, "Shifts", "shifts", columns)
    sheet.headings()
    for index, s in enumerate(roster.shifts):
        needed = ", ".join(str(int(n)) for n in roster.needed[:7, index])
        night = words("yes" if s.night else "no")
        sheet.add([codes[s.id], s.text, s.handover, s.cover / 60, needed, s.paid / 60, night])
    for letter, meaning in other_letters().items():
        sheet.add([letter, meaning, "", "", "", "", ""])
    sheet.finish(filtered=False)


# --- Closed office ------------------------------------------------------------------------------------------------


def closed_office(book: RosterBook) -> None:
    """Add a line for each day the office is closed: who is on, who is on call, what must be arranged."""
    roster, codes = book.results.roster, codes_of(book.results.roster.shifts)
    arranged = titles("closed_arrange")
    columns = columns_of(
        "closed", (13, "weekday"), (26, "text"), (44, "name"), (12, "text"), *[(15, "text")] * len(arranged)
    )
    sheet = RosterSheet(book, "Closed office", "closed", columns)
    sheet.headings()
    for day, why in closed_days(book.results).items():
        held = [(codes[s.id], book.places[day, s.id]) for s in roster.shifts if (day, s.id) in book.places]
        on = roster.on_call.get(day) or words("nobody_called")
        sheet.add([day, why, _on_duty(held), on, *[""] * len(arranged)])
        for column in range(4, len(columns)):
            sheet.cell(sheet.row - 1, column, "", bg_color=look.PALE)
    sheet.row += 1
    for kind, text in [("name", words("closed_sudden_title")), *(("text", step) for step in titles("closed_sudden"))]:
        sheet.page.merge_range(sheet.row, 0, sheet.row, len(columns) - 1, "", book.style())
        sheet.cell(sheet.row, 0, text, kind)
        sheet.row += 1
    sheet.finish(frozen=1, filtered=False)


def _on_duty(held: list[tuple[str, tuple[int, str]]]) -> Formula | str:
    """Return who is on, read from the sheet By day."""
    if not held:
        return words("no_shift")
    return Formula(
        '&"; "&'.join(f"\"{code}: \"&'By day'!$E${row}" for code, (row, _) in held),
        "; ".join(f"{code}: {who}" for code, (_, who) in held),
    )
