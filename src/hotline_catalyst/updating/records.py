"""What an update knows about each file, and what it means to do with it."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..archive import digest, file_digest
from ..deliverables.starter_baseline import Baseline, Entry
from .changes import Decision, TemplateChange
from .merging import Merge

# What is written, what waits for a person, and what is only told; a file that needs nothing has kind "none".
WRITES = ("add", "replace", "merge", "remove", "take")
PENDING = ("conflict", "by hand", "name taken")
TOLD = ("seeded", "deleted here", "kept edited", "kept yours", "declined", "accepted", "rebuilt")
# Larger files are compared by digest alone.
MOST_READ = 20_000_000


@dataclass(frozen=True, slots=True)
class Live:
    """A file of the project as it is now.

    Parameters
    ----------
    kind
        missing, file, or why it is no plain file: link, folder, special, blocked (something lies in its way).
    sha256
        Of its content; None when it is no plain file.
    content
        None when it is no plain file, or too large to read.
    """

    kind: str
    sha256: str | None = None
    content: bytes | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """What happens to one file.

    Parameters
    ----------
    path
        In the project.
    kind
        One of WRITES, PENDING or TOLD, or "none".
    base, ours
        The template's text then and now; None when the file did not exist.
    live
        The file as it is in the project.
    write
        The content it gets, for WRITES; None when it is removed.
    merge
        The merge behind it, when there was one.
    why
        What a person should know, as half a sentence.
    entry
        What the baseline says from now on; None when it forgets the file.
    """

    path: str
    kind: str
    base: bytes | None
    ours: bytes | None
    live: Live
    write: bytes | None = None
    merge: Merge | None = None
    why: str = ""
    entry: Entry | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the hotline said about single files and safety changes.

    Parameters
    ----------
    decisions
        A yes or no to safety changes.
    take
        Paths or patterns that get the template's text, whatever they hold.
    keep
        Paths or patterns of disputed files that stay as they are: somebody looked at both texts.
    """

    decisions: Sequence[Decision] = ()
    take: Collection[str] = ()
    keep: Collection[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatePlan:
    """What an update would do.

    Parameters
    ----------
    before, after
        What the project remembers now, and once the plan is carried out.
    version
        Of the template that it goes to; ``after.version`` stays behind while something is pending.
    items
        Every file with something to do or to tell, by path.
    asked
        Safety changes that still need a yes or no; nothing is changed before they have one.
    changes
        All changes of the template since the project's version.
    decisions
        Decisions given with this update.
    """

    before: Baseline
    after: Baseline
    version: str
    items: tuple[Item, ...]
    asked: tuple[TemplateChange, ...] = ()
    changes: tuple[TemplateChange, ...] = ()
    decisions: tuple[Decision, ...] = ()
    generated: frozenset[str] = field(default_factory=frozenset)

    def of(self, kinds: Collection[str]) -> list[Item]:
        """Return the items of some kinds."""
        return [item for item in self.items if item.kind in kinds]

    @property
    def pending(self) -> list[Item]:
        """What a person has to settle before the version is recorded."""
        return self.of(PENDING)


def look(project: Path, path: str) -> Live:
    """Return a file of the project as it is; links are never followed, so nothing outside is read."""
    place = project
    for part in Path(path).parts[:-1]:
        place = place / part
        if place.is_symlink() or (os.path.lexists(place) and not place.is_dir()):
            return Live("blocked")
    target = project / path
    if target.is_symlink():
        return Live("link")
    if not target.exists():
        return Live("missing")
    if not target.is_file():
        return Live("folder" if target.is_dir() else "special")
    if target.stat().st_size > MOST_READ:
        return Live("file", file_digest(target))
    content = target.read_bytes()
    return Live("file", digest(content), content)
