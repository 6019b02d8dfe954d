"""What the report says, block by block: one order of headings, paragraphs, tables and charts for Word, HTML and PDF.

Partner edition: findings about who answered what (blind spots, contested answers, owners who do not know), hourly
numbers and night cover stay out. The sentences around the figures are content (templates/documents/words.yaml).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from ..assessment.findings import Finding
from ..assessment.gates import ConditionResult, GateResult
from ..assessment.readiness import DomainReadiness
from ..library import content_root, read_yaml
from ..planning.demand import Span
from ..planning.roadmap import Scheduled
from ..results import Results
from . import charts, look

SHOWN_KINDS = ("gap", "not known", "gate not met", "gate not shown")
# The number of advocates at any open hour is the night headcount of a small line.
WITHHELD = ("service.minimum_cover",)
IN_PLACE = 3
CRITICAL = 0.5
SOURCE_KEY = re.compile(r"\[([A-Z][A-Za-z0-9]+)\]")
BEFORE_OPENING = ("prepare", "assess", "foundation", "build")


@dataclass(frozen=True)
class Line:
    """One paragraph of a table cell; ``style`` is "", "strong", "small" or a verdict."""

    text: str
    style: str = ""


Cell = tuple[Line, ...]


@dataclass(frozen=True)
class Block:
    """One piece of the report. ``kind`` says which fields count; ``strong`` is a bold beginning."""

    kind: str
    text: str = ""
    strong: str = ""
    id: str = ""
    items: tuple[str, ...] = ()
    layout: str = ""
    header: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    svg: str = ""


@cache
def words() -> Any:
    """Return the report's own sentences."""
    return read_yaml(content_root() / "templates" / "documents" / "words.yaml")


def blocks(results: Results) -> list[Block]:
    """Return the whole report, in reading order."""
    parts = (
        _summary,
        _how_to_read,
        _gates,
        _readiness,
        _assets,
        _recommendations,
        _roadmap,
        _staffing,
        _phase_two,
        _assumptions,
        _method,
        _sources,
    )
    return [block for part in parts for block in part(results)]


def _cell(text: str, style: str = "", *more: Line) -> Cell:
    return (Line(text, style), *more)


def _table(layout: str, header: Sequence[str], rows: Iterable[tuple[Cell, ...]]) -> Block:
    return Block("table", layout=layout, header=tuple(header), rows=tuple(rows))


def _heading(name: str) -> Block:
    return Block("h2", words()[name]["heading"], id=name.replace("_", "-"))


def _verdict(verdict: str) -> Line:
    return Line(f"{look.VERDICT_SIGN[verdict]} {verdict}", verdict)


def _money(results: Results, cost: Span) -> str:
    return (
        f"{look.number(cost.likely)} ({look.number(cost.low)} to {look.number(cost.high)}) {results.staffing.currency}"
    )


def _activity(results: Results, ident: str) -> Scheduled:
    return next(a for a in results.roadmap.activities if a.task.id == ident)


# --- summary and how to read -------------------------------------------------------------------------------------


def _summary(results: Results) -> Iterator[Block]:
    yield _heading("summary")
    opens = []
    for kind, gates in charts.gate_groups(results):
        counts = results.gate_counts(kind)
        ready = counts["met"] == len(gates)
        verdict = Line("✓ may open", "met") if ready else Line("stays closed", "strong")
        title = results.instrument.gates_file.kinds[kind]
        opens.append((_cell(title), (verdict,), _cell(charts.counts_words(counts))))
    yield _table("opens", ("What waits for its gates", "Now", "Gates"), opens)
    if results.facts.stage == "existing":
        yield Block("p", words()["read"]["existing"])
    yield Block("h3", "Three first moves")
    yield Block("steps", items=tuple(_move(r) for r in results.raised[:3]))
    yield Block("h3", "Dates, people and money")
    yield _table("facts", ("What", "Plan"), _key_facts(results))
    yield Block("h3", "What we do not know yet")
    yield Block("bullets", items=tuple(_unknowns(results)))


def _move(raised: Any) -> str:
    first = raised.recommendation.say.split(". ")[0].rstrip(".")
    gates = f" Opens {', '.join(raised.gates)}." if raised.gates else ""
    return f"{raised.recommendation.title}. {first}.{gates}"


def _key_facts(results: Results) -> Iterator[tuple[Cell, ...]]:
    roadmap, people = results.roadmap, results.staffing.people
    if roadmap.launch:
        yield _cell(charts.launch_name(results), "strong"), _cell(charts.launch_words(results), "", *_reasons(results))
    heads = f"{people.total} on the pay roll for {results.facts.hours.text}, {people.advocates} of them advocates"
    yield _cell("People", "strong"), _cell(heads)
    yield _cell("A year of service", "strong"), _cell(_money(results, results.staffing.annual_cost))
    yield _cell("The roadmap", "strong"), _cell(f"{_money(results, roadmap.cost)}, wages on shift left out")


def _reasons(results: Results) -> Iterator[Line]:
    launch = results.roadmap.launch
    if launch is None:
        return
    waits = [a for a in results.roadmap.activities if a.critical >= CRITICAL and a.task.id != launch.activity]
    if waits:
        titles = "; ".join(f"{a.task.id} {a.task.title}" for a in waits)
        yield Line(f"What decides the date: {titles}.", "small")
    else:
        yield Line(f"{_activity(results, launch.activity).why_then} No single activity decides the date.", "small")


def _unknowns(results: Results) -> Iterator[str]:
    verdicts = [g.verdict for g in results.gates]
    unknown = [f for f in results.findings if f.kind == "not known"]
    unsettled = [d for d in results.readiness.domains if not d.settled]
    assumed = [a for a in results.assumptions if a.assumed]
    if verdicts.count("not shown"):
        count = f"{verdicts.count('not shown')} of {len(verdicts)}"
        yield f"{count} gates are not shown: proof or an answer is missing, and that is not a no."
    if unknown:
        asked = len(results.readiness.items)
        yield f"Nobody could answer {len(unknown)} of {asked} questions; each domain below says whom to ask."
    if len(unsettled) == len(results.readiness.domains):
        yield f"No level is settled in any of the {len(unsettled)} domains."
    elif unsettled:
        names = ", ".join(results.domain_title(d.id) for d in unsettled[:5])
        rest = f" and {len(unsettled) - 5} more" if len(unsettled) > 5 else ""
        yield f"Not settled: {names}{rest}."
    count = f"{len(assumed)} of {len(results.assumptions)}"
    yield f"{count} figures behind the plan have no source for this country (see Assumptions)."


def _how_to_read(results: Results) -> Iterator[Block]:
    yield _heading("read")
    texts = [text.format(as_of=look.day(results.facts.as_of)) for text in words()["read"]["text"]]
    yield Block("bullets", items=tuple(texts))
    levels = [
        (_cell(f"{level.n} {level.name}", "strong"), _cell(level.means)) for level in results.instrument.meta.levels
    ]
    yield _table("facts", ("Level", "What an assessor would see"), levels)


# --- gates -------------------------------------------------------------------------------------------------------


def _gates(results: Results) -> Iterator[Block]:
    yield _heading("gates")
    yield Block("p", words()["gates"]["intro"])
    yield Block("figure", svg=charts.gate_board(results), id="gate-board")
    closed = sum(g.verdict != "met" for g in results.gates)
    yield Block("caption", words()["gates"]["reading"].format(closed=closed, all=len(results.gates)))
    first, *others = charts.gate_groups(results)
    kinds = results.instrument.gates_file.kinds
    header = ("Gate, and why it matters", "Verdict", "What is missing")
    yield Block("h3", kinds[first[0]])
    yield _table("gates", header, [_gate_row(gate, gate.why) for gate in first[1]])
    if others:
        rows = [_gate_row(g, f"{kinds[kind]}. {g.why}") for kind, gates in others for g in gates]
        yield Block("h3", words()["gates"]["others"])
        yield _table("gates", header, rows)


def _gate_row(gate: GateResult, why: str) -> tuple[Cell, ...]:
    title = _cell(f"{gate.id} {gate.title}", "strong", Line(why, "small"))
    return title, (_verdict(gate.verdict),), tuple(_missing(gate))


def _missing(gate: GateResult) -> Iterator[Line]:
    """Group what is missing by its kind, so that one line names all questions that lack the same thing."""
    groups: dict[str, list[ConditionResult]] = {}
    for condition in gate.conditions:
        if condition.verdict != "met" and gate.verdict != "met":
            groups.setdefault(condition.missing, []).append(condition)
    for missing, conditions in groups.items():
        names = "; ".join(_short(c.text) for c in conditions)
        yield Line(f"{missing[0].upper()}{missing[1:]}: {names}.")
    if not groups:
        yield Line("Nothing.")


def _short(text: str) -> str:
    return re.sub(r": level \d(, with proof \(\w+\))?$", "", text)


# --- readiness ---------------------------------------------------------------------------------------------------


def _readiness(results: Results) -> Iterator[Block]:
    say, domains = words()["readiness"], charts.by_attention(results)
    yield _heading("readiness")
    yield Block("p", say["intro"])
    yield Block("figure", svg=charts.readiness_ladder(results), id="ladder")
    yield Block("caption", say["reading"].format(settled=sum(d.settled for d in domains), all=len(domains)))
    header = ("Domain", "Level", "Interval", "Bounds", "Questions answered")
    yield _table("domains", header, [_domain_row(results, d) for d in domains])
    for domain in domains:
        yield from _domain(results, domain)


def _domain_row(results: Results, domain: DomainReadiness) -> tuple[Cell, ...]:
    return (
        _cell(results.domain_title(domain.id)),
        _cell(str(domain.level) if domain.settled else "not settled"),
        _cell(f"{domain.low} to {domain.high}"),
        _cell(f"{domain.bound_low} to {domain.bound_high}"),
        _cell(look.percent(domain.share_answered)),
    )


def _domain(results: Results, domain: DomainReadiness) -> Iterator[Block]:
    say = words()["readiness"]
    yield Block("h3", results.domain_title(domain.id))
    level = f"Level {domain.level}" if domain.settled else "Not settled"
    bounds = f"Interval {domain.low} to {domain.high}, bounds {domain.bound_low} to {domain.bound_high}."
    purpose = next(d.purpose for d in results.instrument.domains if d.id == domain.id)
    yield Block("p", f"{bounds} {purpose}", strong=f"{level}.")
    waited = _waited_for(results)
    gaps = [f for f in results.findings if f.kind == "gap" and f.domain == domain.id]
    gaps.sort(key=lambda f: (f.subject not in waited, -(f.probability or 0), f.subject))
    if gaps:
        yield Block("bullets", items=tuple(f"{f.subject} {_open_text(results, f, say)}" for f in gaps[:4]))
    else:
        unknown = any(f.kind == "not known" and f.domain == domain.id for f in results.findings)
        yield Block("p", say["unknown" if unknown else "clean"])
    if gaps[4:]:
        yield Block("p", "; ".join(_named(results, f) for f in gaps[4:]) + ".", strong=f"{say['more']}:")
    yield from _ask_next(results, domain.id, waited)


def _waited_for(results: Results) -> dict[str, str]:
    """Return what closed gates wait for: the condition's text by question."""
    return {
        c.item: c.text for g in results.gates for c in g.conditions if c.item and "met" not in (g.verdict, c.verdict)
    }


def _open_text(results: Results, finding: Finding, say: Any) -> str:
    """Return a finding's text, without the level where it would help a trafficker."""
    item = results.instrument.items[finding.subject]
    return f"{item.title}: {say['sensitive']}" if item.sensitive else finding.text


def _named(results: Results, finding: Finding) -> str:
    return f"{finding.subject} {results.instrument.items[finding.subject].title}"


def _ask_next(results: Results, domain: str, waited: dict[str, str]) -> Iterator[Block]:
    """Say whom to ask about what nobody knew; where everything was answered, which proof a gate waits for."""
    instrument, say = results.instrument, words()["readiness"]
    by_role: dict[str, list[str]] = {}
    for finding in results.findings:
        if finding.kind == "not known" and finding.domain == domain:
            role = instrument.items[finding.subject].first_hand[0]
            by_role.setdefault(_role(results, role), []).append(_named(results, finding))
    if by_role:
        asked = " ".join(f"{role}: {'; '.join(names)}." for role, names in by_role.items())
        yield Block("p", asked, strong=f"{say['ask']}.")
    unproven = [
        c.text
        for g in results.gates
        for c in g.conditions
        if c.item and instrument.domain_of[c.item] == domain and c.verdict == "not shown" and "proof" in c.missing
    ]
    if unproven:
        yield Block("p", "; ".join(dict.fromkeys(unproven)) + ".", strong=f"{say['proof']}:")
    elif not by_role and not any(instrument.domain_of[i] == domain for i in waited):
        yield Block("p", say["settled"])


# --- assets and recommendations ----------------------------------------------------------------------------------


def _assets(results: Results) -> Iterator[Block]:
    say, items = words()["assets"], results.instrument.items
    yield _heading("assets")
    found = [i for i in results.readiness.items.values() if i.applies and i.known and i.likely >= IN_PLACE]
    if not found:
        yield Block("p", say["none"])
        return
    yield Block("p", say["intro"])
    for asset, title in say["kinds"].items():
        rows = []
        for item in [i for i in found if items[i.id].asset == asset]:
            proof = say["proof"][item.best_proof] if item.best_proof else say["answers"]
            named = _cell(f"{item.id} {items[item.id].title}", "strong")
            stands = say["sensitive"] if items[item.id].sensitive else items[item.id].levels[item.likely]
            rows.append((named, _cell(str(item.likely)), _cell(stands), _cell(proof)))
        if rows:
            yield Block("h3", title)
            yield _table("assets", ("Question", "Level", "What stands", "Rests on"), rows)


def _recommendations(results: Results) -> Iterator[Block]:
    yield _heading("recommendations")
    yield Block("p", words()["recommendations"]["intro"])
    shown = {f.id for f in results.findings if f.kind in SHOWN_KINDS}
    for offering in dict.fromkeys(r.recommendation.offering for r in results.raised):
        yield Block("h3", results.domain_title(offering))
        rows = [_advice(r, shown) for r in results.raised if r.recommendation.offering == offering]
        yield _table("recommendations", ("Recommendation", "Because, do, by"), rows)


def _advice(raised: Any, shown: set[str]) -> tuple[Cell, ...]:
    advice, modes = raised.recommendation, words()["recommendations"]["delivery"]
    because = ", ".join(f.removeprefix("F-") for f in raised.because if f in shown) or "answers to look at again"
    delivery = ", ".join(modes[d] for d in advice.delivery)
    return (
        _cell(f"{advice.id} {advice.title}", "strong", Line(advice.say)),
        _cell(f"Because: {because}", "", Line(f"Do: {', '.join(advice.activities)}"), Line(f"By {delivery}", "small")),
    )


# --- plan --------------------------------------------------------------------------------------------------------


def _roadmap(results: Results) -> Iterator[Block]:
    say, roadmap, launch = words()["roadmap"], results.roadmap, charts.launch_words(results)
    yield _heading("roadmap")
    yield Block("p", say["intro"].format(count=len(roadmap.activities), start=look.day(roadmap.start), launch=""))
    groups = charts.phases_of(roadmap, results.phase_titles)
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
        yield _table("roadmap", ("Activity, why here, why then", "From, to", "Owner", "Cost"), rows)


def _activity_row(results: Results, activity: Scheduled) -> tuple[Cell, ...]:
    task = activity.task
    why = Line(f"{task.why_here} {activity.why_then}", "small")
    cost = Line(f"{look.number(task.cost.low)} to {look.number(task.cost.high)}", "small")
    return (
        _cell(f"{task.id} {task.title}", "strong", why),
        _cell(f"{look.day(activity.start)} to {look.day(activity.end)}"),
        _cell(task.owner.replace("_", " ").capitalize() if task.owner == "consultant" else _role(results, task.owner)),
        (Line(look.number(task.cost.likely)), cost) if task.cost.high else _cell("0"),
    )


def _role(results: Results, role: str) -> str:
    return results.instrument.role_title(role).partition(" (")[0]


def _staffing(results: Results) -> Iterator[Block]:
    say, plan, facts = words()["staffing"], results.staffing, results.facts
    people, targets = plan.people, plan.targets
    yield _heading("staffing")
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
    header = ("Hours", "People", "Advocates", "Share of live signals", f"A year's cost, {plan.currency}")
    yield _table("options", header, [_option_row(o) for o in plan.options])
    yield Block("p", say["withheld"])


def _rule(results: Results) -> str:
    """Return the rule that sets most open quarter-hours."""
    bound = [str(b) for b in results.staffing.need.bound_by if b != "closed"]
    return max(("minimum cover", "load", "occupancy"), key=lambda rule: bound.count(rule))


def _option_row(option: Any) -> tuple[Cell, ...]:
    return (
        _cell(option.title, "strong", Line(option.sentence, "small")),
        _cell(str(option.people)),
        _cell(str(option.advocates)),
        _cell(look.percent(option.share_served)),
        _cell(look.span(option.annual_cost)),
    )


def _phase_two(results: Results) -> Iterator[Block]:
    yield _heading("phase_two")
    yield Block("p", words()["phase_two"]["intro"])
    modes, rows = words()["recommendations"]["delivery"], []
    for offering in results.facts.offerings:
        advice = [r.recommendation for r in results.raised if r.recommendation.offering == offering]
        start = advice[0].title if advice else "No recommendation was raised; keep what works."
        activities = ", ".join(dict.fromkeys(a for r in advice for a in r.activities)) or "none"
        delivery = ", ".join(dict.fromkeys(modes[d] for r in advice for d in r.delivery)) or "none"
        rows.append((_cell(results.domain_title(offering), "strong"), _cell(start), _cell(activities), _cell(delivery)))
    yield _table("offerings", ("Offering", "Starts with", "Activities", "Help by"), rows)


# --- what it rests on --------------------------------------------------------------------------------------------


def _assumptions(results: Results) -> Iterator[Block]:
    say, listed = words()["assumptions"], results.assumptions
    yield _heading("assumptions")
    yield Block("p", say["intro"].format(assumed=sum(a.assumed for a in listed), all=len(listed)))
    for assumed, heading in ((True, "Without a source for this country"), (False, "With a source")):
        rows = []
        for entry in listed:
            if entry.assumed is assumed:
                value = say["withheld"] if entry.id in WITHHELD else f"{entry.value} {entry.unit}".strip()
                title, origin = _figure(entry.id, entry.title), entry.origin.removeprefix("assumption: ")
                rows.append((_cell(title), _cell(value), _cell(origin)))
        if rows:
            yield Block("h3", heading)
            yield _table("assumptions", ("Figure", "Value", "Reason" if assumed else "Source"), rows)


def _figure(ident: str, title: str) -> str:
    """Return what a figure is called; the scoring constants' titles are reasons, so their ids name them."""
    if not ident.startswith("scoring."):
        return title
    return f"Scoring: {ident.removeprefix('scoring.').replace('_', ' ').replace('.', ', ')}"


def _method(results: Results) -> Iterator[Block]:
    scoring = results.instrument.scoring
    figures = {
        "draws": look.number(scoring.draws.value),
        "interval": look.percent(scoring.interval.value),
        "met": f"{scoring.gate_met.value:g}",
        "unmet": f"{scoring.gate_not_met.value:g}",
        "status": results.roadmap.status,
    }
    yield _heading("method")
    yield Block("bullets", items=tuple(text.format(**figures) for text in words()["method"]["text"]))


def _sources(results: Results) -> Iterator[Block]:
    texts = [
        *(g.source for g in results.gates),
        *(r.recommendation.source for r in results.raised),
        *(a.task.source for a in results.roadmap.activities),
        *(a.origin for a in results.assumptions),
    ]
    keys = sorted({key for text in texts for key in SOURCE_KEY.findall(text)})
    yield _heading("sources")
    yield Block("p", words()["sources"]["intro"])
    known = {key: results.sources[key] for key in keys if key in results.sources}
    yield Block("p", "; ".join(f"[{key}] {source.title}" for key, source in known.items()) + ".")
