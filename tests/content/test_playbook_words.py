"""How the playbooks read: complete, a first screen that says what to do, plain words, nothing said twice.

The lists stand in wording.yaml. The reading grade is textstat's; the ids and the offerings are those of the research.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter, defaultdict
from pathlib import Path

import pytest
from judged import gathered, judged

from hotline_catalyst.assessment.findings import load_advice
from hotline_catalyst.assessment.instrument import load_instrument
from hotline_catalyst.deliverables.playbook_pages import fill
from hotline_catalyst.deliverables.playbooks import Page, Selection, load_pages
from hotline_catalyst.library import load_sources, read_yaml

INSTRUMENT = load_instrument()
PAGES = load_pages(INSTRUMENT)
WORDING = read_yaml(Path(__file__).with_name("wording.yaml"))
# The protocols, procedures and tools that the research numbers.
NUMBERED = [*range(1, 28), *range(30, 47), *range(50, 61), *range(70, 79)]
# Pages that hold what would help a trafficker, named by the issue: PB-08, 17, 21, 26, 30-36, 41.
OPERATORS = {f"PB-{n:02d}" for n in (8, 17, 21, 26, *range(30, 37), 41)}
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda p: p.front.id)


@pytest.fixture(scope="module")
def texts(tmp_path_factory) -> dict[str, str]:
    """Every page as an advocate of the new hotline reads it, without the signs of Markdown."""
    results = judged(gathered("ruritania", tmp_path_factory.mktemp("answers") / "ruritania"))
    found = {}
    for page in PAGES:
        edition = "consultant" if page.front.audience == "consultant" else "operator"
        found[page.front.id] = read(fill(page, results, Selection(edition, PAGES, ())))
    return found


def read(markdown: str) -> str:
    """Return Markdown as running text: cells and list entries are sentences."""
    lines = []
    for line in re.sub(r"<figure.*?</figure>|<[^>]+>", "", markdown, flags=re.DOTALL).splitlines():
        line = re.sub(r"^\s*(#+|[-*]( \[.\])?|\d+\.|!!! \w+|\?\?\?\+? \w+)\s+", "", line)
        if re.match(r"^\s*\|?[\s:|-]+\|?\s*$", line):
            line = ""
        line = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", line)
        line = re.sub(r"&#(\d+);", lambda m: chr(int(m[1])), line.replace("**", "").replace("`", ""))
        cells = [c.strip() for c in line.split("|") if c.strip()]
        lines.extend(cell if re.search(r"[.?!:]\W*$", cell) else f"{cell}." for cell in cells)
    return "\n".join(lines)


def first_screen(page: Page) -> str:
    """Return the first section up to the next heading, box or condition."""
    body = page.body.strip().split("\n", 1)[1]
    return re.split(r"^(?:## |### |!!! |\?\?\? |\{%)", body, maxsplit=1, flags=re.M)[0]


def test_all_64_numbered_playbooks_are_there():
    have = {p.front.id for p in PAGES}
    assert len(NUMBERED) == 64
    assert [f"PB-{n:02d}" for n in NUMBERED if f"PB-{n:02d}" not in have] == []


def test_every_offering_has_four_pages_and_every_recommended_page_is_written():
    count = Counter(p.front.offering for p in PAGES)
    assert {d.id: count[d.id] for d in INSTRUMENT.domains if d.kind == "offering" and count[d.id] < 4} == {}
    asked = {i for r in load_advice(INSTRUMENT).recommendations.values() for i in r.playbooks}
    assert asked <= {p.front.id for p in PAGES}


def test_every_item_that_can_be_a_finding_has_a_page():
    answered = {item for p in PAGES for item in p.front.answers}
    assert [item for item in INSTRUMENT.items if item not in answered] == []


def test_what_would_help_a_trafficker_is_for_the_operator_alone():
    assert {p.front.id for p in PAGES if p.front.audience == "operator"} >= OPERATORS


def test_every_source_named_is_known_and_every_due_date_asks_for_an_activity_of_the_roadmap():
    known, activities = load_sources(), load_advice(INSTRUMENT).activities
    for page in PAGES:
        keys = re.findall(r"\[([A-Z][A-Z0-9-]{1,9})\]", page.front.source + page.body)
        assert [k for k in keys if k not in known] == [], page.front.id
        asked = re.findall(r"due\(['\"](\w+)['\"]\)", page.body)
        assert [a for a in asked if a not in activities] == [], page.front.id


@each_page
def test_the_first_screen_says_what_to_do_in_a_few_words(page: Page):
    words = re.findall(r"[\w’'-]+", re.sub(r"\{[{%].*?[%}]\}", "", first_screen(page)))
    assert 15 <= len(words) <= WORDING["first_screen_words"], len(words)
    assert re.search(r"^(\d+\.|- )", first_screen(page).strip(), re.M) or page.body.lstrip().startswith("## Purpose")


@each_page
@pytest.mark.parametrize("kind", ["filler", "rescue", "us_only"])
def test_no_word_of_the_lists_is_used(texts, page: Page, kind: str):
    # What a page tells people not to say stands in its list of words to avoid.
    body = re.sub(r"^Words to avoid\.$.*?(?=^Who to alert|\Z)", "", texts[page.front.id], flags=re.M | re.S)
    text = f"{page.front.title}. {page.front.summary}\n{body}"
    found = [m[0] for w in WORDING[kind] for m in re.finditer(rf"(?<!\w)(?:{w})(?!\w)", text, re.I)]
    assert found == []
    assert "!" not in re.sub(r"!!!", "", text)


@each_page
def test_an_advocate_can_read_the_page_at_night(texts, page: Page):
    if "advocate" not in page.front.readers:
        pytest.skip("not read during a signal")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import textstat
    grade = textstat.flesch_kincaid_grade(texts[page.front.id])
    assert grade <= WORDING["grade"]["advocate"]


def test_no_sentence_is_padding_that_stands_in_many_pages(texts):
    where = defaultdict(set)
    for ident, text in texts.items():
        for sentence in re.split(r"(?<=[.?!:])\s+", text):
            if len(sentence.split()) >= 8 and not re.search(WORDING["same_on_purpose"], sentence):
                where[sentence.strip()].add(ident)
    most = WORDING["same_sentence_pages"]
    assert {s: sorted(ids) for s, ids in where.items() if len(ids) >= most} == {}
