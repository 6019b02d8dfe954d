"""What posts.yaml says: titles and reasons of posts, of time away from signals, of hiring and of each budget line."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from ..library import Content, content_root, read


class Reason(Content):
    """What a line is called and why it is there."""

    title: str
    because: str


class Line(Reason):
    """A budget line; lines of a group stand together."""

    group: str


class PostsFile(Content):
    """posts.yaml."""

    away: dict[str, Reason]
    posts: dict[str, Reason]
    no_time: str
    hiring: dict[str, str]
    budget: dict[str, Line]
    before_launch: Line


def load_posts(root: Path | None = None) -> PostsFile:
    """Read posts.yaml; once for the toolkit's own content, since a plan asks for it often."""
    return read(root / "assessment" / "posts.yaml", PostsFile) if root else _own()


@cache
def _own() -> PostsFile:
    return read(content_root() / "assessment" / "posts.yaml", PostsFile)


def said(value: float) -> str:
    """Write a figure for a sentence: at most two decimals, grouped by spaces.

    >>> said(12500), said(25.0), said(20.444)
    ('12 500', '25', '20.44')
    """
    return f"{value:,.0f}".replace(",", " ") if abs(value) >= 1000 else f"{round(value, 2):g}"


def percent(share: float) -> str:
    """Write a share for a sentence.

    >>> percent(0.345)
    '34.5 %'
    """
    return f"{round(100 * share, 1):g} %"
