"""Makes a roster cheaper a part at a time: a few people on all days, or everybody on a few days, solved to proof.

Each part is a problem of its own in which all else stays as it is. Two parts are solved at a time, each by one strategy
with a limit counted in work, so the roster repeats exactly whatever the machine does beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from random import Random

import numpy as np

from .measure import measure
from .problem import FREE, OFF, Cover, Ints, Problem

AT_ONCE = 2
# A roster is first filled three days at a time, two days further each time: that leaves the fewest gaps for the work.
WINDOW, STEP, WINDOW_WORK = 3, 2, 0.1
PART_WORK = 0.3
FIRST_PEOPLE, FIRST_DAYS = 4, 7
FEWEST_PEOPLE, FEWEST_DAYS = 3, 4
IN_VAIN = 24


@dataclass(frozen=True)
class Answer:
    """What solving a part gave: rows for its people, or None; whether it is proved; the work it took."""

    given: Ints | None
    proved: bool
    work: float


Solver = Callable[[Problem, Ints, float], Answer]


@dataclass(frozen=True)
class Part:
    """People who may change, and days on which they may."""

    people: tuple[int, ...]
    days: range


class Parts:
    """A roster on its way to a lower price.

    Parameters
    ----------
    given
        A roster that keeps the hard rules.
    solve
        Solves a part within so much work, starting from the rows it has.
    """

    def __init__(self, problem: Problem, given: Ints, solve: Solver, seed: int):
        self.problem, self.given, self.solve = problem, given, solve
        self.price = measure(problem, given).price
        self.draw = Random(seed)
        self.people, self.length = FIRST_PEOPLE, FIRST_DAYS
        self.work = 0.0
        self.turn = self.solved = 0

    def fill(self, enough: Callable[[], bool]) -> None:
        """Fill the roster a few days at a time from its first day."""
        everybody = tuple(range(len(self.problem.people)))
        for first in range(0, self.problem.days, STEP):
            if enough():
                return
            part = Part(everybody, range(first, min(self.problem.days, first + WINDOW)))
            answer = self._solved(part, WINDOW_WORK)
            self.work += answer.work
            self._keep([part], [answer])

    def improve(self, bound: int, enough: Callable[[], bool]) -> None:
        """Change part after part until the price is the bound, many were in vain, or ``enough`` is done."""
        in_vain = 0
        with ThreadPoolExecutor(AT_ONCE) as pool:
            while self.price > bound and in_vain < IN_VAIN and not enough():
                before = self.price
                parts = [self._next() for _ in range(AT_ONCE)]
                # Where small steps find nothing more, larger ones are given the time.
                work = PART_WORK if in_vain < IN_VAIN / 2 else 3 * PART_WORK
                answers = list(pool.map(self._solved, parts, [work] * AT_ONCE))
                for part, answer in zip(parts, answers, strict=True):
                    self.work += answer.work
                    self.solved += 1
                    self._learn(part, answer)
                self._keep(parts, answers)
                in_vain = 0 if self.price < before else in_vain + AT_ONCE

    def take(self, given: Ints) -> None:
        """Go on from another roster where it is lawful and no dearer."""
        judged = measure(self.problem, given)
        if judged.keeps_the_rules and judged.price <= self.price:
            self.given, self.price = given, judged.price

    def _next(self) -> Part:
        """Choose in turn: people whose days cost most, any people, everybody for some days."""
        self.turn += 1
        everybody, days = range(len(self.problem.people)), self.problem.days
        if self.turn % 3 == 0 and days > FEWEST_DAYS:
            length = min(self.length, days)
            first = self.draw.randrange(days - length + 1)
            return Part(tuple(everybody), range(first, first + length))
        count = min(self.people, len(everybody))
        if self.turn % 3 == 1:
            return Part(self._costly(count), range(days))
        return Part(tuple(sorted(self.draw.sample(everybody, count))), range(days))

    def _costly(self, count: int) -> tuple[int, ...]:
        """Draw people, the more likely the more their own days cost."""
        costs = [1 + self._own_price(p) for p in range(len(self.problem.people))]
        chosen: set[int] = set()
        while len(chosen) < count:
            chosen.add(self.draw.choices(range(len(costs)), costs)[0])
        return tuple(sorted(chosen))

    def _own_price(self, p: int) -> int:
        alone = replace(self.problem, people=(self.problem.people[p],), covers=())
        return max(0, measure(alone, self.given[[p]]).price)

    def _solved(self, part: Part, work: float = PART_WORK) -> Answer:
        return self.solve(part_of(self.problem, self.given, part), self.given[list(part.people)], work)

    def _learn(self, part: Part, answer: Answer) -> None:
        """Ask for a little more next time where the proof came, for a little less where it did not."""
        step = 1 if answer.proved else -1
        if len(part.days) < self.problem.days:
            self.length = min(self.problem.days, max(FEWEST_DAYS, self.length + step))
        else:
            self.people = min(len(self.problem.people), max(FEWEST_PEOPLE, self.people + step))

    def _keep(self, parts: Sequence[Part], answers: Sequence[Answer]) -> None:
        """Go on from the cheapest lawful roster among each answer alone and all of them one over the other."""
        before, together, tries = self.given, self.given.copy(), []
        for part, answer in zip(parts, answers, strict=True):
            if answer.given is not None:
                alone = before.copy()
                alone[list(part.people)] = answer.given
                tries.append(alone)
                # Only what the answer changes goes over the other's changes.
                together[alone != before] = alone[alone != before]
        for tried in (*tries, together):
            self.take(tried)


def part_of(problem: Problem, given: Ints, part: Part) -> Problem:
    """Return the problem of a part: its people, who stay as they are outside its days, and the cover still open."""
    chosen = []
    for p in part.people:
        person = problem.people[p]
        must = given[p].copy()
        must[part.days.start : part.days.stop] = person.must[part.days.start : part.days.stop]
        chosen.append(replace(person, must=must))
    place = {p: n for n, p in enumerate(part.people)}
    others = [p for p in range(len(problem.people)) if p not in place]
    covers = tuple(_open(cover, given, others, place) for cover in problem.covers if cover.day in part.days)
    return Problem(problem.days, problem.kinds, tuple(chosen), covers)


def _open(cover: Cover, given: Ints, others: Sequence[int], place: dict[int, int]) -> Cover:
    """Return what a cover still asks for when the others stay; who is there beyond it costs or stays forbidden."""
    counted = others if cover.people is None else [p for p in others if p in cover.people]
    there = sum(int(given[p, cover.day]) in cover.kinds for p in counted)
    need = max(0, cover.need - there)
    people = None if cover.people is None else tuple(place[p] for p in cover.people if p in place)
    return replace(cover, need=need, short=cover.short[:need], people=people)


def beginning(problem: Problem, hint: Ints | None) -> Ints | None:
    """Return a roster that keeps the hard rules to begin from; None when there is none at hand.

    It is the hint less what is not possible; where that breaks a rule, only what is fixed.
    """
    for tried in (None if hint is None else _possible(problem, hint), nothing_given(problem)):
        if tried is not None and measure(problem, tried).keeps_the_rules:
            return tried
    return None


def nothing_given(problem: Problem) -> Ints:
    """Return the roster that gives only what is fixed."""
    fixed = _fixed(problem)
    return np.where(fixed == FREE, OFF, fixed)


def _fixed(problem: Problem) -> Ints:
    return np.array([p.must for p in problem.people], dtype=np.int64).reshape(len(problem.people), problem.days)


def _possible(problem: Problem, hint: Ints) -> Ints:
    """Return a hint with what is fixed, and without what may not be."""
    fixed = _fixed(problem)
    kept = np.where(fixed == FREE, hint, fixed)
    for row, person in zip(kept, problem.people, strict=True):
        held = np.flatnonzero(row >= 0)
        row[held[~person.may[held, row[held]]]] = OFF
    return kept
