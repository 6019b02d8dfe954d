"""What the main steps cost here. Shared machines are noisy: read the ratios, not the seconds."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from conftest import CATALYST, KEEPING, build_demo
from panel import panel, person, verdicts
from plans import EXAMPLES, engagements, example

from hotline_catalyst.assessment.findings import load_advice
from hotline_catalyst.assessment.instrument import Instrument, load_instrument
from hotline_catalyst.assessment.questionnaire import read_questionnaire
from hotline_catalyst.assessment.readiness import assess
from hotline_catalyst.assessment.responses import Response, Testimony
from hotline_catalyst.judgement import judge_everything
from hotline_catalyst.library import content_root
from hotline_catalyst.planning.generation import generate
from hotline_catalyst.planning.plan_check import check
from hotline_catalyst.planning.problem import Problem, Reached
from hotline_catalyst.planning.scheduling import base_problem
from hotline_catalyst.planning.solver import QUICK_ROUNDS, NoPlan, solve
from hotline_catalyst.planning.wishes import applied
from hotline_catalyst.roadmapping import asked


def best(work: Callable[[], object], times: int = 5) -> float:
    """Return the quickest of several runs, in seconds."""
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        found.append(time.perf_counter() - begun)
    return min(found)


def command(*words: str) -> Callable[[], object]:
    """Return work that runs a command to its end."""
    return lambda: subprocess.run(words, capture_output=True, check=True)


def _crowd(instrument: Instrument) -> tuple[Instrument, list[Response]]:
    """Return the instrument with all its items in one stage, and forty people who answered every one."""
    rng, roles = np.random.default_rng(7), list(instrument.meta.roles)
    both = [
        d.model_copy(update={"items": [i.model_copy(update={"stage": "both"}) for i in d.items]})
        for d in instrument.domains
    ]
    words = [0, 1, 2, 3, 4, "dont_know"]
    people = [
        person(
            f"P-{n}",
            {item: words[rng.integers(6)] for item in instrument.items},
            role=roles[n % len(roles)],
            organisation=f"organisation {n % 12}",
            sure=("sure", "fairly", "unsure")[n % 3],
        )
        for n in range(40)
    ]
    return replace(instrument, domains=tuple(both)), people


def fresh(people: list[Response], count: int = 40) -> Testimony:
    """Return what some people said, with nothing remembered from an earlier run."""
    return panel(*people[:count])


@dataclass(frozen=True)
class Planned:
    """How planning one engagement went: seconds of one core to a first plan and to the last, goals, broken rules."""

    first: float
    whole: float
    reached: tuple[Reached, ...]
    broken: tuple[str, ...]

    def __str__(self) -> str:
        """Say it in one line."""
        still_open = [f"{r.goal} {r.value}, at best {r.bound}" for r in self.reached if r.value != r.bound]
        refused = f"  REFUSED: {', '.join(self.broken)}" if self.broken else ""
        return f"first {self.first:4.1f} s  whole {self.whole:5.1f} s  {'; '.join(still_open) or 'proved'}{refused}"


def planned(problem: Problem) -> Planned:
    """Plan twice: quickly, and as a build does; a first plan that the quick way misses comes with the whole one."""
    begun = time.process_time()
    quick = generate(problem, QUICK_ROUNDS)
    first = time.process_time() - begun
    solution = solve(problem)
    whole = time.process_time() - begun - first
    broken = [b.rule for plan in (quick, solution.plan) if plan is not None for b in check(problem, plan)]
    return Planned(first if quick is not None else whole, whole, solution.reached, tuple(broken))


def roadmap(count: int = 50, seed: int = 1) -> None:
    """Plan the examples and random engagements; print a line each, and what holds for all of them."""
    found, none = [], []
    with tempfile.TemporaryDirectory() as folder:
        plain = ((name, example(name, Path(folder))) for name in EXAMPLES)
        for name, engagement in chain(plain, engagements(Path(folder), count, seed)):
            questions = asked(engagement, judge_everything(engagement))
            problem = applied(base_problem(questions), questions.wishes)
            try:
                found.append(planned(problem))
                said = str(found[-1])
            except NoPlan as error:
                none.append(name)
                said = "there is no plan" if error.proved else "no plan found, and none ruled out"
            print(f"roadmap {name:18} {len(problem.jobs):4} jobs  {said}", flush=True)
    gaps = [r.value - r.bound for one in found for r in one.reached if r.goal == "launch"]
    proved = sum(all(r.value == r.bound for r in one.reached) for one in found)
    print(f"roadmaps planned         {len(found):8}     without a plan: {', '.join(none) or 'none'}")
    print(f"to a first plan          {max(p.first for p in found):8.1f} s   at most (limit 5 s)")
    print(f"to the whole plan        {max(p.whole for p in found):8.1f} s   at most (limit 30 s)")
    print(f"launch proved            {gaps.count(0):8}     gap {np.mean(gaps):.1f} working days on average")
    print(f"every goal proved        {proved:8}")
    print(f"accepted by the checker  {sum(not p.broken for p in found):8}     of {len(found)}")


BESIDE = Path(__file__).parent / "benchmarks"
STREAMS = Path(__file__).parents[2] / "shared" / "benchmarks" / "contacts"


def beside(*asked: list[str]) -> None:
    """Run benchmarks that print their own tables against their limits."""
    for name, *words in asked:
        print(f"--- {name} {' '.join(words[:1])}", flush=True)
        subprocess.run([sys.executable, str(BESIDE / f"{name}.py"), *words], check=False)


def staffing() -> None:
    """Queues, the simulated week, languages and forecasts."""
    beside(
        ["queues"], ["simulation"], ["forecast", str(STREAMS)], ["skills", "speed"], ["skills", "promises"],
        ["skills", "enumeration"],
    )  # fmt: skip


def rosters() -> None:
    """Shift design, reasons, rosters of hotlines, and the public instances, a minute each."""
    beside(
        ["shifts"], ["conflicts"], ["../hotline_rosters", "--people", "16", "30", "--engine", "product"],
        ["roster", str(STREAMS.with_name("shift-scheduling")), "--seconds", "60"],
    )  # fmt: skip


def site() -> None:
    """Build 150 pages of playbooks beside plain mkdocs, from an example's results."""
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "results"
        build_demo("ruritania", Path(folder) / "ruritania", command=[sys.executable, "-c", KEEPING, str(kept)])
        beside(["site", str(kept)])


def main() -> None:
    """Print one line a step."""
    bare = best(command(sys.executable, "-c", "import typer"))
    ours = best(command(*CATALYST, "--help"))
    print(f"catalyst --help          {ours:8.3f} s   {ours / bare:.2f} x import typer")
    instrument = load_instrument()
    print(
        f"read instrument, advice  {best(lambda: load_advice(load_instrument())):8.3f} s   "
        f"{len(instrument.items)} items"
    )
    book = content_root() / "assessment" / "examples" / "ruritania" / "questionnaires" / "OPR-1.xlsx"
    print(f"read one questionnaire   {best(lambda: read_questionnaire(instrument, book)):8.3f} s")
    everything, crowd = _crowd(instrument)
    once = best(lambda: assess(everything, fresh(crowd), "new"))
    print(f"score 188 items x 40     {once:8.3f} s   {int(instrument.scoring.draws.value)} draws (limit 0.3 s)")
    engagements = [fresh(crowd, 12 + n % 9) for n in range(200)]
    begun = time.process_time()
    for said in engagements:
        verdicts(everything, said)
    print(f"score 200 engagements    {time.process_time() - begun:8.1f} s   of one core, gates judged (limit 60 s)")
    with tempfile.TemporaryDirectory() as folder:
        demo = build_demo("ruritania", Path(folder) / "ruritania")
    print(f"catalyst demo            {demo.seconds:8.1f} s   {demo.megabytes:.0f} MB")


if __name__ == "__main__":
    if sys.argv[1:2] == ["roadmap"]:
        roadmap(*(int(word) for word in sys.argv[2:]))
    elif sys.argv[1:2] == ["staffing"]:
        staffing()
    elif sys.argv[1:2] == ["rosters"]:
        rosters()
    elif sys.argv[1:2] == ["site"]:
        site()
    else:
        main()
        site()
        staffing()
        rosters()
        roadmap()
