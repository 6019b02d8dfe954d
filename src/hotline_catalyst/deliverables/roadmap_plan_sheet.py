"""The sheets of roadmap.xlsx that come back: the plan with its input cells, the ways to choose from, and hidden marks.

``roadmap_reading`` finds everything here by headings, so a heading is a promise to workbooks that are already out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from ..archive import digest
from ..planning.calendar import DAYS
from ..planning.roadmap import Roadmap, Scheduled, Task
from ..results import Results
from . import look
from .plan_sheets import A3, Column, Formula, Sheet, serial
from .sheets import FIRST_ROW, Book

FIRST = FIRST_ROW + 2  # the plan's first row of data, as formulas count rows
ID, WAY, LEAVE, START, BEGUN, ENDED = "ID", "Way", "Leave out", "Start", "Actual start", "Actual end"
END, LENGTH = "End", "Working days"
YES = "yes"
INPUT: dict[str, Any] = {"locked": False, "bg_color": look.PALE}
PLAN = (
    Column(ID, 6, "name"),
    Column("Activity", 34, "name"),
    Column(START, 12, "day"),
    Column(END, 12, "day"),
    Column(LENGTH, 9, "whole"),
    Column(WAY, 16),
    Column(LEAVE, 8),
    Column(BEGUN, 12, "day"),
    Column(ENDED, 12, "day"),
    Column("State", 9),
    Column("Half end by", 12, "day"),
    Column("Four in five end by", 12, "day"),
    Column("Buffer, working days", 9, "whole"),
    Column("A delay delays the launch in", 11, "share"),
    Column("Phase", 11),
    Column("Owner", 18),
    Column("Who pays", 10),
    Column("Effort, person-days by role", 24),
    Column("Cost, low", 12, "money"),
    Column("Cost, likely", 12, "money"),
    Column("Cost, high", 12, "money"),
    Column("After", 18),
    Column("Opens gates", 14),
    Column("Why here", 44),
    Column("Why then", 34),
    Column("Moved", 30),
    Column("How sure it is needed", 13),
    Column("What to verify first", 40),
    Column("Done when", 40),
    Column("Milestone", 24),
    Column("Work that recurs", 44),
    Column("Where days and cost come from", 40),
)
AT = {column.title: index for index, column in enumerate(PLAN)}
ASKED = (START, WAY, LEAVE, BEGUN, ENDED)
MARK = "#plan:"
AS_PLANNED = ("#id", "#start", "#way", "#started", "#ended")
HOLIDAYS = "Working days"


def fingerprint(plan: Roadmap) -> str:
    """Return the mark by which a workbook says which plan it was made from: what is done, how, and when."""
    facts = [[a.task.id, a.start.isoformat(), a.end.isoformat(), a.way.id, a.state] for a in plan.activities]
    left = [x.id for x in plan.left_out]
    return digest(json.dumps([plan.start.isoformat(), facts, left]).encode())[:12]


def letter(title: str) -> str:
    """Return the letters of a column of the plan.

    >>> letter("ID"), letter("Where days and cost come from")
    ('A', 'AF')
    """
    index = AT[title]
    return chr(ord("A") + index) if index < 26 else "A" + chr(ord("A") + index - 26)


def column(plan: Roadmap, title: str) -> str:
    """Return a column of the plan as a range of a formula."""
    last = FIRST + max(len(plan.activities), 1) - 1
    return f"Plan!${letter(title)}${FIRST}:${letter(title)}${last}"


def looked_up(plan: Roadmap, title: str, row: int, at: str, value: float) -> Formula:
    """Return the formula that fetches a date of the activity whose id stands in column ``at`` of ``row``."""
    return Formula(f"INDEX({column(plan, title)},MATCH(${at}{row},{column(plan, ID)},0))", value)


def states(a: Scheduled) -> tuple[date | str, date | str]:
    """Return when an activity really started and ended, empty where it has not."""
    return a.start if a.state != "planned" else "", a.end if a.state == "done" else ""


def plan_sheet(book: Book) -> None:
    """Add the sheet that people work on: what may be changed is pale and unlocked, the rest is locked."""
    results = book.results
    currency = results.roadmap.prices.currency
    says = f"Change the pale cells only, then hand the file back. Costs in {currency}; a role is not a person yet."
    sheet = Sheet(book, "Plan", "Who does what by when?", says, PLAN)
    sheet.page.set_paper(A3)
    sheet.page.fit_to_pages(3, 0)
    sheet.page.repeat_columns(0, 1)
    sheet.squeeze(2)
    sheet.headings()
    ways = _ways_rows(results.roadmap)
    for a in results.roadmap.activities:
        row = sheet.add(_row(results, a, sheet.row + 1))
        _inputs(sheet, a, row - 1, ways[a.task.id])
    sheet.finish(frozen=2)
    sheet.page.protect("", {"autofilter": True, "format_columns": True, "format_rows": True, "insert_rows": True})


def _row(results: Results, a: Scheduled, row: int) -> list[Any]:
    task, way = a.task, a.way
    return [
        task.id,
        task.title,
        a.start,
        _end(results, a, row),
        a.duration_days,
        way.title,
        "",
        *states(a),
        a.state,
        a.p50,
        a.p80,
        a.buffer_days,
        a.critical if results.roadmap.launch else "no launch",
        results.phase_titles[task.phase],
        results.instrument.role_title(task.owner),
        payer_title(task.payer),
        effort(way.effort_days),
        way.cost.low,
        way.cost.likely,
        way.cost.high,
        after(a.waits_for),
        ", ".join(task.gates),
        task.why_here,
        a.why_then,
        moved(a),
        task.standing,
        _verify(results, task),
        task.done_when,
        task.milestone,
        recurs(a),
        task.source,
    ]


def _end(results: Results, a: Scheduled, row: int) -> Formula | date:
    """Return the end as a formula over start, length and the country's calendar; what has begun keeps its dates."""
    if a.state != "planned" or not a.duration_days:
        return a.end
    country = results.facts.country
    closed = "".join("1" if day in country.weekend else "0" for day in DAYS)
    count = len(holidays(results))
    days = f",'{HOLIDAYS}'!$A${FIRST}:$A${FIRST + count - 1}" if count else ""
    start, length = f"${letter(START)}{row}", f"${letter(LENGTH)}{row}"
    return Formula(f'WORKDAY.INTL({start}-1,{length},"{closed}"{days})', serial(a.end))


def _inputs(sheet: Sheet, a: Scheduled, row: int, ways: tuple[int, int]) -> None:
    """Unlock what may be changed; an activity that has begun keeps its start and its way."""
    begun, ended = states(a)
    for title, value in ((BEGUN, begun), (ENDED, ended)):
        sheet.cell(row, AT[title], value, **INPUT)
        _only_dates(sheet, row, AT[title])
    if a.state != "planned":
        return
    for title, value in ((START, a.start), (WAY, a.way.title), (LEAVE, "")):
        sheet.cell(row, AT[title], value, **INPUT)
    _only_dates(sheet, row, AT[START])
    first, last = ways
    wish = {"validate": "list", "source": f"=Ways!$C${first}:$C${last}", "error_title": "Way"}
    wish["error_message"] = "Choose one of the ways listed for this activity on the sheet Ways."
    sheet.page.data_validation(row, AT[WAY], row, AT[WAY], wish)
    yes = {"validate": "list", "source": [YES], "error_message": "Write yes to leave it out, or nothing."}
    sheet.page.data_validation(row, AT[LEAVE], row, AT[LEAVE], yes)


def _only_dates(sheet: Sheet, row: int, place: int) -> None:
    wish: dict[str, Any] = {"validate": "date", "criteria": ">", "value": date(2000, 1, 1), "error_type": "warning"}
    wish |= {"error_title": "Date", "error_message": "Write a date, such as 2027-02-28."}
    sheet.page.data_validation(row, place, row, place, wish)


def _verify(results: Results, task: Task) -> str:
    items = results.instrument.items
    return "\n".join(f"{i} {items[i].ask}" if i in items else i for i in task.verify)


def payer_title(payer: str) -> str:
    """Return a payer's name as people say it."""
    return payer.replace("_", " ").capitalize()


def effort(days: Mapping[str, float]) -> str:
    """Write person-days by role, most first.

    >>> effort({"it": 2, "data_team": 3.5, "operator": 0})
    'data team 3.5, it 2'
    """
    most = sorted(days.items(), key=lambda pair: (-pair[1], pair[0]))
    return ", ".join(f"{role.replace('_', ' ')} {number:g}" for role, number in most if number)


def after(waits_for: Mapping[str, int]) -> str:
    """Write predecessors with the weeks that must pass."""
    return ", ".join(f"{b} + {weeks} weeks" if weeks else b for b, weeks in sorted(waits_for.items()))


def moved(a: Scheduled) -> str:
    """Write from where an activity was moved and why."""
    if a.moved is None:
        return ""
    days, way = abs(a.moved.days), "later" if a.moved.days > 0 else "earlier"
    return f"Was {look.day(a.moved.was)}, now {days} working days {way}: {a.moved.why}"


def recurs(a: Scheduled) -> str:
    """Write what recurs after an activity, how often and from when."""
    repeats = a.task.repeats
    if repeats is None:
        return ""
    first = f", first on {look.day(a.again[0])}" if a.again else ""
    every = "every week" if repeats.every_weeks == 1 else f"every {repeats.every_weeks} weeks"
    days = effort(repeats.effort_days)
    return f"{repeats.what}, {every}{first}" + (f" ({days} each time)" if days else "")


def _ways_rows(plan: Roadmap) -> dict[str, tuple[int, int]]:
    """Return for each activity the rows of the sheet Ways that hold its ways, as formulas count them."""
    rows, next_row = {}, FIRST
    for a in plan.activities:
        rows[a.task.id] = (next_row, next_row + len(a.task.ways) - 1)
        next_row += len(a.task.ways)
    return rows


def ways_sheet(book: Book) -> None:
    """Add the ways of doing each activity, for the choice on the sheet Plan."""
    plan = book.results.roadmap
    columns = [Column(ID, 6, "name"), Column("Activity", 44, "name"), Column("Ways", 20), Column("In the plan", 9)]
    columns += [Column(f"Weeks, {side}", 9, "hours") for side in ("low", "likely", "high")]
    columns += [Column("Person-days by role", 40)]
    columns += [Column(f"Cost, {side}, {plan.prices.currency}", 13, "money") for side in ("low", "likely", "high")]
    says = "Choose on the sheet Plan. Days and cost change when the plan is made anew."
    sheet = Sheet(book, "Ways", "How else could it be done?", says, columns)
    sheet.headings()
    for a in plan.activities:
        for way in a.task.ways:
            weeks, cost = way.weeks, way.cost
            values: list[Any] = [a.task.id, a.task.title, way.title, "✓" if way.id == a.way.id else ""]
            values += [weeks.low, weeks.likely, weeks.high, effort(way.effort_days), cost.low, cost.likely, cost.high]
            sheet.add(values)
    sheet.finish(frozen=3)
    sheet.page.protect("", {"autofilter": True, "format_columns": True})


def holidays(results: Results) -> dict[date, str]:
    """Return the public holidays that the plan's dates may meet, with a year to spare for what is moved later."""
    plan = results.roadmap
    last = max((a.end for a in plan.activities), default=plan.start)
    return results.facts.country.public_holidays(plan.start, date(last.year + 1, 12, 31))


def holidays_sheet(book: Book) -> None:
    """Add the country's calendar: every End on the sheet Plan is counted by it."""
    country = book.results.facts.country
    weekend = " and ".join(day.capitalize() for day in DAYS if day in country.weekend)
    says = f"Not worked in {country.name}: {weekend or 'no day of the week'}, and the public holidays below."
    columns = [Column("Day", 16, "day"), Column("Public holiday", 60)]
    sheet = Sheet(book, HOLIDAYS, "Which days are not worked?", says, columns)
    sheet.headings()
    for day, name in holidays(book.results).items():
        sheet.add([day, name])
    sheet.finish(filtered=False)
    sheet.page.protect("", {"format_columns": True})


def marks_sheet(book: Book) -> None:
    """Add the hidden sheet with what the plan was, so that reading back knows what people changed."""
    plan = book.results.roadmap
    page = book.book.add_worksheet("As planned")
    page.very_hidden()
    look.put(page, 0, 0, f"{MARK}{fingerprint(plan)}")
    look.put(page, 1, 0, book.results.facts.notice)
    rows: list[tuple[Any, ...]] = [AS_PLANNED]
    for a in plan.activities:
        begun, ended = (d.isoformat() if isinstance(d, date) else "" for d in states(a))
        rows.append((a.task.id, a.start.isoformat(), a.way.id, begun, ended))
    for row, values in enumerate(rows, 2):
        for place, value in enumerate(values):
            look.put(page, row, place, value)
