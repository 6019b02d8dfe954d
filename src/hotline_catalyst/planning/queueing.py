"""Exact small-queue formulas, vectorised: Erlang B, C (nobody hangs up) and A (callers have patience).

References
----------
Gans, Koole & Mandelbaum (2003), Telephone call centers: tutorial and review.
Zeltyn & Mandelbaum (2005), Call centers with impatient customers: M/M/n+G.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammainc, hyp1f1

from ..errors import NoPlanError

Floats = NDArray[np.float64]
MOST_ADVOCATES = 600


def erlang_b(advocates: int, offered_load: ArrayLike) -> Floats:
    """Return the chance that all ``advocates`` are busy when nobody waits (Erlang B).

    Parameters
    ----------
    advocates
        0 or more.
    offered_load
        In erlangs, any shape.
    """
    load = np.asarray(offered_load, dtype=float)
    # The reciprocal recursion keeps tiny chances from vanishing and zero loads from dividing by zero.
    inverse = np.ones_like(load)
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        for n in range(1, advocates + 1):
            inverse = 1 + inverse * n / load
        return np.asarray(1 / inverse)


def erlang_c_service_level(advocates: int, per_hour: ArrayLike, handle_time_s: float, within_s: float) -> Floats:
    """Return the share answered within ``within_s`` seconds when nobody hangs up (Erlang C); 0 when the queue grows."""
    load = np.asarray(per_hour, dtype=float) * handle_time_s / 3600
    blocked = erlang_b(advocates, load)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        wait = blocked / (1 - (load / advocates) * (1 - blocked))
        level = 1 - wait * np.exp(-(advocates - load) * within_s / handle_time_s)
    return np.where(load < advocates, level, 0.0)


def erlang_a_service_level(
    advocates: int, per_hour: ArrayLike, handle_time_s: float, patience_s: float, within_s: float
) -> Floats:
    """Return the share of all callers answered within ``within_s`` seconds when callers have patience (Erlang A).

    Parameters
    ----------
    advocates
        1 or more.
    per_hour
        Signals per hour, any shape; where it is 0 the share is 1.
    handle_time_s, patience_s, within_s
        Means (exponential) and the promise, in seconds.
    """
    rate = np.asarray(per_hour, dtype=float) / 3600
    leave = 1 / patience_s
    s, x = advocates * patience_s / handle_time_s, rate / leave
    later = x * np.exp(-leave * within_s)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        # J and I of Zeltyn & Mandelbaum as confluent hypergeometric functions: exact where incomplete gammas underflow.
        forever = hyp1f1(1, s + 1, x) / (s * leave)
        served = (hyp1f1(1, s + 2, x) - np.exp(-(s + 1) * leave * within_s + x - later) * hyp1f1(1, s + 2, later)) / (
            (s + 1) * leave
        )
        free = 1 / erlang_b(advocates - 1, rate * handle_time_s)
        level = np.where(np.isinf(free), 1.0, (free + rate * served) / (free + rate * forever))
        # Where these overflow the line is never free, and incomplete gammas give their ratio without overflow.
        overloaded = s / x * (gammainc(s + 1, x) - gammainc(s + 1, later)) / gammainc(s, x)
    level = np.where(np.isfinite(level), level, overloaded)
    return np.where(rate > 0, np.clip(level, 0, 1), 1.0)


def required(
    per_hour: ArrayLike, handle_time_s: float, within_s: float, share: float, patience_s: float | None
) -> NDArray[np.int64]:
    """Return the fewest advocates that answer ``share`` within ``within_s`` seconds; 0 where nothing arrives.

    ``patience_s`` None means Erlang C, else Erlang A.

    Raises
    ------
    NoPlanError
        When more than 600 advocates would be needed.
    """
    rates = np.atleast_1d(np.asarray(per_hour, dtype=float))
    distinct, back = np.unique(rates, return_inverse=True)
    need = np.zeros(len(distinct), dtype=np.int64)
    open_ = distinct > 0
    for n in range(1, MOST_ADVOCATES + 1):
        if not open_.any():
            return need[back].reshape(rates.shape)
        level = (
            erlang_c_service_level(n, distinct, handle_time_s, within_s)
            if patience_s is None
            else erlang_a_service_level(n, distinct, handle_time_s, patience_s, within_s)
        )
        # Rounded so that a level equal to the target to fifteen digits is not called a miss.
        reached = open_ & (np.round(level, 12) >= share)
        need[reached] = n
        open_ &= ~reached
    raise NoPlanError(
        f"More than {MOST_ADVOCATES} advocates would be needed at {distinct.max():.0f} signals an hour. "
        "Check the volume and the handle time."
    )
