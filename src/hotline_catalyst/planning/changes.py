"""Changes of what is asked of a plan, whose worth can be measured: more people, money sooner, a wish gone, a delay."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from .problem import Days, Problem, Release
from .ways_out import Words
from .wishes import Closed, DoneBy, LaunchBy, Limit, Money, NotBefore, Pin, UseMode, Wish


@dataclass(frozen=True)
class Change:
    """A change of what is asked: the wishes in ``without`` (by id) go, those in ``adds`` come; ``say`` says it.

    ``harder`` is true when it can only make the plan harder, and false when it can only make it easier.
    """

    id: str
    say: str
    without: tuple[str, ...] = ()
    adds: tuple[Wish, ...] = ()
    harder: bool = False


def more_units(limit: Limit, units: int, say: str) -> Change:
    """Return the change that a resource has some units more on every day."""
    return Change(f"more:{limit.resource}", say, (limit.id,), (replace(limit, units=limit.units + units),))


def sooner(money: Money, number: int, days: Days, say: str) -> Change:
    """Return the change that one release of a purse, by its place, comes some days sooner."""
    moved = [replace(r, day=max(0, r.day - days)) if n == number else r for n, r in enumerate(money.releases)]
    return Change(f"sooner:{money.purse}:{number}", say, (money.id,), (replace(money, releases=tuple(moved)),))


def more_money(money: Money, release: Release, say: str) -> Change:
    """Return the change that a purse receives one release more."""
    return Change(f"money:{money.purse}", say, (money.id,), (replace(money, releases=(*money.releases, release)),))


def gone(wish: Wish, say: str) -> Change:
    """Return the change that a wish is given up."""
    return Change(f"gone:{wish.id}", say, (wish.id,))


def later(ident: str, jobs: Mapping[str, Days], say: str, without: Iterable[str] = ()) -> Change:
    """Return the change that jobs start no sooner than on some days.

    With a deadline in ``without``, which is forgotten for it, nothing is known beforehand of whether it is harder.
    """
    adds = tuple(NotBefore(f"later:{ident}:{job}", say, job, day) for job, day in sorted(jobs.items()))
    return Change(f"later:{ident}", say, tuple(without), adds, harder=True)


def usual(
    base: Problem, wishes: Sequence[Wish], words: Words, extra: Callable[[Limit], int], month: Days,
    today: Days = 0, starts: Mapping[str, Days] | None = None,
) -> list[Change]:  # fmt: skip
    """Return the changes people ask about first, each said in ``words``.

    More units of each resource, each release a month sooner, one release more like the largest, each window and date
    gone, everything a month later, and single jobs a month later.

    Parameters
    ----------
    extra
        Units to add to a limit; 0 leaves it out.
    month
        Working days in a month.
    today, starts
        The day from which everything is delayed, and the planned starts of the jobs to delay one by one.
    """
    deadlines = [w.id for w in wishes if isinstance(w, LaunchBy)]
    every = {job.id: today + month for job in base.jobs}
    found = [c for wish in wishes if wish.can_drop for c in _of(wish, words, extra, month)]
    found.append(later("start", every, words.texts["change_start"].format(amount=month), deadlines))
    for job, start in sorted((starts or {}).items()):
        say = words.texts["change_later"].format(what=words.job(job), amount=month)
        found.append(later(job, {job: start + month}, say, deadlines))
    return found


def _of(wish: Wish, words: Words, extra: Callable[[Limit], int], month: Days) -> Iterator[Change]:
    match wish:
        case Limit() if units := extra(wish):
            yield more_units(wish, units, words.said("change_more", wish, amount=words.units(wish.resource, units)))
        case Money() if wish.releases:
            for n, release in enumerate(wish.releases):
                if release.day > 0:
                    amount, day = words.money(wish.purse, release.amount), max(0, release.day - month)
                    yield sooner(wish, n, month, words.said("change_sooner", wish, amount=amount, day=day))
            most = max(r.amount for r in wish.releases)
            say = words.said("change_money", wish, amount=words.money(wish.purse, most))
            yield more_money(wish, Release(0, most), say)
        case Closed() | Pin() | NotBefore() | DoneBy() | UseMode():
            yield gone(wish, words.said("change_gone", wish))
