"""What a user types, and what comes back."""

from __future__ import annotations

import json
import re
import shutil

import openpyxl
from conftest import ROOT, run


def tick_consent(workbook):
    """Agree to the assessment, as a respondent does on the first sheet."""
    book = openpyxl.load_workbook(workbook)
    for row in book.worksheets[0].iter_rows():
        if row[0].value == "#consent:assess":
            row[2].value = "Y · Yes"
    book.save(workbook)


def test_an_engagement_starts_asks_and_takes_answers_in(tmp_path):
    folder = tmp_path / "kenya"
    done = run("new", folder, "--country", "XR")
    assert done.returncode == 0, done.stderr
    assert "Next:" in done.stdout
    asked = run("questionnaire", folder, "--role", "police", "--out", tmp_path / "q.xlsx")
    assert asked.returncode == 2
    assert "'police' is not a role" in asked.stderr
    asked = run("questionnaire", folder, "--role", "telecom", "--respondent", "TEL-1", "--organisation", "Regulator",
                "--out", tmp_path / "q.xlsx")  # fmt: skip
    assert asked.returncode == 0, asked.stderr
    refused = run("collect", folder, tmp_path / "q.xlsx")
    assert refused.returncode == 2
    assert "TEL-1 has not agreed to this: You may use my answers" in refused.stderr
    assert not list((folder / "responses").glob("*.json"))
    tick_consent(tmp_path / "q.xlsx")
    taken = run("collect", folder, tmp_path / "q.xlsx")
    assert taken.returncode == 0, taken.stderr
    assert "saved q.xlsx: TEL-1, 0 answers" in taken.stdout
    checked = run("check", folder)
    assert checked.returncode == 0, checked.stderr
    assert "1 respondents" in checked.stdout or "1 respondent" in checked.stdout


def test_a_country_no_file_knows_is_drafted_from_libraries_and_says_what_to_complete(tmp_path):
    folder = tmp_path / "kenya"
    assert run("new", folder, "--country", "KE").returncode == 0
    done = run("check", folder)
    assert done.returncode == 2
    assert re.search(r"country\.yaml\n  line \d+: .*population", done.stderr) or "population" in done.stderr
    assert run("new", tmp_path / "x", "--country", "QQ").returncode == 2


def test_a_bad_file_does_not_stop_the_good_ones(tmp_path):
    folder = tmp_path / "e"
    folder.mkdir()
    source = ROOT / "assessment" / "examples" / "ruritania"
    shutil.copy(source / "engagement.yaml", folder)
    (tmp_path / "broken.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    done = run("collect", folder, tmp_path / "broken.xlsx", source / "questionnaires" / "TEL-1.xlsx")
    assert done.returncode == 2
    assert "broken.xlsx" in done.stderr
    assert "saved TEL-1.xlsx" in done.stdout
    assert len(list((folder / "responses").iterdir())) == 1


def test_every_problem_of_an_engagement_is_named_at_once(tmp_path):
    folder = tmp_path / "e"
    folder.mkdir()
    text = (ROOT / "assessment" / "examples" / "ruritania" / "engagement.yaml").read_text("utf-8")
    text = text.replace("channels: [phone, text, email]", "channels: [phone, fax]").replace(
        "stage: new", "stage: newish"
    )
    (folder / "engagement.yaml").write_text(text + "colour: blue\n", "utf-8")
    done = run("check", folder)
    assert done.returncode == 2
    assert "stage" in done.stderr
    assert "colour" in done.stderr
    assert "line" in done.stderr


def test_score_prints_json_for_programs(copy_of):
    data = json.loads(run("score", copy_of("mauritania"), "--json").stdout)
    assert {g["verdict"] for g in data["gates"]} <= {"met", "not met", "not shown"}
    assert len(data["domains"]) == 15


def test_explain_traces_a_gate_an_activity_and_a_number_to_answers_and_sources(copy_of):
    folder = copy_of("ruritania")
    gate = run("explain", folder, "GL-07").stdout
    assert "NGO-2" in gate, "down to who said what"
    assert "EV-" in gate, "and to what was seen"
    assert "[SD]" in gate, "and to the source"
    data = json.loads((folder / "build" / "consultant" / "results.json").read_text("utf-8"))
    busiest = max(data["roadmap"]["activities"], key=lambda a: len(a["finding_ids"]))
    activity = run("explain", folder, busiest["id"]).stdout
    assert busiest["why_here"] in activity
    assert busiest["why_then"] in activity
    assert re.search(r"F-[A-Z]{2}-\d\d", activity)
    number = run("explain", folder, "staffing.people").stdout
    assert "staffing.leave_days" in number, "time away from signals is built up from its parts"
    assert "assumption:" in number
    wrong = run("explain", folder, "GL-99")
    assert wrong.returncode == 2
    assert "did you mean" in wrong.stderr


def test_an_unknown_option_is_the_users_to_fix(tmp_path):
    assert run("build").returncode == 2
    assert run("demo", "atlantis", "--out", tmp_path / "a").returncode == 2
