"""Text messages, web chat, and which channel answers in which language: sources read, checked and counted."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import core
from .telephony_flow import LIMITS
from .telephony_words import FOLDER, HOLE, TelephonyError, Words, base_of

SMS = f"{FOLDER}/sms-keywords.toml"
CHAT = f"{FOLDER}/chat-texts.toml"
ACTIONS = ("person", "reply", "stop")
BY = ("advocate", "interpreter", "translation", "no")
CLOCKS = ("reminder_min", "warning_min", "close_min")
HOLES = ("emergency", "hours", "transcript_days")
NEEDED_REPLIES = ("start", "closed", "stop")
NEEDED_TEXTS = ("open", "privacy", "danger", "end", "closed")
MOST_PARTS = 3
# The signs of the GSM alphabet (3GPP TS 23.038), and those of it that count twice. Any other sign makes a text short.
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_TWICE = frozenset("^{}\\[~]|€")


@dataclass(frozen=True)
class Message:
    """A written text in one language, with its holes filled; empty when nobody wrote it."""

    name: str
    language: str
    text: str

    @property
    def signs(self) -> int:
        """How many signs a telephone counts."""
        if is_gsm(self.text):
            return len(self.text) + sum(ch in GSM_TWICE for ch in self.text)
        return len(self.text.encode("utf-16-le")) // 2

    @property
    def parts(self) -> int:
        """How many texts it is sent as, and billed as."""
        one, more = (160, 153) if is_gsm(self.text) else (70, 67)
        return 1 if self.signs <= one else -(-self.signs // more)


def is_gsm(text: str) -> bool:
    """Say whether a text holds only signs of the GSM alphabet, so that 160 of them fit into one."""
    return all(ch in GSM or ch in GSM_TWICE for ch in text)


def folded(word: object) -> str:
    """Return a keyword as it is compared: small, without accents, marks and blanks, as people type in a hurry."""
    plain = unicodedata.normalize("NFKD", core.clean(word, 40).casefold())
    return "".join(ch for ch in plain if unicodedata.category(ch)[0] in "LN")


class Texts:
    """The tables of texts of one channel, in every language of the hotline."""

    def __init__(self, facts: core.Table, words: Words, project: Path, path: str, section: str) -> None:
        self.path, self.words = path, words
        self.given = core.read_toml(project, path, TelephonyError)
        self.tables = core.table(self.given, section)
        self.codes = [code for code, _ in core.languages(facts)]

    def raw(self, name: str, code: str) -> str:
        """Return a text as written, with its holes."""
        record = core.table(self.tables, name)
        found = record.get(code) or record.get(base_of(code)) or ""
        return core.clean(found, 1000) if isinstance(found, str) else ""

    def message(self, name: str, code: str) -> Message:
        """Return a text with its holes filled."""
        raw = self.raw(name, code)
        usable = raw and (self.words.is_complete(code) or not HOLE.search(raw))
        return Message(name, code, self.words.fill(raw, code) if usable else "")

    def is_reviewed(self, code: str) -> bool:
        """Say whether somebody who reads the language well signed its texts."""
        known = core.table(self.given, "reviewed_by")
        return bool(core.role_of(known, code) or core.role_of(known, base_of(code)))

    def problems(self, name: str, needed: tuple[str, ...], is_live: bool) -> list[str]:
        """Return what is wrong in the tables of texts; what is missing counts once the channel is to open."""
        found = [f"{self.path}: [{name}.{one}] is missing; put it back." for one in needed if one not in self.tables]
        for title, record in self.tables.items():
            for code, text in record.items() if isinstance(record, dict) else [("", record)]:
                found += self._text_problems(core.clean(title, 40), core.clean(code, 20), text)
        return found + (self._live_problems() if is_live else [])

    def _text_problems(self, title: str, code: str, text: Any) -> list[str]:
        if not isinstance(text, str) or not code:
            return [f"{self.path}: {title} must hold one text for each language; correct it."]
        wrong = [core.clean(hole, 30) for hole in HOLE.findall(text) if hole not in HOLES]
        found = [f"{self.path}: {title} in {code} has {{{hole}}}; use {', '.join(HOLES)}." for hole in wrong]
        do = "write {emergency} or {hours}, or take it out"
        contacts = [core.clean(one, 60) for one in core.contacts_in(text)]
        return found + [f"{self.path}: {title} in {code} has '{one}' typed into it; {do}." for one in contacts]

    def _live_problems(self) -> list[str]:
        found = []
        for code in self.codes:
            missing = [core.clean(name, 40) for name in self.tables if not self.message(name, code).text]
            head = f"{self.path}: in {core.clean(code, 20)}"
            found += [f"{head} these texts are missing: {', '.join(missing)}; write them."] if missing else []
            if not self.is_reviewed(code):
                do = f"under [reviewed_by] write {core.clean(code, 20)} = and the role of the reader"
                found.append(f"{head} nobody reviewed the texts; {do}.")
        return found


def sms(facts: core.Table, words: Words, project: Path) -> Texts:
    """Return the replies of the text channel."""
    return Texts(facts, words, project, SMS, "replies")


def chat(facts: core.Table, words: Words, project: Path) -> Texts:
    """Return the texts of the web chat."""
    return Texts(facts, words, project, CHAT, "texts")


def is_live(facts: core.Table, channel: str) -> bool:
    """Say whether a channel is marked open in hotline.toml, signed or not."""
    return core.table(core.table(facts, "channels"), channel).get("open") is True


def keywords(texts: Texts) -> dict[str, core.Table]:
    """Return the keywords by name, only those that have the right shape."""
    return {
        name: one
        for name, one in core.table(texts.given, "keywords").items()
        if not _keyword_problems(texts, name, one)
    }


def sms_problems(facts: core.Table, texts: Texts) -> list[str]:
    """Return what is wrong with keywords and replies."""
    found = texts.problems("replies", NEEDED_REPLIES, is_live(facts, "text"))
    known = core.table(texts.given, "keywords")
    for name, one in known.items():
        found += [f"{SMS}: keyword {core.clean(name, 40)}: {text}." for text in _keyword_problems(texts, name, one)]
    if not any(one.get("action") == "stop" for one in keywords(texts).values()):
        found.append(f"{SMS}: no keyword stops texts; put STOP back.")
    for code in texts.codes:
        long = [name for name in texts.tables if texts.message(name, code).parts > MOST_PARTS]
        what = f"in {core.clean(code, 20)} takes more than {MOST_PARTS} texts"
        found += [f"{SMS}: reply {core.clean(name, 40)} {what}; make it shorter." for name in long]
    return found + _same_words(keywords(texts))


def _keyword_problems(texts: Texts, name: str, one: Any) -> list[str]:
    if not isinstance(one, dict) or one.get("action") not in ACTIONS:
        return [f"action must be one of {', '.join(ACTIONS)}; correct it"]
    words, found = one.get("words"), []
    if not isinstance(one.get("reply"), str) or one["reply"] not in texts.tables:
        found.append("reply must be the name of a reply; correct it")
    lists = words.values() if isinstance(words, dict) else [None]
    if not all(isinstance(listed, list) and all(isinstance(w, str) and folded(w) for w in listed) for listed in lists):
        found.append('words must look like { en = ["HELP"] }; correct them')
    return found


def _same_words(known: dict[str, core.Table]) -> list[str]:
    meant: dict[str, str] = {}
    found = []
    for name, one in known.items():
        for word in (word for listed in one["words"].values() for word in listed):
            first = meant.setdefault(folded(word), name)
            if first != name:
                pair = f"{core.clean(first, 40)} and {core.clean(name, 40)}"
                found.append(f"{SMS}: '{core.clean(word, 40)}' stands for both {pair}; give each its own word.")
    return found


def answer(texts: Texts, received: str) -> tuple[str, str]:
    """Return what a received text leads to: the action and the reply; a text that is no keyword goes to a person."""
    for one in keywords(texts).values():
        if folded(received) and folded(received) in {folded(w) for listed in one["words"].values() for w in listed}:
            return str(one["action"]), str(one["reply"])
    return "person", "start"


def chat_problems(facts: core.Table, texts: Texts) -> list[str]:
    """Return what is wrong with the texts and clocks of the chat."""
    found = texts.problems("texts", NEEDED_TEXTS, is_live(facts, "chat"))
    clocks = core.table(texts.given, "clocks")
    minutes = [clocks.get(name) for name in CLOCKS]
    whole = [m for m in minutes if isinstance(m, int) and not isinstance(m, bool) and 0 <= m <= 240]
    if len(whole) < len(CLOCKS) or [m for m in whole if m] != sorted(m for m in whole if m):
        do = "write minutes from 0 to 240, each later than the one before"
        found.append(f"{CHAT}: the clocks {', '.join(CLOCKS)} do not fit; {do}.")
    return found


def limits_problems(facts: core.Table, limits: core.Table) -> list[str]:
    """Return what is wrong in limits.toml; an open channel needs a decision for each language."""
    found = []
    codes = [code for code, _ in core.languages(facts)]
    for channel in core.CHANNELS:
        table = core.table(limits, channel)
        for code, one in table.items():
            found += [f"{LIMITS}: [{channel}.{core.clean(code, 20)}] {text}." for text in _limit_problems(one)]
        undecided = [core.clean(code, 20) for code in codes if not core.said(core.table(table, code), "by")]
        if is_live(facts, channel) and undecided:
            do = f'for each write [{channel}.code] and below it by = "advocate" or another word of the file\'s top'
            found.append(f"{LIMITS}: nobody decided who answers {channel} in {', '.join(undecided)}; {do}.")
    if codes and core.table(core.table(limits, "phone"), codes[0]).get("by") == "no":
        found.append(
            f"{LIMITS}: the telephone cannot leave out the main language; correct [phone.{core.clean(codes[0], 20)}]."
        )
    for channel in core.table(limits, "at_once"):
        found += (
            []
            if at_once(limits, channel)
            else [f"{LIMITS}: at_once.{core.clean(channel, 20)} must look like [1, 2]; correct it."]
        )
    return found


def limit_of(limits: core.Table, channel: str, code: str) -> core.Table:
    """Return what was decided for a channel and a language; empty when nothing was, or it is not possible."""
    one = core.table(core.table(limits, channel), code)
    return one if one and not _limit_problems(one) else {}


def at_once(limits: core.Table, channel: str) -> list[int]:
    """Return how many people one advocate helps at the same time, in a crisis and otherwise; empty when not written."""
    pair = core.table(limits, "at_once").get(channel)
    good = isinstance(pair, list) and len(pair) == 2 and all(_is_count(n) for n in pair) and pair[0] <= pair[1]
    return list(pair) if good and isinstance(pair, list) else []


def clock_of(texts: Texts, name: str) -> int:
    """Return after how many minutes the chat does something; 0 is never."""
    minutes = core.table(texts.given, "clocks").get(name)
    return minutes if isinstance(minutes, int) and not isinstance(minutes, bool) and 0 < minutes <= 240 else 0


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 10


def _limit_problems(one: Any) -> list[str]:
    if not isinstance(one, dict) or one.get("by") not in BY:
        return [f"by must be one of {', '.join(BY)}; correct it"]
    found = []
    days = one.get("days", [])
    if not isinstance(days, list) or any(day not in core.DAYS for day in days):
        found.append('days must look like ["monday", "friday"]; correct them')
    times = [str(one[key]) for key in ("from", "to") if key in one]
    if len(times) == 1 or not all(_is_clock(time) for time in times) or (times and times[0] >= times[1]):
        found.append('from and to must look like "08:00" and "18:00"; correct them')
    return found


def _is_clock(text: str) -> bool:
    hour, _, minute = text.partition(":")
    ok = len(hour) == 2 and len(minute) == 2 and hour.isdecimal() and minute.isdecimal()
    return ok and text.isascii() and ((int(hour) < 24 and int(minute) < 60) or text == "24:00")
