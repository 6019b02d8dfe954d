"""What the handbook and the consultant's tools promise: every command, path, source and message they show is real."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import test_floors
import typer.main
import yaml
from conftest import ROOT
from judged import gathered, judged
from typer.testing import CliRunner

from hotline_catalyst import cli
from hotline_catalyst.assessment.instrument import Item, load_instrument
from hotline_catalyst.assessment.lint import lint
from hotline_catalyst.deliverables.playbooks import Front, load_pages
from hotline_catalyst.library import load_sources, read_yaml
from hotline_catalyst.planning.calendar import load_country

HANDBOOK = {p.stem: p.read_text("utf-8") for p in sorted((ROOT / "site" / "pages").glob("*.md"))}
TOOLS = {p.stem: p.read_text("utf-8") for p in sorted((ROOT / "playbooks" / "en" / "consultant").glob("*.md"))}
PAGES = {**HANDBOOK, **TOOLS}
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)
APP = typer.main.get_command(cli.app)
each_page = pytest.mark.parametrize("name", PAGES)


def fences(name: str, kind: str) -> list[str]:
    """Return a page's code blocks of one kind."""
    return [body for found, body in FENCE.findall(PAGES[name]) if found == kind]


def inline(name: str) -> list[str]:
    """Return what a page sets in code inside its sentences."""
    return re.findall(r"`([^`\n]+)`", FENCE.sub("", PAGES[name]))


def commands(name: str) -> Iterator[str]:
    """Yield every command of ours that a page shows."""
    shown = [*inline(name), *(line for _, body in FENCE.findall(PAGES[name]) for line in body.splitlines())]
    yield from (line for line in shown if line.startswith("catalyst "))


def refused(line: str) -> str:
    """Return why the real command line does not understand a command, without running it; empty when it does."""
    words, command = shlex.split(line)[1:], APP
    while (verbs := getattr(command, "commands", None)) is not None:
        if words == ["--help"]:
            return ""
        if not words or words[0] not in verbs:
            return f"there is no verb {words[:1]}"
        command, words = verbs[words[0]], words[1:]
    try:
        if words:  # a verb alone only names it
            command.make_context("catalyst", list(words))
    except Exception as error:
        return str(error) or type(error).__name__
    return ""


@each_page
def test_every_command_shown_is_understood_by_the_command_line(name: str):
    assert {line: why for line in commands(name) if (why := refused(line))} == {}


@pytest.mark.parametrize("line", ["catalyst bild DIR", "catalyst plan DIR --acept", "catalyst roster sick DIR A07"])
def test_a_command_that_does_not_exist_is_noticed(line: str):
    assert refused(line)


def test_the_week_shows_every_verb_that_a_consultant_needs():
    shown = {shlex.split(line)[1] for line in commands("consultant_week")}
    elsewhere = {"demo", "export", "migrate"}  # an example, a table for analysts, a new instrument: not in a week
    assert set(APP.commands) - shown - elsewhere == set()  # type: ignore[attr-defined]


@each_page
def test_every_path_named_in_the_toolkit_exists(name: str):
    folders = ("assessment/", "playbooks/", "templates/", "site/", "src/", "tests/")
    for path in inline(name):
        if path.startswith(folders) and " " not in path:
            assert list(ROOT.glob(path.rstrip("/"))), path


@each_page
def test_every_make_target_every_source_and_every_page_named_exists(name: str):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.M))
    shown = [*inline(name), *(line for body in fences(name, "sh") for line in body.splitlines())]
    assert {line.split()[1] for line in shown if line.startswith("make ")} <= targets
    text = re.sub(r"\A---\n.*?\n---\n", "", FENCE.sub("", PAGES[name]), flags=re.S)
    assert set(re.findall(r"\[([A-Z][A-Z0-9-]{1,9})\](?!\()", text)) <= set(load_sources())
    assert set(re.findall(r"\]\(([\w-]+)\.md", text)) <= set(HANDBOOK)
    assert set(re.findall(r"\bCT-\d{2}\b", text)) <= {stem[:5] for stem in TOOLS}


def test_every_file_of_a_build_that_is_named_is_built(built):
    made = {p.relative_to(built["ruritania"]).as_posix() for p in built["ruritania"].rglob("*")}
    kit = {Path(p).name for p in made if p.startswith("consultant/kit/")}
    for name in TOOLS | {"consultant_week": ""}:
        for path in inline(name):
            if re.fullmatch(r"(partner|operator|consultant)/[\w./-]+", path):
                assert path.rstrip("/") in made, f"{name}: {path}"
            if path.startswith("guide-"):
                assert {f"guide-{role}.html" for role in ("operator", "survivor")} <= kit


def test_papers_named_in_the_tools_are_papers_of_the_kit():
    titles = {read_yaml(p)["title"] for p in (ROOT / "templates" / "kit" / "papers").glob("*.yaml")}
    named = {title: [n for n, text in TOOLS.items() if title in text] for title in titles}
    for title in ("Stakeholder list", "Invitation", "Consent", "Evidence request", "Site-visit checklist",
                  "Contradictions log", "Gate review", "Immersion agenda", "Lessons log"):  # fmt: skip
        assert title in titles
        assert named[title], title


def test_all_sixteen_tools_are_there_and_none_asks_a_survivor_for_a_story():
    assert [stem[:5] for stem in TOOLS] == [f"CT-{n:02d}" for n in range(1, 17)]
    for name, text in TOOLS.items():
        assert not re.search(r"\b(tell|share) (us |me )?(your|their) (own )?(story|experience)", text, re.I), name


# The week: what needs no plan is run as it stands, in its order, and prints what the page shows.
QUICK = {"new", "check", "questionnaire", "enter", "collect", "score"}


def test_the_week_prints_what_the_page_shows(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")
    (tmp_path / "assessment").symlink_to(ROOT / "assessment")
    ran, printed = 0, ""
    for kind, body in FENCE.findall(HANDBOOK["consultant_week"].split("See the plan in short")[0]):
        if kind == "sh":
            printed = "".join(_run(line) for line in body.splitlines() if _quick(line))
            ran += sum(_quick(line) for line in body.splitlines())
        elif kind == "text" and printed:
            assert [line for line in body.splitlines() if line not in printed.splitlines()] == []
    assert ran >= 15


def _quick(line: str) -> bool:
    return line.startswith("cp ") or shlex.split(line)[1] in QUICK


def _run(line: str) -> str:
    words = shlex.split(line)
    if words[0] == "cp":
        source, target = words[-2:]
        (shutil.copytree if "-r" in words else shutil.copy)(source, target)
        return ""
    words = [str(p) for w in words[1:] for p in (sorted(Path().glob(w)) if "*" in w else [w])]
    done = CliRunner().invoke(cli.app, words)
    assert done.exit_code == 0, f"{line}\n{done.output}"
    return done.output


# The authors' page: each mistake is made in a copy, and the check says what the page says.
def _item(text: str) -> str:
    items, quantities = text.split("\nquantities:")
    return f"{items}\n{fences('author', 'yaml')[0]}quantities:{quantities}"


def _first(old: str, new: str):
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return change


def _no_origin(text: str) -> str:
    changed = re.sub(r'(crisis_debrief_min: \{.*?), assumption: "[^"]*"', r"\1", text)
    assert changed != text
    return changed


MISTAKES = {
    "an item nobody answers": ("assessment/domains/scheduling.yaml", _item),
    "a gate's slip": ("assessment/gates.yaml", _first("{item: EE-12, at_least: 3", "{item: EE-92, at_least: 3")),
    "an unknown activity": ("assessment/recommendations/intake.yaml", _first("R21, A57, A94]", "R21, A57, A194]")),
    "an unknown page": ("assessment/recommendations/intake.yaml", _first("PB-22, PB-23]", "PB-22, PB-99]")),
    "a circle": ("assessment/activities/4_ready.yaml", _first("after: [R14, A06]", "after: [R14, R19, A06, A26]")),
    "no way up": ("assessment/activities/4_ready.yaml", _first("{item: TR-05, to: 3}, ", "")),
    "no origin": ("assessment/parameters/service.yaml", _no_origin),
    "a misspelt key": ("assessment/countries/xr.yaml", _first("population:", "populaton:")),
}


def _said(folder: Path) -> str:
    def pages(root: Path, instrument):
        return load_pages(instrument, root)

    loaders = {"playbooks": pages, "xr.yaml": lambda root, _: load_country("XR", root)}
    return _plain("\n".join(lint(folder, loaders=loaders).lines()))


def _plain(text: str) -> str:
    return re.sub(r"line \d+", "line", text)


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("toolkit")
    for name in ("assessment", "playbooks", "templates", "site"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("examples", "vendor"))
    return folder


def test_every_message_on_the_authors_page_is_said_by_the_check(copy: Path):
    shown = {_plain(line) for body in fences("author", "text") for line in body.splitlines() if ".yaml, line" in line}
    said = ""
    for path, change in MISTAKES.values():
        right = (copy / path).read_text("utf-8")
        (copy / path).write_text(change(right), "utf-8")
        said += _said(copy)
        (copy / path).write_text(right, "utf-8")
    assert [line for line in shown if line not in said] == []


def test_the_examples_on_the_authors_page_are_read_by_the_toolkit():
    item, _, page, *_ = (yaml.safe_load(body) for body in fences("author", "yaml"))
    Item.model_validate(item[0])
    Front.model_validate(page)
    assert item[0]["id"] not in load_instrument().items


def test_the_example_on_the_developers_page_works(tmp_path):
    module = ModuleType("hotline_catalyst.deliverables.example")
    module.__package__ = "hotline_catalyst.deliverables"
    exec(compile(fences("developer", "python")[0], "developer.md", "exec"), module.__dict__)
    results = judged(gathered("ruritania", tmp_path / "ruritania"))
    (written,) = module.write(results, tmp_path / "out")
    assert written.relative_to(tmp_path / "out") == Path("partner/gates.txt")
    assert len(written.read_text("utf-8").splitlines()) == len(results.gates)


def test_the_floors_of_the_developers_page_are_those_of_the_code():
    shown = {}
    for line in HANDBOOK["developer"].split("## Floors")[1].split("## ")[0].splitlines():
        if match := re.match(r"\| ([\d, ]+) \| (.*) \|$", line):
            floors = [int(n) for n in match[1].split(",")]
            rooms = [room.rstrip("/") for room in re.findall(r"`([\w/]+)`", match[2])]
            shown |= dict.fromkeys(rooms[:-1], floors[0]) | {rooms[-1]: floors[-1]}
    assert shown == test_floors.FLOORS


@pytest.mark.parametrize("name", HANDBOOK)
def test_the_handbook_keeps_to_the_words_of_the_playbooks(name: str):
    wording = read_yaml(Path(__file__).with_name("wording.yaml"))
    text = FENCE.sub("", HANDBOOK[name])
    found = [
        m[0]
        for w in [*wording["filler"], *wording["rescue"]]
        for m in re.finditer(rf"(?<!\w)(?:{w})(?!\w)", text, re.I)
    ]
    assert found == []
    assert not re.search(r"\w!", text)
