"""What must hold in the data model: HTCDS whole, permissions closed, and no field forgotten on the way out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from . import core
from .data_schema import frame
from .forms_read import CODEBOOK, HTCDS, Forms, FormsError
from .forms_records import CHOICES

PERMISSIONS = "data/permissions.toml"
MATRIX = "data/access-matrix.md"
MIGRATION = "data/migration"
COLUMNS = ["record", "field", "to_object", "to_field", "how", "note"]
# What happens to a field on the way out. "apart": it moves only while it is on, to a place of its own.
HOWS = ("copy", "recode", "new field", "apart", "not moved")
RECORDS = ("case", "persons", "actors", "events", "comments", "support_plans", "identity", "directory")
FIELDS, CORE = 83, 40
EVERYTHING = {"*", "all", "any", "everything", "admin", "root"}
# Settings belong to IT, and IT never sees what people told us.
SETTINGS = ("forms_write", "accounts_write")


def problems(forms: Forms, project: Path) -> list[str]:
    """Return every problem as a sentence."""
    return [*_htcds(forms), *_local(forms), *_permissions(project), *_migrations(forms, project)]


def _htcds(forms: Forms) -> Iterator[str]:
    """The standard's fields are all there, each with a place."""
    fields = forms.htcds
    core_fields = [name for name, one in fields.items() if one.get("core") is True]
    if (len(fields), len(core_fields)) != (FIELDS, CORE):
        found = f"it has {len(fields)} fields, {len(core_fields)} of them core"
        yield f"{HTCDS}: {found}; HTCDS 2.0 has {FIELDS} and {CORE}: put the file back from your last copy."
    for name, one in fields.items():
        if one.get("record") not in RECORDS:
            yield f"{HTCDS}, {core.clean(name)}: its record is not known; write one of {', '.join(RECORDS)}."
    for form in forms.forms:
        for one in form.fields:
            standard = fields.get(one.id)
            if standard and standard.get("record") == "identity" and one.tier != "identity":
                yield f'{form.where}, {one.id}: it identifies a person; write tier = "identity".'
            if standard and "values" in standard and one.kind not in CHOICES:
                yield f"{form.where}, {one.id}: the standard has a list for it; ask it as one or many."


def _local(forms: Forms) -> Iterator[str]:
    """Our own codes belong to a list of the standard, and say what they become there."""
    for name, codes in core.table(forms.codebook, "local").items():
        values = forms.htcds.get(name, {}).get("values", [])
        if not values:
            yield f"{CODEBOOK}, local, {core.clean(name)}: HTCDS has no list of this name; correct it."
        for code, words in codes.items():
            if values and core.said(words, "export_as") not in values:
                what = "export_as is not a code of the standard"
                yield f"{CODEBOOK}, local, {core.clean(code)}: {what}; write one of {', '.join(values)}."


def _permissions(project: Path) -> Iterator[str]:
    """Closed by default: only known actions, no word for everything, two people where two are needed."""
    given = core.read_toml(project, PERMISSIONS, FormsError)
    actions, roles = core.table(given, "actions"), core.table(given, "roles")
    for name, one in actions.items():
        if not isinstance(one, dict) or not isinstance(one.get("content"), bool):
            yield f"{PERMISSIONS}, {core.clean(name)}: content is missing; write content = true or false."
    for name, role in roles.items():
        may = role.get("may")
        where = f"{PERMISSIONS}, {core.clean(name)}"
        if not isinstance(may, list):
            yield f"{where}: may is not a list; write what the role may do, or [] for nothing."
            continue
        yield from (f"{where}: {line}" for line in _role(name, [str(action) for action in may], actions))
    yield from _same_roles(project, roles)


def _role(name: str, may: list[str], actions: core.Table) -> Iterator[str]:
    for action in may:
        if action.casefold() in EVERYTHING or "*" in action:
            yield f"'{core.clean(action)}' would allow everything; name each action."
        elif action not in actions:
            yield f"'{core.clean(action)}' is not under [actions], so it is not allowed; correct it or take it out."
        second = core.said(core.table(actions, action), "two")
        if second and second in may:
            yield f"one role both does {action} and agrees to it; give {second} to another role."
    shows = [action for action in may if core.table(actions, action).get("content") is True]
    if shows and (name == "it" or set(may) & set(SETTINGS)):
        yield f"a role that changes settings would see what people told us ({', '.join(shows)}); take that out."


def _same_roles(project: Path, roles: core.Table) -> Iterator[str]:
    """The paper and the file name the same roles."""
    try:
        text = (project / MATRIX).read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return
    first = text.split("\n\n## ")[0]
    rows = [line.split("|")[1].strip() for line in first.splitlines() if line.startswith("|")]
    paper = {row for row in rows if row not in ("Role", "") and set(row) - {"-", " ", ":"}}
    titles = {core.said(role, "title") for role in roles.values()}
    for title in sorted(titles - paper):
        yield f"{MATRIX}: the role '{core.clean(title)}' of {PERMISSIONS} is not in the table; add it there or here."
    for title in sorted(paper - titles):
        yield f"{PERMISSIONS}: the role '{core.clean(title)}' of {MATRIX} has no entry; add it with what it may do."


def may(permissions: core.Table, role: str, action: str) -> bool:
    """Say whether a role may do something; whatever is not listed is not allowed."""
    listed = core.table(core.table(permissions, "roles"), role).get("may")
    return isinstance(listed, list) and action in listed and action in core.table(permissions, "actions")


def universe(forms: Forms) -> list[tuple[str, str]]:
    """Return every field that a hotline may want to take along: of signals, of cases, and of what is kept apart."""
    intake = forms.form("intake")
    asked = [one.id for one in intake.fields if one.kind != "note"] if intake else []
    signal = [("signal", name) for name in [*asked, "case_id"] if name not in forms.htcds]
    ours = [("case", name) for name in frame()]
    return signal + ours + [(one["record"], name) for name, one in forms.htcds.items()]


def _migrations(forms: Forms, project: Path) -> Iterator[str]:
    """Each way out that was chosen says of every field where it goes."""
    systems = core.table(forms.facts, "choices").get("external_systems", [])
    for system in systems if isinstance(systems, list) else []:
        where = f"{MIGRATION}/{core.clean(system)}.csv"
        try:
            rows = _rows(project, where)
        except FormsError as reason:
            yield str(reason)
            continue
        yield from _map(where, rows, universe(forms))


def _rows(project: Path, where: str) -> list[dict[str, str]]:
    lines = core.read_rows(project, where, FormsError)
    if not lines or lines[0] != COLUMNS:
        raise FormsError(f"{where} line 1: the columns must be {', '.join(COLUMNS)}; correct them.")
    return [dict(zip(COLUMNS, line, strict=False)) for line in lines[1:] if any(line)]


def _map(where: str, rows: list[dict[str, str]], wanted: list[tuple[str, str]]) -> Iterator[str]:
    seen: set[tuple[str, str]] = set()
    for number, row in enumerate(rows, 2):
        key = (row["record"], row["field"])
        at = f"{where} line {number}, {core.clean(row['field'])}"
        if key in seen:
            yield f"{at}: this field is there twice; keep one line."
        if key not in wanted:
            yield f"{at}: {core.clean(row['record'])} has no such field; take the line out or correct it."
        if row.get("how") not in HOWS:
            yield f"{at}: how is not known; write one of {', '.join(HOWS)}."
        elif row["how"] == "not moved" and not row.get("note"):
            yield f"{at}: it is not moved and nothing says why; write a note."
        elif row["how"] != "not moved" and not (row.get("to_object") and row.get("to_field")):
            yield f"{at}: it does not say where the field goes; write to_object and to_field."
        seen.add(key)
    for record, name in wanted:
        if (record, name) not in seen:
            yield f"{where}: {name} of {record} has no line; add one that says where it goes, or 'not moved' and why."
