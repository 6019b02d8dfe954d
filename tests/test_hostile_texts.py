"""Five thousand hostile texts go in through every door and out in every file, and stay text everywhere."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import tomllib
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache
from html.parser import HTMLParser
from itertools import cycle, groupby
from pathlib import Path
from types import ModuleType
from typing import Any

import defusedxml.ElementTree
import icalendar
import jinja2
import markdown
import openpyxl
import pytest
import tinycss2
from clock import measured
from docx import Document
from hostile import KINDS, hostile_texts
from libreoffice import convert
from markdown_it import MarkdownIt
from panel import DAY, instrument, only, panel, person
from printed import pages_of

from hotline_catalyst import walk
from hotline_catalyst.assessment.comparison import compare
from hotline_catalyst.assessment.doors import read_answers
from hotline_catalyst.assessment.exchange import export_csv, export_json
from hotline_catalyst.assessment.form import write_form
from hotline_catalyst.assessment.paper import asked_ids, entry_text
from hotline_catalyst.assessment.privacy import flags
from hotline_catalyst.assessment.questionnaire import write_questionnaire
from hotline_catalyst.assessment.responses import Answer, Response, clean_text, store
from hotline_catalyst.assessment.responses import Testimony as Said_
from hotline_catalyst.assessment.xlsform import field_name
from hotline_catalyst.basis import assumptions_of
from hotline_catalyst.deliverables import (
    comparison_report,
    consultant_kit,
    playbook_site,
    report,
    report_blocks,
    report_content,
    results_file,
    roadmap_files,
    roster_files,
    scorecard,
    staffing_page,
    staffing_workbook,
    start_page,
    starter_project,
)
from hotline_catalyst.deliverables.plan_feed import Feed
from hotline_catalyst.deliverables.playbooks import plain
from hotline_catalyst.deliverables.roadmap_project_xml import project_xml
from hotline_catalyst.engagement import Engagement, read_engagement
from hotline_catalyst.errors import AnswerError, ContentError
from hotline_catalyst.judgement import judge_everything
from hotline_catalyst.library import content_root, read_yaml
from hotline_catalyst.results import Results
from hotline_catalyst.starting import copy_example

SEEDS = range(20270301, 20270301 + (5 if os.environ.get("SOAK") else 1))
TEXTS = 5_000


@dataclass(frozen=True)
class Said:
    """One submission, and its texts as the person sent them: the organisation, then (note, evidence) by question."""

    response: Response
    organisation: str
    texts: dict[str, tuple[str, str]]


@contextmanager
def within_a_second() -> Iterator[None]:
    """Fail when the block takes a second of the processor."""
    with measured() as spent:
        yield
    assert spent.seconds < 1


def people(texts: list[str]) -> Iterator[Said]:
    """Give the texts away: an organisation, a note and an evidence line at a time, to people of every role."""
    rest, whole = iter(texts), instrument()
    for n, role in enumerate(cycle(whole.meta.roles)):
        sent, organisation = {}, next(rest, "")
        for question in whole.questions(role, "new"):
            sent[question.id] = (next(rest, ""), next(rest, ""))
        if not organisation:
            return
        yield Said(response(f"R-{n:03}", role, organisation, sent, n), organisation, sent)


def response(code: str, role: str, organisation: str, sent: dict[str, tuple[str, str]], n: int) -> Response:
    """Return a submission whose answers walk through the levels, states and certainties."""
    whole, answers = instrument(), {}
    for at, (question, (note, evidence)) in enumerate(sent.items(), n):
        quantity = whole.quantities.get(question)
        said: dict[str, object] = {"state": "answered", "sure": ("sure", "fairly", "unsure")[at % 3]}
        if quantity and quantity.choices:
            said["chosen"] = [*quantity.choices][: 1 + at % 2]
        elif quantity:
            said["value"] = quantity.minimum
        elif at % 6 == 5:
            said["state"] = ("dont_know", "not_applicable" if note else "declined")[at % 2]
        else:
            said["value"] = at % 5
        answers[question] = Answer.model_validate({**said, "note": note, "evidence": evidence})
    return Response(
        instrument=f"{whole.meta.id}@{whole.meta.version}",
        fingerprint=whole.fingerprint,
        respondent=code,
        role=role,
        organisation=organisation,
        given_on=DAY,
        consent=["assess"],
        answers=answers,
    )


@pytest.fixture(scope="module", params=SEEDS)
def sent(request: pytest.FixtureRequest) -> list[Said]:
    """Return five thousand texts as said by some sixty people."""
    return list(people(hostile_texts(TEXTS, request.param)))


def assert_same_texts(found: Response, said: Said) -> None:
    """Hold what came back against what was sent, by the store's own rule for texts."""
    assert found.organisation == clean_text(said.organisation)
    for question, (note, evidence) in said.texts.items():
        answer = found.answers[question]
        assert (answer.note, answer.evidence) == (clean_text(note), clean_text(evidence)), question


def test_there_are_five_thousand_different_texts_of_every_kind(sent):
    kept = [clean_text(t) for said in sent for t in (said.organisation, *sum(said.texts.values(), ()))]
    assert len({t for t in kept if t}) == TEXTS
    assert sum(t[0] in "=+-@" for t in kept if t) > 200
    assert sum("<" in t for t in kept) > 500
    assert max(map(len, kept)) == 4_000
    assert [clean_text(t) for t in kept] == kept


# Doors.


def test_through_the_workbook(sent, tmp_path):
    path = tmp_path / "q.xlsx"
    for said in sent:
        who = said.response
        earlier = panel(who)
        with within_a_second():
            write_questionnaire(
                instrument(), path, stage="new", role=who.role, respondent=who.respondent,
                organisation=said.organisation, as_of=DAY, earlier=earlier,
            )  # fmt: skip
        with within_a_second():
            (found,) = read_answers(instrument(), path, "new")
        assert found.answers == who.answers
        assert_same_texts(found, said)


def test_through_the_offline_form(sent, tmp_path):
    path = tmp_path / "form.html"
    for said in sent:
        who = said.response
        with within_a_second():
            write_form(
                instrument(), path, stage="new", role=who.role, respondent=who.respondent,
                organisation=said.organisation, as_of=DAY, earlier=panel(who),
            )  # fmt: skip
        page = Page(path)
        data = json.loads(page.scripts["application/json"])
        assert data["organisation"] == said.organisation
        assert data["given"] == {q: a.model_dump(mode="json") for q, a in who.answers.items()}
        if said.response.role == sent[0].response.role:
            assert page.elements == Page(_harmless_form(who, tmp_path)).elements


def _harmless_form(who: Response, folder: Path) -> Path:
    write_form(
        instrument(), folder / "plain.html", stage="new", role=who.role, respondent=who.respondent,
        organisation="plain", as_of=DAY,
    )  # fmt: skip
    return folder / "plain.html"


def test_through_json_as_sent_with_every_control_and_half_character(sent, tmp_path):
    path = tmp_path / "sent.json"
    for said in sent:
        data = json.loads(said.response.to_json())
        data["organisation"] = said.organisation
        for question, (note, evidence) in said.texts.items():
            data["answers"][question] |= {"note": note, "evidence": evidence}
        path.write_text(json.dumps(data), "utf-8")
        with within_a_second():
            (found,) = read_answers(instrument(), path, "new")
        assert found.to_json() == said.response.to_json()
        assert_same_texts(found, said)


def test_through_our_tables_and_lists(sent, tmp_path):
    said = [s.response for s in sent]
    stored = {r.to_json() for r in said}
    for name, export in (("all.csv", export_csv), ("all.json", export_json)):
        for at, one in enumerate([*said, None]):
            path = tmp_path / name
            with within_a_second() if one else nullcontext():
                path.write_bytes(export([one] if one else said))
                found = read_answers(instrument(), path, "new")
            assert {r.to_json() for r in found} == ({said[at].to_json()} if one else stored)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_no_cell_of_our_table_is_worked_out_by_a_spreadsheet(sent, separator):
    text = export_csv(s.response for s in sent).decode("utf-8-sig")
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator):
        assert [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


def test_through_kobos_table_of_raw_texts(sent, tmp_path):
    path = tmp_path / "kobo.csv"
    for said in sent:
        path.write_bytes(kobo(said))
        with within_a_second():
            (found,) = read_answers(instrument(), path, "new")
        assert found.to_json() == said.response.to_json()


def test_a_table_with_nul_is_refused_by_name(sent, tmp_path):
    path = tmp_path / "kobo.csv"
    path.write_bytes(kobo(sent[0]).replace(b"=1+1", b"=1\0+1"))
    with within_a_second(), pytest.raises(AnswerError, match="it holds NUL characters and is no text"):
        read_answers(instrument(), path, "new")


def kobo(said: Said) -> bytes:
    """Return a submission as Kobo exports it, texts raw; what no UTF-8 file without NUL can hold is taken out."""
    who = said.response
    row = {"start": "2027-03-01T08:00", "hc_instrument": who.instrument, "hc_fingerprint": who.fingerprint}
    row |= {"hc_role": who.role, "hc_language": "en", "cover/respondent": who.respondent, "cover/submission": "1"}
    row |= {"cover/organisation": said.organisation, "cover/given_on": str(DAY), "cover/consent_assess": "yes"}
    for question, (note, evidence) in said.texts.items():
        answer, name = who.answers[question], field_name(question)
        at, is_item = f"x/{name}_page/{name}", question in instrument().items
        value = "" if answer.value is None else f"{answer.value:.12g}"
        row[at] = " ".join(answer.chosen) or value or (answer.state if is_item else "")
        row |= {f"{at}_sure": answer.sure, f"{at}_note": note, f"{at}_evidence": evidence}
    row = {head: text.replace("\0", "").encode("utf-8", "ignore").decode() for head, text in row.items()}
    stream = io.StringIO(newline="")
    csv.writer(stream, quoting=csv.QUOTE_ALL).writerows([row.keys(), row.values()])
    return stream.getvalue().encode()


def test_through_lines_typed_from_paper(sent, tmp_path):
    path = tmp_path / "form.txt"
    for said in sent:
        who = said.response
        head = {"respondent": who.respondent, "role": who.role, "organisation": who.organisation, "date": str(DAY)}
        head |= {"consent": "assess", "submission": "1", "set": "whole"}
        asked = asked_ids(instrument(), who.role, "new", "whole")
        path.write_text(entry_text(instrument(), head, who.answers, asked), "utf-8", newline="")
        with within_a_second():
            (found,) = read_answers(instrument(), path, "new")
        assert found.to_json() == who.to_json()


def test_raw_texts_in_paper_lines_are_taken_or_refused_with_their_line(sent, tmp_path):
    path = tmp_path / "form.txt"
    refused = 0
    for said in sent:
        lines = [f"{q} 3 note: {note} {evidence}" for q, (note, evidence) in said.texts.items()]
        head = (
            f"respondent R-1 role {said.response.role} organisation {said.organisation} date 2027-03-01 consent assess"
        )
        path.write_bytes("\n".join([head, *lines]).encode("utf-8", "ignore"))
        with within_a_second():
            found = taken_or_refused(path)
        if isinstance(found, AnswerError):
            refused += 1
            assert found.where == path.name
            assert all(p.startswith(("line ", "it holds NUL", "and ")) for p in found.problems), found.problems
    assert refused


def taken_or_refused(path: Path) -> list[Response] | AnswerError:
    """Return what became of a file: nothing but these two."""
    try:
        return read_answers(instrument(), path, "new")
    except AnswerError as error:
        return error


def test_the_privacy_screen_takes_no_second_for_anyone(sent):
    for said in sent:
        with within_a_second():
            flags(said.response)


# Outputs.


@dataclass(frozen=True, eq=False)
class Twins:
    """One panel and plan twice: with hostile texts, and with as many and as long ones of x's."""

    hostile: Results
    plain: Results
    folder: Path

    @cache  # noqa: B019 (twins live as long as the tests that share their files)
    def write(self, deliverable: ModuleType) -> tuple[dict[str, Path], dict[str, Path]]:
        """Write a deliverable of both; return the files by their names inside the build."""
        found = []
        for name, results in (("hostile", self.hostile), ("plain", self.plain)):
            out = self.folder / name / "build"
            write = plain_report if deliverable is report and name == "plain" else deliverable.write
            found.append({str(path.relative_to(out)): path for path in write(results, out)})
        assert set(found[0]) == set(found[1])
        return found[0], found[1]


def plain_report(results: Results, out: Path) -> list[Path]:
    """Write the report without its pages, which take ten seconds and are held against nothing."""
    listed, title, partner = report_content.blocks(results), report_blocks.words()["title"], out / "partner"
    partner.mkdir(parents=True, exist_ok=True)
    (partner / "report.docx").write_bytes(report.word_file(results, listed, title))
    (partner / "report.html").write_text(report.html_page(results, listed, "report.html.j2", title), "utf-8")
    (partner / "report.pdf").touch()
    return [partner / f"report.{ending}" for ending in ("docx", "html", "pdf")]


def plain_text(text: str, n: int) -> str:
    """Return a text of the same shape that can do nothing."""
    return "".join(c if c in "\n\t " else "x" for c in text) + str(n)


def without_power(who: Response, n: int) -> Response:
    """Return a submission with plain texts in the place of its own."""
    answers = {}
    for question, a in who.answers.items():
        plain = {name: text and plain_text(text, 0) for name, text in (("note", a.note), ("evidence", a.evidence))}
        answers[question] = a.model_copy(update=plain)
    return who.model_copy(update={"organisation": plain_text(who.organisation, n), "answers": answers})


def taken(text: str) -> bool:
    """Return whether a file of a consultant may hold the text; see the test of what it may not."""
    return not re.search("[^\n\t\x20-\x7e\xa0-\ufffd\U00010000-\U0010ffff]|[\u202d\u202e\ud800-\udfff\ufeff]", text)


def as_yaml(data: Any) -> str:
    """Return data as YAML in its JSON form, with every unusual character written as its number."""
    text = json.dumps(data, default=str, ensure_ascii=False)
    return "".join(c if c.isascii() and c.isprintable() else f"\\U{ord(c):08X}" for c in text)


def engagement_of(folder: Path, texts: list[str], said: list[Response]) -> Engagement:
    """Make an engagement of short hours in which every text that a person can write is one of ``texts``."""
    copy_example("ruritania", folder)
    shutil.rmtree(folder / "questionnaires")
    (folder / "staff.yaml").unlink()
    given = cycle(texts)
    file = read_yaml(folder / "engagement.yaml") | {"name": next(given)}
    file |= {"as_of": DAY, "hours": {"monday": "09:00-13:00"}, "scope": [next(given) for _ in range(20)]}
    file |= {"notice": " ".join(next(given)[:40] for _ in range(12))}
    for parameter in file["parameters"].values():
        parameter["reason"] = next(given)
    for goal in file["goals"]:
        goal["agreed_with"] = next(given)
    for choice in file["programme"]:
        choice["reason"] = next(given)
    seen = [
        {"id": f"{next(given)[:60]} {n}", "kind": "document", "item": item, "level": n % 5, "what": next(given),
         "dated": "2027-01-15", "organisation": next(given)} for n, item in enumerate(instrument().items)
    ]  # fmt: skip
    ruled = [
        {"id": item, "level": 2, "reason": next(given), "decided_on": "2027-02-01"}
        for item in [*instrument().items][::3]
    ]
    country = read_yaml(content_root() / "assessment" / "countries" / "xr.yaml")
    country["notes"] = [next(given) for _ in range(5)]
    country["population"]["assumption"] = next(given)
    (folder / "country.yaml").write_text(as_yaml(country))
    (folder / "engagement.yaml").write_text(as_yaml(file))
    (folder / "evidence.yaml").write_text(as_yaml({"evidence": seen}))
    (folder / "rulings.yaml").write_text(as_yaml({"rulings": ruled}))
    store(folder, said)
    return read_engagement(folder)


NAME = "=1+1;<b>{{ 7*7 }}</b> & \"q\" 'x' `*_[y](z)_*` ]]> _x0041_ ${a} مركز \u2067خط\u2069 e\u0301👩🏽\u200d⚕️"


@pytest.fixture(scope="module")
def twins(sent: list[Said], tmp_path_factory: pytest.TempPathFactory) -> Twins:
    """Return the results of the panel of five thousand texts, and of its harmless twin."""
    folder = tmp_path_factory.mktemp("twins")
    texts = [NAME, *(t for said in sent for pair in said.texts.values() for t in pair if t.strip() and taken(t))]
    harmless = [without_power(said.response, n) for n, said in enumerate(sent)]
    whole = walk.plan(engagement_of(folder / "hostile", texts, [s.response for s in sent]))
    other = engagement_of(
        folder / "plain",
        [plain_text(NAME, 0) + " مركز خط", *(plain_text(t, n) for n, t in enumerate(texts[1:]))],
        harmless,
    )
    judged = judge_everything(other)
    offers = {o.recommendation: o.reason for o in judged.offers}
    plain = replace(
        whole,
        facts=walk._facts(other),
        testimony=other.testimony,
        parameters=other.parameters,
        goals=judged.goals,
        offers=tuple(replace(o, reason=offers[o.recommendation]) for o in whole.offers),
        assumptions=tuple(assumptions_of(other)),
    )
    assert judged.readiness == whole.readiness  # what people write around an answer changes no level
    return Twins(whole, plain, folder)


def pieces() -> Iterator[str]:
    """Yield names of at most 120 characters that together hold every short hostile text."""
    for texts in KINDS.values():
        for text in texts:
            name = text.strip()
            if name and len(name) <= 120 and taken(name) and not re.search(r"[\x00-\x1f]", name):
                yield name


DELIVERABLES = (
    scorecard, consultant_kit, report, roadmap_files, staffing_workbook, staffing_page, roster_files, playbook_site,
    starter_project, results_file,
)  # fmt: skip


@pytest.mark.parametrize("deliverable", DELIVERABLES, ids=lambda m: m.__name__.rpartition(".")[2])
def test_nothing_in_an_output_comes_alive(twins, deliverable):
    hostile, plain = twins.write(deliverable)
    for name, path in hostile.items():
        check = CHECKS.get(path.suffix)
        if check is not None:
            check(path, plain[name])


def test_the_scorecard_shows_every_text_as_it_is_kept(twins, sent):
    (path,) = twins.write(scorecard)[0].values()
    book = openpyxl.load_workbook(path, read_only=True)
    shown = {
        (row[2], row[0]): (row[4], row[8], row[9]) for row in book["Answers"].iter_rows(min_row=6, values_only=True)
    }
    for said in sent:
        who = said.response
        for question, answer in who.answers.items():
            kept = tuple(as_openpyxl_reads(t) for t in (who.organisation, answer.note, answer.evidence))
            assert shown[who.respondent, question] == kept
    seen = {row[6] for row in book["Evidence and rulings"].iter_rows(min_row=6, values_only=True)}
    testimony = twins.hostile.testimony
    assert {as_openpyxl_reads(e.what) for e in testimony.evidence} <= seen
    assert {as_openpyxl_reads(r.reason) for r in testimony.rulings} <= seen


def as_openpyxl_reads(text: str) -> str | None:
    """Return a cell's text as openpyxl gives it back: it takes every mark of an escape for one."""
    return text.replace("x005F_", "") or None


def test_results_json_holds_every_text_as_it_is_kept(twins, sent):
    (path,) = twins.write(results_file)[0].values()
    data = json.loads(path.read_text("utf-8"))
    given = {(a["respondent"], q): a for q, entry in data["answers"].items() for a in entry["answers"]}
    for said in sent:
        for question, answer in said.response.answers.items():
            found = given[said.response.respondent, question]
            assert (found["organisation"], found["note"], found["evidence"]) == (
                said.response.organisation, answer.note, answer.evidence
            )  # fmt: skip
    assert data["engagement"]["name"] == NAME


def test_the_report_says_the_name_in_all_three_formats_and_libreoffice_opens_it(twins, tmp_path):
    docx, html, pdf = (twins.write(report)[0][f"partner/report.{ending}"] for ending in ("docx", "html", "pdf"))
    assert NAME in "".join(Page(html).words)
    assert any(NAME in paragraph.text for paragraph in Document(str(docx)).paragraphs)
    assert "{{ 7*7 }}" in "".join(pages_of(pdf))
    text = convert(docx, tmp_path / "office", "txt").read_text("utf-8-sig")
    assert NAME in text


def test_no_name_or_notice_of_an_engagement_comes_alive(twins, tmp_path):
    names = list(pieces())
    assert len(names) > 150
    waves = [person("R-1", {"FO-01": 3}, day=day) for day in (DAY, date(2028, 5, 15))]
    told = Said_(
        tuple(r.model_copy(update={"consent": ["assess", "compare"]}) for r in waves), (), (), date(2028, 6, 1)
    )
    comparison = compare(only("foundation"), told, "new", date(2027, 6, 1))

    def put(text: str, folder: Path, *, slow: bool) -> None:
        results = replace(twins.hostile, facts=replace(twins.hostile.facts, name=text, notice=text))
        start_page.write(results, folder)
        feed = Feed(results, f"Roadmap: {text}", "")
        feed.add("1", text, text, DAY)
        feed.save(folder / "p.ics")
        (folder / "p.html").write_text(markdown.markdown(f"{plain(text)} is said. {plain(text)}"), "utf-8")
        (folder / "s.html").write_text(commonmark().render(starter_says(text)), "utf-8")
        if slow:
            (folder / "p.xml").write_bytes(project_xml(results))
            comparison_report.write(comparison, only("foundation"), folder / "second", name=text, notice=text)

    files = {"index.html": same_page, "p.ics": same_calendar, "p.html": same_page, "s.html": same_page}
    slow = {"p.xml": same_xml, "second/consultant/comparison.html": same_page}
    put("xxx", tmp_path / "plain", slow=True)
    for at, name in enumerate(names):
        put(name, tmp_path, slow=at % 12 == 0)
        for file, check in {**files, **(slow if at % 12 == 0 else {})}.items():
            check(tmp_path / file, tmp_path / "plain" / file)
        assert at % 12 or f"Roadmap: {name}" in [
            e.text for e in defusedxml.ElementTree.parse(tmp_path / "p.xml").iter()
        ]
        assert Page(tmp_path / "index.html").words.count(name) >= 2
        calendar = icalendar.Calendar.from_ical((tmp_path / "p.ics").read_bytes())
        assert calendar.events[0]["summary"] == name


@cache
def _starter() -> jinja2.Template:
    folder = content_root() / "templates" / "hotline"
    marks = json.loads((folder / "cookiecutter.json").read_text("utf-8"))["_jinja2_env_vars"]
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(folder / "templates"), **marks)
    use = '[% from "words.jinja" import say with context %]'
    return environment.from_string(use + "[[ say(it) ]] listens.\n\n| a |\n| - |\n| [[ say(it) ]] |\n")


def starter_says(text: str) -> str:
    """Return Markdown of the starter project that begins with a text of somebody else, and has it in a table."""
    return _starter().render(it=text, cookiecutter={"_hotline": {}})


@pytest.mark.parametrize("text", ["a\0b", "\x1b[31m", "a\rEND:VEVENT", "\x85", "\ufffe", "\ud800", "x \u202ecod.exe"])
def test_a_consultants_file_with_a_character_no_document_holds_is_refused_with_its_line(tmp_path, text):
    copy_example("ruritania", tmp_path)
    path = tmp_path / "evidence.yaml"
    path.write_text("evidence:\n  - " + as_yaml({"id": "E1", "kind": "document", "item": "EE-01", "what": text}))
    with within_a_second(), pytest.raises(ContentError) as error:
        read_engagement(tmp_path)
    assert "evidence.yaml" in error.value.where
    assert error.value.problems[0].startswith("line 2: ")


def test_a_text_cut_inside_an_emoji_is_read_and_a_code_cut_so_is_refused(tmp_path):
    path, whole = tmp_path / "cut.json", person("R-1", {"EE-01": 3})
    data = json.loads(whole.to_json())
    data["answers"]["EE-01"]["note"] = "seen \ud83d"
    path.write_text(json.dumps(data))
    (found,) = read_answers(instrument(), path, "new")
    assert found.answers["EE-01"].note == "seen"
    data["role"] = "operator\ud83d"
    path.write_text(json.dumps(data))
    with pytest.raises(AnswerError) as error:
        read_answers(instrument(), path, "new")
    assert error.value.problems == [
        "a word or code in it holds half a character, as a cut emoji leaves; ask for it again"
    ]


def test_a_long_text_of_emoji_fits_a_cell(twins, tmp_path):
    facts = replace(twins.hostile.facts, notice="\U0001f600" * 40_000)
    (path,) = scorecard.write(replace(twins.hostile, facts=facts), tmp_path)
    shown = openpyxl.load_workbook(path, read_only=True)["Read me"]["A3"].value
    assert 0 < len(shown.encode("utf-16-le")) // 2 <= 32_767


def test_a_notice_that_begins_with_a_year_keeps_its_size_in_print(twins, tmp_path):
    facts = replace(twins.hostile.facts, name="24/7 line", notice="2027 & draft\nwith &D and &8")
    (path,) = scorecard.write(replace(twins.hostile, facts=facts), tmp_path)
    xml = zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml").decode()
    assert "<oddHeader>&amp;L&amp;8 2027 &amp;&amp; draft with &amp;&amp;D and &amp;&amp;8</oddHeader>" in xml
    assert "<oddFooter>&amp;L&amp;8 24/7 line: " in xml


@lru_cache(4)
def _page(content: str) -> Page:
    """Read a harmless page once, however many hostile ones are held against it."""
    return Page(content)


def same_page(path: Path, plain: Path) -> None:
    one, other = Page(path), _page(plain.read_text("utf-8"))
    assert one.elements == other.elements, path
    assert one.addresses == other.addresses
    scripts = [dict(p.scripts) for p in (one, other)]
    styles = [each.pop("style", "") for each in scripts]
    assert scripts[0] == scripts[1]
    if styles[0] == styles[1]:
        return
    rules = [[(r.type, getattr(r, "at_keyword", "")) for r in tinycss2.parse_stylesheet(s, True, True)] for s in styles]
    rules = [[rule for rule in listed if rule[1] != "font-face"] for listed in rules]  # Arabic brings its own
    assert rules[0] == rules[1]


def same_zip(path: Path, plain: Path) -> tuple[zipfile.ZipFile, zipfile.ZipFile]:
    one, other = zipfile.ZipFile(path), zipfile.ZipFile(plain)
    assert one.namelist() == other.namelist()
    for name in one.namelist():
        if name.endswith((".xml", ".rels")):
            defusedxml.ElementTree.fromstring(one.read(name))
        if name.endswith(".rels"):
            assert one.read(name) == other.read(name)
    return one, other


def same_document(path: Path, plain: Path) -> None:
    one, other = same_zip(path, plain)
    Document(str(path))
    for name in one.namelist():
        if name.endswith(".xml"):
            tags = [[e.tag for e in defusedxml.ElementTree.fromstring(z.read(name)).iter()] for z in (one, other)]
            assert tags[0] == tags[1], (path, name)


def same_workbook(path: Path, plain: Path) -> None:
    same_zip(path, plain)
    books = [openpyxl.load_workbook(p) for p in (path, plain)]
    assert formulas(books[0]) == formulas(books[1])
    assert [len(book.defined_names) for book in books] == [len(books[0].defined_names)] * 2
    for sheet in books[0]:
        assert not re.search(r"&8\d", str(sheet.HeaderFooter.oddHeader.left.text))


def formulas(book: Any) -> dict[tuple[str, str], str]:
    return {
        (sheet.title, cell.coordinate): str(cell.value)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f" or cell.hyperlink
    }


def same_xml(path: Path, plain: Path) -> None:
    parsed = [defusedxml.ElementTree.parse(p).iter() for p in (path, plain)]
    # A longer title takes more lines in a drawing; what stands between its lines must not differ.
    tags = [[tag for tag, _ in groupby(e.tag for e in each)] for each in parsed]
    assert tags[0] == tags[1], path


def same_calendar(path: Path, plain: Path) -> None:
    names = []
    for each in (path, plain):
        content = each.read_bytes()
        assert b"\r" not in content.replace(b"\r\n", b"")
        assert b"\n" not in content.replace(b"\r\n", b"")
        calendar = icalendar.Calendar.from_ical(content)
        names.append([(c.name, sorted(c.keys())) for c in calendar.walk()])
    assert names[0] == names[1]


def same_table(path: Path, plain: Path) -> None:
    for separator in ",;\t":
        for row in csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline=""), delimiter=separator):
            assert [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


def same_markdown(path: Path, plain: Path) -> None:
    tags = []
    for each in (path, plain):
        each.with_suffix(".rendered").write_text(commonmark().render(each.read_text("utf-8")))
        tags.append(Page(each.with_suffix(".rendered")).elements)
    assert tags[0] == tags[1], path


def commonmark() -> MarkdownIt:
    """Return a reader of Markdown as code hosts show it."""
    return MarkdownIt("commonmark").enable(["table", "strikethrough"])


def same_script(path: Path, plain: Path) -> None:
    if path.name != "search_index.js":
        assert path.read_bytes() == plain.read_bytes()
        return
    tags = []
    for each in (path, plain):
        index = json.loads(each.read_text("utf-8").removeprefix("var __index = "))
        tags.append([(e["location"], *re.findall(r"<[^>]*>", e["title"] + e["text"])) for e in index["docs"]])
    assert tags[0] == tags[1]


CHECKS: dict[str, Callable[[Path, Path], None]] = {
    ".html": same_page, ".docx": same_document, ".xlsx": same_workbook, ".xml": same_xml, ".svg": same_xml,
    ".ics": same_calendar, ".csv": same_table, ".md": same_markdown, ".js": same_script,
    ".json": lambda path, plain: json.loads(path.read_text("utf-8")),
    ".toml": lambda path, plain: tomllib.loads(path.read_text("utf-8")),
}  # fmt: skip


class Page(HTMLParser):
    """A page as a browser builds it: elements with the names of their attributes, addresses, texts, scripts."""

    def __init__(self, path: Path | str):
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, ...]] = []
        self.addresses: list[str] = []
        self.scripts: dict[str, str] = {}
        self.words: list[str] = []
        self._within = ""
        self.feed(path if isinstance(path, str) else path.read_text("utf-8"))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, *(name for name, _ in attrs)))
        self.addresses += [
            value or "" for name, value in attrs if name in ("href", "src", "action", "data", "xlink:href")
        ]
        self._within = (dict(attrs).get("type") or tag) if tag in ("script", "style") else ""

    def handle_endtag(self, tag: str) -> None:
        self.elements.append(("/" + tag,))
        self._within = ""

    def handle_comment(self, data: str) -> None:
        self.elements.append(("!",))

    def handle_data(self, data: str) -> None:
        if self._within:
            self.scripts[self._within] = self.scripts.get(self._within, "") + data
        else:
            self.words.append(data)
