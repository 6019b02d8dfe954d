"""The queue formulas against pyworkforce, fifty digits and simulation: what, ours, theirs, ratio, target, held.

python tests/benchmarks/queues.py [--python PYTHON_WITH_PYWORKFORCE] [--quick]

pyworkforce needs Python 3.12 or newer: give the interpreter of an environment that has it, or one into which a
temporary environment can be made. Without it that part is left out and the line says so.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import numpy as np

os.environ["SOAK"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import test_chat
import test_deadline
import test_queueing
import test_transient

from hotline_catalyst.planning import chat, deadline, queueing, transient

# Handle time, promise, share, patience of five channels.
CHANNELS = (
    (900, 20, 0.9, 180),
    (1500, 30, 0.9, 300),
    (1200, 20, 0.8, 120),
    (600, 60, 0.95, 240),
    (1800, 30, 0.85, 300),
)
THEIRS = """
import json, sys, time
from pyworkforce.queuing import ErlangA, ErlangC
asked = json.load(sys.stdin)
out = {}
for name, cases in asked.items():
    start, answers = time.perf_counter(), []
    for rate, handle, within, share, patience in cases:
        args = dict(transactions=rate, aht=handle / 60, asa=within / 60, interval=60, shrinkage=0.0)
        queue = ErlangC(**args) if name == "C" else ErlangA(**args, patience=patience / 60)
        answers.append(queue.required_positions(service_level=share)["raw_positions"])
    out[name] = [(time.perf_counter() - start) / len(cases), answers]
print(json.dumps(out))
"""


def row(what: str, ours: str, theirs: str = "", ratio: str = "", target: str = "", held: bool | None = None) -> None:
    """Print one line of the table."""
    said = "" if held is None else "yes" if held else "NO"
    print(f"{what:<46} {ours:>22} {theirs:>18} {ratio:>12} {target:>26} {said:>4}", flush=True)


def best(work: Callable[[], object], times: int = 7) -> float:
    """Return the quickest of several runs, in seconds."""
    taken = []
    for _ in range(times):
        start = perf_counter()
        work()
        taken.append(perf_counter() - start)
    return min(taken)


def scenarios() -> list[np.ndarray]:
    """Return 1,000 weeks of 672 rates for each of five channels, loads 0.02 to about 8 erlangs."""
    rng = np.random.default_rng(1)
    load = rng.uniform(0.02, 2.5, 672) * rng.gamma(10, 0.1, (1000, 1))
    return [load * 3600 / handle for handle, *_ in CHANNELS]


def theirs(interpreter: str | None, rates: list[np.ndarray]) -> dict[str, list]:
    """Return seconds a call and answers of pyworkforce on a sample, or nothing where it cannot be had."""
    rng = np.random.default_rng(2)
    picked = [(float(rng.choice(r.ravel())), *c) for _ in range(600) for r, c in zip(rates, CHANNELS, strict=True)]
    asked = json.dumps({"C": picked, "A": picked[:100]})
    with tempfile.TemporaryDirectory() as folder:
        for python in filter(None, (interpreter, *(shutil.which(f"python3.{n}") for n in (13, 12)))):
            place = Path(folder) / "own"
            steps = [] if interpreter == python else [[python, "-m", "venv", str(place)]]
            steps += (
                []
                if interpreter == python
                else [[str(place / "bin/python"), "-m", "pip", "-q", "install", "pyworkforce"]]
            )
            if any(subprocess.run(step, capture_output=True, check=False).returncode for step in steps):
                continue
            runs = python if interpreter == python else str(place / "bin/python")
            done = subprocess.run([runs, "-c", THEIRS], input=asked, capture_output=True, text=True, check=False)
            if done.returncode == 0:
                return {**json.loads(done.stdout), "asked": picked}
    return {}


def positions(interpreter: str | None) -> None:
    """Time 672 x 5 x 1,000 answers, tables built anew each time, against pyworkforce in the same run."""
    rates = scenarios()
    peer = theirs(interpreter, rates)
    for name, limit, least in (("C", 0.060, 500), ("A", 0.100, 100_000)):

        def ours(name: str = name) -> None:
            queueing.thresholds.cache_clear()
            for r, (handle, within, share, patience) in zip(rates, CHANNELS, strict=True):
                queueing.required(r, handle, within, share, patience if name == "A" else None)

        seconds, calls = best(ours), sum(r.size for r in rates)
        what = f"Erlang {name} positions 672x5x1000"
        if not peer:
            row(what, f"{seconds * 1000:.0f} ms", "no pyworkforce", "", f"<= {limit * 1000:.0f} ms", seconds <= limit)
            continue
        ratio = peer[name][0] * calls / seconds
        target = f"<= {limit * 1000:.0f} ms, >= {least:,}x"
        held = seconds <= limit and ratio >= least
        row(what, f"{seconds * 1000:.0f} ms", f"{peer[name][0] * calls:,.0f} s (sample)", f"{ratio:,.0f}", target, held)
        same = sum(
            int(queueing.required(rate, handle, within, share, patience if name == "A" else None)[0]) == answer
            for (rate, handle, within, share, patience), answer in zip(peer["asked"], peer[name][1], strict=False)
        )
        row(f"  same answer as pyworkforce, Erlang {name}", f"{same} of {len(peer[name][1])}")


def accuracy(quick: bool) -> None:
    """Compare with fifty-digit arithmetic; the test raises where ten digits do not agree."""
    for what, check in (
        (
            "50 digits, 4,000 random cases (C, A, abandonment)",
            test_queueing.test_ten_digits_agree_with_fifty_digit_arithmetic,
        ),
        ("no NaN, zero load 1.0", test_queueing.test_no_load_between_zero_and_500_erlangs_gives_nan_or_a_warning),
        ("minimal on 7,200 points, C", lambda: test_queueing.test_7200_cases_have_no_smaller_answer(None)),
        ("minimal on 7,200 points, A", lambda: test_queueing.test_7200_cases_have_no_smaller_answer(300)),
        (
            "no item late when the model says none, 3,000",
            test_deadline.test_no_item_is_late_when_the_model_says_that_none_is,
        ),
    ):
        if quick and ("4,000" in what or "3,000" in what):
            continue
        try:
            check()
            row(what, "agrees", held=True)
        except AssertionError as error:
            row(what, str(error).splitlines()[0][:22], held=False)


def chats(count: int) -> None:
    """Compare thirty chat queues with simulation."""
    worst = 0.0
    for case in test_chat.cases():
        n, rate, times, patience_s, within_s = case
        level, error, left, left_error = test_chat.simulated(*case, count=count, seed=20261122)
        worst = max(worst, abs(chat.service_level(n, rate, times, patience_s, within_s) - level) / error)
        worst = max(worst, abs(chat.abandonment(n, rate, times, patience_s) - left) / left_error)
    row(f"chat, 30 cases x {count:,} chats", f"{worst:.2f} standard errors", target="<= 3", held=bool(worst <= 3))


def weeks(quick: bool) -> None:
    """Compare the exact week with simulation, and time it."""
    for name, (load, staff, rounds) in test_transient.FULL.items():
        rates, advocates = np.tile(load, 7) * 3600 / test_transient.HANDLE_S, np.tile(staff, 7)
        promise = (test_transient.HANDLE_S, test_transient.PATIENCE_S, test_transient.WITHIN_S)
        seconds = best(lambda r=rates, a=advocates, p=promise: transient.week(r, a, *p), 5)
        row(f"transient week, {name}", f"{seconds * 1000:.0f} ms", target="<= 150 ms", held=seconds <= 0.15)
        if not quick:
            worst, error = test_transient.against_simulation(load, staff, rounds)
            said = f"{worst:.4f} (s.e. {error:.4f})"
            row(
                "  largest error of a quarter-hour",
                said,
                target="<= 0.01, s.e. < 0.003",
                held=worst <= 0.01 and error < 0.003,
            )


def written() -> None:
    """Time a thousand weeks of written work."""
    rng = np.random.default_rng(3)
    counts, room = rng.poisson(0.05, (1000, 672)), np.full(672, 0.1)
    seconds = best(lambda: deadline.backlog(counts, room, 20, test_deadline.office(), 1), 3)
    row("deadline work, 672x1000, some late", f"{seconds * 1000:.0f} ms")
    seconds = best(lambda: deadline.backlog(counts, room * 2, 20, test_deadline.office(), 3), 3)
    row("deadline work, 672x1000, none late", f"{seconds * 1000:.0f} ms")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--python", help="interpreter of an environment with pyworkforce")
    parser.add_argument("--quick", action="store_true", help="times only, no long simulations")
    asked = parser.parse_args()
    row("what", "ours", "pyworkforce", "ratio", "target", None)
    positions(asked.python)
    weeks(asked.quick)
    written()
    accuracy(asked.quick)
    if not asked.quick:
        chats(1_000_000)


if __name__ == "__main__":
    main()
