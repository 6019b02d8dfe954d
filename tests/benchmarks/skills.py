"""Languages in full: promises against a simulation, the fewest against every mix, and what it costs.

python tests/benchmarks/skills.py promises [--from 0 --to 200 --callers 100000]
python tests/benchmarks/skills.py enumeration [--from 0 --to 12]
python tests/benchmarks/skills.py speed
"""

from __future__ import annotations

import argparse
import random
import sys
from pathlib import Path
from statistics import mean, stdev
from time import process_time

sys.path.insert(0, str(Path(__file__).parents[1]))

from test_skills import NO_ALL_ROUNDER, TIMES, a_mix, every_mix, languages_spoken, promised, simulated, spoken

from hotline_catalyst.errors import NoPlanError
from hotline_catalyst.planning.skills import fewest


def promises(seeds: range, callers: int) -> None:
    """Print how far random mixes' languages lie from their promises, in standard errors."""
    away = []
    for seed in seeds:
        people, per_hour, times = a_mix(seed)
        promise, found = promised(people, per_hour, times), simulated(people, per_hour, times, callers, 999 + seed)
        away += [
            ((share - promise[n]) / max(error, 3e-4), share - promise[n], seed) for n, (share, error) in found.items()
        ]
    errors = [z for z, _, _ in away]  # where nobody was missed the error is taken as 0.0003
    print(f"{len(seeds)} mixes, {len(away)} languages, {callers} callers each")
    print(f"standard errors above the promise: mean {mean(errors):.2f}, sd {stdev(errors):.2f}, worst {min(away)}")
    print(f"below by more than 3: {sum(z < -3 for z in errors)}; mean difference {mean(d for _, d, _ in away):.5f}")


def enumeration(cases: range) -> None:
    """Compare ``fewest`` with every mix of one person fewer, and every mix of as many who speak fewer languages."""
    for case in cases:
        rng = random.Random(case)
        per_hour = {name: round(rng.uniform(0.2, 1.5 + case % 6), 2) for name in "abc"}
        share, allowed = rng.choice([0.7, 0.8, 0.9]), NO_ALL_ROUNDER if case % 2 else None
        begun = process_time()
        try:
            found = fewest(per_hour, *TIMES, share, allowed=allowed)
        except NoPlanError as problem:
            print(case, per_hour, problem)
            continue
        took, begun = process_time() - begun, process_time()
        wide = languages_spoken(found.counts)
        mixes = every_mix(found.advocates - 1, "abc")
        mixes += [m for m in every_mix(found.advocates, "abc") if languages_spoken(m) < wide]
        mixes = [m for m in mixes if allowed is None or set(m) <= set(allowed)]
        better = [m for m in mixes if min(promised(list(m.items()), per_hour, TIMES).values()) >= share]
        print(
            f"{case}: {per_hour}, {share:.0%}: {found.advocates} advocates, {wide} languages in all, {took:.2f} s; "
            f"better of {len(mixes)} mixes: {len(better)} {better[:1]}, {process_time() - begun:.0f} s",
            flush=True,
        )


def speed() -> None:
    """Print what 12 rates with three languages cost together, from an empty cache in this process."""
    spoken({"en": 0.001, "fr": 0.001})
    for base in (1, 2, 4, 8):
        begun = process_time()
        needs = [
            spoken({"en": 0.75 * r, "fr": 0.18 * r, "sw": 0.07 * r}) for r in (base * (0.4 + i / 8) for i in range(12))
        ]
        took = process_time() - begun
        print(f"{base} signals an hour, {needs[0].advocates} to {needs[-1].advocates} advocates: {took:.3f} s")


def main() -> None:
    """Run one of the comparisons."""
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("what", choices=["promises", "enumeration", "speed"])
    reader.add_argument("--from", dest="first", type=int, default=0)
    reader.add_argument("--to", dest="last", type=int)
    reader.add_argument("--callers", type=int, default=100_000)
    asked = reader.parse_args()
    if asked.what == "promises":
        promises(range(asked.first, asked.last or 200), asked.callers)
    elif asked.what == "enumeration":
        enumeration(range(asked.first, asked.last or 12))
    else:
        speed()


if __name__ == "__main__":
    main()
