"""The plan under strain: how service lies over simulated weeks and four-week periods, with the promise marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor

from ..planning.simulation import Quantiles
from . import look
from .chart_options import share_words
from .chart_parts import SLACK, Sheet, headed, paragraph
from .charts import Canvas, width_of
from .report_blocks import words


@dataclass(frozen=True)
class Spread:
    """A distribution: what it is of, and its quantiles as shares."""

    label: str
    of: Quantiles

    @property
    def says(self) -> str:
        """The distribution in words."""
        low, median, high = (share_words(share) for share in (self.of.low, self.of.median, self.of.high))
        text = words()["staffing"]["charts"]["service_same" if low == high else "service_said"]
        return str(text.format(label=self.label, low=low, median=median, high=high))


def service_strip(spreads: Sequence[Spread], promise: float, sheet: Sheet) -> str:
    """Draw each distribution as a strip that nine in ten lie in, with the middle one as a mark, and the promise.

    Parameters
    ----------
    promise
        Share of signals to be answered in time.
    """
    say = words()["staffing"]["charts"]
    canvas = sheet.canvas("service")
    y = headed(canvas, sheet, say["service_question"])
    y = paragraph(canvas, sheet, say["service_key"], y, sheet.small) + 6
    lowest = max(0.0, min(0.95, floor(20 * min([promise, *(s.of.low for s in spreads)]) - 1e-9) / 20))
    left, right = sheet.pad + 18, sheet.right - 18

    def x(share: float) -> float:
        return left + (right - left) * (share - lowest) / (1 - lowest)

    text = say["promise"].format(share=share_words(promise))
    half = width_of(text, sheet.small, bold=True) / SLACK / 2
    middle = min(max(x(promise), left + half), right - half)
    canvas.text(middle, y + 14, text, sheet.small, look.CAUTION, "middle", bold=True)
    y += 18
    for spread in spreads:
        y = _strip(canvas, sheet, spread, promise, x, y)
    canvas.line(left, y + 6, right, y + 6, look.QUIET)
    for share in _scale(lowest, (right - left) / (1 - lowest)):
        canvas.text(x(share), y + 22, look.percent(share), sheet.small, look.QUIET, "middle")
    return canvas.svg(y + 30, say["service_question"], f"{text}. {' '.join(s.says for s in spreads)}")


def _scale(lowest: float, pixels: float) -> list[float]:
    """Return shares for the axis, from the whole downwards, with room for their words."""
    step = next((s for s in (0.01, 0.05, 0.1, 0.25) if pixels * s >= 44), 0.5)
    return [1 - n * step for n in range(round((1 - lowest) / step) + 1) if 1 - n * step >= lowest - 1e-9]


def _strip(
    canvas: Canvas, sheet: Sheet, spread: Spread, promise: float, x: Callable[[float], float], y: float
) -> float:
    """Draw one distribution under its words; return how far down it reaches."""
    y = paragraph(canvas, sheet, spread.says, y, sheet.small + 0.5, look.INK)
    middle, of = y + 19, spread.of
    canvas.rect(x(of.low), middle - 9, max(1.5, x(of.high) - x(of.low)), 18, look.LEVELS[2], look.LEVELS[3], rx=1)
    canvas.line(x(of.median), middle - 9, x(of.median), middle + 9, look.INK, 3)
    canvas.line(x(promise), middle - 13, x(promise), middle + 13, look.CAUTION, 2, "4 2")
    return middle + 16
