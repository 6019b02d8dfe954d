"""The product's own roster engine on the public shift-scheduling instances (Curtois and Qu, 2014).

python tests/benchmarks/roster.py FILE --seconds 60 --solution OUT.json
python tests/benchmarks/roster.py FOLDER --seconds 60                     every instance in the folder, as a table

Prints the price, the bound, the gap to the best value known (best_known.csv beside the data), wall-clock seconds and
processor seconds. OUT.json holds {"assignments": {employee: [shift or null for each day]}}.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import time
from pathlib import Path

import numpy as np

from hotline_catalyst.planning.rostering.engine import solve
from hotline_catalyst.planning.rostering.measure import measure
from hotline_catalyst.planning.rostering.problem import (
    FREE,
    OFF,
    Blocks,
    Cover,
    Effort,
    Kind,
    Person,
    Problem,
    Solution,
    Tally,
)

Sections = dict[str, list[list[str]]]


def sections(text: str) -> Sections:
    """Return the rows of each section, split at commas."""
    found: Sections = {}
    for line in text.splitlines():
        if line.startswith("SECTION_"):
            rows = found.setdefault(line.strip().removeprefix("SECTION_"), [])
        elif line.strip() and not line.startswith("#"):
            rows.append([cell.strip() for cell in line.split(",")])
    return found


def read(path: Path) -> Problem:
    """Read an instance; the rules are told in the README beside the data."""
    parts = sections(path.read_text())
    days = int(parts["HORIZON"][0][0])
    kinds = tuple(Kind(row[0], int(row[1])) for row in parts["SHIFTS"])
    at = {kind.id: n for n, kind in enumerate(kinds)}
    forbidden = np.zeros((2, len(kinds), len(kinds)), dtype=bool)
    for row in parts["SHIFTS"]:
        for after in filter(None, row[2].split("|")):
            forbidden[0, at[row[0]], at[after]] = True
    people = [_person(row, days, kinds, forbidden) for row in parts["STAFF"]]
    place = {p.code: n for n, p in enumerate(people)}
    for code, *free in parts["DAYS_OFF"]:
        for day in filter(None, free):
            people[place[code]].must[int(day)] = OFF
            people[place[code]].may[int(day)] = False
    unmet = dict.fromkeys(place, 0)
    for code, day, shift, weight in parts["SHIFT_ON_REQUESTS"]:
        people[place[code]].price[int(day), at[shift]] -= int(weight)
        unmet[code] += int(weight)
    for code, day, shift, weight in parts["SHIFT_OFF_REQUESTS"]:
        people[place[code]].price[int(day), at[shift]] += int(weight)
    covers = tuple(
        Cover(int(day), (at[shift],), int(need), (int(under),) * int(need), int(over))
        for day, shift, need, under, over in parts["COVER"]
    )
    held = tuple(Person(**{**vars(p), "base": unmet[p.code]}) for p in people)
    return Problem(days, kinds, held, covers)


def _person(row: list[str], days: int, kinds: tuple[Kind, ...], forbidden: np.ndarray) -> Person:
    code, each, most, least, run, short_run, short_free, weekends = row
    limit = dict(re.findall(r"(\w+)=(\d+)", each))
    minutes = np.tile([k.minutes for k in kinds], (days, 1))
    bounded = [(n, int(limit[k.id])) for n, k in enumerate(kinds) if int(limit[k.id]) < days]
    tallies = [Tally("minutes", minutes, int(least), int(most))]
    for n, top in bounded:
        tallies.append(Tally(f"most {kinds[n].id}", np.eye(len(kinds), dtype=np.int64)[[n] * days], 0, top))
    may = np.tile([int(limit[k.id]) > 0 for k in kinds], (days, 1))
    pairs = tuple(tuple(d for d in (s, s + 1) if d < days) for s in range(5, days, 7))
    return Person(
        code=code,
        may=may,
        must=np.full(days, FREE),
        price=np.zeros((days, len(kinds)), dtype=np.int64),
        forbidden=forbidden,
        follow_price=np.zeros_like(forbidden, dtype=np.int64),
        most_in_row=int(run),
        least_in_row=int(short_run),
        least_off_in_row=int(short_free),
        tallies=tuple(tallies),
        blocks=(Blocks("weekends", pairs, int(weekends)),),
    )


def best_known(path: Path) -> int | None:
    """Return the best value known for an instance, or None."""
    number, table = re.sub(r"\D", "", path.stem), path.with_name("best_known.csv")
    if not table.exists():
        return None
    with table.open(newline="") as file:
        return next((int(row["best_known"]) for row in csv.DictReader(file) if row["instance"] == number), None)


def save(problem: Problem, found: Solution, path: Path) -> None:
    """Write a roster as the checker reads it."""
    rows = {
        p.code: [None if k == OFF else problem.kinds[k].id for k in row]
        for p, row in zip(problem.people, found.given.tolist(), strict=True)
    }
    path.write_text(json.dumps({"assignments": rows}))


def run(path: Path, seconds: float, out: Path | None) -> float | None:
    """Solve one instance, print its line and return the gap to the best value known."""
    problem, known = read(path), best_known(path)
    begun, spent = time.perf_counter(), time.process_time()
    found = solve(problem, Effort(work=1e9, seconds=seconds))
    took, spent = time.perf_counter() - begun, time.process_time() - spent
    if out:
        save(problem, found, out)
    judged = measure(problem, found.given)
    gap = (found.price - known) / known if known else None
    kept = "rules kept" if judged.keeps_the_rules and judged.price == found.price else f"BROKEN {judged.broken[:3]}"
    away = "" if gap is None else f"best known {known}, {gap:+.2%}"
    print(
        f"{path.stem}: price {found.price}, bound {found.bound}, {found.status}, {away}, {kept}, "
        f"{took:.1f} s ({spent:.1f} s of processor), {found.engine}",
        flush=True,
    )
    return gap


def main() -> None:
    """Run one instance or a folder of them."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("path", type=Path)
    asked.add_argument("--seconds", type=float, default=60.0)
    asked.add_argument("--solution", type=Path)
    given = asked.parse_args()
    if given.path.is_dir():
        files = sorted(given.path.glob("Instance*.txt"), key=lambda p: int(re.sub(r"\D", "", p.stem)))
        gaps = [run(file, given.seconds, None) for file in files]
        print("mean gap to best known:", f"{np.mean([g for g in gaps if g is not None]):.2%}")
    else:
        run(given.path, given.seconds, given.solution)


if __name__ == "__main__":
    main()
