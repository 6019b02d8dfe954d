"""The list on call: every day somebody who can be, no more days in a row than agreed, and fairly over the months."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby

from hotline_catalyst.planning.rostering.on_call import on_call
from hotline_catalyst.planning.rostering.prices import load_prices
from hotline_catalyst.planning.rostering.records import Advocate, Assignment, Past

START = date(2027, 10, 4)  # a Monday
DAYS = [START + timedelta(days=n) for n in range(28)]
RULES = load_prices().on_call
assert RULES is not None
WEEKEND = ("saturday", "sunday")
ONE, TWO, THREE = (Advocate(code, 40, ("en",), True) for code in ("S1", "S2", "S3"))


def test_every_day_has_somebody_and_days_and_weekends_are_shared():
    rota = on_call([ONE, TWO, THREE], DAYS, RULES, weekend=WEEKEND)
    assert list(rota) == DAYS
    assert set(Counter(rota.values()).values()) <= {9, 10}
    weekends = Counter(code for day, code in rota.items() if day.weekday() >= 5)
    assert set(weekends.values()) <= {2, 3}
    assert max(len(list(run)) for _, run in groupby(rota.values())) <= RULES.most_in_row.days


def test_nobody_is_on_call_on_leave_before_the_first_day_or_round_an_own_night():
    away = replace(ONE, leave=frozenset(DAYS[:10]))
    new = replace(TWO, first_day=DAYS[14])
    night = Assignment(DAYS[20], "N", "S3")
    rota = on_call([away, new, THREE], DAYS, RULES, nights=[night])
    assert "S1" not in {rota[day] for day in DAYS[:10]}
    assert "S2" not in {rota[day] for day in DAYS[:14]}
    assert "S3" not in {rota[DAYS[20]], rota[DAYS[21]]}
    assert list(rota) == DAYS


def test_a_single_supervisor_is_called_longer_rather_than_nobody():
    away = replace(ONE, leave=frozenset({DAYS[3]}))
    rota = on_call([away], DAYS, RULES)
    assert list(rota) == [day for day in DAYS if day != DAYS[3]]
    assert on_call([], DAYS, RULES) == {}
    assert on_call([ONE], [], RULES) == {}


def test_holidays_and_days_before_are_made_up_for():
    before = [START - timedelta(days=n) for n in range(1, 29)]
    # S1 had every one of four weeks, a holiday among them; S2 had none.
    past = Past(first=before[-1], on_call=dict.fromkeys(before, "S1"), holidays=frozenset({before[5]}))
    rota = on_call([ONE, TWO, THREE], DAYS, RULES, past=past, holidays=[DAYS[9]])
    counts = Counter(rota.values())
    assert counts["S1"] < counts["S2"]
    assert rota[DAYS[9]] != "S1"
    assert rota[DAYS[0]] != "S1"  # four weeks in a row are more than enough
    new = on_call([replace(TWO, first_day=START), THREE], DAYS, RULES, past=replace(past, on_call={}))
    assert set(Counter(new.values()).values()) == {14}


def test_half_the_hours_bring_half_the_days_and_the_list_repeats():
    team = [ONE, replace(TWO, hours_per_week=20)]
    rota = on_call(team, DAYS[:27], RULES)
    assert Counter(rota.values()) == {"S1": 18, "S2": 9}
    assert on_call(team, DAYS[:27], RULES) == rota
