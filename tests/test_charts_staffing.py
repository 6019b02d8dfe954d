"""The staffing charts, measured by a browser: no text touches a text or a mark, on paper, phone and from the right."""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations, pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from playwright.sync_api import Page, sync_playwright
from staffed import hiring, option
from test_gantt import FLAGS, faces, grey

from hotline_catalyst.deliverables import chart_options, chart_people, chart_stress, chart_week, look
from hotline_catalyst.deliverables.chart_parts import PHONE, WIDE, Bar, Sheet, bars, sheets
from hotline_catalyst.planning.demand import Span
from hotline_catalyst.planning.options import Option
from hotline_catalyst.planning.simulation import Quantiles

SVG = "{http://www.w3.org/2000/svg}"
LONG = "Unterstützungsvereinbarungsgenehmigungsverfahren und ein langer Name für alles, was sonst noch kommt"
WEEKEND = ("saturday", "sunday")


def small_week() -> tuple[list[int], list[int]]:
    """Two on shift and two needed at every hour."""
    return [2] * 672, [2] * 672


def large_week() -> tuple[list[int], list[int]]:
    """Closed before six; then up to 14 on shift, changing every quarter-hour of some hours."""
    quarters = np.arange(672) % 96
    need = np.where(quarters < 24, 0, 3 + (quarters * 7) % 11)
    return np.where(need > 0, 14, 0).tolist(), need.tolist()


def forty() -> list[Option]:
    """Forty options, all but ten on the frontier, several at the same place; one is asked for."""
    chance = random.Random(4)
    found = [option(f"{n:02d}", 8 + n // 2, round(min(1.0, 0.2 + n * 0.02), 2)) for n in range(40)]
    found = [replace(o, frontier=chance.random() < 0.75, title=f"{o.title}, {LONG}") for o in found]
    return [replace(o, chosen=n == 30) for n, o in enumerate(found)]


def drawn(sheet: Sheet) -> dict[str, str]:
    """Return every chart with its smallest and its largest data."""
    spans = (Span(0, 0, 0), Span(1, 1, 1), Span(2, 900_000, 123_456_789))
    wide = [
        Bar(f"{LONG} {n}", s, f"{s.likely:,.0f} ({s.low:,.0f} to {s.high:,.0f})", LONG) for n, s in enumerate(spans)
    ]
    spread = chart_stress.Spread("Single weeks", Quantiles(0.02, 0.5, 1.0, 0.5))
    narrow = chart_stress.Spread("Four weeks together", Quantiles(1.0, 1.0, 1.0, 1.0))
    return {
        "strip, two": chart_week.heat_strip(*small_week(), sheet),
        "strip, fourteen": chart_week.heat_strip(*large_week(), sheet),
        "days, two": chart_week.day_steps(*small_week(), WEEKEND, sheet),
        "days, fourteen": chart_week.day_steps(*large_week(), WEEKEND, sheet),
        "options, one": chart_options.options_chart([option("only", 9, 0.4, chosen=True)], sheet),
        "options, forty": chart_options.options_chart(forty(), sheet),
        "hiring, few": chart_people.hiring_chart(hiring(12), sheet),
        "hiring, every month": chart_people.hiring_chart(hiring(1), sheet),
        "bars, one": bars("one", "What?", [Bar("Pay", Span(1, 1, 1), "1")], sheet),
        "bars, wide": bars("wide", LONG, wide, sheet),
        "service": chart_stress.service_strip((spread, narrow), 0.9, sheet),
        "service, all kept": chart_stress.service_strip((narrow,), 1.0, sheet),
    }


MEASURE = """() => [...document.querySelectorAll('svg')].map(s => {
  const frame = s.getBoundingClientRect();
  return {width: frame.width, found: [...s.querySelectorAll('text, circle, polygon')].map(e => {
    const r = e.getBoundingClientRect(), pad = e.tagName == 'text' ? r.height * 0.16 : 0;
    return {kind: e.tagName, text: e.textContent, left: r.left - frame.left, right: r.right - frame.left,
      top: r.top + pad, bottom: r.bottom - pad, inside: r.top >= frame.top - 1 && r.bottom <= frame.bottom + 1,
      size: parseFloat(getComputedStyle(e).fontSize)}})}})"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser.new_page()
        browser.close()


def touches(a: dict[str, float], b: dict[str, float]) -> bool:
    across = min(a["right"], b["right"]) - max(a["left"], b["left"])
    return across > 0.3 and min(a["bottom"], b["bottom"]) - max(a["top"], b["top"]) > 0.3


SHEETS = [*sheets(rtl=False), *sheets(rtl=True)]


@pytest.mark.parametrize("sheet", SHEETS, ids=["wide", "phone", "wide from the right", "phone from the right"])
def test_no_text_touches_a_text_or_a_mark_and_all_is_inside_and_large_enough(page: Page, sheet: Sheet) -> None:
    charts = drawn(sheet)
    page.set_viewport_size({"width": round(sheet.width), "height": 800})
    page.set_content(f"<style>{faces()}</style>{''.join(charts.values())}")
    page.evaluate("document.fonts.ready")
    measured = page.evaluate(MEASURE)
    assert len(measured) == len(charts)
    for name, chart in zip(charts, measured, strict=True):
        texts = [f for f in chart["found"] if f["kind"] == "text"]
        marks = [f for f in chart["found"] if f["kind"] != "text"]
        assert [(a["text"], b["text"]) for a, b in combinations(texts, 2) if touches(a, b)] == [], name
        assert [(t["text"], m["kind"]) for t in texts for m in marks if touches(t, m)] == [], name
        assert [
            t["text"] for t in texts if not t["inside"] or t["left"] < -1.5 or t["right"] > chart["width"] + 1.5
        ] == [], name
        assert min(t["size"] for t in texts) >= 11, name


@pytest.mark.parametrize("sheet", [WIDE, PHONE], ids=["wide", "phone"])
def test_every_chart_says_in_words_what_it_shows(sheet: Sheet) -> None:
    for name, svg in drawn(sheet).items():
        tree = ElementTree.fromstring(svg)
        assert tree.get("role") == "img", name
        assert (tree.findtext(f"{SVG}title") or "").endswith(("?", LONG)), name
        assert len(tree.findtext(f"{SVG}desc") or "") > 5, name


def cells(svg: str) -> list[tuple[str, str]]:
    """Return the two numbers of each box of the strip, on shift and needed."""
    texts = [t.text or "" for t in ElementTree.fromstring(svg).iter(f"{SVG}text")]
    if any("/" in t for t in texts):
        return [tuple(t.split("/")) for t in texts if re.fullmatch(r"\d+/\d+", t)]  # type: ignore[misc]
    bold = [t for t in ElementTree.fromstring(svg).iter(f"{SVG}text") if t.get("text-anchor") == "middle"]
    numbers = [t.text or "" for t in bold][24:]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


@pytest.mark.parametrize("sheet", [WIDE, PHONE], ids=["wide", "phone"])
def test_the_strip_prints_every_open_hours_cover_and_need(sheet: Sheet) -> None:
    cover, need = [2] * 672, [1] * 672
    cover[40:44], need[40:44] = [5, 5, 3, 5], [4, 2, 3, 2]  # Monday 10:00 to 11:00: the third quarter has none to spare
    found = cells(chart_week.heat_strip(cover, need, sheet))
    assert len(found) == 168
    assert sorted(found) == sorted([("3", "3")] + [("2", "1")] * 167)
    assert cells(chart_week.heat_strip([0] * 672, [0] * 672, sheet)) == [], "a closed hour holds no number"


def test_more_on_shift_is_darker_and_too_few_are_framed_in_brick() -> None:
    cover = np.repeat([2, 6, 10, 14] * 42, 4).tolist()
    fills = re.findall(r'rx="1" fill="(#\w+)"', chart_week.heat_strip(cover, cover, WIDE))[:4]
    assert sorted(fills, key=grey, reverse=True) == fills
    assert len(set(fills)) > 2
    assert look.NOT_MET not in chart_week.heat_strip(cover, cover, WIDE)
    assert chart_week.heat_strip([1] * 672, [2] * 672, WIDE).count(f'stroke="{look.NOT_MET}"') == 168


def test_the_typical_weekday_is_the_one_in_the_middle_and_keeps_the_countrys_weekend() -> None:
    by_day = (2, 5, 3, 9, 4, 1, 1)  # Monday to Sunday
    cover = np.repeat(by_day, 96).tolist()
    assert chart_week.typical(cover, [0, 1, 2, 3, 4]) == 4
    svg = chart_week.day_steps(cover, cover, ("friday", "saturday"), WIDE)
    assert "A weekday (Wednesday)" in svg
    assert "A day at the weekend (Friday)" in svg


def test_steps_rise_where_the_numbers_change() -> None:
    cover = ([2] * 48 + [4] * 48) * 7
    svg = chart_week.day_steps(cover, cover, WEEKEND, PHONE)
    first = next(ElementTree.fromstring(svg).iter(f"{SVG}polyline")).get("points") or ""
    points = [tuple(map(float, p.split(","))) for p in first.split()]
    (left, low), (right, high) = points[0], points[-1]
    rise = next(x for (x, y), (_, after) in pairwise(points) if after < y)
    assert rise == pytest.approx((left + right) / 2, abs=0.5)
    assert low > high


def test_the_frontier_is_joined_the_asked_for_is_a_diamond_and_the_rest_stay_quiet() -> None:
    options = [
        option("few", 10, 0.4), option("poor", 12, 0.3, frontier=False), option("mid", 15, 0.7),
        option("asked", 20, 0.6, frontier=False, chosen=True), option("all", 25, 1.0),
    ]  # fmt: skip
    svg = chart_options.options_chart(options)
    tree = ElementTree.fromstring(svg)
    (line,) = tree.iter(f"{SVG}polyline")
    assert len((line.get("points") or "").split()) == 3, "what serves less with more people is not joined"
    assert len(list(tree.iter(f"{SVG}polygon"))) == 1
    marks = [c.get("fill") for c in tree.iter(f"{SVG}circle")]
    assert marks.count(look.LEVELS[2]) == 3
    assert chart_options.numbered(options) == {"few": 1, "mid": 2, "asked": 3, "all": 4}
    assert "choice poor" not in svg
    assert re.search(r"font-weight=\"700\">Every day, choice asked", svg), "its name is bold"


def test_forty_options_carry_a_number_each_that_is_asked_for_or_on_the_frontier() -> None:
    options = forty()
    for sheet in SHEETS:
        texts = [
            t.text or "" for t in ElementTree.fromstring(chart_options.options_chart(options, sheet)).iter(f"{SVG}text")
        ]
        plain = [t.strip("\u2068\u2069") for t in texts]
        missing = [n for n in chart_options.numbered(options).values() if str(n) not in plain]
        assert missing == [], sheet


def test_from_the_right_the_later_hour_lies_to_the_left() -> None:
    rtl = sheets(rtl=True)[0]
    hours = {}
    for t in ElementTree.fromstring(chart_week.heat_strip(*small_week(), rtl)).iter(f"{SVG}text"):
        hours[(t.text or "").strip("\u2068\u2069")] = float(t.get("x") or 0)
    assert hours["23"] < hours["00"] < hours["Mon"]


def test_only_what_differs_in_its_promise_is_told_beside_the_picture() -> None:
    options = [
        option("office", 10, 0.4), option("asked", 20, 0.9, chosen=True),
        option("strict", 30, 0.9, hours="hours asked", voice_share=0.95), option("lax", 9, 0.4, voice_share=0.8),
    ]  # fmt: skip
    assert [o.id for o in chart_options.at_promise(options)] == ["office", "asked"]
    assert [o.id for o in chart_options.other_promises(options)] == ["strict"]
