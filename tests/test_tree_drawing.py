"""Drawn decision trees, measured by a browser: nothing overlaps, nothing sticks out, and every way is shown once."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from itertools import combinations, pairwise
from xml.etree import ElementTree

import pytest
from playwright.sync_api import sync_playwright

from hotline_catalyst.deliverables import look
from hotline_catalyst.deliverables.decision_trees import drawing, load_trees, tree_block
from hotline_catalyst.deliverables.tree_boxes import shape_of
from hotline_catalyst.deliverables.tree_drawing import STYLE
from hotline_catalyst.deliverables.tree_layout import plan
from hotline_catalyst.deliverables.tree_model import Tree

SVG = "{http://www.w3.org/2000/svg}"
TREES = load_trees()
WIDTHS = (720, 340)
# Measured in the drawing's own units: the outline of each box, its texts, and the texts outside all boxes.
MEASURE = """svg => {
  const box = e => { const b = e.getBBox(); return [b.x, b.y, b.x + b.width, b.y + b.height]; };
  const steps = [...svg.querySelectorAll('g[data-step]')].map(g => ({
    step: g.dataset.step, outline: box(g.firstElementChild),
    texts: [...g.querySelectorAll('text')].map(t => [t.textContent, box(t)]) }));
  const loose = [...svg.querySelectorAll(':scope > text')].map(t => [t.textContent, box(t)]);
  return { steps, loose, size: svg.viewBox.baseVal.width, tall: svg.viewBox.baseVal.height };
}"""


def drawings() -> dict[str, str]:
    """Every tree in every width, the mirrored ones, and the translated ones."""
    found = {f"{i} {w}": drawing(t, width=w) for i, t in TREES.items() for w in WIDTHS}
    found |= {f"{i} {w} mirrored": drawing(t, width=w, rtl=True) for i, t in TREES.items() for w in (720, 340)}
    for language in ("ar", "es", "fr"):
        own = {i: t for i, t in load_trees(language=language).items() if t.language == language}
        found |= {f"{i} {w} {language}": drawing(t, width=w) for i, t in own.items() for w in (720, 340)}
    return found


@pytest.fixture(scope="module")
def measured() -> dict[str, dict]:
    """Every drawing as the browser lays it out, with our fonts, in a page read from the right and one from the left."""
    fonts = look.font_faces("Noto Sans", arabic=True)
    svgs = drawings()
    body = "".join(f'<div id="d{n}" style="width:720px">{svg}</div>' for n, svg in enumerate(svgs.values()))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page()
        page.set_content(f'<html dir="rtl"><meta charset="utf-8"><style>{fonts}</style>{body}</html>')
        page.evaluate("document.fonts.ready")
        found = {name: page.eval_on_selector(f"#d{n} svg", MEASURE) for n, name in enumerate(svgs)}
        browser.close()
    return found


def test_no_two_boxes_of_any_drawing_overlap(measured):
    for name, drawn in measured.items():
        for one, other in combinations(drawn["steps"], 2):
            (a, b, c, d), (e, f, g, h) = one["outline"], other["outline"]
            assert c <= e or g <= a or d <= f or h <= b, (name, one["step"], other["step"])


def test_every_text_lies_inside_its_box_and_no_two_texts_of_a_box_touch(measured):
    for name, drawn in measured.items():
        for step in drawn["steps"]:
            left, top, right, bottom = step["outline"]
            for text, (a, b, c, d) in step["texts"]:
                assert left + 4 <= a <= c <= right - 4, (name, step["step"], text)
                assert top - 2 <= b <= d <= bottom + 2, (name, step["step"], text)
            for (one, (a, b, c, d)), (other, (e, f, g, h)) in combinations(step["texts"], 2):
                # Lines of 16.5 pixels hold letters with room above and below them: up to 4 pixels of air may meet.
                assert c <= e or g <= a or d - 4 <= f or h - 4 <= b, (name, step["step"], one, other)


def test_title_and_notes_stand_above_all_boxes_and_inside_the_drawing(measured):
    for name, drawn in measured.items():
        first = min(step["outline"][1] for step in drawn["steps"])
        assert drawn["loose"], name
        for text, (a, _, c, d) in drawn["loose"]:
            assert -1 <= a < c <= drawn["size"] + 1, (name, text)
            assert d <= first + 2, (name, text)
        assert max(step["outline"][3] for step in drawn["steps"]) <= drawn["tall"]


@pytest.mark.parametrize("ident", TREES)
def test_each_step_is_drawn_once_and_each_way_is_a_line_or_a_number(ident: str):
    tree = TREES[ident]
    ways = Counter((i, way.then) for i, step in tree.steps.items() for way in step.ways)
    for width in (*WIDTHS, 560) if ident == "tip" else WIDTHS:
        laid = plan(tree, shape_of(width))
        assert set(laid.boxes) == set(tree.steps)
        lines = Counter((line.start, line.end) for line in laid.lines)
        named = Counter((i, row.way.then) for i, b in laid.boxes.items() for row in b.rows if row.leaves == "jump")
        assert lines + named == ways, width
        for box in laid.boxes.values():
            for row in box.rows:
                assert bool(row.tail) == (row.leaves == "jump")
                assert not row.tail or row.tail.endswith(f" {tree.number(row.way.then)}")
            came = {i for i, target in laid.jumps if target == box.ident}
            assert {int(n) for n in re.findall(r"\d+", " ".join(box.came))} == {tree.number(i) for i in came}


@pytest.mark.parametrize("ident", TREES)
def test_lines_cross_no_box_and_no_other_line(ident: str):
    for width in (*WIDTHS, 560) if ident == "tip" else WIDTHS:
        laid = plan(TREES[ident], shape_of(width))
        pieces = [(line, a, b) for line in laid.lines for a, b in pairwise(line.points)]
        for line, (x1, y1), (x2, y2) in pieces:
            for box in laid.boxes.values():
                inside_x = min(x1, x2) < box.x + box.width - 0.1 and max(x1, x2) > box.x + 0.1
                inside_y = min(y1, y2) < box.y + box.height - 0.1 and max(y1, y2) > box.y + 0.1
                assert not (inside_x and inside_y), (width, line.start, line.end, box.ident)
        for (one, a, b), (other, c, d) in combinations(pieces, 2):
            if one is not other:
                assert not _meet(a, b, c, d), (width, one, other)


def _meet(a, b, c, d) -> bool:
    """Whether two upright or level pieces touch."""
    return all(min(a[k], b[k]) <= max(c[k], d[k]) + 0.5 and min(c[k], d[k]) <= max(a[k], b[k]) + 0.5 for k in (0, 1))


def test_on_a_phone_the_steps_follow_each_other_in_the_order_of_their_numbers():
    for tree in TREES.values():
        laid = plan(tree, shape_of(340))
        by_height = sorted(laid.boxes.values(), key=lambda box: box.y)
        assert [box.number for box in by_height] == list(range(1, len(tree.steps) + 1))
        assert {box.x for box in by_height} == {1}


def test_letters_are_large_enough_on_a_phone_and_on_a_sheet_of_a4():
    for ident, tree in TREES.items():
        narrow, wide = (ElementTree.fromstring(drawing(tree, width=w)) for w in (340, 720))
        assert min(float(t.get("font-size")) for t in narrow.iter(f"{SVG}text")) >= 11
        height = float(wide.get("viewBox").split()[3])
        # 190 mm by 250 mm of a sheet hold it; its letters of 12.5 pixels are then this many points high.
        points = 12.5 * min(190 / 720, 250 / height) / 25.4 * 72
        assert points >= 7.5, (ident, points)


def outlines(kind: str) -> tuple[str, ...]:
    """Return the shape of a kind's first box, without its colours and measures."""
    for tree in TREES.values():
        for step in tree.steps.values():
            if (step.type or step.kind) == kind:
                ident = next(i for i, s in tree.steps.items() if s is step)
                group = ElementTree.fromstring(drawing(tree)).find(f'.//{SVG}g[@data-step="{ident}"]')
                shapes = [e for e in group if e.tag in (f"{SVG}rect", f"{SVG}polygon")][:2]
                keys = ("rx", "stroke-width", "stroke-dasharray")
                return tuple(str((e.tag[len(SVG) :], *(e.get(k) for k in keys))) for e in shapes)
    raise AssertionError(kind)


def test_each_kind_of_step_has_its_own_outline_and_word_so_that_no_colour_is_needed():
    assert len({outlines(kind) for kind in STYLE}) == len(STYLE)
    heads = {}
    for tree in TREES.values():
        for box in plan(tree, shape_of(340)).boxes.values():
            heads.setdefault(box.step.type or box.step.kind, set()).add(box.head)
    assert set(heads) == set(STYLE)
    assert len({next(iter(words)) for words in heads.values()}) == len(STYLE)
    assert all(len(words) == 1 for words in heads.values())


def places(svg: str) -> tuple[float, list[tuple[float, float, float]], list[str]]:
    """Return a drawing's width, its rectangles and its words."""
    root = ElementTree.fromstring(svg)
    rects = [tuple(float(r.get(k)) for k in ("x", "y", "width")) for r in root.iter(f"{SVG}rect") if r.get("x")]
    return (
        float(root.get("viewBox").split()[2]),
        rects,
        [t.text.strip("\u2067\u2068\u2069") for t in root.iter(f"{SVG}text")],
    )


@pytest.mark.parametrize("ident", ["crisis", "silent"])
def test_read_from_the_right_the_places_mirror_and_the_words_do_not(ident: str):
    width, rects, words = places(drawing(TREES[ident]))
    _, mirrored, same = places(drawing(TREES[ident], rtl=True))
    assert same == words
    assert [(round(width - x - w, 1), y, w) for x, y, w in rects] == [(round(x, 1), y, w) for x, y, w in mirrored]


def test_an_arabic_tree_is_mirrored_without_being_told():
    tree = load_trees(language="ar")["first-minute"]
    assert drawing(tree) == drawing(tree, rtl=True) != drawing(tree, rtl=False)


def test_a_drawing_is_an_image_with_a_name_and_a_description_and_real_text():
    for tree in TREES.values():
        root = ElementTree.fromstring(drawing(tree))
        named = [root.find(f'.//*[@id="{ident}"]').text for ident in root.get("aria-labelledby").split()]
        assert root.get("role") == "img"
        assert named[0] == tree.title
        assert f"{len(tree.steps)} steps" in named[1]
        assert not [e.tag for e in root.iter() if e.tag in (f"{SVG}foreignObject", f"{SVG}image")]
        words = " ".join(t.text for t in root.iter(f"{SVG}text"))
        for step in tree.steps.values():
            assert step.text.split()[0] in words


def test_the_same_tree_gives_the_same_bytes_whatever_was_drawn_before():
    from hotline_catalyst.deliverables import tree_layout

    before = {i: drawing(t) for i, t in TREES.items()}
    tree_layout._planned.cache_clear()
    again = {i: drawing(TREES[i]) for i in ("outage", "crisis")}
    assert again == {i: before[i] for i in again}


def test_what_an_author_writes_is_shown_and_never_obeyed():
    nasty = '<script>alert(1)</script> & "quotes" [link](javascript:x) **bold** {{ 7 }}'
    data = TREES["silent"].model_dump()
    data["title"] = data["steps"]["open"]["text"] = data["steps"]["open"]["say"] = nasty
    data["notes"] = [nasty]
    block = tree_block(Tree.model_validate(data))
    assert "<script" not in block
    from markdown import markdown

    html = markdown(block, extensions=["attr_list", "sane_lists", "pymdownx.details"])
    assert not re.findall(r"<script|<strong>bold|<a ", html)
    assert html.count("<svg") == html.count("</svg>") == 2


def test_a_page_shows_one_drawing_on_a_phone_and_another_on_a_desk_and_the_list_beside_both():
    from markdown import markdown

    html = markdown(tree_block(TREES["crisis"]), extensions=["attr_list", "sane_lists", "pymdownx.details"])
    assert re.findall(r'<figure class="tree (\w+)" data-search-exclude', html) == ["wide", "phone"]
    assert html.index("<details") > html.rindex("</figure>")
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids)) == 4


@pytest.mark.parametrize("word", ["Donaudampfschifffahrtsgesellschaftskapitänsmütze", "x" * 105])
def test_a_word_longer_than_a_box_is_broken_and_stays_inside(word: str):
    data = TREES["silent"].model_dump()
    data["steps"]["open"]["text"] = word
    data["steps"]["taps"]["answers"][0]["when"] = word[:44]
    tree = Tree.model_validate(data)
    for width in WIDTHS:
        shape = shape_of(width)
        box = plan(tree, shape).boxes["open"]
        assert "".join(line for kind, line in box.lines if kind == "text") == word
