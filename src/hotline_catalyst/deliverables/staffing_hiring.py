"""The sheet Hiring: academy classes, which may be changed, and what they come to month by month."""

from __future__ import annotations

import textwrap
from typing import Any

from ..planning.hiring import MONTHS, Cohort, HiringMonth, HiringPlan
from . import look
from . import staffing_formulas as formulas
from .sheets import FIRST_ROW
from .staffing_pages import YEAR_TAILS, YEARS, Lines, Model, block, cell

CLASS_MONTH, CLASS_ENTRANTS, CLASS_PASS = 6, 7, 8
SPARE_CLASSES = 8
ALREADY = "Advocates there already, who need not be hired"
FIRST = FIRST_ROW + 1


def hiring(model: Model) -> None:
    """Add the sheet."""
    plan = model.plan.hiring
    if plan is None:
        _refused(model)
        return
    say = "One class a month at most; month 0 is the launch. Change a class: the months and the budget follow."
    sheet = model.sheet(
        "Hiring", "Who begins an academy, and when?", say, (12, 18, 17, 17, 10, 3, 16, 14, 17, 3, 46, 12)
    )
    heads = ("Month", "Advocates on the pay roll", "Their work, in full posts", "Full posts needed", "Enough")
    model.book.headings(sheet, FIRST_ROW, heads, styles=[*[model.figure] * 4, model.after])
    titles = ("Class begins in month", "Entrants", "Expected to pass")
    model.book.headings(sheet, FIRST_ROW, titles, CLASS_MONTH, [model.figure] * 3)
    last_class = FIRST + len(plan.cohorts) + SPARE_CLASSES - 1
    for name, column in (("class_month", CLASS_MONTH), ("class_entrants", CLASS_ENTRANTS)):
        model.name(name, block("Hiring", (FIRST, column), (last_class, column)))
    for row in range(FIRST, last_class + 1):
        cohort = plan.cohorts[row - FIRST] if row - FIRST < len(plan.cohorts) else None
        _class_row(model, sheet, row, cohort)
    for row, month in enumerate(plan.months, FIRST):
        _month_row(model, sheet, row, month)
    last = FIRST + len(plan.months) - 1
    for name, column in (("hiring_month", 0), ("hiring_heads", 1), ("hiring_work", 2), ("hiring_needed", 3)):
        model.name(name, block("Hiring", (FIRST, column), (last, column)))
    _sums(model, sheet, plan)
    sheet.freeze_panes(FIRST, 0)
    sheet.repeat_rows(FIRST_ROW)
    sheet.print_area(0, 0, max(last, last_class), 11)


def _refused(model: Model) -> None:
    """Say why no classes were planned; the budget then replaces leavers and growth at the usual rates."""
    say = "No classes are planned: the reason stands beside the first line. Leavers and growth are replaced as usual."
    page = Lines(model, "Hiring", "Who begins an academy, and when?", say, ("Value",), ("",))
    people, likely = model.plan.people_by_year, {i: p.likely for i, p in model.results.parameters.items()}
    stay, leave = (
        likely["staffing.academy_pass_rate"] * likely["staffing.ninety_day_survival"],
        likely["staffing.attrition"],
    )
    stays = "(staffing_academy_pass_rate*staffing_ninety_day_survival)"
    page.section("What the budget takes")
    first, there = people[0].advocates, model.plan.already
    _typed(page, "hiring_already", ALREADY, there, model.plan.hiring_refused)
    lacking, lack = "MAX(0,advocates-hiring_already)", max(0.0, first - there)
    page.line("entrants_before", "Entrants before the launch", f"{lacking}/{stays}", lack / stay, "people")
    page.line("heads_before", "Their pay before the launch, in years", "0", 0.0, "years")
    before, at = first, "advocates"
    for tail, person in zip(YEAR_TAILS, people, strict=True):
        now = f"advocates{tail}"
        value = (person.advocates * leave + max(0, person.advocates - before)) / stay
        formula = f"({now}*staffing_attrition+MAX(0,{now}-{at}))/{stays}"
        page.line(f"entrants{tail}", f"Entrants in year {tail[-1:] or 1}", formula, value, "people")
        page.line(f"heads{tail}", f"Advocates in year {tail[-1:] or 1}", now, person.advocates, "people")
        before, at = person.advocates, now
    hires = formulas.rounded_up(f"({lacking}+advocates*staffing_attrition)/{stays}")
    page.line("hires", "Entrants to the end of year 1", hires, people[0].hires_first_year, "people")
    page.close()


def _typed(page: Lines, name: str, label: str, value: float, how: str) -> None:
    """Add a line whose one value may be changed."""
    model = page.model
    look.put(page.sheet, page.row, 0, label, model.label)
    look.put(page.sheet, page.row, 1, value, model.input("0.0"))
    look.put(page.sheet, page.row, 2, "people", model.unit)
    look.put(page.sheet, page.row, 3, how, model.note)
    model.book.fit(page.sheet, page.row, (label, None, None, how))
    model.name(name, f"'{page.name}'!{cell(page.row, 1, 'rc')}")
    page.row += 1


def _class_row(model: Model, sheet: Any, row: int, cohort: Cohort | None) -> None:
    look.put(sheet, row, CLASS_MONTH, cohort.month if cohort else None, model.input("0"))
    look.put(sheet, row, CLASS_ENTRANTS, cohort.entrants if cohort else None, model.input("0"))
    rule = {"validate": "integer", "criteria": "between", "minimum": -36, "maximum": MONTHS - 1}
    sheet.data_validation(row, CLASS_MONTH, row, CLASS_MONTH, rule)
    sheet.data_validation(row, CLASS_ENTRANTS, row, CLASS_ENTRANTS, rule | {"minimum": 0, "maximum": 500})
    formula = f"{cell(row, CLASS_ENTRANTS, 'c')}*staffing_academy_pass_rate"
    model.live(
        sheet, row, CLASS_PASS, formula, cohort.graduates if cohort else 0, model.book.text(num_format="0.0;-0.0;")
    )


def _month_row(model: Model, sheet: Any, row: int, month: HiringMonth) -> None:
    number = model.book.text(num_format="0.00")
    now = cell(row, 0, "c")
    look.put(sheet, row, 0, month.month, model.book.text(num_format="0"))
    age = f"({now}-class_month)"
    joined = f"({age}>0)*class_entrants*staffing_academy_pass_rate"
    stays = (
        f"staffing_ninety_day_survival^(({age}<3)*{age}/3+({age}>=3))*(1-staffing_attrition)^(({age}>3)*({age}-3)/12)"
    )
    ramp = f"(({age}=1)*staffing_ramp_month_1+(({age}=2)+({age}=3))*staffing_ramp_month_2+({age}>3))"
    before = f"hiring_already*(1-staffing_attrition)^(MAX(0,{now})/12)"
    model.live(sheet, row, 1, f"{before}+SUMPRODUCT({joined}*{stays})", month.heads, number)
    model.live(sheet, row, 2, f"{before}+SUMPRODUCT({joined}*{stays}*{ramp})", month.productive, number)
    years = "full_time_advocates,full_time_advocates_y2,full_time_advocates_y3"
    model.live(sheet, row, 3, f"IF({now}<0,0,CHOOSE(INT({now}/12)+1,{years}))", month.needed, number)
    # The plan counts in millionths of a person.
    enough = f'IF({cell(row, 2, "c")}>={cell(row, 3, "c")}-0.0001,"yes","no")'
    value = "yes" if month.productive >= month.needed - 0.0001 else "no"
    model.live(sheet, row, 4, enough, value, model.after)


def _sums(model: Model, sheet: Any, plan: HiringPlan) -> None:
    """Write beside the classes what the budget takes from them."""
    label, row = model.label, FIRST
    model.book.headings(sheet, FIRST_ROW, ("What the budget takes from it", ""), 10, [label, model.figure])
    look.put(sheet, row, 10, ALREADY, label)
    look.put(sheet, row, 11, plan.months[0].heads if plan.months else 0, model.input("0.0"))
    model.name("hiring_already", f"'Hiring'!{cell(row, 11, 'rc')}")
    number = model.book.text(num_format="0.00")
    lines: list[tuple[str, str, str, float]] = [
        (
            "entrants_before", "Entrants before the launch", "SUMPRODUCT((class_month<0)*class_entrants)",
            plan.entrants_before_launch,
        ),
        (
            "heads_before", "Their pay before the launch, in years",
            "SUMPRODUCT((hiring_month<0)*hiring_heads)/12", plan.heads_before_launch,
        ),
    ]  # fmt: skip
    for year in range(YEARS):
        tail, first = YEAR_TAILS[year], 12 * year
        inside = f"({{0}}>={first})*({{0}}<{first + 12})"
        formula = f"SUMPRODUCT({inside.format('class_month')}*class_entrants)"
        lines.append((f"entrants{tail}", f"Entrants in year {year + 1}", formula, plan.entrants(year)))
        formula = f"SUMPRODUCT({inside.format('hiring_month')}*hiring_heads)/12"
        title = f"Advocates on the pay roll in year {year + 1}, mean"
        lines.append((f"heads{tail}", title, formula, plan.heads(year)))
    lines.append(("hires", "Entrants to the end of year 1", "entrants_before+entrants", plan.hires_first_year))
    short = "SUMPRODUCT(--(hiring_work<hiring_needed-0.0001))"
    months = sum(m.productive < m.needed - 0.0001 for m in plan.months)
    lines.append(("months_short", "Months without enough advocates", short, months))
    for offset, line in enumerate(textwrap.wrap(plan.because, 62), len(lines) + 2):
        look.put(sheet, row + offset, 10, line, model.book.style(font_color=look.QUIET))
    for name, title, formula, value in lines:
        row += 1
        look.put(sheet, row, 10, title, label)
        model.live(sheet, row, 11, formula, value, number)
        model.name(name, f"'Hiring'!{cell(row, 11, 'rc')}")
