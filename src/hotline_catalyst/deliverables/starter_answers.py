"""What a starter project is made from: answers with their kinds and limits, read from the results of an engagement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from ..planning.calendar import DAYS
from ..planning.rostering.records import Roster
from ..results import Results
from . import look
from .starter_manifest import tool

LONGEST = 200


def one_line(value: object) -> str:
    """Return typed text as the starter's own tools clean it: one line, nothing invisible, 200 characters at most."""
    line: str = tool("escape").clean(value, LONGEST)
    return line


Line = Annotated[str, BeforeValidator(one_line), StringConstraints(max_length=LONGEST)]
Clock = Annotated[str, StringConstraints(pattern=r"^(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
Span = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,8}([_-][A-Za-z0-9]{1,8})*$")]
Ident = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=60)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Verdict = Literal["met", "not met", "not shown"]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Language(_Answer):
    """A language of the hotline."""

    code: Code
    name: Line
    direction: Literal["ltr", "rtl"] = "ltr"


class Channel(_Answer):
    """A way to reach the hotline; it is born closed."""

    id: Literal["phone", "text", "chat", "email", "online_tip"]
    title: Line
    gate: Line
    gate_verdict: Verdict = "not shown"


class Day(_Answer):
    """Planned hours of one day; a close before the open lies in the next day."""

    day: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
    open: Clock
    close: Clock


class Hours(_Answer):
    """Planned hours, in words and by day."""

    text: Line = ""
    days: tuple[Day, ...] = ()


class Service(_Answer):
    """Targets of service."""

    voice_share_percent: Count
    voice_within_s: Count
    written_days: Count


class Retention(_Answer):
    """Days until records are deleted."""

    signal_days: Annotated[int, Field(ge=1)]
    transcript_days: Annotated[int, Field(ge=1)]
    tip_days: Annotated[int, Field(ge=1)]


class Choices(_Answer):
    """Which parts the project has."""

    website: bool = True
    directory: bool = True
    statistics: bool = True
    telephony: Literal["none", "sheet", "asterisk"] = "sheet"
    external_systems: tuple[Literal["primero", "salesforce", "kobo", "generic"], ...] = ()
    person_term: Literal["potential victim", "survivor", "person"] = "potential victim"


class Law(_Answer):
    """What counsel has said; empty until then."""

    age_of_majority: Annotated[int, Field(ge=10, le=25)] | Literal[""] = ""


class Gate(_Answer):
    """A gate before launch, with the assessment's verdict."""

    id: Ident
    title: Line
    verdict: Verdict


class Offering(_Answer):
    """Support that the programme offers."""

    id: Ident
    title: Line


class Milestone(_Answer):
    """A milestone of the roadmap, dated as documents show dates."""

    title: Line
    date: Line


class Answers(_Answer):
    """Everything the template reads; the shape of ``_hotline`` in cookiecutter.json."""

    name: Annotated[Line, StringConstraints(min_length=1)]
    country: Line
    country_code: Annotated[str, StringConstraints(pattern=r"^([A-Za-z]{2,3})?$")] = ""
    stage: Line
    as_of: date
    timezone: Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9_+/-]{1,60})?$")] = ""
    instrument_version: Line
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]
    channels: Annotated[tuple[Channel, ...], Field(min_length=1)]
    hours: Hours
    choices: Choices = Choices()
    law: Law = Law()
    service: Service
    retention: Retention
    suppression_k: Annotated[int, Field(ge=5)] = 11
    minimum_on_shift: Count
    peak_on_shift: Count
    night_on_shift: Count
    people: Count | Annotated[float, Field(ge=0)]
    covered_hours: dict[str, tuple[Span, ...]] = {}
    roster: Literal["none", "draft", "published"] = "none"
    gates: tuple[Gate, ...]
    offerings: tuple[Offering, ...] = ()
    domains: tuple[Ident, ...] = ()
    milestones: tuple[Milestone, ...] = ()

    def values(self) -> dict[str, Any]:
        """Return plain values for cookiecutter."""
        return self.model_dump(mode="json")


def answers_of(results: Results) -> Answers:
    """Return the answers that an engagement's results give."""
    facts, staffing, parameters = results.facts, results.staffing, results.parameters
    return Answers(
        name=one_line(facts.name) or "Hotline (working name)",
        country=facts.country.name,
        country_code=facts.country.code,
        stage=facts.stage,
        as_of=facts.as_of,
        timezone=results.roster.zone,
        instrument_version=facts.instrument,
        languages=tuple(_language(code) for code in facts.working_languages),
        channels=_channels(results),
        hours=Hours(text=facts.hours.text, days=_days(results)),
        choices=Choices(
            telephony="asterisk" if "phone" in facts.channels else "none",
            external_systems=("primero", "salesforce", "kobo", "generic"),
        ),
        service=Service(
            voice_share_percent=round(staffing.targets.voice_share * 100),
            voice_within_s=round(staffing.targets.voice_within_s),
            written_days=round(staffing.targets.written_days),
        ),
        retention=Retention(
            **{f"{kind}_days": round(parameters[f"data.retention_{kind}_days"].likely) for kind in _KINDS}
        ),
        suppression_k=max(5, round(parameters["data.suppression_k"].likely)),
        minimum_on_shift=staffing.targets.minimum_cover,
        peak_on_shift=staffing.peak_on_shift,
        night_on_shift=staffing.night_on_shift,
        people=staffing.people.total,
        covered_hours=covered_hours(results.roster),
        roster=_state(results.roster),
        gates=tuple(Gate(id=g.id, title=g.title, verdict=worst([g.verdict])) for g in results.gates),
        offerings=tuple(Offering(id=o, title=results.domain_title(o)) for o in facts.offerings),
        domains=tuple(d.id for d in results.readiness.domains),
        milestones=tuple(_milestones(results)),
    )


_KINDS = ("signal", "transcript", "tip")


def covered_hours(roster: Roster) -> dict[str, tuple[str, ...]]:
    """Return the hours of each weekday in which at least one advocate is on shift in every week of the roster.

    The first day is left out where there are more weeks: its small hours belong to the roster before.
    """
    shifts = {s.id: s for s in roster.shifts}
    covered: dict[date, set[int]] = defaultdict(set)
    for given in roster.answering:
        shift = shifts[given.shift]
        for minute in range(shift.start, shift.start + shift.cover, 15):
            covered[given.day + timedelta(days=minute // 1440)].add(minute % 1440)
    days = roster.days[1:] if roster.weeks > 1 else roster.days
    always: dict[int, set[int]] = {}
    for day in days:
        always[day.weekday()] = always.get(day.weekday(), covered[day]) & covered[day]
    return {DAYS[n]: _spans(always.get(n, set())) for n in range(7)} if roster.assignments else {}


def _spans(quarters: set[int]) -> tuple[str, ...]:
    """Join quarter-hours into spans; a day that is covered whole is 00:00-24:00."""
    found: list[list[int]] = []
    for start in sorted(quarters):
        if found and found[-1][1] == start:
            found[-1][1] = start + 15
        else:
            found.append([start, start + 15])
    return tuple(f"{_clock(start)}-{_clock(end)}" for start, end in found)


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _state(roster: Roster) -> Literal["none", "draft", "published"]:
    if not roster.assignments:
        return "none"
    return "draft" if roster.published is None else "published"


def _language(code: str) -> Language:
    from babel import Locale, UnknownLocaleError

    try:
        locale = Locale.parse(code.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Language(code=code, name=code)
    direction: Literal["ltr", "rtl"] = "rtl" if locale.text_direction == "rtl" else "ltr"
    return Language(code=code, name=locale.get_display_name("en") or code, direction=direction)


def _channels(results: Results) -> tuple[Channel, ...]:
    """Return the channels of the engagement; e-mail and web form is two, since a tip form needs a queue of its own."""
    titles = dict(results.instrument.meta.channels)
    found = [_channel(results, channel, titles[channel]) for channel in results.facts.channels]
    if "email" in results.facts.channels:
        found.append(_channel(results, "online_tip", "Online tip form"))
    return tuple(found)


def _channel(results: Results, channel: str, title: str) -> Channel:
    gate = "launch" if channel == "phone" else channel
    verdict = worst([g.verdict for g in results.gates if g.kind == gate])
    return Channel.model_validate({"id": channel, "title": title, "gate": gate, "gate_verdict": verdict})


def worst(verdicts: Sequence[str]) -> Verdict:
    """Return the worst verdict; a channel without any gate was shown to nobody.

    >>> worst([])
    'not shown'
    """
    if "not met" in verdicts:
        return "not met"
    return "met" if verdicts and set(verdicts) == {"met"} else "not shown"


def _days(results: Results) -> tuple[Day, ...]:
    spans = ((day, getattr(results.facts.hours, day)) for day in DAYS)
    pairs = ((day, span.split("-")) for day, span in spans if span != "closed")
    return tuple(Day.model_validate({"day": day, "open": ends[0], "close": ends[1]}) for day, ends in pairs)


def _milestones(results: Results) -> list[Milestone]:
    found = [
        Milestone(title=a.task.milestone, date=look.day(a.end)) for a in results.roadmap.activities if a.task.gates
    ]
    launch = results.roadmap.launch
    return found + ([Milestone(title="Launch, planned", date=look.day(launch.planned))] if launch else [])
