"""The playbook sites as a reader meets them: opened from a disk, in a browser, with the internet cut."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from dataclasses import replace
from datetime import date
from html import unescape
from pathlib import Path

import pytest
from clock import measured
from judged import Marks, judged
from playwright.sync_api import Browser, Page, sync_playwright

from hotline_catalyst.deliverables import playbook_site
from hotline_catalyst.deliverables.playbooks import load_pages, months_after, plain
from hotline_catalyst.results import Results

EXAMPLES = ("ruritania", "mexico", "mauritania")
EDITIONS = ("partner", "operator")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Messages of the browser that a page on a disk cannot avoid. None is known now.
HARMLESS: set[str] = set()


@pytest.fixture(scope="module")
def chromium():
    path = shutil.which("chromium")
    assert path, "install chromium: these tests look at the pages with it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def results(engagements) -> Results:
    return judged(engagements["ruritania"].engagement)


class Watched:
    """A browser page that remembers what it asked for and complained of."""

    def __init__(self, browser: Browser, width: int = 1280):
        self.complaints: list[str] = []
        context = browser.new_context(viewport={"width": width, "height": 900})
        # Nothing leaves this machine, even if a page tried: the request is noted and refused.
        context.route(re.compile(r"^(?!file:|data:|blob:|about:)"), lambda route: route.abort())
        self.page: Page = context.new_page()
        self.page.on("request", lambda r: self._note("request", r.url, r.url.startswith(("file:", "data:", "blob:"))))
        self.page.on("console", lambda m: self._note(f"console {m.type}", m.text, m.type not in ("error", "warning")))
        self.page.on("pageerror", lambda e: self._note("page error", str(e), False))

    def _note(self, kind: str, text: str, fine: bool) -> None:
        if not fine and text not in HARMLESS:
            self.complaints.append(f"{kind}: {text}")

    def open(self, path: Path) -> Page:
        self.page.goto(path.as_uri())
        return self.page


def site_of(built: dict[str, Path], name: str, edition: str) -> Path:
    return built[name] / edition / "playbooks"


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_page_opens_from_disk_asks_for_nothing_outside_and_fits_a_phone(
    built, results_of, chromium, name, edition
):
    notice = str(results_of[name]["engagement"]["notice"])
    watched = Watched(chromium, width=360)
    pages = sorted(site_of(built, name, edition).rglob("*.html"))
    assert len(pages) > 20
    for path in pages:
        page = watched.open(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{path.name} is too wide"
        assert "trafficking" not in page.title().lower()
        assert page.title().endswith("Playbooks")
        assert page.locator(".md-banner").inner_text().strip() == notice
        if path.name.startswith("PB-"):
            assert "DRAFT: not for live contacts" in page.locator("article").inner_text(), path.name
            assert page.get_by_text("Why this page is here").count() == 1
    assert watched.complaints == []


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("name", EXAMPLES)
def test_search_on_a_disk_finds_every_page_by_its_title(built, chromium, name, edition):
    site = site_of(built, name, edition)
    watched = Watched(chromium)
    page = watched.open(site / "index.html")
    field = page.locator(".md-search__input")
    field.click()
    for path in sorted(site.rglob("PB-*.html")):
        title = unescape(re.search(r"<title>(.*?) - Playbooks</title>", path.read_text("utf-8"))[1])
        word = max(re.findall(r"\w{3,}", title.split(" ", 1)[1]), key=len)
        field.fill("")
        field.press_sequentially(word.lower())
        page.locator(f'.md-search-result__link[href*="{path.name}"]').first.wait_for(state="attached", timeout=5000)
    assert watched.complaints == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_file_names_an_outside_address_that_a_browser_would_load(built, name):
    for edition in EDITIONS:
        for path in site_of(built, name, edition).rglob("*"):
            if path.suffix in (".html", ".css", ".js"):
                text = path.read_text("utf-8")
                assert not re.search(r"""(src|href)=["']?(https?:)?//""", text) or path.suffix == ".js", path
                assert not re.search(r"url\(['\"]?(https?:)?//", text), path
                assert "unpkg.com/iframe-worker" not in text, path


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_partners_edition_holds_no_page_of_the_operator_and_no_head_count(built, results_of, name):
    site = site_of(built, name, "partner")
    hidden = {p.path.stem for p in load_pages(_instrument()) if p.front.audience == "operator"}
    assert hidden
    assert not [p for p in site.rglob("*.html") if p.stem in hidden]
    shown = " ".join(
        re.sub(r"<[^>]+>", " ", p.read_text("utf-8")) for p in [*site.rglob("PB-*.html"), site / "index.html"]
    )
    assert not re.search(r"\d+ (advocates? )?(on shift )?at night", shown)
    assert not re.search(r"(on shift at night|busiest hour): ?\d", shown)
    data = results_of[name]
    codes = {a["respondent"] for answers in data["answers"].values() for a in answers["answers"]}
    assert codes
    # Not within a longer id: REC-HR-1 is a recommendation.
    assert not [code for code in codes if re.search(rf"(?<![\w-]){re.escape(code)}(?![\w-])", shown)]
    texts = [f["text"] for f in data["findings"] if f["kind"] in ("contested", "blind spot", "owner does not know")]
    assert not [t for t in texts if t in shown]


def _instrument():
    from hotline_catalyst.assessment.instrument import load_instrument

    return load_instrument()


def test_two_builds_in_different_places_give_the_same_bytes_quietly_and_soon(results, tmp_path, capfd, monkeypatch):
    made, seconds = [], []
    for place in ("a", "elsewhere/b"):
        with measured() as spent:
            files = playbook_site.write(results, tmp_path / place)
        seconds.append(spent.seconds)
        made.append({p.relative_to(tmp_path / place).as_posix(): p.read_bytes() for p in files})
        (tmp_path / "another place for temporary files").mkdir(exist_ok=True)
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "another place for temporary files"))
    assert made[0] == made[1]
    assert min(seconds) < 5
    assert capfd.readouterr() == ("", "")


def test_what_only_a_server_or_a_developer_needs_is_left_behind(built):
    names = [p.name for p in site_of(built, "mexico", "partner").rglob("*")]
    assert not [
        n for n in names if n.endswith(".map") or n.startswith("sitemap") or n in ("404.html", "search_index.json")
    ]


def test_a_hostile_name_or_notice_is_shown_as_text(results, tmp_path, chromium):
    nasty = '<img src=x onerror="document.title=1"> **b** {{ 7*7 }} </title>'
    facts = replace(results.facts, name=nasty, notice=nasty)
    playbook_site.write(replace(results, facts=facts), tmp_path)
    watched = Watched(chromium)
    page = watched.open(tmp_path / "partner" / "playbooks" / "index.html")
    assert page.locator("img").count() == 0
    assert page.locator(".md-banner").inner_text().strip() == nasty
    assert nasty in page.locator(".summary").first.inner_text()
    assert nasty in page.locator(".md-copyright").inner_text()
    assert watched.complaints == []


def test_search_folds_accents_and_arabic_marks(tmp_path):
    (tmp_path / "search_index.json").write_text(
        json.dumps({"docs": [{"title": "Víctima", "text": "<p>derivación المكالمة plain</p>"}]}), "utf-8"
    )
    playbook_site._fold_search(tmp_path)
    text = (tmp_path / "search_index.js").read_text("utf-8")
    added = re.search(r"<p hidden>(.*?)</p>", text)[1].split()
    assert {"Victima", "derivacion", "المكالمه", "مكالمة", "مكالمه"} <= set(added)
    assert "plain" not in added


def test_a_search_does_not_lead_to_a_page_whose_box_only_names_the_subject(built):
    text = (site_of(built, "mexico", "operator") / "search" / "search_index.js").read_text("utf-8")
    assert "Recommendations that lead here" not in text


def test_the_draft_mark_goes_only_when_survivors_and_counsel_have_signed(results, tmp_path, monkeypatch):
    from hotline_catalyst.deliverables import playbooks

    pages = load_pages(results.instrument)
    crisis = next(p for p in pages if p.front.id == "PB-02")
    selection = playbooks.select(pages, results, "operator")

    def banner(**changed: str | None) -> bool:
        page = replace(crisis, front=crisis.front.model_copy(update=changed))
        return "!!! draft" in playbooks.markdown(page, results, selection)

    assert banner()
    assert banner(reviewed_by_survivor="SUR-7")
    assert banner(approved_by_counsel="LEG-2")
    assert not banner(reviewed_by_survivor="SUR-7", approved_by_counsel="LEG-2")
    assert not banner(reviewed_by_survivor="SUR-7", needs_counsel=False)


def test_a_head_count_on_shift_is_nowhere_in_the_partners_edition(results, tmp_path):
    playbook_site.write(results, tmp_path)
    shown = "".join(p.read_text("utf-8") for p in (tmp_path / "partner").rglob("*.*") if p.suffix in (".html", ".js"))
    assert str(Marks.people) in shown
    assert str(Marks.peak_on_shift) not in shown
    assert str(Marks.night_on_shift) not in shown


def test_every_reference_to_another_page_is_a_link_or_says_why_not(built):
    allowed = (" (not written yet)", " (in the operator", " (not part of this plan)")
    for edition in EDITIONS:
        for path in site_of(built, "mauritania", edition).rglob("PB-*.html"):
            article = path.read_text("utf-8").split("<article", 1)[1].split("</article>")[0].split("Source:")[0]
            unlinked = re.sub(r"<a .*?</a>", "", article, flags=re.DOTALL)
            for ident, after in re.findall(r"(?<![\w-])(PB-\d\d)\b([^<]{0,30})", unlinked):
                assert ident == path.name[:5] or after.startswith(allowed), (path.name, ident)


def test_plain_codes_every_sign_that_markdown_or_html_could_read():
    assert plain("a*b_c<d>`e` [f](g) {h} |i| #j\n- k") == re.sub(
        r"[^\w ]|_", lambda m: f"&#{ord(m[0])};", "a*b_c<d>`e` [f](g) {h} |i| #j - k"
    )


def test_review_dates_stay_inside_the_month():
    assert months_after(date(2027, 1, 31), 1) == date(2027, 2, 28)
    assert months_after(date(2026, 11, 21), 24) == date(2028, 11, 21)
