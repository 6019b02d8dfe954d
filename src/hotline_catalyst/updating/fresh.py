"""What this toolkit would give a project today: its first answers, with what the hotline has chosen since."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..deliverables.starter_baseline import read_baseline
from ..errors import CatalystError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from ..deliverables.starter_project import Baked


def fresh_render(project: Path) -> Baked:
    """Return what this toolkit gives today for the answers of a project, with its choices of today."""
    from pydantic import ValidationError

    from ..deliverables.starter_answers import Answers
    from ..deliverables.starter_project import bake

    baseline = read_baseline(project)
    known = {key: value for key, value in baseline.answers.items() if key in Answers.model_fields}
    today = _choices_of_today(project)
    try:
        return bake(Answers.model_validate(known | today), baseline.slug)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        place = "hotline.toml" if str(first["loc"][0]) in today else ".scaffold/answers.json"
        raise CatalystError(f"{place}: {where}: {first['msg']}. Correct it and run it again.") from None


def _choices_of_today(project: Path) -> dict[str, Any]:
    """Return what the hotline has chosen in hotline.toml since: a part, a language or a channel brings its files."""
    from ..deliverables.starter_answers import Channel, Choices, Language
    from ..deliverables.starter_manifest import tool

    core = tool("core")
    try:
        facts = core.load_facts(project)
    except (core.FactsError, OSError, ValueError) as error:
        raise CatalystError(f"{project}: {error} An update needs its choices. Nothing was changed.") from None
    return {
        "choices": _known(core.table(facts, "choices"), Choices),
        "languages": [_known({"code": code, **record}, Language) for code, record in core.languages(facts)],
        "channels": [_known({"id": name, **record}, Channel) for name, record in core.table(facts, "channels").items()],
    }


def _known(record: Mapping[str, Any], model: type[BaseModel]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key in model.model_fields}
