"""What an answer to a roster problem costs and which hard rules it breaks, rule by rule, the plain way.

Written apart from both engines, slow and easy to read: it judges them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from math import ceil

from .problem import FREE, OFF, Cover, Ints, Person, Problem

Broken = tuple[str, str, int]


@dataclass(frozen=True)
class Measured:
    """Price of an answer, its parts by rule, and each hard rule broken: rule, person (empty for cover), day."""

    price: int
    by_rule: Mapping[str, int]
    broken: tuple[Broken, ...]

    @property
    def keeps_the_rules(self) -> bool:
        """Whether no hard rule is broken."""
        return not self.broken


def measure(problem: Problem, given: Ints) -> Measured:
    """Return what ``given`` (people, days: kinds or OFF) costs and breaks."""
    judge = _Judge(problem)
    for p, person in enumerate(problem.people):
        judge.person(person, [int(kind) for kind in given[p]])
    for cover in problem.covers:
        judge.cover(cover, given)
    by_rule = {rule: price for rule, price in sorted(judge.prices.items()) if price}
    return Measured(sum(by_rule.values()), by_rule, tuple(judge.broken))


def runs(duties: list[bool]) -> Iterator[tuple[bool, int, int]]:
    """Yield each run of equal values: the value, its first place and its length."""
    for value, places in groupby(range(len(duties)), key=lambda n: duties[n]):
        first, *others = places
        yield value, first, 1 + len(others)


class _Judge:
    def __init__(self, problem: Problem):
        self.problem = problem
        self.prices: Counter[str] = Counter()
        self.broken: list[Broken] = []

    def person(self, person: Person, duties: list[int]) -> None:
        """Judge one person's days."""
        if not duties:
            self.prices["request"] += person.base
            return
        self._single_days(person, duties)
        self._followers(person, duties)
        self._runs(person, [kind != OFF for kind in duties])
        self._nights(person, duties)
        self._tallies(person, duties)
        self._blocks(person, duties)

    def _break(self, rule: str, person: Person, day: int) -> None:
        self.broken.append((rule, person.code, day))

    def _single_days(self, person: Person, duties: list[int]) -> None:
        self.prices["request"] += person.base
        for day, kind in enumerate(duties):
            if kind != OFF:
                self.prices["request"] += int(person.price[day, kind])
                if not person.may[day, kind]:
                    self._break("may", person, day)
            if person.must[day] not in (FREE, kind):
                self._break("must", person, day)

    def _followers(self, person: Person, duties: list[int]) -> None:
        """Judge what comes after what: the next day, or with one free day between; the day before day 0 included."""
        since = person.before.days_off
        before = {-1 - since: person.before.kind} if person.before.kind != OFF else {}
        held = before | {day: kind for day, kind in enumerate(duties) if kind != OFF}
        for day, kind in held.items():
            for gap, rule in ((0, "daily_rest_hours"), (1, "weekly_rest_hours")):
                after = day + 1 + gap
                if after < 0 or after not in held or (gap and day + 1 in held):
                    continue
                if person.forbidden[gap, kind, held[after]]:
                    self._break(rule, person, after)
                self.prices["forward_rotation"] += int(person.follow_price[gap, kind, held[after]])

    def _runs(self, person: Person, works: list[bool]) -> None:
        """Judge runs of work and of free days. Only runs with both ends inside the days can be too short."""
        for work, first, length in runs(works):
            before = person.before.days_in_row if work and first == 0 else 0
            if work and before + length > person.most_in_row:
                self._break("consecutive_days_limit", person, first + person.most_in_row - before)
            if first == 0 or first + length == len(works):
                continue
            if length < (person.least_in_row if work else person.least_off_in_row):
                self._break("least_in_row" if work else "least_off_in_row", person, first)
            if length == 1:
                self.prices["lone_day" if work else "lone_off"] += person.lone_day if work else person.lone_off

    def _nights(self, person: Person, duties: list[int]) -> None:
        kinds, before = self.problem.kinds, person.before
        nights = [kind != OFF and kinds[kind].night for kind in duties]
        for night, first, length in runs(nights):
            already = before.nights_in_row if first == 0 else 0
            if night and already + length > person.most_nights:
                self._break("consecutive_nights_limit", person, first + max(0, person.most_nights - already))
        ends = [first + length - 1 for night, first, length in runs(nights) if night]
        if before.kind != OFF and kinds[before.kind].night and (before.days_off or not nights[0]):
            ends.append(-1 - before.days_off)
        for end in ends:
            for day in range(max(0, end + 1), min(len(duties), end + 1 + person.off_after_nights)):
                if duties[day] != OFF:
                    self._break("days_off_after_nights", person, day)

    def _tallies(self, person: Person, duties: list[int]) -> None:
        for tally in person.tallies:
            total = sum(int(tally.weights[day, kind]) for day, kind in enumerate(duties) if kind != OFF)
            for outside, price in ((tally.least - total, tally.below), (total - tally.most, tally.above)):
                if outside > 0 and price is None:
                    self._break(tally.rule, person, 0)
                elif outside > 0 and price is not None:
                    self.prices[tally.rule] += price * ceil(outside / tally.step)

    def _blocks(self, person: Person, duties: list[int]) -> None:
        for blocks in person.blocks:
            worked = sum(any(duties[day] != OFF for day in group) for group in blocks.groups)
            if worked > blocks.most and blocks.above is None:
                self._break(blocks.rule, person, blocks.groups[-1][0])
            elif worked > blocks.most and blocks.above is not None:
                self.prices[blocks.rule] += blocks.above * (worked - blocks.most)

    def cover(self, cover: Cover, given: Ints) -> None:
        """Judge the people on one day's shifts."""
        counted = range(len(given)) if cover.people is None else cover.people
        there = sum(int(given[p, cover.day]) in cover.kinds for p in counted)
        self.prices[cover.rule] += sum(cover.short[: max(0, cover.need - there)])
        if there > cover.need:
            if cover.extra is None:
                self.broken.append((cover.rule, "", cover.day))
            else:
                self.prices[cover.rule] += cover.extra * (there - cover.need)
