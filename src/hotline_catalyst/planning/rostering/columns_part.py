"""A part of a roster problem: some people, everybody else's schedules as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .columns_cover import Covers
from .problem import Cover, Ints, Problem


def part(problem: Problem, covers: Covers, given: Ints, people: Sequence[int]) -> Problem:
    """Return the problem of a few people while all the others keep what they have in ``given``."""
    others = given.copy()
    others[list(people)] = -1
    there, place = covers.there(others), {p: n for n, p in enumerate(people)}
    left = [_left(c, int(n), place) for c, n in zip(problem.covers, there, strict=True)]
    return replace(problem, people=tuple(problem.people[p] for p in people), covers=tuple(left))


def _left(cover: Cover, there: int, place: dict[int, int]) -> Cover:
    need = max(0, cover.need - there)
    people = None if cover.people is None else tuple(place[p] for p in cover.people if p in place)
    return replace(cover, need=need, short=cover.short[:need], people=people)
