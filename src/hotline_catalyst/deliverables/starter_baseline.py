"""What a starter project remembers of its first day, so that an update needs no git, no network and no old template.

The folder .scaffold holds answers.json (what the project was made from), manifest.json (every pristine file: whose it
is, its digest, the template version it came with) and baseline.zip (the pristine files themselves). A generated file
is remembered by its digest alone: the project's own build makes it anew.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..archive import ZIP_DATE, digest, write_bytes
from ..errors import CatalystError

FOLDER = ".scaffold"
ANSWERS = f"{FOLDER}/answers.json"
MANIFEST = f"{FOLDER}/manifest.json"
CONTENTS = f"{FOLDER}/baseline.zip"
MOST_BYTES = 200_000_000
OWNERS = ("managed", "seeded", "generated", "local")


@dataclass(frozen=True, slots=True)
class Entry:
    """One pristine file.

    Parameters
    ----------
    sha256
        Of the content as the toolkit gave it.
    owner
        managed, seeded, generated or local.
    version
        Of the template that gave it.
    """

    sha256: str
    owner: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What the toolkit last gave a project.

    Parameters
    ----------
    version
        Of the template, as of the last update that is settled.
    slug
        The project's folder name on its first day.
    answers
        What it was made from.
    entries
        The pristine files by path.
    contents
        Their content by path; generated files have none.
    decisions
        The yes or no given to each safety change, by its id.
    """

    version: str
    slug: str = "project"
    answers: Mapping[str, Any] = field(default_factory=dict)
    entries: Mapping[str, Entry] = field(default_factory=dict)
    contents: Mapping[str, bytes] = field(default_factory=dict)
    decisions: Mapping[str, str] = field(default_factory=dict)


def first_baseline(
    files: Mapping[str, bytes], owners: Mapping[str, str], answers: Mapping[str, Any], version: str, slug: str
) -> Baseline:
    """Return the baseline of a project on the day it is made."""
    entries = {path: Entry(digest(content), owners.get(path, "local"), version) for path, content in files.items()}
    contents = {path: content for path, content in files.items() if entries[path].owner != "generated"}
    return Baseline(version=version, slug=slug, answers=answers, entries=entries, contents=contents)


def baseline_files(baseline: Baseline) -> dict[str, bytes]:
    """Return the files of .scaffold by their path in the project; the same baseline gives the same bytes."""
    manifest = {
        "note": "Written by the toolkit; catalyst update reads it. Keep this folder with the project.",
        "version": baseline.version,
        "decisions": dict(sorted(baseline.decisions.items())),
        "files": {
            path: {"sha256": entry.sha256, "owner": entry.owner, "version": entry.version}
            for path, entry in sorted(baseline.entries.items())
        },
    }
    return {
        ANSWERS: _json({"slug": baseline.slug, "answers": baseline.answers}),
        MANIFEST: _json(manifest),
        CONTENTS: _zip(baseline.contents),
    }


def write_baseline(
    project: Path,
    files: Mapping[str, bytes],
    owners: Mapping[str, str],
    answers: Mapping[str, Any],
    version: str,
    slug: str = "project",
) -> list[Path]:
    """Write .scaffold beside a project that was just made, and return what was written."""
    made = baseline_files(first_baseline(files, owners, answers, version, slug))
    return [write_bytes(project / path, content) for path, content in made.items()]


def read_baseline(project: Path) -> Baseline:
    """Read .scaffold.

    Raises
    ------
    CatalystError
        When there is none, or it does not hold together.
    """
    try:
        manifest = json.loads((project / MANIFEST).read_text("utf-8"))
        made_from = json.loads((project / ANSWERS).read_text("utf-8"))
        contents = _unzipped((project / CONTENTS).read_bytes())
        entries = {str(p): Entry(e["sha256"], e["owner"], e["version"]) for p, e in manifest["files"].items()}
        decisions = {str(key): str(value) for key, value in manifest["decisions"].items()}
        version, slug, answers = str(manifest["version"]), str(made_from["slug"]), dict(made_from["answers"])
    except FileNotFoundError as reason:
        raise CatalystError(
            f"{reason.filename}: the file is missing, and an update compares with it. Put the folder {FOLDER} back "
            "from your last copy; if there is none, make a new project and copy your own files into it."
        ) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError, zipfile.BadZipFile) as reason:
        raise CatalystError(
            f"{project / FOLDER}: the record of the last update cannot be read ({reason}). "
            f"Put the folder {FOLDER} back from your last copy."
        ) from None
    _must_hold_together(project, entries, contents)
    return Baseline(
        version=version, slug=slug, answers=answers, entries=entries, contents=contents, decisions=decisions
    )


def is_safe(path: str) -> bool:
    """Say whether a path stays inside the project and out of the places that no update writes."""
    parts = path.split("/")
    inside = bool(path) and not path.startswith("/") and not {"", ".", ".."}.intersection(parts)
    return (
        inside and "\\" not in path and "\0" not in path and ":" not in parts[0] and parts[0] not in (FOLDER, "local")
    )


def _must_hold_together(project: Path, entries: Mapping[str, Entry], contents: Mapping[str, bytes]) -> None:
    wrong = [path for path in entries if not is_safe(path) or entries[path].owner not in OWNERS]
    wrong += [
        path for path, content in contents.items() if path not in entries or digest(content) != entries[path].sha256
    ]
    wrong += [path for path, entry in entries.items() if entry.owner != "generated" and path not in contents]
    if wrong:
        raise CatalystError(
            f"{project / FOLDER}: manifest.json and baseline.zip do not agree about {sorted(wrong)[0]}. "
            f"Put the folder {FOLDER} back from your last copy."
        )


def _json(value: object) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _zip(contents: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as target:
        for path in sorted(contents):
            member = zipfile.ZipInfo(path, ZIP_DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            # Unix, whatever system writes it: the same content gives the same bytes everywhere.
            member.create_system = 3
            target.writestr(member, contents[path])
    return out.getvalue()


def _unzipped(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        if sum(member.file_size for member in source.infolist()) > MOST_BYTES:
            raise ValueError("baseline.zip is larger than any project")
        return {member.filename: source.read(member) for member in source.infolist()}
