"""What people said and what was seen: submissions, evidence, rulings. Answers are kept for ever, never overwritten."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, field_validator, model_validator

from ..archive import digest, write_bytes
from ..errors import ContentError
from ..library import Content, read, shown, validate
from .instrument import Instrument, Proof

State = Literal["answered", "dont_know", "not_applicable", "declined", "not_asked", "blank"]
Sure = Literal["sure", "fairly", "unsure"]
MAX_TEXT = 4_000
CODE = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,19}$"


def clean_text(text: str) -> str:
    """Return what a person wrote, the same through every door: one form of each character, no controls, sane length.

    Joiners stay: Arabic, Persian and Indic words need them.

    >>> clean_text(" a\\r\\nb\\x07 ")
    'a\\nb'
    """
    text = text[:MAX_TEXT].replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    # Controls go first: a letter and its accent on both sides of one would join only when cleaned a second time.
    kept = (c for c in text if c in "\n\u200c\u200d" or unicodedata.category(c)[0] != "C")
    return unicodedata.normalize("NFKC", "".join(kept)).strip()[:MAX_TEXT].strip()


class Answer(Content):
    """One respondent's answer to one item or quantity.

    ``value`` is the level (0 to 4) of an item or the number of a quantity, in the quantity's unit; ``chosen`` holds
    the codes of a quantity with choices. When an item does not apply, ``note`` holds the reason.
    ``carried_from`` is the instrument version the answer was given to, where a migration carried it over.
    """

    state: State
    value: float | None = None
    chosen: list[str] = []
    sure: Sure = "fairly"
    note: str = ""
    evidence: str = ""
    carried_from: str = ""

    @field_validator("note", "evidence", mode="before")
    @classmethod
    def _clean(cls, value: object) -> object:
        return clean_text(value) if isinstance(value, str) else value

    @field_validator("value")
    @classmethod
    def _no_minus_zero(cls, value: float | None) -> float | None:
        return None if value is None else value + 0.0

    @field_validator("chosen")
    @classmethod
    def _in_order(cls, value: list[str]) -> list[str]:
        return sorted(set(value))

    @model_validator(mode="after")
    def _value_when_answered(self) -> Answer:
        if (self.state == "answered") != (self.value is not None or bool(self.chosen)):
            raise ValueError("an answered question has a value, and only an answered one")
        if self.state == "not_applicable" and not self.note:
            raise ValueError("'does not apply' needs its reason in the note")
        return self


class Response(Content):
    """One submission by one respondent, the same whichever door it came through.

    ``submission`` numbers a person's own: of two on one day, the higher is the later. ``consent`` holds the uses
    of instrument.yaml that the respondent agreed to.
    """

    schema_: Literal["response/1"] = Field(default="response/1", alias="schema")
    instrument: str
    fingerprint: str
    respondent: str = Field(pattern=CODE)
    role: str
    organisation: str
    language: str = "en"
    given_on: date
    submission: int = Field(default=1, ge=1, le=999)
    consent: list[str] = []
    answers: dict[str, Answer]

    @field_validator("organisation", mode="before")
    @classmethod
    def _clean(cls, value: object) -> object:
        return clean_text(value) if isinstance(value, str) else value

    @field_validator("consent")
    @classmethod
    def _in_order(cls, value: list[str]) -> list[str]:
        return sorted(set(value))

    def order(self) -> tuple[date, int, str]:
        """Key that puts a person's submissions in the order they were given."""
        return self.given_on, self.submission, self.file_name

    def to_json(self) -> bytes:
        """Return the canonical bytes of this submission; equal submissions give equal bytes."""
        data = self.model_dump(mode="json", by_alias=True, exclude_defaults=False)
        return (json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()

    @property
    def file_name(self) -> str:
        """File name in responses/: the respondent and a digest, so that storing twice changes nothing."""
        return f"{self.respondent}-{digest(self.to_json())[:12]}.json"


class Evidence(Content):
    """Something seen: what it is, when, and which level of which item it supports or contradicts.

    ``dated`` is the document's own date, ``seen_on`` the day an assessor saw it (the same day unless said).
    """

    id: str
    kind: Proof
    item: str
    level: int = Field(ge=0, le=4)
    supports: bool = True
    what: str
    dated: date
    seen_on: date | None = None
    valid_until: date | None = None
    sensitivity: Literal["public", "restricted", "survivor-confidential"] = "restricted"
    organisation: str = ""

    @property
    def seen(self) -> date:
        """The day an assessor saw it."""
        return self.seen_on or self.dated

    def in_force(self, as_of: date) -> bool:
        """Return whether it was there and seen by ``as_of`` and has not expired."""
        return max(self.dated, self.seen) <= as_of and (self.valid_until is None or as_of <= self.valid_until)


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
    """All that was said and seen in one engagement, as of one day; what is dated later does not count."""

    responses: tuple[Response, ...]
    evidence: tuple[Evidence, ...]
    rulings: tuple[Ruling, ...]
    as_of: date

    @cached_property
    def _in_order(self) -> list[Response]:
        # The digest in a file's name only parts two submissions with one number; writing all out as JSON takes longer
        # than judging them.
        numbered = Counter((r.respondent, r.given_on, r.submission) for r in self.responses)
        twice = {key for key, count in numbered.items() if count > 1}

        def key(r: Response) -> tuple[date, int, str, str]:
            tie = (r.respondent, r.given_on, r.submission) in twice
            return r.given_on, r.submission, r.respondent, r.file_name if tie else ""

        return sorted((r for r in self.responses if r.given_on <= self.as_of), key=key)

    def too_late(self) -> Iterator[str]:
        """Yield, in words, what is there and does not count because it is dated after ``as_of``."""
        for kind, days in (
            ("submissions", [r.given_on for r in self.responses]),
            ("pieces of evidence", [max(e.dated, e.seen) for e in self.evidence]),
            ("rulings", [r.decided_on for r in self.rulings]),
        ):
            late = [day for day in days if day > self.as_of]
            if late:
                last = f"the last is of {max(late)}"
                yield f"{len(late)} {kind} dated after as_of ({self.as_of}) do not count; {last}"

    def answers_to(self, question: str) -> list[tuple[Response, Answer]]:
        """Return who answered ``question`` and how; one entry a respondent, the latest submission that asks it."""
        latest: dict[str, tuple[Response, Answer]] = {}
        for response in self._in_order:
            answer = response.answers.get(question)
            if answer is not None and answer.state not in ("blank", "not_asked"):
                latest[response.respondent] = (response, answer)
        return [latest[code] for code in sorted(latest)]

    def chosen(self, question: str) -> dict[str, int]:
        """Return how many respondents chose each code of a quantity with choices, the most chosen first."""
        counts = Counter(code for _, answer in self.answers_to(question) for code in answer.chosen)
        return dict(sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])))

    def given_by(self, respondent: str) -> dict[str, Answer]:
        """Return the latest answer one person gave to each question, what was left empty aside."""
        answers: dict[str, Answer] = {}
        for response in self._in_order:
            if response.respondent == respondent:
                answers |= {k: a for k, a in response.answers.items() if a.state not in ("blank", "not_asked")}
        return answers

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
    problems += [
        f"ruling on {r.id}: {wrong}" for r in rulings if r.id in known and (wrong := _wrong_ruling(instrument, r))
    ]
    ids = [e.id for e in evidence]
    problems += [f"evidence id '{i}' is used twice" for i in sorted(set(ids)) if ids.count(i) > 1]
    if problems:
        raise ContentError(shown(folder), problems)
    return Testimony(read_responses(folder), tuple(evidence), tuple(rulings), as_of)


def _wrong_ruling(instrument: Instrument, ruling: Ruling) -> str | None:
    if (ruling.id in instrument.items) != (ruling.level is not None):
        return "on an item it gives a level, on a quantity a value"
    value = ruling.level if ruling.level is not None else ruling.value
    return wrong_answer(instrument, ruling.id, Answer(state="answered", value=value))


def _optional(path: Path, model: type[F]) -> F:
    return read(path, model) if path.exists() else model()


def wrong_answer(instrument: Instrument, question: str, answer: Answer) -> str | None:
    """Return what is wrong with an answer: no level of an item, no code of its choices, or outside the range."""
    value = answer.value
    if answer.state != "answered":
        return None
    if question in instrument.items:
        if value is None or answer.chosen:
            return "an item is answered with one level"
        return None if value in range(5) else f"level {value:g} is not one of 0, 1, 2, 3, 4"
    quantity = instrument.quantities[question]
    if quantity.choices:
        if value is not None or not answer.chosen:
            return f"choose from {', '.join(quantity.choices)}"
        strange = [code for code in answer.chosen if code not in quantity.choices]
        return f"'{strange[0][:40]}' is not one of {', '.join(quantity.choices)}" if strange else None
    if value is None or answer.chosen:
        return "this is answered with one number"
    if quantity.minimum <= value <= quantity.maximum:
        return None
    return (
        f"{value:g} {quantity.unit} lies outside {quantity.minimum:g} to {quantity.maximum:g}; "
        "correct it, or raise the range in the instrument if it is true"
    )
