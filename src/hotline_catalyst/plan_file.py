"""What people ask of the plan and report back to it: budget, wishes, progress, the accepted plan, scenarios.

Each is a file, or a part of engagement.yaml, that a person writes; progress.yaml, baseline.yaml and plan_edits.yaml are
written by the toolkit too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Literal, TypeVar

from pydantic import Field, field_validator, model_validator

from .assessment.activities import Activity
from .library import Content, did_you_mean
from .planning.roadmap import Roadmap

PROGRESS, BASELINE, EDITS, SCENARIOS = "progress.yaml", "baseline.yaml", "plan_edits.yaml", "scenarios"
Payer = Literal["state", "donor", "operator"]


class Tranche(Content):
    """Money that may be committed from a day on, and who pays it (None: it pays for everything)."""

    date: date
    amount: float = Field(gt=0)
    payer: Payer | None = None
    note: str = ""


class Budget(Content):
    """The plan's money: ``currency`` is the country's or USD; ``fixed`` when the plan may not cost more than it."""

    currency: str = Field(pattern=r"^[A-Z]{3}$")
    fixed: bool = False
    tranches: list[Tranche] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_purse_or_one_each(self) -> Budget:
        if len({t.payer is None for t in self.tranches}) > 1:
            raise ValueError("some tranches name a payer and some do not; give each of them one, or none of them")
        return self


class _Span(Content):
    """Days from ``from`` to ``to``, both included."""

    from_: date = Field(alias="from")
    to: date

    @model_validator(mode="after")
    def _forward(self) -> _Span:
        if self.to < self.from_:
            raise ValueError(f"it ends on {self.to}, before it begins on {self.from_}; turn the two around")
        return self


class LaunchBy(Content):
    """The last day for the launch, and whose promise it is."""

    date: date
    reason: str


class _About(Content):
    activity: str


class Pin(_About):
    """An activity that starts on one day, in one way where one is named."""

    start: date
    way: str | None = None
    reason: str


class LeftOut(_About):
    """An activity that the plan leaves out."""

    reason: str


class ChosenWay(_About):
    """The way in which an activity is done."""

    way: str
    reason: str


class Dated(_About):
    """An activity and the day on which it may first run, or by which it is done."""

    date: date
    reason: str


class Delay(_About):
    """An activity that takes so many weeks longer than the library says."""

    weeks: float = Field(gt=0)
    reason: str


class Window(_Span):
    """Weeks in which the activities that avoid this kind of window do not run; the kinds stand in roadmap.yaml."""

    kind: str
    title: str


class Away(_Span):
    """Weeks in which a role gives fewer person-days a week to the plan, or none."""

    role: str
    days_per_week: float = Field(default=0, ge=0)
    reason: str


class PlanWishes(Content):
    """What people ask of the plan; ``gates`` "all" when the plan must open every launch gate, whatever it costs."""

    launch_by: LaunchBy | None = None
    pins: list[Pin] = []
    leave_out: list[LeftOut] = []
    ways: list[ChosenWay] = []
    not_before: list[Dated] = []
    done_by: list[Dated] = []
    delays: list[Delay] = []
    windows: list[Window] = []
    away: list[Away] = []
    gates: Literal["all", "affordable"] = "all"

    @field_validator("launch_by", mode="before")
    @classmethod
    def _with_its_reason(cls, value: Any) -> Any:
        if value is not None and not isinstance(value, Mapping | LaunchBy):
            raise ValueError("write the day with whose promise it is: {date: 2028-06-30, reason: The minister's word}")
        return value

    @model_validator(mode="after")
    def _no_wish_against_another(self) -> PlanWishes:
        if problems := list(_contradictions(self)):
            raise ValueError("; ".join(problems))
        return self


class StageHours(Content):
    """What one step of the opening has instead of the library's: a launch option's hours, its channels."""

    hours: str | None = None
    channels: list[str] | None = None


class Done(Content):
    """How far an activity is: the day it started and, when it has, the day it ended.

    ``remaining_weeks`` is what is left of one that runs. Without it, it takes as long as was planned.
    """

    activity: str
    started: date
    ended: date | None = None
    remaining_weeks: float | None = Field(default=None, ge=0)
    way: str | None = None
    note: str = ""

    @model_validator(mode="after")
    def _possible(self) -> Done:
        if self.ended is not None and self.ended < self.started:
            raise ValueError(f"{self.activity} ended on {self.ended}, before it started on {self.started}; correct one")
        if self.ended is not None and self.remaining_weeks is not None:
            raise ValueError(f"{self.activity} has ended and has weeks remaining; keep one of the two")
        return self


class ProgressFile(Content):
    """progress.yaml."""

    progress: list[Done] = []

    @model_validator(mode="before")
    @classmethod
    def _nothing_yet(cls, value: Any) -> Any:
        return {} if value is None or value == {"progress": None} else value

    @model_validator(mode="after")
    def _each_once(self) -> ProgressFile:
        if twice := _twice(d.activity for d in self.progress):
            raise ValueError(f"{', '.join(twice)}: there is more than one line; keep the last")
        return self


class Accepted(Content):
    """An activity in the plan that was accepted: first and last day, and its way."""

    start: date
    end: date
    way: str


class Baseline(Content):
    """baseline.yaml: the plan that people agreed to. A new plan moves away from it as little as it can.

    ``as_of`` is the day it was planned on, ``launch`` its launch day. Activities that no longer exist are passed over.
    """

    as_of: date
    accepted_on: date
    launch: date | None = None
    activities: dict[str, Accepted]


def baseline_of(roadmap: Roadmap, as_of: date, accepted_on: date) -> Baseline:
    """Return a plan as one to keep to."""
    return Baseline(
        as_of=as_of,
        accepted_on=accepted_on,
        launch=roadmap.launch.planned if roadmap.launch else None,
        activities={a.task.id: Accepted(start=a.start, end=a.end, way=a.way.id) for a in roadmap.activities},
    )


class Scenario(Content):
    """scenarios/<name>.yaml: a change of engagement.yaml to try out. The rules of ``change`` stand in `patched`."""

    title: str
    why: str
    change: dict[str, Any] = Field(min_length=1)


def patched(data: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``data`` changed: mappings merge, ``key+`` adds to a list, an empty value removes, others replace.

    >>> patched({"a": {"b": 1, "c": 2}, "d": [1]}, {"a": {"b": 5, "c": None}, "d+": [2]})
    {'a': {'b': 5}, 'd': [1, 2]}

    Raises
    ------
    ValueError
        When a list is to be added to something that is no list.
    """
    result = dict(data)
    for key, value in change.items():
        name = str(key).removesuffix("+")
        if name != key:
            result[name] = _longer(name, result.get(name), value)
        elif value is None:
            result.pop(key, None)
        elif isinstance(value, Mapping):
            before = result.get(key)
            result[key] = patched(before if isinstance(before, Mapping) else {}, value)
        else:
            result[key] = value
    return result


def _longer(name: str, before: object, more: object) -> list[Any]:
    if before is not None and not isinstance(before, list):
        raise ValueError(f"{name}+ adds to a list, but {name} is none; write {name} to replace it")
    if not isinstance(more, list):
        raise ValueError(f"{name}+ adds to a list; write what it adds as a list, in square brackets or with dashes")
    return [*(before or []), *more]


W = TypeVar("W", bound=_About)


def overlaid(wishes: PlanWishes, edits: PlanWishes) -> PlanWishes:
    """Return the wishes with edits laid over them: the edit's word on an activity replaces the earlier one.

    An edit that pins an activity, chooses its way or dates its end takes it back in; one that leaves it out drops what
    else was asked of it. A pin takes the place of the dates asked for before, but for a first day that it keeps.
    Windows and absences add up.
    """
    out = {x.activity for x in edits.leave_out}
    back = {x.activity for x in (*edits.pins, *edits.ways, *edits.done_by)}
    starts = {x.activity: x.start for x in edits.pins}
    new_ways = {x.activity for x in edits.ways}
    ways = {x.activity: x.way for x in wishes.pins if x.activity not in new_ways}
    pins = [x.model_copy(update={"way": None}) if x.activity in new_ways else x for x in wishes.pins]
    pinned = [x if x.way else x.model_copy(update={"way": ways.get(x.activity)}) for x in edits.pins]
    return PlanWishes(
        launch_by=edits.launch_by or wishes.launch_by,
        pins=_laid(pins, pinned, out),
        leave_out=_laid(wishes.leave_out, edits.leave_out, back),
        ways=_laid(wishes.ways, edits.ways, out | {x.activity for x in edits.pins if x.way}),
        not_before=_laid([x for x in wishes.not_before if _kept(x, starts)], edits.not_before, out),
        done_by=_laid(wishes.done_by, edits.done_by, out | starts.keys()),
        delays=_laid(wishes.delays, edits.delays, out),
        windows=[*wishes.windows, *(w for w in edits.windows if w not in wishes.windows)],
        away=[*wishes.away, *(a for a in edits.away if a not in wishes.away)],
        gates=edits.gates if "gates" in edits.model_fields_set else wishes.gates,
    )


def given_up(wishes: PlanWishes, edits: PlanWishes) -> list[Dated]:
    """Return the first days and last days asked for that an edit's pins take the place of.

    A first day that the pin keeps stays. A last day goes in any case: the pin alone dates the activity.
    """
    starts = {x.activity: x.start for x in edits.pins}
    early = [x for x in wishes.not_before if not _kept(x, starts)]
    return [*early, *(x for x in wishes.done_by if x.activity in starts)]


def _kept(first: Dated, starts: Mapping[str, date]) -> bool:
    return starts.get(first.activity, first.date) >= first.date


def _laid(before: Sequence[W], over: Sequence[W], drop: set[str]) -> list[W]:
    gone = drop | {x.activity for x in over}
    return [*(x for x in before if x.activity not in gone), *over]


def _twice(names: Iterable[str]) -> list[str]:
    return sorted(name for name, count in Counter(names).items() if count > 1)


def _contradictions(wishes: PlanWishes) -> Iterator[str]:
    """Name what a reader can see to be at odds; what only planning can tell is the planner's to say."""
    for name in ("pins", "leave_out", "ways", "not_before", "done_by", "delays"):
        if twice := _twice(x.activity for x in getattr(wishes, name)):
            yield f"{name}: {', '.join(twice)} stands there more than once; keep one"
    out = {x.activity for x in wishes.leave_out}
    for name in ("pins", "done_by"):
        for wish in getattr(wishes, name):
            if wish.activity in out:
                yield f"{name}: {wish.activity} is also in leave_out; keep one of the two"
    way_of = {x.activity: x.way for x in wishes.ways}
    for pin in wishes.pins:
        if pin.way is not None and way_of.get(pin.activity, pin.way) != pin.way:
            yield f"pins: {pin.activity} is to be done by '{pin.way}', and under ways by '{way_of[pin.activity]}'"


def wrong_wishes(
    wishes: PlanWishes,
    activities: Mapping[str, Activity],
    roles: Sequence[str],
    windows: Sequence[str],
    under: str = "plan.",
) -> Iterator[str]:
    """Yield a sentence for each activity, way, role or kind of window that does not exist.

    ``under`` is where the wishes stand in their file.
    """
    for name in ("pins", "leave_out", "ways", "not_before", "done_by", "delays"):
        for wish in getattr(wishes, name):
            yield from _wrong_activity(under + name, wish.activity, getattr(wish, "way", None), activities)
    for window in wishes.windows:
        if window.kind not in windows:
            known = did_you_mean(window.kind, list(windows)) or f"; there are {', '.join(windows)}"
            yield f"{under}windows: '{window.kind}' is not a kind of window{known}"
    for away in wishes.away:
        if away.role not in roles:
            yield f"{under}away: '{away.role}' is not a role{did_you_mean(away.role, list(roles))}"


def unheard(wishes: PlanWishes, planned_ids: Iterable[str], launches: bool = True) -> list[str]:
    """Return a sentence for each wish about an activity that the plan does not hold, or about a launch it lacks.

    What is left out on request is not named: the reader asked for it.

    >>> unheard(PlanWishes(delays=[Delay(activity="R99", weeks=2, reason="Late.")]), ["R01"])
    ['delays: R99 is not in the plan, so its delay changes nothing (Late).']
    """
    here = {*planned_ids, *(x.activity for x in wishes.leave_out)}
    found = []
    if wishes.launch_by is not None and not launches:
        by = wishes.launch_by
        found.append(f"launch_by: nothing launches in this plan, so {by.date} is not kept ({by.reason.rstrip('.')}).")
    for name, so in _UNHEARD.items():
        for wish in getattr(wishes, name):
            if wish.activity not in here:
                but = so.format(**wish.model_dump())
                found.append(f"{name}: {wish.activity} is not in the plan, so {but} ({wish.reason.rstrip('.')}).")
    return found


_UNHEARD = {
    "done_by": "it is not done by {date}; to have it done, pin it to a day",
    "not_before": "its first day {date} changes nothing",
    "ways": "its way '{way}' changes nothing",
    "delays": "its delay changes nothing",
}


def wrong_progress(progress: ProgressFile, activities: Mapping[str, Activity], as_of: date) -> Iterator[str]:
    """Yield a sentence for each unknown activity or way, and each day that lies after ``as_of``."""
    for done in progress.progress:
        yield from _wrong_activity("progress", done.activity, done.way, activities)
        for word, day in (("started", done.started), ("ended", done.ended)):
            if day is not None and day > as_of:
                yield (
                    f"progress: {done.activity} {word} on {day}, after the engagement's as_of {as_of}; "
                    "move as_of in engagement.yaml, or correct the date"
                )


def _wrong_activity(where: str, ident: str, way: str | None, activities: Mapping[str, Activity]) -> Iterator[str]:
    if ident not in activities:
        yield f"{where}: activity '{ident}' does not exist{did_you_mean(ident, list(activities))}"
    elif way is not None and way not in (known := [w.id for w in activities[ident].ways]):
        yield f"{where}: {ident} cannot be done by the way '{way}'; there are {', '.join(known)}"
