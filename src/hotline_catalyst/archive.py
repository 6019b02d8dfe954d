"""Writes files so that a crash leaves the old one or the new one, and the same content gives the same bytes."""

from __future__ import annotations

import hashlib
import io
import os
import re
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from xml.sax.saxutils import escape

from .errors import CatalystError

# The earliest date a zip can carry; a file's own date would change the bytes of every build.
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_STRINGS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{}</sst>'
)
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_NO_XML = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_bytes(path: Path, content: bytes) -> Path:
    """Write a file whole or not at all: when this returns, file and folder entry are on disk.

    What lies in a folder named responses only its owner may read; other files are as open as the system's umask says.

    Raises
    ------
    CatalystError
        When it cannot be written here; the old file, if any, is as it was.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, content)
        sync_folder(path.parent)
    except OSError as error:
        reason = error.strerror or str(error)
        raise CatalystError(f"{path} cannot be written: {reason}. Choose another place, or make room.") from error
    return path


def _replace(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(name, 0o600 if path.parent.name == "responses" else 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    # The system tells the umask only to who sets one; the strictest stands in for the moment in between.
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def write_text(path: Path, content: str) -> Path:
    """Write UTF-8 text whole or not at all, with Unix line ends on every system."""
    return write_bytes(path, content.encode("utf-8"))


def sync_folder(folder: Path) -> None:
    """Make a rename inside ``folder`` survive a power cut, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sweep(folder: Path) -> None:
    """Remove what a killed process left half written."""
    for path in folder.glob("**/.writing-*.tmp"):
        path.unlink(missing_ok=True)


def workbook(content: bytes, texts: Sequence[str]) -> bytes:
    """Return a workbook as `normalised_zip` does, with its table of texts written anew.

    xlsxwriter takes a text in <r>…</r> for ready markup, and of two escapes that share a mark it guards only one:
    what a person typed could then break the file. Characters that XML cannot hold are left out.
    """
    escaped = (escape(_ESCAPE.sub("_x005F_", _NO_XML.sub("", text))) for text in texts)
    table = "".join(f'<si><t xml:space="preserve">{text}</t></si>' for text in escaped)
    return normalised_zip(content, {"xl/sharedStrings.xml": _STRINGS.format(table).encode()})


def normalised_zip(content: bytes, instead: Mapping[str, bytes] = MappingProxyType({})) -> bytes:
    """Return the same zip (xlsx, docx) with fixed dates and attributes, members in their own order.

    ``instead`` holds members that are replaced.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        return zipped({m.filename: instead.get(m.filename) or source.read(m) for m in source.infolist()})


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Return files as a zip, in their order, with fixed dates and attributes: the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as target:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            target.writestr(entry, content)
    return out.getvalue()


def digest(content: bytes) -> str:
    """Return the SHA-256 of some bytes, in hex."""
    return hashlib.sha256(content).hexdigest()


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
