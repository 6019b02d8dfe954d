"""The data model: signals and cases as JSON Schema, code lists as a table, and where each HTCDS field went.

The questions come from forms/*.form.toml, the codes from data/codebook.toml, the standard's fields from
data/htcds.toml, who may do what from data/permissions.toml, and the ways out from data/migration/*.csv.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from pathlib import Path

from . import core
from .core import csv_cell, json_bytes
from .data_check import problems
from .data_schema import case_schema, identity_on, signal_schema
from .forms_read import Forms, FormsError, load
from .forms_records import CHOICES

SIGNAL, CASE = "data/signal.schema.json", "data/case.schema.json"


def build(facts: core.Table, project: Path) -> dict[str, bytes]:
    """Return the schemas and tables by their path; nothing when a source cannot be read."""
    try:
        forms = load(facts, project)
    except FormsError:
        return {}
    made = {
        CASE: json_bytes(case_schema(forms)),
        "data/codebook.csv": codebook_csv(forms),
        "data/htcds-map.csv": htcds_csv(forms),
    }
    intake = forms.form("intake")
    return made | ({SIGNAL: json_bytes(signal_schema(forms, intake))} if intake else {})


def check(facts: core.Table, project: Path) -> list[str]:
    """Return what is wrong in the data model, the permissions and the ways out."""
    try:
        forms = load(facts, project)
    except FormsError:
        return []  # the part named forms says so
    try:
        return problems(forms, project)
    except FormsError as reason:
        return [str(reason)]


def full(facts: core.Table, project: Path) -> list[str]:
    """Hold both schemas against the language they are written in; needs the package jsonschema."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    found = []
    for path, content in build(facts, project).items():
        if not path.endswith(".json"):
            continue
        try:
            Draft202012Validator.check_schema(json.loads(content))
        except SchemaError as reason:
            found.append(f"{path}: it is not valid JSON Schema ({core.clean(reason.message)}); correct its source.")
    return found


def codebook_csv(forms: Forms) -> bytes:
    """Return every question and every code with its words in every language."""
    languages = [code for code, _ in core.languages(forms.facts)]
    rows: list[list[object]] = []
    for form in forms.forms:
        for one in form.fields:
            state = "on" if forms.is_asked(one) else "off"
            words = [one.label.in_language(code) for code in languages]
            listed = forms.list_of(one) if one.kind in CHOICES else ""
            required = "yes" if one.required else "no"
            rows.append(["question", form.id, one.id, one.kind, listed, one.tier, state, required, *words])
    for name, codes in forms.lists.items():
        for code, texts in codes.items():
            words = [texts.in_language(at) for at in languages]
            rows.append(["code", "", code, "", name, "", "", "", *words])
    for code, texts in forms.missing.items():
        rows.append(["code", "", code, "", "missing", "", "", "", *(texts.in_language(at) for at in languages)])
    head = ["what", "form", "name", "kind", "list", "tier", "state", "required", *(f"words_{at}" for at in languages)]
    return _table(head, rows)


def htcds_csv(forms: Forms) -> bytes:
    """Return all fields of HTCDS 2.0 with where each one is here, and whether it may be used today."""
    on, rows = set(identity_on(forms)), []
    for name, one in forms.htcds.items():
        where = {"directory": "directory", "identity": "case.identity", "case": "case"}.get(
            one["record"], f"case.{one['record']}"
        )
        ours = one.get("ours") or f"{where}.{name}"
        state = {"directory": "in the directory", "identity": "on" if name in on else "off"}.get(one["record"], "on")
        asked = [f.id for f in forms.forms if any(x.id == name and forms.is_asked(x) for x in f.fields)]
        local = " ".join(core.table(core.table(forms.codebook, "local"), name))
        core_field = "yes" if one["core"] else "no"
        head = [name, one["section"], core_field, one["status"], one["type"], ours, state, " ".join(asked), local]
        rows.append([*head, one.get("note", "")])
    columns = ["htcds_field", "section", "core", "status", "type", "ours", "state", "asked_in", "local_codes", "note"]
    return _table(columns, rows)


def _table(head: list[str], rows: Iterable[Iterable[object]]) -> bytes:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([csv_cell(cell) for cell in row] for row in rows)
    return stream.getvalue().encode()
