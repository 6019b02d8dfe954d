"""What the pages on watched calls, escalation and operations promise, checked across pages and against the trees."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace

import pytest
from judged import gathered, judged

from hotline_catalyst.assessment.instrument import load_instrument
from hotline_catalyst.deliverables.playbook_pages import fill
from hotline_catalyst.deliverables.playbooks import Page, Selection, load_pages
from hotline_catalyst.library import content_root, read_yaml
from hotline_catalyst.results import Results

ALL = load_pages(load_instrument())
PAGES = {p.front.id: p for p in ALL}
SKELETON = [
    "First 60 seconds",
    "Purpose and trigger",
    "Who may use it",
    "Legal basis and consent",
    "Steps",
    "Words to say",
    "Words to avoid",
    "Who to alert, and by when",
    "What to record",
    "Hand-over",
    "After-care",
]
PROTOCOLS = [f"PB-{n}" for n in (17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27)]
TO_EVERYONE = "We never say who contacts us and who does not."
# What a controller could use: how a person is known again, and what they say when someone listens in.
HOW_WE_CHECK = r"listening phrase|stop words|everyday question|duress"


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Results:
    return judged(gathered("ruritania", tmp_path_factory.mktemp("judged") / "ruritania"))


def filled(results: Results, page: str, *, gates: str | None = None, night: int | None = None, **facts: object) -> str:
    """The page in the operator's edition, with verdicts of gates, advocates at night or facts changed."""
    changed = replace(results, facts=replace(results.facts, **facts))
    if gates is not None:
        changed = replace(changed, gates=tuple(replace(g, verdict=gates) for g in changed.gates))
    if night is not None:
        changed = replace(changed, staffing=SimpleNamespace(**{**vars(changed.staffing), "night_on_shift": night}))
    return fill(PAGES[page], changed, Selection("operator", ALL, ()))


@pytest.mark.parametrize("page", PROTOCOLS)
def test_a_contact_protocol_has_every_part_of_the_skeleton_in_its_order(page):
    assert re.findall(r"^## (.+)$", PAGES[page].body, re.M) == SKELETON


@pytest.mark.parametrize("page", ["PB-17", "PB-24", "PB-26"])
def test_whoever_asks_about_a_person_hears_the_same_sentence(page):
    assert TO_EVERYONE in PAGES[page].body


@pytest.mark.parametrize("page", [p for p in ALL if p.front.audience != "operator"], ids=lambda p: p.front.id)
def test_how_a_person_is_known_again_is_told_in_the_operators_edition_alone(page: Page):
    assert not re.search(HOW_WE_CHECK, page.body, re.I)


def test_the_operators_page_does_tell_it():
    assert set(re.findall(HOW_WE_CHECK, PAGES["PB-17"].body)) >= {"listening phrase", "stop words"}


def test_one_advocate_at_night_is_warned_and_two_are_not(results):
    for page, words in (("PB-31", "planned alone at night"), ("PB-35", "One advocate is planned at night")):
        assert words in filled(results, page, night=1)
        for night in (0, 2):
            assert words not in filled(results, page, night=night)


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("PB-19", "is not shown to work"),
        ("PB-23", "Do not publish the address"),
        ("PB-34", "No paid campaign starts"),
        ("PB-40", "is not shown to work"),
        ("PB-46", "Do not publish the number"),
    ],
)
def test_a_page_forbids_what_a_gate_forbids_until_the_gate_is_met(results, page: str, words: str):
    assert words in filled(results, page, gates="not shown")
    assert words not in filled(results, page, gates="met")


def test_a_channel_that_is_not_offered_is_not_offered_by_a_page(results):
    alone, all_of_them = (
        filled(results, "PB-23", channels=c) for c in (("email",), ("phone", "text", "chat", "email"))
    )
    assert "or chat or text for anything long" not in alone
    assert "or chat or text for anything long" in all_of_them


def test_the_ladder_has_the_same_minutes_on_its_page_in_crisis_response_and_in_its_tree():
    minutes = [int(m) for m in re.findall(r"No answer in (\d+) minutes", PAGES["PB-31"].body)]
    tree = read_yaml(content_root() / "playbooks" / "trees" / "escalation.yaml")["steps"]
    waits = [int(re.match(r"\d+", tree[step]["within"])[0]) for step in ("call", "second")]
    assert minutes == [waits[0], sum(waits)]
    assert re.search(rf"^\| {waits[0]} minutes \| Next name on the on-call rota", PAGES["PB-02"].body, re.M)


def test_the_minutes_of_the_incident_meeting_add_up_to_those_in_its_title():
    body = PAGES["PB-36"].body
    title = int(re.search(r"The meeting: (\d+) minutes", body)[1])
    assert sum(int(m) for m in re.findall(r"^\| (\d+) \| ", body, re.M)) == title
