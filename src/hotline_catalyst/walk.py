"""The one walk from answers to deliverables: plan everything, write everything, move it into place whole."""

from __future__ import annotations

import json
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import date
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

from . import archive
from .assessment.comparison import Comparison, compare
from .assessment.findings import Advice
from .assessment.instrument import Instrument
from .assessment.lint import LintReport
from .assessment.programme import Offer
from .basis import assumptions_of, numbers_of
from .desk import demand_of, desk_of, question_of
from .engagement import Engagement, read_engagement
from .errors import CatalystError, MissingPartError
from .judgement import judge_everything
from .library import as_of_environment, content_root, did_you_mean, load_sources
from .planning import roadmap as roadmaps
from .planning.demand import Demand
from .planning.roster import DRAFT, Desk, plan_roster
from .planning.rostering.explaining import explain
from .planning.rostering.published import load_roster
from .planning.rostering.records import Question as RosterQuestion
from .planning.rostering.records import Roster
from .planning.rostering.repair import question_of as roster_question
from .planning.rostering.rule_report import rule_report
from .planning.rostering.stress_test import RosterStress, stress_of
from .planning.staffing import plan_staffing
from .planning.stress import week_of
from .results import Facts, Results
from .roadmapping import make_roadmap

Progress = Callable[[str], None]
Step = Callable[[str], AbstractContextManager[None]]
Maker = Callable[[Results, Path], object]

# The order in which deliverables are written; each is a module of that name with ``write(results, folder)``.
DELIVERABLES = (
    "scorecard",
    "report",
    "at_a_glance",
    "consultant_kit",
    "roadmap_files",
    "staffing_workbook",
    "staffing_page",
    "roster_files",
    "academy_files",
    "playbook_site",
    "starter_project",
    "results_file",
)

# Those with ``prepared(results)``, which knows by its fingerprint whether their files would be the same as before.
SKIPPED_UNCHANGED = ("playbook_site",)


@dataclass
class BuildReport:
    """What a build wrote, kept and could not write."""

    out: Path
    written: list[Path] = field(default_factory=list)
    kept: list[Path] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    made: dict[str, dict[str, Any]] = field(default_factory=dict)  # inputs and outputs of steps that can be skipped
    solver: dict[str, int | float | str] = field(default_factory=dict)  # the roster engine's settings


def plan(engagement: Engagement, step: Step = lambda _: nullcontext()) -> Results:
    """Walk from answers to results: readiness, demand, staffing, roster, findings, roadmap."""
    parameters = engagement.parameters
    with step("demand and staffing"):
        demand = demand_of(engagement)
        staffing = plan_staffing(question_of(engagement, demand), engagement.options)
    with step("roster"):
        desk = desk_of(engagement, staffing)
        roster = load_roster(engagement.folder, desk.start) or plan_roster(desk, DRAFT)
        reasons = explain(_asked(desk, roster), roster, desk.rules)
    with step("roster under strain"):
        strain = _strained(desk, roster, demand, engagement)
    with step("readiness"):
        facts = (
            {}
            if roster.anonymous
            else {
                "roster_covers_hours": roster.covers_every_hour,
                "capacity_exceeds_forecast": staffing.capacity_factor >= parameters["demand.campaign_factor"].likely,
            }
        )
        judged = judge_everything(engagement, facts)
    with step("roadmap"):
        roadmap = make_roadmap(engagement, judged)
    return Results(
        facts=_facts(engagement),
        instrument=engagement.instrument,
        testimony=engagement.testimony,
        parameters=parameters,
        readiness=judged.readiness,
        gates=judged.gates,
        findings=judged.findings,
        raised=judged.raised,
        targets=judged.targets,
        agreement=judged.agreement,
        agenda=judged.agenda,
        inventory=judged.inventory,
        programme=engagement.programme,
        offers=tuple(_dated(judged.offers, engagement.advice, roadmap)),
        goals=judged.goals,
        sensitivity=judged.sensitivity,
        wishes=judged.wishes,
        roadmap=roadmap,
        phase_titles=engagement.advice.phase_titles,
        demand=demand,
        staffing=staffing,
        roster=roster,
        roster_rules=rule_report(roster, engagement.limits),
        roster_stress=strain,
        roster_reasons=reasons,
        limits=engagement.limits,
        assumptions=tuple(assumptions_of(engagement)),
        numbers=tuple(numbers_of(engagement, demand, staffing)),
        sources=load_sources(),
        own_pages=engagement.own_pages,
    )


def _dated(offered: Iterable[Offer], advice: Advice, roadmap: roadmaps.Roadmap) -> Iterator[Offer]:
    """Yield each offer with the first and last day of its activities in the roadmap."""
    planned = {a.task.id: a for a in roadmap.activities}
    for offer in offered:
        own = [planned[i] for i in advice.recommendations[offer.recommendation].activities if i in planned]
        yield replace(offer, start=min(a.start for a in own), end=max(a.end for a in own)) if own else offer


def _facts(engagement: Engagement) -> Facts:
    file, country = engagement.file, engagement.country
    all_offerings = [d.id for d in engagement.instrument.domains if d.kind == "offering"]
    return Facts(
        name=file.name,
        country=country,
        stage=file.stage,
        as_of=file.as_of,
        start=file.start,
        languages=tuple(file.languages),
        working_languages=engagement.spoken,
        channels=tuple(file.channels),
        hours=file.hours,
        safe_migration=file.safe_migration,
        scope=tuple(file.scope),
        offerings=tuple(all_offerings if file.offerings == "all" else file.offerings),
        notice=file.notice,
        instrument=file.instrument,
    )


def _asked(desk: Desk, roster: Roster) -> RosterQuestion:
    """Return what the roster answers: of one that is published the shifts as signed, not as planned today."""
    return desk.question() if roster.published is None else roster_question(roster, desk.limits, desk.off_queue_share)


def _strained(desk: Desk, roster: Roster, demand: Demand, engagement: Engagement) -> RosterStress:
    """Return the roster's own weeks, played with the likely signals, busy days and absences."""
    week = week_of(demand, (), engagement.parameters, open_=engagement.file.hours.open_quarters)
    return stress_of(roster, week, desk.limits, volume=demand.annual)


def build(
    folder: Path, out: Path | None = None, only: list[str] | None = None, progress: Progress = lambda _: None
) -> BuildReport:
    """Turn an engagement's answers into its deliverables.

    Files are laid out in a private folder first and then moved into place one by one, each whole. A file that a
    person edited since the last build is kept, and the new one is laid beside it.
    """
    names = [*_deliverables(only), *(["start_page"] if only is None else [])]
    makers = [(name, _writer(name)) for name in names]
    return _made(folder, out or folder / "build", makers, progress, complete=only is None)


def print_playbooks(
    folder: Path,
    out: Path | None = None,
    edition: str | None = None,
    pages: Sequence[str] = (),
    cards: bool = False,
    progress: Progress = lambda _: None,
) -> BuildReport:
    """Print an engagement's playbooks as PDF: the book, each page and the cards, or what is asked for.

    The next whole build takes the prints away: they show the answers of their own day.
    """
    from .deliverables import print_edition

    order = print_edition.order_of(edition, pages, cards)

    def maker(results: Results, staging: Path) -> None:
        print_edition.write(results, staging, order, progress)

    report = _made(folder, out or folder / "build", [("print", maker)], progress, complete=False)
    if report.missing:
        raise MissingPartError(report.missing[0])
    return report


def _writer(name: str) -> Maker:
    def write(results: Results, staging: Path) -> None:
        import_module(f".deliverables.{name}", __package__).write(results, staging)

    return write


def _made(
    folder: Path, out: Path, makers: Sequence[tuple[str, Maker]], progress: Progress, *, complete: bool
) -> BuildReport:
    """Plan, let each maker write into a private folder, and move what was made into place."""
    report = BuildReport(out)

    @contextmanager
    def step(name: str) -> Iterator[None]:
        progress(name)
        begun = time.perf_counter()
        yield
        report.seconds[name] = round(time.perf_counter() - begun, 2)

    with step("reading"):
        engagement = read_engagement(folder)
        as_of_environment(engagement.file.as_of)
    results = plan(engagement, step)
    report.solver = dict(results.roster.settings)
    out.mkdir(parents=True, exist_ok=True)
    _sweep_staging(out)
    staging = Path(tempfile.mkdtemp(dir=out, prefix=".staging-"))
    try:
        for name, make in makers:
            with step(name):
                try:
                    _make(name, make, results, staging, report)
                except MissingPartError as error:
                    report.missing.append(str(error))
        if complete:
            (staging / "public").mkdir(exist_ok=True)
        _publish(staging, engagement, report, complete=complete)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return report


def _make(name: str, make: Maker, results: Results, staging: Path, report: BuildReport) -> None:
    """Let a maker write; what was made of the same inputs before, and is still as it was made, is laid out again."""
    if name not in SKIPPED_UNCHANGED:
        make(results, staging)
        return
    ready = import_module(f".deliverables.{name}", __package__).prepared(results)
    names = _same_as_before(name, ready.fingerprint, report.out)
    for path in names:
        target = staging / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(report.out / path, target)
    if not names:
        names = sorted(path.relative_to(staging).as_posix() for path in ready.write(staging))
    report.made[name] = {"inputs": ready.fingerprint, "outputs": names}


def _same_as_before(name: str, inputs: str, out: Path) -> list[str]:
    """Return what the last build made of the same inputs, if every file of it is still as it was made; else nothing."""
    try:
        record = json.loads((out / "build.json").read_text("utf-8"))
        before = record["made"][name]
        names = [str(path) for path in before["outputs"]]
        whole = all(archive.file_digest(out / path) == record["outputs"][path] for path in names)
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return names if whole and before["inputs"] == inputs else []


def check_content() -> LintReport:
    """Return what is wrong with the toolkit's content, that of the rooms above the assessment included."""
    from .assessment.lint import Loader, lint
    from .deliverables.academy import load_academy
    from .deliverables.decision_trees import load_trees
    from .deliverables.playbook_pages import wrong_trees
    from .deliverables.playbooks import load_pages

    loaders: dict[str, Loader] = {
        "playbooks": lambda root, instrument: load_pages(instrument, root),
        "decision trees": lambda root, instrument: wrong_trees(load_pages(instrument, root), load_trees(root)),
        "academy": lambda root, instrument: load_academy(
            root, {p.front.id for p in load_pages(instrument, root)}, [g.id for g in instrument.gates]
        ),
    }
    for path in sorted((content_root() / "assessment" / "countries").glob("*.yaml")):
        loaders[path.name] = _country_reader(path.stem.upper())
    return lint(loaders=loaders)


def _country_reader(code: str) -> Callable[[Path, Instrument], object]:
    from .planning.calendar import load_country

    return lambda root, _: load_country(code, root)


def compare_waves(folder: Path, since: date) -> tuple[Path, Comparison]:
    """Compare the wave up to ``since`` with the answers after it, and write build/consultant/comparison.html."""
    from .deliverables import comparison_report

    engagement = read_engagement(folder)
    file = engagement.file
    languages = file.working_languages or engagement.country.working_languages
    found = compare(
        engagement.instrument,
        engagement.testimony,
        file.stage,
        since,
        several_languages=len(languages) > 1,
        safe_migration=file.safe_migration,
        channels=file.channels,
    )
    out = folder / "build"
    return comparison_report.write(found, engagement.instrument, out, name=file.name, notice=file.notice), found


def _deliverables(only: list[str] | None) -> tuple[str, ...]:
    if only is None:
        return DELIVERABLES
    for name in only:
        if name not in DELIVERABLES:
            known = ", ".join(DELIVERABLES)
            raise CatalystError(
                f"'{name}' is not a deliverable{did_you_mean(name, list(DELIVERABLES))}; there are {known}"
            )
    return tuple(name for name in DELIVERABLES if name in only)


def _sweep_staging(out: Path) -> None:
    for left in out.glob(".staging-*"):
        shutil.rmtree(left, ignore_errors=True)
    archive.sweep(out)


def _publish(staging: Path, engagement: Engagement, report: BuildReport, *, complete: bool) -> None:
    """Move what was made into place, keep what people edited, and write build.json last."""
    out = report.out
    record = out / "build.json"
    intent = out / ".publishing.json"
    ours = _known(record) | _known(intent)
    old = _known(record)
    new = {p.relative_to(staging).as_posix(): archive.file_digest(p) for p in sorted(staging.rglob("*")) if p.is_file()}
    # A killed build leaves new files beside an old record: the intent tells them from a person's edits.
    both = {name: {old.get(name), ours.get(name), new.get(name)} for name in {*old, *ours, *new}}
    archive.write_text(intent, json.dumps({"outputs": new}, indent=1, sort_keys=True))
    outputs = dict(new)
    for folder in sorted(p for p in staging.rglob("*") if p.is_dir()):
        (out / folder.relative_to(staging)).mkdir(parents=True, exist_ok=True)
    for name in new:
        target = out / name
        if target.exists() and archive.file_digest(target) not in both[name]:
            beside = target.with_name(f"{target.stem}.new{target.suffix}")
            (staging / name).replace(beside)
            report.kept.append(target)
            report.written.append(beside)
        else:
            (staging / name).replace(target)
            report.written.append(target)
    if complete:
        _remove_stale(out, old, new)
    else:
        outputs = {**old, **new}
        report.made = {**_known(record, "made"), **report.made}
    made = _record(engagement, outputs, report)
    if not complete and _is_stale(record):
        made["stale"] = True
    archive.write_text(record, json.dumps(made, indent=1, ensure_ascii=False) + "\n")
    intent.unlink(missing_ok=True)


def _is_stale(record: Path) -> bool:
    """Return whether somebody withdrew since the last whole build: what was not built now still counts them."""
    try:
        return bool(json.loads(record.read_text("utf-8")).get("stale"))
    except (OSError, ValueError):
        return False


def _known(path: Path, part: str = "outputs") -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text("utf-8"))[part])
    except (OSError, ValueError, KeyError):
        return {}


def _remove_stale(out: Path, old: dict[str, str], new: dict[str, str]) -> None:
    for name in sorted(set(old) - set(new)):
        path = out / name
        if path.is_file() and archive.file_digest(path) == old[name]:
            path.unlink()
            for parent in path.parents:
                if parent == out or any(parent.iterdir()):
                    break
                parent.rmdir()


def _record(engagement: Engagement, outputs: dict[str, str], report: BuildReport) -> dict[str, Any]:
    inputs = {
        p.relative_to(engagement.folder).as_posix(): archive.file_digest(p)
        for p in sorted(engagement.folder.rglob("*"))
        if p.is_file()
        and not p.is_relative_to(report.out)
        and "build" not in p.relative_to(engagement.folder).parts[:1]
    }
    packages = (
        "hotline-catalyst",
        "ortools",
        "numpy",
        "scipy",
        "pandas",
        "mkdocs",
        "mkdocs-material",
        "weasyprint",
        "xlsxwriter",
        "docxtpl",
        "holidays",
        "babel",
    )
    return {
        "schema": "build/1",
        "as_of": engagement.file.as_of.isoformat(),
        "versions": {"python": platform.python_version(), **{p: _version(p) for p in packages}},
        "platform": f"{sys.platform}-{platform.machine()}",
        "seeds": {
            "assessment": int(engagement.instrument.scoring.seed.value),
            "roadmap": roadmaps.SEED,
        },
        "roster": report.solver,
        "instrument": f"{engagement.file.instrument} {engagement.instrument.fingerprint}",
        "inputs": inputs,
        "outputs": dict(sorted(outputs.items())),
        "made": report.made,
        "missing": report.missing,
        "seconds": report.seconds,
    }


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "not installed"
