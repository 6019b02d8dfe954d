"""A crowd of plans bred at once: the genetic search of ``generation`` for bare problems, on arrays of many plans.

Every plan is decoded at the same time, one job of each by turns, so a plan costs a fraction of what it costs alone.
All resources of a day are packed into one whole number as in ``bare``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .bare import LOOK, Bare, Many, Table

PEAKS = 0.4  # the share of children that keep a busy stretch whole
STRETCHES = 3  # stretches looked at for the busiest
SWAPS = 0.03  # the share of neighbours swapped
FAR = 20  # places that a job moves at most


class Crowd:
    """A crowd of orders with their plans; every generation each has one child, which takes its place if no worse."""

    def __init__(self, bare: Bare, weights: Sequence[int], load: Sequence[float], days: int, seed: int):
        self.decoder = Many(bare, days)
        self.rng = np.random.default_rng(seed)
        self.bare, self.length = bare, self.decoder.length
        self.weights, self.load = np.array(weights), np.array(load) * self.length
        self.linked = np.zeros((len(bare.length),) * 2, dtype=bool)
        for n, links in enumerate(bare.before):
            self.linked[[b for b, _ in links], n] = True
        self.orders = self.starts = self.keys = np.zeros((0, 0), dtype=np.int64)

    def settle(self, orders: Table) -> None:
        """Begin with these orders."""
        self.orders, self.starts, self.keys = self.plans(orders)

    def plans(self, orders: Table) -> tuple[Table, Table, Table]:
        """Return the plans of orders, or of the justified ones where better: their orders by days, starts and worth."""
        decoder = self.decoder
        one, fits = decoder.decode(orders, decoder.before)
        # A plan beyond the days has no true days to go by: its order stays, and what is made of it does not count.
        better = np.where(fits[:, None], decoder.justified(one), orders)
        two, fits_two = decoder.decode(better, decoder.before)
        keys, keys_two = self.worth(one, fits), self.worth(two, fits & fits_two)
        wins = keys_two < keys
        starts = np.where(wins[:, None], two, one)
        return np.where(fits[:, None], decoder.ordered(starts), orders), starts, np.where(wins, keys_two, keys)

    def worth(self, starts: Table, fits: NDArray[np.bool_]) -> Table:
        """Return one number for each plan, less is better: the launch, then weighted ends, then ends."""
        ends = starts + self.length
        span = self.bare.days * len(self.length) + 1
        early = ends @ self.weights
        launch = starts[:, self.bare.launch] if self.bare.launch is not None else 0
        keys: Table = (launch * (span * max(1, int(self.weights.sum()))) + early) * span + ends.sum(axis=1)
        keys[~fits] = np.iinfo(np.int64).max
        return keys

    def breed(self) -> None:
        """Replace each member by its child where that is no worse."""
        size = len(self.orders)
        one, two = self.rng.integers(size, size=(2, size))
        fathers = np.where(self.keys[one] <= self.keys[two], one, two)
        children = self.mutated(self.crossed(fathers))
        orders, starts, keys = self.plans(children)
        wins = keys <= self.keys
        self.orders[wins], self.starts[wins], self.keys[wins] = orders[wins], starts[wins], keys[wins]

    def crossed(self, fathers: Table) -> Table:
        """Return children of each member and its father (``generation.Search._crossed``)."""
        rng, (size, count) = self.rng, self.orders.shape
        mother, father = self.orders, self.orders[fathers]
        rows = np.arange(size)[:, None]
        place = np.empty_like(mother)
        place[rows, mother] = np.arange(count)
        other = np.empty_like(father)
        other[rows, father] = np.arange(count)
        low, high = np.sort(rng.integers(count + 1, size=(2, size)), axis=0)
        peak = rng.random(size) < PEAKS
        busy_low, busy_high = self.busiest()
        low, high = np.where(peak, busy_low, low)[:, None], np.where(peak, busy_high, high)[:, None]
        # Peak: the head in the father's order, the stretch in the mother's, the rest in the father's.
        peaks = np.where(place < low, other, np.where(place < high, count + place, 2 * count + other))
        # Middle: the head in the mother's order, as many jobs as the stretch has in the father's, the rest in hers.
        outside = place[rows, father] >= low
        nth = np.cumsum(outside, axis=1)
        middle = np.zeros_like(outside)
        middle[rows, father] = outside & (nth <= high - low)
        middles = np.where(place < low, place, np.where(middle, count + other, 2 * count + place))
        return np.argsort(np.where(peak[:, None], peaks, middles), axis=1)

    def busiest(self) -> tuple[Table, Table]:
        """Return for each member the stretch with most work for its days among a few."""
        size, count = self.orders.shape
        rows = np.arange(size)[:, None]
        ends = (self.starts + self.length)[rows, self.orders]
        starts = self.starts[rows, self.orders]
        work = np.zeros((size, count + 1))
        np.cumsum(self.load[self.orders], axis=1, out=work[:, 1:])
        places = np.arange(count)
        best = np.full(size, -1.0)
        found = np.zeros((2, size), dtype=np.int64)
        for _ in range(STRETCHES):
            low, high = np.sort(self.rng.integers(count + 1, size=(2, size)), axis=0)
            inner = (places >= low[:, None]) & (places < high[:, None])
            span = np.where(inner, ends, 0).max(axis=1) - np.where(inner, starts, 2**30).min(axis=1)
            rate = (work[np.arange(size), high] - work[np.arange(size), low]) / np.maximum(1, span)
            better = rate > best
            best = np.where(better, rate, best)
            found[:, better] = np.stack([low, high])[:, better]
        return found[0], found[1]

    def mutated(self, orders: Table) -> Table:
        """Swap neighbours here and there in half of the orders; move one to three jobs of the others."""
        rng, (size, count) = self.rng, orders.shape
        shift = rng.random(size) < 0.5
        swap = rng.random((size, count - 1)) < SWAPS
        swap[shift] = False
        swap &= ~self.linked[orders[:, :-1], orders[:, 1:]]
        swap[:, 1:] &= ~swap[:, :-1]
        rows, places = np.nonzero(swap)
        orders[rows, places], orders[rows, places + 1] = orders[rows, places + 1], orders[rows, places]
        for row in np.flatnonzero(shift):
            orders[row] = self.shifted(orders[row].tolist())
        return orders

    def shifted(self, order: list[int]) -> list[int]:
        """Move one to three jobs a little, not past those they are linked with."""
        rng, bare = self.rng, self.bare
        for draw in rng.random((int(rng.integers(1, 4)), 2)):
            at = int(draw[0] * len(order))
            n = order.pop(at)
            before, after = {b for b, _ in bare.before[n]}, {f for f, _ in bare.after[n]}
            low = high = at
            while low > max(0, at - FAR) and order[low - 1] not in before:
                low -= 1
            while high < min(len(order), at + FAR) and order[high] not in after:
                high += 1
            order.insert(low + int(draw[1] * (high - low + 1)), n)
        return order

    def take_in(self, order: Sequence[int]) -> None:
        """Put an order in the place of the worst member."""
        worst = int(self.keys.argmax())
        orders, starts, keys = self.plans(np.array([order]))
        self.orders[worst], self.starts[worst], self.keys[worst] = orders[0], starts[0], keys[0]

    def thin(self, size: int) -> None:
        """Keep so many members, from the whole of the crowd."""
        some = np.linspace(0, len(self.keys) - 1, size).astype(np.int64)
        self.orders, self.starts, self.keys = self.orders[some], self.starts[some], self.keys[some]

    def mix(self, other: Crowd) -> None:
        """Change every second member for one of another crowd of the same problem."""
        some = slice(0, 2 * (min(len(self.keys), len(other.keys)) // 2), 2)
        for mine, theirs in ((self.orders, other.orders), (self.starts, other.starts), (self.keys, other.keys)):
            mine[some], theirs[some] = theirs[some].copy(), mine[some].copy()

    @property
    def best(self) -> tuple[list[int], int]:
        """Return the best member's order, and its launch or, without one, its last day."""
        first = int(self.keys.argmin())
        starts, launch = self.starts[first], self.bare.launch
        return self.orders[first].tolist(), int((starts + self.length).max() if launch is None else starts[launch])


def can_crowd(bare: Bare, weights: Sequence[int]) -> bool:
    """Return whether a problem's days, units and worth fit the whole numbers of arrays."""
    span = bare.days * (len(bare.length) + 1)
    worth = bare.days * span * max(1, sum(weights)) * span
    return bare.guard < 2**62 and 0 < max(bare.length, default=0) <= LOOK // 2 and worth < 2**62
