"""From a published plan to a new one: the fewest moves that cover what is missing, or the cheapest at a price for each.

References
----------
Moz & Vaz Pato (2007), A genetic algorithm approach to a nurse rerostering problem, Computers & Operations Research 34,
which counts the same: days that differ from the roster people were given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil, gcd
from typing import Any

import numpy as np

from .hard_rules import HardRules
from .measure import measure
from .nearest import NEVER, Nearest, Part
from .problem import FREE, OFF, Bools, Cover, Ints, Person, Problem

# In the solver's deterministic measure, about seconds on a usual laptop: for moves, for prices after them, for both.
MOVES_WORK, PRICES_WORK, PLAN_WORK = 2.0, 1.0, 6.0


@dataclass(frozen=True)
class Moves:
    """The fewest moves: ``given`` (people, days); ``proved`` when none covers more, or as much with fewer moves."""

    given: Ints
    proved: bool


@dataclass(frozen=True)
class Cheapest:
    """The cheapest plan: its ``price``, moves included, and what none can cost less than."""

    given: Ints
    price: int
    bound: int


def fewest_moves(problem: Problem, old: Ints, free: Bools, gone: Bools) -> Moves | None:
    """Return the nearest plan to ``old`` that covers as much as can be, or None when no plan keeps the hard rules.

    Goals in strict order: cover (nobody alone weighs in its price), languages, people moved, days changed, and then
    the prices of everything else.

    Parameters
    ----------
    problem
        The rules as if nobody were away.
    old
        What was published: (people, days), kinds or OFF.
    free
        Days that may change, by person: (people, days). All others stay as they are.
    gone
        Days on which people cannot come. They do not count as changed, nor do their people count as moved.
    """
    model = Nearest(_held(problem, old, free, gone), old, free & ~gone)
    there: Bools = ~np.asarray(gone.any(axis=1))
    goal = _in_order([model.uncovered, model.silent, model.moved(there), model.days()])
    if isinstance(goal, int):
        return Moves(np.where(gone, OFF, old), True)
    solver, status = model.least(goal, np.where(gone, OFF, old), MOVES_WORK)
    if not _answered(model, status):
        return None
    best = model.read(solver)
    model.model.add(goal <= round(solver.objective_value))
    solver, cheapest = model.least(model.prices(np.asarray(free.any(axis=1))), best, PRICES_WORK)
    # Without an answer within the limit of work the first plan stands: as few moves, perhaps less fair.
    return Moves(model.read(solver) if _answered(model, cheapest) else best, status == model.cp.OPTIMAL)


def cheapest_plan(
    problem: Problem, old: Ints, free: Bools, known: Bools, moved_person: int, moved_day: int
) -> Cheapest | None:
    """Return the cheapest plan when each published day that changes has a price, and each person who has one.

    Parameters
    ----------
    known
        People who were in the published plan; others have just joined, and nothing was promised to them. An old duty
        that is not possible any more is gone: it counts as no change.
    """
    allowed = np.array(
        [[k == OFF or bool(p.may[d, k]) for d, k in enumerate(old[n])] for n, p in enumerate(problem.people)]
    )
    gone: Bools = free & ~allowed.reshape(old.shape)
    model = Nearest(_held(problem, old, free, gone), old, free & ~gone & known[:, None])
    promises = [(moved_person, model.moved(known)), (moved_day, model.days())]
    goal = sum(price * count for price, parts in promises for _, _, count in parts)
    goal += sum(price * count for price, _, count in (*model.uncovered, *model.silent))
    goal += model.prices(np.asarray(free.any(axis=1)))
    if isinstance(goal, int):
        return Cheapest(np.where(gone, OFF, old), goal, goal)
    solver, status = model.least(goal, np.where(gone, OFF, old), PLAN_WORK)
    if not _answered(model, status):
        return None
    given = model.read(solver)
    changed = (given != old) & free & ~gone & known[:, None]
    price = (
        measure(problem, given).price + moved_day * int(changed.sum()) + moved_person * int(changed.any(axis=1).sum())
    )
    return Cheapest(
        given, price, price - max(0, round(solver.objective_value) - ceil(solver.best_objective_bound - 1e-6))
    )


def _answered(model: HardRules, status: Any) -> bool:
    return status in (model.cp.OPTIMAL, model.cp.FEASIBLE)


def _held(problem: Problem, old: Ints, free: Bools, gone: Bools) -> Problem:
    """Return the problem with every other day as published.

    A plan signed although it breaks a rule still stands: whoever breaks one is kept as is, beside the days that must
    change, and a shift with more people than it needs may keep them.
    """
    before = replace(problem, people=tuple(_may_keep(person, old[p]) for p, person in enumerate(problem.people)))
    loose = replace(before, people=tuple(replace(p, must=np.full(problem.days, FREE)) for p in before.people))
    broken = {code for _, code, _ in measure(loose, old).broken}
    people = [
        _as_signed(person, np.where(gone[p], OFF, old[p]))
        if person.code in broken
        else _with_gaps(person, gone[p], np.where(gone[p], OFF, np.where(free[p], person.must, old[p])))
        for p, person in enumerate(before.people)
    ]
    covers = [replace(c, extra=0) if c.extra is None and _there(c, old) > c.need else c for c in problem.covers]
    return replace(problem, people=tuple(people), covers=tuple(covers))


def _there(cover: Cover, old: Ints) -> int:
    people = range(len(old)) if cover.people is None else cover.people
    return sum(int(old[p, cover.day]) in cover.kinds for p in people)


def _may_keep(person: Person, days: Ints) -> Person:
    """Return a person who may work every duty that was published."""
    may = person.may.copy()
    worked = np.flatnonzero(days != OFF)
    may[worked, days[worked]] = True
    return replace(person, may=may)


def _with_gaps(person: Person, gone: Bools, must: Ints) -> Person:
    """Return a person with what is fixed. Days of absence make no run too short, and no sum too small."""
    if not gone.any():
        return replace(person, must=must)
    tallies = tuple(replace(t, least=0) if t.below is None else t for t in person.tallies)
    return replace(person, must=must, tallies=tallies, least_in_row=1, least_off_in_row=1)


def _as_signed(person: Person, must: Ints) -> Person:
    """Return a person whose days stay as they were signed, whatever rule they break."""
    return replace(
        person,
        must=must,
        forbidden=np.zeros_like(person.forbidden),
        most_in_row=NEVER,
        least_in_row=1,
        least_off_in_row=1,
        most_nights=NEVER,
        off_after_nights=0,
        tallies=(),
        blocks=(),
    )


def _in_order(goals: Sequence[Sequence[Part]]) -> Any:
    """Return goals as one sum in which no later goal can outweigh an earlier one."""
    total, reach = 0, 0
    for goal in reversed(goals):
        unit = gcd(*(price for price, _, _ in goal))
        if unit:
            total += (reach + 1) * sum(price // unit * count for price, _, count in goal)
            reach += (reach + 1) * sum(price // unit * most for price, most, _ in goal)
    return total
