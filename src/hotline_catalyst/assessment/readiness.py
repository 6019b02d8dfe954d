"""Answers are testimony, the level is hidden: level probabilities by item, domain levels with intervals.

The model is in closed form (site/method page "How readiness is judged"). For an item q of a domain with
maturity m: ``log P(k|m) = log prior(k|m) + sum of weighted log T_c(answer|k) + sum of graded log E(k)``,
with the two-sided exponential kernel ``T_c(a|k)`` proportional to ``exp(-|a-k|/spread_c)``;
m is uniform and summed out.

Nothing is added to the kernel: a floor of uniform error breaks monotonicity (a better answer could lower a level).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from statistics import median_low
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .agreement import consensus
from .instrument import PROOF_ORDER, TOP_LEVEL, Domain, Instrument, Item, Proof, Scoring, in_stage
from .responses import Evidence, Testimony

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LEVELS = np.arange(TOP_LEVEL + 1)


@dataclass(frozen=True)
class ItemReadiness:
    """What is known about one item.

    ``probability`` has one entry per level 0 to 4. ``low`` and ``high`` are bounds without any assumption:
    from the lowest to the highest answer, a don't-know counting as 0 below and as the top above. ``shielded`` items
    rest on a survivor adviser and too few others: partners read their title only.
    """

    id: str
    probability: tuple[float, ...]
    low: int
    high: int
    role_median: int | None
    answered: int
    dont_know: int
    applies: bool
    consensus: float | None
    best_proof: Proof | None
    contradicted: bool
    owner_does_not_know: bool
    groups: Mapping[str, float]
    organisations: int
    shielded: bool

    @property
    def thin(self) -> bool:
        """Whether fewer than two organisations stand behind what is known."""
        return self.organisations < 2

    @property
    def known(self) -> bool:
        """Whether anybody answered, or anything was seen."""
        return self.answered > 0 or self.best_proof is not None or self.contradicted

    def at_least(self, level: int) -> float:
        """Return the probability that the item is at ``level`` or above."""
        return float(sum(self.probability[level:]))

    @property
    def likely(self) -> int:
        """The median level."""
        return int(np.searchsorted(np.cumsum(self.probability), 0.5 - 1e-12))


@dataclass(frozen=True)
class DomainReadiness:
    """A domain's level with its interval, bounds, and whether it is settled.

    The interval holds 90 % of the draws. Where fewer than half of the items are answered it is at least as wide as
    the bounds, and ``role_median`` is None. ``score`` is the weighted mean level of its items, 0 to 4, with an interval
    of the same share. ``weakest`` is how often the domain is among the weakest when the items' weights are taken as
    opinions. ``assessed`` is False where nobody spoke about any item that applies, not even to say that they do not
    know: the level then says nothing.
    """

    id: str
    level: int
    low: int
    high: int
    bound_low: int
    bound_high: int
    role_median: int | None
    settled: bool
    share_answered: float
    score: float
    score_low: float
    score_high: float
    weakest: float = 0.0
    assessed: bool = True


@dataclass(frozen=True)
class Draws:
    """Joint draws of a domain's items that apply: ids, and levels of shape (draws, items)."""

    ids: tuple[str, ...]
    levels: NDArray[np.int8]


@dataclass(frozen=True)
class Readiness:
    """Items, their joint draws, and what caps were applied to the domains."""

    items: Mapping[str, ItemReadiness]
    domains: tuple[DomainReadiness, ...]
    draws: Mapping[str, Draws] = field(compare=False, repr=False)

    @cached_property
    def by_domain(self) -> dict[str, DomainReadiness]:
        """Domains by id."""
        return {d.id: d for d in self.domains}


@cache
def kernel(spread: float) -> Floats:
    """Return ``T[a, k]``: the chance of answer ``a`` when the level is ``k``, rows by answer.

    >>> bool(kernel(0.55)[:, 2].sum().round(12) == 1)
    True
    """
    raw = np.exp(-np.abs(LEVELS[:, None] - LEVELS[None, :]) / spread)
    return np.asarray(raw / raw.sum(axis=0, keepdims=True))


def item_log_likelihood(
    scoring: Scoring, answers: Sequence[tuple[int, str, bool, str]], evidence: Sequence[Evidence]
) -> Floats:
    """Return the log likelihood of each level 0 to 4.

    Parameters
    ----------
    answers
        Level, certainty word, whether first-hand, organisation; one entry a respondent.
    evidence
        What was seen and is in force.
    """
    total = np.zeros(TOP_LEVEL + 1)
    colleagues: dict[str, int] = defaultdict(int)
    for _, _, _, organisation in answers:
        colleagues[organisation] += 1
    for level, sure, first_hand, organisation in answers:
        weight = scoring.first_hand_weight.value if first_hand else scoring.perception_weight.value
        weight *= colleagues[organisation] ** -scoring.same_organisation_exponent.value
        total += weight * np.log(kernel(scoring.certainty_spread[sure].value)[level])
    for seen in evidence:
        consistent = (seen.level <= LEVELS) if seen.supports else (seen.level > LEVELS)
        total += np.where(consistent, 0.0, -scoring.evidence_weight[seen.kind].value)
    return total


def posterior(scoring: Scoring, likelihoods: Sequence[Floats]) -> tuple[Floats, Floats]:
    """Return P(m) and P(k | m) of one domain's items, given each item's log likelihood.

    Returns
    -------
    maturity
        Shape (5,).
    conditional
        Shape (items, 5 maturities, 5 levels); each row over levels sums to 1.
    """
    prior = kernel_rows(scoring.domain_spread.value)
    like = np.exp(np.array([ll - ll.max() for ll in likelihoods]))
    joint = prior[None, :, :] * like[:, None, :]
    evidence = joint.sum(axis=2)
    log_maturity = np.log(evidence).sum(axis=0)
    maturity = np.exp(log_maturity - log_maturity.max())
    return maturity / maturity.sum(), joint / evidence[:, :, None]


def kernel_rows(spread: float) -> Floats:
    """Return ``prior[m, k]``, the chance of level ``k`` in a domain of maturity ``m``."""
    return kernel(spread).T


def uniforms(seed: int, name: str, count: int) -> Floats:
    """Return ``count`` uniforms that depend on the seed and the name alone, so that scenarios share them."""
    return generator(seed, name).random(count)


def generator(seed: int, name: str) -> np.random.Generator:
    """Return a source of random numbers that depends on the seed and the name alone."""
    key = int.from_bytes(hashlib.sha256(f"{seed}:{name}".encode()).digest()[:8], "big")
    return np.random.Generator(np.random.PCG64(key))


def draw(
    maturity: Floats, conditional: Floats, seed: int, domain: str, names: Sequence[str], count: int
) -> NDArray[np.int8]:
    """Return joint draws of the items' levels, shape (count, items): maturity first, both by inversion."""
    m = np.searchsorted(np.cumsum(maturity)[:-1], uniforms(seed, domain, count), side="right")
    cumulative = np.cumsum(conditional, axis=2)[:, :, :-1]
    levels = np.empty((count, len(names)), dtype=np.int8)
    for index, name in enumerate(names):
        u = uniforms(seed, name, count)
        levels[:, index] = (u[:, None] >= cumulative[index][m]).sum(axis=1)
    return levels


def domain_level(levels: NDArray[Any], items: Sequence[Item], scoring: Scoring, cap: int = TOP_LEVEL) -> Ints:
    """Return the domain level of each row of item levels.

    The highest l such that for every l' up to l the weighted share of items at their required level
    reaches the threshold of l', and no unmet gate caps it.
    """
    weights = np.array([item.weight for item in items])
    reached = np.zeros(len(levels), dtype=np.int64)
    climbing = np.ones(len(levels), dtype=bool)
    for level in range(1, TOP_LEVEL + 1):
        required = np.array([item.required_at(level) for item in items])
        # Rounded: 0.8 of ten equal weights is 0.7999999999999999 in binary and would miss its threshold.
        share = np.round((levels >= required) @ weights / weights.sum(), 9)
        climbing &= share >= scoring.thresholds[level].value
        reached[climbing] = level
    return np.minimum(reached, cap)


def assess(instrument: Instrument, testimony: Testimony, stage: str) -> Readiness:
    """Judge every item and domain of the stage from all that was said and seen, before any gate caps a domain."""
    items: dict[str, ItemReadiness] = {}
    draws: dict[str, Draws] = {}
    for domain in instrument.domains:
        members = [i for i in domain.items if in_stage(i.stage, stage)]
        if members:
            found, drawn = _assess_items(instrument, domain, members, testimony)
            items |= found
            draws[domain.id] = drawn
    return capped(instrument, Readiness(items, (), draws), {})


def capped(instrument: Instrument, readiness: Readiness, caps: Mapping[str, int]) -> Readiness:
    """Return the same judgement with each domain held at or below the level in ``caps``, from the same draws."""
    scoring, items = instrument.scoring, instrument.items
    domains = [
        _judge_domain(scoring, ident, [items[i] for i in drawn.ids], readiness.items, drawn, caps.get(ident, TOP_LEVEL))
        for ident, drawn in readiness.draws.items()
    ]
    weakest = _weakest(scoring, items, readiness.items, readiness.draws)
    domains = [replace(d, weakest=weakest.get(d.id, 0.0)) for d in domains]
    return Readiness(readiness.items, tuple(domains), readiness.draws)


def _assess_items(
    instrument: Instrument, domain: Domain, members: list[Item], testimony: Testimony
) -> tuple[dict[str, ItemReadiness], Draws]:
    scoring = instrument.scoring
    gathered = [_Gathered.about(item, instrument, testimony) for item in members]
    maturity, conditional = posterior(scoring, [g.log_likelihood for g in gathered])
    found = {}
    for index, (item, given) in enumerate(zip(members, gathered, strict=True)):
        found[item.id] = given.readiness(maturity @ conditional[index], instrument)
    applicable = [n for n, g in enumerate(gathered) if g.applies]
    ids = tuple(members[n].id for n in applicable)
    levels = draw(maturity, conditional[applicable], int(scoring.seed.value), domain.id, ids, int(scoring.draws.value))
    return found, Draws(ids, levels)


def _judge_domain(
    scoring: Scoring, ident: str, kept: list[Item], found: Mapping[str, ItemReadiness], drawn: Draws, cap: int
) -> DomainReadiness:
    if not kept:
        return DomainReadiness(
            ident, 0, 0, TOP_LEVEL, 0, TOP_LEVEL, None, False, 0.0, 0.0, 0.0, float(TOP_LEVEL), assessed=False
        )
    tail = (1 - scoring.interval.value) / 2
    low, middle, high = (int(x) for x in _quantiles(domain_level(drawn.levels, kept, scoring, cap), tail))
    score_low, score, score_high = (round(float(x), 6) for x in _quantiles(domain_score(drawn.levels, kept), tail))
    bound_low, bound_high = (
        int(domain_level(np.array([[getattr(found[i.id], side) for i in kept]]), kept, scoring, cap)[0])
        for side in ("low", "high")
    )
    known = [i for i in kept if found[i.id].role_median is not None]
    medians = [found[i.id].role_median or 0 for i in known]
    role_median = (
        int(domain_level(np.array([medians]), known, scoring, cap)[0]) if 2 * len(known) >= len(kept) else None
    )
    if role_median is None:
        # With most of a domain unanswered the model has little to say: the bounds, which assume nothing, are printed.
        low, high = min(low, bound_low), max(high, bound_high)
    settled = role_median is not None and high - low <= scoring.settled_span.value and low <= role_median <= high
    share = len(known) / len(kept)
    return DomainReadiness(
        ident,
        middle,
        low,
        high,
        bound_low,
        bound_high,
        role_median,
        settled,
        share,
        score,
        score_low,
        score_high,
        assessed=any(found[i.id].known or found[i.id].dont_know for i in kept),
    )


def _quantiles(values: NDArray[Any], tail: float) -> tuple[Any, Any, Any]:
    ordered = np.sort(values)
    low, middle, high = (ordered[int(q * (len(ordered) - 1))] for q in (tail, 0.5, 1 - tail))
    return low, middle, high


def domain_score(levels: NDArray[Any], items: Sequence[Item]) -> Floats:
    """Return the weighted mean level of each row of item levels, 0 to 4."""
    weights = np.array([item.weight for item in items])
    return np.asarray(levels @ weights / weights.sum())


def _weakest(
    scoring: Scoring, items: Mapping[str, Item], found: Mapping[str, ItemReadiness], draws: Mapping[str, Draws]
) -> dict[str, float]:
    """Return how often each domain is among the weakest when every weight is drawn around its stated value.

    Only domains that somebody knows something about take part: the others would be weak by our prior alone.
    Stochastic multicriteria acceptability: Lahdelma, Hokkanen & Salminen (1998), EJOR 106:137.
    """
    shape, seed = scoring.weight_shape.value, int(scoring.seed.value)
    names = [ident for ident, drawn in draws.items() if any(found[i].known for i in drawn.ids)]
    if not names:
        return {}
    scores = np.empty((int(scoring.draws.value), len(names)))
    for column, ident in enumerate(names):
        drawn = draws[ident]
        stated = np.array([items[i].weight for i in drawn.ids])
        weights = generator(seed, f"weights:{ident}").standard_gamma(shape, size=drawn.levels.shape) * stated
        scores[:, column] = (weights * drawn.levels).sum(axis=1) / weights.sum(axis=1)
    count = int(scoring.weakest_domains.value)
    ranks = np.argsort(np.argsort(scores, axis=1, kind="stable"), axis=1, kind="stable")
    return {ident: round(float((ranks[:, n] < count).mean()), 6) for n, ident in enumerate(names)}


@dataclass(frozen=True)
class _Gathered:
    """What was said and seen about one item, before the model."""

    item: Item
    values: tuple[tuple[int, str, str], ...]  # level, role, organisation
    dont_know_roles: tuple[str, ...]
    applies: bool
    ruled: bool
    evidence: tuple[Evidence, ...]
    log_likelihood: Floats

    @classmethod
    def about(cls, item: Item, instrument: Instrument, testimony: Testimony) -> _Gathered:
        given = testimony.answers_to(item.id)
        evidence = testimony.evidence_on(item.id)
        answered = [(r, a) for r, a in given if a.state == "answered" and a.value is not None]
        ruling = testimony.ruling_on(item.id)
        # A ruling is what the room agreed after hearing everybody: it speaks as one observed level.
        tuples = [(int(a.value or 0), a.sure, r.role in item.first_hand, r.organisation) for r, a in answered]
        log_likelihood = item_log_likelihood(instrument.scoring, tuples, evidence)
        if ruling is not None and ruling.level is not None:
            weight = instrument.scoring.evidence_weight["observed"].value
            log_likelihood = (
                log_likelihood
                + weight * np.log(kernel(instrument.scoring.certainty_spread["sure"].value))[ruling.level]
            )
        waived = any(a.state == "not_applicable" and r.role in item.first_hand for r, a in given)
        # "Does not apply" is a claim too: someone who works with the item must make it, and nobody may doubt it.
        doubted = (
            bool(answered)
            or ruling is not None
            or any(not e.supports for e in evidence)
            or any(a.state == "dont_know" and r.role in item.first_hand for r, a in given)
        )
        applies = not (item.may_not_apply and waived and not doubted)
        return cls(
            item,
            tuple((int(a.value or 0), r.role, r.organisation) for r, a in answered),
            tuple(r.role for r, a in given if a.state == "dont_know"),
            applies,
            ruling is not None and ruling.level is not None,
            tuple(evidence),
            log_likelihood,
        )

    def readiness(self, probability: Floats, instrument: Instrument) -> ItemReadiness:
        levels = [level for level, _, _ in self.values]
        unknown = len(self.dont_know_roles)
        low = 0 if unknown or not levels else min(levels)
        high = TOP_LEVEL if unknown or not levels else max(levels)
        by_role: dict[str, list[int]] = defaultdict(list)
        by_group: dict[str, list[int]] = defaultdict(list)
        for level, role, _ in self.values:
            by_role[role].append(level)
            by_group[instrument.meta.roles[role].group].append(level)
        proofs = [e.kind for e in self.evidence if e.supports]
        smallest = instrument.scoring.smallest_group.value
        return ItemReadiness(
            id=self.item.id,
            probability=tuple(float(p) for p in probability),
            low=low,
            high=high,
            role_median=median_low([median_low(v) for v in by_role.values()]) if levels else None,
            answered=len(levels) + self.ruled,
            dont_know=unknown,
            applies=self.applies,
            consensus=consensus(levels) if len(levels) >= 2 else None,
            best_proof=max(proofs, key=PROOF_ORDER.index) if proofs else None,
            contradicted=any(not e.supports for e in self.evidence),
            owner_does_not_know=any(role in self.item.first_hand for role in self.dont_know_roles),
            groups={g: float(np.mean(v)) for g, v in sorted(by_group.items()) if len(v) >= smallest},
            organisations=len({o for _, _, o in self.values}),
            shielded=len(self.values) < smallest
            and any(instrument.meta.roles[role].protected for _, role, _ in self.values),
        )
