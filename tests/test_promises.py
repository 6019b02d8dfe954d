"""Twenty thousand random panels: a better answer, or one more supporting document, never lowers anything."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from panel import instrument, panel, person, verdicts

from hotline_catalyst.assessment.readiness import (
    capped,
    domain_level,
    draw,
    generator,
    item_log_likelihood,
    posterior,
)
from hotline_catalyst.assessment.responses import Evidence

SCORING = instrument().scoring
ITEMS = instrument().domains[0].items
PANELS, DRAWS = 20_000, 32
Said = tuple[int, str, bool, str]  # level, certainty, first-hand, organisation


def random_answers(rng: np.random.Generator) -> list[Said]:
    """Return what none to five people said about one item."""
    return [
        (
            int(rng.integers(5)),
            ("sure", "fairly", "unsure")[rng.integers(3)],
            bool(rng.integers(2)),
            f"o{rng.integers(3)}",
        )
        for _ in range(rng.integers(6))
    ]


def random_evidence(rng: np.random.Generator, *, supports: bool | None = None) -> Evidence:
    """Return one piece of evidence of any grade for any level."""
    kind = ("say", "agreed", "document", "observed")[rng.integers(4)]
    helps = bool(rng.integers(2)) if supports is None else supports
    level = int(rng.integers(5))
    return Evidence(id="E", kind=kind, item="EE-01", level=level, supports=helps, what="seen", dated=date(2027, 1, 1))


def judge(likelihoods: list[np.ndarray], seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return P(level or more) of each item, the joint draws and the domain's levels."""
    maturity, conditional = posterior(SCORING, likelihoods)
    at_least = np.cumsum((maturity @ conditional)[:, ::-1], axis=1)[:, ::-1]
    names = [f"item {n}" for n in range(len(likelihoods))]
    levels = draw(maturity, conditional, seed, "domain", names, DRAWS)
    return at_least, levels, domain_level(levels, ITEMS[: len(likelihoods)], SCORING)


def test_no_answer_raised_and_no_support_added_lowers_an_item_a_draw_or_a_domain_in_20_000_panels():
    rng, violations = generator(20261122, "promises"), 0
    for number in range(PANELS):
        given = [random_answers(rng) for _ in range(rng.integers(1, 5))]
        seen = [[random_evidence(rng) for _ in range(rng.integers(3))] for _ in given]
        likelihoods = [item_log_likelihood(SCORING, a, e) for a, e in zip(given, seen, strict=True)]
        before = judge(likelihoods, number)
        which = int(rng.integers(len(given)))
        low = [n for n, a in enumerate(given[which]) if a[0] < 4]
        if low and rng.random() < 0.7:
            at = low[rng.integers(len(low))]
            level, *rest = given[which][at]
            given[which][at] = (int(rng.integers(level + 1, 5)), *rest)  # type: ignore[assignment]
        else:
            seen[which].append(random_evidence(rng, supports=True))
        likelihoods[which] = item_log_likelihood(SCORING, given[which], seen[which])
        after = judge(likelihoods, number)
        violations += any((a < b - 1e-12).any() for a, b in zip(after, before, strict=True))
    print(f"{PANELS} panels, {violations} violations")
    assert violations == 0


@pytest.mark.parametrize("state", ["not_applicable", "dont_know"])
def test_a_country_of_one_answer_alone_is_never_a_number(state):
    whole = instrument()
    said = panel(person("A", dict.fromkeys(whole.items, state), role="operator"))
    readiness, gates = verdicts(whole, said)
    for domain in readiness.domains:
        if state == "not_applicable":
            assert not domain.assessed, domain
        else:
            assert (domain.low, domain.high, domain.settled, domain.assessed) == (0, 4, False, True), domain
    if state == "dont_know":
        assert {g.verdict for g in gates} == {"not shown"}
    assert capped(whole, readiness, {}).items == readiness.items
