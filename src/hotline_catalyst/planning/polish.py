"""Takes back what a plan pays for quicker ways where that buys nothing: each job is tried in its cheaper ways."""

from __future__ import annotations

from dataclasses import replace

from .generation import Member, Search
from .goals import key_of
from .problem import Plan, Problem

PASSES = 3


def polished(problem: Problem, plan: Plan) -> Plan:
    """Return a plan as good or better by the goals in their order, with fewer dear ways.

    The dearest choices are tried first; a change stays only where no goal before it gets worse.
    """
    if not any(len({mode.cost for mode in job.modes}) > 1 for job in problem.jobs if not job.begun):
        return plan
    search = Search(problem)
    best = search.member(search.after_plan(plan, kept=False))
    for _ in range(PASSES):
        better = _pass(search, problem, best)
        if better.key >= best.key:
            break
        best = better
    found = search.decoder.plan(best.draft)
    return found if best.key[0] == 0 and key_of(problem, found) < key_of(problem, plan) else plan


def settled(problem: Problem, plan: Plan) -> Plan:
    """Return the plan with every job as early as the others let it be; as it is where a previous plan holds jobs."""
    if problem.previous:
        return plan
    search, best = Search(problem), plan
    for _ in range(PASSES):
        draft = search.decoder.decode(search.after_plan(best, kept=False))
        found = search.decoder.plan(draft)
        if draft.wrong or key_of(problem, found) >= key_of(problem, best):
            break
        best = found
    return best


def _pass(search: Search, problem: Problem, best: Member) -> Member:
    """Try every job that is not in its cheapest way in each cheaper one, and keep what helps."""
    for n in _dearest_first(problem, best):
        cost = problem.jobs[n].modes[best.draft.way[n].mode].cost
        for mode, cheaper in sorted(enumerate(problem.jobs[n].modes), key=lambda m: m[1].cost):
            if cheaper.cost >= cost:
                break
            modes = tuple(mode if j == n else best.draft.way[j].mode if j in best.draft.way else m
                          for j, m in enumerate(best.recipe.modes))  # fmt: skip
            order = tuple(sorted(best.recipe.order, key=lambda j: best.draft.start.get(j, 0)))
            tried = search.member(replace(best.recipe, modes=modes, order=order))
            if tried.key < best.key:
                best = tried
                break
    return best


def _dearest_first(problem: Problem, member: Member) -> list[int]:
    extra = {}
    for n, job in enumerate(problem.jobs):
        if n in member.draft.way and not job.begun:
            paid = job.modes[member.draft.way[n].mode].cost - min(m.cost for m in job.modes)
            if paid > 0:
                extra[n] = paid
    return sorted(extra, key=lambda n: (-extra[n], n))
