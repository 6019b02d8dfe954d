"""Checks the content as a careful reviewer would: every file at once, each problem with its place and what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ..errors import CatalystError, ContentError
from ..library import Content, content_root, read_document, read_yaml, shown, validate
from . import lint_plan, lint_rules
from .activities import ActivitiesFile, RoadmapContent
from .comparison import ComparisonConstants
from .findings import RecommendationsFile, load_advice
from .instrument import (
    STAGES,
    TOP_LEVEL,
    Condition,
    Domain,
    GatesFile,
    Instrument,
    InstrumentFile,
    Scoring,
    load_instrument,
)
from .lint_subject import FiguresFile, LintFile, Problem, SourcesFile, Subject, TopicsFile, plain
from .migration import MigrationFile, migration_problems
from .privacy import PrivacyFile
from .programme import ProgrammeFile

FILES: tuple[tuple[str, type[Content]], ...] = (
    ("instrument.yaml", InstrumentFile),
    ("domains/*.yaml", Domain),
    ("gates.yaml", GatesFile),
    ("scoring.yaml", Scoring),
    ("recommendations/*.yaml", RecommendationsFile),
    ("activities/*.yaml", ActivitiesFile),
    ("roadmap.yaml", RoadmapContent),
    ("parameters/*.yaml", FiguresFile),
    ("programme.yaml", ProgrammeFile),
    ("comparison.yaml", ComparisonConstants),
    ("privacy.yaml", PrivacyFile),
    ("sources.yaml", SourcesFile),
    ("topics.yaml", TopicsFile),
    ("lint.yaml", LintFile),
    ("migrations/*.yaml", MigrationFile),
)
NOT_FIGURES = "launch_options.yaml"
IDENT = re.compile(r"[A-Z]{2}-Q?\d{1,2}\b|REC-[A-Z]{2}-\d+|G[LV]-\d{2}|\b[AR]\d{2}\b|\b[a-z]+\.[a-z_0-9]+\b")
Loader = Callable[[Path, Instrument], object]


@dataclass(frozen=True)
class BurdenRow:
    """How much one role is asked at one stage."""

    role: str
    stage: str
    questions: int
    minutes: float


@dataclass(frozen=True)
class GateRow:
    """What the core set can say about one gate."""

    gate: str
    kind: str
    core: int
    items: int
    verdict: str


@dataclass(frozen=True)
class LintReport:
    """What the content holds, what is wrong with it, and what is worth knowing though it is not wrong."""

    counts: Mapping[str, int] = field(default_factory=dict)
    burden: tuple[BurdenRow, ...] = ()
    gates: tuple[GateRow, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def lines(self) -> list[str]:
        """Return the report as lines to print: counts, burden, core set, notes, problems."""
        lines = [f"{name}: {count}" for name, count in self.counts.items()]
        if self.burden:
            lines += ["", "Questions and minutes a role is asked", *_burden_lines(self.burden)]
        if self.gates:
            lines += ["", "What the core set says about each gate (core items of all items)"]
            lines += [f"  {g.gate:<6}{g.core:>3} of {g.items:<3} {g.verdict}" for g in self.gates]
        lines += ["", *(f"Note: {note}" for note in self.notes)] if self.notes else []
        count = len(self.problems)
        lines += ["", f"{count} problem{'' if count == 1 else 's'} in the content." if count else "No problems."]
        return [*lines, *(f"  {p}" for p in self.problems)]


def lint(root: Path | None = None, loaders: Mapping[str, Loader] | None = None) -> LintReport:
    """Check all content below ``root``; nothing stops at the first problem.

    Parameters
    ----------
    root
        The folder that holds assessment/ and playbooks/; the toolkit's own when None.
    loaders
        Readers of other rooms' content by name (countries, playbook pages); what they refuse is listed too.
    """
    root = root or content_root()
    files, problems = _read_all(root)
    if problems:
        note = "What one file says about another is checked once these files can be read."
        return LintReport(problems=tuple(sorted(problems)), notes=(note,))
    places = _places(files)
    try:
        instrument = load_instrument(root)
        advice = load_advice(instrument, root)
    except ContentError as error:
        return LintReport(problems=tuple(sorted(_placed(error, places))))
    subject = _subject(root, instrument, advice, files, places)
    found = [p for rule in lint_rules.RULES for p in rule(subject)]
    found += _migrations(subject, files)
    for loader in (loaders or {}).values():
        found += _refused(loader, root, instrument)
    notes = tuple(lint_rules.notes(subject))
    return LintReport(_counts(subject), tuple(_burden(instrument)), tuple(_gates(instrument)), _sorted(found), notes)


def _sorted(problems: list[Problem]) -> tuple[Problem, ...]:
    return tuple(sorted(dict.fromkeys(problems)))


def _read_all(root: Path) -> tuple[dict[Path, tuple[Content, yaml.Node | None]], list[Problem]]:
    """Read every content file with its model; return the records, and the problems of all files together."""
    files: dict[Path, tuple[Content, yaml.Node | None]] = {}
    problems: list[Problem] = []
    for pattern, model in FILES:
        paths = [p for p in sorted((root / "assessment").glob(pattern)) if p.name != NOT_FIGURES]
        if not paths and "*" not in pattern:
            problems.append(Problem(f"assessment/{pattern}", 0, "this file is missing; add it"))
        for path in paths:
            try:
                data, node = read_document(path)
                files[path] = (validate(data, model, path, node), node)
            except ContentError as error:
                problems += [_from_text(_name(root, path), text) for text in error.problems]
    return files, problems


def _name(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else shown(path)


def _from_text(file: str, text: str) -> Problem:
    """Return a loader's sentence as a problem; it may begin with its line."""
    if match := re.match(r"line (\d+): (.*)", text, re.S):
        return Problem(file, int(match[1]), match[2])
    return Problem(file, 0, text)


def _places(files: Mapping[Path, tuple[Content, yaml.Node | None]]) -> dict[str, tuple[str, int]]:
    """Return where each id stands: an ``id:`` of a record, or the name of a figure."""
    found: dict[str, tuple[str, int]] = {}
    for path, (_, node) in files.items():
        name = "/".join(path.parts[path.parts.index("assessment") :])
        for ident, line in _ids(node):
            found.setdefault(ident, (name, line))
    return found


def _ids(node: Any) -> Iterator[tuple[str, int]]:
    if isinstance(node, yaml.SequenceNode):
        for child in node.value:
            yield from _ids(child)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == "id" and isinstance(value, yaml.ScalarNode):
                yield value.value, value.start_mark.line + 1
            elif isinstance(key, yaml.ScalarNode) and "." in key.value:
                yield key.value, key.start_mark.line + 1
            if key.value not in ("moves", "after"):
                yield from _ids(value)


def _placed(error: ContentError, places: Mapping[str, tuple[str, int]]) -> list[Problem]:
    """Return a loader's sentences, each with the place of the first id it names."""
    found = []
    for text in error.problems:
        known = [i for i in IDENT.findall(text) if i in places]
        file, line = places[known[0]] if known else (error.where, 0)
        plain = _from_text(file, text)
        found.append(plain if plain.line else Problem(file, line, text))
    return found


def _refused(loader: Loader, root: Path, instrument: Instrument) -> list[Problem]:
    try:
        loader(root, instrument)
    except ContentError as error:
        return [_from_text(error.where, text) for text in error.problems]
    except CatalystError as error:
        return [Problem("", 0, str(error))]
    return []


def _subject(
    root: Path, instrument: Instrument, advice: Any, files: Mapping[Path, tuple[Content, Any]], places: Any
) -> Subject:
    by_model: dict[type, list[Any]] = {}
    for record, _ in files.values():
        by_model.setdefault(type(record), []).append(record)
    pages = {p.name[:5] for p in (root / "playbooks").rglob("PB-*.md")}
    return Subject(
        root=root,
        instrument=instrument,
        advice=advice,
        figures={k: v for f in by_model.get(FiguresFile, []) for k, v in f.parameters.items()},
        measured={k: v for f in by_model.get(FiguresFile, []) for k, v in f.measured.items()},
        sources=frozenset(by_model[SourcesFile][0].sources),
        topics=by_model[TopicsFile][0].topics,
        limits=by_model[LintFile][0],
        options=_options(root),
        modes=tuple(by_model[ProgrammeFile][0].delivery),
        pages=frozenset(pages),
        places=places,
    )


def _options(root: Path) -> frozenset[str]:
    """Return the launch options that a step of the opening may name; another room checks the file itself."""
    data = read_yaml(root / "assessment" / "parameters" / NOT_FIGURES)
    return frozenset(str(option["id"]) for option in data["options"])


def _migrations(subject: Subject, files: Mapping[Path, tuple[Content, Any]]) -> list[Problem]:
    found = {path: record for path, (record, _) in files.items() if isinstance(record, MigrationFile)}
    return [Problem(_name(subject.root, path), 0, text) for path, text in migration_problems(found, subject.instrument)]


def _counts(subject: Subject) -> dict[str, int]:
    instrument, advice = subject.instrument, subject.advice
    items = instrument.items.values()
    named = lint_rules.playbooks_named(subject)
    ends = len({(item, level) for item, level, _ in subject.dead_ends})
    return {
        "Items": len(instrument.items),
        "Quantities": len(instrument.quantities),
        "Topics of the research covered": sum(1 for t in subject.topics if subject.holder(t)),
        "Topics merged into another item": sum(1 for t in subject.topics.values() if t.merged_into),
        "Anchors": sum(len(i.levels) for i in items),
        "Anchors that differ from every other": len({plain(t) for i in items for t in i.levels.values()}),
        "Gates": len(instrument.gates),
        "Recommendations": len(advice.recommendations),
        **lint_plan.counts(subject),
        "Level steps with an activity": len(instrument.items) * TOP_LEVEL - ends,
        "Dead ends": ends,
        "Links to playbooks": sum(len(entry.playbooks) for entry in subject.advised),
        "Playbooks named": len(named),
        "Playbooks written": len(named & subject.pages),
        "Core items": sum(1 for i in items if i.core),
    }


def _burden(instrument: Instrument) -> Iterator[BurdenRow]:
    for role in instrument.meta.roles:
        for stage in STAGES:
            asked = instrument.questions(role, stage)
            yield BurdenRow(role, stage, len(asked), instrument.minutes(asked))


def _burden_lines(rows: tuple[BurdenRow, ...]) -> Iterator[str]:
    yield "  " + " " * 18 + "".join(f"{stage:>16}" for stage in STAGES)
    for role in dict.fromkeys(r.role for r in rows):
        cells = [f"{r.questions} in {r.minutes:.0f} min" for r in rows if r.role == role]
        yield f"  {role:<18}" + "".join(f"{cell:>16}" for cell in cells)


def _gates(instrument: Instrument) -> Iterator[GateRow]:
    for gate in instrument.gates:
        items = sorted(set(gate.items))
        core = sum(1 for i in items if instrument.items[i].core)
        if not items:
            verdict = "rests on the plan or a signature"
        elif core == 0:
            verdict = "says nothing"
        elif _met_by_core(gate.needs, instrument):
            verdict = "can be met"
        else:
            verdict = "can be refused, not met"
        yield GateRow(gate.id, gate.kind, core, len(items), verdict)


def _met_by_core(condition: Condition, instrument: Instrument) -> bool:
    if condition.item:
        return instrument.items[condition.item].core
    if condition.all:
        return all(_met_by_core(c, instrument) for c in condition.all)
    return any(_met_by_core(c, instrument) for c in condition.any) if condition.any else True
