"""The words of calls and texts in each language, with hours and emergency guidance put in from hotline.toml."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby, zip_longest
from pathlib import Path

from . import core

FOLDER = "telephony"
WORDS = f"{FOLDER}/words.toml"
COLUMNS = ("prompt", "words", "reviewed_by", "reviewed_on", "recorded_code", "recorded_on")
NEEDED = ("emergency_known", "emergency_unknown", "always", "whole_day", "never", "to", "and", "every_day", *core.DAYS)
HOLE = re.compile(r"\{([a-z_]+)\}")


class TelephonyError(Exception):
    """A file of this folder cannot be used; the text says where and what to do."""


def base_of(code: str) -> str:
    """Return the language of a code such as pt-BR: pt."""
    return code.replace("_", "-").split("-")[0].lower()


class Words:
    """The words of words.toml for the facts of one hotline."""

    def __init__(self, facts: core.Table, project: Path) -> None:
        self.facts = facts
        self.tables = core.read_toml(project, WORDS, TelephonyError)

    def own(self, code: str) -> core.Table:
        """Return the words of a language; empty when there are none."""
        return core.table(self.tables, code) or core.table(self.tables, base_of(code))

    def is_complete(self, code: str) -> bool:
        """Say whether everything that prompts need is there in this language."""
        return all(core.said(self.own(code), name) for name in NEEDED)

    def word(self, code: str, name: str) -> str:
        """Return a word; the English one where the language lacks it."""
        return core.said(self.own(code), name) or core.said(core.table(self.tables, "en"), name) or name

    def label(self, code: str, name: str) -> str:
        """Return a label of the sheets; the English one where the language lacks it."""
        own, english = core.table(self.own(code), "sheet"), core.table(core.table(self.tables, "en"), "sheet")
        return core.said(own, name) or core.said(english, name) or name.replace("_", " ")

    def emergency(self, code: str) -> str:
        """Return what to do in danger: with the number only when it was confirmed locally."""
        number = core.clean(core.emergency_number(self.facts), 40)
        if not number:
            return self.word(code, "emergency_unknown")
        return self.word(code, "emergency_known").replace("{number}", number)

    def hours(self, code: str) -> str:
        """Return the advertised hours in words, days with the same hours together."""
        days = [(day, core.spans(self.facts, day)) for day in core.DAYS]
        if not any(spans for _, spans in days):
            return self.word(code, "never")
        if all(_whole(spans) for _, spans in days):
            return self.word(code, "always")
        groups = [(spans, [day for day, _ in same]) for spans, same in groupby(days, key=lambda pair: pair[1]) if spans]
        return ", ".join(f"{self._days(code, named)} {self._spans(code, spans)}" for spans, named in groups)

    def _days(self, code: str, days: list[str]) -> str:
        if len(days) == len(core.DAYS):
            return self.word(code, "every_day")
        first, last = self.word(code, days[0]), self.word(code, days[-1])
        if len(days) == 1:
            return first
        return f"{first} {self.word(code, 'to' if len(days) > 2 else 'and')} {last}"

    def _spans(self, code: str, spans: list[tuple[int, int]]) -> str:
        if _whole(spans):
            return self.word(code, "whole_day")
        said = [f"{clock(start)} {self.word(code, 'to')} {clock(end)}" for start, end in spans]
        return f" {self.word(code, 'and')} ".join(said)

    def fill(self, text: str, code: str, **more: object) -> str:
        """Return a text with its holes filled; a hole that nobody knows stays as it is."""
        retention = core.table(self.facts, "retention")
        known: Mapping[str, object] = {
            "emergency": self.emergency(code),
            "hours": self.hours(code),
            "transcript_days": core.said(retention, "transcript_days") or "____",
            **more,
        }
        return HOLE.sub(lambda hole: str(known.get(hole[1], hole[0])), text)


def _whole(spans: list[tuple[int, int]]) -> bool:
    reached = 0
    for start, end in spans:
        if start > reached:
            return False
        reached = max(reached, end)
    return reached == 1440


def clock(minutes: int) -> str:
    """Turn minutes after midnight into 18:30.

    >>> clock(1110)
    '18:30'
    """
    return f"{minutes // 60:02}:{minutes % 60:02}"


@dataclass(frozen=True)
class Prompt:
    """What one language says at one place of a call.

    Parameters
    ----------
    words
        As written in the file, with holes.
    reviewed
        Somebody who reads the language well signed it.
    recorded_code
        The code of the words that were recorded; empty until then.
    """

    words: str
    reviewed: bool
    recorded_code: str


def prompts_path(project: Path, code: str) -> str:
    """Return where the prompts of a language lie; that of pt-BR may be pt-BR.csv or pt.csv."""
    own = f"{FOLDER}/prompts/{re.sub('[^A-Za-z0-9_-]', '', code)}.csv"
    return own if (project / own).is_file() else f"{FOLDER}/prompts/{re.sub('[^a-z]', '', base_of(code))}.csv"


def read_prompts(project: Path, code: str) -> dict[str, Prompt]:
    """Return the prompts of a language by name; empty when nobody wrote the file yet.

    Raises
    ------
    TelephonyError
        When the file is there but is no table of prompts.
    """
    path = prompts_path(project, code)
    if not (project / path).is_file():
        return {}
    header, *lines = core.read_rows(project, path, TelephonyError) or [[]]
    rows = [dict(zip_longest(header, line, fillvalue="")) for line in lines if any(line)]
    if not rows or set(COLUMNS) - set(header) or any(cell for row in rows for cell in [row.get("")]):
        do = f"give it the columns {', '.join(COLUMNS)} and put quotes around words with a comma"
        raise TelephonyError(f"{path}: it is not a table of prompts; {do}.")
    found: dict[str, Prompt] = {}
    for row in rows:
        name = core.clean(row["prompt"])
        if name in found:
            raise TelephonyError(f"{path}: prompt {name} is there twice; keep one row.")
        words = "" if core.said(row, "words") == "" else core.clean(row["words"], 1000)
        found[name] = Prompt(words, core.is_signed(row, "reviewed_by", "reviewed_on"), core.said(row, "recorded_code"))
    return found


def code_of(texts: list[str]) -> str:
    """Return the short code of words as they are to be recorded; other words, another code."""
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:6]
