"""Carries answers from an older instrument to this one, by steps an author declared; nothing is guessed or filled in.

An answer whose question changed its meaning keeps its value as weaker evidence: it names the version it was given
to, counts as one grade less certain, and is listed until its respondent confirms it. Stored submissions never change:
they are carried over each time they are read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from ..errors import AnswerError, ContentError
from ..library import Content, content_root, read, shown
from .instrument import TOP_LEVEL, Instrument
from .responses import Answer, Response, Sure, wrong_answer

WEAKER: Mapping[Sure, Sure] = {"sure": "fairly", "fairly": "unsure", "unsure": "unsure"}
VERSION = r"^\d+\.\d+\.\d+$"


class Rename(Content):
    """A question's id changed; with ``meaning: changed`` its answers need confirming."""

    old: str
    new: str
    meaning: Literal["same", "changed"] = "same"


class Split(Content):
    """One question became several. ``carry: review`` gives each of them the old answer to confirm, ``none`` nothing."""

    old: str
    into: list[str] = Field(min_length=2)
    carry: Literal["review", "none"] = "review"


class Rescale(Content):
    """An item's levels changed their meaning (``map``: old level to new), or a number its unit (``factor``)."""

    question: str
    map: dict[int, int] = {}
    factor: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _one_and_rising(self) -> Rescale:
        if bool(self.map) == (self.factor is not None):
            raise ValueError("give a map of levels (for an item) or a factor (for a number): one of the two")
        if self.map and sorted(self.map) != list(range(TOP_LEVEL + 1)):
            raise ValueError("map: say what becomes of each of the levels 0, 1, 2, 3 and 4")
        if not set(self.map.values()) <= set(range(TOP_LEVEL + 1)):
            raise ValueError("map: the new levels are 0, 1, 2, 3 or 4")
        if any(self.map[a] > self.map[b] for a, b in pairwise(sorted(self.map))):
            raise ValueError("map: a higher level must not become a lower one than its neighbour's")
        return self


class Retire(Content):
    """A question is asked no more; its answers stay in the stored submission and count no more."""

    question: str


class Add(Content):
    """A question is asked from now on; nobody has answered it yet."""

    question: str


class Step(Content):
    """One declared change."""

    rename: Rename | None = None
    split: Split | None = None
    rescale: Rescale | None = None
    retire: Retire | None = None
    add: Add | None = None

    @model_validator(mode="after")
    def _one(self) -> Step:
        given = [k for k in ("rename", "split", "rescale", "retire", "add") if getattr(self, k) is not None]
        if len(given) != 1:
            raise ValueError("a step is exactly one of: rename, split, rescale, retire, add")
        return self

    @property
    def used_up(self) -> str | None:
        """The id that no longer exists after this step."""
        if self.rename:
            return self.rename.old
        if self.split:
            return None if self.split.old in self.split.into else self.split.old
        return self.retire.question if self.retire else None

    @property
    def needed(self) -> list[str]:
        """Ids that exist after this step."""
        if self.rename:
            return [self.rename.new]
        if self.split:
            return self.split.into
        return [one.question for one in (self.rescale, self.add) if one]


class MigrationFile(Content):
    """migrations/<from>-to-<to>.yaml: what became of each question that changed."""

    from_: str = Field(alias="from", pattern=VERSION)
    to: str = Field(pattern=VERSION)
    why: str = Field(min_length=1)
    steps: list[Step] = []

    @model_validator(mode="after")
    def _forward(self) -> MigrationFile:
        if _number(self.from_) >= _number(self.to):
            raise ValueError(f"a migration goes to a later version; from {self.from_} to {self.to} does not")
        return self


@dataclass(frozen=True)
class Change:
    """What happened to one answer. ``confirm`` says that its respondent should be asked whether it still holds."""

    respondent: str
    question: str
    text: str
    confirm: bool


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def load_migrations(instrument: Instrument, root: Path | None = None) -> tuple[MigrationFile, ...]:
    """Read every declared migration and check it against the instrument and the others.

    Raises
    ------
    ContentError
        Naming every step whose question does not exist, and every version from which no chain leads to this one.
    """
    folder = (root or content_root()) / "assessment" / "migrations"
    files = {path: read(path, MigrationFile) for path in sorted(folder.glob("*.yaml"))}
    if problems := [f"{path.name}: {text}" for path, text in migration_problems(files, instrument)]:
        raise ContentError(shown(folder), problems)
    return tuple(sorted(files.values(), key=lambda m: _number(m.from_)))


def migration_problems(files: Mapping[Path, MigrationFile], instrument: Instrument) -> Iterator[tuple[Path, str]]:
    """Yield what is wrong between migrations and the instrument, with the file it is in."""
    known, current = {*instrument.items, *instrument.quantities}, instrument.meta.version
    starts = [m.from_ for m in files.values()]
    for path, migration in files.items():
        if path.stem != f"{migration.from_}-to-{migration.to}":
            yield path, f"name the file {migration.from_}-to-{migration.to}.yaml after its versions"
        if starts.count(migration.from_) > 1:
            yield path, f"two migrations start from {migration.from_}; answers could go either way, keep one"
        if migration.to != current and migration.to not in starts:
            yield path, f"leads to {migration.to}, from where nothing leads to {current}; add the next migration"
        later = {s.used_up for m in files.values() if _number(m.from_) >= _number(migration.to) for s in m.steps}
        yield from ((path, text) for text in _step_problems(migration, known, later, instrument))


def _step_problems(
    migration: MigrationFile, known: set[str], later: set[str | None], instrument: Instrument
) -> Iterator[str]:
    gone = [s.used_up for s in migration.steps]
    for number, step in enumerate(migration.steps, 1):
        for question in step.needed:
            if question not in known and question not in later and question not in gone[number:]:
                yield f"step {number}: '{question}' is not in the instrument, nor used up by a later step"
        if step.used_up in known and not any(step.used_up in s.needed for s in migration.steps):
            yield f"step {number}: '{step.used_up}' is still in the instrument; ids are never used again"
        if step.used_up and gone.count(step.used_up) > 1 and gone.index(step.used_up) == number - 1:
            yield f"step {number}: '{step.used_up}' is used up by two steps; keep one"
        if step.rescale and step.rescale.map and step.rescale.question in instrument.quantities:
            yield f"step {number}: '{step.rescale.question}' is a quantity; rescale it by a factor"
        if step.rescale and step.rescale.factor and step.rescale.question in instrument.items:
            yield f"step {number}: '{step.rescale.question}' is an item; rescale it by a map of levels"


def migrate(
    response: Response, instrument: Instrument, migrations: Sequence[MigrationFile]
) -> tuple[Response, list[Change]]:
    """Return a submission as answers to this instrument, and what became of each answer that changed.

    A submission to this version is returned as it is, so that migrating twice changes nothing.

    Raises
    ------
    AnswerError
        When no chain of migrations leads from its version here, or a carried answer does not fit its question.
    """
    name, _, version = response.instrument.partition("@")
    meta = instrument.meta
    if (name, version) == (meta.id, meta.version):
        return response, []
    answers, changes = dict(response.answers), list[Change]()
    for migration in _chain(response, instrument, migrations):
        for step in migration.steps:
            answers, said = _apply(step, answers, migration.from_)
            changes += [Change(response.respondent, q, text, confirm) for q, text, confirm in said]
    if problems := list(_misfits(answers, instrument)):
        raise AnswerError(f"{response.respondent}'s answers to {response.instrument}", problems)
    update = {"instrument": f"{meta.id}@{meta.version}", "fingerprint": instrument.fingerprint, "answers": answers}
    return response.model_copy(update=update), changes


def _chain(response: Response, instrument: Instrument, migrations: Sequence[MigrationFile]) -> list[MigrationFile]:
    """Return the migrations that lead from a submission's version to this one, in order."""
    (name, _, version), meta = response.instrument.partition("@"), instrument.meta
    by_start = {m.from_: m for m in migrations}
    chain: list[MigrationFile] = []
    while name == meta.id and version != meta.version and version in by_start and len(chain) < len(migrations):
        chain.append(by_start[version])
        version = chain[-1].to
    if name != meta.id or version != meta.version:
        text = (
            f"they were given to {response.instrument}, and no migration leads from there to {meta.id}@{meta.version}"
        )
        advice = "ask again with this instrument, or declare one in assessment/migrations"
        raise AnswerError(f"{response.respondent}'s answers", [f"{text}; {advice}"])
    return chain


Said = list[tuple[str, str, bool]]


def _apply(step: Step, answers: Mapping[str, Answer], version: str) -> tuple[dict[str, Answer], Said]:
    """Return the answers after one step, and what is to be said about each that it touched."""
    if step.rename:
        return _rename(step.rename, answers, version)
    if step.split:
        return _split(step.split, answers, version)
    if step.rescale:
        return _rescale(step.rescale, answers, version)
    if step.retire and step.retire.question in answers:
        kept = {q: a for q, a in answers.items() if q != step.retire.question}
        given = answers[step.retire.question].state != "blank"
        text = "is asked no more; the answer stays stored and counts no more"
        return kept, [(step.retire.question, text, False)] if given else []
    return dict(answers), []


def _weaker(answer: Answer, version: str, **update: object) -> Answer:
    """Return an answer carried over as weaker evidence; a blank carries nothing."""
    if answer.state == "blank":
        return answer
    marks = {"sure": WEAKER[answer.sure], "carried_from": answer.carried_from or version}
    return answer.model_copy(update={**marks, **update})


def _rename(rename: Rename, answers: Mapping[str, Answer], version: str) -> tuple[dict[str, Answer], Said]:
    if rename.old not in answers:
        return dict(answers), []
    answer, changed = answers[rename.old], rename.meaning == "changed"
    moved = _weaker(answer, version) if changed else answer
    kept = {rename.new if q == rename.old else q: moved if q == rename.old else a for q, a in answers.items()}
    text = f"was {rename.old}" + (", whose meaning changed" if changed else ", with the same meaning")
    return kept, [(rename.new, text, changed)] if answer.state != "blank" else []


def _split(split: Split, answers: Mapping[str, Answer], version: str) -> tuple[dict[str, Answer], Said]:
    if split.old not in answers:
        return dict(answers), []
    answer, kept = answers[split.old], {q: a for q, a in answers.items() if q != split.old}
    if answer.state == "blank":
        return kept | dict.fromkeys(split.into, answer), []
    if split.carry == "none":
        return kept, [(split.old, f"became {', '.join(split.into)}; ask these anew", False)]
    carried = _weaker(answer, version)
    text = f"is one part of what {split.old} asked, and has its answer"
    return kept | dict.fromkeys(split.into, carried), [(q, text, True) for q in split.into]


def _rescale(rescale: Rescale, answers: Mapping[str, Answer], version: str) -> tuple[dict[str, Answer], Said]:
    answer = answers.get(rescale.question)
    if answer is None or answer.value is None:
        return dict(answers), []
    if rescale.factor is not None:
        value = round(answer.value * rescale.factor, 9)
    elif answer.value in rescale.map:
        value = float(rescale.map[int(answer.value)])
    else:
        return dict(answers), []  # no level at all: refused once every step is done
    carried = _weaker(answer, version, value=value)
    text = f"{answer.value:g} became {value:g}, because its scale changed"
    return {**answers, rescale.question: carried}, [(rescale.question, text, True)]


def _misfits(answers: Mapping[str, Answer], instrument: Instrument) -> Iterator[str]:
    """Yield what this instrument cannot take."""
    for question, answer in sorted(answers.items()):
        if question not in instrument.items and question not in instrument.quantities:
            yield f"{question} is not in this instrument, and no migration says what became of it; add a step"
        elif problem := wrong_answer(instrument, question, answer):
            yield f"{question}: {problem}"


def preview(responses: Iterable[Response], instrument: Instrument, migrations: Sequence[MigrationFile]) -> list[str]:
    """Return in words what carrying these submissions over would change; nothing is changed by asking."""
    lines: list[str] = []
    older = [r for r in responses if r.instrument != f"{instrument.meta.id}@{instrument.meta.version}"]
    for response in sorted(older, key=Response.order):
        try:
            carried, changes = migrate(response, instrument, migrations)
        except AnswerError as error:
            lines.append(str(error))
            continue
        touched = {c.question for c in changes}
        same = sum(1 for q, a in carried.answers.items() if q not in touched and a.state not in ("blank", "not_asked"))
        lines.append(
            f"{response.respondent}, {response.given_on}, {response.instrument}: {same} other answers unchanged."
        )
        lines += [f"  {_titled(c.question, instrument)}: {c.text}{_ask(c)}" for c in changes]
    return lines or [f"Every submission was given to {instrument.meta.id}@{instrument.meta.version}; nothing changes."]


def _ask(change: Change) -> str:
    return f". Ask {change.respondent} whether it still holds." if change.confirm else "."


def _titled(question: str, instrument: Instrument) -> str:
    found = instrument.items.get(question) or instrument.quantities.get(question)
    return f"{question} {found.title}" if found else question
