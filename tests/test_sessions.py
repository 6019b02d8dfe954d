"""Time off the queue: the fewest meetings, supervision and own work in paid time, and no working-time rule broken."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations
from time import process_time

import numpy as np
import pytest

from hotline_catalyst.library import content_root, read_yaml
from hotline_catalyst.planning.calendar import Country, load_country, load_limits
from hotline_catalyst.planning.demand import Parameter
from hotline_catalyst.planning.rostering.checking import check
from hotline_catalyst.planning.rostering.fewest_meetings import fewest
from hotline_catalyst.planning.rostering.prices import load_prices
from hotline_catalyst.planning.rostering.records import Advocate, Assignment, Request, Roster, Session, Unavailable
from hotline_catalyst.planning.rostering.session_rules import SessionRules
from hotline_catalyst.planning.rostering.sessions import Placed, academy_of, place_sessions
from hotline_catalyst.planning.rostering.staff_file import StaffFile
from hotline_catalyst.planning.shifts import Shift

MONDAY = date(2027, 10, 11)
XR = load_country("XR")
LIMITS = load_limits("xr", MONDAY)
SHIFTS = {
    "M": Shift("M", 7 * 60, 480, 15, night=False),
    "S": Shift("S", 8 * 60, 270, 15, night=False),
    "L": Shift("L", 15 * 60, 480, 15, night=False),
    "N": Shift("N", 23 * 60, 480, 15, night=True),
}


def rules() -> SessionRules:
    found = load_prices().sessions
    assert found is not None
    return found


def only(kind: str, **values: int) -> SessionRules:
    """Return the rules with one kind of session alone, and figures of one's own."""
    amounts = {"meeting": "meeting", "supervision": "supervision", "project": "project"}
    off = {n: 0 for k, n in amounts.items() if k != kind} | ({"supervision_new": 0} if kind != "supervision" else {})
    plan = rules()
    return plan.model_copy(
        update={n: getattr(plan, n).model_copy(update={"value": v}) for n, v in (off | values).items()}
    )


def day(n: int) -> date:
    return MONDAY + timedelta(days=n)


def roster(people: list[Advocate], weeks: dict[str, str], repeat: int = 4) -> Roster:
    """Return a roster in which each person works a written week, such as "MMM--NN", again and again."""
    days = [day(n) for n in range(7 * repeat)]
    given = tuple(
        Assignment(d, kind, p.code)
        for p in people
        for n, d in enumerate(days)
        if (kind := weeks.get(p.code, "-")[n % len(weeks.get(p.code, "-"))]) in SHIFTS and p.may_work(d)
    )
    count = Counter((a.day, a.shift) for a in given)
    return Roster(
        start=MONDAY,
        shifts=tuple(SHIFTS.values()),
        needed=np.array([[count[d, s] for s in SHIFTS] for d in days], dtype=np.int64),
        people=tuple(people),
        assignments=given,
        on_call={},
        violations=(),
        holidays=XR.public_holidays(days[0], days[-1]),
        weekend=tuple(XR.weekend),
        anonymous=False,
        status="good",
        zone="Europe/Vienna",  # its clock changes on 31 October, within these weeks
    )


def person(code: str, hours: float = 40, **more: object) -> Advocate:
    return Advocate(code, hours, ("en",), **more)  # type: ignore[arg-type]


def a_line(size: int, seed: int = 1) -> Roster:
    """A line of many hands: weeks of early, late and night shifts in turn, part-timers, leave, newcomers, wishes."""
    draw = random.Random(seed)
    patterns = ["MMLL---", "ML-NN--", "-MMLL--", "NN---ML", "LL--MM-", "---MLNN"]
    people, weeks = [], {}
    for n in range(size):
        code, first = f"A{n:02d}", day(draw.randrange(-60, 1)) if n % 5 == 0 else None
        leave = frozenset(day(draw.randrange(28)) for _ in range(3)) if n % 4 == 1 else frozenset()
        hours = 40 if n % 6 else 24
        weeks[code] = patterns[n % 6] if n % 6 else "MM-----"
        free = [d for d in range(7) if weeks[code][d] == "-" and weeks[code][d - 1] != "N"]
        away = (Unavailable(draw.choice(free), 480, 840),) if n % 3 == 0 else ()
        wish = (Request(day(draw.randrange(28)), False),)
        people.append(person(code, hours, first_day=first, leave=leave, unavailable=away, requests=wish))
    people += [person(f"SUP{n}", supervisor=True) for n in range(max(1, size // 8))]
    return roster(people, weeks)


def hard_breaks(found: Roster, limits=LIMITS) -> list[str]:
    """What the checker, written apart from the placing, says must not be."""
    return [v.text for v in check(found, limits) if v.hard and v.rule != "on_call"]


def hours_of(placed: Placed, code: str, kind: str = "") -> float:
    return sum(s.minutes for s in placed.sessions if code in s.people and kind in ("", s.kind)) / 60


# What is placed breaks nothing.


@pytest.mark.parametrize("seed", range(6))
def test_the_checker_finds_nothing_broken_that_was_whole_before(seed):
    for law in ("xr", "mx", "ca-on"):
        limits = load_limits(law, MONDAY)
        before = a_line(12, seed)
        assert [t for t in hard_breaks(before, limits) if "rest" not in t and "lasts" not in t] == []
        placed = place_sessions(before, limits, rules(), XR)
        assert placed.sessions
        assert (
            Counter(hard_breaks(replace(before, sessions=placed.sessions), limits))
            - Counter(hard_breaks(before, limits))
            == Counter()
        )


@pytest.mark.parametrize("seed", range(3))
def test_paid_time_never_passes_the_contract(seed):
    before = a_line(12, seed)
    placed = place_sessions(before, LIMITS, rules(), XR)
    for p in before.people:
        shifts = sum(SHIFTS[a.shift].paid for a in before.assignments if a.person == p.code) / 60
        there = sum(p.may_work(d) for d in before.days) / 7
        assert shifts + hours_of(placed, p.code) <= p.hours_per_week * there + 1e-9, p.code


def test_sessions_lie_in_office_hours_of_working_days_and_touch_nobody_who_is_away():
    before = a_line(18)
    by_code = {p.code: p for p in before.people}
    for s in place_sessions(before, LIMITS, rules(), XR).sessions:
        assert s.day.weekday() < 5
        assert s.day not in before.holidays
        assert 8 * 60 <= s.start <= s.end <= 17 * 60
        assert all(by_code[code].may_work(s.day) for code in s.people)


def test_a_line_of_thirty_for_four_weeks_takes_less_than_a_second():
    before = a_line(30)
    begun = process_time()
    placed = place_sessions(before, LIMITS, rules(), XR)
    assert process_time() - begun < 1
    assert placed == place_sessions(before, LIMITS, rules(), XR)


# Staff meetings.


def test_one_meeting_is_enough_where_everybody_can_come():
    before = roster([person("A1"), person("A2")], {"A1": "SS-----", "A2": "-SS----"})
    placed = place_sessions(before, LIMITS, only("meeting"), XR)
    assert [s.people for s in placed.sessions] == [("A1", "A2")]
    assert placed.not_placed == ()


def test_two_meetings_where_shifts_keep_people_apart():
    """One has the mornings, the other the afternoons of every working day; neither has a free one."""
    people = [person("A1", 60, contract="volunteer"), person("A2", 60)]
    limits = {k: v for k, v in LIMITS.items() if k != "weekly_hours_limit"}
    placed = place_sessions(roster(people, {"A1": "MMMMM--", "A2": "LLLLL--"}), limits, only("meeting"), XR)
    assert sorted(s.people for s in placed.sessions) == [("A1",), ("A2",)]
    early, late = sorted(placed.sessions, key=lambda s: s.people)
    assert early.start >= SHIFTS["M"].end
    assert late.end <= SHIFTS["L"].start


@pytest.mark.parametrize("seed", range(40))
def test_no_smaller_set_of_meetings_reaches_everybody(seed):
    """Against every set of times, tried one after the other."""
    draw = random.Random(seed)
    people, times = draw.randint(1, 8), draw.randint(1, 9)
    costs = [[draw.randint(0, 3) if draw.random() < 0.4 else None for _ in range(people)] for _ in range(times)]
    able = {p for p in range(people) if any(row[p] is not None for row in costs)}
    least = next(
        n
        for n in range(times + 1)
        if any(all(any(costs[t][p] is not None for t in some) for p in able) for some in combinations(range(times), n))
    )
    held = fewest(costs)
    assert len(held) == least
    assert sorted(p for _, attending in held for p in attending) == sorted(able)
    assert all(costs[t][p] is not None for t, attending in held for p in attending)


def test_who_is_away_all_month_is_not_waited_for_and_who_never_can_is_named():
    away = frozenset(day(n) for n in range(28))
    never = tuple(Unavailable(n, 0, 1440) for n in range(5))
    before = roster([person("A1"), person("A2", leave=away), person("A3", unavailable=never)], {"A1": "SS-----"})
    placed = place_sessions(before, LIMITS, only("meeting"), XR)
    assert [s.people for s in placed.sessions] == [("A1",)]
    assert len(placed.not_placed) == 1
    assert placed.not_placed[0].startswith("A3: 1 of 1 staff meetings found no place in office hours")


def test_whose_contract_is_used_up_attends_no_meeting_unpaid():
    before = roster([person("A1", 33), person("A2")], {"A1": "MMMM---"})
    placed = place_sessions(before, LIMITS, only("meeting"), XR)
    assert [s.people for s in placed.sessions] == [("A2",)]
    assert placed.not_placed[0].startswith("A1: 1 of 1 staff meetings found no place; the 33 contract hours a week")


def test_twelve_weeks_have_three_meetings_for_each():
    placed = place_sessions(roster([person("A1")], {"A1": "SS-----"}, repeat=12), LIMITS, only("meeting"), XR)
    weeks = [(s.day - MONDAY).days // 7 for s in placed.sessions]
    assert [week // 4 for week in weeks] == [0, 1, 2]


# Supervision.


def test_one_to_one_is_with_a_supervisor_who_has_the_time_and_shares_the_load():
    people = [person(f"A{n}") for n in range(4)] + [person("SUP1", supervisor=True), person("SUP2", supervisor=True)]
    placed = place_sessions(roster(people, {}), LIMITS, only("supervision"), XR)
    assert sorted(s.people[0] for s in placed.sessions) == ["A0", "A1", "A2", "A3"]
    assert Counter(s.people[1] for s in placed.sessions) == {"SUP1": 2, "SUP2": 2}
    assert {s.minutes for s in placed.sessions} == {90}
    assert sorted((s.day - MONDAY).days // 7 for s in placed.sessions) == [0, 1, 2, 3], "spread over the weeks"


def test_a_new_person_is_seen_every_week_and_others_every_four():
    people = [person("NEW", first_day=day(-80)), person("OLD", first_day=day(-95)), person("SUP", supervisor=True)]
    placed = place_sessions(roster(people, {}, repeat=4), LIMITS, only("supervision"), XR)
    weeks = [(s.day - MONDAY).days // 7 for s in placed.sessions if "NEW" in s.people]
    assert weeks == [0, 1], "days 80 and 87 lie in the first 90, day 94 does not"
    assert len([s for s in placed.sessions if "OLD" in s.people]) == 1


def test_without_a_supervisor_who_has_time_the_sentence_says_so():
    sup = person("SUP", supervisor=True, leave=frozenset(day(n) for n in range(28)))
    placed = place_sessions(roster([person("A1"), sup], {}), LIMITS, only("supervision"), XR)
    assert placed.sessions == ()
    assert placed.not_placed[0].startswith("A1: 1 of 1 supervision sessions found no place")


# Half days off the queue.


def test_a_full_contract_has_a_half_day_each_week_and_a_shorter_one_its_part():
    people = [person("FULL"), person("PART", 20), person("HELP", 8, contract="volunteer")]
    placed = place_sessions(roster(people, {"FULL": "MMM----", "PART": "M------"}), LIMITS, only("project"), XR)
    minutes = {c: [s.minutes for s in placed.sessions if c in s.people] for c in ("FULL", "PART", "HELP")}
    assert minutes == {"FULL": [240] * 4, "PART": [120] * 4, "HELP": []}


def test_where_contract_hours_are_used_up_a_sentence_says_how_many_found_no_place():
    before = roster([person("A1", 36)], {"A1": "MMMM---"})  # 33 of 36 hours are shifts; a half day takes 3.5
    placed = place_sessions(before, LIMITS, only("project"), XR)
    assert len(placed.sessions) == 3, "12 hours are left in four weeks"
    assert placed.not_placed == (
        "A1: 1 of 4 half days off the queue found no place; the 36 contract hours a week are used up. "
        "Give fewer shifts, or agree on more hours.",
    )


def test_days_worked_anyway_come_first_so_that_free_days_stay_free():
    before = roster([person("A1")], {"A1": "--SSS--"})  # until 12:45, which leaves room for the afternoon
    placed = place_sessions(before, LIMITS, only("project"), XR)
    assert {s.day.weekday() for s in placed.sessions} <= {2, 3, 4}
    assert all(s.start >= SHIFTS["S"].end for s in placed.sessions)


def test_a_day_wished_free_is_taken_last():
    wishes = tuple(Request(day(7 * w + n), False) for w in range(4) for n in (0, 1, 2, 4))
    placed = place_sessions(roster([person("A1", requests=wishes)], {}), LIMITS, only("project"), XR)
    assert {s.day.weekday() for s in placed.sessions} == {3}


def test_sleep_after_nights_and_rest_before_a_shift_are_kept():
    """Off from Monday's night: Tuesday and Wednesday are for sleep; Thursday's late shift leaves the morning."""
    before = roster([person("A1")], {"A1": "N--L---"})
    placed = place_sessions(before, LIMITS, only("project"), XR)
    assert {s.day.weekday() for s in placed.sessions} == {4}, "only Friday is rested and free"
    assert hard_breaks(replace(before, sessions=placed.sessions)) == []


def test_where_the_law_counts_the_whole_day_no_session_lengthens_an_eight_hour_shift():
    before = roster([person("A1")], {"A1": "MMM----"})
    for law, beside in (("xr", True), ("mx", False)):
        plan = only("project", project=90)
        placed = place_sessions(before, load_limits(law, MONDAY), plan, XR)
        assert len(placed.sessions) == 4
        assert all((s.day.weekday() < 3) == beside for s in placed.sessions), law


@pytest.mark.parametrize(
    ("week", "weekday"),
    [
        ("---M---", 2),  # beside Thursday: Monday would be a lone day, Tuesday would leave a lone Wednesday free
        ("M--M---", 4),  # Tuesday or Wednesday would leave a single day of the two
    ],
)
def test_a_free_day_beside_work_is_taken_before_one_that_breaks_up_rest(week, weekday):
    placed = place_sessions(roster([person("A1")], {"A1": week}), LIMITS, only("project"), XR)
    assert {s.day.weekday() for s in placed.sessions} == {weekday}


def test_across_a_single_free_day_the_weekly_rest_is_kept():
    """Monday's late shift ends at 23:15; 35 hours later it is 10:15 on Wednesday, the only day this person can come."""
    only_wednesday = tuple(Unavailable(n, 480, 840) for n in (1, 3, 4))
    before = roster([person("A1", unavailable=only_wednesday)], {"A1": "L------"})
    placed = place_sessions(before, LIMITS, only("project"), XR)
    assert {(s.day.weekday(), s.start) for s in placed.sessions} == {(2, 10 * 60 + 30)}


def test_a_persons_own_stricter_limits_are_kept():
    week, sleep, rest = {"weekly_hours_limit": 36.0}, {"days_off_after_nights": 3.0}, {"daily_rest_hours": 14.5}
    four = roster([person("A1", 34, limits=week)], {"A1": "MMMM----------"})  # 33 hours in every other week
    placed = place_sessions(four, LIMITS, only("project", full_time=34), XR)
    assert {(s.day - MONDAY).days // 7 for s in placed.sessions} == {1, 3}
    night = roster([person("A1", limits=sleep)], {"A1": "N------"})
    assert {s.day.weekday() for s in place_sessions(night, LIMITS, only("project"), XR).sessions} == {4}
    early = roster([person("A1", limits=rest)], {"A1": "MM-----"})  # with a session the day would last ten hours
    assert {s.day.weekday() for s in place_sessions(early, LIMITS, only("project", project=90), XR).sessions} == {2}


def test_nobody_waits_half_a_day_between_a_session_and_a_shift():
    before = roster([person("A1", 60)], {"A1": "LLLLL--"})
    limits = {k: v for k, v in LIMITS.items() if k != "weekly_hours_limit"}
    placed = place_sessions(before, limits, only("project", project=60, full_time=60), XR)
    assert len(placed.sessions) == 4
    assert all(0 <= SHIFTS["L"].start - s.end <= 60 for s in placed.sessions)


def test_a_week_in_the_past_counts_for_rest_and_runs():
    """Six days up to Sunday: Monday must be free, and Tuesday too for the weekly rest of 35 hours after a late."""
    before = roster([person("A1")], {})
    late = tuple(Assignment(day(-n), "L", "A1") for n in range(1, 7))
    past = replace(before.past, shifts=SHIFTS, assignments=late, first=day(-28))
    placed = place_sessions(replace(before, past=past), LIMITS, only("project"), XR)
    first = placed.sessions[0]
    ended = 23 * 60 + 15 - 1440
    assert (first.day - MONDAY).days * 1440 + first.start - ended >= 35 * 60


def test_what_stands_already_is_work_too():
    own = Session("training", "First aid", day(0), 8 * 60, 540, ("A1",))
    before = replace(roster([person("A1", 13)], {}, repeat=4), sessions=(own,))
    placed = place_sessions(before, LIMITS, only("project", project_shortest=0, full_time=13), XR)
    assert own not in placed.sessions
    assert 9 + hours_of(placed, "A1") <= 52
    assert all(s.day != day(0) for s in placed.sessions), "nine hours fill that day"


def test_half_days_and_ramadan_end_the_office_day():
    mauritania = load_country("MR")
    fridays = {"A1": "--------"}
    busy = tuple(Unavailable(n, 0, 1440) for n in (0, 1, 2, 3))
    before = replace(roster([person("A1", unavailable=busy)], fridays), weekend=tuple(mauritania.weekend))
    placed = place_sessions(before, LIMITS, only("project"), mauritania)
    assert {(s.day.weekday(), s.start, s.end) for s in placed.sessions} == {(4, 480, 720)}
    short = Country.model_validate(
        mauritania.model_dump(by_alias=True) | {"half_days": {}, "ramadan": {"hours_a_day_less": 4, "source": "Decree"}}
    )
    in_ramadan = replace(before, start=date(2027, 2, 8))
    placed = place_sessions(in_ramadan, LIMITS, only("project"), short)
    assert placed.sessions
    assert max(s.end for s in placed.sessions) <= 13 * 60


# The academy, before a roster.


def starters(*entries: tuple[str, str, int]) -> StaffFile:
    usual = {"hours_per_week": 40, "languages": ["en"]}
    data = [usual | {"code": code, "first_day": first, "academy": days} for code, first, days in entries]
    return StaffFile.model_validate({"staff": data})


def test_the_academy_fills_the_working_days_before_the_first_day_and_trains_people_together():
    sessions = academy_of(starters(("N1", "2027-10-11", 5), ("N2", "2027-10-08", 3)), rules(), XR)
    by_day = {s.day: s.people for s in sessions}
    # Monday 4 October is Lake Day; the weekend before it is free too.
    assert by_day == {
        date(2027, 10, 1): ("N1",),
        date(2027, 10, 5): ("N1", "N2"),
        date(2027, 10, 6): ("N1", "N2"),
        date(2027, 10, 7): ("N1", "N2"),
        date(2027, 10, 8): ("N1",),
    }
    assert {(s.kind, s.start, s.minutes) for s in sessions} == {("training", 8 * 60, 420)}


def test_nobody_without_an_academy_is_trained():
    data = {"staff": [{"code": "A1", "hours_per_week": 40, "languages": ["en"], "first_day": "2027-10-11"}]}
    assert academy_of(StaffFile.model_validate(data), rules(), XR) == ()


# The figures.


def test_the_figures_are_those_the_staffing_counts_with():
    figures = {}
    for path in (content_root() / "assessment" / "parameters").glob("*.yaml"):
        figures |= read_yaml(path).get("parameters", {})
    plan = rules()
    assert plan.supervision.value == 60 * figures["staffing.supervision_hours"]["likely"]
    assert plan.supervision_new.value == 60 * figures["staffing.supervision_new_hours"]["likely"]
    assert plan.project.value == 60 * figures["staffing.off_queue_hours"]["likely"]
    named = {getattr(plan, n).parameter for n in SessionRules.model_fields if n != "office"} - {None}
    assert named <= set(figures)


def test_an_engagement_can_set_its_own_hours():
    own = Parameter("staffing.off_queue_hours", "", "hours per week", 2, 2.3, 3, "engagement.yaml", False)
    plan = rules().with_figures({own.id: own})
    assert plan.project.value == 135
    assert plan.supervision == rules().supervision
