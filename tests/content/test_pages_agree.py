"""What an advocate is told on two pages, or on a page and in its tree, is the same: words, clocks, who calls."""

from __future__ import annotations

import re

import pytest

from hotline_catalyst.assessment.instrument import load_instrument
from hotline_catalyst.deliverables.decision_trees import load_trees
from hotline_catalyst.deliverables.playbooks import load_pages

PAGES = {p.front.id: p for p in load_pages(load_instrument())}
TREES = load_trees()
EVERYONE = "Is there anything you want me to know before we start?"


def said(tree: str) -> list[str]:
    return [step.say for step in TREES[tree].steps.values() if step.say]


@pytest.mark.parametrize("page", ["PB-01", "PB-17", "PB-22"])
def test_everyone_is_asked_the_same_opening_question_so_that_asking_it_shows_nothing(page: str):
    assert EVERYONE in PAGES[page].body


def test_the_trees_ask_the_opening_question_in_the_same_words():
    assert EVERYONE in said("first-minute")
    assert EVERYONE in said("caller-may-be-trafficker")


def test_the_tree_greets_with_the_words_of_its_page():
    assert said("first-minute")[0] in PAGES["PB-01"].body


def test_nobody_writes_is_it_still_you_except_where_it_is_forbidden():
    asked = r'(?<!Never ask )(?<!Never send )"Is (it|this) still you'
    assert [p for p, page in PAGES.items() if re.search(asked, page.body)] == []


@pytest.mark.parametrize("page", ["PB-02", "PB-16", "PB-31"])
def test_who_is_alone_calls_the_emergency_service_after_the_same_minute_and_a_yes(page: str):
    body = PAGES[page].body
    assert re.search(r"one minute\**\s+\(proposed\)", body)
    assert re.search(r"agrees", body)
    assert "call the emergency service yourself" in body


@pytest.mark.parametrize("tree", ["crisis", "escalation"])
def test_the_trees_name_the_same_minute(tree: str):
    told = [*TREES[tree].notes, *(s.text for s in TREES[tree].steps.values())]
    assert any("1 minute (proposed)" in text and "emergency service" in text for text in told)


def test_a_plan_to_leave_within_a_day_is_a_crisis_on_every_page_that_names_it():
    for ident in ("PB-03", "PB-04", "PB-05"):
        lines = [x for x in PAGES[ident].body.splitlines() if "leave within 24 hours" in x]
        assert lines, ident
        assert all(re.search("at once", x, re.I) for x in lines), (ident, lines)


def test_taps_answer_one_question_at_a_time():
    for ident in TREES:
        for text in said(ident):
            if re.search(r"\b[Tt]ap\b", text):
                assert text.count("?") <= 1 or "Can you hear me" in text, (ident, text)
    assert '"Tap once for yes, twice for no. Are you in danger?"' in PAGES["PB-16"].body


def test_a_threat_against_somebody_else_never_ends_the_call():
    ways = {w.when: w.then for w in TREES["abusive"].steps["threat"].answers}
    assert ways["Yes, against someone else"] == "alert"
    assert ways["Yes, against you or the team"] == "end-call"
