"""staff.yaml: the people of a roster by code, with contracts, languages, wishes, and limits of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from ...assessment.responses import CODE
from ...errors import ContentError
from ...library import Content, Loc, did_you_mean, line_of, read_document, shown, validate
from ..calendar import DAYS, Limit, minutes_of
from .people import counts
from .records import Advocate, Request, Unavailable

_CLOCK = re.compile(r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")
_LANGUAGE = re.compile(r"^[a-z]{2,3}([-_][A-Za-z0-9]{2,8})*$")
Wrong = Iterator[tuple[Loc, str]]


class Leave(Content):
    """Days away, both included."""

    from_: date = Field(alias="from")
    to: date

    @model_validator(mode="after")
    def _ordered(self) -> Leave:
        if self.to < self.from_:
            raise ValueError(f"the last day, {self.to}, comes before the first, {self.from_}")
        return self


class Wish(Content):
    """A wish for one day: to work or to be free; ``shift`` is early, late, night or a shift's id, empty for any."""

    day: date
    wanted: bool
    shift: str = ""
    weight: int = Field(2, ge=1, le=3)


class HoursAway(Content):
    """Hours of every week in which a person cannot work; ``to`` before ``from`` runs past midnight."""

    weekday: str
    from_: str = Field("00:00", alias="from")
    to: str = "24:00"

    @field_validator("weekday")
    @classmethod
    def _day(cls, value: str) -> str:
        if value not in DAYS:
            raise ValueError(f"'{value}' is not a day{did_you_mean(value, list(DAYS)) or '; use monday to sunday'}")
        return value

    @field_validator("from_", "to")
    @classmethod
    def _clock(cls, value: str) -> str:
        if not _CLOCK.match(value):
            raise ValueError(f"'{value}' is not a time such as 08:00")
        return value

    @property
    def span(self) -> Unavailable:
        """The same in minutes."""
        start, end = minutes_of(self.from_), minutes_of(self.to)
        return Unavailable(DAYS.index(self.weekday), start, end if end > start else end + 1440)


class OwnLimit(Content):
    """A person's own value of a working-time rule: stricter, or a waiver with its reason and the day it was agreed."""

    value: float = Field(ge=0)
    reason: str = ""
    agreed: date | None = None


class Member(Content):
    """One person of staff.yaml, by code.

    Parameters
    ----------
    hours_per_week
        Paid time; for a volunteer, the time promised.
    nights
        Whether nights may be given.
    limits
        Own values of working-time rules, by the rule's id.
    first_day, last_day
        First day the person may answer signals, and last; None: no end.
    academy
        Working days of training that end before ``first_day``.
    """

    code: str = Field(pattern=CODE)
    contract: Literal["employee", "volunteer"] = "employee"
    hours_per_week: float = Field(gt=0, le=60)
    languages: list[str] = Field(min_length=1)
    supervisor: bool = False
    nights: bool = True
    leave: list[Leave] = []
    requests: list[Wish] = []
    unavailable: list[HoursAway] = []
    limits: dict[str, OwnLimit] = {}
    first_day: date | None = None
    last_day: date | None = None
    academy: int = Field(0, ge=0, le=60)

    @property
    def days_away(self) -> frozenset[date]:
        """Every day of leave."""
        return frozenset(x.from_ + timedelta(days=n) for x in self.leave for n in range((x.to - x.from_).days + 1))


class StaffFile(Content):
    """staff.yaml."""

    staff: list[Member] = Field(min_length=1)


def read_staff(path: Path, limits: Mapping[str, Limit], languages: Sequence[str]) -> StaffFile:
    """Read staff.yaml and check it against the rules in force and the line's languages.

    Raises
    ------
    ContentError
        Naming every problem of the file with its line: shape, rules and languages alike.
    """
    data, node = read_document(path)
    problems: list[str] = []
    try:
        staff = validate(data, StaffFile, path, node)
    except ContentError as error:
        problems += error.problems
    members = dict(_readable(data))
    problems += [f"line {line_of(node, place)}: {text}" for place, text in _wrong(members, limits, languages)]
    if problems:
        raise ContentError(shown(path), problems)
    return staff


def advocates_of(staff: StaffFile, limits: Mapping[str, Limit]) -> list[Advocate]:
    """Return the people of staff.yaml as a roster knows them."""
    return [
        Advocate(
            code=m.code,
            hours_per_week=m.hours_per_week,
            languages=tuple(m.languages),
            supervisor=m.supervisor,
            nights=m.nights,
            leave=m.days_away,
            contract=m.contract,
            requests=tuple(Request(w.day, w.wanted, w.shift, w.weight) for w in m.requests),
            unavailable=tuple(x.span for x in m.unavailable),
            limits={ident: own.value for ident, own in m.limits.items() if ident in limits},
            first_day=m.first_day,
            last_day=m.last_day,
        )
        for m in staff.staff
    ]


def _readable(data: Any) -> Iterator[tuple[int, Member]]:
    """Yield the entries that are people as they stand, with their places, so that a slip in one hides no other."""
    entries = data.get("staff") if isinstance(data, dict) else None
    for n, entry in enumerate(entries if isinstance(entries, list) else []):
        try:
            yield n, Member.model_validate(entry)
        except ValidationError:
            continue


def _wrong(members: Mapping[int, Member], limits: Mapping[str, Limit], languages: Sequence[str]) -> Wrong:
    codes: dict[str, int] = {}
    for n, member in members.items():
        place: Loc = ("staff", n)
        if codes.setdefault(member.code, n) != n:
            yield (*place, "code"), f"{member.code}: this code stands twice; give each person a code of their own"
        for i, code in enumerate(member.languages):
            if wrong := _wrong_language(code, languages):
                yield (*place, "languages", i), f"{member.code}: {wrong}"
        yield from _wrong_days(place, member)
        for ident, own in member.limits.items():
            if wrong := _wrong_limit(ident, own, limits):
                yield (*place, "limits", ident), f"{member.code}: {wrong}"
        yield from _wrong_hours(place, member, limits)


def _wrong_language(code: str, spoken: Sequence[str]) -> str:
    """Say what is wrong with a language code; a language the line does not need is none of it."""
    if code in spoken:
        return ""
    from babel import Locale
    from babel.core import get_global

    names = {name.lower(): key for key, name in Locale("en").languages.items()}
    usual = names.get(code.lower()) or get_global("language_aliases").get(code)
    usual = usual or (code.lower() if code.lower() in spoken else None)
    short = len(code) == 2 and code not in names.values()
    if _LANGUAGE.match(code) and not short and usual not in spoken:
        return ""
    hint = f"; did you mean '{usual}'?" if usual else did_you_mean(code, list(spoken))
    return f"languages: '{code}' is no language code such as {' or '.join(spoken[:2]) or 'en'}{hint}"


def _wrong_days(place: Loc, member: Member) -> Wrong:
    if member.first_day and member.last_day and member.last_day < member.first_day:
        yield (*place, "last_day"), f"{member.code}: last_day {member.last_day} comes before first_day"
    if member.academy and member.first_day is None:
        text = "academy needs first_day, the first day after the training; add it"
        yield (*place, "academy"), f"{member.code}: {text}"
    wishes: dict[tuple[date, str], bool] = {}
    for i, wish in enumerate(member.requests):
        at = (*place, "requests", i)
        if wish.wanted and wish.day in member.days_away:
            yield at, f"{member.code}: a wish to work on {wish.day}, which is a day of leave; take one of them out"
        if wishes.setdefault((wish.day, wish.shift), wish.wanted) != wish.wanted:
            yield at, f"{member.code}: {wish.day} is asked for and refused at once; keep one of the two wishes"


def _wrong_limit(ident: str, own: OwnLimit, limits: Mapping[str, Limit]) -> str:
    limit = limits.get(ident)
    if limit is None:
        hint = did_you_mean(ident, list(limits)) or f"; there are {', '.join(sorted(limits))}"
        return f"limits: '{ident}' is not a rule here{hint}"
    if not limit.is_looser(own.value) or (limit.waivable and own.reason and own.agreed):
        return ""
    end = "at least" if limit.better == "more" else "at most"
    says = (
        f"limits.{ident}: {own.value:g} {limit.unit} protects less than the rule '{limit.title}', "
        f"{limit.value:g} {limit.unit} ({limit.source})"
    )
    if limit.waivable:
        return f"{says}; a person may agree to it, so add reason: and agreed: (the day), or set {end} {limit.value:g}"
    return f"{says}, and nobody can agree to that; set {end} {limit.value:g}, or take the line out"


def _wrong_hours(place: Loc, member: Member, limits: Mapping[str, Limit]) -> Wrong:
    """Yield a contract longer than the person's own longest week."""
    for ident in ("weekly_hours_limit", "average_weekly_hours_limit"):
        if (limit := limits.get(ident)) is None:
            continue
        own = member.limits.get(ident)
        most = own.value if own and counts(own.value, limit) else limit.value
        if member.hours_per_week > most:
            text = f"hours_per_week {member.hours_per_week:g} is above '{limit.title}', {most:g} hours ({limit.source})"
            yield (*place, "hours_per_week"), f"{member.code}: {text}; lower the contract's hours"
            return
