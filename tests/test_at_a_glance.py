"""The one-page sheet is read back as a person would: printed by Chromium, opened by LibreOffice, read by axe."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import EXAMPLES
from judged import Marks, gathered, judged
from libreoffice import convert
from playwright.sync_api import sync_playwright
from pypdf import PdfReader

from hotline_catalyst.assessment.responses import Response, Testimony
from hotline_catalyst.deliverables import at_a_glance
from hotline_catalyst.results import Results

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
HOSTILE = '<script>alert(1)</script> {{ 7*7 }} & "q" مركز'


@pytest.fixture(scope="module")
def results_of(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Results]:
    place = tmp_path_factory.mktemp("glance")
    return {name: judged(gathered(name, place / name)) for name in EXAMPLES}


@pytest.fixture(scope="module")
def sheets(results_of: dict[str, Results], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    place = tmp_path_factory.mktemp("sheets")
    for name, results in results_of.items():
        at_a_glance.write(results, place / name)
    return {name: place / name / "partner" for name in results_of}


def text_of(folder: Path, file: str) -> str:
    """Return all words of a format, white space made one."""
    if file.endswith(".docx"):
        from docx import Document

        document = Document(folder / file)
        parts = [document.element.body, document.sections[0].header._element]
        words = " ".join(node.text or "" for part in parts for node in part.iter() if node.tag.endswith("}t"))
    else:
        page = re.sub(r"<style>.*?</style>", "", (folder / file).read_text("utf-8"), flags=re.S)
        words = unescape(re.sub(r"<[^>]+>", " ", page))
    return re.sub(r"\s+", " ", words)


@pytest.mark.parametrize("name", EXAMPLES)
def test_it_prints_on_one_a4_page_fits_a_phone_and_has_no_barrier(sheets: dict[str, Path], name: str) -> None:
    page_file = sheets[name] / "at_a_glance.html"
    assert "<script" not in page_file.read_text("utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page, asked = browser.new_context(viewport={"width": 360, "height": 800}).new_page(), []
        page.on("request", lambda r: asked.append(r.url))
        page.goto(page_file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        found = Axe().run(page).response["violations"]
        assert [v["id"] for v in found] == []
        printed = page_file.with_suffix(".pdf")
        page.pdf(path=printed, prefer_css_page_size=True)
        browser.close()
    assert [u for u in asked if not u.startswith(("file:", "data:"))] == []
    (only,) = PdfReader(printed).pages
    assert [round(float(side) / 72 * 25.4) for side in only.mediabox[2:]] == [210, 297]


@pytest.fixture(scope="module")
def word_printed(sheets: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the Word files as LibreOffice prints them, all in one start."""
    folder = tmp_path_factory.mktemp("word")
    copies = [Path(shutil.copy(sheets[name] / "at_a_glance.docx", folder / f"{name}.docx")) for name in EXAMPLES]
    return convert(copies[0], folder / "printed", "pdf", together=copies[1:]).parent


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_word_file_is_one_page_and_describes_its_picture(
    sheets: dict[str, Path], word_printed: Path, name: str
) -> None:
    from docx import Document

    path = sheets[name] / "at_a_glance.docx"
    assert len(PdfReader(word_printed / f"{name}.pdf").pages) == 1
    (picture,) = Document(path).inline_shapes
    assert "Partnerships" in picture._inline.docPr.get("descr")


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("file", ["at_a_glance.html", "at_a_glance.docx"])
def test_it_names_no_respondent_organisation_or_note_and_carries_the_notice(
    sheets: dict[str, Path], results_of: dict[str, Results], name: str, file: str
) -> None:
    results, text = results_of[name], text_of(sheets[name], file)
    testimony = results.testimony
    answers = [a for r in testimony.responses for a in r.answers.values()]
    secrets = {r.organisation for r in testimony.responses} | {a.note for a in answers} | {a.evidence for a in answers}
    secrets |= {e.what for e in testimony.evidence} | {r.reason for r in testimony.rulings}
    assert [s for s in secrets if len(s) > 3 and s in text] == []
    codes = "|".join(re.escape(r.respondent) for r in testimony.responses)
    assert not re.search(rf"(?<![\w-])({codes})(?![\w-])", text)
    assert str(Marks.night_on_shift) not in text
    assert str(Marks.peak_on_shift) not in text
    assert results.facts.notice in text
    assert results.facts.name in text


def heard(results: Results, roles: list[str]) -> Results:
    """Return results in which one person of each role spoke."""
    first = results.testimony.responses[0]
    said: list[Response] = [
        first.model_copy(update={"respondent": f"P-{n}", "role": role}) for n, role in enumerate(roles)
    ]
    testimony = Testimony(responses=tuple(said), evidence=(), rulings=(), as_of=results.testimony.as_of)
    return replace(results, testimony=testimony)


@pytest.mark.parametrize(
    ("roles", "named"),
    [
        (["advocate"] * 4 + ["provider"] * 3, {"operator": 4, "civil society": 3}),
        (["advocate"] * 4 + ["provider"] * 2 + ["legal", "telecom"], {"operator": 4}),
        # Who knows the total and all groups but one knows that one too.
        (["advocate"] * 4 + ["legal"], {}),
        (["advocate", "legal"], {}),
    ],
)
def test_a_group_is_counted_apart_only_when_no_small_group_can_be_worked_out(
    results_of: dict[str, Results], tmp_path: Path, roles: list[str], named: dict[str, int]
) -> None:
    results = heard(results_of["mauritania"], roles)
    at_a_glance.write(results, tmp_path)
    text = text_of(tmp_path / "partner", "at_a_glance.html")
    groups = {results.instrument.meta.roles[r].group for r in roles}
    found = {}
    for group in groups:
        hit = re.search(rf"(\d+) {group}\b|\b{group} (\d+)", text, flags=re.I)
        if hit:
            found[group] = int(hit[1] or hit[2])
    assert found == named
    if len(roles) < 3:
        assert re.search("fewer than 3 people", text, flags=re.I)
    else:
        assert f"{len(roles)} people" in text


def test_gates_are_counted_and_the_first_moves_are_named(
    sheets: dict[str, Path], results_of: dict[str, Results]
) -> None:
    results, text = results_of["ruritania"], text_of(sheets["ruritania"], "at_a_glance.html")
    launch = Counter(g.verdict for g in results.gates if g.kind == next(iter(results.instrument.gates_file.kinds)))
    title = next(iter(results.instrument.gates_file.kinds.values()))
    row = text[text.index(title) + len(title) :][:60]
    assert sorted(int(n) for n in re.findall(r"\d+", row)[:3]) == sorted(launch.values())
    for raised in results.raised[:3]:
        assert raised.recommendation.title in text
    sensitive = {i.title for i in results.instrument.items.values() if i.sensitive}
    assets = [a for a in results.inventory if a.standing == "shown"]
    assert any(results.instrument.items[a.item].title in text for a in assets)
    assert not [t for t in sensitive if f"{t} (" in text]


def test_what_was_typed_is_text(results_of: dict[str, Results], tmp_path: Path) -> None:
    results = results_of["mauritania"]
    typed = replace(results, facts=replace(results.facts, name=HOSTILE, notice=f'"}}</style><b>{HOSTILE}'))
    at_a_glance.write(typed, tmp_path)
    assert "<script" not in (tmp_path / "partner" / "at_a_glance.html").read_text("utf-8")
    for file in ("at_a_glance.html", "at_a_glance.docx"):
        assert HOSTILE in text_of(tmp_path / "partner", file)


def test_the_same_results_give_the_same_bytes(
    sheets: dict[str, Path], results_of: dict[str, Results], tmp_path: Path
) -> None:
    for path in at_a_glance.write(results_of["mauritania"], tmp_path):
        assert path.read_bytes() == (sheets["mauritania"] / path.name).read_bytes()
