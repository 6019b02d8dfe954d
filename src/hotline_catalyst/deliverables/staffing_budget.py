"""The sheet Budget: three years, every line low, likely and high, and what each is worked out from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..planning.demand import WEEKS_A_YEAR
from ..planning.people import DAYS_A_WEEK, SUPPORT
from . import look
from . import staffing_formulas as formulas
from .sheets import FIRST_ROW
from .staffing_pages import SIDES, YEAR_TAILS, YEARS, Model, cell, endings

VALUES_FROM = 1
COLUMNS = [(year, side) for year in range(YEARS) for side in SIDES]
HOW = VALUES_FROM + len(COLUMNS)
HEAD = FIRST_ROW + 1
INCOME = "country_income_per_head*country_currency_per_usd"
PAY_LINES = (
    "pay_advocates",
    "pay_supervisors",
    *(f"pay_{r}" for r in SUPPORT),
    "night",
    "weekend",
    "holiday",
    "on_call",
)
ON_SHIFT = "pay{s}*on_shift_hours{y}/staffing_contract_hours"
BOTH = f"({ON_SHIFT}+pay{{s}}*supervisors{{y}}*cost_supervisor_multiple{{s}}*(1-away_share_of{{y}}))"
# Before inflation; {s} stands for the side, {y} for the year. Lines that are a share of others are made below.
FORMULAS = {
    "pay_advocates": "pay{s}*advocates{y}",
    "pay_supervisors": "pay{s}*supervisors{y}*cost_supervisor_multiple{s}",
    **{f"pay_{role}": f"pay{{s}}*posts_{role}{{y}}*cost_pay_{role}{{s}}" for role in SUPPORT},
    "night": f"{ON_SHIFT}*night_share*cost_night_premium{{s}}",
    "weekend": f"{BOTH}*weekend_share*cost_weekend_premium{{s}}",
    "holiday": f"{BOTH}*holiday_share*cost_holiday_premium{{s}}",
    "on_call": "pay{s}*cost_supervisor_multiple{s}*on_call_hours/staffing_contract_hours*cost_on_call_share{s}",
    "learning": "(MAX(0,heads{y}-advocates{y})+entrants{y}/12)*pay{s}*(1+cost_on_costs{s})",
    "recruitment": "entrants{y}*pay{s}*cost_recruitment_share{s}",
    "academy": f"entrants{{y}}*{INCOME}*cost_academy_share{{s}}",
    "training": f"people{{y}}*{INCOME}*cost_training_share{{s}}",
    "wellness": f"people{{y}}*{INCOME}*cost_wellness_share{{s}}",
    "lines": "telephone_lines*cost_line_usd{s}*country_currency_per_usd",
    "minutes": "phone_minutes*{v}*cost_toll_free_minute_usd{s}*country_currency_per_usd",
    "messaging": (
        'IF(OR(channel_text="yes",channel_chat="yes"),cost_messaging_usd{s}*country_currency_per_usd,0)'
    ),
    "software": "people{y}*cost_software_usd{s}*country_currency_per_usd",
    "interpreters": (
        "all_minutes*MIN(1,cost_interpreted_share{s}+interpreted)*service_interpreter_factor{s}*{v}*cost_interpreter_minute_usd{s}*country_currency_per_usd"
    ),
    "premises": f"people{{y}}*{INCOME}*cost_premises_share{{s}}",
    "equipment": "people{y}*cost_equipment_usd{s}*country_currency_per_usd",
}  # fmt: skip


def budget(model: Model) -> None:
    """Add the sheet."""
    money = model.plan.budget
    say = (
        f"In {money.currency}, at {money.per_usd:,.6g} to the US dollar ({money.per_usd_year}); prices rise from the "
        "second year on. All figures low, all likely, all high: a range, not an interval of chance."
    )
    sheet = model.sheet("Budget", "What do three years cost?", say, (44, *[14] * len(COLUMNS), 78), wide=True)
    for year in range(YEARS):
        style = model.book.style(bold=True, font_color=look.NIGHT, align="right")
        look.put(sheet, HEAD - 1, VALUES_FROM + 3 * year + 1, f"Year {year + 1}", style)
    heads = ("", *(side.capitalize() for _, side in COLUMNS), "How it is worked out")
    model.book.headings(sheet, HEAD, heads, styles=[model.label, *[model.figure] * len(COLUMNS), model.note])
    rows = _rows(model)
    row = HEAD + 1
    for group in dict.fromkeys(line.group for line in money.lines):
        model.subtitle(sheet, row, group)
        model.groups[group] = row
        row += 1
        for line in money.lines:
            if line.group == group:
                rows[line.id] = row
                row += 1
    rows |= {name: row + 1 + offset for offset, name in enumerate(("all", "usd", "before_launch"))}
    basis = row + 6
    _basis(model, sheet, basis, rows)
    for line in money.lines:
        values = [getattr(line.years[year], side) for year, side in COLUMNS]
        _money_row(model, sheet, rows, line.id, (line.title, line.because), values)
    _group_sums(model, sheet, rows)
    _totals(model, sheet, rows)
    sheet.freeze_panes(HEAD + 1, 1)
    sheet.repeat_rows(HEAD - 1, HEAD)
    sheet.repeat_columns(0)
    sheet.print_area(0, 0, basis + 13, HOW)


def _rows(model: Model) -> dict[str, int]:
    return dict.fromkeys([line.id for line in model.plan.budget.lines], 0)


def _money_row(
    model: Model, sheet: Any, rows: dict[str, int], ident: str, texts: tuple[str, str], values: list[float]
) -> None:
    row, number = rows[ident], model.book.text(num_format="#,##0")
    look.put(sheet, row, 0, texts[0], model.label)
    for offset, ((year, side), value) in enumerate(zip(COLUMNS, values, strict=True)):
        formula = _formula(model, rows, ident, year, side, VALUES_FROM + offset)
        model.live(sheet, row, VALUES_FROM + offset, formula, value, number)
    look.put(sheet, row, HOW, texts[1], model.note)
    model.book.fit(sheet, row, (texts[0], *[None] * len(COLUMNS), texts[1]))


def _formula(model: Model, rows: dict[str, int], ident: str, year: int, side: str, column: int) -> str:
    """Return a line's formula: a share of other lines, or its own sum with the year's prices."""
    s, order = _side(side), list(rows)

    def total(names: Any) -> str:
        return "(" + "+".join(cell(rows[name], column) for name in names) + ")"

    before = [name for name in order[: order.index(ident)] if name in FORMULAS or name in ("on_costs", "outreach")]
    if ident == "on_costs":
        return f"{total(PAY_LINES)}*cost_on_costs{s}"
    if ident == "outreach":
        return f"{total((*PAY_LINES, 'on_costs'))}*cost_outreach_share{s}"
    if ident in ("evaluation", "reserve"):
        return f"{total(before)}*cost_{ident}_share{s}"
    v, prices = cell(rows["volume"], column), cell(rows["prices"], column)
    here = FORMULAS[ident].format(s=s, y=YEAR_TAILS[year], v=v)
    return f"{here}*{prices}"


def _side(side: str) -> str:
    return dict(zip(SIDES, endings(3), strict=True))[side]


def _group_sums(model: Model, sheet: Any, rows: dict[str, int]) -> None:
    bold = model.book.style(bold=True, num_format="#,##0", font_color=look.NIGHT)
    for group, row in model.groups.items():
        lines = [line for line in model.plan.budget.lines if line.group == group]
        for offset, (year, side) in enumerate(COLUMNS):
            column, value = VALUES_FROM + offset, sum(float(getattr(line.years[year], side)) for line in lines)
            formula = "+".join(cell(rows[line.id], column) for line in lines)
            model.live(sheet, row, column, formula, value, bold)


def _blank(model: Model, sheet: Any, row: int) -> None:
    for column in range(HOW):
        look.put(sheet, row, column, None, model.label)


def _totals(model: Model, sheet: Any, rows: dict[str, int]) -> None:
    money = model.plan.budget
    bold = model.book.text(bold=True, num_format="#,##0")
    each = [line.id for line in money.lines]
    for name, title, how in (
        ("all", "All lines", "What the year costs."),
        ("usd", "The same in US dollars", "At the exchange rate on Inputs."),
    ):
        row = rows[name]
        look.put(sheet, row, 0, title, model.book.text(bold=name == "all"))
        look.put(sheet, row, HOW, how, model.note)
    for offset, (year, side) in enumerate(COLUMNS):
        column = VALUES_FROM + offset
        total = float(getattr(money.year(year), side))
        formula = "+".join(cell(rows[i], column) for i in each)
        model.live(sheet, rows["all"], column, formula, total, bold)
        usd = f"{cell(rows['all'], column)}/country_currency_per_usd"
        style = model.book.text(num_format="#,##0")
        model.live(sheet, rows["usd"], column, usd, total / model.results.facts.country.currency.per_usd.value, style)
        model.name(f"cost{YEAR_TAILS[year] or '_y1'}{_side(side)}", f"'Budget'!{cell(rows['all'], column, 'rc')}")
    row, once = rows["before_launch"], money.before_launch
    _blank(model, sheet, row)
    look.put(sheet, row, 0, once.title, model.label)
    look.put(sheet, row, HOW, once.because, model.note)
    model.book.fit(sheet, row, (once.title, *[None] * len(COLUMNS), once.because))
    paid = "(heads_before+entrants_before/12)*pay{s}*(1+cost_on_costs{s})"
    entered = f"entrants_before*(pay{{s}}*cost_recruitment_share{{s}}+{INCOME}*cost_academy_share{{s}})"
    for offset, side in enumerate(SIDES):
        formula = f"{paid}+{entered}".format(s=_side(side))
        value = float(getattr(once.years[0], side))
        model.live(sheet, row, VALUES_FROM + offset, formula, value, model.book.text(num_format="#,##0"))


def _basis(model: Model, sheet: Any, row: int, rows: dict[str, int]) -> None:
    """Write what the lines are worked out from."""
    model.subtitle(sheet, row, "What the lines are worked out from")
    demand, money = model.demand, model.plan.budget
    for name, title, number, how in (
        ("prices", "Prices against year 1", "0.000", "Inflation, from the second year on."),
        ("volume", "Signals against year 1, likely", "0.000", "Growth low with low and high with high."),
    ):
        row += 1
        rows[name] = row
        look.put(sheet, row, 0, title, model.label)
        look.put(sheet, row, HOW, how, model.note)
        style = model.book.text(num_format=number)
        for offset, (year, side) in enumerate(COLUMNS):
            s, value = _side(side), 0.0
            if name == "prices":
                formula, value = f"(1+roadmap_inflation{s})^{year}", (1 + float(getattr(money.inflation, side))) ** year
            else:
                first = demand.years[0].likely
                value = float(getattr(demand.years[year], side)) / first if first else demand.year_factors[year]
                annual = "annual" if not year else f"annual_year_{year + 1}"
                formula = f"IF(annual=0,{'1' if not year else f'year_factor_{year + 1}'},{annual}{s}/annual)"
            model.live(sheet, row, VALUES_FROM + offset, formula, value, style)
    for name, title, wanted, each, number, how in _facts(model):
        row += 1
        _blank(model, sheet, row)
        look.put(sheet, row, 0, title, model.label)
        look.put(sheet, row, HOW, how, model.note)
        tails = (("_low", "", "_high") if "{s}" in wanted else YEAR_TAILS) if len(each) > 1 else ("",)
        for offset, (tail, value) in enumerate(zip(tails, each, strict=True)):
            # Three sides fill the first year's columns; three years stand under each year's likely.
            column = VALUES_FROM + (offset if tails[0] else 3 * offset + 1)
            formula = wanted.format(s=tail, y=tail)
            model.live(sheet, row, column, formula, value, model.book.text(num_format=number))
            model.name(name + tail, f"'Budget'!{cell(row, column, 'rc')}")


def _weekend_share(model: Model) -> float:
    covered = model.covered
    return float(covered[[day > 0 for day in model.weekend]].sum() / max(1, covered.sum()))


def _facts(model: Model) -> Iterator[tuple[str, str, str, list[float], str, str]]:
    """Yield name, title, formula, values, number format and reason."""
    plan, parameters, country = model.plan, model.results.parameters, model.results.facts.country
    income, own = (
        country.income_per_head_usd.value * country.currency.per_usd.value,
        parameters.get("cost.advocate_pay"),
    )
    pays = [float(getattr(own, s)) if own else income * getattr(parameters["cost.pay_multiple"], s) for s in SIDES]
    typed = 'IF(cost_advocate_pay{s}="",cost_advocate_pay,cost_advocate_pay{s})'
    formula = f'IF(cost_advocate_pay="",{INCOME}*cost_pay_multiple{{s}},{typed})'
    how = "Local pay where it is known; else a multiple of national income per head."
    yield "pay", "Yearly pay of one advocate", formula, pays, "#,##0", how
    shares = [p.shrinkage.share.likely for p in plan.people_by_year]
    formula = "1-productive_hours{y}/staffing_contract_hours"
    yield (
        "away_share_of",
        "Time away from signals",
        formula,
        shares,
        "0.0%",
        "Less where more advocates share the debriefs.",
    )
    cover = "IF(SUM(week_cover)=0,0,SUMPRODUCT({}*week_cover)/SUM(week_cover))"
    yield (
        "night_share",
        "Shift hours at night",
        cover.format("week_night"),
        [plan.night_share],
        "0.0%",
        "From Week and the law's night.",
    )
    formula = cover.format("week_weekend")
    yield "weekend_share", "Shift hours at weekends", formula, [_weekend_share(model)], "0.0%", "From Week."
    days = parameters["staffing.holiday_days"].likely / (DAYS_A_WEEK * WEEKS_A_YEAR)
    formula, how = "staffing_holiday_days/(5*365.25/7)", "Public holidays among the working days of the year."
    yield "holiday_share", "Shift hours on public holidays", formula, [days], "0.0%", how
    demand = model.demand
    minutes = [
        sum(c.per_week * c.handle_time_s for c in demand.classes if channel in ("", c.channel))
        * (plan.reach / 60 * WEEKS_A_YEAR)
        for channel in ("phone", "")
    ]
    phone = "call_s*week_phone+silent_live*60*demand_minutes_unsubstantive"
    formula, how = f"({phone})*reach/60*(365.25/7)", "In open hours, work after the call included."
    yield "phone_minutes", "Minutes of calls a year", formula, [minutes[0]], "#,##0", how
    text = "60*demand_text_talk_factor*(crisis_part*demand_minutes_crisis+(1-crisis_part)*other_minutes)"
    formula = f"phone_minutes+(week_text+week_chat)*reach*{text}/60*(365.25/7)"
    yield (
        "all_minutes",
        "Minutes of live contact a year",
        formula,
        [minutes[1]],
        "#,##0",
        "In open hours, texts and chats by themselves.",
    )
    how = "From the plan; does not follow Inputs. On top of the usual share that an interpreter serves."
    alone = plan.interpreted
    yield "interpreted", "Signals whose language nobody on shift speaks", f"{alone!r}", [alone], "0.0%", how
    open_ = model.plan.need.on_shift > 0
    busiest = float(np.where(open_, demand.planned_per_hour, 0).max())
    live = [c for c in demand.classes if c.channel == "phone"]
    each = sum(c.per_week * c.handle_time_s for c in live) / demand.live_per_week if demand.live_per_week else 0.0
    most = "SUMPRODUCT(MAX((roster_need<>0)*roster_rate))*planned_factor"
    formula = f"IF(live_per_week=0,0,{most}*({phone})/live_per_week/3600)"
    how = "On a busy day in the busiest hour, in erlangs."
    yield "phone_load", "Advocates on the telephone at once, mean", formula, [busiest * each / 3600], "0.000", how
    how = "So many that few callers find all of them busy (Erlang B), and one for everybody on shift."
    formula = f'IF(channel_phone="yes",MAX({formulas.lines_for("phone_load")},MAX(week_cover)),0)'
    yield "telephone_lines", "Telephone lines", formula, [plan.lines], "0", how
