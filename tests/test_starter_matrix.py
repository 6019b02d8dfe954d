"""Starter projects over their choices, hostile names among them; what people type is never more than text."""

from __future__ import annotations

import csv
import html
import io
import itertools
import json
import os
import random
import re
import tomllib
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import starters
from hostile import KINDS
from hypothesis import given
from hypothesis import strategies as st

from hotline_catalyst.deliverables.starter_manifest import tool

EN = {"code": "en", "name": "English", "direction": "ltr"}
AR = {"code": "ar", "name": "Arabic", "direction": "rtl"}
FR = {"code": "fr", "name": "French", "direction": "ltr"}
SWAHILI = {"code": "sw", "name": "Swahili", "direction": "ltr"}
EVERY_DAY = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NAMES = (
    "Hope Line",
    "L\"Espoir' \\ \"\"\" ''' \\u0041\n[gates]\nopen = true",
    "${EXTEN},1;Dial(SIP/evil)&|\r\n[x]\nexten => s,1,System(id)",
    "\u202eمركز ]]> <script>alert(1)</script> {{ 7*7 }} [[ 7*7 ]] [% raise %]",
    "=cmd|' /C calc'!A0 " + "x" * 300,
)
CHANNELS = (("phone",), ("phone", "text"), ("text", "chat", "email", "online_tip"), starters.core().CHANNELS)
# Twelve choices, with the values that a project may differ in.
CHOICES: dict[str, tuple[Any, ...]] = {
    "name": NAMES,
    "languages": ((EN,), (AR,), (EN, FR, AR), (SWAHILI, EN)),
    "channels": CHANNELS,
    "hours": (("00:00", "24:00"), ("08:00", "18:00"), ("18:00", "02:00")),
    "stage": ("new", "existing"),
    "website": (True, False),
    "directory": (True, False),
    "statistics": (True, False),
    "telephony": ("none", "sheet", "asterisk"),
    "external_systems": ((), ("primero",), ("salesforce", "kobo", "generic")),
    "person_term": ("potential victim", "survivor", "person"),
    "suppression_k": (5, 11, 20),
}


def pairwise_rows(choices: dict[str, tuple[Any, ...]], seed: int = 8) -> list[dict[str, int]]:
    """Return rows of value numbers in which every pair of values of two choices occurs (greedy, the same each time)."""
    names, rng = list(choices), random.Random(seed)
    left = {
        (a, i, b, j)
        for a, b in itertools.combinations(names, 2)
        for i in range(len(choices[a]))
        for j in range(len(choices[b]))
    }
    rows = []
    while left:
        tries = [_row(choices, names, left, rng) for _ in range(20)]
        row = max(tries, key=lambda r: len(left & _pairs(r, names)))
        left -= _pairs(row, names)
        rows.append(row)
    return rows


def _row(choices: dict[str, tuple[Any, ...]], names: list[str], left: set[Any], rng: random.Random) -> dict[str, int]:
    a, i, b, j = rng.choice(sorted(left))
    row = {a: i, b: j}
    for name in rng.sample([n for n in names if n not in row], len(names) - 2):
        gain = {
            k: sum(((name, k, o, v) in left) or ((o, v, name, k) in left) for o, v in row.items())
            for k in range(len(choices[name]))
        }
        row[name] = max(gain, key=lambda k: (gain[k], rng.random()))
    return row


def _pairs(row: dict[str, int], names: list[str]) -> set[tuple[str, int, str, int]]:
    return {(a, row[a], b, row[b]) for a, b in itertools.combinations(names, 2)}


ROWS = pairwise_rows(CHOICES)


def answers_for(row: dict[str, int]) -> dict[str, Any]:
    """Return changes of the template's own answers for one row."""
    value = {name: CHOICES[name][number] for name, number in row.items()}
    known = {channel.id: channel.model_dump() for channel in starters.answers().channels}
    opens, closes = value["hours"]
    parts = ("website", "directory", "statistics", "telephony", "external_systems", "person_term")
    return {
        "name": value["name"], "country": value["name"][::-1], "stage": value["stage"],
        "languages": list(value["languages"]), "suppression_k": value["suppression_k"],
        "channels": [known[c] for c in value["channels"]], "choices": {part: value[part] for part in parts},
        "hours": {"text": value["name"], "days": [{"day": d, "open": opens, "close": closes} for d in EVERY_DAY]},
    }  # fmt: skip


def test_the_rows_hold_every_pair_and_are_few():
    names = list(CHOICES)
    found = set().union(*(_pairs(row, names) for row in ROWS))
    wanted = sum(len(CHOICES[a]) * len(CHOICES[b]) for a, b in itertools.combinations(names, 2))
    assert len(found) == wanted
    assert len(ROWS) <= 26


@pytest.mark.parametrize("number", range(len(ROWS)))
def test_every_combination_checks_green(number, tmp_path):
    changes = answers_for(ROWS[number])
    made = starters.baked(**changes)
    project = starters.put(made, tmp_path)
    core = starters.core()
    assert core.check_all(project) == []
    facts = core.load_facts(project)
    assert facts["hotline"]["name"] == core.clean(changes["name"])
    assert not any(channel["open"] for channel in facts["channels"].values())
    assert set(facts["channels"]) == {channel["id"] for channel in changes["channels"]}
    unwanted = {entry["path"] for entry in core.load_manifest(project) if not core.chosen(facts) >= set(entry["when"])}
    assert not unwanted & set(made.files)
    for path, content in made.files.items():
        assert_inert(path, content.decode("utf-8", "replace"))


def assert_inert(path: str, text: str) -> None:
    """No hostile name got any power in this file."""
    assert "49" not in re.findall(r"Line (\d+) ", text)
    if path.endswith((".html", ".svg")):
        assert "<script>alert" not in text
    if path.endswith(".conf"):
        assert not re.search(r"^[^;]*(?:System\(id\)|SIP/evil|\$\{EXTEN\},1;)", text, re.MULTILINE), path
    if path.endswith(".csv"):
        cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "@", "\t")) or re.match(r"[+-]\D", cell)], path
    if path.endswith(".json"):
        json.loads(text)
    if path.endswith(".toml"):
        tomllib.loads(text)


# Typed text, in each place it can end up in

TYPED = st.one_of(st.text(max_size=60), st.sampled_from([text[:400] for kind in KINDS.values() for text in kind]))


@given(TYPED)
def test_toml_text_reads_back_as_the_clean_line(text):
    escape = tool("escape")
    line = escape.clean(text)
    written = f"a = {escape.toml_text(text)}\nb = 1\n"
    assert tomllib.loads(written) == {"a": line, "b": 1}
    assert json.loads(escape.toml_text(text)) == line
    assert len(line) <= 200
    assert "\n" not in line
    assert escape.clean(line) == line


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, Any]] = []
        self.words = ""

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append((tag, attrs))

    def handle_data(self, data: str) -> None:
        self.words += data


@given(TYPED)
def test_html_text_is_only_text(text):
    escape = tool("escape")
    page = Tags()
    page.feed(f'<p title="{escape.html_text(text)}">{escape.html_text(text)}</p>')
    page.close()
    assert page.tags == [("p", [("title", escape.clean(text, 4000))])]
    assert page.words == html.unescape(escape.html_text(text))


@given(TYPED)
def test_dialplan_text_separates_and_expands_nothing(text):
    line = tool("escape").dialplan_text(text)
    assert not set(line) & set(",;${}[]\"'\\|&()=<>@:\n\r\t`^#~%*+")
    assert line == line.strip()


@given(TYPED)
def test_a_csv_cell_is_never_a_formula(text):
    cell = tool("escape").csv_cell(text)
    assert cell[:1] not in tuple("=+-@\t\r＝＋－＠﹢﹣")
    assert "\n" not in cell


@given(TYPED)
def test_markdown_text_makes_no_markup(text):
    import markdown

    line = tool("escape").md_text(text)
    shown = markdown.markdown(f"before {line} after", extensions=["tables"])
    assert re.fullmatch(r"<p>[^<]*</p>", shown), shown
    alone = markdown.markdown(line, extensions=["tables"]) or "<p></p>"
    assert re.fullmatch(r"<p>[^<]*</p>", alone), alone


# The schema of hotline.toml


@cache
def _baked(name: str) -> str:
    return starters.baked().files[name].decode()


def schema_of() -> dict[str, Any]:
    return dict(json.loads(_baked("hotline.schema.json")))


def facts_of() -> dict[str, Any]:
    return tomllib.loads(_baked("hotline.toml"))


def test_the_schema_is_a_json_schema():
    jsonschema.Draft202012Validator.check_schema(schema_of())


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 40), st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.text(max_size=8), st.just("2026-01-01"), st.just("00:00-24:00"), st.lists(st.text(max_size=4), max_size=2),
    st.dictionaries(st.text(max_size=4), st.integers(), max_size=2), st.just("about:blank"), st.just("met"),
)  # fmt: skip


@given(st.randoms(use_true_random=False), VALUES)
def test_our_small_validator_agrees_with_the_real_one(rng, value):
    schema, facts = schema_of(), facts_of()
    place, keys = facts, list(facts)
    while True:
        key = rng.choice(keys)
        if isinstance(place[key], dict) and place[key] and rng.random() < 0.9:
            place, keys = place[key], list(place[key])
            continue
        break
    if rng.random() < 0.2:
        del place[key]
    elif rng.random() < 0.2:
        place["surprise"] = value
    else:
        place[key] = value
    theirs = list(jsonschema.Draft202012Validator(schema).iter_errors(facts))
    # JSON Schema takes 1.0 for a whole number; a person who writes 1.0 days is asked again.
    if any(error.validator == "type" for error in theirs) or not isinstance(value, float):
        assert bool(tool("schema").differences(facts, schema, "f")) == bool(theirs), (key, value, theirs)


@pytest.mark.skipif(not os.environ.get("SOAK"), reason="full counts; run by make soak")
@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_hostile_name_bakes_green(kind, tmp_path):
    for n, text in enumerate(KINDS[kind]):
        name = tool("escape").clean(text) or "x"
        project = starters.put(starters.baked(name=name, country=name), Path(tmp_path, str(n)))
        assert starters.core().check_all(project) == [], text
