"""The questionnaire comes back through other programs, other hands and hostile ones: every answer, or a refusal."""

from __future__ import annotations

import io
import os
import random
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pypdf
import pytest
from clock import measured
from hypothesis import given
from hypothesis import strategies as st
from libreoffice import convert, through
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.formula import ArrayFormula
from panel import DAY, instrument, panel, person

from hotline_catalyst.assessment.questionnaire import read_questionnaire, write_questionnaire
from hotline_catalyst.assessment.questionnaire_words import load_shared, load_words, shipped_words
from hotline_catalyst.assessment.responses import MAX_TEXT, Answer, Response, clean_text
from hotline_catalyst.collecting import collect_files
from hotline_catalyst.errors import AnswerError, CatalystError, ContentError
from hotline_catalyst.library import content_root

ARABIC = "لا نعرف من يناوب في الليل؛ اسألوا المشرفة."
EVIDENCE = "Protokół nr 7, § 3 (2026)"
SHEET = '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
END = "</sheetData></worksheet>"
SOAK = bool(os.environ.get("SOAK"))
SOAKED = pytest.mark.skipif(not SOAK, reason="full counts; run by make soak")
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
    error = response_or_refusal(path)
    assert isinstance(error, AnswerError)
    return error


def response_or_refusal(path: Path) -> Response | AnswerError:
    """Return what became of a workbook: in less than a second of an idle processor, and nothing but these two."""
    result: Response | AnswerError
    with measured() as spent:
        try:
            result = read_questionnaire(instrument(), path)
        except AnswerError as error:
            result = error
    assert spent.seconds < 1
    assert isinstance(result, Response) or result.where == path.name
    return result


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
        chosen: list[str] = []
        if state == "answered":
            quantity = instrument().quantities.get(question)
            chosen = [*quantity.choices][1:] if quantity else []
            value = None if chosen else quantity.maximum - 0.5 if quantity else float(n % 5)
        note = ("", ARABIC, "=SUM(A1:A9)", "two\nlines", "+1 234, -5 @ home")[n % 5]
        found[question] = Answer(
            state=state,  # type: ignore[arg-type]
            value=value,
            chosen=chosen,
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
        if answer.chosen:
            label = ", ".join(answer.chosen)
        said = {5: LABELS.get(answer.state, label), 6: SURE[answer.sure], 7: answer.note, 8: answer.evidence}
        for column, value in said.items():
            cell = sheet.cell(row, column)
            cell.value = None if value == "" else value
            if value and isinstance(value, str):
                cell.data_type = "s"
    return asked


LANGUAGES = [x if x == "ar" else pytest.param(x, marks=SOAKED) for x in ("ar", "en", "fr", "es")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_bytes_come_back_from_a_renamed_sheet_new_rows_and_columns_and_three_other_formats(tmp_path, language):
    expected: dict[str, Answer] = {}

    def change(book: openpyxl.Workbook) -> None:
        expected.update(fill(book, every_kind_of_answer()))
        cover(book, "#consent:assess", "Y · نعم")
        cover(book, "#consent:compare", "y")
        cover(book, "#consent:quote", "N · Non")
        book.worksheets[3].title = "Umbenannt ملف"
        book.worksheets[3].insert_rows(5, 2)
        book.worksheets[4].insert_rows(1, 3)
        book.worksheets[5].insert_cols(5, 1)
        book.worksheets[6].insert_cols(1, 2)
        book.move_sheet(book.worksheets[7], offset=-5)
        book.remove(book["Lists"])

    returned = edited(blank(tmp_path / "whole.xlsx", language=language), change)
    found = read_questionnaire(instrument(), returned)
    assert found.answers == expected
    assert (found.respondent, found.role, found.given_on, found.language) == ("R-017", "operator", DAY, language)
    assert (found.organisation, found.consent) == ("Consejo Ñandú", ["assess", "compare"])
    assert (found.fingerprint, found.submission) == (instrument().fingerprint, 1)
    saved = through(returned, tmp_path, "ods", "xls", "xlsx")
    assert read_questionnaire(instrument(), saved).to_json() == found.to_json()
    kept = openpyxl.load_workbook(saved)
    assert kept["Asked"].sheet_state == "hidden"
    assert {s.protection.sheet for s in kept.worksheets[:14]} == {True}
    assert {s.sheet_view.rightToLeft for s in kept.worksheets[:14]} == {language == "ar"}
    assert "answer_list" in {v.formula1 for v in kept.worksheets[1].data_validations.dataValidation}


def test_an_untouched_questionnaire_is_all_blanks(whole):
    found = read_questionnaire(instrument(), whole)
    assert {a.state for a in found.answers.values()} == {"blank"}
    assert set(found.answers) == {q.id for q in instrument().questions(None, "new")}
    assert {(a.sure, a.note, a.evidence) for a in found.answers.values()} == {("fairly", "", "")}
    assert found.consent == []


def test_writing_twice_gives_the_same_bytes(tmp_path):
    assert blank(tmp_path / "a.xlsx").read_bytes() == blank(tmp_path / "b.xlsx").read_bytes()


@pytest.mark.parametrize("stage", ["inception", "new", "existing"])
def test_each_role_is_asked_its_own_questions_and_no_others(tmp_path, stage):
    for role in instrument().meta.roles:
        found = read_questionnaire(instrument(), blank(tmp_path / "q.xlsx", role, stage=stage))
        assert set(found.answers) == {q.id for q in instrument().questions(role, stage)}
        assert found.role == role
        core = read_questionnaire(instrument(), blank(tmp_path / "q.xlsx", role, stage=stage, core=True))
        assert set(core.answers) == {q.id for q in instrument().questions(role, stage, core=True)}


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


# Languages.


@pytest.mark.parametrize("language", ["en", "ar", "fr", "es"])
def test_what_is_chosen_from_the_lists_of_any_language_reads_the_same(tmp_path, language):
    path = blank(tmp_path / "q.xlsx", language=language)
    lists = openpyxl.load_workbook(path)["Lists"]
    answers = [cell.value for cell in lists["A"]]
    sures = [cell.value for cell in lists["B"] if cell.value]
    items = list(instrument().items)
    cells: dict[tuple[str, str], Any] = {(item, "E"): label for item, label in zip(items, answers, strict=False)}
    cells |= {(item, "G"): "a reason" for item in items[:8]}
    cells |= {(item, "F"): label for item, label in zip(items, sures, strict=False)}
    found = read_questionnaire(instrument(), answered(path, cells)).answers
    assert [found[item].value for item in items[:5]] == [0, 1, 2, 3, 4]
    assert [found[item].state for item in items[5:8]] == ["dont_know", "not_applicable", "declined"]
    assert [found[item].sure for item in items[:3]] == ["sure", "fairly", "unsure"]


@pytest.mark.parametrize(
    ("typed", "agreed"), [("Y · Yes", True), ("y", True), ("YES", True), ("N", False), ("Non", False), ("", 0)]
)
def test_consent_is_read_by_its_letter_and_an_empty_line_is_a_no(whole, typed, agreed):
    path = edited(whole, lambda book: cover(book, "#consent:assess", typed or None))
    assert read_questionnaire(instrument(), path).consent == (["assess"] if agreed else [])


@pytest.mark.parametrize("typed", ["Oui", "Ya no", "نعم", "✓", 1])
def test_a_consent_that_is_neither_yes_nor_no_is_refused_not_guessed(whole, typed):
    (problem,) = refused(edited(whole, lambda book: cover(book, "#consent:quote", typed))).problems
    assert re.match(rf"sheet 'Start here', cell C\d+: '{typed}' is neither Y nor N; choose from the list", problem)


def test_a_translation_that_nobody_has_checked_says_so_on_the_first_sheet_and_runs_from_its_side(tmp_path):
    for code, words in shipped_words().items():
        book = openpyxl.load_workbook(blank(tmp_path / "q.xlsx", language=code, role="it"))
        texts = [cell.value for row in book.worksheets[0].iter_rows() for cell in row]
        assert (words.draft in texts) == (code != "en") == (not words.reviewed)
        assert {bool(sheet.sheet_view.rightToLeft) for sheet in book.worksheets[:-2]} == {words.direction == "rtl"}


def test_every_language_names_the_levels_certainties_and_consents_of_the_instrument():
    meta = instrument().meta
    for code, words in shipped_words().items():
        if code != "en":
            assert words.terms is not None
            assert list(words.terms.levels) == [level.n for level in meta.levels]
            assert list(words.terms.certainty) == list(meta.certainty)
            assert list(words.terms.consent) == list(meta.consent)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("    length:\n      head: Durée\n", "    length:\n", "languages.fr.length.head: this key is missing; add it"),
        ('Environ {minutes} min."', 'Environ {minuten} min."', "fr: section: its placeholders are ['minuten'"),
        (
            "      - head: Protéger les",
            "      - head: Quoi\n        text: Ah.\n      - head: Protéger les",
            "fr: guide.4",
        ),
        ("    yes: Oui\n", "    yes: Oui\n    oui: Oui\n", "fr.oui: this key is not known here"),
        ("  en:\n", "  xx:\n", "en: English is missing"),
    ],
)
def test_a_language_that_lacks_a_line_or_a_placeholder_is_refused(tmp_path, old, new, said):
    shipped = content_root() / "templates" / "questionnaire" / "workbook_words.yaml"
    text = shipped.read_text("utf-8")
    assert old in text
    (tmp_path / "words.yaml").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(ContentError) as error:
        load_words(tmp_path / "words.yaml")
    assert any(said in problem for problem in error.value.problems), error.value.problems


def test_a_language_that_is_not_there_is_refused_with_those_that_are(tmp_path):
    with pytest.raises(CatalystError, match=r"no questionnaire in 'tlh' yet\. Choose one of: en, ar, fr, es"):
        blank(tmp_path / "q.xlsx", language="tlh")


# What was asked.


def test_a_question_whose_row_was_deleted_is_there_as_not_asked(whole):
    def change(book: openpyxl.Workbook) -> None:
        sheet, row = next((s, r) for s, r, ident in rows(book) if ident == "EE-02")
        sheet.delete_rows(row)
        book.remove(book["Foundation"])
        at(book, "EE-01", "E").value = 3

    found = read_questionnaire(instrument(), edited(whole, change)).answers
    assert set(found) == {q.id for q in instrument().questions(None, "new")}
    gone = {q for q, answer in found.items() if answer.state == "not_asked"}
    assert gone == {"EE-02", *(q.id for q in instrument().questions(None, "new") if q.id.startswith("FO-"))}
    assert found["EE-01"].value == 3


def test_without_the_hidden_list_the_rows_alone_say_what_was_asked(whole):
    def change(book: openpyxl.Workbook) -> None:
        book.remove(book["Asked"])
        book.remove(book["Foundation"])

    found = read_questionnaire(instrument(), edited(whole, change)).answers
    assert set(found) == {q.id for q in instrument().questions(None, "new") if not q.id.startswith("FO-")}
    assert {answer.state for answer in found.values()} == {"blank"}


def test_the_hidden_list_alone_is_no_questionnaire(whole):
    def change(book: openpyxl.Workbook) -> None:
        for sheet in book.worksheets[1:-2]:
            book.remove(sheet)

    said = "no question was found in it; is it a questionnaire made by this toolkit?"
    assert said in refused(edited(whole, change)).problems


def test_the_first_sheet_says_how_many_questions_there_are_and_how_long_they_take(tmp_path):
    book = openpyxl.load_workbook(blank(tmp_path / "q.xlsx", "operator"))
    texts = {r[1].value: r[2].value for r in book.worksheets[0].iter_rows() if r[1].value}
    questions = instrument().questions("operator", "new")
    minutes = -int(-instrument().minutes(questions) // 1)
    asked = instrument().asked("operator", "new")
    said = f"Sections: {len(asked)}. {len(questions)} questions, about {minutes} minutes to read and choose; longer if"
    assert texts["How long it takes"].startswith(said)
    for domain, items, quantities in asked:
        assert texts[domain.title].startswith(f"Questions: {len(items) + len(quantities)}. About ")
    links = {cell.hyperlink.location for cell in book.worksheets[0]["B"] if cell.hyperlink}
    assert links == {f"'{sheet.title}'!B2" for sheet in book.worksheets[1:-2]}


def cover_texts(path: Path) -> list[str]:
    sheet = openpyxl.load_workbook(path).worksheets[0]
    return [str(cell.value) for row in sheet.iter_rows(min_col=2) for cell in row if cell.value]


@pytest.mark.parametrize("language", sorted(load_shared()))
def test_the_first_sheet_says_who_reads_the_answers_and_how_to_take_them_back(tmp_path, language):
    texts = cover_texts(blank(tmp_path / "q.xlsx", "it", language=language))
    shared = load_shared()[language]
    assert {shared.who.head, shared.who.text, shared.back.head, shared.back.text, shared.organisation} <= set(texts)
    assert shared.roles["survivor"].text not in texts


@pytest.mark.parametrize("language", sorted(load_shared()))
def test_a_survivor_adviser_reads_first_about_pay_support_and_stopping_and_the_sheet_does_not_show_the_role(
    tmp_path, language
):
    path = blank(tmp_path / "q.xlsx", "survivor", language=language)
    texts, own = cover_texts(path), load_shared()[language].roles["survivor"]
    assert texts.index(own.text) < texts.index(shipped_words()[language].guide[0].text)
    sheet = openpyxl.load_workbook(path).worksheets[0]
    (cell,) = (row[2] for row in sheet.iter_rows() if row[0].value == "#role")
    assert (cell.value, cell.number_format) == ("survivor", f'General;General;General;"{own.title}"')
    assert cell.protection.hidden

    def agree(book: openpyxl.Workbook) -> None:
        cover(book, "#consent:assess", "Y")

    assert read_questionnaire(instrument(), edited(path, agree)).role == "survivor"


def test_a_spreadsheet_program_prints_what_stands_in_the_roles_place(tmp_path):
    text = convert(blank(tmp_path / "q.xlsx", "survivor"), tmp_path, "html").read_text("utf-8", "replace")
    assert ">Adviser on services<" in re.sub(r"</?font[^>]*>", "", text)
    assert not re.search(r">\s*survivor\s*<", re.sub(r"</?font[^>]*>", "", text))


def test_every_language_says_alike_what_all_doors_say(tmp_path):
    text = (content_root() / "templates" / "questionnaire" / "shared_words.yaml").read_text("utf-8")
    for old, new in {"environ {minutes} minutes": "environ {minuten} minutes", "        id: adviser\n": ""}.items():
        (tmp_path / "w.yaml").write_text(text.replace(old, new), "utf-8")
        with pytest.raises(ContentError, match=r"fr: size: its placeholders|roles\.survivor\.id: this key is missing"):
            load_shared(tmp_path / "w.yaml")
    assert not re.search(r"!|rescu|victim", text, re.I)


def test_two_sections_with_the_same_start_of_their_titles_get_sheets_of_their_own(tmp_path):
    titles = ["Lists", "What: a/b? [c]*", "A title that is far longer than thirty-one characters: 1"]
    titles.append(titles[-1][:-1] + "2")
    domains = [d.model_copy(update={"title": t}) for d, t in zip(instrument().domains, titles, strict=False)]
    few = replace(instrument(), domains=tuple(domains))
    path = tmp_path / "q.xlsx"
    asked = write_questionnaire(
        few, path, stage="new", role=None, respondent="R-1", organisation="o", as_of=DAY, language="en"
    )
    assert len(read_questionnaire(few, path).answers) == asked > 30


# On paper.


def ink(fonts: Path) -> Callable[[str], float]:
    """Return what measures a text in points at 10 points, from the shipped fonts' own tables."""
    fontlib = pytest.importorskip("fontTools.ttLib")
    tables = [fontlib.TTFont(fonts / f"NotoSans{name}.ttf") for name in ("-Regular", "Arabic-Regular")]
    known = {
        code: font["hmtx"][glyph][0] / 100 for font in reversed(tables) for code, glyph in font.getBestCmap().items()
    }
    return lambda text: sum(known.get(ord(character), 10.0) for character in text)


@pytest.mark.parametrize("language", ["en", "ar", "fr", "es"])
def test_no_text_is_taller_than_its_row(tmp_path, language):
    width_of = ink(content_root() / "site" / "assets" / "fonts")
    filled = every_kind_of_answer()
    long = Answer(state="dont_know", note=" ".join(["mots assez longs, شرح طويل"] * 25), evidence="n " * 60)
    before = panel(person("R-017", {}).model_copy(update={"answers": filled | {"EE-01": long}}))
    book = openpyxl.load_workbook(blank(tmp_path / "q.xlsx", language=language, earlier=before))
    seen = 0
    for sheet in book.worksheets[:-2]:
        widths = [sheet.column_dimensions[letter].width for letter in "ABCDEFGH"]
        for row in sheet.iter_rows(min_row=2):
            for cell, width in zip(row, widths, strict=False):
                if not isinstance(cell.value, str) or not cell.alignment.wrap_text:
                    continue
                room = width * 5.72 - 4 - 9 * cell.alignment.indent
                count = sum(lines(text, room, width_of) for text in cell.value.split("\n"))
                tall = 21.2 if re.search("[\u0600-\u06ff]", cell.value) else 13.62
                height = sheet.row_dimensions[cell.row].height or 15
                assert height > 408 or height >= count * tall, (sheet.title, cell.coordinate, count, height)
                seen += count > 1
    assert seen > 300


def lines(text: str, room: float, width_of: Callable[[str], float]) -> int:
    count, used = 1, 0.0
    for word in text.split(" "):
        if used and used + width_of(" " + word) > room:
            count, used = count + 1, 0.0
        used += width_of(" " + word if used else word)
    return count


def test_it_prints_on_landscape_a4_one_page_wide_with_its_heading_on_every_page(tmp_path):
    pdf = pypdf.PdfReader(convert(blank(tmp_path / "q.xlsx", "operator"), tmp_path / "pdf", "pdf"))
    assert {(round(float(p.mediabox.width)), round(float(p.mediabox.height))) for p in pdf.pages} == {(842, 595)}
    texts = [" ".join(page.extract_text().split()) for page in pdf.pages]
    sections = texts[2:]  # after the cover and its contents
    assert "Contents" in texts[1]
    assert len(sections) >= len(instrument().asked("operator", "new"))
    assert all("Which of these is true today?" in text for text in sections)
    whole_text = "".join(" ".join(sections).split())
    for item in instrument().items_for("operator", "new"):
        for text in (item.id, item.ask, *item.levels.values()):
            assert "".join(text.split()) in whole_text


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


@pytest.mark.parametrize("version", ["hotline-scoping@0.0.1", "another@0.1.0", None])
def test_a_workbook_of_a_version_from_which_nothing_leads_here_is_refused_with_its_cell(whole, version):
    (problem,) = refused(edited(whole, lambda book: cover(book, "#instrument", version))).problems
    assert re.match(r"sheet 'Start here', cell C\d+: it was filled for ", problem)
    assert "ask the questions of this version" in problem


def test_a_workbook_of_an_older_version_is_taken_as_it_was_given(whole):
    def older(book: Any) -> None:
        cover(book, "#instrument", "hotline-scoping@0.1.0")
        book["Enabling environment"]["A4"] = "EE-99"

    read = read_questionnaire(instrument(), edited(whole, older))
    assert read.instrument == "hotline-scoping@0.1.0"
    assert "EE-99" in read.answers


def test_what_looks_like_a_persons_number_in_a_wrong_cell_is_not_repeated(whole):
    path = edited(whole, lambda book: cover(book, "#role", "Maria Lopez +34 600 123 456"))
    (problem,) = refused(path).problems
    assert problem.endswith("role 'Mari…' is not in the instrument")


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
    assert len(problems) == len([q for q in instrument().questions(None, "new") if q.id.startswith("FO-")])
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


# Hostile in other ways: each gives what it says or a refusal with its place, in less than a second.


def cell_of(kind: str, value: str) -> Callable[[bytes], bytes]:
    """Return a change that puts a raw value into E4, the first answer of the first section."""
    new = f'<c r="E4" t="{kind}"><v>{value}</v></c>'.encode()
    return lambda part: re.sub(rb'<c r="E4"[^>]*?(/>|>.*?</c>)', new, part, count=1)


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("n", "NaN", "cell E4: EE-01: 'NaN' is not one of the answers"),
        ("n", "INF", "cell E4: EE-01: 'INF' is not one of the answers"),
        ("n", "1e999", "cell E4: EE-01: '1e999' is not one of the answers"),
        ("n", "9" * 5000, "cell E4: EE-01: '9999"),
        ("n", "1e300", "cell E4: EE-01: '1e+300' is not one of the answers"),
        ("e", "#NUM!", "cell E4: EE-01: '#NUM!' is not one of the answers"),
        ("d", "2027-03-01", "cell E4: EE-01: '2027-03-01' is not one of the answers"),
        ("s", "99999999", "cell E4 is damaged"),
        ("s", "-1", "cell E4 is damaged"),
        ("s", "two", "cell E4 is damaged"),
    ],
)
def test_a_number_that_is_none_and_a_text_that_is_nowhere_are_refused_with_their_cell(whole, kind, value, said):
    (problem,) = refused(repacked(whole, {"xl/worksheets/sheet2.xml": cell_of(kind, value)})).problems
    assert "sheet 'Enabling environment', " + said in problem


def test_a_date_that_the_spreadsheet_made_of_an_answer_is_refused_with_sheet_and_cell(whole):
    problems = refused(answered(whole, {("EE-01", "E"): DAY, ("EE-Q1", "E"): DAY})).problems
    assert problems[0] == (
        "sheet 'Enabling environment', cell E4: EE-01: the spreadsheet made the date 2027-03-01 of this answer; "
        "make the cell a number again"
    )
    assert "EE-Q1: the spreadsheet made the date" in problems[1]


@pytest.mark.parametrize("row", ["-5", "0", "1e3", "4 000", "99999999", "٤"])
def test_a_row_that_cannot_be_is_refused_with_its_sheet(whole, row):
    def change(part: bytes) -> bytes:
        return part.replace(b'<row r="4"', f'<row r="{row}"'.encode(), 1)

    (problem,) = refused(repacked(whole, {"xl/worksheets/sheet2.xml": change})).problems
    assert problem.startswith("it is damaged inside (sheet 'Enabling environment' has a row '")


def test_a_cell_written_twice_is_refused_because_programs_differ_on_which_counts(whole):
    twice = '<c r="E4"><v>3</v></c><c r="E4"><v>0</v></c>'
    change = {"xl/worksheets/sheet2.xml": lambda part: re.sub(rb'<c r="E4"[^>]*/>', twice.encode(), part, count=1)}
    (problem,) = refused(repacked(whole, change)).problems
    assert "sheet 'Enabling environment', cell E4 is written twice" in problem


def test_a_part_that_stands_twice_in_the_file_is_refused(whole):
    with zipfile.ZipFile(whole, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("xl/worksheets/sheet2.xml", SHEET + END)
    assert refused(whole).problems == ["it is damaged or is not a workbook; ask for it again as .xlsx"]


def test_answers_merged_over_several_questions_are_refused_with_their_cells(whole):
    def change(book: openpyxl.Workbook) -> None:
        at(book, "EE-01", "E").value = 3
        book["Enabling environment"].merge_cells("E4:E6")
        book["Foundation"].merge_cells("G5:H5")  # note and evidence of one question: nothing is lost

    assert refused(edited(whole, change)).problems == [
        "sheet 'Enabling environment', cells E4:E6 are merged over several questions; split them and answer each"
    ]


def test_hidden_columns_and_rows_still_count_and_strange_sheet_names_are_only_names(whole):
    def change(book: openpyxl.Workbook) -> None:
        at(book, "EE-01", "E").value = 9
        sheet = book["Enabling environment"]
        sheet.column_dimensions["E"].hidden = sheet.row_dimensions[4].hidden = True
        sheet.sheet_state = "hidden"
        sheet.title = '=HYPERLINK("a","b")'[:31]

    (problem,) = refused(edited(whole, change)).problems
    assert problem.startswith("sheet '=HYPERLINK(\"a\",\"b\")', cell E4: EE-01: '9' is not one of the answers")


def test_a_sheet_name_that_would_turn_the_message_around_is_cleaned(whole):
    def change(part: bytes) -> bytes:
        return part.replace(b"Enabling environment", "\u202eetihw\u2066\x85".encode())

    path = answered(whole, {("EE-01", "E"): 9})
    (problem,) = refused(repacked(path, {"xl/workbook.xml": change})).problems
    assert problem.startswith("sheet 'etihw', cell E4: EE-01: ")


def test_direction_marks_around_an_answer_do_not_hide_it(whole):
    found = read_questionnaire(instrument(), answered(whole, {("EE-01", "E"): "\u202e\u200f3\u202c · x"}))
    assert found.answers["EE-01"].value == 3


def test_arabic_digits_are_levels_and_numbers(whole):
    found = read_questionnaire(
        instrument(), answered(whole, {("EE-01", "E"): "٣ · قائم", ("FO-Q1", "E"): "٩٥"})
    ).answers
    assert (found["EE-01"].value, found["FO-Q1"].value) == (3, 95)


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("xl/macrosheets/sheet1.xml", "it holds macros"),
        ("xl/connections.xml", "it fetches data from elsewhere"),
        ("xl/embeddings/oleObject1.bin", "a file is embedded in it"),
        ("xl/activeX/activeX1.bin", "it holds controls that run"),
        ("xl/externalLinks/externalLink1.xml", "it links to other files"),
    ],
)
def test_what_runs_or_reaches_outside_is_refused(whole, part, said):
    assert refused(repacked(whole, {part: b"<x/>"})).problems[0].startswith(said)


def test_a_workbook_that_calls_itself_one_with_macros_is_refused(whole):
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    macro = b"application/vnd.ms-excel.sheet.macroEnabled.main+xml"
    path = repacked(whole, {"[Content_Types].xml": lambda part: part.replace(kind, macro)})
    assert refused(path).problems == ["it holds macros; save it as a workbook without macros (.xlsx)"]


def test_a_workbook_protected_with_a_password_is_refused_and_protected_sheets_are_not(whole, tmp_path):
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)  # an OLE container, as passwords make of a workbook
    locked, old = tmp_path / "locked.xlsx", tmp_path / "old.xlsx"
    locked.write_bytes(head + "EncryptedPackage".encode("utf-16-le") + bytes(2000))
    old.write_bytes(head + "Workbook".encode("utf-16-le") + bytes(2000))
    assert refused(locked).problems == ["it is protected with a password; save it without one"]
    assert refused(old).problems == ["it is an old .xls inside; save it as .xlsx"]

    def protect(book: openpyxl.Workbook) -> None:
        book["Foundation"].protection.set_password("secret")
        book.security = WorkbookProtection(workbookPassword="secret", lockStructure=True)

    assert len(read_questionnaire(instrument(), edited(whole, protect)).answers) > 180


RELS = "xl/_rels/workbook.xml.rels"


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        (RELS, b"worksheets/sheet2.xml", b"workbook.xml"),  # a sheet that is the workbook itself
        (RELS, b"worksheets/sheet2.xml", b"worksheets/sheet3.xml"),  # two sheets that are one part
        (RELS, b"worksheets/sheet2.xml", b"../../../../etc/passwd"),
        (RELS, b"worksheets/sheet2.xml", b"http://example.org/sheet.xml"),
        (RELS, b"sharedStrings.xml", b"_rels/workbook.xml.rels"),
        ("_rels/.rels", b"xl/workbook.xml", b"_rels/.rels"),
        ("_rels/.rels", b"xl/workbook.xml", b"docProps/core.xml"),
        ("xl/worksheets/sheet2.xml", b"</sheetData>", b""),
        ("xl/worksheets/sheet2.xml", b'encoding="UTF-8"', b'encoding="klingon"'),
    ],
)
def test_parts_that_point_in_circles_or_outside_are_refused(whole, part, old, new):
    def change(content: bytes) -> bytes:
        assert old in content
        return content.replace(old, new)

    path = repacked(whole, {part: change})
    assert refused(path).problems[0].startswith(("it is damaged inside", "no question was found", "sheet '"))


def test_wrong_content_types_do_not_matter_to_a_reader_of_ids(whole):
    path = repacked(whole, {"[Content_Types].xml": "<Types/>"})
    assert read_questionnaire(instrument(), path) == read_questionnaire(instrument(), whole)


def just_below_the_limits() -> dict[str, dict[str, Any]]:
    """Parts as large as the limits let through, each of a kind that once took seconds."""
    strings = '<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    sheet, long = "xl/worksheets/sheet2.xml", "é" * 1_200
    many = "".join(f'<c r="{c}{r}" t="s"><v>{r}</v></c>' for r in range(1, 800) for c in "ABCDEFGH")
    merges = "".join(f'<mergeCell ref="E{n}:E{n + 900}"/>' for n in range(1, 11_000))
    styles = b"<cellXfs>" + b"<xf/>" * 24_000 + b"</cellXfs>"

    def again(row: int) -> bytes:
        return f'<row r="{row}"><c r="A{row}" t="inlineStr"><is><t>FO-01</t></is></c></row>'.encode()

    formula = '<c r="E{}" t="str"><f t="shared" si="0"/><v>x</v></c>'
    return {
        "1600 long strings in 8000 cells": {
            sheet: SHEET + "<row>" + many + "</row>" + END,
            "xl/sharedStrings.xml": strings + f"<si><t>{long}</t></si>" * 1_600 + "</sst>",
        },
        "one string of 4 MB": {
            "xl/sharedStrings.xml": strings + "<si><t>" + "x" * 3_900_000 + "</t></si>" + "<si/>" * 1_600 + "</sst>"
        },
        "24 000 empty strings": {"xl/sharedStrings.xml": strings + "<si/>" * 24_000 + "</sst>"},
        "24 000 styles": {"xl/styles.xml": grown(b"<cellXfs", styles)},
        "11 000 merged cells": {sheet: lambda p: p.replace(b"</sheetData>", f"</sheetData>{merges}".encode())},
        "8000 cells": {sheet: SHEET + "<row>" + "<c><v>1</v></c>" * 5_000 + "</row>" + END},
        "8000 formulas": {sheet: SHEET + "".join(map(formula.format, range(1, 5_000))) + END},
        "nested 20 000 deep": {sheet: SHEET + "<row>" * 12_000 + "</row>" * 12_000 + END},
        "an attribute of 0.8 MB": {sheet: SHEET + f'<row r="1" x="{"y" * 800_000}"/>' + END},
        "a last row and column": {sheet: SHEET + '<row><c r="XFD1048576"><v>1</v></c></row>' + END},
        "one digit too many": {sheet: SHEET + '<row r="10485760000"/>' + END},
        "one question in 3000 rows": {
            sheet: lambda p: p.replace(b"</sheetData>", b"".join(map(again, range(900, 3_900))) + b"</sheetData>")
        },
        "texts between all tags": {sheet: SHEET + ("<row>" + "x" * 300 + "</row>") * 9_000 + END},
    }


@pytest.mark.parametrize("kind", just_below_the_limits())
def test_what_the_limits_just_let_through_is_read_or_refused_within_a_second(whole, kind):
    response_or_refusal(repacked(whole, just_below_the_limits()[kind]))


# Any text a person can write.

PIECES = [
    "=1+1", "=HYPERLINK(\"http://x\",\"y\")", "+1", "-1", "@SUM(A1)", "\t=1", "|calc", "=cmd|' /C calc'!A0", "'=1", "'",
    "<r>", "</r>", "<t>", "<r><t>x</t></r>", "&amp;", "&#61;", "<![CDATA[", "]]>", "_x0041_", "_x005F_", "x005F_",
    "_x000D_", "\n", "\r\n", "\t", "  ", "\u00a0", "\u2028", "\ufeff", "\u202e", "\u2066", "\u200c", "\u200d", "\x00",
    "\x07", "\x1b[31m", "\ufffe", "\U0001f468\u200d\U0001f469", "\U000e0001", "می‌خواهم", "क्‍ष", "é", "e\u0301", "ﬁ",
    "①", "％", "￥", "{=1}", "#id", "#answer", "EE-01", "#REF!", "TRUE", "1e5", "007", "3 · In place", "D", "\"", "\\",
    "%s{0}", "DROP TABLE", "שלום", "日本", "a", " ",
]  # fmt: skip


def wild_texts(count: int, seed: int) -> list[str]:
    """Return texts put together from what has broken spreadsheets before and from characters of every kind."""
    rng = random.Random(seed)
    texts = list(PIECES)
    while len(texts) < count:
        parts = [rng.choice(PIECES) for _ in range(rng.randint(1, 6))]
        parts += [chr(rng.choice((rng.randrange(0xD800), rng.randrange(0xE000, 0x110000))))] * rng.randint(0, 2)
        rng.shuffle(parts)
        texts.append("".join(parts) * rng.choice((1, 1, 1, 40)))
    return texts[:count]


def test_any_text_comes_back_as_it_was_and_never_as_a_formula(tmp_path):
    seed = random.randrange(10**6) if SOAK else 7
    texts = wild_texts(5_000 if SOAK else 250, seed)
    questions = [q.id for q in instrument().questions(None, "new")]
    while texts:
        taken, texts = texts[: 2 * len(questions)], texts[2 * len(questions) :]
        taken += [""] * (2 * len(questions) - len(taken))
        said = {
            q: Answer(state="dont_know", note=note, evidence=seen)
            for q, note, seen in zip(questions, taken[::2], taken[1::2], strict=True)
        }
        for (note, seen), answer in zip(zip(taken[::2], taken[1::2], strict=True), said.values(), strict=True):
            assert (answer.note, answer.evidence) == (clean_text(note), clean_text(seen))
        before = person("R-017", {}).model_copy(update={"answers": said})
        path = blank(tmp_path / "wild.xlsx", earlier=panel(before), organisation=taken[0])
        with zipfile.ZipFile(path) as archive:
            sheets = b"".join(archive.read(n) for n in archive.namelist() if n.startswith("xl/worksheets/"))
        assert b"<f" not in sheets.replace(b"<formula1>", b"")
        found = read_questionnaire(instrument(), path)
        assert found.answers == said, f"seed {seed}"
        assert found.organisation == clean_text(taken[0])


def test_what_another_program_writes_for_any_text_is_read_back_whole(tmp_path):
    texts = [text for text in wild_texts(160, 11) if clean_text(text)]
    questions = [q.id for q in instrument().questions(None, "new")]
    said = {q: Answer(state="dont_know", note=text) for q, text in zip(questions, texts, strict=False)}
    before = person("R-017", {}).model_copy(update={"answers": said})
    path = blank(tmp_path / "wild.xlsx", earlier=panel(before))
    saved = convert(path, tmp_path / "again")
    with zipfile.ZipFile(saved) as archive:
        sheets = b"".join(archive.read(n) for n in archive.namelist() if n.startswith("xl/worksheets/"))
    assert not re.search(rb"<f[ >]", sheets)
    found = read_questionnaire(instrument(), saved).answers
    # LibreOffice drops tabs inside a cell; all else comes back.
    kept = {q: clean_text(answer.note.replace("\t", "")) for q, answer in said.items()}
    assert {q: clean_text(found[q].note.replace("\t", "")) for q in said} == kept


# Whole or not at all.


def engagement(folder: Path) -> Path:
    folder.mkdir()
    shutil.copy(content_root() / "assessment" / "examples" / "ruritania" / "engagement.yaml", folder)
    return folder


def agreed(path: Path) -> Path:
    """Tick the consent to the assessment on the first sheet."""

    def change(book: openpyxl.Workbook) -> None:
        for row in book.worksheets[0].iter_rows():
            if row[0].value == "#consent:assess":
                row[2].value = "Y · Yes"

    return edited(path, change, path.name)


def test_nothing_of_a_refused_workbook_is_stored_and_the_good_ones_beside_it_are(whole, tmp_path):
    folder = engagement(tmp_path / "engagement")
    good = agreed(answered(whole, {("EE-01", "E"): 3, ("EE-02", "E"): "D"}, "good.xlsx"))
    bad = agreed(answered(whole, {("EE-01", "E"): 3, ("EE-02", "E"): 9}, "bad.xlsx"))
    results = dict(collect_files(folder, [bad, good, tmp_path / "absent.xlsx"]))
    assert isinstance(results[bad], AnswerError)
    assert "sheet 'Enabling environment', cell E5: EE-02" in str(results[bad])
    assert str(results[good]).startswith("R-017, 1 answers, 1 don't know, ")
    assert isinstance(results[tmp_path / "absent.xlsx"], AnswerError)
    (stored,) = (folder / "responses").iterdir()
    assert Response.model_validate_json(stored.read_bytes()) == read_questionnaire(instrument(), good)


def test_collecting_twice_changes_nothing_and_a_correction_with_the_next_number_is_kept_beside_the_first(
    whole, tmp_path
):
    folder = engagement(tmp_path / "engagement")
    first, second = (agreed(answered(whole, {("EE-01", "E"): level}, f"{level}.xlsx")) for level in (1, 2))
    list(collect_files(folder, [first]))
    before = {p.name: p.read_bytes() for p in (folder / "responses").iterdir()}
    list(collect_files(folder, [first, first]))
    assert {p.name: p.read_bytes() for p in (folder / "responses").iterdir()} == before
    (refused,) = dict(collect_files(folder, [second])).values()
    assert "write submission 2 on the cover" in str(refused)

    def second_time(book: openpyxl.Workbook) -> None:
        for row in book.worksheets[0].iter_rows():
            if row[0].value == "#submission":
                row[2].value = "2"

    list(collect_files(folder, [edited(second, second_time, "2nd.xlsx")]))
    after = {p.name: p.read_bytes() for p in (folder / "responses").iterdir()}
    assert len(after) == 2
    assert before.items() <= after.items()


# Fuzz: a damaged workbook gives what it says or a refusal, never anything else.


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Return a short questionnaire with answers."""
    path = blank(tmp_path_factory.mktemp("fuzz") / "small.xlsx", "telecom")
    return answered(path, {("IN-01", "E"): 3, ("IN-01", "G"): ARABIC}).read_bytes()


def fuzzed(content: bytes, folder: Path) -> None:
    path = folder / "fuzzed.xlsx"
    path.write_bytes(content)
    response_or_refusal(path)


FLIPS = st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(1, 255)), min_size=1, max_size=12)


@given(FLIPS)
def test_flipped_bytes_give_a_response_or_a_refusal(small, tmp_path, flips):
    content = bytearray(small)
    for where, mask in flips:
        content[int(where * len(content))] ^= mask
    fuzzed(bytes(content), tmp_path)


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
    fuzzed(stream.getvalue(), tmp_path)


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
    fuzzed(stream.getvalue(), tmp_path)


@given(st.binary(max_size=300))
def test_any_bytes_give_a_refusal(tmp_path, content):
    path = tmp_path / "noise.xlsx"
    path.write_bytes(content)
    refused(path)
