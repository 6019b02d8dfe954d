"""From signals to posts, people and money: the whole staffing plan, each room asked once and in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from math import fsum

import numpy as np
from numpy.typing import NDArray

from ..errors import NoPlanError
from . import deadline, queueing, transient
from .budget import ServiceBudget, budget_of
from .calendar import DAYS, QUARTERS_A_DAY, QUARTERS_A_WEEK, Country, Limit
from .cases import Case, NamedHours, Promise, cases_of, narrowed, open_share, share_served
from .correction import Correction, correction
from .deadline import Backlog
from .demand import LIVE_CHANNELS, WEEKS_A_YEAR, Demand, Parameters, Span
from .growth import Trigger, triggers
from .hiring import HiringPlan, hiring_plan
from .need import Need, Targets, need_of, targets_of
from .options import Option, Staffed, options
from .people import DAYS_A_WEEK, SIDES, People, people_of
from .shifts import Designer, ShiftPlan
from .simulation_duties import duties_of
from .staffing_words import StaffingWords, load_staffing_words
from .stress import Stress, stress, week_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
STEP = 0.05
MOST_GROWTH = 10.0


@dataclass(frozen=True)
class Question:
    """What a staffing plan is asked for.

    Parameters
    ----------
    demand
        What arrives by the channels and in the languages offered.
    case
        Hours, channels, languages (the main one first) and the promise.
    already
        Full-time advocates in post who need not be hired.
    running
        Whether the line is open already.
    weeks
        Weeks to simulate; None: a thousand, fewer on a busy line.
    """

    demand: Demand
    case: Case
    country: Country
    limits: dict[str, Limit]
    parameters: Parameters
    already: float = 0.0
    running: bool = False
    weeks: int | None = None

    def figure(self, name: str) -> float:
        """Return a parameter's likely value."""
        return self.parameters[name].likely

    @cached_property
    def targets(self) -> Targets:
        """The promise and the floors."""
        return targets_of(self.parameters)

    @cached_property
    def designer(self) -> Designer:
        """Designs shifts under the country's rules."""
        return Designer(
            self.country,
            self.limits,
            shortest_h=self.figure("staffing.shortest_shift_hours"),
            handover=round(self.figure("staffing.handover_minutes")),
            variety_hours=self.figure("staffing.shift_variety_hours"),
            unsocial_hours=self.figure("staffing.unsocial_change_hours"),
        )

    @property
    def primary(self) -> str:
        """The language everybody on shift speaks."""
        return self.case.languages[0]

    @cached_property
    def words(self) -> StaffingWords:
        """What the plan says."""
        return load_staffing_words()


@dataclass(frozen=True)
class StaffingPlan:
    """The staffing model: need by quarter-hour, shifts, people, money, and the choices beside it.

    Parameters
    ----------
    needs, people_by_year
        One for each of three years; the shifts, advocates' and supervisors', are the first year's.
    hiring
        None where no classes can have enough advocates ready; ``hiring_refused`` then says why.
    service_level, service_level_erlang_c
        Share of the week's live signals in open hours that the shifts answer in time, likely demand, by formula.
    service_by_quarter, service_level_exact
        The same by the exact solution of the week as it goes on: (672,), and over all signals.
    confirmed
        What the simulated week said of the need, and added to it.
    reach, interpreted
        Share of live signals that come in open hours, and of those the share whose language nobody on shift speaks.
    lines
        Telephone lines for contacts in hand, so that few callers find all of them busy; 0 without a telephone.
    cost_per_signal
        The first year's likely cost over its likely signals, in local currency; 0 without signals.
    contact_share
        Share of the time on shift that advocates are in contact, likely demand.
    already
        Full-time advocates in post, who need not be hired.
    from_nobody
        Whether a running line's hiring begins with nobody, as nobody was named who works there now.
    capacity_factor
        How many times the likely demand the shifts still answer as promised.
    """

    targets: Targets
    needs: tuple[Need, Need, Need]
    shift_plan: ShiftPlan
    supervisor_plan: ShiftPlan
    people_by_year: tuple[People, People, People]
    hiring: HiringPlan | None
    hiring_refused: str
    budget: ServiceBudget
    service_level: float
    service_level_erlang_c: float
    service_by_quarter: Floats
    service_level_exact: float
    confirmed: Correction
    written: Backlog
    reach: float
    interpreted: float
    lines: int
    peak_on_shift: int
    night_on_shift: int
    night_share: float
    open_hours_per_week: float
    capacity_factor: float
    cost_per_signal: float
    contact_share: float
    already: float
    from_nobody: bool
    options: tuple[Option, ...]
    triggers: tuple[Trigger, ...]
    stress: Stress

    @property
    def need(self) -> Need:
        """The first year's need."""
        return self.needs[0]

    @property
    def people(self) -> People:
        """The first year's people."""
        return self.people_by_year[0]

    @property
    def annual_cost(self) -> Span:
        """The first year's cost, in local currency."""
        return self.budget.year(0)

    @property
    def currency(self) -> str:
        """Code of the local currency."""
        return self.budget.currency


def plan_staffing(question: Question, compared: Sequence[NamedHours]) -> StaffingPlan:
    """Return the staffing plan for what is asked, and the choices beside it.

    Parameters
    ----------
    compared
        Hours to compare with those asked for.
    """
    demand, hours, targets = question.demand, question.case.hours, question.targets
    first = need_of(demand, hours, targets)
    confirmed = correction(
        first.on_shift,
        demand,
        question.parameters,
        primary=question.primary,
        speakers=first.speakers,
        weeks=question.weeks,
    )
    first = need_of(demand, hours, targets, added=confirmed.added)
    second, third = (need_of(demand, hours, targets, factor, first.added) for factor in demand.year_factors[1:])
    plan = question.designer.plan(first.on_shift)
    covered, open_ = plan.covered, hours.open_quarters
    rate = np.where(open_, demand.live_per_hour, 0.0)
    written = _written(question, covered)
    people = _three_years(question, (first, second, third), plan, written)
    hiring, refused = _hiring(question, people)
    if hiring is not None:
        people = (replace(people[0], hires_first_year=hiring.hires_first_year), *people[1:])
    lines = _lines(question, covered)
    interpreted = _interpreted(demand, first)
    budget = _budget(question, people, plan, hiring, lines, interpreted)
    alike = _budget(question, people, plan, None, lines, interpreted).year(0)
    night = night_quarters(question.country)
    exact = transient.week(rate, covered, demand.handle_time_s, targets.patience_s, targets.voice_within_s)
    return StaffingPlan(
        targets=targets,
        needs=(first, second, third),
        shift_plan=plan,
        supervisor_plan=question.designer.plan(first.supervisors),
        people_by_year=people,
        hiring=hiring,
        hiring_refused=refused,
        budget=budget,
        service_level=_share(rate, covered, demand, targets, patient=True),
        service_level_erlang_c=_share(rate, covered, demand, targets, patient=False),
        service_by_quarter=exact.service_level,
        service_level_exact=exact.overall,
        confirmed=confirmed,
        written=written,
        reach=open_share(demand, open_),
        interpreted=interpreted,
        lines=lines,
        peak_on_shift=int(covered.max(initial=0)),
        night_on_shift=int(covered[night & open_].min()) if (night & open_).any() else 0,
        night_share=plan.night_hours_share(question.country),
        open_hours_per_week=float(open_.sum() / 4),
        capacity_factor=_capacity_factor(rate, covered, demand, targets),
        cost_per_signal=budget.year(0).likely / demand.annual.likely if demand.annual.likely else 0.0,
        contact_share=float(rate.sum()) * demand.handle_time_s / 3600 / max(1.0, float(covered.sum())),
        already=question.already,
        from_nobody=question.running and question.already == 0,
        options=_options(question, compared, first.added, _Asked(people[0], budget.year(0), alike)),
        triggers=triggers(
            demand,
            np.where(open_, covered, 0),
            targets,
            question.parameters,
            question.country.weekend,
            question.words,
        ),
        stress=_stress(question, first, plan),
    )


def night_quarters(country: Country) -> NDArray[np.bool_]:
    """Whether each of the week's quarter-hours lies in the country's night."""
    return np.array([country.is_night(q * 15 % 1440) for q in range(QUARTERS_A_WEEK)])


def business_quarters(question: Question) -> NDArray[np.bool_]:
    """Whether each of the week's quarter-hours is business hours: written work is done in them."""
    quarter = np.arange(QUARTERS_A_WEEK)
    hour = quarter % QUARTERS_A_DAY / 4
    working = np.repeat([day not in question.country.weekend for day in DAYS], QUARTERS_A_DAY)
    inside = (hour >= question.figure("service.business_from")) & (hour < question.figure("service.business_to"))
    return np.asarray(working & inside)


def _written(question: Question, covered: Ints) -> Backlog:
    """Return what becomes of the week's e-mails and web forms in the quiet time of those on shift."""
    demand, targets = question.demand, question.targets
    open_rate = np.where(question.case.hours.open_quarters, demand.live_per_hour, 0.0)
    return deadline.backlog(
        demand.written_per_week * demand.shape / demand.shape.sum(),
        deadline.room_hours(covered, open_rate, demand.handle_time_s, targets.occupancy_cap),
        question.figure("demand.minutes_email"),
        business_quarters(question),
        targets.written_days,
        urgent=question.figure("service.urgent_written_share"),
    )


def _three_years(
    question: Question, needs: tuple[Need, Need, Need], plan: ShiftPlan, written: Backlog
) -> tuple[People, People, People]:
    """Return the people of each year; later years' shifts are taken to fit their need as the first year's do."""
    paid = plan.paid_hours_per_week
    first, second, third = (
        _people(
            question,
            question.demand,
            need,
            paid * need.hours_per_week / needs[0].hours_per_week if needs[0].hours_per_week else paid,
            factor,
            float(written.hours_missing_per_week) * factor,
        )
        for need, factor in zip(needs, question.demand.year_factors, strict=True)
    )
    return first, second, third


def _people(
    question: Question, demand: Demand, need: Need, paid_hours: float, factor: float = 1.0, missing: float = 0.0
) -> People:
    cap, open_ = question.targets.occupancy_cap, np.array([rule != "closed" for rule in need.bound_by])
    # Messages wait for the line to open; whoever calls while it is closed brings no work.
    reach, offered = open_share(demand, open_), fsum(demand.shares.values())
    messages = fsum(x for c, x in demand.shares.items() if c not in LIVE_CHANNELS) / offered if offered else 0.0
    live = demand.live_per_week * reach * demand.handle_time_s / 3600 * factor
    follow_up = demand.follow_up_hours_per_week * (messages + (1 - messages) * reach)
    waiting = (demand.written_hours_per_week + follow_up) * factor
    if missing > 0:
        # Messages that the deadline model finds late need hours of their own, quiet as the nights may be.
        waiting = max(waiting, max(0.0, paid_hours * cap - live) + missing * cap)
    return people_of(
        question.parameters,
        on_shift_hours=paid_hours,
        live_hours=live,
        waiting_hours=waiting,
        occupancy_cap=cap,
        open_hours=float(open_.sum() / 4),
        crisis_per_week=fsum(c.per_week for c in demand.classes if c.kind == "crisis") * reach * factor,
        already=question.already,
        supervisor_hours=float(need.supervisors.sum() / 4),
        supervised_hours=float((need.supervisors > 0).sum() / 4),
    )


def _hiring(question: Question, people: tuple[People, People, People]) -> tuple[HiringPlan | None, str]:
    first, second, third = (p.full_time_advocates for p in people)
    try:
        return hiring_plan(question.parameters, (first, second, third), question.already), ""
    except NoPlanError as error:
        return None, str(error)


def _lines(question: Question, covered: Ints) -> int:
    """Return telephone lines: few callers find all busy, and everybody on shift can be on the telephone."""
    demand = question.demand
    phone = [c for c in demand.classes if c.channel == "phone"]
    if not phone or not demand.live_per_week:
        return 0
    load_s = sum(c.per_week * c.handle_time_s for c in phone) / demand.live_per_week
    open_ = question.case.hours.open_quarters
    peak = float(np.where(open_, demand.planned_per_hour, 0).max()) * load_s / 3600
    few_blocked = int(queueing.lines_for(peak, question.figure("service.blocking")).item())
    return max(few_blocked, int(covered.max(initial=0)))


def _budget(
    question: Question,
    people: tuple[People, People, People],
    plan: ShiftPlan,
    hiring: HiringPlan | None,
    lines: int,
    interpreted: float,
    demand: Demand | None = None,
) -> ServiceBudget:
    covered = plan.covered
    at_weekend = np.repeat([day in question.country.weekend for day in DAYS], QUARTERS_A_DAY)
    return budget_of(
        question.parameters,
        question.country,
        people,
        demand=demand or question.demand,
        night_share=plan.night_hours_share(question.country),
        # Holidays on working days against working days; on any other day of the week they are as likely.
        holiday_share=question.figure("staffing.holiday_days") / (DAYS_A_WEEK * WEEKS_A_YEAR),
        weekend_share=float(covered[at_weekend].sum() / max(1, covered.sum())),
        hiring=hiring,
        lines=lines,
        interpreted=interpreted,
        reach=open_share(demand or question.demand, question.case.hours.open_quarters),
        already=question.already,
    )


def _interpreted(demand: Demand, need: Need) -> float:
    """Return the share of live signals whose language nobody on shift speaks at that hour."""
    weight = np.where(need.on_shift > 0, demand.shape, 0.0)
    alone = fsum(demand.languages[name] * float(weight[count == 0].sum()) for name, count in need.speakers.items())
    return alone / float(weight.sum()) if weight.any() else 0.0


def _stress(question: Question, need: Need, plan: ShiftPlan) -> Stress:
    duties = duties_of(
        plan,
        question.primary,
        need.speakers,
        break_minutes=round(question.figure("service.break_minutes")),
        break_after_hours=question.figure("service.break_after_hours"),
    )
    week = week_of(question.demand, duties, question.parameters, open_=question.case.hours.open_quarters)
    return stress(
        week,
        question.demand.annual,
        question.figure("demand.campaign_factor"),
        question.words,
        weeks=question.weeks,
    )


@dataclass(frozen=True)
class _Asked:
    """What was asked for, with its year's cost as planned and as the other options are priced, without hiring plan."""

    people: People
    cost: Span
    alike: Span

    def priced(self, cost: Span) -> Span:
        """Return another option's cost with what a hiring plan adds to it, in proportion."""
        pairs = ((getattr(self.cost, side), getattr(self.alike, side)) for side in SIDES)
        factors = [planned / usual if usual else 1.0 for planned, usual in pairs]
        low, likely, high = (getattr(cost, side) * factor for side, factor in zip(SIDES, factors, strict=True))
        return Span(low, likely, high)


def _options(question: Question, compared: Sequence[NamedHours], added: Ints, asked: _Asked) -> tuple[Option, ...]:
    targets, share = question.targets, question.parameters["service.voice_share"]
    cases = cases_of(
        question.words,
        compared,
        hours=question.case.hours,
        channels=question.case.channels,
        languages=question.case.languages,
        promise=Promise(Span(share.low, targets.voice_share, share.high), targets.voice_within_s),
        weekend=question.country.weekend,
    )
    return options(
        cases,
        lambda case: _staffed(question, case, added, asked, chosen=case is cases[0]),
        question.words,
        within_s=targets.voice_within_s,
    )


def _staffed(question: Question, case: Case, added: Ints, asked: _Asked, *, chosen: bool) -> Staffed:
    """Price a case: what was asked for as it is planned, the others with quick shifts and the usual hiring."""
    targets = replace(question.targets, voice_share=case.voice_share)
    demand = narrowed(
        question.demand,
        case.channels,
        case.languages,
        factor=targets.interpreter_factor,
        connect_s=targets.interpreter_connect_s,
    )
    need = need_of(demand, case.hours, targets, added=added)
    rate = np.where(case.hours.open_quarters, demand.live_per_hour, 0.0)
    served = share_served(question.demand, case, _answered(rate, need.on_shift, demand, targets))
    if chosen:
        return Staffed(asked.people.advocates, asked.people.total, served, asked.cost)
    plan = question.designer.quick(need.on_shift)
    narrow = replace(question, demand=demand, case=case)
    missing = float(_written(narrow, plan.covered).hours_missing_per_week)
    people = _people(narrow, demand, need, plan.paid_hours_per_week, missing=missing)
    budget = _budget(
        narrow,
        (people,) * 3,
        plan,
        None,
        _lines(narrow, need.on_shift),
        _left_out(question.demand, case) + _interpreted(demand, need),
        narrowed(question.demand, case.channels, tuple(question.demand.languages), factor=1, connect_s=0),
    )
    return Staffed(people.advocates, people.total, served, asked.priced(budget.year(0)))


def _left_out(demand: Demand, case: Case) -> float:
    """Return the share of live signals in languages that the case leaves to interpreters."""
    spoken = [x for x in demand.languages if x in case.languages] or list(demand.languages)[:1]
    return 1 - fsum(demand.languages[x] for x in spoken)


def _answered(rate: Floats, on_shift: Ints, demand: Demand, targets: Targets) -> float:
    """Return the share of live signals in open hours that are answered before they hang up."""
    left = 0.0
    for n in np.unique(on_shift[rate > 0]):
        here = (on_shift == n) & (rate > 0)
        gone = (
            queueing.erlang_a_abandonment(int(n), rate[here], demand.handle_time_s, targets.patience_s)
            if n
            else np.ones(here.sum())
        )
        left += float(gone @ rate[here])
    return 1 - left / float(rate.sum()) if rate.sum() else 1.0


def _share(rate: Floats, covered: Ints, demand: Demand, targets: Targets, *, patient: bool) -> float:
    """Return the share of the signals answered in time; Erlang A where callers have patience, else Erlang C."""
    served = 0.0
    for n in np.unique(covered[rate > 0]):
        here = (covered == n) & (rate > 0)
        if n == 0:
            continue
        promise = (demand.handle_time_s, targets.patience_s, targets.voice_within_s)
        level = (
            queueing.erlang_a_service_level(int(n), rate[here], *promise)
            if patient
            else queueing.erlang_c_service_level(int(n), rate[here], promise[0], promise[2])
        )
        served += float(level @ rate[here])
    return served / float(rate.sum()) if rate.sum() else 1.0


def _capacity_factor(rate: Floats, covered: Ints, demand: Demand, targets: Targets) -> float:
    """Return the largest growth of demand, in steps of 5 %, that the shifts on the plan still answer as promised."""
    factor = 1.0
    while factor < MOST_GROWTH:
        more = round(factor + STEP, 2)
        if _share(rate * more, covered, demand, targets, patient=True) < targets.voice_share:
            break
        factor = more
    return factor
