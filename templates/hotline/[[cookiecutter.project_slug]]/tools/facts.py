"""The facts of hotline.toml: how they are read, what is signed, what is open, and which hours are meant."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from .reading import Table, read_json, read_toml

FACTS = "hotline.toml"
SCHEMA = "hotline.schema.json"
CHANNELS = ("phone", "text", "chat", "email", "online_tip")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# What people write where a role is missing. A signature of one of these is none.
NOBODY = (
    "tbd", "tba", "tbc", "todo", "na", "none", "nobody", "noone", "name", "role", "yourname", "yourrole", "unknown",
    "pending", "later", "test", "signature", "signed", "sign", "here", "yes", "true", "tobeconfirmed", "tobedecided",
)  # fmt: skip
FIRST_YEAR = 2000
RIGHT_TO_LEFT = ("ar", "ckb", "dv", "fa", "he", "ps", "sd", "ug", "ur", "yi")


def load_facts(project: Path) -> Table:
    """Read hotline.toml, with every missing key at the default of hotline.schema.json and dates as text.

    Raises
    ------
    FactsError
        When the file is missing or does not parse.
    """
    filled = _filled(read_toml(project, FACTS), read_json(project, SCHEMA))
    return filled if isinstance(filled, dict) else {}


def _filled(value: Any, schema: Table) -> Any:
    """Return the value with the schema's defaults where something is missing."""
    if not isinstance(value, dict):
        return value
    rest = schema.get("additionalProperties")
    known = schema.get("properties", {})
    filled = {
        key: _filled(inner, known.get(key, rest if isinstance(rest, dict) else {})) for key, inner in value.items()
    }
    for key, inner in known.items():
        if key not in filled and ("default" in inner or inner.get("type") == "object"):
            filled[key] = inner.get("default", _filled({}, inner))
    return filled


def table(facts: Table, name: str) -> Table:
    """Return a table of hotline.toml, empty when it is missing or something else."""
    value = facts.get(name)
    return value if isinstance(value, dict) else {}


def fact(facts: Table, name: str) -> Any:
    """Return one fact by its dotted name, for example retention.signal_days; an empty text when there is none."""
    value: Any = facts
    for key in name.split("."):
        value = value.get(key, "") if isinstance(value, dict) else ""
    return value


def said(record: Table, key: str) -> str:
    """Return a typed text without blanks around it; a line of underscores to fill in counts as empty."""
    value = record.get(key, "")
    return "" if value is None else str(value).strip().strip("_").strip()


def role_of(record: Table, key: str) -> str:
    """Return the role that signed; empty for a blank, invisible signs, or a word that only holds the place."""
    given = unicodedata.normalize("NFKC", said(record, key))
    letters = "".join(ch for ch in given.casefold() if ch.isalpha() and "FILLER" not in unicodedata.name(ch, ""))
    return said(record, key) if len(set(letters)) > 1 and letters not in NOBODY else ""


def day_of(value: object) -> date | None:
    """Read a date such as 2027-03-01; None when it is not one, or written in another way."""
    text = str(value).strip()
    try:
        return date.fromisoformat(text) if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text) else None
    except ValueError:
        return None


def is_signed(record: Table, who: str = "signed_by", when: str = "signed_on") -> bool:
    """Say whether a record carries who signed (a role) and a date; the check refuses one that lies in the future."""
    day = day_of(record.get(when, ""))
    return bool(role_of(record, who)) and day is not None and day.year >= FIRST_YEAR


def emergency_number(facts: Table) -> str:
    """Return the emergency number once somebody confirmed it locally, else nothing."""
    public = table(facts, "public")
    number = said(public, "emergency_number")
    signed = is_signed(public, "emergency_confirmed_by", "emergency_confirmed_on")
    return number if signed and any(ch.isdigit() for ch in number) else ""


def why_closed(facts: Table, channel: str) -> list[str]:
    """Return what keeps a channel closed; an empty list only when everything is signed."""
    record = table(facts, "channels").get(channel)
    if not isinstance(record, dict):
        return ["the channel is not in hotline.toml"]
    gates = [g for g in table(facts, "gates").values() if isinstance(g, dict)]
    needs = {
        "open is not true": record.get("open") is True,
        "its gate is not met": said(record, "gate_verdict").lower() == "met",
        "nobody signed its gate with a role and a date": is_signed(record),
        "it has no public contact": bool(said(record, "public_contact")),
        "not every launch gate is met and signed": bool(gates)
        and all(said(g, "verdict").lower() == "met" and is_signed(g) for g in gates),
        "the emergency guidance is not confirmed locally": bool(emergency_number(facts)),
    }
    if channel == "online_tip":
        needs["nobody tested the queue that receives tips"] = is_signed(record, "queue_tested_by", "queue_tested_on")
    return [reason for reason, holds in needs.items() if not holds]


def is_open(facts: Table, channel: str) -> bool:
    """Say whether a channel may be shown to the public: only when everything is signed."""
    return not why_closed(facts, channel)


def open_channels(facts: Table) -> list[str]:
    """Return the channels that may be shown to the public, in the order of hotline.toml."""
    return [channel for channel in table(facts, "channels") if is_open(facts, channel)]


def languages(facts: Table) -> list[tuple[str, Table]]:
    """Return the languages with their records, main language first."""
    return [(code, record) for code, record in table(facts, "languages").items() if isinstance(record, dict)]


def chosen(facts: Table) -> frozenset[str]:
    """Return the names of what this hotline chose; MANIFEST.json uses them under `when`."""
    choices = table(facts, "choices")
    names = {f"channel_{channel}" for channel in table(facts, "channels")}
    names |= {f"language_{code.replace('_', '-').split('-')[0].lower()}" for code, _ in languages(facts)}
    names |= {f"external_{system}" for system in choices.get("external_systems", [])}
    names |= {name for name in ("directory", "statistics", "website") if choices.get(name) is True}
    if any(record.get("direction") == "rtl" for _, record in languages(facts)):
        names.add("languages_rtl")
    if choices.get("telephony") in ("sheet", "asterisk"):
        names.add("telephony")
    if choices.get("telephony") == "asterisk":
        names.add("telephony_asterisk")
    return frozenset(names)


def minutes_of(clock: str) -> int:
    """Turn 18:30 into minutes after midnight; 24:00 is 1440.

    >>> minutes_of("18:30")
    1110
    """
    hour, minute = clock.strip().split(":")
    return int(hour) * 60 + int(minute)


def spans(facts: Table, day: str) -> list[tuple[int, int]]:
    """Return the advertised hours of a day as minutes after midnight, in order."""
    return _spans(table(facts, "hours").get(day))


def uncovered(facts: Table, day: str, wanted: Sequence[tuple[int, int]]) -> str:
    """Return the hours among the wanted ones in which nobody is rostered, such as "13:00-14:00"; empty when all are."""
    covered = _spans(table(table(facts, "staffing"), "covered_hours").get(day))
    bare = _outside(wanted, covered)
    return ", ".join("-".join(f"{minute // 60:02d}:{minute % 60:02d}" for minute in span) for span in bare)


def _outside(wanted: Sequence[tuple[int, int]], covered: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the parts of the wanted spans that no covered span holds."""
    bare = []
    for start, end in wanted:
        for first, last in covered:
            if first <= start < last:
                start = last
            elif start < first < end:
                bare.append((start, first))
                start = last
        if start < end:
            bare.append((start, end))
    return bare


def _spans(listed: object) -> list[tuple[int, int]]:
    pairs = [str(span).split("-") for span in listed] if isinstance(listed, list) else []
    return sorted((minutes_of(pair[0]), minutes_of(pair[1])) for pair in pairs if len(pair) == 2)
