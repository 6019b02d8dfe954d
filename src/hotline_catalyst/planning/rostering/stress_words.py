"""What the stressed roster says: its promise, its weakest nights, and who could not be missed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from ..staffing_words import language_name
from .dates import days_said
from .single_points import COVER, ON_CALL, SinglePoint
from .words import say

if TYPE_CHECKING:
    from .stress_test import RosterStress

SECTION = "stress"
MOST_NIGHTS, MOST_POINTS, FEW_DAYS = 3, 8, 4


def sentences_of(stress: RosterStress) -> tuple[str, ...]:
    """Return what the roster keeps of the promise, in sentences."""
    return tuple(_sentences(stress))


def _sentences(stress: RosterStress) -> Iterator[str]:
    yield say(
        SECTION,
        "summary",
        plays=stress.plays,
        service=_percent(stress.service),
        low=_percent(stress.low),
        high=_percent(stress.high),
        promise=_percent(stress.promise),
    )
    weak = [n for n in stress.weakest if n.service < stress.promise or n.one_or_nobody > 0][:MOST_NIGHTS]
    for night in weak:
        yield say(
            SECTION,
            "night",
            day=days_said([night.day]),
            service=_percent(night.service),
            people=len(night.people),
            asked=night.asked,
            few=_percent(night.one_or_nobody),
        )
    if stress.nights:
        yield say(
            SECTION,
            "nights",
            nights=len(stress.nights),
            few=f"{sum(n.one_or_nobody for n in stress.nights):.1f}",
            nobody=f"{sum(n.nobody for n in stress.nights):.1f}",
        )
    points = sorted(stress.single_points, key=lambda p: (-len(p.nobody), -len(p.days), p.person, p.fails))
    for point in points[:MOST_POINTS]:
        yield point_said(point)
    if len(points) > MOST_POINTS:
        yield say(SECTION, "more_points", count=len(points) - MOST_POINTS)
    if not points:
        yield say(SECTION, "no_point")


def point_said(point: SinglePoint) -> str:
    """Return what fails when a person is absent, and who could step in."""
    name = {COVER: "point_cover", ON_CALL: "point_on_call"}.get(point.fails, "point_language")
    language = language_name(point.fails.partition(" ")[2])
    failing = say(SECTION, name, person=point.person, days=_days(point.days), language=language)
    return f"{failing} {_stepping_in(point)}"


def _stepping_in(point: SinglePoint) -> str:
    if len(point.nobody) == len(point.days):
        return say(SECTION, "nobody_could")
    names = sorted({name for day in point.days for name in point.could_step_in[day]})
    if point.nobody:
        return say(SECTION, "some_days", people=_listed(names), days=_days(point.nobody))
    return say(SECTION, "could", people=_listed(names))


def _days(days: Sequence[date]) -> str:
    """Return a few days by date, many by number."""
    return days_said(days) if len(days) <= FEW_DAYS else say(SECTION, "many_days", count=len(days))


def _listed(names: Sequence[str], most: int = 4) -> str:
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else say(SECTION, "and_others", people=shown, count=len(names) - most)


def _percent(share: float) -> str:
    """Return whole per cents; a share that is not quite 0 or 100 does not become it.

    >>> _percent(0.999)
    'over 99'
    """
    if 0 < share < 0.005:
        return say(SECTION, "under", number=1)
    if 0.995 <= share < 1:
        return say(SECTION, "over", number=99)
    return f"{100 * share:.0f}"
