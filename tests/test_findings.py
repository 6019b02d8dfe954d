"""From findings to recommendations to activities: nothing found leads nowhere, nothing planned is without a reason."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from panel import CHANNELS, instrument, panel, person, seen, verdicts

from hotline_catalyst.assessment.findings import (
    Advice,
    Chosen,
    Finding,
    Raised,
    choose,
    find,
    load_advice,
    recommend,
    target_of,
)
from hotline_catalyst.assessment.gates import GateResult
from hotline_catalyst.assessment.instrument import STAGES, in_stage, load_instrument
from hotline_catalyst.assessment.readiness import Readiness
from hotline_catalyst.errors import ContentError
from hotline_catalyst.library import content_root

if TYPE_CHECKING:  # its name begins like a test's
    from hotline_catalyst.assessment.responses import Testimony


@cache
def advice() -> Advice:
    return load_advice(instrument())


@dataclass(frozen=True)
class Advised:
    """What an assessment led to."""

    readiness: Readiness
    gates: list[GateResult]
    findings: list[Finding]
    raised: list[Raised]
    chosen: list[Chosen]

    def finding(self, ident: str) -> Finding | None:
        return next((f for f in self.findings if f.id == ident), None)


def advise(testimony: Testimony, stage: str = "new", channels: list[str] = CHANNELS) -> Advised:
    readiness, gates = verdicts(instrument(), testimony, stage, channels=channels)
    findings = find(instrument(), readiness, gates, stage)
    raised = recommend(advice(), findings, gates)
    chosen = choose(instrument(), advice(), readiness, findings, gates, raised, stage, channels)
    return Advised(readiness, gates, findings, raised, chosen)


def everybody(levels: dict[str, int], size: int = 5) -> list:
    return [person(f"P{n}", levels) for n in range(size)]


ALL = list(instrument().items)
PERFECT = dict.fromkeys(ALL, 4)
PROOFS = [seen(i, 4, "observed") for i in ALL]


# Targets.


def test_an_item_is_held_against_what_its_gate_asks_even_where_the_stage_asks_less():
    found = instrument()
    assert target_of(found, found.items["EE-12"], "inception") == 3  # GL-01 asks for 3
    assert target_of(found, found.items["EE-03"], "inception") == 2  # no gate asks for it
    assert target_of(found, found.items["EE-03"], "new") == 3


def test_a_gate_of_another_stage_does_not_raise_the_target():
    found = instrument()
    lone = next(g for g in found.gates if g.id == "GL-14")
    assert (lone.stage, lone.items) == ("new", ["OU-10"])
    item = found.items["OU-10"].model_copy(update={"stage": "both"})
    levels = found.scoring.target_level
    lower = found.scoring.model_copy(update={"target_level": {**levels, "existing": levels["inception"]}})
    cut = type(found)(found.meta, found.domains, found.gates_file, lower, found.fingerprint)
    assert target_of(cut, item, "inception") == 3
    assert target_of(cut, item, "existing") == 2


# Findings.


def test_a_gap_is_reported_when_it_is_more_likely_than_not():
    found = advise(panel(*everybody({"EE-03": 1, "EE-08": 4})))
    gap = found.finding("F-EE-03")
    assert gap is not None
    assert (gap.kind, gap.subject, gap.domain) == ("gap", "EE-03", "enabling_environment")
    assert gap.probability is not None
    assert gap.probability > 0.9
    assert gap.text.endswith(instrument().items["EE-03"].levels[1])
    assert found.finding("F-EE-08") is None


def test_nobody_could_say_is_a_finding_that_names_whom_to_ask():
    found = advise(panel(person("A", {"EE-03": "dont_know"}, role="operator"))).finding("F-EE-03")
    assert found is not None
    assert found.kind == "not known"
    owner = instrument().role_title(instrument().items["EE-03"].first_hand[0]).lower()
    assert f"nobody could say. Ask {owner}" in found.text


def test_an_observed_failure_is_a_gap_and_not_a_lack_of_answers():
    found = advise(panel(evidence=[seen("IN-11", 1, "observed", supports=False)])).finding("F-IN-11")
    assert found is not None
    assert found.kind == "gap"


def test_an_owner_who_does_not_know_is_a_finding_of_its_own():
    item = instrument().items["EE-12"]
    owner, other = item.first_hand[0], next(r for r in instrument().meta.roles if r not in item.first_hand)
    assert advise(panel(person("A", {"EE-12": "dont_know"}, role=owner))).finding("F-EE-12-owner") is not None
    assert advise(panel(person("A", {"EE-12": "dont_know"}, role=other))).finding("F-EE-12-owner") is None


def test_a_split_is_contested_from_three_answers_on():
    split = [person("A", {"EE-03": 4}), person("B", {"EE-03": 0}), person("C", {"EE-03": 4}), person("D", {"EE-03": 0})]
    found = advise(panel(*split)).finding("F-EE-03-contested")
    assert found is not None
    assert "consensus 0.00 of 1" in found.text
    assert advise(panel(*split[:2])).finding("F-EE-03-contested") is None
    assert advise(panel(*everybody({"EE-03": 2}))).finding("F-EE-03-contested") is None


def test_two_groups_that_see_two_hotlines_are_a_blind_spot_and_a_group_of_two_is_not_shown():
    staff = [person(f"S{n}", {"EE-03": 4}, role="operator") for n in range(3)]
    state = [person(f"G{n}", {"EE-03": 1}, role="government") for n in range(3)]
    found = advise(panel(*staff, *state)).finding("F-EE-03-blind-spot")
    assert found is not None
    assert found.text.endswith("operator sees it far higher than government.")
    assert advise(panel(*staff, *state[:2])).finding("F-EE-03-blind-spot") is None


def test_where_all_is_proven_only_the_signature_and_the_plan_are_open():
    found = advise(panel(*everybody(PERFECT), evidence=PROOFS))
    assert {f.id for f in found.findings} == {"F-GL-04", "F-GL-15", "F-GL-17", "F-G24"}
    assert {f.kind for f in found.findings} == {"gate not shown"}


# Every finding leads somewhere.

PANELS = st.lists(
    st.dictionaries(
        st.sampled_from(ALL),
        st.sampled_from([0, 1, 2, 3, 4, "dont_know", "not_applicable"]),
        min_size=20,
        max_size=60,
    ),
    min_size=1,
    max_size=4,
).map(lambda said: panel(*(person(f"P{n}", answers) for n, answers in enumerate(said))))


@given(PANELS, st.sampled_from(STAGES))
def test_each_finding_leads_to_a_recommendation(testimony, stage):
    """Except a gate that waits for nothing but the plan or a signature: no advice on an item can open it."""
    found = advise(testimony, stage)
    led = {f for raised in found.raised for f in raised.because}
    open_items = {g.id for g in found.gates if any(c.item and c.verdict != "met" for c in g.conditions)}
    lost = [f.id for f in found.findings if f.id not in led and (f.domain is not None or f.subject in open_items)]
    assert lost == []


@given(PANELS, st.sampled_from(STAGES))
def test_each_recommendation_and_each_activity_says_which_finding_or_gate_put_it_there(testimony, stage):
    found = advise(testimony, stage)
    known = {f.id for f in found.findings}
    for raised in found.raised:
        assert raised.because
        assert set(raised.because) <= known
    open_gates = {g.id for g in found.gates if g.verdict != "met"}
    for chosen in found.chosen:
        assert chosen.findings or chosen.gates or chosen.activity.needed == "always", chosen.activity.id
        assert set(chosen.findings) <= known
        reviews = chosen.activity.id in instrument().gates_file.reviewed_by.values()
        assert reviews or set(chosen.gates) <= open_gates
        assert len(chosen.why) > len(chosen.activity.why)


@given(PANELS, st.sampled_from(STAGES))
def test_each_gap_is_answered_by_an_activity_that_brings_the_item_to_its_target(testimony, stage):
    found = advise(testimony, stage)
    reach: dict[str, int] = {}
    for chosen in found.chosen:
        for move in chosen.activity.moves:
            reach[move.item] = max(reach.get(move.item, 0), move.to)
    gaps = [f.subject for f in found.findings if f.kind in ("gap", "not known")]
    assert [g for g in gaps if reach.get(g, 0) < target_of(instrument(), instrument().items[g], stage)] == []


@pytest.mark.parametrize("stage", STAGES)
def test_from_nothing_every_open_gate_has_activities_that_open_it(stage):
    found = advise(panel(*everybody(dict.fromkeys(ALL, 0))), stage)
    closing = {gate for chosen in found.chosen for gate in chosen.gates}
    assert {g.id for g in found.gates if g.verdict != "met" and any(c.item for c in g.conditions)} <= closing
    assert all(in_stage(c.activity.stage, stage) for c in found.chosen)


def test_an_item_that_two_gates_need_leads_both_of_them_to_its_recommendation():
    """OP-11, the backup drill, stands in GL-10 and in G24."""
    found = advise(panel(*everybody({**PERFECT, "OP-11": 0}), evidence=PROOFS))
    raised = [r for r in found.raised if "OP-11" in r.recommendation.answers]
    assert raised
    assert all({"GL-10", "G24"} <= set(r.gates) for r in raised)
    assert all({"F-GL-10", "F-G24", "F-OP-11"} <= set(r.because) for r in raised)


def test_what_opens_gates_is_recommended_first():
    raised = advise(panel(*everybody(dict.fromkeys(ALL, 0)))).raised
    counts = [len(r.gates) for r in raised]
    assert counts == sorted(counts, reverse=True)


def test_no_work_is_planned_for_a_channel_nobody_wants():
    channels = {c.activity.channel for c in advise(panel(*everybody(dict.fromkeys(ALL, 0))), channels=["phone"]).chosen}
    assert channels <= {None, "phone"}


def test_where_all_is_proven_only_what_every_plan_holds_is_chosen():
    found = advise(panel(*everybody(PERFECT), evidence=PROOFS))
    assert {c.activity.needed for c in found.chosen} == {"always"}


# Slips of authors.


def test_activities_that_wait_for_each_other_are_refused_with_the_whole_circle(tmp_path: Path):
    ignored = shutil.ignore_patterns("examples")
    shutil.copytree(content_root() / "assessment", tmp_path / "assessment", ignore=ignored)
    path = tmp_path / "assessment" / "activities" / "0_prepare.yaml"
    head, entry = path.read_text("utf-8").split("- id: R01\n")
    assert advice().activities["R03"].after[0].id == "R02"
    assert [a.id for a in advice().activities["R02"].after] == ["R01"]
    path.write_text(f"{head}- id: R01\n" + entry.replace("after: []", "after: [R03]", 1), "utf-8")
    with pytest.raises(ContentError) as error:
        load_advice(load_instrument(tmp_path), tmp_path)
    assert error.value.problems == ["activities wait for each other in a circle: R01 after R03 after R02 after R01"]


def test_an_activity_that_waits_for_itself_is_a_circle_too(tmp_path: Path):
    shutil.copytree(content_root() / "assessment", tmp_path / "assessment", ignore=shutil.ignore_patterns("examples"))
    path = tmp_path / "assessment" / "activities" / "0_prepare.yaml"
    path.write_text(path.read_text("utf-8").replace("after: []", "after: [R01]", 1), "utf-8")
    with pytest.raises(ContentError, match="in a circle: R01 after R01"):
        load_advice(load_instrument(tmp_path), tmp_path)
