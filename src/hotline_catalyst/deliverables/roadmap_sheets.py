"""Sheets of roadmap.xlsx that are read, not filled in: months by owner, milestones, opening, gates, left out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from math import ceil
from typing import Any

from ..planning.roadmap import Scheduled, Stage
from ..results import Results
from . import look
from .plan_sheets import A3, LINE_POINTS, Column, Sheet, serial
from .roadmap_plan_sheet import END, START, looked_up
from .sheets import FIRST_ROW, Book

SIGN = "◆"
HALF = 0.5  # an activity drawn dark in the months: its delay delays the launch in half of the simulated plans
DATES = ("Start", "End", "Four in five end by")
BARS = 6  # columns before the months


def launch_title(results: Results) -> str:
    """Say what the plan calls its launch: the opening, or for a line that is open already the review."""
    launch = results.roadmap.launch
    opens = launch is not None and launch.activity == results.instrument.gates_file.launched_by
    return "Launch" if opens else "Gate review begins"


def by_owner(results: Results) -> dict[str, list[Scheduled]]:
    """Return the activities by their owner's title: who begins first stands first."""
    groups: dict[str, list[Scheduled]] = {}
    for a in results.roadmap.activities:
        groups.setdefault(results.instrument.role_title(a.task.owner), []).append(a)
    return groups


def gantt(book: Book) -> None:
    """Lay the plan out by owner and month; the bars are rules over live dates, so an edit of the plan moves them."""
    results, plan = book.results, book.results.roadmap
    last = max([d for a in plan.activities for d in (a.end, a.p80)] + [s.p80 for s in plan.stages], default=plan.start)
    if plan.launch:
        last = max(last, plan.launch.p80)
    months = months_between(plan.start, last)
    columns = [Column("ID", 5, "name"), Column("Activity", 52), *(Column(title, 11.5, "day") for title in DATES)]
    columns += [Column("Delays launch", 8, "share"), *(Column("", 3.2) for _ in months)]
    says = (
        "By owner, one column a month. Dark: a delay here delays the launch or its review in half or more of the "
        "simulated plans. Palest: where it may run on to."
    )
    sheet = Sheet(book, "Gantt", "Who is busy with what in which month?", says, columns)
    sheet.page.set_paper(A3)
    sheet.headings()
    _month_headings(sheet, months)
    for values in _openings(results):
        sheet.add(values, bold=True)
    for owner, activities in by_owner(results).items():
        sheet.add(["", owner, *[""] * (BARS - 2 + len(months))], bg_color=look.PALE, bold=True)
        for a in activities:
            sheet.add(_follow(book, sheet.row + 1, a))
    _bars(sheet)
    sheet.finish(frozen=BARS, filtered=False)


def months_between(first: date, last: date) -> list[date]:
    """Return the first day of every month from one date to another.

    >>> [str(d) for d in months_between(date(2027, 12, 3), date(2028, 1, 1))]
    ['2027-12-01', '2028-01-01']
    """
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 1) for n in range(count)]


def _month_headings(sheet: Sheet, months: list[date]) -> None:
    heading: dict[str, Any] = {"bold": True, "font_color": "#FFFFFF", "bg_color": look.NIGHT, "rotation": 90}
    heading |= {"num_format": "mmm", "align": "center", "valign": "vcenter"}
    year = sheet.book.style(bold=True, font_color=look.NIGHT)
    for n, month in enumerate(months):
        if n == 0 or month.month == 1:
            look.put(sheet.page, FIRST_ROW - 1, BARS + n, str(month.year), year)
        sheet.cell(FIRST_ROW, BARS + n, month, **heading)
    sheet.page.set_row(FIRST_ROW, 32)


def _openings(results: Results) -> Iterator[list[Any]]:
    """Yield a line for the launch and for each later step of the opening: its day, and when four in five have it."""
    plan = results.roadmap
    if plan.launch:
        title = f"{launch_title(results)}, planned (half of the simulated plans by {look.day(plan.launch.p50)})"
        yield [SIGN, title, plan.launch.planned, plan.launch.planned, plan.launch.p80, ""]
    for stage in later_stages(results):
        yield [SIGN, stage.title, stage.planned, stage.planned, stage.p80, ""]


def first_stage(results: Results) -> Stage | None:
    """Return the step of the opening that is the launch itself, where there is one."""
    launch = results.roadmap.launch
    return next((s for s in results.roadmap.stages if launch and s.activity == launch.activity), None)


def later_stages(results: Results) -> list[Stage]:
    """Return the steps of the opening beside the launch, in their order."""
    first = first_stage(results)
    return [s for s in results.roadmap.stages if s is not first]


def _follow(book: Book, row: int, a: Scheduled) -> list[Any]:
    plan = book.results.roadmap
    dates = [looked_up(plan, t, row, "A", serial(d)) for t, d in ((START, a.start), (END, a.end))]
    return [a.task.id, a.task.title, *dates, a.p80, a.critical if plan.launch else "no launch"]


def _bars(sheet: Sheet) -> None:
    """Colour a cell when its month meets the row's dates: openings and what holds them dark, the rest lighter."""
    first, last = FIRST_ROW + 1, sheet.row - 1
    if last < first:
        return
    top, month = first + 1, f"G${FIRST_ROW + 1}"
    begins = f"ISNUMBER($C{top}),$C{top}<EDATE({month},1)"
    runs, may = f"AND({begins},$D{top}>={month})", f"AND({begins},$E{top}>={month})"
    holds = f'OR($A{top}="{SIGN}",AND(ISNUMBER($F{top}),$F{top}>={HALF}))'
    fills = (look.NIGHT, look.LEVELS[3], look.LEVELS[1])
    for criteria, fill in zip((f"=AND({runs},{holds})", f"={runs}", f"={may}"), fills, strict=True):
        style = sheet.book.book.add_format({"bg_color": fill})
        wish = {"type": "formula", "criteria": criteria, "format": style, "stop_if_true": True}
        sheet.page.conditional_format(first, BARS, last, len(sheet.columns) - 1, wish)


def milestones(book: Book) -> None:
    """Add what is finished when, with the dates by which half and four in five of the simulated plans have it."""
    results, plan = book.results, book.results.roadmap
    columns = [Column("Date", 13, "day"), Column("Half have it by", 13, "day"), Column("Four in five by", 13, "day")]
    columns += [Column("Kind", 14), Column("Milestone", 46, "name"), Column("ID", 7)]
    columns += [Column("Activity that ends with it", 50), Column("Phase", 13), Column("Owner", 24)]
    says = (
        "A milestone falls on its activity's last day. Promise the date that four in five of the simulated plans keep."
    )
    sheet = Sheet(book, "Milestones", "What is finished when?", says, columns)
    sheet.headings()
    rows = [(a.end, a.task.id, _milestone(results, a)) for a in plan.activities if a.task.milestone]
    rows += [(day, ident, values) for day, ident, values in _opened(results)]
    for day, _, values in sorted(rows, key=lambda r: (r[0], r[1])):
        live = values[3] in ("Milestone", "Gate review")
        when = looked_up(plan, END, sheet.row + 1, "F", serial(day)) if live else day
        sheet.add([when, *values[1:]], **({} if values[3] == "Milestone" else {"bg_color": look.PALE, "bold": True}))
    sheet.finish(frozen=5)


def _milestone(results: Results, a: Scheduled) -> list[Any]:
    review = a.task.id in results.instrument.gates_file.reviewed_by.values()
    kind = "Gate review" if review else "Milestone"
    owner, phase = results.instrument.role_title(a.task.owner), results.phase_titles[a.task.phase]
    return [a.end, a.p50, a.p80, kind, a.task.milestone, a.task.id, a.task.title, phase, owner]


def _opened(results: Results) -> Iterator[tuple[date, str, list[Any]]]:
    launch = results.roadmap.launch
    if launch:
        values = [launch.planned, launch.p50, launch.p80, "Opening", launch_title(results), launch.activity, "", "", ""]
        yield launch.planned, launch.activity, values
    for s in later_stages(results):
        yield s.planned, s.activity, [s.planned, s.p50, s.p80, "Opening", s.title, s.activity, "", "", ""]


def opening(book: Book) -> None:
    """Add the steps of the opening, each with its dates, hours, channels, the gates it lacks and what it assumes."""
    results, plan = book.results, book.results.roadmap
    columns = [Column("Step", 30, "name"), Column("Planned", 13, "day"), Column("Half have it by", 13, "day")]
    columns += [Column("Four in five by", 13, "day"), Column("Hours", 28), Column("Channels", 22)]
    columns += [Column("Gates still to be met", 44), Column("Why so", 40), Column("Opens with", 11)]
    says = "Promise the date that four in five of the simulated plans keep, never the planned one. It assumes:"
    sheet = Sheet(book, "Opening", "When does the line open, for whom and how far?", says, columns)
    sheet.headings()
    for s in plan.stages:
        lacking = ", ".join(s.unmet_gates) or "none"
        sheet.add([s.title, s.planned, s.p50, s.p80, s.hours, ", ".join(s.channels), lacking, s.reason, s.activity])
    sheet.row += 1
    sheet.headings("These dates assume", *[""] * (len(columns) - 1))
    wrapped, letters = book.style(text_wrap=True), sum(c.width for c in columns)
    for line in assumed(results):
        sheet.page.merge_range(sheet.row, 0, sheet.row, len(columns) - 1, "", wrapped)
        look.put(sheet.page, sheet.row, 0, line, wrapped)
        sheet.page.set_row(sheet.row, LINE_POINTS * ceil(len(line) / letters))
        sheet.row += 1
    sheet.finish(frozen=1, filtered=False)


def assumed(results: Results) -> list[str]:
    """Say what every date of the plan takes for granted, one sentence each."""
    plan = results.roadmap
    says = ["The people and the money of the sheets Load and Budget are there on the days shown."]
    guessed = [a for a in results.assumptions if a.assumed and a.id.startswith("roadmap.")]
    if guessed:
        says.append(f"{len(guessed)} of the figures behind the dates have no source yet (sheet Assumptions).")
    unsure = [a.task.id for a in plan.activities if a.task.standing == "verify first"]
    if unsure:
        says.append(f"These activities are needed, which is still to be verified: {', '.join(unsure)}.")
    if plan.left_out:
        says.append(f"These stay undone: {', '.join(x.id for x in plan.left_out)} (sheet Left out).")
    says.append(plan.status)
    return says


def gates(book: Book) -> None:
    """Add what stays closed until it is shown, and which activities open it."""
    results = book.results
    reviews = results.instrument.gates_file.reviewed_by
    columns = [Column("Gate", 8, "name"), Column("What must be true", 62, "name"), Column("What it keeps closed", 44)]
    columns += [Column("Verdict today", 16), Column("Activities that open it", 46), Column("Judged by", 10)]
    says = "A gate that is not shown stays closed as firmly as one that is not met."
    sheet = Sheet(book, "Gates", "What stays closed, and what opens it?", says, columns)
    sheet.headings()
    for gate in results.gates:
        opened = [a.task.id for a in results.roadmap.activities if gate.id in a.task.gates]
        values = [gate.id, gate.title, results.instrument.gates_file.kinds[gate.kind]]
        values += [f"{look.VERDICT_SIGN[gate.verdict]} {gate.verdict}"]
        values += [", ".join(i for i in opened if i not in reviews.values()), reviews.get(gate.kind, "")]
        sheet.add(values)
        sheet.cell(sheet.row - 1, 3, values[3], font_color=look.VERDICT_COLOUR[gate.verdict], bold=True)
    sheet.finish(frozen=2)


def worth(book: Book) -> None:
    """Add what one change would be worth, and which activities' range moves the launch most."""
    plan = book.results.roadmap
    columns = [Column("Change", 60, "name"), Column("Launch earlier by, working days", 16, "whole")]
    columns += [Column(f"Less over budget, {plan.prices.currency}", 18, "money"), Column("How sure", 40)]
    says = "Each line changes one thing and leaves the rest as it is. A minus means later, or more over budget."
    sheet = Sheet(book, "Worth of a change", "What would one change bring?", says, columns)
    sheet.headings()
    for w in plan.worth:
        sure = "proved" if w.certain else "the best found; the search was stopped before it was proved"
        sheet.add([w.say, w.days, w.money, sure])
    if plan.drivers:
        titles = {a.task.id: a.task.title for a in plan.activities}
        sheet.row += 1
        sheet.headings(
            "What the launch hangs on", "Promised launch earlier if it took no longer than likely, working days", "", ""
        )
        for ident, days in plan.drivers:
            sheet.add([f"{ident} {titles.get(ident, '')}".strip(), days, "", ""])
    sheet.finish(filtered=False)


def left_out(book: Book) -> None:
    """Add what the plan leaves out; a Start written beside one brings it in when the file is read back."""
    results, plan = book.results, book.results.roadmap
    words = {f.id: f.text for f in results.findings}
    columns = [Column("ID", 6, "name"), Column("Activity", 40, "name"), Column("Why it is left out", 44)]
    columns += [Column("What stays open", 60), Column("Start", 13, "day")]
    says = "Nothing here has a date. To bring one in, write a Start beside it and hand the file back."
    sheet = Sheet(book, "Left out", "What does this plan not do?", says, columns)
    sheet.headings()
    for x in plan.left_out:
        row = sheet.add([x.id, x.title, x.why, "\n".join(words.get(f, f) for f in x.open_findings) or "nothing", ""])
        sheet.cell(row - 1, 4, "", locked=False, bg_color=look.PALE)
    sheet.finish(frozen=2, filtered=bool(plan.left_out))
    sheet.page.protect("", {"autofilter": True, "format_columns": True, "format_rows": True})


def assumptions(book: Book) -> None:
    """Add the figures behind dates and costs."""
    columns = [Column("Figure", 34, "name"), Column("What it is", 52), Column("Low – likely – high", 22)]
    columns += [Column("Unit", 24), Column("Source or reason", 70), Column("Standing", 11)]
    says = "Durations, effort and cost of each activity name their own origin on the sheet Plan."
    sheet = Sheet(book, "Assumptions", "Which figures do the dates and costs rest on?", says, columns)
    sheet.headings()
    for a in book.results.assumptions:
        if a.id.startswith("roadmap.") or a.id == "country.currency_per_usd":
            sheet.add([a.id, a.title, a.value, a.unit, origin_of(a.origin), "assumed" if a.assumed else "sourced"])
    sheet.finish(frozen=1)


def origin_of(origin: str) -> str:
    """Name an origin without a facilitator's words: rulings and answers belong to the consultant's edition."""
    if origin.startswith("ruling on "):
        return "the assessment team's ruling"
    return "answers to the questionnaire" if origin.startswith("answers to ") else origin
