"""One person's hours: the contract, each week, and the average over the reference weeks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from .fairness import remembered
from .person_limits import ANY, at_most
from .person_rules import PersonRules
from .problem import Tally

WEEK = 7


def contract_minutes(person: PersonRules) -> int:
    """Return the paid minutes the contract leaves for shifts: time away and time off the queue are taken out.

    Days of training before the first day on the line are paid, and their sessions are taken off their own pay first.
    """
    a_day, days = 60 * person.person.hours_per_week / WEEK, person.table.days
    present = [day for day in days if person.present(day)]
    whole = a_day * len(present)
    off_queue = max(whole * person.question.off_queue_share, session_minutes(person, present))
    with_training = whole + a_day * sum(_in_training(person, day) for day in days)
    return max(0, round(min(whole - off_queue, with_training - session_minutes(person, days))))


def _in_training(person: PersonRules, day: date) -> bool:
    """Return whether a day lies between the first session and the first day on the line."""
    one, question = person.person, person.question
    if one.first_day is None or day >= one.first_day or day in one.leave or not person.rules.on("sessions"):
        return False
    held = (s.day for s in (*question.past.sessions, *question.sessions) if one.code in s.people)
    return min(held, default=one.first_day) <= day and not person.present(day)


def session_minutes(person: PersonRules, days: Sequence[date]) -> int:
    """Return the paid minutes of the sessions that stand on these days of the roster."""
    if not person.rules.on("sessions"):
        return 0
    wanted = set(days)
    return sum(s.minutes for s in person.question.sessions if person.person.code in s.people and s.day in wanted)


def hour_rules(person: PersonRules) -> Iterator[Tally]:
    """Yield the limits on one person's paid hours, as real minutes; sessions are taken off what is left for shifts."""
    rules, most_at_all = person.rules, ANY
    if rules.on("contract_hours"):
        most_at_all = contract_minutes(person)
        yield from at_most("contract_hours", most_at_all, person.table.paid, None)
    # A limit that the contract keeps already is not stated again: the engines carry every sum through their search.
    for tally in _limits_by_weeks(person):
        if tally.most < most_at_all:
            yield tally


def _limits_by_weeks(person: PersonRules) -> Iterator[Tally]:
    rules = person.rules
    if (most := rules.minutes("weekly_hours_limit")) is not None:
        price = rules.price("weekly_hours_limit")
        for week in range(person.question.weeks):
            yield from _weeks(person, "weekly_hours_limit", week, week + 1, most, price)
    if (most := rules.minutes("average_weekly_hours_limit")) is not None and person.table.days:
        yield from _average(person, most)


def _weeks(person: PersonRules, rule: str, first: int, end: int, most: float, price: int | None) -> Iterator[Tally]:
    """Yield the most minutes of the weeks from ``first`` to before ``end``."""
    days = slice(WEEK * first, WEEK * end)
    weights = person.empty
    weights[days] = person.table.paid[days]
    yield from at_most(rule, most - session_minutes(person, person.table.days[days]), weights, price, step=60)


def _average(person: PersonRules, most: int) -> Iterator[Tally]:
    """Yield each whole reference period that ends in the roster; when there is none, what is known of the last one.

    Weeks away count only where the person worked in them: leave does not lower the average.
    """
    rule, weeks = "average_weekly_hours_limit", person.question.weeks
    reference = person.rules.whole("reference_weeks", 17)
    known = len(remembered(person.question.past, person.question.start)) // WEEK if person.rules.on("past") else 0
    ends = [end for end in range(1, weeks + 1) if end + known >= reference] or [weeks]
    for end in ends:
        first = max(0, end - reference)
        before = [_week_before(person, n) for n in range(1, 1 + min(known, reference - (end - first)))]
        counted = sum(there for there, _ in before)
        counted += sum(
            any(map(person.present, person.table.days[WEEK * w : WEEK * w + WEEK])) for w in range(first, end)
        )
        done = sum(minutes for _, minutes in before)
        yield from _weeks(person, rule, first, end, most * counted - done, person.rules.price(rule))


def _week_before(person: PersonRules, back: int) -> tuple[bool, int]:
    """Return whether a week before the roster counts, and its paid minutes; 1 is the last one."""
    past, start = person.question.past, person.question.start - timedelta(weeks=back)
    days = {start + timedelta(days=n) for n in range(WEEK)}
    minutes = sum(past.shifts[a.shift].paid for a in person.past_shifts if a.day in days)
    minutes += sum(s.minutes for s in past.sessions if person.person.code in s.people and s.day in days)
    return minutes > 0 or all(map(person.present, days)), minutes
