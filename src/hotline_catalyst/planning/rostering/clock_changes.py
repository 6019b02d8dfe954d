"""Nights on which the clock changes: real minutes, and real quarter-hours of a week of 167 or 169 hours.

A clock time that happens twice is taken the first time; one that is left out, as if the clock had not been changed
yet (RFC 5545, section 3.3.5). So one shift's end and the next one's start stay the same moment.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ...errors import NoPlanError
from ..calendar import QUARTERS_A_DAY, Hours
from ..shifts import Shift
from .records import Assignment, Roster

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
QUARTER = timedelta(minutes=15)


@cache
def zone_of(name: str) -> ZoneInfo:
    """Return the time zone; an empty name is UTC, where no clock changes.

    Raises
    ------
    NoPlanError
        When nobody knows the zone.
    """
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError) as error:
        raise NoPlanError(
            f"'{name}' is not a time zone. Write one like Europe/Vienna or America/Mexico_City."
        ) from error


def moment(day: date, minutes: int, zone: str) -> datetime:
    """Return the moment, in UTC, at which the clock shows ``minutes`` after the midnight that begins ``day``."""
    clock = datetime.combine(day, time()) + timedelta(minutes=minutes)
    return clock.replace(tzinfo=zone_of(zone)).astimezone(UTC)


def minutes_on(shift: Shift, day: date, zone: str) -> tuple[int, int]:
    """Return the real minutes of a shift that starts on ``day``: answering, and paid with the handover after it."""
    start, end = span_on(shift, day, zone)
    cover = round((end - start).total_seconds() / 60)
    return cover, cover + shift.handover


def span_on(shift: Shift, day: date, zone: str) -> tuple[datetime, datetime]:
    """Return the moments, in UTC, between which a shift that starts on ``day`` answers; the handover comes after."""
    return moment(day, shift.start, zone), moment(day, shift.start + shift.cover, zone)


def clock_quarters(first: date, days: int, zone: str) -> Ints:
    """Return, for each real quarter-hour of these days, the week's quarter-hour that the clock shows, 0 to 671.

    A need or opening hours by the week's quarter-hours become real ones by taking them at these places.
    """
    local, shown = zone_of(zone), []
    now, end = moment(first, 0, zone), moment(first + timedelta(days=days), 0, zone)
    while now < end:
        clock = now.astimezone(local)
        shown.append(clock.weekday() * QUARTERS_A_DAY + (clock.hour * 60 + clock.minute) // 15)
        now += QUARTER
    return np.array(shown, dtype=np.int64)


def open_of(hours: Hours, first: date, days: int, zone: str) -> Bools:
    """Return whether each real quarter-hour of these days is open."""
    return hours.open_quarters[clock_quarters(first, days, zone)]


def cover_of(roster: Roster, *, less_breaks: bool = False) -> Ints:
    """Return the people on shift in each real quarter-hour from the roster's first midnight to its last.

    A week in which the clock is put forward has 668, one in which it is put back 676. Duties of the published past
    that run into the roster count.

    Parameters
    ----------
    less_breaks
        Leave out who is on a break; a quarter-hour of which a break takes a part counts as taken.
    """
    first = moment(roster.start, 0, roster.zone)
    end = moment(roster.start + timedelta(days=len(roster.needed)), 0, roster.zone)
    there = np.zeros((end - first) // QUARTER, dtype=np.int64)
    now, before = {s.id: s for s in roster.shifts}, dict(roster.past.shifts)
    for kinds, assignments in ((now, roster.assignments), (before, roster.past.assignments)):
        for begins, ends in _spans(kinds, assignments, roster.zone):
            there[max(0, (begins - first) // QUARTER) : max(0, (ends - first) // QUARTER)] += 1
    for pause in roster.breaks if less_breaks else ():
        away = moment(pause.day, pause.start, roster.zone) - first
        there[max(0, away // QUARTER) : max(0, -(-(away + timedelta(minutes=pause.minutes)) // QUARTER))] -= 1
    return there


def _spans(
    kinds: Mapping[str, Shift], assignments: tuple[Assignment, ...], zone: str
) -> list[tuple[datetime, datetime]]:
    return [span_on(kinds[a.shift], a.day, zone) for a in assignments if a.shift in kinds]
