"""The walk of an update: plan it, ask, try it on a copy, swap it in, and take it back on demand."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..archive import digest
from ..deliverables.starter_baseline import baseline_files
from ..deliverables.starter_manifest import template
from ..errors import CatalystError
from . import reporting
from .changes import Decision, TemplateChange, decision_papers, load_changes, read_decision
from .fresh import fresh_render
from .journal import digest as file_digest
from .planning import plan_update
from .records import PENDING, WRITES, Item, UpdatePlan, Wishes, look
from .swapping import Change, locked, swap, undoing
from .trial import LIST, Trial, built_files, try_out

if TYPE_CHECKING:
    from ..deliverables.starter_project import Baked

OPEN = ".scaffold/pending.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an update did, or would do.

    Parameters
    ----------
    plan
        File by file.
    built
        Generated files that the project's own build changed.
    problems
        What the project's check finds only after the update.
    changes
        Whether there is anything to write.
    changed
        Whether it was written.
    report
        The page to read, if there is something to read.
    """

    plan: UpdatePlan
    built: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    changes: bool = False
    changed: bool = False
    report: Path | None = None

    @property
    def up_to_date(self) -> bool:
        """Whether the project is at the template's version with nothing left to settle."""
        return not self.plan.pending and not self.plan.asked and self.plan.after.version == self.plan.version


def update(
    project: Path,
    *,
    today: date,
    fresh: Baked | None = None,
    changes: Sequence[tuple[str, TemplateChange]] | None = None,
    decide: Sequence[str] = (),
    ask: Callable[[TemplateChange], str] | None = None,
    by: str = "",
    take: Collection[str] = (),
    keep: Collection[str] = (),
    dry_run: bool = False,
    despite: bool = False,
) -> Outcome:
    """Bring a starter project to this toolkit's template, all of it or nothing.

    Parameters
    ----------
    today
        The day that decisions are dated with.
    fresh, changes
        The render to go to and what is new in it; this toolkit's own when not given.
    decide
        Answers to safety changes, each ``ID=yes:reason`` or ``ID=no:reason``.
    ask
        Asks for the answers that are missing and returns each in the same form.
    by
        The role that decides.
    take, keep
        Files that get the template's text, and disputed files that stay as they are.
    dry_run
        Only say what would happen.
    despite
        Go on although the project's check finds new problems after the update.

    Raises
    ------
    CatalystError
        When something must be decided or mended first; then nothing was changed.
    """
    with locked(project):
        if fresh is None:
            fresh = fresh_render(project)
        known = load_changes(template() / "CHANGES.yaml") if changes is None else changes
        wishes = Wishes(take=take, keep={*keep, *_ticked(project, fresh.version, fresh.files)})

        def planned(decisions: Sequence[Decision]) -> UpdatePlan:
            wished = replace(wishes, decisions=decisions)
            return plan_update(
                project, fresh.files, fresh.owners, fresh.version, changes=known, wishes=wished, answers=fresh.answers
            )

        plan = planned(())
        waiting = [change.id for change in plan.asked]
        given = [read_decision(text, waiting, by, today) for text in decide]
        plan = planned(given) if given else plan
        if plan.asked and ask and not dry_run:
            given += [read_decision(ask(change), waiting, by, today) for change in plan.asked]
            plan = planned(given)
        _must_exist(plan, take, keep)
        return apply_update(project, plan, dry_run=dry_run, despite=despite)


def apply_update(project: Path, plan: UpdatePlan, *, dry_run: bool = False, despite: bool = False) -> Outcome:
    """Try a plan on a copy of the project, then carry it out in one step.

    The caller holds the lock; see `update`.
    """
    if plan.asked:
        if dry_run:
            return Outcome(plan=plan)
        raise CatalystError(_asking(plan.asked))
    writes = {item.path: item.write for item in plan.of(WRITES)}
    trial = try_out(project, writes)
    _must_be_unedited(project, plan)
    plan, built = _spared(project, plan, trial)
    problems = tuple(trial.new_problems)
    if problems and not despite and not dry_run:
        raise CatalystError(_finding(problems))
    changes = _changes(project, plan, writes | dict(built))
    page = reporting.folder(plan.version) + "/" + reporting.PAGE
    if changes and not dry_run:
        swap(project, changes, goes_on=_left_open(project).get("version") == plan.version)
    there = (project / page).is_file() if not dry_run else False
    return Outcome(
        plan=plan,
        built=tuple(built),
        problems=problems,
        changes=bool(changes),
        changed=bool(changes) and not dry_run,
        report=project / page if there else None,
    )


def undo(project: Path) -> list[str]:
    """Take the last update back, to the byte, and return the files that went back."""
    with locked(project):
        changes = undoing(project)
        swap(project, changes, undo=False)
        return [path for path in changes if not path.startswith(".scaffold/")]


def _must_exist(plan: UpdatePlan, take: Collection[str], keep: Collection[str]) -> None:
    """A word about a file that the template has never heard of is a slip of the pen."""
    for path in (*take, *keep):
        known = {*plan.before.entries, *plan.after.entries}
        if "*" not in path and path not in known:
            raise CatalystError(f"{path} is no file of the template; write the path as the report shows it.")


def _must_be_unedited(project: Path, plan: UpdatePlan) -> None:
    """The trial takes a while: what somebody wrote in the meantime was not part of the plan."""
    for item in plan.of(WRITES):
        if look(project, item.path).sha256 != item.live.sha256:
            raise CatalystError(
                f"{item.path} was changed by somebody while the update was prepared. Nothing was changed; run it again."
            )


def _spared(project: Path, plan: UpdatePlan, trial: Trial) -> tuple[UpdatePlan, dict[str, bytes | None]]:
    """Leave out what the build would write over the hotline's own words, and keep copies of edited generated files."""
    listed, built, more = built_files(project), dict(trial.built), []
    for path, content in trial.built.items():
        live = look(project, path)
        if live.kind == "missing" or path == LIST:
            continue
        was = plan.before.entries.get(path)
        ours = {listed.get(path), was.sha256 if was and path not in listed else None}
        if live.sha256 is not None and live.sha256 in ours:
            continue
        if path in listed:
            why = "somebody had edited this generated file; change its source instead"
            more.append(Item(path, "rebuilt", None, content, live, why=why))
        else:
            del built[path]
            why = "the build makes a file of this name now; move yours to another name, then run build"
            more.append(Item(path, "name taken", None, content, live, why=why))
    if not more:
        return plan, built
    items = tuple(sorted((*plan.items, *more), key=lambda item: item.path))
    taken = any(item.kind == "name taken" for item in more)
    after = replace(plan.after, version=plan.before.version) if taken else plan.after
    return replace(plan, items=items, after=after), built


def _changes(project: Path, plan: UpdatePlan, writes: Mapping[str, bytes | None]) -> dict[str, Change]:
    """Return every file to change: the project's, what .scaffold remembers, and the papers for people."""
    remembered: dict[str, bytes | None] = dict(baseline_files(plan.after))
    remembered[OPEN] = _open_items(plan)
    recorded = _recorded(project)
    taken = {path.relative_to(project).as_posix() for path in (project / "governance/decisions").glob("*")}
    by_id = {change.id: change for change in plan.changes}
    decided = decision_papers(plan.decisions, by_id, plan.version, taken)
    changes = _real(project, {**remembered, **writes, **decided})
    news = [item for item in plan.items if item.kind != "accepted" and _open_item(item) not in recorded]
    if changes:
        papers = reporting.papers(plan, _checklist(project, plan.version), fresh_report=bool(news))
        changes |= _real(project, papers)
    return changes


def _real(project: Path, writes: Mapping[str, bytes | None]) -> dict[str, Change]:
    """Leave out what is already so."""
    found = {}
    for path, content in writes.items():
        if look(project, path).kind not in ("file", "missing"):
            raise CatalystError(f"{path}: a link or a folder is in the way. Move it away and run it again.")
        old = file_digest(project / path)
        if old != (None if content is None else digest(content)):
            found[path] = Change(old, content)
    return found


def _open_items(plan: UpdatePlan) -> bytes | None:
    if not plan.pending:
        return None
    items = [_open_item(item) for item in plan.pending]
    return (json.dumps({"version": plan.version, "items": items}, ensure_ascii=False, indent=1) + "\n").encode()


def _open_item(item: Item) -> dict[str, Any]:
    ours = None if item.ours is None else digest(item.ours)
    return {"path": item.path, "kind": item.kind, "ours": ours, "why": item.why}


def _recorded(project: Path) -> list[dict[str, Any]]:
    """Return what the last update left open."""
    items = _left_open(project).get("items")
    known = {"path", "kind", "ours"}
    return [i for i in items if isinstance(i, dict) and known <= i.keys()] if isinstance(items, list) else []


def _left_open(project: Path) -> dict[str, Any]:
    try:
        found = json.loads((project / OPEN).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _checklist(project: Path, version: str) -> str:
    try:
        return (project / reporting.folder(version) / reporting.CHECKLIST).read_text("utf-8", "replace")
    except OSError:
        return ""


def _ticked(project: Path, version: str, fresh: Mapping[str, bytes]) -> set[str]:
    """Return the disputed files that somebody signed off or made the merged text, as long as ours is the same."""
    text = _checklist(project, version)
    signed = reporting.ticks(text)
    for path in reporting.half_ticks(text):
        raise CatalystError(
            f"{reporting.folder(version)}/{reporting.CHECKLIST}: {path} is ticked without a role and a date "
            "(YYYY-MM-DD). Write both and run it again."
        )
    place = project / reporting.folder(version)
    found = set()
    for item in _recorded(project):
        path = str(item["path"])
        same = path in fresh and item["ours"] == digest(fresh[path])
        if same and item["kind"] in PENDING and (path in signed or _made_the_merged(project, place, path)):
            found.add(path)
    return found


def _made_the_merged(project: Path, place: Path, path: str) -> bool:
    """Say whether somebody put the merged text in place."""
    merged = file_digest(place / "merged" / path)
    return merged is not None and merged == file_digest(project / path) != file_digest(place / "yours" / path)


def _asking(asked: Sequence[TemplateChange]) -> str:
    lines = [f"{len(asked)} safety change{'s' if len(asked) != 1 else ''} need a yes or no first. Nothing was changed."]
    for change in asked:
        lines += [f"  {change.id}: {' '.join(change.text.split())}", f"    files: {', '.join(change.files) or 'none'}"]
    lines.append(f'Answer with --decide {asked[0].id}=yes:"reason" or --decide {asked[0].id}=no:"reason".')
    return "\n".join(lines)


def _finding(problems: Sequence[str]) -> str:
    listed = "\n".join(f"  {problem}" for problem in problems)
    return (
        f"Nothing was changed: after the update, the project's own check would find\n{listed}\n"
        "Correct these first, or take the update and correct them then: --despite-problems"
    )
