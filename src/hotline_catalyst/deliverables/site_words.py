"""The words around the playbook site's pages, by language; its glossary and its library of resources."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from pydantic import Field

from ..errors import ContentError
from ..library import Content, content_root, read, shown

RIGHT_TO_LEFT = ("ar", "fa", "he", "ur")
ENGLISH = "en"


class Chrome(Content):
    """What stands around every page in one language; ``name`` is the language's own name for itself."""

    name: str
    site_name: str
    leave: str
    leave_hint: str
    print: str
    languages: str
    in_english: str
    untranslated: str
    untranslated_text: str
    translated: str
    home: str
    home_text: str
    draft_title: str
    not_reviewed: str
    not_approved: str
    changed: str
    draft_use: str
    signed: str
    signed_counsel: str
    machine_title: str
    machine_text: str
    outdated_title: str
    outdated_text: str
    english_page: str
    operators_only: str
    consultants_only: str
    in_playbooks: str
    not_in_plan: str
    facts: str
    leaving: str
    leaving_text: str
    footer: str
    editions: dict[str, str]


class Navigation(Content):
    """Headings of the list of pages."""

    start: str
    plan: str
    look_up: str
    academy: str
    made: str
    consultant: str


class ResourceWords(Content):
    """Words of the library."""

    title: str
    intro: str
    page: str
    template: str


class GlossaryWords(Content):
    """Words of the glossary's page."""

    title: str
    intro: str


class RoadmapWords(Content):
    """Words of the roadmap's page."""

    title: str
    gates: str
    gates_met: str
    promise: str
    none: str
    bars: str
    reading: str
    table: str
    columns: tuple[str, str, str]
    most: str
    done: str
    running: str
    money: str


class StaffingWords(Content):
    """Words of the staffing page; ``week`` and what follows are the operator's alone."""

    title: str
    intro: str
    people: str
    people_text: str
    people_columns: tuple[str, str, str, str, str]
    people_range: str
    hiring: str
    demand: str
    demand_columns: tuple[str, str, str, str]
    promise: str
    withheld: str
    week: str
    week_warning: str
    week_text: str
    hour: str
    closed: str
    more: str


class StartWords(Content):
    """Words of the start page and of the pages to look things up."""

    opening: str
    all_drafts: str
    some_drafts: str
    english_only: str
    translations: str
    first_heading: str
    first_text: str
    first_gates: str
    first_findings: str
    first_none: str
    readers_heading: str
    readers_text: str
    reader_entry: str
    readers: dict[str, str]
    look_up_heading: str
    look_up: dict[str, str]
    offerings_heading: str
    left_out_heading: str
    left_out_none: str
    left_out_columns: tuple[str, str]
    waiting: str
    navigation: Navigation
    resources: ResourceWords
    glossary: GlossaryWords
    roadmap: RoadmapWords
    staffing: StaffingWords


class Term(Content):
    """A word of the field: what it means, in plain words, and the words to look at next."""

    term: str
    means: str
    see: list[str] = []


class Glossary(Content):
    """Terms, in any order; the page sorts them."""

    terms: list[Term]


class Resource(Content):
    """A paper or page for somebody outside: ``page`` is a playbook's id, ``template`` a path in the starter project."""

    title: str
    what: str
    page: str | None = Field(default=None, pattern=r"^PB-\d{2}$")
    template: str | None = None

    def model_post_init(self, context: object, /) -> None:
        """Refuse a resource that leads nowhere."""
        if not (self.page or self.template):
            raise ValueError("name a page, or a template of the starter project")


class Audience(Content):
    """People who work with the hotline, what they should know first, and what there is for them."""

    id: str
    title: str
    first: str
    resources: list[Resource] = Field(min_length=1)


class Library(Content):
    """Resources by audience, in the order shown."""

    audiences: list[Audience]


@cache
def chrome(language: str = ENGLISH) -> Chrome:
    """Return the words around the pages in a language."""
    return read(_path(language, "site"), Chrome)


@cache
def start_words() -> StartWords:
    """Return the start page's words."""
    return read(_path(ENGLISH, "start"), StartWords)


@cache
def load_glossary() -> Glossary:
    """Return the glossary, each term once and each reference to a term that is there.

    Raises
    ------
    ContentError
        Naming every term that is written twice or not at all.
    """
    path = _path(ENGLISH, "glossary")
    glossary = read(path, Glossary)
    if problems := list(_wrong_terms(glossary)):
        raise ContentError(shown(path), problems)
    return glossary


def _wrong_terms(glossary: Glossary) -> Iterator[str]:
    names = [t.term for t in glossary.terms]
    for name in sorted({n for n in names if names.count(n) > 1}):
        yield f"'{name}' is written twice; keep one"
    for term in glossary.terms:
        for other in term.see:
            if other not in names:
                yield f"'{term.term}' leads to '{other}', which is no term here"


@cache
def load_library() -> Library:
    """Return the library of resources.

    Raises
    ------
    ContentError
        Naming every template that is not in the starter project.
    """
    path = _path(ENGLISH, "resources")
    library, starter = read(path, Library), content_root() / "templates" / "hotline"
    known = {p.relative_to(folder).as_posix() for folder in starter.glob("[[][[]*") for p in folder.rglob("*")}
    asked = [r.template for a in library.audiences for r in a.resources if r.template]
    if wrong := [f"the starter project holds no '{t}'" for t in asked if t not in known]:
        raise ContentError(shown(path), wrong)
    return library


def languages_with_words() -> tuple[str, ...]:
    """Return the languages other than English that have words around their pages."""
    folder = content_root() / "playbooks"
    return tuple(sorted(p.parent.name for p in folder.glob("*/site.yaml") if p.parent.name != ENGLISH))


def _path(language: str, name: str) -> Path:
    return content_root() / "playbooks" / language / f"{name}.yaml"
