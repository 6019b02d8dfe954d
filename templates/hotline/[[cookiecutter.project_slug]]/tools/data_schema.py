"""Signals and cases as JSON Schema 2020-12, so that any system can be compared with what this hotline decided.

A signal is not a case: most signals never become one, a case has many signals, and several advocates work on it.
What is not decided is not allowed: a record with a name in it is not valid while names are off.
"""

from __future__ import annotations

from typing import Any

from . import core
from .forms_read import Forms
from .forms_records import MISSING, Condition, Field, Form

DIALECT = "https://json-schema.org/draft/2020-12/schema"
NUMBER = {"type": "string", "pattern": "^(?!.*[0-9]{8})[A-Z0-9-]{4,20}$"}
# The patterns hold in programs that take "format" for a remark only.
DATE = r"\d{4}-\d{2}-\d{2}"
DAY = {"type": "string", "format": "date", "pattern": f"^{DATE}$"}
MOMENT = {
    "type": "string",
    "format": "date-time",
    "pattern": rf"^{DATE}T\d{{2}}:\d{{2}}(:\d{{2}}(\.\d+)?)?(Z|[+-]\d{{2}}:\d{{2}})$",
}
ROLE = {"type": "string", "maxLength": 60, "description": "A role or a staff number, never a name."}
SHORT = {"type": "string", "maxLength": 200}
LONG = {"type": "string", "maxLength": 4000}
PARTS = ("persons", "actors", "events", "comments", "support_plans")
PURPOSES = ("note", "refer", "report", "contact_back", "statistics", "research")
ANSWERS = ("yes", "no", "withdrawn", *MISSING)
SHAPES: dict[str, Any] = {
    "text": SHORT,
    "long": LONG,
    "date": DAY,
    "number": {"type": "number"},
    "checkbox": {"type": "boolean"},
    "role": ROLE,
    "organisation": {"type": "string", "maxLength": 60, "description": "Number of an organisation in the directory."},
    "language": {"type": "string", "pattern": "^[a-z]{3}(-[A-Z]{2})?$", "description": "ISO 639-2."},
    "country": {"type": "string", "pattern": "^[A-Z]{2}$", "description": "ISO 3166, two letters."},
    "countries": {"type": "array", "uniqueItems": True, "items": {"type": "string", "pattern": "^[A-Z]{2}$"}},
}


def signal_schema(forms: Forms, intake: Form) -> core.Table:
    """Return the schema of one signal: what the intake form asks, and the case it belongs to, if any."""
    asked = {name: one for name, one in forms.questions(intake).items() if one.kind != "note"}
    properties = {name: _question(forms, intake, one) for name, one in asked.items()}
    rules = [rule for one in asked.values() if (rule := _rule(asked, one))]
    always = [name for name, one in asked.items() if one.required and not _conditions(asked, one)]
    return {
        "$schema": DIALECT,
        "$id": "urn:hotline:signal",
        "title": "Signal",
        "description": "Anything that reaches the hotline. It is not a case; case_id says to which one it belongs.",
        "type": "object",
        "properties": properties | {"case_id": NUMBER},
        "required": always,
        "allOf": rules,
        "additionalProperties": False,
        "x-facts": _facts(forms, "retention.signal_days"),
    }


def _facts(forms: Forms, *names: str) -> core.Table:
    return {name: core.fact(forms.facts, name) for name in names if core.fact(forms.facts, name) != ""}


def _question(forms: Forms, form: Form, one: Field) -> core.Table:
    """Return the schema of one question's answer."""
    shape = _answer(forms, form, one)
    title = {"title": core.clean(one.label.in_language("en"))}
    return title | shape | ({"x-htcds": True} if one.id in forms.htcds else {})


def _answer(forms: Forms, form: Form, one: Field) -> core.Table:
    missing = forms.takes_missing(form, one)
    codes = list(forms.lists.get(forms.list_of(one), {}))
    if one.kind == "one":
        return {"enum": codes + (list(MISSING) if missing else [])}
    if one.kind == "many":
        whole: core.Table = {"type": "array", "uniqueItems": True, "minItems": 1, "items": {"enum": codes}}
        alone = {"type": "array", "minItems": 1, "maxItems": 1, "items": {"enum": list(MISSING)}}
        return {"anyOf": [whole, alone]} if missing else whole
    if one.record.get("record_number"):
        return dict(NUMBER)
    count: core.Table = {"type": "integer", "minimum": 0}
    plain: core.Table = {"text": SHORT, "long": LONG, "date": DAY, "moment": MOMENT, "count": count}
    shape = plain.get(one.kind) or {
        "type": "integer", "minimum": one.record.get("least", 0), "maximum": one.record.get("most", 999_999),
    }  # fmt: skip
    return {"anyOf": [shape, {"enum": list(MISSING)}]} if missing else dict(shape)


def _conditions(asked: dict[str, Field], one: Field) -> list[Condition]:
    return [condition for condition in one.when if condition.field in asked]


def _rule(asked: dict[str, Field], one: Field) -> core.Table | None:
    """Return that a question is answered only where it appears, and there if it must be."""
    when = _conditions(asked, one)
    if not when:
        return None
    needs = {"required": [one.id]} if one.required else {}
    return {"if": _holds(asked, when), "then": needs, "else": {"properties": {one.id: False}}}


def _holds(asked: dict[str, Field], when: list[Condition]) -> core.Table:
    tests = [_test(asked[condition.field], condition) for condition in when]
    fields = list(dict.fromkeys(condition.field for condition in when))
    # A question that did not appear itself has no answer, so what depends on it does not appear either.
    return {"required": fields, "allOf": tests}


def _test(one: Field, condition: Condition) -> core.Table:
    codes: core.Table = {"enum": list(condition.codes)}
    test = {"contains": codes} if one.kind == "many" else codes
    return {"properties": {one.id: {"not": test} if condition.negated else test}}


def case_schema(forms: Forms) -> core.Table:
    """Return the schema of one case: our frame, with the fields of HTCDS 2.0 under the standard's own names."""
    parts = {name: _part(forms, name) for name in PARTS}
    return {
        "$schema": DIALECT,
        "$id": "urn:hotline:case",
        "title": "Case",
        "description": "A situation that the hotline follows. Field names with a prefix such as vic_ are those of the "
        "Human Trafficking Case Data Standard 2.0 by IOM (CC BY 4.0); no endorsement is implied.",
        "type": "object",
        "properties": frame() | _fields(forms, "case") | {name: _list(name) for name in PARTS} | _identity(forms),
        "required": ["case_id", "signal_ids", "workers", "opened_on", "cas_Status", "consents"],
        "additionalProperties": False,
        "$defs": {
            "missing": {"enum": list(MISSING), "title": "Why there is no answer"},
            "consent": _consent(),
            "safe_contact": _safe_contact(forms),
            **parts,
        },
        "x-facts": _facts(forms, "retention.signal_days", "law.age_of_majority"),
        "x-local": _local(forms),
        "x-kept-apart": kept_apart(forms),
    }


def frame() -> core.Table:
    """Return our own fields of a case."""
    return {
        "case_id": NUMBER,
        "signal_ids": {"type": "array", "minItems": 1, "uniqueItems": True, "items": NUMBER},
        "workers": {"type": "array", "minItems": 1, "uniqueItems": True, "items": ROLE},
        "opened_on": DAY,
        "last_activity_on": DAY,
        "delete_on": DAY,
        "legal_hold": {
            "type": "object",
            "properties": {"reason": SHORT, "asked_by": ROLE, "ends_on": DAY},
            "required": ["reason", "asked_by", "ends_on"],
            "additionalProperties": False,
        },
        "consents": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/consent"}},
        "safe_contact": {"$ref": "#/$defs/safe_contact"},
    }


def _consent() -> core.Table:
    """Return one answer for one purpose; what was withdrawn stays, with its day."""
    properties = {
        "purpose": {"enum": list(PURPOSES)},
        "answer": {"enum": list(ANSWERS)},
        "to_whom": {"type": "string", "maxLength": 60, "description": "Number of an organisation in the directory."},
        "asked_on": DAY,
        "asked_by": ROLE,
        "withdrawn_on": DAY,
    }
    gone = {"properties": {"answer": {"const": "withdrawn"}}, "required": ["answer"]}
    return {
        "type": "object",
        "properties": properties,
        "required": ["purpose", "answer", "asked_on", "asked_by"],
        "allOf": [{"if": gone, "then": {"required": ["withdrawn_on"]}}],
        "additionalProperties": False,
    }


def _safe_contact(forms: Forms) -> core.Table:
    """Return how a person can be reached safely; leaving no message is the rule."""
    properties = {
        "method": {"enum": [*forms.lists.get("safe_method", {}), *MISSING]},
        "when": SHORT,
        "code_words": SHORT,
        "not_to_say": SHORT,
        "leave_message": {"type": "boolean", "default": False},
    }
    return {"type": "object", "properties": properties, "required": ["method"], "additionalProperties": False}


def _list(name: str) -> core.Table:
    return {"type": "array", "items": {"$ref": f"#/$defs/{name}"}}


def _part(forms: Forms, name: str) -> core.Table:
    """Return one kind of record inside a case."""
    own: core.Table = {"number": {"type": "integer", "minimum": 1}}
    if name == "persons":
        own["age_group"] = {"enum": [*forms.lists.get("age_group", {}), *MISSING]}
    if name == "comments":
        own |= {"written_at": MOMENT, "written_by": ROLE}
    properties = own | _fields(forms, name)
    return {"type": "object", "properties": properties, "required": ["number"], "additionalProperties": False}


def _fields(forms: Forms, record: str) -> core.Table:
    return {name: htcds_shape(forms, name) for name, one in forms.htcds.items() if one.get("record") == record}


def htcds_shape(forms: Forms, name: str) -> core.Table:
    """Return the schema of one field of HTCDS; the first list of codes is exactly the standard's."""
    one = forms.htcds[name]
    head: core.Table = {"title": one["label"]}
    if one.get("status") == "DEPRECATED":
        head["deprecated"] = True
    ours = list(core.table(core.table(forms.codebook, "local"), name))
    missing = {"$ref": "#/$defs/missing"}
    if "values" not in one:
        return head | {"anyOf": [SHAPES[one["kind"]], missing]}
    local = [{"enum": ours, "x-local": True}] if ours else []
    codes: list[core.Table] = [{"enum": list(one["values"])}, *local]
    if one["kind"] == "many":
        items = codes[0] if not ours else {"anyOf": codes}
        codes = [{"type": "array", "uniqueItems": True, "items": items}]
    return head | {"anyOf": [*codes, missing]}


def _identity(forms: Forms) -> core.Table:
    """Return what identifies a person: nothing, until a form asks for it and everything is signed."""
    shapes = {name: htcds_shape(forms, name) for name in identity_on(forms)}
    if not shapes:
        return {}
    return {"identity": {"type": "object", "properties": shapes, "additionalProperties": False}}


def identity_on(forms: Forms) -> list[str]:
    """Return the identity fields of HTCDS that some form asks for."""
    asked = {name for form in forms.forms for name in forms.questions(form)}
    return [name for name, one in forms.htcds.items() if one.get("record") == "identity" and name in asked]


def kept_apart(forms: Forms) -> list[str]:
    """Return the fields of HTCDS that no record of this hotline may hold today."""
    on = identity_on(forms)
    return [name for name, one in forms.htcds.items() if one.get("record") == "identity" and name not in on]


def _local(forms: Forms) -> core.Table:
    """Return our own codes of HTCDS lists with what they become in an export."""
    local = core.table(forms.codebook, "local")
    return {
        name: {code: core.said(words, "export_as") for code, words in codes.items()} for name, codes in local.items()
    }
