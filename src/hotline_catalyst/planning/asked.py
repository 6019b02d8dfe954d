"""Everything a roadmap is made from, in the planner's own words."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from .demand import Span
from .reasons import Names
from .roadmap import LeftOut, MoneyDay, Prices, Task, Window
from .wishes import Wish


@dataclass(frozen=True)
class StageAsked:
    """A step of the opening as asked for; ``opens`` names the activity whose start opens it.

    ``channels`` are those it adds. ``at_end``: it opens when that activity has ended and the line is open; otherwise
    when the activity starts. ``keeps``: its hours are those kept by then.
    """

    id: str
    title: str
    opens: str
    hours: str
    channels: tuple[str, ...]
    unmet_gates: tuple[str, ...]
    reason: str
    at_end: bool = False
    keeps: bool = False


@dataclass(frozen=True)
class Progress:
    """When an activity began in reality and, once it is over, its last day."""

    started: date
    ended: date | None = None


@dataclass(frozen=True)
class Asked:
    """Everything a roadmap is made from.

    Parameters
    ----------
    links
        Predecessors with weeks of every activity of the library, so that one left out hands on its own.
    launch
        The activity whose start is the launch; None when nothing launches.
    review_after
        For each reviewing task, the tasks that close the gates it judges.
    days
        The country's working days from the plan's start on; ``horizon`` of them may hold work, the rest name late
        dates.
    has
        Hundredths of a person each role has on a working day.
    wishes
        What limits and steers the plan; all in working days.
    need_weight
        What closing each finding is worth.
    money
        Releases by purse, in the same prices as the costs; ``purse_of`` the purse of each payer.
    overrun
        The factor by which all durations run over together.
    """

    tasks: tuple[Task, ...]
    links: Mapping[str, Mapping[str, int]]
    launch: str | None
    review_after: Mapping[str, Sequence[str]]
    days: Sequence[date]
    horizon: int
    today: date
    has: Mapping[str, int]
    wishes: tuple[Wish, ...]
    need_weight: Mapping[str, int]
    overrun: Span
    names: Names
    prices: Prices
    stages: tuple[StageAsked, ...] = ()
    channels: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    windows: tuple[Window, ...] = ()
    unopened: tuple[str, ...] = ()
    progress: Mapping[str, Progress] = field(default_factory=dict)
    money: Mapping[str, tuple[MoneyDay, ...]] = field(default_factory=dict)
    purse_of: Mapping[str, str] = field(default_factory=dict)


def day_index(days: Sequence[date], day: date) -> int:
    """Return the index of the first working day on or after ``day``; 0 for days before the plan."""
    return bisect_left(days, day)
