"""When full cover cannot be had: the fewest rules and places that already cannot hold together.

Counting comes first: how much each person can do at most on some days, against what those days ask for. Where
counting names nothing, search does. Either way the set is then thinned by QuickXplain until each of its members is
needed: without any one of them the rest can hold.

References
----------
Junker (2004), QuickXplain: preferred explanations and relaxations for over-constrained problems, AAAI.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ..irreducible import irreducible
from .counting import counted
from .hard_rules import HardRules
from .places import Places, asked_places, split
from .problem import Problem

Compile = Callable[[frozenset[str]], Problem]
Group = Places | str  # places to be filled, or the id of a rule
# For one question, and for all questions of one roster together, in the solver's deterministic measure.
WORK, ALL_WORK = 1.0, 4.0
USUAL_SIZE = 16 * 28 * 3


@dataclass(frozen=True)
class Conflict:
    """Rules, by id, that cannot hold while these places are filled.

    ``certain`` is false when a question stayed undecided: the set still cannot hold, but perhaps fewer cannot either.
    """

    rules: tuple[str, ...]
    places: tuple[Places, ...]
    certain: bool = True

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of the rules, those that ask for places first."""
        return (*dict.fromkeys(p.rule for p in self.places), *self.rules)


@dataclass(frozen=True)
class Finding:
    """Whether every place can be filled under every hard rule; with the conflict where it cannot."""

    status: Literal["holds", "conflict", "undecided"]
    conflict: Conflict | None = None


def size_of(problem: Problem) -> float:
    """Return how much larger a problem is than sixteen people over four weeks with three kinds of shift, at least 1."""
    return max(1.0, len(problem.people) * problem.days * len(problem.kinds) / USUAL_SIZE)


class Asking:
    """Asks whether groups hold together; never what an earlier answer already says.

    Parameters
    ----------
    compile_
        Gives the problem without some rules.
    rules
        Ids of the rules that can be switched off.
    work, all_work
        Limits of one question and of all, for sixteen people over four weeks; larger problems have more.
    """

    def __init__(self, compile_: Compile, rules: Sequence[str], work: float = WORK, all_work: float = ALL_WORK):
        self._compile, self.rules = compile_, tuple(dict.fromkeys(rules))
        self._problems: dict[frozenset[str], Problem] = {}
        size = size_of(self.problem(self.rules))
        self.asked, self.work, self.left = 0, work * size, all_work * size
        self._yes: list[frozenset[Group]] = []
        self._no: list[frozenset[Group]] = []

    def problem(self, rules: Iterable[str]) -> Problem:
        """Return the problem under these rules only."""
        without = frozenset(self.rules) - frozenset(rules)
        if without not in self._problems:
            self._problems[without] = self._compile(without)
        return self._problems[without]

    def hold(self, groups: Iterable[Group]) -> bool | None:
        """Return whether these rules hold while these places are filled; None when undecided."""
        chosen = frozenset(groups)
        if any(chosen <= known for known in self._yes):
            return True
        if any(known <= chosen for known in self._no):
            return False
        answer = self._ask(chosen)
        if answer is not None:
            (self._yes if answer else self._no).append(chosen)
        return answer

    def _ask(self, chosen: frozenset[Group]) -> bool | None:
        if self.left <= 0:
            return None
        self.asked += 1
        problem = self.problem(g for g in chosen if isinstance(g, str))
        places = [g for g in chosen if isinstance(g, Places)]
        hard = HardRules(problem)
        hard.fill(c for c in problem.covers if any(place.has(problem, c) for place in places))
        solver, status = hard.run(min(self.work, self.left))
        self.left -= solver.response_proto.deterministic_time
        if status in (hard.cp.OPTIMAL, hard.cp.FEASIBLE):
            return True
        return False if status == hard.cp.INFEASIBLE else None


def find_conflict(asking: Asking) -> Finding:
    """Return whether full cover can be had, and if not a set that cannot hold, of which every member is needed."""
    problem = asking.problem(asking.rules)
    for groups in counted(problem, asking.rules):
        if asking.hold(groups) is False:
            return Finding("conflict", _thinned(asking, groups))
    everything: list[Group] = [*asked_places(problem), *asking.rules]
    answer = asking.hold(everything)
    if answer is not False:
        return Finding("holds" if answer else "undecided")
    return Finding("conflict", _thinned(asking, everything))


def _thinned(asking: Asking, groups: Sequence[Group]) -> Conflict:
    """Return the fewest of the groups, then the fewest of the days they ask for where those lie in one week."""
    core = irreducible(groups, asking.hold)
    rules = [g for g in core if isinstance(g, str)]
    places = [g for g in core if isinstance(g, Places)]
    if len({d // 7 for p in places for d in p.days}) == 1 and any(len(p.days) > 1 for p in places):
        finest: list[Group] = [*(part for p in places for part in split(p)), *rules]
        finer = irreducible(finest, asking.hold)
        places = [g for g in finer if isinstance(g, Places)]
        rules = [g for g in finer if isinstance(g, str)]
    made = Conflict(tuple(rules), tuple(_joined(places)))
    return replace(made, certain=_needed(asking, made))


def _needed(asking: Asking, found: Conflict) -> bool:
    """Return whether each rule of the set, and each rule that asks for places, is proved to be needed."""
    everything: list[Group] = [*found.places, *found.rules]
    without: Iterator[list[Group]] = (
        [g for g in everything if (g.rule if isinstance(g, Places) else g) != one] for one in found.ids
    )
    return all(asking.hold(rest) is True for rest in without)


def _joined(places: Iterable[Places]) -> list[Places]:
    """Put together what one rule asks for, by night or by day."""
    joined: dict[tuple[str, bool | None], Places] = {}
    for place in places:
        key = (place.rule, place.nights)
        known = joined.get(key)
        joined[key] = place if known is None else replace(place, days=place.days | known.days)
    return list(joined.values())
