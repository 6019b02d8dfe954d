"""What the README promises exists, and what exists is in the README."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import typer.main
from conftest import ROOT, run

from hotline_catalyst import cli

README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = set(typer.main.get_command(cli.app).commands)  # type: ignore[attr-defined]


def test_every_verb_of_the_readme_exists_and_every_verb_stands_in_it():
    assert set(re.findall(r"\.venv/bin/catalyst ([a-z]+)", README)) == COMMANDS


def test_every_make_target_of_the_readme_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    assert set(re.findall(r"\bmake ([a-z]+)\b", README.split("```sh")[1])) <= targets
    assert {"demo", "test", "lint", "bench", "soak", "clean"} <= targets


def test_every_file_the_readme_promises_is_built(built):
    names = set(re.findall(r"`(\w+\.(?:docx|xlsx|json|svg))`", README))
    assert names, "the README names outputs"
    made = {p.name for p in built["ruritania"].rglob("*") if p.is_file()}
    assert names <= made


def test_help_of_every_verb_answers():
    for verb in sorted(COMMANDS):
        done = run(verb, "--help")
        assert done.returncode == 0, verb
        assert "Usage" in done.stdout


def test_the_lock_holds_hashes_and_no_address():
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    pinned = re.findall(r"^([a-z0-9._-]+)==", lock, re.M)
    assert len(pinned) > 50
    assert len(re.findall(r"^[a-z0-9._-]+==.*\\\n    --hash=sha256:", lock, re.M)) == len(pinned)
    assert "http" not in lock


def test_nothing_stands_at_the_top_but_what_the_blueprint_names():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    top = {Path(name).parts[0] for name in tracked if name}
    allowed = {"assessment", "playbooks", "templates", "site", "src", "tests", "README.md", "CONTRIBUTING.md",
               "CHANGELOG.md", "LICENSE", "pyproject.toml", "requirements.lock", "Makefile"}  # fmt: skip
    assert {name for name in top if not name.startswith(".")} <= allowed
