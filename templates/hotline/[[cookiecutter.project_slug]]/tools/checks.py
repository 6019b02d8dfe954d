"""All checks of this project in one order: facts first, then files, then the parts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from types import ModuleType

from . import check_facts, check_files
from .core import FactsError, Table, asked, load_facts, open_channels, parts, table
from .report import Report


def check(project: Path, today: date | None = None) -> Report:
    """Run every check and change nothing."""
    report = Report()
    try:
        facts = load_facts(project)
    except FactsError as reason:
        report.add([str(reason)])
        return report
    if not check_facts.check_shape(project, facts, report):
        return report
    report.any_open = any(channel["open"] for channel in facts["channels"].values())
    check_facts.check_facts(project, facts, report, today or date.today())
    for part in parts(project):
        _guarded(report, partial(_check_part, part, facts, project, report))
    _guarded(report, lambda: check_files.check_manifest(project, facts, report))
    old: list[str] = []
    if not _broken(report):
        _guarded(report, lambda: old.extend(check_files.check_generated(project, facts, report)))
    _guarded(report, lambda: check_files.check_texts(project, facts, report, old))
    check_files.check_public(project, facts, report)
    return report


def _check_part(part: ModuleType, facts: Table, project: Path, report: Report) -> None:
    found = asked(part, "check", facts, project)
    report.add(found)
    ahead = asked(part, "check", _rehearsed(facts), project)
    report.todo += [sentence for sentence in ahead if sentence not in found]


def _rehearsed(facts: Table) -> Table:
    """Return the facts as if every gate was met and every channel open; what would be wrong then is left to do."""
    channels = {name: record | {"open": True} for name, record in table(facts, "channels").items()}
    gates = {name: record | {"verdict": "met"} for name, record in table(facts, "gates").items()}
    return facts | {"channels": channels, "gates": gates}


def _guarded(report: Report, look: Callable[[], object]) -> None:
    """Run a check; when a part stops at broken sources, that is one more problem."""
    try:
        look()
    except FactsError as reason:
        report.add([sentence for sentence in [str(reason)] if sentence not in report.problems])


def shape(project: Path, facts: Table, today: date | None = None) -> list[str]:
    """Return what nothing may be built from: facts of a wrong shape, signatures to come, gates gone.

    With nothing open a lost gate holds up nothing: closing must always be possible at once.
    """
    report = Report()
    if not check_facts.check_shape(project, facts, report):
        return report.problems
    lost = check_facts.lost_gates(project, facts) if open_channels(facts) else []
    return check_facts.in_future(facts, today or date.today()) + lost


def _broken(report: Report) -> bool:
    """Say whether a source does not parse; building from it would only repeat the problem."""
    words = ("does not parse", "cannot be read", "the file is missing", "not UTF-8", "it stops at what it read")
    return any(word in problem for problem in report.problems for word in words)
