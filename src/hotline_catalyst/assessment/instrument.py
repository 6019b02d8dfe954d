"""The instrument: domains of items with behaviour-anchored levels, quantities, gates, scoring constants."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from ..errors import ContentError
from ..library import Content, content_root, did_you_mean, read, shown

TOP_LEVEL = 4
ITEM_ID = re.compile(r"^[A-Z]{2}-\d{2}$")
QUANTITY_ID = re.compile(r"^[A-Z]{2}-Q\d{1,2}$")
CHOICE = re.compile(r"^[a-z][a-z0-9_]*$")
STAGES = ("inception", "new", "existing")

Stage = Literal["new", "existing", "both"]
Verdict = Literal["met", "not met", "not shown"]
Way = Literal["ask", "together", "document", "visit"]
Proof = Literal["say", "agreed", "document", "observed"]
PROOF_ORDER: tuple[Proof, ...] = ("say", "agreed", "document", "observed")


def in_stage(item_stage: str, engagement_stage: str) -> bool:
    """Return whether something marked new, existing or both belongs to an engagement of that stage."""
    return item_stage == "both" or item_stage == ("existing" if engagement_stage == "existing" else "new")


class Item(Content):
    """One question with five levels an assessor could see.

    ``first_hand`` and ``perception`` say how close a role stands to the item, whoever answers it; ``asked_of`` names
    the roles whose questionnaire holds it, where that is fewer than all of these, so that nobody is asked too much.
    ``core`` items form the short set for a first visit.
    ``sensitive`` marks items whose level would help a trafficker (night cover, site security): partners and the
    public read their title, never their level text.
    """

    id: str
    title: str
    ask: str
    why: str
    levels: dict[int, str]
    evidence: dict[int, list[str]]
    first_hand: list[str] = Field(min_length=1)
    perception: list[str] = []
    asked_of: list[str] = []
    core: bool = False
    stage: Stage
    asset: Literal["human", "policy", "technology", "institutional"]
    may_not_apply: bool = False
    weight: float = Field(default=1, gt=0)
    required: dict[int, int] = {}
    covers: list[str] = []
    sensitive: bool = False
    source: str

    @field_validator("id")
    @classmethod
    def _id(cls, value: str) -> str:
        if not ITEM_ID.match(value):
            raise ValueError(f"'{value}' is not an item id; use two capitals, a dash and two digits, like IN-01")
        return value

    @model_validator(mode="after")
    def _anchored(self) -> Item:
        if sorted(self.levels) != list(range(TOP_LEVEL + 1)):
            raise ValueError("levels 0, 1, 2, 3 and 4 each need a text")
        if len({" ".join(text.lower().split()) for text in self.levels.values()}) != len(self.levels):
            raise ValueError("two levels have the same text; each must differ in what an assessor would see")
        if strangers := set(self.asked_of) - {*self.first_hand, *self.perception}:
            raise ValueError(
                f"asked_of: {', '.join(sorted(strangers))}: say under first_hand or perception how they know"
            )
        return self

    def is_asked_of(self, role: str) -> bool:
        """Return whether this item stands in the questionnaire of ``role``."""
        return role in (self.asked_of or [*self.first_hand, *self.perception])

    @property
    def words(self) -> int:
        """Words a respondent reads to answer it."""
        return len(" ".join([self.title, self.ask, self.why, *self.levels.values()]).split())

    def required_at(self, domain_level: int) -> int:
        """Return the level this item must reach for its domain to be at ``domain_level``."""
        return self.required.get(domain_level, domain_level)


class Quantity(Content):
    """A number that planning needs, asked with its unit and a believable range; or choices, of which several may hold.

    ``feeds`` names the planning parameter that a number replaces. Choices feed none: the plan's own are written in
    engagement.yaml, and the report says where what people want differs.
    """

    id: str
    title: str
    ask: str
    unit: str = ""
    minimum: float = 0
    maximum: float = 0
    choices: dict[str, str] = {}
    feeds: str | None = None
    first_hand: list[str] = Field(min_length=1)
    core: bool = False
    stage: Stage = "both"
    source: str

    @field_validator("id")
    @classmethod
    def _id(cls, value: str) -> str:
        if not QUANTITY_ID.match(value):
            raise ValueError(f"'{value}' is not a quantity id; use two capitals, -Q and a number, like EE-Q1")
        return value

    @model_validator(mode="after")
    def _number_or_choices(self) -> Quantity:
        if bool(self.choices) == bool(self.unit):
            raise ValueError("a quantity has a unit with minimum and maximum, or choices: one of the two")
        if self.unit and not self.minimum < self.maximum:
            raise ValueError("minimum must be below maximum")
        if wrong := [code for code in self.choices if not CHOICE.match(code)]:
            raise ValueError(f"'{wrong[0]}' is not a choice's code; use small letters, digits and _")
        return self

    def is_asked_of(self, role: str) -> bool:
        """Return whether this stands in the questionnaire of ``role``."""
        return role in self.first_hand

    @property
    def words(self) -> int:
        """Words a respondent reads to answer it."""
        return len(" ".join([self.title, self.ask, *self.choices.values()]).split())


class Domain(Content):
    """One of three axes or twelve program offerings."""

    id: str
    code: str
    title: str
    kind: Literal["axis", "offering"]
    purpose: str
    items: list[Item]
    quantities: list[Quantity] = []


class Level(Content):
    """One rung of the readiness scale."""

    n: int
    name: str
    means: str


class Role(Content):
    """A kind of respondent; ``group`` is the stakeholder group shown in tables.

    What a ``protected`` role says with fewer than the smallest group's people is shown to the consultant alone.
    """

    title: str
    group: str
    protected: bool = False


class Burden(Content):
    """How long a questionnaire may be, and how its minutes are estimated."""

    most_items: int
    most_minutes: float
    most_core_items: int
    words_per_minute: float = Field(gt=0)
    seconds_to_choose: float
    reason: str


class InstrumentFile(Content):
    """instrument.yaml: names, levels, roles and the list of domain files."""

    id: str
    version: str
    title: str
    levels: list[Level]
    roles: dict[str, Role]
    certainty: dict[str, str]
    channels: dict[str, str]
    consent: dict[str, str]
    burden: Burden
    domains: list[str]


class Condition(Content):
    """What a gate needs: an item at a level with its proof, a fact of the plan, a signature, or a combination."""

    item: str | None = None
    at_least: int | None = None
    proof: Proof | None = None
    plan: Literal["roster_covers_hours", "capacity_exceeds_forecast"] | None = None
    signature: str | None = None
    all: list[Condition] | None = None
    any: list[Condition] | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Condition:
        given = [k for k in ("item", "plan", "signature", "all", "any") if getattr(self, k) is not None]
        if len(given) != 1:
            raise ValueError("a condition is exactly one of: item, plan, signature, all, any")
        if self.item is not None and self.at_least is None:
            raise ValueError(f"say the level '{self.item}' must have: at_least: 3")
        return self

    def leaves(self) -> Iterator[Condition]:
        """Yield the conditions that are not combinations."""
        children = self.all or self.any
        if children is None:
            yield self
        else:
            for child in children:
                yield from child.leaves()


class Cap(Content):
    """While the gate is not met, the domain cannot be above this level."""

    domain: str
    level: int = Field(ge=0, le=TOP_LEVEL)


class Gate(Content):
    """What stays closed until it is shown."""

    id: str
    title: str
    kind: Literal["launch", "round_the_clock", "text", "chat", "email", "visit", "campaign"]
    why: str
    needs: Condition
    caps: list[Cap] = []
    stage: Stage = "both"
    when: Literal["always", "several_languages", "safe_migration"] = "always"
    source: str

    @property
    def items(self) -> list[str]:
        """Items named anywhere in the gate's conditions."""
        return [leaf.item for leaf in self.needs.leaves() if leaf.item]


class GatesFile(Content):
    """gates.yaml: conditions, what closes with them, and the topics that must be accounted for."""

    kinds: dict[str, str]
    reviewed_by: dict[str, str]
    launched_by: str
    marked: dict[str, list[str]]
    gates: list[Gate]


class Constant(Content):
    """A number of the scoring model with the reason it has this value."""

    value: float
    reason: str


class Variation(Content):
    """Other constants to judge by, so that a reader sees which results depend on ours; and the reason to try them."""

    title: str
    change: dict[str, float | dict[int | str, float]]
    reason: str


class Method(Constant):
    """A way to settle what is not known: its cost in person-days (``value``) and what to do, in words."""

    title: str
    say: str


class Scoring(Content):
    """scoring.yaml: every constant of the readiness model, each with its reason."""

    thresholds: dict[int, Constant]
    certainty_spread: dict[str, Constant]
    domain_spread: Constant
    first_hand_weight: Constant
    perception_weight: Constant
    same_organisation_exponent: Constant
    evidence_weight: dict[Proof, Constant]
    gate_met: Constant
    gate_not_met: Constant
    interval: Constant
    settled_span: Constant
    draws: Constant
    seed: Constant
    target_level: dict[str, Constant]
    gap_probability: Constant
    contested_below: Constant
    contested_answers: Constant
    blind_spot_levels: Constant
    smallest_group: Constant
    few_answers_spread: Constant
    weight_shape: Constant
    weakest_domains: Constant
    agreement_draws: Constant
    agreement_items: Constant
    stakes: dict[str, Constant]
    verify: dict[Way, Method]
    agenda_length: Constant
    variations: dict[str, Variation]

    @model_validator(mode="after")
    def _ordered(self) -> Scoring:
        if sorted(self.thresholds) != list(range(1, TOP_LEVEL + 1)):
            raise ValueError("thresholds 1, 2, 3 and 4 each need a value")
        values = [self.thresholds[level].value for level in sorted(self.thresholds)]
        if values != sorted(values):
            raise ValueError("thresholds must not fall from one level to the next")
        for name, variation in self.variations.items():
            for key, value in variation.change.items():
                held = getattr(self, key, None)
                inner = isinstance(value, dict) and isinstance(held, dict) and all(k in held for k in value)
                if not inner and not (isinstance(value, float) and isinstance(held, Constant)):
                    raise ValueError(f"variations: {name}: '{key}' does not name constants of this file")
        return self


@dataclass(frozen=True)
class Instrument:
    """The whole instrument, its references checked."""

    meta: InstrumentFile
    domains: tuple[Domain, ...]
    gates_file: GatesFile
    scoring: Scoring
    fingerprint: str

    @cached_property
    def items(self) -> dict[str, Item]:
        """Every item by id, in the order of the domains."""
        return {item.id: item for domain in self.domains for item in domain.items}

    @cached_property
    def quantities(self) -> dict[str, Quantity]:
        """Every quantity by id."""
        return {q.id: q for domain in self.domains for q in domain.quantities}

    @cached_property
    def domain_of(self) -> dict[str, str]:
        """Domain id by item id."""
        return {item.id: domain.id for domain in self.domains for item in domain.items}

    @property
    def gates(self) -> list[Gate]:
        """Every gate, in the file's order."""
        return self.gates_file.gates

    def role_title(self, role: str) -> str:
        """Return a role's name as people say it."""
        return self.meta.roles[role].title if role in self.meta.roles else role.replace("_", " ").capitalize()

    def asked(
        self, role: str | None, stage: str, *, core: bool = False
    ) -> list[tuple[Domain, list[Item], list[Quantity]]]:
        """Return what a role is asked at a stage, by domain; every role's questions when ``role`` is None.

        With ``core``, only the short set of a first visit.
        """

        def kept(question: Item | Quantity) -> bool:
            fits = in_stage(question.stage, stage) and (role is None or question.is_asked_of(role))
            return fits and (question.core or not core)

        found = [(d, [i for i in d.items if kept(i)], [q for q in d.quantities if kept(q)]) for d in self.domains]
        return [(domain, items, quantities) for domain, items, quantities in found if items or quantities]

    def questions(self, role: str | None, stage: str, *, core: bool = False) -> list[Item | Quantity]:
        """Return the same questions as `asked`, in one list."""
        found: list[Item | Quantity] = []
        for _, items, quantities in self.asked(role, stage, core=core):
            found += [*items, *quantities]
        return found

    def items_for(self, role: str | None, stage: str) -> list[Item]:
        """Return the items a role is asked at a stage; every role's items when ``role`` is None."""
        return [item for _, items, _ in self.asked(role, stage) for item in items]

    def minutes(self, questions: Iterable[Item | Quantity]) -> float:
        """Return how long these questions take to read and answer, in minutes (an estimate; see instrument.yaml)."""
        burden = self.meta.burden
        return sum(q.words / burden.words_per_minute + burden.seconds_to_choose / 60 for q in questions)


def load_instrument(root: Path | None = None) -> Instrument:
    """Read and check the instrument.

    Raises
    ------
    ContentError
        With every problem of the first file that has any, or of the references between files.
    """
    folder = (root or content_root()) / "assessment"
    meta = read(folder / "instrument.yaml", InstrumentFile)
    paths = [folder / "domains" / f"{name}.yaml" for name in meta.domains]
    domains = tuple(read(path, Domain) for path in paths)
    gates_file = read(folder / "gates.yaml", GatesFile)
    scoring = read(folder / "scoring.yaml", Scoring)
    content = b"".join(path.read_bytes() for path in [folder / "instrument.yaml", *paths])
    instrument = Instrument(meta, domains, gates_file, scoring, hashlib.sha256(content).hexdigest()[:16])
    if problems := list(_broken_references(instrument)):
        raise ContentError(shown(folder), problems)
    return instrument


def _broken_references(instrument: Instrument) -> Iterator[str]:
    """Yield what is wrong between the instrument's files."""
    meta, seen = instrument.meta, dict[str, str]()
    for name, domain in zip(meta.domains, instrument.domains, strict=True):
        if domain.id != name:
            yield f"domains/{name}.yaml: its id is '{domain.id}'; make id and file name the same"
        entries: list[Any] = [*domain.items, *domain.quantities]
        for entry in entries:
            if entry.id in seen:
                yield f"domains/{name}.yaml: '{entry.id}' is also in {seen[entry.id]}; ids are used once"
            seen[entry.id] = f"domains/{name}.yaml"
            if not entry.id.startswith(f"{domain.code}-"):
                yield f"domains/{name}.yaml: '{entry.id}' does not start with the domain's code {domain.code}"
            for role in [*entry.first_hand, *getattr(entry, "perception", [])]:
                if role not in meta.roles:
                    hint = did_you_mean(role, list(meta.roles))
                    yield f"domains/{name}.yaml: {entry.id}: role '{role}' is not in instrument.yaml{hint}"
    yield from _broken_gates(instrument)


def _broken_gates(instrument: Instrument) -> Iterator[str]:
    items, domains = instrument.items, {d.id for d in instrument.domains}
    reached: dict[str, set[str]] = {}
    for gate in instrument.gates:
        for leaf in gate.needs.leaves():
            if leaf.item and leaf.item not in items:
                yield f"gates.yaml: {gate.id}: item '{leaf.item}' does not exist{did_you_mean(leaf.item, list(items))}"
        for cap in gate.caps:
            if cap.domain not in domains:
                yield f"gates.yaml: {gate.id}: domain '{cap.domain}' does not exist"
        reached.setdefault(gate.kind, set()).update(gate.items)
    for kind, topics in instrument.gates_file.marked.items():
        for topic in topics:
            holders = {i.id for i in items.values() if i.id == topic or topic in i.covers}
            if not holders & reached.get(kind, set()):
                yield f"gates.yaml: topic {topic} is marked '{kind}' but no gate of that kind asks for it"
