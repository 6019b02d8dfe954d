"""Shift design: the week is covered, the law is kept, and people can remember their shifts."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from hotline_catalyst.errors import NoPlanError
from hotline_catalyst.planning.calendar import Hours, load_country, load_limits
from hotline_catalyst.planning.shifts import Shift, ShiftPlan, candidates, design

COUNTRIES = ("XR", "MX", "MR")


def designed(code: str, need: np.ndarray, handover: int = 15) -> ShiftPlan:
    country = load_country(code)
    limits = load_limits(country.working_time, date(2026, 11, 21))
    return design(need, country, limits, shortest_h=6, handover=handover, variety_hours=6, unsocial_hours=1)


def two_during(**hours: str) -> np.ndarray:
    return 2 * Hours(**hours).open_quarters.astype(np.int64)


def busy_days() -> np.ndarray:
    """Two at night, five in the afternoon, one fewer by day at the weekend."""
    day = np.repeat([2, 2, 2, 2, 2, 2, 3, 3, 3, 4, 5, 5, 5, 5, 5, 5, 4, 4, 4, 4, 3, 3, 3, 2], 4)
    return np.concatenate([np.tile(day, 5), np.tile(np.maximum(2, day - 1), 2)])


WEEKS = {
    "round the clock": two_during(every_day="00:00-24:00"),
    "days": two_during(every_day="07:00-23:00"),
    "busy days": busy_days(),
    "weekend nights": two_during(friday="18:00-02:00", saturday="18:00-02:00", sunday="18:00-06:00"),
    "over Sunday midnight": two_during(sunday="21:00-07:00"),
}


def on_shift(plan: ShiftPlan) -> np.ndarray:
    """Count people in each quarter-hour the slow way, minute by minute."""
    there = np.zeros(672, dtype=int)
    for shift, counts in zip(plan.shifts, plan.counts, strict=True):
        for day, count in enumerate(counts):
            for minute in range(shift.start, shift.start + shift.cover, 15):
                there[((day * 1440 + minute) // 15) % 672] += count
    return there


@pytest.mark.parametrize("code", COUNTRIES)
@pytest.mark.parametrize("week", WEEKS)
def test_every_quarter_hour_of_the_week_has_the_people_it_needs(code, week):
    plan = designed(code, WEEKS[week])
    assert (on_shift(plan) >= WEEKS[week]).all()
    assert np.array_equal(plan.covered, on_shift(plan))


def test_a_sunday_night_is_covered_until_monday_morning():
    plan = designed("XR", WEEKS["over Sunday midnight"])
    assert (on_shift(plan)[:28] >= 2).all()  # Monday 00:00 to 07:00
    assert plan.counts[:, 6].sum() > 0
    assert plan.counts[:, 1:6].sum() == 0


def night_minutes(shift: Shift, first: int, last: int) -> int:
    return sum(minute % 1440 >= first * 60 or minute % 1440 < last * 60 for minute in range(shift.start, shift.end))


def test_mexicos_night_shifts_are_at_most_seven_paid_hours_and_mixed_ones_seven_and_a_half():
    # Federal labour law: night 20:00 to 06:00; 3.5 night hours make a night shift; a mixed shift has some fewer.
    country, limits = load_country("MX"), load_limits("mx", date(2026, 11, 21))
    allowed = list(candidates(country, limits, shortest_h=6, handover=15))
    used = [shift for week in WEEKS.values() for shift in designed("MX", week).shifts]
    for shift in allowed + used:
        minutes = night_minutes(shift, 20, 6)
        longest_h = 7 if minutes >= 210 else 7.5 if minutes else 8
        assert shift.paid / 60 <= longest_h, shift.text
        assert shift.night == (minutes >= 210), shift.text
    assert any(s.paid == 480 for s in allowed)
    assert any(s.night for s in used)


def test_where_handover_comes_on_top_eight_hours_are_answered_and_the_handover_paid():
    plan = designed("XR", WEEKS["round the clock"])
    assert {(s.cover, s.handover) for s in plan.shifts} == {(480, 15)}
    assert plan.paid_hours_per_week == 2 * 3 * 7 * 8.25


@pytest.mark.parametrize("code", COUNTRIES)
def test_a_steady_line_has_the_fewest_kinds_of_shift_the_law_allows(code):
    plan = designed(code, WEEKS["round the clock"])
    # Eight hours need three kinds; seven at night need four.
    assert len(plan.shifts) == (3 if code == "XR" else 4)
    assert (plan.counts == 2).all()


def test_a_busy_week_is_covered_with_few_kinds_and_little_waste():
    plan = designed("XR", WEEKS["busy days"])
    assert len(plan.shifts) <= 8
    assert plan.paid_hours_per_week <= 1.05 * WEEKS["busy days"].sum() / 4


def test_a_distinct_kind_that_costs_nothing_gives_no_fewer_kinds():
    country, limits = load_country("XR"), load_limits("xr", date(2026, 11, 21))
    kinds = [
        len(
            design(
                WEEKS["busy days"], country, limits, shortest_h=6, handover=15, variety_hours=v, unsocial_hours=1
            ).shifts
        )
        for v in (0, 6, 60)
    ]
    assert kinds[0] >= kinds[1] >= kinds[2]
    assert kinds[2] < kinds[0]


def test_the_same_week_gives_the_same_shifts():
    first, again = designed("MX", WEEKS["busy days"]), designed("MX", WEEKS["busy days"])
    assert first.shifts == again.shifts
    assert np.array_equal(first.counts, again.counts)


def test_a_closed_line_has_no_shifts():
    plan = designed("XR", np.zeros(672, dtype=np.int64))
    assert plan.shifts == ()
    assert plan.paid_hours_per_week == 0


def test_rules_that_leave_no_shift_are_refused_with_a_sentence():
    country, limits = load_country("XR"), load_limits("xr", date(2026, 11, 21))
    with pytest.raises(NoPlanError, match="allow no shift at all"):
        design(WEEKS["days"], country, limits, shortest_h=9, handover=15, variety_hours=6, unsocial_hours=1)
