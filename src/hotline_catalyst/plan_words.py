"""The roadmap in a few plain lines: when, what binds it, what it costs, what it leaves out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .deliverables.look import day as said
from .deliverables.look import number
from .planning.roadmap import Roadmap, Scheduled

SHOWN = 12  # activities of a list that the words name, those that move most first


def in_short(roadmap: Roadmap) -> Iterator[str]:
    """Yield the plan in a few lines: launch, steps of the opening, what binds, money, and what it leaves out."""
    titles = {a.task.id: a.task.title for a in roadmap.activities}
    if roadmap.launch is None:
        yield "Nothing launches in this plan."
    else:
        ident = roadmap.launch.activity
        yield (
            f"{ident} {titles[ident]}: planned for {said(roadmap.launch.planned)}. Half of the simulated plans are "
            f"there by {said(roadmap.launch.p50)}, four in five by {said(roadmap.launch.p80)}: promise the later date."
        )
    yield from _stages(roadmap)
    if chain := list(binding(roadmap)):
        yield "What binds it, from the first day on"
        yield from (f"  {a.task.id} {a.task.title}, {said(a.start)} to {said(a.end)}. {a.why_then}" for a in chain)
    yield f"Cost, likely: {number(roadmap.cost.likely)} {roadmap.prices.currency}"
    for purse in roadmap.purses:
        if purse.over:
            yield f"Above the budget: {number(purse.over)} {roadmap.prices.currency} of {purse.payer}"
    if roadmap.left_out:
        yield f"Left out ({len(roadmap.left_out)})"
        yield from (f"  {x.id} {x.title}: {x.why}" for x in roadmap.left_out)
    yield from _moved(roadmap)
    yield roadmap.status


def counted(shown: int, of: int) -> str:
    """Say how long a list is, and how much of it follows."""
    return f"{of}" if shown == of else f"{of}, the first {shown}"


def not_heard(sentences: Sequence[str]) -> Iterator[str]:
    """Yield what was asked about nothing in the plan, under a heading."""
    if sentences:
        yield f"Asked for, and about nothing in this plan ({len(sentences)})"
        yield from (f"  {sentence}" for sentence in sentences)


def _moved(roadmap: Roadmap) -> Iterator[str]:
    """Yield what moved from the accepted plan, what moved most first."""
    moved = sorted((-abs(a.moved.days), a.task.id, a, a.moved) for a in roadmap.activities if a.moved)
    if moved:
        yield f"Moved from the accepted plan ({counted(min(SHOWN, len(moved)), len(moved))})"
    for _, ident, a, move in moved[:SHOWN]:
        yield f"  {ident} {a.task.title}: {said(a.start)}. {move.why}"


def _stages(roadmap: Roadmap) -> Iterator[str]:
    """Yield the steps of the opening; a gate is named with the first step it keeps closed."""
    named: set[str] = set()
    for stage in roadmap.stages:
        gates = [g for g in stage.unmet_gates if g not in named]
        named |= set(gates)
        more = " besides" if len(gates) < len(stage.unmet_gates) else ""
        unmet = f". Gates not met yet{more}: {', '.join(gates)}" if gates else ""
        yield f"  {stage.title}: {said(stage.planned)}, in four of five by {said(stage.p80)} ({stage.hours}){unmet}"


def binding(roadmap: Roadmap) -> list[Scheduled]:
    """Return what holds the launch back, first activity first: each but the first waits for the one before."""
    if roadmap.launch is None:
        return []
    planned = {a.task.id: a for a in roadmap.activities}
    chain = [planned[roadmap.launch.activity]]
    while chain[-1].bound == "link":
        before = [planned[i] for i in chain[-1].bound_by if i in planned and planned[i] not in chain]
        if not before:
            break
        chain.append(max(before, key=lambda a: (a.end, a.task.id)))
    return chain[::-1]
