"""Column generation: lawful and cheapest against plain enumeration, a bound that holds, the same roster every time."""

from __future__ import annotations

import sys
from dataclasses import replace
from itertools import product
from pathlib import Path
from random import Random

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent / "benchmarks"))

import roster as benchmark

from hotline_catalyst.planning.rostering import columns, columns_network
from hotline_catalyst.planning.rostering.columns import carries, solve_by_columns
from hotline_catalyst.planning.rostering.engine import solve
from hotline_catalyst.planning.rostering.measure import measure
from hotline_catalyst.planning.rostering.problem import (
    FREE,
    OFF,
    Before,
    Blocks,
    Cover,
    Effort,
    Ints,
    Kind,
    Person,
    Problem,
    Tally,
)

KINDS = (Kind("M", 480), Kind("N", 600, night=True))
LITTLE = Effort(work=3.0)


def person_of(draw: Random, days: int) -> Person:
    """One person under rules drawn at random: every field of the record is used by some."""
    shape = (days, len(KINDS))

    def some(price: int, chance: float) -> int:
        return price if draw.random() < chance else 0

    forbidden = np.zeros((2, 2, 2), dtype=bool)
    forbidden[0, 1, 0], forbidden[1, 1, 0] = draw.random() < 0.7, draw.random() < 0.4
    forbidden[0, 1, 1] = draw.random() < 0.2
    must = np.full(days, FREE)
    if draw.random() < 0.2:
        must[draw.randrange(days)] = draw.choice([OFF, 0, 1])
    nights = np.array([[0, 1]] * days)
    minutes = np.array([[480, 600]] * days)
    least = draw.choice([0, 0, 480, 960])
    tallies = [Tally("hours", minutes, least, least + draw.choice([1000, 1600]))]
    if draw.random() < 0.6:
        soft = draw.choice([None, 3])
        tallies.append(Tally("nights", nights, draw.choice([0, 1]), draw.choice([1, 2]), 2, soft))
    if draw.random() < 0.4:
        week = minutes.copy()
        week[days // 2 :] = 0
        tallies.append(Tally("week", week, 500, 1100, 4, 5, step=60))
    groups = tuple(pair for pair in ((1, 2), (4, 5)) if pair[1] < days)
    blocks = (Blocks("weekends", groups, draw.choice([0, 1]), draw.choice([None, 6])),) if draw.random() < 0.5 else ()
    before = draw.choice([Before(), Before(1, 0, 2, 1), Before(0, 0, 1, 0), Before(1, 1, 0, 0), Before(0, 2, 0, 0)])
    return Person(
        code=f"A{draw.randrange(10**6)}",
        may=np.array([[draw.random() < 0.9 for _ in KINDS] for _ in range(days)]),
        must=must,
        price=np.array([[draw.choice([0, 0, -4, 3]) for _ in KINDS] for _ in range(days)]).reshape(shape),
        forbidden=forbidden,
        follow_price=np.array([draw.choice([0, 0, 2]) for _ in range(8)]).reshape(2, 2, 2),
        most_in_row=draw.choice([2, 3, 5, 99]),
        base=draw.choice([0, 7]),
        least_in_row=draw.choice([1, 1, 2, 3]),
        least_off_in_row=draw.choice([1, 2]),
        lone_day=some(5, 0.4),
        lone_off=some(4, 0.4),
        most_nights=draw.choice([1, 2, 99]),
        off_after_nights=draw.choice([0, 1, 2]),
        tallies=tuple(tallies),
        blocks=blocks,
        before=before,
    )


def problem_of(seed: int, people: int, days: int) -> Problem:
    """A small problem drawn by a seed."""
    draw = Random(seed)
    covers = []
    for day, kind in product(range(days), range(len(KINDS))):
        need = draw.choice([0, 1, people - 1])
        extra = draw.choice([1, 1, 2, None]) if people > 1 else 1
        covers.append(Cover(day, (kind,), need, tuple(sorted(draw.choice([9, 20]) for _ in range(need))), extra))
    covers.append(Cover(1, (0, 1), 1, (30,), 0, people=(0,), rule="language"))
    return Problem(days, KINDS, tuple(person_of(draw, days) for _ in range(people)), tuple(covers))


def cheapest(problem: Problem) -> int | None:
    """Return the best price by trying everything, judged by `measure`; None when nothing is lawful."""
    lawful = []
    for person in problem.people:
        alone = replace(problem, people=(person,), covers=())
        rows = np.array(list(product(range(-1, len(KINDS)), repeat=problem.days)))
        judged = [(measure(alone, row[None]), row) for row in rows]
        lawful.append([(found.price, row) for found, row in judged if found.keeps_the_rules])
    if not all(lawful):
        return None
    best = None
    for rows in product(*lawful):
        own = sum(price for price, _ in rows)
        if best is not None and own >= best:
            continue
        found = measure(problem, np.stack([row for _, row in rows]))
        if found.keeps_the_rules and (best is None or found.price < best):
            best = found.price
    return best


@pytest.mark.parametrize("seed", range(14))
def test_one_persons_schedule_is_the_cheapest_lawful_one(seed):
    problem = problem_of(seed, people=1, days=6)
    found, best = solve_by_columns(problem, LITTLE), cheapest(problem)
    if best is None:
        assert found.status == "none"
        return
    judged = measure(problem, found.given)
    assert judged.broken == ()
    assert (found.price, judged.price, found.status) == (best, best, "proved best")


@pytest.mark.parametrize("seed", range(100, 106))
def test_two_peoples_roster_is_lawful_and_lies_between_bound_and_the_best_of_all(seed):
    problem = problem_of(seed, people=2, days=4)
    found, best = solve_by_columns(problem, LITTLE), cheapest(problem)
    if best is None:
        assert found.status == "none"
        return
    judged = measure(problem, found.given)
    assert (judged.broken, judged.price) == ((), found.price)
    assert found.bound <= best <= found.price
    assert solve(problem, LITTLE).price == best


def test_the_same_roster_comes_out_every_time_with_and_without_compiled_code(shared):
    problem = benchmark.read(shared / "benchmarks" / "shift-scheduling" / "Instance5.txt")
    effort = Effort(work=1.0)
    plain, again = (solve_by_columns(problem, effort, compiled=False) for _ in range(2))
    assert np.array_equal(plain.given, again.given)
    assert (plain.price, plain.bound, plain.settings) == (again.price, again.bound, again.settings)
    pytest.importorskip("numba")
    fast = solve_by_columns(problem, effort, compiled=True)
    assert np.array_equal(plain.given, fast.given)


@pytest.mark.parametrize(("number", "optimum"), [(2, 828), (3, 1001), (4, 1716)])
def test_benchmark_instances_are_proved(shared, number, optimum):
    # Optima: best_known.csv beside the data, proved there by other solvers.
    problem = benchmark.read(shared / "benchmarks" / "shift-scheduling" / f"Instance{number}.txt")
    found = solve(problem, Effort(work=20.0))
    assert (found.price, found.bound, found.status) == (optimum, optimum, "proved best")
    assert measure(problem, found.given).keeps_the_rules


def test_a_horizon_too_long_to_plan_at_once_is_planned_in_windows(shared, monkeypatch):
    problem = benchmark.read(shared / "benchmarks" / "shift-scheduling" / "Instance4.txt")
    monkeypatch.setattr(columns, "LONGEST", 20)
    monkeypatch.setattr(columns, "LENGTH", 14)
    found = solve_by_columns(problem, Effort(work=1.0))
    judged = measure(problem, found.given)
    assert (judged.broken, judged.price) == ((), found.price)
    assert found.bound <= 1716 <= found.price <= 1.5 * 1716


def test_networks_too_large_to_hold_leave_the_days_to_windows(monkeypatch):
    problem = problem_of(4, people=2, days=14)
    whole = solve_by_columns(problem, LITTLE)
    monkeypatch.setattr(columns_network, "LARGEST", 1_500)
    monkeypatch.setattr(columns, "LENGTH", 7)
    monkeypatch.setattr(columns, "AGAIN", 7)
    parts = solve_by_columns(problem, LITTLE)
    assert whole.status == "proved best"
    assert measure(problem, parts.given).keeps_the_rules
    assert whole.price <= parts.price
    assert parts.bound <= whole.price


def test_nothing_to_decide_is_proved_best():
    nobody = Problem(2, KINDS, (), (Cover(0, (0,), 2, (5, 6), None),))
    found = solve(nobody, LITTLE)
    assert (found.price, found.bound, found.status, found.given.shape) == (11, 11, "proved best", (0, 2))
    no_days = Problem(0, KINDS, tuple(person_of(Random(1), 6) for _ in range(1)), ())
    empty: Ints = np.zeros((0, 2), dtype=np.int64)
    no_days = replace(
        no_days, people=(replace(no_days.people[0], may=empty > 0, must=empty[:, 0], price=empty, base=3),)
    )
    assert solve(no_days, LITTLE).price == 3


def test_overlapping_groups_are_left_to_the_other_engine():
    person = replace(person_of(Random(3), 6), blocks=(Blocks("weekends", ((1, 2), (2, 3)), 1),))
    assert not carries(Problem(6, KINDS, (person,), ()))
