"""A crowd of plans bred at once: the genetic search of ``generation`` for bare problems, on arrays of many plans.

Every plan is decoded at the same time, one job of each by turns, so a plan costs a fraction of what it costs alone.
All resources of a day are packed into one whole number as in ``bare``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from .bare import Bare

Table = NDArray[np.int64]  # a row for each plan
PEAKS = 0.4  # the share of children that keep a busy stretch whole
STRETCHES = 3  # stretches looked at for the busiest
SWAPS = 0.03  # the share of neighbours swapped
FAR = 20  # places that a job moves at most
NARROW = 4  # links looked at for every job; the few jobs with more are looked at apart
LOOK = 64  # days looked at in one go


class Links:
    """The links of all jobs in one direction, as an array with a fixed number of them to a job."""

    def __init__(self, links: Sequence[Sequence[tuple[int, int]]]):
        count = len(links)
        self.near = np.full((count, NARROW), count)
        self.lag = np.zeros((count, NARROW), dtype=np.int64)
        self.many: dict[int, tuple[Table, Table]] = {}
        for n, row in enumerate(links):
            for place, (other, lag) in enumerate(row[:NARROW]):
                self.near[n, place], self.lag[n, place] = other, lag
            if len(row) > NARROW:
                self.many[n] = (np.array([b for b, _ in row]), np.array([lag for _, lag in row]))
        self.wide = np.array([len(row) > NARROW for row in links])
        self.any_lag = bool(self.lag.any())


def _shifts(length: Table) -> Iterator[Table]:
    """Yield what days are shifted by, job by job, until a day is left only where as many as the length follow on."""
    done = np.ones_like(length)
    while (done < length).any():
        step = np.clip(length - done, 0, done)
        yield step
        done += step


class Decoder:
    """Serial generation and justification of many orders at once."""

    def __init__(self, bare: Bare, days: int):
        self.bare, self.days = bare, days
        self.length = np.array(bare.length)
        small = bare.guard < 2**31
        self.kind: type[np.signedinteger] = np.int32 if small else np.int64
        self.need = np.array(bare.need, dtype=self.kind)
        self.guard = self.kind(bare.guard)
        self.most = int(self.length.max())
        self.before, self.after = Links(bare.before), Links(bare.after)
        self.taken = np.where(np.arange(self.most) < self.length[:, None], self.need[:, None], self.kind(0))
        self.shifts = [shift.astype(np.uint64) for shift in _shifts(self.length)]
        self.rank = np.array([bare.rank[n] for n in range(len(bare.length))])

    def decode(self, orders: Table, links: Links, least: Table | None = None) -> tuple[Table, NDArray[np.bool_]]:
        """Return the start of each job in each plan, each as early as it can be, and whether all fitted."""
        size, count = orders.shape
        free = np.full((size, self.days + 2 * LOOK), self.bare.day, dtype=self.kind)
        ahead, spans = sliding_window_view(free, LOOK, 1), sliding_window_view(free, self.most, 1, writeable=True)
        ends, starts = np.zeros((size, count + 1), dtype=np.int64), np.zeros((size, count), dtype=np.int64)
        fits, rows = np.ones(size, dtype=bool), np.arange(size)
        flat_ends, flat_starts, at_end, at_start = (
            ends.reshape(-1),
            starts.reshape(-1),
            rows * (count + 1),
            rows * count,
        )
        for jobs in np.ascontiguousarray(orders.T):
            length = self.length[jobs]
            before = flat_ends[at_end[:, None] + links.near[jobs]]
            if links.any_lag:
                before += links.lag[jobs]
            first = before.max(axis=1)
            if links.wide[jobs].any():
                self._pass_wide(links, jobs, ends, first)
            if least is not None:
                np.maximum(first, least.reshape(-1)[at_start + jobs], out=first)
            np.minimum(first, self.days, out=first)
            begin = self._first(ahead, rows, jobs, first, fits)
            spans[rows, begin] -= self.taken[jobs]
            flat_starts[at_start + jobs] = begin
            begin += length
            flat_ends[at_end + jobs] = begin
        return starts, fits & (starts + self.length <= self.days).all(axis=1)

    def _pass_wide(self, links: Links, jobs: Table, ends: Table, first: Table) -> None:
        """Raise the first days of jobs with many links."""
        for n, (others, lags) in links.many.items():
            at = np.flatnonzero(jobs == n)
            if at.size:
                first[at] = np.maximum(0, (ends[at[:, None], others] + lags).max(axis=1))

    def _first(
        self, ahead: NDArray[np.signedinteger], rows: Table, jobs: Table, first: Table, fits: NDArray[np.bool_]
    ) -> Table:
        """Return the first day from ``first`` on that each job fits, a word of days at a time."""
        left = ahead[rows, first]
        left -= self.need[jobs][:, None]
        left &= self.guard
        days = np.packbits(left == self.guard, axis=1, bitorder="little").view(np.uint64)[:, 0]
        for shift in self.shifts:
            days &= days >> shift[jobs]
        days &= -days
        found = days > 0
        begin = first + np.frexp(days.astype(np.float64))[1] - 1
        if found.all():
            return begin
        late = np.flatnonzero(~found)
        later = first[late] + (LOOK - self.most + 1)
        over = later > self.days - self.most
        fits[rows[late[over]]] = False
        begin[late[over]] = 0
        late, later = late[~over], later[~over]
        if late.size:
            begin[late] = self._first(ahead, rows[late], jobs[late], later, fits)
        return begin

    def justified(self, starts: Table) -> Table:
        """Return orders that pull plans together: their jobs by their days when pushed to the plan's end."""
        ends = starts + self.length
        last = ends.max(axis=1)
        orders = np.argsort(-(ends * (self.rank.size + 1) + self.rank), axis=1)
        least = None
        launch = self.bare.launch
        if launch is not None:
            least = np.zeros_like(starts)
            least[:, launch] = last - ends[:, launch]
        mirrored, _ = self.decode(orders, self.after, least)
        late = last[:, None] - mirrored - self.length
        return self.ordered(late)

    def ordered(self, starts: Table) -> Table:
        """Return jobs by their starts."""
        return np.argsort(starts * (self.rank.size + 1) + self.rank, axis=1)


class Crowd:
    """A crowd of orders with their plans; every generation each has one child, which takes its place if no worse."""

    def __init__(self, bare: Bare, weights: Sequence[int], load: Sequence[float], days: int, seed: int):
        self.decoder = Decoder(bare, days)
        self.rng = np.random.default_rng(seed)
        self.bare, self.length = bare, self.decoder.length
        self.weights, self.load = np.array(weights), np.array(load) * self.length
        self.lags = {(b, n) for n, links in enumerate(bare.before) for b, _ in links}
        self.linked = np.zeros((len(bare.length),) * 2, dtype=bool)
        for b, n in self.lags:
            self.linked[b, n] = True
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
        span = self.decoder.days * len(self.length) + 1
        early = ends @ self.weights
        launch = starts[:, self.bare.launch] if self.bare.launch is not None else 0
        keys = (launch * (span * max(1, int(self.weights.sum()))) + early) * span + ends.sum(axis=1)
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
