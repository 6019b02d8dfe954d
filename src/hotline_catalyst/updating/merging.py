"""Three-way merge of one file: what the hotline changed and what the template changed, line by line.

The package merge3 does the same, but under a licence (GPL) that this toolkit cannot hand on. Edits that touch each
other are a conflict here unless they are the same edit: two people who changed neighbouring lines of a protocol should
both look at it.
"""

from __future__ import annotations

import ast
import json
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

# Above this a comparison takes minutes; a file of the starter project has a few hundred lines.
MOST_BYTES, MOST_LINES = 2_000_000, 6_000
BOM = b"\xef\xbb\xbf"
Lines = Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a merged file.

    Parameters
    ----------
    kind
        same (nobody changed it), yours, ours (the template's), both (the same edit twice) or conflict.
    base, yours, ours
        The lines of each side.
    """

    kind: str
    base: Lines
    yours: Lines
    ours: Lines

    @property
    def kept(self) -> Lines:
        """The lines that a merge without any decision keeps: in a conflict, what the hotline wrote."""
        return self.ours if self.kind == "ours" else self.yours


@dataclass(frozen=True, slots=True)
class Merge:
    """The outcome for one file.

    Parameters
    ----------
    content
        With both sides' edits; in a disputed place what the hotline wrote. It never holds conflict markers.
    disputed
        How many places both sides changed differently.
    reason
        Why no line-by-line merge was possible, or the merged file cannot be trusted; empty when all is well.
    pieces
        Stretch by stretch, for the report; none when there was no line-by-line merge.
    """

    content: bytes
    disputed: int
    reason: str = ""
    pieces: tuple[Piece, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether the content may go live without anybody's decision."""
        return not self.disputed and not self.reason


def merge(path: str, base: bytes, yours: bytes, ours: bytes) -> Merge:
    """Merge what the template changed (base to ours) into what the hotline has.

    Line ends and the mark of order (BOM) stay as the hotline's editor writes them.

    >>> merge("a.md", b"1\\n2\\n3\\n", b"1\\n2\\n3 mine\\n", b"1 new\\n2\\n3\\n").content
    b'1 new\\n2\\n3 mine\\n'
    """
    reason = why_not(base, yours, ours)
    if reason:
        return Merge(yours, 1, reason)
    plain, dress = undressed(yours, base)
    pieces = tuple(compare(lines(base), lines(plain), lines(ours)))
    content = b"".join(line for piece in pieces for line in piece.kept)
    disputed = sum(piece.kind == "conflict" for piece in pieces)
    broken = "" if disputed else why_broken(path, content, plain)
    return Merge(dressed(content, dress), disputed, broken, pieces)


def why_not(*sides: bytes) -> str:
    """Say why these contents cannot be merged line by line; empty when they can."""
    if any(b"\0" in side for side in sides):
        return "it is not a text file"
    if any(len(side) > MOST_BYTES or side.count(b"\n") > MOST_LINES for side in sides):
        return "it is too long to compare line by line"
    try:
        for side in sides:
            side.decode("utf-8")
    except UnicodeDecodeError:
        return "it is not UTF-8 text"
    return ""


def why_broken(path: str, content: bytes, yours: bytes) -> str:
    """Say why a merge without disputes still gives a broken file: two good edits can make one bad file."""
    readers: dict[str, Callable[[str], object]] = {"json": json.loads, "toml": tomllib.loads, "py": ast.parse}
    reader = readers.get(path.rsplit(".", 1)[-1])
    if reader is None:
        return ""
    try:
        reader(content.removeprefix(BOM).decode("utf-8"))
    except (ValueError, SyntaxError, RecursionError) as error:
        return f"both sets of edits together do not parse ({error})"
    return ""


def compare(base: Lines, yours: Lines, ours: Lines) -> Iterator[Piece]:
    """Yield the file stretch by stretch, in order; together the stretches hold every line of each side."""
    mine, theirs = edits(base, yours), edits(base, ours)
    at = at_yours = at_ours = 0
    while mine or theirs:
        start = min(edit[0] for edit in (mine[:1] + theirs[:1]))
        same = start - at
        if same:
            yield Piece("same", base[at:start], yours[at_yours : at_yours + same], ours[at_ours : at_ours + same])
        left, right, end = _group(mine, theirs)
        end_yours = at_yours + same + (end - start) + _grown(left)
        end_ours = at_ours + same + (end - start) + _grown(right)
        sides = base[start:end], yours[at_yours + same : end_yours], ours[at_ours + same : end_ours]
        yield Piece(_kind(bool(left), bool(right), *sides), *sides)
        at, at_yours, at_ours = end, end_yours, end_ours
        mine, theirs = mine[len(left) :], theirs[len(right) :]
    if base[at:]:
        yield Piece("same", base[at:], yours[at_yours:], ours[at_ours:])


Edit = tuple[int, int, int, int]


def edits(base: Lines, side: Lines) -> list[Edit]:
    """Return the edits that lead from base to a side, in order: base[a:b] became side[c:d]."""
    head = _shared(base, side)
    tail = _shared(base[head:][::-1], side[head:][::-1])
    found = SequenceMatcher(None, base[head : len(base) - tail], side[head : len(side) - tail], autojunk=False)
    return [(a + head, b + head, c + head, d + head) for tag, a, b, c, d in found.get_opcodes() if tag != "equal"]


def _shared(one: Lines, other: Lines) -> int:
    length = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        length += 1
    return length


def _group(mine: list[Edit], theirs: list[Edit]) -> tuple[list[Edit], list[Edit], int]:
    """Take the first edit and every edit of either side that overlaps or touches what was taken so far."""
    start = min(edit[0] for edit in (mine[:1] + theirs[:1]))
    end, counts, grown = start, [0, 0], True
    while grown:
        grown = False
        for side, found in enumerate((mine, theirs)):
            while counts[side] < len(found) and found[counts[side]][0] <= end:
                end = max(end, found[counts[side]][1])
                counts[side] += 1
                grown = True
    return mine[: counts[0]], theirs[: counts[1]], end


def _grown(side: list[Edit]) -> int:
    return sum((d - c) - (b - a) for a, b, c, d in side)


def _kind(mine: bool, theirs: bool, base: Lines, yours: Lines, ours: Lines) -> str:
    if not theirs:
        return "yours"
    if not mine:
        return "ours"
    return "both" if list(yours) == list(ours) else "conflict"


def lines(content: bytes) -> list[bytes]:
    """Split at line feeds, keeping them; joined again they are the content."""
    found = content.split(b"\n")
    return [line + b"\n" for line in found[:-1]] + ([found[-1]] if found[-1] else [])


def undressed(content: bytes, base: bytes) -> tuple[bytes, tuple[bool, bool]]:
    """Return the content without what an editor put around every line, and what that was: BOM, Windows line ends."""
    bom = content.startswith(BOM) and not base.startswith(BOM)
    plain = content.removeprefix(BOM) if bom else content
    ends = plain.count(b"\n")
    windows = ends > 0 and plain.count(b"\r\n") == ends == plain.count(b"\r") and b"\r" not in base
    return (plain.replace(b"\r\n", b"\n") if windows else plain), (bom, windows)


def dressed(content: bytes, dress: tuple[bool, bool]) -> bytes:
    """Put back what `undressed` took away."""
    bom, windows = dress
    return (BOM if bom else b"") + (content.replace(b"\n", b"\r\n") if windows else content)
