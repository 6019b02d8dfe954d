"""Queue formulas against published figures, an exact chain, a simulation and each other."""

from __future__ import annotations

import os
import warnings
from decimal import Decimal
from pathlib import Path

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field, TypeAdapter, ValidationError
from scipy.linalg import expm
from scipy.optimize import brentq

from hotline_catalyst.errors import NoPlanError
from hotline_catalyst.library import Content, read_yaml
from hotline_catalyst.planning.queueing import (
    erlang_a_abandonment,
    erlang_a_service_level,
    erlang_b,
    erlang_c_service_level,
    lines_for,
    required,
    thresholds,
)

SOAK = bool(os.environ.get("SOAK"))
loads = st.floats(0.01, 30)
handle_times = st.floats(60, 3600)


def level_c(advocates: int, load: float, handle_s: float = 1500, within_s: float = 30) -> float:
    return float(erlang_c_service_level(advocates, load * 3600 / handle_s, handle_s, within_s))


def level_a(
    advocates: int, load: float, handle_s: float = 1500, patience_s: float = 300, within_s: float = 30
) -> float:
    return float(erlang_a_service_level(advocates, load * 3600 / handle_s, handle_s, patience_s, within_s))


# Cases that experts write without Python.


class CaseDemand(Content):
    signals_per_hour: float = Field(ge=0)
    handle_time_s: float = Field(gt=0)
    patience_s: float | None = None


class Case(Content):
    name: str
    demand: CaseDemand
    advocates: int = Field(ge=1)
    answer_within_s: float = Field(ge=0)
    service_level: float = Field(ge=0, le=1)


FILES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
CASES = [case for path in FILES for case in TypeAdapter(list[Case]).validate_python(read_yaml(path))]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_a_case_of_the_experts_holds_to_the_decimals_written(case: Case):
    promise = case.demand.signals_per_hour, case.demand.handle_time_s
    if case.demand.patience_s is None:
        level = erlang_c_service_level(case.advocates, *promise, case.answer_within_s)
    else:
        level = erlang_a_service_level(case.advocates, *promise, case.demand.patience_s, case.answer_within_s)
    written = -int(Decimal(str(case.service_level)).normalize().as_tuple().exponent)
    assert float(level) == pytest.approx(case.service_level, abs=0.5 * 10 ** -max(2, written) + 1e-12)


def test_a_case_with_a_misspelt_key_is_refused():
    with pytest.raises(ValidationError, match="advocats"):
        Case.model_validate({"name": "x", "advocats": 2})


# Published tables.


@pytest.mark.parametrize(
    ("advocates", "load", "blocked"),
    # Erlang B traffic tables, three digits: offered traffic at which 1 % and 2 % are lost.
    [
        (1, 0.0101, 0.01),
        (2, 0.153, 0.01),
        (5, 1.36, 0.01),
        (10, 4.46, 0.01),
        (20, 12.0, 0.01),
        (100, 84.1, 0.01),
        (1, 0.0204, 0.02),
        (5, 1.66, 0.02),
        (10, 5.08, 0.02),
        (20, 13.2, 0.02),
    ],
)
def test_erlang_b_agrees_with_the_traffic_tables(advocates, load, blocked):
    offered = brentq(lambda a: float(erlang_b(advocates, a)) - blocked, 1e-6, 200)
    assert float(f"{offered:.3g}") == load


def test_erlang_b_agrees_with_its_definition():
    sums = {
        (n, a): sum(a**k / np.prod(np.arange(1.0, k + 1)) for k in range(n + 1)) for n in (1, 5, 12) for a in (2, 7)
    }
    for (n, a), total in sums.items():
        assert float(erlang_b(n, a)) == pytest.approx(a**n / np.prod(np.arange(1.0, n + 1)) / total, rel=1e-13)


@pytest.mark.parametrize(("advocates", "wait_s"), [(21, 137), (24, 13), (25, 7)])
def test_the_mean_wait_at_20_erlangs_agrees_with_the_published_table(advocates, wait_s):
    # DOMAIN 2.7 [SWPP]: handle time 180 s; the mean wait is C x handle / (n - a).
    waits = 1 - level_c(advocates, 20, handle_s=180, within_s=0)
    assert waits * 180 / (advocates - 20) == pytest.approx(wait_s, abs=0.6)


# Erlang A against things we did not write.


def exact_level(advocates: int, load: float, handle_s: float, patience_s: float, within_s: float, size: int) -> float:
    """Birth-death chain of the queue, cut at ``size``, and a chain of one caller's place in the line."""
    per_s, done, leave = load / handle_s, 1 / handle_s, 1 / patience_s
    state = np.arange(size + 1)
    out = np.minimum(state, advocates) * done + np.maximum(state - advocates, 0) * leave
    weight = np.concatenate([[0.0], np.cumsum(np.log(per_s / out[1:]))])
    chance = np.exp(weight - weight.max())
    chance /= chance.sum()
    # Places 0..m ahead of a caller who must wait: the line moves on, or the caller hangs up; the last state is served.
    places = size - advocates + 1
    moves = np.zeros((places + 1, places + 1))
    for place in range(places):
        forward = advocates * done + place * leave
        moves[place, place] = -forward - leave
        moves[place, place - 1 if place else places] = forward
    served = expm(moves * within_s)[:places, places]
    return float(chance[:advocates].sum() + chance[advocates:] @ served)


@pytest.mark.parametrize(
    ("advocates", "load", "handle_s", "patience_s", "within_s"),
    [
        (1, 0.3, 1500, 300, 30),
        (1, 3, 600, 60, 20),
        (2, 1e-6, 1500, 120, 20),
        (2, 1, 1200, 120, 20),
        (3, 2.4, 1800, 600, 0),
        (5, 4, 1500, 300, 30),
        (5, 9, 1500, 300, 120),
        (12, 9.5, 900, 180, 15),
        (30, 33, 1200, 90, 60),
    ],
)
def test_erlang_a_agrees_with_the_exact_chain_to_nine_decimals(advocates, load, handle_s, patience_s, within_s):
    exact = exact_level(advocates, load, handle_s, patience_s, within_s, size=advocates + 90)
    assert level_a(advocates, load, handle_s, patience_s, within_s) == pytest.approx(exact, abs=1e-9)


def simulated(advocates: int, load: float, patience_s: float, within_s: float, seed: int) -> tuple[float, float]:
    """Share answered in time over 30 000 callers, and its standard error from 60 batches. First come, first served."""
    rng, callers, handle_s = np.random.default_rng(seed), 30_000, 1500.0
    arrivals = np.cumsum(rng.exponential(handle_s / load, callers)).tolist()
    patience = rng.exponential(patience_s, callers).tolist()
    work = rng.exponential(handle_s, callers).tolist()
    free = [0.0] * advocates
    answered = np.zeros(callers)
    for n in range(callers):
        first = min(range(advocates), key=free.__getitem__)
        wait = max(0.0, free[first] - arrivals[n])
        if wait < patience[n]:
            answered[n] = wait <= within_s
            free[first] = arrivals[n] + wait + work[n]
    batches = answered.reshape(60, -1).mean(axis=1)
    return float(batches.mean()), float(batches.std(ddof=1) / np.sqrt(60))


@pytest.mark.parametrize(
    ("advocates", "load", "published"), [(1, 0.3, 0.765), (1, 0.6, 0.606), (2, 1, 0.782), (5, 4, 0.742)]
)
def test_erlang_a_agrees_with_a_simulation_and_with_the_published_one(advocates, load, published):
    share, error = simulated(advocates, load, patience_s=300, within_s=30, seed=20261121)
    assert abs(level_a(advocates, load) - share) < 3 * error
    assert level_a(advocates, load) == pytest.approx(published, abs=0.003)


def test_callers_who_never_hang_up_turn_erlang_a_into_erlang_c():
    for advocates, load in ((1, 0.3), (2, 1), (5, 4), (12, 9)):
        assert level_a(advocates, load, patience_s=1e8) == pytest.approx(level_c(advocates, load), abs=1e-4)


def test_callers_without_patience_turn_erlang_a_into_erlang_b():
    for advocates, load in ((1, 0.3), (2, 1), (5, 9)):
        assert level_a(advocates, load, patience_s=1e-6) == pytest.approx(1 - erlang_b(advocates, load), abs=1e-6)


# Fifty digits.


def fifty_digits_c(n: int, rate: float, handle_s: float, within_s: float) -> mp.mpf:
    load, blocked = mp.mpf(rate) * mp.mpf(handle_s) / 3600, mp.mpf(1)
    if load >= n:
        return mp.mpf(0)
    for j in range(1, n + 1):
        blocked = load * blocked / (j + load * blocked)
    waits = blocked / (1 - load / n * (1 - blocked))
    return 1 - waits * mp.exp(-(n - load) * mp.mpf(within_s) / mp.mpf(handle_s))


def fifty_digits_a(n: int, rate: float, handle_s: float, patience_s: float, within_s: float) -> tuple[mp.mpf, mp.mpf]:
    """Service level and abandonment by incomplete gammas; 400 digits where the level is a small difference."""
    rate, handle_s, patience_s, within_s = (mp.mpf(v) for v in (rate, handle_s, patience_s, within_s))
    load, s, x, blocked = rate * handle_s / 3600, n * patience_s / handle_s, rate * patience_s / 3600, mp.mpf(1)
    for j in range(1, n):
        blocked = load * blocked / (j + load * blocked)
    free = 1 / blocked
    with mp.workdps(420):
        # Kummer's functions are these incomplete gammas without their common factor.
        y = x * mp.exp(-within_s / patience_s)
        waiting = x / s * mp.hyp1f1(1, s + 1, x, maxterms=10**7)
        answered = x / (s + 1) * mp.hyp1f1(1, s + 2, x, maxterms=10**7)
        late = mp.exp(x - y) * (y / x) ** s * y / (s + 1) * mp.hyp1f1(1, s + 2, y, maxterms=10**7)
        in_time, left = answered - late, waiting - answered
    return (free + in_time) / (free + waiting), left / (free + waiting)


def test_ten_digits_agree_with_fifty_digit_arithmetic():
    rng = np.random.default_rng(20261122)
    for _ in range(4000 if SOAK else 40):
        n = int(np.exp(rng.uniform(0, np.log(600.9))))
        wide = rng.random() < 0.5
        load = np.exp(rng.uniform(np.log(1e-6), np.log(500))) if wide else min(500, n * np.exp(rng.normal(0, 0.3)))
        handle_s = float(np.exp(rng.uniform(np.log(60), np.log(7200))))
        patience_s = float(np.exp(rng.uniform(0, np.log(86400))))
        within_s = float(rng.choice([0, 5, 20, 60, 300, 3600, rng.uniform(0, 3600)]))
        rate = float(load * 3600 / handle_s)
        if not SOAK and max(n, load) * patience_s / handle_s > 5000:
            continue  # Fifty digits take seconds here.
        with mp.workdps(50):
            exact_c = fifty_digits_c(n, rate, handle_s, within_s)
            exact_a, left = fifty_digits_a(n, rate, handle_s, patience_s, within_s)
        told = (
            (erlang_c_service_level(n, rate, handle_s, within_s), exact_c),
            (erlang_a_service_level(n, rate, handle_s, patience_s, within_s), exact_a),
            (erlang_a_abandonment(n, rate, handle_s, patience_s), left),
        )
        for ours, exact in told:
            # Below 1e-290 a number of the machine keeps no ten digits.
            assert abs(ours - exact) <= max(1e-10 * exact, mp.mpf("1e-290")), (n, load, handle_s, patience_s, within_s)


@pytest.mark.parametrize("off", [1e-15, 1e-12, 1e-8])
def test_a_line_at_the_edge_of_growing_keeps_ten_digits(off):
    # Nothing but the exact product of rate and handle time tells how much is spare here.
    rate = 7 * 3600 / 1234.567 * (1 - off)
    with mp.workdps(50):
        exact = fifty_digits_c(7, rate, 1234.567, 0)
        assert abs(float(erlang_c_service_level(7, rate, 1234.567, 0)) - exact) <= 1e-10 * exact


# What a planner may rely on.

few = settings(max_examples=1000 if SOAK else 40, deadline=None)


@few
@given(load=loads, handle_s=handle_times, within_s=st.floats(0, 300), patience_s=st.floats(5, 3600))
def test_more_advocates_never_lower_the_service_level(load, handle_s, within_s, patience_s):
    team, rate = np.arange(45), load * 3600 / handle_s
    for levels in (
        erlang_c_service_level(team, rate, handle_s, within_s),
        erlang_a_service_level(team, rate, handle_s, patience_s, within_s),
        1 - erlang_a_abandonment(team, rate, handle_s, patience_s),
    ):
        assert (np.diff(levels) >= -1e-12).all()
        assert 0 <= min(levels) <= max(levels) <= 1


@few
@given(load=loads, handle_s=handle_times, share=st.floats(0.5, 0.99), patience_s=st.none() | st.floats(5, 3600))
def test_the_required_number_meets_the_promise_and_one_fewer_does_not(load, handle_s, share, patience_s):
    need = int(required(load * 3600 / handle_s, handle_s, 20, share, patience_s)[0])

    def level(n: int) -> float:
        return level_c(n, load, handle_s, 20) if patience_s is None else level_a(n, load, handle_s, patience_s, 20)

    assert level(need) >= share - 1e-11
    assert need == 1 or level(need - 1) < share


@few
@given(
    load=loads,
    handle_s=handle_times,
    within_s=st.floats(1, 300),
    share=st.floats(0.5, 0.99),
    patience_s=st.none() | st.floats(5, 3600),
    more=st.floats(1, 2),
)
def test_more_demand_a_tighter_target_or_longer_handling_never_need_fewer(
    load, handle_s, within_s, share, patience_s, more
):
    rate = load * 3600 / handle_s
    base = required(rate, handle_s, within_s, share, patience_s)[0]
    assert required(rate * more, handle_s, within_s, share, patience_s)[0] >= base
    assert required(rate, handle_s * more, within_s, share, patience_s)[0] >= base
    assert required(rate, handle_s, within_s / more, share, patience_s)[0] >= base
    assert required(rate, handle_s, within_s, 1 - (1 - share) / more, patience_s)[0] >= base


@pytest.mark.parametrize("patience_s", [None, 300])
def test_7200_cases_have_no_smaller_answer(patience_s):
    # Where pyworkforce starts its search one too high: load 0.5, target 0.5, is among them.
    rates = np.concatenate([np.arange(1, 61) / 2, np.geomspace(0.001, 40, 60)])
    cases = 0
    for handle_s, within_s in ((600, 0), (600, 20), (1500, 30), (1500, 60), (2700, 30), (2700, 120)):
        for share in (0.5, 0.7, 0.8, 0.9, 0.99):
            per_hour = rates * 3600 / handle_s
            need = required(per_hour, handle_s, within_s, share, patience_s)
            levels = (
                [erlang_c_service_level(need - k, per_hour, handle_s, within_s) for k in (0, 1)]
                if patience_s is None
                else [erlang_a_service_level(need - k, per_hour, handle_s, patience_s, within_s) for k in (0, 1)]
            )
            enough, fewer = np.round(levels, 12)
            assert (enough >= share).all()
            assert ((fewer < share) | (need == 1)).all()
            cases += len(rates)
    assert 2 * cases == 7200


@pytest.mark.parametrize("patience_s", [None, 240.0])
def test_a_threshold_is_the_last_rate_a_team_answers_as_promised(patience_s):
    table = thresholds(1500, 30, 0.9, patience_s, 30)
    assert (np.diff(table) > 0).all()
    for n, rate in enumerate(table, 1):
        assert required(rate, 1500, 30, 0.9, patience_s) == n
        assert required(np.nextafter(rate, np.inf), 1500, 30, 0.9, patience_s) == min(n + 1, 31)
        level = level_c(n, rate / 2.4) if patience_s is None else level_a(n, rate / 2.4, patience_s=patience_s)
        assert level == pytest.approx(0.9, abs=1e-12)


def test_a_level_equal_to_the_target_is_enough():
    # One advocate answers 1 - a at once when nobody hangs up: 90 % at a load of a tenth.
    assert required(0.1 * 3600 / 1500, 1500, 0, 0.9, None) == 1
    assert required(0.1 * 3600 / 1500 * (1 + 1e-11), 1500, 0, 0.9, None) == 2


@pytest.mark.parametrize("patience_s", [None, 240.0])
def test_many_rates_are_looked_up_like_one(patience_s):
    rng = np.random.default_rng(8)
    table = thresholds(1500, 30, 0.9, patience_s, 12)
    edges = np.concatenate([table, np.nextafter(table, 0), np.nextafter(table, np.inf)])[:-1]
    rates = np.concatenate([rng.uniform(0, table[-1], 50_000), edges[edges <= table[-1]], [0, 1e-300]])
    assert required(rates, 1500, 30, 0.9, patience_s).tolist() == np.searchsorted([0, *table], rates).tolist()


def test_a_promise_nobody_can_miss_or_keep():
    assert required([0, 5, 1e6], 1500, 30, 0.0, None).tolist() == [0, 1, 1]
    assert required(np.full(5000, 7.0), 1500, 30, 0.0, None).tolist() == [1] * 5000
    with pytest.raises(NoPlanError, match="More than 600 advocates"):
        required(1, 1500, 0, 1.01, 300)


def test_lines_are_as_few_as_keep_the_blocking():
    # Erlang B traffic tables: 84.1 erlangs are the most that 100 lines carry with 1 % lost.
    assert lines_for([0, 84.0, 84.2, 0.0101, 4.46], 0.01).tolist() == [0, 100, 101, 1, 10]
    load = np.geomspace(1e-3, 500, 30)
    lines = lines_for(load, 0.02)
    assert (erlang_b(lines, load) <= 0.02).all()
    assert (erlang_b(lines - 1, load) > 0.02).all()
    with pytest.raises(NoPlanError, match="share above 0"):
        lines_for(3, 0)


def test_those_who_hang_up_are_the_patience_times_the_line():
    # Little's law on the exact chain: signals who leave = mean number waiting / mean patience.
    per_s, done, leave, n = 4 / 1500, 1 / 1500, 1 / 300, 3
    state = np.arange(90)
    out = np.minimum(state, n) * done + np.maximum(state - n, 0) * leave
    chance = np.exp(np.concatenate([[0.0], np.cumsum(np.log(per_s / out[1:]))]))
    left = (np.maximum(state - n, 0) @ chance) / chance.sum() * leave / per_s
    assert float(erlang_a_abandonment(n, per_s * 3600, 1500, 300)) == pytest.approx(left, rel=1e-12)


def test_no_signals_need_nobody():
    assert required([0, 2, 0], 1500, 20, 0.9, None).tolist() == [0, 3, 0]
    assert required([0.0], 1500, 20, 0.9, 120).tolist() == [0]
    assert not required(np.zeros(5000), 1500, 20, 0.9, 120).any()


def test_a_week_keeps_its_shape_and_equals_the_single_answers():
    week = np.linspace(0, 12, 24).reshape(2, 12)
    need = required(week, 1500, 20, 0.9, 120)
    assert need.shape == week.shape
    assert need.ravel().tolist() == [int(required(r, 1500, 20, 0.9, 120)[0]) for r in week.ravel()]


def test_no_load_between_zero_and_500_erlangs_gives_nan_or_a_warning():
    load, team = np.append(0, np.geomspace(1e-6, 500, 12)), np.array([0, 1, 2, 5, 20, 100, 600])[:, None]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for handle_s in (60, 7200):
            for within_s in (0, 20, 3600):
                c = erlang_c_service_level(team, load * 3600 / handle_s, handle_s, within_s)
                assert ((c >= 0) & (c <= 1)).all()
                assert (c[:, 0] == 1).all()
                for patience_s in (1, 300, 86400):
                    a = erlang_a_service_level(team, load * 3600 / handle_s, handle_s, patience_s, within_s)
                    left = erlang_a_abandonment(team, load * 3600 / handle_s, handle_s, patience_s)
                    assert ((a >= 0) & (a <= 1) & (left >= 0) & (left <= 1)).all()
                    assert (a[:, 0] == 1).all()
                    assert (left[:, 0] == 0).all()


def test_an_overloaded_line_with_very_patient_callers_still_has_a_level():
    # Callers wait a day: the formula's integrals overflow here. The exact answer is that of a saturated line.
    crowded = level_a(1, 4, handle_s=60, patience_s=86400, within_s=600)
    assert crowded == pytest.approx(0, abs=1e-9)
    assert level_a(5, 5, handle_s=60, patience_s=86400, within_s=600) == pytest.approx(0.454308956, abs=1e-8)


def test_a_load_nobody_could_carry_is_refused_with_a_sentence():
    with pytest.raises(NoPlanError, match="More than 600 advocates"):
        required(5000, 1500, 20, 0.9, None)
