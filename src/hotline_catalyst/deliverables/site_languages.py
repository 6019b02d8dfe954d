"""The playbook site in other languages: translated pages, and what leads from there to the pages in English.

A translation carries the fingerprint of the English text it was made from; when that text changes, the page says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from posixpath import relpath

from ..errors import ContentError
from ..results import Results
from . import look
from .playbook_pages import draft_banner, fill
from .playbooks import Page, Selection, load_pages, plain
from .site_words import ENGLISH, RIGHT_TO_LEFT, Chrome, chrome, languages_with_words

START = "index"
LEAVING = "leaving"


@dataclass(frozen=True)
class Translation:
    """An edition's pages in another language: ``pages`` by id, each beside the English one of ``selection``."""

    language: str
    selection: Selection
    pages: Mapping[str, Page]

    @property
    def chosen(self) -> list[Page]:
        """The translated pages, in the order of the English ones."""
        return [self.pages[p.front.id] for p in self.selection.chosen if p.front.id in self.pages]

    @property
    def untranslated(self) -> list[Page]:
        """The English pages without a translation, in their order."""
        return [p for p in self.selection.chosen if p.front.id not in self.pages]


def translations(selection: Selection, results: Results) -> list[Translation]:
    """Return the engagement's working languages in which at least one page of a selection is translated."""
    chosen, found = selection.by_id, []
    for language in languages_with_words():
        if language in results.facts.working_languages:
            loaded = load_pages(results.instrument, language=language, own=results.own_pages)
            pages = {p.front.id: p for p in loaded if p.front.id in chosen}
            if problems := list(_misplaced(pages, selection)):
                raise ContentError(f"playbooks/{language}", problems)
            if pages:
                found.append(Translation(language, selection, pages))
    return found


def _misplaced(pages: Mapping[str, Page], selection: Selection) -> Iterator[str]:
    for english in selection.chosen:
        page = pages.get(english.front.id)
        if page is None:
            continue
        if page.name != english.name:
            yield f"{page.name}.md: give it the name of the English page, {english.name}.md"
        if not (page.front.translates and page.front.translation):
            yield f"{page.name}.md: say in 'translates' and 'translation' what it was made from, and how"


def sources(translation: Translation, results: Results) -> dict[str, str]:
    """Return the Markdown of a language's site by its place, without the endings."""
    say = chrome(translation.language)
    pages = {p.name: _page(p, translation, results) for p in translation.chosen}
    leaving = f"# {say.leaving}\n\n{say.leaving_text}"
    return {START: _start(translation, results), **pages, LEAVING: leaving}


def _start(translation: Translation, results: Results) -> str:
    say, facts = chrome(translation.language), results.facts
    here, english = translation.chosen, translation.untranslated
    intro = say.home_text.format(
        name=plain(facts.name), date=local_day(facts.as_of, translation.language), count=len(here)
    )
    parts = [f"# {say.site_name}", f"{intro}\n{{ .summary }}", _machine_note(here, say), f"## {say.translated}"]
    parts.append(
        "\n".join(f"- **[{p.front.id} {plain(p.front.title)}]({p.name}.md)** {plain(p.front.summary)}" for p in here)
    )
    if english:
        links = [f"- {_english(p, START, f'{p.front.id} {p.front.title}', say)}" for p in english]
        parts.append("\n".join([f"## {say.untranslated}\n\n{say.untranslated_text}\n", *links]))
    return "\n\n".join(part for part in parts if part) + "\n"


def isolated(text: str) -> str:
    """Return a text that keeps its own direction among words of the other one.

    >>> isolated("a") == "\u2068a\u2069"
    True
    """
    return f"\u2068{text}\u2069"


def local_day(day: date, language: str) -> str:
    """Write a date with its month's name in a language; the digits stay those of all other pages.

    >>> local_day(date(2027, 3, 4), "fr"), local_day(date(2027, 3, 4), "en")
    ('4 mars 2027', '4 Mar 2027')
    """
    if language == ENGLISH:
        return look.day(day)
    from babel.dates import format_date

    return format_date(day, "d MMMM y", locale=language)


def _english(page: Page, place: str, text: str, say: Chrome) -> str:
    """Return a link from a place in this site to a page in English, marked as such for eye and ear.

    As HTML: mkdocs knows no file outside this language's site, and would warn of a link it cannot follow.
    """
    href = relpath(f"../{page.name}.html", place.rpartition("/")[0] or ".")
    return f'<a href="{href}" hreflang="en"><span lang="en" dir="ltr">{plain(text)}</span> {say.in_english}</a>'


def _page(page: Page, translation: Translation, results: Results) -> str:
    """Return a translated page: as `playbooks.markdown` does for an English one, with the notes on its state."""
    say, front = chrome(translation.language), page.front
    english = translation.selection.by_id[front.id]
    facts = say.facts.format(id=front.id, version=plain(front.version), source=plain(front.source))
    parts = [
        f"# {front.id} {plain(front.title)}",
        f"{plain(front.summary)}\n{{ .summary }}",
        draft_banner(page),
        _machine_note([page], say),
        _outdated_note(page, english, say),
        _localised(fill(page, results, translation.selection).strip(), translation, page.name),
        f"---\n\n{facts} {_english(english, page.name, english.front.id, say)}\n{{ .facts }}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _machine_note(pages: Sequence[Page], say: Chrome) -> str:
    if all(p.front.translation == "reviewed" for p in pages):
        return ""
    return f'!!! warning "{say.machine_title}"\n    {say.machine_text}'


def _outdated_note(page: Page, english: Page, say: Chrome) -> str:
    if page.front.translates == english.fingerprint:
        return ""
    return f'!!! warning "{say.outdated_title}"\n    {say.outdated_text}'


def _localised(text: str, translation: Translation, place: str) -> str:
    """Return a filled page whose links lead to translated pages, or out to the English ones."""
    say, english = chrome(translation.language), {p.name: p for p in translation.selection.chosen}

    def link(match: re.Match[str]) -> str:
        page = english[match[2]]
        return match[0] if page.front.id in translation.pages else _english(page, place, match[1], say)

    return re.sub(r"\[([^\]]+)\]\(\.\./([\w/-]+)\.md\)", link, text)


def alternates(english: Iterable[str], found: Sequence[Translation]) -> dict[str, dict[str, list[dict[str, str]]]]:
    """Return for each language and place the links to the same page in other languages, else to their start pages.

    Parameters
    ----------
    english
        The places of the English site, without the ending.
    """
    if not found:
        return {}
    places = {e.language: {START, LEAVING, *(p.name for p in e.chosen)} for e in found}
    english = set(english)
    result: dict[str, dict[str, list[dict[str, str]]]] = {}
    for language, own in {ENGLISH: None, **places}.items():
        result[language] = {}
        for place in english if own is None else own:
            here = f"{place}.html" if language == ENGLISH else f"{language}/{place}.html"
            result[language][place] = [
                _alternate(other, place if place in there else START, here)
                for other, there in {ENGLISH: english, **places}.items()
                if other != language
            ]
    return result


def _alternate(language: str, place: str, here: str) -> dict[str, str]:
    there = f"{place}.html" if language == ENGLISH else f"{language}/{place}.html"
    return {
        "code": language,
        "name": chrome(language).name,
        "dir": "rtl" if language in RIGHT_TO_LEFT else "ltr",
        "href": relpath(there, here.rpartition("/")[0] or "."),
    }
