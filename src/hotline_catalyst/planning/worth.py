"""What one change would be worth: the least launch day, and the least money over budget, with it and without it.

Both are found anew by the goals in their order (gates, launch, gaps, over budget), without regard to a plan before.
Most changes change nothing, and that is proved for many at once: where all of them together do not help, none does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import TYPE_CHECKING, Any

from .changes import Change
from .plan_check import check
from .problem import Days, Placed, Plan, Problem, Solution
from .ways_out import Words
from .wishes import Wish, applied

if TYPE_CHECKING:
    from .model import Model

WORK = 0.1  # for each question, in the solver's deterministic measure
ALL_WORK = 0.8  # for all of them; changes after that stay open
ROUNDS = 24  # of the heuristic, where the plan at hand no longer holds
ESTIMATE_ROUNDS = 150  # of the search that estimates
STAGES = ("gates", "launch", "gaps", "over budget")


@dataclass(frozen=True)
class Worth:
    """What a change is worth; above zero is better.

    ``days`` the launch comes earlier and ``money`` less over budget, as found; the true number lies between the two of
    ``days_between`` and ``money_between``. ``gates`` and ``gaps`` are weights of needs met besides; while they differ
    from zero the dates belong to plans that do different things. ``possible`` is false when no plan is left, None when
    none was found.
    """

    id: str
    say: str
    days: int = 0
    money: int = 0
    days_between: tuple[int, int] = (0, 0)
    money_between: tuple[int, int] = (0, 0)
    gates: int = 0
    gaps: int = 0
    possible: bool | None = True

    @property
    def certain(self) -> bool:
        """Whether nothing is left open about the days and the money."""
        pairs = (self.days_between, self.money_between)
        return self.possible is not None and all(low == high for low, high in pairs)


def said(worth: Worth, words: Words, purse: str = "") -> str:
    """Return what a change is worth as a sentence or two, in the words given."""
    texts, days = words.texts, worth.days
    if worth.possible is not True:
        return texts["open" if worth.possible is None else "impossible"].format(change=worth.say)
    low, high = worth.days_between
    if low != high:
        kind, (low, high) = ("between", (low, high)) if high > 0 else ("between_later", (-high, -low))
    else:
        kind = "earlier" if days > 0 else "later" if days < 0 else "same"
    sentence = texts[kind].format(change=worth.say, days=abs(days), low=low, high=high)
    if not worth.money:
        return sentence
    money = texts["saves" if worth.money > 0 else "costs"].format(money=words.money(purse, abs(worth.money)))
    return f"{sentence} {money}"


def worth(
    base: Problem, wishes: Sequence[Wish], solution: Solution, changes: Sequence[Change], *, work: float = WORK
) -> list[Worth]:
    """Return what each change is worth, in the order given.

    Parameters
    ----------
    base, wishes
        The problem without wishes, and what is asked of it.
    solution
        A plan for both, from which the search starts.
    work
        Limit of each question, in the solver's deterministic measure.

    Raises
    ------
    ValueError
        When a change names a wish that is not there.
    """
    if unknown := {i for c in changes for i in c.without} - {w.id for w in wishes}:
        raise ValueError(f"no wish is called {', '.join(sorted(unknown))}")
    return _Measure(base, wishes, solution, work).all(changes)


def estimated(base: Problem, wishes: Sequence[Wish], solution: Solution, changes: Sequence[Change]) -> list[Worth]:
    """Return what changes that only make a plan easier are worth at least, where the launch itself is not proved.

    The same short search is run from the plan with each change and without any; only what it finds beyond the latter
    counts, so luck of the search is not taken for worth. The true gain may be larger, so none is certain.
    """
    from .generation import generate
    from .goals import launch_value

    def launch(problem: Problem) -> Days:
        found = generate(replace(problem, previous={}, previous_modes={}), ESTIMATE_ROUNDS, hint=solution.plan)
        return launch_value(problem, solution.plan if found is None else found)

    now, result = launch(applied(base, wishes)), []
    for change in changes:
        if not change.harder:
            kept = [w for w in wishes if w.id not in change.without]
            days = max(0, now - launch(applied(base, [*kept, *change.adds])))
            most = now if days else 0
            result.append(Worth(change.id, change.say, days, days_between=(days, most)))
    return result


@dataclass(frozen=True)
class _Level:
    """What a problem's best plan reaches of each stage, and what no plan could be below, given the stages before."""

    value: tuple[int, ...]
    bound: tuple[int, ...]


class _NotFound(Exception):
    """No plan was found; ``possible`` is False when there is none, None when that was not decided."""

    def __init__(self, possible: bool | None):
        self.possible = possible


class _Measure:
    """Measures changes against one plan."""

    def __init__(self, base: Problem, wishes: Sequence[Wish], solution: Solution, work: float):
        self.base, self.wishes, self.work, self.left = base, wishes, work, ALL_WORK
        problem = self._problem(())
        names = {job.id: [m.id for m in job.modes] for job in problem.jobs}
        self.plan = {j: (placed.start, names[j][placed.mode]) for j, placed in solution.plan.items()}
        self.now, self.floor = self._level(problem), 0

    def all(self, changes: Sequence[Change]) -> list[Worth]:
        """Return what each change is worth; delays are measured first, since they are few."""
        easier = [c for c in changes if not c.harder]
        if self.now.value == self.now.bound:
            idle = {c.id for c in self._idle(easier)}
        else:  # what cannot be proved without the changes cannot be proved with them
            idle, self.floor = set(), self._earliest(easier)
        found = {
            c.id: Worth(c.id, c.say) if c.id in idle else self._worth(c) for c in sorted(changes, key=_delays_first)
        }
        return [found[c.id] for c in changes]

    def _earliest(self, changes: Sequence[Change]) -> int:
        """Return the day before which nothing launches even if all that the changes touch were given up."""
        from .model import Model, lowest

        touched = {i for c in changes for i in c.without}
        kept = [w for w in self.wishes if w.id not in touched]
        problem = replace(applied(self.base, kept), previous={}, previous_modes={})
        model = Model(problem)
        if isinstance(model.goals["launch"], int):
            return lowest(problem)["launch"]
        model.model.minimize(model.goals["launch"])
        solver, status = self._run(model)
        known = status in (model.cp.OPTIMAL, model.cp.FEASIBLE)
        return ceil(solver.best_objective_bound - 1e-6) if known else lowest(problem)["launch"]

    def _problem(self, changes: Sequence[Change]) -> Problem:
        """Return the problem under some changes; a wish that several of them replace is given up altogether."""
        touched = [i for c in changes for i in c.without]
        adds = [w for c in changes if not any(touched.count(i) > 1 for i in c.without) for w in c.adds]
        kept = [w for w in self.wishes if w.id not in touched]
        return replace(applied(self.base, [*kept, *adds]), previous={}, previous_modes={})

    def _idle(self, changes: Sequence[Change]) -> list[Change]:
        """Return the changes that are proved to change nothing: all together, else those of each half."""
        if not changes:
            return []
        if self._no_gain(self._problem(changes)):
            return list(changes)
        half = len(changes) // 2
        return [*self._idle(changes[:half]), *self._idle(changes[half:])] if half else []

    def _no_gain(self, problem: Problem) -> bool:
        """Return whether it is proved that no plan reaches more of any stage without less of those before it."""
        from .model import Model, lowest

        floor = lowest(problem)
        for n, goal in enumerate(STAGES):
            if self.now.value[n] > floor[goal]:
                model = Model(problem)
                for held, value in zip(STAGES[:n], self.now.value, strict=False):
                    model.at_most(held, value)
                model.at_most(goal, self.now.value[n] - 1)
                if isinstance(model.goals[goal], int):
                    continue
                if self._run(model)[1] != model.cp.INFEASIBLE:
                    return False
        return True

    def _run(self, model: Model) -> tuple[Any, Any]:
        from .solver import Limit

        limit = Limit(max(0.001, min(self.work, self.left)))
        before = limit.left
        solved = limit.run(model, 1.0)
        self.left -= before - limit.left
        return solved

    def _start(self, problem: Problem) -> Plan | None:
        """Return the plan at hand by the problem's own modes; None where it breaks one of the problem's rules."""
        names = {job.id: [m.id for m in job.modes] for job in problem.jobs}
        if any(mode not in names[j] for j, (_, mode) in self.plan.items()):
            return None
        plan = {j: Placed(start, names[j].index(mode)) for j, (start, mode) in self.plan.items()}
        return None if check(problem, plan) else plan

    def _level(self, problem: Problem) -> _Level:
        """Return what the best plan reaches.

        Raises
        ------
        _NotFound
            When there is none, or none was found.
        """
        from .generation import generate
        from .goals import goal_values
        from .model import Model, lowest

        model, plan, floor = Model(problem), self._start(problem), lowest(problem)
        if plan is None:
            plan = generate(problem, ROUNDS)
        values, bounds = [], []
        for goal in STAGES:
            now = goal_values(problem, plan)[goal] if plan else None
            still = now is not None and (now <= floor[goal] or isinstance(model.goals[goal], int))
            plan, bound = (plan, now) if plan and still else self._better(model, goal, plan, floor[goal])
            value = goal_values(problem, plan)[goal]
            model.at_most(goal, value)
            values.append(value)
            bounds.append(value if bound is None else min(bound, value))
        return _Level(tuple(values), tuple(bounds))

    def _better(self, model: Model, goal: str, plan: Plan | None, floor: int) -> tuple[Plan, int | None]:
        """Return the best plan by one goal, those before it held, and its bound."""
        if plan:
            model.hint(plan)
        model.model.minimize(model.goals[goal])
        solver, status = self._run(model)
        if status in (model.cp.OPTIMAL, model.cp.FEASIBLE):
            return model.read(solver), max(floor, ceil(solver.best_objective_bound - 1e-6))
        if plan is None:
            raise _NotFound(False if status in (model.cp.INFEASIBLE, model.cp.MODEL_INVALID) else None)
        return plan, floor

    def _worth(self, change: Change) -> Worth:
        """Return what one change is worth, measured."""
        if self.left <= 0 and not change.harder:
            most = self.now.value[1] - self.floor
            return Worth(change.id, change.say, days_between=(0, most), money_between=(0, self.now.value[3]))
        try:
            then = self._level(self._problem([change]))
        except _NotFound as error:
            return Worth(change.id, change.say, possible=error.possible)
        gates, days, gaps, money = (was - now for was, now in zip(self.now.value, then.value, strict=True))
        between = [self._between(then, n, change.harder) for n in range(len(STAGES))]
        return Worth(change.id, change.say, days, money, between[1], between[3], gates, gaps)

    def _between(self, then: _Level, stage: int, harder: bool) -> tuple[int, int]:
        """Return the least and the most that a stage can have gained.

        While the stages before it stay as they were, a change that makes a plan easier takes nothing away.
        """
        now = self.now
        bound = max(then.bound[stage], self.floor) if stage == 1 and not harder else then.bound[stage]
        low, high = now.bound[stage] - then.value[stage], now.value[stage] - bound
        if now.value[:stage] != then.value[:stage]:
            return low, high
        return (min(low, 0), min(high, 0)) if harder else (max(low, 0), max(high, 0))


def _delays_first(change: Change) -> bool:
    return not change.harder
