"""The first roster for the operator: workbook and calendar. Codes only; a draft until the desk signs it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path

from ..results import Results
from . import roster_workbook
from .plan_feed import Feed, uid
from .roster_grid import codes_of, mark_of, people_by_shift


def write(results: Results, folder: Path) -> list[Path]:
    """Write operator/roster.xlsx and operator/roster.ics."""
    operator = folder / "operator"
    return [
        roster_workbook.write(results, operator / "roster.xlsx"),
        _feed(results).save(operator / "roster.ics"),
    ]


def _feed(results: Results) -> Feed:
    """Return the desk's calendar: one event for each shift of a day, and who is on call."""
    roster, codes = results.roster, codes_of(results.roster)
    title = f"{mark_of(results)}: roster of {results.facts.name}"
    feed = Feed(results, title, "Times are local. Codes, no names.", **{"class": "PRIVATE", "status": "TENTATIVE"})
    who = people_by_shift(roster)
    for n, day in enumerate(roster.days):
        for index, shift in enumerate(roster.shifts):
            people, needed = who.get((day, shift.id), []), int(roster.needed[n, index])
            if not people and not needed:
                continue
            begins = datetime.combine(day, time()) + timedelta(minutes=shift.start)
            ends = datetime.combine(day, time()) + timedelta(minutes=shift.end)
            # No time zone: a shift is at this time on the desk's own clock, whatever the reader's device thinks.
            summary = f"{codes[shift.id]}: {', '.join(people) or 'nobody yet'}"
            says = f"DRAFT. {shift.text}, {len(people)} of {needed} advocates."
            feed.add(uid(results, "shift", day.isoformat(), shift.id), summary, says, begins, ends)
        if day in roster.on_call:
            feed.add(uid(results, "on call", day.isoformat()), f"On call: {roster.on_call[day]}", "DRAFT.", day)
    return feed
