"""The roster: who works which shift, for weeks; hard rules never give way, the rest has its published price."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import numpy as np

from .calendar import Country, Limit, minutes_of
from .rostering.breaks import place_breaks
from .rostering.checking import check
from .rostering.codes import SUPERVISORS_SHIFT
from .rostering.compiling import assignments_of, compile_problem
from .rostering.engine import solve
from .rostering.measure import measure
from .rostering.on_call import on_call
from .rostering.prices import RosterFile
from .rostering.problem import Effort, Solution
from .rostering.records import Advocate, Ints, Past, Question, Roster, Session, Status
from .rostering.sessions import place_sessions
from .shifts import ShiftPlan
from .simulation_duties import duties_of

# The solver's own unit of work, the same on every machine: a draft in a build must not make people wait.
DRAFT = Effort(2.0)


@dataclass(frozen=True)
class Desk:
    """What a roster is planned from: the week's shifts, the people, the rules, and what came before.

    Parameters
    ----------
    plan, supervisor_plan
        Advocates' and supervisors' shifts of a week.
    need
        Advocates needed in each of the week's 672 quarter-hours.
    primary, speakers
        The language everybody speaks; by further language, the fewest on shift who speak it: (672,).
    off_queue_share
        Share of paid time that shifts leave free for meetings, supervision, training and own work.
    training
        Sessions that stand before shifts are given.
    anonymous
        Whether the people are posts that nobody holds yet.
    """

    start: date
    weeks: int
    plan: ShiftPlan
    supervisor_plan: ShiftPlan
    need: Ints
    primary: str
    speakers: Mapping[str, Ints]
    people: tuple[Advocate, ...]
    limits: Mapping[str, Limit]
    country: Country
    off_queue_share: float
    rules: RosterFile
    zone: str = ""
    training: tuple[Session, ...] = ()
    past: Past = field(default_factory=Past)
    anonymous: bool = False

    @property
    def last(self) -> date:
        """The last day."""
        return self.start + timedelta(days=7 * self.weeks - 1)

    @property
    def holidays(self) -> dict[date, str]:
        """Public holidays among the days, by date."""
        return self.country.public_holidays(self.start, self.last)

    def question(self, *, supervisors: bool = False) -> Question:
        """Return what is asked of the advocates, or of the supervisors."""
        plan = _named(self.supervisor_plan) if supervisors else self.plan
        return Question(
            start=self.start,
            weeks=self.weeks,
            shifts=plan.shifts,
            needed=self._daily(plan.counts),
            speakers={} if supervisors else self._speakers(),
            people=tuple(p for p in self.people if p.supervisor == supervisors),
            limits=self.limits,
            weekend=tuple(self.country.weekend),
            holidays=self.holidays,
            off_queue_share=self.off_queue_share,
            sessions=tuple(s for s in self.training if self.start <= s.day <= self.last),
            past=self.past,
            zone=self.zone,
            never_alone=not supervisors,
            rest_day=self.country.rest_day_name,
        )

    def _daily(self, weekly: Ints) -> Ints:
        """Return a week's counts (kinds, 7) as those of each day: (days, kinds)."""
        return np.tile(weekly.T, (self.weeks, 1))

    def _speakers(self) -> dict[str, Ints]:
        """Return how many speakers of each further language each shift asks for, as the planned week gave them out."""
        places = {(s.start, s.cover): k for k, s in enumerate(self.plan.shifts)}
        weekly = {x: np.zeros_like(self.plan.counts) for x, n in self.speakers.items() if x != self.primary and n.any()}
        for duty in duties_of(self.plan, self.primary, self.speakers, break_minutes=0):
            kind = places[duty.start % 1440, duty.end - duty.start]
            for language in duty.languages & weekly.keys():
                weekly[language][kind, duty.start // 1440] += 1
        return {language: self._daily(counts) for language, counts in weekly.items()}


def anonymous_posts(count: int, hours_per_week: float, languages: Sequence[str], supervisors: int) -> list[Advocate]:
    """Return posts without names, for a draft before anyone is hired; every fourth post speaks every language."""
    posts = [
        Advocate(f"Post {n + 1:02d}", hours_per_week, tuple(languages if n % 4 == 0 else languages[:1]))
        for n in range(count)
    ]
    leads = [
        Advocate(f"Lead {n + 1:02d}", hours_per_week, tuple(languages), supervisor=True) for n in range(supervisors)
    ]
    return posts + leads


def plan_roster(desk: Desk, effort: Effort) -> Roster:
    """Return the weeks' roster: shifts, breaks, sessions and who is on call, judged by the checker.

    Cover may fall short at its price; hard rules never give way.
    """
    line, leads = desk.question(), desk.question(supervisors=True)
    found = [(asked, compile_problem(asked, desk.rules)) for asked in (line, leads)]
    solved = [(asked, problem, solve(problem, effort)) for asked, problem in found]
    prices: Counter[str] = Counter()
    for _, problem, solution in solved:
        prices.update(measure(problem, solution.given).by_rule)
    roster = Roster(
        start=desk.start,
        shifts=line.shifts + leads.shifts,
        needed=np.hstack([line.needed, leads.needed]),
        people=desk.people,
        assignments=tuple(
            sorted(
                (a for asked, _, solution in solved for a in assignments_of(asked, solution.given)),
                key=lambda a: (a.day, a.shift, a.person),
            )
        ),
        on_call={},
        violations=(),
        holidays=desk.holidays,
        weekend=tuple(desk.country.weekend),
        anonymous=desk.anonymous,
        status=_status([solution for *_, solution in solved]),
        speakers={x: np.hstack([n, np.zeros_like(leads.needed)]) for x, n in line.speakers.items()},
        sessions=line.sessions,
        past=desk.past,
        zone=desk.zone,
        price=sum(solution.price for *_, solution in solved),
        bound=sum(solution.bound for *_, solution in solved),
        prices=dict(sorted((rule, price) for rule, price in prices.items() if price)),
        settings=_settings(solved[0][2], solved[1][2], effort),
        supervisor_shifts=frozenset(s.id for s in leads.shifts),
        rest_day=line.rest_day,
        night_window=(minutes_of(desk.country.night.from_), minutes_of(desk.country.night.to)),
    )
    return completed(roster, desk)


def completed(roster: Roster, desk: Desk) -> Roster:
    """Return a roster with its breaks, sessions and calls, the hours nobody covers, and what the checker says."""
    roster = replace(roster, breaks=place_breaks(roster, desk.need, desk.limits))
    if desk.rules.sessions is not None and not desk.anonymous:
        placed = place_sessions(roster, desk.limits, desk.rules.sessions, desk.country)
        roster = replace(roster, sessions=(*roster.sessions, *placed.sessions), not_placed=placed.not_placed)
    roster = replace(roster, on_call=_calls(roster, desk))
    return replace(roster, violations=tuple(check(roster, desk.limits)))


def _calls(roster: Roster, desk: Desk) -> dict[date, str]:
    """Return who is on call each day."""
    if desk.rules.on_call is None:
        return {}
    leads, night = [p for p in roster.people if p.supervisor], {s.id for s in roster.shifts if s.night}
    return on_call(
        leads,
        roster.days,
        desk.rules.on_call,
        past=roster.past,
        holidays=tuple(roster.holidays),
        weekend=roster.weekend,
        nights=[a for a in roster.assignments if a.shift in night and a.shift in roster.supervisor_shifts],
    )


def _named(plan: ShiftPlan) -> ShiftPlan:
    """Return supervisors' shifts under ids of their own."""
    return replace(plan, shifts=tuple(replace(s, id=f"{SUPERVISORS_SHIFT}{s.id}") for s in plan.shifts))


def _status(solutions: Sequence[Solution]) -> Status:
    order: tuple[Status, ...] = ("none", "good", "proved best")
    return min((s.status for s in solutions), key=order.index)


def _settings(line: Solution, leads: Solution, effort: Effort) -> dict[str, int | float | str]:
    return {"engine": line.engine, "supervisors_engine": leads.engine, "work": effort.work, **line.settings}
