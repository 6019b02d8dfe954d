"""The roster's files for the operator: workbook, calendars and what is printed. Codes only, never names."""

from __future__ import annotations

from pathlib import Path

from ..results import Results
from . import roster_calendars, roster_print, roster_workbook


def write(results: Results, folder: Path) -> list[Path]:
    """Write operator/roster.xlsx, roster.ics, calendars/<code>.ics, roster-print.html and roster.pdf.

    Raises
    ------
    MissingPartError
        When this machine cannot write PDF; everything else is written first.
    """
    operator = folder / "operator"
    return [
        roster_workbook.write(results, operator / "roster.xlsx"),
        roster_calendars.write_desk(results, operator / "roster.ics"),
        *roster_calendars.write_each(results, operator),
        *roster_print.write(results, operator),
    ]
