"""Judges what no single person can keep: cover, languages, nobody alone, breaks, and the supervisor on call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..calendar import clock_of
from .checking_duties import DAY, Case, Duty, Plan, hours, real_minutes
from .codes import codes_of
from .records import Break, Ints, Roster

Bools = NDArray[np.bool_]
QUARTER = 15
QUARTERS = DAY // QUARTER


def cover_cases(roster: Roster) -> Iterator[Case]:
    """Yield every case of cover, languages and being alone; a roster that asks for nobody is not judged by them."""
    if roster.needed.any():
        yield from _cover(roster)
        yield from _languages(roster)
        yield from _alone(roster)
        yield from _on_call(roster)


def _soft(rule: str, person: str, day: date, figure: float, margin: float, words: str, **told: object) -> Case:
    return Case(rule, person, day, figure, margin, words, told, False)


def _cover(roster: Roster) -> Iterator[Case]:
    given, codes = Counter((a.day, a.shift) for a in roster.assignments), codes_of(roster.shifts)
    for n, day in enumerate(roster.days):
        for k, shift in enumerate(roster.shifts):
            asked, there = int(roster.needed[n, k]), given[day, shift.id]
            if asked or there:
                told = {"shift": codes[shift.id], "times": shift.text, "there": there, "asked": asked}
                words = "cover_over" if there > asked else "cover_short"
                yield _soft("cover", "", day, there - asked, -abs(there - asked), words, **told)


def _languages(roster: Roster) -> Iterator[Case]:
    codes, known = codes_of(roster.shifts), {p.code: p.languages for p in roster.people}
    for language, fewest in roster.speakers.items():
        given = Counter((a.day, a.shift) for a in roster.assignments if language in known.get(a.person, ()))
        for n, k in zip(*np.nonzero(fewest), strict=True):
            day, shift, asked = roster.days[n], roster.shifts[k], int(fewest[n, k])
            there = given[day, shift.id]
            told = {"shift": codes[shift.id], "times": shift.text, "there": there, "asked": asked, "language": language}
            yield _soft(f"language {language}", "", day, there - asked, there - asked, "language", **told)


def _alone(roster: Roster) -> Iterator[Case]:
    """Each stretch in which the line is open and one person is there alone, and each break that leaves nobody."""
    there, asked = _on_line(roster)
    away = np.zeros(len(there), dtype=np.int64)
    on_line = {(a.person, a.day) for a in roster.assignments if a.shift not in roster.supervisor_shifts}
    for b in (b for b in roster.breaks if (b.person, b.day) in on_line):
        first = (b.day - roster.start).days * DAY + b.start
        away[max(0, first // QUARTER) : max(0, -(-(first + b.minutes) // QUARTER))] += 1
    found = set()
    for words, where in (("alone", there == 1), ("nobody", (there > 0) & (there <= away))):
        for day, told in _stretches(roster, where & (asked > 0)):
            found.add(day)
            who = _present(roster, told["at"]) if words == "alone" else ""
            yield _soft("alone", who, day, told["quarters"] / 4, -told["quarters"], words, **told)
    for n, day in enumerate(roster.days):
        if day not in found and asked[n * QUARTERS : (n + 1) * QUARTERS].any():
            yield _soft("alone", "", day, 0, 0, "alone")


def _on_line(roster: Roster) -> tuple[Ints, Ints]:
    """Return, for each quarter-hour from the roster's first midnight, how many answer and how many are asked for."""
    there, asked = (np.zeros((len(roster.needed) + 2) * QUARTERS, dtype=np.int64) for _ in range(2))
    given = Counter((a.day, a.shift) for a in roster.assignments)
    for n, day in enumerate(roster.days):
        for k, shift in enumerate(roster.shifts):
            if shift.id in roster.supervisor_shifts:
                continue
            first = n * QUARTERS + shift.start // QUARTER
            span = slice(first, first + -(-shift.cover // QUARTER))
            there[span] += given[day, shift.id]
            asked[span] += int(roster.needed[n, k])
    before = {s.id: s for s in roster.past.shifts.values()}
    for a in roster.past.assignments:
        n = (a.day - roster.start).days
        if a.shift in before and a.shift not in roster.past.supervisor_shifts and -2 <= n < 0:
            end = n * QUARTERS + (before[a.shift].start + before[a.shift].cover) // QUARTER
            there[: max(0, end)] += 1
    return there, asked


def _stretches(roster: Roster, where: Bools) -> Iterator[tuple[date, dict[str, Any]]]:
    """Yield each run of quarter-hours: its day, and its times."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], where.astype(np.int8), [0]])))
    for first, last in edges.reshape(-1, 2):
        from_, to = int(first) * QUARTER, int(last) * QUARTER
        told = {"start": clock_of(from_), "end": clock_of(to), "at": from_}
        told |= {"hours": hours(int(last - first) * QUARTER), "quarters": int(last - first)}
        yield roster.start + timedelta(days=int(first) // QUARTERS), told


def _present(roster: Roster, minute: int) -> str:
    """Return who answers at a minute counted from the roster's first midnight."""
    shifts = {s.id: s for s in roster.shifts if s.id not in roster.supervisor_shifts}
    for a in roster.assignments:
        if shift := shifts.get(a.shift):
            start = (a.day - roster.start).days * DAY + shift.start
            if start <= minute < start + shift.cover:
                return a.person
    return ""


def _on_call(roster: Roster) -> Iterator[Case]:
    """A supervisor on call each day, who is there on that day; days without one are told in one sentence."""
    people = {p.code: p for p in roster.people}
    missing = [day for day in roster.days if day not in roster.on_call]
    if missing:
        yield _soft("on_call", "", missing[0], len(missing), -len(missing), "on_call_missing", days=len(missing))
    for day, code in sorted(roster.on_call.items()):
        person = people.get(code)
        words = "on_call_unknown" if person is None else "on_call" if person.may_work(day) else "on_call_away"
        if person and not person.supervisor:
            words = "on_call_no_supervisor"
        margin = 0 if words == "on_call" else -1
        yield Case("on_call", code, day, -margin, margin, words, {}, True)


def break_cases(plan: Plan, breaks: Sequence[Break]) -> Iterator[Case]:
    """Yield every case of a break of one person: missing, too short, too late, or outside the shift.

    No stretch of work may be longer than the hours after which a break is asked for.
    """
    if not {"break_after_hours", "break_minutes"} <= set(plan.rules):
        return
    after, least = plan.rules["break_after_hours"].minutes, round(plan.rules["break_minutes"].value)
    at = real_minutes(plan.roster.zone)
    mine: dict[date, list[tuple[int, int, int]]] = {}
    for b in breaks:
        mine.setdefault(b.day, []).append((at(b.day, b.start), at(b.day, b.start + b.minutes), b.start))
    for duty in plan.own:
        if duty.shift is None or duty.end - duty.start <= after:
            continue
        given = sorted(b for b in mine.get(duty.day, ()) if b[0] < duty.end and b[1] > duty.start)
        yield from _breaks(plan, duty, given, after, least)


def _breaks(plan: Plan, duty: Duty, given: Sequence[tuple[int, int, int]], after: int, least: int) -> Iterator[Case]:
    """Yield how long a shift's breaks are, and its longest stretch of work where they are long enough."""
    total = sum(min(end, duty.end) - max(start, duty.start) for start, end, _ in given)
    told = {"shift": duty.name, "start": clock_of(duty.from_), "end": clock_of(duty.to), "minutes": total}
    told |= {"limit": least, "after": hours(after)}
    words = "break_short" if given else "break_missing"
    yield plan.case("break_minutes", duty.day, total, total - least, words, **told)
    # 0 hours: the law asks for a break in every shift and does not say when.
    if given and total >= least and after:
        marks = [duty.start, *(m for start, end, _ in given for m in (start, end)), duty.end]
        longest = max(marks[i + 1] - marks[i] for i in range(0, len(marks), 2))
        told |= {"stretch": hours(longest), "at": clock_of(given[0][2])}
        yield plan.case("break_after_hours", duty.day, longest / 60, (after - longest) / 60, "break_late", **told)
