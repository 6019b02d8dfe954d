"""The simulation's speed, and that it plays a single queue exactly as simpy does.

python tests/benchmarks/simulation.py [--weeks 1000]

Prints contacts a second (CPU, drawing and counting included), plain and compiled, for ten classes (five kinds of
contact in two languages, priorities, skills, two chats at once, shifts), the same for 1,000 weeks of a hotline's plan,
and simpy on one simple queue with the same callers.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from time import perf_counter, process_time

import numpy as np
import simpy
from numpy.typing import NDArray

from hotline_catalyst.planning.demand import SignalClass
from hotline_catalyst.planning.simulation import Duty, Outcome, Trace, Week, simulate

KINDS = (
    # kind of contact, channel, share of contacts, minutes, at once, debrief minutes, priority
    ("crisis", "phone", 0.1, 40, 1, 15, 0),
    ("other", "phone", 0.5, 25, 1, 0, 1),
    ("silent", "phone", 0.15, 3, 1, 0, 2),
    ("other", "text", 0.1, 30, 2, 0, 1),
    ("other", "chat", 0.15, 30, 2, 0, 1),
)
LANGUAGES = {"en": 0.8, "es": 0.2}


def classes() -> tuple[SignalClass, ...]:
    """Return ten classes."""
    return tuple(
        SignalClass(
            f"{channel}/{language}/{kind}",
            channel,
            language,
            kind,
            share * part,
            60 * minutes,
            at_once,
            0.3 if at_once > 1 else 0,
            300,
            30,
            0.9,
            60 * debrief,
            rank,
        )
        for language, part in LANGUAGES.items()
        for kind, channel, share, minutes, at_once, debrief, rank in KINDS
    )


def line(contacts: float, on_shift: int, bilingual: int) -> Week:
    """Return a line round the clock with this many contacts a week, three shifts a day and staggered breaks."""
    hours = np.arange(672) / 4
    shape = 1 + 0.5 * np.sin((hours % 24 - 9) / 24 * 2 * np.pi)
    rates = np.array([c.per_week for c in classes()])[:, None] * shape[None, :] * contacts / 168
    duties = tuple(
        Duty(start, start + 480, _known(n, bilingual), ((start + 180 + 30 * (n % 5), start + 210 + 30 * (n % 5)),))
        for start in range(0, 10080, 480)
        for n in range(on_shift)
    )
    return Week(classes(), rates, duties, day_factor_cv=0.15, redial_share=0.3, absence=0.05)


def _known(n: int, bilingual: int) -> frozenset[str]:
    return frozenset({"en", "es"} if n < bilingual else {"en"})


def beside_simpy() -> str:
    """Play a queue of three advocates here and in simpy; return the speeds and the greatest difference."""
    rates = np.full((1, 672), 8.0)
    rates[:, -40:] = 0
    week = Week(classes()[1:2], rates, tuple(Duty(0, 10080, frozenset({"en"})) for _ in range(3)))
    trace = simulate(week, 20, 1, fast=False, trace=True).trace
    assert trace is not None
    alone = process_time()
    begun = np.concatenate([_in_simpy(trace, np.flatnonzero(trace.week == w)) for w in range(20)])
    alone = process_time() - alone
    _, _, plain = timed(week, 100, False)
    _, _, quick = timed(week, 100, True)
    served = trace.state == 2
    assert np.array_equal(served, ~np.isnan(begun))
    difference = abs(trace.start - begun)[served].max()
    contacts = len(trace.at)
    return (
        f"one queue: simpy {contacts / alone:,.0f}/s, plain {5 * contacts / plain:,.0f}/s, "
        f"compiled {5 * contacts / quick:,.0f}/s, {contacts} contacts, greatest difference to simpy {difference} s"
    )


def _in_simpy(trace: Trace, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return when simpy answers these callers, nan when it does not."""
    begun = np.full(len(rows), np.nan)
    world = simpy.Environment()
    floor = simpy.Resource(world, 3)

    def caller(place: int, n: int) -> Iterator[simpy.Event]:
        yield world.timeout(trace.at[n])
        with floor.request() as turn:
            yield turn | world.timeout(trace.patience[n])
            if turn.triggered:
                begun[place] = world.now
                yield world.timeout(trace.work[n])

    for place, n in enumerate(rows):
        world.process(caller(place, int(n)))
    world.run()
    return begun


def timed(week: Week, weeks: int, fast: bool) -> tuple[Outcome, float, float]:
    """Return the outcome, the seconds on the clock and the seconds of CPU."""
    wall, cpu = perf_counter(), process_time()
    outcome = simulate(week, weeks, 1, fast=fast)
    return outcome, perf_counter() - wall, process_time() - cpu


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weeks", type=int, default=1000)
    weeks = parser.parse_args().weeks
    national, hotline = line(8000, 24, 8), line(300, 4, 2)
    first = timed(hotline, 1, True)[1]
    print(f"compiled code ready after {first:.2f} s")
    for title, week, count in (("national line", national, max(2, weeks // 10)), ("hotline plan", hotline, weeks)):
        plain, _, slow = timed(week, count, False)
        quick, wall, cpu = timed(week, count, True)
        same = all(np.array_equal(getattr(plain, n), getattr(quick, n)) for n in ("offered", "in_time", "wait_s"))
        contacts = int(plain.offered.sum())
        print(
            f"{title}: {count} weeks, {contacts} contacts, plain {slow:.2f} s ({contacts / slow:,.0f}/s), "
            f"compiled {cpu:.2f} s ({contacts / cpu:,.0f}/s, {wall:.2f} s on the clock), "
            f"same outcome {same}, {plain.overall:.3f} in time, busy {plain.busy_share:.2f}"
        )
    print(beside_simpy())


if __name__ == "__main__":
    main()
