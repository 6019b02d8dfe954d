"""The staffing workbook is judged by LibreOffice, which works out every formula anew, and by the engine.

All workbooks of this file go through LibreOffice in one call, as its start costs more than a workbook.
"""

from __future__ import annotations

import csv
import math
import os
import random
import re
import shutil
import subprocess
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import numpy as np
import pytest
from libreoffice import PROFILE

from hotline_catalyst import walk
from hotline_catalyst.deliverables import staffing_formulas, staffing_inputs, staffing_pages, staffing_workbook
from hotline_catalyst.deliverables.staffing_inputs import allowed, name_of
from hotline_catalyst.deliverables.staffing_pages import cell
from hotline_catalyst.deliverables.staffing_week import beyond_the_rules, clock
from hotline_catalyst.desk import question_of
from hotline_catalyst.engagement import Engagement, read_engagement
from hotline_catalyst.planning import hiring as hirings
from hotline_catalyst.planning import need as needs_
from hotline_catalyst.planning import queueing, staffing, staffing_parts
from hotline_catalyst.planning.calendar import DAYS, Hours
from hotline_catalyst.planning.cases import open_share
from hotline_catalyst.planning.correction import Correction
from hotline_catalyst.planning.demand import Parameter, plan_demand
from hotline_catalyst.planning.growth import Trigger
from hotline_catalyst.planning.history import Note, Observed
from hotline_catalyst.planning.need import need_of
from hotline_catalyst.planning.options import Option
from hotline_catalyst.planning.people import round_up
from hotline_catalyst.planning.simulation import Quantiles
from hotline_catalyst.planning.staffing import StaffingPlan
from hotline_catalyst.planning.stress import Cause, Stress, Weak
from hotline_catalyst.results import Results
from hotline_catalyst.starting import copy_example

CLOSE = 1e-9
# In SOAK the changes are new ones every time.
SEED = random.randrange(10**6) if os.environ.get("SOAK") else 20
NEED, COVER, FIRST = "FGHIJKL", "NOPQRST", 10
# A line busy enough that every rule binds somewhere.
BASE = {"demand.signals_per_100k": (60, 250, 500), "service.minimum_cover": 1}
Address = tuple[str, str]
Cells = Mapping[Address, Any]
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


# --- reading and typing ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Workbook:
    """A workbook as it is stored: values, formulas and names. Ten times quicker than opening it with openpyxl."""

    path: Path
    values: dict[Address, Any]
    formulas: dict[Address, str]
    names: dict[str, Address]

    def __getitem__(self, name: str) -> Any:
        return self.values.get(self.names[name])


def opened(path: Path) -> Workbook:
    book = zipfile.ZipFile(path)
    tree = ElementTree.fromstring(book.read("xl/workbook.xml"))
    titles = [sheet.get("name", "") for sheet in tree.iter(f"{MAIN}sheet")]
    shared = [
        "".join(t.text or "" for t in si.iter(f"{MAIN}t"))
        for si in ElementTree.fromstring(book.read("xl/sharedStrings.xml"))
    ]
    values: dict[Address, Any] = {}
    formulas: dict[Address, str] = {}
    for number, title in enumerate(titles, 1):
        for one in ElementTree.fromstring(book.read(f"xl/worksheets/sheet{number}.xml")).iter(f"{MAIN}c"):
            formula, value, where = one.find(f"{MAIN}f"), one.findtext(f"{MAIN}v"), (title, one.get("r", ""))
            if formula is not None:
                formulas[where] = formula.text or ""
            if value is not None:
                kind = one.get("t", "n")
                values[where] = shared[int(value)] if kind == "s" else float(value) if kind == "n" and value else value
    found = (re.fullmatch(r"'?([^'!]+)'?!\$?([A-Z]+)\$?(\d+)", d.text or "") for d in tree.iter(f"{MAIN}definedName"))
    keys = [d.get("name", "") for d in tree.iter(f"{MAIN}definedName")]
    return Workbook(path, values, formulas, {k: (m[1], m[2] + m[3]) for k, m in zip(keys, found, strict=True) if m})


def typed(book: Workbook, target: Path, inputs: Mapping[Address, Any]) -> Path:
    """Type values into cells and leave every stored result stale, as a program that does not calculate would."""
    titles = list(dict.fromkeys(title for title, _ in book.values))
    with zipfile.ZipFile(book.path) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for member in source.namelist():
            data = source.read(member)
            number = re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", member)
            wanted = {a: v for (t, a), v in inputs.items() if number and titles[int(number[1]) - 1] == t}
            if wanted:
                data = _with(data.decode(), wanted).encode()
            made.writestr(member, data)
    return target


def _with(xml: str, inputs: Mapping[str, Any]) -> str:
    for address, value in inputs.items():
        pattern = rf'<c r="{address}"( s="\d+")(?: t="\w+")?(?:/>|>.*?</c>)'
        if isinstance(value, str):
            new = rf'<c r="{address}"\1 t="inlineStr"><is><t>{escape(value)}</t></is></c>'
        else:
            new = rf'<c r="{address}"\1/>' if value is None else rf'<c r="{address}"\1><v>{value!r}</v></c>'
        xml, count = re.subn(pattern, new, xml, count=1)
        assert count == 1, address
    return xml


def recalculated(paths: list[Path], folder: Path, mode: int = 0) -> dict[str, dict[Address, Any]]:
    """Return every value of every workbook after LibreOffice has worked out every formula anew; as text tables."""
    program = shutil.which("soffice")
    assert program, "soffice is missing: install LibreOffice Calc to run these tests"
    user = folder / "office" / "user"
    user.mkdir(parents=True)
    (user / "registrymodifications.xcu").write_text(PROFILE.format(mode=mode), "utf-8")
    # Every sheet, comma, UTF-8, values as they are and not as they are shown.
    suffix = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,-1"
    command = [program, f"-env:UserInstallation=file://{folder / 'office'}", "--headless", "--norestore"]
    command += ["--convert-to", suffix, "--outdir", str(folder / "out"), *map(str, paths)]
    subprocess.run(command, capture_output=True, timeout=500, check=True)
    found: dict[str, dict[Address, Any]] = {path.stem: {} for path in paths}
    for path in sorted((folder / "out").glob("*.csv")):
        stem, _, title = path.stem.partition("-")
        with path.open(encoding="utf-8", newline="") as lines:
            for row, line in enumerate(csv.reader(lines)):
                for column, text in enumerate(line):
                    if text:
                        found[stem][title, cell(row, column)] = _number(text)
    return found


def _number(text: str) -> Any:
    scale, plain = (100, text[:-1]) if text.endswith("%") else (1, text)
    try:
        return float(plain) / scale
    except ValueError:
        return text


def differences(stored: Workbook, found: Cells) -> list[str]:
    wrong = []
    for key in stored.formulas:
        a, b = stored.values.get(key, ""), found.get(key, "")
        if isinstance(b, str) and (clock := re.fullmatch(r"(\d\d):(\d\d):\d\d (A|P)M", b)):
            b = (int(clock[1]) % 12 + int(clock[2]) / 60 + 12 * (clock[3] == "P")) / 24
        numbers = isinstance(a, float) and isinstance(b, float)
        if not (math.isclose(a, b, rel_tol=CLOSE, abs_tol=CLOSE) if numbers else a == b):
            wrong.append(f"{key}: stored {a!r}, recalculated {b!r}: {stored.formulas[key][:80]}")
    return wrong


def grid(cells: Cells, columns: str) -> list[Any]:
    """Return a block of the sheet Week as the week's 672 quarter-hours."""
    return [cells[("Week", f"{column}{FIRST + quarter}")] for column in columns for quarter in range(96)]


# --- planning without what costs seconds ---------------------------------------------------------------------------


def engagement(folder: Path, changed: Mapping[str, Any] | None = None, **file: Any) -> Engagement:
    """Read an engagement with some parameters (a number or low, likely, high) and fields of its file replaced."""
    read = read_engagement(folder)
    parameters = dict(read.parameters)
    for ident, value in (changed or {}).items():
        old = parameters.get(ident) or Parameter(ident, ident, "share", 0, 0, 0, "engagement.yaml: counted", False)
        ends = value if isinstance(value, tuple) else (value,) * 3
        parameters[ident] = replace(old, low=ends[0], likely=ends[1], high=ends[2], origin="engagement.yaml: counted")
    return replace(read, parameters=parameters, file=read.file.model_copy(update=file))


def hand_made_stress() -> Stress:
    """A stress record to lay out: the real one takes a simulation of a thousand weeks."""
    some = Quantiles(0.8, 0.9, 1.0, 0.91)
    return Stress(
        weeks=1000, weeks_beside=100, seed=1, promise=0.89, service=0.93, weekly=some, four_weeks=some, kept_weeks=0.83,
        kept_four_weeks=0.92, by_hour=np.ones(168), weakest=(Weak((0,), 9, 11, 0.87, 4.0, "Monday 09:00 to 11:00"),),
        causes=(Cause("absence", "Shifts not taken up", 0.96, 0.03, 0.001, "Absence costs 3 points."),), one_more=0.95,
        one_more_everywhere=0.99, one_fewer=0.7, campaign=0.9, sentences=("93 % were answered as promised.",),
    )  # fmt: skip


def planned(read: Engagement, added: int = 0, observed: Observed | None = None, already: float = 0.0) -> Results:
    """Plan demand and staffing as the toolkit does, without the simulated week, the options and the stress."""
    file, country = read.file, read.country
    demand = plan_demand(read.parameters, file.channels, country.weekend, file.safe_migration, read.spoken, observed)
    question = replace(question_of(read, demand), already=already)
    extra = np.where(file.hours.open_quarters & (np.arange(672) % 96 // 4 == 12), added, 0)
    needs = tuple(need_of(demand, file.hours, question.targets, f, extra) for f in demand.year_factors)
    plan = question.designer.quick(needs[0].on_shift)
    made = _staffed(question, needs, plan, staffing_parts.written_work(question, plan.covered))
    return results_of(read, demand, made)


def _staffed(
    question: Any, needs: Any, plan: Any, written: Any, hiring: Any = None, interpreted: float | None = None
) -> StaffingPlan:
    demand, targets, covered = question.demand, question.targets, plan.covered
    people = staffing_parts.three_years(question, needs, plan, written)
    refused = ""
    if hiring is None:
        hiring, refused = staffing_parts.hiring_for(question, people)
    else:
        hiring = _followed(question, hiring, tuple(p.full_time_advocates for p in people))
    lines = staffing_parts.telephone_lines(question, covered)
    rate = np.where(question.case.hours.open_quarters, demand.live_per_hour, 0.0)
    alone = staffing_parts.interpreted_share(demand, needs[0]) if interpreted is None else interpreted
    budget = staffing_parts.budget_for(question, people, plan, hiring, lines, alone)
    option = Option(
        "chosen", "As asked", "always", ("phone",), ("en",), 0.9, people[0].advocates, people[0].total, 0.9,
        budget.year(0), True, True, "With so many people.", "Nobody answers.",
    )  # fmt: skip
    return StaffingPlan(
        targets=targets, needs=needs, shift_plan=plan, supervisor_plan=plan,
        people_by_year=people, hiring=hiring, hiring_refused=refused, budget=budget,
        service_level=staffing._share(rate, covered, demand, targets, patient=True),
        service_level_erlang_c=0.9, service_by_quarter=np.ones(672), service_level_exact=0.99,
        confirmed=Correction(needs[0].added, 0.9, 0.95, 0.9, 100, 1), written=written, lines=lines, interpreted=alone,
        reach=open_share(demand, question.case.hours.open_quarters),
        peak_on_shift=int(covered.max()), night_on_shift=1, night_share=plan.night_hours_share(question.country),
        open_hours_per_week=168.0, capacity_factor=1.5, cost_per_signal=1.0, contact_share=0.1,
        already=question.already, from_nobody=False, options=(option, replace(option, id="b", chosen=False)),
        triggers=(Trigger("service", "Service", "Plan one more."),), stress=hand_made_stress(),
    )  # fmt: skip


def _followed(question: Any, hiring: Any, needed: tuple[float, ...]) -> Any:
    """Return a hiring plan's months with its classes as they are, and other figures around them."""
    rules, classes = hirings._rules(question.parameters), {c.month: c.entrants for c in hiring.cohorts}
    months = tuple(hirings._month(m.month, classes, rules, needed, question.already) for m in hiring.months)
    return replace(hiring, months=months)


def results_of(read: Engagement, demand: Any, plan: StaffingPlan) -> Results:
    nothing: Any = None
    return Results(
        facts=walk._facts(read), instrument=read.instrument, testimony=read.testimony, parameters=read.parameters,
        readiness=nothing, gates=(), findings=(), raised=(), roadmap=nothing, phase_titles={}, demand=demand,
        staffing=plan, roster=nothing, roster_rules=(), roster_stress=nothing, roster_reasons=nothing,
        limits=read.limits, assumptions=tuple(walk.assumptions_of(read)), numbers=(),
        sources={}, targets={}, agreement=nothing, agenda=(), inventory=(), programme=nothing, offers=(), goals=(),
        sensitivity=(), wishes={},
    )  # fmt: skip


def own_counts() -> Observed:
    """A line that counted twenty weeks: busiest in the evening, and more at weekends."""
    hours = np.tile(np.array([1.0] * 8 + [3.0] * 10 + [6.0] * 6), 7) * np.repeat([1, 1, 1, 1, 1, 1.5, 1.5], 24)
    nothing: Any = None
    return Observed(
        first=date(2026, 1, 5), last=date(2026, 5, 24), weeks=20, contacts=2400, hour_of_week=hours / hours.sum(),
        channel_shares={"phone": 0.8, "text": 0.15, "email": 0.05}, language_shares={"en": 0.7, "fr": 0.3},
        per_week=staffing.Span(90, 120, 160), growth=0.2, day_factor_cv=0.2, trust=20 / 28,
        notes=(Note("silent", {"share": 12}),),
        open_hours=np.ones(168, dtype=bool), timed=True, fit=nothing,
    )  # fmt: skip


# --- changes by dice, and one to office hours -----------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """What somebody types, and the plan the engine then gives with the same shifts and classes."""

    inputs: dict[Address, Any]
    demand: Any
    plan: StaffingPlan
    day: int
    quarter: int


# Half as many in a normal run; each is one workbook more for the office.
OFFICE_CHANGE, CHANGES = (20, 21) if os.environ.get("SOAK") else (10, 11)
RHYTHM = ("demand.band_06_09", "demand.band_09_13", "demand.band_21_24", "demand.weekend_factor")
OFFICE = Hours.model_validate(dict.fromkeys(DAYS[:5], "09:00-17:00"))


def change(folder: Path, book: Workbook, base: Results, dice: random.Random, office: bool = False) -> Change:
    """Choose eight figures, sometimes hours, a weekend, channels and shift counts, as a person might type them.

    ``office`` types office hours and another rhythm of the week: most signals then come while the line is closed.
    """
    inputs: dict[Address, Any] = {}
    changed: dict[str, Any] = {}
    usable = [i for i in sorted(base.parameters) if name_of(i) in book.names and not i.startswith("demand.language")]
    for ident in RHYTHM if office else dice.sample(usable, 8):
        p, names = base.parameters[ident], [name_of(ident) + e for e in ("_low", "", "_high")]
        rule = allowed(ident, p.unit)
        ends = sorted(_value(dice, p, rule) for _ in range(3))
        kept = [
            e if n in book.names else getattr(p, s)
            for e, n, s in zip(ends, names, ("low", "likely", "high"), strict=True)
        ]
        inputs |= {book.names[n]: e for n, e in zip(names, kept, strict=True) if n in book.names}
        changed[ident] = tuple(kept)
    read = engagement(folder, BASE | changed)
    if office:
        read = _other_hours(read, book, OFFICE, read.country.weekend, inputs)
    elif dice.random() < 0.4:
        hours = {"every_day": dice.choice(("08:15-20:00", "00:00-24:00")), "monday": "closed", "friday": "18:00-02:30"}
        hours |= {"sunday": "22:00-24:00"}
        read = _other_hours(read, book, Hours.model_validate(hours), ["friday", "saturday"], inputs)
    if not office and dice.random() < 0.4:
        channels = dice.choice((["phone"], ["phone", "chat", "email"], ["text", "email"]))
        inputs |= {
            book.names[f"channel_{c}"]: "yes" if c in channels else "no" for c in ("phone", "text", "chat", "email")
        }
        read = replace(read, file=read.file.model_copy(update={"channels": channels}))
    plan = base.staffing.shift_plan
    if dice.random() < 0.4:
        counts = plan.counts.copy()
        counts[0, 2] += 2
        inputs["Shifts", f"H{6}"] = int(counts[0, 2])
        plan = replace(plan, counts=counts)
    demand = plan_demand(
        read.parameters, read.file.channels, read.country.weekend, read.file.safe_migration, read.spoken
    )
    question = question_of(read, demand)
    needs = tuple(_same_extras(question, n, f) for n, f in zip(base.staffing.needs, demand.year_factors, strict=True))
    day, quarter = dice.randrange(7), dice.randrange(96)
    inputs[book.names["working_day"]] = DAYS[day].capitalize()
    inputs[book.names["working_time"]] = clock(quarter)
    made = _staffed(question, needs, plan, base.staffing.written, base.staffing.hiring, base.staffing.interpreted)
    return Change(inputs, demand, made, day, quarter)


def _value(dice: random.Random, p: Parameter, rule: Mapping[str, Any]) -> float:
    value = dice.uniform(p.low - 0.2 * (p.high - p.low), p.high + 0.2 * (p.high - p.low))
    least = rule.get("minimum", 0.01 * p.likely)
    value = min(max(value, least), rule.get("maximum", math.inf))
    return round(value) if rule["validate"] == "integer" else round(value, 4)


def _other_hours(
    read: Engagement, book: Workbook, hours: Hours, weekend: list[str], inputs: dict[Address, Any]
) -> Engagement:
    rows = {str(v).lower(): a[1:] for (t, a), v in book.values.items() if t == "Inputs" and a[0] == "A"}
    for day in DAYS:
        span = getattr(hours, day)
        clocks = [None, None] if span == "closed" else [int(c[:2]) / 24 + int(c[3:]) / 1440 for c in span.split("-")]
        inputs |= {("Inputs", f"{column}{rows[day]}"): c for column, c in zip("BC", clocks, strict=True)}
        inputs["Inputs", f"D{rows[day]}"] = "yes" if day in weekend else "no"
    country = read.country.model_copy(update={"weekend": weekend})
    return replace(read, country=country, file=read.file.model_copy(update={"hours": hours}))


def _same_extras(question: Any, before: Any, factor: float) -> Any:
    """Return the engine's need with what the workbook keeps from the plan: languages, texts alone, additions."""
    hours, targets = question.case.hours.open_quarters, question.targets
    # Languages and texts are kept from the plan: without them the engine answers at once.
    plain = replace(question.demand, classes=(), languages={"": 1.0})
    need = need_of(plain, question.case.hours, targets, factor)
    rules: Any = {
        "minimum cover": np.where(hours, need.minimum, 0), "supervisor": need.by_supervisor, "load": need.by_load,
        "text and chat": np.where(hours, before.by_text, 0), "occupancy": need.by_occupancy,
        "language": np.where(hours, beyond_the_rules(before), 0),
    }  # fmt: skip
    most, added = np.maximum.reduce(list(rules.values())), np.where(hours, before.added, 0)
    alone, on_shift = needs_.supervisor_absent(targets), most + added
    supervisors = np.array([round_up(n / targets.supervisor_span) for n in on_shift])
    return replace(
        need, by_text=rules["text and chat"], by_language=rules["language"], added=added, on_shift=on_shift,
        bound_by=needs_._bounds(hours, rules, most, added), supervisors=np.where(alone, 0, supervisors),
    )  # fmt: skip


# --- the workbooks -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Shelf:
    """Every workbook of this file, with the engine's results, as stored and as LibreOffice has them."""

    results: dict[str, Results]
    books: dict[str, Workbook]
    found: dict[str, dict[Address, Any]]
    changes: dict[str, Change]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("staffing")


def variants(folder: Path) -> Iterator[tuple[str, Results]]:
    for name in ("ruritania", "mauritania"):
        copy_example(name, folder / name)
    known = "demand.annual_signals"
    yield "base", planned(engagement(folder / "ruritania", BASE), added=1)
    busy = Hours.model_validate({"every_day": "18:00-03:00", "monday": "closed"})
    crowded = engagement(folder / "mauritania", {known: 200_000, "staffing.shrinkage": (0.3, 0.35, 0.4)}, hours=busy)
    crowded = replace(crowded, file=crowded.file.model_copy(update={"languages": ["ar"]}))
    yield "busy", planned(crowded)
    counted = engagement(folder / "ruritania", {"staffing.class_size": 1, "service.minimum_cover": 8}, hours=OFFICE)
    yield "counted", planned(counted, observed=own_counts(), already=1.5)


@pytest.fixture(scope="module")
def shelf(folder: Path) -> Shelf:
    results = dict(variants(folder))
    books, paths = {}, []
    for name, result in results.items():
        (path,) = staffing_workbook.write(result, folder / f"build-{name}")
        paths.append(Path(shutil.copy(path, folder / f"{name}.xlsx")))
        books[name] = opened(path)
    dice, base, changes = random.Random(SEED), books["base"], {}
    for number in range(CHANGES):
        changes[f"change{number}"] = change(folder / "ruritania", base, results["base"], dice, number == OFFICE_CHANGE)
        paths.append(typed(base, folder / f"change{number}.xlsx", changes[f"change{number}"].inputs))
    crowd = {base.names["demand_signals_per_100k"]: 4_000}
    # A wrong stored value goes with it, as one workbook less is a second less.
    planted = replace(base, path=_planted(base, folder / "planted.xlsx"))
    paths.append(typed(planted, folder / "crowd.xlsx", crowd))
    paths.append(_erlang(folder / "erlang.xlsx"))
    return Shelf(results, books, recalculated(paths, folder / "libreoffice"), changes)


CASES = list(product((1, 2, 5, 12, 40), (0.0, 0.001, 0.3, 4, 40), (60, 900, 4000), (20, 180, 3000), (0, 20, 300)))


def _erlang(path: Path) -> Path:
    """Write the Erlang formulas over loads, times and patience far from any hotline's."""
    import xlsxwriter

    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet("Cases")
    # One sheet alone would get a name of its own in text.
    book.add_worksheet("Empty").write(0, 0, "empty")
    for row, (n, rate, handle, patience, within) in enumerate(CASES):
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
    return path


def _planted(book: Workbook, target: Path) -> Path:
    """Copy a workbook with a wrong stored value under one formula: whoever does not calculate anew keeps it."""
    right = f"<v>{book['handle_time_s']!r}</v>".encode()
    with zipfile.ZipFile(book.path) as source, zipfile.ZipFile(target, "w") as made:
        for member in source.namelist():
            made.writestr(member, source.read(member).replace(right, b"<v>4711.0</v>"))
    return target


VARIANTS = ("base", "busy", "counted")


@pytest.mark.parametrize("name", VARIANTS)
def test_every_formula_recalculated_gives_the_stored_value(shelf: Shelf, name: str) -> None:
    assert len(shelf.books[name].formulas) > 10_000
    assert differences(shelf.books[name], shelf.found[name]) == []


def test_a_planted_wrong_value_is_gone_after_the_recalculation(shelf: Shelf, folder: Path) -> None:
    book = shelf.books["base"]
    assert opened(folder / "planted.xlsx")["handle_time_s"] == 4711
    assert shelf.found["crowd"][book.names["handle_time_s"]] == pytest.approx(book["handle_time_s"], rel=CLOSE)


def expected(demand: Any, plan: StaffingPlan) -> dict[str, float]:
    """Return the engine's numbers by the name that the workbook gives their cell."""
    found = {
        "annual_low": demand.annual.low, "annual": demand.annual.likely, "annual_high": demand.annual.high,
        "annual_year_3_low": demand.years[2].low, "annual_year_3_high": demand.years[2].high,
        "handle_time_s": demand.handle_time_s, "live_per_week": demand.live_per_week,
        "week_email": demand.written_per_week, "written_hours": demand.written_hours_per_week,
        "follow_up_hours": demand.follow_up_hours_per_week, "busy_day_factor": demand.busy_day_factor,
        "redial_factor": demand.redial_factor, "planned_factor": demand.planned_factor,
        "paid_hours": plan.shift_plan.paid_hours_per_week, "week_level": plan.service_level,
        "night_share": plan.night_share, "telephone_lines": plan.lines,
        "away_share": plan.people.shrinkage.share.likely, "away_share_low": plan.people.shrinkage.share.low,
        "away_share_high": plan.people.shrinkage.share.high, "on_call_hours": plan.people.on_call_hours_per_week,
        "reach": plan.reach, "interpreted": plan.interpreted,
    }  # fmt: skip
    found |= {f"month_{m + 1}": demand.annual.likely / 12 * r for m, r in enumerate(demand.ramp)}
    for tail, need, people in zip(("", "_y2", "_y3"), plan.needs, plan.people_by_year, strict=True):
        found |= {
            f"need_hours{tail}": need.hours_per_week, f"supervisor_hours{tail}": need.supervisors.sum() / 4,
            f"on_shift_hours{tail}": people.on_shift_hours_per_week,
            f"offline_hours{tail}": people.offline_hours_per_week, f"advocates{tail}": people.advocates,
            f"full_time_advocates{tail}": people.full_time_advocates, f"supervisors{tail}": people.supervisors,
            f"productive_hours{tail}": people.productive_hours, f"support{tail}": people.support,
            f"people{tail}": people.total,
        }  # fmt: skip
        found |= {f"posts_{p.id}{tail}": p.full_time for p in people.posts if p.group == "support"}
    for year, tail in enumerate(("_y1", "_y2", "_y3")):
        cost = plan.budget.year(year)
        found |= {f"cost{tail}_low": cost.low, f"cost{tail}": cost.likely, f"cost{tail}_high": cost.high}
    return found


def assert_engine(book: Workbook, cells: Cells, demand: Any, plan: StaffingPlan) -> None:
    """Hold a workbook's cells to the engine's numbers, everywhere."""
    wrong = {n: (cells.get(book.names[n]), v) for n, v in expected(demand, plan).items()
             if not math.isclose(cells.get(book.names[n], 0), v, rel_tol=CLOSE, abs_tol=CLOSE)}  # fmt: skip
    assert wrong == {}
    assert grid(cells, NEED) == plan.need.on_shift.tolist()
    assert grid(cells, COVER) == plan.shift_plan.covered.tolist()
    assert column(cells, "Bound by") == list(plan.need.bound_by)
    first = next(v for (t, a), v in cells.items() if t == "Roster demand" and str(v).startswith("Speakers of"))
    assert column(cells, first) == plan.need.on_shift.tolist()
    assert column(cells, "Supervisors on shift") == plan.need.supervisors.tolist()
    for year in (2, 3):
        assert column(cells, f"Needed, year {year}") == plan.needs[year - 1].on_shift.tolist()
    assert_money(cells, plan)
    if plan.hiring is not None:
        months = [[cells["Hiring", f"{c}{6 + i}"] for c in "BCD"] for i in range(len(plan.hiring.months))]
        assert np.allclose(
            months, [(m.heads, m.productive, m.needed) for m in plan.hiring.months], rtol=CLOSE, atol=CLOSE
        )


def assert_working(cells: Cells, made: Change) -> None:
    """Hold the working of the chosen day, and of one of its quarter-hours, to the engine."""
    need, first = made.plan.need, 96 * made.day
    today = slice(first, first + 96)
    assert [cells["Working", f"L{10 + q}"] for q in range(96)] == need.on_shift[today].tolist()
    by_load = [cells.get(("Working", f"E{10 + q}"), 0) for q in range(96)]
    assert by_load == need.by_load[today].tolist()
    number = made.demand.row_of[first + made.quarter]
    rate = made.demand.rows[number].per_hour * made.demand.planned_factor
    t, handle = made.plan.targets, made.demand.handle_time_s
    for letter in "BCD":
        n = int(cells["One quarter-hour", f"{letter}10"])
        level = queueing.erlang_a_service_level(n, rate, handle, t.patience_s, t.voice_within_s)
        assert cells["One quarter-hour", f"{letter}18"] == pytest.approx(float(level), abs=CLOSE)


def column(cells: Cells, heading: str) -> list[Any]:
    """Return a column of Roster demand, by its heading."""
    letter = next(a[:-1] for (t, a), v in cells.items() if t == "Roster demand" and v == heading)
    return [cells["Roster demand", f"{letter}{6 + i}"] for i in range(672)]


def assert_money(cells: Cells, plan: StaffingPlan) -> None:
    rows: dict[str, str] = {}
    for (title, address), value in cells.items():
        if title == "Budget" and address[0] == "A":
            rows.setdefault(value, address[1:])
    for line in (*plan.budget.lines, plan.budget.before_launch):
        years = line.years if line.id != "before_launch" else line.years[:1]
        want = [getattr(span, side) for span in years for side in ("low", "likely", "high")]
        got = [cells["Budget", f"{letter}{rows[line.title]}"] for letter in "BCDEFGHIJ"[: len(want)]]
        assert np.allclose(got, want, rtol=CLOSE, atol=CLOSE), line.title


@pytest.mark.parametrize("name", VARIANTS)
def test_the_stored_values_are_the_engines(shelf: Shelf, name: str) -> None:
    result = shelf.results[name]
    assert_engine(shelf.books[name], shelf.books[name].values, result.demand, result.staffing)


@pytest.mark.parametrize("number", range(CHANGES))
def test_inputs_that_are_changed_move_the_sheets_as_they_move_the_engine(shelf: Shelf, number: int) -> None:
    made = shelf.changes[f"change{number}"]
    cells = shelf.found[f"change{number}"]
    assert_engine(shelf.books["base"], cells, made.demand, made.plan)
    assert_working(cells, made)


def test_the_changes_are_of_every_kind(shelf: Shelf) -> None:
    """Random changes that all bound on minimum cover, or moved nothing, would prove little."""
    bounds = {b for c in shelf.changes.values() for n in c.plan.needs for b in n.bound_by}
    bounds |= {b for r in shelf.results.values() for b in r.staffing.need.bound_by}
    assert bounds >= {"closed", "minimum cover", "supervisor", "load", "simulated week"}
    totals = {c.plan.budget.year(0).likely for c in shelf.changes.values()}
    assert len(totals) == CHANGES
    assert len({tuple(c.plan.need.on_shift) for c in shelf.changes.values()}) > 4
    assert len({c.day for c in shelf.changes.values()}) > 1
    assert len({round(c.plan.reach, 6) for c in shelf.changes.values()}) > 3


def test_signals_while_the_line_is_closed_bring_no_work_and_cost_no_minutes(shelf: Shelf) -> None:
    """Office hours typed into a line that was open day and night: what is left is what comes in them."""
    before, after = shelf.books["base"], shelf.found[f"change{OFFICE_CHANGE}"]
    bands = {b: after[before.names[f"demand_band_{b}"]] for b in ("00_06", "06_09", "09_13", "13_17", "17_21", "21_24")}
    part = (bands["09_13"] + bands["13_17"]) / sum(bands.values())
    weekend = after[before.names["demand_weekend_factor"]]
    assert before["reach"] == 1
    reach = after[before.names["reach"]]
    assert reach == pytest.approx(part * 5 / (5 + 2 * weekend), rel=CLOSE)
    minutes = after[before.names["phone_minutes"]], after[before.names["live_hours"]]
    assert minutes == pytest.approx((before["phone_minutes"] * reach, before["live_hours"] * reach), rel=CLOSE)
    follow_up, messages = before["follow_up_hours"], before["messages_part"]
    assert 0 < messages < 1
    reached = follow_up * (messages + (1 - messages) * reach)
    assert after[before.names["follow_up_reached"]] == pytest.approx(reached, rel=CLOSE)


def test_own_counts_replace_the_volume_until_somebody_gives_one(shelf: Shelf) -> None:
    result, ident = shelf.results["counted"], "demand.annual_signals"
    counted = staffing_inputs._figures(staffing_pages.Model(result))
    assert counted[ident].likely == result.demand.annual.likely
    assert counted["demand.unsubstantive_share"].likely == 0.12
    given = Parameter(ident, "Volume", "signals per year", 900, 1000, 1100, "engagement.yaml: agreed", False)
    parameters = {**result.parameters, ident: given}
    demand = plan_demand(parameters, ["phone"], ["saturday"], False, ("en",), own_counts())
    assert demand.annual.likely == 1000
    assert (
        staffing_inputs._figures(staffing_pages.Model(replace(result, demand=demand, parameters=parameters)))[ident]
        is given
    )


def test_a_line_that_counted_hours_shows_them_and_one_that_cannot_hire_says_why(shelf: Shelf) -> None:
    book, result = shelf.books["counted"], shelf.results["counted"]
    parts = [v for (t, a), v in book.values.items() if t == "Bands" and re.fullmatch(r"A\d+", a)]
    assert len(set(parts) & {row.label for row in result.demand.rows}) == 168
    assert result.staffing.hiring is None
    assert book["hiring_already"] == pytest.approx(1.5)
    assert book["entrants_before"] < book["advocates"] / (
        book["staffing_academy_pass_rate"] * book["staffing_ninety_day_survival"]
    )
    assert 0 < book["reach"] < 1
    assert result.staffing.hiring_refused in book.values.values()


def test_a_busy_line_gets_the_columns_it_needs(shelf: Shelf) -> None:
    need = shelf.results["busy"].staffing.need.on_shift
    assert need.max() > 12
    assert grid(shelf.found["busy"], NEED) == need.tolist()


def test_a_need_beyond_the_columns_is_said_and_never_clamped(shelf: Shelf) -> None:
    cells = shelf.found["crowd"]
    needed = [v for v in grid(cells, NEED) if isinstance(v, str)]
    assert needed
    assert set(needed) == {f"more than {needed[0].rpartition(' ')[2]}"}
    read_me = {cells[t, a]: cells.get((t, f"B{a[1:]}")) for t, a in cells if t == "Read me" and a[0] == "A"}
    assert read_me["Most advocates needed at once"] == needed[0]
    assert read_me["Quarter-hours a week that the shifts leave short"] >= len(needed)


def test_no_cell_shows_an_error(shelf: Shelf) -> None:
    errors = [
        (name, key, value) for name, cells in shelf.found.items() for key, value in cells.items()
        if isinstance(value, str) and re.match(r"#(N/A|NAME|VALUE|REF|DIV|NUM|NULL)|Err:", value)
    ]  # fmt: skip
    assert errors == []


def test_every_input_that_may_be_changed_is_used_and_every_used_figure_may_be_changed(shelf: Shelf) -> None:
    from openpyxl import load_workbook

    book = load_workbook(shelf.books["base"].path)
    used = {word for f in shelf.books["base"].formulas.values() for word in re.findall(r"[a-z][a-z0-9_]+", f)}
    named = {address: name for name, (sheet, address) in shelf.books["base"].names.items() if sheet == "Inputs"}
    blocks = {f"{c}{r}" for c in "BCD" for r in range(1, 400)}
    for sheet in book:
        free = [c for row in sheet.iter_rows() for c in row if not c.protection.locked]
        assert not any(c.data_type == "f" for c in free)
        assert all(c.fill.fgColor.rgb == "FFEAF3F4" for c in free)
        assert bool(free) == (sheet.title in ("Inputs", "Shifts", "Hiring", "Working", "One quarter-hour"))
        assert sheet.protection.sheet or sheet.title in ("Options", "Assumptions")
        if sheet.title == "Inputs":
            assert {named[c.coordinate] for c in free if c.coordinate in named} <= used
            assert set(named) <= {c.coordinate for c in free} <= blocks
    prefixes = ("demand.", "service.", "staffing.", "cost.")
    figures = {name_of(i) for i in shelf.results["base"].parameters if i.startswith(prefixes)}
    missing = (figures & used) - set(shelf.books["base"].names)
    assert not missing


@pytest.mark.parametrize("name", VARIANTS)
def test_every_function_is_one_that_excel_2007_knows(shelf: Shelf, name: str) -> None:
    from openpyxl.utils import FORMULAE

    used = {f for text in shelf.books[name].formulas.values() for f in re.findall(r"([A-Z][A-Z0-9.]*)\(", text)}
    assert used >= {"POISSON", "GAMMADIST", "GAMMALN", "GAMMAINV", "SUMPRODUCT", "ROUNDUP"}
    assert used <= set(FORMULAE)
    with zipfile.ZipFile(shelf.books[name].path) as book:
        assert not [m for m in book.namelist() if m.endswith(".xml") and b"_xlfn" in book.read(m)]


def test_every_name_in_a_formula_is_defined(shelf: Shelf) -> None:
    with zipfile.ZipFile(shelf.books["base"].path) as book:
        known = set(re.findall(r'definedName name="([a-z]\w+)"', book.read("xl/workbook.xml").decode()))
    texts = (re.sub(r'"[^"]*"|\'[^\']*\'', "", f) for f in shelf.books["base"].formulas.values())
    assert {w for text in texts for w in re.findall(r"\b[a-z][a-z0-9_]+\b", text)} <= known


def test_erlang_formulas_hold_far_from_any_hotline(shelf: Shelf) -> None:
    cells = shelf.found["erlang"]
    for row, (n, rate, handle, patience, within) in enumerate(CASES, 1):
        a = float(queueing.erlang_a_service_level(n, rate, handle, patience, within))
        c = float(queueing.erlang_c_service_level(n, rate, handle, within))
        assert cells[("Cases", f"I{row}")] == pytest.approx(a, abs=CLOSE), (n, rate, handle, patience, within)
        assert cells[("Cases", f"J{row}")] == pytest.approx(c, abs=CLOSE), (n, rate, handle, patience, within)


def test_text_from_people_never_becomes_a_formula_or_a_link(shelf: Shelf, tmp_path: Path) -> None:
    hostile, results = '=HYPERLINK("http://example.org","open")', shelf.results["base"]
    patience = replace(results.parameters["demand.patience_s"], title=hostile, unit="@SUM(1)", origin=f"+{hostile}")
    facts = replace(results.facts, name=hostile, notice=f"-{hostile} & A&B")
    marked = replace(results, facts=facts, parameters={**results.parameters, "demand.patience_s": patience})
    book = opened(staffing_workbook.write(marked, tmp_path)[0])
    assert book.formulas == shelf.books["base"].formulas
    assert hostile in book.values.values()
    with zipfile.ZipFile(book.path) as members:
        assert not [m for m in members.namelist() if b"example.org" in members.read(m) and "_rels" in m]


def test_a_rulings_reason_and_notes_stay_out_of_the_operators_workbook(shelf: Shelf) -> None:
    testimony = shelf.results["base"].testimony
    secrets = [r.reason for r in testimony.rulings] + [e.what for e in testimony.evidence]
    secrets += [a.note for r in testimony.responses for a in r.answers.values() if len(a.note) > 12]
    texts = " ".join(v for v in shelf.books["base"].values.values() if isinstance(v, str))
    assert secrets
    assert [s for s in secrets if s in texts] == []


def test_the_notice_stands_on_every_sheet_and_on_every_printed_page(shelf: Shelf) -> None:
    from openpyxl import load_workbook

    notice = shelf.results["base"].facts.notice
    for sheet in load_workbook(shelf.books["base"].path):
        assert sheet["A3"].value == notice
        assert notice[:60] in sheet.oddHeader.left.text
        assert sheet.oddFooter.right.text
        assert sheet.freeze_panes or sheet.title == "Read me"
        assert sheet.print_area
        assert sheet.page_setup.fitToWidth in (1, None)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert not sheet.sheet_view.rightToLeft


def test_a_line_that_reads_from_the_right_gets_sheets_and_charts_that_do(shelf: Shelf) -> None:
    with zipfile.ZipFile(shelf.books["busy"].path) as book:
        sheets = [m for m in book.namelist() if m.startswith("xl/worksheets/sheet")]
        assert all(b'rightToLeft="1"' in book.read(m) for m in sheets)
        charts = [m for m in book.namelist() if m.startswith("xl/charts/chart")]
        assert len(charts) == 4
        assert all(b'orientation val="maxMin"' in book.read(m) for m in charts)


def test_every_chart_names_both_axes(shelf: Shelf) -> None:
    with zipfile.ZipFile(shelf.books["base"].path) as book:
        charts = [book.read(m).decode() for m in book.namelist() if m.startswith("xl/charts/chart")]
    assert len(charts) == 4
    assert all(chart.count("<c:title>") >= 2 and '<c:delete val="1"/>' not in chart for chart in charts)


def test_the_same_results_give_the_same_bytes(shelf: Shelf, tmp_path: Path) -> None:
    (again,) = staffing_workbook.write(shelf.results["base"], tmp_path)
    assert again.read_bytes() == shelf.books["base"].path.read_bytes()
