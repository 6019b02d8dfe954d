"""Breaks on a roster: one each, inside the rule, at the moments when the fewest are missed."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product

import numpy as np
import pytest
from clock import measured

from hotline_catalyst.planning.calendar import Limit, load_limits
from hotline_catalyst.planning.rostering.breaks import place_breaks
from hotline_catalyst.planning.rostering.records import Advocate, Assignment, Break, Past, Roster
from hotline_catalyst.planning.shifts import Shift

START = date(2027, 10, 4)
EARLY, LATE, NIGHT = Shift("E", 420, 480, 15, False), Shift("L", 900, 480, 15, False), Shift("N", 1380, 480, 15, True)
TWO = np.full(672, 2)


def rules(minutes: float = 30, after_hours: float = 6) -> dict[str, Limit]:
    def rule(ident: str, value: float) -> Limit:
        return Limit(id=ident, title=ident, value=value, unit="", hard=True, weight=0, source="the test")

    return {
        "break_minutes": rule("break_minutes", minutes),
        "break_after_hours": rule("break_after_hours", after_hours),
    }


def roster(days: int, people_a_day: dict[str, int], shifts=(EARLY, LATE, NIGHT), **more) -> Roster:
    """The same shifts every day, other people each day."""
    given, number = [], 0
    for day in range(days):
        for shift, count in people_a_day.items():
            for _ in range(count):
                given.append(Assignment(START + timedelta(days=day), shift, f"A{number % 60:02d}"))
                number += 1
    people = more.pop("people", tuple(Advocate(f"A{n:02d}", 38, ("en",)) for n in range(60)))
    needed = np.zeros((days, len(shifts)), dtype=np.int64)
    return Roster(START, tuple(shifts), needed, people, tuple(given), {}, 0, (), {}, (), True, "good", **more)


def left(plan: Roster, breaks: tuple[Break, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Count, minute by minute from the roster's midnight, who is on shift and who is left."""
    kinds = {s.id: s for s in plan.shifts}
    there = np.zeros(1440 * (len(plan.needed) + 2), dtype=int)
    for given in plan.assignments:
        begin = 1440 * (given.day - START).days + kinds[given.shift].start
        there[begin : begin + kinds[given.shift].cover] += 1
    staying = there.copy()
    for pause in breaks:
        begin = 1440 * (pause.day - START).days + pause.start
        staying[begin : begin + pause.minutes] -= 1
    return there, staying


def lonely(plan: Roster, breaks: tuple[Break, ...]) -> tuple[int, int]:
    """Minutes in which breaks leave nobody, and one alone."""
    there, staying = left(plan, breaks)
    return int(((there > 1) & (staying < 1)).sum()), int(((there > 1) & (staying == 1)).sum())


def test_everybody_on_eight_hours_has_one_break_between_the_first_and_the_last_hour():
    plan = roster(3, {"E": 3, "L": 3, "N": 2})
    breaks = place_breaks(plan, TWO, rules())
    assert sorted((b.day, b.person) for b in breaks) == sorted((a.day, a.person) for a in plan.assignments)
    shift = {(a.day, a.person): {"E": EARLY, "L": LATE, "N": NIGHT}[a.shift] for a in plan.assignments}
    for pause in breaks:
        since = pause.start - shift[pause.day, pause.person].start
        assert 60 <= since <= 360  # not in the first hour; before six hours have passed
        assert since + 30 <= 480 - 60


@pytest.mark.parametrize(
    ("minutes", "after_hours", "least", "most"), [(30, 5, 165, 300), (30, 0, 60, 390), (45, 6, 90, 360)]
)
def test_other_countries_rules_move_the_window(minutes, after_hours, least, most):
    breaks = place_breaks(roster(7, {"E": 6}), np.full(672, 6), rules(minutes, after_hours))
    assert all(least <= pause.start - EARLY.start <= most for pause in breaks)
    assert {pause.minutes for pause in breaks} == {minutes}


def test_a_shift_not_longer_than_the_rule_has_no_break():
    short, just_over = Shift("S", 480, 345, 15, False), Shift("J", 480, 360, 15, False)
    plan = roster(1, {"S": 1, "J": 1}, shifts=(short, just_over))
    assert [pause.person for pause in place_breaks(plan, None, rules())] == ["A01"]
    assert place_breaks(plan, None, {}) == ()


def test_a_persons_own_limit_goes_first():
    people = (
        Advocate("A00", 38, ("en",), limits={"break_after_hours": 4, "break_minutes": 60}),
        Advocate("A01", 38, ("en",)),
    )
    breaks = place_breaks(roster(1, {"E": 2}, people=people), TWO, rules())
    assert {pause.person: pause.minutes for pause in breaks} == {"A00": 60, "A01": 30}


def test_two_people_never_go_at_once_and_three_leave_nobody_alone():
    two, three = roster(28, {"E": 2, "L": 2, "N": 2}), roster(28, {"E": 3, "L": 3, "N": 3})
    # Two people cannot both have half an hour without an hour in which one is alone; three can.
    assert lonely(two, place_breaks(two, TWO, rules())) == (0, 28 * 3 * 60)
    assert lonely(three, place_breaks(three, TWO, rules())) == (0, 0)


def test_the_end_of_yesterdays_night_is_company():
    night = Shift("N", 1380, 600, 15, True)
    early = Shift("E", 300, 480, 15, False)
    plan = roster(1, {"E": 1}, shifts=(early, night), past=Past(
        shifts={"N": night}, assignments=(Assignment(START - timedelta(days=1), "N", "A50"),)
    ))  # fmt: skip
    (pause,) = place_breaks(plan, np.concatenate([np.full(36, 2), np.zeros(636, dtype=int)]), rules())
    assert pause.start >= 9 * 60  # until 09:00 two are there and two are needed


def fewest_lonely(plan: Roster, need: np.ndarray) -> tuple[int, int, int]:
    """Try every combination of starts: quarter-hours with nobody, with one alone, and people short of the need."""
    kinds = {s.id: s for s in plan.shifts}
    begins = [kinds[a.shift].start // 15 for a in plan.assignments]
    there = np.zeros(192, dtype=int)
    for given, begin in zip(plan.assignments, begins, strict=True):
        there[begin : begin + kinds[given.shift].cover // 15] += 1
    return min(_lonely(there, need, starts) for starts in product(*[range(b + 7, b + 25) for b in begins]))


def _lonely(there: np.ndarray, need: np.ndarray, starts: tuple[int, ...]) -> tuple[int, int, int]:
    staying = there.copy()
    for quarter in starts:
        staying[quarter : quarter + 2] -= 1
    company = there > 1
    short = int(np.maximum(0, need[:192] - staying).sum())
    return int((company & (staying < 1)).sum()), int((company & (staying == 1)).sum()), short


@pytest.mark.parametrize("seed", range(4))
def test_small_rosters_have_the_fewest_lonely_quarter_hours_there_can_be(seed):
    rng = np.random.default_rng(seed)
    shifts = tuple(Shift(f"S{n}", int(rng.integers(24, 44)) * 15, 480, 15, False) for n in range(3))
    plan = roster(1, dict.fromkeys([s.id for s in shifts], 1), shifts=shifts)
    need = np.repeat(rng.integers(1, 4, 168), 4)
    _, staying = left(plan, breaks := place_breaks(plan, need, rules()))
    quarters = staying.reshape(-1, 15).min(axis=1)[:192]
    short = int(np.maximum(0, need[:192] - quarters).sum())
    assert (*(n // 15 for n in lonely(plan, breaks)), short) == fewest_lonely(plan, need)


def test_thirty_people_over_four_weeks_take_less_than_a_third_of_a_second_and_repeat():
    plan = roster(28, {"E": 7, "L": 7, "N": 4})
    with measured() as spent:
        first = place_breaks(plan, TWO, rules())
    assert len(first) == 28 * 18
    assert first == place_breaks(plan, TWO, rules())
    assert spent.seconds < 0.3


def test_the_countries_files_give_the_rule():
    assert place_breaks(roster(1, {"E": 2}), TWO, load_limits("base", START))


def test_an_empty_roster_has_no_breaks():
    assert place_breaks(roster(0, {}), TWO, rules()) == ()
