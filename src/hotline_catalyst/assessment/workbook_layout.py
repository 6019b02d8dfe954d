"""How tall a row must be for its texts: a file holds row heights, and no writer of files can ask a font."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

# Noto Sans at 10 points: widths as parts of the size, rounded up from its tables.
NARROW, CAPITAL, WIDE, OTHER, FULL = 0.31, 0.70, 0.94, 0.59, 1.0
POINTS, PADDING, TALLEST = 10, 5, 409
# Lines of Noto Sans and, from Hebrew and Arabic on, of the Noto fonts with marks above and below.
LINE, TALL_LINE, FIRST_TALL = 14.5, 22, "\u0590"
# A column of width n shows n digits of the default font, which is the texts' own: 0.572 of its size each.
POINTS_PER_WIDTH = 0.572 * POINTS


def row_height(cells: Iterable[tuple[str, float]]) -> float:
    """Return a row's height in points, given the texts in it and the widths of their columns."""
    most = max((lines(text, width) * _line_height(text) for text, width in cells), default=LINE)
    return float(min(most + PADDING, TALLEST))


def lines(text: str, width: float, size: float = POINTS) -> int:
    """Return how many lines a text takes in a column, broken between words, on the safe side.

    >>> lines("one two three", 6), lines("one", 6), lines("", 6)
    (3, 1, 1)
    """
    room = width * POINTS_PER_WIDTH / size
    return sum(_wrapped(line, room) for line in text.split("\n"))


def _wrapped(line: str, room: float) -> int:
    count, used = 1, 0.0
    for word in line.split(" "):
        long = sum(map(_width, word))
        if used and used + NARROW + long > room:
            count, used = count + 1, 0.0
        if long > room:
            count, long = count + int(long / room), long % room
        used += long + (NARROW if used else 0)
    return count


def _line_height(text: str) -> float:
    return TALL_LINE if any(FIRST_TALL <= c < "\u2000" for c in text) else LINE


def _width(character: str) -> float:
    if unicodedata.combining(character):
        return 0.0
    if character in "iljtfrI.,:;'’|!()[] ":
        return NARROW + 0.05
    if character in "mwMW@%—":
        return WIDE
    if unicodedata.east_asian_width(character) in "WF":
        return FULL
    return CAPITAL if character.isupper() else OTHER
