"""A published roster after an absence, a new starter or new leave: covered again, moving as few people as can be."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

import numpy as np

from ..calendar import Limit
from .after_change import calls_without, handed_breaks, said_calls, said_change
from .checking import check
from .compiling import assignments_of, compile_problem, given_of
from .fewest_moves import cheapest_plan, fewest_moves
from .prices import RosterFile, load_prices
from .problem import OFF, Bools, Ints, Problem
from .published import changes
from .records import Advocate, Question, Roster


@dataclass(frozen=True, slots=True)
class Absence:
    """Days on which a person cannot come, both included. Who has left does not come back."""

    person: str
    first: date
    last: date
    why: Literal["ill", "leave", "left"] = "ill"


@dataclass(frozen=True)
class Repair:
    """A roster after a change.

    Parameters
    ----------
    moved
        People whose days change beside those who cannot come.
    changes
        What changes, a sentence each, by day.
    proved
        Whether no roster covers more, or as much with fewer people moved, then fewer days.
    """

    roster: Roster
    moved: tuple[str, ...]
    changes: tuple[str, ...]
    uncovered_hours: float
    proved: bool


def question_of(
    roster: Roster,
    limits: Mapping[str, Limit],
    off_queue_share: float = 0.0,
    people: Sequence[Advocate] | None = None,
    *,
    supervisors: bool = False,
) -> Question:
    """Return what a published roster answers, for planning on from it.

    It is asked of the advocates, or of the supervisors for shifts of their own; others are asked too where they hold
    any of these shifts already.

    Parameters
    ----------
    off_queue_share
        Paid time that shifts must leave free beside the sessions that stand already. None by default: who steps in
        for somebody gives up own work, not sleep.
    people
        Who is there now; those of the roster when None.
    """
    columns = [k for k, s in enumerate(roster.shifts) if (s.id in roster.supervisor_shifts) == supervisors]
    shifts = tuple(roster.shifts[k] for k in columns)
    given = {a.person for a in roster.assignments if a.shift in {s.id for s in shifts}}
    people = roster.people if people is None else people
    return Question(
        start=roster.start,
        weeks=roster.weeks,
        shifts=shifts,
        needed=roster.needed[:, columns],
        speakers={language: fewest[:, columns] for language, fewest in roster.speakers.items()},
        people=tuple(p for p in people if p.supervisor == supervisors or p.code in given),
        limits=limits,
        weekend=roster.weekend,
        holidays=roster.holidays,
        off_queue_share=off_queue_share,
        sessions=roster.sessions,
        past=roster.past,
        zone=roster.zone,
        never_alone=not supervisors,
        rest_day=roster.rest_day,
    )


def repair(
    question: Question,
    roster: Roster,
    absences: Sequence[Absence],
    *,
    from_day: date,
    prices: RosterFile | None = None,
) -> Repair:
    """Return the published roster with absences covered by the fewest people moved.

    In strict order: hard rules; cover, nobody alone; languages; people moved; days changed; then all other prices.
    Days before ``from_day`` never change, nor does any day later than some after the last absence
    (assessment/roster.yaml, spans). Whoever broke a rule when it was signed stays as signed.
    """
    prices = prices or load_prices()
    away = {(a.person, day) for a in absences for day in _days_of(a, roster) if day >= from_day}
    asked, problem, old = _as_it_stands(question, roster, prices)
    last = max((a.last for a in absences), default=from_day) + timedelta(days=prices.spans["after_absence"].days)
    if any(a.why == "left" for a in absences):
        last = roster.days[-1]
    gone = np.array([[(p.code, day) in away for day in roster.days] for p in asked.people], dtype=bool)
    free = _window(roster, asked, from_day, last)
    found = fewest_moves(problem, old, free, gone.reshape(old.shape))
    given = np.where(gone, OFF, old) if found is None else found.given
    after = _absent_in(_rebuilt(roster, asked, given), absences, away)
    return compared(roster, _judged(after, question.limits), away, found is not None and found.proved)


def plan_on(question: Question, roster: Roster, *, from_day: date, prices: RosterFile | None = None) -> Repair | None:
    """Return the roster planned anew from a day for changed people, leave or holidays; what was published weighs.

    Each person whose published days change, and each such day, has its price (``moved_person``, ``moved_day``): a new
    starter takes over what is worth it, and no more. A day that is not possible any more changes without one. None
    when no plan keeps the hard rules.
    """
    prices = prices or load_prices()
    asked, problem, old = _as_it_stands(question, roster, prices)
    free = _window(roster, asked, from_day, roster.days[-1])
    codes = {p.code for p in roster.people}
    known = np.array([person.code in codes for person in asked.people], dtype=bool)
    found = cheapest_plan(problem, old, free, known, prices.price("moved_person"), prices.price("moved_day"))
    if found is None:
        return None
    after = replace(_rebuilt(roster, asked, found.given), holidays=question.holidays)
    return compared(roster, _judged(after, question.limits), frozenset(), found.price == found.bound)


def _as_it_stands(question: Question, roster: Roster, prices: RosterFile) -> tuple[Question, Problem, Ints]:
    """Return the question, its problem and the published roster as an answer to it."""
    asked = replace(question, fixed=(), fixed_until=None)
    problem = compile_problem(asked, prices)
    kinds = {s.id for s in asked.shifts}
    return asked, problem, given_of(asked, problem, [a for a in roster.assignments if a.shift in kinds])


def _window(roster: Roster, asked: Question, first: date, last: date) -> Bools:
    """Return which days may change: from the first to the last, save those on which a person holds another's shift."""
    kinds = {s.id for s in asked.shifts}
    other = {(a.person, a.day) for a in roster.assignments if a.shift not in kinds}
    free = [[first <= day <= last and (p.code, day) not in other for day in roster.days] for p in asked.people]
    return np.array(free, dtype=bool).reshape(len(asked.people), len(roster.days))


def _days_of(absence: Absence, roster: Roster) -> list[date]:
    last = roster.days[-1] if absence.why == "left" else absence.last
    return [day for day in roster.days if absence.first <= day <= last]


def _rebuilt(roster: Roster, asked: Question, given: Ints) -> Roster:
    """Return the roster with other assignments; shifts and people that were not asked about stay as they are."""
    codes, kinds = {p.code for p in asked.people}, {s.id for s in asked.shifts}
    kept = [a for a in roster.assignments if a.person not in codes or a.shift not in kinds]
    assignments = tuple(sorted([*assignments_of(asked, given), *kept], key=lambda a: (a.day, a.shift, a.person)))
    others = [p for p in roster.people if p.code not in codes]
    people = tuple(sorted([*asked.people, *others], key=lambda p: _place(roster, p)))
    return replace(roster.changed(assignments, handed_breaks(roster, assignments)), people=people)


def _place(roster: Roster, person: Advocate) -> tuple[bool, int, str]:
    """People in the order they stand in, new ones after them."""
    codes = [p.code for p in roster.people]
    return person.code not in codes, codes.index(person.code) if person.code in codes else 0, person.code


def _absent_in(roster: Roster, absences: Sequence[Absence], away: Collection[tuple[str, date]]) -> Roster:
    """Return the roster with the absences noted, off its sessions and off its calls."""
    people = tuple(_absent(p, [a for a in absences if a.person == p.code], away) for p in roster.people)
    sessions = [replace(s, people=tuple(x for x in s.people if (x, s.day) not in away)) for s in roster.sessions]
    breaks = tuple(b for b in roster.breaks if (b.person, b.day) not in away)
    return replace(roster, people=people, sessions=tuple(s for s in sessions if s.people), breaks=breaks)


def _absent(person: Advocate, mine: Sequence[Absence], away: Collection[tuple[str, date]]) -> Advocate:
    days = {day for code, day in away if code == person.code}
    if left := [a.first for a in mine if a.why == "left"]:
        return replace(person, last_day=min(left) - timedelta(days=1))
    return replace(person, leave=person.leave | days)


def _judged(roster: Roster, limits: Mapping[str, Limit]) -> Roster:
    judged = replace(roster, on_call=calls_without(roster))
    return replace(judged, violations=tuple(check(judged, limits)))


def compared(before: Roster, after: Roster, away: Collection[tuple[str, date]], proved: bool) -> Repair:
    """Return what has changed, the absences themselves left out."""
    changed = [c for c in changes(before, after, after.start, "edit") if (c.person, c.day) not in away]
    absent = {code for code, _ in away}
    moved = sorted({c.person for c in changed} - absent)
    lines = [*(said_change(c, after) for c in changed), *said_calls(before, after)]
    return Repair(after, tuple(moved), tuple(lines), after.uncovered_hours, proved)
