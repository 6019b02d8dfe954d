"""What follows from a changed roster: breaks and calls are handed on, and each change is said."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from ..calendar import DAYS
from .codes import codes_of
from .dates import day_said
from .published import Change
from .records import Assignment, Break, Roster
from .words import say


def calls_without(roster: Roster) -> dict[date, str]:
    """Return who is on call by day: in place of who is away, the supervisor who is there with the fewest calls."""
    people, night = {p.code: p for p in roster.people}, {s.id for s in roster.shifts if s.night}
    # After a night of their own, supervisors sleep.
    asleep = {(a.person, a.day + timedelta(days=n)) for a in roster.assignments if a.shift in night for n in (0, 1)}
    kept = {
        day: code
        for day, code in roster.on_call.items()
        if code not in people or (people[code].may_work(day) and (code, day) not in asleep)
    }
    load = Counter(kept.values())
    for day in sorted(roster.on_call.keys() - kept.keys()):
        able = [p.code for p in roster.people if p.supervisor and p.may_work(day) and (p.code, day) not in asleep]
        if able:
            kept[day] = min(able, key=lambda code: (load[code], code))
            load[kept[day]] += 1
    return dict(sorted(kept.items()))


def handed_breaks(before: Roster, assignments: Sequence[Assignment]) -> tuple[Break, ...]:
    """Return the breaks for changed assignments: who takes a place on a shift takes the break that goes with it."""
    held = {(a.person, a.day): a.shift for a in before.assignments}
    now = {(a.person, a.day): a.shift for a in assignments}
    kept = [b for b in before.breaks if now.get((b.person, b.day)) == held.get((b.person, b.day))]
    places: dict[tuple[date, str], list[list[Break]]] = {}
    for person, day in sorted(held):
        if now.get((person, day)) != held[person, day]:
            mine = [b for b in before.breaks if (b.person, b.day) == (person, day)]
            places.setdefault((day, held[person, day]), []).append(mine)
    for person, day in sorted(now):
        if held.get((person, day)) != now[person, day] and (left := places.get((day, now[person, day]))):
            kept += [replace(b, person=person) for b in left.pop(0)]
    return tuple(sorted(kept, key=lambda b: (b.day, b.start, b.person)))


def said_change(change: Change, roster: Roster) -> str:
    """Return a changed day in words."""
    codes = codes_of(roster.shifts)
    times = {s.id: s.text for s in roster.shifts}
    name = "takes" if not change.before else "freed" if not change.after else "instead"
    return say(
        "repair",
        name,
        person=change.person,
        day=said_day(change.day),
        before=codes.get(change.before, ""),
        before_times=times.get(change.before, ""),
        after=codes.get(change.after, ""),
        after_times=times.get(change.after, ""),
    )


def said_calls(before: Roster, after: Roster) -> Iterator[str]:
    """Yield the days on which somebody else, or nobody, is on call."""
    for day, code in sorted(before.on_call.items()):
        now = after.on_call.get(day)
        if now != code:
            name = "on_call" if now else "no_call"
            yield say("repair", name, day=said_day(day), before=code, person=now or "")


def said_day(day: date) -> str:
    """Return a date with its weekday: "Monday 11 October"."""
    return f"{DAYS[day.weekday()].capitalize()} {day_said(day)}"
