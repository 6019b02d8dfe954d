"""People, hiring, telephone lines and money for one way of staffing: the plan itself, and the choices beside it."""

from __future__ import annotations

from math import fsum

import numpy as np
from numpy.typing import NDArray

from ..errors import NoPlanError
from . import deadline, queueing
from .budget import ServiceBudget, budget_of
from .calendar import DAYS, QUARTERS_A_DAY
from .cases import open_share
from .deadline import Backlog
from .demand import LIVE_CHANNELS, WEEKS_A_YEAR, Demand
from .hiring import HiringPlan, hiring_plan
from .need import Need
from .people import DAYS_A_WEEK, People, people_of
from .shifts import ShiftPlan
from .staffing_question import Question, business_quarters

Ints = NDArray[np.int64]


def written_work(question: Question, covered: Ints) -> Backlog:
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


def three_years(
    question: Question, needs: tuple[Need, Need, Need], plan: ShiftPlan, written: Backlog
) -> tuple[People, People, People]:
    """Return the people of each year; later years' shifts are taken to fit their need as the first year's do."""
    paid = plan.paid_hours_per_week
    first, second, third = (
        people_for(
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


def people_for(
    question: Question, demand: Demand, need: Need, paid_hours: float, factor: float = 1.0, missing: float = 0.0
) -> People:
    """Return the people for a need with its paid hours of shifts; ``missing`` hours of written work have no room."""
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


def hiring_for(question: Question, people: tuple[People, People, People]) -> tuple[HiringPlan | None, str]:
    """Return the hiring plan of three years, or why no classes can have enough advocates ready."""
    first, second, third = (p.full_time_advocates for p in people)
    try:
        return hiring_plan(question.parameters, (first, second, third), question.already), ""
    except NoPlanError as error:
        return None, str(error)


def telephone_lines(question: Question, covered: Ints) -> int:
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


def budget_for(
    question: Question,
    people: tuple[People, People, People],
    plan: ShiftPlan,
    hiring: HiringPlan | None,
    lines: int,
    interpreted: float,
    demand: Demand | None = None,
) -> ServiceBudget:
    """Return three years' money for these people and shifts; ``demand`` where it is not the question's."""
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


def interpreted_share(demand: Demand, need: Need) -> float:
    """Return the share of live signals whose language nobody on shift speaks at that hour."""
    weight = np.where(need.on_shift > 0, demand.shape, 0.0)
    alone = fsum(demand.languages[name] * float(weight[count == 0].sum()) for name, count in need.speakers.items())
    return alone / float(weight.sum()) if weight.any() else 0.0
