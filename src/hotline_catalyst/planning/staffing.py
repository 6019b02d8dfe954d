"""From signals to posts, people and money: the whole staffing plan, each room asked once and in order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from . import queueing, transient
from .budget import ServiceBudget
from .calendar import QUARTERS_A_WEEK, Country
from .cases import NamedHours, open_share
from .correction import Correction, correction
from .deadline import Backlog
from .demand import Demand, Span
from .growth import Trigger, triggers
from .hiring import HiringPlan
from .need import Need, Targets, need_of
from .options import Option
from .people import People
from .shifts import ShiftPlan
from .simulation_duties import duties_of
from .staffing_options import Asked, options_of
from .staffing_parts import budget_for, hiring_for, interpreted_share, telephone_lines, three_years, written_work
from .staffing_question import Question
from .stress import Stress, stress, week_of

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
STEP = 0.05
MOST_GROWTH = 10.0


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
    written = written_work(question, covered)
    people = three_years(question, (first, second, third), plan, written)
    hiring, refused = hiring_for(question, people)
    if hiring is not None:
        people = (replace(people[0], hires_first_year=hiring.hires_first_year), *people[1:])
    lines = telephone_lines(question, covered)
    interpreted = interpreted_share(demand, first)
    budget = budget_for(question, people, plan, hiring, lines, interpreted)
    alike = budget_for(question, people, plan, None, lines, interpreted).year(0)
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
        options=options_of(question, compared, first.added, Asked(people[0], budget.year(0), alike)),
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
