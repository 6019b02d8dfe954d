"""The sheets Working and One quarter-hour: how the numbers of one day come about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ..planning import queueing
from ..planning.calendar import QUARTERS_A_DAY
from . import look
from . import staffing_formulas as formulas
from .sheets import FIRST_ROW
from .staffing_bands import band_need, by_text_of
from .staffing_inputs import choice
from .staffing_pages import Model, block, cell
from .staffing_roster import DAY_TITLES
from .staffing_week import ALONE, GRID_ROW, beyond_the_rules, clock

WORKING_ROW = FIRST_ROW + 5
SHOWN_DAY, SHOWN_QUARTER = 0, 10 * 4
WORKING = (
    "From", "Signals per hour", "Planned for", "Erlangs", "By load", "By text and chat", "By occupancy",
    "Minimum cover", "Without supervisor", "By language", "Simulated week adds", "Needed", "Bound by", "On shift",
    "In time, one fewer than needed", "In time, as on shift", "Nobody hangs up, as on shift", "In time, usual day",
)  # fmt: skip


def working(model: Model) -> None:
    """Add the working of one day, chosen in a cell."""
    say = (
        "Every number of one day, as busy as planned for, with the rule behind it. Choose the day in the pale cell; "
        "the chart on Charts follows."
    )
    widths = (12, 10, 10, 10, 9, 10, 12, 10, 12, 11, 11, 9, 16, 9, 13, 12, 13, 11)
    sheet = model.sheet("Working", "Where do a day's numbers come from?", say, widths, wide=True)
    look.put(sheet, FIRST_ROW, 0, "Day", model.book.style(bold=True))
    choice(model, sheet, FIRST_ROW, 1, DAY_TITLES[SHOWN_DAY], DAY_TITLES, "left")
    model.name("working_day", f"'Working'!{cell(FIRST_ROW, 1, 'rc')}")
    quiet = model.book.style(font_color=look.QUIET, num_format="0")
    look.put(sheet, FIRST_ROW + 1, 0, "Its number", quiet)
    names = ",".join(f'"{d}"' for d in DAY_TITLES)
    model.live(sheet, FIRST_ROW + 1, 1, f"MATCH(working_day,{{{names}}},0)", SHOWN_DAY + 1, quiet)
    model.name("working_day_number", f"'Working'!{cell(FIRST_ROW + 1, 1, 'rc')}")
    _promises(model, sheet)
    styles = [model.label, *[model.figure] * 11, model.after, *[model.figure] * 5]
    model.book.headings(sheet, WORKING_ROW - 1, WORKING, styles=styles)
    for quarter in range(QUARTERS_A_DAY):
        _working_row(model, sheet, quarter)
    last = WORKING_ROW + QUARTERS_A_DAY - 1
    for name, column in (("working_from", 0), ("working_need", 11), ("working_cover", 13)):
        model.name(name, block("Working", (WORKING_ROW, column), (last, column)))
    sheet.freeze_panes(WORKING_ROW, 1)
    sheet.repeat_rows(WORKING_ROW - 1)
    sheet.print_area(0, 0, last, len(WORKING) - 1)


def _promises(model: Model, sheet: Any) -> None:
    """Write beside the day what the numbers are held against."""
    t, label = model.targets, model.book.style(font_color=look.QUIET, align="left", indent=1)
    for row, column, title, formula, value, number in (
        (0, 3, "Answered in time, promised", "service_voice_share", t.voice_share, "0%"),
        (1, 3, "within, seconds", "service_voice_within_s", t.voice_within_s, "0"),
        (0, 7, "Mean handle time, seconds", "handle_time_s", model.handle_time_s, "#,##0"),
        (1, 7, "Mean patience, seconds", "demand_patience_s", t.patience_s, "#,##0"),
        (0, 11, "Most time in contact", "service_occupancy_cap", t.occupancy_cap, "0%"),
        (1, 11, "Planned for, against usual", "planned_factor", model.demand.planned_factor, "0.00"),
    ):
        look.put(sheet, FIRST_ROW + row, column, title, label)
        style = model.book.style(bold=True, num_format=number)
        model.live(sheet, FIRST_ROW + row, column + 3, formula, value, style)


def _working_row(model: Model, sheet: Any, quarter: int) -> None:
    row, values = WORKING_ROW + quarter, _working_values(model, SHOWN_DAY, quarter)
    here = f"{QUARTERS_A_DAY}*(working_day_number-1)+{quarter + 1}"
    part = f"INDEX(roster_part,{here})"
    grid = f"{quarter + 1},working_day_number"
    need, load, cover = (cell(row, column, "c") for column in (11, 3, 13))
    level = f"INDEX(bands_level,{part},MIN({{}},{model.most}))"
    steps = [
        f"INDEX(bands_rate,{part})",
        f"INDEX(bands_planned,{part})",
        f"INDEX(bands_load,{part})",
        f"INDEX(bands_by_load,{part})",
        f"INDEX(bands_by_text,{part})",
        f"INDEX(bands_by_occupancy,{part})",
        "ROUND(service_minimum_cover,0)",
        f"Week!{cell(GRID_ROW + quarter, ALONE, 'c')}",
        f"INDEX(plan_language,{grid})",
        f"INDEX(plan_added,{grid})",
        f"INDEX(week_need,{grid})",
        f"INDEX(roster_bound,{here})",
        f"INDEX(week_cover,{grid})",
        f'IF(ISTEXT({need}),"",IF({need}<2,0,{level.format(need + "-1")}))',
        f"IF({cover}=0,0,{level.format(cover)})",
        f"IF({cover}=0,0,{formulas.erlang_c(cover, load).removeprefix('=')})",
        f"IF({cover}=0,0,INDEX(bands_usual_level,{part},MIN({cover},{model.most})))",
    ]
    look.put(sheet, row, 0, clock(quarter), model.label)
    for column, (step, value) in enumerate(zip(steps, values, strict=True), 1):
        # Closed hours show the number 0 on shift and nothing else.
        always = column in (11, 12, 13)
        formula = step if always else f'IF({need}=0,"",{step})'
        shown = value if always or values[10] else ""
        model.live(sheet, row, column, formula, shown, _working_style(model, column))


def _working_style(model: Model, column: int) -> Any:
    if column == 12:
        return model.after
    if column >= 14:
        return model.book.text(num_format="0.0%", font_color=look.QUIET if column == 16 else look.INK)
    number = "0.000" if column in (1, 2, 3) else "0"
    return model.book.text(num_format=number, bold=column in (11, 13))


def _working_values(model: Model, day: int, quarter: int) -> list[Any]:
    """Return the plan's numbers of one quarter-hour in the order of the sheet."""
    index, need, t = day * QUARTERS_A_DAY + quarter, model.plan.need, model.targets
    part, cover = int(model.row_of[day, quarter]), int(model.covered[day, quarter])
    planned, needed = float(model.planned[part]), int(need.on_shift[index])
    by_load, by_text, by_occupancy, _ = band_need(model, planned, by_text_of(model, part))
    alone = 0 if t.supervisor_from <= quarter / 4 < t.supervisor_to else t.minimum_without_supervisor
    one_fewer = float(model.levels[min(needed - 1, model.most) - 1, part]) if needed > 1 else 0
    as_planned = float(model.levels[min(cover, model.most) - 1, part]) if cover else 0
    usual = float(model.usual_levels[min(cover, model.most) - 1, part]) if cover else 0
    promise = (model.handle_time_s, t.voice_within_s)
    cautious = float(queueing.erlang_c_service_level(cover, planned, *promise)) if cover else 0
    return [
        float(model.rates[part]), planned, planned * model.handle_time_s / 3600, by_load, by_text, by_occupancy,
        t.minimum_cover, alone, int(beyond_the_rules(need)[index]), int(need.added[index]), needed,
        need.bound_by[index],
        cover, one_fewer, as_planned, cautious, usual,
    ]  # fmt: skip


def one_quarter_hour(model: Model) -> None:
    """Add Erlang A and C step by step for one quarter-hour of the day that Working shows."""
    say = (
        "The formula behind 'needed by load', taken apart for one quarter-hour of the day chosen on Working: "
        "one fewer than the load needs, as many, and one more."
    )
    sheet = model.sheet("One quarter-hour", "Why this many, and not one fewer?", say, (58, 16, 16, 16, 78))
    look.put(sheet, FIRST_ROW, 0, "Quarter-hour that begins at", model.book.style(bold=True))
    where = f"=Working!{cell(WORKING_ROW, 0, 'rc')}:{cell(WORKING_ROW + QUARTERS_A_DAY - 1, 0, 'rc')}"
    look.put(sheet, FIRST_ROW, 1, clock(SHOWN_QUARTER), model.input("@", align="right"))
    sheet.data_validation(FIRST_ROW, 1, FIRST_ROW, 1, {"validate": "list", "source": where})
    model.name("working_time", f"'One quarter-hour'!{cell(FIRST_ROW, 1, 'rc')}")
    styles = [model.label, *[model.figure] * 3, model.note]
    heads = ("", "One fewer", "As the load needs", "One more", "What it means")
    model.book.headings(sheet, FIRST_ROW + 2, heads, styles=styles)
    first = FIRST_ROW + 3
    steps = list(_steps(model, first))
    for offset, (label, formulas_, values, number, how) in enumerate(steps):
        row, bold = first + offset, label.startswith(("Answered in time, some", "The promise"))
        look.put(sheet, row, 0, label, model.book.text(bold=bold))
        style = model.book.text(num_format=number, bold=bold, align="right")
        for column in range(3):
            model.live(sheet, row, 1 + column, formulas_[column], values[column], style)
        look.put(sheet, row, 4, how, model.note)
        model.book.fit(sheet, row, (label, None, None, None, how))
    sheet.freeze_panes(first, 1)
    sheet.repeat_rows(FIRST_ROW + 2)
    sheet.print_area(0, 0, first + len(steps) - 1, 4)


def _steps(model: Model, first: int) -> Iterator[tuple[str, list[str], list[Any], str, str]]:
    """Yield label, three formulas, three values, number format and meaning."""
    t, handle = model.targets, model.handle_time_s
    part = int(model.row_of[SHOWN_DAY, SHOWN_QUARTER])
    rate = float(model.planned[part])
    by_load = band_need(model, rate, 0)[0]
    crowd = isinstance(by_load, str)
    counts = [model.most] * 3 if isinstance(by_load, str) else [max(1, by_load + k) for k in (-1, 0, 1)]
    s = [n * t.patience_s / handle for n in counts]
    x, load = rate * t.patience_s / 3600, rate * handle / 3600
    later = x * float(np.exp(-t.voice_within_s / t.patience_s))
    at = {name: [cell(first + row, c, "r") for c in (1, 2, 3)] for row, name in enumerate("rlnsxyfiwvac")}
    here = f"{QUARTERS_A_DAY}*(working_day_number-1)+MATCH(working_time,working_from,0)"
    index = f"INDEX(roster_part,{here})"
    yield (
        "Signals planned for, an hour",
        [f"INDEX(bands_planned,{index})"] * 3,
        [rate] * 3,
        "0.000",
        "A busy day, call-backs in it.",
    )
    yield (
        "Offered load, erlangs",
        [f"{r}*handle_time_s/3600" for r in at["r"]],
        [load] * 3,
        "0.000",
        "Advocates kept busy on average.",
    )
    need = f"INDEX(bands_by_load,{index})"
    counts_ = [f"IF(ISTEXT({need}),{model.most},MAX(1,{need}+{k}))" for k in (-1, 0, 1)]
    how = (
        "More advocates would be needed than this workbook has columns."
        if crowd
        else "The fewest that keep the promise, and its neighbours."
    )
    yield "Advocates", counts_, counts, "0", how
    formula = [f"{n}*demand_patience_s/handle_time_s" for n in at["n"]]
    yield "Contacts they finish in one patience", formula, s, "0.000", "Advocates, times patience over handle time."
    yield "Signals in one patience", [f"{r}*demand_patience_s/3600" for r in at["r"]], [x] * 3, "0.000", ""
    formula = [f"{v}*EXP(-service_voice_within_s/demand_patience_s)" for v in at["x"]]
    yield "Less those who left before the promise", formula, [later] * 3, "0.000", ""
    loads = list(zip(counts, s, strict=True))
    free = [_free(n, load) for n, _ in loads]
    formula = [
        f"IF(POISSON({n}-1,{v},FALSE)=0,0,POISSON({n}-1,{v},TRUE)/POISSON({n}-1,{v},FALSE))"
        for n, v in zip(at["n"], at["l"], strict=True)
    ]
    yield (
        "Weight of 'somebody is free'",
        formula,
        free,
        "0.000",
        "Poisson: all states below full, against the last of them.",
    )
    more = [_confluent(v + 1, x) for v in s]
    formula = [formulas.confluent(f"({b}+1)", a) for a, b in zip(at["x"], at["s"], strict=True)]
    yield (
        "Series of those who wait, 1F1(1; s+2; x)",
        formula,
        more,
        "0.000",
        "By GAMMADIST and GAMMALN; a short series where they vanish.",
    )
    wait = [x / v * _confluent(v, x) for v in s]
    formula = [f"{a}/{b}*{formulas.confluent(b, a)}" for a, b in zip(at["x"], at["s"], strict=True)]
    yield "Weight of 'all are busy'", formula, wait, "0.000", "Everybody who finds nobody free, however long the wait."
    promise = t.voice_within_s / t.patience_s
    served = [
        x / (v + 1) * (m - float(np.exp(x - later - (v + 1) * promise)) * _confluent(v + 1, later))
        for v, m in zip(s, more, strict=True)
    ]
    formula = [
        f"{a}/({b}+1)*({m}-EXP({a}-{y}-({b}+1)*service_voice_within_s/demand_patience_s)"
        f"*{formulas.confluent(f'({b}+1)', y)})"
        for a, b, m, y in zip(at["x"], at["s"], at["i"], at["y"], strict=True)
    ]
    yield "Of these, weight of 'answered in time'", formula, served, "0.000", "The others waited longer, or hung up."
    level = [float(model.levels[n - 1, part]) for n in counts]
    formula = [
        f"IF({a}=0,1,IF({f}=0,1,MIN(1,MAX(0,({f}+{v})/({f}+{w})))))"
        for a, f, v, w in zip(at["x"], at["f"], at["v"], at["w"], strict=True)
    ]
    how = "Erlang A: free, or answered in time, among all."
    yield "Answered in time, some hang up (Erlang A)", formula, level, "0.00%", how
    c = [float(queueing.erlang_c_service_level(n, rate, handle, t.voice_within_s)) for n in counts]
    formula = [formulas.erlang_c(n, v) for n, v in zip(at["n"], at["l"], strict=True)]
    yield (
        "Answered in time, nobody hangs up (Erlang C)",
        formula,
        c,
        "0.00%",
        "The cautious end; 0 where the queue would grow.",
    )
    kept = ["yes" if round(v, 12) >= t.voice_share else "no" for v in level]
    formula = [f'IF(ROUND({v},12)>=service_voice_share,"yes","no")' for v in at["a"]]
    yield "The promise is kept", formula, kept, "@", "Needed by load is the first column that says yes."


def _free(advocates: int, load: float) -> float:
    blocked = float(queueing.erlang_b(advocates - 1, load))
    return 1 / blocked if blocked else 0.0


def _confluent(s: float, x: float) -> float:
    from scipy.special import hyp1f1

    return float(hyp1f1(1, s + 1, x))
