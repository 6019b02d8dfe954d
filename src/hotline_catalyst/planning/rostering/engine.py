"""One function for both engines: constraint solving where there is little time, column generation where there is."""

from __future__ import annotations

from dataclasses import replace

from .columns import LONGEST, carries, floor_of, solve_by_columns
from .problem import Effort, Ints, Problem, Solution

# Columns alone leave posts that are alike badly filled: a quick answer by constraints is their hint, and constraints
# have the last word. Work for that answer, its share of the effort at most, and the share of the rest for columns.
# Columns take a horizon longer than LONGEST in windows, whose bounds say little: up to this size (people x days x
# kinds) constraints do better alone. Measured on 16 people over 84 days in a minute: 3.6 % against 11.8 %.
SMALL_AND_LONG = 6_000
# Against the clock a larger problem leaves columns no time to give away: a quarter less made one instance 8 % dearer.
SMALL = 1_000
FIRST, FIRST_SHARE, COLUMNS_SHARE = 4.0, 0.25, 0.75
# Column generation has nothing to show before its linear program is solved: a draft is not the place for it.
LITTLE = 8.0


def solve(problem: Problem, effort: Effort, hint: Ints | None = None) -> Solution:
    """Return the best roster that the effort allows, and a bound; the engine depends on problem and effort only."""
    found = _solved(problem, effort, hint)
    return replace(found, bound=min(found.price, max(found.bound, floor_of(problem))))


def _solved(problem: Problem, effort: Effort, hint: Ints | None) -> Solution:
    if not problem.people or not problem.days:
        return solve_by_columns(problem, effort)
    size = len(problem.people) * problem.days * max(1, len(problem.kinds))
    long = problem.days > LONGEST and size <= SMALL_AND_LONG
    if long or not carries(problem) or (effort.seconds is None and effort.work < LITTLE):
        return _by_constraints(problem, effort, hint)
    if effort.seconds is not None and size > SMALL:
        return solve_by_columns(problem, effort, hint)
    quick = _share(effort, FIRST_SHARE if effort.seconds is not None else min(FIRST_SHARE, FIRST / effort.work))
    first = _by_constraints(problem, quick, hint)
    if first.status == "proved best":
        return first
    left = _share(effort, 1 - quick.work / effort.work)
    columns = solve_by_columns(problem, _share(left, COLUMNS_SHARE), first.given if first.status == "good" else hint)
    both = better(first, columns)
    if both.status == "proved best":
        return both
    return better(both, _by_constraints(problem, _share(left, 1 - COLUMNS_SHARE), both.given))


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
