"""The JSON Schemas that editors use: up to date, valid themselves, and true of every content file.

Written anew with: WRITE_SCHEMAS=1 pytest tests/content/test_schemas.py
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from hotline_catalyst.assessment.schemas import schemas
from hotline_catalyst.deliverables import academy, academy_words, site_words, tree_model
from hotline_catalyst.engagement import EngagementFile, OptionsFile
from hotline_catalyst.library import content_root, read_yaml
from hotline_catalyst.plan_file import Scenario
from hotline_catalyst.planning.calendar import Country, WorkingTimeFile
from hotline_catalyst.planning.history_words import HistoryWords
from hotline_catalyst.planning.posts import PostsFile
from hotline_catalyst.planning.reasons import ReasonWords
from hotline_catalyst.planning.rostering.prices import RosterFile
from hotline_catalyst.planning.rostering.staff_file import StaffFile
from hotline_catalyst.planning.rostering.words import WordsFile
from hotline_catalyst.planning.staffing_words import StaffingWords

ASSESSMENT = content_root() / "assessment"
OTHER_ROOMS = {
    "academy_calendar": academy.Calendar,
    "academy_curriculum": academy.Curriculum,
    "academy_quizzes": academy.Quizzes,
    "academy_role_play": academy.RolePlay,
    "academy_sign_off": academy.SignOff,
    "academy_words": academy_words.Words,
    "glossary": site_words.Glossary,
    "resources": site_words.Library,
    "site_words": site_words.Chrome,
    "start_words": site_words.StartWords,
    "tree": tree_model.Tree,
    "tree_settings": tree_model.TreeSettings,
    "country": Country,
    "engagement": EngagementFile,
    "history_words": HistoryWords,
    "launch_options": OptionsFile,
    "posts": PostsFile,
    "roadmap_words": ReasonWords,
    "scenario": Scenario,
    "staff": StaffFile,
    "roster": RosterFile,
    "roster_words": WordsFile,
    "staffing_words": StaffingWords,
    "working_time": WorkingTimeFile,
}
WANTED = schemas(OTHER_ROOMS)
FILES = {
    "activities/*.yaml": "activities",
    "comparison.yaml": "comparison",
    "countries/*.yaml": "country",
    "domains/*.yaml": "domain",
    "examples/*/engagement.yaml": "engagement",
    "examples/*/evidence.yaml": "evidence",
    "examples/*/rulings.yaml": "rulings",
    "examples/*/staff.yaml": "staff",
    "gates.yaml": "gates",
    "history_words.yaml": "history_words",
    "instrument.yaml": "instrument",
    "lint.yaml": "lint",
    "migrations/*.yaml": "migration",
    "parameters/launch_options.yaml": "launch_options",
    "parameters/[!l]*.yaml": "parameters",
    "posts.yaml": "posts",
    "privacy.yaml": "privacy",
    "programme.yaml": "programme",
    "examples/*/scenarios/*.yaml": "scenario",
    "recommendations/*.yaml": "recommendations",
    "roadmap.yaml": "roadmap",
    "roadmap_words.yaml": "roadmap_words",
    "scoring.yaml": "scoring",
    "sources.yaml": "sources",
    "roster.yaml": "roster",
    "roster_words.yaml": "roster_words",
    "staffing_words.yaml": "staffing_words",
    "topics.yaml": "topics",
    "working_time/*.yaml": "working_time",
}
FILES = {f"assessment/{pattern}": name for pattern, name in FILES.items()} | {
    "playbooks/academy/calendar.yaml": "academy_calendar",
    "playbooks/academy/curriculum.yaml": "academy_curriculum",
    "playbooks/academy/quizzes.yaml": "academy_quizzes",
    "playbooks/academy/role_plays/*.yaml": "academy_role_play",
    "playbooks/academy/sign_off.yaml": "academy_sign_off",
    "playbooks/academy/words.yaml": "academy_words",
    "playbooks/en/glossary.yaml": "glossary",
    "playbooks/en/resources.yaml": "resources",
    "playbooks/en/start.yaml": "start_words",
    "playbooks/??/site.yaml": "site_words",
    "playbooks/??/trees/*.yaml": "tree",
    "playbooks/trees/*.yaml": "tree",
    "playbooks/trees.yaml": "tree_settings",
}


def as_json(path: Path) -> Any:
    """Return a YAML file's data as an editor sees it: keys are words."""
    return json.loads(json.dumps(read_yaml(path)))


def slips(name: str, data: Any) -> list[str]:
    found = Draft202012Validator(json.loads(WANTED[f"{name}.schema.json"])).iter_errors(data)
    return [f"{'.'.join(map(str, e.absolute_path))}: {e.message[:200]}" for e in found]


@pytest.mark.parametrize("name", sorted(WANTED))
def test_the_schema_in_the_folder_is_the_one_the_models_give(name):
    path = ASSESSMENT / "schemas" / name
    if os.environ.get("WRITE_SCHEMAS"):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(WANTED[name])
    assert path.read_bytes() == WANTED[name], "write it anew: WRITE_SCHEMAS=1 pytest tests/content/test_schemas.py"


def test_no_schema_lies_in_the_folder_that_no_model_gives():
    assert {p.name for p in (ASSESSMENT / "schemas").iterdir()} == set(WANTED)


@pytest.mark.parametrize("name", sorted(WANTED))
def test_each_schema_is_itself_a_valid_schema_of_the_draft_it_names(name):
    schema = json.loads(WANTED[name])
    assert schema["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("pattern", FILES)
def test_every_content_file_fits_its_schema(pattern):
    paths = sorted(content_root().glob(pattern))
    assert paths, pattern
    assert {p.name: found for p in paths if (found := slips(FILES[pattern], as_json(p)))} == {}


def test_every_content_file_has_a_schema():
    covered = {p for pattern in FILES for p in content_root().glob(pattern)}
    written = {p for room in ("assessment", "playbooks") for p in (content_root() / room).rglob("*.yaml")}
    assert {p for p in written if "locale" not in p.parts} - covered == set()


def test_a_misspelt_key_and_a_wrong_word_are_marked():
    data = as_json(ASSESSMENT / "activities" / "2_foundation.yaml")
    data["activities"][0]["efort_days"] = {}
    data["activities"][1]["payer"] = "bank"
    found = slips("activities", data)
    assert any("'efort_days' was unexpected" in slip for slip in found)
    assert any(slip.startswith("activities.1.payer: 'bank' is not one of") for slip in found)


def test_the_schema_named_in_a_files_first_line_is_its_own():
    """Editors follow the line; a wrong one would mark good content as wrong."""
    named = 0
    for pattern, name in FILES.items():
        for path in content_root().glob(pattern):
            if match := re.match(r"# yaml-language-server: \$schema=(\S+)\n", path.read_text("utf-8")):
                named += 1
                assert (path.parent / match[1]).resolve() == (ASSESSMENT / "schemas" / f"{name}.schema.json").resolve()
    assert named >= 25
