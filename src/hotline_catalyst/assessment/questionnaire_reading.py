"""Reads a returned questionnaire workbook by its hidden marks: every answer, or a refusal that names each cell."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ..errors import AnswerError
from .instrument import ITEM_ID, QUANTITY_ID, Instrument
from .privacy import masked
from .questionnaire_words import ASKED, COLUMNS, CONSENT, COVER, STATES, SURE
from .responses import CODE, MAX_TEXT, Answer, Response, clean_text, wrong_answer
from .tables import is_current, quoted, wrong_version
from .workbook_cells import DamagedWorkbookError, Sheet, address, read_sheets
from .workbook_safety import checked_parts

LONGEST_MARK, MOST_PROBLEMS = 60, 400
AGREED = re.compile(r"Y(ES)?(?!\w)", re.IGNORECASE)  # not "Ya no"


@dataclass
class _Row:
    """One question's row: where a problem with it should be looked for, and what stands in it."""

    place: str
    fields: dict[str, Any]


@dataclass
class _Scan:
    """What was found by marks: rows and listed questions by id, the cover's fields, and what is wrong."""

    rows: dict[str, _Row] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    cover: dict[str, tuple[str, str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def read_questionnaire(instrument: Instrument, path: Path) -> Response:
    """Read a returned workbook.

    A question that was asked and whose row is gone is there as ``not_asked``.

    Raises
    ------
    AnswerError
        When the file is not safe to open, or with every cell that cannot be understood; nothing is guessed.
    """
    parts = checked_parts(path)
    try:
        scan = _scan(read_sheets(parts))
    except DamagedWorkbookError as error:
        problem = f"it is damaged inside ({clean_text(str(error))}); ask for it again as .xlsx"
        raise AnswerError(path.name, [problem]) from error
    current = is_current(instrument, scan.cover.get("#instrument", ("", ""))[1])
    problems = scan.problems + (list(_unknown(instrument, scan)) if current else [])
    answers = dict(_answers(instrument, scan, problems, current))
    said = {key: text for key, (_, text) in scan.cover.items()}
    given_on = _date(said.get("#date", ""))
    problems += _wrong_cover(instrument, scan.cover, given_on)
    if problems or given_on is None:
        more = len(problems) - MOST_PROBLEMS
        raise AnswerError(path.name, problems[:MOST_PROBLEMS] + [f"and {more} more"] * (more > 0))
    return Response(
        instrument=said.get("#instrument", ""),
        fingerprint=said.get("#fingerprint", ""),
        respondent=said["#respondent"],
        role=said["#role"],
        organisation=said["#organisation"],
        language=said.get("#language") or "en",
        given_on=given_on,
        submission=int(said.get("#submission") or 1),
        consent=[key.removeprefix(CONSENT) for key, text in said.items() if _agreed(key, text)],
        answers=answers,
    )


def _agreed(key: str, text: str) -> bool:
    return key.startswith(CONSENT) and bool(AGREED.match(text))


def _unknown(instrument: Instrument, scan: _Scan) -> Iterator[str]:
    places = scan.asked | {question: row.place for question, row in scan.rows.items()}
    for question in sorted(places.keys() - instrument.items.keys() - instrument.quantities.keys()):
        yield f"{places[question]}: '{question}' is not in this version of the instrument"


def _answers(instrument: Instrument, scan: _Scan, problems: list[str], current: bool) -> Iterator[tuple[str, Answer]]:
    """Yield the answers; those to an older version are held to its questions when they are carried over, not here."""
    known = instrument.items.keys() | instrument.quantities.keys()
    asked = scan.rows.keys() | scan.asked.keys()
    for question in sorted(asked & known if current else asked):
        row = scan.rows.get(question)
        if row is None:
            yield question, Answer(state="not_asked")
            continue
        try:
            answer = _answer(row.fields, _kind(instrument, question))
            if current and (wrong := wrong_answer(instrument, question, answer)):
                raise ValueError(wrong)
            yield question, answer
        except ValueError as error:
            problems.append(f"{row.place}: {question}: {error}")


def _wrong_cover(instrument: Instrument, cover: dict[str, tuple[str, str]], given_on: date | None) -> Iterator[str]:
    for key in ("#instrument", "#respondent", "#role", "#organisation", "#date", "#submission"):
        place, text = cover.get(key, ("the first sheet", "1" if key == "#submission" else ""))
        if key == "#instrument":
            if wrong := wrong_version(instrument, text):
                yield f"{place}: {wrong}"
        elif not text:
            yield f"{place}: {key[1:]} is missing; fill it in"
        elif key == "#respondent" and not re.match(CODE, text):
            yield f"{place}: '{masked(text)}' is not a code; use letters and digits, no names"
        elif key == "#role" and text not in instrument.meta.roles:
            yield f"{place}: role {quoted(text)} is not in the instrument"
        elif key == "#submission" and not re.fullmatch(r"[1-9][0-9]{0,2}", text):
            yield f"{place}: the submission number {quoted(text)} is not a whole number from 1 to 999"
        elif key == "#date" and given_on is None:
            yield f"{place}: the date {quoted(text)} is not clear; write it as 2027-03-14"
    for key, (place, text) in cover.items():
        if key.startswith(CONSENT) and key.removeprefix(CONSENT) not in instrument.meta.consent:
            yield f"{place}: {quoted(key[1:])} is not in this version of the instrument"
        elif key.startswith(CONSENT) and not _agreed(key, text) and text[:1].upper() not in ("", "N"):
            yield f"{place}: {quoted(text)} is neither Y nor N; choose from the list"


def _scan(sheets: list[Sheet]) -> _Scan:
    scan = _Scan()
    for sheet in sheets:
        title = clean_text(sheet.title)[:31]
        rows: dict[int, dict[int, Any]] = {}
        for (row, column), value in sorted(sheet.cells.items()):
            rows.setdefault(row, {})[column] = value
        _scan_sheet(scan, title, rows, sheet)
    if not scan.rows:
        scan.problems.append("no question was found in it; is it a questionnaire made by this toolkit?")
    return scan


def _scan_sheet(scan: _Scan, title: str, rows: dict[int, dict[int, Any]], sheet: Sheet) -> None:
    heads: dict[str, int] = {}
    listed, answered = 0, list[tuple[int, int]]()
    for number, row in rows.items():
        texts = {column: text for column, value in row.items() if (text := _mark(value))}
        found = {text: column for column, text in texts.items() if text in COLUMNS}
        if found.keys() >= {"#id", "#answer"} and found["#id"] == heads.get("#id", found["#id"]):
            heads = found  # not a note that happens to say "#id"
        elif heads:
            question = texts.get(heads["#id"], "")
            if _is_id(question):
                _scan_row(scan, title, number, question, row, heads)
                answered.append((number, heads["#answer"]))
        elif _is_id(texts.get(listed, "")):
            scan.asked.setdefault(texts[listed], f"sheet '{title}', cell {address(number, listed)}")
        else:
            listed = next((column for column, text in texts.items() if text == ASKED and len(texts) == 1), listed)
            _scan_cover(scan, title, number, texts, row)
    scan.problems += _merged(title, sheet, answered)


def _merged(title: str, sheet: Sheet, answered: list[tuple[int, int]]) -> Iterator[str]:
    """Yield each merged rectangle over the answers of several questions: only the first of them keeps its text."""
    for (top, left), (bottom, right) in sheet.merged:
        if sum(top <= row <= bottom and right >= column for row, column in answered) > 1:
            cells = f"{address(top, left)}:{address(bottom, right)}"
            yield f"sheet '{title}', cells {cells} are merged over several questions; split them and answer each"


def _is_id(text: str) -> bool:
    return bool(ITEM_ID.match(text) or QUANTITY_ID.match(text))


def _scan_cover(scan: _Scan, title: str, number: int, texts: dict[int, str], row: dict[int, Any]) -> None:
    for column, text in texts.items():
        if text not in COVER and not text.startswith(CONSENT):
            continue
        following = [c for c in sorted(texts) if c > column]
        at = following[1] if len(following) > 1 else column + 2
        place, said = f"sheet '{title}', cell {address(number, at)}", _text(row.get(at))
        if scan.cover.setdefault(text, (place, said))[1] != said:
            other = scan.cover[text][0]
            scan.problems.append(f"{place}: {text[1:40]} differs from {other}; keep one cover sheet")


def _scan_row(scan: _Scan, title: str, number: int, question: str, row: dict[int, Any], heads: dict[str, int]) -> None:
    first = heads["#id"]
    answer = heads["#answer"]
    place = f"sheet '{title}', cell {address(number, answer if answer in row else first)}"
    if question in scan.rows:
        scan.problems.append(
            f"sheet '{title}', cell {address(number, first)}: {question} is already in {scan.rows[question].place}; "
            "delete one of the two"
        )
        return
    scan.rows[question] = _Row(place, {name[1:]: row.get(column) for name, column in heads.items()})


def _text(value: Any) -> str:
    """Return a cell as clean text."""
    if value is None:
        return ""
    return clean_text(value.isoformat() if isinstance(value, date | datetime) else str(value)[: MAX_TEXT + 1])


def _mark(value: Any) -> str:
    """Return a cell as clean text where it is short enough to be a mark; thousands of long ones would take seconds."""
    return _text(value) if not isinstance(value, str) or len(value) <= LONGEST_MARK else "…"


def _kind(instrument: Instrument, question: str) -> str:
    if question in instrument.items or ITEM_ID.match(question):
        return "item"
    if question not in instrument.quantities:  # of an older version, which does not say whether it had choices
        return "number or choices"
    return "choices" if instrument.quantities[question].choices else "number"


def _answer(fields: dict[str, Any], kind: str) -> Answer:
    raw, note, evidence = fields.get("answer"), _text(fields.get("note")), _text(fields.get("evidence"))
    sure_text = _text(fields.get("sure")).upper()
    if sure_text and sure_text[0] not in SURE:
        raise ValueError(f"{quoted(sure_text)} is not a certainty; choose from the list")
    sure = SURE[sure_text[0]] if sure_text else "fairly"
    text = _text(raw)
    extra = {"sure": sure, "note": note, "evidence": evidence}
    if not text:
        return Answer.model_validate({"state": "blank", **extra})
    if isinstance(raw, date | datetime):
        raise ValueError(f"the spreadsheet made the date {text[:10]} of this answer; make the cell a number again")
    code = text[0].upper()
    if code in STATES and not text[1:2].isalnum():
        if code == "N" and not note:
            raise ValueError("'does not apply' needs its reason in the note")
        return Answer.model_validate({"state": STATES[code], **extra})
    if kind == "choices" or (kind == "number or choices" and not isinstance(raw, int | float) and not _plain(text)):
        return Answer.model_validate({"state": "answered", "chosen": text.lower().replace(",", " ").split(), **extra})
    value = _level(text) if kind == "item" else _number(raw, text)
    return Answer.model_validate({"state": "answered", "value": value, **extra})


def _level(text: str) -> int:
    digit = unicodedata.decimal(text[0], None)  # also ٣ and ३
    if digit is None or digit > 4 or not re.match(r"^(\.0+)?(\s|·|$)", text[1:]):
        raise ValueError(f"{quoted(text)} is not one of the answers; choose from the list")
    return digit


def _number(raw: Any, text: str) -> float:
    if isinstance(raw, bool):
        raise ValueError(f"{quoted(text)} is not a number")
    if isinstance(raw, int | float):
        return float(raw)
    if _plain(text):
        return float(text)
    raise ValueError(f"{quoted(text)} is not a plain number; write it as digits, like 1500.5")


def _plain(text: str) -> bool:
    return bool(re.fullmatch(r"-?\d{1,30}(\.\d{1,30})?", text))


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None
