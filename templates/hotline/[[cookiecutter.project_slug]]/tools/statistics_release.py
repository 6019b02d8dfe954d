"""One period's published numbers, made once and then kept: counts in groups, tables with cells withheld."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from . import core
from .statistics_data import FOLDER, Signal, Sources, count_of, is_substantive, level_of, months_of
from .suppression import counted, groups, protect

KEPT = f"{FOLDER}/releases"


def make(sources: Sources, period: str) -> core.Table:
    """Return the numbers of a period that may be published."""
    months = months_of(period)
    inside = [signal for signal in sources.signals if signal["month"] in months and count_of(signal)]
    substantive = [signal for signal in inside if is_substantive(signal)]
    others = [signal for signal in inside if not is_substantive(signal)]
    total = sum(map(count_of, substantive))
    made: core.Table = {"period": period, "k": sources.k, "unit": "signals", "substantive": None, "all": None}
    made |= {"lists": [], "tables": []}
    if total >= sources.k:
        made |= {"substantive": total} | _tables(sources, period, substantive)
        aside = sum(map(count_of, others))
        if aside >= sources.k:
            made["all"] = total + aside
            made["lists"] += _list("not_substantive", _counts(sources, "not_substantive", others, period), sources.k)
    return made | {"digest": digest(made)}


def _levels(sources: Sources, dimension: str, period: str) -> list[str]:
    return months_of(period) if dimension == "month" else list(sources.levels.get(dimension, {}))


def _counts(sources: Sources, dimension: str, signals: list[Signal], period: str) -> dict[str, int]:
    pairs = ((level_of(sources, dimension, signal), count_of(signal)) for signal in signals)
    levels = _levels(sources, dimension, period)
    return counted(pairs, levels) if levels else {}


def _list(dimension: str, counts: dict[str, int], k: int) -> list[core.Table]:
    """Return one list as groups with their counts; nothing when fewer than two groups can be shown."""
    found = groups(counts, k)
    shown = [{"levels": list(group), "count": sum(counts[level] for level in group)} for group in found]
    return [{"dimension": dimension, "groups": shown}] if found else []


def _tables(sources: Sources, period: str, signals: list[Signal]) -> core.Table:
    """Return a list for each side, and a table of the centre by each other side; never two other sides together."""
    centre = str(sources.settings.get("centre", "category"))
    sides = [str(s) for s in sources.settings.get("sides", []) if s != centre and s != "not_substantive"]
    lists = {
        side: found[0]
        for side in dict.fromkeys([centre, *sides])
        if (found := _list(side, _counts(sources, side, signals, period), sources.k))
    }
    tables = []
    for side in lists if centre in lists else []:
        if side == centre:
            continue
        cells = _cells(sources, signals, lists[centre], lists[side])
        hidden = protect(cells, sources.k)
        shown = [[None if (i, j) in hidden else n for j, n in enumerate(row)] for i, row in enumerate(cells)]
        tables.append({"rows": centre, "columns": side, "cells": shown})
    return {"lists": list(lists.values()), "tables": tables}


def _cells(sources: Sources, signals: list[Signal], rows: core.Table, columns: core.Table) -> list[list[int]]:
    """Count the signals of every row group by every column group."""
    row_of = {level: i for i, group in enumerate(rows["groups"]) for level in group["levels"]}
    column_of = {level: j for j, group in enumerate(columns["groups"]) for level in group["levels"]}
    cells = [[0] * len(columns["groups"]) for _ in rows["groups"]]
    for signal in signals:
        i = row_of[level_of(sources, rows["dimension"], signal)]
        j = column_of[level_of(sources, columns["dimension"], signal)]
        cells[i][j] += count_of(signal)
    return cells


def digest(release: core.Table) -> str:
    """Return a sum over the numbers, so that a changed file is noticed."""
    plain = {name: value for name, value in release.items() if name != "digest"}
    return hashlib.sha256(json.dumps(plain, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def kept(project: Path) -> dict[str, bytes]:
    """Return the files of the periods that were published, by path, as they are."""
    return {f"{KEPT}/{file.name}": core.unix_bytes(file) for file in sorted((project / KEPT).glob("*.json"))}


def lost(project: Path) -> list[str]:
    """Return a sentence for each published period whose file is gone."""
    names = [path for path in core.listed_in(project) if path.startswith(f"{KEPT}/")]
    do = "put the file back from your last copy; a published period is never made anew"
    gone = [name for name in names if not (project / name).is_file()]
    return [f"{name}: this period was published and its file is gone; {do}." for name in gone]


def read(content: bytes) -> core.Table:
    """Return a kept release; empty when it is not what this program wrote."""
    try:
        release = json.loads(content)
    except ValueError:
        return {}
    good = isinstance(release, dict) and months_of(release.get("period")) and release.get("digest") == digest(release)
    return release if good else {}


def overlaps(one: str, other: str) -> bool:
    """Say whether two periods share a month."""
    return bool(set(months_of(one)) & set(months_of(other)))
