"""Simplifies a problem without changing any answer's price: for engines that carry every sum through their search."""

from __future__ import annotations

from dataclasses import replace

from .problem import Person, Problem, Tally


def folded(problem: Problem) -> Problem:
    """Return the same problem with each sum that costs from its first unit on turned into prices of its duties."""
    return replace(problem, people=tuple(_folded(person) for person in problem.people))


def _folded(person: Person) -> Person:
    price = person.price
    for tally in person.tallies:
        if _costs_at_once(tally):
            price = price + (tally.above or 0) * tally.weights
    return replace(person, price=price, tallies=tuple(t for t in person.tallies if not _costs_at_once(t)))


def _costs_at_once(tally: Tally) -> bool:
    return tally.least <= 0 and tally.most == 0 and tally.above is not None and tally.step == 1
