"""The words in which lines keep their counts: heads of columns, channels, outcomes, languages, months; and ours."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache

from pydantic import Field

from ..library import Content, content_root, read

LANGUAGES = ("en", "es", "fr", "ar")
_MONTH_LOCALES = ("en", "es", "fr", "ar", "ar_SY", "ar_DZ", "ar_MA", "ar_MR")
_NOT_WORD = re.compile(r"[\W_]+")
_ARABIC = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ى": "ي", "ـ": None})


class Heads(Content):
    """What a column may be headed with: the whole head, or words within it."""

    exact: list[str]
    within: list[str]


class Clock(Content):
    """Words for before and after noon."""

    am: list[str]
    pm: list[str]


class Limit(Content):
    """A border between usual and strange, with its reason."""

    value: float
    reason: str


class HistoryWords(Content):
    """assessment/history_words.yaml."""

    columns: dict[str, Heads]
    totals: list[str]
    channels: dict[str, list[str]]
    outcomes: dict[str, list[str]]
    clock: Clock
    own_names: list[str]
    limits: dict[str, Limit] = Field(min_length=1)
    notes: dict[str, str]

    def limit(self, name: str) -> float:
        """Return a limit's value."""
        return self.limits[name].value


@cache
def load_words() -> HistoryWords:
    """Read history_words.yaml."""
    return read(content_root() / "assessment" / "history_words.yaml", HistoryWords)


def plain(text: str) -> str:
    """Return a text as words: without case, accents, signs, and with the digits of every script as 0 to 9.

    >>> plain(" Fecha/Hora (Inicio)"), plain("Nº de llamadas"), plain("٠٨:٣٠")
    ('fecha hora inicio', 'no de llamadas', '08 30')
    """
    split = unicodedata.normalize("NFKD", text.translate(_ARABIC).casefold())
    kept = "".join(c for c in split if unicodedata.category(c) != "Mn")
    return _NOT_WORD.sub(" ", plain_digits(kept)).strip()


def plain_digits(text: str) -> str:
    """Return ``text`` with the digits of every script as 0 to 9."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.digit(c)) if not c.isascii() and c.isdecimal() else c for c in text)


@cache
def _phrases() -> tuple[dict[str, str], list[tuple[str, str]]]:
    exact: dict[str, str] = {}
    within: list[tuple[str, str]] = []
    for role, heads in load_words().columns.items():
        exact |= {plain(word): role for word in heads.exact}
        within += [(plain(word), role) for word in heads.within]
    return exact, sorted(within, key=lambda one: (-len(one[0]), one))


def role_of(head: str) -> str | None:
    """Return what a column holds by its head: moment, date, clock, count, channel, language, outcome or duration.

    >>> role_of("Fecha y hora de la llamada"), role_of("Date of birth"), role_of("Name"), role_of("عدد المكالمات")
    ('moment', 'never', None, 'count')
    """
    exact, within = _phrases()
    said = plain(head)
    if said in exact:
        return exact[said]
    fits = [role for phrase, role in within if f" {phrase} " in f" {said} "]
    # "Duration (s)" is read, any other duration is none of ours; "end time" is no time of ours.
    return None if not fits else fits[0] if fits[0] == "duration" or "never" not in fits else "never"


def is_total(text: str) -> bool:
    """Return whether a row or column headed so is a sum of others."""
    return not text[:1].isdigit() and plain(text) in _totals()


@cache
def _totals() -> frozenset[str]:
    return frozenset(plain(word) for word in load_words().totals)


@cache
def _meanings(kind: str) -> Mapping[str, str]:
    known: Mapping[str, list[str]] = getattr(load_words(), kind)
    return {plain(word): ident for ident, words in known.items() for word in [ident, *words]}


def channel_of(text: str) -> str | None:
    """Return phone, text, chat or email; None for a word that is not known.

    >>> channel_of("WhatsApp"), channel_of("Llamada"), channel_of("Fire")
    ('text', 'phone', None)
    """
    return _meanings("channels").get(plain(text))


def outcome_of(text: str) -> str | None:
    """Return abandoned, silent or test; None for any other outcome.

    >>> outcome_of("Hung-up"), outcome_of("Referred")
    ('abandoned', None)
    """
    return _meanings("outcomes").get(plain(text))


def _names(locale: str) -> dict[str, str]:
    from babel import Locale

    return {str(code): str(name) for code, name in Locale(locale).languages.items() if len(str(code)) < 4}


@cache
def _languages() -> Mapping[str, str]:
    known: dict[str, str] = {}
    for locale in reversed(LANGUAGES):
        known |= {plain(name): code for code, name in _names(locale).items()}
    return known | {code: code for code in _names("en")}


@cache
def _own_names() -> Mapping[str, str]:
    return {plain(name): code for code in load_words().own_names if (name := _names(code).get(code))}


@cache
def language_of(text: str) -> str | None:
    """Return a language's code from its code or its name in English, Spanish, French, Arabic or itself.

    >>> language_of("pt-BR"), language_of("Français"), language_of("árabe"), language_of("Klingonish")
    ('pt', 'fr', 'ar', None)
    """
    if match := re.fullmatch(r"([A-Za-z]{2,3})[-_][A-Za-z0-9_-]{2,8}", text.strip()):
        text = match[1]
    said = plain(text)
    # What languages call themselves takes long to look up and is rarely needed.
    return _languages().get(said) or _own_names().get(said)


@cache
def month_of(text: str) -> int | None:
    """Return a month's number by its name or its short name in English, Spanish, French or Arabic.

    >>> month_of("sept."), month_of("Août"), month_of("مارس"), month_of("x")
    (9, 8, 3, None)
    """
    return _months().get(plain(text))


@cache
def _months() -> Mapping[str, int]:
    from babel import Locale

    known: dict[str, int] = {"sept": 9}
    for name in _MONTH_LOCALES:
        for width in ("wide", "abbreviated"):
            for form in ("format", "stand-alone"):
                names = Locale.parse(name).months[form][width]
                known |= {plain(word): number for number, word in names.items() if not plain(word).isdigit()}
    return known


@cache
def afternoon(text: str) -> bool | None:
    """Return whether a word says after noon (True) or before it (False); None when it says neither."""
    clock, said = load_words().clock, plain(text)
    return True if said in map(plain, clock.pm) else False if said in map(plain, clock.am) else None


def listed(words: Iterable[str], most: int = 5) -> str:
    """Return words as a list in a sentence; of many only the first.

    >>> listed(["a", "b", "c"], 2)
    'a, b and 1 more'
    """
    found = list(words)
    rest = len(found) - most
    return ", ".join(found[:most]) + (f" and {rest} more" if rest > 0 else "")
