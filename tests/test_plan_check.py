"""The checker names what is wrong with a plan, and nothing else, whoever made it."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from plans import problem, tiny

from hotline_catalyst.planning.generation import generate
from hotline_catalyst.planning.plan_check import RULES, Broken, Words, check
from hotline_catalyst.planning.problem import Job, Mode, Placed, Plan, Problem, Release
from hotline_catalyst.planning.solver import solve

SOAK = bool(os.environ.get("SOAK"))


def job(ident: str, length: int = 5, cost: int = 0, **more: object) -> Job:
    """Return a job with one way that takes a day of the trainer on each of its days."""
    return Job(ident, (Mode("in house", length, {"trainer": 1}, cost),), **more)  # type: ignore[arg-type]


def only(given: Problem, starts: dict[str, int | Placed]) -> Broken:
    """Return the one rule that a plan breaks."""
    found = check(given, {ident: at if isinstance(at, Placed) else Placed(at) for ident, at in starts.items()})
    assert len(found) == 1, [b.text for b in found]
    return found[0]


def asked(*jobs: Job, trainers: int | list[int] = 9, horizon: int = 60, **more: object) -> Problem:
    """Return a problem with some trainers, on every day or by the day."""
    units = trainers if isinstance(trainers, int) else np.array(trainers, dtype=np.int64)
    return Problem(jobs, {"trainer": units}, horizon, **more)  # type: ignore[arg-type]


# ---------------------------------------------------------------- each rule, in a story of one or two jobs


def test_a_job_that_nobody_knows_is_named():
    broken = only(asked(job("train")), {"train": 0, "trian": 3})
    assert (broken.rule, broken.jobs) == ("unknown job", ("trian",))
    assert "Correct the id" in broken.text


@pytest.mark.parametrize("way", [1, -1])
def test_a_way_that_does_not_exist_is_named_with_those_that_do(way):
    broken = only(asked(job("train")), {"train": Placed(0, way)})
    assert (broken.rule, broken.jobs) == ("unknown way", ("train",))
    assert "in house" in broken.text


def test_a_job_that_must_be_done_may_not_be_left_out_and_an_optional_one_may():
    given = asked(job("train"), job("visit", optional=True))
    assert only(given, {}).jobs == ("train",)
    assert check(given, {"train": Placed(0)}) == []


def test_a_job_that_has_begun_may_not_be_left_out_even_if_it_was_optional():
    assert only(asked(job("train", optional=True, begun=True, fixed=2)), {}).rule == "missing"


def test_a_job_without_its_predecessor_names_both():
    broken = only(asked(job("plan", optional=True), job("train", after={"plan": 0})), {"train": 9})
    assert (broken.rule, broken.jobs) == ("needs", ("train", "plan"))


def test_a_job_behind_one_that_was_left_out_is_free():
    given = asked(job("plan", optional=True), job("train", behind={"plan": 10}))
    assert check(given, {"train": Placed(0)}) == []
    assert only(given, {"plan": 0, "train": 14}).rule == "link"


def test_a_broken_link_names_both_jobs_the_days_and_the_way_out():
    given = asked(job("plan"), job("train", after={"plan": 3}))
    assert check(given, {"plan": Placed(0), "train": Placed(8)}) == []
    broken = only(given, {"plan": 0, "train": 6})
    assert (broken.rule, broken.jobs) == ("link", ("train", "plan"))
    assert broken.text == (
        "train starts on 6, 2 working days too early: it comes after plan, which runs until 4, and 3 working days must "
        "pass after it. Start the first on 8 or later, or bring the second forward."
    )


def test_two_broken_links_are_two_findings():
    given = asked(job("a"), job("b"), job("c", after={"a": 0}, behind={"b": 0}))
    assert [b.jobs for b in check(given, {"a": Placed(0), "b": Placed(0), "c": Placed(4)})] == [("c", "a"), ("c", "b")]


def test_too_many_at_once_names_the_resource_the_first_day_and_who_uses_it():
    given = asked(job("a"), job("b"), job("c"), trainers=1)
    assert check(given, {"a": Placed(0), "b": Placed(5), "c": Placed(10)}) == []
    broken = only(given, {"a": 0, "b": 3, "c": 8})
    assert (broken.rule, broken.about, broken.jobs) == ("capacity", "trainer", ("a", "b"))
    assert broken.text == (
        "trainer: a, b need 2 on 3; there is room for 1 (it stays overdrawn until 4). That is 1 too much. "
        "Move one of them, or do it another way."
    )


def test_each_stretch_of_overdrawn_days_counts_once():
    given = asked(job("a", 10), job("b", 2), job("c", 2), trainers=1)
    found = check(given, {"a": Placed(0), "b": Placed(2), "c": Placed(6)})
    assert [b.jobs for b in found] == [("a", "b"), ("a", "c")]


def test_capacity_by_the_day_counts_on_its_days():
    given = asked(job("a", 3), trainers=[1, 1, 1, 0, 1, 1, 1], horizon=7)
    assert check(given, {"a": Placed(4)}) == []
    assert "on 3" in only(given, {"a": 1}).text


def test_a_resource_without_capacity_is_not_limited():
    assert check(replace(asked(job("a"), job("b")), capacity={}), {"a": Placed(0), "b": Placed(0)}) == []


def test_a_closed_span_names_its_days_and_the_next_starts_that_fit():
    given = asked(job("train", closed=((10, 20),)))
    assert check(given, {"train": Placed(5)}) == check(given, {"train": Placed(20)}) == []
    assert only(given, {"train": 6}).text == (
        "train runs from 6 to 10, and must not run from 10 to 19. Start it on 5 or earlier, or on 20 or later."
    )
    assert only(given, {"train": 19}).rule == "closed"
    within = only(asked(job("train", 30, closed=((10, 12),))), {"train": 0})
    assert within.rule == "closed"
    assert within.text.endswith("Start it on 12 or later.")


@pytest.mark.parametrize(
    ("rule", "bounds", "good", "bad"),
    [
        ("earliest", {"earliest": 10}, 10, 9),
        ("latest end", {"latest_end": 20}, 15, 16),
        ("fixed", {"fixed": 7}, 7, 8),
        ("horizon", {}, 55, 56),
        ("earliest", {}, 0, -1),
        ("earliest", {"earliest": -5}, 0, -1),
    ],
)
def test_the_day_beside_the_last_good_one_is_refused(rule, bounds, good, bad):
    given = asked(job("train", **bounds))
    assert check(given, {"train": Placed(good)}) == []
    broken = only(given, {"train": bad})
    assert (broken.rule, broken.jobs) == (rule, ("train",))


def test_a_launch_on_its_last_day_is_fine_and_a_day_later_is_not():
    given = asked(job("open"), launch="open", launch_by=10)
    assert check(replace(given, launch_by=None), {"open": Placed(30)}) == []
    assert check(given, {"open": Placed(10)}) == []
    broken = only(given, {"open": 13})
    assert broken.text == "open starts on 13, 3 working days after the launch is due. Start it on 10 or earlier."


def test_money_may_be_spent_on_the_day_it_comes_and_not_before():
    given = asked(
        job("a", cost=60, purse="donor"), job("b", cost=60, purse="donor"), job("c", cost=999),
        purses={"donor": (Release(0, 100), Release(20, 100))},
    )  # fmt: skip
    assert check(given, {"a": Placed(0), "b": Placed(20), "c": Placed(0)}) == []
    broken = only(given, {"a": 0, "b": 17, "c": 0})
    assert (broken.rule, broken.about, broken.jobs) == ("money", "donor", ("a", "b"))
    assert broken.text == (
        "donor: what starts by 17 costs 120, and 100 is there for it (it stays overdrawn until 19). That is 20 too "
        "much. Start one of these later, or do it a cheaper way: a, b."
    )


def test_a_plan_dearer_than_all_money_breaks_a_rule_only_under_a_ceiling():
    given = asked(job("a", cost=130, purse="donor"), purses={"donor": (Release(0, 100),)})
    assert check(given, {"a": Placed(0)}) == []
    broken = only(replace(given, ceiling=True), {"a": 0})
    assert (broken.rule, broken.about, broken.jobs) == ("ceiling", "donor", ("a",))
    assert "30 too much" in broken.text


def test_a_purse_without_releases_is_not_limited():
    assert check(asked(job("a", cost=1, purse="donor"), purses={"donor": ()}, ceiling=True), {"a": Placed(0)}) == []


# ---------------------------------------------------------------- what has begun


def test_what_has_begun_breaks_no_rule_by_links_bounds_units_or_cost():
    begun = job(
        "train", cost=500, purse="donor", after={"plan": 5}, begun=True, fixed=3, earliest=8, latest_end=4,
        closed=((0, 50),),
    )  # fmt: skip
    given = asked(
        job("plan"), begun, trainers=0, purses={"donor": (Release(10, 100),)}, ceiling=True,
        launch="train", launch_by=1,
    )  # fmt: skip
    unlimited = {"plan": replace(given.jobs[0], modes=(Mode("by hand", 5),))}
    given = replace(given, jobs=(unlimited["plan"], begun))
    assert check(given, {"plan": Placed(0), "train": Placed(3)}) == []


def test_what_has_begun_stays_on_its_day():
    assert only(asked(job("train", begun=True, fixed=3)), {"train": 4}).rule == "begun"


def test_others_may_not_use_what_begun_work_took():
    given = asked(job("a", begun=True, fixed=0), job("b", begun=True, fixed=0), job("c"), trainers=1)
    assert check(given, {"a": Placed(0), "b": Placed(0), "c": Placed(5)}) == []
    broken = only(given, {"a": 0, "b": 0, "c": 4})
    assert broken.jobs == ("c",)
    assert "room for 0" in broken.text


def test_others_may_not_spend_what_begun_work_spent():
    given = asked(
        job("a", cost=150, purse="donor", begun=True, fixed=0), job("b", cost=50, purse="donor"),
        purses={"donor": (Release(0, 100), Release(20, 100))}, ceiling=True,
    )  # fmt: skip
    assert check(given, {"a": Placed(0), "b": Placed(20)}) == []
    assert only(given, {"a": 0, "b": 19}).jobs == ("b",)
    dearer = replace(given, jobs=(given.jobs[0], job("b", cost=51, purse="donor")))
    assert only(dearer, {"a": 0, "b": 20}).rule == "ceiling"


def test_a_successor_waits_for_the_end_of_begun_work():
    given = asked(job("a", 30, begun=True, fixed=0), job("b", after={"a": 0}))
    assert only(given, {"a": 0, "b": 29}).jobs == ("b", "a")


# ---------------------------------------------------------------- how it is said


def test_every_rule_says_where_what_and_what_to_do():
    for rule, say in RULES.items():
        assert say.count(".") >= 2, rule
        assert "!" not in say


def test_days_names_and_amounts_are_written_as_the_reader_writes_them():
    given = asked(job("a"), job("b"), trainers=1)
    words = Words(lambda d: f"day {d + 1}", str.upper, lambda about, n: f"{n}.0 people")
    text = check(given, {"a": Placed(0), "b": Placed(4)}, words=words)[0].text
    assert text.startswith("TRAINER: A, B need 2.0 people on day 5; there is room for 1.0 people.")
    assert "3 of March" in only_text(check(asked(job("a", earliest=3)), {"a": Placed(0)}, lambda d: f"{d} of March"))


def only_text(found: list[Broken]) -> str:
    """Return the text of a single finding."""
    assert len(found) == 1
    return found[0].text


# ---------------------------------------------------------------- against a recount day by day


def recount(given: Problem, plan: Plan) -> Counter[tuple[str, str]]:
    """Return the rules a plan breaks and of what or whom, counted day by day from the definitions.

    Written apart from the checker: no arrays, no stretches, every day asked for itself.
    """
    wrong: Counter[tuple[str, str]] = Counter()
    jobs = {j.id: j for j in given.jobs}
    for ident, placed in plan.items():
        if ident not in jobs:
            wrong["unknown job", ident] += 1
        elif placed.mode not in range(len(jobs[ident].modes)):
            wrong["unknown way", ident] += 1
    days: dict[str, list[int]] = {}
    for ident, placed in plan.items():
        if ident in jobs and placed.mode in range(len(jobs[ident].modes)):
            length = jobs[ident].modes[placed.mode].length
            days[ident] = [placed.start + n for n in range(length)]
    for j in given.jobs:
        if j.id not in plan:
            wrong["missing", j.id] += j.begun or not j.optional
        elif j.begun:
            wrong["begun", j.id] += plan[j.id].start != j.fixed
        else:
            wrong["needs", j.id] += sum(before not in plan for before in j.after)
            if j.id in days:
                alone(given, j, plan[j.id].start, days, wrong)
    together(given, plan, days, wrong)
    return +wrong


def alone(given: Problem, j: Job, start: int, days: dict[str, list[int]], wrong: Counter[tuple[str, str]]) -> None:
    """Count the rules about one job's days."""
    mine = days[j.id]
    for before, lag in [*j.after.items(), *j.behind.items()]:
        wrong["link", j.id] += before in days and any(start <= day + lag for day in days[before])
    wrong["fixed", j.id] += j.fixed not in (None, start)
    wrong["earliest", j.id] += start < 0 or start < j.earliest
    wrong["latest end", j.id] += j.latest_end is not None and any(day >= j.latest_end for day in mine)
    wrong["horizon", j.id] += any(day >= given.horizon for day in mine)
    wrong["closed", j.id] += sum(any(day in range(*span) for day in mine) for span in j.closed)
    wrong["launch by", j.id] += j.id == given.launch and given.launch_by is not None and start > given.launch_by


def together(given: Problem, plan: Plan, days: dict[str, list[int]], wrong: Counter[tuple[str, str]]) -> None:
    """Count the rules about what jobs share, once for each run of days on which it is overdrawn."""
    jobs = {j.id: j for j in given.jobs}
    way = {ident: jobs[ident].modes[plan[ident].mode] for ident in days}
    for resource in given.capacity:
        there, was_over = given.units(resource), False
        on: dict[int, list[str]] = {}
        for ident, mine in days.items():
            for day in mine if way[ident].units.get(resource) else ():
                on.setdefault(day, []).append(ident)
        for day in range(given.horizon):
            left, movable = int(there[day]), 0
            for ident in on.get(day, ()):
                if jobs[ident].begun:
                    left -= way[ident].units[resource]
                else:
                    movable += way[ident].units[resource]
            over = movable > 0 and movable > left
            wrong["capacity", resource] += over and not was_over
            was_over = over
    for purse, releases in given.purses.items():
        costs = [(plan[i].start, way[i].cost, jobs[i].begun) for i in days if jobs[i].purse == purse and way[i].cost]
        was_over = False
        for day in range(max((r.day for r in releases), default=0)):
            left = sum(r.amount for r in releases if r.day <= day) - sum(c for s, c, b in costs if b and s <= day)
            movable = sum(c for s, c, b in costs if not b and s <= day)
            over = movable > 0 and movable > left
            wrong["money", purse] += over and not was_over
            was_over = over
        if given.ceiling and releases:
            movable = sum(c for _, c, b in costs if not b)
            left = sum(r.amount for r in releases) - sum(c for _, c, b in costs if b)
            wrong["ceiling", purse] += movable > 0 and movable > left


def named(found: list[Broken]) -> Counter[tuple[str, str]]:
    """Return what the checker found in the recount's terms."""
    return Counter((b.rule, b.about or b.jobs[0]) for b in found)


# ---------------------------------------------------------------- mutations

Edit = tuple[str, Plan]


def edits(rng: random.Random, given: Problem, plan: Plan) -> Iterator[Edit]:
    """Yield plans that differ from ``plan`` in one place, with the job edited; each aims at one rule."""
    jobs = {j.id: j for j in given.jobs}
    for _ in range(2):
        ident = rng.choice(sorted(plan))
        at, mine = plan[ident], jobs[ident]
        yield ident, {i: p for i, p in plan.items() if i != ident}
        yield ident, {**plan, ident: Placed(at.start, len(mine.modes) + rng.randint(0, 1))}
        yield "X999", {**plan, "X999": Placed(rng.randrange(given.horizon))}
        yield ident, {**plan, ident: Placed(at.start + rng.choice([-20, -5, -1, 1, 2, 5, 20]), at.mode)}
        yield ident, {**plan, ident: Placed(given.horizon - rng.randint(0, 3), at.mode)}
        yield ident, {**plan, ident: Placed(rng.randint(-3, given.horizon), at.mode)}
        yield ident, {**plan, ident: Placed(at.start, rng.randrange(len(mine.modes)))}
    for ident in rng.sample(sorted(plan), min(12, len(plan))):
        at, mine = plan[ident], jobs[ident]
        length = mine.modes[at.mode].length
        if mine.earliest:
            yield ident, {**plan, ident: Placed(mine.earliest - 1, at.mode)}
        if mine.latest_end is not None:
            yield ident, {**plan, ident: Placed(mine.latest_end - length + 1, at.mode)}
        if mine.fixed is not None:
            yield ident, {**plan, ident: Placed(at.start + 1, at.mode)}
        for first, end in mine.closed:
            yield ident, {**plan, ident: Placed(rng.randint(first - length + 1, end - 1), at.mode)}
    if given.launch in plan and given.launch_by is not None:
        yield (
            given.launch,
            {**plan, given.launch: replace(plan[given.launch], start=given.launch_by + rng.randint(1, 9))},
        )
    dear = [i for i in sorted(plan) if given.purses.get(jobs[i].purse) and jobs[i].modes[plan[i].mode].cost]
    for ident in rng.sample(dear, min(8, len(dear))):
        for release in given.purses[jobs[ident].purse]:
            yield ident, {**plan, ident: Placed(release.day - 1, plan[ident].mode)}
        modes = jobs[ident].modes
        yield ident, {**plan, ident: replace(plan[ident], mode=max(range(len(modes)), key=lambda n: modes[n].cost))}
    needed = {before for i in plan if not jobs[i].begun for before in jobs[i].after}
    for ident in sorted(i for i in needed & set(plan) if jobs[i].optional):
        yield ident, {i: p for i, p in plan.items() if i != ident}
    for ident in sorted(set(jobs) - set(plan)):
        yield ident, {**plan, ident: Placed(rng.randrange(given.horizon), 0)}


def test_one_broken_rule_by_one_edit_is_named_in_100_of_100():
    """Every rule has its share; the truth is the recount's, and every other edited plan must agree with it too."""
    share: Counter[str] = Counter()
    wanted, agreed, seed = 2000 if SOAK else 100, 0, 0
    most = -(-wanted // len(RULES))
    while share.total() < wanted or len(share) < len(RULES):
        seed += 1
        assert seed < wanted, f"too few mutations break one rule alone: {share}"
        given, plan = problem(seed, jobs=None if SOAK else 20 + seed % 40, begun=seed % 2 == 0, ceiling=seed % 3 == 0)
        assert check(given, plan) == []
        assert not recount(given, plan)
        for ident, edited in edits(random.Random(f"edits {seed}"), given, plan):
            truth, found = recount(given, edited), check(given, edited)
            assert named(found) == truth, f"seed {seed}, {ident}: {[b.text for b in found]}"
            agreed += 1
            if truth.total() == 1 and share[rule := next(iter(truth))[0]] < most:
                share[rule] += 1
                assert ident in found[0].jobs, f"seed {seed}: {ident} is not named by {found[0].text}"
    print(f"{share.total()} single mutations, {agreed} edits in {seed} problems: {dict(share)}")


# ---------------------------------------------------------------- the problems themselves, and the planner's plans


def test_generated_problems_hold_what_real_ones_do_and_come_out_the_same():
    seen: Counter[str] = Counter()
    for seed in range(20):
        given, plan = problem(seed)
        again, same = problem(seed)
        assert (plan, given.jobs, given.purses) == (same, again.jobs, again.purses)
        assert 60 <= len(given.jobs) <= 130
        seen.update(
            word
            for word, there in {
                "begun work": any(j.begun for j in given.jobs),
                "begun work over capacity": over_capacity(given, plan),
                "capacity by the day": any(not isinstance(u, int) for u in given.capacity.values()),
                "no limit": any(r not in given.capacity for j in given.jobs for m in j.modes for r in m.units),
                "left out": len(plan) < len(given.jobs),
                "a pin": any(j.fixed is not None and not j.begun for j in given.jobs),
                "a ceiling": given.ceiling,
                "a deadline": given.launch_by is not None,
                "a plan before": bool(given.previous),
                "three ways": any(len(j.modes) == 3 for j in given.jobs),
            }.items()
            if there
        )
    assert min(seen.values()) >= 2, seen
    assert len(seen) == 10, seen
    assert all(check(*tiny(seed)) == [] and len(tiny(seed)[0].jobs) <= 5 for seed in range(100))


def over_capacity(given: Problem, plan: Plan) -> bool:
    """Return whether begun work takes more of something than there is."""
    for resource in given.capacity:
        used = np.zeros(given.horizon, np.int64)
        for j in given.jobs:
            if j.begun:
                used[plan[j.id].start :][: j.modes[0].length] += j.modes[0].units.get(resource, 0)
        if (used > given.units(resource)).any():
            return True
    return False


@pytest.mark.parametrize("seed", range(50 if SOAK else 20))
def test_the_planner_keeps_every_rule(seed):
    """The planner is built apart from the checker, and the recount from both."""
    given, _ = problem(seed, jobs=None if SOAK else 20 + seed)
    plans = [generate(given, 24), solve(given, work=1 if SOAK else 0.05).plan]
    for plan in plans:
        if plan is not None:
            assert [b.text for b in check(given, plan)] == []
            assert not recount(given, plan)
