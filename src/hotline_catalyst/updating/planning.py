"""What an update will do with every file, decided before anything is touched.

Whose a file is rules: the toolkit's own files (managed) are replaced or merged, the hotline's (seeded) are only
reported on, generated ones are left to the project's own build, and local/ is never looked at.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from ..archive import digest
from ..deliverables.starter_baseline import Baseline, Entry, is_safe, read_baseline
from ..errors import CatalystError
from .changes import TemplateChange, between, number
from .merging import merge
from .records import PENDING, WRITES, Item, Live, UpdatePlan, Wishes, look
from .trial import built_files


def plan_update(
    project: Path,
    fresh: Mapping[str, bytes],
    owners: Mapping[str, str],
    version: str,
    *,
    changes: Sequence[tuple[str, TemplateChange]] = (),
    wishes: Wishes | None = None,
    answers: Mapping[str, Any] | None = None,
) -> UpdatePlan:
    """Compare a project with its baseline and a fresh render, and say what an update does. Nothing is written.

    Raises
    ------
    CatalystError
        When the project has no usable baseline, or comes from a newer template.
    """
    wishes = wishes or Wishes()
    before = read_baseline(project)
    _must_not_go_back(project, before.version, version)
    relevant = between(changes, before.version, version)
    items = [_item(project, before, fresh, owners, version, path) for path in _paths(before, fresh, owners)]
    decided = dict(before.decisions) | {decision.change: decision.word for decision in wishes.decisions}
    asked = [c for c in relevant if c.tag == "safety" and c.id not in decided and _matters(c, items)]
    safety = [c for c in relevant if c.tag == "safety" and c.id in decided]
    items = [_wished(_decided(item, safety, decided), wishes) for item in items]
    return UpdatePlan(
        before=before,
        after=_after(before, items, fresh, owners, version, decided, answers),
        version=version,
        items=tuple(item for item in items if item.kind != "none"),
        asked=tuple(asked),
        changes=tuple(relevant),
        decisions=tuple(wishes.decisions),
        generated=frozenset(path for path in fresh if owners.get(path) == "generated"),
    )


def _must_not_go_back(project: Path, old: str, new: str) -> None:
    if number(old) > number(new):
        raise CatalystError(
            f"{project} comes from template {old}, and this toolkit has {new}. Install a newer toolkit first."
        )


def _paths(before: Baseline, fresh: Mapping[str, bytes], owners: Mapping[str, str]) -> list[str]:
    built = {path for path in fresh if owners.get(path) == "generated"}
    known = {path for path, entry in before.entries.items() if entry.owner != "generated"}
    return sorted(path for path in (known | set(fresh)) - built if is_safe(path))


def _item(
    project: Path,
    before: Baseline,
    fresh: Mapping[str, bytes],
    owners: Mapping[str, str],
    version: str,
    path: str,
) -> Item:
    """Decide about one file from its four facts: then, now in the template, here, and whose it is."""
    ours, entry = fresh.get(path), before.entries.get(path)
    owner = owners.get(path, "local") if ours is not None else (entry.owner if entry else "local")
    live = look(project, path)
    base = before.contents.get(path)
    if entry is not None and entry.owner == "generated":
        # The build made this file until now: as long as nobody edited it, it counts as pristine.
        base = live.content if live.sha256 == built_files(project).get(path, entry.sha256) else None
    fixed = Entry(digest(ours), owner, version) if ours is not None else None
    item = Item(path, "none", base, ours, live, entry=fixed)
    if owner == "local" or (entry is not None and entry.owner == "local"):
        return _own(item, entry)
    return _seeded(item) if owner == "seeded" else _managed(item, entry)


def _own(item: Item, entry: Entry | None) -> Item:
    """A file that is the hotline's own, although the template has one of that name."""
    fixed = replace(item.entry, owner="local") if item.entry and entry else item.entry
    told = entry is not None and item.ours is not None and item.ours != item.base
    return replace(item, entry=fixed, kind="kept yours" if told else "none", why="the file of this name is your own")


def _seeded(item: Item) -> Item:
    """A file that was given once: what the template changes in it is told, and never done."""
    if item.base is None and item.live.kind == "missing" and item.ours is not None:
        return replace(item, kind="add", write=item.ours)
    if item.ours == item.base or item.live.sha256 == _sha(item.ours):
        return item
    if item.ours is None:
        return replace(item, kind="kept edited", why="the template no longer has it; it is yours now")
    if item.live.kind == "missing":
        return replace(item, kind="deleted here", why="you deleted it; the template's text of it changed")
    if item.base is None:
        return _theirs(item)
    if _holds_ours(item):
        return item
    return replace(item, kind="seeded", why="it is yours, so it was not touched; the template's text of it changed")


def _holds_ours(item: Item) -> bool:
    """Say whether everything that the template changed is in the hotline's file already."""
    if item.base is None or item.ours is None or item.live.content is None:
        return False
    found = merge(item.path, item.base, item.live.content, item.ours)
    return found.clean and found.content == item.live.content


def _managed(item: Item, entry: Entry | None) -> Item:
    base, ours, live = item.base, item.ours, item.live
    if live.kind == "missing":
        if entry is None and ours is not None:
            return replace(item, kind="add", write=ours)
        told = ours is not None and ours != base
        return replace(item, kind="deleted here" if told else "none", why="you deleted it, and it stays deleted")
    if live.sha256 == _sha(ours) or (ours == base and ours is not None):
        return item
    if live.sha256 is not None and live.sha256 == _sha(base):
        return replace(item, kind="remove") if ours is None else replace(item, kind="replace", write=ours)
    if ours is None:
        return replace(item, kind="kept edited", why="the template no longer has it; you edited it, so it stays")
    if entry is None:
        return _theirs(item)
    return _merged(item, entry)


def _theirs(item: Item) -> Item:
    """The template has a new file, and the hotline already has one of that name."""
    assert item.entry
    why = "the template has a new file of this name; yours stays"
    return replace(item, kind="kept yours", why=why, entry=replace(item.entry, owner="local"))


def _merged(item: Item, entry: Entry) -> Item:
    """Both sides changed a file."""
    assert item.ours is not None
    if item.live.kind != "file" or item.live.content is None or item.base is None:
        return replace(item, kind="conflict", why=_no_file(item.live))
    found = merge(item.path, item.base, item.live.content, item.ours)
    if found.clean and found.content == item.live.content:
        return item
    if found.clean and entry.owner == "seeded":
        return replace(
            item, kind="conflict", merge=found, why="it was yours until now, and the toolkit wants to keep it up"
        )
    if found.clean:
        return replace(item, kind="merge", write=found.content, merge=found)
    places = "1 place" if found.disputed == 1 else f"{found.disputed} places"
    why = found.reason or f"you and the template changed {places} differently"
    return replace(item, kind="conflict", merge=found, why=why)


def _no_file(live: Live) -> str:
    if live.kind == "file":
        return "it is too long to compare, or the build made it until now and somebody edited it"
    words = {
        "link": "it is a link",
        "folder": "a folder has its name",
        "blocked": "a link or a file lies on the way to it",
    }
    return f"{words.get(live.kind, 'it is no ordinary file')}, and nothing is written through that"


def _sha(content: bytes | None) -> str | None:
    return None if content is None else digest(content)


def _matters(change: TemplateChange, items: Sequence[Item]) -> bool:
    """Say whether a safety change says something to this project."""
    return not change.files or any(change.touches(i.path) and i.ours != i.base for i in items)


def _decided(item: Item, safety: Sequence[TemplateChange], decided: Mapping[str, str]) -> Item:
    """Hold back what a declined safety change touches; ask for hand work where a seeded file takes an accepted one."""
    touching = [change for change in safety if change.touches(item.path)]
    if any(decided[change.id] == "no" for change in touching) and item.kind in (*WRITES, *PENDING):
        why = "it is part of a safety change that you declined, so it stays as it is"
        return replace(item, kind="declined", write=None, why=why, entry=item.entry if item.ours is not None else None)
    if touching and item.kind == "seeded" and item.ours is not None:
        return _by_hand(item)
    return item


def _by_hand(item: Item) -> Item:
    """A seeded file is never written: an accepted safety change is brought into it by the hotline."""
    assert item.ours is not None
    sides = item.base, item.live.content
    found = None if sides[0] is None or sides[1] is None else merge(item.path, sides[0], sides[1], item.ours)
    why = "it is yours, so bring the accepted safety change into it by hand"
    return replace(item, kind="by hand", merge=found, why=why)


def _wished(item: Item, wishes: Wishes) -> Item:
    """Do what was said about this very file."""
    if item.kind != "declined" and _taken(item, wishes.take):
        if item.live.kind not in ("file", "missing"):
            raise CatalystError(f"{item.path}: {_no_file(item.live)}. Move it away, then take the template's text.")
        assert item.entry
        return replace(item, kind="take", write=item.ours, why="you asked for the template's text")
    if item.kind in PENDING and fits(item.path, wishes.keep):
        return replace(item, kind="accepted", why="somebody looked at both texts; yours stays as it is now")
    return item


def _taken(item: Item, take: Collection[str]) -> bool:
    """Say whether the template's text was asked for: by name for any file, by a pattern where no words get lost."""
    if item.ours is None or item.live.sha256 == _sha(item.ours):
        return False
    return item.path in take or (item.live.sha256 == _sha(item.base) and fits(item.path, take))


def fits(path: str, patterns: Collection[str]) -> bool:
    """Say whether a path is named, or fits a pattern with ``*``."""
    return any(path == pattern or fnmatchcase(path, pattern) for pattern in patterns)


def _after(
    before: Baseline,
    items: Sequence[Item],
    fresh: Mapping[str, bytes],
    owners: Mapping[str, str],
    version: str,
    decided: Mapping[str, str],
    answers: Mapping[str, Any] | None,
) -> Baseline:
    """Return what the project remembers from now on: a pending file keeps the text it was last settled on."""
    entries = {
        path: Entry(digest(fresh[path]), "generated", version) for path in fresh if owners.get(path) == "generated"
    }
    contents = {}
    for item in items:
        waits = item.kind in PENDING
        entry = before.entries.get(item.path) if waits else item.entry
        content = before.contents.get(item.path) if waits else item.ours
        if entry is not None and (content is not None or entry.owner == "generated"):
            entries[item.path] = entry
            if content is not None and entry.owner != "generated":
                contents[item.path] = content
    open_still = any(item.kind in PENDING for item in items)
    return replace(
        before,
        version=before.version if open_still else version,
        answers=before.answers if answers is None else answers,
        entries=entries,
        contents=contents,
        decisions=decided,
    )
