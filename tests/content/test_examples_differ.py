"""The three examples get different playbooks: which pages are in, which are out, which come first, and why.

Ruritania is new, with telephone, text and e-mail. Mexico has a running line, with telephone and text. Mauritania is
new, with the telephone alone, answers in several languages, and has smuggling in its scope as a separate crime.
"""

from __future__ import annotations

import re

import pytest
from judged import gathered, judged

from hotline_catalyst.deliverables.playbook_pages import fill
from hotline_catalyst.deliverables.playbooks import Selection, because, load_pages, select
from hotline_catalyst.deliverables.site_pages import first_pages
from hotline_catalyst.results import Results

OUT = {
    "ruritania": {"PB-25": "Safe-migration advice is not in scope."},
    "mexico": {
        "PB-23": "E-mail and web form is not offered.",
        "PB-25": "Safe-migration advice is not in scope.",
    },
    "mauritania": {
        "PB-22": "Neither text and messaging nor web chat is offered.",
        "PB-23": "E-mail and web form is not offered.",
        "PB-25": "Safe-migration advice is not in scope.",
    },
}
FIRST = {
    "ruritania": ["PB-73", "PB-45", "PB-01", "PB-17", "PB-35", "PB-60", "PB-41", "PB-13"],
    "mexico": ["PB-38", "PB-60", "PB-53", "PB-11", "PB-45", "PB-35", "PB-01", "PB-08"],
    "mauritania": ["PB-38", "PB-60", "PB-53", "PB-11", "PB-73", "PB-45", "PB-35", "PB-01"],
}
# Page, a heading or box in it, the examples that have it, and why.
SECTIONS = [
    ("PB-12", "Smuggling is in this line's scope: keep the two apart", {"mauritania"}, "its scope names smuggling"),
    ("PB-10", "The line is not open to the public yet", {"ruritania", "mauritania"}, "they are new"),
    ("PB-44", "Before the next release", {"mexico"}, "its line is running and publishes"),
    ("PB-50", "You have your own counts. Use them.", {"mexico"}, "its line is running"),
    ("PB-53", "People already in post", {"mexico"}, "its line has staff"),
    ("PB-72", "Count each language apart", {"ruritania", "mauritania"}, "they answer in several languages"),
    ("PB-09", "Coverage is not shown for every region of Mauritania", {"mauritania"}, "GL-07 is not met there"),
    (
        "PB-40",
        "The complaint and safeguarding route is not shown to work",
        {"mexico", "mauritania"},
        "GL-13 is not met",
    ),
    ("PB-79", "Hours are not shown to be settled", {"mauritania"}, "FO-07 is not shown"),
]


@pytest.fixture(scope="module")
def examples(tmp_path_factory) -> dict[str, tuple[Results, Selection]]:
    found = {}
    for name in OUT:
        results = judged(gathered(name, tmp_path_factory.mktemp("answers") / name))
        found[name] = results, select(load_pages(results.instrument), results, "operator")
    return found


@pytest.mark.parametrize("name", OUT)
def test_the_pages_left_out_are_these_for_these_reasons(examples, name):
    assert {p.front.id: reason for p, reason in examples[name][1].left_out} == OUT[name]


@pytest.mark.parametrize("name", OUT)
def test_the_pages_to_start_with_are_those_that_closed_gates_wait_for(examples, name):
    results, selection = examples[name]
    assert [p.front.id for p in first_pages(selection, results)] == FIRST[name]


@pytest.mark.parametrize(("ident", "title", "has", "why"), SECTIONS, ids=[s[1] for s in SECTIONS])
def test_a_section_is_there_where_it_belongs(examples, ident, title, has, why):
    pages = {name: {p.front.id: p for p in selection.chosen} for name, (_, selection) in examples.items()}
    titles = {
        name: re.findall(r'^(?:## |### |!!! \w+ ")(.*?)"?$', fill(pages[name][ident], *examples[name]), re.M)
        for name in examples
    }
    assert {name for name in titles if title in titles[name]} == has, why


def test_a_page_says_why_it_is_here(examples):
    results, selection = examples["ruritania"]
    (page,) = (p for p in selection.chosen if p.front.id == "PB-22")
    assert because(page.front, results) == "Text and messaging is offered."
