"""Whoever withdraws leaves no trace in the engagement: no answer, no copy, no output, not even the code."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from printed import pages_of
from small import tiny

from hotline_catalyst.archive import file_digest
from hotline_catalyst.assessment.responses import Answer, Response, store
from hotline_catalyst.custody.handovers import add_handover, read_handovers
from hotline_catalyst.custody.holdings import holding
from hotline_catalyst.custody.locks import new_key
from hotline_catalyst.custody.packing import pack
from hotline_catalyst.custody.traces import Traces, Unsearchable
from hotline_catalyst.custody.withdrawal import is_withdrawn, withdraw
from hotline_catalyst.errors import CatalystError

NOTE = 'The kittiwake desk said: "nobody at night" & they <meant> it.\nThe second line names the guillemot room'
SEEN = "Razorbill ledger, page 12"
CANARIES = ("kittiwake", "guillemot", "razorbill", "NGO-1")
DAY = date(2027, 5, 2)


def response(code: str, note: str = "", evidence: str = "", submission: int = 1) -> Response:
    return Response(
        instrument="hotline-scoping@0.2.0",
        fingerprint="f",
        respondent=code,
        role="provider",
        organisation="Harbour House",
        given_on=date(2027, 3, 1),
        submission=submission,
        answers={"CI-01": Answer(state="answered", value=2, note=note, evidence=evidence)},
    )


def workbook(path: Path, code: str, note: str = "") -> Path:
    """Write a workbook shaped like a questionnaire: hidden heads, cover, one answer."""
    book = openpyxl.Workbook()
    cover = book.active
    cover.append(["#respondent", "Your code (not your name)", code])
    sheet = book.create_sheet("Domain")
    sheet.append(["#id", "#title", "#question", "#levels", "#answer", "#sure", "#note", "#evidence"])
    sheet.append(["CI-01", "t", "q", "l", 2, "S", note, ""])
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def table(path: Path, rows: list[tuple[str, str]], mark: str = ",") -> Path:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=mark)
    writer.writerow(["cover/respondent", "question", "note"])
    writer.writerows((code, "CI-01", note) for code, note in rows)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\xef\xbb\xbf" + stream.getvalue().encode())
    return path


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in members.items():
            target.writestr(name, content)
    return path


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An engagement in which NGO-1 left traces in a dozen places, beside NGO-10 and X-NGO-1 who did not withdraw."""
    here = tmp_path / "ruritania"
    put(here / "engagement.yaml", "name: Ruritania Help Line\n")
    mine = [response("NGO-1", NOTE, SEEN), response("NGO-1", "Not yet.", SEEN, 2)]
    stored = store(here, [*mine, response("NGO-10", "Not yet.", "Other ledger"), response("X-NGO-1", "Quiet nights.")])
    workbook(here / "questionnaires" / "NGO-1.xlsx", "NGO-1", NOTE)
    workbook(here / "questionnaires" / "copy of the second one.xlsx", "NGO-1", "An earlier kittiwake draft of it")
    workbook(here / "questionnaires" / "NGO-10.xlsx", "NGO-10", "Not yet.")
    put(here / "inbox" / "form.html", '<script type="application/json">{"respondent": "NGO-1"}</script>')
    put(here / "inbox" / "typed.txt", f"respondent NGO-1 role provider\nCI-01 2 sure note: {NOTE}\n")
    put(here / "inbox" / "one.json", response("NGO-1", NOTE).to_json().decode())
    everybody = [json.loads(r.to_json()) for r in (*mine, response("NGO-10", "Not yet."))]
    put(here / "exports" / "all.json", json.dumps(everybody))
    table(here / "exports" / "all.csv", [("NGO-10", 'a, "b"\nc'), ("NGO-1", NOTE), ("X-NGO-1", "")])
    table(here / "exports" / "mine.csv", [("NGO-1", NOTE)], ";")
    zipped(here / "to send.zip", {"responses/x.json": stored[0].read_bytes(), "readme.txt": b"hello"})
    build = here / "build"
    put(build / "partner" / "report.html", "<p>Nothing personal: NGO-10 and X-NGO-1 answered.</p>")
    put(
        build / "consultant" / "log.html",
        "<p>The kittiwake desk said: &quot;nobody <b>at night</b>&#34; &amp; they</p>",
    )
    put(build / "consultant" / "results.json", json.dumps({"notes": [NOTE]}))
    workbook(build / "consultant" / "scorecard.xlsx", "NGO-1", SEEN)
    inner = zipped(here / "inner.zip", {"word/document.xml": b"<w:t>NGO</w:t></w:r><w:r><w:t>-1</w:t>"})
    zipped(build / "consultant" / "all.zip", {"deep/inner.docx": inner.read_bytes()})
    inner.unlink()
    outputs = {p.relative_to(build).as_posix(): file_digest(p) for p in sorted(build.rglob("*")) if p.is_file()}
    inputs = {p.relative_to(here).as_posix(): file_digest(p) for p in stored}
    put(build / "build.json", json.dumps({"schema": "build/1", "inputs": inputs, "outputs": outputs}))
    workbook(build / "consultant" / "scorecard.xlsx", "NGO-1", "somebody coloured it; razorbill ledger")
    return here


def everything(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield every name and every content below a folder, inside zips too, by means of our own test alone."""
    for path in folder.rglob("*"):
        yield str(path), path.name
        if path.is_file():
            yield from inside(str(path), path.read_bytes())


def inside(where: str, content: bytes) -> Iterator[tuple[str, str]]:
    yield where, content.decode("utf-8", "replace")
    if zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as source:
            for name in source.namelist():
                yield f"{where}!{name}", name
                yield from inside(f"{where}!{name}", source.read(name))
    if content.startswith(b"%PDF"):
        yield where, "".join(pages_of(content))


def traces_left(folder: Path, words: tuple[str, ...] = CANARIES) -> list[tuple[str, str]]:
    left = []
    for where, text in everything(folder):
        flat = text.casefold().replace("x-ngo-1", "").replace("ngo-10", "")
        left += [(where, word) for word in words if word.casefold() in flat]
    return left


def test_after_a_withdrawal_nothing_in_the_folder_holds_the_words_or_the_code(folder: Path):
    assert len(traces_left(folder)) > 20
    done = withdraw(folder, "NGO-1", DAY)
    assert traces_left(folder) == []
    assert done.finished
    assert done.rebuild
    assert done.edited == ["build/consultant/scorecard.xlsx"]
    assert sorted(done.trimmed) == ["exports/all.csv", "exports/all.json"]
    assert {"to send.zip", "exports/mine.csv", "inbox/typed.txt", "inbox/form.html"} <= set(done.erased)


def test_a_withdrawal_leaves_everybody_else_as_they_were(folder: Path):
    others = [p for p in (folder / "responses").iterdir() if not p.name.startswith("NGO-1-")]
    others += [folder / "questionnaires" / "NGO-10.xlsx", folder / "build" / "partner" / "report.html"]
    before = {p: p.read_bytes() for p in others}
    withdraw(folder, "NGO-1", DAY)
    assert {p: p.read_bytes() for p in others} == before
    kept = (folder / "exports" / "all.csv").read_bytes()
    expected = table(folder / "expected.csv", [("NGO-10", 'a, "b"\nc'), ("X-NGO-1", "")]).read_bytes()
    assert kept == expected
    assert [r["respondent"] for r in json.loads((folder / "exports" / "all.json").read_text())] == ["NGO-10"]
    record = json.loads((folder / "build" / "build.json").read_text())
    assert list(record["outputs"]) == ["partner/report.html"]
    assert len(record["inputs"]) == 2


def test_the_withdrawn_code_is_known_again_without_being_written_down(folder: Path):
    assert not is_withdrawn(folder, "NGO-1")
    withdraw(folder, "NGO-1", DAY)
    assert [is_withdrawn(folder, code) for code in ("NGO-1", "NGO-10", "ngo-1")] == [True, False, True]
    put(folder / "engagement.yaml", "name: Renamed\n")
    withdraw(folder, "NGO-10", DAY)
    assert [is_withdrawn(folder, code) for code in ("NGO-1", "NGO-10", "X-NGO-1")] == [True, True, False]
    assert "2027-05-02" in (folder / "withdrawals.yaml").read_text()


def test_withdrawing_twice_changes_nothing_and_a_stranger_is_refused(folder: Path):
    with pytest.raises(CatalystError, match="NGO-1, NGO-10, X-NGO-1"):
        withdraw(folder, "NGO-9", DAY)
    assert not (folder / "withdrawals.yaml").exists()
    withdraw(folder, "NGO-1", DAY)
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    again = withdraw(folder, "NGO-1", DAY)
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before
    assert (again.erased, again.outputs, again.trimmed) == ([], [], [])


def test_a_code_remembered_with_its_capital_letters_by_version_0_1_is_known_still(folder: Path):
    import hashlib

    stone = hashlib.scrypt(b"NGO-7", salt=b"abc", n=2**14, r=8, p=1, dklen=32).hex()
    put(folder / "withdrawals.yaml", f"salt: 'abc'\nwithdrawn:\n  - {{hash: '{stone}'}}\n")
    assert is_withdrawn(folder, "NGO-7")


def test_a_build_is_called_stale_until_it_is_built_again(folder: Path):
    put(folder / "build" / "consultant" / "comparison.html", "<p>3 people answered, then 2</p>")
    first = withdraw(folder, "NGO-1", DAY)
    assert "build/consultant/comparison.html" in first.outputs
    assert "build/consultant/comparison.html" not in first.edited
    again = withdraw(folder, "NGO-1", DAY)
    assert (again.erased, again.outputs, again.rebuild) == ([], [], True)
    record = json.loads((folder / "build" / "build.json").read_text())
    del record["stale"]  # the next build writes the record anew
    put(folder / "build" / "build.json", json.dumps(record))
    assert not withdraw(folder, "NGO-1", DAY).rebuild


def test_a_typed_paper_form_is_its_owners_alone_and_a_text_that_mentions_somebody_is_nobodys(tmp_path: Path):
    def form(code: str, note: str) -> str:
        titles = "# CI-01 Who answers at night\n# 0 nobody 1 one person\n"
        head = f'respondent {code} role provider\norganisation "Harbour House" date 2027-03-01\n'
        return f"# Type what stands on paper.\n{head}{titles}CI-01 2 sure note: {note}\nCI-02 N {note} again\n"

    mine, other = put(tmp_path / "a.txt", form("NGO-1", NOTE)), put(tmp_path / "b.txt", form("NGO-2", "Quiet nights."))
    stories = [
        put(tmp_path / "c.txt", "Meeting of 3 May\nrespondent NGO-1 was there\n"),
        put(tmp_path / "d.txt", "date 3 May: respondent NGO-1 said it rained\n"),
        put(tmp_path / "e.txt", "respondent NGO-1 told us about the nights\n"),
    ]
    held = holding(mine, "NGO-1")
    assert held.whole
    assert set(NOTE.splitlines()) <= {text.removesuffix(" again") for text in held.texts}
    assert not any("nobody 1 one person" in text for text in held.texts)
    assert [holding(path, "NGO-1") for path in (other, *stories)] == [holding(other, "NGO-9")] * 4
    assert holding(other, "NGO-1").texts == []


def test_withdrawing_one_erases_their_paper_form_and_names_no_line_of_anothers(tmp_path: Path):
    from panel import instrument

    from hotline_catalyst.assessment.paper import entry_template

    put(tmp_path / "engagement.yaml", "name: Ruritania\n")
    store(tmp_path, [response("NGO-1", NOTE), response("NGO-2", "Quiet nights.")])
    for code in ("NGO-1", "NGO-2"):
        text = entry_template(instrument(), "provider", "new").replace("respondent ", f"respondent {code} ", 1)
        assert f"respondent {code} " in text
        put(tmp_path / f"{code}.txt", text)
    done = withdraw(tmp_path, "NGO-1", DAY)
    assert "NGO-1.txt" in done.erased
    assert done.amend == []
    assert (tmp_path / "NGO-2.txt").exists()


def test_a_withdrawal_stopped_at_any_step_is_completed_by_the_next(folder: Path, tmp_path: Path):
    import shutil

    steps: list[str] = []
    shutil.copytree(folder, tmp_path / "whole")
    withdraw(tmp_path / "whole", "NGO-1", DAY, steps.append)
    assert len(steps) > 12
    for stop in range(len(steps)):
        here = tmp_path / f"stopped-{stop}"
        shutil.copytree(folder, here)
        seen: list[str] = []

        def until(step: str, seen: list[str] = seen, stop: int = stop) -> None:
            seen.append(step)
            if len(seen) > stop:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            withdraw(here, "NGO-1", DAY, until)
        withdraw(here, "NGO-1", DAY)
        assert traces_left(here) == [], steps[stop]
        names = {p.relative_to(here) for p in here.rglob("*")}
        assert names == {p.relative_to(tmp_path / "whole") for p in (tmp_path / "whole").rglob("*")}
        shutil.rmtree(here)


def test_a_withdrawal_that_is_killed_is_completed_by_the_next(folder: Path):
    script = f"""
import time
from datetime import date
from pathlib import Path
from hotline_catalyst.custody.withdrawal import withdraw
def slowly(step):
    print(step, flush=True)
    time.sleep(0.05)
withdraw(Path({str(folder)!r}), "NGO-1", date(2027, 5, 2), slowly)
"""
    child = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    for _ in range(5):
        child.stdout.readline()
    os.kill(child.pid, signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    assert traces_left(folder)
    withdraw(folder, "NGO-1", DAY)
    assert traces_left(folder) == []


def test_what_a_person_wrote_is_named_by_line_and_left_for_a_person_to_amend(folder: Path):
    put(folder / "evidence.yaml", "evidence:\n- what: ledger\n- what: seen with NGO-1\n- what: NGO-10 agreed\n")
    put(
        folder / "rulings.yaml",
        'rulings:\n- reason: >-\n    The kittiwake desk said: "nobody at night" & they <meant> it.\n',
    )
    zipped(folder / "minutes.docx", {"word/document.xml": b"<w:p>NGO-1 spoke</w:p>"})
    put(folder / "scan NGO-1.jpg", "picture")
    before = {p: p.read_bytes() for p in folder.iterdir() if p.is_file() and p.suffix in (".yaml", ".docx", ".jpg")}
    done = withdraw(folder, "NGO-1", DAY)
    assert "evidence.yaml: line 3" in done.amend
    assert "rulings.yaml: line 3" in done.amend
    assert any(line.startswith("minutes.docx") for line in done.amend)
    assert "scan NGO-1.jpg: its name holds the code" in done.amend
    assert not done.finished
    assert all(path.read_bytes() == content for path, content in before.items())
    assert not any(word in str(done).casefold() for word in ("kittiwake", "guillemot", "razorbill"))


def test_what_cannot_be_searched_is_listed(folder: Path, tmp_path: Path):
    pack(folder, folder / "old.age", recipients=[new_key()[1]])
    put(folder / "inbox" / "paper.png", "picture")
    put(folder / "inbox" / "letter.eml", "Content-Transfer-Encoding: base64")
    (folder / "damaged.zip").write_bytes(b"PK\3\4 no zip at all")
    (folder / "link").symlink_to(tmp_path)
    (folder / ".git").mkdir()
    said = withdraw(folder, "NGO-1", DAY).unreadable
    names = ("damaged.zip", "inbox/letter.eml", "inbox/paper.png", "old.age", "link", ".git")
    assert all(any(name in line for line in said) for name in names)
    assert len(said) == len(names)


def test_hand_overs_to_recall_are_told_apart_from_those_without_notes(folder: Path):
    put(folder / "handovers.yaml", "# ours\nhandovers:\n  - {date: 2027-04-01, to: Donor, what: public edition}\n")
    add_handover(folder, date(2027, 5, 1), 'Reviewer: "A"', "consultant edition, packed", ["NGO-1"])
    add_handover(folder, date(2027, 5, 1), "Auditor", "scorecard", ["NGO-10"])
    assert (folder / "handovers.yaml").read_text().startswith("# ours\n")
    assert [h.to for h in read_handovers(folder)] == ["Donor", 'Reviewer: "A"', "Auditor"]
    donor, reviewer = withdraw(folder, "NGO-1", DAY).recall
    assert "no codes or notes" in donor
    assert 'Reviewer: "A"' in reviewer
    assert "have it deleted" in reviewer


def test_the_first_hand_over_starts_the_file(tmp_path: Path):
    for start in (None, "", "handovers: []\n", "# none yet\nhandovers:\n"):
        path = tmp_path / "handovers.yaml"
        path.unlink(missing_ok=True)
        if start is not None and start != "# none yet\nhandovers:\n":
            path.write_text(start)
        if start == "":
            continue
        entry = add_handover(tmp_path, DAY, "Ministry of Labour", "partner edition")
        assert read_handovers(tmp_path) == [entry]


wild = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=14, max_size=90)


@given(wild.filter(lambda s: len("".join(s.split())) >= 14 and not s.isspace()))
def test_a_note_is_found_however_a_file_escapes_it(text: str):
    import html

    traces = Traces("NGO-1", [text])
    stream = io.StringIO()
    csv.writer(stream).writerow(["a", text])
    forms = [text, html.escape(text), json.dumps([text]), json.dumps(text, ensure_ascii=False), stream.getvalue()]
    forms += [" ".join(text), f"<p>{html.escape(text[:6])}</p>\n<b>{html.escape(text[6:])}</b>"]
    if traces.long:
        assert [form for form in forms if not traces.in_text(form)] == []
        assert traces.in_file(text.encode("utf-16"))


def test_common_words_are_no_trace_of_anybody():
    traces = Traces(
        "NGO-1", ["Not yet.", "Budget annex of 2026", "Dunlin"], "we said: not yet. and budget annex of 2026"
    )
    assert not traces.in_text("Not yet. Budget annex of 2026, for dunlins")
    assert traces.in_text("the (Dunlin) report")


def test_drawn_letters_of_a_pdf_are_read(tmp_path: Path):
    from weasyprint import HTML

    words = "The kittiwake desk answered “nobody” at night, and the guillemot room was locked until the morning came."
    page = f"<style>p {{width: 6cm}}</style><p>NGO-10</p><p>{words}</p>"
    HTML(string=page).write_pdf(tmp_path / "a.pdf")
    content = (tmp_path / "a.pdf").read_bytes()
    assert Traces("R-1", [words]).in_file(content)
    assert Traces("NGO-10", []).in_file(content)
    assert not Traces("NGO-1", ["The kittiwake desk answered nothing at all that night"]).in_file(content)


def test_a_table_whose_rows_cannot_be_told_apart_is_not_touched(tmp_path: Path):
    stray = tmp_path / "a.csv"
    stray.write_text('respondent,note\nNGO-10,a 5" pipe\nNGO-1,x\nNGO-10,another 6" pipe\n')
    assert not holding(stray, "NGO-1")


def test_a_locked_zip_is_no_silent_pass():
    with pytest.raises(Unsearchable):
        Traces("NGO-1", []).in_file(b"PK\x03\x04garbage")


def test_after_a_withdrawal_and_a_rebuild_a_real_build_holds_no_trace(copy_of: Callable[[str], Path]):
    from hotline_catalyst.walk import build

    folder = copy_of("ruritania")
    own = next(r for r in map(json.loads, map(Path.read_text, sorted((folder / "responses").glob("*.json"))))
               if r["respondent"] == "NGO-1")  # fmt: skip
    notes = {a["note"] for a in own["answers"].values() if len(a["note"]) > 30}
    kept = {
        a["note"]
        for path in (folder / "responses").glob("*.json")
        for r in [json.loads(path.read_text())]
        if r["respondent"] != "NGO-1"
        for a in r["answers"].values()
    }
    canaries = ("NGO-1", *(n[:40] for n in sorted(notes - kept)))
    assert len(canaries) > 3
    assert len(traces_left(folder, canaries)) > 5
    begun = time.perf_counter()
    done = withdraw(folder, "NGO-1", DAY)
    assert time.perf_counter() - begun < 30
    assert "build/consultant/scorecard.xlsx" in done.outputs
    assert done.edited == []
    assert traces_left(folder, canaries) == [], done.amend
    build(tiny(folder))
    assert traces_left(folder, canaries) == []
