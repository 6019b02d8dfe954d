"""What belongs to a starter project: its own tools, loaded from the template folder, and the files a choice keeps."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from ..library import content_root

PROJECT = "[[cookiecutter.project_slug]]"
PACKAGE = "hotline_catalyst_starter_tools"


def template() -> Path:
    """Return the folder of the cookiecutter template."""
    return content_root() / "templates" / "hotline"


@cache
def tool(name: str) -> ModuleType:
    """Return a module of the tools that every starter project carries, so that both sides run the same code.

    Nothing is written beside it: compiled files would become part of the next project.
    """
    wanted, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        if PACKAGE not in sys.modules:
            folder = template() / PROJECT / "tools"
            spec = importlib.util.spec_from_file_location(
                PACKAGE, folder / "__init__.py", submodule_search_locations=[str(folder)]
            )
            assert spec
            assert spec.loader
            sys.modules[PACKAGE] = package = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(package)
        module = importlib.import_module(f"{PACKAGE}.{name}")
        if name == "core":
            module.parts(folder_of_tools())
        return module
    finally:
        sys.dont_write_bytecode = wanted


def folder_of_tools() -> Path:
    """Return the template's project folder, in which the tools lie."""
    return template() / PROJECT


def kept(paths: Iterable[str], manifest: list[dict[str, Any]], chosen: frozenset[str]) -> list[str]:
    """Return the paths that the choices keep; a path without an entry, or with no condition, is kept."""
    needs: Mapping[str, list[str]] = {entry["path"]: entry.get("when", []) for entry in manifest}
    return [path for path in paths if chosen.issuperset(needs.get(path, []))]


def owners(paths: Iterable[str], manifest: list[dict[str, Any]]) -> dict[str, str]:
    """Return who owns each path: managed, seeded, generated or local."""
    core = tool("core")
    return {path: core.owner_of(manifest, path) for path in paths}
