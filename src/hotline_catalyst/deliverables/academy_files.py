"""The trainers' files: workbook, SCORM package, GIFT questions and the sheet for assessors, for the operator only."""

from __future__ import annotations

from math import ceil
from pathlib import Path
from types import SimpleNamespace

from ..archive import write_bytes, write_text
from ..results import Results
from . import academy_workbook, look, scorm
from .academy import Academy, load_academy, questions
from .academy_pages import environment, mocks
from .gift import gift

OFFERING = "training"


def write(results: Results, folder: Path) -> list[Path]:
    """Write operator/academy/; nothing when training is not among the offerings chosen."""
    if OFFERING not in results.facts.offerings:
        return []
    academy, target = load_academy(), folder / "operator" / "academy"
    return [
        academy_workbook.write(academy, results, target / "academy.xlsx"),
        write_bytes(target / "academy-scorm.zip", scorm.package(academy, results)),
        write_text(target / "academy-quizzes.gift.txt", gift(academy, results.facts.channels)),
        write_text(target / "for-assessors.html", assessors(academy, results)),
    ]


def assessors(academy: Academy, results: Results) -> str:
    """Return the sheet that trainees do not get: mock conversations with their hidden facts, and the tests' answers."""
    tests = []
    for quiz in academy.quizzes:
        asked = questions(quiz, results.facts.channels)
        least = ceil(round(academy.sign_off.test_share * len(asked), 9))
        tests += [SimpleNamespace(title=quiz.title, questions=asked, least=least)] if quiz.marked else []
    template = environment(autoescape=True).get_template("assessors.html.j2")
    return str(
        template.render(
            academy=academy,
            plays=mocks(academy),
            tests=tests,
            facts=results.facts,
            day=look.day(results.facts.as_of),
            look=look,
        )
    )
