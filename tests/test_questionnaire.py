"""The questionnaire comes back through other programs, other hands and hostile ones: every answer, or a refusal."""

from __future__ import annotations

import io
import random
import re
import shutil
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import copy
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from libreoffice import convert
from openpyxl.worksheet.formula import ArrayFormula
from panel import DAY, instrument, panel

from hotline_catalyst.assessment.instrument import in_stage
from hotline_catalyst.assessment.questionnaire import MAX_TEXT, read_questionnaire, write_questionnaire
from hotline_catalyst.assessment.responses import Answer, Response
from hotline_catalyst.engagement import collect_files
from hotline_catalyst.errors import AnswerError

ARABIC = "لا نعرف من يناوب في الليل؛ اسألوا المشرفة."
EVIDENCE = "Protokół nr 7, § 3 (2026)"
SHEET = '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
END = "</sheetData></worksheet>"
Edit = Callable[[openpyxl.Workbook], None]


def blank(path: Path, role: str | None = None, **more: Any) -> Path:
    """Write a questionnaire that asks every question of a new hotline, unless told otherwise."""
    given_to = {"stage": "new", "respondent": "R-017", "organisation": "Consejo Ñandú", "as_of": DAY, **more}
    write_questionnaire(instrument(), path, role=role, **given_to)
    return path


def rows(book: openpyxl.Workbook) -> Iterator[tuple[Any, int, str]]:
    """Yield sheet, row number and id of every question."""
    for sheet in book.worksheets:
        for row in range(1, sheet.max_row + 1):
            if re.fullmatch(r"[A-Z]{2}-Q?\d{1,2}", str(sheet.cell(row, 1).value)):
                yield sheet, row, sheet.cell(row, 1).value


def at(book: openpyxl.Workbook, question: str, column: str) -> Any:
    """Return the cell in which a question's answer (E), certainty (F), note (G) or evidence (H) stands."""
    return next(sheet[f"{column}{row}"] for sheet, row, ident in rows(book) if ident == question)


def edited(path: Path, change: Edit, name: str = "edited.xlsx") -> Path:
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path.parent / name)
    return path.parent / name


def answered(path: Path, cells: dict[tuple[str, str], Any], name: str = "answered.xlsx") -> Path:
    """Type values into cells as a person would."""

    def change(book: openpyxl.Workbook) -> None:
        for (question, column), value in cells.items():
            cell = at(book, question, column)
            cell.value = value
            if isinstance(value, str):
                cell.data_type = "s"  # typed into a text cell: "=..." is no formula there

    return edited(path, change, name)


def repacked(path: Path, parts: dict[str, str | bytes | Callable[[bytes], bytes]], name: str = "repacked.xlsx") -> Path:
    """Replace, change or add parts inside a workbook."""
    out = path.parent / name
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.namelist():
            change = parts.get(member, source.read(member))
            target.writestr(member, change(source.read(member)) if callable(change) else change)
        for member in parts.keys() - set(source.namelist()):
            target.writestr(member, parts[member])  # type: ignore[arg-type]
    return out


def refused(path: Path) -> AnswerError:
    """Return why a workbook is refused: in less than a second, and with its file named."""
    begun = time.perf_counter()
    with pytest.raises(AnswerError) as error:
        read_questionnaire(instrument(), path)
    assert time.perf_counter() - begun < 1
    assert error.value.where == path.name
    return error.value


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an empty questionnaire with every question of a new hotline; tests copy it."""
    path = blank(tmp_path_factory.mktemp("printed") / "whole.xlsx")
    read_questionnaire(instrument(), path)  # the first reading loads the library
    return path


@pytest.fixture
def whole(printed: Path, tmp_path: Path) -> Path:
    """Return a private copy of the empty questionnaire."""
    return Path(shutil.copy(printed, tmp_path))


# The way back.

LABELS = {"dont_know": "D · Don't know", "not_applicable": "N · Does not apply (say why in the note)", "declined": "R"}
SURE = {"sure": "S · Sure (I have seen it or I run it)", "fairly": "F", "unsure": "u"}


def every_kind_of_answer() -> dict[str, Answer]:
    """Return an answer to each question, walking through states, levels, certainties, notes and evidence."""
    found = {}
    for n, question in enumerate([*instrument().items, *instrument().quantities]):
        state = ("answered", "answered", "dont_know", "not_applicable", "declined", "answered", "blank")[n % 7]
        value: float | None = None
        if state == "answered":
            quantity = instrument().quantities.get(question)
            value = quantity.maximum - 0.5 if quantity else float(n % 5)
        note = ("", ARABIC, "=SUM(A1:A9)", "two\nlines", "+1 234, -5 @ home")[n % 5]
        found[question] = Answer(
            state=state,  # type: ignore[arg-type]
            value=value,
            sure=("sure", "fairly", "unsure")[n % 3],  # type: ignore[arg-type]
            note=note or ("there is no such site" if state == "not_applicable" else ""),
            evidence=EVIDENCE if n % 4 == 0 else "",
        )
    return found


def fill(book: openpyxl.Workbook, answers: dict[str, Answer]) -> dict[str, Answer]:
    """Type answers into a workbook and return those it asks for."""
    asked = {}
    for n, (sheet, row, question) in enumerate(rows(book)):
        answer = asked[question] = answers[question]
        label: Any = answer.value
        if question in instrument().items and answer.value is not None and n % 2:
            level = instrument().meta.levels[int(answer.value)]
            label = f"{level.n} · {level.name}"
        said = {5: LABELS.get(answer.state, label), 6: SURE[answer.sure], 7: answer.note, 8: answer.evidence}
        for column, value in said.items():
            cell = sheet.cell(row, column)
            cell.value = None if value == "" else value
            if value and isinstance(value, str):
                cell.data_type = "s"
    return asked


def test_every_answer_survives_a_renamed_sheet_new_rows_and_columns_and_two_other_formats(whole, tmp_path):
    expected: dict[str, Answer] = {}

    def change(book: openpyxl.Workbook) -> None:
        expected.update(fill(book, every_kind_of_answer()))
        book.worksheets[3].title = "Umbenannt ملف"
        book.worksheets[3].insert_rows(5, 2)
        book.worksheets[4].insert_rows(1, 3)
        book.worksheets[5].insert_cols(5, 1)
        book.worksheets[6].insert_cols(1, 2)
        book.move_sheet(book.worksheets[7], offset=-5)
        book.remove(book["Lists"])

    returned = edited(whole, change)
    assert len(expected) > 180
    assert read_questionnaire(instrument(), returned).answers == expected
    opened = convert(returned, tmp_path / "ods", "ods")
    saved = convert(opened, tmp_path / "again")
    found = read_questionnaire(instrument(), saved)
    assert found.answers == expected
    assert (found.respondent, found.role, found.given_on) == ("R-017", "operator", DAY)
    assert found.organisation == "Consejo Ñandú"
    assert found.fingerprint == instrument().fingerprint


def test_an_untouched_questionnaire_is_all_blanks(whole):
    found = read_questionnaire(instrument(), whole)
    assert {a.state for a in found.answers.values()} == {"blank"}
    quantities = [q for q in instrument().quantities.values() if in_stage(q.stage, "new")]
    assert len(found.answers) == len(instrument().items_for(None, "new")) + len(quantities)


def test_writing_twice_gives_the_same_bytes(tmp_path):
    assert blank(tmp_path / "a.xlsx").read_bytes() == blank(tmp_path / "b.xlsx").read_bytes()


@pytest.mark.parametrize("stage", ["inception", "new", "existing"])
def test_each_role_is_asked_its_own_questions_and_no_others(tmp_path, stage):
    for role in instrument().meta.roles:
        found = read_questionnaire(instrument(), blank(tmp_path / "q.xlsx", role, stage=stage))
        items = {i.id for i in instrument().items_for(role, stage)}
        assert {q for q in found.answers if q in instrument().items} == items
        quantities = {
            q.id for q in instrument().quantities.values() if role in q.first_hand and in_stage(q.stage, stage)
        }
        assert found.answers.keys() - items == quantities
        assert found.role == role


def test_a_return_visit_finds_what_the_same_person_said_before(tmp_path):
    book = openpyxl.load_workbook(blank(tmp_path / "first.xlsx"))
    fill(book, every_kind_of_answer())
    book.save(tmp_path / "first.xlsx")
    before = read_questionnaire(instrument(), tmp_path / "first.xlsx")
    again = read_questionnaire(instrument(), blank(tmp_path / "again.xlsx", earlier=panel(before)))
    kept = {q: a for q, a in before.answers.items() if a.state != "blank"}
    assert {q: a for q, a in again.answers.items() if a.state != "blank"} == kept
    other = blank(tmp_path / "other.xlsx", respondent="R-018", earlier=panel(before))
    assert {a.state for a in read_questionnaire(instrument(), other).answers.values()} == {"blank"}


def test_a_stored_submission_is_read_back_as_it_was(whole):
    found = read_questionnaire(instrument(), answered(whole, {("EE-01", "E"): 3, ("EE-01", "G"): ARABIC}))
    assert Response.model_validate_json(found.to_json()) == found
    assert ARABIC.encode() in found.to_json()


# What people type.


@pytest.mark.parametrize("typed", [3, "3", "3 · In place", " 3  ", "３ · In place", "3.0", 3.0])
def test_a_level_is_read_by_its_leading_digit_so_that_translated_labels_read_the_same(whole, typed):
    assert read_questionnaire(instrument(), answered(whole, {("EE-01", "E"): typed})).answers["EE-01"].value == 3


@pytest.mark.parametrize("typed", ["D", "d", "D · Don't know", "D · No sé", "D · لا أعرف"])
def test_dont_know_is_read_by_its_letter_in_every_language(whole, typed):
    found = read_questionnaire(instrument(), answered(whole, {("EE-01", "E"): typed}))
    assert found.answers["EE-01"].state == "dont_know"


NO_LEVELS = [5, -1, 2.5, "7 · Great", "three", "Not sure", "Don't know", "34", "2-3", True, "#REF!", "=1+2"]


@pytest.mark.parametrize("typed", NO_LEVELS)
def test_what_is_no_level_is_refused_with_sheet_and_cell(whole, typed):
    (problem,) = refused(answered(whole, {("EE-01", "E"): typed})).problems
    assert problem.startswith("sheet 'Enabling environment', cell E4: EE-01: ")
    assert problem.endswith("is not one of the answers; choose from the list")


def test_a_formula_in_an_answer_cell_is_refused_and_never_worked_out(whole):
    for formula in ("=1+2", '=HYPERLINK("http://x","3")', ArrayFormula("E4", "=3")):

        def change(book: openpyxl.Workbook, formula: Any = formula) -> None:
            at(book, "EE-01", "E").value = formula
            at(book, "FO-Q1", "E").value = "=40*52"

        problems = refused(edited(whole, change)).problems
        assert problems[0].startswith("sheet 'Enabling environment', cell E4: EE-01: '=")
        assert re.match(r"sheet 'Foundation', cell E\d+: FO-Q1: '=40\*52' is not a plain number", problems[1])


def test_a_note_that_begins_like_a_formula_stays_text(whole):
    texts = ('=HYPERLINK("http://evil.example","click")', "+49 30 1234", "@SUM(1)", "-cmd|' /C calc'!A0")
    notes = {f"EE-0{n}": text for n, text in enumerate(texts, 1)}
    found = read_questionnaire(instrument(), answered(whole, {(q, "G"): note for q, note in notes.items()})).answers
    assert {q: found[q].note for q in notes} == notes


def test_even_a_real_formula_in_a_note_is_kept_as_its_text(whole):
    def change(book: openpyxl.Workbook) -> None:
        at(book, "EE-01", "G").value = "=1+1"
        at(book, "EE-02", "G").value = ArrayFormula("G5", "=SUM(1)")

    found = read_questionnaire(instrument(), edited(whole, change)).answers
    assert [found[q].note for q in ("EE-01", "EE-02")] == ["=1+1", "=SUM(1)"]


def test_a_note_that_looks_like_our_own_marks_costs_no_answer(whole):
    notes = {("EE-01", "G"): "#note", ("EE-02", "G"): "#role", ("EE-02", "H"): "#respondent", ("EE-03", "G"): "EE-04"}
    found = read_questionnaire(instrument(), answered(whole, {**notes, ("EE-04", "E"): 2}))
    assert len(found.answers) == len(read_questionnaire(instrument(), whole).answers)
    assert [found.answers[q].note for q in ("EE-01", "EE-02", "EE-03")] == ["#note", "#role", "EE-04"]
    assert found.answers["EE-04"].value == 2
    assert (found.respondent, found.role) == ("R-017", "operator")


def test_does_not_apply_needs_its_reason(whole):
    (problem,) = refused(answered(whole, {("EE-01", "E"): "N"})).problems
    assert problem == "sheet 'Enabling environment', cell E4: EE-01: 'does not apply' needs its reason in the note"
    given_reason = answered(whole, {("EE-01", "E"): "N", ("EE-01", "G"): "no such law here"})
    assert read_questionnaire(instrument(), given_reason).answers["EE-01"].state == "not_applicable"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (120, "120 percent lies outside 50 to 100; correct it, or raise the range in the instrument if it is true"),
        (0.97, "0.97 percent lies outside 50 to 100"),
        (-1, "-1 percent lies outside 50 to 100"),
        ("97 %", "'97 %' is not a plain number; write it as digits, like 1500.5"),
        ("1.500,25", "is not a plain number"),
        ("1,500", "is not a plain number"),
        ("about 90", "is not a plain number"),
        ("1e9", "is not a plain number"),
        ("nan", "is not a plain number"),
        (True, "is not a number"),
    ],
)
def test_a_quantity_out_of_range_or_unclear_is_refused_with_sheet_and_cell(whole, typed, said):
    (problem,) = refused(answered(whole, {("FO-Q1", "E"): typed})).problems
    assert re.match(r"sheet 'Foundation', cell E\d+: FO-Q1: ", problem)
    assert said in problem


def test_every_problem_of_a_workbook_comes_back_at_once(whole):
    cells = {("EE-01", "E"): 9, ("EE-02", "F"): "very", ("EE-03", "E"): "N", ("FO-Q1", "E"): 500}
    path = answered(whole, cells)
    path = edited(path, lambda book: cover(book, "#date", "03/04/2027"))
    assert [p.split(": ")[1].split("'")[0] for p in refused(path).problems][:4] == ["EE-01", "EE-02", "EE-03", "FO-Q1"]
    assert len(refused(path).problems) == 5


# The cover.


def cover(book: openpyxl.Workbook, key: str, value: Any) -> None:
    sheet = book.worksheets[0]
    row = next(r for r in range(1, 30) if sheet.cell(r, 1).value == key)
    sheet.cell(row, 3).value = value


@pytest.mark.parametrize(
    ("key", "typed", "said"),
    [
        ("#respondent", None, "respondent is missing; fill it in"),
        ("#respondent", "Maria López García", "is not a code; use letters and digits, no names"),
        ("#role", "boss", "role 'boss' is not in the instrument"),
        ("#role", None, "role is missing"),
        ("#organisation", None, "organisation is missing"),
        ("#date", None, "date is missing"),
        ("#date", "03/04/2027", "the date '03/04/2027' is not clear; write it as 2027-03-14"),
        ("#date", "14.3.2027", "is not clear"),
        ("#date", "46082", "is not clear"),
        ("#date", "2027-02-30", "is not clear"),
    ],
)
def test_a_cover_field_that_is_missing_or_unclear_is_refused_with_sheet_and_cell(whole, key, typed, said):
    (problem,) = refused(edited(whole, lambda book: cover(book, key, typed))).problems
    assert re.match(r"sheet 'Start here', cell C\d+: ", problem)
    assert said in problem


def test_a_date_that_the_spreadsheet_made_a_date_is_understood(whole):
    path = edited(whole, lambda book: cover(book, "#date", DAY.replace(day=9)))
    assert read_questionnaire(instrument(), path).given_on == DAY.replace(day=9)


def test_a_workbook_without_its_cover_is_refused(whole):
    problems = refused(edited(whole, lambda book: book.remove(book.worksheets[0]))).problems
    assert "the first sheet: respondent is missing; fill it in" in problems


def test_two_covers_that_differ_are_refused(whole):
    def change(book: openpyxl.Workbook) -> None:
        book.copy_worksheet(book.worksheets[0])
        cover(book, "#respondent", "R-018")

    (problem,) = refused(edited(whole, change)).problems
    assert re.search(r"respondent differs from sheet 'Start here', cell C\d+; keep one cover sheet", problem)


# Copies and strangers.


def test_a_copied_sheet_is_refused_with_both_places_of_every_question(whole):
    def change(book: openpyxl.Workbook) -> None:
        book.copy_worksheet(book["Foundation"])

    problems = refused(edited(whole, change)).problems
    items = [i for i in instrument().items_for(None, "new") if i.id.startswith("FO-")]
    assert len(problems) == len(items) + 1  # and its quantity
    said = "sheet 'Foundation Copy', cell A4: FO-01 is already in sheet 'Foundation', cell A4; delete one of the two"
    assert problems[0] == said


def test_a_copied_row_is_refused(whole):
    def change(book: openpyxl.Workbook) -> None:
        sheet = book["Foundation"]
        for column in range(1, 9):
            sheet.cell(60, column).value = copy(sheet.cell(5, column).value)

    (problem,) = refused(edited(whole, change)).problems
    assert problem.startswith("sheet 'Foundation', cell A60: FO-02 is already in sheet 'Foundation', cell A5")


def test_a_question_this_version_does_not_know_is_refused(whole):
    def change(book: openpyxl.Workbook) -> None:
        at(book, "EE-01", "A").value = "EE-99"

    (problem,) = refused(edited(whole, change)).problems
    assert problem == "sheet 'Enabling environment', cell A4: 'EE-99' is not in this version of the instrument"


def test_a_workbook_of_something_else_is_refused(tmp_path):
    openpyxl.Workbook().save(tmp_path / "budget.xlsx")
    said = "no question was found in it; is it a questionnaire made by this toolkit?"
    assert said in refused(tmp_path / "budget.xlsx").problems


# Hostile files. Sizes are those of the research: 222 kB that unpack to two million cells.


def test_a_zip_bomb_is_refused_before_it_is_unpacked(whole):
    row = "<row>" + '<c r="A1" t="n"><v>1</v></c>' * 1000 + "</row>"
    path = repacked(whole, {"xl/worksheets/sheet2.xml": SHEET + row * 2000 + END})
    assert path.stat().st_size < 500_000
    said = "part xl/worksheets/sheet2.xml unpacks to more than a questionnaire can hold; it was not opened"
    assert refused(path).problems == [said]


def grown(before: bytes, more: bytes) -> Callable[[bytes], bytes]:
    """Return a change that puts ``more`` in front of the first ``before`` of a part."""
    return lambda part: part.replace(before, more + before, 1)


def bombs_below_the_size_limit() -> dict[str, dict[str, Any]]:
    """Parts of up to 4 MB, which only their kind makes slow: each kept the reader busy for 4 to 30 seconds."""
    strings = '<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    validation = "</sheetData><dataValidations>{}</dataValidations></worksheet>"
    sheet, styles = "xl/worksheets/sheet2.xml", b"<cellXfs>" + b"<xf/>" * 700_000 + b"</cellXfs>"
    again, name = b'<sheet name="x" sheetId="99" r:id="rId2"/>', b'<definedName name="n">1</definedName>'
    return {
        "cells": {sheet: SHEET + "<row>" + "<c><v>1</v></c>" * 250_000 + "</row>" + END},
        "strings": {"xl/sharedStrings.xml": strings + "<si/>" * 700_000 + "</sst>"},
        "styles": {"xl/styles.xml": grown(b"<cellXfs", styles)},
        "validations": {sheet: SHEET + validation.format('<dataValidation sqref="A1"/>' * 100_000)},
        "one attribute": {sheet: SHEET + validation.format(f'<dataValidation sqref="{"A1 " * 1_200_000}"/>')},
        "one part as many sheets": {"xl/workbook.xml": grown(b"</sheets>", again * 5000)},
        "names": {"xl/workbook.xml": grown(b"</definedNames>", name * 60_000)},
    }


@pytest.mark.parametrize("kind", bombs_below_the_size_limit())
def test_a_small_part_that_would_take_half_a_minute_to_read_is_refused_at_once(whole, kind):
    path = repacked(whole, bombs_below_the_size_limit()[kind])
    assert path.stat().st_size < 300_000
    assert refused(path).problems[0].endswith("unpacks to more than a questionnaire can hold; it was not opened")


BOMBED = [("xl/worksheets/sheet2.xml", "<v>"), ("xl/sharedStrings.xml", "<t>")]
ENTITIES = "<!DOCTYPE x [" + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "lol"}">' for n in range(12)) + "]>"


def with_entities(mark: str, between: str = "", encoding: str = "utf-8") -> Callable[[bytes], bytes]:
    """Return a change that declares a tower of entities in a part and uses it in the first ``mark``."""

    def change(part: bytes) -> bytes:
        _, _, body = part.decode().partition("?>")
        text = f'<?xml version="1.0" encoding="{encoding}"?>{between}{ENTITIES}{body.replace(mark, f"{mark}&a11;", 1)}'
        return text.encode(encoding)

    return change


@pytest.mark.parametrize(("part", "mark"), [*BOMBED, ("xl/workbook.xml", "<sheets>")])
def test_an_entity_bomb_is_refused_in_every_part(whole, part, mark):
    assert refused(repacked(whole, {part: with_entities(mark)})).problems == [
        f"part {part} declares entities, which workbooks never need; it was not opened"
    ]


@pytest.mark.parametrize(
    "disguise", [{"between": f"<!--{' ' * 9000}-->"}, {"encoding": "utf-16"}, {"between": "\n" * 7000}]
)
@pytest.mark.parametrize(("part", "mark"), BOMBED)
def test_an_entity_bomb_in_disguise_is_refused_too(whole, part, mark, disguise):
    assert "declares entities" in refused(repacked(whole, {part: with_entities(mark, **disguise)})).problems[0]


def test_a_file_of_this_machine_named_as_entity_never_reaches_an_answer(whole, tmp_path):
    (tmp_path / "secret").write_text("a secret")
    doctype = f'<!DOCTYPE x [<!ENTITY leak SYSTEM "file://{tmp_path}/secret">]>'

    def change(part: bytes) -> bytes:
        head, mark, body = part.partition(b"?>")
        return head + mark + doctype.encode() + body.replace(b"<t>", b"<t>&leak;", 1)

    assert "a secret" not in str(refused(repacked(whole, {"xl/sharedStrings.xml": change})))


def test_macros_are_refused_whatever_the_file_is_called(whole):
    with_macro = repacked(whole, {"xl/vbaProject.bin": b"\xd0\xcf\x11\xe0 macro"})
    assert refused(with_macro).problems == ["it holds macros; save it as a workbook without macros (.xlsx)"]
    named = with_macro.rename(whole.parent / "questionnaire.xlsm")
    assert refused(named).problems == ["only .xlsx workbooks are read; open it and save it as .xlsx"]
    disguised = repacked(whole, {"xl/VBAPROJECT.BIN": b"macro"})
    assert "macros" in refused(disguised).problems[0]


def test_links_to_other_files_are_refused(whole):
    path = repacked(whole, {"xl/externalLinks/externalLink1.xml": "<externalLink/>"})
    assert refused(path).problems == ["it links to other files; remove the links and save it again"]


def test_a_workbook_of_many_parts_is_refused(whole):
    path = repacked(whole, {f"xl/media/{n}.png": b"" for n in range(300)})
    assert "parts; a questionnaire has fewer than 200" in refused(path).problems[0]


def test_a_large_file_is_refused_unread(whole):
    path = repacked(whole, {"xl/media/noise.bin": random.Random(1).randbytes(5_100_000)})
    assert refused(path).problems == ["it is larger than 5 MB; a questionnaire never is"]


@pytest.mark.parametrize("share", [0.0, 0.01, 0.3, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(whole, share):
    content = whole.read_bytes()
    whole.write_bytes(content[: int(len(content) * share)])
    assert "it is damaged or is not a workbook; ask for it again as .xlsx" in refused(whole).problems


@pytest.mark.parametrize("method", [1, 6, 9, 12, 14, 93, 95, 97, 99])
def test_a_part_packed_in_another_way_than_it_says_is_refused(whole, method):
    content = bytearray(whole.read_bytes())
    content[content.index(b"PK\3\4") + 8] = method
    content[content.index(b"PK\1\2") + 10] = method
    whole.write_bytes(content)
    assert "it is damaged or is not a workbook; ask for it again as .xlsx" in refused(whole).problems


def test_a_renamed_document_and_a_missing_file_are_refused(whole, tmp_path):
    ods = tmp_path / "renamed.xlsx"
    with zipfile.ZipFile(ods, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<office:document-content/>")
    assert "it is not an .xlsx workbook inside; save it as .xlsx again" in refused(ods).problems
    assert refused(tmp_path / "absent.xlsx").problems == ["the file cannot be read: No such file or directory"]
    (tmp_path / "letter.xlsx").write_text("Dear colleague,")
    assert "is not a workbook" in refused(tmp_path / "letter.xlsx").problems[0]


def test_control_characters_and_endless_notes_are_cut(whole):
    long, odd = "é" * 32_000, "bell \u202eevil\u202c end"
    found = read_questionnaire(instrument(), answered(whole, {("EE-01", "G"): long, ("EE-02", "G"): odd})).answers
    assert found["EE-01"].note == "é" * MAX_TEXT
    assert found["EE-02"].note == "bell evil end"


# Whole or not at all.


def engagement(folder: Path) -> Path:
    folder.mkdir()
    (folder / "engagement.yaml").write_text("name: only collecting is tested here\n")
    return folder


def test_nothing_of_a_refused_workbook_is_stored_and_the_good_ones_beside_it_are(whole, tmp_path):
    folder = engagement(tmp_path / "engagement")
    good = answered(whole, {("EE-01", "E"): 3, ("EE-02", "E"): "D"}, "good.xlsx")
    bad = answered(whole, {("EE-01", "E"): 3, ("EE-02", "E"): 9}, "bad.xlsx")
    results = dict(collect_files(folder, [bad, good, tmp_path / "absent.xlsx"]))
    assert isinstance(results[bad], AnswerError)
    assert "sheet 'Enabling environment', cell E5: EE-02" in str(results[bad])
    assert results[good] == "R-017, 1 answers, 1 don't know"
    assert isinstance(results[tmp_path / "absent.xlsx"], AnswerError)
    (stored,) = (folder / "responses").iterdir()
    assert Response.model_validate_json(stored.read_bytes()) == read_questionnaire(instrument(), good)


def test_collecting_twice_changes_nothing_and_a_correction_is_kept_beside_the_first(whole, tmp_path):
    folder = engagement(tmp_path / "engagement")
    first, second = (answered(whole, {("EE-01", "E"): level}, f"{level}.xlsx") for level in (1, 2))
    list(collect_files(folder, [first]))
    before = {p.name: p.read_bytes() for p in (folder / "responses").iterdir()}
    list(collect_files(folder, [first, first]))
    assert {p.name: p.read_bytes() for p in (folder / "responses").iterdir()} == before
    list(collect_files(folder, [second]))
    after = {p.name: p.read_bytes() for p in (folder / "responses").iterdir()}
    assert len(after) == 2
    assert before.items() <= after.items()


# Fuzz: a damaged workbook gives what it says or a refusal, never anything else.


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a short questionnaire with answers."""
    path = blank(tmp_path_factory.mktemp("fuzz") / "small.xlsx", "telecom")
    return answered(path, {("IN-01", "E"): 3, ("IN-01", "G"): ARABIC}).read_bytes()


def response_or_refusal(content: bytes, folder: Path) -> None:
    path = folder / "fuzzed.xlsx"
    path.write_bytes(content)
    with suppress(AnswerError):
        assert isinstance(read_questionnaire(instrument(), path), Response)


FLIPS = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=12)


@given(FLIPS)
def test_flipped_bytes_give_a_response_or_a_refusal(small, tmp_path, flips):
    content = bytearray(small)
    for where, mask in flips:
        content[int(where * len(content))] ^= mask
    response_or_refusal(bytes(content), tmp_path)


@given(FLIPS, st.data())
def test_flipped_bytes_inside_a_part_give_a_response_or_a_refusal(small, tmp_path, flips, data):
    """The checksum hides most damage from the reader; here each part is packed again after it was damaged."""
    with zipfile.ZipFile(io.BytesIO(small)) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    name = data.draw(st.sampled_from(sorted(parts)))
    content = bytearray(parts[name])
    for where, mask in flips:
        content[int(where * len(content))] ^= mask
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for part, old in parts.items():
            target.writestr(part, bytes(content) if part == name else old)
    response_or_refusal(stream.getvalue(), tmp_path)


STRANGE = [b"", b"-1", b"99999999999", b"1e999", b"NaN", b"ZZZZ9", b"A0", b"../../x", b"\xd9\xa3", b"x" * 5000]
MARKS = re.compile(rb'"[^"<>]*"|>[^<>]+<')


@given(st.data())
def test_strange_values_in_a_part_give_a_response_or_a_refusal(small, tmp_path, data):
    """Well-formed, but an attribute or a text holds something else: numbers too large, negative, empty, wrong."""
    with zipfile.ZipFile(io.BytesIO(small)) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    name = data.draw(st.sampled_from([n for n in sorted(parts) if n.startswith("xl/")]))
    places = list(MARKS.finditer(parts[name]))
    place = places[data.draw(st.integers(0, len(places) - 1))]
    strange = data.draw(st.sampled_from(STRANGE))
    old = place.group()
    parts[name] = parts[name][: place.start()] + old[:1] + strange + old[-1:] + parts[name][place.end() :]
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for part, content in parts.items():
            target.writestr(part, content)
    response_or_refusal(stream.getvalue(), tmp_path)


@given(st.binary(max_size=300))
def test_any_bytes_give_a_refusal(tmp_path, content):
    path = tmp_path / "noise.xlsx"
    path.write_bytes(content)
    refused(path)
