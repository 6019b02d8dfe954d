"""An engagement folder: what it holds, read and checked, and how answers come into it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from .assessment.findings import Advice, load_advice
from .assessment.instrument import Instrument, Quantity, Scoring, load_instrument
from .assessment.migration import Change, load_migrations, migrate
from .assessment.programme import Choice, Goal, ProgrammeFile, load_programme, wrong_choices
from .assessment.responses import Testimony, read_testimony
from .errors import ContentError
from .library import Content, Figure, Measured, content_root, did_you_mean, read, read_document, shown, validate
from .plan_file import (
    BASELINE,
    EDITS,
    PROGRESS,
    Baseline,
    Budget,
    Done,
    PlanWishes,
    ProgressFile,
    StageHours,
    overlaid,
    patched,
    wrong_progress,
    wrong_wishes,
)
from .planning.calendar import DAYS, Country, Hours, Limit, known_zone, load_country, load_limits
from .planning.demand import Parameter
from .planning.rostering.staff_file import StaffFile, read_staff

OWN_PAGES = "playbooks"
LANGUAGE = re.compile(r"^[a-z]{2,3}([-_][A-Za-z0-9]{2,8})*$")


class Override(Content):
    """A planning parameter that differs from the default, with its reason."""

    low: float
    likely: float
    high: float
    reason: str


class EngagementFile(Content):
    """engagement.yaml."""

    name: str = Field(max_length=120)
    country: str = Field(pattern=r"^[A-Z]{2}$")
    stage: Literal["inception", "new", "existing"]
    as_of: date
    start: date
    roster_start: date | None = None
    roster_weeks: int = Field(default=4, ge=4, le=12)
    working_time: str | None = None
    timezone: str | None = None
    languages: list[str] = Field(default=["en"], min_length=1)
    working_languages: list[str] | None = None
    second_languages: list[str] = []
    channels: list[str] = Field(min_length=1)
    hours: Hours
    safe_migration: bool
    scope: list[str] = []
    offerings: Literal["all"] | list[str] = "all"
    instrument: str
    notice: str = ""
    capacity: dict[str, float] = {}
    parameters: dict[str, Override] = {}
    language_mix: dict[str, Override] = {}
    goals: list[Goal] = []
    programme: list[Choice] = []
    budget: Budget | None = None
    plan: PlanWishes = PlanWishes()
    stages: dict[str, StageHours] = {}

    @field_validator("name")
    @classmethod
    def _plain(cls, value: str) -> str:
        if any(ord(c) < 32 for c in value) or not value.strip():
            raise ValueError("a name is one line of text")
        return value

    @field_validator("languages", "second_languages")
    @classmethod
    def _codes(cls, value: list[str]) -> list[str]:
        if wrong := [code for code in value if not LANGUAGE.match(code)]:
            raise ValueError(f"'{wrong[0]}' is not a language code such as en or pt-BR")
        return value

    @field_validator("timezone")
    @classmethod
    def _zone(cls, value: str | None) -> str | None:
        return value if value is None else known_zone(value)

    @field_validator("start", "roster_start")
    @classmethod
    def _monday(cls, value: date | None) -> date | None:
        if value is not None and value.weekday() != 0:
            raise ValueError(f"{value} is a {value:%A}; plans start on a Monday")
        return value


class ParametersFile(Content):
    """parameters/<room>.yaml."""

    parameters: dict[str, Figure]
    measured: dict[str, Measured] = {}


class OptionEntry(Content):
    """A choice of hours to compare."""

    id: str
    title: str
    hours: Hours


class OptionsFile(Content):
    """parameters/launch_options.yaml."""

    options: list[OptionEntry]


@dataclass(frozen=True)
class Engagement:
    """An engagement as read from its folder, everything checked.

    ``carried`` says what became of answers given to an earlier version of the instrument. ``file.plan`` holds the
    wishes of engagement.yaml with those of plan_edits.yaml laid over them; ``baseline`` is the accepted plan, if any.
    ``own_pages`` holds the hotline's own playbook pages: text by path below its folder ``playbooks``.
    """

    folder: Path
    file: EngagementFile
    instrument: Instrument
    advice: Advice
    testimony: Testimony
    carried: tuple[Change, ...]
    country: Country
    limits: dict[str, Limit]
    staff: StaffFile | None
    parameters: dict[str, Parameter]
    programme: ProgrammeFile
    options: tuple[OptionEntry, ...]
    progress: tuple[Done, ...]
    baseline: Baseline | None
    own_pages: dict[str, str]

    @property
    def spoken(self) -> tuple[str, ...]:
        """Working languages, the main one first."""
        return _spoken(self.file, self.country)

    @property
    def roster_start(self) -> date:
        """The Monday on which the roster begins: as asked, or four weeks into the plan."""
        return self.file.roster_start or self.file.start + timedelta(weeks=4)

    @property
    def wishes(self) -> PlanWishes:
        """What is asked of the plan."""
        return self.file.plan


def read_engagement(folder: Path, patch: Mapping[str, Any] | None = None, patch_path: Path | None = None) -> Engagement:
    """Read and check an engagement folder.

    Parameters
    ----------
    patch, patch_path
        A scenario's change of engagement.yaml, laid over it before it is checked (nothing is written), and the file
        it stands in, which problems then name.

    Raises
    ------
    CatalystError
        Naming every problem of the first file that has any.
    """
    path = folder / "engagement.yaml"
    if not path.exists():
        raise ContentError(shown(folder), ["there is no engagement.yaml; make one with: catalyst new DIR --country CC"])
    file = read(path, EngagementFile) if patch is None else _patched_file(path, patch, patch_path or path)
    path = patch_path or path
    instrument = load_instrument()
    advice = load_advice(instrument)
    country = _local_or_content_country(folder, file.country)
    programme = load_programme()
    problems = [
        *_wrong(file, instrument, country),
        *_wrong_plan(file, instrument, advice, country),
        *wrong_choices(programme, instrument, list(advice.recommendations), file.goals, file.programme),
    ]
    if problems:
        raise ContentError(shown(path), problems)
    testimony, carried = _carried_over(read_testimony(folder, instrument, file.as_of), instrument)
    limits = load_limits(file.working_time or country.working_time, file.as_of)
    staff = folder / "staff.yaml"
    return Engagement(
        folder=folder,
        file=_with_edits(folder, file, instrument, advice),
        instrument=instrument,
        advice=advice,
        testimony=testimony,
        carried=carried,
        country=country,
        limits=limits,
        staff=read_staff(staff, limits, _spoken(file, country)) if staff.exists() else None,
        parameters=resolve_parameters(file, instrument, testimony, country),
        programme=programme,
        options=tuple(launch_options()),
        progress=_progress(folder, file, advice),
        baseline=read(folder / BASELINE, Baseline) if (folder / BASELINE).exists() else None,
        own_pages=read_own_pages(folder),
    )


def read_own_pages(folder: Path) -> dict[str, str]:
    """Return the text of the hotline's own playbook pages by path below the engagement's folder ``playbooks``."""
    own = folder / OWN_PAGES
    return {p.relative_to(own).as_posix(): p.read_text("utf-8") for p in sorted(own.rglob("*.md"))}


def _spoken(file: EngagementFile, country: Country) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*(file.working_languages or country.working_languages), *file.second_languages]))


def _patched_file(path: Path, patch: Mapping[str, Any], patch_path: Path) -> EngagementFile:
    try:
        data = patched(read_document(path)[0] or {}, patch)
    except ValueError as error:
        raise ContentError(shown(patch_path), [str(error)]) from error
    return validate(data, EngagementFile, patch_path)


def _with_edits(folder: Path, file: EngagementFile, instrument: Instrument, advice: Advice) -> EngagementFile:
    """Return engagement.yaml with the wishes read back from an edited plan laid over its own."""
    path = folder / EDITS
    if not path.exists():
        return file
    edits = read(path, PlanWishes)
    roles = [*instrument.meta.roles, "consultant"]
    if problems := list(wrong_wishes(edits, advice.activities, roles, list(advice.roadmap.windows), "")):
        raise ContentError(shown(path), problems)
    return file.model_copy(update={"plan": overlaid(file.plan, edits)})


def _progress(folder: Path, file: EngagementFile, advice: Advice) -> tuple[Done, ...]:
    path = folder / PROGRESS
    if not path.exists():
        return ()
    progress = read(path, ProgressFile)
    if problems := list(wrong_progress(progress, advice.activities, file.as_of)):
        raise ContentError(shown(path), problems)
    return tuple(progress.progress)


def _carried_over(testimony: Testimony, instrument: Instrument) -> tuple[Testimony, tuple[Change, ...]]:
    """Return the same testimony as answers to this instrument; the files in responses/ stay as they came in."""
    migrations = load_migrations(instrument)
    pairs = [migrate(response, instrument, migrations) for response in testimony.responses]
    changes = tuple(change for _, changes in pairs for change in changes)
    return replace(testimony, responses=tuple(response for response, _ in pairs)), changes


def _local_or_content_country(folder: Path, code: str) -> Country:
    local = folder / "country.yaml"
    return read(local, Country) if local.exists() else load_country(code)


def _wrong(file: EngagementFile, instrument: Instrument, country: Country) -> Iterator[str]:
    meta, offerings = instrument.meta, [d.id for d in instrument.domains if d.kind == "offering"]
    expected = f"{meta.id}@{meta.version}"
    if file.instrument != expected:
        yield (
            f"instrument: '{file.instrument}' was asked for, this toolkit holds '{expected}'; "
            "see what would change with: catalyst migrate DIR"
        )
    for channel in file.channels:
        if channel not in meta.channels:
            yield f"channels: '{channel}' is not a channel{did_you_mean(channel, list(meta.channels))}"
    for offering in file.offerings if isinstance(file.offerings, list) else []:
        if offering not in offerings:
            yield f"offerings: '{offering}' does not exist{did_you_mean(offering, offerings)}"
    for role in file.capacity:
        if role not in meta.roles and role != "consultant":
            yield f"capacity: '{role}' is not a role{did_you_mean(role, list(meta.roles))}"
    figures = default_parameters()
    known = [*figures, *measured_parameters()]
    for code in file.language_mix:
        if code not in {*(file.working_languages or country.working_languages), *file.second_languages}:
            yield f"language_mix: '{code}' is not among working_languages or second_languages; add it there"
    mix = {f"language_mix.{code}": share for code, share in file.language_mix.items()}
    for ident, share in mix.items():
        if not 0 <= share.low <= share.likely <= share.high <= 1:
            yield f"{ident}: a share of signals from 0 to 1 with low <= likely <= high is needed"
    if round(sum(share.likely for share in file.language_mix.values()), 9) > 1:
        yield "language_mix: the likely shares add up to more than 1; what is left over is the other languages'"
    for ident, value in file.parameters.items():
        if ident not in known:
            yield f"parameters: '{ident}' is not a parameter{did_you_mean(ident, known)}"
        if not value.low <= value.likely <= value.high:
            yield f"parameters: {ident}: low <= likely <= high must hold"
        elif (figure := figures.get(ident)) and (wrong := figure.outside(value.low) or figure.outside(value.high)):
            yield f"parameters: {ident}: every figure must be {wrong} {figure.unit}"
        elif figure is None and value.low < 0:
            yield f"parameters: {ident}: every figure must be at least 0"


def _wrong_plan(file: EngagementFile, instrument: Instrument, advice: Advice, country: Country) -> Iterator[str]:
    """Yield what is wrong with the budget, the wishes and the steps of the opening."""
    content, meta = advice.roadmap, instrument.meta
    currencies = [country.currency.code, "USD"]
    if file.budget is not None and file.budget.currency not in currencies:
        known = " or ".join(dict.fromkeys(currencies))
        yield f"budget.currency: '{file.budget.currency}' has no rate in the country's file; use {known}"
    yield from wrong_wishes(file.plan, advice.activities, [*meta.roles, "consultant"], list(content.windows))
    stages, options = [s.id for s in content.stages], [o.id for o in launch_options()]
    for ident, stage in file.stages.items():
        if ident not in stages:
            known = did_you_mean(ident, stages) or f"; there are {', '.join(stages)}"
            yield f"stages: '{ident}' is not a step of the opening{known}"
        if stage.hours is not None and stage.hours not in options:
            yield f"stages: {ident}: hours '{stage.hours}' is not one of {', '.join(options)}"
        for channel in stage.channels or []:
            if channel not in file.channels:
                yield f"stages: {ident}: channel '{channel}' is not among the engagement's channels; add it there too"


def launch_options() -> list[OptionEntry]:
    """Return the choices of hours to compare."""
    return read(content_root() / "assessment" / "parameters" / "launch_options.yaml", OptionsFile).options


def default_parameters() -> dict[str, Figure]:
    """Return every default figure of assessment/parameters, by id."""
    return {ident: figure for file in _parameter_files() for ident, figure in file.parameters.items()}


def measured_parameters() -> dict[str, Measured]:
    """Return the figures that have no default and that only a line's own counts, answers or books give, by id."""
    return {ident: figure for file in _parameter_files() for ident, figure in file.measured.items()}


def _parameter_files() -> Iterator[ParametersFile]:
    for path in sorted((content_root() / "assessment" / "parameters").glob("*.yaml")):
        if path.stem != "launch_options":
            yield read(path, ParametersFile)


def resolve_parameters(
    file: EngagementFile, instrument: Instrument, testimony: Testimony, country: Country
) -> dict[str, Parameter]:
    """Return each planning figure with the origin that won: engagement.yaml, ruling, answers, country file, default."""
    found: dict[str, Parameter] = {}
    defaults = default_parameters()
    for ident, f in defaults.items():
        origin = f"source: {f.source}" if f.source else f"assumption: {f.assumption}"
        found[ident] = Parameter(ident, f.title, f.unit, f.low, f.likely, f.high, origin, f.source is None)
    population = country.population
    people = population.value
    origin = f"country file ({population.year}): {population.source or population.assumption}"
    found["demand.population"] = Parameter(
        "demand.population", "Population", "people", people, people, people, origin, population.source is None
    )
    if off := _days_off(country, file.start):
        known = found["staffing.holiday_days"]
        origin = f"country file: public holidays on working days in the year from {file.start}"
        found[known.id] = replace(known, low=off, likely=off, high=off, origin=origin, assumption=False)
    for quantity in instrument.quantities.values():
        value = testimony.quantity(quantity.id)
        if value is None or quantity.feeds is None:
            continue
        scale = 0.01 if quantity.unit == "percent" else 1.0
        ruling = testimony.ruling_on(quantity.id)
        values = [a.value for _, a in testimony.answers_to(quantity.id) if a.value is not None]
        ruled = ruling is not None and ruling.value is not None
        ends = [value] * 3 if ruled else _ends(values, value, quantity, instrument.scoring)
        origin = f"ruling on {quantity.id}" if ruled else f"answers to {quantity.id}"
        title, unit = quantity.title, quantity.unit if scale == 1 else "share"
        usual = defaults.get(quantity.feeds)
        low, likely, high = (usual.within(end * scale) if usual else end * scale for end in ends)
        found[quantity.feeds] = Parameter(quantity.feeds, title, unit, low, likely, high, origin, False)
    measured = measured_parameters()
    for code, o in file.language_mix.items():
        origin, title = f"engagement.yaml: {o.reason}", f"Share of signals in {code}"
        found[f"demand.language_{code}"] = Parameter(
            f"demand.language_{code}", title, "share", o.low, o.likely, o.high, origin, False
        )
    for ident, o in file.parameters.items():
        before = found.get(ident, measured.get(ident))
        title, unit = (before.title, before.unit) if before else (ident, "")
        found[ident] = Parameter(ident, title, unit, o.low, o.likely, o.high, f"engagement.yaml: {o.reason}", False)
    return dict(sorted(found.items()))


def _days_off(country: Country, start: date) -> int:
    """Return the public holidays of a year that fall on working days; 0 where no calendar is known."""
    days = country.public_holidays(start, start + timedelta(days=364))
    return sum(DAYS[day.weekday()] not in country.weekend for day in days)


def _ends(values: list[float], middle: float, quantity: Quantity, scoring: Scoring) -> list[float]:
    """Return low, likely and high. The ends of a few answers would be somebody's own, and look surer than they are."""
    if len(values) >= scoring.smallest_group.value:
        return [min(values), middle, max(values)]
    spread = scoring.few_answers_spread.value
    low, high = min([middle * (1 - spread), *values]), max([middle * (1 + spread), *values])
    return [max(low, quantity.minimum), middle, min(high, quantity.maximum)]
