"""roadmap.xlsx comes back: from a spreadsheet program, moved and renamed, and with what people get wrong."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from libreoffice import through
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from roadmaps import DAYS, moved, results_of_plan, rich, roadmap

from hotline_catalyst.assessment.workbook_cells import Sheet, read_sheets
from hotline_catalyst.assessment.workbook_safety import checked_parts
from hotline_catalyst.deliverables import roadmap_workbook
from hotline_catalyst.deliverables.roadmap_reading import Edited, read_edits, read_roadmap
from hotline_catalyst.errors import AnswerError

PLAN = rich()
ASKED_FOR = ("Start", "Way", "Leave out", "Actual start", "Actual end")
ROLES = ("it", "operator", "government", "data", "supervisor", "consultant", "survivor", "provider", "advocate")


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> Path:
    """The workbook of a plan with one of everything."""
    return roadmap_workbook.write(results_of_plan(PLAN), tmp_path_factory.mktemp("written") / "roadmap.xlsx")


def cell(sheet: Worksheet, ident: str, heading: str) -> Any:
    """A cell of a returned sheet by what a person sees: the row's id and the column's heading."""
    head = next(row for row in sheet.iter_rows() if {"ID", heading} <= {c.value for c in row})
    column = next(c.column for c in head if c.value == heading)
    place = next(c.column for c in head if c.value == "ID")
    row = next(r[0].row for r in sheet.iter_rows(min_row=head[0].row + 1) if r[place - 1].value == ident)
    return sheet.cell(row, column)


def typed(written: Path, folder: Path, entries: dict[tuple[str, str], Any], sheet: str = "Plan") -> Path:
    """Type values into cells named by id and heading, and save."""
    book = load_workbook(written)
    for (ident, heading), value in entries.items():
        cell(book[sheet], ident, heading).value = value
    book.save(folder / "returned.xlsx")
    return folder / "returned.xlsx"


EDITS = {
    ("R07", "Start"): datetime(2027, 3, 1),
    ("R08", "Way"): "With a partner",
    ("R09", "Leave out"): "yes",
    ("R02", "Actual end"): datetime(2027, 2, 2),
    ("R25", "Actual start"): datetime(2027, 4, 12),
}
ASKED = Edited(
    starts={"R07": date(2027, 3, 1)},
    ways={"R08": "partner"},
    left_out=("R09",),
    started={"R25": date(2027, 4, 12)},
    ended={"R02": date(2027, 2, 2)},
)


def test_an_untouched_workbook_asks_for_nothing(written):
    assert read_roadmap(written, PLAN) == Edited()


def test_every_kind_of_change_comes_back(written, tmp_path):
    assert read_roadmap(typed(written, tmp_path, EDITS), PLAN) == ASKED
    assert ASKED.changes == 5


def test_changes_survive_libreoffice_and_its_own_format(written, tmp_path):
    returned = through(typed(written, tmp_path, EDITS), tmp_path, "ods", "xlsx")
    assert read_roadmap(returned, PLAN) == ASKED


def test_sheets_and_columns_may_move_and_rows_may_be_put_between(written, tmp_path):
    book = load_workbook(typed(written, tmp_path, EDITS))
    old = book["Plan"]
    copy = book.create_sheet("Minutes of 3 May")
    columns = list(range(old.max_column, 0, -1))
    for index, row in enumerate(old.iter_rows(min_row=5)):
        for place, column in enumerate(columns, 2):
            copy.cell(9 + 2 * index, place).value = row[column - 1].value
    del book["Plan"]
    book.save(tmp_path / "moved.xlsx")
    assert read_roadmap(tmp_path / "moved.xlsx", PLAN) == ASKED


@pytest.mark.parametrize(
    "value",
    [46447, 46447.0, "2027-03-01", " 2027-3-1 ", "1 March 2027", "1. Mar 2027", "２０２７-03-01", date(2027, 3, 1)],
)
def test_a_date_may_be_a_date_a_serial_number_or_plain_text(value, written, tmp_path):
    path = typed(written, tmp_path, {("R07", "Start"): value})
    assert read_roadmap(path, PLAN) == Edited(starts={"R07": date(2027, 3, 1)})


@pytest.mark.parametrize(
    ("heading", "value", "says"),
    [
        ("Start", "31 Feb", "'31 Feb' is not a date; write it as 2027-02-28"),
        ("Start", "2027-02-31", "'2027-02-31' is not a date; write it as 2027-02-28"),
        ("Start", "03/04/2027", "'03/04/2027' is not a date that leaves no doubt; write it as 2027-02-28"),
        ("Start", "=C7+7", "'=C7+7' is a formula, which is not worked out here; write the date itself"),
        ("Start", datetime(3027, 3, 1), "'3027-03-01' is the year 3027; write a date between 2000 and 2100"),
        ("Start", None, "R07 has no start; write a date, or yes under Leave out"),
        ("Way", "by magic", "'by magic' is no way of doing R07; choose 'In house' or 'With a partner'"),
        ("Leave out", "maybe", "'maybe' is neither yes nor empty"),
        ("Actual end", datetime(2027, 3, 1), "R07 has ended and never started; fill in Actual start too"),
    ],
)
def test_what_cannot_be_understood_is_named_with_its_cell_and_what_to_write(heading, value, says, written, tmp_path):
    path = typed(written, tmp_path, {("R07", heading): value})
    where = cell(load_workbook(path)["Plan"], "R07", heading).coordinate
    assert read_roadmap(path, PLAN).problems == (f"Plan, {where}: {says}",)


def test_all_problems_are_named_at_once(written, tmp_path):
    wrong = {("R07", "Start"): "soon", ("R08", "Way"): "x", ("R09", "Leave out"): "?", ("R01", "Leave out"): "yes"}
    wrong |= {("R02", "Start"): datetime(2027, 1, 18), ("R02", "Actual end"): datetime(2027, 1, 11)}
    problems = read_roadmap(typed(written, tmp_path, wrong), PLAN).problems
    assert len(problems) == len(wrong)
    assert any("R02 has begun, so this cannot be changed" in p for p in problems)
    assert any("R02 ended on 2027-01-11 before it started on 2027-01-14" in p for p in problems)


def test_a_row_that_is_gone_is_a_question_and_not_left_out(written, tmp_path):
    book = load_workbook(written)
    book["Plan"].delete_rows(cell(book["Plan"], "R09", "Start").row)
    book.save(tmp_path / "gone.xlsx")
    edited = read_roadmap(tmp_path / "gone.xlsx", PLAN)
    assert (edited.left_out, edited.problems) == ((), ())
    assert edited.questions == (
        "R09 Print the cards: its row is gone; write yes under Leave out if it is to be left out",
    )


def test_unknown_and_doubled_and_nameless_rows_are_named(written, tmp_path):
    book = load_workbook(written)
    sheet = book["Plan"]
    last = sheet.max_row
    for offset, ident in enumerate(("R7", "R08", None), 1):
        sheet.cell(last + offset, 1).value = ident
        sheet.cell(last + offset, 3).value = datetime(2027, 5, 3)
    book.save(tmp_path / "more.xlsx")
    edited = read_roadmap(tmp_path / "more.xlsx", PLAN)
    first = cell(sheet, "R08", "ID").coordinate
    assert edited.starts == {}
    assert set(edited.problems) == {
        f"Plan, A{last + 1}: 'R7' is no activity of this plan; did you mean 'R07'?",
        f"Plan, A{last + 2}: 'R08' stands here again, first in Plan, {first}; keep one",
        f"Plan, C{last + 3}: '2027-05-03' stands beside no ID; say which activity it means",
    }


def test_what_is_typed_over_a_locked_cell_is_asked_about_and_never_dropped_in_silence(written, tmp_path):
    over = {("R07", "Cost, likely"): 900, ("R08", "Working days"): 9, ("R09", "End"): datetime(2027, 4, 1)}
    edited = read_roadmap(typed(written, tmp_path, over), PLAN)
    assert edited.changes == 0
    assert len(edited.questions) == 3
    assert any("900 in place of 500" in q for q in edited.questions) or any(
        "'900' in place of 500" in q for q in edited.questions
    )


def test_an_actual_date_taken_away_is_asked_about(written, tmp_path):
    edited = read_roadmap(typed(written, tmp_path, {("R01", "Actual end"): None}), PLAN)
    assert edited.questions[0].endswith("2027-01-15 was taken away; did R01 not happen then?")


def test_an_activity_left_out_is_wanted_in_when_a_start_stands_beside_it(written, tmp_path):
    path = typed(written, tmp_path, {("A17", "Start"): datetime(2027, 6, 1)}, "Left out")
    assert read_roadmap(path, PLAN) == Edited(starts={"A17": date(2027, 6, 1)})


def test_in_a_workbook_made_from_an_older_plan_only_what_people_changed_counts(written, tmp_path):
    newer = moved(PLAN, R07=35, R08=66)
    edited = read_roadmap(typed(written, tmp_path, {("R09", "Start"): DAYS[55]}), newer)
    assert edited.starts == {"R09": DAYS[55]}
    assert "made from another plan" in edited.questions[0]


def test_a_workbook_that_is_no_roadmap_says_what_is_missing(tmp_path):
    book = Workbook()
    book.active.title = "Shopping"
    book.save(tmp_path / "other.xlsx")
    (problem,) = read_roadmap(tmp_path / "other.xlsx", PLAN).problems
    assert "no sheet has the plan's headings (ID, Start, Way, Leave out, Actual start, Actual end)" in problem


def test_a_heading_that_was_renamed_is_asked_for(written, tmp_path):
    book = load_workbook(written)
    next(c for c in book["Plan"][5] if c.value == "Leave out").value = "Drop"
    book.save(tmp_path / "renamed.xlsx")
    (problem,) = read_roadmap(tmp_path / "renamed.xlsx", PLAN).problems
    assert problem == "sheet 'Plan', row 5: the plan's headings Leave out are missing; write them as they were"


@pytest.fixture(scope="module")
def sheets(written) -> list[Sheet]:
    """The workbook's cells."""
    return read_sheets(checked_parts(written))


ENTRIES = st.one_of(
    *(st.text(max_size=12), st.integers(), st.floats(), st.booleans(), st.datetimes()),
    st.dates(date(2026, 1, 1), date(2030, 1, 1)).map(str),
    st.sampled_from(["yes", " ", "31.12.2027", "2027-13-01", "In house", "partner", "=NOW()", "\x07", "٢٠٢٧-٠٣-٠١"]),
)


@given(entry=ENTRIES, ident=st.sampled_from(["R01", "R02", "R07", "R25"]), heading=st.sampled_from(ASKED_FOR))
def test_whatever_is_typed_is_a_change_or_a_problem_or_a_question_and_never_lost(entry, ident, heading, sheets):
    plan = next(s for s in sheets if s.title == "Plan")
    columns = {v: c for (r, c), v in plan.cells.items() if r == 5}
    row = next(r for (r, c), v in plan.cells.items() if v == ident and c == 1)
    before = plan.cells.get((row, columns[heading]))
    changed = replace(plan, cells={**plan.cells, (row, columns[heading]): entry})
    edited = read_edits([changed if s is plan else s for s in sheets], PLAN)
    said = edited.changes + len(edited.problems) + len(edited.questions)
    same = {str(before).strip().casefold(), str(before)[:10]}
    word = unicodedata.normalize("NFKC", "".join(c for c in str(entry) if c.isprintable())).strip().casefold()
    if word in same | {"no", "n", "false", "", "in_house"} or word[:10] in same:
        assert said <= 1
    else:
        assert said >= 1


def test_two_copies_of_the_plan_are_one_too_many(written, tmp_path):
    book = load_workbook(written)
    book.copy_worksheet(book["Plan"])
    book.save(tmp_path / "twice.xlsx")
    (problem,) = read_roadmap(tmp_path / "twice.xlsx", PLAN).problems
    assert problem == "sheet 'Plan Copy' holds the same table again; keep one of them"


def test_a_file_that_is_not_safe_to_open_is_refused(tmp_path):
    (tmp_path / "roadmap.xlsm").write_bytes(b"PK")
    (tmp_path / "roadmap.xlsx").write_bytes(b"PK")
    for name, says in (("roadmap.xlsm", "only .xlsx"), ("roadmap.xlsx", "damaged")):
        with pytest.raises(AnswerError, match=says):
            read_roadmap(tmp_path / name, PLAN)


def test_a_plan_of_sixty_activities_and_two_years_stays_within_what_is_read_back(tmp_path):
    from roadmaps import activity, results_of_plan

    from hotline_catalyst.planning.roadmap import Load

    many = [
        activity(f"X{n:03}", 7 * n, 20, why_here="Because. " * 20, owner=("it", "operator")[n % 2]) for n in range(60)
    ]
    weeks = tuple(DAYS[5 * n] for n in range(100))
    loads = tuple(Load(role, weeks, (1.5, 0.0) * 50, (2.0,) * 100) for role in ROLES)
    plan = roadmap(*many, loads=loads)
    path = roadmap_workbook.write(results_of_plan(plan), tmp_path / "roadmap.xlsx")
    assert read_roadmap(path, plan) == Edited()
    assert read_roadmap(through(path, tmp_path, "xlsx"), plan) == Edited()
