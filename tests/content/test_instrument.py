"""The instrument against the domain research it was written from, and against authors' slips."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from panel import instrument

from hotline_catalyst.assessment.findings import load_advice
from hotline_catalyst.assessment.instrument import TOP_LEVEL, Instrument, load_instrument
from hotline_catalyst.errors import ContentError
from hotline_catalyst.library import content_root

GATE_IDS = [*(f"GL-{n:02}" for n in range(1, 18)), "G24", "CT", "CW", "CE"]


def topics(shared: Path) -> dict[str, tuple[str, str]]:
    """Return the gate mark and the stage letter of every topic in DOMAIN.md's tables of section 1."""
    text = (shared / "domain" / "DOMAIN.md").read_text("utf-8")
    section = text[text.index("\n## 1. ") : text.index("\n## 2. ")]
    found = {}
    for line in section.splitlines():
        if re.match(r"\| [A-Z]{2}-\d{2} \|", line):
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            assert len(cells) == 7, line
            found[cells[0]] = (cells[5], cells[6])
    return found


def kinds_of(mark: str) -> set[str]:
    """Return the kinds of gate that a mark such as "G", "G24", "CT CW" or "G for visit" asks for."""
    if mark == "–":
        return set()
    if "visit" in mark:
        return {"visit"}
    if "campaign" in mark:
        return {"campaign"}
    words = {"G": "launch", "G24": "round_the_clock", "CT": "text", "CW": "chat", "CE": "email"}
    return {words[word] for word in re.findall(r"\bG24\b|\bG\b|\bC[TWE]\b", mark)}


def answered_by(instrument: Instrument, topic: str) -> set[str]:
    return {item.id for item in instrument.items.values() if topic in (item.id, *item.covers)}


def test_every_topic_of_the_domain_research_is_asked(shared):
    found = topics(shared)
    assert len(found) == 188
    assert [topic for topic in found if not answered_by(instrument(), topic)] == []


def test_every_topic_marked_as_blocking_is_accounted_for_under_the_right_kind_of_gate(shared):
    wanted = {(kind, topic) for topic, (mark, _) in topics(shared).items() for kind in kinds_of(mark)}
    marked = {(kind, topic) for kind, names in instrument().gates_file.marked.items() for topic in names}
    assert len(wanted) > 80
    assert wanted - marked == set()


def test_no_topic_is_called_blocking_that_the_research_does_not_call_so(shared):
    wanted = {(kind, topic) for topic, (mark, _) in topics(shared).items() for kind in kinds_of(mark)}
    marked = {(kind, topic) for kind, names in instrument().gates_file.marked.items() for topic in names}
    assert marked - wanted == set()


def test_every_marked_topic_is_really_asked_for_by_a_gate_of_its_kind():
    found = instrument()
    for kind, names in found.gates_file.marked.items():
        asked = {item for gate in found.gates if gate.kind == kind for item in gate.items}
        assert [topic for topic in names if not answered_by(found, topic) & asked] == []


def test_no_gate_is_content_with_less_than_in_place():
    for gate in instrument().gates:
        for leaf in gate.needs.leaves():
            assert leaf.item is None or (leaf.at_least or 0) >= 3, (gate.id, leaf.item)


@pytest.mark.parametrize("gate", GATE_IDS)
def test_the_gates_of_the_research_exist(gate):
    assert Counter(g.id for g in instrument().gates)[gate] == 1


def test_gates_that_protect_people_ask_for_proof_and_not_for_words_alone():
    asked = {leaf.item: leaf.proof for gate in instrument().gates for leaf in gate.needs.leaves() if leaf.proof}
    for item in ("IN-01", "IN-11", "OP-11", "OU-07"):  # number, emergency transfer, backup, website: tested
        assert asked[item] == "observed"
    for item in ("EE-12", "EE-05", "EE-07", "CI-04", "IR-07", "SU-06"):  # signed or official
        assert asked[item] == "document"


def test_stages_are_those_of_the_research(shared):
    letters = {"N": "new", "E": "existing", "B": "both"}
    found = instrument().items
    wrong = {
        t: (found[t].stage, s) for t, (_, s) in topics(shared).items() if t in found and found[t].stage != letters[s]
    }
    assert wrong == {}


def test_fifteen_domains_three_axes_and_twelve_offerings_each_with_six_items_or_more():
    domains = instrument().domains
    assert Counter(d.kind for d in domains) == {"axis": 3, "offering": 12}
    assert {d.id: len(d.items) for d in domains if len(d.items) < 6} == {}


def test_every_item_has_five_anchors_that_an_assessor_could_tell_apart():
    for item in instrument().items.values():
        texts = [" ".join(re.findall(r"\w+", text.lower())) for _, text in sorted(item.levels.items())]
        assert len(texts) == TOP_LEVEL + 1
        assert len(set(texts)) == TOP_LEVEL + 1, item.id
        assert all(len(text.split()) >= 3 for text in texts), item.id


def test_no_two_items_ask_the_same():
    asks = Counter(" ".join(item.ask.lower().split()) for item in instrument().items.values())
    assert [ask for ask, count in asks.items() if count > 1] == []


@pytest.mark.parametrize("stage", ["inception", "new", "existing"])
def test_each_role_is_asked_something_at_every_stage(stage):
    found = instrument()
    assert [role for role in found.meta.roles if not found.items_for(role, stage)] == []


def test_survivor_advisers_are_asked_what_services_they_want_and_never_for_numbers():
    asked = {q.id: sorted(q.choices) for q in instrument().quantities.values() if q.is_asked_of("survivor")}
    assert sorted(asked) == ["FO-Q2", "FO-Q3"]  # hours and channels wanted
    assert all(asked.values()), "a number is asked of them"


def test_every_item_and_constant_says_where_it_comes_from():
    found = instrument()
    assert [i.id for i in found.items.values() if not i.source.strip()] == []
    assert [g.id for g in found.gates if not g.source.strip()] == []
    constants = [
        c for value in dict(found.scoring).values() for c in (value.values() if isinstance(value, dict) else [value])
    ]
    assert len(constants) >= 28
    assert [c for c in constants if len(c.reason) < 10] == []


def test_every_item_is_answered_by_a_recommendation_and_moved_by_an_activity_to_the_level_it_is_held_against():
    found = instrument()
    advice = load_advice(found)
    reach: dict[str, int] = {}
    for activity in advice.activities.values():
        for move in activity.moves:
            reach[move.item] = max(reach.get(move.item, 0), move.to)
    assert {i for i in found.items if reach.get(i, 0) < 3} == set()
    assert set(found.items) == {i for r in advice.recommendations.values() for i in r.answers}


# What an author may do wrong. Each test plants one slip in a copy of the content.


@pytest.fixture
def content(tmp_path) -> Path:
    """Return a private copy of the content that load_instrument and load_advice read."""
    shutil.copytree(content_root() / "assessment", tmp_path / "assessment", ignore=shutil.ignore_patterns("examples"))
    return tmp_path


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) >= 1, f"{old!r} is not in {path.name}"
    path.write_text(text.replace(old, new, 1), "utf-8")


def load(root: Path) -> None:
    load_advice(load_instrument(root), root)


def problems_of(work: Callable[[Path], None], root: Path) -> str:
    with pytest.raises(ContentError) as error:
        work(root)
    return str(error.value)


def test_the_copy_as_it_stands_is_accepted(content):
    load(content)


def test_a_marked_topic_that_no_gate_asks_for_is_refused_by_name(content):
    edit(content / "assessment" / "gates.yaml", "launch: [EE-01,", "launch: [EE-03, EE-01,")
    assert "topic EE-03 is marked 'launch' but no gate of that kind asks for it" in problems_of(load, content)


def test_dropping_a_gates_condition_is_refused_because_its_topic_is_still_marked(content):
    edit(content / "assessment" / "gates.yaml", "        - {item: HR-13, at_least: 3}\n", "")
    assert "topic HR-13 is marked 'launch' but no gate of that kind asks for it" in problems_of(load, content)


def test_a_gate_that_no_activity_can_open_is_refused_by_name(content):
    for path in (content / "assessment" / "activities").glob("*.yaml"):
        text = path.read_text("utf-8")
        path.write_text(re.sub(r"\{item: IR-07, (from: \d, )?to: [34]\}", "{item: IR-07, to: 2}", text), "utf-8")
    said = problems_of(load, content)
    assert "gate GL-13: no activity brings IR-07 to level 3; the gate cannot open" in said


def test_a_gate_on_an_item_that_does_not_exist_is_refused_with_the_nearest_name(content):
    edit(content / "assessment" / "gates.yaml", "{item: IM-04, at_least", "{item: IM-40, at_least")
    assert re.search(r"CV: item 'IM-40' does not exist; did you mean 'IM-\d\d'\?", problems_of(load, content))


def test_a_role_with_a_slip_is_refused_with_the_nearest_name(content):
    path = content / "assessment" / "domains" / "scheduling.yaml"
    edit(path, "first_hand: [data, supervisor, operator]", "first_hand: [data, superviser, operator]")
    edit(path, "asked_of: [data, supervisor]", "asked_of: [data, superviser]")
    said = problems_of(load, content)
    assert "scheduling.yaml: SC-01: role 'superviser' is not in instrument.yaml; did you mean 'supervisor'?" in said


def test_an_id_used_twice_is_refused(content):
    edit(content / "assessment" / "domains" / "scheduling.yaml", "id: SC-02", "id: SC-01")
    assert "'SC-01' is also in domains/scheduling.yaml; ids are used once" in problems_of(load, content)


def test_two_levels_with_the_same_text_are_refused_with_file_and_line(content):
    path = content / "assessment" / "domains" / "scheduling.yaml"
    first = "Nobody knows when signals arrive, and nobody has looked for a comparison."
    edit(path, "Staff describe the busy and quiet hours from memory. Nothing is counted.", first)
    said = problems_of(load, content)
    assert "scheduling.yaml\n  line 9: items.0: two levels have the same text" in said


def test_an_item_without_a_recommendation_is_refused(content):
    edit(content / "assessment" / "recommendations" / "scheduling.yaml", "answers: [SC-05, SC-09]", "answers: [SC-09]")
    assert "item SC-05: no recommendation answers it; a gap there would lead nowhere" in problems_of(load, content)


def test_thresholds_that_fall_are_refused(content):
    edit(content / "assessment" / "scoring.yaml", "3: {value: 0.80", "3: {value: 0.60")
    assert "thresholds must not fall from one level to the next" in problems_of(load, content)


def test_a_constant_without_its_reason_is_refused(content):
    edit(
        content / "assessment" / "scoring.yaml",
        ', reason: "Symmetric to gate_met; between the two we do not know."',
        "",
    )
    assert re.search(r"line \d+: gate_not_met\.reason: this key is missing", problems_of(load, content))
