"""What a change is worth: the difference of two whole solves, by a model that shares nothing with the planner's."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from own_model import least
from test_conflict import SOAK, job, texts

from hotline_catalyst.planning.changes import Change, gone, later, more_money, more_units, sooner, usual
from hotline_catalyst.planning.problem import Job, Mode, Need, Placed, Problem, Release, Solution
from hotline_catalyst.planning.solver import solve
from hotline_catalyst.planning.ways_out import Words
from hotline_catalyst.planning.wishes import Closed, LaunchBy, Limit, Money, Pin, Previous, UseMode, Wish, applied
from hotline_catalyst.planning.worth import said, worth

WORDS = Words(texts("ways_out") | texts("worth"))


def at_random(seed: int) -> tuple[Problem, list[Wish]]:
    """Return a small problem that is short of people, of money and of days."""
    rng = random.Random(f"worth {seed}")
    jobs = []
    for n in range(8):
        modes = [Mode("in_house", rng.randint(1, 4), {"r": rng.randint(1, 2)}, rng.randint(1, 5))]
        if rng.random() < 0.5:
            modes.append(Mode("partner", rng.randint(1, 5), {"s": 1}, rng.randint(4, 9)))
        after = {f"J{b}": rng.randint(0, 2) for b in rng.sample(range(n), min(n, rng.randint(0, 2)))}
        jobs.append(Job(f"J{n}", tuple(modes), after, purse="donor"))
    jobs.append(job("L", 0, {f"J{n}": 0 for n in range(4, 8)}))
    two_ways = [j.id for j in jobs if len(j.modes) > 1]
    wishes: list[Wish] = [
        Limit("people", "two people", "r", 2),
        Limit("partners", "one partner", "s", 1),
        Money("grant", "", "donor", (Release(0, 12), Release(rng.randint(8, 20), 12))),
        Closed("election", "", ("J1", "J2", "J3"), ((4, 9),)),
        Pin("summit", "", "J0", rng.randint(2, 6)),
        *[UseMode("ours", "", j, "in_house") for j in two_ways[:1]],
    ]
    return Problem(tuple(jobs), {}, 48, launch="L"), wishes


def both(problem: Problem) -> tuple[int, int] | None:
    """Return the least launch day, and the least money over budget on that day."""
    launch = least(problem, "launch")
    if launch is None:
        return None
    over = least(replace(problem, launch_by=launch), "over budget")
    assert over is not None
    return launch, over


def after(base: Problem, wishes: list[Wish], change: Change) -> Problem:
    return applied(base, [*[w for w in wishes if w.id not in change.without], *change.adds])


@pytest.mark.parametrize("seed", range(40) if SOAK else range(4))
def test_worth_is_the_difference_of_two_whole_solves(seed):
    base, wishes = at_random(seed)
    solution = solve(applied(base, wishes), work=0.5)
    changes = usual(base, wishes, WORDS, extra=lambda limit: 1, month=5, starts={"J2": solution.plan["J2"].start})
    was = both(applied(base, wishes))
    found = worth(base, wishes, solution, changes)
    assert [w.id for w in found] == [c.id for c in changes]
    for measured, change in zip(found, changes, strict=True):
        now = both(after(base, wishes, change))
        assert measured.certain, measured
        assert measured.possible == (now is not None)
        if now is not None:
            assert (measured.days, measured.money) == (was[0] - now[0], was[1] - now[1]), measured
            assert measured.days_between == (measured.days, measured.days)


def two_trainings(**rest) -> tuple[Problem, list[Wish]]:
    """Return two trainings of ten days that one trainer must give before the launch."""
    train = [Job(i, (Mode("in_house", 10, {"trainer": 1, "room": 1}, 100),), purse="donor") for i in ("a", "b")]
    base = Problem((*train, job("L", 1, {"a": 0, "b": 0})), {}, 80, launch="L", **rest)
    return base, [Limit("trainer", "one trainer", "trainer", 1), Limit("room", "three rooms", "room", 3)]


def test_a_second_trainer_brings_the_launch_forward_and_a_fourth_room_does_not():
    base, wishes = two_trainings()
    changes = [more_units(wishes[0], 1, "a second trainer"), more_units(wishes[1], 1, "a fourth room")]
    trainer, room = worth(base, wishes, solve(applied(base, wishes)), changes)
    assert (trainer.days, trainer.certain) == (10, True)
    assert (room.days, room.certain) == (0, True)
    assert said(trainer, WORDS) == "a second trainer: the launch can come 10 working days earlier."
    assert said(room, WORDS) == "a fourth room: the launch keeps its date."


def test_money_that_comes_a_month_sooner_and_money_that_is_missing():
    base, wishes = two_trainings()
    money = Money("grant", "", "donor", (Release(0, 100), Release(31, 50)))
    wishes = [*wishes, money]
    changes = [sooner(money, 1, 21, "sooner"), more_money(money, Release(0, 100), "more")]
    early, more = worth(base, wishes, solve(applied(base, wishes)), changes)
    # Two hundred are needed: the second training waits for day 31, and then 50 are still missing.
    assert (early.days, early.money) == (21, 0)
    assert (more.days, more.money) == (21, 50)
    assert said(more, WORDS, "units") == (
        "more: the launch can come 21 working days earlier. 50 units less lies above the budget."
    )


def test_a_month_lost_moves_the_launch_although_it_was_promised():
    base, wishes = two_trainings()
    wishes = [*wishes, LaunchBy("by", "launch by day 25", 25), Previous("last", "", {"L": 22})]
    solution = solve(applied(base, wishes))
    start = {j.id: 21 for j in base.jobs}
    changes = [later("free", start, "a month lost", ["by"]), later("held", start, "a month lost")]
    free, held = worth(base, wishes, solution, changes)
    assert (free.days, free.certain) == (-21, True)
    assert held.possible is False
    assert said(free, WORDS) == "a month lost: the launch comes 21 working days later."
    assert said(held, WORDS) == "a month lost: no plan is left that keeps everything else."


def test_a_change_that_opens_a_gate_says_so_beside_the_later_launch():
    base = Problem(
        (job("a", 5), job("g", 9, optional=True), job("L", 1, {"a": 0}, behind={"g": 0})),
        {}, 40, (Need("gate", ("g",), 3, gate=True),), launch="L",
    )  # fmt: skip
    closed = Closed("roads", "no travel", ("g",), ((0, 40),))
    (found,) = worth(base, [closed], solve(applied(base, [closed])), [gone(closed, "the roads are open")])
    assert (found.gates, found.days) == (3, -4)


def test_what_the_search_could_not_settle_is_given_as_a_range():
    rng = random.Random(7)
    jobs = [
        Job(f"J{n}", (Mode("in_house", rng.randint(3, 19), {"r": rng.randint(3, 9)}),),
            {f"J{b}": 0 for b in rng.sample(range(n), min(n, 1)) if n % 3})
        for n in range(40)
    ]  # fmt: skip
    base = Problem((*jobs, job("L", 1, {j.id: 0 for j in jobs})), {}, 600, launch="L")
    people = Limit("people", "", "r", 12)
    (found,) = worth(
        base, [people], solve(applied(base, [people]), work=0.2), [more_units(people, 2, "two more")], work=0.001
    )
    assert not found.certain
    assert found.days_between[0] <= found.days <= found.days_between[1]
    assert f"{found.days_between[0]} to {found.days_between[1]}" in said(found, WORDS)


def test_a_change_of_a_wish_that_is_not_there_says_so():
    base, wishes = two_trainings()
    nobody = Limit("nobody", "", "x", 1)
    with pytest.raises(ValueError, match="no wish is called nobody"):
        worth(base, wishes, Solution({"a": Placed(0)}, ()), [gone(nobody, "")])
