"""The playbook site, for the partner and for the operator: it opens from a disk and asks the internet for nothing."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any

from ..archive import write_bytes
from ..errors import ContentError
from ..library import as_of_environment, content_root
from ..results import Results
from . import look
from .playbooks import (
    Edition,
    Page,
    Selection,
    because,
    language_names,
    load_pages,
    markdown,
    open_gates,
    plain,
    select,
)

EDITIONS: tuple[Edition, ...] = ("partner", "operator")
WHO = {"partner": "the operator and its partners", "operator": "the operator only"}
HANDBOOK = ("readiness", "staffing", "history", "calibration", "roadmap", "content")
# Not for a site on a disk: maps for debugging, a server's error page, lists for search engines, the twin of the search
# index that only a server reads, and word lists of other languages.
LEFT_BEHIND = re.compile(
    r"\.map$|^404\.html$|^sitemap\.xml|^search/search_index\.json$|/lunr/|^assets/images/favicon\.png$"
)
LETTERS = str.maketrans("أإآىة", "ااايه")


def write(results: Results, folder: Path) -> list[Path]:
    """Write partner/playbooks/ and operator/playbooks/."""
    as_of_environment(results.facts.as_of)
    pages = load_pages(results.instrument)
    written = []
    for edition in EDITIONS:
        selection = select(pages, results, edition)
        with tempfile.TemporaryDirectory(prefix="playbooks-") as work:
            built = _build(selection, results, Path(work))
            for path in sorted(p for p in built.rglob("*") if p.is_file()):
                name = path.relative_to(built).as_posix()
                if not LEFT_BEHIND.search(name):
                    written.append(write_bytes(folder / edition / "playbooks" / name, path.read_bytes()))
    return written


def _build(selection: Selection, results: Results, work: Path) -> Path:
    docs, site = work / "docs", work / "site"
    shutil.copytree(content_root() / "site" / "assets", docs / "assets", ignore=shutil.ignore_patterns("*.ttf"))
    (docs / "assets" / "colours.css").write_text(_colours(), "utf-8")
    for page in selection.chosen:
        _put(docs / f"{page.name}.md", markdown(page, results, selection))
    for name in HANDBOOK:
        _put(docs / "handbook" / f"{name}.md", (content_root() / "site" / "pages" / f"{name}.md").read_text("utf-8"))
    _put(docs / "handbook" / "sources.md", _sources(results))
    _put(docs / "index.md", _index(selection, results))
    _mkdocs(docs, site, _navigation(selection, results), results, selection.edition)
    _fold_search(site / "search")
    return site


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def _colours() -> str:
    tokens = {
        "ink": look.INK,
        "night": look.NIGHT,
        "link": look.LINK,
        "quiet": look.QUIET,
        "line": look.LINE,
        "pale": look.PALE,
        "met": look.MET,
        "not-met": look.NOT_MET,
        "caution": look.CAUTION,
        "caution-pale": "#FBF3E4",
        "caution-ink": "#5F3E00",
    }
    return ":root {\n" + "".join(f"  --{name}: {colour};\n" for name, colour in tokens.items()) + "}\n"


def _navigation(selection: Selection, results: Results) -> list[dict[str, Any]]:
    groups = [
        {results.domain_title(offering): [{f"{p.front.id} {p.front.title}": f"{p.name}.md"} for p in pages]}
        for offering, pages in selection.by_offering.items()
    ]
    return [
        {"Start here": "index.md"},
        *groups,
        {"How this was made": [f"handbook/{name}.md" for name in (*HANDBOOK, "sources")]},
    ]


def _sources(results: Results) -> str:
    """List the publications by key. Addresses are text: nothing on a watched device should open by accident."""
    rows = [f"| {key} | {s.title} | {f'`{s.url}`' if s.url else ''} |" for key, s in sorted(results.sources.items())]
    intro = "Keys in square brackets name these publications. Most were read as excerpts; some are press or advocacy."
    return "\n".join(["# Sources", "", intro, "", "| Key | Publication | Address |", "| --- | --- | --- |", *rows, ""])


def _mkdocs(docs: Path, site: Path, navigation: list[dict[str, Any]], results: Results, edition: Edition) -> None:
    """Build a site by mkdocs in this process, silently; whatever it warns of is an error here."""
    os.environ["NO_MKDOCS_2_WARNING"] = "1"
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    with _complaints() as complaints:
        config = load_config(
            str(content_root() / "site" / "mkdocs.yml"), docs_dir=str(docs), site_dir=str(site), nav=navigation
        )
        facts = results.facts
        config["extra"]["notice"] = facts.notice
        parts = (f"{facts.name}.", f"As of {look.day(facts.as_of)}.", f"For {WHO[edition]}.", facts.notice)
        config["copyright"] = escape(" ".join(part for part in parts if part))
        build(config)
    if complaints:
        raise ContentError("the playbook site", [c.replace(str(docs), "docs") for c in complaints])


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """Collect what mkdocs and its plugins warn of, instead of letting it reach the terminal."""
    found: list[str] = []

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            found.append(record.getMessage())

    logger, handler = logging.getLogger("mkdocs"), Collect(logging.WARNING)
    before = logger.propagate, logger.level
    logger.propagate = False
    logger.setLevel(logging.WARNING)
    logger.addHandler(handler)
    try:
        yield found
    finally:
        logger.removeHandler(handler)
        logger.propagate = before[0]
        logger.setLevel(before[1])


def _fold_search(folder: Path) -> None:
    """Write the index that a page on a disk reads: words without accents and Arabic articles are found too."""
    index = json.loads((folder / "search_index.json").read_text("utf-8"))
    for entry in index["docs"]:
        # The box names other subjects: a search for them would lead here instead of to their own page.
        entry["text"] = re.sub(r"Why this page is here\s*<ul>.*?</ul>", "", entry["text"], flags=re.DOTALL)
        words = set(re.findall(r"[^\W\d_]{3,}", re.sub(r"<[^>]+>", " ", f"{entry['text']} {entry['title']}")))
        extra = {form for word in words for form in _forms(word)} - words
        if extra:
            entry["text"] += f"<p hidden>{' '.join(sorted(extra))}</p>"
    text = json.dumps(index, ensure_ascii=False, separators=(",", ":"))
    # As a script, since a page on a disk may not fetch: a line separator inside a text would end a line there.
    text = text.replace("\u2028", " ").replace("\u2029", " ")
    (folder / "search_index.js").write_text(f"var __index = {text}", "utf-8")


def _forms(word: str) -> Iterator[str]:
    yield _folded(word)
    if "\u0600" <= word[0] <= "\u06ff":
        bare = word.removeprefix("ال")
        yield from (bare, _folded(bare)) if bare != word else (f"ال{word}",)


def _folded(word: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))
    return unicodedata.normalize("NFC", bare).translate(LETTERS)


def _index(selection: Selection, results: Results) -> str:
    parts = [
        "# Playbooks",
        _opening(selection, results),
        (content_root() / "site" / "pages" / "how_to_use.md").read_text("utf-8").strip(),
        "## Pages chosen, and why",
        *(_offering_list(offering, pages, results) for offering, pages in selection.by_offering.items()),
        _left_out(selection, results),
        _unwritten(selection, results),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _opening(selection: Selection, results: Results) -> str:
    facts, drafts = results.facts, sum(p.front.draft for p in selection.chosen)
    count = len(selection.chosen)
    state = f"All {count} pages are drafts." if drafts == count else f"{drafts} of {count} pages are drafts."
    spoken = [x for x in language_names(facts.working_languages) if x != "English"]
    languages = f" They are in English; not yet translated into {', '.join(spoken)}." if spoken else ""
    return (
        f"What to do, step by step, for {plain(facts.name)}, as of {look.day(facts.as_of)}. {state}{languages} "
        f"This edition is for {WHO[selection.edition]}.\n{{ .summary }}"
    )


def _offering_list(offering: str, pages: list[Page], results: Results) -> str:
    entries = [
        f"- **[{p.front.id} {plain(p.front.title)}]({p.name}.md)** {plain(p.front.summary)}<br>"
        f"*{_short_reason(p, results)}*"
        for p in pages
    ]
    return "\n".join([f"### {plain(results.domain_title(offering))}\n", *entries])


def _short_reason(page: Page, results: Results) -> str:
    by_verdict: dict[str, list[str]] = {}
    for gate in open_gates(page.front, results):
        by_verdict.setdefault(f"{look.VERDICT_SIGN[gate.verdict]} {gate.verdict}", []).append(gate.id)
    gates = "; ".join(f"{verdict}: {', '.join(ids)}" for verdict, ids in sorted(by_verdict.items()))
    return because(page.front, results) + (f" Gates that wait for it: {gates}." if gates else "")


def _left_out(selection: Selection, results: Results) -> str:
    rows = [f"| {p.front.id} {plain(p.front.title)} | {plain(reason)} |" for p, reason in selection.left_out]
    if not rows:
        return "## Pages left out\n\nNone."
    return "\n".join(["## Pages left out, and why\n\n| Page | Why |\n| --- | --- |", *rows])


def _unwritten(selection: Selection, results: Results) -> str:
    known = {p.front.id for p in selection.chosen} | {p.front.id for p, _ in selection.left_out}
    asked: dict[str, list[str]] = {}
    for raised in results.raised:
        for ident in raised.recommendation.playbooks:
            if ident not in known:
                asked.setdefault(ident, []).append(raised.recommendation.id)
    if not asked:
        return ""
    rows = [f"    | {ident} | {', '.join(sorted(who))} |" for ident, who in sorted(asked.items())]
    head = (
        "## Pages not written yet\n\nRecommendations ask for these pages too. "
        "Until they exist, the recommendation's own text says what to do.\n\n"
        f'??? why "{len(asked)} pages, and who asks for them"\n\n    | Page | Asked for by |\n    | --- | --- |'
    )
    return "\n".join([head, *rows])
