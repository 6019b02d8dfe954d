"""Finds in what people wrote the details that could lead to a person, before anything is stored.

The patterns are content (assessment/privacy.yaml), each with examples that it must and must not find. They see shapes,
not meaning: a story told without name, age or number passes, so a person still reads every note.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from pydantic import Field, field_validator

from ..library import Content, content_root, read
from .responses import Response


class Digits(Content):
    """How many digits a match must hold to count."""

    least: int
    most: int


class Pattern(Content):
    """One shape of a kind: what to find and what excuses it.

    ``unless`` must fit the whole match, brackets and spaces at its ends aside; ``unless_before`` the end of the text
    before it, ``unless_after`` the start of the text after it. Letter case is ignored but where the pattern says so.
    """

    language: str
    find: str
    digits: Digits | None = None
    unless: list[str] = []
    unless_before: str = ""
    unless_after: str = ""

    @field_validator("find", "unless_before", "unless_after")
    @classmethod
    def _compiles(cls, value: str) -> str:
        try:
            re.compile(value)
        except re.error as error:
            raise ValueError(f"this is no pattern: {error}") from error
        return value


class Kind(Content):
    """A kind of detail that must not be stored, with texts that show where its border runs."""

    id: str
    title: str
    do: str
    reason: str
    patterns: list[Pattern] = Field(min_length=1)
    match: list[str] = Field(min_length=1)
    leave: list[str] = []


class PrivacyFile(Content):
    """assessment/privacy.yaml."""

    kinds: list[Kind]


@dataclass(frozen=True)
class Found:
    """A place in a text that looks like a detail of a person: its kind and the characters it spans."""

    kind: Kind
    start: int
    end: int


@dataclass(frozen=True)
class _Ready:
    kind: Kind
    find: re.Pattern[str]
    digits: Digits | None
    unless: tuple[re.Pattern[str], ...]
    before: re.Pattern[str] | None
    after: re.Pattern[str] | None


# How far the words beside a match are looked at, in characters.
BESIDE = 32


@cache
def load_privacy() -> PrivacyFile:
    """Return the kinds of details that are looked for."""
    return read(content_root() / "assessment" / "privacy.yaml", PrivacyFile)


@cache
def _ready() -> tuple[_Ready, ...]:
    def made(kind: Kind, p: Pattern) -> _Ready:
        unless = tuple(re.compile(u, re.IGNORECASE) for u in p.unless)
        before = re.compile(f"(?:{p.unless_before})$", re.IGNORECASE) if p.unless_before else None
        after = re.compile(p.unless_after, re.IGNORECASE) if p.unless_after else None
        return _Ready(kind, re.compile(p.find, re.IGNORECASE), p.digits, unless, before, after)

    return tuple(made(kind, p) for kind in load_privacy().kinds for p in kind.patterns)


def screen(text: str) -> list[Found]:
    """Return what in ``text`` looks like a detail of a person, in the order it stands; overlaps are kept once.

    >>> [found.kind.id for found in screen("Call Ana on +34 600 123 456")]
    ['phone']
    """
    text = _plain_digits(text)
    found: list[Found] = []
    for ready in _ready():
        for match in ready.find.finditer(text):
            if not _excused(ready, text, match):
                found.append(Found(ready.kind, *match.span()))
    kept: list[Found] = []
    for one in sorted(found, key=lambda f: (f.start, -f.end)):
        if not any(one.start < other.end and other.start < one.end for other in kept[-3:]):
            kept.append(one)
    return kept


def _plain_digits(text: str) -> str:
    """Return ``text`` with the digits of every script as 0 to 9, character for character."""
    return "".join(str(unicodedata.digit(c)) if not c.isascii() and c.isdigit() else c for c in text)


def _excused(ready: _Ready, text: str, match: re.Match[str]) -> bool:
    said = match.group()
    if ready.digits is not None and not ready.digits.least <= sum(map(str.isdigit, said)) <= ready.digits.most:
        return True
    if any(pattern.fullmatch(said.strip(" ()")) for pattern in ready.unless):
        return True
    before, after = text[max(0, match.start() - BESIDE) : match.start()], text[match.end() : match.end() + BESIDE]
    return bool(ready.before and ready.before.search(before)) or bool(ready.after and ready.after.match(after))


def flags(response: Response) -> list[str]:
    """Return a sentence for every text of a submission that looks like it could lead to a person.

    Each names the question, the field, the kind, the first letters of what was found and what to do. Nothing is
    shown in full: the sentence may end up in a log.
    """
    return [sentence for place, text in _texts(response) for sentence in _sentences(place, text)]


def _texts(response: Response) -> Iterator[tuple[str, str]]:
    yield "organisation", response.organisation
    for question, answer in sorted(response.answers.items()):
        yield f"{question}, note", answer.note
        yield f"{question}, evidence", answer.evidence


def _sentences(place: str, text: str) -> Iterator[str]:
    found = screen(text)
    counts = Counter(one.kind.id for one in found)
    for ident in dict.fromkeys(one.kind.id for one in found):
        first = next(one for one in found if one.kind.id == ident)
        more = f" and {counts[ident] - 1} more" if counts[ident] > 1 else ""
        shown = masked(text[first.start : first.end])
        yield f"{place}: this looks like {first.kind.title} ({shown}{more}); {first.kind.do}"


def masked(text: str) -> str:
    """Return the first letters of a text, enough to find it again and too few to use it.

    >>> masked("+34 600 123 456"), masked("a@b.org")
    ('+34…', 'a…')
    """
    text = " ".join(text.split())
    return f"{text[: max(1, min(4, len(text) // 4))]}…"
