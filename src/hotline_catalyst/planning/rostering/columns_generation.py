"""Column generation: schedules join the linear program until its price meets the bound."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from math import ceil

import numpy as np

from .columns_cover import Covers, Floats
from .columns_master import SIMPLEX_STEPS_A_UNIT, Column, Master, Mixed
from .columns_network import TooLargeError
from .columns_pricing import ARCS_A_UNIT, Networks, Path, Pricer, rounded
from .problem import Effort, Ints, Problem

SMOOTH = 0.8
LARGEST_RELAXED = 1_500_000  # arcs of a network that serves the bound only
STEPS_A_RUN = 20  # what a run of the linear program costs beside its steps
TINY = 1e-6
NOTHING_KNOWN = -(10**12)


@dataclass
class Meter:
    """Work done so far, in units that are the same on every machine, and whether it is enough."""

    effort: Effort
    networks: Networks
    steps: int = 0  # of the simplex method
    _begun: float = field(default_factory=time.monotonic)

    @property
    def units(self) -> float:
        """Units of work done."""
        return self.networks.arcs / ARCS_A_UNIT + self.steps / SIMPLEX_STEPS_A_UNIT

    def share(self) -> float:
        """Return the share of the effort that is spent."""
        by_work = self.units / max(self.effort.work, 1e-9)
        if self.effort.seconds is None:
            return by_work
        return max(by_work, (time.monotonic() - self._begun) / max(self.effort.seconds, 1e-9))

    def part(self, share: float) -> Meter:
        """Return a meter for one part of the problem, with networks of its own."""
        seconds = None if self.effort.seconds is None else self.effort.seconds * share
        return Meter(Effort(self.effort.work * share, seconds), Networks(compiled=self.networks.compiled))

    def add(self, other: Meter) -> None:
        """Count the work of a part."""
        self.networks.arcs += other.networks.arcs
        self.steps += other.steps


class Generation:
    """The linear program of a problem with its pricer, and the best bound found."""

    def __init__(self, problem: Problem, meter: Meter) -> None:
        self.problem, self.meter = problem, meter
        self.covers = Covers(problem)
        self.pricer = Pricer(problem, meter.networks)
        self.master = Master(problem, self.covers)
        self.base = sum(p.base for p in problem.people)
        self.bound = -np.inf
        self.centre: Floats | None = None
        self.allowed: np.ndarray | None = None

    def add(self, given: Ints) -> None:
        """Add a whole roster's schedules."""
        self.master.add(Column(p, d, self.pricer.cost(p, d)) for p, d in enumerate(given))

    def mix(self) -> Mixed:
        """Solve the linear program and count its steps."""
        before = self.master.steps
        found = self.master.mix()
        self.meter.steps += self.master.steps - before + STEPS_A_RUN
        return found

    def whole(self, nodes: int, start: Ints | None = None) -> Ints | None:
        """Choose among known schedules by branch and bound, and count its steps."""
        before = self.master.steps
        found = self.master.whole(nodes, start)
        self.meter.steps += self.master.steps - before + STEPS_A_RUN
        return found

    def generate(self, rounds: int, enough: float = 0.0, hopeless: float = np.inf, until: float = 1.0) -> Mixed:
        """Let schedules join until the price is within ``enough`` of the bound, or the bound reaches ``hopeless``.

        While duties are fixed (`allowed`), the bound is that of the fixed problem and is not kept.
        """
        mixed, smooth, bound = self.mix(), SMOOTH, -np.inf
        if self.centre is None:
            self.centre = mixed.dual
        for _ in range(rounds):
            dual = rounded(smooth * self.centre + (1 - smooth) * mixed.dual)
            earned = self.covers.table(dual)
            paths = self.pricer.all(earned, self.allowed)
            here = self.covers.least(dual) + sum(p.price for p in paths)
            if here > bound:
                bound, self.centre = here, dual
            if self.allowed is None:
                self.bound = max(self.bound, here)
            gained = self.master.add(self._cheaper(paths, earned, mixed))
            if mixed.price - bound <= enough + TINY or bound >= hopeless or self.meter.share() >= until:
                break
            if not gained and smooth == 0.0:
                break
            smooth = SMOOTH if gained else max(0.0, smooth - 0.4)
            mixed = self.mix() if gained else mixed
        return self.mix()

    def _cheaper(self, paths: list[Path], earned: Floats, mixed: Mixed) -> list[Column]:
        """Return the schedules that the linear program's own prices call cheaper than those it has."""
        found = []
        for person, path in enumerate(paths):
            if path.duties is None:
                continue
            own = path.price + float(earned[person, np.arange(len(path.duties)), path.duties + 1].sum())
            here = mixed.dual[self.covers.rows(person, path.duties)].sum() + mixed.worth[person]
            if own - here < -TINY:
                found.append(Column(person, path.duties, own))
        return found

    def lower(self) -> int:
        """Return the bound as a whole number."""
        return ceil(self.bound) + self.base if np.isfinite(self.bound) else NOTHING_KNOWN


def relaxed_bound(problem: Problem, dual: Floats, meter: Meter) -> int:
    """Return a bound at given prices from networks that leave out the tallies that would make them too large."""
    networks = Networks(compiled=meter.networks.compiled, largest=LARGEST_RELAXED, relaxed=True)
    covers, dual = Covers(problem), rounded(dual)
    try:
        pricer = Pricer(problem, networks)
        least = sum(pricer.one(p, covers.earned(p, dual)).price for p in range(len(problem.people)))
    except TooLargeError:
        return NOTHING_KNOWN
    finally:
        meter.networks.arcs += networks.arcs
    return ceil(covers.least(dual) + least) + sum(p.base for p in problem.people)
