"""Why a roster falls short, in words: what stays empty, the rules that cannot hold together, and the ways out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from ..staffing_words import language_name
from .compiling import compile_problem, given_of
from .conflicts import Asking, Conflict, find_conflict, size_of
from .counting import PERSONAL, counting
from .dates import days_said
from .hard_rules import HardRules
from .loosening import LANGUAGE, Loosening, Loosenings, people_said
from .places import Places
from .prices import RosterFile
from .problem import Bools, Ints, Problem
from .records import Question, Roster
from .shortfalls import (
    SECTION,
    Shortfall,
    all_filled,
    hours_said,
    least_shortfall,
    shortfall_of,
    shortfalls_said,
    supervisors_said,
)
from .words import say

# Rules beside the working-time files, in the order in which they are named where either of two would do.
FIRST = (*PERSONAL, "contract_hours")
NIGHTS_AND_DAYS = ("consecutive_nights_limit", "days_off_after_nights", "consecutive_days_limit", "daily_rest_hours")
LAST = ("sessions", "past", "fixed")
# In the solver's deterministic measure: the least shortfall as things stand, each way out, and all of them.
BASE_WORK, TRY_WORK, TRIES_WORK = 1.0, 0.5, 4.0


@dataclass(frozen=True)
class WayOut:
    """Something that would help, tried by solving again.

    Parameters
    ----------
    kind, cost
        As in assessment/roster.yaml, ``ways_out``; the cost in about paid hours a week.
    say
        What would be done, and what is left then.
    uncovered_hours, silent_shifts
        What stays at most; ``proved`` when it is also the least.
    """

    kind: str
    cost: float
    say: str
    uncovered_hours: float
    silent_shifts: int
    proved: bool

    @property
    def fixes(self) -> bool:
        """Whether every place is filled then."""
        return self.uncovered_hours == 0 and self.silent_shifts == 0


@dataclass(frozen=True)
class Reasons:
    """Why places stay empty.

    Parameters
    ----------
    shortfalls
        Where and how much, a sentence for each kind of shift and each language.
    conflict
        Ids of rules that cannot hold together: ``cover`` and ``language xx`` stand for the places in ``places``.
    sentence
        The conflict in words.
    ways_out
        Those that help, full ones first, the lightest first.
    gap
        How much of the roster's price is proved to be needed.
    certain
        Whether each rule of the conflict is proved to be needed for it.
    """

    shortfalls: tuple[str, ...]
    conflict: tuple[str, ...]
    sentence: str
    ways_out: tuple[WayOut, ...]
    gap: str
    places: tuple[Places, ...] = ()
    certain: bool = True


def explain(question: Question, roster: Roster, prices: RosterFile) -> Reasons:
    """Return why a roster's line falls short and what would help; only the gap when every place is filled.

    ``question`` is the one asked of the advocates; empty places on supervisors' own shifts are only named.
    """
    gap = gap_said(roster)
    on_line, leads = shortfalls_said(roster), supervisors_said(roster)
    if not on_line:
        return Reasons(leads, (), say(SECTION, "only_supervisors" if leads else "nothing"), (), gap)
    shortfalls = (*on_line, *leads)
    asking = Asking(lambda without: compile_problem(question, prices, without), rules_of(question))
    finding = find_conflict(asking)
    if finding.conflict is None:
        return Reasons(shortfalls, (), say(SECTION, finding.status), (), gap)
    problem, conflict = asking.problem(asking.rules), finding.conflict
    given = given_of(question, problem, roster.assignments)
    short = _least_known(problem, question, given)
    able = able_people(problem, conflict.places)
    ways = ways_out(question, prices, conflict, problem, short)
    sentences = [*_conflict_said(question, asking, conflict, able), *_over_all_said(short)]
    if ways and ways[0].fixes:
        sentences.append(say(SECTION, "cheapest", way=ways[0].say))
    return Reasons(
        shortfalls, conflict.ids, " ".join(sentences), ways, gap, places=conflict.places, certain=conflict.certain
    )


def _least_known(problem: Problem, question: Question, given: Ints) -> Shortfall:
    """Return the least shortfall found: the roster's own where a quick search finds no less."""
    found = least_shortfall(problem, question.shifts, BASE_WORK * size_of(problem), given)
    own = shortfall_of(problem, question.shifts, given)
    return own if own.price < found.price else found


def rules_of(question: Question) -> tuple[str, ...]:
    """Return the ids of all hard rules that can be switched off, those told first that say most to people."""
    hard = [rule for rule, limit in question.limits.items() if limit.hard]
    own = [rule for rule in hard if any(rule in person.limits for person in question.people)]
    told = (*FIRST, *own, *(rule for rule in NIGHTS_AND_DAYS if rule in hard), *hard, *LAST)
    return tuple(dict.fromkeys(told))


def gap_said(roster: Roster) -> str:
    """Return how much of a roster's price is proved to be needed."""
    if roster.status in ("none", "changed"):
        return say(SECTION, f"gap_{roster.status}")
    name = "gap_proved" if roster.status == "proved best" or roster.price <= roster.bound else "gap"
    return say(SECTION, name, bound=roster.bound, price=roster.price)


# The conflict in words.


def _conflict_said(question: Question, asking: Asking, conflict: Conflict, able: tuple[str, ...]) -> list[str]:
    rules = "; ".join(_rule_said(question, rule, conflict.places, able) for rule in conflict.rules)
    if not conflict.places:
        return [say(SECTION, "rules_alone", rules=rules)]
    problem = asking.problem(conflict.rules)
    covers = [c for place in conflict.places for c in place.covers(problem)]
    places, missing = sum(c.need for c in covers), _least_empty(problem, conflict.places)
    days = sorted({c.day for c in covers})
    languages = [p.rule.removeprefix(LANGUAGE) for p in conflict.places if p.rule.startswith(LANGUAGE)]
    text = say(
        SECTION,
        _name(conflict.places, languages) + {0: "_none", 1: "_one"}.get(len(able), ""),
        people=len(able),
        language="/".join(language_name(x) for x in languages),
        most=places - missing,
        places=places,
        missing=missing,
        when=say(SECTION, "on_dates", days=days_said(question.days[d] for d in days)),
    )
    return [text, say(SECTION, "one_way", rules=rules)] if rules else [text]


def _name(places: Sequence[Places], languages: Sequence[str]) -> str:
    if languages:
        return "too_few_speakers" if len(languages) == len(places) else "too_few_mixed"
    return "too_few_nights" if all(p.nights for p in places) else "too_few"


def able_people(problem: Problem, places: Sequence[Places]) -> tuple[str, ...]:
    """Return the codes of the people who can be given any of the places at all."""
    covers = [c for place in places for c in place.covers(problem)]
    counts = counting(problem, covers)
    return tuple(p.code for p in counts if any(p.may[c.day, k] for c in covers for k in c.kinds))


def _least_empty(problem: Problem, places: Sequence[Places]) -> int:
    """Return how many of the places stay empty at least under the conflict's rules."""
    hard = HardRules(problem)
    covers = [c for place in places for c in place.covers(problem)]
    hard.model.minimize(sum(v for c in covers for _, v in hard.short(c)))
    solver, status = hard.run(BASE_WORK)
    bound = round(solver.best_objective_bound) if status in (hard.cp.OPTIMAL, hard.cp.FEASIBLE) else 1
    return max(1, bound)


def _over_all_said(short: Shortfall) -> list[str]:
    if not short.proved or short.nothing:
        return []
    name = "over_all" if not short.silent else "over_all_silent" if not short.hours else "over_all_both"
    return [say(SECTION, name, hours=hours_said(short.hours), silent=short.silent)]


def _rule_said(question: Question, rule: str, places: Sequence[Places], able: tuple[str, ...]) -> str:
    people = question.people
    days = {question.days[d] for place in places for d in place.days}
    if rule in question.limits:
        limit, own = question.limits[rule], [p for p in people if rule in p.limits]
        if own:
            return say(SECTION, "rule_limit_own", title=_inside(limit.title), people=people_said(own))
        return say(SECTION, "rule_limit", title=_inside(limit.title), value=f"{limit.value:g}", unit=limit.unit)
    who = {
        "leave": [p for p in people if p.leave & days],
        "not_employed": [p for p in people if any(not replace(p, leave=frozenset()).may_work(day) for day in days)],
        "nights": [p for p in people if not p.nights],
        "unavailable": [p for p in people if p.unavailable],
    }.get(rule, [])
    hours = sum(p.hours_per_week for p in people if p.code in able)
    return say(SECTION, f"rule_{rule}", people=people_said(who), hours=hours_said(hours))


def _inside(title: str) -> str:
    """Return a title for the middle of a sentence."""
    return title[:1].lower() + title[1:]


# The ways out.


def ways_out(
    question: Question, prices: RosterFile, conflict: Conflict, problem: Problem, short: Shortfall
) -> tuple[WayOut, ...]:
    """Return what helps, tried one after the other: full ways out first, the lightest first."""
    able, trying = able_people(problem, conflict.places), _Trying(prices, problem, short)
    found = [
        way for growing in Loosenings(question, prices, conflict.ids, able, short) if (way := trying.first(growing))
    ]
    return tuple(sorted(found, key=lambda w: (not w.fixes, w.cost, w.uncovered_hours, w.silent_shifts, w.say)))


class _Trying:
    """Solves again as if something were done, within a limit for all that is tried."""

    def __init__(self, prices: RosterFile, before: Problem, short: Shortfall):
        self.prices, self.before, self.short = prices, before, short
        self.work = TRY_WORK * size_of(before)
        self.left = TRIES_WORK * size_of(before)

    def first(self, growing: Sequence[Loosening]) -> WayOut | None:
        """Return the smallest amount that leaves nothing open; else what the largest leaves, if that is less."""
        for one in growing:
            if self.left > 0 and (filled := self._filled(one)) is not None:
                return self._way(one, filled)
        if self.left <= 0 or not growing:
            return None
        one = growing[-1]
        problem, spare = self._problem(one)
        left = least_shortfall(problem, one.question.shifts, self.work, self.short.given, spare)
        self.left -= left.work
        helps = left.price < self.short.price and left.hours + left.silent < self.short.hours + self.short.silent
        return self._way(one, left) if helps else None

    def _filled(self, one: Loosening) -> Shortfall | None:
        problem, spare = self._problem(one)
        filled, work = all_filled(problem, self.work / 2, spare)
        self.left -= work
        return filled

    def _problem(self, one: Loosening) -> tuple[Problem, Bools | None]:
        """Return the problem it would make, and the duties that some would give beyond what they agreed to."""
        if not one.without:
            return compile_problem(one.question, self.prices), None
        problem = compile_problem(one.question, self.prices, frozenset([one.without]))
        both = zip(problem.people, self.before.people, strict=True)
        return problem, np.array([freed.may & ~agreed.may for freed, agreed in both])

    def _way(self, one: Loosening, left: Shortfall) -> WayOut:
        who = [one.question.people[p] for p in left.used]
        way = one.text(people=people_said(who)) if one.without else one.text()
        cost = one.cost * len(who) if one.without else one.cost
        return WayOut(one.kind, cost, _left_said(way, left), left.hours, left.silent, left.proved)


def _left_said(way: str, left: Shortfall) -> str:
    if left.nothing:
        return say(SECTION, "fixes", way=way)
    name = "left_hours" if not left.silent else "left_silent" if not left.hours else "left_both"
    text = say(SECTION, name, hours=hours_said(left.hours), silent=left.silent)
    return say(SECTION, "leaves", way=way, left=text if left.proved else say(SECTION, "left_at_most", left=text))
