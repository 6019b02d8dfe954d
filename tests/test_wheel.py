"""The wheel works away from the checkout, content and all, and gives the same bytes without any connection."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

from conftest import ROOT
from test_build import NO_NETWORK, outputs

UV = str(Path(sys.executable).parent / "uv")


def test_the_wheel_installs_with_its_bounds_and_builds_the_same_bytes_far_from_the_checkout(tmp_path, built):
    made = subprocess.run(
        [UV, "build", "--wheel", "--no-build-isolation", "--python", sys.executable, "-o", str(tmp_path), str(ROOT)],
        capture_output=True, text=True,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    wheel = next(tmp_path.glob("*.whl"))
    names = zipfile.ZipFile(wheel).namelist()
    assert any(n.endswith("content/assessment/gates.yaml") for n in names)
    assert any("[[cookiecutter.project_slug]]/tasks.py" in n for n in names)
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
    (tmp_path / "guard").mkdir()
    (tmp_path / "guard" / "sitecustomize.py").write_text(NO_NETWORK)
    env |= {"PYTHONPATH": str(tmp_path / "guard"), "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        [str(tools / "bin" / "catalyst"), "demo", "ruritania"], cwd=away, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    out = away / "ruritania" / "build"
    first, second = outputs(built["ruritania"]), outputs(out)
    assert {n: h for n, h in second.items() if first.get(n) != h} == {}
    assert set(first) == set(second)
    assert json.loads((out / "build.json").read_text("utf-8"))["missing"] == []
    generated = list((out / "operator" / "project").rglob("*"))
    assert not [p for p in generated if p.suffix == ".pyc" or p.name == "__pycache__"]
