"""Shift design beside other solvers: a week of 672 quarter-hours, finer and finer starts and lengths.

python tests/benchmarks/shifts.py [--python PYTHON_WITH_PYWORKFORCE]     cover alone, each solver's hours and time
python tests/benchmarks/shifts.py breaks                                  what breaks inside the cover cost

Times are processor seconds of this process. pyworkforce plans day by day: a night that starts on Sunday covers
Sunday's own early hours there, and it has one price a shift, so its hours are of another, easier week.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from time import process_time

import numpy as np
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import csr_matrix

sys.path.insert(0, str(Path(__file__).parents[1]))

from ortools.sat.python import cp_model
from test_shifts import a_hotlines_week, every_kind, paid_hours

from hotline_catalyst.planning.break_cover import Breaks
from hotline_catalyst.planning.calendar import load_country, load_limits
from hotline_catalyst.planning.shifts import Designer, Shift, ShiftPlan, cover_week

GRIDS = (
    ("60 min, 8 h", 60, (8,)),
    ("30 min, 4 to 10 h", 30, (4, 5, 6, 7, 8, 9, 10)),
    ("15 min, 4 to 12 h", 15, (4, 5, 6, 7, 8, 9, 10, 12)),
)
SECONDS = 60
PYWORKFORCE = """
import json, sys, time
from pyworkforce.scheduling import MinRequiredResources
asked = json.load(sys.stdin)
begun = time.process_time()
found = MinRequiredResources(num_days=7, periods=96, shifts_coverage=asked["shifts"], required_resources=asked["need"],
    max_period_concurrency=99, max_shift_concurrency=99, cost_dict=asked["cost"], max_search_time=60,
    num_search_workers=8).solve()
print(json.dumps([found["status"], found["cost"], time.process_time() - begun]))
"""


def columns(kinds: list[Shift]) -> list[np.ndarray]:
    """Return the quarter-hours that each kind covers from each day."""
    return [kind.quarters(day) for kind in kinds for day in range(7)]


def by_highs(need: np.ndarray, kinds: list[Shift]) -> tuple[float, float, str]:
    """State the whole week to HiGHS as it is."""
    covered = columns(kinds)
    ends = np.concatenate(covered), np.repeat(np.arange(len(covered)), [len(c) for c in covered])
    matrix = csr_matrix((np.ones(len(ends[0])), ends), shape=(672, len(covered)))
    begun, cost = process_time(), np.repeat(paid_hours(kinds), 7)
    found = milp(cost, constraints=LinearConstraint(matrix, lb=need), integrality=np.ones(len(covered)))
    return float(found.fun), process_time() - begun, f"bound {found.mip_dual_bound:g}"


def by_constraints(need: np.ndarray, kinds: list[Shift]) -> tuple[float, float, str]:
    """State the whole week to CP-SAT as it is."""
    model, there = cp_model.CpModel(), [[] for _ in range(672)]
    paid, counts = np.repeat([k.paid for k in kinds], 7), []
    for number, quarters in enumerate(columns(kinds)):
        counts.append(model.new_int_var(0, int(need[quarters].max()), str(number)))
        for quarter in quarters:
            there[quarter].append(counts[-1])
    for quarter in range(672):
        model.add(sum(there[quarter]) >= int(need[quarter]))
    model.minimize(sum(int(p) * c for p, c in zip(paid, counts, strict=True)))
    solver, begun = cp_model.CpSolver(), process_time()
    solver.parameters.num_workers, solver.parameters.max_time_in_seconds = 8, SECONDS
    status = solver.status_name(solver.solve(model))
    note = f"{status}, bound {solver.best_objective_bound / 60:.2f}, {solver.wall_time:.1f} s by the clock"
    return solver.objective_value / 60, process_time() - begun, note


def by_pyworkforce(python: str, need: np.ndarray, kinds: list[Shift]) -> tuple[float, float, str]:
    """Ask pyworkforce in its own interpreter; over midnight it wraps to the same day."""
    shifts = {}
    for kind in kinds:
        day = np.zeros(96, dtype=int)
        day[kind.quarters(0) % 96] = 1
        shifts[kind.id] = day.tolist()
    asked = {
        "shifts": shifts,
        "need": need.reshape(7, 96).tolist(),
        "cost": {kind.id: kind.paid for kind in kinds},
    }
    done = subprocess.run([python, "-c", PYWORKFORCE], input=json.dumps(asked), capture_output=True, text=True)
    if done.returncode:
        return float("nan"), 0.0, done.stderr.strip().splitlines()[-1]
    status, cost, took = json.loads(done.stdout.splitlines()[-1])
    return cost / 60, took, f"{status}, another week: nights cover their own day's morning"


def cover(python: str | None) -> None:
    """Print each grid's paid hours and time by the product and by the others."""
    need = a_hotlines_week()
    print(f"need {need.sum() / 4} h; 0.25 h handover paid each shift")
    for title, step, lengths in GRIDS:
        kinds = every_kind(step, lengths)
        begun = process_time()
        plan = cover_week(need, kinds, paid_hours(kinds))
        rows = [("product", plan.weight, process_time() - begun, f"proved {plan.proved}, bound {plan.bound:g}")]
        rows.append(("HiGHS as it is", *by_highs(need, kinds)))
        rows.append(("CP-SAT 8 workers", *by_constraints(need, kinds)))
        if python:
            rows.append(("pyworkforce", *by_pyworkforce(python, need, kinds)))
        for name, hours, took, note in rows:
            print(f"{title:18} {7 * len(kinds):5} counts  {name:17} {hours:8.2f} h {took:7.2f} s  {note}", flush=True)


def breaks() -> None:
    """Print what breaks inside the cover cost a line with two people at every hour, by country and by who steps in."""
    need, supervised = np.full(672, 2), np.tile(np.repeat([0, 1, 0], [28, 64, 4]), 7)
    for code in ("XR", "MX", "MR"):
        country = load_country(code)
        limits = load_limits(country.working_time, date(2027, 1, 1))
        minutes, after = round(limits["break_minutes"].value), limits["break_after_hours"].value
        for shortest in (6, 4):
            plain = Designer(country, limits, shortest, 15, 6, 1)
            _line(code, shortest, "breaks left out", plain.plan(need), minutes, after)
            for title, relief in (("inside the cover", None), ("with a supervisor 07 to 23", supervised)):
                rule = Breaks(minutes, after, relief)
                _line(
                    code,
                    shortest,
                    title,
                    Designer(country, limits, shortest, 15, 6, 1, breaks=rule).plan(need),
                    minutes,
                    after,
                )


def _line(code: str, shortest: int, title: str, plan: ShiftPlan, minutes: int, after: float) -> None:
    rule = Breaks(minutes, after)
    pauses = sum(
        int(n.sum()) for s, n in zip(plan.shifts, plan.counts, strict=True) if rule.window(s.cover, s.handover)
    )
    print(
        f"{code} from {shortest} h  {title:27} {plan.paid_hours_per_week:7.2f} paid h, {pauses} breaks = "
        f"{pauses * minutes / 60:.1f} h, {len(plan.shifts)} kinds, gap {plan.gap:.1%}",
        flush=True,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="?", choices=("cover", "breaks"), default="cover")
    parser.add_argument("--python", help="interpreter of an environment with pyworkforce")
    asked = parser.parse_args()
    cover(asked.python) if asked.part == "cover" else breaks()
