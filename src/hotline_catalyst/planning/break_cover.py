"""Breaks inside the cover: whoever is on a break is replaced, without saying who takes which break.

Implicit breaks after Bechtold & Jacobs (1990, Management Science 36:1339). All breaks of one window length are a queue
on the circle of the week: a shift puts one person in when its window opens, a break takes one out, and nobody waits
beyond the window. First in, first out then gives every shift its break (windows of one length never hold each other).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix, hstack, identity, vstack

from .calendar import QUARTERS_A_DAY as DAY
from .calendar import QUARTERS_A_WEEK

if TYPE_CHECKING:
    from .covering import Covering

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Matrix = Any
EDGE = 60


@dataclass(frozen=True)
class Breaks:
    """When a shift has a break.

    Parameters
    ----------
    minutes
        Length of the break.
    after_hours
        A shift paid for longer than this has one.
    relief
        People beside the advocates who step in during breaks (a supervisor on shift), by quarter-hour of the week;
        None: nobody.
    """

    minutes: int
    after_hours: float
    relief: Ints | None = None

    def window(self, cover: int, handover: int) -> tuple[int, int] | None:
        """Return the first and last minute of a shift at which its break may begin; None: it has no break.

        >>> Breaks(30, 6).window(480, 15)
        (105, 360)
        """
        return break_window(cover, cover + handover, self.minutes, self.after_hours)


def break_window(cover: int, paid: int, minutes: int, after_hours: float) -> tuple[int, int] | None:
    """Return the first and last minute of a shift at which a break may begin; None where no break is asked for.

    Not in the first or last hour of answering, and neither before nor after it more than ``after_hours`` at work where
    the shift allows that.
    """
    after = round(60 * after_hours)
    if minutes <= 0 or paid <= after:
        return None
    # A law that asks for a break in every shift says nothing of the time before it.
    stretch = after if after > EDGE else paid
    last = min(stretch, cover - EDGE - minutes)
    if last < EDGE:  # a short shift: in its middle
        middle = max(0, cover - minutes) // 2
        return middle, middle
    first = max(EDGE, paid - minutes - stretch)
    return (first, last) if first <= last else (EDGE, last)


@dataclass(frozen=True)
class Pauses:
    """Breaks as the covering programme knows them, in quarter-hours.

    Parameters
    ----------
    opens, closes
        Of each kind of shift: quarter-hours from its start to the first and last start of its break; -1: no break.
    length
        Of a break.
    relief
        People who step in, by quarter-hour of the week.
    """

    opens: Ints
    closes: Ints
    length: int
    relief: Ints

    @classmethod
    def of(cls, breaks: Breaks, shapes: list[tuple[int, int]]) -> Pauses:
        """Return the breaks of kinds of shift given as minutes of cover and of handover."""
        windows = [breaks.window(*shape) for shape in shapes]
        inside = [(-(-w[0] // 15), max(-(-w[0] // 15), w[1] // 15)) if w else (-1, -1) for w in windows]
        relief = np.zeros(QUARTERS_A_WEEK, dtype=np.int64) if breaks.relief is None else breaks.relief
        opens, closes = (np.array([pair[side] for pair in inside], dtype=np.int64) for side in (0, 1))
        return cls(opens, closes, -(-breaks.minutes // 15), relief)

    def only(self, chosen: Bools) -> Pauses:
        """Return the same for fewer kinds."""
        return replace(self, opens=self.opens[chosen], closes=self.closes[chosen])

    @property
    def widths(self) -> list[int]:
        """The distinct lengths of windows."""
        return sorted({int(w) for w in (self.closes - self.opens)[self.opens >= 0]})

    def columns(self, covering: Covering) -> int:
        """Return how many variables breaks add: begun and waiting, for each window length and quarter-hour."""
        return 2 * len(self.widths) * len(covering.days) * DAY

    def rows(self, covering: Covering, need: Ints) -> tuple[Matrix, Floats, Floats]:
        """Return rows with their bounds, over the counts and the breaks: cover, each queue's balance and patience."""
        size = len(covering.days) * DAY
        relief = np.minimum(covering.written(self.relief), need)
        away = _sum_back(size, self.length)
        blocks = len(self.widths)
        none = csr_matrix((size, size))
        cover = hstack([covering.cover, *[part for _ in range(blocks) for part in (-away, none)]])
        parts, least, upper = [cover], [(need - relief).astype(float)], [np.full(size, np.inf)]
        if relief.any():
            parts.append(hstack([covering.cover, csr_matrix((size, self.columns(covering)))]))
            least.append(need.astype(float))
            upper.append(np.full(size, np.inf))
        for place, width in enumerate(self.widths):
            enter = self._entering(covering, width)
            before, after = (csr_matrix((size, 2 * size * n)) for n in (place, blocks - 1 - place))
            one, back = identity(size, format="csr"), _shifted(size)
            balance = hstack([enter, before, -one, back - one, after])
            parts += [balance, hstack([_sum_back(size, width) @ enter, before, none, -one, after])]
            least += [np.zeros(size)] * 2
            upper += [np.zeros(size), np.full(size, np.inf)]
        return vstack(parts).tocsr(), np.concatenate(least), np.concatenate(upper)

    def whole(self, covering: Covering) -> Ints:
        """Return 1 for the variables that breaks add and that must be whole: those begun; the waiting follow."""
        size = len(covering.days) * DAY
        return np.tile(np.repeat([1, 0], size), len(self.widths))

    def _entering(self, covering: Covering, width: int) -> Matrix:
        """Return which counts put a person into the queue in each written quarter-hour."""
        chosen = np.flatnonzero((self.opens >= 0) & (self.closes - self.opens == width))
        rows, columns = [], []
        for day in covering.days:
            rows += [covering.place(day, int(covering.starts[k] + self.opens[k])) for k in chosen]
            columns += [k * covering.groups + covering.pattern[day] for k in chosen]
        shape = (len(covering.days) * DAY, covering.counted)
        return coo_matrix((np.ones(len(rows)), (rows, columns)), shape=shape).tocsr()

    def begun(self, covering: Covering, solution: Floats) -> Ints:
        """Return the breaks begun in each quarter-hour of the week."""
        size = len(covering.days) * DAY
        added = np.round(solution[len(solution) - self.columns(covering) :]).astype(np.int64).reshape(-1, 2, size)
        total = added[:, 0].sum(axis=0)
        return np.tile(total, 7) if len(covering.days) == 1 else total


def _shifted(size: int) -> Matrix:
    """Return the matrix that takes a circle's values from one place before."""
    place = np.arange(size)
    return coo_matrix((np.ones(size), (place, (place - 1) % size)), shape=(size, size)).tocsr()


def _sum_back(size: int, many: int) -> Matrix:
    """Return the matrix that adds up the last ``many`` places of a circle, this one included."""
    place = np.arange(size)
    rows = np.repeat(place, many)
    columns = (rows - np.tile(np.arange(many), size)) % size
    return coo_matrix((np.ones(len(rows)), (rows, columns)), shape=(size, size)).tocsr()
