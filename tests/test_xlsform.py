"""The survey form passes ODK's own tools; answers typed into ODK's engine come back as they do through the workbook."""

from __future__ import annotations

import csv
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from javarosa import Filled, fill
from panel import DAY, instrument, panel
from pyxform.xls2xform import convert

from hotline_catalyst.assessment.doors import read_answers
from hotline_catalyst.assessment.instrument import Instrument, Item
from hotline_catalyst.assessment.kobo import read_kobo_csv
from hotline_catalyst.assessment.questionnaire import write_questionnaire
from hotline_catalyst.assessment.questionnaire_words import load_shared
from hotline_catalyst.assessment.responses import Answer, Response
from hotline_catalyst.assessment.xlsform import field_name, load_words, write_xlsform
from hotline_catalyst.errors import AnswerError, ContentError

ROLES = list(instrument().meta.roles)
CHECKED = ROLES if os.environ.get("SOAK") else ["operator", "survivor"]
HOSTILE = '=1+1; "two"\nlines, ${EE_01} </note>\u0627\u0644\u0639'
COVER = {"respondent": "NGO-3", "organisation": "Casa Ñandú, 7", "given_on": "2027-03-14", "submission": "2"}
CONSENT = {"consent_assess": "yes", "consent_quote": "no", "consent_compare": "yes"}


def form(path: Path, role: str = "operator", whole: Instrument | None = None, **more: Any) -> Path:
    """Write a form and turn it into what ODK reads; ``more`` goes to the form."""
    book = path / f"{role}.xlsx"
    write_xlsform(whole or instrument(), book, role=role, **{"stage": "new", "as_of": DAY, **more})
    warnings: list[str] = []
    (path / f"{role}.xml").write_text(convert(str(book), warnings=warnings, validate=role in CHECKED).xform)
    assert warnings == []
    return path / f"{role}.xml"


@pytest.mark.parametrize("role", ROLES)
def test_the_form_of_every_role_passes_odk_validate_and_asks_what_the_role_is_asked(tmp_path, role):
    xform = ElementTree.parse(form(tmp_path, role))
    names = {node.get("nodeset", "").rpartition("/")[2] for node in xform.iter() if node.tag.endswith("}bind")}
    asked = {field_name(q.id) for q in instrument().questions(role, "new")}
    assert {n for n in names if re.fullmatch(r"[A-Z]{2}_Q?\d+", n)} == asked
    assert {n.removesuffix("_sure") for n in names if n.endswith("_sure")} == asked


def test_the_short_form_asks_the_core_set_and_says_so_in_its_id(tmp_path):
    book = tmp_path / "core.xlsx"
    count = write_xlsform(instrument(), book, stage="new", role="operator", as_of=DAY, core=True)
    assert count == len(instrument().questions("operator", "new", core=True)) > 0
    sheet = openpyxl.load_workbook(book)["settings"]
    settings = {cell.value: sheet.cell(2, cell.column).value for cell in sheet[1]}
    assert settings["form_id"] == "hotline-scoping-new-operator-core"
    assert settings["version"] == f"{instrument().meta.version}+{instrument().fingerprint}"
    assert settings["default_language"] == "English (en)"


def test_writing_twice_gives_the_same_bytes(tmp_path):
    first = form(tmp_path, "telecom").with_suffix(".xlsx").read_bytes()
    assert form(tmp_path, "telecom").with_suffix(".xlsx").read_bytes() == first


def test_the_form_says_first_to_keep_people_safe_and_how_to_stop(tmp_path):
    sheet = openpyxl.load_workbook(form(tmp_path, "telecom").with_suffix(".xlsx"))["survey"]
    labels = [str(row[2].value) for row in sheet.iter_rows(min_row=2)]
    words = load_words("en")
    assert labels.index(words.safety) < labels.index(words.cover)
    assert "Never write the name" in words.safety
    assert "You may stop at any time" in words.safety


def notes(path: Path) -> list[str]:
    """Return what stands before the first question, in its order."""
    sheet = openpyxl.load_workbook(path.with_suffix(".xlsx"))["survey"]
    return [str(row[2].value) for row in sheet.iter_rows(min_row=2) if row[0].value == "note"]


def test_the_form_says_who_reads_it_on_which_server_how_long_it_takes_and_how_to_take_answers_back(tmp_path):
    shared, told = load_shared()["en"], " ".join(notes(form(tmp_path, "telecom")))
    assert shared.who.text in told
    assert shared.back.text in told
    assert "to the server that the consultants chose" in told
    minutes = -int(-instrument().minutes(instrument().questions("telecom", "new")) // 1)
    assert f"about {minutes} minutes to read and choose" in told
    assert shared.roles["survivor"].text not in told


def test_a_survivor_adviser_reads_first_about_pay_and_stopping_and_no_screen_shows_the_role(tmp_path):
    path = form(tmp_path, "survivor")
    own = load_shared()["en"].roles["survivor"]
    assert own.text in notes(path)[0]
    settings = openpyxl.load_workbook(path.with_suffix(".xlsx"))["settings"]
    shown = {str(cell.value) for cell in settings[2]}
    assert "hotline-scoping-new-adviser" in shown
    assert not [text for text in shown if "survivor" in text.lower()]
    assert "'survivor'" in path.read_text()  # the role travels with the answers


def test_a_language_that_has_no_words_is_refused(tmp_path):
    with pytest.raises(ContentError, match="there is no 'xx'; add it, or write the form in en"):
        form(tmp_path, language="xx")


def test_texts_of_an_author_cannot_become_references_or_markup(tmp_path):
    def hostile(item: Item) -> Item:
        return item.model_copy(update={"ask": 'Is ${EE_01} <b> & "so"?', "levels": {**item.levels, 0: "=1+1 ${x}"}})

    domain = instrument().domains[0]
    one = domain.model_copy(update={"items": [hostile(item) for item in domain.items]})
    text = form(tmp_path, whole=replace(instrument(), domains=(one,))).read_text()
    assert 'Is $ {EE_01} &lt;b&gt; &amp; "so"?' in text
    assert "0 · =1+1 $ {x}" in text


# Answers typed into ODK's own engine.


def every_kind_of_answer() -> dict[str, Answer]:
    """Return an answer to each question of the operator, walking through states, certainties, notes and evidence."""
    found = {}
    for n, question in enumerate(instrument().questions("operator", "new")):
        states = ("answered", "answered", "dont_know", "not_applicable", "declined", "answered", "blank")
        state = "answered" if n > 40 else states[n % 7]
        said: dict[str, Any] = {"state": state}
        if state != "blank":
            said["note"] = ("why", HOSTILE)[n % 2]
            said["evidence"] = HOSTILE if n % 4 == 0 else ""
        if state == "answered":  # who does not know is not asked how sure
            said["sure"] = ("sure", "fairly", "unsure")[n % 3]
        if state == "answered" and isinstance(question, Item):
            said["value"] = n % 5
        elif state == "answered":
            codes = list(getattr(question, "choices", {}))
            said |= {"chosen": codes[:2]} if codes else {"value": question.maximum - 0.5}
        found[question.id] = Answer.model_validate(said)
    return found


def typed(answers: dict[str, Answer]) -> dict[str, str]:
    """Return what a person types into the form's fields."""
    fields = {**COVER, **CONSENT}
    for question, answer in answers.items():
        name = field_name(question)
        item = question in instrument().items
        if answer.state == "answered":
            fields[name] = " ".join(answer.chosen) or f"{answer.value:g}"
        elif answer.state != "blank":
            fields[name if item else f"{name}_state"] = answer.state
        if answer.state != "blank":
            fields |= {f"{name}_note": answer.note, f"{name}_evidence": answer.evidence}
        if answer.state == "answered":
            fields[f"{name}_sure"] = answer.sure
    return {name: text for name, text in fields.items() if text}


def through_the_workbook(path: Path, answers: dict[str, Answer]) -> Response:
    """Return the same answers as the workbook brings them."""
    given = {"respondent": "NGO-3", "role": "operator", "organisation": COVER["organisation"]}
    head = {**given, "instrument": "x@1", "fingerprint": "0", "given_on": date(2027, 3, 1)}
    earlier = panel(Response.model_validate({**head, "answers": answers}))
    write_questionnaire(instrument(), path, stage="new", as_of=date(2027, 3, 14), earlier=earlier, **given)
    book = openpyxl.load_workbook(path)
    for row in book.worksheets[0].iter_rows():
        for cell in row:
            if cell.value in ("#consent:assess", "#consent:compare"):
                book.worksheets[0].cell(cell.row, cell.column + 2).value = "Y"
    book.save(path)
    return read_answers(instrument(), path, "new")[0]


def kobo(fields: list[tuple[str, str]]) -> dict[str, str]:
    """Return a submission as Kobo exports it: groups before names, choices once together and once one by one."""
    row = {"start": "2027-03-14T10:00:00.000+02:00"}
    for path, text in fields:
        row[path] = text
        quantity = instrument().quantities.get(path.rpartition("/")[2].replace("_", "-"))
        for code in quantity.choices if quantity else {}:
            row[f"{path}/{code}"] = str(int(code in text.split())) if text else ""
    return {**row, "__version__": "vKx7", "_id": "17", "_uuid": "5b0e", "_submission_time": "2027-03-14T08:09:10"}


def central(fields: list[tuple[str, str]]) -> dict[str, str]:
    """Return a submission as ODK Central exports it."""
    row = {"SubmissionDate": "2027-03-14T08:09:10.000Z", **{path.replace("/", "-"): text for path, text in fields}}
    return {**row, "meta-instanceID": "uuid:5b0e", "KEY": "uuid:5b0e", "SubmitterName": "x", "FormVersion": "0"}


def table(path: Path, rows: list[dict[str, str]], separator: str = ",") -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        out = csv.DictWriter(stream, list(rows[0]), delimiter=separator)
        out.writeheader()
        out.writerows(rows)
    return path


def with_all_columns(filled: Filled, xform: Path) -> list[tuple[str, str]]:
    """Return a submission's fields with those that were never relevant, which tables have as empty columns."""
    binds = [node.get("nodeset", "") for node in ElementTree.parse(xform).iter() if node.tag.endswith("}bind")]
    said = dict(filled.fields)
    return [(path, said.get(path, "")) for bind in binds if (path := bind.removeprefix("/data/"))]


@dataclass(frozen=True)
class Answered:
    """The operator's form as ODK's engine filled it in for three people."""

    xform: Path
    everything: Filled
    wrong: Filled
    no_consent: Filled

    def columns(self, filled: Filled) -> list[tuple[str, str]]:
        """Return a submission's fields with those that were never relevant, which tables have as empty columns."""
        return with_all_columns(filled, self.xform)


@pytest.fixture(scope="module")
def answered(tmp_path_factory: pytest.TempPathFactory) -> Answered:
    """Return one form filled in with every kind of answer, with wrong ones, and without consent."""
    xform = form(tmp_path_factory.mktemp("odk"))
    first = field_name(instrument().questions("operator", "new")[0].id)
    wrong = {
        **COVER,
        **CONSENT,
        "respondent": "Maria López",
        "submission": "1000",
        "FO_Q1": "500",
        first: "not_applicable",
    }
    return Answered(
        xform, *fill(xform, typed(every_kind_of_answer()), wrong, {**COVER, **CONSENT, "consent_assess": "no"})
    )


SHAPES: list[tuple[Callable[[list[tuple[str, str]]], dict[str, str]], str]] = [(kobo, ";"), (kobo, ","), (central, ",")]


@pytest.mark.parametrize(("shape", "separator"), SHAPES)
def test_answers_typed_into_odk_give_the_same_bytes_as_through_the_workbook(answered, tmp_path, shape, separator):
    assert answered.everything.refused == {}
    row = shape(answered.columns(answered.everything))
    (found,) = read_kobo_csv(instrument(), table(tmp_path / "out.csv", [row], separator))
    assert found.to_json() == through_the_workbook(tmp_path / "same.xlsx", every_kind_of_answer()).to_json()
    assert found.answers == dict(sorted(every_kind_of_answer().items()))


def test_odk_asks_how_sure_only_of_who_gave_an_answer(answered):
    asked = {name.removesuffix("_sure") for name in answered.everything.shown if name.endswith("_sure")}
    assert asked == {field_name(q) for q, a in every_kind_of_answer().items() if a.state == "answered"}


def test_choices_that_come_only_one_by_one_are_read(answered, tmp_path):
    whole = kobo(answered.columns(answered.everything))
    row = {head: text for head, text in whole.items() if not head.endswith("/FO_Q3")}
    found = read_kobo_csv(instrument(), table(tmp_path / "split.csv", [row]))[0]
    assert found.answers["FO-Q3"] == every_kind_of_answer()["FO-Q3"]


def test_odk_refuses_what_we_would_refuse(answered):
    note = f"{field_name(instrument().questions('operator', 'new')[0].id)}_note"
    refused = {"respondent": "constraint", "submission": "constraint", "FO_Q1": "constraint", note: "required"}
    assert answered.wrong.refused == refused


def test_without_consent_odk_asks_nothing_more(answered, tmp_path):
    assert answered.no_consent.shown[-1] == "stopped"
    assert [name for name in answered.no_consent.shown if re.match(r"[A-Z]{2}_", name)] == []
    row = kobo(answered.columns(answered.no_consent))
    (found,) = read_kobo_csv(instrument(), table(tmp_path / "no.csv", [row]))
    assert found.consent == ["compare"]
    assert {answer.state for answer in found.answers.values()} == {"blank"}


# Tables that are refused.


def refused(path: Path) -> list[str]:
    begun = time.perf_counter()
    with pytest.raises(AnswerError) as error:
        read_kobo_csv(instrument(), path)
    assert time.perf_counter() - begun < 1
    return error.value.problems


def row(**more: str) -> dict[str, str]:
    """Return a short row of an export, with something changed."""
    meta = instrument().meta
    hidden = {"hc_instrument": f"{meta.id}@{meta.version}", "hc_fingerprint": instrument().fingerprint}
    hidden |= {"hc_role": "operator", "hc_language": "en"}
    said = {
        "EE_01": "3",
        "EE_01_sure": "sure",
        "EE_01_note": "",
        "FO_Q1": "97.5",
        "FO_Q1_state": "",
        "FO_Q3": "phone chat",
    }
    return {**hidden, **COVER, **CONSENT, **said, **more}


EDITS: list[tuple[dict[str, str], str]] = [
    ({"given_on": "14/03/2027"}, "line 2, column given_on: the date '14/03/2027' is not clear; write it as 2027-03-14"),
    ({"submission": "0"}, "line 2, column submission: '0' is not a whole number"),
    ({"respondent": "Maria López"}, "line 2, column respondent: this is not a code"),
    ({"organisation": ""}, "line 2: organisation: this is empty; fill it in"),
    (
        {"consent_assess": "Sí"},
        "line 2, column consent_assess: 'Sí' is not yes or no; export it again with 'XML values",
    ),
    (
        {"hc_instrument": "hotline-scoping@0.0.1"},
        "line 2, column hc_instrument: it was filled for 'hotline-scoping@0.0.1' and",
    ),
    ({"hc_role": "boss"}, "line 2: role: 'boss' is not in the instrument"),
    (
        {"EE_01": "5"},
        "line 2, column EE_01: '5' is not one of 0, 1, 2, 3, 4, dont_know, not_applicable, declined; export",
    ),
    ({"EE_01": "3 · In force"}, "line 2, column EE_01: '3 · In force' is not one of 0, 1, 2, 3, 4"),
    ({"EE_01": "not_applicable"}, "line 2, column EE_01: 'does not apply' needs its reason in the note"),
    ({"EE_01_sure": "Fairly sure"}, "line 2, column EE_01: 'Fairly sure' is not a certainty"),
    ({"FO_Q1": "500"}, "line 2, column FO_Q1: 500 percent lies outside 50 to 100"),
    ({"FO_Q1": "97,5"}, "line 2, column FO_Q1: '97,5' is not a plain number"),
    ({"FO_Q1_state": "dont_know"}, "line 2, column FO_Q1: it has an answer and also says 'dont_know'; keep one"),
    ({"FO_Q3": "fax"}, "line 2, column FO_Q3: 'fax' is not one of phone, text, chat, email"),
    ({"FO_Q3/phone": "0"}, "line 2, column FO_Q3: its columns of single choices say something else"),
    ({"FO_Q3/phone": "yes"}, "line 2, column FO_Q3: the mark 'yes' under 'phone' is not 0 or 1"),
    ({"EE_99": "3"}, "column 'EE_99': this question is not in this version of the instrument"),
    ({"again/EE_01": "2"}, "column 'again/EE_01': 'EE_01' stands there twice; keep one"),
]


@pytest.mark.parametrize(("edit", "said"), EDITS, ids=[f"{k}={v[:12]}" for e, _ in EDITS for k, v in e.items()])
def test_a_cell_that_cannot_be_understood_is_refused_with_line_and_column(tmp_path, edit, said):
    (problem,) = refused(table(tmp_path / "out.csv", [row(**edit)]))
    assert problem.startswith(said)


def test_a_row_of_an_older_form_is_taken_as_it_was_given_beside_rows_of_this_one(tmp_path):
    older = row(hc_instrument="hotline-scoping@0.1.0", EE_99="3", EE_99_note="seen")
    ours = row(respondent="NGO-9", EE_99="", EE_99_note="")
    then, now = read_kobo_csv(instrument(), table(tmp_path / "both.csv", [older, ours]))
    assert then.instrument == "hotline-scoping@0.1.0"
    assert then.answers["EE-99"] == Answer(state="answered", value=3, note="seen")
    assert now.answers.keys() == then.answers.keys() - {"EE-99"}
    (problem,) = refused(table(tmp_path / "mixed.csv", [older, row(EE_99="2", EE_99_note="")]))
    assert problem == "line 3, column EE_99: this question is not in this version of the instrument"


def test_an_export_with_labels_is_refused_and_says_how_to_export_again(tmp_path):
    labels = {"Your code (not your name)": "NGO-3", "EE-01 · Which forms of trafficking": "3 · The law in force"}
    (problem,) = refused(table(tmp_path / "labels.csv", [labels]))
    assert problem.startswith(
        "no column has the name of a question; it may hold labels: export it again with 'XML values"
    )


def test_an_export_that_lacks_the_cover_is_refused(tmp_path):
    short = {head: text for head, text in row().items() if head not in ("hc_role", "given_on")}
    problems = refused(table(tmp_path / "short.csv", [short]))
    assert [p.split(";")[0] for p in problems] == ["column given_on is missing", "column hc_role is missing"]


def test_every_problem_of_every_row_comes_back_at_once(tmp_path):
    problems = refused(table(tmp_path / "out.csv", [row(EE_01="9", FO_Q1="x"), row(), row(submission="")]))
    assert [p.split(":")[0] for p in problems] == [
        "line 2, column EE_01", "line 2, column FO_Q1", "line 4, column submission",
    ]  # fmt: skip


def test_columns_of_the_tool_and_of_a_partner_are_passed_over(tmp_path):
    path = table(tmp_path / "out.csv", [row(**{"_notes": "x", "our/district": "North", "EE_01_page": ""})])
    (found,) = read_kobo_csv(instrument(), path)
    assert found.answers.keys() == {"EE-01", "FO-Q1", "FO-Q3"}
