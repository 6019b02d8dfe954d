"""The starter project's own tools, loaded from the template as the bake loads them, and a folder to try them in."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from hotline_catalyst.deliverables.starter_manifest import template, tool

TEMPLATE = template() / "[[cookiecutter.project_slug]]"
part = tool


def facts(**more: Any) -> dict[str, Any]:
    """Return the facts of a small hotline with nothing open; `more` replaces whole tables."""
    plain: dict[str, Any] = {
        "project": {"slug": "hotline", "as_of": "2027-03-01", "timezone": "Africa/Nairobi"},
        "hotline": {"name": "Example hotline", "country": "Ruritania"},
        "choices": {"website": True, "directory": True, "statistics": True},
        "public": {"neutral_exit": "about:blank", "emergency_number": "", "emergency_confirmed_by": ""},
        "channels": {"phone": {"open": False, "public_contact": ""}},
        "gates": {"GL-07": {"verdict": "not shown"}},
        "languages": {"en": {"name": "English", "direction": "ltr"}, "ar": {"name": "Arabic", "direction": "rtl"}},
        "directory": {"stale_days": 180, "revet_months": 12},
        "statistics": {"k": 11, "period": "quarter"},
    }
    return plain | more


def folder_of(target: Path, *names: str) -> Path:
    """Copy folders of the template to a place where a test may change them."""
    for name in names:
        shutil.copytree(TEMPLATE / name, target / name)
    (target / "tools").mkdir()
    shutil.copy(TEMPLATE / "tools/plain_page.css", target / "tools")
    return target


def write_rows(path: Path, rows: Iterable[Mapping[str, object]]) -> None:
    """Write rows under the header that the file has already."""
    header = next(csv.reader(path.read_text("utf-8").splitlines()))
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, header, restval="", lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)
