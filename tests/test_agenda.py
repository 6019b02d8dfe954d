"""Where to look next: small countries in which a reader can say what should be found out first."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from panel import instrument, only, panel, person, seen, verdicts

from hotline_catalyst.assessment.agenda import Look, look_next
from hotline_catalyst.assessment.findings import target_of
from hotline_catalyst.assessment.instrument import Condition, Gate, Instrument
from hotline_catalyst.assessment.responses import Testimony


def gate(ident: str, *needs: Condition, kind: str = "launch") -> Gate:
    return Gate.model_validate(
        {"id": ident, "title": ident, "kind": kind, "why": "because", "needs": {"all": list(needs)}, "source": "test"}
    )


def leaf(item: str, proof: str | None = None) -> Condition:
    return Condition(item=item, at_least=3, proof=proof)  # type: ignore[arg-type]


def looks(cut: Instrument, said: Testimony) -> Mapping[str, Look]:
    readiness, gates = verdicts(cut, said)
    targets = {i.id: target_of(cut, i, "new") for i in cut.items.values()}
    return {look.item: look for look in look_next(cut, readiness, gates, targets)}


TRAINING = ("TR-01", "TR-02", "TR-03", "TR-04", "TR-05")


def everybody_says(level: int, *leaving_out: str) -> Testimony:
    items = [i.id for i in only("training").items.values() if i.id not in leaving_out]
    return panel(*(person(f"P{n}", dict.fromkeys(items, level), role="training") for n in range(3)))


def test_the_one_thing_nobody_answered_comes_first_and_is_asked_of_its_owner():
    cut = only("training", gates=[gate("GX-1", leaf("TR-01"), leaf("TR-02"))])
    first = next(iter(looks(cut, everybody_says(3, "TR-02")).values()))
    assert (first.item, first.method) == ("TR-02", "ask")
    assert "GX-1" in first.gates
    assert instrument().items["TR-02"].ask in first.say
    assert first.roles == tuple(instrument().items["TR-02"].first_hand)


def test_where_people_agree_only_the_proof_is_missing_and_its_kind_says_how_to_get_it():
    cut = only("training", gates=[gate("GX-2", leaf("TR-01", "document")), gate("GX-3", leaf("TR-04", "observed"))])
    found = looks(cut, everybody_says(4))
    assert (found["TR-01"].method, found["TR-04"].method) == ("document", "visit")
    proven = looks(cut, Testimony(everybody_says(4).responses, (seen("TR-01", 3),), (), everybody_says(4).as_of))
    assert "GX-2" not in [g for look in proven.values() for g in look.gates]


def test_people_who_differ_are_brought_together():
    said = panel(
        *(person(f"A{n}", {"TR-01": 4}, role="training") for n in range(2)),
        *(person(f"B{n}", {"TR-01": 0}, role="training", organisation="other") for n in range(2)),
    )
    cut = only("training", gates=[gate("GX-4", leaf("TR-01"))])
    assert looks(cut, said)["TR-01"].method == "together"


def test_a_gate_that_is_met_or_refused_and_a_settled_domain_ask_for_nothing():
    cut = only("training", gates=[gate("GX-5", leaf("TR-01"))])
    for level in (0, 4):
        assert "GX-5" not in [g for look in looks(cut, everybody_says(level)).values() for g in look.gates]


def test_the_values_are_shares_of_all_that_is_open_and_the_list_is_sorted_by_value_a_day():
    found = list(looks(only("training", "operations"), everybody_says(2, *TRAINING)).values())
    assert sum(look.value for look in found) == pytest.approx(1, abs=1e-4)
    rates = [look.value / look.days for look in found]
    assert rates == sorted(rates, reverse=True)


def test_a_gate_with_one_thing_missing_puts_all_its_stake_on_it():
    four = ("TR-07", "TR-08", "TR-09", "TR-11")
    near, far = gate("GX-6", leaf("TR-01"), leaf("TR-06")), gate("GX-7", *(leaf(i) for i in four))
    found = looks(only("training", gates=[near, far]), everybody_says(4, "TR-06", *four))
    assert found["TR-06"].value > 2 * max(found[i].value for i in four)
