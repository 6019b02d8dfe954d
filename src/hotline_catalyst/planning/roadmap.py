"""The roadmap's records: activities with dates, what binds them and how sure they are; launch, money, load."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from .demand import Span
from .problem import Reached

HORIZON_DAYS = 1000  # working days: about four years
DAYS_A_WEEK = 5
SEED = 20261121
PARTS = 100  # a person's working day is counted in hundredths, as whole numbers
Standing = Literal["no regret", "verify first", "optional"]
State = Literal["planned", "running", "done"]
Bound = Literal["start", "link", "people", "owner", "money", "window", "wish", "today", "reality", "previous", "order"]


@dataclass(frozen=True)
class Way:
    """One way of doing an activity: weeks, person-days by role over the whole of it, cost in local currency."""

    id: str
    title: str
    weeks: Span
    effort_days: Mapping[str, float]
    cost: Span


@dataclass(frozen=True)
class Repeat:
    """What is done again every so many weeks after the activity's end, with person-days by role each time."""

    every_weeks: int
    effort_days: Mapping[str, float]
    what: str


@dataclass(frozen=True)
class Task:
    """One activity to schedule.

    ``after``: predecessors with the weeks that must pass after each. ``must``: it may not be left out. ``closes``: the
    steps of findings (finding@level) of which one activity at least should take each; ``weight`` what closing it early
    is worth. ``avoid``: kinds of windows in which it must not run. ``share``: of the assessment's draws, how many ask
    for it; ``verify`` the items that would settle it. ``gates`` are those it helps to open.
    """

    id: str
    title: str
    phase: str
    ways: tuple[Way, ...]
    after: Mapping[str, int]
    owner: str
    payer: str
    gates: tuple[str, ...]
    finding_ids: tuple[str, ...]
    why_here: str
    done_when: str
    milestone: str
    source: str
    must: bool = True
    weight: int = 1
    closes: tuple[str, ...] = ()
    avoid: tuple[str, ...] = ()
    repeats: Repeat | None = None
    share: float = 1.0
    standing: Standing = "no regret"
    verify: tuple[str, ...] = ()
    playbooks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Moved:
    """How far a start lies from the plan before, in working days, and why."""

    was: date
    days: int
    why: str


@dataclass(frozen=True)
class Scheduled:
    """A task with its dates. Days count working days of the country's calendar.

    ``waits_for`` holds its predecessors in this plan with the weeks that must pass after each; one that the plan
    does not need has handed on its own. ``bound`` and ``bound_by`` say what binds its start, ``why_then`` says it in
    words; ``by_links`` is true when its links alone would put it there. ``critical`` is the share of simulated plans in
    which a delay of it would delay the launch; ``p50`` and ``p80`` are simulated ends; ``buffer_days`` what to add to
    ``end`` before promising it. ``again`` holds the first days on which its work recurs.
    """

    task: Task
    way: Way
    start_day: int
    duration_days: int
    start: date
    end: date
    bound: Bound
    bound_by: tuple[str, ...]
    why_then: str
    by_links: bool
    critical: float
    waits_for: Mapping[str, int]
    p50: date
    p80: date
    buffer_days: int
    state: State = "planned"
    moved: Moved | None = None
    again: tuple[date, ...] = ()


@dataclass(frozen=True)
class Launch:
    """Launch dates: planned, and the dates by which half and four in five of the simulated plans have launched."""

    activity: str
    planned: date
    p50: date
    p80: date


@dataclass(frozen=True)
class Stage:
    """One step of the opening: when, with which hours and channels, and the gates that are not yet met for it."""

    id: str
    title: str
    activity: str
    planned: date
    p50: date
    p80: date
    hours: str
    channels: tuple[str, ...]
    unmet_gates: tuple[str, ...]
    reason: str


@dataclass(frozen=True)
class Window:
    """A stretch of days in which some work must not run; both days included."""

    title: str
    first: date
    last: date


@dataclass(frozen=True)
class LeftOut:
    """An activity the plan leaves out, why, and the findings that nothing else in the plan closes."""

    id: str
    title: str
    why: str
    open_findings: tuple[str, ...]


@dataclass(frozen=True)
class MoneyDay:
    """A day on which money arrives or is committed: both added up so far, in prices of the plan's start."""

    day: date
    released: float
    committed: float


@dataclass(frozen=True)
class Purse:
    """One payer's money over the plan. ``over`` is what the plan costs above all of it; None without a budget."""

    payer: str
    curve: tuple[MoneyDay, ...]
    over: float | None


@dataclass(frozen=True)
class Prices:
    """What the money means: currency, rate and its year, inflation a year, and the cost in the money of each year."""

    currency: str
    per_usd: float
    rate_year: int
    rate_origin: str
    inflation: float
    nominal: Span


@dataclass(frozen=True)
class Load:
    """A role's person-days, week by week from the plan's first, against what it can give."""

    role: str
    weeks: tuple[date, ...]
    used: tuple[float, ...]
    has: tuple[float, ...]


@dataclass(frozen=True)
class Worth:
    """What one change would be worth: how many working days earlier the launch could be, and money over budget saved.

    ``certain`` is false when the search was stopped before it was proved.
    """

    id: str
    say: str
    days: int
    money: float
    certain: bool


@dataclass(frozen=True)
class Roadmap:
    """Scheduled activities by start, the steps of the opening, and how good the schedule is.

    ``reached`` holds each goal's value and the best that could not be ruled out. ``drivers`` are the activities whose
    range moves the launch most, with the working days that P80 would gain if they took no longer than likely.
    """

    start: date
    today: date
    activities: tuple[Scheduled, ...]
    launch: Launch | None
    stages: tuple[Stage, ...]
    left_out: tuple[LeftOut, ...]
    cost: Span
    prices: Prices
    purses: tuple[Purse, ...]
    loads: tuple[Load, ...]
    status: str
    reached: tuple[Reached, ...]
    drivers: tuple[tuple[str, int], ...]
    policy: str = ""
    worth: tuple[Worth, ...] = ()
    windows: tuple[Window, ...] = ()
    unopened: tuple[str, ...] = ()
