"""Playbook pages: read, checked, chosen for an engagement and filled with its values, as Markdown.

Two editions: the operator's holds every page, the partner's only the pages for partners. How many people are on
shift at the peak and at night is not even a value in the partner's edition: a page that asks for it is refused.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from ..assessment.gates import GateResult
from ..assessment.instrument import Instrument
from ..errors import ContentError
from ..library import Content, content_root, did_you_mean, parse, shown, validate
from ..results import Results
from .look import VERDICT_SIGN, day, percent

Edition = Literal["partner", "operator"]
FRONT = re.compile(r"\A---\n(.*?\n)---\n", re.DOTALL)
REFERENCE = re.compile(r"\bPB-\d{2}\b")
PLAIN_CHARACTERS = " ,%'"
SHIFT_VALUES = ("peak_on_shift", "night_on_shift")


class When(Content):
    """When a page belongs; all given keys must hold."""

    stages: list[Literal["new", "existing"]] | None = None
    channels: list[str] | None = None
    safe_migration: bool | None = None
    weak: list[str] | None = None

    @property
    def always(self) -> bool:
        """Whether every hotline gets the page."""
        return self == When()


class Front(Content):
    """A page's front matter."""

    id: str = Field(pattern=r"^PB-\d{2}$")
    title: str
    offering: str
    order: int
    audience: Edition
    summary: str
    when: When
    answers: list[str]
    owner: str
    version: str
    reviewed_by_survivor: str | None
    approved_by_counsel: str | None
    needs_counsel: bool
    review_months: int = Field(gt=0)
    source: str

    @property
    def draft(self) -> bool:
        """Whether someone who must read the page has not yet done so."""
        return not self.reviewed_by_survivor or (self.needs_counsel and not self.approved_by_counsel)


@dataclass(frozen=True)
class Page:
    """One page: front matter, body with Jinja in it, and where it stands."""

    front: Front
    body: str
    path: Path
    first_line: int

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


def load_pages(instrument: Instrument, root: Path | None = None, language: str = "en") -> tuple[Page, ...]:
    """Read and check every page, by offering in the instrument's order.

    Raises
    ------
    ContentError
        Naming every problem of the first file that has any, or of the ids between files.
    """
    folder = (root or content_root()) / "playbooks" / language
    pages = [_read(path) for path in sorted(folder.glob("*/PB-*.md"))]
    if problems := list(_broken(pages, instrument)):
        raise ContentError(shown(folder), problems)
    offerings = [d.id for d in instrument.domains]
    return tuple(sorted(pages, key=lambda p: (offerings.index(p.front.offering), p.front.order, p.front.id)))


def _read(path: Path) -> Page:
    text = path.read_text("utf-8")
    match = FRONT.match(text)
    if match is None:
        raise ContentError(shown(path), ["line 1: the page must begin with front matter between two lines of ---"])
    data, node = parse(match[0].removesuffix("---\n"), path)
    return Page(validate(data, Front, path, node), text[match.end() :], path, match[0].count("\n") + 1)


def _broken(pages: Sequence[Page], instrument: Instrument) -> Iterator[str]:
    offerings = [d.id for d in instrument.domains if d.kind == "offering"]
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
    for page in pages:
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
    if front.offering not in facts.offerings:
        return "Its program offering is not part of this engagement."
    if when.stages is not None and stage not in when.stages:
        return f"It is for {' and '.join(when.stages)} hotlines."
    if when.channels is not None and not set(when.channels) & set(facts.channels):
        return _not_offered(_channels(when.channels, results))
    if when.safe_migration is not None and when.safe_migration != facts.safe_migration:
        return f"Safe-migration advice is {'not ' if when.safe_migration else ''}in scope."
    if when.weak is not None and not set(when.weak) & results.below:
        return "What it helps with is not below its target."
    return None


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
    if when.weak is not None:
        weak = [item for item in when.weak if item in results.below]
        reasons.append(f"this is below target or not shown: {_items(weak, results)}")
    text = ", and ".join(reasons)
    return f"{text[0].upper()}{text[1:]}."


def _items(idents: Sequence[str], results: Results) -> str:
    return "; ".join(f"{i} {plain(results.instrument.items[i].title)}" for i in idents)


def open_gates(front: Front, results: Results) -> list[GateResult]:
    """Return gates that are not met because of an item this page helps with."""
    return [
        gate
        for gate in results.gates
        if gate.verdict != "met" and any(c.item in front.answers and c.verdict != "met" for c in gate.conditions)
    ]


def values(results: Results, edition: Edition) -> dict[str, Any]:
    """Return what a page may say about the engagement."""
    facts, targets, launch = results.facts, results.staffing.targets, results.roadmap.launch
    found: dict[str, Any] = {
        "country": facts.country.name,
        "hours": facts.hours.text,
        "languages": ", ".join(language_names(facts.working_languages)),
        "channels": list(facts.channels),
        "stage": "existing" if facts.stage == "existing" else "new",
        "safe_migration": facts.safe_migration,
        "people": results.staffing.people.total,
        "launch_p50": day(launch.p50) if launch else "not planned yet",
        "launch_p80": day(launch.p80) if launch else "not planned yet",
        "voice_share": percent(targets.voice_share),
        "voice_within_s": f"{targets.voice_within_s:g}",
        "written_days": f"{targets.written_days:g}",
        "weak": lambda item: _known(item, results.instrument.items, "an item") in results.below,
        "gate": lambda gate: _verdict(gate, results),
    }
    if edition == "operator":
        found |= {name: getattr(results.staffing, name) for name in SHIFT_VALUES}
    return found


def _known(ident: str, known: Mapping[str, object], what: str) -> str:
    if ident not in known:
        raise ValueError(f"'{ident}' is not {what}{did_you_mean(ident, list(known))}")
    return ident


def _verdict(gate: str, results: Results) -> str:
    _known(gate, {g.id: g for g in results.instrument.gates}, "a gate")
    # A gate that does not concern this engagement was shown by nobody: the page keeps its caution.
    return results.gate[gate].verdict if gate in results.gate else "not shown"


def language_names(codes: Sequence[str]) -> list[str]:
    """Return languages by their English names.

    >>> language_names(["ar", "fr"])
    ['Arabic', 'French']
    """
    from babel import Locale

    return [Locale("en").languages.get(code, code) for code in codes]


def fill(page: Page, results: Results, selection: Selection) -> str:
    """Return a page's body as Markdown: values put in as plain text, other pages linked.

    Raises
    ------
    ContentError
        When the page's Jinja is broken or asks for a value its edition does not have.
    """
    import jinja2
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment(undefined=jinja2.StrictUndefined, autoescape=False, finalize=plain)
    try:
        text = environment.from_string(page.body).render(values(results, selection.edition))
    except (jinja2.TemplateError, ValueError, TypeError) as error:
        line = _template_line(error)
        at = f"line {page.first_line + line - 1}: " if line else ""
        raise ContentError(shown(page.path), [f"{at}{error} (the {selection.edition}'s edition)"]) from error
    return _linked(text, page, selection)


def _template_line(error: Exception) -> int | None:
    """Return the line of the template where an error arose; Jinja writes it into the traceback."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = [f.lineno for f in frames if f.filename in ("<template>", "<unknown>")]
    return getattr(error, "lineno", None) or (inside[-1] if inside else None)


def _linked(text: str, page: Page, selection: Selection) -> str:
    chosen = {p.front.id: p for p in selection.chosen}
    left_out = {p.front.id: p for p, _ in selection.left_out}

    def link(match: re.Match[str]) -> str:
        ident = match[0]
        if ident == page.front.id:
            return ident
        if ident in chosen:
            return f"[{ident}](../{chosen[ident].name}.md)"
        if ident not in left_out:
            return f"{ident} (not written yet)"
        hidden = left_out[ident].front.audience == "operator" and selection.edition == "partner"
        return f"{ident} ({'in the operator’s edition' if hidden else 'not part of this plan'})"

    return REFERENCE.sub(link, text)


def markdown(page: Page, results: Results, selection: Selection) -> str:
    """Return the whole page as Markdown: title, facts, draft banner, why it is here, and the body."""
    front = page.front
    parts = [
        f"# {front.id} {plain(front.title)}",
        f"{plain(front.summary)}\n{{ .summary }}",
        _draft_banner(front),
        _why_box(front, results),
        fill(page, results, selection).strip(),
        f"---\n\n{_facts(front, results)}\n{{ .facts }}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _draft_banner(front: Front) -> str:
    if not front.draft:
        counsel = f" Approved by counsel: {plain(front.approved_by_counsel)}." if front.approved_by_counsel else ""
        return f"Reviewed by survivor adviser: {plain(front.reviewed_by_survivor)}.{counsel}\n{{ .facts }}"
    missing = [] if front.reviewed_by_survivor else ["Not yet reviewed by a survivor adviser."]
    if front.needs_counsel and not front.approved_by_counsel:
        missing.append("Not yet approved by counsel.")
    return f'!!! draft "DRAFT: not for live contacts"\n    {" ".join(missing)} Use it to plan, train and comment.'


def _why_box(front: Front, results: Results) -> str:
    gates = open_gates(front, results)
    weak = [item for item in front.answers if item in results.below]
    raised = [r.recommendation for r in results.raised if front.id in r.recommendation.playbooks]
    lines = [because(front, results)]
    if gates:
        verdicts = [f"{VERDICT_SIGN[g.verdict]} {g.id} {plain(g.title)} ({g.verdict})" for g in gates]
        lines.append(f"**Gates that are not open:** {'; '.join(verdicts)}.")
    if weak:
        lines.append(f"**Findings it helps with** (below target or not shown): {_items(weak, results)}.")
    if raised:
        lines.append(f"**Recommendations that lead here:** {'; '.join(f'{r.id} {plain(r.title)}' for r in raised)}.")
    return '??? why "Why this page is here"\n' + "\n".join(f"    - {line}" for line in lines)


def _facts(front: Front, results: Results) -> str:
    months = f"every {front.review_months} months"
    due = day(months_after(results.facts.as_of, front.review_months))
    review = f"before live use, then {months} (next by {due})" if front.draft else f"{months} (next by {due})"
    audience = "the operator only" if front.audience == "operator" else "the operator and its partners"
    return (
        f"{front.id}, version {plain(front.version)}. Owner: {results.instrument.role_title(front.owner).lower()}. "
        f"Review due: {review}. For {audience}. Source: {plain(front.source)}."
    )


def months_after(start: date, months: int) -> date:
    """Return the same day some months later, or the month's last day.

    >>> months_after(date(2026, 8, 31), 6)
    datetime.date(2027, 2, 28)
    """
    from calendar import monthrange

    year, month = divmod(start.month - 1 + months, 12)
    year, month = start.year + year, month + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))
