"""Short codes of shifts, the same on every sheet, in every sentence, and when a workbook comes back."""

from __future__ import annotations

from collections.abc import Sequence

from ..shifts import Shift

LEAVE, ON_CALL = "lv", "C"
NOON_FROM, LATE_FROM = 600, 840  # minutes after midnight from which a shift is called middle or late


def codes_of(shifts: Sequence[Shift]) -> dict[str, str]:
    """Return a short code for each shift: E early, M middle, L late, N night, numbered where there are several."""
    letters = {s.id: _letter(s) for s in shifts}
    codes: dict[str, str] = {}
    for ident, letter in letters.items():
        same = [i for i, other in letters.items() if other == letter]
        codes[ident] = letter if len(same) == 1 else f"{letter}{same.index(ident) + 1}"
    return codes


def _letter(shift: Shift) -> str:
    if shift.night:
        return "N"
    return "E" if shift.start < NOON_FROM else "M" if shift.start < LATE_FROM else "L"
