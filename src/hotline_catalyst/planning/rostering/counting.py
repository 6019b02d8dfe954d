"""Counting before searching: how much each person can do at most on some days, against what those days ask for.

Each bound names the rule it comes from, so where the bounds together stay below what is asked, places and rules already
cannot hold together. No search is needed, and the figures can be said to people.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from .places import Places, asked_places
from .problem import Cover, Person, Problem

DAYS_IN_ROW, NIGHTS_IN_ROW, OFF_AFTER = "consecutive_days_limit", "consecutive_nights_limit", "days_off_after_nights"
WEEKLY_REST = "weekly_rest_hours"  # a free day in each week is how it is kept
# Rules that keep a person from a duty whatever else is given.
PERSONAL = ("leave", "not_employed", "nights", "unavailable")


@dataclass(frozen=True)
class Most:
    """The most places one person can fill, and the rules this bound comes from."""

    places: int
    rules: tuple[str, ...]


def counted(problem: Problem, rules: Sequence[str]) -> list[list[Places | str]]:
    """Return places with the rules that, counting alone, keep them from being filled.

    Those of which the largest share stays empty come first, then those of fewer days.
    """
    found: list[tuple[float, int, list[Places | str]]] = []
    for places in _scopes(problem):
        covers = places.covers(problem)
        mosts = [most_of(problem, p, covers) for p in counting(problem, covers)]
        asked = sum(c.need for c in covers)
        missing = asked - sum(most.places for most in mosts)
        if missing > 0:
            named = {rule for most in mosts for rule in most.rules}
            share = round(missing / asked, 2)
            found.append((-share, len(places.days), [places, *(rule for rule in rules if rule in named)]))
    return [groups for _, _, groups in sorted(found, key=lambda f: f[:2])]


def _scopes(problem: Problem) -> Iterator[Places]:
    """Yield what is asked for by day, by week and over all weeks: of each rule on all shifts, then on nights only."""
    asked = asked_places(problem)
    by_rule: dict[str, set[int]] = {}
    for group in asked:
        by_rule.setdefault(group.rule, set()).update(group.days)
    wide = [
        Places(rule, frozenset(days), nights)
        for rule, days in by_rule.items()
        for nights in (None, True)
        if nights is None or any(g.rule == rule and g.nights for g in asked)
    ]
    for place in wide:
        yield from (Places(place.rule, frozenset([d]), place.nights) for d in sorted(place.days))
    for place in wide:
        for week in sorted({d // 7 for d in place.days}):
            yield Places(place.rule, frozenset(d for d in place.days if d // 7 == week), place.nights)
    yield from wide


def counting(problem: Problem, covers: Sequence[Cover]) -> list[Person]:
    """Return the people who count for any of the covers."""
    if any(c.people is None for c in covers):
        return list(problem.people)
    return [problem.people[p] for p in sorted({p for c in covers for p in c.people or ()})]


def most_of(problem: Problem, person: Person, covers: Sequence[Cover]) -> Most:
    """Return the most of these places one person can fill under rules that bind the person alone."""
    kinds: dict[int, set[int]] = {}
    for cover in covers:
        kinds.setdefault(cover.day, set()).update(cover.kinds)
    possible = {d: [k for k in sorted(ks) if person.may[d, k]] for d, ks in kinds.items()}
    free = [d for d, ks in possible.items() if ks]
    bounds = [Most(len(free), PERSONAL if any(len(possible[d]) < len(kinds[d]) for d in kinds) else ())]
    bounds += [_of_tally(t.rule, t.weights, t.most, possible) for t in person.tallies if t.above is None]
    bounds += _of_runs(problem, person, sorted(kinds), {k for ks in kinds.values() for k in ks})
    least = min(bound.places for bound in bounds)
    first = next(bound for bound in bounds if bound.places == least)
    # A bound that holds only among the days left over by leave needs the leave too.
    return Most(least, tuple(dict.fromkeys((*first.rules, *bounds[0].rules))))


def _of_tally(rule: str, weights: np.ndarray, most: int, possible: dict[int, list[int]]) -> Most:
    each = np.sort([min(int(weights[d, k]) for k in ks) for d, ks in possible.items() if ks])
    return Most(int((np.cumsum(each) <= most).sum()), (rule,))


def _of_runs(problem: Problem, person: Person, days: list[int], kinds: set[int]) -> Iterator[Most]:
    """Yield what runs allow on days that follow one another."""
    if days != list(range(days[0], days[0] + len(days))):
        return
    length, row = len(days), person.most_in_row
    yield Most(length - length // (row + 1), (DAYS_IN_ROW, WEEKLY_REST))
    if all(problem.kinds[k].night for k in kinds):
        nights, off = person.most_nights, max(1, person.off_after_nights)
        whole, rest = divmod(length, nights + off)
        yield Most(whole * nights + min(rest, nights), (NIGHTS_IN_ROW, OFF_AFTER))
