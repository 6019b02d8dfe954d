"""What the staffing charts share: a sheet to draw on, a canvas read from the right, ticks, and bars in rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import ceil

from ..planning.demand import Span
from . import look
from .charts import Canvas, width_of, wrap
from .gantt_drawing import Mirrored

RIGHT_TO_LEFT = ("ar", "fa", "he", "ur")
# Widths are estimated from one font's table; a little less is filled, so that no renderer's own widths touch.
SLACK = 0.94


@dataclass(frozen=True)
class Sheet:
    """What a chart is drawn on: its width in pixels, its smallest text, and from which side it is read."""

    width: float
    small: float
    phone: bool = False
    rtl: bool = False

    @property
    def pad(self) -> float:
        """Room left free at both sides."""
        return 12.0 if self.phone else 0.0

    @property
    def right(self) -> float:
        """Where the drawing ends."""
        return self.width - self.pad

    def canvas(self, name: str) -> Canvas:
        """Return an empty drawing; whoever draws writes its title."""
        kind = FromRight if self.rtl else Canvas
        return kind(f"{name}-phone" if self.phone else name, self.width, headed=False)


WIDE = Sheet(720, 11.5)
PHONE = Sheet(360, 12, phone=True)


def sheets(rtl: bool) -> tuple[Sheet, Sheet]:
    """Return the sheet for paper and desk, and the one for a phone."""
    return replace(WIDE, rtl=rtl), replace(PHONE, rtl=rtl)


class FromRight(Mirrored):
    """A canvas read from the right whose words may be in any script: each keeps its own direction."""

    mark = "\u2068"

    def stroke(self, points: Sequence[tuple[float, float]], colour: str, width: float = 2) -> None:
        """Draw a line through points."""
        Canvas.stroke(self, [(self.width - x, y) for x, y in points], colour, width)

    def circle(self, x: float, y: float, r: float, fill: str, stroke: str) -> None:
        """Draw a disc."""
        super().circle(self.width - x, y, r, fill, stroke)


def headed(canvas: Canvas, sheet: Sheet, question: str) -> float:
    """Write the question over the whole width; return how far down it reaches."""
    return paragraph(canvas, sheet, question, 0.0, 17, look.NIGHT, bold=True) + 8


def paragraph(
    canvas: Canvas, sheet: Sheet, text: str, y: float, size: float, fill: str = look.QUIET, bold: bool = False
) -> float:
    """Write a text over the whole width below ``y``; return how far down it reaches."""
    for line in wrap(text, (sheet.right - sheet.pad) * SLACK, size, bold):
        y += size * 1.3
        canvas.text(sheet.pad, y, line, size, fill, bold=bold)
    return y


def ticks(most: float, room: float, apart: float = 18.0) -> list[int]:
    """Return whole numbers from 0 to ``most`` or just above it, ``apart`` pixels from each other or more.

    >>> ticks(2, 150), ticks(14, 90), ticks(300, 100)
    ([0, 1, 2], [0, 5, 10, 15], [0, 100, 200, 300])
    """
    step = next(s for s in _steps() if room / max(1, ceil(most / s)) >= apart)
    return list(range(0, step * ceil(most / step) + 1, step))


def _steps() -> Iterator[int]:
    size = 1
    while True:
        yield from (size, 2 * size, 5 * size)
        size *= 10


@dataclass(frozen=True)
class Bar:
    """One row: what it is, its range, and the figure as it is written; ``heading`` opens a group of rows."""

    label: str
    value: Span
    says: str
    heading: str = ""


RING = "o"  # instead of dashes: a circle stands for it
LABEL, VALUE, BAR = 210.0, 150.0, 12.0


def bars(name: str, question: str, rows: Sequence[Bar], sheet: Sheet) -> str:
    """Draw each row's likely figure as a bar and its range as a whisker, with the figure beside it."""
    canvas = sheet.canvas(name)
    y = headed(canvas, sheet, question)
    values = max((width_of(r.says, sheet.small) / SLACK for r in rows), default=0.0)
    labels = 0.0 if sheet.phone else max(LABEL, 720 - VALUE - 340)
    left, right = sheet.pad + labels, sheet.right - max(60.0, values) - 10
    most = max((r.value.high for r in rows), default=0.0) or 1.0
    for row in rows:
        if row.heading:
            y = paragraph(canvas, sheet, row.heading, y + 6, sheet.small + 1, look.INK, bold=True) + 2
        y = _row(canvas, sheet, row, (left, right), most, y)
    spoken = " ".join(f"{r.heading}{'. ' if r.heading else ''}{r.label}: {r.says}." for r in rows)
    return canvas.svg(y + 6, question, spoken)


def _row(canvas: Canvas, sheet: Sheet, row: Bar, between: tuple[float, float], most: float, y: float) -> float:
    """Draw one row below ``y``; return how far down it reaches."""
    left, right = between
    room = (sheet.right - sheet.pad if sheet.phone else left - 10) * SLACK
    lines = wrap(row.label, room, sheet.small + 0.5)
    step = 1.3 * (sheet.small + 0.5)
    for n, line in enumerate(lines):
        canvas.text(sheet.pad, y + step * (n + 1), line, sheet.small + 0.5)
    if sheet.phone:
        y += step * len(lines)
        lines = [""]
    middle = y + step * 0.7

    def x(value: float) -> float:
        return left + (right - left) * value / most

    canvas.rect(left, middle - BAR / 2, max(1.0, x(row.value.likely) - left), BAR, look.LEVELS[2], rx=1)
    if row.value.high > row.value.low:
        canvas.line(x(row.value.low), middle, x(row.value.high), middle, look.INK, 1.5)
        for end in (row.value.low, row.value.high):
            canvas.line(x(end), middle - 4, x(end), middle + 4, look.INK, 1.5)
    canvas.text(sheet.right, middle + 4, row.says, sheet.small, look.INK, "end")
    return y + step * len(lines) + 6


def key(canvas: Canvas, sheet: Sheet, entries: Sequence[tuple[str, str, float, str]], y: float) -> float:
    """Write a sample and name for each (name, colour, width, dashes or `RING`), beside or below each other."""
    x = sheet.pad
    for name, colour, width, dash in entries:
        needed = 34 + width_of(name, sheet.small) / SLACK
        if x > sheet.pad and x + needed > sheet.right:
            x, y = sheet.pad, y + sheet.small * 1.5
        if dash == RING:
            canvas.circle(x + 12, y + 10, 3, "#FFFFFF", colour)
        else:
            canvas.line(x, y + 10, x + 24, y + 10, colour, width, dash)
        canvas.text(x + 30, y + 14, name, sheet.small, look.QUIET)
        x += needed + 18
    return y + 20
