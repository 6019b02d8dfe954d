"""A published roster: kept whole, read back strictly, repaired with the fewest moves, swapped, and gone on from."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import timedelta
from itertools import count, product
from pathlib import Path
from random import Random

import numpy as np
import pytest
from clock import measured
from hotline_rosters import LATE, MORNING, NIGHT, START
from roster_at_work import BASE, SIGNED, WEEKEND, at_work, by_hand, day, row

from hotline_catalyst.errors import CatalystError, ContentError
from hotline_catalyst.planning.rostering.checking import check
from hotline_catalyst.planning.rostering.compiling import assignments_of, compile_problem
from hotline_catalyst.planning.rostering.constraint_engine import solve_by_constraints
from hotline_catalyst.planning.rostering.fewest_moves import cheapest_plan, fewest_moves
from hotline_catalyst.planning.rostering.measure import measure
from hotline_catalyst.planning.rostering.prices import load_prices
from hotline_catalyst.planning.rostering.problem import FREE, OFF, Blocks, Cover, Effort, Kind, Person, Problem, Tally
from hotline_catalyst.planning.rostering.published import (
    Published,
    changes,
    list_rosters,
    load_past,
    load_published,
    load_roster,
    roster_on,
    save_changes,
    save_published,
)
from hotline_catalyst.planning.rostering.records import (
    Advocate,
    Assignment,
    Break,
    Past,
    Question,
    Request,
    Roster,
    Session,
    Unavailable,
    Violation,
)
from hotline_catalyst.planning.rostering.repair import Absence, plan_on, question_of, repair
from hotline_catalyst.planning.rostering.stand_ins import who_could
from hotline_catalyst.planning.rostering.swaps import swap


def hard(roster: Roster) -> list[str]:
    return [v.text for v in check(roster, BASE) if v.hard]


# Moves: as few as can be, against trying everything.


def small_problem(draw: Random) -> Problem:
    """Four people, seven days, a day and a night shift, with rules that bind and prices that differ."""
    kinds, days = (Kind("D", 480), Kind("N", 480, True)), 7
    nights = np.tile(np.array([0, 1]), (days, 1))
    people = []
    for n in range(4):
        may = np.ones((days, 2), dtype=bool)
        may[:, 1] = draw.random() > 0.3
        forbidden = np.zeros((2, 2, 2), dtype=bool)
        forbidden[0, 1, 0] = True
        follow = np.zeros((2, 2, 2), dtype=np.int64)
        follow[1, 1, 0] = draw.choice([0, 3])
        people.append(
            Person(
                f"P{n}",
                may,
                np.full(days, FREE),
                np.array([[draw.choice([0, 0, 2, -2]) for _ in kinds] for _ in range(days)]),
                forbidden,
                follow,
                most_in_row=5,
                lone_day=draw.choice([0, 1]),
                lone_off=draw.choice([0, 1]),
                most_nights=3,
                off_after_nights=1,
                tallies=(
                    Tally("contract_hours", np.full((days, 2), 480), most=480 * 5),
                    Tally("nights_apart", nights, least=1, most=2, below=12, above=12),
                ),
                blocks=(Blocks("weekends_apart", ((5, 6),), 0, above=8),),
            )
        )
    covers = []
    for d in range(days):
        for k in range(2):
            short = (8000, 32000) if k == 0 and draw.random() < 0.4 else (8000,)
            covers.append(Cover(d, (k,), len(short), short, extra=None))
        covers.append(Cover(d, (0,), 1, (2400,), people=(0, 1), rule="language fr"))
    return Problem(days, kinds, tuple(people), tuple(covers))


def worth(problem: Problem, given: np.ndarray, old: np.ndarray, gone: np.ndarray) -> tuple[int, ...] | None:
    """What a plan is judged by, in order; None where it breaks a rule that must hold."""
    found = measure(problem, given)
    if found.broken:
        return None
    cover, silent = (found.by_rule.get(rule, 0) for rule in ("cover", "language fr"))
    changed = (given != old) & ~gone
    moved = int((changed.any(axis=1) & ~gone.any(axis=1)).sum())
    return cover, silent, moved, int(changed.sum()), found.price - cover - silent


def every_plan(problem: Problem, old: np.ndarray, free: np.ndarray) -> Iterator[np.ndarray]:
    """Yield every plan in which each person alone keeps the rules; whole plans are judged by whoever asks."""
    mine = []
    for p, person in enumerate(problem.people):
        alone, places = Problem(problem.days, problem.kinds, (person,), ()), np.flatnonzero(free[p])
        mine.append([])
        for duties in product((OFF, 0, 1), repeat=len(places)):
            days = old[p].copy()
            days[places] = duties
            if not measure(alone, days[None, :]).broken:
                mine[p].append(days)
    most = {(c.day, c.kinds[0]): c.need for c in problem.covers if c.extra is None}
    for plan in product(*mine):
        given = np.array(plan)
        if all((given[:, d] == k).sum() <= need for (d, k), need in most.items()):
            yield given


@pytest.mark.parametrize("seed", range(60 if os.environ.get("SOAK") else 4))
def test_a_repair_is_the_best_of_all_plans_cover_then_people_then_days_then_prices(seed):
    draw = Random(seed)
    problem = small_problem(draw)
    nobody, everywhere = np.full((4, 7), OFF), np.ones((4, 7), dtype=bool)
    first = fewest_moves(problem, nobody, everywhere, ~everywhere)
    assert first is not None
    ill, begins, length = draw.randrange(4), draw.randrange(1, 5), draw.choice([1, 2])
    free, gone = ~everywhere, ~everywhere
    free[:, begins : begins + 2] = True
    gone[ill, begins : begins + length] = True
    found = fewest_moves(problem, first.given, free, gone)
    assert found is not None
    assert found.proved
    absent = problem.people[ill].may & ~gone[ill][:, None]
    people = [replace(p, may=absent) if n == ill else p for n, p in enumerate(problem.people)]
    without = replace(problem, people=tuple(people))
    plans = [worth(without, g, first.given, gone) for g in every_plan(without, first.given, free)]
    assert worth(without, found.given, first.given, gone) == min(w for w in plans if w is not None)


def test_a_sick_call_moves_the_fewest_people_by_a_checker_that_knows_no_solver():
    week = {"A1": "MMLL---", "A2": "LLL---M", "A3": "-MMM--L", "A4": "--MLLL-", "A5": "M--MLL-"}
    roster = by_hand({MORNING: 1, LATE: 1}, week)
    people = tuple(replace(p, hours_per_week=48) for p in roster.people)
    needed = np.array([[column.count(x) for x in "ML"] for column in zip(*week.values(), strict=True)])
    roster = replace(roster, needed=needed, people=people)
    assert hard(roster) == []
    found = repair(question_of(roster, BASE), roster, [Absence("A5", day(4), day(5))], from_day=day(4))

    def given(code: str, last: tuple[str, ...]) -> list[Assignment]:
        days = week[code][:4] + "".join(last)
        return [Assignment(day(n), x, code) for n, x in enumerate(days) if x != "-"]

    def kept(code: str, last: tuple[str, ...]) -> bool:
        person = Advocate(code, 48, ("en",))
        return not hard(replace(roster, people=(person,), assignments=tuple(given(code, last)), on_call={}))

    plans = {
        code: [last for last in product("ML-", repeat=3) if kept(code, last)]
        if code != "A5"
        else [("-", "-", x) for x in "ML-" if kept(code, ("-", "-", x))]
        for code in week
    }
    best = min(
        (short, sum(plan[n] != tuple(week[code][4:]) for n, code in enumerate(week) if code != "A5"))
        for plan in product(*plans.values())
        if (short := _short(plan, needed[4:])) is not None
    )
    assert (round(found.uncovered_hours / 8), len(found.moved)) == best == (0, 1)
    assert hard(found.roster) == []


def _short(plan: tuple[tuple[str, ...], ...], needed: np.ndarray) -> int | None:
    """How many places stay empty; None when a shift has more people than it asks for."""
    there = np.array([[sum(p[d] == x for p in plan) for x in "ML"] for d in range(len(needed))])
    return None if (there > needed).any() else int((needed - there).sum())


@pytest.mark.parametrize(("people", "ill", "first", "last"), [(16, "A03", 8, 10), (32, "A11", 9, 15)])
def test_a_sick_call_is_repaired_by_the_rules_within_seconds(people, ill, first, last):
    roster = at_work(people)
    assert hard(roster) == []
    with measured() as spent:
        found = repair(question_of(roster, BASE), roster, [Absence(ill, day(first), day(last))], from_day=day(first))
    lost = [a for a in roster.assignments if a.person == ill and day(first) <= a.day <= day(last)]
    assert lost
    assert (found.uncovered_hours, found.proved) == (0, True)
    assert 1 <= len(found.moved) <= len(lost)
    assert hard(found.roster) == []
    assert set(row(found.roster, ill)[first : last + 1]) == {"-"}
    assert spent.seconds < 3


def test_days_that_are_over_or_far_away_never_change():
    roster = at_work()
    ill = next(p.code for p in roster.people if "-" not in row(roster, p.code)[7:9])
    found = repair(question_of(roster, BASE), roster, [Absence(ill, day(7), day(8))], from_day=day(8))
    changed = {c.day for c in changes(roster, found.roster, SIGNED, "absence")}
    assert day(8) <= min(changed)
    assert max(changed) <= day(8) + timedelta(days=load_prices().spans["after_absence"].days)
    assert (row(found.roster, ill)[7], row(found.roster, ill)[8]) == (row(roster, ill)[7], "-")


def test_an_absence_without_a_shift_moves_nobody():
    roster = at_work()
    free = next(n for n in range(28) if row(roster, "A04")[n] == "-")
    found = repair(question_of(roster, BASE), roster, [Absence("A04", day(free), day(free))], from_day=day(free))
    assert (found.moved, found.changes, found.roster.assignments) == ((), (), roster.assignments)


def test_what_nobody_can_cover_stays_open_and_is_counted():
    roster = by_hand({MORNING: 1}, {"A1": "MM-MM--", "A2": "--M--MM"})
    people = tuple(replace(p, limits={"weekly_hours_limit": 28}) for p in roster.people)
    found = repair(
        question_of(replace(roster, people=people), BASE), roster, [Absence("A1", day(3), day(4))], from_day=day(3)
    )
    assert (found.uncovered_hours, found.moved) == (16, ())


def test_who_broke_a_rule_when_it_was_signed_stays_as_signed():
    roster = by_hand({MORNING: 1, LATE: 1}, {"A1": "LM-----", "A2": "M--MM--", "A3": "-LLL--M", "A4": "--M-LLL"})
    before = hard(roster)
    assert len(before) == 1  # A1 rests too little before the second day
    found = repair(question_of(roster, BASE), roster, [Absence("A2", day(3), day(3))], from_day=day(0))
    assert row(found.roster, "A1") == "LM-----"
    assert hard(found.roster) == before


def test_calls_sessions_and_breaks_follow_the_people():
    roster = by_hand(
        {MORNING: 1},
        {"A1": "MM-----", "A2": "--MM---", "A3": "----MM-"},
        sessions=(Session("meeting", "Staff meeting", day(1), 960, 60, ("A1", "A2")),),
        breaks=(Break(day(0), "A1", 600, 30), Break(day(1), "A1", 615, 30), Break(day(2), "A2", 600, 30)),
        on_call={day(0): "SUP1", day(1): "SUP1", day(2): "SUP2"},
    )
    absent = [Absence("A1", day(1), day(1)), Absence("SUP1", day(1), day(1), "leave")]
    found = repair(question_of(roster, BASE), roster, absent, from_day=day(1))
    (taker,) = found.moved
    assert found.roster.sessions[0].people == ("A2",)
    assert Break(day(1), taker, 615, 30) in found.roster.breaks
    assert all((b.person, b.day) != ("A1", day(1)) for b in found.roster.breaks)
    assert found.roster.on_call == {day(0): "SUP1", day(1): "SUP2", day(2): "SUP2"}
    assert "Tuesday 5 October: SUP2 is on call instead of SUP1." in found.changes


def test_a_leaver_gives_up_every_later_day_and_the_others_cover():
    roster = at_work()
    found = repair(question_of(roster, BASE), roster, [Absence("A07", day(20), day(20), "left")], from_day=day(20))
    assert set(row(found.roster, "A07")[20:]) == {"-"}
    assert next(p for p in found.roster.people if p.code == "A07").last_day == day(19)
    assert (hard(found.roster), found.uncovered_hours) == ([], 0)


LEADS = replace(MORNING, id="SV")


def test_supervisors_shifts_are_covered_by_supervisors_and_calls_keep_clear_of_their_nights():
    week = {"A1": "MM-----", "A2": "--MM---"}
    night = replace(NIGHT, id="SN")
    roster = by_hand({MORNING: 1, LEADS: 1, night: 1}, week, supervisor_shifts=frozenset({"SV", "SN"}))
    leads = [Assignment(day(0), "SV", "SUP1"), Assignment(day(1), "SN", "SUP1"), Assignment(day(3), "SV", "SUP2")]
    needed = np.zeros_like(roster.needed)
    for a in (*roster.assignments, *leads):
        needed[(a.day - START).days, [s.id for s in roster.shifts].index(a.shift)] += 1
    calls = {day(n): "SUP2" if n < 3 else "SUP1" for n in range(7)}
    roster = replace(roster, assignments=(*roster.assignments, *leads), needed=needed, on_call=calls)
    assert hard(roster) == []
    absent = [Absence("SUP1", day(1), day(1))]
    found = repair(question_of(roster, BASE, supervisors=True), roster, absent, from_day=day(1))
    assert Assignment(day(1), "SN", "SUP2") in found.roster.assignments
    # SUP2 now works the night and sleeps after it; SUP1 is back on the third day.
    assert (found.roster.on_call.get(day(1)), found.roster.on_call[day(2)]) == (None, "SUP1")
    assert [row(found.roster, code) for code in week] == list(week.values())
    line = repair(question_of(roster, BASE), roster, [Absence("A1", day(1), day(1))], from_day=day(1))
    assert line.moved == ("A2",)
    assert [x.person for x in who_could(roster, BASE, day(4), "SV")] == ["SUP2", "SUP1"]
    assert "SUP2" not in [x.person for x in who_could(roster, BASE, day(5), "M")]
    given = swap(roster, BASE, ("SUP1", day(0)), ("A2", None))
    assert given.problems == ("A2 is no supervisor and would hold a supervisors' shift on Monday 4 October.",)


# Planning on for other people.


def test_a_new_starter_takes_open_shifts_and_published_days_stay_where_they_can():
    roster = at_work(8, 3)
    open_ = [a for a in roster.assignments if a.person == "A05" and a.day >= day(14)]
    roster = replace(roster, assignments=tuple(a for a in roster.assignments if a not in open_))
    starter = Advocate("B01", 40, ("en", "es"), first_day=day(10))
    asked = question_of(roster, BASE, people=(*(p for p in roster.people if p.code != "A05"), starter))
    found = plan_on(asked, roster, from_day=day(14))
    assert found is not None
    assert (hard(found.roster), found.uncovered_hours) == ([], 0)
    assert row(found.roster, "B01")[:14] == 14 * "-" != row(found.roster, "B01")[14:]
    kept = [c for c in changes(roster, found.roster, SIGNED, "edit") if c.person != "B01"]
    assert len(kept) <= 4


@pytest.mark.parametrize("seed", range(40 if os.environ.get("SOAK") else 3))
def test_planned_on_a_roster_is_the_cheapest_of_all_when_each_published_day_has_its_price(seed):
    draw = Random(seed)
    problem = small_problem(draw)
    nobody, everywhere = np.full((4, 7), OFF), np.ones((4, 7), dtype=bool)
    first = fewest_moves(problem, nobody, everywhere, ~everywhere)
    assert first is not None
    free, known = ~everywhere, np.array([True, True, True, False])  # the fourth has just started
    free[:, 3:5] = True
    person, days = draw.choice([1, 5, 60]), draw.choice([0, 3])
    found = cheapest_plan(problem, first.given, free, known, person, days)
    assert found is not None

    def price(given: np.ndarray) -> int:
        changed = (given != first.given)[:3]
        return measure(problem, given).price + days * int(changed.sum()) + person * int(changed.any(axis=1).sum())

    best = min(price(g) for g in every_plan(problem, first.given, free))
    assert (price(found.given), found.price, found.bound) == (best, best, best)
    assert measure(problem, found.given).broken == ()


# Who could step in, and swaps.


def test_who_could_is_legal_and_whoever_worked_least_lately_comes_first():
    roster = by_hand(
        {LATE: 1, NIGHT: 1},
        {
            "A1": "NN-----NN----",
            "A2": "--NN------N--",
            "A3": "L---LLL------",
            "A4": "-LLL---LL----",
            "A5": "----NNN-----L",
        },
    )
    found = who_could(roster, BASE, day(11), "N")
    assert [x.person for x in found] == ["A3", "A4", "A2", "A1", "SUP1"]
    assert [(x.nights, x.last_resort) for x in found] == [(0, False), (0, False), (3, False), (4, False), (0, True)]
    for one in found[:-1]:
        assert hard(replace(roster, assignments=(*roster.assignments, Assignment(day(11), "N", one.person)))) == []
    # A5 works again two days later: too soon after a night.
    assert hard(replace(roster, assignments=(*roster.assignments, Assignment(day(11), "N", "A5")))) != []


def test_who_speaks_what_the_shift_lacks_is_asked_first_and_who_wished_to_be_free_last():
    roster = by_hand({MORNING: 1}, {"A1": "-------", "A2": "M------", "A3": "-------"})
    spoken = {"es": np.ones_like(roster.needed)}
    people = (
        replace(roster.people[0], requests=(Request(day(3), False),)),
        replace(roster.people[1], languages=("en", "es")),
        *roster.people[2:],
    )
    roster = replace(roster, people=people, speakers=spoken, on_call={})
    found = who_could(roster, BASE, day(3), "M")
    assert [(x.person, x.speaks, x.wished_free) for x in found] == [
        ("A2", True, False), ("A3", False, False), ("A1", False, True)
    ]  # fmt: skip


def test_a_legal_swap_is_found_legal_and_an_illegal_one_is_named_by_person_and_day():
    roster = by_hand({MORNING: 1, LATE: 1}, {"A1": "MML----", "A2": "LL-M---", "A3": "-------"})
    assert hard(roster) == []
    good = swap(roster, BASE, ("A1", day(2)), ("A2", day(3)))
    assert (good.legal, good.cover_holds, good.problems) == (True, True, ())
    assert (row(good.roster, "A1"), row(good.roster, "A2")) == ("MM-M---", "LLL----")
    bad = swap(roster, BASE, ("A1", day(1)), ("A2", day(1)))
    assert bad.problems == (
        "A2, 5 October: 7.75 hours between the end of L (23:15) and the start of E (07:00); the rule asks for 11.",
    )
    assert bad.others == ("A3", "SUP1")


def test_a_shift_given_away_is_judged_and_a_language_lost_is_told():
    roster = by_hand({MORNING: 1, LATE: 1}, {"A1": "M------", "A2": "L------", "A3": "-M-----"})
    people = (replace(roster.people[0], languages=("en", "es")), *roster.people[1:])
    roster = replace(roster, people=people, speakers={"es": np.ones_like(roster.needed)})
    given = swap(roster, BASE, ("A1", day(0)), ("A3", None))
    assert (given.legal, given.cover_holds) == (True, False)
    assert given.gaps[0] == "Monday 4 October: nobody on E would speak es where somebody should."
    twice = swap(roster, BASE, ("A1", day(0)), ("A2", None))
    assert (twice.legal, twice.problems[0]) == (False, "A2 would have two shifts on Monday 4 October.")


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (("SUP3", day(0)), ("A2", None), "There is no 'SUP3' in this roster; did you mean 'SUP"),
        (("A1", day(1)), ("A2", None), "A1 has no shift on Tuesday 5 October."),
        (("A1", day(0)), ("B", None), "There is no 'B' in this roster"),
    ],
)
def test_a_swap_of_what_is_not_there_is_refused_in_a_sentence(first, second, said):
    with pytest.raises(CatalystError, match=said[:30]) as caught:
        swap(by_hand({MORNING: 1}, {"A1": "M------", "A2": "-------"}), BASE, first, second)
    assert str(caught.value).startswith(said)


# The files.


def full(roster: Roster) -> Roster:
    """A roster with something in every field."""
    first, *others = roster.people
    rich = replace(
        first,
        leave=frozenset({day(20), day(3)}),
        contract="volunteer",
        requests=(Request(day(5), True, "M", 3),),
        unavailable=(Unavailable(2, 600, 1500),),
        limits={"weekly_hours_limit": 30.0},
        first_day=day(-9),
        last_day=day(99),
    )
    return replace(
        roster,
        people=(rich, *others),
        violations=(Violation("alone", "A2", day(1), "alone on the line", False),),
        holidays={day(4): "A holiday"},
        speakers={"es": np.ones_like(roster.needed)},
        sessions=(Session("training", "First aid", day(6), 600, 90, ("A1",)),),
        breaks=(Break(day(0), "A1", 600, 30),),
        zone="Africa/Tunis",
        price=9,
        bound=3,
        prices={"nights_apart": 9},
        settings={"engine": "constraints", "work": 2.5, "seed": 1},
        rest_day="sunday",
        supervisor_shifts=frozenset({"M"}),
        night_window=(1320, 300),
        not_placed=("No time was found for a meeting.",),
        anonymous=True,
    )


SMALL = {"A1": "MM---MM", "A2": "--MMM--"}


def published(folder: Path) -> Published:
    found = load_published(folder, START)
    assert found is not None
    return found


def alike(a: object, b: object) -> bool:
    if isinstance(a, np.ndarray):
        return np.array_equal(a, b)  # type: ignore[arg-type]
    return all(alike(a[k], b[k]) for k in a) and len(a) == len(b) if isinstance(a, dict) else a == b  # type: ignore


def test_a_published_roster_reads_back_field_by_field(tmp_path):
    roster = full(by_hand({MORNING: 1}, SMALL))
    empty = [f.name for f in fields(Roster) if f.name != "past" and not np.any(getattr(roster, f.name))]
    assert empty == [], "a field that nobody fills here could get lost unseen"
    path = save_published(tmp_path, roster, SIGNED, despite="Agreed with everybody")
    assert path == tmp_path / "rosters" / "2027-10-04.json"
    found = load_roster(tmp_path, START)
    assert found is not None
    assert [f.name for f in fields(Roster) if not alike(getattr(roster, f.name), getattr(found, f.name))] == []
    file = published(tmp_path)
    assert (file.version, file.despite, file.log) == (1, "Agreed with everybody", ())
    assert load_roster(tmp_path, day(7)) is None


def test_the_same_roster_gives_the_same_bytes_in_any_process(tmp_path):
    roster = full(by_hand({MORNING: 1}, SMALL))
    first = save_published(tmp_path, roster, SIGNED).read_bytes()
    turned = replace(
        roster, prices=dict(reversed(roster.prices.items())), settings=dict(reversed(roster.settings.items()))
    )
    assert save_published(tmp_path, turned, SIGNED, again=True).read_bytes() == first
    # Sets of dates come in another order in every process.
    again = (
        "from datetime import date; from pathlib import Path; import sys;"
        "from hotline_catalyst.planning.rostering.published import *;"
        "f = Path(sys.argv[1]); s = date(2027, 10, 4);"
        "save_published(f, load_roster(f, s), date(2027, 9, 20), again=True)"
    )
    for seed in ("1",):
        env = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", again, str(tmp_path)], check=True, env=env)
        assert (tmp_path / "rosters" / "2027-10-04.json").read_bytes() == first


def test_publishing_twice_must_be_meant_and_what_differs_goes_into_the_log(tmp_path):
    roster = by_hand({MORNING: 1}, SMALL)
    path = save_published(tmp_path, roster, SIGNED)
    before = path.read_bytes()
    other = by_hand({MORNING: 1}, {"A1": "M----MM", "A2": "-MMMM--"})
    with pytest.raises(CatalystError, match=r"was published on 2027-09-20. Publish it again with --again"):
        save_published(tmp_path, other, SIGNED)
    assert path.read_bytes() == before
    save_published(tmp_path, other, SIGNED + timedelta(days=1), again=True)
    file = published(tmp_path)
    noted = [(c.on, c.why, c.person, c.day, c.before, c.after) for c in file.log]
    on = SIGNED + timedelta(days=1)
    assert noted == [(on, "edit", "A1", day(1), "M", ""), (on, "edit", "A2", day(1), "", "M")]


def test_the_log_goes_on_with_each_change_and_says_no_illness(tmp_path):
    roster = by_hand({MORNING: 1}, {"A1": "MM---MM", "A2": "--MMM--", "A3": "-------"})
    with pytest.raises(CatalystError, match="is a draft"):
        save_changes(tmp_path, roster, SIGNED, "absence")
    save_published(tmp_path, roster, SIGNED)
    found = repair(question_of(roster, BASE), roster, [Absence("A1", day(5), day(6), "ill")], from_day=day(5))
    _, first = save_changes(tmp_path, found.roster, day(5), "absence")
    after = swap(found.roster, BASE, ("A2", day(4)), ("A3", None)).roster
    path, second = save_changes(tmp_path, after, day(3), "swap")
    file = published(tmp_path)
    assert (file.log, file.published) == ((*first, *second), SIGNED)
    assert [(c.why, c.person) for c in second] == [("swap", "A2"), ("swap", "A3")]
    assert "ill" not in json.dumps([c.why for c in file.log])
    assert day(5) in next(p for p in file.people if p.code == "A1").leave
    assert (row(file.roster(), "A2"), path.name) == (row(after, "A2"), "2027-10-04.json")


def test_every_problem_of_a_broken_file_is_named_with_its_place(tmp_path):
    path = save_published(tmp_path, full(by_hand({MORNING: 1}, SMALL)), SIGNED)
    whole = path.read_text("utf-8")

    def problems(*edits: tuple[str, str]) -> list[str]:
        text = whole
        for old, new in edits:
            assert old in text
            text = text.replace(old, new, 1)
        path.write_text(text, "utf-8")
        with pytest.raises(ContentError) as caught:
            load_roster(tmp_path, START)
        return caught.value.problems

    at = next(n for n, line in enumerate(whole.splitlines(), 1) if '"A2"' in line and '"day"' in line)
    assert problems(('"shift": "M", "person": "A2"}', '"shift": "M" "person": "A2"}'))[0].startswith(
        f"line {at}, column"
    )
    assert problems(('"version": 1', '"version": 2')) == [
        "version: it says 2 and this toolkit reads 1; use the toolkit that wrote it, or move the file away and publish "
        "the roster again"
    ]
    wrong = problems(('"status": "good"', '"status": "fine"'), ('"hours_per_week": 40', '"hours_per_week": "many"'))
    assert ["status" in wrong[0], "people.0.hours_per_week" in wrong[1]] == [True, True]
    assert all(text.startswith("line ") for text in wrong)
    renamed = ('"start": "2027-10-04"', '"start": "2027-10-11"')
    wrong = problems(('"shift": "M", "person": "A1"', '"shift": "X", "person": "A7"'), renamed)
    assert {text.split(":")[0] for text in wrong} >= {"start", "assignments.0"}
    assert any("'A7' is not among the people" in text for text in wrong)
    assert problems(("  [1]", "  [1, 1]"))[0].startswith("needed: one row a day and one number a shift is needed")
    assert problems(('"log": []', '"log": [], "names": []')) == [
        f"line {whole.count(chr(10)) - 1}: names: this key is not known here; remove it or correct its spelling"
    ]


def test_a_process_killed_while_saving_leaves_the_old_file_whole(tmp_path):
    save_published(tmp_path, by_hand({MORNING: 1}, SMALL), SIGNED)
    roster = published(tmp_path).roster()

    def save_for_ever() -> None:
        for n in count():
            save_published(tmp_path, replace(roster, price=n), SIGNED, again=True)

    for wait in (0.01, 0.03, 0.1):
        child = multiprocessing.get_context("fork").Process(target=save_for_ever)
        child.start()
        child.join(wait)
        child.kill()
        child.join()
        assert child.exitcode == -signal.SIGKILL
        assert row(published(tmp_path).roster(), "A1") == SMALL["A1"]
        assert list_rosters(tmp_path) == (START,)


# History.


def test_the_past_is_what_was_published_and_the_newest_roster_wins_its_days(tmp_path):
    old = by_hand({MORNING: 1}, {"A1": "M------M-----M", "A2": "-------------M"}, holidays={day(7): "A holiday"})
    save_published(tmp_path, old, SIGNED)
    longer = replace(MORNING, cover=540)
    newer = by_hand({longer: 1}, {"A1": "-M-----"})
    newer = replace(
        newer,
        start=day(7),
        assignments=tuple(replace(a, day=a.day + timedelta(days=7)) for a in newer.assignments),
        on_call={},
    )
    save_published(tmp_path, newer, SIGNED)
    past = load_past(tmp_path, day(14))
    assert [(a.day, a.shift, a.person) for a in past.assignments] == [
        (day(0), "M@2027-10-04", "A1"),
        (day(8), "M", "A1"),
    ]
    assert (past.shifts["M"].cover, past.shifts["M@2027-10-04"].cover) == (540, 480)
    assert (past.first, past.holidays) == (START, frozenset())
    assert load_past(tmp_path, START) == Past()
    assert load_past(tmp_path, day(14), days=10).first == day(4)
    for when, start in ((day(6), START), (day(8), day(7))):
        found = roster_on(tmp_path, when)
        assert found is not None
        assert found.start == start
    assert roster_on(tmp_path, day(14)) is None


def test_the_next_month_goes_on_from_the_last_night(tmp_path):
    save_published(
        tmp_path, by_hand({MORNING: 1, NIGHT: 1}, {"A1": "-----NN", "A2": "NN---MM", "A3": "MMMMM--"}), SIGNED
    )
    start = day(7)
    question = Question(
        start=start,
        weeks=1,
        shifts=(MORNING, NIGHT),
        needed=np.tile([1, 1], (7, 1)).astype(np.int64),
        speakers={},
        people=tuple(Advocate(f"A{n}", 40, ("en",)) for n in (1, 2, 3, 4)),
        limits=BASE,
        weekend=WEEKEND,
        holidays={},
        off_queue_share=0.0,
        past=load_past(tmp_path, start),
    )
    given = assignments_of(
        question, solve_by_constraints(compile_problem(question, load_prices()), Effort(work=0.5)).given
    )
    mine = {a.day: a.shift for a in given if a.person == "A1"}
    assert mine.get(day(7)) in (None, "N"), "a morning after the night"
    assert mine.get(day(7)) == "N" or day(8) not in mine, "two nights of sleep"
    # Without its past the same question may give that morning: the history is what keeps it away.
    forgot = compile_problem(replace(question, past=Past()), load_prices())
    assert measure(forgot, np.array([[0, *[OFF] * 6], *[[OFF] * 7] * 3])).broken == ()
    knows = compile_problem(question, load_prices())
    given_morning = np.full((4, 7), OFF)
    given_morning[0, 0] = 0
    assert {rule for rule, person, _ in measure(knows, given_morning).broken if person == "A1"} >= {"daily_rest_hours"}
