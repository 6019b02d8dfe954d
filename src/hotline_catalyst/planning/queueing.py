"""Exact small-queue formulas, vectorised: Erlang B (nobody waits), C (nobody hangs up) and A (callers have patience).

Every formula is a ratio of sums of positive terms, so nothing cancels: the relative error against fifty-digit
arithmetic is below 1e-10 for loads from 1e-6 to 500 erlangs, 600 advocates, patience from one second to a day and
promises up to an hour. Chances below 1e-300 come out as 0.

References
----------
Gans, Koole & Mandelbaum (2003), Telephone call centers: tutorial and review.
Zeltyn & Mandelbaum (2005), Call centers with impatient customers: M/M/n+G.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln

from ..errors import NoPlanError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MOST_ADVOCATES = 600
MOST_LINES = 10_000
# A level that equals the target to twelve digits counts as reached.
DIGITS = 12

# Beyond 42 e-folds the integrand adds less than 1e-18; two panels of these nodes reach 1e-14 inside.
_FOLDS = 42.0
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(32)
_AT, _BY = (_NODES + 1) / 2, _WEIGHTS / 2
_CHUNK = 2048
_MOST_BINS = 4096


def erlang_b(advocates: ArrayLike, offered_load: ArrayLike) -> Floats:
    """Return the chance that all ``advocates`` are busy when nobody waits (Erlang B).

    Parameters
    ----------
    advocates
        0 or more, any shape.
    offered_load
        In erlangs, any shape that broadcasts against ``advocates``.
    """
    n, load = np.broadcast_arrays(np.asarray(advocates), np.asarray(offered_load, dtype=float))
    busy = np.ones(load.shape)
    fewest, most = (int(n.min()), int(n.max())) if n.size else (0, 0)
    for j in range(1, most + 1):
        offered = load * busy
        nearer = offered / (j + offered)
        busy = nearer if j <= fewest else np.where(j <= n, nearer, busy)
    return np.asarray(busy)


def lines_for(offered_load: ArrayLike, blocking: float) -> Ints:
    """Return the fewest telephone lines that turn away at most the share ``blocking`` (Erlang B); 0 without load.

    Raises
    ------
    NoPlanError
        When ``blocking`` is not above 0, or more than 10,000 lines would be needed.
    """
    load = np.atleast_1d(np.asarray(offered_load, dtype=float))
    if blocking <= 0:
        raise NoPlanError(f"No number of lines turns away {blocking:g} of all calls. Give a share above 0.")
    lines, busy = np.zeros(load.shape, dtype=np.int64), np.ones(load.shape)
    for j in range(MOST_LINES + 1):
        full = (load > 0) & (np.round(busy, DIGITS) > blocking)
        if not full.any():
            return lines
        lines[full] = j + 1
        busy = load * busy / (j + 1 + load * busy)
    raise NoPlanError(f"More than {MOST_LINES} lines would be needed at {load.max():.0f} erlangs. Check the volume.")


def erlang_c_service_level(advocates: ArrayLike, per_hour: ArrayLike, handle_time_s: float, within_s: float) -> Floats:
    """Return the share answered within ``within_s`` seconds when nobody hangs up (Erlang C); 0 when the queue grows.

    Parameters
    ----------
    advocates
        0 or more, any shape.
    per_hour
        Signals per hour, any shape that broadcasts; where it is 0 the share is 1.
    handle_time_s, within_s
        Mean handle time (exponential) and the promise, in seconds.
    """
    n, rate = np.broadcast_arrays(np.asarray(advocates), np.asarray(per_hour, dtype=float))
    spare = _spare(n, rate, handle_time_s)
    steady = (spare > 0) & (n > 0)
    servers = np.where(steady, n, 1)
    idle = np.where(steady, spare, 1.0) / servers
    busy = erlang_b(n, rate * handle_time_s / 3600)
    waits = busy / (idle + (1 - idle) * busy)
    at_once = (1 - busy) * idle / (idle + (1 - idle) * busy)
    level = at_once - waits * np.expm1(-idle * servers * within_s / handle_time_s)
    return np.where(rate > 0, np.where(steady, np.clip(level, 0, 1), 0.0), 1.0)


def erlang_a_service_level(
    advocates: ArrayLike, per_hour: ArrayLike, handle_time_s: float, patience_s: float, within_s: float
) -> Floats:
    """Return the share of all callers answered within ``within_s`` seconds when callers have patience (Erlang A).

    Parameters
    ----------
    advocates
        0 or more, any shape; 0 answer nobody.
    per_hour
        Signals per hour, any shape that broadcasts; where it is 0 the share is 1.
    handle_time_s, patience_s, within_s
        Means (exponential) and the promise, in seconds.
    """

    def level(n: Ints, rate: Floats) -> Floats:
        load = rate * handle_time_s / 3600
        before = erlang_b(n - 1, load)
        line = Line(n * patience_s / handle_time_s, rate * patience_s / 3600, within_s / patience_s)
        never = line.scale + before * (load / n) * (line.scale + line.whole)
        return np.asarray(np.clip((line.scale + before * line.in_time) / never, 0, 1))

    return _by_chunks(level, advocates, per_hour, nobody=0.0, nothing=1.0)


def erlang_a_abandonment(advocates: ArrayLike, per_hour: ArrayLike, handle_time_s: float, patience_s: float) -> Floats:
    """Return the share of all callers who hang up before they are answered (Erlang A); 0 where nobody calls.

    Parameters are those of :func:`erlang_a_service_level`.
    """

    def share(n: Ints, rate: Floats) -> Floats:
        load, x = rate * handle_time_s / 3600, rate * patience_s / 3600
        before = erlang_b(n - 1, load) * load / n
        line = Line(n * patience_s / handle_time_s, x, np.inf)
        return np.asarray(np.clip(before * line.leaving / (line.scale + before * (line.scale + line.whole)), 0, 1))

    return _by_chunks(share, advocates, per_hour, nobody=1.0, nothing=0.0)


def required(
    per_hour: ArrayLike, handle_time_s: float, within_s: float, share: float, patience_s: float | None
) -> Ints:
    """Return the fewest advocates that answer ``share`` within ``within_s`` seconds; 0 where nothing arrives.

    ``patience_s`` None means Erlang C, else Erlang A. Signals an hour are looked up in the table of
    :func:`thresholds`, so a million rates cost hardly more than one.

    Raises
    ------
    NoPlanError
        When more than 600 advocates would be needed.
    """
    rates = np.atleast_1d(np.asarray(per_hour, dtype=float))
    top = float(rates.max(initial=0.0))
    load = top * handle_time_s / 3600
    most = int(min(MOST_ADVOCATES, np.ceil(load + 2 * np.sqrt(load)) + 4)) if load < MOST_ADVOCATES else MOST_ADVOCATES
    table = thresholds(handle_time_s, within_s, share, patience_s, most)
    while table[-1] < top and most < MOST_ADVOCATES:
        most = min(MOST_ADVOCATES, 2 * most)
        table = thresholds(handle_time_s, within_s, share, patience_s, most)
    if not table[-1] >= top:
        raise NoPlanError(
            f"More than {MOST_ADVOCATES} advocates would be needed at {top:.0f} signals an hour. "
            "Check the volume and the handle time."
        )
    return _looked_up(np.concatenate([[0.0], table]), rates)


def _looked_up(table: Floats, rates: Floats) -> Ints:
    """Return how many entries of the rising ``table`` lie below each rate: numpy.searchsorted, five times as quick.

    The range is cut into bins so narrow that none holds two entries; one comparison then settles each rate.
    """
    flat, top = rates.ravel(), float(rates.max(initial=0.0))
    least = np.diff(table[: int(np.searchsorted(table, top)) + 1]).min(initial=np.inf)
    if rates.size < _CHUNK or not (0 < top < np.inf and least * _MOST_BINS > 2 * top) or flat.min() < 0:
        return np.searchsorted(table, rates)
    bins = top / least * 1.01 + 2
    a_bin = (int(bins) - 1) / top
    below = np.searchsorted(table, np.arange(int(bins)) / a_bin * (1 - 1e-12))
    edge = table[np.minimum(below, len(table) - 1)]
    out = np.empty(flat.shape, dtype=np.int64)
    for start in range(0, len(flat), 8 * _CHUNK):
        part = flat[start : start + 8 * _CHUNK]
        at = (part * a_bin).astype(np.intp)
        np.add(below[at], part > edge[at], out=out[start : start + 8 * _CHUNK])
    return out.reshape(rates.shape)


@lru_cache(maxsize=256)
def thresholds(handle_s: float, within_s: float, share: float, patience_s: float | None, most: int) -> Floats:
    """Return the largest rate (signals an hour) that 1, 2 … ``most`` advocates answer as promised.

    A rate up to the n-th number, and above the one before, needs exactly n advocates: the table is polished until
    the next representable rate misses the target. Where the target is out of reach the number is 0, where any rate
    reaches it, infinity. The table is shared: do not write into it.
    """
    n = np.arange(1, most + 1)

    def level(rate: Floats) -> Floats:
        which = n if rate.ndim == 1 else n[:, None]
        if patience_s is None:
            return erlang_c_service_level(which, rate, handle_s, within_s)
        return erlang_a_service_level(which, rate, handle_s, patience_s, within_s)

    target = share - 0.5 * 10.0**-DIGITS
    if target <= 0 or target >= 1:
        table = np.full(most, np.inf if target <= 0 else 0.0)
    else:
        # Below: C(n, a) is at most 2 a^n/n! up to n/2 erlangs. Above: n advocates serve at most n erlangs.
        below = np.minimum(n / 2, np.exp((gammaln(n + 1.0) + np.log((1 - target) / 2)) / n)) * 3600 / handle_s
        above = n / (1 if patience_s is None else target) * 3600 / handle_s
        root = _crossing(lambda rate: level(rate) - target, below * (1 - 1e-9), above * (1 + 1e-9))
        table = np.maximum.accumulate(_polished(lambda rate: np.round(level(rate), DIGITS) >= share, root))
    table.flags.writeable = False
    return table


class Line:
    """The waiting line of a queue that is full, in units of the mean patience, divided by ``exp(peak)``.

    Parameters
    ----------
    done
        Contacts finished in one mean patience while all are busy, > 0.
    arriving
        Signals in one mean patience, > 0.
    within
        The promise in mean patiences.

    Attributes
    ----------
    scale
        ``exp(-peak)``: what a 1 outside the integrals weighs.
    whole, in_time
        Mean number who wait behind others, and those of them who would be answered within the promise, for each
        full queue with nobody waiting.

    Notes
    -----
    With w the wait, both are ``x ∫ exp(-(s+1) w + x (1 - exp(-w))) dw``, to infinity and to the promise (Zeltyn &
    Mandelbaum's J and I after one integration by parts, which leaves a rate of decay of at least 1). The exponent
    is concave; Gauss-Legendre sums run over the stretch where it is within 42 of its top, measured from there.
    """

    def __init__(self, done: ArrayLike, arriving: ArrayLike, within: float) -> None:
        decay, x = np.broadcast_arrays(np.asarray(done, dtype=float) + 1, np.asarray(arriving, dtype=float))
        over = x > decay
        excess = np.where(over, (x - decay) / decay, 0.0)
        top = np.log1p(excess)
        bend = np.where(over, decay, x)
        self.scale = np.exp(-decay * (excess - top))
        area, self._later = _area(np.where(over, 0.0, x - decay), bend, top, np.inf)
        self.whole = x * area
        self._x, self._area = x, area
        # The promise ends before the top: measure from the promise instead.
        early = np.maximum(top - within, 0.0)
        rise = decay * np.expm1(np.minimum(early, 700.0))
        slope = np.where(early > 0, rise, np.where(over, 0.0, x - decay))
        bend = np.where(early > 0, rise + decay, bend)
        fall = np.where(early > 0, rise - decay * early, 0.0)
        start = np.minimum(top, within)
        inside, _ = _area(slope, bend, start, within - start)
        self.in_time = x * np.exp(-fall) * inside

    @property
    def leaving(self) -> Floats:
        """People of the line, each with the chance to hang up, for each signal that finds the queue full."""
        return np.asarray(self._area + self._x * self._later)


def _area(slope: Floats, bend: Floats, left: Floats, right: ArrayLike) -> tuple[Floats, Floats]:
    """Integrate ``exp(slope y - bend (y + expm1(-y)))`` from -left to right, alone and times the chance to leave."""
    with np.errstate(divide="ignore", over="ignore"):
        # Upper bounds of the distance at which the exponent has fallen by 42.
        c = _FOLDS / bend
        near = np.minimum(np.minimum(np.sqrt(2 * c), 2 * np.log1p(np.sqrt(c))), _FOLDS / np.maximum(slope, 1e-300))
        far = np.minimum(
            np.where(np.isfinite(c), (c + np.sqrt(c * c + 8 * c)) / 2, np.inf), _FOLDS / -np.minimum(slope, -1e-300)
        )
    area, leaving = np.zeros(slope.shape), np.zeros(slope.shape)
    near, far = np.minimum(left, near), np.minimum(right, far)
    for start, end in ((-near, 0.0), (0.0, far / 4), (far / 4, far)):
        length = end - start
        if np.any(length > 0):
            y = np.asarray(start)[..., None] + np.asarray(length)[..., None] * _AT
            held = -np.expm1(-y)
            density = np.exp(slope[..., None] * y - bend[..., None] * (y - held)) * _BY
            area += length * density.sum(-1)
            leaving += length * (density * -np.expm1(-(y + left[..., None]))).sum(-1)
    return area, leaving


def _spare(n: ArrayLike, per_hour: ArrayLike, handle_s: float) -> Floats:
    """Return advocates beyond the offered load; the product is exact, as the level near saturation hangs on it."""
    rate, handle = np.asarray(per_hour, dtype=float), np.float64(handle_s)
    product = rate * handle
    halves = []
    for factor in (rate, handle):
        split = 134217729.0 * factor
        high = split - (split - factor)
        halves.append((high, factor - high))
    (a, b), (c, d) = halves
    error = ((a * c - product) + a * d + b * c) + b * d
    return np.asarray(((np.asarray(n) * 3600.0 - product) - error) / 3600.0)


def _by_chunks(
    formula: Callable[[Ints, Floats], Floats], advocates: ArrayLike, per_hour: ArrayLike, nobody: float, nothing: float
) -> Floats:
    """Apply ``formula`` where there are advocates and signals, a slice at a time so that memory stays small."""
    n, rate = np.broadcast_arrays(np.asarray(advocates), np.asarray(per_hour, dtype=float))
    out = np.where(rate > 0, nobody, nothing).ravel()
    some = np.flatnonzero((rate > 0) & (n > 0))
    flat_n, flat_rate = n.ravel()[some], rate.ravel()[some]
    for start in range(0, len(some), _CHUNK):
        part = slice(start, start + _CHUNK)
        out[some[part]] = formula(flat_n[part], flat_rate[part])
    return out.reshape(rate.shape)


def _crossing(gap: Callable[[Floats], Floats], low: Floats, high: Floats) -> Floats:
    """Return where the falling functions ``gap`` cross zero between ``low`` and ``high`` (Chandrupatla's method)."""
    a, b = np.log(high), np.log(low)
    fa, fb = gap(np.exp(a)), gap(np.exp(b))
    c, fc, step = a, fa, np.full(a.shape, 0.5)
    for _ in range(80):
        t = a + step * (b - a)
        ft = gap(np.exp(t))
        same = np.sign(ft) == np.sign(fa)
        c, fc = np.where(same, a, b), np.where(same, fa, fb)
        b, fb = np.where(same, b, a), np.where(same, fb, fa)
        a, fa = t, ft
        width = np.abs(b - a)
        if np.all((width < 4e-15) | (fa == 0)):
            break
        with np.errstate(divide="ignore", invalid="ignore"):
            xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
            quick = (phi**2 < xi) & ((1 - phi) ** 2 < 1 - xi)
            bent = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
        least = np.minimum(0.5, 2e-15 / np.maximum(width, 1e-300))
        step = np.clip(np.where(quick, bent, 0.5), least, 1 - least)
    return np.asarray(np.exp(a))


def _polished(reached: Callable[[Floats], NDArray[np.bool_]], root: Floats) -> Floats:
    """Return the largest representable rate near each ``root`` that still reaches the target."""
    width = np.full(root.shape, 1e-13)
    low, high = root * (1 - width), root * (1 + width)
    for _ in range(12):
        misses, reaches = ~reached(low), reached(high)
        if not (misses | reaches).any():
            break
        width = np.where(misses | reaches, width * 10, width)
        low, high = root * (1 - width), root * (1 + width)
    cuts = np.linspace(0, 1, 18)[1:-1]
    while np.any(np.nextafter(low, high) < high):
        tried = low[:, None] + (high - low)[:, None] * cuts
        good = np.sort(reached(tried), axis=1)[:, ::-1].sum(axis=1)
        ends = np.concatenate([low[:, None], tried, high[:, None]], axis=1)
        row = np.arange(len(low))
        before = low, high
        low, high = ends[row, good], ends[row, good + 1]
        if np.array_equal(before[0], low) and np.array_equal(before[1], high):
            break
    return np.asarray(low)
