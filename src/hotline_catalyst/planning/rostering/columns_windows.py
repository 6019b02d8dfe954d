"""Horizons too long for one network: planned window after window, then each window again with all the rest known.

A window is a problem like any other. Days beside it are fixed, so that runs and rest across its edges stay lawful;
while later days are still empty, sums such as contract hours are held to the pace at which they must grow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil, floor

import numpy as np

from .columns_pricing import total
from .problem import OFF, Before, Blocks, Ints, Person, Problem, Solution, Tally

WEEK = 7
LOOSER = (0.5, 2.0, 9.0)  # tried in turn: how far a sum may stray from its pace, in the largest duties


@dataclass(frozen=True)
class Window:
    """Days to plan (``first`` to before ``last``) among days that are fixed (``low`` to before ``high``)."""

    first: int
    last: int
    low: int
    high: int


def window(problem: Problem, first: int, last: int, known: int) -> Window:
    """Return a window with enough fixed days around it; days from ``known`` on are still empty."""
    people = problem.people
    behind = max((max(2, p.least_in_row, p.least_off_in_row) for p in people), default=0)
    runs = [max(p.most_in_row if p.most_in_row < problem.days else 0, p.least_in_row) for p in people]
    ahead = max(runs, default=0) + max((max(p.least_off_in_row, p.off_after_nights) for p in people), default=0) + 2
    return Window(first, last, max(0, first - behind), min(problem.days, last + ahead) if last < known else last)


def windowed(problem: Problem, given: Ints, part: Window, known: int, looser: float) -> Problem:
    """Return the window's problem: ``given`` holds the days before ``known``, the others are empty."""
    people = [_person(problem, p, given[n], part, known, looser) for n, p in enumerate(problem.people)]
    covers = [replace(c, day=c.day - part.low) for c in problem.covers if part.low <= c.day < part.high]
    return Problem(part.high - part.low, problem.kinds, tuple(people), tuple(covers))


def _person(problem: Problem, person: Person, duties: Ints, part: Window, known: int, looser: float) -> Person:
    days = slice(part.low, part.high)
    must = person.must[days].copy()
    must[: part.first - part.low] = duties[part.low : part.first]
    must[part.last - part.low :] = duties[part.last : part.high]
    outside = duties.copy()
    outside[days] = OFF
    whole = part.high >= known and part.high < problem.days
    tallies = [_tally(t, outside, days, looser if whole else 0.0) for t in person.tallies]
    blocks = [_blocks(b, outside, days, whole) for b in person.blocks]
    return replace(
        person,
        may=person.may[days],
        must=must,
        price=person.price[days],
        tallies=tuple(t for t in tallies if t is not None),
        blocks=tuple(b for b in blocks if b is not None),
        before=standing(problem, person, duties, part.low),
        base=0,
    )


def _tally(tally: Tally, outside: Ints, days: slice, looser: float) -> Tally | None:
    """Return what is left of a tally inside the days; with ``looser``, at its pace up to their end."""
    weights = tally.weights[days]
    if not weights.any():
        return None
    done = total(tally, outside)
    most_a_day = tally.weights.max(axis=1)
    share = most_a_day[: days.stop].sum() / most_a_day.sum() if looser else 1.0
    stray = looser * most_a_day.max() if share < 1 else 0
    least, most = floor(tally.least * share - stray) - done, ceil(tally.most * share + stray) - done
    return replace(tally, weights=weights, least=max(0, least), most=max(0, most) if looser else most)


def _blocks(blocks: Blocks, outside: Ints, days: slice, paced: bool) -> Blocks | None:
    inside = [tuple(d - days.start for d in g if days.start <= d < days.stop) for g in blocks.groups]
    held = [any(outside[d] != OFF for d in g) for g in blocks.groups]
    groups = tuple(g for g, h in zip(inside, held, strict=True) if g and not h)
    if not groups:
        return None
    ended = sum(max(g) < days.stop for g in blocks.groups)
    most = ceil(blocks.most * ended / len(blocks.groups)) if paced else blocks.most
    return replace(blocks, groups=groups, most=max(0, most - sum(held)))


def standing(problem: Problem, person: Person, duties: Ints, day: int) -> Before:
    """Return where a person stands on the evening before ``day``."""
    if not day:
        return person.before
    worked = np.flatnonzero(duties[:day] != OFF)
    if not len(worked):
        before = person.before
        return replace(before, days_off=min(99, before.days_off + day), days_in_row=0, nights_in_row=0)
    end = int(worked[-1])
    kind, free = int(duties[end]), day - 1 - end
    run, nights = _run(duties[: end + 1] != OFF), _run(_night(problem, duties[: end + 1]))
    if run > end:
        run += person.before.days_in_row
    if nights > end:
        nights += person.before.nights_in_row
    return Before(kind, free, 0 if free else run, 0 if free else nights)


def _night(problem: Problem, duties: Ints) -> np.ndarray:
    nights = np.array([k.night for k in problem.kinds] + [False])
    return np.asarray(nights[duties])


def _run(held: np.ndarray) -> int:
    """Return how many of the last entries hold without a break."""
    broken = np.flatnonzero(~held)
    return len(held) - 1 - int(broken[-1]) if len(broken) else len(held)


def spans(days: int, length: int) -> list[tuple[int, int]]:
    """Return windows of about ``length`` days, whole weeks, that end with the last day."""
    count = max(1, round(days / length))
    edges = [min(days, WEEK * round(days * n / count / WEEK)) for n in range(count)] + [days]
    return list(pairwise(edges))


Solver = Callable[[Problem, int, float, Ints | None], Solution]


class Windows:
    """A roster planned window by window."""

    def __init__(self, problem: Problem, solve: Solver) -> None:
        self.problem, self.solve = problem, solve
        self.given = np.full((len(problem.people), problem.days), OFF, dtype=np.int64)
        self._same = 0  # days planned again since the roster last changed

    def build(self, length: int, share: float) -> bool:
        """Fill all days, ``share`` of the effort in all; return whether lawful schedules were found for everybody.

        A window that has no answer is planned again together with the one before it.
        """
        ahead = spans(self.problem.days, length)
        done: list[tuple[int, int]] = []
        while ahead:
            first, last = ahead.pop(0)
            self.given[:, first:] = OFF
            left = share / (1 + len(done) + len(ahead))
            if self._plan(first, last, left):
                done.append((first, last))
            elif done:
                ahead.insert(0, (done.pop()[0], last))
            else:
                return False
        return True

    def _plan(self, first: int, last: int, share: float) -> bool:
        part = window(self.problem, first, last, first)
        return any(self._try(part, first, looser, share, None) for looser in LOOSER)

    @property
    def settled(self) -> bool:
        """Whether every window was planned again since the roster last changed, twice over its days."""
        return self._same >= 2 * self.problem.days

    def again(self, first: int, last: int, share: float) -> None:
        """Plan a window again while all other days stand; keep what is cheaper."""
        before = self.given.copy()
        part = window(self.problem, first, last, self.problem.days)
        self._try(part, self.problem.days, 0.0, share, self.given[:, part.low : part.high])
        self._same = self._same + last - first if np.array_equal(before, self.given) else 0

    def _try(self, part: Window, known: int, looser: float, share: float, hint: Ints | None) -> bool:
        found = self.solve(windowed(self.problem, self.given, part, known, looser), part.low, share, hint)
        if found.status == "none":
            return False
        self.given[:, part.first : part.last] = found.given[:, part.first - part.low : part.last - part.low]
        return True


def shifted(days: int, length: int) -> Iterator[tuple[int, int]]:
    """Yield windows to plan again, for ever: across the edges of those before, then these again."""
    while True:
        for first, last in spans(days, length):
            yield max(0, first - length // 2), last - length // 2 if last < days else days
        yield from spans(days, length)
