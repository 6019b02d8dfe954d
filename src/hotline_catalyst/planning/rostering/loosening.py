"""What could be asked of people so that a roster holds: each way out as the question it would make."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..calendar import Limit
from ..staffing_words import language_name
from .prices import RosterFile, Way
from .records import Advocate, Question
from .shortfalls import Shortfall
from .words import say

SECTION = "explain"
LANGUAGE = "language "
NEVER_ALONE = 2
NEW = "new"
FEW_PEOPLE = 5


@dataclass(frozen=True)
class Loosening:
    """One thing to try.

    Parameters
    ----------
    kind
        As in assessment/roster.yaml, ``ways_out``.
    cost
        In paid hours a week, about: what it asks for beside the others.
    question
        The question it would make.
    without
        A rule that some people would be asked to give up, each for themselves; the cost is for each of them.
    name, figures
        Sentence of roster_words.yaml that says it, and its figures.
    """

    kind: str
    cost: float
    question: Question
    name: str
    figures: dict[str, Any] = field(default_factory=dict)
    without: str = ""

    def text(self, **more: Any) -> str:
        """Return what would be done."""
        return say(SECTION, self.name, **(self.figures | more))


@dataclass(frozen=True)
class Loosenings:
    """Finds what to try for a conflict: growing amounts of each kind, one kind after the other.

    Parameters
    ----------
    ids
        Rules of the conflict.
    able
        Codes of the people who could fill what the conflict asks for.
    short
        The least shortfall as things stand.
    """

    question: Question
    prices: RosterFile
    ids: tuple[str, ...]
    able: tuple[str, ...]
    short: Shortfall

    def __iter__(self) -> Iterator[list[Loosening]]:
        kinds: dict[str, Callable[[str, Way], Iterator[list[Loosening]]]] = {
            "interpreter_at_night": self._interpreter_at_night,
            "interpreter": self._interpreter,
            "leave": self._agreed,
            "unavailable": self._agreed,
            "nights": self._agreed,
            "own_limit": self._own_limits,
            "good_practice": self._good_practice,
            "hours": self._hours,
            "one_more": self._one_more,
            "less_cover": self._less_cover,
        }
        for kind, way in self.prices.ways_out.items():
            yield from kinds[kind](kind, way)

    @property
    def languages(self) -> list[str]:
        """Languages the conflict is about."""
        return [rule.removeprefix(LANGUAGE) for rule in self.ids if rule.startswith(LANGUAGE)]

    def _only(self, kind: str, cost: float, question: Question, name: str, **figures: object) -> list[Loosening]:
        return [Loosening(kind, cost, question, name, figures)]

    def _speakers(self, language: str, at_night: bool) -> Question:
        night = np.array([s.night for s in self.question.shifts], dtype=bool)
        gone = night if at_night else np.ones_like(night)
        fewer = np.where(gone, 0, self.question.speakers[language])
        return replace(self.question, speakers={**self.question.speakers, language: fewer})

    def _interpreter_at_night(self, kind: str, way: Way) -> Iterator[list[Loosening]]:
        for language in self.languages:
            if any(s.night for s in self.question.shifts):
                asked = self._speakers(language, at_night=True)
                yield self._only(kind, way.weight, asked, "way_interpreter_night", language=language_name(language))

    def _interpreter(self, kind: str, way: Way) -> Iterator[list[Loosening]]:
        for language in self.languages:
            asked = self._speakers(language, at_night=False)
            yield self._only(kind, way.weight, asked, "way_interpreter", language=language_name(language))

    def _agreed(self, kind: str, way: Way) -> Iterator[list[Loosening]]:
        """Ask some people to move a leave, to work nights, or to free hours they cannot give."""
        if kind in self.ids:
            yield [Loosening(kind, way.weight, self.question, f"way_{kind}", without=kind)]

    def _own_limits(self, kind: str, way: Way) -> Iterator[list[Loosening]]:
        """Ask growing numbers of people to give up a limit of their own, the strictest first."""
        for rule in self.ids:
            own = [p for p in self.people if rule in p.limits]
            limit = self.question.limits.get(rule)
            if not own or limit is None:
                continue
            own.sort(key=lambda p: p.limits[rule], reverse=limit.better == "more")
            yield [
                Loosening(
                    *(kind, way.weight * many, self._without_own(rule, {p.code for p in own[:many]})),
                    "way_own_limit",
                    {"rule": limit.title, "people": people_said(own[:many])},
                )
                for many in sorted({min(step, len(own)) for step in way.steps})
            ]

    def _without_own(self, rule: str, codes: set[str]) -> Question:
        people = (
            replace(p, limits={r: v for r, v in p.limits.items() if r != rule}) if p.code in codes else p
            for p in self.people
        )
        return replace(self.question, people=tuple(people))

    def _good_practice(self, kind: str, way: Way) -> Iterator[list[Loosening]]:
        """Go a step beyond a limit that is good practice and not law, as far as the law goes."""
        for rule in self.ids:
            limit = self.question.limits.get(rule)
            if limit is not None and (value := _a_step_on(limit, way)) is not None:
                relaxed = limit.model_copy(update={"value": value})
                asked = replace(self.question, limits={**self.question.limits, rule: relaxed})
                yield self._only(
                    *(kind, way.weight, asked, "way_waiver" if limit.waivable else "way_good_practice"),
                    rule=limit.title,
                    value=f"{value:g}",
                    now=f"{limit.value:g}",
                    unit=limit.unit,
                )

    def _needed_hours(self) -> float:
        """Return hours a week that have to be found at least, time off the queue included."""
        shifts = self.question.shifts
        longest = max((s.paid for s in shifts), default=0) / 60
        paid = sum(s.paid for s in shifts) / max(1, sum(s.cover for s in shifts))
        silent = self.short.silent * longest if "cover" not in self.ids else 0.0
        share = max(0.1, 1 - self.question.off_queue_share)
        return max(self.short.hours * paid, silent) / self.question.weeks / share

    def _enough(self, steps: list[int], each: float) -> list[int]:
        """Return the steps that could be enough, the last one where none could; none is left out unproved."""
        least = self._needed_hours() if self.short.proved else 0.0
        return [step for step in steps if step * each >= least - 1e-6] or steps[-1:]

    def _hours(self, kind: str, way: Way) -> Iterator[list[Loosening]]:
        if able := self.able:
            yield [
                Loosening(
                    *(kind, way.weight * more * len(able)),
                    replace(
                        self.question, people=tuple(_longer(p, more if p.code in able else 0) for p in self.people)
                    ),
                    "way_hours",
                    {"hours": more, "people": people_said([p for p in self.people if p.code in able])},
                )
                for more in self._enough(way.steps, len(able))
            ]

    @property
    def people(self) -> tuple[Advocate, ...]:
        """The question's people."""
        return self.question.people

    def _one_more(self, kind: str, way: Way) -> Iterator[list[Loosening]]:
        if not self.people:
            usual, spoken = 40.0, set(self.languages)
        else:
            usual = Counter(p.hours_per_week for p in self.people).most_common(1)[0][0]
            spoken = set.intersection(*(set(p.languages) for p in self.people)) | set(self.languages)
        names = "/".join(language_name(x) for x in self.languages)
        yield [
            Loosening(
                *(kind, way.weight * more),
                replace(
                    self.question,
                    people=(
                        *self.people,
                        *(Advocate(f"{NEW} {n + 1}", usual, tuple(sorted(spoken))) for n in range(more)),
                    ),
                ),
                ("way_one_more" if more == 1 else "way_more") + ("_language" if names else ""),
                {"count": more, "hours": f"{usual:g}", "language": names},
            )
            for more in self._enough(way.steps, usual)
        ]

    def _less_cover(self, kind: str, way: Way) -> Iterator[list[Loosening]]:
        """Ask for fewer where places stay empty anyhow, but never for one alone."""
        there = np.array(
            [[(self.short.given[:, d] == k).sum() for k in range(len(self.question.shifts))]
             for d in range(len(self.question.days))]
        )  # fmt: skip
        floor = np.minimum(self.question.needed, NEVER_ALONE)
        needed = np.maximum(floor, np.minimum(there, self.question.needed))
        fewer = int((self.question.needed - needed).sum())
        if fewer:
            asked = replace(self.question, needed=needed)
            shifts = int((needed < self.question.needed).sum())
            yield self._only(kind, way.weight * fewer, asked, "way_less_cover", count=fewer, shifts=shifts)


def people_said(people: Sequence[Advocate]) -> str:
    """Return a few people by code, many by number."""
    if len(people) > FEW_PEOPLE:
        return say(SECTION, "people_many", count=len(people))
    return ", ".join(p.code for p in people)


def _longer(person: Advocate, more: float) -> Advocate:
    return replace(person, hours_per_week=person.hours_per_week + more) if more else person


def _a_step_on(limit: Limit, way: Way) -> float | None:
    """Return the next value beyond a limit; None where the law, or the list of what may be asked, stops it."""
    if limit.id not in way.rules or not limit.hard:
        return None
    value = limit.value + (-1 if limit.better == "more" else 1) * way.rules[limit.id]
    if limit.law_value is not None:
        return value if not _beyond(value, limit.law_value, limit.better) else None
    return value if limit.waivable or limit.source.startswith(tuple(way.sources)) else None


def _beyond(value: float, law: float, better: str) -> bool:
    return value < law if better == "more" else value > law
