"""Reads the cells of a workbook whose parts are known to be safe: values and formulas as written, nothing worked out.

It reads what spreadsheet programs agree on (ECMA-376, part 1, chapter 18) and nothing else of the file, so that a
part made to keep a reader busy is never looked at.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from xml.parsers import expat

Place = tuple[int, int]  # row and column, both from 1
Event = tuple[str, str, dict[str, str]]  # start, end or text; name or characters; attributes
Value = str | int | float | bool | datetime

MOST_MERGED = 200
ADDRESS = re.compile(r"^([A-Z]{1,3})([1-9][0-9]{0,6})$")
ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
NOT_A_DATE = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
# Number formats 14 to 22 and 45 to 47 are dates and times in every file; 27 to 36 and 50 to 58 in East Asian ones.
DATE_FORMATS = {*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)}


class DamagedWorkbookError(Exception):
    """A part that cannot be read; the text says which sheet and cell, where that is known."""


@dataclass
class Sheet:
    """One sheet: what stands in which cell, and which rectangles (first and last cell) are merged."""

    title: str
    cells: dict[Place, Value] = field(default_factory=dict)
    merged: list[tuple[Place, Place]] = field(default_factory=list)


def address(row: int, column: int) -> str:
    """Return a cell's name.

    >>> address(7, 28)
    'AB7'
    """
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row}"


def read_sheets(parts: dict[str, bytes]) -> list[Sheet]:
    """Return every sheet of a workbook, in its order.

    Raises
    ------
    DamagedWorkbookError
        When a part is missing, is not XML, or says what cannot be.
    """
    book = next(iter(_related(parts, "", "officeDocument").values()), "xl/workbook.xml")
    strings = [s for p in _related(parts, book, "sharedStrings").values() for s in _strings(_events(parts, p))]
    dates = [d for p in _related(parts, book, "styles").values() for d in _date_styles(_events(parts, p))]
    paths, found = _related(parts, book, "worksheet"), []
    from_1904 = False
    for kind, name, given in _events(parts, book):
        if kind == "start" and name == "workbookPr":
            from_1904 = given.get("date1904") in ("1", "true")
        if kind == "start" and name == "sheet":
            path = paths.pop(given.get("id", ""), "")  # popped: one part shown as a thousand sheets is read once
            if path:
                sheet = Sheet(given.get("name", ""))
                _read_sheet(sheet, _events(parts, path), strings, dates, from_1904)
                found.append(sheet)
    return found


def _events(parts: dict[str, bytes], path: str) -> list[Event]:
    if path not in parts:
        raise DamagedWorkbookError(f"its part {path[:60]} is missing")
    events: list[Event] = []
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: Any) -> None:
        raise DamagedWorkbookError("it declares a document type")

    def local(attributes: dict[str, str]) -> dict[str, str]:
        return {name.rpartition(":")[2]: value for name, value in attributes.items()}

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, given: events.append(("start", name.rpartition(":")[2], local(given)))
    parser.EndElementHandler = lambda name: events.append(("end", name.rpartition(":")[2], {}))
    parser.CharacterDataHandler = lambda text: events.append(("text", text, {}))
    try:
        parser.Parse(parts[path], True)
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise DamagedWorkbookError("a part of it is not XML") from error
    return events


def _related(parts: dict[str, bytes], path: str, kind: str) -> dict[str, str]:
    """Return the parts that ``path`` points at as ``kind``, by relation id; an absent list points at nothing."""
    folder, name = posixpath.split(path)
    listed = posixpath.join(folder, "_rels", f"{name}.rels")
    found = {}
    for event, tag, given in _events(parts, listed) if listed in parts else []:
        inside = event == "start" and tag == "Relationship" and given.get("TargetMode") != "External"
        if inside and given.get("Type", "").rpartition("/")[2] == kind:
            target = posixpath.normpath(posixpath.join("/", folder, given.get("Target", "")))
            found[given.get("Id", "")] = target.lstrip("/")
    return found


def _strings(events: list[Event]) -> Iterator[str]:
    """Yield the shared strings; a text in several fonts is one text, its reading aid is none of it."""
    text, piece, inside, aside = "", "", False, False
    for kind, name, _ in events:
        if kind == "text":
            piece += name if inside and not aside else ""
            continue
        text, piece = text + _unescaped(piece), ""
        inside = kind == "start" and name == "t"
        if name == "rPh":
            aside = kind == "start"
        if name == "si" and kind == "end":
            yield text
            text = ""


def _unescaped(text: str) -> str:
    """Return a text with its _xHHHH_ read as characters.

    >>> _unescaped("_x005F_x0041_ _x0042_")
    '_x0041_ B'
    """
    return ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)


def _date_styles(events: list[Event]) -> Iterator[bool]:
    """Yield for each cell style whether its numbers are dates."""
    formats: dict[str, bool] = {}
    inside = False
    for kind, name, given in events:
        if name == "cellXfs":
            inside = kind == "start"
        if kind == "start" and name == "numFmt":
            shown = NOT_A_DATE.sub("", given.get("formatCode", "")).lower()
            formats[given.get("numFmtId", "")] = bool(re.search("[dmyhs]", shown)) and shown != "general"
        if kind == "start" and name == "xf" and inside:
            code = given.get("numFmtId", "0")
            yield formats.get(code, code.isdigit() and len(code) < 4 and int(code) in DATE_FORMATS)


def _read_sheet(sheet: Sheet, events: list[Event], strings: list[str], dates: list[bool], from_1904: bool) -> None:
    if events[0][1] != "worksheet":
        raise DamagedWorkbookError(f"sheet '{sheet.title[:31]}' is no sheet")
    row = column = 0
    cell: dict[str, str] = {}
    texts: dict[str, str] = {}
    inside = ""
    for kind, name, given in events:
        if kind == "text":
            if inside:
                texts[inside] = texts.get(inside, "") + name
        elif kind == "end":
            inside = ""
            if name == "t":
                texts["is"] = texts.get("is", "") + _unescaped(texts.pop("t", ""))
            elif name == "c":
                _put(sheet, (row, column), cell, texts, strings, dates, from_1904)
        elif name == "row":
            row, column = _whole(sheet, given.get("r", str(row + 1))), 0
        elif name == "c":
            row, column = _place(sheet, given["r"]) if "r" in given else (row, column + 1)
            cell, texts = given, {}
        elif name in ("v", "f", "t"):
            inside = name
            texts.setdefault(name, "")
        elif name == "mergeCell":
            first, _, last = given.get("ref", "").partition(":")
            if len(sheet.merged) >= MOST_MERGED:
                raise DamagedWorkbookError(f"sheet '{sheet.title[:31]}' has over {MOST_MERGED} merged cells")
            sheet.merged.append((_place(sheet, first), _place(sheet, last or first)))


def _whole(sheet: Sheet, text: str) -> int:
    if not re.fullmatch(r"[1-9]\d{0,6}", text, re.ASCII):
        raise DamagedWorkbookError(f"sheet '{sheet.title[:31]}' has a row '{text[:20]}'")
    return int(text)


def _place(sheet: Sheet, text: str) -> Place:
    match = ADDRESS.match(text)
    if not match:
        raise DamagedWorkbookError(f"sheet '{sheet.title[:31]}' has a cell '{text[:20]}'")
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column


def _put(
    sheet: Sheet,
    place: Place,
    cell: dict[str, str],
    texts: dict[str, str],
    strings: list[str],
    dates: list[bool],
    from_1904: bool,
) -> None:
    if place in sheet.cells:
        raise DamagedWorkbookError(f"sheet '{sheet.title[:31]}', cell {address(*place)} is written twice")
    try:
        value = _value(cell, texts, strings, dates, from_1904)
    except (ValueError, IndexError) as error:
        raise DamagedWorkbookError(f"sheet '{sheet.title[:31]}', cell {address(*place)} is damaged") from error
    if value is not None and value != "":
        sheet.cells[place] = value


def _value(
    cell: dict[str, str], texts: dict[str, str], strings: list[str], dates: list[bool], from_1904: bool
) -> Value | None:
    kind, text = cell.get("t", "n"), texts.get("v", "")
    if "f" in texts:
        return f"={texts['f']}"
    if kind == "inlineStr":
        return texts.get("is", "")
    if not text.strip():
        return None
    if kind == "s":
        return strings[_index(text)]
    if kind in ("str", "e", "d"):
        return _unescaped(text)
    if kind == "b":
        return text.strip() in ("1", "true")
    number = _number(text.strip())
    style = _index(cell.get("s", "0"))
    if isinstance(number, int | float) and style < len(dates) and dates[style]:
        return _day(number, from_1904)
    return number


def _index(text: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text.strip(), re.ASCII):
        raise ValueError("not an index")
    return int(text)


def _number(text: str) -> int | float | str:
    """Return a number; what is none (NaN, 1e999) stays text, for the person who typed it to see."""
    if re.fullmatch(r"-?\d{1,15}", text, re.ASCII):
        return int(text)
    match = re.fullmatch(r"-?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d{1,3})?", text, re.ASCII) if len(text) < 400 else None
    number = float(text) if match else float("inf")
    return number if abs(number) < float("inf") else text


def _day(number: float, from_1904: bool) -> datetime | str:
    start = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 30)
    try:
        return start + timedelta(days=round(number * 86_400) / 86_400)
    except OverflowError:
        return str(number)
