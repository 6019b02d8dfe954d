"""Typed text made harmless, one function for each place it can end up in.

Names and notes are typed by people. Nothing they type may act as markup, code or a formula anywhere.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata

LONGEST = 200
# Persian and the Indic scripts need these two joiners to be readable; every other invisible mark is dropped.
JOINERS = "\u200c\u200d"
FORMULA_STARTS = "=+-@\t\r\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66"
# Three digits or more in a row, whatever marks people write between them; a year alone is none.
NUMBER = re.compile(r"\d(?:(?:(?:[^\w\n,;:]|_){0,3}|:)\d){2,}")
YEARS = re.compile(r"(?:19|20)\d\d(?:-(?:19|20)?\d\d)?")
ADDRESS = re.compile(
    r"https?:|www\.|[^\s@]+@[^\s@]+\.\w|(?<![\w@])@\w{3,}|\b[\w-]+\.[a-z]{2,}/\w"
    r"|\b[\w-]{2,}\.(?:com|org|net|info|int|gov|ngo)\b",
    re.IGNORECASE,
)
MARKDOWN = re.compile(r"[\\|\[\]`*_#~]")


def clean(text: object, longest: int = LONGEST) -> str:
    """Return one line without control characters, direction marks or invisible marks, at most `longest` long."""
    given = "" if text is None else str(text)
    kept = given
    if not given.isprintable():  # nearly every text is, and then every sign of it stays
        kept = "".join(ch if _is_seen(ch) else " " if ch.isspace() else "" for ch in given)
    return " ".join(kept.split())[:longest].rstrip()


def _is_seen(character: str) -> bool:
    return character in JOINERS or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def toml_text(text: object) -> str:
    """Return a quoted TOML string; JSON and YAML read the same string."""
    return json.dumps(clean(text), ensure_ascii=False).replace("\x7f", "")


def html_text(text: object) -> str:
    """Return text for HTML, inside an element or inside a quoted attribute."""
    return html.escape(clean(text, 4000), quote=True)


def md_text(text: object) -> str:
    """Return text for Markdown in which no sign acts as markup, at the start of a line too."""
    line = html.escape(clean(text, 4000), quote=False).replace("://", ":&#47;&#47;")
    line = MARKDOWN.sub(lambda found: "\\" + found[0], line)
    if line[:1] in ("-", "+"):
        return "\\" + line
    return re.sub(r"^(\d+)([.)])", r"\1\\\2", line)


def dialplan_text(text: object) -> str:
    """Return text for Asterisk files: letters, digits, blanks and a few marks; nothing that separates or expands."""
    kept = "".join(
        ch if ch.isalnum() or unicodedata.category(ch).startswith("M") or ch in " .-_!?" else " " for ch in clean(text)
    )
    return " ".join(kept.split())


def csv_cell(text: object) -> str:
    """Return a cell that no spreadsheet takes for a formula; the csv module does the quoting."""
    cell = clean(text, 4000)
    return "'" + cell if cell[:1] and cell[0] in FORMULA_STARTS else cell


def contacts_in(text: str) -> list[str]:
    """Return what in a text may be a way to reach somebody: numbers, hours in digits, addresses.

    >>> contacts_in("Since 2027 on 0800-12 34, or t.me/help")
    ['0800-12 34', 't.me/h']
    """
    seen = unicodedata.normalize("NFKC", "".join(ch for ch in text if ch.isspace() or _is_seen(ch)))
    return [found for found in NUMBER.findall(seen) if not YEARS.fullmatch(found)] + ADDRESS.findall(seen)


def json_bytes(value: object) -> bytes:
    """Return JSON as this project writes it: readable, every alphabet kept, one line end at the end."""
    return (json.dumps(value, ensure_ascii=False, indent=2) + "\n").encode()
