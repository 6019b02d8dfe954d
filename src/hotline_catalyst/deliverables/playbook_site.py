"""The playbook sites: one for each edition, opened from a disk, asking the internet for nothing.

English stands at a site's root; another working language stands below it as soon as one page is translated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from .. import archive
from ..library import as_of_environment, content_root
from ..results import Results
from . import site_builder, site_languages, site_pages, site_plan
from .academy import load_academy
from .academy_pages import academy_pages
from .playbook_pages import markdown
from .playbooks import Edition, Selection, load_pages, select
from .site_builder import Files, Site
from .site_languages import LEAVING, START, Translation
from .site_words import ENGLISH, RIGHT_TO_LEFT, chrome, start_words

EDITIONS: tuple[Edition, ...] = ("partner", "operator", "consultant")
# How the toolkit works, for everyone; how to work with it, for those who do.
HANDBOOK = ("readiness", "staffing", "history", "calibration", "roadmap", "content")
WORKBENCH = ("consultant_week", "method", "author", "developer")
PLAN, LOOK_UP = ("roadmap", "staffing"), ("resources", "glossary", LEAVING)


@dataclass(frozen=True)
class Prepared:
    """What the sites of each edition are built from, English first in each."""

    sites: tuple[tuple[Edition, tuple[Site, ...]], ...]

    @cached_property
    def fingerprint(self) -> str:
        """What all inputs come to: where it is the same, `write` gives the same bytes."""
        parts = [
            f"{edition} {s.language} {site_builder.fingerprint(s)}" for edition, sites in self.sites for s in sites
        ]
        return archive.digest("\n".join(parts).encode())

    def write(self, folder: Path) -> list[Path]:
        """Build the sites and write them to partner/playbooks/ and the other editions' folders."""
        return [
            archive.write_bytes(folder / edition / "playbooks" / name, content)
            for edition, sites in self.sites
            for name, content in files_of(sites).items()
        ]


def write(results: Results, folder: Path) -> list[Path]:
    """Write partner/playbooks/ and operator/playbooks/, and the consultant's where there are pages for them."""
    return prepared(results).write(folder)


def prepared(results: Results) -> Prepared:
    """Choose and fill the pages of every edition and language; nothing is built yet."""
    as_of_environment(results.facts.as_of)
    return Prepared(tuple((s.edition, tuple(sites_of(s, results))) for s in selections(results)))


def selections(results: Results) -> list[Selection]:
    """Return each edition's pages, where there are any."""
    pages = load_pages(results.instrument, own=results.own_pages)
    return [found for edition in EDITIONS if (found := select(pages, results, edition)).chosen]


def files_of(sites: Sequence[Site]) -> Files:
    """Return an edition's files: the English site, and below it one for each language with translated pages."""
    english, *others = sites
    files = site_builder.build(english)
    for site in others:
        files |= site_builder.below(site.language, site_builder.build(site))
    return files


def sites_of(selection: Selection, results: Results) -> list[Site]:
    """Return what an edition's sites are built from, English first."""
    found = site_languages.translations(selection, results)
    docs = markdown_of(selection, results, found)
    links = site_languages.alternates(docs, found)
    sites = [_site(ENGLISH, docs, _navigation(selection, results, docs), selection, results, links)]
    for translation in found:
        texts = site_languages.sources(translation, results)
        sites.append(_site(translation.language, texts, _plain_navigation(translation), selection, results, links))
    return sites


def markdown_of(selection: Selection, results: Results, found: Sequence[Translation] = ()) -> dict[str, str]:
    """Return the Markdown of an edition's English site by place, without the endings.

    ``found`` are the translations that its start page names.
    """
    pages = {page.name: markdown(page, results, selection) for page in selection.chosen}
    own: dict[str, str] = {}
    if selection.edition != "consultant":
        own = {
            "roadmap": site_plan.roadmap_page(results),
            "staffing": site_plan.staffing_page(results, selection.edition),
            "resources": site_pages.resources_page(selection),
            **_academy(selection, results),
        }
    own |= {"glossary": site_pages.glossary_page(), LEAVING: site_pages.leaving_page()}
    made = {f"handbook/{name}": text for name, text in _handbook(selection.edition).items()}
    how, languages = _page_text("how_to_use"), [t.language for t in found]
    start = site_pages.start_page(selection, results, how, languages, tuple(own))
    return {START: start, **pages, **own, **made, "handbook/sources": site_pages.sources_page(results)}


def _academy(selection: Selection, results: Results) -> dict[str, str]:
    if "training" not in results.facts.offerings:
        return {}
    made = academy_pages(load_academy(), results, selection.edition, selection)
    return {name.removesuffix(".md"): text for name, text in made.items()}


def _handbook(edition: Edition) -> dict[str, str]:
    names = (*WORKBENCH, *HANDBOOK) if edition == "consultant" else HANDBOOK
    there = [n for n in names if (content_root() / "site" / "pages" / f"{n}.md").is_file()]
    return {name: site_pages.without_lost_links(_page_text(name), there) for name in there}


def _page_text(name: str) -> str:
    return (content_root() / "site" / "pages" / f"{name}.md").read_text("utf-8")


def _site(
    language: str,
    docs: dict[str, str],
    navigation: list[dict[str, Any]],
    selection: Selection,
    results: Results,
    links: dict[str, dict[str, list[dict[str, str]]]],
) -> Site:
    facts, say = results.facts, chrome(language)
    readers, day = say.editions[selection.edition], site_languages.local_day(facts.as_of, language)
    extra = {
        "notice": facts.notice,
        "say": {key: getattr(say, key) for key in ("leave", "leave_hint", "print", "languages")},
        "alternates": {f"{place}.md": found for place, found in links.get(language, {}).items()},
    }
    name, notice = (
        site_languages.isolated(t) if t and language in RIGHT_TO_LEFT else t for t in (facts.name, facts.notice)
    )
    footer = say.footer.format(name=name, date=day, readers=readers, notice=notice).strip()
    return Site(say.site_name, language, docs, navigation, extra, footer)


def _navigation(selection: Selection, results: Results, docs: dict[str, str]) -> list[dict[str, Any]]:
    say = start_words().navigation
    groups: list[dict[str, Any]] = [
        {_group(offering, results): [{f"{p.front.id} {p.front.title}": f"{p.name}.md"} for p in pages]}
        for offering, pages in selection.by_offering.items()
    ]
    plan = [{say.plan: [f"{name}.md" for name in PLAN]}] if PLAN[0] in docs else []
    academy = [{say.academy: [f"{place}.md" for place in docs if place.startswith("academy/")]}]
    groups += academy if "academy/index" in docs else []
    look_up = [f"{name}.md" for name in LOOK_UP if name in docs]
    made = [f"{place}.md" for place in docs if place.startswith("handbook/")]
    return [{say.start: f"{START}.md"}, *plan, *groups, {say.look_up: look_up}, {say.made: made}]


def _group(offering: str, results: Results) -> str:
    return start_words().navigation.consultant if offering == "consultant" else results.domain_title(offering)


def _plain_navigation(translation: Translation) -> list[dict[str, Any]]:
    """Return a language's list of pages: few, so without headings, which would have to be translated too."""
    say = chrome(translation.language)
    pages = [{f"{p.front.id} {p.front.title}": f"{p.name}.md"} for p in translation.chosen]
    return [{say.home: f"{START}.md"}, *pages, {say.leaving: f"{LEAVING}.md"}]
