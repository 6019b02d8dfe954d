"""From an engagement's folder to what is asked of staffing and of the roster."""

from __future__ import annotations

from datetime import timedelta

from .engagement import Engagement
from .planning.cases import CHOSEN, Case
from .planning.demand import Demand, plan_demand
from .planning.history import Observed, observed_of
from .planning.history_record import load as load_history
from .planning.roster import Desk, anonymous_posts
from .planning.rostering.prices import load_prices
from .planning.rostering.published import load_past
from .planning.rostering.records import Advocate, Session
from .planning.rostering.session_rules import SessionRules
from .planning.rostering.sessions import academy_of
from .planning.rostering.staff_file import advocates_of
from .planning.staffing import StaffingPlan
from .planning.staffing_question import Question


def demand_of(engagement: Engagement) -> Demand:
    """Return the signals to expect."""
    file, country = engagement.file, engagement.country
    return plan_demand(
        engagement.parameters,
        file.channels,
        country.weekend,
        file.safe_migration,
        engagement.spoken,
        _observed(engagement),
    )


def _observed(engagement: Engagement) -> Observed | None:
    """Return what the line's own counts say, where they have been brought in."""
    history = load_history(engagement.folder)
    if history is None:
        return None
    file = engagement.file
    days = engagement.country.public_holidays(history.first, file.start + timedelta(days=366))
    return observed_of(history, file.start, holidays=tuple(days))


def question_of(engagement: Engagement, demand: Demand) -> Question:
    """Return what is asked of the staffing plan."""
    file, staff = engagement.file, engagement.staff
    promise = engagement.parameters["service.voice_share"].likely
    hours = file.hours.text[0].upper() + file.hours.text[1:]
    # An existing line keeps its advocates; a new one has hired nobody yet, whatever names stand in its draft roster.
    working = (
        sum(m.hours_per_week for m in staff.staff if not m.supervisor) if staff and file.stage == "existing" else 0.0
    )
    return Question(
        demand=demand,
        case=Case(CHOSEN, hours, file.hours, tuple(file.channels), engagement.spoken, promise),
        country=engagement.country,
        limits=engagement.limits,
        parameters=engagement.parameters,
        already=working / engagement.parameters["staffing.contract_hours"].likely,
        running=file.stage == "existing",
    )


def desk_of(engagement: Engagement, staffing: StaffingPlan) -> Desk:
    """Return what the roster is planned from."""
    file, country = engagement.file, engagement.country
    rules = load_prices()
    if rules.sessions is not None:
        rules = rules.model_copy(update={"sessions": rules.sessions.with_figures(engagement.parameters)})
    return Desk(
        start=engagement.roster_start,
        weeks=file.roster_weeks,
        plan=staffing.shift_plan,
        supervisor_plan=staffing.supervisor_plan,
        need=staffing.need.on_shift,
        primary=engagement.spoken[0],
        speakers=staffing.need.speakers,
        people=tuple(_people(engagement, staffing)),
        limits=engagement.limits,
        country=country,
        off_queue_share=engagement.parameters["staffing.off_queue_share"].likely,
        rules=rules,
        zone=file.timezone or country.timezone or "",
        training=_training(engagement, rules.sessions),
        past=load_past(engagement.folder, engagement.roster_start),
        anonymous=engagement.staff is None,
    )


def _people(engagement: Engagement, staffing: StaffingPlan) -> list[Advocate]:
    """Return the people of staff.yaml; without it, posts that nobody holds yet."""
    if engagement.staff is not None:
        return advocates_of(engagement.staff, engagement.limits)
    hours = engagement.parameters["staffing.contract_hours"].likely
    return anonymous_posts(staffing.people.advocates, hours, engagement.spoken, staffing.people.supervisors)


def _training(engagement: Engagement, rules: SessionRules | None) -> tuple[Session, ...]:
    if engagement.staff is None or rules is None:
        return ()
    return academy_of(engagement.staff, rules, engagement.country)
