"""When people answer: the hours of hotline.toml, and the days on which they do not hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from . import core

# What the calendar can say at a minute.
STATES = ("open", "closed", "holiday")


@dataclass(frozen=True)
class Holiday:
    """A day with hours of its own; `day` is MM-DD for each year or YYYY-MM-DD."""

    day: str
    name: str
    spans: tuple[tuple[int, int], ...]

    def falls_on(self, day: date) -> bool:
        """Say whether it is this day."""
        return self.day in (day.isoformat(), day.isoformat()[5:])


def state_at(facts: core.Table, holidays: Sequence[Holiday], day: date, minute: int) -> str:
    """Return what the calendar says at a minute of a day; the first holiday that falls on it counts."""
    for holiday in holidays:
        if holiday.falls_on(day):
            return "open" if _inside(holiday.spans, minute) else "holiday"
    return "open" if _inside(core.spans(facts, core.DAYS[day.weekday()]), minute) else "closed"


def nobody_on(facts: core.Table, holidays: Sequence[Holiday]) -> list[tuple[str, str]]:
    """Return the holidays, each with the hours in which it is open and nobody is rostered.

    A day of each year falls on every day of the week sooner or later.
    """
    found = []
    for holiday in holidays:
        days = core.DAYS if len(holiday.day) == 5 else [core.DAYS[date.fromisoformat(holiday.day).weekday()]]
        bare = {missing: None for day in days if (missing := core.uncovered(facts, day, holiday.spans))}
        found += [(holiday.day, missing) for missing in bare]
    return found


def _inside(spans: Sequence[tuple[int, int]], minute: int) -> bool:
    return any(start <= minute < end for start, end in spans)


def week(facts: core.Table) -> dict[str, list[str]]:
    """Return for each day and hour of an ordinary week: open, closed, or part for an hour that is partly open."""
    found = {}
    for day in core.DAYS:
        spans = core.spans(facts, day)
        minutes = [[_inside(spans, hour * 60 + m) for m in range(60)] for hour in range(24)]
        found[day] = ["open" if all(hour) else "part" if any(hour) else "closed" for hour in minutes]
    return found


def states(facts: core.Table, holidays: Sequence[Holiday]) -> tuple[str, ...]:
    """Return what the calendar can say at some minute of some day, in the order of STATES."""
    hours = {hour for day in week(facts).values() for hour in day}
    found = {"open"} if hours - {"closed"} else set()
    found |= {"closed"} if hours - {"open"} else set()
    for holiday in holidays:
        open_minutes = sum(_inside(holiday.spans, minute) for minute in range(1440))
        found |= {"open"} if open_minutes else set()
        found |= {"holiday"} if open_minutes < 1440 else set()
    return tuple(state for state in STATES if state in found)
