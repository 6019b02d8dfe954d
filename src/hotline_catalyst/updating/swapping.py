"""Changes many files of a project at once: all of them or none, whenever the power goes, and back again on demand."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..archive import digest as digest_of
from ..errors import CatalystError
from . import journal
from .journal import JOURNAL, UNDO, WORK


@dataclass(frozen=True, slots=True)
class Change:
    """One file to change.

    Parameters
    ----------
    old
        Digest of the file as it must be found; None when there must be none.
    new
        The content to write; None to remove the file.
    mode
        Permissions of a file that is new; a file that is replaced keeps its own.
    """

    old: str | None
    new: bytes | None
    mode: int = 0o644


@contextlib.contextmanager
def locked(project: Path) -> Iterator[None]:
    """Keep a second update of the same project out, finish one that was cut off, and sweep up at the end."""
    scaffold = project / ".scaffold"
    if scaffold.is_symlink() or not scaffold.is_dir():
        raise CatalystError(
            f"{project} has no folder .scaffold, so an update has nothing to compare with. "
            "Name the folder of a starter hotline project that `catalyst build` made."
        )
    try:
        with _lock(scaffold):
            recover(project)
            try:
                yield
            finally:
                shutil.rmtree(project / WORK, ignore_errors=True)
    except OSError as error:
        raise CatalystError(
            f"{error.filename or project}: {error.strerror or error}. Nothing was changed; mend that and run it again."
        ) from error


@contextlib.contextmanager
def _lock(scaffold: Path) -> Iterator[None]:
    handle = journal.lock(scaffold)
    if handle is None:
        raise CatalystError(f"Another update of {scaffold.parent} is running. Wait until it is done.")
    try:
        yield
    finally:
        if handle >= 0:
            os.close(handle)


def recover(project: Path) -> bool:
    """Finish an update that was cut off, and drop what one that never began left behind."""
    try:
        finished = _finish(project)
    except (ValueError, KeyError, TypeError) as error:
        raise CatalystError(
            f"{project / JOURNAL}: the journal of an interrupted update cannot be read ({error}). "
            "Put the project back from your last copy."
        ) from None
    shutil.rmtree(project / WORK, ignore_errors=True)
    return finished


def swap(project: Path, changes: Mapping[str, Change], *, undo: bool = True, goes_on: bool = False) -> None:
    """Make every change or none, and keep what is needed to take them back.

    Parameters
    ----------
    undo
        Whether these changes can be taken back.
    goes_on
        Whether they settle what the last update left open: then both are taken back together.

    Raises
    ------
    CatalystError
        When a file is no longer as it was when the change was prepared, or cannot be written; nothing was changed.
    """
    _must_be_as_planned(project, changes)
    work = project / WORK / "journal"
    shutil.rmtree(project / WORK, ignore_errors=True)
    for name in ("new", "old", "earlier"):
        (work / name).mkdir(parents=True)
    steps = [_prepared(project, work, number, path, changes[path]) for number, path in enumerate(sorted(changes), 1)]
    earlier = _taken_along(project, work) if goes_on else []
    shutil.copyfile(journal.__file__, work / "finish.py")
    plan = {"steps": steps, "leave": _leaves(project, changes), "undo": undo, "earlier": earlier}
    _write(work / "plan.json", json.dumps(plan).encode())
    for folder in (work / "new", work / "old", work / "earlier", work):
        journal.sync(folder)
    os.rename(work, project / JOURNAL)
    journal.sync((project / JOURNAL).parent)
    _finish(project)


def _finish(project: Path) -> bool:
    """Finish a journal; where the system refuses a step, put everything back."""
    try:
        return journal.finish(project)
    except OSError as error:
        where = error.filename or project
        if (project / JOURNAL).is_dir():
            journal.roll_back(project)
        raise CatalystError(
            f"{where} cannot be changed: {error.strerror or error}. Every file is as it was; mend that and try again."
        ) from error


def undoing(project: Path) -> dict[str, Change]:
    """Return the changes that take the last update back.

    Raises
    ------
    CatalystError
        When there is nothing to take back, or files were edited since: their new lines would be lost.
    """
    undo = project / UNDO
    if not (undo / "plan.json").is_file():
        raise CatalystError(f"{project}: there is no update to take back.")
    steps = _recorded(undo)
    edited = [path for path, s in steps.items() if journal.digest(project / path) not in (s["new"], s["old"], None)]
    if edited:
        listed = "\n".join(f"  {path}" for path in edited)
        raise CatalystError(
            f"These files were edited since the update, and taking it back would lose the edits:\n{listed}\n"
            "Move them to another place first, then run it again, and copy your edits back by hand."
        )
    changes = {}
    for path, step in steps.items():
        now = journal.digest(project / path)
        old = step["kept"].read_bytes() if step["old"] is not None else None
        if now != step["old"]:
            changes[path] = Change(now, old, step["old_mode"])
    return changes


def _recorded(undo: Path) -> dict[str, dict[str, Any]]:
    """Return by path what an undo has to go by: the latest new text, and the text from before the update began."""
    plan = json.loads((undo / "plan.json").read_text("utf-8"))
    found = {s["path"]: s | {"kept": undo / "old" / str(n)} for n, s in enumerate(plan["steps"], start=1)}
    for number, step in enumerate(plan.get("earlier", []), start=1):
        new = found.get(step["path"], step)["new"]
        found[step["path"]] = step | {"new": new, "kept": undo / "earlier" / str(number)}
    return found


def _taken_along(project: Path, work: Path) -> list[dict[str, Any]]:
    """Put what the last update changed into the journal of the one that goes on with it."""
    if not (project / UNDO / "plan.json").is_file():
        return []
    earlier = []
    for number, step in enumerate(_recorded(project / UNDO).values(), start=1):
        if step["old"] is not None:
            journal.copy(step["kept"], work / "earlier" / str(number))
        earlier.append({key: step[key] for key in ("path", "old", "old_mode", "new")})
    return earlier


def _must_be_as_planned(project: Path, changes: Mapping[str, Change]) -> None:
    for path, change in changes.items():
        target = project / path
        there = journal.digest(target)
        if there != change.old or (there is None and os.path.lexists(target)):
            raise CatalystError(
                f"{path} was changed by somebody while the update was prepared. Nothing was changed; run it again."
            )
        _must_be_writable(project, target.parent)


def _must_be_writable(project: Path, folder: Path) -> None:
    while not folder.exists() and folder != project:
        folder = folder.parent
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise CatalystError(f"{folder}: nothing can be written there. Make the folder writable and run it again.")


def _prepared(project: Path, work: Path, number: int, path: str, change: Change) -> dict[str, Any]:
    """Put the new and the old content of one file into the journal, and return its step."""
    target, mode = project / path, change.mode
    if change.old is not None:
        mode = target.stat().st_mode & 0o7777
        journal.copy(target, work / "old" / str(number))
    if change.new is not None:
        _write(work / "new" / str(number), change.new)
        os.chmod(work / "new" / str(number), mode)
    new = None if change.new is None else digest_of(change.new)
    return {"path": path, "old": change.old, "old_mode": mode, "new": new}


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _leaves(project: Path, changes: Mapping[str, Change]) -> list[str]:
    """Return the folders that removals may leave empty, deepest first."""
    gone = [Path(path) for path, change in changes.items() if change.new is None]
    folders = {parent.as_posix() for path in gone for parent in path.parents if parent != Path(".")}
    return sorted(folders, key=lambda folder: (-folder.count("/"), folder))
