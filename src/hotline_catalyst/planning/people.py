"""From hours on shift to people: why paid time is not all shift time, and every post with the reason for its number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil
from typing import Literal

from ..errors import NoPlanError
from .demand import WEEKS_A_YEAR, Parameters, Span
from .posts import Reason, load_posts, percent, said

Group = Literal["advocates", "supervisors", "support"]
SUPPORT = ("director", "training", "analyst", "directory", "it", "administration", "outreach")
MEASURED = "staffing.shrinkage"
DAYS_A_WEEK = 5  # a contract's week in days; a day of leave is a fifth of it
NEW_WEEKS = 90 / 7
NEW_MONTHS = 90 / (365.25 / 12)
SIDES = ("low", "likely", "high")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the paid time away from signals, in hours a year and full-time advocate."""

    id: str
    title: str
    hours: Span
    because: str


@dataclass(frozen=True)
class Shrinkage:
    """The share of paid time away from signals, and the parts it is built up from.

    ``paid_hours`` are a full-time advocate's a year; ``share`` is the parts' hours divided by them, low with low.
    """

    parts: tuple[Part, ...]
    paid_hours: float
    share: Span


@dataclass(frozen=True, slots=True)
class Post:
    """A role: ``heads`` people who hold it, and the full-time posts they fill together."""

    id: str
    title: str
    heads: int
    full_time: float
    group: Group
    because: str


@dataclass(frozen=True)
class People:
    """Heads by role and the hours behind them.

    ``hires_first_year`` is the usual rate's (leavers, those who do not pass, those who leave within 90 days) until a
    hiring plan replaces it.
    ``full_time_advocates`` is the need before rounding; ``productive_hours`` what one gives a week, on shift and at
    work that waits; ``on_call_hours_per_week`` are open hours with a supervisor reachable and none on shift.
    ``advocates_low`` and ``advocates_high`` do the same work with contract hours and time away at their ends.
    """

    advocates: int
    supervisors: int
    support: int
    on_shift_hours_per_week: float
    offline_hours_per_week: float
    hires_first_year: int
    posts: tuple[Post, ...]
    shrinkage: Shrinkage
    full_time_advocates: float
    productive_hours: float
    on_call_hours_per_week: float = 0.0
    advocates_low: int = 0
    advocates_high: int = 0

    @property
    def total(self) -> int:
        """Everybody on the pay roll."""
        return self.advocates + self.supervisors + self.support


def round_up(value: float) -> int:
    """Round up to whole people: 21 / (1 - 0.3) is 30.000000000000004 in binary, and ceil alone adds a person."""
    return ceil(round(value, 9))


def shrinkage_of(parameters: Parameters, crisis_per_week: float = 0.0, advocates: float = 0.0) -> Shrinkage:
    """Return the paid time away from signals, built up from its parts; a share the line has measured replaces them.

    Parameters
    ----------
    crisis_per_week, advocates
        Crisis signals, and the full-time advocates who share them; without either nobody needs a debrief.
    """
    paid = parameters["staffing.contract_hours"].likely * WEEKS_A_YEAR
    words = load_posts().away
    measured = parameters.get(MEASURED)
    if measured is not None:
        share = Span(measured.low, measured.likely, measured.high)
        part = Part("measured", words["measured"].title, share * paid, words["measured"].because)
        return Shrinkage((part,), paid, share)
    hours = {side: _hours_away(parameters, crisis_per_week, advocates, side) for side in SIDES}
    parts = tuple(
        Part(i, words[i].title, Span(*(hours[side][i] for side in SIDES)), _because(parameters, words[i], i))
        for i in hours["likely"]
    )
    return Shrinkage(parts, paid, Span(*(sum(hours[side].values()) / paid for side in SIDES)))


COUNTED = {
    "annual_leave": "staffing.leave_days",
    "public_holidays": "staffing.holiday_days",
    "sickness": "staffing.sick_days",
    "other": "staffing.other_days",
    "training": "staffing.training_hours",
    "off_queue": "staffing.off_queue_hours",
    "meetings": "staffing.meeting_hours",
    "supervision": "staffing.supervision_hours",
    "debrief": "service.crisis_debrief_min",
    "breaks": "service.break_minutes",
}


def _because(parameters: Parameters, words: Reason, ident: str) -> str:
    return words.because.format(count=said(parameters[COUNTED[ident]].likely))


def _hours_away(parameters: Parameters, crisis_per_week: float, advocates: float, side: str) -> dict[str, float]:
    """Return each part's hours a year with every figure at one side of its range."""

    def value(name: str) -> float:
        return float(getattr(parameters[name], side))

    contract = parameters["staffing.contract_hours"].likely
    day = contract / DAYS_A_WEEK
    days = {i: value(COUNTED[i]) for i in ("annual_leave", "public_holidays", "sickness", "other")}
    worked_days = max(0.0, DAYS_A_WEEK * WEEKS_A_YEAR - sum(days.values()))
    weeks, training = worked_days / DAYS_A_WEEK, value("staffing.training_hours")
    monthly, new = value("staffing.supervision_hours"), value("staffing.supervision_new_hours")
    has_break = day > parameters["service.break_after_hours"].likely
    crisis_a_year = crisis_per_week * WEEKS_A_YEAR / advocates if advocates else 0.0
    return {
        **{i: count * day for i, count in days.items()},
        "training": training,
        "off_queue": max(0.0, value("staffing.off_queue_hours") * weeks - training),
        "meetings": value("staffing.meeting_hours") * weeks,
        "supervision": 12 * monthly + value("staffing.attrition") * max(0.0, NEW_WEEKS * new - NEW_MONTHS * monthly),
        "debrief": crisis_a_year * value("service.crisis_debrief_min") / 60,
        "breaks": worked_days * value("service.break_minutes") / 60 if has_break else 0.0,
    }


def people_of(
    parameters: Parameters,
    *,
    on_shift_hours: float,
    live_hours: float,
    waiting_hours: float,
    occupancy_cap: float,
    open_hours: float,
    crisis_per_week: float = 0.0,
    supervisor_hours: float | None = None,
    supervised_hours: float | None = None,
    already: float = 0.0,
) -> People:
    """Turn a week's hours into people, full time, with the reason for each number.

    Parameters
    ----------
    on_shift_hours
        Paid hours of all advocates' shifts a week.
    live_hours, waiting_hours
        Hours a week in contact, and of written work and follow-up; the latter fills quiet time on shift first.
    open_hours
        Open hours a week.
    crisis_per_week
        Crisis signals a week; each is followed by a debrief off the queue.
    supervisor_hours
        Supervisors' hours on shift a week; without it, one supervisor during the supervised hours.
    supervised_hours
        Open hours a week with a supervisor on shift; without it, as many as the parameters' daily hours hold.
        In the other open hours a supervisor is on call.
    already
        Full-time advocates in post, who need not be hired.

    Raises
    ------
    NoPlanError
        When all paid time is away from signals.
    """
    likely = {name: p.likely for name, p in parameters.items()}
    room = max(0.0, on_shift_hours * occupancy_cap - live_hours)
    offline = max(0.0, waiting_hours - room) / occupancy_cap
    plain = shrinkage_of(parameters)
    full_time, away = _full_time(parameters, plain, on_shift_hours + offline, crisis_per_week)
    productive = likely["staffing.contract_hours"] * (1 - away.share.likely)
    if supervised_hours is None:
        daily = max(0.0, likely["staffing.supervisor_to"] - likely["staffing.supervisor_from"])
        supervised_hours = min(7 * daily, open_hours)
    on_call = max(0.0, open_hours - supervised_hours)
    advocates = _advocates(full_time, on_shift_hours + offline, productive, away)
    # Debriefs are the advocates': few of them with many crises would say little about a supervisor's week.
    supervising = likely["staffing.contract_hours"] * (1 - plain.share.likely)
    hours = supervised_hours if supervisor_hours is None else supervisor_hours
    supervisors = _supervisors(likely, advocates.heads, hours, on_call, supervising)
    support = [_support(likely, role, full_time) for role in SUPPORT]
    stay = likely["staffing.academy_pass_rate"] * likely["staffing.ninety_day_survival"]
    contract = parameters["staffing.contract_hours"]
    lacking = max(0.0, advocates.heads - already)
    return People(
        advocates=advocates.heads,
        supervisors=supervisors.heads,
        support=sum(post.heads for post in support),
        on_shift_hours_per_week=on_shift_hours,
        offline_hours_per_week=offline,
        hires_first_year=round_up((lacking + advocates.heads * likely["staffing.attrition"]) / stay) if stay else 0,
        posts=(advocates, supervisors, *support),
        shrinkage=away,
        full_time_advocates=full_time,
        productive_hours=productive,
        on_call_hours_per_week=on_call,
        advocates_low=round_up((on_shift_hours + offline) / (contract.high * (1 - away.share.low))),
        advocates_high=round_up((on_shift_hours + offline) / (contract.low * max(0.01, 1 - away.share.high))),
    )


def _full_time(
    parameters: Parameters, plain: Shrinkage, hours: float, crisis_per_week: float
) -> tuple[float, Shrinkage]:
    """Return the full-time advocates for ``hours`` a week; debriefs are so many in all, however many share them."""
    contract = parameters["staffing.contract_hours"].likely
    measured = plain.parts[0].id == "measured"
    if plain.share.likely >= 1:
        raise NoPlanError(load_posts().no_time.format(share=percent(plain.share.likely)))
    debrief = 0.0 if measured else crisis_per_week * parameters["service.crisis_debrief_min"].likely / 60
    full_time = (hours + debrief) / (contract * (1 - plain.share.likely))
    return full_time, shrinkage_of(parameters, crisis_per_week, full_time)


def _advocates(full_time: float, hours: float, productive: float, away: Shrinkage) -> Post:
    words = load_posts().posts["advocates"]
    because = words.because.format(
        hours=said(hours), productive=said(productive), full_time=said(full_time), share=percent(away.share.likely)
    )
    return Post("advocates", words.title, round_up(full_time), full_time, "advocates", because)


def _supervisors(likely: Mapping[str, float], advocates: int, hours: float, on_call: float, productive: float) -> Post:
    """Return the supervisors: by span, the fewest, enough for their hours on shift, and enough to share the calls."""
    words, span = load_posts().posts["supervisors"], likely["staffing.supervisor_span"]
    every = round_up(likely["staffing.oncall_every"])
    by_span, minimum = round_up(advocates / span), round_up(likely["staffing.minimum_supervisors"])
    by_hours, by_call = round_up(hours / productive), every if on_call > 0 else 0
    heads = max(by_span, minimum, by_hours, by_call)
    because = words.because.format(
        span=said(span), by_span=by_span, minimum=minimum, hours=said(hours), by_hours=by_hours, every=every,
        by_call=by_call,
    )  # fmt: skip
    return Post("supervisors", words.title, heads, float(heads), "supervisors", because)


def _support(likely: Mapping[str, float], role: str, advocates: float) -> Post:
    """Return a support post: its fewest, or by span where the work grows with the team; from a half on, a person."""
    words, span = load_posts().posts[role], likely.get(f"staffing.advocates_per_{role}")
    fewest = likely[f"staffing.post_{role}"]
    full_time = max(fewest, advocates / span) if span else fewest
    because = words.because.format(span=said(span or 0), fewest=said(fewest))
    return Post(role, words.title, round_up(full_time) if full_time >= 0.5 else 0, full_time, "support", because)
