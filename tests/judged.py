"""An engagement's results without its plan: the judgement is real, head counts and dates are marked numbers.

Planning takes half a minute; texts need only what was judged. The marks are so odd that one found in a text shows
which value leaked into it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from roadmaps import roadmap as empty_roadmap

from hotline_catalyst.basis import assumptions_of
from hotline_catalyst.collecting import collect_files
from hotline_catalyst.engagement import read_engagement
from hotline_catalyst.judgement import judge_everything
from hotline_catalyst.results import Results
from hotline_catalyst.starting import copy_example
from hotline_catalyst.walk import _facts


@dataclass(frozen=True)
class Marks:
    """Numbers that stand for the plan's."""

    people: int = 7301
    peak_on_shift: int = 7402
    night_on_shift: int = 7503
    advocates: int = 7604
    advocates_low: int = 7605
    advocates_high: int = 7606


def gathered(name: str, folder: Path) -> Path:
    """Copy an example into ``folder`` with its questionnaires collected and nothing built; a second's work."""
    copy_example(name, folder)
    for path, outcome in collect_files(folder, sorted((folder / "questionnaires").glob("*.xlsx"))):
        assert not isinstance(outcome, Exception), f"{path}: {outcome}"
    return folder


def judged(folder: Path, **changes: Any) -> Results:
    """Return an engagement's facts, gates, findings and recommendations, with marks for the plan's numbers.

    ``changes`` replace fields of the engagement before it is judged, such as ``testimony``.
    """
    engagement = replace(read_engagement(folder), **changes)
    found = judge_everything(engagement)
    nothing: Any = None
    plan: Any = SimpleNamespace(
        targets=SimpleNamespace(voice_share=0.9, voice_within_s=20.0, written_days=3.0),
        people=SimpleNamespace(
            total=Marks.people,
            advocates=Marks.advocates,
            advocates_low=Marks.advocates_low,
            advocates_high=Marks.advocates_high,
        ),
        hiring_refused="",
        peak_on_shift=Marks.peak_on_shift,
        night_on_shift=Marks.night_on_shift,
    )
    launch = SimpleNamespace(
        activity=engagement.instrument.gates_file.launched_by,
        planned=date(2028, 5, 2),
        p50=date(2028, 6, 19),
        p80=date(2028, 8, 1),
    )
    roadmap: Any = replace(empty_roadmap(), start=engagement.file.start, today=engagement.file.start, launch=launch)
    return Results(
        facts=_facts(engagement),
        instrument=engagement.instrument,
        testimony=engagement.testimony,
        parameters=engagement.parameters,
        readiness=found.readiness,
        gates=found.gates,
        findings=found.findings,
        raised=found.raised,
        targets=found.targets,
        agreement=found.agreement,
        agenda=found.agenda,
        inventory=found.inventory,
        programme=engagement.programme,
        offers=found.offers,
        goals=found.goals,
        sensitivity=found.sensitivity,
        wishes=found.wishes,
        roadmap=roadmap,
        phase_titles=engagement.advice.phase_titles,
        demand=nothing,
        staffing=plan,
        roster=nothing,
        roster_rules=(),
        roster_stress=nothing,
        roster_reasons=nothing,
        limits=engagement.limits,
        assumptions=tuple(assumptions_of(engagement)),
        numbers=(),
        sources={},
        own_pages=engagement.own_pages,
    )
