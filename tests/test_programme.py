"""From findings to the second phase: how much help, which choices and goals, what rests on our constants."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from panel import instrument, only, panel, person, seen, verdicts
from pydantic import ValidationError

from hotline_catalyst.assessment.findings import choose, find, load_advice, recommend, target_of
from hotline_catalyst.assessment.inventory import inventory
from hotline_catalyst.assessment.programme import Choice, Goal, goal_states, load_programme, offers, wrong_choices
from hotline_catalyst.assessment.sensitivity import compare, vary

PROGRAMME, ADVICE = load_programme(), load_advice(instrument())
NINE_MODES = 9  # S003-35 to S003-43


def everybody(level: int, *domains: str):
    items = [i for i, d in instrument().domain_of.items() if d in domains]
    return panel(*(person(f"P{n}", dict.fromkeys(items, level), role="operator") for n in range(3)))


def offered(level: int, choices: list[Choice] = ()):  # type: ignore[assignment]
    whole = instrument()
    readiness, gates = verdicts(whole, everybody(level, "training"))
    targets = {i.id: target_of(whole, i, "new") for i in whole.items.values()}
    raised = recommend(ADVICE, find(whole, readiness, gates, "new"), gates)
    return {o.recommendation: o for o in offers(PROGRAMME, raised, readiness, targets, choices)}


def test_every_recommendation_is_given_in_modes_of_the_programme_page():
    assert len(PROGRAMME.delivery) == NINE_MODES
    assert {mode for r in ADVICE.recommendations.values() for mode in r.delivery} <= set(PROGRAMME.delivery)


def test_the_further_below_its_target_the_more_intensive_the_help_and_the_more_days():
    training = [
        r.id
        for r in ADVICE.recommendations.values()
        if set(r.answers) <= {i.id for i in only("training").items.values()}
    ]
    nothing, nearly = offered(0), offered(2)
    for ident in training:
        assert nothing[ident].missing_levels > nearly[ident].missing_levels
        assert nothing[ident].days_likely >= nearly[ident].days_likely
        assert nothing[ident].intensity == "intensive"


def test_the_partners_choice_and_its_modes_are_kept():
    said = [Choice(recommendation="REC-TR-1", choice="later", delivery=["review"], reason="after the budget")]
    found = offered(0, said)
    assert (found["REC-TR-1"].choice, found["REC-TR-1"].delivery) == ("later", ("review",))
    assert found["REC-TR-2"].choice == "open"


def test_a_no_needs_its_reason():
    with pytest.raises(ValidationError, match="a 'no' needs its reason"):
        Choice(recommendation="REC-TR-1", choice="no")


def test_slips_in_goals_and_choices_are_named_with_the_nearest_word():
    day = date(2027, 1, 4)
    problems = list(
        wrong_choices(
            PROGRAMME, instrument(), list(ADVICE.recommendations),
            [Goal(domain="trainning", level=3, agreed_with="x", agreed_on=day)],
            [
                Choice(recommendation="REC-TR-9", choice="yes"),
                Choice(recommendation="REC-TR-1", choice="yes", delivery=["revue"]),
            ],
        )
    )  # fmt: skip
    assert len(problems) == 3
    assert "did you mean 'training'" in problems[0]
    assert "did you mean 'review'" in problems[2]


def test_a_goal_of_four_brings_the_activities_that_go_beyond_in_place():
    whole = instrument()
    readiness, gates = verdicts(whole, everybody(3, "training"))

    def ids(goals):
        findings = find(whole, readiness, gates, "new", goals)
        raised = recommend(ADVICE, findings, gates)
        return {
            c.activity.id for c in choose(whole, ADVICE, readiness, findings, gates, raised, "new", ["phone"], goals)
        }

    more = ids({"training": 4}) - ids({})
    beyond = {a.id for a in ADVICE.activities.values() if any(m.to == 4 and m.item.startswith("TR-") for m in a.moves)}
    assert more
    assert more <= beyond


def test_a_goal_says_how_likely_it_is_reached_already():
    day = date(2027, 1, 4)
    goals = [Goal(domain="training", level=n, agreed_with="x", agreed_on=day) for n in (1, 4)]
    readiness, _ = verdicts(only("training"), everybody(2, "training"))
    easy, hard = goal_states(instrument(), readiness, goals, {})
    assert easy.reached > 0.95
    assert hard.reached < 0.05


def test_an_asset_is_shown_only_where_somebody_saw_it():
    said = everybody(4, "training")
    readiness, _ = verdicts(only("training"), panel(*said.responses, evidence=[seen("TR-01", 3)]))
    found = {a.item: a.standing for a in inventory(only("training"), readiness, dict.fromkeys(readiness.items, 3))}
    assert (found["TR-01"], found["TR-02"]) == ("shown", "said")
    nothing, _ = verdicts(only("training"), panel())
    assert {a.standing for a in inventory(only("training"), nothing, dict.fromkeys(nothing.items, 3))} == {"not known"}


def test_other_thresholds_move_what_rests_on_them_and_nothing_else():
    whole = only("training")
    said, variation = everybody(2, "training"), instrument().scoring.variations["higher_bar"]
    assert vary(whole.scoring, variation).thresholds[2].value == 0.85
    assert vary(whole.scoring, variation).gate_met == whole.scoring.gate_met
    usual = verdicts(whole, said)
    assert compare("x", variation, usual, usual).domains == ()


def test_a_domain_just_above_its_threshold_is_named_where_a_higher_bar_would_lower_it():
    whole, variation = only("training"), instrument().scoring.variations["higher_bar"]
    ids = list(whole.items)
    few = len(ids) - int(0.82 * len(ids) + 1)  # 82 % of the items at level 2: enough for 0.80, not for 0.85
    said = panel(
        *(person(f"P{n}", {**dict.fromkeys(ids, 2), **dict.fromkeys(ids[:few], 1)}, role="training") for n in range(9))
    )
    higher = replace(whole, scoring=vary(whole.scoring, variation))
    found = compare("higher_bar", variation, verdicts(whole, said), verdicts(higher, said))
    assert [(d.usual, d.varied) for d in found.domains] == [("2", "1")]
