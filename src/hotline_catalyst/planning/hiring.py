"""When to train how many: academy classes so that enough advocates are productive in every month of three years."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import ceil, floor
from typing import Any

from ..errors import NoPlanError
from .demand import Parameters
from .people import round_up
from .posts import load_posts, percent, said

MONTHS = 36
LEARNING_MONTHS = 3
GRAIN = 1_000_000  # advocates are counted in millionths, the output of one rounded down
WORK = 2.0  # limit of the search, in the solver's deterministic measure
Classes = Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Cohort:
    """An academy class that begins in ``month``, 0 being the launch month, and how many of it are expected to pass."""

    month: int
    entrants: int
    graduates: float


@dataclass(frozen=True, slots=True)
class HiringMonth:
    """A month from the launch month (0) on: advocates on the pay roll after the academy, their output, and the need.

    ``productive`` is in full-time advocates at full output, those who leave in the month already left out.
    """

    month: int
    heads: float
    productive: float
    needed: float


@dataclass(frozen=True)
class HiringPlan:
    """The classes, what they come to month by month, and why; ``proved`` when no plan has fewer entrants."""

    cohorts: tuple[Cohort, ...]
    months: tuple[HiringMonth, ...]
    because: str
    proved: bool = True

    def entrants(self, year: int) -> int:
        """Return who begins an academy in year 0, 1 or 2 after the launch."""
        return sum(c.entrants for c in self.cohorts if c.month >= 0 and c.month // 12 == year)

    @property
    def entrants_before_launch(self) -> int:
        """Who begins an academy before the launch month."""
        return sum(c.entrants for c in self.cohorts if c.month < 0)

    @property
    def hires_first_year(self) -> int:
        """Who begins an academy before the launch or in the first year after it."""
        return self.entrants_before_launch + self.entrants(0)

    @property
    def heads_before_launch(self) -> float:
        """Advocates on the pay roll before the launch month, in years of one person's pay."""
        return sum(m.heads for m in self.months if m.month < 0) / 12

    def heads(self, year: int) -> float:
        """Return the mean number of advocates on the pay roll in year 0, 1 or 2."""
        return sum(m.heads for m in self.months if m.month >= 0 and m.month // 12 == year) / 12


@dataclass(frozen=True)
class _Rules:
    """What one entrant becomes month by month, and how classes may be."""

    present: tuple[float, ...]
    productive: tuple[float, ...]
    stays: tuple[float, ...]
    lead: int
    smallest: int
    size: int


def _rules(parameters: Parameters) -> _Rules:
    likely = {name: p.likely for name, p in parameters.items()}
    lead, size = round_up(likely["staffing.hiring_lead_months"]), round_up(likely["staffing.class_size"])
    passed, survival = likely["staffing.academy_pass_rate"], likely["staffing.ninety_day_survival"]
    keep = max(0.0, 1 - likely["staffing.attrition"])
    ramp = (0.0, likely["staffing.ramp_month_1"], *[likely["staffing.ramp_month_2"]] * 2)
    present, ages = [0.0], range(1, lead + MONTHS)
    for age in ages:
        early, late = min(age, LEARNING_MONTHS) / LEARNING_MONTHS, max(0, age - LEARNING_MONTHS) / 12
        present.append(passed * survival**early * keep**late)
    productive = [n * (ramp[age] if age < len(ramp) else 1.0) for age, n in enumerate(present)]
    stays = tuple(keep ** (month / 12) for month in range(MONTHS))
    smallest = min(size, round_up(likely["staffing.smallest_class"]))
    return _Rules(tuple(present), tuple(productive), stays, lead, smallest, size)


def hiring_plan(parameters: Parameters, needed_by_year: tuple[float, float, float], already: float = 0.0) -> HiringPlan:
    """Return the academy classes with the fewest entrants that keep enough advocates productive, as late as possible.

    Parameters
    ----------
    needed_by_year
        Full-time advocates needed in each of the three years from the launch month on.
    already
        Full-time advocates at full output in the launch month who need not be hired; they leave like the others.

    Raises
    ------
    NoPlanError
        When no classes can have enough advocates ready; the text says in which month and what to change.
    """
    rules = _rules(parameters)
    short = tuple(max(0.0, needed_by_year[m // 12] - already * rules.stays[m]) for m in range(MONTHS))
    if (month := _impossible(rules, short)) is not None:
        raise NoPlanError(_cannot(rules, needed_by_year[month // 12], month, already))
    fewest, proved = _fewest(rules.productive, short, rules.lead, rules.smallest, rules.size)
    classes = _late(dict(fewest), rules, short)
    months = tuple(_month(m, classes, rules, needed_by_year, already) for m in range(-rules.lead, MONTHS))
    passed = parameters["staffing.academy_pass_rate"].likely
    cohorts = tuple(Cohort(month, n, n * passed) for month, n in sorted(classes.items()))
    return HiringPlan(cohorts, months, _because(parameters, cohorts, rules, proved), proved)


def _output(month: int, classes: Classes, curve: Sequence[float]) -> float:
    return sum(n * curve[month - begun] for begun, n in classes.items() if begun < month)


def _month(month: int, classes: Classes, rules: _Rules, needed_by_year: Sequence[float], already: float) -> HiringMonth:
    kept = already * rules.stays[max(0, month)]
    return HiringMonth(
        month,
        kept + _output(month, classes, rules.present),
        kept + _output(month, classes, rules.productive),
        needed_by_year[month // 12] if month >= 0 else 0.0,
    )


def _impossible(rules: _Rules, short: Sequence[float]) -> int | None:
    """Return the first month that is short even when every class is full."""
    full = dict.fromkeys(range(-rules.lead, MONTHS - 1), rules.size)
    return next((m for m, n in enumerate(short) if _whole(n) > _grains(m, full, rules.productive)), None)


def _whole(need: float) -> int:
    return ceil(round(need * GRAIN, 3))


def _grains(month: int, classes: Classes, curve: Sequence[float]) -> int:
    return sum(n * floor(curve[month - begun] * GRAIN) for begun, n in classes.items() if begun < month)


@cache
def _fewest(
    curve: tuple[float, ...], short: tuple[float, ...], lead: int, smallest: int, size: int
) -> tuple[tuple[tuple[int, int], ...], bool]:
    """Return classes by month with the fewest entrants in all, and whether that is proved."""
    from ortools.sat.python import cp_model

    model, begins = cp_model.CpModel(), range(-lead, len(short) - 1)
    allowed = cp_model.Domain.from_intervals([[0, 0], [smallest, size]])
    entrants = {month: model.new_int_var_from_domain(allowed, f"class {month}") for month in begins}
    for month, need in enumerate(short):
        output: Any = sum(floor(curve[month - b] * GRAIN) * x for b, x in entrants.items() if b < month)
        if need > 0:
            model.add(output >= _whole(need))
    model.minimize(sum(entrants.values()))
    for x in entrants.values():
        model.add_hint(x, size)  # full classes are a plan, so one is always found
    solver = cp_model.CpSolver()
    solver.parameters.num_workers, solver.parameters.random_seed = 1, 1
    solver.parameters.max_deterministic_time = WORK
    status = solver.solve(model)
    found = tuple((month, n) for month, x in entrants.items() if (n := solver.value(x)))
    return found, status == cp_model.OPTIMAL


def _late(classes: dict[int, int], rules: _Rules, short: Sequence[float]) -> dict[int, int]:
    """Return classes in which no entrant, and no class, could begin later: each is tried from the last month back."""
    last, moved = len(short) - 2, True
    while moved:
        moved = False
        for month in range(last - 1, -rules.lead - 1, -1):
            for later in range(last, month, -1):
                while better := _moved(classes, month, later, rules, short):
                    classes, moved = better, True
    return classes


def _moved(classes: Classes, month: int, later: int, rules: _Rules, short: Sequence[float]) -> dict[int, int] | None:
    """Return the classes with the whole class of ``month``, or one of it, in ``later``; None where a rule breaks."""
    here, there = classes.get(month, 0), classes.get(later, 0)
    for n in dict.fromkeys((here, 1)):
        sizes = (here - n, there + n)
        if here and all(s == 0 or rules.smallest <= s <= rules.size for s in sizes):
            new = {b: s for b, s in {**classes, month: sizes[0], later: sizes[1]}.items() if s}
            if all(_grains(m, new, rules.productive) >= _whole(short[m]) for m in range(max(0, month), len(short))):
                return new
    return None


def _because(parameters: Parameters, cohorts: Sequence[Cohort], rules: _Rules, proved: bool) -> str:
    words, likely = load_posts().hiring, {name: p.likely for name, p in parameters.items()}
    if not cohorts:
        return words["nothing"]
    return words["because" if proved else "searched"].format(
        entrants=sum(c.entrants for c in cohorts),
        classes=len(cohorts),
        smallest=rules.smallest,
        size=rules.size,
        share=percent(likely["staffing.academy_pass_rate"] * likely["staffing.ninety_day_survival"]),
        attrition=percent(likely["staffing.attrition"]),
    )


def _cannot(rules: _Rules, needed: float, month: int, already: float) -> str:
    words = load_posts().hiring
    full = dict.fromkeys(range(-rules.lead, month), rules.size)
    most = already * rules.stays[month] + _output(month, full, rules.productive)
    when = words["later"].format(month=month) if month else words["at_launch"]
    return words["impossible"].format(needed=said(needed), when=when, size=rules.size, lead=rules.lead, most=said(most))
