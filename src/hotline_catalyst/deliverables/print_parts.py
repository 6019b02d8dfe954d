"""Parts of the print editions: a playbook page as a piece of HTML, what runs along its margins, and the first minute.

The Markdown is the site's own (playbook_pages.markdown), turned into HTML by the extensions that site/mkdocs.yml names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache
from html import escape, unescape
from typing import Any

from ..library import content_root, read_yaml
from ..results import Results
from . import look
from .playbook_pages import fill, markdown
from .playbooks import Page, Selection
from .print_tables import with_widths
from .report import FAMILY

LINK = re.compile(r'<a [^>]*?href="(?P<to>[^"]*)"[^>]*>(?P<text>.*?)</a>', re.DOTALL)
TO_PAGE = re.compile(r"(?:^|/)((?:PB|CT)-\d{2})-[^/]*\.(?:md|html)(?:#.*)?$")
NARROW = re.compile(r'<div class="tree-narrow">.*?</div>', re.DOTALL)
DRAWING = re.compile(r"<svg.*?</svg>", re.DOTALL)
OURS = re.compile(r'(<(p|div|details) class="(?:facts|admonition draft|why)")(.*?</\2>)', re.DOTALL)
HEADING = re.compile(r"<h(\d)(?= |>)")
# A contact protocol begins with the first 60 seconds, whatever the language of its heading.
FIRST_MINUTE = re.compile(r"\A\s*## [^\n]*(?:60|٦٠)[^\n]*\n(.*?)(?=^## |\Z)", re.DOTALL | re.MULTILINE)
LEVELS = ("title", "section", "part", "detail")


@dataclass(frozen=True)
class Leaf:
    """One playbook page ready to print.

    Parameters
    ----------
    id, title, summary
        As in its head.
    language, direction
        Of its text; direction is "ltr" or "rtl".
    state
        What the head of every sheet says of it: that it is a draft, whom it is for; empty when neither is needed.
    html
        Its text; headings carry the classes title, section, part.
    named
        Other pages it refers to that this edition holds.
    """

    id: str
    title: str
    summary: str
    language: str
    direction: str
    state: str
    html: str
    named: tuple[str, ...]


@cache
def _all_words() -> Any:
    return read_yaml(content_root() / "templates" / "documents" / "print_words.yaml")


def words(language: str = "en") -> dict[str, Any]:
    """Return what is printed around the pages in a language; what is not translated yet is English."""
    return {**_all_words()["en"], **_all_words().get(language, {})}


def state_of(page: Page) -> str:
    """Return what must stand on every sheet of a page, in the page's language."""
    say = words(page.language)
    marks = [say["draft"]] if page.draft else []
    marks += [say[f"{page.front.audience}_only"]] if page.front.audience != "partner" else []
    return ". ".join(marks)


def leaf(page: Page, results: Results, selection: Selection, *, book: bool) -> Leaf:
    """Return a page ready to print, in the book or on its own.

    In the book its headings stand below a chapter's and references lead to pages of the book; on its own, references
    are words.

    Raises
    ------
    ContentError
        When the page's Jinja cannot be filled.
    """
    front, language = page.front, page.language
    chosen = {p.front.id for p in selection.chosen}
    html = html_of(markdown(page, results, selection), f"{front.id}-", deeper=2 if book else 0)
    html = html if words(language)["direction"] == "ltr" else _english_inside(html)
    found = [match[1] for link in LINK.finditer(html) if (match := TO_PAGE.search(link["to"]))]
    return Leaf(
        front.id,
        front.title,
        front.summary,
        language,
        words(language)["direction"],
        state_of(page),
        referring(html, chosen if book else (), words(language)["page_ref"]),
        tuple(dict.fromkeys(ident for ident in found if ident in chosen)),
    )


def first_minute(page: Page, results: Results, selection: Selection) -> str | None:
    """Return what a contact protocol says to do in the first 60 seconds, as HTML; of other pages nothing."""
    bare = replace(page, front=page.front.model_copy(update={"trees": []}))
    match = FIRST_MINUTE.match(fill(bare, results, selection))
    return referring(html_of(match[1], f"card-{page.front.id}-", deeper=1), ()) if match else None


def html_of(text: str, prefix: str, *, deeper: int) -> str:
    """Turn Markdown into HTML as the site does.

    Parameters
    ----------
    prefix
        Begins every anchor: many pages stand in one file.
    deeper
        Levels by which headings move down.
    """
    from markdown import Markdown
    from markdown.extensions.toc import slugify

    names, options = _extensions()
    anchors: Callable[[str, str], str] = lambda value, separator: prefix + slugify(value, separator)  # noqa: E731
    toc = {**options.get("toc", {}), "permalink": False, "baselevel": deeper + 1, "slugify": anchors}
    html = Markdown(extensions=[*names, "toc"], extension_configs={**options, "toc": toc}).convert(text)
    html = HEADING.sub(lambda m: f'{m[0]} class="{_level(int(m[1]) - deeper - 1)}"', html)
    return with_widths(_on_paper(html))


def _on_paper(html: str) -> str:
    """Keep of each drawing the one for wide sheets, lettered in our own font."""
    return DRAWING.sub(lambda m: m[0].replace(look.FONT, FAMILY), NARROW.sub("", html))


def _level(depth: int) -> str:
    return LEVELS[max(0, min(depth, len(LEVELS) - 1))]


@cache
def _extensions() -> tuple[tuple[str, ...], dict[str, dict[str, Any]]]:
    """Return the names and options of the Markdown extensions of the site."""
    listed = read_yaml(content_root() / "site" / "mkdocs.yml")["markdown_extensions"]
    options = {k: v or {} for entry in listed if isinstance(entry, dict) for k, v in entry.items()}
    names = [entry if isinstance(entry, str) else next(iter(entry)) for entry in listed]
    return tuple(name for name in names if name != "toc"), options


def _english_inside(html: str) -> str:
    """Let the engine's own boxes run from the left on a page that runs from the right, while they are in English."""
    english = r'\1 lang="en" dir="ltr"\3'
    return OURS.sub(lambda m: m[0] if look.has_arabic(m[3]) else m.expand(english), html)


def referring(html: str, inside: Iterable[str], page_ref: str = "") -> str:
    """Make links to playbook pages lead to pages of this book; every other link becomes its own words.

    Parameters
    ----------
    inside
        The ids of the pages of this book.
    page_ref
        What stands between a page's id and its number, which `print_press` fills in.
    """
    here = set(inside)

    def link(match: re.Match[str]) -> str:
        to = TO_PAGE.search(unescape(match["to"]))
        if to and to[1] in here:
            return f'<a href="#{to[1]}">{match["text"]}{escape(page_ref)}<span data-page="{to[1]}">99</span></a>'
        return match["text"]

    return LINK.sub(link, html)
