"""What if: the same engagement with one change, and what differs said in plain words."""

from __future__ import annotations

import os
import shutil
from bisect import bisect_left
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from conftest import ROOT
from judged import gathered
from roadmaps import DAYS, IN_HOUSE, PARTNER, activity, roadmap
from small import small_engagement

from hotline_catalyst.engagement import read_engagement
from hotline_catalyst.errors import CatalystError, ContentError
from hotline_catalyst.judgement import judge_everything
from hotline_catalyst.library import read
from hotline_catalyst.plan_file import Scenario
from hotline_catalyst.planning.demand import Span
from hotline_catalyst.planning.roadmap import LeftOut, MoneyDay, Purse, Roadmap, Stage
from hotline_catalyst.replanning import accept
from hotline_catalyst.whatif import WhatIf, _Side, _under, compare, find_scenario, lines, roadmap_of, whatif

ASKED = Scenario(title="A test", why="To see.", change={"start": "2027-02-01"})


def between(first: date, last: date) -> int:
    return bisect_left(DAYS, last) - bisect_left(DAYS, first)


def said(found: WhatIf) -> str:
    return "\n".join(lines(found))


def step(ident: str, day: int) -> Stage:
    return Stage(ident, f"Step {ident}", "L", DAYS[day], DAYS[day + 5], DAYS[day + 10], "always", (), (), "")


# Plans written by hand.


def test_a_date_that_moves_over_a_holiday_counts_working_days():
    monday = DAYS.index(date(2027, 5, 10))  # the Monday before is Charter Day: the Friday lies one working day back
    was, now = (roadmap(activity("L", monday - n)) for n in (1, 0))
    found = compare(ASKED, was, now, between)
    assert (now.activities[0].start - was.activities[0].start).days == 3
    (moved,) = found.moved
    assert (moved.was, moved.now, moved.days) == (date(2027, 5, 7), date(2027, 5, 10), 1)
    assert "10 May 2027 instead of 7 May 2027 (1 working day later). It can start at once." in said(found)


def test_what_comes_in_goes_out_and_is_done_another_way_is_named_with_its_reason():
    was = roadmap(activity("L", 50), activity("GO", 3, title="Old work"), activity("W", 4, title="Write it"))
    gone = LeftOut("GO", "Old work", "The money does not reach for it.", ("F-AA-01",))
    now = roadmap(
        activity("L", 40), activity("IN", 7, title="New work"),
        activity("W", 4, title="Write it", way=PARTNER), left_out=(gone,),
    )  # fmt: skip
    found = compare(ASKED, was, now, between)
    assert [(s.id, s.was, s.now) for s in found.added] == [("IN", None, DAYS[7])]
    assert [(s.id, s.was, s.now) for s in found.dropped] == [("GO", DAYS[3], None)]
    assert [(w.id, w.was, w.now) for w in found.ways] == [("W", IN_HOUSE.title, PARTNER.title)]
    assert (found.opened, found.closed) == (("F-AA-01",), ())
    assert found.launch is not None
    assert found.launch.days == -10
    text = said(found)
    for line in (
        "(10 working days earlier)",
        "IN New work: 13 Jan 2027 instead of not in the plan. Each gate is looked at alone.",
        "GO Old work: not in the plan instead of 7 Jan 2027. The money does not reach for it.",
        "W Write it: With a partner instead of In house",
        "Left open now: F-AA-01",
    ):
        assert line in text, text


def test_money_and_steps_of_the_opening_are_set_side_by_side():
    def purse(over: float) -> Purse:
        return Purse("donor", (MoneyDay(DAYS[0], 900, 1000),), over)

    was = roadmap(activity("L"), stages=(step("soft", 9), step("full", 30)), purses=(purse(0),), cost=Span(1, 1000, 2))
    now = roadmap(activity("L"), stages=(step("soft", 9),), purses=(purse(400),), cost=Span(1, 1400, 2))
    found = compare(ASKED, was, now, between)
    assert [(s.id, s.now) for s in found.stages] == [("full", None)]
    assert (found.cost, found.over) == ((1000, 1400), (0, 400))
    assert "Cost, likely: 1 400 XRC instead of 1 000\nAbove the budget: 400 XRC; before: 0" in said(found)
    assert "Step full: not in the plan instead of" in said(found)


def test_what_binds_the_launch_is_followed_back_and_only_what_is_new_is_explained():
    def chain(first: str) -> list[object]:
        held = activity(first, 0, 10, title="First work")
        return [activity("L", 20, 5, {"M": 0}), activity("M", 10, 10, {first: 0}), held]

    was, now = (roadmap(*chain(first)) for first in ("A", "B"))  # type: ignore[arg-type]
    found = compare(ASKED, was, now, between)
    assert [b.id for b in found.binds] == ["B", "M", "L"]
    text = said(found)
    assert "What binds it now: B, then M, then L\n  B First work. It can start at once.\nCost" in text
    found = compare(ASKED, roadmap(activity("L", 20)), now, between)
    assert "\n  new: M Hold the gate review. It follows at once.\nCost" in said(found)


def test_a_long_list_is_cut_and_says_so_while_the_record_holds_all():
    was, now = (roadmap(activity("L", 90), *(activity(f"A{n:02}", n + late) for n in range(20))) for late in (0, 3))
    found = compare(ASKED, was, now, between)
    assert len(found.moved) == 20
    assert "Activities that move (20, the first 12)\n  A00 " in said(found)
    assert "A12" not in said(found)


def test_two_equal_plans_differ_in_nothing():
    plan = roadmap(activity("L", 5), activity("B", 2))
    found = compare(ASKED, plan, plan, between)
    assert (found.moved, found.stages, found.added, found.dropped, found.ways) == ((), (), (), (), ())
    assert "11 Jan 2027, as before" in said(found)
    assert said(found).endswith("Nothing in the plan moves.")


# A real engagement, made small.


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    return small_engagement(tmp_path_factory.mktemp("whatif") / "e")


@pytest.fixture
def scenario(small) -> Callable[[str], str]:
    def write(change: str) -> str:
        path = small / "scenarios" / "tried.yaml"
        path.write_text(f"title: Tried\nwhy: To see.\nchange: {change}\n", "utf-8")
        return "tried"

    return write


def test_a_delayed_activity_moves_the_launch_as_planning_anew_does_and_nothing_is_written(small, scenario):
    name = scenario("{plan: {delays+: [{activity: R07, weeks: 26, reason: New minister}]}}")
    before = {p: p.read_bytes() for p in small.rglob("*") if p.is_file()}
    found = whatif(small, name)
    assert {p: p.read_bytes() for p in small.rglob("*") if p.is_file()} == before
    path = small / "scenarios" / "tried.yaml"
    alone = roadmap_of(read_engagement(small, read(path, Scenario).change, path))
    assert found.launch is not None
    assert alone.launch is not None
    assert found.launch.now == alone.launch.planned, "keeping other dates still costs no day of the launch"
    assert found.launch.days > 0
    assert "R07" in [b.id for b in found.binds]
    assert "R16" in [s.id for s in found.moved], "what waits for it moves"
    assert not {"R01", "R02", "R03"} & {s.id for s in found.moved}, "what comes before it stays"


def test_a_change_that_touches_no_plan_moves_nothing(small, scenario):
    found = whatif(small, scenario("{notice: Draft}"))
    assert (found.moved, found.added, found.dropped, found.ways) == ((), (), (), ())
    assert found.cost[0] == found.cost[1]


@pytest.fixture(scope="module")
def late(small) -> Roadmap:
    """A plan of the same engagement that launches eight weeks later than it need."""
    return roadmap_of(read_engagement(small, {"plan": {"delays": [{"activity": "R07", "weeks": 8, "reason": "x"}]}}))


FAR = "{plan: {windows+: [{kind: election, title: Far, from: 2030-10-01, to: 2030-10-10}]}}"


@pytest.mark.parametrize("change", ["{notice: Draft}", FAR], ids=["no problem differs", "a window nothing meets"])
def test_an_accepted_plan_later_than_it_need_be_is_not_the_doing_of_a_scenario_that_changes_nothing(
    small, late, tmp_path, change
):
    folder = Path(shutil.copytree(small, tmp_path / "e"))
    as_of = read_engagement(folder).file.as_of
    accept(folder, late, as_of, as_of)
    (folder / "scenarios" / "tried.yaml").write_text(f"title: Tried\nwhy: To see.\nchange: {change}\n", "utf-8")
    found = whatif(folder, "tried")
    assert late.launch is not None
    assert found.launch is not None
    assert (found.launch.was, found.launch.now) == (late.launch.planned, late.launch.planned)
    assert (found.moved, found.stages, found.added, found.dropped, found.ways) == ((), (), (), (), ())
    assert (found.cost[0], found.p80.days, found.could) == (found.cost[1], 0, None)  # type: ignore[union-attr]


def test_a_plan_that_the_search_left_short_of_the_best_is_not_bettered_in_the_scenarios_name(small, late):
    as_is = read_engagement(small)
    window = {"kind": "election", "title": "Far", "from": "2030-10-01", "to": "2030-10-10"}
    far = read_engagement(small, {"plan": {"windows+": [window]}})
    judged = judge_everything(as_is)
    now = _under(_Side(as_is, judged), _Side(far, judged), late)
    assert late.launch is not None
    dates = [{a.task.id: (a.start, a.way.id) for a in plan.activities} for plan in (now, late)]
    assert dates[0] == dates[1]
    assert now.launch is not None
    assert now.launch.planned == late.launch.planned


def test_an_accepted_launch_is_kept_and_what_the_scenario_would_allow_without_the_promise_is_said(small, tmp_path):
    folder = Path(shutil.copytree(small, tmp_path / "e"))
    path = folder / "engagement.yaml"
    text = path.read_text("utf-8").replace("\nplan:", "\nplan:\n  delays: [{activity: R07, weeks: 8, reason: Late}]", 1)
    path.write_text(text, "utf-8")
    before = read_engagement(folder)
    plan = roadmap_of(before)
    accept(folder, plan, before.file.as_of, before.file.as_of)
    (folder / "scenarios" / "tried.yaml").write_text(
        "title: Tried\nwhy: To see.\nchange: {plan: {delays: [{activity: R99, weeks: 1, reason: x}]}}\n", "utf-8"
    )
    with pytest.raises(ContentError, match="R99"):
        whatif(folder, "tried")
    (folder / "scenarios" / "tried.yaml").write_text(
        "title: Tried\nwhy: To see.\nchange: {plan: {delays: [{activity: A01, weeks: 1, reason: Slow}]}}\n", "utf-8"
    )
    found = whatif(folder, "tried")
    assert plan.launch is not None
    assert found.launch is not None
    assert found.launch.now == plan.launch.planned
    assert found.could is not None
    assert found.could[1] < found.could[0] == plan.launch.planned
    assert "The accepted plan's launch is kept. Without that promise it could be" in said(found)


def test_a_wish_about_nothing_in_the_plan_is_said(small, scenario):
    found = whatif(small, scenario("{plan: {leave_out: [{activity: R24, reason: x}, {activity: R25, reason: x}], "
                                   "launch_by: {date: 2027-02-01, reason: Promised}}}"))  # fmt: skip
    assert found.unheard == ("launch_by: nothing launches in this plan, so 2027-02-01 is not kept (Promised).",)
    assert "Asked for, and about nothing in this plan (1)\n  launch_by" in said(found)


def test_wishes_that_cannot_hold_together_are_named(small, scenario):
    name = scenario("{plan: {launch_by: {date: 2027-03-01, reason: Promised}, "
                    "pins: [{activity: R02, start: 2027-02-01, reason: Asked for}]}}")  # fmt: skip
    found = whatif(small, name)
    assert "1 Mar 2027" in found.no_plan
    assert "There is no plan that holds all of it." in said(found)
    assert found.moved == ()


def test_a_scenario_that_is_not_there_or_does_not_fit_is_said_so(small, scenario):
    with pytest.raises(CatalystError, match=r"no scenario 'late_lew'; did you mean 'late_law'\?"):
        find_scenario(small, "late_lew")
    with pytest.raises(CatalystError, match="there are half_budget, late_law"):
        find_scenario(small, "zzzz")
    assert find_scenario(small, "late_law.yaml") == find_scenario(small, "late_law")
    with pytest.raises(ContentError, match=r"tried\.yaml\n.*colour: this key is not known here"):
        whatif(small, scenario("{colour: blue}"))
    (small / "scenarios" / "tried.yaml").write_text("title: Tried\nchange: {}\n", "utf-8")
    with pytest.raises(ContentError, match="2 problems"):
        whatif(small, "tried")


@pytest.mark.skipif("SOAK" not in os.environ, reason="half a minute each; run by make soak")
@pytest.mark.parametrize(
    "path", sorted((ROOT / "assessment" / "examples").glob("*/scenarios/*.yaml")), ids=lambda p: p.stem
)
def test_the_examples_scenarios_are_planned(path, tmp_path):
    folder = gathered(path.parents[1].name, tmp_path / "e")
    found = whatif(folder, path.stem)
    print(said(found))
    assert found.no_plan == ""
    assert found.launch is not None
