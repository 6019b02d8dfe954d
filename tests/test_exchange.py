"""Answers leave as JSON and as a table and come back the same; what is no answer is refused in words."""

from __future__ import annotations

import csv
import io
import json
import random
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from libreoffice import convert
from panel import DAY, instrument, panel, person
from submissions import AWKWARD, responses

from hotline_catalyst.assessment.doors import read_answers
from hotline_catalyst.assessment.exchange import COLUMNS, escape, export_csv, export_json, read_csv, read_json, unescape
from hotline_catalyst.assessment.paper import entry_text
from hotline_catalyst.assessment.questionnaire import write_questionnaire
from hotline_catalyst.assessment.responses import Answer, Response
from hotline_catalyst.errors import AnswerError

Reader = Callable[..., list[Response]]
sets = st.lists(responses(), min_size=1, max_size=4)


def once(given_in: Iterable[Response]) -> set[bytes]:
    """Return the different submissions as the bytes that are stored."""
    return {response.to_json() for response in given_in}


def refused(read: Reader, path: Path) -> list[str]:
    """Return why a file is refused: in less than a second, and with its name."""
    begun = time.perf_counter()
    with pytest.raises(AnswerError) as error:
        read(instrument(), path)
    assert time.perf_counter() - begun < 1
    assert error.value.where == path.name
    return error.value.problems


def two_people() -> list[Response]:
    """Return two submissions with every state, awkward texts and each kind of question."""
    ids = ["EE-01", "EE-02", "EE-03", "FO-01", "FO-02"]
    said: dict[str, Any] = dict(zip(ids, [3, "dont_know", "not_applicable", "declined", 0], strict=True))
    first = person("NGO-3", said, role="provider", organisation="Consejo Ñandú; Casa, 7")
    more = {
        "FO-Q3": Answer(state="answered", chosen=["phone", "chat"], note="=1+1", evidence="\"A\", 'B'\n- C"),
        "FO-Q1": Answer(state="answered", value=97.25, sure="unsure", note="لا نعرف; -5"),
        "EE-04": Answer(state="blank"),
        "EE-05": Answer(state="not_asked"),
    }
    first = first.model_copy(update={"answers": {**first.answers, **more}})
    return [first, person("007", {"EE-01": 1}, organisation="@home")]


# Identity.


@given(sets)
def test_a_table_read_back_holds_the_same_submissions(tmp_path, said):
    path = tmp_path / "answers.csv"
    path.write_bytes(export_csv(said))
    found = read_csv(instrument(), path)
    assert once(found) == once(said)
    assert len(found) == len(once(said))
    assert export_csv(reversed(found)) == export_csv(said)


@given(sets)
def test_json_read_back_holds_the_same_submissions(tmp_path, said):
    path = tmp_path / "answers.json"
    path.write_bytes(export_json(said))
    assert once(read_json(instrument(), path)) == once(said)
    path.write_bytes(said[0].to_json())
    assert [r.to_json() for r in read_json(instrument(), path)] == [said[0].to_json()]


@given(st.lists(st.sampled_from([*AWKWARD, "'", '"', "=", ";", "\t", "\r", "\n", "x", "7", "-", "e"])).map("".join))
def test_the_escape_is_taken_off_exactly(text):
    assert unescape(escape(text)) == text


@given(sets)
def test_no_cell_of_the_table_is_a_formula_whichever_separator_the_spreadsheet_expects(said):
    text = export_csv(said).decode("utf-8-sig")
    for separator in ",;":
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
            assert [cell for cell in row if cell[:1] in tuple("=+-@\t\r") and cell] == []


@given(st.lists(responses(codes=("A", "B")), max_size=5), st.randoms(use_true_random=False))
def test_stored_submissions_say_the_same_in_any_order_and_however_often(said, rng):
    shuffled = said + [rng.choice(said) for _ in range(3)] if said else []
    rng.shuffle(shuffled)
    one, other = panel(*said), panel(*shuffled)
    for question in instrument().items.keys() | instrument().quantities.keys():
        assert one.answers_to(question) == other.answers_to(question)


def test_the_table_is_one_row_a_question_with_the_marks_spreadsheets_expect():
    content = export_csv(two_people())
    assert content.startswith(b"\xef\xbb\xbfrespondent,submission,role,")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert [row["question"] for row in rows] == ["EE-01", *sorted(two_people()[0].answers)]
    assert rows[-1]["chosen"] == "chat phone"
    assert rows[-1]["note"] == "'=1+1"
    assert rows[-2]["value"] == "97.25"
    assert content.count(b"\r\n") == len(rows) + 1


def test_a_table_that_libreoffice_opened_and_saved_reads_the_same(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_bytes(export_csv(two_people()))
    saved = convert(convert(path, tmp_path / "ods", "ods"), tmp_path / "again", "csv")
    assert saved.read_bytes() != path.read_bytes()
    assert once(read_csv(instrument(), saved)) == once(two_people())


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_table_saved_with_another_separator_without_its_mark_and_in_another_order_reads_the_same(tmp_path, separator):
    rows = list(csv.reader(io.StringIO(export_csv(two_people()).decode("utf-8-sig"), newline="")))
    heads, body = rows[0], rows[1:]
    random.Random(7).shuffle(body)
    order = sorted(range(len(heads)), key=lambda at: heads[at])
    path = tmp_path / "answers.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream, delimiter=separator, lineterminator="\n")
        out.writerows([[row[at] for at in order] for row in [heads, *body, [""] * len(heads)]])
    assert once(read_csv(instrument(), path)) == once(two_people())


def test_a_table_made_by_hand_needs_no_response_column(tmp_path):
    path = tmp_path / "hand.csv"
    head = f"hotline-scoping@{instrument().meta.version},{instrument().fingerprint}"
    path.write_text(
        "respondent,submission,role,organisation,given_on,instrument,fingerprint,consent,question,state,value,chosen,note\n"
        f"NGO-3,1,provider,Harbour House,2027-03-14,{head},assess,EE-01,answered,3,,'tis so\n"
        f"NGO-3,1,provider,Harbour House,2027-03-14,{head},assess,FO-Q3,answered,,phone chat,\n"
    )
    (found,) = read_csv(instrument(), path)
    assert found.answers["EE-01"] == Answer(state="answered", value=3, note="'tis so")
    assert found.answers["FO-Q3"].chosen == ["chat", "phone"]
    assert (found.language, found.consent) == ("en", ["assess"])


# Tables that are refused.


def table(path: Path, change: Callable[[list[dict[str, str]]], object] = lambda rows: None) -> Path:
    """Write the table of two people after a change by hand."""
    rows = list(csv.DictReader(io.StringIO(export_csv(two_people()).decode("utf-8-sig"), newline="")))
    change(rows)
    with path.open("w", encoding="utf-8", newline="") as stream:
        out = csv.DictWriter(stream, list(rows[0]))
        out.writeheader()
        out.writerows(rows)
    return path


EDITS: list[tuple[dict[str, str], str]] = [
    ({"given_on": "14/03/2027"}, "line 2, column given_on: the date '14/03/2027' is not clear; write it as 2027-03-14"),
    ({"given_on": "2027-02-30"}, "line 2, column given_on: the date '2027-02-30' is not clear"),
    ({"submission": "1.5"}, "line 2, column submission: '1.5' is not a whole number from 1 to 999"),
    (
        {"respondent": "7"},
        "line 2, column respondent: '7' is not the code in column response; a spreadsheet changed it",
    ),
    ({"role": "operater"}, "line 2: role: 'operater' is not in the instrument; did you mean 'operator'?"),
    ({"organisation": " "}, "line 2: organisation: this is empty; fill it in"),
    ({"language": "English please"}, "line 2: language: 'English please' is not a language code"),
    ({"consent": "assess all"}, "line 2: consent: 'all' is not one of assess, quote, compare"),
    (
        {"instrument": "hotline-scoping@0.0.1"},
        "line 2: it was filled for 'hotline-scoping@0.0.1' and this is 'hotline-s",
    ),
    ({"fingerprint": "1.6E+15"}, "line 2: fingerprint: '1.6E+15' is not a version mark"),
    ({"question": "EE-99"}, "line 2: 'EE-99' is not in this version of the instrument"),
    ({"state": "maybe"}, "line 2, column state: 'EE-01': this word is not one of those allowed"),
    ({"state": "blank"}, "line 2, column state: 'EE-01': an answered question has a value, and only an answered one"),
    ({"value": "7"}, "line 2: EE-01: level 7 is not one of 0, 1, 2, 3, 4"),
    ({"value": "1,5"}, "line 2, column value: 'EE-01': '1,5' is not a plain number; write it as digits, like 1500.5"),
    ({"value": "nan"}, "line 2, column value: 'EE-01': 'nan' is not a plain number"),
    ({"value": "9" * 400}, "line 2, column value: 'EE-01': '99999"),
    ({"sure": "very"}, "line 2, column sure: 'EE-01': this word is not one of those allowed"),
    ({"carried_from": "x" * 50}, "line 2: EE-01: carried_from: 'xxx"),
    ({"note": "x" * 200_000}, "line 2: the row cannot be read (field larger than field limit (131072))"),
]


@pytest.mark.parametrize(("edit", "said"), EDITS, ids=[f"{k}={v[:12]}" for e, _ in EDITS for k, v in e.items()])
def test_a_cell_that_cannot_be_understood_is_refused_with_its_line(tmp_path, edit, said):
    problems = refused(read_csv, table(tmp_path / "edited.csv", lambda rows: rows[0].update(edit)))
    assert problems[0].startswith(said)
    assert len(problems) == 1


def test_every_problem_of_a_table_comes_back_at_once_and_very_many_are_counted(tmp_path):
    def change(rows: list[dict[str, str]]) -> None:
        rows[1]["value"], rows[2]["state"] = "9", "odd"

    assert len(refused(read_csv, table(tmp_path / "a.csv", change))) == 2

    def many(rows: list[dict[str, str]]) -> None:
        rows.extend([{**rows[1], "question": f"EE-{n}"} for n in range(100, 900)])

    problems = refused(read_csv, table(tmp_path / "b.csv", many))
    assert len(problems) == 51
    assert problems[-1] == "and 750 more; mend these first"


def test_rows_of_one_submission_that_differ_in_who_answered_are_refused(tmp_path):
    (problem,) = refused(read_csv, table(tmp_path / "a.csv", lambda rows: rows[3].update(role="legal")))
    assert problem == "line 5, column role: 'legal' differs from line 3 of the same submission"


def test_a_question_twice_in_one_submission_is_refused(tmp_path):
    (problem,) = refused(read_csv, table(tmp_path / "a.csv", lambda rows: rows.append(dict(rows[0], value="2"))))
    assert problem.endswith("column question: 'EE-01' is already in line 2; keep one")


FILES: list[tuple[bytes, str]] = [
    (b"", "it is empty"),
    (b"respondent,question\r\n", "the heads respondent, question and state are not in its first line"),
    (b"\xff\xfer\0e\0", "it is saved as UTF-16"),
    (
        b"respondent,question,state\r\nNGO,\xd1and\xfa,x\r\n",
        "line 2: it is not saved as UTF-8; save it again as 'CSV UTF-8'",
    ),
    (b"respondent\0,question,state", "it holds NUL characters"),
    (b"respondent,question,state\r\n1,2,3,4", "line 2: there are more cells than heads"),
    (b'respondent,question,state\r\n1,"2"x,3', "line 2: the row cannot be read"),
    (b"respondent,question,state,notes\r\n1,2,3,4", "column submission is missing; export the table again"),
    (b"x" * 5_000_001, "it is larger than 5 MB"),
    (",".join(COLUMNS).encode(), "there is no answer in it"),
    (
        ",".join([*COLUMNS, "notes"]).encode() + b"\r\n" + b"1," * 18,
        "column 'notes' is not known; did you mean 'note'?",
    ),
    (",".join([*COLUMNS, "note"]).encode() + b"\r\n" + b"1," * 18, "column note stands there twice; keep one"),
]


@pytest.mark.parametrize(("content", "said"), FILES, ids=[said[:30] for _, said in FILES])
def test_a_file_that_is_no_table_of_ours_is_refused(tmp_path, content, said):
    path = tmp_path / "odd.csv"
    path.write_bytes(content)
    assert said in refused(read_csv, path)[0]


# JSON that is refused.


def spoilt(**more: Any) -> Any:
    """Return one person's JSON with something changed."""
    return {**json.loads(two_people()[1].to_json()), **more}


SPOILT: list[tuple[Any, str]] = [
    ("[", "line 1: it is not JSON"),
    ("", "line 1: it is not JSON"),
    ("[]", "there is no submission in it"),
    ("3", "it is not a submission"),
    ("[3]", "submission 1: it is not a submission"),
    ('{"a": 1, "a": 2}', "'a' is written twice; keep one"),
    ('{"a": NaN}', "'NaN' is not a number"),
    ("[" * 100_000, "it is not the JSON of a submission"),
    ('{"a": ' + "9" * 5000 + "}", "it is not the JSON of a submission"),
    (spoilt(answers={"EE-01": {"state": "answered", "value": "3"}}), "EE-01: value: input should be a valid number"),
    (spoilt(answers={"EE-01": {"state": "answered", "value": True}}), "EE-01: value: input should be a valid number"),
    (spoilt(answers={"EE-01": {"state": "answered", "value": 3.5}}), "EE-01: level 3.5 is not one of 0, 1, 2, 3, 4"),
    (spoilt(answers={"EE-01": {"state": "answered", "value": 1e999}}), ""),
    (spoilt(answers={"EE-01": {"state": "not_applicable"}}), "EE-01: 'does not apply' needs its reason in the note"),
    (spoilt(answers={"EE-01": {"state": "blank", "mood": 1}}), "EE-01: mood: this key is not known here"),
    (spoilt(answers={"FO-Q1": {"state": "answered", "value": 500}}), "FO-Q1: 500 percent lies outside 50 to 100"),
    (spoilt(answers={"FO-Q3": {"state": "answered", "chosen": ["fax"]}}), "FO-Q3: 'fax' is not one of phone, text"),
    (spoilt(answers={"=1+1\n\x1b[31m": {"state": "blank"}}), "'=1+1 [31m' is not in this version of the instrument"),
    (spoilt(respondent="Maria López"), "respondent: this is not a code"),
    (spoilt(role="boss"), "role: 'boss' is not in the instrument"),
    (spoilt(instrument="other@9"), "it was filled for 'other@9' and this is 'hotline-scoping@"),
    (spoilt(given_on="14/03/2027"), "given_on: "),
    (spoilt(submission=0), "submission: "),
    (spoilt(password="x"), "password: this key is not known here"),
    (spoilt(organisation="\ud800"), ""),
]


@pytest.mark.parametrize(("data", "said"), SPOILT, ids=[f"{n}-{said[:20]}" for n, (_, said) in enumerate(SPOILT)])
def test_json_that_is_no_submission_is_refused_with_its_question(tmp_path, data, said):
    path = tmp_path / "odd.json"
    path.write_text(data if isinstance(data, str) else json.dumps(data))
    problems = refused(read_json, path)
    assert problems[0].startswith(said)
    assert len(problems) == 1


def test_in_a_list_each_problem_names_its_submission(tmp_path):
    path = tmp_path / "list.json"
    path.write_text(json.dumps([spoilt(), spoilt(role="boss"), spoilt(answers={"ZZ-99": {"state": "blank"}})]))
    problems = refused(read_json, path)
    assert problems[0].startswith("submission 2 (007): role: 'boss'")
    assert problems[1] == "submission 3 (007): 'ZZ-99' is not in this version of the instrument"


@given(st.binary(max_size=200), st.sampled_from([read_csv, read_json]))
def test_bytes_of_any_kind_are_refused_in_words(tmp_path, content, read):
    path = tmp_path / "any"
    path.write_bytes(content)
    assert refused(read, path)


def test_a_folder_or_a_missing_file_is_refused_in_words(tmp_path):
    for path in (tmp_path, tmp_path / "gone.csv"):
        assert "cannot be read" in refused(read_csv, path)[0]


def test_hostile_texts_come_in_as_text(tmp_path):
    note = "=cmd|' /C calc'!A0 <script>alert(1)</script>\x07"
    path = tmp_path / "hostile.json"
    path.write_text(json.dumps(spoilt(answers={"EE-01": {"state": "blank", "note": note}})))
    (found,) = read_json(instrument(), path)
    assert found.answers["EE-01"].note == note[:-1]
    assert panel(found).answers_to("EE-01") == []


# The same answers through every door.


def test_one_submission_gives_the_same_bytes_through_every_door(tmp_path):
    people = panel(
        two_people()[0].model_copy(update={"answers": {**two_people()[0].answers, "EE-05": Answer(state="blank")}})
    )
    (earlier,) = people.responses
    book = tmp_path / "book.xlsx"
    write_questionnaire(
        instrument(), book, stage="new", role="provider", respondent="NGO-3", organisation=earlier.organisation,
        as_of=DAY, earlier=people, everything=True,
    )  # fmt: skip
    (through,) = read_answers(instrument(), book, "new")
    assert {q: a for q, a in through.answers.items() if a.state != "blank"} == {
        q: a for q, a in earlier.answers.items() if a.state != "blank"
    }
    head = {"respondent": "NGO-3", "role": "provider", "organisation": through.organisation, "date": DAY.isoformat()}
    head |= {"consent": "none", "submission": str(through.submission), "set": "everything"}
    files = {
        "download.json": through.to_json(),
        "export.JSON": export_json([through]),
        "table.csv": export_csv([through]),
        "paper.txt": entry_text(instrument(), head, through.answers, through.answers).encode(),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        assert [r.to_json() for r in read_answers(instrument(), tmp_path / name, "new")] == [through.to_json()]


def test_a_file_that_no_door_takes_is_refused_and_the_doors_are_named(tmp_path):
    problems = refused(lambda whole, path: read_answers(whole, path, "new"), tmp_path / "scan.pdf")
    assert problems[0].startswith("answers come in as .xlsx (a questionnaire workbook); .json (")


def test_forty_people_who_answered_everything_leave_and_come_back_in_a_few_seconds(tmp_path):
    said = {question: Answer(state="answered", value=2, note="n" * 20) for question in instrument().items}
    people = [person(f"P{n}", {}).model_copy(update={"answers": said}) for n in range(40)]
    begun = time.perf_counter()
    for name, content, read in (("a.csv", export_csv(people), read_csv), ("a.json", export_json(people), read_json)):
        (tmp_path / name).write_bytes(content)
        assert len(content) < 5_000_000
        assert once(read(instrument(), tmp_path / name)) == once(people)
    assert time.perf_counter() - begun < 10


def test_answers_to_a_version_from_which_a_migration_leads_here_come_back_as_they_went_out(tmp_path):
    older = [r.model_copy(update={"instrument": "hotline-scoping@0.1.0"}) for r in two_people()]
    older[0].answers["EE-99"] = Answer(state="answered", value=3)  # a question that only 0.1.0 asked
    (tmp_path / "old.csv").write_bytes(export_csv(older))
    (tmp_path / "old.json").write_bytes(export_json(older))
    assert export_json(read_csv(instrument(), tmp_path / "old.csv")) == export_json(older)
    assert export_json(read_json(instrument(), tmp_path / "old.json")) == export_json(older)


def test_what_looks_like_a_persons_number_is_not_repeated_in_a_refusal(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(spoilt(role="Maria Lopez +34 600 123 456")), "utf-8")
    with pytest.raises(AnswerError) as error:
        read_json(instrument(), path)
    assert "'Mari…' is not in the instrument" in str(error.value)
    assert "600" not in str(error.value)
