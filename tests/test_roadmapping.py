"""From an engagement to its roadmap: nothing asked for, begun or taken out is lost without a word."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from judged import gathered

from hotline_catalyst.engagement import Engagement, read_engagement
from hotline_catalyst.errors import NoPlanError
from hotline_catalyst.judgement import Judgement, judge_everything
from hotline_catalyst.plan_file import Done
from hotline_catalyst.roadmapping import asked


@pytest.fixture(scope="module")
def ruritania(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Judgement]:
    folder = gathered("ruritania", tmp_path_factory.mktemp("roadmapping") / "ruritania")
    return folder, judge_everything(read_engagement(folder))


def patched(folder: Path, **plan: Any) -> Engagement:
    return read_engagement(folder, {"plan": plan})


def test_a_gate_whose_opener_is_taken_out_is_named(ruritania):
    folder, judged = ruritania
    chosen = next(c for c in judged.chosen if c.gates and c.activity.needed == "gap")
    question = asked(patched(folder, leave_out=[{"activity": chosen.activity.id, "reason": "No money."}]), judged)
    assert set(chosen.gates) <= set(question.unopened)
    left = next(x for x in question.left_out if x.id == chosen.activity.id)
    assert left.why == "Left out on request: No money."


def test_nothing_opens_later_when_the_opening_itself_is_taken_out(ruritania):
    folder, judged = ruritania
    assert [s.id for s in asked(read_engagement(folder), judged).stages][:1] == ["soft"]
    assert asked(patched(folder, leave_out=[{"activity": "R25", "reason": "Later."}]), judged).stages == ()


def test_work_that_has_begun_stays_in_the_plan_though_no_answer_asks_for_it_or_somebody_took_it_out(ruritania):
    folder, judged = ruritania
    have = {c.activity.id for c in judged.chosen}
    engagement = read_engagement(folder)
    other = next(i for i, a in engagement.advice.activities.items() if i not in have and a.stage != "existing")
    done = (Done(activity=other, started=date(2026, 11, 2), ended=date(2026, 11, 13)),)
    tasks = {t.id: t for t in asked(replace(engagement, progress=done), judged).tasks}
    assert "it has begun" in tasks[other].why_here
    running = (Done(activity="A38", started=date(2026, 11, 9)),)
    out = patched(folder, leave_out=[{"activity": "A38", "reason": "No time."}])
    assert "A38" in {t.id for t in asked(replace(out, progress=running), judged).tasks}


def test_running_work_takes_only_what_is_left_of_it(ruritania):
    folder, judged = ruritania
    engagement = read_engagement(folder, {"as_of": "2027-01-08", "start": "2027-01-04"})
    running = (Done(activity="R02", started=date(2026, 12, 21)),)
    begun = {x.id: x for x in asked(replace(engagement, progress=running), judged).wishes}["begun:R02"]
    whole = {
        x.id: x
        for x in asked(replace(engagement, progress=(Done(activity="R02", started=date(2027, 1, 4)),)), judged).wishes
    }["begun:R02"]
    worked_before = len([d for d in engagement.country.working_days(date(2026, 12, 21), 30) if d < date(2027, 1, 4)])
    assert worked_before > 0
    assert begun.length == max(whole.length - worked_before, 5)  # the fifth working day is today


def test_a_way_asked_for_without_the_people_it_needs_is_refused_by_name(ruritania):
    folder, judged = ruritania
    patch = {"capacity": {"consultant": 0}, "plan": {"ways": [{"activity": "A38", "way": "consultant", "reason": "x"}]}}
    with pytest.raises(NoPlanError, match=r"A38 is to be done this way: with a consultant.*consultant, who has none"):
        asked(read_engagement(folder, patch), judged)


def test_a_step_of_the_opening_has_its_own_hours_only_where_they_are_fewer_than_those_promised(ruritania):
    folder, judged = ruritania
    day = {"hours": {"every_day": "09:00-12:00"}}
    hours = {s.id: s.hours for s in asked(read_engagement(folder, day), judged).stages}
    assert set(hours.values()) == {"every day 09:00 to 12:00"}
    hours = {s.id: s.hours for s in asked(read_engagement(folder), judged).stages}
    assert (hours["soft"], hours["national"]) == ("every day 08:00 to 20:00", "24 hours a day, 7 days a week")


def test_money_that_arrives_later_buys_less(ruritania):
    folder, judged = ruritania
    tranches = [{"date": "2027-01-04", "amount": 1000}, {"date": "2029-01-04", "amount": 1000}]
    patch = {"budget": {"currency": "RUC", "tranches": tranches}}
    engagement = read_engagement(folder, patch)
    first, second = (m.released for m in asked(engagement, judged).money["budget"])
    rise = engagement.parameters["roadmap.inflation"].likely
    assert first == 1000
    assert second == pytest.approx(1000 / (1 + rise) ** 2, rel=0.01)
