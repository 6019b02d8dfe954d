"""Tells whose a file is: a submission, a questionnaire, a form, a typed paper form, or a table of several people."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any

from .traces import Unsearchable, code_pattern, json_or_none, texts_of

SHEETS, PAGES, TABLES = (".xlsx", ".xlsm", ".ods"), (".html", ".htm"), (".csv", ".tsv")
# Heads of the column that says whose a row is; groups of a form stand before it: cover/respondent.
TELLING = ("respondent", "respondent_code", "code")
# Words that begin the lines at the head of a typed paper form.
PAPER_HEAD = ("respondent", "role", "organisation", "date", "consent", "submission", "set", "language", "version")


@dataclass(frozen=True)
class Holding:
    """What of a file is one person's.

    Attributes
    ----------
    whole
        Whether the whole file is theirs.
    left
        What the file holds without their entries, when others' entries are in it too.
    texts
        What they wrote: notes and evidence.
    """

    whole: bool = False
    left: bytes | None = None
    texts: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return self.whole or self.left is not None


NOTHING = Holding()


def holding(path: Path, code: str) -> Holding:
    """Return what of a file belongs to the person of this code, by its content and never by its name."""
    content, kind = path.read_bytes(), path.suffix.lower()
    if kind == ".json":
        return _of_json(content, code)
    if kind in TABLES:
        return _of_table(content, code)
    if kind in SHEETS:
        return _of_workbook(content, code)
    if kind in PAGES:
        text = html.unescape(content.decode("utf-8", "replace"))
        return Holding(bool(re.search(rf"respondent[\"']?\s*[:=]\s*[\"']{re.escape(code)}[\"']", text)))
    return _of_typed(content, code) if kind == ".txt" else NOTHING


def _of_typed(content: bytes, code: str) -> Holding:
    """Tell whose a typed paper form is by the words at its head; a text that only speaks of a person is not theirs."""
    lines = [line.strip() for line in content.decode("utf-8-sig", "replace").splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    head = [*takewhile(lambda line: line.split()[0].lower() in PAPER_HEAD, lines)]
    own = re.compile(rf"(?i:\brespondent)\s+\"?{re.escape(code)}\"?\s*(?:$|\s(?i:{'|'.join(PAPER_HEAD)})\b)")
    if not any(own.search(line) for line in head):
        return NOTHING
    return Holding(True, texts=[text for line in lines[len(head) :] for text in _typed_texts(line)])


def _typed_texts(line: str) -> Iterator[str]:
    """Yield note, evidence and the reason why something does not apply; a line without a question goes on with them."""
    if not (question := re.match(r"[A-Za-z]{2}-Q?\d{1,2}:?(?:\s|$)", line)):
        yield line
        return
    plain, *texts = re.split(r"(?i)\b(?:note|evidence):", line[question.end() :])
    if reason := re.match(r"(?i)\s*N\s+(.+)", plain):
        texts.append(reason.group(1))
    for text in filter(None, map(str.strip, texts)):
        said = json_or_none(text.encode("utf-8", "replace"))
        yield said if isinstance(said, str) else text


def _of_json(content: bytes, code: str) -> Holding:
    data = json_or_none(content)
    texts: list[str] = []
    left = _without(data, code, texts)
    if left == data:
        return NOTHING
    if left in (None, [], {}):
        return Holding(True, texts=texts)
    return Holding(left=(json.dumps(left, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode(), texts=texts)


def _without(data: Any, code: str, texts: list[str]) -> Any:
    """Return JSON data without what belongs to ``code``; what they wrote is added to ``texts``."""
    if isinstance(data, dict):
        if data.get("respondent") == code:
            texts.extend(written(data))
            return None
        return {key: _without(value, code, texts) for key, value in data.items()}
    if isinstance(data, list):
        kept = ((entry, _without(entry, code, texts)) for entry in data)
        return [left for entry, left in kept if left is not None or entry is None]
    return data


def written(data: Any) -> Iterator[str]:
    """Yield the notes and evidence inside a submission's data."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key in ("note", "evidence") and isinstance(value, str) and value:
                yield value
            else:
                yield from written(value)
    elif isinstance(data, list):
        for entry in data:
            yield from written(entry)


def _of_table(content: bytes, code: str) -> Holding:
    """Return a table without a person's rows; the other rows keep their bytes.

    A table whose rows cannot be told apart with certainty is left as it is: the search names it.
    """
    coding = _encoding(content)
    raw = [*_raw_rows(content.decode(coding))]
    mark = max(",;\t", key=raw[0].count) if raw else ","
    try:
        parsed = [[*csv.reader(io.StringIO(row, newline=""), delimiter=mark)] for row in raw]
    except csv.Error:
        return NOTHING
    if any(len(rows) != 1 for rows in parsed):
        return NOTHING
    cells = [rows[0] for rows in parsed]
    telling = [n for n, head in enumerate(cells[0] if cells else []) if _tail(head) in TELLING]
    own = [n for n, row in enumerate(cells) if n and any(row[c].strip() == code for c in telling if c < len(row))]
    if not own:
        return NOTHING
    wordy = [n for n, head in enumerate(cells[0]) if re.search(r"note|evidence", head, re.IGNORECASE)]
    texts = [cells[n][c].removeprefix("'") for n in own for c in wordy if c < len(cells[n]) and cells[n][c]]
    if len(own) == sum(1 for row in cells[1:] if any(row)):
        return Holding(True, texts=texts)
    left = "".join(row for n, row in enumerate(raw) if n not in own)
    return Holding(left=left.encode(coding), texts=texts)


def _encoding(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"


def _raw_rows(text: str) -> Iterator[str]:
    """Yield the rows of a table as they stand, line ends included; a quoted cell may hold line ends."""
    row: list[str] = []
    quotes = 0
    for line in io.StringIO(text, newline=""):
        row.append(line)
        quotes += line.count('"')
        if quotes % 2 == 0:
            yield "".join(row)
            row = []
    if row:
        yield "".join(row)


def _tail(head: str) -> str:
    return re.split(r"[/.:-]", head.strip("\ufeff \"'").casefold())[-1]


def _of_workbook(content: bytes, code: str) -> Holding:
    try:
        plain = " ".join(re.sub(r"<[^<>]{0,4000}>", " ", text) for text in texts_of(content))
    except Unsearchable:
        return NOTHING
    if "#respondent" not in plain or not code_pattern(code).search(plain):
        return NOTHING
    if content[30:38] == b"mimetype":  # an OpenDocument spreadsheet: its cells stand in their order
        near = rf"#respondent\s.{{0,120}}?{code_pattern(code).pattern}"
        return Holding(bool(re.search(near, plain, re.DOTALL)))
    return _of_cells(content, code)


def _of_cells(content: bytes, code: str) -> Holding:
    import warnings

    import openpyxl

    own, texts = False, []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
            for sheet in book.worksheets:
                wordy: list[int] = []
                for row in sheet.iter_rows(max_row=2_000, max_col=26, values_only=True):
                    cells = [str(cell).strip() if cell is not None else "" for cell in row]
                    own |= "#respondent" in cells and code in cells
                    if "#id" in cells and "#answer" in cells:
                        wordy = [n for n, cell in enumerate(cells) if cell in ("#note", "#evidence")]
                    else:
                        texts += [cells[n] for n in wordy if n < len(cells) and cells[n]]
    except Exception:  # openpyxl raises a dozen kinds on damaged parts; the search then treats it as any file
        return NOTHING
    return Holding(True, texts=texts) if own else NOTHING
