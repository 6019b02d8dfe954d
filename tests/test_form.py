"""The offline form as a respondent meets it: opened from a disk, in a browser, with the network refused."""

from __future__ import annotations

import base64
import io
import json
import os
import random
import re
import sys
import unicodedata
from collections.abc import Iterator
from datetime import date
from html import unescape
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from axe_playwright_python.sync_playwright import Axe
from panel import DAY, instrument, only, panel
from playwright.sync_api import Browser, BrowserContext, Page
from pypdf import PdfReader

from hotline_catalyst.assessment.exchange import read_json
from hotline_catalyst.assessment.form import load_form_words, write_form
from hotline_catalyst.assessment.instrument import Instrument
from hotline_catalyst.assessment.questionnaire import read_questionnaire, write_questionnaire
from hotline_catalyst.assessment.questionnaire_words import CONSENT, load_shared, shipped_words
from hotline_catalyst.assessment.responses import Answer, Response, clean_text
from hotline_catalyst.errors import CatalystError, ContentError
from hotline_catalyst.library import content_root

TEMPLATES = content_root() / "templates" / "questionnaire"
HOSTILE = (
    "</script><script>document.title='taken'</script>",
    '"><img src=x onerror="document.title=1">',
    "{{ 7*7 }} {% raw %} ${1} &lt; <!-- ",
    "=cmd|' /C calc'!A1",
    "abc\u202edcba\u202c \u2066x\u2069 \u0007",
    "e\u200b\u0301 ﷺ ① ﬁ می\u200cخواهم",
    "  two\r\nlines \u2028 and a third \t ",
)
LANGUAGES = sorted(load_form_words())


class Desk:
    """One computer: a browser with its own store, no network, and a note of whatever the form asked or complained."""

    def __init__(self, browser: Browser, width: int = 1000):
        self.complaints: list[str] = []
        self.context: BrowserContext = browser.new_context(viewport={"width": width, "height": 900})
        self.context.set_default_timeout(5000)
        self.context.route(re.compile(r"^(?!file:|data:|blob:|about:)"), lambda route: route.abort())
        self.context.on("request", lambda r: self._note(r.url, not r.url.startswith(("file:", "blob:", "data:"))))
        self.context.on("console", lambda m: self._note(m.text, m.type in ("error", "warning")))
        self.context.on("weberror", lambda e: self._note(str(e.error), True))

    def _note(self, text: str, bad: bool) -> None:
        if bad:
            self.complaints.append(text)

    def open(self, path: Path) -> Page:
        page = self.context.new_page()
        page.goto(path.as_uri())
        return page


@pytest.fixture
def desk(chromium: Browser) -> Iterator[Desk]:
    place = Desk(chromium)
    yield place
    place.context.close()
    assert place.complaints == []


def form(path: Path, **more: Any) -> Path:
    """Write the form of a government's first visit: 11 short questions, unless told otherwise."""
    given = {"stage": "new", "role": "government", "respondent": "R-017", "organisation": "Consejo Ñandú", "as_of": DAY}
    write_form(instrument(), path, **{**given, "core": True, **more})
    return path


def small(path: Path, **more: Any) -> Path:
    """Write a form of one domain that asks everything: levels, numbers and choices."""
    given = {"stage": "new", "role": "government", "respondent": "R-017", "organisation": "Consejo Ñandú", "as_of": DAY}
    write_form(only("foundation"), path, **{**given, "everything": True, **more})
    return path


SMALL = [q.id for q in only("foundation").questions(None, "new")]
ITEM = "FO-01"


def pick(page: Page, name: str, value: str | int) -> None:
    page.locator(f'[name="{name}"][value="{value}"]').check()


def agree(page: Page, *uses: str) -> None:
    for use in uses or ("assess",):
        pick(page, f"consent.{use}", "yes")


def fill(page: Page, answers: dict[str, Answer]) -> None:
    """Give answers with mouse and keys, each where its question stands."""
    for question, answer in answers.items():
        if answer.state not in ("answered", "blank"):
            pick(page, f"{question}.answer", answer.state)
        elif answer.chosen:
            for code in answer.chosen:
                pick(page, f"{question}.chosen", code)
        elif question in instrument().items and answer.value is not None:
            pick(page, f"{question}.answer", int(answer.value))
        elif answer.value is not None:
            page.locator(f'[name="{question}.number"]').fill(f"{answer.value:.12g}")
        if answer.state != "blank":
            pick(page, f"{question}.sure", answer.sure)
        if answer.note or answer.evidence:
            details = page.locator(f'[id="{question}"] details')
            if details.get_attribute("open") is None:
                details.locator("summary").click()
            page.locator(f'[name="{question}.note"]').fill(answer.note)
            page.locator(f'[name="{question}.evidence"]').fill(answer.evidence)


def download(page: Page, folder: Path) -> Path:
    with page.expect_download() as started:
        page.locator("#download").click()
    path = folder / started.value.suggested_filename
    started.value.save_as(path)
    return path


def response(path: Path) -> Response:
    return Response.model_validate(json.loads(path.read_text("utf-8")))


def stored(**answers: Answer) -> Response:
    """Return what R-017 handed over before."""
    whole = instrument()
    return Response(
        instrument=f"{whole.meta.id}@{whole.meta.version}",
        fingerprint=whole.fingerprint,
        respondent="R-017",
        role="government",
        organisation="Consejo Ñandú",
        given_on=date(2026, 11, 21),
        consent=["assess"],
        answers=answers,
    )


def every_kind_of_answer(questions: list[str]) -> dict[str, Answer]:
    """Return an answer to each question, walking through states, levels, certainties, notes and evidence."""
    found = {}
    for n, question in enumerate(questions):
        state = ("answered", "dont_know", "answered", "not_applicable", "declined", "answered", "blank")[n % 7]
        quantity = instrument().quantities.get(question)
        said: dict[str, Any] = {"state": "answered"} if quantity else {"state": state}
        if quantity and quantity.choices:
            said["chosen"] = list(quantity.choices)[1:]
        elif said["state"] == "answered":
            said["value"] = quantity.maximum - 0.25 if quantity else float(n % 5)
        note = ("two\nlines, ½ • ok", "لا نعرف من يناوب في الليل", "+1 + 1 = 2", "there is no such site")[n % 4]
        said |= {"note": "" if state == "blank" else note, "evidence": "Protokół nr 7, § 3" if n % 3 == 0 else ""}
        found[question] = Answer.model_validate({"sure": "fairly" if state == "blank" else _sure(n), **said})
        if state == "blank" and not quantity:
            found[question] = Answer(state="blank")
    return found


def _sure(n: int) -> str:
    return ("sure", "fairly", "unsure")[n % 3]


def workbook(path: Path, whole: Instrument, earlier: Any, **asked: Any) -> Response:
    """Return what the workbook gives for the same earlier answers, with consent typed into its first sheet."""
    given = {"stage": "new", "role": "government", "respondent": "R-017", "organisation": "Consejo Ñandú", "as_of": DAY}
    write_questionnaire(whole, path, earlier=earlier, **{**given, **asked})
    book = openpyxl.load_workbook(path)
    typed = 0
    for row in (row for sheet in book.worksheets for row in sheet.iter_rows(max_col=3)):
        if str(row[0].value).startswith(CONSENT):
            row[2].value = "N" if row[0].value == f"{CONSENT}quote" else "Y"
            typed += 1
    assert typed == len(instrument().meta.consent)
    book.save(path)
    return read_questionnaire(whole, path)


def asked_of(role: str | None, *, core: bool = True) -> list[str]:
    return [q.id for q in instrument().questions(role, "new", core=core)]


# One store, whichever door.


def test_answers_typed_into_the_form_survive_a_reload_and_are_byte_for_byte_those_of_the_workbook(desk, tmp_path):
    whole = instrument() if os.environ.get("SOAK") else only("foundation")
    answers = every_kind_of_answer([q.id for q in whole.questions(None, "new")])
    expected = workbook(tmp_path / "q.xlsx", whole, panel(stored(**answers)), everything=True)
    assert {a.state for a in expected.answers.values()} == {
        "answered", "dont_know", "not_applicable", "declined", "blank",
    }  # fmt: skip
    assert any(a.chosen for a in expected.answers.values())

    given = {"stage": "new", "role": "government", "respondent": "R-017", "organisation": "Consejo Ñandú", "as_of": DAY}
    path = tmp_path / "form.html"
    assert write_form(whole, path, earlier=panel(stored()), everything=True, **given) == len(answers)
    page = desk.open(path)
    fill(page, answers)
    agree(page, "assess", "compare")
    page.reload()
    got = download(page, tmp_path)
    assert got.name == "R-017-2.json"
    assert response(got).to_json() == expected.to_json()
    assert got.read_bytes() == expected.to_json()
    assert read_json(whole, got) == [expected]


def test_what_was_answered_on_an_earlier_visit_is_already_there(desk, tmp_path):
    earlier = panel(stored(**every_kind_of_answer(asked_of("government", core=False))))
    expected = workbook(tmp_path / "q.xlsx", instrument(), earlier)
    page = desk.open(form(tmp_path / "form.html", earlier=earlier, core=False))
    agree(page, "assess", "compare")
    assert download(page, tmp_path).read_bytes() == expected.to_json()


def test_a_form_left_empty_says_that_every_question_was_asked(desk, tmp_path):
    page = desk.open(form(tmp_path / "form.html"))
    agree(page)
    said = response(download(page, tmp_path))
    assert list(said.answers) == sorted(asked_of("government"))
    assert all(answer == Answer(state="blank") for answer in said.answers.values())
    assert (said.role, said.given_on, said.consent, said.submission) == ("government", DAY, ["assess"], 1)


def test_the_form_can_be_filled_and_downloaded_with_the_keyboard_alone(desk, tmp_path):
    page = desk.open(form(tmp_path / "form.html", role="data"))
    keys, seen = page.keyboard, set()
    got = None
    for _ in range(200):
        keys.press("Tab")
        at = page.evaluate(
            "({name: document.activeElement.name || document.activeElement.id, tag: document.activeElement.tagName})"
        )
        name = at["name"]
        if name == "consent.assess" and name not in seen:
            keys.press("Space")
        elif name.endswith(".answer") and name not in seen:
            keys.press("Space")
            keys.press("ArrowDown")
            keys.press("ArrowDown")
        elif name.endswith(".sure") and name not in seen:
            keys.press("Space")
        elif at["tag"] == "SUMMARY":
            keys.press("Enter")
        elif name.endswith(".note"):
            keys.type("by key")
        elif name == "download":
            with page.expect_download() as started:
                keys.press("Enter")
            got = started.value
            break
        seen.add(name)
    assert got is not None
    said = json.loads(Path(got.path()).read_text("utf-8"))
    expected = {"state": "answered", "value": 2.0, "sure": "sure", "note": "by key"}
    assert [{k: a[k] for k in expected} for a in said["answers"].values()] == [expected] * len(asked_of("data"))


def test_numbers_are_read_as_people_write_them_or_refused(desk, tmp_path):
    page = desk.open(form(tmp_path / "form.html", core=False))
    agree(page)
    written = {"4500000": 4_500_000, "4 500 000": 4_500_000, "٤٥٠٠٠٠٠": 4_500_000, "75000.5": 75_000.5}
    for text, value in written.items():
        page.locator('[name="EE-Q1.number"]').fill(text)
        assert response(download(page, tmp_path)).answers["EE-Q1"].value == value
    for text in ("4,5", "about 5 million", "1e6", "12", "9" * 40, "NaN"):
        page.locator('[name="EE-Q1.number"]').fill(text)
        page.locator("#download").click()
        assert "EE-Q1" in page.locator("#errors-list").inner_text(), text


def test_a_number_and_a_reason_for_giving_none_never_stand_together(desk, tmp_path):
    page = desk.open(small(tmp_path / "form.html"))
    page.locator('[name="FO-Q4.number"]').fill("45")
    pick(page, "FO-Q4.answer", "dont_know")
    assert page.locator('[name="FO-Q4.number"]').input_value() == ""
    page.locator('[name="FO-Q4.number"]').fill("50")
    assert page.locator('[name="FO-Q4.answer"]:checked').count() == 0
    pick(page, "FO-Q2.chosen", "extended")
    pick(page, "FO-Q2.answer", "declined")
    assert page.locator('[name="FO-Q2.chosen"]:checked').count() == 0
    page.locator('[data-clear="FO-Q2"]').click()
    assert page.locator('[id="FO-Q2"] :checked').count() == 0


# Stopping, going on, handing over again.


def test_another_computer_continues_from_the_file_and_a_change_gets_the_next_number(chromium, tmp_path):
    path = small(tmp_path / "form.html")
    first, second = Desk(chromium), Desk(chromium)
    page = first.open(path)
    fill(page, every_kind_of_answer(SMALL))
    agree(page, "assess", "quote")
    page.locator("#date").fill("2027-03-09")
    handed = download(page, tmp_path)
    other = second.open(path)
    assert "0 of" in other.locator("#progress").inner_text()
    other.locator("#file").set_input_files(handed)
    other.locator("#file-said p").first.wait_for()
    (tmp_path / "again").mkdir()
    again = download(other, tmp_path / "again")
    assert (again.name, again.read_bytes()) == (handed.name, handed.read_bytes())
    item = ITEM
    pick(other, f"{item}.answer", "4")
    later = download(other, tmp_path)
    assert later.name == "R-017-2.json"
    assert max([response(later), response(handed)], key=Response.order).answers[item].value == 4
    assert first.complaints + second.complaints == []
    first.context.close()
    second.context.close()


def test_a_file_that_does_not_fit_changes_nothing_and_says_why(desk, tmp_path):
    page = desk.open(form(tmp_path / "form.html"))
    item = asked_of("government")[0]
    pick(page, f"{item}.answer", "3")
    agree(page)
    good = json.loads(download(page, tmp_path).read_text("utf-8"))
    files = {
        "broken.json": "{",
        "list.json": "[1]",
        "null.json": "null",
        "schema.json": json.dumps({**good, "schema": "response/9"}),
        "other.json": json.dumps({**good, "respondent": "R-<b>1</b>"}),
        "huge.json": " " * 5_000_001,
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
        page.locator("#file").set_input_files(tmp_path / name)
        page.locator("#file-said", has_text=name).wait_for()
        assert page.locator("#file-said").inner_text().endswith("Nothing was changed.")
        assert page.locator(f'[name="{item}.answer"]:checked').get_attribute("value") == "3"
    assert page.locator("#file-said b").count() == 0


def test_of_a_file_that_fits_in_part_the_rest_is_counted_not_guessed(desk, tmp_path):
    page = desk.open(small(tmp_path / "form.html"))
    item, second = SMALL[:2]
    agree(page)
    data = json.loads(download(page, tmp_path).read_text("utf-8"))
    answer = {"state": "answered", "sure": "sure"}
    data["fingerprint"] = "0" * 16
    data["answers"] |= {
        item: {**answer, "value": 2.0, "note": {"not": "text"}},
        second: {**answer, "value": 7.0},
        "FO-Q4": {**answer, "value": "many"},
        "ZZ-99": {**answer, "value": 1.0},
    }
    text = json.dumps(data).replace('"ZZ-99"', '"__proto__": {"state": "answered", "value": 1}, "ZZ-99"')
    (tmp_path / "part.json").write_text(text, "utf-8")
    page.locator("#file").set_input_files(tmp_path / "part.json")
    page.locator("#file-said", has_text="part.json").wait_for()
    said = page.locator("#file-said").inner_text()
    assert "1 answers taken" in said
    assert "4 entries in the file do not fit" in said
    assert "another version" in said
    assert page.locator(f'[name="{item}.answer"]:checked').get_attribute("value") == "2"
    assert page.locator(f'[id="{second}"] :checked[name$=".answer"]').count() == 0


def test_deleting_leaves_nothing_in_the_browser(desk, tmp_path):
    page = desk.open(form(tmp_path / "form.html"))
    item = asked_of("government")[0]
    fill(page, {item: Answer(state="answered", value=3, note="canary")})
    assert "canary" in page.evaluate("JSON.stringify(localStorage)")
    page.once("dialog", lambda d: d.dismiss())
    page.locator("#delete").click()
    assert page.locator(f'[name="{item}.note"]').input_value() == "canary"
    page.once("dialog", lambda d: d.accept())
    page.locator("#delete").click()
    assert page.evaluate("localStorage.length") == 0
    assert "deleted" in page.locator("#delete-said").inner_text()
    page.reload()
    assert page.locator(f'[name="{item}.note"]').input_value() == ""
    assert page.locator("#questions :checked").count() == 0


def test_two_people_on_one_computer_never_see_each_others_answers(desk, tmp_path):
    page = desk.open(form(tmp_path / "a.html"))
    fill(page, {asked_of("government")[0]: Answer(state="answered", value=3, note="canary")})
    for name, other in {
        "b": {"respondent": "R-018"}, "c": {"organisation": "Another ministry"}, "d": {"earlier": panel(stored())},
    }.items():  # fmt: skip
        second = desk.open(form(tmp_path / f"{name}.html", **other))
        assert second.locator("#questions :checked").count() == 0
        assert "canary" not in second.evaluate("[...document.querySelectorAll('textarea')].map(t => t.value).join()")


def test_the_same_form_open_twice_says_so(desk, tmp_path):
    path = form(tmp_path / "form.html")
    first, second = desk.open(path), desk.open(path)
    pick(second, f"{asked_of('government')[0]}.answer", "3")
    first.locator("#alarm", has_text="another window").wait_for()


def test_a_browser_that_keeps_nothing_is_not_said_to_keep_anything(desk, tmp_path):
    # A page at a data: address has no store: every browser refuses it one.
    content = form(tmp_path / "form.html").read_bytes()
    page = desk.context.new_page()
    page.goto("data:text/html;base64," + base64.b64encode(content).decode())
    alarm = page.locator("#alarm")
    assert alarm.inner_text() == load_form_words()["en"].messages["not_kept"]
    assert alarm.get_attribute("role") == "alert"
    pick(page, f"{asked_of('government')[0]}.answer", "3")
    assert page.locator("#state").inner_text() == ""
    agree(page)
    assert response(download(page, tmp_path)).answers[asked_of("government")[0]].value == 3


def test_what_another_page_planted_in_the_browsers_store_is_not_taken_for_an_answer(desk, tmp_path):
    page = desk.open(small(tmp_path / "form.html"))
    pick(page, f"{ITEM}.answer", "3")
    page.evaluate(
        """(item) => {
          const key = Object.keys(localStorage)[0];
          const kept = JSON.parse(localStorage.getItem(key));
          kept.answers[item] = {choice: "9", chosen: {}, sure: "very", note: {toString: 1}, evidence: "kept"};
          kept.answers["FO-Q2"] = {chosen: ["phone", "extended", 7]};
          kept.submission = 1e9;
          localStorage.setItem(key, JSON.stringify(kept));
        }""",
        ITEM,
    )
    page.reload()
    agree(page)
    said = response(download(page, tmp_path))
    assert said.answers[ITEM] == Answer(state="blank", evidence="kept")
    assert said.answers["FO-Q2"].chosen == ["extended"]
    page.evaluate("localStorage.setItem(Object.keys(localStorage)[0], '{')")
    page.reload()
    assert page.locator("#questions :checked").count() == 0
    assert not page.locator("#alarm").is_visible()


def test_where_scripts_cannot_run_it_says_so_and_still_prints(chromium, tmp_path):
    page = chromium.new_page(java_script_enabled=False)
    page.goto(form(tmp_path / "form.html").as_uri())
    assert page.locator("#unable").inner_text() == load_form_words()["en"].page["unable"]
    assert not page.locator("#bar").is_visible()
    page.emulate_media(media="print")
    labels = page.locator("#questions label")
    assert all(labels.nth(n).is_visible() for n in range(0, labels.count(), 5))
    page.close()


# What is refused, and what is only pointed at.


def test_problems_stop_the_download_and_lead_to_their_fields(desk, tmp_path):
    page = desk.open(small(tmp_path / "form.html"))
    item = ITEM
    pick(page, f"{item}.answer", "not_applicable")
    page.locator('[name="FO-Q4.number"]').fill("700")
    page.locator("#organisation").fill(" \u200b ")
    page.locator("#date").fill("")
    page.locator("#download").click()
    assert page.evaluate("document.activeElement.id") == "errors"
    links = page.locator("#errors-list a")
    targets = []
    for n in range(links.count()):
        links.nth(n).click()
        targets.append(page.evaluate("document.activeElement.name || document.activeElement.id"))
        assert page.evaluate("document.activeElement.getAttribute('aria-invalid')") == "true"
    assert targets == ["consent.assess", "organisation", "date", *sorted(targets[3:], key=asked_of_order)]
    assert set(targets[3:]) == {f"{item}.note", "FO-Q4.number"}

    agree(page)
    page.locator("#organisation").fill("Harbour House")
    page.locator("#date").fill("2027-03-14")
    page.locator(f'[name="{item}.note"]').fill("there is no such law")
    page.locator('[name="FO-Q4.number"]').fill("45")
    said = response(download(page, tmp_path))
    assert page.locator("[aria-invalid]").count() == 0
    assert (said.organisation, said.given_on) == ("Harbour House", date(2027, 3, 14))


def asked_of_order(field: str) -> int:
    return SMALL.index(field.split(".")[0])


@pytest.mark.parametrize(
    ("text", "warned"),
    [
        ("call +49 (0)170 123-4567", True),
        ("٠١٢٣٤٥٦٧٨", True),
        ("write to a.b@example.org", True),
        ("seen on 2027-03-14, signed 14.3.2027, plan 2019-2024", False),
        ("12 people @ night, 1500 calls a year", False),
    ],
)
def test_what_looks_like_a_persons_number_is_pointed_at_and_blocks_nothing(desk, tmp_path, text, warned):
    page = desk.open(form(tmp_path / "form.html", role="data"))
    item = asked_of("data")[0]
    fill(page, {item: Answer(state="answered", value=1, note=text)})
    assert bool(page.locator(f"#personal-{item}").inner_text()) is warned
    agree(page)
    assert response(download(page, tmp_path)).answers[item].note == clean_text(text)
    assert (page.locator("#finish-said a").count() == 1) is warned


def test_progress_counts_answers_and_minutes_and_leads_to_the_next_open_question(desk, tmp_path):
    page = desk.open(form(tmp_path / "form.html"))
    questions = asked_of("government")
    whole = instrument().minutes(instrument().questions("government", "new", core=True))
    assert (
        f"0 of {len(questions)} answered, about {-int(-whole // 1)} minutes" in page.locator("#progress").inner_text()
    )
    for question in questions[:2]:
        pick(page, f"{question}.answer", "dont_know")
    assert page.locator("#progress").inner_text().startswith(f"2 of {len(questions)} answered")
    page.locator("#next").click()
    assert page.evaluate("document.activeElement.name").split(".")[0] == questions[2]
    page.locator("#next").click()
    assert page.evaluate("document.activeElement.name").split(".")[0] == questions[3]


# Hostile texts.


def test_hostile_texts_stay_text_from_file_to_page_to_file(desk, tmp_path):
    questions = asked_of("government")
    before = {q: Answer(state="answered", value=2, note=HOSTILE[n % len(HOSTILE)]) for n, q in enumerate(questions)}
    path = form(tmp_path / "form.html", earlier=panel(stored(**before)), organisation=HOSTILE[0] + HOSTILE[1])
    page = desk.open(path)
    assert page.locator("img").count() == 0
    assert page.title() == "Hotline scoping assessment: R-017"
    assert page.locator("#organisation").input_value() == HOSTILE[0] + HOSTILE[1]
    for n, question in enumerate(questions):
        page.locator(f'[name="{question}.evidence"]').fill(HOSTILE[-1 - n % len(HOSTILE)])
    agree(page)
    page.reload()
    said = response(download(page, tmp_path))
    assert page.locator("img").count() == 0
    for n, question in enumerate(questions):
        assert said.answers[question].note == clean_text(before[question].note)
        assert said.answers[question].evidence == clean_text(clean_text(HOSTILE[-1 - n % len(HOSTILE)]))


def test_the_form_cleans_texts_as_the_store_does(desk, tmp_path):
    luck = random.Random(20270301)
    assigned = [c for c in map(chr, range(1, sys.maxunicode)) if unicodedata.category(c) not in ("Cn", "Co", "Cs")]
    marks = list(
        "\r\n\t \u200b\u200c\u200d\u200e\u202e\u2028\ufeff\x00\x7f\x85\xad'\"<>&=\u0301\u0308ﷺｅﬃ가ᄀ가\u3099が"
    )
    questions = asked_of(None, core=False)
    texts = ["".join(luck.choices(assigned, k=30) + luck.choices(marks, k=30)) for _ in range(2 * len(questions) - 2)]
    texts = ["".join(luck.sample(t, len(t))) for t in texts] + ["ﷺ" * 4000, "👩🏽‍⚕️" * 2000]
    page = desk.open(form(tmp_path / "form.html", everything=True, core=False))
    agree(page)
    data = json.loads(download(page, tmp_path).read_text("utf-8"))
    for question, note, evidence in zip(questions, texts[::2], texts[1::2], strict=True):
        data["answers"][question] |= {"note": note, "evidence": evidence}
    (tmp_path / "fuzzed.json").write_text(json.dumps(data), "utf-8")
    page.locator("#file").set_input_files(tmp_path / "fuzzed.json")
    page.locator("#file-said p").first.wait_for()
    raw = json.loads(download(page, tmp_path).read_text("utf-8"))
    for question, note, evidence in zip(questions, texts[::2], texts[1::2], strict=True):
        assert raw["answers"][question]["note"] == clean_text(clean_text(note)), question
        assert raw["answers"][question]["evidence"] == clean_text(clean_text(evidence)), question


def test_the_page_may_ask_for_nothing_and_make_no_markup_from_text(chromium, tmp_path):
    desk = Desk(chromium)
    page = desk.open(form(tmp_path / "form.html"))
    assert desk.complaints == []
    refused = page.evaluate(
        """async () => {
          const seen = [];
          document.addEventListener("securitypolicyviolation", (e) => seen.push(e.effectiveDirective));
          new Image().src = "https://example.org/a.png";
          await fetch("https://example.org/").catch(() => null);
          const script = document.createElement("script");
          try { script.text = "document.title = 'taken'"; document.body.append(script); } catch { seen.push("script"); }
          try { document.body.innerHTML = "<b>x</b>"; } catch { seen.push("markup"); }
          await new Promise((done) => setTimeout(done, 50));
          return seen;
        }"""
    )
    assert {"img-src", "connect-src", "script", "markup"} <= set(refused)
    assert page.title() != "taken"
    desk.context.close()


def test_no_part_of_the_file_lies_elsewhere(tmp_path):
    text = form(tmp_path / "form.html", everything=True, core=False).read_text("utf-8")
    assert not re.search(r"https?://|//\w|@import|url\(|src=|srcset=|<link|<iframe", text.split("<body>")[0])
    assert not re.findall(r"<(?:link|iframe|img|object|embed|base)\b|\ssrc=|\sstyle=|\son\w+=", text)
    script = (TEMPLATES / "form.js").read_text("utf-8")
    assert "</" not in script
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|fetch\(|XMLHttp", script)


# Everyone can use it.


@pytest.mark.parametrize("language", LANGUAGES if os.environ.get("SOAK") else ["en", "ar"])
def test_axe_finds_nothing_to_mend(desk, tmp_path, language):
    page = desk.open(small(tmp_path / "form.html", language=language))
    axe = Axe()
    assert axe.run(page).response["violations"] == []
    item = ITEM
    pick(page, f"{item}.answer", "not_applicable")
    page.locator('[name="FO-Q4.number"]').fill("+49 170 1234567")
    page.locator(f'[name="{item}.evidence"]').fill("+49 170 1234567")
    page.locator("#download").click()
    assert page.locator("#errors-list li").count() == 3
    found = axe.run(page).response["violations"]
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in found] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_fits_a_phone_and_runs_in_its_languages_direction(chromium, tmp_path, language):
    desk = Desk(chromium, width=360)
    page = desk.open(form(tmp_path / "form.html", core=False, language=language))
    for details in page.locator("details").all()[:3]:
        details.locator("summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    words = load_form_words()[language]
    page_ = page.locator("html")
    assert (page_.get_attribute("lang"), page_.get_attribute("dir")) == (language, words.dir)
    radio = page.locator("#questions input[type=radio]").first.bounding_box()
    assert radio
    assert (radio["x"] > 180) is (words.dir == "rtl")
    # The questions are English until they are translated: a screen reader must not read them as Arabic.
    title = page.locator("#questions h3 bdi").first
    assert title.count() == (language != "en")
    if language != "en":
        assert (title.get_attribute("lang"), title.get_attribute("dir")) == ("en", "ltr")
    assert page.locator("#draft").count() == (not words.reviewed)
    assert desk.complaints == []
    desk.context.close()


def test_headings_go_down_one_step_at_a_time_and_every_field_has_a_name(desk, tmp_path):
    page = desk.open(small(tmp_path / "form.html"))
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    nameless = page.evaluate("[...document.querySelectorAll('input,textarea')].filter(f => !f.labels.length).length")
    assert nameless == 0
    assert page.evaluate("[...document.querySelectorAll('fieldset')].every(f => f.querySelector(':scope > legend'))")


def test_on_paper_every_level_has_its_tick_box_and_every_question_its_id(desk, tmp_path):
    page = desk.open(form(tmp_path / "form.html", role="government", core=False))
    page.emulate_media(media="print")
    hidden = page.evaluate(
        """[...document.querySelectorAll("#questions label, #questions input, #questions textarea, .id")]
          .filter((e) => !e.checkVisibility({contentVisibilityAuto: true}) || !e.getBoundingClientRect().height)
          .map((e) => e.outerHTML)"""
    )
    assert hidden == []
    assert not page.locator("#bar").is_visible()
    pdf = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    text = unicodedata.normalize("NFKC", "".join(sheet.extract_text() for sheet in pdf.pages))  # a font joins ffi
    text = re.sub(r"\s", "", text)
    for question in instrument().questions("government", "new"):
        assert question.id in text
        for level in getattr(question, "levels", question.__dict__.get("choices", {})).values():
            assert re.sub(r"\s", "", level) in text, (question.id, level)
    assert len(pdf.pages) <= 25


@pytest.mark.parametrize("language", sorted(set(LANGUAGES) - {"en"}))
def test_consent_and_certainty_are_asked_in_the_forms_language(desk, tmp_path, language):
    terms = shipped_words()[language].terms
    assert terms
    page = desk.open(form(tmp_path / "form.html", role="data", language=language))
    assert page.locator(".use legend").all_inner_texts() == [terms.consent[use] for use in instrument().meta.consent]
    assert page.locator(".sure").first.locator("label").all_inner_texts() == list(terms.certainty.values())
    agree(page)
    assert response(download(page, tmp_path)).language == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_who_reads_the_answers_and_how_to_take_them_back_in_its_language(tmp_path, language):
    text = unescape(small(tmp_path / "form.html", language=language).read_text("utf-8"))
    shared = load_shared()[language]
    assert all(said in text for said in (shared.who.text, shared.back.text, shared.organisation))
    assert shared.roles["survivor"].text not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_survivor_adviser_reads_first_about_pay_support_and_stopping_and_the_screen_does_not_show_the_role(
    tmp_path, language
):
    text = unescape(small(tmp_path / "form.html", role="survivor", language=language).read_text("utf-8"))
    own, page = load_shared()[language].roles["survivor"], load_form_words()[language].page
    assert text.index(own.text) < text.index(page["what"])
    assert f"<dd>{own.title}</dd>" in text
    assert instrument().role_title("survivor") not in text
    assert '"role":"survivor"' in text  # in the data, which no screen shows


# Words and bytes.


def test_every_word_of_the_form_is_used_and_every_word_used_is_there():
    page, script = ((TEMPLATES / name).read_text("utf-8") for name in ("form.html.j2", "form.js"))
    english = load_form_words()["en"]
    assert set(re.findall(r"\bpage\.(\w+)", page)) | {"range"} == set(english.page)
    assert set(re.findall(r"\bwords\.(\w+)", script)) == set(english.messages)


def test_a_translation_that_lacks_or_changes_something_is_named_with_its_place(tmp_path):
    text = (TEMPLATES / "form_words.yaml").read_text("utf-8")
    for old, new in {
        "      skip: Aller aux questions\n": "",
        "      why: Pourquoi c'est important\n": "      why: ''\n",
        "      section: \"{answered} sur {total}\"": "      section: \"{answer} sur {total}\"",
        "      saved: Guardado en este navegador.\n": "      saved: Guardado.\n      savd: Guardado.\n",
    }.items():  # fmt: skip
        assert old in text, old
        text = text.replace(old, new)
    (tmp_path / "form_words.yaml").write_text(text, "utf-8")
    with pytest.raises(ContentError) as error:
        load_form_words(tmp_path / "form_words.yaml")
    assert [p.split(":")[0] for p in error.value.problems] == [
        "fr.page.skip", "fr.page.why", "fr.messages.section", "es.messages.savd",
    ]  # fmt: skip


@pytest.mark.parametrize("wrong", [{"language": "xx"}, {"respondent": "Jane Doe"}, {"role": "nobody"}])
def test_a_form_no_door_would_take_back_is_not_written(tmp_path, wrong):
    with pytest.raises(CatalystError, match=str(next(iter(wrong.values())))):
        form(tmp_path / "form.html", **wrong)
    assert not (tmp_path / "form.html").exists()


def test_the_same_form_has_the_same_bytes_and_stays_small(tmp_path):
    sizes = {}
    for role in instrument().meta.roles:
        first = form(tmp_path / "a.html", role=role, core=False)
        sizes[role] = first.stat().st_size
        if role in ("survivor", "operator") or os.environ.get("SOAK"):
            assert first.read_bytes() == form(tmp_path / "b.html", role=role, core=False).read_bytes()
    assert max(sizes.values()) < 250_000, sizes
    assert form(tmp_path / "all.html", everything=True, core=False).stat().st_size < 700_000
