"""The report is read back with Poppler, pypdf, python-docx, LibreOffice and Chromium, and held against results.json."""

from __future__ import annotations

import io
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
import roadmaps
from conftest import EXAMPLES
from libreoffice import convert
from printed import pages_of, without_pango
from pypdf import PdfReader

from hotline_catalyst.assessment.instrument import load_instrument
from hotline_catalyst.deliverables import (
    chart_programme,
    chart_readiness,
    gantt,
    look,
    report,
    report_blocks,
    report_content,
    report_plan,
)
from hotline_catalyst.deliverables.results_roadmap import roadmap_part
from hotline_catalyst.errors import MissingPartError
from hotline_catalyst.explain import _Trace
from hotline_catalyst.planning.roadmap import Moved, Roadmap
from hotline_catalyst.results import Results

BROWSER = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
BROWSER += ["--disable-component-update", "--disable-sync"]
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
HOSTILE = '<script>alert(1)</script> {{ 7*7 }} & "q" مركز'
PICTURES = 6  # gates, ladder, assets, money, hours, offers; and the pages of the roadmap
HOSTILE_NOTICE = '"} body { display: none } </style> {% raise %} <b>'


@pytest.fixture(scope="module")
def results(planned: Callable[[str], Results]) -> Results:
    return planned("mauritania")


def squeezed(text: str) -> str:
    """Return a text without white space: line breaks of a page are no difference."""
    return re.sub(r"\s+", "", text)


def text_of_docx(path: Path | io.BytesIO) -> str:
    from docx import Document

    return " ".join(node.text or "" for node in Document(path).element.body.iter(f"{WORD}t"))


def text_of_html(path: Path) -> str:
    from html import unescape

    body = re.sub(r"<style>.*?</style>", "", path.read_text("utf-8"), flags=re.S)
    return unescape(re.sub(r"<[^>]+>", " ", body))


def all_texts(partner: Path) -> dict[str, str]:
    return {
        "report.pdf": " ".join(pages_of(partner / "report.pdf")),
        "report.docx": text_of_docx(partner / "report.docx"),
        "report.html": text_of_html(partner / "report.html"),
    }


@pytest.mark.parametrize("name", EXAMPLES)
def test_all_three_formats_say_every_gate_and_its_verdict(
    name: str, built: dict[str, Path], results_of: dict[str, Any]
) -> None:
    for file, text in all_texts(built[name] / "partner").items():
        seen = squeezed(text)
        for gate in results_of[name]["readiness"]["gates"]:
            sign = look.VERDICT_SIGN[gate["verdict"]]
            named, verdict = squeezed(f"{gate['id']} {gate['title']}"), squeezed(f"{sign} {gate['verdict']}")
            if file == "report.docx":  # its board is a picture; the table says title, reason, verdict
                assert verdict in seen[seen.rindex(named) :][:400], f"{file}: {gate['id']}"
            else:
                assert verdict + named in seen, f"{file}: {gate['id']}"


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_format_names_a_respondent_an_organisation_a_note_or_a_night_headcount(
    name: str, built: dict[str, Path], results_of: dict[str, Any]
) -> None:
    secrets, codes = set(), set()
    for question in results_of[name]["answers"].values():
        for answer in question["answers"]:
            secrets |= {answer["organisation"], answer["note"]}
            codes.add(re.escape(answer["respondent"]))
        secrets |= {e["what"] for e in question["evidence"]} | {question.get("ruling", {}).get("reason")}
    secrets = {squeezed(s) for s in secrets if s and len(s) > 3}
    hidden_kinds = ("contested", "blind spot", "owner does not know")
    hidden = {f["id"].removeprefix("F-") for f in results_of[name]["findings"] if f["kind"] in hidden_kinds}
    cover = next(a for a in results_of[name]["assumptions"] if a["id"] == "service.minimum_cover")
    for file, text in all_texts(built[name] / "partner").items():
        seen = squeezed(text)
        assert not [s for s in secrets if s in seen], file
        assert not re.search(rf"(?<![\w-])({'|'.join(codes)})(?![\w-])", text), file
        assert not [h for h in hidden if h in seen], file
        assert squeezed(f"{cover['title']} {cover['value']}") not in seen, file
        assert squeezed(f"{cover['title']} not in this edition") in seen, file
        assert "night_on_shift" not in seen, file


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_notice_stands_on_every_page(
    name: str, built: dict[str, Path], results_of: dict[str, Any], tmp_path: Path
) -> None:
    notice = squeezed(results_of[name]["engagement"]["notice"])
    assert notice
    partner = built[name] / "partner"
    printed = [partner / "report.pdf"]
    if name == EXAMPLES[-1] or os.environ.get("SOAK"):  # an office takes ten seconds to print one
        printed.append(convert(partner / "report.docx", tmp_path, "pdf"))
    for pdf in printed:
        pages = pages_of(pdf)
        assert 10 < len(pages) <= 58, len(pages)  # some 85 activities, each with its reasons, ways and dates
        assert all(notice in squeezed(page) for page in pages), pdf.name
    assert notice in squeezed(text_of_html(partner / "report.html"))


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_pdf_is_tagged_describes_its_charts_and_embeds_only_our_fonts(name: str, built: dict[str, Path]) -> None:
    reader = PdfReader(built[name] / "partner" / "report.pdf")
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    fonts = {str(f.get_object()["/BaseFont"]) for p in reader.pages for f in p["/Resources"].get("/Font", {}).values()}
    assert fonts
    assert all("Catalyst-Sans" in font for font in fonts), fonts
    titles = [figure.get("/Alt") for figure in tags(root["/StructTreeRoot"], "/Figure")]
    assert len(titles) == PICTURES + roadmap_pages(built[name])
    assert all(titles)


def roadmap_pages(out: Path) -> int:
    """Count the pages of the roadmap's drawing in the HTML report; their twins for phones are hidden elsewhere."""
    pages = len(re.findall('<figure id="gantt-\\d+" ', (out / "partner" / "report.html").read_text("utf-8")))
    assert pages > 0
    return pages


def tags(node: Any, kind: str) -> list[Any]:
    """Return the tags of a kind in a PDF's structure tree."""
    found, wave = [], [node]
    while wave:
        here = wave.pop().get_object()
        children = here if isinstance(here, list) else [here["/K"]] if isinstance(here, dict) and "/K" in here else []
        if isinstance(here, dict) and here.get("/S") == kind:
            found.append(here)
        wave += [c for c in children if hasattr(c.get_object(), "keys") or isinstance(c.get_object(), list)]
    return found


@pytest.mark.parametrize("name", EXAMPLES)
def test_word_repeats_table_heads_uses_real_headings_and_describes_pictures(
    name: str, built: dict[str, Path], results_of: dict[str, Any]
) -> None:
    from docx import Document

    document = Document(built[name] / "partner" / "report.docx")
    assert document.tables
    assert all(table.rows[0]._tr.trPr.find(f"{WORD}tblHeader") is not None for table in document.tables)
    headings = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    contents = [p for p in document.paragraphs if p.style.name == "Contents"]
    assert ["Contents", *[c.hyperlinks[0].text for c in contents]] == [headings[0 + 1], headings[0], *headings[2:]]
    anchors = {c.hyperlinks[0].fragment for c in contents}
    marks = {m.get(f"{WORD}name") for m in document.element.body.iter(f"{WORD}bookmarkStart")}
    assert anchors == marks
    drawn = [shape for shape in document.element.body.iter() if shape.tag.endswith("}docPr")]
    assert len(drawn) == PICTURES + roadmap_pages(built[name])
    assert all(shape.get("descr") and shape.get("title") for shape in drawn)
    made = document.core_properties.created
    assert made.date().isoformat() == results_of[name]["engagement"]["as_of"]
    left = [p.text for p in document.paragraphs if "{{" in p.text or "{%" in p.text]
    assert not left


def test_the_html_file_loads_nothing_and_fits_a_phone(built: dict[str, Path]) -> None:
    from playwright.sync_api import sync_playwright

    page_file = built["ruritania"] / "partner" / "report.html"
    assert page_file.stat().st_size < 900_000
    assert not re.search(r"""(src|href)=["'](?!#|data:)|@import|url\((?!data:|#)""", page_file.read_text("utf-8"))
    asked: list[str] = []
    said: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=BROWSER)
        for width in (360, 1200):
            page = browser.new_page(viewport={"width": width, "height": 800})
            page.on("request", lambda r: asked.append(r.url))
            page.on("console", lambda m: said.append(m.text))
            page.goto(page_file.as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        browser.close()
    assert [u for u in asked if not u.startswith(("file:", "data:"))] == []
    assert said == []


def test_the_same_results_give_the_same_bytes(results: Results, built: dict[str, Path], tmp_path: Path) -> None:
    written = report.write(results, tmp_path)
    assert sorted(p.name for p in written) == ["report.docx", "report.html", "report.pdf"]
    partner = built["mauritania"] / "partner"  # by another process
    assert [p.name for p in written if p.read_bytes() != (partner / p.name).read_bytes()] == []


def test_what_was_typed_is_text_everywhere(results: Results, tmp_path: Path) -> None:
    typed = replace(results, facts=replace(results.facts, name=HOSTILE, notice=HOSTILE_NOTICE))
    report.write(typed, tmp_path)
    partner = tmp_path / "partner"
    page = (partner / "report.html").read_text("utf-8")
    assert "<script>" not in page
    assert page.count("</style>") == 1
    assert "{{ 7*7 }}" in text_of_html(partner / "report.html")
    assert HOSTILE in text_of_docx(partner / "report.docx")
    from docx import Document

    header = Document(partner / "report.docx").sections[0].header
    assert [p.text for p in header.paragraphs] == [HOSTILE, HOSTILE_NOTICE]
    pages = pages_of(partner / "report.pdf")
    assert all(squeezed(HOSTILE_NOTICE) in squeezed(p) for p in pages)
    assert "{{7*7}}" in squeezed(pages[0])


def test_without_pango_word_and_html_are_written_and_the_missing_part_is_named(
    results: Results, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_pango(monkeypatch)
    with pytest.raises(MissingPartError, match="libpango") as error:
        report.write(results, tmp_path)
    assert "\n" not in str(error.value)
    assert sorted(p.name for p in (tmp_path / "partner").iterdir()) == ["report.docx", "report.html"]


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://127.0.0.1/x", "https://example.org/a.css"])
def test_the_pdf_writer_opens_nothing_outside_the_page(url: str) -> None:
    with pytest.raises(ValueError, match="may not open"):
        report.only_data(url)


def test_charts_are_well_formed_described_and_carry_no_outside_reference(results: Results) -> None:
    drawings = [b.svg for b in report_content.blocks(results) if b.kind == "figure"]
    assert len(drawings) == PICTURES + len(gantt.figures(results))
    for svg in (*drawings, gantt.whole(results)):
        tree = ElementTree.fromstring(svg)
        name = "{http://www.w3.org/2000/svg}"
        title = tree.findtext(f"{name}title")
        assert title
        assert re.fullmatch(r"[^?]+\?( \(part \d\))?", title)
        assert tree.findtext(f"{name}desc")
        assert not re.search(r"href|<image|<foreignObject|<style|<script", svg)
        assert tree.get("font-family") == look.FONT
        assert report.picture(svg).startswith(b"\x89PNG")


def test_the_ladder_prints_a_number_for_what_is_settled_and_none_for_what_is_not(results: Results) -> None:
    svg = chart_readiness.readiness_ladder(results)
    unsettled = sum(not d.settled for d in results.readiness.domains)
    assert svg.count(">not settled, ") == unsettled
    assert svg.count('fill="url(#ladder-hatch)"') == unsettled
    assert svg.count('width="26"') == len(results.readiness.domains) - unsettled


def test_not_shown_is_never_called_a_no(results: Results) -> None:
    summary = [b for b in report_content.blocks(results) if b.kind in ("bullets", "p")]
    text = " ".join([*(b.text for b in summary), *(i for b in summary for i in b.items)])
    assert "that is not a no" in text
    assert "Not shown is not a no" in text


def test_every_sentence_of_the_words_file_is_used() -> None:
    folder, names = Path(report.__file__).parent, ("report*.py", "at_a_glance*.py", "chart_money.py", "gantt*.py")
    sources = [path for name in names for path in folder.glob(name)]
    source = "".join(path.read_text("utf-8") for path in sources)
    template = (report.content_root() / "templates" / "documents" / "report.html.j2").read_text("utf-8")
    for section, entries in report_blocks.words().items():
        for key in entries if isinstance(entries, dict) else [section]:
            named = f'"{key}"' in source or f"['{key}']" in source or f"words.{key}" in template
            assert named or section == "staffing", f"{section}.{key}"


def texts(block: report_blocks.Block) -> str:
    cells = [line.text for row in block.rows for cell in row for line in cell]
    return " ".join([block.text, block.strong, *block.items, *block.header, *cells])


def part(results: Results, name: str) -> list[report_blocks.Block]:
    """Return the blocks under one heading."""
    return list(next(s for s in report.sections_of(report_content.blocks(results)) if s.id == name).blocks)


def test_of_what_concerns_safety_only_the_title_stands_in_the_partners_report(results: Results) -> None:
    text = squeezed(" ".join(texts(b) for b in report_content.blocks(results)))
    secret = [item for item in results.instrument.items.values() if item.sensitive]
    assert len(secret) >= 5
    for item in secret:
        assert squeezed(f"{item.id} {item.title}") in text
        assert not [level for level in item.levels.values() if squeezed(level) in text]
        assert not [e for said in item.evidence.values() for e in said if len(e) > 25 and squeezed(e) in text]
    (rows,) = [b.rows for b in part(results, "item-annex") if b.rows and b.header[0] == "Scheduling"]
    assert {r[3][0].text for r in rows if r[0][0].text.split()[0] in ("SC-02", "SC-07")} == {"not in this edition"}


def test_where_to_look_lists_the_agenda_in_its_order_with_its_days(results: Results) -> None:
    intro, listed = part(results, "look-next")
    first = results.agenda[:10]
    assert [r[0][0].text.split()[0] for r in listed.rows] == [x.item for x in first]
    assert [float(r[2][0].text) for r in listed.rows] == [x.days for x in first]
    assert f"about {sum(x.days for x in first):g} person-days" in intro.text


def test_each_offer_is_told_with_its_days_and_the_partners_choice(results: Results) -> None:
    yes, no, *others = results.offers
    chosen = (replace(yes, choice="yes"), replace(no, choice="no", reason="The state does it."), *others)
    decided = replace(results, offers=chosen)
    rows = {r[0][0].text.split()[0]: r for b in part(decided, "recommendations") for r in b.rows}
    assert len(rows) == len(results.offers)
    assert rows[yes.recommendation][2][-1].text == "✓ chosen"
    assert rows[no.recommendation][2][-1].text == "✗ declined: The state does it."
    for offer in chosen:
        assert f"({offer.days_low:g} to {offer.days_high:g}) days" in rows[offer.recommendation][2][1].text
    caption = next(b.text for b in part(decided, "phase-two") if b.kind == "caption")
    assert f"1 offers chosen, {yes.days_likely:g} ({yes.days_low:g} to {yes.days_high:g}) days" in caption
    assert "declined" not in caption
    assert 'fill="url(#offers-hatch)"' in chart_programme.offers_chart(decided)


def roadmap_texts(plan: Roadmap, **more: Any) -> str:
    """Return the words of the report's roadmap chapter for a plan written by hand."""
    results = roadmaps.results_of_plan(plan)
    for name, value in more.items():
        setattr(results, name, value)
    return " ".join(texts(b) for b in report_plan.roadmap(results))


def test_the_launch_is_never_written_without_its_later_date_its_open_gates_and_what_it_assumes() -> None:
    plan = roadmaps.rich()
    verdicts = {"GL-01": "met", "GL-02": "not met", "GL-03": "not shown"}
    gates = [SimpleNamespace(id=i, kind="launch", verdict=v) for i, v in verdicts.items()]
    said = roadmap_texts(plan, gates=gates)
    assert plan.launch
    for day in (plan.launch.planned, plan.launch.p50, plan.launch.p80):
        assert look.day(day) in said
    assert "2 of 3 gates are not met yet; the dates assume that each is met by its review: GL-02, GL-03." in said
    assert "Activities that stay undone: 1" in said
    assert plan.status in said


def test_each_step_of_the_opening_stands_with_hours_channels_dates_and_closed_gates() -> None:
    said = roadmap_texts(roadmaps.rich())
    for step in roadmaps.rich().stages:
        assert f"{step.title} {step.hours}; " in said
        assert f"Four in five by {look.day(step.p80)} planned {look.day(step.planned)}" in said
    assert "1: GL-01" in said
    assert "✓ all met" in said


def test_money_says_what_is_missing_in_which_currency_at_which_rate_and_inflation() -> None:
    plan = roadmaps.rich()
    short = replace(plan, purses=(replace(plan.purses[0], over=700.0), plan.purses[1]))
    said = roadmap_texts(short)
    assert "Donor: 700 XRC more than has been promised." in said
    assert "A USD is 4 XRC (2026: an invented figure)." in said
    assert "prices rising 5 % a year" in said
    assert "by the end of 2027: 900" in said
    assert "No payer's money is exceeded." in roadmap_texts(plan)
    assert "No budget has been named" in roadmap_texts(replace(plan, purses=plan.purses[1:]))


def test_what_binds_what_a_change_brings_and_what_moves_the_launch_are_counted_in_words() -> None:
    said = roadmap_texts(roadmaps.rich())
    assert "Money that has not arrived: 1 of 7 activities (14 %): Donor 1" in said
    assert "One more trainer: the launch 12 working days earlier." in said
    assert "A month's delay: the launch 21 working days later. 300 XRC more lies above the budget. (Found, not" in said
    assert "R07 Rent rooms: 9 working days" in said


def test_what_is_left_out_names_its_open_findings_and_keeps_those_of_the_consultants_edition() -> None:
    kinds = {"F-SC-01": "gap", "F-SC-02": "contested"}
    findings = [SimpleNamespace(id=i, kind=k) for i, k in kinds.items()]
    plan = roadmaps.rich()
    left = replace(plan.left_out[0], open_findings=tuple(kinds))
    said = roadmap_texts(replace(plan, left_out=(left,)), findings=findings)
    assert f"{left.id} {left.title} {left.why} SC-01" in said
    assert "SC-02" not in said


def test_an_activity_says_way_payer_later_date_state_and_why_it_moved_and_what_to_settle_first() -> None:
    plan = roadmaps.rich()
    move = Moved(date(2027, 2, 1), 9, "Moved from 1 Feb 2027. The donor pays later.")
    held = next(a for a in plan.activities if a.task.id == "R07")
    others = [a for a in plan.activities if a is not held]
    said = roadmap_texts(replace(plan, activities=(*others, replace(held, moved=move))))
    assert move.why in said
    assert "In house; paid by: donor" in said
    assert f"four in five by {look.day(held.p80)}" in said
    assert "✓ done" in said
    assert "Verify first" in said
    assert "SC-01 " in said


def test_wishes_of_fewer_than_three_people_are_not_counted(results: Results) -> None:
    wished = replace(results, wishes={"FO-Q2": {}, "FO-Q3": {"phone": 4, "chat": 2}})
    (listed,) = [b for b in part(wished, "phase-two") if b.layout == "wishes"]
    said = {r[0][0].text: (r[1][0].text, r[2][0].text) for r in listed.rows}
    assert said["Telephone"] == ("4 people", "✓ planned")
    assert said["Web chat"] == ("fewer than 3", "not in this plan")
    assert said["Text and messaging"] == ("fewer than 3", "not in this plan")


def test_a_domain_nobody_spoke_about_is_not_assessed_and_has_no_level(results: Results) -> None:
    silent = replace(results.readiness.domains[0], assessed=False)
    domains = (silent, *results.readiness.domains[1:])
    report_of = replace(results, readiness=replace(results.readiness, domains=domains))
    (listed,) = [b for b in part(report_of, "readiness") if b.layout == "domains"]
    (row,) = [r for r in listed.rows if r[0][0].text == results.domain_title(silent.id)]
    assert [c[0].text for c in row[1:6]] == ["not assessed", "", "", "", ""]
    assert ">not assessed</text>" in chart_readiness.readiness_ladder(report_of)


def test_axe_finds_nothing_wrong_with_the_html_report(results: Results, tmp_path: Path) -> None:
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    title = "Readiness report and plan"
    page_file = tmp_path / "report.html"
    page = report.html_page(results, report_content.blocks(results), "report.html.j2", title)
    page = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page)  # axe itself is a script
    page_file.write_text(page, "utf-8")
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=BROWSER)
        found = []
        for width in (360, 1280):
            opened = browser.new_page(viewport={"width": width, "height": 900})
            opened.goto(page_file.as_uri())
            found += Axe().run(opened).response["violations"]
        browser.close()
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in found] == []


def test_explain_tells_an_activitys_ways_limits_dates_standing_and_why_it_moved() -> None:
    plan = roadmaps.rich()
    move = Moved(date(2027, 2, 1), 9, "The donor pays later.")
    held = next(a for a in plan.activities if a.task.id == "R07")
    others = [a for a in plan.activities if a is not held]
    moved = replace(plan, activities=(*others, replace(held, moved=move)))
    data: dict[str, Any] = {key: [] for key in ("findings", "recommendations", "assumptions", "agenda")}
    gate = {"id": "GL-01", "title": "The law is known", "verdict": "not met"}
    data |= {"readiness": {"gates": [gate], "items": [], "domains": []}, "staffing": {"numbers": []}}
    data |= {"programme": {"offers": []}, "answers": {}, "roadmap": roadmap_part(moved)}
    said = "\n".join(_Trace(data, load_instrument()).of("R07"))
    assert "What binds its start: money: donor" in said
    assert f"four in five by {held.p80.isoformat()}; add {held.buffer_days} working days" in said
    assert "Standing: verify first; asked for by 100% of the readings" in said
    assert "Settle first: SC-01 " in said
    assert "Moved: was 2027-02-01, +9 working days. The donor pays later." in said
    assert "Way: In house; 1 weeks (1 to 2); person-days: operator 3; 500 XRC (0 to 3 000), paid by: donor" in said
    assert "Could be done: With a partner" in said
    assert "Waits for: R02 + 1 weeks" in said
    left = "\n".join(_Trace(data, load_instrument()).of("A17"))
    assert "left out of the plan" in left
    assert plan.left_out[0].why in left
