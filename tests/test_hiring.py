"""The hiring plan: recounted month by month in another way, and no plan with fewer entrants among all there are."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from test_people import parameters

from hotline_catalyst.errors import NoPlanError
from hotline_catalyst.planning import hiring
from hotline_catalyst.planning.hiring import HiringPlan, hiring_plan

USUAL = {
    "academy_pass_rate": 0.85, "ninety_day_survival": 0.8, "attrition": 0.3, "ramp_month_1": 0.6, "ramp_month_2": 0.8,
    "class_size": 12, "smallest_class": 4, "hiring_lead_months": 9,
}  # fmt: skip


def plan(*needed: float, already: float = 0.0, **changed: float) -> HiringPlan:
    years = (needed * 3)[:3]
    return hiring_plan(parameters(**{**USUAL, **changed}), (years[0], years[1], years[2]), already)


def recount(classes: Sequence[tuple[int, int]], last: int, **changed: float) -> dict[int, tuple[float, float]]:
    """Return heads and output by month, carrying each class from month to month (the plan takes powers of age)."""
    rate = {**USUAL, **changed}
    counted = dict.fromkeys(range(-40, last), (0.0, 0.0))
    for begun, entrants in classes:
        here = entrants * rate["academy_pass_rate"]
        for month in range(begun + 1, last):
            age = month - begun
            here *= rate["ninety_day_survival"] ** (1 / 3) if age <= 3 else (1 - rate["attrition"]) ** (1 / 12)
            output = rate["ramp_month_1"] if age == 1 else rate["ramp_month_2"] if age <= 3 else 1
            counted[month] = counted[month][0] + here, counted[month][1] + here * output
    return counted


@pytest.mark.parametrize("needed", [(5.2,), (13.34,), (20.4, 22.4, 29.2), (9.9, 8.9, 10.7), (45, 58, 94)])
def test_every_month_has_enough_and_a_recount_by_hand_finds_the_same(needed):
    found = plan(*needed)
    by_hand = recount([(c.month, c.entrants) for c in found.cohorts], 36)
    assert [m.month for m in found.months] == list(range(-9, 36))
    for m in found.months:
        assert (m.heads, m.productive) == pytest.approx(by_hand[m.month], abs=1e-9)
        wanted = (needed * 3)[m.month // 12] if m.month >= 0 else 0
        assert m.needed == wanted
        assert m.productive >= wanted


@pytest.mark.parametrize("needed", [(5.2,), (13.34,), (20.4, 22.4, 29.2)])
def test_classes_keep_their_size_and_nobody_could_begin_later(needed):
    found = plan(*needed)
    classes = {c.month: c.entrants for c in found.cohorts}
    assert len(classes) == len(found.cohorts), "one class a month"
    assert all(4 <= n <= 12 for n in classes.values())
    assert all(c.graduates == pytest.approx(c.entrants * 0.85) for c in found.cohorts)
    for month, later in itertools.product(classes, range(-9, 35)):
        for moved in {1, classes[month]}:
            new = {**classes, later: classes.get(later, 0) + moved, month: classes[month] - moved}
            if later > month and all(n == 0 or 4 <= n <= 12 for n in new.values()):
                output = recount(list(new.items()), 36)
                short = [m for m in range(36) if output[m][1] < (needed * 3)[m // 12]]
                assert short, f"{moved} of month {month} could begin in month {later}"


def fewest_of_all(curve: Sequence[float], needed: Sequence[float], lead: int, smallest: int, size: int) -> int | None:
    """Try every plan there is, the ones with the fewest entrants first."""
    sizes = [0, *range(smallest, size + 1)]
    begins = range(-lead, len(needed) - 1)
    plans = np.array(list(itertools.product(sizes, repeat=len(begins))))
    output = np.array([[curve[m - b] if b < m else 0 for b in begins] for m in range(len(needed))])
    enough = ((plans @ output.T) >= np.array(needed) - 1e-9).all(axis=1)
    return int(plans[enough].sum(axis=1).min()) if enough.any() else None


def test_no_plan_has_fewer_entrants_among_all_there_are():
    rng, impossible = np.random.default_rng(3), 0
    for _ in range(60):
        lead, months = int(rng.integers(1, 4)), int(rng.integers(2, 6))
        smallest, size = int(rng.integers(1, 3)), 3
        curve = tuple(np.concatenate([[0], rng.uniform(0.3, 0.9, lead + months)]).tolist())
        needed = tuple(rng.uniform(0.3, 1.2 * lead + 0.5, months).tolist())
        best = fewest_of_all(curve, needed, lead, smallest, size)
        if best is None:
            impossible += 1
            continue
        found, proved = hiring._fewest(curve, needed, lead, smallest, size)
        assert proved
        assert sum(n for _, n in found) == best
    assert impossible < 30, "most cases must have a plan, or nothing was compared"


def test_more_leavers_and_fewer_who_pass_never_need_fewer_hires():
    def entrants(**changed: float) -> int:
        return sum(c.entrants for c in plan(8, 10, 9, **changed).cohorts)

    for name, worse in {
        "attrition": (0.1, 0.25, 0.3, 0.5),
        "ninety_day_survival": (1.0, 0.8, 0.6),
        "academy_pass_rate": (1.0, 0.85, 0.7),
        "ramp_month_1": (1.0, 0.6, 0.3),
    }.items():
        counts = [entrants(**{name: value}) for value in worse]
        assert counts == sorted(counts), name
        assert counts[0] < counts[-1], name


def test_without_leavers_and_losses_everybody_needed_is_hired_once():
    sure = {"academy_pass_rate": 1, "ninety_day_survival": 1, "attrition": 0, "ramp_month_1": 1, "ramp_month_2": 1}
    found = plan(10, **sure)
    assert [(c.month, c.entrants) for c in found.cohorts] == [(-1, 10)]
    assert found.hires_first_year == found.entrants_before_launch == 10
    # A growth of one before the second year is a class of its own, of the fewest a class may have.
    assert [(c.month, c.entrants) for c in plan(10, 11, 11, **sure, smallest_class=1).cohorts] == [(-1, 10), (11, 1)]
    assert [c.entrants for c in plan(10, 11, 11, **sure, smallest_class=4).cohorts] in ([11], [7, 4], [6, 5])


def test_years_count_the_classes_that_begin_in_them_and_heads_are_their_mean():
    found = plan(13.34)
    before = sum(c.entrants for c in found.cohorts if c.month < 0)
    years = [sum(c.entrants for c in found.cohorts if 12 * y <= c.month < 12 * y + 12) for y in range(3)]
    assert [found.entrants(y) for y in range(3)] == years
    assert found.hires_first_year == before + years[0]
    assert before + sum(years) == sum(c.entrants for c in found.cohorts)
    heads = {m.month: m.heads for m in found.months}
    assert found.heads(1) == pytest.approx(np.mean([heads[m] for m in range(12, 24)]))
    assert found.heads_before_launch == pytest.approx(sum(heads[m] for m in range(-9, 0)) / 12)


def test_advocates_already_there_leave_too_and_need_no_academy_while_they_are_enough():
    enough = plan(5, already=5 / (0.7 ** (35 / 12)) + 1e-6)
    assert enough.cohorts == ()
    assert enough.because == "Nobody has to be hired: the advocates already there are enough for three years."
    some = plan(10, already=10)
    assert 0 < sum(c.entrants for c in some.cohorts) < sum(c.entrants for c in plan(10).cohorts)
    assert min(c.month for c in some.cohorts) >= -4
    assert all(m.productive >= 10 for m in some.months if m.month >= 0)


def test_a_launch_no_academy_can_reach_is_refused_with_what_to_change():
    with pytest.raises(NoPlanError) as error:
        plan(80)
    text = str(error.value)
    assert text.startswith("No academy plan can have 80 productive advocates ready in the launch month.")
    assert "staffing.class_size" in text
    assert "staffing.hiring_lead_months" in text
    most = recount([(m, 12) for m in range(-9, 0)], 1)[0][1]
    assert f"at most {most:.2f} would be" in text
    with pytest.raises(NoPlanError, match="in month 12 after the launch"):
        plan(20, 300, 300)


def test_the_plan_repeats_and_says_how_sure_it_is():
    hiring._fewest.cache_clear()
    first = plan(13.34)
    hiring._fewest.cache_clear()
    assert plan(13.34) == first
    assert first.proved
    total = sum(c.entrants for c in first.cohorts)
    assert first.because.startswith(f"{total} people begin an academy in {len(first.cohorts)} classes of 4 to 12,")
    assert "68 % pass" in first.because
