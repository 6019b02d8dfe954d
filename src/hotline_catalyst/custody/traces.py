"""Looks for one person's code and words inside files of any kind: text, zip, Word, spreadsheet, PDF."""

from __future__ import annotations

import html
import io
import json
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator

# Limits for what is opened; a file beyond them is named to the user as one that could not be searched.
MAX_FILE, MAX_UNPACKED, MAX_DEPTH = 100_000_000, 300_000_000, 4
# A text is known again by its first letters, without spaces; shorter ones must stand as whole words.
ENOUGH, WHOLE_WORD, LEAST = 32, 12, 4

# Pictures and fonts hold letters of one byte at most.
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"wOF", b"\0\1\0\0", b"OTTO", b"\0\0\1\0")
_TAG = re.compile(r"<[^<>]{0,4000}>")
_SENTENCE = re.compile(r"(?<=[.!?؟。])\s+|\n+|…")
_SAME = (("’", "'"), ("‘", "'"), ("“", '"'), ("”", '"'), ("«", '"'), ("»", '"'), ("–", "-"), ("—", "-"), ("−", "-"))
_ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|([nrt"/\\,;]))')
_DRAWN = re.compile(rb"<([0-9A-Fa-f\s]{2,})>")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


class Unsearchable(Exception):
    """A file that cannot be looked into: locked, damaged or too large."""


def code_pattern(code: str) -> re.Pattern[str]:
    """Return a pattern that finds a code standing alone, or before a stored submission's digest.

    >>> [bool(code_pattern("NGO-1").search(t)) for t in ("(NGO-1)", "NGO-10", "NGO-1-0123456789ab.json", "X-NGO-1")]
    [True, False, True, False]
    """
    alone = r"(?![A-Za-z0-9_]|-[A-Za-z0-9])"
    return re.compile(rf"(?<![A-Za-z0-9_-]){re.escape(code)}(?:{alone}|(?=-[0-9a-f]{{12}}\.json))")


class Traces:
    """What would give a person away: the code, and what only this person wrote.

    Parameters
    ----------
    code
        The respondent's code; found only where it stands alone, so that NGO-1 is not seen in NGO-10.
    texts
        What the person wrote. Long texts are also known by their sentences and by their beginning.
    common
        What others wrote too, the instrument included: what stands there is no trace of this person.
    """

    def __init__(self, code: str, texts: Iterable[str], common: str = ""):
        self.bare, self.code = code, code_pattern(code)
        spaced, tight = fold(common), _tight(common)
        pieces = {fold(piece) for text in texts for piece in _pieces(text)}
        self.long = sorted({_tight(p)[:ENOUGH] for p in pieces if len(_tight(p)) >= WHOLE_WORD} - {""})
        self.long = [p for p in self.long if p not in tight]
        short = sorted(p for p in pieces if LEAST <= len(_tight(p)) < WHOLE_WORD)
        words = [rf"(?<!\w){re.escape(p)}(?!\w)" for p in short]
        words = [w for w in words if not re.search(w, spaced)]
        self.short = re.compile("|".join(words)) if words else None

    def in_text(self, text: str) -> bool:
        """Return whether a text as it stands, unescaped or without markup, holds a trace."""
        return any(self._in_form(form) for form in _forms(text))

    def _in_form(self, form: str) -> bool:
        if self.bare in form and self.code.search(form):
            return True
        folded = fold(form)
        if self.short and self.short.search(folded):
            return True
        tight = folded.replace(" ", "")
        return any(piece in tight for piece in self.long)

    def in_file(self, content: bytes) -> bool:
        """Return whether a file holds a trace, in its parts and in files inside it too.

        Raises
        ------
        Unsearchable
            When it cannot be looked into and what could be read held no trace.
        """
        return any(self.in_text(text) for text in texts_of(content))

    def lines(self, text: str) -> list[int]:
        """Return the lines, from 1, that hold a trace; line 1 when only the whole holds it."""
        found = [n for n, line in enumerate(text.splitlines(), 1) if self.in_text(line)]
        return found or ([1] if self.in_text(text) else [])


def _pieces(text: str) -> Iterator[str]:
    yield text
    yield from (sentence for sentence in _SENTENCE.split(text) if sentence.strip())


def fold(text: str) -> str:
    """Return a text as it is compared: one form of each character, small letters, single spaces."""
    if not text.isascii():
        for written, same in _SAME:
            text = text.replace(written, same)
        text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    return " ".join(text.casefold().split())


def _tight(text: str) -> str:
    return fold(text).replace(" ", "")


def _forms(text: str) -> Iterator[str]:
    """Yield a text as it stands, with its entities, escapes and doubled quotes undone, and with its tags taken out."""
    seen = {text}
    yield text
    forms = [html.unescape(text)] if "&" in text else []
    forms += [html.unescape(_TAG.sub(between, text)) for between in ("", " ")] if "<" in text else []
    forms += [_joined(_ESCAPE.sub(_unescaped, form)) for form in {text, *forms[:1]} if "\\" in form]
    forms += [text.replace('""', '"')] if '""' in text else []
    for form in forms:
        if form not in seen:
            seen.add(form)
            yield form


def _unescaped(match: re.Match[str]) -> str:
    if match.group(1):
        return chr(int(match.group(1), 16))
    return {"n": "\n", "r": "\r", "t": "\t"}.get(match.group(2), match.group(2))


def _joined(text: str) -> str:
    """Return a text in which two escapes that make one character are that character."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def texts_of(content: bytes, depth: int = 0) -> Iterator[str]:
    """Yield the texts inside a file, its parts' names included.

    Raises
    ------
    Unsearchable
        After the last text that could be read.
    """
    if len(content) > MAX_FILE or depth > MAX_DEPTH:
        raise Unsearchable("it is too large to be searched")
    if content[:4] == b"PK\x03\x04":
        yield from _of_zip(content, depth)
    elif content[:5] == b"%PDF-":
        yield from _of_pdf(content)
    elif content.startswith((b"age-encryption.org/", b"-----BEGIN AGE ENCRYPTED")):
        raise Unsearchable("it is encrypted")
    elif content.startswith((b"7z\xbc\xaf", b"Rar!", b"\x1f\x8b", b"BZh", b"\xfd7zXZ")):
        raise Unsearchable("it is packed in a way that is not opened here")
    else:
        yield from _of_bytes(content)


def _of_bytes(content: bytes) -> Iterator[str]:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        yield content.decode("utf-16", "replace")
        return
    try:
        yield content.decode("utf-8-sig")
    except UnicodeDecodeError:
        yield content.decode("cp1252", "replace")
    if b"\0" in content and not content.startswith(
        PICTURES
    ):  # older spreadsheets and mail hold their text in two-byte letters, from any place on
        yield content.decode("utf-16-le", "ignore")
        yield content[1:].decode("utf-16-le", "ignore")


def _of_zip(content: bytes, depth: int) -> Iterator[str]:
    failed, left = "", MAX_UNPACKED
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        yield from _of_bytes(content)
        raise Unsearchable("it is damaged") from error
    with archive:
        yield archive.comment.decode("utf-8", "replace")
        for member in archive.infolist():
            yield member.filename
            try:
                with archive.open(member) as stream:
                    part = stream.read(min(left, MAX_FILE) + 1)
                left -= len(part)
                if left < 0:
                    raise Unsearchable("it unpacks to more than is searched")
                yield from texts_of(part, depth + 1)
            except Unsearchable as error:
                failed = str(error)
            except (RuntimeError, OSError, NotImplementedError, zipfile.BadZipFile, zlib.error, EOFError):
                failed = "a part of it is locked or damaged"
            if left < 0:
                break
    if failed:
        raise Unsearchable(failed)


def _of_pdf(content: bytes) -> Iterator[str]:
    """Yield a PDF's plain strings, and what its drawn letters say by each of its fonts' tables.

    Which font draws which letters is not followed: every table is tried, and the wrong ones give nonsense.
    """
    streams = [content] if b"/Encrypt" not in content else []
    for match in re.finditer(rb"stream\r?\n", content):
        end = content.find(b"endstream", match.end())
        try:
            streams.append(zlib.decompressobj().decompress(content[match.end() : end], MAX_FILE))
        except zlib.error:
            continue
    tables = {frozenset(t.items()): t for t in map(_letters, streams) if t}
    for stream in streams:
        yield stream.decode("latin-1")
        shown = [b"".join(_DRAWN.findall(piece)) for piece in re.split(rb"T[jJ]", stream)]
        if any(shown):
            yield from _drawn([b"".join(piece.split()).decode("ascii").lower() for piece in shown], tables.values())
    if b"/Encrypt" in content:
        raise Unsearchable("it is locked")


def _letters(stream: bytes) -> dict[str, str]:
    """Return a font's table from drawn letter (hex) to what it means."""
    table: dict[str, str] = {}
    if b"beginbf" not in stream:
        return table
    text = stream.decode("latin-1")
    for block in re.findall(r"beginbfchar(.*?)endbfchar", text, re.DOTALL):
        for glyph, meaning in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]*)>", block):
            table[glyph.lower()] = _meaning(meaning)
    for block in re.findall(r"beginbfrange(.*?)endbfrange", text, re.DOTALL):
        for low, high, first in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            for n in range(min(int(high, 16) - int(low, 16), 0xFFFF) + 1):
                table[f"{int(low, 16) + n:0{len(low)}x}"] = _meaning(f"{int(first, 16) + n:0{len(first)}x}")
    return table


def _meaning(digits: str) -> str:
    return bytes.fromhex(digits if len(digits) % 2 == 0 else "0" + digits).decode("utf-16-be", "replace")


def _drawn(pieces: list[str], tables: Iterable[dict[str, str]]) -> Iterator[str]:
    for table in tables:
        width = max(map(len, table))
        said = ("".join(table.get(p[n : n + width], "\ufffd") for n in range(0, len(p), width)) for p in pieces if p)
        yield " ".join(said)


def json_or_none(content: bytes) -> object:
    """Return the data of a JSON file, or None when it is none."""
    try:
        return json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None
