"""The staffing plan as a whole: need, shifts, people, money and choices that agree with one another."""

from __future__ import annotations

import socket

import numpy as np
import pytest
from staffing_cases import ALWAYS, question

from hotline_catalyst.engagement import OptionEntry, launch_options
from hotline_catalyst.planning.calendar import Hours
from hotline_catalyst.planning.queueing import erlang_a_service_level
from hotline_catalyst.planning.staffing import StaffingPlan, plan_staffing


@pytest.fixture(scope="module")
def ruritania() -> StaffingPlan:
    """A new line of 9.4 million people, round the clock, by phone, text and e-mail, in English and French."""
    return plan_staffing(question(), launch_options()[-2:])


def test_a_plan_covers_its_need_and_says_what_service_that_gives(ruritania):
    asked = question()
    assert (ruritania.shift_plan.covered >= ruritania.need.on_shift).all()
    assert ruritania.night_on_shift == 2
    assert ruritania.open_hours_per_week == 168
    rate, covered = asked.demand.live_per_hour, ruritania.shift_plan.covered
    handle = asked.demand.handle_time_s
    levels = [float(erlang_a_service_level(int(n), r, handle, 120, 20)) for n, r in zip(covered, rate, strict=True)]
    assert ruritania.service_level == pytest.approx(np.average(levels, weights=rate))
    assert ruritania.service_level_erlang_c <= ruritania.service_level
    # The exact week differs by little where the line is quiet: two of many quarter-hours are never full for long.
    assert ruritania.service_level_exact == pytest.approx(ruritania.service_level, abs=0.01)
    assert ruritania.confirmed.reached >= ruritania.confirmed.promise


def test_people_money_and_options_tell_the_same_story(ruritania):
    asked = next(o for o in ruritania.options if o.chosen)
    assert (asked.advocates, asked.people) == (ruritania.people.advocates, ruritania.people.total)
    assert asked.annual_cost == ruritania.annual_cost == ruritania.budget.year(0)
    assert 0 < ruritania.annual_cost.low <= ruritania.annual_cost.likely <= ruritania.annual_cost.high
    assert ruritania.hiring is not None
    assert ruritania.people.hires_first_year == ruritania.hiring.hires_first_year
    needed = [m.needed for m in ruritania.hiring.months if m.month in (0, 12, 24)]
    assert needed == pytest.approx([p.full_time_advocates for p in ruritania.people_by_year])
    assert all(m.productive >= m.needed - 1e-9 for m in ruritania.hiring.months if m.month >= 0)
    assert sum(post.heads for post in ruritania.people.posts) == ruritania.people.total


def test_later_years_never_need_fewer_while_the_line_grows(ruritania):
    hours = [need.hours_per_week for need in ruritania.needs]
    assert hours == sorted(hours)
    assert [p.total for p in ruritania.people_by_year] == sorted(p.total for p in ruritania.people_by_year)


def test_shorter_hours_need_fewer_people_and_reach_fewer_callers(ruritania):
    chosen = next(o for o in ruritania.options if o.chosen)
    cheaper = next(o for o in ruritania.options if o.id == "daily_18")
    assert cheaper.people < chosen.people
    assert 0 < cheaper.share_served < chosen.share_served <= 1
    assert "24 hours a day needs" in cheaper.sentence


def test_growth_beyond_the_capacity_factor_breaks_the_promise():
    asked = question(demand__signals_per_100k=100)
    plan = plan_staffing(asked, [])
    rate, handle = asked.demand.live_per_hour, asked.demand.handle_time_s

    def kept(factor: float) -> bool:
        level = [
            float(erlang_a_service_level(int(n), r, handle, 120, 20))
            for n, r in zip(plan.shift_plan.covered, rate * factor, strict=True)
        ]
        return bool(np.average(level, weights=rate) >= 0.9)

    assert 1 < plan.capacity_factor < 10
    assert kept(plan.capacity_factor)
    assert not kept(plan.capacity_factor + 0.05)


def test_a_line_that_takes_only_messages_has_a_plan_without_nan():
    plan = plan_staffing(question(Hours(every_day="08:00-16:00"), channels=("email",), languages=("en",)), [])
    asked = next(o for o in plan.options if o.chosen)
    assert asked.share_served == 1
    assert plan.lines == 0
    assert float(plan.written.late_share) == 0
    assert "nan" not in " ".join([asked.sentence, *plan.stress.sentences])


def test_a_line_that_cannot_train_enough_people_in_time_says_so_and_still_has_a_plan():
    plan = plan_staffing(question(hiring_lead_months=1, class_size=4), [])
    assert plan.hiring is None
    assert plan.hiring_refused
    assert plan.people.hires_first_year > 0
    assert plan.annual_cost.likely > 0


def test_an_existing_line_hires_only_whom_it_lacks():
    new, old = (plan_staffing(question(already=n), []) for n in (0.0, 12.0))
    assert new.hiring is not None
    assert old.hiring is not None
    assert old.hiring.hires_first_year < new.hiring.hires_first_year


def test_planning_opens_no_socket(monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("staffing opened a connection")

    monkeypatch.setattr(socket, "socket", refuse)
    assert plan_staffing(question(Hours(monday="08:00-16:00")), [OptionEntry(id="a", title="A", hours=ALWAYS)])
