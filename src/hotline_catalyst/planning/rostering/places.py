"""Places of a roster that ask to be filled, in groups: by the rule that asks, by day or night, by some days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from .problem import Cover, Problem


@dataclass(frozen=True, slots=True)
class Places:
    """What one rule (``cover`` or ``language xx``) asks for on some days.

    ``nights`` true: on night shifts only; false: on the others only; None: on both.
    """

    rule: str
    days: frozenset[int]
    nights: bool | None = None

    def has(self, problem: Problem, cover: Cover) -> bool:
        """Return whether a cover belongs to the group."""
        return (
            cover.rule == self.rule
            and cover.day in self.days
            and (self.nights is None or at_night(problem, cover) == self.nights)
        )

    def covers(self, problem: Problem) -> list[Cover]:
        """Return the covers of the group that ask for anybody."""
        return [c for c in problem.covers if c.need > 0 and self.has(problem, c)]


def at_night(problem: Problem, cover: Cover) -> bool:
    """Return whether a cover asks for people on night shifts."""
    return any(problem.kinds[k].night for k in cover.kinds)


def asked_places(problem: Problem) -> list[Places]:
    """Return everything that is asked for, by rule, night or day, and week."""
    groups: dict[tuple[str, bool, int], set[int]] = {}
    for cover in problem.covers:
        if cover.need > 0:
            groups.setdefault((cover.rule, at_night(problem, cover), cover.day // 7), set()).add(cover.day)
    return [Places(rule, frozenset(days), nights) for (rule, nights, _), days in groups.items()]


def split(places: Places) -> Iterator[Places]:
    """Yield the same places day by day."""
    return (replace(places, days=frozenset([day])) for day in sorted(places.days))
