"""The steps of a call as call-flow.toml has them, held against what a call flow may be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import core
from .telephony_calendar import Holiday, states
from .telephony_words import FOLDER, TelephonyError

FLOW = f"{FOLDER}/call-flow.toml"
LIMITS = f"{FOLDER}/limits.toml"
# Where each kind of step leads without a key.
LEADS = {
    "language": ("next",),
    "hours": ("open", "closed", "holiday"),
    "say": ("next",),
    "menu": ("otherwise",),
    "queue": ("otherwise",),
    "voicemail": ("otherwise",),
    "end": (),
}
WITH_KEYS = ("menu", "queue")
SPEAKING = ("say", "menu", "queue", "voicemail", "end")
RINGS = ("desks", "on_call")
NAME = re.compile(r"[a-z][a-z0-9_]{0,29}")
SPAN = re.compile(r"([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)")
YEARLY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
NUMBERS = {
    "queue": {"ring_s": (5, 120), "rest_s": (0, 3600), "repeat_s": (15, 600), "desks": (0, 200), "on_call": (1, 50)},
    "voicemail": {"listen_every_min": (5, 1440), "longest_s": (10, 600), "delete_days": (1, 90)},
}


@dataclass(frozen=True)
class Step:
    """One step of a call.

    Parameters
    ----------
    leads
        The next step by reason, without a key.
    keys
        The next step by key.
    wait_s
        Seconds for a key, or seconds in the queue.
    """

    name: str
    kind: str
    say: tuple[str, ...]
    leads: dict[str, str]
    keys: dict[str, str]
    wait_s: int
    tries: int
    rings: str


@dataclass(frozen=True)
class Flow:
    """A call flow that holds together: each name resolves and each number is possible.

    Parameters
    ----------
    states
        What the calendar can say at some minute of the year.
    has_voicemail
        Messages are taken: switched on, and signed.
    """

    start: str
    steps: dict[str, Step]
    holidays: tuple[Holiday, ...]
    queue: dict[str, int]
    voicemail: core.Table
    has_voicemail: bool
    states: tuple[str, ...]

    def target(self, name: str) -> str:
        """Return the step that a lead ends in: a message box that is off is passed over."""
        seen: set[str] = set()
        while self.steps[name].kind == "voicemail" and not self.has_voicemail and name not in seen:
            seen.add(name)
            name = self.steps[name].leads["otherwise"]
        return name

    def leads(self, step: Step) -> dict[str, str]:
        """Return where a step leads without a key; a calendar leads only where it can at some minute."""
        can = self.states if step.kind == "hours" else tuple(step.leads)
        return {reason: self.target(name) for reason, name in step.leads.items() if reason in can}

    def keys(self, step: Step) -> dict[str, str]:
        """Return the keys that are offered: none for a message box that is off."""
        return {k: n for k, n in sorted(step.keys.items()) if self.has_voicemail or self.steps[n].kind != "voicemail"}

    def reached(self) -> list[str]:
        """Return the steps that a call can reach, nearest first."""
        found = [self.target(self.start)]
        for name in found:
            step = self.steps[name]
            nexts = [*self.leads(step).values(), *self.keys(step).values()]
            found += [one for one in dict.fromkeys(nexts) if one not in found]
        return found


def load(facts: core.Table, project: Path) -> Flow:
    """Read call-flow.toml.

    Raises
    ------
    TelephonyError
        With the first thing that is wrong.
    """
    given = core.read_toml(project, FLOW, TelephonyError)
    wrong = problems(given)
    if wrong:
        raise TelephonyError(wrong[0])
    steps = {name: _step(name, table) for name, table in given["steps"].items()}
    holidays = tuple(_holiday(one) for one in given.get("holidays", []))
    voicemail = core.table(given, "voicemail")
    signed = core.is_signed(voicemail, "approved_by", "approved_on") and bool(core.said(voicemail, "policy"))
    has_voicemail = voicemail.get("on") is True and signed
    can = states(facts, holidays)
    return Flow(given["start"], steps, holidays, given["queue"], voicemail, has_voicemail, can)


def _step(name: str, table: core.Table) -> Step:
    kind = table["kind"]
    leads = {reason: table[reason] for reason in LEADS[kind]}
    keys = {str(key): target for key, target in table.get("keys", {}).items()}
    wait, tries = table.get("wait_s", 5), table.get("tries", 1)
    return Step(name, kind, tuple(table.get("say", [])), leads, keys, wait, tries, table.get("rings", ""))


def _holiday(table: core.Table) -> Holiday:
    pairs = [span.split("-") for span in table["hours"]]
    spans = sorted((core.minutes_of(start), core.minutes_of(end)) for start, end in pairs)
    return Holiday(table["date"], core.clean(table.get("name", ""), 80), tuple(spans))


def problems(given: core.Table) -> list[str]:
    """Return what keeps call-flow.toml from being a call flow, in sentences."""
    steps = given.get("steps")
    if not isinstance(steps, dict) or not steps:
        return [f"{FLOW}: no steps are written; put them back from your last copy."]
    found = []
    if not _is_step(given.get("start"), steps):
        found.append(
            f"{FLOW}: start must be the name of a step; write for example {core.clean(next(iter(steps)), 30)}."
        )
    for name, table in steps.items():
        found += [f"{FLOW}: step {core.clean(name, 40)}: {text}." for text in _step_problems(name, table, steps)]
    for section, wanted in NUMBERS.items():
        found += _number_problems(section, given.get(section), wanted)
    return found + _holiday_problems(given.get("holidays", []))


def _step_problems(name: str, table: Any, steps: core.Table) -> list[str]:
    if not NAME.fullmatch(name):
        return ["its name may hold small letters, digits and _, at most 30; rename it"]
    if not isinstance(table, dict) or not _is_step(table.get("kind"), LEADS):
        return [f"kind must be one of {', '.join(LEADS)}; correct it"]
    kind = table["kind"]
    found = [
        f"{reason} must be the name of a step; correct it"
        for reason in LEADS[kind]
        if not _is_step(table.get(reason), steps)
    ]
    if kind == "voicemail" and not found and core.table(steps, table["otherwise"]).get("kind") == kind:
        found.append("otherwise must lead past message boxes; correct it")
    allowed = {"kind", *LEADS[kind]} | ({"say"} if kind in SPEAKING else set())
    allowed |= {"keys"} if kind in WITH_KEYS else set()
    allowed |= {"menu": {"wait_s", "tries"}, "language": {"wait_s", "tries"}, "queue": {"wait_s", "rings"}}.get(
        kind, set()
    )
    surplus = sorted(core.clean(key, 30) for key in set(table) - allowed)
    found += [f"a step of kind {kind} has no {key}; take it out" for key in surplus]
    say = table.get("say", [])
    if kind in SPEAKING and (not isinstance(say, list) or not say or not all(_is_name(one) for one in say)):
        found.append('say must be a list of prompts such as ["notice"]; correct it')
    found += _key_problems(table.get("keys", {}), steps)
    if kind == "queue" and table.get("rings") not in RINGS:
        found.append('rings must be "desks" or "on_call"; correct it')
    longest = 3600 if kind == "queue" else 30
    if not _is_number(table.get("wait_s", 5), 1, longest) or not _is_number(table.get("tries", 1), 1, 5):
        found.append(f"wait_s must be from 1 to {longest} and tries from 1 to 5; correct them")
    return found


def _key_problems(keys: Any, steps: core.Table) -> list[str]:
    if not isinstance(keys, dict):
        return ['keys must look like { 1 = "sorry" }; correct it']
    found = []
    for key, target in keys.items():
        if not re.fullmatch(r"[0-9]", str(key)):
            found.append(f"{core.clean(key, 20)} is not a key; use 0 to 9")
        if not _is_step(target, steps):
            found.append(f"key {core.clean(key, 20)} must lead to the name of a step; correct it")
    return found


def _is_step(value: Any, steps: Mapping[str, Any]) -> bool:
    return isinstance(value, str) and value in steps


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(NAME.fullmatch(value))


def _is_number(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _number_problems(section: str, table: Any, wanted: dict[str, tuple[int, int]]) -> list[str]:
    given = table if isinstance(table, dict) else {}
    return [
        f"{FLOW}: [{section}] {key} must be a whole number from {least} to {most}; correct it."
        for key, (least, most) in wanted.items()
        if not _is_number(given.get(key), least, most)
    ]


def _holiday_problems(listed: Any) -> list[str]:
    if not isinstance(listed, list):
        return [f"{FLOW}: write each holiday under [[holidays]]; correct it."]
    found = []
    for number, one in enumerate(listed, 1):
        table = one if isinstance(one, dict) else {}
        day, hours = str(table.get("date", "")), table.get("hours")
        if not YEARLY.fullmatch(day) and core.day_of(day) is None:
            found.append(f'{FLOW}: holiday {number}: date must look like "12-25" or "2027-12-25"; correct it.')
        if not isinstance(hours, list) or not all(_is_span(span) for span in hours):
            found.append(f'{FLOW}: holiday {number}: hours must look like ["10:00-14:00"] or []; correct them.')
    return found


def _is_span(span: Any) -> bool:
    return isinstance(span, str) and bool(SPAN.fullmatch(span)) and span[:5] < span[6:]


def voicemail_problems(flow: Flow) -> list[str]:
    """A message box that is on needs a policy, a role and a date."""
    if flow.voicemail.get("on") is not True or flow.has_voicemail:
        return []
    do = "write policy, approved_by and approved_on, or set on = false; until then no message is taken"
    return [f"{FLOW}: [voicemail] is on but nobody signed its policy; {do}."]


def spoken(facts: core.Table, limits: core.Table) -> list[tuple[str, core.Table]]:
    """Return the languages that have a key on the telephone; the main language always."""
    phone = core.table(limits, "phone")
    every = core.languages(facts)
    return [pair for n, pair in enumerate(every) if n == 0 or core.table(phone, pair[0]).get("by") != "no"]
