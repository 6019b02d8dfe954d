"""The sheets Rules, Stress and Why: how the roster stands to its rules, where it fails, and why it is no better."""

from __future__ import annotations

from collections.abc import Iterator, Set

from ..planning.calendar import DAYS
from ..planning.rostering.prices import load_prices
from ..planning.rostering.rule_report import RuleLine
from ..planning.staffing_words import language_name
from ..results import Results
from . import look
from .plan_sheets import A3, Column
from .roster_book import RosterBook, RosterSheet, columns_of, titles, words
from .roster_days import FILL_SHORT
from .sheets import FIRST_ROW

KEPT, BROKEN, NOT_JUDGED = "✓", "✗", "·"
WEAKEST = 14  # nights shown
POINTS = 60  # single points of failure shown
HOURS = 24
MISSED = {"num_format": '"✗ "0%_)', "bold": True, "font_color": look.NOT_MET, "bg_color": FILL_SHORT}
UNSURE = {"num_format": '"? "0%_)', "font_color": look.CAUTION}


# --- Rules -------------------------------------------------------------------------------------------------------


def rules(book: RosterBook) -> None:
    """List every rule with its source, and under them each place where the roster breaks one."""
    roster, listed = book.results.roster, book.results.roster_rules
    columns = columns_of(
        "rules", (44, "name"), (17, "text"), (14, "text"), (15, "text"),
        (8, "whole"), (8, "whole"), (38, "text"), (66, "text"),
    )  # fmt: skip
    sheet = RosterSheet(book, "Rules", "rules", columns)
    sheet.page.set_paper(A3)
    sheet.headings()
    never = {v.rule for v in roster.violations if v.hard}
    for x in listed:
        word, colour = _verdict(x, never)
        force = words("must_hold" if x.hard else "should_hold")
        sheet.add([x.title, x.value, force, word, x.kept, x.broken, x.closest, x.source])
        sheet.cell(sheet.row - 1, 3, word, bold=True, font_color=colour)
    sheet.row += 1
    sheet.headings(*titles("broken_columns"))
    named = {x.rule: x.title for x in listed}
    for v in sorted(roster.violations, key=lambda v: not v.hard):
        force = words("must_hold" if v.hard else "should_hold")
        sheet.add([named.get(v.rule, v.rule), v.person, v.day or words("all_weeks"), force, *[""] * 4])
        if v.day:
            sheet.cell(sheet.row - 1, 2, v.day, "day")
        sheet.page.merge_range(sheet.row - 1, 6, sheet.row - 1, 7, "", book.style())
        sheet.cell(sheet.row - 1, 6, v.text)
    if not roster.violations:
        sheet.add([words("none"), *[""] * 7])
    _finish(sheet)


def _finish(sheet: RosterSheet) -> None:
    """Repeat on each printed page what stands above the first table: two tables share these sheets."""
    sheet.finish(filtered=False)
    sheet.page.repeat_rows(0, FIRST_ROW - 2)


def _verdict(line: RuleLine, never: Set[str]) -> tuple[str, str]:
    """Return the verdict and its colour; ``never`` are the rules broken where they must hold.

    A rule that must hold is there to be agreed on where only the change of the clock breaks it.
    """
    if line.broken and line.hard and line.rule not in never:
        return f"{BROKEN} {words('to_agree')}", look.CAUTION
    if line.broken:
        return f"{BROKEN} {words('broken')}", look.NOT_MET if line.hard else look.CAUTION
    if line.kept:
        return f"{KEPT} {words('kept')}", look.MET
    return f"{NOT_JUDGED} {words('no_case')}", look.QUIET


# --- Stress ------------------------------------------------------------------------------------------------------


def stress(book: RosterBook) -> None:
    """Add what a busy month with absences does to the roster: weakest nights, and who cannot be missed."""
    found = book.results.roster_stress
    columns = columns_of(
        "stress", (14, "weekday"), (34, "name"), (12, "whole"), (14, "share"), (14, "share"), (14, "share")
    )
    sheet = RosterSheet(book, "Stress", "stress", columns, plays=found.plays)
    sheet.page.set_portrait()
    for text in found.sentences:
        _line(sheet, text, len(columns))
    sheet.row += 1
    sheet.headings()
    for n in found.weakest[:WEAKEST]:
        people = ", ".join(n.people) or words("nobody")
        sheet.add([n.day, people, n.asked, n.service, n.one_or_nobody, n.nobody])
    sheet.row += 1
    sheet.headings(*titles("points_columns"))
    points = [(p, day) for p in found.single_points for day in p.days]
    points.sort(key=lambda point: (bool(point[0].could_step_in[point[1]]), point[1], point[0].person))
    for p, day in points[:POINTS]:
        free = ", ".join(p.could_step_in[day])
        sheet.add([day, _fails(p.fails), "", "", "", ""])
        row = sheet.row - 1
        sheet.cell(row, 2, p.person, "text")
        sheet.page.merge_range(row, 3, row, 5, "", book.style())
        sheet.cell(row, 3, free or words("nobody_free"), "text", **({} if free else {"font_color": look.NOT_MET}))
    if left := len(points) - POINTS:
        _line(sheet, words("more_points", count=left) if left > 0 else "", len(columns))
    if not points:
        sheet.add([words("none"), *[""] * 5])
    _finish(sheet)


def _fails(name: str) -> str:
    kind, _, language = name.partition(" ")
    return words(f"fails_{kind}", language=language_name(language))


def service_by_hour(book: RosterBook) -> None:
    """Add the share answered in time, hour by hour of the week; a sign stands before what misses the promise."""
    found = book.results.roster_stress
    columns = [Column(words("hour"), 12, "name"), *(Column(day.capitalize(), 13, "share") for day in DAYS)]
    figures = {"promise": f"{found.promise:.0%}", "plays": found.plays}
    sheet = RosterSheet(book, "Service by hour", "service", columns, **figures)
    sheet.headings()
    for hour in range(HOURS):
        sheet.add([f"{hour:02d}:00", *[""] * len(DAYS)])
        for day in range(len(DAYS)):
            place = HOURS * day + hour
            value, low, high = (float(x[place]) for x in (found.by_hour, found.by_hour_low, found.by_hour_high))
            wish = MISSED if high < found.promise else UNSURE if low < found.promise else {}
            sheet.cell(sheet.row - 1, 1 + day, value, **wish)
    sheet.finish(frozen=1, filtered=False)


def _line(sheet: RosterSheet, text: str, columns: int) -> None:
    """Write a sentence across the sheet."""
    if text:
        sheet.page.merge_range(sheet.row, 0, sheet.row, columns - 1, "", sheet.book.style())
        sheet.cell(sheet.row, 0, text, "text", bottom=0)
        room = int(sum(c.width for c in sheet.columns[:columns]) * 1.15)
        sheet.page.set_row(sheet.row, 14.5 * (1 + len(text) // room))
        sheet.row += 1


# --- Why ---------------------------------------------------------------------------------------------------------


def why(book: RosterBook) -> None:
    """Add why the roster is no better: what is short, which rules cannot hold together, ways out, what gives way."""
    roster = book.results.roster
    sheet = RosterSheet(book, "Why", "why", columns_of("why", (30, "name"), (96, "text"), (12, "whole")))
    sheet.headings()
    for label, text in _reasons(book.results):
        sheet.add([label, text, ""])
    named = {rule: price.title for rule, price in load_prices().prices.items()} | {"request": words("request")}
    named |= {x.rule: x.title for x in book.results.roster_rules}
    for rule, price in sorted(roster.prices.items(), key=lambda p: (-p[1], p[0])):
        if price:
            sheet.add([words("gives_way"), named.get(rule, rule.replace("_", " ")), price])
    sheet.finish(filtered=False)


def _reasons(results: Results) -> Iterator[tuple[str, str]]:
    found, named = results.roster_reasons, {x.rule: x.title for x in results.roster_rules}
    if found.sentence:
        yield words("in_short"), found.sentence
    for text in found.shortfalls:
        yield words("is_short"), text
    if found.conflict:
        yield words("cannot_hold"), "; ".join(named.get(rule, rule.replace("_", " ")) for rule in found.conflict)
    for way in found.ways_out:
        yield words("way_out"), way.say
    if found.gap:
        yield words("how_sure"), found.gap
