"""What people said and what was seen: submissions, evidence, rulings. Answers are kept for ever, never overwritten."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, model_validator

from ..archive import digest, write_bytes
from ..errors import ContentError
from ..library import Content, read, shown, validate
from .instrument import Instrument, Proof

State = Literal["answered", "dont_know", "not_applicable", "declined", "not_asked", "blank"]
CODE = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,19}$"


class Answer(Content):
    """One respondent's answer to one item or quantity.

    ``value`` is the level (0 to 4) of an item or the number of a quantity, in the quantity's unit.
    When an item does not apply, ``note`` holds the reason.
    """

    state: State
    value: float | None = None
    sure: Literal["sure", "fairly", "unsure"] = "fairly"
    note: str = ""
    evidence: str = ""

    @model_validator(mode="after")
    def _value_when_answered(self) -> Answer:
        if (self.state == "answered") != (self.value is not None):
            raise ValueError("an answered question has a value, and only an answered one")
        return self


class Response(Content):
    """One submission by one respondent, as it came in."""

    schema_: Literal["response/1"] = Field(default="response/1", alias="schema")
    instrument: str
    fingerprint: str
    respondent: str = Field(pattern=CODE)
    role: str
    organisation: str
    language: str = "en"
    given_on: date
    channel: str
    answers: dict[str, Answer]

    def to_json(self) -> bytes:
        """Return the canonical bytes of this submission; equal submissions give equal bytes."""
        data = self.model_dump(mode="json", by_alias=True, exclude_defaults=False)
        return (json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()

    @property
    def file_name(self) -> str:
        """File name in responses/: the respondent and a digest, so that storing twice changes nothing."""
        return f"{self.respondent}-{digest(self.to_json())[:12]}.json"


class Evidence(Content):
    """Something seen: what it is, when, and which level of which item it supports or contradicts."""

    id: str
    kind: Proof
    item: str
    level: int = Field(ge=0, le=4)
    supports: bool = True
    what: str
    dated: date
    valid_until: date | None = None
    sensitivity: Literal["public", "restricted", "survivor-confidential"] = "restricted"
    organisation: str = ""

    def in_force(self, as_of: date) -> bool:
        """Return whether it is dated by ``as_of`` and has not expired."""
        return self.dated <= as_of and (self.valid_until is None or as_of <= self.valid_until)


class EvidenceFile(Content):
    """evidence.yaml."""

    evidence: list[Evidence] = []


class Ruling(Content):
    """A facilitator's decision about an item or a quantity, with its reason. It erases no answer."""

    id: str
    level: int | None = Field(default=None, ge=0, le=4)
    value: float | None = None
    reason: str
    decided_on: date

    @model_validator(mode="after")
    def _one(self) -> Ruling:
        if (self.level is None) == (self.value is None):
            raise ValueError("a ruling gives a level (for an item) or a value (for a quantity)")
        return self


class RulingsFile(Content):
    """rulings.yaml."""

    rulings: list[Ruling] = []


F = TypeVar("F", EvidenceFile, RulingsFile)


@dataclass(frozen=True)
class Testimony:
    """All that was said and seen in one engagement, as of one day."""

    responses: tuple[Response, ...]
    evidence: tuple[Evidence, ...]
    rulings: tuple[Ruling, ...]
    as_of: date

    @cached_property
    def _in_order(self) -> list[Response]:
        return sorted(self.responses, key=lambda r: (r.given_on, r.file_name))

    def answers_to(self, question: str) -> list[tuple[Response, Answer]]:
        """Return who answered ``question`` and how; one entry a respondent, the latest submission that asks it."""
        latest: dict[str, tuple[Response, Answer]] = {}
        for response in self._in_order:
            answer = response.answers.get(question)
            if answer is not None and answer.state not in ("blank", "not_asked"):
                latest[response.respondent] = (response, answer)
        return [latest[code] for code in sorted(latest)]

    def evidence_on(self, item: str) -> list[Evidence]:
        """Return what was seen about ``item`` and is in force."""
        return [e for e in self.evidence if e.item == item and e.in_force(self.as_of)]

    def ruling_on(self, question: str) -> Ruling | None:
        """Return the latest ruling on ``question``, if any."""
        found = [r for r in self.rulings if r.id == question and r.decided_on <= self.as_of]
        return max(found, key=lambda r: r.decided_on) if found else None

    def quantity(self, question: str) -> float | None:
        """Return a quantity's value: the ruling, else the median of the answers, else None."""
        ruling = self.ruling_on(question)
        if ruling is not None and ruling.value is not None:
            return ruling.value
        values = sorted(a.value for _, a in self.answers_to(question) if a.value is not None)
        if not values:
            return None
        middle = len(values) // 2
        return values[middle] if len(values) % 2 else (values[middle - 1] + values[middle]) / 2


def store(folder: Path, responses: Iterable[Response]) -> list[Path]:
    """Write submissions into ``folder``/responses, on disk when this returns; storing twice changes nothing."""
    stored = []
    for response in responses:
        path = folder / "responses" / response.file_name
        content = response.to_json()
        if not path.exists() or path.read_bytes() != content:
            write_bytes(path, content)
        stored.append(path)
    return stored


def read_responses(folder: Path) -> tuple[Response, ...]:
    """Read every stored submission of an engagement, in the order of their names."""
    responses = []
    for path in sorted((folder / "responses").glob("*.json")):
        try:
            data = json.loads(path.read_text("utf-8"))
        except (ValueError, OSError) as error:
            raise ContentError(shown(path), ["this is not a stored submission; collect the workbook again"]) from error
        responses.append(validate(data, Response, path))
    return tuple(responses)


def read_testimony(folder: Path, instrument: Instrument, as_of: date) -> Testimony:
    """Read responses, evidence.yaml and rulings.yaml of an engagement and check them against the instrument."""
    evidence = _optional(folder / "evidence.yaml", EvidenceFile).evidence
    rulings = _optional(folder / "rulings.yaml", RulingsFile).rulings
    known = [*instrument.items, *instrument.quantities]
    problems = [f"{e.id}: item '{e.item}' is not in the instrument" for e in evidence if e.item not in instrument.items]
    problems += [f"ruling on '{r.id}': it is not in the instrument" for r in rulings if r.id not in known]
    ids = [e.id for e in evidence]
    problems += [f"evidence id '{i}' is used twice" for i in sorted(set(ids)) if ids.count(i) > 1]
    if problems:
        raise ContentError(shown(folder), problems)
    return Testimony(read_responses(folder), tuple(evidence), tuple(rulings), as_of)


def _optional(path: Path, model: type[F]) -> F:
    return read(path, model) if path.exists() else model()


def wrong_value(instrument: Instrument, question: str, value: float) -> str | None:
    """Return what is wrong with the value of an answer: no level of an item, or outside a quantity's range."""
    if question in instrument.items:
        return None if value in range(5) else f"level {value:g} is not one of 0, 1, 2, 3, 4"
    quantity = instrument.quantities[question]
    if quantity.minimum <= value <= quantity.maximum:
        return None
    return (
        f"{value:g} {quantity.unit} lies outside {quantity.minimum:g} to {quantity.maximum:g}; "
        "correct it, or raise the range in the instrument if it is true"
    )
