"""Carries an update out on a copy first: the project's own tools build and check it before the project is touched."""

from __future__ import annotations

import filecmp
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..errors import CatalystError
from .journal import WORK

LIST = "GENERATED.json"
# What the hotline's own programs keep, and what no update looks at.
SKIPPED = {".venv", ".scaffold", ".git", "local", "__pycache__", "node_modules"}
# Larger files are linked into the copy: no tool of the project writes them, and copying would take minutes.
MOST_COPIED = 20_000_000
PATIENCE_S = 600


@dataclass(frozen=True, slots=True)
class Trial:
    """What the copy was like after the update.

    Parameters
    ----------
    built
        What the project's build changed, by path; None for a file that it no longer makes.
    before, after
        The sentences of the project's own check, before and after.
    """

    built: Mapping[str, bytes | None]
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    @property
    def new_problems(self) -> list[str]:
        """What the check finds only after the update."""
        return [line for line in self.after if line not in self.before]


def built_files(project: Path) -> Mapping[str, str]:
    """Return the digests of the files that the project's build made last, by path."""
    try:
        files = json.loads((project / LIST).read_text("utf-8"))["files"]
        return {str(path): str(sha) for path, sha in files.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def try_out(project: Path, writes: Mapping[str, bytes | None]) -> Trial:
    """Do the writes in a copy of the project, build and check there, and return what came of it.

    Raises
    ------
    CatalystError
        When the tools do not run after the update, or change what they must not.
    """
    if not (project / "tasks.py").is_file() and "tasks.py" not in writes:
        return Trial({})
    copied = project / WORK / "trial"
    shutil.rmtree(copied, ignore_errors=True)
    copy_tree(project, copied)
    for path, content in writes.items():
        _write(copied / path, content)
    ended = _run(copied, "build")
    if ended.returncode:
        raise CatalystError(
            f"Nothing was changed: after the update, the project's own build does not run.\n{_said(ended)}\n"
            "If you edited a file in tools/ or tasks.py, take the template's text of it (--take PATH); "
            "else correct what it says and run it again."
        )
    built = dict(_differences(project, copied, writes))
    _must_be_generated(project, copied, built)
    after = tuple(line.replace(str(copied), str(project)) for line in _checked(_run(copied, "check")))
    return Trial(built, _problems(_run(project, "check")), after)


def _checked(ended: subprocess.CompletedProcess[str]) -> tuple[str, ...]:
    if ended.returncode not in (0, 1) or "Traceback" in ended.stderr:
        raise CatalystError(
            f"Nothing was changed: after the update, the project's own check does not run.\n{_said(ended)}\n"
            "If you edited a file in tools/ or tasks.py, take the template's text of it (--take PATH)."
        )
    return _problems(ended)


def _problems(ended: subprocess.CompletedProcess[str]) -> tuple[str, ...]:
    """Return the check's sentences: all lines but the last, which counts them."""
    return tuple(ended.stdout.splitlines()[:-1]) if ended.returncode == 1 else ()


def _said(ended: subprocess.CompletedProcess[str]) -> str:
    """Return what a program said last, at most ten lines."""
    lines = (ended.stdout + ended.stderr).strip().splitlines()
    return "\n".join(f"  {line}" for line in lines[-10:])


def _run(project: Path, verb: str) -> subprocess.CompletedProcess[str]:
    """Run the project's own tasks.py, apart from this program's packages and settings."""
    environment = {key: os.environ[key] for key in ("PATH", "SYSTEMROOT", "TZ") if key in os.environ}
    command = [sys.executable, "-I", "-B", "-X", "utf8", "tasks.py", verb]
    try:
        return subprocess.run(
            command, cwd=project, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            encoding="utf-8", errors="replace", timeout=PATIENCE_S, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise CatalystError(
            f"Nothing was changed: `python3 tasks.py {verb}` took longer than {PATIENCE_S // 60} minutes. "
            "Run it by itself to see what it waits for."
        ) from None


def copy_tree(source: Path, target: Path) -> None:
    """Copy a project without what no update looks at, and without linked folders: the build would write into them."""
    target.mkdir(parents=True)
    for name in os.listdir(source):
        if name not in SKIPPED:
            _copy(source / name, target / name)


def _copy(source: Path, target: Path) -> None:
    if source.is_symlink():
        if not source.is_dir():
            os.symlink(source.parent.resolve() / os.readlink(source), target)
    elif source.is_dir():
        copy_tree(source, target)
    elif source.is_file() and source.stat().st_size > MOST_COPIED:
        _link(source, target)
    elif source.is_file():
        shutil.copyfile(source, target)


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def _write(path: Path, content: bytes | None) -> None:
    path.unlink(missing_ok=True)
    if content is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _files(folder: Path) -> set[str]:
    found = set()
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in SKIPPED]
        found |= {(Path(place) / name).relative_to(folder).as_posix() for name in names}
    return found


def _differences(project: Path, copied: Path, writes: Mapping[str, bytes | None]) -> Iterator[tuple[str, bytes | None]]:
    """Yield what the build changed beyond the writes of the update."""
    for path in sorted(_files(project) | _files(copied)):
        new = copied / path
        if path in writes:
            if new.is_file() and new.read_bytes() != writes[path]:
                yield path, new.read_bytes()
        elif not os.path.lexists(new):
            # What is no ordinary file was not copied; the build did not remove it.
            if (project / path).is_file() and not (project / path).is_symlink():
                yield path, None
        elif not new.is_symlink() and not _same(project / path, new):
            yield path, new.read_bytes()


def _same(old: Path, new: Path) -> bool:
    if old.is_symlink() or not old.is_file():
        return False
    return old.samefile(new) or filecmp.cmp(old, new, shallow=False)


def _must_be_generated(project: Path, copied: Path, built: Mapping[str, bytes | None]) -> None:
    known = {LIST, *built_files(project), *built_files(copied)}
    wrong = sorted(set(built) - known)
    if wrong:
        raise CatalystError(
            f"Nothing was changed: the project's build changes {wrong[0]}, which it does not list in {LIST}. "
            "Look at tools/: somebody edited it, or the toolkit is wrong."
        )
