"""The starter project: passes its own check, opens nothing by accident, and runs nothing that was typed."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
import starters
from conftest import EXAMPLES, ROOT
from pydantic import ValidationError

from hotline_catalyst.deliverables.starter_answers import Answers, covered_hours
from hotline_catalyst.deliverables.starter_baseline import read_baseline
from hotline_catalyst.deliverables.starter_manifest import template, tool
from hotline_catalyst.deliverables.starter_project import bake
from hotline_catalyst.planning.rostering.records import Assignment, Roster
from hotline_catalyst.planning.shifts import Shift
from hotline_catalyst.updating.update import fresh_render

SIGNED = {"signed_by": "Director", "signed_on": "2026-01-01"}


def problems(project: Path) -> list[str]:
    return starters.core().check_all(project)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of the template's own answers, everything selected; read only."""
    return starters.put(starters.baked(), tmp_path_factory.mktemp("starter"))


@pytest.fixture
def project(whole: Path, tmp_path: Path) -> Path:
    """A private copy of it."""
    return Path(shutil.copytree(whole, tmp_path / "project"))


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_project_of_each_example_passes_its_own_check(name, built):
    done = starters.tasks(built[name] / "operator" / "project", "check")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "OK" in done.stdout


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_project_of_each_example_holds_what_its_update_starts_from(name, built):
    project = built[name] / "operator" / "project"
    fresh = fresh_render(project)
    here = {path: given for path, given in content(project).items() if not path.startswith(".scaffold/")}
    assert here == dict(fresh.files)
    assert read_baseline(project).version == fresh.version


def test_the_commands_run_on_bare_python_and_leave_nothing_behind(project):
    before = {p: p.read_bytes() for p in project.rglob("*") if p.is_file()}
    for words in (["check"], ["check", "--todo"], ["build"]):
        done = starters.tasks(project, *words)
        assert done.returncode == 0, done.stdout + done.stderr
    assert {p: p.read_bytes() for p in project.rglob("*") if p.is_file()} == before


# Nothing goes live by accident


def test_open_is_true_alone_opens_nothing(project):
    starters.change(project, "channels.phone", open=True, public_contact="000 123 987")
    assert starters.tasks(project, "build").returncode == 0
    shown = [p for p in project.rglob("*") if p.is_file() and b"000 123 987" in p.read_bytes()]
    assert shown == [project / "hotline.toml"]
    assert any("marked open but" in line for line in problems(project))


@pytest.mark.parametrize(
    ("table", "values", "reason"),
    [
        ("channels.phone", {"open": False}, "open is not true"),
        ("channels.phone", {"gate_verdict": "not shown"}, "its gate is not met"),
        ("channels.phone", {"signed_by": "____"}, "nobody signed"),
        ("channels.phone", {"signed_on": "soon"}, "nobody signed"),
        ("channels.phone", {"public_contact": " "}, "no public contact"),
        ("gates.GL-05", {"verdict": "not met"}, "not every launch gate"),
        ("gates.GL-17", {"signed_on": ""}, "not every launch gate"),
        ("public", {"emergency_number": ""}, "emergency"),
        ("public", {"emergency_confirmed_by": ""}, "emergency"),
    ],
)
def test_one_missing_signature_keeps_the_telephone_closed(whole, table, values, reason):
    core = starters.core()
    facts = starters.opened(core.load_facts(whole))
    assert core.is_open(facts, "phone")
    place = facts
    for key in table.split("."):
        place = place[key]
    place |= values
    assert not core.is_open(facts, "phone")
    assert any(reason in line for line in core.why_closed(facts, "phone"))


def test_the_tip_form_needs_a_tested_queue_and_no_gates_mean_no_opening(whole):
    core = starters.core()
    facts = starters.opened(core.load_facts(whole))
    assert core.is_open(facts, "online_tip")
    facts["channels"]["online_tip"]["queue_tested_by"] = ""
    assert not core.is_open(facts, "online_tip")
    assert core.open_channels(facts | {"gates": {}}) == []
    assert not core.is_open(facts, "carrier pigeon")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("open = false", "open = true", "marked open but"),
        ("signal_days = 365", "signal_days = 0", "too small"),
        ("signal_days = 365", "", "signal_days is missing"),
        ("k = 11 ", "k = 4 ", "write 5 or more"),
        ('public_contact = ""', 'public_contact = "000 1"', "while the channel is closed"),
        ('monday = ["00:00-24:00"]', 'monday = ["08:00-24:30"]', "is not written as it must be"),
        ('monday = ["00:00-24:00"]', 'monday = ["08:00-12:00", "11:00-13:00"]', "overlap"),
        ('monday = ["00:00-24:00"]', 'monday = ["20:00-06:00"]', "ends before it starts"),
        ('monday = ["00:00-24:00"]', 'monday = "24h"', "is not a list"),
        ("[retention]", "[retentoin]", "did you mean retention"),
        ('emergency_confirmed_on = ""', 'emergency_confirmed_on = "2999-01-01"', "lies in the future"),
        ('signed_by = ""', 'signed_by = "Director"', "belong together"),
        ('timezone = ""', 'timezone = "Mars/Olympus"', "not a time zone"),
        ('call_recording = "off"', 'call_recording = "quality_sample"', "without a recording policy"),
        ('neutral_exit = "about:blank"', 'neutral_exit = "javascript:alert(1)"', "is not written as it must be"),
        ("[project]", "[project", "does not parse"),
    ],
)
def test_the_check_names_what_is_wrong_in_hotline_toml(project, old, new, says):
    facts = project / "hotline.toml"
    text = facts.read_text("utf-8")
    assert old in text
    facts.write_text(text.replace(old, new, 1), "utf-8")
    found = problems(project)
    assert any(says in line for line in found), found
    assert all(re.match(r"[^:]+: .+[.?]$", line) for line in found), found


def test_a_paper_of_two_is_not_final_while_the_duty_to_report_is_unknown(project):
    paper = project / "governance/reporting-matrix.md"
    paper.write_text(re.sub("DRAFT.*", "Reviewed by A. Counsel on 2026-01-01", paper.read_text("utf-8")), "utf-8")
    assert any("mandatory_reporting is unknown" in line for line in problems(project))


def test_hours_without_a_roster_fail_the_check_once_anything_is_open(project):
    assert problems(project) == []
    starters.change(project, "staffing", roster="published")
    for day in starters.core().DAYS:
        starters.change(project, "staffing.covered_hours", **{day: ["00:00-24:00"]})
    starters.change(project, "staffing.covered_hours", friday=["00:00-13:00", "14:00-22:00"])
    starters.change(project, "channels.phone", open=True)
    found = [line for line in problems(project) if "nobody is rostered" in line]
    assert len(found) == 1
    assert "13:00-14:00, 22:00-24:00" in found[0]
    assert "on friday but" in found[0]


def test_a_page_that_shows_more_than_is_open_fails_the_check(project):
    page = project / "site/public/index.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    was = page.read_text("utf-8") if page.is_file() else "<html></html>"
    for harm, says in (
        ('<a href="tel:+100">call</a>', "is not the contact of an open channel"),
        ('<form action="https://example.org"></form>', "while the tip channel is not open"),
        ('<img src="https://example.org/x.png" alt="">', "leaves the site"),
        ('<a href="../../hotline.toml">x</a>', "leaves the site"),
        ('<a href="missing.html">x</a>', "leads nowhere"),
        ('<i data-fact="retention.signal_days">999</i>', "retention.signal_days = 999"),
    ):
        page.write_text(was + harm, "utf-8")
        assert any(says in line and "site/public/index.html" in line for line in problems(project)), harm


def test_a_key_in_the_folder_fails_the_check(project):
    (project / "ops/note.md").write_text("-----BEGIN RSA PRIVATE KEY-----\n", "utf-8")
    assert any("holds a key" in line for line in problems(project))


def test_a_project_with_everything_signed_opens_and_passes(project):
    starters.fully_open(project)
    core = starters.core()
    core.write_all(project)
    assert core.open_channels(core.load_facts(project)) == list(core.CHANNELS)
    assert problems(project) == []


def test_the_list_of_what_is_left_holds_everything_that_opening_asks_for(project):
    """Its steps are those of README.md; done one by one while all is closed, nothing is left for the day of opening."""
    checks, report = tool("checks"), tool("report")
    left = checks.check(project).steps()
    readme = (project / "README.md").read_text("utf-8")
    assert re.findall(r"^\d\. \*\*(.+)\.\*\*", readme, re.M) == list(left)
    assert all(left.values())
    for step, place in {
        "Languages and the site": "site/content/ar/privacy.md",
        "Forms": "forms/tip.form.toml",
        "Directory": "directory/services.csv",
        "Each channel that will open": "telephony/prompts/en.csv",
        report.REST: "ops/backup-card.md",
    }.items():
        assert any(line.startswith(f"{place}: ") for line in left[step]), place
    starters.fully_open(project)
    channels = starters.core().CHANNELS
    for channel in channels:
        starters.change(project, f"channels.{channel}", open=False, public_contact="")
    starters.core().write_all(project)
    assert checks.check(project).todo == []
    assert "Nothing is left to do" in starters.tasks(project, "check", "--todo").stdout
    starters.change(project, "channels.online_tip", queue_tested_by="", queue_tested_on="")
    (project / "telephony/limits.toml").write_text("[phone]\n", "utf-8")
    assert {line.split(":")[0] for line in checks.check(project).todo} == {
        "hotline.toml, channel online_tip", "telephony/limits.toml",
    }  # fmt: skip


def test_the_list_of_what_is_left_is_shown_beside_problems_too(project):
    starters.change(project, "project", timezone="Africa/Nairobi")
    starters.change(project, "retention", signal_days=300)
    done = starters.tasks(project, "check", "--todo")
    assert done.returncode == 1
    assert "5. Forms: 9 left" in done.stdout


def test_a_channel_can_be_closed_while_another_source_is_broken(project):
    starters.fully_open(project)
    starters.change(project, "channels.phone", public_contact="000 123 987")
    starters.core().write_all(project)
    shown = [p for p in (project / "site/public").rglob("*.html") if "000 123 987" in p.read_text("utf-8")]
    starters.change(project, "channels.phone", open=False, public_contact="")
    (project / "telephony/limits.toml").write_text("x = \n", "utf-8")
    (project / "tools/forms.py").unlink()
    done = starters.tasks(project, "build")
    assert done.returncode == 1
    assert "telephony/limits.toml: " in done.stdout
    assert "tools/forms.py: the file is missing" in done.stdout
    assert shown
    assert not [p for p in shown if "000 123 987" in p.read_text("utf-8")]
    assert (project / "forms/print/intake.en.html").is_file()


BROKEN = (b"", b"\x00\xff\xfe", b"a,b\n1", b"[x]\ny = 1\n", None)  # None: the file's first half


def test_broken_sources_give_a_sentence_and_no_traceback(project):
    """One file of each folder at a time, so that no folder hides another; each in one way, in every way with SOAK."""
    sources: dict[str, list[Path]] = {}
    for path in sorted(p for p in project.rglob("*") if p.suffix in (".csv", ".toml") and p.name != "hotline.toml"):
        sources.setdefault(path.relative_to(project).parts[0], []).append(path)
    for n in range(max(map(len, sources.values()))):
        files = [paths[n] for paths in sources.values() if n < len(paths)]
        was = {path: path.read_bytes() for path in files}
        for way in range(len(BROKEN)) if os.environ.get("SOAK") else [n % len(BROKEN)]:
            for k, (path, text) in enumerate(was.items()):
                broken = BROKEN[(way + k) % len(BROKEN)]
                path.write_bytes(text[: len(text) // 2] if broken is None else broken)
            said = [run_in_process(project, verb) for verb in ("check", "build")]
            assert not [text for text in said if "Traceback" in text]
            assert "; " in said[0], [str(path) for path in files]
        for path, text in was.items():
            path.write_bytes(text)


def run_in_process(project: Path, verb: str) -> str:
    core = starters.core()
    try:
        found = core.check_all(project) if verb == "check" else [*core.build_all(project)]
    except core.FactsError as reason:
        found = [str(reason)]
    return "\n".join(found)


# One source of truth


def test_every_fact_is_told_alike_after_it_changed_everywhere(project):
    core, same = starters.core(), tool("check_same")
    starters.fully_open(project)
    for table, values in {
        "retention": {"signal_days": 377, "transcript_days": 41, "tip_days": 388},
        "statistics": {"k": 13},
        "law": {"age_of_majority": 19},
        "service": {"voice_within_s": 23},
        "hours": {"monday": ["06:10-21:50"]},
        "channels.phone": {"public_contact": "000 765 432"},
        "project": {"as_of": "2026-02-03"},
    }.items():
        starters.change(project, table, **values)
    core.write_all(project)
    facts, made = core.load_facts(project), core.build_all(project)
    texts = {
        path: content.decode() for path, content in made.items() if path.endswith(tuple(tool("check_files").READABLE))
    }
    assert [line for path, text in texts.items() for line in same.differences(path, text, facts)] == []
    for old in ("000 111", "2026-01-01T", "06:00-22:00"):
        assert not [path for path, text in texts.items() if old in text]


def test_old_generated_files_are_one_sentence_and_edited_ones_are_named(project):
    starters.change(project, "retention", signal_days=300)
    old = [line for line in problems(project) if "after the last build" in line]
    assert len(old) == 1
    assert "more files" in old[0]
    page = project / "site/public/index.html"
    page.write_text(page.read_text("utf-8") + "<!-- mine -->", "utf-8")
    assert [line.split(":")[0] for line in problems(project) if "somebody edited" in line] == ["site/public/index.html"]


def test_what_windows_and_spreadsheets_do_to_files_is_no_problem(project):
    """Line ends of Windows everywhere, a mark before the first letter, semicolons for commas."""
    for path in project.rglob("*"):
        if path.suffix in tool("check_files").READABLE:
            path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    for name in ("hotline.toml", "telephony/limits.toml", "forms/tip.form.toml"):
        (project / name).write_bytes(b"\xef\xbb\xbf" + (project / name).read_bytes())
    for name in ("telephony/prompts/en.csv", "directory/services.csv", "data/migration/kobo.csv"):
        with (project / name).open(encoding="utf-8", newline="") as stream:
            rows = list(csv.reader(stream))
        with (project / name).open("w", encoding="utf-8-sig", newline="") as stream:
            csv.writer(stream, delimiter=";").writerows(rows)
    (project / "todo.txt").write_bytes("mine".encode("utf-16"))
    assert problems(project) == []


@pytest.mark.parametrize(
    "name",
    ["hotline.toml", "hotline.schema.json", "MANIFEST.json", "tools/core.py", "tools/checks.py", "tools/website.py"],
)
@pytest.mark.parametrize("verb", ["check", "build"])
def test_a_missing_file_of_the_tools_is_a_sentence(project, name, verb):
    (project / name).unlink()
    done = starters.tasks(project, verb)
    said = done.stdout + done.stderr
    assert "Traceback" not in said
    if (name, verb) != ("MANIFEST.json", "build"):
        assert done.returncode == 1
        assert "from your last copy" in said
        assert Path(name).stem in said
    assert (project / "site/public/index.html").is_file()


def test_a_line_that_does_not_parse_is_shown(project):
    facts = project / "hotline.toml"
    facts.write_text(
        facts.read_text("utf-8").replace('timezone = ""', "timezone = \u201cAfrica/Nairobi\u201d"), "utf-8"
    )
    found = problems(project)
    assert len(found) == 1
    assert "timezone = \u201cAfrica/Nairobi\u201d" in found[0]
    assert "straight quotation marks" in found[0]


def test_an_edited_generated_file_is_found_and_built_again(project):
    core = starters.core()
    made = core.build_all(project)
    for name in set(made) - {core.GENERATED}:
        (project / name).write_bytes(made[name] + b" ")
    found = " ".join(problems(project))
    assert not [name for name in made if name != core.GENERATED and name not in found]
    core.write_all(project)
    assert {name: (project / name).read_bytes() for name in made} == made
    assert problems(project) == []
    (project / core.GENERATED).unlink()
    assert any("not built yet" in line for line in problems(project))


def test_a_generated_file_that_is_no_longer_made_goes_unless_somebody_edited_it(project):
    core = starters.core()
    listed = json.loads((project / core.GENERATED).read_text("utf-8"))
    for name in ("old/untouched.txt", "old/edited.txt"):
        core.write_file(project / name, b"old\n")
        listed["files"][name] = __import__("hashlib").sha256(b"old\n").hexdigest()
    listed["files"]["../outside.txt"] = "0"
    (project / core.GENERATED).write_text(json.dumps(listed), "utf-8")
    (project / "old/edited.txt").write_text("mine\n", "utf-8")
    changed, left, _ = core.write_all(project)
    assert "old/untouched.txt" in changed
    assert not (project / "old/untouched.txt").exists()
    assert (project / "old/edited.txt").read_text("utf-8") == "mine\n"
    assert any("old/edited.txt" in line for line in left)


# The same answers, the same bytes; nothing outside


def cookiecutter(tmp_path: Path, *words: str) -> Path:
    """Run plain cookiecutter as a person would, and return the project."""
    config = tmp_path / "config.yaml"
    config.write_text(f"replay_dir: {tmp_path}/replay\ncookiecutters_dir: {tmp_path}/templates\n")
    command = [str(Path(sys.executable).parent / "cookiecutter"), "--no-input", "--config-file", str(config)]
    done = subprocess.run(
        [*command, "-o", str(tmp_path), str(template()), *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return tmp_path / "hotline"


def content(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_plain_cookiecutter_then_build_gives_our_bytes(tmp_path):
    project = cookiecutter(tmp_path)
    assert starters.tasks(project, "build").returncode == 0
    assert content(project) == dict(starters.baked().files)
    assert starters.tasks(project, "check").returncode == 0


def test_plain_cookiecutter_with_answers_of_its_own_gives_our_bytes_too(tmp_path):
    project = cookiecutter(tmp_path, "hotline_name=Linea 7", "country_name=Freedonia", "country_code=FD")
    assert starters.tasks(project, "build").returncode == 0
    ours = starters.baked(name="Linea 7", country="Freedonia", country_code="FD")
    assert content(project) == dict(ours.files)


BAKE = """
import hashlib, os, sys
sys.path[:0] = {places!r}
home, outside = sys.argv[1], []
def watch(event, args):
    if event == "open" and isinstance(args[0], str) and (args[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        outside.append(os.path.abspath(args[0]))
    elif event in ("os.mkdir", "os.rename", "os.link", "os.symlink") and not isinstance(args[0], int):
        outside.append(os.path.abspath(os.fspath(args[0])))
import starters, tempfile
starters.answers()
sys.addaudithook(watch)
made = starters.baked()
whole = hashlib.sha256(repr(sorted(made.files.items())).encode()).hexdigest()
print(whole, sorted({{p for p in outside if not p.startswith(tempfile.gettempdir()) and p != "/dev/null"}}))
"""


def test_any_process_bakes_the_same_bytes_and_writes_only_where_it_may(tmp_path):
    code = BAKE.format(places=[str(ROOT / "src"), str(ROOT / "tests")])
    said = set()
    for seed in ("1", "2"):
        home, private = tmp_path / f"home{seed}", tmp_path / f"tmp{seed}"
        home.mkdir(), private.mkdir()
        env = os.environ | {
            "HOME": str(home),
            "TMPDIR": str(private),
            "PYTHONHASHSEED": seed,
            "XDG_CACHE_HOME": str(home),
        }
        env |= {"PYTHONDONTWRITEBYTECODE": "1", "TZ": f"UTC+{seed}"}
        done = subprocess.run([sys.executable, "-c", code, str(home)], capture_output=True, text=True, env=env)
        assert done.returncode == 0, done.stderr
        assert content(home) == {}
        assert content(private) == {}
        said.add(done.stdout)
    assert len(said) == 1
    assert said.pop().split(" ", 1)[1].strip() == "[]"


def test_the_template_has_no_hooks_no_compiled_files_no_secret_and_no_machine_path():
    files = [p for p in template().rglob("*") if p.is_file()]
    assert not [p for p in files if "hooks" in p.parts or "__pycache__" in p.parts or p.suffix == ".pyc"]
    for path in files:
        text = path.read_bytes().decode("utf-8", "replace")
        assert str(ROOT) not in text, path
        assert not re.search(r"/home/\w|/Users/\w|C:\\Users|/tmp/", text), path


def test_the_project_holds_no_leftover_no_number_and_no_date_of_today(whole):
    today = date.today().isoformat()
    for name, given in content(whole).items():
        text = given.decode("utf-8", "replace")
        assert "cookiecutter" not in text, name
        assert today not in text, name
        if not name.endswith((".toml", ".py", ".js")):
            assert not re.search(r"\[\[ |\[% |\[# ", text), name
        if not name.startswith("tools/"):
            assert "tel:" not in text, name
            assert not re.search(r"\+\d[\d ()-]{7,}\d", text), name


def test_the_manifest_lists_every_file_with_owner_and_reason(whole):
    core = starters.core()
    manifest = core.load_manifest(whole)
    made = set(core.build_all(whole))
    rendered = {name for name in content(whole) if name not in made}
    listed = [entry["path"] for entry in manifest if "*" not in entry["path"] and entry["owner"] != "generated"]
    assert rendered - set(listed) == set(), "MANIFEST.json lacks these"
    assert set(listed) - rendered == set(), "MANIFEST.json lists these, but they are not there"
    known = core.chosen(core.load_facts(whole))
    for entry in manifest:
        assert entry["owner"] in core.OWNERS, entry
        assert entry["for"], entry
        assert set(entry["when"]) <= known, entry
    assert {name for name in made if core.owner_of(manifest, name) != "generated"} == set()


def test_the_papers_name_only_files_and_commands_that_exist(whole):
    for paper in ("README.md", "START-HERE.md"):
        text = (whole / paper).read_text("utf-8")
        for name in re.findall(r"`([A-Za-z][\w./-]*(?:\.\w+|/))`", text):
            assert (whole / name).exists(), f"{paper}: {name}"
        for verb in re.findall(r"tasks\.py (\w+)", text):
            assert verb in ("check", "build", "serve", "start")
    said = starters.tasks(whole, "--help").stdout
    assert all(verb in said for verb in ("check", "build", "serve", "start"))


# Answers


@pytest.mark.parametrize(
    "wrong",
    [
        {"languages": []},
        {"languages": [{"code": "../x", "name": "x", "direction": "ltr"}]},
        {"channels": [{"id": "pigeon", "title": "x", "gate": "x"}]},
        {"suppression_k": 4},
        {"as_of": "soon"},
        {"country_code": "a]b"},
        {"gates": [{"id": 'a"]', "title": "x", "verdict": "met"}]},
        {"surprise": 1},
        {"name": "\u200b"},
    ],
)
def test_an_answer_of_the_wrong_kind_is_refused(wrong):
    with pytest.raises(ValidationError):
        starters.answers(**wrong)


def test_a_long_name_of_many_lines_becomes_one_line_of_200():
    name = starters.answers(name="a\nb\u202e\x00 " + "x" * 4000).name
    assert name.startswith("a b x")
    assert len(name) == 200


def roster(*given: tuple[int, str], weeks: int = 4) -> Roster:
    """Return a roster from Monday 2027-03-01: (day, shift) for one person each."""
    shifts = (Shift("day", 6 * 60, 960, 15, False), Shift("night", 22 * 60, 480, 15, True))
    start = date(2027, 3, 1)
    return Roster(
        start=start, shifts=shifts, needed=np.ones((7 * weeks, 2), dtype=np.int64), people=(),
        assignments=tuple(Assignment(start + timedelta(days=n), shift, "A1") for n, shift in given),
        on_call={}, violations=(), holidays={}, weekend=(), anonymous=False, status="good",
    )  # fmt: skip


def test_a_roster_of_every_day_and_night_covers_the_week():
    every = covered_hours(roster(*((n, shift) for n in range(28) for shift in ("day", "night"))))
    assert every == dict.fromkeys(starters.core().DAYS, ("00:00-24:00",))


def test_an_hour_missing_in_one_week_is_not_covered():
    given = [(n, shift) for n in range(28) for shift in ("day", "night") if (n, shift) != (10, "night")]
    hours = covered_hours(roster(*given))
    assert hours["thursday"] == ("00:00-22:00",)
    assert hours["friday"] == ("06:00-24:00",)
    assert hours["monday"] == ("00:00-24:00",)


def test_a_roster_of_days_covers_days_and_an_empty_one_nothing():
    assert covered_hours(roster(*((n, "day") for n in range(28))))["sunday"] == ("06:00-22:00",)
    assert covered_hours(roster()) == {}


# Serving


@pytest.mark.parametrize(
    ("reason", "said"), [(BrokenPipeError, False), (ConnectionResetError, False), (ValueError, True)]
)
def test_a_browser_that_leaves_early_is_no_error_in_the_terminal(project, capsys, reason, said):
    with tool("serving").server_of(project, 18720) as server:
        try:
            raise reason
        except reason:
            server.handle_error(None, ("127.0.0.1", 1))
    assert bool(capsys.readouterr().err) == said


def test_the_site_is_shown_on_this_computer_only_with_strict_headers(project):
    serving = tool("serving")
    page = project / "site/public/index.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.exists() or page.write_text("<p>not open yet</p>", "utf-8")
    (page.parent / "empty").mkdir()
    server = serving.server_of(project, 18700)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        assert server.server_address[0] == "127.0.0.1"
        place = f"http://127.0.0.1:{server.server_address[1]}"
        with urllib.request.urlopen(place + "/") as answer:
            assert answer.read() == page.read_bytes()
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert "no-store" in answer.headers["Cache-Control"]
            assert "Python" not in answer.headers["Server"]
        for path, host, code in (
            ("/", "evil.example", 403),
            ("/empty/", "localhost", 404),
            ("/../hotline.toml", "localhost", 404),
        ):
            asked = urllib.request.Request(place + path, headers={"Host": host})
            with pytest.raises(urllib.error.HTTPError) as refused:
                urllib.request.urlopen(asked)
            assert refused.value.code == code
    finally:
        server.shutdown()
        server.server_close()


def test_the_full_check_runs_where_little_was_chosen(tmp_path):
    none = {"website": False, "directory": False, "statistics": False, "telephony": "none", "external_systems": []}
    project = starters.put(starters.baked(choices=none), tmp_path)
    assert not (project / "directory").exists()
    assert problems(project) == []
    facts = starters.core().load_facts(project)
    for part in ("directory", "statistics", "telephony"):
        assert tool(part).full(facts, project) == [], part
    assert "chose no website" in starters.tasks(project, "start").stdout


def test_a_port_that_cannot_be_is_a_sentence(project):
    done = starters.tasks(project, "serve", "--port", "99999")
    assert done.returncode == 1
    assert "No port from 99999" in done.stdout


def test_the_full_check_without_network_says_what_to_do(project):
    (project / "tools/requirements.txt").write_text("no-such-package==1 --hash=sha256:" + "0" * 64 + "\n")
    env = os.environ | {"PIP_NO_INDEX": "1"}
    command = [sys.executable, "-I", "tasks.py", "check", "--full"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, env=env)
    assert done.returncode == 1
    assert "connect this computer to the internet" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_the_same_answers_survive_their_own_description():
    given = starters.answers()
    assert Answers.model_validate_json(given.model_dump_json()) == given
    assert bake(given, "hotline").answers == given.values()


@pytest.mark.parametrize(
    "path",
    [
        "hotline.toml", "directory/directory.toml", "forms/tip.form.toml", "statistics/indicators.toml",
        "telephony/call-flow.toml", "site/content/en/words.toml",
    ],
)  # fmt: skip
def test_every_settings_file_says_which_line_is_wrong_and_how_it_is_written(project, path):
    file = project / path
    text = file.read_text("utf-8")
    line = text[: text.index("\n\n")].count("\n") + 2
    file.write_text(text.replace("\n\n", "\nname = “curly”\n\n", 1), "utf-8")
    found = [line for line in problems(project) if line.startswith(f"{path}: the file does not parse")]
    assert len(found) == 1
    assert f"line {line}" in found[0]
    assert "there stands: name = “curly”; write it like" in found[0]
