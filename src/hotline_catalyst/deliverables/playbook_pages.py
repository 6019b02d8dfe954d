"""A playbook page as its reader gets it: the engagement's values put in, other pages linked, trees drawn, as Markdown.

How many people are on shift at the peak and at night is a value in the operator's edition alone: a page for others that
asks for it is refused.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from typing import Any

from ..errors import ContentError
from ..library import did_you_mean, shown
from ..planning.staffing_words import language_name
from ..results import Results
from .decision_trees import load_trees, tree_block
from .look import VERDICT_SIGN, day, percent
from .playbooks import (
    CONSULTANT,
    REFERENCE,
    WHO,
    Front,
    Page,
    Selection,
    Signature,
    because,
    item_titles,
    open_always,
    open_gates,
    plain,
)
from .site_words import ENGLISH, chrome
from .tree_model import Tree

CODE_OR_REFERENCE = re.compile(rf"`[^`\n]*`|{REFERENCE.pattern}")
SHIFT_VALUES = ("peak_on_shift", "night_on_shift")
HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
STEPS = "Steps"  # the heading of an English page above which its decision trees are drawn


def values(results: Results, selection: Selection) -> dict[str, Any]:
    """Return what a page may say about the engagement."""
    edition = selection.edition
    facts, targets, launch = results.facts, results.staffing.targets, results.roadmap.launch
    found: dict[str, Any] = {
        "country": facts.country.name,
        "hours": facts.hours.text,
        "open_always": open_always(results),
        "several_languages": len(facts.working_languages) > 1,
        "scope": list(facts.scope),
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
        "due": lambda activity: _due(activity, results),
        "limit": lambda rule: f"{results.limits[_known(rule, results.limits, 'a limit on working time')].value:g}",
        "parameter": lambda ident: _range(ident, results),
        "in_plan": lambda ident: ident in selection.by_id,
    }
    if edition == "operator":
        found |= {name: getattr(results.staffing, name) for name in SHIFT_VALUES}
    return found


def _known(ident: str, known: Mapping[str, object], what: str) -> str:
    if ident not in known:
        raise ValueError(f"'{ident}' is not {what}{did_you_mean(ident, list(known))}")
    return ident


def _due(activity: str, results: Results) -> str:
    planned = next((a for a in results.roadmap.activities if a.task.id == activity), None)
    return day(planned.end) if planned else "not planned"


def _range(ident: str, results: Results) -> str:
    figure = results.parameters[_known(ident, results.parameters, "a parameter")]
    return f"{figure.low:g} to {figure.high:g} {figure.unit}"


def _verdict(gate: str, results: Results) -> str:
    _known(gate, {g.id: g for g in results.instrument.gates}, "a gate")
    # A gate that does not concern this engagement was shown by nobody: the page keeps its caution.
    return results.gate[gate].verdict if gate in results.gate else "not shown"


def language_names(codes: Sequence[str]) -> list[str]:
    """Return languages by their English names.

    >>> language_names(["ar", "fr"])
    ['Arabic', 'French']
    """
    return [language_name(code) for code in codes]


def fill(page: Page, results: Results, selection: Selection) -> str:
    """Return a page's body as Markdown: values put in as plain text, other pages linked.

    Raises
    ------
    ContentError
        When the page's Jinja is broken or asks for a value its edition does not have.
    """
    import jinja2

    try:
        text = _template(page.body).render(values(results, selection))
    except (jinja2.TemplateError, ValueError, TypeError) as error:
        line = _template_line(error)
        at = f"line {page.first_line + line - 1}: " if line else ""
        raise ContentError(shown(page.path), [f"{at}{error} (the {selection.edition}'s edition)"]) from error
    return _with_trees(_linked(text, page, selection), page, selection)


def wrong_trees(pages: Sequence[Page], trees: Mapping[str, Tree]) -> None:
    """Check that every page draws trees that are there, and every tree stands on the page it names.

    Raises
    ------
    ContentError
        Naming every page and tree that do not fit together.
    """
    wrong = [
        f"{page.path.name}: there is no tree '{ident}'{did_you_mean(ident, list(trees))}"
        for page in pages
        for ident in page.front.trees
        if ident not in trees
    ]
    drawn = {(page.front.id, ident) for page in pages for ident in page.front.trees}
    wrong += [
        f"trees/{ident}.yaml: {tree.page} does not draw it; add it to that page's `trees`"
        for ident, tree in trees.items()
        if (tree.page, ident) not in drawn
    ]
    if wrong:
        raise ContentError("playbooks", wrong)


def _with_trees(text: str, page: Page, selection: Selection) -> str:
    """Draw a page's decision trees above its steps; a translation has them before the same heading."""
    trees = [_tree(ident, page) for ident in page.front.trees]
    shown = [t for t in trees if selection.edition != "partner" or t.audience == "partner"]
    if not shown:
        return text
    blocks = [_isolated(tree_block(t, lambda said: _linked(said, page, selection)), t, page) for t in shown]
    at = _steps_at(text, page, selection)
    return "\n\n".join([text[:at].rstrip(), *(block.strip() for block in blocks), text[at:]])


def _tree(ident: str, page: Page) -> Tree:
    trees = _trees(page.language)
    if ident not in trees:
        raise ContentError(shown(page.path), [f"trees: there is no tree '{ident}'{did_you_mean(ident, list(trees))}"])
    return trees[ident]


def _steps_at(text: str, page: Page, selection: Selection) -> int:
    """Return where the steps of a page begin; of a translation, at the heading that has the English one's place."""
    headings = list(HEADING.finditer(text))
    if page.language != ENGLISH and page.front.id in selection.by_id:
        titles = HEADING.findall(selection.by_id[page.front.id].body)
        places = [n for n, title in enumerate(titles) if title.strip() == STEPS]
    else:
        places = [n for n, heading in enumerate(headings) if heading[1].strip() == STEPS]
    place = places[0] if places else 1
    return headings[place].start() if place < len(headings) else len(text)


def _isolated(block: str, tree: Tree, page: Page) -> str:
    """Keep the list of a tree that is not translated in its own language and direction."""
    if tree.language == page.language:
        return block
    return f'<div lang="{tree.language}" dir="ltr" markdown="1">\n\n{block}\n\n</div>'


@cache
def _trees(language: str) -> dict[str, Tree]:
    return load_trees(language=language)


@lru_cache(maxsize=256)
def _template(body: str) -> Any:
    import jinja2
    from jinja2.sandbox import SandboxedEnvironment

    return SandboxedEnvironment(undefined=jinja2.StrictUndefined, autoescape=False, finalize=plain).from_string(body)


def _template_line(error: Exception) -> int | None:
    """Return the line of the template where an error arose; Jinja writes it into the traceback."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = [f.lineno for f in frames if f.filename in ("<template>", "<unknown>")]
    return getattr(error, "lineno", None) or (inside[-1] if inside else None)


def _linked(text: str, page: Page, selection: Selection) -> str:
    def link(match: re.Match[str]) -> str:
        # Inside code, such as a command to type, a link would be read as its own signs.
        if match[0].startswith("`") or match[0] == page.front.id:
            return match[0]
        return reference(match[0], selection, page.language)

    return CODE_OR_REFERENCE.sub(link, text)


def reference(ident: str, selection: Selection, language: str = ENGLISH) -> str:
    """Return how a page one folder deep names another page: as a link, or with why the edition does not hold it."""
    if ident in selection.by_id:
        return f"[{ident}](../{selection.by_id[ident].name}.md)"
    return f"{ident} {why_absent(ident, selection, language)}"


def why_absent(ident: str, selection: Selection, language: str = ENGLISH) -> str:
    """Return where a page is that an edition does not hold, in a few words between brackets."""
    say = chrome(language)
    if ident not in selection.left_out_by_id:
        return say.in_playbooks if selection.edition == CONSULTANT else say.consultants_only
    hidden = selection.left_out_by_id[ident].front.audience == "operator" and selection.edition == "partner"
    return say.operators_only if hidden else say.not_in_plan


def markdown(page: Page, results: Results, selection: Selection) -> str:
    """Return the whole page as Markdown: title, draft banner, the body, why it is here, and its facts."""
    front = page.front
    parts = [
        f"# {front.id} {plain(front.title)}",
        f"{plain(front.summary)}\n{{ .summary }}",
        draft_banner(page),
        fill(page, results, selection).strip(),
        # After what to do: who opens a page at night needs its steps, who plans by day its reasons.
        _why_box(front, results),
        f"---\n\n{_facts(page, results)}\n{{ .facts }}",
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def draft_banner(page: Page) -> str:
    """Return what stands at a page's head in its own language: that it is a draft and why, or who has signed it."""
    say, front = chrome(page.language), page.front
    if page.draft:
        return f'!!! draft "{say.draft_title}"\n    {" ".join([*unsigned_words(page), say.draft_use])}'
    counsel = say.signed_counsel.format(counsel=_signed(front.approved_by_counsel)) if front.approved_by_counsel else ""
    return f"{say.signed.format(reviewer=_signed(front.reviewed_by_survivor), counsel=counsel)}\n{{ .facts }}"


def unsigned_words(page: Page) -> list[str]:
    """Return what is missing before a page may be used, in sentences of its language; nothing when it is no draft."""
    say = chrome(page.language)
    never = {"survivor": say.not_reviewed, "counsel": say.not_approved}
    found = [say.changed.format(day=day(s.on)) if s else never[who] for who, s in page.unsigned.items()]
    return list(dict.fromkeys(found))


def _signed(signature: Signature | None) -> str:
    return f"{plain(signature.by)}, {day(signature.on)}" if signature else ""


def _why_box(front: Front, results: Results) -> str:
    gates = open_gates(front, results)
    weak = [item for item in front.answers if item in results.below]
    raised = [r.recommendation for r in results.raised if front.id in r.recommendation.playbooks]
    lines = [because(front, results)]
    if gates:
        verdicts = [f"{VERDICT_SIGN[g.verdict]} {g.id} {plain(g.title)} ({g.verdict})" for g in gates]
        lines.append(f"**Gates that are not open:** {'; '.join(verdicts)}.")
    if weak:
        lines.append(f"**Findings it helps with** (below target or not shown): {item_titles(weak, results)}.")
    if raised:
        lines.append(f"**Recommendations that lead here:** {'; '.join(f'{r.id} {plain(r.title)}' for r in raised)}.")
    return '??? why "Why this page is here"\n' + "\n".join(f"    - {line}" for line in lines)


def _facts(page: Page, results: Results) -> str:
    front = page.front
    months = f"every {front.review_months} months"
    due = day(months_after(results.facts.as_of, front.review_months))
    review = f"before live use, then {months} (next by {due})" if page.draft else f"{months} (next by {due})"
    audience = WHO[front.audience]
    own = " The hotline's own text." if page.own else ""
    return (
        f"{front.id}, version {plain(front.version)}. Owner: {results.instrument.role_title(front.owner).lower()}. "
        f"Review due: {review}. For {audience}.{own} Source: {plain(front.source)}."
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
