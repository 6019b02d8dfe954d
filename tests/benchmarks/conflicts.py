"""Twenty rosters with a planted conflict: is the named set in conflict, is it minimal, and how long did it take?

    python tests/benchmarks/conflicts.py [SEED ...]

Judged by the model of the rules in tests/test_roster_reasons.py, written from the question alone. Times are processor
seconds of `explain`, the ways out solved again included.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from roster_conflicts import planted
from test_roster_reasons import can_hold, explained


def judged(seed: int) -> tuple[bool, bool]:
    """Return whether the named set cannot hold, and whether without any one of its rules the rest can."""
    asked, reasons = planted(seed)[0], explained(seed)[0]
    rules = {rule for rule in reasons.conflict if rule != "cover" and not rule.startswith("language")}
    conflicting = not can_hold(asked, rules, reasons.places)
    minimal = all(can_hold(asked, rules - {rule}, reasons.places) for rule in rules) and all(
        can_hold(asked, rules, [p for p in reasons.places if p.rule != asks])
        for asks in {p.rule for p in reasons.places}
    )
    return conflicting, minimal


def main(seeds: list[int]) -> None:
    """Print one line for each conflict, and the sums."""
    print(f"{'seed':>4}  {'planted':<26} {'people':>6}  {'in conflict':<11} {'minimal':<7} {'seconds':>7}  named")
    right, times = 0, []
    for seed in seeds:
        asked, _, name = planted(seed)
        reasons, seconds = explained(seed)
        conflicting, minimal = judged(seed)
        right += conflicting and minimal
        times.append(seconds)
        said = ("no", "yes")
        print(
            f"{seed:>4}  {name:<26} {len(asked.people):>6}  {said[conflicting]:<11} {said[minimal]:<7} {seconds:>7.1f}"
            f"  {', '.join(reasons.conflict)}",
            flush=True,
        )
    print(f"{right} of {len(seeds)} named and minimal; {max(times):.1f} processor seconds at most")


if __name__ == "__main__":
    main([int(seed) for seed in sys.argv[1:]] or list(range(20)))
