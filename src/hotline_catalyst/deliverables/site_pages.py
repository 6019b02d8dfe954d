"""The playbook site's own pages: the start page, resources, glossary, sources. Each is a Markdown text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from ..assessment.gates import GateResult
from ..results import Results
from . import look
from .charts import unmet_gates
from .playbook_pages import language_names, why_absent
from .playbooks import CONSULTANT, WHO, Page, Selection, because, open_gates, plain
from .site_words import ENGLISH, Resource, chrome, load_glossary, load_library, start_words

MOST_FIRST = 8  # more would not be a beginning


def start_page(
    selection: Selection, results: Results, how_to_use: str, translated: Sequence[str] = (), more: Sequence[str] = ()
) -> str:
    """Return the start page of an edition.

    Parameters
    ----------
    how_to_use
        The text on how to use the site.
    translated
        Languages that some of the pages are in, beside English.
    more
        Pages to look things up, by their place without the ending; words for them stand in start.yaml.
    """
    say, at_work = start_words(), selection.edition != CONSULTANT
    parts = [
        f"# {chrome().site_name}",
        _opening(selection, results, translated),
        *([_first(selection, results)] if at_work else []),
        _by_reader(selection),
        _look_up(more),
        *([how_to_use.strip()] if at_work else []),
        f"## {say.offerings_heading}",
        *(_offering_list(offering, pages, results) for offering, pages in selection.by_offering.items()),
        _left_out(selection),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _opening(selection: Selection, results: Results, translated: Sequence[str]) -> str:
    say, facts = start_words(), results.facts
    count, drafts = len(selection.chosen), sum(p.draft for p in selection.chosen)
    state = (say.all_drafts if drafts == count else say.some_drafts).format(count=count, drafts=drafts)
    missing = [code for code in facts.working_languages if code not in (ENGLISH, *translated)]
    languages = say.translations.format(languages=_joined(language_names(translated))) if translated else ""
    if missing:
        languages += say.english_only.format(languages=_joined(language_names(missing)))
    text = say.opening.format(
        name=plain(facts.name),
        date=look.day(facts.as_of),
        state=state,
        languages=languages,
        readers=WHO[selection.edition],
    )
    return f"{text}\n{{ .summary }}"


def _joined(names: Sequence[str]) -> str:
    return " and ".join([*filter(None, [", ".join(names[:-1])]), names[-1]])


def page_link(page: Page) -> str:
    """Return a page's number and title, linked from a page at the site's root."""
    return f"[{page.front.id} {plain(page.front.title)}]({page.name}.md)"


# --- where to begin ----------------------------------------------------------------------------------------------


def first_pages(selection: Selection, results: Results) -> list[Page]:
    """Return the pages to begin with: those for which most closed launch gates wait, then most findings."""
    ranked = [(len(_gates(p, results)), len(_weak(p, results)), p) for p in selection.chosen]
    wanted = [r for r in ranked if r[0] or r[1]]
    return [page for *_, page in sorted(wanted, key=lambda r: (-r[0], -r[1]))[:MOST_FIRST]]


def _gates(page: Page, results: Results) -> list[str]:
    """Return the launch gates that wait for a page."""
    closed = set(unmet_gates(results)[1])
    return [g.id for g in open_gates(page.front, results) if g.id in closed]


def _weak(page: Page, results: Results) -> list[str]:
    return [item for item in page.front.answers if item in results.below]


def _first(selection: Selection, results: Results) -> str:
    say, pages = start_words(), first_pages(selection, results)
    if not pages:
        return f"## {say.first_heading}\n\n{say.first_none}"
    lines = [
        f"{n}. **{page_link(p)}** {plain(p.front.summary)}<br>*{_first_reason(p, results)}*"
        for n, p in enumerate(pages, 1)
    ]
    return "\n".join([f"## {say.first_heading}\n\n{say.first_text}\n", *lines])


def _first_reason(page: Page, results: Results) -> str:
    say, closed, weak = start_words(), set(_gates(page, results)), _weak(page, results)
    gates = _by_verdict([g for g in open_gates(page.front, results) if g.id in closed])
    text = say.first_gates.format(gates=gates) if gates else ""
    return f"{text} {say.first_findings.format(items=', '.join(weak)) if weak else ''}".strip()


def _by_verdict(gates: Sequence[GateResult]) -> str:
    found: dict[str, list[str]] = {}
    for gate in gates:
        found.setdefault(f"{look.VERDICT_SIGN[gate.verdict]} {gate.verdict}", []).append(gate.id)
    return "; ".join(f"{verdict}: {', '.join(ids)}" for verdict, ids in sorted(found.items()))


def _by_reader(selection: Selection) -> str:
    say, boxes = start_words(), []
    for reader, title in say.readers.items():
        pages = [p for p in selection.chosen if reader in p.front.readers]
        # Whose first page it is comes first: the others are good to know.
        pages.sort(key=lambda p: p.front.readers[0] != reader)
        if pages:
            head = say.reader_entry.format(title=title, count=len(pages))
            boxes.append("\n".join([f'??? reader "{head}"', *(f"    - {page_link(p)}" for p in pages)]))
    return "\n\n".join([f"## {say.readers_heading}", say.readers_text, *boxes])


def _look_up(more: Sequence[str]) -> str:
    say = start_words()
    titles = {
        "roadmap": say.roadmap.title,
        "staffing": say.staffing.title,
        "academy/index": say.navigation.academy,
        "resources": say.resources.title,
        "glossary": say.glossary.title,
        "leaving": chrome().leaving,
    }
    lines = [f"- [{titles[name]}]({name}.md): {text}" for name, text in say.look_up.items() if name in more]
    return "\n".join([f"## {say.look_up_heading}\n", *lines]) if lines else ""


# --- what was chosen, left out, or is missing --------------------------------------------------------------------


def _offering_list(offering: str, pages: Sequence[Page], results: Results) -> str:
    entries = [f"- **{page_link(p)}** {plain(p.front.summary)}<br>*{_short_reason(p, results)}*" for p in pages]
    return "\n".join([f"### {plain(results.domain_title(offering))}\n", *entries])


def _short_reason(page: Page, results: Results) -> str:
    gates = _by_verdict(open_gates(page.front, results))
    return because(page.front, results) + (f" {start_words().waiting.format(gates=gates)}" if gates else "")


def _left_out(selection: Selection) -> str:
    say = start_words()
    rows = [f"| {p.front.id} {plain(p.front.title)} | {plain(reason)} |" for p, reason in selection.left_out]
    if not rows:
        return f"## {say.left_out_heading}\n\n{say.left_out_none}"
    head = " | ".join(say.left_out_columns)
    return "\n".join([f"## {say.left_out_heading}\n\n| {head} |\n| --- | --- |", *rows])


# --- to look things up -------------------------------------------------------------------------------------------


def resources_page(selection: Selection) -> str:
    """Return the library: what there is for police, health services, schools and others, and where it is."""
    say, parts = start_words().resources, []
    for audience in load_library().audiences:
        entries = [_resource(r, selection) for r in audience.resources]
        parts.append("\n".join([f"## {audience.title}\n\n{audience.first}\n", *entries]))
    return "\n\n".join([f"# {say.title}", f"{say.intro}\n{{ .summary }}", *parts]) + "\n"


def _resource(resource: Resource, selection: Selection) -> str:
    say, places = start_words().resources, []
    if resource.page:
        places.append(f"{say.page}: {_reference(resource.page, selection)}")
    if resource.template:
        places.append(f"{say.template}: `{resource.template}`")
    return f"- **{resource.title}.** {resource.what}<br>{'. '.join(places)}."


def _reference(ident: str, selection: Selection) -> str:
    """Return a page's number, linked where this edition holds it, or with the reason why it does not."""
    if ident in selection.by_id:
        return page_link(selection.by_id[ident])
    title = f" {plain(page.front.title)}" if (page := selection.left_out_by_id.get(ident)) else ""
    return f"{ident}{title} {why_absent(ident, selection)}"


def glossary_page() -> str:
    """Return the glossary, by letter; each term has an anchor of its own."""
    say, terms = start_words().glossary, sorted(load_glossary().terms, key=lambda t: t.term.casefold())
    parts, letter = [f"---\nhide: [toc]\n---\n\n# {say.title}", f"{say.intro}\n{{ .summary }}"], ""
    for term in terms:
        if term.term[0].upper() != letter:
            letter = term.term[0].upper()
            parts.append(f"## {letter}")
        see = ", ".join(f"[{other}](#{anchor(other)})" for other in term.see)
        parts.append(f"### {term.term} {{ #{anchor(term.term)} }}\n\n{term.means}{f' See: {see}.' if see else ''}")
    return "\n\n".join(parts) + "\n"


def anchor(term: str) -> str:
    """Return a term's anchor on the glossary's page.

    >>> anchor("Safe-to-talk check")
    'term-safe-to-talk-check'
    """
    letters = unicodedata.normalize("NFD", term.casefold())
    return "term-" + re.sub(r"[^a-z0-9]+", "-", letters).strip("-")


def sources_page(results: Results) -> str:
    """List the publications by key. Addresses are text: nothing on a watched device should open by accident."""
    rows = [f"| {key} | {s.title} | {f'`{s.url}`' if s.url else ''} |" for key, s in sorted(results.sources.items())]
    intro = "Keys in square brackets name these publications. Most were read as excerpts; some are press or advocacy."
    return "\n".join(["# Sources", "", intro, "", "| Key | Publication | Address |", "| --- | --- | --- |", *rows, ""])


def leaving_page(language: str = ENGLISH) -> str:
    """Return the page on leaving quickly, and what that cannot do."""
    say = chrome(language)
    return f"# {say.leaving}\n\n{say.leaving_text}"


def without_lost_links(text: str, kept: Iterator[str] | Sequence[str]) -> str:
    """Return a handbook page whose links to pages that this edition leaves out are plain words."""
    names = set(kept)

    def link(match: re.Match[str]) -> str:
        return match[0] if match[2] in names else match[1]

    return re.sub(r"\[([^\]]+)\]\(([\w-]+)\.md(?:#[\w-]*)?\)", link, text)
