"""A published plan as a solver's model: the hard rules, what differs from it, what is missing, what it costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from .hard_rules import HardRules
from .problem import OFF, Bools, Cover, Ints, Problem

NEVER = 10**6
Part = tuple[int, int, Any]  # the price of one, how many at most, and how many: an expression of the solver


class Nearest(HardRules):
    """The hard rules, and the parts of which goals are made.

    Parameters
    ----------
    old
        What was published: (people, days), kinds or OFF.
    counted
        Days, by person, on which a change counts: (people, days).

    Attributes
    ----------
    changed
        By person: an expression for each day that counts, 1 when it differs from what was published.
    uncovered, silent
        Places that stay empty, and those without a speaker.
    """

    def __init__(self, problem: Problem, old: Ints, counted: Bools):
        super().__init__(problem)
        self.old, self.counted = old, counted
        self.changed = [list(self._changed(p)) for p in range(len(self.given))]
        languages = [c for c in problem.covers if c.rule.startswith("language")]
        self.uncovered = self._missing([c for c in problem.covers if not c.rule.startswith("language")])
        self.silent = self._missing(languages)

    def moved(self, people: Bools) -> list[Part]:
        """Return switches for those of ``people`` who have a changed day."""
        return [(1, 1, self._any(days)) for days, asked in zip(self.changed, people, strict=True) if days and asked]

    def days(self) -> list[Part]:
        """Return the days that change, of everybody."""
        return [(1, 1, day) for days in self.changed for day in days]

    def prices(self, people: Bools) -> Any:
        """Return what wishes, fairness and soft limits cost these people."""
        return sum(price for p in np.flatnonzero(people) for price in self._prices(int(p)))

    def least(self, goal: Any, hint: Ints, work: float) -> tuple[Any, Any]:
        """Make a goal as small as can be; return the solver and its status."""
        self.model.clear_hints()  # type: ignore[no-untyped-call]
        self.model.minimize(goal)
        solver, status = self.run(work, hint)
        return solver, status

    def _missing(self, covers: Sequence[Cover]) -> list[Part]:
        return [(price, c.short.count(price), empty) for c in covers for price, empty in self.short(c)]

    def _changed(self, p: int) -> Iterator[Any]:
        """Yield, for each day that may change, an expression that is 1 when it does."""
        for d in np.flatnonzero(self.counted[p]):
            day, was = self.given[p][d], int(self.old[p, d])
            if was == OFF and day:
                yield sum(day.values())
            elif was in day:
                yield 1 - day[was]

    def _any(self, days: Sequence[Any]) -> Any:
        moved = self.model.new_bool_var("")
        for day in days:
            self._add(day <= moved)
        return moved

    def _prices(self, p: int) -> Iterator[Any]:
        """Yield what one person's days cost: wishes, sums and groups of days beyond their bounds, what follows what."""
        person, mine, works = self.problem.people[p], self.given[p], self.works[p]
        yield from (int(person.price[d, k]) * v for d, day in enumerate(mine) for k, v in day.items())
        for tally in person.tallies:
            total = sum(int(tally.weights[d, k]) * v for d, day in enumerate(mine) for k, v in day.items())
            for outside, price in ((total - tally.most, tally.above), (tally.least - total, tally.below)):
                if price:
                    yield price * self._begun(outside, tally.step)
        for blocks in person.blocks:
            if blocks.above:
                held = [self._any([works[d] for d in group]) for group in blocks.groups]
                yield blocks.above * self._begun(sum(held) - blocks.most, 1)
        for d in range(len(mine) - 1):
            for gap in (0, 1):
                yield from self._followers(p, d, gap)
        for d in range(1, len(mine) - 1):
            around = works[d - 1] + works[d + 1]
            if person.lone_day:
                yield person.lone_day * self._begun(works[d] - around, 1)
            if person.lone_off:
                yield person.lone_off * self._begun(around - works[d] - 1, 1)

    def _followers(self, p: int, d: int, gap: int) -> Iterator[Any]:
        person, mine, then = self.problem.people[p], self.given[p], d + 1 + gap
        for a, b in np.argwhere(person.follow_price[gap]) if then < len(mine) else []:
            if a in mine[d] and b in mine[then]:
                both = mine[d][a] + mine[then][b] - (self.works[p][d + 1] if gap else 0)
                yield int(person.follow_price[gap, a, b]) * self._begun(both - 1, 1)

    def _begun(self, outside: Any, step: int) -> Any:
        """Return how many steps of an excess have begun, at least none."""
        if isinstance(outside, int):
            return max(0, -(-outside // step))
        steps = self.model.new_int_var(0, NEVER, "")
        self._add(step * steps >= outside)
        return steps
