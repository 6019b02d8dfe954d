"""The best plan by goals in strict order: each goal is solved, then held, before the next (CP-SAT, warm-started).

With one worker and a limit on its deterministic time the same problem gives the same plan on every machine; several
workers and a limit in seconds are for those who ask for them.
"""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from time import monotonic
from typing import Any

from ..errors import NoPlanError
from .generation import Search, generate
from .goals import goal_values, key_of
from .model import Model, lowest
from .polish import polished, settled
from .problem import GOALS, Plan, Problem, Reached, Solution

__all__ = ["NoPlan", "best", "feasible", "goal_values", "solve"]

SEED = 20261121
WORK = 2.0
QUICK_ROUNDS = 24
ROUNDS = 120
FEW = 64  # jobs, up to which the solver can prove a bare problem's best plan in seconds
TOO_SHORT = 2.0  # seconds that are not worth another process
LEGS = (0.5, 0.5, 1.0)  # parts of the time left, after each of which two searches mix


class NoPlan(NoPlanError):
    """No plan keeps every hard rule, or none was found within the limit.

    Attributes
    ----------
    proved
        Whether it is certain that there is none.
    """

    def __init__(self, proved: bool):
        self.proved = proved
        super().__init__(
            "No plan can keep all of these limits together. Loosen a date, a budget or a limit on people's time."
            if proved
            else "No plan was found in the time allowed, and none was ruled out. Allow more time, or loosen a limit."
        )


class Limit:
    """How long to think: deterministic work on one worker, or wall-clock seconds on several."""

    def __init__(self, work: float, workers: int = 1, seconds: float | None = None):
        self.work, self.workers, self.seconds = work, workers if seconds is not None else 1, seconds
        self.began = monotonic()

    @property
    def left(self) -> float:
        """Return what is left of the work, or of the seconds."""
        return self.work if self.seconds is None else self.seconds - (monotonic() - self.began)

    def solver(self, model: Model, share: float, workers: int) -> Any:
        """Return a solver that may use a share of what is left."""
        solver = model.cp.CpSolver()
        solver.parameters.random_seed = SEED
        solver.parameters.num_workers = workers
        if self.seconds is None:
            solver.parameters.max_deterministic_time = max(0.001, self.left * share)
        else:
            solver.parameters.max_time_in_seconds = max(0.01, self.left * share)
        return solver

    def run(self, model: Model, share: float) -> tuple[Any, Any]:
        """Solve a model; return the solver and its status."""
        solver = self.solver(model, share, self.workers)
        status = solver.solve(model.model)
        if self.seconds is None:
            self.work -= solver.response_proto.deterministic_time
        return solver, status


def solve(problem: Problem, *, work: float = WORK, workers: int = 1, seconds: float | None = None) -> Solution:
    """Return the best plan found by ``GOALS`` in order, with the value and the bound of each.

    A bound holds given the values of the goals before it.

    Parameters
    ----------
    work
        Deterministic work in CP-SAT's unit, about one to three seconds each.
    workers, seconds
        Several workers and a wall-clock limit; without seconds there is one worker. More than one worker may start
        another process, so a script that asks for it keeps its own start behind ``if __name__ == "__main__"``.

    Raises
    ------
    NoPlan
        When no plan keeps every hard rule, or none was found.
    """
    limit, search = Limit(work, workers, seconds), Search(problem)
    search.seconds = seconds or 0.0
    search.run(ROUNDS, None if seconds is None else min(1.0, 0.1 * seconds))
    plan, model = search.plan(), Model(problem)
    if plan is None:
        plan = _any(model, limit)
    reached, floor = [], lowest(problem)
    for goal in GOALS:
        plan = polished(problem, plan) if goal in ("extra cost", "stability") else plan
        stage = Stage(problem, model, goal, limit, search, floor[goal])
        plan, bound = stage.improved(plan)
        value = goal_values(problem, plan)[goal]
        model.at_most(goal, value)
        reached.append(Reached(goal, value, min(bound, value)))
    plan = settled(problem, plan)
    values = goal_values(problem, plan)
    return Solution(plan, tuple(Reached(r.goal, values[r.goal], min(r.bound, values[r.goal])) for r in reached))


def _any(model: Model, limit: Limit) -> Plan:
    solver, status = limit.run(model, 0.5)
    if status in (model.cp.OPTIMAL, model.cp.FEASIBLE):
        return model.read(solver)
    raise NoPlan(proved=status in (model.cp.INFEASIBLE, model.cp.MODEL_INVALID))


@dataclass
class Stage:
    """One goal to improve, those before it held by the model; ``floor`` is what it cannot be below."""

    problem: Problem
    model: Model
    goal: str
    limit: Limit
    search: Search
    floor: int

    def improved(self, plan: Plan) -> tuple[Plan, int]:
        """Return the plan, or a better one, and the goal's bound."""
        if self._settled(self.goal, plan):
            return plan, self._value(plan)
        last = all(self._settled(g, plan) for g in GOALS[GOALS.index(self.goal) + 1 :])
        share = 1.0 if last else 0.5
        self.model.hint(plan)
        self.model.model.minimize(self.model.goals[self.goal])
        if self.limit.workers > 1:
            return self._side_by_side(plan, share)
        solver, status = self.limit.run(self.model, share)
        return self._better(plan, solver, status)

    def _settled(self, goal: str, plan: Plan) -> bool:
        floor = self.floor if goal == self.goal else lowest(self.problem)[goal]
        return isinstance(self.model.goals[goal], int) or goal_values(self.problem, plan)[goal] <= floor

    def _value(self, plan: Plan) -> int:
        return goal_values(self.problem, plan)[self.goal]

    def _better(self, plan: Plan, solver: Any, status: Any) -> tuple[Plan, int]:
        if status not in (self.model.cp.OPTIMAL, self.model.cp.FEASIBLE):
            return plan, self.floor
        found, bound = self.model.read(solver), max(self.floor, _ceil(solver.best_objective_bound))
        return (found if self._value(found) < self._value(plan) else plan), bound

    def _side_by_side(self, plan: Plan, share: float) -> tuple[Plan, int]:
        """Let the solver and the search look at the same time; give what is left to two searches."""
        end, proving = monotonic() + self.limit.left * share, share * self._proving()
        solver = self.limit.solver(self.model, proving, self.limit.workers - 1)
        with ThreadPoolExecutor(1) as pool:
            proof = pool.submit(solver.solve, self.model.model)
            self.search.run(0, self.limit.left * proving, plan, proof.done)
            plan, bound = self._better(self._kept(plan), solver, proof.result())
        if self.search.bare is not None and self._value(plan) > bound and end - monotonic() > TOO_SHORT:
            plan = self._with_another(plan, bound, end)
        return plan, bound

    def _proving(self) -> float:
        """Return the part of the time for the solver: all of it, but where the search alone goes further."""
        if self.search.bare is None:
            return 1.0
        return 0.4 if len(self.problem.jobs) <= FEW else 0.1

    def _with_another(self, plan: Plan, bound: int, end: float) -> Plan:
        """Search in this process and in another, each its own crowd; mix them on the way."""
        other = Search(self.problem, self.search.rng.randrange(2**31))
        other.seconds = end - monotonic()
        self.search.enough = other.enough = bound if self.goal == "launch" else -1
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            for part in LEGS:
                seconds = max(0.1, (end - monotonic() - TOO_SHORT / 4) * part)
                there = pool.submit(_searched, other, seconds, plan)
                self.search.run(0, seconds, plan)
                other = there.result()
                plan = self._kept(plan, other.plan())
                if self._value(plan) <= bound:
                    break
                if self.search.great and other.great:
                    self.search.great.mix(other.great)
        return plan

    def _kept(self, plan: Plan, other: Plan | None = None) -> Plan:
        """Return the best of the plan, the search's and another, by all goals in order."""
        found = [p for p in (plan, self.search.plan(), other) if p is not None]
        return min(found, key=lambda p: key_of(self.problem, p))


def _searched(search: Search, seconds: float, hint: Plan) -> Search:
    """Go on with a search in another process."""
    search.run(0, seconds, hint)
    return search


def _ceil(bound: float) -> int:
    return int(-(-(bound - 1e-6) // 1))


def feasible(problem: Problem, work: float = 0.5) -> bool | None:
    """Return whether any plan keeps every hard rule; None when that was not decided within the work."""
    if generate(problem, QUICK_ROUNDS) is not None:
        return True
    model = Model(problem, goals=False)
    _, status = Limit(work).run(model, 1.0)
    if status in (model.cp.OPTIMAL, model.cp.FEASIBLE):
        return True
    return False if status in (model.cp.INFEASIBLE, model.cp.MODEL_INVALID) else None


def best(problem: Problem, goal: str, work: float = WORK) -> tuple[int, int] | None:
    """Return the least value found for one goal alone, and its bound; None when no plan was found."""
    limit, model, search = Limit(work), Model(problem), Search(problem)
    search.run(QUICK_ROUNDS)
    plan = search.plan()
    try:
        plan = _any(model, limit) if plan is None else plan
    except NoPlan:
        return None
    plan, bound = Stage(problem, model, goal, limit, search, lowest(problem)[goal]).improved(plan)
    value = goal_values(problem, plan)[goal]
    return value, min(bound, value)
