"""An update of odd projects, of projects with tools of their own, and of a whole starter project."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from dataclasses import replace
from pathlib import Path

import pytest
import typer
from starters import baked, change, put
from typer.testing import CliRunner
from upgrades import FIRST, LAST, NEW, OLD, TEN, TODAY, brought, content, made, template, text, tree, write

from hotline_catalyst import cli_update
from hotline_catalyst.deliverables.starter_baseline import (
    read_baseline,
    write_baseline,
)
from hotline_catalyst.errors import CatalystError
from hotline_catalyst.updating.update import undo, update

# Odd projects


def test_nothing_is_written_or_read_through_links(tmp_path):
    outside = tmp_path / "outside"
    write(outside, {"a.md": "secret\n", "c.md": "secret\n"})
    project = made(tmp_path / "p", template({"a.md": TEN, "b/c.md": TEN, "b/d.md": TEN}))
    (project / "a.md").unlink()
    (project / "a.md").symlink_to(outside / "a.md")
    for name in ("c.md", "d.md"):
        (project / "b" / name).unlink()
    (project / "b").rmdir()
    (project / "b").symlink_to(outside)
    before = tree(project, remembered=False)
    outcome = brought(project, template({"a.md": FIRST, "b/c.md": FIRST, "b/d.md": TEN, "b/new.md": TEN}, NEW))
    assert tree(project, remembered=False) == before
    assert content(outside) == {"a.md": b"secret\n", "c.md": b"secret\n"}
    assert {i.path: i.kind for i in outcome.plan.items} == {
        "a.md": "conflict",
        "b/c.md": "conflict",
        "b/new.md": "kept yours",
    }
    assert b"secret" not in b"".join(value for _, value in tree(project).values() if not value.startswith(b"/"))


def test_a_folder_where_a_file_should_be_is_left_alone(tmp_path):
    made(tmp_path, template({"a.md": TEN}))
    (tmp_path / "a.md").unlink()
    write(tmp_path, {"a.md/mine.md": "mine\n"})
    outcome = brought(tmp_path, template({"a.md": FIRST}, NEW))
    assert [i.kind for i in outcome.plan.items] == ["conflict"]
    assert text(tmp_path, "a.md/mine.md") == "mine\n"


def test_a_read_only_file_is_replaced_and_stays_read_only(tmp_path):
    made(tmp_path, template({"a.md": TEN}))
    (tmp_path / "a.md").chmod(0o444)
    brought(tmp_path, template({"a.md": FIRST}, NEW))
    assert text(tmp_path, "a.md") == FIRST
    assert stat.S_IMODE((tmp_path / "a.md").stat().st_mode) == 0o444


def test_a_folder_that_cannot_be_written_is_a_sentence_and_nothing_changes(tmp_path, monkeypatch):
    made(tmp_path, template({"a.md": TEN, "b/c.md": TEN}))
    before = tree(tmp_path)
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "b" and real(path, mode))
    with pytest.raises(CatalystError, match="nothing can be written there"):
        brought(tmp_path, template({"a.md": FIRST, "b/c.md": FIRST}, NEW))
    assert tree(tmp_path) == before


def test_names_that_are_no_utf8_and_files_that_are_no_files_are_left_alone(tmp_path):
    made(tmp_path, template({"a.md": TEN, "tasks.py": "print('OK')\n"}))
    odd = os.fsencode(tmp_path) + b"/caf\xe9.md"
    with open(odd, "wb") as stream:
        stream.write(b"mine")
    os.mkfifo(tmp_path / "pipe")
    brought(tmp_path, template({"a.md": FIRST, "tasks.py": "print('OK')\n"}, NEW))
    assert text(tmp_path, "a.md") == FIRST
    with open(odd, "rb") as stream:
        assert stream.read() == b"mine"


@pytest.mark.parametrize(
    "damage", ["no folder", "no zip", "half a zip", "deep", "wrong digest", "hostile path", "newer"]
)
def test_a_damaged_or_foreign_baseline_is_a_sentence(tmp_path, damage):
    made(tmp_path, template({"a.md": TEN}))
    place = tmp_path / ".scaffold"
    if damage == "no folder":
        for path in place.iterdir():
            path.unlink()
        place.rmdir()
    elif damage == "no zip":
        (place / "baseline.zip").unlink()
    elif damage == "half a zip":
        (place / "baseline.zip").write_bytes((place / "baseline.zip").read_bytes()[:40])
    elif damage == "deep":
        (place / "manifest.json").write_text("[" * 100_000)
    elif damage == "newer":
        write_baseline(tmp_path, {"a.md": b""}, {"a.md": "managed"}, {}, "9.0.0")
    else:
        old, new = ("../../a.md", "a.md") if damage == "hostile path" else ("0" * 64, "")
        manifest = (place / "manifest.json").read_text()
        sha = read_baseline(tmp_path).entries["a.md"].sha256
        (place / "manifest.json").write_text(
            manifest.replace('"a.md"', f'"{old}"') if new else manifest.replace(sha, old)
        )
    before = content(tmp_path)
    with pytest.raises(CatalystError, match=r"\.scaffold|newer toolkit"):
        brought(tmp_path, template({"a.md": FIRST}, NEW))
    assert content(tmp_path) == before


# The project's own tools

BUILDER = """
import hashlib, json, sys, pathlib
made = {MADE}
if sys.argv[1] == "build":
    for path, text in made.items():
        pathlib.Path(path).write_text(text)
    sums = {{path: hashlib.sha256(text.encode()).hexdigest() for path, text in made.items()}}
    pathlib.Path("GENERATED.json").write_text(json.dumps({{"files": sums}}))
elif pathlib.Path("bad").exists() or {BAD}:
    print("bad: it is there; take it away.")
    print("Problems: 1, in 1 checks.")
    sys.exit(1)
else:
    print("OK: 1 checks")
"""


def _built(made_files: dict[str, str], version: str = OLD, bad: bool = False, **more: str):
    tasks = BUILDER.format(MADE=made_files, BAD=bad)
    sums = {path: hashlib.sha256(value.encode()).hexdigest() for path, value in made_files.items()}
    files = {"tasks.py": tasks, **made_files, "GENERATED.json": json.dumps({"files": sums}), **more}
    return template(files, version, **{Path(p).stem: "generated" for p in [*made_files, "GENERATED.json"]})


def test_generated_files_are_made_by_the_project_itself(tmp_path):
    made(tmp_path, _built({"page.html": "old"}))
    outcome = brought(tmp_path, _built({"page.html": "new"}, NEW))
    assert text(tmp_path, "page.html") == "new"
    assert "page.html" in outcome.built
    before = tree(tmp_path)
    assert not brought(tmp_path, _built({"page.html": "new"}, NEW)).changed
    assert tree(tmp_path) == before


def test_a_trial_build_never_writes_into_a_linked_folder(tmp_path):
    project, outside = made(tmp_path / "p", _built({"site/page.html": "old"})), tmp_path / "www"
    (project / "site").rename(outside)
    (project / "site").symlink_to(outside)
    fresh = _built({"site/page.html": "new"}, NEW)
    tasks = fresh.files["tasks.py"].replace(b"if sys.argv", b"pathlib.Path('site').mkdir(exist_ok=True)\nif sys.argv")
    for dry_run in (True, False):
        with pytest.raises(CatalystError, match="a link or a folder is in the way"):
            brought(project, replace(fresh, files={**fresh.files, "tasks.py": tasks}), dry_run=dry_run)
    assert content(outside) == {"page.html": b"old"}
    assert (project / "site").is_symlink()


def test_an_edited_generated_file_is_built_anew_and_its_copy_kept(tmp_path):
    made(tmp_path, _built({"page.html": "old"}))
    write(tmp_path, {"page.html": "edited"})
    brought(tmp_path, _built({"page.html": "new"}, NEW))
    assert text(tmp_path, "page.html") == "new"
    assert text(tmp_path, f".scaffold/updates/{NEW}/yours/page.html") == "edited"


def test_the_build_never_writes_over_a_file_of_the_hotline(tmp_path):
    made(tmp_path, _built({"page.html": "old"}))
    write(tmp_path, {"more.html": "mine"})
    outcome = brought(tmp_path, _built({"page.html": "old", "more.html": "made"}, NEW))
    assert text(tmp_path, "more.html") == "mine"
    assert [i.kind for i in outcome.plan.pending] == ["name taken"]
    assert read_baseline(tmp_path).version == OLD
    (tmp_path / "more.html").rename(tmp_path / "mine.html")
    assert brought(tmp_path, _built({"page.html": "old", "more.html": "made"}, NEW)).up_to_date
    assert text(tmp_path, "more.html") == "made"


def test_an_edited_file_that_becomes_generated_is_not_built_over(tmp_path):
    made(tmp_path, template({"tasks.py": BUILDER.format(MADE={}, BAD=False), "page.html": TEN}))
    write(tmp_path, {"page.html": LAST})
    outcome = brought(tmp_path, _built({"page.html": "made"}, NEW))
    assert text(tmp_path, "page.html") == LAST
    assert not outcome.up_to_date


def test_tools_that_do_not_run_after_the_update_stop_it(tmp_path):
    made(tmp_path, _built({"page.html": "old"}))
    before = tree(tmp_path)
    fresh = template({"tasks.py": "import nothing_of_that_name\n"}, NEW)
    with pytest.raises(CatalystError, match=r"does not run[\s\S]*nothing_of_that_name"):
        brought(tmp_path, fresh)
    assert tree(tmp_path) == before


def test_a_problem_that_the_update_brings_stops_it_unless_one_says_so(tmp_path):
    made(tmp_path, _built({"page.html": "old"}))
    before, fresh = tree(tmp_path), _built({"page.html": "old"}, NEW, bad=True)
    with pytest.raises(CatalystError, match="bad: it is there"):
        brought(tmp_path, fresh)
    assert tree(tmp_path) == before
    assert brought(tmp_path, fresh, despite=True).problems == ("bad: it is there; take it away.",)


def test_a_problem_that_was_there_before_does_not_stop_an_update(tmp_path):
    made(tmp_path, _built({"page.html": "old"}))
    write(tmp_path, {"bad": "x"})
    assert brought(tmp_path, _built({"page.html": "new"}, NEW)).up_to_date


# A whole project


def _aged(fresh):
    """Return the project as an older template would have given it: other words in it, one file more, one less."""
    files = dict(fresh.files)
    name = next(p for p in files if p.endswith(".md") and fresh.owners[p] == "managed")
    files[name] = files[name] + b"\nA last line of old.\n"
    files["tools/escape.py"] = files["tools/escape.py"].replace(b'"""', b'"""Old. ', 1)
    files["old-note.md"] = b"old\n"
    return name, type(fresh)(files, {**fresh.owners, "old-note.md": "managed"}, fresh.answers, "0.9.0")


def test_a_real_project_that_nobody_edited_becomes_a_fresh_one(tmp_path):
    fresh = baked()
    _, aged = _aged(fresh)
    project = put(aged, tmp_path)
    write_baseline(project, aged.files, aged.owners, aged.answers, aged.version, "hotline")
    before = tree(project)
    outcome = update(project, today=TODAY, despite=True)
    assert outcome.up_to_date
    assert content(project) == dict(fresh.files)
    assert not update(project, today=TODAY).changed
    undo(project)
    assert tree(project) == before


def test_a_real_project_keeps_its_facts_and_a_new_choice_brings_its_files(tmp_path):
    first = baked(choices={"telephony": "none", "statistics": False})
    project = put(first, tmp_path)
    write_baseline(project, first.files, first.owners, first.answers, first.version, "hotline")
    change(project, "hotline", name="Our Line")
    change(project, "choices", statistics=True)
    wanted = set(baked(choices={"telephony": "none"}).files) - set(first.files)
    outcome = update(project, today=TODAY, despite=True)
    assert "Our Line" in text(project, "hotline.toml")
    assert wanted <= set(content(project))
    assert outcome.up_to_date


def test_facts_that_an_update_cannot_read_are_a_sentence(tmp_path):
    first = baked()
    project = put(first, tmp_path)
    write_baseline(project, first.files, first.owners, first.answers, first.version, "hotline")
    change(project, "choices", telephony="pigeons")
    before = tree(project)
    with pytest.raises(CatalystError, match=r"hotline\.toml: choices\.telephony"):
        update(project, today=TODAY)
    write(project, {"hotline.toml": "[choices\n"})
    with pytest.raises(CatalystError, match="does not parse"):
        update(project, today=TODAY)
    write(project, {"hotline.toml": before["hotline.toml"][1]})
    assert tree(project) == before


def test_the_command_says_what_is_left_and_takes_it_back(tmp_path, monkeypatch):
    made(tmp_path, template({"a.md": TEN}))
    mine = TEN.replace("line 0", "line 0, mine")
    write(tmp_path, {"a.md": mine})
    monkeypatch.setattr("hotline_catalyst.updating.update.fresh_render", lambda _: template({"a.md": FIRST}, NEW))
    app = typer.Typer()
    cli_update.add_to(app)

    def run(*words: str) -> str:
        return CliRunner().invoke(app, [str(tmp_path), *words], catch_exceptions=False).output

    before = tree(tmp_path)
    assert "Nothing was changed" in run("--dry-run")
    assert tree(tmp_path) == before
    assert "needs you: a.md" in run()
    assert text(tmp_path, "a.md") == mine
    assert "1 left for you" in run("--resolve")
    assert "Done: the project is at template 1.1.0" in run("--keep", "a.md")
    assert "Up to date: template 1.1.0." in run()
    assert run("--dry-run") == "Up to date: template 1.1.0.\n"
    assert "was taken back" in run("--undo")


def test_a_problem_that_names_the_folder_is_not_new_because_the_copy_lies_elsewhere(tmp_path):
    made(tmp_path, _built({"page.html": "old"}))
    tasks = (tmp_path / "tasks.py").read_text().replace('"bad: it is there; take it away."', "pathlib.Path.cwd()")
    write(tmp_path, {"tasks.py": tasks, "bad": "x"})
    assert brought(tmp_path, _built({"page.html": "old"}, NEW, **{"a.md": TEN})).up_to_date
