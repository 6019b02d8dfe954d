"""The kit is read back as a consultant meets it: in a browser, on paper, in LibreOffice, and against the instrument."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from docx import Document
from judged import judged
from libreoffice import convert
from playwright.sync_api import Browser, Page, sync_playwright
from pypdf import PdfReader

from hotline_catalyst.collecting import collect_files
from hotline_catalyst.deliverables import consultant_kit, kit_papers
from hotline_catalyst.errors import ContentError
from hotline_catalyst.results import Results
from hotline_catalyst.starting import copy_example

BROWSER = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
BROWSER += ["--disable-background-networking", "--disable-component-update"]
HOSTILE = '<script>alert(1)</script> {{ 7*7 }} {% raise %} & "q" مركز'
ROLES = ("survivor", "government", "telecom", "advocate")
KIT = Path(__file__).parents[1] / "templates" / "kit"


def judged_example(name: str, folder: Path) -> Results:
    copy_example(name, folder)
    problems = [said for _, said in collect_files(folder, sorted((folder / "questionnaires").glob("*.xlsx")))]
    assert all(isinstance(said, str) for said in problems), problems
    return judged(folder)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return judged_example("ruritania", tmp_path_factory.mktemp("engagement") / "ruritania")


@pytest.fixture(scope="module")
def kit(results: Results, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("build")
    consultant_kit.write(results, folder)
    return folder / "consultant" / "kit"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        raise AssertionError("Chromium is missing: install it to run these tests")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=BROWSER)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1000, "height": 900})
    yield opened
    opened.close()


def words_of(path: Path) -> str:
    """Return what a person reads on a page."""
    body = re.sub(r"<style>.*?</style>", "", path.read_text("utf-8"), flags=re.S)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def questions_on(path: Path) -> dict[str, str]:
    """Return the text of each question on a guide, by id."""
    found = re.findall(r'<section class="question" id="([^"]+)">(.*?)</section>', path.read_text("utf-8"), re.S)
    assert len({ident for ident, _ in found}) == len(found)
    return {i: re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", text))) for i, text in found}


def headings(path: Path) -> list[str]:
    return [
        unescape(re.sub(r"<[^>]+>", "", text))
        for text in re.findall(r"<h[123][^>]*>(.*?)</h[123]>", path.read_text("utf-8"), re.S)
    ]


# --- Interview guides --------------------------------------------------------------------------------------------


def test_each_guide_holds_exactly_the_questions_its_role_is_asked(results: Results, kit: Path):
    roles = [r for r in results.instrument.meta.roles if results.instrument.questions(r, "new")]
    assert sorted(p.name for p in kit.glob("guide-*.html")) == sorted(f"guide-{role}.html" for role in roles)
    for role in roles:
        asked = [q.id for q in results.instrument.questions(role, "new")]
        assert list(questions_on(kit / f"guide-{role}.html")) == asked, role


def test_every_item_on_a_guide_has_its_five_levels_three_states_and_three_certainties_to_tick(
    results: Results, kit: Path
):
    for role in ROLES:
        found = questions_on(kit / f"guide-{role}.html")
        for item in results.instrument.items_for(role, "new"):
            text = found[item.id]
            assert item.ask in text
            for level, anchor in item.levels.items():
                assert f"{level} {anchor}" in text, f"{role} {item.id} {level}"
            for mark in (
                "D Don't know",
                "N Does not apply, because",
                "R Rather not say",
                "S Sure",
                "F Fairly",
                "U Not",
            ):
                assert mark in text, f"{role} {item.id} {mark}"


def test_a_number_is_asked_with_its_unit_and_range_and_a_choice_by_its_codes(results: Results, kit: Path):
    shown = {i: t for role in ROLES for i, t in questions_on(kit / f"guide-{role}.html").items()}
    asked = [q for i, q in results.instrument.quantities.items() if i in shown]
    assert any(q.choices for q in asked)
    assert any(q.unit for q in asked)
    for quantity in asked:
        text = shown[quantity.id]
        assert all(f"{say} ({code})" in text for code, say in quantity.choices.items())
        assert quantity.choices or quantity.unit in text


def test_no_guide_asks_more_than_45_questions_or_an_hour_and_says_how_long_it_takes(results: Results, kit: Path):
    for path in kit.glob("guide-*.html"):
        role = path.stem.removeprefix("guide-")
        asked = results.instrument.questions(role, "new")
        minutes = results.instrument.minutes(asked)
        assert len(asked) <= 45
        assert minutes <= 60
        assert f"{len(asked)} questions, about {-int(-minutes // 1)} minutes" in words_of(path)


def test_core_questions_are_marked_on_every_guide(results: Results, kit: Path):
    for path in kit.glob("guide-*.html"):
        core = results.instrument.questions(path.stem.removeprefix("guide-"), "new", core=True)
        assert path.read_text("utf-8").count('<span class="core">') == len(core), path.name


def test_the_survivor_guide_asks_about_services_and_states_pay_support_and_a_stop_rule(results: Results, kit: Path):
    path = kit / "guide-survivor.html"
    text = words_of(path)
    paper = kit_papers.load_kit()[1]["guide-survivor"]
    rules = [b.care for b in paper.blocks if b.care] + [t for b in paper.blocks for t in b.ticks or []]
    assert len(rules) > 8
    assert all(re.sub(r"\s+", " ", rule) in text for rule in rules)
    for promise in ("at any time, for any reason or none, and is paid in full", "Payment before, during and after"):
        assert promise in text
    for promise in ("support person of their choice", "private room", "No recording", "erases answers"):
        assert promise in text
    about_the_person = re.compile(
        r"\b(your (story|experience|trafficker|past)|happened to you|were you|did you)\b", re.I
    )
    asked = {q.id: q.ask for q in results.instrument.questions("survivor", "new")}
    assert set(questions_on(path)) == set(asked)
    assert [i for i, ask in asked.items() if about_the_person.search(ask)] == []


def test_the_survivor_guide_names_the_role_in_no_title_or_footer_and_promises_no_more_than_can_be_kept(kit: Path):
    path = kit / "guide-survivor.html"
    page, text = path.read_text("utf-8"), words_of(path)
    assert headings(path)[0] == "Interview guide: Adviser on services"
    for shown in (re.findall(r"<title>(.*?)</title>", page, re.S)[0], re.findall(r"@page\{.*?\}\}", page, re.S)[0]):
        assert "Adviser on services" in shown
        assert "survivor" not in shown.lower()
    assert "only key" not in text
    assert "all of it back" not in text
    assert text.count("already public cannot be called back") >= 2


def test_what_to_do_when_someone_is_upset_stands_on_one_page_before_the_questions(kit: Path, page: Page):
    for role in ("survivor", "telecom"):
        path = kit / f"guide-{role}.html"
        places = headings(path)
        assert places.index("If someone is upset, or tells you about themselves") < places.index(
            "Open with these words"
        )
        page.goto(path.as_uri())
        pdf = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
        sheets = [re.sub(r"\s+", "", sheet.extract_text()) for sheet in pdf.pages]
        first, last = ("Putthependown", "orgobacktotheservices.Whatwouldyoulike")
        assert [first in s for s in sheets] == [last in s for s in sheets]
        assert any(first in s for s in sheets[:4])


def test_every_guide_says_what_to_do_when_someone_discloses(kit: Path):
    for path in kit.glob("guide-*.html"):
        text = words_of(path)
        assert "Do not ask what happened" in text
        assert "Do not write it down" in text


# --- What the papers take from the answers -----------------------------------------------------------------------


def test_no_paper_names_a_respondent_or_prints_what_is_confidential(results: Results, kit: Path):
    codes = {r.respondent for r in results.testimony.responses}
    secret = [e.what for e in results.testimony.evidence if e.sensitivity == "survivor-confidential"]
    assert len(codes) > 10
    assert secret
    for path in kit.glob("*.html"):
        text = words_of(path)
        leaked = [c for c in codes if re.search(rf"\b{re.escape(c)}\b", text)]
        assert leaked == [], path.name
        assert [s for s in secret if s in text] == [], path.name


def test_the_contradictions_log_counts_answers_by_level_and_holds_every_contested_item(results: Results, kit: Path):
    text = words_of(kit / "contradictions-log.html")
    contested = [f.subject for f in results.findings if f.kind in ("contested", "blind spot")]
    contradicted = [i.id for i in results.readiness.items.values() if i.contradicted]
    assert contested
    for ident in {*contested, *contradicted}:
        assert f"{ident} {results.instrument.items[ident].title}" in text
    item = results.instrument.items["PA-09"]
    given = [a.value for _, a in results.testimony.answers_to("PA-09") if a.value is not None]
    for level in range(5):
        assert (
            f"{level} {item.levels[level]} {'■' * given.count(level)} {given.count(level)}".replace("  ", " ") in text
        )


def test_a_group_is_not_shown_when_the_one_person_outside_it_could_be_worked_out(
    results: Results, kit: Path, tmp_path: Path
):
    shown = "Mean by group: civil society: 1.3"
    assert shown in words_of(kit / "contradictions-log.html")
    roles = results.instrument.meta.roles
    answering = [r for r, a in results.testimony.answers_to("EE-09") if a.value is not None]
    others = [r.respondent for r in answering if roles[r.role].group != "civil society"]
    kept = [r for r in results.testimony.responses if r.respondent not in others[1:]]
    fewer = replace(results, testimony=replace(results.testimony, responses=tuple(kept)))
    consultant_kit.write(fewer, tmp_path)
    assert shown not in words_of(tmp_path / "consultant" / "kit" / "contradictions-log.html")


def test_workshops_take_up_what_is_contested_not_known_and_not_shown_now(results: Results, kit: Path):
    text = words_of(kit / "workshop-two-days.html")
    for finding in results.findings:
        if finding.kind in ("contested", "blind spot", "not known"):
            assert f"{finding.subject} {results.instrument.items[finding.subject].title}" in text
    for gate in results.gates:
        assert (f"{gate.id} {gate.title}" in text) == (gate.verdict != "met")
    half = words_of(kit / "workshop-half-day.html")
    assert "They stand in the contradictions log" in half


def test_the_site_visit_asks_for_each_missing_proof_of_a_gate_and_for_none_that_was_seen(results: Results, kit: Path):
    page = (kit / "site-visit.html").read_text("utf-8").split("Said to be in place")[0].split("Proof that gates")[1]
    asked = set(re.findall(r"<span class=\"first\">([A-Z]{2}-\d\d) ", page))
    judged_gates = {g.id for g in results.gates}
    needed = {
        leaf.item
        for gate in results.instrument.gates
        for leaf in gate.needs.leaves()
        if gate.id in judged_gates and leaf.item and leaf.proof
    }
    proven = {
        leaf.item
        for gate in results.instrument.gates
        for leaf in gate.needs.leaves()
        for e in results.testimony.evidence_on(leaf.item or "")
        if leaf.proof and e.supports and e.level >= (leaf.at_least or 0) and e.kind in (leaf.proof, "observed")
    }
    assert asked == needed - proven
    assert needed & proven


def test_each_item_without_proof_is_asked_of_one_role_and_survivors_are_asked_for_no_papers(
    results: Results, kit: Path
):
    page = (kit / "evidence-request.html").read_text("utf-8")
    asked = re.findall(r'<td data-label="Question">([A-Z]{2}-\d\d) ', page)
    assert len(asked) == len(set(asked)) > 100
    survivor = results.instrument.meta.roles["survivor"].title
    assert survivor not in headings(kit / "evidence-request.html")
    assert survivor not in words_of(kit / "evidence-request.html")
    papers = [e for e in results.testimony.evidence if e.supports and e.level >= 3 and e.kind == "document"]
    today = results.facts.as_of
    seen = {e.item for e in papers if e.in_force(today) and results.targets[e.item] == 3}
    expired = {e.item for e in papers if e.valid_until and e.valid_until < today}
    assert seen
    assert not seen & set(asked)
    assert expired
    assert expired <= set(asked)


def test_the_gate_review_holds_every_gate_with_its_verdict_and_every_condition_of_those_not_met(
    results: Results, kit: Path
):
    text = words_of(kit / "gate-review.html")
    sign = {"met": "✓ met", "not met": "✗ not met", "not shown": "? not shown"}
    for gate in results.gates:
        assert re.search(rf"{re.escape(gate.id)} {re.escape(gate.title)} [^✓✗?]+{re.escape(sign[gate.verdict])}", text)
        assert gate.verdict == "met" or all(c.text in text for c in gate.conditions)


# --- Every paper -------------------------------------------------------------------------------------------------


def test_the_index_links_every_paper_and_no_other(kit: Path):
    linked = re.findall(r'href="([^"]+)"', (kit / "index.html").read_text("utf-8"))
    assert sorted(linked) == sorted(p.name for p in kit.iterdir() if p.name != "index.html")


@pytest.mark.parametrize("stage", ["inception", "new", "existing"])
def test_at_every_stage_no_brace_is_left_unfilled(results: Results, kit: Path, tmp_path: Path, stage: str):
    if stage != results.facts.stage:
        consultant_kit.write(replace(results, facts=replace(results.facts, stage=stage)), tmp_path)
        kit = tmp_path / "consultant" / "kit"
    papers = {path.name: words_of(path) for path in kit.glob("*.html")}
    papers |= {p.name: "\n".join(x.text for x in Document(str(p)).paragraphs) for p in kit.glob("*.docx")}
    unfilled = re.compile(r"\{\{|\}\}|\{%|: None\b|\[\]|\['")
    assert [name for name, text in papers.items() if unfilled.search(text)] == []


def test_word_files_have_the_headings_of_their_pages_and_open_in_libreoffice(kit: Path, tmp_path: Path):
    papers = sorted(kit.glob("*.docx"))
    edited = {"invitation", "consent", "workshop-half-day", "workshop-one-day", "workshop-two-days"}
    assert {p.stem for p in papers} >= edited | {"development-workshop", "immersion-agenda"}
    for path in papers:
        found = [p.text for p in Document(str(path)).paragraphs if p.style.name.startswith("Heading")]
        assert found == headings(path.with_suffix(".html")), path.name
    opened = convert(kit / "invitation.docx", tmp_path, "html")
    read = [re.sub(r"\s+", " ", h).strip() for h in headings(opened)]
    assert [h for h in read if h] == headings(kit / "invitation.html")


def test_a_hostile_name_is_text_on_pages_and_in_word(results: Results, tmp_path: Path, page: Page):
    facts = replace(results.facts, name=HOSTILE, notice=f"{HOSTILE}\x07 </style>")
    written = consultant_kit.write(replace(results, facts=facts), tmp_path)
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    for path in (tmp_path / "consultant" / "kit" / f"{n}.html" for n in ("index", "consent", "guide-survivor")):
        page.goto(path.as_uri())
        assert HOSTILE in page.inner_text("header")
        assert page.locator("script").count() == 0
    assert asked == []
    for path in (p for p in written if p.suffix == ".docx"):
        document = Document(str(path))
        assert document.paragraphs[1].text.startswith(HOSTILE)
        assert HOSTILE in document.sections[0].header.paragraphs[0].text


def test_the_same_results_give_the_same_bytes(results: Results, kit: Path, tmp_path: Path):
    again = consultant_kit.write(results, tmp_path)
    assert len(again) == len(list(kit.iterdir()))
    assert [p.name for p in again if p.read_bytes() != (kit / p.name).read_bytes()] == []


@pytest.mark.parametrize("paper", ["index", "guide-survivor", "contradictions-log"])
def test_axe_finds_nothing_to_mend(kit: Path, page: Page, paper: str):
    page.goto((kit / f"{paper}.html").as_uri())
    found = Axe().run(page).response["violations"]
    assert [(v["id"], [n["html"][:90] for n in v["nodes"][:3]]) for v in found] == []


def test_no_page_scrolls_sideways_on_a_phone_nor_cuts_a_word_in_print(kit: Path, page: Page):
    overflowing = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
    cut = """() => [...document.querySelectorAll('td, th, li, p, h1, h2, h3, .written')]
      .filter(e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline' && !e.closest('thead'))
      .map(e => e.textContent.slice(0, 60))"""
    for path in sorted(kit.glob("*.html")):
        page.set_viewport_size({"width": 360, "height": 800})
        page.emulate_media(media="screen")
        page.goto(path.as_uri())
        assert not page.evaluate(overflowing), path.name
        # A4 less its margins, in CSS pixels.
        page.set_viewport_size({"width": 672, "height": 1000})
        page.emulate_media(media="print")
        assert page.evaluate(cut) == [], path.name


def test_a_page_asks_the_network_for_nothing(kit: Path, page: Page):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((kit / "guide-telecom.html").as_uri())
    assert asked == [(kit / "guide-telecom.html").as_uri()]


def test_papers_in_english_run_from_the_left_whatever_the_country_speaks(results: Results, tmp_path: Path, page: Page):
    consultant_kit.write(replace(results, facts=replace(results.facts, languages=("ar", "fr"))), tmp_path)
    kit = tmp_path / "consultant" / "kit"
    page.goto((kit / "guide-survivor.html").as_uri())
    assert (page.get_attribute("html", "lang"), page.get_attribute("html", "dir")) == ("en", "ltr")
    head, text = (page.locator(which).first.bounding_box() for which in ("h2", "main p"))
    assert head
    assert text
    assert abs(head["x"] - text["x"]) < 8
    assert "w:bidiVisual" not in Document(str(kit / "invitation.docx")).tables[0]._tblPr.xml


def test_papers_translated_into_a_language_read_from_the_right_are_mirrored(
    results: Results, tmp_path: Path, page: Page
):
    kit, papers = kit_papers.load_kit()
    consultant_kit.write(results, tmp_path, (kit.model_copy(update={"language": "ar"}), papers))
    folder = tmp_path / "consultant" / "kit"
    page.goto((folder / "guide-telecom.html").as_uri())
    assert (page.get_attribute("html", "lang"), page.get_attribute("html", "dir")) == ("ar", "rtl")
    box, text = (
        page.locator(f"#IN-01 .levels li >> nth=0 >> {part}").bounding_box() for part in (".box", "span >> nth=1")
    )
    assert box is not None
    assert text is not None
    assert box["x"] > text["x"]
    xml = Document(str(folder / "invitation.docx")).tables[0]._tblPr.xml
    assert "w:bidiVisual" in xml


# --- Content -----------------------------------------------------------------------------------------------------


def test_a_word_that_nobody_knows_is_an_error_that_names_the_paper():
    kit = kit_papers.load_kit()[0]
    with pytest.raises(ContentError, match=r"(?s)invitation.*contry"):
        kit_papers.Filler(kit, "new").text("For {{ contry }}", {"country": "X"}, "invitation")


def test_a_row_that_does_not_fit_its_table_is_refused():
    with pytest.raises(ValueError, match="row 1 has 1 cells; the table has 2 columns"):
        kit_papers.Table(columns=[{"title": "a"}, {"title": "b"}], rows=[["only"]])  # type: ignore[list-item]


def test_the_kit_speaks_without_exclamation_marks_or_rescue_words():
    wrong = re.compile(r"!|\brescu|\bvictims?\b|\bsave[sd]? (her|him|them)|\bvulnerable\b", re.I)
    found = [
        f"{path.name}:{n} {line.strip()[:80]}"
        for path in [KIT / "kit.yaml", *sorted((KIT / "papers").glob("*.yaml"))]
        for n, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if wrong.search(line)
    ]
    assert found == []
