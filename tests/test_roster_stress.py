"""The named roster under strain: closed forms, every case tried, and the checker that shares no code with it."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import product
from random import Random

import numpy as np
import pytest
from roster_conflicts import EVENING, MORNING, NIGHT, SHIFTS, START, limits, team

from hotline_catalyst.planning.demand import SignalClass
from hotline_catalyst.planning.rostering.checking import check
from hotline_catalyst.planning.rostering.night_risk import chance_of_few
from hotline_catalyst.planning.rostering.records import Advocate, Assignment, Break, Roster
from hotline_catalyst.planning.rostering.single_points import single_points
from hotline_catalyst.planning.rostering.stress_test import duties_in, stress_of
from hotline_catalyst.planning.shifts import Shift
from hotline_catalyst.planning.simulation import Duty, Week, simulate

SOAK = bool(os.environ.get("SOAK"))
ALL_DAY = Shift("A", 0, 1440, 0, night=True)


def day(number: int) -> date:
    return START + timedelta(days=number)


def roster(
    people: list[Advocate], given: list[tuple[int, Shift, str]], weeks: int = 1, shifts=SHIFTS, **more
) -> Roster:
    """A roster of these (day, shift, code); as many asked for as given unless said otherwise."""
    needed = np.zeros((7 * weeks, len(shifts)), dtype=np.int64)
    for number, shift, _ in given:
        needed[number, shifts.index(shift)] += 1
    assignments = tuple(Assignment(day(n), shift.id, code) for n, shift, code in given)
    fields = {"needed": needed, "on_call": {}, "speakers": {}} | more
    return Roster(
        start=START,
        shifts=tuple(shifts),
        people=tuple(people),
        assignments=assignments,
        violations=(),
        holidays={},
        weekend=("saturday", "sunday"),
        anonymous=False,
        status="good",
        **fields,
    )


def calls(load: float, absence: float = 0.0, languages: tuple[str, ...] = ("en",)) -> Week:
    """A steady line: 25 minutes each, patience of 5 minutes, promise of 30 seconds; ``load`` in erlangs."""
    classes = tuple(
        SignalClass(f"phone/{x}/other", "phone", x, "other", 0, 1500, 1, 0, 300, 30, 0.9, 0, 1) for x in languages
    )
    rates = np.full((len(languages), 672), load * 3600 / 1500 / len(languages))
    return Week(classes, rates, (), absence=absence, open_=np.ones(672, dtype=bool))


def alternating(absence_of_breaks: bool = True) -> Roster:
    """Two people take whole days in turn: one person is always there."""
    people = team(2)
    given = [(n, ALL_DAY, people[n % 2].code) for n in range(28)]
    no_break = (Break(day(0), "nobody", 0, 0),) if absence_of_breaks else ()
    return roster(people, given, 4, (ALL_DAY,), breaks=no_break)


# Chances.


def test_two_people_each_absent_in_8_of_100_leave_one_or_nobody_as_the_closed_form_says():
    people = team(2)
    made = stress_of(
        roster(people, [(n, NIGHT, p.code) for n in range(7) for p in people]), calls(0.1, 0.08), limits(), plays=1
    )
    assert [n.one_or_nobody for n in made.nights] == pytest.approx([1 - 0.92**2] * 7)
    assert [n.nobody for n in made.nights] == pytest.approx([0.08**2] * 7)


@pytest.mark.parametrize("seed", range(4))
def test_the_chance_of_few_equals_trying_every_absence(seed: int):
    draw = Random(seed)
    groups = [(a := draw.randrange(20), a + draw.randint(8, 24), draw.randint(1, 3)) for _ in range(4)]
    absence, quarters = draw.uniform(0.02, 0.4), range(14, 34)
    each = [(a, b) for a, b, people in groups for _ in range(people)]
    few = nobody = 0.0
    for there in product((True, False), repeat=len(each)):
        chance = float(np.prod([1 - absence if t else absence for t in there]))
        least = min(sum(t and a <= q < b for t, (a, b) in zip(there, each, strict=True)) for q in quarters)
        few, nobody = few + chance * (least < 2), nobody + chance * (least < 1)
    assert chance_of_few(groups, quarters, absence) == pytest.approx((few, nobody))


def test_colleagues_of_the_evening_count_while_they_are_there():
    """The evening shift ends before the night does: it cannot keep the night from being one person's."""
    people = team(4)
    given = [(n, s, p.code) for n in range(7) for s, pair in ((EVENING, people[:2]), (NIGHT, people[2:])) for p in pair]
    made = stress_of(roster(people, given), calls(0.1, 0.1), limits(), plays=1)
    assert made.nights[3].one_or_nobody == pytest.approx(1 - 0.9**2)


# Service.


def test_one_person_always_there_keeps_what_erlang_a_says():
    """Load 0.3, one advocate: 0.765 by Erlang A and by two simulations apart."""
    made = stress_of(alternating(), calls(0.3), limits(), plays=160)
    assert made.service == pytest.approx(0.765, abs=0.012)
    assert made.low < 0.765 < made.high
    assert np.mean((made.by_hour_low <= 0.765) & (made.by_hour_high >= 0.765)) > 0.8


def test_a_day_not_taken_up_is_a_day_without_answers():
    made = stress_of(alternating(), calls(0.3, absence=0.2), limits(), plays=160)
    assert made.service == pytest.approx(0.765 * 0.8, abs=0.025)


def test_a_week_of_the_roster_is_played_exactly_as_the_same_duties_written_by_hand():
    people = [replace(p, languages=("en", "fr")) if n == 0 else p for n, p in enumerate(team(3))]
    given = [(n, s, people[(n + k) % 3].code) for n in range(7) for k, s in enumerate((MORNING, EVENING, NIGHT))]
    made = roster(people, given, breaks=(Break(day(0), people[0].code, 10 * 60, 30),))
    week = calls(0.5, 0.05, ("en", "fr"))
    by_hand = tuple(
        Duty(
            *(1440 * n + s.start, 1440 * n + s.start + 480),
            frozenset({"en", "fr"} if code == "A01" else {"en"}),
            ((600, 630),) if (n, s.id) == (0, "M") else (),
        )
        for n, s, code in given
    )
    assert duties_in(made, 0) == by_hand
    played = simulate(replace(week, duties=by_hand), 12, 2012)
    assert stress_of(made, week, limits(), plays=12).service == played.overall


def test_a_night_that_nobody_has_is_the_weakest_and_said_first():
    people = team(4)
    given = [(n, NIGHT, p.code) for n in range(28) for p in people[:2] if n != 12]
    made = roster(people, given, 4)
    made.needed[12, SHIFTS.index(NIGHT)] = 2
    strained = stress_of(made, calls(0.2, 0.05), limits(), plays=8)
    weakest = strained.weakest[0]
    assert (weakest.day, weakest.people, weakest.service, weakest.nobody) == (day(12), (), 0.0, 1.0)
    assert "16 October" in strained.sentences[1]


def test_the_same_seed_gives_the_same_figures_and_another_gives_others():
    one, same, other = (stress_of(alternating(), calls(0.3, 0.1), limits(), plays=4, seed=s) for s in (3, 3, 4))
    assert one.sentences == same.sentences
    assert np.array_equal(one.by_hour, same.by_hour)
    assert one.service != other.service


def test_a_roster_without_anybody_is_played_too():
    made = stress_of(roster([], [], weeks=1), calls(0.3), limits(), plays=4)
    assert (made.service, made.nights, made.single_points) == (0.0, (), ())


# Single points of failure.


@cache
def mixed() -> Roster:
    """Eight people over four weeks, drawn; some shifts have one person, some no speaker or one."""
    draw = Random(5)
    people = [*team(8, speakers=3), Advocate("S1", 40, ("en",), supervisor=True)]
    given = []
    for number in range(28):
        free = [p.code for p in people[:8]]
        draw.shuffle(free)
        given += [(number, s, free.pop()) for s in SHIFTS for _ in range(draw.randint(1, 2))]
    asked = np.ones((28, 3), dtype=np.int64)
    return roster(people, given, 4, speakers={"es": asked}, on_call={day(n): "S1" for n in range(28)})


def covered(made: Roster, language: str = "") -> set[int]:
    """Minutes, in steps of five, at which somebody (who speaks a language) is on shift, the slow way."""
    speaks = {p.code for p in made.people if not language or language in p.languages}
    shifts = {s.id: s for s in made.shifts}
    return {
        minute
        for a in made.assignments
        if a.person in speaks
        for begin in [1440 * (a.day - START).days + shifts[a.shift].start]
        for minute in range(begin, begin + shifts[a.shift].cover, 5)
    }


def test_single_points_are_those_whose_absence_takes_away_minutes():
    made = mixed()
    expected = set()
    for a in made.assignments:
        without = replace(made, assignments=tuple(b for b in made.assignments if b is not a))
        expected |= {
            (a.person, fails, a.day)
            for fails, language in (("cover", ""), ("language es", "es"))
            if covered(without, language) < covered(made, language)
        }
    found = {(p.person, p.fails, d) for p in single_points(made, limits()) for d in p.days if p.fails != "on_call"}
    assert found == expected
    assert {f for _, f, _ in expected} == {"cover", "language es"}


def test_one_supervisor_alone_on_call_is_a_single_point_and_a_second_ends_it():
    alone = [p for p in single_points(mixed(), limits()) if p.fails == "on_call"]
    assert [(p.person, len(p.days), p.nobody) for p in alone] == [("S1", 28, alone[0].days)]
    second = Advocate("S2", 40, ("en",), supervisor=True, leave=frozenset({day(3)}))
    with_two = replace(mixed(), people=(*mixed().people, second))
    assert [p.days for p in single_points(with_two, limits()) if p.fails == "on_call"] == [(day(3),)]


def test_whoever_could_step_in_breaks_no_hard_rule_that_the_checker_knows():
    people = [*team(10, hours=48, speakers=4), replace(team(1)[0], code="N1", nights=False)]
    given = [(n, s, people[(n // 2 + 3 * k) % 9].code) for n in range(26) for k, s in enumerate(SHIFTS) if n % 7 < 5]
    made = roster(people, given, 4, speakers={"es": np.ones((28, 3), dtype=np.int64)})

    def hard(of: Roster, code: str) -> set[tuple[str, date | None]]:
        kinds = {"cover", "alone", "language es", "on_call"}
        return {(v.rule, v.day) for v in check(of, limits()) if v.hard and v.person == code and v.rule not in kinds}

    points = single_points(made, limits())
    proposed = [(p.person, when, name) for p in points for when, names in p.could_step_in.items() for name in names]
    assert len(proposed) > 50
    for person, when, name in Random(1).sample(proposed, 100 if SOAK else 5):
        moved = tuple(replace(a, person=name) if (a.person, a.day) == (person, when) else a for a in made.assignments)
        assert not hard(replace(made, assignments=moved), name) - hard(made, name), (person, when, name)
