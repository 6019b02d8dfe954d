"""What the main steps cost here. Shared machines are noisy: read the ratios, not the seconds."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))

from conftest import CATALYST, build_demo

from hotline_catalyst.assessment.findings import load_advice
from hotline_catalyst.assessment.instrument import load_instrument
from hotline_catalyst.assessment.questionnaire import read_questionnaire
from hotline_catalyst.library import content_root
from hotline_catalyst.planning import queueing


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
    rates = np.linspace(0, 12, 672)
    loop = best(lambda: [queueing.required(r, 1500, 20, 0.9, 120) for r in rates], 2)
    fast = best(lambda: queueing.required(rates, 1500, 20, 0.9, 120))
    print(f"Erlang A, 672 intervals  {fast:8.4f} s   {loop / fast:.0f} x quicker than one by one")
    with tempfile.TemporaryDirectory() as folder:
        demo = build_demo("ruritania", Path(folder) / "ruritania")
    print(f"catalyst demo            {demo.seconds:8.1f} s   {demo.megabytes:.0f} MB")


if __name__ == "__main__":
    main()
