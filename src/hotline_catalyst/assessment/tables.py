"""Text and tables from outside, and what is said about them: small, UTF-8, every slip named by its line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from pydantic import ValidationError

from ..errors import AnswerError
from ..library import did_you_mean
from .instrument import Instrument
from .migration import load_migrations
from .privacy import masked, screen
from .responses import Response, clean_text, wrong_answer

MAX_FILE = 5_000_000
MAX_PROBLEMS = 50
LANGUAGE = re.compile(r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
DATE_HINT = " (a spreadsheet may have changed it: make the column text, or of the form YYYY-MM-DD)"
NUMBER = re.compile(r"^-?\d{1,20}(\.\d{1,20})?$")
_SAY = {
    "missing": "this is missing",
    "json_invalid": "a word or code in it holds half a character, as a cut emoji leaves; ask for it again",
    "extra_forbidden": "this key is not known here",
    "literal_error": "this word is not one of those allowed",
    "string_pattern_mismatch": "this is not a code; use letters, digits, - and _, at most 20, and no names",
}


def quoted(text: str) -> str:
    """Return a foreign text short and on one line, fit for a message; of a person's details only the first letters.

    >>> quoted("level 7"), quoted("+34 600 123 456")
    ("'level 7'", "'+34…'")
    """
    line = " ".join(clean_text(text[:200]).split())
    return f"'{masked(line) if screen(line) else line[:40]}'"


def refuse(where: str, problems: list[str]) -> AnswerError:
    """Return the error for these problems; of very many only the first, so that the message can be read."""
    more = len(problems) - MAX_PROBLEMS
    rest = [f"and {more} more; mend these first"] if more > 0 else []
    return AnswerError(where, problems[:MAX_PROBLEMS] + rest)


def plain_number(value: float) -> str:
    """Return a number as digits without an exponent, exactly.

    >>> plain_number(4500000.0), plain_number(0.1), plain_number(1e21)
    ('4500000', '0.1', '1000000000000000000000')
    """
    return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")


def read_text(path: Path, limit: int = MAX_FILE) -> str:
    """Return a text file from outside: small, UTF-8, without NULs; line ends as they are."""
    where = path.name
    try:
        if path.stat().st_size > limit:
            raise AnswerError(where, [f"it is larger than {limit / 1_000_000:g} MB; answers never are"])
        content = path.read_bytes()
    except OSError as error:
        raise AnswerError(where, [f"the file cannot be read: {error.strerror}"]) from error
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise AnswerError(where, ["it is saved as UTF-16 ('Unicode text'); save it again as UTF-8"])
    if b"\0" in content:
        raise AnswerError(where, ["it holds NUL characters and is no text; ask for it again"])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise AnswerError(where, [f"line {line}: it is not saved as UTF-8; save it again as 'CSV UTF-8'"]) from error


def wrong_response(instrument: Instrument, response: Response) -> Iterator[str]:
    """Yield what is wrong with a submission for this instrument; each problem of an answer names its question.

    Answers to an older version are held to its questions when they are carried over, not here.
    """
    meta = instrument.meta
    if wrong := wrong_version(instrument, response.instrument):
        yield wrong
        return
    if not re.fullmatch(r"[0-9a-f]{16}", response.fingerprint):
        yield f"fingerprint: {quoted(response.fingerprint)} is not a version mark of 16 signs; a program changed it"
    if response.role not in meta.roles:
        hint = did_you_mean(response.role[:40], list(meta.roles))
        yield f"role: {quoted(response.role)} is not in the instrument{hint}"
    if not response.organisation:
        yield "organisation: this is empty; fill it in"
    if not LANGUAGE.match(response.language):
        yield f"language: {quoted(response.language)} is not a language code such as en or pt-BR"
    for use in response.consent:
        if use not in meta.consent:
            yield f"consent: {quoted(use)} is not one of {', '.join(meta.consent)}"
    current = is_current(instrument, response.instrument)
    for question, answer in sorted(response.answers.items()):
        if not current and re.fullmatch(r"[A-Z]{2}-Q?\d{1,2}", question):
            continue
        if question not in instrument.items and question not in instrument.quantities:
            yield f"{quoted(question)} is not in this version of the instrument"
        elif wrong := wrong_answer(instrument, question, answer):
            yield f"{question}: {wrong}"
        elif len(answer.carried_from) > 20:
            yield f"{question}: carried_from: {quoted(answer.carried_from)} is not a version"


def is_current(instrument: Instrument, version: str) -> bool:
    """Return whether a submission's ``id@version`` is this instrument's."""
    return version == f"{instrument.meta.id}@{instrument.meta.version}"


def wrong_version(instrument: Instrument, version: str) -> str | None:
    """Return why answers to ``id@version`` cannot be taken; None for this version and those with a way here."""
    name, _, number = version.partition("@")
    meta = instrument.meta
    if is_current(instrument, version) or (
        name == meta.id and number in {m.from_ for m in load_migrations(instrument)}
    ):
        return None
    ours = f"{meta.id}@{meta.version}"
    return f"it was filled for {quoted(version)} and this is '{ours}'; ask the questions of this version"


def words_of(error: ValidationError) -> Iterator[tuple[str, str]]:
    """Yield place and words of each thing a record refuses; the place of an answer is its question's id."""
    for problem in error.errors(include_url=False):
        steps = [str(step) for step in problem["loc"]]
        if steps[:1] == ["answers"]:
            steps = steps[1:]
        place = ": ".join(quoted(step).strip("'") for step in steps)
        message = problem["msg"].removeprefix("Value error, ")
        yield place, _SAY.get(problem["type"], message[:1].lower() + message[1:])


@dataclass
class Table:
    """A table from outside: its heads, and its rows with the line (from 1) at which each begins."""

    heads: list[str]
    rows: list[tuple[int, list[str]]]


def read_table(path: Path) -> Table:
    """Read a CSV file cut by comma, semicolon or tab; empty rows are left out and short ones filled up.

    Raises
    ------
    AnswerError
        When it is too large, not UTF-8, badly quoted, or a row has more cells than there are heads.
    """
    text = read_text(path)
    first = re.match(r"sep=([,;\t])\r?\n", text)
    head = text.partition("\n")[0]
    cut = first.group(1) if first else max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text[first.end() :] if first else text, newline=""), delimiter=cut, strict=True)
    above, lines = (1 if first else 0), [0]
    rows: list[tuple[int, list[str]]] = []
    try:
        for row in reader:
            rows.append((above + lines[-1] + 1, row))
            lines.append(reader.line_num)
    except csv.Error as error:
        raise AnswerError(path.name, [f"line {above + reader.line_num}: the row cannot be read ({error})"]) from error
    rows = [(line, row) for line, row in rows if any(cell.strip() for cell in row)]
    if not rows:
        raise AnswerError(path.name, ["it is empty"])
    heads = [cell.strip() for cell in rows[0][1]]
    problems = [f"line {line}: there are more cells than heads" for line, r in rows[1:] if any(r[len(heads) :])]
    if problems:
        raise refuse(path.name, problems)
    return Table(heads, [(line, (r + [""] * len(heads))[: len(heads)]) for line, r in rows[1:]])


def clear_date(text: str) -> date:
    """Return a day written as 2027-03-14; anything else may be read two ways and is refused.

    Raises
    ------
    ValueError
        With what to do.
    """
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            pass
    raise ValueError(f"the date {quoted(text)} is not clear; write it as 2027-03-14")
