"""One page for the table of a first meeting: what was assessed, what stands, what comes first, what to agree."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from .. import archive
from ..assessment.inventory import Asset
from ..results import Results
from . import chart_programme, chart_readiness, charts
from .report import html_page, word_file
from .report_blocks import (
    Block,
    Cells,
    Line,
    cell,
    dates,
    lost_gates,
    named,
    rests_on,
    sensitive,
    table,
    verdict_line,
    words,
)
from .report_programme import days_of
from .report_staffing import heads_words

ROW_PX = 17.0
THREE = 3


def write(results: Results, folder: Path) -> list[Path]:
    """Write partner/at_a_glance.docx and at_a_glance.html, each on one A4 page."""
    partner, listed, title = folder / "partner", blocks(results), words()["at_a_glance"]["title"]
    return [
        archive.write_bytes(partner / "at_a_glance.docx", word_file(results, listed, title)),
        archive.write_text(partner / "at_a_glance.html", html_page(results, listed, "at_a_glance.html.j2", title)),
    ]


def blocks(results: Results) -> list[Block]:
    """Return the sheet, in reading order."""
    say, inventory = words()["at_a_glance"], Counter(a.standing for a in results.inventory)
    known = say["known_text"].format(
        settled=sum(d.settled for d in results.readiness.domains),
        domains=len(results.readiness.domains),
        items=len(results.inventory),
        shown=inventory["shown"],
        said=inventory["said"],
        unknown=inventory["not known"],
    )
    return [
        Block("p", _assessed(results), strong=say["assessed"]),
        table("opens", ("What waits for its gates", "Now", "Gates"), _opens(results)),
        Block("figure", svg=chart_readiness.readiness_ladder(results, ROW_PX), id="ladder"),
        Block("p", known, strong=say["known"]),
        table("facts", ("What", "In short"), _facts(results)),
    ]


def _assessed(results: Results) -> str:
    """Count people and groups; below the smallest group no number stands."""
    say, smallest = words()["at_a_glance"], int(results.instrument.scoring.smallest_group.value)
    roles = results.instrument.meta.roles
    group_of = {r.respondent: roles[r.role].group for r in results.testimony.responses}
    large = _large(Counter(group_of.values()), smallest)
    enough = len(group_of) >= smallest
    people = say["people"].format(count=len(group_of)) if enough else say["few"].format(smallest=smallest)
    groups = ", ".join(f"{n} {g}" for g, n in large.items())
    return str(
        say["assessed_text"].format(
            items=len(results.readiness.items),
            domains=len(results.readiness.domains),
            gates=len(results.gates),
            people=people,
            groups=say["groups"].format(groups=groups, smallest=smallest) if groups else "",
        )
    )


def _large(groups: Counter[str], smallest: int) -> dict[str, int]:
    """Return the groups that may be named: a single small group must not follow from the total."""
    ordered = sorted(groups.items(), key=lambda g: (-g[1], g[0]))
    large = [g for g in ordered if g[1] >= smallest]
    return dict(large[:-1] if len(ordered) - len(large) == 1 else large)


def _opens(results: Results) -> Iterator[Cells]:
    for kind, gates in chart_readiness.gate_groups(results):
        counts = results.gate_counts(kind)
        ready = counts["met"] == len(gates)
        now = verdict_line("met") if ready else Line("stays closed", "strong")
        title = results.instrument.gates_file.kinds[kind]
        yield cell(title), (now,), cell(chart_readiness.counts_words(counts))


def _facts(results: Results) -> Iterator[Cells]:
    say = words()["at_a_glance"]
    strengths = [Line(_strength(results, a)) for a in _strongest(results)]
    yield cell(say["strengths"], "strong"), tuple(strengths) or cell(say["no_strengths"])
    yield cell(say["moves"], "strong"), tuple(_moves(results))
    yield cell(say["dates"], "strong"), (Line(_launch(results)), Line(_people(results)))
    yield cell(say["next"], "strong"), cell(_next(results))


def _people(results: Results) -> str:
    """Count the people, and say where they cannot be trained in time."""
    plan = results.staffing
    heads = words()["summary"]["people"].format(
        total=plan.people.total, hours=results.facts.hours.text, advocates=heads_words(plan.people)
    )
    return f"{heads}.{words()['staffing']['refused_glance'] if plan.hiring_refused else ''}"


def _launch(results: Results) -> str:
    """Write the launch dates, never without the gates that must still be met."""
    gates, unmet = charts.unmet_gates(results)
    open_ = words()["at_a_glance"]["gates_open"].format(closed=len(unmet), all=len(gates), ids=", ".join(unmet))
    dates = charts.launch_words(results)
    said = f"{dates} {open_}" if unmet and results.roadmap.launch else dates
    return f"{said} {lost_gates(results)}".strip()


def _strongest(results: Results) -> list[Asset]:
    """Return the strengths: what is shown before what is said, then by how surely the target is reached."""
    have = [a for a in results.inventory if a.standing in ("shown", "said") and not sensitive(results, a.item)]
    surely = {a.item: results.readiness.items[a.item].at_least(results.targets[a.item]) for a in have}
    return sorted(have, key=lambda a: (a.standing == "said", -a.level, -surely[a.item], a.item))[:THREE]


def _strength(results: Results, asset: Asset) -> str:
    return f"{named(results, asset.item)} ({rests_on(results, asset.item)})"


def _moves(results: Results) -> Iterator[Line]:
    offers = {o.recommendation: o for o in results.offers}
    for raised in results.raised[:THREE]:
        offer = offers[raised.recommendation.id]
        when = dates(offer.start, offer.end)
        say = words()["at_a_glance"]["move"]
        yield Line(say.format(title=raised.recommendation.title, dates=when) if when else raised.recommendation.title)


def _next(results: Results) -> str:
    say = words()["at_a_glance"]
    counts: Counter[str] = Counter(o.choice for o in results.offers if o.choice != "open")
    listed = ", ".join(f"{counts[c]} {chart_programme.CHOICE_WORDS[c]}" for c in chart_programme.CHOICES if counts[c])
    decided = say["decided"].format(counts=listed) if listed else say["undecided"]
    return str(say["next_text"].format(count=len(results.offers), days=days_of(results.offers), decided=decided))
