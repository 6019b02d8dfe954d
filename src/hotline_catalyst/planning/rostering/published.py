"""Published rosters: one file each in the engagement's folder, by code only, with a log of what changed afterwards.

`rosters/2027-10-04.json` holds the roster that starts on that Monday. The newest start wins the days it covers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ... import archive
from ...errors import CatalystError, ContentError
from ...library import Content, did_you_mean, read, shown
from ..shifts import Shift
from .prices import load_prices
from .records import Advocate, Assignment, Break, Past, Roster, Session, Status, Violation

FOLDER, VERSION = "rosters", 1
# Why a published day changed. Illness is not written down: "absence" is all that others need to know.
Why = Literal["absence", "leave", "left", "swap", "new starter", "edit"]


@dataclass(frozen=True, slots=True)
class Change:
    """One person's day that changed after publication: shift ids, empty for a free day; ``on`` is when it was noted."""

    on: date
    why: Why
    person: str
    day: date
    before: str
    after: str


class Published(Content):
    """rosters/<start>.json. ``despite`` says why it was signed although it breaks hard rules."""

    version: Literal[1]
    start: date
    published: date
    despite: str = ""
    status: Status
    anonymous: bool = False
    zone: str = ""
    weekend: tuple[str, ...]
    rest_day: str = ""
    night_window: tuple[int, int] | None = None
    price: int = 0
    bound: int = 0
    prices: dict[str, int] = {}
    settings: dict[str, int | float | str] = {}
    shifts: tuple[Shift, ...]
    supervisor_shifts: frozenset[str] = frozenset()
    people: tuple[Advocate, ...]
    needed: list[list[int]]
    speakers: dict[str, list[list[int]]] = {}
    holidays: dict[date, str] = {}
    on_call: dict[date, str] = {}
    assignments: tuple[Assignment, ...]
    sessions: tuple[Session, ...] = ()
    not_placed: tuple[str, ...] = ()
    breaks: tuple[Break, ...] = ()
    violations: tuple[Violation, ...] = ()
    log: tuple[Change, ...] = ()

    def roster(self) -> Roster:
        """Return the roster it holds, without what came before it."""
        table = (len(self.needed), len(self.shifts))
        given = {f.name: getattr(self, f.name) for f in fields(Roster) if f.name in type(self).model_fields}
        needed = np.array(self.needed, dtype=np.int64).reshape(table)
        speakers = {x: np.array(n, dtype=np.int64).reshape(table) for x, n in self.speakers.items()}
        return Roster(**given | {"needed": needed, "speakers": speakers})


def save_published(
    folder: Path, roster: Roster, on: date, *, again: bool = False, despite: str = "", why: Why = "edit"
) -> Path:
    """Write a roster as published on a day, and return its file; the same roster on the same day, the same bytes.

    Parameters
    ----------
    again
        Publish over an earlier version; days that differ from it go into its log as ``why``.
    despite
        Why it is signed although it breaks hard rules.

    Raises
    ------
    CatalystError
        When it was published before and ``again`` is not set, or the file cannot be written; nothing was changed.
    """
    before = load_published(folder, roster.start)
    if before is not None and not again:
        raise CatalystError(
            f"The roster from {roster.start} was published on {before.published}. "
            "Publish it again with --again: what differs goes into its log."
        )
    log = () if before is None else (*before.log, *changes(before.roster(), roster, on, why))
    return _write(folder, roster, on, despite, log)


def save_changes(folder: Path, roster: Roster, on: date, why: Why) -> tuple[Path, tuple[Change, ...]]:
    """Write a published roster after a change, its log continued; return the file and what is new in the log.

    Raises
    ------
    CatalystError
        When the roster was never published: a draft is planned anew, not repaired.
    """
    before = load_published(folder, roster.start)
    if before is None:
        raise CatalystError(f"The roster from {roster.start} is a draft: there is nothing published to change.")
    new = tuple(changes(before.roster(), roster, on, why))
    return _write(folder, roster, before.published, before.despite, (*before.log, *new)), new


def changes(before: Roster, after: Roster, on: date, why: Why) -> Iterator[Change]:
    """Yield the days of people that differ between two versions of a roster, by day and person."""
    old, new = ({(a.day, a.person): a.shift for a in r.assignments} for r in (before, after))
    for day, person in sorted({*old, *new}):
        was, now = old.get((day, person), ""), new.get((day, person), "")
        if was != now:
            yield Change(on, why, person, day, was, now)


def list_rosters(folder: Path) -> tuple[date, ...]:
    """Return the first days of an engagement's published rosters, the oldest first."""
    return tuple(sorted(day for p in (folder / FOLDER).glob("*.json") if (day := _start(p.stem)) is not None))


def _start(name: str) -> date | None:
    try:
        return date.fromisoformat(name) if len(name) == 10 else None
    except ValueError:
        return None


def load_roster(folder: Path, start: date) -> Roster | None:
    """Return the published roster that starts on a day, with what came before it; None when there is none.

    Raises
    ------
    ContentError
        Naming every problem of a file that does not fit.
    """
    found = load_published(folder, start)
    return None if found is None else replace(found.roster(), past=load_past(folder, start))


def roster_on(folder: Path, day: date) -> Roster | None:
    """Return the published roster in force on a day: of those that hold it, the one that starts last."""
    for start in reversed([s for s in list_rosters(folder) if s <= day]):
        if (found := load_published(folder, start)) and (day - start).days < len(found.needed):
            return replace(found.roster(), past=load_past(folder, start))
    return None


def load_past(folder: Path, before: date, days: int | None = None, instead: Roster | None = None) -> Past:
    """Return what was published for the days before a day, at most ``days`` back (by default the content's span).

    Where two rosters hold the same day, the one that starts last counts. A kind of shift whose hours have changed
    since keeps its old hours under an id of its own. ``instead`` stands for the file of its own start: a change that
    is not written yet.
    """
    back = load_prices().spans["history"].days if days is None else days
    earliest = before - timedelta(days=back)
    starts = [s for s in list_rosters(folder) if s < before]
    shifts: dict[str, Shift] = {}
    assignments: list[Assignment] = []
    holidays: set[date] = set()
    sessions: list[Session] = []
    covered: list[date] = []
    on_call: dict[date, str] = {}
    supervisors: set[str] = set()
    for start, until in reversed(list(pairwise([*starts, before]))):
        found = instead if instead and instead.start == start else load_published(folder, start)
        if found is None or until <= earliest:
            continue
        held = {d for n in range(len(found.needed)) if earliest <= (d := start + timedelta(days=n)) < until}
        ids = _merged(shifts, found.shifts, start)
        supervisors |= {ids[ident] for ident in found.supervisor_shifts}
        assignments += [replace(a, shift=ids[a.shift]) for a in found.assignments if a.day in held]
        holidays |= held & found.holidays.keys()
        sessions += [s for s in found.sessions if s.day in held]
        covered += held
        on_call |= {day: person for day, person in found.on_call.items() if day in held}
    return Past(
        shifts=shifts,
        assignments=tuple(sorted(assignments, key=lambda a: (a.day, a.shift, a.person))),
        holidays=frozenset(holidays),
        sessions=tuple(sorted(sessions, key=lambda s: (s.day, s.start, s.title))),
        first=min(covered, default=None),
        on_call=dict(sorted(on_call.items())),
        supervisor_shifts=frozenset(supervisors),
    )


def _merged(shifts: dict[str, Shift], more: Sequence[Shift], start: date) -> dict[str, str]:
    """Put kinds of shift among those of newer rosters; return the id each has there."""
    ids = {}
    for shift in more:
        ident = shift.id if shifts.get(shift.id, shift) == shift else f"{shift.id}@{start}"
        shifts[ident] = replace(shift, id=ident)
        ids[shift.id] = ident
    return ids


def load_published(folder: Path, start: date) -> Published | None:
    """Return the file of the roster that starts on a day, log included; None when there is none.

    Raises
    ------
    ContentError
        Naming every problem of the file with its line.
    """
    path = folder / FOLDER / f"{start}.json"
    if not path.exists():
        return None
    text = _readable(path)
    found = _read(path, text)
    if problems := list(_wrong(found, start)):
        raise ContentError(shown(path), problems)
    return found


def _read(path: Path, text: str) -> Published:
    """Return the record a file holds. Reading with line numbers is ten times slower: only where something is wrong."""
    try:
        if text.replace("\n", "").isprintable():
            return Published.model_validate(json.loads(text, object_pairs_hook=_once))
    except ValueError:
        pass
    return read(path, Published)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is written twice")
    return found


def _readable(path: Path) -> str:
    """Return a file's text, or refuse what is no JSON, or was written by another version of this toolkit."""
    try:
        text = path.read_text("utf-8")
        data = json.loads(text)
    except json.JSONDecodeError as error:
        what = f"line {error.lineno}, column {error.colno}: {error.msg}; put the mark back, or the file from its copy"
        raise ContentError(shown(path), [what]) from error
    except (UnicodeDecodeError, OSError) as error:
        what = getattr(error, "strerror", None) or "it is not written in UTF-8"
        raise ContentError(shown(path), [f"{what}; put the file back from its copy"]) from error
    version = data.get("version") if isinstance(data, dict) else None
    if version != VERSION:
        raise ContentError(
            shown(path),
            [
                f"version: it says {json.dumps(version)} and this toolkit reads {VERSION}; use the toolkit that "
                "wrote it, or move the file away and publish the roster again"
            ],
        )
    return text


def _wrong(file: Published, start: date) -> Iterator[str]:
    """Yield what does not go together in a file."""
    kinds, codes = [s.id for s in file.shifts], [p.code for p in file.people]
    days = {file.start + timedelta(days=n) for n in range(len(file.needed))}
    if file.start != start:
        yield f"start: it says {file.start} and the file's name says {start}; correct one"
    for what, names in (("shifts", kinds), ("people", codes)):
        yield from (f"{what}: '{x}' is there twice; keep one" for x in sorted({x for x in names if names.count(x) > 1}))
    tables = {"needed": file.needed} | {f"speakers.{x}": table for x, table in file.speakers.items()}
    for name, table in tables.items():
        if len(table) != len(days) or any(len(row) != len(kinds) for row in table):
            yield f"{name}: one row a day and one number a shift is needed: {len(days)} rows of {len(kinds)}"
    for shift in sorted(file.supervisor_shifts - set(kinds)):
        yield f"supervisor_shifts: '{shift}' is not among the shifts{did_you_mean(shift, kinds)}"
    for n, a in enumerate(file.assignments):
        if a.shift not in kinds:
            yield f"assignments.{n}: shift '{a.shift}' is not among the shifts{did_you_mean(a.shift, kinds)}"
    people = [
        *((f"assignments.{n}", a.day, a.person) for n, a in enumerate(file.assignments)),
        *((f"on_call.{day}", day, person) for day, person in file.on_call.items()),
        *((f"breaks.{n}", b.day, b.person) for n, b in enumerate(file.breaks)),
        *((f"sessions.{n}", s.day, person) for n, s in enumerate(file.sessions) for person in s.people),
    ]
    for place, day, person in people:
        if person not in codes:
            yield f"{place}: '{person}' is not among the people{did_you_mean(person, codes)}"
        if day not in days:
            yield f"{place}: {day} is not a day of this roster"


def _write(folder: Path, roster: Roster, published: date, despite: str, log: Sequence[Change]) -> Path:
    path = folder / FOLDER / f"{roster.start}.json"
    held = {f.name: getattr(roster, f.name) for f in fields(roster)} | {
        "version": VERSION, "published": published, "despite": despite, "log": tuple(log),
    }  # fmt: skip
    lines = [f"{json.dumps(name)}: {_laid_out(_plain(held[name]))}" for name in Published.model_fields]
    return archive.write_text(path, "{\n" + ",\n".join(lines) + "\n}\n")


def _plain(value: Any) -> Any:
    """Return a record as JSON knows it, in an order that repeats; what a record holds by default is left out."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(x) for f in fields(value) if (x := getattr(value, f.name)) != _default(f)}
    if isinstance(value, Mapping):
        return {str(key): _plain(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, frozenset):
        return sorted(_plain(x) for x in value)
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, (list, tuple)):
        return [_plain(x) for x in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)  # 40 and 40.0 are the same hours, and the same bytes
    return value.isoformat() if isinstance(value, date) else value


def _default(field: Any) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


def _laid_out(value: Any) -> str:
    """Return JSON with one record a line: people read it, and compare two versions of it."""
    if not isinstance(value, list) or not value:
        return json.dumps(value, ensure_ascii=False)
    return "[\n  " + ",\n  ".join(json.dumps(x, ensure_ascii=False) for x in value) + "\n]"
