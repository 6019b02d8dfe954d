"""Where the boxes of a decision tree stand: columns from the top down, and no line ever crosses another.

A line is drawn only to a box that follows directly below or in the next column. Every other way is written in its
answer's row as the number of the step it leads to, so a big tree stays readable and one column is a ladder for a phone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from .tree_boxes import ENTRY, GAP, GUTTER, Box, Row, Shape, Writer
from .tree_model import Step, Tree

Point = tuple[float, float]
PAGE = 1040.0  # a drawing this high fills a page of A4 in letters of 8 points; higher ones must shrink
ROUNDS, LONG, JUMP = 3, 0.2, 60.0  # of looking for a better plan; the cost of a line's pixel, of a jump


@dataclass(frozen=True)
class Line:
    """A way drawn from one box to another, through points."""

    start: str
    end: str
    points: tuple[Point, ...]


@dataclass
class Plan:
    """Boxes and lines in their places; ``jumps`` are ways that are written, not drawn: (from, to)."""

    boxes: dict[str, Box] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    jumps: set[tuple[str, str]] = field(default_factory=set)

    @property
    def height(self) -> float:
        """Where the lowest box ends."""
        return max(box.y + box.height for box in self.boxes.values())

    @property
    def cost(self) -> float:
        """How hard it is to read: its height, the length of its lines, and each way that is only a number."""
        long = sum(abs(a[1] - b[1]) for line in self.lines for a, b in pairwise(line.points))
        named = [(box, row.way) for box in self.boxes.values() for row in box.rows if row.leaves == "jump"]
        # An action without its arrow, or an answer that says danger without one, is missed most easily.
        missed = sum(2 if way.danger else 3 if box.step.kind == "do" else 1 for box, way in named)
        return self.height + 2 * max(0.0, self.height - PAGE) + LONG * long + JUMP * missed


@dataclass(frozen=True)
class Choice:
    """How one step's ways leave it: which step stands below, and which are only named by number."""

    below: str | None
    named: frozenset[str] = frozenset()


def plan(tree: Tree, shape: Shape) -> Plan:
    """Place a tree's boxes.

    With more than one column there is a choice at each question of what stands below it and what beside it. One
    question after the other takes what makes the whole easier to read, until none gains; it is begun from three sides.
    A tree once placed is not placed again: do not change the plan.
    """
    return _planned(tree.model_dump_json(), shape)


@lru_cache(maxsize=256)
def _planned(written: str, shape: Shape) -> Plan:
    tree = Tree.model_validate_json(written)
    writer = Writer(tree, shape)
    if shape.columns == 1:
        return _settled(writer, {})
    most: dict[str, Choice] = {}
    none = {i: Choice(None, frozenset(_targets(s))) for i, s in tree.steps.items() if s.kind in ("ask", "decide")}
    last = {i: Choice(_targets(s)[-1]) for i, s in tree.steps.items() if _targets(s)}
    return min((_improved(writer, start) for start in (most, none, last)), key=lambda found: found.cost)


def _improved(writer: Writer, choices: Mapping[str, Choice]) -> Plan:
    best = _settled(writer, choices)
    for _ in range(ROUNDS):
        before = best.cost
        for ident, step in writer.tree.steps.items():
            for choice in _options(step):
                trial = _settled(writer, {**choices, ident: choice})
                if trial.cost < best.cost - 0.5:
                    best, choices = trial, {**choices, ident: choice}
        if best.cost == before:
            break
    return best


def _targets(step: Step) -> list[str]:
    return list(dict.fromkeys(way.then for way in step.ways if not way.again))


def _options(step: Step) -> list[Choice]:
    targets = _targets(step)
    if not targets:
        return []
    named = [frozenset[str](), *(frozenset({t}) for t in targets)]
    # An action has no answer's row that a line could leave from to the side: it goes on below, or by number.
    return [Choice(b, n) for b in [*targets, None] for n in named if b not in n and (step.kind != "do" or b or n)]


def _settled(writer: Writer, choices: Mapping[str, Choice]) -> Plan:
    """Place the boxes until what is written in them, and so their heights, fits the ways that have no line."""
    jumps: set[tuple[str, str]] = set()
    for _ in range(4):
        placed = _Placing(writer, jumps, choices).all()
        if placed.jumps == jumps:
            break
        jumps = placed.jumps
    return placed


class _Placing:
    """One round: the columns fill downwards."""

    def __init__(self, writer: Writer, jumps: set[tuple[str, str]], choices: Mapping[str, Choice]):
        self.writer, self.tree, self.shape = writer, writer.tree, writer.shape
        self.known_jumps, self.choices = jumps, choices
        self.free = [0.0] * self.shape.columns  # where the next box of a column may begin
        self.gutter = [0.0] * self.shape.columns  # below here no line runs between a column and the next
        self.taken: set[str] = set()
        self.plan = Plan()

    def all(self) -> Plan:
        """Place what hangs together from the first step on, then each part that is only reached by number."""
        for ident in self.tree.steps:
            if ident not in self.taken:
                self.taken.add(ident)
                column = min(range(self.shape.columns), key=lambda c: (self.free[c], c))
                self.put(ident, column)
        self.plan.jumps = {
            (box.ident, row.way.then) for box in self.plan.boxes.values() for row in box.rows if row.leaves == "jump"
        }
        return self.plan

    def put(self, ident: str, column: int, entered: float = 0) -> Box:
        """Place a box as high as it goes, then what follows beside it, then what follows below it."""
        side, down = self._followers(ident, column)
        self.taken.update(side, [down] if down else [])
        sources = tuple(i for i in self.tree.steps if (i, ident) in self.known_jumps)
        box = self.writer.box(ident, tuple(side), down, sources)
        leaving = [row for row in box.rows if row.leaves == "side"]
        box.x, box.y = self.shape.left(column), max(self.free[column], entered - ENTRY)
        if leaving:
            box.y = max(box.y, self.gutter[column] - leaving[0].middle)
        self.plan.boxes[ident] = box
        self.free[column] = box.y + box.height + GAP
        for n, row in enumerate(leaving):
            self._beside(box, row, column, (n + 1) / (len(leaving) + 1))
        if down:
            below = self.put(down, column)
            middle = box.x + box.width / 2
            self.plan.lines.append(Line(ident, down, ((middle, box.y + box.height), (middle, below.y))))
        return box

    def _beside(self, box: Box, row: Row, column: int, share: float) -> None:
        leaves = box.y + row.middle
        child = self.put(row.way.then, column + 1, leaves)
        enters = child.y + ENTRY
        edge, turn = box.x + box.width, box.x + box.width + GUTTER * (1 - share) - 2
        points = ((edge, leaves), (turn, leaves), (turn, enters), (child.x, enters))
        straight = abs(leaves - enters) < 0.01
        self.plan.lines.append(Line(box.ident, child.ident, (points[0], points[3]) if straight else points))
        self.gutter[column] = max(self.gutter[column], enters + 6)

    def _followers(self, ident: str, column: int) -> tuple[list[str], str | None]:
        """Return the steps placed beside this one, and the one placed below it: the one with most behind it."""
        ways = [w for w in self.tree.steps[ident].ways if not w.again and w.then not in self.taken]
        targets = list(dict.fromkeys(w.then for w in ways))
        if self.shape.columns == 1:
            after = self.tree.number(ident) + 1
            return [], next((t for t in targets if self.tree.number(t) == after), None)
        choice = self.choices.get(ident) or Choice(max(targets, key=self._behind, default=None))
        down = choice.below if choice.below in targets else None
        room = column + 1 < self.shape.columns
        return [t for t in targets if room and t != down and t not in choice.named], down

    def _behind(self, ident: str) -> int:
        found, queue = {ident}, [ident]
        while queue:
            for way in self.tree.steps[queue.pop()].ways:
                if not way.again and way.then not in found | self.taken:
                    found.add(way.then)
                    queue.append(way.then)
        return len(found)
