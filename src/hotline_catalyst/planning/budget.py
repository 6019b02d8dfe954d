"""What the service costs in each of three years: every line low, likely and high, in local currency."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from .calendar import Country
from .demand import WEEKS_A_YEAR, Demand, Parameters, Span
from .hiring import HiringPlan
from .people import SIDES, SUPPORT, People
from .posts import Line, load_posts

YEARS = 3
MONTH = 1 / 12  # of a year; who begins an academy is paid for the month


@dataclass(frozen=True, slots=True)
class BudgetLine:
    """What one thing costs in each of three years, inflation included, and what it is made of."""

    id: str
    title: str
    group: str
    years: tuple[Span, Span, Span]
    because: str


@dataclass(frozen=True)
class ServiceBudget:
    """The budget of three years from the launch month on.

    All low with low and high with high: a range, no interval of chance. ``per_usd`` is the currency's rate of
    ``per_usd_year``; ``inflation`` raises every price from the second year on. ``before_launch`` stands apart: its
    first year holds what is paid before the launch for advocates hired ahead, and no year counts it.
    """

    currency: str
    per_usd: float
    per_usd_year: int
    inflation: Span
    lines: tuple[BudgetLine, ...]
    before_launch: BudgetLine

    def year(self, n: int) -> Span:
        """Return the cost of year ``n``, 0 to 2."""
        return _sum(line.years[n] for line in self.lines)

    @property
    def total(self) -> Span:
        """The cost of the three years together."""
        return _sum(self.year(n) for n in range(YEARS))


def _sum(spans: Iterable[Span]) -> Span:
    listed = list(spans)
    return Span(*(sum(float(getattr(span, side)) for span in listed) for side in SIDES))


@dataclass(frozen=True)
class _Joiners:
    """Who begins an academy before the launch and in each year, and who is paid beyond the posts, in person-years."""

    before: float
    entrants: tuple[float, ...]
    paid_before: float
    paid_beyond: tuple[float, ...]


@dataclass(frozen=True)
class _Case:
    """Everything the lines are calculated from, at one side of every range; volumes are those of the first year."""

    price: Mapping[str, float]
    pay: float
    income: float
    per_usd: float
    contract_hours: float
    night_share: float
    weekend_share: float
    holiday_share: float
    lines: int
    messaging: bool
    phone_minutes: float
    interpreted_minutes: float


def budget_of(
    parameters: Parameters,
    country: Country,
    people: tuple[People, People, People],
    *,
    demand: Demand,
    night_share: float,
    holiday_share: float,
    weekend_share: float,
    hiring: HiringPlan | None,
    lines: int,
    interpreted: float = 0.0,
    reach: float = 1.0,
    already: float = 0.0,
) -> ServiceBudget:
    """Return the budget of the first three years.

    Parameters
    ----------
    people
        The people of each year.
    night_share, holiday_share, weekend_share
        Shares of the advocates' shift hours at night, on public holidays, at weekends.
    hiring
        Who is hired when; without a plan, leavers and growth are replaced at the usual rates and nobody learns early.
    lines
        Telephone lines.
    interpreted
        Share of live signals whose language nobody on shift speaks; they come on top of the usual share.
    reach
        Share of live signals that come in open hours.
    already
        Full-time advocates in post, who need not be hired where there is no hiring plan.
    """
    joiners = _planned(people, hiring) if hiring else _usual(parameters, people, already)
    shares = (night_share, weekend_share, holiday_share)
    cases = {side: _case(parameters, country, demand, side, shares, lines, interpreted, reach) for side in SIDES}
    years = [
        [_year(cases[side], people[n], joiners, n, _volume(demand, n, side)) for side in SIDES] for n in range(YEARS)
    ]
    words, inflation, rate = load_posts(), parameters["roadmap.inflation"], country.currency.per_usd
    once = [_before_launch(cases[side], joiners) for side in SIDES]
    return ServiceBudget(
        currency=country.currency.code,
        per_usd=rate.value,
        per_usd_year=rate.year,
        inflation=Span(inflation.low, inflation.likely, inflation.high),
        lines=tuple(_line(i, words.budget[i], [[end[i] for end in year] for year in years]) for i in years[0][0]),
        before_launch=_line("before_launch", words.before_launch, [once, [0.0] * 3, [0.0] * 3]),
    )


def _line(ident: str, words: Line, years: Sequence[Sequence[float]]) -> BudgetLine:
    first, second, third = (Span(*ends) for ends in years)
    return BudgetLine(ident, words.title, words.group, (first, second, third), words.because)


def _planned(people: Sequence[People], hiring: HiringPlan) -> _Joiners:
    beyond = tuple(max(0.0, hiring.heads(n) - people[n].advocates) for n in range(YEARS))
    entrants = tuple(float(hiring.entrants(n)) for n in range(YEARS))
    return _Joiners(hiring.entrants_before_launch, entrants, hiring.heads_before_launch, beyond)


def _usual(parameters: Parameters, people: Sequence[People], already: float) -> _Joiners:
    """Return joiners without a plan: leavers and growth, over those who pass and stay; no month of learning ahead."""
    stay = parameters["staffing.academy_pass_rate"].likely * parameters["staffing.ninety_day_survival"].likely
    leave, heads = parameters["staffing.attrition"].likely, [p.advocates for p in people]
    growth = [0, *(max(0, now - then) for then, now in pairwise(heads))]
    entrants = tuple((n * leave + more) / stay for n, more in zip(heads, growth, strict=True))
    return _Joiners(max(0.0, heads[0] - already) / stay, entrants, 0.0, (0.0,) * YEARS)


def _volume(demand: Demand, n: int, side: str) -> float:
    """Return the signals of year ``n`` against the likely ones of the first year."""
    first = demand.years[0].likely
    return float(getattr(demand.years[n], side)) / first if first else demand.year_factors[n]


def _case(
    parameters: Parameters,
    country: Country,
    demand: Demand,
    side: str,
    shares: tuple[float, float, float],
    lines: int,
    interpreted: float,
    reach: float,
) -> _Case:
    price = {i.removeprefix("cost."): float(getattr(p, side)) for i, p in parameters.items() if i.startswith("cost.")}
    price["inflation"] = float(getattr(parameters["roadmap.inflation"], side))
    per_usd = country.currency.per_usd.value
    income = country.income_per_head_usd.value * per_usd
    share = min(1.0, price["interpreted_share"] + interpreted)
    longer = float(getattr(parameters["service.interpreter_factor"], side))
    return _Case(
        price=price,
        pay=price["advocate_pay"] if "advocate_pay" in price else income * price["pay_multiple"],
        income=income,
        per_usd=per_usd,
        contract_hours=parameters["staffing.contract_hours"].likely,
        night_share=shares[0],
        weekend_share=shares[1],
        holiday_share=shares[2],
        lines=lines,
        messaging=any(c in demand.shares for c in ("text", "chat")),
        phone_minutes=_minutes_a_year(demand, "phone") * reach,
        interpreted_minutes=_minutes_a_year(demand) * reach * share * longer,
    )


def _minutes_a_year(demand: Demand, channel: str = "") -> float:
    kinds = [c for c in demand.classes if channel in ("", c.channel)]
    return sum(c.per_week * c.handle_time_s for c in kinds) / 60 * WEEKS_A_YEAR


def _year(case: _Case, people: People, joiners: _Joiners, n: int, volume: float) -> dict[str, float]:
    """Return every line of year ``n``, in the order of the budget."""
    price, heads, usd = case.price, people.total, case.per_usd
    entrants, pay = joiners.entrants[n], _pay(case, people)
    with_charges = sum(pay.values())
    beyond = joiners.paid_beyond[n] + entrants * MONTH
    lines = {
        **pay,
        "learning": beyond * case.pay * (1 + price["on_costs"]),
        "recruitment": entrants * case.pay * price["recruitment_share"],
        "academy": entrants * case.income * price["academy_share"],
        "training": heads * case.income * price["training_share"],
        "wellness": heads * case.income * price["wellness_share"],
        "lines": case.lines * price["line_usd"] * usd,
        "minutes": case.phone_minutes * volume * price["toll_free_minute_usd"] * usd,
        "messaging": price["messaging_usd"] * usd if case.messaging else 0.0,
        "software": heads * price["software_usd"] * usd,
        "interpreters": case.interpreted_minutes * volume * price["interpreter_minute_usd"] * usd,
        "premises": heads * case.income * price["premises_share"],
        "equipment": heads * price["equipment_usd"] * usd,
        "outreach": with_charges * price["outreach_share"],
    }
    all_ = sum(lines.values())
    lines |= {"evaluation": all_ * price["evaluation_share"], "reserve": all_ * price["reserve_share"]}
    return {ident: amount * (1 + price["inflation"]) ** n for ident, amount in lines.items()}


def _pay(case: _Case, people: People) -> dict[str, float]:
    """Return the pay of all posts, premiums and the employer's charges: what a year of the posts costs."""
    price, pay = case.price, case.pay
    supervisors = pay * people.supervisors * price["supervisor_multiple"]
    on_shift = pay * people.on_shift_hours_per_week / case.contract_hours
    both = on_shift + supervisors * (1 - people.shrinkage.share.likely)
    on_call = pay * price["supervisor_multiple"] * people.on_call_hours_per_week / case.contract_hours
    full_time = {post.id: post.full_time for post in people.posts if post.group == "support"}
    lines = {
        "pay_advocates": pay * people.advocates,
        "pay_supervisors": supervisors,
        **{f"pay_{role}": pay * full_time[role] * price[f"pay_{role}"] for role in SUPPORT},
        "night": on_shift * case.night_share * price["night_premium"],
        "weekend": both * case.weekend_share * price["weekend_premium"],
        "holiday": both * case.holiday_share * price["holiday_premium"],
        "on_call": on_call * price["on_call_share"],
    }
    return {**lines, "on_costs": sum(lines.values()) * price["on_costs"]}


def _before_launch(case: _Case, joiners: _Joiners) -> float:
    price = case.price
    paid = (joiners.paid_before + joiners.before * MONTH) * case.pay * (1 + price["on_costs"])
    return paid + joiners.before * (case.pay * price["recruitment_share"] + case.income * price["academy_share"])
