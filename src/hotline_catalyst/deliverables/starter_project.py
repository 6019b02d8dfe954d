"""The starter hotline project: cookiecutter over templates/hotline, then the project's own tools over what it made."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..archive import write_bytes
from ..results import Results
from .starter_answers import Answers, answers_of
from .starter_baseline import write_baseline
from .starter_manifest import kept, owners, template, tool

SLUG = "project"


@dataclass(frozen=True)
class Baked:
    """A starter project before it is written.

    Parameters
    ----------
    files
        Content by path relative to the project.
    owners
        Owner class by path: managed, seeded, generated or local.
    answers
        What it was made from.
    version
        Of the template.
    """

    files: Mapping[str, bytes]
    owners: Mapping[str, str]
    answers: Mapping[str, Any]
    version: str


def write(results: Results, folder: Path) -> list[Path]:
    """Write operator/project: a folder that a new hotline can check, build, grow from and update."""
    target = folder / "operator" / "project"
    baked = bake(answers_of(results))
    shutil.rmtree(target, ignore_errors=True)
    written = [write_bytes(target / path, content) for path, content in baked.files.items()]
    return written + write_baseline(target, baked.files, baked.owners, baked.answers, baked.version, SLUG)


def bake(answers: Answers, slug: str = SLUG) -> Baked:
    """Return the project that these answers give; the same answers always give the same bytes.

    Nothing is read from or written to the user's home, and no code of the template runs while it is rendered.
    """
    core = tool("core")
    with tempfile.TemporaryDirectory() as private:
        made = _rendered(answers, slug, Path(private))
        manifest = core.load_manifest(made)
        facts = core.load_facts(made)
        paths = sorted(path.relative_to(made).as_posix() for path in made.rglob("*") if _is_content(path))
        keep = kept(paths, manifest, core.chosen(facts))
        for path in set(paths) - set(keep):
            (made / path).unlink()
        files = {path: (made / path).read_bytes() for path in keep} | core.build_all(made, facts)
    files = dict(sorted(files.items()))
    return Baked(files, owners(files, manifest), answers.values(), facts["project"]["version"])


def _rendered(answers: Answers, slug: str, private: Path) -> Path:
    from cookiecutter.main import cookiecutter

    # Cookiecutter would otherwise read and write dotfiles in the user's home.
    config = private / "config.yaml"
    places = {"cookiecutters_dir": str(private / "templates"), "replay_dir": str(private / "replay")}
    config.write_text(json.dumps(places), "utf-8")
    made = cookiecutter(
        str(template()),
        no_input=True,
        accept_hooks=False,
        output_dir=str(private / "out"),
        config_file=str(config),
        # A name that starts with one underscore is passed raw: no text of ours or theirs is rendered as a template.
        extra_context={"project_slug": slug, "_hotline": answers.values()},
    )
    return Path(made)


def _is_content(path: Path) -> bool:
    """Say whether a rendered file is meant: installers and linters leave caches in a template."""
    return path.is_file() and not any(part.rstrip("_").endswith("cache") for part in path.parts)
