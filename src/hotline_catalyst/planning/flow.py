"""Who hands people on to whom in a plan, and the plan carried out many times with these handovers kept.

Every unit of a resource goes from hand to hand in the order of the plan, and whoever takes it waits for the one before:
a resource flow network (Artigues & Roubellat 2000, EJOR 127:297). A schedule in which everybody waits for those they
take over from never needs more units than there are, whatever the durations turn out to be.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter

import numpy as np
from numpy.typing import NDArray

from .dispatch import Floats, Site, merged, placed_links
from .problem import Days, Job, Plan, Problem

EPSILON = 1e-9
Span = tuple[Days, Days]
Hands = tuple[str, ...]
Key = tuple[Days, Hands]  # free since, and by whom it was held, the last one last
Pool = dict[Key, int]
Taker = tuple[Days, Days, int, str]  # from, until, units, job; an absence has none


@dataclass(frozen=True)
class Queues:
    """What a plan's people impose on it.

    ``behind``: for each job those whose units it takes over. ``away``: for each job the spans of days (end excluded) in
    which units that it holds are away; it rests meanwhile. Units that leave for good stay until those who hold them are
    done, and whoever starts after that waits for these.
    """

    behind: Mapping[str, Hands]
    away: Mapping[str, tuple[Span, ...]]


def queues(problem: Problem, plan: Plan) -> Queues:
    """Return who waits for whom, and when whose people are away, in a plan that a checker accepts."""
    jobs = {job.id: job for job in problem.jobs if job.id in plan}
    begun = {ident for ident, job in jobs.items() if job.begun}
    known = _ancestors({ident: placed_links(job, plan) for ident, job in jobs.items()})
    behind: dict[str, set[str]] = {ident: set() for ident in jobs}
    away: dict[str, set[Span]] = {ident: set() for ident in jobs}
    for resource in sorted(problem.capacity):
        capacity = problem.units(resource)
        _hand_on(capacity, _takers(resource, capacity, jobs, plan), begun, known, behind, away)
    return Queues(
        {ident: tuple(sorted(found)) for ident, found in behind.items()},
        {ident: tuple(sorted(found)) for ident, found in away.items()},
    )


def _ancestors(links: Mapping[str, Mapping[str, Days]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for ident in TopologicalSorter(links).static_order():
        found[ident] = {b for direct in links[ident] for b in (direct, *found[direct])}
    return found


class _Desk:
    """Where one resource's units are handed back and taken."""

    def __init__(self, units: int) -> None:
        self.free: Pool = {(0, ()): units}
        self.held: list[tuple[Days, str, Pool]] = []  # until, by whom, what
        self.leavers: set[str] = set()

    def back_by(self, day: Days) -> None:
        """Take back what was held until ``day``; what comes back from an absence was idle before it, too."""
        for entry in [h for h in self.held if h[0] <= day]:
            self.held.remove(entry)
            until, ident, what = entry
            for (since, hands), count in what.items():
                key = (until, (*hands, ident)) if ident else (since, hands)
                self.free[key] = self.free.get(key, 0) + count

    def take(self, units: int, welcome: Container[str] = ()) -> Pool:
        """Take units, first from ``welcome`` hands or none, then the longest idle; fewer where there are not enough."""
        taken: Pool = {}
        for key in sorted(self.free, key=lambda key: (bool(key[1]) and key[1][-1] not in welcome, key)):
            if units > 0:
                taken[key] = min(units, self.free[key])
                units -= taken[key]
                self.free[key] -= taken[key]
        self.free = {key: count for key, count in self.free.items() if count}
        return taken


def _hand_on(
    capacity: NDArray[np.int64],
    takers: list[Taker],
    begun: Container[str],
    known: Mapping[str, set[str]],
    behind: dict[str, set[str]],
    away: dict[str, set[Span]],
) -> None:
    """Walk through the plan's days and pass one resource's units from hand to hand."""
    desk = _Desk(int(capacity.max(initial=0)))
    for start, until, units, ident in takers:
        desk.back_by(start)
        taken = desk.take(units, known[ident] | behind[ident] if ident else ())
        last = {hand for _, hands in taken for hand in _last(hands, begun)}
        if ident:
            behind[ident] |= last | desk.leavers
        elif until >= len(capacity):
            desk.leavers |= last
            continue
        else:
            for hand in {hand for _, hands in taken for hand in hands}:
                away[hand].add((start, until))
        desk.held.append((until, ident, taken))


def _last(hands: Hands, begun: Container[str]) -> Hands:
    """Return the last hand, and those before it whom it did not wait for because it had begun."""
    first = next((n for n in range(len(hands) - 1, 0, -1) if hands[n] not in begun), 0)
    return hands[first:]


def _takers(resource: str, capacity: NDArray[np.int64], jobs: Mapping[str, Job], plan: Plan) -> list[Taker]:
    """Return who takes units, in turn: on one day those who have begun before absences, and these before the others."""
    found = [(start, 1, until, units, "") for start, until, units in absences(capacity)]
    for ident, job in jobs.items():
        start, mode = plan[ident].start, job.modes[plan[ident].mode]
        if mode.length and mode.units.get(resource):
            found.append((start, 0 if job.begun else 2, start + mode.length, mode.units[resource], ident))
    return [(start, until, units, ident) for start, _, until, units, ident in sorted(found)]


def absences(capacity: NDArray[np.int64]) -> list[tuple[Days, Days, int]]:
    """Return the spans in which units are fewer than at most: from, until (excluded), how many; nested where need be.

    >>> absences(np.array([2, 1, 0, 2, 1]))
    [(2, 3, 1), (1, 3, 1), (4, 5, 1)]
    """
    found: list[tuple[Days, Days, int]] = []
    open_: list[tuple[Days, int]] = []
    missing = 0
    for day, short in enumerate([*(int(capacity.max(initial=0)) - capacity), 0]):
        short = int(short) if day < len(capacity) else 0
        if short > missing:
            open_.append((day, short - missing))
        gone = missing - short
        while gone > 0:
            since, units = open_.pop()
            found.append((since, day, min(units, gone)))
            if units > gone:
                open_.append((since, units - gone))
            gone -= units
        missing = short
    return found


@dataclass(frozen=True)
class Handover:
    """A plan whose handovers are kept: each job of ``site`` waits for those whose people it takes over.

    ``waits``: for each job the places of those it waits for with the days after each, links and handovers alike;
    ``rests``: the spans in which it does not go on; ``shut``: those within which it does not start.
    """

    site: Site
    waits: tuple[tuple[tuple[int, Days], ...], ...]
    rests: tuple[tuple[Span, ...], ...]
    shut: tuple[tuple[tuple[float, float], ...], ...]

    def carry_out(self, lengths: Floats) -> tuple[Floats, Floats]:
        """Return starts and ends of every job in every draw, shape (jobs, draws); ``lengths`` have that shape too."""
        starts, ends = np.empty_like(lengths), np.empty_like(lengths)
        for n, length in enumerate(lengths):
            start = starts[n] = self._start(n, ends)
            end = start + length
            for begin, back in self.rests[n]:
                end += np.where((end > begin) & (start < back), back - np.maximum(begin, start), 0.0)
            ends[n] = end
        return starts, ends

    def _start(self, n: int, ends: Floats) -> Floats:
        start = np.full(ends.shape[1], self.site.planned[n])
        for before, lag in self.waits[n]:
            np.maximum(start, ends[before] + lag, out=start)
        for begin, end in self.shut[n]:
            if end > self.site.planned[n]:
                np.copyto(start, end, where=(start >= begin) & (start < end))
        return start


def handover(problem: Problem, plan: Plan, site: Site) -> Handover:
    """Return who waits for whom in a plan that a checker accepts; ``site`` is what ``site_of`` says of it."""
    people = queues(problem, plan)
    hands = [() if job.begun else tuple((site.index[b], 0) for b in people.behind[job.id]) for job in site.jobs]
    away = [people.away[job.id] for job in site.jobs]
    return Handover(
        site,
        waits=tuple((*links, *own) for links, own in zip(site.waits, hands, strict=True)),
        rests=tuple(merged([*closed, *gone]) for closed, gone in zip(site.closed, away, strict=True)),
        shut=tuple(
            () if job.begun else _shut(length, closed, gone)
            for job, length, closed, gone in zip(site.jobs, site.lengths, site.closed, away, strict=True)
        ),
    )


def _shut(length: Days, closed: tuple[Span, ...], away: tuple[Span, ...]) -> tuple[tuple[float, float], ...]:
    """Return when a job does not start: while its people are away, or where its planned length meets a closed span."""
    early = [(begin - length + EPSILON, float(end)) for begin, end in closed if length]
    return merged([*early, *((float(begin), float(end)) for begin, end in away)])
