"""An .xlsx workbook of texts, written with nothing but Python: a zip with a few XML files.

Cells are always text, so nothing that somebody typed can become a formula.
"""

from __future__ import annotations

import io
import zipfile
from itertools import zip_longest
from xml.sax.saxutils import escape

# A date for the zip's members, so that the same texts give the same bytes: the first that a zip can hold.
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.{}+xml"


def zipped(sheets: dict[str, list[list[str]]]) -> bytes:
    """Return sheets of text as an .xlsx file; the same texts give the same bytes."""
    stream = io.BytesIO()
    # Not compressed: other builds of Python compress to other bytes, and the check compares bytes.
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as target:
        for path, text in _parts(sheets).items():
            member = zipfile.ZipInfo(path, ZIP_DATE)
            member.compress_type = zipfile.ZIP_STORED
            member.create_system = 3
            member.external_attr = 0o644 << 16
            target.writestr(member, HEAD + text)
    return stream.getvalue()


def _parts(sheets: dict[str, list[list[str]]]) -> dict[str, str]:
    numbers = range(1, len(sheets) + 1)
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{SHEET_TYPE.format("worksheet")}"/>'
        for n in numbers
    )
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>' for n, name in zip(numbers, sheets, strict=True)
    )
    types = (
        f'<Types xmlns="{PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{SHEET_TYPE.format("sheet.main")}"/>{overrides}</Types>'
    )
    root = f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    parts = {
        "[Content_Types].xml": types,
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{root}</Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{related}</Relationships>',
    }
    return parts | {
        f"xl/worksheets/sheet{n}.xml": _sheet(rows) for n, rows in zip(numbers, sheets.values(), strict=True)
    }


def _sheet(rows: list[list[str]]) -> str:
    lines = "".join(
        f'<row r="{number}">{"".join(_cell(at, number, text) for at, text in enumerate(row) if text)}</row>'
        for number, row in enumerate(rows, 1)
    )
    pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    view = f'<sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'
    return f'<worksheet xmlns="{MAIN}">{view}{_columns(rows)}<sheetData>{lines}</sheetData></worksheet>'


def _columns(rows: list[list[str]]) -> str:
    """Return the width of each column: as wide as its longest text, within what a screen can show."""
    longest = [max(map(len, column)) for column in zip_longest(*rows, fillvalue="")]
    wide = "".join(
        f'<col min="{n}" max="{n}" width="{min(max(length + 2, 10), 60)}" customWidth="1"/>'
        for n, length in enumerate(longest, 1)
    )
    return f"<cols>{wide}</cols>" if wide else ""


def _cell(at: int, number: int, text: str) -> str:
    # "_x0041_" would be read as a character by office programs.
    shown = escape(text).replace("_x", "_x005F_x")
    return f'<c r="{_letters(at)}{number}" t="inlineStr"><is><t xml:space="preserve">{shown}</t></is></c>'


def _letters(at: int) -> str:
    """Return a column's name.

    >>> _letters(0), _letters(27)
    ('A', 'AB')
    """
    name = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        name = chr(65 + rest) + name
    return name
