"""What the content check works on: the limits of lint.yaml, all content read together, and the problems it yields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pydantic import Field

from ..library import Content, Figure, Measured, Source
from .activities import Activity
from .findings import Advice, Recommendation
from .instrument import STAGES, TOP_LEVEL, Instrument, in_stage


class FiguresFile(Content):
    """parameters/*.yaml, as far as the check reads it."""

    parameters: dict[str, Figure]
    measured: dict[str, Measured] = {}


class SourcesFile(Content):
    """sources.yaml, as far as the check reads it."""

    sources: dict[str, Source]


class Topic(Content):
    """Something the assessment must ask about; ``merged_into`` names the item that asks it when none has its id."""

    title: str
    merged_into: str | None = None


class TopicsFile(Content):
    """topics.yaml."""

    source: str
    topics: dict[str, Topic]


class Limit(Content):
    """A limit with its reason: at most, or at least."""

    most: float = float("inf")
    least: float = 0
    reason: str = Field(min_length=10)


class WordingLimits(Content):
    """How long and how plain texts are."""

    ask_words: Limit
    title_words: Limit
    activity_title_words: Limit
    sentence_words: Limit
    level_characters: Limit
    long_word_letters: Limit
    long_word_share: Limit
    level_words: Limit


class PlanLimits(Content):
    """What an activity may ask of one role and may cost, and how many ways to help a recommendation names."""

    effort_days_a_week: Limit
    consultant_day_usd: Limit
    cost_usd: Limit
    cost_spread: Limit
    delivery_modes_each: Limit


class Justified(Content):
    """An order of two activities about one item that is right although the levels look wrong."""

    activity: str
    after: str
    item: str
    reason: str


class LintFile(Content):
    """lint.yaml."""

    wording: WordingLimits
    plan: PlanLimits
    unfinished: list[str]
    same_unit: dict[str, str]
    justified: list[Justified]


@dataclass(frozen=True, order=True)
class Problem:
    """Something wrong: file, line (0 when it concerns the whole file), and a sentence that says what to do."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        """Return it as one line."""
        place = ", ".join(p for p in (self.file, f"line {self.line}" if self.line else "") if p)
        return f"{place}: {self.text}" if place else self.text


@dataclass(frozen=True)
class Subject:
    """All content under check."""

    root: Path
    instrument: Instrument
    advice: Advice
    figures: Mapping[str, Figure]
    measured: Mapping[str, Measured]
    sources: frozenset[str]
    topics: Mapping[str, Topic]
    limits: LintFile
    options: frozenset[str]
    modes: tuple[str, ...]
    pages: frozenset[str]
    places: Mapping[str, tuple[str, int]]

    def problem(self, ident: str, text: str) -> Problem:
        """Return a problem at the place where ``ident`` stands."""
        return Problem(*self.places.get(ident, ("", 0)), f"{ident}: {text}")

    def holder(self, topic: str) -> str | None:
        """Return the item that asks about a topic, if any."""
        items = self.instrument.items
        return topic if topic in items else next((i.id for i in items.values() if topic in i.covers), None)

    @cached_property
    def before(self) -> Mapping[str, frozenset[str]]:
        """Every activity that ends before another begins, by links and by what a gate review waits for."""
        direct = {a.id: {x.id for x in a.after} for a in self.advice.activities.values()}
        for kind, review in self.instrument.gates_file.reviewed_by.items():
            asked = {item for g in self.instrument.gates if g.kind == kind for item in g.items}
            closers = {a.id for a in self.advice.activities.values() if asked & {m.item for m in a.moves}}
            direct[review] |= {c for c in closers if review not in _reach(c, direct)}
        return {ident: frozenset(_reach(ident, direct)) for ident in direct}

    @cached_property
    def dead_ends(self) -> list[tuple[str, int, str]]:
        """Item, level and stage where no activity of that stage carries the item one level up."""
        carriers: dict[str, list[tuple[str, int, int]]] = {}
        for activity in self.advice.activities.values():
            for move in activity.moves:
                carriers.setdefault(move.item, []).append((activity.stage, move.from_, move.to))
        return [
            (item.id, level, stage)
            for item in self.instrument.items.values()
            for level in range(TOP_LEVEL)
            for stage in STAGES
            if in_stage(item.stage, stage)
            and not any(low <= level < high and in_stage(own, stage) for own, low, high in carriers.get(item.id, []))
        ]

    @property
    def advised(self) -> list[Recommendation | Activity]:
        """Everything that may name a playbook."""
        return [*self.advice.recommendations.values(), *self.advice.activities.values()]


def _reach(ident: str, direct: Mapping[str, set[str]]) -> set[str]:
    found: set[str] = set()
    wave = {ident}
    while wave:
        wave = {b for w in wave for b in direct.get(w, ())} - found
        found |= wave
    return found


def plain(text: str) -> str:
    """Return a text's words alone, to see whether two texts are the same.

    >>> plain("Nobody  knows. ")
    'nobody knows'
    """
    return " ".join(re.findall(r"\w+", text.lower()))
