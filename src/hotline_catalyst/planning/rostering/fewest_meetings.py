"""The fewest meetings that let everybody attend one: a smallest set cover, searched to the end, then made kinder."""

from __future__ import annotations

from collections.abc import Sequence

MOST_STEPS = 20_000  # per number of meetings; beyond it one more meeting is tried


def fewest(costs: Sequence[Sequence[int | None]]) -> list[tuple[int, list[int]]]:
    """Return the times to hold, each with who attends: everybody who can attend any time attends one.

    Parameters
    ----------
    costs
        By time and person: how bad this time is for the person; None where the person cannot come.
    """
    masks = [sum(1 << p for p, cost in enumerate(row) if cost is not None) for row in costs]
    everybody = 0
    for mask in masks:
        everybody |= mask
    if not everybody:
        return []
    chosen = _kinder(_cover(masks, everybody), costs, everybody)
    found: dict[int, list[int]] = {}
    for p in range(everybody.bit_length()):
        able = [(cost, slot) for slot in chosen if (cost := costs[slot][p]) is not None]
        if able:
            found.setdefault(min(able)[1], []).append(p)
    return sorted(found.items())


def _cover(masks: Sequence[int], everybody: int) -> list[int]:
    """Return a smallest set of times that everybody can attend one of."""
    useful: dict[int, int] = {}
    for slot, mask in enumerate(masks):
        useful.setdefault(mask, slot)
    # A time at which nobody comes who could not come at another is never needed.
    best = [m for m in sorted(useful, key=lambda m: (-m.bit_count(), useful[m])) if m]
    best = [m for i, m in enumerate(best) if not any(m & other == m for other in best[:i])]
    for count in range(1, everybody.bit_count() + 1):
        if (found := _Search(best).run(everybody, count)) is not None:
            return [useful[m] for m in found]
    raise AssertionError("each person alone can attend a time")


class _Search:
    def __init__(self, masks: Sequence[int]):
        self.masks, self.steps = masks, 0

    def run(self, left: int, count: int) -> list[int] | None:
        """Return ``count`` masks or fewer that hold all bits of ``left``, or None."""
        if not left:
            return []
        self.steps += 1
        most = max((mask & left).bit_count() for mask in self.masks)
        if self.steps > MOST_STEPS or count * most < left.bit_count():
            return None
        bits = [1 << p for p in range(left.bit_length()) if left >> p & 1]
        rarest = min(bits, key=lambda bit: sum(bool(mask & bit) for mask in self.masks))
        options = sorted((m for m in self.masks if m & rarest), key=lambda m: -(m & left).bit_count())
        for mask in options:
            if (rest := self.run(left & ~mask, count - 1)) is not None:
                return [mask, *rest]
        return None


def _kinder(chosen: list[int], costs: Sequence[Sequence[int | None]], everybody: int) -> list[int]:
    """Replace one time after another by a kinder one at which everybody still finds a place, while that helps."""
    people = [p for p in range(everybody.bit_length()) if everybody >> p & 1]

    def price(slots: Sequence[int]) -> int:
        total = 0
        for p in people:
            able = [cost for slot in slots if (cost := costs[slot][p]) is not None]
            if not able:
                return 10**9
            total += min(able)
        return total

    now, better = price(chosen), True
    while better:
        better = False
        for i in range(len(chosen)):
            options = [[*chosen[:i], slot, *chosen[i + 1 :]] for slot in range(len(costs))]
            best = min(options, key=price)
            if price(best) < now:
                chosen, now, better = best, price(best), True
    return chosen
