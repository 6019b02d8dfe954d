"""Gates: three verdicts, proof that is in force, and no gate that caps because nobody spoke."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from panel import DAY, instrument, only, panel, person, seen, verdicts

from hotline_catalyst.assessment.gates import GateResult, caps, judge
from hotline_catalyst.assessment.instrument import Cap, Condition, Gate, Instrument
from hotline_catalyst.assessment.readiness import assess

VERDICTS = ("met", "not shown", "not met")
# One item in each verdict, by what was said about it; the rest of its domain holds no opinion.
ITEM = {"met": "TR-02", "not shown": "TR-03", "not met": "TR-05"}


def gate(needs: Condition, **more: object) -> Gate:
    data = {"id": "X", "title": "A gate", "kind": "launch", "why": "for this test", "needs": needs, "source": "test"}
    return Gate.model_validate({**data, **more})


def leaf(item: str, at_least: int = 3, proof: str | None = None) -> Condition:
    return Condition.model_validate({"item": item, "at_least": at_least, "proof": proof})


def crowd(levels: dict[str, int | str], size: int = 6) -> list:
    """Return six sure people of six organisations who all say the same."""
    return [person(f"P{n}", levels, role="training") for n in range(size)]


def one(found: list[GateResult], ident: str = "X") -> GateResult:
    return next(g for g in found if g.id == ident)


KNOWN = panel(*crowd({"TR-02": 4, "TR-05": 0}))  # nobody was asked about TR-03


def judged(needs: Condition) -> GateResult:
    return one(verdicts(only("training", gates=[gate(needs)]), KNOWN)[1])


def test_the_three_items_of_these_tests_have_the_three_verdicts():
    assert {v: judged(leaf(i)).verdict for v, i in ITEM.items()} == {v: v for v in VERDICTS}


@pytest.mark.parametrize("parts", list(product(VERDICTS, repeat=2)))
def test_all_is_met_only_when_every_part_is_and_not_met_when_one_part_is_not(parts):
    expected = "not met" if "not met" in parts else "not shown" if "not shown" in parts else "met"
    assert judged(Condition(all=[leaf(ITEM[p]) for p in parts])).verdict == expected


@pytest.mark.parametrize("parts", list(product(VERDICTS, repeat=2)))
def test_any_is_met_when_one_part_is_and_not_met_only_when_every_part_is_not(parts):
    expected = "met" if "met" in parts else "not shown" if "not shown" in parts else "not met"
    assert judged(Condition(any=[leaf(ITEM[p]) for p in parts])).verdict == expected


@pytest.mark.parametrize("parts", list(product(VERDICTS, repeat=3)))
def test_nested_conditions_follow_the_same_logic(parts):
    a, b, c = (leaf(ITEM[p]) for p in parts)
    rank = [VERDICTS[::-1].index(p) for p in parts]  # not met 0, not shown 1, met 2
    assert judged(Condition(all=[a, Condition(any=[b, c])])).verdict == VERDICTS[::-1][min(rank[0], max(rank[1:]))]


def test_not_knowing_five_things_is_not_a_no():
    """Multiplied, five chances of one half are 0.03 and would read as "not met"."""
    five = [leaf(i) for i in ("TR-01", "TR-03", "TR-04", "TR-06", "TR-10")]
    found = judged(Condition(all=five))
    assert found.verdict == "not shown"


def test_a_gates_probability_is_that_of_its_weakest_part_or_of_the_strongest_of_an_any():
    parts = [leaf("TR-02"), leaf("TR-05")]
    strong, weak = (judged(p).probability for p in parts)
    assert judged(Condition(all=parts)).probability == weak
    assert judged(Condition(any=parts)).probability == strong


def test_where_nobody_answered_no_probability_is_claimed():
    found = judged(leaf("TR-03"))
    assert (found.verdict, found.probability) == ("not shown", None)
    assert found.conditions[0].missing == "an answer from someone who knows"


def test_dont_knows_alone_leave_a_gate_not_shown():
    nobody = panel(*crowd({"TR-02": "dont_know"}))
    found = one(verdicts(only("training", gates=[gate(leaf("TR-02"))]), nobody)[1])
    assert (found.verdict, found.probability) == ("not shown", None)


# Proof.

SAID = crowd({"IR-07": 4})


def proven(*evidence: object, proof: str = "document") -> GateResult:
    rooms = only("institutional_readiness", gates=[gate(leaf("IR-07", 3, proof))])
    return one(verdicts(rooms, panel(*SAID, evidence=evidence))[1])  # type: ignore[arg-type]


def test_words_alone_never_open_a_gate_that_asks_for_proof():
    found = proven()
    assert found.probability is not None
    assert found.probability > 0.99
    assert found.verdict == "not shown"
    assert found.conditions[0].missing == "the proof: document"


@given(st.integers(1, 12))
def test_more_statements_do_not_replace_the_proof(size):
    rooms = only("institutional_readiness", gates=[gate(leaf("IR-07", 3, "document"))])
    said = panel(*crowd({"IR-07": 4}, size), evidence=[seen("IR-07", 4, "say"), seen("IR-07", 4, "agreed")])
    assert one(verdicts(rooms, said)[1]).verdict == "not shown"


@pytest.mark.parametrize("kind", ["document", "observed"])
def test_proof_of_the_asked_grade_or_better_opens_the_gate(kind):
    assert proven(seen("IR-07", 3, kind)).verdict == "met"


@pytest.mark.parametrize(
    "evidence",
    [
        seen("IR-07", 3, "agreed"),
        seen("IR-07", 2, "document"),
        seen("IR-06", 3, "document"),
        seen("IR-07", 3, "document", valid_until="2027-02-28"),
        seen("IR-07", 3, "document", dated="2027-03-02"),
    ],
    ids=["of a lower grade", "of a lower level", "of another item", "expired yesterday", "dated tomorrow"],
)
def test_evidence_that_does_not_fit_is_no_proof(evidence):
    assert proven(evidence).verdict == "not shown"


def test_proof_counts_on_its_last_day():
    assert proven(seen("IR-07", 3, "document", valid_until=DAY)).verdict == "met"


def test_evidence_against_is_never_taken_for_proof():
    assert proven(seen("IR-07", 3, "document", supports=False)).verdict != "met"


def test_proof_without_any_belief_does_not_open_a_gate():
    """Everybody says 0 and one paper says 3: the paper is there, the chance is not."""
    rooms = only("institutional_readiness", gates=[gate(leaf("IR-07", 3, "document"))])
    doubted = panel(*crowd({"IR-07": 0}), evidence=[seen("IR-07", 3)])
    assert one(verdicts(rooms, doubted)[1]).verdict == "not met"


def test_an_observed_failure_closes_a_gate_although_nobody_answered():
    rooms = only("institutional_readiness", gates=[gate(leaf("IR-07", 3, "document"))])
    failed = panel(
        person("A", {i.id: 0 for i in rooms.domains[0].items if i.id != "IR-07"}),
        evidence=[seen("IR-07", 3, "observed", supports=False)],
    )
    found = one(verdicts(rooms, failed)[1])
    assert found.probability is not None
    assert found.verdict == "not met"


# Caps.

CAPPED: Instrument = only("training", gates=[gate(leaf("TR-12"), caps=[Cap(domain="training", level=1)])])


def level_when(said: int | str) -> tuple[str, int]:
    answers = {**dict.fromkeys(CAPPED.items, 4), "TR-12": said}
    readiness, gates = verdicts(CAPPED, panel(*crowd(answers)))
    return one(gates).verdict, readiness.by_domain["training"].level


def test_an_average_never_outvotes_a_gate_that_is_not_met():
    assert level_when(0) == ("not met", 1)


def test_a_gate_that_is_not_shown_never_caps():
    verdict, level = level_when("dont_know")
    assert verdict == "not shown"
    assert level > 1


def test_a_gate_that_is_met_does_not_cap():
    assert level_when(4)[0] == "met"
    assert level_when(4)[1] > 1


def test_the_lowest_of_several_caps_holds():
    gates = [gate(leaf("TR-05"), id=f"X{n}", caps=[Cap(domain="training", level=n)]) for n in (2, 1, 3)]
    rooms = only("training", gates=gates)
    assert caps(rooms, verdicts(rooms, KNOWN)[1]) == {"training": 1}


# Which gates concern an engagement.


def ids(**how: object) -> set[str]:
    whole, nothing = instrument(), panel()
    facts = {"several_languages": True, "safe_migration": True, "channels": ["phone"], "stage": "new", **how}
    return {g.id for g in judge(whole, assess(whole, nothing, str(facts["stage"])), nothing, **facts)}  # type: ignore[arg-type]


def test_a_channels_gate_is_judged_only_where_the_channel_is_wanted():
    assert not {"CT", "CW", "CE"} & ids()
    assert {"CT", "CW", "CE"} <= ids(channels=["phone", "text", "chat", "email"])
    assert ids(channels=["text"]) & {"CT", "CW", "CE"} == {"CT"}


def test_interpreters_are_asked_for_only_where_there_are_several_languages():
    assert "GL-11" in ids()
    assert "GL-11" not in ids(several_languages=False)


def test_partner_briefing_is_a_gate_of_new_lines_only():
    assert "GL-14" in ids(stage="new")
    assert "GL-14" in ids(stage="inception")
    assert "GL-14" not in ids(stage="existing")


def test_facts_of_the_plan_are_not_shown_until_there_is_a_plan():
    rooms = only("training", gates=[gate(Condition(plan="roster_covers_hours"))])
    plans = (None, {"roster_covers_hours": True}, {"roster_covers_hours": False})
    assert [one(verdicts(rooms, panel(), plan=p)[1]).verdict for p in plans] == ["not shown", "met", "not met"]


def test_a_signature_is_never_assumed():
    everything = dict.fromkeys(instrument().items, 4)
    proofs = [seen(i, 4, "observed") for i in instrument().items]
    plan = {"roster_covers_hours": True, "capacity_exceeds_forecast": True}
    _, gates = verdicts(instrument(), panel(*crowd(everything), evidence=proofs), plan=plan)
    assert {g.id for g in gates if g.verdict != "met"} == {"GL-17"}
    assert one(gates, "GL-17").verdict == "not shown"


def test_with_everything_at_nothing_no_gate_is_open():
    _, gates = verdicts(instrument(), panel(*crowd(dict.fromkeys(instrument().items, 0))))
    assert [g.id for g in gates if g.verdict == "met"] == []
    assert {g.id for g in gates if g.verdict == "not shown"} == {"GL-17"}


def test_what_does_not_apply_is_no_obstacle():
    rooms = only("operations", gates=[gate(leaf("OP-06"))])
    owner = rooms.items["OP-06"].first_hand[0]
    waived = person("A", {"OP-06": "not_applicable"}, role=owner)
    found = one(verdicts(rooms, panel(waived))[1])
    assert (found.verdict, found.probability) == ("met", None)
    assert "does not apply" in found.conditions[0].text
    unsure = person("B", {"OP-06": "dont_know"}, role=owner)
    outsider = next(r for r in instrument().meta.roles if r not in rooms.items["OP-06"].first_hand)
    for doubt in (
        panel(waived, unsure),
        panel(waived, evidence=[seen("OP-06", 1, "observed", supports=False)]),
        panel(person("A", {"OP-06": "not_applicable"}, role=outsider)),
    ):
        assert one(verdicts(rooms, doubt)[1]).verdict == "not shown", "a claim that somebody doubts opens nothing"


def test_a_condition_of_two_kinds_or_without_a_level_is_refused():
    for wrong in ({"item": "TR-02"}, {}, {"item": "TR-02", "at_least": 3, "plan": "roster_covers_hours"}):
        with pytest.raises(ValueError, match=r"say the level|exactly one of"):
            Condition.model_validate(wrong)
