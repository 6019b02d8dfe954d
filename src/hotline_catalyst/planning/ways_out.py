"""Ways out of a conflict: for each wish in it, the smallest loosening that lets everything else stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from .problem import Days, Plan, Problem, Release
from .wishes import Ceiling, DoneBy, LaunchBy, Limit, Money, Must, NotBefore, Pin, UseMode, Wish

if TYPE_CHECKING:
    from .model import Model

Unit = Literal["days", "units", "jobs", "money", "drop"]
# A date that moves costs nobody anything but waiting; people must be found; work left undone leaves a finding open;
# money must be raised; giving a wish up altogether is the last resort.
EFFORT: tuple[Unit, ...] = ("days", "units", "jobs", "money", "drop")
Measure = Callable[["Model"], Any]  # an expression of the solver over one of its models
GRAINS = 1000  # money is searched in steps of a power of ten, at most so many


Dated = TypeVar("Dated", LaunchBy, DoneBy, NotBefore)
_KINDS: Mapping[type[Wish], str] = {LaunchBy: "launch_by", DoneBy: "done_by", NotBefore: "not_before"}


class Asking(Protocol):
    """What the ways out need to know of the wishes and the base problem."""

    base: Problem
    soft: list[Wish]
    work: float

    def problem(self, wishes: Sequence[Wish]) -> Problem:
        """Return the base problem under some wishes."""

    def hold(self, wishes: Sequence[Wish]) -> bool | None:
        """Return whether some of the wishes hold together."""

    def ask(self, problem: Problem) -> bool | None:
        """Return whether a problem has any plan."""

    def least(self, problem: Problem, measure: Measure) -> tuple[int, int, Plan] | None:
        """Return the least of a measure over all plans, its bound, and the plan."""


@dataclass(frozen=True)
class Words:
    """How ways out are said: one sentence for each kind, and how to write its parts.

    Parameters
    ----------
    texts
        Sentences with places for ``{wish}``, ``{amount}``, ``{what}`` and ``{day}``, by kind (see
        assessment/roadmap_words.yaml).
    day, job
        Write a day of the axis and a job.
    money, units
        Write an amount of a purse's money, and units of a resource.
    """

    texts: Mapping[str, str]
    day: Callable[[Days], str] = str
    job: Callable[[str], str] = str
    money: Callable[[str, int], str] = lambda purse, amount: f"{amount} {purse}"
    units: Callable[[str, int], str] = lambda resource, units: f"{units} {resource}"

    def said(self, kind: str, wish: Wish, amount: str = "", what: str = "", day: Days | None = None) -> str:
        """Return the sentence of a kind with its parts filled in."""
        return self.texts[kind].format(
            wish=wish.say, amount=amount, what=what, day="" if day is None else self.day(day)
        )


@dataclass(frozen=True)
class WayOut:
    """The smallest loosening of one wish that frees the conflict.

    ``amount`` counts working days, units of a resource, jobs left out or money, as ``unit`` says; ``instead`` is the
    wish that can hold in its place, None when it has to be given up. ``frees_all`` is false when another conflict stays
    among the other wishes; ``certain`` is true when a little less is proved not to do; ``least`` marks the smallest of
    its unit.
    """

    wish: Wish
    say: str
    amount: int
    unit: Unit
    instead: Wish | None = None
    frees_all: bool = True
    certain: bool = True
    least: bool = False


def ways_out(asking: Asking, members: Sequence[Wish], words: Words) -> tuple[WayOut, ...]:
    """Return one way out for each member, in order of the effort it asks of people.

    Days first (a date that moves costs nobody anything but waiting), then people, then work left undone, then money,
    then giving a wish up; within a unit the smallest first. All are returned: who has to find the money and who has
    to wait are seldom the same people, and the choice is theirs.
    """
    found = [_way_out(asking, members, one, words) for one in members]
    found.sort(key=lambda way: (EFFORT.index(way.unit), way.amount, way.wish.id))
    smallest: dict[Unit, int] = {}
    for way in found:
        smallest.setdefault(way.unit, way.amount)
    return tuple(replace(way, least=way.unit != "drop" and way.amount == smallest[way.unit]) for way in found)


def _way_out(asking: Asking, members: Sequence[Wish], wish: Wish, words: Words) -> WayOut:
    others = [w for w in asking.soft if w is not wish]
    frees_all = asking.hold(others) is True
    rest = others if frees_all else [w for w in members if w is not wish]
    way = _loosened(asking, rest, wish, words)
    if way is None:
        way = WayOut(wish, words.said("drop", wish), 0, "drop", certain=asking.hold(rest) is True)
    elif not way.certain:
        way = replace(way, say=words.texts["perhaps_less"].format(say=way.say))
    return replace(way, frees_all=frees_all)


def _loosened(asking: Asking, rest: Sequence[Wish], wish: Wish, words: Words) -> WayOut | None:
    """Return the smallest loosening of a wish; None when nothing short of giving it up will do."""
    search, far = _Search(asking, rest), asking.base.horizon
    match wish:
        case LaunchBy():
            launch = asking.base.launch or ""
            return search.date(wish, replace(wish, day=far), lambda m: m.start[launch] - wish.day, 1, words)
        case DoneBy():
            end = replace(wish, day=far)
            return search.date(wish, end, lambda m: m.start[wish.job] + m.length[wish.job] - wish.day, 1, words)
        case NotBefore():
            return search.date(wish, replace(wish, day=0), lambda m: wish.day - m.start[wish.job], -1, words)
        case Pin():
            return _nearest(search, wish, words)
        case Limit():
            return _more_people(search, wish, words)
        case Money():
            return _more_money(search, wish, words)
        case Ceiling():
            return _over_budget(asking, rest, wish, words)
        case Must():
            return _fewest_gone(asking, rest, wish, words)
        case _:
            return None


class _Search:
    """Looks for the smallest amount of a loosening; more of it never makes a plan harder."""

    def __init__(self, asking: Asking, rest: Sequence[Wish]):
        self.asking, self.rest = asking, rest

    def holds(self, wish: Wish) -> bool | None:
        """Return whether a wish holds with the rest."""
        return self.asking.ask(self.asking.problem([*self.rest, wish]))

    def least(self, works: Callable[[int], bool | None], most: int) -> tuple[int, bool] | None:
        """Return the smallest amount in 1..most that works, and whether less is proved not to; None when none does."""
        low, high, certain = 0, most, True
        if most < 1 or not works(most):
            return None
        while high - low > 1:
            middle = (low + high) // 2
            answer = works(middle)
            low, high = (low, middle) if answer else (middle, high)
            certain = certain and answer is not None
        return high, certain

    def date(self, wish: Dated, free: Dated, measure: Measure, sign: int, words: Words) -> WayOut | None:
        """Return how many days a date has to move: later where ``sign`` is 1, else earlier."""
        found = self.asking.least(self.asking.problem([*self.rest, free]), measure)
        if found is None:
            return None
        instead = replace(wish, day=wish.day + sign * found[0])
        shown = instead.day - isinstance(wish, DoneBy)
        say = words.said(_KINDS[type(wish)], wish, amount=str(found[0]), day=shown)
        return WayOut(wish, say, found[0], "days", instead, certain=found[0] == found[1])


def _nearest(search: _Search, pin: Pin, words: Words) -> WayOut | None:
    """Return the nearest day a pinned job could start on, earlier or later."""

    def apart(model: Model) -> Any:
        days = model.model.new_int_var(0, search.asking.base.horizon + pin.day, "days apart")
        model.model.add_abs_equality(days, model.start[pin.job] - pin.day)
        return days

    free: list[Wish] = [Must(f"{pin.id}/in", "", (pin.job,))]
    if pin.mode is not None:
        free.append(UseMode(f"{pin.id}/mode", "", pin.job, pin.mode))
    found = search.asking.least(search.asking.problem([*search.rest, *free]), apart)
    if found is None:
        return None
    instead = replace(pin, day=found[2][pin.job].start)
    say = words.said("pin", pin, amount=str(found[0]), what=words.job(pin.job), day=instead.day)
    return WayOut(pin, say, found[0], "days", instead, certain=found[0] == found[1])


def _more_people(search: _Search, limit: Limit, words: Words) -> WayOut | None:
    """Return the least units that would have to be there on every day besides those there are."""
    most = sum(max(m.units.get(limit.resource, 0) for m in job.modes) for job in search.asking.base.jobs)
    found = search.least(lambda a: search.holds(replace(limit, units=limit.units + a)), most)
    if found is None:
        return None
    say = words.said("limit", limit, amount=words.units(limit.resource, found[0]))
    return WayOut(limit, say, found[0], "units", replace(limit, units=limit.units + found[0]), certain=found[1])


def _more_money(search: _Search, money: Money, words: Words) -> WayOut | None:
    """Return the least money that would have to be there from the first day, in round steps where it is a lot."""
    jobs = search.asking.base.jobs
    most = sum(max(m.cost for m in job.modes) for job in jobs if job.purse == money.purse)
    grain = 1
    while most > grain * GRAINS:
        grain *= 10

    def with_more(steps: int) -> Money:
        return replace(money, releases=(Release(0, steps * grain), *money.releases))

    found = search.least(lambda steps: search.holds(with_more(steps)), -(-most // grain))
    if found is None:
        return None
    amount = found[0] * grain
    say = words.said("money", money, amount=words.money(money.purse, amount))
    return WayOut(money, say, amount, "money", with_more(found[0]), certain=found[1])


def _over_budget(asking: Asking, rest: Sequence[Wish], ceiling: Ceiling, words: Words) -> WayOut | None:
    """Return the least money that a plan must have above all that was promised."""
    from .solver import best

    found = best(asking.problem(rest), "over budget", asking.work)
    if found is None:
        return None
    say = words.said("ceiling", ceiling, amount=words.money("", found[0]))
    return WayOut(ceiling, say, found[0], "money", certain=found[0] == found[1])


def _fewest_gone(asking: Asking, rest: Sequence[Wish], must: Must, words: Words) -> WayOut | None:
    """Return the fewest jobs that would have to be let go."""
    free = [job.id for job in asking.base.jobs if job.optional and job.id in must.jobs]
    found = asking.least(
        asking.problem(rest), lambda model: sum(1 - model.present[j] for j in free if j in model.present)
    )
    if found is None or not free:
        return None
    gone = [j for j in free if j not in found[2]]
    say = words.said("must", must, amount=str(len(gone)), what=", ".join(words.job(j) for j in gone))
    instead = replace(must, jobs=tuple(j for j in must.jobs if j not in gone))
    return WayOut(must, say, len(gone), "jobs", instead, certain=found[0] == found[1])
