"""The starter's forms: taken by ODK's own tools in four languages, printable, and asking no more than was decided."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from axe_playwright_python.sync_playwright import Axe
from hostile import KINDS
from javarosa import fill
from playwright.sync_api import sync_playwright
from pyxform.xls2xform import convert
from starter_forms import LANGUAGES, PUBLIC_KEY, decided, form_facts, forms, project_of, sign_forms, turn_on
from starter_tools import TEMPLATE, part

FORMS = ("complaint", "crisis-log", "follow-up", "intake", "qa-review", "referral", "report", "tip")
# The least of a contact, and what is about the hotline's own work; nothing else is asked on the first day.
INTAKE = {
    "signal_id", "received_at", "channel", "direction", "not_substantive", "safe_to_talk", "danger_now", "urgency",
    "language", "interpreter", "category", "secondary_categories", "contactor", "need", "region", "consent_note",
    "consent_refer", "consent_report", "consent_contact_back", "consent_statistics", "safe_method", "safe_when",
    "safe_words", "safe_not_to_say", "safe_message", "outcome", "next_step", "next_step_due",
}  # fmt: skip
NAMES = ("prs_FirstName", "prs_SecondName", "prs_Birthdate", "prs_MobilePhone", "prs_MailingStreet", "prs_Citizenship")
OPEN = {"phone": {"open": True, "public_contact": "000"}}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return project_of(tmp_path / "project")


def xform_of(content: bytes, place: Path, validate: bool = False) -> str:
    """Turn a workbook into what ODK reads; there is nothing to warn of."""
    warnings: list[str] = []
    (place / "form.xlsx").write_bytes(content)
    text: str = convert(str(place / "form.xlsx"), warnings=warnings, validate=validate).xform
    assert warnings == []
    (place / "form.xml").write_text(text, "utf-8")
    return text


def xlsx(project: Path, name: str, facts: dict[str, Any] | None = None) -> bytes:
    made: dict[str, bytes] = forms().build(facts or form_facts("en"), project)
    return made[f"forms/xlsform/{name}.xlsx"]


def names_in(xform: str) -> set[str]:
    binds = [node.get("nodeset", "") for node in ElementTree.fromstring(xform).iter() if node.tag.endswith("}bind")]
    return {bind.rpartition("/")[2] for bind in binds}


def rows(content: bytes, sheet: str = "survey") -> list[dict[str, Any]]:
    table = list(openpyxl.load_workbook(io.BytesIO(content))[sheet].iter_rows(values_only=True))
    return [{str(head): cell for head, cell in zip(table[0], line, strict=True) if cell} for line in table[1:]]


# ODK and KoboToolbox


def test_odk_takes_every_form_in_four_languages_without_a_warning():
    assert forms().full(form_facts(), TEMPLATE) == []


def test_full_says_what_odk_does_not_take_and_that_java_is_missing(project, monkeypatch):
    path = project / "forms/tip.form.toml"
    path.write_text(path.read_text("utf-8").replace('id = "what"', 'id = "danger_now"'), "utf-8")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    found = forms().full(form_facts("en"), project)
    assert any("without Java" in line for line in found)
    assert any(line.startswith("forms/xlsform/tip.xlsx: ODK does not take it") for line in found)


def test_every_question_and_answer_has_words_in_each_language():
    made = forms().build(form_facts(), TEMPLATE)
    for name in FORMS:
        content = made[f"forms/xlsform/{name}.xlsx"]
        asked = [row for row in rows(content) if row["type"] not in ("end_group", "calculate")]
        for row in [*asked, *rows(content, "choices")]:
            labels = {key: text for key, text in row.items() if key.startswith("label::")}
            assert len(labels) == 4, row
            if len(str(row.get("label::English (en)"))) > 20:
                assert len(set(labels.values())) == 4, row


def test_a_language_without_words_reads_english_and_only_the_public_form_fails_for_it(project, tmp_path):
    facts = form_facts("sw", "en")
    text = xform_of(xlsx(project, "intake", facts), tmp_path)
    assert "Is it safe to talk now?" in text
    assert forms().check(facts, project) == []
    sign_forms(project)
    signed = decided(facts | {"channels": OPEN})
    signed["data"]["form_public_key"] = PUBLIC_KEY
    found = forms().check(signed, project)
    assert len(found) == 1
    assert re.match(r"forms/tip.form.toml: \d+ texts are not written in sw", found[0])


def test_the_same_sources_give_the_same_bytes_and_another_question_another_version(project):
    first, second = (forms().build(form_facts(), project) for _ in range(2))
    assert first == second
    settings = rows(first["forms/xlsform/intake.xlsx"], "settings")[0]
    assert settings["form_id"] == "hotline-intake"
    turn_on(project, "intake", "age_group")
    changed = rows(xlsx(project, "intake", form_facts()), "settings")[0]
    assert changed["version"] != settings["version"]
    assert changed["version"].startswith("2027-03-01+")


def test_nothing_about_the_device_and_no_file_or_place_is_collected():
    made = forms().build(form_facts("en"), TEMPLATE)
    kinds = {str(row["type"]).split()[0] for name in FORMS for row in rows(made[f"forms/xlsform/{name}.xlsx"])}
    assert kinds == {
        "begin_group", "end_group", "note", "text", "integer", "date", "dateTime", "select_one", "select_multiple",
        "calculate",
    }  # fmt: skip


def test_every_cell_of_a_workbook_is_text_and_none_a_formula(project):
    for path in (project / "forms").glob("*.toml"):
        path.write_text(path.read_text("utf-8").replace('label = { en = "', 'label = { en = "=1+1 '), "utf-8")
    for name in FORMS:
        for sheet in openpyxl.load_workbook(io.BytesIO(xlsx(project, name))):
            assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
            assert not [cell for row in sheet.iter_rows() for cell in row if cell.value and cell.data_type == "n"]


def test_a_workbook_opens_with_readable_columns_and_its_heading_stays(project):
    for sheet in openpyxl.load_workbook(io.BytesIO(xlsx(project, "intake"))):
        assert sheet.freeze_panes == "A2"
        for column in sheet.iter_cols():
            longest = max(len(str(cell.value or "")) for cell in column)
            assert sheet.column_dimensions[column[0].column_letter].width >= min(longest, 60), column[0].value


def test_a_public_key_encrypts_and_odk_takes_it(tmp_path):
    facts = form_facts("en")
    facts["data"]["form_public_key"] = PUBLIC_KEY
    text = xform_of(xlsx(TEMPLATE, "tip", facts), tmp_path, validate=True)
    assert f'base64RsaPublicKey="{PUBLIC_KEY}"' in text


# What is asked


def test_intake_asks_the_least_and_what_is_about_our_own_work(tmp_path):
    asked = names_in(xform_of(xlsx(TEMPLATE, "intake"), tmp_path))
    helpers = {name for name in asked if name.endswith(("_missing", "_digits")) or name.startswith("part_")}
    assert asked - helpers - {"privacy_note", "instanceID"} == INTAKE


def test_every_form_asks_the_same_on_paper_and_in_odk():
    facts, tool = form_facts("en"), part("forms_read")
    read, made = tool.load(facts, TEMPLATE), forms().build(facts, TEMPLATE)
    for form in read.forms:
        asked = {one.id: one.label.in_language("en") for _, fields in read.asked(form) for one in fields}
        assert set(asked) <= {str(row["name"]) for row in rows(made[f"forms/xlsform/{form.id}.xlsx"])}
        paper = made[f"forms/print/{form.id}.en.html"].decode()
        assert [label for label in asked.values() if part("escape").html_text(label) not in paper] == []


@pytest.mark.parametrize("name", NAMES)
def test_what_identifies_is_asked_only_when_purpose_consent_retention_and_the_question_are_signed(project, name):
    facts = form_facts("en")
    assert name.encode() not in b"".join(forms().build(facts, project).values())
    turn_on(project, "intake", name)
    whole = decided(facts)
    halves = [
        facts,
        whole | {"data": whole["data"] | {"purpose": "  "}},
        whole | {"data": whole["data"] | {"consent_approved_on": "soon"}},
        whole | {"retention": facts["retention"]},
    ]
    for half in halves:
        assert name not in {row["name"] for row in rows(xlsx(project, "intake", half))}
        assert any(f"intake.form.toml, {name}: it is on but" in line for line in forms().check(half, project))
    assert name in {row["name"] for row in rows(xlsx(project, "intake", whole))}
    assert forms().check(whole, project) == []


def test_a_question_that_only_might_help_needs_a_role_and_a_day(project):
    turn_on(project, "intake", "vic_TypeOfExploitation", signed=False)
    assert "vic_TypeOfExploitation" not in {row["name"] for row in rows(xlsx(project, "intake"))}
    assert any("approved_by and approved_on" in line for line in forms().check(form_facts("en"), project))
    shutil.copytree(TEMPLATE / "forms", project / "forms", dirs_exist_ok=True)
    turn_on(project, "intake", "vic_TypeOfExploitation")
    codes = [row["name"] for row in rows(xlsx(project, "intake"), "choices") if "Exploitation" in row["list_name"]]
    assert codes[-4:] == ["x_ForcedCriminality", "not_asked", "not_known", "declined"]
    assert forms().check(form_facts("en"), project) == []


@pytest.mark.parametrize("name", ["first_name", "birth_date", "home_address", "caller_phone", "gps", "prs_Email"])
def test_a_name_in_disguise_is_found(project, name):
    path = project / "forms/intake.form.toml"
    path.write_text(path.read_text("utf-8").replace('id = "safe_words"', f'id = "{name}"'), "utf-8")
    assert any(f"{name}: its name says that it identifies" in line for line in forms().check(form_facts("en"), project))


# Live


def secret_key() -> str:
    """What begins like a secret key; it is none."""
    return base64.b64encode(bytes.fromhex("308204a30201000282") + b"\x01" * 1180).decode()


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("", "answers would not be encrypted"),
        ("not base64!", "it is not base64"),
        (base64.b64encode(b"x" * 300).decode(), "not a public RSA key"),
        (PUBLIC_KEY[:200], "not a public RSA key"),
        (secret_key(), "SECRET half"),
        (PUBLIC_KEY, ""),
    ],
)
def test_an_open_channel_needs_the_public_half_of_a_key(project, key, says):
    sign_forms(project)
    facts = form_facts("en", channels=OPEN)
    facts["data"]["form_public_key"] = key
    found = forms().check(facts, project)
    assert [says in line for line in found] == ([True] if says else [])


def test_an_open_channel_needs_signed_forms_and_a_closed_one_only_marks_them(project):
    facts = form_facts("en", channels=OPEN)
    facts["data"]["form_public_key"] = PUBLIC_KEY
    assert len([line for line in forms().check(facts, project) if "still a draft" in line]) == len(FORMS)
    assert forms().check(form_facts("en"), project) == []
    # Marked open but not signed: the same, for somebody means to use the forms.
    assert not part("core").is_open(facts, "phone")


def test_paper_carries_the_draft_mark_until_the_role_and_the_reader_of_the_language_signed(project):
    facts = form_facts("en", "ar")
    mark = b"DRAFT: not for live contacts"
    sign_forms(project)
    assert mark in forms().build(facts, project)["forms/print/intake.ar.html"]
    facts["languages"]["ar"] |= {"reviewed_by": "Reader", "reviewed_on": "2027-01-01"}
    made = forms().build(facts, project)
    assert mark not in made["forms/print/intake.ar.html"]
    assert mark in made["forms/print/intake.en.html"]


# Filled in, by ODK's own engine

CONTACT = {
    "signal_id": "S-000123", "received_at": "2027-03-01T10:00:00.000Z", "channel": "call", "direction": "inbound",
    "not_substantive": "substantive", "safe_to_talk": "yes", "danger_now": "not_known", "urgency": "routine",
    "language": "en", "interpreter": "no", "category": "referral", "contactor": "victim_or_survivor",
    "need": "shelter legal_help", "region": "in_country", "consent_note": "yes", "consent_refer": "yes",
    "consent_report": "no", "consent_contact_back": "yes", "consent_statistics": "yes",
    "safe_method": "agreed_call_time", "safe_when": "Tuesday 10:00", "outcome": "referral", "next_step": "Call back",
}  # fmt: skip


def test_a_signal_without_content_is_counted_and_nothing_more_is_asked(tmp_path):
    xform_of(xlsx(TEMPLATE, "intake"), tmp_path)
    silent = {**CONTACT, "not_substantive": "silent"}
    unasked = {**CONTACT, "need": "not_asked shelter", "signal_id": "0712345678"}
    alone = {**CONTACT, "consent_contact_back": "not_asked", "next_step": "Call 0712 345 678"}
    whole, none, wrong, careful = fill(tmp_path / "form.xml", CONTACT, silent, unasked, alone)
    assert whole.refused == {}
    assert {"safe_method", "safe_when", "safe_words_missing"} <= set(whole.shown)
    assert [name for name in none.shown if name != "privacy_note"] == [
        "signal_id", "received_at", "channel", "direction", "not_substantive",
    ]  # fmt: skip
    assert wrong.refused == {"need": "constraint", "signal_id": "constraint"}
    assert "safe_method" not in careful.shown
    assert "next_step_digits" in careful.shown
    assert "next_step_digits" not in whole.shown


def test_a_referral_without_consent_is_refused_but_for_the_written_emergency(tmp_path):
    xform_of(xlsx(TEMPLATE, "referral"), tmp_path)
    refused = {"record_id": "S-0001", "need": "shelter", "emergency_basis": "no", "consent_refer": "no"}
    asked = fill(
        tmp_path / "form.xml",
        refused,
        {**refused, "consent_refer": "withdrawn"},
        {**refused, "consent_refer": "yes"},
        {**refused, "emergency_basis": "yes"},
    )
    assert ["consent_refer" in one.refused for one in asked] == [True, True, False, False]


def test_a_review_counts_its_failed_stars(tmp_path):
    xform_of(xlsx(TEMPLATE, "qa-review"), tmp_path)
    names = [row["name"] for row in rows(xlsx(TEMPLATE, "qa-review")) if row["type"] == "select_one pass_fail"]
    assert len(names) == 7
    (filled,) = fill(tmp_path / "form.xml", dict.fromkeys(names, "pass") | dict.fromkeys(names[:3], "fail"))
    assert dict(filled.fields)["part_result/failed_stars"] == "3"


def test_every_question_about_a_person_can_be_not_asked_not_known_or_declined():
    read = part("forms_read").load(form_facts("en"), TEMPLATE)
    for form in (form for form in read.forms if not form.public):
        survey = {str(row["name"]): str(row["type"]) for row in rows(xlsx(TEMPLATE, form.id))}
        for _, fields in read.asked(form):
            for one in (one for one in fields if one.tier == "minimum" and read.takes_missing(form, one)):
                assert survey[one.id].endswith("_or_why") or survey[f"{one.id}_missing"] == "select_one missing"
    free = {one.id for one in read.form("intake").fields if one.tier == "minimum"} - {
        one.id for one in read.form("intake").fields if read.takes_missing(read.form("intake"), one)
    }
    assert free == {"signal_id", "received_at", "channel", "language", "category", "next_step"}


# Hostile texts


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.seen += [f"{tag} {name}" for name, _ in attrs]


def tags(page: bytes) -> set[str]:
    found = Tags()
    found.feed(page.decode())
    return set(found.seen)


HARM = [
    'L"Espoir \\ ${signal_id} ]]> <script>alert(1)</script> {{ 7*7 }}',
    "\u202eمركز [x](javascript:alert(1)) **b** <b>",
    "=cmd|' /C calc'!A0 " + "x" * 300,
    "_x0041_ &amp; ${nothing} \n[gates]\nopen = true",
    *(" ".join(texts)[:190] for texts in KINDS.values()),
]


@pytest.mark.parametrize("harm", HARM if os.environ.get("SOAK") else HARM[:4])
def test_typed_texts_do_nothing_in_any_copy(project, tmp_path, harm):
    harm = harm.encode("utf-8", "ignore").decode()
    facts = form_facts("en", "fr", hotline={"name": harm, "country": harm})
    facts["languages"]["fr"]["name"] = harm
    typed = json.dumps(harm, ensure_ascii=False).replace("\x7f", "")
    for path in [project / "data/codebook.toml", *(project / "forms").glob("*.toml")]:
        french = re.compile(r'fr = "(?:[^"\\]|\\.)*"')
        path.write_text(french.sub(lambda _: f"fr = {typed}", path.read_text("utf-8")), "utf-8")
    (project / "directory/directory.toml").write_text(f"regions = [{typed}, 'North Coast']\n", "utf-8")
    made, plain = forms().build(facts, project), forms().build(form_facts("en", "fr"), TEMPLATE)
    assert set(made) == set(plain)
    for path, content in made.items():
        if path.endswith(".html"):
            assert tags(content) == tags(plain[path]), path
        else:
            text = xform_of(content, tmp_path)
            assert text.count("<output") == xform_of(plain[path], tmp_path).count("<output"), path
    assert "North_Coast" in {row["name"] for row in rows(made["forms/xlsform/intake.xlsx"], "choices")}


# What the check says


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('id = "tip"', 'id = "tipp"', "write 'tip'"),
        ('audience = "public"', 'audience = "press"', "audience is not known"),
        ('keep = "retention.tip_days"', 'keep = "retention.days"', "does not have"),
        ('reviewed_by = ""', 'reviewed_by = "Director"', "belong together"),
        ('reviewed_on = ""', 'reviewed_on = "soon"', "not a date"),
        ('id = "what"', 'id = "where"', "is there 2 times"),
        ('id = "what"', 'id = "2 what"', "is not a name"),
        ('kind = "long"', 'kind = "photo"', "kind is not known"),
        ('tier = "minimum"', 'tier = "nice"', "tier is not known"),
        ('list = "how_known"', 'list = "how"', "is not in data/codebook.toml"),
        ('list = "how_known"', 'list = "how_known"\ndefault = "read"', "is not one of its answers"),
        ('list = "yes_no"', 'list = "yes_no"\nmust_be = ["yes", "\' or true()"]', "is not one of its answers"),
        ('label = { en = "Where was it?"', 'label = { xx = ""', "no English label"),
        ('why = "The core of a tip."', 'why = ""', "does not say why"),
        ('covers = "who"', 'when = { field = "later", is = ["yes"] }', "is not asked before it"),
        ('covers = "who"', 'when = { field = "danger_now", is = ["maybe"] }', "cannot have"),
        ("[[sections]]", "[[sections", "does not parse"),
    ],
)
def test_the_check_says_where_what_and_what_to_do(project, old, new, says):
    path = project / "forms/tip.form.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    found = forms().check(form_facts("en"), project)
    assert any(says in line for line in found), found
    assert all(re.match(r"[^:]+: .+[.]$", line) for line in found), found


def test_an_intake_form_that_forgets_part_of_the_least_fails(project):
    path = project / "forms/intake.form.toml"
    path.write_text(path.read_text("utf-8").replace('covers = "need"', 'covers = "wish"'), "utf-8")
    assert any('covers "need"' in line for line in forms().check(form_facts("en"), project))
    path.unlink()
    assert any("there is no intake" in line for line in forms().check(form_facts("en"), project))


def test_a_code_that_years_are_compared_by_cannot_go_and_one_may_be_added(project):
    path = project / "data/codebook.toml"
    text = path.read_text("utf-8")
    path.write_text(text.replace('at_risk = { en = "At risk', 'risk = { en = "At risk'), "utf-8")
    assert any("at_risk is missing" in line for line in forms().check(form_facts("en"), project))
    path.write_text(text.replace("[lists.category.codes]", '[lists.category.codes]\nflood = { en = "Flood" }'), "utf-8")
    assert forms().check(form_facts("en"), project) == []


@pytest.mark.parametrize("name", ["forms/intake.form.toml", "data/codebook.toml", "data/htcds.toml"])
def test_broken_sources_give_sentences(project, name):
    for broken in (b"", b"\x00\xff", b"[x]\ny = 1\n", b"sections = 3\n[lists.a]\ncodes = 1\n"):
        (project / name).write_bytes(broken)
        assert forms().check(form_facts("en"), project) != []
        forms().build(form_facts("en"), project)


# Paper


def test_pages_load_nothing_and_say_how_long_paper_is_kept():
    for path, content in forms().build(form_facts(), TEMPLATE).items():
        if path.endswith(".html"):
            text = content.decode()
            assert not re.search(r"\b(src|href|action|srcset)=|url\(|@import|<script|<form|<input", text), path
            assert f'dir="{"rtl" if path.endswith(".ar.html") else "ltr"}"' in text
            kept = re.findall(r'data-fact="(retention\.\w+)" data-value="(\d+)">(\d+)<', text)
            days = {"tip": "366", "report": "", "complaint": ""}.get(path.split("/")[-1].split(".")[0], "365")
            assert [one[1:] for one in kept] == ([(days, days)] if days else [])


def test_paper_fits_a4_and_a_phone_and_axe_finds_nothing_to_mend(tmp_path):
    made = forms().build(form_facts(), TEMPLATE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 320, "height": 700})
        for name, most in (("intake.en", 4), ("intake.ar", 4), ("tip.fr", 1), ("qa-review.es", 3)):
            page.set_content(made[f"forms/print/{name}.html"].decode())
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, name
            assert Axe().run(page).response["violations"] == [], name
            pdf = page.pdf(prefer_css_page_size=True)
            assert 1 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= most, name
        browser.close()


def test_all_four_languages_are_there():
    pages = [name for name in forms().build(form_facts(), TEMPLATE) if name.endswith("html")]
    assert {name.split(".")[-2] for name in pages} == set(LANGUAGES)
