"""What every part of this project needs: the facts of hotline.toml, what is open, and safe text.

A part is a module beside this one with two functions, and a third if it has real validators:

    build(facts, project) -> {path: content}    writes nothing, same facts same bytes, never asks the clock
    check(facts, project) -> [sentence, ...]    "where: what; what to do."; an empty list is good
    full(facts, project)  -> [sentence, ...]    only in the .venv that `tasks.py check --full` makes

Parts import each other and this module relatively (`from . import core`). The channels are phone, text, chat,
email and online_tip. A generated file that repeats a fact says which one, so that the check can compare them:

    HTML      <span data-fact="retention.signal_days" data-value="365">365 days</span>
              (data-value may be left out where the text is the value; lists are joined with ", ")
    JSON      {"x-facts": {"retention.signal_days": 365}}
    .conf     ; fact retention.signal_days = 365
    Markdown  `retention.signal_days` = 365
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import tempfile
from fnmatch import fnmatch
from pathlib import Path
from types import ModuleType
from typing import Any

from .escape import clean, contacts_in, csv_cell, dialplan_text, html_text, json_bytes, md_text, toml_text
from .facts import (
    CHANNELS, DAYS, FACTS, RIGHT_TO_LEFT, SCHEMA, chosen, day_of, emergency_number, fact, is_open, is_signed, languages,
    load_facts, minutes_of, open_channels, role_of, said, spans, table, uncovered, why_closed,
)  # fmt: skip
from .reading import FactsError, Table, parse_toml, read_json, read_rows, read_text, read_toml

# What parts import from here, so that they need to know one module only.
__all__ = [
    "CHANNELS", "DAYS", "DRAFT", "FACTS", "PARTS", "RIGHT_TO_LEFT", "SCHEMA", "FactsError", "Table", "asked",
    "build_all", "check_all", "chosen", "clean", "contacts_in", "csv_cell", "day_of", "dialplan_text",
    "emergency_number", "fact", "html_text", "is_open", "is_signed", "json_bytes", "languages", "listed_in",
    "load_facts", "load_manifest", "md_text", "minutes_of", "open_channels", "owner_of", "parse_toml", "parts",
    "read_json", "read_rows", "read_text", "read_toml", "role_of", "said", "spans", "table", "toml_text", "uncovered",
    "unix_bytes", "why_closed", "write_all",
]  # fmt: skip

MANIFEST = "MANIFEST.json"
GENERATED = "GENERATED.json"
OWNERS = ("managed", "seeded", "generated", "local")
PARTS = ("forms", "data_model", "directory", "statistics", "telephony", "website")
DRAFT = "DRAFT: not for live contacts"


def load_manifest(project: Path) -> list[Table]:
    """Return the entries of MANIFEST.json: path, owner, when, for.

    managed: the toolkit's; an update may change it. seeded: yours after the first day. generated: made by
    `tasks.py build`, never edited. local: yours from the start, never written by the toolkit.
    """
    entries: list[Table] = read_json(project, MANIFEST).get("files", [])
    return entries


def owner_of(manifest: list[Table], path: str) -> str:
    """Return who owns a path: its own entry first, then the first pattern that fits; a file nobody listed is local."""
    exact = [entry["owner"] for entry in manifest if entry["path"] == path]
    fits = [entry["owner"] for entry in manifest if "*" in entry["path"] and fnmatch(path, entry["path"])]
    return str((exact + fits + ["local"])[0])


def parts(project: Path) -> list[ModuleType]:
    """Return the parts whose module is in this project's tools folder."""
    there = [name for name in PARTS if (project / "tools" / f"{name}.py").is_file()]
    return [importlib.import_module(f"{__package__}.{name}") for name in there]


def unix_bytes(path: Path) -> bytes:
    """Return a text file without the line ends of Windows, which version control and editors may have put in."""
    return path.read_bytes().replace(b"\r\n", b"\n")


def asked(part: ModuleType, verb: str, facts: Table, project: Path) -> Any:
    """Return what a part's build, check or full gives.

    Raises
    ------
    FactsError
        When its sources are so broken that it stops; the text is for the person who edited them.
    """
    try:
        return getattr(part, verb)(facts, project)
    except Exception as reason:
        if type(reason).__module__.startswith(f"{__package__}."):
            raise FactsError(str(reason)) from reason  # a sentence of ours already
        name = part.__name__.rpartition(".")[2]
        problem = clean(f"{type(reason).__name__}: {reason}")
        do = f"correct what you changed last in the files of {name}, or put back your last copy"
        raise FactsError(f"tools/{name}.py: it stops at what it read ({problem}); {do}.") from reason


def build_all(project: Path, facts: Table | None = None) -> dict[str, bytes]:
    """Return every generated file by its path, the list of them (GENERATED.json) included; write nothing."""
    made, stopped = _made(project, load_facts(project) if facts is None else facts)
    if stopped:
        raise FactsError(stopped[0])
    return made | {GENERATED: _list_of({path: hashlib.sha256(content).hexdigest() for path, content in made.items()})}


def _made(project: Path, facts: Table) -> tuple[dict[str, bytes], list[str]]:
    """Return what each part makes, and a sentence for each part that stops."""
    made: dict[str, bytes] = {}
    gone = [name for name in PARTS if not (project / "tools" / f"{name}.py").is_file()]
    stopped = [f"tools/{name}.py: the file is missing; put it back from your last copy." for name in gone]
    for part in parts(project):
        try:
            made |= asked(part, "build", facts, project)
        except FactsError as reason:
            stopped.append(str(reason))
    return made, stopped


def _list_of(sums: dict[str, str]) -> bytes:
    note = "Made by `python3 tasks.py build` from hotline.toml and the seeded files. Do not edit these files."
    return json_bytes({"note": note, "files": {path: sums[path] for path in sorted(sums)}})


def write_all(project: Path) -> tuple[list[str], list[str], list[str]]:
    """Build and write the generated files; return what changed, and sentences about files left alone and parts stopped.

    A generated file that is no longer made is removed, unless somebody edited it; a file of yours that has the name of
    a new generated one is left alone. A part that stops at a broken source holds up no other, so that a channel can be
    closed at once; its files stay as they were.
    """
    made, stopped = _made(project, load_facts(project))
    before = listed_in(project)
    sums = {path: hashlib.sha256(content).hexdigest() for path, content in made.items()}
    made[GENERATED] = _list_of(before | sums if stopped else sums)
    differ = [path for path in sorted(made) if _read(project / path) != made[path]]
    yours = [p for p in differ if before and p not in (*before, GENERATED) and _read(project / p) is not None]
    changed = [path for path in differ if path not in yours]
    for path in changed:
        write_file(project / path, made[path])
    left = [f"{path}: the build makes a file of this name, and yours lies there; give yours another." for path in yours]
    for path in [] if stopped else sorted(set(before) - set(made)):
        old = _read(project / path)
        if old is not None and hashlib.sha256(old).hexdigest() == before[path]:
            (project / path).unlink()
            changed.append(path)
        elif old is not None:
            left.append(f"{path}: it is no longer made, but somebody edited it; move it to local/ or delete it.")
    return changed, left, stopped


def listed_in(project: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of the last build by its path, as GENERATED.json lists them."""
    try:
        files = json.loads((project / GENERATED).read_text("utf-8"))["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    inside = (path for path in files if not Path(path).is_absolute() and ".." not in Path(path).parts)
    return {path: str(files[path]) for path in inside}


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def write_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def check_all(project: Path) -> list[str]:
    """Return every problem of this project as a sentence; an empty list is good."""
    from . import checks

    return checks.check(project).problems
