"""How much time off the queue people get, how long a session is, and when offices are open: content, with reasons."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pydantic import Field, model_validator

from ...library import Content
from ..calendar import DAYS, Country, minutes_of
from ..demand import Parameter


class Amount(Content):
    """A figure of the sessions with its origin; ``parameter`` names the planning figure, in hours, that replaces it."""

    title: str
    unit: str
    value: int = Field(ge=0)
    parameter: str | None = None
    source: str | None = None
    assumption: str | None = None

    @model_validator(mode="after")
    def _origin(self) -> Amount:
        if (self.source is None) == (self.assumption is None):
            raise ValueError("name a source, or say why it is an assumption: one of the two")
        return self


class Office(Content):
    """Hours of a working day in which a session may be."""

    from_: str = Field(alias="from")
    to: str
    assumption: str


class SessionRules(Content):
    """The section `sessions` of assessment/roster.yaml.

    Parameters
    ----------
    meeting, every_weeks
        Minutes of the staff meeting, and how often it is.
    supervision, supervision_new, new_days
        Minutes one to one every four weeks; each week in a person's first days; how many days those are.
    project, project_shortest, full_time
        Minutes off the queue a week for a contract of ``full_time`` hours, in proportion for others; the shortest
        that is worth a session.
    training
        Minutes of a day of the academy.
    longest_day
        Hours of shift and sessions together in one day.
    nearest
        Minutes between a session and a shift that still make them one stretch of work.
    step
        Minutes between the times at which a session may begin.
    """

    office: Office
    meeting: Amount
    every_weeks: Amount
    supervision: Amount
    supervision_new: Amount
    new_days: Amount
    project: Amount
    project_shortest: Amount
    full_time: Amount
    training: Amount
    longest_day: Amount
    nearest: Amount
    step: Amount

    def with_figures(self, figures: Mapping[str, Parameter]) -> SessionRules:
        """Return the same with an engagement's own planning figures in place of the usual ones."""
        own: dict[str, Amount] = {}
        for name in type(self).model_fields:
            amount = getattr(self, name)
            if isinstance(amount, Amount) and amount.parameter and amount.parameter in figures:
                hours = figures[amount.parameter].likely
                value = round(hours) if amount.unit == "hours" else 15 * round(4 * hours)
                own[name] = amount.model_copy(update={"value": value})
        return self.model_copy(update=own)


def office_hours(
    country: Country, rules: SessionRules, first: date, last: date, closed: frozenset[date]
) -> dict[date, tuple[int, int]]:
    """Return when offices are open on each working day, in minutes after midnight.

    Weekends and ``closed`` days are left out; half-days and days of Ramadan end earlier.
    """
    short = country.ramadan_days(first, last)
    found: dict[date, tuple[int, int]] = {}
    for day in (date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1)):
        name = DAYS[day.weekday()]
        if name in country.weekend or day in closed:
            continue
        opens, closes = minutes_of(rules.office.from_), minutes_of(rules.office.to)
        if day in short and country.ramadan:
            closes -= round(60 * country.ramadan.hours_a_day_less)
        closes = min(closes, minutes_of(country.half_days.get(name, "24:00")))
        if opens < closes:
            found[day] = (opens, closes)
    return found
