"""A person takes back what they said: their answers, copies of them and outputs that show them are erased.

What is erased is gone from this folder only. Backups, a git history and copies that were handed over are out of reach:
they are listed for a person to deal with.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path

from .. import archive
from ..errors import CatalystError, ContentError
from ..library import Content, content_root, read, shown
from .handovers import recalled
from .holdings import holding, written
from .traces import Traces, Unsearchable, code_pattern, json_or_none

TOMBSTONES = "withdrawals.yaml"
RECORDS = ("build.json", ".publishing.json")
# Counted from everybody's answers, in no build's record, and made again only by its own verb.
COMPARISON = "build/consultant/comparison.html"
# Folders that hold only what the toolkit made, also without a record of it.
OUTPUT_FOLDERS = ("build", "kit")
SEEN_BY_EYE = (
    ".png",
    ".jpg",
    ".jpeg",
    ".heic",
    ".tif",
    ".tiff",
    ".webp",
    ".gif",
    ".bmp",
    ".mp3",
    ".m4a",
    ".wav",
    ".mp4",
)
MAIL = (".eml", ".msg", ".mbox")
Progress = Callable[[str], None]


class Tombstone(Content):
    """That somebody withdrew, without saying who."""

    hash: str
    on: date | None = None


class TombstonesFile(Content):
    """withdrawals.yaml."""

    salt: str
    withdrawn: list[Tombstone] = []


@dataclass
class Withdrawal:
    """What a withdrawal erased and what is left for a person to do. Paths are relative to the engagement.

    Attributes
    ----------
    erased
        Files that were the person's: submissions, questionnaires, forms, copies.
    trimmed
        Files of several people that lost only this person's entries.
    outputs
        Deliverables that showed the code or the person's words.
    edited
        Those of ``outputs`` that somebody had changed or added since the build.
    amend
        Files, with lines, that a person wrote and that still name the code or repeat the words.
    unreadable
        Files that could not be searched, with the reason.
    recall
        Copies in other hands, each with what it may hold.
    stale
        Whether the last build still counts somebody who withdrew, in this run or an earlier one.
    """

    code: str
    erased: list[str] = field(default_factory=list)
    trimmed: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)
    edited: list[str] = field(default_factory=list)
    amend: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    recall: list[str] = field(default_factory=list)
    stale: bool = False

    @property
    def rebuild(self) -> bool:
        """Whether the deliverables must be built again."""
        return bool(self.erased or self.trimmed or self.outputs or self.stale)

    @property
    def finished(self) -> bool:
        """Whether nothing in this folder is left for a person to amend or to look into."""
        return not (self.amend or self.unreadable)


@dataclass
class _Plan:
    """What was found about one person, before anything is touched."""

    mine: list[Path] = field(default_factory=list)
    trims: dict[Path, bytes] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    common: list[str] = field(default_factory=list)
    others: list[Path] = field(default_factory=list)
    outputs: list[Path] = field(default_factory=list)


def withdraw(folder: Path, code: str, on: date | None = None, progress: Progress = lambda _: None) -> Withdrawal:
    """Erase a person's answers, their copies and every output that shows them.

    The submissions go last: when it is killed on the way, running it again completes it. ``progress`` is told each
    step before it is done; nothing it is told holds what the person wrote.

    Raises
    ------
    CatalystError
        When the folder is no engagement or nobody of that code is known in it; nothing was changed.
    """
    if not (folder / "engagement.yaml").exists():
        raise ContentError(shown(folder), ["there is no engagement.yaml; name an engagement's folder"])
    archive.sweep(folder)
    plan = _survey(folder, code)
    traces = Traces(code, plan.texts, _common(plan))
    done = Withdrawal(code)
    _search(folder, plan, traces, done)
    if not (plan.mine or plan.trims or is_withdrawn(folder, code)):
        known = ", ".join(sorted(_codes(folder))) or "none"
        raise CatalystError(f"Nobody answered as '{code}' in {shown(folder)}; the codes there are: {known}.")
    progress("remember that the code was withdrawn")
    _remember(folder, code, on)
    _erase(folder, plan, done, progress)
    done.recall = [*recalled(folder, code)]
    done.unreadable += [*_beyond(folder)]
    return done


def _survey(folder: Path, code: str) -> _Plan:
    """Sort an engagement's files: the person's own, those shared with others, outputs, the rest."""
    plan = _Plan()
    for path in _files(folder):
        if _in_outputs(folder, path):
            plan.outputs.append(path)
            continue
        held = holding(path, code)
        plan.texts += held.texts
        if held.whole:
            plan.mine.append(path)
        elif held.left is not None:
            plan.trims[path] = held.left
        else:
            plan.others.append(path)
            if path.parent.name == "responses":
                plan.common += written(json_or_none(path.read_bytes()))
    return plan


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder).parts
        if path.is_symlink() or not path.is_file() or ".git" in inside or inside[0] == TOMBSTONES:
            continue
        yield path


def _in_outputs(folder: Path, path: Path) -> bool:
    inside = path.relative_to(folder).parts
    return (inside[0] in OUTPUT_FOLDERS and len(inside) > 1) or _record_folder(folder, path) is not None


def _record_folder(folder: Path, path: Path) -> Path | None:
    for parent in path.parents:
        if parent == folder or not parent.is_relative_to(folder):
            return None
        if any((parent / record).exists() for record in RECORDS):
            return parent
    return None


def _common(plan: _Plan) -> str:
    """Return what others wrote and what the instrument asks: no trace of anybody."""
    return "\n".join([*plan.common, _instrument_words()])


@cache
def _instrument_words() -> str:
    paths = sorted((content_root() / "assessment" / "domains").glob("*.yaml"))
    return "\n".join(path.read_text("utf-8") for path in paths)


def _search(folder: Path, plan: _Plan, traces: Traces, done: Withdrawal) -> None:
    """Keep in the plan the outputs with traces; note what a person must amend or look into."""
    found = []
    for path in plan.outputs:
        held, reason = _held(path, traces, folder)
        if held or _name(folder, path) == COMPARISON:
            found.append(path)
        elif reason:
            done.unreadable.append(f"{_name(folder, path)}: {reason}")
    plan.outputs = [p for p in found if p.name not in RECORDS]
    for path, left in plan.trims.items():
        if traces.in_file(left):
            done.amend.append(f"{_name(folder, path)}: also beside the entries that were taken out")
    for path in plan.others:
        held, reason = _held(path, traces, folder)
        if held and path.suffix.lower() == ".zip":  # a copy nobody can amend
            plan.mine.append(path)
        elif held:
            done.amend.append(_where(folder, path, traces))
        elif reason:
            done.unreadable.append(f"{_name(folder, path)}: {reason}")


def _held(path: Path, traces: Traces, folder: Path) -> tuple[bool, str]:
    if traces.code.search(_name(folder, path)):
        return True, ""
    try:
        held = traces.in_file(path.read_bytes())
    except Unsearchable as error:
        return False, str(error)
    if held or _in_outputs(folder, path):
        return held, ""
    if path.suffix.lower() in MAIL:
        return False, "what is attached to mail is not searched; look at it"
    return False, "pictures and recordings are not searched; look at it" if path.suffix.lower() in SEEN_BY_EYE else ""


def _name(folder: Path, path: Path) -> str:
    return path.relative_to(folder).as_posix()


def _where(folder: Path, path: Path, traces: Traces) -> str:
    name = _name(folder, path)
    content = path.read_bytes()
    if b"\0" in content or content[:2] == b"PK" or content[:4] == b"%PDF":
        return f"{name}: it names the code or repeats what was written"
    lines = traces.lines(content.decode("utf-8", "replace"))
    if not lines:
        return f"{name}: its name holds the code"
    return f"{name}: line{'s' if len(lines) > 1 else ''} {', '.join(map(str, lines))}"


def _erase(folder: Path, plan: _Plan, done: Withdrawal, progress: Progress) -> None:
    """Erase in an order that lets a second run finish: what shows the answers first, the answers themselves last."""
    for path in plan.outputs:
        progress(f"erase {_name(folder, path)}")
        if _edited(folder, path):
            done.edited.append(_name(folder, path))
        _unlink(folder, path)
        done.outputs.append(_name(folder, path))
    for record in [p for name in RECORDS for p in sorted(folder.rglob(name))]:
        progress(f"amend {_name(folder, record)}")
        done.stale |= _amend_record(record, code_pattern(done.code))
    for path, content in plan.trims.items():
        progress(f"amend {_name(folder, path)}")
        archive.write_bytes(path, content)
        done.trimmed.append(_name(folder, path))
    for path in sorted(plan.mine, key=lambda p: (p.parent.name == "responses", p)):
        progress(f"erase {_name(folder, path)}")
        _unlink(folder, path)
        done.erased.append(_name(folder, path))


def _unlink(folder: Path, path: Path) -> None:
    path.unlink(missing_ok=True)
    archive.sync_folder(path.parent)
    parent = path.parent
    while parent != folder and parent.name != "responses" and not any(parent.iterdir()):
        parent.rmdir()
        parent = parent.parent


def _edited(folder: Path, path: Path) -> bool:
    """Return whether an output is not as the last build left it; the toolkit's own `.new` files are."""
    root = _record_folder(folder, path)
    if root is None or _name(folder, path) == COMPARISON:
        return False
    name = path.relative_to(root).as_posix()
    known = [_outputs(root / record).get(name) for record in RECORDS if (root / record).exists()]
    if not any(known):
        return ".new" not in path.suffixes
    return archive.file_digest(path) not in known


def _outputs(record: Path) -> dict[str, str]:
    data = json_or_none(record.read_bytes())
    outputs = data.get("outputs") if isinstance(data, dict) else None
    return outputs if isinstance(outputs, dict) else {}


def _amend_record(record: Path, code: re.Pattern[str]) -> bool:
    """Drop from a build's record the files that are gone and every name that holds the code.

    A record that lost an answer is marked ``stale`` until the next build writes a new one; return whether it is.
    """
    data = json_or_none(record.read_bytes())
    if not isinstance(data, dict):
        return False
    before = json.dumps(data)
    if isinstance(data.get("outputs"), dict):
        data["outputs"] = {k: v for k, v in data["outputs"].items() if (record.parent / k).exists()}
    if isinstance(data.get("inputs"), dict):
        kept = {k: v for k, v in data["inputs"].items() if not code.search(k)}
        if kept != data["inputs"]:
            data |= {"inputs": kept, "stale": True}
    if json.dumps(data) != before:
        archive.write_text(record, json.dumps(data, indent=1, ensure_ascii=False) + "\n")
    return bool(data.get("stale"))


def _codes(folder: Path) -> set[str]:
    found = (json_or_none(path.read_bytes()) for path in (folder / "responses").glob("*.json"))
    return {str(data["respondent"]) for data in found if isinstance(data, dict) and "respondent" in data}


def _beyond(folder: Path) -> Iterator[str]:
    """Yield places that hold copies and that a withdrawal cannot reach."""
    for path in sorted(p for p in folder.rglob("*") if p.is_symlink()):
        yield f"{_name(folder, path)}: it leads to another place, which was not searched"
    for place in (folder.resolve(), *folder.resolve().parents):
        if (place / ".git").exists():
            yield f"{shown(place)}/.git: a git history keeps what was ever committed; remove it there by hand"
            return


def is_withdrawn(folder: Path, code: str) -> bool:
    """Return whether the person of this code withdrew from the engagement.

    The folder keeps a scrypt hash instead of the code. Codes are short: whoever has the folder and tries all likely
    codes finds it. The hash keeps the code out of sight and out of searches, no more.
    """
    path = folder / TOMBSTONES
    if not path.exists():
        return False
    file = read(path, TombstonesFile)
    # Codes that differ in capital letters only are one person's; tombstones of version 0.1 kept the letters.
    hashes = {_hash(code.casefold(), file.salt), _hash(code, file.salt)}
    return any(t.hash in hashes for t in file.withdrawn)


@cache
def _hash(code: str, salt: str) -> str:
    return hashlib.scrypt(code.encode(), salt=salt.encode(), n=2**14, r=8, p=1, dklen=32).hex()


def _remember(folder: Path, code: str, on: date | None) -> None:
    """Add the code's hash to withdrawals.yaml; the salt is made from engagement.yaml as it then is and stays."""
    if is_withdrawn(folder, code):
        return
    path = folder / TOMBSTONES
    if path.exists():
        file = read(path, TombstonesFile)
    else:
        file = TombstonesFile(salt=archive.digest((folder / "engagement.yaml").read_bytes())[:32])
    stones = sorted([*file.withdrawn, Tombstone(hash=_hash(code.casefold(), file.salt), on=on)], key=lambda t: t.hash)
    lines = ["# People who withdrew. Their codes are hashed; whoever answers anew needs a new code."]
    lines += [f"salt: '{file.salt}'", "withdrawn:"]
    lines += [f"  - {{hash: '{t.hash}'" + (f", on: {t.on}" if t.on else "") + "}" for t in stones]
    archive.write_text(path, "\n".join(lines) + "\n")
