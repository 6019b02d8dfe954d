"""Walks every path of a call, in every hour of the week and on holidays, before any real call does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from .telephony_calendar import STATES
from .telephony_flow import FLOW, Flow

ENDS = {"queue": "person", "voicemail": "voicemail", "end": "message"}
# A telephone should ring soon. Proposed by the toolkit.
MOST_SECONDS = 90
WORDS_PER_SECOND = 2.2
# A walk that comes back to the same step for the third time shows nothing new.
VISITS = 2
# Flows with many keys and ways back have more walks than anybody reads.
MOST_TURNS = 10_000


@dataclass(frozen=True)
class Walk:
    """One way through a call.

    Parameters
    ----------
    state
        What the calendar says: open, closed or holiday.
    keys
        The keys that were pressed, in order.
    end
        person, voicemail or message; empty when it ended nowhere.
    """

    state: str
    steps: tuple[str, ...]
    keys: tuple[str, ...]
    end: str


def walks(flow: Flow, state: str, languages: int) -> Iterator[Walk]:
    """Yield every way through a call while the calendar says this, at most MOST_TURNS turns."""
    waiting = [Walk(state, (flow.target(flow.start),), (), "")]
    for _ in range(MOST_TURNS):
        if not waiting:
            return
        for one in _onward(flow, waiting.pop(), languages):
            if one.end:
                yield one
            else:
                waiting.append(one)


def _onward(flow: Flow, walk: Walk, languages: int) -> Iterator[Walk]:
    step = flow.steps[walk.steps[-1]]
    if step.kind in ENDS:
        yield replace(walk, end=ENDS[step.kind])
    leads = flow.leads(step)
    if step.kind == "voicemail":
        leads = {}
    if step.kind == "hours":
        leads = {walk.state: leads[walk.state]}
    nexts: list[tuple[tuple[str, ...], str]] = [((), name) for name in leads.values()]
    nexts += [((key,), name) for key, name in flow.keys(step).items()]
    if step.kind == "language" and languages > 1:
        nexts += [((str(number),), step.leads["next"]) for number in range(1, languages + 1)]
    for keys, name in nexts:
        name = flow.target(name)
        if walk.steps.count(name) < VISITS:
            yield replace(walk, steps=(*walk.steps, name), keys=walk.keys + keys)


def silent(flow: Flow, state: str) -> Walk:
    """Return the walk of a caller who presses nothing, up to the first place where somebody may answer."""
    name, passed = flow.target(flow.start), []
    while name not in passed:
        passed.append(name)
        step = flow.steps[name]
        if step.kind in ENDS:
            return Walk(state, tuple(passed), (), ENDS[step.kind])
        leads = flow.leads(step)
        name = leads.get(state) or next(iter(leads.values()))
    return Walk(state, tuple(passed), (), "")


def seconds(flow: Flow, walk: Walk, lengths: dict[str, int], languages: int) -> int:
    """Return how long a caller hears prompts and silence before the last step of a walk, in seconds."""
    total = 0
    for name in walk.steps[:-1]:
        step = flow.steps[name]
        spoken = sum(lengths.get(prompt, 0) for prompt in step.say)
        spoken += sum(lengths.get(f"key_{target}", 0) for target in flow.keys(step).values())
        if step.kind == "language":
            spoken = lengths.get("key_language", 0) * languages if languages > 1 else 0
            total += step.tries * (spoken + (step.wait_s if languages > 1 else 0))
        elif step.kind == "queue":
            total += step.wait_s
        else:
            total += step.tries * (spoken + (step.wait_s if step.kind == "menu" else 0))
    return total


def loops(flow: Flow) -> list[list[str]]:
    """Return the circles that a caller who presses nothing would go round for ever."""
    found: list[list[str]] = []
    for first in flow.reached():
        for state in flow.states:
            trail, name = [first], first
            while (leads := flow.leads(flow.steps[name])) and flow.steps[name].kind != "voicemail":
                name = leads.get(state) or next(iter(leads.values()))
                if name in trail:
                    circle = trail[trail.index(name) :]
                    found += [circle] if not any(set(circle) == set(known) for known in found) else []
                    break
                trail.append(name)
    return found


def problems(flow: Flow, languages: int, lengths: dict[str, int]) -> list[str]:
    """Return what is wrong with the paths of a call, in sentences."""
    circles = loops(flow)
    if circles:
        do = "let one of these steps lead to a person or to an end"
        return [f"{FLOW}: without a key a call goes round for ever: {' > '.join(c)}; {do}." for c in circles]
    found = [f"{FLOW}: no call can reach step {name}; lead to it or take it out." for name in _lost(flow)]
    if languages > 9:
        found.append(f"{FLOW}: {languages} languages need more than nine keys; offer fewer on the telephone.")
    for state in flow.states:
        ends = {walk.end for walk in walks(flow, state, min(languages, 9))}
        if not ends:
            found.append(f"{FLOW}: while the line is {state}, no path ends; lead it to a person or to an end.")
        if state == "open":
            found += _open_problems(flow, languages, lengths)
    return found


def _open_problems(flow: Flow, languages: int, lengths: dict[str, int]) -> list[str]:
    walk = silent(flow, "open")
    if walk.end != "person":
        do = "let the step `hours` lead to a queue in open hours"
        return [f"{FLOW}: in open hours a caller who presses nothing does not reach a person; {do}."]
    found = []
    wait = seconds(flow, walk, lengths, languages)
    if wait > MOST_SECONDS:
        do = "make prompts shorter, or offer fewer tries"
        found.append(
            f"{FLOW}: prompts take about {wait} seconds before a telephone rings, more than {MOST_SECONDS}; {do}."
        )
    return found


def _lost(flow: Flow) -> list[str]:
    """Return steps that nothing leads to, not counting a message box that is off and hours that do not occur."""
    on = replace(flow, has_voicemail=True, states=STATES)
    known = {*replace(flow, states=STATES).reached(), *on.reached()}
    return [name for name in flow.steps if name not in known]
