"""The hard rules of a roster problem as a solver's model, and nothing else: for asking what can hold at all.

What merely costs (wishes, fairness, soft limits) is left out, so a question is answered in a fraction of a second.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from .problem import FREE, OFF, Cover, Ints, Person, Problem

SEED = 20261121


class HardRules:
    """A model in which every hard rule holds and no place has to be filled yet.

    Any stands for the solver's expressions, whose types have no public names.
    """

    def __init__(self, problem: Problem):
        from ortools.sat.python import cp_model

        self.cp, self.problem = cp_model, problem
        self.model = cp_model.CpModel()
        self.given = [self._duties(person) for person in problem.people]
        self.works = [[sum(day.values()) for day in mine] for mine in self.given]
        for p, person in enumerate(problem.people):
            self._neighbours(p, person)
            self._runs(p, person)
            self._nights(p, person)
            self._sums(p, person)
        for cover in problem.covers:
            if cover.extra is None:
                self._add(self.there(cover) <= cover.need)

    def there(self, cover: Cover) -> Any:
        """Return how many of those who count are on the cover's kinds of shift."""
        people = range(len(self.given)) if cover.people is None else cover.people
        return sum(self.given[p][cover.day][k] for p in people for k in cover.kinds if k in self.given[p][cover.day])

    def fill(self, covers: Iterable[Cover]) -> None:
        """Ask for every place of these covers."""
        for cover in covers:
            self._add(self.there(cover) >= cover.need)

    def short(self, cover: Cover) -> list[tuple[int, Any]]:
        """Return how many places of a cover stay empty, in parts of equal price: (price of one, how many)."""
        empty = [(price, self.model.new_int_var(0, many, "")) for price, many in sorted(Counter(cover.short).items())]
        self._add(self.there(cover) + sum(v for _, v in empty) >= cover.need)
        return empty

    def run(self, work: float, hint: Ints | None = None, found: Callable[[Any], None] | None = None) -> Any:
        """Solve within a limit of the solver's own measure; return the solver and its status."""
        solver = self.cp.CpSolver()
        # Hours are sums, which the solver sees best in its linear part: with it one worker beats eight without.
        solver.parameters.num_workers = 1
        solver.parameters.linearization_level = 2
        solver.parameters.random_seed = SEED
        solver.parameters.max_deterministic_time = work
        if hint is not None:
            self._hint(hint)
        status = solver.solve(self.model)
        return solver, status

    def read(self, solver: Any) -> Ints:
        """Return what the solver gives each person each day: (people, days)."""
        import numpy as np

        given = np.full((len(self.given), self.problem.days), OFF, dtype=np.int64)
        for p, mine in enumerate(self.given):
            for d, day in enumerate(mine):
                for k, v in day.items():
                    if solver.boolean_value(v):
                        given[p, d] = k
        return given

    def _hint(self, given: Ints) -> None:
        for p, mine in enumerate(self.given[: len(given)]):
            for d, day in enumerate(mine):
                for k, v in day.items():
                    self.model.add_hint(v, int(given[p, d] == k))

    def _add(self, constraint: Any) -> None:
        """Add a constraint that may already be decided: sums over nobody are plain numbers."""
        if isinstance(constraint, bool):
            if not constraint:
                self.model.add_bool_or([])
        else:
            self.model.add(constraint)

    def _duties(self, person: Person) -> list[dict[int, Any]]:
        """Return one variable for each duty a person may have, by day and kind."""
        mine: list[dict[int, Any]] = []
        for d in range(self.problem.days):
            fixed = int(person.must[d])
            kinds = range(len(self.problem.kinds)) if fixed == FREE else [] if fixed == OFF else [fixed]
            day = {k: self.model.new_bool_var("") for k in kinds if person.may[d, k] or k == fixed}
            if fixed >= 0:
                self.model.add(day[fixed] == 1)
            elif len(day) > 1:
                self.model.add_at_most_one(day.values())
            mine.append(day)
        return mine

    def _neighbours(self, p: int, person: Person) -> None:
        """Keep rest: what may not follow on the next day, nor with one free day between."""
        mine, works, before = self.given[p], self.works[p], person.before
        for a in range(len(self.problem.kinds)):
            next_day, after_one = ([b for b, no in enumerate(person.forbidden[gap, a]) if no] for gap in (0, 1))
            for d in range(self.problem.days):
                if d + 1 < len(mine) and a in mine[d] and (later := _of(mine[d + 1], next_day)):
                    self.model.add_at_most_one([mine[d][a], *later])
                if d + 2 < len(mine) and a in mine[d] and (later := _of(mine[d + 2], after_one)):
                    self._add(mine[d][a] + sum(later) <= 1 + works[d + 1])
            if a == before.kind and mine:
                if before.days_off == 0:
                    self._none(_of(mine[0], next_day))
                    if len(mine) > 1:
                        self._add(sum(_of(mine[1], after_one)) <= works[0])
                elif before.days_off == 1:
                    self._none(_of(mine[0], after_one))

    def _none(self, variables: Iterable[Any]) -> None:
        for v in variables:
            self.model.add(v == 0)

    def _runs(self, p: int, person: Person) -> None:
        """Keep the longest run of working days, and the shortest runs of working and of free days."""
        works, days, most = self.works[p], self.problem.days, person.most_in_row
        for d in range(days - most):
            self._add(sum(works[d : d + most + 1]) <= most)
        if person.before.days_in_row and (left := max(0, most - person.before.days_in_row)) < days:
            self._add(sum(works[: left + 1]) <= left)
        for length in range(1, person.least_in_row):
            for d in range(1, days - length):  # off, a run too short, off
                self._add(works[d - 1] + works[d + length] + length - 1 >= sum(works[d : d + length]))
        for length in range(1, person.least_off_in_row):
            for d in range(1, days - length):
                self._add(works[d - 1] + works[d + length] <= 1 + sum(works[d : d + length]))

    def _nights(self, p: int, person: Person) -> None:
        """Keep the longest run of nights, and the free days after it."""
        days, works, most, off = self.problem.days, self.works[p], person.most_nights, person.off_after_nights
        is_night = [kind.night for kind in self.problem.kinds]
        nights = [sum(v for k, v in day.items() if is_night[k]) for day in self.given[p]]
        for d in range(days - most):
            self._add(sum(nights[d : d + most + 1]) <= most)
        before = person.before
        if before.nights_in_row and (left := max(0, most - before.nights_in_row)) < days:
            self._add(sum(nights[: left + 1]) <= left)
        for d in range(days - 1):
            for gap in range(1, min(off, days - 1 - d) + 1):
                # A night followed by anything but a night must be followed by free days.
                again = nights[d + 1]
                self._add(nights[d] + works[d + gap] <= 1 + again)
        if off and before.kind != OFF and is_night[before.kind]:
            for d in range(min(days, off - before.days_off)):
                self._add(works[d] <= (nights[0] if before.days_off == 0 else 0))

    def _sums(self, p: int, person: Person) -> None:
        """Keep sums that must stay within bounds, and groups of days such as weekends."""
        for tally in person.tallies:
            total = sum(int(tally.weights[d, k]) * v for d, day in enumerate(self.given[p]) for k, v in day.items())
            if tally.above is None:
                self._add(total <= int(tally.most))
            if tally.below is None and tally.least > 0:
                self._add(total >= int(tally.least))
        for blocks in person.blocks:
            if blocks.above is None:
                held = []
                for group in blocks.groups:
                    any_work = self.model.new_bool_var("")
                    for d in group:
                        self._add(any_work >= self.works[p][d])
                    held.append(any_work)
                self._add(sum(held) <= blocks.most)


def _of(day: dict[int, Any], kinds: Iterable[int]) -> list[Any]:
    return [day[k] for k in kinds if k in day]
