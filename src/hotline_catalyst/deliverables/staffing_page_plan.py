"""What the operator's staffing page says of money, the choices at launch, growth, strain and assumptions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from math import inf

from ..planning.budget import ServiceBudget
from ..planning.demand import Parameter, Span
from ..planning.growth import Trigger
from ..planning.options import Option
from ..planning.staffing_words import load_staffing_words
from ..results import Assumption, Results
from . import chart_options, chart_stress, look
from .chart_options import share_words
from .chart_parts import Bar, bars
from .report_blocks import Block, Cells, Line, cell, table, words
from .report_staffing import by_group, factor_words, money_words, weeks_words
from .staffing_page_parts import Page, expect, hiring, people, short, week

MOST_ASSUMPTIONS = 15


def blocks(results: Results, *, rtl: bool) -> list[Block]:
    """Return the whole page, in reading order; ``rtl`` draws its charts from the right."""
    page = Page(results, rtl)
    parts = (short, expect, week, people, hiring, budget, options, growth, stress, assumptions)
    return [block for part in parts for block in part(page)]


# --- money -------------------------------------------------------------------------------------------------------


def budget(page: Page) -> Iterator[Block]:
    """Show three years by group with their ranges, and every line with its reason."""
    say, found, years = page.say("money"), page.results.staffing.budget, words()["staffing"]["years"]
    yield page.heading("money")
    yield Block("p", money_words(found, say["intro"]))
    totals = [found.year(n) for n in range(3)]
    groups = {words()["staffing"]["all"]: totals} | {g: list(s[:3]) for g, s in by_group(found).items()}
    rows = [
        Bar(title, span, _range(span), heading=group if n == 0 else "")
        for group, spans in groups.items()
        for n, (title, span) in enumerate(zip(years, spans, strict=True))
    ]
    yield from page.figure("money-chart", lambda sheet: bars("money", page.charts["money_question"], rows, sheet))
    if found.before_launch.years[0].high:
        cost = look.span(found.before_launch.years[0])
        before = say["before_start" if page.running else "before"]
        yield Block("p", before.format(cost=cost, currency=found.currency))
        yield Block("p", found.before_launch.because)
    yield Block("h3", say["holds"])
    yield Block("bullets", items=tuple(_holds(say["group"], found)))


def _range(span: Span) -> str:
    return f"{look.number(span.likely)} ({_ends(span)})"


def _ends(span: Span) -> str:
    return f"{look.number(span.low)} – {look.number(span.high)}"


def _holds(text: str, found: ServiceBudget) -> Iterator[str]:
    """Say what each group pays for."""
    for group in by_group(found):
        lines = [x.title for x in found.lines if x.group == group and any(year.high for year in x.years)]
        yield text.format(group=group, lines=", ".join(lines))


# --- options and growth ------------------------------------------------------------------------------------------


def options(page: Page) -> Iterator[Block]:
    """Show the choices at launch, with what people get outside their hours."""
    say, plan = page.say("options"), page.results.staffing
    found = chart_options.at_promise(plan.options)
    numbers = chart_options.numbered(found)
    yield Block("h2", say["heading_running" if page.running else "heading"], id="options")
    yield Block("p", say["intro"])
    yield from page.figure("options-chart", lambda sheet: chart_options.options_chart(found, sheet))
    yield Block("caption", load_staffing_words().option.counted)
    shown = [o for o in found if o.id in numbers]
    yield table("choices", say["columns"], [_option(page, numbers[o.id], o) for o in shown])
    if len(numbers) < len(found):
        yield Block("p", say["others"].format(count=len(found) - len(numbers)))
    yield Block("h3", say["outside"])
    yield Block("bullets", items=tuple(_outside(say["outside_for"], shown, numbers)))
    promises = [o.sentence for o in chart_options.other_promises(plan.options)]
    if promises:
        yield Block("h3", say["promises"])
        yield Block("bullets", items=tuple(promises))


def _option(page: Page, number: int, option: Option) -> Cells:
    asked = f" ({page.charts['options_asked']})" if option.chosen else ""
    return (
        cell(f"{number}. {option.title}{asked}", "strong", Line(option.sentence, "small")),
        cell(str(option.people)),
        cell(share_words(option.share_served)),
        cell(look.number(option.annual_cost.likely), "", Line(_ends(option.annual_cost), "small")),
    )


def _outside(text: str, shown: Sequence[Option], numbers: Mapping[str, int]) -> Iterator[str]:
    """Say once for all choices alike what people get outside their hours and channels."""
    alike: dict[str, list[int]] = {}
    for option in shown:
        alike.setdefault(option.outside, []).append(numbers[option.id])
    for outside, found in alike.items():
        yield text.format(numbers=", ".join(map(str, found)), text=outside)


def growth(page: Page) -> Iterator[Block]:
    """Name the volumes and signs at which one more advocate is needed."""
    say, plan = page.say("growth"), page.results.staffing
    yield page.heading("growth")
    if plan.capacity_factor > 1:
        room = say["capacity"].format(factor=factor_words(plan))
    else:
        room = words()["staffing"]["grows_now"]
    weak = any(w.service < plan.targets.voice_share for w in plan.stress.weakest)
    yield Block("p", " ".join([say["intro"], room, *([say["soon"]] if weak else [])]))
    yield Block("bullets", items=tuple(t.sentence for t in plan.triggers if t.posts is None))
    yield Block("p", say["volume"])
    yield table("growth", say["columns"], [_volume(t, say["few"]) for t in plan.triggers if t.posts is not None])


def _volume(trigger: Trigger, few: str) -> Cells:
    past = trigger.now is not None and trigger.holds_to is not None and trigger.now > trigger.holds_to
    now, holds = (look.number(round(n)) if n and n >= 1 else few for n in (trigger.now, trigger.holds_to))
    return cell(trigger.title), cell(str(trigger.posts)), cell(now), cell(holds, "not met" if past else "")


# --- strain and assumptions --------------------------------------------------------------------------------------


def stress(page: Page) -> Iterator[Block]:
    """Show how service swings, what breaks it first, the weakest hours, and one more or fewer."""
    say, found = page.say("stress"), page.results.staffing.stress
    charts = page.charts
    yield page.heading("stress")
    yield Block("p", say["intro"].format(weeks=weeks_words(page.results.staffing)))
    spreads = (
        chart_stress.Spread(charts["weekly"], found.weekly),
        chart_stress.Spread(charts["four_weeks"], found.four_weeks),
    )
    yield from page.figure("service", lambda sheet: chart_stress.service_strip(spreads, found.promise, sheet))
    kept = {"weeks": share_words(found.kept_weeks), "four": share_words(found.kept_four_weeks)}
    yield Block("caption", say["kept"].format(**kept))
    causes = [_cause(page, c.title, 100 * c.drop, 100 * c.error) for c in found.causes]
    if causes:
        yield from page.figure("causes", lambda sheet: bars("causes", charts["causes_question"], causes, sheet))
        yield Block("caption", say["causes"])
    if found.weakest:
        yield Block("h3", say["weakest"])
        rows = [
            (cell(w.label), cell(share_words(w.service)), cell(_offered(page, w.offered_per_week)))
            for w in found.weakest
        ]
        yield table("weak", say["columns"], rows)
    yield Block("h3", say["change"])
    yield table("change", say["change_columns"], _changes(page))


def _offered(page: Page, per_week: float) -> str:
    return look.number(per_week, 2) if per_week >= 1 else str(page.say("growth")["few"])


def _cause(page: Page, title: str, points: float, error: float) -> Bar:
    """Return a bar with two standard errors either way; none for what is not told from chance."""
    if points <= 2 * error:
        return Bar(title, Span(0, 0, 0), "–")
    low, high = max(0.0, points - 2 * error), points + 2 * error
    return Bar(title, Span(low, points, high), page.charts["points"].format(points=f"{points:.1f}"))


def _changes(page: Page) -> Iterator[Cells]:
    say, found = page.say("stress"), page.results.staffing.stress
    yield cell(say["now"], "strong"), cell(share_words(found.service), "strong")
    if found.weakest:
        yield cell(say["one_more"].format(span=found.weakest[0].label)), cell(share_words(found.one_more))
    yield cell(say["everywhere"]), cell(share_words(found.one_more_everywhere))
    yield cell(say["one_fewer"]), cell(share_words(found.one_fewer))
    yield cell(say["campaign"]), cell(share_words(found.campaign))


def assumptions(page: Page) -> Iterator[Block]:
    """List the figures without a source that the headline numbers rest on, the widest range first."""
    say, results = page.say("assumptions"), page.results
    rests_on = dict.fromkeys(ident for number in results.numbers for ident in number.rests_on)
    listed = sorted((a for a in results.assumptions if a.assumed and a.id in rests_on), key=_width(results.parameters))
    yield page.heading("assumptions")
    yield Block("p", say["intro"].format(count=len(listed)) if listed else say["none"])
    rows = [
        (cell(a.title), cell(f"{a.value} {a.unit}".strip()), cell(a.origin.removeprefix("assumption: ")))
        for a in listed[:MOST_ASSUMPTIONS]
    ]
    if rows:
        yield table("assumptions", say["columns"], rows)


def _width(parameters: Mapping[str, Parameter]) -> Callable[[Assumption], float]:
    """Return a key that puts the widest range, high against low, first; a figure without a range comes last."""

    def key(entry: Assumption) -> float:
        found = parameters.get(entry.id)
        if found is None or found.high <= found.low:
            return 0.0
        return -found.high / found.low if found.low > 0 else -inf

    return key
