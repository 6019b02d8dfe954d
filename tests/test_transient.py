"""The exact week against a simulation of every advocate and caller, against Erlang A, and against bookkeeping."""

from __future__ import annotations

import os

import numpy as np
import pytest
from numba import njit
from scipy.linalg import expm

from hotline_catalyst.errors import NoPlanError
from hotline_catalyst.planning import queueing, transient

SOAK = bool(os.environ.get("SOAK"))
HANDLE_S, PATIENCE_S, WITHIN_S = 1500.0, 300.0, 30.0


@njit
def lived(rates, advocates, handle_s, patience_s, within_s, rounds, seed):
    """Live through the quarter-hours again and again: who calls, who waits, who leaves, who finishes after the shift.

    Returns, by quarter-hour of the call, how many called, were answered in time, and hung up.
    """
    np.random.seed(seed)
    quarters, slots = len(rates), advocates.max()
    on_duty, until = np.zeros(slots, np.bool_), np.full(slots, np.inf)
    called, in_time, gone = np.zeros(quarters), np.zeros(quarters), np.zeros(quarters)
    ring = 4096
    came, gives_up, of = np.empty(ring), np.empty(ring), np.empty(ring, np.int64)
    head, tail, now = 0, 0, 0.0
    for lap in range(rounds + 1):
        if lap == 1:
            called[:], in_time[:], gone[:] = 0, 0, 0
        for q in range(quarters):
            now = (lap * quarters + q) * 900.0
            count = on_duty.sum()
            while count < advocates[q]:
                who = np.random.randint(slots)
                if not on_duty[who]:
                    # A new advocate: a leaver's last contact is finished elsewhere.
                    on_duty[who], until[who], count = True, np.inf, count + 1
            while count > advocates[q]:
                who = np.random.randint(slots)
                if on_duty[who]:
                    on_duty[who], count = False, count - 1
            call = now + np.random.exponential(1 / rates[q]) if rates[q] > 0 else np.inf
            end = now + 900.0
            while True:
                while head < tail:
                    at = head % ring
                    if gives_up[at] < now:
                        gone[of[at]] += 1
                        head += 1
                        continue
                    free = -1
                    for a in range(slots):
                        if on_duty[a] and until[a] == np.inf:
                            free = a
                            break
                    if free < 0:
                        break
                    until[free] = now + np.random.exponential(handle_s)
                    if now - came[at] <= within_s:
                        in_time[of[at]] += 1
                    head += 1
                who, done = -1, np.inf
                for a in range(slots):
                    if on_duty[a] and until[a] < done:
                        who, done = a, until[a]
                if min(call, done) >= end:
                    break
                if done < call:
                    now, until[who] = done, np.inf
                else:
                    now = call
                    at = tail % ring
                    came[at], gives_up[at], of[at] = now, now + np.random.exponential(patience_s), q
                    called[q] += 1
                    tail += 1
                    call = now + np.random.exponential(1 / rates[q])
    return called, in_time, gone


def against_simulation(load, advocates, rounds, within_s=WITHIN_S, seed=7):
    """Return the largest error of a quarter-hour, and the standard error of the simulation's figures (mean square)."""
    rates, repeat = np.asarray(load) / HANDLE_S, 672 // len(load)
    week = transient.week(np.tile(rates * 3600, repeat), np.tile(advocates, repeat), HANDLE_S, PATIENCE_S, within_s)
    # Callers of one quarter-hour share its luck, so the error comes from ten independent runs.
    staff = np.asarray(advocates)
    runs = [lived(rates, staff, HANDLE_S, PATIENCE_S, within_s, rounds // 10, seed + run) for run in range(10)]
    called, in_time, gone = np.sum(runs, axis=0)
    share = in_time / called
    error = np.std([run[1] / run[0] for run in runs], axis=0, ddof=1) / np.sqrt(10)
    worst = np.abs(week.service_level[: len(load)] - share).max()
    left = week.abandoned.sum() / (np.sum(rates) * 900 * repeat)
    assert abs(left - gone.sum() / called.sum()) < 5 * np.sqrt(left / called.sum()) + 1e-4
    assert abs(week.overall - in_time.sum() / called.sum()) < 0.002
    return float(worst), float(np.sqrt((error**2).mean()))


def wave(mean, quarter_staffing=True):
    """A day whose peak is 1.7 times its mean, with staff for 90 % by Erlang A: by quarter-hour or by 8-hour shift."""
    hours = np.arange(96) / 4
    load = mean * (1 + 0.7 * np.sin(2 * np.pi * (hours - 9) / 24))
    need = np.maximum(queueing.required(load * 3600 / HANDLE_S, HANDLE_S, WITHIN_S, 0.9, PATIENCE_S), 1)
    return load, need if quarter_staffing else need.reshape(3, 32).max(axis=1).repeat(32)


def campaign():
    """Load 1 and three advocates; for 45 minutes six times the load."""
    load = np.ones(96)
    load[40:43] = 6
    return load, np.full(96, 3)


def drops():
    """Two peaks whose staff leaves all at once, once with callers still waiting, and an hour when nobody is there."""
    load, staff = np.full(96, 1.0), np.full(96, 2)
    load[30:36], staff[30:36] = 6, 8
    load[60:64], staff[62:64] = 8, 9
    load[88:92], staff[88:92] = 2, 0
    return load, staff


CASES = {
    "wave 1": (*wave(1), 45_000),
    "campaign": (*campaign(), 60_000),
    "drops": (*drops(), 60_000),
}
FULL = {
    **{
        f"wave {m} by {'quarter' if q else 'shift'}": (*wave(m, q), round(200_000 / m))
        for m in (0.3, 1, 3, 8)
        for q in (True, False)
    },
    "campaign": (*campaign(), 200_000),
    "drops": (*drops(), 200_000),
}


@pytest.mark.parametrize("name", FULL if SOAK else CASES)
def test_no_quarter_hour_is_off_by_a_hundredth_against_simulation(name):
    worst, error = against_simulation(*(FULL if SOAK else CASES)[name])
    assert error < 0.003
    assert worst <= 0.01


def test_a_promise_longer_than_a_quarter_hour_looks_over_several_changes_of_staff():
    load, staff = drops()
    worst, error = against_simulation(load, staff, 60_000, within_s=1400)
    assert error < 0.003
    assert worst <= 0.01


def test_a_campaign_peak_gives_the_published_levels():
    # WFM 4.2: SIPP says 0.26 in the peak and 0.93 at once after it.
    load, staff = campaign()
    week = transient.week(np.tile(load, 7) * 3600 / HANDLE_S, np.tile(staff, 7), HANDLE_S, PATIENCE_S, WITHIN_S)
    assert np.round(week.service_level[39:46], 2).tolist() == [0.93, 0.64, 0.33, 0.27, 0.51, 0.79, 0.87]


@pytest.mark.parametrize(("advocates", "load"), [(1, 0.3), (3, 2), (5, 9), (18, 16)])
def test_a_week_without_change_is_erlang_a(advocates, load):
    rate = load * 3600 / HANDLE_S
    week = transient.week(np.full(672, rate), np.full(672, advocates), HANDLE_S, PATIENCE_S, WITHIN_S)
    level = float(queueing.erlang_a_service_level(advocates, rate, HANDLE_S, PATIENCE_S, WITHIN_S))
    assert week.service_level == pytest.approx(np.full(672, level), abs=1e-12)
    left = float(queueing.erlang_a_abandonment(advocates, rate, HANDLE_S, PATIENCE_S))
    assert week.abandoned == pytest.approx(np.full(672, left * rate / 4), abs=1e-12)
    assert week.overall == pytest.approx(level, abs=1e-12)


def test_a_step_of_the_chain_is_the_matrix_exponential():
    rates, staff = np.full(672, 0.01), np.full(672, 3)
    rates[0] = 0.02
    chain = transient._Chain(rates, staff, HANDLE_S, PATIENCE_S, WITHIN_S)
    q, state = np.zeros((chain.size, chain.size)), np.arange(chain.size)
    q[state[:-1], state[1:]] = 0.02
    q[state[1:], state[:-1]] = np.minimum(state[1:], 3) / HANDLE_S + np.maximum(state[1:] - 3, 0) / PATIENCE_S
    np.fill_diagonal(q, -q.sum(axis=1))
    for seconds in (1.0, 30.0, 900.0):
        both = np.block([[q, np.eye(len(q))], [np.zeros_like(q), np.zeros_like(q)]])
        exact = expm(both * seconds)
        end, mean = chain._carried(np.eye(1, chain.size, 5)[0], 0, seconds)
        assert end == pytest.approx(exact[5, : chain.size], abs=1e-8)
        assert mean == pytest.approx(exact[5, chain.size :] / seconds, abs=1e-8)


def test_every_answered_contact_is_worked_to_its_end():
    # Hours of work are the answered contacts times the handle time, those finished after the shift included.
    for load, staff in (wave(3), drops()):
        rate = np.tile(load, 7) * 3600 / HANDLE_S
        week = transient.week(rate, np.tile(staff, 7), HANDLE_S, PATIENCE_S, WITHIN_S)
        answered = rate.sum() / 4 - week.abandoned.sum()
        assert week.busy.sum() / 4 == pytest.approx(answered * HANDLE_S / 3600, rel=1e-8)


def test_nobody_calling_or_nobody_there():
    nobody = transient.week(np.zeros(672), np.zeros(672), HANDLE_S, PATIENCE_S, WITHIN_S)
    assert nobody.overall == 1
    assert (nobody.service_level == 1).all()
    closed = transient.week(np.full(672, 1.0), np.zeros(672), HANDLE_S, PATIENCE_S, WITHIN_S)
    assert closed.overall == 0
    assert closed.abandoned.sum() == pytest.approx(168)


def test_a_crowd_too_large_to_follow_is_refused_with_a_sentence():
    with pytest.raises(NoPlanError, match="Check the volume and the patience"):
        transient.week(np.full(672, 100.0), np.ones(672), HANDLE_S, 86400, WITHIN_S)
