"""Submissions drawn at random for property tests: every state, kind of question and awkward text."""

from __future__ import annotations

from datetime import date
from typing import Any

from hypothesis import strategies as st
from panel import instrument

from hotline_catalyst.assessment.responses import Answer, Response, clean_text

AWKWARD = (
    "=", "+1", "-", "@SUM(1)", "'=1", "''@", "'tis", '"=1', ";=cmd|' /C calc'!A0", "a;-b", "x\n=1", "\n- list", "\t=",
    '"quoted" text', "note: evidence:", "D", "N", "sure", "#", "1-2", "007", "1e5", "e\u0301", "\u202e", "لا نعرف", ",",
    "\\n", "\x00",
)  # fmt: skip
QUESTIONS = ("EE-01", "EE-02", "FO-01", "FO-Q1", "FO-Q2", "FO-Q3", "EE-Q1")
texts = st.lists(st.one_of(st.sampled_from(AWKWARD), st.text(max_size=12)), max_size=3).map("".join).map(clean_text)
# No name alone is a word of the first line on paper.
organisations = texts.map(lambda text: clean_text(f"{text} NGO"))


@st.composite
def answers(draw: st.DrawFn, question: str, *, asked: bool = False) -> Answer:
    """Draw an answer to ``question``; with ``asked``, one that a form can hold."""
    quantity = instrument().quantities.get(question)
    states = [
        "answered",
        "answered",
        "dont_know",
        "not_applicable",
        "declined",
        "blank",
        *([] if asked else ["not_asked"]),
    ]
    state = draw(st.sampled_from(states))
    said: dict[str, Any] = {"state": state, "sure": draw(st.sampled_from(["sure", "fairly", "unsure"]))}
    said |= {"note": draw(texts) or ("why" if state == "not_applicable" else ""), "evidence": draw(texts)}
    if state == "answered" and quantity is None:
        said["value"] = draw(st.integers(0, 4))
    elif state == "answered" and quantity and quantity.choices:
        said["chosen"] = draw(st.lists(st.sampled_from(list(quantity.choices)), min_size=1, unique=True))
    elif state == "answered" and quantity:
        hundredths = st.integers(int(quantity.minimum * 100), int(quantity.maximum * 100))
        said["value"] = draw(hundredths) / 100
    if not asked:
        said["carried_from"] = draw(st.sampled_from(["", "", "0.1.0"]))
    return Answer.model_validate(said)


@st.composite
def responses(draw: st.DrawFn, codes: tuple[str, ...] = ("NGO-3", "R-017", "007", "A_1")) -> Response:
    """Draw a submission as it may be stored."""
    whole = instrument()
    asked = draw(st.lists(st.sampled_from(QUESTIONS), unique=True))
    return Response(
        instrument=f"{whole.meta.id}@{whole.meta.version}",
        fingerprint=whole.fingerprint,
        respondent=draw(st.sampled_from(codes)),
        role=draw(st.sampled_from(list(whole.meta.roles))),
        organisation=draw(organisations),
        language=draw(st.sampled_from(["en", "fr", "pt-BR"])),
        given_on=date(2027, 3, draw(st.integers(1, 3))),
        submission=draw(st.integers(1, 2)),
        consent=draw(st.lists(st.sampled_from(list(whole.meta.consent)), unique=True)),
        answers={question: draw(answers(question)) for question in asked},
    )
