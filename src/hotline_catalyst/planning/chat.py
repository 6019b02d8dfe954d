"""Exact queue of text and chat: every advocate holds up to k conversations at once, each slower than one alone.

A new conversation goes to the advocate with the fewest; when all hold k, people wait in order of arrival and some
leave. Each conversation of an advocate who holds j ends at the rate 1/handle time for j at once (exponential).

The state is how many advocates hold 0, 1 … k conversations, so the uneven states that departures leave behind are
in it; the usual birth-death chain, which shares conversations out evenly at every moment, is not exact. All states
with somebody waiting hang on the one full state, and from there the queue is that of Erlang A.

References
----------
Tezcan & Zhang (2014), Routing and staffing in customer service chat systems with impatient customers.
Zeltyn & Mandelbaum (2005), for the waiting line.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import combinations_with_replacement, pairwise

import numpy as np
from numpy.typing import ArrayLike

from ..errors import NoPlanError
from .queueing import DIGITS, Floats, Ints, Line

MOST_STATES = 40_000
Times = tuple[float, ...]


def service_level(
    advocates: int, per_hour: ArrayLike, handle_times_s: Times, patience_s: float, within_s: float
) -> Floats:
    """Return the share of conversations taken up within ``within_s`` seconds; those who leave count as missed.

    Parameters
    ----------
    advocates
        0 or more; 0 answer nobody.
    per_hour
        New conversations an hour, any shape; where it is 0 the share is 1.
    handle_times_s
        Mean seconds a conversation takes when the advocate holds 1, 2 … k at once (exponential). Not falling, and
        each further conversation must still raise what the advocate finishes in an hour, or never lower it.
    patience_s, within_s
        Mean patience (exponential) and the promise, in seconds.

    Raises
    ------
    NoPlanError
        When the handle times are not of that kind, or advocates and parallel conversations have too many states.
    """

    def level(before: Floats, rates: Floats) -> Floats:
        line = _line(advocates, rates, handle_times_s, patience_s, within_s)
        # Relative to the full state; the first who waits is part of Line only through this factor.
        waiting = line.in_time * (advocates * len(handle_times_s) / handle_times_s[-1]) / (rates / 3600)
        with np.errstate(invalid="ignore"):
            known = (before * line.scale + waiting) / ((before + 1) * line.scale + line.whole)
        return np.where(np.isinf(before), 1.0, known)

    return _applied(level, advocates, per_hour, handle_times_s, nobody=0.0, nothing=1.0)


def abandonment(advocates: int, per_hour: ArrayLike, handle_times_s: Times, patience_s: float) -> Floats:
    """Return the share of conversations that are left before anybody takes them up; 0 where none arrives."""

    def share(before: Floats, rates: Floats) -> Floats:
        line = _line(advocates, rates, handle_times_s, patience_s, np.inf)
        return np.where(np.isinf(before), 0.0, line.leaving / ((before + 1) * line.scale + line.whole))

    return _applied(share, advocates, per_hour, handle_times_s, nobody=1.0, nothing=0.0)


def required(
    per_hour: ArrayLike, handle_times_s: Times, within_s: float, share: float, patience_s: float, most: int = 100
) -> Ints:
    """Return the fewest advocates who take up ``share`` of conversations within ``within_s``; 0 where none arrives.

    Raises
    ------
    NoPlanError
        When more than ``most`` advocates would be needed.
    """
    rates = np.atleast_1d(np.asarray(per_hour, dtype=float))
    distinct, back = np.unique(rates, return_inverse=True)
    need = np.zeros(len(distinct), dtype=np.int64)
    open_ = np.flatnonzero(distinct > 0)
    for n in range(1, most + 1):
        if not len(open_):
            break
        level = service_level(n, distinct[open_], handle_times_s, patience_s, within_s)
        reached = np.round(level, DIGITS) >= share
        need[open_[reached]] = n
        open_ = open_[~reached]
    if len(open_):
        raise NoPlanError(
            f"More than {most} advocates would be needed at {distinct.max():.0f} conversations an hour. "
            "Check the volume and the handle times."
        )
    return need[back].reshape(rates.shape)


def _applied(
    formula: Callable[[Floats, Floats], Floats],
    advocates: int,
    per_hour: ArrayLike,
    times: Times,
    nobody: float,
    nothing: float,
) -> Floats:
    rate = np.asarray(per_hour, dtype=float)
    _checked(times)
    out = np.where(rate > 0, nobody, nothing)
    some = rate > 0
    if advocates > 0 and some.any():
        out[some] = np.clip(formula(_before_full(advocates, rate[some] / 3600, times), rate[some]), 0, 1)
    return out


def _checked(times: Times) -> None:
    rates = [j / t for j, t in enumerate(times, 1) if t > 0]
    if len(rates) < len(times) or not times or list(times) != sorted(times) or rates != sorted(rates):
        raise NoPlanError(
            f"Handle times of {', '.join(f'{t:g}' for t in times)} s for 1, 2 … conversations at once cannot be "
            "planned with: each must be above 0 and at least the one before, and an advocate who holds more must "
            "not finish fewer an hour. Lower the slowdown or the number of parallel conversations."
        )


def _line(advocates: int, per_hour: Floats, times: Times, patience_s: float, within_s: float) -> Line:
    done = advocates * len(times) / times[-1] * patience_s
    return Line(np.full(per_hour.shape, done), per_hour / 3600 * patience_s, within_s / patience_s)


def _before_full(advocates: int, per_s: Floats, times: Times) -> Floats:
    """Return how likely it is that somebody has room, relative to all being full with nobody waiting.

    States are eliminated level by level of conversations in hand, from the top: only positive terms are added, so
    small chances keep their digits. Infinite where being full is too rare to write down.
    """
    up, down = _chain(advocates, len(times))
    speed = np.array([j / t for j, t in enumerate(times, 1)])
    full = advocates * len(times)
    steps: list[Floats] = [np.empty(0)] * (full + 1)
    flow: Floats = np.zeros((len(per_s), 1, 1))
    for level in range(full, 0, -1):
        out = np.tensordot(speed, down[level], 1)
        size = out.shape[0]
        arrive = per_s[:, None, None] * (level < full)
        matrix = np.eye(size) * (out.sum(1)[:, None] + arrive) - flow
        enter = per_s[:, None, None] * up[level - 1]
        steps[level] = np.linalg.solve(matrix.swapaxes(1, 2), enter.swapaxes(1, 2)).swapaxes(1, 2)
        flow = steps[level] @ out
    spread: Floats = np.ones((len(per_s), 1))
    total = np.zeros(len(per_s))
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        for level in range(1, full + 1):
            spread = np.einsum("ri,rij->rj", spread, steps[level])
            growth = spread.sum(1)
            spread = spread / growth[:, None]
            total = (total + 1) / growth
    return np.where(np.isnan(total), np.inf, total)


@lru_cache(maxsize=64)
def _chain(advocates: int, parallel: int) -> tuple[list[Floats], list[Floats]]:
    """Return, for each number of conversations in hand, where an arrival leads and where departures lead.

    ``up[c]`` is 0 or 1 by (state, state with one more); ``down[c]`` is the number of advocates by (conversations of
    the advocate who ends one, less one; state; state with one fewer).
    """
    levels: list[list[tuple[int, ...]]] = [[] for _ in range(advocates * parallel + 1)]
    for count, held in enumerate(combinations_with_replacement(range(parallel + 1), advocates)):
        if count >= MOST_STATES:
            raise NoPlanError(
                f"{advocates} advocates with {parallel} conversations each are too many to work out exactly. "
                "Plan with fewer parallel conversations, or split the team."
            )
        levels[sum(held)].append(tuple(held.count(j) for j in range(parallel + 1)))
    places = [{state: i for i, state in enumerate(level)} for level in levels]
    up = [np.zeros((len(a), len(b))) for a, b in pairwise(levels)]
    down = [np.zeros((parallel, len(b), len(a))) for a, b in zip([[], *levels], levels, strict=False)]
    for c, level in enumerate(levels):
        for i, state in enumerate(level):
            if c < advocates * parallel:
                fewest = next(j for j in range(parallel) if state[j])
                up[c][i, places[c + 1][_moved(state, fewest, fewest + 1)]] = 1
            for j in range(1, parallel + 1):
                if state[j]:
                    down[c][j - 1, i, places[c - 1][_moved(state, j, j - 1)]] = state[j]
    return up, down


def _moved(state: tuple[int, ...], source: int, target: int) -> tuple[int, ...]:
    """Return the state after one advocate goes from ``source`` to ``target`` conversations in hand."""
    counts = list(state)
    counts[source] -= 1
    counts[target] += 1
    return tuple(counts)
