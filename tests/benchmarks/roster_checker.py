"""An independent judge of the public shift-scheduling benchmark, written from the README beside its data alone.

``python tests/benchmarks/roster_checker.py FILE.txt OUT.json`` prints the objective and every broken rule; OUT.json
holds ``{"assignments": {employee: [shift or null per day]}}``. It imports nothing of the product.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

Plan = Sequence[str | None]


@dataclass
class Employee:
    """One line of SECTION_STAFF, and the fixed days off."""

    most_of: dict[str, int]
    most_minutes: int
    least_minutes: int
    most_in_row: int
    least_in_row: int
    least_off_in_row: int
    most_weekends: int
    off: set[int] = field(default_factory=set)


@dataclass
class Instance:
    """Everything an instance file states. A request is (employee, day, shift, weight)."""

    days: int
    minutes: dict[str, int]
    not_after: dict[str, set[str]]
    staff: dict[str, Employee]
    on: list[tuple[str, int, str, int]]
    off: list[tuple[str, int, str, int]]
    cover: list[tuple[int, str, int, int, int]]


def sections(text: str) -> dict[str, list[list[str]]]:
    """Return each section's lines, split at commas; comments and empty lines left out."""
    found: dict[str, list[list[str]]] = {}
    rows: list[list[str]] = []
    for line in (raw.strip() for raw in text.splitlines()):
        if line.startswith("SECTION_"):
            rows = found.setdefault(line.removeprefix("SECTION_"), [])
        elif line and not line.startswith("#"):
            rows.append([part.strip() for part in line.split(",")])
    return found


def read(text: str) -> Instance:
    """Read an instance."""
    found = sections(text)
    staff = {}
    for name, most_of, *numbers in found["STAFF"]:
        most, least, row_most, row_least, off_least, weekends = (int(n) for n in numbers)
        each = {shift: int(count) for shift, count in (part.split("=") for part in most_of.split("|"))}
        staff[name] = Employee(each, most, least, row_most, row_least, off_least, weekends)
    for name, *days in found["DAYS_OFF"]:
        staff[name].off |= {int(day) for day in days}
    return Instance(
        int(found["HORIZON"][0][0]),
        {row[0]: int(row[1]) for row in found["SHIFTS"]},
        {row[0]: {s for s in row[2].split("|") if s} if len(row) > 2 else set() for row in found["SHIFTS"]},
        staff,
        [(e, int(d), s, int(w)) for e, d, s, w in found.get("SHIFT_ON_REQUESTS", [])],
        [(e, int(d), s, int(w)) for e, d, s, w in found.get("SHIFT_OFF_REQUESTS", [])],
        [(int(d), s, int(n), int(under), int(over)) for d, s, n, under, over in found["COVER"]],
    )


def value_of(instance_text: str, assignments: Mapping[str, Plan]) -> tuple[int, list[str]]:
    """Return a solution's objective and a sentence for every rule that it breaks."""
    instance = read(instance_text)
    problems = list(_shape(instance, assignments))
    if problems:
        return 0, problems
    for name, employee in instance.staff.items():
        problems += [f"{name}: {told}" for told in _broken(instance, employee, assignments[name])]
    return _objective(instance, assignments), problems


def _shape(instance: Instance, assignments: Mapping[str, Plan]) -> Iterator[str]:
    """Name what is no solution at all: people or days missing, shifts unknown. A list holds one shift a day at most."""
    for name in sorted(set(assignments) ^ set(instance.staff)):
        yield f"{name}: {'not in the instance' if name in assignments else 'has no days'}"
    for name in sorted(set(assignments) & set(instance.staff)):
        if len(assignments[name]) != instance.days:
            yield f"{name}: {len(assignments[name])} days in place of {instance.days}"
        for day, shift in enumerate(assignments[name]):
            if shift is not None and shift not in instance.minutes:
                yield f"{name}: day {day} holds '{shift}', which is no shift"


def _broken(instance: Instance, employee: Employee, plan: Plan) -> Iterator[str]:
    counts = Counter(shift for shift in plan if shift is not None)
    for shift, count in sorted(counts.items()):
        if count > employee.most_of.get(shift, 0):
            yield f"{count} of shift {shift}, at most {employee.most_of.get(shift, 0)}"
    minutes = sum(instance.minutes[shift] * count for shift, count in counts.items())
    if not employee.least_minutes <= minutes <= employee.most_minutes:
        yield f"{minutes} minutes, from {employee.least_minutes} to {employee.most_minutes}"
    for day in sorted(employee.off):
        if plan[day] is not None:
            yield f"works on day {day}, a day off"
    for day in range(instance.days - 1):
        first, second = plan[day], plan[day + 1]
        if first is not None and second in instance.not_after[first]:
            yield f"{second} on day {day + 1} may not follow {first}"
    yield from _runs(instance, employee, plan)
    weekends = sum(
        any(plan[d] is not None for d in (s, s + 1) if d < instance.days) for s in range(5, instance.days, 7)
    )
    if weekends > employee.most_weekends:
        yield f"{weekends} weekends, at most {employee.most_weekends}"


def _runs(instance: Instance, employee: Employee, plan: Plan) -> Iterator[str]:
    """Judge blocks of work and of days off; one that touches the first or the last day is never too short."""
    day = 0
    for works, run in groupby(plan, key=lambda shift: shift is not None):
        length = len(list(run))
        inside = day > 0 and day + length < instance.days
        least = employee.least_in_row if works else employee.least_off_in_row
        what = "working days" if works else "days off"
        if works and length > employee.most_in_row:
            yield f"{length} working days in a row from day {day}, at most {employee.most_in_row}"
        if inside and length < least:
            yield f"{length} {what} in a row from day {day}, at least {least}"
        day += length


def _objective(instance: Instance, assignments: Mapping[str, Plan]) -> int:
    """Return unmet on-requests, met off-requests, and cover missing or above, each times its weight."""
    value = sum(weight for name, day, shift, weight in instance.on if assignments[name][day] != shift)
    value += sum(weight for name, day, shift, weight in instance.off if assignments[name][day] == shift)
    for day, shift, needed, under, over in instance.cover:
        there = sum(plan[day] == shift for plan in assignments.values())
        value += under * max(0, needed - there) + over * max(0, there - needed)
    return value


def main(words: Sequence[str]) -> int:
    """Print the objective and the broken rules; return 0 when there are none."""
    instance, solution = (Path(word).read_text("utf-8") for word in words)
    value, problems = value_of(instance, json.loads(solution)["assignments"])
    print(f"objective {value}, {len(problems)} rules broken")
    for told in problems:
        print(f"  {told}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
