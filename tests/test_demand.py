"""Demand: a year's signals spread over a week, none lost and none invented."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from math import fsum
from typing import Any

import numpy as np
import pytest
from scipy.stats import gamma

from hotline_catalyst.engagement import default_parameters
from hotline_catalyst.library import load_sources
from hotline_catalyst.planning.calendar import DAYS
from hotline_catalyst.planning.demand import BANDS, CATEGORIES, Demand, Parameter, Span, plan_demand

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
    "patience_s": 120,
    "growth_year_2": (0, 0.4, 0.7),
    "growth_year_3": (-0.1, 0.25, 0.6),
    "ramp_start": 0.5,
    "ramp_months": 6,
    "day_factor_cv": 0.15,
    "redial_share": 0.5,
    "other_language_share": 0.25,
    "service.voice_share": 0.9,
    "service.voice_within_s": 20,
    "service.text_share": 0.8,
    "service.text_within_s": 60,
    "service.plan_for_days": 0.8,
    "service.parallel_contacts": 2,
    "service.parallel_slowdown": 0.2,
    "service.crisis_debrief_min": 15,
    **{f"mix_{c}": share for c, share in zip(CATEGORIES, (0.06, 0.18, 0.15, 0.05, 0.36, 0.12, 0.08), strict=True)},
    **{f"minutes_{c}": m for c, m in zip(CATEGORIES, (70, 35, 30, 30, 12, 37, 9), strict=True)},
    **{f"band_{a:02d}_{b:02d}": s for (a, b), s in zip(BANDS, (0.1, 0.09, 0.25, 0.24, 0.2, 0.12), strict=True)},
}
EVERY_CHANNEL = ["phone", "text", "chat", "email"]


def parameters(**changed: float | tuple[float, float, float]) -> dict[str, Parameter]:
    """The figures above, some of them changed; ``service__x`` stands for service.x, another word for demand.x."""
    made = {}
    for name, figure in {**FIGURES, **{n.replace("__", "."): f for n, f in changed.items()}}.items():
        low, likely, high = figure if isinstance(figure, tuple) else (figure,) * 3
        ident = name if "." in name else f"demand.{name}"
        made[ident] = Parameter(ident, name, "", low, likely, high, "test", False)
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


def test_the_handle_time_mixes_categories_silent_calls_and_slow_texts_held_two_at_once():
    # Mix by hand: 70x.06+35x.18+30x.15+30x.05+12x.36+37x.12+9x.08 = 25.98 minutes; one silent minute to three calls.
    phone = plan_demand(parameters(), ["phone"], WEEKEND, False)
    assert phone.handle_time_s == pytest.approx(60 * (3 * 25.98 + 1) / 4)
    # A crisis is alone in hand; two others at once each take a fifth longer: 1.2 / 2 of an advocate's time.
    text = plan_demand(parameters(), ["text"], WEEKEND, False)
    assert text.handle_time_s == pytest.approx(60 * 2 * (4.2 + 21.78 * 0.6))
    one_at_once = plan_demand(parameters(service__parallel_contacts=1), ["text"], WEEKEND, False)
    assert one_at_once.handle_time_s == pytest.approx(60 * 2 * 25.98)
    assert phone.offered_load == pytest.approx(phone.live_per_hour * phone.handle_time_s / 3600)


def test_messages_are_work_that_waits_and_never_load_on_the_line():
    demand = plan_demand(parameters(), ["email"], WEEKEND, False)
    assert demand.live_per_week == 0
    assert not demand.offered_load.any()
    assert demand.written_hours_per_week == pytest.approx(300 / (365.25 / 7) * 25 / 60)
    assert demand.all_per_week == pytest.approx(demand.written_per_week), "without a phone nobody hangs up in silence"


TOOLKIT = cache(default_parameters)  # read once: forty weeks are drawn from it, three times


@cache
def drawn(seed: int) -> dict[str, Parameter]:
    """Figures drawn from their ranges of the toolkit, for a country of a million to a hundred million."""
    draw = np.random.default_rng(seed)
    figures = {
        i: Parameter(i, "", "", *sorted(draw.triangular(f.low - 1e-9, f.likely, f.high + 1e-9, 3)), "", False)
        for i, f in TOOLKIT().items()
    }
    people = 10 ** draw.uniform(6, 8)
    return figures | {"demand.population": Parameter("demand.population", "", "", *[people] * 3, "", False)}


@cache
def drawn_demand(seed: int) -> Demand:
    draw = np.random.default_rng(1000 + seed)
    channels = [c for c in EVERY_CHANNEL if draw.random() < 0.6] or ["phone"]
    weekend = [d for d in DAYS if draw.random() < 0.3]
    languages = ["en", "es", "fr", "ar"][: draw.integers(1, 5)]
    return plan_demand(drawn(seed), channels, weekend, bool(draw.random() < 0.5), languages)


@pytest.mark.parametrize("seed", range(40))
def test_whatever_the_figures_nothing_is_lost_and_every_range_is_in_order(seed):
    demand = drawn_demand(seed)
    peak = drawn(seed)["demand.within_band_peak"].likely
    assert week_total(demand.live_per_hour, peak) == pytest.approx(demand.live_per_week)
    assert demand.live_per_week == fsum(c.per_week for c in demand.classes)
    silent = fsum(c.per_week for c in demand.classes if c.kind == "silent")
    substantive = demand.live_per_week - silent + demand.written_per_week
    assert substantive == pytest.approx(demand.annual.likely * 7 / 365.25), "closed channels' signals go elsewhere"
    assert fsum(demand.shares.values()) == pytest.approx(1)
    assert all(0 <= year.low <= year.likely <= year.high for year in demand.years)
    assert [y.likely / demand.annual.likely for y in demand.years] == pytest.approx(list(demand.year_factors))
    assert fsum(demand.ramp) / 12 == pytest.approx(1)
    assert list(demand.ramp) == sorted(demand.ramp)
    assert demand.live_per_hour.tolist() == [demand.rows[i].per_hour for i in demand.row_of]
    assert demand.shape.mean() == pytest.approx(1)
    assert len(demand.rows) == 12


@pytest.mark.parametrize("seed", range(40))
def test_languages_add_up_to_one_and_each_has_its_share_of_the_classes(seed):
    demand = drawn_demand(seed)
    assert fsum(demand.languages.values()) == pytest.approx(1)
    for language, share in demand.languages.items():
        own = fsum(c.per_week for c in demand.classes if c.language == language)
        assert own == pytest.approx(share * demand.live_per_week)


@pytest.mark.parametrize("seed", range(40))
def test_the_pooled_handle_time_is_the_work_of_the_classes_by_their_number(seed):
    demand = drawn_demand(seed)
    work = 0.0
    for c in demand.classes:
        at_once = range(1, c.parallel + 1)
        work += c.per_week * c.handle_time_s * (1 + c.slowdown * (max(at_once) - 1)) / max(at_once)
    if demand.classes:
        assert demand.handle_time_s == pytest.approx(work / sum(c.per_week for c in demand.classes))


def test_the_classes_hold_the_promise_the_debrief_and_the_order_of_their_kind():
    classes = {c.id: c for c in plan_demand(parameters(), EVERY_CHANNEL, WEEKEND, False, ["en", "es"]).classes}
    kinds = ("phone/{}/crisis", "phone/{}/other", "phone/{}/silent")
    written = tuple(f"{channel}/{{}}/{kind}" for channel in ("text", "chat") for kind in ("crisis", "other"))
    assert set(classes) == {kind.format(language) for language in ("en", "es") for kind in (*kinds, *written)}
    crisis, other, silent = (classes[kind.format("en")] for kind in kinds)
    assert (crisis.priority, other.priority, silent.priority) == (0, 1, 2)
    assert (crisis.handle_time_s, silent.handle_time_s) == (70 * 60, 60)
    assert other.handle_time_s == pytest.approx(60 * 21.78 / 0.94)
    assert (crisis.debrief_s, other.debrief_s, silent.debrief_s) == (900, 0, 0)
    assert (other.share, other.within_s, other.patience_s) == (0.9, 20, 120)
    text = classes["text/es/other"]
    assert (text.share, text.within_s, text.parallel, text.slowdown) == (0.8, 60, 2, 0.2)
    assert text.handle_time_s == pytest.approx(2 * other.handle_time_s)
    assert classes["text/es/crisis"].parallel == 1


def test_a_language_has_the_share_it_was_given_and_the_others_an_even_part():
    def shares(languages: list[str], **given: float) -> dict[str, float]:
        known = {f"language_{code}": share for code, share in given.items()}
        return dict(plan_demand(parameters(**known), ["phone"], WEEKEND, False, languages).languages)

    assert shares(["es"]) == {"es": 1}
    assert shares(["en", "es"]) == pytest.approx({"en": 0.75, "es": 0.25})
    assert shares(["en", "es", "fr"]) == pytest.approx({"en": 0.75, "es": 0.125, "fr": 0.125})
    assert shares(["en", "es", "fr"], es=0.2) == pytest.approx({"en": 0.75, "es": 0.2, "fr": 0.05})
    assert shares(["en", "es", "fr"], es=0.4) == pytest.approx({"en": 0.6, "es": 0.4, "fr": 0})
    assert shares(["en", "es", "fr"], en=0.5) == pytest.approx({"en": 0.5, "es": 0.25, "fr": 0.25})
    assert shares(["en", "es"], es=0.6, en=0.6) == pytest.approx({"en": 0.5, "es": 0.5})


def test_growth_compounds_low_with_low_and_high_with_high():
    years = plan_demand(parameters(), ["phone"], WEEKEND, False).years
    assert [y.likely for y in years] == pytest.approx([300, 420, 525])
    assert [y.low for y in years] == pytest.approx([100, 100, 90])
    assert [y.high for y in years] == pytest.approx([750, 1275, 2040])


def test_a_new_line_begins_low_and_one_with_its_own_volume_does_not():
    new = plan_demand(parameters(), ["phone"], WEEKEND, False).ramp
    # By hand: 6/12, 7/12 ... 11/12, then full; together 10.25 months of twelve.
    assert new[0] == pytest.approx(0.5 * 12 / 10.25)
    assert new[6:] == pytest.approx([12 / 10.25] * 6)
    assert plan_demand(parameters(annual_signals=900), ["phone"], WEEKEND, False).ramp == (1,) * 12


@pytest.mark.parametrize("cv", [0.05, 0.15, 0.25, 1])
@pytest.mark.parametrize("days", [0.7, 0.8, 0.9])
def test_the_busy_day_is_the_quantile_of_a_gamma(cv, days):
    demand = plan_demand(parameters(day_factor_cv=cv, service__plan_for_days=days), ["phone"], WEEKEND, False)
    assert demand.busy_day_factor == pytest.approx(gamma.ppf(days, 1 / cv**2, scale=cv**2))
    assert demand.planned_per_hour == pytest.approx(
        demand.live_per_hour * demand.busy_day_factor * demand.redial_factor
    )


def test_days_that_do_not_differ_and_nobody_who_calls_again_leave_the_rate_as_it_is():
    demand = plan_demand(parameters(day_factor_cv=0, redial_share=0), ["phone"], WEEKEND, False)
    assert (demand.busy_day_factor, demand.redial_factor, demand.planned_factor) == (1, 1, 1)
    assert (demand.planned_per_hour == demand.live_per_hour).all()


def test_more_who_call_again_or_a_lower_promise_never_lower_what_is_planned_for():
    def factor(again: float, promise: float) -> float:
        figures = parameters(redial_share=again, service__voice_share=promise)
        return plan_demand(figures, ["phone"], WEEKEND, False).redial_factor

    table = [[factor(again, promise) for promise in (0.95, 0.9, 0.8)] for again in (0, 0.2, 0.5, 0.8, 1)]
    assert (np.diff(table, axis=0) >= 0).all()
    assert (np.diff(table, axis=1) >= 0).all()
    # Half of the tenth not answered call again, half of their tenth again, and so on: 1 / (1 - 0.05).
    assert factor(0.5, 0.9) == pytest.approx(sum(0.05**n for n in range(30)))


@dataclass(frozen=True)
class Counted:
    """What a line counted, as planning/history.py gives it, here a blend of half and half."""

    per_week = Span(80, 100, 120)
    growth: float = 0.1
    trust: float = 0.5
    contacts: int = 5200
    first: date = date(2025, 1, 6)
    last: date = date(2026, 1, 4)
    language_shares = {"en": 0.5, "es": 0.5}

    def whole_week(self, prior: np.ndarray) -> Span:
        return self.per_week

    def measured(self, ident: str) -> float | None:
        return None

    def shape(self, prior: np.ndarray) -> np.ndarray:
        counted = np.zeros(168)
        counted[10] = 1.0  # every counted signal came on Monday between ten and eleven
        return (prior + counted) / 2

    def shares(self, prior: dict[str, float], kind: str = "channel") -> dict[str, float]:
        if kind == "language":
            return {c: (share + self.language_shares[c]) / 2 for c, share in prior.items()}
        return {c: (share + (c == "text")) / 2 for c, share in prior.items()}

    def dispersion(self, prior: float) -> float:
        return (prior + 0.35) / 2


def counted_demand(**changed: Any) -> Demand:
    counted: Any = Counted(**changed)
    return plan_demand(parameters(), EVERY_CHANNEL, WEEKEND, False, ["en", "es"], counted)


def test_a_line_that_counted_is_planned_hour_by_hour_from_its_counts_and_the_usual_figures():
    demand, usual = counted_demand(), plan_demand(parameters(), EVERY_CHANNEL, WEEKEND, False)
    assert demand.annual.likely == pytest.approx(100 * 365.25 / 7)
    assert (demand.annual.low, demand.annual.high) == pytest.approx((80 * 365.25 / 7, 120 * 365.25 / 7))
    assert len(demand.rows) == 168
    assert (demand.rows[10].label, demand.rows[10].day, demand.rows[167].label) == ("Monday 10", "monday", "Sunday 23")
    assert demand.live_per_hour.tolist() == [demand.rows[i].per_hour for i in demand.row_of]
    assert week_total(demand.live_per_hour, peak=1) == pytest.approx(demand.live_per_week), "no peak on counted hours"
    monday = demand.shape.reshape(168, 4)[:, 0]
    assert monday[10] == pytest.approx((usual.shape[40] + 168) / 2)
    assert monday[40] == pytest.approx(usual.shape[160] / 2)
    assert demand.shares["text"] == pytest.approx((0.1 + 1) / 2)
    assert demand.languages == pytest.approx({"en": 0.625, "es": 0.375})
    assert demand.day_factor_cv == pytest.approx(0.25)
    assert demand.ramp == (1,) * 12
    assert "5 200 signals" in demand.basis


def test_own_growth_moves_the_usual_range_by_its_weight_and_does_not_narrow_it():
    demand = counted_demand()
    assert demand.year_factors == pytest.approx((1, 1.25, 1.25 * 1.175))  # halfway from .4 and .25 to .1
    second = demand.years[1]
    assert second.low / demand.annual.low == pytest.approx(1 - 0.15)
    assert second.high / demand.annual.high == pytest.approx(1.7 - 0.15)
    fell = counted_demand(growth=-0.9, trust=0.98).years
    assert all(0 <= year.low <= year.likely <= year.high for year in fell)


def test_the_parts_of_the_day_of_counted_hours_are_their_mean():
    demand = counted_demand()
    hours = demand.live_per_hour.reshape(7, 24, 4)[:, :, 0]
    for band, (a, b) in enumerate(BANDS):
        assert demand.band_per_hour[band] == pytest.approx([hours[:5, a:b].mean(), hours[5:, a:b].mean()])
    assert sum(demand.band_shares) == pytest.approx(1)
    assert demand.day_weights[1] == pytest.approx(hours[5:].mean() / hours[:5].mean())


def test_every_figure_a_demand_rests_on_is_in_the_toolkit_with_a_range_and_an_origin():
    figures, sources = TOOLKIT(), load_sources()
    needed = {i for i in parameters() if i != "demand.population"}
    assert needed <= set(figures)
    for ident, figure in figures.items():
        said = figure.source or figure.assumption or ""
        named = [part.split("]")[0] for part in said.split("[")[1:]]
        assert set(named) <= set(sources), ident
        if figure.source:
            assert named, f"{ident} has a source without a key"
    assert {f.name for f in fields(Demand)} >= {"years", "ramp", "classes", "rows", "languages", "observed"}
