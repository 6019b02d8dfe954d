"""Charts as SVG text, by our own code: the same drawing goes into Word, PDF, HTML and the site.

Every function is pure, draws with our own font's name, carries a title and a description for screen readers, and
still reads when printed in grey. Numbers are laid out, never computed: a bar's length is geometry.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from html import escape

from ..assessment.gates import GateResult
from ..planning.roadmap import Purse, Roadmap, Scheduled
from ..results import Results
from . import look
from .report_blocks import words

# Advances of Noto Sans Regular for the characters 32 to 126, in thousandths of an em (its hmtx table).
_ADVANCES = """
260 269 408 646 572 831 732 225 300 300 551 572 268 322 268 372 572 572 572 572 572 572 572 572 572 572 268
268 572 572 572 434 899 639 650 632 730 556 519 728 741 339 273 619 524 907 760 781 605 781 622 549 556 731
600 930 586 566 572 329 372 329 572 444 281 561 615 480 615 564 344 615 618 258 258 534 258 935 618 605 615
615 413 479 361 618 508 786 529 510 470 380 551 380 572
"""
ADVANCES = [int(n) for n in _ADVANCES.split()]
ADVANCE_OTHER = 650
BOLDER = 1.08


def width_of(text: str, size: float, bold: bool = False) -> float:
    """Estimate how wide a line of text is drawn, in pixels."""
    ems = sum(ADVANCES[ord(c) - 32] if 32 <= ord(c) < 127 else ADVANCE_OTHER for c in text) / 1000
    return ems * size * (BOLDER if bold else 1)


def wrap(text: str, width: float, size: float, bold: bool = False) -> list[str]:
    """Break a text into lines no wider than ``width`` pixels; a word too long for a line is broken too.

    >>> wrap("Which gates are open?", 70, 10)
    ['Which gates', 'are open?']
    """
    lines: list[str] = []
    for word in (part for whole in text.split() for part in _pieces(whole, width, size, bold)):
        if lines and width_of(f"{lines[-1]} {word}", size, bold) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _pieces(word: str, width: float, size: float, bold: bool) -> list[str]:
    pieces = [""]
    for letter in word:
        if pieces[-1] and width_of(pieces[-1] + letter, size, bold) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def shorten(text: str, width: float, size: float) -> str:
    """Cut a text at a word so that it fits, with an ellipsis where something was cut."""
    if width_of(text, size) <= width:
        return text
    words = text.split()
    while len(words) > 1 and width_of(" ".join(words) + "…", size) > width:
        words.pop()
    return " ".join(words).rstrip(" ,;:") + "…"


@dataclass
class Canvas:
    """A drawing that grows: shapes are added in order and written out once.

    ``headed``: its title stands on one line at its top; otherwise whoever draws writes it.
    """

    name: str
    width: float
    parts: list[str] = field(default_factory=list)
    headed: bool = True

    def rect(self, x: float, y: float, w: float, h: float, fill: str, stroke: str = "none", rx: float = 2) -> None:
        """Draw a box."""
        self.parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{w:.4g}" height="{h:g}" rx="{rx:g}" fill="{fill}" stroke="{stroke}"/>'
        )

    def line(self, x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1, dash: str = "") -> None:
        """Draw a straight line."""
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        self.parts.append(
            f'<line x1="{x1:.5g}" y1="{y1:.5g}" x2="{x2:.5g}" y2="{y2:.5g}" stroke="{colour}" stroke-width="{width:g}"'
            f"{dashes}/>"
        )

    def diamond(self, x: float, y: float, r: float, fill: str, stroke: str = "none") -> None:
        """Draw a diamond around a point."""
        points = f"{x:.5g},{y - r:.5g} {x + r:.5g},{y:.5g} {x:.5g},{y + r:.5g} {x - r:.5g},{y:.5g}"
        self.parts.append(f'<polygon points="{points}" fill="{fill}" stroke="{stroke}" stroke-width="1.5"/>')

    def stroke(self, points: Sequence[tuple[float, float]], colour: str, width: float = 2) -> None:
        """Draw a line through points."""
        through = " ".join(f"{x:.5g},{y:.5g}" for x, y in points)
        self.parts.append(f'<polyline points="{through}" fill="none" stroke="{colour}" stroke-width="{width:g}"/>')

    def circle(self, x: float, y: float, r: float, fill: str, stroke: str) -> None:
        """Draw a disc."""
        self.parts.append(
            f'<circle cx="{x:.5g}" cy="{y:.5g}" r="{r:g}" fill="{fill}" stroke="{stroke}" stroke-width="2"/>'
        )

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
        """Write one line of text, escaped."""
        weight = ' font-weight="700"' if bold else ""
        self.parts.append(
            f'<text x="{x:.5g}" y="{y:.5g}" font-size="{size:g}" fill="{fill}" text-anchor="{anchor}"{weight}>'
            f"{escape(text)}</text>"
        )

    def hatch(self) -> str:
        """Return a fill of grey stripes: what is not known is striped, in colour and in grey."""
        ident = f"{self.name}-hatch"
        self.parts.append(
            f'<defs><pattern id="{ident}" width="6" height="6" patternUnits="userSpaceOnUse">'
            f'<rect width="6" height="6" fill="#FFFFFF"/>'
            f'<path d="M-1,1 l2,-2 M0,6 l6,-6 M5,7 l2,-2" stroke="{look.QUIET}" stroke-width="1.2"/></pattern></defs>'
        )
        return f"url(#{ident})"

    def svg(self, height: float, question: str, description: str) -> str:
        """Return the drawing; ``question`` is its title, ``description`` what a screen reader says."""
        visible = f'<text x="0" y="18" font-size="17" font-weight="700" fill="{look.NIGHT}">{escape(question)}</text>\n'
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:g} {height:g}" role="img" '
            f'aria-labelledby="{self.name}-title {self.name}-desc" font-family="{look.FONT}">\n'
            f'<title id="{self.name}-title">{escape(question)}</title>\n'
            f'<desc id="{self.name}-desc">{escape(description)}</desc>\n'
            f'<rect width="{self.width:g}" height="{height:g}" fill="#FFFFFF"/>\n'
        )
        return head + (visible if self.headed else "") + "\n".join(self.parts) + "\n</svg>\n"


def phases_of(roadmap: Roadmap, titles: Iterable[str]) -> list[tuple[str, list[Scheduled]]]:
    """Return the scheduled activities by phase, phases in their order and activities by start."""
    groups = [(phase, [a for a in roadmap.activities if a.task.phase == phase]) for phase in titles]
    return [(phase, activities) for phase, activities in groups if activities]


def is_decision(results: Results, activity: Scheduled) -> bool:
    """Return whether an activity is a gate review or the launch: drawn as a diamond."""
    file = results.instrument.gates_file
    return activity.task.id in {*file.reviewed_by.values(), file.launched_by}


@dataclass(frozen=True)
class Axis:
    """Dates along the width."""

    first: date
    last: date
    left: float
    right: float

    def x(self, day: date) -> float:
        """Return where a day lies."""
        return self.left + (self.right - self.left) * (day - self.first).days / max(1, (self.last - self.first).days)

    def quarters(self) -> list[date]:
        """Return the first days of the quarters in view."""
        years = range(self.first.year, self.last.year + 1)
        days = [date(year, month, 1) for year in years for month in (1, 4, 7, 10)]
        return [d for d in days if self.first <= d <= self.last]


def gantt(results: Results) -> str:
    """Draw the whole roadmap as one wide picture: see gantt.py, which lays it out for paper and phone too."""
    from . import gantt as drawing

    return drawing.whole(results)


def launch_name(results: Results) -> str:
    """Return what the plan leads up to: a launch, or for a line that is open already, its gate review."""
    launch = results.roadmap.launch
    return "Launch" if launch and launch.activity == results.instrument.gates_file.launched_by else "Gate review"


def launch_words(results: Results) -> str:
    """Write the launch dates as a sentence, or that the plan holds none."""
    launch = results.roadmap.launch
    if launch is None:
        return "This plan holds no launch."
    return (
        f"{launch_name(results)} planned for {look.day(launch.planned)}; half of the simulated plans get there by "
        f"{look.day(launch.p50)}, four in five by {look.day(launch.p80)}."
    )


def unmet_gates(results: Results) -> tuple[list[GateResult], list[str]]:
    """Return the gates that the launch waits for (the first kind there is), and the ids of those that are not met."""
    kinds = [k for k in results.instrument.gates_file.kinds if any(g.kind == k for g in results.gates)]
    gates = [g for g in results.gates if kinds and g.kind == kinds[0]]
    return gates, sorted(g.id for g in gates if g.verdict != "met")


def time_grid(canvas: Canvas, axis: Axis, top: float, bottom: float) -> None:
    """Draw the quarters as lines, with as many dates as find room."""
    crowded = len(axis.quarters()) > 9
    canvas.text(axis.left, top - 8, f"{axis.first:%b} {axis.first.year}", 11, look.QUIET)
    for day in axis.quarters():
        x = axis.x(day)
        canvas.line(x, top - 6, x, bottom, look.LINE, 1.5 if day.month == 1 else 0.75)
        if (day.month == 1 or not crowded) and axis.left + 60 < x < axis.right - 50:
            canvas.text(x + 3, top - 8, f"{day:%b} {day.year}", 11, look.QUIET)
        elif day.month == 7 and x - axis.left > 60:
            canvas.text(x + 3, top - 8, "Jul", 11, look.QUIET)


PANEL = 92.0  # a purse's plot is this tall


def payer(purse: Purse) -> str:
    """Return what a purse is called."""
    return purse.payer.replace("_", " ").capitalize()


def budget_chart(results: Results, phone: bool = False) -> str:
    """Draw for each payer what has arrived and what is committed so far, each panel on its own scale of money."""
    plan, say = results.roadmap, words()["budget"]
    purses = [p for p in plan.purses if p.curve]
    width, size = (360.0, 12.5) if phone else (760.0, 11.0)
    canvas = Canvas("budget-phone" if phone else "budget", width, headed=False)
    left, across = (12.0, 1) if phone else (0.0, 2)
    limited = any(p.over is not None for p in purses)
    question, y = say["question" if limited else "question_open"], 0.0
    for line in wrap(question, width - 2 * left, 19 if phone else 17, bold=True):
        y += 24
        canvas.text(left, y - 4, line, 19 if phone else 17, look.NIGHT, bold=True)
    last = max(point.day for p in purses for point in p.curve)
    room = (width - 2 * left - 24 * (across - 1)) / across
    for n, purse in enumerate(purses):
        x = left + (n % across) * (room + 24)
        tall = _panel(canvas, results, purse, Axis(plan.start, last, x, x + room), y, size)
        if n % across == across - 1 or n == len(purses) - 1:
            y += tall
    for n, key in enumerate(("committed", "released") if limited else ("committed",)):
        at = y + 16 + (18 * n if phone else 0), left + (0 if phone else 330 * n)
        canvas.line(at[1], at[0] - 4, at[1] + 24, at[0] - 4, *BUDGET_LINES[key])
        canvas.text(at[1] + 30, at[0], say[key], size, look.QUIET)
    spoken = "; ".join(_purse_words(results, purse) for purse in purses)
    return canvas.svg(y + (42 if phone else 24), question, f"{spoken}.")


BUDGET_LINES: dict[str, tuple[str, float, str]] = {"committed": (look.NIGHT, 2, ""), "released": (look.MET, 2, "6 3")}


def _panel(canvas: Canvas, results: Results, purse: Purse, axis: Axis, y: float, size: float) -> float:
    """Draw one payer's two lines under its sums; return how tall that is."""
    say, limited = words()["budget"], purse.over is not None
    end = purse.curve[-1]
    text = say["panel" if limited else "panel_open"].format(
        payer=payer(purse), committed=look.number(end.committed), released=look.number(end.released)
    )
    lines = wrap(text, axis.right - axis.left, size + 1, bold=True)
    for n in range(2):  # two lines of room, so that panels side by side stay level
        if n < len(lines):
            canvas.text(axis.left, y + 18 + 15 * n, lines[n], size + 1, look.INK, bold=True)
    top, bottom = y + 42, y + 42 + PANEL
    most = max(max(p.released if limited else 0.0, p.committed) for p in purse.curve) or 1.0
    canvas.line(axis.left, top, axis.right, top, look.LINE, 0.75)
    canvas.line(axis.left, bottom, axis.right, bottom, look.QUIET)
    for year in range(axis.first.year, axis.last.year + 1):
        x = max(axis.left, axis.x(date(year, 1, 1)))
        canvas.line(x, top, x, bottom + 4, look.LINE)
        if x + width_of(str(year), size) <= axis.right:
            canvas.text(x, bottom + 15, str(year), size, look.QUIET)
    for key in ("released", "committed") if limited else ("committed",):
        _steps(canvas, axis, [(p.day, getattr(p, key) / most) for p in purse.curve], (top, bottom), BUDGET_LINES[key])
    return 42 + PANEL + 22


def _steps(
    canvas: Canvas,
    axis: Axis,
    points: Sequence[tuple[date, float]],
    heights: tuple[float, float],
    line: tuple[str, float, str],
) -> None:
    """Draw what grows in steps: level until a day, then up on it."""
    top, bottom = heights
    x, y = axis.left, bottom
    for day, share in [*points, (axis.last, points[-1][1])]:
        to_x, to_y = axis.x(day), bottom - (bottom - top) * share
        canvas.line(x, y, to_x, y, *line)
        canvas.line(to_x, y, to_x, to_y, *line)
        x, y = to_x, to_y


def _purse_words(results: Results, purse: Purse) -> str:
    say, end = words()["budget"], purse.curve[-1]
    committed, last = look.number(end.committed), look.day(end.day)
    currency = results.roadmap.prices.currency
    text = str(say["spoken"].format(payer=payer(purse), committed=committed, currency=currency, last=last))
    return text + (say["spoken_released"].format(released=look.number(end.released)) if purse.over is not None else "")


def options_chart(results: Results) -> str:
    """Draw people against the share of live signals that reach an open line, one mark a choice of hours."""
    canvas, options = Canvas("options", 720), results.staffing.options
    left, right, top, bottom = 60.0, 480.0, 52.0, 300.0
    most = max(o.people for o in options) * 1.1

    def place(people: float, share: float) -> tuple[float, float]:
        return left + (right - left) * people / most, bottom - (bottom - top) * share

    for tenth in (0, 25, 50, 75, 100):
        _, y = place(0, tenth / 100)
        canvas.line(left, y, right, y, look.LINE)
        canvas.text(left - 8, y + 4, f"{tenth} %", 11.5, look.QUIET, "end")
    canvas.line(left, bottom, right, bottom, look.QUIET)
    for people in range(0, int(most) + 1, 5 if most < 60 else 20):
        canvas.text(place(people, 0)[0], bottom + 16, str(people), 11.5, look.QUIET, "middle")
    canvas.text(0, 40, "Share of expected live signals that reach an open line", 12, look.QUIET)
    canvas.text(right, bottom + 34, "People on the pay roll", 12, look.QUIET, "end")
    for option in options:
        x, y = place(option.people, option.share_served)
        if option.chosen:
            canvas.diamond(x, y, 8, look.NIGHT, look.NIGHT)
        else:
            canvas.circle(x, y, 5.5, look.LEVELS[2], look.NIGHT)
        words = f"{option.people} people: {look.percent(option.share_served)}"
        canvas.text(x + 13, y - 1, option.title, 12, look.INK, bold=option.chosen)
        canvas.text(x + 13, y + 13, words + (" (asked for)" if option.chosen else ""), 12, look.INK)
    spoken = " ".join(o.sentence for o in options)
    return canvas.svg(bottom + 42, "How many people for how many hours?", spoken)
