"""Checks of the files: all there, none stale, nothing secret, nothing live, drafts marked."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Collection, Iterator
from html.parser import HTMLParser
from pathlib import Path

from . import check_same
from .core import (
    DRAFT,
    FACTS,
    GENERATED,
    SCHEMA,
    Table,
    build_all,
    chosen,
    day_of,
    is_open,
    listed_in,
    load_manifest,
    owner_of,
    said,
    table,
    unix_bytes,
)  # fmt: skip
from .report import Report

SKIPPED = {".venv", ".scaffold", ".git", "local", "__pycache__", "node_modules"}
READABLE = {
    ".md",
    ".html",
    ".htm",
    ".json",
    ".toml",
    ".csv",
    ".txt",
    ".conf",
    ".svg",
    ".js",
    ".css",
    ".xml",
    ".yaml",
    ".ics",
}
REVIEWED = re.compile(r"Reviewed by (?P<name>[^:_\n].*?) on (?P<day>\d{4}-\d{2}-\d{2})")
SECRET = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|AGE-SECRET-KEY-1|^\s*(?:secret|password|auth_token|api_key)\s*[=:]\s*[\"']?\w{4,}",
    re.IGNORECASE | re.MULTILINE,
)
CONTACT_LINKS = ("tel:", "sms:", "smsto:", "mailto:", "whatsapp:", "https://wa.me/")
LINKS = ("href", "src", "action", "formaction", "data", "poster", "srcset")


class Links(HTMLParser):
    """Collects where a page leads, and whether anything can be sent from it."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self.forms = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.forms += tag in ("form", "textarea", "iframe")
        self.links += [(tag, (value or "").strip()) for name, value in attrs if name in LINKS]


def files_of(project: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files of the project with their paths, without .venv and other places that are not ours."""
    for path in sorted(project.rglob("*")):
        name = path.relative_to(project)
        if path.is_file() and not SKIPPED.intersection(name.parts):
            yield name.as_posix(), path


def read(path: Path, name: str, report: Report) -> str:
    """Return a text file; a file that is not UTF-8 is a problem."""
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        if not any(problem.startswith(f"{name}: ") for problem in report.problems):
            do = "save it again with the encoding UTF-8, in a spreadsheet program as 'CSV UTF-8'"
            report.must(False, name, "it is not UTF-8 text", do)
    except OSError as reason:
        report.must(False, name, f"it cannot be read ({reason})", "put it back from your last copy")
    return ""


def check_manifest(project: Path, facts: Table, report: Report) -> None:
    """Every file that this hotline's choices need is there and has content."""
    names = chosen(facts)
    for entry in load_manifest(project):
        if (
            "*" in entry["path"]
            or entry["owner"] not in ("managed", "seeded")
            or not names.issuperset(entry.get("when", []))
        ):
            continue
        path = project / entry["path"]
        full = path.is_file() and (path.stat().st_size > 0 or path.name == "__init__.py")
        do = "put it back from your last copy, or run `python3 tasks.py build` if it is generated"
        report.must(full, entry["path"], "it is listed in MANIFEST.json but missing or empty", do)


def check_generated(project: Path, facts: Table, report: Report) -> list[str]:
    """Every generated file is what hotline.toml gives today, and nobody edited one; return those that are old."""
    made, listed = build_all(project, facts), listed_in(project)
    report.checks += len(made)
    apart = {name: content for name, content in made.items() if not _holds(project / name, content)}
    there = [name for name in apart if (project / name).is_file()]
    # A file that is still as the last build wrote it is only old; anything else was changed by hand.
    old = [name for name in there if name == GENERATED or _sum(project / name) == listed.get(name)]
    _say_once(report, old, "hotline.toml or another source was changed after the last build")
    _say_once(report, [name for name in apart if name not in there], "it is not built yet")
    for name in sorted(set(there) - set(old)):
        do = "change hotline.toml or its source instead; `python3 tasks.py build` writes over it"
        report.must(False, name, "somebody edited this generated file", do)
    gone = [name for name in sorted(set(listed) - set(made)) if (project / name).is_file()]
    _say_once(report, gone, "it is no longer made but still here")
    for name in sorted({name for name, _ in files_of(project) if name.startswith("site/public/")} - {*listed, *made}):
        report.must(False, name, "nothing makes this public file", "take it out of site/public/")
    return [*old, *gone]


def _say_once(report: Report, names: list[str], what: str) -> None:
    """One build mends them all, so that one sentence is enough."""
    first = next((name for name in names if name != GENERATED), GENERATED)
    more = f" (and {len(names) - 1} more files)" if len(names) > 1 else ""
    report.must(not names, first + more, what, "run `python3 tasks.py build`")


def _holds(path: Path, content: bytes) -> bool:
    return path.is_file() and (path.read_bytes() == content or _unix(path) == content)


def _unix(path: Path) -> bytes:
    return unix_bytes(path) if path.suffix in READABLE else path.read_bytes()


def _sum(path: Path) -> str:
    return hashlib.sha256(_unix(path)).hexdigest()


def check_texts(project: Path, facts: Table, report: Report, old: Collection[str] = ()) -> None:
    """Every file can be read, repeats facts correctly, holds no secret; papers are drafts or reviewed.

    Files that the next build replaces (`old`) repeat what was true before; that was said once already.
    """
    manifest = load_manifest(project)
    for name, path in files_of(project):
        if path.suffix not in READABLE:
            continue
        mine = owner_of(manifest, name) == "local"
        text = path.read_text("utf-8", "replace") if mine else read(path, name, report)
        if name not in (FACTS, SCHEMA, *old):
            report.add(check_same.differences(name, text, facts))
        found = SECRET.search(text)
        report.must(found is None, name, "it holds a key or a password", "take it out and change that key today")
        check_syntax(name, text, report)
        if path.suffix == ".md" and owner_of(manifest, name) == "seeded" and not name.startswith("site/"):
            check_draft(name, text, report)


def check_syntax(name: str, text: str, report: Report) -> None:
    """JSON and TOML files parse."""
    try:
        if name.endswith(".json"):
            json.loads(text)
        elif name.endswith(".toml"):
            tomllib.loads(text)
    except ValueError as reason:
        if any(problem.startswith(f"{name}: ") and "does not parse" in problem for problem in report.problems):
            return
        report.must(False, name, f"it does not parse ({reason})", "correct that line")


def check_draft(name: str, text: str, report: Report) -> None:
    """A paper is marked as a draft, or says who reviewed it and when."""
    found = REVIEWED.search(text)
    reviewed = found is not None and day_of(found["day"]) is not None
    marked = DRAFT in text
    report.must(marked or reviewed, name, "it has neither draft mark nor reviewer", f"write '{DRAFT}' at the top")
    do = "read it, then write 'Reviewed by ROLE on YYYY-MM-DD' in place of its line with DRAFT"
    report.before_opening(not marked, name, "the paper is still a draft", do)


def check_public(project: Path, facts: Table, report: Report) -> None:
    """Public pages lead only inside the site, and show no contact and no form of a channel that is not open."""
    opened = {c: said(r, "public_contact") for c, r in facts["channels"].items() if is_open(facts, c)}
    silent = {said(r, "public_contact") for c, r in facts["channels"].items() if c not in opened} - {
        "",
        *opened.values(),
    }
    for name, path in files_of(project):
        if not name.startswith("site/public/"):
            continue
        text = path.read_text("utf-8", "replace")
        for contact in sorted(silent):
            do = "run `python3 tasks.py build`"
            report.must(contact not in text, name, "it shows the contact of a channel that is not open", do)
        if path.suffix in (".html", ".htm"):
            check_page(project, path, name, text, facts, opened, report)


def check_page(
    project: Path, path: Path, name: str, text: str, facts: Table, opened: dict[str, str], report: Report
) -> None:
    """The links and forms of one page."""
    page = Links()
    page.feed(text)
    page.close()
    live = "online_tip" in opened
    report.must(live or not page.forms, name, "it has a form while the tip channel is not open", "take the form out")
    public = table(facts, "public")
    allowed = {public["neutral_exit"], public["website"], public["security_contact"], *opened.values()} - {""}
    numbers = {digits(value) for value in [*opened.values(), public["emergency_number"]]} - {""}
    for tag, link in page.links:
        if link.lower().startswith(CONTACT_LINKS):
            target = link.split(":", 1)[1].split("?")[0]
            known = target in opened.values() or (digits(target) in numbers and "@" not in target)
            what = f"'{link}' is not the contact of an open channel"
            report.must(known, name, what, "take it out until the channel is open and signed")
        else:
            own = public["website"].rstrip("/") or "\0"
            good = (
                link in allowed or link.startswith(own + "/") or inside(project, path, link) or _form(tag, link, live)
            )
            report.must(good, name, f"'{link}' leaves the site or leads nowhere", "take it out or correct it")


def _form(tag: str, link: str, live: bool) -> bool:
    return tag == "form" and live and link.startswith("https://")


def inside(project: Path, path: Path, link: str) -> bool:
    """Say whether a link leads to a file of the site."""
    if not link or link.startswith("#"):
        return True
    if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//|\\", link):
        return False
    root = (project / "site/public").resolve()
    plain = link.split("#")[0].split("?")[0]
    target = (root / plain.lstrip("/") if plain.startswith("/") else path.parent / plain).resolve()
    return target.is_relative_to(root) and (target.is_file() or (target / "index.html").is_file())


def digits(text: str) -> str:
    """Return only the digits of a text."""
    return "".join(ch for ch in text if ch.isdigit())
