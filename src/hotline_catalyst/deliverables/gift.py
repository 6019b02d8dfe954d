"""The academy's questions in GIFT, the text format from which Moodle fills a question bank.

References
----------
Moodle documentation, GIFT format: ``= ~ # { } : \\`` are signs and are written with a backslash before them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .academy import Academy, Question, questions

SIGNS = re.compile(r"([\\~=#{}:])")


def gift(academy: Academy, channels: Sequence[str]) -> str:
    """Return all quizzes as GIFT, a category each; the reason is the feedback that everyone sees."""
    parts = []
    for quiz in academy.quizzes:
        parts.append(f"$CATEGORY: $course$/Academy/{quiz.title}")
        parts += [_question(question) for question in questions(quiz, channels)]
    return "\n\n".join(parts) + "\n"


def _question(question: Question) -> str:
    answers = [f"\t{'=' if choice.right else '~'}{escaped(choice.text)}" for choice in question.choices]
    reason = f"\t####{escaped(f'{question.reason} Page {question.page}.')}"
    return "\n".join([f"::{escaped(question.id)}::[plain]{escaped(question.ask)} {{", *answers, reason, "}"])


def escaped(text: str) -> str:
    """Return a text in which no sign means anything.

    >>> escaped("a = b: {c}")
    'a \\\\= b\\\\: \\\\{c\\\\}'
    """
    return SIGNS.sub(r"\\\1", " ".join(text.split()))
