"""Every decision tree: where each path ends, what the loader refuses, and what its list and card say.

The walks read the YAML themselves, with networkx: they share no code with the checks of the loader.
"""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import networkx as nx
import pytest
import yaml

from hotline_catalyst.assessment.instrument import load_instrument
from hotline_catalyst.deliverables.decision_trees import (
    card,
    for_edition,
    load_settings,
    load_trees,
    read_tree,
    steps_markdown,
    tree_block,
)
from hotline_catalyst.deliverables.playbooks import load_pages
from hotline_catalyst.errors import ContentError
from hotline_catalyst.library import content_root

FOLDER = content_root() / "playbooks" / "trees"
FILES = sorted(FOLDER.glob("*.yaml"))
TREES = load_trees()
SETTINGS = load_settings()
LANGUAGES = ("ar", "es", "fr")
SHOWN_ON = {
    "first-minute": "PB-01",
    "crisis": "PB-02",
    "tip": "PB-07",
    "reporting": "PB-08",
    "warm-hand-off": "PB-09",
    "minor": "PB-14",
    "suicide": "PB-15",
    "violence-now": "PB-16",
    "caller-may-be-trafficker": "PB-17",
    "silent": "PB-18",
    "abusive": "PB-18",
    "call-back": "PB-21",
    "unsafe-to-talk": "PB-22",
    "escalation": "PB-31",
    "outage": "PB-32",
}
TRUE = re.compile("true", re.I)


def graph(path: Path) -> nx.MultiDiGraph:
    """Return a file as a graph: steps as nodes with their keys, answers as edges with theirs."""
    data = yaml.load(path.read_text("utf-8"), yaml.BaseLoader)
    found = nx.MultiDiGraph(start=data["start"])
    for ident, step in data["steps"].items():
        found.add_node(ident, **{k: v for k, v in step.items() if isinstance(v, str)})
        ways = step.get("answers") or step.get("options") or ([step] if "then" in step else [])
        for way in ways:
            marks = {k: bool(TRUE.match(way.get(k, ""))) for k in ("again", "danger")}
            found.add_edge(ident, way["then"], when=way.get("when", ""), **marks)
    return found


def onward(found: nx.MultiDiGraph) -> nx.MultiDiGraph:
    """Return the graph without the ways that go back on purpose."""
    kept = nx.MultiDiGraph(**found.graph)
    kept.add_nodes_from(found.nodes(data=True))
    kept.add_edges_from((a, b, d) for a, b, d in found.edges(data=True) if not d["again"])
    return kept


def paths(found: nx.MultiDiGraph) -> list[list[tuple[str, str, dict[str, Any]]]]:
    """Return every path from the start to a step with no way on, as edges."""
    kept = onward(found)
    last = [n for n in kept if not kept.out_degree(n)]
    return [
        [(a, b, kept.edges[a, b, k]) for a, b, k in path]
        for path in nx.all_simple_edge_paths(kept, found.graph["start"], last)
    ]


def test_the_trees_and_their_pages_are_the_ones_the_playbooks_promise():
    assert {i: t.page for i, t in TREES.items()} == SHOWN_ON


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_every_path_ends_with_a_person_an_emergency_service_or_a_safe_close(path: Path):
    found = graph(path)
    kept = onward(found)
    assert nx.is_directed_acyclic_graph(kept), nx.find_cycle(kept)
    assert set(nx.descendants(found, found.graph["start"])) | {found.graph["start"]} == set(found)
    walked = paths(found)
    assert len(walked) >= 6
    for way in walked:
        end = found.nodes[way[-1][1]]
        assert end["kind"] == "end", way
        assert end["type"] in ("person", "emergency", "safe_close")
    assert {n for n in found if not kept.out_degree(n)} == {n for n, d in found.nodes(data=True) if d["kind"] == "end"}


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_nobody_in_danger_is_let_go_before_another_person_knows(path: Path):
    found = graph(path)
    for way in paths(found):
        danger = [n for n, (_, _, d) in enumerate(way) if d["danger"]]
        if danger and found.nodes[way[-1][1]]["type"] == "safe_close":
            assert any("alert" in found.nodes[b] for _, b, _ in way), way
            assert danger[-1] < len(way) - 1, way


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_a_tree_offers_a_supervisor_and_an_emergency_service_or_says_why_not(path: Path):
    ends = [d for _, d in graph(path).nodes(data=True) if d["kind"] == "end"]
    assert any(d.get("who") in ("supervisor", "on_call_supervisor") for d in ends)
    said = "no_emergency:" in path.read_text("utf-8")
    assert any(d["type"] == "emergency" for d in ends) != said


def test_a_way_back_always_leads_to_an_earlier_step():
    for path in FILES:
        found = graph(path)
        order = list(found)
        back = [(a, b) for a, b, d in found.edges(data=True) if d["again"]]
        assert all(nx.has_path(onward(found), b, a) for a, b in back), path.stem
        assert all(order.index(b) < order.index(a) for a, b in back), path.stem


GOOD = """\
id: small
title: A small tree
page: PB-01
audience: partner
readers: [advocate]
start: first
steps:
  first:
    kind: ask
    text: Is there danger?
    answers:
      - {when: "Yes", then: tell, danger: true}
      - {when: "No", then: close}
  tell:
    kind: do
    text: Tell the supervisor.
    alert: supervisor
    then: called
  called:
    kind: ask
    text: Does help come?
    answers:
      - {when: "Yes", then: emergency}
      - {when: "No", then: lead}
  emergency:
    kind: end
    type: emergency
    who: emergency_service
    text: Stay on the line.
  lead:
    kind: end
    type: person
    who: supervisor
    text: The supervisor leads.
  close:
    kind: end
    type: safe_close
    text: Say how to come back.
"""
MISTAKES = {
    "a target that is no step": ("then: lead}", "then: lea}", r"line 24: .*'lea' is not a step; did you mean 'lead'\?"),
    "an answer taken out": ('      - {when: "No", then: lead}\n', "", "steps.called: a question with one answer is no"),
    "a step nobody reaches": ('"No", then: lead', '"No", then: close', "steps.lead: no answer leads here"),
    "a circle": ('"No", then: lead', '"No", then: tell', "line 24: .*this leads back to 'tell'; write `again: true`"),
    "a way back that is none": ('"No", then: lead', '"No", then: lead, again: true', "line 24: .*does not lead back"),
    "a dead end": ("    then: called\n", "", "line 15: .*a step of kind 'do' needs 'then'"),
    "an end without a type": ("    type: safe_close\n", "", "steps.close: a step of kind 'end' needs 'type'"),
    "danger closed": (
        'tell, danger: true}\n      - {when: "No", then: close',
        'close, danger: true}\n      - {when: "No", then: tell',
        "line 12: .*an answer that says danger leads to a safe close",
    ),
    "danger closed later": (
        "    alert: supervisor\n    then: called",
        "    then: close",
        "steps.close: a path from an answer that says danger ends here and nobody was alerted",
    ),
    "danger not marked": (", danger: true", "", "line 9: .*asks about danger and no answer says so"),
    "no supervisor": ("who: supervisor", "who: responder", "no path ends with a supervisor"),
    "no emergency service": (
        "type: emergency\n    who: emergency_service",
        "type: person\n    who: provider",
        "no path ends with an emergency service; add one, or say why not",
    ),
    "an excuse that is none": ("start: first", "no_emergency: None.\nstart: first", "line 6: .*take this line out"),
    "a stranger": ("who: supervisor", "who: superviser", "line 33: .*'superviser' .*did you mean 'supervisor'"),
    "a clock without origin": ("alert: sup", "within: 5 minutes\n    alert: sup", "line 17: .*figure has no source"),
    "an unknown source": (
        "alert: sup",
        "within: 5 minutes [NOPE]\n    alert: sup",
        "'NOPE' is not in assess",
    ),
    "a text too long": ("Tell the supervisor.", "Tell the supervisor. " * 9, "line 16: .*at most 110 fit; shorten it"),
    "an answer without effect": ('"No", then: lead', '"No", then: emergency', "every answer leads to the same step"),
    "the same answer twice": ('"No", then: lead', '"Yes", then: lead', "an answer is written twice; keep one"),
    "a wrong first step": ("start: first", "start: tell", "line 6: .*first step in the file must be 'tell'"),
    "a name that is not the file's": ("id: small", "id: smell", "line 1: id: the file is named 'small'"),
    "an unknown reader": ("[advocate]", "[advocat]", "line 5: readers.0: Input should be 'advocate'"),
    "a key of another kind": ("text: Say how", "until: Now.\n    text: Say how", "has no 'until'; take it out"),
    "someone at a safe close": ("type: safe_close", "type: safe_close\n    who: it", "a safe close has no 'who'"),
}


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(text, "utf-8")
    return path


def test_the_small_tree_that_the_next_test_breaks_is_right(tmp_path: Path):
    assert read_tree(written(tmp_path, GOOD), SETTINGS).number("close") == 6


@pytest.mark.parametrize("mistake", MISTAKES)
def test_each_mistake_is_named_with_its_file_and_line(tmp_path: Path, mistake: str):
    old, new, said = MISTAKES[mistake]
    assert old in GOOD
    with pytest.raises(ContentError) as error:
        read_tree(written(tmp_path, GOOD.replace(old, new, 1)), SETTINGS)
    assert re.search(said, str(error.value)), str(error.value)
    assert "small.yaml" in str(error.value)


def test_all_mistakes_of_a_file_are_named_at_once(tmp_path: Path):
    text = GOOD
    for old, new in (("then: lead}", "then: lea}"), ("who: supervisor", "who: nobody"), ("id: small", "id: x")):
        text = text.replace(old, new)
    with pytest.raises(ContentError, match="3 problems in"):
        read_tree(written(tmp_path, text), SETTINGS)


@pytest.mark.parametrize("ident", TREES)
def test_taking_any_answer_out_of_a_tree_breaks_a_rule_or_leaves_two_answers(ident: str, tmp_path: Path):
    """No answer of a question with two can be lost, and no step that only one answer leads to."""
    text = (FOLDER / f"{ident}.yaml").read_text("utf-8")
    found = graph(FOLDER / f"{ident}.yaml")
    for line in re.findall(r"^ +- \{when: .*\}\n", text, re.M):
        path = tmp_path / f"{ident}.yaml"
        path.write_text(text.replace(line, "", 1), "utf-8")
        target = re.search(r"then: ([\w-]+)", line)[1]
        owner = next(a for a, b, d in found.edges(data=True) if b == target and f'"{d["when"]}"' in line)
        lost = found.in_degree(target) == 1 or found.out_degree(owner) == 2
        if lost:
            with pytest.raises(ContentError):
                read_tree(path, SETTINGS)


@pytest.mark.parametrize("ident", TREES)
def test_the_list_says_everything_the_tree_says(ident: str):
    from markdown import markdown

    tree = TREES[ident]
    html = markdown(steps_markdown(tree), extensions=["sane_lists"])
    told = unescape(re.sub(r"<[^>]+>", "", html))
    for number, step in enumerate(tree.steps.values(), 1):
        assert step.text in told
        assert not step.say or step.say in told
        for way in step.ways:
            assert f"go {'back ' * way.again}to step {tree.number(way.then)}" in told.lower(), (number, way)
            assert way.when in told
    (numbered,) = ElementTree.fromstring(f"<div>{html}</div>").iter("ol")
    assert len(numbered) == len(tree.steps)


def test_a_placeholder_in_square_brackets_stays_text():
    from markdown import markdown

    html = markdown(tree_block(TREES["outage"]), extensions=["sane_lists", "pymdownx.details"])
    assert "[agreed plan]. If you are in danger" in unescape(html)
    assert "<a " not in html


@pytest.mark.parametrize("ident", TREES)
def test_a_card_holds_every_step_and_its_notice(ident: str):
    html = card(TREES[ident], notice="DRAFT: not for live contacts")
    assert html.count("<li ") == len(TREES[ident].steps)
    assert "DRAFT: not for live contacts" in html
    assert TREES[ident].page in html


def test_the_partners_edition_holds_no_tree_of_the_operator():
    partner = for_edition(TREES, "partner")
    hidden = {"reporting", "caller-may-be-trafficker", "call-back", "escalation", "outage"}
    assert set(TREES) - set(partner) == hidden
    assert for_edition(TREES, "operator") == TREES


def test_a_tree_and_its_page_name_each_other_and_have_the_same_audience():
    pages = {p.front.id: p.front for p in load_pages(load_instrument())}
    for tree in TREES.values():
        page = pages[tree.page]
        assert tree.id in page.trees, (tree.id, tree.page)
        assert tree.audience == page.audience, tree.id
        assert set(tree.readers) <= set(page.readers), tree.id
    for page in pages.values():
        assert [TREES[i].page for i in page.trees] == [page.id] * len(page.trees)


def test_every_page_a_tree_sends_to_is_written():
    known = {p.front.id for p in load_pages(load_instrument())}
    for path in FILES:
        assert set(re.findall(r"\bPB-\d{2}\b", path.read_text("utf-8"))) <= known, path.name


def spoken(tree: Any) -> list[str]:
    """Return a tree's own texts."""
    texts = [tree.title, *tree.notes, tree.no_emergency or ""]
    for step in tree.steps.values():
        texts += [step.text, step.say or "", step.until or "", *(w.when for w in step.ways)]
    return [text for text in texts if text]


def test_trees_use_none_of_the_words_the_playbooks_avoid():
    lists = yaml.safe_load((Path(__file__).parent / "wording.yaml").read_text("utf-8"))
    words = [w for key in lists for w in (lists[key] if isinstance(lists[key], list) else []) if isinstance(w, str)]
    assert len(words) > 30
    found = {
        (i, w)
        for i, tree in TREES.items()
        for w in words
        for text in spoken(tree)
        if re.search(rf"(?<!\w)(?:{w})(?!\w)", text, re.I)
    }
    assert found == set()


@pytest.mark.parametrize("ident", TREES)
def test_a_tree_reads_at_grade_eight_or_below(ident: str):
    import textstat

    text = " ".join(t if t[-1] in ".?" else f"{t}." for t in spoken(TREES[ident])[1:])
    assert textstat.flesch_kincaid_grade(re.sub(r"PB-\d\d|\[[^]]*\]", "it", text)) <= 8


def test_a_tree_holds_no_number_to_call_and_no_live_phrase():
    for tree in TREES.values():
        for text in spoken(tree):
            assert not re.search(r"\d{3}", text.replace("PB-", "")), text
            assert "!" not in text, text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_changes_words_only_and_the_rest_falls_back_to_english(language: str):
    trees = load_trees(language=language)
    assert set(trees) == set(TREES)
    own = {i for i, t in trees.items() if t.language == language}
    assert {"first-minute", "violence-now"} <= own
    for ident in own:
        english = TREES[ident]
        assert trees[ident].steps.keys() == english.steps.keys()
        assert not {s.text for s in trees[ident].steps.values()} & {s.text for s in english.steps.values()}
        assert "go to step" not in steps_markdown(trees[ident])


def test_a_translation_that_leads_elsewhere_is_refused(tmp_path: Path):
    book = tmp_path / "playbooks"
    (book / "trees").mkdir(parents=True)
    (book / "fr" / "trees").mkdir(parents=True)
    (book / "trees.yaml").write_bytes((content_root() / "playbooks" / "trees.yaml").read_bytes())
    (book / "trees" / "small.yaml").write_text(GOOD, "utf-8")
    french = GOOD.replace("start:", "language: fr\nstart:").replace('"Yes", then: emergency', '"Oui", then: lead', 1)
    french = french.replace('"No", then: lead', '"Non", then: emergency')
    (book / "fr" / "trees" / "small.yaml").write_text(french, "utf-8")
    with pytest.raises(ContentError, match="step 'called' differs from the English tree"):
        load_trees(tmp_path, "fr")
    (book / "fr" / "trees" / "small.yaml").write_text(GOOD, "utf-8")
    with pytest.raises(ContentError, match="its language is 'en'; write `language: fr`"):
        load_trees(tmp_path, "fr")


def test_each_card_fits_one_a5_page_in_the_smallest_letters_that_cards_are_printed_in():
    from weasyprint import CSS, HTML

    css = (content_root() / "templates" / "documents" / "card_print.css").read_text("utf-8")
    page = "@page{size:A5;margin:14mm 11mm 15mm} body{font-family:'Noto Sans','Noto Sans Arabic'}"
    trees = [*TREES.values(), *(t for n in LANGUAGES for t in load_trees(language=n).values() if t.language == n)]
    around = '<article class="smaller"><p class="kicker">PB-00</p>{}</article>'
    body = "".join(around.format(card(tree).replace("h2>", "h1>")) for tree in trees)
    pages = HTML(string=f"<html><body>{body}</body></html>").render(stylesheets=[CSS(string=css + page)]).pages
    assert len(pages) == len(trees)
