"""Answers from the tables of Kobo and ODK: one row a submission, columns found by name."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..library import did_you_mean
from .exchange import is_tidy
from .instrument import ITEM_ID, Instrument
from .responses import Answer, Response, clean_text, wrong_answer
from .tables import (
    DATE_HINT,
    NUMBER,
    clear_date,
    is_current,
    quoted,
    read_table,
    refuse,
    words_of,
    wrong_response,
    wrong_version,
)
from .xlsform import CONSENT, COVER, HIDDEN, NO_ANSWER, field_name

PARTS = ("state", "sure", "note", "evidence")
SURE = ("sure", "fairly", "unsure")
UNKNOWN = "this question is not in this version of the instrument"
EXPORT_AS = "export it again with 'XML values and headers' (Kobo) or as the CSV of submissions (ODK)"


def read_kobo_csv(instrument: Instrument, path: Path) -> list[Response]:
    """Read a table of submissions exported by Kobo or ODK, with XML values and names, one row a submission.

    Columns are found by the last name in their head (``domain/EE_01_page/EE_01``, ``domain-EE_01_page-EE_01``); columns
    of the survey tool and questions a partner added are passed over. Consent is for the caller to check.

    Raises
    ------
    AnswerError
        With line and column of every problem; nothing is guessed.
    """
    table = read_table(path)
    columns, problems = _columns(instrument, table.heads)
    rows = [(line, _Submission(instrument, columns, row)) for line, row in table.rows]
    if all(is_current(instrument, submission.version) for _, submission in rows):
        problems += [f"column {quoted(name)}: {UNKNOWN}" for name in columns.older]
    if problems:
        raise refuse(path.name, problems)
    found: list[Response] = []
    for line, submission in rows:
        response, wrong = submission.response()
        problems += [f"line {line}{',' if text.startswith('column') else ':'} {text}" for text in wrong]
        found += [response] if response else []
    if problems or not found:
        raise refuse(path.name, problems or ["there is no submission in it"])
    return found


@dataclass
class Columns:
    """Where a field or question stands, and where each of its single choices does, by column number.

    ``older`` are the questions among them that this version does not ask, by the names of their fields.
    """

    whole: dict[str, int] = field(default_factory=dict)
    split: dict[str, dict[str, int]] = field(default_factory=dict)
    older: dict[str, str] = field(default_factory=dict)


def _columns(instrument: Instrument, heads: list[str]) -> tuple[Columns, list[str]]:
    """Return where everything stands, and what is wrong with the heads."""
    questions = [*instrument.items, *instrument.quantities]
    names = {field_name(q) for q in questions}
    known = {*COVER, *HIDDEN, *(CONSENT + use for use in instrument.meta.consent), *names}
    known |= {f"{name}_{part}" for name in names for part in PARTS}
    found, problems = Columns(), list[str]()
    for at, head in enumerate(heads):
        steps = re.split(r"[/:.-]", head)
        name = steps[-1]
        above = steps[-2] if len(steps) > 1 else ""
        if above in names and name not in known:
            found.split.setdefault(above, {})[name] = at
        elif name in known or (older := re.fullmatch(rf"([A-Z]{{2}}_Q?\d{{1,2}})(_({'|'.join(PARTS)}))?", name)):
            if name not in known and older:
                found.older[older[1]] = older[1].replace("_", "-")
            if found.whole.setdefault(name, at) != at:
                problems.append(f"column {quoted(head)}: '{name}' stands there twice; keep one")
    needed = [*COVER, *HIDDEN[:3]]
    if not {*found.whole, *found.split} & names or not set(needed) & set(found.whole):
        if is_tidy(heads):
            return found, ["it is a table of catalyst's own export, not of a survey tool"]
        return found, [f"no column has the name of a question; it may hold labels: {EXPORT_AS}"]
    problems += [
        f"column {name} is missing; {EXPORT_AS}, with all columns" for name in needed if name not in found.whole
    ]
    return found, problems


class _Submission:
    """One row of the table."""

    def __init__(self, instrument: Instrument, columns: Columns, row: list[str]):
        self.instrument, self.row = instrument, row
        self.whole, self.split, self.older = columns.whole, columns.split, columns.older
        self.version = self.cell("hc_instrument")
        self.current = is_current(instrument, self.version)

    def cell(self, name: str) -> str:
        """Return a field's text; empty when there is no such column."""
        return clean_text(self.row[self.whole[name]]) if name in self.whole else ""

    def response(self) -> tuple[Response | None, list[str]]:
        """Return the submission, or what is wrong with it."""
        if wrong := wrong_version(self.instrument, self.version):
            return None, [f"column hc_instrument: {wrong}"]
        problems: list[str] = []
        answers: dict[str, Answer] = {}
        for question in [*self.instrument.items, *self.instrument.quantities, *self.older.values()]:
            name = field_name(question)
            if self.current and name in self.older:
                problems += [f"column {name}: {UNKNOWN}"] if self.cell(name) else []
            elif name in self.whole or name in self.split:
                try:
                    answers[question] = self.answer(question, name)
                except ValidationError as error:
                    problems += [f"column {name}: {said}" for _, said in words_of(error)]
                except ValueError as error:
                    problems.append(f"column {name}: {error}")
        head, slips = self.head()
        problems += slips
        if problems:
            return None, problems
        try:
            response = Response.model_validate({**head, "answers": answers})
        except ValidationError as error:
            return None, [f"column {place}: {said}" for place, said in words_of(error)]
        problems = list(wrong_response(self.instrument, response))
        return (None, problems) if problems else (response, [])

    def head(self) -> tuple[dict[str, Any], list[str]]:
        """Return who answered, when and what may be done with it."""
        problems: list[str] = []
        day = number = None
        try:
            day = clear_date(self.cell("given_on"))
        except ValueError as error:
            problems.append(f"column given_on: {error}{DATE_HINT}")
        if match := re.fullmatch(r"([1-9]\d{0,2})(\.0+)?", self.cell("submission")):
            number = int(match.group(1))
        else:
            problems.append(f"column submission: {quoted(self.cell('submission'))} is not a whole number, 1 to 999")
        agreed = []
        for use in self.instrument.meta.consent:
            said = self.cell(CONSENT + use)
            if said not in ("", "yes", "no"):
                problems.append(f"column {CONSENT}{use}: {quoted(said)} is not yes or no; {EXPORT_AS}")
            agreed += [use] if said == "yes" else []
        return {
            "instrument": self.version,
            "fingerprint": self.cell("hc_fingerprint"),
            "respondent": self.cell("respondent"),
            "role": self.cell("hc_role"),
            "organisation": self.cell("organisation"),
            "language": self.cell("hc_language") or "en",
            "given_on": day,
            "submission": number,
            "consent": agreed,
        }, problems

    def answer(self, question: str, name: str) -> Answer:
        """Return the answer to a question; ValueError says what cannot be understood."""
        text, state = self.cell(name), self.cell(f"{name}_state")
        codes = self.ticked(name)
        if codes is not None:
            if text and sorted(text.split()) != codes:
                raise ValueError("its columns of single choices say something else; export the table again")
            text = " ".join(codes)
        sure = self.cell(f"{name}_sure") or "fairly"
        if sure not in SURE:
            raise ValueError(f"{quoted(sure)} is not a certainty{did_you_mean(sure[:40], list(SURE))}; {EXPORT_AS}")
        said: dict[str, Any] = {"sure": sure, "note": self.cell(f"{name}_note")}
        said["evidence"] = self.cell(f"{name}_evidence")
        if ITEM_ID.match(question) and text in NO_ANSWER:
            text, state = "", text
        if state and state not in NO_ANSWER:
            raise ValueError(f"{quoted(state)} is not one of {', '.join(NO_ANSWER)}; {EXPORT_AS}")
        if state and text:
            raise ValueError(f"it has an answer and also says {quoted(state)}; keep one")
        if not text:
            return Answer.model_validate({"state": state or "blank", **said})
        answer = Answer.model_validate({"state": "answered", **self.value(question, text), **said})
        if self.current and (wrong := wrong_answer(self.instrument, question, answer)):
            raise ValueError(wrong)
        return answer

    def value(self, question: str, text: str) -> dict[str, Any]:
        """Return an answer's level, number or choices."""
        if ITEM_ID.match(question):
            if not re.fullmatch(r"[0-4](\.0+)?", text):
                raise ValueError(f"{quoted(text)} is not one of 0, 1, 2, 3, 4, {', '.join(NO_ANSWER)}; {EXPORT_AS}")
            return {"value": float(text)}
        known = self.instrument.quantities.get(question)
        # An older version's question does not say here whether it had choices.
        if known.choices if known else not NUMBER.match(text):
            return {"chosen": text.split()}
        if not NUMBER.match(text):
            raise ValueError(f"{quoted(text)} is not a plain number; write it as digits, like 1500.5")
        return {"value": float(text)}

    def ticked(self, name: str) -> list[str] | None:
        """Return the codes ticked in a question's columns of single choices; None when there are no such columns."""
        if name not in self.split:
            return None
        marks = {code: clean_text(self.row[at]).lower() for code, at in self.split[name].items()}
        if strange := [
            code for code, mark in marks.items() if mark not in ("", "0", "1", "0.0", "1.0", "false", "true")
        ]:
            raise ValueError(f"the mark {quoted(marks[strange[0]])} under '{strange[0]}' is not 0 or 1")
        return sorted(code for code, mark in marks.items() if mark in ("1", "1.0", "true"))
