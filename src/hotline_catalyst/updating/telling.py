"""An update in lines for a terminal: what needs a person first, then what is only told, then what was done."""

from __future__ import annotations

from collections.abc import Iterator

from .records import PENDING, TOLD, WRITES
from .update import Outcome

DONE = {"add": "new", "replace": "updated", "merge": "merged", "remove": "removed", "take": "taken from the template"}


def lines(outcome: Outcome, *, dry_run: bool = False) -> list[str]:
    """Return what to say about an update."""
    return list(_lines(outcome, dry_run))


def _lines(outcome: Outcome, dry_run: bool) -> Iterator[str]:
    plan = outcome.plan
    for change in plan.asked:
        yield f"needs a yes or no: {change.id}: {' '.join(change.text.split())}"
    for item in plan.of(PENDING):
        yield f"needs you: {item.path}: {item.why}"
    told: dict[tuple[str, str], list[str]] = {}
    for item in plan.of(TOLD):
        told.setdefault(("rebuilt" if item.kind == "rebuilt" else "not touched", item.why), []).append(item.path)
    yield from (f"{what}: {', '.join(paths)}: {why}" for (what, why), paths in told.items())
    for item in plan.of(WRITES):
        yield f"{DONE[item.kind]}: {item.path}"
    yield from (f"built anew: {path}" for path in outcome.built)
    yield from (f"the check finds: {problem}" for problem in outcome.problems)
    yield from _end(outcome, dry_run)


def _end(outcome: Outcome, dry_run: bool) -> Iterator[str]:
    plan = outcome.plan
    if outcome.up_to_date and not outcome.changes:
        yield f"Up to date: template {plan.version}."
    elif dry_run:
        left = f" {len(plan.pending)} would be left for you to settle." if plan.pending else ""
        yield f"Nothing was changed.{left} Leave out --dry-run to do this."
    elif outcome.up_to_date:
        yield f"Done: the project is at template {plan.version}. To take it back: catalyst update PROJECT --undo"
    else:
        left = f"{len(plan.pending)} left for you"
        yield f"Not up to date yet: {left}. Read the page, settle each, then run it with --resolve."
    if outcome.report and not dry_run:
        yield f"Open {outcome.report}"
