"""Rosters with a planted conflict, by seed: what cannot hold is known because it was put there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from random import Random

import numpy as np

from hotline_catalyst.planning.calendar import Limit, load_limits
from hotline_catalyst.planning.rostering.records import Advocate, Question, Unavailable
from hotline_catalyst.planning.shifts import Shift

START = date(2027, 10, 4)  # a Monday
MORNING = Shift("M", 7 * 60, 480, 15, night=False)
EVENING = Shift("E", 15 * 60, 480, 15, night=False)
NIGHT = Shift("N", 23 * 60, 480, 15, night=True)
SHIFTS = (MORNING, EVENING, NIGHT)


@cache
def limits() -> dict[str, Limit]:
    return load_limits("base", date(2026, 11, 21))


def team(size: int, hours: float = 40, speakers: int = 0) -> list[Advocate]:
    return [
        Advocate(f"A{n + 1:02d}", hours, ("en", "es") if n < speakers else ("en",), nights=True) for n in range(size)
    ]


def question(people: list[Advocate], a_day: tuple[int, int, int] = (1, 1, 1), **more: object) -> Question:
    given = {
        "start": START,
        "weeks": 4,
        "shifts": SHIFTS,
        "needed": np.tile(np.array(a_day, dtype=np.int64), (28, 1)),
        "speakers": {},
        "people": tuple(people),
        "limits": limits(),
        "weekend": ("saturday", "sunday"),
        "holidays": {},
        "off_queue_share": 0.12,
    }
    return Question(**(given | more))


def days(first: int, count: int) -> frozenset[date]:
    return frozenset(START + timedelta(days=first + n) for n in range(count))


def too_few_speakers(draw: Random) -> Question:
    asked = np.ones((28, 3), dtype=np.int64)
    return question(team(draw.choice([12, 14, 16]), speakers=draw.choice([3, 4])), (2, 2, 2), speakers={"es": asked})


def everybody_away_at_once(draw: Random) -> Question:
    people = team(draw.choice([10, 12]))
    away = days(7 * draw.randint(0, 3), 7)
    kept = draw.choice([2, 3])
    return question([p if n < kept else replace(p, leave=away) for n, p in enumerate(people)])


def few_who_work_nights(draw: Random) -> Question:
    able = draw.choice([2, 3])
    return question([replace(p, nights=n < able) for n, p in enumerate(team(draw.choice([12, 16])))], (2, 2, 2))


def free_days_after_nights(draw: Random) -> Question:
    """Contracts and weeks would allow it, but nights must be followed by free days."""
    nights = draw.choice([4, 6])
    return question(team(nights * 3 // 2, hours=60), (0, 0, nights))


def short_contracts(draw: Random) -> Question:
    return question(team(draw.choice([10, 12, 16]), hours=draw.choice([12, 14])), (2, 1, 1))


def everybody_over_a_holiday(draw: Random) -> Question:
    """Around a holiday all are wanted on more days in a row than anybody may work; the shifts are short."""
    people = team(draw.choice([6, 8]), hours=60)
    short = Shift("M", 8 * 60, 240, 15, night=False), Shift("E", 12 * 60, 240, 15, night=False)
    needed = np.ones((28, 2), dtype=np.int64)
    first = draw.randint(2, 14)
    needed[first : first + 8] = len(people) // 2
    feast = {START + timedelta(days=first + 3): "Feast"}
    return question(people, shifts=short, needed=needed, holidays=feast)


def one_for_the_nights(draw: Random) -> Question:
    people = team(draw.choice([8, 12]))
    able = draw.randrange(len(people))
    return question([replace(p, nights=n == able) for n, p in enumerate(people)])


def nobody_on_sunday_nights(draw: Random) -> Question:
    day = draw.randint(5, 6)
    away = (Unavailable(day, 22 * 60, 32 * 60),)
    able = draw.choice([0, 1])
    return question([p if n < able else replace(p, unavailable=away) for n, p in enumerate(team(10))], (1, 1, 2))


def own_lower_cap(draw: Random) -> Question:
    """Contracts would do, but everybody has agreed to few hours in a week."""
    cap = float(draw.choice([16, 18]))
    return question([replace(p, limits={"weekly_hours_limit": cap}) for p in team(draw.choice([8, 9]))])


def many_start_later(draw: Random) -> Question:
    first = START + timedelta(days=draw.randint(6, 12))
    return question([p if n < 3 else replace(p, first_day=first) for n, p in enumerate(team(12))], (1, 1, 1))


PLANTS: tuple[tuple[Callable[[Random], Question], frozenset[str]], ...] = (
    (too_few_speakers, frozenset({"language es"})),
    (everybody_away_at_once, frozenset({"cover", "leave"})),
    (few_who_work_nights, frozenset({"cover", "nights"})),
    (free_days_after_nights, frozenset({"cover", "days_off_after_nights"})),
    (short_contracts, frozenset({"cover", "contract_hours"})),
    (everybody_over_a_holiday, frozenset({"cover", "consecutive_days_limit"})),
    (one_for_the_nights, frozenset({"cover", "nights"})),
    (nobody_on_sunday_nights, frozenset({"cover", "unavailable"})),
    (own_lower_cap, frozenset({"cover", "weekly_hours_limit"})),
    (many_start_later, frozenset({"cover", "not_employed"})),
)


def planted(seed: int) -> tuple[Question, frozenset[str], str]:
    """Return a question that cannot be met, rules that must be among the reasons, and the plant's name."""
    make, rules = PLANTS[seed % len(PLANTS)]
    return make(Random(seed)), rules, make.__name__
