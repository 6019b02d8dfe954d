"""The start page of a build: it names what is there, and only that."""

from __future__ import annotations

import re
import shutil
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest
from judged import judged
from playwright.sync_api import sync_playwright

from hotline_catalyst.deliverables import start_page
from hotline_catalyst.results import Results

EXAMPLES = ("ruritania", "mexico", "mauritania")
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


@pytest.fixture(scope="module")
def results(engagements) -> Results:
    return judged(engagements["mauritania"].engagement)


def links(page: Path) -> list[str]:
    return [unquote(unescape(h)) for h in re.findall(r'href="([^"]*)"', page.read_text("utf-8"))]


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_link_leads_to_a_file_and_every_output_is_linked(built, name):
    out = built[name]
    targets = links(out / "index.html")
    assert targets
    assert [t for t in targets if not (out / t).is_file()] == []
    for audience in ("consultant", "operator", "partner"):
        for path in (out / audience).iterdir():
            assert any(t == f"{audience}/{path.name}" or t.startswith(f"{audience}/{path.name}/") for t in targets), (
                path
            )


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_page_works_from_a_disk_without_scripts_on_a_phone(built, results_of, name):
    path = built[name] / "index.html"
    text = path.read_text("utf-8")
    assert "<script" not in text
    assert not re.search(r"https?://|url\(", text)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        context = browser.new_context(viewport={"width": 360, "height": 800}, java_script_enabled=True)
        page, asked, said = context.new_page(), [], []
        page.on("request", lambda r: asked.append(r.url))
        page.on("console", lambda m: said.append(m.text))
        page.goto(path.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert page.locator(".notice").inner_text().strip() == results_of[name]["engagement"]["notice"]
        assert page.locator("h1").inner_text() == results_of[name]["engagement"]["name"]
        assert [u for u in asked if not u.startswith("file:")] == []
        assert said == []
        browser.close()


def test_a_part_that_was_not_made_is_named_as_missing_and_not_linked(results, tmp_path):
    (tmp_path / "partner").mkdir()
    (tmp_path / "partner" / "report.docx").write_text("x")
    start_page.write(results, tmp_path)
    text = (tmp_path / "index.html").read_text("utf-8")
    assert set(links(tmp_path / "index.html")) == {"partner/report.docx"}
    missing = text.split("Not in this build")[1]
    for part in ("Assessment report as PDF or Web page", "Roadmap (partner/)", "Staffing workbook", "Playbooks"):
        assert part in missing
    assert "Nothing was made for the operator." in text


def test_an_output_nobody_described_is_still_named(results, tmp_path):
    (tmp_path / "partner" / "charts").mkdir(parents=True)
    (tmp_path / "partner" / "charts" / "a b.svg").write_text("x")
    (tmp_path / "partner" / "letter & plan.odt").write_text("x")
    start_page.write(results, tmp_path)
    assert links(tmp_path / "index.html") == ["partner/letter & plan.odt"]
    assert "charts/ (1 files)" in (tmp_path / "index.html").read_text("utf-8")


def test_what_was_typed_is_text(results, tmp_path):
    facts = replace(results.facts, name="<b>x</b>", notice="<img src=y>")
    start_page.write(replace(results, facts=facts), tmp_path)
    text = (tmp_path / "index.html").read_text("utf-8")
    assert "<b>x" not in text
    assert "<img" not in text


def test_text_stands_out_from_what_it_stands_on():
    template = (Path(start_page.content_root()) / "site" / "start_page.html.jinja").read_text("utf-8")
    look = start_page.look
    pairs = [
        (look.INK, "#FFFFFF"),
        (look.NIGHT, "#FFFFFF"),
        (look.LINK, "#FFFFFF"),
        (look.QUIET, "#FFFFFF"),
        ("#DCE6F0", look.NIGHT),
        ("#5F3E00", "#FBF3E4"),
    ]
    assert {"#DCE6F0", "#5F3E00", "#FBF3E4"} <= set(re.findall(r"#[0-9A-F]{6}", template))
    assert all(contrast(a, b) >= 4.5 for a, b in pairs)


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio."""

    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)
