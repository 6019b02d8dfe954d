"""From load to posts, people and money: the published arithmetic, and the rule that bound each number."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from math import ceil

import numpy as np
import pytest
from scipy.optimize import brentq

from hotline_catalyst.engagement import default_parameters
from hotline_catalyst.planning.calendar import Hours, load_country, load_limits
from hotline_catalyst.planning.demand import Demand, Parameter, Span, plan_demand
from hotline_catalyst.planning.queueing import erlang_a_service_level, erlang_c_service_level, required
from hotline_catalyst.planning.shifts import Shift, ShiftPlan
from hotline_catalyst.planning.staffing import (
    OptionHours,
    StaffingPlan,
    Targets,
    cost_of,
    need_of,
    people_of,
    plan_staffing,
    round_up,
)

ALWAYS = Hours(every_day="00:00-24:00")
PROMISE = Targets(0.9, 20, 3, 120, 2, 0.65)


def steady(per_hour: float, handle_time_s: float = 1500) -> Demand:
    """The same load in every quarter-hour, and nothing that can wait."""
    week = np.full(672, per_hour)
    return Demand(
        annual=Span(1, 1, 1),
        live_per_hour=week,
        handle_time_s=handle_time_s,
        written_per_week=0,
        written_hours_per_week=0,
        follow_up_hours_per_week=0,
        band_per_hour=np.zeros((6, 2)),
        band_shares=(1,),
        day_weights=(1, 1),
        live_per_week=per_hour * 168,
        all_per_week=per_hour * 168,
        shares={"phone": 1},
        basis="test",
    )


def parameters(**changed: float) -> dict[str, Parameter]:
    """The toolkit's own figures for a country of 9.4 million; a word like ``shrinkage`` sets ``staffing.shrinkage``."""
    found = {
        i: Parameter(i, f.title, f.unit, f.low, f.likely, f.high, "default", False)
        for i, f in default_parameters().items()
    }
    found["demand.population"] = Parameter("demand.population", "", "", *[9.4e6] * 3, "test", False)
    for name, value in changed.items():
        ident = name.replace("__", ".") if "__" in name else f"staffing.{name}"
        found[ident] = replace(found[ident], low=value, likely=value, high=value)
    return found


def plan(hours: Hours, *, options: tuple[OptionHours, ...] = (), **changed: float) -> StaffingPlan:
    figures, country = parameters(**changed), load_country("XR")
    demand = plan_demand(figures, ["phone", "text", "email"], country.weekend, safe_migration=False)
    limits = load_limits("xr", date(2026, 11, 21))
    return plan_staffing(demand, hours, figures, country, limits, list(options))


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


def posts_round_the_clock(posts: int) -> ShiftPlan:
    kinds = tuple(Shift(f"S{h}", h * 60, 480, 0, h == 16) for h in (0, 8, 16))
    return ShiftPlan(kinds, np.full((3, 7), posts))


@pytest.mark.parametrize(("shrinkage", "published"), [(0.30, 12.0), (0.35, 12.9), (0.40, 14.0)])
def test_two_posts_round_the_clock_need_the_published_number_of_people(shrinkage, published):
    people = people_of(steady(0), posts_round_the_clock(2), parameters(shrinkage=shrinkage, contract_hours=40), 0.65)
    assert people.on_shift_hours_per_week == 336
    assert people.advocates == ceil(published)
    # A hundred times as many posts show the decimals that whole people hide.
    many = people_of(steady(0), posts_round_the_clock(200), parameters(shrinkage=shrinkage, contract_hours=40), 0.65)
    assert many.advocates / 100 == pytest.approx(published, abs=0.05)


def test_binary_rounding_never_adds_a_person():
    assert ceil(21 / (1 - 0.3)) == 31, "the trap is real"
    assert round_up(21 / (1 - 0.3)) == 30
    assert round_up(30.001) == 31


def test_work_that_can_wait_fills_quiet_time_before_it_needs_people():
    shifts = posts_round_the_clock(2)  # 336 hours, of which 65 % may be contact
    quiet = replace(steady(0), follow_up_hours_per_week=218.0)
    assert people_of(quiet, shifts, parameters(), 0.65).offline_hours_per_week == 0
    busy = replace(quiet, follow_up_hours_per_week=218.4 + 65)
    assert people_of(busy, shifts, parameters(), 0.65).offline_hours_per_week == pytest.approx(100)


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


def test_closed_hours_need_nobody_whatever_would_arrive():
    need = need_of(steady(24), Hours(monday="08:00-16:00"), PROMISE)
    closed = np.array([b == "closed" for b in need.bound_by])
    assert closed.sum() == 672 - 32
    assert not need.on_shift[closed].any()


def test_each_number_is_the_largest_of_the_three_rules_and_names_one_that_set_it():
    demand = replace(steady(0), live_per_hour=np.linspace(0, 30, 672))
    need = need_of(demand, ALWAYS, PROMISE)
    rules = {"load": need.by_load, "occupancy": need.by_occupancy, "minimum cover": np.full(672, 2)}
    assert np.array_equal(need.on_shift, np.maximum.reduce(list(rules.values())))
    assert {"minimum cover", "load"} <= set(need.bound_by)
    assert all(rules[name][q] == need.on_shift[q] for q, name in enumerate(need.bound_by))
    # Where load asks for no more than minimum cover gives anyway, it is not what binds.
    assert all(need.by_load[q] > 2 for q, name in enumerate(need.bound_by) if name == "load")


def test_costs_are_ordered_and_grow_with_nights():
    people = people_of(steady(1), posts_round_the_clock(2), parameters(), 0.65)
    day, night = (cost_of(people, share, parameters(), income_per_head=1000) for share in (0, 0.4))
    assert 0 < day.low <= day.likely <= day.high
    assert day.likely < night.likely


def test_the_cost_is_pay_and_charges_and_running_costs():
    figures = parameters()
    money = {i.removeprefix("cost."): p.likely for i, p in figures.items() if i.startswith("cost.")}
    people = people_of(steady(1), posts_round_the_clock(2), figures, 0.65)
    heads = (
        people.advocates * (1 + 0.25 * money["night_premium"])
        + people.supervisors * money["supervisor_multiple"]
        + people.support * money["support_multiple"]
    )
    bill = heads * 1000 * money["pay_multiple"] * (1 + money["on_costs"]) * (1 + money["running_share"])
    assert cost_of(people, 0.25, figures, income_per_head=1000).likely == pytest.approx(bill)


def test_a_plan_covers_its_need_and_says_what_service_that_gives():
    staffing = plan(ALWAYS)
    assert (staffing.shift_plan.covered >= staffing.need.on_shift).all()
    assert staffing.night_on_shift == 2
    assert staffing.annual_cost.low <= staffing.annual_cost.likely <= staffing.annual_cost.high
    assert staffing.open_hours_per_week == 168
    demand = plan_demand(parameters(), ["phone", "text", "email"], ["saturday", "sunday"], safe_migration=False)
    levels = [
        float(erlang_a_service_level(int(n), rate, demand.handle_time_s, 120, 20))
        for n, rate in zip(staffing.shift_plan.covered, demand.live_per_hour, strict=True)
    ]
    assert staffing.service_level == pytest.approx(np.average(levels, weights=demand.live_per_hour))
    assert staffing.service_level_erlang_c <= staffing.service_level
    assert staffing.service_level >= 0.9


def test_more_shrinkage_needs_more_people_and_more_money():
    little, much = plan(ALWAYS, shrinkage=0.25), plan(ALWAYS, shrinkage=0.45)
    assert little.people.advocates < much.people.advocates
    assert little.annual_cost.likely < much.annual_cost.likely


def test_growth_beyond_the_capacity_factor_breaks_the_promise():
    staffing = plan(ALWAYS, demand__signals_per_100k=100)
    figures = parameters(demand__signals_per_100k=100)
    demand = plan_demand(figures, ["phone", "text", "email"], ["saturday", "sunday"], safe_migration=False)

    def kept(factor: float) -> bool:
        rate = demand.live_per_hour * factor
        level = [
            float(erlang_a_service_level(int(n), r, demand.handle_time_s, 120, 20))
            for n, r in zip(staffing.shift_plan.covered, rate, strict=True)
        ]
        return bool(np.average(level, weights=rate) >= 0.9)

    assert 1 < staffing.capacity_factor < 10
    assert kept(staffing.capacity_factor)
    assert not kept(staffing.capacity_factor + 0.05)


def test_shorter_hours_need_fewer_people_and_reach_fewer_callers():
    days = OptionHours("days", "Days", Hours(every_day="08:00-20:00"))
    chosen, cheaper = sorted(plan(ALWAYS, options=(days,)).options, key=lambda o: -o.advocates)
    assert chosen.chosen
    assert chosen.share_served == 1
    assert cheaper.advocates < chosen.advocates
    assert 0 < cheaper.share_served < 1
    assert "fewer people than what was asked for" in cheaper.sentence


def test_a_line_that_takes_only_messages_has_a_plan_without_nan():
    figures, country = parameters(), load_country("XR")
    demand = plan_demand(figures, ["email"], country.weekend, safe_migration=False)
    limits = load_limits("xr", date(2026, 11, 21))
    staffing = plan_staffing(demand, Hours(every_day="08:00-16:00"), figures, country, limits, [])
    assert staffing.options[0].share_served == 1
    assert "nan" not in staffing.options[0].sentence
