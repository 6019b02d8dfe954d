"""The independent checker: 100 of 100 planted faults named with rule and person, limits to the minute, real hours."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
from hotline_rosters import planted, published

from hotline_catalyst.planning.calendar import Limit, load_limits
from hotline_catalyst.planning.rostering.checking import check
from hotline_catalyst.planning.rostering.compiling import compile_problem
from hotline_catalyst.planning.rostering.measure import measure
from hotline_catalyst.planning.rostering.prices import load_prices
from hotline_catalyst.planning.rostering.records import (
    Advocate,
    Assignment,
    Break,
    Past,
    Roster,
    Session,
    Unavailable,
    Violation,
)
from hotline_catalyst.planning.rostering.rule_report import PARTS, rule_report
from hotline_catalyst.planning.shifts import Shift

sys.path.insert(0, str(Path(__file__).parent / "benchmarks"))
from roster_checker import value_of

START = date(2027, 10, 4)  # a Monday
AS_OF = date(2026, 11, 21)
EARLY, LATE, NIGHT = Shift("E", 360, 480, 15, False), Shift("L", 840, 480, 15, False), Shift("N", 1320, 480, 15, True)
LONG = Shift("X", 600, 540, 15, False)
SHIFTS = (EARLY, LATE, NIGHT, LONG)
BY_ID = {s.id: s for s in SHIFTS}
BASE = load_limits("base", AS_OF)
# The same rules where people may agree to less, so that a planted fault breaks one rule and no neighbour of it.
AGREED = {ident: x.model_copy(update={"waivable": True}) for ident, x in BASE.items()}
# Two weeks that a person can live with; each of 14 people begins it a day later than the one before.
TURN = "EEE--LLNN-----"


def legal(weeks: int = 4) -> Roster:
    """A roster of 14 advocates and 2 supervisors that keeps every rule, every break given."""
    days = [START + timedelta(days=n) for n in range(7 * weeks)]
    people = [Advocate(f"A{n + 1:02d}", 40, ("en",)) for n in range(14)]
    given = [
        Assignment(day, TURN[(n + d) % 14], p.code)
        for n, p in enumerate(people)
        for d, day in enumerate(days)
        if TURN[(n + d) % 14] != "-"
    ]
    odd = {p.code for p in people[::2]}  # the break half an hour later
    leads = [Advocate(f"S{n + 1}", 40, ("en",), supervisor=True) for n in range(2)]
    return Roster(
        start=START,
        shifts=SHIFTS,
        needed=np.array([[3, 2, 2, 0]] * len(days), dtype=np.int64),
        people=(*people, *leads),
        assignments=tuple(given),
        on_call={day: f"S{1 + n % 2}" for n, day in enumerate(days)},
        violations=(),
        holidays={},
        weekend=("saturday", "sunday"),
        anonymous=False,
        status="good",
        breaks=tuple(Break(a.day, a.person, BY_ID[a.shift].start + 225 + 30 * (a.person in odd), 30) for a in given),
        night_window=(1320, 360),
    )


def hard(roster: Roster, limits: Mapping[str, Limit] = BASE) -> set[tuple[str, str]]:
    return {(v.rule, v.person) for v in check(roster, limits) if v.hard}


def test_the_roster_that_is_then_spoiled_keeps_every_rule_that_must_hold():
    assert hard(legal()) == set()
    assert {v.rule for v in check(legal(), BASE)} <= {"night_share_limit", "free_weekends_of_four"}


# 100 planted faults. Each takes a roster and a person, and breaks one rule of that person.


def person_with(roster: Roster, code: str, **changes: Any) -> Roster:
    return replace(roster, people=tuple(replace(p, **changes) if p.code == code else p for p in roster.people))


def worked(roster: Roster, code: str) -> list[Assignment]:
    return sorted((a for a in roster.assignments if a.person == code), key=lambda a: a.day)


def rewritten(roster: Roster, code: str, two_weeks: str, luck: Random) -> Roster:
    """Write two whole weeks of a person anew, beginning on some Monday."""
    first = 7 * luck.randrange(roster.weeks - 1)
    days = [roster.start + timedelta(days=first + n) for n in range(14)]
    kept = [a for a in roster.assignments if a.person != code or a.day not in days]
    new = [
        Assignment(day, s, code)
        for day, shifts in zip(days, two_weeks.split(), strict=True)
        for s in shifts
        if s != "-"
    ]
    breaks = [b for b in roster.breaks if b.person != code or b.day not in days]
    breaks += [Break(a.day, code, BY_ID[a.shift].start + 225, 30) for a in new]
    return replace(roster, assignments=(*kept, *new), breaks=tuple(breaks))


def turn(two_weeks: str, **limits: float) -> Callable[[Roster, str, Random], Roster]:
    """Two weeks that break a rule, under the person's own limits where the rule would not break alone."""
    spaced = two_weeks if " " in two_weeks else " ".join(two_weeks)

    def spoil(roster: Roster, code: str, luck: Random) -> Roster:
        return person_with(rewritten(roster, code, spaced, luck), code, limits=limits)

    return spoil


def agreed(**limits: float) -> Callable[[Roster, str, Random], Roster]:
    return lambda roster, code, luck: person_with(roster, code, limits=limits)


def on_leave(roster: Roster, code: str, luck: Random) -> Roster:
    return person_with(roster, code, leave=frozenset({luck.choice(worked(roster, code)).day}))


def unavailable(roster: Roster, code: str, luck: Random) -> Roster:
    duty = luck.choice(worked(roster, code))
    shift = BY_ID[duty.shift]
    before = Unavailable(duty.day.weekday(), shift.start - 60, shift.start + 15)
    after = Unavailable(duty.day.weekday(), shift.end - 15, shift.end + 60)
    return person_with(roster, code, unavailable=(luck.choice((before, after)),))


def not_yet_there(roster: Roster, code: str, luck: Random) -> Roster:
    first = luck.choice(worked(roster, code)).day + timedelta(days=1)
    return person_with(roster, code, first_day=first, hours_per_week=400)


def fewer_hours(roster: Roster, code: str, luck: Random) -> Roster:
    minutes = sum(BY_ID[a.shift].paid for a in worked(roster, code))
    return person_with(roster, code, hours_per_week=minutes / 60 / roster.weeks - luck.choice((0.25, 2, 10)))


def breaks_changed(change: Callable[[Break], Sequence[Break]]) -> Callable[[Roster, str, Random], Roster]:
    def spoil(roster: Roster, code: str, luck: Random) -> Roster:
        one = luck.choice([b for b in roster.breaks if b.person == code])
        return replace(roster, breaks=(*(b for b in roster.breaks if b != one), *change(one)))

    return spoil


def meeting_in_a_shift(roster: Roster, code: str, luck: Random) -> Roster:
    duty = luck.choice(worked(roster, code))
    start = BY_ID[duty.shift].start + luck.choice((-30, 60, 450))
    return replace(roster, sessions=(Session("meeting", "Meeting", duty.day, start, 60, (code,)),))


def with_assignment(shift: str, days_after: int, code: str = "") -> Callable[[Roster, str, Random], Roster]:
    def spoil(roster: Roster, person: str, luck: Random) -> Roster:
        new = Assignment(roster.start + timedelta(days=days_after), shift, code or person)
        return replace(roster, assignments=(*roster.assignments, new))

    return spoil


def late(b: Break) -> Sequence[Break]:
    return (replace(b, start=b.start + 150),)  # at least 6 hours 15 minutes after the start


FAULTS: dict[str, list[Callable[[Roster, str, Random], Roster]]] = {
    "daily_rest_hours": [turn("--LE----------"), turn("---NL---------", days_off_after_nights=0),
        agreed(daily_rest_hours=17)],
    "weekly_rest_hours": [turn("---EEEL-EE----"), agreed(weekly_rest_hours=24 * 7)],
    "weekly_hours_limit": [turn("-------EEEEEE-"), agreed(weekly_hours_limit=24)],
    "average_weekly_hours_limit": [agreed(average_weekly_hours_limit=28.5)],
    "shift_hours_limit": [turn("--X-----------"), turn("---EX---------")],
    "night_shift_hours_limit": [agreed(night_shift_hours_limit=7.75)],
    "mixed_shift_hours_limit": [agreed(mixed_shift_hours_limit=7.5)],
    "consecutive_days_limit": [turn("--EEEEE-------", consecutive_days_limit=4), agreed(consecutive_days_limit=3)],
    "consecutive_nights_limit": [turn("--NNNN--------"), agreed(consecutive_nights_limit=1)],
    "days_off_after_nights": [turn("--NN-L--------"), turn("--N-E---------"), turn("--N-N---------")],
    "break_minutes": [breaks_changed(lambda b: ()), breaks_changed(lambda b: (replace(b, minutes=29),))],
    "break_after_hours": [breaks_changed(late), breaks_changed(lambda b: (replace(b, start=b.start - 210),))],
    "leave": [on_leave],
    "nights": [lambda roster, code, luck: person_with(roster, code, nights=False)],
    "unavailable": [unavailable],
    "not_employed": [not_yet_there],
    "contract_hours": [fewer_hours],
    "one_a_day": [turn("- - EN - - - - - - - - - - -", daily_rest_hours=7.75), meeting_in_a_shift],
}  # fmt: skip


@pytest.mark.parametrize("rule", FAULTS)
def test_each_of_100_planted_faults_is_named_with_its_rule_and_its_person_and_nothing_else(rule):
    roster = legal()
    for seed in range(6):
        luck = Random(f"{rule} {seed}")
        code = f"A{luck.randint(1, 14):02d}"
        spoil = FAULTS[rule][seed % len(FAULTS[rule])]
        assert hard(spoil(roster, code, luck), AGREED) == {(rule, code)}, f"seed {seed}"


def test_every_rule_that_must_hold_is_among_the_planted_faults():
    assert sum(6 for _ in FAULTS) >= 100
    assert {i for i, limit in BASE.items() if limit.hard} - PARTS <= set(FAULTS)


@pytest.mark.parametrize(
    ("rule", "spoil", "person"),
    [
        ("unknown_person", with_assignment("E", 3, "Z99"), "Z99"),
        ("unknown_shift", with_assignment("Q", 3, "A01"), "A01"),
        ("unknown_day", with_assignment("E", 30, "A01"), "A01"),
        ("on_call", lambda r, c, luck: person_with(r, "S1", leave=frozenset({START})), "S1"),
        ("on_call", lambda r, c, luck: replace(r, on_call={**r.on_call, START: "Z99"}), "Z99"),
        ("on_call", lambda r, c, luck: replace(r, on_call={**r.on_call, START: "A01"}), "A01"),
    ],
)
def test_people_shifts_days_and_supervisors_that_do_not_exist_are_named(rule, spoil, person):
    found = {(v.rule, v.person) for v in check(spoil(legal(), "", Random(1)), BASE) if v.hard}
    assert (rule, person) in found
    assert {who for _, who in found} == {person}


# Limits to the minute, on one person's plan.


def by_hand(*duties: tuple[int, Shift], person: Advocate | None = None, **changes: Any) -> Roster:
    """One person's four weeks: (day from the start, shift)."""
    person = person or Advocate("A03", 40, ("en",))
    shifts = tuple(dict.fromkeys(s for _, s in duties))
    start = changes.pop("start", START)
    roster = Roster(
        start=start,
        shifts=shifts,
        needed=np.zeros((28, len(shifts)), dtype=np.int64),
        people=(person,),
        assignments=tuple(Assignment(start + timedelta(days=d), s.id, person.code) for d, s in duties),
        on_call={},
        violations=(),
        holidays={},
        weekend=("saturday", "sunday"),
        anonymous=False,
        status="good",
    )
    return replace(roster, **changes)


def shift(name: str, start: int, cover: int, handover: int = 0, night: bool = False) -> Shift:
    return Shift(name, start, cover, handover, night)


def broken(roster: Roster, limits: Mapping[str, Limit] = BASE) -> list[Violation]:
    return [v for v in check(roster, limits) if v.hard]


def test_a_sentence_names_person_day_and_figures():
    roster = by_hand((7, shift("late", 900, 480, 15)), (8, shift("early", 510, 480, 15)))
    (found,) = broken(roster)
    assert found.text == (
        "A03, 12 October: 9.25 hours between the end of L (23:15) and the start of E (08:30); the rule asks for 11."
    )
    assert (found.rule, found.person, found.day) == ("daily_rest_hours", "A03", START + timedelta(days=8))


@pytest.mark.parametrize(("file", "hours"), [("base", 11), ("ca-on", 11)])
def test_exactly_the_daily_rest_passes_and_a_minute_less_does_not(file, hours):
    limits = load_limits(file, AS_OF)
    kept = by_hand((0, shift("L", 780, 480)), (1, shift("E", 1260 + hours * 60 - 1440, 480)))
    assert broken(kept, limits) == []
    short = by_hand((0, shift("L", 781, 480)), (1, shift("E", 1260 + hours * 60 - 1440, 480)))
    assert [v.rule for v in broken(short, limits)] == ["daily_rest_hours"]


def test_nobody_can_waive_ontarios_rest_by_an_average_but_own_rest_may_be_longer():
    limits = load_limits("ca-on", AS_OF)
    roster = by_hand(
        (0, shift("L", 780, 480)),
        (1, shift("E", 480, 480)),
        person=Advocate("A03", 40, (), limits={"daily_rest_hours": 12}),
    )
    assert [v.text for v in broken(roster, limits)] == [
        "A03, 5 October: 11 hours between the end of M (21:00) and the start of E (08:00); the rule asks for 12."
    ]


@pytest.mark.parametrize(("minutes", "rules"), [(420, []), (435, ["night_shift_hours_limit"])])
def test_mexicos_night_shift_lasts_seven_hours_and_not_a_quarter_more(minutes, rules):
    limits = load_limits("mx", AS_OF)
    roster = by_hand((0, shift("N", 1320, minutes - 15, 15, night=True)), night_window=(1200, 360))
    assert [v.rule for v in broken(roster, limits)] == rules


@pytest.mark.parametrize(
    ("start", "minutes", "rules"),
    [
        (780, 450, []),  # 13:00 to 20:30: half an hour of night, 7.5 hours
        (780, 465, ["mixed_shift_hours_limit"]),
        (720, 480, []),  # 12:00 to 20:00 is a day shift: 8 hours
        (960, 450, ["night_shift_hours_limit"]),  # 16:00 to 23:30 holds 3.5 night hours: it counts as night
        (945, 450, []),  # a quarter-hour less of night: mixed
    ],
)
def test_mexicos_shift_is_judged_by_its_night_hours_and_not_by_its_name(start, minutes, rules):
    roster = by_hand((0, shift("S", start, minutes)), night_window=(1200, 360))
    assert [v.rule for v in broken(roster, load_limits("mx", AS_OF))] == rules


@pytest.mark.parametrize(("start", "rules"), [(540, []), (539, ["weekly_rest_hours"])])
def test_a_single_free_day_holds_the_weekly_rest_to_the_minute(start, rules):
    # Six working days in seven; the one free day lies between 22:00 and 09:00: 35 hours.
    day = shift("E", 480, 480)
    before, after = shift("L", 840, 480), shift("E", start, 480)
    roster = by_hand((1, day), (2, day), (3, day), (4, before), (6, after), (7, after))
    limits = {**BASE, "weekly_hours_limit": BASE["weekly_hours_limit"].model_copy(update={"value": 60})}
    assert [v.rule for v in broken(roster, limits)] == rules


def test_a_night_may_follow_a_night_and_a_morning_may_not():
    assert broken(by_hand((0, NIGHT), (1, NIGHT), (2, NIGHT))) == []
    after = {v.rule for v in broken(by_hand((0, NIGHT), (1, EARLY)))}
    assert after == {"daily_rest_hours", "days_off_after_nights"}
    assert broken(by_hand((0, NIGHT), (3, EARLY))) == []


def test_rules_that_are_not_given_are_not_judged():
    roster = by_hand(*[(d, NIGHT) for d in range(10)])
    assert broken(roster, {}) == []
    assert len({v.rule for v in broken(roster)}) >= 4


# Real hours.


@pytest.mark.parametrize(("zone", "rules"), [("Europe/Dublin", ["daily_rest_hours"]), ("", [])])
def test_an_hour_that_the_clock_skips_is_no_rest(zone, rules):
    # 28 March 2027, 01:00 to 02:00 does not exist: 22:00 to 09:00 is ten hours.
    roster = by_hand((5, shift("L", 840, 480)), (6, shift("E", 540, 480)), start=date(2027, 3, 22), zone=zone)
    assert [v.rule for v in broken(roster)] == rules


def test_an_hour_that_comes_twice_is_rest_and_is_paid():
    # 31 October 2027: 22:00 to 08:00 is eleven hours.
    roster = by_hand((26, shift("L", 840, 480)), (27, shift("E", 480, 480)), zone="Europe/Dublin")
    assert broken(roster) == []
    assert [v.rule for v in broken(replace(roster, zone=""))] == ["daily_rest_hours"]
    night = by_hand((26, shift("N", 1320, 480, 0, night=True)), zone="Europe/Dublin", person=Advocate("A03", 2.1, ()))
    (found,) = broken(night)
    assert found.rule == "contract_hours"
    assert "9 paid hours" in found.text


def test_the_longer_night_of_a_clock_change_is_told_and_does_not_condemn_the_roster():
    roster = by_hand((26, NIGHT), zone="Europe/Dublin")
    assert broken(roster) == []
    told = [v.text for v in check(roster, BASE) if v.rule == "night_shift_hours_limit"]
    assert told == [
        "A03, 30 October: the clock changes, so N (22:00) lasts 9 hours; the rule allows 8. "
        "Agree on it, or let the shift begin later."
    ]


# What came before.


def past(*duties: tuple[int, Shift], first: int = -28, sessions: tuple[Session, ...] = ()) -> Past:
    given = tuple(Assignment(START + timedelta(days=d), s.id, "A03") for d, s in duties)
    return Past({s.id: s for _, s in duties}, given, frozenset(), sessions, START + timedelta(days=first))


BEFORE = {
    "daily_rest_hours": (past((-1, LATE)), [(0, EARLY)]),
    "consecutive_days_limit": (past(*[(d, EARLY) for d in (-4, -3, -2, -1)]), [(0, EARLY), (1, EARLY), (2, EARLY)]),
    "consecutive_nights_limit": (past((-2, NIGHT), (-1, NIGHT)), [(0, NIGHT), (1, NIGHT)]),
    "days_off_after_nights": (past((-2, NIGHT)), [(0, LATE)]),
    "average_weekly_hours_limit": (past(*[(d, EARLY) for d in range(-28, 0) if d % 7 < 6]), [(0, LATE)]),
}


@pytest.mark.parametrize("rule", BEFORE)
def test_what_came_before_the_roster_counts(rule):
    before, duties = BEFORE[rule]
    limits = {i: x for i, x in BASE.items() if i != "weekly_rest_hours"}
    if rule == "average_weekly_hours_limit":
        limits |= {"average_weekly_hours_limit": BASE[rule].model_copy(update={"value": 25})}
    assert broken(by_hand(*duties), limits) == []
    assert {v.rule for v in broken(by_hand(*duties, past=before), limits)} == {rule}


def test_what_is_wrong_in_the_past_alone_is_no_fault_of_this_roster():
    wrong = past((-3, LATE), (-2, EARLY), (-1, EARLY), (-10, NIGHT), (-9, EARLY))
    assert broken(by_hand((3, EARLY), past=wrong)) == []


def test_hours_are_averaged_over_the_reference_period_only():
    limits = {**BASE, "reference_weeks": BASE["reference_weeks"].model_copy(update={"value": 4})}
    limits["average_weekly_hours_limit"] = BASE["average_weekly_hours_limit"].model_copy(update={"value": 30})
    long_ago = past(*[(d, EARLY) for d in range(-56, -28) if d % 7 < 6], first=-56)
    assert broken(by_hand((0, EARLY), past=long_ago), limits) == []


# Sessions are duties.


def meeting(day: int, start: int, minutes: int = 60) -> Session:
    return Session("meeting", "Staff meeting", START + timedelta(days=day), start, minutes, ("A03",))


def test_a_meeting_too_soon_after_a_night_breaks_the_rest():
    (found,) = broken(by_hand((0, NIGHT), sessions=(meeting(1, 600),)))
    assert found.text == (
        "A03, 5 October: 3.75 hours between the end of N (06:15) and the start of Staff meeting (10:00); "
        "the rule asks for 11."
    )


def test_a_meeting_beside_a_shift_belongs_to_one_working_day_of_at_most_thirteen_hours():
    assert broken(by_hand((0, EARLY), sessions=(meeting(0, 900),))) == []  # 06:00 to 16:00
    assert [v.rule for v in broken(by_hand((0, EARLY), sessions=(meeting(0, 1110),)))] == ["daily_rest_hours"]


def test_training_before_the_first_day_on_the_line_is_paid_and_no_fault():
    new = Advocate("A03", 40, ("en",), first_day=START + timedelta(days=14))
    academy = tuple(meeting(d, 540, 420) for d in range(12) if d % 7 < 5)
    on_line = [(d, EARLY) for d in range(14, 25) if d % 7 < 4]
    assert broken(by_hand(*on_line, person=new, sessions=academy)) == []
    assert [v.rule for v in broken(by_hand((3, EARLY), person=new))] == ["not_employed"]


def test_meetings_are_paid_working_days():
    person = Advocate("A03", 2, ("en",))
    roster = by_hand((0, EARLY), person=person, sessions=(meeting(0, 900),))
    assert [v.rule for v in broken(roster)] == ["contract_hours"]  # 8.25 + 1 hours, and 8 agreed
    long = by_hand(*[(d, EARLY) for d in range(6)], sessions=(meeting(6, 900),))
    assert "consecutive_days_limit" in {v.rule for v in broken(long)}


# What should hold.


def soft(roster: Roster) -> set[str]:
    assert broken(roster) == []
    return {v.rule for v in check(roster, BASE)}


@pytest.mark.parametrize(
    ("rule", "tired", "rested"),
    [
        ("night_share_limit", [(1, NIGHT), (5, EARLY), (6, EARLY)], [(1, NIGHT), (8, LATE), (9, LATE), (10, LATE)]),
        ("free_weekends_of_four", [(w * 7 + 5, EARLY) for w in range(4)], [(w * 7 + 5, EARLY) for w in range(3)]),
        ("forward_rotation", [(1, shift("L", 840, 360)), (2, shift("E", 720, 360))], [(1, EARLY), (2, LATE)]),
        ("lone_day", [(3, EARLY)], [(3, EARLY), (4, EARLY)]),
        ("lone_off", [(2, EARLY), (3, EARLY), (5, EARLY), (6, EARLY)], [(2, EARLY), (3, EARLY), (6, EARLY)]),
    ],
)
def test_wellness_limits_are_told_and_condemn_no_roster(rule, tired, rested):
    assert rule in soft(by_hand(*tired))
    assert rule not in soft(by_hand(*rested))


def test_the_laws_own_rest_day_is_told_only_where_the_country_names_one():
    friday = by_hand((4, EARLY), (5, EARLY))
    assert "rest_day" not in soft(friday)
    assert "rest_day" in soft(replace(friday, rest_day="friday"))


def test_a_free_weekend_is_counted_by_the_countrys_own_weekend():
    sundays = by_hand(*[(w * 7 + 6, EARLY) for w in range(4)])
    assert "free_weekends_of_four" in soft(sundays)
    assert "free_weekends_of_four" not in soft(replace(sundays, weekend=("friday", "saturday")))


# Cover.


def two_shifts(*who: tuple[int, str, str], **changes: Any) -> Roster:
    people = tuple(Advocate(code, 40, ("en", "fr") if code == "F" else ("en",)) for code in ("A", "B", "F"))
    roster = replace(by_hand((0, EARLY), (0, LATE)), people=people, needed=np.array([[2, 0]] + [[0, 0]] * 27))
    given = tuple(Assignment(START + timedelta(days=d), s, code) for d, s, code in who)
    lead = Advocate("S", 40, (), supervisor=True)
    on_call = dict.fromkeys(roster.days, "S")
    return replace(roster, assignments=given, people=(*people, lead), on_call=on_call, **changes)


def told(roster: Roster) -> list[str]:
    assert broken(roster) == []
    return [v.text for v in check(roster, {})]


def test_missing_and_surplus_people_are_told():
    assert told(two_shifts((0, "E", "A"), (0, "E", "B"))) == []
    assert told(two_shifts())[0] == "4 October: 0 of 2 advocates on E (06:00–14:15)."
    assert told(two_shifts((0, "E", "A"), (0, "E", "B"), (0, "L", "F"))) == [
        "4 October: 1 on L (14:00–22:15), which asks for 0."
    ]


def test_who_is_alone_on_the_line_is_named_with_the_hours():
    assert told(two_shifts((0, "E", "A")))[-1] == "A, 4 October: alone on the line from 06:00 to 14:00, 8 hours."


def test_a_break_that_leaves_nobody_is_told():
    both = tuple(Break(START, code, 600, 30) for code in ("A", "B"))
    assert told(two_shifts((0, "E", "A"), (0, "E", "B"), breaks=both)) == [
        "4 October: breaks leave nobody on the line from 10:00 to 10:30."
    ]
    in_turn = (both[0], replace(both[1], start=630))
    assert told(two_shifts((0, "E", "A"), (0, "E", "B"), breaks=in_turn)) == []


def test_a_language_asked_for_and_not_there_is_told():
    asks = {"fr": np.array([[1, 0]] + [[0, 0]] * 27)}
    assert told(two_shifts((0, "E", "A"), (0, "E", "F"), speakers=asks)) == []
    (found,) = check(two_shifts((0, "E", "A"), (0, "E", "B"), speakers=asks), {})
    assert (found.rule, found.hard) == ("language fr", False)
    assert found.text == "4 October: speakers of fr on E (06:00–14:15): 0; asked for: 1."


def test_days_without_a_supervisor_on_call_are_told_once():
    roster = two_shifts((0, "E", "A"), (0, "E", "B"))
    alone = replace(roster, on_call=dict.fromkeys(roster.days[2:], "S"))
    assert told(alone) == ["4 October: no supervisor on call; days of this roster without one: 2."]


@pytest.mark.parametrize(("start", "rules"), [(660, []), (661, ["break_after_hours"])])
def test_ontario_gives_a_break_after_five_hours_at_the_latest(start, rules):
    roster = by_hand((0, shift("E", 360, 480)), breaks=(Break(START, "A03", start, 30),))
    assert [v.rule for v in broken(roster, load_limits("ca-on", AS_OF))] == rules


@pytest.mark.parametrize(("minutes", "rules"), [(30, []), (29, ["break_minutes"])])
def test_mexico_gives_half_an_hour_in_every_shift_at_no_set_time(minutes, rules):
    roster = by_hand((0, shift("E", 420, 300)), breaks=(Break(START, "A03", 690, minutes),))
    assert [v.rule for v in broken(roster, load_limits("mx", AS_OF))] == rules


# The planner, whose rules are written elsewhere.


def test_the_planners_own_judge_and_the_checker_agree_person_by_person():
    prices, luck = load_prices(), Random(6)
    seen, kept = Counter[str](), 0
    for seed in range(30):
        asked, given = planted(8, seed)
        people = tuple(replace(p, hours_per_week=60) for p in asked.people)
        # Every shift asked for every day: else the planner forbids it, which is no matter of the person's.
        asked = replace(asked, people=people, needed=np.maximum(asked.needed, 1), zone="Europe/Dublin" * (seed % 2))
        for _ in range(10):
            given[luck.randrange(8), luck.randrange(28)] = luck.randrange(-1, 3)
        planner: dict[str, set[str]] = {p.code: set() for p in people}
        for rule, code, _ in measure(compile_problem(asked, prices), given).broken:
            if code:
                planner[code].add(rule)
        roster = by_hand(start=asked.start, shifts=asked.shifts, needed=asked.needed, people=people, zone=asked.zone)
        judged: dict[str, set[str]] = {p.code: set() for p in people}
        for v in broken(replace(roster, assignments=published(asked, given)), asked.limits):
            judged[v.person].add(v.rule)
        for code in planner:
            # The planner keeps the weekly rest by a stricter, simpler rule; seven days in a row break it too.
            assert planner[code] - {"weekly_rest_hours"} == judged[code] - {"weekly_rest_hours"}
            if "weekly_rest_hours" in judged[code]:
                assert planner[code] & {"weekly_rest_hours", "consecutive_days_limit"}
            seen.update(judged[code])
            kept += not judged[code]
    assert kept > 50
    assert set(seen) >= {"daily_rest_hours", "consecutive_days_limit", "days_off_after_nights", "weekly_hours_limit"}


# The rule report.


def test_the_rule_report_shows_mexicos_longest_night_beside_its_limit_and_source():
    night = shift("N", 1320, 405, 15, night=True)
    roster = by_hand((0, night), (1, night), night_window=(1200, 360))
    line = next(x for x in rule_report(roster, load_limits("mx", AS_OF)) if x.rule == "night_shift_hours_limit")
    assert (line.value, line.hard, line.kept, line.broken) == ("7 hours", True, 2, 0)
    assert line.closest == "A03, 4 October: 7 h"
    assert "[LFT]" in line.source


def test_the_rule_report_shows_ontarios_shortest_rest():
    roster = by_hand((0, shift("L", 780, 465)), (1, shift("E", 480, 480)), (2, shift("E", 480, 480)))
    line = next(x for x in rule_report(roster, load_limits("ca-on", AS_OF)) if x.rule == "daily_rest_hours")
    assert (line.value, line.kept, line.broken, line.closest) == ("11 hours", 2, 0, "A03, 5 October: 11.25 h")
    assert "[ON]" in line.source


def test_the_rule_report_has_a_line_for_every_rule_and_counts_what_is_broken():
    roster = turn("--LE----------")(legal(), "A05", Random(3))
    lines = {line.rule: line for line in rule_report(roster, BASE)}
    assert set(BASE) - PARTS <= set(lines)
    assert {rule for rule, line in lines.items() if line.hard and line.broken} == {"daily_rest_hours"}
    assert lines["daily_rest_hours"].closest == "A05, " + lines["daily_rest_hours"].closest.split(", ", 1)[1]
    assert lines["daily_rest_hours"].closest.endswith("7.75 h")
    assert lines["leave"].kept == len(roster.assignments)
    assert all(line.title and line.source for line in lines.values())


def test_checking_300_people_takes_less_than_a_second():
    from time import process_time

    big = legal()
    people = tuple(replace(p, code=f"{p.code}-{n}") for n in range(22) for p in big.people)
    given = tuple(replace(a, person=f"{a.person}-{n}") for n in range(22) for a in big.assignments)
    breaks = tuple(replace(b, person=f"{b.person}-{n}") for n in range(22) for b in big.breaks)
    many = replace(big, people=people, assignments=given, breaks=breaks, needed=22 * big.needed, on_call={})
    began = process_time()
    assert len(people) > 300
    assert broken(many) == []
    assert process_time() - began < 2  # measured 0.4; a second is promised


# The public benchmark's own judge, by hand on an instance small enough to count.

TINY = """
SECTION_HORIZON
7
SECTION_SHIFTS
E,480,
L,480,E
SECTION_STAFF
A,E=5|L=2,2400,960,4,2,2,0
B,E=7|L=7,3360,0,7,1,1,1
SECTION_DAYS_OFF
A,0
SECTION_SHIFT_ON_REQUESTS
A,1,E,3
B,0,L,5
SECTION_SHIFT_OFF_REQUESTS
B,2,E,7
SECTION_COVER
1,E,1,100,1
3,L,1,50,2
"""


@pytest.mark.parametrize(
    ("a", "b", "value", "problems"),
    [
        ("-EE----", "-------", 5 + 50, []),
        ("-EE----", "L--L---", 0, []),
        ("-EE----", "LEEL---", 1 + 7, ["B: E on day 1 may not follow L"]),
        ("EE-----", "-------", 5 + 50, ["A: works on day 0, a day off"]),
        ("-E--EE-", "-------", 55, [
            "A: 1 working days in a row from day 1, at least 2",
            "A: 1 weekends, at most 0",
        ]),
        ("-EE-EE-", "-------", 55, [
            "A: 1 days off in a row from day 3, at least 2",
            "A: 1 weekends, at most 0",
        ]),
        ("------E", "-------", 3 + 5 + 100 + 50, [
            "A: 480 minutes, from 960 to 2400",
            "A: 1 weekends, at most 0",
        ]),
        ("-ELLL--", "-------", 5, ["A: 3 of shift L, at most 2"]),
        ("-EEEEE-", "-------", 55, [
            "A: 5 working days in a row from day 1, at most 4",
            "A: 1 weekends, at most 0",
        ]),
        ("-EE---", "-------", 0, ["A: 6 days in place of 7"]),
        ("-EX----", "-------", 0, ["A: day 2 holds 'X', which is no shift"]),
    ],
)  # fmt: skip
def test_the_benchmarks_judge_counts_a_small_instance_as_a_person_would(a, b, value, problems):
    plans = {name: [None if c == "-" else c for c in plan] for name, plan in (("A", a), ("B", b))}
    assert value_of(TINY, plans) == (value, problems)
