"""A second model of the scheduling problem, for tests: one yes-or-no for each job, mode and day, linear rules alone.

It shares no line with the product's solver (which thinks in intervals), is slow and easy to check by eye.
"""

from __future__ import annotations

from ortools.sat.python import cp_model

from hotline_catalyst.planning.problem import Job, Mode, Problem


def allowed(problem: Problem, job: Job, mode: Mode) -> list[int]:
    """Return the days on which a job may start in a mode by its own rules."""
    if job.begun:
        return [job.fixed or 0]
    days = range(job.earliest, problem.horizon - mode.length + 1) if job.fixed is None else [job.fixed]
    end_by = problem.horizon if job.latest_end is None else min(problem.horizon, job.latest_end)
    return [
        s for s in days
        if s >= job.earliest and s + mode.length <= end_by
        and not (job.id == problem.launch and problem.launch_by is not None and s > problem.launch_by)
        and not any(first <= day < last for day in range(s, s + mode.length) for first, last in job.closed)
    ]  # fmt: skip


class OwnModel:
    """The whole problem under its hard rules; ``least`` minimises one sum, ``holds`` asks for any plan at all."""

    def __init__(self, problem: Problem):
        self.problem, self.m = problem, cp_model.CpModel()
        self.x = {
            (job.id, n, s): self.m.new_bool_var(f"{job.id}/{n}/{s}")
            for job in problem.jobs for n, mode in enumerate(job.modes) for s in allowed(problem, job, mode)
        }  # fmt: skip
        self.of = {job.id: [(n, s, v) for (j, n, s), v in self.x.items() if j == job.id] for job in problem.jobs}
        self.job = {job.id: job for job in problem.jobs}
        self.placed = {j: sum(v for _, _, v in of) for j, of in self.of.items()}
        self.start = {j: sum(s * v for _, s, v in of) for j, of in self.of.items()}
        self.end = {j: sum((s + self.job[j].modes[n].length) * v for n, s, v in of) for j, of in self.of.items()}
        for job in problem.jobs:
            self._links(job)
        for resource in problem.capacity:
            self._capacity(resource)
        self._money()

    def _links(self, job: Job) -> None:
        if job.optional:
            self.m.add(self.placed[job.id] <= 1)
        else:
            self.m.add(self.placed[job.id] == 1)
        if job.begun:
            return
        far = 10 * self.problem.horizon
        for before, lag in (*job.after.items(), *job.behind.items()):
            if before in job.after:
                self.m.add(self.placed[job.id] <= self.placed[before])
            missing = (1 - self.placed[job.id]) + (1 - self.placed[before])
            self.m.add(self.start[job.id] >= self.end[before] + lag - far * missing)

    def _capacity(self, resource: str) -> None:
        for day, has in enumerate(self.problem.units(resource)):

            def uses(begun: bool, day: int = day) -> object:
                return sum(
                    self.job[j].modes[n].units.get(resource, 0) * v for (j, n, s), v in self.x.items()
                    if self.job[j].begun == begun and s <= day < s + self.job[j].modes[n].length
                )  # fmt: skip

            taken = sum(
                job.modes[0].units.get(resource, 0) for job in self.problem.jobs
                if job.begun and (job.fixed or 0) <= day < (job.fixed or 0) + job.modes[0].length
            )  # fmt: skip
            self.m.add(uses(False) <= max(0, int(has) - taken))

    def _spent(self, purse: str, before: int) -> object:
        return sum(
            self.job[j].modes[n].cost * v
            for (j, n, s), v in self.x.items()
            if self.job[j].purse == purse and s < before
        )

    def _money(self) -> None:
        self.over = 0
        for purse, releases in self.problem.purses.items():
            for release in releases:
                had = sum(r.amount for r in releases if r.day < release.day)
                self.m.add(self._spent(purse, release.day) <= had)
            if releases:
                over = self.m.new_int_var(0, 10**9, f"over {purse}")
                self.m.add(over >= self._spent(purse, self.problem.horizon + 1) - sum(r.amount for r in releases))
                self.over = self.over + over
        if self.problem.ceiling:
            self.m.add(self.over <= 0)

    def solve(self) -> cp_model.CpSolver | None:
        """Return a solver with a best plan; None when there is none. Anything undecided fails the test."""
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        status = solver.solve(self.m)
        assert status in (cp_model.OPTIMAL, cp_model.INFEASIBLE), solver.status_name(status)
        return solver if status == cp_model.OPTIMAL else None


def holds(problem: Problem, work: float = 0) -> bool:
    """Return whether any plan keeps every hard rule."""
    return OwnModel(problem).solve() is not None


def least(problem: Problem, goal: str) -> int | None:
    """Return the least launch day or money over budget; None when there is no plan."""
    own = OwnModel(problem)
    if goal == "launch":
        assert problem.launch is not None
        own.m.minimize(own.start[problem.launch] + problem.horizon * (1 - own.placed[problem.launch]))
    else:
        own.m.minimize(own.over)
    solver = own.solve()
    return None if solver is None else round(solver.objective_value)
