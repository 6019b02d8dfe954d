"""What can be wrong with signals, lists and releases, as sentences for the data lead."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from . import core
from .statistics_data import (
    CODED,
    FOLDER,
    MONTH,
    SIGNERS,
    SUBSTANTIVE,
    UNKNOWN,
    Sources,
    is_released,
    last_day,
    months_of,
)
from .statistics_release import overlaps, read

COMPUTED = ("K01", "K12")
DIMENSIONS = ("month", *CODED)
RELEASES = f"{FOLDER}/releases.toml"
MOST_LINES = 20


def problems(facts: core.Table, sources: Sources, kept: dict[str, bytes]) -> list[str]:
    """Return every problem; of the signals only the first twenty."""
    signals = list(_signals(sources))
    more = [f"{sources.where}: {len(signals) - MOST_LINES} more lines are wrong; correct these first."]
    found = signals[:MOST_LINES] + (more if len(signals) > MOST_LINES else [])
    return [*_settings(sources), *found, *_kept(kept), *_releases(facts, sources, kept)]


def _settings(sources: Sources) -> Iterator[str]:
    where = f"{FOLDER}/indicators.toml"
    centre, sides = sources.settings.get("centre"), sources.settings.get("sides")
    if centre not in CODED or not sources.levels.get(str(centre)):
        yield f"{where}: centre '{core.clean(centre)}' has no list; write category."
    for side in sides if isinstance(sides, list) else []:
        if side not in DIMENSIONS:
            yield f"{where}: side '{core.clean(side)}' is not known; use some of {', '.join(DIMENSIONS)}."
    for code, indicator in core.table(sources.settings, "indicators").items():
        if isinstance(indicator, dict) and indicator.get("published") is True and code not in COMPUTED:
            do = "write published = false; only K01 and K12 can be made from the signals"
            yield f"{where}: {core.clean(code)} is to be published but is not made here; {do}."


def _signals(sources: Sources) -> Iterator[str]:
    lists = sources.levels
    for number, signal in enumerate(sources.signals, start=2):
        line = f"{sources.where} row {number}"
        if not MONTH.fullmatch(signal["month"]):
            yield f"{line}: month '{core.clean(signal['month'], 40)}' is not a month; write it like 2027-03."
        if signal["count"] and not (signal["count"].isascii() and signal["count"].isdigit()):
            yield f"{line}: count '{core.clean(signal['count'], 40)}' is not a number; write digits or nothing."
        if signal["not_substantive"] not in (*SUBSTANTIVE, *lists.get("not_substantive", {})):
            word = core.clean(signal["not_substantive"], 40)
            yield f"{line}: not_substantive '{word}' is not in indicators.toml; correct it, or leave it empty."
        for column in CODED:
            known = lists.get(column, {})
            if known and signal[column] not in ("", UNKNOWN, *known):
                word = core.clean(signal[column], 40)
                yield f"{line}: {column} '{word}' is not in the list; correct it or it counts as unknown."


def _kept(kept: dict[str, bytes]) -> Iterator[str]:
    for path, content in kept.items():
        release = read(content)
        if not release or not path.endswith(f"/{release['period']}.json"):
            do = "put the file back from a copy; never make a published period anew"
            yield f"{path}: this is not what was published; {do}."


def _releases(facts: core.Table, sources: Sources, kept: dict[str, bytes]) -> Iterator[str]:
    as_of = core.day_of(core.table(facts, "project").get("as_of"))
    published = [release["period"] for content in kept.values() if (release := read(content))]
    seen: list[str] = []
    for release in sources.releases:
        period = str(release.get("period", ""))
        name = f"{RELEASES} period {core.clean(period, 40) or 'without a name'}"
        if not months_of(period):
            yield f"{name}: this is not a period; write it like 2027-Q1, 2027-H1 or 2027."
            continue
        if any(overlaps(period, other) for other in seen):
            yield f"{name}: it overlaps another entry; take one out, months can be published only once."
        elif any(overlaps(period, other) for other in published if other != period):
            yield f"{name}: it overlaps a period that was published; take it out, a sum would give hidden numbers back."
        seen.append(period)
        yield from _signed(release, name, as_of)
        there = any(signal["month"] in months_of(period) for signal in sources.signals)
        if period not in published and not there and as_of and is_released(release, as_of):
            yield f"{name}: it is signed but there are no signals of it; put them at local/signals.csv."


def _signed(release: core.Table, name: str, as_of: date | None) -> Iterator[str]:
    signers = [core.role_of(release, one).casefold() for one in SIGNERS]
    day = core.day_of(release.get("signed_on", ""))
    if not any(signers) and not core.said(release, "signed_on"):
        return
    if not all(signers) or len(set(signers)) < len(SIGNERS):
        yield f"{name}: three different people must sign; write the three roles."
    if day is None:
        yield f"{name}: signed_on is not a date; write it like 2027-04-20."
    elif day <= last_day(release["period"]):
        yield f"{name}: it is signed before the period was over; read the whole period and sign then."
    elif as_of is not None and day > as_of:
        yield f"{name}: it is signed after project.as_of; bring as_of up to date in hotline.toml."
