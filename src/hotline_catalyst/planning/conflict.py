"""When wishes cannot all hold: the smallest set of them that already cannot, and what would free it.

The set is irreducible: without any one of its members the rest of it can be planned. It is found by QuickXplain, which
halves the wishes instead of trying them one by one.

References
----------
Junker (2004), QuickXplain: preferred explanations and relaxations for over-constrained problems, AAAI.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Any

from .irreducible import irreducible
from .problem import Plan, Problem
from .ways_out import Measure, WayOut, Words, ways_out
from .wishes import Wish, applied

if TYPE_CHECKING:
    from .model import Model

WORK = 0.15  # for each question, in the solver's deterministic measure
ALL_WORK = 0.6  # for all of them; after that only what is settled at once is settled


@dataclass(frozen=True)
class Conflict:
    """Wishes that cannot hold together; empty when the jobs themselves cannot, whatever is asked.

    ``ways_out`` loosen one member each, the easiest first. ``certain`` is false when a question stayed undecided within
    its limit: the wishes still cannot hold together, but perhaps fewer of them cannot either.
    """

    wishes: tuple[Wish, ...]
    ways_out: tuple[WayOut, ...]
    certain: bool


def conflict(base: Problem, wishes: Iterable[Wish], words: Words, *, work: float = WORK) -> Conflict | None:
    """Return why the wishes cannot hold together; None when they can, or when nothing was proved against them.

    Parameters
    ----------
    base
        The problem without wishes.
    words
        What the ways out are said in.
    work
        Limit of each question, in the solver's deterministic measure.
    """
    ordered = sorted(wishes, key=lambda w: w.id)
    questions = Questions(base, ordered, work)
    if questions.hold(questions.soft) is not False:
        return None
    found = questions.core()
    if found is None:
        return Conflict((), (), True)
    rest = [questions.hold([w for w in found if w is not one]) for one in found]
    return Conflict(tuple(found), ways_out(questions, found, words), all(rest))


class Questions:
    """Asks whether sets of wishes hold, each set once, and never what an earlier answer already says."""

    def __init__(self, base: Problem, wishes: Sequence[Wish], work: float):
        if len({w.id for w in wishes}) < len(wishes):
            raise ValueError("two wishes have the same id")
        self.base, self.work = base, work
        self.hard = [w for w in wishes if not w.can_drop]
        self.soft = [w for w in wishes if w.can_drop]
        self.asked, self.left = 0, ALL_WORK
        self._yes: list[frozenset[str]] = []
        self._no: list[frozenset[str]] = []

    def problem(self, wishes: Iterable[Wish]) -> Problem:
        """Return the base problem under these wishes and reality."""
        return applied(self.base, [*self.hard, *wishes])

    def hold(self, wishes: Sequence[Wish]) -> bool | None:
        """Return whether some of the wishes hold together; None when undecided."""
        ids = frozenset(w.id for w in wishes)
        if any(ids <= known for known in self._yes):
            return True
        if any(known <= ids for known in self._no):
            return False
        answer = self.ask(self.problem(wishes))
        if answer is not None:
            (self._yes if answer else self._no).append(ids)
        return answer

    def ask(self, problem: Problem) -> bool | None:
        """Return whether a problem has any plan; None when undecided."""
        from .model import Model

        _, answer = self._run(Model(problem, goals=False))
        return answer

    def least(self, problem: Problem, measure: Measure) -> tuple[int, int, Plan] | None:
        """Return the least of a measure over all plans, as found, its bound, and the plan; None when none was found."""
        from .model import Model

        model = Model(problem, goals=False)
        model.model.minimize(measure(model))
        solver, answer = self._run(model)
        if not answer:
            return None
        return round(solver.objective_value), ceil(solver.best_objective_bound - 1e-6), model.read(solver)

    def _run(self, model: Model) -> tuple[Any, bool | None]:
        from .solver import Limit

        self.asked += 1
        limit = Limit(max(0.001, min(self.work, self.left)))
        before = limit.left
        solver, status = limit.run(model, 1.0)
        self.left -= before - limit.left
        if status in (model.cp.OPTIMAL, model.cp.FEASIBLE):
            return solver, True
        return solver, False if status in (model.cp.INFEASIBLE, model.cp.MODEL_INVALID) else None

    def core(self) -> list[Wish] | None:
        """Return an irreducible set of wishes that cannot hold; None when not even no wish at all can be planned.

        A set that stays undecided counts as one that may hold, so its members are kept: the set returned is always
        proved, its being irreducible only where every question was decided.
        """
        if self.hold([]) is False:
            return None
        return sorted(irreducible(self.soft, self.hold), key=lambda w: w.id)
