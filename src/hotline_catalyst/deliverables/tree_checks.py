"""What a decision tree must hold before anybody in danger depends on it. Every problem of a file is named at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from ..library import Loc, did_you_mean
from .tree_model import Limit, Step, Tree, TreeSettings, Way

Problem = tuple[Loc, str]
FIGURE = re.compile(r"\d+\s*(?:seconds?|minutes?|hours?|days?|weeks?|months?|times)\b|\d+\s*%", re.IGNORECASE)
SOURCE = re.compile(r"\[([A-Z0-9]{2,})\]")


def problems(tree: Tree, settings: TreeSettings, sources: Set[str]) -> Iterator[Problem]:
    """Yield what is wrong with a tree, each with its place in the file.

    Parameters
    ----------
    sources
        Keys of assessment/sources.yaml that a clock may name.
    """
    yield from _unknown_people(tree, settings)
    yield from _too_long(tree, settings)
    yield from _figures(tree, sources)
    yield from _questions(tree)
    if broken := list(_targets(tree)):
        yield from broken  # the walks below need every target
        return
    yield from _unreached(tree)
    yield from _circles(tree)
    yield from _ends(tree, settings)
    yield from _danger(tree, settings)


def _unknown_people(tree: Tree, settings: TreeSettings) -> Iterator[Problem]:
    people = list(settings.of("en").people)
    for ident, step in tree.steps.items():
        for key in ("who", "alert"):
            value = getattr(step, key)
            if value and value not in people:
                yield ("steps", ident, key), f"'{value}' is not in trees.yaml's people{did_you_mean(value, people)}"


def _too_long(tree: Tree, settings: TreeSettings) -> Iterator[Problem]:
    limits, times = settings.limits, 1.0 if tree.language == "en" else settings.longer_in_translation
    yield from _over(("title",), tree.title, limits.title, times)
    yield from _more(("notes",), len(tree.notes), limits.notes, "notes")
    yield from _more(("steps",), len(tree.steps), limits.steps, "steps")
    for n, note in enumerate(tree.notes):
        yield from _over(("notes", n), note, limits.note, times)
    for ident, step in tree.steps.items():
        for key in ("text", "say", "until", "within"):
            yield from _over(("steps", ident, key), getattr(step, key) or "", getattr(limits, key), times)
        for place, way in _ways(ident, step):
            yield from _over((*place, "when"), way.when, limits.answer, times)
        yield from _more(("steps", ident), len(step.ways), limits.answers, "answers")


def _over(place: Loc, text: str, limit: Limit, times: float) -> Iterator[Problem]:
    if len(text) > limit.most * times:
        most = int(limit.most * times)
        yield place, f"{len(text)} characters, at most {most} fit; shorten it. ({limit.reason})"


def _more(place: Loc, count: int, limit: Limit, what: str) -> Iterator[Problem]:
    if count > limit.most:
        yield place, f"{count} {what}, at most {limit.most}; split it. ({limit.reason})"


def _figures(tree: Tree, sources: Set[str]) -> Iterator[Problem]:
    texts: list[tuple[Loc, str]] = [(("notes", n), note) for n, note in enumerate(tree.notes)]
    for ident, step in tree.steps.items():
        texts += [(("steps", ident, key), getattr(step, key) or "") for key in ("text", "within", "until")]
    for place, text in texts:
        if FIGURE.search(text) and "proposed" not in text and not SOURCE.search(text):
            yield place, "this figure has no source; write its key in [square brackets] or the word proposed beside it"
        for key in SOURCE.findall(text):
            if key not in sources:
                yield place, f"'{key}' is not in assessment/sources.yaml{did_you_mean(key, sorted(sources))}"


def _ways(ident: str, step: Step) -> Iterator[tuple[Loc, Way]]:
    key = {"ask": "answers", "decide": "options"}.get(step.kind)
    for n, way in enumerate(step.ways):
        yield ("steps", ident, *((key, n) if key else ())), way


def _targets(tree: Tree) -> Iterator[Problem]:
    known = list(tree.steps)
    if tree.start not in known:
        yield ("start",), f"'{tree.start}' is not a step{did_you_mean(tree.start, known)}"
    elif known[0] != tree.start:
        yield ("start",), f"the first step in the file must be '{tree.start}', since it is number 1"
    for ident, step in tree.steps.items():
        for place, way in _ways(ident, step):
            if way.then not in known:
                yield (*place, "then"), f"'{way.then}' is not a step{did_you_mean(way.then, known)}"


def _questions(tree: Tree) -> Iterator[Problem]:
    for ident, step in tree.steps.items():
        if step.kind in ("ask", "decide"):
            if len(step.ways) < 2:
                yield ("steps", ident), "a question with one answer is no question; add the other answer"
            elif len({way.then for way in step.ways}) < 2:
                yield ("steps", ident), "every answer leads to the same step; leave the question out"
            if len({way.when for way in step.ways}) < len(step.ways):
                yield ("steps", ident), "an answer is written twice; keep one"


def _unreached(tree: Tree) -> Iterator[Problem]:
    reached, queue = {tree.start}, [tree.start]
    while queue:
        for way in tree.steps[queue.pop()].ways:
            if way.then not in reached:
                reached.add(way.then)
                queue.append(way.then)
    for ident in tree.steps:
        if ident not in reached:
            yield ("steps", ident), "no answer leads here; lead one here or take the step out"


def _circles(tree: Tree) -> Iterator[Problem]:
    """Name every way that closes a circle without `again`, and every `again` that closes none."""
    onward = {i: [w.then for w in s.ways if not w.again] for i, s in tree.steps.items()}
    for ident, step in tree.steps.items():
        for place, way in _ways(ident, step):
            back = ident in _from(way.then, onward)
            if back and not way.again and tree.number(way.then) <= tree.number(ident):
                yield place, f"this leads back to '{way.then}'; write `again: true`, or lead it on to an end"
            if way.again and not back:
                yield place, f"'{way.then}' does not lead back to '{ident}'; take `again` out"
        if step.ways and all(way.again for way in step.ways):
            yield ("steps", ident), "every way from here goes back; add a way out"


def _from(start: str, onward: dict[str, list[str]]) -> set[str]:
    found, queue = {start}, [start]
    while queue:
        new = [target for target in onward[queue.pop()] if target not in found]
        found.update(new)
        queue += new
    return found


def _ends(tree: Tree, settings: TreeSettings) -> Iterator[Problem]:
    ends = [step for step in tree.steps.values() if step.kind == "end"]
    emergency = [e for e in ends if e.type == "emergency"]
    if not any(e.type == "person" and e.who in settings.supervisors for e in ends):
        yield ("steps",), "no path ends with a supervisor; whoever is not sure must find one here"
    if not emergency and not tree.no_emergency:
        yield ("steps",), "no path ends with an emergency service; add one, or say why not in `no_emergency`"
    if emergency and tree.no_emergency:
        yield ("no_emergency",), "a path does end with an emergency service; take this line out"
    for ident, step in tree.steps.items():
        if step.type == "emergency" and step.who not in settings.emergency:
            yield ("steps", ident, "who"), "an end of type emergency names an emergency service; else type it person"


def _danger(tree: Tree, settings: TreeSettings) -> Iterator[Problem]:
    for ident, step in tree.steps.items():
        for place, way in _ways(ident, step):
            if way.danger and tree.steps[way.then].type == "safe_close":
                yield (
                    place,
                    "an answer that says danger leads to a safe close; lead it to a person or emergency service",
                )
        asked = re.findall(r"\w+", f"{step.text} {step.say or ''}".lower())
        if step.kind == "ask" and set(asked) & set(settings.danger_words) and not any(w.danger for w in step.ways):
            yield ("steps", ident), "it asks about danger and no answer says so; mark one with `danger: true`"
    for ident in _closed_unalerted(tree):
        yield ("steps", ident), "a path from an answer that says danger ends here and nobody was alerted; add `alert`"


def _closed_unalerted(tree: Tree) -> list[str]:
    """Return the safe closes that a person in danger can come to before anybody else knows."""
    start = (tree.start, False)
    seen, queue = {start}, [start]
    while queue:
        ident, danger = queue.pop()
        step = tree.steps[ident]
        if step.alert:
            continue
        for way in step.ways:
            state = (way.then, danger or way.danger)
            if state not in seen:
                seen.add(state)
                queue.append(state)
    return [i for i in tree.steps if (i, True) in seen and tree.steps[i].type == "safe_close"]
