"""Answers as JSON and as a tidy table, both ways: refused in words, or taken whole."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..errors import AnswerError
from ..library import did_you_mean
from .instrument import Instrument
from .responses import Answer, Response, clean_text
from .tables import (
    DATE_HINT,
    NUMBER,
    clear_date,
    plain_number,
    quoted,
    read_table,
    read_text,
    refuse,
    words_of,
    wrong_response,
)

HEAD = ("respondent", "submission", "role", "organisation", "language", "given_on", "instrument", "fingerprint")
SAID = ("question", "state", "value", "chosen", "sure", "note", "evidence", "carried_from")
COLUMNS = (*HEAD, "consent", *SAID, "response")
AS_IS = ("submission", "given_on", "value")  # numbers and days, for spreadsheets to reckon with
NEEDED = (*(c for c in HEAD if c != "language"), "question", "state", "value", "chosen")
# A spreadsheet works out a cell that begins with = + - @, and makes 7 of the code 007 and a day of 1-2.
_CHANGED = re.compile(r"""['"]*[=+\-@\t\r]|'*(?=.*\d)(?:[\d.,/:% -]|(?<=\d)[Ee](?=[\d+-]))+\Z""")
# Where its list separator is a semicolon it cuts our texts there and at line ends, and works out the rest (DDE).
_INSIDE = re.compile(r"""([;\t\n\r])(['"]*)(?=[=+\-@\t\r])""")
_ESCAPED_INSIDE = re.compile(r"""([;\t\n\r])'(['"]*)(?=[=+\-@\t\r])""")


def escape(text: str) -> str:
    """Return a text that no spreadsheet works out or rewrites: an apostrophe stands before what it would change.

    >>> escape("=1+1"), escape("'=1+1"), escape("'tis"), escape("007")
    ("'=1+1", "''=1+1", "'tis", "'007")
    """
    inside = _INSIDE.sub(r"\1'\2", text)
    return f"'{inside}" if _CHANGED.match(text) else inside


def unescape(text: str) -> str:
    """Return the text that `escape` was given.

    >>> unescape("'=1+1"), unescape("''=1+1"), unescape("'tis"), unescape("'007")
    ('=1+1', "'=1+1", "'tis", '007')
    """
    if text.startswith("'") and _CHANGED.match(text[1:]):
        text = text[1:]
    return _ESCAPED_INSIDE.sub(r"\1\2", text)


# JSON


def read_json(instrument: Instrument, path: Path) -> list[Response]:
    """Read one submission, or a list of them as `export_json` writes, from a file of at most 5 MB.

    Raises
    ------
    AnswerError
        With every problem, its submission and question named; nothing is guessed. Consent is for the caller to check.
    """
    data = _json(read_text(path), path.name)
    listed = data if isinstance(data, list) else [data]
    problems = [] if listed else ["there is no submission in it"]
    found: list[Response] = []
    for number, entry in enumerate(listed, 1):
        response, wrong = _response(instrument, entry)
        code = entry.get("respondent") if isinstance(entry, dict) else None
        named = f" ({quoted(code).strip(chr(39))})" if isinstance(code, str) else ""
        prefix = f"submission {number}{named}: " if isinstance(data, list) else ""
        problems += [prefix + text for text in wrong]
        found += [response] if response else []
    if problems:
        raise refuse(path.name, problems)
    return found


def _json(text: str, where: str) -> Any:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        keys = [key for key, _ in pairs]
        if len(set(keys)) < len(keys):
            twice = next(key for key in keys if keys.count(key) > 1)
            raise AnswerError(where, [f"{quoted(twice)} is written twice; keep one"])
        return dict(pairs)

    def no_number(word: str) -> Any:
        raise AnswerError(where, [f"'{word}' is not a number; write digits"])

    try:
        return json.loads(text, object_pairs_hook=once, parse_constant=no_number)
    except json.JSONDecodeError as error:
        raise AnswerError(where, [f"line {error.lineno}: it is not JSON ({error.msg}); ask for it again"]) from error
    except (ValueError, RecursionError) as error:
        raise AnswerError(where, ["it is not the JSON of a submission; ask for it again"]) from error


def _response(instrument: Instrument, entry: Any) -> tuple[Response | None, list[str]]:
    if not isinstance(entry, dict):
        return None, ["it is not a submission; a submission is an object with respondent and answers"]
    try:  # strict: true is no number and "3" is no level
        response = Response.model_validate_json(json.dumps(_cleaned(entry)), strict=True)
    except ValidationError as error:
        return None, [f"{place}: {said}" if place else said for place, said in words_of(error)]
    return response, list(wrong_response(instrument, response))


def _cleaned(entry: dict[str, Any]) -> dict[str, Any]:
    """Return a submission with its texts cleaned: half an emoji, where a phone cut a text, would end the reading."""
    answers = entry.get("answers")
    if isinstance(answers, dict):
        entry = entry | {"answers": {q: _clean(said, "note", "evidence") for q, said in answers.items()}}
    cleaned: dict[str, Any] = _clean(entry, "organisation")
    return cleaned


def _clean(record: Any, *names: str) -> Any:
    if not isinstance(record, dict):
        return record
    return record | {name: clean_text(record[name]) for name in names if isinstance(record.get(name), str)}


def export_json(responses: Iterable[Response]) -> bytes:
    """Return submissions as one JSON list, in the order of respondents and days; the same set gives the same bytes."""
    listed = [json.loads(r.to_json()) for r in _in_order(responses)]
    return (json.dumps(listed, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _in_order(responses: Iterable[Response]) -> list[Response]:
    once = {r.file_name: r for r in responses}
    return sorted(once.values(), key=lambda r: (r.respondent, *r.order()))


# The tidy table


def export_csv(responses: Iterable[Response]) -> bytes:
    """Return submissions as a long table for analysts, one row a question; UTF-8 with its mark, as spreadsheets expect.

    The last column ties the rows of one submission together. Texts are escaped (see `escape`).
    """
    stream = io.StringIO(newline="")
    out = csv.writer(stream, lineterminator="\r\n")
    out.writerow(COLUMNS)
    for response in _in_order(responses):
        head = [str(getattr(response, name)) for name in HEAD] + [" ".join(response.consent)]
        mark = response.file_name.removesuffix(".json")
        rows = [_cells(question, answer) for question, answer in sorted(response.answers.items())]
        for said in rows or [[""] * len(SAID)]:
            row = zip(COLUMNS, [*head, *said, mark], strict=True)
            out.writerow([cell if name in AS_IS else escape(cell) for name, cell in row])
    return b"\xef\xbb\xbf" + stream.getvalue().encode()


def _cells(question: str, answer: Answer) -> list[str]:
    value = "" if answer.value is None else plain_number(answer.value)
    chosen = " ".join(answer.chosen)
    return [question, answer.state, value, chosen, answer.sure, answer.note, answer.evidence, answer.carried_from]


def is_tidy(heads: Iterable[str]) -> bool:
    """Return whether these heads are of a tidy table of ours, not of a survey tool's export."""
    return {"respondent", "question", "state"} <= set(heads)


@dataclass
class _Rows:
    """The rows of one submission: where it begins, its head, and its answers with their lines."""

    line: int
    head: dict[str, str]
    answers: dict[str, Answer] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)


def read_csv(instrument: Instrument, path: Path) -> list[Response]:
    """Read the table that `export_csv` writes, also after a spreadsheet saved it with semicolons.

    Rows belong together by the column ``response``, or by respondent, day and submission where it is empty.

    Raises
    ------
    AnswerError
        With line and column of every problem; nothing is guessed.
    """
    table = read_table(path)
    if problems := list(_wrong_heads(table.heads)):
        raise AnswerError(path.name, problems)
    groups: dict[tuple[str, ...], _Rows] = {}
    for line, row in table.rows:
        cells = {name: unescape(cell) for name, cell in zip(table.heads, row, strict=True)}
        mark = cells.get("response", "")
        key = (mark,) if mark else ("", cells["respondent"], cells["given_on"], cells["submission"])
        group = groups.setdefault(key, _Rows(line, _head(cells)))
        problems += [f"line {line}, {text}" for text in _take(group, line, cells)]
    found: list[Response] = []
    for group in groups.values():
        response, wrong = _checked(instrument, group)
        problems += wrong
        found += [response] if response else []
    if problems or not found:
        raise refuse(path.name, problems or ["there is no answer in it"])
    return found


def _wrong_heads(heads: list[str]) -> Iterator[str]:
    if not is_tidy(heads):
        yield "it is not a table of answers: the heads respondent, question and state are not in its first line"
        return
    for name in NEEDED:
        if name not in heads:
            yield f"column {name} is missing; export the table again"
    for name in sorted(set(heads)):
        if name not in COLUMNS:
            yield f"column {quoted(name)} is not known{did_you_mean(name[:40], list(COLUMNS))}; take it out"
        elif heads.count(name) > 1:
            yield f"column {name} stands there twice; keep one"


def _head(cells: dict[str, str]) -> dict[str, str]:
    head = {name: cells.get(name, "").strip() for name in (*HEAD, "consent")}
    return head | {"language": head["language"] or "en", "organisation": clean_text(head["organisation"])}


def _take(group: _Rows, line: int, cells: dict[str, str]) -> Iterator[str]:
    """Put one row's answer into its submission; yield what is wrong with the row."""
    head, question = _head(cells), cells["question"].strip()
    for name, text in head.items():
        if text != group.head[name]:
            yield f"column {name}: {quoted(text)} differs from line {group.line} of the same submission"
    mark = cells.get("response", "")
    if mark and line == group.line and mark.rpartition("-")[0] != head["respondent"]:
        said = quoted(head["respondent"])
        yield f"column respondent: {said} is not the code in column response; a spreadsheet changed it"
    if not question and not any(cells.get(name) for name in SAID):
        return
    if question in group.lines:
        yield f"column question: {quoted(question)} is already in line {group.lines[question]}; keep one"
        return
    group.lines[question] = line
    try:
        group.answers[question] = _answer(cells)
    except ValidationError as error:
        for place, said in words_of(error):
            yield f"column {place or 'state'}: {quoted(question)}: {said}"
    except ValueError as error:
        yield f"column value: {quoted(question)}: {error}"


def _answer(cells: dict[str, str]) -> Answer:
    value = cells["value"].strip()
    if value and not NUMBER.match(value):
        raise ValueError(f"{quoted(value)} is not a plain number; write it as digits, like 1500.5")
    return Answer.model_validate(
        {
            "state": cells["state"].strip(),
            "value": float(value) if value else None,
            "chosen": cells["chosen"].split(),
            "sure": cells.get("sure", "").strip() or "fairly",
            "note": cells.get("note", ""),
            "evidence": cells.get("evidence", ""),
            "carried_from": cells.get("carried_from", "").strip(),
        }
    )


def _checked(instrument: Instrument, group: _Rows) -> tuple[Response | None, list[str]]:
    """Return a submission from its rows, or what is wrong with it, by line."""
    head: dict[str, Any] = dict(group.head)
    problems: list[str] = []
    try:
        head["given_on"] = clear_date(group.head["given_on"])
    except ValueError as error:
        problems.append(f"line {group.line}, column given_on: {error}{DATE_HINT}")
    if re.fullmatch(r"[1-9]\d{0,2}", group.head["submission"]):
        head["submission"] = int(group.head["submission"])
    else:
        problems.append(
            f"line {group.line}, column submission: {quoted(group.head['submission'])} is not a whole number "
            "from 1 to 999"
        )
    if problems:
        return None, problems
    try:
        head |= {"consent": group.head["consent"].split(), "answers": group.answers}
        response = Response.model_validate(head)
    except ValidationError as error:
        return None, [f"line {group.line}, column {place}: {said}" for place, said in words_of(error)]
    for text in wrong_response(instrument, response):
        question = text.partition(":")[0].split(" ")[0].strip("'")
        problems.append(f"line {group.lines.get(question, group.line)}: {text}")
    return (None, problems) if problems else (response, [])
