"""The cheapest lawful schedule of one person for given prices: a shortest path, last day first.

With numba installed the loop is compiled, and people are priced on two threads; the paths are the same without.
Prices are multiples of 1/1024, so sums are exact and bounds need no tolerance.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np

from .columns_cover import Floats
from .columns_network import Network, TooLargeError, kinds_of, network
from .problem import FREE, OFF, Ints, Person, Problem, Tally

GRAIN = 1024.0
ARCS_A_UNIT = 700_000_000  # arcs looked at for one unit of work, about a second of a plain processor
ARCS_A_DAY, BUILT_A_DAY = 2000, 1_000_000  # what a day costs beside its arcs, and to build, as so many arcs
ARCS_WORTH_COMPILING = 500_000_000
MOST_HELD = 60_000_000  # arcs of all networks together, eight bytes each


@dataclass
class Path:
    """A schedule and its price; `duties` is None when nothing is lawful."""

    price: float
    duties: Ints | None


@dataclass
class Networks:
    """Networks by rules, so that people with the same rules share one; arcs looked at are counted."""

    arcs: int = 0
    held: int = 0
    known: dict[tuple[Any, ...], Network] = field(default_factory=dict)
    compiled: bool | None = None  # None: when numba is installed and the work is worth it
    largest: int | None = None  # arcs of one network, where fewer than usual
    relaxed: bool = False  # whether a tally is left out where the network would be too large: prices are bounds then

    def of(self, person: Person, problem: Problem, tallies: tuple[Tally, ...]) -> Network:
        """Return the network of a person's rules with these tallies."""
        rules = (person.most_in_row, person.least_in_row, person.least_off_in_row, person.lone_day, person.lone_off)
        sums = [(t.weights.tobytes(), t.least, t.most, t.below, t.above, t.step) for t in tallies]
        held = [(b.groups, b.most, b.above) for b in person.blocks]
        between = (person.forbidden.tobytes(), person.follow_price.tobytes(), kinds_of(person))
        nights = (person.most_nights, person.off_after_nights, person.before, problem.days)
        key = (*rules, *sums, *held, *between, *nights)
        if key not in self.known:
            self.known[key] = network(person, problem.kinds, problem.days, tallies, self.largest)
            self.held += self.known[key].follow.size
            self.arcs += BUILT_A_DAY * problem.days
            if self.held > MOST_HELD:
                raise TooLargeError
        return self.known[key]

    @property
    def fast(self) -> bool:
        """Whether paths are found by compiled code from now on."""
        if self.compiled is None:
            worth = self.arcs > ARCS_WORTH_COMPILING or _loop.cache_info().currsize > 0
            return worth and find_spec("numba") is not None
        return self.compiled


def rounded(dual: Floats) -> Floats:
    """Return prices as multiples of 1/1024."""
    return np.round(dual * GRAIN) / GRAIN


class Pricer:
    """Prices every person of a problem; a tally that only limits joins a person's network once it is broken."""

    def __init__(self, problem: Problem, networks: Networks) -> None:
        self.problem, self.networks = problem, networks
        self.duty = np.stack([_duties(p) for p in problem.people]) if problem.people else np.zeros((0, 0, 0))
        self._carried = [tuple(t for t in p.tallies if not _only_limits(t)) for p in problem.people]
        self._network: list[Network | None] = [None] * len(problem.people)

    def all(self, earned: Floats, allowed: np.ndarray | None = None) -> list[Path]:
        """Return each person's cheapest schedule when duties earn ``earned``, shape (people, days, 1 + kinds)."""
        people = range(len(self.problem.people))
        tables = self.duty - earned
        if allowed is not None:
            tables = np.where(allowed, tables, np.inf)
        if self.networks.fast and len(people) > 1:
            for person in people:
                self._of(person)
            with ThreadPoolExecutor(2) as pool:
                return list(pool.map(lambda person: self.path(person, tables[person]), people))
        return [self.path(person, tables[person]) for person in people]

    def one(self, person: int, earned: Floats) -> Path:
        """Return one person's cheapest schedule when duties earn ``earned``, shape (days, 1 + kinds)."""
        return self.path(person, self.duty[person] - earned)

    def path(self, person: int, table: Floats) -> Path:
        """Return the cheapest lawful schedule by a table of duty prices."""
        while True:
            found = shortest(self._of(person), table, self.networks.fast)
            self.networks.arcs += self._of(person).follow.size + ARCS_A_DAY * self.problem.days
            late = [] if found.duties is None or self.networks.relaxed else self._broken(person, found.duties)
            if not late:
                return found
            self._carried[person] = tuple(
                t for t in self.problem.people[person].tallies if t in self._carried[person] or t in late
            )
            self._network[person] = None

    def _of(self, person: int) -> Network:
        known = self._network[person]
        if known is None:
            known = self._network[person] = self._built(person)
        return known

    def _built(self, person: int) -> Network:
        """Return the network, without the widest tallies where it must be and the bound is all that is asked for."""
        while True:
            try:
                return self.networks.of(self.problem.people[person], self.problem, self._carried[person])
            except TooLargeError:
                if not self.networks.relaxed or not self._carried[person]:
                    raise
                widest = max(self._carried[person], key=_width)
                self._carried[person] = tuple(t for t in self._carried[person] if t is not widest)

    def _broken(self, person: int, duties: Ints) -> list[Tally]:
        left = [t for t in self.problem.people[person].tallies if not any(t is c for c in self._carried[person])]
        return [t for t in left if total(t, duties) > t.most]

    def cost(self, person: int, duties: Ints) -> float:
        """Return what a schedule costs by the person's own prices, infinite when it is not lawful."""
        only = np.full(self.duty[person].shape, np.inf)
        at = (np.arange(len(duties)), duties + 1)
        only[at] = self.duty[person][at]
        return self.path(person, only).price


def _only_limits(tally: Tally) -> bool:
    return tally.least <= 0 and tally.above is None


def _width(tally: Tally) -> float:
    """Return how many different sums a tally can come to, roughly."""
    most = tally.weights.max(axis=1)
    return float(most.sum() / max(1, np.gcd.reduce(tally.weights, axis=None)))


def total(tally: Tally, duties: Ints) -> int:
    """Return the sum of a tally over a schedule."""
    days = np.flatnonzero(duties != OFF)
    return int(tally.weights[days, duties[days]].sum())


def _duties(person: Person) -> Floats:
    """Return the person's price of each duty, infinite where it may not be: shape (days, 1 + kinds), off first."""
    table = np.where(person.may, person.price, np.inf)
    table = np.concatenate([np.zeros((len(table), 1)), table], axis=1)
    for day in np.flatnonzero(person.must != FREE):
        kept = table[day, person.must[day] + 1]
        table[day] = np.inf
        table[day, person.must[day] + 1] = kept
    return np.asarray(table, dtype=np.float64)


def shortest(net: Network, table: Floats, fast: bool) -> Path:
    """Return the cheapest path of a network by a table of duty prices: shape (days, 1 + kinds), off first."""
    days = len(net.first) - 1
    if not days:
        return Path(0.0, np.zeros(0, dtype=np.int64))
    order = np.array([0] + [k + 1 for g in net.groups for k in g])
    starts = np.cumsum([0, 1, *(len(g) for g in net.groups[1:-1])])[: len(net.groups)]
    price = np.minimum.reduceat(table[:, order], starts, axis=1)
    groups = np.empty(days, dtype=np.int64)
    if net.first[1] == 0:
        return Path(np.inf, None)
    value = (_loop() if fast else _layers)(net.first, net.follow, net.toll, price, groups)
    if value == np.inf:
        return Path(np.inf, None)
    members = [np.array([k + 1 for k in g]) if g else np.array([0]) for g in net.groups]
    duties = [members[g][table[d, members[g]].argmin()] - 1 for d, g in enumerate(groups)]
    return Path(float(value), np.array(duties, dtype=np.int64))


def _layers(first: Ints, follow: np.ndarray, toll: np.ndarray, price: Floats, groups: Ints) -> float:
    """Fill ``groups`` with the cheapest path and return its price: one array operation for each day."""
    ahead = np.zeros(first[-1] + 2)
    ahead[-1] = np.inf
    for day in range(len(price) - 1, -1, -1):
        part = slice(first[day], first[day + 1])
        reached = ahead.take(follow[part])
        reached += toll[part]
        reached += price[day]
        reached.min(axis=1, out=ahead[part])
    state = 0
    for day in range(len(price) if ahead[0] < np.inf else 0):
        groups[day] = (ahead[follow[state]] + toll[state] + price[day]).argmin()
        state = follow[state, groups[day]]
    return float(ahead[0])


@cache
def _loop() -> Callable[..., float]:
    """Return the compiled form of `_layers`."""
    import numba

    @numba.njit(
        "float64(int64[::1], int32[:, ::1], int32[:, ::1], float64[:, ::1], int64[::1])",
        nogil=True,
        error_model="numpy",
    )
    def loop(first, follow, toll, price, groups):  # type: ignore[no-untyped-def]
        days, width = price.shape
        ahead = np.zeros(first[days] + 2)
        ahead[first[days] + 1] = np.inf
        for day in range(days - 1, -1, -1):
            for state in range(first[day], first[day + 1]):
                best = np.inf
                for g in range(width):
                    best = min(best, ahead[follow[state, g]] + toll[state, g] + price[day, g])
                ahead[state] = best
        state = 0
        for day in range(days):
            best = np.inf
            for g in range(width):
                value = ahead[follow[state, g]] + toll[state, g] + price[day, g]
                if value < best:
                    best = value
                    groups[day] = g
            if best == np.inf:
                break
            state = follow[state, groups[day]]
        return ahead[0]

    found: Callable[..., float] = loop
    return found
