"""Gates, domains, findings, assets, and where to look next."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..assessment.agenda import Look
from ..assessment.findings import Finding
from ..assessment.gates import ConditionResult, GateResult
from ..assessment.inventory import KINDS, Asset
from ..assessment.readiness import DomainReadiness
from ..results import Results
from . import chart_readiness, look
from .report_blocks import (
    Block,
    Cells,
    Line,
    cell,
    chance,
    days,
    heading,
    named,
    rests_on,
    role,
    sensitive,
    table,
    verdict_line,
    words,
)

TOLD_IN_FULL = 4


# --- gates -------------------------------------------------------------------------------------------------------


def gates(results: Results) -> Iterator[Block]:
    """Show every gate on a board; say what each gate before opening still needs."""
    say = words()["gates"]
    yield heading("gates")
    yield Block("p", say["intro"])
    yield Block("figure", svg=chart_readiness.gate_board(results), id="gate-board")
    closed = sum(g.verdict != "met" for g in results.gates)
    yield Block("caption", say["reading"].format(closed=closed, all=len(results.gates)))
    header = ("Gate, and why it matters", "Verdict", "What is missing")
    for kind, group in chart_readiness.gate_groups(results):
        waiting = [g for g in group if g.verdict != "met"]
        if waiting:
            yield Block("h3", results.instrument.gates_file.kinds[kind])
            yield table("gates", header, [_gate_row(results, g) for g in waiting])
    yield Block("p", say["annex"])


def _gate_row(results: Results, gate: GateResult) -> Cells:
    title = cell(f"{gate.id} {gate.title}", "strong", Line(gate.why, "small"))
    return title, (verdict_line(gate.verdict),), tuple(_missing(results, gate))


def _missing(results: Results, gate: GateResult) -> Iterator[Line]:
    """Group what is missing by its kind, so that one line names all questions that lack the same thing."""
    groups: dict[str, list[ConditionResult]] = {}
    for condition in gate.conditions:
        if condition.verdict != "met":
            hidden = sensitive(results, condition.item)
            missing = words()["gates"]["sensitive"] if hidden else condition.missing
            groups.setdefault(missing, []).append(condition)
    for missing, conditions in groups.items():
        names = "; ".join(without_level(c.text) for c in conditions)
        yield Line(f"{missing[0].upper()}{missing[1:]}: {names}.")


def without_level(text: str) -> str:
    """Return a condition without the level and proof that it asks for."""
    return re.sub(r": level \d(, with proof \(\w+\))?$", "", text)


# --- domains and findings ----------------------------------------------------------------------------------------


def readiness(results: Results) -> Iterator[Block]:
    """Show the ladder, its table, how far people agreed, and each domain's findings."""
    say, domains = words()["readiness"], chart_readiness.by_attention(results)
    yield heading("readiness")
    yield Block("p", say["intro"])
    yield Block("figure", svg=chart_readiness.readiness_ladder(results), id="ladder")
    yield Block("caption", say["reading"].format(settled=sum(d.settled for d in domains), all=len(domains)))
    header = ("Domain", "Level", "Interval", "Bounds", "Score", "Among the weakest", "Answered")
    yield table("domains", header, [_domain_row(results, d) for d in domains])
    yield Block("p", _agreement(results), strong=say["agreement"])
    yield Block("p", say["findings"])
    waited = _waited_for(results)
    for domain in domains:
        yield from _domain(results, domain, waited)


def _domain_row(results: Results, domain: DomainReadiness) -> Cells:
    title = cell(results.domain_title(domain.id))
    if not domain.assessed:
        return title, cell("not assessed"), *[cell("")] * 4, cell(look.percent(domain.share_answered))
    return (
        title,
        cell(str(domain.level), "strong") if domain.settled else cell("not settled"),
        cell(f"{domain.low} to {domain.high}"),
        cell(f"{domain.bound_low} to {domain.bound_high}"),
        cell(f"{domain.score:.1f} ({domain.score_low:.1f} to {domain.score_high:.1f})"),
        cell(_weakest(domain)),
        cell(look.percent(domain.share_answered)),
    )


def _weakest(domain: DomainReadiness) -> str:
    """Return how often a domain is among the weakest; where nobody answered, that would only describe the model."""
    return chance(domain.weakest) if domain.share_answered else str(words()["readiness"]["no_answers"])


def _agreement(results: Results) -> str:
    found, say = results.agreement, words()["readiness"]
    # An interval without width means that the questions are too few to vary, not that all agree.
    if found.alpha is None or found.low is None or found.high is None or found.low == found.high:
        return str(say["agreement_unknown"])
    share = look.percent(results.instrument.scoring.interval.value)
    return str(
        say["agreement_text"].format(
            alpha=f"{found.alpha:.2f}", low=f"{found.low:.2f}", high=f"{found.high:.2f}", share=share, items=found.items
        )
    )


def _domain(results: Results, domain: DomainReadiness, waited: Mapping[str, str]) -> Iterator[Block]:
    say = words()["readiness"]
    yield Block("h3", results.domain_title(domain.id))
    purpose = next(d.purpose for d in results.instrument.domains if d.id == domain.id)
    if not domain.assessed:
        yield Block("p", f"{say['not_assessed_text']} {purpose}", strong=say["not_assessed"])
        return
    level = f"Level {domain.level}" if domain.settled else "Not settled"
    interval = say["interval"].format(low=domain.low, high=domain.high)
    if domain.share_answered:
        interval = f"{interval} {say['among'].format(chance=chance(domain.weakest))}"
    parted = not domain.settled and domain.high - domain.low <= results.instrument.scoring.settled_span.value
    why = f" {say['parted']}" if parted else ""
    yield Block("p", f"{interval}{why} {purpose}", strong=f"{level}.")
    gaps = [f for f in results.findings if f.kind == "gap" and f.domain == domain.id]
    gaps.sort(key=lambda f: (f.subject not in waited, -(f.probability or 0), f.subject))
    if gaps:
        yield Block("bullets", items=tuple(_gap(results, f) for f in gaps[:TOLD_IN_FULL]))
    else:
        unknown = any(f.kind == "not known" and f.domain == domain.id for f in results.findings)
        yield Block("p", say["unknown" if unknown else "clean"])
    if gaps[TOLD_IN_FULL:]:
        yield Block("p", say["more"].format(count=len(gaps) - TOLD_IN_FULL))
    yield from _ask_next(results, domain.id, waited)


def _waited_for(results: Results) -> dict[str, str]:
    """Return what closed gates wait for: the condition's text by question."""
    return {
        c.item: c.text for g in results.gates for c in g.conditions if c.item and "met" not in (g.verdict, c.verdict)
    }


def _gap(results: Results, finding: Finding) -> str:
    """Return a finding and what stands behind it; of what would help a trafficker, the title alone."""
    say = words()["readiness"]
    if sensitive(results, finding.subject):
        return f"{named(results, finding.subject)}: {say['sensitive']}"
    sure = say["behind"].format(grounds=rests_on(results, finding.subject), chance=chance(finding.probability or 0))
    return f"{finding.subject} {finding.text} {sure}"


def _ask_next(results: Results, domain: str, waited: Mapping[str, str]) -> Iterator[Block]:
    """Say whom to ask about what nobody knew, or that no gate waits for anything here."""
    instrument, say = results.instrument, words()["readiness"]
    by_role: dict[str, list[str]] = {}
    for finding in results.findings:
        if finding.kind == "not known" and finding.domain == domain:
            who = instrument.items[finding.subject].first_hand[0]
            by_role.setdefault(role(results, who), []).append(named(results, finding.subject))
    if by_role:
        asked = " ".join(f"{who}: {'; '.join(names)}." for who, names in by_role.items())
        yield Block("p", asked, strong=f"{say['ask']}.")
    elif not any(instrument.domain_of[i] == domain for i in waited):
        yield Block("p", say["settled"])


# --- assets ------------------------------------------------------------------------------------------------------


def assets(results: Results) -> Iterator[Block]:
    """Show what there is by the four kinds: shown, only said, and one level short."""
    say = words()["assets"]
    yield heading("assets")
    yield Block("p", say["intro"])
    yield Block("figure", svg=chart_readiness.assets_chart(results, say["kinds"]), id="assets-chart")
    shown = sum(a.standing == "shown" for a in results.inventory)
    said = sum(a.standing == "said" for a in results.inventory)
    yield Block("caption", say["reading"].format(shown=shown, said=said, all=len(results.inventory)))
    header = ("Kind", *chart_readiness.STANDINGS)
    yield table("counts", header, [_count_row(results, kind) for kind in KINDS])
    if not shown + said:
        yield Block("p", say["none"])
    for kind in KINDS:
        yield from _kind(results, kind)


def _count_row(results: Results, kind: str) -> Cells:
    counts = chart_readiness.standing_counts(results, kind)
    return cell(words()["assets"]["kinds"][kind], "strong"), *[cell(str(counts[s])) for s in chart_readiness.STANDINGS]


def _kind(results: Results, kind: str) -> Iterator[Block]:
    say = words()["assets"]
    own = [a for a in results.inventory if a.kind == kind]
    have = [a for a in own if a.standing in ("shown", "said")]
    waited = _waited_for(results)
    short = [
        a for a in own if a.standing == "to improve" and a.level == results.targets[a.item] - 1 and a.item in waited
    ]
    if have or short:
        yield Block("h3", say["kinds"][kind])
    if have:
        rows = [_asset_row(results, a) for a in sorted(have, key=lambda a: a.standing == "said")]
        yield table("assets", ("Question", "Level", "What stands", "Rests on"), rows)
    if short:
        yield Block("p", "; ".join(named(results, a.item) for a in short) + ".", strong=f"{say['improve']}:")


def _asset_row(results: Results, asset: Asset) -> Cells:
    item = results.instrument.items[asset.item]
    name = cell(named(results, asset.item), "strong")
    if sensitive(results, item.id):
        return name, cell(""), cell(words()["assets"]["sensitive"]), cell("")
    standing = Line(asset.standing, "strong")
    return name, cell(str(asset.level)), cell(item.levels[asset.level]), (standing, Line(rests_on(results, item.id)))


# --- where to look next ------------------------------------------------------------------------------------------


def look_next(results: Results) -> Iterator[Block]:
    """List what to find out first: how, how long it takes, and what it would settle."""
    say, length = words()["look_next"], int(results.instrument.scoring.agenda_length.value)
    yield heading("look_next")
    first = results.agenda[:length]
    if not first:
        yield Block("p", say["none"])
        return
    total = days(sum(x.days for x in first))
    yield Block("p", say["intro"].format(count=len(first), days=total, all=len(results.agenda)))
    yield table(
        "looks", ("What to find out", "How", "Days", "What it would settle"), [_look_row(results, x) for x in first]
    )


def _look_row(results: Results, look_at: Look) -> Cells:
    say = words()["look_next"]
    text = say["sensitive"] if sensitive(results, look_at.item) else look_at.say
    settles = [f"{ident} {results.gate[ident].title}" for ident in look_at.gates]
    if look_at.domain:
        settles.append(say["domain"].format(domain=results.domain_title(look_at.domain)))
    share = say["share"].format(share=chance(float(look_at.value)))
    return (
        cell(named(results, look_at.item), "strong", Line(text)),
        cell(results.instrument.scoring.verify[look_at.method].title),
        cell(days(look_at.days)),
        cell("; ".join(settles) + ".", "", Line(share, "small")),
    )
