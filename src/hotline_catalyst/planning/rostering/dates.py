"""Dates as people say them: single days, and days in a row as a span."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from .words import say

SECTION = "explain"


def day_said(day: date) -> str:
    """Return a day.

    >>> day_said(date(2027, 10, 4))
    '4 October'
    """
    return f"{day.day} {day:%B}"


def days_said(days: Iterable[date], most: int = 4) -> str:
    """Return days, three or more in a row as a span; the month once where it stays the same.

    >>> days_said([date(2027, 10, 4), date(2027, 10, 5), date(2027, 10, 6), date(2027, 10, 9)])
    '4 to 6 and 9 October'
    """
    spans = _spans(sorted(set(days)))
    shown = spans[:most]
    parts = [_span(a, b, shown[n + 1][0] if n + 1 < len(shown) else None) for n, (a, b) in enumerate(shown)]
    if len(spans) > most:
        left = sum((b - a).days + 1 for a, b in spans[most:])
        return say(SECTION, "days_more", days=", ".join(parts), count=left)
    if len(parts) < 2:
        return "".join(parts)
    return say(SECTION, "days_and", first=", ".join(parts[:-1]), last=parts[-1])


def _spans(days: list[date]) -> list[tuple[date, date]]:
    """Return runs of days; a run of two is two single days."""
    runs: list[tuple[date, date]] = []
    for day in days:
        if runs and day - runs[-1][1] == timedelta(days=1):
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return [span for a, b in runs for span in ([(a, b)] if (b - a).days != 1 else [(a, a), (b, b)])]


def _span(first: date, last: date, following: date | None) -> str:
    same_after = following is not None and following.month == last.month
    end = str(last.day) if same_after else day_said(last)
    if first == last:
        return end
    start = str(first.day) if first.month == last.month else day_said(first)
    return say(SECTION, "days_to", first=start, last=end)
