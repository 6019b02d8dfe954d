"""What a picture of bars over dates is made of, how much room each part takes, and how it falls into pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from ..planning.roadmap import State
from . import look
from .charts import width_of, wrap

MOST_ROWS, MOST_HEIGHT = 40, 830.0  # of a page, in the wide shape's units; A4 has room for them under a heading
SLACK = 0.95  # of a line's room is filled: where our font is missing, another may be wider


@dataclass(frozen=True)
class Row:
    """One line: a bar from ``start`` to ``end``, the day ``late`` it may run on to, or days marked by ``ticks``.

    ``holds``: a delay of it delays the launch. ``mark``: a diamond at the start ("opening") or the end ("review").
    """

    id: str
    title: str
    start: date | None = None
    end: date | None = None
    late: date | None = None
    state: State = "planned"
    holds: bool = False
    bar: bool = True
    mark: Literal["", "opening", "review"] = ""
    ticks: tuple[date, ...] = ()

    def days(self) -> Iterator[date]:
        """Yield the days it is drawn at."""
        yield from (d for d in (self.start, self.end, self.late, *self.ticks) if d)


@dataclass(frozen=True)
class Group:
    """Rows under a heading."""

    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Window:
    """A stretch of days in which some work must not run."""

    title: str
    first: date
    last: date


@dataclass(frozen=True)
class Picture:
    """All that is drawn, with its words. ``launch`` holds the planned day, and those of half and four in five plans."""

    groups: tuple[Group, ...]
    first: date
    last: date
    question: str
    says: str
    spoken: str
    words: Mapping[str, str]
    launch: tuple[date, ...] = ()
    launch_name: str = ""
    today: date | None = None
    windows: tuple[Window, ...] = ()
    notice: str = ""
    locale: str = "en"


@dataclass(frozen=True)
class Shape:
    """Sizes in the drawing's own units; ``label`` is the room for titles beside the bars, 0 to put them above."""

    width: float
    pad: float
    label: float
    text: float
    small: float
    heading: float
    step: float
    strip: float
    bar: float

    @property
    def right(self) -> float:
        """Where bars and texts end."""
        return self.width - max(self.pad, 8)

    @property
    def left(self) -> float:
        """Where the axis begins."""
        return self.pad + self.label


WIDE = Shape(width=760, pad=1, label=371, text=11, small=11, heading=13, step=12.5, strip=17, bar=9)
PHONE = Shape(width=360, pad=12, label=0, text=13, small=12.5, heading=15, step=16.5, strip=20, bar=11)


def indent_of(row: Row, shape: Shape) -> float:
    """Return how far a title stands in, so that its code finds room."""
    if shape.label:
        return 34.0
    return width_of(row.id, shape.text) / SLACK + 8 if row.id else 0.0


def row_lines(row: Row, shape: Shape) -> list[str]:
    """Return a row's title in as many lines as it needs."""
    room = (shape.label or shape.right - shape.pad) - indent_of(row, shape) - (10 if shape.label else 0)
    return wrap(row.title, room * SLACK, shape.text)


def row_height(row: Row, shape: Shape) -> float:
    """Return how tall a row is drawn."""
    texts = len(row_lines(row, shape)) * shape.step
    return max(shape.strip, texts + 5) if shape.label else texts + 6 + shape.strip


def title_lines(title: str, shape: Shape) -> list[str]:
    """Return a heading in as many lines as it needs."""
    return wrap(title, (shape.label - 10 if shape.label else shape.right - shape.pad) * SLACK, shape.heading, bold=True)


def heading_height(title: str, shape: Shape) -> float:
    """Return how tall a heading is drawn."""
    return 14 + shape.heading * 1.25 * len(title_lines(title, shape))


def heights(group: Group, shape: Shape) -> list[float]:
    """Return how tall a group's heading and each of its rows are drawn."""
    return [heading_height(group.title, shape), *(row_height(row, shape) for row in group.rows)]


def month(day: date, locale: str, *, year: bool) -> str:
    """Write a month, with its year where asked.

    >>> month(date(2027, 4, 1), "en", year=True), month(date(2027, 4, 1), "fr", year=False)
    ('Apr 2027', 'avr.')
    """
    if locale == "en":
        return f"{day:%b} {day.year}" if year else f"{day:%b}"
    from babel.dates import format_date

    return str(format_date(day, "MMM y" if year else "MMM", locale=locale))


def day_words(day: date, locale: str) -> str:
    """Write a day in the language of the picture."""
    if locale == "en":
        return look.day(day)
    from babel.dates import format_date

    return str(format_date(day, "d MMM y", locale=locale))


def pages(picture: Picture, most_rows: int = MOST_ROWS, most_height: float = MOST_HEIGHT) -> list[Picture]:
    """Split a picture into pages over the same dates; a group that goes on says so."""
    found: list[list[Group]] = [[]]
    count, tall = 0, 0.0
    for group in picture.groups:
        head, *rows = heights(group, WIDE)
        rest, sizes = list(group.rows), list(rows)
        title = group.title
        while rest:
            fits = _fitting(sizes, most_rows - count, most_height - tall - head)
            if fits < min(2, len(rest)) and found[-1]:
                found.append([])
                count, tall = 0, 0.0
                continue
            fits = max(1, fits)
            found[-1].append(Group(title, tuple(rest[:fits])))
            count, tall = count + fits, tall + head + sum(sizes[:fits])
            rest, sizes = rest[fits:], sizes[fits:]
            title = picture.words["continued"].format(title=group.title)
    return [replace(picture, groups=tuple(groups)) for groups in found]


def _fitting(sizes: Sequence[float], rows: int, height: float) -> int:
    """Return how many of the rows find room."""
    n = 0
    while n < min(rows, len(sizes)) and sum(sizes[: n + 1]) <= height:
        n += 1
    return n
