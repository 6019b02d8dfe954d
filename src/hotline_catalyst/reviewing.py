"""A hotline's own playbook pages: copied into its folder to be edited, and signed by whoever has read them.

A signature carries the fingerprint of the text that was read. Whoever edits a signed page makes it a draft again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from .archive import write_text
from .deliverables.playbook_pages import unsigned_words
from .deliverables.playbooks import Page, load_pages
from .engagement import OWN_PAGES, Engagement, read_own_pages
from .errors import CatalystError
from .library import did_you_mean

CODE = re.compile(r"[A-Z]{1,4}-?\d{1,4}")


@dataclass(frozen=True)
class Review:
    """One page's state: where the hotline's own text stands (None: the toolkit's is used), and what is missing."""

    page: Page
    file: Path | None
    missing: tuple[str, ...]


def reviews(engagement: Engagement, language: str = "en") -> list[Review]:
    """Return the state of every page of a language, in the playbooks' order."""
    return [_state(page, engagement) for page in _pages(engagement, language)]


def take(engagement: Engagement, ident: str, language: str = "en") -> Review:
    """Copy a page into the engagement to be edited there, unless it is there already."""
    page = _page(engagement, ident, language)
    if not page.own:
        place = engagement.folder / OWN_PAGES / language / page.front.offering / page.path.name
        write_text(place, page.path.read_text("utf-8"))
    return _again(engagement, ident, language)


def sign(
    engagement: Engagement,
    ident: str,
    on: date,
    *,
    survivor: str | None = None,
    counsel: str | None = None,
    language: str = "en",
) -> Review:
    """Write a reader's code, the day and the fingerprint of the text into the engagement's copy of a page.

    Raises
    ------
    CatalystError
        When a code looks like a name: who reviews is never written down.
    """
    for code in (survivor, counsel):
        if code is not None and not CODE.fullmatch(code):
            raise CatalystError(f"'{code}' is not a code such as SA-01. A reviewer's name is never written down.")
    page = take(engagement, ident, language).page
    place = engagement.folder / page.path
    text = place.read_text("utf-8")
    for key, code in (("reviewed_by_survivor", survivor), ("approved_by_counsel", counsel)):
        if code is not None:
            signature = f"{key}: {{by: {code}, on: {on}, text: {page.fingerprint}}}"
            text = re.sub(rf"^{key}:.*$", signature, text, count=1, flags=re.MULTILINE)
    write_text(place, text)
    return _again(engagement, ident, language)


def _pages(engagement: Engagement, language: str) -> tuple[Page, ...]:
    return load_pages(engagement.instrument, language=language, own=read_own_pages(engagement.folder))


def _page(engagement: Engagement, ident: str, language: str) -> Page:
    pages = {p.front.id: p for p in _pages(engagement, language)}
    if ident not in pages:
        raise CatalystError(f"There is no page {ident} in {language}{did_you_mean(ident, list(pages))}")
    return pages[ident]


def _again(engagement: Engagement, ident: str, language: str) -> Review:
    return _state(_page(engagement, ident, language), engagement)


def _state(page: Page, engagement: Engagement) -> Review:
    return Review(page, engagement.folder / page.path if page.own else None, tuple(unsigned_words(page)))
