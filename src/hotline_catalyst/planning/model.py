"""The problem as a constraint model for CP-SAT: one model, and each goal as an expression over it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .dense import latest_end, residual
from .goals import cheapest, committed, launch_value, promised_extra, released
from .problem import Job, Mode, Placed, Plan, Problem


class Model:
    """A CP-SAT model of a problem.

    Attributes
    ----------
    model
        The ``CpModel`` with every hard rule.
    start
        The start of each job that has not begun; the earliest it could be where the job is left out.
    chosen
        A literal for each mode of a job; none of them is true when the job is left out.
    goals
        An expression for each goal, a whole number where nothing can change it.
    """

    def __init__(self, problem: Problem, goals: bool = True):
        from ortools.sat.python import cp_model

        self.cp: Any = cp_model
        self.problem = problem
        self.model: Any = cp_model.CpModel()
        self.jobs = {job.id: job for job in problem.jobs}
        self.open = [job for job in problem.jobs if not job.begun]
        self.begun = {job.id: Placed(job.fixed or 0) for job in problem.jobs if job.begun}
        self.start: dict[str, Any] = {}
        self.chosen: dict[str, list[Any]] = {}
        self.present: dict[str, Any] = {}
        self.length: dict[str, Any] = {}
        self.aside: dict[str, int] = {}
        self.extras: dict[str, tuple[Any, str]] = {}
        for job in self.open:
            self._place(job)
        for job in self.open:
            self._link(job)
        self._limit_resources()
        self._limit_money()
        self.goals: dict[str, Any] = self._goals() if goals else {}

    def _domain(self, job: Job, mode: Mode) -> Any:
        first, last = max(0, job.earliest), latest_end(self.problem, job, mode) - mode.length
        if job.fixed is not None:
            first, last = max(first, job.fixed), min(last, job.fixed)
        days = self.cp.Domain(first, last) if first <= last else self.cp.Domain.from_values([])
        for begin, end in job.closed:
            if mode.length and begin < end:
                days = days.intersection_with(self.cp.Domain(begin - mode.length + 1, end - 1).complement())
        return days

    def _place(self, job: Job) -> None:
        model, domains = self.model, [self._domain(job, mode) for mode in job.modes]
        whole = self.cp.Domain.from_values([])
        for domain in domains:
            whole = whole.union_with(domain)
        if whole.is_empty():
            whole = self.cp.Domain(0, 0)
        alone = len(job.modes) == 1
        present = model.new_bool_var(f"{job.id} is in") if job.optional else model.new_constant(1)
        chosen = [present] if alone else [model.new_bool_var(f"{job.id} as {mode.id}") for mode in job.modes]
        start = model.new_int_var_from_domain(whole, job.id)
        for literal, domain in zip(chosen, domains, strict=True):
            if domain.is_empty():
                model.add(literal == 0)
            elif not alone:
                model.add_linear_expression_in_domain(start, domain).only_enforce_if(literal)
        if not alone:
            model.add(sum(chosen) == present)
        self.aside[job.id] = whole.min()
        if job.optional:
            model.add(start == whole.min()).only_enforce_if(~present)
        self.start[job.id], self.chosen[job.id], self.present[job.id] = start, chosen, present
        lengths = {mode.length for mode in job.modes}
        self.length[job.id] = (
            lengths.pop() if len(lengths) == 1 else sum(m.length * c for m, c in zip(job.modes, chosen, strict=True))
        )

    def _link(self, job: Job) -> None:
        for links, needed in ((job.after, True), (job.behind, False)):
            for before, lag in links.items():
                if before not in self.jobs:
                    if needed:
                        self.model.add(self.present[job.id] == 0)
                    continue
                self._link_two(job, self.jobs[before], lag, needed)

    def _link_two(self, job: Job, before: Job, lag: int, needed: bool) -> None:
        if before.begun:
            end = (before.fixed or 0) + before.modes[0].length
            link = self.model.add(self.start[job.id] >= end + lag)
        else:
            link = self.model.add(self.start[job.id] >= self.start[before.id] + self.length[before.id] + lag)
            if needed:
                self.model.add_implication(self.present[job.id], self.present[before.id])
        only = [self.present[j.id] for j in (job, before) if j.optional and not j.begun and (j is job or not needed)]
        if only:
            link.only_enforce_if(only)

    def _limit_resources(self) -> None:
        for resource, units in residual(self.problem).items():
            uses = [
                (job, mode, literal)
                for job in self.open
                for mode, literal in zip(job.modes, self.chosen[job.id], strict=True)
                if mode.units.get(resource, 0) > 0 and mode.length
            ]
            if sum(mode.units[resource] for _, mode, _ in uses) > units.min(initial=0):
                self._limit(resource, units, uses)

    def _limit(self, resource: str, units: np.ndarray[Any, Any], uses: list[tuple[Job, Mode, Any]]) -> None:
        model, top = self.model, int(units.max(initial=0))
        bars, needs = [], []
        for job, mode, literal in uses:
            bars.append(self._bar(job, mode, literal))
            needs.append(mode.units[resource])
        edges = np.flatnonzero(np.diff(units)) + 1
        for first, end in zip([0, *edges.tolist()], [*edges.tolist(), len(units)], strict=True):
            if first < end and units[first] < top:
                bars.append(model.new_fixed_size_interval_var(int(first), int(end - first), f"{resource} {first}"))
                needs.append(top - int(units[first]))
        model.add_cumulative(bars, needs, top)

    def _bar(self, job: Job, mode: Mode, literal: Any) -> Any:
        name = f"{job.id} bar {mode.id}"
        known = self.__dict__.setdefault("_bars", {})
        if name not in known:
            if not job.optional and len(job.modes) == 1:
                known[name] = self.model.new_fixed_size_interval_var(self.start[job.id], mode.length, name)
            else:
                known[name] = self.model.new_optional_fixed_size_interval_var(
                    self.start[job.id], mode.length, literal, name
                )
        return known[name]

    def _costs(self, purse: str) -> list[tuple[Job, int, Any]]:
        return [
            (job, mode.cost, literal)
            for job in self.open
            if job.purse == purse
            for mode, literal in zip(job.modes, self.chosen[job.id], strict=True)
            if mode.cost
        ]

    def _limit_money(self) -> None:
        spent = committed(self.problem, self.begun)
        for purse, taken in spent.items():
            costs = self._costs(purse)
            for day in sorted({r.day for r in self.problem.purses[purse]}):
                self._limit_before(purse, day, costs)
            if self.problem.ceiling:
                left = max(0, released(self.problem, purse) - taken)
                self.model.add(sum(cost * literal for _, cost, literal in costs) <= left)

    def _limit_before(self, purse: str, day: int, costs: list[tuple[Job, int, Any]]) -> None:
        begun = [self.jobs[j] for j, placed in self.begun.items() if placed.start < day]
        taken = sum(job.modes[0].cost for job in begun if job.purse == purse)
        left = max(0, sum(r.amount for r in self.problem.purses[purse] if r.day < day) - taken)
        if sum(max(m.cost for m in job.modes) for job in self.open if job.purse == purse) <= left:
            return
        early = []
        for n, (job, cost, literal) in enumerate(costs):
            before = self.model.new_bool_var(f"{job.id} pays before {day} {n}")
            self.model.add(self.start[job.id] >= day).only_enforce_if(literal, ~before)
            self.extras[f"{purse} {day} {n}"] = before, job.id
            early.append(cost * before)
        self.model.add(sum(early) <= left)

    def _goals(self) -> dict[str, Any]:
        return {
            "gates": self._unmet(gate=True),
            "launch": self._launch(),
            "gaps": self._unmet(gate=False),
            "over budget": self._over_budget(),
            "left out": sum(job.weight * (1 - self.present[job.id]) for job in self.open if job.optional),
            "extra cost": self._extra_cost(),
            "stability": self._stability(),
            "early": self._early(),
        }  # fmt: skip

    def _extra_cost(self) -> Any:
        promised = promised_extra(self.problem)
        begun = sum(self.jobs[j].modes[0].cost - cheapest(self.jobs[j]) for j in self.begun)
        terms = [
            (mode.cost - cheapest(job)) * literal
            for job in self.open
            for mode, literal in zip(job.modes, self.chosen[job.id], strict=True)
            if mode.cost > cheapest(job)
        ]
        if not promised:
            return sum(terms) + begun
        most = begun + sum(max(m.cost for m in job.modes) - cheapest(job) for job in self.open)
        extra = self.model.new_int_var(promised, max(promised, most), "extra cost")
        self.model.add(extra >= sum(terms) + begun)
        return extra

    def _unmet(self, gate: bool) -> Any:
        terms: list[Any] = []
        for need in self.problem.needs:
            if need.gate != gate or any(j in self.begun for j in need.served_by):
                continue
            servers = [self.present[j] for j in need.served_by if j in self.present]
            if any(not self.jobs[j].optional for j in need.served_by if j in self.present):
                continue
            missed = self.model.new_bool_var(f"{need.id} unmet")
            self.model.add_bool_or([*servers, missed])
            terms.append(need.weight * missed)
        return sum(terms)

    def _launch(self) -> Any:
        problem, ident = self.problem, self.problem.launch
        if ident is None or ident in self.begun or ident not in self.start:
            return launch_value(problem, self.begun)
        promised = problem.previous.get(ident, 0)
        day = self.model.new_int_var(promised, max(promised, problem.horizon), "launch day")
        self.model.add(day >= self.start[ident]).only_enforce_if(self.present[ident])
        if self.jobs[ident].optional:
            self.model.add(day >= problem.horizon).only_enforce_if(~self.present[ident])
        return day

    def _over_budget(self) -> Any:
        terms: list[Any] = []
        for purse, taken in committed(self.problem, self.begun).items():
            costs, left = self._costs(purse), released(self.problem, purse) - taken
            most = sum(cost for _, cost, _ in costs)
            if most <= left:
                continue
            over = self.model.new_int_var(0, most - min(0, left) + max(0, -left), f"over {purse}")
            self.model.add(over >= sum(cost * literal for _, cost, literal in costs) - left)
            terms.append(over)
        return sum(terms)

    def _stability(self) -> Any:
        terms: list[Any] = []
        horizon = self.problem.horizon
        for ident, day in self.problem.previous.items():
            if ident not in self.start:
                continue
            present, start = self.present[ident], self.start[ident]
            moved = self.model.new_bool_var(f"{ident} moved")
            apart = self.model.new_int_var(0, horizon + abs(day), f"{ident} apart")
            self.model.add(start == day).only_enforce_if(present, ~moved)
            self.model.add(apart >= start - day).only_enforce_if(present)
            self.model.add(apart >= day - start).only_enforce_if(present)
            terms += [horizon * moved, apart]
        for ident, mode in self.problem.previous_modes.items():
            if ident in self.start:
                others = zip(self.jobs[ident].modes, self.chosen[ident], strict=True)
                terms += [horizon * literal for m, literal in others if m.id != mode]
        return sum(terms)

    def _early(self) -> Any:
        terms: list[Any] = []
        horizon = self.problem.horizon
        for job in self.problem.jobs:
            if job.begun:
                terms.append(job.weight * ((job.fixed or 0) + job.modes[0].length))
            elif job.optional:
                away = (horizon - self.aside[job.id]) * (1 - self.present[job.id])
                terms.append(job.weight * (self.start[job.id] + self._worked(job) + away))
            else:
                terms.append(job.weight * (self.start[job.id] + self.length[job.id]))
        return sum(terms)

    def _worked(self, job: Job) -> Any:
        return sum(m.length * c for m, c in zip(job.modes, self.chosen[job.id], strict=True))

    def hint(self, plan: Plan, model: Any = None) -> None:
        """Start the search in this model, or in a copy of it, from a plan."""
        model = self.model if model is None else model
        model.clear_hints()
        for job in self.open:
            placed = plan.get(job.id)
            model.add_hint(self.start[job.id], placed.start if placed else self.aside[job.id])
            if job.optional or len(job.modes) > 1:
                for n, literal in enumerate(self.chosen[job.id]):
                    model.add_hint(literal, placed is not None and placed.mode == n)
            if job.optional and len(job.modes) > 1:
                model.add_hint(self.present[job.id], placed is not None)

    def read(self, solver: Any) -> Plan:
        """Return the plan a solver found."""
        plan: dict[str, Placed] = dict(self.begun)
        for job in self.open:
            mode = next((n for n, c in enumerate(self.chosen[job.id]) if solver.boolean_value(c)), None)
            if mode is not None:
                plan[job.id] = Placed(int(solver.value(self.start[job.id])), mode)
        return {job.id: plan[job.id] for job in self.problem.jobs if job.id in plan}

    def at_most(self, goal: str, value: int) -> None:
        """Keep a goal from getting worse."""
        if not isinstance(self.goals[goal], int):
            self.model.add(self.goals[goal] <= value)


def lowest(problem: Problem) -> Mapping[str, int]:
    """Return what each goal could not be below, known without a search."""
    begun = {job.id: Placed(job.fixed or 0) for job in problem.jobs if job.begun}
    earliest = {job.id: begun[job.id].start if job.begun else max(0, job.earliest) for job in problem.jobs}
    launch = problem.launch
    return {
        "gates": 0,
        "launch": max(earliest.get(launch, problem.horizon), problem.previous.get(launch, 0)) if launch else 0,
        "gaps": 0,
        "over budget": 0,
        "left out": 0,
        "extra cost": promised_extra(problem),
        "stability": 0,
        "early": sum(job.weight * (earliest[job.id] + min(m.length for m in job.modes)) for job in problem.jobs),
    }
