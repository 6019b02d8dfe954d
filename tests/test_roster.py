"""The roster: hard rules never give way, gaps are said aloud, and an independent checker judges every plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from hotline_catalyst.planning import roster as rosters
from hotline_catalyst.planning.calendar import Hours, Limit, load_country, load_limits
from hotline_catalyst.planning.roster import anonymous_posts, check, plan_roster
from hotline_catalyst.planning.rostering.records import Advocate, Assignment, Roster
from hotline_catalyst.planning.shifts import Shift, ShiftPlan, design

START = date(2027, 2, 1)  # a Monday
DAY = Shift("D", 8 * 60, 480, 15, night=False)
LATE = Shift("L", 15 * 60, 480, 15, night=False)
NIGHT = Shift("N", 22 * 60, 480, 15, night=True)
BASE = load_limits("base", date(2026, 11, 21))
WEEKEND = ("saturday", "sunday")


@pytest.fixture(autouse=True)
def little_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small part of the solver's work is enough for teams this small."""
    monkeypatch.setattr(rosters, "WELLNESS_WORK", 0.5)


def team(size: int, hours: float = 40) -> list[Advocate]:
    return [Advocate(f"A{n + 1}", hours, ("en",)) for n in range(size)]


def planned(
    counts: Mapping[Shift, Sequence[int]],
    people: Sequence[Advocate],
    limits: dict[str, Limit] = BASE,
    second_languages: Sequence[str] = (),
) -> Roster:
    plan = ShiftPlan(tuple(counts), np.array(list(counts.values()), dtype=np.int64))
    return plan_roster(
        plan,
        people,
        limits,
        START,
        {},
        off_queue_share=0.12,
        second_languages=second_languages,
        weekend=WEEKEND,
        anonymous=False,
    )


def hard(roster: Roster) -> list[str]:
    return [v.rule for v in roster.violations if v.hard]


# The checker, on rosters written by hand.


def by_hand(person: Advocate, *worked: tuple[int, Shift], weekend: tuple[str, ...] = WEEKEND) -> Roster:
    """One person's four weeks: (day from the start, shift)."""
    return Roster(
        start=START,
        shifts=(DAY, LATE, NIGHT),
        needed=np.zeros((28, 3), dtype=np.int64),
        people=(person,),
        assignments=tuple(Assignment(START + timedelta(days=d), s.id, person.code) for d, s in worked),
        on_call={},
        uncovered_hours=0,
        violations=(),
        holidays={},
        weekend=weekend,
        anonymous=False,
        status="by hand",
    )


def faults(roster: Roster) -> set[str]:
    return {v.rule for v in check(roster, BASE) if v.hard}


ANNA = Advocate("ANNA", 40, ("en",))
AT_LEAVE = replace(ANNA, leave=frozenset({START + timedelta(days=3)}))
NO_NIGHTS = replace(ANNA, nights=False)
PLANTED = {
    "daily_rest_hours": (ANNA, [(0, LATE), (1, DAY)]),  # 23:15 to 08:00
    "consecutive_days_limit": (ANNA, [(d, DAY) for d in (2, 3, 4, 5, 6, 7, 8)]),
    "consecutive_nights_limit": (ANNA, [(d, NIGHT) for d in (0, 1, 2, 3)]),
    "days_off_after_nights": (ANNA, [(0, NIGHT), (2, DAY)]),
    "weekly_hours_limit": (ANNA, [(d, DAY) for d in range(6)]),  # 49.5 hours
    "leave": (AT_LEAVE, [(3, DAY)]),
    "nights": (NO_NIGHTS, [(3, NIGHT)]),
}


@pytest.mark.parametrize("rule", PLANTED)
def test_the_checker_catches_the_rule_that_was_broken_and_no_other(rule):
    person, worked = PLANTED[rule]
    assert faults(by_hand(person, *worked)) == {rule}


KEPT = {
    "daily_rest_hours": (ANNA, [(0, DAY), (1, LATE)]),
    "consecutive_days_limit": (ANNA, [(d, DAY) for d in (2, 3, 4, 5, 6, 7)]),
    "consecutive_nights_limit": (ANNA, [(d, NIGHT) for d in (0, 1, 2)]),
    "days_off_after_nights": (ANNA, [(0, NIGHT), (3, DAY)]),
    "weekly_hours_limit": (ANNA, [(d, DAY) for d in range(5)]),
    "leave": (AT_LEAVE, [(4, DAY)]),
    "nights": (NO_NIGHTS, [(3, LATE)]),
}


@pytest.mark.parametrize("rule", KEPT)
def test_the_checker_lets_pass_what_just_keeps_the_rule(rule):
    person, worked = KEPT[rule]
    assert faults(by_hand(person, *worked)) == set()


def test_two_shifts_on_one_day_are_no_rest():
    assert "daily_rest_hours" in faults(by_hand(ANNA, (0, DAY), (0, LATE)))


def test_wellness_limits_are_told_but_break_no_roster():
    tired = by_hand(ANNA, *[(week * 7 + d, DAY) for week in range(4) for d in (0, 2, 5)], (8, NIGHT))
    told = {v.rule: v.hard for v in check(tired, BASE)}
    assert told["free_weekends_of_four"] is False
    nights = check(by_hand(ANNA, (0, NIGHT), (3, DAY)), BASE)
    assert {v.rule: v.hard for v in nights} == {"night_share_limit": False}


def test_a_free_weekend_is_counted_by_the_countrys_own_weekend():
    worked = [(week * 7 + 6, DAY) for week in range(4)]  # every Sunday
    western = check(by_hand(ANNA, *worked), BASE)
    eastern = check(by_hand(ANNA, *worked, weekend=("friday", "saturday")), BASE)
    assert [v.rule for v in western] == ["free_weekends_of_four"]
    assert eastern == []


# The planner.


@pytest.mark.parametrize("code", ["XR", "MX", "MR"])
def test_the_planners_own_roster_keeps_every_hard_rule_of_each_example_country(code):
    country = load_country(code)
    limits = load_limits(country.working_time, date(2026, 11, 21))
    need = Hours(every_day="16:00-24:00", saturday="16:00-06:00").open_quarters.astype(np.int64)
    plan = design(need, country, limits, shortest_h=6, handover=15, variety_hours=6, unsocial_hours=1)
    people = [*team(3), replace(AT_LEAVE, code="A4"), replace(NO_NIGHTS, code="A5"), Advocate("S", 40, (), True)]
    roster = plan_roster(
        plan, people, limits, START, {}, off_queue_share=0.12, second_languages=[], weekend=WEEKEND, anonymous=False
    )
    assert hard(roster) == []
    assert [v for v in check(roster, limits) if v.hard] == []
    assert roster.uncovered_hours == 0
    assert roster.covers_every_hour


def test_every_shift_gets_exactly_the_people_it_needs():
    roster = planned({DAY: [2, 1, 1, 1, 1, 0, 0], LATE: [1, 1, 1, 1, 1, 0, 0]}, team(4))
    given = Counter((a.day, a.shift) for a in roster.assignments)
    assert all(given[day, "D"] == (2, 1, 1, 1, 1, 0, 0)[day.weekday()] for day in roster.days)
    assert all(given[day, "L"] == (1, 1, 1, 1, 1, 0, 0)[day.weekday()] for day in roster.days)
    assert roster.uncovered_hours == 0


def test_nobody_is_sent_to_a_closed_line():
    # Many people and few shifts: fairness would gladly give everybody one more.
    roster = planned({DAY: [1, 0, 0, 0, 0, 0, 0], LATE: [0, 1, 0, 0, 0, 0, 0]}, team(6))
    assert len(roster.assignments) == 8
    assert {(a.day.weekday(), a.shift) for a in roster.assignments} == {(0, "D"), (1, "L")}


def test_one_person_cannot_staff_a_line_and_the_roster_says_how_much_is_open():
    # 40 hours x 4 weeks x 0.88 gives 17 shifts of 8.25 paid hours out of 28.
    roster = planned({DAY: [1] * 7}, team(1))
    assert len(roster.assignments) == 17
    assert roster.uncovered_hours == 11 * 8
    assert not roster.covers_every_hour
    assert hard(roster) == []


def test_too_few_people_round_the_clock_leave_hours_open_and_break_no_rule():
    roster = planned({DAY: [1] * 7, LATE: [1] * 7, NIGHT: [1] * 7}, [*team(2), Advocate("S", 40, (), True)])
    assert hard(roster) == []
    assert roster.uncovered_hours >= (28 * 3 - 2 * 17) * 8
    assert not roster.covers_every_hour


def test_nobody_at_all_leaves_everything_open():
    roster = planned({DAY: [1] * 7}, [])
    assert roster.uncovered_hours == 28 * 8
    assert roster.assignments == ()


def test_leave_and_nights_not_agreed_are_respected():
    away = frozenset(START + timedelta(days=n) for n in range(7))
    people = [*team(3), Advocate("DAYS", 40, ("en",), nights=False), Advocate("AWAY", 40, ("en",), leave=away)]
    roster = planned({DAY: [1] * 7, NIGHT: [0, 0, 0, 0, 1, 1, 0]}, people)
    assert not any(a.person == "DAYS" and a.shift == "N" for a in roster.assignments)
    assert not any(a.person == "AWAY" and a.day in away for a in roster.assignments)
    assert roster.uncovered_hours == 0


def test_a_second_language_is_on_every_shift_when_the_team_can_give_it():
    people = [Advocate(f"F{n}", 40, ("en", "fr")) for n in range(2)] + team(2)
    roster = planned({DAY: [2] * 5 + [0, 0]}, people, second_languages=["fr"])
    by_shift: dict[date, list[str]] = {}
    for a in roster.assignments:
        by_shift.setdefault(a.day, []).append(a.person)
    assert len(by_shift) == 20
    assert all(any(p.startswith("F") for p in there) for there in by_shift.values())


def test_nights_are_shared_and_a_colleague_with_leave_gets_no_more_than_the_rest():
    away = frozenset(START + timedelta(days=n) for n in range(7, 12))
    people = [*team(4), Advocate("AWAY", 40, ("en",), leave=away)]
    roster = planned({NIGHT: [0, 0, 0, 0, 1, 1, 0]}, people)
    nights = Counter(a.person for a in roster.assignments)
    assert sum(nights.values()) == 8
    assert max(nights.values()) <= 2


def test_half_the_hours_bring_half_the_shifts():
    roster = planned({DAY: [2] * 5 + [0, 0]}, [*team(3), Advocate("HALF", 20, ("en",))])
    shifts = Counter(a.person for a in roster.assignments)
    assert shifts["HALF"] == pytest.approx(40 * 20 / 140, abs=1)
    assert all(shifts[f"A{n}"] == pytest.approx(40 * 40 / 140, abs=1) for n in (1, 2, 3))


def test_somebody_is_on_call_each_day_and_nobody_while_on_leave():
    away = frozenset(START + timedelta(days=n) for n in range(10))
    leads = [Advocate("S1", 40, ("en",), True, leave=away), Advocate("S2", 40, ("en",), True)]
    roster = planned({DAY: [1] * 5 + [0, 0]}, [*team(2), *leads])
    assert list(roster.on_call) == roster.days
    assert {roster.on_call[day] for day in away} == {"S2"}
    assert "S1" in roster.on_call.values()
    assert not any(a.person.startswith("S") for a in roster.assignments)


def test_the_same_team_gets_the_same_roster():
    counts = {DAY: [1] * 7, LATE: [1, 1, 1, 1, 1, 0, 0], NIGHT: [0, 0, 0, 0, 1, 1, 0]}
    first, again = planned(counts, team(5)), planned(counts, team(5))
    assert first.assignments == again.assignments
    assert first.status == again.status


def test_posts_without_names_cover_the_languages():
    posts = anonymous_posts(9, 40, ["ar", "fr"], supervisors=2)
    assert len(posts) == 11
    assert sum(p.supervisor for p in posts) == 2
    assert [p.code for p in posts if "fr" in p.languages and not p.supervisor] == ["Post 01", "Post 05", "Post 09"]
