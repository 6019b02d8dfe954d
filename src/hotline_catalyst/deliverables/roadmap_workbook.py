"""roadmap.xlsx: the plan, its months, milestones, gates, cost and assumptions, with live sums."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from ..planning.demand import Span
from ..planning.roadmap import Scheduled
from ..results import Results
from . import look
from .plan_sheets import A3, Column, Formula, Sheet, read_me, serial
from .sheets import FIRST_ROW, Book

AUDIENCE = "partner's edition"
FIRST = FIRST_ROW + 2  # the plan's first row of data, as formulas count rows
MARK = "◆"
HALF = 0.5  # an activity drawn dark in the months: its delay delays the launch in half of the simulated plans
PLAN = (
    Column("ID", 6, "name"),
    Column("Activity", 34, "name"),
    Column("Phase", 11),
    Column("Start", 12, "day"),
    Column("End", 12, "day"),
    Column("Working days", 9, "whole"),
    Column("Owner", 18),
    Column("Who pays", 10),
    Column("Effort, person-days by role", 24),
    Column("Cost, low", 12, "money"),
    Column("Cost, likely", 12, "money"),
    Column("Cost, high", 12, "money"),
    Column("After", 18),
    Column("Opens gates", 14),
    Column("Why here", 44),
    Column("Why then", 26),
    Column("Done when", 40),
    Column("Milestone", 24),
    Column("A delay delays the launch in", 12, "share"),
    Column("Where days and cost come from", 30),
)
AT = {column.title: chr(ord("A") + index) for index, column in enumerate(PLAN)}
COSTS = ("Cost, low", "Cost, likely", "Cost, high")


def write(results: Results, path: Path) -> Path:
    """Write the workbook."""
    book = Book(results, f"Roadmap: {results.facts.name}", AUDIENCE)
    _read_me(book)
    _plan(book)
    _gantt(book)
    _milestones(book)
    _gates(book)
    _cost(book)
    _assumptions(book)
    return book.write(path)


def launch_title(results: Results) -> str:
    """Say what the plan calls its launch: the opening, or for a line that is open already the review."""
    launch = results.roadmap.launch
    opens = launch is not None and launch.activity == results.instrument.gates_file.launched_by
    return "Launch" if opens else "Gate review begins"


def _read_me(book: Book) -> None:
    results, plan = book.results, book.results.roadmap
    lines = [
        ("What this is for", "To agree who does what by when, and what it costs, from today to a line that runs well."),
        ("Who may have it", "The partner and everybody named as owner. It holds no answer and no respondent."),
    ]
    if plan.launch:
        launch = plan.launch
        lines += [
            (launch_title(results), f"Planned for {look.day(launch.planned)}."),
            (
                "How sure that is",
                f"Half of the simulated plans are there by {look.day(launch.p50)}, four in five by "
                f"{look.day(launch.p80)}. Promise the later date.",
            ),
        ]
    lines += [
        (
            "Cost of all activities",
            f"{look.span(plan.cost, results.staffing.currency)}. Pay of the line's staff is not in it.",
        ),
        (
            "Change this first",
            "Start, End and the costs on the sheet Plan. The months and the sums follow; links do not.",
        ),
        ("Plan", "Every activity by start, with owner, effort, cost, what it waits for, why it is there and why then."),
        (
            "Gantt",
            "The same activities by month. Dark: a delay here mostly delays the launch or its review.",
        ),
        ("Milestones", "What is finished when, with the gate reviews and the launch dates."),
        ("Gates", "What stays closed until it is shown, and which activities open it."),
        ("Cost by phase", f"Sums over the plan by phase and by who pays, in {results.staffing.currency}."),
        ("Assumptions", "The figures behind the dates. Replace them as soon as something better is known."),
        (
            "To schedule anew",
            "Open roadmap.xml in MS Project or ProjectLibre: links, holidays and earliest starts are in it.",
        ),
    ]
    read_me(book, f"Roadmap: {results.facts.name}", f"As of {look.day(results.facts.as_of)}.", lines)


def _plan(book: Book) -> None:
    results = book.results
    says = f"By start. Costs in {results.staffing.currency}; a role is not a person yet."
    sheet = Sheet(book, "Plan", "Who does what by when?", says, PLAN)
    sheet.page.set_paper(A3)
    sheet.page.fit_to_pages(2, 0)
    sheet.page.repeat_columns(0, 1)
    sheet.squeeze(2)
    sheet.headings()
    for a in results.roadmap.activities:
        task = a.task
        sheet.add(
            [
                task.id,
                task.title,
                results.phase_titles[task.phase],
                a.start,
                a.end,
                a.duration_days,
                results.instrument.role_title(task.owner),
                _payer(task.payer),
                ", ".join(f"{_role(r)} {d:g}" for r, d in sorted(task.effort_days.items(), key=_most) if d),
                task.cost.low,
                task.cost.likely,
                task.cost.high,
                _after(a.waits_for),
                ", ".join(task.gates),
                task.why_here,
                a.why_then,
                task.done_when,
                task.milestone,
                a.critical if results.roadmap.launch else "no launch",
                task.source,
            ]
        )
    sheet.finish(frozen=2)


def _most(effort: tuple[str, float]) -> tuple[float, str]:
    return -effort[1], effort[0]


def _role(role: str) -> str:
    return role.replace("_", " ")


def _payer(payer: str) -> str:
    return payer.replace("_", " ").capitalize()


def _after(waits_for: Mapping[str, int]) -> str:
    return ", ".join(f"{b} + {weeks} weeks" if weeks else b for b, weeks in sorted(waits_for.items()))


def _gantt(book: Book) -> None:
    """Lay the plan out by month; the bars are rules over live dates, so an edit of the plan moves them."""
    plan = book.results.roadmap
    marks = []
    if plan.launch:
        planned = launch_title(book.results)
        marks = [
            (MARK, f"{planned}, planned", plan.launch.planned),
            (MARK, "Half of the simulated plans are there by", plan.launch.p50),
            (MARK, "Four in five are there by", plan.launch.p80),
        ]
    months = _months(
        plan.start, max([a.end for a in plan.activities] + [day for _, _, day in marks], default=plan.start)
    )
    columns = [
        Column("ID", 5, "name"),
        Column("Activity", 56),
        Column("Start", 11.5, "day"),
        Column("End", 11.5, "day"),
    ]
    columns += [Column("Delays launch", 8, "share")] + [Column("", 3.2) for _ in months]
    says = (
        "One column a month. Dark: in half or more of the simulated plans a delay here delays the launch or its review."
    )
    sheet = Sheet(book, "Gantt", "What happens in which month?", says, columns)
    sheet.page.set_paper(A3)
    year = book.style(bold=True, font_color=look.NIGHT)
    for n, month in enumerate(months):
        if n == 0 or month.month == 1:
            look.put(sheet.page, FIRST_ROW - 1, 5 + n, str(month.year), year)
    sheet.headings()
    heading: dict[str, Any] = {
        "bold": True,
        "font_color": "#FFFFFF",
        "bg_color": look.NIGHT,
        "rotation": 90,
        "num_format": "mmm",
    }
    heading |= {"align": "center", "valign": "vcenter"}
    for n, month in enumerate(months):
        sheet.cell(FIRST_ROW, 5 + n, month, **heading)
    sheet.page.set_row(FIRST_ROW, 32)
    for sign, name, day in marks:
        sheet.add([sign, name, day, day, "", *[""] * len(months)], bold=True)
    for row, a in enumerate(plan.activities, FIRST):
        sheet.add([*_follow(row, a, bool(plan.launch)), *[""] * len(months)])
    _bars(sheet)
    sheet.finish(frozen=5, filtered=False)


def _follow(row: int, a: Scheduled, launches: bool) -> list[Formula]:
    """Return the cells that repeat a row of the plan."""
    of: dict[str, float | str] = {
        "ID": a.task.id,
        "Activity": a.task.title,
        "Start": serial(a.start),
        "End": serial(a.end),
        "A delay delays the launch in": a.critical if launches else "no launch",
    }
    return [Formula(f"Plan!{AT[title]}{row}", value) for title, value in of.items()]


def _months(first: date, last: date) -> list[date]:
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 1) for n in range(count)]


def _bars(sheet: Sheet) -> None:
    """Colour a cell when its month meets the row's dates: launch dates and what holds them dark, the rest lighter."""
    first, last = FIRST_ROW + 1, sheet.row - 1
    top = first + 1
    meets = f"AND($C{top}<EDATE(F${FIRST_ROW + 1},1),$D{top}>=F${FIRST_ROW + 1})"
    dark, light = (sheet.book.book.add_format({"bg_color": c}) for c in (look.NIGHT, look.LEVELS[3]))
    holds = f'OR($A{top}="{MARK}",AND(ISNUMBER($E{top}),$E{top}>={HALF}))'
    for criteria, style in ((f"=AND({meets},{holds})", dark), (f"={meets}", light)):
        wish = {"type": "formula", "criteria": criteria, "format": style, "stop_if_true": True}
        sheet.page.conditional_format(first, 5, last, len(sheet.columns) - 1, wish)


def _milestones(book: Book) -> None:
    results, plan = book.results, book.results.roadmap
    reviews = results.instrument.gates_file.reviewed_by
    columns = [Column("Date", 13, "day"), Column("Kind", 24), Column("Milestone", 46, "name"), Column("ID", 7)]
    columns += [Column("Activity that ends with it", 54), Column("Phase", 13), Column("Owner", 26)]
    sheet = Sheet(
        book, "Milestones", "What is finished when?", "A milestone falls on its activity's last day.", columns
    )
    sheet.headings()
    rows: list[tuple[date, str, str, str, str, str, str]] = []
    for a in plan.activities:
        if a.task.milestone:
            kind = "Gate review" if a.task.id in reviews.values() else "Milestone"
            owner = results.instrument.role_title(a.task.owner)
            phase = results.phase_titles[a.task.phase]
            rows.append((a.end, kind, a.task.milestone, a.task.id, a.task.title, phase, owner))
    if plan.launch:
        launch, title = plan.launch, launch_title(results)
        word = title.removesuffix(" begins")
        for day, kind, name in (
            (launch.planned, f"{word}, planned", title),
            (launch.p50, f"{word}, half", f"{title}: half of the simulated plans are there"),
            (launch.p80, f"{word}, four in five", f"{title}: four in five of the simulated plans are there"),
        ):
            rows.append((day, kind, name, launch.activity, "", "", ""))
    for row in sorted(rows, key=lambda r: (r[0], r[3], r[1])):
        sheet.add(row, **({} if row[1] == "Milestone" else {"bg_color": look.PALE, "bold": True}))
    sheet.finish(frozen=3)


def _gates(book: Book) -> None:
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


def _cost(book: Book) -> None:
    results, plan = book.results, book.results.roadmap
    currency = results.staffing.currency
    columns = [Column("Phase", 26, "name"), Column("Activities", 12, "whole")]
    columns += [Column(f"{side}, {currency}", 22, "money") for side in ("Low", "Likely", "High")]
    says = (
        "Sums over the sheet Plan: change a cost there and they follow. Lows and highs of all activities seldom meet."
    )
    sheet = Sheet(book, "Cost by phase", "What does each phase cost, and who pays?", says, columns)
    sheet.headings()
    used = {a.task.phase for a in plan.activities}
    phases = [title for phase, title in results.phase_titles.items() if phase in used]
    _sums(sheet, "Phase", phases, lambda a: results.phase_titles[a.task.phase], plan.activities, plan.cost)
    sheet.row += 1
    sheet.headings("Who pays")
    payers = sorted({_payer(a.task.payer) for a in plan.activities})
    _sums(sheet, "Who pays", payers, lambda a: _payer(a.task.payer), plan.activities, plan.cost)
    sheet.finish(filtered=False)


def _sums(
    sheet: Sheet,
    by: str,
    names: list[str],
    name_of: Callable[[Scheduled], str],
    activities: tuple[Scheduled, ...],
    total: Span,
) -> None:
    """Write one line of live sums for each name and one for all."""
    last = FIRST + max(len(activities), 1) - 1
    key = f"Plan!${AT[by]}${FIRST}:${AT[by]}${last}"
    top = sheet.row + 1
    for name in names:
        row, mine = sheet.row + 1, [a.task.cost for a in activities if name_of(a) == name]
        sums = [
            Formula(
                f"SUMIF({key},$A{row},Plan!{AT[title]}${FIRST}:{AT[title]}${last})", sum(getattr(c, side) for c in mine)
            )
            for title, side in zip(COSTS, ("low", "likely", "high"), strict=True)
        ]
        sheet.add([name, Formula(f"COUNTIF({key},$A{row})", len(mine)), *sums])
    if names:
        values = (len(activities), total.low, total.likely, total.high)
        sums = [Formula(f"SUM({c}{top}:{c}{sheet.row})", v) for c, v in zip("BCDE", values, strict=True)]
        sheet.add(["All", *sums], bold=True, bg_color=look.PALE)


def _assumptions(book: Book) -> None:
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
