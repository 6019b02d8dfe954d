"""Starter projects for tests: the template's own answers with changes, baked and written to a folder."""

from __future__ import annotations

import copy
import json
import tomllib
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from hotline_catalyst.deliverables.starter_answers import Answers
from hotline_catalyst.deliverables.starter_manifest import template, tool
from hotline_catalyst.deliverables.starter_project import Baked, bake


def core() -> ModuleType:
    """Return tools/core.py of the template, as the toolkit loads it; `tool("website")` gives a part."""
    return tool("core")


@cache
def _defaults() -> str:
    return json.dumps(json.loads((template() / "cookiecutter.json").read_text("utf-8"))["_hotline"])


def answers(**changes: Any) -> Answers:
    """Return the template's own answers, everything selected, with these changes."""
    return Answers.model_validate(json.loads(_defaults()) | changes)


def baked(**changes: Any) -> Baked:
    """Return a project that was not written."""
    return bake(answers(**changes), "hotline")


def put(project: Baked, folder: Path) -> Path:
    """Write a baked project to a folder."""
    for path, content in project.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    return folder


def change(folder: Path, table: str, **values: Any) -> None:
    """Change facts in a project's hotline.toml: `change(folder, 'channels.phone', open=True)`."""
    facts = tomllib.loads((folder / "hotline.toml").read_text("utf-8"))
    place = facts
    for key in table.split("."):
        place = place.setdefault(key, {})
    place.update(values)
    (folder / "hotline.toml").write_text(as_toml(facts), "utf-8")


def opened(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts with every gate signed and every channel open, on invented contacts."""
    facts = copy.deepcopy(facts)
    signed = {"signed_by": "Director", "signed_on": "2026-01-01"}
    for gate in facts["gates"].values():
        gate |= {"verdict": "met", **signed}
    facts["public"] |= {
        "emergency_number": "111-CANARY", "emergency_confirmed_by": "Director", "emergency_confirmed_on": "2026-01-01",
        "independence_confirmed_by": "Director", "independence_confirmed_on": "2026-01-01",
    }  # fmt: skip
    for name, channel in facts["channels"].items():
        contact = {"phone": "000 111", "text": "000 222", "email": "help@hotline.example"}.get(name, "")
        channel |= {"open": True, "gate_verdict": "met", "public_contact": contact or f"https://hotline.example/{name}"}
        channel |= signed
    if "online_tip" in facts["channels"]:
        facts["channels"]["online_tip"] |= {"queue_tested_by": "Supervisor", "queue_tested_on": "2026-01-01"}
    return facts


def as_toml(facts: dict[str, Any]) -> str:
    """Return facts as TOML."""
    lines: list[str] = []
    _lines(facts, (), lines)
    return "\n".join(lines) + "\n"


def _lines(table: dict[str, Any], at: tuple[str, ...], lines: list[str]) -> None:
    if at:
        lines.append(f"[{'.'.join(json.dumps(key) for key in at)}]")
    for key, value in table.items():
        if not isinstance(value, dict):
            lines.append(f"{json.dumps(key)} = {json.dumps(value, ensure_ascii=False)}")
    for key, value in table.items():
        if isinstance(value, dict):
            _lines(value, (*at, key), lines)
