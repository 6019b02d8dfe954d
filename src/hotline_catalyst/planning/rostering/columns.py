"""Rosters by column generation: each person's schedules priced one by one, chosen together by a linear program.

The linear program says what a person at each cover is worth; for these prices each person's cheapest lawful schedule is
found exactly (`columns_pricing`) and joins the choice. The same prices give a bound that no roster can beat. A whole
roster comes from fixing duties step by step (`columns_dive`); it is made cheaper by solving again for a few people at a
time (`columns_improve`). Horizons too long for this are planned in windows (`columns_windows`).

References
----------
Burke & Curtois (2014), New approaches to nurse rostering benchmark instances.
Strandmark, Qu & Curtois (2020), First-order linear programming in a column generation-based heuristic approach to the
nurse rostering problem.
"""

from __future__ import annotations

from itertools import chain
from typing import Literal

import numpy as np

from .columns_dive import dive
from .columns_generation import NOTHING_KNOWN, Generation, Meter, relaxed_bound
from .columns_improve import Improver
from .columns_network import TooLargeError
from .columns_pricing import Networks
from .columns_single import Single
from .columns_windows import Windows, shifted
from .measure import measure
from .problem import OFF, Effort, Ints, Problem, Solution

ENGINE = "column generation"
UNTIL_MIXED, UNTIL_DIVED = 0.5, 0.95  # shares of the effort after which the next step begins
LONGEST = 56  # days planned at once
LENGTH, AGAIN, UNTIL_BUILT = 28, 14, 0.7  # days in a window, first and later; share of the effort for the first time
FIRST_ROUNDS, ROUNDS, DIVE_ROUNDS = 2, 500, 3


def carries(problem: Problem) -> bool:
    """Return whether the engine knows all that the problem holds: groups of days in a block must not overlap."""
    for block in chain.from_iterable(p.blocks for p in problem.people):
        days = list(chain.from_iterable(block.groups))
        if len(days) != len(set(days)) or block.most < 0:
            return False
    return True


def solve_by_columns(
    problem: Problem, effort: Effort, hint: Ints | None = None, compiled: bool | None = None
) -> Solution:
    """Return the best roster found and a bound on every roster.

    Parameters
    ----------
    effort
        ``work`` in units of about one second of a plain processor, counted in arcs and simplex steps.
    hint
        A roster to begin from, where one is known.
    compiled
        Whether to use numba; None: when it is installed and the problem is large enough. The roster is the same.
    """
    if not problem.people or not problem.days:
        return _nothing_to_decide(problem)
    meter = Meter(effort, Networks(compiled=compiled))
    if problem.days <= LONGEST:
        try:
            return _Columns(problem, meter).solve(hint)
        except TooLargeError:
            meter = meter.part(1.0)
    return _by_windows(problem, meter, hint)


def _by_windows(problem: Problem, meter: Meter, hint: Ints | None) -> Solution:
    """Plan window after window; what people are worth at each cover in its window gives the bound."""
    dual = np.zeros(len(problem.covers))

    def solve(part: Problem, at: int, share: float, known: Ints | None) -> Solution:
        inner = meter.part(share)
        try:
            columns = _Columns(part, inner)
            found = columns.solve(known)
        except TooLargeError:
            return Solution(np.zeros((0, 0), dtype=np.int64), 0, NOTHING_KNOWN, "none", ENGINE)
        finally:
            meter.add(inner)
        inside = [n for n, c in enumerate(problem.covers) if at <= c.day < at + part.days]
        if columns.generation.centre is not None and known is None:
            dual[inside] = columns.generation.centre
        return found

    windows = Windows(problem, solve)
    if hint is not None and measure(problem, hint).keeps_the_rules:
        windows.given = hint.copy()
    elif not windows.build(LENGTH, UNTIL_BUILT):
        return Solution(windows.given, 0, NOTHING_KNOWN, "none", ENGINE)
    for first, last in shifted(problem.days, AGAIN):
        if meter.share() >= 1.0 or windows.settled:
            break
        windows.again(first, last, min(1.0 - meter.share(), UNTIL_BUILT * AGAIN / problem.days))
    judged = measure(problem, windows.given)
    bound = max(floor_of(problem), relaxed_bound(problem, dual, meter))
    settings: dict[str, int | float | str] = {"work": round(meter.units, 3)}
    if not judged.keeps_the_rules:
        return Solution(windows.given, 0, min(bound, 0), "none", ENGINE, settings)
    status: Literal["proved best", "good"] = "proved best" if judged.price <= bound else "good"
    return Solution(windows.given, judged.price, bound, status, ENGINE, settings)


def floor_of(problem: Problem) -> int:
    """Return a bound that looks at each day alone: nobody's duties together can cost less."""
    return sum(p.base + int(np.minimum(np.where(p.may, p.price, 0).min(axis=1), 0).sum()) for p in problem.people)


def _nothing_to_decide(problem: Problem) -> Solution:
    price = sum(p.base for p in problem.people) + sum(sum(c.short[: c.need]) for c in problem.covers)
    given = np.full((len(problem.people), problem.days), OFF, dtype=np.int64)
    return Solution(given, price, price, "proved best", ENGINE)


class _Columns:
    def __init__(self, problem: Problem, meter: Meter) -> None:
        self.problem, self.meter = problem, meter
        self.generation = Generation(problem, meter)

    def solve(self, hint: Ints | None) -> Solution:
        """Bound, dive, improve."""
        single = Single(self.generation)
        single.settle(FIRST_ROUNDS)
        if not np.isfinite(single.price):
            return self._answer(single.given, found=False)
        self.generation.add(single.given)
        if hint is not None:
            known = Single(self.generation, hint)
            if np.isfinite(known.price):
                self.generation.add(hint)
                single = min(single, known, key=lambda s: s.price)
        mixed = self.generation.generate(ROUNDS, enough=0.5, until=UNTIL_MIXED)
        if self._open(single.price):
            dived = dive(self.generation, mixed, DIVE_ROUNDS, single.price - self.generation.base, UNTIL_DIVED)
            if dived is not None:
                single = min(single, Single(self.generation, dived), key=lambda s: s.price)
            single.settle()
        improver = Improver(self.generation, single.given, mixed)
        while self._open(improver.price) and self.meter.share() < 1.0 and not improver.finished:
            improver.step()
        return self._answer(improver.given, found=True)

    def _open(self, price: float) -> bool:
        return price > self.generation.lower()

    def _answer(self, given: Ints, found: bool) -> Solution:
        covers, bound = self.generation.covers, self.generation.lower()
        there = covers.there(given)
        lawful = all(c.extra is not None or n <= c.need for c, n in zip(self.problem.covers, there, strict=True))
        if not (found and lawful):
            return Solution(given, 0, min(bound, 0), "none", ENGINE, self._settings())
        price = round(Single(self.generation, given).price)
        return Solution(given, price, bound, "proved best" if price <= bound else "good", ENGINE, self._settings())

    def _settings(self) -> dict[str, int | float | str]:
        generation = self.generation
        return {"work": round(self.meter.units, 3), "schedules": len(generation.master.columns)}
