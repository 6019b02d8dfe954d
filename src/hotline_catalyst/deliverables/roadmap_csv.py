"""roadmap.csv: one tidy table for the task tools that teams use; the workbook says which column goes where."""

from __future__ import annotations

import csv
import io

from ..assessment.exchange import escape
from ..planning.roadmap import Scheduled
from ..results import Results
from . import look
from .roadmap_plan_sheet import after, effort, moved, recurs

# The mark at the file's start (RFC 3629, section 6) tells spreadsheet programs that it is UTF-8.
BOM = "\ufeff"
AS_IS = ("Start", "Due", "Four in five by", "Estimate")  # days and numbers, for the tools to reckon with
HEADINGS = (
    *("ID", "Title", "Bucket", "Owner", "Start", "Due", "Four in five by", "Status", "Labels", "Predecessors"),
    *("Estimate", "Milestone", "Description"),
)
STATUS = {"planned": "To do", "running": "In progress", "done": "Done"}


def roadmap_csv(results: Results) -> str:
    """Return the roadmap as CSV (RFC 4180): ISO dates, estimate in person-days, labels and ids apart by blanks.

    Texts are escaped: no spreadsheet program works one out, at whichever separator it cuts.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    for a in results.roadmap.activities:
        cells = zip(HEADINGS, _row(results, a), strict=True)
        writer.writerow([text if name in AS_IS else escape(text) for name, text in cells])
    return BOM + out.getvalue()


def _row(results: Results, a: Scheduled) -> list[str]:
    task = a.task
    return [
        task.id,
        f"{task.id} {task.title}",
        results.phase_titles[task.phase],
        results.instrument.role_title(task.owner),
        a.start.isoformat(),
        a.end.isoformat(),
        a.p80.isoformat(),
        STATUS[a.state],
        " ".join(_labels(a)),
        " ".join(sorted(a.waits_for)),
        f"{sum(a.way.effort_days.values()):g}",
        task.milestone,
        _description(results, a),
    ]


def _labels(a: Scheduled) -> list[str]:
    standing = a.task.standing.replace(" ", "-")
    return [*(f"gate-{gate}" for gate in a.task.gates), f"pays-{a.task.payer}", standing]


def _description(results: Results, a: Scheduled) -> str:
    lines = [
        f"Why here: {a.task.why_here}",
        f"Why then: {a.why_then}",
        f"Done when: {a.task.done_when}",
        f"Way: {a.way.title}",
        f"Person-days: {effort(a.way.effort_days)}",
        f"Cost: {look.span(a.way.cost, results.roadmap.prices.currency)}",
        f"After: {after(a.waits_for)}" if a.waits_for else "",
        f"Four in five of the simulated plans have ended it by {look.day(a.p80)}.",
        f"Recurs: {recurs(a)}" if a.task.repeats else "",
        moved(a),
        results.facts.notice,
    ]
    return "\n".join(line for line in lines if line)
