"""One person at a time: the best schedule given everybody else's, exactly; from nothing, or to polish a roster."""

from __future__ import annotations

import numpy as np

from .columns_generation import Generation
from .problem import OFF, Ints


class Single:
    """A whole roster that is improved one person's schedule at a time."""

    def __init__(self, generation: Generation, given: Ints | None = None) -> None:
        self.generation, self.covers, self.pricer = generation, generation.covers, generation.pricer
        people, days = len(generation.problem.people), generation.problem.days
        self.given = np.full((people, days), OFF, dtype=np.int64) if given is None else given.copy()
        self.there = self.covers.there(self.given) if given is not None else np.zeros_like(self.covers.need)
        self.own = np.full(people, np.inf)
        if given is not None:
            self.own = np.array([self.pricer.cost(p, d) for p, d in enumerate(given)])

    @property
    def price(self) -> float:
        """Return the roster's price; infinite while somebody has no lawful schedule."""
        return float(self.own.sum()) + self.covers.cost(self.there) + self.generation.base

    def improve(self, person: int, allowed: np.ndarray | None = None) -> bool:
        """Give one person the best schedule; return whether the roster became cheaper."""
        rows = self.covers.rows(person, self.given[person]) if np.isfinite(self.own[person]) else []
        without = self.there.copy()
        np.add.at(without, rows, -1)
        at = np.arange(len(without))
        gain = self.covers.price[at, without] - self.covers.price[at, np.minimum(without + 1, self.covers.reach)]
        earned = self.covers.earned(person, gain)
        table = self.pricer.duty[person] - earned
        path = self.pricer.path(person, table if allowed is None else np.where(allowed, table, np.inf))
        if path.duties is None:
            return False
        old = self.own[person] - gain[rows].sum()
        if path.price >= old:
            return False
        self.own[person] = path.price + earned[np.arange(len(path.duties)), path.duties + 1].sum()
        np.add.at(without, self.covers.rows(person, path.duties), 1)
        self.given[person], self.there = path.duties, without
        return True

    def settle(self, rounds: int = 20) -> None:
        """Improve people in turn until nobody's change helps."""
        for _ in range(rounds):
            if not sum(self.improve(p) for p in range(len(self.own))):
                return
