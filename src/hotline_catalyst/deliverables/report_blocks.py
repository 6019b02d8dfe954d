"""What the report's parts are made of: blocks, table cells, and small ways of naming things."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from ..library import content_root, read_yaml
from ..planning.demand import Span
from ..planning.roadmap import Scheduled
from ..results import Results
from . import look


@dataclass(frozen=True)
class Line:
    """One paragraph of a table cell; ``style`` is "", "strong", "small" or a verdict."""

    text: str
    style: str = ""


Cell = tuple[Line, ...]
Cells = tuple[Cell, ...]


@dataclass(frozen=True)
class Block:
    """One piece of the report. ``kind`` says which fields count; ``strong`` is a bold beginning."""

    kind: str
    text: str = ""
    strong: str = ""
    id: str = ""
    items: tuple[str, ...] = ()
    layout: str = ""
    header: tuple[str, ...] = ()
    rows: tuple[Cells, ...] = ()
    svg: str = ""


@cache
def words() -> Any:
    """Return the report's own sentences."""
    return read_yaml(content_root() / "templates" / "documents" / "words.yaml")


def cell(text: str, style: str = "", *more: Line) -> Cell:
    """Return a table cell of one line, or more."""
    return (Line(text, style), *more)


def table(layout: str, header: Sequence[str], rows: Iterable[Cells]) -> Block:
    """Return a table; ``layout`` names its column widths."""
    return Block("table", layout=layout, header=tuple(header), rows=tuple(rows))


def heading(name: str) -> Block:
    """Return the heading of a part of words.yaml."""
    return Block("h2", words()[name]["heading"], id=name.replace("_", "-"))


def verdict_line(verdict: str) -> Line:
    """Return a gate verdict as sign and word."""
    return Line(f"{look.VERDICT_SIGN[verdict]} {verdict}", verdict)


def money(results: Results, cost: Span) -> str:
    """Write a cost with its range and currency."""
    return (
        f"{look.number(cost.likely)} ({look.number(cost.low)} to {look.number(cost.high)}) {results.staffing.currency}"
    )


def chance(probability: float) -> str:
    """Write a chance; nothing here is ever certain.

    >>> chance(0.634), chance(0.9999), chance(0.001)
    ('63 %', 'over 99 %', 'under 1 %')
    """
    if probability > 0.99:
        return "over 99 %"
    return "under 1 %" if probability < 0.01 else look.percent(probability)


def days(value: float) -> str:
    """Write a number of days without empty decimals.

    >>> days(4.0), days(0.25), days(412.5)
    ('4', '0.25', '412')
    """
    return f"{value:g}" if value < 100 else f"{value:.0f}"


def dates(start: Any, end: Any) -> str:
    """Write two days as a stretch of time."""
    return f"{look.day(start)} to {look.day(end)}" if start and end else ""


def activity(results: Results, ident: str) -> Scheduled:
    """Return an activity of the roadmap."""
    return next(a for a in results.roadmap.activities if a.task.id == ident)


def role(results: Results, ident: str) -> str:
    """Return a role's short title."""
    if ident not in results.instrument.meta.roles:
        return ident.replace("_", " ").capitalize()
    return results.instrument.role_title(ident).partition(" (")[0]


def named(results: Results, item: str) -> str:
    """Return an item's id and title."""
    return f"{item} {results.instrument.items[item].title}"


def lost_gates(results: Results) -> str:
    """Say which gates this plan cannot open, since something that opens them is not in it; "" when it can open all."""
    ids = ", ".join(results.roadmap.unopened)
    return str(words()["roadmap"]["gates_lost"].format(ids=ids)) if ids else ""


def sensitive(results: Results, item: str | None) -> bool:
    """Return whether only an item's title may stand in this edition: a trafficker, or who spoke, could be served."""
    if item is None or item not in results.instrument.items:
        return False
    found = results.readiness.items.get(item)
    return results.instrument.items[item].sensitive or (found is not None and found.shielded)


def rests_on(results: Results, item: str) -> str:
    """Say what stands behind an item: the best proof, and whether one or several organisations spoke."""
    found, say = results.readiness.items[item], words()["grounds"]
    if not found.known:
        return str(say["nobody"])
    proof = say["proof"][found.best_proof] if found.best_proof else say["answers"]
    return f"{proof}, {say['one'] if found.thin else say['several']}"
