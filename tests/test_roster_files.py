"""The roster's files, judged by icalendar, LibreOffice and openpyxl: on the examples and on a desk one can count."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from libreoffice import convert, formulas, recalculated, values

from hotline_catalyst.deliverables import roster_files
from hotline_catalyst.planning.calendar import load_country, load_limits
from hotline_catalyst.planning.rostering.records import Advocate, Assignment, Roster, Violation
from hotline_catalyst.planning.shifts import Shift

EXAMPLES = ("ruritania", "mexico", "mauritania")
SHEETS = ["Read me", "By person", "By day", "Cover", "Fairness", "Rules", "On call", "Shifts"]
MONDAY = date(2027, 10, 4)
EARLY, LATE, NIGHT = Shift("E", 360, 480, 15, False), Shift("L", 840, 480, 15, False), Shift("N", 1320, 480, 15, True)


def table(book: Path, sheet: str, head: int = 5) -> list[dict[str, object]]:
    """A sheet's rows below its headings, each by the titles of its columns, with stored values."""
    from openpyxl import load_workbook

    titles, *rows = load_workbook(book, data_only=True)[sheet].iter_rows(min_row=head, values_only=True)
    return [dict(zip(titles, row, strict=True)) for row in rows]


def feed(path: Path) -> dict[str, object]:
    from icalendar import Calendar

    events = list(Calendar.from_ical(path.read_bytes()).walk("VEVENT"))
    assert len({str(e["UID"]) for e in events}) == len(events)
    return {str(e["UID"]): e for e in events}


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_formula_shows_what_libreoffice_works_out_and_every_spreadsheet_can(name, built, tmp_path):
    from openpyxl.utils import FORMULAE

    book = built[name] / "operator" / "roster.xlsx"
    stored, anew, written = values(book), recalculated(book, tmp_path), formulas(book)
    assert {sheet for sheet, _ in written} == {"By day", "Cover", "Fairness", "Rules"}
    for place, text in written.items():
        assert stored[place] == (pytest.approx(anew[place]) if isinstance(anew[place], float | int) else anew[place])
        assert set(re.findall(r"([A-Z][A-Z0-9.]+)\(", re.sub(r'"[^"]*"', "", text))) <= set(FORMULAE)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_grid_and_the_days_hold_exactly_the_assignments(name, built, results_of):
    book, roster = built[name] / "operator" / "roster.xlsx", results_of[name]["roster"]
    times = {s["id"]: s["times"] for s in roster["shifts"]}
    code_of = {row["Times"]: row["Shift"] for row in table(book, "Shifts")}
    expected = {(a["person"], a["day"], code_of[times[a["shift"]]]) for a in roster["assignments"]}
    in_grid = {
        (row["Who"], day.date().isoformat(), entry)
        for row in table(book, "By person", head=7)
        for day, entry in row.items()
        if isinstance(day, datetime) and entry in code_of.values()
    }
    by_day = {
        (person, row["Day"].date().isoformat(), row["Shift"])
        for row in table(book, "By day")
        for person in row["Who"].split(", ")
        if person != "nobody"
    }
    assert in_grid == by_day == expected


@pytest.mark.parametrize("name", EXAMPLES)
def test_cover_rules_and_calls_say_what_the_results_say(name, built, results_of):
    book, results = built[name] / "operator" / "roster.xlsx", results_of[name]
    roster = results["roster"]
    *days, total = table(book, "Cover")
    assert total["Uncovered hours"] == pytest.approx(roster["uncovered_hours"])
    assert len(days) == 28
    called = {row["Day"].date().isoformat(): row["On call"] for row in table(book, "On call")}
    assert called == {day: roster["on_call"].get(day, "✗ nobody") for day in called}
    rules = {row["Rule"]: row for row in table(book, "Rules") if row["Verdict"]}
    for rule in results["working_time"]:
        row = rules[rule["title"]]
        assert (row["Value"], row["Unit"], row["Source"]) == (rule["value"], rule["unit"], rule["source"])
        assert row["Force"] == ("must hold" if rule["hard"] else "should hold")
        assert row["Broken"] == sum(v["rule"] == rule["id"] for v in roster["violations"])


@pytest.mark.parametrize("name", EXAMPLES)
def test_draft_and_notice_stand_on_every_sheet_and_every_printed_page(name, built, results_of, tmp_path):
    from openpyxl import load_workbook
    from pypdf import PdfReader

    book, notice = built[name] / "operator" / "roster.xlsx", results_of[name]["engagement"]["notice"]
    mark = "DRAFT: posts, not people" if results_of[name]["roster"]["anonymous"] else "DRAFT"
    workbook = load_workbook(book)
    assert workbook.sheetnames == SHEETS
    for sheet in workbook:
        top = [str(row[0]) for row in sheet.iter_rows(max_row=4, values_only=True)]
        assert notice in top
        assert any(line.startswith(mark) for line in top), sheet.title
    for page in PdfReader(convert(book, tmp_path, "pdf")).pages:
        text = page.extract_text()
        assert notice in text
        assert mark in text


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_feed_holds_each_shift_once_in_local_time_and_private(name, built, results_of):
    events = feed(built[name] / "operator" / "roster.ics").values()
    roster = results_of[name]["roster"]
    shifts = [e for e in events if isinstance(e.decoded("DTSTART"), datetime)]
    assert {str(e["CLASS"]) for e in events} == {"PRIVATE"}
    assert all(e.decoded("DTSTART").tzinfo is None for e in shifts)
    seen = {
        (e.decoded("DTSTART").date().isoformat(), f"{e.decoded('DTSTART'):%H:%M}–{e.decoded('DTEND'):%H:%M}", person)
        for e in shifts
        for person in str(e["SUMMARY"]).split(": ")[1].split(", ")
    }
    times = {s["id"]: s["times"] for s in roster["shifts"]}
    assert seen == {(a["day"], times[a["shift"]], a["person"]) for a in roster["assignments"]}
    calls = {e.decoded("DTSTART").isoformat(): str(e["SUMMARY"]) for e in events if e not in shifts}
    assert calls == {day: f"On call: {code}" for day, code in roster["on_call"].items()}


def test_writing_twice_gives_the_same_bytes(tmp_path):
    one, two = (roster_files.write(desk(), tmp_path / n) for n in ("one", "two"))
    assert [p.read_bytes() for p in one] == [p.read_bytes() for p in two]
    assert [p.relative_to(tmp_path / "one").as_posix() for p in one] == ["operator/roster.xlsx", "operator/roster.ics"]


def test_a_shifts_identity_outlives_a_change_of_people(tmp_path):
    before = feed(roster_files.write(desk(), tmp_path / "before")[1])
    swapped = desk(assignments=(Assignment(MONDAY, "N", "B"),))
    after = feed(roster_files.write(swapped, tmp_path / "after")[1])
    assert set(before) == set(after)
    assert {str(e["SUMMARY"]) for e in before.values()} != {str(e["SUMMARY"]) for e in after.values()}


def test_a_night_ends_on_the_next_day(tmp_path):
    events = feed(roster_files.write(desk(), tmp_path)[1]).values()
    (night,) = [e for e in events if e["SUMMARY"] == "N: A"]
    assert (night.decoded("DTSTART"), night.decoded("DTEND")) == (
        datetime(2027, 10, 4, 22, 0),
        datetime(2027, 10, 5, 6, 15),
    )


def test_counts_of_a_small_desk_are_those_made_by_hand(tmp_path):
    book = roster_files.write(desk(), tmp_path)[0]
    first, second, fewest, most = table(book, "Fairness")
    assert [first[t] for t in ("Shifts", "Nights", "Weekend shifts", "Holiday shifts")] == [3, 1, 1, 1]
    assert (first["Paid hours on shift"], first["Days of leave"]) == (3 * 8.25, 0)
    assert [second[t] for t in ("Shifts", "Nights", "Days of leave")] == [1, 0, 2]
    assert (fewest["Shifts"], most["Shifts"]) == (1, 3)
    *days, total = table(book, "Cover")
    # One advocate early each day of 28 and one on Monday nights of 4; four shifts are given.
    assert (total["Needed hours"], total["Uncovered hours"]) == (32 * 8, 28 * 8)
    assert days[0]["Verdict"] == "✗ short"
    assert days[1]["Verdict"] == "✓ covered"
    assert values(recalculated_book(book, tmp_path))["Cover", "D34"] == 28 * 8


def recalculated_book(book: Path, folder: Path) -> Path:
    return convert(book, folder / "anew")


def test_a_changed_letter_changes_who_cover_and_fairness(tmp_path):
    from openpyxl import load_workbook

    book = roster_files.write(desk(), tmp_path)[0]
    edited = load_workbook(book)
    assert edited["By person"]["D8"].value == "N"
    edited["By person"]["D8"] = "E"
    edited.save(tmp_path / "edited.xlsx")
    anew = convert(tmp_path / "edited.xlsx", tmp_path / "anew")
    early, night = table(anew, "By day")[:2]
    assert (early["Shift"], early["Who"], early["Short"]) == ("E", "A", 0)
    assert (night["Shift"], night["Who"], night["Short"]) == ("N", "nobody", 1)
    assert table(anew, "Fairness")[0]["Nights"] == 0


def test_broken_rules_stand_with_person_and_day(tmp_path):
    broken = Violation("daily_rest_hours", "A", MONDAY, "7 hours of rest before this shift", True)
    away = Violation("leave", "B", MONDAY, "rostered on a day of leave", True)
    rows = table(roster_files.write(desk(violations=(broken, away)), tmp_path)[0], "Rules")
    rules = {row["Rule"]: row for row in rows if row["Verdict"]}
    assert (rules["Rest between two shifts"]["Broken"], rules["Leave is kept free"]["Broken"]) == (1, 1)
    assert rules["Rest between two shifts"]["Verdict"] == "✗ broken"
    found = rows[[r["Rule"] for r in rows].index("Broken rule") + 1]
    assert (found["Value"], found["Unit"].date(), found["Source"]) == ("A", MONDAY, broken.text)


def test_holidays_are_marked_on_the_grid_and_by_day(tmp_path):
    book = roster_files.write(desk(), tmp_path)[0]
    cells = values(book)
    assert [cells.get(("By person", f"{column}6")) for column in "DEF"] == [None, "H", None]
    assert [cells.get(("By person", f"{column}5")) for column in "HIJ"] == [None, "W", "W"]
    assert {row["Holiday"] for row in table(book, "By day") if row["Day"].date() == MONDAY + timedelta(1)} == {
        "Lake Day"
    }


def test_several_shifts_of_a_part_of_the_day_are_numbered(tmp_path):
    shifts = (EARLY, replace(EARLY, id="F", start=420), LATE)
    needed = np.ones((28, 3), dtype=np.int64)
    book = roster_files.write(desk(shifts=shifts, needed=needed, assignments=()), tmp_path)[0]
    assert [row["Shift"] for row in table(book, "Shifts")] == ["E1", "E2", "L"]


def test_a_desk_that_needs_no_shift_still_gets_its_files(tmp_path):
    closed = desk(shifts=(), needed=np.zeros((28, 0), dtype=np.int64), people=(), assignments=(), on_call={})
    book, calendar = roster_files.write(closed, tmp_path)
    assert not feed(calendar)
    assert {row["On call"] for row in table(book, "On call")} == {"✗ nobody"}
    assert recalculated(book, tmp_path / "anew")


def test_a_large_desk_gets_plain_names_where_a_formula_would_be_too_long(tmp_path):
    people = tuple(Advocate(f"Post {n:03d}", 40.0, ("en",)) for n in range(200))
    book = roster_files.write(desk(people=people, assignments=(Assignment(MONDAY, "E", "Post 007"),)), tmp_path)[0]
    assert max(len(text) for text in formulas(book).values()) < 8192
    assert table(book, "By day")[0]["Who"] == "Post 007"


def desk(**changes: object) -> SimpleNamespace:
    """Results of a desk of two advocates and a supervisor: just what the roster's files read.

    One advocate is needed early every day, and one each Monday night.
    """
    needed = np.array([[1, d % 7 == 0] for d in range(28)], dtype=np.int64)
    away = frozenset({MONDAY + timedelta(7), MONDAY + timedelta(8)})
    given = {
        "start": MONDAY,
        "shifts": (EARLY, NIGHT),
        "needed": needed,
        "people": (
            Advocate("A", 40.0, ("en", "fr")),
            Advocate("B", 24.0, ("en",), nights=False, leave=away),
            Advocate("S", 40.0, ("en",), supervisor=True),
        ),
        "assignments": (
            Assignment(MONDAY, "N", "A"),
            Assignment(MONDAY + timedelta(1), "E", "A"),
            Assignment(MONDAY + timedelta(2), "E", "B"),
            Assignment(MONDAY + timedelta(5), "E", "A"),
        ),
        "on_call": {MONDAY + timedelta(n): "S" for n in range(28)},
        "uncovered_hours": 224.0,
        "violations": (),
        "holidays": {MONDAY + timedelta(1): "Lake Day"},
        "weekend": ("saturday", "sunday"),
        "anonymous": False,
        "status": "good",
    }
    country = load_country("XR")
    facts = SimpleNamespace(name="A line", country=country, as_of=date(2026, 11, 21), notice="A notice.")
    limits = load_limits("base", date(2026, 11, 21))
    return SimpleNamespace(facts=facts, limits=limits, roster=Roster(**(given | changes)))
