"""Published volumes of hotlines against the demand model: the handbook's page shows what the engine gives, no more."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import pytest

from hotline_catalyst.engagement import default_parameters
from hotline_catalyst.library import content_root
from hotline_catalyst.planning.demand import Parameter, Span, plan_demand

NO_BREAK = "\N{NO-BREAK SPACE}"
PAGE = content_root() / "site" / "pages" / "calibration.md"


@dataclass(frozen=True)
class Line:
    """One published volume: a number of signals in a period of a line's life, and why the model misses it if it does.

    ``from_year`` and ``to_year`` are years since the line opened: 0 and 1 are its first year. Where the sources do not
    say when it opened, its first three years stand in.
    """

    country: str
    counted: str
    people_m: float
    signals: float
    from_year: float
    to_year: float
    service: str
    reason: str = ""
    safe_migration: bool = False

    @property
    def a_year(self) -> float:
        """Signals a year of the period."""
        return self.signals / (self.to_year - self.from_year)


UNKNOWN_START = "not known; 1 to 3"
LINES = (
    Line("United Kingdom", "July 2014 to February 2016, 1 005 contacts", 65, 1005, 0, 560 / 365.25, "1 to 1.5",
         "no staff of its own and little money"),
    Line("United Kingdom", "2017, 3 710 calls and 710 web forms", 66, 4420, 0, 1, "1"),
    Line("United Kingdom", "2018, calls and forms +68 %", 66, 4420 * 1.68, 1, 2, "2"),
    Line("United Kingdom", "2022, contacts", 67, 9779, 5, 6, "6"),
    Line("United Kingdom", "2023, contacts", 68, 11_700, 6, 7, "7"),
    Line("Canada", "29 May 2019 to end of 2022, 12 706 calls", 38, 12_706, 0, 1313 / 365.25, "1 to 3.6"),
    Line("Mexico", "2018, reports", 125, 2592, 4, 5, "5 or more"),
    Line("Mexico", "first half of 2019, 1 977 calls", 126, 1977, 5, 5.5, "6 or more"),
    Line("Mexico", "January to August 2019, 1 419 reports", 126, 1419, 5, 5 + 8 / 12, "6 or more",
         "reports are fewer than calls: 1 977 in the first six of these months"),
    Line("Mexico", "2020, reports", 127, 2117, 6, 7, "7 or more",
         "reports are fewer than signals, and they fell from 2018 to 2020"),
    Line("Mexico", "2020, calls about trafficking only", 127, 1931, 6, 7, "7 or more",
         "other calls are left out"),
    Line("Arizona", "first year from February 2023, calls", 7.4, 1187, 0, 1, "1",
         "an emergency line answers in front and brings its own load"),
    Line("Colorado", "2019, about 600 calls and texts", 5.8, 600 * 3, 0, 3, UNKNOWN_START),
    Line("Moldova", "2001 to about 2005, 23 000 calls", 3.6, 23_000, 0, 4.5, "1 to 4.5", "", True),
    Line("Moldova", "2001 to about 2016, 100 000 calls", 3.5, 100_000, 0, 15.5, "1 to 15.5", "",
         True),
    Line("United States", "2008, calls", 304, 5748, 0, 1, "1",
         "5 % below the range; calls only, the model counts every channel"),
    Line("United States", "2009, calls", 307, 7637, 1, 2, "2"),
    Line("United States", "2010, calls", 309, 11_874, 2, 3, "3"),
    Line("United States", "2011, calls", 312, 19_427, 3, 4, "4"),
    Line("United States", "2012, calls", 314, 20_650, 4, 5, "5"),
    Line("United States", "2013, calls", 316, 31_945, 5, 6, "6"),
    Line("United States", "2016, calls without texts and messages", 323, 26_727, 8, 9, "9"),
    Line("United States", "2020, substantive signals", 331, 51_667, 12, 13, "13"),
    Line("South Africa", "January to March 2019, 245 calls", 59, 245 * 12, 0, 3, UNKNOWN_START,
         "one quarter, calls only; a year later they had more than doubled"),
    Line("South Africa", "January to March 2020, 588 calls", 59, 588 * 12, 0, 3, UNKNOWN_START),
    Line("Vietnam", "October 2013 to June 2018, about 13 000 calls", 93, 13_000, 0, 4.75, "1 to 4.75"),
    Line("Vietnam", "12 years to 2025, 30 170 calls", 97, 30_170, 0, 12, "1 to 12"),
)  # fmt: skip


@cache
def figures() -> dict[str, Parameter]:
    return {
        i: Parameter(i, f.title, f.unit, f.low, f.likely, f.high, "default", False)
        for i, f in default_parameters().items()
    }


def model(line: Line) -> Span:
    """The engine's signals a year over the period: years one to three as planned, later ones like the third."""
    people = Parameter("demand.population", "", "people", *[1e6 * line.people_m] * 3, "published, rounded", False)
    years = plan_demand({**figures(), people.id: people}, ["phone"], ["saturday", "sunday"], line.safe_migration).years
    ends, total = [0.0, 0.0, 0.0], line.to_year - line.from_year
    for n in range(int(line.to_year) + 1):
        part = max(0.0, min(line.to_year, n + 1) - max(line.from_year, n)) / total
        year = years[min(n, 2)]
        ends = [e + part * y for e, y in zip(ends, (year.low, year.likely, year.high), strict=True)]
    return Span(*ends)


def is_inside(line: Line) -> bool:
    band = model(line)
    return band.low <= line.a_year <= band.high


def grouped(value: float) -> str:
    return f"{value:,.0f}".replace(",", NO_BREAK)


def kept_together(text: str) -> str:
    """The same words, with a space inside a number or before a sign that no line break may take."""
    return re.sub(r"(?<=\d) (?=\d{3}\b|%)", NO_BREAK, text)


def row(line: Line) -> str:
    band = " – ".join(grouped(v) for v in (model(line).low, model(line).likely, model(line).high))
    name = f"{line.country}, {line.counted}" + ("; advice on migration" if line.safe_migration else "")
    inside = "yes" if is_inside(line) else f"no: {line.reason}"
    cells = (kept_together(name), line.service, f"{line.people_m:g}", grouped(line.a_year), band, kept_together(inside))
    return "| " + " | ".join(cells) + " |"


def table() -> str:
    """The table as the page holds it. To renew the page, print this with pytest -s and paste it in."""
    head = (
        "| Line, and what was counted | Year of service | People, millions | Reported a year "
        "| Model: low – likely – high | Inside? |"
    )
    return "\n".join([head, "| --- | --- | ---: | ---: | ---: | --- |", *map(row, LINES)])


def test_the_page_shows_what_the_engine_gives_for_every_published_volume():
    print("\n" + table())
    assert table() in PAGE.read_text("utf-8"), "the engine changed: print this test with -s and look at the page again"


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"{line.country}: {line.counted}")
def test_a_published_volume_lies_inside_the_models_range_or_the_miss_is_explained(line):
    assert is_inside(line) != bool(line.reason), f"{line.a_year:.0f} against {model(line)}"


def test_the_volumes_are_the_rates_published_per_100_000_people():
    # DOMAIN 2.1, its column per 100k per year, rounded there.
    published = {"July 2014": 1.0, "2017": 6.7, "2018, calls and": 11, "2022": 14.5, "2023": 17.2, "29 May": 9.3,
                 "2018, reports": 2.1, "first half": 3.1, "2020, reports": 1.7, "first year": 16, "2019, about": 10,
                 "2001 to about 2005": 140, "2001 to about 2016": 185, "2008": 1.9, "2011": 6.2, "2013": 10.1,
                 "January to March 2019": 1.7, "January to March 2020": 4.0, "12 years": 2.6}  # fmt: skip
    for start, rate in published.items():
        (line,) = [x for x in LINES if x.counted.startswith(start)]
        assert line.a_year / line.people_m / 10 == pytest.approx(rate, rel=0.05), line.counted


def test_a_line_whose_opening_is_not_known_is_judged_alike_in_its_first_and_third_year():
    for line in (x for x in LINES if x.service == UNKNOWN_START and is_inside(x)):
        for n in (0, 2):
            one = Line(line.country, line.counted, line.people_m, line.a_year, n, n + 1, "")
            assert is_inside(one), f"{line.counted}, year {n + 1}"


def test_the_page_counts_the_hits_and_says_where_the_likely_figure_is_too_high():
    text = " ".join(PAGE.read_text("utf-8").split())
    inside = sum(map(is_inside, LINES))
    assert f"{inside} of the {len(LINES)} rows lie inside" in text
    populous = [line for line in LINES if line.people_m > 90]
    below = sum(line.a_year < model(line).likely for line in populous)
    assert f"{below} of {len(populous)} rows" in text
    smaller = [line for line in LINES if line.people_m <= 90]
    below = sum(line.a_year < model(line).likely for line in smaller)
    assert f"{below} of {len(smaller)}" in text


def test_the_page_names_what_its_sources_do_not_agree_on():
    text = " ".join(PAGE.read_text("utf-8").split())
    for said in ("3 514", "2003", "2013", "1 931", "1 419", "7 315", "140", "185", "no independent check", "rounded"):
        assert said in text
