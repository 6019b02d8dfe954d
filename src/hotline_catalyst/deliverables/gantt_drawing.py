"""Bars over dates: one layout for paper (wide), for a phone, and for reading from the right.

Text stands where no bar can be: beside the bars on paper, above them on a phone. No title is ever cut: it wraps. The
drawing knows rows, groups and dates only; gantt.py takes them from the results.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from . import look
from .charts import Axis, Canvas, width_of, wrap
from .gantt_layout import (
    SLACK,
    Group,
    Picture,
    Row,
    Shape,
    day_words,
    heading_height,
    heights,
    indent_of,
    month,
    row_height,
    row_lines,
    title_lines,
)

SAMPLE = 30.0  # a legend's picture


class Mirrored(Canvas):
    """A canvas read from the right: places mirror, digits and words do not.

    ``mark`` opens each text: U+2067 reads it from the right, U+2068 lets it keep its own direction.
    """

    mark = "\u2067"

    def rect(self, x: float, y: float, w: float, h: float, fill: str, stroke: str = "none", rx: float = 2) -> None:
        """Draw a box."""
        super().rect(self.width - x - w, y, w, h, fill, stroke, rx)

    def line(self, x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1, dash: str = "") -> None:
        """Draw a straight line."""
        super().line(self.width - x1, y1, self.width - x2, y2, colour, width, dash)

    def stroke(self, points: Sequence[tuple[float, float]], colour: str, width: float = 2) -> None:
        """Draw a line through points."""
        middle = sum(x for x, _ in points) / len(points)
        super().stroke([(self.width - 2 * middle + x, y) for x, y in points], colour, width)  # a tick keeps its hand

    def diamond(self, x: float, y: float, r: float, fill: str, stroke: str = "none") -> None:
        """Draw a diamond around a point."""
        super().diamond(self.width - x, y, r, fill, stroke)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 13,
        fill: str = look.INK,
        anchor: str = "start",
        bold: bool = False,
    ) -> None:
        """Write one line from the right. Not every renderer knows the direction attribute; all know the marks."""
        swapped = {"start": "end", "end": "start"}.get(anchor, anchor)
        super().text(self.width - x, y, f"{self.mark}{text}\u2069", size, fill, swapped, bold)


@dataclass
class Drawing:
    """A picture on its way onto a canvas: ``y`` is how far down it is drawn."""

    picture: Picture
    shape: Shape
    canvas: Canvas
    y: float = 0
    axis: Axis = field(init=False)

    def __post_init__(self) -> None:
        self.axis = Axis(self.picture.first, self.picture.last, self.shape.left, self.shape.right)

    def lines(self, text: str, size: float, fill: str, bold: bool = False, step: float = 0) -> None:
        """Write a text over the whole width, in as many lines as it needs."""
        for line in wrap(text, (self.shape.right - self.shape.pad) * SLACK, size, bold):
            self.y += step or size * 1.3
            self.canvas.text(self.shape.pad, self.y, line, size, fill, bold=bold)

    def head(self) -> None:
        """Write the question and the launch's dates, and for the wide shape the dates of the axis."""
        self.lines(self.picture.question, self.shape.heading + 4, look.NIGHT, bold=True)
        if self.picture.says:
            self.y += 3
            self.lines(self.picture.says, self.shape.small + 0.5, look.CAUTION, bold=True)
        self.y += 4
        if self.shape.label:
            self.dates()

    def dates(self) -> None:
        """Write the Januaries along the axis, then the Julys and the other quarters if all of them find room."""
        self.y += self.shape.small * 1.3
        taken = [self._dated(self.picture.first, year=True)]
        for months in ((1,), (7,), (4, 10)):
            more = [self._dated(d, year=d.month == 1) for d in self.axis.quarters() if d.month in months]
            more = [m for m in more if m[1] <= self.shape.right and all(_apart(m, t) for t in taken[:1])]
            if months != (1,) and any(not _apart(a, b) for a in more for b in [*taken, *more] if a is not b):
                break
            taken += [m for n, m in enumerate(more) if all(_apart(m, t) for t in [*taken, *more[:n]])]
        for x, _, says in taken:
            self.canvas.text(x, self.y, says, self.shape.small, look.QUIET)
        self.y += 4

    def _dated(self, day: date, *, year: bool) -> tuple[float, float, str]:
        says, x = month(day, self.picture.locale, year=year), self.axis.x(day)
        return x, x + width_of(says, self.shape.small) / SLACK, says

    def group(self, group: Group) -> None:
        """Draw a heading and its rows."""
        top = self.y
        if self.shape.label:
            self.ground(top, top + sum(heights(group, self.shape)))
        self.heading(group.title)
        if not self.shape.label:
            self.dates()
        for row in group.rows:
            self.row(row)

    def heading(self, title: str) -> None:
        """Write a group's title, inside the label's room where bars stand beside it."""
        s = self.shape
        for n, line in enumerate(title_lines(title, s)):
            self.canvas.text(
                s.pad, self.y + 8 + s.heading + n * s.heading * 1.25, line, s.heading, look.NIGHT, bold=True
            )
        self.y += heading_height(title, s)
        self.canvas.line(s.pad, self.y - 3, s.right, self.y - 3, look.LINE)

    def ground(self, top: float, bottom: float) -> None:
        """Draw what lies behind the bars: closed windows, quarters, launch dates, today."""
        picture, x = self.picture, self.axis.x
        for window in picture.windows:
            first, last = max(window.first, picture.first), min(window.last, picture.last)
            if first <= last:
                self.canvas.rect(x(first), top, max(2, x(last) - x(first)), bottom - top, look.LEVELS[1], rx=0)
        for day in self.axis.quarters():
            self.canvas.line(x(day), top, x(day), bottom, look.LINE, 1.5 if day.month == 1 else 0.75)
        for day, dash in zip(picture.launch, DASHES, strict=False):
            self.canvas.line(x(day), top, x(day), bottom, look.CAUTION, 1.5, dash)
        if picture.today and picture.first < picture.today <= picture.last:
            self.canvas.line(x(picture.today), top, x(picture.today), bottom, look.LINK, 1.75, TODAY)

    def row(self, row: Row) -> None:
        """Write a row's code and title in full, and draw its bar in a strip of its own or beside it."""
        s, tall = self.shape, row_height(row, self.shape)
        indent = indent_of(row, s)
        texts = row_lines(row, s)
        first = self.y + (tall - s.step * len(texts)) / 2 if s.label else self.y + 4
        if row.id:
            self.canvas.text(s.pad, first + s.text, row.id, s.text, look.QUIET)
        for n, line in enumerate(texts):
            self.canvas.text(s.pad + indent, first + s.text + n * s.step, line, s.text)
        self.y += tall
        if not s.label:
            self.ground(self.y - s.strip, self.y)
        draw_bar(self.canvas, self.axis, row, (self.y - tall / 2) if s.label else self.y - s.strip / 2, s, self.picture)

    def key(self) -> None:
        """Explain every sign that is drawn, with the sign itself."""
        s, x = self.shape, self.shape.pad
        self.y += 6
        for sign, says in signs(self):
            room = (s.right - s.pad - SAMPLE) * SLACK
            texts = wrap(says, room, s.small)
            wide = SAMPLE + max(width_of(t, s.small) for t in texts) / SLACK + 16
            if x == s.pad or x + wide - 16 > s.right or len(texts) > 1:
                x = s.pad
                self.y += s.small * 1.6
            sign(x, self.y - s.small * 0.36)
            for n, text in enumerate(texts):
                self.y += s.step if n else 0
                self.canvas.text(x + SAMPLE, self.y, text, s.small, look.QUIET)
            x = s.pad + (s.right if len(texts) > 1 else x - s.pad + wide)
        self.y += 8


def _apart(one: tuple[float, float, str], other: tuple[float, float, str]) -> bool:
    return one[0] > other[1] + 6 or one[1] + 6 < other[0]


DASHES = ("", "5 3", "1.5 3")
TODAY = "7 2"


def draw_bar(canvas: Canvas, axis: Axis, row: Row, y: float, shape: Shape, picture: Picture) -> None:
    """Draw one bar around the height ``y``, what lies beyond it, and its diamond or check mark."""
    for day in row.ticks:
        x = axis.x(day)
        canvas.stroke([(x - 4, y - 5), (x, y + 4), (x + 4, y - 5), (x - 4, y - 5)], look.MET, 1.75)
    if row.start is None or row.end is None:
        return
    start, end = axis.x(row.start), max(axis.x(row.end), axis.x(row.start) + (3 if row.bar else 0))
    if row.state != "done" and row.late and axis.x(row.late) > end:
        whisker(canvas, end, axis.x(row.late), y)
    if row.bar:
        filled_bar(canvas, row, (start, end), y, shape.bar, axis, picture.today)
    if row.mark:
        x, fill = (start, look.CAUTION) if row.mark == "opening" else (end, "#FFFFFF")
        canvas.diamond(x, y, 6.5, fill, look.INK)
    elif row.state == "done":
        check(canvas, end + 5 if end + 16 < shape.right else start - 16, y)


def filled_bar(
    canvas: Canvas, row: Row, ends: tuple[float, float], y: float, tall: float, axis: Axis, today: date | None
) -> None:
    """Draw the bar itself: dark where it holds the launch, filled up to today while it runs."""
    (start, end), top = ends, y - tall / 2
    fills = {"planned": look.NIGHT if row.holds else look.LEVELS[2], "running": "#FFFFFF", "done": look.LEVELS[4]}
    canvas.rect(start, top, end - start, tall, fills[row.state], look.NIGHT, 1)
    if row.state == "running" and today:
        so_far = min(max(axis.x(today), start), end)
        canvas.rect(start, top, so_far - start, tall, look.NIGHT if row.holds else look.LEVELS[3], look.NIGHT, 1)


def whisker(canvas: Canvas, start: float, end: float, y: float) -> None:
    """Draw how late it may run: a thin line with a cap."""
    canvas.line(start, y, end, y, look.INK, 1.1)
    canvas.line(end, y - 3.5, end, y + 3.5, look.INK, 1.1)


def check(canvas: Canvas, x: float, y: float) -> None:
    """Draw a check mark: not every font has one."""
    canvas.stroke([(x, y), (x + 3.5, y + 4), (x + 10, y - 4.5)], look.MET, 2)


def signs(drawing: Drawing) -> Iterator[tuple[Callable[[float, float], None], str]]:
    """Yield the signs that occur, each as a small drawing at a point and its meaning."""
    picture, canvas, shape = drawing.picture, drawing.canvas, drawing.shape
    rows, say = [row for group in picture.groups for row in group.rows], picture.words
    bars = [row for row in rows if row.bar and row.start]

    def sample(**changes: object) -> Callable[[float, float], None]:
        whole = Axis(date(2001, 1, 1), date(2001, 1, 23), 0, 22)
        row = Row("", "", date(2001, 1, 1), date(2001, 1, 23))

        def put(x: float, y: float) -> None:
            moved = replace(whole, left=x, right=x + 22)
            at = replace(picture, today=date(2001, 1, 11))
            draw_bar(canvas, moved, replace(row, **changes), y, replace(shape, width=x + 60), at)  # type: ignore[arg-type]

        return put

    def upright(colour: str, dash: str, thick: float) -> Callable[[float, float], None]:
        return lambda x, y: canvas.line(x + 10, y - 7, x + 10, y + 7, colour, thick, dash)

    if any(r.state == "planned" and not r.holds for r in bars):
        yield sample(), say["planned"]
    if any(r.holds for r in bars):
        yield sample(holds=True), say["holds"]
    if any(r.late and r.end and r.late > r.end and r.state != "done" for r in rows):
        yield lambda x, y: whisker(canvas, x, x + 22, y), say["late"]
    if any(r.state == "done" for r in bars):
        yield lambda x, y: _done_sample(canvas, x, y), say["done"]
    if any(r.state == "running" for r in bars):
        yield sample(state="running"), say["running"]
    if any(r.mark == "opening" for r in rows):
        yield lambda x, y: canvas.diamond(x + 10, y, 6.5, look.CAUTION, look.INK), say["opening"]
    if any(r.mark == "review" for r in rows):
        yield lambda x, y: canvas.diamond(x + 10, y, 6.5, "#FFFFFF", look.INK), say["review"]
    if any(r.ticks for r in rows):
        yield sample(start=None, ticks=(date(2001, 1, 11),)), say["release"]
    if picture.launch:
        yield lambda x, y: _launch_sample(canvas, x, y), say["launch"].format(name=picture.launch_name)
    if picture.today and picture.first < picture.today <= picture.last:
        yield upright(look.LINK, TODAY, 1.75), say["today"].format(day=day_words(picture.today, picture.locale))
    for window in picture.windows:
        first, last = (day_words(d, picture.locale) for d in (window.first, window.last))
        named = say["window"].format(title=window.title, first=first, last=last)
        yield lambda x, y: canvas.rect(x, y - 6, 22, 12, look.LEVELS[1], look.LINE, 0), named


def _done_sample(canvas: Canvas, x: float, y: float) -> None:
    canvas.rect(x, y - 4.5, 11, 9, look.LEVELS[4], look.NIGHT, 1)
    check(canvas, x + 14, y)


def _launch_sample(canvas: Canvas, x: float, y: float) -> None:
    for n, dash in enumerate(DASHES):
        canvas.line(x + 4 + 7 * n, y - 7, x + 4 + 7 * n, y + 7, look.CAUTION, 1.5, dash)


def draw(picture: Picture, shape: Shape, name: str, rtl: bool = False) -> str:
    """Draw a picture in a shape; ``name`` begins its ids, ``rtl`` mirrors it."""
    canvas = (Mirrored if rtl else Canvas)(name, shape.width, headed=False)
    drawing = Drawing(picture, shape, canvas)
    drawing.head()
    for group in picture.groups:
        drawing.group(group)
    drawing.key()
    if picture.notice:
        drawing.lines(picture.notice, shape.small, look.CAUTION, bold=True)
        drawing.y += 8
    return canvas.svg(round(drawing.y, 1), picture.question, picture.spoken)
