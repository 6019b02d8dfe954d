"""What can go wrong for a user. Every text is a sentence to the person who can fix it."""

from __future__ import annotations

from collections.abc import Iterable


class CatalystError(Exception):
    """Base of every error a user can mend; anything else is our bug and keeps its traceback."""


class _Problems(CatalystError):
    """An error that names every problem of one file at once."""

    def __init__(self, where: str, problems: Iterable[str]):
        self.where = where
        self.problems = list(problems)
        count = len(self.problems)
        head = f"{count} problem{'s' if count != 1 else ''} in {where}"
        super().__init__("\n".join([head, *(f"  {p}" for p in self.problems)]))


class ContentError(_Problems):
    """An author's file (instrument, playbook, engagement) that cannot be used as it stands."""


class AnswerError(_Problems):
    """A respondent's file that cannot be taken in as it stands; nothing of it was stored."""


class NoPlanError(CatalystError):
    """The numbers admit no plan; the text says what to change."""


class MissingPartError(CatalystError):
    """This machine lacks a part that a step needs; the text says how to get it."""
