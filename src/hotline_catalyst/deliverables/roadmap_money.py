"""Sheets of roadmap.xlsx about money and people's time: budget by month, cost by phase, load by week."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from itertools import pairwise
from typing import Any

from ..planning.roadmap import Load, Purse, Roadmap, Scheduled
from . import look
from .plan_sheets import A3, Column, Formula, Sheet
from .roadmap_plan_sheet import START, column, payer_title
from .roadmap_sheets import months_between, origin_of
from .sheets import FIRST_ROW, Book

COSTS = ("Cost, low", "Cost, likely", "Cost, high")
SIDES = ("low", "likely", "high")
PAYS = "Who pays"
CHART, CHART_ROWS, CHART_WIDTH = {"width": 700, "height": 300}, 16, 102
LINES = (("Released", look.MET, "dash"), ("Committed", look.NIGHT, "solid"))
MOST_LABELS, MOST_CHARTS = 12, 4


def budget(book: Book) -> None:
    """Add, by payer and month, the money released and committed so far, as a table and as lines."""
    plan = book.results.roadmap
    payers = _payers(plan)
    columns = [Column("Month", 13, "day")]
    for payer in payers:
        columns += [Column(f"{payer_title(payer)}: {what} so far", 17, "money") for what in ("released", "committed")]
    currency = plan.prices.currency
    says = (
        f"{currency}, in prices of {plan.start:%B %Y}, at the end of each month. Likely costs count from the start on."
    )
    columns += [Column("", 12)] * max(0, 6 - len(columns))
    sheet = Sheet(book, "Budget", "Does the money arrive before it is needed?", says, columns)
    sheet.page.fit_to_pages(1, 1)
    sheet.headings()
    months = months_between(plan.start, max([d for p in plan.purses for d in _days(p)] + _starts(plan)))
    for month, after in pairwise([*months, _next(months[-1])]):
        sheet.add([month, *(cell for payer in payers for cell in _so_far(plan, payer, after, sheet.row + 1))])
        sheet.cell(sheet.row - 1, 0, month, num_format="mmm yyyy")
    last = sheet.row - 1
    sheet.row += 1
    _purses(sheet, plan, payers)
    sheet.finish(frozen=1, filtered=False)
    _budget_chart(book, payers, last)


def _budget_chart(book: Book, payers: Sequence[str], last: int) -> None:
    sheet = _charts(
        book, "Budget chart", "Does the money arrive before it is needed?", "The figures stand on the sheet Budget."
    )
    for n, payer in enumerate(payers):
        _curve(sheet, payer, 1 + 2 * n, last)
    sheet.finish(filtered=False)


def _charts(book: Book, name: str, title: str, say: str) -> Sheet:
    """Return a sheet that holds nothing but charts and prints on one page."""
    sheet = Sheet(book, name, title, say, [Column("", CHART_WIDTH)])
    sheet.page.set_portrait()
    sheet.page.fit_to_pages(1, 1)
    return sheet


def _payers(plan: Roadmap) -> list[str]:
    """Return who pays: those with a purse in its order, then the rest."""
    return list(dict.fromkeys([*(p.payer for p in plan.purses), *sorted({a.task.payer for a in plan.activities})]))


def _days(purse: Purse) -> list[date]:
    return [point.day for point in purse.curve]


def _starts(plan: Roadmap) -> list[date]:
    return [plan.start, *(a.start for a in plan.activities)]


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _so_far(plan: Roadmap, payer: str, after: date, row: int) -> list[Any]:
    """Return what a payer has released and committed before the day ``after``; without a budget nothing is released."""
    purse = next((p for p in plan.purses if p.payer == payer), None)
    released: Any = ""
    if purse is not None and purse.over is not None:
        released = max((point.released for point in purse.curve if point.day < after), default=0.0)
    spent = sum(a.way.cost.likely for a in plan.activities if a.task.payer == payer and a.start < after)
    named, starts = column(plan, PAYS), column(plan, START)
    text = f'SUMIFS({column(plan, "Cost, likely")},{named},"{payer_title(payer)}",{starts},"<"&EDATE($A{row},1))'
    return [released, Formula(text, spent)]


def _purses(sheet: Sheet, plan: Roadmap, payers: Sequence[str]) -> None:
    """Write what each payer gives in all, what the plan takes, and what is missing."""
    titles = ["Who pays", "Released in all", "Committed in all", "Over budget"]
    sheet.headings(*titles, *[""] * (len(sheet.columns) - len(titles)))
    for payer in payers:
        purse = next((p for p in plan.purses if p.payer == payer), None)
        last = purse.curve[-1] if purse and purse.curve else None
        limited = purse is not None and purse.over is not None
        values: list[Any] = [payer_title(payer), last.released if last and limited else "no limit named"]
        committed = sum(a.way.cost.likely for a in plan.activities if a.task.payer == payer)
        text = f"SUMIF({column(plan, PAYS)},$A{sheet.row + 1},{column(plan, 'Cost, likely')})"
        values += [Formula(text, committed), purse.over if purse and limited else ""]
        sheet.add(values)
        sheet.cell(sheet.row - 1, 0, values[0], "name")


def _curve(sheet: Sheet, payer: str, first: int, last: int) -> None:
    """Draw a payer's two lines."""
    chart = sheet.book.book.add_chart({"type": "line"})
    limited = any(p.payer == payer and p.over is not None for p in sheet.book.results.roadmap.purses)
    for offset, (name, colour, dash) in list(enumerate(LINES))[0 if limited else 1 :]:
        series = _series("Budget", name, (FIRST_ROW + 1, last), first + offset)
        chart.add_series(series | {"line": {"color": colour, "width": 2.25, "dash_type": dash}})
    asks = "does the money arrive before it is needed?" if limited else "when is money committed?"
    title = f"{payer_title(payer)}: {asks}"
    _draw(sheet, chart, title, "mmm yy", last - FIRST_ROW)


def _series(sheet: str, name: str, rows: tuple[int, int], place: int) -> dict[str, Any]:
    first, last = rows
    return {"name": name, "categories": [sheet, first, 0, last, 0], "values": [sheet, first, place, last, place]}


def _draw(sheet: Sheet, chart: Any, title: str, dates: str, count: int) -> None:
    """Give a chart our look and put it below what is there, inside the print area."""
    font = {"name": look.FONT, "size": 9, "color": look.QUIET, "bold": False}
    chart.set_title({"name": title, "name_font": font | {"size": 11, "color": look.NIGHT}, "overlay": False})
    step = 1 + count // MOST_LABELS
    chart.set_x_axis(
        {"num_font": font, "num_format": dates, "interval_unit": step, "interval_tick": step, "text_axis": True}
    )
    chart.set_y_axis(
        {"num_font": font, "num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": look.LINE}}}
    )
    chart.set_legend({"position": "top", "font": font})
    chart.set_size(CHART)
    chart.show_blanks_as("gap")
    sheet.page.insert_chart(sheet.row + 1, 0, chart, {"x_offset": 4})
    sheet.row += CHART_ROWS + 1


def cost(book: Book) -> None:
    """Add sums by phase and by who pays, and what the money means."""
    results, plan = book.results, book.results.roadmap
    columns = [Column("Phase", 34, "name"), Column("Activities", 12, "whole")]
    columns += [Column(f"{side}, {plan.prices.currency}", 22, "money") for side in ("Low", "Likely", "High")]
    says = "Sums over the sheet Plan. Lows and highs of all activities seldom meet."
    sheet = Sheet(book, "Cost by phase", "What does each phase cost, and who pays?", says, columns)
    sheet.headings()
    used = {a.task.phase for a in plan.activities}
    phases = [title for phase, title in results.phase_titles.items() if phase in used]
    _sums(sheet, plan, "Phase", phases, lambda a: results.phase_titles[a.task.phase])
    sheet.row += 1
    sheet.headings(PAYS)
    payers = sorted({payer_title(a.task.payer) for a in plan.activities})
    _sums(sheet, plan, PAYS, payers, lambda a: payer_title(a.task.payer))
    _prices(sheet, plan)
    sheet.finish(filtered=False)


def _sums(sheet: Sheet, plan: Roadmap, by: str, names: list[str], name_of: Callable[[Scheduled], str]) -> None:
    """Write one line of live sums for each name and one for all."""
    key, top = column(plan, by), sheet.row + 1
    for name in names:
        row, mine = sheet.row + 1, [a.way.cost for a in plan.activities if name_of(a) == name]
        sums = [
            Formula(f"SUMIF({key},$A{row},{column(plan, title)})", sum(getattr(c, side) for c in mine))
            for title, side in zip(COSTS, SIDES, strict=True)
        ]
        sheet.add([name, Formula(f"COUNTIF({key},$A{row})", len(mine)), *sums])
    if names:
        values = (len(plan.activities), plan.cost.low, plan.cost.likely, plan.cost.high)
        sums = [Formula(f"SUM({c}{top}:{c}{sheet.row})", v) for c, v in zip("BCDE", values, strict=True)]
        sheet.add(["All", *sums], bold=True, bg_color=look.PALE)


def _prices(sheet: Sheet, plan: Roadmap) -> None:
    """Write in which money the sums stand, from where the rate comes, and what inflation makes of them."""
    prices = plan.prices
    sheet.row += 1
    sheet.headings("In which money?", "", "Low", "Likely", "High")
    sheet.add([f"In prices of {plan.start:%B %Y}", "", *(getattr(plan.cost, side) for side in SIDES)])
    year = f"In the money of each year, with {look.percent(prices.inflation)} inflation a year"
    sheet.add([year, "", *(getattr(prices.nominal, side) for side in SIDES)])
    rate = f"{prices.per_usd:g} {prices.currency} for 1 USD ({prices.rate_year}): {origin_of(prices.rate_origin)}"
    sheet.add(["Exchange rate"])
    look.put(sheet.page, sheet.row - 1, 1, rate, sheet.book.style())


def load(book: Book) -> None:
    """Add each role's person-days by week against what it can give, with a small chart for each role."""
    results, loads = book.results, book.results.roadmap.loads
    columns = [Column("Week of", 12, "day")]
    for x in loads:
        title = results.instrument.role_title(x.role)
        columns += [Column(f"{title}: used", 10, "hours"), Column("has", 7, "hours")]
    says = "Person-days in each week, as planned. Brick: more than there are; dark: nine tenths or more of them."
    columns += [Column("", 10)] * max(0, 10 - len(columns))
    sheet = Sheet(book, "Load", "Who is asked for more than they can give, and when?", says, columns)
    sheet.page.set_paper(A3)
    sheet.headings()
    for n, week in enumerate(loads[0].weeks if loads else ()):
        sheet.add([week, *(value for x in loads for value in (x.used[n] or "", x.has[n]))])
    last = sheet.row - 1
    for n in range(len(loads)):
        _heat(sheet, 1 + 2 * n, last)
    sheet.finish(frozen=1, filtered=False)
    says = "The roles that come nearest to all they can give, or beyond; all others stand on the sheet Load."
    charts = _charts(book, "Load chart", "When are people asked for most?", says)
    for n in sorted(range(len(loads)), key=lambda n: (-_fullest(loads[n]), n))[:MOST_CHARTS]:
        _bars(charts, results.instrument.role_title(loads[n].role), loads[n], 1 + 2 * n, last)
    charts.finish(filtered=False)


def _fullest(role: Load) -> float:
    """Return the largest share of its days that a role gives in any week; the order of the charts, shown nowhere."""
    return max((used / has if has else used * 1e6 for used, has in zip(role.used, role.has, strict=True)), default=0.0)


def _heat(sheet: Sheet, place: int, last: int) -> None:
    """Colour a role's weeks by the share of its days that is used; the number stays."""
    top = FIRST_ROW + 2
    used, has = (f"{_letters(p)}{top}" for p in (place, place + 1))
    shades: tuple[tuple[str, dict[str, str]], ...] = (
        (f"=ROUND({used}-{has},6)>0", {"bg_color": look.NOT_MET, "font_color": "#FFFFFF"}),
        (f"=AND({used}>0,{used}>=0.9*{has})", {"bg_color": look.LEVELS[3]}),
        (f"=AND({used}>0,{used}>=0.5*{has})", {"bg_color": look.LEVELS[2]}),
        (f"={used}>0", {"bg_color": look.LEVELS[1]}),
    )
    for criteria, style in shades:
        wish = {
            "type": "formula",
            "criteria": criteria,
            "format": sheet.book.book.add_format(style),
            "stop_if_true": True,
        }
        sheet.page.conditional_format(FIRST_ROW + 1, place, last, place, wish)


def _letters(place: int) -> str:
    return (chr(64 + place // 26) if place >= 26 else "") + chr(65 + place % 26)


def _bars(sheet: Sheet, title: str, role: Load, place: int, last: int) -> None:
    chart = sheet.book.book.add_chart({"type": "column"})
    line = sheet.book.book.add_chart({"type": "line"})
    rows = (FIRST_ROW + 1, last)
    chart.add_series(_series("Load", "Used", rows, place) | {"fill": {"color": look.LEVELS[3]}, "gap": 20})
    line.add_series(_series("Load", "Has", rows, place + 1) | {"line": {"color": look.NIGHT, "width": 1.75}})
    chart.combine(line)
    most = max(zip(role.used, role.weeks, strict=True), default=(0.0, None), key=lambda pair: pair[0])
    peak = f", most in the week of {look.day(most[1])}" if most[1] and most[0] > 0 else ""
    _draw(sheet, chart, f"{title}: person-days a week{peak}", "d mmm yy", len(role.weeks))
