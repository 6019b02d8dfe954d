"""Answers are testimony: published numbers, promises that hold for every panel, and honest ignorance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from panel import DAY, instrument, only, panel, person, seen, verdicts

from hotline_catalyst.assessment.agreement import consensus
from hotline_catalyst.assessment.instrument import STAGES, Condition, Gate
from hotline_catalyst.assessment.readiness import (
    Readiness,
    assess,
    domain_level,
    item_log_likelihood,
    kernel,
    posterior,
    uniforms,
)
from hotline_catalyst.assessment.responses import Answer, Evidence, Response, Ruling

if TYPE_CHECKING:  # its name begins like a test's
    from hotline_catalyst.assessment.responses import Testimony

LEVELS = np.arange(5)
ORDER = {"not met": 0, "not shown": 1, "met": 2}


def flat(answers: Sequence[tuple[int, str, bool, str]], evidence: Sequence[Evidence] = ()) -> np.ndarray:
    """Return P(0..4) under a flat prior, which is what the published prototype used."""
    weight = np.exp(item_log_likelihood(instrument().scoring, answers, evidence))
    return weight / weight.sum()


# The table of research/ASSESSMENT.md 5.4.

SPLIT = [(4, "sure", True, "ministry"), (3, "fairly", True, "police"), (1, "sure", True, "a"), (1, "fairly", True, "b")]
# The table does not say how sure the three were; this reading reproduces it.
THREE = [(2, "sure", True, "a"), (2, "fairly", True, "b"), (2, "fairly", True, "c")]
PROTOTYPE = {
    "a split panel stays two-humped": (SPLIT, [], [0.00, 0.32, 0.29, 0.32, 0.07]),
    "a document supporting level 3": (SPLIT, [seen("IN-01", 3, "document")], [0.00, 0.14, 0.12, 0.61, 0.13]),
    "an observed failure at level 3": (
        SPLIT,
        [seen("IN-01", 3, "observed", supports=False)],
        [0.00, 0.50, 0.45, 0.04, 0.01],
    ),
    "three organisations say 2": (THREE, [], [0.00, 0.02, 0.96, 0.02, 0.00]),
    "one person, fairly sure of 3": ([(3, "fairly", True, "a")], [], [0.02, 0.06, 0.17, 0.54, 0.21]),
    "three colleagues say 3": ([(3, "fairly", True, "a")] * 3, [], [0.00, 0.02, 0.10, 0.73, 0.15]),
    "nobody knows": ([], [], [0.20, 0.20, 0.20, 0.20, 0.20]),
}


@pytest.mark.parametrize("case", PROTOTYPE)
def test_the_published_prototype_is_reproduced_to_its_two_decimals(case):
    answers, evidence, published = PROTOTYPE[case]
    assert [round(float(p), 2) for p in flat(answers, evidence)] == published


def test_evidence_pulls_by_its_published_grade():
    """A level the evidence speaks against keeps exp(-grade) of its weight: 0.35, 0.7, 1.5, 2.5."""
    for kind, grade in {"say": 0.35, "agreed": 0.7, "document": 1.5, "observed": 2.5}.items():
        below, above = flat([], [seen("IN-01", 3, kind)])[2:4]
        assert below / above == pytest.approx(math.exp(-grade))


def test_each_column_of_the_kernel_is_a_distribution_and_its_log_is_concave():
    for spread in (0.55, 0.9, 1.8):
        table = kernel(spread)
        assert table.sum(axis=0) == pytest.approx(np.ones(5))
        ratio = table[1:, :] / table[:-1, :]
        assert (np.diff(ratio, axis=1) >= -1e-12).all()  # a higher answer speaks more for higher levels, always


@pytest.mark.parametrize("colleagues", [1, 2, 3, 4, 9])
def test_colleagues_of_one_organisation_weigh_as_the_square_root_of_their_number(colleagues):
    scoring = instrument().scoring
    one = item_log_likelihood(scoring, [(3, "fairly", True, "ngo")], [])
    together = item_log_likelihood(scoring, [(3, "fairly", True, "ngo")] * colleagues, [])
    apart = item_log_likelihood(scoring, [(3, "fairly", True, f"ngo {n}") for n in range(colleagues)], [])
    assert together == pytest.approx(math.sqrt(colleagues) * one)
    assert apart == pytest.approx(colleagues * one)


def test_someone_who_sees_it_from_outside_weighs_half():
    scoring = instrument().scoring
    inside = item_log_likelihood(scoring, [(3, "sure", True, "a")], [])
    outside = item_log_likelihood(scoring, [(3, "sure", False, "a")], [])
    assert outside == pytest.approx(inside / 2)


def test_who_stands_close_is_read_from_the_instrument():
    item = instrument().items["SC-01"]
    close, far = item.first_hand[0], item.perception[0]
    chance = {
        role: assess(instrument(), panel(person("A", {"SC-01": 4}, role=role)), "new").items["SC-01"]
        for role in (close, far)
    }
    assert chance[close].at_least(4) > chance[far].at_least(4)


@pytest.mark.parametrize(
    ("levels", "by_hand"),
    [
        ([3, 3, 3], 1.0),
        ([0, 4], 0.0),  # half say 0 and half say 4: 1 + log2(1 - 2/4)
        ([0, 0, 4, 4], 0.0),
        ([2, 3], 1 + math.log2(1 - 0.5 / 4)),
        (
            [4, 3, 1, 1],
            0.4473,
        ),  # the prototype's 0.45: 1 + (log2(0.5625) + log2(0.8125) + 2 log2(0.6875)) / 4
        ([0, 4, 4, 4], 1 + 0.25 * math.log2(0.25) + 0.75 * math.log2(0.75)),
    ],
)
def test_consensus_is_that_of_tastle_and_wierman(levels, by_hand):
    assert consensus(levels) == pytest.approx(by_hand, abs=5e-5)
    assert consensus(list(reversed(levels))) == consensus(levels)


# Promises that hold for every panel. Three domains, so that gates with proof, caps and an "any" take part.

EITHER = Gate(
    id="ANY",
    title="One of two",
    kind="launch",
    why="for these tests",
    needs=Condition(
        any=[
            Condition(item="OP-06", at_least=3),
            Condition(all=[Condition(item="IR-07", at_least=2, proof="document"), Condition(item="TR-02", at_least=3)]),
        ]
    ),
    source="test",
)
ROOMS = only("training", "operations", "institutional_readiness", gates=[EITHER])
ASKED = sorted({item for gate in ROOMS.gates for item in gate.items} | {"TR-06", "OP-01", "OP-12", "IR-03"})
ROLES = ["operator", "government", "training", "survivor"]
WORDS = st.sampled_from([0, 1, 2, 3, 4, 0, 1, 2, 3, 4, "dont_know", "not_applicable", "declined", "blank"])


@st.composite
def people(draw: st.DrawFn) -> tuple[Response, ...]:
    """One to five respondents of two organisations, each with a few answers of every kind."""
    found = []
    for number in range(draw(st.integers(1, 5))):
        said = draw(st.dictionaries(st.sampled_from(ASKED), WORDS, min_size=1))
        role, organisation = draw(st.sampled_from(ROLES)), draw(st.sampled_from(["one", "two"]))
        response = person(f"P{number}", said, role=role, organisation=organisation)
        certain = {
            item: answer.model_copy(update={"sure": draw(st.sampled_from(["sure", "fairly", "unsure"]))})
            for item, answer in response.answers.items()
        }
        found.append(response.model_copy(update={"answers": certain}))
    return tuple(found)


KINDS = st.sampled_from(["say", "agreed", "document", "observed"])
SEEN = st.builds(
    lambda item, level, kind, supports: seen(item, level, kind, supports=supports),
    st.sampled_from(ASKED),
    st.integers(0, 4),
    KINDS,
    st.booleans(),
)
RULED = st.builds(
    lambda item, level: Ruling(id=item, level=level, reason="agreed in the room", decided_on=DAY),
    st.sampled_from(ASKED),
    st.integers(0, 4),
)


def whole_panels() -> st.SearchStrategy[Testimony]:
    return st.builds(
        lambda said, evidence, rulings: panel(*said, evidence=evidence, rulings=rulings),
        people(),
        st.lists(SEEN, max_size=5),
        st.lists(RULED, max_size=1),
    )


def what_fell(before: Testimony, after: Testimony) -> list[str]:
    """Return everything that is lower after than before: it must be nothing."""
    (old, old_gates), (new, new_gates) = (verdicts(ROOMS, t) for t in (before, after))
    fell = []
    for ident, item in old.items.items():
        fell += [f"{ident} P(>={k})" for k in range(1, 5) if new.items[ident].at_least(k) < item.at_least(k) - 1e-9]
        fell += [f"{ident} {side}" for side in ("low", "high") if getattr(new.items[ident], side) < getattr(item, side)]
    for was, now in zip(old.domains, new.domains, strict=True):
        sides = ("level", "low", "high", "bound_low", "bound_high")
        fell += [f"{was.id} {side}" for side in sides if getattr(now, side) < getattr(was, side)]
        if was.role_median is not None and (now.role_median is None or now.role_median < was.role_median):
            fell.append(f"{was.id} role_median")
    for was, now in zip(old_gates, new_gates, strict=True):
        if ORDER[now.verdict] < ORDER[was.verdict]:
            fell.append(f"{was.id}: {was.verdict} became {now.verdict}")
    return fell


@given(whole_panels(), st.data())
def test_a_better_answer_never_lowers_anything(testimony, data):
    raisable = [
        (n, i)
        for n, r in enumerate(testimony.responses)
        for i, a in r.answers.items()
        if a.value is not None and a.value < 4
    ]
    if not raisable:
        return
    number, item = data.draw(st.sampled_from(raisable))
    response = testimony.responses[number]
    better = response.answers[item].model_copy(update={"value": response.answers[item].value + 1})
    raised = response.model_copy(update={"answers": {**response.answers, item: better}})
    responses = (*testimony.responses[:number], raised, *testimony.responses[number + 1 :])
    assert what_fell(testimony, replace(testimony, responses=responses)) == []


@given(whole_panels(), st.sampled_from(ASKED), st.integers(0, 4), KINDS)
def test_supporting_evidence_never_lowers_anything(testimony, item, level, kind):
    more = replace(testimony, evidence=(*testimony.evidence, seen(item, level, kind)))
    assert what_fell(testimony, more) == []


def test_supporting_evidence_about_an_item_nobody_answered_does_not_turn_not_shown_into_not_met():
    """Its neighbours are all at 0, so it is probably low too; but nobody said so, and what was seen speaks for it."""
    low = person("A", {i.id: 0 for i in ROOMS.domains[0].items if i.id != "IR-07"})
    before, after = panel(low), panel(low, evidence=[seen("IR-07", 1, "say")])
    found = [verdicts(ROOMS, t)[0].items["IR-07"] for t in (before, after)]
    assert found[0].at_least(3) <= found[1].at_least(3) <= 0.1
    assert what_fell(before, after) == []


@given(whole_panels(), st.randoms(use_true_random=False))
def test_the_order_in_which_answers_came_in_changes_nothing(testimony, chance):
    shuffled = list(testimony.responses)
    chance.shuffle(shuffled)
    again = replace(testimony, responses=tuple(shuffled))
    assert assess(ROOMS, again, "new") == assess(ROOMS, testimony, "new")


@given(whole_panels())
def test_the_same_submission_twice_counts_once(testimony):
    twice = replace(testimony, responses=testimony.responses * 2)
    assert assess(ROOMS, twice, "new") == assess(ROOMS, testimony, "new")


@given(whole_panels(), st.sampled_from(ASKED))
def test_a_dont_know_adds_no_knowledge(testimony, item):
    more = replace(testimony, responses=(*testimony.responses, person("NEW", {item: "dont_know"})))
    before, after = (assess(ROOMS, t, "new") for t in (testimony, more))
    assert after.items[item].probability == before.items[item].probability
    assert (after.items[item].low, after.items[item].high) == (0, 4)
    for was, now in zip(before.domains, after.domains, strict=True):
        assert now.bound_low <= was.bound_low
        assert now.bound_high >= was.bound_high


@given(whole_panels())
def test_every_interval_holds_its_level_and_every_probability_is_one(testimony):
    found = assess(ROOMS, testimony, "new")
    for item in found.items.values():
        assert sum(item.probability) == pytest.approx(1)
        assert min(item.probability) >= 0
    for domain in found.domains:
        assert 0 <= domain.low <= domain.level <= domain.high <= 4
        assert domain.bound_low <= domain.bound_high


def test_the_same_answers_give_the_same_numbers_and_an_answer_elsewhere_changes_no_other_domain():
    base = panel(person("A", dict.fromkeys(ASKED, 3)))
    assert assess(ROOMS, base, "new") == assess(ROOMS, base, "new")
    more = panel(person("A", {**dict.fromkeys(ASKED, 3), "TR-06": 0}))
    first, second = (assess(ROOMS, t, "new").by_domain for t in (base, more))
    assert first["operations"] == second["operations"]
    assert first["training"] != second["training"]


def test_uniforms_depend_on_seed_and_name_alone():
    assert (uniforms(1, "SC-01", 100) == uniforms(1, "SC-01", 200)[:100]).all()
    assert (uniforms(1, "SC-01", 100) != uniforms(1, "SC-02", 100)).any()
    assert (uniforms(1, "SC-01", 100) != uniforms(2, "SC-01", 100)).any()


# Ignorance.


def shrug(stage: str) -> tuple[Readiness, list[str]]:
    found = instrument()
    nobody = panel(
        *(person(f"R{n}", dict.fromkeys(found.items, "dont_know"), role=r) for n, r in enumerate(found.meta.roles))
    )
    readiness, gates = verdicts(found, nobody, stage)
    return readiness, [g.verdict for g in gates]


@pytest.mark.parametrize("stage", STAGES)
def test_where_nobody_knows_every_domain_is_unsettled_and_spans_its_whole_range(stage):
    """A domain of don't-knows spans its whole range.

    The draws alone would stop at 3: level 4 asks for 85 % of the items at the top, which by chance comes about in
    fewer than one in twenty, however mature the domain. Unanswered, the bounds are printed, and they assume nothing.
    """
    readiness, gates = shrug(stage)
    for domain in readiness.domains:
        assert (domain.low, domain.high, domain.bound_low, domain.bound_high) == (0, 4, 0, 4), domain.id
        assert not domain.settled, domain.id
        assert domain.role_median is None
        assert domain.share_answered == 0
    assert set(gates) == {"not shown"}


def test_ignorance_is_as_wide_when_a_domain_has_many_items_as_when_it_has_few():
    """Independent items would average their ignorance away and claim a narrow interval; a shared maturity does not."""
    training = ROOMS.domains[-1]
    nobody = panel(person("A", {"TR-01": "dont_know"}))
    spans = []
    for size in (4, 8, 13, 39):
        items = [item.model_copy(update={"id": f"TR-{n:02}"}) for n, item in enumerate((training.items * 3)[:size], 1)]
        cut = replace(ROOMS, domains=(training.model_copy(update={"items": items}),))
        found = assess(cut, nobody, "existing").domains[0]
        spans.append(found.high - found.low)
    assert min(spans) >= 3


def test_nobody_asked_and_everybody_ignorant_leave_the_same_wide_interval():
    silent, ignorant = (
        assess(instrument(), t, "new")
        for t in (panel(), panel(person("A", dict.fromkeys(instrument().items, "dont_know"))))
    )
    for was, now in zip(silent.domains, ignorant.domains, strict=True):
        assert (was.low, was.high, was.settled) == (now.low, now.high, now.settled)


def test_an_unknown_item_leans_towards_its_domain_but_stays_unknown():
    answered = person("A", {i.id: 4 for i in ROOMS.domains[0].items if i.id != "IR-07"})
    found = assess(ROOMS, panel(answered), "new").items["IR-07"]
    assert not found.known
    assert found.at_least(3) > 0.5
    assert (found.low, found.high) == (0, 4)


def test_what_was_seen_makes_an_item_known_whether_it_speaks_for_or_against():
    for supports in (True, False):
        found = assess(ROOMS, panel(evidence=[seen("IR-07", 3, supports=supports)]), "new").items["IR-07"]
        assert found.known, f"supports={supports}"


def test_evidence_that_has_expired_or_lies_in_the_future_weighs_nothing():
    nothing = assess(ROOMS, panel(), "new")
    for late in ({"valid_until": "2027-02-28"}, {"dated": "2027-03-02"}):
        assert assess(ROOMS, panel(evidence=[seen("IR-07", 3, **late)]), "new") == nothing
    assert assess(ROOMS, panel(evidence=[seen("IR-07", 3, valid_until=DAY)]), "new") != nothing


def test_what_does_not_apply_is_left_out_and_what_must_apply_cannot_be_waved_away():
    optional, needed = (next(i for i in ROOMS.items.values() if i.may_not_apply is may) for may in (True, False))
    said = {optional.id: "not_applicable", needed.id: "not_applicable"}
    found = assess(ROOMS, panel(person("A", said, role=optional.first_hand[0])), "new").items
    assert not found[optional.id].applies
    assert found[needed.id].applies


def test_a_domain_of_nothing_but_does_not_apply_is_not_assessed_rather_than_0_or_100():
    operations = next(d for d in ROOMS.domains if d.id == "operations")
    optional = operations.model_copy(update={"items": [i for i in operations.items if i.may_not_apply]})
    cut = replace(ROOMS, domains=(optional,))
    found = assess(cut, panel(person("A", {i.id: "not_applicable" for i in optional.items})), "new").domains[0]
    assert (found.low, found.high, found.settled, found.role_median) == (0, 4, False, None)


def test_a_later_submission_replaces_the_earlier_one_of_the_same_person_only():
    first = person("A", {"TR-06": 0}, day=DAY - timedelta(days=1))
    later = first.model_copy(
        update={"answers": {"TR-06": Answer(state="answered", value=4, sure="sure")}, "given_on": DAY}
    )
    tomorrow = first.model_copy(update={"given_on": DAY + timedelta(days=1)})
    (told,) = panel(tomorrow).too_late()
    assert told.startswith(f"1 submissions dated after as_of ({DAY}) do not count")
    assert assess(ROOMS, panel(later, tomorrow), "new") == assess(ROOMS, panel(later), "new")
    for both in (panel(first, later), panel(later, first)):
        assert assess(ROOMS, both, "new") == assess(ROOMS, panel(later), "new")
        assert assess(ROOMS, both, "new").items["TR-06"].answered == 1


def test_a_later_submission_that_leaves_a_question_empty_keeps_the_earlier_answer():
    first = person("A", {"TR-06": 4}, day=DAY - timedelta(days=1))
    later = person("A", {"TR-06": "blank", "OP-01": 2}, day=DAY)
    found = assess(ROOMS, panel(first, later), "new").items
    assert (found["TR-06"].low, found["OP-01"].low) == (4, 2)


def test_a_ruling_erases_no_answer():
    said = person("A", {"TR-06": 0})
    ruled = Ruling(id="TR-06", level=3, reason="the room heard both and agreed", decided_on=DAY)
    found = assess(ROOMS, panel(said, rulings=[ruled]), "new").items["TR-06"]
    assert found.low == 0
    assert found.at_least(3) > assess(ROOMS, panel(said), "new").items["TR-06"].at_least(3)


# Domain levels.


@pytest.mark.parametrize("level", range(5))
def test_a_domain_where_everybody_says_one_level_is_at_that_level(level):
    everybody = [person(f"P{n}", dict.fromkeys(ROOMS.items, level), role=role) for n, role in enumerate(ROLES)]
    for domain in assess(ROOMS, panel(*everybody), "new").domains:
        assert (domain.level, domain.bound_low, domain.bound_high, domain.role_median) == (level,) * 4
        assert domain.settled


def test_a_domain_climbs_only_while_the_weighted_share_reaches_each_threshold():
    scoring = instrument().scoring
    items = [i.model_copy(update={"weight": 1.0}) for i in ROOMS.domains[-1].items[:10]]
    rows = {
        (3,) * 8 + (0,) * 2: 3,  # eight of ten: 0.8 is enough for 3
        (3,) * 7 + (0,) * 3: 1,  # seven of ten: enough for 1 only
        (4,) * 8 + (0,) * 2: 3,  # 4 asks for 0.85
        (4,) * 9 + (0,): 4,
        (4,) * 6 + (0,) * 4: 0,  # brilliance here does not pay for nothing there
    }
    assert domain_level(np.array(list(rows)), items, scoring).tolist() == list(rows.values())
    assert domain_level(np.array(list(rows)), items, scoring, cap=2).tolist() == [min(2, r) for r in rows.values()]


def test_the_posterior_sums_maturity_out():
    """By hand for one item answered 3, fairly: P(k) proportional to T(3|k) times the sum of prior(k|m) over m."""
    scoring = instrument().scoring
    like = item_log_likelihood(scoring, [(3, "fairly", True, "a")], [])
    maturity, conditional = posterior(scoring, [like])
    spread = np.exp(-np.abs(LEVELS[:, None] - LEVELS[None, :]) / 1.2)
    prior = (spread / spread.sum(axis=1, keepdims=True)).sum(axis=0)
    by_hand = np.exp(like) * prior
    assert maturity @ conditional[0] == pytest.approx(by_hand / by_hand.sum())


def test_small_groups_are_never_shown_apart():
    three = [person(f"A{n}", {"TR-06": 3}, role="operator") for n in range(3)]
    two = [person(f"G{n}", {"TR-06": 0}, role="government") for n in range(2)]
    assert dict(assess(ROOMS, panel(*three, *two), "new").items["TR-06"].groups) == {"operator": 3.0}


def test_the_role_median_gives_each_role_one_voice():
    crowd = [person(f"A{n}", {"TR-06": 4}, role="advocate") for n in range(7)]
    others = [person("T", {"TR-06": 1}, role="training"), person("S", {"TR-06": 1}, role="supervisor")]
    assert assess(ROOMS, panel(*crowd, *others), "new").items["TR-06"].role_median == 1


def test_every_order_of_three_people_gives_the_same_result():
    three = [person(c, {"TR-06": n, "OP-01": 4 - n}) for n, c in enumerate("ABC")]
    found = [assess(ROOMS, panel(*order), "new") for order in permutations(three)]
    assert all(f == found[0] for f in found)
