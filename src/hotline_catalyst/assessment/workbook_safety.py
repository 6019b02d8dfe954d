"""Opens a workbook from outside only when it is small and holds no macros, links to other files or entities."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..errors import AnswerError
from .responses import clean_text

# Limits for files from outside; a 222 kB workbook can hold two million cells (research, DELIVERABLES 3).
MAX_FILE = 5_000_000
MAX_MEMBERS = 200
MAX_PART = 4_000_000
MAX_TOTAL = 12_000_000
MAX_SHEETS = 60


@dataclass(frozen=True)
class Limits:
    """How much markup a kind of workbook may hold: tags, and letters inside them."""

    kind: str
    tags: int
    markup: int


# A full questionnaire has 12 000 tags of 0.3 MB in 18 sheets, after LibreOffice 17 000 tags of 0.6 MB; a roadmap of
# 130 activities and 16 roles over three years has 85 000 tags of 0.8 MB, after LibreOffice 86 000 of 1.1 MB.
QUESTIONNAIRE = Limits("a questionnaire", 40_000, 1_200_000)
ROADMAP = Limits("a roadmap", 200_000, 4_000_000)

TAG, BEFORE_XML = re.compile(rb"<[^>]*"), b" \t\r\n\xef\xbb\xbf\xfe\xff\0"
OLE, ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "EncryptedPackage".encode("utf-16-le")
ASK_AGAIN = "it is damaged or is not a workbook; ask for it again as .xlsx"
FORBIDDEN = {
    "vbaproject": "it holds macros; save it as a workbook without macros (.xlsx)",
    "xl/macrosheets/": "it holds macros; save it as a workbook without macros (.xlsx)",
    "xl/externallinks/": "it links to other files; remove the links and save it again",
    "xl/connections": "it fetches data from elsewhere; remove the connections and save it again",
    "xl/embeddings/": "a file is embedded in it; remove it, name it under Evidence instead, and save it again",
    "xl/activex/": "it holds controls that run; remove them and save it again",
}


def checked_parts(path: Path, limits: Limits = QUESTIONNAIRE) -> dict[str, bytes]:
    """Return a workbook's parts by name, unpacked.

    Raises
    ------
    AnswerError
        When it is too large, damaged, protected with a password, or holds what such a workbook never needs.
    """
    where = path.name
    if path.suffix.lower() != ".xlsx":
        raise AnswerError(where, ["only .xlsx workbooks are read; open it and save it as .xlsx"])
    content = _content(path, limits)
    if content.startswith(OLE):
        locked = "it is protected with a password; save it without one"
        raise AnswerError(where, [locked if ENCRYPTED in content else "it is an old .xls inside; save it as .xlsx"])
    parts: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            problems = list(_unpack(archive, parts, limits))
    except Exception as error:  # each way of packing a part raises its own kinds; each means the same to the user
        raise AnswerError(where, [ASK_AGAIN]) from error
    if problems:
        raise AnswerError(where, list(dict.fromkeys(problems)))
    return parts


def _content(path: Path, limits: Limits) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE:
            raise AnswerError(path.name, [f"it is larger than {MAX_FILE // 1_000_000} MB; {limits.kind} never is"])
        return path.read_bytes()
    except OSError as error:
        raise AnswerError(path.name, [f"the file cannot be read: {error.strerror}"]) from error


def _unpack(archive: zipfile.ZipFile, parts: dict[str, bytes], limits: Limits) -> Iterator[str]:
    """Fill ``parts`` and yield what is wrong; stop at the first part that is too large or not to be opened."""
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        yield f"it has {len(members)} parts; {limits.kind} has fewer than {MAX_MEMBERS}"
        return
    yield from _forbidden(members)
    total = tags = markup = sheets = 0
    for member in members:
        name = clean_text(member.filename)[:60]
        with archive.open(member) as stream:  # the stated size may lie: count what really comes out
            part = parts[member.filename] = stream.read(MAX_PART + 1)
        total += len(part)
        if part.lstrip(BEFORE_XML).startswith(b"<"):
            if any(mark in part for mark in (b"<!DOCTYPE", b"<!ENTITY", b"\0")):
                yield f"part {name} declares entities, which workbooks never need; it was not opened"
                return
            tags += part.count(b"<")
            markup += sum(map(len, TAG.findall(part))) if tags <= limits.tags else 0
            sheets += part.count(b"sheetId")
        full = tags > limits.tags or markup > limits.markup or sheets > MAX_SHEETS
        if len(part) > MAX_PART or total > MAX_TOTAL or full:
            yield f"part {name} unpacks to more than {limits.kind} can hold; it was not opened"
            return
    if b"macroEnabled" in parts.get("[Content_Types].xml", b""):
        yield FORBIDDEN["vbaproject"]


def _forbidden(members: list[zipfile.ZipInfo]) -> Iterator[str]:
    names = [member.filename for member in members]
    if "[Content_Types].xml" not in names:
        yield "it is not an .xlsx workbook inside; save it as .xlsx again"
    if len(set(names)) < len(names):
        yield ASK_AGAIN
    if any(member.flag_bits & 1 for member in members):
        yield "it is protected with a password; save it without one"
    for name in names:
        yield from (said for start, said in FORBIDDEN.items() if start in name.lower())
