"""Small starter projects for tests of the update: a template then and now, and what the hotline made of it."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from hotline_catalyst.deliverables.starter_baseline import write_baseline
from hotline_catalyst.deliverables.starter_project import Baked
from hotline_catalyst.updating.changes import TemplateChange
from hotline_catalyst.updating.update import Outcome, update

TODAY = date(2026, 3, 1)
OLD, NEW = "1.0.0", "1.1.0"
Text = str | bytes
SOAK = bool(os.environ.get("SOAK"))


def lines(*texts: str) -> str:
    """Return a text of lines."""
    return "".join(f"{text}\n" for text in texts)


TEN = lines(*(f"line {n}" for n in range(10)))
FIRST, LAST = TEN.replace("line 0", "line 0, new"), TEN.replace("line 9", "line 9, mine")


def template(files: Mapping[str, Text], version: str = OLD, **owners: str) -> Baked:
    """Return a render; files are managed unless `owners` says else, by the name of the file without its suffix."""
    found = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    whose = {path: owners.get(Path(path).stem, "managed") for path in found}
    return Baked(found, whose, {"name": "Hotline"}, version)


def made(project: Path, baked: Baked) -> Path:
    """Write a project as on its first day."""
    write(project, dict(baked.files))
    write_baseline(project, baked.files, baked.owners, baked.answers, baked.version)
    return project


def write(project: Path, files: Mapping[str, Text]) -> None:
    """Write files as a person would."""
    for path, text in files.items():
        (project / path).parent.mkdir(parents=True, exist_ok=True)
        (project / path).write_bytes(text.encode() if isinstance(text, str) else text)


def brought(project: Path, baked: Baked, *, changes: list[TemplateChange] | None = None, **more: object) -> Outcome:
    """Update a project to a render."""
    news = [(baked.version, change) for change in changes or []]
    return update(project, today=TODAY, fresh=baked, changes=news, **more)  # type: ignore[arg-type]


def tree(project: Path, *, remembered: bool = True) -> dict[str, tuple[int, bytes]]:
    """Return every file with its permissions and bytes; without .scaffold when that is not asked for."""
    found = {}
    for place, _, names in os.walk(project):
        for name in names:
            path = Path(place) / name
            where = path.relative_to(project).as_posix()
            if path.is_symlink():
                found[where] = (0, os.fsencode(os.readlink(path)))
            elif remembered or not where.startswith(".scaffold/"):
                found[where] = (stat.S_IMODE(path.stat().st_mode), path.read_bytes())
    return found


def content(project: Path) -> dict[str, bytes]:
    """Return the project's own files with their bytes."""
    return {path: value for path, (_, value) in tree(project, remembered=False).items()}


def text(project: Path, path: str) -> str:
    """Return a file of the project."""
    return (project / path).read_text("utf-8")
