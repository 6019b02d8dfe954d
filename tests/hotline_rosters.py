"""Hotline rosters drawn by a seed: people, shifts round the clock, wishes; and rosters whose best price is 0 by birth.

``python tests/hotline_rosters.py --people 16 --weeks 4`` prints the time, the price, the bound and the gap.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import numpy as np

from hotline_catalyst.planning.calendar import Limit, load_limits
from hotline_catalyst.planning.rostering.compiling import compile_problem
from hotline_catalyst.planning.rostering.measure import measure
from hotline_catalyst.planning.rostering.prices import load_prices
from hotline_catalyst.planning.rostering.problem import Effort, Ints
from hotline_catalyst.planning.rostering.records import Advocate, Assignment, Question, Request
from hotline_catalyst.planning.shifts import Shift

START = date(2027, 10, 4)  # a Monday
MORNING = Shift("M", 7 * 60, 480, 15, night=False)
MIDDAY = Shift("D", 11 * 60, 480, 15, night=False)
LATE = Shift("L", 15 * 60, 480, 15, night=False)
NIGHT = Shift("N", 23 * 60, 480, 15, night=True)
THREE, FOUR = (MORNING, LATE, NIGHT), (MORNING, MIDDAY, LATE, NIGHT)
# Part of a day's people on each kind of shift; weekends ask for less.
PARTS = {"M": 0.45, "D": 0.2, "L": 0.33, "N": 0.22}
WEEKEND_PART = 0.85


def limits_of_hotlines() -> dict[str, Limit]:
    """The product's base rules with at most five days in a row."""
    limits = load_limits("base", START)
    five = limits["consecutive_days_limit"].model_copy(update={"value": 5.0})
    return {**limits, "consecutive_days_limit": five}


def people_of(
    count: int, draw: Random, languages: Sequence[str], days: Sequence[date], shifts: Sequence[Shift]
) -> list:
    """Advocates of 40 hours, some part-time, two in five speaking each language; about two wishes a week each."""
    people = []
    for n in range(count):
        spoken = ("en", *(language for language in languages if draw.random() < 0.4 or n % 4 == 0))
        wishes = {}
        for _ in range(len(days) // 7 * 2):
            day, wanted = draw.choice(days), draw.random() < 0.25
            shift = draw.choice(shifts).id if wanted else ""
            wishes[day] = Request(day, wanted, shift, weight=draw.choice([1, 2, 2, 3]))
        leave = frozenset[date]()
        if draw.random() < 0.15:
            first = draw.randrange(len(days) - 5)
            leave = frozenset(days[first : first + 5])
        hours = draw.choice([40, 40, 40, 40, 30, 20])
        people.append(
            Advocate(
                f"A{n + 1:02d}",
                hours,
                spoken,
                nights=draw.random() > 0.1,
                leave=leave,
                requests=tuple(wishes[day] for day in sorted(wishes)),
            )
        )
    return people


def question(
    people: int = 16,
    weeks: int = 4,
    seed: int = 1,
    languages: Sequence[str] = ("es",),
    shifts: Sequence[Shift] = THREE,
    load: float = 0.92,
) -> Question:
    """Return a hotline's question. ``load`` is the part of the people's shift hours that the need takes."""
    draw = Random(f"{people} {weeks} {seed}")
    days = [START + timedelta(days=n) for n in range(7 * weeks)]
    team = people_of(people, draw, languages, days, shifts)
    hours = sum(p.hours_per_week * sum(p.may_work(day) for day in days) / 7 for p in team) * 0.88
    a_day = load * hours / 8.25 / len(days) / ((5 + 2 * WEEKEND_PART) / 7)
    parts = np.array([PARTS[shift.id] for shift in shifts])
    weekday = np.maximum(1, np.floor(a_day * parts / parts.sum() + 0.3)).astype(np.int64)
    at_weekends = np.maximum(1, np.floor(WEEKEND_PART * a_day * parts / parts.sum() + 0.3)).astype(np.int64)
    needed = np.array([at_weekends if day.weekday() >= 5 else weekday for day in days])
    return Question(
        start=START,
        weeks=weeks,
        shifts=tuple(shifts),
        needed=needed,
        speakers={language: np.minimum(needed, 1) for language in languages},
        people=tuple(team),
        limits=limits_of_hotlines(),
        weekend=("saturday", "sunday"),
        holidays={START + timedelta(days=11): "A holiday"},
        off_queue_share=0.12,
    )


def anonymous(people: int = 16, weeks: int = 4, languages: Sequence[str] = ("es",), load: float = 0.92) -> Question:
    """Return the same need for posts without names, all alike but for languages."""
    named = question(people, weeks, languages=languages, load=load)
    posts = [
        Advocate(f"Post {n + 1:02d}", 40, ("en", *(languages if n % 4 == 0 else ()))) for n in range(len(named.people))
    ]
    return replace(named, people=tuple(posts), holidays={})


# Four weeks that keep every rule, hard or soft, wherever they begin: 14 or 15 shifts, 2 nights, 1 weekend.
PATTERNS = (
    ("MMML---", "-MM--LL", "L--NN--", "MMLL---"),
    ("--LLL--", "MMMM---", "--NN---", "--MMMLL"),
)


def planted(people: int = 16, seed: int = 1, languages: Sequence[str] = ("es",)) -> tuple[Question, Ints]:
    """Return a question made from a legal roster, and that roster: cover, wishes and fair shares all fit, price 0.

    ``people`` in fours: each four share a pattern of four weeks, one week apart.
    """
    draw = Random(f"planted {people} {seed}")
    given = np.full((people, 28), -1, dtype=np.int64)
    for four in range(0, people, 4):
        weeks = draw.choice(PATTERNS)
        for n in range(4):
            row = "".join(weeks[n:] + weeks[:n])
            given[four + n] = ["MLN".find(kind) for kind in row]
    days = [START + timedelta(days=n) for n in range(28)]
    team = []
    for n in range(people):
        wishes = []
        for d in sorted(draw.sample(range(28), 8)):
            kind = int(given[n, d])
            wishes.append(
                Request(days[d], kind >= 0, THREE[kind].id if kind >= 0 else "", weight=draw.choice([1, 2, 3]))
            )
        spoken = ("en", *(language for language in languages if draw.random() < 0.5 or n % 4 == 0))
        team.append(Advocate(f"A{n + 1:02d}", 40, spoken, requests=tuple(wishes)))
    needed = np.stack([(given == k).sum(axis=0) for k in range(3)], axis=1)
    speakers = {
        language: np.stack(
            [((given == k) & np.array([language in p.languages for p in team])[:, None]).any(axis=0) for k in range(3)],
            axis=1,
        ).astype(np.int64)
        for language in languages
    }
    asked = replace(
        question(people, 4, seed, languages),
        needed=needed,
        speakers=speakers,
        people=tuple(team),
        holidays={},
    )
    return asked, given


def published(asked: Question, given: Ints) -> tuple[Assignment, ...]:
    """Return an answer as assignments."""
    return tuple(
        Assignment(asked.days[d], asked.shifts[given[p, d]].id, person.code)
        for p, person in enumerate(asked.people)
        for d in range(len(asked.days))
        if 0 <= given[p, d] < len(asked.shifts)
    )


def main() -> None:
    """Print one line for each roster asked for."""
    from hotline_catalyst.planning.rostering.constraint_engine import solve_by_constraints

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, nargs="+", default=[16])
    parser.add_argument("--weeks", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--work", type=float, default=60)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--kind", choices=["named", "anonymous", "planted"], default="named")
    parser.add_argument("--engine", choices=["constraints", "product"], default="constraints")
    chosen = parser.parse_args()
    solve = solve_by_constraints
    if chosen.engine == "product":
        from hotline_catalyst.planning.rostering.engine import solve
    print("people  weeks  seconds  processor  price  bound  gap    status")
    for people in chosen.people:
        if chosen.kind == "planted":
            asked, _ = planted(people, chosen.seed)
        elif chosen.kind == "anonymous":
            asked = anonymous(people, chosen.weeks)
        else:
            asked = question(people, chosen.weeks, chosen.seed)
        clock, processor = time.perf_counter(), time.process_time()
        problem = compile_problem(asked, load_prices())
        found = solve(problem, Effort(chosen.work, chosen.seconds))
        clock, processor = time.perf_counter() - clock, time.process_time() - processor
        judged = measure(problem, found.given)
        right = judged.price == found.price and judged.keeps_the_rules
        print(
            f"{people:6d}  {chosen.weeks:5d}  {clock:7.1f}  {processor:9.1f}  {found.price:5d}  {found.bound:5d}"
            f"  {found.gap:5.1%}  {found.status}{'' if right else ' NOT AS MEASURED'}  {dict(judged.by_rule)}"
        )


if __name__ == "__main__":
    main()
