"""The week's advocates: a strip of hours with need and cover in numbers, and both as steps over two typical days.

Operator's edition alone: who knows how many are on shift at three in the morning knows when to come.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

from ..planning.calendar import DAYS, QUARTERS_A_DAY, QUARTERS_A_WEEK, clock_of
from . import look
from .chart_parts import SLACK, Sheet, headed, key, paragraph, ticks
from .charts import Canvas, width_of
from .report_blocks import words

HOURS = 24
PALEST_FOR = 6  # on a small line one or two on shift stay pale: a dark strip would look like a busy one
Pair = tuple[int, int]


def tightest(cover: Sequence[int], need: Sequence[int]) -> list[Pair]:
    """Return for each of the 168 hours cover and need in the quarter-hour with the least to spare."""
    quarters = [(int(c), int(n)) for c, n in zip(cover, need, strict=True)]
    hours = [quarters[h : h + 4] for h in range(0, QUARTERS_A_WEEK, 4)]
    return [min(hour, key=lambda pair: (pair[0] - pair[1], -pair[1])) for hour in hours]


def heat_strip(cover: Sequence[int], need: Sequence[int], sheet: Sheet) -> str:
    """Draw the week hour by hour: the number on shift and the number needed on a fill that is darker for more.

    Parameters
    ----------
    cover, need
        Advocates on shift and needed in the week's 672 quarter-hours; 0 where the line is closed.
    """
    say, hours = _say(), tightest(cover, need)
    canvas, top = sheet.canvas("week"), max(PALEST_FOR, *(c for c, _ in hours))
    y = headed(canvas, sheet, say["week_question"])
    y = paragraph(canvas, sheet, say["week_key_phone" if sheet.phone else "week_key"], y, sheet.small) + 6
    across, down = (DAYS, HOURS) if sheet.phone else (range(HOURS), len(DAYS))
    label = 34.0 if sheet.phone else 40.0
    wide, tall = (sheet.right - sheet.pad - label) / len(across), 22.0 if sheet.phone else 36.0
    for n in range(len(across)):
        name = say["days_short"][n] if sheet.phone else f"{n:02d}"
        canvas.text(sheet.pad + label + wide * (n + 0.5), y + 14, name, sheet.small, look.QUIET, "middle")
    y += 20
    for row in range(down):
        name = f"{row:02d}" if sheet.phone else say["days_short"][row]
        canvas.text(sheet.pad, y + tall / 2 + 4, name, sheet.small, look.QUIET)
        for n in range(len(across)):
            hour = n * HOURS + row if sheet.phone else row * HOURS + n
            box = (sheet.pad + label + wide * n + 0.75, y + 0.75, wide - 1.5, tall - 1.5)
            _cell(canvas, sheet, hours[hour], box, top)
        y += tall
    return canvas.svg(y + 6, say["week_question"], _spoken(hours))


def _cell(canvas: Canvas, sheet: Sheet, pair: Pair, box: tuple[float, float, float, float], top: int) -> None:
    (cover, need), (x, y, w, h) = pair, box
    if not cover and not need:
        canvas.rect(x, y, w, h, "#FFFFFF", look.LINE, rx=1)
        return
    level = max(1, min(4, round(4 * cover / top)))
    ink = "#FFFFFF" if level == len(look.LEVELS) - 1 else look.INK
    canvas.rect(x, y, w, h, look.LEVELS[level], look.NOT_MET if cover < need else "none", rx=1)
    if sheet.phone:
        canvas.text(x + w / 2, y + h / 2 + 4.5, f"{cover}/{need}", sheet.small, ink, "middle")
    else:
        canvas.text(x + w / 2, y + 15, str(cover), 13, ink, "middle", bold=True)
        canvas.text(x + w / 2, y + 29.5, str(need), sheet.small, ink, "middle")


def _spoken(hours: Sequence[Pair]) -> str:
    say, sentences = _say(), []
    for n, name in enumerate(say["days"]):
        on_shift = [c for c, needed in hours[n * HOURS : (n + 1) * HOURS] if c or needed]
        text = say["week_spoken" if on_shift else "week_closed"]
        sentences.append(text.format(day=name, fewest=min(on_shift, default=0), most=max(on_shift, default=0)))
    return " ".join(sentences)


def typical(cover: Sequence[int], days: Sequence[int]) -> int:
    """Return the middle one of ``days`` (0 Monday) by the advocate hours on shift; of days alike, the first."""
    totals = {d: sum(int(c) for c in cover[d * QUARTERS_A_DAY : (d + 1) * QUARTERS_A_DAY]) for d in days}
    middle = sorted(totals.values())[len(totals) // 2]
    return next(d for d in days if totals[d] == middle)


def day_steps(cover: Sequence[int], need: Sequence[int], weekend: Sequence[str], sheet: Sheet) -> str:
    """Draw cover against need over a typical weekday and a typical day of the weekend.

    Parameters
    ----------
    weekend
        The country's days of rest, as in its file.
    """
    say, canvas = _say(), sheet.canvas("days")
    y = headed(canvas, sheet, say["days_question"])
    entries = ((say["cover"], look.LEVELS[3], 3.0, ""), (say["need"], look.NIGHT, 2.0, ""))
    y = key(canvas, sheet, entries, y)
    rest = [n for n, day in enumerate(DAYS) if day in weekend]
    kinds = [(say["weekday"], [n for n in range(7) if n not in rest]), (say["weekend"], rest)]
    shown = [(title, typical(cover, days)) for title, days in kinds if days]
    most = max(1, *(int(c) for c in cover), *(int(n) for n in need))
    across = 1 if sheet.phone else len(shown)
    room = (sheet.right - sheet.pad - 28 * (across - 1)) / across
    bottom = y
    for n, (title, day) in enumerate(shown):
        left = sheet.pad + (n % across) * (room + 28)
        named = title.format(day=say["days"][day])
        part = slice(day * QUARTERS_A_DAY, (day + 1) * QUARTERS_A_DAY)
        top = y if across > 1 else bottom
        end = _panel(canvas, sheet, named, (cover[part], need[part]), most, (left, left + room, top))
        bottom = max(bottom, end)
    spoken = " ".join(_day_spoken(title, day, cover, need) for title, day in shown)
    return canvas.svg(bottom + 4, say["days_question"], spoken)


def _panel(
    canvas: Canvas,
    sheet: Sheet,
    title: str,
    lines: tuple[Sequence[int], Sequence[int]],
    most: int,
    place: tuple[float, float, float],
) -> float:
    """Draw one day; return how far down it reaches."""
    (left, right, y), (cover, need), tall = place, lines, 150.0
    canvas.text(left, y + 16, title, sheet.small + 1, look.INK, bold=True)
    bottom = y + 32 + tall
    marks = ticks(most, tall)
    left += width_of(str(marks[-1]), sheet.small) / SLACK + 8

    def at(quarter: float, count: float) -> tuple[float, float]:
        return left + (right - left) * quarter / QUARTERS_A_DAY, bottom - tall * count / marks[-1]

    start = 0
    for count, run in groupby(cover):
        end = start + len(list(run))
        (x1, height), (x2, _) = at(start, count), at(end, count)
        if count:
            canvas.rect(x1, height, x2 - x1, bottom - height, look.LEVELS[1], rx=0)
        start = end
    for mark in marks:
        _, height = at(0, mark)
        canvas.line(left, height, right, height, look.LINE if mark else look.QUIET, 0.75)
        canvas.text(left - 6, height + 4, str(mark), sheet.small, look.QUIET, "end")
    for hour in range(0, HOURS + 1, 6):
        x, _ = at(hour * 4, 0)
        anchor = "start" if hour == 0 else "end" if hour == HOURS else "middle"
        canvas.text(x, bottom + 16, f"{hour:02d}", sheet.small, look.QUIET, anchor)
    for counts, colour, width in ((cover, look.LEVELS[3], 3.0), (need, look.NIGHT, 2.0)):
        canvas.stroke([at(q + part, n) for q, n in enumerate(counts) for part in (0, 1)], colour, width)
    return bottom + 26


def _day_spoken(title: str, day: int, cover: Sequence[int], need: Sequence[int]) -> str:
    """Say a day in runs of hours with the same numbers."""
    say = _say()
    part = range(day * QUARTERS_A_DAY, (day + 1) * QUARTERS_A_DAY)
    runs = [(pair, list(run)) for pair, run in groupby(part, key=lambda q: (int(cover[q]), int(need[q])))]
    said = [
        say["days_spoken"].format(
            start=clock_of(15 * run[0]), end=clock_of(15 * run[-1] + 15), cover=pair[0], need=pair[1]
        )
        for pair, run in runs
    ]
    return f"{title.format(day=say['days'][day])}: {'; '.join(said)}."


def _say() -> Any:
    return words()["staffing"]["charts"]
