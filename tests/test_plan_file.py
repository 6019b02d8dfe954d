"""What an engagement says about its plan: read strictly, every problem at once, scenarios laid over without a trace."""

from __future__ import annotations

import shutil
from datetime import date
from itertools import combinations
from pathlib import Path

import pytest
from conftest import EXAMPLES, ROOT

from hotline_catalyst.engagement import read_engagement
from hotline_catalyst.errors import ContentError
from hotline_catalyst.library import content_root, read
from hotline_catalyst.plan_file import LeftOut, Pin, PlanWishes, Scenario, Window, given_up, overlaid, patched, unheard
from hotline_catalyst.starting import new_engagement

RURITANIA = ROOT / "assessment" / "examples" / "ruritania"


@pytest.fixture
def folder(tmp_path):
    """An engagement folder without answers."""
    shutil.copy(RURITANIA / "engagement.yaml", tmp_path)
    return tmp_path


def problems(folder: Path, **texts: str) -> list[str]:
    """Write files beside engagement.yaml and return what reading them says."""
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    with pytest.raises(ContentError) as caught:
        read_engagement(folder)
    return [f"{caught.value.where.rsplit('/', 1)[-1]}: {p}" for p in caught.value.problems]


def added(folder: Path, text: str) -> Path:
    """Replace budget and plan of the example's engagement.yaml by ``text``."""
    path = folder / "engagement.yaml"
    path.write_text(path.read_text("utf-8").split("\nbudget:")[0] + "\n" + text, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("data", "change", "result"),
    [
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 5}}, {"a": {"b": 5, "c": 2}}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": None}}, {"a": {"c": 2}}),
        ({"a": [1]}, {"a+": [2, 3]}, {"a": [1, 2, 3]}),
        ({}, {"a+": [2]}, {"a": [2]}),
        ({"a": [1]}, {"a": [2]}, {"a": [2]}),
        ({"a": 1}, {"b": {"c": {"d+": [4]}}}, {"a": 1, "b": {"c": {"d": [4]}}}),
        ({"a": 1}, {"a": None, "gone": None}, {}),
    ],
)
def test_a_scenario_merges_mappings_adds_to_lists_removes_what_is_empty_and_replaces_the_rest(data, change, result):
    before = repr(data)
    assert patched(data, change) == result
    assert repr(data) == before


@pytest.mark.parametrize(("data", "change"), [({"a": {"b": 1}}, {"a+": [1]}), ({"a": [1]}, {"a+": 2})])
def test_only_a_list_can_be_added_to_a_list(data, change):
    with pytest.raises(ValueError, match="adds to a list"):
        patched(data, change)


def test_every_problem_of_a_plan_is_named_at_once_with_its_line(folder):
    text = """budget:
  currency: RUC
  tranches:
    - {date: 2027-01-04, amount: 100, payer: donor}
    - {date: 2027-02-04, amount: 100}
plan:
  pins: [{activity: R06, start: 2027-03-01}]
  windows: [{kind: election, title: Vote, from: 2027-10-01, to: 2027-09-01}]
  away: [{role: it, from: 2027-10-01, to: 2027-11-01, reason: Leave, days: 3}]
"""
    found = problems(added(folder, text))
    assert len(found) == 4
    assert any("line" in p and "give each of them one, or none of them" in p for p in found)
    assert any("plan.pins.0.reason: this key is missing" in p for p in found)
    assert any("it ends on 2027-09-01, before it begins on 2027-10-01" in p for p in found)
    assert any("plan.away.0.days: this key is not known here" in p for p in found)


def test_what_does_not_exist_is_named_with_what_was_likely_meant(folder):
    text = """budget: {currency: EUR, tranches: [{date: 2027-01-04, amount: 100}]}
plan:
  pins: [{activity: R6, start: 2027-03-01, reason: Asked for}]
  ways: [{activity: R24, way: magic, reason: Asked for}]
  windows: [{kind: elections, title: Vote, from: 2027-10-01, to: 2027-10-02}]
  away: [{role: operatr, from: 2027-10-01, to: 2027-11-01, reason: Leave}]
stages: {sofft: {}, national: {hours: nightly, channels: [chat]}}
"""
    found = problems(added(folder, text))
    for part in (
        "budget.currency: 'EUR' has no rate in the country's file; use RUC or USD",
        "plan.pins: activity 'R6' does not exist; did you mean 'R",
        "plan.ways: R24 cannot be done by the way 'magic'; there are ",
        "plan.windows: 'elections' is not a kind of window; did you mean 'election'?",
        "plan.away: 'operatr' is not a role; did you mean 'operator'?",
        "stages: 'sofft' is not a step of the opening; did you mean 'soft'?",
        "stages: national: hours 'nightly' is not one of office, weekdays",
        "stages: national: channel 'chat' is not among the engagement's channels",
    ):
        assert any(part in p for p in found), part
    assert len(found) == 8


def test_wishes_that_a_reader_can_see_to_be_at_odds_are_refused(folder):
    text = """plan:
  pins:
    - {activity: R06, start: 2027-03-01, reason: Asked for, way: consultant}
    - {activity: R08, start: 2027-03-01, reason: Asked for}
    - {activity: R08, start: 2027-04-01, reason: Asked for again}
  leave_out: [{activity: R06, reason: No money}]
  ways: [{activity: R06, way: in_house, reason: Cheaper}]
"""
    (found,) = problems(added(folder, text))
    assert "pins: R08 stands there more than once" in found
    assert "pins: R06 is also in leave_out" in found
    assert "R06 is to be done by 'consultant', and under ways by 'in_house'" in found


def test_progress_that_cannot_be_is_refused(folder):
    found = problems(folder, progress="""progress:
  - {activity: R01, started: 2026-11-20, ended: 2026-11-10}
  - {activity: R02, started: 2026-11-01, ended: 2026-11-10, remaining_weeks: 1}
""")  # fmt: skip
    assert "progress.yaml" in found[0]
    assert any("R01 ended on 2026-11-10, before it started on 2026-11-20" in p for p in found)
    assert any("R02 has ended and has weeks remaining" in p for p in found)
    found = problems(folder, progress="""progress:
  - {activity: R01, started: 2026-12-24}
  - {activity: R99, started: 2026-11-01}
  - {activity: R02, started: 2026-11-01, way: magic}
""")  # fmt: skip
    assert any("R01 started on 2026-12-24, after the engagement's as_of 2026-11-21" in p for p in found)
    assert any("activity 'R99' does not exist" in p for p in found)
    assert any("R02 cannot be done by the way 'magic'" in p for p in found)
    found = problems(folder, progress="""progress:
  - {activity: R01, started: 2026-11-01}
  - {activity: R01, started: 2026-11-02}
""")  # fmt: skip
    assert "R01: there is more than one line" in found[0]


def test_edits_of_the_plan_are_laid_over_what_engagement_yaml_asks(folder):
    added(folder, "plan: {pins: [{activity: R06, start: 2027-03-01, reason: First}], gates: affordable}\n")
    (folder / "plan_edits.yaml").write_text(
        "pins: [{activity: R06, start: 2027-05-03, reason: Edited}]\nleave_out: [{activity: R18, reason: Edited}]\n"
    )
    wishes = read_engagement(folder).wishes
    assert [(p.activity, p.start, p.reason) for p in wishes.pins] == [("R06", date(2027, 5, 3), "Edited")]
    assert [x.activity for x in wishes.leave_out] == ["R18"]
    assert wishes.gates == "affordable"
    found = problems(folder, plan_edits="pins: [{activity: R999, start: 2027-05-03, reason: Edited}]\n")
    assert "plan_edits.yaml: pins: activity 'R999' does not exist" in found[0]


def test_an_edit_that_takes_an_activity_back_in_ends_the_wish_to_leave_it_out():
    window = Window.model_validate({"kind": "election", "title": "Vote", "from": "2027-10-01", "to": "2027-10-02"})
    asked = PlanWishes(leave_out=[LeftOut(activity="R18", reason="No travel")], windows=[window])
    back = PlanWishes(pins=[Pin(activity="R18", start=date(2027, 5, 3), reason="Edited")], windows=[window])
    laid = overlaid(asked, back)
    assert (laid.leave_out, [p.activity for p in laid.pins], laid.windows) == ([], ["R18"], [window])
    again = overlaid(laid, asked)
    assert (again.pins, [x.activity for x in again.leave_out]) == ([], ["R18"])


WISHES = {
    "pins": {"activity": "R10", "start": "2027-06-14", "reason": "x"},
    "pins way": {"activity": "R10", "start": "2027-06-14", "way": "in_house", "reason": "x"},
    "pins other": {"activity": "R10", "start": "2027-06-07", "way": "consultant", "reason": "y"},
    "leave_out": {"activity": "R10", "reason": "x"},
    "ways": {"activity": "R10", "way": "in_house", "reason": "x"},
    "ways other": {"activity": "R10", "way": "consultant", "reason": "y"},
    "not_before": {"activity": "R10", "date": "2027-06-10", "reason": "x"},
    "done_by": {"activity": "R10", "date": "2027-09-10", "reason": "x"},
    "delays": {"activity": "R10", "weeks": 1, "reason": "x"},
}


def wishes(*kinds: str) -> PlanWishes:
    return PlanWishes.model_validate({kind.split()[0]: [WISHES[kind]] for kind in kinds})


def possible(*kinds: str) -> bool:
    try:
        return bool(wishes(*kinds))
    except ValueError:
        return False


@pytest.mark.parametrize(
    "kinds", [k for k in (*((k,) for k in WISHES), *combinations(WISHES, 2)) if possible(*k)], ids=str
)
def test_every_edit_can_be_laid_over_every_wish_about_the_same_activity(kinds):
    for edit in WISHES:
        laid = overlaid(wishes(*kinds), wishes(edit))
        (mine,) = getattr(laid, edit.split()[0])
        assert mine.reason == WISHES[edit]["reason"], "the edit's word stands"
        assert overlaid(laid, wishes(edit)) == laid, "laid over twice is laid over once"


def test_an_edited_way_is_taken_by_a_pinned_activity_and_an_edited_date_keeps_its_way(folder):
    added(folder, "plan: {pins: [{activity: R10, start: 2027-06-14, way: in_house, reason: Lease}]}\n")
    (folder / "plan_edits.yaml").write_text("ways: [{activity: R10, way: consultant, reason: Edited}]\n")
    laid = read_engagement(folder).wishes
    assert [(p.start, p.way) for p in laid.pins] == [(date(2027, 6, 14), None)]
    assert [w.way for w in laid.ways] == ["consultant"]
    laid = overlaid(wishes("pins way"), wishes("pins").model_copy(update={"pins": [Pin(activity="R10",
                    start=date(2027, 7, 5), reason="Edited")]}))  # fmt: skip
    assert [(p.start, p.way) for p in laid.pins] == [(date(2027, 7, 5), "in_house")]


def test_a_first_day_stays_while_an_edited_date_keeps_it():
    def pin(day: date) -> PlanWishes:
        return PlanWishes(pins=[Pin(activity="R10", start=day, reason="Edited")])

    asked = wishes("not_before", "done_by")
    assert [x.date for x in overlaid(asked, pin(date(2027, 6, 10))).not_before] == [date(2027, 6, 10)]
    assert overlaid(asked, pin(date(2027, 6, 9))).not_before == []
    assert [x.date for x in given_up(asked, pin(date(2027, 6, 9)))] == [date(2027, 6, 10), date(2027, 9, 10)]
    assert given_up(asked, PlanWishes(pins=[Pin(activity="R11", start=date(2027, 6, 9), reason="Edited")])) == []


def test_what_is_asked_about_nothing_in_the_plan_is_said_one_sentence_each():
    asked = wishes("ways", "not_before", "done_by", "delays")
    found = unheard(asked, ["R01"])
    assert found == [
        "done_by: R10 is not in the plan, so it is not done by 2027-09-10; to have it done, pin it to a day (x).",
        "not_before: R10 is not in the plan, so its first day 2027-06-10 changes nothing (x).",
        "ways: R10 is not in the plan, so its way 'in_house' changes nothing (x).",
        "delays: R10 is not in the plan, so its delay changes nothing (x).",
    ]
    assert unheard(asked, ["R10"]) == []
    assert unheard(wishes("leave_out", "delays"), []) == [], "who left it out knows"
    due = PlanWishes.model_validate({"launch_by": {"date": "2027-02-01", "reason": "Promised."}})
    assert unheard(due, [], False) == [
        "launch_by: nothing launches in this plan, so 2027-02-01 is not kept (Promised)."
    ]
    assert unheard(due, [], True) == []


def test_a_scenario_is_laid_over_without_a_trace_and_its_problems_name_its_file(folder):
    before = {p: p.read_bytes() for p in folder.rglob("*")}
    changed = read_engagement(folder, {"start": "2027-03-01", "plan": {"delays+": [{"activity": "R07", "weeks": 4,
                              "reason": "Late"}]}})  # fmt: skip
    assert changed.file.start == date(2027, 3, 1)
    assert [d.weeks for d in changed.wishes.delays] == [4]
    assert changed.wishes.windows == read_engagement(folder).wishes.windows
    with pytest.raises(ContentError, match=r"late\.yaml\n.*start: 2027-03-02 is a Tuesday; plans start on a Monday"):
        read_engagement(folder, {"start": "2027-03-02"}, folder / "scenarios" / "late.yaml")
    with pytest.raises(ContentError, match=r"late\.yaml\n.*plan\.delays: activity 'R7' does not exist"):
        read_engagement(folder, {"plan": {"delays": [{"activity": "R7", "weeks": 4, "reason": "Late"}]}},
                        folder / "scenarios" / "late.yaml")  # fmt: skip
    assert {p: p.read_bytes() for p in folder.rglob("*")} == before


@pytest.mark.parametrize("path", sorted((ROOT / "assessment" / "examples").glob("*/scenarios/*.yaml")), ids=str)
def test_every_scenario_of_the_examples_fits_its_engagement(path):
    scenario = read(path, Scenario)
    assert read_engagement(path.parents[1], scenario.change, path).file != read_engagement(path.parents[1]).file


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_say_what_they_say(name):
    assert read_engagement(ROOT / "assessment" / "examples" / name).baseline is None


def test_what_the_new_engagements_file_shows_as_comments_can_be_taken_as_it_stands(tmp_path):
    new_engagement(tmp_path / "e", "XR", "new", "en", date(2026, 11, 21))
    path = tmp_path / "e" / "engagement.yaml"
    assert read_engagement(path.parent).wishes == PlanWishes()
    lines, inside = [], False
    for line in path.read_text("utf-8").splitlines():
        inside = (inside or line.startswith(("# budget:", "plan: {}"))) and not line.startswith(("# Kinds", "# Beside"))
        line = "plan:" if line.startswith("plan: {}") else line
        lines.append(line.removeprefix("# ").removeprefix("#") if inside else line)
    path.write_text("\n".join(lines), "utf-8")
    file = read_engagement(path.parent).file
    assert file.budget is not None
    assert len(file.budget.tranches) == 2
    assert PlanWishes.model_fields.keys() == file.plan.model_fields_set, "every key is shown"
    assert "[[" not in path.read_text("utf-8")


def test_the_kinds_of_windows_in_the_new_engagements_file_are_those_there_are():
    text = (content_root() / "templates" / "engagement" / "engagement.yaml").read_text("utf-8")
    line = next(x for x in text.splitlines() if x.startswith("# Kinds of windows: "))
    kinds = read_engagement(RURITANIA).advice.roadmap.windows
    assert line.removeprefix("# Kinds of windows: ").rstrip(".").split(", ") == list(kinds)


def test_a_launch_day_without_its_reason_is_refused_with_the_form_it_takes():
    with pytest.raises(ValueError, match=r"write the day with whose promise it is: \{date: 2028-06-30"):
        PlanWishes.model_validate({"launch_by": date(2027, 6, 1)})
