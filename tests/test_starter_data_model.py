"""The starter's data model: HTCDS whole and exact, a signal is no case, permissions closed, no way out with holes."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest
from conftest import SHARED
from javarosa import fill
from jsonschema import Draft202012Validator, FormatChecker
from pyxform.xls2xform import convert
from starter_forms import decided, form_facts, project_of, turn_on
from starter_tools import TEMPLATE, part
from test_starter_forms import CONTACT

STANDARD = SHARED / "standards" / "htcds"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
SYSTEMS = ("primero", "salesforce", "kobo", "generic")
KINDS = {
    "Text": {"text", "country"}, "Picklist or Text": {"text", "country"}, "Long Text": {"long"}, "Date": {"date"},
    "Checkbox": {"checkbox"}, "Number": {"number"}, "Geolocation": {"number"}, "Picklist": {"one", "language"},
    "Multiselect Picklist": {"many", "countries"}, "Lookup [to organisation]": {"organisation"},
    "Lookup [to user]": {"role"}, "Lookup [to person]": {"role"},
}  # fmt: skip


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return project_of(tmp_path / "project")


def model() -> Any:
    return part("data_model")


@cache
def fresh() -> dict[str, bytes]:
    found: dict[str, bytes] = model().build(form_facts(), TEMPLATE)
    return found


def made(project: Path = TEMPLATE, facts: dict[str, Any] | None = None) -> dict[str, bytes]:
    if project == TEMPLATE and facts is None:
        return fresh()
    found: dict[str, bytes] = model().build(facts or form_facts(), project)
    return found


def schema(name: str, project: Path = TEMPLATE, facts: dict[str, Any] | None = None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(made(project, facts)[f"data/{name}.schema.json"])
    return found


def wrong(schema: dict[str, Any], record: dict[str, Any]) -> list[str]:
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(record)]


def table(name: str, project: Path = TEMPLATE) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(made(project)[f"data/{name}.csv"].decode())))


# HTCDS


@cache
def standard() -> dict[str, dict[str, Any]]:
    """Read the standard's own field list (ODS), cell by cell."""
    with zipfile.ZipFile(STANDARD / "HTCDS_Field_Standards_2.0.ods") as source:
        sheet = ElementTree.fromstring(source.read("content.xml"))
    found = {}
    for row in sheet.iter(f"{TABLE}table-row"):
        cells: list[list[str]] = []
        for cell in row:
            lines = ["".join(one.itertext()).replace("\xa0", " ").strip() for one in cell.iter(f"{TEXT}p")]
            cells += [[line for line in lines if line]] * min(int(cell.get(f"{TABLE}number-columns-repeated", 1)), 20)
        name = "".join(cells[6]) if len(cells) > 6 else ""
        if re.fullmatch(r"[a-z]{3}_\w+", name):
            cells += [[]] * 13
            found[name] = {
                "status": "".join(cells[1]), "core": bool(cells[2]), "label": "".join(cells[5]),
                "type": "".join(cells[7]), "values": [v for v in cells[9] if "ISO" not in v],
                "labels": [v for v in cells[10] if "ISO" not in v],
            }  # fmt: skip
    return found


@cache
def ours() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = part("forms_read").load(form_facts(), TEMPLATE).htcds
    return found


def test_all_83_fields_of_the_standard_are_accounted_for_with_names_labels_types_and_lists_kept():
    assert len(standard()) == 83
    assert list(ours()) == list(standard())
    for name, field in standard().items():
        same = {key: ours()[name].get(key, []) for key in field}
        assert same == field, name
        assert ours()[name]["kind"] in KINDS[field["type"]], name


def test_all_40_core_fields_have_a_place_and_the_map_says_which():
    rows = {row["htcds_field"]: row for row in table("htcds-map")}
    assert list(rows) == list(standard())
    core = [name for name, field in standard().items() if field["core"]]
    assert len(core) == 40
    assert [name for name in core if rows[name]["core"] != "yes" or not rows[name]["ours"]] == []
    places = {row["ours"].rpartition(".")[0] for name, row in rows.items() if name in core}
    assert places == {"case", "case.persons", "case.identity"}
    assert [row["htcds_field"] for row in rows.values() if not (row["ours"] and row["state"])] == []
    assert sum(row["state"] == "off" for row in rows.values()) == 24


def lists_of(shape: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Return the standard's codes of a field, and those that are marked as ours."""
    first = shape["anyOf"][0]
    options = shape["anyOf"]
    if first.get("type") == "array":
        options = first["items"].get("anyOf", [first["items"]])
    codes = [one for one in options if "enum" in one]
    theirs = [code for one in codes if not one.get("x-local") for code in one["enum"]]
    return theirs, [code for one in codes if one.get("x-local") for code in one["enum"]]


def test_the_case_schema_has_the_standards_lists_exactly_and_marks_what_is_ours():
    case = schema("case")
    shapes = dict(case["properties"])
    for name in ("persons", "actors", "events", "comments", "support_plans"):
        shapes |= case["$defs"][name]["properties"]
    listed = {name: field["values"] for name, field in standard().items() if field["values"]}
    assert len(listed) == 21
    for name, values in listed.items():
        if name == "org_Type":  # organisations are in the directory
            continue
        theirs, own = lists_of(shapes[name])
        assert theirs == values, name
        assert own == (["x_ForcedCriminality"] if name == "vic_TypeOfExploitation" else []), name
    assert case["x-local"] == {"vic_TypeOfExploitation": {"x_ForcedCriminality": "Other"}}
    deprecated = {name for name, shape in shapes.items() if shape.get("deprecated")}
    assert deprecated == {name for name, field in standard().items() if field["status"] == "DEPRECATED"}


def test_every_question_of_the_standards_own_survey_form_has_its_place_here():
    sheet = openpyxl.load_workbook(STANDARD / "htcds_xlsform.xlsx")["survey"]
    names = [str(row[1]) for row in sheet.iter_rows(min_row=2, values_only=True) if re.match(r"[a-z]{3}_", str(row[1]))]
    spelt = {"prs_First_Name": "prs_FirstName", "prs_Second_Name": "prs_SecondName"}
    spelt["vic_Methods_of_Control"] = "vic_MethodsOfControl"
    assert len(names) == 31
    assert [name for name in names if spelt.get(name, name) not in ours()] == []


def test_no_name_of_the_standard_that_identifies_is_in_a_schema_until_it_is_signed(project):
    apart = schema("case")["x-kept-apart"]
    assert {"prs_FirstName", "prs_Birthdate", "prs_MailingStreet", "prs_MobilePhone", "hte_Street"} <= set(apart)
    text = json.dumps({key: value for key, value in schema("case").items() if key != "x-kept-apart"})
    assert [name for name in apart if f'"{name}"' in text] == []
    turn_on(project, "intake", "prs_FirstName")
    assert "identity" not in schema("case", project)["properties"]
    signed = decided(form_facts())
    assert list(schema("case", project, signed)["properties"]["identity"]["properties"]) == ["prs_FirstName"]
    assert "prs_FirstName" in schema("signal", project, signed)["properties"]
    rows = csv.DictReader(io.StringIO(made(project, signed)["data/htcds-map.csv"].decode()))
    assert {row["htcds_field"]: row["state"] for row in rows}["prs_FirstName"] == "on"


# Schemas

SILENT = {
    "signal_id": "S-000124", "received_at": "2027-03-01T10:00:00+03:00", "channel": "call", "direction": "inbound",
    "not_substantive": "silent",
}  # fmt: skip
WHOLE = {
    **CONTACT, "received_at": "2027-03-01T10:00:00+03:00", "need": ["shelter", "legal_help"], "outcome": ["referral"],
    "case_id": "C-0007",
}  # fmt: skip
CASE = {
    "case_id": "C-0007", "signal_ids": ["S-000123", "S-000200"], "workers": ["advocate 3", "supervisor"],
    "opened_on": "2027-03-01", "cas_Status": "FollowUp", "con_Consent": True,
    "consents": [
        {"purpose": "refer", "answer": "yes", "to_whom": "S1", "asked_on": "2027-03-01", "asked_by": "advocate 3"},
        {"purpose": "report", "answer": "withdrawn", "asked_on": "2027-03-01", "asked_by": "advocate 3",
         "withdrawn_on": "2027-03-02"},
        {"purpose": "research", "answer": "not_asked", "asked_on": "2027-03-01", "asked_by": "advocate 3"},
    ],
    "safe_contact": {"method": "agreed_call_time", "when": "Tuesday 10:00", "leave_message": False},
    "persons": [{
        "number": 1, "age_group": "adult", "vic_TraffickingStatus": "PossibleVictimOfTrafficking",
        "vic_TypeOfExploitation": ["ForcedLabour", "x_ForcedCriminality"], "vic_MethodsOfControl": "not_asked",
        "prs_Gender": "declined",
    }],
    "actors": [{"number": 1, "per_RoleInProcess": ["RecruiterOrIntermediary"]}],
    "comments": [{"number": 1, "written_at": "2027-03-01T11:00:00Z", "written_by": "advocate 3",
                  "cco_CaseComment": "Asked for a bed for tonight."}],
    "events": [{"number": 1, "hte_Type": "Recruitment", "hte_Country": "RR", "hte_Date": "not_known"}],
    "support_plans": [{"number": 1, "spl_Type": "Legal", "spl_PlannedEndDate": "2027-06-01"}],
}  # fmt: skip


def test_both_schemas_are_json_schema_2020_12_and_full_says_so():
    assert model().full(form_facts(), TEMPLATE) == []
    for name in ("signal", "case"):
        Draft202012Validator.check_schema(schema(name))
        assert schema(name)["x-facts"]["retention.signal_days"] == 365


def test_good_records_are_valid():
    assert wrong(schema("signal"), SILENT) == []
    assert wrong(schema("signal"), WHOLE) == []
    assert wrong(schema("case"), CASE) == []


@pytest.mark.parametrize(
    "change",
    [
        {"name": "A. Person"}, {"prs_FirstName": "A."}, {"phone": "0712345678"}, {"signal_id": "0712345678"},
        {"signal_id": "+254712345"}, {"category": "Crisis"}, {"category": ["crisis"]}, {"channel": "telegram"},
        {"received_at": "yesterday"}, {"need": ["not_asked", "shelter"]}, {"need": []}, {"region": "Village 7"},
        {"vic_TypeOfExploitation": ["Other"]}, {"consent_contact_back": "no"}, {"next_step": None},
        {"not_substantive": "hang_up"},
    ],
)  # fmt: skip
def test_a_signal_that_holds_more_or_other_than_was_decided_is_refused(change):
    assert wrong(schema("signal"), WHOLE | change) != []


def test_a_signal_without_content_carries_nothing_and_one_with_content_all_of_the_least():
    signal = schema("signal")
    for name in ("category", "need", "contactor", "region", "language", "consent_note", "next_step"):
        assert wrong(signal, SILENT | {name: WHOLE[name]}) != [], name
        assert wrong(signal, {key: value for key, value in WHOLE.items() if key != name}) != [], name


@pytest.mark.parametrize(
    ("place", "change"),
    [
        ("", {"prs_FirstName": "A."}), ("", {"cas_Status": "Open"}), ("", {"workers": []}), ("", {"signal_ids": []}),
        ("", {"identity": {"prs_FirstName": "A."}}), ("", {"consents": []}),
        ("persons", {"prs_FirstName": "A."}), ("persons", {"prs_Birthdate": "2000-01-01"}),
        ("persons", {"vic_TypeOfExploitation": ["Scam"]}), ("persons", {"vic_TypeOfExploitation": ["not_asked"]}),
        ("actors", {"per_RoleDetails": "The boss is B."}), ("events", {"hte_Street": "1 Street"}),
        ("consents", {"answer": "withdrawn"}), ("consents", {"purpose": "everything"}),
    ],
)  # fmt: skip
def test_a_case_that_holds_more_or_other_than_was_decided_is_refused(place, change):
    case = json.loads(json.dumps(CASE))
    (case[place][0] if place else case).update(change)
    assert wrong(schema("case"), case) != []


def test_what_odk_sends_is_a_valid_signal(tmp_path):
    (tmp_path / "intake.xlsx").write_bytes(part("forms").build(form_facts("en"), TEMPLATE)["forms/xlsform/intake.xlsx"])
    (tmp_path / "form.xml").write_text(convert(str(tmp_path / "intake.xlsx"), validate=False).xform, "utf-8")
    silent = {**CONTACT, "not_substantive": "silent"}
    signal = schema("signal", facts=form_facts("en"))
    for filled in fill(tmp_path / "form.xml", CONTACT, silent):
        assert filled.refused == {}
        sent = {path.rpartition("/")[2]: text for path, text in filled.fields if text}
        record = {name: text for name, text in sent.items() if name in signal["properties"]}
        record |= {name[:-8]: text for name, text in sent.items() if name.endswith("_missing")}
        record |= {name: record[name].split() for name in ("need", "outcome") if name in record}
        assert wrong(signal, record) == []


# Codebook


def test_the_codebook_has_every_question_and_code_in_every_language_and_no_formula(project):
    rows = table("codebook")
    read = part("forms_read").load(form_facts(), TEMPLATE)
    assert sum(row["what"] == "question" for row in rows) == sum(len(form.fields) for form in read.forms)
    codes = {(row["list"], row["name"]) for row in rows if row["what"] == "code"}
    assert {("category", code) for code in ("crisis", "tip", "technical_assistance", "referral", "general_information",
            "at_risk", "unrelated")} <= codes  # fmt: skip
    aside = {"silent", "hang_up", "wrong_number", "prank", "test", "abusive"}
    assert aside == {code for name, code in codes if name == "not_substantive"} - {"substantive"}
    assert [row for row in rows if not all(row[f"words_{code}"] for code in ("en", "fr", "es", "ar"))] == []
    path = project / "data/codebook.toml"
    path.write_text(path.read_text("utf-8").replace('en = "Crisis"', "en = \"=cmd|' /C calc'!A0\""), "utf-8")
    cells = [cell for row in csv.reader(io.StringIO(made(project)["data/codebook.csv"].decode())) for cell in row]
    assert [cell for cell in cells if cell[:1] in tuple("=+-@")] == []


def test_forms_and_statistics_use_the_same_codes():
    lists = part("forms_read").load(form_facts(), TEMPLATE).lists
    indicators = part("core").read_toml(TEMPLATE, "statistics/indicators.toml")["dimensions"]
    for name in ("category", "channel", "contactor", "not_substantive"):
        assert set(indicators[name]["levels"]) == set(lists[name]) - {"substantive"}, name


# Permissions


def permissions(project: Path = TEMPLATE) -> dict[str, Any]:
    found: dict[str, Any] = part("core").read_toml(project, "data/permissions.toml")
    return found


def test_what_is_not_listed_is_not_allowed():
    may, given = part("data_check").may, permissions()
    assert may(given, "advocate", "signal_write_own")
    refused = [("advocate", "signal_read_all"), ("nobody", "practice"), ("advocate", "fly"), ("it", "note_read_all")]
    assert [pair for pair in refused if may(given, *pair)] == []
    assert not may({"roles": {"x": {"may": ["fly"]}}}, "x", "fly")
    assert not may({}, "director", "counts_read")


def test_it_and_those_outside_see_nothing_that_people_told_and_nobody_reads_what_is_kept_apart():
    given = permissions()
    content = {action for action, one in given["actions"].items() if one["content"]}
    for role in ("it", "director", "trainer", "survivor_adviser", "outside", "directory_keeper"):
        assert content.isdisjoint(given["roles"][role]["may"]), role
    assert [role for role, one in given["roles"].items() if "identity_read" in one["may"]] == []
    for first, second in (("export_ask", "export_agree"), ("delete_run", "delete_agree")):
        holders = [{r for r, one in given["roles"].items() if a in one["may"]} for a in (first, second)]
        assert all(holders)
        assert holders[0].isdisjoint(holders[1])


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('may = ["practice"]', 'may = ["*"]', "would allow everything"),
        ('may = ["practice"]', 'may = ["signal_*"]', "would allow everything"),
        ('may = ["practice"]', 'may = ["all"]', "would allow everything"),
        ('may = ["practice"]', 'may = ["practise"]', "is not under [actions]"),
        ('may = ["practice"]', 'may = "practice"', "is not a list"),
        ('may = ["forms_write", "accounts_write"]', 'may = ["forms_write", "note_read_all"]', "settings would see"),
        ('"export_ask", "delete_run"]', '"export_ask", "export_agree"]', "agrees to it"),
        ('"counts_read", "log_read", "delete_agree"]', '"accounts_write", "codes_read"]', "settings would see"),
        ('title = "Director"', 'title = "Manager"', "is not in the table"),
        ('title = "Director"', 'title = "Manager"', "has no entry"),
        ("practice = { content = false, ", "practice = { ", "content is missing"),
        ("[roles.it]", "[roles.it", "does not parse"),
    ],
)  # fmt: skip
def test_the_check_keeps_permissions_closed(project, old, new, says):
    path = project / "data/permissions.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    found = model().check(form_facts(), project)
    assert any(says in line for line in found), found


# Ways out


def test_every_way_out_says_of_every_field_where_it_goes():
    assert model().check(form_facts(), TEMPLATE) == []
    wanted = part("data_check").universe(part("forms_read").load(form_facts(), TEMPLATE))
    assert len(wanted) == 125
    for system in SYSTEMS:
        rows = list(csv.DictReader((TEMPLATE / f"data/migration/{system}.csv").read_text("utf-8").splitlines()))
        assert [(row["record"], row["field"]) for row in rows] == wanted
        kept = {name for name, one in ours().items() if one["record"] == "identity"}
        assert [r["field"] for r in rows if r["field"] in kept and r["how"] not in ("apart", "not moved")] == []


def test_the_way_to_kobo_names_questions_that_its_forms_have(tmp_path):
    rows = list(csv.DictReader((TEMPLATE / "data/migration/kobo.csv").read_text("utf-8").splitlines()))
    sheet = openpyxl.load_workbook(STANDARD / "htcds_xlsform.xlsx")["survey"]
    theirs = {str(row[1]) for row in sheet.iter_rows(values_only=True)}
    moved = {r["to_field"] for r in rows if r["to_object"] == "form htcds_xlsform" and r["how"] != "new field"}
    assert moved == {name for name in theirs if re.match(r"[a-z]{3}_", name)}
    (tmp_path / "intake.xlsx").write_bytes(part("forms").build(form_facts("en"), TEMPLATE)["forms/xlsform/intake.xlsx"])
    xform = ElementTree.fromstring(convert(str(tmp_path / "intake.xlsx"), validate=False).xform)
    paths = {node.get("nodeset", "").removeprefix("/data/") for node in xform.iter() if node.tag.endswith("}bind")}
    on = {r["to_field"] for r in rows if r["to_object"] == "form intake" and r["how"] == "copy"}
    assert paths & on == {path for path in paths if "/" in path and not path.endswith(("_missing", "_digits"))} - {
        "meta/instanceID"
    }


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("case,cas_Status,case.csv,cas_Status,copy,\n", "", "cas_Status of case has no line"),
        ("case,cas_Status,case.csv,cas_Status,copy,\n", "case,cas_Status,case.csv,,copy,\n", "does not say where"),
        ("case,cas_Status,case.csv,cas_Status,copy,\n", "case,cas_Status,,,not moved,\n", "nothing says why"),
        ("case,cas_Status,case.csv,cas_Status,copy,\n", "case,cas_Status,a,b,teleport,\n", "how is not known"),
        ("case,cas_Status,", "case,cas_State,", "has no such field"),
        ("record,field,", "record,fields,", "the columns must be"),
    ],
)
def test_a_hole_in_a_way_out_is_found(project, old, new, says):
    path = project / "data/migration/generic.csv"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    assert any(says in line for line in model().check(form_facts(), project))
    assert model().check(form_facts(choices={"external_systems": ["kobo"]}), project) == []


def test_a_question_of_the_hotlines_own_needs_a_line_in_the_way_out(project):
    path = project / "forms/intake.form.toml"
    path.write_text(path.read_text("utf-8").replace('id = "interpreter"', 'id = "our_interpreter"'), "utf-8")
    found = model().check(form_facts(), project)
    assert sum("our_interpreter of signal has no line" in line for line in found) == len(SYSTEMS)


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("data/htcds.toml", "[fields.con_Consent]", "[fields.con_Other]", "put the file back|no such field|no line"),
        ("data/htcds.toml", "core = true", "core = false", "of them core"),
        ("data/htcds.toml", 'record = "identity"', 'record = "drawer"', "its record is not known"),
        ("data/codebook.toml", 'export_as = "Other"', 'export_as = "Else"', "not a code of the standard"),
        ("data/codebook.toml", "[local.vic_TypeOfExploitation]", "[local.vic_Other]", "has no list of this name"),
        ("forms/intake.form.toml", 'kind = "many"\ntier = "extra"', 'kind = "text"\ntier = "extra"', "ask it as one"),
    ],
)
def test_the_check_holds_the_standard_and_our_own_codes_together(project, file, old, new, says):
    path = project / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    assert any(re.search(says, line) for line in model().check(form_facts(), project))


def test_the_standards_words_are_attributed_and_endorsement_is_not_implied():
    text = (TEMPLATE / "data/htcds.toml").read_text("utf-8")
    assert "CC BY 4.0" in text
    assert "Nothing here suggests that IOM endorses" in text
    assert "no endorsement is implied" in schema("case")["description"]
