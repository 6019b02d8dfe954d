"""The playbooks on paper: the whole book, each page on its own, and the protocol cards, as PDF/UA.

What is not reviewed says DRAFT at the head of every sheet, in the page's language. The partner's prints are made from
the partner's selection: no page of the operator's edition comes near them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import ceil
from pathlib import Path
from typing import Any, get_args

from .. import archive
from ..errors import CatalystError
from ..library import content_root, did_you_mean
from ..results import Results
from . import look
from .playbook_pages import language_names
from .playbooks import CONSULTANT, Edition, Page, Selection, load_pages, select
from .print_cards import Card, cards_of, fitting
from .print_parts import Leaf, leaf, words
from .print_press import Press, numbered
from .report import FAMILY, clean, css_string

EDITIONS: tuple[Edition, ...] = ("partner", "operator")
FRONT_PAGES, LETTERS_A_PAGE = 5, 3600  # about: the cover with the contents, and HTML that fills a sheet of A4
SOURCE_KEY = re.compile(r"\[([A-Z0-9-]+)\]")


@dataclass(frozen=True)
class Order:
    """What to print: some pages, the cards, or (when neither is asked for) the book, every page and the cards."""

    editions: tuple[Edition, ...] = EDITIONS
    pages: tuple[str, ...] = ()
    cards: bool = False

    @property
    def everything(self) -> bool:
        """Whether nothing in particular was asked for."""
        return not self.pages and not self.cards


def order_of(edition: str | None, pages: Sequence[str], cards: bool) -> Order:
    """Return the order that a person gave in words; without an edition both the partner's and the operator's.

    Raises
    ------
    CatalystError
        When there is no such edition.
    """
    known = {name: name for name in get_args(Edition)}
    if edition is not None and edition not in known:
        near = did_you_mean(edition, list(known)) or f"; there are {', '.join(known)}."
        raise CatalystError(f"'{edition}' is not an edition{near}")
    return Order((known[edition],) if edition else EDITIONS, tuple(dict.fromkeys(pages)), cards)


@dataclass(frozen=True)
class PrintRoom:
    """One edition's pages, and what is printed of them."""

    results: Results
    selection: Selection

    @cached_property
    def press(self) -> Press:
        """The press of A4 files."""
        return Press(_style(self, "playbook_print.css", _a4(self)))

    def book(self) -> bytes:
        """Return the whole book."""
        return self.press.pdf(self.book_html())

    def single(self, page: Page) -> bytes:
        """Return one page on its own."""
        return self.press.pdf(self.single_html(page))

    def cards(self) -> bytes | None:
        """Return the protocol cards, an A5 page each, or nothing when no page has one."""
        cards = cards_of(self.results, self.selection)
        if not cards:
            return None
        press = Press(_style(self, "card_print.css", _a5(self)))
        return press.pdf(fitting(cards, self._cards_html, press.starts))

    def _cards_html(self, cards: Sequence[Card]) -> str:
        return _filled("card_print.html.j2", self, title=self._named(words()["cards"]), cards=cards)

    def single_html(self, page: Page) -> str:
        """Return one page as the HTML that is printed."""
        titles = {p.front.id: p.front.title for p in self.selection.chosen}
        printed = leaf(page, self.results, self.selection, book=False)
        return _filled(
            "playbook_print.html.j2",
            self,
            language=printed.language,
            title=self._named(f"{printed.id} {printed.title}"),
            book=None,
            leaf=printed,
            named=[f"{ident} {titles[ident]}" for ident in printed.named],
        )

    def book_html(self) -> str:
        """Return the book as the HTML that is printed."""
        pages = {p.front.id: leaf(p, self.results, self.selection, book=True) for p in self.selection.chosen}
        chapters = [
            {"id": offering, "title": _chapter(offering, self.results), "leaves": [pages[p.front.id] for p in own]}
            for offering, own in self.selection.by_offering.items()
        ]
        html = _filled(
            "playbook_print.html.j2",
            self,
            title=self._named(words()["title"]),
            book=self._cover(list(pages.values())),
            chapters=chapters,
            readers=_readers(self.selection, pages),
            sources=self._sources(pages.values()),
        )
        return numbered(html, _guess(chapters), 0)

    def _named(self, title: str) -> str:
        return f"{clean(self.results.facts.name)}: {title}"

    def _cover(self, leaves: Sequence[Leaf]) -> dict[str, str]:
        facts, say = self.results.facts, words()
        drafts, count = sum(p.draft for p in self.selection.chosen), len(leaves)
        state = "all_drafts" if drafts == count else "some_drafts" if drafts else "no_drafts"
        written = language_names(sorted({entry.language for entry in leaves}))
        return {
            "name": clean(facts.name),
            "edition": f"{say[f'edition_{self.selection.edition}']}.",
            "as_of": say["as_of"].format(day=look.day(facts.as_of)) + ".",
            "notice": clean(facts.notice),
            "state": say["draft"] if drafts else "",
            "draft": say["draft"] if drafts else "",
            "drafts": say[state].format(count=count, drafts=drafts),
            "languages": say["languages"].format(
                written=", ".join(written), spoken=", ".join(language_names(facts.working_languages))
            ),
        }

    def _sources(self, leaves: Any) -> list[dict[str, str]]:
        named = {key for entry in leaves for key in SOURCE_KEY.findall(re.sub(r"&#9[13];", _bracket, entry.html))}
        return [
            {"key": key, "title": source.title, "url": source.url or ""}
            for key, source in sorted(self.results.sources.items())
            if key in named
        ]


def _guess(chapters: Sequence[dict[str, Any]]) -> dict[str, int]:
    """Return about where each page begins: numbers with the right count of digits spare the press a round."""
    found, at = {}, FRONT_PAGES + 1
    for chapter in chapters:
        found[chapter["id"]] = at
        for entry in chapter["leaves"]:
            found[entry.id] = at
            at += ceil(len(entry.html) / LETTERS_A_PAGE)
    return found


def _chapter(offering: str, results: Results) -> str:
    return str(words()["consultant_chapter"]) if offering == CONSULTANT else results.domain_title(offering)


def _bracket(match: re.Match[str]) -> str:
    return "[" if match[0] == "&#91;" else "]"


def write(
    results: Results, folder: Path, order: Order | None = None, progress: Callable[[str], None] = lambda _: None
) -> list[Path]:
    """Write <edition>/print/: playbooks.pdf, each page as PB-nn-name.pdf, cards.pdf; or what the order asks for.

    Raises
    ------
    CatalystError
        When a page that is asked for does not exist or is in none of the editions; nothing is written then.
    MissingPartError
        When this machine cannot write PDF.
    """
    order = order or Order()
    pages = load_pages(results.instrument, own=results.own_pages)
    rooms = [PrintRoom(results, select(pages, results, edition)) for edition in order.editions]
    _asked(order, pages, [room.selection for room in rooms])
    written = []
    for room in rooms:
        place = folder / room.selection.edition / "print"
        for name, content in _printed(room, order, progress):
            written.append(archive.write_bytes(place / name, content))
    return written


def _printed(room: PrintRoom, order: Order, progress: Callable[[str], None]) -> Iterator[tuple[str, bytes]]:
    edition = room.selection.edition
    if order.everything:
        progress(f"{edition}: the book")
        yield "playbooks.pdf", room.book()
    if order.everything or order.cards:
        progress(f"{edition}: the cards")
        if cards := room.cards():
            yield "cards.pdf", cards
    for page in room.selection.chosen:
        if order.everything or page.front.id in order.pages:
            progress(f"{edition}: {page.front.id}")
            yield f"{page.path.stem}.pdf", room.single(page)


def _asked(order: Order, pages: Sequence[Page], selections: Sequence[Selection]) -> None:
    """Refuse pages that no edition asked for holds, with the reason for each."""
    known = [page.front.id for page in pages]
    chosen = {page.front.id for selection in selections for page in selection.chosen}
    problems = []
    for ident in order.pages:
        if ident not in known:
            problems.append(f"'{ident}' is not a playbook page{did_you_mean(ident, known)}.")
        elif ident not in chosen:
            why = {reason for s in selections for page, reason in s.left_out if page.front.id == ident}
            problems.append(f"{ident} cannot be printed here: {' '.join(sorted(why))}")
    if problems:
        raise CatalystError("\n".join(problems))


def _readers(selection: Selection, leaves: dict[str, Leaf]) -> list[dict[str, Any]]:
    """Return for each kind of reader the pages written for them first, and the others they use."""
    say, found = words(), []
    for reader, name in say["reader_names"].items():
        own = [p for p in selection.chosen if reader in p.front.readers]
        first = [leaves[p.front.id] for p in own if p.front.readers[0] == reader]
        also = [p.front.id for p in own if p.front.readers[0] != reader]
        if own:
            found.append({"title": say["reader"].format(reader=name), "leaves": first, "also": also})
    return found


# --- Layout around the text --------------------------------------------------------------------------------------


def _filled(template: str, room: PrintRoom, **given: Any) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    templates = content_root() / "templates" / "documents"
    environment = Environment(loader=FileSystemLoader(templates), autoescape=True, undefined=StrictUndefined)
    language = given.pop("language", "en")
    created = room.results.facts.as_of.isoformat()
    html = environment.get_template(template).render(w=words(language), language=language, created=created, **given)
    return clean(html)


def _style(room: PrintRoom, file: str, pages: str) -> str:
    """Return the style: what the file says, and what runs along the margins."""
    body = f'body {{font-family: "{FAMILY}", "{FAMILY} Arabic", sans-serif}}'
    text = (content_root() / "templates" / "documents" / file).read_text("utf-8")
    return "\n".join((body, text, pages))


def _a4(room: PrintRoom) -> str:
    """Return the page rules: state and title at the head, edition and number at the foot; mirrored for Arabic."""
    small = f'font: 8pt/1.3 "{FAMILY}", "{FAMILY} Arabic", sans-serif'
    state = f"content: string(state); {small}; font-size: 9pt; font-weight: 700; color: {look.CAUTION}; width: 60%"
    title = f"content: string(title); {small}; color: {look.QUIET}; width: 40%"
    foot = f"content: {css_string(_foot(room))}; {small}; font-size: 7pt; color: {look.QUIET}; width: 86%"
    number = f'content: counter(page) " / " string(total); {small}; color: {look.QUIET}; width: 14%'
    return (
        f"@page {{size: A4; margin: 20mm 18mm 19mm;"
        f"@top-left {{{state}; text-align: left}} @top-right {{{title}; text-align: right}}"
        f"@bottom-left {{{foot}; text-align: left}} @bottom-right {{{number}; text-align: right}}}}\n"
        f"@page rtl {{@top-left {{{title}; text-align: left}} @top-right {{{state}; text-align: right; direction: rtl}}"
        f"@bottom-left {{{number}; text-align: left}} @bottom-right {{{foot}; text-align: right}}}}\n"
    )


def _a5(room: PrintRoom) -> str:
    small = f'font: 7pt/1.25 "{FAMILY}", "{FAMILY} Arabic", sans-serif'
    state = f"content: string(state); {small}; font-size: 8pt; font-weight: 700; color: {look.CAUTION}; width: 100%"
    foot = f"content: {css_string(_foot(room))}; {small}; font-size: 6.5pt; color: {look.QUIET}; width: 100%"
    return (
        f"@page {{size: A5; margin: 14mm 11mm 15mm; @top-left {{{state}; text-align: left}}"
        f"@bottom-left {{{foot}; text-align: left}}}}\n"
        f"@page rtl {{@top-left {{content: none}} @top-right {{{state}; text-align: right; direction: rtl}}}}\n"
    )


def _foot(room: PrintRoom) -> str:
    facts, say = room.results.facts, words()
    parts = (
        f"{clean(facts.name)}.",
        f"{say[f'edition_{room.selection.edition}']}.",
        f"{say['as_of'].format(day=look.day(facts.as_of))}.",
        clean(facts.notice),
    )
    return " ".join(part for part in parts if part)
