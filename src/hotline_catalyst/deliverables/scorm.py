"""The academy's quizzes as a SCORM 1.2 package: our own small pages, no code of others, no network.

The answers lie in the pages, as in every package without a server. The written test that counts is taken in the room.

References
----------
ADL (2001), SCORM Version 1.2: Content Aggregation Model; Run-Time Environment.
"""

from __future__ import annotations

from ..archive import zipped
from ..library import content_root
from ..results import Results
from . import look
from .academy import Academy, questions
from .academy_pages import environment

SHARED = ("lesson.css", "lesson.js", "scorm.js")
IDENT = "hotline-academy"


def package(academy: Academy, results: Results) -> bytes:
    """Return the package as a zip; the same academy gives the same bytes."""
    return zipped({name: text.encode("utf-8") for name, text in files(academy, results).items()})


def files(academy: Academy, results: Results) -> dict[str, str]:
    """Return the package's files by name, the manifest first: a lesson each day and test, and what they share."""
    templates, folder = environment(autoescape=True), content_root() / "templates" / "academy"
    share = round(academy.sign_off.test_share * 100)
    lessons = {
        f"{quiz.id}.html": templates.get_template("lesson.html.j2").render(
            quiz=quiz, asked=questions(quiz, results.facts.channels), draft=academy.draft, **{"pass": share}
        )
        for quiz in academy.quizzes
    }
    manifest = templates.get_template("imsmanifest.xml.j2").render(
        ident=IDENT, title=f"{results.facts.name}: academy", lessons=academy.quizzes, shared=SHARED, **{"pass": share}
    )
    return {
        "imsmanifest.xml": manifest,
        **lessons,
        "lesson.css": templates.get_template("lesson.css.j2").render(look=look),
        **{name: (folder / name).read_text("utf-8") for name in ("lesson.js", "scorm.js")},
    }
