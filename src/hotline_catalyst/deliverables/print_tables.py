"""Column widths of a playbook's tables on paper, from what stands in the columns.

A printer of PDF that is left to find the widths measures every piece of every word: half of a book's time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import unescape
from itertools import zip_longest

TABLE = re.compile(r"<table>(.*?)</table>", re.DOTALL)
ROW = re.compile(r"<tr>(.*?)</tr>", re.DOTALL)
CELL = re.compile(r"<t[hd][^>]*>(.*?)</t[hd]>", re.DOTALL)
TAG = re.compile(r"<[^>]+>")
LINE = 92  # letters that a table's line holds at full width
PADDING = 3  # what a cell's margins take, in letters
LONGEST_WORD, LONGEST_CELL = 22, 70  # beyond these a word is broken and a cell has several lines
TO_FILL = 20  # room for handwriting in a column without text


def with_widths(html: str) -> str:
    """Give every table in HTML from Markdown its columns' widths, in per cent."""
    return TABLE.sub(lambda match: f"<table>{_columns(match[1])}{match[1]}</table>", html)


def _columns(table: str) -> str:
    rows = [[unescape(TAG.sub("", cell)).strip() for cell in CELL.findall(row)] for row in ROW.findall(table)]
    cols = "".join(f'<col style="width: {share:g}%">' for share in shares(list(zip_longest(*rows, fillvalue=""))))
    return f"<colgroup>{cols}</colgroup>"


def shares(columns: Sequence[Sequence[str]]) -> list[float]:
    """Return each column's share of the width in per cent, from its texts; the first of them is its heading.

    Every column has room for its longest word; what is left goes to the columns with most text.

    >>> shares([("Clock", "At once"), ("What", "A sentence of some length that will need several lines to be read")])
    [12.8, 87.2]
    """
    need = [_need(column) for column in columns]
    want = [max(n, _want(column)) for n, column in zip(need, columns, strict=True)]
    if sum(want) <= LINE or sum(need) >= LINE:
        parts = want if sum(want) <= LINE else need
    else:
        spare = LINE - sum(need)
        missing = [w - n for w, n in zip(want, need, strict=True)]
        parts = [n + spare * m / sum(missing) for n, m in zip(need, missing, strict=True)]
    return [round(100 * part / sum(parts), 1) for part in parts]


def _need(column: Sequence[str]) -> float:
    words = [word for text in column for word in re.split(r"[\s-]+", text)]
    return min(LONGEST_WORD, max((len(word) for word in words), default=1)) + PADDING


def _want(column: Sequence[str]) -> float:
    if not any(column[1:]):
        return max(TO_FILL, len(column[0]) if column else 0)
    return min(LONGEST_CELL, max(len(text) for text in column)) + PADDING
