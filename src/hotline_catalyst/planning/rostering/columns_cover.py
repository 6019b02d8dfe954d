"""Cover as the column engine needs it: which duties count where, and what each number of people there costs."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from .problem import OFF, Cover, Ints, Problem

Floats = NDArray[np.float64]
LEAST_FORBIDDEN = 100_000  # the price that stands for "not allowed" while an answer is still being looked for


class Covers:
    """The covers of a problem in arrays.

    ``price[c, n]`` is what cover c costs when n people are there. Duty tables have a column for being off, then one
    for each kind: shape (people, days, 1 + kinds).
    """

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.need = np.array([c.need for c in problem.covers], dtype=np.int64)
        dearest = max((c.short[-1] for c in problem.covers if c.short), default=0)
        self.forbidden = max(LEAST_FORBIDDEN, 20 * dearest)
        counted = [self._people(c) for c in problem.covers]
        width = 1 + max((max(len(m), c.need) for m, c in zip(counted, problem.covers, strict=True)), default=0)
        self.price = np.array([self._prices(c, width) for c in problem.covers]).reshape(len(problem.covers), width)
        self.reach = np.array([len(m) for m in counted], dtype=np.int64)
        self._everybody = self._entries(lambda c: c.people is None)
        self._some = self._entries(lambda c: c.people is not None)
        self._rows: dict[tuple[int, int], list[tuple[int, frozenset[int] | None]]] = {}
        for row, cover in enumerate(problem.covers):
            people = None if cover.people is None else frozenset(cover.people)
            for kind in cover.kinds:
                self._rows.setdefault((cover.day, kind), []).append((row, people))

    def _people(self, cover: Cover) -> tuple[int, ...]:
        return tuple(range(len(self.problem.people))) if cover.people is None else cover.people

    def _prices(self, cover: Cover, width: int) -> Floats:
        there = np.arange(width)
        short = np.concatenate([[0], np.cumsum(np.array(cover.short[: cover.need], dtype=np.int64))])
        extra = self.forbidden if cover.extra is None else cover.extra
        price = short[np.clip(cover.need - there, 0, cover.need)] + extra * np.maximum(there - cover.need, 0)
        return np.asarray(price, dtype=np.float64)

    def _entries(self, wanted: object) -> tuple[Ints, ...]:
        rows = [
            (row, cover.day, kind + 1)
            for row, cover in enumerate(self.problem.covers)
            if wanted(cover)  # type: ignore[operator]
            for kind in cover.kinds
        ]
        return tuple(np.array(rows, dtype=np.int64).reshape(-1, 3).T)

    def table(self, dual: Floats) -> Floats:
        """Return what each duty earns when every person at cover c is worth ``dual[c]``."""
        problem = self.problem
        shape = (problem.days, 1 + len(problem.kinds))
        row, day, kind = self._everybody
        shared = np.zeros(shape)
        np.add.at(shared, (day, kind), dual[row])
        table = np.repeat(shared[None], len(problem.people), axis=0)
        for row, day, kind in zip(*self._some, strict=True):
            table[list(problem.covers[row].people or ()), day, kind] += dual[row]
        return table

    def earned(self, person: int, dual: Floats) -> Floats:
        """Return one person's part of `table`."""
        row, day, kind = self._everybody
        shared = np.zeros((self.problem.days, 1 + len(self.problem.kinds)))
        np.add.at(shared, (day, kind), dual[row])
        for row, day, kind in zip(*self._some, strict=True):
            if person in (self.problem.covers[row].people or ()):
                shared[day, kind] += dual[row]
        return shared

    def rows(self, person: int, duties: Ints) -> list[int]:
        """Return the covers at which a person with these duties is there."""
        return list(self._met(person, duties))

    def _met(self, person: int, duties: Ints) -> Iterator[int]:
        for day, kind in enumerate(duties.tolist()):
            if kind != OFF:
                for row, people in self._rows.get((day, kind), ()):
                    if people is None or person in people:
                        yield row

    def there(self, given: Ints) -> Ints:
        """Return how many people each cover has."""
        count = np.zeros(len(self.need), dtype=np.int64)
        for person, duties in enumerate(given):
            np.add.at(count, self.rows(person, duties), 1)
        return count

    def cost(self, there: Ints) -> int:
        """Return what these numbers of people cost."""
        return int(self.price[np.arange(len(there)), there].sum())

    def least(self, dual: Floats) -> float:
        """Return the least that all covers can cost when each person there is charged ``dual`` beside the price."""
        width = self.price.shape[1]
        charged = self.price + dual[:, None] * np.arange(width)
        charged[np.arange(width) > self.reach[:, None]] = np.inf
        return float(charged.min(axis=1).sum())
