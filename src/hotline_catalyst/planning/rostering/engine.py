"""One function for both engines: constraint solving where there is little time, column generation where there is."""

from __future__ import annotations

from dataclasses import replace

from .columns import LONGEST, carries, floor_of, solve_by_columns
from .problem import Effort, Ints, Problem, Solution

SMALL, SMALL_AND_LONG = 1_000, 6_000  # people × days × kinds up to which constraint solving follows
COLUMNS_SHARE = 0.5  # of the effort, where both engines work
# Column generation has nothing to show before its linear program is solved: a draft is not the place for it.
LITTLE = 8.0


def solve(problem: Problem, effort: Effort, hint: Ints | None = None) -> Solution:
    """Return the best roster that the effort allows, and a bound; the engine depends on problem and effort only."""
    found = _solved(problem, effort, hint)
    return replace(found, bound=min(found.price, max(found.bound, floor_of(problem))))


def _solved(problem: Problem, effort: Effort, hint: Ints | None) -> Solution:
    if not problem.people or not problem.days:
        return solve_by_columns(problem, effort)
    if not carries(problem) or (effort.seconds is None and effort.work < LITTLE):
        return _by_constraints(problem, effort, hint)
    size = len(problem.people) * problem.days * max(1, len(problem.kinds))
    small = size <= (SMALL if problem.days <= LONGEST else SMALL_AND_LONG)
    columns = solve_by_columns(problem, _share(effort, COLUMNS_SHARE) if small else effort, hint)
    if columns.status == "proved best" or (columns.status == "good" and not small):
        return columns
    known = columns.given if columns.status == "good" else hint
    return better(columns, _by_constraints(problem, _share(effort, 1 - COLUMNS_SHARE), known))


def _share(effort: Effort, share: float) -> Effort:
    return Effort(effort.work * share, None if effort.seconds is None else effort.seconds * share)


def better(first: Solution, second: Solution) -> Solution:
    """Return the cheaper answer with the higher of both bounds."""
    held = [s for s in (first, second) if s.status != "none"]
    if not held:
        return first
    best = min(held, key=lambda s: s.price)
    bound = min(best.price, max(s.bound for s in held))
    return replace(
        best,
        bound=bound,
        status="proved best" if best.price <= bound else "good",
        engine=f"{first.engine}, then {second.engine}",
        settings={**first.settings, **second.settings},
    )


def _by_constraints(problem: Problem, effort: Effort, hint: Ints | None) -> Solution:
    from .constraint_engine import solve_by_constraints

    return solve_by_constraints(problem, effort, hint)
