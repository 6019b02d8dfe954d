"""Demand: a year's signals spread over a week, none lost and none invented."""

from __future__ import annotations

import numpy as np
import pytest

from hotline_catalyst.planning.demand import BANDS, CATEGORIES, Parameter, plan_demand

WEEKEND = ["saturday", "sunday"]
# Five million people, 6 signals per 100 000: 300 a year. A quarter of all contacts are silent.
FIGURES = {
    "population": 5_000_000,
    "signals_per_100k": (2, 6, 15),
    "safe_migration_per_100k": (50, 100, 150),
    "unsubstantive_share": 0.25,
    "share_phone": 0.75,
    "share_text": 0.1,
    "share_chat": 0.05,
    "share_email": 0.1,
    "within_band_peak": 1.15,
    "weekend_factor": 0.85,
    "minutes_unsubstantive": 1,
    "minutes_email": 25,
    "follow_up_minutes": 17,
    "text_talk_factor": 2,
    **{f"mix_{c}": share for c, share in zip(CATEGORIES, (0.06, 0.18, 0.15, 0.05, 0.36, 0.12, 0.08), strict=True)},
    **{f"minutes_{c}": m for c, m in zip(CATEGORIES, (70, 35, 30, 30, 12, 37, 9), strict=True)},
    **{f"band_{a:02d}_{b:02d}": s for (a, b), s in zip(BANDS, (0.1, 0.09, 0.25, 0.24, 0.2, 0.12), strict=True)},
}
EVERY_CHANNEL = ["phone", "text", "chat", "email"]


def parameters(**changed: float | tuple[float, float, float]) -> dict[str, Parameter]:
    made = {}
    for name, figure in {**FIGURES, **changed}.items():
        low, likely, high = figure if isinstance(figure, tuple) else (figure,) * 3
        made[f"demand.{name}"] = Parameter(f"demand.{name}", name, "", low, likely, high, "test", False)
    return made


def week_total(live_per_hour: np.ndarray, peak: float = 1.15) -> float:
    return float(live_per_hour.sum() / 4 / peak)


def test_the_quarter_hours_add_up_to_the_weeks_total_before_the_peak_factor():
    demand = plan_demand(parameters(), EVERY_CHANNEL, WEEKEND, safe_migration=False)
    substantive = 300 / (365.25 / 7)
    live = 0.9 * substantive + substantive / 3  # a tenth is e-mail; one silent call for three real contacts
    assert demand.annual.likely == pytest.approx(300)
    assert demand.live_per_week == pytest.approx(live)
    assert week_total(demand.live_per_hour) == pytest.approx(live)
    assert demand.all_per_week == pytest.approx(substantive * 4 / 3)


def test_the_shape_of_the_day_and_of_the_week_is_the_one_given():
    week = plan_demand(parameters(), EVERY_CHANNEL, WEEKEND, False).live_per_hour.reshape(7, 96)
    assert week[5] == pytest.approx(0.85 * week[0])
    assert week[0] == pytest.approx(week[4])
    day = week[0].reshape(24, 4).sum(axis=1)
    shares = [day[a:b].sum() / day.sum() for a, b in BANDS]
    assert shares == pytest.approx([0.1, 0.09, 0.25, 0.24, 0.2, 0.12])


def test_the_weekend_is_the_countrys_own():
    week = plan_demand(parameters(), ["phone"], ["friday", "saturday"], False).live_per_hour.reshape(7, 96)
    days = week.sum(axis=1)
    assert days[4] == days[5] == pytest.approx(0.85 * days[6])


def test_what_a_closed_channel_would_bring_goes_to_the_others():
    demand = plan_demand(parameters(), ["phone", "email"], WEEKEND, False)
    assert demand.shares == pytest.approx({"phone": 0.75 / 0.85, "email": 0.1 / 0.85})
    everything = plan_demand(parameters(), EVERY_CHANNEL, WEEKEND, False)
    assert demand.all_per_week == pytest.approx(everything.all_per_week)


def test_safe_migration_adds_its_own_signals_at_every_end():
    without = plan_demand(parameters(), ["phone"], WEEKEND, False).annual
    with_ = plan_demand(parameters(), ["phone"], WEEKEND, True).annual
    added = [with_.low - without.low, with_.likely - without.likely, with_.high - without.high]
    assert added == pytest.approx([2500, 5000, 7500])


def test_low_is_not_above_likely_nor_likely_above_high():
    for safe_migration in (False, True):
        annual = plan_demand(parameters(), ["phone"], WEEKEND, safe_migration).annual
        assert 0 < annual.low <= annual.likely <= annual.high


def test_the_lines_own_volume_wins_over_a_rate_per_head():
    demand = plan_demand(parameters(annual_signals=(900, 1000, 1200)), ["phone"], WEEKEND, True)
    assert (demand.annual.low, demand.annual.likely, demand.annual.high) == (900, 1000, 1200)
    assert demand.basis == "the line's own volume"


def test_the_handle_time_mixes_categories_silent_calls_and_slow_texts():
    # Mix by hand: 70x.06+35x.18+30x.15+30x.05+12x.36+37x.12+9x.08 = 25.98 minutes; one silent minute to three calls.
    phone = plan_demand(parameters(), ["phone"], WEEKEND, False)
    assert phone.handle_time_s == pytest.approx(60 * (3 * 25.98 + 1) / 4)
    text = plan_demand(parameters(), ["text"], WEEKEND, False)
    assert text.handle_time_s == pytest.approx(60 * 2 * 25.98)
    assert phone.offered_load == pytest.approx(phone.live_per_hour * phone.handle_time_s / 3600)


def test_messages_are_work_that_waits_and_never_load_on_the_line():
    demand = plan_demand(parameters(), ["email"], WEEKEND, False)
    assert demand.live_per_week == 0
    assert not demand.offered_load.any()
    assert demand.written_hours_per_week == pytest.approx(300 / (365.25 / 7) * 25 / 60)
    assert demand.all_per_week == pytest.approx(demand.written_per_week), "without a phone nobody hangs up in silence"
