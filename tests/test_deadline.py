"""Written work with a deadline, against item-by-item simulation that shares nothing with the formula."""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotline_catalyst.errors import NoPlanError
from hotline_catalyst.planning.deadline import backlog, room_hours

SOAK = bool(os.environ.get("SOAK"))
CASES = 3000 if SOAK else 60


def office(first=36, last=68, days=5):
    """Business quarter-hours: 9 to 17, Monday to Friday, unless said otherwise."""
    open_ = np.zeros((7, 96), bool)
    open_[:days, first:last] = True
    return open_.ravel()


def business_minutes(open_, start, end):
    """Minutes of business time between two minutes, by counting them; infinite for what is never done."""
    passed = np.concatenate([[0], np.cumsum(np.tile(np.repeat(open_, 15), 4))])
    return np.interp(end, np.arange(len(passed)), passed) - np.interp(start, np.arange(len(passed)), passed)


def items_done(counts, room, minutes_each, hands, open_, rng, laps=4):
    """Give every item its own moment of arrival and deal them in turn to ``hands`` advocates.

    Each works on one item at a time, at most a minute a minute; the quarter-hour's room comes at an even pace.
    Returns pairs (arrival, completion) in minutes for the items of the second week, completion infinite if not done.
    """
    arrivals = np.sort(
        np.concatenate(
            [lap * 10080 + q * 15 + rng.uniform(0, 15, int(counts[q])) for lap in range(laps) for q in range(672)]
        )
    )
    pace = np.where(open_, room, 0) * 60 / 15 / hands
    assert pace.max() <= 1 + 1e-12
    pairs = []
    for hand in range(hands):
        free = 0.0
        for arrival in arrivals[hand::hands]:
            now, rest = max(free, arrival), minutes_each
            while rest > 1e-9 and now < laps * 10080:
                q = int(now // 15)
                speed, until = pace[q % 672], (q + 1) * 15.0
                if speed * (until - now) >= rest:
                    now, rest = now + rest / speed, 0.0
                else:
                    rest, now = rest - speed * (until - now), until
            free = now if rest <= 1e-9 else np.inf
            if 10080 <= arrival < 20160:
                pairs.append((arrival, free))
    return pairs


def drawn(seed):
    """Draw a small hotline's week of written work, near the edge of what its room allows."""
    rng = np.random.default_rng(seed)
    open_ = office(int(rng.integers(28, 40)), int(rng.integers(56, 76)), int(rng.integers(4, 8)))
    minutes_each, hands = float(rng.choice([5, 12, 20, 45])), int(rng.integers(1, 4))
    rhythm = rng.gamma(1.0, 1.0, 672)
    room = np.minimum(rng.gamma(0.7, 0.1, 672) * (rng.random(672) < 0.7), hands / 4)
    work = float(rng.uniform(0.2, 0.95)) * room[open_].sum()
    counts = rng.poisson(rhythm / rhythm.sum() * work * 60 / minutes_each)
    return counts, room, minutes_each, open_, float(rng.choice([0.5, 1, 2, 3])), hands, rng


def test_no_item_is_late_when_the_model_says_that_none_is():
    promised = late = 0
    for seed in range(CASES):
        counts, room, minutes_each, open_, days, hands, rng = drawn(seed)
        told = backlog(counts, room, minutes_each, open_, days, hands=hands)
        if not told.none_late:
            late += 1
            continue
        promised += 1
        allowed = days * open_.sum() * 15 / open_.reshape(7, 96).any(axis=1).sum()
        oldest = float(told.oldest_business_days) * open_.sum() * 15 / open_.reshape(7, 96).any(axis=1).sum()
        arrivals, done = np.reshape(items_done(counts, room, minutes_each, hands, open_, rng), (-1, 2)).T
        assert np.isfinite(done).all()
        age = business_minutes(open_, arrivals, done).max(initial=0)
        assert age <= min(allowed, oldest) + 1e-6, seed
    # Both answers must come up often, or the claim is empty.
    assert min(promised, late) > CASES / 10


def test_the_model_is_hardly_stricter_than_the_clock_for_one_pair_of_hands():
    # Of the weeks it calls late, nearly all have an item that is late by the clock, give or take half an hour.
    strict = called = 0
    for seed in range(CASES):
        counts, room, minutes_each, open_, days, _, rng = drawn(seed)
        room = np.minimum(room, 0.25)
        told = backlog(counts, room, minutes_each, open_, days, hands=1)
        if told.none_late or not np.isfinite(told.oldest_business_days):
            continue
        called += 1
        allowed = days * open_.sum() * 15 / open_.reshape(7, 96).any(axis=1).sum()
        arrivals, done = np.transpose(items_done(counts, room, minutes_each, 1, open_, rng))
        strict += bool(business_minutes(open_, arrivals, done).max() <= allowed - 30)
    assert called > CASES / 10
    assert strict <= 0.1 * called


@settings(max_examples=300 if SOAK else 8, deadline=None)
@given(st.integers(0, 10**6))
def test_the_missing_hours_are_enough_and_no_plan_with_less_is(seed):
    # Fluid check by linear programming: the least room to add so that all due work is done.
    from scipy.optimize import linprog
    from scipy.sparse import csr_matrix, lil_matrix

    rng = np.random.default_rng(seed)
    open_ = office(36, 40, 3)
    counts = np.zeros(672)
    at = rng.choice(672, 6, replace=False)
    counts[at] = rng.integers(1, 5, 6)
    room = np.where(open_, rng.choice([0, 0.1, 0.25], 672), 0)
    told = backlog(counts, room, 20, open_, 1, hands=1)
    # Variables: work put in by quarter-hour over four weeks of which the middle two count; extra room costs 1.
    quarters = np.flatnonzero(np.tile(open_, 4))
    elapsed = np.concatenate([[0], np.cumsum(np.tile(open_, 4))])
    jobs = [(lap * 672 + q, counts[q] / 3) for lap in range(3) for q in np.sort(at)]
    pairs = [
        (j, k)
        for j, (start, _) in enumerate(jobs)
        for k, t in enumerate(quarters)
        if t > start and elapsed[t + 1] - elapsed[start] <= 4
    ]
    n, m = len(pairs), len(quarters)
    done, load = lil_matrix((len(jobs), n + m)), lil_matrix((m, n + m))
    for v, (j, k) in enumerate(pairs):
        done[j, v] = 1
        load[k, v] = 1
    for k in range(m):
        load[k, n + k] = -1
    cost = np.concatenate([np.zeros(n), np.ones(m)])
    best = linprog(
        cost,
        A_ub=csr_matrix(load),
        b_ub=np.tile(room, 4)[quarters],
        A_eq=csr_matrix(done),
        b_eq=[w for _, w in jobs],
    )
    assert best.status == 0
    # Three laps of work: the repeating week's missing hours, give or take the edges of one lap.
    assert best.fun == pytest.approx(
        3 * float(told.hours_missing_per_week), abs=float(told.hours_missing_per_week) + 1e-6
    )
    assert (best.fun > 1e-7) == (float(told.hours_missing_per_week) > 1e-7) or best.fun > 1e-7


def test_more_than_the_room_allows_is_late_by_the_difference():
    # Twelve messages of 20 minutes are 4 hours; 160 business quarter-hours of half a minute are 80 minutes.
    told = backlog(np.full(672, 12 / 672), np.full(672, 1 / 120), 20, office(), 1)
    assert float(told.hours_missing_per_week) == pytest.approx(4 - 160 / 120)
    assert float(told.late_share) == 1
    assert np.isinf(told.oldest_business_days)


def test_a_message_of_friday_evening_is_one_business_day_old_on_monday_evening():
    # It comes on Friday at 20:00; the only room is on Monday from 16:45.
    counts, room = np.zeros(672), np.zeros(672)
    counts[4 * 96 + 80], room[67] = 1, 0.25
    told = backlog(counts, room, 15, office(), 1)
    assert float(told.oldest_business_days) == 1
    assert told.none_late
    assert not backlog(counts, room, 15, office(), 0.9).none_late
    assert float(backlog(counts, room, 15, office(), 0.9).hours_missing_per_week) == pytest.approx(0.25)


def test_urgent_items_are_done_at_any_hour_and_before_the_others():
    # Saturday 03:00: one urgent, one not; each takes 15 minutes; somebody has room all week.
    counts, urgent = np.zeros(672), np.zeros(672)
    counts[5 * 96 + 12], urgent[5 * 96 + 12] = 2, 0.5
    told = backlog(counts, np.full(672, 0.25), 15, office(), 1, urgent=urgent)
    assert float(told.urgent_late_share) == 0
    assert float(told.urgent_longest_h) == 0.5
    assert float(told.oldest_business_days) == pytest.approx(1 / 32)
    # With room only on Monday at 9:00 the urgent one takes it and the other misses a deadline of half a day.
    narrow = np.zeros(672)
    narrow[36] = 0.25
    told = backlog(counts, narrow, 15, office(), 0.5, urgent=urgent)
    assert float(told.urgent_late_share) == 1
    assert float(told.urgent_longest_h) == 54.25
    assert float(told.late_share) == 1


def test_a_thousand_drawn_weeks_are_answered_at_once_and_like_single_ones():
    rng = np.random.default_rng(4)
    counts, room = rng.poisson(0.03, (40, 672)), rng.uniform(0, 0.2, (40, 672))
    together = backlog(counts, room, 20, office(), 1, urgent=0.2, hands=2)
    for i in (0, 7, 39):
        alone = backlog(counts[i], room[i], 20, office(), 1, urgent=0.2, hands=2)
        for name in ("oldest_business_days", "late_share", "hours_missing_per_week", "urgent_late_share"):
            assert getattr(together, name)[i] == getattr(alone, name)


def test_nothing_to_read_is_nothing_late():
    told = backlog(np.zeros(672), np.zeros(672), 20, office(), 1, urgent=0.1)
    assert told.none_late
    assert float(told.hours_missing_per_week) == float(told.oldest_business_days) == 0


def test_room_is_what_the_cap_leaves_beside_live_signals():
    # Four on shift, 85 % cap, 4 signals an hour of half an hour each: 3.4 - 2 advocates, a quarter-hour long.
    assert room_hours([4, 1], [4, 4], 1800, 0.85).tolist() == pytest.approx([1.4 / 4, 0])


def test_an_office_that_never_opens_is_refused_with_a_sentence():
    with pytest.raises(NoPlanError, match="no business hours"):
        backlog(np.ones(672), np.ones(672), 20, np.zeros(672), 1)
