"""Money over the plan: for each payer, what has arrived and what is committed, drawn for paper and for a phone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from ..planning.roadmap import Purse
from ..results import Results
from . import look
from .charts import Axis, Canvas, width_of, wrap
from .report_blocks import words

BUDGET_LINES: dict[str, tuple[str, float, str]] = {"committed": (look.NIGHT, 2, ""), "released": (look.MET, 2, "6 3")}
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
