"""The published prices of a roster: what may give way, and how dear it is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field

from ...library import Content, content_root, read
from .session_rules import SessionRules


class Price(Content):
    """What one unit costs beside the others, and why."""

    title: str
    price: int = Field(ge=0)
    source: str | None = None
    assumption: str | None = None


class Days(Content):
    """A stretch of days that planning looks back on, or changes at once, and why so long."""

    title: str
    days: int = Field(gt=0)
    source: str | None = None
    assumption: str | None = None


class Way(Content):
    """A way out of a roster that cannot be filled, and about how many paid hours a week it weighs beside the others.

    ``steps`` are the amounts tried, ``rules`` the limits that may go a step further, ``sources`` the beginnings of
    sources that are good practice and not law.
    """

    title: str
    weight: float = Field(ge=0)
    steps: list[int] = []
    rules: dict[str, float] = {}
    sources: list[str] = []
    source: str | None = None
    assumption: str | None = None


class OnCallRules(Content):
    """How supervisors share the days on call: the most in a row, and what a single day or an unfair part costs."""

    most_in_row: Days
    lone_day: Price
    day_apart: Price
    weekend_apart: Price
    holiday_apart: Price


class RosterFile(Content):
    """assessment/roster.yaml."""

    prices: Mapping[str, Price]
    spans: Mapping[str, Days] = {}
    sessions: SessionRules | None = None
    ways_out: Mapping[str, Way] = {}
    on_call: OnCallRules | None = None

    def price(self, name: str) -> int:
        """Return the price of one unit."""
        return self.prices[name].price


def load_prices(root: Path | None = None) -> RosterFile:
    """Read assessment/roster.yaml.

    Raises
    ------
    ContentError
        When it does not fit.
    """
    return read((root or content_root()) / "assessment" / "roster.yaml", RosterFile)
