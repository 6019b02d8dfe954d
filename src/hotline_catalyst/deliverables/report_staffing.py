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
from ..planning.people import People
from ..planning.staffing import MOST_GROWTH, StaffingPlan
from ..planning.stress import WEEKS
from ..results import Results
from . import chart_options, look
from .chart_options import share_words
from .report_blocks import Block, Cells, Line, cell, chance, heading, table, words

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
    yield from _hiring(results)
    yield Block("p", _demand(results))
    yield Block("p", _binds(results), strong=say["binds"])
    yield Block("p", _service(results), strong=say["service_title"])
    if per_signal := signal_words(results.staffing):
        yield Block("p", per_signal)
    yield Block("p", _grows(results), strong=say["grows"])
    yield from _budget(results)
    yield from _options(results)
    yield Block("p", say["withheld"])


def _people(results: Results) -> str:
    plan, hours = results.staffing, results.facts.hours.text
    (people, second, third), say = plan.people_by_year, words()["staffing"]
    text = say["people"].format(
        hours=hours[0].upper() + hours[1:],
        total=people.total,
        advocates=heads_words(people),
        supervisors=people.supervisors,
        support=people.support,
        second=second.total,
        third=third.total,
    )
    return f"{text} {say['people_range']}" if people.advocates_low < people.advocates_high else str(text)


def heads_words(people: People) -> str:
    """Return the number of advocates, with its range where it has one."""
    if people.advocates_low >= people.advocates_high:
        return str(people.advocates)
    text = words()["staffing"]["heads"]
    return str(text.format(likely=people.advocates, low=people.advocates_low, high=people.advocates_high))


def _hiring(results: Results) -> Iterator[Block]:
    """Say how many entrants to recruit, or why enough cannot be."""
    say, plan = words()["staffing"], results.staffing
    if plan.hiring_refused:
        yield Block("p", plan.hiring_refused, strong=say["refused"])
    else:
        nobody = f" {say['from_nobody']}" if plan.from_nobody else ""
        yield Block("p", say["entrants"].format(hires=plan.people.hires_first_year) + nobody)


def signal_words(plan: StaffingPlan) -> str:
    """Return what a signal costs and how much time is spent in contact; nothing without signals."""
    if not plan.cost_per_signal:
        return ""
    return str(
        words()["staffing"]["per_signal"].format(
            cost=look.number(plan.cost_per_signal),
            currency=plan.currency,
            contact=chance(plan.contact_share),
        )
    )


def promise_words(results: Results) -> str:
    """Return what is promised for calls, and for texts and chats where they are offered."""
    say, plan = words()["staffing"]["promised"], results.staffing
    targets, offered = plan.targets, {c for c, share in results.demand.shares.items() if share}
    promised = []
    if "phone" in offered or not offered & {"text", "chat"}:
        promised.append(("voice", targets.voice_share, targets.voice_within_s))
    if offered & {"text", "chat"}:
        promised.append(("text", targets.text_share, targets.text_within_s))
    said = [say[kind].format(share=look.percent(share), seconds=f"{within:g}") for kind, share, within in promised]
    text = say["join"].join(said)
    if len(said) > 1:
        text = say["together"].format(promises=text, share=share_words(plan.stress.promise))
    return str(text)


def factor_words(plan: StaffingPlan) -> str:
    """Return how many times the likely demand the shifts hold; the search ends somewhere."""
    factor = f"{plan.capacity_factor:g}"
    return str(words()["staffing"]["at_least"].format(factor=factor)) if plan.capacity_factor >= MOST_GROWTH else factor


def weeks_words(plan: StaffingPlan) -> str:
    """Return the number of simulated weeks, with the reason where they are fewer than usual."""
    count = look.number(plan.stress.weeks)
    if plan.stress.weeks >= WEEKS[0]:
        return count
    return f"{count} {words()['staffing']['page']['stress']['fewer_weeks'].format(most=look.number(WEEKS[0]))}"


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
    say, plan, stress = words()["staffing"], results.staffing, results.staffing.stress
    low, high = share_words(stress.weekly.low), share_words(stress.weekly.high)
    return str(
        say["service"].format(
            promise=promise_words(results),
            formula=share_words(plan.service_level),
            weeks=weeks_words(plan),
            simulated=share_words(stress.service),
            spread=say["spread_same" if low == high else "spread"].format(low=low, high=high),
            kept=share_words(stress.kept_weeks),
        )
    )


def _grows(results: Results) -> str:
    """Name the signs to watch; those of single parts of the day tell how many are on shift, and stay out."""
    say, plan = words()["staffing"], results.staffing
    room = say["grows_text"].format(factor=factor_words(plan)) if plan.capacity_factor > 1 else say["grows_now"]
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
