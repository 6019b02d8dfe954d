"""From shares of schedules to whole ones: fix the duties that are nearly decided, price again, fix more.

A duty is fixed only while some schedule in the linear program still holds all that is fixed for its person, so that
a dive always ends with a lawful schedule for everybody.
"""

from __future__ import annotations

import numpy as np

from .columns_cover import Floats
from .columns_generation import Generation
from .columns_master import Mixed
from .problem import Ints

SHARE_FIXED = 0.08  # of the duties still open, in one step
NEAR = 0.9  # a duty with this share is as good as decided
DECIDED = 1 - 1e-6
DEARER, DEEPER = 2.0, 10  # a step that makes the roster so much dearer is worth so many times the rounds


def dive(generation: Generation, mixed: Mixed, rounds: int, hopeless: float, until: float) -> Ints | None:
    """Return a whole roster, or None when its price would reach ``hopeless``.

    When the share ``until`` of the effort is spent, each person gets the likeliest schedule.
    """
    problem, master = generation.problem, generation.master
    shape = (len(problem.people), problem.days, 1 + len(problem.kinds))
    allowed = np.ones(shape, dtype=bool)
    centre = generation.centre
    try:
        while True:
            shares = _shares(generation, mixed, shape)
            if (shares.max(axis=2) > DECIDED).all():
                return np.asarray(shares.argmax(axis=2) - 1, dtype=np.int64)
            if mixed.price >= hopeless:
                return None
            if generation.meter.share() >= until:
                return _likeliest(generation, mixed)
            _fix(generation, mixed, shares, allowed)
            generation.allowed = allowed
            master.limit(_kept(generation, allowed))
            before, mixed = mixed.price, generation.generate(rounds, enough=0.5, until=until)
            if mixed.price > before + DEARER:
                mixed = generation.generate(DEEPER * rounds, enough=0.5, until=until)
    finally:
        generation.allowed, generation.centre = None, centre
        master.limit(np.full(len(master.columns), np.inf))


def _likeliest(generation: Generation, mixed: Mixed) -> Ints:
    columns = generation.master.columns
    order = np.argsort(mixed.share, kind="stable")
    chosen = {columns[n].person: columns[n].duties for n in order}
    return np.stack([chosen[p] for p in range(len(generation.problem.people))])


def _shares(generation: Generation, mixed: Mixed, shape: tuple[int, int, int]) -> Floats:
    """Return how far each duty is given: shape (people, days, 1 + kinds)."""
    shares, days = np.zeros(shape), np.arange(shape[1])
    for n in np.flatnonzero(mixed.share > 1e-9):
        column = generation.master.columns[n]
        shares[column.person, days, column.duties + 1] += mixed.share[n]
    return shares


def _kept(generation: Generation, allowed: np.ndarray) -> Floats:
    """Return the largest share of each column: none where it holds a duty that is fixed otherwise."""
    days = np.arange(allowed.shape[1])
    kept = [bool(allowed[c.person, days, c.duties + 1].all()) for c in generation.master.columns]
    return np.where(kept, np.inf, 0.0)


def _fix(generation: Generation, mixed: Mixed, shares: Floats, allowed: np.ndarray) -> None:
    """Fix the next duties in ``allowed``: those nearly decided, and a few of the others, the surest first."""
    held: dict[int, list[Ints]] = {}
    for n in np.flatnonzero(mixed.share > 1e-9):
        column = generation.master.columns[n]
        held.setdefault(column.person, []).append(column.duties)
    top, chosen = shares.max(axis=2), shares.argmax(axis=2)
    open_days = np.argwhere(top <= DECIDED)
    order = np.argsort(-top[tuple(open_days.T)], kind="stable")
    count = max(1, int(SHARE_FIXED * len(order)), int((top[tuple(open_days.T)] >= NEAR).sum()))
    fixed = 0
    for person, day in open_days[order]:
        kind = chosen[person, day] - 1
        left = [duties for duties in held[person] if duties[day] == kind]
        if left and fixed < count:
            held[person] = left
            allowed[person, day] = False
            allowed[person, day, kind + 1] = True
            fixed += 1
