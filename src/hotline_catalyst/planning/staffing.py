"""From load to posts, people and money; every interval says which rule bound it."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from . import queueing
from .calendar import QUARTERS_A_WEEK, Country, Hours, Limit
from .demand import Demand, Parameters, Span
from .shifts import ShiftPlan, design

Bound = Literal["closed", "load", "minimum cover", "occupancy"]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Targets:
    """What is promised: ``voice_share`` of live signals answered within ``voice_within_s`` seconds."""

    voice_share: float
    voice_within_s: float
    written_days: float
    patience_s: float
    minimum_cover: int
    occupancy_cap: float


@dataclass(frozen=True)
class Need:
    """Advocates needed in each of the week's 672 quarter-hours, and the rule that set the number."""

    by_load: Ints
    by_occupancy: Ints
    minimum: int
    on_shift: Ints
    bound_by: tuple[Bound, ...]


@dataclass(frozen=True)
class People:
    """Heads by role, full time, and the hours behind them."""

    advocates: int
    supervisors: int
    support: int
    on_shift_hours_per_week: float
    offline_hours_per_week: float
    hires_first_year: int

    @property
    def total(self) -> int:
        """Everybody on the pay roll."""
        return self.advocates + self.supervisors + self.support


@dataclass(frozen=True)
class Option:
    """One choice of hours against people, money and the share of signals that would reach an open line."""

    id: str
    title: str
    hours: str
    advocates: int
    people: int
    share_served: float
    annual_cost: Span
    chosen: bool
    sentence: str


@dataclass(frozen=True)
class StaffingPlan:
    """The staffing model: need by interval, shifts, people, money, and the choices beside it."""

    targets: Targets
    need: Need
    shift_plan: ShiftPlan
    people: People
    annual_cost: Span
    currency: str
    service_level: float
    service_level_erlang_c: float
    peak_on_shift: int
    night_on_shift: int
    night_share: float
    open_hours_per_week: float
    capacity_factor: float
    options: tuple[Option, ...]


def targets_of(parameters: Parameters) -> Targets:
    """Read the service promise from the parameters."""

    def likely(name: str) -> float:
        return parameters[f"service.{name}"].likely

    return Targets(
        likely("voice_share"),
        likely("voice_within_s"),
        likely("written_days"),
        parameters["demand.patience_s"].likely,
        round(likely("minimum_cover")),
        likely("occupancy_cap"),
    )


def round_up(value: float) -> int:
    """Round up to whole people: 21 / (1 - 0.3) is 30.000000000000004 in binary, and ceil alone adds a person."""
    return ceil(round(value, 9))


def need_of(demand: Demand, hours: Hours, targets: Targets, factor: float = 1.0) -> Need:
    """Return the advocates needed in each quarter-hour, demand multiplied by ``factor``."""
    open_ = hours.open_quarters
    rate = np.where(open_, demand.live_per_hour * factor, 0.0)
    load = rate * demand.handle_time_s / 3600
    by_load = queueing.required(
        rate, demand.handle_time_s, targets.voice_within_s, targets.voice_share, targets.patience_s
    )
    by_occupancy = np.ceil(np.round(load / targets.occupancy_cap, 9)).astype(np.int64)
    floor = np.where(open_, targets.minimum_cover, 0)
    on_shift = np.maximum.reduce([by_load, by_occupancy, floor])
    return Need(by_load, by_occupancy, targets.minimum_cover, on_shift, _bounds(open_, by_load, by_occupancy, floor))


def _bounds(open_: NDArray[np.bool_], by_load: Ints, by_occupancy: Ints, floor: Ints) -> tuple[Bound, ...]:
    """Name the rule that set each number; where two agree, the one nearest to the caller is named."""
    names: list[Bound] = []
    for is_open, load, occupancy, minimum in zip(open_, by_load, by_occupancy, floor, strict=True):
        if not is_open:
            names.append("closed")
        elif load >= max(occupancy, minimum) and load > minimum:
            names.append("load")
        elif occupancy > max(load, minimum):
            names.append("occupancy")
        else:
            names.append("minimum cover")
    return tuple(names)


def people_of(demand: Demand, shift_plan: ShiftPlan, parameters: Parameters, occupancy_cap: float) -> People:
    """Turn shift hours into heads: time away from signals, leavers and the work that can wait are in it."""

    def likely(name: str) -> float:
        return parameters[f"staffing.{name}"].likely

    on_shift = shift_plan.paid_hours_per_week
    live_hours = demand.live_per_week * demand.handle_time_s / 3600
    waiting_work = demand.written_hours_per_week + demand.follow_up_hours_per_week
    room = max(0.0, on_shift * occupancy_cap - live_hours)
    offline = max(0.0, waiting_work - room) / occupancy_cap
    productive = likely("contract_hours") * (1 - likely("shrinkage"))
    advocates = round_up((on_shift + offline) / productive)
    supervisors = max(round_up(advocates / likely("supervisor_span")), round_up(likely("minimum_supervisors")))
    entrants = advocates * (1 + likely("attrition")) / (likely("academy_pass_rate") * likely("ninety_day_survival"))
    return People(advocates, supervisors, round_up(likely("support_posts")), on_shift, offline, round_up(entrants))


def cost_of(people: People, night_share: float, parameters: Parameters, income_per_head: float) -> Span:
    """Return a year's cost in local currency with all figures low, likely or high: a range, no interval of chance."""
    ends = []
    for side in ("low", "likely", "high"):

        def cost(name: str, side: str = side) -> float:
            return float(getattr(parameters[f"cost.{name}"], side))

        own = parameters.get("cost.advocate_pay")
        pay = float(getattr(own, side)) if own else income_per_head * cost("pay_multiple")
        bill = pay * (
            people.advocates * (1 + night_share * cost("night_premium"))
            + people.supervisors * cost("supervisor_multiple")
            + people.support * cost("support_multiple")
        )
        ends.append(bill * (1 + cost("on_costs")) * (1 + cost("running_share")))
    return Span(*ends)


@dataclass(frozen=True)
class OptionHours:
    """A choice of hours to compare."""

    id: str
    title: str
    hours: Hours


def plan_staffing(
    demand: Demand,
    hours: Hours,
    parameters: Parameters,
    country: Country,
    limits: dict[str, Limit],
    compared: list[OptionHours],
) -> StaffingPlan:
    """Return the staffing plan for the hours asked for, and the choices beside it."""
    targets = targets_of(parameters)
    income = country.income_per_head_usd.value * country.currency.per_usd.value
    need = need_of(demand, hours, targets)
    shift_plan, people, cost = _posts(demand, need, parameters, country, limits, targets, income)
    covered, rate = shift_plan.covered, np.where(hours.open_quarters, demand.live_per_hour, 0)
    night = np.array([country.is_night(q * 15 % 1440) for q in range(QUARTERS_A_WEEK)]) & hours.open_quarters
    chosen = Option(
        "chosen",
        hours.text[0].upper() + hours.text[1:],
        hours.text,
        people.advocates,
        people.total,
        _share_served(demand, hours),
        cost,
        True,
        "",
    )
    options = [_sentence(chosen, chosen)]
    for choice in compared:
        if not np.array_equal(choice.hours.open_quarters, hours.open_quarters):
            _, heads, money = _posts(
                demand, need_of(demand, choice.hours, targets), parameters, country, limits, targets, income
            )
            option = Option(
                choice.id,
                choice.title,
                choice.hours.text,
                heads.advocates,
                heads.total,
                _share_served(demand, choice.hours),
                money,
                False,
                "",
            )
            options.append(_sentence(option, chosen))
    return StaffingPlan(
        targets=targets,
        need=need,
        shift_plan=shift_plan,
        people=people,
        annual_cost=cost,
        currency=country.currency.code,
        service_level=_service_level(rate, covered, demand, targets, patient=False),
        service_level_erlang_c=_service_level(rate, covered, demand, targets, patient=True),
        peak_on_shift=int(covered.max(initial=0)),
        night_on_shift=int(covered[night].min()) if night.any() else 0,
        night_share=shift_plan.night_hours_share(country),
        open_hours_per_week=float(hours.open_quarters.sum() / 4),
        capacity_factor=_capacity_factor(demand, hours, targets, covered),
        options=tuple(sorted(options, key=lambda o: (o.advocates, o.id))),
    )


def _posts(
    demand: Demand,
    need: Need,
    parameters: Parameters,
    country: Country,
    limits: dict[str, Limit],
    targets: Targets,
    income: float,
) -> tuple[ShiftPlan, People, Span]:
    shift_plan = design(
        need.on_shift,
        country,
        limits,
        shortest_h=parameters["staffing.shortest_shift_hours"].likely,
        handover=round(parameters["staffing.handover_minutes"].likely),
        variety_hours=parameters["staffing.shift_variety_hours"].likely,
        unsocial_hours=parameters["staffing.unsocial_change_hours"].likely,
    )
    people = people_of(demand, shift_plan, parameters, targets.occupancy_cap)
    return shift_plan, people, cost_of(people, shift_plan.night_hours_share(country), parameters, income)


def _share_served(demand: Demand, hours: Hours) -> float:
    arriving = float(demand.live_per_hour.sum())
    # A line that takes only messages has no live signal to miss.
    return float(demand.live_per_hour[hours.open_quarters].sum()) / arriving if arriving else 1.0


def _service_level(
    rate: NDArray[np.float64], covered: Ints, demand: Demand, targets: Targets, *, patient: bool
) -> float:
    """Share of the week's signals in open hours answered in time; Erlang C when nobody hangs up."""
    served = 0.0
    for n in np.unique(covered[rate > 0]):
        here = (covered == n) & (rate > 0)
        if n == 0:
            continue
        level = (
            queueing.erlang_c_service_level(int(n), rate[here], demand.handle_time_s, targets.voice_within_s)
            if patient
            else queueing.erlang_a_service_level(
                int(n), rate[here], demand.handle_time_s, targets.patience_s, targets.voice_within_s
            )
        )
        served += float(level @ rate[here])
    return served / float(rate.sum()) if rate.sum() else 1.0


def _capacity_factor(demand: Demand, hours: Hours, targets: Targets, covered: Ints) -> float:
    """Return the largest growth of demand (in steps of 5 %) that the shifts on the plan still answer as promised."""
    rate = np.where(hours.open_quarters, demand.live_per_hour, 0)
    factor = 1.0
    while (
        factor < 10
        and _service_level(rate * (factor + 0.05), covered, demand, targets, patient=False) >= targets.voice_share
    ):
        factor = round(factor + 0.05, 2)
    return factor


def _sentence(option: Option, chosen: Option) -> Option:
    from dataclasses import replace

    head = (
        f"With {option.people} people ({option.advocates} advocates): {option.hours}; "
        f"{100 * option.share_served:.0f} % of expected live signals reach an open line"
    )
    more = option.people - chosen.people
    if option.chosen:
        tail = "; this is what was asked for."
    elif more == 0:
        tail = "; as many people as what was asked for."
    else:
        tail = f"; {abs(more)} {'more' if more > 0 else 'fewer'} people than what was asked for."
    return replace(option, sentence=head + tail)
