"""What a plan reached of each goal: plain arithmetic, shared by everybody who compares plans."""

from __future__ import annotations

from .problem import Job, Plan, Problem, launch_of


def goal_values(problem: Problem, plan: Plan) -> dict[str, int]:
    """Return the value of every goal, in the order of ``problem.GOALS``; less is better.

    ``gates`` and ``gaps`` are weights of unmet needs, ``left out`` of jobs not done, ``launch`` a day (the horizon when
    nothing launches; with a previous plan, no less than its launch), ``over budget`` and ``extra cost`` money,
    ``stability`` and ``early`` days.
    """
    unmet = {True: 0, False: 0}
    for need in problem.needs:
        if not any(job in plan for job in need.served_by):
            unmet[need.gate] += need.weight
    return {
        "gates": unmet[True],
        "launch": launch_value(problem, plan),
        "gaps": unmet[False],
        "over budget": sum(max(0, spent - released(problem, p)) for p, spent in committed(problem, plan).items()),
        "left out": sum(job.weight for job in problem.jobs if job.id not in plan),
        "extra cost": max(promised_extra(problem), extra_cost(problem, plan)),
        "stability": stability_value(problem, plan),
        "early": sum(
            job.weight
            * (plan[job.id].start + job.modes[plan[job.id].mode].length if job.id in plan else problem.horizon)
            for job in problem.jobs
        ),
    }


def committed(problem: Problem, plan: Plan) -> dict[str, int]:
    """Return what a plan commits in all from each purse that has releases."""
    spent = {purse: 0 for purse, releases in problem.purses.items() if releases}
    for job in problem.jobs:
        if job.id in plan and job.purse in spent:
            spent[job.purse] += job.modes[plan[job.id].mode].cost
    return spent


def released(problem: Problem, purse: str) -> int:
    """Return the sum of all releases of a purse."""
    return sum(release.amount for release in problem.purses[purse])


def launch_value(problem: Problem, plan: Plan) -> int:
    """Return the launch day, or the previous plan's when that is later; 0 when the problem has no launch."""
    if problem.launch is None:
        return 0
    day = launch_of(problem, plan)
    if day is None:
        return problem.horizon
    return max(day, problem.previous.get(problem.launch, day))


def extra_cost(problem: Problem, plan: Plan) -> int:
    """Return what the chosen modes cost above each job's cheapest."""
    placed = [(job, plan[job.id].mode) for job in problem.jobs if job.id in plan]
    return sum(job.modes[mode].cost - cheapest(job) for job, mode in placed)


def cheapest(job: Job) -> int:
    """Return what a job costs at least."""
    return min(mode.cost for mode in job.modes)


def promised_extra(problem: Problem) -> int:
    """Return what the previous plan's modes cost above the cheapest: less is nobody's gain if jobs move for it."""
    return sum(
        mode.cost - cheapest(job)
        for job in problem.jobs
        for mode in job.modes
        if mode.id == problem.previous_modes.get(job.id)
    )


def stability_value(problem: Problem, plan: Plan) -> int:
    """Return how far jobs of the previous plan moved: days, and a whole horizon for each new day or new mode."""
    jobs = {job.id: job for job in problem.jobs if not job.begun and job.id in plan}
    apart = [abs(plan[j].start - day) for j, day in problem.previous.items() if j in jobs]
    modes = ((jobs[j].modes[plan[j].mode].id, was) for j, was in problem.previous_modes.items() if j in jobs)
    changed = sum(now != was for now, was in modes)
    return sum(days + problem.horizon for days in apart if days) + problem.horizon * changed


def key_of(problem: Problem, plan: Plan) -> tuple[int, ...]:
    """Return a plan's goals as a tuple that sorts better plans first."""
    return tuple(goal_values(problem, plan).values())
