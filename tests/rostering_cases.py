"""Small random roster problems with every feature of the problem, and their best price by trying everything."""

from __future__ import annotations

from itertools import product
from random import Random

import numpy as np

from hotline_catalyst.planning.rostering.measure import measure
from hotline_catalyst.planning.rostering.problem import (
    FREE,
    OFF,
    Before,
    Blocks,
    Cover,
    Kind,
    Person,
    Problem,
    Tally,
)

KINDS = (Kind("D", 495), Kind("N", 495, night=True))


def _person(code: str, days: int, draw: Random) -> Person:
    def often(chance: float) -> bool:
        return draw.random() < chance

    def table(values: list[int], chance: float, shape: tuple[int, ...]) -> np.ndarray:
        cells = [draw.choice(values) if often(chance) else 0 for _ in range(int(np.prod(shape)))]
        return np.array(cells, dtype=np.int64).reshape(shape)

    size = len(KINDS)
    may = table([1], 0.85, (days, size)).astype(bool)
    must = np.full(days, FREE)
    for day in range(days):
        if often(0.1):
            must[day] = draw.choice([OFF, *[int(k) for k in np.flatnonzero(may[day])]])
    forbidden = np.zeros((2, size, size), dtype=bool)
    forbidden[0, 1, 0] = often(0.7)
    forbidden[1] = table([1], 0.15, (size, size)).astype(bool)
    before = Before()
    if often(0.5):
        kind, away = draw.choice([0, 1]), draw.choice([0, 0, 1, 2])
        row = 0 if away else draw.randint(1, 2)
        before = Before(kind, away, row, min(row, draw.randint(1, 2)) if kind == 1 else 0)
    tallies = [
        Tally(
            draw.choice(["nights_apart", "contract_hours"]),
            table([1, 2, 3], 0.6, (days, size)),
            least=draw.choice([0, 0, 2, 4]),
            most=draw.choice([1, 3, 5]),
            below=draw.choice([2, 5]),
            above=draw.choice([None, 1, 4]),
            step=draw.choice([1, 2]),
        )
        for _ in range(draw.randint(0, 2))
    ]
    groups = ((0,), tuple(range(days - 2, days))) if often(0.5) else ((1, 2), (days - 1,))
    return Person(
        code,
        may,
        must,
        table([-6, -2, 2, 6], 0.3, (days, size)),
        forbidden,
        table([1, 3], 0.2, (2, size, size)),
        most_in_row=draw.randint(2, 5),
        base=draw.randint(0, 9),
        least_in_row=draw.choice([1, 1, 2, 3]),
        least_off_in_row=draw.choice([1, 1, 2]),
        lone_day=draw.choice([0, 2]),
        lone_off=draw.choice([0, 3]),
        most_nights=draw.randint(1, 3),
        off_after_nights=draw.randint(0, 3),
        tallies=tuple(tallies),
        blocks=(Blocks("weekends_apart", groups, draw.choice([0, 1]), draw.choice([None, 4])),) if often(0.6) else (),
        before=before,
    )


def small_problem(seed: int) -> Problem:
    """Return two or three people, five to seven days and two kinds of shift, drawn by ``seed``."""
    draw = Random(seed)
    people, days = draw.choice([(2, 7), (3, 5), (2, 6)])
    covers = []
    for day in range(days):
        for kind in range(len(KINDS)):
            need = draw.choice([0, 1, 1, 2])
            short = tuple(sorted(draw.choice([3, 10, 40]) for _ in range(need)))
            covers.append(Cover(day, (kind,), need, short, extra=draw.choice([None, 0, 2])))
        if draw.random() < 0.3:
            covers.append(Cover(day, (0, 1), 1, (7,), extra=0, people=(draw.randrange(people),), rule="language es"))
    return Problem(days, KINDS, tuple(_person(f"A{p}", days, draw) for p in range(people)), tuple(covers))


def best_by_trying_everything(problem: Problem) -> int | None:
    """Return the lowest price of all answers that keep the hard rules; None when there is none.

    People are only tied by cover, so each one's legal rows are listed first.
    """
    rows, prices = [], []
    for person in problem.people:
        alone = Problem(problem.days, problem.kinds, (person,), ())
        legal = []
        for row in product(range(-1, len(problem.kinds)), repeat=problem.days):
            judged = measure(alone, np.array([row]))
            if judged.keeps_the_rules:
                legal.append((row, judged.price))
        rows.append(np.array([row for row, _ in legal], dtype=np.int64).reshape(-1, problem.days))
        prices.append(np.array([price for _, price in legal], dtype=np.int64))
    if not all(len(mine) for mine in rows):
        return None
    total = np.zeros([len(mine) for mine in rows], dtype=np.int64)
    legal_together = np.ones(total.shape, dtype=bool)
    for p, price in enumerate(prices):
        total += _along(price, p, total.ndim)
    for cover in problem.covers:
        there = np.zeros(total.shape, dtype=np.int64)
        for p in range(len(problem.people)) if cover.people is None else cover.people:
            there += _along(np.isin(rows[p][:, cover.day], cover.kinds).astype(np.int64), p, total.ndim)
        costs = [sum(cover.short[: max(0, cover.need - n)]) for n in range(len(problem.people) + 1)]
        total += np.array(costs)[there]
        if cover.extra is None:
            legal_together &= there <= cover.need
        else:
            total += cover.extra * np.maximum(0, there - cover.need)
    return int(total[legal_together].min()) if legal_together.any() else None


def _along(values: np.ndarray, axis: int, dimensions: int) -> np.ndarray:
    shape = [1] * dimensions
    shape[axis] = -1
    return values.reshape(shape)
