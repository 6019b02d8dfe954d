"""Small numbers kept safe: levels joined until each group reaches k, cells withheld until no sum gives one back.

Two rules, both provable:

1. A list of levels is published as groups. Every group counts at least k. A level inside a joined group can be any of
   at least k + 1 numbers, also for a reader who knows that none of the joined levels is zero.
2. A table of groups by groups shows its totals. Cells under k are withheld, zero included, and with them as many
   others as it takes until every withheld cell could be any of at least k + 1 values. The range of a cell, given all
   totals and all shown cells, is found exactly: raising one cell by 1 means lowering and raising others in a closed
   round, so the farthest it can go is a largest flow through the withheld cells. If nothing less helps, the whole
   inside is withheld; since every total is at least k and there are two or more groups each way, that always does.

All tables of a release share one side (the category). Tables that share one side and nothing else give no more
together than each alone, so each is made safe by itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

Cell = tuple[int, int]
Table = list[list[int]]


def groups(counts: dict[str, int], k: int) -> list[tuple[str, ...]]:
    """Join the levels that count less than k, in their own order; empty when fewer than two groups would remain.

    Levels that nobody came under are left out. A reader then knows that each joined level counts at least 1, so a
    joined group must count k more than it has levels.

    >>> groups({"call": 90, "text": 40, "chat": 6, "letter": 1, "email": 0}, 11)
    [('call',), ('text', 'chat', 'letter')]
    """
    there = {level: count for level, count in counts.items() if count > 0}
    small = [level for level in there if there[level] < k]
    large = [level for level in there if there[level] >= k]
    while small and sum(there[level] for level in small) < k + len(small) and large:
        smallest = min(large, key=lambda level: there[level])
        large.remove(smallest)
        small.append(smallest)
    found: list[tuple[str, ...]] = [(level,) for level in large]
    if small:
        found.append(tuple(level for level in there if level in small))
    return found if len(found) > 1 else []


def protect(table: Table, k: int) -> set[Cell]:
    """Return the cells to withhold from a table whose row and column totals are published, each at least k."""
    rows, columns = range(len(table)), range(len(table[0]))
    withheld = {(i, j) for i in rows for j in columns if table[i][j] < k}
    waiting = deque(sorted(withheld))
    while waiting:
        cell = waiting[0]
        if width(table, withheld, cell, k) >= k:
            waiting.popleft()
            continue
        added = _cheapest(table, withheld, cell)
        # Withholding more only widens ranges, so what was safe before stays safe.
        withheld |= added
        waiting.extend(sorted(added))
    return _given_back(table, withheld, k)


def _cheapest(table: Table, withheld: set[Cell], cell: Cell) -> set[Cell]:
    """Return what to withhold with a cell: the other corners of the rectangle that costs the fewest signals."""
    i, j = cell
    best: tuple[int, int, set[Cell]] | None = None
    for a in range(len(table)):
        for b in range(len(table[0])):
            new = {(i, b), (a, j), (a, b)} - withheld
            if a == i or b == j or not new:
                continue
            cost = (sum(table[r][c] for r, c in new), len(new), new)
            if best is None or cost[:2] < best[:2]:
                best = cost
    # Without a rectangle everything that could help is withheld, and then the cell is safe; see rule 2.
    return best[2] if best else set()


def _given_back(table: Table, withheld: set[Cell], k: int) -> set[Cell]:
    """Show again what the search withheld too much, the largest first."""
    extra = sorted((cell for cell in withheld if table[cell[0]][cell[1]] >= k), key=lambda c: (-table[c[0]][c[1]], c))
    for cell in extra:
        fewer = withheld - {cell}
        if all(width(table, fewer, other, k) >= k for other in fewer):
            withheld = fewer
    return withheld


def width(table: Table, withheld: set[Cell], cell: Cell, enough: int) -> int:
    """Return how far apart the least and the largest possible value of a cell are; counting stops at `enough`."""
    down = min(_reach(table, withheld, cell, enough, raising=False), table[cell[0]][cell[1]])
    return down if down >= enough else down + _reach(table, withheld, cell, enough - down, raising=True)


def _reach(table: Table, withheld: set[Cell], cell: Cell, enough: int, raising: bool) -> int:
    """Return by how much a cell can rise (or fall), as a largest flow from its row to its column.

    Rows are nodes 0, 1, 2 …; columns are nodes -1, -2, -3 …. To raise the cell, another of its row falls, one of that
    column rises, and so on until one of the cell's own column falls. A cell can fall to 0 and rise without limit.
    """
    room: dict[int, dict[int, int]] = {}
    most = sum(map(sum, table))
    for i, j in withheld - {cell}:
        fall, rise = table[i][j], most
        room.setdefault(i, {})[-1 - j] = fall if raising else rise
        room.setdefault(-1 - j, {})[i] = rise if raising else fall
    start, end = cell[0], -1 - cell[1]
    flow = 0
    while flow < enough:
        path = _path(room, start, end)
        if not path:
            break
        step = min([enough - flow, *(room[a][b] for a, b in path)])
        for a, b in path:
            room[a][b] -= step
            room[b][a] += step
        flow += step
    return flow


def _path(room: dict[int, dict[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    """Return a shortest way with room left, as steps; empty when there is none."""
    came: dict[int, int] = {start: start}
    queue = deque([start])
    while queue and end not in came:
        here = queue.popleft()
        for there, left in room.get(here, {}).items():
            if left > 0 and there not in came:
                came[there] = here
                queue.append(there)
    steps: list[tuple[int, int]] = []
    while end in came and end != start:
        steps.append((came[end], end))
        end = came[end]
    return steps[::-1]


def totals(table: Table) -> tuple[list[int], list[int]]:
    """Return the sums of the rows and of the columns."""
    return [sum(row) for row in table], [sum(column) for column in zip(*table, strict=True)]


def counted(pairs: Iterable[tuple[str, int]], levels: Iterable[str]) -> dict[str, int]:
    """Add up counts by level, in the order of the levels, zero where there is none."""
    found = dict.fromkeys(levels, 0)
    for level, count in pairs:
        found[level] += count
    return found
