"""What the questionnaire workbook says, in each language, and the hidden marks by which it is read back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from math import ceil
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from ..errors import CatalystError, ContentError
from ..library import Content, content_root, read, shown
from .instrument import Instrument

# Hidden marks: no reader ever looks at a sheet's name, a row's number or a translated word.
COLUMNS = ("#id", "#title", "#question", "#levels", "#answer", "#sure", "#note", "#evidence")
COVER = ("#respondent", "#role", "#organisation", "#language", "#date", "#submission", "#instrument", "#fingerprint")
CONSENT = "#consent:"  # followed by the use of instrument.yaml that is agreed to
ASKED = "#asked"  # heads the hidden list of every question this workbook asks

# A code letter or digit leads every label, so that a workbook in any language reads the same.
STATES = {"D": "dont_know", "N": "not_applicable", "R": "declined"}
SURE = {"S": "sure", "F": "fairly", "U": "unsure"}

PLACEHOLDER = re.compile(r"\{(\w+)\}")


class Line(Content):
    """A heading and the text beside it."""

    head: str
    text: str


class Terms(Content):
    """The instrument's own short words in another language; its questions stay in English until translated."""

    levels: dict[int, str]
    certainty: dict[str, str]
    consent: dict[str, str]


class States(Content):
    """What a person can say instead of an answer."""

    D: str
    N: str
    R: str


class Fields(Content):
    """Labels of the cover's fields."""

    respondent: str
    role: str
    language: str
    date: str
    submission: str
    instrument: str
    fingerprint: str


class Heads(Content):
    """Headings of a section's columns."""

    title: str
    question: str
    levels: str
    answer: str
    sure: str
    note: str
    evidence: str


class Language(Content):
    """Everything the workbook says in one language, apart from the questions."""

    name: str
    direction: Literal["ltr", "rtl"]
    reviewed: bool
    font: str
    draft: str
    sheet: str
    guide: list[Line]
    length: Line
    fields: Fields
    consent: Line
    yes: str
    no: str
    contents: Line
    section: str
    states: States
    heads: Heads
    why: str
    number: str
    choices: str
    dont_know: str
    terms: Terms | None = None

    @property
    def right_to_left(self) -> bool:
        """Return whether sheets begin at the right."""
        return self.direction == "rtl"


class RoleWords(Line):
    """What one role is told before anything else, and what stands where a screen or a page would show the role."""

    id: str = Field(pattern=r"^[a-z]+$")
    title: str


class Shared(Content):
    """What workbook, offline form and survey form say in the same words, in one language."""

    who: Line
    back: Line
    size: str
    organisation: str
    roles: dict[str, RoleWords]

    def sized(self, questions: int, minutes: float) -> str:
        """Return how long a questionnaire is; minutes are rounded up, as everywhere."""
        return self.size.format(questions=questions, minutes=ceil(minutes))

    def role_title(self, instrument: Instrument, role: str) -> str:
        """Return what is shown for a role: its title, or what stands in its place."""
        return self.roles[role].title if role in self.roles else instrument.role_title(role)


class SharedFile(Content):
    """shared_words.yaml."""

    languages: dict[str, Shared]


class WordsFile(Content):
    """workbook_words.yaml."""

    languages: dict[str, Language]


def load_words(path: Path | None = None) -> dict[str, Language]:
    """Read the workbook's words.

    Raises
    ------
    ContentError
        When a language lacks a key, a line or a {placeholder} that English has, or has one more.
    """
    path = path or content_root() / "templates" / "questionnaire" / "workbook_words.yaml"
    languages = read(path, WordsFile).languages
    problems = ["en: English is missing; every other language is compared with it"] if "en" not in languages else []
    for code, language in languages.items():
        if not problems and code != "en":
            problems += [f"{code}: {problem}" for problem in _differences(languages["en"], language)]
    if problems:
        raise ContentError(shown(path), problems)
    return languages


@cache
def shipped_words() -> dict[str, Language]:
    """Return the words of every language as shipped."""
    return load_words()


def load_shared(path: Path | None = None) -> dict[str, Shared]:
    """Read what all doors say alike.

    Raises
    ------
    ContentError
        When a language lacks a text, a role or a {placeholder} that English has, or has one more.
    """
    path = path or content_root() / "templates" / "questionnaire" / "shared_words.yaml"
    languages = read(path, SharedFile).languages
    problems = ["en: English is missing; every other language is compared with it"] if "en" not in languages else []
    for code, language in languages.items():
        if not problems and code != "en":
            problems += [f"{code}: {problem}" for problem in _unlike(languages["en"], language)]
    if problems:
        raise ContentError(shown(path), problems)
    return languages


@cache
def _shipped_shared() -> dict[str, Shared]:
    return load_shared()


def shared_in(language: str) -> Shared:
    """Return what all doors say alike in one language.

    Raises
    ------
    CatalystError
        When nothing is written in that language.
    """
    known = _shipped_shared()
    if language not in known:
        raise CatalystError(f"shared_words.yaml has no words in '{language}'. Choose one of: {', '.join(known)}.")
    return known[language]


def words_in(language: str) -> Language:
    """Return the words of one language.

    Raises
    ------
    CatalystError
        When the questionnaire is not written in that language.
    """
    known = shipped_words()
    if language not in known:
        raise CatalystError(f"There is no questionnaire in '{language}' yet. Choose one of: {', '.join(known)}.")
    return known[language]


def _differences(english: Language, other: Language) -> Iterator[str]:
    yield from _unlike(english, other)
    if other.terms is None:
        yield "terms: they are missing; translate the levels, certainties and consents of instrument.yaml"


def _unlike(english: Content, other: Content) -> Iterator[str]:
    ours, theirs = (dict(_texts(x.model_dump(exclude={"terms"}))) for x in (english, other))
    for place in sorted(ours.keys() ^ theirs.keys()):
        yield f"{place}: it stands in one language and not in the other; give both the same lines"
    for place in sorted(ours.keys() & theirs.keys()):
        wanted, found = (sorted(PLACEHOLDER.findall(texts[place])) for texts in (ours, theirs))
        if wanted != found:
            yield f"{place}: its placeholders are {found}; English has {wanted}"


def _texts(node: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of a language with its place, like guide.2.head."""
    if isinstance(node, dict | list):
        for key, child in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _texts(child, f"{place}.{key}".lstrip("."))
    elif isinstance(node, str):
        yield place, node
