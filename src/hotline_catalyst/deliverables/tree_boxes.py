"""What stands in each box of a drawn decision tree, line by line, and how much room it takes."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Literal

from .charts import width_of, wrap
from .gantt_layout import SLACK
from .tree_model import Step, Tree, Way, details, kind_words, onward, words_of

Exit = Literal["down", "side", "jump"]
TEXT, STEP, SMALL = 12.5, 16.5, 11.0  # pixels: letters, line to line, letters of a heading
PAD, GAP, GUTTER = 11.0, 24.0, 34.0
BADGE, ENTRY = 24.0, 20.0  # a number's box; how far below its top a box is entered from the side
TAIL, BREAK = 7.0, 4.0  # around an answer; between kinds of text


@dataclass(frozen=True)
class Shape:
    """How many columns there are and how wide a box is, in pixels."""

    width: float
    columns: int

    @property
    def box(self) -> float:
        """A box's width."""
        return (self.width - 2 - GUTTER * (self.columns - 1)) / self.columns

    @property
    def room(self) -> float:
        """What a line of text may fill."""
        return (self.box - 2 * PAD) * SLACK

    def left(self, column: int) -> float:
        """Return where a column begins."""
        return 1 + column * (self.box + GUTTER)


def shape_of(width: float) -> Shape:
    """Return three columns for a page, two for a narrow page, one for a phone."""
    return Shape(width, 3 if width >= 660 else 2 if width >= 480 else 1)


@lru_cache(maxsize=4096)
def _wrapped(text: str, room: float, size: float, bold: bool = False) -> tuple[str, ...]:
    return tuple(wrap(text, room, size, bold))


@dataclass
class Row:
    """One answer in its box: its lines, how its way leaves, and what is written of a way that has no line."""

    way: Way
    leaves: Exit
    lines: tuple[str, ...]
    tail: str
    top: float = 0
    height: float = 0

    @property
    def middle(self) -> float:
        """How far below the box's top its way leaves to the side."""
        return self.top + self.height / 2


@dataclass
class Box:
    """One step with its texts in lines: (kind, line) from the top, then rows; ``came`` names steps without a line."""

    ident: str
    number: int
    step: Step
    width: float
    head: tuple[str, ...]
    came: tuple[str, ...]
    lines: list[tuple[str, str]]
    rows: list[Row]
    x: float = 0
    y: float = 0
    height: float = 0

    def __post_init__(self) -> None:
        at = PAD + max(BADGE, len(self.head) * SMALL * 1.3) + 4 + len(self.came) * SMALL * 1.35
        at += len(self.lines) * STEP + self.breaks * BREAK + PAD * 0.7
        for row in self.rows:
            row.top, row.height = at, max(len(row.lines), 1) * STEP + TAIL
            at += row.height
        self.height = at

    @property
    def breaks(self) -> int:
        """How often one kind of text follows another: a little room stands between them."""
        return sum(a[0] != b[0] for a, b in pairwise(self.lines))


class Writer:
    """Writes a tree's boxes for one shape; the same box is written once and copied."""

    def __init__(self, tree: Tree, shape: Shape):
        self.tree, self.shape = tree, shape
        self.made: dict[tuple[str, tuple[str, ...], str | None, tuple[str, ...]], Box] = {}

    def box(self, ident: str, side: tuple[str, ...], down: str | None, sources: tuple[str, ...]) -> Box:
        """Return a step's box, not yet placed; ``sources`` lead to it without a line."""
        key = (ident, side, down, sources)
        if key not in self.made:
            self.made[key] = self._box(ident, side, down, sources)
        return copy(self.made[key])

    def _box(self, ident: str, side: tuple[str, ...], down: str | None, sources: tuple[str, ...]) -> Box:
        step, shape, words = self.tree.steps[ident], self.shape, words_of(self.tree)
        lines = [("text", line) for line in _wrapped(step.text, shape.room, TEXT)]
        for kind, text in details(step, words):
            room = shape.room - (8 if kind == "say" else 0)
            lines += [(kind, line) for line in _wrapped(text, room, TEXT, kind == "alert")]
        came = words.from_steps.format(n=", ".join(str(self.tree.number(i)) for i in sources)) if sources else ""
        return Box(
            ident,
            self.tree.number(ident),
            step,
            shape.box,
            _wrapped(kind_words(step, words), shape.room - BADGE - 8, SMALL, True),
            _wrapped(came, shape.room, SMALL),
            lines,
            self._rows(step, side, down),
        )

    def _rows(self, step: Step, side: tuple[str, ...], down: str | None) -> list[Row]:
        """Return the answers: those that leave to the side first, the one that goes on below last."""
        rows = []
        drawn: set[str] = set()
        for way in step.ways:
            leaves: Exit = "jump"
            if not way.again and way.then not in drawn and way.then in (*side, down):
                leaves = "down" if way.then == down else "side"
                drawn.add(way.then)
            tail = onward(self.tree, way) if leaves == "jump" else ""
            room = self.shape.room - (width_of(tail, TEXT) + 10 if tail else 14)
            if way.when or tail:
                rows.append(Row(way, leaves, _wrapped(way.when, room, TEXT, True), tail))
        return sorted(rows, key=lambda row: ("side", "jump", "down").index(row.leaves))
