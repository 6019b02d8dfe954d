"""The roadmap: order, people's time and holidays kept, proved best where it says so, honest about delay."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest

from hotline_catalyst.errors import NoPlanError
from hotline_catalyst.planning import roadmap as roadmaps
from hotline_catalyst.planning.calendar import load_country
from hotline_catalyst.planning.demand import Parameter, Span
from hotline_catalyst.planning.roadmap import Capacity, Roadmap, Task, bridged, check, heuristic, plan_roadmap

START = date(2027, 1, 4)
OVERRUN = {"roadmap.overrun": Parameter("roadmap.overrun", "", "", 0.95, 1.15, 1.6, "test", False)}
NONE: dict[str, dict[str, int]] = {}


def task(
    ident: str,
    weeks: float = 1,
    *,
    after: Mapping[str, int] | None = None,
    effort: Mapping[str, float] | None = None,
    owner: str = "operator",
    gates: Sequence[str] = (),
    high: float | None = None,
) -> Task:
    return Task(
        id=ident,
        title=ident,
        phase="build",
        weeks=Span(weeks, weeks, high or weeks),
        effort_days=effort or {},
        after=after or {},
        owner=owner,
        payer="operator",
        cost=Span(1, 2, 3),
        gates=tuple(gates),
        finding_ids=(),
        why_here="",
        done_when="",
        milestone="",
        source="",
    )


def capacity(days: Sequence[date] | None = None, at_once: int = 9, **days_per_week: float) -> Capacity:
    weekdays = [START + timedelta(days=n) for n in range(700) if (START + timedelta(days=n)).weekday() < 5]
    return Capacity(days_per_week, 5, days or weekdays, at_once)


def planned(
    tasks: Sequence[Task],
    room: Capacity | None = None,
    launch: str | None = None,
    links: Mapping[str, Mapping[str, int]] = NONE,
    review_after: Mapping[str, Sequence[str]] = NONE,  # type: ignore[assignment]
) -> Roadmap:
    return plan_roadmap(tasks, links, START, room or capacity(), OVERRUN, launch, review_after)


def weeks_of(roadmap: Roadmap) -> dict[str, int]:
    return {a.task.id: a.start_day // 5 for a in roadmap.activities}


# The checker, on plans written by hand.

TWO = [task("A", 2, effort={"it": 6}), task("B", 1, effort={"it": 3}, after={"A": 1}, owner="it")]
AFTER = {"A": {}, "B": {"A": 1}}
LENGTHS = {"A": 10, "B": 5}


def test_the_checker_passes_a_plan_that_keeps_the_rules():
    assert check(TWO, AFTER, LENGTHS, capacity(it=3), {"A": 0, "B": 15}) == []


@pytest.mark.parametrize(
    ("day_of", "room", "complaint"),
    [
        ({"A": 0, "B": 14}, {"it": 3}, "B starts before A has ended"),  # the week between them is cut
        ({"A": 10, "B": 0}, {"it": 3}, "B starts before A has ended"),
        ({"A": 0, "B": 15}, {"it": 2.9}, "it has too much to do"),
        ({"A": 0, "B": 496}, {"it": 3}, "B lies outside the plan's days"),
        ({"A": -1, "B": 15}, {"it": 3}, "A lies outside the plan's days"),
    ],
)
def test_the_checker_catches_each_planted_fault(day_of, room, complaint):
    assert complaint in check(TWO, AFTER, LENGTHS, capacity(**room), day_of)


def test_the_checker_catches_two_tasks_that_share_too_little_time_only_where_they_overlap():
    pair = [task("A", effort={"it": 3}), task("B", effort={"it": 3})]
    free = {"A": {}, "B": {}}
    lengths = {"A": 5, "B": 5}
    assert check(pair, free, lengths, capacity(it=5), {"A": 0, "B": 4}) == ["it has too much to do"]
    assert check(pair, free, lengths, capacity(it=5), {"A": 0, "B": 5}) == []


def test_the_checker_catches_an_owner_with_too_many_activities_at_once():
    trio = [task(i) for i in "ABC"]
    free = {i: {} for i in "ABC"}
    together = dict.fromkeys("ABC", 0)
    complaint = ["operator owns too many activities at once"]
    assert check(trio, free, dict.fromkeys("ABC", 5), capacity(at_once=2), together) == complaint


# The planner against a search of every plan.

PROJECT = [
    task("prepare", 2, effort={"it": 6}, owner="it", gates=("G1",)),
    task("build", 3, effort={"it": 9}, owner="it"),
    task("train", 2, effort={"hr": 6}, owner="hr"),
    task("write", 1, effort={"it": 3, "hr": 3}, owner="hr", gates=("G2", "G3")),
    task("launch", 1, after={"prepare": 0, "build": 0, "train": 1, "write": 0}),
]


def best_of_every_plan() -> tuple[int, int]:
    """Try every week for every task; return the launch week and then the least weighted sum of starts."""
    length = {"prepare": 2, "build": 3, "train": 2, "write": 1}
    best = (99, 0)
    for weeks in product(range(8), repeat=4):
        begin = dict(zip(length, weeks, strict=True))
        used = [(role, w) for i, n in length.items() for w in range(begin[i], begin[i] + n) for role in ROLES[i]]
        if len(used) != len(set(used)):
            continue
        launch = max(begin[i] + n + (i == "train") for i, n in length.items())
        weight = 3 * begin["prepare"] + begin["build"] + begin["train"] + 5 * begin["write"] + launch
        best = min(best, (launch, weight))
    return best


# One person of each role is free three days a week, which every task that uses the role takes.
ROLES = {"prepare": ("it",), "build": ("it",), "train": ("hr",), "write": ("it", "hr")}


def test_a_small_project_is_planned_as_well_as_a_search_of_every_plan():
    roadmap = planned(PROJECT, capacity(it=3, hr=3), launch="launch")
    week = weeks_of(roadmap)
    weight = 3 * week["prepare"] + week["build"] + week["train"] + 5 * week["write"] + week["launch"]
    assert (week["launch"], weight) == best_of_every_plan()
    assert roadmap.status == "proved best"
    assert roadmap.problems == ()


def test_the_heuristic_alone_keeps_the_rules():
    room, after = capacity(it=3, hr=3), bridged(PROJECT, {})
    days = {t.id: roadmaps.duration_of(t, room) for t in PROJECT}
    assert check(PROJECT, after, days, room, heuristic(PROJECT, after, days, room)) == []


def test_the_heuristic_starts_each_task_on_the_first_free_day():
    queue = [task(i, effort={"it": 3}) for i in "ABC"]
    days = dict.fromkeys("ABC", 5)
    assert heuristic(queue, bridged(queue, {}), days, capacity(it=3)) == {"A": 0, "B": 5, "C": 10}


def instance(path: Path) -> tuple[list[Task], dict[str, dict[str, int]], dict[str, int], Capacity]:
    """Read a PSPLIB instance. A task's effort in person-days is its demand times its length."""
    lines = path.read_text().splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("jobnr.    #modes")) + 1
    size = next(n for n, line in enumerate(lines[first:]) if line.startswith("*"))
    after: dict[str, dict[str, int]] = {str(n + 1): {} for n in range(size)}
    for line in lines[first : first + size]:
        job, _, _, *followers = line.split()
        for follower in followers:
            after[follower][job] = 0
    first = next(n for n, line in enumerate(lines) if line.startswith("jobnr. mode")) + 2
    tasks, days = [], {}
    for line in lines[first : first + size]:
        job, _, length, *demands = line.split()
        days[job] = int(length)
        effort = {f"R{n}": Fraction(int(d) * int(length), 100) for n, d in enumerate(demands) if int(d)}
        tasks.append(task(job, effort=effort, owner=job))  # type: ignore[arg-type]
    units = lines[next(n for n, line in enumerate(lines) if line.startswith("RESOURCEAVAIL")) + 2].split()
    room = {f"R{n}": int(u) * 5 / 100 for n, u in enumerate(units)}
    return tasks, after, days, capacity(**room)


@pytest.mark.parametrize("name", ["j3022_6", "j3038_7", "j3047_8", "j307_8", "j3012_7", "j3025_9"])
def test_a_published_project_is_planned_to_its_published_optimum(name, shared):
    folder = shared / "benchmarks" / "psplib"
    tasks, after, days, room = instance(folder / f"{name}.sm")
    with (folder / "best_known.csv").open() as file:
        optimum = {row["instance"]: int(row["optimum_or_best_known"]) for row in csv.DictReader(file)}[name]
    last = tasks[-1].id
    warm = heuristic(tasks, after, days, room)
    assert check(tasks, after, days, room, warm) == []
    plan, _ = roadmaps._solve(tasks, after, days, room, last, warm)
    assert check(tasks, after, days, room, plan) == []
    assert plan[last] == optimum <= warm[last]


# Order, dates, doubt.


def test_order_is_kept_through_activities_the_plan_does_not_need():
    links = {"A": {}, "B": {"A": 2}, "C": {"B": 0}, "D": {"C": 1}}
    # B and C are in place already: D keeps its own week of waiting, and what B waited for is over.
    assert bridged([task("A"), task("D", after={"C": 1})], links) == {"A": {}, "D": {"A": 1}}
    week = weeks_of(planned([task("A"), task("D", after={"C": 1})], links=links))
    assert week == {"A": 0, "D": 2}


def test_a_chosen_predecessor_hands_on_only_itself():
    links = {"A": {}, "B": {"A": 0}, "C": {"B": 0, "A": 4}}
    assert bridged([task("A"), task("B", after={"A": 0}), task("C", after={"B": 0})], links)["C"] == {"B": 0}


def test_a_holiday_moves_the_end_by_a_day():
    ruritania = load_country("XR")
    monday = date(2027, 5, 3)  # Charter Day
    room = capacity(days=ruritania.working_days(monday - timedelta(days=7), 60))
    roadmap = plan_roadmap([task("A", 2)], {}, monday - timedelta(days=7), room, OVERRUN, None, {})
    assert roadmap.activities[0].start == date(2027, 4, 26)
    assert roadmap.activities[0].end == date(2027, 5, 10)  # the Friday before, were it not for the holiday


def test_half_of_the_plans_launch_before_four_fifths_do_and_neither_before_the_planned_day():
    roadmap = planned(
        [task("A", 4, high=8), task("B", 4, after={"A": 0}, high=12), task("L", after={"B": 0})], launch="L"
    )
    assert roadmap.launch is not None
    assert roadmap.launch.planned == START + timedelta(weeks=8)
    assert roadmap.launch.planned <= roadmap.launch.p50 < roadmap.launch.p80


def test_a_late_activity_delays_whoever_waits_for_its_people_not_only_its_followers():
    """B and A have no link, but one trainer does both; L follows B alone. If A runs over, so must the launch."""
    alone = planned([task("B", 4, effort={"training": 20}), task("L", after={"B": 0})], launch="L")
    queued = planned(
        [task("A", 4, high=12, effort={"training": 20}), task("B", 4, effort={"training": 20}, after={"Z": 0}),
         task("Z", 4), task("L", after={"B": 0})],
        launch="L",
    )  # fmt: skip
    assert alone.launch is not None
    assert queued.launch is not None
    first, second = (next(a for a in queued.activities if a.task.id == name) for name in ("A", "B"))
    assert second.start > first.end, "the trainer does one after the other"
    assert queued.launch.p80 - queued.launch.planned > alone.launch.p80 - alone.launch.planned
    assert first.critical > 0


def test_a_wider_doubt_moves_the_late_date_further_out():
    def late(high: float) -> date:
        launch = planned([task("A", 4, high=high), task("L", after={"A": 0})], launch="L").launch
        assert launch is not None
        return launch.p80

    assert late(4) < late(8) < late(16)


def test_only_what_can_delay_the_launch_is_critical():
    tasks = [task("long", 8), task("short", 1), task("apart", 1), task("L", after={"long": 0, "short": 0})]
    critical = {a.task.id: a.critical for a in planned(tasks, launch="L").activities}
    assert critical == {"L": 1.0, "long": pytest.approx(1, abs=0.35), "short": 0.0, "apart": 0.0}


def test_a_review_waits_for_everything_that_closes_its_gates():
    tasks = [task("memo", 3, gates=("G",)), task("review"), task("launch", after={"review": 0})]
    week = weeks_of(planned(tasks, launch="launch", review_after={"review": ["memo"]}))
    assert week == {"memo": 0, "review": 3, "launch": 4}


def test_a_task_takes_longer_where_its_role_has_less_time():
    lengths = [
        planned([task("A", 2, effort={"it": 10})], capacity(it=d)).activities[0].duration_days for d in (5, 2, 1)
    ]
    assert lengths == [10, 25, 50]


def test_every_start_says_why_it_is_then():
    tasks = [task("A", effort={"it": 5}), task("B", 2, effort={"it": 10}), task("C", after={"B": 0})]
    why = {a.task.id: (a.why_then, a.by_links) for a in planned(tasks, capacity(it=5), launch="C").activities}
    assert why["B"] == ("It can start at once.", True)
    assert why["C"] == ("It waits for B to end.", True)
    assert why["A"] == ("It waits until it has time.", False)


def test_an_impossible_role_gets_a_sentence():
    with pytest.raises(NoPlanError, match=r"A needs 4 days of counsel, who has none. Set capacity in engagement.yaml"):
        planned([task("A", effort={"counsel": 4})], capacity(counsel=0))


def test_a_task_that_cannot_fit_gets_a_sentence():
    with pytest.raises(NoPlanError, match=r"A does not fit within 500 working days. Give it more days a week"):
        planned([task("A", effort={"it": 600})], capacity(it=5))


def test_the_same_tasks_give_the_same_plan():
    first, again = (planned(PROJECT, capacity(it=3, hr=3), launch="launch") for _ in range(2))
    assert first == again


def test_costs_add_up():
    assert planned([task("A"), task("B")]).cost == Span(2, 4, 6)
