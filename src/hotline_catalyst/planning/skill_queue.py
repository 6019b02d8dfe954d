"""The stationary queue of callers in several languages before advocates who speak some of them, as a Markov chain.

A caller goes to the free speaker with the fewest languages (even chances among equals); an advocate set free takes
the longest waiting caller among his languages. Handle times and patience are exponential.
The chain knows how many of each kind are busy and how many wait in each language, not the order in which they
wait: the longest waiting is taken to be of a language with the chance of its part of those waiting. This is exact
for one language, for separate groups and for advocates who all speak everything; elsewhere see tests/test_skills.py.

References
----------
Gans, Koole & Mandelbaum (2003), Telephone call centers: tutorial and review (section 5, skills-based routing).
Koole & Pot (2006), An overview of routing and staffing algorithms in multi-skill customer contact centers.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import product
from math import prod
from operator import or_

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array
from scipy.sparse.linalg import splu
from scipy.stats import poisson

from ..errors import NoPlanError
from .queueing import erlang_a_service_level

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Groups = tuple[tuple[int, int], ...]
"""Advocates by the languages they speak: (languages as bits, how many)."""

LOST = 1e-5
"""The chance at most that more people wait than the chain counts; it is taken off the level."""
MOST_STATES = 20_000
_DENSE = 220  # below this a full matrix is solved quicker than a sparse one


@dataclass(frozen=True)
class _Flow:
    """Moves between states, at ``weight`` times the rate ``kind`` stands for: callers by language, handled, hung up."""

    size: int
    source: Ints
    target: Ints
    kind: Ints
    weight: Floats

    def rates(self, values: Floats) -> Floats:
        return self.weight * values[self.kind]


@dataclass(frozen=True)
class _Chain:
    """The states of one mix of advocates and all that does not depend on the rates."""

    flow: _Flow
    busy: Ints  # (states, groups), the last state has everybody busy
    free: NDArray[np.bool_]  # (languages, states): somebody who speaks it is free
    waiting: Ints  # (states,): index of the numbers waiting
    full: NDArray[np.bool_]  # (languages, states): as many wait as the chain counts
    ahead: _Flow  # the way of one caller with so many ahead, a block for each language
    served: Floats  # advocates who would take the caller himself next, by block and numbers ahead


def levels(
    groups: Groups, per_hour: tuple[float, ...], handle_time_s: float, patience_s: float, within_s: float
) -> Floats:
    """Return for each language the share of its callers answered within ``within_s`` seconds.

    Parameters
    ----------
    groups
        (languages as bits, number of advocates), each kind once.
    per_hour
        Callers an hour by language, the order of the bits; a language without callers has the level 1.
    handle_time_s, patience_s, within_s
        Means (exponential) and the promise, in seconds.

    Raises
    ------
    NoPlanError
        When the chain would be too large to solve.
    """
    found = np.where(np.asarray(per_hour) > 0, 0.0, 1.0)
    live = sum(1 << k for k, rate in enumerate(per_hour) if rate > 0)
    for part in _apart([mask & live for mask, count in groups if count], len(per_hour)):
        here: Counter[int] = Counter()
        for mask, count in groups:
            here[_seen(mask, part)] += count
        line = tuple(sorted(group for group in here.items() if all(group)))
        rates = tuple(per_hour[k] for k in part)
        if len(line) == 1:
            found[list(part)] = erlang_a_service_level(line[0][1], sum(rates), handle_time_s, patience_s, within_s)
        else:
            found[list(part)] = _solved(line, rates, handle_time_s, patience_s, within_s)
    return found


def states(groups: Groups, per_hour: tuple[float, ...], patience_s: float) -> int:
    """Return how many states the chain has; its time grows a little faster than this."""
    queues, total = _queues(_longest(np.asarray(per_hour) / 3600 * patience_s)), 0
    supports, numbers = np.unique((queues > 0) @ (1 << np.arange(len(per_hour))), return_counts=True)
    for support, number in zip(supports, numbers, strict=True):
        total += int(number) * prod(n + 1 for mask, n in groups if not mask & int(support))
    return total


def _apart(masks: list[int], languages: int) -> list[tuple[int, ...]]:
    """Return the languages in parts that share no advocate; a language nobody speaks is in none."""
    parts: list[int] = []
    for mask in filter(None, masks):
        touching = [part for part in parts if part & mask]
        parts = [part for part in parts if not part & mask]
        parts.append(reduce(or_, touching, mask))
    return [tuple(k for k in range(languages) if part >> k & 1) for part in sorted(parts)]


def _seen(mask: int, part: tuple[int, ...]) -> int:
    """Return the languages of ``mask`` as bits counted within ``part``."""
    return sum(1 << bit for bit, language in enumerate(part) if mask >> language & 1)


def _solved(groups: Groups, per_hour: tuple[float, ...], handle_s: float, patience_s: float, within_s: float) -> Floats:
    size = states(groups, per_hour, patience_s)
    if size > MOST_STATES:
        raise NoPlanError(
            f"The languages of {sum(n for _, n in groups)} advocates make {size} states, more than {MOST_STATES}. "
            "Put languages together or plan them as separate lines."
        )
    rates = np.asarray(per_hour) / 3600
    chain = _chain(groups, _longest(rates * patience_s))
    values = np.concatenate([rates, [1 / handle_s, 1 / patience_s]])
    chance = _stationary(chain, values)
    in_time = _in_time(chain, values, within_s).reshape(len(per_hour), -1)
    reached = np.where(chain.full, 0.0, in_time[:, chain.waiting])
    return np.clip(np.where(chain.free, 1.0, reached) @ chance - LOST, 0, 1)


def _longest(means: Floats) -> tuple[int, ...]:
    """Return how many may wait, by language and in all, before the chance of more is below ``LOST``.

    Fewer wait than would if nobody was ever answered; then their number is Poisson with these means.
    """
    chance = LOST / (len(means) + 1)
    return tuple(int(n) + 1 for n in poisson.isf(chance, np.append(means, means.sum())))


def _queues(longest: tuple[int, ...]) -> Ints:
    """Return all numbers waiting by language that the chain counts, the empty queue first."""
    *most, in_all = longest
    grid = np.indices(tuple(n + 1 for n in most)).reshape(len(most), -1).T
    return np.asarray(grid[grid.sum(axis=1) <= in_all], dtype=np.int64)


def _stationary(chain: _Chain, values: Floats) -> Floats:
    """Return the long-run chance of each state.

    All chances are found as multiples of one likely state's, so that no figure runs out of range on a busy line.
    """
    flow, rates = chain.flow, chain.flow.rates(values)
    load = min(1.0, values[:-2].sum() / values[-2] / chain.busy[-1].sum())
    likely = int(np.abs(chain.busy - load * chain.busy[-1]).sum(axis=1).argmin())
    out = np.bincount(flow.source, rates, flow.size)
    here, others = np.arange(flow.size), np.delete(np.arange(flow.size), likely)
    balance = csc_array(
        (np.append(rates, -out), (np.append(flow.target, here), np.append(flow.source, here))),
        shape=(flow.size, flow.size),
    )
    chance = np.ones(flow.size)
    given = -balance[others][:, [likely]].toarray().ravel()
    if flow.size <= _DENSE:
        chance[others] = np.linalg.solve(balance.toarray()[np.ix_(others, others)], given)
    else:
        matrix = balance[others][:, others].tocsc()
        chance[others] = splu(matrix, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0).solve(given)
    return np.asarray(chance / chance.sum())


def _in_time(chain: _Chain, values: Floats, within_s: float) -> Floats:
    """Return the chance of a waiting caller to be taken within ``within_s`` seconds (uniformisation)."""
    flow, (handled, leave) = chain.ahead, values[-2:]
    rates = flow.rates(values)
    taken = chain.served * handled
    out = np.bincount(flow.source, rates, flow.size) + taken + leave
    pace = float(out.max())
    here = np.arange(flow.size)
    step = csr_array(
        (np.append(rates / pace, 1 - out / pace), (np.append(flow.source, here), np.append(flow.target, here))),
        shape=(flow.size, flow.size),
    )
    reached, total = np.zeros(flow.size), np.zeros(flow.size)
    steps = int(poisson.isf(1e-13, pace * within_s)) + 2
    for weight in poisson.pmf(np.arange(1, steps), pace * within_s):
        reached = step @ reached + taken / pace
        total += weight * reached
    return total


@lru_cache(maxsize=96)
def _chain(groups: Groups, longest: tuple[int, ...]) -> _Chain:
    languages, most = len(longest) - 1, np.array(longest[:-1])
    masks, counts = (np.array(column, dtype=np.int64) for column in zip(*groups, strict=True))
    speaks = np.array([[mask >> k & 1 for k in range(languages)] for mask in masks], dtype=bool)
    queues = _queues(longest)
    rows = _rows(counts, speaks, queues)
    busy, waiting = rows[:, : len(masks)], rows[:, len(masks) :]
    find = _Finder(np.concatenate([counts, most]), rows)
    free = np.array([((busy < counts) & speaks[:, k]).any(axis=1) for k in range(languages)])
    full = (most[:, None] == waiting.T) | (waiting.sum(axis=1) == longest[-1])
    flow = _flow(rows, find, counts, speaks, ~free & ~full)
    numbers = _Finder(most, queues)
    ahead, served = _ahead(queues, numbers, counts, speaks)
    return _Chain(flow, busy, free, numbers(waiting), full, ahead, served)


class _Finder:
    """Finds the row of a state by its numbers; ``most`` is the highest of each."""

    def __init__(self, most: Ints, rows: Ints) -> None:
        self.step = np.cumprod(np.concatenate([[1], most[:-1] + 1]))
        codes = rows @ self.step
        self.order = np.argsort(codes, kind="stable")
        self.codes = codes[self.order]

    def __call__(self, rows: Ints) -> Ints:
        return np.asarray(self.order[np.searchsorted(self.codes, rows @ self.step)])


def _rows(counts: Ints, speaks: NDArray[np.bool_], queues: Ints) -> Ints:
    """Return all states (busy by group, waiting by language): who speaks a language somebody waits in is busy."""
    found = []
    for support in product((False, True), repeat=queues.shape[1]):
        here = queues[((queues > 0) == support).all(axis=1)]
        full = speaks[:, support].any(axis=1)
        busy = np.indices(tuple(np.where(full, 0, counts) + 1)).reshape(len(counts), -1).T
        busy = np.where(full, counts, busy)
        found.append(np.hstack([np.repeat(busy, len(here), axis=0), np.tile(here, (len(busy), 1))]))
    return np.concatenate(found)


def _flow(rows: Ints, find: _Finder, counts: Ints, speaks: NDArray[np.bool_], joins: NDArray[np.bool_]) -> _Flow:
    """Return the moves between states; ``joins`` (languages, states) says where a new caller waits."""
    groups, languages = speaks.shape
    size = speaks.sum(axis=1)
    busy, waiting = rows[:, :groups], rows[:, groups:]
    moves = _Moves(rows, find)
    for language in range(languages):
        idle = np.where(speaks[:, language], counts - busy, 0)
        fewest = np.where(idle > 0, size, languages + 1).min(axis=1, keepdims=True)
        idle = np.where(size == fewest, idle, 0)
        for group in _where(speaks[:, language]):
            moves.add(language, idle[:, group] / np.maximum(idle.sum(axis=1), 1), {group: 1})
        moves.add(language, joins[language].astype(float), {groups + language: 1})
        moves.add(languages + 1, waiting[:, language].astype(float), {groups + language: -1})
    for group in range(groups):
        own = waiting * speaks[group]
        total = own.sum(axis=1)
        moves.add(languages, np.where(total == 0, busy[:, group], 0), {group: -1})
        for language in _where(speaks[group]):
            moves.add(languages, counts[group] * own[:, language] / np.maximum(total, 1), {groups + language: -1})
    return moves.flow(len(rows))


def _where(which: NDArray[np.bool_]) -> list[int]:
    return [int(k) for k in np.flatnonzero(which)]


class _Moves:
    """Collects the moves of a chain."""

    def __init__(self, rows: Ints, find: _Finder) -> None:
        self.rows, self.find = rows, find
        self.parts: list[tuple[Ints, Ints, Ints, Floats]] = []

    def add(self, kind: int, weight: Floats, change: dict[int, int], offset: int = 0) -> None:
        source = np.flatnonzero(weight > 0)
        after = self.rows[source]
        for column, by in change.items():
            after[:, column] += by
        target = self.find(after)
        self.parts.append((source + offset, target + offset, np.full(len(source), kind), weight[source]))

    def flow(self, size: int) -> _Flow:
        source, target, kind, weight = (np.concatenate(column) for column in zip(*self.parts, strict=True))
        return _Flow(size, source, target, kind, weight)


def _ahead(queues: Ints, find: _Finder, counts: Ints, speaks: NDArray[np.bool_]) -> tuple[_Flow, Floats]:
    """Return how the people ahead of one waiting caller become fewer, and how many would take him next.

    Who comes later does not matter to him; all who speak a language of his or of those ahead are busy till they
    take one of these.
    """
    groups, languages = speaks.shape
    moves = _Moves(queues, find)
    served = np.zeros((languages, len(queues)))
    for own in range(languages):
        offset = own * len(queues)
        for language in range(languages):
            moves.add(languages + 1, queues[:, language].astype(float), {language: -1}, offset)
        for group in range(groups):
            theirs = queues * speaks[group]
            total = theirs.sum(axis=1)
            if speaks[group, own]:
                served[own] += np.where(total == 0, counts[group], 0)
            for language in _where(speaks[group]):
                moves.add(languages, counts[group] * theirs[:, language] / np.maximum(total, 1), {language: -1}, offset)
    return moves.flow(languages * len(queues)), served.ravel()
