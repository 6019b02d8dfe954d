"""What rosters say: sentences are content; numbers, dates and codes are filled in here."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ...library import Content, content_root, read


class WordsFile(Content):
    """assessment/roster_words.yaml: sections of sentences by name."""

    sections: dict[str, dict[str, str]]


@cache
def _load(root: Path) -> WordsFile:
    return read(root / "assessment" / "roster_words.yaml", WordsFile)


def say(section: str, name: str, root: Path | None = None, **figures: object) -> str:
    """Return a sentence with its figures.

    Raises
    ------
    KeyError
        When the sentence does not exist: an error of ours, which a test finds.
    """
    return _load(root or content_root()).sections[section][name].format(**figures)
