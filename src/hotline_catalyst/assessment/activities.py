"""What the activity library holds: activities, the ways of doing them, and the words the roadmap uses for both."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from ..library import Content
from .instrument import Stage

Phase = Literal["prepare", "assess", "foundation", "build", "ready", "launch", "stabilise", "optimise"]
PHASES: tuple[Phase, ...] = ("prepare", "assess", "foundation", "build", "ready", "launch", "stabilise", "optimise")


class Move(Content):
    """An item and the levels between which an activity carries it; ``from`` is 0 unless said otherwise."""

    item: str
    from_: int = Field(default=0, ge=0, le=3, alias="from")
    to: int = Field(ge=1, le=4)

    def model_post_init(self, context: object, /) -> None:
        """Refuse a move that does not rise."""
        if self.from_ >= self.to:
            raise ValueError(f"{self.item}: an activity moves up; from {self.from_} to {self.to} does not")


class After(Content):
    """A predecessor and the weeks that must pass after it."""

    id: str
    lag_weeks: int = Field(default=0, ge=0)


class Range(Content):
    """A low, likely and high number."""

    low: float = Field(ge=0)
    likely: float = Field(ge=0)
    high: float = Field(ge=0)

    def model_post_init(self, context: object, /) -> None:
        """Refuse a range out of order."""
        if not self.low <= self.likely <= self.high:
            raise ValueError("low <= likely <= high must hold")


class Way(Content):
    """One way of doing an activity: how long it takes, whose person-days it uses, what it costs in US dollars.

    ``id`` names a way of roadmap.yaml. ``effort_days`` are person-days by role over the whole activity.
    """

    id: str
    weeks: Range
    effort_days: dict[str, float]
    cost_usd: Range


class Repeat(Content):
    """What is done again after the first time: how often, with whose person-days each time."""

    every_weeks: int = Field(ge=1)
    effort_days: dict[str, float]
    what: str


class Activity(Content):
    """One activity of the roadmap's library.

    The first of ``ways`` is the usual one. ``avoid`` names kinds of windows (roadmap.yaml) in which it must not run.
    """

    id: str
    title: str
    why: str
    moves: list[Move] = []
    after: list[After] = []
    stage: Stage
    channel: str | None = None
    needed: Literal["always", "gap"]
    ways: list[Way] = Field(min_length=1)
    owner: str
    payer: Literal["state", "donor", "operator", "in_kind"]
    avoid: list[str] = []
    repeats: Repeat | None = None
    done_when: str
    milestone: str
    playbooks: list[str] = []
    templates: list[str] = []
    source: str

    @field_validator("after", mode="before")
    @classmethod
    def _short_form(cls, value: object) -> object:
        return [{"id": v} if isinstance(v, str) else v for v in value] if isinstance(value, list) else value

    @model_validator(mode="after")
    def _each_way_once(self) -> Activity:
        ids = [way.id for way in self.ways]
        if twice := sorted({i for i in ids if ids.count(i) > 1}):
            raise ValueError(f"{self.id}: the way '{twice[0]}' is there twice; keep one")
        return self


class ActivitiesFile(Content):
    """activities/<n>_<phase>.yaml."""

    phase: Phase
    title: str
    activities: list[Activity]


class Named(Content):
    """A word of the roadmap: its title and what it means."""

    title: str
    means: str


class LaunchStage(Content):
    """One step of the opening: the activity that opens it (at its start or end), and the gates to be met by then.

    ``or_after``: where ``opens`` is not planned (a line that is open needs no pilot), what it opens after instead.
    ``kinds`` are kinds of gates (gates.yaml); ``channel`` the one it adds, if any; ``hours`` a launch option's id
    (launch_options.yaml) where this step keeps shorter hours than those promised.
    """

    id: str
    title: str
    opens: str
    or_after: str | None = None
    at: Literal["start", "end"] = "start"
    kinds: list[str] = Field(min_length=1)
    channel: str | None = None
    hours: str | None = None
    reason: str = ""


class Constant(Content):
    """A number the planner goes by, with its reason."""

    value: float
    unit: str
    reason: str


class RoadmapContent(Content):
    """roadmap.yaml: ways, windows, steps of the opening, and the constants that selection goes by."""

    ways: dict[str, Named]
    windows: dict[str, Named]
    stages: list[LaunchStage]
    constants: dict[str, Constant]
