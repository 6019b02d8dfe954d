"""What the report rests on: sensitivity, assumptions, method, and the annexes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..assessment.gates import GateResult
from ..assessment.readiness import ItemReadiness
from ..assessment.sensitivity import Varied
from ..results import Assumption, Results
from . import chart_readiness, look
from .report_blocks import (
    Block,
    Cells,
    Line,
    cell,
    heading,
    named,
    rests_on,
    sensitive,
    table,
    verdict_line,
    words,
)

SCORING = "scoring."
# The number of advocates at any open hour is the night headcount of a small line.
WITHHELD = (
    "service.minimum_cover",
    "service.minimum_without_supervisor",
    "staffing.supervisor_from",
    "staffing.supervisor_to",
)
SOURCE_KEY = re.compile(r"\[([A-Z][A-Za-z0-9]+)\]")


def sensitivity(results: Results) -> Iterator[Block]:
    """Say what would change if the constants of judgement were others."""
    say = words()["sensitivity"]
    yield heading("sensitivity")
    yield Block("p", say["intro"].format(count=len(results.sensitivity)))
    changed = [v for v in results.sensitivity if v.domains or v.gates]
    same = [v.title.lower() for v in results.sensitivity if v not in changed]
    if changed:
        yield table(
            "sensitivity",
            ("If", "These levels change", "These verdicts change"),
            [_varied(results, v) for v in changed],
        )
    if same:
        yield Block("p", say["same"].format(titles="; ".join(same)))


def _varied(results: Results, varied: Varied) -> Cells:
    say = words()["sensitivity"]
    levels = [Line(f"{results.domain_title(d.id)}: {d.usual} → {d.varied}") for d in varied.domains]
    verdicts = [Line(f"{d.id}: {d.usual} → {d.varied}") for d in varied.gates]
    return (
        cell(varied.title, "strong", Line(varied.reason, "small")),
        tuple(levels) or cell(say["none"]),
        tuple(verdicts) or cell(say["none"]),
    )


def assumptions(results: Results) -> Iterator[Block]:
    """List every figure the plan rests on, the unsourced first; the constants of judgement by family."""
    say, listed = words()["assumptions"], results.assumptions
    yield heading("assumptions")
    yield Block("p", say["intro"].format(assumed=sum(a.assumed for a in listed), all=len(listed)))
    plain = [a for a in listed if not a.id.startswith(SCORING)]
    for assumed, title, last in ((True, "assumed", "Reason"), (False, "sourced", "Source")):
        rows = [_assumption(a) for a in plain if a.assumed is assumed]
        if rows:
            yield Block("h3", say[title])
            yield table("assumptions", ("Figure", "Value", last), rows)
    families: dict[str, list[Assumption]] = {}
    for entry in listed:
        if entry.id.startswith(SCORING):
            families.setdefault(entry.id.removeprefix(SCORING).partition(".")[0], []).append(entry)
    if families:
        yield Block("h3", say["scoring"])
        yield table("assumptions", ("Figure", "Value", "Reason"), [_family(f, own) for f, own in families.items()])


def _assumption(entry: Assumption) -> Cells:
    value = words()["assumptions"]["withheld"] if entry.id in WITHHELD else f"{entry.value} {entry.unit}".strip()
    return cell(entry.title), cell(value), cell(entry.origin.removeprefix("assumption: "))


def _family(name: str, entries: Sequence[Assumption]) -> Cells:
    """Return one row for the constants of one family: their values, and each reason once."""
    keys = [e.id.removeprefix(SCORING).partition(".")[2].replace("_", " ") for e in entries]
    values = "; ".join(f"{key} {e.value}".strip() for key, e in zip(keys, entries, strict=True))
    reasons = dict.fromkeys(e.origin.removeprefix("assumption: ") for e in entries)
    return cell(name.replace("_", " ").capitalize()), cell(values), cell(" ".join(reasons))


def method(results: Results) -> Iterator[Block]:
    """Explain the method in plain words, with its limits."""
    scoring = results.instrument.scoring
    figures = {
        "draws": look.number(scoring.draws.value),
        "interval": look.percent(scoring.interval.value),
        "met": f"{scoring.gate_met.value:g}",
        "unmet": f"{scoring.gate_not_met.value:g}",
        "status": results.roadmap.status,
        "weakest": f"{scoring.weakest_domains.value:g}",
    }
    yield heading("method")
    yield Block("bullets", items=tuple(text.format(**figures) for text in words()["method"]["text"]))


# --- annexes -----------------------------------------------------------------------------------------------------


def gate_annex(results: Results) -> Iterator[Block]:
    """List every gate with all its conditions."""
    yield heading("gate_annex")
    yield Block("p", words()["gate_annex"]["intro"])
    rows = [_conditions(results, g) for _, group in chart_readiness.gate_groups(results) for g in group]
    yield table("conditions", ("Gate", "Verdict", "Conditions"), rows)


def _conditions(results: Results, gate: GateResult) -> Cells:
    lines = []
    for verdict in chart_readiness.VERDICT_ORDER:
        own = [c.text for c in gate.conditions if c.verdict == verdict and not sensitive(results, c.item)]
        if own:
            lines.append(Line(f"{look.VERDICT_SIGN[verdict]} {'; '.join(own)}."))
    hidden = [named(results, c.item) for c in gate.conditions if c.item and sensitive(results, c.item)]
    if hidden:
        lines.append(Line(f"{words()['gates']['sensitive']}: {'; '.join(hidden)}."))
    return cell(f"{gate.id} {gate.title}", "strong"), (verdict_line(gate.verdict),), tuple(lines)


def item_annex(results: Results) -> Iterator[Block]:
    """List every question with its level, its target, and what stands behind it."""
    say = words()["item_annex"]
    yield heading("item_annex")
    yield Block("p", say["intro"])
    for domain in results.instrument.domains:
        found = [results.readiness.items[i.id] for i in domain.items if i.id in results.readiness.items]
        if found:
            header = (domain.title, "Level", "Target", "Rests on")
            yield table("items", header, [_item(results, i) for i in found])


def _item(results: Results, found: ItemReadiness) -> Cells:
    say = words()["item_annex"]
    title = cell(named(results, found.id))
    if not found.applies:
        return title, cell("–"), cell("–"), cell(say["not_applicable"])
    if sensitive(results, found.id):
        return title, cell("–"), cell("–"), cell(words()["assumptions"]["withheld"])
    level = str(found.likely) if found.known else "?"
    return title, cell(level), cell(str(results.targets[found.id])), cell(rests_on(results, found.id))


def sources(results: Results) -> Iterator[Block]:
    """Name the publications whose keys stand in square brackets."""
    texts = [
        *(g.source for g in results.gates),
        *(r.recommendation.source for r in results.raised),
        *(a.task.source for a in results.roadmap.activities),
        *(a.origin for a in results.assumptions),
    ]
    keys = sorted({key for text in texts for key in SOURCE_KEY.findall(text)})
    yield heading("sources")
    yield Block("p", words()["sources"]["intro"])
    known = {key: results.sources[key] for key in keys if key in results.sources}
    yield Block("p", "; ".join(f"[{key}] {source.title}" for key, source in known.items()) + ".")
