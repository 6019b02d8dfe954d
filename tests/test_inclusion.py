"""No regret, verify first, optional: small panels in which a reader can say which activity is which, and why."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache

import pytest
from clock import measured
from panel import CHANNELS, instrument, only, panel, person, seen, verdicts

from hotline_catalyst.assessment.activities import Activity
from hotline_catalyst.assessment.findings import Advice, choose, find, load_advice, recommend
from hotline_catalyst.assessment.inclusion import Inclusion, inclusion
from hotline_catalyst.assessment.instrument import Condition, Gate, Instrument
from hotline_catalyst.assessment.responses import Testimony

TRAINING = ("TR-01", "TR-02", "TR-03", "TR-04", "TR-05")


@cache
def library() -> Advice:
    return load_advice(instrument())


def activity(ident: str, *moves: tuple[str, int, int], needed: str = "gap", **more) -> Activity:
    """Return an activity that carries items from one level to another."""
    zero = {"low": 0, "likely": 1, "high": 2}
    data = {
        "id": ident,
        "title": ident,
        "why": "Because.",
        "moves": [{"item": item, "from": low, "to": high} for item, low, high in moves],
        "stage": "both",
        "needed": needed,
        "ways": [{"id": "in_house", "weeks": zero, "effort_days": {"training": 1}, "cost_usd": zero}],
        "owner": "training",
        "payer": "operator",
        "done_when": "Done.",
        "milestone": "Done",
        "source": "test",
    }
    return Activity.model_validate({**data, **more})


def training(*gates: Gate) -> Instrument:
    """Return an instrument of the training items, with no gates but these."""
    cut = only("training")
    return replace(cut, gates_file=cut.gates_file.model_copy(update={"gates": list(gates)}))


def judged(said: Testimony, *activities: Activity, gates: list[Gate] | None = None, **more) -> dict[str, Inclusion]:
    """Return how sure each activity is, in a country whose questionnaire has the training items only."""
    cut = training(*(gates or []))
    readiness, results = verdicts(cut, said)
    advice = replace(library(), activities={a.id: a for a in activities})
    return inclusion(cut, advice, readiness, results, "new", CHANNELS, **more)


def everybody_says(levels: dict[str, int], sure: str = "sure") -> Testimony:
    """Return what six people of six organisations say alike."""
    return panel(*(person(f"P{n}", levels, role="training", sure=sure) for n in range(6)))


def people_who_differ(item: str, low: int, high: int) -> Testimony:
    """Return a panel that agrees on every other item and is split in the middle about this one."""
    rest = {i: 2 for i in TRAINING if i != item}
    return panel(
        *(person(f"P{n}", {**rest, item: low if n % 2 else high}, role="training", sure="fairly") for n in range(4))
    )


def test_a_gap_about_which_all_agree_is_no_regret_and_what_is_reached_is_optional():
    said = everybody_says({**dict.fromkeys(TRAINING, 3), "TR-01": 0})
    found = judged(said, activity("gap", ("TR-01", 0, 3)), activity("reached", ("TR-02", 0, 3)))
    assert (found["gap"].standing, found["gap"].verify) == ("no regret", ())
    assert found["gap"].share >= 0.9
    assert (found["reached"].standing, found["reached"].verify) == ("optional", ())
    assert found["reached"].share < 0.3


def test_an_item_on_which_people_are_split_is_to_be_verified_first_and_is_named():
    found = judged(people_who_differ("TR-03", 1, 2), activity("split", ("TR-03", 0, 2)))
    assert 0.3 <= found["split"].share < 0.9
    assert (found["split"].standing, found["split"].verify) == ("verify first", ("TR-03",))


@pytest.mark.parametrize(("supports", "standing"), [(True, "optional"), (False, "no regret")])
def test_evidence_settles_it_either_way(supports, standing):
    said = people_who_differ("TR-03", 1, 2)
    proof = [seen("TR-03", 2, kind, supports=supports) for kind in ("document", "observed")]
    found = judged(replace(said, evidence=tuple(proof)), activity("split", ("TR-03", 0, 2)))
    assert (found["split"].standing, found["split"].verify) == (standing, ())


def test_what_every_plan_holds_is_no_regret_whatever_was_answered():
    found = judged(everybody_says(dict.fromkeys(TRAINING, 4)), activity("always", ("TR-01", 0, 2), needed="always"))
    assert found["always"] == Inclusion(1.0, "no regret", ())


def test_an_item_that_nobody_could_speak_about_is_asked_first():
    said = everybody_says(dict.fromkeys(TRAINING[1:], 4))
    found = judged(said, activity("unknown", ("TR-01", 0, 2)))
    assert found["unknown"].standing == "verify first"
    assert found["unknown"].verify == ("TR-01",)


def test_a_gate_whose_proof_nobody_has_seen_makes_its_activity_verify_first_not_optional():
    leaf = Condition(item="TR-01", at_least=2, proof="document")  # type: ignore[arg-type]
    data = {"id": "GX-1", "title": "GX-1", "kind": "launch", "why": "because", "source": "test"}
    gate = Gate.model_validate({**data, "needs": {"all": [leaf]}})
    said = everybody_says(dict.fromkeys(TRAINING, 4))
    work = activity("proof", ("TR-01", 0, 3))
    assert judged(said, work)["proof"].standing == "optional"
    assert judged(said, work, gates=[gate])["proof"] == Inclusion(
        judged(said, work)["proof"].share, "verify first", ("TR-01",)
    )
    proven = replace(said, evidence=(seen("TR-01", 2),))
    assert judged(proven, work, gates=[gate])["proof"].standing == "optional"


def test_a_move_that_starts_at_the_target_or_ends_where_the_item_stands_asks_for_nothing():
    said = everybody_says(dict.fromkeys(TRAINING, 2))
    high = {"training": 4}
    found = judged(said, activity("low", ("TR-01", 0, 1)), activity("next", ("TR-01", 2, 4)), goals=high)
    assert found["low"].standing == "optional"
    assert found["next"].standing == "no regret"
    assert judged(said, activity("beyond", ("TR-01", 3, 4)), goals={"training": 3})["beyond"].share == 0


def test_the_share_is_that_of_the_draws_counted_one_by_one():
    said = people_who_differ("TR-03", 1, 2)
    cut = training()
    readiness, results = verdicts(cut, said)
    work = activity("two", ("TR-03", 0, 2), ("TR-04", 1, 3))
    advice = replace(library(), activities={"two": work})
    found = inclusion(cut, advice, readiness, results, "new", CHANNELS, {"training": 3})["two"]
    drawn = readiness.draws["training"]
    third, fourth = drawn.ids.index("TR-03"), drawn.ids.index("TR-04")
    asked = sum(bool(row[third] < 2 or row[fourth] < 3) for row in drawn.levels[:100])
    assert found.share == asked / 100


def test_an_activity_of_another_stage_or_of_a_channel_not_offered_is_not_judged():
    said = everybody_says(dict.fromkeys(TRAINING, 0))
    works = (activity("old", ("TR-01", 0, 2), stage="existing"), activity("chat", ("TR-01", 0, 2), channel="chat"))
    assert set(judged(said, *works)) == {"chat"}


def answers(seed: int) -> Testimony:
    """Return five people with random answers to the whole questionnaire, a tenth of them unknown."""
    rng = random.Random(seed)
    items = list(instrument().items)
    return panel(
        *(
            person(f"P{n}", {i: rng.randrange(5) if rng.random() > 0.1 else "dont_know" for i in items}, sure="fairly")
            for n in range(5)
        )
    )


@pytest.mark.parametrize("seed", range(3))
def test_what_the_plan_chooses_is_seldom_optional_and_what_is_no_regret_is_always_chosen(seed):
    whole, advice = instrument(), library()
    readiness, gates = verdicts(whole, answers(seed))
    findings = find(whole, readiness, gates, "new")
    raised = recommend(advice, findings, gates)
    chosen = {c.activity.id for c in choose(whole, advice, readiness, findings, gates, raised, "new", CHANNELS)}
    with measured() as spent:
        found = inclusion(whole, advice, readiness, gates, "new", CHANNELS)
    assert spent.seconds < 0.4  # twice what is promised, for a busy machine
    assert {i for i, about in found.items() if about.standing == "no regret"} <= chosen
    assert len({i for i in chosen if found[i].standing == "optional"}) <= 2
    assert all(set(about.verify) <= {m.item for m in advice.activities[i].moves} for i, about in found.items())
    assert all(bool(about.verify) == (about.standing == "verify first") for about in found.values())
