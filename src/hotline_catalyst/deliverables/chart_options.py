"""Launch options: people on the pay roll against the share of expected signals served, the frontier joined."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil, cos, pi, sin
from typing import Any

from ..planning.options import Option
from ..planning.staffing_words import whole_percent
from . import look
from .chart_parts import RING, SLACK, WIDE, Sheet, headed, key, ticks
from .charts import Canvas, width_of, wrap
from .report_blocks import words

MOST_NAMED = 10  # more names beside the drawing than this are a table, and the table stands under it
KEY_WIDTH = 236.0
Point = tuple[float, float]


def numbered(options: Sequence[Option]) -> dict[str, int]:
    """Return the numbers by which drawing and table name an option: the frontier and what was asked for, from 1."""
    shown = [o for o in options if o.frontier or o.chosen]
    return {o.id: n for n, o in enumerate(shown, 1)}


def at_promise(options: Sequence[Option]) -> list[Option]:
    """Return the options with the promise that was asked for; others would only stretch the picture."""
    asked = next(o for o in options if o.chosen)
    return [o for o in options if o.voice_share == asked.voice_share]


def other_promises(options: Sequence[Option]) -> list[Option]:
    """Return the options that differ from what was asked for in their promise alone."""
    asked = next(o for o in options if o.chosen)
    same = (asked.hours, asked.channels, asked.languages)
    return [o for o in options if (o.hours, o.channels, o.languages) == same and not o.chosen]


def share_words(share: float) -> str:
    """Write a share of signals; the whole only when none is missing.

    >>> share_words(0.997), share_words(1.0)
    ('99 %', '100 %')
    """
    return f"{whole_percent(share)} %"


def options_chart(options: Sequence[Option], sheet: Sheet = WIDE) -> str:
    """Draw every option; those on the frontier and the one asked for are numbered, the others stay quiet.

    Parameters
    ----------
    options
        From the fewest people to the most, as the plan holds them; at least one.
    """
    say, numbers = _say(), numbered(options)
    canvas = sheet.canvas("options")
    y = headed(canvas, sheet, say["options_question"])
    canvas.text(sheet.pad, y + 14, say["options_up"], sheet.small, look.QUIET)
    named = len(numbers) <= MOST_NAMED
    right = sheet.right - 14 - (KEY_WIDTH + 16 if named and not sheet.phone else 0)
    plot = _Plot(options, sheet.pad + 46, right, y + 36, y + 36 + (230 if sheet.phone else 280))
    _axes(canvas, sheet, plot)
    labels = _Labels(canvas, sheet, plot)
    _marks(canvas, plot, options)
    for option in options:
        if option.id in numbers:
            labels.put(plot.at(option), str(numbers[option.id]), bold=option.chosen)
    bottom = plot.bottom + 40
    entries = ((say["options_line"], look.NIGHT, 2.0, ""), (say["options_other"], look.LINE, 2.0, RING))
    marks = key(canvas, sheet, entries if len(numbers) < len(options) else entries[:1], bottom)
    bottom = marks
    if named:
        names = [(numbers[o.id], o) for o in options if o.id in numbers]
        left, top = (sheet.pad, bottom + 8) if sheet.phone else (sheet.right - KEY_WIDTH, y + 22)
        bottom = max(bottom, _names(canvas, sheet, names, left, top))
    return canvas.svg(bottom + 6, say["options_question"], " ".join(o.sentence for o in options if o.id in numbers))


@dataclass(frozen=True)
class _Plot:
    """Where people and shares lie."""

    options: Sequence[Option]
    left: float
    right: float
    top: float
    bottom: float

    @property
    def marks(self) -> list[int]:
        """Numbers along the axis of people, narrow where few people are between the first option and the last."""
        return ticks(max(o.people for o in self.options) * 1.04, self.right - self.left, 44)

    def x(self, people: float) -> float:
        """Return where a number of people lies."""
        return self.left + (self.right - self.left) * people / self.marks[-1]

    def y(self, share: float) -> float:
        """Return where a share lies."""
        return self.bottom - (self.bottom - self.top) * share

    def at(self, option: Option) -> Point:
        """Return where an option lies."""
        return self.x(option.people), self.y(option.share_served)

    def frontier(self) -> list[Point]:
        """Return the points to join: those that serve more than all with fewer people, or as many, before them."""
        best, joined = -1.0, []
        for option in sorted(self.options, key=lambda o: (o.people, -o.share_served)):
            if option.share_served > best + 1e-9:
                best = option.share_served
                joined.append(self.at(option))
        return joined


def _axes(canvas: Canvas, sheet: Sheet, plot: _Plot) -> None:
    for hundredth in (0, 25, 50, 75, 100):
        y = plot.y(hundredth / 100)
        canvas.line(plot.left, y, plot.right, y, look.LINE if hundredth else look.QUIET, 0.75)
        canvas.text(plot.left - 8, y + 4, f"{hundredth} %", sheet.small, look.QUIET, "end")
    for people in plot.marks:
        canvas.text(plot.x(people), plot.bottom + 16, str(people), sheet.small, look.QUIET, "middle")
    canvas.text(plot.right, plot.bottom + 32, _say()["options_across"], sheet.small, look.QUIET, "end")


def _marks(canvas: Canvas, plot: _Plot, options: Sequence[Option]) -> None:
    joined = plot.frontier()
    if len(joined) > 1:
        canvas.stroke(joined, look.NIGHT, 2)
    for option in options:
        x, y = plot.at(option)
        if not option.frontier and not option.chosen:
            canvas.circle(x, y, 3, "#FFFFFF", look.LINE)
    for option in options:
        x, y = plot.at(option)
        if option.frontier and not option.chosen:
            canvas.circle(x, y, 4.5, look.LEVELS[2], look.NIGHT)
    for option in options:
        if option.chosen:
            canvas.diamond(*plot.at(option), 8, look.NIGHT, "#FFFFFF")


@dataclass
class _Labels:
    """Puts numbers beside their marks where nothing else lies, with a thin line to those that had to move away."""

    canvas: Canvas
    sheet: Sheet
    plot: _Plot
    taken: list[tuple[float, float, float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for option in self.plot.options:
            x, y = self.plot.at(option)
            r = 9.0 if option.chosen else 6.0
            self.taken.append((x - r, y - r, x + r, y + r))
        joined = self.plot.frontier()
        for start, end in pairwise(joined):
            self.taken += [(x - 1.5, y - 1.5, x + 1.5, y + 1.5) for x, y in _along(start, end)]

    def put(self, mark: Point, text: str, bold: bool) -> None:
        """Write one number; where there is no room near its mark, the table alone holds it."""
        size = self.sheet.small + 0.5
        wide, tall = width_of(text, size, bold) / SLACK, size
        for x, y, radius in self._places(mark):
            box = (x - wide / 2 - 1, y - tall / 2 - 1, x + wide / 2 + 1, y + tall / 2 + 1)
            if self._free(box):
                if radius > 20:
                    self._lead(mark, (x, y), wide)
                self.canvas.text(x, y + size * 0.36, text, size, look.INK, "middle", bold)
                self.taken.append(box)
                return

    def _places(self, mark: Point) -> Iterator[tuple[float, float, float]]:
        # Above and to the left first: the frontier runs up to the right, and nothing lies beyond it.
        for radius in range(14, 90, 6):
            for turn in (0.625, 0.75, 0.5, 0.875, 0.375, 0.25, 0.125, 0.0, 0.69, 0.56, 0.81, 0.44, 0.31, 0.19):
                angle = 2 * pi * turn
                yield mark[0] + radius * cos(angle), mark[1] + radius * sin(angle), radius

    def _free(self, box: tuple[float, float, float, float]) -> bool:
        plot, (left, top, right, bottom) = self.plot, box
        if left < plot.left + 1 or right > plot.right + 14 or top < plot.top - 18 or bottom > plot.bottom - 1:
            return False
        return not any(left < x2 and right > x1 and top < y2 and bottom > y1 for x1, y1, x2, y2 in self.taken)

    def _lead(self, mark: Point, to: Point, wide: float) -> None:
        across, down = to[0] - mark[0], to[1] - mark[1]
        long = (across**2 + down**2) ** 0.5
        stop = (long - wide / 2 - 6) / long
        end = (mark[0] + across * stop, mark[1] + down * stop)
        start = (mark[0] + across * 7 / long, mark[1] + down * 7 / long)
        self.canvas.line(*start, *end, look.QUIET, 0.75)
        self.taken += [(x - 1, y - 1, x + 1, y + 1) for x, y in _along(start, end)]


def _along(start: Point, end: Point) -> list[Point]:
    """Return points every three pixels from one point to another."""
    long = ((end[0] - start[0]) ** 2 + (end[1] - start[1]) ** 2) ** 0.5
    count = max(1, ceil(long / 3))
    return [
        (start[0] + (end[0] - start[0]) * n / count, start[1] + (end[1] - start[1]) * n / count)
        for n in range(count + 1)
    ]


def _names(canvas: Canvas, sheet: Sheet, names: Sequence[tuple[int, Option]], left: float, y: float) -> float:
    """Write what the numbers stand for; return how far down that reaches."""
    say, room = _say(), sheet.right - left - 22
    for number, option in names:
        figures = say["options_figures"].format(people=option.people, share=share_words(option.share_served))
        title = f"{option.title} ({say['options_asked']})" if option.chosen else option.title
        y += 5
        canvas.text(left + 14, y + 15, str(number), sheet.small + 0.5, look.INK, "end", bold=True)
        for bold, text in ((option.chosen, title), (False, figures)):
            for line in wrap(text, room * SLACK, sheet.small + 0.5, bold):
                y += 15
                canvas.text(left + 22, y, line, sheet.small + 0.5, look.INK if text == title else look.QUIET, bold=bold)
    return y + 4


def _say() -> Any:
    return words()["staffing"]["charts"]
