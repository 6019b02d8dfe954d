"""Calendar feeds: events whose identity survives a rebuild, so that importing again updates instead of doubling."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from .. import archive
from ..results import Results
from . import look

NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "hotline-catalyst")


def uid(results: Results, *parts: str) -> str:
    """Return the lasting identity of one event of an engagement."""
    return f"{uuid.uuid5(NAMESPACE, '/'.join([results.facts.country.code, *parts]))}@hotline-catalyst"


class Feed:
    """One calendar file.

    Parameters
    ----------
    revised
        Day of the newest change, where it is later than the engagement's own day.
    zone, span
        Time zone in which events are given, and the first and the last day it must hold for; empty: the clock of the
        place, whatever the reader's device thinks.
    """

    def __init__(
        self,
        results: Results,
        title: str,
        says: str,
        *,
        revised: date | None = None,
        zone: str = "",
        span: tuple[date, date] | None = None,
        **always: str,
    ) -> None:
        from icalendar import Calendar, Timezone, vText

        self.results, self.always = results, always
        self.calendar = Calendar()
        self.calendar.add("prodid", "-//Hotline Catalyst//EN")
        self.calendar.add("version", "2.0")
        self.calendar.add("method", "PUBLISH")
        # The library escapes only the properties it knows.
        self.calendar.add("x-wr-calname", vText(title))
        self.calendar.add("x-wr-caldesc", vText(self._noticed(says)))
        if zone and span:
            self.calendar.add_component(Timezone.from_tzid(zone, first_date=span[0], last_date=span[1]))
        # A later day outranks an earlier one: calendars then take the newer dates.
        self._sequence = max(results.facts.as_of, revised or results.facts.as_of).toordinal()
        self._stamp = look.created(results).replace(tzinfo=UTC)

    def _noticed(self, text: str) -> str:
        return "\n".join(part for part in (text, self.results.facts.notice) if part)

    def add(self, ident: str, summary: str, says: str, start: date, end: date | None = None, **more: Any) -> None:
        """Add an event; without an ``end`` it lasts the day of ``start`` and blocks nobody's time."""
        from icalendar import Event

        event = Event()
        event.add("uid", ident)
        event.add("dtstamp", self._stamp)
        event.add("sequence", self._sequence)
        event.add("summary", summary)
        event.add("description", self._noticed(says))
        event.add("dtstart", start)
        event.add("dtend", end or start + timedelta(days=1))
        if not isinstance(start, datetime):
            event.add("transp", "TRANSPARENT")
        for name, value in {**self.always, **more}.items():
            event.add(name, value)
        self.calendar.add_component(event)

    def save(self, path: Path) -> Path:
        """Write the file."""
        return archive.write_bytes(path, self.calendar.to_ical())
