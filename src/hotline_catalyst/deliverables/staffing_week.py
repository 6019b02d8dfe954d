"""The sheets Week, Service and Shifts: what each quarter-hour needs, what the shifts bring, and what callers get."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..planning.calendar import DAYS, QUARTERS_A_DAY, minutes_of
from ..planning.demand import BANDS
from ..planning.need import Ints, Need
from . import look
from . import staffing_formulas as formulas
from .sheets import FIRST_ROW
from .staffing_bands import part_of
from .staffing_pages import PLAN_SHEET, Model, block, cell

SPARE_SHIFTS = 4
SHIFT_ROW = FIRST_ROW + 1
BAND, NIGHT, ALONE, NEED_FROM, COVER_FROM, GRID_ROW = 2, 3, 4, 5, 13, FIRST_ROW + 5
GRID_END = GRID_ROW + QUARTERS_A_DAY - 1
WEEKEND_ROW = GRID_ROW - 3
# On the sheet of what the plan adds, the same rows: by the simulated week, then by language in each of three years.
ADDED_FROM, LANGUAGE_FROM = 1, (9, 17, 25)
SERVICE_FROM = 1
DAY_NAMES = [day[:3].capitalize() for day in DAYS]
BAND_OF = [sum(4 * a <= quarter for a, _ in BANDS) for quarter in range(QUARTERS_A_DAY)]


def clock(quarter: int) -> str:
    """Return when a quarter-hour of the day begins.

    >>> clock(29)
    '07:15'
    """
    return f"{quarter // 4:02d}:{quarter % 4 * 15:02d}"


def week(model: Model) -> None:
    """Add the sheet of need and cover."""
    say = (
        "Advocates needed in each quarter-hour, and beside it how many the shifts bring; darker is more. "
        "Brick: the shifts fall short."
    )
    widths = (9, 8, 7, 7, 9, *[6.5] * 7, 2, *[6.5] * 7, 11)
    sheet = model.sheet("Week", "Do the shifts bring what the week needs?", say, widths)
    _grid_frame(model, sheet)
    look.put(sheet, GRID_ROW - 2, COVER_FROM, "On shift by the sheet Shifts", model.book.style(bold=True))
    _day_rows(model, sheet)
    for quarter in range(QUARTERS_A_DAY):
        _week_row(model, sheet, quarter)
    _heat(model, sheet)
    model.name("week_need", block("Week", (GRID_ROW, NEED_FROM), (GRID_END, NEED_FROM + 6)))
    model.name("week_cover", block("Week", (GRID_ROW, COVER_FROM), (GRID_END, COVER_FROM + 6)))
    model.name("week_weekend", block("Week", (WEEKEND_ROW, NEED_FROM), (WEEKEND_ROW, NEED_FROM + 6)))
    model.name("week_night", block("Week", (GRID_ROW, NIGHT), (GRID_END, NIGHT)))
    one_page(sheet)
    sheet.print_area(0, 0, GRID_END, COVER_FROM + 7)


def _week_row(model: Model, sheet: Any, quarter: int) -> None:
    row, targets = GRID_ROW + quarter, model.targets
    need, cover = (model.book.text(align="center", bold=bold) for bold in (False, True))
    quiet = model.book.text(align="center", font_color=look.QUIET)
    now = cell(row, 1, "c")
    night = int(model.results.facts.country.is_night(quarter * 15))
    model.live(sheet, row, NIGHT, formulas.is_night(now), night, quiet)
    supervised = targets.supervisor_from <= quarter / 4 < targets.supervisor_to
    value = 0 if supervised else targets.minimum_without_supervisor
    model.live(sheet, row, ALONE, formulas.alone(now), value, quiet)
    for day in range(7):
        model.live(sheet, row, NEED_FROM + day, _need_formula(model, row, day), model.need[day, quarter], need)
        counts = [block("Shifts", (SHIFT_ROW, 5 + d), (last_shift(model), 5 + d)) for d in (day, (day - 1) % 7)]
        value = model.covered[day, quarter]
        model.live(sheet, row, COVER_FROM + day, formulas.cover(now, *counts), value, cover)
    spans = [f"{cell(row, c)}:{cell(row, c + 6)}" for c in (COVER_FROM, NEED_FROM)]
    short = int((model.covered[:, quarter] < model.need[:, quarter]).sum())
    model.live(sheet, row, COVER_FROM + 7, f"SUMPRODUCT(--({spans[0]}<{spans[1]}))", short, quiet)


def _heat(model: Model, sheet: Any) -> None:
    """Colour the week: brick where the shifts fall short, else darker for more."""
    brick = model.book.book.add_format({"font_color": "#FFFFFF", "bg_color": look.NOT_MET})
    criteria = f"={cell(GRID_ROW, COVER_FROM)}<{cell(GRID_ROW, NEED_FROM)}"
    rule = {"type": "formula", "criteria": criteria, "format": brick, "stop_if_true": True}
    sheet.conditional_format(GRID_ROW, COVER_FROM, GRID_END, COVER_FROM + 6, rule)
    scale = {"type": "2_color_scale", "min_color": "#FFFFFF", "max_color": look.LEVELS[3]}
    for first in (NEED_FROM, COVER_FROM):
        sheet.conditional_format(GRID_ROW, first, GRID_END, first + 6, scale)


def _grid_frame(model: Model, sheet: Any) -> None:
    names = ("From", "Quarter", "Band", "Night", "Without supervisor", *DAY_NAMES, "", *DAY_NAMES, "Days short")
    centre = model.book.text(align="center")
    model.book.headings(sheet, GRID_ROW - 1, names, styles=[model.label, *[centre] * 20])
    sheet.freeze_panes(GRID_ROW, 1)
    sheet.repeat_rows(GRID_ROW - 1)
    quiet = model.book.text(align="center", font_color=look.QUIET)
    for quarter, band in enumerate(BAND_OF):
        row = GRID_ROW + quarter
        look.put(sheet, row, 0, clock(quarter), model.label)
        look.put(sheet, row, 1, quarter, quiet)
        look.put(sheet, row, BAND, band, quiet)


def _day_rows(model: Model, sheet: Any) -> None:
    """Write when each day opens and closes, in quarter-hours, and whether it is a weekend day."""
    quiet, right = (model.book.style(font_color=look.QUIET, align=a) for a in ("center", "left"))
    for offset, label in enumerate(("Opens at quarter", "Closes at quarter", "Weekend: 1")):
        look.put(sheet, GRID_ROW - 5 + offset, 0, label, right)
    look.put(sheet, GRID_ROW - 2, NEED_FROM, "Needed", model.book.style(bold=True))
    for day, name in enumerate(DAYS):
        hours = getattr(model.results.facts.hours, name)
        span = [-1, -1] if hours == "closed" else [minutes_of(clock) // 15 for clock in hours.split("-")]
        column = NEED_FROM + day
        for offset, (kind, value) in enumerate(zip(("opens", "closes"), span, strict=True)):
            here = f"INDEX({kind},{day + 1})"
            formula = f'IF(INDEX(opens,{day + 1})="",-1,ROUND({here}*96,0))'
            model.live(sheet, GRID_ROW - 5 + offset, column, formula, value, quiet)
        formula = f'IF(INDEX(weekend,{day + 1})="yes",1,0)'
        model.live(sheet, WEEKEND_ROW, column, formula, model.weekend[day], quiet)


def part_formula(model: Model, day: int, quarter: int, sheet: str = "") -> str:
    """Return the part of the week that a quarter-hour lies in, as a formula of the sheet Week or of another."""
    where = f"{sheet}{cell(GRID_ROW + quarter, BAND, 'c')}", f"{sheet}{cell(WEEKEND_ROW, NEED_FROM + day, 'r')}"
    return part_of(model, day, quarter, *where)


def _need_formula(model: Model, row: int, day: int) -> str:
    today, before = NEED_FROM + day, NEED_FROM + (day - 1) % 7
    spans = [cell(GRID_ROW - 5 + k, column, "r") for column in (today, before) for k in (0, 1)]
    rules = f"INDEX(bands_need,{part_formula(model, day, row - GRID_ROW)})"
    added, language = (f"'{PLAN_SHEET}'!{cell(row, first + day)}" for first in (ADDED_FROM, LANGUAGE_FROM[0]))
    most = f"MAX({rules},{cell(row, ALONE, 'c')},{language})+{added}"
    return f"IF({formulas.is_open(cell(row, 1, 'c'), *spans)},IF(ISTEXT({rules}),{rules},{most}),0)"


def from_the_plan(model: Model) -> None:
    """Add the sheet of what no formula can follow: languages and the simulated week."""
    say = (
        "From the plan; does not follow Inputs. Languages count where they need more than every other rule. Plan again "
        "when volumes, hours or languages change."
    )
    grids = {ADDED_FROM: ("Added by the simulated week", model.plan.need.added)}
    for year, first in enumerate(LANGUAGE_FROM):
        title = f"Needed for languages, year {year + 1}"
        grids[first] = (title, beyond_the_rules(model.plan.needs[year]))
    sheet = model.sheet(PLAN_SHEET, "What does the plan add?", say, (9, *([6] * 7 + [2]) * len(grids)))
    names = ("From", *((*DAY_NAMES, "") * len(grids))[:-1])
    centre = model.book.text(align="center")
    model.book.headings(sheet, GRID_ROW - 1, names, styles=[model.label, *[centre] * (len(names) - 1)])
    for first, (title, week) in grids.items():
        look.put(sheet, GRID_ROW - 2, first, title, model.book.style(bold=True))
        for day, values in enumerate(week.reshape(7, QUARTERS_A_DAY)):
            for quarter, value in enumerate(values):
                look.put(sheet, GRID_ROW + quarter, first + day, int(value), centre)
    for quarter in range(QUARTERS_A_DAY):
        look.put(sheet, GRID_ROW + quarter, 0, clock(quarter), model.label)
    for name, first in (("plan_language", LANGUAGE_FROM[0]), ("plan_added", ADDED_FROM)):
        model.name(name, block(PLAN_SHEET, (GRID_ROW, first), (GRID_END, first + 6)))
    one_page(sheet)
    sheet.freeze_panes(GRID_ROW, 1)
    sheet.repeat_rows(GRID_ROW - 1)
    sheet.print_area(0, 0, GRID_END, LANGUAGE_FROM[-1] + 6)


def beyond_the_rules(need: Need) -> Ints:
    """Return what languages need where that is more than every other rule asks for; else 0.

    Elsewhere the languages' number is that of the other rules, which the workbook works out itself.
    """
    others = np.maximum.reduce([need.by_load, need.by_text, need.by_occupancy, need.by_supervisor])
    return np.where(need.by_language > np.maximum(others, need.minimum), need.by_language, 0)


def one_page(sheet: Any) -> None:
    """Print a day's 96 rows on one page, A3 upright, which a printer may halve."""
    sheet.set_paper(8)
    sheet.set_portrait()
    sheet.fit_to_pages(1, 1)


def service(model: Model) -> None:
    """Add the sheet of what callers get."""
    say = "Share answered in time on a usual day by the shifts as they stand (Erlang A). Brick: less than promised."
    sheet = model.sheet("Service", "Is the promise kept?", say, (34, *[10] * 7))
    model.book.headings(sheet, GRID_ROW - 1, ("From", *DAY_NAMES), styles=[model.label, *[model.figure] * 7])
    sheet.freeze_panes(GRID_ROW, 1)
    sheet.repeat_rows(GRID_ROW - 1)
    share = model.book.text(num_format="0.0%")
    for quarter in range(QUARTERS_A_DAY):
        row = GRID_ROW + quarter
        look.put(sheet, row, 0, clock(quarter), model.label)
        for day in range(7):
            formula = _level_formula(model, row, day)
            model.live(sheet, row, SERVICE_FROM + day, formula, _level_at(model, day, quarter), share)
    _service_totals(model, sheet)
    under = {"type": "formula", "format": model.book.book.add_format({"font_color": look.NOT_MET, "bold": True})}
    first = cell(GRID_ROW, SERVICE_FROM)
    under["criteria"] = f"=AND(ISNUMBER({first}),ROUND({first},12)<service_voice_share)"
    sheet.conditional_format(GRID_ROW, SERVICE_FROM, GRID_END, SERVICE_FROM + 6, under)
    one_page(sheet)
    sheet.print_area(0, 0, GRID_END, SERVICE_FROM + 6)


def _level_at(model: Model, day: int, quarter: int) -> Any:
    need, cover = model.need[day, quarter], int(model.covered[day, quarter])
    if need == 0:
        return ""
    return model.usual_levels[min(cover, model.most) - 1, model.row_of[day, quarter]] if cover else 0


def _level_formula(model: Model, row: int, day: int) -> str:
    need, cover = (f"Week!{cell(row, first + day)}" for first in (NEED_FROM, COVER_FROM))
    part = part_formula(model, day, row - GRID_ROW, "Week!")
    return f'IF({need}=0,"",IF({cover}=0,0,INDEX(bands_usual_level,{part},MIN({cover},{model.most}))))'


def _service_totals(model: Model, sheet: Any) -> None:
    """Write signals in open hours and those answered in time, by day and for the week."""
    quiet = model.book.style(font_color=look.QUIET, num_format="0.000")
    rows = GRID_ROW - 5, GRID_ROW - 4
    labels = ("Answered in time, signals a day", "In open hours, signals a day", "Share over the week")
    for row, label in zip((*rows, GRID_ROW - 3), labels, strict=True):
        look.put(sheet, row, 0, label, model.book.style(bold=row == GRID_ROW - 3))
    for day in range(7):
        rate = model.rates[model.row_of[day]]
        level = np.array([_level_at(model, day, q) or 0 for q in range(QUARTERS_A_DAY)], dtype=float)
        column = f"{cell(GRID_ROW, SERVICE_FROM + day)}:{cell(GRID_END, SERVICE_FROM + day)}"
        rates = f"INDEX(roster_rate,{96 * day + 1}):INDEX(roster_rate,{96 * day + 96})"
        need = f"Week!{cell(GRID_ROW, NEED_FROM + day)}:{cell(GRID_END, NEED_FROM + day)}"
        # Quarter-hours carry a quarter of an hourly rate.
        values = float(level @ rate) / 4, float(rate[model.need[day] > 0].sum()) / 4
        model.live(sheet, rows[0], SERVICE_FROM + day, f"SUMPRODUCT({column},{rates})/4", values[0], quiet)
        model.live(sheet, rows[1], SERVICE_FROM + day, f"SUMPRODUCT(--({need}<>0),{rates})/4", values[1], quiet)
    parts = [f"SUM({cell(row, SERVICE_FROM)}:{cell(row, SERVICE_FROM + 6)})" for row in rows]
    bold = model.book.style(bold=True, num_format="0.0%")
    formula = f"IF({parts[1]}=0,1,{parts[0]}/{parts[1]})"
    model.live(sheet, GRID_ROW - 3, SERVICE_FROM, formula, model.plan.service_level, bold)
    model.name("week_level", f"'Service'!{cell(GRID_ROW - 3, SERVICE_FROM, 'rc')}")


def last_shift(model: Model) -> int:
    """Return the last row of the table of shifts; a few rows stay free for shifts of one's own."""
    return SHIFT_ROW + len(model.results.staffing.shift_plan.shifts) + SPARE_SHIFTS - 1


def shifts(model: Model) -> None:
    """Add the sheet of shifts."""
    plan = model.results.staffing.shift_plan
    say = (
        "How many of each kind start on each day. Change times and counts; Week and Service show at once what follows."
    )
    sheet = model.sheet("Shifts", "Which shifts cover the week?", say, (14, 9, 9, 11, 11, *[6.5] * 7, 9, 11, 11, 9, 9))
    headings = (
        "Kind", "Starts", "Answers, minutes", "Handover, minutes", "Night shift", *DAY_NAMES, "Ends", "Paid hours each",
        "Paid hours a week", "First quarter", "Quarters",
    )  # fmt: skip
    centre, right = model.book.text(align="center"), model.figure
    styles = [model.label, right, right, right, centre, *[centre] * 7, *[right] * 5]
    model.book.headings(sheet, FIRST_ROW, headings, styles=styles)
    last = last_shift(model)
    for index in range(last - SHIFT_ROW + 1):
        _shift_row(model, sheet, SHIFT_ROW + index, index)
    bold = model.book.style(bold=True, num_format="#,##0.00")
    look.put(sheet, last + 1, 0, "All shifts", bold)
    for day in range(7):
        column = f"{cell(SHIFT_ROW, 5 + day)}:{cell(last, 5 + day)}"
        count = int(plan.counts[:, day].sum()) if len(plan.shifts) else 0
        model.live(sheet, last + 1, 5 + day, f"SUM({column})", count, model.book.style(bold=True, align="center"))
    total = f"SUM({cell(SHIFT_ROW, 14)}:{cell(last, 14)})"
    model.live(sheet, last + 1, 14, total, plan.paid_hours_per_week, bold)
    model.name("paid_hours", f"'Shifts'!{cell(last + 1, 14, 'rc')}")
    model.name("shift_first", block("Shifts", (SHIFT_ROW, 15), (last, 15)))
    model.name("shift_quarters", block("Shifts", (SHIFT_ROW, 16), (last, 16)))
    sheet.freeze_panes(SHIFT_ROW, 1)
    sheet.print_area(0, 0, last + 1, 16)


def _shift_row(model: Model, sheet: Any, row: int, index: int) -> None:
    plan = model.results.staffing.shift_plan
    shift = plan.shifts[index] if index < len(plan.shifts) else None
    counts = [int(n) for n in plan.counts[index]] if shift else [None] * 7
    values: list[Any] = [None] * 4
    if shift:
        values = [shift.id, shift.start / 1440, shift.cover, shift.handover]
    for column, (value, number) in enumerate(zip(values, ("@", "[hh]:mm", "0", "0"), strict=True)):
        look.put(sheet, row, column, value, model.input(number))
    look.put(sheet, row, 4, ("yes" if shift.night else "no") if shift else None, model.book.text(align="center"))
    for column, count in enumerate(counts, 5):
        look.put(sheet, row, column, count, model.input("0", align="center"))
    limits = {"validate": "integer", "criteria": "between", "minimum": 0, "maximum": 99}
    sheet.data_validation(row, 5, row, 11, limits)
    sheet.data_validation(row, 2, row, 3, limits | {"maximum": 720})
    start, cover, handover = (cell(row, column, "c") for column in (1, 2, 3))
    each = shift.paid / 60 if shift else 0
    week = each * sum(count or 0 for count in counts)
    clock, hours = model.book.text(num_format="[hh]:mm"), model.book.text(num_format="#,##0.00;-#,##0.00;")
    end = f'IF({cover}="","",MOD(ROUND({start}*1440,0)+{cover}+{handover},1440)/1440)'
    model.live(sheet, row, 12, end, shift.end % 1440 / 1440 if shift else "", clock)
    model.live(sheet, row, 13, f"({cover}+{handover})/60", each, hours)
    paid = f"{cell(row, 13, 'c')}*SUM({cell(row, 5, 'c')}:{cell(row, 11, 'c')})"
    model.live(sheet, row, 14, paid, week, hours)
    first, quarters = (shift.start // 15, shift.cover // 15) if shift else (0, 0)
    quiet = model.book.text(num_format="0;-0;", font_color=look.QUIET)
    model.live(sheet, row, 15, f"ROUND({start}*96,0)", first, quiet)
    model.live(sheet, row, 16, f"{cover}/15", quarters, quiet)
