"""Turns Markdown into a site by mkdocs, in this process, silently: the same texts give the same bytes."""

from __future__ import annotations

import json
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from .. import archive
from ..errors import ContentError
from ..library import content_root
from . import look, site_search

Files = dict[str, bytes]
# Not for a site on a disk: maps for debugging, a server's error page, lists for search engines, the twin of the search
# index that only a server reads, and word lists of other languages.
LEFT_BEHIND = re.compile(
    r"\.map$|^404\.html$|^sitemap\.xml|^search/search_index\.json$|/lunr/|^assets/images/favicon\.png$"
)
PACKAGES = ("mkdocs", "mkdocs-material", "markdown", "pymdown-extensions", "jinja2")


@dataclass(frozen=True)
class Site:
    """What a site is built from: Markdown by place, the list of its pages, and the words around them.

    ``extra`` holds what the templates in site/overrides read; ``footer`` is plain text.
    """

    name: str
    language: str
    docs: Mapping[str, str]
    navigation: list[dict[str, Any]]
    extra: Mapping[str, Any]
    footer: str


def build(site: Site) -> Files:
    """Build a site and return its files by place.

    Raises
    ------
    ContentError
        With everything that mkdocs warns of: a link that leads nowhere, a page nobody finds.
    """
    with tempfile.TemporaryDirectory(prefix="playbooks-") as work:
        docs, out = Path(work) / "docs", Path(work) / "site"
        shutil.copytree(content_root() / "site" / "assets", docs / "assets", ignore=shutil.ignore_patterns("*.ttf"))
        (docs / "assets" / "colours.css").write_text(_colours(), "utf-8")
        for place, text in site.docs.items():
            path = docs / f"{place}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        _mkdocs(site, docs, out)
        site_search.fold_search(out / "search")
        found = {p.relative_to(out).as_posix(): p for p in sorted(out.rglob("*")) if p.is_file()}
        return {name: _mended(path) for name, path in found.items() if not LEFT_BEHIND.search(name)}


def below(language: str, files: Files) -> Files:
    """Return a site's files as they lie below another one's, whose looks and programs it shares."""
    shared = re.compile(rb'((?:href|src|"search")(?:=|: *)")((?:\.\./)*)assets/')
    own = {name: content for name, content in files.items() if not name.startswith("assets/")}
    return {
        f"{language}/{name}": shared.sub(rb"\1\2../assets/", content) if name.endswith(".html") else content
        for name, content in own.items()
    }


def fingerprint(site: Site) -> str:
    """Return what all inputs of a site come to: texts, templates, assets, programs and their versions."""
    folder = content_root() / "site"
    ours = [Path(__file__), Path(site_search.__file__), Path(look.__file__), folder / "mkdocs.yml"]
    parts = ("overrides", "assets")
    ours += [p for part in parts for p in sorted((folder / part).rglob("*")) if p.is_file()]
    inputs = {
        "site": asdict(site),
        "files": {p.name: archive.file_digest(p) for p in ours},
        "versions": {name: metadata.version(name) for name in PACKAGES},
        "day": os.environ.get("SOURCE_DATE_EPOCH", ""),
    }
    return archive.digest(json.dumps(inputs, sort_keys=True).encode())[:32]


def _mended(path: Path) -> bytes:
    """Return a file; a box to tick on paper is hidden from screen readers, which read the text beside it."""
    content = path.read_bytes()
    if path.suffix != ".html":
        return content
    return content.replace(
        b'<label class="task-list-control">', b'<label class="task-list-control" aria-hidden="true">'
    )


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


def _mkdocs(site: Site, docs: Path, out: Path) -> None:
    """Build a site; whatever mkdocs warns of is an error here."""
    os.environ["NO_MKDOCS_2_WARNING"] = "1"
    from html import escape

    from mkdocs.commands.build import build as mkdocs_build
    from mkdocs.config import load_config

    with _complaints() as complaints:
        config = load_config(
            str(content_root() / "site" / "mkdocs.yml"),
            docs_dir=str(docs),
            site_dir=str(out),
            site_name=site.name,
            nav=site.navigation,
        )
        config["theme"]["language"] = site.language
        config["extra"].update(site.extra)
        config["copyright"] = escape(site.footer)
        config["plugins"]["templates"] = _templates_once()
        mkdocs_build(config)
    if complaints:
        raise ContentError("the playbook site", [c.replace(str(docs), "docs") for c in complaints])


@cache
def _templates_once() -> Any:
    """Return a plugin that has mkdocs translate the theme's templates once a process, and not again for each site."""
    from jinja2 import BytecodeCache
    from mkdocs.plugins import BasePlugin

    class Memory(BytecodeCache):
        def __init__(self) -> None:
            self.known: dict[str, Any] = {}

        def load_bytecode(self, bucket: Any) -> None:
            if (found := self.known.get(bucket.key)) and found[0] == bucket.checksum:
                bucket.code = found[1]

        def dump_bytecode(self, bucket: Any) -> None:
            self.known[bucket.key] = (bucket.checksum, bucket.code)

    class Once(BasePlugin):  # type: ignore[type-arg,no-untyped-call]
        memory = Memory()

        def on_env(self, env: Any, **_: Any) -> Any:
            env.bytecode_cache = self.memory
            return env

    return Once()


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
