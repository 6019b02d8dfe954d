"""Roadmap and staffing, summed up."""

from __future__ import annotations

from collections.abc import Iterator

from ..planning.roadmap import Scheduled
from ..planning.staffing import Option
from ..results import Results
from . import charts, look
from .report_blocks import Block, Cells, Line, cell, heading, role, table, words

BEFORE_OPENING = ("prepare", "assess", "foundation", "build")


def roadmap(results: Results) -> Iterator[Block]:
    """Show the roadmap as bars and as tables by phase."""
    say, plan, launch = words()["roadmap"], results.roadmap, charts.launch_words(results)
    yield heading("roadmap")
    yield Block("p", say["intro"].format(count=len(plan.activities), start=look.day(plan.start), launch=""))
    groups = charts.phases_of(plan, results.phase_titles)
    early = [phase for phase, _ in groups if phase in BEFORE_OPENING]
    late = [phase for phase, _ in groups if phase not in BEFORE_OPENING]
    for part, phases in enumerate((early, late), start=1):
        if phases:
            yield Block("figure", svg=charts.gantt(results, phases, part), id=f"gantt-{part}")
    yield Block("caption", say["reading"].format(launch=launch))
    yield Block("p", say["table"].format(currency=results.staffing.currency))
    for phase, activities in groups:
        yield Block("h3", results.phase_titles[phase])
        rows = [_activity_row(results, a) for a in activities]
        yield table("roadmap", ("Activity, why here, why then", "From, to", "Owner", "Cost"), rows)


def _activity_row(results: Results, activity: Scheduled) -> Cells:
    task = activity.task
    why = Line(f"{task.why_here} {activity.why_then}", "small")
    cost = Line(f"{look.number(task.cost.low)} to {look.number(task.cost.high)}", "small")
    return (
        cell(f"{task.id} {task.title}", "strong", why),
        cell(f"{look.day(activity.start)} to {look.day(activity.end)}"),
        cell(role(results, task.owner)),
        (Line(look.number(task.cost.likely)), cost) if task.cost.high else cell("0"),
    )


def staffing(results: Results) -> Iterator[Block]:
    """Sum up people, money, the rule that binds, and the choices of hours."""
    say, plan, facts = words()["staffing"], results.staffing, results.facts
    people, targets = plan.people, plan.targets
    yield heading("staffing")
    yield Block(
        "p",
        say["people"].format(
            hours=facts.hours.text[0].upper() + facts.hours.text[1:],
            total=people.total,
            advocates=people.advocates,
            supervisors=people.supervisors,
            support=people.support,
            hires=people.hires_first_year,
        ),
    )
    yield Block("p", say["cost"].format(cost=look.span(plan.annual_cost), currency=plan.currency))
    yield Block("p", say["demand"].format(annual=look.span(results.demand.annual), basis=results.demand.basis))
    yield Block("p", say[_rule(results)], strong="The rule that binds.")
    promise = f"{look.percent(targets.voice_share)} within {targets.voice_within_s:g} seconds"
    service = say["service"].format(
        erlang_a=look.percent(plan.service_level),
        erlang_c=look.percent(plan.service_level_erlang_c),
        seconds=f"{targets.voice_within_s:g}",
        promise=promise,
    )
    yield Block("p", f"{service} {say['caution']}", strong="Service level.")
    yield Block("figure", svg=charts.options_chart(results), id="options")
    yield Block("caption", say["reading"])
    header = ("Hours", "People", "Advocates", "Share of live signals", f"A year's cost, {plan.currency}")
    yield table("options", header, [_option_row(o) for o in plan.options])
    yield Block("p", say["withheld"])


def _rule(results: Results) -> str:
    """Return the rule that sets most open quarter-hours."""
    bound = [str(b) for b in results.staffing.need.bound_by if b != "closed"]
    return max(("minimum cover", "load", "occupancy"), key=lambda rule: bound.count(rule))


def _option_row(option: Option) -> Cells:
    return (
        cell(option.title, "strong", Line(option.sentence, "small")),
        cell(str(option.people)),
        cell(str(option.advocates)),
        cell(look.percent(option.share_served)),
        cell(look.span(option.annual_cost)),
    )
