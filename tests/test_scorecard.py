"""The scorecard is read back with openpyxl and held against results.json."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import EXAMPLES, Built
from libreoffice import convert, values

from hotline_catalyst import walk
from hotline_catalyst.assessment.findings import find
from hotline_catalyst.assessment.responses import Answer, Ruling
from hotline_catalyst.deliverables import look, scorecard
from hotline_catalyst.engagement import read_engagement
from hotline_catalyst.results import Results

SHEETS = ["Read me", "Domains", "Gates", "Items", "Answers", "Findings", "Evidence and rulings", "Assumptions"]
HEAD = 5


def opened(path: Path) -> Any:
    from openpyxl import load_workbook

    return load_workbook(path)


def rows(path: Path, sheet: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table by heading; a heading that stands twice keeps its last column."""
    found = opened(path)[sheet]
    headings = [c.value for c in found[HEAD]]
    for row in found.iter_rows(min_row=HEAD + 1, values_only=True):
        yield dict(zip(headings, row, strict=True))


def book_of(built: dict[str, Path], name: str) -> Path:
    return built[name] / "consultant" / "scorecard.xlsx"


def judged(folder: Path, **changes: Any) -> Results:
    """Judge an engagement without planning it: all that the scorecard lays out."""
    read = read_engagement(folder)
    read = replace(read, **changes)
    readiness, gates = walk.judge_readiness(read)
    nothing: Any = None
    return Results(
        facts=walk._facts(read),
        instrument=read.instrument,
        testimony=read.testimony,
        parameters=read.parameters,
        readiness=readiness,
        gates=tuple(gates),
        findings=tuple(find(read.instrument, readiness, gates, read.file.stage)),
        raised=(),
        roadmap=nothing,
        phase_titles={},
        demand=nothing,
        staffing=nothing,
        roster=nothing,
        limits=read.limits,
        assumptions=tuple(walk._assumptions(read)),
        numbers=(),
        sources={},
    )


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_sheet_carries_the_notice_and_is_set_up_for_print(
    built: dict[str, Path], results_of: dict[str, dict[str, Any]], name: str
) -> None:
    book, notice = opened(book_of(built, name)), results_of[name]["engagement"]["notice"]
    assert book.sheetnames == SHEETS
    for sheet in book:
        assert sheet["A3"].value == notice
        assert notice[:60] in sheet.oddHeader.left.text
        assert sheet.print_area
        assert sheet.page_setup.fitToHeight == 0
        if sheet.title != "Read me":
            assert sheet.freeze_panes
            assert sheet.auto_filter.ref
            assert sheet.print_title_rows


@pytest.mark.parametrize("name", EXAMPLES)
def test_domains_items_and_gates_are_those_of_the_results(
    built: dict[str, Path], results_of: dict[str, dict[str, Any]], name: str
) -> None:
    path, readiness = book_of(built, name), results_of[name]["readiness"]
    domains = [(r["Level"], r["From"], r["To"], r["Bound low"], r["Bound high"]) for r in rows(path, "Domains")]
    assert domains == [(d["level"], d["low"], d["high"], d["bound_low"], d["bound_high"]) for d in readiness["domains"]]
    settled = [r["Settled"] == "settled" for r in rows(path, "Domains")]
    assert settled == [d["settled"] for d in readiness["domains"]]
    items = [(r["Item"], [r[f"P({k})"] for k in range(5)], r["Likely"], r["Answers"]) for r in rows(path, "Items")]
    assert items == [(i["id"], pytest.approx(i["probability"]), i["likely"], i["answered"]) for i in readiness["items"]]
    columns = ("Gate", "Condition", "Its verdict", "What is missing")
    assert [tuple(r[c] or "" for c in columns) for r in rows(path, "Gates")] == [
        (g["id"], c["text"], f"{look.VERDICT_SIGN[c['verdict']]} {c['verdict']}", c["missing"])
        for g in readiness["gates"]
        for c in g["conditions"]
    ]


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_answer_finding_and_piece_of_evidence_is_there(
    built: dict[str, Path], results_of: dict[str, dict[str, Any]], name: str
) -> None:
    path, results = book_of(built, name), results_of[name]
    answers = {(r["Question"], r["Respondent"]): r for r in rows(path, "Answers")}
    given = {(q, a["respondent"]): a for q, entry in results["answers"].items() for a in entry["answers"]}
    assert answers.keys() == given.keys()
    for key, answer in given.items():
        assert answers[key]["Answer"] == answer["value"]
        assert (answers[key]["Note"] or "") == answer["note"]
    assert [r["Finding"] for r in rows(path, "Findings")] == [f["id"] for f in results["findings"]]
    seen = {r["Id"] for r in rows(path, "Evidence and rulings") if r["Record"] != "ruling"}
    assert {e["id"] for entry in results["answers"].values() for e in entry["evidence"]} <= seen
    assert len(list(rows(path, "Assumptions"))) == len(results["assumptions"])


def test_a_level_is_printed_on_its_colour_and_can_be_read_on_it(built: dict[str, Path]) -> None:
    for sheet, column in (("Domains", "C"), ("Items", "I")):
        found = opened(book_of(built, "ruritania"))[sheet]
        for row in range(HEAD + 1, found.max_row + 1):
            cell = found[f"{column}{row}"]
            assert cell.fill.fgColor.rgb == f"FF{look.LEVELS[cell.value][1:]}"
            assert cell.font.color.rgb == ("FFFFFFFF" if cell.value == 4 else f"FF{look.INK[1:]}")


def test_what_a_respondent_types_stays_text_whole_and_alone_in_its_cell(
    engagements: dict[str, Built], tmp_path: Path
) -> None:
    folder = engagements["ruritania"].engagement
    testimony = read_engagement(folder).testimony
    hostile = ['=HYPERLINK("http://example.org","open")', "+1+1", "-2", "@SUM(A1)", "\t=1", "http://example.org"]
    first = testimony.responses[0]
    questions = list(first.answers)[: len(hostile)]
    typed = {q: Answer(state="answered", value=1, note=h, evidence=h) for q, h in zip(questions, hostile, strict=True)}
    response = first.model_copy(update={"answers": {**first.answers, **typed}, "organisation": "=1+1"})
    ruling = Ruling(id="PA-01", level=2, reason="=cmd|' /C calc'!A0", decided_on=testimony.as_of)
    said = replace(testimony, responses=(response, *testimony.responses[1:]), rulings=(ruling,))
    (path,) = scorecard.write(judged(folder, testimony=said), tmp_path)
    cells = [c for sheet in opened(path) for row in sheet.iter_rows() for c in row]
    assert not any(c.data_type == "f" or c.hyperlink for c in cells)
    reread = {str(v) for v in values(convert(path, tmp_path / "office")).values()}
    assert {*(h.strip() for h in hostile), "=1+1", ruling.reason} <= {v.strip() for v in reread}


def test_the_same_results_give_the_same_bytes(engagements: dict[str, Built], tmp_path: Path) -> None:
    results = judged(engagements["mauritania"].engagement)
    first, second = (scorecard.write(results, tmp_path / part)[0].read_bytes() for part in ("a", "b"))
    assert first == second
