"""The frame of every page of the site: its head, the way out, the languages, the list of pages."""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import core
from .core import DRAFT, html_text
from .website_content import Language, Text, is_https

# Nothing is loaded from elsewhere, nothing inline runs, nothing is sent but the tip form to the hotline's own queue.
POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; form-action {form}"


def form_origin(address: str) -> str:
    """Return what the rule for browsers allows forms to send to: one server, or nothing.

    >>> form_origin("https://tips.example/new")
    'https://tips.example'
    """
    found = re.match(r"https://[^/]+", address)
    return found[0] if found else "'none'"


@dataclass(frozen=True)
class Page:
    """A page of the site before its frame.

    Parameters
    ----------
    path
        Where it lies under site/public.
    text
        What was written.
    body
        Its HTML.
    up
        How a link gets from this page to the top folder: "" or "../".
    others
        The same page in every language, this one included: code, address from the top folder.
    menu
        The pages of this language: name, title, address from the top folder.
    sends_to
        Where its form sends to; empty without a form.
    """

    path: str
    text: Text
    body: str
    up: str
    others: list[tuple[Language, str]]
    menu: list[tuple[str, str, str]]
    sends_to: str


def frame(facts: core.Table, language: Language, page: Page, closed: str) -> str:
    """Return the whole page."""
    return (
        f'<!DOCTYPE html>\n<html lang="{html_text(language.code)}" dir="{language.direction}">\n'
        f"{head(facts, page)}<body>\n{way_out(facts, language)}{languages(language, page)}"
        f'<main id="main">\n{draft(language)}<h1>{html_text(page.text.title)}</h1>\n{closed}{page.body}</main>\n'
        f"{menu(language, page)}{footer(facts, language)}</body>\n</html>\n"
    )


def head(facts: core.Table, page: Page) -> str:
    """Return the head: rules for the browser, a neutral title and a neutral picture."""
    form = form_origin(page.sends_to)
    robots = "" if core.open_channels(facts) else '<meta name="robots" content="noindex, nofollow">\n'
    return (
        '<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{html_text(POLICY.format(form=form))}">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="format-detection" content="telephone=no">\n'
        f"{robots}<title>{html_text(page.text.tab)}</title>\n"
        f'<link rel="icon" href="{page.up}assets/icon.svg" type="image/svg+xml">\n'
        f'<link rel="stylesheet" href="{page.up}assets/site.css">\n{_alternates(facts, page)}'
        f'<script src="{page.up}assets/exit.js" defer></script>\n</head>\n'
    )


def _alternates(facts: core.Table, page: Page) -> str:
    """Return the same page in the other languages for search engines: only once they may look at it."""
    own = str(core.fact(facts, "public.website")).rstrip("/")
    if not is_https(own) or not core.open_channels(facts) or len(page.others) < 2:
        return ""
    return "".join(
        f'<link rel="alternate" hreflang="{html_text(other.code)}" href="{html_text(own)}/{address}">\n'
        for other, address in page.others
    )


def way_out(facts: core.Table, language: Language) -> str:
    """Return the link that leaves the site: first in reading and keyboard order, always in sight."""
    target = core.said(core.table(facts, "public"), "neutral_exit")
    safe = target if target.startswith("https://") else "about:blank"
    told = "".join(f' data-{key}="{language.say(f"exit.{key}")}"' for key in ("two", "one", "leaving", "expired"))
    return (
        f'<header class="way-out">\n<a id="exit" href="{html_text(safe)}" rel="noreferrer nofollow"{told}>'
        f"{language.say('exit.leave')}</a>\n"
        f'<p id="exit-hint" hidden>{language.say("exit.hint")}</p>\n'
        '<p id="exit-said" class="unseen" role="status"></p>\n'
        f'<a class="skip" href="#main">{language.say("exit.skip")}</a>\n</header>\n'
    )


def languages(language: Language, page: Page) -> str:
    """Return the links to the other languages, each in its own words."""
    if len(page.others) < 2:
        return ""
    items = "".join(_language(other, address, language, page.up) for other, address in page.others)
    return f'<nav class="languages" aria-label="{language.say("menu.languages")}">\n<ul>\n{items}</ul>\n</nav>\n'


def _language(other: Language, address: str, here: Language, up: str) -> str:
    code, name = html_text(other.code), other.say("name")
    if other.code == here.code:
        return f'<li><span aria-current="true">{name}</span></li>\n'
    link = f'<a href="{up}{address}" lang="{code}" hreflang="{code}" dir="{other.direction}">{name}</a>'
    return f"<li>{link}</li>\n"


def draft(language: Language) -> str:
    """Return the mark of a language that nobody who reads it well has signed."""
    if language.reviewed:
        return ""
    own = language.say("draft")
    more = f"<br>{own}" if own else ""
    return f'<p class="draft"><span lang="en" dir="ltr">{DRAFT}</span>{more}</p>\n'


def menu(language: Language, page: Page) -> str:
    """Return the list of all pages."""
    items = "".join(
        f'<li><a href="{page.up}{address}"{_here(name, page)}>{html_text(title)}</a></li>\n'
        for name, title, address in page.menu
    )
    title = language.say("menu.title")
    return f'<nav class="menu" aria-labelledby="menu">\n<h2 id="menu">{title}</h2>\n<ul>\n{items}</ul>\n</nav>\n'


def _here(name: str, page: Page) -> str:
    return ' aria-current="page"' if name == page.text.id else ""


def footer(facts: core.Table, language: Language) -> str:
    """Return the date of the page and what the site does not do."""
    day = f'<bdi dir="ltr" data-fact="project.as_of">{html_text(core.fact(facts, "project.as_of"))}</bdi>'
    said = f"<p>{language.say('footer.nothing_kept')}</p>\n<p>{language.say('footer.as_of')} {day}</p>"
    return f"<footer>\n{said}\n</footer>\n"
