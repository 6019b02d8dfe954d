"""The staffing workbook is judged by LibreOffice, which works out every formula anew, and by the engine."""

from __future__ import annotations

import math
import re
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from conftest import EXAMPLES, Built
from libreoffice import NEVER, change, convert, formulas, recalculated, values

from hotline_catalyst import walk
from hotline_catalyst.deliverables import staffing_formulas, staffing_workbook
from hotline_catalyst.deliverables.staffing_pages import cell
from hotline_catalyst.engagement import read_engagement
from hotline_catalyst.planning import queueing
from hotline_catalyst.planning.calendar import DAYS, Hours
from hotline_catalyst.planning.demand import BANDS, Parameter, plan_demand
from hotline_catalyst.planning.staffing import need_of, plan_staffing, targets_of
from hotline_catalyst.results import Results

Cells = Mapping[tuple[str, str], Any]
CLOSE = 1e-9
NEED, COVER, FIRST = "EFGHIJK", "MNOPQRS", 10


def book_of(built: Mapping[str, Path], name: str) -> Path:
    return built[name] / "operator" / "staffing.xlsx"


def differences(expected: Cells, found: Cells, where: Mapping[tuple[str, str], str]) -> list[str]:
    wrong = []
    for key in where:
        a, b = expected.get(key), found.get(key)
        numbers = isinstance(a, int | float) and isinstance(b, int | float)
        if not (math.isclose(a, b, rel_tol=CLOSE, abs_tol=CLOSE) if numbers else (a or "") == (b or "")):
            wrong.append(f"{key}: stored {a!r}, recalculated {b!r}")
    return wrong


def named(path: Path, cells: Cells) -> dict[str, Any]:
    """Return the value of every named cell."""
    from openpyxl import load_workbook

    found = {}
    for name, defined in load_workbook(path).defined_names.items():
        sheet, address = next(iter(defined.destinations))
        found[name] = cells.get((sheet, address.replace("$", "")))
    return found


def grid(cells: Cells, columns: str) -> list[Any]:
    """Return a block of the sheet Week as the week's 672 quarter-hours."""
    return [cells[("Week", f"{column}{FIRST + quarter}")] for column in columns for quarter in range(96)]


def planned(folder: Path, changed: Mapping[str, float], hours: Hours | None = None) -> Results:
    """Plan demand and staffing alone, some parameters changed; what a build adds to it this workbook never reads."""
    read = read_engagement(folder)
    parameters = dict(read.parameters)
    for ident, value in changed.items():
        old = parameters.get(ident) or Parameter(ident, ident, "", 0, 0, 0, "", False)
        parameters[ident] = replace(old, low=value, likely=value, high=value)
    demand = plan_demand(parameters, read.file.channels, read.country.weekend, read.file.safe_migration)
    staffing = plan_staffing(demand, hours or read.file.hours, parameters, read.country, read.limits, [])
    nothing: Any = None
    return Results(
        facts=walk._facts(read),
        instrument=read.instrument,
        testimony=read.testimony,
        parameters=parameters,
        readiness=nothing,
        gates=(),
        findings=(),
        raised=(),
        roadmap=nothing,
        phase_titles={},
        demand=demand,
        staffing=staffing,
        roster=nothing,
        limits=read.limits,
        assumptions=tuple(walk._assumptions(read)),
        numbers=(),
        sources={},
        targets={},
        agreement=nothing,
        agenda=(),
        inventory=(),
        programme=nothing,
        offers=(),
        goals=(),
        sensitivity=(),
        wishes={},
    )


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_formula_recalculated_gives_the_stored_value(built: dict[str, Path], tmp_path: Path, name: str) -> None:
    book = book_of(built, name)
    live = formulas(book)
    assert len(live) > 2500
    assert differences(values(book), recalculated(book, tmp_path), live) == []


def test_a_forced_recalculation_catches_a_planted_wrong_value(built: dict[str, Path], tmp_path: Path) -> None:
    book, planted = book_of(built, "ruritania"), tmp_path / "planted.xlsx"
    right = named(book, values(book))["handle_time_s"]
    with zipfile.ZipFile(book) as source, zipfile.ZipFile(planted, "w") as target:
        for member in source.namelist():
            target.writestr(member, source.read(member).replace(f"<v>{right!r}</v>".encode(), b"<v>4711</v>"))
    kept = values(convert(planted, tmp_path / "kept", recalculate=NEVER))
    forced = values(convert(planted, tmp_path / "forced"))
    assert named(planted, kept)["handle_time_s"] == 4711
    assert named(planted, forced)["handle_time_s"] == pytest.approx(right, rel=CLOSE)


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_stored_values_are_the_engines(
    built: dict[str, Path], results_of: dict[str, dict[str, Any]], name: str
) -> None:
    book, results = book_of(built, name), results_of[name]
    staffing, demand = results["staffing"], results["demand"]
    cells = values(book)
    found = named(book, cells)
    expected = {
        "annual_low": demand["annual"]["low"],
        "annual": demand["annual"]["likely"],
        "annual_high": demand["annual"]["high"],
        "handle_time_s": demand["handle_time_s"],
        "live_per_week": demand["live_per_week"],
        "week_email": demand["written_per_week"],
        "follow_up_hours": demand["follow_up_hours_per_week"],
        "paid_hours": staffing["people"]["on_shift_hours_per_week"],
        "offline_hours": staffing["people"]["offline_hours_per_week"],
        "advocates": staffing["people"]["advocates"],
        "supervisors": staffing["people"]["supervisors"],
        "support": staffing["people"]["support"],
        "people": staffing["people"]["total"],
        "hires": staffing["people"]["hires_first_year"],
        "week_level": staffing["service_level"],
        "yearly_cost_low": staffing["annual_cost"]["low"],
        "yearly_cost": staffing["annual_cost"]["likely"],
        "yearly_cost_high": staffing["annual_cost"]["high"],
    }
    for (a, b), rate in zip(BANDS, staffing["bands"], strict=True):
        expected[f"weekday_{a:02d}_{b:02d}"] = rate["weekday_per_hour"]
        expected[f"weekend_{a:02d}_{b:02d}"] = rate["weekend_per_hour"]
    assert {k: found[k] for k in expected} == pytest.approx(expected, rel=CLOSE)
    assert grid(cells, NEED) == [q["on_shift"] for q in staffing["need"]]
    assert max(grid(cells, COVER)) == staffing["peak_on_shift"]


def rules(cells: Cells, weekend: list[str]) -> list[str]:
    """Return the rule that the workbook names for each quarter-hour of the week."""
    named_ = []
    for index, need in enumerate(grid(cells, NEED)):
        row = 7 + cells[("Week", f"C{FIRST + index % 96}")] + 6 * (DAYS[index // 96] in weekend)
        named_.append(cells[("Bands", f"K{row}")] if need else "closed")
    return named_


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_rule_that_binds_a_quarter_hour_is_the_engines(
    built: dict[str, Path], engagements: dict[str, Built], results_of: dict[str, dict[str, Any]], name: str
) -> None:
    weekend = read_engagement(engagements[name].engagement).country.weekend
    found = rules(values(book_of(built, name)), weekend)
    assert found == [q["bound_by"] for q in results_of[name]["staffing"]["need"]]


CHANGES: dict[str, dict[str, float]] = {
    "three never alone": {"service.minimum_cover": 3},
    "calls take twice as long and come ten times as often": {
        "demand.annual_signals": 20_000,
        **{
            f"demand.minutes_{c}": 2 * m
            for c, m in {
                "crisis": 70, "tip": 35, "referral": 30, "technical": 30, "general": 12, "at_risk": 37, "unrelated": 9,
            }.items()
        },
    },
    "people hang up at once and the promise is strict": {
        "demand.annual_signals": 9_000,
        "demand.patience_s": 30,
        "service.voice_share": 0.99,
    },
    "little time in contact is allowed": {
        "demand.annual_signals": 20_000,
        "service.occupancy_cap": 0.2,
        "service.voice_share": 0.1,
    },
    "money and people": {
        "staffing.shrinkage": 0.45,
        "staffing.supervisor_span": 3,
        "cost.night_premium": 0.5,
        "demand.unsubstantive_share": 0.6,
        "demand.weekend_factor": 1.4,
    },
}  # fmt: skip


@pytest.mark.parametrize("title", CHANGES)
def test_an_input_that_is_changed_moves_the_sheets_as_it_moves_the_engine(
    built: dict[str, Path], engagements: dict[str, Built], tmp_path: Path, title: str
) -> None:
    book, changed = book_of(built, "ruritania"), CHANGES[title]
    typed = {f"{k.replace('.', '_')}{e}": v for k, v in changed.items() for e in _typed_into(k)}
    target = change(book, tmp_path / "changed.xlsx", typed)
    cells = recalculated(target, tmp_path / "out")
    read = read_engagement(engagements["ruritania"].engagement)
    parameters = planned(engagements["ruritania"].engagement, changed).parameters
    demand = plan_demand(parameters, read.file.channels, read.country.weekend, read.file.safe_migration)
    need = need_of(demand, read.file.hours, targets_of(parameters))
    assert grid(cells, NEED) == need.on_shift.tolist()
    assert rules(cells, read.country.weekend) == list(need.bound_by)
    found = named(target, cells)
    assert found["handle_time_s"] == pytest.approx(demand.handle_time_s, rel=CLOSE)
    assert found["live_per_week"] == pytest.approx(demand.live_per_week, rel=CLOSE)
    _people_and_money_follow(engagements["ruritania"].engagement, changed, found)


def _typed_into(ident: str) -> tuple[str, ...]:
    return ("_low", "", "_high") if ident.startswith("cost.") or ident == "demand.annual_signals" else ("",)


def _people_and_money_follow(folder: Path, changed: Mapping[str, float], found: Mapping[str, Any]) -> None:
    """Shifts do not redesign themselves: with the old shifts the engine gives the sheet's people and money."""
    from hotline_catalyst.planning.staffing import cost_of, people_of

    before, after = planned(folder, {}), planned(folder, changed)
    shifts, country = before.staffing.shift_plan, before.facts.country
    cap = after.staffing.targets.occupancy_cap
    people = people_of(after.demand, shifts, after.parameters, cap)
    income = country.income_per_head_usd.value * country.currency.per_usd.value
    cost = cost_of(people, shifts.night_hours_share(country), after.parameters, income)
    assert (found["advocates"], found["supervisors"], found["people"]) == (
        people.advocates,
        people.supervisors,
        people.total,
    )
    assert found["hires"] == people.hires_first_year
    ends = [found["yearly_cost_low"], found["yearly_cost"], found["yearly_cost_high"]]
    assert ends == pytest.approx([cost.low, cost.likely, cost.high], rel=CLOSE)


def test_opening_hours_that_are_changed_open_and_close_the_week_as_in_the_engine(
    built: dict[str, Path], engagements: dict[str, Built], tmp_path: Path
) -> None:
    from openpyxl import load_workbook

    hours = Hours.model_validate(
        {"every_day": "08:15-20:00", "monday": "closed", "friday": "18:00-02:30", "sunday": "22:00-24:00"}
    )
    book = load_workbook(book_of(built, "ruritania"))
    sheet = book["Inputs"]
    days = [row for row in range(1, sheet.max_row + 1) if str(sheet[f"A{row}"].value).endswith("day")]
    for row in days[-7:]:
        span = getattr(hours, sheet[f"A{row}"].value.lower())
        clocks = [None, None] if span == "closed" else [int(c[:2]) / 24 + int(c[3:]) / 1440 for c in span.split("-")]
        sheet[f"B{row}"].value, sheet[f"C{row}"].value = clocks
    book.save(tmp_path / "hours.xlsx")
    cells = recalculated(tmp_path / "hours.xlsx", tmp_path / "out")
    results = planned(engagements["ruritania"].engagement, {})
    need = need_of(results.demand, hours, results.staffing.targets)
    assert grid(cells, NEED) == need.on_shift.tolist()


@pytest.mark.parametrize("signals", [200_000, 600_000])
def test_a_busy_line_with_short_hours_gets_the_columns_it_needs(
    engagements: dict[str, Built], tmp_path: Path, signals: int
) -> None:
    hours = Hours.model_validate({"every_day": "18:00-03:00", "monday": "closed"})
    results = planned(engagements["mauritania"].engagement, {"demand.annual_signals": signals}, hours)
    results = replace(results, facts=replace(results.facts, hours=hours))
    (book,) = staffing_workbook.write(results, tmp_path)
    need = results.staffing.need.on_shift
    cells = recalculated(book, tmp_path / "out")
    assert need.max() > 12
    assert differences(values(book), cells, formulas(book)) == []
    assert grid(cells, NEED) == need.tolist()
    assert grid(cells, COVER) == results.staffing.shift_plan.covered.tolist()


def test_a_need_beyond_the_columns_is_said_and_never_clamped(built: dict[str, Path], tmp_path: Path) -> None:
    typed = {"demand_annual_signals": 500_000}
    target = change(book_of(built, "ruritania"), tmp_path / "crowd.xlsx", typed)
    cells = recalculated(target, tmp_path / "out")
    assert "more than 12" in grid(cells, NEED)
    assert {cells[("Bands", f"J{row}")] for row in range(8, 20)} == {"more than 12"}
    read_me = {cells[("Read me", f"A{row}")]: cells[("Read me", f"B{row}")] for row in range(13, 22)}
    assert read_me["Most advocates needed at once"] == "more than 12"
    assert read_me["Quarter-hours a week that the shifts leave short"] == 672
    assert not [key for key, value in cells.items() if isinstance(value, str) and value.startswith("#")]


def test_erlang_formulas_hold_far_from_any_hotline(tmp_path: Path) -> None:
    import xlsxwriter

    cases = list(product((1, 2, 5, 12, 40), (0.0, 0.001, 0.3, 4, 40), (60, 900, 4000), (20, 180, 3000), (0, 20, 300)))
    path = tmp_path / "erlang.xlsx"
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("Cases")
    for row, (n, rate, handle, patience, within) in enumerate(cases):
        x = rate * patience / 3600
        later = x * math.exp(-within / patience)
        sheet.write_row(row, 0, (n, n * patience / handle, rate * handle / 3600, x, later, within, patience, handle))
        n_, s, load, x_, later_ = (cell(row, column) for column in range(5))
        with_patience = staffing_formulas.erlang_a(n_, s, load, x_, later_)
        for column, text in ((8, with_patience), (9, staffing_formulas.erlang_c(n_, load))):
            for offset, name in enumerate(("service_voice_within_s", "demand_patience_s", "handle_time_s"), 5):
                text = text.replace(name, cell(row, offset))
            sheet.write_formula(row, column, text)
    book.close()
    cells = recalculated(path, tmp_path / "out")
    for row, (n, rate, handle, patience, within) in enumerate(cases, 1):
        a = float(queueing.erlang_a_service_level(n, rate, handle, patience, within))
        c = float(queueing.erlang_c_service_level(n, rate, handle, within))
        assert cells[("Cases", f"I{row}")] == pytest.approx(a, abs=CLOSE), (n, rate, handle, patience, within)
        assert cells[("Cases", f"J{row}")] == pytest.approx(c, abs=CLOSE), (n, rate, handle, patience, within)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_function_is_one_that_excel_2007_knows(built: dict[str, Path], name: str) -> None:
    from openpyxl.utils import FORMULAE

    used = {f for text in formulas(book_of(built, name)).values() for f in re.findall(r"([A-Z][A-Z0-9.]*)\(", text)}
    assert {"GAMMADIST", "GAMMALN", "POISSON", "SUMPRODUCT"} <= used
    assert used <= set(FORMULAE)


def test_text_from_people_never_becomes_a_formula(engagements: dict[str, Built], tmp_path: Path) -> None:
    hostile = '=HYPERLINK("http://example.org","open")'
    results = planned(engagements["ruritania"].engagement, {})
    patience = replace(results.parameters["demand.patience_s"], title=hostile, unit="@SUM(1)", origin=f"+{hostile}")
    facts = replace(results.facts, name=hostile, notice=f"-{hostile} & A&B")
    marked = replace(results, facts=facts, parameters={**results.parameters, "demand.patience_s": patience})
    (book,) = staffing_workbook.write(marked, tmp_path)
    (plain,) = staffing_workbook.write(results, tmp_path / "plain")
    assert formulas(book) == formulas(plain)
    assert hostile in {str(v) for v in values(book).values()}
    assert not any("hyperlink" in name for name in zipfile.ZipFile(book).namelist())


def test_a_rulings_reason_and_notes_stay_out_of_the_operators_workbook(
    built: dict[str, Path], engagements: dict[str, Built]
) -> None:
    testimony = read_engagement(engagements["ruritania"].engagement).testimony
    secrets = [r.reason for r in testimony.rulings] + [e.what for e in testimony.evidence]
    secrets += [a.note for r in testimony.responses for a in r.answers.values() if len(a.note) > 12]
    texts = " ".join(v for v in values(book_of(built, "ruritania")).values() if isinstance(v, str))
    assert len(secrets) > 20
    assert [s for s in secrets if s in texts] == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_notice_stands_on_every_sheet_and_on_every_printed_page(
    built: dict[str, Path], results_of: dict[str, dict[str, Any]], name: str
) -> None:
    from openpyxl import load_workbook

    notice = results_of[name]["engagement"]["notice"]
    assert notice
    for sheet in load_workbook(book_of(built, name)):
        assert sheet["A3"].value == notice
        assert notice[:60] in sheet.oddHeader.left.text
        assert sheet.freeze_panes or sheet.title == "Read me"
        assert sheet.print_area


def test_only_inputs_may_be_changed(built: dict[str, Path]) -> None:
    from openpyxl import load_workbook

    book = load_workbook(book_of(built, "ruritania"))
    for sheet in book:
        free = [c for row in sheet.iter_rows() for c in row if not c.protection.locked]
        assert not any(c.data_type == "f" for c in free)
        assert all(c.fill.fgColor.rgb == "FFEAF3F4" for c in free)
        assert bool(free) == (sheet.title in ("Inputs", "Shifts"))
        assert sheet.protection.sheet or sheet.title in ("Options", "Assumptions")


def test_the_same_results_give_the_same_bytes(engagements: dict[str, Built], tmp_path: Path) -> None:
    results = planned(engagements["mexico"].engagement, {})
    first, second = (staffing_workbook.write(results, tmp_path / part)[0].read_bytes() for part in ("a", "b"))
    assert first == second
