"""The frame of a page that stands by itself: its head, its rules for the browser, and the way out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from . import core
from .core import html_text
from .website_blocks import closed_box
from .website_content import folder_of, home_of, names_of

POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'"
LEAVE = {"fr": "Quitter cette page", "es": "Salir de esta página", "ar": "غادر هذه الصفحة"}
BASE = "tools/plain_page.css"
PUBLIC_BASE = "site/public/plain.css"
SAID = ("two", "one", "leaving", "expired")


@dataclass(frozen=True)
class Public:
    """Where a public page lies on the site.

    Parameters
    ----------
    others
        The same page in every language: code, name, direction, file beside this one.
    """

    facts: core.Table
    project: Path
    others: list[tuple[str, str, str, str]]


def public(facts: core.Table, project: Path, files: dict[str, str]) -> Public:
    """Return the place of a public page whose languages lie in these files, all in one folder of the site."""
    records = [(code, record) for code, record in core.languages(facts) if code in files]
    names = names_of(facts, project)
    others = [
        (code, names[code], str(record.get("direction", "ltr")), files[code].rsplit("/", 1)[1])
        for code, record in records
    ]
    return Public(facts, project, others)


def base(project: Path) -> dict[str, bytes]:
    """Return the look that public pages of this kind share, by its path."""
    return {PUBLIC_BASE: core.unix_bytes(project / BASE)}


def shell(
    title: str, language: str, direction: str, body: str, style: str, script: str = "", place: Public | None = None,
    within: bool = False,
) -> str:  # fmt: skip
    """Return a whole page; a public one (with a place) begins with the way out; `within` lies in the project."""
    code = f'<script src="{script}" defer></script>\n' if script else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{html_text(language)}" dir="{"rtl" if direction == "rtl" else "ltr"}">\n<head>\n'
        '<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f'<meta name="format-detection" content="telephone=no">\n{_robots(place)}<title>{html_text(title)}</title>\n'
        f'{_styles(style, place, within)}{code}{_site(place)}</head>\n<body>\n{_top(place, language)}'
        f'<main id="main">\n{_draft(place, language)}<h1>{html_text(title)}</h1>\n{_closed(place, language)}{body}'
        "</main>\n</body>\n</html>\n"
    )


def _styles(style: str, place: Public | None, within: bool) -> str:
    shared = ["../plain.css"] if place else [f"../{BASE}"] if within else []
    return "".join(f'<link rel="stylesheet" href="{name}">\n' for name in (*shared, style))


def _closed(place: Public | None, language: str) -> str:
    """Return what every public page says while nothing is open."""
    return closed_box(place.facts, place.project, language) if place else ""


def _draft(place: Public | None, language: str) -> str:
    """Return the mark of a language that nobody who reads it well has signed."""
    if place is None or not folder_of(place.project, language):
        return ""
    record = core.table(core.table(place.facts, "languages"), language)
    if core.is_signed(record, "reviewed_by", "reviewed_on"):
        return ""
    own = html_text(_words(place.project, language).get("draft", ""))
    more = f"<br>{own}" if own else ""
    return f'<p class="caution"><span lang="en" dir="ltr">{core.DRAFT}</span>{more}</p>\n'


def _robots(place: Public | None) -> str:
    live = place is not None and core.open_channels(place.facts)
    return "" if live else '<meta name="robots" content="noindex, nofollow">\n'


def _site(place: Public | None) -> str:
    """Return what the page shares with the site: its picture, and the script of the way out."""
    if place is None:
        return ""
    icon = '<link rel="icon" href="../assets/icon.svg" type="image/svg+xml">\n'
    return icon + '<script src="../assets/exit.js" defer></script>\n'


def _top(place: Public | None, language: str) -> str:
    """Return the way out, first in reading and keyboard order, then the way to the site and to other languages."""
    if place is None:
        return ""
    words = _words(place.project, language)
    exit_words = core.table(words, "exit")
    target = core.said(core.table(place.facts, "public"), "neutral_exit")
    safe = target if target.startswith("https://") else "about:blank"
    leave = exit_words.get("leave") or LEAVE.get(language.split("-")[0], "Leave this page")
    told = "".join(f' data-{name}="{html_text(exit_words.get(name, ""))}"' for name in SAID)
    return (
        f'<header>\n<a id="exit" href="{html_text(safe)}" rel="noreferrer nofollow"{told}>{html_text(leave)}</a>\n'
        f'<p id="exit-hint" hidden>{html_text(exit_words.get("hint", ""))}</p>\n'
        f'<p id="exit-said" class="unseen" role="status"></p>\n</header>\n{_links(place, language, words)}'
    )


def _links(place: Public, language: str, words: core.Table) -> str:
    """Return the links to the site's first page, when the site speaks this language, and to the same page in others."""
    title, home = core.table(words, "menu").get("title", ""), home_of(place.facts, place.project, language)
    items = [f'<a href="../{html_text(home)}">{html_text(title)}</a>'] if title and home else []
    items += [
        f'<a href="{html_text(file)}" lang="{html_text(code)}" hreflang="{html_text(code)}" '
        f'dir="{"rtl" if direction == "rtl" else "ltr"}">{html_text(name)}</a>'
        for code, name, direction, file in place.others
        if code != language
    ]
    label = html_text(core.table(words, "menu").get("languages") or "Language")
    listed = "".join(f"<li>{item}</li>" for item in items)
    return f'<nav class="pages" aria-label="{label}"><ul>{listed}</ul></nav>\n' if items else ""


def _words(project: Path, language: str) -> core.Table:
    """Return the site's own short words for a language; empty when the site does not speak it."""
    try:
        return core.read_toml(project, f"site/content/{language}/words.toml")
    except core.FactsError:
        return {}
