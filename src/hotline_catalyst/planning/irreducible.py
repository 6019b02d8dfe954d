"""The smallest part of a set that cannot hold: one search, whatever the members are.

Reference: Junker (2004), QuickXplain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def irreducible(among: Sequence[T], hold: Callable[[list[T]], bool | None]) -> list[T]:
    """Return members that cannot hold together, each of them needed; the first in order stay when they can.

    Parameters
    ----------
    among
        Known not to hold together.
    hold
        Whether some members hold together; None, undecided, counts as holding: what is returned never holds, and
        each member is needed as far as every question was decided.
    """

    def part(ground: list[T], grown: bool, rest: list[T]) -> list[T]:
        if grown and hold(ground) is False:
            return []
        if len(rest) == 1:
            return rest
        half = len(rest) // 2
        second = part([*ground, *rest[:half]], True, rest[half:])
        first = part([*ground, *second], bool(second), rest[:half])
        return [*first, *second]

    return part([], False, list(among)) if among else []
