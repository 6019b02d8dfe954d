"""Runs the field's own validators (ODK, HSDS, Frictionless, Asterisk) in .venv, which it makes the first time."""

from __future__ import annotations

import hashlib
import os
import subprocess
import venv
from pathlib import Path

LOCK = "tools/requirements.txt"
MARK = ".venv/hotline-lock"
RUN = (
    "import sys; sys.dont_write_bytecode = True; sys.path.insert(0, sys.argv[1]); "
    "from pathlib import Path; from tools import full_check; "
    "print('\\n'.join(full_check.inside(Path(sys.argv[1]))), end='')"
)


def run(project: Path) -> list[str]:
    """Return the problems that the real validators find, or a sentence that says why they could not run."""
    missing = install(project)
    if missing:
        return missing
    done = subprocess.run(
        [str(python_of(project)), "-I", "-c", RUN, str(project)],
        cwd=project,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return [f".venv: the validators stopped ({last}); delete the folder .venv and run check --full again."]
    return done.stdout.splitlines()


def inside(project: Path) -> list[str]:
    """Run every part's own validators; this runs in .venv."""
    from .core import FactsError, asked, load_facts, parts

    facts, found = load_facts(project), []
    for part in [part for part in parts(project) if hasattr(part, "full")]:
        try:
            found += asked(part, "full", facts, project)
        except FactsError as reason:
            found.append(str(reason))
    return found


def install(project: Path) -> list[str]:
    """Make .venv with exactly the locked packages; say what to do when that cannot be done."""
    lock = project / LOCK
    if not lock.is_file():
        return [f"{LOCK}: the file is missing; put it back from your last copy of this folder."]
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    mark = project / MARK
    if python_of(project).exists() and mark.is_file() and mark.read_text("utf-8") == wanted:
        return []
    print("Making .venv with the validators. This happens once and needs the internet.", flush=True)
    try:
        venv.create(project / ".venv", with_pip=True, clear=True)
    except (OSError, subprocess.CalledProcessError) as reason:
        do = "on Debian and Ubuntu install the package python3-venv, then run it again"
        return [f".venv: it could not be made ({reason}); {do}."]
    command = [str(python_of(project)), "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*command, "--no-input", "--require-hashes", "-r", str(lock)], capture_output=True, text=True)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        do = "connect this computer to the internet for this one step; `check` without --full works offline"
        return [f".venv: the validators could not be installed ({last}); {do}."]
    mark.write_text(wanted, "utf-8")
    return []


def python_of(project: Path) -> Path:
    """Return the Python of .venv."""
    folder, name = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return project / ".venv" / folder / name
