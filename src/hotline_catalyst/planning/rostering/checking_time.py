"""Judges one person's time: rest, weekly rest, hours, and how long each shift is in real minutes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from math import inf

from ..calendar import clock_of
from .checking_duties import DAY, Case, Duty, Plan, hours
from .dates import day_said

WEEK = 7


def time_cases(plan: Plan) -> Iterator[Case]:
    """Yield every case of a rule about hours."""
    yield from _daily_rest(plan)
    yield from _weekly_rest(plan)
    yield from _weekly_hours(plan)
    yield from _average_hours(plan)
    yield from _contract(plan)
    yield from _lengths(plan)


def _daily_rest(plan: Plan) -> Iterator[Case]:
    """Rest between duties. A session may belong to the working day of a shift, which leaves the day its rest.

    Session and shift are one working day when they begin on the same day, or follow one another without a gap, and both
    together last at most 24 hours less the rest. Between two shifts the rest is asked for always.
    """
    if "daily_rest_hours" not in plan.rules:
        return
    asked = plan.rules["daily_rest_hours"].minutes
    spell: list[Duty] = []
    for duty in plan.duties:
        if spell and _one_spell(spell, duty, DAY - asked):
            spell.append(duty)
            continue
        if spell and duty.n >= 0:
            last = max(spell, key=lambda d: d.end)
            rest = duty.start - last.end
            told = {
                "rest": hours(max(0, rest)),
                "before": last.name,
                "end": clock_of(last.to),
                "after": duty.name,
                "start": clock_of(duty.from_),
                "limit": hours(asked),
            }
            yield plan.case("daily_rest_hours", duty.day, rest / 60, (rest - asked) / 60, "rest", **told)
        spell = [duty]


def _one_spell(spell: list[Duty], duty: Duty, longest: int) -> bool:
    """Return whether a duty belongs to the working day of those before it."""
    two_shifts = duty.shift is not None and any(d.shift is not None for d in spell)
    end = max(d.end for d in spell)
    together = duty.n == spell[-1].n or duty.start <= end
    return together and not two_shifts and max(end, duty.end) - spell[0].start <= longest


def _rests(plan: Plan) -> list[tuple[int, int, int]]:
    """Return each time without duty: the days of the duties around it, and its real minutes."""
    found: list[tuple[int, int, int]] = []
    end, day = -inf, plan.known_from - 1
    for duty in plan.duties:
        if duty.start > end:
            # Nothing is known of the time before the first duty: it counts as rest.
            found.append((day, duty.n, round(duty.start - end) if end > -inf else 10**9))
        end, day = max(end, duty.end), max(day, duty.n)
    return [*found, (day, 10**6, 10**9)]


def _weekly_rest(plan: Plan) -> Iterator[Case]:
    """One rest in each window of days, wherever it begins.

    A rest counts for a window when it holds one of its days without a duty, or lies between two of its duties. Windows
    one after the other that lack it are one case.
    """
    if not {"weekly_rest_hours", "weekly_rest_window_days"} <= set(plan.rules) or not plan.duties:
        return
    asked, window = plan.rules["weekly_rest_hours"].minutes, round(plan.rules["weekly_rest_window_days"].value)
    rests, lacking = _rests(plan), False
    for first in range(max(plan.known_from, 1 - window), len(plan.roster.needed) - window + 1):
        last = first + window - 1
        inside = [
            minutes
            for before, after, minutes in rests
            if max(before + 1, first) <= min(after - 1, last) or (before >= first and after <= last)
        ]
        longest = max(inside, default=0)
        if longest < asked and lacking:
            continue
        lacking = longest < asked
        day = plan.roster.start + timedelta(days=first)
        told = {
            "last": day_said(day + timedelta(days=window - 1)),
            "rest": hours(longest),
            "limit": hours(asked),
            "window": window,
        }
        yield plan.case("weekly_rest_hours", day, longest / 60, (longest - asked) / 60, "weekly_rest", **told)


def _minutes_by_week(plan: Plan) -> dict[int, int]:
    """Return real working minutes by week, 0 the roster's first, a duty in the week it begins; no minute twice."""
    found: dict[int, int] = {}
    worked_until = -(10**12)
    for duty in plan.duties:
        week = duty.n // WEEK
        found[week] = found.get(week, 0) + max(0, duty.end - max(duty.start, worked_until))
        worked_until = max(worked_until, duty.end)
    return found


def _weekly_hours(plan: Plan) -> Iterator[Case]:
    if "weekly_hours_limit" not in plan.rules:
        return
    limit = plan.rules["weekly_hours_limit"].minutes
    for week, minutes in sorted(_minutes_by_week(plan).items()):
        if 0 <= week < plan.roster.weeks:
            day = plan.roster.start + timedelta(weeks=week)
            told = {"worked": hours(minutes), "limit": hours(limit)}
            yield plan.case("weekly_hours_limit", day, minutes / 60, (limit - minutes) / 60, "week", **told)


def _average_hours(plan: Plan) -> Iterator[Case]:
    """The average over each reference period that ends in the roster; with less known, over the weeks known.

    Weeks without work count only where the person was there for them: leave does not lower the average.
    """
    if not {"average_weekly_hours_limit", "reference_weeks"} <= set(plan.rules) or not plan.duties:
        return
    limit, length = plan.rules["average_weekly_hours_limit"].minutes, round(plan.rules["reference_weeks"].value)
    known, worked = plan.known_from // WEEK, _minutes_by_week(plan)
    ends = [w for w in range(plan.roster.weeks) if w - length + 1 >= known] or [plan.roster.weeks - 1]
    found = []
    for end in ends:
        weeks = [w for w in range(max(known, end - length + 1), end + 1) if w in worked or _is_there(plan, w)]
        if weeks:
            found.append((sum(worked.get(w, 0) for w in weeks) / len(weeks), len(weeks), end))
    if found:
        average, count, end = max(found)
        day = plan.roster.start + timedelta(weeks=end)
        told = {"worked": hours(average), "weeks": count, "limit": hours(limit)}
        figure, margin = round(average / 60, 4), round((limit - average) / 60, 4)
        yield plan.case("average_weekly_hours_limit", day, figure, margin, "average", **told)


def _is_there(plan: Plan, week: int) -> bool:
    days = [plan.roster.start + timedelta(days=WEEK * week + n) for n in range(WEEK)]
    return all(plan.person.may_work(day) for day in days)


def _contract(plan: Plan) -> Iterator[Case]:
    """Shifts and sessions against the contract's hours for the days the person is there."""
    if plan.person.supervisor and not plan.shifts:
        return
    there = sum(_is_paid(plan, day) for day in plan.roster.days) / WEEK
    limit = round(60 * plan.person.hours_per_week * there)
    minutes = sum(m for week, m in _minutes_by_week(plan).items() if 0 <= week < plan.roster.weeks)
    told = {
        "worked": hours(minutes),
        "limit": hours(limit),
        "contract": f"{plan.person.hours_per_week:g}",
        "weeks": f"{round(there, 2):g}",
    }
    yield plan.case("contract_hours", None, minutes / 60, (limit - minutes) / 60, "contract", **told)


def _is_paid(plan: Plan, day: date) -> bool:
    """Return whether a day counts towards the contract: the training before the first day on the line does."""
    training = min((d.day for d in plan.duties if d.shift is None), default=day + timedelta(days=1))
    new = plan.person.first_day is not None and training <= day < plan.person.first_day
    return plan.person.may_work(day) or (new and day not in plan.person.leave)


def _lengths(plan: Plan) -> Iterator[Case]:
    """Each shift against the longest allowed, by day, by night and part day part night.

    The extra hour of a night on which the clock goes back is told and never hard: the roster cannot take it away.
    """
    inside = plan.rules["handover_inside_limit"].value > 0 if "handover_inside_limit" in plan.rules else False
    for duty in plan.own:
        if duty.shift is None:
            continue
        counted = duty.shift.paid if inside else duty.shift.cover
        real = counted + (duty.end - duty.start) - (duty.to - duty.from_)
        night, mixed = _kind(plan, duty)
        judged = {"shift_hours_limit": True, "night_shift_hours_limit": night, "mixed_shift_hours_limit": mixed}
        for rule in [r for r, applies in judged.items() if applies and r in plan.rules]:
            limit = plan.rules[rule].minutes
            told = {"shift": duty.name, "start": clock_of(duty.from_), "long": hours(real), "limit": hours(limit)}
            by_clock = counted <= limit < real
            case = plan.case(
                rule, duty.day, real / 60, (limit - real) / 60, "long_by_clock" if by_clock else "long", **told
            )
            yield case._replace(hard=case.hard and not by_clock)


def _kind(plan: Plan, duty: Duty) -> tuple[bool, bool]:
    """Return whether a shift is a night shift, and whether it is part day and part night.

    Without the country's night window the shift's own mark stands, and nothing is called mixed.
    """
    if plan.roster.night_window is None:
        return duty.night, False
    start, end = plan.roster.night_window
    spans = [(day + start, day + (end if end > start else end + DAY)) for day in (-DAY, 0, DAY)]
    minutes = sum(max(0, min(duty.to, to) - max(duty.from_, from_)) for from_, to in spans)
    enough = plan.rules["night_hours_make_night_shift"].minutes if "night_hours_make_night_shift" in plan.rules else DAY
    night = duty.night or minutes >= enough
    return night, not night and minutes > 0
