"""The starter's telephone: every call ends well, at every minute; nothing dials out; no number before opening."""

from __future__ import annotations

import csv
import io
import itertools
import json
import os
import random
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import starters
from dialplan import Caller, Dialplan, lines_of, sections
from hostile import KINDS
from starter_tools import TEMPLATE, facts, folder_of
from telephones import finish_telephony

from hotline_catalyst.deliverables.starter_manifest import tool

MANY = 20 if os.environ.get("SOAK") else 1
ROOM = "telephony/asterisk"
FLOW = "telephony/call-flow.toml"
SIGNED = {"on": True, "policy": "PB-21", "approved_by": "Director", "approved_on": "2026-01-01"}
LANGUAGES = {
    "en": {"name": "English", "direction": "ltr"}, "fr": {"name": "French", "direction": "ltr"},
    "es": {"name": "Spanish", "direction": "ltr"}, "ar": {"name": "Arabic", "direction": "rtl"},
}  # fmt: skip
ALWAYS = {day: ["00:00-24:00"] for day in starters.core().DAYS}
OFFICE = {day: ["08:00-18:00"] for day in starters.core().DAYS[:5]} | {"saturday": [], "sunday": []}
# What a hotline's dialplan may do; Dial, Originate, System, Record, MixMonitor, ChanSpy and Transfer are not here.
HARMLESS = {
    "Set", "Answer", "Wait", "Playback", "BackGround", "WaitExten", "Goto", "GotoIf", "GotoIfTime", "Queue", "Hangup",
    "NoOp", "AddQueueMember", "RemoveQueueMember", "VoiceMail", "VoiceMailMain",
}  # fmt: skip


def hotline(**more: Any) -> dict[str, Any]:
    """Return facts of a small hotline with a telephone, text and chat, closed."""
    plain = {
        "choices": {"website": True, "telephony": "asterisk"},
        "channels": {name: {"open": False, "public_contact": ""} for name in starters.core().CHANNELS},
        "languages": LANGUAGES, "hours": OFFICE, "staffing": {"peak_on_shift": 3},
        "public": {"emergency_number": "", "emergency_confirmed_by": "", "emergency_confirmed_on": ""},
        "retention": {"signal_days": 365, "transcript_days": 30, "tip_days": 365},
        "service": {"voice_within_s": 20, "written_days": 3},
    }  # fmt: skip
    return facts(**(plain | more))


def settings() -> dict[str, Any]:
    return tomllib.loads((TEMPLATE / FLOW).read_text("utf-8"))


def project(target: Path, flow: dict[str, Any] | None = None, **files: str) -> Path:
    """Return a folder with the sources of this part, with another call flow and other files where given."""
    folder = folder_of(target, "telephony")
    if flow is not None:
        holidays = flow.get("holidays", [])
        text = starters.as_toml({key: value for key, value in flow.items() if key != "holidays"})
        text += "".join(
            "[[holidays]]\n" + "".join(f"{k} = {json.dumps(v, ensure_ascii=False)}\n" for k, v in one.items())
            for one in holidays
        )
        (folder / FLOW).write_text(text, "utf-8")
    for path, text in files.items():
        (folder / path).write_text(text, "utf-8")
    return folder


def check(folder: Path, given: dict[str, Any]) -> list[str]:
    return list(tool("telephony").check(given, folder))


def build(folder: Path, given: dict[str, Any]) -> dict[str, str]:
    return {path: content.decode() for path, content in tool("telephony").build(given, folder).items()}


def plan_of(made: dict[str, str]) -> Dialplan:
    return Dialplan(made[f"{ROOM}/extensions.conf"], made[f"{ROOM}/queues.conf"])


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources as they are shipped; read only."""
    return project(tmp_path_factory.mktemp("telephony"))


# The shipped call flow


def test_the_shipped_sources_are_good_and_give_the_same_bytes_twice(plain):
    for hours in (ALWAYS, OFFICE):
        given = hotline(hours=hours)
        assert check(plain, given) == []
        assert build(plain, given) == build(plain, given)


def test_nothing_is_made_that_was_not_chosen(plain):
    without = build(plain, hotline(choices={"telephony": "none"}))
    assert set(without) == {f"telephony/sheet/channels.{code}.html" for code in LANGUAGES}
    sheet = build(plain, hotline(choices={"telephony": "sheet"}))
    assert not [path for path in sheet if path.startswith(ROOM)]
    assert "telephony/sheet/call-flow.ar.html" in sheet


@pytest.mark.parametrize("state", ["open", "closed"])
def test_a_silent_caller_reaches_a_person_or_the_emergency_guidance(plain, state):
    at = datetime(2027, 3, 1 if state == "open" else 7, 12, tzinfo=ZoneInfo("Africa/Nairobi"))
    plan = plan_of(build(plain, hotline()))
    caller = Caller(at, itertools.repeat(None), iter(["answered"]))
    plan.call("hotline-test", caller)
    assert caller.end == ("person" if state == "open" else "hangup")
    assert caller.places[-1] == ("step-advocates" if state == "open" else "step-goodbye")
    if state == "closed":
        assert ("hotline/goodbye", "en") in caller.heard


def test_nobody_there_ends_with_the_emergency_guidance_in_the_chosen_language(plain):
    at = datetime(2027, 3, 1, 12, tzinfo=ZoneInfo("Africa/Nairobi"))
    caller = Caller(at, iter(["4", None, "2", None, None]), itertools.repeat("nobody"))
    plan_of(build(plain, hotline())).call("hotline-test", caller)
    assert caller.end == "hangup"
    assert caller.queues == ["hotline-advocates", "hotline-on_call"] * 2
    assert caller.heard[-1] == ("hotline/goodbye", "ar")
    assert caller.variables["CALLERID(name)"] == "ar"


def test_the_number_of_a_caller_is_dropped_before_anything_else(plain):
    for entrance in ("hotline", "hotline-test"):
        first = plan_of(build(plain, hotline())).contexts[entrance]["s"][:3]
        assert [given for _, name, given in first if name == "Set"] == [
            "CALLERID(all)=", "CALLERID(ANI-all)=", "CALLERID(num-pres)=prohib",
        ]  # fmt: skip


# Open or not


def test_the_number_and_the_way_to_people_appear_only_when_the_channel_is_open(plain):
    at = datetime(2027, 3, 1, 12, tzinfo=ZoneInfo("Africa/Nairobi"))
    closed = hotline()
    closed["channels"]["phone"] = {"open": False, "public_contact": "000 111 222"}
    made = build(plain, closed)
    assert not [path for path, text in made.items() if "000 111 222" in text]
    caller = Caller(at, itertools.repeat(None), iter([]))
    plan_of(made).call("from-carrier", caller)
    assert caller.end == "hangup"
    assert caller.heard == [("hotline/not_open", code) for code in LANGUAGES]
    opened = starters.opened(closed)
    made = build(plain, opened)
    shown = {path for path, text in made.items() if "000 111" in text}
    assert shown == {f"telephony/sheet/call-flow.{code}.html" for code in LANGUAGES}
    caller = Caller(at, itertools.repeat(None), iter(["answered"]))
    plan_of(made).call("from-carrier", caller, "_X.")
    assert caller.end == "person"


def test_the_emergency_number_is_said_only_once_it_is_confirmed(plain):
    given = hotline()
    given["public"] |= {"emergency_number": "111-CANARY"}
    assert not [path for path, text in build(plain, given).items() if "111-CANARY" in text]
    made = build(plain, starters.opened(given))
    rows = list(csv.DictReader(io.StringIO(made["telephony/sheet/prompts.csv"])))
    said = {(row["language"], row["file"]) for row in rows if "111-CANARY" in row["words"]}
    assert {(code, "goodbye") for code in LANGUAGES} <= said
    assert {(code, "not_open") for code in LANGUAGES} <= said


def test_opening_asks_for_every_prompt_reviewed_and_recorded_and_every_language_decided(tmp_path):
    folder = project(tmp_path)
    given = starters.opened(hotline())
    found = check(folder, given)
    for code in LANGUAGES:
        assert any(f"prompts/{code}.csv" in line and "nobody reviewed" in line for line in found)
        assert any(f"prompts/{code}.csv" in line and "not recorded" in line for line in found)
    assert any("sms-keywords" in line and "nobody reviewed" in line for line in found)
    assert any("limits.toml: nobody decided who answers phone in en, fr, es, ar" in line for line in found)
    finish_telephony(folder, given)
    assert check(folder, given) == []


def test_a_prompt_that_was_recorded_with_other_words_is_found_again(tmp_path):
    folder = project(tmp_path)
    given = starters.opened(hotline())
    finish_telephony(folder, given)
    given["public"]["emergency_number"] = "222"
    found = check(folder, given)
    assert any("ar.csv: prompt goodbye was recorded with other words" in line for line in found)
    assert not any("prompt key_language was" in line for line in found)
    given = starters.opened(hotline(hours=OFFICE | {"monday": ["09:00-18:00"]}))
    assert [line.split(": ")[1].split(" was")[0] for line in check(folder, given)] == ["prompt closed"] * 4
    assert "record again" in build(folder, given)["telephony/sheet/call-flow.en.html"]


# A dialplan of any call flow, against the call flow itself


def any_flow(luck: random.Random) -> dict[str, Any]:
    """Return a call flow with steps, keys and holidays as they come."""
    flow = settings()
    names = [f"step{n}" for n in range(luck.randint(3, 8))] + ["bye", "ring"]
    fixed = {"bye": {"kind": "end", "say": ["goodbye"]}}
    steps: dict[str, Any] = {}
    for name in names:
        kind = (
            "queue"
            if name == "ring"
            else luck.choice(["hours", "say", "menu", "menu", "queue", "end", "voicemail", "language"])
        )
        # Mostly onward, sometimes back: some flows go in circles, and the check must say so.
        onward = names[names.index(name) + 1 :] or ["bye"]
        to = lambda onward=onward: luck.choice(names if luck.random() < 0.15 else onward)  # noqa: E731
        leads = {reason: to() for reason in tool("telephony_flow").LEADS[kind]}
        steps[name] = {"kind": kind, **leads}
        if kind in tool("telephony_flow").SPEAKING:
            steps[name]["say"] = [luck.choice(["notice", "sorry", "goodbye"])]
        if kind in ("menu", "queue"):
            steps[name]["keys"] = {str(key): luck.choice(names) for key in luck.sample(range(10), luck.randint(0, 3))}
        if kind in ("menu", "language"):
            steps[name] |= {"tries": luck.randint(1, 3), "wait_s": 3}
        if kind == "queue":
            steps[name] |= {"rings": luck.choice(["desks", "on_call"]), "wait_s": 30}
    flow["steps"] = steps | fixed
    for step in steps.values():
        if step["kind"] == "voicemail" and flow["steps"][step["otherwise"]]["kind"] == "voicemail":
            step["otherwise"] = "bye"
    flow["start"] = names[0]
    flow["holidays"] = [
        {"date": day, "name": "x", "hours": luck.choice([[], ["10:00-12:00"], ["00:00-24:00"]])}
        for day in luck.sample(["12-25", "2027-03-01", "2027-03-07", "02-29"], luck.randint(0, 3))
    ]
    if luck.random() < 0.5:
        flow["voicemail"] |= SIGNED
    return flow


def any_hours(luck: random.Random) -> dict[str, list[str]]:
    choices = [[], ["00:00-24:00"], ["08:00-18:00"], ["00:00-02:00", "18:30-24:00"], ["06:15-06:16"]]
    return {day: luck.choice(choices) for day in starters.core().DAYS}


class Oracle:
    """Follows a call through call-flow.toml as it is written, without any code of the tools."""

    def __init__(self, flow: dict[str, Any], hours: dict[str, list[str]], languages: int) -> None:
        self.flow, self.hours, self.languages = flow, hours, languages
        given = flow["voicemail"]
        self.takes_messages = given["on"] and given["policy"] and given["approved_by"] and given["approved_on"]

    def state(self, now: datetime) -> str:
        spans = self.hours[starters.core().DAYS[now.weekday()]]
        other = "closed"
        for holiday in self.flow["holidays"]:
            if holiday["date"] in (f"{now:%m-%d}", f"{now:%Y-%m-%d}"):
                spans, other = holiday["hours"], "holiday"
                break
        clock = f"{now:%H:%M}"
        return "open" if any(span[:5] <= clock < span[6:] for span in spans) else other

    def real(self, name: str) -> str:
        step = self.flow["steps"][name]
        return step["otherwise"] if step["kind"] == "voicemail" and not self.takes_messages else name

    def follow(self, now: datetime, keys: Iterator[str | None], answers: Iterator[str]) -> tuple[list[str], str]:
        places, name = [], self.real(self.flow["start"])
        for _ in range(60):
            places.append(name)
            step = self.flow["steps"][name]
            kind = step["kind"]
            if kind in ("end", "voicemail"):
                return places, "hangup" if kind == "end" else "voicemail"
            offered = {k: n for k, n in step.get("keys", {}).items() if self.real(n) == n}
            target = step.get("next") or step.get("otherwise") or ""
            if kind == "hours":
                target = step[self.state(now)]
            elif kind == "language" and self.languages > 1:
                self.press(keys, [str(n + 1) for n in range(self.languages)], step["tries"])
            elif kind == "menu" and offered:
                pressed = self.press(keys, list(offered), step["tries"])
                target = offered.get(pressed, target)
            elif kind == "queue":
                answer = next(answers)
                if answer == "answered":
                    return places, "person"
                target = offered.get(answer, target)
            name = self.real(target)
        return places, "circle"

    @staticmethod
    def press(keys: Iterator[str | None], offered: list[str], tries: int) -> str:
        for _ in range(tries):
            key = next(keys)
            if key in offered:
                return key
        return ""


@pytest.mark.parametrize("seed", range(16 * MANY))
def test_the_dialplan_does_what_the_call_flow_says(tmp_path, seed):
    luck = random.Random(seed)
    hours, flow = any_hours(luck), any_flow(luck)
    zone = luck.choice(["", "Africa/Nairobi", "America/Mexico_City", "Asia/Kathmandu"])
    codes = dict(itertools.islice(LANGUAGES.items(), luck.choice([1, 2, 4])))
    given = hotline(hours=hours, languages=codes, project={"as_of": "2027-03-01", "timezone": zone})
    folder = project(tmp_path, flow)
    circles = [line for line in check(folder, given) if "goes round for ever" in line]
    plan, oracle = plan_of(build(folder, given)), Oracle(flow, hours, len(codes))
    ends = set()
    for number in range(120):
        at = datetime(2027, 2, 27, tzinfo=UTC) + timedelta(minutes=luck.randrange(60 * 24 * 10))
        keys = [luck.choice([None, None, "1", "2", "3", "7", "#"]) for _ in range(300)] if number else [None] * 300
        answers = (
            [luck.choice(["answered", "nobody", "nobody", "1", "5"]) for _ in range(300)]
            if number
            else ["nobody"] * 300
        )
        caller = plan.call("hotline-test", Caller(at, iter(keys), iter(answers)))
        places, end = oracle.follow(at.astimezone(ZoneInfo(zone or "UTC")), iter(keys), iter(answers))
        if end == "circle" or caller.end == "circle":
            continue
        assert [place.removeprefix("step-") for place in caller.places[1:]] == places
        assert caller.end == end
        ends.add(end)
    if not circles:
        silent = [oracle.follow(at, itertools.repeat(None), itertools.repeat("nobody"))[1] for at in week_of(zone)]
        assert "circle" not in silent
        assert set(silent) <= {"hangup", "voicemail", "person"}


def week_of(zone: str) -> list[datetime]:
    start = datetime(2027, 2, 27, tzinfo=ZoneInfo(zone or "UTC"))
    return [start + timedelta(minutes=minutes) for minutes in range(0, 60 * 24 * 10, 15)]


@pytest.mark.parametrize("seed", range(24 * MANY))
def test_a_circle_is_reported_exactly_when_a_silent_caller_would_be_caught_in_it(tmp_path, seed):
    luck = random.Random(f"circle {seed}")
    hours, flow = any_hours(luck), any_flow(luck)
    given = hotline(hours=hours, project={"timezone": "UTC"})
    folder = project(tmp_path, flow)
    loaded = tool("telephony_flow").load(given, folder)
    oracle = Oracle(flow, hours, len(LANGUAGES))
    caught = False
    for name in loaded.reached():
        oracle.flow = flow | {"start": name}
        every = [oracle.follow(at, itertools.repeat(None), itertools.repeat("nobody"))[1] for at in week_of("UTC")[::4]]
        # Days of the year that this week does not hold.
        every += [
            oracle.follow(datetime(2028, m, d, h, tzinfo=UTC), itertools.repeat(None), itertools.repeat("nobody"))[1]
            for m, d in ((12, 25), (2, 29)) for h in (1, 11, 20)
        ]  # fmt: skip
        caught = caught or "circle" in every
    assert caught == bool(tool("telephony_simulator").loops(loaded))


def test_the_calendar_agrees_with_the_dialplan_at_every_minute_of_two_weeks(tmp_path):
    flow = settings()
    flow["holidays"] = [
        {"date": "2027-03-28", "name": "Spring", "hours": ["10:00-12:00"]},
        {"date": "03-31", "name": "x", "hours": []},
    ]
    hours = OFFICE | {"monday": ["00:00-02:00", "18:00-24:00"], "tuesday": ["00:00-24:00"]}
    # Clocks change on 28 March 2027 in this zone.
    given = hotline(hours=hours, languages={"en": LANGUAGES["en"]}, project={"timezone": "Europe/Chisinau"})
    folder = project(tmp_path, flow)
    plan = plan_of(build(folder, given))
    loaded, calendar = tool("telephony_flow").load(given, folder), tool("telephony_calendar")
    wanted = {"open": "step-notice", "closed": "step-closed", "holiday": "step-holiday"}
    start = datetime(2027, 3, 22, tzinfo=UTC)
    for minute in range(0, 60 * 24 * 14, 1 if MANY > 1 else 5):
        at = start + timedelta(minutes=minute)
        local = at.astimezone(ZoneInfo("Europe/Chisinau"))
        state = calendar.state_at(given, loaded.holidays, local.date(), local.hour * 60 + local.minute)
        caller = plan.call("step-hours", Caller(at, itertools.repeat(None), iter(["answered"])))
        assert caller.places[1] == wanted[state], local


# The simulator


def test_the_simulator_walks_every_path_and_each_ends(plain):
    flow = tool("telephony_flow").load(hotline(), plain)
    simulator = tool("telephony_simulator")
    for on in (False, True):
        changed = replace(flow, has_voicemail=on)
        for state in ("open", "closed"):
            every = list(simulator.walks(changed, state, 4))
            assert {walk.end for walk in every} == ({"person"} if state == "open" else set()) | (
                {"voicemail"} if on else set()
            ) | {"message"}
            assert all(walk.steps.count(step) <= simulator.VISITS for walk in every for step in walk.steps)
    silent = simulator.silent(flow, "open")
    assert (silent.end, silent.keys) == ("person", ())
    assert silent.steps == ("language", "hours", "notice", "advocates")


def test_a_queue_that_only_leads_back_is_a_circle_and_a_key_is_a_way_out(tmp_path):
    flow = settings()
    flow["steps"]["on_call"]["otherwise"] = "advocates"
    found = check(project(tmp_path / "a", flow), hotline())
    assert [line for line in found if "goes round for ever" in line and "advocates" in line and "on_call" in line]
    flow = settings()
    flow["steps"]["sorry"]["keys"] = {"1": "advocates"}
    assert check(project(tmp_path / "b", flow), hotline()) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda f: f.update(start="nowhere"), "start must be the name of a step"),
        (lambda f: f.update(start=["x"]), "start must be the name of a step"),
        (lambda f: f.update(steps={}), "no steps are written"),
        (lambda f: f["steps"]["notice"].update(next="lost"), "step notice: next must be the name of a step"),
        (lambda f: f["steps"]["notice"].update(kind="dial"), "step notice: kind must be one of"),
        (lambda f: f["steps"]["notice"].update(kind=["x"]), "step notice: kind must be one of"),
        (lambda f: f["steps"]["notice"].update(number="x"), "a step of kind say has no number"),
        (lambda f: f["steps"]["notice"].update(say=[]), "say must be a list of prompts"),
        (lambda f: f["steps"]["notice"].update(say=["a/../b"]), "say must be a list of prompts"),
        (lambda f: f["steps"]["sorry"].update(keys={"12": "goodbye"}), "12 is not a key"),
        (lambda f: f["steps"]["sorry"].update(keys={"#": "goodbye"}), "is not a key; use 0 to 9"),
        (lambda f: f["steps"]["sorry"].update(wait_s=0), "wait_s must be from 1 to 30"),
        (lambda f: f["steps"]["sorry"].update(tries=True), "tries from 1 to 5"),
        (lambda f: f["steps"]["advocates"].update(rings="0700"), 'rings must be "desks" or "on_call"'),
        (lambda f: f["steps"]["message"].update(otherwise="message"), "otherwise must lead past message boxes"),
        (lambda f: f["steps"].update({"a b": {"kind": "end", "say": ["x"]}}), "small letters"),
        (lambda f: f["steps"].update(spare={"kind": "end", "say": ["goodbye"]}), "no call can reach step spare"),
        (lambda f: f["steps"]["hours"].update(open="closed"), "does not reach a person"),
        (lambda f: f["queue"].update(ring_s=1), "[queue] ring_s must be a whole number from 5 to 120"),
        (lambda f: f["voicemail"].update(on=True), "[voicemail] is on but nobody signed its policy"),
        (lambda f: f.update(holidays=[{"date": "25.12.", "hours": []}]), "date must look like"),
        (lambda f: f.update(holidays=[{"date": "12-25", "hours": ["10-12"]}]), "hours must look like"),
        (lambda f: f["steps"]["notice"].update(say=["unheard_of"]), "prompt unheard_of has no row"),
    ],
)
def test_the_check_says_what_is_wrong_in_the_call_flow(tmp_path, change, says):
    flow = settings()
    change(flow)
    found = check(project(tmp_path, flow), hotline())
    assert any(says in line for line in found), found
    assert all(re.match(r"telephony/[\w./-]+: .*;.*\.$", line) for line in found), found


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("prompts/en.csv", "{emergency}. Goodbye.", "be careful. Goodbye.", "ends a call without emergency guidance"),
        ("prompts/fr.csv", "tapez {key}.", "tapez un.", "does not say which key"),
        ("prompts/en.csv", "Nobody could answer yet", "Call 0800 1234 instead", "has a number in its words"),
        ("prompts/es.csv", "{hours}", "{horas}", "has {horas}; use"),
        ("prompts/ar.csv", "notice,", "closed,", "prompt closed is there twice"),
        ("prompts/ar.csv", "prompt,words", "prompt,text", "is not a table of prompts"),
        ("sms-keywords.toml", 'action = "stop"', 'action = "reply"', "no keyword stops texts"),
        ("sms-keywords.toml", 'en = ["STOP", "END"]', 'en = ["Help!"]', "stands for both help and stop"),
        ("sms-keywords.toml", 'reply = "hours"', 'reply = "nothing"', "reply must be the name of a reply"),
        ("sms-keywords.toml", "[replies.closed]", "[replies.shut]", "[replies.closed] is missing"),
        ("sms-keywords.toml", "We answer: {hours}.", "We answer. " * 60, "takes more than 3 texts"),
        ("chat-texts.toml", "warning_min = 10", "warning_min = 3", "the clocks"),
        ("chat-texts.toml", "{emergency}", "{number}", "has {number}; use"),
        ("limits.toml", "[phone]", '[phone]\nar = { by = "robot" }', "by must be one of"),
        ("limits.toml", "[phone]", '[phone]\nen = { by = "no" }', "cannot leave out the main language"),
        ("limits.toml", "[phone]", '[phone]\nar = { by = "no", from = "8", to = "9" }', "from and to must look like"),
        ("limits.toml", "text = [1, 2]", "text = [2, 1]", "at_once.text must look like"),
        ("words.toml", "[en]", "[xx]", "the table [en] is missing"),
        ("limits.toml", "[phone]", "[phone", "does not parse"),
    ],
)  # fmt: skip
def test_the_check_says_what_is_wrong_in_words_and_texts(tmp_path, file, old, new, says):
    folder = project(tmp_path)
    path = folder / "telephony" / file
    assert old in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")
    found = check(folder, hotline())
    assert any(says in line for line in found), found


VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    3,
    1.5,
    "",
    "x",
    "notice",
    [],
    ["x"],
    {},
    {"x": 1},
    [[]],
    "\u202e",
    "9" * 300,
    10**30,
)


@pytest.mark.parametrize("seed", range(30 * MANY))
def test_no_value_anywhere_makes_the_check_stumble(tmp_path, seed):
    luck = random.Random(f"value {seed}")
    folder = project(tmp_path)
    name = luck.choice(["call-flow", "limits", "words", "sms-keywords", "chat-texts"])
    path = folder / f"telephony/{name}.toml"
    given = tomllib.loads(path.read_text("utf-8"))
    place: Any = given
    keys: list[str] = list(given)
    while True:
        key = luck.choice(keys)
        if isinstance(place[key], dict) and place[key] and luck.random() < 0.85:
            place, keys = place[key], list(place[key])
            continue
        break
    value = luck.choice([v for v in VALUES if v is not None])
    place[key] = value
    path.write_text(starters.as_toml(given), "utf-8")
    for facts_now in (hotline(), starters.opened(hotline())):
        found = check(folder, facts_now)
        assert all(line.endswith(".") and "\n" not in line for line in found)
        try:
            build(folder, facts_now)
        except tool("telephony_words").TelephonyError:
            assert found


# Languages


def test_a_language_without_prompts_is_flagged_and_asked_for_before_opening(plain):
    languages = {"sw": {"name": "Swahili", "direction": "ltr"}, "en": LANGUAGES["en"]}
    given = hotline(languages=languages)
    assert check(plain, given) == []
    page = build(plain, given)["telephony/sheet/call-flow.sw.html"]
    assert "Missing translations" in page
    assert re.search(r"<code>sw</code>: .*<code>goodbye</code>", page)
    assert any("sw.csv" in line and "missing" in line for line in check(plain, starters.opened(given)))


def test_a_language_that_is_not_offered_has_no_key(tmp_path):
    folder = project(tmp_path)
    limits = folder / "telephony/limits.toml"
    limits.write_text(limits.read_text("utf-8").replace("[phone]", '[phone]\nfr = { by = "no" }'), "utf-8")
    plan = plan_of(build(folder, hotline()))
    keys = [exten for exten in plan.contexts["step-language"] if exten.isdecimal()]
    assert keys == ["1", "2", "3"]
    assert plan.contexts["step-language"]["3"][0][2] == "CHANNEL(language)=ar"


def test_one_language_is_not_asked_for(plain):
    made = build(plain, hotline(languages={"ar": LANGUAGES["ar"]}))
    assert "WaitExten" not in str(plan_of(made).contexts["step-language"])
    assert "key_language" not in made["telephony/sheet/prompts.csv"]


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        (ALWAYS, "day and night, every day"),
        (OFFICE, "Monday to Friday 08:00 to 18:00"),
        ({day: ["08:00-12:00", "14:00-18:00"] for day in ALWAYS}, "every day 08:00 to 12:00 and 14:00 to 18:00"),
        (OFFICE | {"saturday": ["09:00-12:00"]}, "Monday to Friday 08:00 to 18:00, Saturday 09:00 to 12:00"),
        ({"monday": ["00:00-24:00"], "tuesday": ["00:00-24:00"]}, "Monday and Tuesday day and night"),
        ({}, "hours not decided yet"),
    ],
)
def test_hours_are_said_in_words(plain, hours, said):
    assert tool("telephony_words").Words(hotline(hours=hours), plain).hours("en") == said


# Text messages


@pytest.mark.parametrize(
    ("text", "signs", "parts"),
    [
        ("a" * 160, 160, 1), ("a" * 161, 161, 2), ("a" * 306, 306, 2), ("a" * 307, 307, 3),
        ("é" * 160, 160, 1), ("ê" + "a" * 69, 70, 1), ("ê" + "a" * 70, 71, 2), ("€" * 80, 160, 1), ("€" * 81, 162, 2),
        ("م" * 70, 70, 1), ("م" * 71, 71, 2), ("م" * 134, 134, 2), ("م" * 135, 135, 3),
        ("\U0001f600" * 35, 70, 1), ("", 0, 1),
    ],
)  # fmt: skip
def test_signs_and_texts_are_counted_as_a_telephone_does(text, signs, parts):
    message = tool("telephony_messages").Message("x", "en", text)
    assert (message.signs, message.parts) == (signs, parts)


def test_the_gsm_alphabet_is_the_standards_own():
    messages = tool("telephony_messages")
    assert len(messages.GSM) == 127  # 128 places, one of them the way to the second table
    assert len(messages.GSM_TWICE) == 9  # the form feed of the second table is never typed


@pytest.mark.parametrize(
    ("received", "action"),
    [
        ("help", "person"), (" HELP! ", "person"), ("Aide", "person"), ("ayuda", "person"), ("مساعدة", "person"),
        ("مُسَاعَدَة", "person"),
        ("stop", "stop"), ("STOP.", "stop"), ("arrêt", "stop"), ("heures ?", "reply"),
        ("please help me", "person"), ("", "person"), ("\u202e", "person"), ("stop him", "person"),
    ],
)  # fmt: skip
def test_a_text_leads_where_the_keyword_table_says(plain, received, action):
    given = hotline()
    messages = tool("telephony_messages")
    texts = messages.sms(given, tool("telephony_words").Words(given, plain), plain)
    assert messages.answer(texts, received)[0] == action


def test_every_shipped_reply_fits_into_three_texts_also_with_a_number(plain):
    messages = tool("telephony_messages")
    for given in (hotline(), starters.opened(hotline(hours=ALWAYS))):
        texts = messages.sms(given, tool("telephony_words").Words(given, plain), plain)
        for name, code in itertools.product(texts.tables, LANGUAGES):
            assert 0 < texts.message(name, code).parts <= 3, (name, code)


# Real validator: asterisklint


def lint(folder: Path, text: str) -> str:
    asterisklint = pytest.importorskip("asterisklint")
    (folder / "extensions.conf").write_text(text, "utf-8")
    code = tool("telephony").LINT
    paths = {"PYTHONPATH": str(Path(asterisklint.__file__).parents[1])}
    command = [sys.executable, "-c", code, "dialplan-check", "extensions.conf"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env={**os.environ, **paths})
    return done.stdout + done.stderr + (f"rc {done.returncode}" if done.returncode else "")


@pytest.mark.parametrize("variant", ["shipped", "always", "open", "voicemail", "holidays", "one language", "hostile"])
def test_asterisklint_finds_nothing(tmp_path, variant):
    flow, given = settings(), hotline()
    if variant == "always":
        given["hours"] = ALWAYS
    if variant == "open":
        given = starters.opened(given)
    if variant == "voicemail":
        flow["voicemail"] |= SIGNED
    if variant == "holidays":
        flow["holidays"] = [
            {"date": "12-25", "name": "A, b;c ${EXTEN}", "hours": []},
            {"date": "2027-03-01", "hours": ["10:00-12:00"]},
        ]
    if variant == "one language":
        given["languages"] = {"ar": LANGUAGES["ar"]}
    if variant == "hostile":
        given["hotline"]["name"] = "${EXTEN},1;Dial(SIP/evil)&|\r\n[x]\nexten => s,1,System(id)"
    made = build(project(tmp_path / "p", flow), given)
    assert lint(tmp_path, made[f"{ROOM}/extensions.conf"]) == ""


@pytest.mark.parametrize("seed", range(4 * MANY))
def test_asterisklint_finds_nothing_in_any_call_flow(tmp_path, seed):
    luck = random.Random(f"lint {seed}")
    made = build(project(tmp_path / "p", any_flow(luck)), hotline(hours=any_hours(luck)))
    assert lint(tmp_path, made[f"{ROOM}/extensions.conf"]) == ""


def test_asterisklint_would_notice(tmp_path, plain):
    text = build(plain, hotline())[f"{ROOM}/extensions.conf"]
    assert "E_APP_MISSING" in lint(tmp_path, text.replace("Answer()", "Anwser()"))
    assert lint(tmp_path, text.replace("Goto(step-advocates,s,1)", "Goto(step-nobody,s,1)")) != ""


def test_the_full_check_runs_asterisklint_and_passes(plain):
    pytest.importorskip("asterisklint")
    there = subprocess.run([sys.executable, "-I", "-c", "import asterisklint"], capture_output=True).returncode == 0
    found = tool("telephony").full(hotline(), plain)
    assert found == [] if there else "asterisklint" in found[0]
    assert tool("telephony").full(hotline(choices={"telephony": "sheet"}), plain) == []


# Nothing typed acts


def conf_lines(made: dict[str, str]) -> dict[str, list[str]]:
    return {path: lines_of(text) for path, text in made.items() if path.startswith(ROOM)}


@cache
def hostile_names() -> list[str]:
    """Return what people may type, without the two kinds of signs that no TOML file can hold."""
    every = [text[:400] for kind in KINDS.values() for text in kind][:: 1 if MANY > 1 else 20]
    return [text.encode("utf-8", "ignore").decode().replace("\x7f", "").replace("\x00", "") for text in every]


def test_hostile_names_change_no_line_that_asterisk_reads(tmp_path):
    flow = settings()
    flow["voicemail"] |= SIGNED
    calm = conf_lines(build(project(tmp_path / "calm", flow), hotline()))
    for number, name in enumerate(hostile_names()):
        flow["voicemail"] |= {"policy": f"a{name}", "approved_by": f"Supervisor{name}"}
        folder = project(tmp_path / str(number), flow)
        assert conf_lines(build(folder, hotline(hotline={"name": name, "country": name}))) == calm


def test_a_holiday_on_which_nobody_is_rostered_is_told_before_the_telephone_opens(tmp_path):
    flow = settings() | {
        "holidays": [
            {"date": "12-25", "name": "", "hours": ["10:00-19:00"]},  # some year on a Sunday, when nobody is there
            {"date": "2027-03-05", "name": "", "hours": ["08:00-12:00"]},  # a Friday
            {"date": "2027-03-06", "name": "", "hours": ["08:00-12:00"]},  # a Saturday
            {"date": "2027-03-07", "name": "", "hours": []},
        ]
    }
    given = hotline(staffing={"peak_on_shift": 3, "covered_hours": OFFICE})
    folder = project(tmp_path, flow)
    assert not [line for line in check(folder, given) if "rostered" in line]
    given["channels"]["phone"]["open"] = True
    bare = [line.split("; ")[0] for line in check(folder, given) if "rostered" in line]
    assert bare == [
        f"{FLOW}: holiday 12-25: 18:00-19:00 would be open but nobody is rostered",
        f"{FLOW}: holiday 12-25: 10:00-19:00 would be open but nobody is rostered",
        f"{FLOW}: holiday 2027-03-06: 08:00-12:00 would be open but nobody is rostered",
    ]


def test_hostile_holidays_languages_and_zones_stay_comments_or_go(tmp_path):
    for number, name in enumerate(hostile_names()):
        flow = settings()
        flow["holidays"] = [{"date": "12-25", "name": name, "hours": ["10:00-12:00"]}]
        languages = {"en": {"name": name, "direction": "ltr"}, "ar": {"name": name, "direction": "rtl"}}
        made = build(
            project(tmp_path / str(number), flow),
            hotline(languages=languages, project={"timezone": name, "as_of": "2027-03-01"}),
        )
        for path, lines in conf_lines(made).items():
            if path.endswith("extensions.conf"):
                actions = {found[1] for line in lines if (found := re.match(r"(?:exten|same) => .*?,(\w+)\(", line))}
                assert len(actions) > 5
                assert actions <= HARMLESS
        for path, text in made.items():
            if path.endswith(".html"):
                assert_plain(path, text)


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.names |= {name for name, _ in attrs}


def assert_plain(path: str, text: str) -> None:
    page = Tags()
    page.feed(text)
    page.close()
    assert not page.tags & {"script", "iframe", "img", "form", "style", "base", "object", "a"}, path
    assert not [name for name in page.names if name.startswith("on") or name in ("style", "srcdoc")], path


def test_hostile_prompts_are_only_words(tmp_path):
    for number, name in enumerate(hostile_names()):
        rows = io.StringIO()
        writer = csv.writer(rows, lineterminator="\n")
        writer.writerow(["prompt", "words", "reviewed_by", "reviewed_on", "recorded_code", "recorded_on"])
        writer.writerow(["notice", name, name, "", name, ""])
        folder = project(tmp_path / str(number))
        (folder / "telephony/prompts/en.csv").write_bytes(rows.getvalue().encode())
        found = check(folder, hotline())
        assert all("\n" not in line and len(line) < 600 for line in found)
        try:
            made = build(folder, hotline())
        except tool("telephony_words").TelephonyError:
            assert found
            continue
        assert_plain("sheet", made["telephony/sheet/call-flow.en.html"])
        cells = [cell for row in csv.reader(io.StringIO(made["telephony/sheet/prompts.csv"])) for cell in row]
        assert not [cell for cell in cells if cell[:1] in tuple("=+-@\t\r")]


# Nothing dials out, nothing is recorded, nothing secret


@pytest.mark.parametrize("on", [False, True])
def test_nothing_dials_out_and_nothing_is_recorded(tmp_path, on):
    flow = settings()
    flow["voicemail"] |= SIGNED if on else {}
    made = build(project(tmp_path, flow), hotline())
    plan = plan_of(made)
    used = {name for context in plan.contexts.values() for actions in context.values() for _, name, _ in actions}
    assert used <= HARMLESS
    assert ({"VoiceMail", "VoiceMailMain"} <= used) == on
    assert (f"{ROOM}/voicemail.conf" in made) == on
    assert set(plan.contexts["from-desks"]) == {"*11", "*12", "*70"} | ({"*80"} if on else set())
    everything = "\n".join(text for path, text in made.items() if path.startswith(ROOM))
    assert not re.search(
        r"monitor-|mixmonitor|Dial\(|Local/|outbound_auth|type=registration|\bmailto\b", everything, re.I
    )
    assert sections(made[f"{ROOM}/cdr.conf"])["general"] == {"enable": "no"}
    assert sections(made[f"{ROOM}/cel.conf"])["general"] == {"enable": "no"}
    telephones = sections(made[f"{ROOM}/pjsip.conf"])
    assert "aors" not in telephones["carrier"]
    assert [name for name in telephones if re.fullmatch(r"desk\d+", name)] == ["desk1", "desk2", "desk3"]
    if on:
        box = sections(made[f"{ROOM}/voicemail.conf"])
        assert (box["general"]["attach"], box["general"]["saycid"], box["general"]["sendvoicemail"]) == (
            "no",
            "no",
            "no",
        )
        assert set(box["hotline"]) == set()
    else:
        assert "message" not in " ".join(plan.contexts)


def test_no_secret_no_address_and_no_number_stands_in_any_file(plain):
    secret = tool("check_files").SECRET
    for path, text in build(plain, hotline()).items():
        assert not secret.search(text), path
        assert not re.search(r"\b\d{1,3}(\.\d{1,3}){3}\b", text), path
        assert not re.search(r"\d{7,}", text), path


def test_every_fact_is_marked_and_agrees(plain):
    given = starters.opened(hotline())
    same = tool("check_same")
    marked = set()
    for path, text in build(plain, given).items():
        assert same.differences(path, text, given) == []
        marked |= {name for name, _ in same.facts_in(path, text)}
    assert {"hours.monday", "project.timezone", "staffing.peak_on_shift", "channels.phone.public_contact"} <= marked
    assert {"retention.transcript_days", "service.voice_within_s", "service.written_days", "project.as_of"} <= marked


def test_every_label_of_the_sheets_is_written_in_every_shipped_language():
    tables = tomllib.loads((TEMPLATE / "telephony/words.toml").read_text("utf-8"))
    english = set(tables["en"]["sheet"])
    for code in LANGUAGES:
        assert set(tables[code]) == set(tables["en"])
        assert set(tables[code]["sheet"]) == english
    used = set()
    for path in (TEMPLATE / "tools").glob("telephony_*.py"):
        used |= set(re.findall(r'(?:say|label)\((?:self\.code, )?"(\w+)"', path.read_text("utf-8")))
    assert used - english == set()


# The drawing and the pages


@pytest.mark.parametrize("seed", range(10 * MANY))
def test_boxes_do_not_overlap_and_stay_inside_also_from_the_right(tmp_path, seed):
    luck = random.Random(f"draw {seed}")
    made = build(project(tmp_path, any_flow(luck)), hotline())
    for code in ("en", "ar"):
        svg = re.search(r"<svg.*?</svg>", made[f"telephony/sheet/call-flow.{code}.html"], re.DOTALL)
        assert svg
        width, height = map(int, re.findall(r'viewBox="0 0 (\d+) (\d+)"', svg[0])[0])
        boxes = [
            tuple(map(float, b))
            for b in re.findall(r'<rect class="\w+" x="([\d.]+)" y="(\d+)" width="(\d+)" height="(\d+)"', svg[0])
        ]
        assert boxes
        for x, y, w, h in boxes:
            assert x >= 0
            assert x + w <= width
            assert y + h <= height
        assert all(a[1] + a[3] < b[1] for a, b in itertools.pairwise(boxes))
        assert all(0 <= float(x) <= width for x in re.findall(r'(?: x="|[MH])([\d.]+)', svg[0]))


@pytest.mark.parametrize("name", ["call-flow.en", "call-flow.ar", "channels.ar"])
def test_axe_finds_nothing_on_the_sheets(plain, tmp_path, chromium, name):
    from axe_playwright_python.sync_playwright import Axe

    folder = project(tmp_path)
    starters.core().write_file(
        folder / "telephony/sheet" / f"{name}.html", build(plain, hotline())[f"telephony/sheet/{name}.html"].encode()
    )
    page = chromium.new_page(viewport={"width": 320, "height": 700})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto((folder / f"telephony/sheet/{name}.html").as_uri())
    # Axe itself asks for the style sheet once more, which the page's rules refuse.
    assert said == []
    found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"] for node in one["nodes"]][:2]) for one in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    page.close()
