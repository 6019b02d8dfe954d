"""The sheet Roster demand: the week as one table, ready for another program."""

from __future__ import annotations

from typing import Any

from ..planning.calendar import DAYS, QUARTERS_A_DAY, QUARTERS_A_WEEK
from ..planning.staffing_words import language_name
from . import look
from . import staffing_formulas as formulas
from .sheets import FIRST_ROW
from .staffing_pages import PLAN_SHEET, YEARS, Model, block, cell
from .staffing_week import (
    ADDED_FROM,
    ALONE,
    COVER_FROM,
    GRID_ROW,
    LANGUAGE_FROM,
    NEED_FROM,
    clock,
    part_formula,
)

DAY_TITLES = [day.capitalize() for day in DAYS]
ROSTER_FIRST = FIRST_ROW + 1
DAY, START, MINUTES, NEEDED, COVER, SUPERVISORS, BOUND, SPEAKERS_FROM = range(8)
# After the speakers: the part of the week, its usual rate, and need and supervisors of years two and three.
EXTRA = (
    "Part of the week", "Signals per hour, usual day", "Needed, year 2", "Supervisors, year 2", "Needed, year 3",
    "Supervisors, year 3",
)  # fmt: skip


def roster_demand(model: Model) -> None:
    """Add the week as one table, ready for whoever plans rosters in another program."""
    languages = list(model.plan.need.speakers)
    say = (
        "One row a quarter-hour: who must be on shift. Copy it into your roster program. "
        "Everybody speaks the first language; speakers of others are from the plan and do not follow Inputs, and 0 "
        "means that an interpreter serves the language."
    )
    widths = (13, 9, 9, 12, 12, 13, 18, *[12] * len(languages), 9, 12, *[12] * 4)
    sheet = model.sheet("Roster demand", "Who must be on shift, quarter-hour by quarter-hour?", say, widths)
    headings = (
        "Day", "Starts", "Minutes", "Advocates needed", "On shift by Shifts", "Supervisors on shift", "Bound by",
        *(f"Speakers of {language_name(x)}" for x in languages), *EXTRA,
    )  # fmt: skip
    centre = model.book.text(align="center", num_format="0")
    size = len(languages) + len(EXTRA)
    styles = [model.label, model.label, *[centre] * 4, model.after, *[centre] * size]
    model.book.headings(sheet, FIRST_ROW, headings, styles=styles)
    for index in range(QUARTERS_A_WEEK):
        _roster_row(model, sheet, index, languages)
    last, after = ROSTER_FIRST + QUARTERS_A_WEEK - 1, SPEAKERS_FROM + len(languages)
    names = {"roster_need": NEEDED, "roster_supervisors": SUPERVISORS, "roster_bound": BOUND, "roster_part": after}
    names |= {"roster_rate": after + 1}
    for year in range(2, YEARS + 1):
        names |= {f"roster_need_{year}": after + 2 * year - 2, f"roster_supervisors_{year}": after + 2 * year - 1}
    for name, column in names.items():
        model.name(name, block("Roster demand", (ROSTER_FIRST, column), (last, column)))
    sheet.freeze_panes(ROSTER_FIRST, 2)
    sheet.autofilter(FIRST_ROW, 0, last, len(headings) - 1)
    sheet.repeat_rows(FIRST_ROW)
    sheet.set_portrait()
    sheet.print_area(0, 0, last, len(headings) - 1)


def _roster_row(model: Model, sheet: Any, index: int, languages: list[str]) -> None:
    day, quarter = divmod(index, QUARTERS_A_DAY)
    row, grid, need = ROSTER_FIRST + index, GRID_ROW + quarter, model.plan.need
    after = SPEAKERS_FROM + len(languages)
    centre, bold = (model.book.text(align="center", bold=b, num_format="0") for b in (False, True))
    quiet, rate = (model.book.text(align="center", num_format=f, font_color=look.QUIET) for f in ("0", "0.000"))
    look.put(sheet, row, DAY, DAY_TITLES[day], model.label)
    look.put(sheet, row, START, clock(quarter), model.label)
    look.put(sheet, row, MINUTES, 15, centre)
    model.live(sheet, row, NEEDED, f"Week!{cell(grid, NEED_FROM + day)}", need.on_shift[index], bold)
    model.live(sheet, row, COVER, f"Week!{cell(grid, COVER_FROM + day)}", model.covered[day, quarter], centre)
    needed, alone, part = cell(row, NEEDED, "c"), f"Week!{cell(grid, ALONE, 'c')}", cell(row, after, "c")
    model.live(sheet, row, SUPERVISORS, formulas.supervisors(needed, quarter), need.supervisors[index], centre)
    added = f"'{PLAN_SHEET}'!{cell(grid, ADDED_FROM + day)}"
    asked = f"'{PLAN_SHEET}'!{cell(grid, LANGUAGE_FROM[0] + day)}"
    bound = formulas.bound_by(needed, part, alone, asked, added)
    model.live(sheet, row, BOUND, bound, need.bound_by[index], model.after)
    for column, name in enumerate(languages, SPEAKERS_FROM):
        count = int(need.speakers[name][index])
        if column == SPEAKERS_FROM:
            model.live(sheet, row, column, needed, count, centre)
        else:
            look.put(sheet, row, column, count, centre)
    number = int(model.row_of[day, quarter]) + 1
    model.live(sheet, row, after, part_formula(model, day, quarter, "Week!"), number, quiet)
    model.live(sheet, row, after + 1, f"INDEX(bands_rate,{part})", model.rates[number - 1], rate)
    for year in range(2, YEARS + 1):
        rules, column = f"INDEX(growth_need_{year},{part})", after + 2 * year - 2
        asked = f"'{PLAN_SHEET}'!{cell(grid, LANGUAGE_FROM[year - 1] + day)}"
        most = f"IF(ISTEXT({rules}),{rules},MAX({rules},{alone},{asked})+{added})"
        later = model.plan.needs[year - 1]
        model.live(sheet, row, column, f"IF({needed}=0,0,{most})", later.on_shift[index], quiet)
        formula = formulas.supervisors(cell(row, column, "c"), quarter)
        model.live(sheet, row, column + 1, formula, later.supervisors[index], quiet)
