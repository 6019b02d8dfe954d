"""The second wave: real change is found, and noise, new papers and new people are not taken for it."""

from __future__ import annotations

import itertools
import os
import random
import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from panel import DAY, instrument, only, person, seen

from hotline_catalyst.assessment.comparison import Comparison, DomainComparison, Parts, compare, load_constants
from hotline_catalyst.assessment.instrument import Instrument
from hotline_catalyst.assessment.readiness import generator, kernel, kernel_rows
from hotline_catalyst.assessment.responses import Answer, Evidence, Response, Ruling
from hotline_catalyst.assessment.responses import Testimony as Said
from hotline_catalyst.assessment.waves import Waves, look
from hotline_catalyst.deliverables import comparison_report
from hotline_catalyst.errors import CatalystError

SOAK = bool(os.environ.get("SOAK"))
PANELS = 300 if SOAK else 60
SINCE, LATER = date(2027, 6, 1), date(2028, 5, 15)
AS_OF = date(2028, 6, 1)
DOMAINS = ("scheduling", "training")
SURE = ("sure", "fairly", "unsure")
BROWSER = ["--no-sandbox", "--disable-gpu"]
Truth = dict[str, int]


def heard(*people: Response, evidence: Iterable[Evidence] = (), rulings: Iterable[Ruling] = ()) -> Said:
    return Said(people, tuple(evidence), tuple(rulings), AS_OF)


def agreeing(response: Response, **more: object) -> Response:
    """Return the same submission by someone who agreed to be compared."""
    return response.model_copy(update={"consent": ["assess", "compare"], **more})


def says(code: str, levels: dict[str, int], day: date, sure: str = "sure") -> Response:
    return agreeing(person(code, levels, role="hr", sure=sure, day=day))


def both(levels_then: Sequence[int], levels_now: Sequence[int], item: str = "SC-01", **more: str) -> list[Response]:
    """Return what people R1, R2 ... said of one item in both waves."""
    then = [says(f"R{n}", {item: v}, DAY, **more) for n, v in enumerate(levels_then)]
    return then + [says(f"R{n}", {item: v}, LATER, **more) for n, v in enumerate(levels_now)]


@cache
def small() -> Instrument:
    """Return two domains of which everybody knows at first hand, as the panels below assume."""
    cut = only(*DOMAINS)
    everybody = list(cut.meta.roles)
    domains = [
        d.model_copy(update={"items": [i.model_copy(update={"first_hand": everybody}) for i in d.items]})
        for d in cut.domains
    ]
    draws = cut.scoring.draws.model_copy(update={"value": cut.scoring.draws.value if SOAK else 1500})
    return replace(cut, domains=tuple(domains), scoring=cut.scoring.model_copy(update={"draws": draws}))


def compared(*people: Response, since: date = SINCE, **more: Iterable[object]) -> Comparison:
    return compare(small(), heard(*people, **more), "new", since)


# Panels drawn from the model's own assumptions: maturity uniform, items around it, answers around the item's level,
# everybody first-hand and from an organisation of their own.


def truth(rng: np.random.Generator, top: int = 4) -> Truth:
    prior = kernel_rows(instrument().scoring.domain_spread.value)
    found: Truth = {}
    for domain in small().domains:
        maturity = rng.integers(5)
        found |= {item.id: min(top, int(rng.choice(5, p=prior[maturity]))) for item in domain.items}
    return found


def answering(rng: np.random.Generator, code: str, levels: Truth, day: date) -> Response:
    """Return what an honest first-hand witness says, each answer as sure as it happens to be."""
    spread = instrument().scoring.certainty_spread
    answers = {}
    for item, level in levels.items():
        sure = str(rng.choice(SURE, p=[0.4, 0.4, 0.2]))
        said = int(rng.choice(5, p=kernel(spread[sure].value)[:, level]))
        answers[item] = Answer(state="answered", value=said, sure=sure)
    return agreeing(person(code, {}, role="hr", day=day), answers=answers)


def panel_of(rng: np.random.Generator, then: Truth, now: Truth, people: int) -> list[Response]:
    codes = [f"R{n}" for n in range(people)]
    return [answering(rng, c, then, DAY) for c in codes] + [answering(rng, c, now, LATER) for c in codes]


def test_fresh_noise_in_an_unchanged_hotline_is_not_called_change():
    """The same 2 to 8 people answer again: at most one domain in twenty may be called changed."""
    called = items = domains = asked = 0
    for n in range(PANELS):
        rng = generator(n, "unchanged")
        levels = truth(rng)
        result = compared(*panel_of(rng, levels, levels, people=2 + n % 7))
        called += result.count("higher") + result.count("lower")
        domains += len(result.domains)
        items += sum(i.verdict in ("higher", "lower") for i in result.items)
        asked += len(result.items)
    print(f"\nunchanged: {called} of {domains} domains called ({called / domains:.1%}), {items / asked:.1%} of items")
    assert called / domains <= 0.05
    assert items / asked <= 0.025


def test_a_rise_of_one_level_is_found_with_six_people_and_the_rest_is_left_alone():
    found = others = 0
    panels = PANELS // 2
    for n in range(panels):
        rng = generator(n, "risen")
        then = truth(rng, top=3)
        now = {item: level + item.startswith("SC") for item, level in then.items()}
        result = {d.id: d for d in compared(*panel_of(rng, then, now, people=6)).domains}
        found += result["scheduling"].verdict == "higher"
        others += result["training"].verdict != "none"
    print(f"\nrisen by one: found in {found / panels:.0%}, the unchanged domain called in {others / panels:.1%}")
    assert found / panels >= 0.8
    assert others / panels <= 0.05


def test_a_visit_that_finds_papers_in_the_second_year_alone_is_not_progress():
    """Supporting papers can only raise a score; a first site visit would look like a year of progress."""
    called = 0
    for n in range(PANELS // 3):
        rng = generator(n, "visited")
        levels = truth(rng)
        papers = [seen(i, v, "observed", dated=LATER) for i, v in levels.items() if v]
        result = compared(*panel_of(rng, levels, levels, people=4), evidence=papers)
        called += result.count("higher") + result.count("lower")
    print(f"\nvisited: {called} of {2 * (PANELS // 3)} domains called")
    assert called <= 0.05 * 2 * (PANELS // 3)


# The four parts.


@pytest.mark.parametrize("seed", range(6))
def test_the_four_parts_add_up_whoever_answered_and_whatever_was_seen(seed):
    rng, pick = generator(seed, "parts"), random.Random(seed)
    people = panel_of(rng, truth(rng), truth(rng), people=5)
    people = [p for p in people if pick.random() < 0.8] + [answering(rng, "NEW", truth(rng), LATER)]
    items = list(small().items)
    days = [date(2027, 1, 5), date(2027, 9, 9), date(2028, 3, 3)]
    evidence = [
        seen(pick.choice(items), pick.randint(1, 4), id=f"E{n}", supports=pick.random() < 0.6, dated=dated,
             seen_on=pick.choice([None, date(2028, 4, 4)]), valid_until=pick.choice([None, date(2027, 12, 31)]))
        for n, dated in enumerate(pick.choices(days, k=12))
    ]  # fmt: skip
    rulings = [Ruling(id=pick.choice(items), level=2, reason="heard all", decided_on=d) for d in days[:2]]
    result = compared(*people, evidence=evidence, rulings=rulings)
    for found in result.domains:
        assert found.parts.total == pytest.approx(found.after.value - found.before.value, abs=1e-9)
    for found in result.items:
        assert found.parts.total == pytest.approx(found.after - found.before, abs=1e-9)


def domain_of(result: Comparison, ident: str = "scheduling") -> DomainComparison:
    return next(d for d in result.domains if d.id == ident)


def everywhere(level: int, prefix: str = "SC") -> dict[str, int]:
    return {i: level for i in small().items if i.startswith(prefix)}


def test_new_people_who_are_more_optimistic_are_different_respondents():
    then = [says(f"R{n}", everywhere(1), DAY) for n in range(4)]
    same = [says(f"R{n}", everywhere(1), LATER) for n in range(4)]
    sunny = [says(f"N{n}", everywhere(4), LATER) for n in range(6)]
    found = domain_of(compared(*then, *same, *sunny))
    assert found.after.value - found.before.value > 1
    assert (found.verdict, found.mainly) == ("none", "respondents")
    assert found.parts.change == pytest.approx(0, abs=0.02)
    only_new = domain_of(compared(*then, *sunny))
    assert (only_new.verdict, only_new.reason, only_new.shared) == ("unknown", "too_few", 0)
    assert only_new.parts.change == pytest.approx(0)


def test_a_paper_from_before_that_was_seen_after_is_new_evidence_and_not_change():
    said = [says(f"R{n}", everywhere(2), day, "unsure") for n in range(2) for day in (DAY, LATER)]
    seen_in_time = [seen(i, 4, "observed") for i in everywhere(4)]
    seen_late = [e.model_copy(update={"seen_on": LATER}) for e in seen_in_time]
    late, in_time = (domain_of(compared(*said, evidence=e)) for e in (seen_late, seen_in_time))
    assert late.parts.evidence > 0.25
    assert (late.verdict, late.mainly) == ("none", "evidence")
    assert late.parts.change == pytest.approx(0)
    assert late.parts.once == pytest.approx(0)
    assert in_time.parts.evidence == 0


def test_evidence_of_one_wave_only_is_a_part_of_its_own():
    people, year_end = both([3, 3, 3], [3, 3, 3], sure="unsure"), date(2027, 12, 31)

    def part(*evidence: Evidence) -> Parts:
        return next(i for i in compared(*people, evidence=evidence).items if i.id == "SC-01").parts

    new = part(seen("SC-01", 3, "observed", dated=LATER))
    expired = part(seen("SC-01", 3, "observed", valid_until=year_end))
    standing = part(seen("SC-01", 3, "observed"))
    assert new.once > 0.02
    assert expired.once < -0.02
    for parts in (new, expired, standing):
        assert (parts.evidence, parts.change, parts.respondents) == pytest.approx((0, 0, 0))
    failed = seen("SC-01", 3, "observed", supports=False, valid_until=year_end, id="failed")
    looked_at_twice = part(failed, seen("SC-01", 3, "observed", dated=LATER, id="passed"))
    assert looked_at_twice.change > 0.5
    assert looked_at_twice.once == pytest.approx(0)


def test_a_rise_that_a_test_contradicts_cannot_be_told():
    now = everywhere(3)
    said = [says(f"R{n}", levels, day) for n in range(3) for levels, day in ((everywhere(1), DAY), (now, LATER))]
    assert domain_of(compared(*said)).verdict == "higher"
    failed = [seen(i, 2, "observed", supports=False, dated=LATER, id=f"E{n}-{i}") for i in now for n in range(6)]
    tested = domain_of(compared(*said, evidence=failed))
    assert (tested.verdict, tested.reason) == ("unknown", "not_borne_out")


# Who may be set against whom.


def verdict_of_item(*people: Response) -> tuple[str, str, int]:
    found = next(i for i in compared(*people).items if i.id == "SC-01")
    return found.verdict, found.reason, found.shared


def test_only_people_who_agreed_in_the_same_role_are_set_against_themselves():
    people = both([0, 0, 0], [4, 4, 4])
    assert verdict_of_item(*people) == ("higher", "moved", 3)
    silent = [p.model_copy(update={"consent": ["assess"]}) if p.respondent == "R1" else p for p in people]
    moved = [
        p.model_copy(update={"role": "operator"}) if (p.respondent, p.given_on) == ("R2", LATER) else p for p in silent
    ]
    assert verdict_of_item(*silent) == ("higher", "moved", 2)
    assert verdict_of_item(*moved) == ("unknown", "too_few", 1)
    counted = compared(*moved)
    assert (counted.shared, counted.not_agreed, counted.other_role) == (1, 1, 1)


def test_one_person_who_thinks_otherwise_is_no_change():
    assert verdict_of_item(*both([0], [4])) == ("unknown", "too_few", 1)


def test_few_items_say_little_of_a_domain_and_an_unasked_one_nothing():
    result = compared(*both([0, 0, 0], [4, 4, 4]))
    assert (domain_of(result).verdict, domain_of(result).reason, domain_of(result).covered) == (
        "unknown",
        "too_little",
        1,
    )
    training = domain_of(result, "training")
    assert (training.verdict, training.reason, training.before) == ("unknown", "not_then", None)
    first_only = compared(*both([0, 0, 0], [4, 4, 4]), says("R0", everywhere(2, "TR"), DAY))
    assert domain_of(first_only, "training").reason == "not_now"


def test_an_item_that_a_migration_reworded_is_left_out():
    people = both([0, 0, 0], [4, 4, 4])
    old = Answer(state="answered", value=0, sure="sure", carried_from="0.1.0")
    people[0] = people[0].model_copy(update={"answers": {"SC-01": old}})
    result = compared(*people)
    assert verdict_of_item(*people)[:2] == ("unknown", "carried")
    assert (result.items_carried, domain_of(result).covered) == (1, 0)


def test_who_did_not_answer_again_says_nothing_about_now():
    then = both([1, 1, 1], [1, 1, 1]) + [says(f"GONE{n}", {"SC-01": 4}, DAY) for n in range(3)]
    found = next(i for i in compared(*then).items if i.id == "SC-01")
    assert found.after < 1.5 < found.before


def test_order_and_duplicates_are_irrelevant():
    people = both([0, 1, 2], [3, 3, 4])
    first = compared(*people)
    for order in itertools.islice(itertools.permutations(people), 0, 720, 145):
        assert compared(*order, *order[:2]) == first


def test_a_wave_that_is_not_there_is_said_with_the_days_to_choose_from():
    with pytest.raises(CatalystError, match=r"Nobody answered by 2026-01-01.*from 2027-03-01 to 2027-03-01"):
        compared(*both([0], [4]), since=date(2026, 1, 1))
    with pytest.raises(CatalystError, match="Nobody answered after 2029-01-01"):
        compared(*both([0], [4]), since=date(2029, 1, 1))
    with pytest.raises(CatalystError, match="needs a second wave"):
        compared(says("R0", {"SC-01": 1}, DAY))


def test_the_two_waves_share_no_random_numbers():
    """The same answers twice: with common numbers every draw would agree; apart they differ as two strangers' do."""
    waves = Waves.of(small(), heard(*both([2, 2, 2], [2, 2, 2], sure="unsure")), SINCE)
    views = look(small(), waves, "new")
    then, now = (views[w].readiness.draws["scheduling"].levels.mean(axis=1) for w in ("then", "now"))
    assert abs(np.corrcoef(then, now)[0, 1]) < 0.1
    again = views["then_shared"].readiness.draws["scheduling"].levels.mean(axis=1)
    assert np.corrcoef(then, again)[0, 1] > 0.99


# Gates.


def gate(people: Sequence[Response], evidence: Iterable[Evidence] = ()) -> tuple[str, str, str]:
    """Return GL-13 (complaints route, IR-07 at level 3 with a document): then, now, and why."""
    cut = only("institutional_readiness")
    result = compare(cut, heard(*people, evidence=evidence), "new", SINCE)
    found = next(g for g in result.gates if g.id == "GL-13")
    return found.before, found.after, found.reason


def test_a_gate_says_what_its_difference_rests_on():
    paper = seen("IR-07", 3)
    opened = both([0, 0, 0, 0], [4, 4, 4, 4], "IR-07")
    steady = both([4, 4, 4, 4], [4, 4, 4, 4], "IR-07")
    assert gate(opened, [paper.model_copy(update={"dated": LATER})]) == ("not met", "met", "change")
    assert gate(steady, [paper]) == ("met", "met", "same")
    assert gate(steady, [paper.model_copy(update={"seen_on": LATER})]) == ("not shown", "met", "evidence")
    assert gate(steady, [paper.model_copy(update={"dated": LATER})]) == ("not shown", "met", "new_proof")
    assert gate(steady, [paper.model_copy(update={"valid_until": date(2027, 12, 31)})]) == (
        "met",
        "not shown",
        "lost_proof",
    )
    others = [says(f"N{n}", {"IR-07": 4}, LATER) for n in range(5)]
    nays = [says(f"G{n}", {"IR-07": 0}, DAY) for n in range(5)]
    assert gate([*steady[:1], *steady[4:5], *nays, *others], [paper]) == ("not met", "met", "respondents")


def test_every_constant_has_a_reason():
    given = load_constants()
    assert all(getattr(given, name).reason for name in type(given).model_fields)


# The page.

HOSTILE = '<script>alert("{{ 7*7 }}")</script>=1+1'


def told() -> Comparison:
    """Return a comparison with every kind of verdict, by two, three and more people."""
    rng = generator(1, "told")
    then = truth(rng, top=3)
    now = {item: level + item.startswith("SC") for item, level in then.items()}
    people = panel_of(rng, then, now, people=6)
    return compared(*people, evidence=[seen("SC-01", 3, dated=LATER)])


def few() -> Comparison:
    """Return a comparison in which two people speak of both waves."""
    return compared(*(says(f"R{n}", everywhere(v), d) for n in range(2) for v, d in ((0, DAY), (4, LATER))))


def test_the_page_is_one_file_that_everybody_can_read(tmp_path: Path):
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    asked: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=BROWSER)
        for language, name in (("en", "Ruritania"), ("ar", "خط المساعدة")):
            file = comparison_report.write(told(), small(), tmp_path / language, name=name, language=language)
            for width in (360, 1200):
                page = browser.new_page(viewport={"width": width, "height": 800})
                page.on("request", lambda r: asked.append(r.url))
                page.goto(file.as_uri())
                assert page.evaluate("document.documentElement.scrollWidth") <= width
                asks = page.get_by_text("Where did each domain stand then", exact=False).locator("visible=true").first
                box = asks.bounding_box()
                assert box
                assert 0 <= box["x"] <= box["x"] + box["width"] <= width  # outside the drawing, which a phone scrolls
                found = Axe().run(page)
                assert found.violations_count == 0, found.generate_report()
                left = page.locator("svg text").evaluate_all("t => t.map(x => x.getBoundingClientRect().left)")
                assert (left[0] > left[4]) == (language == "ar")  # level 0 stands where reading begins
        browser.close()
    assert [u for u in asked if not u.startswith(("file:", "data:"))] == []


def test_the_page_says_the_verdicts_and_escapes_what_was_typed(tmp_path: Path):
    text = comparison_report.write(told(), small(), tmp_path, name=HOSTILE, notice=HOSTILE).read_text("utf-8")
    assert "<script" not in text
    assert "{{ 7*7 }}" in text
    assert "1 domain is higher; 1 shows no change." in text
    assert "6 answered both times" in text
    assert not re.search(r"""(src|href)=["'](?!#|data:)|@import|url\((?!data:|#)""", text)


def test_a_change_without_new_proof_is_not_said_to_be_proved(tmp_path: Path):
    text = comparison_report.write(told(), small(), tmp_path, name="N").read_text("utf-8")
    assert domain_of(told()).reason == "moved"
    assert "nothing that was seen speaks against it" in text
    assert "bears it out" not in text


def test_what_two_people_say_is_kept_back(tmp_path: Path):
    found = domain_of(few())
    assert (found.verdict, found.shown, found.mainly) == ("higher", False, "")
    text = comparison_report.write(few(), small(), tmp_path, name="N").read_text("utf-8")
    row = text.split('<th scope="row">Scheduling')[1].split("</tr>")[0]
    assert row.count("kept back") == 2
    assert "SC-01" not in text


def test_the_same_comparison_gives_the_same_bytes(tmp_path: Path):
    first, second = (comparison_report.write(told(), small(), tmp_path / n, name="N").read_bytes() for n in ("a", "b"))
    assert first == second


def test_every_reason_and_verdict_has_its_words():
    from typing import get_args

    from hotline_catalyst.assessment import comparison

    words = comparison_report.words()
    assert set(words["reason"]) == set(get_args(comparison.Reason)) - {"carried"}
    assert set(words["verdict"]) == set(words["summary"]["verdicts"]) == set(get_args(comparison.Direction))
    assert set(words["mainly"]) == set(get_args(comparison.Part)) - {""}
    assert set(words["gates"]["why"]) == set(get_args(comparison.GateReason)) - {"same"}
