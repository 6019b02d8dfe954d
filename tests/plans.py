"""Scheduling problems that look like ours, each with a plan that fits it: the plan is made first, the limits around it.

Nothing here comes from the planner, so its plans can be judged against these. At the end stand engagements as people
might have them: an example's, with other answers, people, money, dates and weeks in which work rests.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hotline_catalyst.planning.problem import Job, Mode, Need, Placed, Plan, Problem, Release

if TYPE_CHECKING:
    from hotline_catalyst.engagement import Engagement

LENGTHS = (5, 10, 10, 15, 20, 20, 30, 40, 60, 90)
ROLES = ("coordinator", "trainer", "technician", "lawyer", "clinician", "analyst", "communicator")
OWNERS = ("operator", "ministry", "partners")
PURSES = ("donor", "state")
EXAMPLES = ("ruritania", "mexico", "mauritania")


@dataclass
class Sketch:
    """A problem in the making: the hidden plan, what it uses by day, and each job's true rules so far."""

    rng: random.Random
    jobs: dict[str, Job] = field(default_factory=dict)
    placed: dict[str, Placed] = field(default_factory=dict)
    limits: dict[str, int] = field(default_factory=dict)
    used: dict[str, dict[int, int]] = field(default_factory=dict)

    def mode(self, ident: str) -> Mode:
        """Return the way in which the hidden plan does a job."""
        return self.jobs[ident].modes[self.placed[ident].mode]

    def end(self, ident: str) -> int:
        """Return the first day after a job in the hidden plan."""
        return self.placed[ident].start + self.mode(ident).length

    def fits(self, mode: Mode, start: int) -> bool:
        """Return whether the limits leave room for a way from some day on."""
        days = range(start, start + mode.length)
        return all(self.used[r].get(d, 0) + n <= self.limits[r] for r, n in mode.units.items() for d in days)

    def place(self, job: Job, mode: int, earliest: int) -> None:
        """Put a job on the first day from ``earliest`` that suits its closed spans and the limits."""
        way, start = job.modes[mode], earliest
        while not self.fits(way, start) or any(a < start + way.length and start < b for a, b in job.closed):
            start += 1
        self.jobs[job.id], self.placed[job.id] = job, Placed(start, mode)
        for resource, number in way.units.items():
            for day in range(start, start + way.length):
                self.used[resource][day] = self.used[resource].get(day, 0) + number


def problem(
    seed: int,
    *,
    jobs: int | None = None,
    lengths: tuple[int, ...] = LENGTHS,
    begun: bool | None = None,
    ceiling: bool | None = None,
    slack: float = 1.3,
) -> tuple[Problem, Plan]:
    """Return a problem and a plan that keeps all its rules; the same for the same seed.

    Parameters
    ----------
    jobs
        How many; 60 to 130 by the seed when None.
    lengths
        Working days that a way may take.
    begun
        Whether part of the plan lies behind us and a plan before it is to be kept; by the seed when None.
    ceiling
        Whether money is a ceiling; by the seed when None.
    slack
        How far beyond the hidden plan's need bounds and money may reach, at most, as a share.
    """
    rng = random.Random(f"plans {seed}")
    count = rng.randint(60, 130) if jobs is None else jobs
    sketch = Sketch(rng, limits=_limits(rng, count), used={})
    sketch.used = {resource: {} for resource in sketch.limits}
    windows = _windows(rng, count * sum(lengths) // len(lengths) // 6)
    _fill(sketch, count, lengths, windows)
    _leave_out(sketch)
    ends = max(sketch.end(ident) for ident in sketch.placed)
    horizon = int(ends * rng.uniform(1.05, max(slack, 1.1))) + 5
    today = rng.randint(ends // 6, ends // 2) if (rng.random() < 0.5 if begun is None else begun) else 0
    _bind(sketch, horizon, today, slack)
    launch = f"J{count:03d}"
    found = Problem(
        jobs=tuple(sketch.jobs.values()),
        capacity=dict(_capacity(sketch, horizon)),
        horizon=horizon,
        needs=_needs(sketch, launch),
        purses={purse: _releases(sketch, purse, ends, slack) for purse in PURSES if rng.random() < 0.9},
        ceiling=rng.random() < 0.3 if ceiling is None else ceiling,
        launch=launch,
        launch_by=sketch.placed[launch].start + rng.randint(0, 30) if rng.random() < 0.7 else None,
        previous=_previous(sketch) if today else {},
    )
    return found, dict(sketch.placed)


def tiny(seed: int) -> tuple[Problem, Plan]:
    """Return a problem of three to five short jobs, small enough to try every plan there is."""
    size = random.Random(f"tiny {seed}").randint(3, 5)
    return problem(seed, jobs=size, lengths=(1, 1, 2, 3))


def _limits(rng: random.Random, count: int) -> dict[str, int]:
    """Return hundredths of a person by role and, by owner, activities at a time."""
    people = {f"role:{role}": rng.choice([50, 100, 100, 150, 200]) for role in ROLES}
    return {**people, **{f"owner:{owner}": rng.randint(3, 5) if count > 10 else 2 for owner in OWNERS}}


def _windows(rng: random.Random, days: int) -> tuple[tuple[int, int], ...]:
    """Return spans in which some work must rest, such as an election."""
    starts = [rng.randint(0, max(days, 1)) for _ in range(rng.randint(1, 3))]
    return tuple(sorted((start, start + rng.randint(1, max(2, days // 12))) for start in starts))


def _modes(rng: random.Random, lengths: tuple[int, ...], limits: dict[str, int]) -> tuple[Mode, ...]:
    """Return one to three ways of one piece of work: the dearer the quicker, with other people."""
    length, owner = rng.choice(lengths), rng.choice(OWNERS)
    found = []
    for number, name in enumerate(("in house", "consultant", "partner")[: rng.choice([1, 1, 2, 3])]):
        units = {f"owner:{owner}": 1}
        for role in rng.sample(ROLES, rng.randint(1, 3)):
            units[f"role:{role}"] = rng.randint(5, limits[f"role:{role}"] // 2)
        quick = max(1, round(length / (1 + number * rng.uniform(0.2, 1))))
        cost = rng.choice([0, rng.randint(1, 30) * 500]) + number * 4000
        found.append(Mode(name, quick, units, cost))
    return tuple(found)


def _fill(sketch: Sketch, count: int, lengths: tuple[int, ...], windows: tuple[tuple[int, int], ...]) -> None:
    """Add jobs layer by layer, eight to twelve a layer; the last one launches."""
    rng, names, layers = sketch.rng, [f"J{n:03d}" for n in range(1, count + 1)], max(1, count // 10)
    for number, ident in enumerate(names):
        layer = number * layers // count
        near = [other for n, other in enumerate(names[:number]) if layer - 2 <= n * layers // count < layer]
        last = ident == names[-1]
        optional = not last and rng.random() < 0.2
        before = rng.sample(near, min(len(near), 4 if last else rng.choice([0, 1, 1, 2, 2, 3])))
        after, behind = {}, {}
        for other in before:
            soft = (sketch.jobs[other].optional and not optional) or rng.random() < 0.1
            (behind if soft else after)[other] = rng.choice([0, 0, 0, 1, lengths[0], lengths[len(lengths) // 2]])
        job = Job(
            ident,
            _modes(rng, lengths, sketch.limits),
            after,
            behind,
            optional=optional,
            weight=rng.randint(1, 5),
            purse=rng.choice([*PURSES, *PURSES, ""]),
            closed=windows if rng.random() < 0.2 else (),
        )
        links = {**after, **behind}
        earliest = max([sketch.end(o) + d for o, d in links.items()], default=0)
        sketch.place(job, rng.randrange(len(job.modes)), earliest + rng.choice([0, 0, 0, rng.choice(lengths)]))


def _leave_out(sketch: Sketch) -> None:
    """Take a third of the optional jobs out of the hidden plan, unless another needs them."""
    needed = {other for job in sketch.jobs.values() for other in job.after}
    for job in sketch.jobs.values():
        if job.optional and job.id not in needed and sketch.rng.random() < 0.35:
            way, start = sketch.mode(job.id), sketch.placed.pop(job.id).start
            for resource, number in way.units.items():
                for day in range(start, start + way.length):
                    sketch.used[resource][day] -= number


def _bind(sketch: Sketch, horizon: int, today: int, slack: float) -> None:
    """Bound jobs around their days in the hidden plan, pin some, and let those before ``today`` have begun."""
    rng = sketch.rng
    for ident, job in sketch.jobs.items():
        if ident not in sketch.placed:
            sketch.jobs[ident] = replace(job, earliest=today)
            continue
        start, end = sketch.placed[ident].start, sketch.end(ident)
        if start < today:
            sketch.jobs[ident] = _begun(sketch, job, start)
            continue
        earliest = max(today, int(start * rng.uniform(0.5, 1))) if rng.random() < 0.2 else today
        latest = min(horizon, end + int(end * rng.uniform(0, slack - 1))) if rng.random() < 0.2 else None
        fixed = start if rng.random() < 0.05 else None
        sketch.jobs[ident] = replace(job, earliest=earliest, latest_end=latest, fixed=fixed)


def _begun(sketch: Sketch, job: Job, start: int) -> Job:
    """Return a job that began on a day, some against rules that reality did not keep."""
    way = sketch.mode(job.id)
    sketch.placed[job.id] = Placed(start, 0)
    job = replace(job, modes=(way,), fixed=start, begun=True, optional=False)
    if sketch.rng.random() < 0.3:
        day = start + sketch.rng.randrange(way.length)
        job = replace(job, closed=((day, day + 1),), latest_end=start + way.length - 1, earliest=start + 1)
        job = replace(job, after={before: days + 7 for before, days in job.after.items()})
    return job


def _capacity(sketch: Sketch, horizon: int) -> Iterator[tuple[str, int | np.ndarray]]:
    """Yield what there is of each resource; of some by the day, less on days when the hidden plan needs less.

    Where only begun work needs it there may be less than that takes. One resource has no limit now and then.
    """
    rng = sketch.rng
    begun: dict[tuple[str, int], int] = {}
    for ident in sketch.placed:
        if sketch.jobs[ident].begun:
            for resource, number in sketch.mode(ident).units.items():
                for day in range(sketch.placed[ident].start, sketch.end(ident)):
                    begun[resource, day] = begun.get((resource, day), 0) + number
    for resource, limit in sketch.limits.items():
        if rng.random() < 0.1:
            continue
        if rng.random() < 0.5:
            yield resource, limit
            continue
        by_day = np.full(horizon, limit, dtype=np.int64)
        for _ in range(rng.randint(1, 6)):
            first = rng.randrange(horizon)
            for day in range(first, min(horizon, first + rng.randint(1, 1 + horizon // 15))):
                used = sketch.used[resource].get(day, 0)
                by_day[day] = used if used != begun.get((resource, day), 0) else used // 2
        yield resource, by_day


def _needs(sketch: Sketch, launch: str) -> tuple[Need, ...]:
    """Return findings and gates that one to three jobs close."""
    rng, names = sketch.rng, [ident for ident in sketch.jobs if ident != launch] or [launch]
    return tuple(
        Need(f"N{n}", tuple(rng.sample(names, min(len(names), rng.randint(1, 3)))), rng.randint(1, 9), n % 3 == 0)
        for n in range(max(2, len(names) // 4))
    )


def _releases(sketch: Sketch, purse: str, ends: int, slack: float) -> tuple[Release, ...]:
    """Return two to five releases of which each comes in time for the hidden plan, with little to spare.

    What has begun may have cost more than had arrived.
    """
    rng = sketch.rng
    spent = {i: sketch.mode(i).cost for i in sketch.placed if sketch.jobs[i].purse == purse}
    days = sorted({0, *(rng.randint(1, max(1, ends)) for _ in range(rng.randint(1, 4)))})
    found, so_far = [], 0
    for day, following in zip(days, [*days[1:], 10**9], strict=True):
        due = [i for i, cost in spent.items() if cost and sketch.placed[i].start < following]
        share = rng.choice([1, 1, rng.uniform(1, (1 + slack) / 2)])
        if all(sketch.jobs[i].begun for i in due):
            share = rng.choice([0.5, 1])
        amount = max(0, int(sum(spent[i] for i in due) * share) - so_far)
        found.append(Release(day, amount))
        so_far += amount
    return tuple(found)


def _previous(sketch: Sketch) -> dict[str, int]:
    """Return the plan before: most days as they are now, some a little off."""
    rng = sketch.rng
    return {
        ident: max(0, placed.start + (rng.randint(-9, 9) if rng.random() < 0.2 else 0))
        for ident, placed in sketch.placed.items()
        if rng.random() < 0.9
    }


def example(name: str, folder: Path) -> Engagement:
    """Return an example as it is; it is gathered in ``folder`` and kept there for the next time."""
    from judged import gathered

    from hotline_catalyst.engagement import read_engagement

    if not (folder / name).exists():
        gathered(name, folder / name)
    return read_engagement(folder / name)


def engagements(folder: Path, count: int, seed: int) -> Iterator[tuple[str, Engagement]]:
    """Yield engagements made from the examples in turn, each with a name to find it again.

    Nothing that is asked of their plans can be at odds: windows, absences, money that comes in parts, late pins, and in
    some of them work that has begun.

    Parameters
    ----------
    folder
        Where the examples are gathered, as by `example`.
    """
    from hotline_catalyst.engagement import read_engagement

    for number in range(count):
        name = EXAMPLES[number % len(EXAMPLES)]
        plain, rng = example(name, folder), random.Random(f"engagements {seed} {number}")
        changed = read_engagement(folder / name, patch=_changed(rng, plain))
        yield f"{name} {seed}/{number}", _answered(rng, replace(changed, progress=tuple(_done(rng, changed))))


def _changed(rng: random.Random, plain: Engagement) -> Mapping[str, Any]:
    """Return a change of engagement.yaml: people, money, and what is asked of the plan."""
    start, activities = plain.file.start, sorted(plain.advice.activities)
    roles = [*plain.instrument.meta.roles, "consultant"]
    reason = {"reason": "Drawn at random."}

    def day(first: int, last: int) -> date:
        return start + timedelta(days=rng.randint(first, last))

    def some(most: int) -> list[str]:
        return rng.sample(activities, rng.randint(0, most))

    def span(days: int) -> dict[str, date]:
        first = day(0, 900)
        return {"from": first, "to": first + timedelta(days=rng.randint(4, days))}

    out = some(2)
    kept = [a for a in some(8) if a not in out]
    plan = {
        "leave_out": [{"activity": a, **reason} for a in out],
        "pins": [{"activity": a, "start": day(800, 1000), **reason} for a in kept[:1]],
        "ways": [{"activity": a, "way": rng.choice(plain.advice.activities[a].ways).id, **reason} for a in kept[1:3]],
        "not_before": [{"activity": a, "date": day(0, 500), **reason} for a in kept[3:5]],
        "delays": [{"activity": a, "weeks": rng.randint(1, 8), **reason} for a in kept[5:]],
        "windows": [
            {"kind": rng.choice(sorted(plain.advice.roadmap.windows)), "title": f"Weeks of rest {n}", **span(50)}
            for n in range(rng.randint(0, 4))
        ],
        "away": [
            {"role": rng.choice(roles), "days_per_week": rng.choice([0, 0, 1]), **reason, **span(40)}
            for _ in range(rng.randint(0, 3))
        ],
        "gates": rng.choice(["all", "all", "affordable"]),
    }
    capacity = {role: rng.choice([2, 3, 4, 5, 8, 10]) for role in rng.sample(roles, rng.randint(0, len(roles)))}
    late = rng.random() < 0.4
    return {"capacity": capacity, "budget": _budget(rng, start), "plan": plan, "as_of": day(20, 250)} | (
        {} if late else {"as_of": plain.file.as_of}
    )


def _budget(rng: random.Random, start: date) -> Mapping[str, Any] | None:
    """Return no budget, one for all, or one for each payer: one to four tranches over two years."""
    if rng.random() < 0.25:
        return None
    payers = rng.choice([(None,), ("state", "donor", "operator"), ("donor",)])
    tranches = [
        {
            "date": start + timedelta(days=rng.randint(0, 60) + 180 * n),
            "amount": rng.randint(2, 40) * 10_000,
            "payer": p,
        }
        for p in payers
        for n in range(rng.randint(1, 4))
    ]
    return {"currency": "USD", "fixed": False, "tranches": tranches}


def _done(rng: random.Random, engagement: Engagement) -> Iterator[Any]:
    """Yield what began before the day of planning: some that everyone needs, some ended, some of them slow."""
    from hotline_catalyst.plan_file import Done

    file = engagement.file
    begun = [i for i, a in engagement.advice.activities.items() if a.needed == "always"]
    asked = {w.activity for w in (*file.plan.pins, *file.plan.leave_out)}
    for ident in rng.sample(begun, 8) if file.as_of > file.start else ():
        started = file.start + timedelta(days=rng.randint(0, (file.as_of - file.start).days - 1))
        ended = started + timedelta(days=rng.randint(0, 80))
        over = ended <= file.as_of
        left = rng.choice([None, 0.0, 2.0, 6.0])
        if ident not in asked:
            yield Done(
                activity=ident, started=started, ended=ended if over else None, remaining_weeks=None if over else left
            )


def _answered(rng: random.Random, engagement: Engagement) -> Engagement:
    """Return the engagement with other answers about every item, around a level of its own."""
    from hotline_catalyst.assessment.responses import Answer

    around, items, said = rng.uniform(0, 3.5), engagement.instrument.items, engagement.testimony

    def other(question: str, answer: Answer) -> Answer:
        if question not in items or answer.state not in ("answered", "dont_know"):
            return answer
        if rng.random() < 0.1:
            return Answer(state="dont_know")
        level = min(4, max(0, round(rng.gauss(around, 1))))
        return Answer(state="answered", value=level, sure=rng.choice(["sure", "fairly", "unsure"]))

    responses = tuple(
        r.model_copy(update={"answers": {q: other(q, a) for q, a in r.answers.items()}}) for r in said.responses
    )
    evidence = tuple(e for e in said.evidence if rng.random() < 0.5)
    rulings = tuple(r for r in said.rulings if r.id not in items or rng.random() < 0.5)
    return replace(engagement, testimony=replace(said, responses=responses, evidence=evidence, rulings=rulings))
