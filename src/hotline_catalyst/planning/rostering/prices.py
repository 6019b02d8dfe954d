"""The published prices of a roster: what may give way, and how dear it is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field

from ...library import Content, content_root, read


class Price(Content):
    """What one unit costs beside the others, and why."""

    title: str
    price: int = Field(ge=0)
    source: str | None = None
    assumption: str | None = None


class RosterFile(Content):
    """assessment/roster.yaml."""

    prices: Mapping[str, Price]

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
