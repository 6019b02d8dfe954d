"""The roadmap as bars over dates: one layout for paper (wide), for a phone, and for reading from the right.

Text stands where no bar can be: beside the bars on paper, above them on a phone. No title is ever cut: it wraps. The
layout knows rows, groups and dates only; ``pictures`` takes them from the results.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Literal

from ..planning.roadmap import Scheduled, State
from ..results import Results
from . import look
from .charts import Axis, Canvas, launch_name, launch_words, phases_of, width_of, wrap
from .report_blocks import words

HOLDS = 0.5  # drawn dark: a delay of it delays the launch in half of the simulated plans
MOST_ROWS, MOST_HEIGHT = 40, 830.0  # of a page, in the wide shape's units; A4 has room for them under a heading
SLACK = 0.95  # of a line's room is filled: where our font is missing, another may be wider
SAMPLE = 30.0  # a legend's picture
By = Literal["phase", "owner"]


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


class Mirrored(Canvas):
    """A canvas read from the right: places mirror, digits and words do not."""

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
        super().text(self.width - x, y, f"\u2067{text}\u2069", size, fill, swapped, bold)


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
        for n, line in enumerate(_title_lines(title, s)):
            self.canvas.text(
                s.pad, self.y + 8 + s.heading + n * s.heading * 1.25, line, s.heading, look.NIGHT, bold=True
            )
        self.y += _heading_height(title, s)
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
        s, tall = self.shape, _row_height(row, self.shape)
        indent = _indent(row, s)
        texts = _row_lines(row, s)
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


# --- how tall things are ---


def _indent(row: Row, shape: Shape) -> float:
    if shape.label:
        return 34.0
    return width_of(row.id, shape.text) / SLACK + 8 if row.id else 0.0


def _row_lines(row: Row, shape: Shape) -> list[str]:
    room = (shape.label or shape.right - shape.pad) - _indent(row, shape) - (10 if shape.label else 0)
    return wrap(row.title, room * SLACK, shape.text)


def _row_height(row: Row, shape: Shape) -> float:
    texts = len(_row_lines(row, shape)) * shape.step
    return max(shape.strip, texts + 5) if shape.label else texts + 6 + shape.strip


def _title_lines(title: str, shape: Shape) -> list[str]:
    return wrap(title, (shape.label - 10 if shape.label else shape.right - shape.pad) * SLACK, shape.heading, bold=True)


def _heading_height(title: str, shape: Shape) -> float:
    return 14 + shape.heading * 1.25 * len(_title_lines(title, shape))


def heights(group: Group, shape: Shape) -> list[float]:
    """Return how tall a group's heading and each of its rows are drawn."""
    return [_heading_height(group.title, shape), *(_row_height(row, shape) for row in group.rows)]


# --- dates in words ---


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


# --- what is drawn ---


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


def picture_of(results: Results, by: By = "phase") -> Picture:
    """Return what the results' roadmap looks like, by phase or by owner."""
    plan, say = results.roadmap, words()["gantt"]
    groups = tuple(_groups(results, by))
    opening = tuple(_openings(results))
    if opening:
        groups = (Group(say["openings"], opening), *groups)
    windows = tuple(Window(w.title, w.first, w.last) for w in getattr(plan, "windows", ()))
    launch = (plan.launch.planned, plan.launch.p50, plan.launch.p80) if plan.launch else ()
    days = [d for g in groups for r in g.rows for d in r.days()]
    spoken = say["spoken"].format(count=len(plan.activities), start=look.day(plan.start), launch=launch_words(results))
    return Picture(
        groups=groups,
        first=min([plan.start, *days]),
        last=max([plan.start + timedelta(days=30), *launch, *days]),
        question=say["question"],
        says=launch_words(results),
        spoken=spoken + "".join(f" {_spoken_group(g)}" for g in groups if any(r.bar and r.start for r in g.rows)),
        words=say,
        launch=launch,
        launch_name=launch_name(results),
        today=plan.today,
        windows=windows,
    )


def _spoken_group(group: Group) -> str:
    starts, ends = [r.start for r in group.rows if r.start], [r.end for r in group.rows if r.end]
    first, last = look.day(min(starts)), look.day(max(ends))
    return str(words()["gantt"]["spoken_group"].format(title=group.title, first=first, last=last, count=len(starts)))


def _openings(results: Results) -> Iterator[Row]:
    """Yield a row for each step of the opening, and for each payer whose money arrives in parts."""
    plan, say = results.roadmap, words()["gantt"]
    for stage in plan.stages:
        yield Row("", stage.title, stage.planned, stage.planned, stage.p80, bar=False, mark="opening")
    if plan.launch and not plan.stages:
        day = plan.launch.planned
        yield Row("", launch_name(results), day, day, plan.launch.p80, bar=False, mark="opening")
    for purse in plan.purses:
        if purse.over is not None:
            days = [p.day for before, p in zip((None, *purse.curve), purse.curve, strict=False) if _more(before, p)]
            yield Row("", say["money"].format(payer=purse.payer.replace("_", " ")), ticks=tuple(days))


def _more(before: object, now: object) -> bool:
    released = getattr(before, "released", 0.0)
    return bool(getattr(now, "released", 0.0) > released)


def _groups(results: Results, by: By) -> Iterator[Group]:
    if by == "phase":
        for phase, activities in phases_of(results.roadmap, results.phase_titles):
            yield Group(results.phase_titles[phase], tuple(_row(results, a) for a in activities))
        return
    owners: dict[str, list[Scheduled]] = {}
    for a in results.roadmap.activities:
        owners.setdefault(results.instrument.role_title(a.task.owner), []).append(a)
    for owner, activities in owners.items():
        yield Group(owner, tuple(_row(results, a) for a in activities))


def _row(results: Results, a: Scheduled) -> Row:
    plan, task = results.roadmap, a.task
    file = results.instrument.gates_file
    opens = plan.launch is not None and plan.launch.activity == task.id == file.launched_by
    reviews = task.id in file.reviewed_by.values()
    holds = plan.launch is not None and a.critical >= HOLDS
    mark: Literal["", "opening", "review"] = "opening" if opens else "review" if reviews else ""
    return Row(task.id, task.title, a.start, a.end, a.p80, a.state, holds, mark=mark)


def whole(results: Results, by: By = "phase") -> str:
    """Draw the whole roadmap as one wide picture; a file of its own, it carries the notice."""
    return draw(replace(picture_of(results, by), notice=results.facts.notice), WIDE, "gantt")


def figures(results: Results, by: By = "phase") -> list[tuple[str, str, str]]:
    """Return the pages of the roadmap, each with its name, as a wide drawing and as one for a phone."""
    parts = pages(picture_of(results, by))
    found = []
    for n, part in enumerate(parts, 1):
        say = part.words["part"].format(question=part.question, part=n) if len(parts) > 1 else part.question
        name, page = f"gantt-{n}", replace(part, question=say, says=part.says if n == 1 else "")
        found.append((name, draw(page, WIDE, name), draw(page, PHONE, f"{name}-phone")))
    return found
