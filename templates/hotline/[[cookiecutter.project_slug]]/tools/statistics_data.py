"""What the statistics are made from: the lists of indicators.toml, the coded signals, and who signed which period."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from . import core
from .website_content import names_of

Signal = dict[str, str]

FOLDER = "statistics"
# The hotline's own signals; the file beside this folder's lists is only a header.
SOURCES = ("local/signals.csv", f"{FOLDER}/signals.csv")
COLUMNS = ("month", "count", "not_substantive", "channel", "language", "region", "category", "contactor")
CODED = ("channel", "language", "region", "category", "contactor")
SUBSTANTIVE = ("", "substantive")
UNKNOWN, OTHER = "unknown", "other"
MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
PERIOD = re.compile(r"(?P<year>\d{4})(?:-(?P<kind>[QH])(?P<number>[1-4]))?")
SIGNERS = ("data_lead", "second_reader", "survivor_adviser")
KINDS = {"Q": 3, "H": 6}
LENGTHS = {"quarter": 3, "half": 6, "year": 12}


class StatisticsError(Exception):
    """A source of the statistics cannot be read; the text says where and what to do."""


@dataclass(frozen=True)
class Sources:
    """Everything the statistics are made from."""

    settings: core.Table
    signals: list[Signal]
    where: str
    releases: list[core.Table]
    levels: dict[str, dict[str, core.Table]]
    k: int


def load(facts: core.Table, project: Path) -> Sources:
    """Read all sources.

    Raises
    ------
    StatisticsError
        When one of them cannot be read.
    """
    settings = core.read_toml(project, f"{FOLDER}/indicators.toml", StatisticsError)
    releases = core.read_toml(project, f"{FOLDER}/releases.toml", StatisticsError).get("release", [])
    where = next((name for name in SOURCES if (project / name).is_file()), SOURCES[1])
    return Sources(
        settings,
        list(_signals(project, where)),
        where,
        [one for one in releases if isinstance(one, dict)] if isinstance(releases, list) else [],
        _levels(facts, project, settings),
        least(facts),
    )


def least(facts: core.Table) -> int:
    """Return k: what hotline.toml says, never under 5; 11 when it says nothing that can be used."""
    k = core.table(facts, "statistics").get("k")
    return max(5, k) if isinstance(k, int) and not isinstance(k, bool) else 11


def _signals(project: Path, where: str) -> Iterator[Signal]:
    lines = core.read_rows(project, where, StatisticsError)
    header = [cell.strip() for cell in lines[0]] if lines else []
    extra = [column for column in header if column not in COLUMNS]
    missing = [column for column in COLUMNS if column not in header]
    if extra:
        do = f"take it out; only {', '.join(COLUMNS)} may be here"
        raise StatisticsError(f"{where} line 1: the column '{core.clean(extra[0], 60)}' does not belong here; {do}.")
    if missing:
        raise StatisticsError(f"{where} line 1: the column {missing[0]} is missing; add it, it may stay empty.")
    for line in lines[1:]:
        cells = dict(zip(header, (cell.strip() for cell in line), strict=False))
        if any(cells.values()):
            yield {column: cells.get(column, "") for column in COLUMNS}


def _levels(facts: core.Table, project: Path, settings: core.Table) -> dict[str, dict[str, core.Table]]:
    """Return the levels of every dimension with their labels by language."""
    words = core.table(settings, "words")
    own = {name: core.table(table, "levels") for name, table in core.table(settings, "dimensions").items()}
    names, spoken = names_of(facts, project), core.languages(facts)
    own["language"] = {
        code: dict.fromkeys(names, names[code]) | {"en": str(one.get("name") or code)} for code, one in spoken
    }
    own["language"] |= {OTHER: {code: str(w.get(OTHER, OTHER)) for code, w in words.items()}}
    own["region"] = {region: {"en": region} for region in _regions(project)}
    unknown = {code: str(w.get(UNKNOWN, UNKNOWN)) for code, w in words.items()}
    return {name: levels | {UNKNOWN: unknown} if levels else {} for name, levels in own.items()}


def _regions(project: Path) -> list[str]:
    try:
        listed = core.read_toml(project, "directory/directory.toml", StatisticsError).get("regions", [])
    except StatisticsError:
        return []
    return [core.clean(region) for region in listed if core.clean(region)] if isinstance(listed, list) else []


def months_of(period: object) -> list[str]:
    """Return the months of a period; empty when it is not one.

    >>> months_of("2027-Q2")
    ['2027-04', '2027-05', '2027-06']
    """
    match = PERIOD.fullmatch(str(period))
    if not match or (match["kind"] == "H" and int(match["number"]) > 2):
        return []
    length = KINDS.get(match["kind"] or "", 12)
    first = (int(match["number"] or 1) - 1) * length + 1
    return [f"{match['year']}-{month:02}" for month in range(first, first + length)]


def period_of(month: str, kind: str) -> str:
    """Return the period that a month belongs to.

    >>> period_of("2027-05", "quarter")
    '2027-Q2'
    """
    year, number = month.split("-")
    length = LENGTHS.get(kind, 3)
    letter = {3: "Q", 6: "H"}.get(length)
    return f"{year}-{letter}{(int(number) - 1) // length + 1}" if letter else year


def last_day(period: str) -> date:
    """Return the last day of a period."""
    year, month = map(int, months_of(period)[-1].split("-"))
    return date(year + (month == 12), month % 12 + 1, 1) - timedelta(days=1)


def count_of(signal: Signal) -> int:
    """Return how many signals a row stands for; an empty cell is one."""
    text = signal["count"]
    return int(text) if text.isascii() and text.isdigit() else 1


def is_substantive(signal: Signal) -> bool:
    """Say whether a row is about substantive signals."""
    return signal["not_substantive"].casefold() in SUBSTANTIVE


def level_of(sources: Sources, dimension: str, signal: Signal) -> str:
    """Return the level of a row; what is empty or not in the list is unknown."""
    if dimension == "month":
        return signal["month"]
    return signal[dimension] if signal[dimension] in sources.levels.get(dimension, {}) else UNKNOWN


def is_released(release: core.Table, as_of: date) -> bool:
    """Say whether three different people signed a period after its end."""
    signers = [core.role_of(release, name).casefold() for name in SIGNERS]
    signed = core.day_of(release.get("signed_on", ""))
    if signed is None or not months_of(release.get("period")) or not all(signers) or len(set(signers)) < len(SIGNERS):
        return False
    return last_day(release["period"]) < signed <= as_of
