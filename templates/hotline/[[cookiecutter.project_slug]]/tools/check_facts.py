"""Checks of hotline.toml: nothing opens by accident, and the numbers agree with each other."""

from __future__ import annotations

import re
import zoneinfo
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from . import schema
from .core import (
    CHANNELS,
    DAYS,
    FACTS,
    SCHEMA,
    Table,
    day_of,
    emergency_number,
    fact,
    is_signed,
    read_json,
    said,
    spans,
    table,
    uncovered,
    why_closed,
)  # fmt: skip
from .report import Report

GATES = "launch/gates.md"
PAPER_GATE = re.compile(r"^\|\s*([A-Z]{1,4}-[0-9]{1,3})\s*\|", re.MULTILINE)


def check_shape(project: Path, facts: Table, report: Report) -> bool:
    """Compare hotline.toml with its schema; say whether the rest can be checked."""
    wanted = read_json(project, SCHEMA)
    found = schema.differences(facts, wanted, FACTS)
    report.add(found, len(facts))
    return not found


def check_channels(facts: Table, report: Report) -> None:
    """A channel is closed and silent, or open with everything signed."""
    report.must(bool(facts["channels"]), FACTS, "no channels are listed", "list each channel, with open = false")
    for channel, record in facts["channels"].items():
        where = f"{FACTS}, channel {channel}"
        report.must(channel in CHANNELS, where, "it is not a channel", f"use one of {', '.join(CHANNELS)}")
        if record["open"]:
            for reason in why_closed(facts, channel):
                report.must(False, where, f"it is marked open but {reason}", "set open = false until it is done")
        else:
            silent = not said(record, "public_contact")
            report.must(silent, where, "a public contact is filled in while the channel is closed", "empty it")
            _check_closed(channel, record, where, report)


def _check_closed(channel: str, record: Table, where: str, report: Report) -> None:
    """What a closed channel itself still lacks; its contact is written on the day of opening."""
    met = said(record, "gate_verdict").lower() == "met" and is_signed(record)
    do = 'meet it, then write gate_verdict = "met", signed_by and signed_on'
    report.later(met, where, "its own gate is not met and signed", do)
    if channel == "online_tip":
        tested = is_signed(record, "queue_tested_by", "queue_tested_on")
        do = "send a test tip, see it arrive with the people who answer, write queue_tested_by and queue_tested_on"
        report.later(tested, where, "nobody tested the queue that receives tips", do)


def check_gates(project: Path, facts: Table, report: Report) -> None:
    """Launch gates are on paper too, and all are met and signed before opening."""
    report.add(lost_gates(project, facts))
    paper_file = project / GATES
    paper = paper_file.read_text("utf-8", "replace") if paper_file.is_file() else ""
    report.must(bool(facts["gates"]), FACTS, "no launch gates are listed", "put them back from launch/gates.md")
    for key, gate in facts["gates"].items():
        where = f"{FACTS}, gate {key}"
        report.must(key in paper, where, "the gate is not in launch/gates.md", "add it to the paper list")
        early = bool(said(gate, "signed_by")) and gate.get("verdict") != "met"
        report.must(not early, where, "it is signed but its verdict is not 'met'", "remove the signature or meet it")
    left = [key for key, gate in facts["gates"].items() if gate.get("verdict") != "met" or not is_signed(gate)]
    what = f"{len(left)} of {len(facts['gates'])} launch gates are not met and signed ({', '.join(left)})"
    do = "meet and sign each one, then copy role and date into hotline.toml"
    report.before_opening(not left, "launch/gates.md", what, do)


def lost_gates(project: Path, facts: Table) -> list[str]:
    """Return a sentence for each gate that stands on the paper and is gone from hotline.toml."""
    file = project / GATES
    listed = PAPER_GATE.findall(file.read_text("utf-8", "replace")) if file.is_file() else []
    do = "put it back, with its verdict"
    return [f"{FACTS}, gates: {key} is in {GATES} but not here; {do}." for key in listed if key not in facts["gates"]]


def in_future(facts: Table, today: date) -> list[str]:
    """Return a sentence for each signature of a day that has not come."""
    days = [(where, key, day_of(value)) for where, record in _records(facts, FACTS) for key, value in record.items()]
    late = [(where, key) for where, key, day in days if key.endswith("_on") and day and day > today]
    return [f"{where}: {key} lies in the future; write the day of signing." for where, key in late]


def check_signatures(facts: Table, report: Report, today: date) -> None:
    """No signature is dated in the future, and none is half a signature: x_by goes with x_on."""
    report.add(in_future(facts, today))
    for where, record in _records(facts, FACTS):
        for who in [key for key in record if key.endswith("_by")]:
            when = who.removesuffix("_by") + "_on"
            good = is_signed(record, who, when) or not (said(record, who) or said(record, when))
            do = "write a role and a date such as 2027-03-01, or empty both"
            report.must(good, where, f"{who} and {when} belong together", do)


def _records(value: Any, where: str) -> list[tuple[str, Table]]:
    if not isinstance(value, dict):
        return []
    inner = [found for key, one in value.items() for found in _records(one, f"{where}, {key}")]
    return [(where, value), *inner]


def check_hours(facts: Table, report: Report) -> None:
    """Spans of a day end after they start, do not overlap, and lie inside what the roster covers."""
    bare: dict[str, list[str]] = {}
    for day in DAYS:
        where = f"{FACTS}, hours.{day}"
        listed = spans(facts, day)
        report.must(all(a < b for a, b in listed), where, "a span ends before it starts", "cut a night at midnight")
        apart = all(first[1] <= second[0] for first, second in pairwise(listed))
        report.must(apart, where, "two spans overlap", "make them one span")
        missing = uncovered(facts, day, listed)
        if missing:
            bare.setdefault(missing, []).append(day)
    _check_cover(facts, bare, report)


def _check_cover(facts: Table, bare: dict[str, list[str]], report: Report) -> None:
    """Advertised hours lie inside the hours of a published roster."""
    for missing, days in bare.items():
        do = "advertise fewer hours, or roster people and write the hours under [staffing.covered_hours]"
        what = f"{missing} would be advertised on {', '.join(days)} but nobody is rostered"
        report.before_opening(False, f"{FACTS}, hours", what, do)
    anything = any(spans(facts, day) for day in DAYS)
    report.before_opening(anything, f"{FACTS}, hours", "no hours are written", "write the hours you can staff")
    signed = fact(facts, "staffing.roster") == "published"
    do = 'sign and publish the roster, then write roster = "published"'
    report.before_opening(signed, f"{FACTS}, staffing.roster", "no published roster covers the hours", do)


def check_staffing(facts: Table, report: Report) -> None:
    """The shift numbers agree with each other and nobody works a night alone by accident."""
    staffing = facts["staffing"]
    for key in ("minimum_on_shift", "peak_on_shift", "night_on_shift", "people"):
        known = staffing[key] != "" and (staffing[key] > 0 or key == "night_on_shift")
        do = "take it from the staffing model"
        report.before_opening(known, f"{FACTS}, staffing.{key}", "the number is not known", do)
    least, peak = staffing["minimum_on_shift"], staffing["peak_on_shift"]
    agree = "" in (least, peak) or peak >= least
    report.must(agree, f"{FACTS}, staffing", "the peak is below the minimum", "correct one of them")
    do = "plan two, or write the measures for lone work and sign them in launch/gates.md"
    report.before_opening(staffing["night_on_shift"] != 1, f"{FACTS}, staffing", "one person alone at night", do)


def check_languages(facts: Table, report: Report) -> None:
    """Every language was read by a person who reads it well."""
    report.must(bool(facts["languages"]), FACTS, "no languages are listed", "list at least one language")
    for code, language in facts["languages"].items():
        good = is_signed(language, "reviewed_by", "reviewed_on")
        what = "nobody has signed that the texts in this language read well"
        report.before_opening(good, f"{FACTS}, language {code}", what, "ask a reader, then write role and date")


def check_law(project: Path, facts: Table, report: Report) -> None:
    """What only counsel can say is said before anything opens, and before two papers count as final."""
    law, where = facts["law"], f"{FACTS}, law"
    unknown = law["mandatory_reporting"] == "unknown"
    report.before_opening(not unknown, where, "mandatory_reporting is unknown", "ask counsel")
    report.before_opening(law["age_of_majority"] != "", where, "age_of_majority is empty", "ask counsel")
    report.before_opening(
        is_signed(law, "confirmed_by", "confirmed_on"), where, "counsel has not signed", "ask, then write role and date"
    )
    for paper in ("governance/reporting-matrix.md", "governance/confidentiality-text.md"):
        file = project / paper
        final = file.is_file() and "DRAFT" not in file.read_text("utf-8", "replace")
        what = "it counts as final while mandatory_reporting is unknown"
        report.must(not (final and unknown), paper, what, "ask counsel first, or put the draft mark back")
    policy = (project / "governance/recording-policy.md").is_file()
    do = "write governance/recording-policy.md first"
    report.must(law["call_recording"] == "off" or policy, where, "calls are sampled without a recording policy", do)


def check_local_facts(facts: Table, report: Report) -> None:
    """Facts that only the operator can confirm."""
    public, retention = facts["public"], facts["retention"]
    agreed = is_signed(retention, "confirmed_by", "confirmed_on")
    do = "ask counsel, then write confirmed_by and confirmed_on"
    report.before_opening(agreed, f"{FACTS}, retention", "counsel has not confirmed the days", do)
    emergency = bool(emergency_number(facts))
    do = "confirm it with the emergency service in every region"
    report.before_opening(
        emergency, f"{FACTS}, public.emergency_number", "it is empty, no number, or nobody confirmed it", do
    )
    free = is_signed(public, "independence_confirmed_by", "independence_confirmed_on")
    do = "confirm it with the operator, or change the page about.md in each language"
    report.before_opening(free, f"{FACTS}, public", "nobody confirmed the sentence about independence", do)
    zone = fact(facts, "project.timezone")
    report.before_opening(bool(zone), f"{FACTS}, project.timezone", "it is empty", "write the legal time zone")
    zones = zoneinfo.available_timezones()
    do = "write one such as Africa/Nairobi"
    report.must(
        not zone or not zones or zone in zones, f"{FACTS}, project.timezone", f"'{zone}' is not a time zone", do
    )
    own, leave = urlsplit(public["website"]).hostname, urlsplit(public["neutral_exit"]).hostname
    apart = not (own and leave) or leave != own
    report.must(apart, f"{FACTS}, public.neutral_exit", "it leads to the hotline's own site", "choose a neutral page")
    good = day_of(facts["project"]["as_of"]) is not None
    report.must(good, f"{FACTS}, project.as_of", "it is not a date", "write YYYY-MM-DD")


def check_facts(project: Path, facts: Table, report: Report, today: date) -> None:
    """Everything that hotline.toml says; what could open by accident comes first."""
    check_channels(facts, report)
    check_gates(project, facts, report)
    check_signatures(facts, report, today)
    check_law(project, facts, report)
    for look in (check_hours, check_staffing, check_languages, check_local_facts):
        look(facts, report)
    k = table(facts, "statistics")["k"]
    do = "use 11 unless your data lead signed a lower number, never under 5"
    report.before_opening(k >= 11, f"{FACTS}, statistics.k", f"cells from {k} on are published", do)
