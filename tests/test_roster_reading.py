"""roster.xlsx comes back from people's hands: every change read, everything unclear named by sheet and cell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from libreoffice import convert
from rich_roster import results_with, rich

from hotline_catalyst.deliverables import roster_workbook
from hotline_catalyst.errors import AnswerError
from hotline_catalyst.planning.rostering.checking import check
from hotline_catalyst.planning.rostering.reading_back import Edited, read_roster
from hotline_catalyst.planning.rostering.records import Assignment, Roster

ROSTER = replace(rich(weeks=8), sessions=())
MONDAY = ROSTER.start
HEAD, FIRST = (
    7,
    8,
)  # row of the days and first row of people, as the workbook is made; nothing in the reading knows them


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return roster_workbook.write(results_with(ROSTER), tmp_path_factory.mktemp("made") / "roster.xlsx")


@pytest.fixture(scope="module")
def made(whole: Path) -> Path:
    """The sheets that are read, without the others: quicker to open and save."""
    return bare(whole)


def bare(whole: Path) -> Path:
    book = openpyxl.load_workbook(whole)
    for name in book.sheetnames:
        if name not in ("By person", "Shifts"):
            del book[name]
    book.save(whole.with_name("bare.xlsx"))
    return whole.with_name("bare.xlsx")


Edit = Callable[[Any], None]


def edited(made: Path, folder: Path, edit: Edit, roster: Roster = ROSTER) -> Edited:
    """Open the workbook as a person would, change the grid, save it, and read it back."""
    book = openpyxl.load_workbook(made)
    edit(book["By person"])
    book.save(folder / "roster.xlsx")
    return read_roster(folder / "roster.xlsx", roster)


def cell(sheet: Any, person: str, day: date) -> Any:
    """The cell of a person and a day, wherever it stands."""
    rows = {str(sheet.cell(row, 1).value): row for row in range(FIRST, sheet.max_row + 1)}
    heads = {sheet.cell(HEAD, c).value: c for c in range(1, sheet.max_column + 1)}
    return sheet.cell(rows[person], heads[datetime(day.year, day.month, day.day)])


def shift_of(roster: Roster, person: str, day: date) -> str:
    return next((a.shift for a in roster.assignments if (a.person, a.day) == (person, day)), "")


def day(n: int) -> date:
    return MONDAY + timedelta(days=n)


def test_a_workbook_that_nobody_touched_changes_nothing(whole):
    back = read_roster(whole, ROSTER)
    assert (back.changes, back.problems) == ((), ())
    assert back.roster is ROSTER


def test_what_libreoffice_saved_after_an_edit_is_read_and_judged_by_person_and_day(whole, tmp_path):
    book = openpyxl.load_workbook(whole)
    sheet = book["By person"]
    assert shift_of(ROSTER, "A05", day(5)) == "S0840-480"
    cell(sheet, "A05", day(5)).value = "N"
    cell(sheet, "A04", day(7)).value = None
    book.save(tmp_path / "roster.xlsx")
    back = read_roster(convert(tmp_path / "roster.xlsx", tmp_path / "office"), ROSTER)
    assert back.problems == ()
    assert back.changes == ("A04, 11 October: free instead of E.", "A05, 9 October: N instead of L.")
    assert shift_of(back.roster, "A05", day(5)) == "S1320-480"
    assert shift_of(back.roster, "A04", day(7)) == ""
    named = [v.text for v in check(back.roster, results_with(ROSTER).limits) if v.rule == "daily_rest_hours"]
    assert (
        "A05, 10 October: 0 hours between the end of N (06:15) and the start of E (06:00); the rule asks for 11."
        in named
    )


def test_sorted_rows_inserted_columns_and_renamed_sheets_are_no_matter(made, tmp_path):
    def edit(sheet: Any) -> None:
        rows = [[c.value for c in row] for row in sheet.iter_rows(min_row=FIRST, max_row=FIRST + 7)]
        for at, values in enumerate(sorted(rows, key=lambda r: str(r[0]), reverse=True), FIRST):
            for column, value in enumerate(values, 1):
                sheet.cell(at, column).value = value
        sheet.insert_rows(2, 3)
        sheet.insert_cols(10, 2)
        sheet.insert_cols(1)
        sheet.cell(HEAD + 3, 12).value = "Remarks"
        sheet.cell(HEAD + 5, 12).value = "asked by phone"
        sheet.title = "Dienstplan"

    back = edited(made, tmp_path, edit)
    assert (back.changes, back.problems) == ((), ())


NIGHT_WORDS = ("n", " N ", "Night", "night", "22:00–06:15", "22:00 - 06:15", "22:00", "S1320-480", "Ｎ")
FREE_WORDS = ("free", "off", "-", "–", "   ")


@pytest.mark.parametrize(("words", "code"), [(NIGHT_WORDS, "N"), (FREE_WORDS, "free")])
def test_a_cell_is_read_in_the_words_people_use(words, code, made, tmp_path):
    days = [a for a in ROSTER.assignments if a.shift == "S0360-480"][: len(words)]

    def edit(sheet: Any) -> None:
        for a, word in zip(days, words, strict=True):
            cell(sheet, a.person, a.day).value = word

    back = edited(made, tmp_path, edit)
    assert back.problems == ()
    assert sorted(back.changes) == sorted(f"{a.person}, {a.day.day} October: {code} instead of E." for a in days)
    if code == "free":
        assert back.roster.uncovered_hours == ROSTER.uncovered_hours + 8 * len(words)
    assert not {(b.person, b.day) for b in back.roster.breaks} & {(a.person, a.day) for a in days}


def test_days_are_read_as_dates_numbers_and_texts(made, tmp_path):
    def edit(sheet: Any) -> None:
        for n in range(56):
            at = sheet.cell(HEAD, 8 + n)
            written = at.value
            serial = (written - datetime(1899, 12, 30)).days
            forms = [written, serial, f"{written:%a} {written.day} {written:%b}", f"{written:%Y-%m-%d}"]
            forms += [f"{written.day}/{written.month}/{written.year}", f"{written:%B} {written.day}, {written.year}"]
            at.value, at.number_format = forms[n % 6], "General"
        sheet.cell(FIRST, 8).value = "N"

    back = edited(made, tmp_path, edit)
    assert back.changes == ("A01, 4 October: N instead of E.",)
    assert back.problems == ()


def test_a_shift_on_a_free_day_a_new_leave_and_a_leave_taken_away_are_told_apart(made, tmp_path):
    def edit(sheet: Any) -> None:
        cell(sheet, "A04", day(3)).value = "E"  # before this person's first day: the checker's matter
        cell(sheet, "A05", day(5)).value = "lv"
        cell(sheet, "A03", day(15)).value = None
        cell(sheet, "A03", day(16)).value = "L"

    back = edited(made, tmp_path, edit)
    assert back.problems == ()
    assert back.changes == (
        "A03, 19 October: the leave mark was taken away; the leave stands in staff.yaml and stays until it is changed "
        "there.",
        "A03, 20 October: L instead of leave.",
        "A04, 7 October: E instead of free.",
        "A05, 9 October: leave instead of L. Write it into staff.yaml too, or the next roster will not know.",
    )
    people = {p.code: p for p in back.roster.people}
    assert day(5) in people["A05"].leave
    assert day(15) in people["A03"].leave
    assert day(16) in people["A03"].leave
    assert ("leave", "A03", day(16)) in {(v.rule, v.person, v.day) for v in check(back.roster, {})}


def test_who_is_on_call_is_read_day_by_day(made, tmp_path):
    assert ROSTER.on_call[day(0)] == "S01"

    def edit(sheet: Any) -> None:
        cell(sheet, "S01", day(0)).value = None
        cell(sheet, "S02", day(0)).value = "c"
        cell(sheet, "S01", day(1)).value = ""
        cell(sheet, "S02", day(2)).value = "C"

    back = edited(made, tmp_path, edit)
    assert back.changes == (
        "4 October: S02 on call instead of S01.",
        "5 October: nobody on call instead of S01.",
    )
    assert back.problems == ("6 October: on call stands beside S01 and S02 (By person, J14, J15); keep one of them",)
    assert back.roster.on_call[day(0)] == "S02"
    assert day(1) not in back.roster.on_call
    assert back.roster.on_call[day(2)] == "S01"


def test_a_call_changed_on_its_own_sheet_is_not_lost_but_named(whole, tmp_path):
    book = openpyxl.load_workbook(whole)
    sheet = book["On call"]
    row = next(r for r in range(1, 80) if sheet.cell(r, 1).value == datetime(2027, 10, 6))
    at = next(c for c in sheet[row] if c.value == "S01")
    at.value = "S02"
    book.save(tmp_path / "roster.xlsx")
    back = read_roster(tmp_path / "roster.xlsx", ROSTER)
    assert back.changes == ()
    assert back.problems == (
        f"On call, {at.coordinate}: S02 stands here for 6 October; calls are read from the sheet 'By person': "
        "write C there",
    )


def test_everything_unclear_is_named_at_once_and_left_as_it_was(made, tmp_path):
    def edit(sheet: Any) -> None:
        sheet.cell(FIRST, 8).value = "Q"
        sheet.cell(FIRST, 9).value = "=H8"
        sheet.cell(FIRST, 10).value = 7
        sheet.cell(FIRST, 11).value = True
        sheet.cell(FIRST, 12).value = "E/L"
        sheet.cell(FIRST, 13).value = "tr"
        sheet.merge_cells(start_row=FIRST + 1, end_row=FIRST + 1, start_column=8, end_column=10)
        sheet.cell(FIRST + 4, 1).value = "A0S"
        sheet.cell(FIRST + 5, 1).value = "A01"
        sheet.cell(HEAD, 20).value = "=S7+1"
        sheet.cell(HEAD, 22).value = datetime(2029, 1, 1)
        sheet.cell(HEAD, 23).value = "soon"
        sheet.cell(30, 9).value = "N"
        sheet.cell(31, 8).value = "E"
        sheet.cell(31, 1).value = "New"
        sheet.cell(32, 1).value = "Total"
        sheet.cell(32, 8).value = "=COUNTA(H8:H15)"

    back = edited(made, tmp_path, edit)
    assert back.changes == ()
    assert back.roster is ROSTER
    whole = "\n".join(back.problems)
    for part in (
        "By person, H8: 'Q' is no shift of this roster; write E, L, N, lv, C",
        "By person, I8: '=H8' is a formula, which is not worked out here; write the letter itself",
        "By person, J8: '7' is no shift",
        "By person, K8: 'True' is no shift",
        "By person, L8: 'E/L' names two shifts; a person has one a day",
        "By person, M8: 'tr' names a session that this person does not have on this day",
        "By person, H9:J9: these cells are merged into one; split them and write each day by itself",
        "By person, A12: 'A0S' is nobody of this roster",
        "sheet 'By person': the row of A05 is gone",
        "By person, A13: A01 stands here again, first in A8; keep one of them",
        "sheet 'By person': the row of A06 is gone",
        "sheet 'By person': no column has the day 16 October; put it back",
        "sheet 'By person': no column has the day 18 October; put it back",
        "sheet 'By person': no column has the day 19 October; put it back",
        "By person, T7: '=S7+1' is a formula, which is not worked out here; write the day as 2027-02-28",
        "By person, V7: '2029-01-01' is no day of this roster, and shifts stand under it",
        "By person, W7: 'soon' is no day of this roster, and shifts stand under it",
        "By person, I30: 'N' stands beside no code; write whose shift it is",
        "By person, A31: 'New' is nobody of this roster",
    ):
        assert part in whole
    assert "The row was not read: 4 October E" in whole
    assert "Total" not in whole
    assert len(back.problems) == 19


def test_a_letter_that_several_shifts_share_is_asked_about(tmp_path):
    early = replace(ROSTER.shifts[0], id="S0420-480", start=420)
    roster = replace(ROSTER, shifts=(*ROSTER.shifts, early), needed=ROSTER.needed[:, [0, 1, 2, 0]], speakers={})
    book = bare(roster_workbook.write(results_with(roster), tmp_path / "made.xlsx"))

    def edit(sheet: Any) -> None:
        cell(sheet, "A05", day(5)).value = "early"
        cell(sheet, "A05", day(4)).value = "e2"
        cell(sheet, "A05", day(3)).value = "07:00"

    back = edited(book, tmp_path, edit, roster)
    assert back.changes == ("A05, 7 October: E2 instead of L.", "A05, 8 October: E2 instead of L.")
    assert back.problems == ("By person, M12: 'early' may be E1 or E2; write which",)


def test_a_session_stays_whatever_its_letter_becomes(tmp_path):
    roster = rich(weeks=8)
    held = next(s for s in roster.sessions if s.kind == "supervision" and "A04" not in s.people)
    roster = replace(roster, sessions=(replace(held, day=day(3), people=("A04",)),), assignments=roster.assignments)
    made = bare(roster_workbook.write(results_with(roster), tmp_path / "made.xlsx"))

    def edit(sheet: Any) -> None:
        assert cell(sheet, "A04", day(3)).value == "su"
        cell(sheet, "A04", day(3)).value = None

    back = edited(made, tmp_path, edit, roster)
    assert back.roster.sessions == roster.sessions
    assert back.changes == (
        "A04, 7 October: the letter of a session was taken away; sessions are not changed in the grid, it stays.",
    )


def test_an_older_workbook_whose_shifts_had_other_times_is_not_read(made, tmp_path):
    moved = replace(ROSTER, shifts=(replace(ROSTER.shifts[0], start=420), *ROSTER.shifts[1:]))
    back = read_roster(made, moved)
    assert back.roster is moved
    (told,) = back.problems
    assert told.startswith("Shifts, B6: E is 06:00–14:15 in this workbook and 07:00–15:15 in the roster")


def test_a_workbook_of_other_weeks_or_of_something_else_is_refused_in_one_sentence(made, tmp_path):
    other = replace(ROSTER, start=MONDAY + timedelta(weeks=20))
    (told,) = read_roster(made, other).problems
    assert told == "no sheet has the days of this roster (21 February to 16 April) in one row; is this its roster.xlsx?"
    strangers = replace(ROSTER, people=(replace(ROSTER.people[0], code="Z1"),))
    (told,) = read_roster(made, strangers).problems
    assert "no column below the days holds the codes of this roster's people" in told


def test_a_copy_of_the_grid_left_in_the_workbook_is_named(made, tmp_path):
    book = openpyxl.load_workbook(made)
    book.copy_worksheet(book["By person"]).title = "By person (2)"
    book.save(tmp_path / "roster.xlsx")
    back = read_roster(tmp_path / "roster.xlsx", ROSTER)
    assert back.problems == (
        "sheet 'By person (2)': the grid stands here again, first on sheet 'By person'; keep one of them",
    )


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda path: path.rename(path.with_suffix(".xlsm")), "only .xlsx workbooks are read"),
        (lambda path: path.write_bytes(b"PK\x03\x04 nothing") and path, "damaged"),
    ],
)
def test_a_file_that_is_no_safe_workbook_is_refused(made, tmp_path, spoil, says):
    path = tmp_path / "roster.xlsx"
    path.write_bytes(made.read_bytes())
    with pytest.raises(AnswerError, match=says):
        read_roster(spoil(path), ROSTER)


def test_edits_of_a_hand_made_roster_keep_what_the_grid_cannot_show(made, tmp_path):
    # Two shifts on one day fit into no cell: an untouched cell keeps both, for the checker to name.
    twice = replace(ROSTER, assignments=(*ROSTER.assignments, Assignment(day(0), "S1320-480", "A01")))
    book = roster_workbook.write(results_with(twice), tmp_path / "made.xlsx")
    back = read_roster(book, twice)
    assert back.roster is twice
    assert ("one_a_day", "A01") in {(v.rule, v.person) for v in check(back.roster, {})}
