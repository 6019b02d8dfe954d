"""Starter projects for tests: the template's own answers with changes, baked and written to a folder."""

from __future__ import annotations

import copy
import json
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from starter_forms import PUBLIC_KEY, sign_forms
from telephones import finish_telephony

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


def tasks(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command of a project's own."""
    # -I: as an IT volunteer would run it, with nothing but Python itself.
    return subprocess.run([sys.executable, "-I", "tasks.py", *words], cwd=project, capture_output=True, text=True)


def fully_open(project: Path) -> None:
    """Sign everything, as a hotline would on its day of opening."""
    tools = core()
    facts = opened(tools.load_facts(project))
    who = {"reviewed_by": "Reader", "reviewed_on": "2026-01-01"}
    confirmed = {"confirmed_by": "Counsel", "confirmed_on": "2026-01-01"}
    for language in facts["languages"].values():
        language |= who
    facts["project"]["timezone"] = "Africa/Nairobi"
    facts["law"] |= {"age_of_majority": 18, "mandatory_reporting": "minors", **confirmed}
    facts["data"] |= {"purpose": "To help.", "consent_approved_by": "Counsel", "consent_approved_on": "2026-01-01"}
    facts["data"]["form_public_key"] = PUBLIC_KEY
    facts["retention"] |= confirmed
    facts["staffing"] |= {"people": 12, "roster": "published"}
    facts["staffing"]["covered_hours"] = {day: ["00:00-24:00"] for day in tools.DAYS}
    (project / "hotline.toml").write_text(as_toml(facts), "utf-8")
    vet_a_directory(project)
    approve_the_site(project)
    sign_forms(project)
    finish_telephony(project, tools.load_facts(project))
    for paper in [*project.rglob("*.md")]:
        text = paper.read_text("utf-8")
        paper.write_text(re.sub("DRAFT: not for live contacts.*", "Reviewed by A. Reader on 2026-01-01", text), "utf-8")


def approve_the_site(project: Path) -> None:
    """Fill the blanks of the page about confidentiality and sign it, in every language."""
    for page in (project / "site/content").glob("*/privacy.md"):
        text = page.read_text("utf-8").replace("____", "a law says so")
        text = text.replace('approved_by = ""', 'approved_by = "Counsel"')
        page.write_text(text.replace('approved_on = ""', 'approved_on = "2026-01-01"'), "utf-8")


def vet_a_directory(project: Path) -> None:
    """Delete the fictional rows, and write what one region can do where no service exists."""
    for table in ("organizations.csv", "services.csv"):
        header = (project / "directory" / table).read_text("utf-8").splitlines()[0]
        (project / "directory" / table).write_text(header + "\n", "utf-8")
    settings = project / "directory/directory.toml"
    text = settings.read_text("utf-8").replace("regions = []", 'regions = ["North"]')
    plans = "".join(f'{kind} = "Two nights in a hotel."\n' for kind in tomllib.loads(text)["essential"])
    settings.write_text(text.replace("\n[plans]\n", f'\n[plans."North"]\n{plans}'), "utf-8")
