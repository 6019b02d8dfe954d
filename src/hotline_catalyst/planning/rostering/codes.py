"""Short codes of shifts and what else stands in the roster's grid: the same wherever they are written or read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType

from ..shifts import Shift
from .records import Roster

LEAVE, ON_CALL = "lv", "C"
SHEET, HEADING = "By person", "Code"  # the grid's sheet, and the heading of its first column
SESSIONS: Mapping[str, str] = MappingProxyType(
    {"training": "tr", "meeting": "mt", "supervision": "su", "project": "pr"}
)
SUPERVISORS_SHIFT = "SV-"  # how the ids of supervisors' shifts begin
SUPERVISOR = "S"  # how their codes begin
NOON_FROM, LATE_FROM = 600, 840  # minutes after midnight from which a shift is called middle or late


def codes_of(shifts: Sequence[Shift]) -> dict[str, str]:
    """Return a short code for each shift: E early, M middle, L late, N night, numbered where there are several.

    Supervisors' shifts are SE, SM, SL and SN: a rota desk must not count them as people on the line.
    """
    letters = {s.id: _letter(s) for s in shifts}
    codes: dict[str, str] = {}
    for ident, letter in letters.items():
        same = [i for i, other in letters.items() if other == letter]
        codes[ident] = letter if len(same) == 1 else f"{letter}{same.index(ident) + 1}"
    return codes


def part_of_day(code: str) -> str:
    """Return the letter of a code that names the part of the day.

    >>> part_of_day("E2"), part_of_day("SL")
    ('E', 'L')
    """
    return code.removeprefix(SUPERVISOR)[0]


def entries_of(roster: Roster) -> dict[tuple[str, date], str]:
    """Return what stands in each cell by person and day: a shift before leave, a call, a session; free days are absent.

    A cell holds one entry; a session on a day with a shift is a mark on that cell.
    """
    codes, days = codes_of(roster.shifts), set(roster.days)
    found = {(person, s.day): SESSIONS[s.kind] for s in roster.sessions for person in s.people}
    found |= {(person, day): ON_CALL for day, person in roster.on_call.items()}
    found |= {(p.code, day): LEAVE for p in roster.people for day in p.leave}
    found |= {(a.person, a.day): codes[a.shift] for a in roster.assignments}
    return {(person, day): entry for (person, day), entry in found.items() if day in days}


def _letter(shift: Shift) -> str:
    whose = SUPERVISOR if shift.id.startswith(SUPERVISORS_SHIFT) else ""
    if shift.night:
        return f"{whose}N"
    return whose + ("E" if shift.start < NOON_FROM else "M" if shift.start < LATE_FROM else "L")
