"""Says of each date what binds it: the plan is asked what would break if the activity started a day earlier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from ..library import Content, content_root, read
from .jobs import OWNER, ROLE
from .plan_check import Broken, check
from .problem import Job, Placed, Plan, Problem
from .roadmap import Bound

Span = tuple[int, int]


class Counted(Content):
    """A goal's name and the unit in which it is counted; empty where the count means nothing to a reader."""

    title: str
    unit: str


class ReasonWords(Content):
    """roadmap_words.yaml: what the plan says about a date, a move, an activity left out, and itself."""

    binds: dict[str, str]
    moved: dict[str, str]
    here: dict[str, str]
    left_out: dict[str, str]
    status: dict[str, str]
    goals: dict[str, Counted]
    policy: dict[str, str]
    conflict: dict[str, str]
    units: dict[str, str]
    ways_out: dict[str, str]
    worth: dict[str, str]


@dataclass(frozen=True)
class Names:
    """What the reader calls things: roles, payers, windows, and the reasons given for dates asked for.

    ``windows`` holds, by activity, the windows it avoids with their days (the last excluded); ``wishes`` the reason of
    its pinned date; ``began`` the day on which it began in reality.
    """

    words: ReasonWords
    days: Sequence[date]
    roles: Mapping[str, str] = field(default_factory=dict)
    payers: Mapping[str, str] = field(default_factory=dict)
    windows: Mapping[str, Sequence[tuple[str, Span]]] = field(default_factory=dict)
    began: Mapping[str, date] = field(default_factory=dict)
    wishes: Mapping[str, str] = field(default_factory=dict)
    today: int = 0

    def role(self, resource: str) -> str:
        """Return what a resource is called."""
        role = resource.removeprefix(ROLE).removeprefix(OWNER)
        return self.roles.get(role, role.replace("_", " "))

    def day(self, index: int) -> str:
        """Return a working day as people write it."""
        return written(self.days[max(0, min(index, len(self.days) - 1))])


def written(day: date) -> str:
    """Return a day as people write it.

    >>> written(date(2027, 1, 4))
    '4 Jan 2027'
    """
    return f"{day.day} {day:%b %Y}"


@dataclass(frozen=True)
class Binds:
    """What binds a start: its kind, the ids of what does, and the sentence."""

    kind: Bound
    by: tuple[str, ...]
    say: str


def load_reasons(root: Path | None = None) -> ReasonWords:
    """Read roadmap_words.yaml."""
    return read((root or content_root()) / "assessment" / "roadmap_words.yaml", ReasonWords)


def binds(problem: Problem, plan: Plan, names: Names) -> dict[str, Binds]:
    """Return, for each placed job, what keeps it from starting a day earlier."""
    jobs = {job.id: job for job in problem.jobs}
    return {ident: _binds(problem, plan, jobs[ident], names) for ident in plan}


def _binds(problem: Problem, plan: Plan, job: Job, names: Names) -> Binds:
    start = plan[job.id].start
    if job.begun:
        return _say(names, "reality", (), written(names.began[job.id]) if job.id in names.began else names.day(start))
    if job.fixed is not None:
        return _say(names, "wish", (), names.wishes.get(job.id, names.day(start)))
    holders = _holders(problem, plan, job)
    if holders:
        return _say(names, "link", holders, ", ".join(holders))
    if start == 0:
        return _say(names, "start", (), "")
    if start == job.earliest:
        kind: Bound = "today" if start == names.today else "wish"
        return _say(names, kind, (), names.wishes.get(job.id, names.day(start)))
    span = (start - 1, start - 1 + job.modes[plan[job.id].mode].length)
    return _first_of(against(problem, plan, job.id, start - 1), job, names, span) or _quiet(problem, plan, job, names)


def _quiet(problem: Problem, plan: Plan, job: Job, names: Names) -> Binds:
    kept = problem.previous.get(job.id) == plan[job.id].start
    return _say(names, "previous" if kept else "order", (), "")


def _holders(problem: Problem, plan: Plan, job: Job) -> tuple[str, ...]:
    """Return the predecessors whose end, with the days that must pass, is this job's start."""
    lengths = {j.id: [m.length for m in j.modes] for j in problem.jobs}
    found = []
    for before, days in {**job.behind, **job.after}.items():
        if before in plan:
            placed = plan[before]
            if placed.start + lengths[before][placed.mode] + days == plan[job.id].start:
                found.append(before)
    return tuple(sorted(found))


def against(problem: Problem, plan: Plan, ident: str, day: int) -> list[Broken]:
    """Return the rules that a sound plan would break if one job started on another day."""
    moved = {**plan, ident: Placed(day, plan[ident].mode)}
    return check(problem, moved)


def _first_of(broken: Sequence[Broken], job: Job, names: Names, span: Span) -> Binds | None:
    """Return the sentence for what broke: people before owners, owners before windows, windows before money.

    ``span`` are the days on which the job was tried, the last excluded.
    """
    short = {b.about for b in broken if b.rule == "capacity"}
    roles, owners = (sorted(r for r in short if r.startswith(kind)) for kind in (ROLE, OWNER))
    if roles:
        return _say(names, "people", tuple(roles), " and ".join(names.role(r) for r in roles))
    if owners:
        return _say(names, "owner", tuple(owners), " and ".join(names.role(r) for r in owners))
    rules = {b.rule for b in broken}
    if "closed" in rules:
        first, end = span
        titles = [title for title, (a, b) in names.windows.get(job.id, ()) if a < end and first < b]
        return _say(names, "window", tuple(titles), ", ".join(titles))
    if "money" in rules:
        return _say(names, "money", (job.purse,), names.payers.get(job.purse, job.purse.replace("_", " ")))
    followers = sorted({j for b in broken for j in b.jobs} - {job.id})
    return _say(names, "link", tuple(followers), ", ".join(followers)) if followers else None


def _say(names: Names, kind: Bound, by: tuple[str, ...], filled: str) -> Binds:
    return Binds(kind, by, names.words.binds[kind].format(names=filled.rstrip(".")))


def why_moved(problem: Problem, plan: Plan, ident: str, was: int, names: Names) -> str:
    """Say why a job does not start where the plan before had it."""
    broken = against(problem, plan, ident, was)
    words = names.words.moved
    job = next(j for j in problem.jobs if j.id == ident)
    if broken and (job.fixed is not None or was < job.earliest):
        kind: Bound = "today" if job.fixed is None and job.earliest == names.today else "wish"
        why = _say(names, kind, (), names.wishes.get(ident, names.day(plan[ident].start))).say
        return words["forced"].format(was=names.day(was), why=why)
    if not broken:
        return words["free"].format(was=names.day(was))
    span = (was, was + job.modes[plan[ident].mode].length)
    found = _first_of([b for b in broken if b.rule != "link"], job, names, span)
    holders = sorted({j for b in broken if b.rule == "link" for j in b.jobs} - {ident})
    say = names.words.binds["link"].format(names=", ".join(holders)) if holders or found is None else found.say
    return words["forced"].format(was=names.day(was), why=say)
