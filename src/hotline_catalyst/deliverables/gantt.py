"""The roadmap's picture: what of the results is drawn as bars, by phase or by owner, and on which pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Literal

from ..planning.roadmap import Scheduled
from ..results import Results
from . import look
from .charts import launch_name, launch_words, phases_of
from .gantt_drawing import draw
from .gantt_layout import PHONE, WIDE, Group, Picture, Row, Window, pages
from .report_blocks import words

HOLDS = 0.5  # drawn dark: a delay of it delays the launch in half of the simulated plans
By = Literal["phase", "owner"]


def picture_of(results: Results, by: By = "phase") -> Picture:
    """Return what the results' roadmap looks like, by phase or by owner."""
    plan, say = results.roadmap, words()["gantt"]
    groups = tuple(_groups(results, by))
    opening = tuple(_openings(results))
    if opening:
        groups = (Group(say["openings"], opening), *groups)
    windows = tuple(Window(w.title, w.first, w.last) for w in plan.windows)
    launch = (plan.launch.planned, plan.launch.p50, plan.launch.p80) if plan.launch else ()
    days = [d for g in groups for r in g.rows for d in r.days()]
    spoken = say["spoken"].format(count=len(plan.activities), start=look.day(plan.start), launch=launch_words(results))
    return Picture(
        groups=groups,
        first=min([plan.start, *days]),
        last=max([plan.start + timedelta(days=30), *launch, *days]),
        question=say["question"],
        says=launch_words(results),
        spoken=spoken + "".join(f" {_spoken_group(g)}" for g in groups if any(r.bar and r.start for r in g.rows)),
        words=say,
        launch=launch,
        launch_name=launch_name(results),
        today=plan.today,
        windows=windows,
    )


def _spoken_group(group: Group) -> str:
    starts, ends = [r.start for r in group.rows if r.start], [r.end for r in group.rows if r.end]
    first, last = look.day(min(starts)), look.day(max(ends))
    return str(words()["gantt"]["spoken_group"].format(title=group.title, first=first, last=last, count=len(starts)))


def _openings(results: Results) -> Iterator[Row]:
    """Yield a row for each step of the opening, and for each payer whose money arrives in parts."""
    plan, say = results.roadmap, words()["gantt"]
    for stage in plan.stages:
        yield Row("", stage.title, stage.planned, stage.planned, stage.p80, bar=False, mark="opening")
    if plan.launch and not plan.stages:
        day = plan.launch.planned
        yield Row("", launch_name(results), day, day, plan.launch.p80, bar=False, mark="opening")
    for purse in plan.purses:
        if purse.over is not None:
            days = [p.day for before, p in zip((None, *purse.curve), purse.curve, strict=False) if _more(before, p)]
            yield Row("", say["money"].format(payer=purse.payer.replace("_", " ")), ticks=tuple(days))


def _more(before: object, now: object) -> bool:
    released = getattr(before, "released", 0.0)
    return bool(getattr(now, "released", 0.0) > released)


def _groups(results: Results, by: By) -> Iterator[Group]:
    if by == "phase":
        for phase, activities in phases_of(results.roadmap, results.phase_titles):
            yield Group(results.phase_titles[phase], tuple(_row(results, a) for a in activities))
        return
    owners: dict[str, list[Scheduled]] = {}
    for a in results.roadmap.activities:
        owners.setdefault(results.instrument.role_title(a.task.owner), []).append(a)
    for owner, activities in owners.items():
        yield Group(owner, tuple(_row(results, a) for a in activities))


def _row(results: Results, a: Scheduled) -> Row:
    plan, task = results.roadmap, a.task
    file = results.instrument.gates_file
    opens = plan.launch is not None and plan.launch.activity == task.id == file.launched_by
    reviews = task.id in file.reviewed_by.values()
    holds = plan.launch is not None and a.critical >= HOLDS
    mark: Literal["", "opening", "review"] = "opening" if opens else "review" if reviews else ""
    return Row(task.id, task.title, a.start, a.end, a.p80, a.state, holds, mark=mark)


def whole(results: Results, by: By = "phase") -> str:
    """Draw the whole roadmap as one wide picture; a file of its own, it carries the notice."""
    return draw(replace(picture_of(results, by), notice=results.facts.notice), WIDE, "gantt")


def figures(results: Results, by: By = "phase") -> list[tuple[str, str, str]]:
    """Return the pages of the roadmap, each with its name, as a wide drawing and as one for a phone."""
    parts = pages(picture_of(results, by))
    found = []
    for n, part in enumerate(parts, 1):
        say = part.words["part"].format(question=part.question, part=n) if len(parts) > 1 else part.question
        name, page = f"gantt-{n}", replace(part, question=say, says=part.says if n == 1 else "")
        found.append((name, draw(page, WIDE, name), draw(page, PHONE, f"{name}-phone")))
    return found
