"""The playbook sites as a reader meets them: opened from a disk, in a browser, with the internet cut."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from hotline_catalyst.deliverables import (
    charts,
    playbook_site,
    site_builder,
    site_languages,
    site_pages,
    site_plan,
    site_search,
)
from hotline_catalyst.deliverables.playbook_pages import months_after
from hotline_catalyst.deliverables.playbooks import Selection, load_pages, plain, select
from hotline_catalyst.deliverables.site_words import (
    Chrome,
    Glossary,
    chrome,
    load_glossary,
    load_library,
    start_words,
)
from hotline_catalyst.errors import ContentError
from hotline_catalyst.library import content_root, read
from hotline_catalyst.results import Results

EXAMPLES = ("ruritania", "mexico", "mauritania")
EDITIONS = ("partner", "operator")
LANGUAGES = {"ruritania": {"fr"}, "mexico": {"es"}, "mauritania": {"ar", "fr"}}
PHONE, DESK = 360, 1280
BLANK = "blank.html"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# Without the first, axe fetches style sheets, which a page on a disk may not.
AXE = {"preload": False, "resultTypes": ["violations"], "runOnly": WCAG}


@pytest.fixture(scope="module")
def results(planned: Callable[[str], Results]) -> Results:
    return planned("mauritania")


@pytest.fixture(scope="module")
def texts(results: Results) -> dict[str, dict[str, str]]:
    """The Markdown of the whole English site, by edition and place."""
    pages = load_pages(results.instrument)
    return {e: playbook_site.markdown_of(select(pages, results, e), results) for e in EDITIONS}


class Watched:
    """A browser page that remembers what it asked for and complained of."""

    def __init__(self, browser: Browser, width: int = DESK, **context: object):
        self.complaints: list[str] = []
        made = browser.new_context(viewport={"width": width, "height": 900}, **context)
        # Nothing leaves this machine, even if a page tried: the request is noted and refused.
        made.route(re.compile(r"^(?!file:|data:|blob:|about:)"), lambda route: route.abort())
        self.page: Page = made.new_page()
        self.page.on("request", lambda r: self._note("request", r.url, r.url.startswith(("file:", "data:", "blob:"))))
        self.page.on("console", lambda m: self._note(f"console {m.type}", m.text, m.type not in ("error", "warning")))
        self.page.on("pageerror", lambda e: self._note("page error", str(e), False))

    def _note(self, kind: str, text: str, fine: bool) -> None:
        if not fine:
            self.complaints.append(f"{kind}: {text}")

    def open(self, path: Path) -> Page:
        self.page.goto(path.as_uri())
        return self.page


def site_of(built: dict[str, Path], name: str, edition: str) -> Path:
    return built[name] / edition / "playbooks"


def pages_of(site: Path) -> list[Path]:
    return sorted(p for p in site.rglob("*.html") if p.name != BLANK)


# --- every page ---------------------------------------------------------------------------------------------------


def test_pages_open_from_disk_fit_a_phone_and_axe_finds_no_barrier(built, results_of, chromium):
    """Every sixth page: a page costs a second. All pages with SOAK=1."""
    notice = str(results_of["mauritania"]["engagement"]["notice"])
    watched, found = Watched(chromium, width=PHONE), {}
    pages = pages_of(site_of(built, "mauritania", "operator"))
    assert len(pages) > 50
    for path in pages[:: 1 if os.environ.get("SOAK") else 6]:
        page = watched.open(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path.name} is too wide"
        assert page.locator(".md-banner").inner_text().strip() == notice
        assert page.locator("a.leave").is_visible()
        if violations := Axe().run(page, options=AXE).response["violations"]:
            found[path.name] = [(v["id"], v["nodes"][0]["html"][:120]) for v in violations]
    assert found == {}
    assert watched.complaints == []


SAMPLE = ("index.html", "staffing.html", "intake/PB-02-crisis-response.html")


@pytest.mark.parametrize("name", ["ruritania", "mexico"])
def test_a_sample_of_the_other_sites_has_no_barrier_on_a_desk(built, chromium, name):
    watched, site = Watched(chromium), site_of(built, name, "partner")
    language = min(LANGUAGES[name])
    for place in (*SAMPLE, f"{language}/intake/PB-01-standard-contact-flow.html"):
        page = watched.open(site / place)
        assert Axe().run(page, options=AXE).response["violations"] == [], place
    assert watched.complaints == []


class Links:
    """What a page links to and loads, and what can be linked to in it."""

    def __init__(self, text: str):
        drawn = re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL)
        self.targets = {unescape(t) for t in re.findall(r"""<[a-z]+ [^>]*?\b(?:href|src)=["']?([^"'\s>]+)""", drawn)}
        self.anchors = {unescape(n) for n in re.findall(r"""<[a-z0-9]+ [^>]*?\b(?:id|name)=["']?([^"'\s>]+)""", text)}


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_link_leads_to_a_file_and_anchor_that_is_there_and_nothing_outside_is_named(built, name, edition):
    site = site_of(built, name, edition)
    parsed = {p.resolve(): Links(p.read_text("utf-8")) for p in site.rglob("*.html")}
    wrong = []
    for path, page in parsed.items():
        for target in page.targets:
            address, _, anchor = target.partition("#")
            if re.match(r"(data|javascript):", target):
                continue
            there = (path.parent / unquote(address)).resolve() if address else path.resolve()
            if re.match(r"[a-z]+:|//", address) or not there.is_file():
                wrong.append((path.name, target))
                continue
            known = parsed[there].anchors if anchor and there.suffix == ".html" else {unquote(anchor)}
            if unquote(anchor) not in known:
                wrong.append((path.name, target))
    assert wrong == []
    for path in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(https?:)?//", path.read_text("utf-8")), path


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_no_title_names_the_subject_and_every_playbook_says_that_it_is_a_draft(built, name, edition):
    for path in pages_of(site_of(built, name, edition)):
        text = path.read_text("utf-8")
        title = unescape(re.search(r"<title>(.*?)</title>", text)[1])
        language = re.search(r'<html lang="(\w+)"', text)[1]
        assert not re.search(r"traffick|traite|trata|exploit|violen|اتجار|survivor", title, re.I), path
        assert title.endswith(chrome(language).site_name)
        if path.name.startswith("PB-"):
            assert chrome(language).draft_title in unescape(text), path


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_same_files_are_there_that_the_lists_name_and_nothing_only_a_server_needs(built, edition):
    site = site_of(built, "mexico", edition)
    names = [p.relative_to(site).as_posix() for p in site.rglob("*") if p.is_file()]
    assert not [n for n in names if n.endswith((".map", "404.html", "search_index.json")) or "sitemap" in n]
    # Looks and programs are there once, for all languages.
    assert sum(n.endswith("look.css") for n in names) == 1
    assert {n.split("/")[0] for n in names if n.endswith("search/search_index.js")} == {"search", *LANGUAGES["mexico"]}


# --- who may read what --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_partners_edition_holds_no_page_of_the_operator_and_no_head_count(built, results_of, name):
    site = site_of(built, name, "partner")
    hidden = {p.path.stem for p in load_pages(_instrument()) if p.front.audience != "partner"}
    assert hidden
    assert not [p for p in site.rglob("*.html") if p.stem in hidden]
    own = ("index.html", "staffing.html", "roadmap.html", "resources.html")
    shown = " ".join(
        re.sub(r"<[^>]+>", " ", p.read_text("utf-8")) for p in [*site.rglob("PB-*.html"), *(site / n for n in own)]
    )
    assert not re.search(r"\d+ (advocates? )?(on shift )?at night", shown)
    assert not re.search(r"(on shift at night|busiest hour): ?\d", shown)
    data = results_of[name]
    codes = {a["respondent"] for answers in data["answers"].values() for a in answers["answers"]}
    assert codes
    # Not within a longer id: REC-HR-1 is a recommendation.
    assert not [code for code in codes if re.search(rf"(?<![\w-]){re.escape(code)}(?![\w-])", shown)]
    told = [f["text"] for f in data["findings"] if f["kind"] in ("contested", "blind spot", "owner does not know")]
    assert not [t for t in told if t in shown]


def _instrument():
    from hotline_catalyst.assessment.instrument import load_instrument

    return load_instrument()


def test_how_many_are_on_shift_is_nowhere_in_the_partners_edition(results):
    """Numbers so odd that one found in a text shows which value leaked; the operator's edition shows the same ones."""
    plan = results.staffing
    need = plan.need.on_shift * 0 + 7503
    odd = replace(
        plan,
        needs=tuple(replace(n, on_shift=need) for n in plan.needs),
        peak_on_shift=7604,
        night_on_shift=7605,
    )
    changed, pages = replace(results, staffing=odd), load_pages(results.instrument)
    shown = {e: "".join(playbook_site.markdown_of(select(pages, changed, e), changed).values()) for e in EDITIONS}
    assert not [mark for mark in ("7503", "7604", "7605") if mark in shown["partner"]]
    assert re.search(r"\d / 7503", shown["operator"])


# --- the start page, the plan, the library ------------------------------------------------------------------------


def test_the_start_page_begins_with_the_pages_that_most_closed_gates_wait_for(results, texts):
    selection = select(load_pages(results.instrument), results, "partner")
    first = site_pages.first_pages(selection, results)
    assert 0 < len(first) <= site_pages.MOST_FIRST
    closed = set(charts.unmet_gates(results)[1])

    def waiting(page):
        return len([g for g in results.gates if g.id in closed and _waits(g, page)])

    counts = [waiting(p) for p in first]
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] >= max(waiting(p) for p in selection.chosen if p not in first)
    text = texts["partner"]["index"]
    assert [p.front.id for p in first] == re.findall(r"^\d\. \*\*\[(PB-\d\d)", text, re.M)
    assert len(re.findall(r"^\d\. .*<br>\*Gates that wait for it: ", text, re.M)) == len(first)


def _waits(gate, page) -> bool:
    return any(c.item in page.front.answers and c.verdict != "met" for c in gate.conditions)


def test_with_every_gate_met_and_nothing_weak_the_start_page_says_so(results):
    fine = replace(results, findings=(), gates=tuple(replace(g, verdict="met") for g in results.gates))
    selection = select(load_pages(results.instrument), fine, "operator")
    text = site_pages.start_page(selection, fine, "", (), ())
    assert start_words().first_none in text


def test_every_page_stands_under_each_of_its_readers_whose_own_pages_come_first(results, texts):
    selection = select(load_pages(results.instrument), results, "operator")
    boxes = dict(re.findall(r'^\?\?\? reader "(.*?) \(\d+\)"\n((?:    - .*\n?)+)', texts["operator"]["index"], re.M))
    for reader, title in start_words().readers.items():
        wanted = [p.front for p in selection.chosen if reader in p.front.readers]
        listed = re.findall(r"(?:PB|CT)-\d\d", re.sub(r"\(.*?\)", "", boxes.get(title, "")))
        assert sorted(listed) == sorted(f.id for f in wanted)
        own = [f.id for f in wanted if f.readers[0] == reader]
        assert listed[: len(own)] == own


def test_every_activity_stands_in_the_roadmaps_table_and_in_its_drawing(results):
    text = site_plan.roadmap_page(results)
    table = "\n".join(line for line in text.splitlines() if line.startswith("| "))
    drawn = "".join(re.findall(r"<svg.*?</svg>", text))
    assert results.roadmap.activities
    for a in results.roadmap.activities:
        assert f"**{a.task.id} " in table
        assert f">{a.task.id}<" in drawn
    assert "four in five by" in text


def test_a_drawing_has_a_twin_for_phones_and_search_does_not_read_it(built, chromium):
    watched = Watched(chromium, width=PHONE)
    page = watched.open(site_of(built, "ruritania", "operator") / "staffing.html")
    assert page.locator("figure.wide:visible").count() == 0
    assert page.locator("figure.phone:visible").count() == 3
    page.set_viewport_size({"width": DESK, "height": 900})
    assert page.locator("figure.wide:visible").count() == 3
    assert page.locator("figure.phone:visible").count() == 0
    index = (site_of(built, "ruritania", "operator") / "search" / "search_index.js").read_text("utf-8")
    assert "<svg" not in index
    assert "How many signals do we expect?" not in index


def test_the_glossary_has_forty_terms_and_every_reference_has_its_anchor(built):
    terms = load_glossary().terms
    assert len(terms) >= 40
    anchors = Links((site_of(built, "mexico", "partner") / "glossary.html").read_text("utf-8")).anchors
    assert {site_pages.anchor(t.term) for t in terms} <= anchors


def test_a_glossary_that_leads_nowhere_is_refused():
    from hotline_catalyst.deliverables.site_words import _wrong_terms

    wrong = Glossary.model_validate({"terms": [{"term": "A", "means": "a", "see": ["B"]}, {"term": "A", "means": "b"}]})
    assert list(_wrong_terms(wrong)) == ["'A' is written twice; keep one", "'A' leads to 'B', which is no term here"]


def test_the_library_names_no_outside_address_and_the_partners_edition_does_not_link_hidden_pages(texts):
    assert {a.id for a in load_library().audiences} >= {
        "police", "health", "schools", "labour", "shelters", "media", "community",
    }  # fmt: skip
    page = texts["partner"]["resources"]
    assert not re.search(r"https?:|www\.", page)
    assert "PB-08 Reporting" in page or "PB-08" in page
    assert re.search(r"PB-08 [^\[\]]*\(in the operator’s edition\)", page)
    assert "[PB-08" not in page
    assert "[PB-08" in texts["operator"]["resources"]


# --- leaving and printing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["click", "keys", "keys inside the search box"])
def test_leaving_puts_a_blank_page_of_our_own_in_place_of_this_one(built, chromium, how):
    watched = Watched(chromium)
    page = watched.open(site_of(built, "mauritania", "partner") / "index.html")
    page.goto((site_of(built, "mauritania", "partner") / "ar" / "index.html").as_uri())
    before = page.evaluate("history.length")
    if how == "click":
        page.locator("a.leave").click()
    else:
        if "search" in how:
            page.locator(".md-search__input").click()
        for _ in range(3):
            page.keyboard.press("Shift")
    page.wait_for_url("**/assets/blank.html")
    assert page.title() == "Blank page"
    assert page.locator("body").inner_text().strip() == ""
    assert page.evaluate("history.length") == before, "the page was replaced, not added to"
    assert watched.complaints == []


def test_two_shifts_and_capital_letters_do_not_leave(built, chromium):
    watched = Watched(chromium)
    page = watched.open(site_of(built, "mauritania", "partner") / "index.html")
    page.locator(".md-search__input").click()
    for letter in "ABCD":
        page.keyboard.press(f"Shift+{letter}")
    page.keyboard.press("Shift")
    page.wait_for_timeout(200)
    assert page.url.endswith("index.html")


def test_without_javascript_leaving_is_a_plain_link_and_no_dead_button_is_shown(built, chromium):
    watched = Watched(chromium, java_script_enabled=False)
    page = watched.open(site_of(built, "mexico", "partner") / "intake" / "PB-02-crisis-response.html")
    assert page.locator("button.print").is_hidden()
    page.locator("a.leave").click()
    assert page.url.endswith("/assets/blank.html")


def test_a_page_prints_whole_on_a4_with_its_draft_mark_and_without_the_screens_furniture(built, chromium, tmp_path):
    from pypdf import PdfReader

    watched = Watched(chromium)
    page = watched.open(site_of(built, "mexico", "operator") / "intake" / "PB-02-crisis-response.html")
    page.evaluate("window.print = () => { document.title = 'printed' }")
    page.locator("button.print").click()
    assert page.title() == "printed"
    page.pdf(path=str(tmp_path / "page.pdf"), prefer_css_page_size=True)
    pdf = PdfReader(tmp_path / "page.pdf")
    assert [round(float(x)) for x in pdf.pages[0].mediabox[2:]] == [595, 842]
    text = " ".join(" ".join(p.extract_text() for p in pdf.pages).split())
    assert "DRAFT: not for live contacts" in text
    assert "Every hotline needs it." in text, "what is folded away on the screen is on paper"
    assert "Print this playbook" not in text
    assert "Search" not in text


# --- languages ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_working_language_with_a_translated_page_has_a_site_below_the_english_one(built, name):
    site = site_of(built, name, "partner")
    assert {p.parent.name for p in site.glob("*/index.html") if p.parent.name in ("ar", "fr", "es")} == LANGUAGES[name]


def test_the_arabic_site_is_arabic_and_right_to_left_and_marks_what_is_english(built, chromium):
    site = site_of(built, "mauritania", "partner")
    watched = Watched(chromium)
    page = watched.open(site / "ar" / "index.html")
    assert page.locator("html").get_attribute("lang") == "ar"
    assert page.locator("body").get_attribute("dir") == "rtl"
    assert page.locator("a.leave").inner_text() == "خروج"
    assert page.locator("a.leave").bounding_box()["x"] < DESK / 2, "the end of a line is at the left"
    english = page.locator('article a[hreflang="en"]:has(span)')
    assert english.count() > 30
    for part in (english.first, english.last):
        assert part.locator("span").get_attribute("dir") == "ltr"
        assert "(بالإنجليزية)" in part.inner_text()
    english.first.click()
    assert page.locator("html").get_attribute("lang") == "en"
    assert watched.complaints == []


def test_language_links_lead_to_the_same_page_where_it_is_translated(built, chromium):
    page = Watched(chromium).open(
        site_of(built, "mauritania", "operator") / "intake" / "PB-16-violence-medical-emergency.html"
    )
    for language in ("ar", "fr"):
        page.locator(f'nav.tongues a[lang="{language}"]').click()
        assert page.url.endswith(f"/{language}/intake/PB-16-violence-medical-emergency.html")
        assert chrome(language).draft_title in page.locator("article").inner_text()
        assert chrome(language).machine_title in page.locator("article").inner_text()
    page.locator('nav.tongues a[lang="en"]').click()
    assert page.url.endswith("/playbooks/intake/PB-16-violence-medical-emergency.html")
    page.goto(page.url.replace("intake/PB-16-violence-medical-emergency", "glossary"))
    page.locator('nav.tongues a[lang="ar"]').click()
    assert page.url.endswith("/ar/index.html"), "what is not translated leads to the start page"


def test_every_language_fills_in_the_same_words_and_keeps_the_places_for_values():
    for language in ("ar", "fr", "es"):
        other = read(content_root() / "playbooks" / language / "site.yaml", Chrome)
        for key, text in chrome().model_dump().items():
            translated = getattr(other, key)
            if isinstance(text, str):
                assert sorted(re.findall(r"\{\w+\}", translated)) == sorted(re.findall(r"\{\w+\}", text)), key
                assert translated != text or key == "site_name", (language, key)
            else:
                assert set(translated) == set(text)


def test_a_translation_uses_the_same_conditions_and_pages_as_the_english_page(results):
    english = {p.front.id: p for p in load_pages(results.instrument)}
    for language in ("ar", "fr", "es"):
        pages = load_pages(results.instrument, language=language)
        assert {p.front.id for p in pages} == {"PB-01", "PB-16"}
        for page in pages:
            one = english[page.front.id]
            assert page.front.translation == "machine draft"
            assert page.name == one.name
            same = {"when", "answers", "trees", "audience", "readers", "needs_counsel"}
            assert page.front.model_dump(include=same) == one.front.model_dump(include=same)
            for pattern in (r"(?:weak|gate|in_plan)\('[A-Z-]+\d+'\)", r"^## ", r"^\| ", r"^!!! \w+", r"^\d+\. "):
                assert len(re.findall(pattern, page.body, re.M)) == len(re.findall(pattern, one.body, re.M)), (
                    language, page.front.id, pattern,
                )  # fmt: skip
            assert set(re.findall(r"PB-\d\d", page.body)) == set(re.findall(r"PB-\d\d", one.body))


def test_a_translation_says_when_the_english_page_has_changed(results):
    pages = load_pages(results.instrument)
    changed = tuple(replace(p, body=p.body + "\nMore.\n") if p.front.id == "PB-16" else p for p in pages)
    note = chrome("ar").outdated_title
    for given, outdated in ((pages, set()), (changed, {"PB-16"})):
        found = site_languages.translations(select(given, results, "partner"), results)
        texts = site_languages.sources(next(t for t in found if t.language == "ar"), results)
        noted = {place[7:12] for place, text in texts.items() if note in text}
        stamped = {
            p.front.id
            for p in load_pages(results.instrument, language="ar")
            if p.front.translates != next(e for e in pages if e.front.id == p.front.id).fingerprint
        }
        assert noted == outdated | stamped


def test_a_translation_under_another_name_or_without_its_origin_is_refused(results):
    pages = load_pages(results.instrument)
    english = next(p for p in pages if p.front.id == "PB-01")
    other = replace(english, path=english.path.with_name("PB-01-autre-nom.md"))
    selection = Selection("partner", (english,), ())
    problems = list(site_languages._misplaced({"PB-01": other}, selection))
    assert len(problems) == 2
    assert "intake/PB-01-standard-contact-flow.md" in problems[0]
    assert "translates" in problems[1]


# --- search -------------------------------------------------------------------------------------------------------

SEARCHES = {
    ("mauritania", ""): {"strangling": "PB-16", "hand-off": "PB-09", "retention": "PB-43"},
    ("mexico", "es"): {
        "supervision": "PB-16",
        "confidencialidad": "PB-01",
        "linea": "PB-01",
        "hemorragia sangre": "PB-16",
    },
    ("mauritania", "ar"): {"نجدة": "PB-16", "النجده": "PB-16", "السرية": "PB-01", "سريه": "PB-01"},
    ("mauritania", "fr"): {"agresseur": "PB-16", "ecoute": "PB-16", "etranglement": "PB-16"},
}


@pytest.mark.parametrize(("name", "language"), SEARCHES)
def test_search_on_a_disk_finds_words_with_and_without_accents_articles_and_apostrophes(
    built, chromium, name, language
):
    watched = Watched(chromium)
    page = watched.open(site_of(built, name, "partner") / language / "index.html")
    field = page.locator(".md-search__input")
    field.click()
    for words, wanted in SEARCHES[name, language].items():
        field.fill("")
        field.press_sequentially(words)
        # A letter that no key of the test's keyboard has comes without the key's going up.
        field.dispatch_event("keyup")
        page.locator(
            f'.md-search-result__link[href*="/{wanted}"], .md-search-result__link[href*="{wanted}-"]'
        ).first.wait_for(state="attached", timeout=8000)
    assert watched.complaints == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_index_that_a_disk_reads_holds_every_page(built, name):
    for edition in EDITIONS:
        site = site_of(built, name, edition)
        text = (site / "search" / "search_index.js").read_text("utf-8")
        places = {d["location"].partition("#")[0] for d in json.loads(text.removeprefix("var __index = "))["docs"]}
        pages = {p.relative_to(site).as_posix() for p in pages_of(site)}
        assert {p for p in pages if p.split("/")[0] not in ("ar", "fr", "es")} == places


def test_search_folds_accents_and_arabic_marks(tmp_path):
    (tmp_path / "search_index.json").write_text(
        json.dumps({"docs": [{"title": "Víctima", "text": "<p>derivación المكالمة والسلامة plain</p>"}]}), "utf-8"
    )
    site_search.fold_search(tmp_path)
    text = (tmp_path / "search_index.js").read_text("utf-8")
    added = re.search(r"<p hidden>(.*?)</p>", text)[1].split()
    assert {"Victima", "derivacion", "المكالمه", "مكالمة", "مكالمه", "سلامة", "السلامة"} <= set(added)
    assert "plain" not in added


def test_a_search_does_not_lead_to_a_page_whose_box_only_names_the_subject(built):
    text = (site_of(built, "mexico", "operator") / "search" / "search_index.js").read_text("utf-8")
    assert "Recommendations that lead here" not in text


# --- building -----------------------------------------------------------------------------------------------------


def test_two_builds_in_different_places_give_the_same_bytes_quietly(results, tmp_path, capfd, monkeypatch):
    made, some = [], replace(results, facts=replace(results.facts, offerings=("intake",)))
    for place in ("a", "elsewhere/b"):
        files = playbook_site.write(some, tmp_path / place)
        made.append({p.relative_to(tmp_path / place).as_posix(): p.read_bytes() for p in files})
        (tmp_path / "another place for temporary files").mkdir(exist_ok=True)
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "another place for temporary files"))
    assert made[0] == made[1]
    assert capfd.readouterr() == ("", "")


def small(**changed: object) -> site_builder.Site:
    say = {"leave": "Leave", "leave_hint": "", "print": "Print", "languages": "Languages"}
    plain_site = site_builder.Site(
        "Playbooks", "en", {"index": "# A\n\n- [ ] box\n"}, [{"A": "index.md"}],
        {"notice": "", "say": say, "alternates": {}}, "foot",
    )  # fmt: skip
    return replace(plain_site, **changed)


def test_the_same_results_have_the_same_fingerprint_and_another_word_another_one(results):
    known = playbook_site.prepared(results).fingerprint
    assert playbook_site.prepared(replace(results)).fingerprint == known
    assert playbook_site.prepared(replace(results, facts=replace(results.facts, notice="Another"))).fingerprint != known
    assert playbook_site.prepared(replace(results, findings=())).fingerprint != known


def test_every_input_changes_what_a_site_is_known_by():
    known = {site_builder.fingerprint(small())}
    for changed in (
        {"name": "Other"}, {"language": "ar"}, {"docs": {"index": "# A"}}, {"navigation": [{"B": "index.md"}]},
        {"extra": {**small().extra, "notice": "x"}}, {"footer": "x"},
    ):  # fmt: skip
        known.add(site_builder.fingerprint(small(**changed)))
    assert len(known) == 7


def test_a_link_that_leads_nowhere_stops_the_build():
    with pytest.raises(ContentError, match=r"nowhere\.md"):
        site_builder.build(small(docs={"index": "# A\n\n[x](nowhere.md)\n"}))


def test_a_handbook_page_loses_links_to_pages_that_its_edition_leaves_out():
    text = "See [here](method.md#limits) and [there](author.md)."
    assert site_pages.without_lost_links(text, ["author"]) == "See here and [there](author.md)."


def test_a_hostile_name_or_notice_is_shown_as_text(results, tmp_path, chromium):
    nasty = '<img src=x onerror="document.title=1"> **b** {{ 7*7 }} </title>'
    facts = replace(results.facts, name=nasty, notice=nasty, offerings=("intake",))
    playbook_site.write(replace(results, facts=facts), tmp_path)
    watched = Watched(chromium)
    for place in ("index.html", "ar/index.html"):
        page = watched.open(tmp_path / "partner" / "playbooks" / place)
        assert page.locator("img").count() == 0
        assert page.locator(".md-banner").inner_text().strip() == nasty
        assert nasty in page.locator(".summary").first.inner_text()
        assert nasty in page.locator(".md-copyright").inner_text()
    assert watched.complaints == []


def test_the_draft_mark_goes_only_when_survivors_and_counsel_have_signed_this_very_text(results):
    from hotline_catalyst.deliverables import playbook_pages, playbooks

    pages = load_pages(results.instrument)
    crisis = next(p for p in pages if p.front.id == "PB-02")
    selection = playbooks.select(pages, results, "operator")

    def signature(by: str, text: str = crisis.fingerprint) -> playbooks.Signature:
        return playbooks.Signature(by=by, on=date(2027, 1, 5), text=text)

    def banner(**changed: object) -> bool:
        page = replace(crisis, front=crisis.front.model_copy(update=changed))
        return "!!! draft" in playbook_pages.markdown(page, results, selection)

    survivor, counsel = signature("SUR-7"), signature("LEG-2")
    assert banner()
    assert banner(reviewed_by_survivor=survivor)
    assert banner(approved_by_counsel=counsel)
    assert banner(reviewed_by_survivor=signature("SUR-7", "000000000000"), approved_by_counsel=counsel)
    assert not banner(reviewed_by_survivor=survivor, approved_by_counsel=counsel)
    assert not banner(reviewed_by_survivor=survivor, needs_counsel=False)


def test_a_signed_translation_loses_its_own_draft_mark(results):
    selection = select(load_pages(results.instrument), results, "partner")
    (found,) = [t for t in site_languages.translations(selection, results) if t.language == "fr"]
    page = found.pages["PB-01"]
    from hotline_catalyst.deliverables.playbooks import Signature

    signed = Signature(by="SUR-7", on=date(2027, 1, 5), text=page.fingerprint)
    front = page.front.model_copy(update={"reviewed_by_survivor": signed, "approved_by_counsel": signed})
    done = replace(found, pages={"PB-01": replace(page, front=front)})
    text = site_languages.sources(done, results)["intake/PB-01-standard-contact-flow"]
    assert chrome("fr").draft_title not in text
    assert "SUR&#45;7" in text


def test_every_reference_to_another_page_is_a_link_or_says_why_not(built):
    allowed = (" (in the operator", " (in the consultant", " (not part of this plan)")
    for edition in EDITIONS:
        site = site_of(built, "mauritania", edition)
        for path in [p for p in site.rglob("PB-*.html") if len(p.relative_to(site).parts) == 2]:
            article = path.read_text("utf-8").split("<article", 1)[1].split("</article>")[0].split("Source:")[0]
            # Links, drawings, and commands to type.
            unlinked = re.sub(r"<(a|svg|code)\b.*?</\1>", "", article, flags=re.DOTALL)
            for ident, after in re.findall(r"(?<![\w-])(PB-\d\d)\b([^<]{0,30})", unlinked):
                assert ident == path.name[:5] or after.startswith(allowed), (path.name, ident)


def test_plain_codes_every_sign_that_markdown_or_html_could_read():
    assert plain("a*b_c<d>`e` [f](g) {h} |i| #j\n- k") == re.sub(
        r"[^\w ]|_", lambda m: f"&#{ord(m[0])};", "a*b_c<d>`e` [f](g) {h} |i| #j - k"
    )


def test_review_dates_stay_inside_the_month():
    assert months_after(date(2027, 1, 31), 1) == date(2027, 2, 28)
    assert months_after(date(2026, 11, 21), 24) == date(2028, 11, 21)
