"""The limits in force for one person, and sums with their bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor

from ..calendar import Limit
from .problem import Ints, Tally

ANY = 10**9


@dataclass(frozen=True)
class Rules:
    """The working-time rules in force for one person; a rule in ``without`` is off."""

    limits: Mapping[str, Limit]
    without: frozenset[str]

    def on(self, rule: str) -> bool:
        """Return whether a rule counts."""
        return rule not in self.without

    def value(self, rule: str) -> float | None:
        """Return a limit's value; None when there is none or it is off."""
        return self.limits[rule].value if rule in self.limits and self.on(rule) else None

    def whole(self, rule: str, otherwise: int) -> int:
        """Return a limit's value in whole units."""
        value = self.value(rule)
        return otherwise if value is None else int(value)

    def minutes(self, rule: str) -> int | None:
        """Return a limit of hours in minutes."""
        value = self.value(rule)
        return None if value is None else round(60 * value)

    def price(self, rule: str) -> int | None:
        """Return what breaking a limit costs; None: it is hard."""
        return None if self.limits[rule].hard else self.limits[rule].weight


def at_most(
    rule: str, most: float, weights: Ints, price: int | None, *, least: float = 0, step: int = 1
) -> list[Tally]:
    """Return a sum with its bounds; nothing when no choice of duties could pass them. ``least`` is asked for softly."""
    highest = int(weights.max(axis=1, initial=0).sum())
    upper, lower = max(0, floor(most + 1e-6)), max(0, floor(least + 1e-6))
    if upper >= highest and lower == 0:
        return []
    return [Tally(rule, weights, lower, min(upper, ANY), price if lower else None, price, step)]


def upwards(share: float) -> int:
    """Return a share rounded up, unless it is whole but for rounding errors."""
    return -floor(-share + 1e-6)
