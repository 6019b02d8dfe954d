"""Launch options: the cases compared, the part of the demand each meets, the frontier, and the sentences."""

from __future__ import annotations

import random
from dataclasses import replace
from functools import cache
from types import SimpleNamespace
from typing import get_args

import numpy as np
import pytest

from hotline_catalyst.engagement import default_parameters, launch_options
from hotline_catalyst.planning import queueing
from hotline_catalyst.planning.calendar import Hours
from hotline_catalyst.planning.cases import Case, Promise, cases_of, local_hours, narrowed, share_served
from hotline_catalyst.planning.demand import Demand, Parameter, Span, plan_demand
from hotline_catalyst.planning.growth import triggers
from hotline_catalyst.planning.need import Bound
from hotline_catalyst.planning.options import Option, Staffed, on_frontier, options
from hotline_catalyst.planning.staffing_words import load_staffing_words

WORDS = load_staffing_words()
WEEKEND = ["saturday", "sunday"]
ALWAYS = Hours(every_day="00:00-24:00")
LATE = Hours(every_day="07:00-23:00")


@cache
def figures() -> dict[str, Parameter]:
    """Every default figure, for three million people."""
    found = {
        ident: Parameter(ident, f.title, f.unit, f.low, f.likely, f.high, "default", True)
        for ident, f in default_parameters().items()
    }
    return found | {"demand.population": Parameter("demand.population", "", "", 3e6, 3e6, 3e6, "test", False)}


def expected(*channels: str, languages: tuple[str, ...] = ("en", "fr")) -> Demand:
    return plan_demand(figures(), list(channels), WEEKEND, False, languages)


def asked(hours: Hours = ALWAYS, channels=("phone", "text", "email"), languages=("en", "fr")) -> tuple[Case, ...]:
    return cases_of(
        WORDS,
        launch_options(),
        hours=hours,
        channels=channels,
        languages=languages,
        promise=Promise(Span(0.8, 0.9, 0.95), 20),
        weekend=WEEKEND,
    )


def test_all_hours_are_crossed_with_channels_languages_and_promises_without_doubles():
    cases = asked()
    assert cases[0].id == "chosen"
    assert len(cases) <= 40
    assert len({c.id for c in cases}) == len(cases)
    hours = {c.hours.open_quarters.tobytes() for c in cases}
    assert len(hours) == 6  # what was asked for is one of the six
    for quarters in hours:
        there = [c for c in cases if c.hours.open_quarters.tobytes() == quarters]
        assert {c.channels for c in there} == {("phone",), ("phone", "text"), ("phone", "text", "email")}
        assert {c.languages for c in there} == {("en", "fr"), ("en",)}
        assert {c.voice_share for c in there} == {0.8, 0.9, 0.95}


def test_a_line_with_one_channel_and_one_language_is_compared_by_hours_and_promise_alone():
    cases = asked(channels=("phone",), languages=("es",))
    assert {c.channels for c in cases} == {("phone",)}
    assert len(cases) == 6 * 3


def test_working_days_are_the_countrys_own():
    office = Hours(**dict.fromkeys(["monday", "tuesday", "wednesday", "thursday", "friday"], "08:00-16:00"))
    there = local_hours(office, ["friday", "saturday"])
    assert [there.friday, there.saturday] == ["closed", "closed"]
    assert there.sunday == there.thursday == "08:00-16:00"
    assert local_hours(office, WEEKEND) == office
    short = local_hours(Hours(monday="10:00-12:00"), ["friday", "saturday"])
    assert short == Hours(sunday="10:00-12:00")


def test_a_phone_only_line_meets_the_calls_and_nobody_else():
    demand = expected("phone", "text", "email")
    phone = narrowed(demand, ["phone"], ["en", "fr"], factor=1.8, connect_s=90)
    calls = [c for c in demand.classes if c.channel == "phone"]
    assert phone.live_per_week == pytest.approx(sum(c.per_week for c in calls))
    seconds = sum(c.per_week * c.handle_time_s for c in calls)
    assert phone.live_per_week * phone.handle_time_s == pytest.approx(seconds)
    assert phone.written_per_week == phone.written_hours_per_week == 0
    ratio = phone.live_per_hour / demand.live_per_hour
    assert ratio == pytest.approx(phone.live_per_week / demand.live_per_week)
    assert np.array([r.per_hour for r in phone.rows])[phone.row_of] == pytest.approx(phone.live_per_hour)


def test_a_line_with_all_channels_and_languages_meets_everything():
    demand = expected("phone", "text", "email")
    assert narrowed(demand, ["phone", "text", "email"], ["en", "fr"], factor=1.8, connect_s=90) is demand


def test_a_language_without_speakers_costs_the_interpreters_time_and_loses_nobody():
    demand = expected("phone")
    first = narrowed(demand, ["phone"], ["en"], factor=1.8, connect_s=90)
    french = sum(c.per_week for c in demand.classes if c.language == "fr")
    work = sum(c.per_week * c.handle_time_s for c in demand.classes)
    french_work = sum(c.per_week * c.handle_time_s for c in demand.classes if c.language == "fr")
    assert first.live_per_week == pytest.approx(demand.live_per_week)
    assert first.live_per_week * first.handle_time_s == pytest.approx(work + 0.8 * french_work + 90 * french)
    assert first.languages == {"en": pytest.approx(1.0)}


def test_signals_count_as_served_when_hour_and_channel_are_open_and_they_are_answered():
    demand = expected("phone", "text", "email")
    evening = Case("x", "X", LATE, ("phone", "email"), ("en",), 0.9)
    open_share = demand.shape[LATE.open_quarters].sum() / 672
    by_hand = demand.shares["phone"] * open_share * 0.95 + demand.shares["email"]
    assert share_served(demand, evening, 0.95) == pytest.approx(by_hand)
    assert share_served(demand, replace(evening, hours=ALWAYS, channels=("phone", "text", "email")), 1) == 1


def test_more_hours_and_more_channels_never_serve_fewer():
    demand = expected("phone", "text", "email")
    cases = asked()
    for a in cases:
        for b in cases:
            wider = (a.hours.open_quarters <= b.hours.open_quarters).all() and set(a.channels) <= set(b.channels)
            if wider:
                assert share_served(demand, a, 0.97) <= share_served(demand, b, 0.97) + 1e-12


def test_the_frontier_is_what_plain_search_finds():
    draw = random.Random(5)
    for _ in range(30):
        cases = asked()
        people = {c.id: draw.randint(8, 16) for c in cases}
        served = {c.id: draw.randint(5, 20) / 20 for c in cases}
        priced = [(c, Staffed(1, people[c.id], served[c.id], Span(1, 2, 3))) for c in cases]
        for (case, _), on in zip(priced, on_frontier(priced), strict=True):
            fewer = [
                o
                for o in cases
                if people[o.id] < people[case.id]
                and served[o.id] >= served[case.id]
                and set(o.languages) >= set(case.languages)
                and o.voice_share >= case.voice_share
            ]
            more = [
                o
                for o in cases
                if people[o.id] == people[case.id]
                and served[o.id] > served[case.id]
                and set(o.languages) >= set(case.languages)
                and o.voice_share >= case.voice_share
            ]
            twins = [o for o in cases if (people[o.id], served[o.id]) == (people[case.id], served[case.id])]
            assert on == (not fewer and not more and twins[0].id == case.id)


def staffed(case: Case) -> Staffed:
    """Nine people from 07 to 23, fourteen round the clock, seven otherwise; one fewer by phone alone."""
    people = 14 if case.hours.round_the_clock else 9 if case.hours.text == LATE.text else 7
    share = 0.99 if case.hours.round_the_clock else 0.884 if case.hours.text == LATE.text else 0.4
    return Staffed(people - 3, people - (case.channels == ("phone",)), share, Span(1e5, 2e5, 3e5))


def found(**kwargs) -> dict[str, Option]:
    return {o.id: o for o in options(asked(**kwargs), staffed, WORDS, within_s=20)}


def test_each_option_is_a_plain_sentence():
    two = found(channels=("phone", "text"), languages=("en",))
    assert two["daily_16"].sentence == (
        "With 9 people: every day 07:00 to 23:00, phone and text, 88 % of expected signals; "
        "the same round the clock needs 5 more."
    )
    assert two["chosen"].sentence == (
        "With 14 people: 24 hours a day, 7 days a week, phone and text, 99 % of expected signals; "
        "this is what was asked for."
    )
    assert two["chosen-phone"].sentence == (
        "With 13 people: 24 hours a day, 7 days a week, phone only, 99 % of expected signals; "
        "that is 1 person fewer than what was asked for."
    )
    assert two["daily_16-higher"].sentence == (
        "With 9 people: every day 07:00 to 23:00, phone and text, 95 % of calls answered within 20 seconds, "
        "88 % of expected signals; the same round the clock needs 5 more."
    )


def test_languages_are_said_where_the_line_has_more_than_one():
    both = found(hours=LATE)
    assert both["chosen"].sentence == (
        "With 9 people: every day 07:00 to 23:00, phone, text and e-mail, in English and French, "
        "88 % of expected signals; this is what was asked for; the same round the clock needs 5 more."
    )
    assert "in English, other languages with an interpreter" in both["always-first_language"].sentence
    assert both["always-first_language"].title == (
        "24 hours a day, 7 days a week, in English, other languages with an interpreter"
    )
    assert both["always"].sentence.endswith("that is 5 people more than what was asked for.")


def test_people_are_told_what_they_get_outside_the_hours():
    both = found(hours=LATE)
    assert both["always"].outside == "The line is open at every hour."
    outside = both["chosen-phone"].outside
    assert "the country's emergency number" in outside
    assert "Not offered: text and e-mail." in outside
    assert "automatic reply" in both["chosen"].outside
    assert "automatic reply" not in outside
    assert "An interpreter is brought in for French." in both["chosen-first_language"].outside
    assert not any(digit in o.outside for o in both.values() for digit in "0123456789")


def test_options_come_from_the_fewest_people_to_the_most_and_one_is_chosen():
    made = options(asked(), staffed, WORDS, within_s=20)
    assert [o.people for o in made] == sorted(o.people for o in made)
    assert sum(o.chosen for o in made) == 1


TARGETS = SimpleNamespace(voice_share=0.9, voice_within_s=20, patience_s=120, occupancy_cap=0.65)


@pytest.mark.parametrize("volume", [300, 20_000, 200_000])
def test_one_signal_more_than_a_part_of_the_day_holds_needs_one_more_advocate(volume):
    """Checked with the formula for the need, not with the table the volumes come from."""
    a_year = Parameter("demand.annual_signals", "", "", volume, volume, volume, "test", False)
    demand = plan_demand(figures() | {a_year.id: a_year}, ["phone"], WEEKEND, False, ("en",))
    need = np.maximum(2, needed(demand.planned_per_hour, demand.handle_time_s))
    hour, weekend = np.arange(672) % 96 / 4, np.arange(672) >= 5 * 96
    made = [t for t in triggers(demand, need, TARGETS, figures(), WEEKEND, WORDS) if t.posts]
    assert len(made) == 12
    for trigger in made:
        kind, first, last = trigger.id.split("_")
        part = (hour >= int(first)) & (hour < int(last)) & (weekend == (kind == "weekend"))
        assert trigger.now == pytest.approx(demand.live_per_week * demand.shape[part].sum() / 672)
        assert trigger.holds_to >= trigger.now - 1
        rate = demand.planned_per_hour[part] / trigger.now
        assert (needed(rate * trigger.holds_to, demand.handle_time_s) <= need[part]).all()
        assert (needed(rate * (trigger.holds_to + 1), demand.handle_time_s) > need[part]).any()
        assert str(trigger.holds_to) in trigger.sentence


def needed(rate: np.ndarray, handle_time_s: float) -> np.ndarray:
    busy = np.ceil(np.round(rate * handle_time_s / 3600 / 0.65, 9)).astype(int)
    return np.maximum(queueing.required(rate, handle_time_s, 20, 0.9, 120), busy)


def test_a_trigger_reads_well_and_closed_parts_of_the_day_have_none():
    demand = expected("phone", languages=("en",))
    on_shift = 2 * Hours(every_day="09:00-21:00").open_quarters.astype(int)
    made = triggers(demand, on_shift, TARGETS, figures(), WEEKEND, WORDS)
    evening = next(t for t in made if t.id == "weekday_17_21")
    assert evening.sentence == (
        f"Between 17:00 and 21:00 on weekdays, 2 advocates on shift keep the promise up to {evening.holds_to} signals "
        f"a week (now {evening.now:.1f}); beyond that one more is needed."
    )
    assert not any(t.id in ("weekday_00_06", "weekend_21_24") for t in made)
    assert [t.id for t in made[-3:]] == ["service", "occupancy", "overtime"]
    assert (
        "fewer than 90 % were answered within 20 seconds over four weeks, 3 weekly checks in a row" in made[-3].sentence
    )
    assert "70 %" in made[-2].sentence
    assert "5 %" in made[-1].sentence


def test_every_rule_that_can_set_a_number_has_a_sentence():
    assert set(WORDS.bounds) == set(get_args(Bound))
