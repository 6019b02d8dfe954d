"""The operator's own staffing model: a workbook of live formulas that gives the engine's numbers.

A cell's stored value is the engine's; a step that results do not hold is worked out beside its formula. The tests
let LibreOffice recalculate every formula and hold both to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..results import Results
from . import look
from .sheets import FIRST_ROW, assumptions
from .staffing_bands import bands, growth
from .staffing_budget import budget
from .staffing_charts import charts, draw
from .staffing_choices import options, stress
from .staffing_demand import demand
from .staffing_hiring import hiring
from .staffing_inputs import fill, inputs
from .staffing_pages import SIDES, Model, endings, without_ruling
from .staffing_people import people, time_away
from .staffing_roster import roster_demand
from .staffing_week import from_the_plan, service, shifts, week
from .staffing_working import one_quarter_hour, working

PAGES = (
    demand, working, one_quarter_hour, bands, growth, week, service, shifts, roster_demand, from_the_plan, time_away,
    people, hiring, budget, options, stress,
)  # fmt: skip


def write(results: Results, folder: Path) -> list[Path]:
    """Write operator/staffing.xlsx."""
    model = Model(results)
    _read_me(model)
    drawn, figures = charts(model), inputs(model)
    for page in PAGES:
        page(model)
    draw(model, drawn)
    fill(model, figures)
    assumptions(model.book, without_ruling)
    return [model.book.write(folder / "operator" / "staffing.xlsx")]


def _read_me(model: Model) -> None:
    facts = model.results.facts
    say = f"As of {look.day(facts.as_of)}. Planned hours: {facts.hours.text}."
    sheet = model.sheet("Read me", f"Staffing model: {facts.name}", say, (52, 92, 44))
    bold, text = model.book.style(bold=True), model.book.style(text_wrap=True)
    row = FIRST_ROW
    for label, line in _guide():
        look.put(sheet, row, 0, label, bold)
        look.put(sheet, row, 1, line, text)
        model.book.fit(sheet, row, (label, line))
        row += 1
    row += 1
    model.book.headings(sheet, row, ("What comes out", "Now", "Where it stands"))
    for label, formula, value, number, where in _outcomes(model):
        row += 1
        look.put(sheet, row, 0, label, model.label)
        style = model.book.text(bold=True, num_format=number, align="left")
        model.live(sheet, row, 1, formula, value, style)
        if where in FOLLOW_SHIFTS:
            # People and money follow the shifts as they stand: with shifts too few they look too small.
            warned = TOO_LOW if (model.covered < model.need).any() else where
            model.live(sheet, row, 2, f'IF({SHORT}>0,"{TOO_LOW}","{where}")', warned, model.note)
        else:
            look.put(sheet, row, 2, where, model.note)
    row += 2
    model.book.headings(sheet, row, ("Sheet", "The question it answers", ""))
    for name, question in QUESTIONS:
        row += 1
        sheet.write_url(row, 0, f"internal:'{name}'!A1", model.book.text(font_color=look.LINK, underline=1), name)
        look.put(sheet, row, 1, question, model.label)
    sheet.print_area(0, 0, row, 2)


SHORT = "SUMPRODUCT(--(week_cover<week_need))"
FOLLOW_SHIFTS = ("People", "Budget")
TOO_LOW = "Too low: the shifts leave hours short. Change Shifts first, or plan again."
QUESTIONS = (
    ("Charts", "What does it look like?"),
    ("Inputs", "What does the model rest on?"),
    ("Demand", "How much arrives in three years, and how long does it take?"),
    ("Working", "Where do a day's numbers come from?"),
    ("One quarter-hour", "Why this many, and not one fewer?"),
    ("Bands", "How many advocates does each part of the week need?"),
    ("Growth", "What will later years need?"),
    ("Week", "Do the shifts bring what the week needs?"),
    ("Service", "Is the promise kept?"),
    ("Shifts", "Which shifts cover the week?"),
    ("Roster demand", "Who must be on shift, quarter-hour by quarter-hour?"),
    ("From the plan", "What do languages and the simulated week add?"),
    ("Time away", "Why is paid time not all shift time?"),
    ("People", "How many people is that, in three years?"),
    ("Hiring", "Who begins an academy, and when?"),
    ("Budget", "What do three years cost?"),
    ("Options", "Which hours, channels and languages could be chosen?"),
    ("Stress", "What breaks the promise, and how often?"),
    ("Assumptions", "Which figures does this rest on?"),
)


def _outcomes(model: Model) -> Iterator[tuple[str, str, Any, str, str]]:
    """Yield label, formula, the engine's value, number format and sheet of what matters most."""
    plan = model.plan
    most = f'IF(COUNTIF(week_need,"more*")>0,"more than {model.most}",MAX(week_need))'
    yield "Most advocates needed at once", most, int(model.need.max()), "0", "Week"
    yield "Most advocates on shift at once", "MAX(week_cover)", plan.peak_on_shift, "0", "Week"
    left, where = int((model.covered < model.need).sum()), "Week. Not 0: change the shifts or plan again"
    yield "Quarter-hours a week that the shifts leave short", SHORT, left, "0", where
    label = "Live signals answered in time, by formula, everybody there"
    yield label, "week_level", plan.service_level, "0.0%", "Service"
    yield "Advocates", "advocates", plan.people.advocates, "0", "People"
    yield "People on the pay roll", "people", plan.people.total, "0", "People"
    if plan.hiring is not None:
        months = sum(m.productive < m.needed - 0.0001 for m in plan.hiring.months)
        where = "Hiring. Not 0: change the classes or plan again"
        yield "Months of three years without enough advocates", "months_short", months, "0", where
    cost = plan.annual_cost
    for side, ending in zip(SIDES, endings(3), strict=True):
        label = f"Cost of year 1, {side}, {plan.currency}"
        yield label, f"cost_y1{ending}", getattr(cost, side), "#,##0", "Budget"


def _guide() -> Iterator[tuple[str, str]]:
    yield "What it is for", "To see how many advocates each hour needs and why, and what changes when a figure changes."
    yield (
        "Who may have it",
        "The operator's director and the people who plan shifts. It shows how many answer at night: do not pass it on.",
    )
    yield (
        "What to change first",
        "On Inputs: the signals a year once eight weeks of your own are counted, then handle times, then pay. "
        "Type over the pale cells in the column Likely.",
    )
    yield (
        "Colours",
        "Pale cells are inputs and may be changed. Everything else is worked out and protected (no password).",
    )
    yield (
        "What it does not do",
        "Shifts and academy classes do not redesign themselves. When the need passes the cover, Week says so: change "
        "the counts on Shifts and Hiring, or let the toolkit plan again. Languages, texts and chats by themselves, the "
        "simulated week, Options and Stress are values from the plan and say so.",
    )
    yield (
        "The model",
        "Erlang A: callers wait with patience and some hang up. Erlang C, where nobody hangs up, stands beside it as "
        "the cautious end. The need is counted for a busy day, with those who call again in it.",
    )
