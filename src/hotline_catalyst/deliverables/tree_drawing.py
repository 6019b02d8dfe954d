"""Decision trees as SVG text: each kind of step has its own outline, colour and word, so it reads in grey too.

Wide for a page, one column for a phone; read from the right for languages that are. Texts are real text in our font.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from . import look
from .charts import wrap
from .gantt_drawing import Mirrored
from .gantt_layout import SLACK
from .tree_boxes import BADGE, BREAK, PAD, SMALL, STEP, TEXT, Box, Row, shape_of
from .tree_layout import Line, Plan, Point, plan
from .tree_model import Tree, words_of

FONTS = f"'{look.FONT}', '{look.FONT} Arabic', sans-serif"
TITLE, TAIL_TOP = 16.0, 3.0
# Colour of outline and words, fill, thickness of the outline, by kind.
STYLE = {
    "ask": (look.NIGHT, "#FFFFFF", 1.6),
    "do": (look.QUIET, look.LEVELS[0], 1.2),
    "decide": (look.MET, "#FFFFFF", 1.8),
    "person": (look.NIGHT, look.PALE, 2.6),
    "emergency": (look.NOT_MET, "#F7ECE9", 2.6),
    "safe_close": (look.MET, look.PALE, 1.4),
}


class Pen(Mirrored):
    """A canvas for outlines and lines through points; ``rtl`` mirrors places, never words."""

    def __init__(self, name: str, width: float, *, rtl: bool):
        super().__init__(name, width, headed=False)
        self.rtl = rtl

    def at(self, points: Sequence[Point]) -> str:
        """Return points as SVG writes them."""
        return " ".join(f"{self.width - x if self.rtl else x:.5g},{y:.5g}" for x, y in points)

    def shape(self, points: Sequence[Point], fill: str, stroke: str, width: float, dash: str = "") -> None:
        """Draw a closed outline."""
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<polygon points="{self.at(points)}" fill="{fill}" stroke="{stroke}" stroke-width="{width:g}"{dashes}/>'
        )

    def through(self, points: Sequence[Point], colour: str, width: float = 1.5) -> None:
        """Draw a line through points."""
        self.parts.append(
            f'<polyline points="{self.at(points)}" fill="none" stroke="{colour}" stroke-width="{width:g}"/>'
        )

    def rounded(self, x: float, y: float, w: float, h: float, r: float, style: tuple[str, str, float]) -> None:
        """Draw a box with round corners."""
        stroke, fill, width = style
        self.parts.append(
            f'<rect x="{self.width - x - w if self.rtl else x:.5g}" y="{y:.5g}" width="{w:.5g}" height="{h:.5g}" '
            f'rx="{r:g}" fill="{fill}" stroke="{stroke}" stroke-width="{width:g}"/>'
        )

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = TEXT,
        fill: str = look.INK,
        anchor: str = "start",
        bold: bool = False,
    ) -> None:
        """Write one line of text."""
        if self.rtl:
            super().text(x, y, text, size, fill, anchor, bold)
        else:
            super(Mirrored, self).text(x, y, text, size, fill, anchor, bold)


def drawing(tree: Tree, *, width: float = 720, rtl: bool | None = None) -> str:
    """Return a tree as SVG, ``width`` pixels wide: three columns from 660 on, two from 480 on, else a ladder.

    ``rtl`` mirrors it; without a word it follows the tree's language.
    """
    right = words_of(tree).direction == "rtl" if rtl is None else rtl
    shape = shape_of(width)
    pen = Pen(f"tree-{tree.id}-{width:g}", width, rtl=right)
    top = _heading(pen, tree)
    laid = plan(tree, shape)
    for box in laid.boxes.values():
        _box(pen, box, top)
    for line in laid.lines:
        _line(pen, line, top)
    return _svg(pen, tree, laid, round(top + laid.height + 6, 1))


def _heading(pen: Pen, tree: Tree) -> float:
    """Write the title and what holds at every step; return where the tree begins."""
    y = 4.0
    for line in wrap(tree.title, pen.width * SLACK, TITLE, bold=True):
        y += TITLE * 1.3
        pen.text(1, y, line, TITLE, look.NIGHT, bold=True)
    for note in tree.notes:
        y += 4
        for n, line in enumerate(wrap(note, (pen.width - 14) * SLACK, TEXT)):
            y += STEP
            if n == 0:
                pen.rounded(2, y - 6.5, 4, 4, 2, (look.QUIET, look.QUIET, 0))
            pen.text(14, y, line)
    return y + 16


def _box(pen: Pen, box: Box, top: float) -> None:
    kind = box.step.type or box.step.kind
    colour, x, y = STYLE[kind][0], box.x, box.y + top
    pen.parts.append(f'<g data-step="{box.ident}">')
    _outline(pen, kind, box, y)
    _badge(pen, kind, box, x + PAD, y + PAD - 2)
    at = y + PAD - 2 + BADGE / 2 - (len(box.head) - 1) * SMALL * 0.65 + SMALL * 0.36
    for n, line in enumerate(box.head):
        pen.text(x + PAD + BADGE + 8, at + n * SMALL * 1.3, line, SMALL, colour, bold=True)
    at = y + PAD + max(BADGE, len(box.head) * SMALL * 1.3) + 4
    for line in box.came:
        pen.text(x + PAD, at + SMALL * 0.75, line, SMALL, look.QUIET)
        at += SMALL * 1.35
    _texts(pen, box, x + PAD, at)
    for row in box.rows:
        _row(pen, box, row, y)
    pen.parts.append("</g>")


def _texts(pen: Pen, box: Box, x: float, at: float) -> None:
    before = "text"
    for kind, line in box.lines:
        said = kind == "say"
        at += BREAK if kind != before else 0
        if said and before != "say":  # words to say stand beside a bar
            tall = STEP * sum(k == "say" for k, _ in box.lines)
            pen.through([(x + 1, at), (x + 1, at + tall)], look.NIGHT, 2)
        fill = look.NIGHT if said else look.CAUTION if kind in ("clock", "until") else look.INK
        pen.text(x + (8 if said else 0), at + TEXT, line, TEXT, fill, bold=kind == "alert")
        at, before = at + STEP, kind


def _row(pen: Pen, box: Box, row: Row, y: float) -> None:
    right = box.x + box.width
    pen.through([(box.x + 1, y + row.top), (right - 1, y + row.top)], look.LINE, 1)
    for n, line in enumerate(row.lines):
        pen.text(box.x + PAD, y + row.top + TAIL_TOP + TEXT + n * STEP, line, bold=True)
    if row.tail:
        pen.text(right - PAD, y + row.top + TAIL_TOP + TEXT, row.tail, fill=look.LINK, anchor="end", bold=True)


def _outline(pen: Pen, kind: str, box: Box, y: float) -> None:
    """Round for a question, square for an action, cut corners and dashes for a decision, doubled for an end."""
    x, w, h, style = box.x, box.width, box.height, STYLE[kind]
    stroke, fill, thick = style
    if kind == "decide":
        c = 9.0
        corners = [(x + c, y), (x + w - c, y), (x + w, y + c), (x + w, y + h - c)]
        corners += [(x + w - c, y + h), (x + c, y + h), (x, y + h - c), (x, y + c)]
        pen.shape(corners, fill, stroke, thick, "6 3")
    elif kind == "safe_close":
        pen.rounded(x, y, w, h, 10, style)
        pen.rounded(x + 3.5, y + 3.5, w - 7, h - 7, 7, (stroke, "none", 0.8))
    else:
        pen.rounded(x, y, w, h, {"ask": 12, "do": 1, "person": 12, "emergency": 1}[kind], style)


def _badge(pen: Pen, kind: str, box: Box, x: float, y: float) -> None:
    """Draw the step's number in a shape of its kind."""
    stroke, m = STYLE[kind][0], BADGE / 2
    if kind in ("decide", "emergency"):
        tall = kind == "emergency"
        points = [(x + m, y - 2), (x + BADGE + 2, y + BADGE + 1 if tall else y + m)]
        points += [] if tall else [(x + m, y + BADGE + 2)]
        pen.shape([*points, (x - 2, y + BADGE + 1 if tall else y + m)], stroke, stroke, 0)
    else:
        pen.rounded(x, y, BADGE, BADGE, 2 if kind == "do" else m, (stroke, stroke, 0))
    low = 2.5 if kind == "emergency" else 0
    pen.text(x + m, y + m + 4.2 + low, str(box.number), SMALL + 0.5, "#FFFFFF", "middle", bold=True)


def _line(pen: Pen, line: Line, top: float) -> None:
    points = [(x, y + top) for x, y in line.points]
    (before, at), (x, y) = points[-2], points[-1]
    down = before == x and y > at
    stop = (x, y - 7) if down else (x - 7, y)
    pen.through([*points[:-1], stop], look.INK, 1.5)
    head = (
        [(x, y - 1), (x - 4.5, y - 9), (x + 4.5, y - 9)] if down else [(x - 1, y), (x - 9, y - 4.5), (x - 9, y + 4.5)]
    )
    pen.shape(head, look.INK, look.INK, 0)


def _svg(pen: Pen, tree: Tree, laid: Plan, height: float) -> str:
    described = words_of(tree).described.format(n=len(laid.boxes))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {pen.width:g} {height:g}" role="img" '
        # A page read from the right would turn the anchors of its texts around; the marks in them say what they need.
        'direction="ltr" '
        f'lang="{escape(tree.language)}" aria-labelledby="{pen.name}-title {pen.name}-desc" '
        f'font-family="{FONTS}">\n'
        f'<title id="{pen.name}-title">{escape(tree.title)}</title>\n'
        f'<desc id="{pen.name}-desc">{escape(described)}</desc>\n'
        f'<rect width="{pen.width:g}" height="{height:g}" fill="#FFFFFF"/>\n' + "\n".join(pen.parts) + "\n</svg>\n"
    )
