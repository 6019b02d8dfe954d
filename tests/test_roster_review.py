"""Supervisors' own shifts are not on the line: whatever judges, plays or counts the line leaves them out."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hotline_rosters import START, planted
from rich_roster import rich
from roster_at_work import BASE, by_hand, day
from test_roster_stress import calls

from hotline_catalyst.deliverables.roster_days import Line
from hotline_catalyst.planning.rostering.breaks import place_breaks
from hotline_catalyst.planning.rostering.checking import check
from hotline_catalyst.planning.rostering.compiling import compile_problem
from hotline_catalyst.planning.rostering.explaining import explain
from hotline_catalyst.planning.rostering.prices import load_prices
from hotline_catalyst.planning.rostering.published import load_past, load_roster, save_published
from hotline_catalyst.planning.rostering.records import Advocate, Assignment, Break, Roster, Session
from hotline_catalyst.planning.rostering.repair import question_of
from hotline_catalyst.planning.rostering.rule_report import rule_report
from hotline_catalyst.planning.rostering.single_points import single_points
from hotline_catalyst.planning.rostering.stress_test import duties_in, stress_of
from hotline_catalyst.planning.shifts import Shift
from hotline_catalyst.planning.working_time import Limit

LINE, NIGHT = Shift("M", 8 * 60, 8 * 60, 0, False), Shift("N", 22 * 60, 8 * 60, 0, True)
OWN, OWN_NIGHT = Shift("SV-M", 8 * 60, 8 * 60, 0, False), Shift("SV-N", 22 * 60, 8 * 60, 0, True)


def desk(a: str = "M------", b: str = "-------", lead: str = "D------", **changes: object) -> Roster:
    """A week by hand: advocates A and B on the line (M, N), and supervisor SUP1 on shifts of the own desk (D, E)."""
    roster = by_hand({LINE: 1, NIGHT: 1, OWN: 1, OWN_NIGHT: 1}, {"A": a, "B": b})
    own = {"D": OWN.id, "E": OWN_NIGHT.id}
    held = tuple(Assignment(day(n), own[x], "SUP1") for n, x in enumerate(lead) if x in own)
    return replace(
        roster,
        assignments=(*roster.assignments, *held),
        supervisor_shifts=frozenset({OWN.id, OWN_NIGHT.id}),
        **changes,  # type: ignore[arg-type]
    )


def rule(ident: str, value: float) -> Limit:
    return BASE[ident].model_copy(update={"value": value})


def test_an_advocate_is_a_single_point_of_failure_although_a_supervisor_has_a_shift_at_that_time():
    (point,) = (p for p in single_points(desk(), BASE) if p.fails == "cover")
    assert (point.person, point.days) == ("A", (day(0),))


def test_a_supervisor_on_a_shift_of_the_own_desk_is_no_single_point_of_cover_and_proposed_for_none():
    found = single_points(desk(a="M-N----", lead="DDD----"), BASE)
    assert {p.person for p in found if p.fails == "cover"} == {"A"}
    assert "SUP1" not in {name for p in found for names in p.could_step_in.values() for name in names}


def test_under_strain_supervisors_answer_nothing():
    roster = desk(a="MM-N---", lead="DDDDD--")
    assert [(d.start, d.end) for d in duties_in(roster, 0)] == [(480, 960), (1920, 2400), (5640, 6120)]
    with_, without = (stress_of(r, calls(0.2), BASE, plays=2) for r in (roster, desk(a="MM-N---", lead="-------")))
    assert with_.service == without.service
    assert np.array_equal(with_.by_hour, without.by_hour)


def test_a_night_of_one_advocate_is_a_night_of_one_although_a_supervisor_works_it_too():
    (night,) = (n for n in stress_of(desk(a="N------", lead="E------"), calls(0.1, 0.08), BASE, plays=1).nights[:1])
    assert (night.people, night.asked, night.one_or_nobody) == (("A",), 1, 1.0)


@pytest.mark.parametrize(("pause", "alone"), [("SUP1", set()), ("A", {"4 October: breaks leave nobody on the line"})])
def test_only_breaks_of_people_on_the_line_leave_nobody_there(pause, alone):
    roster = desk(a="M------", b="M------", breaks=(Break(day(0), "A", 600, 30), Break(day(0), "B", 600, 30)))
    roster = replace(roster, breaks=(Break(day(0), pause, 600, 30), Break(day(0), "B", 600, 30)))
    found = {v.text.split(" from ")[0] for v in check(roster, BASE) if v.rule == "alone"}
    assert {t for t in found if "nobody" in t} == alone


def test_breaks_on_the_line_are_placed_as_if_supervisors_were_not_there():
    limits = {x: rule(x, v) for x, v in (("break_after_hours", 6), ("break_minutes", 30))}
    roster, none = (desk(a="MMM----", b="MMM----", lead=row) for row in ("DDD----", "-------"))
    line = [b for b in place_breaks(roster, None, limits) if b.person != "SUP1"]
    assert tuple(line) == place_breaks(none, None, limits)
    # Alone on the own desk, a supervisor goes in the middle of the shift, whoever of the line is away then.
    assert {b.start for b in place_breaks(roster, None, limits) if b.person == "SUP1"} == {8 * 60 + 225}


def test_an_advocate_on_a_supervisors_shift_breaks_a_hard_rule_and_a_supervisor_does_not():
    wrong = replace(desk(), assignments=(Assignment(day(1), OWN.id, "B"), *desk().assignments))
    found = [(v.rule, v.person, v.day, v.hard) for v in check(wrong, BASE) if v.rule == "supervisors_shift"]
    assert found == [("supervisors_shift", "B", day(1), True)]
    (line,) = (x for x in rule_report(wrong, BASE) if x.rule == "supervisors_shift")
    assert (line.kept, line.broken, line.hard) == (1, 1, True)


def test_an_empty_supervisors_shift_is_named_as_one_and_no_conflict_of_the_line_is_looked_for():
    roster = desk(a="MMMMMMM", b="NNNNNNN", lead="DDDDDD-")
    found = explain(question_of(roster, BASE), roster, load_prices())
    assert found.conflict == () == found.ways_out
    assert found.shortfalls[0].startswith("Supervisors' shift 08:00–16:00 on 10 October: 1 of 1 places empty")
    assert "supervisors' shifts are not" in found.sentence


def test_the_hours_of_an_edited_workbook_that_nobody_covers_are_the_lines():
    assert desk(a="MMMMMMM", b="NNNNNNN", lead="-------").uncovered_hours == 0


def test_the_past_of_a_published_roster_knows_which_shifts_were_supervisors(tmp_path):
    save_published(tmp_path, desk(a="------N", lead="------E"), day(0))
    past = load_past(tmp_path, day(7))
    assert [a.person for a in past.assignments] == ["A", "SUP1"]
    assert [a.person for a in past.answering] == ["A"]
    # In the first hours after, one person answers: the supervisor's night is nobody on the line.
    after = replace(desk(), start=day(7), assignments=(), past=past)
    line = Line(results_of(after))
    assert line.on(day(7), line.quarters(0, day(7), 3)[0]) == 1


def results_of(roster: Roster) -> Any:
    return SimpleNamespace(roster=roster, staffing=SimpleNamespace(need=SimpleNamespace(on_shift=np.ones(672))))


def test_cover_by_hour_counts_advocates_only_today_and_in_the_night_before():
    line = Line(results_of(desk(a="M------", b="N------", lead="DE-----")))
    at = {(n, hour): line.on(day(n), line.quarters(n, day(n), hour)[0]) for n in (0, 1, 2) for hour in (3, 9)}
    assert at == {(0, 3): 0, (0, 9): 1, (1, 3): 1, (1, 9): 0, (2, 3): 0, (2, 9): 0}


def test_a_published_roster_is_explained_by_its_own_shifts_when_the_plan_has_changed_since(tmp_path):
    from test_roster import desk as planned_desk

    from hotline_catalyst.walk import _asked

    plan = planned_desk(size=2)
    signed = desk(a="M------", published=None)
    save_published(tmp_path, signed, day(0))
    roster = load_roster(tmp_path, day(0))
    assert roster is not None
    assert {s.id for s in plan.question().shifts}.isdisjoint(s.id for s in roster.shifts)
    asked = _asked(plan, roster)
    assert asked.shifts == (LINE, NIGHT)
    assert explain(asked, roster, load_prices()).shortfalls
    assert _asked(plan, replace(roster, published=None)).shifts == plan.plan.shifts


def test_a_roster_with_all_a_roster_can_hold_comes_back_whole_from_its_file(tmp_path):
    roster = replace(rich(), supervisor_shifts=frozenset(), night_window=(1320, 360), rest_day="sunday")
    save_published(tmp_path, roster, roster.start - timedelta(days=3))
    again = load_roster(tmp_path, roster.start)
    assert again is not None
    same = replace(again, needed=roster.needed, speakers=roster.speakers, past=roster.past, published=roster.published)
    assert same == roster


def test_the_academy_before_a_first_day_is_paid_and_takes_no_hours_from_the_shifts_after_it():
    question, _ = planted(4, 1)
    new = Advocate("A99", 40, ("en",), first_day=START + timedelta(weeks=2))
    old = replace(new, first_day=START + timedelta(weeks=2), code="A98")
    academy = tuple(
        Session("training", "academy", day(n + 7 * w), 540, 420, ("A99",)) for w in (0, 1) for n in range(5)
    )
    asked = replace(question, people=(new, old), sessions=academy, off_queue_share=0.1)
    rooms = [_room(asked, code) for code in ("A99", "A98")]
    assert rooms == [2 * 40 * 60 * 9 // 10] * 2
    # Training longer than the pay of its days is paid for by the weeks after it: the contract holds over all.
    part_time = replace(asked, people=(replace(new, hours_per_week=20),))
    assert _room(part_time, "A99") == 4 * 20 * 60 - 10 * 420


def _room(question: Any, code: str) -> int:
    person = next(p for p in compile_problem(question, load_prices()).people if p.code == code)
    return next(t.most for t in person.tallies if t.rule == "contract_hours")


def test_the_engines_settings_stand_in_build_json(built):
    for out in built.values():
        settings = json.loads((out / "build.json").read_text("utf-8"))["roster"]
        assert {"engine", "work", "random_seed", "interleave_search", "max_deterministic_time"} <= set(settings)
        assert "max_time_in_seconds" not in settings, "a clock would make rosters differ"
