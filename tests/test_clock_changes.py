"""Nights on which the clock changes: real minutes and quarter-hours, against UTC times written out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from hotline_catalyst.errors import NoPlanError
from hotline_catalyst.planning.calendar import Hours
from hotline_catalyst.planning.rostering.clock_changes import clock_quarters, cover_of, minutes_on, moment, open_of
from hotline_catalyst.planning.rostering.records import Advocate, Assignment, Break, Past, Roster
from hotline_catalyst.planning.shifts import Shift

VIENNA, MEXICO, CASABLANCA = "Europe/Vienna", "America/Mexico_City", "Africa/Casablanca"
NIGHT = Shift("N", 22 * 60, 480, 15, night=True)
EARLY = Shift("E", 6 * 60, 480, 15, night=False)
LATE = Shift("L", 14 * 60, 480, 15, night=False)
# In 2027 Vienna's clocks go from 02:00 to 03:00 on 28 March (UTC+1, then UTC+2) and back on 31 October.
FORWARD, BACK = date(2027, 3, 28), date(2027, 10, 31)


def utc(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "began", "ended"),
    [
        (date(2027, 3, 26), utc(2027, 3, 26, 21), utc(2027, 3, 27, 5)),
        (date(2027, 3, 27), utc(2027, 3, 27, 21), utc(2027, 3, 28, 4)),  # 22:00 is 21:00 UTC, 06:00 already 04:00 UTC
        (date(2027, 10, 30), utc(2027, 10, 30, 20), utc(2027, 10, 31, 5)),  # 22:00 still 20:00 UTC, 06:00 is 05:00 UTC
    ],
)
def test_a_night_in_vienna_is_as_long_as_its_utc_times_say(day, began, ended):
    minutes = (ended - began).total_seconds() / 60
    assert minutes_on(NIGHT, day, VIENNA) == (minutes, minutes + 15)


def test_the_three_nights_are_eight_seven_and_nine_hours():
    nights = (date(2027, 3, 26), date(2027, 3, 27), date(2027, 10, 30))
    assert [minutes_on(NIGHT, night, VIENNA)[0] for night in nights] == [480, 420, 540]


def test_mexico_city_has_not_changed_its_clocks_since_2022():
    year = [date(2027, 1, 1) + timedelta(days=n) for n in range(365)]
    assert {minutes_on(NIGHT, day, MEXICO) for day in year} == {(480, 495)}
    assert minutes_on(NIGHT, date(2022, 4, 2), MEXICO) == (420, 435)  # the last spring they did


def test_morocco_puts_its_clocks_back_for_ramadan_and_forward_after_it():
    year = [date(2024, 1, 1) + timedelta(days=n) for n in range(366)]
    odd = {day: minutes_on(NIGHT, day, CASABLANCA)[0] for day in year if minutes_on(NIGHT, day, CASABLANCA)[0] != 480}
    # Ramadan 2024 ran from 12 March to 9 April; the decree moved the clock on the Sundays before and after.
    assert odd == {date(2024, 3, 9): 540, date(2024, 4, 13): 420}


def test_no_zone_means_no_change():
    assert minutes_on(NIGHT, date(2027, 3, 27), "") == (480, 495)


@pytest.mark.parametrize(("day", "hours"), [(FORWARD, 23), (BACK, 25), (date(2027, 6, 6), 24)])
def test_days_have_their_hours(day, hours):
    assert moment(day + timedelta(days=1), 0, VIENNA) - moment(day, 0, VIENNA) == timedelta(hours=hours)
    assert len(clock_quarters(day, 1, VIENNA)) == 4 * hours


def test_an_hour_left_out_and_an_hour_told_twice_leave_no_gap_between_two_shifts():
    for day in (FORWARD, BACK):
        first, second = (
            Shift("A", 22 * 60, 270, 0, night=True),
            Shift("B", 150, 240, 0, night=True),
        )  # until, from 02:30
        there = cover_of(roster(day, [(-1, "A", "A01"), (0, "B", "A02")], (first, second)))
        start = (6 * 24 * 4) - 8  # two hours before the Sunday of a week from Monday
        lasting = 4 * (8.5 + (-1 if day == FORWARD else 1))
        assert there.sum() == lasting
        assert (there[start : start + int(lasting)] == 1).all()


def test_the_repeated_hour_shows_the_same_clock_quarters_twice():
    shown = clock_quarters(BACK, 1, VIENNA) % 96
    assert list(shown[8:16]) == [8, 9, 10, 11, 8, 9, 10, 11]
    assert list(clock_quarters(FORWARD, 1, VIENNA)[6:10] % 96) == [6, 7, 12, 13]


def test_a_line_open_at_night_is_open_an_hour_less_and_an_hour_more():
    nights = Hours(every_day="22:00-06:00")
    weeks = [open_of(nights, day - timedelta(days=6), 7, VIENNA).sum() / 4 for day in (FORWARD, BACK, date(2027, 6, 6))]
    assert weeks == [55, 57, 56]


def roster(sunday: date, given: list[tuple[int, str, str]], shifts=(EARLY, LATE, NIGHT), **more) -> Roster:
    """A week that ends on this Sunday; shifts are given by days from the Sunday."""
    start = sunday - timedelta(days=6)
    people = tuple(Advocate(code, 38, ("en",)) for code in sorted({code for _, _, code in given}))
    assignments = tuple(Assignment(sunday + timedelta(days=day), shift, code) for day, shift, code in given)
    needed = np.zeros((7, len(shifts)), dtype=np.int64)
    return Roster(start, tuple(shifts), needed, people, assignments, {}, (), {}, (), True, "good", zone=VIENNA, **more)


@pytest.mark.parametrize(("sunday", "quarters"), [(FORWARD, 668), (BACK, 676), (date(2027, 6, 6), 672)])
def test_three_shifts_a_day_cover_every_real_quarter_hour_of_the_week_once(sunday, quarters):
    days = [(-6 + n, shift, f"A{n}{shift}") for n in range(7) for shift in "ELN"]
    monday = sunday - timedelta(days=6)
    past = Past(shifts={"N": NIGHT}, assignments=(Assignment(monday - timedelta(days=1), "N", "A99"),))
    assert list(cover_of(roster(sunday, days, past=past))) == [1] * quarters


def test_a_break_takes_a_person_away_for_its_quarter_hours():
    pause = Break(FORWARD - timedelta(days=1), "A01", 25 * 60, 30)  # 01:00 to 01:30 on Sunday
    week = roster(FORWARD, [(-1, "N", "A01")], breaks=(pause,))
    gone = cover_of(week) - cover_of(week, less_breaks=True)
    assert list(np.flatnonzero(gone)) == [6 * 96 + 4, 6 * 96 + 5]


def test_an_unknown_zone_is_refused_with_a_sentence():
    with pytest.raises(NoPlanError, match=r"'Europe/Wien' is not a time zone\. Write one like Europe/Vienna"):
        minutes_on(NIGHT, FORWARD, "Europe/Wien")
