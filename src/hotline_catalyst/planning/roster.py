"""The roster: who works which shift, legal limits hard, wellness limits priced, and an independent checker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from math import ceil, floor
from typing import Any

import numpy as np

from .calendar import DAYS as DAY_NAMES
from .calendar import Limit
from .rostering.records import Advocate, Assignment, Roster, Status, Violation
from .shifts import Shift, ShiftPlan

WEEKS = 4
DAYS = WEEKS * 7
SEED = 20261121
# CP-SAT's own unit of work, the same on every machine; about the same number of seconds on this kind of laptop.
COVER_WORK, LANGUAGE_WORK, FAIRNESS_WORK, WELLNESS_WORK = 2.0, 2.0, 3.0, 4.0
PRICE_NIGHTS_APART, PRICE_SHIFTS_APART = 12, 3


def anonymous_posts(count: int, hours_per_week: float, languages: Sequence[str], supervisors: int) -> list[Advocate]:
    """Return posts without names, for a draft before anyone is hired; every fourth post speaks every language."""
    posts = [
        Advocate(f"Post {n + 1:02d}", hours_per_week, tuple(languages if n % 4 == 0 else languages[:1]))
        for n in range(count)
    ]
    leads = [
        Advocate(f"Lead {n + 1:02d}", hours_per_week, tuple(languages), supervisor=True) for n in range(supervisors)
    ]
    return posts + leads


def plan_roster(
    plan: ShiftPlan,
    people: Sequence[Advocate],
    limits: dict[str, Limit],
    start: date,
    holidays: Mapping[date, str],
    *,
    off_queue_share: float,
    second_languages: Sequence[str],
    weekend: Sequence[str],
    anonymous: bool,
) -> Roster:
    """Return four weeks of shifts. Cover may fall short at a price; hard working-time rules never give way."""
    team = [p for p in people if not p.supervisor]
    days = [start + timedelta(days=n) for n in range(DAYS)]
    shifts, count = plan.shifts, plan.counts
    problem = _Problem(plan, team, limits, start, off_queue_share, second_languages, weekend)
    status, given = problem.solve()
    assignments = tuple(
        sorted(
            (Assignment(days[d], shifts[s].id, team[p].code) for p, d, s in given),
            key=lambda a: (a.day, a.shift, a.person),
        )
    )
    on_call = _on_call([p for p in people if p.supervisor], days)
    roster = Roster(
        start=start,
        shifts=shifts,
        needed=np.array([count[:, d.weekday()] for d in days]).reshape(DAYS, len(shifts)),
        people=tuple(people),
        assignments=assignments,
        on_call=on_call,
        uncovered_hours=_uncovered(assignments, plan, days),
        violations=(),
        holidays=holidays,
        weekend=tuple(weekend),
        anonymous=anonymous,
        status=status,
    )
    return replace(roster, violations=tuple(check(roster, limits)))


class _Problem:
    """The solver's model: who may work what, and the goals in strict order: cover, languages, fairness, wellness."""

    def __init__(
        self,
        plan: ShiftPlan,
        team: Sequence[Advocate],
        limits: Mapping[str, Limit],
        start: date,
        off_queue_share: float,
        second_languages: Sequence[str],
        weekend: Sequence[str],
    ):
        from ortools.sat.python import cp_model

        self.model = cp_model.CpModel()
        self.plan, self.team, self.start = plan, team, start
        days = [start + timedelta(days=n) for n in range(DAYS)]
        self.x = {
            (p, d, s): self.model.new_bool_var("")
            for p, person in enumerate(team)
            for d, day in enumerate(days)
            for s, shift in enumerate(plan.shifts)
            # A shift that nobody needs that day has no variable: else someone might be sent to a closed line.
            if plan.counts[s, day.weekday()] and day not in person.leave and (person.nights or not shift.night)
        }
        people, kinds = range(len(team)), range(len(plan.shifts))
        works = [[[self.x[p, d, s] for s in kinds if (p, d, s) in self.x] for d in range(DAYS)] for p in people]
        night = [
            [sum(self.x[p, d, s] for s in kinds if (p, d, s) in self.x and plan.shifts[s].night) for d in range(DAYS)]
            for p in people
        ]
        uncovered, silences = self._cover(second_languages)
        price: list[Any] = []
        for p, person in enumerate(team):
            _person_rules(
                self.model, p, person, self.x, works[p], night[p], plan.shifts, limits, start, off_queue_share
            )
            price += _person_prices(self.model, works[p], night[p], limits, _weekends(start, weekend))
        budgets = [_budget(p, start, off_queue_share) for p in team]
        fairness = _fairness(self.model, works, night, team, budgets, self._asked_for())
        goals = (uncovered, COVER_WORK), (silences, LANGUAGE_WORK), (fairness, FAIRNESS_WORK), (price, WELLNESS_WORK)
        self.goals = [(sum(parts), work) for parts, work in goals if parts]

    def _asked_for(self) -> tuple[int, int]:
        """Return how many shifts, and how many nights, the four weeks ask for."""
        per_week = self.plan.counts.sum(axis=1)
        nights = sum(int(n) for n, shift in zip(per_week, self.plan.shifts, strict=True) if shift.night)
        return WEEKS * int(per_week.sum()), WEEKS * nights

    def _cover(self, languages: Sequence[str]) -> tuple[list[Any], list[Any]]:
        """Ask for each shift's people and languages; return the cover and the languages that fall short."""
        uncovered, silences = [], []
        for d in range(DAYS):
            for s, shift in enumerate(self.plan.shifts):
                needed = int(self.plan.counts[s, (self.start + timedelta(days=d)).weekday()])
                if not needed:
                    continue
                there = {p: self.x[p, d, s] for p in range(len(self.team)) if (p, d, s) in self.x}
                short = self.model.new_int_var(0, needed, "")
                self.model.add(sum(there.values()) + short == needed)
                uncovered.append(shift.cover // 15 * short)
                for language in languages:
                    silent = self.model.new_bool_var("")
                    speakers = [v for p, v in there.items() if language in self.team[p].languages]
                    self.model.add(sum(speakers) + silent >= 1)
                    silences.append(silent)
        return uncovered, silences

    def solve(self) -> tuple[Status, list[tuple[int, int, int]]]:
        """Reach the goals one after the other; return the status and who works what."""
        given: list[tuple[int, int, int]] = []
        statuses = []
        for goal, work in self.goals:
            solver, status = _solve(self.model, goal, work)
            if status == "none":
                break
            statuses.append(status)
            given = [key for key, variable in self.x.items() if solver.value(variable)]
            # What one goal reached, the next may not spend: wellness never costs an answered hour.
            self.model.add(goal <= round(solver.objective_value))
            self.model.clear_hints()  # type: ignore[no-untyped-call]
            for variable in self.x.values():
                self.model.add_hint(variable, solver.value(variable))
        if not statuses:
            return "none", []
        return ("proved best" if statuses == ["proved best"] * len(self.goals) else "good"), given


def _solve(model: Any, goal: Any, work: float) -> tuple[Any, Status]:
    """Minimise one goal within a limit of work; return the solver and how good the answer is."""
    from ortools.sat.python import cp_model

    model.minimize(goal)
    solver = cp_model.CpSolver()
    solver.parameters.random_seed = SEED
    # One worker and limits in work, not in seconds, give the same roster each time. Level 2 adds the cuts that
    # prove rosters of this size in seconds.
    solver.parameters.num_workers = 1
    solver.parameters.linearization_level = 2
    solver.parameters.max_deterministic_time = work
    names: dict[Any, Status] = {cp_model.OPTIMAL: "proved best", cp_model.FEASIBLE: "good"}
    return solver, names.get(solver.solve(model), "none")


def _person_rules(
    model: Any,
    p: int,
    person: Advocate,
    x: Mapping[tuple[int, int, int], Any],
    works: Sequence[Sequence[Any]],
    night: Sequence[Any],
    shifts: Sequence[Shift],
    limits: Mapping[str, Limit],
    start: date,
    off_queue_share: float,
) -> None:
    """Hard rules of one person. Any stands for the solver's expressions, whose types have no public names."""
    worked = [sum(day) for day in works]
    for d in range(DAYS):
        model.add(worked[d] <= 1)
    rest = round(limits["daily_rest_hours"].value * 60)
    for a, first in enumerate(shifts):
        for b, second in enumerate(shifts):
            if second.start + 1440 - first.end < rest:
                for d in range(DAYS - 1):
                    if (p, d, a) in x and (p, d + 1, b) in x:
                        model.add_at_most_one(x[p, d, a], x[p, d + 1, b])
    run = int(limits["consecutive_days_limit"].value)
    for d in range(DAYS - run):
        model.add(sum(worked[d : d + run + 1]) <= run)
    run = int(limits["consecutive_nights_limit"].value)
    for d in range(DAYS - run):
        model.add(sum(night[d : d + run + 1]) <= run)
    for d in range(DAYS - 1):
        for gap in range(1, int(limits["days_off_after_nights"].value) + 1):
            if d + gap < DAYS:
                # A night followed by anything but a night must be followed by free days.
                model.add(night[d] + worked[d + gap] <= 1 + (night[d + 1] if gap > 1 else night[d + gap]))
    paid = [[round(shifts[s].paid) * x[p, d, s] for s in range(len(shifts)) if (p, d, s) in x] for d in range(DAYS)]
    for monday in range(0, DAYS, 7):
        week = sum(sum(day) for day in paid[monday : monday + 7])
        model.add(week <= round(limits["weekly_hours_limit"].value * 60))
    model.add(sum(sum(day) for day in paid) <= round(60 * _budget(person, start, off_queue_share)))


def _budget(person: Advocate, start: date, off_queue_share: float) -> float:
    """Paid hours a person can be on shift in the four weeks: leave, training and meetings taken out."""
    away = sum(start + timedelta(days=d) in person.leave for d in range(DAYS)) / 7
    return person.hours_per_week * (WEEKS - away) * (1 - off_queue_share)


def _weekends(start: date, weekend: Sequence[str]) -> list[list[int]]:
    """Return the days (0 the first) of each of the four weekends, by the country's own weekend."""
    free = [d for d in range(DAYS) if DAY_NAMES[(start + timedelta(days=d)).weekday()] in weekend]
    size = max(1, len(weekend))
    return [free[n : n + size] for n in range(0, len(free), size)]


def _person_prices(
    model: Any,
    works: Sequence[Sequence[Any]],
    night: Sequence[Any],
    limits: Mapping[str, Limit],
    weekends: Sequence[Sequence[int]],
) -> list[Any]:
    """Wellness limits of one person, each broken at the weight its content file gives."""
    price = []
    free = []
    for days in weekends:
        weekend = model.new_bool_var("")
        for d in days:
            for v in works[d]:
                model.add(weekend >= v)
        free.append(1 - weekend)
    rule = limits["free_weekends_of_four"]
    missing = model.new_int_var(0, WEEKS, "")
    model.add(sum(free) + missing >= int(rule.value))
    price.append(rule.weight * missing)
    rule = limits["night_share_limit"]
    excess = model.new_int_var(0, DAYS * 100, "")
    total = sum(sum(day) for day in works)
    model.add(100 * sum(night) - round(rule.value * 100) * total <= excess)
    half = model.new_int_var(0, DAYS, "")
    model.add(100 * half >= excess)
    price.append(rule.weight * half)
    return price


def _fairness(
    model: Any,
    works: Sequence[Sequence[Sequence[Any]]],
    night: Sequence[Sequence[Any]],
    team: Sequence[Advocate],
    budgets: Sequence[float],
    needed: tuple[int, int],
) -> list[Any]:
    """Keep each person's shifts, and nights, near the share their paid time gives them; part-timers included.

    ``needed`` holds how many shifts, and how many nights, the four weeks ask for.
    """
    price = []
    shifts = [sum(sum(day) for day in person) for person in works]
    nights = [sum(person) for person in night]
    able = [p for p, a in enumerate(team) if a.nights]
    for table, total, weight, group in (
        (shifts, needed[0], PRICE_SHIFTS_APART, list(range(len(team)))),
        (nights, needed[1], PRICE_NIGHTS_APART, able),
    ):
        whole = sum(budgets[p] for p in group)
        apart = model.new_int_var(0, DAYS, "")
        for p in group:
            share = total * budgets[p] / whole if whole else 0
            model.add(table[p] <= ceil(share) + apart)
            model.add(table[p] >= floor(share) - apart)
        price.append(weight * apart)
    return price


def _on_call(supervisors: list[Advocate], days: list[date]) -> dict[date, str]:
    """Give each day a supervisor on call, in blocks of two days, going round."""
    rota: dict[date, str] = {}
    for n, day in enumerate(days):
        able = [s for s in supervisors if day not in s.leave]
        if able:
            rota[day] = able[(n // 2) % len(able)].code
    return rota


def _uncovered(assignments: Sequence[Assignment], plan: ShiftPlan, days: list[date]) -> float:
    """Return advocate-hours that no one covers."""
    given: dict[tuple[date, str], int] = {}
    for a in assignments:
        given[a.day, a.shift] = given.get((a.day, a.shift), 0) + 1
    hours = 0.0
    for index, shift in enumerate(plan.shifts):
        for day in days:
            hours += max(0, int(plan.counts[index, day.weekday()]) - given.get((day, shift.id), 0)) * shift.cover / 60
    return hours


def check(roster: Roster, limits: dict[str, Limit]) -> list[Violation]:
    """Judge any roster, ours or edited by hand, by the working-time rules alone. Shares no code with the solver."""
    shifts = {s.id: s for s in roster.shifts}
    found: list[Violation] = []
    for person in roster.people:
        mine = sorted((a for a in roster.assignments if a.person == person.code), key=lambda a: a.day)

        def broken(rule: str, day: date | None, text: str, code: str = person.code) -> None:
            found.append(Violation(rule, code, day, text, limits[rule].hard))

        spans = [(a.day, a.day.toordinal() * 1440 + shifts[a.shift].start, shifts[a.shift]) for a in mine]
        for (_, start_a, a), (day_b, start_b, _) in pairwise(spans):
            hours = (start_b - start_a - a.paid) / 60
            if hours < limits["daily_rest_hours"].value:
                broken("daily_rest_hours", day_b, f"{hours:g} hours of rest before this shift")
        dates = [day for day, _, _ in spans]
        for rule, run in (
            ("consecutive_days_limit", _runs(dates)),
            ("consecutive_nights_limit", _runs([day for day, _, s in spans if s.night])),
        ):
            for first, length in run:
                if length > limits[rule].value:
                    broken(rule, first, f"{length} in a row from this day")
        nights = {day for day, _, s in spans if s.night}
        for last in sorted(d for d in nights if d + timedelta(days=1) not in nights):
            for gap in range(1, int(limits["days_off_after_nights"].value) + 1):
                if last + timedelta(days=gap) in dates:
                    broken("days_off_after_nights", last, f"works {gap} day(s) after the last night")
        weeks: dict[int, float] = {}
        for day, _, s in spans:
            week = (day - roster.start).days // 7
            weeks[week] = weeks.get(week, 0) + s.paid / 60
        for week, hours in weeks.items():
            if hours > limits["weekly_hours_limit"].value + 1e-9:
                broken("weekly_hours_limit", roster.start + timedelta(weeks=week), f"{hours:g} paid hours")
        for day in person.leave & set(dates):
            found.append(Violation("leave", person.code, day, "rostered on a day of leave", True))
        if nights and not person.nights:
            found.append(Violation("nights", person.code, min(nights), "rostered at night against the agreement", True))
        if spans and len(nights) / len(spans) > limits["night_share_limit"].value + 1e-9:
            broken("night_share_limit", None, f"{len(nights)} of {len(spans)} shifts are nights")
        weekends = [[roster.days[d] for d in days] for days in _weekends(roster.start, roster.weekend)]
        free = sum(not set(weekend) & set(dates) for weekend in weekends)
        if free < limits["free_weekends_of_four"].value:
            broken("free_weekends_of_four", None, f"{free} free weekends of {WEEKS}")
    return found


def _runs(days: Sequence[date]) -> list[tuple[date, int]]:
    runs: list[tuple[date, int]] = []
    for day in sorted(set(days)):
        if runs and day == runs[-1][0] + timedelta(days=runs[-1][1]):
            runs[-1] = (runs[-1][0], runs[-1][1] + 1)
        else:
            runs.append((day, 1))
    return runs
