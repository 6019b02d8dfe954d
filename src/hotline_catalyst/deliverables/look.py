"""One look for every output: colours, fonts, and how numbers and dates are written."""

from __future__ import annotations

import base64
from datetime import date, datetime
from pathlib import Path
from typing import Any

from ..library import content_root
from ..planning.demand import Span
from ..results import Results

INK, NIGHT, LINK, QUIET, LINE = "#16242E", "#12355B", "#0B5CAD", "#5B6670", "#C9D2D8"
LEVELS = ("#F1F5F6", "#C8DFE1", "#8FBFC4", "#55A1A8", "#0F5C63")
MET, NOT_MET, CAUTION, PALE = "#0F5C63", "#9C3A24", "#8A5A00", "#EAF3F4"
VERDICT_SIGN = {"met": "✓", "not met": "✗", "not shown": "?"}
VERDICT_COLOUR = {"met": MET, "not met": NOT_MET, "not shown": QUIET}
FONT = "Noto Sans"
FACES = ("NotoSans-Regular", "NotoSans-Bold")
ARABIC_FACE = "NotoSansArabic-Regular"


def fonts_folder() -> Path:
    """Return the folder of our own fonts."""
    return content_root() / "site" / "assets" / "fonts"


def font_faces(family: str, *, arabic: bool) -> str:
    """Return CSS that carries our fonts under a name of their own; Arabic, which is large, only where it is needed."""
    letters = [(file, weight, family) for file, weight in zip(FACES, (400, 700), strict=True)]
    rules = []
    for file, weight, name in [*letters, *([(ARABIC_FACE, 400, f"{family} Arabic")] if arabic else [])]:
        data = base64.b64encode((fonts_folder() / f"{file}.woff2").read_bytes()).decode()
        source = f"url(data:font/woff2;base64,{data}) format('woff2')"
        rules.append(f'@font-face{{font-family:"{name}";font-weight:{weight};src:{source}}}\n')
    return "".join(rules)


def has_arabic(text: str) -> bool:
    """Return whether a text has Arabic letters."""
    return any("\u0600" <= letter <= "\u06ff" for letter in text)


def day(value: date) -> str:
    """Write a date so that nobody reads month for day.

    >>> day(date(2027, 3, 4))
    '4 Mar 2027'
    """
    return f"{value.day} {value:%b %Y}"


def rounded(value: float, digits: int = 2) -> float:
    """Round to ``digits`` significant digits: a planning figure is no exact number."""
    return float(f"{value:.{digits}g}")


def number(value: float, digits: int = 3) -> str:
    """Write a figure with thin groups.

    >>> number(1814562)
    '1 810 000'
    """
    return f"{rounded(value, digits):,.10g}".replace(",", " ")


def span(value: Span, unit: str = "") -> str:
    """Write a range: low to high, with the likely value first."""
    tail = f" {unit}" if unit else ""
    return f"{number(value.likely)}{tail} (from {number(value.low)} to {number(value.high)})"


def percent(value: float) -> str:
    """Write a share."""
    return f"{value:.0%}".replace("%", " %")


def created(results: Results) -> datetime:
    """Return the moment every file says it was made: the engagement's own day, never the clock."""
    as_of = results.facts.as_of
    return datetime(as_of.year, as_of.month, as_of.day)


def put(sheet: Any, row: int, column: int, value: Any, style: Any = None) -> None:
    """Write one cell: numbers as numbers, everything else as text. Text never becomes a formula or a link."""
    if value is None or value == "":
        sheet.write_blank(row, column, None, style)
    elif isinstance(value, bool) or not isinstance(value, int | float):
        # A cell ends at 32,767 units, and an emoji is two of them.
        sheet.write_string(row, column, str(value)[:16_000], style)
    else:
        sheet.write_number(row, column, value, style)
