"""Languages: how few advocates, speaking what, answer the callers of every language as promised.

Requirements are never added up language by language, and nobody counts fully for two languages at once: each mix of
people is put before one shared queue (skill_queue.py) and judged by its weakest language. Erlang A on all callers
together is the lower bound (everybody speaks everything), separate groups the upper.

References
----------
Cezik & L'Ecuyer (2008), Staffing multiskill call centers via linear programming and simulation.
Wallace & Whitt (2005), A staffing algorithm for call centers with skill-based routing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, reduce
from itertools import combinations
from math import comb
from operator import or_

import numpy as np

from ..errors import NoPlanError
from .queueing import MOST_ADVOCATES, required
from .skill_queue import Floats, Groups, Ints, levels, states

_LARGE = 3_000  # states
_TEAM = 20  # advocates; more are planned as equal teams
_MOST_MIXES = 200_000
_SLACK = 0.5  # of the callers who may be missed: how far below the share a mix is still looked at closely


@dataclass(frozen=True)
class LanguageNeed:
    """Advocates on shift in one interval and how many of them speak each language.

    Parameters
    ----------
    advocates
        Fewest on shift.
    speakers
        By language, the fewest of them who speak it; 0 when nobody calls in it or an interpreter serves it.
    promise
        By language, the share of callers answered in time; at least what was asked for.
    interpreted
        Languages whose callers are served by any free advocate with an interpreter.
    """

    advocates: int
    speakers: Mapping[str, int]
    promise: Mapping[str, float]
    interpreted: tuple[str, ...]


@dataclass(frozen=True)
class _Aim:
    """What is asked of a mix: times in seconds."""

    handle_s: float
    patience_s: float
    within_s: float
    share: float

    def kept(self, level: float) -> bool:
        # Rounded as in queueing.required: equal to fifteen digits is no miss.
        return round(level, 12) >= self.share

    def levels(self, groups: Groups, per_hour: tuple[float, ...]) -> Floats:
        return levels(groups, per_hour, self.handle_s, self.patience_s, self.within_s)

    def alone(self, per_hour: float) -> int:
        """Return the advocates these callers need when nobody else calls."""
        return int(required(per_hour, self.handle_s, self.within_s, self.share, self.patience_s)[0])

    def teams(self, per_hour: float) -> int:
        """Return into how many teams this line is cut: doubled each time, so that more callers never need fewer."""
        teams = 1
        while self.alone(per_hour / teams) > _TEAM:
            teams *= 2
        return teams


def speakers_for(
    per_hour_by_language: Mapping[str, float],
    handle_s: float,
    patience_s: float,
    within_s: float,
    share: float,
    *,
    minimum: int = 1,
    versatile: float,
    interpreters: bool,
    interpreter_factor: float = 1.8,
    interpreter_connect_s: float = 90.0,
) -> LanguageNeed:
    """Return the fewest advocates on shift, and how many must speak each further language.

    Everybody speaks the first language; of ``n`` advocates at most ``versatile * n``, rounded down, speak one further
    language each. A language goes to the interpreter when keeping its promise with speakers would need more people on
    shift: among answers with the fewest people the one with the fewest interpreted callers is taken (the rarest
    languages go first), and then the one with the fewest speakers. Interpreted callers count with their longer
    handle time, which all callers then have on average. A line of more than 20 advocates is planned as 2, 4, 8 ...
    equal teams with their own callers; one line does a little better, so this errs to the careful side.

    Parameters
    ----------
    per_hour_by_language
        Callers an hour; the first key is the language everybody speaks.
    handle_s, patience_s, within_s, share
        Means (exponential) and the promise: ``share`` of every language's callers answered within ``within_s``.
    minimum
        Fewest advocates on shift whatever is asked.
    versatile
        Share of advocates who can work in a further language (0 to 1).
    interpreters, interpreter_factor, interpreter_connect_s
        Whether interpreters can be called, how many times as long a contact takes with one, and the wait for one.

    Raises
    ------
    NoPlanError
        When no number of advocates keeps the promise.
    """
    names = tuple(per_hour_by_language)
    aim = _Aim(handle_s, patience_s, within_s, share)
    teams = aim.teams(sum(per_hour_by_language.values()))
    rates = tuple(float(per_hour_by_language[name]) / teams for name in names)
    with_one = (interpreter_factor, interpreter_connect_s) if interpreters else None
    in_team, choice, found = _fewest_on_shift(names, rates, aim, -(-minimum // teams), versatile, with_one)
    speakers = dict.fromkeys(names, 0) | {
        name: n * teams for name, n in zip(choice.further, found.speakers, strict=True)
    }
    promise = {name: found.first if rate > 0 else 1.0 for name, rate in zip(names, rates, strict=True)}
    return LanguageNeed(
        in_team * teams,
        speakers | dict.fromkeys(names[:1], in_team * teams),
        promise | dict(zip(choice.further, found.levels, strict=True)),
        tuple(name for name in names if name in choice.interpreted),
    )


_NOBODY = (
    "Nobody on duty can speak {names}: the share of advocates with a further language (staffing.versatile_share) "
    "is 0 and no interpreters are planned. Raise the share or plan interpreters."
)


@dataclass(frozen=True)
class _Found:
    """Speakers of the further languages and what everybody is promised with them."""

    speakers: tuple[int, ...]
    levels: tuple[float, ...]
    first: float


@dataclass(frozen=True)
class _Choice:
    """Which languages are spoken and which interpreted: the callers of the latter join those of the first language."""

    first: float
    further: Mapping[str, float]
    interpreted: tuple[str, ...]
    aim: _Aim

    @cached_property
    def pooled(self) -> int:
        """Fewest advocates if everybody spoke everything."""
        return self.aim.alone(self.first + sum(self.further.values()))

    @cached_property
    def alone(self) -> tuple[int, ...]:
        """Fewest speakers of each further language if they did nothing else."""
        return tuple(self.aim.alone(rate) for rate in self.further.values())

    def with_people(self, advocates: int, versatile: int) -> _Found | None:
        """Return the fewest speakers with whom ``advocates`` keep the promise, None where nobody finds them.

        A language that fails needs one speaker more whatever the others have, so the first answer is the smallest.
        """
        if advocates < self.pooled:
            return None
        speakers = self.alone
        while sum(speakers) <= versatile:
            first, further = _shared(advocates, self.first, speakers, tuple(self.further.values()), self.aim)
            short = [not self.aim.kept(level) for level in further]
            if not any(short):
                return _Found(speakers, further, first) if self.aim.kept(first) else None
            speakers = tuple(n + more for n, more in zip(speakers, short, strict=True))
        return None


def _fewest_on_shift(
    names: tuple[str, ...],
    rates: tuple[float, ...],
    aim: _Aim,
    minimum: int,
    versatile: float,
    interpreters: tuple[float, float] | None,
) -> tuple[int, _Choice, _Found]:
    further = sorted((rate, name) for rate, name in zip(rates[1:], names[1:], strict=True) if rate > 0)
    first = rates[0] if rates else 0.0
    choices = [
        _choice(first, further, gone, aim, interpreters) for gone in range(len(further) + 1 if interpreters else 1)
    ]
    if choices[-1].further and versatile <= 0:
        raise NoPlanError(_NOBODY.format(names=", ".join(choices[-1].further)))
    for advocates in range(minimum, MOST_ADVOCATES + 1):
        for choice in choices:
            found = choice.with_people(advocates, int(versatile * advocates + 1e-9))
            if found is not None:
                return advocates, choice, found
    raise NoPlanError(
        f"More than {MOST_ADVOCATES} advocates would be needed to answer {', '.join(names)} as promised. "
        "Check the volumes, the handle time and the share of advocates with a further language."
    )


def _choice(
    first: float, further: list[tuple[float, str]], gone: int, aim: _Aim, interpreters: tuple[float, float] | None
) -> _Choice:
    """Return the choice in which the ``gone`` rarest languages are interpreted; all callers share one mean time."""
    interpreted = sum(rate for rate, _ in further[:gone])
    everybody = first + sum(rate for rate, _ in further)
    factor, connect_s = interpreters or (1.0, 0.0)
    extra = interpreted / everybody * ((factor - 1) * aim.handle_s + connect_s) if everybody else 0.0
    spoken = {name: rate for rate, name in sorted(further[gone:], key=lambda pair: pair[1])}
    names = tuple(name for _, name in further[:gone])
    return _Choice(first + interpreted, spoken, names, replace(aim, handle_s=aim.handle_s + extra))


@lru_cache(maxsize=4096)
def _shared(
    advocates: int, first: float, speakers: tuple[int, ...], further: tuple[float, ...], aim: _Aim
) -> tuple[float, tuple[float, ...]]:
    """Return the share answered in time of the first language and of each further one.

    With many languages each is judged with the others put together as one, whose speakers answer more of them and so
    have less time for the rest: this errs to the careful side.
    """
    groups, rates = _line(advocates, speakers), (first, *further)
    if len(further) < 3 or (len(further) == 3 and states(groups, rates, aim.patience_s) <= _LARGE):
        level = tuple(float(x) for x in aim.levels(groups, rates))
        return level[0], level[1:]
    each = [
        aim.levels(_line(advocates, (n, sum(speakers) - n)), (first, rate, sum(further) - rate))
        for n, rate in zip(speakers, further, strict=True)
    ]
    return min(float(level[0]) for level in each), tuple(float(level[1]) for level in each)


def _line(advocates: int, speakers: tuple[int, ...]) -> Groups:
    """Return the groups when everybody speaks the first language and some one more each."""
    more = [(1 | 2 << k, count) for k, count in enumerate(speakers)]
    return ((1, advocates - sum(speakers)), *more)


@dataclass(frozen=True)
class Mix:
    """Advocates by the languages they speak.

    Parameters
    ----------
    counts
        Advocates by set of languages; sets with nobody are left out.
    promise
        By language, the share of callers answered in time; at least what was asked for.
    """

    counts: Mapping[frozenset[str], int]
    promise: Mapping[str, float]

    @property
    def advocates(self) -> int:
        """Everybody on shift."""
        return sum(self.counts.values())


def fewest(
    per_hour_by_language: Mapping[str, float],
    handle_s: float,
    patience_s: float,
    within_s: float,
    share: float,
    *,
    most: int = 12,
    allowed: Collection[frozenset[str]] | None = None,
    cost: Callable[[frozenset[str]], float] = len,
) -> Mix:
    """Return the fewest advocates, and the languages each speaks, who answer every language's callers as promised.

    Among mixes with equally few advocates one with the lowest ``cost`` is taken.
    Each mix is first judged roughly, all languages but one put together; those that clearly fail are left out, the
    others are put before the whole queue, the cheapest first (checked against all mixes: tests/benchmarks/skills.py).

    Parameters
    ----------
    per_hour_by_language
        Callers an hour; languages without callers are left out of the mix.
    handle_s, patience_s, within_s, share
        Means (exponential) and the promise: ``share`` of every language's callers answered within ``within_s``.
    most
        Advocates to try at most.
    allowed
        The sets of languages people can be hired with; every set when None.
    cost
        Of one advocate with these languages; the number of languages unless given.

    Raises
    ------
    NoPlanError
        When ``most`` advocates cannot keep the promise, or there are too many mixes to look at.
    """
    names = tuple(name for name, rate in per_hour_by_language.items() if rate > 0)
    rates = tuple(float(per_hour_by_language[name]) for name in names)
    aim = _Aim(handle_s, patience_s, within_s, share)
    masks = _masks(names, allowed)
    if reduce(or_, masks, 0) != 2 ** len(names) - 1:
        raise NoPlanError(f"Nobody who can be hired speaks one of {', '.join(names)}. Allow a set with each language.")
    prices = np.array([cost(_set(names, mask)) for mask in masks])
    for advocates in range(aim.alone(sum(rates)), most + 1):
        for counts in _candidates(advocates, masks, rates, prices, aim):
            groups = tuple((mask, int(n)) for mask, n in zip(masks, counts, strict=True) if n)
            level = aim.levels(groups, rates)
            if all(aim.kept(float(x)) for x in level):
                promise = dict.fromkeys(per_hour_by_language, 1.0) | dict(zip(names, map(float, level), strict=True))
                return Mix({_set(names, mask): n for mask, n in groups}, promise)
    raise NoPlanError(
        f"{most} advocates cannot answer {', '.join(names)} as promised. "
        "Allow more advocates, people with more languages, or a lower promise."
    )


def _masks(names: tuple[str, ...], allowed: Collection[frozenset[str]] | None) -> list[int]:
    """Return the sets people can be hired with as bits, fewest languages first."""
    every = range(1, 2 ** len(names))
    masks = every if allowed is None else {sum(1 << k for k, n in enumerate(names) if n in one) for one in allowed}
    return sorted(filter(None, masks), key=lambda mask: (mask.bit_count(), mask))


def _set(names: tuple[str, ...], mask: int) -> frozenset[str]:
    return frozenset(name for k, name in enumerate(names) if mask >> k & 1)


def _candidates(
    advocates: int, masks: list[int], rates: tuple[float, ...], prices: Floats, aim: _Aim
) -> Iterator[Ints]:
    """Yield the mixes of so many people that may keep the promise: the cheapest first, then the safest first."""
    mixes = _mixes(advocates, len(masks))
    hope = np.ones(len(mixes))
    for part in range(1, 2 ** (len(rates) - 1)):
        hope = np.minimum(hope, _hope(mixes, part, masks, rates, aim))
    prices_of = np.round(mixes @ prices, 9)
    order = np.lexsort((np.arange(len(mixes)), -np.round(hope, 9), prices_of))
    yield from mixes[order[hope[order] >= aim.share - _SLACK * (1 - aim.share)]]


def _mixes(advocates: int, kinds: int) -> Ints:
    """Return all ways to make up so many people of so many kinds."""
    if comb(advocates + kinds - 1, kinds - 1) > _MOST_MIXES:
        raise NoPlanError(
            f"{advocates} advocates of {kinds} kinds make too many mixes to look at. "
            "Name the sets of languages that can be hired (allowed), or lower the most advocates to try."
        )
    if kinds == 1:
        return np.array([[advocates]])
    bars = np.array([*combinations(range(advocates + kinds - 1), kinds - 1)], dtype=np.int64).reshape(-1, kinds - 1)
    ends = np.hstack([np.full((len(bars), 1), -1), bars, np.full((len(bars), 1), advocates + kinds - 1)])
    return np.asarray(np.diff(ends, axis=1) - 1)


def _hope(mixes: Ints, part: int, masks: list[int], rates: tuple[float, ...], aim: _Aim) -> Floats:
    """Return for each mix the lower level of two: the languages in ``part`` put together, and the others."""
    others = 2 ** len(rates) - 1 - part
    both = [1 if not mask & others else 2 if not mask & part else 3 for mask in masks]
    people = np.stack([mixes[:, [kind == k for kind in both]].sum(axis=1) for k in (1, 2, 3)], axis=1)
    two = tuple(sum(rate for k, rate in enumerate(rates) if side >> k & 1) for side in (part, others))
    distinct, back = np.unique(people, axis=0, return_inverse=True)
    level = [aim.levels(tuple((k + 1, int(n)) for k, n in enumerate(row)), two).min() for row in distinct]
    return np.asarray(level)[back.ravel()]
