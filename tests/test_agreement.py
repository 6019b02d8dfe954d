"""How far people agree, against a published example."""

from __future__ import annotations

import numpy as np
import pytest

from hotline_catalyst.assessment.agreement import agreement, ordinal_alpha
from hotline_catalyst.assessment.readiness import generator

# Krippendorff (2011), Computing Krippendorff's alpha-reliability, section D: four observers, twelve units, "." missing.
OBSERVERS = (
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)
UNITS = [[int(v) - 1 for v in unit if v != "."] for unit in zip(*(row.split() for row in OBSERVERS), strict=True)]


def test_alpha_is_that_of_krippendorffs_own_example():
    counts = np.array([np.bincount(unit, minlength=5) for unit in UNITS if len(unit) > 1], dtype=float)
    assert ordinal_alpha(counts) == pytest.approx(0.815, abs=5e-4)


def test_the_interval_holds_alpha_and_repeats():
    first, again = (agreement(UNITS, generator(1, "agreement"), 500, 0.9) for _ in range(2))
    assert first == again
    assert first.alpha == pytest.approx(0.815, abs=5e-4)
    assert first.low < first.alpha < first.high
    assert first.items == 11  # the unit that one observer saw cannot agree with anything


def test_one_voice_or_one_level_says_nothing_about_agreement():
    assert agreement([[1], [2], []], generator(1, "a"), 100, 0.9).alpha is None
    assert agreement([[3, 3], [3, 3, 3]], generator(1, "a"), 100, 0.9).alpha is None
    assert agreement(UNITS, generator(1, "a"), 100, 0.9, least=12).alpha is None


def test_opposites_agree_less_than_neighbours():
    near = agreement([[0, 1], [1, 2], [3, 4], [2, 2]], generator(1, "a"), 100, 0.9)
    far = agreement([[0, 4], [4, 0], [0, 4], [2, 2]], generator(1, "a"), 100, 0.9)
    assert far.alpha < 0 < near.alpha
