"""The sheets Time away and People: why paid time is not all shift time, and how many people three years need."""

from __future__ import annotations

from ..planning.demand import LIVE_CHANNELS, WEEKS_A_YEAR
from ..planning.people import DAYS_A_WEEK, MEASURED, SUPPORT, People, round_up, shrinkage_of
from . import staffing_formulas as formulas
from .staffing_pages import SIDES, YEAR_TAILS, YEARS, Lines, Model, measured

NEW_WEEKS_TEXT, NEW_MONTHS_TEXT, WEEKS_TEXT = "(90/7)", "(90/(365.25/12))", "(365.25/7)"
# A part of the time away from signals as a formula of one side of each figure.
PARTS = {
    "annual_leave": "staffing_leave_days{side}*day_hours",
    "public_holidays": "staffing_holiday_days{side}*day_hours",
    "sickness": "staffing_sick_days{side}*day_hours",
    "other": "staffing_other_days{side}*day_hours",
    "training": "staffing_training_hours{side}",
    "off_queue": "MAX(0,staffing_off_queue_hours{side}*worked_days{side}/5-staffing_training_hours{side})",
    "meetings": "staffing_meeting_hours{side}*worked_days{side}/5",
    "supervision": (
        "12*staffing_supervision_hours{side}+staffing_attrition{side}"
        f"*MAX(0,{NEW_WEEKS_TEXT}*staffing_supervision_new_hours{{side}}-{NEW_MONTHS_TEXT}*staffing_supervision_hours{{side}})"
    ),
    "debrief": (
        f"IF(full_time_advocates=0,0,crisis_per_week*{WEEKS_TEXT}/full_time_advocates*service_crisis_debrief_min{{side}}/60)"
    ),
    "breaks": "IF(day_hours>service_break_after_hours,worked_days{side}*service_break_minutes{side}/60,0)",
}


def time_away(model: Model) -> None:
    """Add the sheet of paid time that is not shift time."""
    say = "Hours a year of one full-time advocate, part by part. What is left is worked on shift and on what can wait."
    page = Lines(model, "Time away", "Why is paid time not all shift time?", say)
    people, parameters = model.plan.people, model.results.parameters
    crisis = crisis_per_week(model)
    usual = {name: p for name, p in parameters.items() if name != MEASURED}
    away = shrinkage_of(usual, crisis, people.full_time_advocates) if measured(model) else people.shrinkage
    contract = parameters["staffing.contract_hours"].likely
    page.section("Paid time")
    page.line(
        "paid_hours_a_year", "Paid hours a year", f"staffing_contract_hours*{WEEKS_TEXT}", away.paid_hours, "hours"
    )
    page.line("day_hours", "Hours of a working day", "staffing_contract_hours/5", contract / DAYS_A_WEEK, "hours")
    days = ("leave_days", "holiday_days", "sick_days", "other_days")
    worked = [
        max(0.0, DAYS_A_WEEK * WEEKS_A_YEAR - sum(getattr(parameters[f"staffing.{d}"], side) for d in days))
        for side in SIDES
    ]
    total = "-".join(f"staffing_{d}{{side}}" for d in days)
    page.line("worked_days", "Days worked a year", f"MAX(0,5*{WEEKS_TEXT}-{total})", worked, "days")
    page.section("Away from signals")
    for part in away.parts:
        hours = [getattr(part.hours, side) for side in SIDES]
        page.line(f"away_{part.id}", part.title, PARTS[part.id], hours, "hours a year", part.because)
    _shares(page, people)
    page.close()


def _shares(page: Lines, people: People) -> None:
    model, names = page.model, "+".join(f"away_{i}{{side}}" for i in PARTS)
    plain = "+".join(f"away_{i}{{side}}" for i in PARTS if i != "debrief")
    own = 'IF(staffing_shrinkage{side}="",staffing_shrinkage,staffing_shrinkage{side})'
    how = "Its debriefs are so many in all, however many share them; so they are added as hours on People."
    page.line(
        "away_without_debrief",
        "Share of paid time, debriefs left out",
        f'IF(staffing_shrinkage="",({plain})/paid_hours_a_year,{own})',
        _without_debrief(model),
        "share",
        how,
    )
    page.line(
        "away_share",
        "Share of paid time away from signals",
        f'IF(staffing_shrinkage="",({names})/paid_hours_a_year,{own})',
        [getattr(people.shrinkage.share, side) for side in SIDES],
        "share",
        "The sum of the parts; a share the line has measured itself replaces it.",
        bold=True,
    )


def _without_debrief(model: Model) -> list[float]:
    """Return the share of paid time away from signals before any debrief, low, likely and high."""
    share = shrinkage_of(model.results.parameters).share
    return [float(getattr(share, side)) for side in SIDES]


def crisis_per_week(model: Model) -> float:
    """Return live crisis signals a week in open hours, likely case of year one."""
    return sum(c.per_week for c in model.demand.classes if c.kind == "crisis") * model.plan.reach


def people(model: Model) -> None:
    """Add the sheet of heads by role in three years."""
    say = (
        "From paid shift hours to heads, full time. Year 1 follows Shifts; later years have as many more paid hours "
        "as their need has. Leave, sickness, training and leavers are in it."
    )
    years = [f"Year {n}" for n in range(1, YEARS + 1)]
    page = Lines(model, "People", "How many people is that?", say, years, YEAR_TAILS)
    _hours(page)
    _advocates(page)
    _supervisors(page)
    _support(page)
    page.section("Everybody")
    heads = [p.total for p in model.plan.people_by_year]
    formula = "advocates{side}+supervisors{side}+support{side}"
    page.line("people", "Everybody on the pay roll", formula, heads, "people", bold=True)
    page.close()


def _volume(tail: str) -> str:
    return f"*year_factor_{tail[-1]}" if tail else ""


def _hours(page: Lines) -> None:
    formula: str | list[str]
    model, plan, demand = page.model, page.model.plan, page.model.demand
    factors, cap = demand.year_factors, model.targets.occupancy_cap
    page.section("Hours a week")
    need = [n.hours_per_week for n in plan.needs]
    formula = ["SUM(week_need)/4", "SUM(roster_need_2)/4", "SUM(roster_need_3)/4"]
    page.line("need_hours", "Needed on shift", formula, need, "hours", "The quarter-hours of Roster demand, added up.")
    on_shift = [p.on_shift_hours_per_week for p in plan.people_by_year]
    later = "IF(need_hours=0,0,paid_hours*need_hours{side}/need_hours)"
    how = "From Shifts, handovers in it; later years in proportion to the need."
    page.line("on_shift_hours", "Paid on shift", ["paid_hours", later, later], on_shift, "hours", how)
    # Where nothing comes nothing is missed.
    reach = plan.reach if demand.live_per_week else 1.0
    formula = "IF(SUM(roster_rate)=0,1,SUMPRODUCT((roster_need<>0)*roster_rate)/SUM(roster_rate))"
    how = "From the rhythm of the week and the opening hours: the rates of Roster demand, open hours against all."
    page.line("reach", "Live signals that come in open hours", formula, reach, "share", how)
    live = demand.live_per_week * reach * demand.handle_time_s / 3600
    lives = [live * f for f in factors]
    page.line(
        "live_hours",
        "In contact",
        [f"live_per_week*reach*handle_time_s/3600{_volume(t)}" for t in YEAR_TAILS],
        lives,
        "hours",
        "In open hours.",
    )
    room = [max(0.0, hours * cap - contact) for hours, contact in zip(on_shift, lives, strict=True)]
    formula = ["MAX(0,on_shift_hours{side}*service_occupancy_cap-live_hours{side})"] * YEARS
    page.line("room_hours", "Room for it between contacts", formula, room, "hours", "Up to the occupancy cap.")
    missing = [float(plan.written.hours_missing_per_week) * f for f in factors]
    formula = [f"{missing[0]!r}{_volume(t)}" for t in YEAR_TAILS]
    how = "From the plan; does not follow Inputs: messages that quiet hours alone would finish too late."
    page.line("late_hours", "Hours that messages need for themselves", formula, missing, "hours", how)
    messages = sum(x for c, x in demand.shares.items() if c not in LIVE_CHANNELS)
    follow_up = demand.follow_up_hours_per_week * (messages + (1 - messages) * reach)
    formula = "follow_up_hours*(messages_part+(1-messages_part)*reach)"
    how = "Of those who write, and of those who call in open hours."
    page.line("follow_up_reached", "Follow-up for those who are reached", formula, follow_up, "hours", how)
    plain = [(demand.written_hours_per_week + follow_up) * f for f in factors]
    waiting = [max(w, r + m * cap) if m > 0 else w for w, r, m in zip(plain, room, missing, strict=True)]
    least = "MAX({0},room_hours{{side}}+late_hours{{side}}*service_occupancy_cap)"
    works = [f"(written_hours+follow_up_reached){_volume(t)}" for t in YEAR_TAILS]
    formula = [f"IF(late_hours{t}>0,{least.format(w)},{w})" for w, t in zip(works, YEAR_TAILS, strict=True)]
    page.line("waiting_hours", "Work that can wait", formula, waiting, "hours", "E-mail, web forms and follow-up.")
    offline = [p.offline_hours_per_week for p in plan.people_by_year]
    formula = ["MAX(0,waiting_hours{side}-room_hours{side})/service_occupancy_cap"] * YEARS
    page.line("offline_hours", "Extra hours for it", formula, offline, "hours")
    crisis, minutes = crisis_per_week(model), model.results.parameters["service.crisis_debrief_min"].likely
    formula = [f"crisis_part*(week_phone+week_text+week_chat)*reach{_volume(t)}" for t in YEAR_TAILS]
    page.line("crisis_per_week", "Crisis signals", formula, [crisis * f for f in factors], "a week", "In open hours.")
    debrief = [0.0 if measured(model) else crisis * f * minutes / 60 for f in factors]
    formula = ['IF(staffing_shrinkage="",crisis_per_week{side}*service_crisis_debrief_min/60,0)'] * YEARS
    page.line("debrief_hours", "Debrief after them", formula, debrief, "hours", "In a measured share it is already.")


def _advocates(page: Lines) -> None:
    plan = page.model.plan.people_by_year
    page.section("Advocates")
    at_work, one = "(on_shift_hours{side}+offline_hours{side}", "staffing_contract_hours*(1-away_without_debrief)"
    formula = f"{at_work}+debrief_hours{{side}})/({one})"
    how = "Hours over what one gives: contract hours less time away from signals."
    full_time = [p.full_time_advocates for p in plan]
    page.line("full_time_advocates", "Full-time posts", formula, full_time, "posts", how)
    formula = f"IF(full_time_advocates{{side}}=0,{one},{at_work})/full_time_advocates{{side}})"
    how = "On shift and at work that waits, debriefs taken out."
    page.line(
        "productive_hours", "One advocate gives a week", formula, [p.productive_hours for p in plan], "hours", how
    )
    formula = formulas.rounded_up("full_time_advocates{side}")
    page.line(
        "advocates",
        "Advocates",
        formula,
        [p.advocates for p in plan],
        "people",
        "Rounded up to whole people.",
        bold=True,
    )


def _supervisors(page: Lines) -> None:
    formula: str | list[str]
    model, plan = page.model, page.model.plan
    needs, people_, likely = plan.needs, plan.people_by_year, model.results.parameters
    page.section("Supervisors")
    hours = [float(n.supervisors.sum()) / 4 for n in needs]
    formula = ["SUM(roster_supervisors)/4", "SUM(roster_supervisors_2)/4", "SUM(roster_supervisors_3)/4"]
    page.line("supervisor_hours", "Hours on shift", formula, hours, "hours a week", "From Roster demand.")
    on_call = people_[0].on_call_hours_per_week
    formula = "SUMPRODUCT((roster_need<>0)*(roster_supervisors=0))/4"
    how = "Open hours with a supervisor reachable and none on shift."
    page.line("on_call_hours", "Hours on call", formula, on_call, "hours a week", how)
    span, fewest = likely["staffing.supervisor_span"].likely, likely["staffing.minimum_supervisors"].likely
    by_span = [round_up(p.advocates / span) for p in people_]
    formula = formulas.rounded_up("advocates{side}/staffing_supervisor_span")
    page.line("supervisors_by_span", "By span", formula, by_span, "people")
    contract, away = likely["staffing.contract_hours"].likely, _without_debrief(model)[1]
    by_hours = [round_up(h / (contract * (1 - away))) for h in hours]
    formula = formulas.rounded_up("supervisor_hours{side}/(staffing_contract_hours*(1-away_without_debrief))")
    page.line("supervisors_by_hours", "By their hours on shift", formula, by_hours, "people")
    every = likely["staffing.oncall_every"].likely
    formula = f"IF(on_call_hours>0,{formulas.rounded_up('staffing_oncall_every')},0)"
    page.line(
        "supervisors_by_call", "To share the nights on call", formula, round_up(every) if on_call > 0 else 0, "people"
    )
    least = formulas.rounded_up("staffing_minimum_supervisors")
    page.line("supervisors_least", "The fewest", least, round_up(fewest), "people")
    formula = "MAX(supervisors_by_span{side},supervisors_by_hours{side},supervisors_by_call,supervisors_least)"
    page.line(
        "supervisors",
        "Supervisors",
        formula,
        [p.supervisors for p in people_],
        "people",
        "The largest of the four.",
        bold=True,
    )


def _support(page: Lines) -> None:
    plan, parameters = page.model.plan.people_by_year, page.model.results.parameters
    titles = {post.id: post for post in plan[0].posts}
    page.section("Support, in full-time posts")
    for role in SUPPORT:
        full_time = [next(post.full_time for post in p.posts if post.id == role) for p in plan]
        formula = f"staffing_post_{role}"
        if f"staffing.advocates_per_{role}" in parameters:
            formula = f"MAX(staffing_post_{role},full_time_advocates{{side}}/staffing_advocates_per_{role})"
        page.line(f"posts_{role}", titles[role].title, formula, full_time, "posts", titles[role].because)
    page.section("Support, in people")
    for role in SUPPORT:
        heads = [next(post.heads for post in p.posts if post.id == role) for p in plan]
        formula = f"IF(posts_{role}{{side}}>=0.5,{formulas.rounded_up(f'posts_{role}{{side}}')},0)"
        how = "From half a post on it counts as a person." if role == SUPPORT[0] else ""
        page.line(f"heads_{role}", titles[role].title, formula, heads, "people", how)
    total = "+".join(f"heads_{role}{{side}}" for role in SUPPORT)
    page.line("support", "Support", total, [p.support for p in plan], "people", bold=True)
