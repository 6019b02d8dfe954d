"""From recommendations to the second phase: what is offered, how intensively, what the partner chose and agreed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from ..library import Content, content_root, did_you_mean, read
from .activities import Range
from .findings import Raised
from .instrument import TOP_LEVEL, Instrument
from .readiness import Readiness, domain_level

Decision = Literal["yes", "later", "no", "open"]


class Mode(Content):
    """One way of giving help, with a consultant's days for one recommendation at standard intensity."""

    title: str
    means: str
    days: Range


class Intensity(Content):
    """How much help: from how many missing levels on (``at_least``), and by what the days are multiplied."""

    title: str
    at_least: float
    factor: float
    means: str
    reason: str


class ProgrammeFile(Content):
    """programme.yaml."""

    delivery: dict[str, Mode]
    days_assumption: str
    intensity: dict[str, Intensity]


class Goal(Content):
    """A level the partner agreed to reach in a domain; without one, the stage's target holds."""

    domain: str
    level: int = Field(ge=1, le=TOP_LEVEL)
    by: date | None = None
    agreed_with: str
    agreed_on: date


class Choice(Content):
    """What the partner decided about one recommendation, and how it wants the help."""

    recommendation: str
    choice: Literal["yes", "later", "no"]
    delivery: list[str] = []
    reason: str = ""
    decided_on: date | None = None

    @model_validator(mode="after")
    def _why_not(self) -> Choice:
        if self.choice == "no" and not self.reason:
            raise ValueError(f"{self.recommendation}: a 'no' needs its reason, so that nobody asks again")
        return self


@dataclass(frozen=True)
class Offer:
    """One recommendation as an offer: modes, intensity, a consultant's days, the partner's choice, and when.

    ``missing_levels`` is the mean over its items of how far the expected level lies below the target.
    ``start`` and ``end`` frame its activities in the roadmap; None where the roadmap holds none.
    """

    recommendation: str
    offering: str
    delivery: tuple[str, ...]
    intensity: str
    missing_levels: float
    days_low: float
    days_likely: float
    days_high: float
    choice: Decision
    reason: str
    start: date | None = None
    end: date | None = None


@dataclass(frozen=True)
class GoalState:
    """An agreed goal and how likely it is reached already."""

    domain: str
    level: int
    by: date | None
    agreed_with: str
    agreed_on: date
    reached: float


def load_programme(root: Path | None = None) -> ProgrammeFile:
    """Read programme.yaml."""
    return read((root or content_root()) / "assessment" / "programme.yaml", ProgrammeFile)


def wrong_choices(
    programme: ProgrammeFile,
    instrument: Instrument,
    recommendations: Sequence[str],
    goals: Sequence[Goal],
    choices: Sequence[Choice],
) -> Iterator[str]:
    """Yield what is wrong with the goals and choices of an engagement."""
    domains, modes = [d.id for d in instrument.domains], list(programme.delivery)
    for goal in goals:
        if goal.domain not in domains:
            yield f"goals: '{goal.domain}' is not a domain{did_you_mean(goal.domain, domains)}"
    for choice in choices:
        if choice.recommendation not in recommendations:
            near = did_you_mean(choice.recommendation, list(recommendations))
            yield f"programme: '{choice.recommendation}' is not a recommendation{near}"
        for mode in choice.delivery:
            if mode not in modes:
                yield f"programme: {choice.recommendation}: '{mode}' is not a delivery mode{did_you_mean(mode, modes)}"
    for kind, ids in (("goals", [g.domain for g in goals]), ("programme", [c.recommendation for c in choices])):
        yield from (f"{kind}: '{i}' is there twice; keep one" for i in sorted(set(ids)) if ids.count(i) > 1)


def offers(
    programme: ProgrammeFile,
    raised: Sequence[Raised],
    readiness: Readiness,
    targets: Mapping[str, int],
    choices: Sequence[Choice],
) -> list[Offer]:
    """Return one offer a recommendation, in the order in which recommendations were raised."""
    chosen = {c.recommendation: c for c in choices}
    return [_offer(programme, r, readiness, targets, chosen.get(r.recommendation.id)) for r in raised]


def _offer(
    programme: ProgrammeFile, raised: Raised, readiness: Readiness, targets: Mapping[str, int], choice: Choice | None
) -> Offer:
    rec = raised.recommendation
    missing = _missing_levels(rec.answers, readiness, targets)
    fitting = [name for name, i in programme.intensity.items() if missing >= i.at_least]
    intensity = max(fitting, key=lambda name: programme.intensity[name].at_least)
    delivery = tuple(choice.delivery if choice and choice.delivery else rec.delivery)
    factor = programme.intensity[intensity].factor
    low, likely, high = (
        round(factor * sum(getattr(programme.delivery[m].days, end) for m in delivery), 1)
        for end in ("low", "likely", "high")
    )
    decision: Decision = choice.choice if choice else "open"
    reason = choice.reason if choice else ""
    return Offer(rec.id, rec.offering, delivery, intensity, missing, low, likely, high, decision, reason)


def _missing_levels(items: Sequence[str], readiness: Readiness, targets: Mapping[str, int]) -> float:
    found = [readiness.items[i] for i in items if i in readiness.items and readiness.items[i].applies]
    short = [sum(p * max(0, targets[f.id] - level) for level, p in enumerate(f.probability)) for f in found]
    return round(sum(short) / len(short), 3) if short else 0.0


def goal_states(
    instrument: Instrument, readiness: Readiness, goals: Sequence[Goal], caps: Mapping[str, int]
) -> list[GoalState]:
    """Return each agreed goal with the share of draws in which its domain, under its caps, is there already."""
    states = []
    for goal in goals:
        drawn = readiness.draws.get(goal.domain)
        reached = 0.0
        if drawn is not None and drawn.ids:
            items = [instrument.items[i] for i in drawn.ids]
            levels = domain_level(drawn.levels, items, instrument.scoring, caps.get(goal.domain, TOP_LEVEL))
            reached = round(float((levels >= goal.level).mean()), 6)
        states.append(GoalState(goal.domain, goal.level, goal.by, goal.agreed_with, goal.agreed_on, reached))
    return states
