"""Countries, weekends, holidays and opening hours: what no library knows or gets wrong stands in the country's file."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, field_validator, model_validator

from ..errors import ContentError
from ..library import Content, content_root, did_you_mean, read
from .working_time import Limit as Limit
from .working_time import WorkingTimeFile as WorkingTimeFile
from .working_time import load_limits as load_limits

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
QUARTERS_A_DAY = 96
QUARTERS_A_WEEK = 7 * QUARTERS_A_DAY
MINUTES_A_WEEK = 7 * 24 * 60
_CLOCK = re.compile(r"^([01]\d|2[0-3]):[0-5]\d$")
_SPAN = re.compile(r"^([01]\d|2[0-3]):(00|15|30|45)-(([01]\d|2[0-3]):(00|15|30|45)|24:00)$")


def minutes_of(clock: str) -> int:
    """Return minutes after midnight.

    >>> minutes_of("24:00")
    1440
    """
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def clock_of(minutes: int) -> str:
    """Return minutes after midnight as a clock shows them.

    >>> clock_of(1455)
    '00:15'
    """
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def known_zone(name: str) -> str:
    """Return the name of a time zone.

    Raises
    ------
    ValueError
        When there is none of that name; the text offers the nearest.
    """
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        near = did_you_mean(name, sorted(available_timezones()))
        raise ValueError(f"'{name}' is not a time zone such as Africa/Nouakchott{near}") from error
    return name


class Hours(Content):
    """Opening hours by day, each a span like 07:00-23:00, or closed. A span may run past midnight as 18:00-02:00."""

    monday: str = "closed"
    tuesday: str = "closed"
    wednesday: str = "closed"
    thursday: str = "closed"
    friday: str = "closed"
    saturday: str = "closed"
    sunday: str = "closed"

    @model_validator(mode="before")
    @classmethod
    def _every_day(cls, value: Any) -> Any:
        if isinstance(value, dict) and "every_day" in value:
            span = value["every_day"]
            return dict.fromkeys(DAYS, span) | {k: v for k, v in value.items() if k != "every_day"}
        return value

    @field_validator("*")
    @classmethod
    def _span(cls, value: str) -> str:
        if value != "closed" and not _SPAN.match(value):
            raise ValueError(f"'{value}' is not a span of quarter hours like 07:00-23:00, 00:00-24:00 or closed")
        return value

    @cached_property
    def open_quarters(self) -> NDArray[np.bool_]:
        """Whether each of the week's 672 quarter-hours is open, from Monday 00:00."""
        open_ = np.zeros(QUARTERS_A_WEEK, dtype=bool)
        for index, day in enumerate(DAYS):
            span: str = getattr(self, day)
            if span != "closed":
                start, end = (minutes_of(part) // 15 for part in span.split("-"))
                length = (end - start) if end > start else QUARTERS_A_DAY - start + end
                open_[(index * QUARTERS_A_DAY + start + np.arange(length)) % QUARTERS_A_WEEK] = True
        return open_

    @property
    def round_the_clock(self) -> bool:
        """Whether every quarter-hour of the week is open."""
        return bool(self.open_quarters.all())

    @property
    def text(self) -> str:
        """Hours as people say them."""
        if self.round_the_clock:
            return "24 hours a day, 7 days a week"
        spans: list[tuple[str, list[str]]] = []
        for day in DAYS:
            span = getattr(self, day)
            if spans and spans[-1][0] == span:
                spans[-1][1].append(day)
            else:
                spans.append((span, [day]))
        parts = [
            f"{d[0].capitalize()}{' to ' + d[-1].capitalize() if len(d) > 1 else ''} {s.replace('-', ' to ')}"
            for s, d in spans
        ]
        return f"every day {spans[0][0].replace('-', ' to ')}" if len(spans) == 1 else "; ".join(parts)


class Known(Content):
    """A country's figure with its year and its origin: a source, or why it is an assumption."""

    value: float
    year: int
    source: str | None = None
    assumption: str | None = None

    @model_validator(mode="after")
    def _origin(self) -> Known:
        if (self.source is None) == (self.assumption is None):
            raise ValueError("name a source, or say why it is an assumption: one of the two")
        return self


class Currency(Content):
    """Code of the currency and its rate to the US dollar."""

    code: str
    per_usd: Known


class Night(Content):
    """The night window of the country's law."""

    from_: str = Field(alias="from")
    to: str
    source: str | None = None
    assumption: str | None = None


class RestDay(Content):
    """The weekly rest day that the country's law names, and where it says so."""

    day: str
    source: str | None = None
    assumption: str | None = None

    @model_validator(mode="after")
    def _day(self) -> RestDay:
        if self.day not in DAYS:
            raise ValueError(f"'{self.day}' is not a day; use monday to sunday")
        if (self.source is None) == (self.assumption is None):
            raise ValueError("name a source, or say why it is an assumption: one of the two")
        return self


class Ramadan(Content):
    """How many hours shorter a day of work is in Ramadan."""

    hours_a_day_less: float = Field(ge=0, le=8)
    source: str | None = None
    assumption: str | None = None

    @model_validator(mode="after")
    def _origin(self) -> Ramadan:
        if (self.source is None) == (self.assumption is None):
            raise ValueError("name a source, or say why it is an assumption: one of the two")
        return self


class Holidays(Content):
    """Which library calendar to take, and dates to add (with names) or to leave out."""

    library: str | None = None
    dates: dict[date, str] = {}
    without: list[date] = []


class Country(Content):
    """One country's file.

    Parameters
    ----------
    half_days
        Days on which offices close early, with the time they close.
    rest_day
        The weekly rest day of the law; None: not known, or none.
    ramadan
        Shorter days of work in Ramadan; None: none known.
    timezone
        Name of the line's time zone, such as Africa/Nouakchott; None: its clock never changes.
    """

    code: str
    name: str
    fictional: bool = False
    currency: Currency
    population: Known
    income_per_head_usd: Known
    working_languages: list[str]
    weekend: list[str]
    half_days: dict[str, str] = {}
    rest_day: RestDay | None = None
    ramadan: Ramadan | None = None
    timezone: str | None = None
    night: Night
    working_time: str = "base"
    holidays: Holidays = Holidays()
    notes: list[str] = []

    @field_validator("weekend")
    @classmethod
    def _days(cls, value: list[str]) -> list[str]:
        if wrong := [day for day in value if day not in DAYS]:
            raise ValueError(f"{wrong} are not days; use monday to sunday")
        return value

    @field_validator("half_days")
    @classmethod
    def _closings(cls, value: dict[str, str]) -> dict[str, str]:
        for day, closes in value.items():
            if day not in DAYS:
                raise ValueError(f"'{day}' is not a day; use monday to sunday")
            if not _CLOCK.match(closes):
                raise ValueError(f"{day}: '{closes}' is not a time such as 12:00")
        return value

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str | None) -> str | None:
        return value if value is None else known_zone(value)

    @property
    def rest_day_name(self) -> str:
        """The weekly rest day of the law, by name; empty when it is not known."""
        return self.rest_day.day if self.rest_day else ""

    def ramadan_days(self, first: date, last: date) -> frozenset[date]:
        """Return the days of Ramadan from ``first`` to ``last`` where its hours are shorter; each may be a day off."""
        if self.ramadan is None:
            return frozenset()
        from holidays.calendars.islamic import _IslamicLunar

        calendar, found = _IslamicLunar(), set()
        for year in range(first.year - 1, last.year + 2):
            for begins, _ in calendar.ramadan_beginning_dates(year):
                # Its length is known only by the feast that follows: the first one after it.
                feasts = [day for y in (year, year + 1) for day, _ in calendar.eid_al_fitr_dates(y) if day > begins]
                found |= {begins + timedelta(days=n) for n in range((min(feasts) - begins).days)}
        return frozenset(day for day in found if first <= day <= last)

    def is_night(self, minute: int) -> bool:
        """Return whether a minute of the day lies in the night window."""
        start, end = minutes_of(self.night.from_), minutes_of(self.night.to)
        return minute >= start or minute < end if start > end else start <= minute < end

    def public_holidays(self, first: date, last: date) -> dict[date, str]:
        """Return public holidays from ``first`` to ``last``, both included, by date."""
        found = {day: name for day, name in self.holidays.dates.items() if first <= day <= last}
        found |= {day: name for day, name in self._calendar(first, last).items() if first <= day <= last}
        return {day: name for day, name in sorted(found.items()) if day not in self.holidays.without}

    def _calendar(self, first: date, last: date) -> dict[date, str]:
        if self.holidays.library is None:
            return {}
        import holidays

        years = range(first.year, last.year + 1)
        calendar = holidays.country_holidays(self.holidays.library, years=years, language="en_US")
        return calendar if len(calendar) else holidays.country_holidays(self.holidays.library, years=years)

    def working_days(self, first: date, count: int) -> list[date]:
        """Return ``count`` working days from ``first`` on: weekends and public holidays left out."""
        closed = self.public_holidays(first, first + timedelta(days=3 * count))
        days: list[date] = []
        day = first
        while len(days) < count:
            if DAYS[day.weekday()] not in self.weekend and day not in closed:
                days.append(day)
            day += timedelta(days=1)
        return days


def load_country(code: str, root: Path | None = None) -> Country:
    """Read a country's file.

    Raises
    ------
    ContentError
        When there is none; the text says how to write one.
    """
    folder = (root or content_root()) / "assessment" / "countries"
    path = folder / f"{code.lower()}.yaml"
    if not path.exists():
        known = ", ".join(sorted(p.stem.upper() for p in folder.glob("*.yaml")))
        raise ContentError(
            f"assessment/countries/{code.lower()}.yaml",
            [f"there is no file for {code.upper()} yet (there are {known}); copy one and put in the country's figures"],
        )
    return read(path, Country)
