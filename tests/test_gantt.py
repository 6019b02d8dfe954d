"""The roadmap's picture, measured by a browser: no text touches a text or a bar, on paper, phone, from the right."""

from __future__ import annotations

import base64
import inspect
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from xml.etree import ElementTree

import pytest
import roadmaps
from playwright.sync_api import Page, sync_playwright

from hotline_catalyst.assessment.findings import load_advice
from hotline_catalyst.assessment.instrument import load_instrument
from hotline_catalyst.deliverables import chart_money, charts, gantt, gantt_drawing, gantt_layout, look, report
from hotline_catalyst.deliverables.report_blocks import Block, words
from hotline_catalyst.engagement import EngagementFile
from hotline_catalyst.library import content_root
from hotline_catalyst.plan_file import PlanWishes
from hotline_catalyst.planning.problem import GOALS
from hotline_catalyst.planning.risk import simulate
from hotline_catalyst.planning.roadmap import Scheduled

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
SVG = "{http://www.w3.org/2000/svg}"
TITLES = (
    "Open the fund",
    "Decide model, mission, scope and governance, and seat the survivor board",
    "Complete access roles, sharing agreements, the breach plan and all vendor contracts, and test each of them twice",
    "Unterstützungsvereinbarungsgenehmigungsverfahrensbeschleunigung prüfen",
    "WWWWWWWW MMMMMMMM WWWWWWWW MMMMMMMM WWWWWWWW MMMMMMMM",
)
ARABIC = (
    "افتتاح صندوق الطوارئ",
    "تحديد النموذج والرسالة والنطاق والحوكمة، وتشكيل مجلس الناجين والناجيات بمشاركة كاملة من الشركاء المحليين",
    "توقيع اتفاق R06 مع خدمات الإحالة في كل منطقة.",
)
ARABIC_WORDS = {
    "continued": "{title} (تابع)",
    "planned": "مخطط",
    "holds": "تأخيره يؤخر الافتتاح في نصف الخطط المحاكاة على الأقل",
    "late": "بحلول ذلك اليوم تكون أربع من كل خمس خطط قد أنجزته",
    "done": "منجز",
    "running": "جارٍ، مملوء حتى اليوم",
    "review": "مراجعة البوابات",
    "opening": "الافتتاح أو خطوة منه",
    "launch": "{name}: خط، المخطط؛ شرطات، نصف الخطط؛ نقاط، أربع من خمس",
    "today": "اليوم، {day}",
    "window": "{title}، من {first} إلى {last}",
    "release": "وصول المال",
}


def many() -> list[Scheduled]:
    """Return 72 activities in three phases: long and short titles, done, running and planned, every tenth critical."""
    found = []
    for n in range(72):
        state = "done" if n < 6 else "running" if n < 10 else "planned"
        phase = ("prepare", "build", "launch")[n // 24]
        title, owner = f"{TITLES[n % len(TITLES)]} {n}", ("it", "operator")[n % 2]
        found.append(
            roadmaps.activity(
                f"A{n:02}", 3 * n, 3 + 7 * n % 40, phase=phase, title=title, state=state, owner=owner,
                critical=0.9 if n % 10 == 0 else 0.1, p80=roadmaps.DAYS[3 * n + 60 + n],
            )
        )  # fmt: skip
    return found


@pytest.fixture(scope="module")
def picture() -> gantt_layout.Picture:
    rich = roadmaps.rich()
    launch = roadmaps.activity("R25", 200, 20)
    plan = roadmaps.roadmap(launch, *many(), stages=rich.stages, purses=rich.purses, today=roadmaps.DAYS[25])
    closed = gantt_layout.Window(
        "Parliamentary election in all regions of the country", date(2027, 9, 6), date(2027, 10, 1)
    )
    return replace(gantt.picture_of(roadmaps.results_of_plan(plan)), windows=(closed,), notice="A notice.")


def arabic(picture: gantt_layout.Picture) -> gantt_layout.Picture:
    """Return the same plan with every word translated."""

    def row(row: gantt_layout.Row, n: int) -> gantt_layout.Row:
        return replace(row, title=ARABIC[n % len(ARABIC)])

    groups = [
        gantt_layout.Group("التحضير والتقييم", tuple(row(r, n) for n, r in enumerate(g.rows))) for g in picture.groups
    ]
    return replace(
        picture, groups=tuple(groups), question="ماذا يحدث ومتى، وماذا ينتظر الافتتاح؟", locale="ar",
        launch_name="الافتتاح",
        says="الافتتاح مخطط في 4 يناير 2027؛ أربع من كل خمس خطط تصل إليه لاحقًا.", words=ARABIC_WORDS, notice="تنبيه.",
        windows=tuple(replace(w, title="الانتخابات") for w in picture.windows),
    )  # fmt: skip


@dataclass(frozen=True)
class Box:
    """Something drawn: what it is and where the browser put it, in pixels."""

    kind: str
    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float

    def touches(self, other: Box, gap: float = 0.3) -> bool:
        """Return whether the two share more than a hair's breadth."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return across > gap and down > gap


MEASURE = """() => [...document.querySelectorAll('svg text, svg rect, svg polygon, svg polyline, svg line')].map(e => {
  const r = e.getBoundingClientRect(), scale = e.ownerSVGElement.getBoundingClientRect().width
    / e.ownerSVGElement.viewBox.baseVal.width;
  const size = parseFloat(e.getAttribute('font-size') || 0) * scale, pad = e.tagName == 'text' ? r.height * 0.16 : 0;
  return {kind: e.tagName, text: e.textContent, left: r.left, top: r.top + pad, right: r.right,
    bottom: r.bottom - pad, size, fill: e.getAttribute('fill')}})"""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield browser.new_page()
        browser.close()


def faces() -> str:
    """Return rules that load our own fonts, as the report's page does."""
    rules = []
    for file, weight in (("NotoSans-Regular", 400), ("NotoSans-Bold", 700), ("NotoSansArabic-Regular", 400)):
        data = base64.b64encode((look.fonts_folder() / f"{file}.woff2").read_bytes()).decode()
        family = "Noto Sans Arabic" if "Arabic" in file else "Noto Sans"
        rules.append(
            f"@font-face{{font-family:'{family}';font-weight:{weight};src:url(data:font/woff2;base64,{data})}}"
        )
    return "".join(rules) + "body{margin:0} svg{display:block;width:100%;font-family:'Noto Sans','Noto Sans Arabic'}"


def measured(page: Page, svg: str, width: int) -> list[Box]:
    """Let Chromium lay the drawing out, ``width`` pixels wide, and say where everything lies."""
    page.set_viewport_size({"width": width, "height": 800})
    page.set_content(f"<style>{faces()}</style>{svg}")
    page.evaluate("document.fonts.ready")
    found = page.evaluate(MEASURE)
    bands = {look.LEVELS[1], "#FFFFFF"}  # closed windows and the ground are meant to lie behind
    shapes = [f for f in found if not (f["kind"] == "rect" and f.pop("fill") in bands and f["bottom"] - f["top"] > 14)]
    return [Box(*(f[k] for k in ("kind", "text", "left", "top", "right", "bottom", "size"))) for f in shapes]


SHAPES = [
    pytest.param(gantt_layout.WIDE, False, 760, id="A4 wide"),
    pytest.param(gantt_layout.PHONE, False, 360, id="phone"),
    pytest.param(gantt_layout.WIDE, True, 760, id="A4 wide from the right"),
    pytest.param(gantt_layout.PHONE, True, 360, id="phone from the right"),
]


@pytest.mark.parametrize(("shape", "rtl", "width"), SHAPES)
def test_with_seventy_activities_no_text_touches_a_text_a_bar_or_a_line_and_all_lies_inside(
    page: Page, picture: gantt_layout.Picture, shape: gantt_layout.Shape, rtl: bool, width: int
) -> None:
    for part in [picture, *gantt_layout.pages(picture)]:
        boxes = measured(page, gantt_drawing.draw(arabic(part) if rtl else part, shape, "g", rtl), width)
        texts = [b for b in boxes if b.kind == "text"]
        others = [b for b in boxes if b.kind != "text"]
        assert [(a.text, b.text) for a, b in combinations(texts, 2) if a.touches(b)] == []
        solid = [replace(o, right=max(o.right, o.left + 1), bottom=max(o.bottom, o.top + 1)) for o in others]
        assert [(t.text, o) for t in texts for o in solid if t.touches(o)] == []
        assert [b for b in boxes if b.left < -0.5 or b.right > width + 0.5] == []
        assert min(t.size for t in texts) >= 11
        assert not any("…" in t.text for t in texts)


@pytest.mark.parametrize(("shape", "rtl", "width"), SHAPES)
def test_every_title_stands_there_in_full(
    picture: gantt_layout.Picture, shape: gantt_layout.Shape, rtl: bool, width: int
) -> None:
    drawn = arabic(picture) if rtl else picture
    tree = ElementTree.fromstring(gantt_drawing.draw(drawn, shape, "g", rtl))
    said = re.sub(r"[\s\u2067\u2069]", "", "".join(t.text or "" for t in tree.iter(f"{SVG}text")))
    for group in drawn.groups:
        for row in group.rows:
            assert re.sub(r"\s", "", row.title) in said
    assert tree.findtext(f"{SVG}title") == drawn.question
    assert tree.findtext(f"{SVG}desc")


def test_the_estimated_width_of_a_text_is_never_less_than_the_browsers(
    page: Page, picture: gantt_layout.Picture
) -> None:
    texts = [
        b
        for b in measured(page, gantt_drawing.draw(picture, gantt_layout.WIDE, "g"), 760)
        if b.kind == "text" and b.size < 12
    ]
    assert len(texts) > 100
    thin = [t.text for t in texts if charts.width_of(t.text, t.size) / gantt_layout.SLACK < t.right - t.left - 0.5]
    assert [t for t in thin if t not in picture.notice + picture.says] == []


def test_pages_hold_forty_rows_at_most_and_together_every_activity_once(picture: gantt_layout.Picture) -> None:
    parts = gantt_layout.pages(picture)
    assert len(parts) > 1
    rows = [[r for g in part.groups for r in g.rows] for part in parts]
    assert max(len(r) for r in rows) <= 40
    assert [r for page in rows for r in page] == [r for g in picture.groups for r in g.rows]
    assert {(p.first, p.last) for p in parts} == {(picture.first, picture.last)}
    assert next(g.title for g in gantt_layout.pages(picture, most_rows=15)[1].groups) == "Prepare (continued)"
    for part in parts:
        tall = ElementTree.fromstring(gantt_drawing.draw(part, gantt_layout.WIDE, "g")).get("viewBox")
        assert tall
        assert float(tall.split()[3]) <= 760 * 225 / 170, "no taller than A4 has room for"


def one(**changes: object) -> gantt_layout.Picture:
    """Return a picture of one activity in the year 2027."""
    row = gantt_layout.Row("A01", "Sign", date(2027, 3, 1), date(2027, 6, 1), date(2027, 9, 1))
    groups = (gantt_layout.Group("Build", (replace(row, **changes),)),)  # type: ignore[arg-type]
    return gantt_layout.Picture(groups, date(2027, 1, 1), date(2027, 12, 31), "When?", "", "One.", words()["gantt"])


def bars_of(svg: str) -> list[tuple[float, float, str]]:
    """Return where bars begin and end and their fills, samples of the legend left out."""
    rects = [r for r in ElementTree.fromstring(svg).iter(f"{SVG}rect") if r.get("height") == "9"]
    found = [(float(r.get("x") or 0), float(r.get("width") or 0), r.get("fill") or "") for r in rects]
    return [(x, x + wide, fill) for x, wide, fill in found if wide not in (22, 11, 10)]


def test_a_bar_reaches_from_start_to_end_and_its_whisker_to_the_day_of_four_in_five() -> None:
    svg, axis = (
        gantt_drawing.draw(one(), gantt_layout.WIDE, "g"),
        charts.Axis(date(2027, 1, 1), date(2027, 12, 31), 372, 752),
    )
    ((left, right, fill),) = bars_of(svg)
    assert (left, right) == pytest.approx((axis.x(date(2027, 3, 1)), axis.x(date(2027, 6, 1))), abs=0.1)
    assert fill == look.LEVELS[2]
    lines = [(float(e.get("x1") or 0), float(e.get("x2") or 0)) for e in ElementTree.fromstring(svg).iter(f"{SVG}line")]
    assert any(pair == pytest.approx((right, axis.x(date(2027, 9, 1))), abs=0.1) for pair in lines)


def test_critical_running_and_done_differ_by_more_than_their_colour() -> None:
    ((*_, dark),) = bars_of(gantt_drawing.draw(one(holds=True), gantt_layout.WIDE, "g"))
    assert grey(look.LEVELS[2]) - grey(dark) > 0.35, "still apart when printed in grey"
    today = replace(one(state="running"), today=date(2027, 4, 15))
    whole, so_far = bars_of(gantt_drawing.draw(today, gantt_layout.WIDE, "g"))
    axis = charts.Axis(today.first, today.last, 372, 752)
    assert whole[2] == "#FFFFFF"
    assert so_far[1] == pytest.approx(axis.x(date(2027, 4, 15)), abs=0.1)
    done = gantt_drawing.draw(one(state="done"), gantt_layout.WIDE, "g")
    assert done.count("<polyline") == 2, "a check mark beside the bar and one in the legend"
    assert "four in five" not in done.replace("(four in five", ""), "what is done has no later date"


def grey(colour: str) -> float:
    """Return how light a colour is in grey, 0 to 1."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


def test_from_the_right_time_runs_to_the_left_and_titles_begin_at_the_right_edge(page: Page) -> None:
    two = one()
    later = replace(two.groups[0].rows[0], id="A02", start=date(2027, 8, 1), end=date(2027, 10, 1))
    both = replace(two, groups=(replace(two.groups[0], rows=(*two.groups[0].rows, later)),))
    first, second = bars_of(gantt_drawing.draw(both, gantt_layout.WIDE, "g", rtl=True))
    assert second[1] < first[0], "the later bar lies to the left"
    boxes = measured(page, gantt_drawing.draw(arabic(both), gantt_layout.WIDE, "g", rtl=True), 760)
    heading = next(b for b in boxes if "التحضير" in b.text)
    assert heading.right == pytest.approx(760, abs=3)


def test_the_legend_names_what_is_drawn_and_nothing_else(picture: gantt_layout.Picture) -> None:
    tree = ElementTree.fromstring(gantt_drawing.draw(one(), gantt_layout.WIDE, "g"))
    texts = " ".join(t.text or "" for t in tree.iter(f"{SVG}text"))
    say = words()["gantt"]
    assert say["planned"] in texts
    assert [k for k in ("holds", "done", "running", "review", "release") if say[k] in texts] == []
    full = gantt_drawing.draw(picture, gantt_layout.WIDE, "g")
    assert "Parliamentary election in all regions of the country, 6 Sep 2027 to 1 Oct 2027" in full
    assert "today, " in full


def test_by_owner_every_activity_stands_under_who_owns_it() -> None:
    plan = roadmaps.roadmap(*many())
    groups = gantt.picture_of(roadmaps.results_of_plan(plan), by="owner").groups
    assert sum(len(g.rows) for g in groups) == 72 + 1, "and the launch above them"
    assert {g.title for g in groups[1:]} == {"IT and telephony", "Hotline operator"}


def test_on_a_phone_the_tall_drawing_is_shown_alone_and_on_a_desk_the_wide_one(page: Page) -> None:
    from jinja2 import Environment, FileSystemLoader

    templates = content_root() / "templates" / "documents"
    show = Environment(loader=FileSystemLoader(templates)).get_template("blocks.html.j2").module.show  # type: ignore[attr-defined]
    results = roadmaps.results_of_plan(roadmaps.roadmap(*many()))
    shown = ""
    for name, wide, phone in gantt.figures(results):
        for block in (Block("figure", svg=wide, id=name), Block("phone", svg=phone, id=f"{name}-phone")):
            shown += show(block, {name: wide}, report.WIDTHS)
    css = (templates / "report.css").read_text("utf-8")
    visible = {}
    for width in (360, 1000):
        page.set_viewport_size({"width": width, "height": 800})
        page.set_content(f"<style>{faces()}{css}</style><main>{shown}</main>")
        visible[width] = page.evaluate(
            "[...document.querySelectorAll('figure')].filter(f => f.offsetHeight).map(f => f.id)"
        )
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert visible[1000] == ["gantt-1", "gantt-2", "gantt-3"]
    assert visible[360] == [f"{name}-phone" for name in visible[1000]]
    ids = json.loads(page.evaluate("JSON.stringify([...document.querySelectorAll('[id]')].map(e => e.id))"))
    assert len(ids) == len(set(ids))


def test_the_money_curves_of_any_number_of_payers_overlap_nowhere(page: Page) -> None:
    rich = roadmaps.rich()
    points = tuple(replace(p, committed=p.committed * 1e6, released=p.released * 1e6) for p in rich.purses[0].curve)
    purses = tuple(replace(rich.purses[0], payer=f"payer_{'with_a_long_name_' * n}{n}", curve=points) for n in range(4))
    for count in (1, 3, 4):
        results = roadmaps.results_of_plan(replace(rich, purses=purses[:count]))
        for phone, width in ((False, 760), (True, 360)):
            boxes = measured(page, chart_money.budget_chart(results, phone=phone), width)
            texts = [b for b in boxes if b.kind == "text"]
            assert [(a.text, b.text) for a, b in combinations(texts, 2) if a.touches(b)] == []
            assert [b for b in boxes if b.right > width + 0.5 or b.left < -0.5] == []


def test_a_plan_without_a_launch_steps_or_money_is_drawn_too() -> None:
    plan = replace(roadmaps.roadmap(roadmaps.activity("R01", 0, 5)), launch=None)
    svg = gantt.whole(roadmaps.results_of_plan(plan))
    assert "Hold the gate review" in svg
    assert "This plan holds no launch." in svg
    assert "A notice." in svg


def test_the_handbooks_page_says_the_planners_own_numbers_and_goals() -> None:
    page = (content_root() / "site" / "pages" / "roadmap.md").read_text("utf-8")
    constants = load_advice(load_instrument()).roadmap.constants
    draws = inspect.signature(simulate).parameters["draws"].default
    assert f"carried out {draws:,} times".replace(",", " ") in page
    assert f"read {constants['inclusion_draws'].value:g} times" in page
    assert f"at least {constants['no_regret'].value:.0%} of the readings".replace("%", " %") in page
    assert f"fewer than {constants['verify_first'].value:.0%} ask".replace("%", " %") in page
    assert gantt.HOLDS == 0.5, "critical in at least half of the simulated plans"
    assert len(re.findall(r"^\d\. ", page, re.M)) == len(GOALS)
    wishes = set(re.findall(r"`([a-z_]+)`", page.split("## Changing it")[1].split("\n\n- ")[0]))
    known = {*PlanWishes.model_fields, *EngagementFile.model_fields}
    assert wishes - known == set()
    assert len(page.splitlines()) <= 120
