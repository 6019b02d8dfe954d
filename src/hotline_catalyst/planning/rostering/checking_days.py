"""Judges one person's days: who may work when, runs of days and nights, weekends, and what wears people down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise

from ..calendar import DAYS, clock_of
from .checking_duties import DAY, Case, Duty, Plan, hours
from .dates import day_said

WEEKENDS = 4


def day_cases(plan: Plan) -> Iterator[Case]:
    """Yield every case of a rule about days."""
    yield from _agreed(plan)
    yield from _one_a_day(plan)
    yield from _runs(plan)
    yield from _after_nights(plan)
    yield from _nights_share(plan)
    yield from _weekends(plan)
    yield from _rotation(plan)
    yield from _lone(plan)
    yield from _rest_day(plan)


def _agreed(plan: Plan) -> Iterator[Case]:
    """What was agreed with the person: days there, leave, hours in which they cannot work, nights."""
    person = plan.person
    for duty in plan.own:
        told = {"shift": duty.name, "start": clock_of(duty.from_), "end": clock_of(duty.to)}
        away = duty.day in person.leave
        # The first day is the first on the line: the training before it is no fault.
        out = not away and not person.may_work(duty.day) and (duty.shift is not None or _has_left(plan, duty))
        yield plan.case("leave", duty.day, away, -away, "leave", **told)
        span = {"first": _day(person.first_day), "last": _day(person.last_day)}
        yield plan.case("not_employed", duty.day, out, -out, "not_employed", **told, **span)
        if duty.night:
            against = not person.nights
            yield plan.case("nights", duty.day, against, -against, "nights", **told)
        if duty.shift is not None and duty.shift.id in plan.roster.supervisor_shifts:
            against = not person.supervisor
            yield plan.case("supervisors_shift", duty.day, against, -against, "supervisors_shift", **told)
        if person.unavailable:
            minutes = _unavailable(plan, duty)
            told |= {"hours": hours(minutes)}
            yield plan.case("unavailable", duty.day, minutes / 60, -minutes, "unavailable", **told)


def _has_left(plan: Plan, duty: Duty) -> bool:
    return plan.person.last_day is not None and duty.day > plan.person.last_day


def _day(day: object) -> str:
    return f"{day}" if day else "…"


def _unavailable(plan: Plan, duty: Duty) -> int:
    """Return how many minutes of a duty lie in hours in which the person cannot work."""
    weekday = duty.day.weekday()
    minutes = 0
    for x in plan.person.unavailable:
        for shift in (-7, 0, 7):
            from_ = (x.weekday - weekday + shift) * DAY + x.start
            to = from_ + x.end - x.start if x.end > x.start else from_ + x.end + DAY - x.start
            minutes += max(0, min(duty.to, to) - max(duty.from_, from_))
    return minutes


def _one_a_day(plan: Plan) -> Iterator[Case]:
    """One shift a day, and no session while on shift. That two shifts meet is a matter of rest."""
    by_day: dict[int, list[Duty]] = {}
    for duty in plan.shifts:
        if duty.n >= 0:
            by_day.setdefault(duty.n, []).append(duty)
    for shifts in by_day.values():
        told = {"names": " + ".join(d.name for d in shifts)}
        yield plan.case("one_a_day", shifts[0].day, len(shifts), 1 - len(shifts), "one_a_day", **told)
    for a, b in pairwise(plan.duties):
        if b.n >= 0 and b.start < a.end and not (a.shift and b.shift):
            told = {"first": a.name, "second": b.name, "start": clock_of(b.from_), "end": clock_of(a.to)}
            yield plan.case("one_a_day", b.day, 2, -1, "at_once", **told)


def _worked(plan: Plan) -> list[int]:
    return sorted({d.n for d in plan.duties})


def _runs_of(days: Sequence[int]) -> list[list[int]]:
    runs: list[list[int]] = []
    for day in days:
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


def _runs(plan: Plan) -> Iterator[Case]:
    nights = sorted({d.n for d in plan.duties if d.night})
    for rule, days in (("consecutive_days_limit", _worked(plan)), ("consecutive_nights_limit", nights)):
        if rule not in plan.rules:
            continue
        limit = int(plan.rules[rule].value)
        for run in _runs_of(days):
            if run[-1] < 0:
                continue
            # The day that goes too far is the one to change; of a run that began before the roster, one of its own.
            at = max(run[min(limit, len(run) - 1)], 0)
            first, last = (plan.roster.start + timedelta(days=n) for n in (run[0], run[-1]))
            told = {"count": len(run), "first": day_said(first), "last": day_said(last), "limit": limit}
            day = plan.roster.start + timedelta(days=at)
            yield plan.case(rule, day, len(run), limit - len(run), rule, **told)


def _after_nights(plan: Plan) -> Iterator[Case]:
    """Free of shifts after the last night of a run: judged once, on the first day worked too early."""
    if "days_off_after_nights" not in plan.rules:
        return
    asked = int(plan.rules["days_off_after_nights"].value)
    shifts = {d.n: d for d in plan.shifts}
    nights = {d.n for d in plan.duties if d.night}
    for last in sorted(n for n in nights if n + 1 not in nights):
        after = min((n for n in shifts if n > last), default=None)
        if after is None or after < 0:
            continue
        free = after - last - 1
        duty = shifts[after]
        told = {"shift": duty.name, "free": free, "last": day_said(shifts[last].day), "limit": asked}
        yield plan.case("days_off_after_nights", duty.day, free, free - asked, "after_nights", **told)


def _nights_share(plan: Plan) -> Iterator[Case]:
    shifts = [d for d in plan.own if d.shift is not None]
    if "night_share_limit" in plan.rules and shifts:
        limit, nights = plan.rules["night_share_limit"].value, sum(d.night for d in shifts)
        share = nights / len(shifts)
        told = {"nights": nights, "shifts": len(shifts), "limit": f"{round(100 * limit, 1):g} %"}
        yield plan.case("night_share_limit", None, share, round(limit - share, 9), "night_share", **told)


def _weekends(plan: Plan) -> Iterator[Case]:
    """Free weekends in each four of the roster; what is left over at its end belongs to the next roster's four."""
    if "free_weekends_of_four" not in plan.rules or not plan.roster.weekend or not plan.duties:
        return
    least = int(plan.rules["free_weekends_of_four"].value)
    worked = {d.n // 7 for d in plan.own if DAYS[d.day.weekday()] in plan.roster.weekend}
    for first in range(0, plan.roster.weeks - WEEKENDS + 1, WEEKENDS):
        free = sum(week not in worked for week in range(first, first + WEEKENDS))
        day = plan.roster.start + timedelta(weeks=first)
        told = {"free": free, "of": WEEKENDS, "limit": least}
        yield plan.case("free_weekends_of_four", day, free, free - least, "weekends", **told)


def _rotation(plan: Plan) -> Iterator[Case]:
    """Shifts on two days in a row go forward in the day, or back by less than the rule's hours."""
    if "forward_rotation" not in plan.rules:
        return
    limit = plan.rules["forward_rotation"].minutes
    for a, b in pairwise(plan.shifts):
        if b.n >= 0 and b.n == a.n + 1:
            earlier = a.from_ - b.from_
            told = {"before": a.name, "was": clock_of(a.from_), "after": b.name, "start": clock_of(b.from_)}
            told |= {"earlier": hours(max(0, earlier)), "limit": hours(limit)}
            # Exactly the rule's hours back is too much.
            yield plan.case(
                "forward_rotation", b.day, max(0, earlier) / 60, (limit - 1 - earlier) / 60, "rotation", **told
            )


def _lone(plan: Plan) -> Iterator[Case]:
    """Runs of working days and of free days that are too short; one at the roster's edge may go on outside it."""
    last = len(plan.roster.needed) - 1
    worked = [n for n in _worked(plan) if 0 <= n <= last]
    free = sorted(set(range(last + 1)) - set(worked)) if worked else []
    for rule, days in (("lone_day", worked), ("lone_off", free)):
        if rule not in plan.rules:
            continue
        least = int(plan.rules[rule].value)
        for run in _runs_of(days):
            if run[0] == 0 or run[-1] == last:
                continue
            day = plan.roster.start + timedelta(days=run[0])
            if rule == "lone_day" or day not in plan.person.leave:
                yield plan.case(rule, day, len(run), len(run) - least, rule, count=len(run), limit=least)


def _rest_day(plan: Plan) -> Iterator[Case]:
    """Work on the weekly day that the law keeps for rest."""
    if "rest_day" in plan.rules and plan.roster.rest_day:
        for duty in plan.own:
            on = DAYS[duty.day.weekday()] == plan.roster.rest_day
            yield plan.case("rest_day", duty.day, on, -on, "rest_day", shift=duty.name)
