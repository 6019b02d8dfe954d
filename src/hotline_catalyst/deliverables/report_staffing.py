"""Staffing, summed up for the partner: only what an outsider may know.

Numbers on shift by hour, night cover, weak hours and the roster are in the operator's edition alone; so are the rules
and triggers that would give them away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from ..planning.budget import BudgetLine, ServiceBudget
from ..planning.demand import Span
from ..planning.need import Bound
from ..planning.options import Option
from ..results import Results
from . import chart_options, look
from .chart_options import share_words
from .report_blocks import Block, Cells, Line, cell, heading, table, words

# Rules as a partner may read them: that nights have no supervisor is not for this edition.
SAID: dict[Bound, str] = {
    "minimum cover": "safety",
    "supervisor": "safety",
    "load": "volume",
    "text and chat": "volume",
    "simulated week": "volume",
    "occupancy": "occupancy",
    "language": "language",
}
MOST_OPTIONS = 8


def staffing(results: Results) -> Iterator[Block]:
    """Sum up demand, people, what binds, service, money, the choices at launch, and when to grow."""
    say = words()["staffing"]
    yield heading("staffing")
    yield Block("p", _people(results))
    yield Block("p", _demand(results))
    yield Block("p", _binds(results), strong=say["binds"])
    yield Block("p", _service(results), strong=say["service_title"])
    yield Block("p", _grows(results), strong=say["grows"])
    yield from _budget(results)
    yield from _options(results)
    yield Block("p", say["withheld"])


def _people(results: Results) -> str:
    plan, hours = results.staffing, results.facts.hours.text
    people, second, third = plan.people_by_year
    return str(
        words()["staffing"]["people"].format(
            hours=hours[0].upper() + hours[1:],
            total=people.total,
            advocates=people.advocates,
            supervisors=people.supervisors,
            support=people.support,
            hires=people.hires_first_year,
            second=second.total,
            third=third.total,
        )
    )


def _demand(results: Results) -> str:
    first, second, third = (look.span(year) for year in results.demand.years)
    text = words()["staffing"]["demand"]
    return str(text.format(first=first, second=second, third=third, basis=results.demand.basis))


def bound_shares(results: Results) -> list[tuple[Bound, float]]:
    """Return each rule that set a number, with its share of the open quarter-hours; the most frequent first."""
    counts = Counter(b for b in results.staffing.need.bound_by if b != "closed")
    return [(rule, count / counts.total()) for rule, count in counts.most_common()]


def _binds(results: Results) -> str:
    say, shares = words()["staffing"], Counter[str]()
    for rule, share in bound_shares(results):
        shares[SAID[rule]] += share  # type: ignore[assignment]
    said = [say["bind"].format(share=look.percent(s), text=say["rules"][r]) for r, s in shares.most_common()]
    return ". ".join([*said, ""]).strip()


def _service(results: Results) -> str:
    plan, stress = results.staffing, results.staffing.stress
    return str(
        words()["staffing"]["service"].format(
            promise=look.percent(plan.targets.voice_share),
            seconds=f"{plan.targets.voice_within_s:g}",
            formula=share_words(plan.service_level),
            weeks=look.number(stress.weeks),
            simulated=share_words(stress.service),
            low=share_words(stress.weekly.low),
            high=share_words(stress.weekly.high),
        )
    )


def _grows(results: Results) -> str:
    """Name the signs to watch; those of single parts of the day tell how many are on shift, and stay out."""
    say, factor = words()["staffing"], results.staffing.capacity_factor
    room = say["grows_text"].format(factor=f"{factor:g}") if factor > 1 else say["grows_now"]
    return " ".join([room, *(t.sentence for t in results.staffing.triggers if t.posts is None)])


# --- money -------------------------------------------------------------------------------------------------------


def by_group(budget: ServiceBudget) -> dict[str, tuple[Span, ...]]:
    """Return each group's three years and their sum, the dearest group first."""
    groups: dict[str, list[BudgetLine]] = {}
    for line in budget.lines:
        groups.setdefault(line.group, []).append(line)
    found = {}
    for group, lines in groups.items():
        years = [summed([line.years[n] for line in lines]) for n in range(3)]
        found[group] = (*years, summed(years))
    return dict(sorted(found.items(), key=lambda g: -g[1][-1].likely))


def summed(spans: Sequence[Span]) -> Span:
    """Return low with low, likely with likely, high with high."""
    return Span(sum(s.low for s in spans), sum(s.likely for s in spans), sum(s.high for s in spans))


def money_words(budget: ServiceBudget, text: str) -> str:
    """Fill a sentence in with the currency, its rate and the rise of prices."""
    rise = budget.inflation
    return text.format(
        currency=budget.currency,
        inflation=look.percent(rise.likely),
        low=look.percent(rise.low),
        high=look.percent(rise.high),
        rate=f"{budget.per_usd:,.6g}".replace(",", " "),
        year=budget.per_usd_year,
    )


def _budget(results: Results) -> Iterator[Block]:
    say, budget = words()["staffing"], results.staffing.budget
    yield Block("h3", say["budget"])
    yield Block("p", money_words(budget, say["budget_text"]))
    once = budget.before_launch
    rows = [_money_row(group, years) for group, years in by_group(budget).items()]
    rows.append(_money_row(say["all"], (*(budget.year(n) for n in range(3)), budget.total), "strong"))
    if once.years[0].high:
        rows.append((cell(once.title), (_amount(once.years[0], ""), _ends(once.years[0])), *(cell("–"),) * 3))
    yield table("counts", (say["columns"]["what"], *say["years"], say["columns"]["all"]), rows)


def _money_row(title: str, years: Sequence[Span], style: str = "") -> Cells:
    return (cell(title, style), *((_amount(year, style), _ends(year)) for year in years))


def _amount(cost: Span, style: str) -> Line:
    return Line(look.number(cost.likely), style)


def _ends(cost: Span) -> Line:
    return Line(f"{look.number(cost.low)} to {look.number(cost.high)}", "small")


# --- options -----------------------------------------------------------------------------------------------------


def _options(results: Results) -> Iterator[Block]:
    say, plan = words()["staffing"], results.staffing
    found = chart_options.at_promise(plan.options)
    numbers = chart_options.numbered(found)
    yield Block("h3", say["options"])
    yield Block("figure", svg=chart_options.options_chart(found), id="options")
    yield Block("caption", say["reading"])
    shown = _few([o for o in found if o.id in numbers])
    titles = say["options_header"]
    header = [titles[k].format(currency=plan.currency) for k in ("what", "people", "advocates", "share", "cost")]
    yield table("options", header, [_row(numbers[o.id], o) for o in shown])
    if len(shown) < len(numbers):
        yield Block("p", say["more"].format(count=len(numbers) - len(shown)))
    promises = [o.sentence for o in chart_options.other_promises(plan.options)]
    if promises:
        yield Block("p", " ".join(promises), strong=say["promises"])
    yield Block("p", shown[0].outside, strong=say["outside"])


def _few(options: Sequence[Option]) -> list[Option]:
    """Return what was asked for and options spread evenly over the others, when there are many."""
    if len(options) <= MOST_OPTIONS:
        return list(options)
    others = [o for o in options if not o.chosen]
    picked = {others[round(n * (len(others) - 1) / (MOST_OPTIONS - 2))].id for n in range(MOST_OPTIONS - 1)}
    return [o for o in options if o.chosen or o.id in picked]


def _row(number: int, option: Option) -> Cells:
    return (
        cell(f"{number}. {option.title}", "strong", Line(option.sentence, "small")),
        cell(str(option.people)),
        cell(str(option.advocates)),
        cell(share_words(option.share_served)),
        cell(look.span(option.annual_cost)),
    )
