"""The rules as a labour lawyer reads them: value and source, how often judged and broken, and the closest case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ..calendar import Limit
from ..staffing_words import language_name
from .checking import SECTION, cases
from .checking_duties import Case, head
from .records import Roster
from .words import say

# Figures that other rules use; they have no cases of their own.
PARTS = {
    "weekly_rest_window_days",
    "reference_weeks",
    "night_hours_make_night_shift",
    "handover_inside_limit",
    "night_core_end_hour",
}
AGREEMENTS = ("leave", "nights", "unavailable", "not_employed", "contract_hours", "one_a_day")
DESK = ("cover", "alone", "on_call")
LEADS = "supervisors_shift"


@dataclass(frozen=True)
class RuleLine:
    """One rule and how the roster stands to it.

    Parameters
    ----------
    value
        With its unit; empty where the rule has none.
    kept, broken
        How many cases were judged and found kept, or broken.
    closest
        The case nearest to the limit, or furthest beyond it, with its own figure; empty where nothing was judged.
    """

    rule: str
    title: str
    value: str
    hard: bool
    source: str
    kept: int
    broken: int
    closest: str


def rule_report(roster: Roster, limits: Mapping[str, Limit]) -> tuple[RuleLine, ...]:
    """Return a line for each working-time rule that rosters are judged by, then for agreements, cover and languages."""
    found: dict[str, list[Case]] = {}
    for case in cases(roster, limits):
        found.setdefault(case.rule, []).append(case)
    lines = [_of_limit(limit, found.get(i, [])) for i, limit in limits.items() if i not in PARTS]
    agreed = [*AGREEMENTS, *([LEADS] if roster.supervisor_shifts else [])]
    desk = [*DESK, *(f"language {name}" for name in roster.speakers)] if roster.needed.any() else []
    other = [r for r in found if r.startswith("unknown_")]
    return (*lines, *(_agreed(rule, found.get(rule, [])) for rule in (*agreed, *desk, *other)))


def _of_limit(limit: Limit, judged: list[Case]) -> RuleLine:
    return _line(limit.id, limit.title, _figure(limit.value, limit.unit), limit.hard, limit.source, judged, limit.unit)


def _agreed(rule: str, judged: list[Case]) -> RuleLine:
    """Return the line of an agreement; cover and calls must hold only where a case says so."""
    name, _, language = rule.partition(" ")
    title = say(SECTION, f"title_{name}", language=language_name(language) if language else "")
    hard = name not in (*DESK, "language") or any(case.hard and case.margin < 0 for case in judged)
    unit = "hours" if rule in ("contract_hours", "alone", "unavailable") else ""
    return _line(rule, title, "", hard, say(SECTION, f"source_{name}"), judged, unit)


def _line(rule: str, title: str, value: str, hard: bool, source: str, judged: list[Case], unit: str) -> RuleLine:
    broken = sum(case.margin < 0 for case in judged)
    nearest = min(judged, key=lambda case: case.margin, default=None)
    # Of yes and no, a case that is kept has nothing to show.
    shows = nearest is not None and (broken or (unit and rule not in ("alone", "unavailable")))
    closest = _closest(nearest, unit) if shows and nearest is not None else ""
    return RuleLine(rule, title, value, hard, source, len(judged) - broken, broken, closest)


def _closest(case: Case, unit: str) -> str:
    figure = _figure(round(case.figure, 2), "h" if unit == "hours" else unit) if unit else ""
    return ": ".join(part for part in (head(case), figure) if part)


def _figure(value: float, unit: str) -> str:
    if unit == "share":
        return f"{round(100 * value, 1):g} %"
    return f"{value:g} {unit[:-1] if value == 1 and unit.endswith('s') else unit}".strip()
