"""The chat queue against a simulation that knows nothing of chains, against Erlang A, and against itself."""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit

from hotline_catalyst.errors import NoPlanError
from hotline_catalyst.planning import chat, queueing

SOAK = bool(os.environ.get("SOAK"))


@njit
def talked(arrive, patience, work, advocates, times, within, warm):
    """Follow every conversation: its work (mean 1) shrinks at 1/times[j-1] while its advocate holds j.

    Returns, for each one, 1 when it was taken up within the promise and whether it was left.
    """
    parallel, count = len(times), len(arrive)
    left_of = np.full((advocates, parallel), np.inf)
    held = np.zeros(advocates, np.int64)
    queue = np.empty(count, np.int64)
    head = tail = 0
    in_time, gone = np.zeros(count), np.zeros(count)
    now, nxt = 0.0, 0
    while nxt < count:
        step, who, which = arrive[nxt] - now, -1, -1
        for a in range(advocates):
            for c in range(parallel):
                if left_of[a, c] < np.inf and left_of[a, c] * times[held[a] - 1] < step:
                    step, who, which = left_of[a, c] * times[held[a] - 1], a, c
        now += step
        for a in range(advocates):
            for c in range(parallel):
                if left_of[a, c] < np.inf:
                    left_of[a, c] -= step / times[held[a] - 1]
        if who < 0:
            now = arrive[nxt]
            queue[tail] = nxt
            tail += 1
            nxt += 1
        else:
            left_of[who, which] = np.inf
            held[who] -= 1
        while head < tail:
            waiting = queue[head]
            if arrive[waiting] + patience[waiting] < now:
                gone[waiting] = 1.0
                head += 1
                continue
            a = np.argmin(held)
            if held[a] == parallel:
                break
            for c in range(parallel):
                if left_of[a, c] == np.inf:
                    left_of[a, c] = work[waiting]
                    break
            held[a] += 1
            in_time[waiting] = 1.0 if now - arrive[waiting] <= within else 0.0
            head += 1
    return in_time[warm:], gone[warm:]


def simulated(advocates, per_hour, times, patience_s, within_s, count, seed):
    """Return service level and abandonment of ``count`` simulated chats, each with its standard error."""
    rng, warm = np.random.default_rng(seed), 5000
    size = count + warm
    arrive = np.cumsum(rng.exponential(3600 / per_hour, size))
    patience, work = rng.exponential(patience_s, size), rng.exponential(1.0, size)
    out = []
    for share in talked(arrive, patience, work, advocates, np.array(times, float), within_s, warm):
        batches = share[: count // 50 * 50].reshape(50, -1).mean(axis=1)
        out += [batches.mean(), batches.std(ddof=1) / np.sqrt(50)]
    return out


def cases(count=30, seed=5):
    """Draw (advocates, rate, handle times, patience, promise) around what a hotline's chat looks like."""
    rng, drawn = np.random.default_rng(seed), []
    while len(drawn) < count:
        n, k, handle = int(rng.integers(1, 9)), int(rng.integers(1, 4)), float(rng.uniform(600, 2700))
        slow = float(rng.uniform(0, 0.8))
        times = tuple(handle * (1 + slow * j) for j in range(k))
        top = n * k / times[-1] * 3600
        drawn.append((n, top * rng.uniform(0.4, 1.3), times, float(rng.uniform(60, 900)), float(rng.uniform(0, 300))))
    return drawn


CASES = cases() if SOAK else cases()[:8]


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c[0]}x{len(c[2])}")
def test_the_chat_formula_is_within_three_standard_errors_of_simulated_chats(case):
    n, rate, times, patience_s, within_s = case
    level, error, left, left_error = simulated(*case, count=1_000_000 if SOAK else 100_000, seed=20261122)
    assert abs(chat.service_level(n, rate, times, patience_s, within_s) - level) < 3 * error
    assert abs(chat.abandonment(n, rate, times, patience_s) - left) < 3 * left_error


def test_the_uneven_hands_that_departures_leave_are_in_the_formula():
    # Two advocates, two chats each, the second one nearly for free: the even chain would finish 2 of 2 chats faster.
    times, rate = (1000.0, 1900.0), 5.0
    per_s, done = rate / 3600, [1 / 1000, 2 / 1900]
    even = np.array([1.0, per_s / done[0], per_s**2 / (done[0] * 2 * done[0])])
    even = np.append(even, even[2] * per_s / (done[0] + done[1]))
    even = np.append(even, even[3] * per_s / (2 * done[1]))
    blocked_even = even[4] / even.sum()
    blocked = 1 - float(chat.service_level(2, rate, times, 1e-6, 0))
    level, error, *_ = simulated(2, rate, times, 1e-6, 0, count=400_000, seed=3)
    assert abs(1 - blocked - level) < 3 * error
    assert blocked > blocked_even * 1.01


def test_one_chat_at_a_time_is_erlang_a():
    rates = np.array([0.01, 1, 5, 20, 200])
    for n in (1, 3, 8):
        level = chat.service_level(n, rates, (1500.0,), 300, 60)
        assert level == pytest.approx(queueing.erlang_a_service_level(n, rates, 1500, 300, 60), abs=1e-14)
        left = chat.abandonment(n, rates, (1500.0,), 300)
        assert left == pytest.approx(queueing.erlang_a_abandonment(n, rates, 1500, 300), abs=1e-14)


def test_parallel_chats_that_cost_nothing_are_more_advocates():
    # Two chats at once, each as quick as alone: one advocate is two.
    rates = np.array([0.5, 2, 6])
    double = chat.service_level(3, rates, (1500.0, 1500.0), 300, 60)
    assert double == pytest.approx(queueing.erlang_a_service_level(6, rates, 1500, 300, 60), abs=1e-13)


@pytest.mark.parametrize(("times", "rate"), [((1800,), 0.23), ((1800, 2160), 1.05), ((1800, 2160, 2640), 1.92)])
def test_one_advocate_carries_the_published_number_of_chats(times, rate):
    # WFM 4.1: 90 % within 60 s, patience six minutes, to two decimals.
    assert (
        chat.service_level(1, rate + 0.005, times, 360, 60) < 0.9 < chat.service_level(1, rate - 0.01, times, 360, 60)
    )


slowdowns = st.floats(0, 1)


@settings(max_examples=60 if not SOAK else 2000, deadline=None)
@given(
    rate=st.floats(0.01, 40),
    handle=st.floats(300, 3600),
    slow=slowdowns,
    k=st.integers(1, 3),
    patience=st.floats(5, 3600),
    within=st.floats(0, 600),
)
def test_more_advocates_never_lower_and_more_chats_never_raise_the_service(rate, handle, slow, k, patience, within):
    times = tuple(handle * (1 + slow * j) for j in range(k))
    levels = np.array([chat.service_level(n, [rate, rate * 1.1], times, patience, within) for n in range(7)])
    assert (np.diff(levels[:, 0]) >= -1e-12).all()
    assert (levels[:, 1] <= levels[:, 0] + 1e-12).all()
    assert ((levels >= 0) & (levels <= 1)).all()


@settings(max_examples=40 if not SOAK else 1000, deadline=None)
@given(
    rate=st.floats(0.01, 10),
    handle=st.floats(300, 2400),
    share=st.floats(0.5, 0.95),
    more=st.floats(1, 1.5),
    slow=slowdowns,
)
def test_more_chats_a_tighter_target_or_longer_handling_never_need_fewer(rate, handle, share, more, slow):
    def need(rate=rate, handle=handle, share=share, within=60.0):
        return int(chat.required(rate, (handle, handle * (1 + slow)), within, share, 300)[0])

    base = need()
    assert need(rate=rate * more) >= base
    assert need(handle=handle * more) >= base
    assert need(share=1 - (1 - share) / more) >= base
    assert need(within=60 / more) >= base


def test_the_required_number_is_the_smallest_and_keeps_the_shape():
    rates = np.array([[0, 0.5, 1.1], [2, 4, 9]])
    need = chat.required(rates, (1800, 2160, 2640), 60, 0.9, 360)
    assert need.shape == rates.shape
    assert need[0, 0] == 0
    for n, rate in zip(need.ravel()[1:], rates.ravel()[1:], strict=True):
        assert chat.service_level(int(n), rate, (1800, 2160, 2640), 360, 60) >= 0.9
        assert n == 1 or chat.service_level(int(n) - 1, rate, (1800, 2160, 2640), 360, 60) < 0.9


def test_nothing_is_nan_at_the_edges():
    for n in (0, 1, 4, 40):
        for patience in (1e-6, 1, 86400):
            level = chat.service_level(n, [0, 1e-9, 1, 1e3, 1e6], (900, 1100), patience, 3600)
            left = chat.abandonment(n, [0, 1e-9, 1, 1e3, 1e6], (900, 1100), patience)
            assert ((level >= 0) & (level <= 1) & (left >= 0) & (left <= 1)).all()
            assert level[0] == 1
            assert left[0] == 0


def test_chats_that_cannot_be_planned_with_are_refused_with_a_sentence():
    with pytest.raises(NoPlanError, match="must not finish fewer an hour"):
        chat.service_level(2, 1, (1000, 2500), 300, 60)
    with pytest.raises(NoPlanError, match="at least the one before"):
        chat.required(1, (1000, 900), 60, 0.9, 300)
    with pytest.raises(NoPlanError, match="More than 3 advocates"):
        chat.required(100, (1000, 1100), 60, 0.9, 300, most=3)
    with pytest.raises(NoPlanError, match="too many to work out exactly"):
        chat.service_level(90, 1, (1000, 1100, 1200), 300, 60)
