"""From a roster's question, with dates, law and people, to the problem that the engines solve."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from .fairness import fair_shares, hours_able, owed_from_before, remembered, weekends
from .hour_rules import contract_minutes, hour_rules
from .people import limits_of
from .person_limits import Rules, at_most, upwards
from .person_rules import PersonRules, worked_at_most
from .prices import RosterFile
from .problem import OFF, Blocks, Cover, Ints, Person, Problem, Tally
from .records import Assignment, Question
from .timetable import Duty, Timetable, both, fits_beside, past_duties, sessions_by_day, shifts_as_duties, timetable

QUARTER = 15
NEVER_ALONE = 2


def compile_problem(question: Question, prices: RosterFile, without: frozenset[str] = frozenset()) -> Problem:
    """Return the problem a question poses.

    The first kinds are the question's shifts; sessions, shifts with a session beside them and past duties of other
    times follow. `assignments_of` reads an answer back.

    Parameters
    ----------
    without
        Ids of rules that are switched off, to ask what they cost: those of the working-time files, and leave, nights,
        unavailable, not_employed, contract_hours, request, nights_apart, shifts_apart, weekends_apart, holidays_apart,
        cover, alone, "language xx", sessions, fixed, past.
    """
    table = timetable(question, _other_duties(question))
    team = [
        PersonRules(question, table, person, Rules(limits_of(person, question.limits), without), prices)
        for person in question.people
    ]
    shares = _shares(question, table, team, "past" not in without)
    people = tuple(_person(rules, share) for rules, share in zip(team, shares, strict=True))
    covers = (*_covers(question, table, prices, without), *_speakers(question, table, prices, without))
    return Problem(len(table.days), table.kinds, people, covers)


def _person(rules: PersonRules, share: Shares) -> Person:
    """Return one person's rules and prices as the problem states them."""
    may = rules.may()
    must = rules.must(may)
    base, price = rules.wishes()
    forbidden, follow_price = rules.followers()
    least_in_row, lone_day = rules.shortest_run("lone_day")
    least_off_in_row, lone_off = rules.shortest_run("lone_off")
    return Person(
        code=rules.person.code,
        may=may,
        must=must,
        price=price,
        forbidden=forbidden,
        follow_price=follow_price,
        most_in_row=rules.most_in_row(),
        base=base,
        least_in_row=least_in_row,
        least_off_in_row=least_off_in_row,
        lone_day=lone_day,
        lone_off=lone_off,
        most_nights=rules.rules.whole("consecutive_nights_limit", 99),
        off_after_nights=rules.rules.whole("days_off_after_nights", 0),
        tallies=(
            *hour_rules(rules),
            *_fair(rules, share),
            *rules.rest_day(),
            *rules.sessions_held(must),
            *rules.clock_change_rests(),
        ),
        blocks=(*_fair_weekends(rules, share), *rules.free_weekends()),
        before=rules.before,
    )


def assignments_of(question: Question, given: Ints) -> tuple[Assignment, ...]:
    """Return an answer to the question's problem as assignments, by day, shift and person; sessions are none."""
    duties = timetable(question, _other_duties(question)).duties
    found = [
        Assignment(question.days[d], question.shifts[duties[kind].shift].id, person.code)
        for p, person in enumerate(question.people)
        for d, kind in enumerate(given[p])
        if kind != OFF and duties[kind].shift >= 0
    ]
    return tuple(sorted(found, key=lambda a: (a.day, a.shift, a.person)))


def given_of(question: Question, problem: Problem, assignments: Sequence[Assignment]) -> Ints:
    """Return assignments as an answer to the problem, sessions that stand included: what `measure` takes.

    A shift where the problem knows no such duty (with the day's session beside it) is given as the plain shift.
    """
    shifts = [duty.shift for duty in timetable(question, _other_duties(question)).duties]
    given = np.full((len(problem.people), problem.days), OFF, dtype=np.int64)
    held = {(a.person, a.day): a.shift for a in assignments}
    for p, person in enumerate(problem.people):
        for d, day in enumerate(question.days):
            possible = [int(k) for k in np.flatnonzero(person.may[d])]
            if (person.code, day) in held:
                shift = next(k for k, s in enumerate(question.shifts) if s.id == held[person.code, day])
                given[p, d] = next((k for k in possible if shifts[k] == shift), shift)
            else:
                given[p, d] = next((k for k in possible if shifts[k] < 0), OFF)
    return given


def _other_duties(question: Question) -> Iterator[Duty]:
    """Yield what is no shift alone: sessions, shifts with one beside them, and each person's last duty before."""
    days, shifts = set(question.days), shifts_as_duties(question)
    for person in question.people:
        for day, session in sessions_by_day(question.sessions, person.code).items():
            if day in days:
                yield session
                yield from (both(shift, session) for shift in shifts if fits_beside(shift, session, 0))
        if held := past_duties(question, person.code):
            yield held[max(held)]


@dataclass(frozen=True)
class Shares:
    """A person's fair part of this roster; None: no part in it."""

    nights: float | None
    shifts: float | None
    weekends: float | None
    holidays: float | None


def _fair(rules: PersonRules, share: Shares) -> Iterator[Tally]:
    """Yield the person's fair part of shifts, nights and holidays, and the most that nights should be of the shifts."""
    table, on = rules.table, rules.rules.on
    shifts = rules.empty + table.is_shift
    nights = shifts * table.nights
    holidays = shifts * np.array([day in rules.question.holidays for day in table.days], dtype=bool)[:, None]
    for rule, part, weights in (("nights_apart", share.nights, nights), ("shifts_apart", share.shifts, shifts)):
        if part is not None and on(rule):
            yield from at_most(rule, upwards(part), weights, rules.prices.price(rule), least=part)
    if share.holidays is not None and on("holidays_apart"):
        yield from at_most("holidays_apart", upwards(share.holidays), holidays, rules.prices.price("holidays_apart"))
    most = rules.rules.value("night_share_limit")
    if most is not None and share.shifts is not None:
        price = rules.rules.price("night_share_limit")
        yield from at_most("night_share_limit", max(1, most * share.shifts), nights, price)


def _fair_weekends(rules: PersonRules, share: Shares) -> Iterator[Blocks]:
    groups = weekends(rules.table.days, rules.question.weekend)
    if share.weekends is not None and rules.rules.on("weekends_apart"):
        price = rules.prices.price("weekends_apart")
        yield from worked_at_most("weekends_apart", groups, upwards(share.weekends), price)


def _shares(question: Question, table: Timetable, team: Sequence[PersonRules], with_past: bool) -> list[Shares]:
    """Return everybody's fair part of nights, shifts, weekends and holidays, what the past owes included."""
    people = question.people
    days = remembered(question.past, question.start) if with_past else ()
    able, able_before = (np.array([hours_able(p, span) for p in people]) for span in (table.days, days))
    at_night = np.array([p.nights for p in people], dtype=bool)
    done = _done(question, set(days))
    usual = max(1.0, _usual_minutes(table, question.needed))
    room = [contract_minutes(rules) / usual for rules in team]
    parts: dict[str, list[float | None]] = {}
    for name, total in _totals(question, table, sum(room)).items():
        counts = at_night if name == "nights" else np.ones(len(people), dtype=bool)
        share = fair_shares(total, able * counts, owed_from_before(done[name], able_before * counts))
        parts[name] = [float(s) if taking else None for s, taking in zip(share, able * counts > 0, strict=True)]
    # Nobody is asked for more shifts than the contract leaves room for.
    parts["shifts"] = [None if s is None else min(s, r) for s, r in zip(parts["shifts"], room, strict=True)]
    return [Shares(**{name: part[p] for name, part in parts.items()}) for p in range(len(people))]


def _totals(question: Question, table: Timetable, room: float) -> dict[str, float]:
    """Return what there is to share: nights, shifts as far as contracts reach, worked weekends, holiday shifts."""
    needed = question.needed.reshape(len(table.days), len(table.shifts))
    a_day = needed.sum(axis=1)
    night = np.array([shift.night for shift in table.shifts], dtype=bool)
    return {
        "nights": float(needed[:, night].sum()),
        "shifts": min(float(needed.sum()), room),
        "weekends": float(sum(a_day[list(group)].max() for group in weekends(table.days, question.weekend))),
        "holidays": float(sum(a_day[n] for n, day in enumerate(table.days) if day in question.holidays)),
    }


def _usual_minutes(table: Timetable, needed: Ints) -> float:
    """Return the mean paid minutes of the shifts asked for."""
    paid = table.paid[:, : len(table.shifts)]
    return float((needed.reshape(paid.shape) * paid).sum() / needed.sum()) if needed.any() else 0.0


def _done(question: Question, days: set[date]) -> dict[str, list[int]]:
    """Return what each person did on these days of the past: nights, shifts, weekends, holidays."""
    done: dict[str, list[int]] = {"nights": [], "shifts": [], "weekends": [], "holidays": []}
    ordered = sorted(days)
    groups = enumerate(weekends(ordered, question.weekend))
    weekend_of = {ordered[place]: n for n, group in groups for place in group}
    for person in question.people:
        mine = [a for a in question.past.assignments if a.person == person.code and a.day in days]
        done["nights"].append(sum(question.past.shifts[a.shift].night for a in mine))
        done["shifts"].append(len(mine))
        done["weekends"].append(len({weekend_of[a.day] for a in mine if a.day in weekend_of}))
        done["holidays"].append(sum(a.day in question.past.holidays for a in mine))
    return done


def _covers(question: Question, table: Timetable, prices: RosterFile, without: frozenset[str]) -> Iterator[Cover]:
    """Yield how many are asked for; nobody beyond. The last who must be there, lest one be alone, are the dearest."""
    hour, alone_hour = prices.price("uncovered_hour"), prices.price("alone_hour")
    together = _needed_against_being_alone(question)
    if "alone" in without or not question.never_alone:
        together = np.zeros_like(together)
    fixed = np.zeros_like(question.needed)
    for a in question.fixed if "fixed" not in without else ():
        if a.day in table.place:
            fixed[table.place[a.day], [shift.id for shift in question.shifts].index(a.shift)] += 1
    for d, k in np.argwhere((question.needed > 0) | (fixed > 0)):
        need, hours = int(question.needed[d, k]), table.covered[d, k] / 60
        last = int(together[d, k])
        short = (round(hour * hours),) * (need - last) + (round(max(hour, alone_hour) * hours),) * last
        if "cover" in without:
            short = (0,) * need
        # Published assignments beyond the need stay.
        more = max(0, int(fixed[d, k]) - need)
        yield Cover(int(d), table.holding(int(k)), need + more, (0,) * more + short, extra=None, rule="cover")


def _needed_against_being_alone(question: Question) -> Ints:
    """Return how many of each shift must come so that, with all others there, no quarter-hour leaves one alone.

    Quarter-hours in which only one person is asked for do not count. The night before the first day is taken to
    be as the one a week later.
    """
    days, kinds = len(question.days), len(question.shifts)
    needed = question.needed.reshape(days, kinds)
    there = np.zeros((days + 3) * 96, dtype=np.int64)
    spans = [slice(shift.start // QUARTER, (shift.start + shift.cover) // QUARTER) for shift in question.shifts]
    for d in range(-1, days):
        for k, span in enumerate(spans):
            there[(d + 1) * 96 + span.start : (d + 1) * 96 + span.stop] += needed[d if d >= 0 else min(6, days - 1), k]
    together = np.zeros((days, kinds), dtype=np.int64)
    for d in range(days):
        for k, span in enumerate(spans):
            during = there[(d + 1) * 96 + span.start : (d + 1) * 96 + span.stop]
            others = during[during >= NEVER_ALONE] - needed[d, k]
            together[d, k] = np.clip(NEVER_ALONE - others.min(initial=NEVER_ALONE), 0, needed[d, k])
    return together


def _speakers(question: Question, table: Timetable, prices: RosterFile, without: frozenset[str]) -> Iterator[Cover]:
    """Yield how many of each shift must speak a language that not everybody speaks."""
    for language, fewest in question.speakers.items():
        rule = f"language {language}"
        who = tuple(p for p, person in enumerate(question.people) if language in person.languages)
        if rule in without:
            continue
        for d, k in np.argwhere(fewest > 0):
            need = min(int(fewest[d, k]), int(question.needed[d, k]))
            price = round(prices.price("silent_hour") * table.covered[d, k] / 60)
            if need:
                yield Cover(int(d), table.holding(int(k)), need, (price,) * need, extra=0, people=who, rule=rule)
