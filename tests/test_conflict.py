"""Wishes that cannot hold together: the set named is one that cannot, is the smallest, and its ways out free it.

Truth comes from a second model (own_model.py) and from conflicts planted so that their members are known beforehand.
"""

from __future__ import annotations

import os
import random
from dataclasses import replace
from time import process_time

import numpy as np
import pytest
from own_model import holds, least
from plans import problem as realistic

from hotline_catalyst.library import content_root, read_yaml
from hotline_catalyst.planning.conflict import conflict
from hotline_catalyst.planning.plan_check import check
from hotline_catalyst.planning.problem import Job, Mode, Problem, Release
from hotline_catalyst.planning.solver import best, feasible, solve
from hotline_catalyst.planning.ways_out import Words
from hotline_catalyst.planning.wishes import (
    Begun,
    Ceiling,
    Closed,
    DoneBy,
    LaunchBy,
    Limit,
    Money,
    Must,
    NotBefore,
    Pin,
    Previous,
    UseMode,
    Wish,
    applied,
)  # fmt: skip

SOAK = bool(os.environ.get("SOAK"))


def texts(section: str) -> dict[str, str]:
    """Return a section of the words file."""
    return read_yaml(content_root() / "assessment" / "roadmap_words.yaml")[section]


WORDS = Words(texts("ways_out"))


def job(ident: str, length: int, after: dict[str, int] | None = None, **rest) -> Job:
    return Job(ident, (Mode("in_house", length),), after or {}, **rest)


def planted(
    seed: int, members: int, noise: int = 6, others: int = 8, scale: int = 1
) -> tuple[Problem, list[Wish], set[str]]:
    """Return a problem, wishes, and the ids of the one irreducible conflict among them.

    The way to the launch is a chain; each member lengthens one link of it, and the launch day asked for lies one day
    before the chain's length with all of them. Everything else asked for fits with room to spare.
    """
    rng = random.Random(f"planted {seed}")
    jobs, wishes, length, last = [], [], 0, ""
    first = rng.choice(["not before", "money", "closed", "pin", "people", "mode"])
    for n in range(members - 1):
        ident, base, more = f"P{n}", rng.randint(2, 4) * scale, rng.randint(2, 5) * scale
        kind = first if n == 0 else rng.choice(["mode", "people"])
        after = {last: rng.choice([0, 1])} if last else {}
        length += sum(after.values())
        if kind == "people":
            jobs += [Job(f"{ident}{side}", (Mode("in_house", base, {f"r{n}": 1}),), after) for side in "ab"]
            jobs.append(Job(ident, (Mode("in_house", 0),), {f"{ident}a": 0, f"{ident}b": 0}))
            wishes.append(Limit(f"m{n}", f"one {n}", f"r{n}", 1))
            length += 2 * base
        else:
            slow = Mode("partner", base + more, cost=0)
            quick = Mode("in_house", base, cost=10 if kind == "money" else 0)
            modes = (quick, slow) if kind == "mode" else (quick,)
            jobs.append(Job(ident, modes, after, purse="donor" if kind == "money" else ""))
            wishes.append({
                "mode": UseMode(f"m{n}", "", ident, "partner"),
                "not before": NotBefore(f"m{n}", "", ident, more),
                "money": Money(f"m{n}", "", "donor", (Release(more, 10),)),
                "closed": Closed(f"m{n}", "", (ident,), ((0, more),)),
                "pin": Pin(f"m{n}", "", ident, more),
            }[kind])  # fmt: skip
            length += base + more
        last = ident
    jobs.append(job("L", 1, {last: 0}))
    wishes.append(LaunchBy("by", "", length - 1))
    horizon = 3 * length + 40 * scale
    for n in range(others):
        jobs.append(
            job(f"N{n}", rng.randint(1, 5) * scale, {f"N{rng.randrange(n)}": 0} if n else {}, optional=n % 3 == 2)
        )
    for n in range(noise):
        ident, kind = f"N{rng.randrange(others)}", rng.randrange(5)
        wishes.append([
            DoneBy(f"n{n}", "", ident, horizon - scale), NotBefore(f"n{n}", "", ident, rng.randint(1, 5)),
            Closed(f"n{n}", "", (ident,), ((3, 6), (9, 9 + scale))), Must(f"n{n}", "", (ident,)),
            Limit(f"n{n}", "", f"x{n}", 2),
        ][kind])  # fmt: skip
    rng.shuffle(jobs)
    rng.shuffle(wishes)
    return Problem(tuple(jobs), {}, horizon, launch="L"), wishes, {f"m{n}" for n in range(members - 1)} | {"by"}


@pytest.mark.parametrize("seed", range(20))
def test_a_planted_conflict_is_named_member_by_member(seed):
    base, wishes, members = planted(seed, members=2 + seed % 4, noise=6 + seed % 5)
    before = process_time()
    found = conflict(base, wishes, WORDS)
    assert process_time() - before < 10
    assert found is not None
    assert found.certain
    assert {w.id for w in found.wishes} == members
    assert not holds(applied(base, found.wishes))
    for one in found.wishes:
        assert holds(applied(base, [w for w in found.wishes if w is not one])), one.id


@pytest.mark.parametrize("seed", range(0, 20, 4))
def test_each_way_out_frees_every_wish_and_a_little_less_does_not(seed):
    base, wishes, _ = planted(seed, members=2 + seed % 4)
    found = conflict(base, wishes, WORDS)
    assert {way.wish.id for way in found.ways_out} == {w.id for w in found.wishes}
    for way in found.ways_out:
        others = [w for w in wishes if w is not way.wish]
        assert way.frees_all
        assert way.certain
        assert holds(applied(base, others + [way.instead] * (way.instead is not None))), way
        for closer in a_little_less(way):
            assert not holds(applied(base, [*others, closer])), (way, closer)


def a_little_less(way) -> list[Wish]:
    """Return the wishes that loosen one unit less than a way out does."""
    wish, instead = way.wish, way.instead
    match instead:
        case LaunchBy() | DoneBy():
            return [replace(instead, day=instead.day - 1)]
        case NotBefore():
            return [replace(instead, day=instead.day + 1)]
        case Pin():
            return [replace(wish, day=wish.day + d) for d in range(1 - way.amount, way.amount)]
        case Limit():
            return [replace(instead, units=instead.units - 1)]
        case Money():
            return [replace(wish, releases=(Release(0, way.amount - 1), *wish.releases))]
    return [wish]


def at_random(seed: int) -> tuple[Problem, list[Wish]]:
    """Return a small problem with wishes of every kind, tightened around it until they cannot hold."""
    rng = random.Random(f"random conflict {seed}")
    jobs = []
    for n in range(9):
        modes = [Mode("in_house", rng.randint(1, 4), {"r": rng.randint(1, 2)}, rng.randint(0, 5))]
        if rng.random() < 0.5:
            modes.append(Mode("partner", rng.randint(1, 6), {"s": 1}, rng.randint(0, 9)))
        after = {f"J{b}": rng.randint(0, 1) for b in rng.sample(range(n), min(n, rng.randint(0, 2)))}
        jobs.append(Job(f"J{n}", tuple(modes), after, optional=rng.random() < 0.3, purse="donor"))
    jobs.append(job("L", 0, {"J8": 0, "J7": 0}))
    base, horizon = Problem(tuple(jobs), {}, 45, launch="L"), 45
    some = [f"J{n}" for n in rng.sample(range(9), 5)]
    wishes: list[Wish] = [
        Limit("people", "", "r", 2), Limit("partners", "", "s", np.array([1] * 20 + [2] * 25)), Ceiling("ceiling", ""),
        Closed("election", "", tuple(some[:3]), ((5, 9),)), Must("gates", "", tuple(some[:4])),
        NotBefore("mandate", "", some[0], rng.randint(3, 9)), DoneBy("training", "", some[1], rng.randint(12, 20)),
        Pin("summit", "", some[2], rng.randint(8, 14)), UseMode("ours", "", some[3], "in_house"),
        Previous("last", "", {"J1": 3}),
    ]  # fmt: skip
    money, by = 60, 30
    while True:
        tight = [
            *wishes,
            Money("grant", "", "donor", (Release(0, money // 3), Release(12, money))),
            LaunchBy("by", "", by),
        ]
        if not holds(applied(base, tight)):
            return base, tight
        money, by = (money - 6, by) if rng.random() < 0.6 else (money, by - 2)
        assert horizon


@pytest.mark.parametrize("seed", range(100) if SOAK else range(6))
def test_conflicts_of_every_kind_are_irreducible_and_their_ways_out_are_the_smallest(seed):
    base, wishes = at_random(seed)
    found = conflict(base, wishes, WORDS)
    assert found.certain
    assert not holds(applied(base, found.wishes))
    for one in found.wishes:
        assert holds(applied(base, [w for w in found.wishes if w is not one])), one.id
    for way in found.ways_out:
        rest = [w for w in (wishes if way.frees_all else found.wishes) if w is not way.wish]
        assert way.frees_all == holds(applied(base, [w for w in wishes if w is not way.wish]))
        if isinstance(way.wish, Ceiling):
            assert way.amount == least(applied(base, rest), "over budget")
            continue
        assert holds(applied(base, rest + [way.instead] * (way.instead is not None))), way
        if way.certain and way.instead is not None:
            assert not any(holds(applied(base, [*rest, less])) for less in a_little_less(way)), way


def as_wishes(problem: Problem) -> tuple[Problem, list[Wish]]:
    """Return a problem's jobs alone, and everything else in it as wishes."""
    wishes: list[Wish] = []
    for j in problem.jobs:
        if j.begun:
            wishes.append(Begun(f"begun {j.id}", "", j.id, j.fixed, j.modes[0].length, j.modes[0].id))
            continue
        wishes += [Pin(f"pin {j.id}", "", j.id, j.fixed)] * (j.fixed is not None)
        wishes += [NotBefore(f"from {j.id}", "", j.id, j.earliest)] * (j.earliest > 0)
        wishes += [Closed(f"closed {j.id}", "", (j.id,), j.closed)] * bool(j.closed)
        if j.latest_end is not None and not j.optional:
            wishes.append(DoneBy(f"by {j.id}", "", j.id, j.latest_end))
    wishes += [Limit(f"limit {r}", "", r, units) for r, units in problem.capacity.items()]
    wishes += [Money(f"money {p}", "", p, releases) for p, releases in problem.purses.items()]
    wishes += [Ceiling("ceiling", "")] * problem.ceiling
    free = {"earliest": 0, "latest_end": None, "closed": (), "fixed": None, "begun": False}
    jobs = tuple(replace(j, **free) for j in problem.jobs)
    bare = {"capacity": {}, "purses": {}, "ceiling": False, "launch_by": None, "previous": {}}
    return replace(problem, jobs=jobs, **bare), wishes


@pytest.mark.parametrize("seed", range(20) if SOAK else [7])
def test_a_launch_asked_for_too_early_in_a_real_plan_is_explained_within_ten_seconds(seed, capsys):
    base, wishes = as_wishes(realistic(seed, begun=False)[0])
    launch = best(applied(base, wishes), "launch")
    wishes.append(LaunchBy("launch", "", launch[1] - 1 - 5 * (seed % 3)))
    before = process_time()
    found = conflict(base, wishes, WORDS)
    seconds = process_time() - before
    with capsys.disabled():
        sizes = f"{len(base.jobs)} jobs, {len(wishes)} wishes, {len(found.wishes)} in conflict"
        print(f"\n  {sizes}, certain {found.certain}, {seconds:.1f} s with ways out", end="")
    assert seconds < 10
    assert found.certain
    assert feasible(applied(base, found.wishes)) is False
    for one in found.wishes:
        rest = applied(base, [w for w in found.wishes if w is not one])
        assert check(rest, solve(rest, work=0.2).plan) == []
    for way in found.ways_out:
        rest = wishes if way.frees_all else found.wishes
        freed = applied(base, [w for w in rest if w is not way.wish] + [way.instead] * (way.instead is not None))
        assert check(freed, solve(freed, work=0.2).plan) == []


def test_wishes_that_hold_together_are_no_conflict():
    base = Problem((job("a", 5), job("L", 1, {"a": 0})), {}, 30, launch="L")
    assert conflict(base, [LaunchBy("by", "launch in time", 5), NotBefore("a", "", "a", 0)], WORDS) is None


def test_ways_out_are_said_in_the_words_given_dates_before_people_before_money():
    jobs = (
        Job("train", (Mode("in_house", 10, {"trainer": 1}, 400),), purse="donor"),
        Job("brief", (Mode("in_house", 10, {"trainer": 1}),)),
        job("L", 1, {"train": 0, "brief": 0}),
    )
    wishes = [
        LaunchBy("by", "launch by day 15", 15),
        Limit("trainer", "one trainer", "trainer", 1),
        Money("grant", "the grant comes on day 3", "donor", (Release(3, 1000),)),
    ]
    found = conflict(Problem(jobs, {}, 60, launch="L"), wishes, WORDS)
    assert [w.id for w in found.wishes] == ["by", "trainer"]
    assert [(way.say, way.unit, way.amount, way.least) for way in found.ways_out] == [
        ("Launch on 20, 5 working days later.", "days", 5, True),
        ("Raise the limit: 1 trainer.", "units", 1, True),
    ]


def test_too_little_money_is_said_in_money():
    jobs = (Job("a", (Mode("in_house", 3, {}, 400), Mode("partner", 9, {}, 150)), purse="donor"), job("L", 1, {"a": 0}))
    wishes = [
        LaunchBy("by", "", 5),
        Ceiling("all", ""),
        Money("grant", "", "donor", (Release(0, 100), Release(20, 200))),
    ]
    found = conflict(Problem(jobs, {}, 60, launch="L"), wishes, WORDS)
    assert [w.id for w in found.wishes] == ["by", "grant"]  # nothing dear can start before day 20
    assert [(way.unit, way.amount) for way in found.ways_out] == [("days", 24), ("money", 300)]
    found = conflict(
        Problem(jobs, {}, 60, launch="L"),
        [wishes[0], wishes[1], replace(wishes[2], releases=(Release(0, 300),))],
        WORDS,
    )
    assert [(w.wish.id, w.unit, w.amount) for w in found.ways_out] == [
        ("by", "days", 4), ("all", "money", 100), ("grant", "money", 100),
    ]  # fmt: skip


def test_a_way_out_says_when_another_conflict_stays():
    jobs = (job("a", 5), job("b", 5), job("L", 1, {"a": 0}))
    wishes = [LaunchBy("by", "", 4), NotBefore("late", "", "b", 9), DoneBy("soon", "", "b", 13)]
    found = conflict(Problem(jobs, {}, 60, launch="L"), wishes, WORDS)
    assert [w.id for w in found.wishes] in (["by"], ["late", "soon"])
    assert not any(way.frees_all for way in found.ways_out)


def test_a_problem_that_no_wish_made_impossible_names_none():
    base = Problem((job("a", 9),), {}, 5)
    found = conflict(base, [NotBefore("x", "", "a", 1)], WORDS)
    assert (found.wishes, found.ways_out, found.certain) == ((), (), True)


def test_what_has_begun_is_never_named():
    base = Problem((job("a", 5), job("L", 1, {"a": 0})), {}, 40, launch="L")
    wishes = [Begun("real", "", "a", 4, 12), LaunchBy("by", "", 10), Pin("pin", "", "a", 0)]
    found = conflict(base, wishes, WORDS)
    assert [w.id for w in found.wishes] == ["by"]  # day 16 is the first after what has begun
    assert [(way.unit, way.amount) for way in found.ways_out] == [("days", 6)]


def test_the_order_of_wishes_does_not_matter():
    jobs = (
        Job("a", (Mode("in_house", 5, {"r": 1}, 3), Mode("partner", 3, {}, 9)), purse="donor"),
        Job("b", (Mode("in_house", 4, {"r": 1}), Mode("partner", 3)), {"a": 2}, optional=True),
        Job("c", (Mode("in_house", 4, {"r": 1}), Mode("partner", 3)), optional=True),
        job("L", 1, {"a": 0}, optional=True),
    )
    base = Problem(jobs, {}, 40, launch="L")
    wishes: list[Wish] = [
        *[LaunchBy("", "", 20), LaunchBy("", "", 25), Ceiling("", ""), Must("", "", ("L", "b"))],
        *[Limit("", "", "r", 9), Limit("", "", "r", np.arange(40)), Limit("", "", "r", np.arange(50, 10, -1))],
        *[Money("", "", "donor", (Release(9, 5), Release(0, 5))), Money("", "", "donor", (Release(4, 7),))],
        *[Pin("", "", "b", 9), Pin("", "", "b", 12, "partner"), DoneBy("", "", "b", 30), DoneBy("", "", "b", 28)],
        *[Begun("", "", "a", 1, 7, "partner"), UseMode("", "", "a", "in_house"), NotBefore("", "", "a", 2)],
        *[Closed("", "", ("a", "c", "gone"), ((3, 4), (1, 2))), Closed("", "", ("c",), ((2, 3),))],
        *[NotBefore("", "", "c", 3), NotBefore("", "", "c", 5), UseMode("", "", "c", "in_house")],
        *[Previous("", "", {"a": 1, "gone": 4}), Previous("", "", {"a": 0, "c": 5})],
    ]

    def plain(seed: int) -> tuple:
        """Return the problem under the wishes in an order of their own, which their ids give."""
        order = random.Random(seed).sample(range(len(wishes)), len(wishes))
        found = applied(base, [replace(wishes[n], id=f"{place:02}") for place, n in enumerate(order)])
        units = {r: found.units(r).tolist() for r in found.capacity}
        return found.jobs, units, found.purses, found.ceiling, found.launch_by, found.previous

    assert all(plain(seed) == plain(0) for seed in range(1, 30))


def test_two_purses_of_one_name_give_the_smaller_sum_on_every_day():
    one, two = (Release(0, 5), Release(10, 20)), (Release(3, 12),)
    for first, second in ((one, two), (two, one)):
        base = Problem((job("a", 1),), {}, 20)
        found = applied(base, [Money("x", "", "donor", first), Money("y", "", "donor", second)]).purses["donor"]
        for day in range(20):
            so_far = [sum(r.amount for r in some if r.day <= day) for some in (one, two, found)]
            assert so_far[2] == min(so_far[:2])


def test_a_wish_about_a_job_that_is_not_there_says_so():
    with pytest.raises(ValueError, match="wish 'x' names ghost"):
        applied(Problem((job("a", 1),), {}, 5), [Pin("x", "", "ghost", 3)])
