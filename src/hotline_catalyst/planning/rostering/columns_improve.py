"""A roster made cheaper a few people at a time: their schedules are generated anew while all others stand.

Most groups are given up early, when the bound of the small problem says that nothing can be gained. Groups grow while
they are given up and shrink while they stay undecided.
"""

from __future__ import annotations

import numpy as np

from .columns_cover import Floats
from .columns_dive import dive
from .columns_generation import Generation
from .columns_master import Column, Mixed
from .columns_part import part
from .columns_single import Single
from .problem import Ints

SEED = 20261122
POOL = 40  # schedules a person brings along
FIRST_SIZE, LEAST_SIZE, GROWS, SHRINKS = 8.0, 6.0, 0.2, 0.4
ROUNDS, DIVE_ROUNDS = 60, 2
NODES, DEEPER, MOST_NODES = 50, 4, 4000  # of branch and bound; more each time everybody together stays undecided


class Improver:
    """The best roster so far and the size of group to try next."""

    def __init__(self, generation: Generation, given: Ints, guide: Mixed) -> None:
        self.generation, self.guide = generation, guide
        self.single = Single(generation, given)
        self.size, self.nodes = FIRST_SIZE, NODES
        self.rng = np.random.default_rng(SEED)
        self.pool: list[list[Column]] = [[] for _ in given]
        for column in generation.master.columns:
            self.pool[column.person].append(column)
        for columns in self.pool:
            columns.sort(key=lambda c: self._dear(c.person, c.duties, c.price))
            del columns[POOL:]

    @property
    def price(self) -> float:
        """Return the price of the best roster."""
        return self.single.price

    @property
    def given(self) -> Ints:
        """Return the best roster."""
        return self.single.given

    def _dear(self, person: int, duties: Ints, price: float) -> float:
        """Return how much dearer a schedule is than the cheapest at the linear program's prices."""
        rows = self.generation.covers.rows(person, duties)
        return float(price - self.guide.dual[rows].sum() - self.guide.worth[person])

    @property
    def finished(self) -> bool:
        """Whether nothing more is to be expected: everybody together was tried, with all the care there is."""
        return self.nodes > MOST_NODES

    def step(self) -> None:
        """Draw a group, solve it anew, and keep what is cheaper."""
        people = self._group(int(self.size))
        outcome = self._again(people)
        if len(people) == len(self.given) and outcome != "better":
            self.nodes *= DEEPER
        if outcome == "hopeless":
            self.size += GROWS
        elif outcome == "undecided":
            self.size = max(LEAST_SIZE, self.size - SHRINKS)

    def _group(self, size: int) -> list[int]:
        """Draw people, those with a dear schedule more often."""
        own = self.single.own
        dear: Floats = np.array([self._dear(p, d, own[p]) for p, d in enumerate(self.given)])
        weight = np.maximum(dear, 0.0)
        weight += weight.mean() + 1.0
        drawn = self.rng.choice(len(weight), min(size, len(weight)), replace=False, p=weight / weight.sum())
        return sorted(drawn.tolist())

    def _again(self, people: list[int]) -> str:
        whole, current = self.generation, self.given[people]
        small = Generation(part(whole.problem, whole.covers, self.given, people), whole.meter)
        small.add(current)
        for n, p in enumerate(people):
            small.master.add(Column(n, c.duties, c.price) for c in self.pool[p])
        target = Single(small, current).price - small.base
        mixed = small.generate(ROUNDS, enough=0.5, hopeless=target - 1)
        if len(people) == len(self.given):
            whole.bound = max(whole.bound, small.bound)
        if small.bound > target - 1:
            return "hopeless"
        found = small.whole(self.nodes, current)
        better = None if found is None else Single(small, found)
        if better is None or better.price >= target + small.base:
            found = dive(small, mixed, DIVE_ROUNDS, target, 1.0)
            if found is None:
                return "undecided"
            better = Single(small, found)
            better.settle()
        if better.price >= target + small.base:
            return "undecided"
        self._keep(people, better)
        return "better"

    def _keep(self, people: list[int], better: Single) -> None:
        given = self.given.copy()
        given[people] = better.given
        for n, p in enumerate(people):
            self.pool[p].insert(0, Column(p, better.given[n], better.own[n]))
        self.single = Single(self.generation, given)
