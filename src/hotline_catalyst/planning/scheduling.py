"""From tasks and wishes to a roadmap: the problem is solved, checked, simulated and explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from ..errors import NoPlanError
from . import reasons
from .asked import Asked, day_index
from .jobs import ROLE, bridged, problem_of, reviewed
from .outcome import lengths_of, roadmap_of
from .plan_check import Words, check
from .problem import Placed, Problem, Solution
from .roadmap import DAYS_A_WEEK, PARTS, SEED, Roadmap, Worth
from .ways_out import Words as Saying
from .wishes import Limit, applied

if TYPE_CHECKING:
    from .risk import Risk

DAYS_A_MONTH = 21  # working days


def base_problem(asked: Asked) -> Problem:
    """Return the problem without any wish.

    Raises
    ------
    NoPlanError
        When an activity needs a role that has no time in every one of its ways.
    """
    after = bridged(asked.tasks, asked.links)
    behind = reviewed(after, asked.review_after)
    purse_of = {t.payer: asked.purse_of.get(t.payer, "") for t in asked.tasks}
    return problem_of(
        asked.tasks, after, behind, asked.has, asked.horizon, asked.launch, asked.need_weight, purse_of, asked.progress
    )


def plan_roadmap(asked: Asked, *, worths: bool = True) -> Roadmap:
    """Schedule the tasks under the wishes and say of every date how sure it is and what binds it.

    ``worths`` asks for what more people, money or time would be worth, which takes as long again.

    Raises
    ------
    NoPlanError
        When the wishes cannot hold together; the text names the smallest set of them that cannot, and the ways out.
    """
    from .risk import simulate
    from .solver import NoPlan, solve

    base = base_problem(asked)
    problem = applied(base, asked.wishes)
    try:
        solution = solve(problem)
    except NoPlan as error:
        raise NoPlanError(_why_not(asked, base) or str(error)) from error
    if broken := check(problem, solution.plan):
        raise AssertionError("the planner broke its own rules: " + "; ".join(b.text for b in broken))
    lengths, today = lengths_of(asked, problem, solution.plan), asked.names.today
    risk = simulate(problem, solution.plan, lengths, asked.overrun, seed=SEED, today=today)
    return roadmap_of(asked, problem, solution, risk, _worth(asked, base, solution, risk) if worths else ())


def _worth(asked: Asked, base: Problem, solution: Solution, risk: Risk) -> tuple[Worth, ...]:
    """Return what the changes are worth that can matter: more people only where somebody waits for them."""
    from .changes import usual
    from .worth import estimated, worth

    if asked.launch not in solution.plan:
        return ()
    why = reasons.binds(applied(base, asked.wishes), solution.plan, asked.names)
    short = {r for ident, bound in why.items() if risk.jobs[ident].critical > 0 for r in bound.by}

    def extra(limit: Limit) -> int:
        return (PARTS // DAYS_A_WEEK if limit.resource.startswith(ROLE) else 1) if limit.resource in short else 0

    changes = usual(base, asked.wishes, _saying(asked, asked.names.words.worth), extra, DAYS_A_MONTH, asked.names.today)
    proved = all(r.value == r.bound for r in solution.reached if r.goal == "launch")
    found = (worth if proved else estimated)(base, asked.wishes, solution, changes)
    return tuple(Worth(w.id, w.say, w.days, w.money, w.certain) for w in found if w.days or w.money)


def _stretching(asked: Asked) -> list[str]:
    """Return the roles whose few days stretch an activity beyond its likely length, the most stretching first."""
    stretch: dict[str, float] = {}
    for task in asked.tasks:
        for role, effort in task.ways[0].effort_days.items():
            if asked.has[role] > 0:
                days = effort * PARTS / asked.has[role]
                stretch[role] = max(stretch.get(role, 0.0), days - task.ways[0].weeks.likely * DAYS_A_WEEK)
    return [asked.names.role(r) for r in sorted(stretch, key=lambda r: -stretch[r]) if stretch[r] > 0][:3]


def _saying(asked: Asked, texts: Mapping[str, str]) -> Saying:
    """Return how wishes and changes are written for the reader."""
    names = asked.names
    titles = {t.id: t.title for t in asked.tasks}
    return Saying(
        texts,
        names.day,
        job=lambda ident: f"{ident} {titles[ident]}",
        money=lambda purse, amount: f"{_grouped(amount)} {asked.prices.currency}",
        units=lambda resource, units: names.words.units[resource.split(":")[0]].format(
            who=names.role(resource), days=f"{units * DAYS_A_WEEK / PARTS:g}", units=units
        ),
    )


def _why_not(asked: Asked, base: Problem) -> str:
    """Say which wishes cannot hold together, as few as there are, and the ways out; "" when none were found."""
    from .conflict import conflict

    texts = asked.names.words.conflict
    found = conflict(base, asked.wishes, _saying(asked, asked.names.words.ways_out))
    if found is None:
        return ""
    if not found.wishes:
        return texts["nothing"].format(roles=", ".join(_stretching(asked)))
    lines = [texts["head"].format(wishes="; ".join(w.say for w in found.wishes))]
    lines += [texts["way" if way.frees_all else "way_not_all"].format(say=way.say) for way in found.ways_out]
    return "\n".join(lines if found.certain else [*lines, texts["uncertain"]])


def judge_edits(
    asked: Asked, roadmap: Roadmap, starts: Mapping[str, date], ways: Mapping[str, str], left_out: Sequence[str]
) -> list[str]:
    """Return, in sentences, every rule that a plan edited by hand would break; none when it can be carried out.

    Parameters
    ----------
    starts, ways
        What was changed, by activity; everything else stays as the roadmap has it. A day that is no working day means
        the next one.
    left_out
        Activities taken out.
    """
    problem = applied(base_problem(asked), asked.wishes)
    tasks = {t.id: t for t in asked.tasks}
    jobs = {j.id: j for j in problem.jobs}
    plan: dict[str, Placed] = {}
    for a in roadmap.activities:
        if a.task.id not in left_out:
            day = day_index(asked.days, starts[a.task.id]) if a.task.id in starts else a.start_day
            way = ways.get(a.task.id, a.way.id)
            modes = [m.id for m in jobs[a.task.id].modes]
            plan[a.task.id] = Placed(day, modes.index(way) if way in modes else len(modes))
    names = asked.names

    def name(ident: str) -> str:
        if ident in tasks:
            return f"{ident} {tasks[ident].title}"
        return names.payers.get(ident, ident) if ident in problem.purses else names.role(ident)

    def amount(about: str, number: int) -> str:
        if about in problem.purses:
            return f"{_grouped(number)} {asked.prices.currency}"
        return f"{number / PARTS:g} people" if about.startswith(ROLE) else _grouped(number)

    words = Words(names.day, name, amount)
    return [b.text for b in check(problem, plan, words=words)]


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", " ")
