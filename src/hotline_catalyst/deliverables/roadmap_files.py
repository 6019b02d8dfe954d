"""The roadmap for the partner: workbook, MS Project file, calendar and picture."""

from __future__ import annotations

from pathlib import Path

from .. import archive
from ..planning.roadmap import Scheduled
from ..results import Results
from . import look, roadmap_workbook
from .plan_feed import Feed, uid
from .roadmap_project_xml import project_xml


def write(results: Results, folder: Path) -> list[Path]:
    """Write partner/roadmap.xlsx, .xml, .ics and .svg."""
    from . import charts

    partner = folder / "partner"
    return [
        roadmap_workbook.write(results, partner / "roadmap.xlsx"),
        archive.write_bytes(partner / "roadmap.xml", project_xml(results)),
        _feed(results).save(partner / "roadmap.ics"),
        archive.write_text(partner / "roadmap.svg", charts.gantt(results)),
    ]


def _feed(results: Results) -> Feed:
    """Return the calendar of phase starts, milestones and the launch."""
    plan = results.roadmap
    feed = Feed(results, f"Roadmap: {results.facts.name}", "Dates of a plan made on known facts; see roadmap.xlsx.")
    for phase, title in results.phase_titles.items():
        first = next((a for a in plan.activities if a.task.phase == phase), None)
        if first is not None:
            feed.add(uid(results, "phase", phase), f"Phase begins: {title}", _first(first), first.start)
    for a in plan.activities:
        if a.task.milestone:
            says = f"{a.task.id} {a.task.title}\nDone when: {a.task.done_when}"
            feed.add(uid(results, "milestone", a.task.id), a.task.milestone, says, a.end)
    if plan.launch:
        launch = plan.launch
        says = (
            f"{launch.activity} begins. Half of the simulated plans have launched by {look.day(launch.p50)}, "
            f"four in five by {look.day(launch.p80)}."
        )
        feed.add(uid(results, "launch"), roadmap_workbook.launch_title(results), says, launch.planned)
    return feed


def _first(activity: Scheduled) -> str:
    return f"First activity: {activity.task.id} {activity.task.title}"
