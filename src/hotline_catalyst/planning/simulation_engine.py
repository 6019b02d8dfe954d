"""From a week to what the loop reads: the crew and its roster, who may take what, the loop compiled or not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import simulation_loop as loop
from .calendar import MINUTES_A_WEEK
from .simulation_draws import HORIZON_S, WARM_UP_S, Callers
from .simulation_week import Duty, Week

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
# After so many contacts plain Python has cost about as much as compiling does.
CONTACTS_WORTH_COMPILING = 1_000_000
_played = [0.0]


@dataclass(frozen=True)
class Runner:
    """The loop and the form its numbers take: arrays when compiled, lists when not."""

    run: Callable[..., None]
    compiled: bool

    def given(self, column: Any) -> Any:
        """Return a column as the loop wants it."""
        return np.ascontiguousarray(column) if self.compiled else np.asarray(column).tolist()


def engine(fast: bool | None, contacts: float) -> Runner:
    """Return the loop, compiled when asked for; left open, when numba is installed and has earned its compilation.

    Compiling takes some seconds once on a machine and less than one later. It is earned when all runs of this
    process together have played as many contacts as plain Python plays in that time.
    """
    _played[0] += contacts
    if fast is None:
        fast = _played[0] >= CONTACTS_WORTH_COMPILING and find_spec("numba") is not None
    return Runner(_compiled(), True) if fast else Runner(loop.run, False)


@cache
def _compiled() -> Callable[..., None]:
    """Return the loop compiled: its own source once more, its helpers replaced by their compiled selves."""
    import numba

    try:
        run: Callable[..., None] = numba.njit(cache=True)(loop.run)
    except RuntimeError:  # nowhere to keep the compiled code
        run = numba.njit(loop.run)
    return run


@dataclass(frozen=True)
class Crew:
    """The advocates on the floor. One whose duty runs past the week's end stands here once for each end of the week.

    Parameters
    ----------
    duty
        Index of the duty of each.
    sets
        The distinct sets of languages, fewest languages first.
    group
        Index into ``sets`` of each.
    steps
        (second, what, who, length of the break in seconds) in order; begins before breaks before ends.
    """

    duty: Ints
    sets: tuple[frozenset[str], ...]
    group: Ints
    steps: tuple[tuple[float, int, int, float], ...]


def crew_of(duties: tuple[Duty, ...]) -> Crew:
    """Lay the duties out over the time that is played."""
    sets = tuple(sorted({d.languages for d in duties}, key=lambda s: (len(s), sorted(s))))
    owner: list[int] = []
    steps: list[tuple[float, int, int, float]] = []
    for index, duty in enumerate(duties):
        always = duty.end - duty.start == MINUTES_A_WEEK
        for turn in range(-1 - duty.start // MINUTES_A_WEEK, 2 - duty.start // MINUTES_A_WEEK):
            if always and turn + duty.start // MINUTES_A_WEEK != 0:
                continue
            shift = turn * loop.WEEK_S
            begin, end = (-WARM_UP_S, HORIZON_S) if always else (60 * duty.start + shift, 60 * duty.end + shift)
            if end <= -WARM_UP_S or begin >= HORIZON_S:
                continue
            who = len(owner)
            owner.append(index)
            steps.append((max(begin, -WARM_UP_S), loop.BEGINS, who, 0.0))
            steps += _breaks(duty, who, always, shift)
            steps.append((end, loop.ENDS, who, 0.0))
    steps = sorted(s for s in steps if s[0] < HORIZON_S)
    group = np.array([sets.index(duties[d].languages) for d in owner], dtype=np.int64)
    return Crew(np.array(owner, dtype=np.int64), sets, group, tuple(steps))


def _breaks(duty: Duty, who: int, always: bool, shift: float) -> list[tuple[float, int, int, float]]:
    """Return the break steps that fall after the beginning of what is played; a break under way is skipped."""
    shifts = (-loop.WEEK_S, 0.0, loop.WEEK_S) if always else (shift,)
    return [
        (60 * a + s, loop.BREAK, who, 60.0 * (b - a))
        for s in shifts
        for a, b in duty.breaks
        if 60 * a + s >= -WARM_UP_S
    ]


def rules_of(week: Week, crew: Crew, runner: Runner) -> loop.Rules:
    """Lay out who may take what: the choices in order for each class, and the queues by priority."""
    classes = week.classes
    deep = max((c.parallel for c in classes), default=1)
    languages = sorted({c.language for c in classes})
    traits = [(c.priority, languages.index(c.language), c.parallel) for c in classes]
    queues = sorted(set(traits))
    rows: list[list[tuple[int, int, int]]] = [
        _choices([g for g, s in enumerate(crew.sets) if c.language in s], crew, c.parallel, deep) for c in classes
    ]
    rows += [_choices(list(range(len(crew.sets))), crew, c.parallel, deep) for c in classes]
    flat = np.array([choice for row in rows for choice in row], dtype=np.int64).reshape(-1, 3)
    given = runner.given
    return loop.Rules(
        groups=max(1, len(crew.sets)),
        languages=len(languages),
        deep=deep,
        interpreters=bool(week.interpreters),
        factor=float(week.interpreter_factor),
        connect=float(week.interpreter_connect_s),
        parallel=given(np.array([c.parallel for c in classes], dtype=np.int64)),
        slowdown=given(np.array([c.slowdown for c in classes], dtype=float)),
        debrief=given(np.array([c.debrief_s for c in classes], dtype=float)),
        language=given(np.array([t[1] for t in traits], dtype=np.int64)),
        queue=given(np.array([queues.index(t) for t in traits], dtype=np.int64)),
        queue_rank=given(np.array([q[0] for q in queues], dtype=np.int64)),
        queue_language=given(np.array([q[1] for q in queues], dtype=np.int64)),
        queue_parallel=given(np.array([q[2] for q in queues], dtype=np.int64)),
        speaks=given(np.array([x in s for s in crew.sets for x in languages], dtype=np.int64)),
        row_first=given(np.cumsum([0, *map(len, rows)], dtype=np.int64)),
        row_pool=given(flat[:, 0]),
        row_level=given(flat[:, 1]),
        row_last=given(flat[:, 2]),
    )


def _choices(groups: list[int], crew: Crew, parallel: int, deep: int) -> list[tuple[int, int, int]]:
    """Return (pool, contacts in hand, last of its rank): fewest languages, then fewest in hand."""
    found = []
    for count in sorted({len(crew.sets[g]) for g in groups}):
        equal = [g for g in groups if len(crew.sets[g]) == count]
        for level in range(parallel):
            found += [(g * deep + level, level, int(g == equal[-1])) for g in equal]
    return found


def played(
    week: Week, crew: Crew, first: int, last: int, who: Callers, absences: NDArray[np.bool_], runner: Runner
) -> loop.Log:
    """Play the weeks from ``first`` to ``last`` (excluded) with these callers; the columns follow ``who``."""
    ends = np.searchsorted(who.week, np.arange(first, last), side="right")
    # A contact of kind -1 closes each week.
    place = np.arange(len(who.at)) + (who.week - first)
    guards = ends + np.arange(last - first)
    total = len(who.at) + last - first

    def column(values: Any, guard: float, dtype: Any) -> Any:
        full = np.full(total, guard, dtype=dtype)
        full[place] = values
        return full

    before = np.where(who.before >= 0, place[who.before], -1) if len(place) else who.before
    given = runner.given
    contacts = loop.Contacts(
        first=given(np.concatenate([[0], guards + 1])),
        at=given(column(who.at, HORIZON_S, float)),
        leave=given(column(who.at + who.patience, HORIZON_S, float)),
        work=given(column(who.work, 0, float)),
        kind=given(column(who.kind, -1, np.int64)),
        before=given(column(before, -1, np.int64)),
    )
    guard = (loop.INF, loop.ENDS, 0, 0.0)
    steps = [*crew.steps, guard]
    roster = loop.Roster(
        at=given(np.array([s[0] for s in steps])),
        what=given(np.array([s[1] for s in steps], dtype=np.int64)),
        who=given(np.array([s[2] for s in steps], dtype=np.int64)),
        length=given(np.array([s[3] for s in steps])),
        group=given(crew.group),
        absent=given(absences[:, crew.duty].astype(np.int64).ravel()),
    )
    log = loop.Log(
        state=given(np.zeros(total, dtype=np.int64)),
        start=given(np.zeros(total)),
        finish=given(np.zeros(total)),
        by=given(np.full(total, loop.NOBODY)),
        following=given(np.full(total, loop.NOBODY)),
        busy=given(np.zeros(last - first)),
    )
    runner.run(contacts, roster, rules_of(week, crew, runner), log)
    by_contact = {name: np.asarray(getattr(log, name))[place] for name in ("state", "start", "finish", "by")}
    return log._replace(busy=np.asarray(log.busy), **by_contact)
