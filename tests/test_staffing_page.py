"""The operator's staffing page holds the whole plan; the partner's part of the report holds none of its hours."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from judged import gathered, judged
from playwright.sync_api import Page, sync_playwright
from staffed import COUNTRY, option, parameters, plan, stress
from test_gantt import FLAGS

from hotline_catalyst.deliverables import at_a_glance, look, report, report_staffing, staffing_page, start_page
from hotline_catalyst.planning.demand import plan_demand
from hotline_catalyst.planning.history import observed_of, read_history
from hotline_catalyst.planning.simulation import Quantiles
from hotline_catalyst.planning.weakest import Weak
from hotline_catalyst.results import Number, Results


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    bare = judged(gathered("ruritania", tmp_path_factory.mktemp("page") / "line"))
    demand = plan_demand(parameters(), ["phone", "text", "email"], COUNTRY.weekend, True, ("en", "fr"))
    headline = Number("staffing.people", "People", 25, "people", "", ("demand.day_factor_cv", "service.break_minutes"))
    return replace(bare, staffing=plan(), demand=demand, parameters=parameters(), numbers=(headline,))


@pytest.fixture(scope="module")
def browser() -> Iterator[Page]:
    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield opened.new_page()
        opened.close()


def text_of(html: str) -> str:
    """Return what a reader reads, charts included."""
    body = re.sub(r"<style>.*?</style>", " ", html, flags=re.DOTALL)
    return re.sub(r"[\s\u2068\u2069]+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def test_the_page_is_the_operators_alone_and_says_so(results: Results, tmp_path: Path) -> None:
    (written,) = staffing_page.write(results, tmp_path)
    assert written == tmp_path / "operator" / "staffing.html"
    assert "Do not forward it" in text_of(written.read_text("utf-8"))
    assert staffing_page.page(results) == staffing_page.page(results), "the same results give the same bytes"


def test_it_loads_nothing_and_shows_what_was_typed_as_text(results: Results) -> None:
    facts = replace(results.facts, name="<script>x</script>", notice='"><img src=https://a.b>')
    html = staffing_page.page(replace(results, facts=facts))
    assert "<script" not in html
    assert "<img" not in html
    assert not re.search(r"(?:src|href)=\"(?!#)", html)
    assert not re.search(r"url\((?!data:)", html)
    assert "default-src 'none'" in html


def test_every_number_of_the_plan_stands_there_with_its_reason(results: Results) -> None:
    said, made = text_of(staffing_page.page(results)), results.staffing
    sentences = [p.because for p in made.people.posts]
    sentences += [o.sentence for o in made.options] + [made.options[0].outside]
    sentences += [t.sentence for t in made.triggers if t.posts is None]
    sentences += [t.title for t in made.triggers if t.posts is not None] + [w.label for w in made.stress.weakest]
    sentences += [p.title for p in made.people.shrinkage.parts if p.hours.high]
    sentences += [c.title for c in made.stress.causes] + [line.title for line in made.budget.lines]
    sentences += [look.number(made.budget.year(n).likely) for n in range(3)]
    assert made.hiring is not None
    assert [s for s in [*sentences, made.hiring.because] if s not in said] == []
    assert "60 % of open hours: Nobody answers alone, whatever the volume." in said
    assert "30 % of open hours: The signals expected on a busy day set the number." in said


def test_figures_without_a_source_come_with_the_widest_range_first(results: Results) -> None:
    said = text_of(staffing_page.page(results))
    rows = [results.parameters[i].title for i in ("demand.day_factor_cv", "service.break_minutes")]
    at = [said.index(title) for title in rows]
    assert at == sorted(at), "0.05 to 0.25 is five times, 15 to 60 minutes four"


def test_where_nobody_can_be_hired_in_time_the_page_says_why(results: Results) -> None:
    text = "No academy plan can have 40 ready in time."
    refused = replace(results, staffing=replace(results.staffing, hiring=None, hiring_refused=text))
    said = text_of(staffing_page.page(refused))
    assert said.index(f"Cannot be hired in time: {text}") < said.index("people, "), (
        "it comes before the number of people"
    )
    assert said.count(text) == 2, "in short, and under Hiring"
    assert f"Cannot be hired in time:\n{text}" in bold_parts(refused)
    assert "are to be recruited" not in partner_text(refused)
    (row,) = [row for row in glance_rows(refused) if "on the pay roll" in row]
    assert "They cannot all be trained in time." in row
    assert "They cannot all be trained in time." not in " ".join(glance_rows(results))


def test_the_number_of_advocates_comes_with_its_range(results: Results) -> None:
    """346.5 hours at 40 h a week and 23 to 46 % of time away: 11.3 to 16.0 people."""
    people = replace(results.staffing.people, advocates=14, advocates_low=12, advocates_high=16)
    ranged = replace(results, staffing=replace(results.staffing, people_by_year=(people, people, people)))
    page = text_of(staffing_page.page(ranged))
    assert f"{people.total} people, 14 (12 to 16) of them advocates" in page
    assert "12 to 16 advocates would be needed for the same shifts" in page
    assert "14 (12 to 16) advocates" in partner_text(ranged)
    assert "14 (12 to 16) of them advocates" in " ".join(glance_rows(ranged))
    sure = replace(people, advocates_low=14, advocates_high=14)
    alike = replace(results, staffing=replace(results.staffing, people_by_year=(sure, sure, sure)))
    assert "14 of them advocates" in text_of(staffing_page.page(alike))
    assert "(14 to 14)" not in partner_text(alike) + text_of(staffing_page.page(alike))


def test_a_running_line_that_named_nobody_is_told_that_hiring_begins_with_nobody(results: Results) -> None:
    nobody = replace(results, staffing=replace(results.staffing, from_nobody=True))
    text = "does not list who works there now, so hiring begins with nobody"
    for said in (text_of(staffing_page.page(nobody)), partner_text(nobody)):
        assert text in said
    assert text not in text_of(staffing_page.page(results)) + partner_text(results)


def test_a_running_line_counts_from_the_start_of_the_plan(results: Results) -> None:
    running = text_of(staffing_page.page(replace(results, facts=replace(results.facts, stage="existing"))))
    assert "4 before the start of the plan" in running
    assert "4 before the launch" not in running
    planned = text_of(staffing_page.page(replace(results, facts=replace(results.facts, stage="planned"))))
    assert "4 before the launch" in planned


@pytest.mark.parametrize(("factor", "said"), [(1.3, "hold 1.3 times"), (10.0, "hold at least 10 times")])
def test_room_for_growth_is_a_formulas_and_ends_where_the_search_does(
    results: Results, factor: float, said: str
) -> None:
    found = replace(results, staffing=replace(results.staffing, capacity_factor=factor))
    for text in (text_of(staffing_page.page(found)), partner_text(found)):
        assert f"By formula, with everybody there and no breaks, the shifts would {said} the likely demand" in text


def test_the_promise_names_texts_where_they_are_offered(results: Results) -> None:
    assert "90 % of calls within 20 seconds and 80 % of texts and chats within 60 seconds, together 88 %" in (
        partner_text(results)
    )
    calls = replace(results, demand=plan_demand(parameters(), ["phone"], COUNTRY.weekend, True, ("en",)))
    assert "Promised: 90 % of calls within 20 seconds. By formula" in partner_text(calls)
    page = text_of(staffing_page.page(calls))
    assert "Promise: 90 % of calls within 20 seconds. With busy days" in page
    assert "wait to be read" not in page, "no e-mail is offered"
    assert "wait to be read" in text_of(staffing_page.page(results))


def test_what_a_signal_costs_and_how_long_advocates_are_in_contact_is_said(results: Results) -> None:
    for said in (text_of(staffing_page.page(results)), partner_text(results)):
        assert f"a signal costs about 1 240 {results.staffing.currency}" in said.replace("\u00a0", " ")
        assert "in contact 4 % of their time" in said.replace("\u00a0", " ")
    none = replace(results, staffing=replace(results.staffing, cost_per_signal=0.0))
    assert "a signal costs" not in text_of(staffing_page.page(none))


def test_a_line_that_closes_is_not_told_of_every_hour(results: Results) -> None:
    two = replace(results, staffing=plan(day=2, night=2))
    assert "On shift: 2 at every hour, by day and by night." in text_of(staffing_page.page(two))
    closes = replace(results, staffing=plan(day=2, night=2, open_hours_per_week=112.0))
    assert "On shift: 2 at every open hour." in text_of(staffing_page.page(closes))


def test_breaks_and_speakers_are_told_beside_the_counts(results: Results) -> None:
    said = text_of(staffing_page.page(results))
    assert "Breaks are not in these counts." in said
    assert "English: everybody on shift." in said
    assert "French: 1 at every open hour." in said
    need = results.staffing.need
    some = np.where(np.arange(672) < 96, 2, 0)
    three = replace(need, speakers={"en": need.on_shift, "fr": some, "ar": np.zeros(672, dtype=np.int64)})
    made = replace(results.staffing, needs=(three, *results.staffing.needs[1:]), interpreted=0.06)
    said = text_of(staffing_page.page(replace(results, staffing=made)))
    assert "French: up to 2 at once; in some hours nobody on shift has to speak it" in said
    assert "Arabic: nobody on shift has to speak it; an interpreter serves it." in said
    assert "6 % of live signals" in said


def test_noise_of_a_tiny_line_is_not_printed_as_a_finding(results: Results) -> None:
    weak = (Weak((0,), 1, 2, 0.67, 0.003, "Monday 01:00 to 02:00"),)
    strain = stress(weakest=weak, weekly=Quantiles(1.0, 1.0, 1.0, 1.0), weeks=728)
    tiny = replace(results, staffing=replace(results.staffing, stress=strain))
    page, partner = text_of(staffing_page.page(tiny)), partner_text(tiny)
    assert "0.003" not in page
    assert "Single weeks: nearly always 100 %" in page
    assert "in nearly every week 100 %" in partner
    for said in (page, partner):
        assert "728 (fewer than 1 000, because the line is large) simulated weeks" in said.replace("\u00a0", " ")


def test_messages_that_nobody_has_time_for_are_said_in_hours(results: Results) -> None:
    never = replace(
        results.staffing.written, oldest_business_days=np.array(np.inf), hours_missing_per_week=np.array(6.5)
    )
    said = text_of(staffing_page.page(replace(results, staffing=replace(results.staffing, written=never))))
    assert "Hours missing a week: 6.5" in said


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("ar", "rtl"), ("ur", "rtl")])
def test_it_fits_a_phone_and_reads_from_the_side_of_the_lines_language(
    results: Results, browser: Page, language: str, direction: str
) -> None:
    said: list[str] = []
    browser.on("console", lambda message: said.append(message.text))
    browser.set_viewport_size({"width": 360, "height": 800})
    browser.set_content(staffing_page.page(replace(results, facts=replace(results.facts, languages=(language, "fr")))))
    assert browser.evaluate("document.documentElement.scrollWidth") <= 360
    assert browser.evaluate("getComputedStyle(document.body).direction") == direction
    shown = "[...document.querySelectorAll('figure')].filter(f => f.offsetHeight).map(f => f.id)"
    assert all(name.endswith("-phone") for name in browser.evaluate(shown))
    left, right = browser.evaluate(
        "(() => {const r = document.createRange(); r.selectNodeContents(document.querySelector('#week h2'));"
        "const b = r.getBoundingClientRect(); return [b.left, 360 - b.right]})()"
    )
    assert (left > right) == (direction == "rtl")
    ids = browser.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))
    assert said == []


def bold_parts(results: Results) -> str:
    """Return the bold beginnings of the partner's part, each with the sentence after it on a line of its own."""
    return "\n".join(f"{b.strong}\n{b.text}" for b in report_staffing.staffing(results))


def glance_rows(results: Results) -> list[str]:
    """Return the rows of at a glance that hold dates and people."""
    return [at_a_glance._people(results)]


def partner_text(results: Results) -> str:
    """Return everything the partner's staffing part holds, charts included."""
    found = []
    for block in report_staffing.staffing(results):
        cells = [line.text for row in block.rows for cell in row for line in cell]
        found += [block.text, block.strong, *block.items, *block.header, *cells, block.svg]
    return "\n".join(found)


def test_the_partners_part_is_the_same_whatever_the_hours_and_the_nights_are(results: Results) -> None:
    """Numbers on shift, when they are, which hours are weak: change them all, and no letter of the report changes."""
    secret = plan(day=9, night=5, turned=40)
    weak = (Weak((0, 1), 22, 23, 0.31, 2.5, "Monday and Tuesday 22:00 to 23:00"),)
    secret = replace(
        secret,
        night_on_shift=7503,
        peak_on_shift=7402,
        stress=stress(weakest=weak, by_hour=np.linspace(0, 1, 168), one_more=0.99, one_fewer=0.1),
    )
    # That nights have no supervisor is one of the reasons of safety.
    alone = replace(
        secret.need,
        bound_by=tuple(
            "supervisor" if b == "minimum cover" and q % 2 else b for q, b in enumerate(secret.need.bound_by)
        ),
    )
    secret = replace(secret, needs=(alone, *secret.needs[1:]))
    assert partner_text(replace(results, staffing=secret)) == partner_text(results)
    assert text_of(staffing_page.page(replace(results, staffing=secret))) != text_of(staffing_page.page(results))


def test_the_partners_part_names_no_part_of_the_day_and_no_post_on_shift(results: Results) -> None:
    said = partner_text(results).lower()
    for trigger in results.staffing.triggers:
        assert (trigger.sentence.lower() in said) == (trigger.posts is None)
    for secret in ("supervisor is on shift", "night premium", "on call", "weakest", "03:00", "00:00 to 06:00"):
        assert secret not in said, secret


def test_the_partners_money_adds_up_to_the_budget(results: Results) -> None:
    budget = results.staffing.budget
    groups = report_staffing.by_group(budget)
    for side in ("low", "likely", "high"):
        for year in range(3):
            total = sum(getattr(spans[year], side) for spans in groups.values())
            assert total == pytest.approx(getattr(budget.year(year), side))
        assert sum(getattr(s[3], side) for s in groups.values()) == pytest.approx(getattr(budget.total, side))
    assert look.number(budget.total.likely) in partner_text(results)


def test_forty_options_leave_the_report_short_and_keep_what_was_asked_for(results: Results) -> None:
    options = [option(f"{n:02d}", 8 + n, n / 40, chosen=n == 17) for n in range(40)]
    many = replace(results, staffing=replace(results.staffing, options=tuple(options)))
    (table,) = [b for b in report_staffing.staffing(many) if b.layout == "options"]
    assert len(table.rows) == report_staffing.MOST_OPTIONS
    assert any("choice 17" in row[0][0].text for row in table.rows)
    assert "32 more choices" in partner_text(many)


def test_every_table_has_its_widths_in_word_too(results: Results) -> None:
    layouts = {b.layout for b in report_staffing.staffing(results) if b.kind == "table"}
    assert layouts <= set(report.WIDTHS)


def test_the_start_page_leads_to_it(results: Results, tmp_path: Path) -> None:
    staffing_page.write(results, tmp_path)
    (tmp_path / "operator" / "staffing.xlsx").write_text("x")
    start_page.write(results, tmp_path)
    found = (tmp_path / "index.html").read_text("utf-8")
    assert 'href="operator/staffing.html"' in found


def test_a_line_with_counts_of_its_own_is_told_what_they_showed(results: Results, tmp_path: Path) -> None:
    days = [date(2026, 1, 5) + timedelta(days=n) for n in range(84)]
    rows = [f"{day} {hour:02d}:10,phone" for day in days for hour in (9, 14, 20)]
    (tmp_path / "calls.csv").write_text("\n".join(["time,channel", *rows]), "utf-8")
    observed = observed_of(read_history(tmp_path / "calls.csv"), date(2026, 6, 1))
    said = text_of(staffing_page.page(replace(results, demand=replace(results.demand, observed=observed))))
    assert "252 contacts from 2026-01-05 to 2026-03-29" in said
    assert [note.text for note in observed.notes if note.text not in said] == []
