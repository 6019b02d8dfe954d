"""One person's lawful schedules as a network: a state for each evening, an arc for each kind of day that may follow.

Kinds of shift that no rule of the person tells apart are one group; group 0 is a free day. A path from the root to the
last evening is a schedule, and the tolls on it are all the person's prices that no single duty carries: lone days,
backward rotation, tallies and blocks outside their bounds. Rules are written once, in `_Rules.step`, on whole layers of
states at a time; states with the same future are then merged, from the last evening back to the first.

References
----------
Irnich & Desaulniers (2005), Shortest path problems with resource constraints.
Strandmark, Qu & Curtois (2020), First-order linear programming in a column generation-based heuristic approach to the
nurse rostering problem.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .problem import OFF, Blocks, Ints, Kind, Person, Tally

LARGEST = 8_000_000  # arcs of one network; above it the days are planned in windows


class TooLargeError(Exception):
    """The network would not fit: plan fewer days at a time."""


@dataclass(frozen=True)
class Network:
    """Arcs by day, evening state and group, all days in one row each.

    Parameters
    ----------
    groups
        Kinds by group; group 0 (a free day) holds none.
    first
        Position of each day's first state; one more entry at the end.
    follow
        State reached; the one after the last evening is numbered as the states are many, and one more means not
        lawful. Shape (states, groups).
    toll
        Price of the arc beside the duty's own. Shape (states, groups).
    """

    groups: tuple[tuple[int, ...], ...]
    first: Ints
    follow: np.ndarray
    toll: np.ndarray


def kinds_of(person: Person) -> tuple[int, ...]:
    """Return the kinds that the person may be given on some day."""
    held = np.array(person.may.any(axis=0))
    held[person.must[person.must >= 0]] = True
    return tuple(int(k) for k in np.flatnonzero(held))


def grouped(person: Person, kinds: tuple[Kind, ...], tallies: tuple[Tally, ...]) -> tuple[tuple[int, ...], ...]:
    """Return the kinds that no rule of the person tells apart, group by group, after the empty group of free days."""
    mine = list(kinds_of(person))
    seen = mine + [person.before.kind] * (person.before.kind != OFF)
    found: dict[bytes, list[int]] = {}
    for k in mine:
        between = [m[:, k, :][:, seen].tobytes() + m[:, :, k][:, seen].tobytes() for m in _pairs(person)]
        mark = b"".join([*between, bytes([kinds[k].night]), *(t.weights[:, k].tobytes() for t in tallies)])
        found.setdefault(mark, []).append(k)
    return ((), *(tuple(g) for g in found.values()))


def _pairs(person: Person) -> tuple[np.ndarray, np.ndarray]:
    return np.asarray(person.forbidden, dtype=np.int64), np.asarray(person.follow_price, dtype=np.int64)


def network(
    person: Person, kinds: tuple[Kind, ...], days: int, tallies: tuple[Tally, ...], largest: int | None = None
) -> Network:
    """Build the network of a person's rules with the tallies named.

    Raises
    ------
    TooLargeError
        When it would hold more than ``largest`` arcs before states are merged; `LARGEST` when not said.
    """
    groups = grouped(person, kinds, tallies)
    rules = _Rules(person, kinds, groups, days, tallies)
    states, layers, size = rules.root(), [], 0
    for day in range(days):
        steps = [rules.step(states, day, g) for g in range(len(groups))]
        size += len(states) * len(groups)
        if size > (largest or LARGEST):
            raise TooLargeError
        kept = np.concatenate([new[lawful] for new, _, lawful in steps])
        states, place = _distinct(kept)
        follow, at = np.full((len(steps[0][0]), len(groups)), -1, dtype=np.int32), 0
        for g, (_, _, lawful) in enumerate(steps):
            count = int(lawful.sum())
            follow[lawful, g] = place[at : at + count]
            at += count
        layers.append((follow, np.stack([toll for _, toll, _ in steps], axis=1)))
    return _merged(groups, layers, len(states))


def _merged(groups: tuple[tuple[int, ...], ...], layers: list[tuple[np.ndarray, np.ndarray]], last: int) -> Network:
    """Return the network in which states with the same future are one, and states without a future are gone."""
    name = np.zeros(last + 1, dtype=np.int64)
    name[-1] = -1
    done: list[tuple[np.ndarray, np.ndarray]] = []
    for follow, toll in reversed(layers):
        follow = name[follow]
        toll = np.where(follow < 0, 0, toll)
        rows, place = _distinct(np.concatenate([follow, toll], axis=1))
        alive = (rows[:, : len(groups)] >= 0).any(axis=1)
        new = np.where(alive, np.cumsum(alive) - 1, -1)
        name = np.append(new[place], -1)
        done.append((rows[alive, : len(groups)].astype(np.int32), rows[alive, len(groups) :].astype(np.int32)))
    done.reverse()
    first = np.cumsum([0, *(len(f) for f, _ in done)])
    for (follow, _), ahead in zip(done, first[1:], strict=True):
        follow[:] = np.where(follow < 0, first[-1] + 1, follow + ahead)
    empty = np.zeros((0, len(groups)), dtype=np.int32)
    follow = np.concatenate([empty, *(f for f, _ in done)])
    return Network(groups, first, follow, np.concatenate([empty, *(t for _, t in done)]))


def _distinct(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the different rows in a fixed order, and the place among them of each row given."""
    if not len(rows):
        return rows, np.zeros(0, dtype=np.int64)
    key = np.zeros(len(rows), dtype=np.int64)
    reach = 1
    for column in rows.T:
        low, high = int(column.min()), int(column.max())
        if low == high:
            continue
        if reach > 2**62 // (high - low + 1):
            seen, key = np.unique(key, return_inverse=True)
            reach = len(seen)
        key = key * (high - low + 1) + (column - low)
        reach *= high - low + 1
    _, where, place = np.unique(key, return_index=True, return_inverse=True)
    return rows[where], place


class _Rules:
    """A person's rules on layers of states.

    A state's columns: working days in a row, whether that run (or the free one) touches day 0, free days in a row,
    last kind (when a rule may still ask for it), nights in a row, free days owed after nights, then one column for
    each tally, and two for each set of blocks: groups held and whether today's group is.
    """

    RUN, EARLY, FREE, LAST, NIGHTS, OWED, REST = range(7)

    def __init__(
        self,
        person: Person,
        kinds: tuple[Kind, ...],
        groups: tuple[tuple[int, ...], ...],
        days: int,
        tallies: tuple[Tally, ...],
    ) -> None:
        self.person, self.kinds, self.groups, self.days = person, kinds, groups, days
        self.forbidden, self.toll = _pairs(person)
        self.looks_back = bool(self.forbidden[1].any() or self.toll[1].any())
        self.tallies = [_Sum(t, groups, days) for t in tallies]
        self.blocks = [_Held(b, days) for b in person.blocks]
        self.most_run = person.most_in_row < days + person.before.days_in_row
        self.most_nights = person.most_nights < days + person.before.nights_in_row

    def root(self) -> np.ndarray:
        """Return the one state of the evening before day 0."""
        before, person = self.person.before, self.person
        known = before.kind != OFF
        run = max(before.days_in_row, int(known and before.days_off == 0))
        night = known and self.kinds[before.kind].night
        root = np.zeros((1, self.REST + len(self.tallies) + 2 * len(self.blocks)), dtype=np.int64)
        root[0, self.EARLY] = 1
        root[0, self.RUN] = run if self.most_run else min(run, self._long())
        root[0, self.FREE] = 0 if run else min(max(1, before.days_off), self._far())
        root[0, self.LAST] = before.kind if known and before.days_off <= 1 else OFF
        root[0, self.NIGHTS] = max(1, before.nights_in_row) if night and run else 0
        root[0, self.OWED] = max(0, person.off_after_nights - before.days_off) if night and not run else 0
        for n, block in enumerate(self.blocks):
            root[0, self.REST + len(self.tallies) + 2 * n] = block.start
        return root

    def _far(self) -> int:
        return max(2, self.person.least_off_in_row)

    def _long(self) -> int:
        return max(2, self.person.least_in_row)

    def step(self, states: np.ndarray, day: int, group: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the states after a day of ``group``, the tolls paid, and which of them are lawful."""
        new = states.copy()
        toll = np.zeros(len(states), dtype=np.int64)
        rule = self._work if group else self._rest
        lawful = rule(states, new, toll, day, group)
        for n, tally in enumerate(self.tallies):
            tally.add(new[:, self.REST + n], toll, lawful, day, group)
        for n, block in enumerate(self.blocks):
            at = self.REST + len(self.tallies) + 2 * n
            block.add(new[:, at : at + 2], toll, lawful, day, group > 0)
        return new, toll, lawful

    def _rest(self, old: Ints, new: Ints, toll: Ints, day: int, _: int) -> np.ndarray:
        person, working = self.person, old[:, self.RUN] > 0
        inside = old[:, self.EARLY] == 0
        lawful: np.ndarray = ~working | ~inside | (old[:, self.RUN] >= person.least_in_row)
        toll += person.lone_day * (working & inside & (old[:, self.RUN] == 1))
        new[:, self.EARLY] = np.where(working, 0, old[:, self.EARLY]) if day else 1
        owed = np.where(old[:, self.NIGHTS] > 0, person.off_after_nights, old[:, self.OWED])
        new[:, self.OWED] = np.maximum(owed - 1, 0)
        new[:, self.FREE] = np.minimum(old[:, self.FREE] + 1, self._far())
        new[:, self.LAST] = np.where(working, old[:, self.LAST], OFF) if self.looks_back else OFF
        new[:, [self.RUN, self.NIGHTS]] = 0
        return lawful

    def _work(self, old: Ints, new: Ints, toll: Ints, day: int, group: int) -> np.ndarray:
        person, kind, free = self.person, self.groups[group][0], old[:, self.RUN] == 0
        inside, last = old[:, self.EARLY] == 0, old[:, self.LAST]
        rested = ~free | ~inside | (old[:, self.FREE] >= person.least_off_in_row)
        lawful: np.ndarray = rested & (old[:, self.OWED] == 0)
        toll += person.lone_off * (free & inside & (old[:, self.FREE] == 1))
        known = (last != OFF) & (~free | (old[:, self.FREE] == 1))
        gap = free.astype(np.int64)
        lawful &= ~known | (self.forbidden[gap, last, kind] == 0)
        toll += np.where(known, self.toll[gap, last, kind], 0)
        new[:, self.RUN] = old[:, self.RUN] + 1
        if self.most_run:
            lawful &= new[:, self.RUN] <= person.most_in_row
        else:
            new[:, self.RUN] = np.minimum(new[:, self.RUN], self._long())
        new[:, self.EARLY] = np.where(free, 0, old[:, self.EARLY]) if day else 1
        new[:, self.FREE] = 0
        new[:, self.LAST] = kind
        if self.kinds[kind].night:
            new[:, self.NIGHTS] = old[:, self.NIGHTS] + 1
            if self.most_nights:
                lawful &= new[:, self.NIGHTS] <= person.most_nights
            else:
                new[:, self.NIGHTS] = 1
        else:
            new[:, self.NIGHTS] = 0
            lawful &= (old[:, self.NIGHTS] == 0) | (person.off_after_nights == 0)
        return lawful


class _Sum:
    """A tally in the state: the sum so far while it can still matter, else a number that says it cannot."""

    def __init__(self, tally: Tally, groups: tuple[tuple[int, ...], ...], days: int) -> None:
        self.tally = tally
        self.weights = np.stack(
            [tally.weights[:, g[0]] if g else np.zeros(days, dtype=np.int64) for g in groups], axis=1
        ).astype(np.int64)
        most = self.weights.max(axis=1) if days else np.zeros(0, dtype=np.int64)
        self.left = np.append(np.cumsum(most[::-1])[::-1][1:], 0)  # the most that the days after each can add
        live = np.flatnonzero(most)
        self.end = int(live[-1]) if len(live) else 0

    def add(self, sums: np.ndarray, toll: np.ndarray, lawful: np.ndarray, day: int, group: int) -> None:
        """Add a day to ``sums`` in place; on the last day that counts, pay for what lies outside the bounds."""
        tally = self.tally
        if day > self.end:
            return
        sums += self.weights[day, group]
        if tally.above is None:
            lawful &= sums <= tally.most
        if tally.below is None:
            lawful &= sums + self.left[day] >= tally.least
        if day == self.end:
            under, over = np.maximum(tally.least - sums, 0), np.maximum(sums - tally.most, 0)
            toll += (tally.below or 0) * -(-under // tally.step) + (tally.above or 0) * -(-over // tally.step)
            sums[:] = 0
        else:
            sums[:] = np.where(sums + self.left[day] <= tally.most, np.minimum(sums, max(tally.least, 0)), sums)


class _Held:
    """Blocks in the state: how many groups held work, no lower than still matters, and whether today's does."""

    def __init__(self, blocks: Blocks, days: int) -> None:
        self.blocks = blocks
        self.day = np.zeros(days, dtype=bool)
        self.closes = np.zeros(days, dtype=bool)
        for group in blocks.groups:
            inside = [d for d in group if 0 <= d < days]
            if inside:
                self.day[inside] = True
                self.closes[max(inside)] = True
        self.left = np.append(np.cumsum(self.closes[::-1])[::-1][1:], 0)
        self.start = self._canon(np.array([0]), int(self.closes.sum()))[0]

    def _canon(self, held: np.ndarray, left: int) -> np.ndarray:
        canon: Ints = np.clip(held, self.blocks.most - left, self.blocks.most + 1)
        return canon

    def add(self, state: np.ndarray, toll: np.ndarray, lawful: np.ndarray, day: int, works: bool) -> None:
        """Add a day in place; where a group closes, count it and pay for it when it is above the most."""
        if not self.day[day]:
            return
        if works:
            state[:, 1] = 1
        if self.closes[day]:
            held = state[:, 0] + state[:, 1]
            above = (held > self.blocks.most) & (state[:, 1] > 0)
            if self.blocks.above is None:
                lawful &= ~above
            else:
                toll += self.blocks.above * above
            state[:, 0] = self._canon(held, int(self.left[day]))
            state[:, 1] = 0
