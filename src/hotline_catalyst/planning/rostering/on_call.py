"""Which supervisor is on call each day outside supervisors' hours: never on leave or after a night, and fairly."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta

import numpy as np

from .constraint_engine import solve_by_constraints
from .fairness import fair_shares, hours_able, owed_from_before, weekends
from .person_limits import at_most, upwards
from .prices import OnCallRules
from .problem import FREE, OFF, Before, Cover, Effort, Kind, Person, Problem, Tally
from .records import Advocate, Assignment, Past

ON_CALL = Kind("on call", 24 * 60)
WORK = 4.0
NOBODY = 10_000


def on_call(
    supervisors: Sequence[Advocate],
    days: Sequence[date],
    rules: OnCallRules,
    *,
    past: Past | None = None,
    holidays: Sequence[date] = (),
    weekend: Sequence[str] = (),
    nights: Sequence[Assignment] = (),
) -> dict[date, str]:
    """Return the supervisor on call by day; a day on which nobody can be is left out.

    Where too few are there to keep to the most days in a row, somebody is called longer rather than nobody.

    Parameters
    ----------
    past
        Who was on call before, with the holidays among those days: it counts towards fair parts.
    nights
        The supervisors' own night shifts: nobody is on call on such a day or the day after.
    """
    if not supervisors or not days:
        return {}
    before = past or Past()
    free = _free(supervisors, days, nights)
    people = tuple(
        Person(
            code=person.code,
            may=free[:, [p]],
            must=np.full(len(days), FREE),
            price=np.zeros((len(days), 1), dtype=np.int64),
            forbidden=np.zeros((2, 1, 1), dtype=bool),
            follow_price=np.zeros((2, 1, 1), dtype=np.int64),
            most_in_row=rules.most_in_row.days,
            lone_day=rules.lone_day.price,
            tallies=tallies,
            before=_stands(person, days[0], before),
        )
        for p, (person, tallies) in enumerate(
            zip(supervisors, _fair(supervisors, days, rules, before, holidays, weekend), strict=True)
        )
    )
    asked = tuple(Cover(d, (0,), 1, (NOBODY,), extra=None, rule="on_call") for d in range(len(days)))
    solution = solve_by_constraints(Problem(len(days), (ON_CALL,), people, asked), Effort(WORK))
    rota = {day: p for d, day in enumerate(days) for p in range(len(people)) if solution.given[p, d] != OFF}
    return {day: supervisors[p].code for day, p in _filled(rota, days, free).items()}


def _free(supervisors: Sequence[Advocate], days: Sequence[date], nights: Sequence[Assignment]) -> np.ndarray:
    """Return who can be on call when: shape (days, supervisors)."""
    tired = {(a.person, a.day + timedelta(days=n)) for a in nights for n in (0, 1)}
    return np.array([[p.may_work(day) and (p.code, day) not in tired for p in supervisors] for day in days], dtype=bool)


def _stands(person: Advocate, start: date, past: Past) -> Before:
    """Return the days a person has been on call up to the evening before."""
    row = 0
    while past.on_call.get(start - timedelta(days=row + 1)) == person.code:
        row += 1
    return Before(0, 0, row) if row else Before()


def _fair(
    supervisors: Sequence[Advocate],
    days: Sequence[date],
    rules: OnCallRules,
    past: Past,
    holidays: Sequence[date],
    weekend: Sequence[str],
) -> list[tuple[Tally, ...]]:
    """Return each supervisor's fair part of days, weekend days and holidays, as bounds that cost when passed."""
    earlier = sorted(past.on_call)
    able, able_before = (np.array([hours_able(p, span) for p in supervisors]) for span in (days, earlier))
    found: list[list[Tally]] = [[] for _ in supervisors]
    for rule, price, counts in _counted(rules, past, holidays, weekend):
        weights = np.array([[counts(day)] for day in days], dtype=np.int64)
        done = [sum(past.on_call[day] == p.code and counts(day) for day in earlier) for p in supervisors]
        shares = fair_shares(float(weights.sum()), able, owed_from_before(done, able_before))
        for p, share in enumerate(shares):
            found[p] += at_most(rule, upwards(share), weights, price, least=share)
    return [tuple(tallies) for tallies in found]


def _counted(
    rules: OnCallRules, past: Past, holidays: Sequence[date], weekend: Sequence[str]
) -> Iterator[tuple[str, int, Callable[[date], bool]]]:
    """Yield what is shared fairly: its name, the price of each beyond a fair part, and which days count."""
    closed = {*holidays, *past.holidays}
    yield "on_call_days", rules.day_apart.price, lambda day: True
    yield "on_call_weekends", rules.weekend_apart.price, lambda day: bool(weekends([day], weekend))
    yield "on_call_holidays", rules.holiday_apart.price, lambda day: day in closed


def _filled(rota: Mapping[date, int], days: Sequence[date], free: np.ndarray) -> dict[date, int]:
    """Return the rota with each open day given to whoever can and has fewest."""
    filled = dict(rota)
    for d, day in enumerate(days):
        able = [int(p) for p in np.flatnonzero(free[d])]
        if day not in filled and able:
            filled[day] = min(able, key=lambda p: (list(filled.values()).count(p), p))
    return {day: filled[day] for day in days if day in filled}
