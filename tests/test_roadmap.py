"""From tasks to a roadmap: order, people's time, money and windows kept, every date explained, doubt said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest

from hotline_catalyst.errors import NoPlanError
from hotline_catalyst.planning import wishes as w
from hotline_catalyst.planning.asked import Asked, Progress, StageAsked
from hotline_catalyst.planning.calendar import load_country
from hotline_catalyst.planning.demand import Span
from hotline_catalyst.planning.jobs import OWNER, ROLE, bridged
from hotline_catalyst.planning.polish import polished, settled
from hotline_catalyst.planning.problem import Job, Mode, Placed, Problem, Release
from hotline_catalyst.planning.reasons import Names, load_reasons
from hotline_catalyst.planning.roadmap import MoneyDay, Prices, Repeat, Roadmap, Task, Way
from hotline_catalyst.planning.scheduling import judge_edits, plan_roadmap

START = date(2027, 1, 4)
WEEKDAYS = [START + timedelta(days=n) for n in range(1400) if (START + timedelta(days=n)).weekday() < 5]


def way(ident: str, weeks: float, effort: Mapping[str, float] | None = None, cost: float = 0, high: float = 0) -> Way:
    return Way(ident, ident, Span(weeks, weeks, high or weeks), effort or {}, Span(cost, cost, cost))


def task(
    ident: str,
    weeks: float = 1,
    *,
    after: Mapping[str, int] | None = None,
    effort: Mapping[str, float] | None = None,
    owner: str = "operator",
    high: float = 0,
    cost: float = 0,
    ways: Sequence[Way] = (),
    **more: Any,
) -> Task:
    return Task(
        id=ident, title=ident, phase="build", after=after or {}, owner=owner, payer="donor",
        ways=tuple(ways) or (way("in_house", weeks, effort, cost, high),), finding_ids=(), why_here="", done_when="",
        milestone="", source="", **{"gates": ()} | more,
    )  # fmt: skip


def asked(
    tasks: Sequence[Task],
    wishes: Sequence[w.Wish] = (),
    launch: str | None = None,
    days: Sequence[date] = WEEKDAYS,
    has: Mapping[str, float] | None = None,
    **more: Any,
) -> Asked:
    """Return what a roadmap is made from; ``has`` is days a week by role, five unless given."""
    roles = {r for t in tasks for x in t.ways for r in x.effort_days}
    parts = {r: round((has or {}).get(r, 5) * 20) for r in sorted(roles)}
    limits = [w.Limit(f"role:{r}", f"{r} gives {p / 20:g} days a week", ROLE + r, p) for r, p in parts.items()]
    links = {t.id: dict(t.after) for t in tasks}
    given: dict[str, Any] = {
        "links": links, "review_after": {}, "horizon": 600, "today": START, "need_weight": {},
        "overrun": Span(0.95, 1.15, 1.6), "names": Names(load_reasons(), days),
        "prices": Prices("XRD", 2.0, 2026, "test", 0.05, Span(0, 0, 0)),
    }  # fmt: skip
    return Asked(tasks=tuple(tasks), launch=launch, days=days, has=parts, wishes=(*limits, *wishes), **given | more)


def planned(tasks: Sequence[Task], wishes: Sequence[w.Wish] = (), launch: str | None = None, **more: Any) -> Roadmap:
    return plan_roadmap(asked(tasks, wishes, launch, **more))


def weeks_of(roadmap: Roadmap) -> dict[str, float]:
    return {a.task.id: a.start_day / 5 for a in roadmap.activities}


# The planner against a search of every plan.

PROJECT = [
    task("prepare", 2, effort={"it": 6}, owner="it", weight=3),
    task("build", 3, effort={"it": 9}, owner="it"),
    task("train", 2, effort={"hr": 6}, owner="hr"),
    task("write", 1, effort={"it": 3, "hr": 3}, owner="hr", weight=5),
    task("launch", 1, after={"prepare": 0, "build": 0, "train": 1, "write": 0}),
]
# One person of each role is free three days a week, which every task that uses the role takes.
ROLES = {"prepare": ("it",), "build": ("it",), "train": ("hr",), "write": ("it", "hr")}


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


def test_a_small_project_is_planned_as_well_as_a_search_of_every_plan():
    roadmap = planned(PROJECT, launch="launch", has={"it": 3, "hr": 3})
    week = weeks_of(roadmap)
    weight = 3 * week["prepare"] + week["build"] + week["train"] + 5 * week["write"] + week["launch"]
    assert (week["launch"], weight) == best_of_every_plan()
    assert roadmap.status == load_reasons().status["proved"]


def test_the_same_tasks_give_the_same_plan():
    first, again = (planned(PROJECT, launch="launch", has={"it": 3, "hr": 3}) for _ in range(2))
    assert first == again


# Order, dates, doubt.


def test_order_is_kept_through_activities_the_plan_does_not_need_with_their_weeks_of_waiting():
    links = {"A": {}, "B": {"A": 2}, "C": {"B": 0}, "D": {"C": 1}}
    # B and C are in place already; the two weeks after A and the one before D still have to pass.
    assert bridged([task("A"), task("D", after={"C": 1})], links) == {"A": {}, "D": {"A": 3}}
    assert weeks_of(planned([task("A"), task("D", after={"C": 1})], links=links)) == {"A": 0, "D": 4}


def test_a_chosen_predecessor_hands_on_only_itself():
    links = {"A": {}, "B": {"A": 0}, "C": {"B": 0, "A": 4}}
    assert bridged([task("A"), task("B", after={"A": 0}), task("C", after={"B": 0})], links)["C"] == {"B": 0}


def test_a_holiday_moves_the_end_by_a_day():
    ruritania = load_country("XR")
    monday = date(2027, 4, 26)  # Charter Day is on 3 May
    days = ruritania.working_days(monday, 60)
    only = planned([task("A", 2)], days=days, horizon=60).activities[0]
    assert only.start == date(2027, 4, 26)
    assert only.end == date(2027, 5, 10)  # the Friday before, were it not for the holiday


def test_half_of_the_plans_launch_before_four_fifths_do_and_neither_before_the_planned_day():
    tasks = [task("A", 4, high=8), task("B", 4, after={"A": 0}, high=12), task("L", after={"B": 0})]
    launch = planned(tasks, launch="L").launch
    assert launch is not None
    assert launch.planned == START + timedelta(weeks=8) <= launch.p50 < launch.p80


def test_a_late_activity_delays_whoever_waits_for_its_people_not_only_its_followers():
    """A and B have no link, but one trainer does both; L follows B alone. If A runs over, so must the launch."""
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


def test_only_what_can_delay_the_launch_is_critical():
    tasks = [task("long", 8), task("short", 1), task("apart", 1), task("L", after={"long": 0, "short": 0})]
    critical = {a.task.id: a.critical for a in planned(tasks, launch="L").activities}
    assert critical["long"] > 0.6
    assert (critical["short"], critical["apart"]) == (0, 0)


def test_a_review_waits_for_everything_that_closes_its_gates():
    tasks = [task("memo", 3, gates=("G",)), task("review"), task("launch", after={"review": 0})]
    week = weeks_of(planned(tasks, launch="launch", review_after={"review": ["memo"]}))
    assert week == {"memo": 0, "review": 3, "launch": 4}


def test_a_task_takes_longer_where_its_role_has_less_time():
    lengths = [planned([task("A", 2, effort={"it": 10})], has={"it": d}).activities[0].duration_days for d in (5, 2, 1)]
    assert lengths == [10, 25, 50]


# Ways.


def test_the_quicker_and_dearer_way_is_taken_only_where_it_brings_the_launch_forward():
    both = [way("in_house", 6, cost=100), way("consultant", 2, cost=900)]
    tasks = [
        task("hire", ways=both), task("paint", ways=both),
        task("wait", 6), task("launch", after={"hire": 0, "paint": 4, "wait": 0}),
    ]  # fmt: skip
    chosen = {a.task.id: a.way.id for a in planned(tasks, launch="launch").activities}
    # With the four weeks after it, paint would hold the launch at week ten; hire has six weeks to spare anyway.
    assert (chosen["paint"], chosen["hire"]) == ("consultant", "in_house")


def test_a_way_whose_people_have_no_time_is_no_way():
    tasks = [task("A", ways=[way("in_house", 1, {"it": 2}), way("partner", 3, {"operator": 1})])]
    assert planned(tasks, has={"it": 0}).activities[0].way.id == "partner"


def test_an_impossible_role_gets_a_sentence():
    with pytest.raises(NoPlanError, match=r"A needs time of counsel, who has none. Set capacity in engagement.yaml"):
        planned([task("A", effort={"counsel": 4})], has={"counsel": 0})


# Why then.


def test_every_start_says_what_binds_it():
    tasks = [
        task("A", effort={"it": 5}),
        task("B", 2, effort={"it": 10}),
        task("C", after={"B": 0}),
        task("dear", cost=50),
        task("vote", avoid=("election",)),
        task("set"),
    ]
    wishes = [
        w.Money("money:donor", "money", "donor", (Release(0, 10), Release(30, 90))),
        w.Closed("window:1", "election", ("vote",), ((0, 20),)),
        w.Pin("pin:set", "set starts on 3 May", "set", 85),
    ]
    names = Names(
        load_reasons(), WEEKDAYS, roles={"it": "IT"}, payers={"donor": "the donor"},
        windows={"vote": [("General election", (0, 20)), ("Runoff", (300, 320))]},
        wishes={"set": "The minister's visit."},
    )  # fmt: skip
    roadmap = planned(tasks, wishes, launch="C", names=names, purse_of={"donor": "donor"})
    why = {a.task.id: (a.bound, a.why_then) for a in roadmap.activities}
    assert why["B"] == ("start", "It can start at once.")
    assert why["C"] == ("link", "It waits for B to end.")
    assert why["A"] == ("people", "It waits for time of: IT.")
    assert why["dear"][0] == "money"
    assert "the donor" in why["dear"][1]
    assert why["vote"] == ("window", "It waits for the end of weeks in which it must not run: General election.")
    assert why["set"] == ("wish", "The date was asked for: The minister's visit.")


def test_only_a_date_held_by_its_links_says_so():
    roadmap = planned([task("A", effort={"it": 5}), task("B", effort={"it": 5}), task("C", after={"B": 0})])
    by_links = {a.task.id: a.by_links for a in roadmap.activities}
    assert by_links == {"A": a_first(roadmap), "B": not a_first(roadmap), "C": True}


def a_first(roadmap: Roadmap) -> bool:
    return weeks_of(roadmap)["A"] == 0


# Wishes that cannot hold.


def test_wishes_that_cannot_hold_together_are_named_with_the_ways_out():
    tasks = [task("law", 10), task("hire", 4), task("launch", after={"law": 0, "hire": 0})]
    wishes = [
        w.LaunchBy("launch_by", "launch by 1 Feb 2027", 20),
        w.NotBefore("not_before:hire", "hire starts on 11 Jan 2027 or later", "hire", 5),
    ]
    with pytest.raises(NoPlanError) as caught:
        planned(tasks, wishes, launch="launch")
    text = str(caught.value)
    assert "launch by 1 Feb 2027" in text
    assert "hire starts" not in text, "hire's date has nothing to do with it"
    assert "Launch on 15 Mar 2027, 30 working days later." in text


def test_a_gate_left_closed_is_the_last_thing_a_plan_gives_up():
    """Money for one of two: the one that opens a gate is done, the other is left out, with what it leaves open."""
    tasks = [
        task("gate", cost=80, must=False, gates=("G",)),
        task("gap", cost=80, must=False, closes=("F-1",)),
        task("launch"),
    ]
    wishes = [w.Money("m", "m", "donor", (Release(0, 100),)), w.Ceiling("c", "c")]
    roadmap = planned(tasks, wishes, launch="launch", purse_of={"donor": "donor"})
    assert {a.task.id for a in roadmap.activities} == {"gate", "launch"}
    assert [(x.id, x.open_findings) for x in roadmap.left_out] == [("gap", ("F-1",))]


# Money, load, stages, repeats.


def test_costs_add_up_and_what_starts_later_costs_more_in_the_money_of_its_year():
    tasks = [task("A", 52, cost=100), task("B", cost=100, after={"A": 0})]
    roadmap = planned(tasks)
    assert roadmap.cost == Span(200, 200, 200)
    assert roadmap.prices.nominal.likely == pytest.approx(100 + 100 * 1.05, abs=0.1)


def test_the_purse_shows_what_arrived_and_what_is_committed_day_by_day():
    tasks = [task("A", cost=60), task("B", cost=60, after={"A": 0})]
    money = {"donor": (MoneyDay(START, 100, 0), MoneyDay(WEEKDAYS[30], 50, 0))}
    wishes = [w.Money("m", "m", "donor", (Release(0, 100), Release(30, 50)))]
    purse = planned(tasks, wishes, money=money, purse_of={"donor": "donor"}).purses[0]
    assert [(m.day, m.released, m.committed) for m in purse.curve] == [
        (START, 100, 60), (WEEKDAYS[30], 150, 120),
    ]  # fmt: skip
    assert purse.over == 0


def test_a_roles_load_is_counted_week_by_week_against_what_it_has():
    roadmap = planned([task("A", 2, effort={"it": 4}), task("B", 1, effort={"it": 3})], has={"it": 5})
    load = roadmap.loads[0]
    assert (load.role, load.used, load.has) == ("it", (5, 2), (5, 5))


def test_a_channel_opens_when_it_is_ready_but_not_before_the_line_does():
    tasks = [task("mail", 2), task("soft", after={"prep": 0}), task("prep", 8), task("chat", 3, after={"soft": 1})]
    stages = (
        StageAsked("soft", "Soft launch", "soft", "every day 08:00 to 20:00", (), ("GL-01",), ""),
        StageAsked("mail", "E-mail", "mail", "all", ("email",), (), "", at_end=True, keeps=True),
        StageAsked("chat", "Chat", "chat", "all", ("chat",), (), "", at_end=True, keeps=True),
    )
    roadmap = planned(tasks, launch="soft", stages=stages, channels=("phone", "email", "chat"))
    soft, mail, chat = roadmap.stages
    assert (soft.planned, mail.planned) == (WEEKDAYS[40], WEEKDAYS[40])
    assert (soft.channels, mail.channels, chat.channels) == (
        ("phone",), ("phone", "email"), ("phone", "email", "chat"),
    )  # fmt: skip
    assert chat.planned == WEEKDAYS[40 + 5 + 5 + 15]
    assert chat.hours == "every day 08:00 to 20:00", "a channel keeps the hours kept by then"
    assert mail.p80 >= soft.p80


def test_recurring_work_is_dated_to_the_end_of_the_plan():
    roadmap = planned([task("drill", 1, repeats=Repeat(26, {"it": 2}, "Failover drill"))], horizon=300)
    end = roadmap.activities[0].end
    assert roadmap.activities[0].again[:2] == (end + timedelta(weeks=26), end + timedelta(weeks=52))
    assert roadmap.activities[0].again[-1] <= WEEKDAYS[299]


# Progress and the plan before.


def test_what_is_done_stays_and_what_runs_is_seen_through():
    tasks = [task("A", 2), task("B", 2, after={"A": 0}), task("C", after={"B": 0})]
    wishes = [w.Begun("begun:A", "", "A", 0, 18), w.Begun("begun:B", "", "B", 18, 10)]
    progress = {"A": Progress(START, WEEKDAYS[17]), "B": Progress(WEEKDAYS[18])}
    roadmap = planned(tasks, wishes, progress=progress, today=WEEKDAYS[20])
    states = {a.task.id: (a.state, a.start, a.end) for a in roadmap.activities}
    assert states["A"] == ("done", START, WEEKDAYS[17])
    assert states["B"] == ("running", WEEKDAYS[18], WEEKDAYS[27])
    assert states["C"][1] == WEEKDAYS[28]
    done = next(a for a in roadmap.activities if a.task.id == "A")
    assert (done.p50, done.p80, done.buffer_days) == (done.end, done.end, 0), "what is over is no longer in doubt"


def test_a_forced_move_says_what_forced_it():
    tasks = [task("A", 4), task("B", after={"A": 0}), task("C")]
    wishes = [w.Begun("begun:A", "", "A", 0, 40), w.Previous("p", "", {"B": 20, "C": 10})]
    roadmap = planned(tasks, wishes, progress={"A": Progress(START)})
    moved = {a.task.id: a.moved for a in roadmap.activities}
    assert moved["C"] is None, "C could start at once, but it keeps its date"
    assert moved["B"] is not None
    assert moved["B"].was == WEEKDAYS[20]
    assert moved["B"].days == 20
    assert "It waits for A to end." in moved["B"].why


# Plans edited by hand.


def test_a_plan_edited_by_hand_is_judged_by_the_same_rules():
    tasks = [task("A", 2), task("B", after={"A": 0}, ways=[way("in_house", 3), way("partner", 1)])]
    question = asked(tasks)
    roadmap = plan_roadmap(question)
    assert judge_edits(question, roadmap, {"B": WEEKDAYS[15]}, {"B": "partner"}, []) == []
    wrong = judge_edits(question, roadmap, {"B": WEEKDAYS[5]}, {}, [])
    assert len(wrong) == 1
    assert "A A" in wrong[0]
    assert "B B" in wrong[0]
    assert any("A A" in text for text in judge_edits(question, roadmap, {}, {}, ["A"]))


def test_owners_carry_no_more_at_once_than_they_can():
    tasks = [task(i) for i in "ABC"]
    roadmap = planned(tasks, [w.Limit("owner:operator", "two at once", OWNER + "operator", 2)])
    assert sorted(weeks_of(roadmap).values()) == [0, 0, 1]
    assert {a.bound for a in roadmap.activities} == {"start", "owner"}


def test_a_dear_way_that_buys_nothing_is_taken_back():
    """Both jobs could be quick and dear; only the one before the launch gains from it."""
    slow, quick = Mode("slow", 6, cost=100), Mode("quick", 2, cost=900)
    jobs = (Job("needed", (slow, quick)), Job("aside", (slow, quick)), Job("launch", (Mode("one", 1),), {"needed": 0}))
    dear = {"needed": Placed(0, 1), "aside": Placed(0, 1), "launch": Placed(2)}
    better = polished(Problem(jobs, {}, 30, launch="launch"), dear)
    assert (better["needed"].mode, better["aside"].mode, better["launch"].start) == (1, 0, 2)


def test_a_plan_leaves_no_job_later_than_the_others_let_it_be_unless_a_plan_before_holds_it():
    jobs = (Job("a", (Mode("one", 2, {"r": 1}),)), Job("b", (Mode("one", 2, {"r": 1}),)))
    loose = {"a": Placed(5), "b": Placed(9)}
    assert settled(Problem(jobs, {"r": 1}, 30), loose) == {"a": Placed(0), "b": Placed(2)}
    assert settled(Problem(jobs, {"r": 1}, 30, previous={"a": 5}), loose) == loose


def test_work_that_was_over_before_the_plan_begins_keeps_its_real_dates():
    before = date(2026, 11, 6)
    progress = {"A": Progress(date(2026, 10, 5), before)}
    roadmap = planned([task("A", 4), task("B", after={"A": 0})], [w.Begun("begun:A", "", "A", 0, 0)], progress=progress)
    first = next(a for a in roadmap.activities if a.task.id == "A")
    assert (first.end, first.p50, first.p80, first.buffer_days) == (before, before, before, 0)
    assert next(a for a in roadmap.activities if a.task.id == "B").start == START


def test_two_tranches_on_one_day_add_up():
    money = {"donor": (MoneyDay(START, 100, 0), MoneyDay(START, 40, 0))}
    wishes = [w.Money("m", "m", "donor", (Release(0, 100), Release(0, 40)))]
    purse = planned([task("A", cost=130)], wishes, money=money, purse_of={"donor": "donor"}).purses[0]
    assert (purse.curve[-1].released, purse.over) == (140, 0)


def test_the_plan_says_which_gates_it_does_not_open():
    tasks = [task("gate", cost=80, must=False, gates=("GL-06",)), task("launch")]
    wishes = [w.Money("m", "m", "donor", (Release(0, 10),)), w.Ceiling("c", "c")]
    assert planned(tasks, wishes, launch="launch", purse_of={"donor": "donor"}).unopened == ("GL-06",)


def test_a_way_is_kept_for_work_that_runs_though_its_people_have_no_time_any_longer():
    tasks = [task("A", ways=[way("consultant", 2, {"consultant": 5}), way("in_house", 4, {"it": 5})])]
    wishes = [w.Begun("begun:A", "", "A", 0, 10, "consultant")]
    roadmap = planned(tasks, wishes, has={"consultant": 0}, progress={"A": Progress(START)})
    assert roadmap.activities[0].way.id == "consultant"


def test_too_few_days_of_a_role_are_named_when_nothing_fits():
    with pytest.raises(NoPlanError, match="stretch the work: it"):
        planned([task("A", 2, effort={"it": 60})], has={"it": 0.2})
