"""The page a minister reads in two minutes, and how to read the rest."""

from __future__ import annotations

from collections.abc import Iterator

from ..assessment.findings import Raised
from ..results import Results
from . import chart_readiness, charts, look
from .report_blocks import (
    Block,
    Cells,
    Line,
    activity,
    cell,
    dates,
    heading,
    lost_gates,
    money,
    named,
    role,
    table,
    words,
)
from .report_staffing import heads_words

CRITICAL = 0.5
FIRST = 3


def summary(results: Results) -> Iterator[Block]:
    """Say whether it may open, what comes first, what it costs, and what is not known."""
    say = words()["summary"]
    yield heading("summary")
    yield Block("p", _may_open(results), strong=say["may"])
    yield table("opens", ("What waits for its gates", "Now", "Gates"), _opens(results))
    yield Block("h3", say["moves"])
    yield table("moves", ("What", "By whom", "When"), [_move(results, r) for r in results.raised[:FIRST]])
    yield Block("h3", say["plan"])
    yield table("facts", ("What", "Plan"), _key_facts(results))
    yield Block("h3", say["unknown"])
    yield Block("bullets", items=tuple(_unknowns(results)))


def _may_open(results: Results) -> str:
    say = words()["summary"]
    kind, gates = chart_readiness.gate_groups(results)[0]
    counts = chart_readiness.counts_words(results.gate_counts(kind))
    ready = all(g.verdict == "met" for g in gates)
    if results.facts.stage == "existing":
        return f"{say['open_already'].format(all=len(gates), counts=counts)} {words()['read']['existing']}"
    return str(say["ready" if ready else "closed"].format(all=len(gates), counts=counts))


def _opens(results: Results) -> Iterator[Cells]:
    closed = words()["summary"]["settle" if results.facts.stage == "existing" else "stays_closed"]
    for kind, gates in chart_readiness.gate_groups(results):
        counts = results.gate_counts(kind)
        ready = counts["met"] == len(gates)
        verdict = Line("✓ may open", "met") if ready else Line(closed, "strong")
        yield cell(results.instrument.gates_file.kinds[kind]), (verdict,), cell(chart_readiness.counts_words(counts))


def _move(results: Results, raised: Raised) -> Cells:
    advice = raised.recommendation
    gates = words()["summary"]["opens"].format(gates=", ".join(raised.gates)) if raised.gates else ""
    first = f"{advice.say.split('. ')[0].rstrip('.')}. {gates}".strip()
    offer = next(o for o in results.offers if o.recommendation == advice.id)
    own = [a for a in results.roadmap.activities if a.task.id in advice.activities]
    who = role(results, min(own, key=lambda a: (a.start, a.task.id)).task.owner) if own else ""
    return cell(advice.title, "strong", Line(first)), cell(who), cell(dates(offer.start, offer.end))


def _key_facts(results: Results) -> Iterator[Cells]:
    roadmap, people, say = results.roadmap, results.staffing.people, words()["summary"]
    if roadmap.launch:
        said = cell(charts.launch_words(results), "", *_unmet(results), *_reasons(results))
        yield cell(charts.launch_name(results), "strong"), said
    if roadmap.activities:
        first = min(roadmap.activities, key=lambda a: (a.start, a.task.id))
        begins = say["begins"].format(
            day=look.day(first.start), what=first.task.title, who=role(results, first.task.owner)
        )
        cost = say["roadmap"].format(cost=money(results, roadmap.cost))
        yield cell("The roadmap", "strong"), cell(f"{begins} {cost}")
    heads = say["people"].format(total=people.total, hours=results.facts.hours.text, advocates=heads_words(people))
    yield cell("People", "strong"), cell(heads)
    yield cell("A year of service", "strong"), cell(money(results, results.staffing.annual_cost))


def _unmet(results: Results) -> Iterator[Line]:
    gates, unmet = charts.unmet_gates(results)
    if unmet:
        text = words()["summary"]["gates_open"]
        yield Line(text.format(closed=len(unmet), all=len(gates), ids=", ".join(unmet)))
    if lost := lost_gates(results):
        yield Line(lost)


def _reasons(results: Results) -> Iterator[Line]:
    launch = results.roadmap.launch
    if launch is None:
        return
    say = words()["summary"]
    waits = [a for a in results.roadmap.activities if a.critical >= CRITICAL and a.task.id != launch.activity]
    if waits:
        longest = sorted(waits, key=lambda a: (-a.critical, a.task.id))[:FIRST]
        titles = "; ".join(f"{a.task.id} {a.task.title}" for a in longest)
        yield Line(say["decides"].format(titles=titles, all=len(waits)), "small")
    else:
        yield Line(f"{activity(results, launch.activity).why_then} {say['no_single']}", "small")


def _unknowns(results: Results) -> Iterator[str]:
    say = words()["summary"]
    verdicts = [g.verdict for g in results.gates]
    unknown = [f for f in results.findings if f.kind == "not known"]
    assumed = [a for a in results.assumptions if a.assumed]
    if verdicts.count("not shown"):
        yield say["not_shown"].format(count=verdicts.count("not shown"), all=len(verdicts))
    if unknown:
        yield say["nobody"].format(count=len(unknown), all=len(results.readiness.items))
    yield from _unsettled(results)
    if results.agenda:
        first = results.agenda[0]
        method = results.instrument.scoring.verify[first.method].title
        yield say["look"].format(what=named(results, first.item), how=method.lower())
    yield say["assumed"].format(count=len(assumed), all=len(results.assumptions))


def _unsettled(results: Results) -> Iterator[str]:
    unsettled, say = [d for d in results.readiness.domains if not d.settled], words()["summary"]
    if len(unsettled) == len(results.readiness.domains):
        yield say["none_settled"].format(all=len(unsettled))
    elif unsettled:
        names = ", ".join(results.domain_title(d.id) for d in unsettled[:5])
        rest = f" and {len(unsettled) - 5} more" if len(unsettled) > 5 else ""
        yield say["not_settled"].format(names=f"{names}{rest}")


def how_to_read(results: Results) -> Iterator[Block]:
    """Explain verdicts, levels, intervals and codes."""
    yield heading("read")
    texts = [text.format(as_of=look.day(results.facts.as_of)) for text in words()["read"]["text"]]
    yield Block("bullets", items=tuple(texts))
    levels = [
        (cell(f"{level.n} {level.name}", "strong"), cell(level.means)) for level in results.instrument.meta.levels
    ]
    yield table("facts", ("Level", "What an assessor would see"), levels)
