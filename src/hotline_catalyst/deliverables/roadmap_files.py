"""The roadmap for the partner: workbook, MS Project file, calendar, picture and a table for task tools."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from .. import archive
from ..planning.roadmap import Scheduled, Stage
from ..results import Results
from . import look, roadmap_workbook
from .plan_feed import Feed, uid
from .roadmap_csv import roadmap_csv
from .roadmap_plan_sheet import recurs
from .roadmap_project_xml import project_xml
from .roadmap_sheets import assumed, first_stage, later_stages, launch_title


def write(results: Results, folder: Path) -> list[Path]:
    """Write partner/roadmap.xlsx, .xml, .ics, .svg and .csv."""
    from . import gantt

    partner = folder / "partner"
    return [
        roadmap_workbook.write(results, partner / "roadmap.xlsx"),
        archive.write_bytes(partner / "roadmap.xml", project_xml(results)),
        roadmap_feed(results).save(partner / "roadmap.ics"),
        archive.write_text(partner / "roadmap.svg", gantt.whole(results)),
        archive.write_text(partner / "roadmap.csv", roadmap_csv(results)),
    ]


def roadmap_feed(results: Results) -> Feed:
    """Return the calendar of phase starts, milestones, the steps of the opening and the work that recurs."""
    plan = results.roadmap
    feed = Feed(results, f"Roadmap: {results.facts.name}", "Dates of a plan made on known facts; see roadmap.xlsx.")
    for phase, title in results.phase_titles.items():
        first = next((a for a in plan.activities if a.task.phase == phase), None)
        if first is not None:
            says = f"First activity: {first.task.id} {first.task.title}"
            feed.add(uid(results, "phase", phase), f"Phase begins: {title}", says, first.start)
    for a in plan.activities:
        if a.task.milestone:
            feed.add(uid(results, "milestone", a.task.id), a.task.milestone, _milestone(a), a.end)
        _recurring(feed, a)
    _openings(feed)
    return feed


def _milestone(a: Scheduled) -> str:
    done = f"{a.task.id} {a.task.title}\nDone when: {a.task.done_when}"
    return done if a.state == "done" else f"{done}\n{_half_and_most(a.p50, a.p80)}"


def _half_and_most(half: date, most: date) -> str:
    return f"Half of the simulated plans are there by {look.day(half)}, four in five by {look.day(most)}."


def _recurring(feed: Feed, a: Scheduled) -> None:
    """Add the work that recurs after an activity, in its rhythm, which a closed day does not shift."""
    repeats = a.task.repeats
    if repeats is None or not a.again:
        return
    says = f"{recurs(a)}\nAfter {a.task.id} {a.task.title}. On a day that is not worked, take the next one."
    rule = {"FREQ": "WEEKLY", "INTERVAL": repeats.every_weeks, "COUNT": len(a.again)}
    ident = uid(feed.results, "recurring", a.task.id)
    feed.add(ident, repeats.what, says, a.end + timedelta(weeks=repeats.every_weeks), rrule=rule)


def _openings(feed: Feed) -> None:
    """Add the launch and each later step of the opening, never without the date that four in five plans keep."""
    results, launch = feed.results, feed.results.roadmap.launch
    if launch:
        says = f"{launch.activity} begins. {_half_and_most(launch.p50, launch.p80)}"
        if first := first_stage(results):
            says += "\n" + _stage(first)
        says += "\n" + " ".join(assumed(results))
        title = f"{launch_title(results)}, planned; promise {look.day(launch.p80)}"
        feed.add(uid(results, "launch"), title, says, launch.planned)
    for s in later_stages(results):
        says = f"{s.activity} begins. {_half_and_most(s.p50, s.p80)}\n{_stage(s)}\n{' '.join(assumed(results))}"
        feed.add(uid(results, "stage", s.id), f"{s.title}, planned; promise {look.day(s.p80)}", says, s.planned)


def _stage(s: Stage) -> str:
    unmet = ", ".join(s.unmet_gates) or "none"
    return f"Hours: {s.hours}. Channels: {', '.join(s.channels)}. Gates still to be met: {unmet}."
