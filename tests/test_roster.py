"""A desk's whole roster: shifts for advocates and supervisors, breaks, sessions, calls, and what the checker says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from hotline_catalyst.planning.calendar import load_country, load_limits
from hotline_catalyst.planning.roster import Desk, anonymous_posts, plan_roster
from hotline_catalyst.planning.rostering.checking import check
from hotline_catalyst.planning.rostering.prices import load_prices
from hotline_catalyst.planning.rostering.problem import Effort
from hotline_catalyst.planning.rostering.records import Advocate, Past, Roster
from hotline_catalyst.planning.rostering.rule_report import rule_report
from hotline_catalyst.planning.shifts import Designer

START, AS_OF = date(2027, 10, 4), date(2026, 11, 21)
LITTLE = Effort(0.3)


def need(by_day: int = 2, by_night: int = 2) -> np.ndarray:
    hour = np.arange(672) / 4 % 24
    return np.where((hour >= 8) & (hour < 20), by_day, by_night).astype(np.int64)


def desk(country: str = "XR", rules: str = "xr", size: int = 14, **changes: object) -> Desk:
    """A line open round the clock with two on shift, by a country's rules."""
    nation, limits = load_country(country), load_limits(rules, AS_OF)
    designer = Designer(nation, limits, shortest_h=4, handover=15, variety_hours=4, unsocial_hours=0.5)
    hour = np.arange(672) / 4 % 24
    team = [Advocate(f"A{n + 1:02d}", 40, ("en", "fr") if n % 2 == 0 else ("en",)) for n in range(size)]
    leads = [Advocate(f"S{n + 1}", 40, ("en", "fr"), supervisor=True) for n in range(3)]
    given = Desk(
        start=START,
        weeks=4,
        plan=designer.plan(need()),
        supervisor_plan=designer.plan(((hour >= 8) & (hour < 20)).astype(np.int64)),
        need=need(),
        primary="en",
        speakers={"fr": np.ones(672, dtype=np.int64)},
        people=(*team, *leads),
        limits=limits,
        country=nation,
        off_queue_share=0.12,
        rules=load_prices(),
        zone=nation.timezone or "",
    )
    return replace(given, **changes)


@cache
def ruritania() -> Roster:
    return plan_roster(desk(), LITTLE)


def hard(roster: Roster) -> list[str]:
    return [v.text for v in roster.violations if v.hard]


def test_a_desk_with_enough_people_is_covered_by_day_and_by_night_and_breaks_no_rule():
    roster = ruritania()
    assert roster.uncovered_hours == 0
    assert hard(roster) == []
    assert roster.covers_every_hour
    assert not [v for v in roster.violations if v.rule in ("cover", "alone", "language fr")]


def test_supervisors_hold_their_own_shifts_and_one_is_on_call_every_day():
    roster = ruritania()
    leads = {p.code for p in roster.people if p.supervisor}
    assert roster.supervisor_shifts
    for a in roster.assignments:
        assert (a.person in leads) == (a.shift in roster.supervisor_shifts)
    assert set(roster.on_call) == set(roster.days)
    assert set(roster.on_call.values()) <= leads


def test_everybody_gets_breaks_a_meeting_and_time_with_a_supervisor_inside_paid_time():
    roster = ruritania()
    long = [a for a in roster.assignments if next(s for s in roster.shifts if s.id == a.shift).paid > 6 * 60]
    assert {(b.day, b.person) for b in roster.breaks} == {(a.day, a.person) for a in long}
    met = {code for s in roster.sessions if s.kind == "meeting" for code in s.people}
    assert met == {p.code for p in roster.people}
    minutes = {s.id: s.paid for s in roster.shifts}
    for person in roster.people:
        shifts = sum(minutes[a.shift] for a in roster.assignments if a.person == person.code)
        sessions = sum(s.minutes for s in roster.sessions if person.code in s.people)
        assert shifts + sessions <= person.hours_per_week * 60 * 4


def test_too_few_people_leave_hours_uncovered_and_no_rule_broken():
    roster = plan_roster(desk(size=6), LITTLE)
    assert roster.uncovered_hours > 0
    assert hard(roster) == []
    # What six contracts can give, less the share kept off the queue, is what is covered.
    longest = 6 * 40 * 4 * 0.88
    assert 672 * 2 - roster.uncovered_hours <= longest


def test_the_same_desk_gets_the_same_roster():
    again = plan_roster(desk(), LITTLE)
    assert again == replace(ruritania(), needed=again.needed, speakers=again.speakers)
    assert np.array_equal(again.needed, ruritania().needed)


def test_in_mexico_no_night_is_longer_than_seven_hours_and_the_rule_report_says_so():
    roster = plan_roster(desk("MX", "mx", size=18), LITTLE)
    assert hard(roster) == []
    nights = [s for s in roster.shifts if s.night]
    assert nights
    assert max(s.paid for s in nights) <= 7 * 60
    line = next(r for r in rule_report(roster, load_limits("mx", AS_OF)) if r.rule == "night_shift_hours_limit")
    assert line.broken == 0 < line.kept
    assert "LFT" in line.source


def test_by_ontarios_rules_eleven_hours_of_rest_are_never_broken_and_the_rule_report_says_so():
    limits = load_limits("ca-on", AS_OF)
    roster = plan_roster(desk(rules="ca-on"), LITTLE)
    assert hard(roster) == []
    ends = {s.id: s.end for s in roster.shifts}
    starts = {s.id: s.start for s in roster.shifts}
    for person in roster.people:
        mine = sorted((a for a in roster.assignments if a.person == person.code), key=lambda a: a.day)
        for a, b in pairwise(mine):
            rest = (b.day - a.day).days * 1440 + starts[b.shift] - ends[a.shift]
            assert rest >= 11 * 60 - 60  # the hour the clock may lose in these weeks
    line = next(r for r in rule_report(roster, limits) if r.rule == "daily_rest_hours")
    assert line.broken == 0 < line.kept


def test_posts_without_names_get_shifts_and_no_meetings():
    posts = tuple(anonymous_posts(14, 40, ("en", "fr"), 3))
    roster = plan_roster(desk(people=posts, anonymous=True), LITTLE)
    assert roster.uncovered_hours == 0
    assert roster.sessions == ()


def test_the_next_four_weeks_go_on_from_the_last_night_of_these():
    before = ruritania()
    last = before.days[-1]
    nights = {s.id for s in before.shifts if s.night}
    past = Past(
        shifts={s.id: s for s in before.shifts},
        assignments=before.assignments,
        holidays=frozenset(before.holidays),
        sessions=before.sessions,
        first=before.start,
    )
    after = plan_roster(desk(start=START + timedelta(weeks=4), past=past), LITTLE)
    tired = {a.person for a in before.assignments if a.day == last and a.shift in nights}
    assert tired
    mornings = {a.person for a in after.assignments if a.day == after.start and a.shift not in nights}
    assert not tired & mornings
    assert hard(after) == []


@pytest.mark.parametrize("people", [0, 1])
def test_a_desk_of_nobody_or_one_still_gets_an_answer(people):
    roster = plan_roster(desk(size=people), LITTLE)
    assert roster.uncovered_hours > 0
    assert hard(roster) == []
    assert check(roster, desk().limits) == list(roster.violations)
