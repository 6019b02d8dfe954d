"""Recommendations as offers, what the partner chose and agreed, and the second phase."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..assessment.findings import Raised
from ..assessment.instrument import Quantity
from ..assessment.programme import Offer
from ..results import Results
from . import chart_programme, look
from .report_blocks import Block, Cells, Line, cell, chance, dates, days, heading, table, words

SHOWN_KINDS = ("gap", "not known", "gate not met", "gate not shown")


def recommendations(results: Results) -> Iterator[Block]:
    """List what to do by offering: why, how, how much of it, when, and what the partner decided."""
    say = words()["recommendations"]
    yield heading("recommendations")
    yield Block("p", say["intro"])
    shown = {f.id for f in results.findings if f.kind in SHOWN_KINDS}
    offers = {o.recommendation: o for o in results.offers}
    header = ("Recommendation", "Because, do, read", "Help, days, when, choice")
    for offering in dict.fromkeys(r.recommendation.offering for r in results.raised):
        own = [r for r in results.raised if r.recommendation.offering == offering]
        yield Block("h3", results.domain_title(offering))
        yield table("recommendations", header, [_advice(results, r, offers[r.recommendation.id], shown) for r in own])


def _advice(results: Results, raised: Raised, offer: Offer, shown: set[str]) -> Cells:
    advice, say = raised.recommendation, words()["recommendations"]
    because = ", ".join(f.removeprefix("F-") for f in raised.because if f in shown) or say["again"]
    planned = {a.task.id for a in results.roadmap.activities}
    doing = ", ".join(a for a in advice.activities if a in planned) or say["nothing_planned"]
    first = [Line(say["do"].format(activities=doing))]
    if advice.playbooks:
        first.append(Line(say["read"].format(playbooks=", ".join(advice.playbooks))))
    return (
        cell(f"{advice.id} {advice.title}", "strong", Line(advice.say)),
        cell(say["because"].format(findings=because), "", *first),
        tuple(_offer(results, offer)),
    )


def _offer(results: Results, offer: Offer) -> Iterator[Line]:
    say, programme = words()["recommendations"], results.programme
    modes = ", ".join(programme.delivery[m].title.lower() for m in offer.delivery)
    intensity = programme.intensity[offer.intensity].title
    yield Line(say["help"].format(intensity=intensity, modes=modes))
    yield Line(say["days"].format(days=days_of([offer])))
    if offer.start and offer.end:
        yield Line(dates(offer.start, offer.end), "small")
    if offer.choice != "open":
        reason = f": {offer.reason}" if offer.reason else ""
        yield Line(f"{say['choice'][offer.choice]}{reason}", "strong")


def days_of(offers: Sequence[Offer]) -> str:
    """Add up a consultant's days: likely, then low to high."""
    low, likely, high = (sum(getattr(o, f"days_{end}") for o in offers) for end in ("low", "likely", "high"))
    return f"{days(likely)} ({days(low)} to {days(high)})"


# --- phase two ---------------------------------------------------------------------------------------------------


def phase_two(results: Results) -> Iterator[Block]:
    """Show the second phase: when help falls, what was chosen, which goals were agreed, what people wished."""
    say = words()["phase_two"]
    yield heading("phase_two")
    yield Block("p", say["intro"])
    if results.offers:
        yield Block("figure", svg=chart_programme.offers_chart(results), id="offers")
        yield Block("caption", _totals(results))
        header = ("Offering", "Offers", "Consultant's days", "From, to", "Decided")
        groups = chart_programme.offers_by_offering(results)
        yield table("offerings", header, [_offering_row(results, name, own) for name, own in groups])
        yield Block("p", results.programme.days_assumption)
    yield Block("h3", say["goals"])
    yield from _goals(results)
    yield Block("h3", say["wishes"])
    yield from _wishes(results)


def _totals(results: Results) -> str:
    say, parts = words()["phase_two"], []
    for choice in chart_programme.CHOICES:
        own = [o for o in results.offers if o.choice == choice]
        if own and choice != "no":
            parts.append(
                say["total"].format(choice=chart_programme.CHOICE_WORDS[choice], count=len(own), days=days_of(own))
            )
    return f"{say['totals']} {'; '.join(parts)}."


def _offering_row(results: Results, name: str, own: Sequence[Offer]) -> Cells:
    starts, ends = [o.start for o in own if o.start], [o.end for o in own if o.end]
    stretch = dates(min(starts), max(ends)) if starts and ends else ""
    counts = {c: sum(o.choice == c for o in own) for c in chart_programme.CHOICES}
    decided = ", ".join(f"{n} {chart_programme.CHOICE_WORDS[c]}" for c, n in counts.items() if n)
    return (
        cell(results.domain_title(name), "strong"),
        cell(str(len(own))),
        cell(days_of(own)),
        cell(stretch),
        cell(decided),
    )


def _goals(results: Results) -> Iterator[Block]:
    say = words()["phase_two"]
    if not results.goals:
        yield Block("p", say["no_goals"])
        return
    yield Block("p", say["goals_intro"])
    rows = [
        (
            cell(results.domain_title(g.domain), "strong"),
            cell(str(g.level)),
            cell(look.day(g.by) if g.by else ""),
            cell(look.day(g.agreed_on)),
            cell(chance(g.reached)),
        )
        for g in results.goals
    ]
    yield table("goals", ("Domain", "Level", "By", "Agreed on", "Reached already"), rows)


def _wishes(results: Results) -> Iterator[Block]:
    say, facts = words()["phase_two"], results.facts
    asked = [results.instrument.quantities[q] for q, counts in results.wishes.items() if counts]
    channels = ", ".join(results.instrument.meta.channels[c].lower() for c in facts.channels)
    yield Block("p", say["planned"].format(hours=facts.hours.text, channels=channels))
    if not asked:
        yield Block("p", say["no_wishes"])
    for quantity in asked:
        yield table("wishes", (quantity.title, "Wanted by", "In this plan"), _wish_rows(results, quantity))


def _wish_rows(results: Results, quantity: Quantity) -> Iterator[Cells]:
    say, smallest = words()["phase_two"], int(results.instrument.scoring.smallest_group.value)
    for code, title in (quantity.choices or {}).items():
        count = results.wishes[quantity.id].get(code, 0)
        people = say["people"].format(count=count) if count >= smallest else say["few"].format(smallest=smallest)
        planned = ""
        if code in results.instrument.meta.channels:
            planned = say["yes"] if code in results.facts.channels else say["not_yet"]
        yield cell(title), cell(people), cell(planned)
