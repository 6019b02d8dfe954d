"""Does the model know what it does not know? Simulated panels, whose truth is known, against its intervals.

How a panel is made. A domain of twelve items has a maturity m, uniform on 0 to 4; an item's level k is drawn from the
model's own prior around m. Six respondents in five roles answer each item with chance one half, sure, fairly sure or
unsure with equal chance, by ``T_c(a | k)`` of scoring.yaml; each speaks for an organisation of its own and does the
work. That is the model's own world ("as assumed"). Three worlds break it:

- biased role: the two respondents of one role (of five roles) say one level more than they would (4 stays 4);
- careless respondent: one of the six answers at random and says "sure";
- correlated colleagues: three of the six belong to one organisation and repeat, six times in ten, what the first said.

The baseline is the usual method: the median of the role medians, spread by a two-sided exponential whose width is
fitted to the very panels it is judged on, so that it cannot do better.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median_low

import numpy as np
import pytest
from panel import instrument

from hotline_catalyst.assessment.readiness import (
    LEVELS,
    draw,
    generator,
    item_log_likelihood,
    kernel,
    kernel_rows,
    posterior,
)

SCORING = instrument().scoring
ITEMS, PANELS, ASKED, WORDS = 12, 400, 0.5, ("sure", "fairly", "unsure")
ROLES = ("ministry", "operator", "operator", "provider", "police", "counsel")  # operator is the biased one
WORLDS = ("as assumed", "biased role", "careless respondent", "correlated colleagues")


@dataclass(frozen=True)
class Judged:
    """What came of one world: share of scores inside their interval, its mean width, mean log scores by item."""

    coverage: float
    width: float
    log_score: float
    baseline: float


def answers_of(world: str, truth: np.ndarray, rng: np.random.Generator) -> list[list[tuple[int, str, bool, str, str]]]:
    """Return each item's answers: level, certainty, first-hand, organisation, role."""
    items = []
    for level in truth:
        given, first = [], None
        for person, role in enumerate(ROLES):
            if rng.random() > ASKED:
                continue
            sure = WORDS[rng.integers(3)]
            answer = int(rng.choice(5, p=kernel(SCORING.certainty_spread[sure].value)[:, level]))
            organisation = f"organisation {person}"
            if world == "biased role" and role == "operator":
                answer = min(4, answer + 1)
            if world == "careless respondent" and person == 2:
                answer, sure = int(rng.integers(5)), "sure"
            if world == "correlated colleagues" and role == "operator":
                organisation = "one organisation"
                if first is not None and rng.random() < 0.6:
                    answer, sure = first
                first = first or (answer, sure)
            given.append((answer, sure, True, organisation, role))
        items.append(given)
    return items


def judge(world: str, panels: int = PANELS) -> Judged:
    """Simulate panels of one world and hold the model against the truth."""
    rng = generator(20261122, world)
    prior, inside, widths, model, medians, truths = kernel_rows(SCORING.domain_spread.value), 0, [], [], [], []
    names = [f"item {n}" for n in range(ITEMS)]
    for panel in range(panels):
        maturity = rng.integers(5)
        truth = rng.choice(5, size=ITEMS, p=prior[maturity])
        given = answers_of(world, truth, rng)
        likelihoods = [item_log_likelihood(SCORING, [a[:4] for a in item], []) for item in given]
        weights, conditional = posterior(SCORING, likelihoods)
        scores = np.sort(draw(weights, conditional, panel, "domain", names, 2000).mean(axis=1))
        low, high = scores[100], scores[1899]
        inside += low - 1e-9 <= truth.mean() <= high + 1e-9
        widths.append(high - low)
        for index, item in enumerate(given):
            model.append(np.log((weights @ conditional[index])[truth[index]]))
            by_role = {r: median_low([a[0] for a in item if a[4] == r]) for r in {a[4] for a in item}}
            medians.append(median_low(list(by_role.values())) if by_role else -1)
            truths.append(truth[index])
    return Judged(inside / panels, float(np.mean(widths)), float(np.mean(model)), _baseline(medians, truths))


def _baseline(medians: list[int], truths: list[int]) -> float:
    """Return the mean log score of the role median at the width that suits it best; nobody answered: even chances."""
    best = -np.inf
    for spread in np.linspace(0.2, 3, 57):
        rows = np.exp(-np.abs(LEVELS[:, None] - LEVELS[None, :]) / spread)
        rows /= rows.sum(axis=1, keepdims=True)
        scores = [np.log(rows[m, k]) if m >= 0 else np.log(0.2) for m, k in zip(medians, truths, strict=True)]
        best = max(best, float(np.mean(scores)))
    return best


@pytest.fixture(scope="module")
def worlds() -> dict[str, Judged]:
    found = {world: judge(world) for world in WORLDS}
    for world, w in found.items():
        print(
            f"{world:<22} coverage {w.coverage:.3f}, mean width {w.width:.2f} of 4, "
            f"log score {w.log_score:.3f} (role median {w.baseline:.3f})"
        )
    return found


def test_ninety_percent_intervals_hold_nine_in_ten_truths_where_the_world_is_as_assumed(worlds):
    assert 0.85 <= worlds["as assumed"].coverage <= 0.97
    assert worlds["as assumed"].width < 1


@pytest.mark.parametrize("world", WORLDS)
def test_the_model_says_more_of_the_truth_than_the_median_of_role_medians(worlds, world):
    assert worlds[world].log_score > worlds[world].baseline
