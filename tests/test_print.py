"""The print editions as a reader and a screen reader meet them: read back with Poppler and pypdf."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from judged import gathered, judged
from printed import pages_of, without_pango
from pypdf import PdfReader

from hotline_catalyst.deliverables import print_parts
from hotline_catalyst.deliverables.playbooks import Page, Selection, Signature, load_pages, select
from hotline_catalyst.deliverables.print_cards import cards_of
from hotline_catalyst.deliverables.print_edition import Order, PrintRoom, order_of, write
from hotline_catalyst.deliverables.print_tables import shares, with_widths
from hotline_catalyst.errors import CatalystError, MissingPartError
from hotline_catalyst.results import Results

IN_BOOK = ("PB-32", "PB-01", "PB-02", "PB-03")
HOSTILE = '</style><script>alert(1)</script> {{ 7*7 }} "} @page { <b>'
# Poppler gives Arabic back word by word, in the order of the eye.
ARABIC = ("مسودة", "حقيقية")
DRAFT = print_parts.words("en")["draft"]


@pytest.fixture(scope="module")
def engagement(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return gathered("ruritania", tmp_path_factory.mktemp("print") / "ruritania")


@pytest.fixture(scope="module")
def results(engagement: Path) -> Results:
    return judged(engagement)


@pytest.fixture(scope="module")
def pages(results: Results) -> dict[str, Page]:
    """Every page; only PB-02 keeps its decision tree, for drawing them takes long."""
    found = {p.front.id: p for p in load_pages(results.instrument)}
    bare = {i: replace(p, front=p.front.model_copy(update={"trees": []})) for i, p in found.items()}
    return {**bare, "PB-02": found["PB-02"]}


def room_of(results: Results, *chosen: Page, edition: Any = "operator") -> PrintRoom:
    return PrintRoom(results, Selection(edition, chosen, ()))


@pytest.fixture(scope="module")
def book(results: Results, pages: dict[str, Page], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A book of a few pages of four offerings."""
    chosen = [page for page in pages.values() if page.front.id in IN_BOOK]
    path = tmp_path_factory.mktemp("book") / "playbooks.pdf"
    path.write_bytes(room_of(results, *chosen).book())
    return path


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def tags(node: Any) -> Iterator[str]:
    """Yield the tags of a PDF's structure tree in reading order."""
    here = node.get_object()
    if isinstance(here, list):
        for child in here:
            yield from tags(child)
    elif isinstance(here, dict):
        if "/S" in here:
            yield str(here["/S"])
        if "/K" in here:
            yield from tags(here["/K"])


def begins(reader: PdfReader) -> dict[str, int]:
    """Return the page on which each playbook page begins, by its bookmark."""
    found = {}

    def walk(entries: Any) -> None:
        for entry in entries:
            if isinstance(entry, list):
                walk(entry)
            elif match := re.match(r"(PB-\d\d) ", entry.title):
                found[match[1]] = reader.get_destination_page_number(entry) + 1

    walk(reader.outline)
    return found


def test_the_book_is_tagged_titled_and_says_its_language(book: Path):
    reader = PdfReader(book)
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert reader.metadata is not None
    assert reader.metadata.title == "Ruritania Help Line: Playbooks"
    headings = [int(tag[2:]) for tag in tags(root["/StructTreeRoot"]) if re.fullmatch(r"/H\d", tag)]
    assert headings[0] == 1
    assert {2, 3, 4} <= set(headings)
    assert all(b <= a + 1 for a, b in pairwise(headings)), "no level of heading is left out"
    assert b"pdfuaid" in root["/Metadata"].get_data()


def test_the_contents_name_the_page_on_which_each_playbook_really_begins(book: Path, pages: dict[str, Page]):
    reader, seen = PdfReader(book), pages_of(book)
    started = begins(reader)
    assert set(started) == set(IN_BOOK)
    contents = next(text for text in seen if "Contents" in text.splitlines()[:4])
    for ident, number in started.items():
        title = pages[ident].front.title
        listed = re.search(rf"{ident} {re.escape(title)}\s+(\d+)\n", contents)
        assert listed, ident
        assert int(listed[1]) == number
        assert f"{ident} {title}" in seen[number - 1]
        assert pages[ident].front.summary[:25] not in seen[number - 2], "it begins a new sheet"


def test_references_inside_the_book_name_the_page_where_the_other_text_begins(book: Path):
    started = begins(PdfReader(book))
    named = re.findall(r"(PB-\d\d),\s+page\s+(\d+)", " ".join(pages_of(book)))
    assert len(named) > 3
    assert {ident: started[ident] for ident, _ in named} == {ident: int(number) for ident, number in named}


def test_bookmarks_go_from_chapter_to_page_to_section(book: Path):
    outline: Any = PdfReader(book).outline
    titles = [entry.title for entry in outline if not isinstance(entry, list)]
    assert titles[0] == "Contents"
    assert "Responding to signals" in titles
    under = outline[[getattr(entry, "title", "") for entry in outline].index("Responding to signals") + 1]
    assert under[0].title.startswith("PB-01 ")
    assert "First 60 seconds" in [entry.title for entry in under[1]]


def test_every_sheet_of_a_draft_says_so_and_counts_itself(book: Path):
    seen = pages_of(book)
    for number, text in enumerate(seen, 1):
        assert DRAFT in text, number
        assert f"{number} / {len(seen)}" in text
        assert "Fictional illustration" in text
        assert "for the operator only" in text


def test_a_reviewed_page_loses_the_mark_and_an_edited_one_has_it_again(results: Results, pages: dict[str, Page]):
    page = pages["PB-01"]
    own = Signature(by="SA-1", on=date(2026, 1, 5), text=page.fingerprint)
    read = replace(page, front=page.front.model_copy(update={"reviewed_by_survivor": own, "approved_by_counsel": own}))
    assert not any("DRAFT" in text for text in pages_of(room_of(results, read).single(read)))
    edited = replace(read, body=read.body + "\nOne more line.\n")
    assert all(DRAFT in text for text in pages_of(room_of(results, edited).single(edited)))


def test_an_arabic_page_runs_from_the_right_under_its_own_draft_mark(
    results: Results, pages: dict[str, Page], tmp_path: Path
):
    text = (
        "## أول 60 ثانية\n\n1. اسأل أولا: هل أنت في أمان الآن؟\n\n| متى | ماذا |\n| --- | --- |\n| الآن | الاتصال |\n"
    )
    front = pages["PB-01"].front.model_copy(update={"title": "خطوات الاتصال", "summary": "ما تفعله."})
    page = replace(pages["PB-01"], front=front.model_copy(update={"trees": []}), body=text, language="ar")
    room = room_of(results, page, pages["PB-79"])
    pdf = tmp_path / "ar.pdf"
    pdf.write_bytes(room.single(page))
    assert all(word in print_parts.words("ar")["draft"] for word in ARABIC)
    assert all(word in text for text in pages_of(pdf) for word in ARABIC)
    assert PdfReader(pdf).trailer["/Root"]["/Lang"] == "ar"
    # Poppler's boxes: the first word of a line of Arabic stands right of the middle of the sheet.
    words = words_of(pdf)
    first = next(word for word in words if word[0] == "اسأل"[::-1])
    assert first[1] > 300
    pdf.write_bytes(room.book())
    seen = pages_of(pdf)
    begun = begins(PdfReader(pdf))
    assert ARABIC[0] in seen[begun["PB-01"] - 1]
    assert ARABIC[0] not in seen[begun["PB-79"] - 1]
    assert DRAFT in seen[begun["PB-79"] - 1]
    assert ARABIC[0] in pages_of(room.cards() or b"")[0]


def words_of(pdf: Path) -> list[tuple[str, float, float]]:
    """Return each word of a PDF with its left and right end in points."""
    done = subprocess.run(["pdftotext", "-bbox", pdf, "-"], capture_output=True, check=True, text=True)
    found = re.findall(r'<word xMin="([\d.]+)" yMin="[\d.]+" xMax="([\d.]+)"[^>]*>(.*?)</word>', done.stdout)
    return [(word, float(left), float(right)) for left, right, word in found]


def test_the_partners_prints_hold_no_page_of_the_operator(results: Results, pages: dict[str, Page]):
    room = PrintRoom(results, select(tuple(pages.values()), results, "partner"))
    cards = " ".join(card.html for card in cards_of(results, room.selection))
    html = squeezed(room.book_html() + cards)
    secret = [page for page in pages.values() if page.front.audience == "operator"]
    assert len(secret) >= 3
    for page in secret:
        assert f'id="{page.front.id}"' not in html
        lines = [squeezed(line) for line in page.body.splitlines() if re.fullmatch(r"[\w ,.']{50,}", line.strip())]
        assert not [line for line in lines if line in html], page.front.id
    with pytest.raises(CatalystError, match=r"PB-08 cannot be printed here: It is in the operator's edition only\."):
        write(results, Path("nowhere"), Order(editions=("partner",), pages=("PB-08",)))


def test_an_operators_page_says_so_on_every_sheet(results: Results, pages: dict[str, Page]):
    seen = pages_of(room_of(results, pages["PB-08"]).single(pages["PB-08"]))
    assert all("For the operator only" in text for text in seen)


def test_the_same_answers_give_the_same_bytes_in_another_process(
    engagement: Path, results: Results, pages: dict[str, Page]
):
    script = (
        "import sys; from pathlib import Path; from judged import judged\n"
        "from hotline_catalyst.deliverables.print_edition import Order, write\n"
        "write(judged(Path(sys.argv[1])), Path(sys.argv[2]), Order(('operator',), ('PB-02',)))"
    )
    out = engagement.parent / "again"
    subprocess.run([sys.executable, "-c", script, engagement, out], cwd=Path(__file__).parent, check=True)
    (made,) = (out / "operator" / "print").iterdir()
    every = PrintRoom(results, select(tuple(pages.values()), results, "operator"))
    assert made.read_bytes() == every.single(pages["PB-02"])
    assert "/Figure" in set(tags(PdfReader(made).trailer["/Root"]["/StructTreeRoot"])), "its tree is drawn"


def test_a_long_table_repeats_its_head_and_a_long_word_stays_on_the_sheet(
    results: Results, pages: dict[str, Page], tmp_path: Path
):
    rows = "\n".join(f"| row{n} | {'x' * 150} | a sentence of some words for line {n} |" for n in range(60))
    body = f"## Do this now\n\n{'w' * 400}\n\n| Number | Long | Text |\n| --- | --- | --- |\n{rows}\n"
    page = replace(pages["PB-79"], body=body)
    pdf = tmp_path / "long.pdf"
    pdf.write_bytes(room_of(results, page).single(page))
    seen = pages_of(pdf)
    assert len(seen) > 2
    for text in seen:
        assert "row" not in text or re.search(r"^Number Long Text", text, re.M)
    assert [int(n) for n in re.findall(r"\brow(\d+)", " ".join(seen))] == list(range(60))
    assert max(right for _, _, right in words_of(pdf)) < 595 - 18 / 25.4 * 72 + 2


def test_hostile_names_and_titles_are_printed_and_do_nothing(results: Results, pages: dict[str, Page], tmp_path: Path):
    facts = replace(results.facts, name=HOSTILE, notice=HOSTILE)
    front = pages["PB-03"].front.model_copy(update={"title": HOSTILE})
    page = replace(pages["PB-03"], front=front)
    room = PrintRoom(replace(results, facts=facts), Selection("partner", (page, pages["PB-79"]), ()))
    for content in (room.single(page), room.book(), room.cards() or b""):
        seen = [squeezed(text) for text in pages_of(content)]
        assert all(squeezed(HOSTILE) in text for text in seen)
        assert "49" not in seen[0]
    for html in (room.single_html(page), room.book_html()):
        assert "<script" not in html


def test_no_print_leads_out_of_itself(book: Path, results: Results, pages: dict[str, Page], tmp_path: Path):
    single = tmp_path / "one.pdf"
    single.write_bytes(room_of(results, pages["PB-79"], pages["PB-01"]).single(pages["PB-79"]))
    kinds = {}
    for path in (book, single):
        notes = [note.get_object() for page in PdfReader(path).pages for note in page.get("/Annots", [])]
        kinds[path.stem] = {str(note.get("/A", {}).get("/S", "inside")) for note in notes}
    assert kinds == {"playbooks": {"inside"}, "one": set()}
    assert "Pages named here: PB-01 Standard contact flow." in " ".join(pages_of(single)).replace("\n", " ")


def test_only_our_own_fonts_are_in_the_book(book: Path):
    fonts = {str(f.get_object()["/BaseFont"]) for p in PdfReader(book).pages for f in p["/Resources"]["/Font"].values()}
    assert fonts
    assert all("Catalyst-Sans" in font for font in fonts), fonts


def test_a_page_says_what_to_do_before_it_says_why_it_is_there(results: Results, pages: dict[str, Page]):
    html = room_of(results, pages["PB-03"]).single_html(pages["PB-03"])
    assert html.index("First 60 seconds") < html.index("After-care") < html.index("Why this page is here")


def test_each_contact_protocol_has_a_card_of_one_a5_sheet(results: Results, pages: dict[str, Page]):
    protocols = [p for p in pages.values() if "\n## First 60 seconds" in f"\n{p.body}"]
    chosen = protocols[:6]
    room = room_of(results, *chosen)
    cards = cards_of(results, room.selection)
    minutes = [card for card in cards if card.title]
    assert [card.title for card in minutes] == [p.front.title for p in chosen]
    pdf = PdfReader(path := _kept(room.cards()))
    assert {tuple(round(float(x) / 72 * 25.4) for x in page.mediabox[2:]) for page in pdf.pages} == {(148, 210)}
    seen = pages_of(path)
    for card in minutes:
        assert len([text for text in seen if f"{card.kicker}\n{card.title}" in text]) == 1
    assert all(DRAFT in text for text in seen)
    assert all("Legal basis" not in text for text in seen)


def _kept(content: bytes | None) -> Any:
    import tempfile

    assert content
    path = Path(tempfile.mkstemp(suffix=".pdf")[1])
    path.write_bytes(content)
    return path


def test_a_long_card_has_smaller_letters_and_loses_no_word(results: Results, pages: dict[str, Page]):
    def body(lines: int) -> str:
        return "## First 60 seconds\n\n" + "\n".join(f"1. Say sentence mark{n}." for n in range(lines)) + "\n"

    short, long, endless = (replace(pages[i], body=body(n)) for i, n in (("PB-01", 3), ("PB-02", 30), ("PB-03", 80)))
    seen = pages_of(room_of(results, short, long, endless).cards() or b"")
    of = {page.front.id: [text for text in seen if f"{page.front.id}: the first" in text] for page in (short, long)}
    assert {ident: len(texts) for ident, texts in of.items()} == {"PB-01": 1, "PB-02": 1}
    assert "mark29" in of["PB-02"][0]
    assert re.findall(r"mark(\d+)", " ".join(seen))[-80:] == [str(n) for n in range(80)]


def test_what_is_asked_for_is_printed_and_nothing_else(results: Results, tmp_path: Path):
    said: list[str] = []
    written = write(results, tmp_path, Order(pages=("PB-03",)), said.append)
    names = [path.relative_to(tmp_path).as_posix() for path in written]
    assert names == [f"{edition}/print/PB-03-safety-planning.pdf" for edition in ("partner", "operator")]
    assert said == ["partner: PB-03", "operator: PB-03"]
    assert not Order(cards=True).everything
    assert order_of(None, [], cards=False).everything


def test_an_edition_that_does_not_exist_is_refused():
    with pytest.raises(CatalystError, match="'operators' is not an edition; did you mean 'operator'"):
        order_of("operators", [], cards=False)


def test_a_page_that_does_not_exist_is_refused_with_a_proposal(results: Results, tmp_path: Path):
    with pytest.raises(CatalystError, match="'PB-2' is not a playbook page; did you mean 'PB-"):
        write(results, tmp_path, Order(pages=("PB-2",)))
    assert not list(tmp_path.iterdir())


def test_without_pango_the_missing_part_is_named(
    results: Results, pages: dict[str, Page], monkeypatch: pytest.MonkeyPatch
):
    without_pango(monkeypatch)
    with pytest.raises(MissingPartError, match="libpango") as error:
        room_of(results, pages["PB-79"]).book()
    assert "\n" not in str(error.value).strip()


def test_columns_share_the_width_by_what_stands_in_them():
    narrow, wide = shares([("Clock", "At once", "5 minutes"), ("What", "A sentence that is rather long. " * 4, "")])
    assert narrow + wide == pytest.approx(100, abs=0.2)
    assert narrow < 20
    empty, text = shares([("Fill in", "", ""), ("Who", "Supervisor", "Director")])
    assert empty > text, "room to write by hand"
    html = "<table>\n<thead>\n<tr>\n<th>A</th>\n<th>B</th>\n</tr>\n</thead>\n<tbody>\n</tbody>\n</table>"
    assert with_widths(html).count("<col ") == 2


def test_print_uses_the_extensions_of_the_site():
    names, _ = print_parts._extensions()
    assert {"admonition", "attr_list", "tables", "sane_lists", "pymdownx.details", "pymdownx.tasklist"} <= set(names)
    html = print_parts.html_of('!!! question "Decision needed: x"\n    Text.\n\n- [ ] Tick', "p-", deeper=0)
    assert 'class="admonition question"' in html
    assert "task-list-indicator" in html


def test_a_word_that_is_not_translated_is_printed_in_english():
    assert print_parts.words("fr")["contents"] == print_parts.words("en")["contents"]
    assert print_parts.words("fr")["draft"] != DRAFT
