"""Results: all that was found and planned, the one thing deliverables receive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from .assessment.agenda import Look
from .assessment.agreement import Agreement
from .assessment.findings import Finding, Raised
from .assessment.gates import GateResult
from .assessment.instrument import Instrument
from .assessment.inventory import Asset
from .assessment.programme import GoalState, Offer, ProgrammeFile
from .assessment.readiness import Readiness
from .assessment.responses import Testimony
from .assessment.sensitivity import Varied
from .library import Source
from .planning.calendar import Country, Hours, Limit
from .planning.demand import Demand, Parameter
from .planning.roadmap import Roadmap
from .planning.rostering.explaining import Reasons
from .planning.rostering.records import Roster
from .planning.rostering.rule_report import RuleLine
from .planning.rostering.stress_test import RosterStress
from .planning.staffing import StaffingPlan


@dataclass(frozen=True)
class Facts:
    """What the engagement is about, as its folder and its country's file say."""

    name: str
    country: Country
    stage: str
    as_of: date
    start: date
    languages: tuple[str, ...]
    working_languages: tuple[str, ...]
    channels: tuple[str, ...]
    hours: Hours
    safe_migration: bool
    scope: tuple[str, ...]
    offerings: tuple[str, ...]
    notice: str
    instrument: str


@dataclass(frozen=True)
class Assumption:
    """A figure used in the plan, with its origin; ``assumed`` marks the ones nobody has sourced."""

    id: str
    title: str
    value: str
    unit: str
    origin: str
    assumed: bool


@dataclass(frozen=True)
class Results:
    """Everything the deliverables lay out. They compute nothing of their own.

    ``targets`` holds the level each item is held against; ``wishes`` how many people chose what, by quantity;
    ``own_pages`` the hotline's own playbook pages, text by path.
    """

    facts: Facts
    instrument: Instrument
    testimony: Testimony
    parameters: Mapping[str, Parameter]
    readiness: Readiness
    gates: tuple[GateResult, ...]
    findings: tuple[Finding, ...]
    raised: tuple[Raised, ...]
    roadmap: Roadmap
    phase_titles: Mapping[str, str]
    demand: Demand
    staffing: StaffingPlan
    roster: Roster
    roster_rules: tuple[RuleLine, ...]
    roster_stress: RosterStress
    roster_reasons: Reasons
    limits: Mapping[str, Limit]
    assumptions: tuple[Assumption, ...]
    numbers: tuple[Number, ...]
    sources: Mapping[str, Source]
    targets: Mapping[str, int]
    agreement: Agreement
    agenda: tuple[Look, ...]
    inventory: tuple[Asset, ...]
    programme: ProgrammeFile
    offers: tuple[Offer, ...]
    goals: tuple[GoalState, ...]
    sensitivity: tuple[Varied, ...]
    wishes: Mapping[str, Mapping[str, int]]
    own_pages: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def gate(self) -> dict[str, GateResult]:
        """Gates by id."""
        return {g.id: g for g in self.gates}

    @cached_property
    def below(self) -> frozenset[str]:
        """Items below their target or not shown."""
        return frozenset(f.subject for f in self.findings if f.kind in ("gap", "not known"))

    def domain_title(self, ident: str) -> str:
        """A domain's or offering's title."""
        return next((d.title for d in self.instrument.domains if d.id == ident), ident.replace("_", " ").capitalize())

    def gate_counts(self, kind: str) -> dict[str, int]:
        """How many gates of a kind are met, not met and not shown."""
        verdicts = [g.verdict for g in self.gates if g.kind == kind]
        return {v: verdicts.count(v) for v in ("met", "not met", "not shown")}


@dataclass(frozen=True)
class Number:
    """A headline number that ``catalyst explain`` can trace: its value and the figures it rests on."""

    id: str
    title: str
    value: float
    unit: str
    because: str
    rests_on: tuple[str, ...]
