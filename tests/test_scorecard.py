"""The scorecard is read back with openpyxl and held against what was judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from conftest import EXAMPLES
from judged import gathered, judged
from libreoffice import convert, values

from hotline_catalyst.assessment.programme import Choice
from hotline_catalyst.assessment.responses import Answer, Ruling, Testimony
from hotline_catalyst.assessment.sensitivity import Difference, Varied
from hotline_catalyst.deliverables import look, scorecard
from hotline_catalyst.engagement import read_engagement
from hotline_catalyst.results import Results

SHEETS = [
    "Read me", "Domains", "Gates", "Look next", "Items", "Answers", "Findings", "Assets", "Programme",
    "Evidence and rulings", "Sensitivity", "Assumptions",
]  # fmt: skip
HEAD = 5


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {name: gathered(name, tmp_path_factory.mktemp("scorecard") / name) for name in EXAMPLES}


@pytest.fixture(scope="module")
def results_of(folders: dict[str, Path]) -> dict[str, Results]:
    return {name: judged(folder) for name, folder in folders.items()}


@pytest.fixture(scope="module")
def books(results_of: dict[str, Results], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    place = tmp_path_factory.mktemp("books")
    return {name: scorecard.write(results, place / name)[0] for name, results in results_of.items()}


def opened(path: Path) -> Any:
    from openpyxl import load_workbook

    return load_workbook(path)


def rows(path: Path, sheet: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table by heading; no heading stands twice."""
    found = opened(path)[sheet]
    headings = [c.value for c in found[HEAD]]
    assert len(set(headings)) == len(headings)
    for row in found.iter_rows(min_row=HEAD + 1, values_only=True):
        yield dict(zip(headings, row, strict=True))


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_sheet_carries_the_notice_and_is_set_up_for_print(
    books: dict[str, Path], results_of: dict[str, Results], name: str
) -> None:
    book, results = opened(books[name]), results_of[name]
    notice = results.facts.notice
    changes = any(v.domains or v.gates for v in results.sensitivity)
    assert notice
    assert book.sheetnames == SHEETS
    for sheet in book:
        assert sheet["A3"].value == notice
        assert notice[:60] in sheet.oddHeader.left.text
        assert sheet.print_area
        assert sheet.page_setup.fitToHeight == 0
        if sheet.title != "Read me" and (sheet.title != "Sensitivity" or changes):
            assert sheet.freeze_panes
            assert sheet.auto_filter.ref
            assert sheet.print_title_rows


@pytest.mark.parametrize("name", EXAMPLES)
def test_domains_items_and_gates_are_those_of_the_results(
    books: dict[str, Path], results_of: dict[str, Results], name: str
) -> None:
    path, results = books[name], results_of[name]
    columns = {
        "Level": "level", "From": "low", "To": "high", "Bound low": "bound_low", "Bound high": "bound_high",
        "Role median": "role_median", "Among weakest": "weakest", "Score": "score", "Score from": "score_low",
        "Score to": "score_high", "Answered": "share_answered",
    }  # fmt: skip
    for row, domain in zip(rows(path, "Domains"), results.readiness.domains, strict=True):
        for column, field in columns.items():
            # A workbook keeps sixteen digits, one less than Python.
            value = getattr(domain, field)
            assert row[column] == (None if value is None else pytest.approx(value, rel=1e-15, abs=0))
        assert row["Settled"] == ("settled" if domain.settled else "not settled")
    for row, item in zip(rows(path, "Items"), results.readiness.items.values(), strict=True):
        assert [row[f"P({k})"] for k in range(5)] == pytest.approx(item.probability)
        shown = [row[c] for c in ("Item", "Likely", "Target", "Answers", "Organisations")]
        assert shown == [item.id, item.likely, results.targets[item.id], item.answered, item.organisations]
    columns_of_gates = ("Gate", "Condition", "Its verdict", "What is missing")
    assert [tuple(r[c] or "" for c in columns_of_gates) for r in rows(path, "Gates")] == [
        (g.id, c.text, f"{look.VERDICT_SIGN[c.verdict]} {c.verdict}", c.missing)
        for g in results.gates
        for c in g.conditions
    ]


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_answer_finding_and_piece_of_evidence_is_there(
    books: dict[str, Path], results_of: dict[str, Results], name: str
) -> None:
    path, results = books[name], results_of[name]
    questions = (*results.instrument.items, *results.instrument.quantities)
    given = {(q, r.respondent): (r, a) for q in questions for r, a in results.testimony.answers_to(q)}
    answers = {(r["Question"], r["Respondent"]): r for r in rows(path, "Answers")}
    assert answers.keys() == given.keys()
    for key, (response, answer) in given.items():
        assert answers[key]["Answer"] == (" ".join(answer.chosen) or answer.value)
        assert (answers[key]["Note"] or "") == answer.note
        assert answers[key]["May be quoted"] == ("yes" if "quote" in response.consent else "no")
    assert [r["Finding"] for r in rows(path, "Findings")] == [f.id for f in results.findings]
    seen = {r["Id"] for r in rows(path, "Evidence and rulings") if r["Record"] != "ruling"}
    assert {e.id for e in results.testimony.evidence} == seen
    assert len(list(rows(path, "Assumptions"))) == len(results.assumptions) > 0


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_to_look_at_what_there_is_and_what_is_offered_are_those_of_the_results(
    books: dict[str, Path], results_of: dict[str, Results], name: str
) -> None:
    path, results = books[name], results_of[name]
    looks = [(r["Order"], r["Item"], r["Days"], r["Share"], r["What to ask or see"]) for r in rows(path, "Look next")]
    assert looks == [(n, x.item, x.days, x.value, x.say) for n, x in enumerate(results.agenda, 1)]
    order = ["shown", "said", "to improve", "not known"]
    assets = [(r["Item"], r["Kind"], r["Standing"]) for r in rows(path, "Assets")]
    assert sorted(assets) == sorted((a.item, a.kind, a.standing) for a in results.inventory)
    assert [order.index(a[2]) for a in assets] == sorted(order.index(a[2]) for a in assets)
    offers = [(r["Recommendation"], r["Days low"], r["Days likely"], r["Days high"]) for r in rows(path, "Programme")]
    assert offers == [(o.recommendation, o.days_low, o.days_likely, o.days_high) for o in results.offers]
    assert len(offers) > 50


def test_an_offer_says_when_it_falls(results_of: dict[str, Results], tmp_path: Path) -> None:
    results = results_of["mauritania"]
    first, *others = results.offers
    dated = replace(first, start=date(2027, 6, 9), end=date(2028, 2, 7))
    (path,) = scorecard.write(replace(results, offers=(dated, *others)), tmp_path)
    row, *rest = rows(path, "Programme")
    assert (row["From"], row["To"]) == ("9 Jun 2027", "7 Feb 2028")
    assert {(r["From"], r["To"]) for r in rest} == {(None, None)}


def test_the_partners_choice_and_its_reason_stand_beside_the_offer(folders: dict[str, Path], tmp_path: Path) -> None:
    folder = folders["mauritania"]
    wanted, declined = (o.recommendation for o in judged(folder).offers[:2])
    choices = [
        Choice(recommendation=wanted, choice="yes", delivery=["training"], decided_on=date(2027, 5, 4)),
        Choice(recommendation=declined, choice="no", reason="=The ministry trains its own people"),
    ]
    file = read_engagement(folder).file.model_copy(update={"programme": choices})
    (path,) = scorecard.write(judged(folder, file=file), tmp_path)
    chosen = {r["Recommendation"]: (r["Choice"], r["Reason"]) for r in rows(path, "Programme")}
    assert chosen.pop(wanted) == ("yes", None)
    assert chosen.pop(declined) == ("no", "=The ministry trains its own people")
    assert set(chosen.values()) == {("not decided", None)}


def test_sensitivity_lists_what_changes_and_names_what_does_not(results_of: dict[str, Results], tmp_path: Path) -> None:
    results = results_of["mauritania"]
    domain, gate = results.readiness.domains[0].id, results.gates[0].id
    moved = Varied("a", "Milder caps", "Why", (Difference(domain, "1", "2"),), (Difference(gate, "met", "not shown"),))
    still = Varied("b", "Other weights", "Why", (), ())
    (path,) = scorecard.write(replace(results, sensitivity=(moved, still)), tmp_path / "some")
    found = [(r["If"], r["Changes"], r["Usually"], r["Then"]) for r in rows(path, "Sensitivity") if r["Changes"]]
    assert found == [("Milder caps", "level", "1", "2"), ("Milder caps", "verdict", "met", "not shown")]
    assert opened(path)["Sensitivity"].cell(HEAD + 4, 1).value == "Nothing changes if: Other weights."
    (path,) = scorecard.write(replace(results, sensitivity=(still,)), tmp_path / "none")
    sheet = opened(path)["Sensitivity"]
    assert sheet.cell(HEAD, 1).value == "No level of a settled domain and no verdict changes under any of them."
    assert sheet.auto_filter.ref is None


def test_a_domain_nobody_spoke_about_shows_no_level(folders: dict[str, Path], tmp_path: Path) -> None:
    silent = Testimony(responses=(), evidence=(), rulings=(), as_of=date(2027, 5, 1))
    (path,) = scorecard.write(judged(folders["mauritania"], testimony=silent), tmp_path)
    for row in rows(path, "Domains"):
        assert (row["Level"], row["Score"], row["Settled"]) == (None, None, "not assessed")


def test_a_level_is_printed_on_its_colour_and_can_be_read_on_it(books: dict[str, Path]) -> None:
    for sheet, column in (("Domains", "C"), ("Items", "I")):
        found = opened(books["ruritania"])[sheet]
        for row in range(HEAD + 1, found.max_row + 1):
            cell = found[f"{column}{row}"]
            assert cell.fill.fgColor.rgb == f"FF{look.LEVELS[cell.value][1:]}"
            assert cell.font.color.rgb == ("FFFFFFFF" if cell.value == 4 else f"FF{look.INK[1:]}")


def test_what_a_respondent_types_stays_text_whole_and_alone_in_its_cell(
    folders: dict[str, Path], tmp_path: Path
) -> None:
    folder = folders["ruritania"]
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


def test_the_same_results_give_the_same_bytes(books: dict[str, Path], folders: dict[str, Path], tmp_path: Path) -> None:
    again = scorecard.write(judged(folders["mauritania"]), tmp_path)[0].read_bytes()
    assert again == books["mauritania"].read_bytes()
