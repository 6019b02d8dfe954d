"""The constraint engine: the roster problem as whole-number rules, solved by CP-SAT with a proof where it can."""

from __future__ import annotations

from math import ceil
from time import monotonic
from typing import Literal

import numpy as np

from .constraint_model import RosterModel
from .constraint_parts import PART_WORK, Answer, Parts, beginning, nothing_given
from .linear_bound import linear_bound
from .measure import measure
from .problem import OFF, Effort, Ints, Problem, Solution

SEED = 20261121
WORKERS = 8
# Three strategies search the whole and prove; other turns change a good roster a part at a time. Measured on hotline
# rosters of 16 people and 28 days: with eight whole strategies a gap of 19 % stayed, these proved it in half the work.
WITHOUT = ("quick_restart", "quick_restart_no_lp", "pseudo_costs", "default_lp", "no_lp")
TURNS = 40
# People x days x kinds up to which the whole is solved at once. Above, the whole is looked at for a bound, made cheaper
# by parts, and taken up again for the proof: shares of the effort after which the first two end at the latest.
AT_ONCE = 60
ENGINE = "constraints"
LOOK, PARTS = 0.15, 0.75
WORTH_A_LOOK = 1.0  # less work than this tells nothing of the whole
PART: dict[str, int] = {
    "num_workers": 1,
    "linearization_level": 2,
    "random_seed": SEED,
    "cp_model_probing_level": 0,
    "symmetry_level": 0,
}


def solve_by_constraints(problem: Problem, effort: Effort, hint: Ints | None = None) -> Solution:
    """Return the best roster found, and what none can cost less than.

    Without ``effort.seconds`` the search is counted in the solver's own work and repeats exactly.

    Parameters
    ----------
    hint
        An answer to start from, such as the one before a change; it need not keep the rules.
    """
    small = len(problem.people) * problem.days * len(problem.kinds) <= AT_ONCE
    start = None if small else beginning(problem, hint)
    if start is None:
        return _whole(problem, effort, hint)
    watch = _Watch(effort)
    parts = Parts(problem, start, _solve_part, SEED)
    if hint is None or start.tolist() == nothing_given(problem).tolist():
        parts.fill(lambda: watch.share(parts.work) >= PARTS)
    bound = linear_bound(RosterModel(problem).model.proto)
    if bound is None:
        return _whole(problem, effort, parts.given)
    for until in (LOOK, 1.0):
        if parts.price > bound and watch.left(until, parts.work).work >= WORTH_A_LOOK:
            bound = _look(problem, parts, watch, until, bound)
        if parts.price > bound and until < PARTS:
            parts.improve(bound, lambda: watch.share(parts.work) >= PARTS)
    bound = min(bound, parts.price)
    status: Literal["proved best", "good"] = "proved best" if parts.price == bound else "good"
    settings = {**_settings(effort), "parts_solved": parts.solved, "part_work": PART_WORK}
    return Solution(parts.given, parts.price, bound, status, ENGINE, settings)


def _look(problem: Problem, parts: Parts, watch: _Watch, until: float, bound: int) -> int:
    """Search the whole from what is known until a share of the effort is spent; return the higher bound."""
    left = watch.left(until, parts.work)
    found = _whole(problem, left, parts.given)
    watch.spent += left.work
    if found.status == "none":
        return bound
    parts.take(found.given)
    return max(bound, found.bound)


class _Watch:
    """How much of an effort is spent: by work, or by the clock where somebody waits."""

    def __init__(self, effort: Effort):
        self.effort, self.spent = effort, 0.0
        self.began = monotonic()

    def share(self, more: float) -> float:
        """Return the share of the effort that is spent, ``more`` work included."""
        if self.effort.seconds is not None:
            return (monotonic() - self.began) / self.effort.seconds
        return (self.spent + more) / self.effort.work

    def left(self, share: float, more: float) -> Effort:
        """Return the effort left until a share of it is spent."""
        left = max(0.0, share - self.share(more))
        seconds = self.effort.seconds
        return Effort(left * self.effort.work, None if seconds is None else left * seconds)


def _solve_part(problem: Problem, given: Ints, work: float) -> Answer:
    """Solve a part with one strategy and little work."""
    from ortools.sat.python import cp_model

    model = RosterModel(problem)
    model.hint(given)
    solver = cp_model.CpSolver()
    for name, value in PART.items():
        setattr(solver.parameters, name, value)
    solver.parameters.max_deterministic_time = work
    status = solver.solve(model.model)
    found = model.read(solver) if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else None
    return Answer(found, status == cp_model.OPTIMAL, solver.response_proto.deterministic_time)


def _whole(problem: Problem, effort: Effort, hint: Ints | None) -> Solution:
    """Search the whole problem."""
    from ortools.sat.python import cp_model

    model = RosterModel(problem)
    if hint is not None:
        model.hint(hint)
    solver = cp_model.CpSolver()
    settings = _settings(effort)
    for name, value in settings.items():
        setattr(solver.parameters, name, value)
    if effort.seconds is None:
        solver.parameters.ignore_subsolvers.extend(WITHOUT)
    status = solver.solve(model.model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        nothing = np.full((len(problem.people), problem.days), OFF, dtype=np.int64)
        return Solution(nothing, 0, 0, "none", ENGINE, settings)
    given = model.read(solver)
    # The solver's own count of what is missing may be too high where it stopped before the best.
    price = measure(problem, given).price
    bound = min(price, ceil(solver.best_objective_bound - 1e-6))
    return Solution(given, price, bound, "proved best" if price == bound else "good", ENGINE, settings)


def _settings(effort: Effort) -> dict[str, int | float | str]:
    settings: dict[str, int | float | str] = {
        "num_workers": WORKERS,
        "random_seed": SEED,
        "linearization_level": 2,
    }
    if effort.seconds is not None:
        return {**settings, "max_time_in_seconds": effort.seconds}
    return {
        **settings,
        "interleave_search": True,
        "interleave_batch_size": TURNS,
        "max_deterministic_time": effort.work,
    }
