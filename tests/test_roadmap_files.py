"""The roadmap's files, judged by MPXJ, icalendar, LibreOffice and openpyxl."""

from __future__ import annotations

import re
import uuid
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from libreoffice import convert, formulas, recalculated, values

from hotline_catalyst.assessment.instrument import load_instrument
from hotline_catalyst.deliverables import roadmap_files, roadmap_workbook
from hotline_catalyst.deliverables.roadmap_project_xml import project_xml
from hotline_catalyst.planning.calendar import DAYS, load_country
from hotline_catalyst.planning.demand import Span
from hotline_catalyst.planning.roadmap import Launch, Roadmap, Scheduled, Task

EXAMPLES = ("ruritania", "mexico", "mauritania")
NAMESPACE = "{http://schemas.microsoft.com/project}"
FILES = ("roadmap.xlsx", "roadmap.xml", "roadmap.ics", "roadmap.svg")


@pytest.fixture(scope="module")
def read_project():
    """MPXJ, the library behind ProjectLibre, as a judge that we did not write."""
    import jpype
    import mpxj  # noqa: F401  (puts its jars on the class path)

    if not jpype.isJVMStarted():
        jpype.startJVM()
    from org.mpxj.reader import UniversalProjectReader

    return lambda path: UniversalProjectReader().read(str(path))


def by_id(project):
    """Tasks of activities, by the id with which their names begin."""
    found = (re.match(r"([A-Z]\d+) ", str(t.getName())) for t in project.getTasks())
    ids = [m.group(1) if m else None for m in found]
    return {i: t for i, t in zip(ids, project.getTasks(), strict=True) if i}


def day_of(moment) -> str:
    return str(moment)[:10]


@pytest.mark.parametrize("name", EXAMPLES)
def test_another_program_reads_the_same_tasks_durations_links_and_earliest_starts(
    name, built, results_of, read_project
):
    tasks = by_id(read_project(built[name] / "partner" / "roadmap.xml"))
    activities = results_of[name]["roadmap"]["activities"]
    assert set(tasks) == {a["id"] for a in activities}
    for a in activities:
        task = tasks[a["id"]]
        assert str(task.getName()) == f"{a['id']} {a['title']}"
        assert str(task.getDuration()) == f"{a['days']:.1f}d"
        links = {str(x.getPredecessorTask().getName()).split(" ")[0]: x for x in task.getPredecessors()}
        assert {b: str(x.getLag()) for b, x in links.items()} == {b: f"{w:.1f}w" for b, w in a["after"].items()}
        assert all(str(x.getType()) == "FS" for x in links.values())
        held = not a["by_links"] or not a["after"]
        assert (str(task.getConstraintType()) == "START_NO_EARLIER_THAN") == held
        assert not held or day_of(task.getConstraintDate()) == a["start"]
        assert f"Why here: {a['why_here']}\nWhy then: {a['why_then']}" in str(task.getNotes())
        assert str(task.getTaskMode()) == "AUTO_SCHEDULED"


@pytest.mark.parametrize("name", EXAMPLES)
def test_another_programs_scheduler_puts_every_activity_and_the_launch_on_the_planned_day(
    name, built, results_of, read_project
):
    project, plan = read_project(built[name] / "partner" / "roadmap.xml"), results_of[name]["roadmap"]
    from java.time import LocalDateTime
    from org.mpxj import Duration, TimeUnit
    from org.mpxj.cpm import MicrosoftScheduler

    for task in project.getTasks():  # nothing has been done yet, says the scheduler's caller
        task.setActualDuration(Duration.getInstance(0, TimeUnit.DAYS))
        task.setRemainingDuration(task.getDuration())
    start = date.fromisoformat(plan["start"])
    MicrosoftScheduler().schedule(project, LocalDateTime.of(start.year, start.month, start.day, 8, 0))
    tasks = by_id(project)
    for a in plan["activities"]:
        assert (day_of(tasks[a["id"]].getStart()), day_of(tasks[a["id"]].getFinish())) == (a["start"], a["end"]), a[
            "id"
        ]
    marks = {str(t.getName()): day_of(t.getStart()) for t in project.getTasks() if t.getMilestone()}
    launch, reviews = plan["launch"], {a["id"]: a for a in plan["activities"] if a["id"] in ("R24", "R26")}
    assert [day for title, day in marks.items() if title in ("Launch", "Gate review begins")] == [launch["planned"]]
    assert {a["milestone"]: a["end"] for a in reviews.values()}.items() <= marks.items()


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_projects_calendar_is_the_countrys(name, built, results_of, read_project):
    plan = results_of[name]["roadmap"]
    country = load_country(results_of[name]["engagement"]["country"])
    calendar = read_project(built[name] / "partner" / "roadmap.xml").getDefaultCalendar()
    from java.time import LocalDate

    first, last = date.fromisoformat(plan["start"]), date.fromisoformat(max(a["end"] for a in plan["activities"]))
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    closed = country.public_holidays(first, last)
    for day in days:
        works = DAYS[day.weekday()] not in country.weekend and day not in closed
        assert bool(calendar.isWorkingDate(LocalDate.of(day.year, day.month, day.day))) == works, day


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_project_file_leaves_scheduling_to_the_tool(name, built):
    root = ElementTree.parse(built[name] / "partner" / "roadmap.xml").getroot()
    names = {e.tag.removeprefix(NAMESPACE) for e in root.iter()}
    assert not names & {"Finish", "Resources", "Resource", "Assignments", "ManualStart"}
    assert {e.text for e in root.iter(f"{NAMESPACE}Manual")} == {"0"}
    uids = [e.findtext(f"{NAMESPACE}UID") for e in root.iter(f"{NAMESPACE}Task")]
    assert len(uids) == len(set(uids))


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_calendar_feed_holds_phase_starts_milestones_and_the_launch(name, built, results_of):
    events = feed(built[name] / "partner" / "roadmap.ics")
    plan, engagement = results_of[name]["roadmap"], results_of[name]["engagement"]
    for a in plan["activities"]:
        if a["milestone"]:
            event = events[identity(engagement["country"], "milestone", a["id"])]
            assert (event["SUMMARY"], event.decoded("DTSTART").isoformat()) == (a["milestone"], a["end"])
    starts = {}
    for a in plan["activities"]:
        starts.setdefault(a["phase"], a["start"])
    for phase, start in starts.items():
        assert events[identity(engagement["country"], "phase", phase)].decoded("DTSTART").isoformat() == start
    launch = events[identity(engagement["country"], "launch")]
    assert launch.decoded("DTSTART").isoformat() == plan["launch"]["planned"]
    assert len(events) == len(starts) + sum(bool(a["milestone"]) for a in plan["activities"]) + 1
    for event in events.values():
        assert not isinstance(event.decoded("DTSTART"), datetime)
        assert event.decoded("DTSTAMP").date().isoformat() == engagement["as_of"]
        assert engagement["notice"] in event["DESCRIPTION"]


def feed(path: Path) -> dict[str, object]:
    from icalendar import Calendar

    events = list(Calendar.from_ical(path.read_bytes()).walk("VEVENT"))
    assert len({str(e["UID"]) for e in events}) == len(events)
    return {str(e["UID"]): e for e in events}


def identity(*parts: str) -> str:
    """Work out an event's identity without our code: it may never change, or calendars would show things twice."""
    return f"{uuid.uuid5(uuid.uuid5(uuid.NAMESPACE_DNS, 'hotline-catalyst'), '/'.join(parts))}@hotline-catalyst"


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_formula_of_the_workbook_shows_what_libreoffice_works_out(name, built, results_of, tmp_path):
    book = built[name] / "partner" / "roadmap.xlsx"
    stored, anew, written = values(book), recalculated(book, tmp_path), formulas(book)
    assert written
    for place in written:
        assert stored[place] == (pytest.approx(anew[place]) if isinstance(anew[place], float | int) else anew[place])
    sums = [stored["Cost by phase", f"{column}{row}"] for row in range(6, 30) for column in "CDE"
            if stored.get(("Cost by phase", f"A{row}")) == "All"]  # fmt: skip
    cost = results_of[name]["roadmap"]["cost"]
    assert sums == pytest.approx([cost["low"], cost["likely"], cost["high"]] * 2)


@pytest.mark.parametrize("name", EXAMPLES)
def test_formulas_use_functions_that_every_spreadsheet_has(name, built):
    from openpyxl.utils import FORMULAE

    used = {f for text in formulas(built[name] / "partner" / "roadmap.xlsx").values() for f in called(text)}
    assert used <= set(FORMULAE), used - set(FORMULAE)


def called(formula: str) -> set[str]:
    return set(re.findall(r"([A-Z][A-Z0-9.]+)\(", re.sub(r'"[^"]*"', "", formula)))


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_plan_sheet_holds_every_activity_by_start(name, built, results_of):
    from openpyxl import load_workbook

    sheet = load_workbook(built[name] / "partner" / "roadmap.xlsx")["Plan"]
    assert sheet.freeze_panes == "C6"
    assert sheet.auto_filter.ref is not None
    head, *rows = sheet.iter_rows(min_row=5, values_only=True)
    rows = [dict(zip(head, row, strict=True)) for row in rows]
    assert [r["Start"] for r in rows] == sorted(r["Start"] for r in rows)
    for row, a in zip(rows, results_of[name]["roadmap"]["activities"], strict=True):
        assert (row["ID"], row["Activity"], row["Working days"]) == (a["id"], a["title"], a["days"])
        assert (row["Start"].date().isoformat(), row["End"].date().isoformat()) == (a["start"], a["end"])
        cost = a["cost"]
        assert (row["Cost, low"], row["Cost, likely"], row["Cost, high"]) == (cost["low"], cost["likely"], cost["high"])
        assert row["Done when"] == a["done_when"]
        assert row["A delay delays the launch in"] == a["critical"]


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_notice_stands_on_every_sheet_and_every_printed_page(name, built, results_of, tmp_path):
    from openpyxl import load_workbook
    from pypdf import PdfReader

    book, notice = built[name] / "partner" / "roadmap.xlsx", results_of[name]["engagement"]["notice"]
    for sheet in load_workbook(book):
        assert notice in [row[0] for row in sheet.iter_rows(max_row=4, values_only=True)], sheet.title
    for page in PdfReader(convert(book, tmp_path, "pdf")).pages:
        assert notice in page.extract_text()


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_respondent_no_note_and_no_ruling_reaches_the_partner(name, built, results_of):
    answers = results_of[name]["answers"].values()
    secret = {a[key] for entry in answers for a in entry["answers"] for key in ("respondent", "organisation", "note")}
    secret |= {entry["ruling"]["reason"] for entry in answers if "ruling" in entry}
    partner = built[name] / "partner"
    texts = [str(v) for v in values(partner / "roadmap.xlsx").values()]
    texts += [(partner / file).read_text("utf-8") for file in FILES if not file.endswith("xlsx")]
    everything = "\n".join(texts)
    assert not [s for s in secret if s and len(s) > 3 and re.search(rf"(?<!\w){re.escape(s)}(?!\w)", everything)]


def test_writing_twice_gives_the_same_bytes(tmp_path):
    one, two = (roadmap_files.write(plan_of(activity("R24")), tmp_path / n) for n in ("one", "two"))
    assert [p.read_bytes() for p in one] == [p.read_bytes() for p in two]
    assert [p.name for p in one] == list(FILES)


def test_an_events_identity_outlives_a_change_of_dates(tmp_path):
    early, late = activity("R24"), activity("R24", start=date(2027, 6, 7), end=date(2027, 6, 11))
    feeds = [feed(roadmap_files.write(plan_of(a), tmp_path / a.start.isoformat())[2]) for a in (early, late)]
    assert set(feeds[0]) == set(feeds[1])
    milestone = identity("XR", "milestone", "R24")
    assert [f[milestone].decoded("DTSTART") for f in feeds] == [early.end, late.end]


def test_hostile_text_stays_text(tmp_path, read_project):
    nasty = '=HYPERLINK("http://x.test","y")<b>&\x07'
    task = replace(activity("R24").task, title=nasty, done_when=nasty, milestone=nasty)
    paths = roadmap_files.write(plan_of(replace(activity("R24"), task=task)), tmp_path)
    assert not [f for f in formulas(paths[0]).values() if "HYPERLINK" in f]
    assert ("Plan", "B6") not in formulas(paths[0])
    assert "=HYPERLINK" in values(paths[0])["Plan", "B6"]
    assert "<b>&" in str(by_id(read_project(paths[1]))["R24"].getName())
    assert feed(paths[2])[identity("XR", "milestone", "R24")]["SUMMARY"].startswith("=HYPERLINK")


def test_a_plan_without_activities_or_launch_still_makes_a_workbook_and_a_project(tmp_path, read_project):
    empty = plan_of()
    book = roadmap_workbook.write(empty, tmp_path / "roadmap.xlsx")
    assert not formulas(book)
    (tmp_path / "roadmap.xml").write_bytes(project_xml(empty))
    assert len(list(read_project(tmp_path / "roadmap.xml").getTasks())) == 1


def test_a_ruling_behind_a_figure_is_named_without_its_words():
    assert roadmap_workbook.origin_of("ruling on EE-Q1: the minister told us") == "the assessment team's ruling"
    assert roadmap_workbook.origin_of("source: a law") == "source: a law"


def activity(ident: str, start: date = date(2027, 1, 4), end: date = date(2027, 1, 8)) -> Scheduled:
    task = Task(
        id=ident,
        title="Hold the gate review",
        phase="launch",
        weeks=Span(1, 1, 2),
        effort_days={"operator": 3.0},
        after={},
        owner="operator",
        payer="operator",
        cost=Span(0, 500, 3000),
        gates=("GL-01",),
        finding_ids=(),
        why_here="Each gate is looked at alone.",
        done_when="The minute is signed.",
        milestone="Decision signed",
        source="assumption",
    )
    return Scheduled(
        task=task,
        start_day=0,
        duration_days=5,
        start=start,
        end=end,
        why_then="It can start at once.",
        by_links=True,
        critical=1.0,
        waits_for={},
    )


def plan_of(*activities: Scheduled) -> SimpleNamespace:
    """Results of a plan of a few activities: just what the roadmap's files read."""
    launch = Launch(activities[0].task.id, activities[0].start, *[activities[0].end] * 2) if activities else None
    cost = Span(*(sum(getattr(a.task.cost, side) for a in activities) for side in ("low", "likely", "high")))
    facts = {"name": "A line", "country": load_country("XR"), "as_of": date(2026, 11, 21), "notice": "A notice."}
    return SimpleNamespace(
        facts=SimpleNamespace(**facts),
        instrument=load_instrument(),
        phase_titles={"prepare": "Prepare", "launch": "Launch"},
        gates=(),
        assumptions=(),
        staffing=SimpleNamespace(currency="XRC"),
        roadmap=Roadmap(date(2027, 1, 4), activities, launch, cost, "proved best", ()),
    )
