"""Finishes an update of this project that was cut off: every file as it was before, or every file as it is after.

This file needs Python and nothing else. The toolkit puts a copy of it into .scaffold/journal while it swaps files, so
that a project can finish an interrupted update on a computer that has no toolkit: python3 .scaffold/journal/finish.py

A journal is a folder with plan.json, the new files (new/1, new/2, …) and the old ones (old/1, …). It is complete before
it gets its name, and from that moment the update will happen: each file is put in place by one rename, and whoever
comes after a crash goes on where it stopped. Doing a step twice does no harm.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

JOURNAL = ".scaffold/journal"
UNDO = ".scaffold/undo"
WORK = ".scaffold/work"
BACK = "back"


def finish(project: Path) -> bool:
    """Finish what a journal says, if there is one, and say whether there was."""
    journal = project / JOURNAL
    if not journal.is_dir():
        return False
    plan = read_plan(project)
    if (journal / BACK).exists():
        roll_back(project)
        return True
    for number, step in enumerate(plan["steps"], start=1):
        put(project, journal / "new" / str(number), step)
    for folder in plan["leave"]:
        drop_empty(project / folder)
    for folder in sorted({(project / step["path"]).parent for step in plan["steps"]}):
        if folder.is_dir():
            sync(folder)
    keep(project, plan)
    return True


def read_plan(project: Path) -> dict[str, Any]:
    """Read what a journal means to do; it stays inside the project."""
    plan: dict[str, Any] = json.loads((project / JOURNAL / "plan.json").read_text("utf-8"))
    for path in [step["path"] for step in plan["steps"]] + plan["leave"]:
        if not (project / path).parent.resolve().is_relative_to(project.resolve()):
            raise ValueError(f"{path} is not in this project")
    return plan


def roll_back(project: Path) -> None:
    """Put every file back as it was, after a step that the system refused; a crash in between does no harm either."""
    journal = project / JOURNAL
    steps = read_plan(project)["steps"]
    with (journal / BACK).open("wb") as mark:
        os.fsync(mark.fileno())
    sync(journal)
    for number, step in enumerate(steps, start=1):
        target = project / step["path"]
        if step["old"] is None and step["new"] is not None and digest(target) == step["new"]:
            target.unlink()
        elif step["old"] is not None and digest(target) in (step["new"], None):
            spare = journal / "new" / f"back{number}"
            spare.unlink(missing_ok=True)
            copy(journal / "old" / str(number), spare)
            os.chmod(spare, step["old_mode"])
            target.parent.mkdir(parents=True, exist_ok=True)
            place(spare, target)
    keep(project, {"undo": False})


def put(project: Path, new: Path, step: dict[str, Any]) -> None:
    """Do one step, unless it is done: put a file in place, or take one away."""
    target = project / step["path"]
    if step["new"] is None:
        if digest(target) == step["old"]:
            target.unlink()
        return
    if not new.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if os.path.lexists(target) and digest(target) not in (step["old"], step["new"]):
        # Somebody wrote here after the crash; what they wrote stays, beside the new file.
        os.rename(target, free_name(target))
    place(new, target)


def place(new: Path, target: Path) -> None:
    """Give a finished file its name in one step, also when a part of the project lies on another disk."""
    try:
        os.replace(new, target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        beside = target.with_name(".updating-" + hashlib.sha256(os.fsencode(target.name)).hexdigest()[:16])
        copy(new, beside)
        shutil.copymode(new, beside)
        os.replace(beside, target)
        new.unlink()


def free_name(path: Path) -> Path:
    """Return a name beside a file that nothing has yet: plan.md.yours, then plan.md.yours2."""
    name, number = path.with_name(path.name + ".yours"), 1
    while os.path.lexists(name):
        number += 1
        name = path.with_name(f"{path.name}.yours{number}")
    return name


def keep(project: Path, plan: dict[str, Any]) -> None:
    """Turn the finished journal into the record that an undo needs, or drop it after an undo."""
    journal, undo, work = project / JOURNAL, project / UNDO, project / WORK
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    if undo.exists() and not (journal / BACK).exists():
        os.rename(undo, work / "undo")
    os.rename(journal, undo if plan["undo"] else work / "journal")
    sync(journal.parent)
    shutil.rmtree(work, ignore_errors=True)
    shutil.rmtree(undo / "new", ignore_errors=True)


def copy(source: Path, target: Path) -> None:
    """Copy a file's content so that it is on the disk when this returns."""
    with source.open("rb") as old, target.open("wb") as new:
        shutil.copyfileobj(old, new)
        new.flush()
        os.fsync(new.fileno())


def digest(path: Path) -> str | None:
    """Return the SHA-256 of a file; None when there is none or it is a link."""
    if path.is_symlink() or not path.is_file():
        return None
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def drop_empty(folder: Path) -> None:
    """Remove a folder that an update leaves empty; one with anything in it stays."""
    with contextlib.suppress(OSError):
        folder.rmdir()


def sync(folder: Path) -> None:
    """Make renames inside a folder survive a power cut, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def lock(scaffold: Path) -> int | None:
    """Keep everybody else from changing this project; None when somebody does so now.

    The folder itself is locked, until this program ends or the handle is closed: a lock file would be one more file.
    """
    try:
        import fcntl
    except ImportError:  # Windows has no such lock; there a file that somebody holds open cannot be replaced
        return -1
    handle = os.open(scaffold, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return handle


if __name__ == "__main__":
    here = Path(__file__).resolve().parents[2]
    if lock(here / ".scaffold") is None:
        sys.exit("An update of this project is running. Wait until it is done.")
    if finish(here):
        print("An update that was interrupted is finished.")
