"""From load to advocates on shift: each quarter-hour has what its strictest rule asks for, and names that rule."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq
from staffing_cases import ALWAYS, demand_of, figures, rates, steady

from hotline_catalyst.planning.calendar import Hours
from hotline_catalyst.planning.need import RULES, Need, Targets, need_of, targets_of
from hotline_catalyst.planning.queueing import erlang_c_service_level, required

PROMISE = Targets(0.9, 20, 3, 120, 2, 0.65)


def rule_numbers(need: Need) -> dict[str, np.ndarray]:
    """What each rule asks for, by its name."""
    return {
        "minimum cover": np.full(672, need.minimum),
        "supervisor": need.by_supervisor,
        "load": need.by_load,
        "text and chat": need.by_text,
        "occupancy": need.by_occupancy,
        "language": need.by_language,
    }


@pytest.mark.parametrize(
    ("minutes", "a_year", "a_day"), [(15, 9300, 25), (20, 7000, 19), (30, 4700, 13), (40, 3500, 10)]
)
def test_two_on_duty_carry_what_the_published_table_says(minutes, a_year, a_day):
    # DOMAIN 2.6; its volumes are rounded by up to 2.1 %.
    def level(contacts_a_year: float) -> float:
        return float(erlang_c_service_level(2, contacts_a_year / 365 * 0.08, minutes * 60, 20))

    most = brentq(lambda contacts: level(contacts) - 0.9, 100, 50_000)
    assert most == pytest.approx(a_year, rel=0.022)
    assert abs(most / 365 - a_day) < 0.6
    assert round(level(a_year), 2) == 0.9
    assert required(most * 0.999 / 365 * 0.08, minutes * 60, 20, 0.9, None) == [2]
    assert required(most * 1.001 / 365 * 0.08, minutes * 60, 20, 0.9, None) == [3]


def test_a_quiet_line_is_bound_by_minimum_cover():
    need = need_of(steady(0.1), ALWAYS, PROMISE)
    assert set(need.bound_by) == {"minimum cover"}
    assert set(need.on_shift.tolist()) == {2}


def test_a_tight_promise_is_bound_by_load():
    need = need_of(steady(4.8), ALWAYS, PROMISE)  # 2 erlangs
    assert set(need.bound_by) == {"load"}
    assert set(need.on_shift.tolist()) == set(need.by_load.tolist()) == {5}


def test_a_loose_promise_on_a_busy_line_is_bound_by_occupancy():
    need = need_of(steady(24), ALWAYS, Targets(0.5, 120, 3, 300, 2, 0.5))  # 10 erlangs, half the time in contact
    assert set(need.bound_by) == {"occupancy"}
    assert set(need.on_shift.tolist()) == {20}
    assert need.by_load.max() < 20


def test_one_may_answer_alone_only_while_a_supervisor_is_there():
    alone = replace(PROMISE, minimum_cover=1, minimum_without_supervisor=2, supervisor_from=8, supervisor_to=20)
    need = need_of(steady(0.01), ALWAYS, alone)
    hours = np.arange(672) % 96 / 4
    by_day = (hours >= 8) & (hours < 20)
    assert set(need.on_shift[by_day].tolist()) == {1}
    assert set(need.on_shift[~by_day].tolist()) == {2}
    assert {b for b, day in zip(need.bound_by, by_day, strict=True) if not day} == {"supervisor"}
    assert set(need.supervisors[by_day].tolist()) == {1}
    assert set(need.supervisors[~by_day].tolist()) == {0}, "one is on call"


def test_a_language_that_few_can_speak_asks_for_more_people_unless_interpreters_help():
    both = replace(steady(3.0), languages={"en": 0.5, "fr": 0.5})
    everybody = need_of(both, ALWAYS, PROMISE)
    few = need_of(both, ALWAYS, replace(PROMISE, versatile=0.3, interpreters=False))
    helped = need_of(both, ALWAYS, replace(PROMISE, versatile=0.3))
    assert everybody.on_shift[0] == everybody.by_load[0]
    assert few.on_shift[0] > everybody.on_shift[0]
    assert set(few.bound_by) == {"language"}
    assert few.speakers["fr"][0] >= 1
    assert everybody.on_shift[0] <= helped.on_shift[0] <= few.on_shift[0]


def test_closed_hours_need_nobody_whatever_would_arrive():
    need = need_of(steady(24), Hours(monday="08:00-16:00"), PROMISE)
    closed = np.array([b == "closed" for b in need.bound_by])
    assert closed.sum() == 672 - 32
    for count in (need.on_shift, need.supervisors, need.by_language, *need.speakers.values()):
        assert not count[closed].any()


def test_each_number_is_the_largest_of_the_rules_and_names_the_first_that_set_it():
    need = need_of(rates(np.linspace(0, 30, 672)), ALWAYS, PROMISE)
    numbers = rule_numbers(need)
    assert np.array_equal(need.on_shift, np.maximum.reduce(list(numbers.values())))
    assert {"minimum cover", "load"} <= set(need.bound_by)
    for quarter, name in enumerate(need.bound_by):
        first = next(rule for rule in RULES if numbers[rule][quarter] == need.on_shift[quarter])
        assert name == first


def test_what_the_simulated_week_adds_is_named_and_counted():
    need = need_of(steady(0.1), ALWAYS, PROMISE)
    added = np.zeros(672, dtype=np.int64)
    added[40:44] = 1
    more = need_of(steady(0.1), ALWAYS, PROMISE, added=added)
    assert more.hours_per_week == need.hours_per_week + 1
    assert [b for b in more.bound_by if b != "minimum cover"] == ["simulated week"] * 4
    assert np.array_equal(more.speakers["en"], more.on_shift), "everybody speaks the first language"


def test_staffing_is_planned_for_busy_days_and_for_people_who_call_again():
    usual = demand_of(figures(demand__signals_per_100k=60))
    calm = demand_of(figures(demand__signals_per_100k=60, demand__day_factor_cv=0, demand__redial_share=0))
    targets = targets_of(figures())
    assert usual.planned_factor > 1 == calm.planned_factor
    assert need_of(usual, ALWAYS, targets).hours_per_week > need_of(calm, ALWAYS, targets).hours_per_week


@given(
    per_hour=st.floats(0, 20),
    more=st.floats(1, 3),
    minutes=st.floats(5, 60),
    share=st.sampled_from([0.7, 0.8, 0.9]),
)
def test_more_demand_longer_contacts_or_a_tighter_promise_never_lower_the_need(per_hour, more, minutes, share):
    targets = replace(PROMISE, voice_share=share)
    base = need_of(steady(per_hour, minutes * 60), ALWAYS, targets).on_shift[0]
    assert need_of(steady(per_hour * more, minutes * 60), ALWAYS, targets).on_shift[0] >= base
    assert need_of(steady(per_hour, minutes * 60 * more), ALWAYS, targets).on_shift[0] >= base
    assert need_of(steady(per_hour, minutes * 60), ALWAYS, replace(targets, voice_share=0.95)).on_shift[0] >= base
