"""Paper forms typed back: a line for who answered, then a line a question; every slip is named by its line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..library import Content, content_root, did_you_mean, read
from .instrument import ITEM_ID, QUANTITY_ID, Instrument
from .responses import CODE, Answer, Response, clean_text, wrong_answer
from .tables import NUMBER, clear_date, plain_number, quoted, read_text, refuse, words_of, wrong_response

MAX_FILE = 1_000_000
MAX_LINE = 20_000
HEAD = ("respondent", "role", "organisation", "date", "consent", "submission", "set", "language", "version")
SETS = ("core", "whole", "everything")
STATES = {"D": "dont_know", "N": "not_applicable", "R": "declined"}
SURE = {"S": "sure", "F": "fairly", "U": "unsure"}
_MARK = re.compile(r"(?:^|(?<=\s))(note|evidence):", re.IGNORECASE)
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"(?=\s|$)|\S+')
_JSON = json.JSONDecoder(strict=False)


class EntryWords(Content):
    """What is said to the person who types paper forms back (entry_words.yaml)."""

    template: str
    head: dict[str, str]
    was: str
    default: str
    empty: str
    help: str
    number: str
    states: str
    first: str
    done: str


def load_entry_words(root: Path | None = None) -> EntryWords:
    """Return what is said to the person who types."""
    return read((root or content_root()) / "templates" / "questionnaire" / "entry_words.yaml", EntryWords)


@dataclass
class Entry:
    """What was typed: the words of the first line, the answers, where each stands, and what could not be understood."""

    head: dict[str, str] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def line(self, name: str) -> str:
        """Return 'line 3: ' for a word of the first line or a question; 'line 1: ' when it is not there."""
        return f"line {self.lines.get(name, 1)}: "


def parse_entry(instrument: Instrument, lines: Iterable[str]) -> Entry:
    """Read typed lines: ``respondent NGO-3 role provider …`` and then ``CI-01 3 sure note: … evidence: …``.

    What cannot be understood is left out and named in ``problems`` with its line; the rest is kept.
    """
    entry = Entry()
    for number, line in enumerate(lines, 1):
        text = line.strip().lstrip("\ufeff")
        if not text or text.startswith("#"):
            continue
        try:
            if len(text) > MAX_LINE:
                raise ValueError("it is longer than a note can be")
            word, _, rest = text.partition(" ")
            ident = word.rstrip(":").upper()
            if ITEM_ID.match(ident) or QUANTITY_ID.match(ident):
                _take(instrument, entry, ident, rest, number)
            elif not entry.answers and word.lower() in HEAD:
                _take_head(entry, text, number)
            else:
                raise ValueError(f"{quoted(word)} is not a question's id; a note stays on the line of its question")
        except ValidationError as error:
            entry.problems += [f"line {number}: {said}" for _, said in words_of(error)]
        except ValueError as error:
            entry.problems.append(f"line {number}: {error}")
    return entry


def _take(instrument: Instrument, entry: Entry, ident: str, rest: str, number: int) -> None:
    known = [*instrument.items, *instrument.quantities]
    if ident not in known:
        raise ValueError(f"{ident} is not in this version of the instrument{did_you_mean(ident, known)}")
    if ident in entry.lines:
        raise ValueError(f"{ident} is already in line {entry.lines[ident]}; keep one of the two")
    entry.lines[ident] = number
    entry.answers[ident] = parse_answer(instrument, ident, rest)


def _take_head(entry: Entry, text: str, number: int) -> None:
    name, said = "", dict[str, list[str]]()
    for token in _TOKEN.findall(text):
        if token.lower() in HEAD:
            name = token.lower()
            if name in entry.lines:
                raise ValueError(f"'{name}' is there twice; keep one, or put a name that is such a word in quotes")
            entry.lines[name] = number
            said[name] = []
        else:
            said[name].append(_unquoted(token) if token.startswith('"') else token)
    entry.head |= {name: clean_text(" ".join(tokens)) for name, tokens in said.items()}


def _unquoted(token: str) -> str:
    try:
        return str(_JSON.decode(token))
    except ValueError:
        return token.strip('"')


def parse_answer(instrument: Instrument, question: str, text: str) -> Answer:
    """Return the answer in what stands after a question's id.

    Raises
    ------
    ValueError
        With what cannot be understood and what to write instead.
    """
    plain, texts = _texts(text)
    tokens = plain.split()
    quantity = instrument.quantities.get(question)
    codes = quantity.choices if quantity else {}
    state = STATES.get(tokens[0].upper()) if tokens and tokens[0] not in codes else None
    reason = plain.strip()[1:].strip() if state == "not_applicable" else ""
    if reason and _sure(reason) is None:
        if "note" in texts:
            raise ValueError("the reason stands after N and also after note:; keep one")
        tokens, texts["note"] = tokens[:1], reason
    sure = "fairly"
    if tokens and tokens[-1] not in codes and not (state and len(tokens) == 1) and (word := _sure(tokens[-1])):
        sure, tokens = word, tokens[:-1]
    said: dict[str, Any] = {"sure": sure, **texts}
    if state:
        if len(tokens) > 1:
            raise ValueError(
                f"{quoted(tokens[1])} after {tokens[0].upper()} is not understood; write note: before texts"
            )
        if state == "not_applicable" and not clean_text(texts.get("note", "")):
            raise ValueError("'does not apply' needs its reason: N and then why")
        return Answer.model_validate({"state": state, **said})
    if not tokens:
        return Answer.model_validate({"state": "blank", **said})
    value = (
        {"chosen": [t.lower().rstrip(",") for t in tokens]} if codes else {"value": _number(tokens, quantity is None)}
    )
    answer = Answer.model_validate({"state": "answered", **value, **said})
    if wrong := wrong_answer(instrument, question, answer):
        raise ValueError(f"{question}: {wrong}")
    return answer


def _sure(word: str) -> str | None:
    return SURE.get(word.upper()) or (word.lower() if word.lower() in SURE.values() else None)


def _number(tokens: list[str], level: bool) -> float:
    text = " ".join(tokens)
    if level and not re.fullmatch("[0-4]", text):
        raise ValueError(f"{quoted(text)} is not one of 0 to 4, D, N and a reason, R; write note: before a text")
    if not NUMBER.match(text):
        raise ValueError(f"{quoted(text)} is not a plain number; write it as digits, like 1500.5")
    return float(text)


def _texts(text: str) -> tuple[str, dict[str, str]]:
    """Return what stands before the first ``note:`` or ``evidence:``, and the texts after them."""
    found: dict[str, str] = {}
    mark = _MARK.search(text)
    plain = text[: mark.start()] if mark else text
    while mark:
        name, rest = mark.group(1).lower(), text[mark.end() :].lstrip()
        if name in found:
            raise ValueError(f"'{name}:' is there twice; keep one")
        quote = _quoted_text(rest)
        if quote is not None:
            found[name], rest = quote
            text, mark = rest, _MARK.search(rest)
            continue
        # A text runs on to the next of the two marks that was not used yet.
        mark = next((m for m in _MARK.finditer(rest) if m.group(1).lower() not in {*found, name}), None)
        found[name] = rest[: mark.start()] if mark else rest
        text = rest
    return plain, found


def _quoted_text(rest: str) -> tuple[str, str] | None:
    """Return a text in quotes and what follows it; None when it only begins with a quotation mark."""
    if not rest.startswith('"'):
        return None
    try:
        value, end = _JSON.raw_decode(rest)
    except ValueError:
        return None
    after = rest[end:].strip()
    return (str(value), after) if not after or _MARK.match(after) else None


def read_paper(instrument: Instrument, path: Path, stage: str) -> Response:
    """Read a text file of typed lines; questions on the person's form that it does not mention were left empty.

    Raises
    ------
    AnswerError
        With the line of every problem; nothing is guessed. Consent is for the caller to check.
    """
    text = read_text(path, MAX_FILE).replace("\r\n", "\n").replace("\r", "\n")
    response, problems = response_of(instrument, parse_entry(instrument, text.split("\n")), stage)
    if response is None:
        raise refuse(path.name, problems)
    return response


def response_of(instrument: Instrument, entry: Entry, stage: str) -> tuple[Response | None, list[str]]:
    """Return the submission that was typed, or every problem by line."""
    problems = entry.problems + wrong_head(instrument, entry.head, entry.line)
    head, meta = entry.head, instrument.meta
    if problems:
        return None, problems
    asked = asked_ids(instrument, head["role"], stage, head.get("set", ""))
    problems = [
        f"{entry.line(q)}{q} is not on the {head.get('set') or 'whole'} form of {head['role']}; correct the id, "
        "or write 'set everything' in the first line"
        for q in entry.answers
        if q not in asked
    ]
    if problems:
        return None, problems
    blank = Answer(state="blank")
    response = Response(
        instrument=f"{meta.id}@{meta.version}",
        fingerprint=instrument.fingerprint,
        respondent=head["respondent"],
        role=head["role"],
        organisation=head["organisation"],
        language=head.get("language") or "en",
        given_on=clear_date(head["date"]),
        submission=int(head.get("submission") or 1),
        consent=_consent(head),
        answers={q: entry.answers.get(q, blank) for q in asked},
    )
    wrong = [f"line 1: {said}" for said in wrong_response(instrument, response)]
    return (None, wrong) if wrong else (response, [])


def asked_ids(instrument: Instrument, role: str, stage: str, which: str) -> list[str]:
    """Return the questions on a form: the role's own (``whole``), its short set (``core``), or ``everything``."""
    questions = instrument.questions(None if which == "everything" else role, stage, core=which == "core")
    return [q.id for q in questions]


def _consent(head: Mapping[str, str]) -> list[str]:
    return [word for word in head.get("consent", "").lower().replace(",", " ").split() if word not in ("none", "no")]


def wrong_head(instrument: Instrument, head: Mapping[str, str], line: Any = None) -> list[str]:
    """Return what is wrong with who answered, when, and what may be done with it."""
    return [f"{line(name) if line else ''}{said}" for name in HEAD if (said := wrong_word(instrument, name, head))]


def wrong_word(instrument: Instrument, name: str, head: Mapping[str, str]) -> str:
    """Return what is wrong with one word of the first line; empty when nothing is."""
    text, meta = head.get(name, ""), instrument.meta
    if not text:
        needed = name in ("respondent", "role", "organisation", "date", "consent")
        said = "; write the uses agreed to, or 'consent none'" if name == "consent" else "; fill it in"
        return f"{name} is missing{said}" if needed else ""
    if name == "respondent" and not re.fullmatch(CODE, text):
        return f"{quoted(text)} is not a code; use letters, digits, - and _, at most 20, and no names"
    if name == "role" and text not in meta.roles:
        return f"role {quoted(text)} is not in the instrument{did_you_mean(text[:40], list(meta.roles))}"
    if name == "consent" and (strange := [use for use in _consent(head) if use not in meta.consent]):
        return f"consent {quoted(strange[0])} is not one of {', '.join(meta.consent)}, or none"
    if name == "submission" and not re.fullmatch(r"[1-9]\d{0,2}", text):
        return f"the submission number {quoted(text)} is not a whole number from 1 to 999"
    if name == "set" and text not in SETS:
        return f"set {quoted(text)} is not one of {', '.join(SETS)}"
    if name == "version" and text != meta.version:
        return f"the form is of version {quoted(text)} and this is {meta.version}; its questions may differ"
    try:
        if name == "date":
            clear_date(text)
    except ValueError as error:
        return str(error)
    return ""


# The way out


def entry_template(instrument: Instrument, role: str, stage: str, core: bool = False) -> str:
    """Return the lines to fill in for one paper form: who answered, then each question the role is asked."""
    head = dict.fromkeys(("respondent", "organisation", "date", "consent"), "")
    head |= {"role": role, "submission": "1", "set": "core" if core else "whole"}
    return entry_text(instrument, head, {}, asked_ids(instrument, role, stage, head["set"]))


def entry_text(
    instrument: Instrument, head: Mapping[str, str], answers: Mapping[str, Answer], questions: Iterable[str]
) -> str:
    """Return typed lines from which `parse_entry` reads the same again; questions without answer stand alone."""
    words = {name: head.get(name, "") for name in HEAD} | {"version": instrument.meta.version}
    first = [f"{name} {_word(name, text)}".strip() for name, text in words.items() if text or name != "language"]
    lines = [load_entry_words().template.format(uses=", ".join(instrument.meta.consent)), " ".join(first)]
    titles = {i: q.title for i, q in instrument.items.items()} | {i: q.title for i, q in instrument.quantities.items()}
    for question in questions:
        answer = answers.get(question)
        lines += [f"# {titles[question]}", f"{question} {answer_text(answer) if answer else ''}".rstrip()]
    return "\n".join(lines) + "\n"


def _word(name: str, text: str) -> str:
    return json.dumps(text, ensure_ascii=False) if name == "organisation" else text


def answer_text(answer: Answer) -> str:
    """Return what stands after a question's id for this answer.

    >>> answer_text(Answer(state="answered", value=3, sure="sure", note="two\\nlines"))
    '3 sure note: "two\\\\nlines"'
    """
    code = next((c for c, state in STATES.items() if state == answer.state), "")
    said = code or " ".join(answer.chosen) or ("" if answer.value is None else plain_number(answer.value))
    sure = "" if answer.sure == "fairly" else answer.sure
    texts = {"note": answer.note, "evidence": answer.evidence}
    return " ".join(part for part in [said, sure, *(f"{n}: {_text(t)}" for n, t in texts.items() if t)] if part)


def _text(text: str) -> str:
    # Quotes only where the plain text would be read as something else.
    odd = text.startswith('"') or re.search(r"[\n\r]", text) or _MARK.search(text)
    return json.dumps(text, ensure_ascii=False) if odd else text
