"""Good plans quickly, without a solver: a genetic search over orders of jobs, ways and what to leave out.

Orders are decoded and justified (``decoding``); children take the middle of one parent's order and the rest of the
other's (Hartmann 1998, Debels & Vanhoucke 2007). A count of rounds and a seed make it the same everywhere.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from operator import mul
from time import monotonic

import numpy as np

from .bare import Bare, is_bare
from .decoding import FREE, Decoder, Draft, Recipe
from .dense import Dense
from .goals import key_of
from .neighbourhood import Crowd, can_crowd
from .problem import Plan, Problem

SEED = 20261121
ROUNDS = 400
CROWD = 24
BIG_CROWD = 60  # when there are seconds to spend
GREAT_CROWD = 800  # the same where plans are bred on arrays
LEAST_CROWD = 60
GENERATIONS = 200  # that a great crowd should live to see: a slower machine has a smaller one
PEAKS = 0.4  # the share of children that keep a busy stretch whole
FAR = 20  # places that a job moves at most
STRETCHES = 3  # stretches looked at for the busiest
Key = tuple[int, ...]


@dataclass(frozen=True)
class Member:
    """A recipe with its plan and its worth: rules broken first, then the goals in order, then the sum of ends."""

    key: Key
    recipe: Recipe
    draft: Draft


def generate(
    problem: Problem, rounds: int = ROUNDS, seconds: float | None = None, *, seed: int = SEED, hint: Plan | None = None
) -> Plan | None:
    """Return a good plan that keeps every hard rule; None when none was found.

    Parameters
    ----------
    rounds
        Children to try after the first crowd.
    seconds
        Wall-clock limit instead of ``rounds``; the plan then depends on the machine.
    hint
        A plan to start from, beside the search's own.
    """
    search = Search(problem, seed)
    search.run(rounds, seconds, hint)
    return search.plan()


class Search:
    """One genetic search; ``seconds`` for all of its runs, and the launch that is ``enough`` to stop."""

    def __init__(self, problem: Problem, seed: int = SEED):
        self.problem, self.rng = problem, random.Random(seed)
        self.dense = Dense(problem)
        self.decoder = Decoder(self.dense)
        self.best: Member | None = None
        self.crowd: list[Member] = []
        self.weights = [job.weight for job in problem.jobs]
        self.bare = Bare(self.dense) if self.dense.count and self.dense.order and is_bare(self.dense) else None
        self.only = {n: ways[0] for n, ways in enumerate(self.dense.ways)} if self.bare else {}
        self.great: Crowd | None = None
        self.size = GREAT_CROWD
        self.enough, self.seconds = -1, 0.0

    def run(
        self,
        rounds: int,
        seconds: float | None = None,
        hint: Plan | None = None,
        stop: Callable[[], bool] | None = None,
    ) -> Member | None:
        """Return the best member found, whether or not it keeps every rule; None when links run in a circle.

        Called again, the search goes on with the crowd it has. ``stop`` ends it early.
        """
        if self.dense.count and not self.dense.order:
            return None
        end = monotonic() + seconds if seconds is not None else None
        if end is not None and self.bare is not None and can_crowd(self.bare, self.weights):
            return self._run_many(self.bare, end, hint, stop)
        if not self.crowd:
            self.crowd = self._first_crowd(CROWD if end is None else BIG_CROWD, end)
        if hint:
            self._take_in(self.member(self.after_plan(hint, kept=False)))
        done = 0
        while self.dense.count and ((done < rounds) if end is None else (monotonic() < end)):
            if stop is not None and stop():
                break
            done += 1
            self._breed()
        return self.best

    def _run_many(self, bare: Bare, end: float, hint: Plan | None, stop: Callable[[], bool] | None) -> Member | None:
        """Breed a great crowd on arrays until the end, or until the launch is ``enough``."""
        if self.great is None:
            began = monotonic()
            self.great = self._great_crowd(bare)
            self._fit_crowd(self.great, max(self.seconds, end - began))
        if hint:
            self.great.take_in(self.after_plan(hint, kept=False).order)
        while monotonic() < end and self.great.best[1] > self.enough and not (stop is not None and stop()):
            self.great.breed()
        self.member(Recipe(tuple(self.great.best[0]), (FREE,) * self.dense.count))
        return self.best

    def _great_crowd(self, bare: Bare) -> Crowd:
        tails, orders = self._tails(), []
        for n in range(self.size):
            spread = 0.05 + 0.4 * n / self.size if n else 0.0
            orders.append(self._order_by([t * (1 + spread * self.rng.uniform(-1, 1)) for t in tails]))
        first = self.member(Recipe(orders[0], (FREE,) * self.dense.count)).draft
        last = max(first.end(n) for n in first.start)
        days = min(bare.days, last + last // 3) + max(bare.length)
        crowd = Crowd(bare, self.weights, self.load, days, self.rng.randrange(2**31))
        crowd.settle(np.array(orders))
        return crowd

    def _fit_crowd(self, crowd: Crowd, seconds: float) -> None:
        """Breed once, and keep as many members as have time for their generations."""
        began = monotonic()
        crowd.breed()
        fits = self.size * seconds / (GENERATIONS * max(1e-6, monotonic() - began))
        if fits < self.size:
            crowd.thin(min(self.size, max(LEAST_CROWD, int(fits))))

    def plan(self) -> Plan | None:
        """Return the best plan so far; None when none keeps every hard rule."""
        kept = self.best is not None and self.best.key[0] == 0
        return self.decoder.plan(self.best.draft) if self.best is not None and kept else None

    def _breed(self) -> None:
        place = self.rng.randrange(len(self.crowd))
        mother, father = self.crowd[place], self._pick(self.crowd)
        child = self.member(self._mutated(self._crossed(mother, father)))
        if child.key <= mother.key:
            self.crowd[place] = child

    def _take_in(self, newcomer: Member) -> None:
        worst = max(range(len(self.crowd)), key=lambda n: self.crowd[n].key)
        self.crowd[worst] = newcomer

    def member(self, recipe: Recipe) -> Member:
        """Decode a recipe, justify it, and keep the better."""
        if self.bare is not None:
            return self._bare_member(self.bare, recipe)
        recipe = self.decoder.sound(recipe)
        draft = self.decoder.decode(recipe)
        found = Member(self._key(draft), recipe, draft)
        if self.dense.resources and not recipe.floor:
            better = self.decoder.justified(recipe, draft)
            draft = self.decoder.decode(better)
            found = min(found, Member(self._key(draft), better, draft), key=lambda m: m.key)
        if self.best is None or found.key < self.best.key:
            self.best = found
        return found

    def _bare_member(self, bare: Bare, recipe: Recipe) -> Member:
        one = bare.forward(recipe.order)
        order = tuple(bare.justified(one))
        both = ((recipe.order, one), (order, bare.forward(order)))
        found = min((self._bare_scored(start, replace(recipe, order=o)) for o, start in both), key=lambda m: m.key)
        if self.best is None or found.key < self.best.key:
            self.best = found
        return found

    def _bare_scored(self, start: list[int], recipe: Recipe) -> Member:
        draft = Draft(dict(enumerate(start)), self.only)
        launch = start[self.dense.launch] if self.dense.launch is not None else 0
        ends = [s + way.length for s, way in zip(start, self.only.values(), strict=True)]
        draft.wrong = max(0, max(ends) - self.dense.horizon)
        early = sum(map(mul, self.weights, ends))
        return Member((draft.wrong, launch, early, sum(ends)), recipe, draft)

    def _key(self, draft: Draft) -> Key:
        ends = sum(draft.end(n) for n in draft.start)
        return (draft.wrong, *key_of(self.problem, self.decoder.plan(draft)), ends)

    def _first_crowd(self, size: int, end: float | None) -> list[Member]:
        crowd = [self.member(self._repair())] if self.problem.previous else []
        tails = self._tails()
        for n in range(size):
            spread = 0.0 if n < 2 else 0.05 + 0.4 * n / size
            priority = [t * (1 + spread * self.rng.uniform(-1, 1)) for t in tails]
            out = self._spare() if n % 4 == 1 else frozenset[int]()
            modes = tuple(self._cheapest(j) if n % 3 == 2 else FREE for j in range(self.dense.count))
            recipe = Recipe(self._order_by(priority), modes, out)
            crowd.append(self.member(self.decoder.parallel(recipe, priority) if n % 2 else recipe))
            if end is not None and monotonic() > end:
                break
        return crowd

    def _cheapest(self, job: int) -> int:
        return min(self.dense.ways[job], key=lambda w: (w.cost, w.length)).mode if self.dense.ways[job] else FREE

    def _tails(self) -> list[float]:
        """Return how much must follow each job: first what leads to a deadline or the launch, then weight."""
        tails = [0.0] * self.dense.count
        for n in reversed(self.dense.order):
            ways = self.dense.ways[n]
            length = min((w.length for w in ways), default=0)
            lead = max((tails[f] + self.decoder.lag.get((n, f), 0) for f in self.dense.after[n]), default=0.0)
            own = 10.0 * self.dense.horizon if n == self.dense.launch else 0.0
            urgent = 2.0 * max(0, self.dense.horizon - self.decoder.due[n])
            weight = self.dense.jobs[n].weight / max(1, length)
            tails[n] = max(lead + own, urgent) + length + weight
        return tails

    def _order_by(self, priority: Sequence[float]) -> tuple[int, ...]:
        """Return the order that always takes the highest priority among the jobs whose predecessors are in."""
        waiting = {n: len({b for b, _, _ in self.dense.before[n]}) for n in range(self.dense.count)}
        ready = sorted((n for n, w in waiting.items() if not w), key=lambda n: (priority[n], -n))
        order = []
        while ready:
            n = ready.pop()
            order.append(n)
            for follower in self.dense.after[n]:
                waiting[follower] -= 1
                if not waiting[follower]:
                    ready.append(follower)
                    ready.sort(key=lambda n: (priority[n], -n))
        return tuple(order)

    def _spare(self) -> frozenset[int]:
        """Return the optional jobs that no need asks for, by the heaviest and cheapest server of each need."""
        kept = {n for n, job in enumerate(self.problem.jobs) if not job.optional}
        for need in self.problem.needs:
            servers = [self.dense.number[j] for j in need.served_by if j in self.dense.number]
            servers = [n for n in servers if self.dense.ways[n]]
            if servers and not kept & set(servers):
                kept.add(min(servers, key=lambda n: (min(w.cost for w in self.dense.ways[n]), n)))
        for n in reversed(self.dense.order):
            if n in kept:
                kept |= {b for b, _, needed in self.dense.before[n] if needed}
        return frozenset(range(self.dense.count)) - kept

    def after_plan(self, plan: Plan, kept: bool) -> Recipe:
        number = self.dense.number
        begin = {number[j]: placed.start for j, placed in plan.items() if j in number}
        modes = {number[j]: placed.mode for j, placed in plan.items() if j in number}
        out = frozenset(n for n, job in enumerate(self.problem.jobs) if job.optional and job.id not in plan)
        blank = Recipe((), (FREE,) * self.dense.count, out)
        recipe = self.decoder.by_starts(blank, begin, modes)
        floor = tuple(begin.get(n, 0) for n in range(self.dense.count)) if kept else ()
        return replace(recipe, floor=floor)

    def _repair(self) -> Recipe:
        """Return the previous plan, each job on its day or as soon after it as it can be."""
        number, previous = self.dense.number, self.problem.previous
        begin = {number[j]: day for j, day in previous.items() if j in number}
        was = self.problem.previous_modes
        modes = {
            n: mode
            for n, job in enumerate(self.dense.jobs)
            for mode, way in enumerate(job.modes)
            if way.id == was.get(job.id)
        }
        recipe = self.decoder.by_starts(Recipe((), (FREE,) * self.dense.count), begin, modes)
        return replace(recipe, floor=tuple(begin.get(n, 0) for n in range(self.dense.count)))

    def _pick(self, crowd: Sequence[Member]) -> Member:
        return min(self.rng.sample(crowd, 2), key=lambda m: m.key)

    def _crossed(self, one: Member, two: Member) -> Recipe:
        """Take a stretch of one parent's order into the other's, with its ways and what it leaves out.

        Often the busiest of a few stretches is kept whole and the rest follows the other parent.
        """
        mother, father, count = one.recipe, two.recipe, self.dense.count
        if self.rng.random() < PEAKS:
            low, high = self._busiest(one)
            head, inner = set(mother.order[:low]), mother.order[low:high]
            kept = set(inner)
            first = [n for n in father.order if n in head]
            order = (*first, *inner, *(n for n in father.order if n not in head and n not in kept))
            hers = kept
        else:
            low, high = self._stretch()
            seen = set(mother.order[:low])
            middle = [n for n in father.order if n not in seen][: high - low]
            seen.update(middle)
            order = (*mother.order[:low], *middle, *(n for n in mother.order if n not in seen))
            hers = set(order) - set(middle)
        modes = tuple((mother if n in hers else father).modes[n] for n in range(count))
        out = frozenset(n for n in mother.out | father.out if n in (mother if n in hers else father).out)
        return Recipe(order, modes, out, mother.floor)

    def _stretch(self) -> tuple[int, int]:
        count = self.dense.count
        low, high = sorted((self.rng.randrange(count + 1), self.rng.randrange(count + 1)))
        return low, high

    def _busiest(self, member: Member) -> tuple[int, int]:
        """Return the stretch with most work for its days among a few (peak crossover: Valls et al. 2008)."""
        order, draft, load = member.recipe.order, member.draft, self.load

        def work(stretch: tuple[int, int]) -> float:
            inner = [n for n in order[stretch[0] : stretch[1]] if n in draft.start]
            if not inner:
                return 0.0
            days = max(draft.end(n) for n in inner) - min(draft.start[n] for n in inner)
            return sum(load[n] * draft.way[n].length for n in inner) / max(1, days)

        return max((self._stretch() for _ in range(STRETCHES)), key=work)

    @cached_property
    def load(self) -> list[float]:
        """Return for each job the share of all limited units that its first way takes on a day."""
        most = [float(units.max(initial=1)) for units in self.dense.free_units.values()]
        scale = list(self.dense.scale.values())
        ways = [ways[0] if ways else None for ways in self.dense.ways]
        return [sum(u * scale[r] / max(1.0, most[r]) for r, u in way.units) if way else 0.0 for way in ways]

    def _shifted(self, given: Sequence[int]) -> list[int]:
        """Move one to three jobs a little, not past those they are linked with."""
        rng, order = self.rng, list(given)
        for _ in range(rng.randint(1, 3)):
            at = rng.randrange(len(order))
            n = order.pop(at)
            place = {other: k for k, other in enumerate(order)}
            low = max((place[b] + 1 for b, _, _ in self.dense.before[n]), default=0)
            high = min((place[f] for f in self.dense.after[n]), default=len(order))
            low, high = max(low, at - FAR), min(high, at + FAR)
            order.insert(rng.randint(low, high) if low <= high else at, n)
        return order

    def _swapped(self, given: Sequence[int]) -> list[int]:
        """Swap neighbours here and there."""
        rng, order = self.rng, list(given)
        for place in range(len(order) - 1):
            one, two = order[place], order[place + 1]
            if rng.random() < 0.03 and (one, two) not in self.decoder.lag:
                order[place], order[place + 1] = two, one
        return order

    def _mutated(self, recipe: Recipe) -> Recipe:
        rng, modes, out = self.rng, list(recipe.modes), set(recipe.out)
        order = self._shifted(recipe.order) if rng.random() < 0.5 else self._swapped(recipe.order)
        for n, ways in enumerate(self.dense.ways):
            if len(ways) > 1 and rng.random() < 0.05:
                modes[n] = rng.choice([FREE, *(w.mode for w in ways)])
            if self.problem.jobs[n].optional and rng.random() < 0.03:
                out ^= {n}
        return Recipe(tuple(order), tuple(modes), frozenset(out), recipe.floor)
