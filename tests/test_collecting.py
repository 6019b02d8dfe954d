"""Every door leads to one store: what is let in, what is not, and that the way it came leaves no mark."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from conftest import CATALYST, ROOT, run
from panel import instrument

from hotline_catalyst.assessment.exchange import export_csv, export_json
from hotline_catalyst.assessment.paper import entry_text
from hotline_catalyst.assessment.questionnaire import read_questionnaire
from hotline_catalyst.assessment.responses import Answer, Response, read_responses
from hotline_catalyst.engagement import read_engagement

RURITANIA = ROOT / "assessment" / "examples" / "ruritania"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "ruritania"
    made.mkdir()
    for name in ("engagement.yaml", "evidence.yaml", "rulings.yaml"):
        shutil.copy(RURITANIA / name, made)
    return made


def provider() -> Response:
    """Return what a provider of the example answered: 45 questions in four states, notes, choices."""
    return read_questionnaire(instrument(), RURITANIA / "questionnaires" / "NGO-2.xlsx")


def typed(said: Response) -> str:
    """Return a submission as somebody would type it from paper."""
    head = {
        "respondent": said.respondent, "role": said.role, "organisation": said.organisation, "set": "whole",
        "date": said.given_on.isoformat(), "consent": " ".join(said.consent), "submission": str(said.submission),
    }  # fmt: skip
    return entry_text(instrument(), head, said.answers, said.answers).replace("# ", "# printed: ")


def stored(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted((folder / "responses").glob("*.json"))]


def test_a_workbook_a_download_a_table_and_a_typed_paper_form_leave_the_same_bytes(folder, tmp_path):
    said = provider()
    ways = {
        "NGO-2.json": said.to_json(),
        "answers.csv": export_csv([said]),
        "paper.txt": typed(said).encode(),
    }
    found = []
    for name, content in [("NGO-2.xlsx", (RURITANIA / "questionnaires" / "NGO-2.xlsx").read_bytes()), *ways.items()]:
        shutil.rmtree(folder / "responses", ignore_errors=True)
        (tmp_path / name).write_bytes(content)
        done = run("collect", folder, tmp_path / name)
        assert done.returncode == 0, done.stderr
        found.append(stored(folder))
    assert found[0] == [said.to_json()]
    assert found == [found[0]] * 4


def test_all_answers_go_out_and_come_back_as_they_were(folder, tmp_path):
    assert run("collect", folder, *sorted((RURITANIA / "questionnaires").glob("*.xlsx"))).returncode == 0
    before = stored(folder)
    assert len(before) == 13
    for name in ("all.csv", "all.json"):
        assert run("export", folder, "--out", tmp_path / name).returncode == 0
        shutil.rmtree(folder / "responses")
        done = run("collect", folder, tmp_path / name)
        assert done.returncode == 0, done.stderr
        assert stored(folder) == before


def test_what_points_at_a_person_is_refused_with_its_place_and_stored_only_after_a_person_read_it(folder, tmp_path):
    note = "Ask Mrs Miller, +372 5550 1234, miller@example.org"
    answers = {**provider().answers, "PA-01": Answer(state="answered", value=2, note=note)}
    (tmp_path / "NGO-2.json").write_bytes(provider().model_copy(update={"answers": answers}).to_json())
    done = run("collect", folder, tmp_path / "NGO-2.json")
    assert done.returncode == 2
    assert "PA-01" in done.stderr
    assert "--reviewed" in done.stderr
    assert "5550 1234" not in done.stderr, "the message does not repeat it"
    assert stored(folder) == []
    assert run("collect", folder, tmp_path / "NGO-2.json", "--reviewed").returncode == 0
    assert len(stored(folder)) == 1


def test_one_refused_submission_keeps_its_whole_file_out(folder, tmp_path):
    unwilling = provider().model_copy(update={"respondent": "NGO-3", "consent": ["quote"]})
    (tmp_path / "two.json").write_bytes(export_json([provider(), unwilling]))
    done = run("collect", folder, tmp_path / "two.json")
    assert done.returncode == 2
    assert "NGO-3 has not agreed" in done.stderr
    assert stored(folder) == []


def test_a_person_who_withdrew_does_not_come_back_by_an_old_copy(folder):
    book = RURITANIA / "questionnaires" / "NGO-1.xlsx"
    assert run("collect", folder, book).returncode == 0
    gone = run("withdraw", folder, "NGO-1")
    assert gone.returncode == 0, gone.stderr
    assert stored(folder) == []
    again = run("collect", folder, book)
    assert again.returncode == 2
    assert "NGO-1 has withdrawn" in again.stderr


def test_a_paper_form_is_typed_back_question_by_question_and_can_be_stopped_and_gone_on_with(folder, tmp_path):
    notes = tmp_path / "TEL-2.txt"
    asked = [q.id for q in instrument().questions("telecom", "new")]
    cover = "TEL-2\ntelecom\nIsland Mobile\n2026-11-20\nassess\n1\nwhole\n"
    first = run("enter", folder, "--notes", notes, input=f"{cover}3 sure\nstop\n")
    assert first.returncode == 0, first.stderr
    assert stored(folder) == []
    rest = "\n".join(["D"] * (len(asked) - 1)) + "\n"
    second = run("enter", folder, "--notes", notes, input=rest)
    assert second.returncode == 0, second.stdout + second.stderr
    (response,) = read_responses(folder)
    assert response.answers[asked[0]].value == 3
    assert [a.state for a in response.answers.values()].count("dont_know") == len(asked) - 1


def test_the_form_and_the_survey_form_are_written_for_a_role(folder, tmp_path):
    for name, more in (("NGO.html", []), ("NGO.xlsx", ["--xlsform"]), ("core.xlsx", ["--core"])):
        done = run(
            "questionnaire", folder, "--role", "provider", "--respondent", "NGO-9", "--out", tmp_path / name, *more
        )
        assert done.returncode == 0, done.stderr
        assert (tmp_path / name).stat().st_size > 5_000
    ask = ["questionnaire", folder, "--role", "provider", "--respondent"]
    assert "45 questions" in run(*ask, "NGO-9", "--out", tmp_path / "n.html").stdout
    for code, name, said in (
        ("NGO-9", "n.pdf", ".html"),
        ("NGO-9", "n.html", "there already"),
        ("Mary Wanjiru", "m.xlsx", "not a code"),
        ("0712345678", "m.xlsx", "not a code"),
    ):
        wrong = run(*ask, code, "--out", tmp_path / name)
        assert wrong.returncode == 2
        assert said in wrong.stderr
        assert "Wanjiru" not in wrong.stderr, "a name is not repeated"


def test_a_code_belongs_to_one_person_and_nobody_sees_anothers_answers(folder, tmp_path):
    assert run("collect", folder, RURITANIA / "questionnaires" / "NGO-2.xlsx").returncode == 0
    wrong = run("questionnaire", folder, "--role", "supervisor", "--respondent", "NGO-2", "--out", tmp_path / "s.xlsx")
    assert wrong.returncode == 2
    assert "a code of their own" in wrong.stderr
    assert not (tmp_path / "s.xlsx").exists()


def test_a_correction_of_the_same_day_is_refused_until_it_says_that_it_is_the_later(folder, tmp_path):
    first = provider()
    answers = {**first.answers, "PA-01": Answer(state="answered", value=4, note="corrected")}
    for number, expected in ((1, 2), (2, 0)):
        later = first.model_copy(update={"answers": answers, "submission": number})
        (tmp_path / f"{number}.json").write_bytes(later.to_json())
        assert run("collect", folder, RURITANIA / "questionnaires" / "NGO-2.xlsx").returncode == 0
        done = run("collect", folder, tmp_path / f"{number}.json")
        assert done.returncode == expected, done.stderr
        assert ("write submission 2" in done.stderr) == (number == 1)


def test_a_figure_that_one_person_gave_is_widened_and_nobody_can_count_who_gave_it(folder, tmp_path):
    paid = Answer(state="answered", value=100_000, sure="sure")
    said = provider().model_copy(update={"respondent": "HR-7", "role": "hr", "answers": {"HR-Q1": paid}})
    (folder / "rulings.yaml").unlink()
    (tmp_path / "HR-7.json").write_bytes(said.to_json())
    assert run("collect", folder, tmp_path / "HR-7.json").returncode == 0
    pay = read_engagement(folder).parameters["cost.advocate_pay"]
    assert (pay.low, pay.likely, pay.high) == (80_000, 100_000, 120_000)
    assert pay.origin == "answers to HR-Q1"


def test_a_ruling_that_does_not_fit_its_question_is_named(folder):
    rulings = [
        f"  - {{id: {i}, value: {v}, reason: r, decided_on: 2026-11-20}}" for i, v in (("HR-Q1", -5), ("EE-01", 3))
    ]
    (folder / "rulings.yaml").write_text("\n".join(["rulings:", *rulings, ""]), "utf-8")
    told = run("check", folder)
    assert told.returncode == 2
    assert "ruling on HR-Q1: -5" in told.stderr
    assert "ruling on EE-01: on an item it gives a level" in told.stderr


def test_an_unknown_version_is_refused_at_the_door(folder, tmp_path):
    strange = provider().model_copy(update={"instrument": "hotline-scoping@0.0.1"})
    (tmp_path / "old.json").write_bytes(strange.to_json())
    done = run("collect", folder, tmp_path / "old.json")
    assert done.returncode == 2
    assert "0.0.1" in done.stderr
    assert stored(folder) == []


def test_an_example_never_overwrites_an_engagement(folder):
    before = (folder / "engagement.yaml").read_bytes()
    done = run("demo", "mexico", "--out", folder)
    assert done.returncode == 2
    assert "not empty" in done.stderr
    assert (folder / "engagement.yaml").read_bytes() == before


def test_an_engagement_of_the_older_instrument_says_how_to_move_and_moves_without_touching_answers(folder):
    assert run("collect", folder, RURITANIA / "questionnaires" / "TEL-1.xlsx").returncode == 0
    (path,) = (folder / "responses").glob("*.json")
    older = json.loads(path.read_text("utf-8")) | {"instrument": "hotline-scoping@0.1.0"}
    path.write_text(json.dumps(older), "utf-8")
    text = (folder / "engagement.yaml").read_text("utf-8")
    (folder / "engagement.yaml").write_text(text.replace("hotline-scoping@0.2.0", "hotline-scoping@0.1.0"), "utf-8")
    told = run("check", folder)
    assert told.returncode == 2
    assert "catalyst migrate" in told.stderr
    preview = run("migrate", folder)
    assert "hotline-scoping@0.1.0 becomes hotline-scoping@0.2.0" in preview.stdout
    assert run("check", folder).returncode == 2, "a preview changes nothing"
    assert run("migrate", folder, "--apply").returncode == 0
    done = run("check", folder)
    assert done.returncode == 0, done.stderr
    assert "1 respondents" in done.stdout
    assert json.loads(path.read_text("utf-8")) == older


def test_a_pack_opens_on_another_machine_with_its_passphrase_alone(folder, tmp_path):
    assert run("collect", folder, RURITANIA / "questionnaires" / "TEL-1.xlsx").returncode == 0
    phrase = "harbour lantern seven quiet maps"
    made = run("pack", folder, tmp_path / "r.age", input=f"{phrase}\n{phrase}\n")
    assert made.returncode == 0, made.stderr
    assert b"Island" not in (tmp_path / "r.age").read_bytes()
    wrong = run("unpack", tmp_path / "r.age", tmp_path / "other", input="another phrase of some words\n")
    assert wrong.returncode == 2
    opened = run("unpack", tmp_path / "r.age", tmp_path / "copy", input=f"{phrase}\n")
    assert opened.returncode == 0, opened.stderr
    assert stored(tmp_path / "copy") == stored(folder)


def test_check_content_prints_the_counts_the_burden_and_the_core_set():
    done = run("check", "--content")
    assert done.returncode == 0, done.stdout
    for line in ("Items: 188", "Dead ends: 0", "No problems.", "GL-06   1 of 11"):
        assert line in done.stdout
    assert CATALYST[0] not in done.stdout
