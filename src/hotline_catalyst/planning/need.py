"""The need: advocates on shift in every quarter-hour of the week, and the rule that set each number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from . import chat, queueing, skills
from .calendar import QUARTERS_A_DAY, QUARTERS_A_WEEK, Hours
from .demand import Demand, Parameters

Ints = NDArray[np.int64]
Bound = Literal[
    "closed", "minimum cover", "supervisor", "load", "text and chat", "occupancy", "language", "simulated week"
]
# Where two rules ask for the same number, the first of these is named: the floor before what lies on it.
RULES: tuple[Bound, ...] = ("minimum cover", "supervisor", "load", "text and chat", "occupancy", "language")


@dataclass(frozen=True, slots=True)
class Targets:
    """What is promised and what no calculation may go below.

    ``voice_share`` of live signals are answered within ``voice_within_s`` seconds, of texts and chats ``text_share``
    within ``text_within_s``. A supervisor is on shift from hour ``supervisor_from`` to ``supervisor_to``; outside
    those hours at least ``minimum_without_supervisor`` advocates are.
    """

    voice_share: float
    voice_within_s: float
    written_days: float
    patience_s: float
    minimum_cover: int
    occupancy_cap: float
    text_share: float = 0.8
    text_within_s: float = 60
    minimum_without_supervisor: int = 0
    supervisor_from: float = 0
    supervisor_to: float = 24
    supervisor_span: float = 6
    versatile: float = 1
    interpreters: bool = True
    interpreter_factor: float = 1.8
    interpreter_connect_s: float = 90


@dataclass(frozen=True)
class Need:
    """Advocates needed in each of the week's 672 quarter-hours, what each rule asks for, and the rule that bound.

    ``added`` is what the simulated week asked for on top. ``speakers`` holds by language the fewest on shift who
    speak it, 0 where an interpreter serves it; ``supervisors`` those on shift, 0 where one is on call.
    """

    by_load: Ints
    by_text: Ints
    by_occupancy: Ints
    by_language: Ints
    by_supervisor: Ints
    added: Ints
    minimum: int
    on_shift: Ints
    bound_by: tuple[Bound, ...]
    speakers: Mapping[str, Ints]
    supervisors: Ints

    @property
    def hours_per_week(self) -> float:
        """Advocate hours a week that the need adds up to."""
        return float(self.on_shift.sum() / 4)


def targets_of(parameters: Parameters) -> Targets:
    """Read the service promise and the floors from the parameters."""

    def likely(name: str) -> float:
        return parameters[name].likely

    return Targets(
        voice_share=likely("service.voice_share"),
        voice_within_s=likely("service.voice_within_s"),
        written_days=likely("service.written_days"),
        patience_s=likely("demand.patience_s"),
        minimum_cover=round(likely("service.minimum_cover")),
        occupancy_cap=likely("service.occupancy_cap"),
        text_share=likely("service.text_share"),
        text_within_s=likely("service.text_within_s"),
        minimum_without_supervisor=round(likely("service.minimum_without_supervisor")),
        supervisor_from=likely("staffing.supervisor_from"),
        supervisor_to=likely("staffing.supervisor_to"),
        supervisor_span=likely("staffing.supervisor_span"),
        versatile=likely("staffing.versatile_share"),
        interpreter_factor=likely("service.interpreter_factor"),
        interpreter_connect_s=likely("service.interpreter_connect_s"),
    )


def need_of(demand: Demand, hours: Hours, targets: Targets, factor: float = 1.0, added: Ints | None = None) -> Need:
    """Return the advocates needed in each quarter-hour.

    Parameters
    ----------
    factor
        What the demand is multiplied by, as the growth of a later year.
    added
        Advocates on top of the rules, by quarter-hour: what the simulated week asked for.
    """
    open_ = hours.open_quarters
    rates = np.array([row.per_hour for row in demand.rows]) * demand.planned_factor * factor

    def week(by_row: NDArray[np.int64]) -> Ints:
        return np.where(open_, by_row[demand.row_of], 0).astype(np.int64)

    load = rates * demand.handle_time_s / 3600
    alone = supervisor_absent(targets)
    rules: dict[Bound, Ints] = {
        "minimum cover": np.where(open_, targets.minimum_cover, 0),
        "supervisor": np.where(open_ & alone, targets.minimum_without_supervisor, 0),
        "load": week(_by_load(rates, demand, targets)),
        "text and chat": week(_by_text(rates, demand, targets)),
        "occupancy": week(np.ceil(np.round(load / targets.occupancy_cap, 9)).astype(np.int64)),
    }
    floor = np.maximum.reduce(list(rules.values()))
    rules["language"], speakers = _by_language(rates, demand, targets, floor, open_)
    most = np.maximum.reduce(list(rules.values()))
    more = np.zeros(QUARTERS_A_WEEK, dtype=np.int64) if added is None else np.where(open_, added, 0)
    on_shift = most + more
    speakers = _everybody(speakers, on_shift)
    with_supervisor = np.ceil(np.round(on_shift / targets.supervisor_span, 9)).astype(np.int64)
    return Need(
        by_load=rules["load"],
        by_text=rules["text and chat"],
        by_occupancy=rules["occupancy"],
        by_language=rules["language"],
        by_supervisor=rules["supervisor"],
        added=more,
        minimum=targets.minimum_cover,
        on_shift=on_shift,
        bound_by=_bounds(open_, rules, most, more),
        speakers=speakers,
        supervisors=np.where(alone, 0, with_supervisor),
    )


def supervisor_absent(targets: Targets) -> NDArray[np.bool_]:
    """Whether no supervisor is on shift, by quarter-hour of the week."""
    hour = (np.arange(QUARTERS_A_WEEK) % QUARTERS_A_DAY) / 4
    return (hour < targets.supervisor_from) | (hour >= targets.supervisor_to)


def _by_load(rates: NDArray[np.float64], demand: Demand, targets: Targets) -> Ints:
    return queueing.required(
        rates, demand.handle_time_s, targets.voice_within_s, targets.voice_share, targets.patience_s
    )


def _by_text(rates: NDArray[np.float64], demand: Demand, targets: Targets) -> Ints:
    """Texts and chats by themselves: an advocate holds several, each slower for it."""
    written = [c for c in demand.classes if c.channel in ("text", "chat")]
    per_week, live = sum(c.per_week for c in written), sum(c.per_week for c in demand.classes)
    if not per_week or not live:
        return np.zeros(len(rates), dtype=np.int64)
    alone = sum(c.per_week * c.handle_time_s for c in written) / per_week
    slowdown, parallel = max(c.slowdown for c in written), max(c.parallel for c in written)
    times = tuple(alone * (1 + slowdown * k) for k in range(parallel))
    return chat.required(rates * per_week / live, times, targets.text_within_s, targets.text_share, targets.patience_s)


def _by_language(
    rates: NDArray[np.float64], demand: Demand, targets: Targets, floor: Ints, open_: NDArray[np.bool_]
) -> tuple[Ints, dict[str, Ints]]:
    """Return advocates by quarter-hour so that each language keeps the promise, and speakers of each language."""
    asked, speakers = np.zeros(QUARTERS_A_WEEK, dtype=np.int64), {}
    names = [name for name, share in demand.languages.items() if share > 0]
    speakers = {name: np.zeros(QUARTERS_A_WEEK, dtype=np.int64) for name in demand.languages}
    # One answer for each pair of rate and floor: a week has few of them.
    pairs = np.stack([demand.row_of, floor])[:, open_]
    for row, least in np.unique(pairs, axis=1).T:
        found = skills.speakers_for(
            {name: float(rates[row]) * demand.languages[name] for name in names},
            demand.handle_time_s,
            targets.patience_s,
            targets.voice_within_s,
            targets.voice_share,
            minimum=int(least),
            versatile=targets.versatile,
            interpreters=targets.interpreters,
            interpreter_factor=targets.interpreter_factor,
            interpreter_connect_s=targets.interpreter_connect_s,
        )
        here = open_ & (demand.row_of == row) & (floor == least)
        asked[here] = found.advocates
        for name, count in found.speakers.items():
            speakers[name][here] = count
    return asked, speakers


def _bounds(open_: NDArray[np.bool_], rules: Mapping[Bound, Ints], most: Ints, added: Ints) -> tuple[Bound, ...]:
    """Name the rule that set each number."""
    names: list[Bound] = []
    for q in range(QUARTERS_A_WEEK):
        if not open_[q]:
            names.append("closed")
        elif added[q]:
            names.append("simulated week")
        else:
            names.append(next(rule for rule in RULES if rules[rule][q] == most[q]))
    return tuple(names)


def _everybody(speakers: Mapping[str, Ints], on_shift: Ints) -> dict[str, Ints]:
    """Return the speakers with the first language spoken by everybody on shift."""
    first = next(iter(speakers), None)
    return {name: on_shift if name == first else count for name, count in speakers.items()}
