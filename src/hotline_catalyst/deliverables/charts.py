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
from ..planning.roadmap import Roadmap, Scheduled
from ..results import Results
from . import look

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
