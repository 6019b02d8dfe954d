"""The plan while it is carried out: accepted, reported on, edited by hand in a workbook, and planned anew."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from . import archive
from .deliverables.look import day as said
from .engagement import Engagement, read_engagement
from .errors import AnswerError, ContentError
from .judgement import Judgement, judge_everything
from .library import Content, parse, read, shown, validate
from .plan_file import (
    BASELINE,
    EDITS,
    PROGRESS,
    Baseline,
    ChosenWay,
    Done,
    LeftOut,
    Pin,
    PlanWishes,
    ProgressFile,
    baseline_of,
    given_up,
    overlaid,
    wrong_progress,
)
from .planning.roadmap import Roadmap
from .roadmapping import edited_plan_problems, make_roadmap

HEADS = {
    BASELINE: "# The plan that was accepted. A new plan moves away from it as little as it can.\n",
    PROGRESS: "# What has started and ended, one line an activity. Other lines and comments stay as you write them.\n",
    EDITS: "# Read back from an edited plan and laid over plan: in engagement.yaml. Written anew each time.\n",
}

NOT_TEXT = ("null", "true", "false", "yes", "no", "on", "off", "y", "n")  # bare words that YAML reads as something else


def accept(folder: Path, roadmap: Roadmap, as_of: date, on: date) -> Path:
    """Write baseline.yaml from a plan that people agreed to on a day, and return it; the same plan, the same bytes."""
    baseline, path = baseline_of(roadmap, as_of, on), folder / BASELINE
    text = HEADS[BASELINE] + f"as_of: {as_of}\naccepted_on: {on}\n"
    text += f"launch: {baseline.launch}\n" if baseline.launch else ""
    text += "activities:\n" + "".join(f"  {i}: {_flow(a)}\n" for i, a in sorted(baseline.activities.items()))
    data, node = parse(text, path)
    assert validate(data, Baseline, path, node) == baseline, "what is written reads back the same"
    return archive.write_text(path, text)


def record(folder: Path, done: Iterable[Done]) -> Path:
    """Put lines into progress.yaml, each in the place of an earlier one of its activity, and return the file.

    Everything else in the file stays as it is, comments included.

    Raises
    ------
    ContentError
        When an activity or way does not exist, a day lies after the engagement's, or the file is laid out so that
        a line cannot be put into it; nothing was changed.
    """
    engagement, done = read_engagement(folder), tuple(done)
    path = folder / PROGRESS
    if problems := list(
        wrong_progress(ProgressFile(progress=list(done)), engagement.advice.activities, engagement.file.as_of)
    ):
        raise ContentError(shown(path), problems)
    text = path.read_text("utf-8") if path.exists() else HEADS[PROGRESS] + "progress:\n"
    expected = {d.activity: d for d in engagement.progress}
    for one in done:
        text, expected[one.activity] = _with_line(text, one), one
    if _progress_in(text, path) != list(expected.values()):
        raise ContentError(
            shown(path), ["it is not laid out one line an activity, so nothing was put in; add the line by hand"]
        )
    return archive.write_text(path, text)


def _progress_in(text: str, path: Path) -> list[Done]:
    try:
        data, node = parse(text, path)
        return validate(data, ProgressFile, path, node).progress
    except ContentError:
        return []


def report(
    folder: Path,
    activity: str,
    started: date | None,
    ended: date | None = None,
    remaining_weeks: float | None = None,
    way: str | None = None,
    note: str = "",
) -> Path:
    """Record one activity's progress from its words, and return progress.yaml.

    Raises
    ------
    ContentError
        When the words do not go together, or as `record` does.
    """
    words = {
        "activity": activity, "started": started, "ended": ended,
        "remaining_weeks": remaining_weeks, "way": way, "note": note,
    }  # fmt: skip
    return record(folder, [validate(words, Done, folder / PROGRESS)])


def _with_line(text: str, done: Done) -> str:
    line = f"  - {_flow(done)}"
    old = re.compile(rf"^ *- *\{{ *activity: *[\"']?{re.escape(done.activity)}[\"']? *[,}}].*$", re.MULTILINE)
    if old.search(text):
        return old.sub(lambda _: line, text, count=1)
    text = re.sub(r"^progress: *(\[ *\])? *$", "progress:", text, flags=re.MULTILINE)
    if not re.search(r"^progress:", text, re.MULTILINE):
        text = text.rstrip("\n") + "\nprogress:\n"
    return text.rstrip("\n") + f"\n{line}\n"


def _flow(record: Content) -> str:
    """Return a record as one line of YAML, what is empty left out."""
    fields = record.model_dump(exclude_defaults=True, by_alias=True)
    return "{" + ", ".join(f"{key}: {_plain(value)}" for key, value in fields.items()) + "}"


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and (not value.isidentifier() or value.casefold() in NOT_TEXT):
        return json.dumps(value, ensure_ascii=False)
    return f"{value}"


@dataclass(frozen=True)
class ReadBack:
    """What an edited workbook asks for.

    ``edits`` are its changes as wishes and ``done`` the starts and ends written into it. ``broken`` says which rules
    the plan breaks as it was edited: planned anew, the other activities move so that it breaks none. ``questions`` are
    what somebody should be asked about: rows that are gone, cells that are not read back. ``given_up`` names the dates
    asked for before that the edits take the place of.
    """

    edits: PlanWishes
    done: tuple[Done, ...]
    broken: tuple[str, ...]
    questions: tuple[str, ...]
    given_up: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether the workbook changes nothing."""
        return not self.done and self.edits == PlanWishes()


def read_back(folder: Path, workbook: Path) -> ReadBack:
    """Read an edited roadmap.xlsx against the plan as it is now, and judge the plan in it; nothing is written.

    Raises
    ------
    AnswerError
        Naming every cell that cannot be read as what it should be.
    """
    engagement = read_engagement(folder)
    judged = judge_everything(engagement)
    return read_against(engagement, judged, make_roadmap(engagement, judged, worths=False), workbook)


def read_against(engagement: Engagement, judged: Judgement, roadmap: Roadmap, workbook: Path) -> ReadBack:
    """Read an edited roadmap.xlsx against a plan, as `read_back` does."""
    from .deliverables.roadmap_reading import read_roadmap

    edited = read_roadmap(workbook, roadmap)
    done = tuple(_done(engagement, edited.started, edited.ended))
    problems = [
        *edited.problems,
        *wrong_progress(ProgressFile(progress=list(done)), engagement.advice.activities, engagement.file.as_of),
    ]
    if problems:
        raise AnswerError(workbook.name, problems)
    starts, ways, out = edited.starts, edited.ways, edited.left_out
    wishes = _as_wishes(workbook.name, starts, ways, out, {d.activity for d in done})
    laid = engagement.file.model_copy(update={"plan": overlaid(engagement.wishes, wishes)})
    broken = edited_plan_problems(replace(engagement, file=laid), judged, roadmap, starts, ways, out)
    return ReadBack(wishes, done, tuple(broken), edited.questions, tuple(_given_up(engagement.wishes, wishes)))


def _given_up(wishes: PlanWishes, edits: PlanWishes) -> Iterator[str]:
    """Yield a sentence for each date that an edited date takes the place of."""
    starts = {x.activity: x.start for x in edits.pins}
    for gone in given_up(wishes, edits):
        asked = "not to start before" if gone in wishes.not_before else "to be done by"
        yield (
            f"{gone.activity} was {asked} {said(gone.date)} ({gone.reason.rstrip('.')}). Starting it on "
            f"{said(starts[gone.activity])} gives that up: ask whose date it is first."
        )


def _done(engagement: Engagement, started: Mapping[str, date], ended: Mapping[str, date]) -> Iterator[Done]:
    """Yield the progress in a workbook; an end without a start belongs to what was recorded before."""
    before = {d.activity: d for d in engagement.progress}
    for ident in sorted({*started, *ended}):
        known = before.get(ident)
        first = started.get(ident) or (known.started if known else None)
        if first is None:
            raise AnswerError("roadmap.xlsx", [f"{ident} has ended and has no start; write the day it started"])
        last = ended.get(ident) or (known.ended if known else None)
        if last is not None and last < first:
            raise AnswerError("roadmap.xlsx", [f"{ident} ended on {last}, before it started on {first}; correct one"])
        way, note = (known.way, known.note) if known else (None, "")
        remaining = known.remaining_weeks if known and last is None and ident not in started else None
        yield Done(activity=ident, started=first, ended=last, remaining_weeks=remaining, way=way, note=note)


def _as_wishes(
    name: str, starts: Mapping[str, date], ways: Mapping[str, str], out: Iterable[str], begun: set[str]
) -> PlanWishes:
    reason = f"Edited in {name}"
    left = set(out) - begun
    return PlanWishes(
        pins=[
            Pin(activity=i, start=day, way=ways.get(i), reason=reason)
            for i, day in sorted(starts.items())
            if i not in begun | left
        ],
        ways=[
            ChosenWay(activity=i, way=way, reason=reason)
            for i, way in sorted(ways.items())
            if i not in begun | left | set(starts)
        ],
        leave_out=[LeftOut(activity=i, reason=reason) for i in sorted(left)],
    )


def apply(folder: Path, found: ReadBack) -> list[Path]:
    """Write what was read back: progress into progress.yaml, wishes over those of earlier edits; return the files."""
    written = [record(folder, found.done)] if found.done else []
    if found.edits != PlanWishes():
        path = folder / EDITS
        before = read(path, PlanWishes) if path.exists() else PlanWishes()
        written.append(archive.write_text(path, _edits_text(overlaid(before, found.edits), path)))
    return written


def _edits_text(wishes: PlanWishes, path: Path) -> str:
    text = HEADS[EDITS]
    for name in ("pins", "leave_out", "ways", "not_before", "done_by", "delays", "windows", "away"):
        if entries := getattr(wishes, name):
            text += f"{name}:\n" + "".join(f"  - {_flow(entry)}\n" for entry in entries)
    if wishes.launch_by:
        text += f"launch_by: {_flow(wishes.launch_by)}\n"
    if "gates" in wishes.model_fields_set and wishes.gates != "all":
        text += f"gates: {wishes.gates}\n"
    data, node = parse(text, path)
    assert validate(data, PlanWishes, path, node) == wishes, "what is written reads back the same"
    return text


def said_back(found: ReadBack) -> Iterator[str]:
    """Yield what an edited workbook asks for, in plain words."""
    if found.empty:
        yield "The workbook changes nothing in the plan."
    for pin in found.edits.pins:
        yield f"{pin.activity} starts on {said(pin.start)}{f', by the way {pin.way}' if pin.way else ''}"
    for way in found.edits.ways:
        yield f"{way.activity} is done by the way {way.way}"
    for out in found.edits.leave_out:
        yield f"{out.activity} is left out"
    for done in found.done:
        ended = f" and ended on {said(done.ended)}" if done.ended else ""
        yield f"{done.activity} started on {said(done.started)}{ended}"
    if found.given_up:
        yield f"Dates asked for before that this gives up ({len(found.given_up)})"
        yield from (f"  {line}" for line in found.given_up)
    if found.questions:
        yield f"To be asked about ({len(found.questions)})"
        yield from (f"  {line}" for line in found.questions)
    if found.broken:
        yield f"As edited, the plan breaks {len(found.broken)} rules; planned anew, other activities move to keep them"
        yield from (f"  {line}" for line in found.broken)
