"""A roster problem as whole-number rules for CP-SAT: who is given what on each day, what is forbidden, what costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

import numpy as np

from .problem import FREE, OFF, Blocks, Cover, Ints, Person, Problem, Tally


class RosterModel:
    """The problem as CP-SAT sees it. Any stands for the solver's expressions, whose types have no public names."""

    def __init__(self, problem: Problem):
        from ortools.sat.python import cp_model

        self.problem = problem
        self.model = cp_model.CpModel()
        self.price: list[Any] = []
        self.duties = [self._duties(person) for person in problem.people]
        for p in range(len(problem.people)):
            _PersonModel(self, p).state()
        for cover in problem.covers:
            self._cover(cover)
        self.model.minimize(sum(self.price))

    def _duties(self, person: Person) -> list[dict[int, Any]]:
        """One variable for each duty that is possible on a day, and one for a free day (OFF)."""
        days: list[dict[int, Any]] = []
        for d in range(self.problem.days):
            must = int(person.must[d])
            kinds = [int(k) for k in np.flatnonzero(person.may[d])]
            if must != FREE and (must == OFF or person.may[d, must]):
                # What is fixed stands as a number: rules among fixed days are settled here, not by the solver.
                days.append({must: 1})
                continue
            day = {k: self.model.new_bool_var("") for k in (OFF, *kinds)} if must == FREE else {}
            self.model.add_exactly_one(day.values())
            days.append(day)
        return days

    def add(self, rule: Any) -> None:
        """Add a rule; one that is settled already is nothing, or cannot be kept."""
        if rule is False:
            self.model.add_bool_or([])
        elif rule is not True:
            self.model.add(rule)

    def _cover(self, cover: Cover) -> None:
        """Count who is there; each missing person has a price of its own, never falling."""
        who = range(len(self.duties)) if cover.people is None else cover.people
        there = [self.duties[p][cover.day][k] for p in who for k in cover.kinds if k in self.duties[p][cover.day]]
        if not cover.need and cover.extra == 0:
            return
        missing = self._graded(cover.short[: cover.need])
        if cover.extra is None:
            self.add(sum(there) + missing == cover.need)
        elif cover.extra == 0:
            self.add(sum(there) + missing >= cover.need)
        else:
            beyond = self.model.new_int_var(0, max(0, len(there)), "")
            self.add(sum(there) + missing - beyond == cover.need)
            self.price.append(cover.extra * beyond)

    def _graded(self, prices: Sequence[int]) -> Any:
        """Return a count whose units cost ``prices`` in turn."""
        parts = []
        for price in sorted(set(prices)):
            part = self.model.new_int_var(0, list(prices).count(price), "")
            self.price.append(price * part)
            parts.append(part)
        return sum(parts)

    def hint(self, given: Ints) -> None:
        """Start from an answer."""
        for p, days in enumerate(self.duties):
            for d, day in enumerate(days):
                for kind, variable in day.items():
                    if len(day) > 1:
                        self.model.add_hint(variable, int(given[p, d]) == kind)

    def read(self, solver: Any) -> Ints:
        """Return the answer."""
        given = np.full((len(self.duties), self.problem.days), OFF, dtype=np.int64)
        for p, days in enumerate(self.duties):
            for d, day in enumerate(days):
                given[p, d] = next(kind for kind, variable in day.items() if len(day) == 1 or solver.value(variable))
        return given


class _PersonModel:
    """States one person's rules and prices."""

    def __init__(self, whole: RosterModel, p: int):
        self.add, self.model, self.price = whole.add, whole.model, whole.price
        self.person, self.kinds = whole.problem.people[p], whole.problem.kinds
        self.days = whole.duties[p]
        # Constants stand for what is not possible: the solver folds them.
        self.off = [day.get(OFF, 0) for day in self.days]
        self.works = [1 - off if OFF in day else 1 for off, day in zip(self.off, self.days, strict=True)]
        self.night = [sum(v for k, v in day.items() if k != OFF and self.kinds[k].night) for day in self.days]

    def state(self) -> None:
        """State everything."""
        self.price.append(self.person.base)
        for d, day in enumerate(self.days):
            self.price.extend(
                int(self.person.price[d, k]) * v for k, v in day.items() if k != OFF and self.person.price[d, k]
            )
        self._followers()
        self._row()
        self._short_runs()
        self._nights()
        for tally in self.person.tallies:
            self._tally(tally)
        for blocks in self.person.blocks:
            self._blocks(blocks)

    # What may follow what.

    def _followers(self) -> None:
        before = self.person.before
        held: dict[int, Mapping[int, Any]] = dict(enumerate(self.days))
        if before.kind != OFF:
            held[-1 - before.days_off] = {before.kind: 1}
        for d, day in held.items():
            for gap in (0, 1):
                if 0 <= d + 1 + gap < len(self.days):
                    self._pair(day, self.off[d + 1] if gap and d >= -1 else None, gap, self.days[d + 1 + gap])

    def _pair(self, first: Mapping[int, Any], between: Any, gap: int, second: Mapping[int, Any]) -> None:
        """Forbid or price what follows, at once or with a free day between."""
        if gap and isinstance(between, int) and not between:
            return
        free = [] if between is None else [between]
        for b, later in second.items():
            if b == OFF:
                continue
            bad = [v for a, v in first.items() if a != OFF and self.person.forbidden[gap, a, b]]
            if bad:
                self.add(sum(bad) + later + sum(free) <= 1 + len(free))
            prices: dict[int, list[Any]] = {}
            for a, v in first.items():
                if a != OFF and not self.person.forbidden[gap, a, b] and self.person.follow_price[gap, a, b]:
                    prices.setdefault(int(self.person.follow_price[gap, a, b]), []).append(v)
            for price, firsts in prices.items():
                self._costs(price, sum(firsts) + later + sum(free) - 1 - len(free))

    # Runs.

    def _row(self) -> None:
        """Never more than so many working days, or nights, in a row; what came before counts."""
        before = self.person.before
        self._windows(self.works, self.person.most_in_row, before.days_in_row)
        self._windows(self.night, self.person.most_nights, before.nights_in_row)

    def _windows(self, worked: Sequence[Any], most: int, already: int) -> None:
        if already:
            left = max(0, most - already)
            if left < len(worked):
                self.add(sum(worked[: left + 1]) <= left)
        for first in range(len(worked) - most):
            self.add(sum(worked[first : first + most + 1]) <= most)

    def _short_runs(self) -> None:
        """Runs of work, or of free days, that begin and end inside the days are not too short, or cost when single."""
        person = self.person
        self._no_shorter(self.works, self.off, person.least_in_row, person.lone_day)
        self._no_shorter(self.off, self.works, person.least_off_in_row, person.lone_off)

    def _no_shorter(self, inside: Sequence[Any], outside: Sequence[Any], least: int, lone: int) -> None:
        for length in range(1, least):
            for first in range(1, len(inside) - length):
                run = inside[first : first + length]
                self.add(outside[first - 1] + sum(run) + outside[first + length] <= length + 1)
        if lone and least <= 1:
            for d in range(1, len(inside) - 1):
                self._costs(lone, outside[d - 1] + inside[d] + outside[d + 1] - 2)

    def _costs(self, price: int, when: Any) -> None:
        """Ask a price where ``when``, at most 1, is 1."""
        self.price.append(price * self._positive([when]))

    def _positive(self, parts: Sequence[Any]) -> Any:
        """Return 1 at least where one of the parts, each at most 1, is 1."""
        if all(isinstance(part, int) for part in parts):
            return max(0, *parts)
        one = self.model.new_bool_var("")
        for part in parts:
            self.add(one >= part)
        return one

    def _nights(self) -> None:
        """Free days after the last night of a run; a night may follow a night."""
        before, free = self.person.before, self.person.off_after_nights
        if before.kind != OFF and self.kinds[before.kind].night:
            again = self.night[0] if before.days_off == 0 and self.days else 0
            for d in range(min(len(self.days), free - before.days_off)):
                self.add(self.works[d] <= again)
        for d in range(len(self.days) - 1):
            for after in range(d + 1, min(len(self.days), d + 1 + free)):
                self.add(self.night[d] + self.works[after] - self.night[d + 1] <= 1)

    # Sums.

    def _tally(self, tally: Tally) -> None:
        parts = [
            int(tally.weights[d, k]) * v
            for d, day in enumerate(self.days)
            for k, v in day.items()
            if k != OFF and tally.weights[d, k]
        ]
        total, highest = sum(parts), int(tally.weights.max(axis=1, initial=0).sum())
        if tally.least > 0:
            self.add(total + self._beyond(tally.below, tally.least, tally.step) >= tally.least)
        if tally.most < highest:
            self.add(total - self._beyond(tally.above, highest - tally.most, tally.step) <= tally.most)

    def _beyond(self, price: int | None, most: int, step: int) -> Any:
        """Return what a bound may be passed by, at a price for each step begun."""
        if price is None:
            return 0
        steps = self.model.new_int_var(0, ceil(most / step), "")
        self.price.append(price * steps)
        return step * steps

    def _blocks(self, blocks: Blocks) -> None:
        worked = [self._positive([self.works[d] for d in group]) for group in blocks.groups]
        self.add(sum(worked) - self._beyond(blocks.above, len(worked), 1) <= blocks.most)
