"""The starter project: passes its own check, fails when it should, and runs nothing that was typed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import EXAMPLES, ROOT


def check(project: Path) -> subprocess.CompletedProcess[str]:
    # -I: as an IT volunteer would run it, with nothing but Python itself; -B leaves no cache in the project.
    return subprocess.run([sys.executable, "-I", "-B", "check.py"], cwd=project, capture_output=True, text=True)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_project_passes_its_own_check(name, built):
    done = check(built[name] / "operator" / "project")
    assert done.returncode == 0, done.stdout
    assert "OK" in done.stdout


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("hotline.toml", "open = false", "open = true", "open"),
        ("hotline.toml", "signal_days = 365", "signal_days = 0", "retention"),
        ("public/index.html", "</main>", '<a href="tel:+100">call</a></main>', "tel"),
    ],
)
def test_the_check_fails_when_something_would_go_live_by_accident(file, old, new, says, built, tmp_path):
    project = tmp_path / "project"
    shutil.copytree(built["ruritania"] / "operator" / "project", project)
    text = (project / file).read_text("utf-8")
    assert old in text
    (project / file).write_text(text.replace(old, new, 1), "utf-8")
    done = check(project)
    assert done.returncode == 1
    assert says in done.stdout.lower()


def test_plain_cookiecutter_gives_a_project_that_passes_too(tmp_path):
    cookiecutter = str(Path(sys.executable).parent / "cookiecutter")
    config = tmp_path / "config.yaml"
    config.write_text(f"replay_dir: {tmp_path}/replay\ncookiecutters_dir: {tmp_path}/templates\n")
    words = [
        cookiecutter,
        "--no-input",
        "--config-file",
        str(config),
        "-o",
        str(tmp_path),
        str(ROOT / "templates" / "hotline"),
    ]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert check(tmp_path / "hotline").returncode == 0


def test_the_project_holds_no_compiled_python_and_no_phone_number(built):
    project = built["ruritania"] / "operator" / "project"
    files = [p for p in project.rglob("*") if p.is_file()]
    assert len(files) > 20
    assert not [p for p in files if p.suffix == ".pyc"]
    assert not [p for p in files if "tel:" in p.read_text("utf-8") and p.name != "check.py"]
