"""roadmap.xlsx: the plan to work on, its months, milestones, opening, money, load and assumptions, with live sums."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..results import Results
from . import look
from .plan_sheets import read_me
from .roadmap_money import budget, cost, load
from .roadmap_plan_sheet import MARK, fingerprint, holidays_sheet, marks_sheet, plan_sheet, ways_sheet
from .roadmap_sheets import (
    assumed,
    assumptions,
    first_stage,
    gantt,
    gates,
    launch_title,
    left_out,
    milestones,
    opening,
    worth,
)
from .sheets import Book

AUDIENCE = "partner's edition"
SHEETS = (
    *(plan_sheet, gantt, milestones, opening, gates, ways_sheet, budget, cost, load, worth, left_out, assumptions),
    *(holidays_sheet, marks_sheet),
)
GUIDE = (
    ("Plan", "Every activity by start: dates, owner, effort, cost, what it waits for, why it is there and why then."),
    (
        "Gantt",
        "The same activities by owner and month. Dark: a delay here mostly delays the launch or its review.",
    ),
    ("Milestones", "What is finished when, with the dates that half and four in five of the simulated plans keep."),
    (
        "Opening",
        "The steps of the opening: hours, channels, gates still to be met, and what its date assumes.",
    ),
    ("Gates", "What stays closed until it is shown, and which activities open it."),
    ("Ways", "The ways of doing each activity: weeks, person-days, cost. Choose one on the sheet Plan."),
    ("Budget", "By payer and month: money released against money committed; the sheet after it draws it."),
    ("Cost by phase", "Sums over the plan by phase and by who pays, the exchange rate and what inflation adds."),
    ("Load", "By role and week: person-days used against person-days there are; the sheet after it draws it."),
    ("Worth of a change", "What one more trainer, one more instalment or one month would bring."),
    ("Left out", "What this plan does not do, and why. A Start written there brings it in."),
    ("Assumptions", "The figures behind the dates. Replace them as soon as something better is known."),
    ("Working days", "The weekend and the public holidays by which every End is counted."),
)
OTHER_FILES = (
    (
        "roadmap.xml",
        "Open it in MS Project or ProjectLibre to schedule anew: links, holidays and earliest starts are in it.",
    ),
    ("roadmap.ics", "Milestones, steps of the opening and recurring work for any calendar program."),
    (
        "roadmap.csv into Planner",
        "Title is the task's name, Bucket its bucket, Start and Due its dates, Labels its labels, Description its "
        "notes. Owner is a role: assign a person there.",
    ),
    (
        "roadmap.csv into Jira",
        "Map Title to Summary, Start to Start date, Due to Due date (format yyyy-MM-dd), Labels to Labels, Bucket to "
        "Component, Estimate to a number field, Predecessors to the link 'is blocked by', Description to Description.",
    ),
    (
        "roadmap.csv into Trello",
        "With an import power-up: Title is the card, Bucket the list, Due the due date, Labels the labels, Description "
        "the description.",
    ),
)


def write(results: Results, path: Path) -> Path:
    """Write the workbook."""
    book = Book(results, f"Roadmap: {results.facts.name}", AUDIENCE)
    book.book.set_custom_property("roadmap", fingerprint(results.roadmap))
    _read_me(book)
    for sheet in SHEETS:
        sheet(book)
    return book.write(path)


def _read_me(book: Book) -> None:
    results, plan = book.results, book.results.roadmap
    lines = [
        ("What this is for", "To agree who does what by when, and what it costs, from today to a line that runs well."),
        ("Who may have it", "The partner and everybody named as owner. It holds no answer and no respondent."),
        *_launch(results),
        (
            "Cost of all activities",
            f"{look.span(plan.cost, plan.prices.currency)}. Pay of the line's staff is not in it.",
        ),
        (
            "Change this first",
            "The pale cells on the sheet Plan: Start, Way, Leave out, and what has really started and ended. End, "
            "months and sums follow at once; links, people's time and money do not.",
        ),
        (
            "Then hand it back",
            "The consultant reads the file back (catalyst plan FOLDER --read roadmap.xlsx), is told what no longer "
            "holds together, and makes the plan anew around your changes.",
        ),
        *GUIDE,
        *OTHER_FILES,
        ("This plan's mark", f"{MARK.strip('#:')} {fingerprint(plan)}, as of {look.day(plan.today)}"),
    ]
    read_me(book, f"Roadmap: {results.facts.name}", f"As of {look.day(results.facts.as_of)}.", lines)


def _launch(results: Results) -> Iterator[tuple[str, str]]:
    """Yield the launch's dates, never without the later one, the gates it lacks and what it assumes."""
    plan = results.roadmap
    if plan.launch is None:
        return
    launch = plan.launch
    yield launch_title(results), f"Planned for {look.day(launch.planned)}; promise {look.day(launch.p80)}."
    half, most = look.day(launch.p50), look.day(launch.p80)
    yield "How sure that is", f"Half of the simulated plans are there by {half}, four in five by {most}."
    if first := first_stage(results):
        yield "Gates still to be met", ", ".join(first.unmet_gates) or "none"
    if plan.unopened:
        yield "Gates this plan does not open", ", ".join(plan.unopened)
    yield "What that assumes", " ".join(assumed(results))
