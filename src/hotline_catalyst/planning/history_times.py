"""Reads days and times as people and programs write them; what may be read two ways is refused, never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from .history_words import afternoon, month_of, plain_digits

FIRST_YEAR, LAST_YEAR = 1990, 2100
_HALF = r"\s*([^\W\d]\.?\s?[^\W\d]?\.?)"  # a word for before or after noon
_END = re.compile(
    r"[T\s,]+(\d{1,2})[:hH](\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?(?:\s*(Z|[+-]\d{2}:?\d{2})|" + _HALF + r")?$"
)
_END_HOUR = re.compile(r"[\s,]+(\d{1,2})" + _HALF + "$")
_TIME = re.compile(r"(\d{1,2})(?:[:hH](\d{2})?(?::(\d{2})(?:[.,]\d{1,9})?)?)?(?:" + _HALF + ")?")
_HOURS = re.compile(r"(\d{1,2})(?:[:hH.](\d{2})?)?\s*(?:[-–—]|to|a|à)\s*(\d{1,2})(?:[:hH.](\d{2})?)?\s*h?")
_YMD = re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})|(\d{4})(\d{2})(\d{2})")
_TWO = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_NAMED = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th|er|º)?[\s\-/.,]+(?:de\s+)?([^\W\d]+(?:\s[^\W\d]+)??)\.?[\s\-/.,]+(?:de\s+|del\s+)?(\d{4})"
)
_NAMED_FIRST = re.compile(r"([^\W\d]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")


@dataclass(frozen=True, slots=True)
class Written:
    """A day and time as written: year and two numbers, month first or, where ``open``, in an order yet to be settled.

    ``minute`` is the minute of the day, None without a time; ``second`` None when no seconds are written; ``offset``
    the minutes ahead of UTC, None without.
    """

    year: int
    one: int
    two: int
    open: bool = False
    minute: int | None = None
    second: int | None = None
    offset: int | None = None

    def on(self, day_first: bool) -> date:
        """Return the day.

        Raises
        ------
        ValueError
            When there is no such day.
        """
        month, day = (self.two, self.one) if self.open and day_first else (self.one, self.two)
        try:
            found = date(self.year, month, day)
        except ValueError:
            raise ValueError("there is no such day") from None
        if not FIRST_YEAR <= found.year <= LAST_YEAR:
            raise ValueError(f"the year {found.year} is not between {FIRST_YEAR} and {LAST_YEAR}")
        return found


@lru_cache(maxsize=4096)
def _day(text: str) -> Written:
    text = text.strip()
    if match := _YMD.fullmatch(text):
        year, month, day = (int(n) for n in (match.group(1, 3, 4) if match[1] else match.group(5, 6, 7)))
        return Written(year, month, day)
    if match := _TWO.fullmatch(text):
        return Written(int(match[4]), int(match[1]), int(match[3]), open=True)
    if (match := _NAMED.fullmatch(text)) and (number := month_of(match[2])):
        return Written(int(match[3]), number, int(match[1]))
    if (match := _NAMED_FIRST.fullmatch(text)) and (number := month_of(match[1])):
        return Written(int(match[3]), number, int(match[2]))
    raise ValueError("is not a clear day; write it as 2027-03-14")


def _clock(hour: str, minute: str | None, second: str | None, half: str | None) -> tuple[int, int | None]:
    h, m, s = int(hour), int(minute or 0), int(second or 0)
    if half and half.strip() and half.strip().lower() != "h":
        late = afternoon(half)
        if late is None or not 1 <= h <= 12:
            raise ValueError("has no clear time; write it as 17:05")
        h = h % 12 + 12 * late
    if h > 23 or m > 59 or s > 60:
        raise ValueError("has a time past 23:59; write it as 17:05, and midnight as 00:00 of the day that begins")
    return h * 60 + m, None if second is None else s


@lru_cache(maxsize=65536)
def moment(text: str) -> Written:
    """Read a day, with a time or without.

    >>> moment("2027-03-14T05:06"), moment("14 de marzo de 2027")
    (Written(year=2027, one=3, two=14, open=False, minute=306, second=None, offset=None), \
Written(year=2027, one=3, two=14, open=False, minute=None, second=None, offset=None))

    Raises
    ------
    ValueError
        With what to do.
    """
    text = plain_digits(text.strip())
    if len(text) > 60:
        raise ValueError("is not a clear day; write it as 2027-03-14 17:05")
    if match := _END.search(text):
        hour, minute, second, zone, half = match.groups()
        clocked, seconds = _clock(hour, minute, second, half)
    elif match := _END_HOUR.search(text):
        zone, (clocked, seconds) = None, _clock(match[1], None, None, match[2])
    else:
        return _day(text)
    day = _day(text[: match.start()])
    return Written(day.year, day.one, day.two, day.open, clocked, seconds, _offset(zone))


def _offset(text: str | None) -> int | None:
    if text is None or text == "Z":
        return None if text is None else 0
    size = int(text[1:3]) * 60 + int(text[-2:])
    return -size if text[0] == "-" else size


@lru_cache(maxsize=4096)
def clock(text: str) -> tuple[int, int | None]:
    """Read a time of day as minutes after midnight and its seconds, None where none are written; a span by its start.

    >>> clock("17:05"), clock("5 PM"), clock("8h"), clock("08:00-09:00"), clock("23")
    ((1025, None), (1020, None), (480, None), (480, None), (1380, None))

    Raises
    ------
    ValueError
        With what to do.
    """
    text = plain_digits(text.strip())
    if span := _HOURS.fullmatch(text):
        start, end = (_clock(span[n], span[n + 1], None, None)[0] if int(span[n]) < 24 else 1440 for n in (1, 3))
        if start >= 1440 or not 0 < (end - start) % 1440 <= 60:
            raise ValueError("is not one hour of the day; write the hour in which it begins, 0 to 23")
        return start, None
    match = _TIME.fullmatch(text)
    if match is None:
        raise ValueError("is not a clear time; write it as 17:05")
    return _clock(*match.groups())


def of_cell(value: datetime) -> Written:
    """Return a workbook's date cell as written; midnight exactly means a day without a time."""
    timed = value.hour or value.minute or value.second
    minute = value.hour * 60 + value.minute if timed else None
    return Written(value.year, value.month, value.day, False, minute, value.second if timed else None)


def local(day: date, minute: int, offset: int, zone: ZoneInfo) -> datetime:
    """Return a time given with its offset from UTC (minutes) on the line's own clock."""
    given = datetime(day.year, day.month, day.day, tzinfo=timezone(timedelta(minutes=offset)))
    return (given + timedelta(minutes=minute)).astimezone(zone).replace(tzinfo=None)


def day_first(written: list[Written]) -> bool | None:
    """Return whether days stand before months, settled by a number over 12; None when nothing settles it.

    Raises
    ------
    ValueError
        When some rows say one and some the other.
    """
    open_ = [w for w in written if w.open]
    first, second = any(w.one > 12 for w in open_), any(w.two > 12 for w in open_)
    if first and second:
        raise ValueError("some days stand before the month and some after it; write them all as 2027-03-14")
    return first if first or second else None


@lru_cache(maxsize=4096)
def hours_on(day: date, zone: ZoneInfo) -> tuple[int, ...]:
    """Return how often each hour of the clock comes on a day: 1, but 0 or 2 on a night with a change of clocks."""
    start, counts = datetime(day.year, day.month, day.day), [0] * 24
    following = start + timedelta(days=1)
    if start.replace(tzinfo=zone).utcoffset() == following.replace(tzinfo=zone).utcoffset():
        return (1,) * 24
    now = start.replace(tzinfo=zone).astimezone(UTC)
    end = following.replace(tzinfo=zone).astimezone(UTC)
    while now < end:
        counts[now.astimezone(zone).hour] += 1
        now += timedelta(hours=1)
    return tuple(counts)
