"""What the staffing plan says: sentences are content, numbers and names are filled in here."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pydantic import Field

from ..library import Content, content_root, read


class Plural(Content):
    """A text for 1 and one for all other numbers, with {count}."""

    one: str
    other: str

    def text(self, count: int, **words: object) -> str:
        """Return the text for ``count``, its words filled in."""
        return (self.one if count == 1 else self.other).format(count=count, **words)


class ChannelChoice(Content):
    """Channels to compare with those asked for."""

    id: str
    title: str
    channels: list[str]


class LanguageWords(Content):
    """How the languages of a choice are said."""

    first: str
    all: str


class Choices(Content):
    """What is compared beside what was asked for, and how it is said."""

    channels: list[ChannelChoice]
    languages: LanguageWords
    level: str


class OptionWords(Content):
    """The sentence of an option and its endings."""

    sentence: Plural
    asked: str
    asked_more: Plural
    asked_fewer: Plural
    asked_same: str
    always_more: Plural
    always_same: str
    counted: str


class OutsideWords(Content):
    """What people get while the line is closed, or by a channel it does not offer."""

    always: str
    phone: str
    written: str
    email: str
    closed: str
    interpreter: str


class VolumeTrigger(Content):
    """Up to how many signals the posts of a part of the day hold."""

    title: str
    holds: Plural
    past: Plural


class StandingTrigger(Content):
    """A sign to watch in every part of the day."""

    id: str
    title: str
    sentence: str


class TriggerWords(Content):
    """When one more advocate is needed."""

    volume: VolumeTrigger
    standing: list[StandingTrigger]


class CauseWords(Content):
    """Something that costs service."""

    title: str
    sentence: str


class StressWords(Content):
    """What the simulated weeks showed."""

    summary: str
    nothing: str
    every_day: str
    days_run: str
    span: str
    weak: str
    causes: dict[str, CauseWords]
    no_cost: str
    one_more: str
    one_fewer: str


class NumberWords(Content):
    """A headline number and the sentence that explains it."""

    title: str
    because: str


class Names(Content):
    """Names of channels and days as they stand inside a sentence."""

    channels: dict[str, str]
    days: dict[str, str]
    day_kinds: dict[str, str]


class StaffingWords(Content):
    """staffing_words.yaml."""

    join: str
    and_: str = Field(alias="and")
    names: Names
    choices: Choices
    option: OptionWords
    outside: OutsideWords
    trigger: TriggerWords
    stress: StressWords
    bounds: dict[str, str]
    numbers: dict[str, NumberWords]

    def listed(self, names: Sequence[str]) -> str:
        """Return names as a list in words: a, b and c."""
        if len(names) < 2:
            return "".join(names)
        return self.and_.format(first=self.join.join(names[:-1]), last=names[-1])

    def channels_listed(self, channels: Sequence[str]) -> str:
        """Return channels by name as a list in words."""
        return self.listed([self.names.channels.get(channel, channel) for channel in channels])


def load_staffing_words(root: Path | None = None) -> StaffingWords:
    """Read staffing_words.yaml."""
    return read((root or content_root()) / "assessment" / "staffing_words.yaml", StaffingWords)


def language_name(code: str) -> str:
    """Return a language's English name, or the code where nobody knows it.

    >>> language_name("fr")
    'French'
    """
    from babel import Locale

    return str(Locale("en").languages.get(code, code))


def whole_percent(share: float) -> int:
    """Return a share in whole per cent; 100 only when nothing is missing.

    >>> whole_percent(0.996), whole_percent(1.0), whole_percent(0.884)
    (99, 100, 88)
    """
    return 100 if share >= 1 - 1e-9 else min(99, round(100 * share))
