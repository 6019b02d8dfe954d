"""All checks of this project in one order: facts first, then files, then the parts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from types import ModuleType

from . import check_facts, check_files
from .core import FactsError, Table, asked, load_facts, parts
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
    check_files.check_manifest(project, facts, report)
    check_files.check_texts(project, facts, report)
    if not _broken(report):
        _guarded(report, lambda: check_files.check_generated(project, facts, report))
    check_files.check_public(project, facts, report)
    return report


def _check_part(part: ModuleType, facts: Table, project: Path, report: Report) -> None:
    report.add(asked(part, "check", facts, project))


def _guarded(report: Report, look: Callable[[], object]) -> None:
    """Run a check; when a part stops at broken sources, that is one more problem."""
    try:
        look()
    except FactsError as reason:
        report.add([str(reason)])


def shape(project: Path, facts: Table, today: date | None = None) -> list[str]:
    """Return what nothing may be built from: facts of a wrong shape, signatures to come, gates or releases gone."""
    report = Report()
    if not check_facts.check_shape(project, facts, report):
        return report.problems
    found = check_facts.in_future(facts, today or date.today()) + check_facts.lost_gates(project, facts)
    return found + check_files.lost_releases(project)


def _broken(report: Report) -> bool:
    """Say whether a source does not parse; building from it would only repeat the problem."""
    words = ("does not parse", "cannot be read", "it cannot check")
    return any(word in problem for problem in report.problems for word in words)
