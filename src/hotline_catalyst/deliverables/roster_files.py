"""The roster's files for the operator: workbook, calendars and what is printed. Codes only, never names."""

from __future__ import annotations

from pathlib import Path

from ..archive import write_text
from ..results import Results
from . import roster_calendars, roster_print, roster_workbook
from .roster_book import state_of, words


def write(results: Results, folder: Path) -> list[Path]:
    """Write operator/roster.xlsx, roster.ics, roster-print.html, roster.pdf, calendars/ with a page that names them.

    Raises
    ------
    MissingPartError
        When this machine cannot write PDF; everything else is written first.
    """
    operator = folder / "operator"
    calendars = roster_calendars.write_each(results, operator)
    if calendars:
        names = "\n".join(f"- [{path.stem}]({path.name})" for path in calendars)
        page = words("calendars", state=state_of(results), calendars=names)
        calendars.append(write_text(operator / roster_calendars.FOLDER / "README.md", page))
    return [
        roster_workbook.write(results, operator / "roster.xlsx"),
        roster_calendars.write_desk(results, operator / "roster.ics"),
        *calendars,
        *roster_print.write(results, operator),
    ]
