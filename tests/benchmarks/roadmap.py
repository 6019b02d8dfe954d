"""The product's own planner on PSPLIB (Kolisch & Sprecher 1996): one instance, or all in a table of best known.

python tests/benchmarks/roadmap.py FILE.sm --seconds 30 --solution OUT.json
python tests/benchmarks/roadmap.py --all FOLDER --seconds 30
"""

from __future__ import annotations

import argparse
import csv
import json
from pathlib import Path
from time import monotonic

from hotline_catalyst.planning.problem import Job, Mode, Problem, Solution
from hotline_catalyst.planning.solver import solve


def rows(lines: list[str], heading: str, skip: int) -> list[list[int]]:
    """Return the whole numbers under a heading, up to the line of stars."""
    first = next(n for n, line in enumerate(lines) if line.startswith(heading)) + skip
    last = next((n for n in range(first, len(lines)) if lines[n].startswith("*")), len(lines))
    return [[int(word) for word in line.split()] for line in lines[first:last] if line.split()]


def read(file: Path) -> Problem:
    """Return a single-mode instance as a problem whose launch is the sink."""
    lines = file.read_text("utf-8").splitlines()
    following = {row[0]: row[3:] for row in rows(lines, "PRECEDENCE RELATIONS", 2)}
    needs = {row[0]: row[2:] for row in rows(lines, "REQUESTS/DURATIONS", 3)}
    units = rows(lines, "RESOURCEAVAILABILITIES", 2)[0]
    jobs = tuple(
        Job(
            str(job),
            (Mode("", length, {f"R{n}": need for n, need in enumerate(demand, 1) if need}),),
            after={str(before): 0 for before, follow in following.items() if job in follow},
            weight=0,
        )
        for job, (length, *demand) in needs.items()
    )
    capacity = {f"R{n}": most for n, most in enumerate(units, 1)}
    return Problem(jobs, capacity, sum(need[0] for need in needs.values()), launch=str(max(needs)))


def run(file: Path, seconds: float, workers: int) -> tuple[Problem, Solution, float]:
    """Solve one file; return the problem, the solution and the seconds it took."""
    problem, began = read(file), monotonic()
    solution = solve(problem, workers=workers, seconds=seconds)
    return problem, solution, monotonic() - began


def makespan(solution: Solution) -> tuple[int, int]:
    """Return the makespan and its bound."""
    launch = next(r for r in solution.reached if r.goal == "launch")
    return launch.value, launch.bound


def table(folder: Path, seconds: float, workers: int) -> None:
    """Print every instance of the folder's table of best known values, and the mean gap."""
    with (folder / "best_known.csv").open(encoding="utf-8") as known:
        best = {row["instance"]: int(row["optimum_or_best_known"]) for row in csv.DictReader(known)}
    gaps = []
    print("| instance | best known | makespan | bound | gap % | seconds |\n|---|---:|---:|---:|---:|---:|")
    for name, value in best.items():
        _, solution, took = run(folder / f"{name}.sm", seconds, workers)
        length, bound = makespan(solution)
        gaps.append(100 * (length - value) / value)
        print(f"| {name} | {value} | {length} | {bound} | {gaps[-1]:.1f} | {took:.1f} |", flush=True)
    print(f"mean gap {sum(gaps) / len(gaps):.2f} %, worst {max(gaps):.2f} %")


def main() -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--all", action="store_true", help="FILE is a folder with best_known.csv")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--solution", type=Path)
    asked = parser.parse_args()
    if asked.all:
        return table(asked.file, asked.seconds, asked.workers)
    problem, solution, took = run(asked.file, asked.seconds, asked.workers)
    if asked.solution:
        starts = {"start": [solution.plan[job.id].start for job in problem.jobs]}
        asked.solution.write_text(json.dumps(starts), encoding="utf-8")
    length, bound = makespan(solution)
    print(f"makespan {length}, bound {bound}, {took:.1f} seconds")


if __name__ == "__main__":
    main()
