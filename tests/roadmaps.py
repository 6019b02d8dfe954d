"""Roadmaps written by hand: small plans whose every date a reader of a test can check, without planning anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from typing import Any

from hotline_catalyst.assessment.instrument import load_instrument
from hotline_catalyst.planning.calendar import load_country
from hotline_catalyst.planning.demand import Span
from hotline_catalyst.planning.problem import Reached
from hotline_catalyst.planning.roadmap import Launch as Opening
from hotline_catalyst.planning.roadmap import (
    LeftOut,
    Load,
    MoneyDay,
    Prices,
    Purse,
    Roadmap,
    Scheduled,
    Task,
    Way,
    Worth,
)
from hotline_catalyst.planning.roadmap import Stage as Step

START = date(2027, 1, 4)
DAYS = load_country("XR").working_days(START, 900)
PHASES = {"prepare": "Prepare", "build": "Build", "launch": "Launch"}
IN_HOUSE = Way("in_house", "In house", Span(1, 1, 2), {"operator": 3.0}, Span(0, 500, 3000))
PARTNER = Way("partner", "With a partner", Span(1, 2, 3), {"operator": 1.0}, Span(1000, 2500, 6000))


def activity(ident: str, day: int = 0, days: int = 5, after: dict[str, int] | None = None, **more: Any) -> Scheduled:
    """Return an activity that starts on a working day (0 is 4 January 2027) and takes so many.

    ``more`` replaces fields of the activity or of its task.
    """
    task = Task(
        id=ident,
        title="Hold the gate review",
        phase="launch",
        ways=(IN_HOUSE, PARTNER),
        after=after or {},
        owner="operator",
        payer="operator",
        gates=("GL-01",),
        finding_ids=(),
        why_here="Each gate is looked at alone.",
        done_when="The minute is signed.",
        milestone="Decision signed",
        source="assumption",
    )
    scheduled = Scheduled(
        task=task,
        way=IN_HOUSE,
        start_day=day,
        duration_days=days,
        start=DAYS[day],
        end=DAYS[day + max(0, days - 1)],
        bound="link" if after else "start",
        bound_by=tuple(after or ()),
        why_then="It follows at once." if after else "It can start at once.",
        by_links=True,
        critical=1.0,
        waits_for=after or {},
        p50=DAYS[day + days + 1],
        p80=DAYS[day + days + 4],
        buffer_days=4,
    )
    of_task = {k: v for k, v in more.items() if k in Task.__dataclass_fields__}
    rest = {k: v for k, v in more.items() if k not in of_task}
    return replace(scheduled, task=replace(task, **of_task), **rest)


def roadmap(*activities: Scheduled, **more: Any) -> Roadmap:
    """Return a roadmap of these activities; the first one's start is its launch. ``more`` replaces its fields."""
    launch = None
    if activities:
        first = activities[0]
        launch = Opening(first.task.id, first.start, first.p50, first.p80)
    cost = Span(*(sum(getattr(a.way.cost, side) for a in activities) for side in ("low", "likely", "high")))
    plain = Roadmap(
        start=START,
        today=START,
        activities=tuple(sorted(activities, key=lambda a: (a.start, a.task.id))),
        launch=launch,
        stages=(),
        left_out=(),
        cost=cost,
        prices=Prices("XRC", 4.0, 2026, "an invented figure", 0.05, cost * 1.05),
        purses=(),
        loads=(),
        status="No better plan exists by any of its goals.",
        reached=(Reached("launch", 0, 0),),
        drivers=(),
    )
    return replace(plain, **more)


def results_of_plan(plan: Roadmap, country: str = "XR") -> Any:
    """Return results with this roadmap and little else: just what the roadmap's files read."""
    facts = {"name": "A line", "country": load_country(country), "as_of": date(2026, 11, 21), "notice": "A notice."}
    return SimpleNamespace(
        facts=SimpleNamespace(**facts),
        instrument=load_instrument(),
        phase_titles=PHASES,
        gates=(),
        findings=(),
        readiness=SimpleNamespace(items={}),
        assumptions=(),
        staffing=SimpleNamespace(currency="XRC"),
        roadmap=plan,
    )


def rich() -> Roadmap:
    """Return a plan with one of everything: work done and running, money, load, stages, things left out."""
    done = activity("R01", 0, 10, phase="prepare", title="Agree on the mandate", state="done", by_links=False)
    running = activity(
        "R02", 8, 12, {"R01": 0}, phase="prepare", title="Form the core team", owner="government", state="running",
        bound="reality", by_links=False, why_then="It began on 14 January 2027, before its predecessor had ended.",
    )  # fmt: skip
    held = activity(
        "R07", 30, 20, {"R02": 1}, phase="build", title="Rent rooms", payer="donor", bound="money",
        bound_by=("donor",), by_links=False, why_then="The donor's second instalment arrives on this day.",
        standing="verify first", verify=("SC-01",),
    )  # fmt: skip
    shut = activity("R08", 61, 7, {"R07": 0}, phase="build", title="Train the trainers", bound="window", by_links=False)
    free = activity("R09", 50, 3, {"R07": 0}, phase="build", title="Print the cards", owner="it", critical=0.1)
    launch = activity("R25", 68, 20, {"R08": 0, "R09": 2}, title="Open softly", milestone="Open")
    later = activity("R26", 98, 5, {"R25": 2}, title="Widen the hours", milestone="")
    plan = roadmap(launch, done, running, held, shut, free, later)
    weeks = tuple(DAYS[5 * n] for n in range(21))
    return replace(
        plan,
        today=DAYS[12],
        stages=(
            Step("soft", "Soft launch", "R25", launch.start, launch.p50, launch.p80, "every day 08:00 to 20:00",
                 ("phone",), (), "Shorter hours first."),
            Step("full", "Full hours", "R26", later.start, later.p50, later.p80, "24 hours a day, 7 days a week",
                 ("phone", "chat"), ("GL-01",), ""),
        ),
        left_out=(LeftOut("A17", "Open text messages", "The money does not reach that far.", ("gap SC-01",)),),
        purses=(
            Purse("donor", (MoneyDay(START, 400.0, 0.0), MoneyDay(DAYS[30], 900.0, 500.0)), 0.0),
            Purse("operator", (MoneyDay(START, 0.0, 500.0), MoneyDay(DAYS[98], 0.0, 3000.0)), None),
        ),
        loads=(
            Load("operator", weeks, tuple(float(n % 4) for n in range(21)), (3.0,) * 21),
            Load("it", weeks, (1.0,) * 21, (2.0,) * 21),
        ),
        drivers=(("R07", 9), ("R25", 4)),
        worth=(
            Worth("trainer", "One more trainer", 12, 0.0, True),
            Worth("late", "A month's delay", -21, -300.0, False),
        ),
    )  # fmt: skip


def moved(plan: Roadmap, **starts: int) -> Roadmap:
    """Return the plan with activities put on other working days."""

    def put(a: Scheduled) -> Scheduled:
        if a.task.id not in starts:
            return a
        day = starts[a.task.id]
        return replace(a, start_day=day, start=DAYS[day], end=DAYS[day + max(0, a.duration_days - 1)])

    activities: Sequence[Scheduled] = [put(a) for a in plan.activities]
    return replace(plan, activities=tuple(sorted(activities, key=lambda a: (a.start, a.task.id))))
