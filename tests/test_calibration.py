"""The US line of 2011 against the engine: the handbook's calibration page shows what the engine gives, no more."""

from __future__ import annotations

import pytest

from hotline_catalyst.library import content_root
from hotline_catalyst.planning.queueing import required

PAGE = content_root() / "site" / "pages" / "calibration.md"
CALLS_A_DAY = 19_427 / 365  # [POLST][POL12]
PEAK_SHARES, NIGHT_SHARE = (0.065, 0.072, 0.08), 0.02
MINUTES, PROMISES, PATIENCE_S = (20, 30, 40), (0.9, 0.95), (60, 120, 300)

Row = tuple[str | int, ...]


def needed(share_of_day: float, minutes: int, promise: float, patience_s: float | None) -> int:
    return int(required(CALLS_A_DAY * share_of_day, minutes * 60, 20, promise, patience_s)[0])


def rows() -> list[Row]:
    """One row for each hour, handle time and promise: Erlang C, then Erlang A by patience."""
    hours = [(f"busiest, {share:.1%}", share) for share in PEAK_SHARES] + [(f"night, {NIGHT_SHARE:.1%}", NIGHT_SHARE)]
    return [
        (
            hour,
            minutes,
            round(100 * promise),
            needed(share, minutes, promise, None),
            *(needed(share, minutes, promise, p) for p in PATIENCE_S),
        )
        for hour, share in hours
        for minutes in MINUTES
        for promise in PROMISES
    ]


def table() -> str:
    """The table as the page holds it. To renew the page, print this with pytest -s and paste it in."""
    head = "| Hour and its share of the day's calls | Handle time, min | In 20 s, % | Erlang C | " + " | ".join(
        f"Erlang A, {p} s" for p in PATIENCE_S
    )
    rule = "| --- " + "| ---: " * (3 + len(PATIENCE_S)) + "|"
    return "\n".join([head + " |", rule, *("| " + " | ".join(map(str, row)) + " |" for row in rows())])


def test_the_page_shows_what_the_engine_gives():
    print("\n" + table())
    assert table() in PAGE.read_text("utf-8"), "the engine changed: print this test with -s and look at the page again"


def test_erlang_c_gives_four_to_seven_at_the_peak_and_two_or_three_at_night():
    peak = [row[3] for row in rows() if str(row[0]).startswith("busiest")]
    night = [row[3] for row in rows() if str(row[0]).startswith("night")]
    assert (min(peak), max(peak)) == (4, 7)
    assert (min(night), max(night)) == (2, 3)


def test_erlang_a_needs_the_same_or_one_fewer():
    for row in rows():
        assert all(row[3] - 1 <= n <= row[3] for n in row[4:])
    saved = [row[3] - min(row[4:]) for row in rows()]
    assert sum(saved) / len(saved) == pytest.approx(0.5, abs=0.25), "one fewer about half the time, never two"


def test_the_page_says_what_was_reported_and_why_the_two_differ():
    text = " ".join(PAGE.read_text("utf-8").split())
    for said in (
        "19 427",
        "6 to 8",
        "2 at night",
        "Breaks",
        "follow-up",
        "overlap",
        "day to day",
        "Growth during the year",
        "No figure was fitted",
    ):
        assert said in text
