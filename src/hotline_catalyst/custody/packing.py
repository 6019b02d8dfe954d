"""An engagement in one encrypted file, checked when it is made and when it is opened.

The file is age (https://age-encryption.org/v1): any age program opens it with the passphrase or key and finds a zip
with a manifest. Everything in between stays in memory; no readable copy touches a disk.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from .. import archive
from ..errors import CatalystError, ContentError
from ..library import shown
from .locks import HOW_TO_CHOOSE, Lock, opened, weakness

MANIFEST, SCHEMA = "manifest.json", "pack/1"
AGE = b"age-encryption.org/"
# Memory holds the files, the zip and the encrypted zip at once, so the whole stays below a small laptop's memory.
MAX_TOTAL, MAX_MANIFEST, MAX_FILES, MAX_NAME = 200_000_000, 20_000_000, 20_000, 240
FORBIDDEN = set('\\:*?"<>|')
RESERVED = {"con", "prn", "aux", "nul", *(f"{p}{n}" for p in ("com", "lpt") for n in range(1, 10))}


@dataclass(frozen=True)
class PackReport:
    """What a pack holds: the file, how many files and bytes are in it, and what was left out."""

    file: Path
    files: int
    size_bytes: int
    digest: str
    left_out: tuple[str, ...]


def pack(
    folder: Path,
    out: Path,
    passphrase: str | None = None,
    recipients: Iterable[str] = (),
    *,
    with_build: bool = False,
) -> PackReport:
    """Put an engagement into one encrypted file and return what is in it.

    The finished file is read back from the disk and decrypted before this returns.

    Parameters
    ----------
    folder
        The engagement; ``build`` is left out unless ``with_build``, other packs and git's own files always.
    out
        The file to write; an existing one is never overwritten.
    passphrase
        What opens it again; or else
    recipients
        Public keys (age1…) of those who may open it.

    Raises
    ------
    CatalystError
        When the passphrase is weak, a key is none, a file cannot be packed, or ``out`` exists.
    """
    keys = [key.strip() for key in recipients if key.strip()]
    if bool(passphrase) == bool(keys):
        raise CatalystError("Give a passphrase, or the public keys of those who may open it: one of the two.")
    if passphrase and (wrong := weakness(passphrase)):
        raise CatalystError(f"{wrong} {HOW_TO_CHOOSE}")
    if not (folder / "engagement.yaml").exists():
        raise ContentError(shown(folder), ["there is no engagement.yaml; name an engagement's folder"])
    if out.exists():
        raise CatalystError(f"{shown(out)} exists; choose another name, so that no earlier pack is lost.")
    names, folders, left_out = _chosen(folder, with_build)
    plain = _zipped(folder, names, folders)
    lock = Lock(passphrase, keys)
    archive.write_bytes(out, lock.encrypt(plain))
    if lock.decrypt(out.read_bytes()) != plain:
        out.unlink()
        raise CatalystError(f"{shown(out)} could not be read back from the disk and was removed; try another disk.")
    return PackReport(out, len(names), out.stat().st_size, archive.file_digest(out), tuple(left_out))


def unpack(file: Path, folder: Path, passphrase: str | None = None, identities: Iterable[str] = ()) -> list[str]:
    """Open a pack into a new folder, all of it or nothing, and return the names of its files.

    Parameters
    ----------
    file
        What `pack` made.
    folder
        Where to put it; it must not exist, or be empty.
    passphrase
        The passphrase it was made with; or else
    identities
        Secret keys (AGE-SECRET-KEY-1…), or the text of key files.

    Raises
    ------
    CatalystError
        When it cannot be opened, was changed on the way, or is not safe to write; nothing is left behind.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CatalystError(f"{shown(folder)} exists and is not empty; choose a new folder.")
    if not file.is_file():
        raise CatalystError(f"{shown(file)} does not exist.")
    if file.stat().st_size > MAX_TOTAL * 1.1:
        raise CatalystError(f"{shown(file)} is larger than any pack; it was not opened.")
    content = file.read_bytes()
    if not content.startswith(AGE):
        raise CatalystError(f"{shown(file)} is not a pack; make one with: catalyst pack DIR FILE")
    files, folders = _checked(opened(content, passphrase, list(identities), shown(file)), shown(file))
    _write_whole(folder, files, folders)
    return sorted(files)


def _chosen(folder: Path, with_build: bool) -> tuple[list[str], list[str], list[str]]:
    """Return the files and folders to pack, and what is left out.

    Raises
    ------
    ContentError
        Naming every file that could not be restored on another machine.
    """
    names: list[str] = []
    folders: list[str] = []
    left_out: list[str] = []
    problems: list[str] = []
    for path, name in _below(folder, "", [] if with_build else ["build"], left_out):
        if path.is_symlink():
            problems.append(f"{name}: it leads to another place; put the file itself there")
        elif wrong := _wrong_name(name):
            problems.append(f"{name!a}: {wrong}; rename it")
        elif path.is_dir():
            folders.append(name)
        elif not path.is_file():
            problems.append(f"{name}: it is no file; move it elsewhere")
        elif _is_pack(path):
            left_out.append(name)
        else:
            names.append(name)
    total = sum((folder / name).stat().st_size for name in names)
    if len(names) > MAX_FILES or total > MAX_TOTAL:
        limit = f"{MAX_FILES} files and {MAX_TOTAL // 1_000_000} MB"
        problems.append(f"it has {len(names)} files and {total / 1e6:.0f} MB; a pack holds {limit}")
    if problems:
        raise ContentError(shown(folder), problems)
    return sorted(names), sorted(folders), sorted(left_out)


def _below(folder: Path, under: str, skipped: list[str], left_out: list[str]) -> Iterator[tuple[Path, str]]:
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    for entry in found:
        name = f"{under}{entry.name}"
        if entry.name == ".git" or name in skipped:
            left_out.append(name)
        elif not (entry.name.startswith(".writing-") and entry.name.endswith(".tmp")):
            yield Path(entry.path), name
            if entry.is_dir(follow_symlinks=False):
                yield from _below(Path(entry.path), f"{name}/", skipped, left_out)


def _is_pack(path: Path) -> bool:
    with path.open("rb") as stream:
        return stream.read(len(AGE)) == AGE


def _wrong_name(name: str) -> str | None:
    """Return why a name cannot be written safely on every system, or None."""
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or name != "/".join(parts) or {".", ".."} & set(parts):
        return "its name leads out of the folder"
    try:
        size = max(len(part.encode("utf-8")) for part in parts)
    except UnicodeEncodeError:
        return "its name is not written in Unicode"
    if size > MAX_NAME or len(name) > 4 * MAX_NAME:
        return "its name is too long"
    if any(ord(c) < 32 or ord(c) == 127 for c in name) or FORBIDDEN & set(name):
        return "its name holds a character that not every system can write"
    for part in parts:
        if part[-1] in " ." or part.split(".")[0].strip().casefold() in RESERVED:
            return "its name is reserved on some systems"
    return None


def _zipped(folder: Path, names: list[str], folders: list[str]) -> bytes:
    """Return a zip of the files; the same files give the same bytes."""
    stream = io.BytesIO()
    digests = {}
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as target:
        for name in names:
            content = (folder / name).read_bytes()
            digests[name] = archive.digest(content)
            target.writestr(_entry(f"files/{name}"), content)
        manifest = {"schema": SCHEMA, "files": digests, "folders": folders}
        target.writestr(_entry(MANIFEST), json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True))
    return stream.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, archive.ZIP_DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3
    entry.external_attr = (stat.S_IFREG | 0o600) << 16
    return entry


def _checked(plain: bytes, where: str) -> tuple[dict[str, bytes], list[str]]:
    """Return a pack's files and folders.

    Raises
    ------
    ContentError
        When anything in it is not as its manifest says, or is not safe to write.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(plain)) as source:
            return _members(source, where)
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        NotImplementedError,
        RuntimeError,
        ValueError,
        OSError,
        EOFError,
    ) as error:
        raise ContentError(where, ["what it holds is damaged; ask for it again"]) from error
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ContentError(where, ["it holds no manifest of an engagement; it was made by another program"]) from error


def _members(source: zipfile.ZipFile, where: str) -> tuple[dict[str, bytes], list[str]]:
    members = source.infolist()
    if len(members) > MAX_FILES + 1:
        raise ContentError(where, [f"it holds more than {MAX_FILES} files; it was not opened"])
    manifest = json.loads(_part(source, source.getinfo(MANIFEST), MAX_MANIFEST, where))
    expected, folders = dict(manifest["files"]), [str(name) for name in manifest["folders"]]
    problems = [f"{name!a}: {wrong}" for name in [*expected, *folders] if (wrong := _wrong_name(name))]
    names = [m.filename for m in members]
    if manifest["schema"] != SCHEMA:
        problems.append(f"it is of kind {str(manifest['schema'])[:20]!a}; this toolkit opens {SCHEMA}")
    if sorted(names) != sorted([MANIFEST, *(f"files/{name}" for name in expected)]):
        problems.append("its manifest does not list what it holds")
    kinds = {stat.S_IFMT(m.external_attr >> 16) for m in members}
    if kinds - {0, stat.S_IFREG}:
        problems.append("it holds a link or a device, which is never packed")
    if problems:
        raise ContentError(where, problems)
    files, left = {}, MAX_TOTAL
    for name in sorted(expected):
        files[name] = _part(source, source.getinfo(f"files/{name}"), left, where)
        left -= len(files[name])
        if archive.digest(files[name]) != expected[name]:
            problems.append(f"{name}: it is not what was packed")
    if problems:
        raise ContentError(where, problems)
    return files, folders


def _part(source: zipfile.ZipFile, member: zipfile.ZipInfo, most: int, where: str) -> bytes:
    with source.open(member) as stream:  # the stated size may lie: count what really comes out
        content = stream.read(most + 1)
    if len(content) > most:
        raise ContentError(where, ["it unpacks to more than a pack may hold; it was not opened"])
    return content


def _write_whole(folder: Path, files: dict[str, bytes], folders: list[str]) -> None:
    """Write everything beside ``folder`` first and move it into place at the end."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(dir=folder.parent, prefix=".unpacking-"))
    except OSError as error:
        raise CatalystError(f"{shown(folder)} cannot be made: {error.strerror}; choose another place.") from error
    try:
        for name in folders:
            (staging / name).mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            _write_new(staging / name, content)
        for path in [staging, *(p for p in sorted(staging.rglob("*")) if p.is_dir())]:
            archive.sync_folder(path)
        if folder.exists():
            folder.rmdir()
        staging.rename(folder)
    except FileExistsError as error:
        raise CatalystError(
            "Two names in the pack are one on this disk, which does not tell capital letters apart; nothing was kept."
        ) from error
    except OSError as error:
        raise CatalystError(f"{shown(folder)} cannot be written: {error.strerror}; nothing was kept.") from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    archive.sync_folder(folder.parent)


def _write_new(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
