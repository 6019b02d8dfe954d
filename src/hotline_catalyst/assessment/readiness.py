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
from dataclasses import dataclass
from functools import cached_property
from statistics import median_low

import numpy as np
from numpy.typing import NDArray

from .instrument import PROOF_ORDER, TOP_LEVEL, Domain, Instrument, Item, Proof, Scoring, in_stage
from .responses import Evidence, Testimony

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
LEVELS = np.arange(TOP_LEVEL + 1)


@dataclass(frozen=True)
class ItemReadiness:
    """What is known about one item.

    ``probability`` has one entry per level 0 to 4. ``low`` and ``high`` are bounds without any assumption:
    from the lowest to the highest answer, a don't-know counting as 0 below and as the top above.
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
    the bounds, and ``role_median`` is None.
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


@dataclass(frozen=True)
class Readiness:
    """Items, their joint draws, and what caps were applied to the domains."""

    items: Mapping[str, ItemReadiness]
    domains: tuple[DomainReadiness, ...]

    @cached_property
    def by_domain(self) -> dict[str, DomainReadiness]:
        """Domains by id."""
        return {d.id: d for d in self.domains}


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
    key = int.from_bytes(hashlib.sha256(f"{seed}:{name}".encode()).digest()[:8], "big")
    return np.random.Generator(np.random.PCG64(key)).random(count)


def draw(maturity: Floats, conditional: Floats, seed: int, domain: str, names: Sequence[str], count: int) -> Ints:
    """Return joint draws of the items' levels, shape (count, items): maturity first, both by inversion."""
    m = np.searchsorted(np.cumsum(maturity)[:-1], uniforms(seed, domain, count), side="right")
    cumulative = np.cumsum(conditional, axis=2)[:, :, :-1]
    levels = np.empty((count, len(names)), dtype=np.int64)
    for index, name in enumerate(names):
        u = uniforms(seed, name, count)
        levels[:, index] = (u[:, None] >= cumulative[index][m]).sum(axis=1)
    return levels


def domain_level(levels: Ints, items: Sequence[Item], scoring: Scoring, cap: int = TOP_LEVEL) -> Ints:
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


def assess(
    instrument: Instrument, testimony: Testimony, stage: str, caps: Mapping[str, int] | None = None
) -> Readiness:
    """Judge every item and domain of the stage from all that was said and seen."""
    caps = caps or {}
    items: dict[str, ItemReadiness] = {}
    domains: list[DomainReadiness] = []
    for domain in instrument.domains:
        members = [i for i in domain.items if in_stage(i.stage, stage)]
        if members:
            found, result = _assess_domain(instrument, domain, members, testimony, caps.get(domain.id, TOP_LEVEL))
            items |= found
            domains.append(result)
    return Readiness(items, tuple(domains))


def _assess_domain(
    instrument: Instrument, domain: Domain, members: list[Item], testimony: Testimony, cap: int
) -> tuple[dict[str, ItemReadiness], DomainReadiness]:
    scoring = instrument.scoring
    gathered = [_Gathered.about(item, instrument, testimony) for item in members]
    maturity, conditional = posterior(scoring, [g.log_likelihood for g in gathered])
    found = {}
    for index, (item, given) in enumerate(zip(members, gathered, strict=True)):
        found[item.id] = given.readiness(maturity @ conditional[index], instrument)
    applicable = [n for n, g in enumerate(gathered) if g.applies]
    kept = [members[n] for n in applicable]
    if not kept:
        return found, DomainReadiness(domain.id, 0, 0, TOP_LEVEL, 0, TOP_LEVEL, None, False, 0.0)
    draws = draw(
        maturity,
        conditional[applicable],
        int(scoring.seed.value),
        domain.id,
        [i.id for i in kept],
        int(scoring.draws.value),
    )
    levels = np.sort(domain_level(draws, kept, scoring, cap))
    tail = (1 - scoring.interval.value) / 2
    low, middle, high = (int(levels[int(q * (len(levels) - 1))]) for q in (tail, 0.5, 1 - tail))
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
    return found, DomainReadiness(domain.id, middle, low, high, bound_low, bound_high, role_median, settled, share)


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
        states = [a.state for _, a in given]
        applies = not (item.may_not_apply and "not_applicable" in states and not answered and ruling is None)
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
        )


def consensus(levels: Sequence[int]) -> float:
    """Return Tastle and Wierman's consensus: 1 when all agree, 0 when half say 0 and half say 4.

    References
    ----------
    Tastle & Wierman (2007), Consensus and dissention, Int. J. Approximate Reasoning 45:531.
    """
    values, counts = np.unique(np.asarray(levels, dtype=float), return_counts=True)
    share = counts / counts.sum()
    distance = np.abs(values - share @ values) / TOP_LEVEL
    return float(max(0.0, 1 + share @ np.log2(1 - distance)))
