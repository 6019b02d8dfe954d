"""The choice among schedules already known: one for each person, cover short or over at its price (HiGHS).

As a linear program it grows column by column from where it stood and tells what one more person at each cover is
worth; over whole numbers it picks the best combination known.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .columns_cover import Covers, Floats
from .problem import Ints, Problem

SIMPLEX_STEPS_A_UNIT = 10_000
WHOLE = 1e-6


def _highs() -> Any:
    """Return HiGHS as scipy carries it: highspy's own library and ortools cannot be loaded in one process."""
    from scipy.optimize._highspy import _core

    return _core


@dataclass(frozen=True)
class Column:
    """One person's schedule and its price."""

    person: int
    duties: Ints
    price: float


@dataclass(frozen=True)
class Mixed:
    """A solution of the linear program: its price, what covers and people are worth, and the share of each column."""

    price: float
    dual: Floats
    worth: Floats
    share: Floats


class Master:
    """A linear program over columns; rows are the people, then the covers."""

    def __init__(self, problem: Problem, covers: Covers) -> None:
        self.problem, self.covers = problem, covers
        self.columns: list[Column] = []
        self.steps = 0
        self._known: set[tuple[int, bytes]] = set()
        self._highs = _highs()._Highs()
        for name, value in {"output_flag": False, "threads": 1, "presolve": "off", "simplex_strategy": 4}.items():
            self._highs.setOptionValue(name, value)
        self._rows()
        self._slacks = self._slack_columns()

    def _rows(self) -> None:
        people = len(self.problem.people)
        level = np.concatenate([np.ones(people), self.covers.need.astype(float)])
        none = np.zeros(0)
        self._highs.addRows(len(level), level, level, 0, np.zeros(len(level), np.int32), none.astype(np.int32), none)

    def _slack_columns(self) -> int:
        """Add a column for each stretch of one price in each cover; return how many."""
        price, upper, row, sign = [], [], [], []
        people = len(self.problem.people)
        for c, need in enumerate(self.covers.need):
            slope = np.diff(self.covers.price[c])
            for steps, way in ((-slope[:need][::-1], 1.0), (slope[need : need + 1], -1.0)):
                for value, count in zip(*np.unique(steps, return_counts=True), strict=True):
                    price.append(value)
                    upper.append(float(count) if way > 0 else np.inf)
                    row.append(people + c)
                    sign.append(way)
        self._append(price, upper, [[r] for r in row], [[s] for s in sign])
        return len(price)

    def _append(self, price: list[float], upper: list[float], rows: list[list[int]], values: list[list[float]]) -> None:
        starts = np.cumsum([0, *(len(r) for r in rows)])
        self._highs.addCols(
            len(price),
            np.array(price, dtype=float),
            np.zeros(len(price)),
            np.array(upper, dtype=float),
            int(starts[-1]),
            starts[:-1].astype(np.int32),
            np.array([r for rs in rows for r in rs], dtype=np.int32),
            np.array([v for vs in values for v in vs], dtype=float),
        )

    def add(self, columns: Iterable[Column]) -> int:
        """Add columns that are not known yet; return how many."""
        new = []
        for column in columns:
            mark = (column.person, column.duties.astype(np.int16).tobytes())
            if mark not in self._known:
                self._known.add(mark)
                new.append(column)
        people = len(self.problem.people)
        rows = [[c.person, *(people + r for r in self.covers.rows(c.person, c.duties))] for c in new]
        if new:
            self._append([c.price for c in new], [np.inf] * len(new), rows, [[1.0] * len(r) for r in rows])
            self.columns += new
        return len(new)

    def limit(self, columns: Floats) -> None:
        """Set the largest share of each column: 0 takes it out."""
        count = len(self.columns)
        where = np.arange(self._slacks, self._slacks + count, dtype=np.int32)
        self._highs.changeColsBounds(count, where, np.zeros(count), columns)

    def mix(self) -> Mixed:
        """Solve the linear program from where it stood."""
        highs, people = self._highs, len(self.problem.people)
        highs.run()
        found = highs.getSolution()
        self.steps += int(highs.getInfo().simplex_iteration_count)
        dual = np.array(found.row_dual)
        share = np.array(found.col_value)[self._slacks :]
        return Mixed(highs.getInfo().objective_function_value, dual[people:], dual[:people], share)

    def whole(self, nodes: int, start: Ints | None = None) -> Ints | None:
        """Return the best roster of known schedules that a branch and bound of so many nodes finds, or None."""
        choice = _highs()._Highs()
        for name, value in {"output_flag": False, "threads": 1, "mip_max_nodes": nodes, "mip_rel_gap": 0.0}.items():
            choice.setOptionValue(name, value)
        choice.passModel(self._highs.getLp())
        count = len(self.columns)
        where = np.arange(self._slacks, self._slacks + count, dtype=np.int32)
        choice.changeColsIntegrality(count, where, np.full(count, _highs().HighsVarType.kInteger))
        if start is not None:
            known = {(c.person, c.duties.tobytes()): n for n, c in enumerate(self.columns)}
            at = [known[p, d.tobytes()] for p, d in enumerate(start)]
            choice.setSolution(len(at), where[at], np.ones(len(at)))
        choice.run()
        self.steps += max(0, int(choice.getInfo().simplex_iteration_count))
        share = np.array(choice.getSolution().col_value)[self._slacks :]
        chosen = [self.columns[n] for n in np.flatnonzero(share > 0.5)]
        if len(chosen) != len(self.problem.people):
            return None
        return np.stack([c.duties for c in sorted(chosen, key=lambda c: c.person)])
