"""People and money over three years: advocates productive against those needed, and what each group costs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import Any

from ..planning.hiring import Cohort, HiringMonth, HiringPlan
from . import look
from .chart_parts import SLACK, Sheet, headed, key, ticks
from .charts import Canvas, width_of
from .report_blocks import words

TALL = 190.0


def hiring_chart(plan: HiringPlan, sheet: Sheet, running: bool = False) -> str:
    """Draw productive and needed advocates by month, with the academy classes along the foot.

    Parameters
    ----------
    running
        Whether the line is open already: month 0 is then the start of the plan, and no launch.
    """
    say = words()["staffing"]["charts"]
    canvas = sheet.canvas("hiring")
    y = headed(canvas, sheet, say["hiring_question"])
    entries = ((say["productive"], look.MET, 2.0, ""), (say["needed"], look.NIGHT, 2.0, "6 3"))
    y = key(canvas, sheet, entries, y)
    months = plan.months
    first, last = months[0].month, months[-1].month + 1
    marks = ticks(max([1.0, *(m.needed for m in months), *(m.productive for m in months)]), TALL, 22)
    left = sheet.pad + width_of(str(marks[-1]), sheet.small) / SLACK + 8
    top, bottom = y + 14, y + 14 + TALL

    def at(month: float, count: float) -> tuple[float, float]:
        return left + (sheet.right - left) * (month - first) / (last - first), bottom - TALL * count / marks[-1]

    for mark in marks:
        _, height = at(first, mark)
        canvas.line(left, height, sheet.right, height, look.LINE if mark else look.QUIET, 0.75)
        canvas.text(left - 6, height + 4, str(mark), sheet.small, look.QUIET, "end")
    x, _ = at(0, 0)
    canvas.line(x, top, x, bottom + 4, look.QUIET, 1)
    start = say["plan_start" if running else "launch"]
    _months(canvas, sheet, say, start, [at(m, 0)[0] for m in (0, 12, 24, 36) if m <= last], bottom)
    canvas.stroke([at(m.month + part, m.productive) for m in months for part in (0, 1)], look.MET, 2)
    runs = [(n, [m.month for m in run]) for n, run in groupby((m for m in months if m.month >= 0), lambda m: m.needed)]
    _needed(canvas, [(at(run[0], n), at(run[-1] + 1, n)) for n, run in runs])
    end = _classes(canvas, sheet, say, [(at(c.month + 0.5, 0)[0], c) for c in plan.cohorts], bottom + 26)
    return canvas.svg(end + 6, say["hiring_question"], _spoken(say, plan.months, plan.cohorts))


def _months(canvas: Canvas, sheet: Sheet, say: Any, start: str, places: Sequence[float], bottom: float) -> None:
    """Name the start and the ends of the years, the last first, as far as there is room."""
    free = sheet.right
    for n, x in reversed(list(enumerate(places))):
        text = start if n == 0 else say["month"].format(month=12 * n)
        wide = width_of(text, sheet.small) / SLACK
        left = min(max(x - wide / 2, sheet.pad), sheet.right - wide)
        if left + wide <= free:
            canvas.text(left + wide / 2, bottom + 17, text, sheet.small, look.QUIET, "middle")
            free = left - 8


def _needed(canvas: Canvas, runs: Sequence[tuple[tuple[float, float], tuple[float, float]]]) -> None:
    """Draw the need as dashed steps."""
    for (x1, y), (x2, _) in runs:
        canvas.line(x1, y, x2, y, look.NIGHT, 2, "6 3")
    for (_, (x, y1)), ((_, y2), _) in pairwise(runs):
        if y1 != y2:
            canvas.line(x, y1, x, y2, look.NIGHT, 2, "6 3")


def _classes(canvas: Canvas, sheet: Sheet, say: Any, classes: Sequence[tuple[float, Cohort]], y: float) -> float:
    """Draw a diamond for each class, and how many begin where there is room for it; return how far down it reaches."""
    if not classes:
        return y
    free = [sheet.pad, sheet.pad]  # two rows: classes a month apart stand in turn
    for x, cohort in classes:
        canvas.diamond(x, y + 10, 4.5, look.LEVELS[2], look.NIGHT)
        text = str(cohort.entrants)
        half = width_of(text, sheet.small) / SLACK / 2 + 2
        row = next((n for n in (0, 1) if x - half >= free[n]), None)
        if row is not None and x + half <= sheet.right:
            canvas.text(x, y + 28 + 14 * row, text, sheet.small, look.INK, "middle")
            free[row] = x + half
    if free[1] > sheet.pad:
        y += 14
    canvas.diamond(sheet.pad + 5, y + 44, 4.5, look.LEVELS[2], look.NIGHT)
    canvas.text(sheet.pad + 16, y + 48, say["classes"], sheet.small, look.QUIET)
    return y + 50


def _spoken(say: Any, months: Sequence[HiringMonth], cohorts: Sequence[Cohort]) -> str:
    yearly = [m for m in months if m.month in (0, 12, 24, 35)]
    lines = [
        say["hiring_spoken"].format(month=m.month, productive=f"{m.productive:.1f}", needed=f"{m.needed:.1f}")
        for m in yearly
    ]
    begun = "; ".join(say["class_spoken"].format(month=c.month, entrants=c.entrants) for c in cohorts)
    return " ".join([*lines, *([begun + "."] if begun else [])])
