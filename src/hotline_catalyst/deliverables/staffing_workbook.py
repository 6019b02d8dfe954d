"""The operator's own staffing model: a workbook of live formulas that gives the engine's numbers.

A cell's stored value is the engine's; a step that results do not hold is worked out beside its formula. The tests
let LibreOffice recalculate every formula and hold both to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..results import Results
from . import look
from .sheets import FIRST_ROW, assumptions
from .staffing_bands import bands
from .staffing_inputs import inputs
from .staffing_lines import demand, money, people
from .staffing_pages import SIDES, Model, endings, without_ruling
from .staffing_week import service, shifts, week

PAGES = (inputs, demand, bands, week, service, shifts, people, money)


def write(results: Results, folder: Path) -> list[Path]:
    """Write operator/staffing.xlsx."""
    model = Model(results)
    for page in (_read_me, *PAGES, _options):
        page(model)
    assumptions(model.book, without_ruling)
    return [model.book.write(folder / "operator" / "staffing.xlsx")]


def _read_me(model: Model) -> None:
    facts = model.results.facts
    say = f"As of {look.day(facts.as_of)}. Planned hours: {facts.hours.text}."
    sheet = model.sheet("Read me", f"Staffing model: {facts.name}", say, (48, 92, 44))
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
        look.put(sheet, row, 2, where, model.note)
    sheet.print_area(0, 0, row, 2)


def _outcomes(model: Model) -> Iterator[tuple[str, str, float, str, str]]:
    """Yield label, formula, the engine's value, number format and sheet of what matters most."""
    plan, short = model.results.staffing, "SUMPRODUCT(--(week_cover<week_need))"
    most = f'IF(COUNTIF(week_need,"more*")>0,"more than {model.most}",MAX(week_need))'
    yield "Most advocates needed at once", most, int(model.need.max()), "0", "Week"
    yield "Most advocates on shift at once", "MAX(week_cover)", plan.peak_on_shift, "0", "Week"
    left, where = int((model.covered < model.need).sum()), "Week. Not 0: change the shifts or plan again"
    yield "Quarter-hours a week that the shifts leave short", short, left, "0", where
    yield "Live signals answered in time", "week_level", plan.service_level, "0.0%", "Service"
    yield "Advocates", "advocates", plan.people.advocates, "0", "People"
    yield "People on the pay roll", "people", plan.people.total, "0", "People"
    cost = plan.annual_cost
    for side, ending in zip(SIDES, endings(3), strict=True):
        label = f"Yearly cost, {side}, {plan.currency}"
        yield label, f"yearly_cost{ending}", getattr(cost, side), "#,##0", "Money"


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
        "Shifts do not redesign themselves. When the need passes the cover, Week says so: change the counts on Shifts, "
        "or let the toolkit plan again.",
    )
    yield (
        "The model",
        "Erlang A: callers wait with patience and some hang up. Erlang C, where nobody hangs up, stands beside it as "
        "the cautious end. Day-to-day swings, breaks and languages are not in the formulas.",
    )


def _options(model: Model) -> None:
    plan = model.results.staffing
    say = "Values of the day this was planned: they do not follow Inputs, as each needs shifts of its own."
    sheet = model.book.sheet("Options", "Which hours could be chosen?", say, (30, 40, 11, 11, 14, 15, 15, 15, 12, 70))
    unit = f"{plan.currency} a year"
    headings = (
        "Choice", "Hours", "Advocates", "People", "Live signals that reach an open line", f"Low, {unit}",
        f"Likely, {unit}", f"High, {unit}", "Asked for", "In a sentence",
    )  # fmt: skip
    text, whole = model.label, model.book.text(num_format="#,##0", align="center")
    money, share = model.book.text(num_format="#,##0"), model.book.text(num_format="0%", align="center")
    cost = [[look.rounded(getattr(o.annual_cost, side), 3) for side in SIDES] for o in plan.options]
    rows = (
        (o.title, o.hours, o.advocates, o.people, o.share_served, *c, "yes" if o.chosen else "", o.sentence)
        for o, c in zip(plan.options, cost, strict=True)
    )
    model.book.table(sheet, headings, rows, [text, text, whole, whole, share, money, money, money, whole, text])
