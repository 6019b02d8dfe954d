"""The choices beside the plan: each priced as the plan is, with quick shifts and the usual hiring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import fsum

import numpy as np
from numpy.typing import NDArray

from . import queueing
from .cases import Case, NamedHours, Promise, cases_of, narrowed, share_served
from .demand import Demand, Span
from .need import Targets, need_of
from .options import Option, Staffed, options
from .people import SIDES, People
from .staffing_parts import budget_for, interpreted_share, people_for, telephone_lines, written_work
from .staffing_question import Question

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Asked:
    """What was asked for, with its year's cost as planned and as the other options are priced, without hiring plan."""

    people: People
    cost: Span
    alike: Span

    def priced(self, cost: Span) -> Span:
        """Return another option's cost with what a hiring plan adds to it, in proportion."""
        pairs = ((getattr(self.cost, side), getattr(self.alike, side)) for side in SIDES)
        factors = [planned / usual if usual else 1.0 for planned, usual in pairs]
        low, likely, high = (getattr(cost, side) * factor for side, factor in zip(SIDES, factors, strict=True))
        return Span(low, likely, high)


def options_of(question: Question, compared: Sequence[NamedHours], added: Ints, asked: Asked) -> tuple[Option, ...]:
    """Return the choices of hours, channels, languages and promise, what was asked for first."""
    targets, share = question.targets, question.parameters["service.voice_share"]
    cases = cases_of(
        question.words,
        compared,
        hours=question.case.hours,
        channels=question.case.channels,
        languages=question.case.languages,
        promise=Promise(Span(share.low, targets.voice_share, share.high), targets.voice_within_s),
        weekend=question.country.weekend,
    )
    return options(
        cases,
        lambda case: _staffed(question, case, added, asked, chosen=case is cases[0]),
        question.words,
        within_s=targets.voice_within_s,
    )


def _staffed(question: Question, case: Case, added: Ints, asked: Asked, *, chosen: bool) -> Staffed:
    """Price a case: what was asked for as it is planned, the others with quick shifts and the usual hiring."""
    targets = replace(question.targets, voice_share=case.voice_share)
    demand = narrowed(
        question.demand,
        case.channels,
        case.languages,
        factor=targets.interpreter_factor,
        connect_s=targets.interpreter_connect_s,
    )
    need = need_of(demand, case.hours, targets, added=added)
    rate = np.where(case.hours.open_quarters, demand.live_per_hour, 0.0)
    served = share_served(question.demand, case, _answered(rate, need.on_shift, demand, targets))
    if chosen:
        return Staffed(asked.people.advocates, asked.people.total, served, asked.cost)
    plan = question.designer.quick(need.on_shift)
    narrow = replace(question, demand=demand, case=case)
    missing = float(written_work(narrow, plan.covered).hours_missing_per_week)
    people = people_for(narrow, demand, need, plan.paid_hours_per_week, missing=missing)
    budget = budget_for(
        narrow,
        (people,) * 3,
        plan,
        None,
        telephone_lines(narrow, need.on_shift),
        _left_out(question.demand, case) + interpreted_share(demand, need),
        narrowed(question.demand, case.channels, tuple(question.demand.languages), factor=1, connect_s=0),
    )
    return Staffed(people.advocates, people.total, served, asked.priced(budget.year(0)))


def _left_out(demand: Demand, case: Case) -> float:
    """Return the share of live signals in languages that the case leaves to interpreters."""
    spoken = [x for x in demand.languages if x in case.languages] or list(demand.languages)[:1]
    return 1 - fsum(demand.languages[x] for x in spoken)


def _answered(rate: Floats, on_shift: Ints, demand: Demand, targets: Targets) -> float:
    """Return the share of live signals in open hours that are answered before they hang up."""
    left = 0.0
    for n in np.unique(on_shift[rate > 0]):
        here = (on_shift == n) & (rate > 0)
        gone = (
            queueing.erlang_a_abandonment(int(n), rate[here], demand.handle_time_s, targets.patience_s)
            if n
            else np.ones(here.sum())
        )
        left += float(gone @ rate[here])
    return 1 - left / float(rate.sum()) if rate.sum() else 1.0
