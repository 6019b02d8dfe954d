"""The wheel works away from the checkout, content and all."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

from conftest import ROOT

UV = str(Path(sys.executable).parent / "uv")


def test_the_wheel_installs_with_its_bounds_and_builds_an_example_far_from_the_checkout(tmp_path):
    built = subprocess.run(
        [UV, "build", "--wheel", "--no-build-isolation", "--python", sys.executable, "-o", str(tmp_path), str(ROOT)],
        capture_output=True, text=True,
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    wheel = next(tmp_path.glob("*.whl"))
    names = zipfile.ZipFile(wheel).namelist()
    assert any(n.endswith("content/assessment/gates.yaml") for n in names)
    assert any("[[cookiecutter.project_slug]]/check.py" in n for n in names)
    assert not any(n.endswith(".pyc") for n in names)
    tools = tmp_path / "tools"
    env = {**os.environ, "UV_TOOL_DIR": str(tools), "UV_TOOL_BIN_DIR": str(tools / "bin")}
    env.pop("PYTHONPATH", None)
    installed = subprocess.run(
        [UV, "tool", "install", "--python", sys.executable, "--constraints", f"{ROOT}/requirements.lock", str(wheel)],
        capture_output=True, text=True, env=env,
    )  # fmt: skip
    assert installed.returncode == 0, installed.stderr
    away = tmp_path / "away"
    away.mkdir()
    done = subprocess.run(
        [str(tools / "bin" / "catalyst"), "demo", "mauritania"], cwd=away, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    out = away / "mauritania" / "build"
    assert json.loads((out / "build.json").read_text("utf-8"))["missing"] == []
    generated = list((out / "operator" / "project").rglob("*"))
    assert not [p for p in generated if p.suffix == ".pyc" or p.name == "__pycache__"]
