"""Details that could lead to a person are seen before an answer is stored, and ordinary answers are left alone."""

from __future__ import annotations

import random
import re
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml
from clock import measured

from hotline_catalyst.assessment.privacy import Kind, flags, load_privacy, screen
from hotline_catalyst.assessment.responses import MAX_TEXT, Answer, Response

ROOT = Path(__file__).parents[1]
KINDS = load_privacy().kinds


def response(note: str = "", evidence: str = "", organisation: str = "Harbour House") -> Response:
    return Response(
        instrument="hotline-scoping@0.2.0",
        fingerprint="f",
        respondent="NGO-1",
        role="provider",
        organisation=organisation,
        given_on=date(2027, 3, 1),
        answers={"CI-01": Answer(state="answered", value=2, note=note, evidence=evidence)},
    )


def texts(data: Any) -> list[str]:
    """Return every text inside data read from YAML."""
    if isinstance(data, str):
        return [data]
    children = data.values() if isinstance(data, dict) else data if isinstance(data, list) else []
    return [text for child in children for text in texts(child)]


@pytest.mark.parametrize("kind", KINDS, ids=[k.id for k in KINDS])
def test_each_kind_finds_its_own_examples_and_leaves_the_others_alone(kind: Kind):
    assert {text: [f.kind.id for f in screen(text)] for text in kind.match} == {text: [kind.id] for text in kind.match}
    assert {text: screen(text) for text in kind.leave} == {text: [] for text in kind.leave}


@pytest.mark.parametrize("kind", KINDS, ids=[k.id for k in KINDS])
def test_an_example_is_found_inside_a_longer_note_too(kind: Kind):
    for text in kind.match:
        before, after = "The line was busy all night; ", " . Nobody answered, says the report."
        found = {f.kind.id for f in screen(before + text + after)}
        assert kind.id in found, text


def test_a_flag_names_question_kind_and_remedy_and_never_shows_what_was_found():
    number, mail = "+34 600 123 456", "ana.lopez@example.org"
    said = flags(response(note=f"Ask at {number} or {number}", evidence=f"Mail of {mail}", organisation="Ms Lopez"))
    assert [s.split(": ")[0] for s in said] == ["organisation", "CI-01, note", "CI-01, evidence"]
    assert "telephone number (+34… and 1 more)" in said[1]
    assert "e-mail address (ana.…)" in said[2]
    assert all("; remove" in s for s in said)
    assert not any(secret in " ".join(said) for secret in (number, "600", mail, "lopez", "Lopez"))


def test_plain_answers_raise_no_flag():
    note = "1,200 calls in 2024 (Act 36/2019, section 12.3), 24/7; 116 123 is the child line; 1 200 000 MRU a year."
    assert flags(response(note=note, evidence="Budget annex of 2026-06-30, pages 12-15", organisation="Ministry")) == []


def test_notes_and_evidence_of_the_three_examples_raise_no_flag():
    seen, wrong = 0, []
    for path in sorted((ROOT / "assessment" / "examples").glob("*/questionnaires/*.xlsx")):
        for sheet in openpyxl.load_workbook(path, read_only=True).worksheets:
            for row in sheet.iter_rows(min_row=2, min_col=7, max_col=8, values_only=True):
                written = [cell for cell in row if isinstance(cell, str)]
                seen += len(written)
                wrong += [(path.name, text, f.kind.id) for text in written for f in screen(text)]
    assert wrong == []
    assert seen > 500


def test_the_texts_of_instrument_evidence_and_rulings_raise_no_flag():
    paths = [p for p in sorted((ROOT / "assessment").rglob("*.yaml")) if p.name != "privacy.yaml"]
    written = [(p.name, text) for p in paths for text in texts(yaml.safe_load(p.read_text("utf-8")))]
    assert [(name, text) for name, text in written if screen(text)] == []
    assert len(written) > 5_000


def test_numbers_in_any_script_are_seen():
    for digits in ("0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹", "०१२३४५६७८९"):
        number = "".join(digits[int(d)] for d in "0612345678")
        assert [f.kind.id for f in screen(f"({number})")] == ["phone"]


def test_a_hostile_text_of_full_length_takes_less_than_a_twentieth_of_a_second():
    units = ["a", "1", "1 ", "1-", "(1", "a@", "a.", "+1", "A ", "de ", "girl aged ", "شارع ا ", "calle a ",
             "0.0000 ", "1°", "12 Abc ", "mujer a ", "x.com/", "9C+", "tel ", "a (at ", "fille a a ", "1 1.",
             "طفلة ا ا "]  # fmt: skip
    chance = random.Random(7)
    hostile = [unit * MAX_TEXT for unit in units]
    hostile += ["".join(chance.choices(units, k=MAX_TEXT)) for _ in range(5)]
    hostile += [text * MAX_TEXT for kind in KINDS for text in (kind.match[0][:-1], kind.match[-1][:-2])]
    screen("warm")
    slow = {}
    for text in hostile:
        with measured() as spent:
            screen(text[:MAX_TEXT])
        if spent.seconds > 0.05:
            slow[text[:20]] = spent.seconds
    assert slow == {}


def endless(tree: Any) -> bool:
    """Return whether a parsed pattern holds a repeat without an upper limit."""
    for part in tree if isinstance(tree, re._parser.SubPattern | tuple | list) else []:  # type: ignore[attr-defined]
        if part is re._constants.MAXREPEAT or endless(part):  # type: ignore[attr-defined]
            return True
    return False


def test_every_repeat_in_a_pattern_has_an_upper_limit():
    assert endless(re._parser.parse("a(?:b[cd]+)"))  # type: ignore[attr-defined]
    for pattern in [p for kind in KINDS for p in kind.patterns]:
        assert not endless(re._parser.parse(pattern.find)), pattern.find  # type: ignore[attr-defined]
