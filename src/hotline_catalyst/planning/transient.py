"""The queue of a whole week, exact in time: rates and staffing change by the quarter-hour, callers have patience.

The M_t/M/s_t+M queue of a week that repeats. Stationary formulas miss how slowly a line fills and how long a peak is
felt; here the chance of every number of callers is carried from quarter-hour to quarter-hour.

When staffing drops, those who leave finish the contact in hand and take nothing new; those who stay take whoever
waits at once. Which advocates leave has nothing to do with who is busy. Contacts in the hands of leavers touch no
other caller, so the state needs only the contacts of those who stay and the callers who wait: at a drop the busy are
shared out by chance (hypergeometric), and the leavers' contacts are counted beside the chain, as work to finish.

Each step is exp(Q t) by a contour of 12 pairs of poles, one tridiagonal system each (absolute error below 1e-8; any
step length, time averages from the same systems). Waits that reach over changes of staffing use the exact laws of a
line that only moves on (incomplete beta functions) and Gauss points for the moment of arrival.

References
----------
Weideman & Trefethen (2007), Parabolic and hyperbolic contours for computing the Bromwich integral.
Green, Kolesar & Whitt (2007), Coping with time-varying demand when setting staffing requirements.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg.lapack import zgttrf, zgttrs
from scipy.special import betainc

from ..errors import NoPlanError
from .queueing import Floats, Ints

QUARTER_S = 900.0
QUARTERS_A_WEEK = 672
QUARTERS_A_DAY = 96
_POLES = 24
_ANGLE = np.pi * np.arange(1, _POLES, 2) / _POLES
_POLE = _POLES * (0.1309 - 0.1194 * _ANGLE**2 + 0.25j * _ANGLE)
_END = 2 * np.exp(_POLE) * (0.25j - 0.2388 * _ANGLE) / 1j
_BOTH = np.stack([_END, _END / _POLE])
_SHORT_S = 60.0
_GAUSS_SHORT, _GAUSS = (
    [((node + 1) / 2, weight / 2) for node, weight in zip(*np.polynomial.legendre.leggauss(count), strict=True)]
    for count in (2, 5)
)
_SAME = 1e-9
_MOST_LAPS = 20
_MOST_STATES = 2000


@dataclass(frozen=True)
class Week:
    """What callers meet in each quarter-hour of the week.

    Attributes
    ----------
    service_level
        Share of those who call in the quarter-hour who are answered within the promise, (672,); 1 where nobody calls.
    abandoned
        Expected number who hang up during the quarter-hour, (672,).
    busy
        Mean number of advocates with a contact in hand, those finishing after their shift included, (672,).
    overall
        Share of all the week's callers answered within the promise; 1 when nobody calls.
    """

    service_level: Floats
    abandoned: Floats
    busy: Floats
    overall: float


def week(per_hour: ArrayLike, advocates: ArrayLike, handle_s: float, patience_s: float, within_s: float) -> Week:
    """Return the exact service of a week that repeats.

    Parameters
    ----------
    per_hour
        Signals an hour in each quarter-hour, (672,); Poisson.
    advocates
        Advocates who take signals in each quarter-hour, (672,).
    handle_s, patience_s, within_s
        Mean handle time and mean patience (both exponential) and the promise, in seconds.

    Raises
    ------
    NoPlanError
        When the queue finds no rhythm in 20 weeks, or more than 2,000 callers could wait.
    """
    rates = np.asarray(per_hour, dtype=float) / 3600
    return _Chain(rates, np.asarray(advocates, dtype=np.int64), handle_s, patience_s, within_s).solved()


class _Chain:
    """Callers in the hands of those who stay, and waiting: 0 … size - 1, carried through the week."""

    def __init__(self, rates: Floats, advocates: Ints, handle_s: float, patience_s: float, within_s: float) -> None:
        self.rates, self.advocates = rates, advocates
        self.done, self.leave, self.within = 1 / handle_s, 1 / patience_s, within_s
        # Those who wait are at most a Poisson number: each leaves at least as fast as patience ends.
        waiting = float(rates.max(initial=0.0)) * patience_s
        self.size = int(advocates.max(initial=0) + waiting + 8 * np.sqrt(waiting) + 14)
        if self.size > _MOST_STATES:
            raise NoPlanError(
                f"Up to {self.size} callers could wait at once, more than the week can be worked out for. "
                "Check the volume and the patience."
            )
        self.callers = np.arange(self.size)
        self._held = np.minimum(self.callers, np.arange(advocates.max(initial=0) + 1)[:, None])
        self._systems: dict[tuple[float, int, float], tuple[Any, ...]] = {}
        self._moves: dict[tuple[int, float], Floats] = {}
        self._served: dict[tuple[int, float], Floats] = {}
        self._drops: dict[tuple[int, int], Floats] = {}
        self._ahead: dict[tuple[object, ...], Floats] = {}

    def solved(self) -> Week:
        state, leavers = np.eye(1, self.size)[0], 0.0
        start = QUARTERS_A_WEEK - QUARTERS_A_DAY
        for _ in range(_MOST_LAPS):
            for i in range(start, QUARTERS_A_WEEK):
                state, leavers = self._changed(i, self._carried(state, i, QUARTER_S)[0], leavers)
            first, level = state, np.ones(QUARTERS_A_WEEK)
            means, finishing = np.empty((QUARTERS_A_WEEK, self.size)), np.empty(QUARTERS_A_WEEK)
            for i in range(QUARTERS_A_WEEK):
                end, means[i] = self._carried(state, i, QUARTER_S)
                level[i], finishing[i] = self._level(i, state, means[i]), leavers
                state, leavers = self._changed(i, end, leavers)
            if np.abs(state - first).sum() < _SAME:
                return self._week(level, means, finishing)
            start = 0
        raise NoPlanError(
            "The queue does not come to rest from one week to the next: too few advocates for callers this patient. "
            "Add advocates, or check the volume and the patience."
        )

    def _week(self, level: Floats, means: Floats, finishing: Floats) -> Week:
        """Sum up from the mean state of each quarter-hour and the leavers' contacts at its start."""
        held = self._held[self.advocates]
        ended = self.done * QUARTER_S
        busy = (means * held).sum(1) - finishing * np.expm1(-ended) / ended
        left = self.leave * QUARTER_S * (means * (self.callers - held)).sum(1)
        level, total = np.clip(level, 0, 1), float(self.rates.sum())
        return Week(level, left, busy, float(level @ self.rates) / total if total else 1.0)

    def _changed(self, i: int, end: Floats, leavers: float) -> tuple[Floats, float]:
        """Change the staffing after quarter-hour ``i``; ``leavers`` are the contacts of those who left before."""
        now, then = int(self.advocates[i]), int(self.advocates[(i + 1) % QUARTERS_A_WEEK])
        leavers *= float(np.exp(-self.done * QUARTER_S))
        if then < now:
            held = float(end @ self._held[now])
            end = end @ self._drop(now, then)
            leavers += held - float(end @ self._held[then])
        return end, leavers

    def _carried(self, state: Floats, i: int, seconds: float) -> tuple[Floats, Floats]:
        """Return the state after ``seconds`` of quarter-hour ``i`` without changes, and its mean over that time."""
        system = self._system(float(self.rates[i]), int(self.advocates[i]), seconds)
        start = np.empty((len(_POLE), self.size), dtype=complex)
        start[:] = state
        solved = zgttrs(*system, start.ravel(), overwrite_b=1)[0]
        end, mean = (_BOTH @ solved.reshape(start.shape)).real
        return end / end.sum(), mean / mean.sum()

    def _system(self, rate: float, n: int, seconds: float) -> tuple[Any, ...]:
        """Return the factors of ``pole - Q seconds``, all poles in one tridiagonal system."""
        key = rate, n, seconds
        if key not in self._systems:
            up = np.full(self.size, rate * seconds)
            up[-1] = 0
            down = (self._held[n] * self.done + (self.callers - self._held[n]) * self.leave) * seconds
            poles = len(_POLE)
            below = np.tile(-up, poles)[:-1].astype(complex)
            above = np.tile(-np.append(down[1:], 0), poles)[:-1].astype(complex)
            self._systems[key] = zgttrf(below, (_POLE[:, None] + (up + down)).ravel(), above, 1, 1, 1)[:5]
        return self._systems[key]

    def _level(self, i: int, state: Floats, mean: Floats) -> float:
        """Share of the quarter-hour's callers answered in time, whatever the staffing does while they wait."""
        if self.rates[i] == 0:
            return 1.0
        whole, rest = divmod(self.within, QUARTER_S)
        pieces = [(0.0, QUARTER_S - rest, int(whole)), (QUARTER_S - rest, rest, int(whole) + 1)]
        if self._steady(i, pieces[1][2] if rest else pieces[0][2]):
            return float(mean @ self._chance(i, 0.0, 0))
        total, before = 0.0, state
        for start, length, changes in pieces:
            if length == 0:
                continue
            end, mean = self._carried(before, i, length)
            if self._steady(i, changes):
                total += length * float(mean @ self._chance(i, 0.0, 0))
            else:
                for at, weight in _GAUSS_SHORT if length <= _SHORT_S else _GAUSS:
                    offset = length * at
                    here = self._carried(before, i, offset)[0]
                    total += length * weight * float(here @ self._chance(i, start + offset, changes))
            before = end
        return total / QUARTER_S

    def _steady(self, i: int, changes: int) -> bool:
        return all(self.advocates[(i + k) % QUARTERS_A_WEEK] == self.advocates[i] for k in range(1, changes + 1))

    def _chance(self, i: int, offset: float, changes: int) -> Floats:
        """Return the chance to be answered in time by number of callers met, for an arrival at ``offset``."""
        staff = tuple(int(self.advocates[(i + k) % QUARTERS_A_WEEK]) for k in range(changes + 1))
        key = (staff, offset)
        if key not in self._ahead:
            times = [QUARTER_S - offset, *[QUARTER_S] * (changes - 1)] if changes else []
            times.append(self.within - sum(times))
            chance = self._in_time(staff[-1], times[-1])
            for k in range(changes - 1, -1, -1):
                more = max(0, staff[k + 1] - staff[k])
                after = np.concatenate([np.ones(min(more, self.size)), chance])[: self.size]
                stay = np.exp(-self.leave * times[k])
                chance = self._in_time(staff[k], times[k]) + stay * (self._moved(staff[k], times[k]) @ after)
            self._ahead[key] = np.concatenate([np.ones(staff[0]), chance])[: self.size]
        return self._ahead[key]

    def _in_time(self, n: int, seconds: float) -> Floats:
        """Return the chance to be answered within ``seconds`` by the number who wait ahead, with ``n`` always busy."""
        key = n, seconds
        if key not in self._served:
            ahead, c = self.callers, n * self.done / self.leave
            gone = -np.expm1(-self.leave * seconds)
            self._served[key] = c / (c + ahead + 1) * betainc(ahead + 1.0, c + 1, gone) if n else np.zeros(self.size)
        return self._served[key]

    def _moved(self, n: int, seconds: float) -> Floats:
        """Return the chances by number ahead now and ``seconds`` later, for a caller who still waits then."""
        key = n, seconds
        if key not in self._moves:
            c, gone = n * self.done / self.leave, -np.expm1(-self.leave * seconds)
            ahead, later = np.tril_indices(self.size)
            # At least this many moved on; one more for those who moved on further.
            law, steps = np.ones(len(ahead)), ahead - later
            law[steps > 0] = betainc(steps[steps > 0].astype(float), c + later[steps > 0] + 1, gone)
            matrix = np.zeros((self.size, self.size + 1))
            matrix[ahead, later + 1] = law
            if n:
                matrix[:, 0] = betainc(self.callers + 1.0, c, gone)
            self._moves[key] = matrix[:, 1:] - np.tril(matrix[:, :-1])
        return self._moves[key]

    def _drop(self, now: int, then: int) -> Floats:
        """Return where the state goes when ``now - then`` advocates, drawn by chance, take nothing new."""
        key = now, then
        if key not in self._drops:
            matrix = np.zeros((self.size, self.size))
            for callers in range(self.size):
                if callers >= now:
                    matrix[callers, callers - now + then] = 1
                else:
                    for held in range(max(0, callers - (now - then)), min(then, callers) + 1):
                        ways = comb(then, held) * comb(now - then, callers - held)
                        matrix[callers, held] = ways / comb(now, callers)
            self._drops[key] = matrix
        return self._drops[key]
