"""Countries, weekends, holidays and opening hours."""

from __future__ import annotations

from datetime import date

import holidays
import numpy as np
import pytest
from pydantic import ValidationError

from hotline_catalyst.errors import ContentError
from hotline_catalyst.planning.calendar import DAYS, Country, Hours, load_country, load_limits, minutes_of


def open_hours(hours: Hours) -> list[str]:
    """List the open whole hours as 'sunday 23'."""
    by_hour = hours.open_quarters.reshape(7, 24, 4)
    return [f"{DAYS[d]} {h:02d}" for d in range(7) for h in range(24) if by_hour[d, h].all()]


def test_mauritania_works_on_fridays_though_the_library_says_it_does_not():
    assert holidays.country_holidays("MR").weekend == {4, 5}, "the library caught up: drop the country file's note"
    mauritania = load_country("MR")
    week = mauritania.working_days(date(2027, 2, 1), 5)
    assert [DAYS[day.weekday()] for day in week] == ["monday", "tuesday", "wednesday", "thursday", "friday"]
    assert mauritania.working_days(date(2027, 2, 6), 1) == [date(2027, 2, 8)]


def test_working_days_leave_out_weekends_and_public_holidays():
    days = load_country("XR").working_days(date(2027, 10, 1), 3)
    assert days == [date(2027, 10, 1), date(2027, 10, 5), date(2027, 10, 6)]  # Monday the 4th is Lake Day


def test_a_country_can_add_and_leave_out_holidays_of_the_library():
    mexico = load_country("MX")
    first, last = date(2027, 1, 1), date(2027, 12, 31)
    assert {date(2027, 1, 1), date(2027, 9, 16), date(2027, 12, 25)} <= set(mexico.public_holidays(first, last))
    text = mexico.model_dump(by_alias=True)
    text["holidays"] = {"library": "MX", "dates": {"2027-07-30": "World Day"}, "without": ["2027-09-16"]}
    changed = Country.model_validate(text).public_holidays(first, last)
    assert changed[date(2027, 7, 30)] == "World Day"
    assert date(2027, 9, 16) not in changed


def test_hours_run_over_midnight_into_the_next_day():
    assert open_hours(Hours(friday="22:00-02:00")) == ["friday 22", "friday 23", "saturday 00", "saturday 01"]


def test_hours_run_over_sunday_midnight_into_monday():
    assert open_hours(Hours(sunday="23:00-01:00")) == ["monday 00", "sunday 23"]


def test_24_00_ends_the_day_and_spills_nowhere():
    assert minutes_of("24:00") == 1440
    assert open_hours(Hours(sunday="22:00-24:00")) == ["sunday 22", "sunday 23"]
    assert Hours(every_day="00:00-24:00").round_the_clock
    assert not Hours(every_day="00:00-23:45").round_the_clock


def test_one_day_can_differ_from_every_day():
    hours = Hours(every_day="08:00-16:00", sunday="closed")
    assert int(hours.open_quarters.sum()) == 6 * 8 * 4
    assert hours.text == "Monday to Saturday 08:00 to 16:00; Sunday closed"
    assert Hours(every_day="08:00-16:00").text == "every day 08:00 to 16:00"
    assert Hours(every_day="00:00-24:00").text == "24 hours a day, 7 days a week"


@pytest.mark.parametrize("span", ["8-16", "08:10-16:00", "24:00-08:00", "08:00-25:00", "08:00", "always"])
def test_hours_that_are_no_span_of_quarter_hours_are_refused(span):
    with pytest.raises(ValidationError, match="not a span of quarter hours"):
        Hours(monday=span)


@pytest.mark.parametrize(("code", "first", "last"), [("MX", 20, 6), ("MR", 22, 5), ("XR", 22, 6)])
def test_night_is_the_window_of_the_countrys_law(code, first, last):
    country = load_country(code)
    night = [h for h in range(24) if country.is_night(h * 60)]
    assert night == sorted({h % 24 for h in range(first, last + 24)})
    assert not country.is_night(last * 60)
    assert country.is_night(last * 60 - 1)


def test_a_changed_law_gives_each_year_its_own_limit():
    before, after = (load_limits("xr", date(year, 1, 1))["weekly_hours_limit"].value for year in (2023, 2026))
    assert (before, after) == (48, 45)


def test_a_countrys_law_stands_over_the_base_and_leaves_the_rest():
    base, mexico = load_limits("base", date(2026, 11, 21)), load_limits("mx", date(2026, 11, 21))
    assert (base["night_shift_hours_limit"].value, mexico["night_shift_hours_limit"].value) == (8, 7)
    assert mexico["daily_rest_hours"] == base["daily_rest_hours"]


def test_an_unknown_country_gets_a_sentence_that_says_what_to_do():
    with pytest.raises(ContentError, match="copy one and put in the country's figures"):
        load_country("ZZ")


def test_a_week_has_672_quarter_hours():
    assert Hours().open_quarters.shape == (672,)
    assert not np.any(Hours().open_quarters)
