"""The statistics: coded signals in, a draft for three readers, and once they signed, a page and open data.

A period is made once. What statistics/releases/ holds was published; it is repeated as it is and never made anew.
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from . import core
from .core import html_text
from .plain_page import base, public, shell
from .statistics_check import problems
from .statistics_data import (
    FOLDER,
    MONTH,
    Sources,
    StatisticsError,
    is_released,
    last_day,
    load,
    months_of,
    period_of,
)
from .statistics_package import package
from .statistics_page import Page
from .statistics_release import KEPT, kept, lost, make, overlaps, read

SITE = "site/public/statistics"
STYLE = "statistics.css"


def build(facts: core.Table, project: Path) -> dict[str, bytes]:
    """Return the files of the statistics by their path; only what was published when they are not chosen any more.

    Raises
    ------
    StatisticsError
        When a published period is gone: made anew, it would show late signals apart.
    """
    made = kept(project)
    if gone := lost(project):
        raise StatisticsError(" ".join(gone))
    if "statistics" not in core.chosen(facts):
        return made
    try:
        sources = load(facts, project)
    except StatisticsError:
        return made
    made |= _released_now(facts, sources, made)
    made[f"{FOLDER}/draft.html"] = draft_page(facts, sources, made).encode()
    return made | (_public(facts, project, sources, made) if "website" in core.chosen(facts) else {})


def check(facts: core.Table, project: Path) -> list[str]:
    """Return what is wrong with the sources and the releases, in sentences."""
    if "statistics" not in core.chosen(facts):
        return lost(project)
    try:
        sources = load(facts, project)
    except StatisticsError as reason:
        return [*lost(project), str(reason)]
    return lost(project) + problems(facts, sources, kept(project))


def full(facts: core.Table, project: Path) -> list[str]:
    """Hold every data package against its own rules with Frictionless; needs the package frictionless."""
    from frictionless import Package

    files = {path: content for path, content in build(facts, project).items() if path.startswith(f"{SITE}/")}
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for path, content in files.items():
            (Path(folder) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(folder) / path).write_bytes(content)
        for path in (path for path in files if path.endswith("datapackage.json")):
            report = Package(str(Path(folder) / path)).validate()
            found += [f"{path}: {row[-1]}." for row in report.flatten(["rowNumber", "fieldName", "message"])]
    return found


def _released_now(facts: core.Table, sources: Sources, made: dict[str, bytes]) -> dict[str, bytes]:
    """Make the signed periods that were not published before and overlap none that were."""
    as_of = core.day_of(core.table(facts, "project").get("as_of"))
    periods = [release["period"] for release in map(read, made.values()) if release]
    new: dict[str, bytes] = {}
    for release in sources.releases:
        if as_of is None or not is_released(release, as_of) or core.said(release, "withdrawn"):
            continue
        period = release["period"]
        there = any(signal["month"] in months_of(period) for signal in sources.signals)
        unreadable = f"{KEPT}/{period}.json" in made
        if there and not unreadable and not any(overlaps(period, other) for other in periods):
            new[f"{KEPT}/{period}.json"] = core.json_bytes(make(sources, period))
            periods.append(period)
    return new


def shown(sources: Sources, made: dict[str, bytes]) -> list[tuple[core.Table, core.Table]]:
    """Return the published periods that were not withdrawn, newest first, each with its entry in releases.toml."""
    notes = {str(release.get("period")): release for release in sources.releases}
    releases = [read(content) for path, content in made.items() if path.startswith(f"{KEPT}/")]
    there = [r for r in releases if r and r["period"] in notes and not core.said(notes[r["period"]], "withdrawn")]
    return [(r, notes[r["period"]]) for r in sorted(there, key=lambda r: last_day(r["period"]), reverse=True)]


def _public(facts: core.Table, project: Path, sources: Sources, made: dict[str, bytes]) -> dict[str, bytes]:
    releases = shown(sources, made)
    files = base(project) | {f"{SITE}/{STYLE}": core.unix_bytes(project / FOLDER / STYLE)}
    for release, _ in releases:
        inside = package(release, facts)
        files |= {f"{SITE}/{release['period']}/{name}": content for name, content in inside.items()}
    pages = {code: page_path(facts, code) for code, _ in core.languages(facts)}
    place = public(facts, project, pages)
    for code, record in core.languages(facts):
        page = Page(sources, code)
        body = "".join(page.release(release, notes, release["period"]) for release, notes in releases)
        body = body or f'<p class="note">{page.text("none")}</p>\n'
        least = releases[0][0]["k"] if releases else sources.k
        direction = str(record.get("direction", "ltr"))
        files[pages[code]] = page.page(place, direction, body, least).encode()
    return files


def page_path(facts: core.Table, code: str) -> str:
    """Return where the statistics page of a language lies; the main language is the folder's first page."""
    main = core.languages(facts)[0][0]
    return f"{SITE}/{'index' if code == main else re.sub('[^A-Za-z0-9-]', '', code)}.html"


def draft_page(facts: core.Table, sources: Sources, made: dict[str, bytes]) -> str:
    """Return what three people read before they sign: the newest period that is over and not published."""
    period = waiting(facts, sources, made)
    lead = f'<p class="caution">{html_text(core.DRAFT)}. Not to be passed on. Read by the data lead, a second reader '
    lead += "and a survivor adviser before anybody signs statistics/releases.toml.</p>\n"
    lead += f'<p>No number under <span data-fact="statistics.k">{sources.k}</span> is shown.</p>\n'
    if not period:
        body = "<p>No period is waiting: there are no signals of a period that is over and not published.</p>\n"
    else:
        body = Page(sources, "en").release(make(sources, period), {}, "")
    return shell("Statistics, draft", "en", "ltr", lead + body, STYLE, within=True)


def waiting(facts: core.Table, sources: Sources, made: dict[str, bytes]) -> str:
    """Return the newest period with signals that is over and overlaps no published one; empty when there is none."""
    as_of = core.day_of(core.table(facts, "project").get("as_of"))
    kind = str(core.table(facts, "statistics").get("period", "quarter"))
    known = {period_of(s["month"], kind) for s in sources.signals if MONTH.fullmatch(s["month"])}
    published = [release["period"] for content in made.values() if (release := read(content))]
    over = [p for p in known if as_of and last_day(p) < as_of and not any(overlaps(p, other) for other in published)]
    return max(over, key=last_day, default="")
