"""JSON Schemas of the content files, so that an editor completes keys and marks slips while an author types.

They follow from the models that read the files; the models, and the content check, remain the judges.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..library import Content
from .activities import ActivitiesFile, RoadmapContent
from .comparison import ComparisonConstants
from .findings import RecommendationsFile
from .instrument import Domain, GatesFile, InstrumentFile, Scoring
from .lint_subject import FiguresFile, LintFile, SourcesFile, TopicsFile
from .migration import MigrationFile
from .privacy import PrivacyFile
from .programme import ProgrammeFile
from .responses import EvidenceFile, RulingsFile

DRAFT = "https://json-schema.org/draft/2020-12/schema"
MODELS: Mapping[str, type[Content]] = {
    "activities": ActivitiesFile,
    "comparison": ComparisonConstants,
    "domain": Domain,
    "evidence": EvidenceFile,
    "gates": GatesFile,
    "instrument": InstrumentFile,
    "lint": LintFile,
    "migration": MigrationFile,
    "parameters": FiguresFile,
    "privacy": PrivacyFile,
    "programme": ProgrammeFile,
    "recommendations": RecommendationsFile,
    "roadmap": RoadmapContent,
    "rulings": RulingsFile,
    "scoring": Scoring,
    "sources": SourcesFile,
    "topics": TopicsFile,
}
# What a model turns into its long form before it looks, and so does not know by itself.
SHORT_ENTRIES = {("Activity", "after"): {"type": "string", "description": "The id of an activity that ends before."}}
SHORT_KEYS = {("Hours", "every_day"): {"type": "string", "description": "The same hours on all seven days."}}


def schemas(more: Mapping[str, type[Content]] | None = None) -> dict[str, bytes]:
    """Return each schema by the name of its file in assessment/schemas.

    Parameters
    ----------
    more
        Models of other rooms' content (country, engagement, ...) by name.
    """
    models = {**MODELS, **(more or {})}
    return {f"{name}.schema.json": _schema(name, models[name]) for name in sorted(models)}


def _schema(name: str, model: type[Content]) -> bytes:
    found: dict[str, Any] = model.model_json_schema(by_alias=True)
    parts: dict[str, Any] = found.get("$defs", {})
    for (owner, field), short in SHORT_ENTRIES.items():
        if owner in parts:
            entry = parts[owner]["properties"][field]
            entry["items"] = {"anyOf": [short, entry["items"]]}
    for (owner, key), short in SHORT_KEYS.items():
        if owner in parts:
            parts[owner]["properties"][key] = short
    titled = {"$schema": DRAFT, "$id": f"{name}.schema.json", **_one_line(found)}
    return (json.dumps(titled, ensure_ascii=False, indent=1) + "\n").encode()


def _one_line(node: Any) -> Any:
    """Return a schema with each description as one line, and without the titles that only repeat a key."""
    if isinstance(node, list):
        return [_one_line(child) for child in node]
    if not isinstance(node, dict):
        return node
    properties = {key: _one_line(child) for key, child in node.get("properties", {}).items()}
    rest = {
        k: _one_line(v) for k, v in node.items() if k not in ("properties", "title") or not isinstance(v, dict | str)
    }
    if isinstance(rest.get("description"), str):
        rest["description"] = " ".join(rest["description"].split())
    return {**rest, "properties": properties} if properties else rest
