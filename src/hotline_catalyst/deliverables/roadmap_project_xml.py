"""The roadmap as MS Project XML (MSPDI): the tool schedules it from links, calendar and earliest starts.

Links alone would let the tool move what people's time, money, a window or a wish holds back, so each such activity
carries a start-no-earlier-than constraint. What has begun carries its actual dates, which no tool moves.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from ..planning.calendar import DAYS
from ..planning.roadmap import DAYS_A_WEEK, Scheduled
from ..results import Results
from . import look
from .roadmap_plan_sheet import holidays, moved, recurs
from .roadmap_sheets import later_stages, launch_title

HOURS_A_DAY = 8
MINUTES_A_WEEK = DAYS_A_WEEK * HOURS_A_DAY * 60
MORNING, EVENING = "T08:00:00", "T17:00:00"
WORKING_TIMES = (("08:00:00", "12:00:00"), ("13:00:00", "17:00:00"))
# Codes of Microsoft's schema, mspdi_pj12.xsd; a task's elements must stand in its order.
START_NO_EARLIER = 4
FINISH_TO_START, START_TO_START = 1, 3
IN_DAYS, IN_WEEKS = 7, 9
FIXED_DURATION = 1
IN_ORDER = (
    *("UID", "ID", "Name", "Active", "Manual", "Type", "Contact", "WBS", "OutlineNumber", "OutlineLevel", "Start"),
    *("Duration", "DurationFormat", "EffortDriven", "Estimated", "Milestone", "Summary"),
    *("PercentComplete", "ActualStart", "ActualFinish", "ActualDuration", "RemainingDuration"),
    *("ConstraintType", "ConstraintDate", "Notes"),
)
# Activities' own numbers stay below: five letters or digits in base 36.
REVIEW, LAUNCH, STAGE = 100_000_000, 200_000_000, 300_000_000

Link = tuple[int, int, int]
Row = tuple[dict[str, object], list[Link]]


def project_xml(results: Results) -> bytes:
    """Return the roadmap as an MSPDI file."""
    plan, facts = results.roadmap, results.facts
    root = Element("Project", xmlns="http://schemas.microsoft.com/project")
    head = {
        "SaveVersion": 14,
        "Name": "roadmap.xml",
        "Title": f"Roadmap: {facts.name}",
        "Subject": facts.notice,
        "CreationDate": look.created(results).isoformat(),
        "ScheduleFromStart": 1,
        "StartDate": f"{plan.start}{MORNING}",
        "CurrencyCode": plan.prices.currency,
        "CalendarUID": 1,
        "DefaultStartTime": "08:00:00",
        "DefaultFinishTime": "17:00:00",
        "MinutesPerDay": HOURS_A_DAY * 60,
        "MinutesPerWeek": MINUTES_A_WEEK,
        "DaysPerMonth": 20,
        "NewTasksAreManual": 0,
    }
    _fill(root, head)
    _calendar(SubElement(root, "Calendars"), results)
    tasks = SubElement(root, "Tasks")
    for place, (values, links) in enumerate(_numbered(_outline(results))):
        task = SubElement(tasks, "Task")
        values["ID"] = place
        _fill(task, {name: values[name] for name in IN_ORDER if name in values})
        for link in links:
            _link(task, *link)
    indent(root)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def uid_of(activity: str) -> int:
    """Return the number by which the tool knows an activity; it depends on the activity's id alone.

    >>> uid_of("R01")
    34993
    """
    return int("".join(c for c in activity if c.isalnum()), 36)


def _fill(parent: Element, values: dict[str, object]) -> None:
    for name, value in values.items():
        if value != "":
            SubElement(parent, name).text = _legal(str(value))


def _legal(text: str) -> str:
    """Return text without the characters that XML cannot hold."""
    return "".join(c for c in text if c in "\n\t" or (c >= " " and c not in "\ufffe\uffff"))


def _link(task: Element, before: int, kind: int, weeks: int) -> None:
    tenths = weeks * MINUTES_A_WEEK * 10
    values = {"PredecessorUID": before, "Type": kind, "CrossProject": 0, "LinkLag": tenths, "LagFormat": IN_WEEKS}
    _fill(SubElement(task, "PredecessorLink"), dict(values))


def _calendar(parent: Element, results: Results) -> None:
    """Add the country's working week and its public holidays over the plan's span."""
    country = results.facts.country
    calendar = SubElement(parent, "Calendar")
    name = f"Working days of {country.name}"
    _fill(calendar, {"UID": 1, "Name": name, "IsBaseCalendar": 1, "BaseCalendarUID": -1})
    week = SubElement(calendar, "WeekDays")
    for day_type, day in enumerate((DAYS[-1], *DAYS[:-1]), 1):
        works = day not in country.weekend
        entry = SubElement(week, "WeekDay")
        _fill(entry, {"DayType": day_type, "DayWorking": int(works)})
        times = SubElement(entry, "WorkingTimes") if works else entry
        for start, end in WORKING_TIMES if works else ():
            _fill(SubElement(times, "WorkingTime"), {"FromTime": start, "ToTime": end})
    free = holidays(results)
    closed = SubElement(calendar, "Exceptions") if free else calendar
    for off, title in free.items():
        entry = SubElement(closed, "Exception")
        _fill(entry, {"EnteredByOccurrences": 0})
        _fill(SubElement(entry, "TimePeriod"), {"FromDate": f"{off}T00:00:00", "ToDate": f"{off}T23:59:00"})
        _fill(entry, {"Occurrences": 1, "Name": title, "Type": 1, "DayWorking": 0})


def _numbered(rows: Iterator[Row]) -> Iterator[Row]:
    """Give each task its outline number, by the order and the level in which it comes."""
    phase = inside = 0
    for values, links in rows:
        if values["OutlineLevel"] == 1:
            phase, inside = phase + 1, 0
        elif values["OutlineLevel"] == 2:
            inside += 1
        number = {0: "0", 1: f"{phase}", 2: f"{phase}.{inside}"}[int(str(values["OutlineLevel"]))]
        yield values | {"OutlineNumber": number, "WBS": number}, links


def _outline(results: Results) -> Iterator[Row]:
    """Yield the project, its phases in order, and in each phase its activities by start."""
    plan = results.roadmap
    yield _task(0, f"Roadmap: {results.facts.name}", 0) | {"Summary": 1, "Notes": results.facts.notice}, []
    for index, (phase, title) in enumerate(results.phase_titles.items(), 1):
        activities = [a for a in plan.activities if a.task.phase == phase]
        if activities:
            yield _task(index, title, 1) | {"Summary": 1}, []
        for activity in activities:
            yield from _of_activity(results, activity)


def _of_activity(results: Results, a: Scheduled) -> Iterator[Row]:
    """Yield an activity, and beside it the milestone of the launch or of a gate review."""
    launch, number = results.roadmap.launch, uid_of(a.task.id)
    links = [(uid_of(before), FINISH_TO_START, weeks) for before, weeks in a.waits_for.items()]
    values = _task(number, f"{a.task.id} {a.task.title}", 2, a.duration_days)
    values |= {
        "Contact": results.instrument.role_title(a.task.owner),
        "Start": f"{a.start}{MORNING}",
        "Notes": _notes(results, a),
    }
    if a.state != "planned":
        values |= _reality(a)
    elif not (a.by_links and links):
        values |= {"ConstraintType": START_NO_EARLIER, "ConstraintDate": f"{a.start}{MORNING}"}
    if launch and launch.activity == a.task.id:
        mark = _mark(LAUNCH, launch_title(results), launch.planned, launch.p50, launch.p80)
        yield mark, [(number, START_TO_START, 0)]
    for index, stage in enumerate(later_stages(results)):
        if stage.activity == a.task.id:
            mark = _mark(STAGE + index, stage.title, stage.planned, stage.p50, stage.p80)
            yield mark, [(number, START_TO_START, 0)]
    yield values, links
    if a.task.id in results.instrument.gates_file.reviewed_by.values():
        yield _task(REVIEW + number, a.task.milestone or a.task.title, 2, 0), [(number, FINISH_TO_START, 0)]


def _mark(number: int, title: str, planned: date, half: date, most: date) -> dict[str, object]:
    """Return a milestone of the opening, with the dates that half and four in five of the simulated plans keep."""
    says = f"Half of the simulated plans are there by {look.day(half)}, four in five by {look.day(most)}."
    return _task(number, title, 2, 0) | {"Start": f"{planned}{MORNING}", "Notes": says}


def _reality(a: Scheduled) -> dict[str, object]:
    """Return what has happened; the elements go together, or a tool would work the rest out from its own clock."""
    whole = f"PT{a.duration_days * HOURS_A_DAY}H0M0S"
    real: dict[str, object] = {"ActualStart": f"{a.start}{MORNING}"}
    if a.state == "done":
        real |= {"PercentComplete": 100, "ActualFinish": f"{a.end}{EVENING}"}
        return real | {"ActualDuration": whole, "RemainingDuration": "PT0H0M0S"}
    return real | {"PercentComplete": 0, "ActualDuration": "PT0H0M0S", "RemainingDuration": whole}


def _task(number: int, name: str, level: int, days: int | None = None) -> dict[str, object]:
    """Return what every task has; without ``days`` it is a summary, which the tool measures itself."""
    values: dict[str, object] = {"UID": number, "Name": name[:500], "Active": 1, "Manual": 0, "Type": FIXED_DURATION}
    values |= {"OutlineLevel": level, "EffortDriven": 0, "Estimated": 0}
    if days is not None:
        values |= {"Duration": f"PT{days * HOURS_A_DAY}H0M0S", "DurationFormat": IN_DAYS, "Milestone": int(days == 0)}
    return values


def _notes(results: Results, a: Scheduled) -> str:
    """Write why the activity is there and why then, for people who see the plan in their tool alone."""
    lines = [
        f"Why here: {a.task.why_here}",
        f"Why then: {a.why_then}",
        f"Done when: {a.task.done_when}",
        f"Way: {a.way.title}",
        f"Cost: {look.span(a.way.cost, results.roadmap.prices.currency)}",
        "" if a.state == "done" else f"Four in five of the simulated plans have ended it by {look.day(a.p80)}.",
        f"Recurs: {recurs(a)}" if a.task.repeats else "",
        moved(a),
        results.facts.notice,
    ]
    return "\n".join(line for line in lines if line)
