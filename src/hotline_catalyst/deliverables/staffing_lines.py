"""The sheets Demand, People and Money: named lines, each a formula that names what it uses."""

from __future__ import annotations

from ..planning.demand import BANDS, CATEGORIES, LIVE_CHANNELS, WEEKS_A_YEAR
from ..results import Results
from . import staffing_formulas as formulas
from .staffing_inputs import CHANNELS
from .staffing_pages import SIDES, Lines, Model


def demand(model: Model) -> None:
    say = "From a year's signals to signals per hour. Work these lines from the top; each names what it uses."
    page = Lines(model, "Demand", "How much arrives, and how long does it take?", say, SIDES)
    _volume(page)
    _handle_time(page)
    _work_that_waits(page)
    _hours_of_the_day(page)
    page.close()


def _volume(page: Lines) -> None:
    demand, results = page.model.results.demand, page.model.results
    annual = [getattr(demand.annual, side) for side in SIDES]
    rate = 'demand_signals_per_100k{side}+IF(safe_migration="yes",demand_safe_migration_per_100k{side},0)'
    own = 'IF(demand_annual_signals{side}="",demand_annual_signals,demand_annual_signals{side})'
    page.section("A week")
    page.line(
        "annual",
        "Substantive signals a year",
        f'IF(demand_annual_signals="",demand_population/100000*({rate}),{own})',
        annual,
        "signals",
        "The line's own volume where it is known; else people, times a first-year rate per 100 000.",
        bold=True,
    )
    per_week = demand.annual.likely / WEEKS_A_YEAR
    page.line("per_week", "Substantive signals a week", "annual/(365.25/7)", per_week, "signals")
    share = results.parameters["demand.unsubstantive_share"].likely
    silent = per_week * share / (1 - share)
    formula = "per_week*demand_unsubstantive_share/(1-demand_unsubstantive_share)"
    page.line("silent", "Silent and prank contacts a week", formula, silent, "contacts", "On top of the signals.")
    page.section("Channels that are open")
    total = "+".join(f'IF(channel_{c}="yes",demand_share_{c},0)' for c in CHANNELS)
    raw = sum(results.parameters[f"demand.share_{c}"].likely for c in demand.shares)
    how = "What a closed channel would bring goes to the others."
    page.line("open_shares", "Shares of the open channels together", total, raw, "share", how)
    for c in CHANNELS:
        formula, title = f'IF(channel_{c}="yes",per_week*demand_share_{c}/open_shares,0)', _channel(results, c)
        page.line(f"week_{c}", f"{title}, a week", formula, per_week * demand.shares.get(c, 0.0), "signals")


def _channel(results: Results, channel: str) -> str:
    return results.instrument.meta.channels.get(channel, channel.capitalize())


def _handle_time(page: Lines) -> None:
    results, demand = page.model.results, page.model.results.demand
    likely = {name: p.likely for name, p in results.parameters.items()}
    mix = [likely[f"demand.mix_{c}"] for c in CATEGORIES]
    minutes = [likely[f"demand.minutes_{c}"] for c in CATEGORIES]
    call_s = 60 * sum(m * t for m, t in zip(mix, minutes, strict=True)) / sum(mix)
    per_week, factor = demand.annual.likely / WEEKS_A_YEAR, likely["demand.text_talk_factor"]
    silent = demand.all_per_week - per_week if "phone" in demand.shares else 0.0
    live = {c: per_week * demand.shares.get(c, 0.0) for c in LIVE_CHANNELS}
    work = sum(n * call_s * (1 if c == "phone" else factor) for c, n in live.items())
    page.section("Handle time")
    products = "+".join(f"demand_mix_{c}*demand_minutes_{c}" for c in CATEGORIES)
    total = "+".join(f"demand_mix_{c}" for c in CATEGORIES)
    how = "Minutes of each kind of signal, weighed by the mix."
    page.line("call_s", "Mean handle time of a call", f"60*({products})/({total})", call_s, "seconds", how)
    how = "Silent contacts come by telephone."
    page.line(
        "silent_live", "Silent contacts answered", 'IF(channel_phone="yes",silent,0)', silent, "contacts a week", how
    )
    formula = "week_phone+week_text+week_chat+silent_live"
    page.line("live_per_week", "Live signals, silent included", formula, demand.live_per_week, "a week", bold=True)
    formula = "call_s*(week_phone+demand_text_talk_factor*(week_text+week_chat))"
    page.line(
        "work_s", "Work on live signals", formula, work, "seconds a week", "A text or chat takes longer than a call."
    )
    page.line(
        "handle_time_s",
        "Mean handle time of a live signal",
        "IF(live_per_week=0,call_s,(work_s+silent_live*60*demand_minutes_unsubstantive)/live_per_week)",
        demand.handle_time_s,
        "seconds",
        "Silent contacts included.",
        bold=True,
    )


def _work_that_waits(page: Lines) -> None:
    demand = page.model.results.demand
    page.section("Work that can wait")
    formula, hours = "week_email*demand_minutes_email/60", demand.written_hours_per_week
    page.line("written_hours", "E-mails and web forms", formula, hours, "hours a week")
    formula, hours = "per_week*demand_follow_up_minutes/60", demand.follow_up_hours_per_week
    page.line("follow_up_hours", "Follow-up", formula, hours, "hours a week")


def _hours_of_the_day(page: Lines) -> None:
    demand, model = page.model.results.demand, page.model
    page.section("Signals per hour")
    days = sum(demand.day_weights[w] for w in model.weekend)
    formula = '7-COUNTIF(weekend,"yes")+COUNTIF(weekend,"yes")*demand_weekend_factor'
    page.line("weekdays_a_week", "A week in weekdays", formula, days, "weekdays", "A weekend day counts by its factor.")
    formula, value = "live_per_week/weekdays_a_week", demand.live_per_week / days
    page.line("per_weekday", "Live signals on a weekday", formula, value, "signals")
    names = [f"{a:02d}_{b:02d}" for a, b in BANDS]
    total = "+".join(f"demand_band_{n}" for n in names)
    raw = sum(model.results.parameters[f"demand.band_{n}"].likely for n in names)
    page.line("band_shares", "Shares of the day together", total, raw, "share", "They are scaled to 100 %.")
    for index, ((a, b), n) in enumerate(zip(BANDS, names, strict=True)):
        formula = f"per_weekday*demand_band_{n}/band_shares/{b - a}*demand_within_band_peak"
        weekday, weekend = (float(v) for v in demand.band_per_hour[index])
        say = "The busiest hour stands for its whole part of the day." if not index else ""
        page.line(f"weekday_{n}", f"Weekday, {a:02d} to {b:02d}", formula, weekday, "signals per hour", say)
        formula = f"weekday_{n}*demand_weekend_factor"
        page.line(f"weekend_{n}", f"Weekend, {a:02d} to {b:02d}", formula, weekend, "signals per hour")


def people(model: Model) -> None:
    plan, demand = model.results.staffing, model.results.demand
    say = "From paid shift hours to heads, full time. Leave, sickness, training and leavers are in it."
    page = Lines(model, "People", "How many people is that?", say)
    people, cap = plan.people, plan.targets.occupancy_cap
    live_hours = demand.live_per_week * demand.handle_time_s / 3600
    waiting = demand.written_hours_per_week + demand.follow_up_hours_per_week
    room = max(0.0, people.on_shift_hours_per_week * cap - live_hours)
    likely = {name: p.likely for name, p in model.results.parameters.items()}
    productive = likely["staffing.contract_hours"] * (1 - likely["staffing.shrinkage"])
    page.section("Hours a week")
    page.line("on_shift_hours", "Paid on shift", "paid_hours", people.on_shift_hours_per_week, "hours", "From Shifts.")
    page.line("live_hours", "In contact", "live_per_week*handle_time_s/3600", live_hours, "hours")
    how = "E-mail, web forms and follow-up."
    page.line("waiting_hours", "Work that can wait", "written_hours+follow_up_hours", waiting, "hours", how)
    formula = "MAX(0,on_shift_hours*service_occupancy_cap-live_hours)"
    page.line("room_hours", "Room for it between contacts", formula, room, "hours", "Up to the occupancy cap.")
    formula = "MAX(0,waiting_hours-room_hours)/service_occupancy_cap"
    page.line("offline_hours", "Extra hours for it", formula, people.offline_hours_per_week, "hours")
    formula, how = "staffing_contract_hours*(1-staffing_shrinkage)", "Contract hours less time away from signals."
    page.line("productive_hours", "One advocate gives", formula, productive, "hours", how)
    page.section("Heads")
    formula = formulas.rounded_up("(on_shift_hours+offline_hours)/productive_hours")
    page.line("advocates", "Advocates", formula, people.advocates, "people", "Rounded up to whole people.", bold=True)
    span = formulas.rounded_up("advocates/staffing_supervisor_span")
    formula = f"MAX({span},{formulas.rounded_up('staffing_minimum_supervisors')})"
    page.line("supervisors", "Supervisors", formula, people.supervisors, "people", "By span, at least the fewest.")
    page.line("support", "Support posts", formulas.rounded_up("staffing_support_posts"), people.support, "people")
    page.line("people", "Everybody on the pay roll", "advocates+supervisors+support", people.total, "people", bold=True)
    survive = "(staffing_academy_pass_rate*staffing_ninety_day_survival)"
    formula = formulas.rounded_up(f"advocates*(1+staffing_attrition)/{survive}")
    how = "Entrants to the academy: some do not pass, some leave within 90 days, some within the year."
    page.line("hires", "Hires in the first year", formula, people.hires_first_year, "people", how)
    page.close()


def money(model: Model) -> None:
    plan, parameters = model.results.staffing, model.results.parameters
    say = "All figures low, all likely, all high: a range, not an interval of chance. People are the same in all three."
    page = Lines(model, "Money", "What does a year cost?", say, SIDES)
    country = model.results.facts.country
    income, people, night = (
        country.income_per_head_usd.value * country.currency.per_usd.value,
        plan.people,
        plan.night_share,
    )
    ends = []
    for side in SIDES:
        cost = {
            n.removeprefix("cost."): float(getattr(p, side)) for n, p in parameters.items() if n.startswith("cost.")
        }
        pay = cost["advocate_pay"] if "advocate_pay" in cost else income * cost["pay_multiple"]
        advocates = pay * people.advocates * (1 + night * cost["night_premium"])
        rest = [pay * people.supervisors * cost["supervisor_multiple"], pay * people.support * cost["support_multiple"]]
        ends.append((pay, advocates, *rest, (advocates + sum(rest)) * cost["on_costs"]))
    columns = [list(line) for line in zip(*ends, strict=True)]
    unit = f"{plan.currency} a year"
    page.section("Pay")
    formula = "IF(SUM(week_cover)=0,0,SUMPRODUCT(week_night*week_cover)/SUM(week_cover))"
    page.line(
        "night_share", "Share of covered hours at night", formula, night, "share", "From Week and the law's night."
    )
    own = 'IF(cost_advocate_pay{side}="",cost_advocate_pay,cost_advocate_pay{side})'
    formula = (
        f'IF(cost_advocate_pay="",country_income_per_head*country_currency_per_usd*cost_pay_multiple{{side}},{own})'
    )
    how = "Local pay where it is known; else a multiple of national income per head."
    page.line("advocate_pay", "Pay of one advocate", formula, columns[0], unit, how)
    formula = "advocate_pay{side}*advocates*(1+night_share*cost_night_premium{side})"
    page.line("pay_advocates", "Advocates, night premium included", formula, columns[1], unit)
    formula = "advocate_pay{side}*supervisors*cost_supervisor_multiple{side}"
    page.line("pay_supervisors", "Supervisors", formula, columns[2], unit)
    formula = "advocate_pay{side}*support*cost_support_multiple{side}"
    page.line("pay_support", "Support posts", formula, columns[3], unit)
    bill = "(pay_advocates{side}+pay_supervisors{side}+pay_support{side})"
    page.line("pay_charges", "Employer's charges", f"{bill}*cost_on_costs{{side}}", columns[4], unit)
    page.section("All")
    cost_ = [getattr(plan.annual_cost, side) for side in SIDES]
    formula, how = (
        f"({bill}+pay_charges{{side}})*(1+cost_running_share{{side}})",
        "With telephony, interpreters, premises and care.",
    )
    page.line("yearly_cost", "Yearly cost", formula, cost_, unit, how, bold=True)
    page.close()
