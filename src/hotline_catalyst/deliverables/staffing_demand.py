"""The sheet Demand: from a year's signals to signals per hour, in named lines that name what they use."""

from __future__ import annotations

from ..planning.demand import BANDS, CATEGORIES, LIVE_CHANNELS, MONTHS, WEEKS_A_YEAR
from ..planning.staffing_words import language_name
from ..results import Results
from .staffing_inputs import CHANNELS, name_of, unsubstantive_share
from .staffing_pages import SIDES, YEARS, Lines, Model

CATEGORY_TITLES = {
    "crisis": "Crisis", "tip": "Tips", "referral": "Referral requests",
    "technical": "Training and technical assistance", "general": "General information", "at_risk": "People at risk",
    "unrelated": "Unrelated",
}  # fmt: skip


def demand(model: Model) -> None:
    """Add the sheet."""
    say = "From a year's signals to signals per hour. Read these lines from the top; each names what it uses."
    page = Lines(model, "Demand", "How much arrives, and how long does it take?", say, SIDES)
    _years(page)
    _week(page)
    _channels(page)
    _categories(page)
    _handle_time(page)
    if len(model.demand.languages) > 1:
        _languages(page)
    _work_that_waits(page)
    _a_day_to_plan_for(page)
    if model.banded:
        _hours_of_the_day(page)
    _first_year(page)
    page.close()


def _likely(page: Lines, name: str) -> float:
    return page.model.results.parameters[name].likely


def _years(page: Lines) -> None:
    demand = page.model.demand
    rate = 'demand_signals_per_100k{side}+IF(safe_migration="yes",demand_safe_migration_per_100k{side},0)'
    own = 'IF(demand_annual_signals{side}="",demand_annual_signals,demand_annual_signals{side})'
    page.section("Three years")
    page.line(
        "annual",
        "Substantive signals in year 1",
        f'IF(demand_annual_signals="",demand_population/100000*({rate}),{own})',
        [getattr(demand.annual, side) for side in SIDES],
        "signals",
        "The line's own volume where it is known; else people, times a first-year rate per 100 000.",
        bold=True,
    )
    before = "annual"
    for year in range(2, YEARS + 1):
        name, span = f"annual_year_{year}", demand.years[year - 1]
        page.line(
            name,
            f"Substantive signals in year {year}",
            f"{before}{{side}}*MAX(0,1+demand_growth_year_{year}{{side}})",
            [getattr(span, side) for side in SIDES],
            "signals",
            "The year before and the growth since, low with low and high with high.",
        )
        before = name
    for year in range(2, YEARS + 1):
        formula, value = f"IF(annual=0,1,annual_year_{year}/annual)", demand.year_factors[year - 1]
        page.line(f"year_factor_{year}", f"Year {year} against year 1", formula, value, "times")


def _week(page: Lines) -> None:
    demand = page.model.demand
    page.section("A week")
    per_week = demand.annual.likely / WEEKS_A_YEAR
    page.line("per_week", "Substantive signals a week", "annual/(365.25/7)", per_week, "signals")
    share = unsubstantive_share(page.model)
    formula = "per_week*demand_unsubstantive_share/(1-demand_unsubstantive_share)"
    how = "Silent, hang-up and prank contacts, on top of the signals."
    page.line("silent", "Non-data contacts a week", formula, per_week * share / (1 - share), "contacts", how)
    campaign = per_week * _likely(page, "demand.campaign_factor")
    how = "Plan leave and training around it; its fortnights are not in the usual week."
    page.line("campaign_week", "In a campaign week", "per_week*demand_campaign_factor", campaign, "signals", how)


def _channels(page: Lines) -> None:
    demand, results = page.model.demand, page.model.results
    page.section("Channels that are open")
    total = "+".join(f'IF(channel_{c}="yes",demand_share_{c},0)' for c in CHANNELS)
    usual = sum(results.parameters[f"demand.share_{c}"].likely for c in demand.shares)
    raw = sum(demand.shares.values()) if demand.observed else usual
    how = "What a closed channel would bring goes to the others."
    page.line("open_shares", "Shares of the open channels together", total, raw, "share", how)
    for c in CHANNELS:
        formula, title = f'IF(channel_{c}="yes",per_week*demand_share_{c}/open_shares,0)', _channel(results, c)
        value = demand.annual.likely / WEEKS_A_YEAR * demand.shares.get(c, 0.0)
        page.line(f"week_{c}", f"{title}, a week", formula, value, "signals")
    waits = "+".join(f'IF(channel_{c}="yes",demand_share_{c},0)' for c in CHANNELS if c not in LIVE_CHANNELS)
    messages = sum(share for c, share in demand.shares.items() if c not in LIVE_CHANNELS)
    how = "E-mails and web forms wait until the line opens; whoever calls while it is closed is not reached."
    page.line("messages_part", "Of the signals, messages", f"({waits})/open_shares", messages, "share", how)


def _channel(results: Results, channel: str) -> str:
    return results.instrument.meta.channels.get(channel, channel.capitalize())


def _categories(page: Lines) -> None:
    page.section("What it is about, a week")
    mix = {c: _likely(page, f"demand.mix_{c}") for c in CATEGORIES}
    total, per_week = sum(mix.values()), page.model.demand.annual.likely / WEEKS_A_YEAR
    formula = "+".join(f"demand_mix_{c}" for c in CATEGORIES)
    how = "The seven kinds are scaled to 100 %; non-data contacts come on top."
    page.line("mix_together", "Shares of the seven kinds together", formula, total, "share", how)
    for c in CATEGORIES:
        formula, value = f"per_week*demand_mix_{c}/mix_together", per_week * mix[c] / total
        page.line(f"about_{c}", CATEGORY_TITLES[c], formula, value, "signals a week")


def _handle_time(page: Lines) -> None:
    others = [c for c in CATEGORIES if c != "crisis"]
    mix = {c: _likely(page, f"demand.mix_{c}") for c in CATEGORIES}
    minutes = {c: _likely(page, f"demand.minutes_{c}") for c in CATEGORIES}
    rest, crisis = sum(mix[c] for c in others), mix["crisis"] / sum(mix.values())
    other = sum(mix[c] * minutes[c] for c in others) / rest if rest else 0.0
    page.section("Handle time")
    formula = "demand_mix_crisis/mix_together"
    page.line("crisis_part", "Of the signals, a crisis", formula, crisis, "share")
    products = "+".join(f"demand_mix_{c}*demand_minutes_{c}" for c in others)
    total = "+".join(f"demand_mix_{c}" for c in others)
    how = "Minutes of each kind of signal, weighed by the mix."
    page.line(
        "other_minutes", "A signal that is no crisis", f"IF({total}=0,0,({products})/({total}))", other, "minutes", how
    )
    call_s = 60 * (crisis * minutes["crisis"] + (1 - crisis) * other)
    formula = "60*(crisis_part*demand_minutes_crisis+(1-crisis_part)*other_minutes)"
    page.line("call_s", "Mean handle time of a call", formula, call_s, "seconds")
    parallel, slowdown = (
        max(1, round(_likely(page, "service.parallel_contacts"))),
        _likely(page, "service.parallel_slowdown"),
    )
    side = (1 + slowdown * (parallel - 1)) / parallel
    at_once = "MAX(1,ROUND(service_parallel_contacts,0))"
    formula = f"(1+service_parallel_slowdown*({at_once}-1))/{at_once}"
    how = "Several texts at once, each slower for the others. A crisis is never one of several."
    page.line("side_by_side", "Advocate time of a text among others, against one alone", formula, side, "times", how)
    factor = _likely(page, "demand.text_talk_factor")
    text_s = 60 * factor * (crisis * minutes["crisis"] + (1 - crisis) * other * side)
    formula = (
        "60*demand_text_talk_factor*(crisis_part*demand_minutes_crisis+(1-crisis_part)*other_minutes*side_by_side)"
    )
    page.line(
        "text_s", "Mean advocate time of a text or chat", formula, text_s, "seconds", "It takes longer than a call."
    )
    _pooled(page, call_s, text_s)


def _pooled(page: Lines, call_s: float, text_s: float) -> None:
    demand, per_week = page.model.demand, page.model.demand.annual.likely / WEEKS_A_YEAR
    silent = demand.all_per_week - per_week if "phone" in demand.shares else 0.0
    formula = 'IF(channel_phone="yes",silent,0)'
    how = "They come by telephone."
    page.line("silent_live", "Non-data contacts answered", formula, silent, "contacts a week", how)
    formula = "week_phone+week_text+week_chat+silent_live"
    page.line("live_per_week", "Live signals, non-data included", formula, demand.live_per_week, "a week", bold=True)
    live = {c: per_week * demand.shares.get(c, 0.0) for c in LIVE_CHANNELS}
    silent_s = 60 * _likely(page, "demand.minutes_unsubstantive")
    work = sum(n * (call_s if c == "phone" else text_s) for c, n in live.items()) + silent * silent_s
    formula = "call_s*week_phone+text_s*(week_text+week_chat)+silent_live*60*demand_minutes_unsubstantive"
    page.line("work_s", "Work on live signals", formula, work, "seconds a week")
    page.line(
        "handle_time_s",
        "Mean handle time of a live signal",
        "IF(live_per_week=0,call_s,work_s/live_per_week)",
        demand.handle_time_s,
        "seconds",
        "Time off the queue after a crisis is counted on People, not here.",
        bold=True,
    )


def _languages(page: Lines) -> None:
    """Write live signals by language. Who must speak what stands on Roster demand, from the plan."""
    demand, parameters = page.model.demand, page.model.results.parameters
    page.section("Languages")
    first, *others = demand.languages
    given = {x for x in demand.languages if f"demand.language_{x}" in parameters}
    cells = {x: name_of(f"demand.language_{x}") for x in given}
    unknown = [x for x in others if x not in given]
    outside = f"1-{cells[first]}" if first in given else "demand_other_language_share" if others else "0"
    known = "".join(f"-{cells[x]}" for x in others if x in given)
    left = f"MAX(0,{outside}{known})/{max(1, len(unknown))}"
    raw = {x: cells.get(x, left) for x in others}
    raw = {first: cells.get(first, f"MAX(0,1-({'+'.join(raw.values())}))")} | raw
    together = "+".join(raw.values())
    for code, share in demand.languages.items():
        part = f"IF(({together})=0,{int(code == first)},({raw[code]})/({together}))"
        formula = f"live_per_week*{share!r}" if demand.observed else f"live_per_week*{part}"
        how = "From the line's own counts." if demand.observed else ""
        page.line(
            f"in_{name_of(code)}", language_name(code), formula, demand.live_per_week * share, "signals a week", how
        )


def _work_that_waits(page: Lines) -> None:
    demand = page.model.demand
    page.section("Work that can wait")
    formula, hours = "week_email*demand_minutes_email/60", demand.written_hours_per_week
    page.line("written_hours", "E-mails and web forms", formula, hours, "hours a week")
    formula, hours = "per_week*demand_follow_up_minutes/60", demand.follow_up_hours_per_week
    page.line("follow_up_hours", "Follow-up", formula, hours, "hours a week")


def _a_day_to_plan_for(page: Lines) -> None:
    demand = page.model.demand
    page.section("A day to plan for")
    cv = "demand_day_factor_cv"
    page.line(
        "busy_day_factor",
        "A busy day against a usual one",
        f"IF({cv}<0.000001,1,MAX(1,GAMMAINV(service_plan_for_days,1/{cv}^2,{cv}^2)))",
        demand.busy_day_factor,
        "times",
        "The planned share of days stays below it: days differ as a gamma with mean 1. Never below the mean.",
    )
    page.line(
        "redial_factor",
        "Calls for each person who calls",
        "1/(1-demand_redial_share*(1-service_voice_share))",
        demand.redial_factor,
        "times",
        "Of those not answered in time, some call again.",
    )
    formula, how = "busy_day_factor*redial_factor", "The usual signals per hour are multiplied by it."
    page.line("planned_factor", "Planned for, against usual", formula, demand.planned_factor, "times", how, bold=True)


def _hours_of_the_day(page: Lines) -> None:
    model, demand = page.model, page.model.demand
    page.section("Signals per hour")
    days = sum(demand.day_weights[w] for w in model.weekend)
    formula = '7-COUNTIF(weekend,"yes")+COUNTIF(weekend,"yes")*demand_weekend_factor'
    page.line("weekdays_a_week", "A week in weekdays", formula, days, "weekdays", "A weekend day counts by its factor.")
    formula, value = "live_per_week/weekdays_a_week", demand.live_per_week / days
    page.line("per_weekday", "Live signals on a weekday", formula, value, "signals")
    names = [f"{a:02d}_{b:02d}" for a, b in BANDS]
    total = "+".join(f"demand_band_{n}" for n in names)
    raw = sum(_likely(page, f"demand.band_{n}") for n in names)
    page.line("band_shares", "Shares of the day together", total, raw, "share", "They are scaled to 100 %.")
    for index, ((a, b), n) in enumerate(zip(BANDS, names, strict=True)):
        formula = f"per_weekday*demand_band_{n}/band_shares/{b - a}*demand_within_band_peak"
        weekday, weekend = (float(v) for v in demand.band_per_hour[index])
        say = "The busiest hour stands for its whole part of the day." if not index else ""
        page.line(f"weekday_{n}", f"Weekday, {a:02d} to {b:02d}", formula, weekday, "signals per hour", say)
        formula = f"weekday_{n}*demand_weekend_factor"
        page.line(f"weekend_{n}", f"Weekend, {a:02d} to {b:02d}", formula, weekend, "signals per hour")


def _first_year(page: Lines) -> None:
    """Write the months of year one: a new line fills up, a line that knows its volume stands where it is."""
    demand = page.model.demand
    page.section("The months of year 1, substantive signals")
    months = "{" + ",".join(str(m) for m in range(MONTHS)) + "}"
    filled = f"(({months}<demand_ramp_months)*{months}/demand_ramp_months+({months}>=demand_ramp_months))"
    together = f"IF(demand_ramp_months<=0,{MONTHS},SUMPRODUCT(demand_ramp_start+(1-demand_ramp_start)*{filled}))"
    start, full = _likely(page, "demand.ramp_start"), _likely(page, "demand.ramp_months")
    levels = [start + (1 - start) * min(1.0, m / full) if full > 0 else 1.0 for m in range(MONTHS)]
    how = "A new line's first months against the level it reaches."
    page.line("ramp_together", "The twelve months in full months", together, sum(levels), "months", how)
    for month, factor in enumerate(demand.ramp):
        level = f"demand_ramp_start+(1-demand_ramp_start)*MIN(1,{month}/demand_ramp_months)"
        filling = f"IF(demand_ramp_months<=0,1,{level})*{MONTHS}/ramp_together"
        formula = f'annual/{MONTHS}*IF(demand_annual_signals="",{filling},1)'
        value = demand.annual.likely / MONTHS * factor
        how = "A line that knows its volume has no such beginning." if not month else ""
        page.line(f"month_{month + 1}", f"Month {month + 1}", formula, value, "signals", how)
