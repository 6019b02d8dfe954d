"""The sheet Charts: cover against need, the frontier of options, and the budget by group, in native charts."""

from __future__ import annotations

from typing import Any

from . import look
from .sheets import FIRST_ROW
from .staffing_pages import YEARS, Model, block, cell
from .staffing_roster import COVER, NEEDED, ROSTER_FIRST
from .staffing_working import WORKING_ROW

# A chart's rows on the sheet, and pixels that fill them.
ROWS, SIZE = 19, {"width": 1120, "height": 370}
FIGURES = 10
KINDS = (
    ("Best for its people", look.NIGHT, "diamond", 8), ("Another option", look.LEVELS[1], "circle", 8),
    ("Asked for", look.CAUTION, "square", 12),
)  # fmt: skip
COLOURS = (look.NIGHT, look.LEVELS[3], look.LEVELS[1], look.LEVELS[4], look.QUIET, look.LEVELS[2], look.LINE)
TITLES = (
    "Do the shifts bring what the chosen day needs?", "Do they bring what the week needs?",
    "Who is served by how many people?", "What does each year go to?",
)  # fmt: skip
READINGS = (
    "The day is chosen on Working. Where the line lies under the steps, the shifts fall short.",
    "Monday to Sunday by quarter-hour.",
    "Each mark is an option of the sheet Options. Marks on the frontier serve most for their people.",
    "Likely case of each year, in local currency, by group of lines of the sheet Budget.",
)


def charts(model: Model) -> Any:
    """Add the sheet, still empty, so that it stands where people look for it."""
    say = "The same numbers as the sheets, drawn; they follow Inputs, Shifts and the day chosen on Working."
    return model.sheet("Charts", "What does it look like?", say, (*[17] * 9, 4, 44, *[14] * 3))


def draw(model: Model, sheet: Any) -> None:
    """Draw the charts, and beside them the figures that stand in no table of their own."""
    _figures(model, sheet)
    made = (_day(model), _week(model), _options(model), _money(model))
    for index, (chart, title, reading) in enumerate(zip(made, TITLES, READINGS, strict=True)):
        row = FIRST_ROW + index * (ROWS + 3)
        model.subtitle(sheet, row, title)
        sheet.insert_chart(row + 1, 0, chart, {"object_position": 1, "description": f"{title} {reading}"})
        look.put(sheet, row + ROWS + 1, 0, reading, model.book.style(font_color=look.QUIET))
    # Two charts a page, so that none is cut.
    sheet.set_h_pagebreaks([FIRST_ROW + 2 * (ROWS + 3)])
    sheet.fit_to_pages(1, 2)
    sheet.set_portrait()
    sheet.print_area(0, 0, FIRST_ROW + 4 * (ROWS + 3) - 2, 8)
    sheet.freeze_panes(FIRST_ROW, 0)


def _font(**more: Any) -> dict[str, Any]:
    return {"name": look.FONT, "size": 9, "color": look.QUIET, "bold": False} | more


def _axis(model: Model, title: str, **more: Any) -> dict[str, Any]:
    shown = {"name": title, "name_font": _font(), "num_font": _font(), "line": {"color": look.LINE}}
    return shown | {"major_gridlines": {"visible": False}} | more


def _finish(model: Model, chart: Any, across: str, up: str, *, legend: bool = True, **more: Any) -> Any:
    grid = {"visible": True, "line": {"color": look.LINE, "width": 0.5}}
    chart.set_x_axis(_axis(model, across, **more, **({"reverse": True} if model.book.mirrored else {})))
    chart.set_y_axis(_axis(model, up, major_gridlines=grid, min=0, num_format="#,##0"))
    chart.set_legend({"position": "top", "font": _font(color=look.INK)} if legend else {"none": True})
    chart.set_size(SIZE)
    chart.set_chartarea({"border": {"none": True}})
    return chart


def _cover(model: Model, categories: str, need: str, cover: str) -> Any:
    chart = model.book.book.add_chart({"type": "column"})
    fill = {"fill": {"color": look.LEVELS[1]}, "border": {"none": True}, "gap": 0}
    chart.add_series({"name": "Needed", "categories": categories, "values": need} | fill)
    line = model.book.book.add_chart({"type": "line"})
    stroke = {"line": {"color": look.NIGHT, "width": 2}, "smooth": False}
    line.add_series({"name": "On shift", "categories": categories, "values": cover} | stroke)
    chart.combine(line)
    return chart


def _day(model: Model) -> Any:
    first, last = WORKING_ROW, WORKING_ROW + 95
    where = [f"={block('Working', (first, column), (last, column))}" for column in (0, 11, 13)]
    chart = _cover(model, *where)
    return _finish(model, chart, "Quarter-hour of the day", "Advocates", interval_unit=8, interval_tick=8)


def _week(model: Model) -> Any:
    first, last = ROSTER_FIRST, ROSTER_FIRST + 671
    categories = f"={block('Roster demand', (first, 0), (last, 0))}"
    need, cover = (f"={block('Roster demand', (first, c), (last, c))}" for c in (NEEDED, COVER))
    chart = _cover(model, categories, need, cover)
    return _finish(model, chart, "Day of the week", "Advocates", interval_unit=96, interval_tick=96)


def _figures(model: Model, sheet: Any) -> None:
    """Write the figures of the last two charts beside them, in the order they are drawn."""
    titles = ("Option", "People", *(kind[0] for kind in KINDS))
    styles = [model.label, *[model.figure] * 4]
    model.book.headings(sheet, FIRST_ROW, titles[:2] + titles[2:4], FIGURES, styles)
    model.book.headings(sheet, FIRST_ROW, titles[4:], FIGURES + 4, styles[4:])
    share = model.book.text(num_format="0%")
    for row, option in enumerate(model.plan.options, FIRST_ROW + 1):
        kind = 2 if option.chosen else 0 if option.frontier else 1
        look.put(sheet, row, FIGURES, option.title, model.label)
        look.put(sheet, row, FIGURES + 1, option.people, model.figure)
        look.put(sheet, row, FIGURES + 2 + kind, option.share_served, share)
    row = _groups_row(model)
    years = tuple(f"Year {year + 1}" for year in range(YEARS))
    model.book.headings(sheet, row, ("Budget, likely", *years), FIGURES, styles[:4])
    for offset, (group, at) in enumerate(model.groups.items(), 1):
        look.put(sheet, row + offset, FIGURES, group, model.label)
        total = [
            sum(line.years[y].likely for line in model.plan.budget.lines if line.group == group) for y in range(YEARS)
        ]
        for year in range(YEARS):
            formula = f"Budget!{cell(at, 2 + 3 * year)}"
            model.live(sheet, row + offset, FIGURES + 1 + year, formula, total[year], model.figure)


def _groups_row(model: Model) -> int:
    return FIRST_ROW + len(model.plan.options) + 3


def _options(model: Model) -> Any:
    chart = model.book.book.add_chart({"type": "scatter"})
    first, last = FIRST_ROW + 1, FIRST_ROW + max(1, len(model.plan.options))
    people = f"={block('Charts', (first, FIGURES + 1), (last, FIGURES + 1))}"
    for offset, (name, colour, shape, size) in enumerate(KINDS, FIGURES + 2):
        served = f"={block('Charts', (first, offset), (last, offset))}"
        marker = {"type": shape, "size": size, "fill": {"color": colour}, "border": {"color": look.INK}}
        chart.add_series({"name": name, "categories": people, "values": served, "marker": marker})
    chart = _finish(model, chart, "People on the pay roll", "Expected signals served")
    chart.set_y_axis(_axis(model, "Expected signals served", min=0, max=1, num_format="0%"))
    return chart


def _money(model: Model) -> Any:
    chart = model.book.book.add_chart({"type": "column", "subtype": "stacked"})
    row = _groups_row(model)
    categories = f"={block('Charts', (row, FIGURES + 1), (row, FIGURES + YEARS))}"
    for offset, group in enumerate(model.groups, 1):
        values = f"={block('Charts', (row + offset, FIGURES + 1), (row + offset, FIGURES + YEARS))}"
        fill = {"fill": {"color": COLOURS[(offset - 1) % len(COLOURS)]}, "border": {"color": look.INK, "width": 0.5}}
        chart.add_series({"name": group, "categories": categories, "values": values, "gap": 60} | fill)
    return _finish(model, chart, "Year", f"{model.plan.currency} a year")
