"""Processor time as it would be in a quiet moment: shared machines run the same work several times slower at times."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

STEPS = 100_000


@dataclass
class Spent:
    """Processor seconds of a block once it has ended, less what the machine's slowness added."""

    seconds: float = 0.0


def _pace() -> float:
    """Return the processor seconds that work known in advance takes just now."""
    begun = time.process_time()
    sum(n & 7 for n in range(STEPS))
    return time.process_time() - begun


_quickest = min(_pace() for _ in range(5))


@contextmanager
def measured() -> Iterator[Spent]:
    """Measure a block; how slow the machine is just before and just after is taken off."""
    global _quickest
    spent, before = Spent(), _pace()
    begun = time.process_time()
    try:
        yield spent
    finally:
        taken, after = time.process_time() - begun, _pace()
        _quickest = min(_quickest, before, after)
        spent.seconds = taken * _quickest / max(_quickest, (before + after) / 2)
