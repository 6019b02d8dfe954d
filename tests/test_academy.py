"""The academy: its content fits together, its pages fit the line, and judges of others accept its files."""

from __future__ import annotations

import json
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import libreoffice
import pytest
import textstat
import yaml
from axe_playwright_python.sync_playwright import Axe
from judged import gathered, judged
from lxml import etree
from openpyxl import load_workbook
from playwright.sync_api import Browser

from hotline_catalyst.assessment.instrument import load_instrument
from hotline_catalyst.deliverables import academy_files, academy_workbook
from hotline_catalyst.deliverables.academy import Academy, load_academy, questions, session
from hotline_catalyst.deliverables.academy_pages import academy_pages, mocks
from hotline_catalyst.deliverables.gift import gift
from hotline_catalyst.deliverables.playbooks import load_pages
from hotline_catalyst.deliverables.scorm import files, package
from hotline_catalyst.errors import ContentError
from hotline_catalyst.library import content_root, read_yaml
from hotline_catalyst.results import Results

VENDOR = Path(__file__).parent / "vendor"
INSTRUMENT = load_instrument()
PLANNED = read_yaml(content_root() / "assessment" / "lint.yaml").get("planned_playbooks", {})
PAGES = {p.front.id for p in load_pages(INSTRUMENT)} | set(PLANNED)
GATES = [g.id for g in INSTRUMENT.gates]


@pytest.fixture(scope="module")
def academy() -> Academy:
    return load_academy(pages=PAGES, gates=GATES)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Results:
    return judged(gathered("ruritania", tmp_path_factory.mktemp("academy") / "engagement"))


def line(results: Results, *channels: str, stage: str = "new") -> Results:
    """Return the same line with other channels, at another stage."""
    return replace(results, facts=replace(results.facts, channels=channels, stage=stage))


# The content.


def test_ten_days_of_five_blocks_come_to_80_hours_without_the_breaks(academy: Academy):
    clock, days = academy.curriculum.clock, academy.curriculum.days
    assert (len(days), {len(d.blocks) for d in days}) == (10, {5})
    assert [s.minutes for s in clock if s.kind == "block"] == [90] * 5
    away = sum(s.minutes for s in clock if s.kind in ("break", "lunch"))
    assert away == 60 + 2 * 15
    present = int(clock[-1].ends[:2]) * 60 + int(clock[-1].ends[3:]) - (int(clock[0].starts[:2]) * 60 + 30)
    assert 10 * (present - away) / 60 == 80 == academy.hours


def test_each_topic_that_a_national_line_teaches_has_blocks_and_a_third_is_practice(academy: Academy):
    source = {"force_fraud_coercion", "survivor_centred", "safety_planning", "reporting", "referrals"}
    taught = [topic for day in academy.curriculum.days for block in day.blocks for topic in block.covers]
    assert set(taught) == source == set(academy.curriculum.topics)
    assert all(taught.count(topic) >= 3 for topic in source)
    assert academy.practice_share >= 0.3


def test_there_are_enough_role_plays_and_questions_and_every_safety_item_is_shown_in_a_mock(academy: Academy):
    assert len(academy.role_plays) >= 12
    assert len(mocks(academy)) >= academy.sign_off.mocks == 4
    assert academy.sign_off.safety_items == [1, 2, 7, 8, 9, 10, 13]
    for item in academy.sign_off.safety_items:
        assert sum(item in play.score for play in mocks(academy)) >= 2, item
    marked = [quiz for quiz in academy.quizzes if quiz.marked]
    assert [len(questions(quiz, ["phone"])) >= 20 for quiz in marked] == [True, True]
    assert {quiz.id for quiz in academy.quizzes if not quiz.marked} == {f"day-{n:02}" for n in range(1, 10)}


def test_a_right_answer_is_not_given_away_by_its_place_or_its_length(academy: Academy):
    asked = [q for quiz in academy.quizzes if quiz.marked for q in quiz.questions]
    places = [q.right for q in asked]
    assert all(places.count(n) <= 0.4 * len(asked) for n in range(4))
    longest = [q for q in asked if len(q.choices[q.right].text) == max(len(c.text) for c in q.choices)]
    assert len(longest) <= 0.3 * len(asked)


def texts(value: object) -> Iterator[str]:
    """Yield every text that a person reads, of any content."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for child in value.values():
            yield from texts(child)
    elif isinstance(value, list):
        for child in value:
            yield from texts(child)


def every_file() -> list[Path]:
    folder = content_root() / "playbooks" / "academy"
    return sorted([*folder.glob("*.yaml"), *folder.glob("role_plays/*.yaml")])


def test_the_academy_uses_none_of_the_words_on_the_lists():
    lists = yaml.safe_load((Path(__file__).parent / "content" / "wording.yaml").read_text("utf-8"))
    banned = re.compile("|".join(f"(?:{w})" for kind in ("filler", "rescue", "us_only") for w in lists[kind]), re.I)
    for path in every_file():
        for text in texts(read_yaml(path)):
            assert not banned.search(text), (path.name, text)
            assert "!" not in text, (path.name, text)
            assert not re.search(r"\d{3}[ -]?\d{3,}", text), (path.name, text)


def test_what_trainees_and_actors_read_is_plain(academy: Academy):
    asked = [" ".join((q.ask, *(c.text for c in q.choices), q.reason)) for z in academy.quizzes for q in z.questions]
    plays = [" ".join((p.advocate, p.actor, *p.safety, *p.debrief)) for p in academy.role_plays.values()]
    notes = [" ".join(b.notes) for d in academy.curriculum.days for b in d.blocks]
    for read in (asked, plays, notes):
        assert textstat.flesch_kincaid_grade(" ".join(read)) <= 8


# Slips of an author.


def slip(folder: Path, name: str, old: str, new: str) -> Path:
    """Copy the academy with one text replaced in one file; return the root to load it from."""
    shutil.copytree(content_root() / "playbooks" / "academy", folder / "playbooks" / "academy")
    path = folder / "playbooks" / "academy" / name
    text = path.read_text("utf-8")
    assert old in text, f"{old!r} is not in {name}"
    path.write_text(text.replace(old, new, 1), "utf-8")
    return folder


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("curriculum.yaml", '{starts: "17:30", ends: "18:00"', '{starts: "17:30", ends: "17:45"', "come to 77.5 hours"),
        ("curriculum.yaml", '"11:45", ends: "12:45"', '"12:00", ends: "12:45"', "11:45 is not followed"),
        ("curriculum.yaml", "- day: 3", "- day: 4", "numbered 1 to 10"),
        ("curriculum.yaml", "  referrals: {title", "  referral: {title", "did you mean 'referral'"),
        ("curriculum.yaml", "role_plays: [RP-05]", "role_plays: [RP-55]", "'RP-55' is not a role-play"),
        ("curriculum.yaml", "pages: [PB-79, PB-60]", "pages: [PB-99, PB-60]", "block 1: page 'PB-99' does not exist"),
        ("curriculum.yaml", "gate: GL-02", "gate: GL-92", "'GL-92' is not a gate"),
        ("curriculum.yaml", "practice_share: 0.3", "practice_share: 0.6", "practice is 51% of the hours"),
        ("curriculum.yaml", "theme: Referral", "theem: Referral", "theem: this key is not known here"),
        ("quizzes.yaml", "right: true}", "right: false}", "D1-1 has 0 right answers"),
        ("quizzes.yaml", "id: T1-02", "id: T1-01", "T1-01 is used twice"),
        ("quizzes.yaml", "page: PB-79", "page: PB-98", "page 'PB-98' does not exist"),
        ("quizzes.yaml", "        page: PB-42", "        page: PB-42\n        channels: [text]", ""),
        ("calendar.yaml", "{month: 2,", "{month: 3,", "numbered 1 to 12"),
        ("calendar.yaml", "hours_a_year: 12", "hours_a_year: 20", "18 hours, less than the 20"),
        ("sign_off.yaml", "mocks: 4 ", "mocks: 6 ", "5 are kept for mocks"),
        ("sign_off.yaml", "6: {title: \"No leading questions, no blame\"}", "6: {title: No blame, safety: true}", ""),
        ("role_plays/RP-14-he-is-back.yaml", "  16: ", "  26: ", "RP-14 scores item 26"),
        ("role_plays/RP-02-is-this-the-right-line.yaml", "id: RP-02", "id: RP-03", "RP-03 is in two files"),
    ],
)  # fmt: skip
def test_a_slip_is_named_with_its_file(tmp_path: Path, name: str, old: str, new: str, said: str):
    root = slip(tmp_path, name, old, new)
    if not said:  # a change that an author may make
        load_academy(root, PAGES, GATES)
        return
    with pytest.raises(ContentError) as error:
        load_academy(root, PAGES, GATES)
    assert said in str(error.value)
    assert "playbooks/academy" in str(error.value)


# The pages.


def test_the_partners_pages_hold_no_role_play_no_hidden_fact_and_no_question_on_an_operators_page(
    academy: Academy, results: Results
):
    pages = academy_pages(academy, results, "partner")
    text = "\n".join(pages.values())
    assert not [name for name in pages if "rp-" in name or "role-plays" in name]
    for play in academy.role_plays.values():
        assert play.actor[:60] not in text
        assert not [h.fact for h in play.hidden if h.fact in text]
    operators = {p.front.id for p in load_pages(INSTRUMENT) if p.front.audience == "operator"}
    for quiz in academy.quizzes:
        for question in quiz.questions:
            assert (question.ask in text) == (question.page not in operators), question.id


def test_trainees_who_read_the_operators_site_find_neither_mocks_nor_answers_to_the_tests(
    academy: Academy, results: Results
):
    text = "\n".join(academy_pages(academy, results, "operator").values())
    for play in mocks(academy):
        assert not [h.fact for h in play.hidden if h.fact in text], play.id
    for quiz in academy.quizzes:
        for question in questions(quiz, results.facts.channels):
            assert (question.reason in text) != quiz.marked, question.id
    sheet = academy_files.assessors(academy, results)
    assert all(h.fact.replace('"', "&#34;").replace("'", "&#39;") in sheet for p in mocks(academy) for h in p.hidden)
    assert sheet.count("<tr><td>") >= 40 + 2 * len(mocks(academy))


def test_a_line_without_text_and_chat_learns_another_thing_and_is_asked_nothing_about_them(
    academy: Academy, results: Results
):
    written = academy_pages(academy, line(results, "phone", "text"), "operator")
    spoken = academy_pages(academy, line(results, "phone"), "operator")
    assert "## 14:30–16:00 Text and chat" in written["academy/day-08.md"]
    assert "## 14:30–16:00 Written requests and the step to a call" in spoken["academy/day-08.md"]
    assert "academy/rp-13.md" in written
    assert "academy/rp-13.md" not in spoken
    assert "How many written sessions" in written["academy/questions.md"]
    assert "How many written sessions" not in spoken["academy/questions.md"]


def test_a_running_line_listens_to_live_signals_and_a_new_one_to_practice(academy: Academy, results: Results):
    running = academy_pages(academy, line(results, "phone", stage="existing"), "partner")
    new = academy_pages(academy, line(results, "phone"), "partner")
    assert "Listening in on live signals" in running["academy/day-09.md"]
    assert "Listening in on practice signals" in new["academy/day-09.md"]
    assert "public launch is planned around 19 Jun 2028" in new["academy/year.md"]
    assert "public launch" not in running["academy/year.md"]


@pytest.mark.parametrize("verdict", ["met", "not met", "not shown"])
def test_a_rule_whose_gate_is_open_is_taught_as_open(academy: Academy, results: Results, verdict: str):
    judged_so = replace(results, gates=tuple(replace(g, verdict=verdict) for g in results.gates))
    pages = academy_pages(academy, judged_so, "partner")
    told = f'!!! warning "GL-02 is {verdict}"' in pages["academy/day-03.md"]
    assert told == (verdict != "met")
    assert ("Some rules are not settled yet" in pages["academy/index.md"]) == (verdict != "met")


@pytest.mark.parametrize("edition", ["partner", "operator"])
def test_every_page_is_plain_markdown_with_one_title_a_draft_mark_and_links_that_lead_somewhere(
    academy: Academy, results: Results, edition: Any
):
    known = {p.name for p in load_pages(INSTRUMENT)}
    pages = academy_pages(academy, results, edition)
    assert len(pages) == 14 + (14 if edition == "operator" else 0)
    for name, text in pages.items():
        assert text.startswith("# ")
        assert len(re.findall(r"^# ", text, re.M)) == 1
        assert '!!! draft "DRAFT: not for live contacts"' in text
        assert not re.search(r"<[a-z/]|\{[{%]|[}%]\}", text), name
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
            if target.startswith("../"):
                assert target.removeprefix("../").removesuffix(".md") in known, (name, target)
            else:
                assert f"academy/{target}" in pages, (name, target)


def test_the_first_screen_of_a_page_to_act_on_is_short(academy: Academy, results: Results):
    pages = academy_pages(academy, results, "operator")
    for name in ("index", "questions", "sign-off", "year", "role-plays"):
        first = re.search(r"^## Do this now\n(.*?)(?=^##|^!!!)", pages[f"academy/{name}.md"], re.M | re.S)
        assert first, name
        assert len(re.sub(r"\]\([^)]*\)", "", first[1]).split()) <= 110, name


# The workbook.


@pytest.fixture(scope="module")
def books(academy: Academy, results: Results, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The empty workbook, and one that a trainer filled in; both as written and as LibreOffice works them out."""
    folder = tmp_path_factory.mktemp("book")
    empty = academy_workbook.write(academy, results, folder / "academy.xlsx")
    filled = filled_in(empty, folder / "filled.xlsx", academy, results)
    found = libreoffice.recalculated_together({"empty": empty, "filled": filled}, folder / "office")
    return {"path": empty, "stored": libreoffice.values(empty), **found}


SAFE = (1, 2, 7, 8, 9, 10, 13)


def filled_in(empty: Path, target: Path, academy: Academy, results: Results) -> Path:
    """T01 does everything. Each of the next fails one thing: T02 a block, T03 homework, T04 a test,
    T05 an item in two mocks of four, T06 only the last mock, T07 an item no mock showed, T08 one signature twice."""
    book = load_workbook(empty)
    days = len(academy.curriculum.days)
    counts = [len(questions(q, results.facts.channels)) for q in academy.quizzes if q.marked]
    for place in range(8):
        row, trainee = 6 + place, place + 1
        for column in range(4, 4 + 6 * days):
            book["Attendance"].cell(row, column).value = "m" if column == 9 else "p"
        for column in range(3, 3 + days):
            book["Homework"].cell(row, column).value = "l" if column == 4 else "h"
        for number, count in enumerate(counts):
            book["Tests"].cell(row, 2 + 4 * number).value = count - 9
            book["Tests"].cell(row, 3 + 4 * number).value = count - 4  # 16 of 20 is 80 %
        for mock in range(4):
            for item in range(1, 19):
                book["Mocks"].cell(6 + place * 5 + mock, 7 + item).value = 2
            if trainee == 7:
                book["Mocks"].cell(6 + place * 5 + mock, 7 + 10).value = None
        after = ("", 2, 10, 0, 4, date(2028, 9, 1), "SUP1", "TRN1")
        for column, value in enumerate(after[1:], 2):
            book["After"].cell(row, column).value = value
    book["Attendance"]["D7"].value = "a"
    for column in (3, 4, 5):
        book["Homework"].cell(8, column).value = None
    book["Tests"]["C9"].value = counts[0] - 5
    for mock in (0, 1):
        book["Mocks"].cell(6 + 4 * 5 + mock, 7 + 7).value = 1
    book["Mocks"].cell(6 + 5 * 5 + 3, 7 + 2).value = 0
    book["After"]["H13"].value = "SUP1"
    for month in range(12):
        book["Year hours"].cell(6, 4 + month).value = "p" if month < 8 else "a"
        book["Year hours"].cell(7, 4 + month).value = "p" if month < 7 else "a"
    book.save(target)
    return target


def test_what_the_workbook_stores_is_what_a_spreadsheet_program_works_out(books: dict[str, Any]):
    stored, worked_out = books["stored"], books["empty"]
    assert len(libreoffice.formulas(books["path"])) > 1000
    for place in {*stored, *worked_out}:
        assert (stored.get(place) or "") == (worked_out.get(place) or ""), place


def test_the_workbook_passes_who_did_everything_and_nobody_who_missed_one_thing(books: dict[str, Any]):
    cell = books["filled"]
    course = [cell["Sign-off", f"H{row}"] for row in range(6, 15)]
    assert course == ["passed", *["not yet"] * 6, "passed", "not started"]
    assert [cell["Sign-off", f"J{row}"] for row in range(6, 15)] == ["signed off", *["not yet"] * 8]
    assert cell["Sign-off", "K6"].date().isoformat() == "2029-09-01"
    assert (cell["Attendance", "B6"], cell["Attendance", "B7"], cell["Attendance", "C7"]) == (80, 78.5, 1.5)
    assert cell["Homework", "B8"] == 0.7
    assert (cell["Tests", "E6"], cell["Tests", "E9"]) == ("passed", "not yet")
    assert cell["Safety", "G10"] == 0.5  # danger: two of four
    assert (cell["Safety", "B11"], cell["Safety", "C11"], cell["Safety", "D11"]) == (4, 1, "not yet")
    assert ("Safety", "J12") not in cell or cell["Safety", "J12"] == ""  # reporting was never shown
    assert cell["After", "I13"] == "not yet"
    assert (cell["Year hours", "B6"], cell["Year hours", "C6"]) == (12, "passed")
    assert (cell["Year hours", "B7"], cell["Year hours", "C7"]) == (10.5, "not yet")


def test_only_what_people_enter_is_unlocked_and_no_sheet_asks_for_a_name(books: dict[str, Any]):
    book = load_workbook(books["path"])
    assert all(sheet.protection.sheet for sheet in book if sheet.title != "Read me")
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    assert cell.protection.locked, (sheet.title, cell.coordinate)
    assert not book["Attendance"]["A6"].protection.locked
    headings = {str(c.value) for sheet in book for c in sheet[5] if c.value}
    assert not [h for h in headings if re.search(r"\bname\b|born|phone|address", h, re.I)]


# The package for a learning system, run in one that we did not write.


def test_the_manifest_keeps_the_schemas_of_adl_and_ims(academy: Academy, results: Results):
    schema = etree.XMLSchema(etree.parse(str(VENDOR / "scorm12" / "adlcp_rootv1p2.xsd")))
    manifest = files(academy, results)["imsmanifest.xml"]
    schema.assertValid(etree.fromstring(manifest.encode()))
    broken = manifest.replace(' href="test-1.html"', ' herf="test-1.html"')
    assert not schema.validate(etree.fromstring(broken.encode()))


def test_every_file_of_the_package_is_named_and_every_name_is_there(academy: Academy, results: Results, tmp_path: Path):
    (tmp_path / "p.zip").write_bytes(package(academy, results))
    with zipfile.ZipFile(tmp_path / "p.zip") as source:
        held = set(source.namelist())
        root = etree.fromstring(source.read("imsmanifest.xml"))
    named = {f.get("href") for f in root.iter("{*}file")}
    assert held == named | {"imsmanifest.xml"}
    assert {r.get("href") for r in root.iter("{*}resource") if r.get("href")} <= held
    idents = {r.get("identifier") for r in root.iter("{*}resource")}
    assert {i.get("identifierref") for i in root.iter("{*}item")} <= idents
    assert not re.search(r"https?://(?!www\.(imsproject|adlnet|w3)\.org)", "".join(files(academy, results).values()))


HARNESS = """<!DOCTYPE html><title>LMS</title><script src="scorm12.min.js"></script><script>
window.API = new Scorm12API({logLevel: 5, autocommit: false});
if (window.name) { window.API.loadFromJSON(JSON.parse(window.name), ""); }
</script><iframe title="lesson" src="%s" width="900" height="800"></iframe>"""


class System:
    """A learning system: scorm-again in Chromium, with every request answered from memory and noted."""

    def __init__(self, browser: Browser, held: dict[str, str]):
        self.held, self.asked, self.complaints = held, [], []
        self.context = browser.new_context()
        self.context.route(re.compile("."), self._answer)
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda m: self.complaints.append(m.text) if m.type == "error" else None)

    def _answer(self, route: Any) -> None:
        url = route.request.url
        name = url.removeprefix("http://lms.test/")
        self.asked.append(url)
        if name == "scorm12.min.js":
            route.fulfill(path=VENDOR / "scorm-again" / name)
        elif name.startswith("start-"):
            route.fulfill(body=HARNESS % name.removeprefix("start-"), content_type="text/html")
        elif name in self.held:
            kind = {"html": "text/html", "css": "text/css", "js": "text/javascript"}[name.rsplit(".", 1)[1]]
            route.fulfill(body=self.held[name], content_type=kind)
        else:
            route.fulfill(status=404, body="")

    def open(self, lesson: str) -> Any:
        self.page.goto(f"http://lms.test/start-{lesson}.html")
        frame = self.page.frame_locator("iframe")
        frame.locator("#quiz").wait_for()
        return frame

    def core(self) -> dict[str, Any]:
        """What the system holds now."""
        text: str = self.page.evaluate("JSON.stringify(window.API.cmi)")
        held: dict[str, Any] = json.loads(text)
        return held

    def leave(self) -> dict[str, Any]:
        """Close the lesson as a learner does, by going to another one; return what the system then holds."""
        self.page.evaluate("document.querySelector('iframe').src = 'about:blank'")
        self.page.wait_for_function("window.API.isTerminated()")
        return self.core()


@pytest.fixture
def system(chromium: Browser, academy: Academy, results: Results) -> Iterator[Callable[[], System]]:
    opened: list[System] = []

    def new() -> System:
        opened.append(System(chromium, files(academy, results)))
        return opened[-1]

    yield new
    for each in opened:
        assert [u for u in each.asked if not u.startswith("http://lms.test/")] == []
        assert [c for c in each.complaints if "favicon" not in c and "404" not in c] == []
        each.context.close()


def answer(frame: Any, quiz: Any, wrong: int) -> None:
    """Choose the right answers, but for the first ``wrong`` questions."""
    for number, question in enumerate(quiz.questions, 1):
        place = question.right if number > wrong else (question.right + 1) % len(question.choices)
        frame.locator(f"#q{number}{'abcd'[place]}").check()


def test_a_test_passed_is_recorded_with_score_status_time_and_answers(system: Any, academy: Academy):
    lms, quiz = system(), next(q for q in academy.quizzes if q.id == "test-1")
    frame = lms.open("test-1")
    assert lms.core()["core"]["lesson_status"] == "incomplete"
    answer(frame, quiz, wrong=4)  # 16 of 20: just enough
    frame.get_by_role("button", name="Check my answers").click()
    frame.get_by_text("16 of 20 right, 80 %. Passed.").wait_for()
    assert frame.get_by_text("The learning system has recorded this.").is_visible()
    held = lms.leave()
    assert held["core"]["lesson_status"] == "passed"
    assert held["core"]["score"]["raw"] == "80"
    assert re.fullmatch(r"(00)?00:00:\d\d(\.\d\d)?", held["core"]["session_time"])
    answers = held["interactions"]
    listed = list(answers["childArray"]) if "childArray" in answers else [answers[k] for k in sorted(answers, key=int)]
    assert len(listed) == 20
    assert [a["result"] for a in listed].count("wrong") == 4


def test_a_test_not_passed_is_recorded_as_failed_and_a_day_quiz_as_completed(system: Any, academy: Academy):
    lms, quiz = system(), next(q for q in academy.quizzes if q.id == "test-1")
    frame = lms.open("test-1")
    answer(frame, quiz, wrong=5)
    frame.get_by_role("button", name="Check my answers").click()
    held = lms.leave()
    assert (held["core"]["lesson_status"], held["core"]["score"]["raw"]) == ("failed", "75")
    lms, quiz = system(), academy.quizzes[0]
    frame = lms.open(quiz.id)
    answer(frame, quiz, wrong=1)
    frame.get_by_role("button", name="Check my answers").click()
    held = lms.leave()
    assert (held["core"]["lesson_status"], held["core"]["score"]["raw"]) == ("completed", "66")


def test_an_unfinished_lesson_is_kept_and_goes_on_where_it_stopped(system: Any):
    lms = system()
    frame = lms.open("test-1")
    frame.locator("#q2b").check()
    held = lms.leave()
    assert held["core"]["lesson_status"] == "incomplete"
    assert held["core"]["exit"] == "suspend"
    lms.page.evaluate("cmi => { window.name = cmi }", json.dumps({"suspend_data": held["suspend_data"]}))
    frame = lms.open("test-1")
    assert frame.locator("#q2b").is_checked()
    assert not frame.locator("#q1a").is_checked()


def test_a_lesson_is_done_by_keyboard_alone_and_says_what_is_missing(system: Any, academy: Academy):
    lms, quiz = system(), academy.quizzes[0]
    frame = lms.open(quiz.id)
    frame.locator("body").press("Tab")
    frame.locator("#q1a").press("Enter")  # sends the form as it is
    frame.get_by_text("3 not answered yet").wait_for()
    assert frame.locator("#q1a").evaluate("node => node === document.activeElement")
    for question in quiz.questions:
        focused = frame.locator(":focus")
        focused.press("Space")
        for _ in range(question.right):
            frame.locator(":focus").press("ArrowDown")
        frame.locator(":focus").press("Tab")
    frame.locator(":focus").press("Enter")
    frame.get_by_text("3 of 3 right, 100 %.").wait_for()
    assert frame.locator("#result").evaluate("node => node === document.activeElement")


@pytest.mark.parametrize("width", [360, 1280])
def test_a_lesson_opens_from_a_disk_without_a_system_and_shuts_nobody_out(
    chromium: Browser, academy: Academy, results: Results, tmp_path: Path, width: int
):
    for name, text in files(academy, results).items():
        (tmp_path / name).write_text(text, "utf-8")
    context = chromium.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto((tmp_path / "day-01.html").as_uri())
    answer(page, academy.quizzes[0], wrong=0)
    page.get_by_role("button", name="Check my answers").click()
    page.get_by_text("Not recorded: no learning system was found.").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]})
    assert found.response["violations"] == []
    context.close()


# Moodle's text format, read by a parser that we did not write.


def test_a_parser_of_gift_reads_every_question_with_its_right_answer_and_reason(
    chromium: Browser, academy: Academy, results: Results
):
    nasty = academy.quizzes[0].questions[0].model_copy(update={"ask": r"What is {a} = ~b~ : #c# \ d?"})
    quiz = academy.quizzes[0].model_copy(update={"questions": [nasty, *academy.quizzes[0].questions[1:]]})
    text = gift(replace(academy, quizzes=(quiz, *academy.quizzes[1:])), ["phone", "text"])
    page = chromium.new_page()
    page.add_script_tag(path=VENDOR / "gift-pegjs" / "gift-parser-globals.js")
    parsed = page.evaluate("text => giftParser.parse(text)", text)
    page.close()
    wanted = [q for z in (quiz, *academy.quizzes[1:]) for q in questions(z, ["phone", "text"])]
    read = [p for p in parsed if p["type"] == "MC"]
    assert [p["title"] for p in parsed if p["type"] == "Category"] == [
        f"$course$/Academy/{z.title}" for z in academy.quizzes
    ]
    assert len(read) == len(wanted)
    for got, want in zip(read, wanted, strict=True):
        assert got["title"] == want.id
        assert got["stem"]["text"] == want.ask
        assert [c["text"]["text"] for c in got["choices"]] == [c.text for c in want.choices]
        assert [c["isCorrect"] for c in got["choices"]] == [c.right for c in want.choices]
        assert want.reason in got["globalFeedback"]["text"]


# The deliverable.


def test_the_trainers_files_are_the_operators_the_same_bytes_twice_and_only_where_training_is_chosen(
    results: Results, tmp_path: Path
):
    first = academy_files.write(results, tmp_path / "one")
    second = academy_files.write(results, tmp_path / "two")
    assert [p.relative_to(tmp_path / "one").as_posix() for p in first] == [
        "operator/academy/academy.xlsx",
        "operator/academy/academy-scorm.zip",
        "operator/academy/academy-quizzes.gift.txt",
        "operator/academy/for-assessors.html",
    ]
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in second]
    without = replace(results, facts=replace(results.facts, offerings=("intake",)))
    assert academy_files.write(without, tmp_path / "three") == []


def test_a_name_with_signs_in_it_breaks_neither_page_nor_package(academy: Academy, results: Results):
    nasty = '<b>&"x" {{ 7*7 }} | PB-01'
    hostile = replace(results, facts=replace(results.facts, name=nasty, notice=nasty))
    assert "<b>" not in academy_files.assessors(academy, hostile)
    etree.fromstring(files(academy, hostile)["imsmanifest.xml"].encode())
    for text in academy_pages(academy, hostile, "operator").values():
        assert "<b>" not in text


def test_a_block_that_falls_out_gives_way_to_the_session_that_replaces_it(academy: Academy):
    blocks = [b for d in academy.curriculum.days for b in d.blocks if b.instead]
    assert len(blocks) == 3
    for block in blocks:
        kept = session(block, ["phone", "text"], "existing")
        assert kept is block
        assert session(block, ["phone"], "new") is block.instead


def test_the_academys_draft_mark_goes_with_a_signature_and_comes_back_with_an_edit():
    from hotline_catalyst.deliverables.playbooks import Signature

    academy = load_academy()
    signature = Signature(by="SA-01", on=date(2027, 1, 5), text=academy.fingerprint)
    signed = replace(academy, curriculum=academy.curriculum.model_copy(update={"reviewed_by_survivor": signature}))
    assert (academy.draft, signed.draft) == (True, False)
    calendar = academy.calendar.model_copy(update={"source": "Another"})
    assert replace(signed, calendar=calendar).draft
