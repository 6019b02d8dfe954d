"""Compares a value with the part of JSON Schema that hotline.schema.json uses; each difference is a sentence."""

from __future__ import annotations

import difflib
import re
from typing import Any

KINDS: dict[str, tuple[type, ...]] = {
    "object": (dict,), "array": (list,), "string": (str,), "boolean": (bool,), "integer": (int,),
    "number": (int, float),
}  # fmt: skip
NAMES = {
    "object": "a table", "array": "a list", "string": "a text in quotes", "boolean": "true or false",
    "integer": "a whole number", "number": "a number",
}  # fmt: skip


def differences(value: Any, schema: dict[str, Any], where: str) -> list[str]:
    """Return how a value differs from its schema."""
    if "anyOf" in schema:
        tried = [differences(value, option, where) for option in schema["anyOf"]]
        return [] if [] in tried else tried[0]
    kind = schema.get("type")
    if kind and (not isinstance(value, KINDS[kind]) or (isinstance(value, bool) and kind != "boolean")):
        return [f"{where}: {_shown(value)} is not {NAMES[kind]}; correct it."]
    return [*_value(value, schema, where), *_inside(value, schema, where)]


def _value(value: Any, schema: dict[str, Any], where: str) -> list[str]:
    found = []
    if "const" in schema and value != schema["const"]:
        found.append(f"{where}: {_shown(value)} is not {_shown(schema['const'])}; correct it.")
    if "enum" in schema and value not in schema["enum"]:
        known = ", ".join(_shown(one) for one in schema["enum"])
        found.append(f"{where}: {_shown(value)} is not one of {known}; write one of them.")
    if isinstance(value, str):
        found += _text(value, schema, where)
    if isinstance(value, int | float) and value < schema.get("minimum", value):
        found.append(f"{where}: {value} is too small; write {schema['minimum']} or more.")
    if isinstance(value, int | float) and value > schema.get("maximum", value):
        found.append(f"{where}: {value} is too large; write {schema['maximum']} or less.")
    return found


def _text(value: str, schema: dict[str, Any], where: str) -> list[str]:
    if len(value) > schema.get("maxLength", len(value)):
        return [f"{where}: the text has {len(value)} characters; shorten it to {schema['maxLength']}."]
    if len(value) < schema.get("minLength", 0):
        return [f"{where}: it is empty; fill it in."]
    # fullmatch: "$" alone would let a line end through.
    if "pattern" in schema and not re.fullmatch(schema["pattern"].removeprefix("^").removesuffix("$"), value):
        return [f"{where}: {_shown(value)} is not written as it must be; {schema.get('description', 'correct it.')}"]
    return []


def _inside(value: Any, schema: dict[str, Any], where: str) -> list[str]:
    if isinstance(value, list) and "items" in schema:
        return [
            line for n, one in enumerate(value, 1) for line in differences(one, schema["items"], f"{where}, entry {n}")
        ]
    if not isinstance(value, dict):
        return []
    known, rest = schema.get("properties", {}), schema.get("additionalProperties", True)
    found = [f"{where}: {key} is missing; write it." for key in schema.get("required", []) if key not in value]
    for key, one in value.items():
        if key in known or isinstance(rest, dict):
            found += differences(one, known.get(key, rest), f"{where}, {key}")
        elif rest is False:
            near = difflib.get_close_matches(key, known, 1)
            do = f"did you mean {near[0]}?" if near else "take it out."
            found.append(f"{where}: {key} is not a word that this file knows; {do}")
    return found


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 60 else text[:57] + "..."
