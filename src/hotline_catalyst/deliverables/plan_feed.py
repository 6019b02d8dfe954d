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
    """One calendar file."""

    def __init__(self, results: Results, title: str, says: str, **always: str) -> None:
        from icalendar import Calendar, vText

        self.results, self.always = results, always
        self.calendar = Calendar()
        self.calendar.add("prodid", "-//Hotline Catalyst//EN")
        self.calendar.add("version", "2.0")
        self.calendar.add("method", "PUBLISH")
        # The library escapes only the properties it knows.
        self.calendar.add("x-wr-calname", vText(title))
        self.calendar.add("x-wr-caldesc", vText(self._noticed(says)))

    def _noticed(self, text: str) -> str:
        return "\n".join(part for part in (text, self.results.facts.notice) if part)

    def add(self, ident: str, summary: str, says: str, start: date, end: date | None = None, **more: Any) -> None:
        """Add an event; without an ``end`` it lasts the day of ``start`` and blocks nobody's time."""
        from icalendar import Event

        event = Event()
        event.add("uid", ident)
        event.add("dtstamp", look.created(self.results).replace(tzinfo=UTC))
        # A later engagement day outranks an earlier one: calendars then take the newer dates.
        event.add("sequence", self.results.facts.as_of.toordinal())
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
