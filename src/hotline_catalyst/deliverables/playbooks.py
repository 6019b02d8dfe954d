"""Playbook pages: read, checked and chosen for an engagement; a signature holds for the very text it was put under.

Three editions: the operator's holds every page a hotline uses, the partner's only the pages for partners, the
consultant's the tools of an assessment.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field

from ..assessment.gates import GateResult
from ..assessment.instrument import Instrument
from ..errors import ContentError
from ..library import Content, content_root, did_you_mean, parse, shown, validate
from ..results import Results

Edition = Literal["partner", "operator", "consultant"]
Reader = Literal[
    "advocate",
    "supervisor",
    "director",
    "it",
    "trainer",
    "data",
    "outreach",
    "partner",
    "survivor_adviser",
    "consultant",
]
Reviewer = Literal["survivor", "counsel"]
CONSULTANT = "consultant"  # the folder of the consultant's tools, beside those of the program offerings
REFERENCE = re.compile(r"\b(?:PB|CT)-\d{2}\b")
OWN_PAGE = re.compile(r"[a-z]{2,3}/\w+/(?:PB|CT)-\d{2}-[\w-]+\.md")
FRONT = re.compile(r"\A---\n(.*?\n)---\n", re.DOTALL)
PLAIN_CHARACTERS = " ,%'"
WHO: dict[Edition, str] = {
    "partner": "the operator and its partners",
    "operator": "the operator only",
    "consultant": "the consultant",
}


class When(Content):
    """When a page belongs; all given keys must hold."""

    stages: list[Literal["new", "existing"]] | None = None
    channels: list[str] | None = None
    safe_migration: bool | None = None
    hours: Literal["always", "limited"] | None = None
    languages: Literal["one", "several"] | None = None
    scope: list[str] | None = None
    weak: list[str] | None = None

    @property
    def always(self) -> bool:
        """Whether every hotline gets the page."""
        return self == When()


class Signature(Content):
    """Who read a page, by code and never by name, on which day, and the fingerprint of the text that was read."""

    by: str = Field(pattern=r"^[A-Z]{1,4}-?\d{1,4}$")
    on: date
    text: str = Field(pattern=r"^[0-9a-f]{12}$")


class Front(Content):
    """A page's front matter. ``translates`` is the fingerprint of the English page that a translation was made from."""

    id: str = Field(pattern=r"^(PB|CT)-\d{2}$")
    title: str
    offering: str
    order: int
    audience: Edition
    readers: list[Reader] = Field(min_length=1)
    summary: str
    when: When
    answers: list[str]
    trees: list[str] = []
    owner: str
    version: str
    reviewed_by_survivor: Signature | None
    approved_by_counsel: Signature | None
    needs_counsel: bool
    review_months: int = Field(gt=0)
    source: str
    translates: str | None = None
    translation: Literal["machine draft", "reviewed"] | None = None


@dataclass(frozen=True)
class Page:
    """One page: front matter, body with Jinja in it, and where it stands."""

    front: Front
    body: str
    path: Path
    first_line: int
    language: str = "en"
    own: bool = False  # the hotline's own text, kept in the engagement
    drawn: str = ""  # its decision trees, as their files have them

    @cached_property
    def fingerprint(self) -> str:
        """What an author wrote, trees included, comes to in twelve signs: another text has another fingerprint.

        Values that the engagement puts in do not count: an hour that changes is no new text.
        """
        read = "\n".join((self.front.title, self.front.summary, self.body.strip(), self.drawn))
        return hashlib.sha256(read.encode()).hexdigest()[:12]

    def signed(self, signature: Signature | None) -> bool:
        """Whether a signature is there and stands under this very text."""
        return signature is not None and signature.text == self.fingerprint

    @property
    def unsigned(self) -> dict[Reviewer, Signature | None]:
        """Who must read this text and has not, each with a signature that stands under an earlier one."""
        front = self.front
        asked: dict[Reviewer, Signature | None] = {"survivor": front.reviewed_by_survivor}
        if front.needs_counsel:
            asked["counsel"] = front.approved_by_counsel
        return {who: signature for who, signature in asked.items() if not self.signed(signature)}

    @property
    def draft(self) -> bool:
        """Whether someone who must read the page has not read this text."""
        return bool(self.unsigned)

    @property
    def name(self) -> str:
        """Its place in a site's folder of sources, without the ending."""
        return f"{self.front.offering}/{self.path.stem}"


@dataclass(frozen=True)
class Selection:
    """An edition's pages in reading order, and the ones left out with the reason for each."""

    edition: Edition
    chosen: tuple[Page, ...]
    left_out: tuple[tuple[Page, str], ...]

    @cached_property
    def by_id(self) -> dict[str, Page]:
        """Chosen pages by id."""
        return {page.front.id: page for page in self.chosen}

    @cached_property
    def left_out_by_id(self) -> dict[str, Page]:
        """Pages left out, by id."""
        return {page.front.id: page for page, _ in self.left_out}

    @property
    def by_offering(self) -> dict[str, list[Page]]:
        """Chosen pages by offering, both in order."""
        found: dict[str, list[Page]] = {}
        for page in self.chosen:
            found.setdefault(page.front.offering, []).append(page)
        return found


def plain(value: object) -> str:
    """Return a text as Markdown that shows it and does nothing else: every sign but letters and digits is coded.

    >>> plain("<b> *x*")
    '&#60;b&#62; &#42;x&#42;'
    """
    text = " ".join(str(value).split())
    return "".join(c if c.isalnum() or c in PLAIN_CHARACTERS else f"&#{ord(c)};" for c in text)


def load_pages(
    instrument: Instrument, root: Path | None = None, language: str = "en", own: Mapping[str, str] | None = None
) -> tuple[Page, ...]:
    """Read and check every page, by offering in the instrument's order, the consultant's tools last.

    Parameters
    ----------
    own
        The hotline's own pages, text by path below its folder ``playbooks``; each takes the place of ours of that id.

    Raises
    ------
    ContentError
        Naming every problem of the first file that has any, or of the ids between files.
    """
    folder = (root or content_root()) / "playbooks" / language
    pages = [_read(path, path.read_text("utf-8"), folder) for path in sorted(folder.glob("*/[PC][BT]-*.md"))]
    theirs = [
        _read(Path("playbooks", name), text, folder, own=True)
        for name, text in sorted((own or {}).items())
        if name.startswith(f"{language}/") and OWN_PAGE.fullmatch(name)
    ]
    problems = [*_lost(own or {}), *_moved(pages, theirs)]
    replaced = {p.front.id for p in theirs}
    pages = [p for p in pages if p.front.id not in replaced] + theirs
    if problems := [*problems, *_broken(pages, instrument), *(_unknown(pages) if language == "en" else ())]:
        raise ContentError(shown(folder), problems)
    offerings = [*(d.id for d in instrument.domains), CONSULTANT]
    return tuple(sorted(pages, key=lambda p: (offerings.index(p.front.offering), p.front.order, p.front.id)))


def _read(path: Path, text: str, folder: Path, *, own: bool = False) -> Page:
    match = FRONT.match(text)
    if match is None:
        raise ContentError(shown(path), ["line 1: the page must begin with front matter between two lines of ---"])
    data, node = parse(match[0].removesuffix("---\n"), path)
    front = validate(data, Front, path, node)
    drawn = "".join(_tree_text(folder, ident) for ident in front.trees)
    return Page(front, text[match.end() :], path, match[0].count("\n") + 1, folder.name, own, drawn)


def _tree_text(folder: Path, ident: str) -> str:
    """Return what a tree's file holds: of a translation its own, else the English; nothing where there is no file."""
    files = (folder / "trees" / f"{ident}.yaml", folder.parent / "trees" / f"{ident}.yaml")
    return next((path.read_text("utf-8") for path in files if path.is_file()), "")


def _lost(own: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(own):
        if REFERENCE.match(Path(name).name) and not OWN_PAGE.fullmatch(name):
            yield f"{name}: the hotline's own pages lie in LANGUAGE/OFFERING/PB-nn-name.md; move it there"


def _moved(pages: Sequence[Page], theirs: Sequence[Page]) -> Iterator[str]:
    audiences = {page.front.id: page.front.audience for page in pages}
    for page in theirs:
        ours = audiences.get(page.front.id, page.front.audience)
        if page.front.audience != ours:
            yield f"{page.path.name}: its audience is '{page.front.audience}', the toolkit's is '{ours}'; leave it so"


def _unknown(pages: Sequence[Page]) -> Iterator[str]:
    known = {page.front.id for page in pages}
    for page in pages:
        for ident in sorted(set(REFERENCE.findall(page.body)) - known):
            yield f"{page.path.parent.name}/{page.path.name}: it names {ident}, and there is no such page"


def _broken(pages: Sequence[Page], instrument: Instrument) -> Iterator[str]:
    offerings = [*(d.id for d in instrument.domains if d.kind == "offering"), CONSULTANT]
    items, roles, channels = list(instrument.items), list(instrument.meta.roles), list(instrument.meta.channels)
    seen: dict[str, str] = {}
    for page in pages:
        front, where = page.front, f"{page.path.parent.name}/{page.path.name}"
        if front.id in seen:
            yield f"{where}: {front.id} is also in {seen[front.id]}; ids are used once"
        seen[front.id] = where
        if not page.path.name.startswith(f"{front.id}-"):
            yield f"{where}: the file's name does not start with its id {front.id}"
        if front.offering != page.path.parent.name:
            yield f"{where}: its offering is '{front.offering}'; make offering and folder the same"
        if (front.audience == CONSULTANT) != (front.offering == CONSULTANT):
            yield f"{where}: what is for the consultant stands in the folder '{CONSULTANT}', and nothing else does"
        for word, known, what in (
            [(front.offering, offerings, "an offering"), (front.owner, roles, "a role")]
            + [(item, items, "an item") for item in [*front.answers, *(front.when.weak or [])]]
            + [(channel, channels, "a channel") for channel in front.when.channels or []]
        ):
            if word not in known:
                yield f"{where}: '{word}' is not {what}{did_you_mean(word, known)}"


def select(pages: Sequence[Page], results: Results, edition: Edition) -> Selection:
    """Choose an edition's pages for an engagement; every other page is left out for a reason."""
    chosen, left_out = [], []
    for page in (p for p in pages if (p.front.audience == CONSULTANT) == (edition == CONSULTANT)):
        reason = _why_not(page.front, results, edition)
        if reason is None:
            chosen.append(page)
        else:
            left_out.append((page, reason))
    return Selection(edition, tuple(chosen), tuple(left_out))


def _why_not(front: Front, results: Results, edition: Edition) -> str | None:
    facts, when = results.facts, front.when
    stage = "existing" if facts.stage == "existing" else "new"
    if front.audience == "operator" and edition == "partner":
        return "It is in the operator's edition only."
    if front.offering not in (*facts.offerings, CONSULTANT):
        return "Its program offering is not part of this engagement."
    if when.stages is not None and stage not in when.stages:
        return f"It is for {' and '.join(when.stages)} hotlines."
    if when.channels is not None and not set(when.channels) & set(facts.channels):
        return _not_offered(_channels(when.channels, results))
    if when.safe_migration is not None and when.safe_migration != facts.safe_migration:
        return f"Safe-migration advice is {'not ' if when.safe_migration else ''}in scope."
    if when.hours is not None and (when.hours == "always") != open_always(results):
        return "The line is not open at all hours." if when.hours == "always" else "The line is open at all hours."
    if when.languages is not None and (when.languages == "several") != (len(facts.working_languages) > 1):
        return f"The line answers in {'one language' if when.languages == 'several' else 'several languages'}."
    if when.scope is not None and not _in_scope(when.scope, results):
        return f"Not in the line's scope: {', '.join(when.scope)}."
    if when.weak is not None and not set(when.weak) & results.below:
        return "What it helps with is not below its target."
    return None


def open_always(results: Results) -> bool:
    """Return whether the line answers in every hour of the week."""
    return bool(results.facts.hours.open_quarters.all())


def _in_scope(words: Sequence[str], results: Results) -> list[str]:
    said = " ".join(results.facts.scope).casefold()
    return [word for word in words if word.casefold() in said]


def _not_offered(channels: Sequence[str]) -> str:
    if len(channels) == 1:
        return f"{channels[0]} is not offered."
    return f"Neither {' nor '.join(c.lower() for c in channels)} is offered."


def _channels(idents: Sequence[str], results: Results) -> list[str]:
    return [results.instrument.meta.channels[c] for c in idents]


def because(front: Front, results: Results) -> str:
    """Return why a chosen page is there, in a sentence of Markdown."""
    when = front.when
    if when.always:
        return "Every hotline needs it."
    reasons = []
    if when.stages is not None:
        reasons.append("the hotline is new" if results.facts.stage != "existing" else "the hotline is running")
    if when.channels is not None:
        offered = [c for c in when.channels if c in results.facts.channels]
        reasons.append(f"{' and '.join(_channels(offered, results)).lower()} is offered")
    if when.safe_migration is not None:
        reasons.append(f"safe-migration advice is {'' if when.safe_migration else 'not '}in scope")
    if when.hours is not None:
        reasons.append(f"the line is {'' if when.hours == 'always' else 'not '}open at all hours")
    if when.languages is not None:
        reasons.append(f"the line answers in {when.languages} language{'s' if when.languages == 'several' else ''}")
    if when.scope is not None:
        reasons.append(f"this is in the line's scope: {', '.join(_in_scope(when.scope, results))}")
    if when.weak is not None:
        weak = [item for item in when.weak if item in results.below]
        reasons.append(f"this is below target or not shown: {item_titles(weak, results)}")
    text = ", and ".join(reasons)
    return f"{text[0].upper()}{text[1:]}."


def item_titles(idents: Sequence[str], results: Results) -> str:
    """Return items with their titles, as Markdown."""
    return "; ".join(f"{i} {plain(results.instrument.items[i].title)}" for i in idents)


def open_gates(front: Front, results: Results) -> list[GateResult]:
    """Return gates that are not met because of an item this page helps with."""
    return [
        gate
        for gate in results.gates
        if gate.verdict != "met" and any(c.item in front.answers and c.verdict != "met" for c in gate.conditions)
    ]
