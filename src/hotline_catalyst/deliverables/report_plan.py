"""The roadmap, summed up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from ..planning.jobs import OWNER, ROLE
from ..planning.roadmap import LeftOut, Purse, Scheduled, Stage, Worth
from ..results import Results
from . import chart_money, charts, gantt, look
from .report_blocks import Block, Cells, Line, cell, heading, lost_gates, money, named, role, sensitive, table, words
from .report_programme import SHOWN_KINDS

MOST_NAMED = 3


def roadmap(results: Results) -> Iterator[Block]:
    """Say when it opens and how sure that is, what it needs, what binds it, what is left out; then every activity."""
    yield heading("roadmap")
    yield from _opening(results)
    yield from _sure(results)
    yield from _money(results)
    yield from _binds(results)
    yield from _worth(results)
    yield from _bars(results)
    yield from _left_out(results)
    yield from _verify(results)
    yield from _activities(results)


# --- the opening -------------------------------------------------------------------------------------------------


def _opening(results: Results) -> Iterator[Block]:
    say, plan = words()["roadmap"], results.roadmap
    states = Counter(a.state for a in plan.activities)
    begun = say["begun"].format(done=states["done"], running=states["running"])
    intro = say["intro"].format(count=len(plan.activities), start=look.day(plan.start))
    yield Block("p", f"{intro} {begun}" if states["done"] + states["running"] else intro)
    dates = charts.launch_words(results)
    said = say["launch"].format(dates=dates) if plan.launch else dates
    yield Block("p", f"{said} {_gates(results)}", strong=f"{charts.launch_name(results)}.")
    yield Block("p", _assumes(results), strong=say["assumes"])
    yield Block("p", plan.status, strong=say["solved"])
    if plan.stages:
        yield Block("h3", say["stages"])
        yield Block("p", say["stages_intro"])
        rows = [_stage(results, s) for s in plan.stages]
        yield table("sensitivity", ("Step, hours, channels", "When", "Gates still closed"), rows)


def _gates(results: Results) -> str:
    say, (gates, unmet) = words()["roadmap"], charts.unmet_gates(results)
    text = say["gates_open"] if unmet else say["gates_met"]
    said = str(text.format(closed=len(unmet), all=len(gates), ids=", ".join(unmet)))
    return f"{said} {lost_gates(results)}".strip()


def _assumes(results: Results) -> str:
    say, plan = words()["roadmap"], results.roadmap
    unsure, left = len(_unsure(results)), len(plan.left_out)
    text = say["assumes_text"].format(
        guessed=sum(a.assumed and a.id.startswith("roadmap.") for a in results.assumptions),
        unsure=say["assumes_unsure"].format(count=unsure) if unsure else "",
        left_out=say["assumes_left_out"].format(count=left) if left else "",
    )
    return " ".join(text.split())


def _stage(results: Results, stage: Stage) -> Cells:
    say, titles = words()["roadmap"], results.instrument.meta.channels
    channels = ", ".join(titles[c].lower() if c in titles else c for c in stage.channels)
    why = [Line(stage.reason, "small")] if stage.reason else []
    return (
        cell(stage.title, "strong", Line(say["hours"].format(hours=stage.hours, channels=channels)), *why),
        cell(
            _capital(say["most"].format(day=look.day(stage.p80))),
            "strong",
            Line(say["planned"].format(day=look.day(stage.planned))),
            Line(say["half"].format(day=look.day(stage.p50)), "small"),
        ),
        cell(f"{len(stage.unmet_gates)}: {', '.join(stage.unmet_gates)}" if stage.unmet_gates else say["none_closed"]),
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _sure(results: Results) -> Iterator[Block]:
    say, plan = words()["roadmap"], results.roadmap
    yield Block("h3", say["sure"])
    titles = {a.task.id: a.task.title for a in plan.activities}
    drivers = [(i, days) for i, days in plan.drivers if i in titles and days > 0]
    yield Block("p", f"{say['sure_text']} {plan.policy} {say['drivers'] if drivers else ''}".strip())
    if drivers:
        yield Block("bullets", items=tuple(say["driver"].format(id=i, title=titles[i], days=n) for i, n in drivers))


# --- money -------------------------------------------------------------------------------------------------------


def _money(results: Results) -> Iterator[Block]:
    say, plan = words()["roadmap"], results.roadmap
    prices = plan.prices
    yield Block("h3", say["money"])
    cost = say["cost"].format(
        cost=money(results, plan.cost),
        month=f"{plan.start:%B %Y}",
        nominal=money(results, prices.nominal),
        inflation=look.percent(prices.inflation),
        rate=f"{prices.per_usd:,.6g}".replace(",", " "),
        currency=prices.currency,
        year=prices.rate_year,
        origin=prices.rate_origin.rstrip("."),
    )
    yield Block("p", f"{cost} {' '.join(_over(results))}")
    if any(p.curve for p in plan.purses):
        wide, phone = chart_money.budget_chart(results), chart_money.budget_chart(results, phone=True)
        yield Block("figure", svg=wide, id="budget")
        yield Block("phone", svg=phone, id="budget-phone")
        header = (say["pays"].format(currency=prices.currency), say["released"], say["committed"])
        yield table("sensitivity", header, [_purse(results, p) for p in plan.purses if p.curve])


def _over(results: Results) -> Iterator[str]:
    say, plan = words()["roadmap"], results.roadmap
    limited = [p for p in plan.purses if p.over is not None]
    if not limited:
        yield say["no_budget"]
    elif not any(p.over for p in limited):
        yield say["within"]
    for purse in limited:
        if purse.over:
            amount = look.number(purse.over)
            yield say["over"].format(payer=chart_money.payer(purse), amount=amount, currency=plan.prices.currency)


def _purse(results: Results, purse: Purse) -> Cells:
    say = words()["roadmap"]
    ends = _year_ends(purse)
    limited = purse.over is not None
    short = [Line(say["short"].format(amount=look.number(purse.over)), "not met")] if purse.over else []
    by_end = say["by_end"].format
    released = [Line(by_end(year=d.year, amount=look.number(r))) for d, r, _ in ends]
    committed = [Line(by_end(year=d.year, amount=look.number(c))) for d, _, c in ends]
    return (
        cell(chart_money.payer(purse), "strong", *short),
        tuple(released) if limited else cell(say["unlimited"]),
        tuple(committed),
    )


def _year_ends(purse: Purse) -> list[tuple[date, float, float]]:
    """Return the last point of each year of a purse's curve."""
    last = {point.day.year: point for point in purse.curve}
    return [(p.day, p.released, p.committed) for _, p in sorted(last.items())]


# --- what binds, what a change is worth -------------------------------------------------------------------------


def _binds(results: Results) -> Iterator[Block]:
    say, activities = words()["roadmap"], results.roadmap.activities
    counts = Counter(a.bound for a in activities)
    if not activities:
        return
    yield Block("h3", say["binds"])
    items = [
        say["bind"].format(
            title=_capital(say["binds_titles"][bound]),
            count=count,
            all=len(activities),
            share=look.percent(count / len(activities)),
            names=_busiest(results, bound),
        )
        for bound, count in sorted(counts.items(), key=lambda c: (-c[1], c[0]))
    ]
    yield Block("bullets", items=tuple(items))


def _busiest(results: Results, bound: str) -> str:
    """Name the roles or payers that bind most often, where people, owners or money bind."""
    if bound not in ("people", "owner", "money"):
        return ""
    by = Counter(b for a in results.roadmap.activities if a.bound == bound for b in a.bound_by)
    most = sorted(by.items(), key=lambda c: (-c[1], c[0]))[:MOST_NAMED]
    names = [f"{role(results, b.removeprefix(ROLE).removeprefix(OWNER))} {n}" for b, n in most]
    return f": {', '.join(names)}" if names else ""


def _worth(results: Results) -> Iterator[Block]:
    say, worths = words()["roadmap"], results.roadmap.worth
    if worths:
        yield Block("h3", say["worth"])
        yield Block("p", say["worth_intro"])
        yield Block("bullets", items=tuple(_one_worth(results, w) for w in worths))


def _one_worth(results: Results, worth: Worth) -> str:
    say = words()["roadmap"]
    moves = "worth_earlier" if worth.days > 0 else "worth_later" if worth.days < 0 else "worth_same"
    parts = [say[moves].format(change=worth.say.rstrip("."), days=abs(worth.days))]
    if worth.money:
        text = say["worth_saves"] if worth.money > 0 else say["worth_costs"]
        parts.append(text.format(amount=look.number(abs(worth.money)), currency=results.roadmap.prices.currency))
    return " ".join([*parts, *([] if worth.certain else [say["worth_open"]])])


# --- activities --------------------------------------------------------------------------------------------------


def _bars(results: Results) -> Iterator[Block]:
    say = words()["roadmap"]
    yield Block("h3", say["bars"])
    for name, wide, phone in gantt.figures(results):
        yield Block("figure", svg=wide, id=name)
        yield Block("phone", svg=phone, id=f"{name}-phone")
    yield Block("caption", say["reading"].format(launch=charts.launch_words(results)))


def _left_out(results: Results) -> Iterator[Block]:
    say, left = words()["roadmap"], results.roadmap.left_out
    if left:
        yield Block("h3", say["left_out"])
        yield Block("p", say["left_out_intro"])
        rows = [_one_left_out(results, x) for x in left]
        yield table("sensitivity", ("Activity", "Why", "Findings that stay open"), rows)


def _one_left_out(results: Results, left: LeftOut) -> Cells:
    shown = {f.id for f in results.findings if f.kind in SHOWN_KINDS}
    open_ = ", ".join(f.removeprefix("F-") for f in left.open_findings if f in shown)
    return cell(f"{left.id} {left.title}", "strong"), cell(left.why), cell(open_ or words()["roadmap"]["nothing_open"])


def _unsure(results: Results) -> list[Scheduled]:
    return [a for a in results.roadmap.activities if a.task.standing == "verify first" and a.state == "planned"]


def _verify(results: Results) -> Iterator[Block]:
    say, unsure = words()["roadmap"], _unsure(results)
    if unsure:
        yield Block("h3", say["verify"])
        yield Block("p", say["verify_intro"])
        rows = [
            (
                cell(f"{a.task.id} {a.task.title}", "strong"),
                cell(_asked_for(results, a)),
                tuple(Line(named(results, i)) for i in a.task.verify if i in results.instrument.items) or cell("–"),
            )
            for a in unsure
        ]
        yield table("gates", ("Activity", "How sure", "Settle first"), rows)


def _asked_for(results: Results, a: Scheduled) -> str:
    """Say how many readings ask for an activity; nothing where that would show a level this edition withholds."""
    say = words()["roadmap"]
    if any(sensitive(results, item) for item in a.task.verify):
        return str(say["asked_hidden"])
    return str(say["asked_gate" if a.task.gates else "asked_for"].format(share=look.percent(a.task.share)))


def _activities(results: Results) -> Iterator[Block]:
    say = words()["roadmap"]
    yield Block("p", say["table"].format(currency=results.roadmap.prices.currency))
    for phase, activities in charts.phases_of(results.roadmap, results.phase_titles):
        yield Block("h3", results.phase_titles[phase])
        yield table("roadmap", HEADER, _rows(results, activities))


HEADER = ("Activity, why here, why then", "From, to", "Owner, way, payer", "Cost")


def _rows(results: Results, activities: Sequence[Scheduled]) -> list[Cells]:
    return [_activity_row(results, a) for a in activities]


def _activity_row(results: Results, activity: Scheduled) -> Cells:
    task, say = activity.task, words()["roadmap"]
    moved = [Line(activity.moved.why, "small")] if activity.moved else []
    cost = Line(f"{look.number(activity.way.cost.low)} to {look.number(activity.way.cost.high)}", "small")
    way = say["pays_for"].format(way=activity.way.title, payer=task.payer.replace("_", " "))
    return (
        cell(f"{task.id} {task.title}", "strong", Line(f"{task.why_here} {activity.why_then}", "small"), *moved),
        cell(f"{look.day(activity.start)} to {look.day(activity.end)}", "", _state(activity)),
        cell(role(results, task.owner), "", Line(way, "small")),
        (Line(look.number(activity.way.cost.likely)), cost) if activity.way.cost.high else cell("0"),
    )


def _state(activity: Scheduled) -> Line:
    """Say that it is done or runs, or the day by which four in five simulated plans have it."""
    say = words()["roadmap"]
    if activity.state == "done":
        return Line(say["is_done"], "met")
    most = say["most"].format(day=look.day(activity.p80))
    return Line(f"{say['is_running']}; {most}" if activity.state == "running" else most, "small")
