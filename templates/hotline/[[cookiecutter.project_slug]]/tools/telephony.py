"""Calls, texts and chat: one call flow becomes a sheet for any vendor, Asterisk files, a list of prompts, and a test.

Sources: telephony/call-flow.toml, limits.toml, words.toml, prompts/*.csv, sms-keywords.toml and chat-texts.toml.
The public number appears only while the telephone channel is open; until then calls hear the emergency guidance.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from . import core, telephony_asterisk, telephony_messages, telephony_prompts, telephony_simulator
from .telephony_calendar import nobody_on
from .telephony_channels import Channels
from .telephony_flow import FLOW, LIMITS, Flow, load, problems, spoken, voicemail_problems
from .telephony_prompts import Item
from .telephony_sheet import Sheet
from .telephony_words import WORDS, TelephonyError, Words, prompts_path, read_prompts

SHEETS = "telephony/sheet"
LINT = "from asterisklint.main import main; import os, sys; sys.exit(main(sys.argv[1:], os.environ))"


@dataclass(frozen=True)
class Sources:
    """Everything a call flow is made from."""

    flow: Flow
    words: Words
    limits: core.Table
    items: list[Item]
    codes: list[str]


def read(facts: core.Table, project: Path) -> Sources:
    """Read the sources of the call flow.

    Raises
    ------
    TelephonyError
        When one of them cannot be used.
    """
    flow, words, limits = load(facts, project), Words(facts, project), core.read_toml(project, LIMITS, TelephonyError)
    codes = [code for code, _ in spoken(facts, limits)][:9]
    return Sources(flow, words, limits, telephony_prompts.items(flow, words, project, codes), codes)


def build(facts: core.Table, project: Path) -> dict[str, bytes]:
    """Return the sheets, the list of prompts and the Asterisk files by their path; only what was chosen."""
    made = _channel_sheets(facts, project)
    if "telephony" not in core.chosen(facts):
        return made
    sources = read(facts, project)
    for code in sources.codes:
        sheet = Sheet(facts, sources.flow, sources.words, sources.items, code, sources.codes)
        made[f"{SHEETS}/call-flow.{_name(code)}.html"] = sheet.page().encode()
    made[f"{SHEETS}/prompts.csv"] = telephony_prompts.as_csv(sources.items)
    if "telephony_asterisk" in core.chosen(facts):
        made |= telephony_asterisk.files(facts, sources.flow, sources.codes)
    return made


def check(facts: core.Table, project: Path) -> list[str]:
    """Return what is wrong in the sources and in the paths of a call, in sentences."""
    try:
        words, limits = Words(facts, project), core.read_toml(project, LIMITS, TelephonyError)
        found = telephony_messages.limits_problems(facts, limits) + _message_problems(facts, words, project)
        return found + (_call_problems(facts, project) if "telephony" in core.chosen(facts) else [])
    except TelephonyError as reason:
        return [str(reason)]


def full(facts: core.Table, project: Path) -> list[str]:
    """Hold the Asterisk files against asterisklint; needs that package."""
    if "telephony_asterisk" not in core.chosen(facts):
        return []
    name = f"{telephony_asterisk.FOLDER}/extensions.conf"
    with tempfile.TemporaryDirectory() as folder:
        # Its messages name the file as it was given.
        (Path(folder) / "extensions.conf").write_bytes(build(facts, project)[name])
        command = [sys.executable, "-I", "-c", LINT, "dialplan-check", "extensions.conf"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, encoding="utf-8")
    lines = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("extensions.conf:")]
    if done.returncode and not lines:
        lines = (done.stderr.strip().splitlines() or ["it stopped without a message"])[-1:]
    return [f"{name}: asterisklint says {core.clean(line)}; correct {FLOW}." for line in lines]


def _name(code: str) -> str:
    return re.sub("[^A-Za-z0-9_-]", "", code)


def _channel_sheets(facts: core.Table, project: Path) -> dict[str, bytes]:
    words, limits = Words(facts, project), core.read_toml(project, LIMITS, TelephonyError)
    texts, made = _texts(facts, words, project), {}
    for code, _ in core.languages(facts):
        page = Channels(facts, words, limits, code).page(texts)
        made[f"{SHEETS}/channels.{_name(code)}.html"] = page.encode()
    return made


def _texts(facts: core.Table, words: Words, project: Path) -> list[telephony_messages.Texts]:
    names = core.chosen(facts)
    found = [telephony_messages.sms(facts, words, project)] if "channel_text" in names else []
    return found + ([telephony_messages.chat(facts, words, project)] if "channel_chat" in names else [])


def _message_problems(facts: core.Table, words: Words, project: Path) -> list[str]:
    found = [f"{WORDS}: the table [en] is missing; put it back."] if not words.is_complete("en") else []
    for texts in _texts(facts, words, project):
        problems_of = telephony_messages.sms_problems if "sms" in texts.path else telephony_messages.chat_problems
        found += problems_of(facts, texts)
    return found


def _call_problems(facts: core.Table, project: Path) -> list[str]:
    wrong = problems(core.read_toml(project, FLOW, TelephonyError))
    if wrong:
        return wrong
    sources = read(facts, project)
    live = telephony_messages.is_live(facts, "phone")
    many = len(spoken(facts, sources.limits))
    found = telephony_prompts.problems(sources.flow, project, sources.items, live)
    found += _cover_problems(facts, sources.flow) if live else []
    found += telephony_simulator.problems(sources.flow, many, telephony_prompts.lengths(sources.items))
    found += _unknown_prompts(sources, project)
    return found + voicemail_problems(sources.flow)


def _cover_problems(facts: core.Table, flow: Flow) -> list[str]:
    do = "roster people and write the hours under [staffing.covered_hours], or open for fewer hours"
    bare = nobody_on(facts, flow.holidays)
    return [f"{FLOW}: holiday {day}: {missing} would be open but nobody is rostered; {do}." for day, missing in bare]


def _unknown_prompts(sources: Sources, project: Path) -> list[str]:
    """A prompt that the main language lacks is a slip of the pen as long as its file is there."""
    main = sources.codes[0]
    known = read_prompts(project, main)
    lost = (
        dict.fromkeys(i.prompt for i in sources.items if i.language == main and i.prompt not in known) if known else {}
    )
    path = prompts_path(project, main)
    return [f"{path}: prompt {name} has no row; write one, or correct the name in {FLOW}." for name in lost]
