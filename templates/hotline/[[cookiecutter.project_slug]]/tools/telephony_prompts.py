"""Which prompts a call flow needs in each language, what is missing, and whether what was recorded is still true."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from . import core
from .telephony_flow import Flow
from .telephony_simulator import WORDS_PER_SECOND
from .telephony_words import HOLE, Prompt, Words, code_of, prompts_path, read_prompts

# Played while the telephone channel is not open.
NOT_OPEN = "not_open"
HOLES = ("emergency", "hours", "key")
STATUS = ("missing", "draft", "reviewed", "recorded", "record_again")


@dataclass(frozen=True)
class Item:
    """One recording: what to say, in which language, and in which file it lies.

    Parameters
    ----------
    file
        The name of the sound file without language folder and ending.
    code
        Belongs to these words; it is written into the prompts file once they are recorded.
    status
        One of STATUS.
    """

    file: str
    prompt: str
    language: str
    text: str
    code: str
    status: str


def needed(flow: Flow) -> dict[str, list[str]]:
    """Return the prompts that calls can reach with the keys they are spoken for; no key is an empty text."""
    found: dict[str, list[str]] = {}
    for name in flow.reached():
        step = flow.steps[name]
        if step.kind == "language":
            found.setdefault("key_language", [])
        for prompt in step.say:
            found.setdefault(prompt, [""])
        for key, target in flow.keys(step).items():
            keys = found.setdefault(f"key_{target}", [])
            keys += [key] if key not in keys else []
    return found | {NOT_OPEN: [""]}


def items(flow: Flow, words: Words, project: Path, codes: list[str]) -> list[Item]:
    """Return every recording that is needed, languages in the order of their keys."""
    wanted, found = needed(flow), []
    if len(codes) < 2:
        wanted.pop("key_language", None)
    for number, code in enumerate(codes, 1):
        known = read_prompts(project, code)
        for prompt, keys in wanted.items():
            spoken = [str(number)] if prompt == "key_language" else keys
            found += _of_prompt(words, code, prompt, spoken, known.get(prompt))
    return found


def _of_prompt(words: Words, code: str, prompt: str, keys: list[str], given: Prompt | None) -> list[Item]:
    has_words = given is not None and given.words and words.is_complete(code)
    texts = [core.clean(words.fill(given.words, code, key=key), 1000) if has_words and given else "" for key in keys]
    now = code_of(texts) if has_words else ""
    files = [f"{prompt}_{key}" if key else prompt for key in keys]
    status = _status(given, now)
    return [Item(file, prompt, code, text, now, status) for file, text in zip(files, texts, strict=True)]


def _status(given: Prompt | None, now: str) -> str:
    if given is None or not now:
        return "missing"
    if given.recorded_code and given.recorded_code != now:
        return "record_again"
    return "recorded" if given.recorded_code else "reviewed" if given.reviewed else "draft"


def lengths(listed: list[Item]) -> dict[str, int]:
    """Return how many seconds each prompt takes, in the language in which it takes longest."""
    found: dict[str, int] = {}
    for item in listed:
        found[item.prompt] = max(found.get(item.prompt, 0), ceil(len(item.text.split()) / WORDS_PER_SECOND))
    return found


def as_csv(listed: list[Item]) -> bytes:
    """Return the list for the recording studio as a table that no spreadsheet program runs."""
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(["language", "file", "words", "code", "status"])
    for item in listed:
        writer.writerow([core.csv_cell(cell) for cell in (item.language, item.file, item.text, item.code, item.status)])
    return lines.getvalue().encode()


def problems(flow: Flow, project: Path, listed: list[Item], is_live: bool) -> list[str]:
    """Return what is wrong with the words; what is only missing counts once the telephone is to open."""
    found = []
    for code in dict.fromkeys(item.language for item in listed):
        path = prompts_path(project, code)
        known, own = read_prompts(project, code), [item for item in listed if item.language == code]
        needs = {item.prompt for item in own}
        found += [text for name in sorted(needs & set(known)) for text in _word_problems(flow, path, name, known[name])]
        again = dict.fromkeys(item.prompt for item in own if item.status == "record_again")
        do = "record it again and write its code from telephony/sheet/prompts.csv"
        found += [f"{path}: prompt {name} was recorded with other words; {do}." for name in again]
        found += _live_problems(path, code, own, known) if is_live else []
    return found


def _word_problems(flow: Flow, path: str, name: str, prompt: Prompt) -> list[str]:
    if not prompt.words:
        return []
    found = []
    holes = HOLE.findall(prompt.words)
    found += [
        f"{path}: prompt {name} has {{{core.clean(h, 30)}}}; use {', '.join(HOLES)}." for h in holes if h not in HOLES
    ]
    if name.startswith("key_") and "key" not in holes:
        found.append(f"{path}: prompt {name} does not say which key; write {{key}} in it.")
    ends = {NOT_OPEN, *(one for step in flow.steps.values() if step.kind == "end" for one in step.say)}
    if name in ends and "emergency" not in holes and not _other_says(flow, name, prompt):
        found.append(f"{path}: prompt {name} ends a call without emergency guidance; write {{emergency}} in it.")
    if core.contacts_in(HOLE.sub("", prompt.words)):
        found.append(f"{path}: prompt {name} has a number in its words; write {{emergency}} or {{hours}} instead.")
    return found


def _other_says(flow: Flow, name: str, prompt: Prompt) -> bool:
    """Say whether a later prompt of the same end carries the guidance; only the last one must."""
    return any(name in step.say and step.say[-1] != name for step in flow.steps.values() if step.kind == "end")


def _live_problems(path: str, code: str, own: list[Item], known: dict[str, Prompt]) -> list[str]:
    missing = list(dict.fromkeys(item.prompt for item in own if item.status == "missing"))
    drafts = list(
        dict.fromkeys(item.prompt for item in own if item.prompt not in missing and not known[item.prompt].reviewed)
    )
    silent = list(dict.fromkeys(i.prompt for i in own if i.prompt not in missing and not known[i.prompt].recorded_code))
    head = f"{path}: in {core.clean(code, 20)}"
    found = (
        [f"{head} these prompts are missing: {', '.join(missing)}; write them, and the words of words.toml."]
        if missing
        else []
    )
    found += (
        [f"{head} nobody reviewed: {', '.join(drafts)}; write reviewed_by and reviewed_on in each row."]
        if drafts
        else []
    )
    do = "write the code from telephony/sheet/prompts.csv"
    return found + ([f"{head} these are not recorded: {', '.join(silent)}; record them and {do}."] if silent else [])
