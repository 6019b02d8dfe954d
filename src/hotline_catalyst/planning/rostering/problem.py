"""The roster as a problem without dates or law: who may do what on which day, what is forbidden, what costs.

Both engines solve exactly this, `measure` prices any answer to it, and the public benchmark can be stated in it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
OFF = -1


@dataclass(frozen=True, slots=True)
class Kind:
    """What a day may hold beside being off: a kind of shift."""

    id: str
    minutes: int
    night: bool = False


@dataclass(frozen=True, slots=True)
class Cover:
    """People asked for on one day.

    Parameters
    ----------
    kinds
        Kinds of shift that count.
    people
        Positions of the people who count (speakers of a language); None: everybody.
    short
        Price of each missing person, the first missing first; as long as ``need``, never falling.
    extra
        Price of each person above the need; None: not allowed.
    """

    day: int
    kinds: tuple[int, ...]
    need: int
    short: tuple[int, ...]
    extra: int | None = 0
    people: tuple[int, ...] | None = None
    rule: str = "cover"


@dataclass(frozen=True, eq=False)
class Tally:
    """A sum over one person's days that must, or should, stay within bounds.

    Parameters
    ----------
    weights
        What each duty adds: shape (days, kinds), not negative.
    below, above
        Price of each ``step`` begun outside the bounds; None: never outside.
    """

    rule: str
    weights: Ints
    least: int = 0
    most: int = 10**9
    below: int | None = None
    above: int | None = None
    step: int = 1


@dataclass(frozen=True)
class Blocks:
    """Groups of days, such as weekends, of which at most ``most`` should hold any work; ``already`` counts before."""

    rule: str
    groups: tuple[tuple[int, ...], ...]
    most: int
    above: int | None = None  # price of each group above; None: never above


@dataclass(frozen=True, slots=True)
class Before:
    """Where a person stands on the evening before day 0.

    ``kind`` is the last duty (a kind's position) or OFF when unknown; ``days_off`` how many free days since;
    ``days_in_row`` and ``nights_in_row`` count up to that duty and are 0 once a free day lies between.
    """

    kind: int = OFF
    days_off: int = 99
    days_in_row: int = 0
    nights_in_row: int = 0


@dataclass(frozen=True, eq=False)
class Person:
    """One person's rules and prices.

    Parameters
    ----------
    may
        Duties allowed: shape (days, kinds).
    must
        By day: a kind that is fixed, OFF for a fixed free day, or -2 for free choice: shape (days,).
    price
        Price of giving each duty: shape (days, kinds); negative where a duty fulfils a wish that ``base`` holds unmet.
    base
        Price when nothing is given, wishes unmet.
    forbidden
        [0, a, b]: b may not come on the day after a; [1, a, b]: nor with one free day between. Shape (2, kinds, kinds).
    follow_price
        The same places as ``forbidden``: what it costs where it is allowed.
    most_in_row
        Working days in a row.
    least_in_row, least_off_in_row
        Shortest run of working days, of free days. A run that touches day 0 or the last day is never too short.
    lone_day, lone_off
        Price of a run of one working day, of one free day (inside the horizon only, as above).
    most_nights, off_after_nights
        Nights in a row; free days after the last night of a run.
    """

    code: str
    may: Bools
    must: Ints
    price: Ints
    forbidden: Bools
    follow_price: Ints
    most_in_row: int
    base: int = 0
    least_in_row: int = 1
    least_off_in_row: int = 1
    lone_day: int = 0
    lone_off: int = 0
    most_nights: int = 99
    off_after_nights: int = 0
    tallies: tuple[Tally, ...] = ()
    blocks: tuple[Blocks, ...] = ()
    before: Before = field(default_factory=Before)


FREE = -2


@dataclass(frozen=True, eq=False)
class Problem:
    """Days, kinds of duty, people with their rules, and the cover asked for."""

    days: int
    kinds: tuple[Kind, ...]
    people: tuple[Person, ...]
    covers: tuple[Cover, ...]


@dataclass(frozen=True)
class Effort:
    """How long an engine may work. ``work`` is counted in the engine's own units, the same on every machine.

    ``seconds`` is a wall clock for benchmarks and for people who wait; an answer stopped by it is not repeatable.
    """

    work: float
    seconds: float | None = None


@dataclass(frozen=True, eq=False)
class Solution:
    """An answer: ``given`` (people, days) holds kinds or OFF; no answer can cost less than ``bound``."""

    given: Ints
    price: int
    bound: int
    status: Literal["proved best", "good", "none"]
    engine: str
    settings: dict[str, int | float | str] = field(default_factory=dict)

    @property
    def gap(self) -> float:
        """Share of the price that is not proved to be needed."""
        return 0.0 if self.price <= self.bound else (self.price - self.bound) / abs(self.price)
