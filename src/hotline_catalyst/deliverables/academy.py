"""The academy as content: ten days block by block, role-plays, questions, the year after, and what a sign-off asks.

All of it lies in playbooks/academy/. What holds between the files is checked in academy_checks.py.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field

from ..archive import digest
from ..library import Content, content_root, read
from .academy_words import Words
from .playbooks import Signature

PAGE = r"^PB-\d{2}$"
CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$"
LESSON = r"^(day-\d{2}|test-\d)$"


class Slot(Content):
    """A part of the day, by the clock. Breaks and lunch are not counted as hours of training."""

    starts: str = Field(pattern=CLOCK)
    ends: str = Field(pattern=CLOCK)
    kind: Literal["block", "break", "lunch", "debrief"]

    @property
    def minutes(self) -> int:
        """How long it lasts, in minutes.

        >>> Slot(starts="08:30", ends="10:00", kind="block").minutes
        90
        """
        (h1, m1), (h2, m2) = (map(int, t.split(":")) for t in (self.starts, self.ends))
        return (h2 - h1) * 60 + m2 - m1


class Topic(Content):
    """A topic the course must teach, and who says so."""

    title: str
    source: str


class Session(Content):
    """What happens in one block.

    Parameters
    ----------
    covers
        Required topics it teaches.
    practice_minutes
        Minutes in which trainees do something themselves, out of the block's 90.
    gate
        A launch gate that must be met before its rule can be taught as settled.
    """

    title: str
    covers: list[str] = []
    purpose: str
    method: str
    practice_minutes: int = Field(ge=0, le=90)
    pages: list[str] = []
    materials: list[str] = []
    notes: list[str] = Field(min_length=1)
    role_plays: list[str] = []
    gate: str = ""


class Block(Session):
    """A session in the timetable, and the one that takes its place where a hotline does not need it."""

    channels: list[str] | None = None
    stages: list[Literal["new", "existing"]] | None = None
    instead: Session | None = None


class Day(Content):
    """One day: a theme, five blocks, the talk at its end, and what trainees do at home."""

    day: int
    theme: str
    blocks: list[Block]
    debrief: str
    homework: str


class Curriculum(Content):
    """The ten days and the rules they keep."""

    version: str
    reviewed_by_survivor: Signature | None
    hours: float
    days_planned: int
    practice_share: float
    practice_source: str
    source: str
    standing: str
    clock: list[Slot]
    topics: dict[str, Topic]
    days: list[Day]


class Month(Content):
    """One session of the year after the academy."""

    month: int = Field(ge=1, le=12)
    theme: str
    exercise: str
    pages: list[str]
    hours: float = Field(gt=0)
    partners: bool = False


class Calendar(Content):
    """Twelve sessions and the hours a year that they must come to."""

    hours_a_year: float
    source: str
    months: list[Month]


class Hidden(Content):
    """A fact the actor keeps until it is asked for in a way that is safe to answer."""

    fact: str
    comes_out: str


class RolePlay(Content):
    """A practice conversation with an invented person.

    Parameters
    ----------
    use
        Whether the class practises it, or it is kept back for the observed mock conversations.
    score
        What full marks look like, by number of the quality card; the safety items among them are pass or fail.
    """

    id: str = Field(pattern=r"^RP-\d{2}$")
    title: str
    use: Literal["practice", "mock"]
    channel: Literal["phone", "text", "chat", "email"]
    minutes: int = Field(gt=0, le=20)
    pages: list[str] = Field(min_length=1)
    advocate: str
    actor: str
    opening: str
    hidden: list[Hidden] = Field(min_length=2)
    safety: list[str] = Field(min_length=2)
    score: dict[int, str] = Field(min_length=4)
    debrief: list[str] = Field(min_length=3)
    stop: str
    source: str = "Invented for this project"


class Choice(Content):
    """One answer a trainee can choose."""

    text: str
    right: bool = False


class Question(Content):
    """A question with one right answer, the reason, and the page it stands on."""

    id: str
    ask: str
    choices: list[Choice] = Field(min_length=3, max_length=4)
    reason: str
    page: str = Field(pattern=PAGE)
    channels: list[str] | None = None

    @property
    def right(self) -> int:
        """The place of the right answer, from 0."""
        return next(n for n, choice in enumerate(self.choices) if choice.right)


class Quiz(Content):
    """A test, or a day's short quiz that nobody is marked by."""

    id: str = Field(pattern=LESSON)
    title: str
    marked: bool
    questions: list[Question]


class Quizzes(Content):
    """All tests and quizzes, in the order in which they are taken."""

    quizzes: list[Quiz]


class CardItem(Content):
    """An item of the quality card; a safety item is passed or failed."""

    title: str
    safety: bool = False


class Stage(Content):
    """A step between the last class and answering alone."""

    id: str
    title: str
    what: str
    passed_when: str
    needed: int = Field(gt=0)
    unit: str


class SignOff(Content):
    """Marks that allow an advocate to answer alone. All of them are proposals until the operator decides."""

    source: str
    test_share: float = Field(gt=0, le=1)
    mocks: int = Field(gt=0)
    safety_share: float = Field(gt=0, le=1)
    safety_points: int = Field(ge=0, le=3)
    last_mock_without_fail: bool
    homework_share: float = Field(ge=0, le=1)
    class_size: int = Field(gt=0)
    valid_months: int = Field(gt=0)
    points: dict[int, str]
    card: dict[int, CardItem]
    stages: list[Stage]

    @property
    def safety_items(self) -> list[int]:
        """Numbers of the card's safety items."""
        return [n for n, item in self.card.items() if item.safety]


@dataclass(frozen=True)
class Academy:
    """Everything in playbooks/academy/, and where it was read."""

    curriculum: Curriculum
    calendar: Calendar
    role_plays: dict[str, RolePlay]
    quizzes: tuple[Quiz, ...]
    sign_off: SignOff
    words: Words
    folder: Path

    @property
    def draft(self) -> bool:
        """Whether no survivor adviser has read it as it stands."""
        signature = self.curriculum.reviewed_by_survivor
        return signature is None or signature.text != self.fingerprint

    @cached_property
    def fingerprint(self) -> str:
        """What all of it but the signature comes to, in twelve signs."""
        parts = [self.curriculum.model_copy(update={"reviewed_by_survivor": None}), self.calendar, self.sign_off]
        parts += [*self.role_plays.values(), *self.quizzes]
        return digest("\n".join(part.model_dump_json() for part in parts).encode())[:12]

    @cached_property
    def hours(self) -> float:
        """Hours of training that the clock holds: blocks and debriefs of all days, without breaks."""
        day = sum(s.minutes for s in self.curriculum.clock if s.kind in ("block", "debrief"))
        return day * len(self.curriculum.days) / 60

    @cached_property
    def practice_share(self) -> float:
        """Share of those hours in which trainees do something themselves."""
        minutes = sum(b.practice_minutes for d in self.curriculum.days for b in d.blocks)
        return minutes / 60 / self.hours


def load_academy(root: Path | None = None, pages: Collection[str] = (), gates: Collection[str] = ()) -> Academy:
    """Read and check the academy.

    ``pages`` and ``gates`` are the ids that may be named; without them, references to other rooms are not checked.

    Raises
    ------
    ContentError
        Naming every problem of the first file that has any, or of what must fit between the files.
    """
    from .academy_checks import check

    folder = (root or content_root()) / "playbooks" / "academy"
    plays = [read(path, RolePlay) for path in sorted((folder / "role_plays").glob("*.yaml"))]
    academy = Academy(
        curriculum=read(folder / "curriculum.yaml", Curriculum),
        calendar=read(folder / "calendar.yaml", Calendar),
        role_plays={play.id: play for play in plays},
        quizzes=tuple(read(folder / "quizzes.yaml", Quizzes).quizzes),
        sign_off=read(folder / "sign_off.yaml", SignOff),
        words=read(folder / "words.yaml", Words),
        folder=folder,
    )
    check(academy, plays, pages, gates)
    return academy


def session(block: Block, channels: Collection[str], stage: str) -> Session:
    """Return what happens in a block at a hotline with these channels at this stage."""
    offered = block.channels is None or set(block.channels) & set(channels)
    if offered and (block.stages is None or stage in block.stages):
        return block
    return block.instead or block


def questions(quiz: Quiz, channels: Collection[str]) -> list[Question]:
    """Return the questions of a quiz for a hotline with these channels."""
    return [q for q in quiz.questions if q.channels is None or set(q.channels) & set(channels)]
