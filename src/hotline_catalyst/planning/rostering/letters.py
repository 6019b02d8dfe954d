"""What stands in a cell of the grid, the sheet By person: for whoever writes it or reads it back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from .codes import LEAVE, ON_CALL, codes_of
from .records import Roster

SHEET, HEADING = "By person", "Code"  # the grid's sheet, and the heading of its first column
SESSIONS: Mapping[str, str] = MappingProxyType(
    {"training": "tr", "meeting": "mt", "supervision": "su", "project": "pr"}
)


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
