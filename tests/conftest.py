"""The three examples, built once a session from their filled questionnaires, as a user would build them."""

from __future__ import annotations

import fcntl
import json
import os
import pickle
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from hotline_catalyst.results import Results

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
EXAMPLES = ("ruritania", "mexico", "mauritania")
CATALYST = [sys.executable, "-m", "hotline_catalyst.cli"]
# The same program, which also keeps what it planned: planning an example again would take half a minute.
KEEPING = """
import pickle, sys
from hotline_catalyst import cli, walk
kept, plan = sys.argv.pop(1), walk.plan
def planned(*given):
    results = plan(*given)
    with open(kept, "wb") as target:
        pickle.dump(results, target)
    return results
walk.plan = planned
cli.main()
"""

# One twentieth of the soak's counts, and the same cases every time; `make soak` searches new ones and prints its seed.
_slow = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
settings.register_profile("test", max_examples=25, deadline=None, derandomize=True, suppress_health_check=_slow)
settings.register_profile("soak", max_examples=500, deadline=None, print_blob=True, suppress_health_check=_slow)
settings.load_profile("soak" if os.environ.get("SOAK") else "test")


# Files that take minutes begin first: begun last, each would keep one process busy while the others have nothing left.
LONGEST = ("test_build", "test_wheel", "test_hostile_texts", "test_withdrawal", "test_report", "test_staffing_workbook")


def pytest_configure(config: pytest.Config) -> None:
    """Keep that order: xdist would begin with the files of most tests, and end on the wheel, which is one long test."""
    config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the longest files begin first; the order within a file stays."""
    place = {name: n for n, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(LONGEST)))


def run(*words: str | Path, cwd: Path | None = None, **more: object) -> subprocess.CompletedProcess[str]:
    """Run `catalyst` with these words and return what it printed."""
    command = [*CATALYST, *(str(word) for word in words)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, **more)  # type: ignore[call-overload]


@dataclass(frozen=True)
class Built:
    """One example engagement, its build folder and what the command printed."""

    engagement: Path
    out: Path
    printed: str
    seconds: float
    megabytes: float


@pytest.fixture(scope="session")
def engagements(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Built]:
    """The three examples built by `catalyst demo`; once, however many processes share the tests."""
    base = tmp_path_factory.getbasetemp()
    place = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "examples"
    place.mkdir(exist_ok=True)
    # Each process first builds what no other is building, so that they build side by side; then it waits for the rest.
    for wait in (fcntl.LOCK_NB, 0):
        for name in EXAMPLES:
            _build_once(name, place, wait)
    return {
        name: Built(place / name, place / name / "build", *json.loads((place / f"{name}.built").read_text("utf-8")))
        for name in EXAMPLES
    }


def _build_once(name: str, place: Path, wait: int) -> None:
    with (place / f"{name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | wait)
        except BlockingIOError:
            return
        done = place / f"{name}.built"
        if not done.exists():
            made = build_demo(
                name, place / name, command=[sys.executable, "-c", KEEPING, str(place / f"{name}.results")]
            )
            done.write_text(json.dumps([made.printed, made.seconds, made.megabytes]), "utf-8")


def build_demo(name: str, folder: Path, env: dict[str, str] | None = None, command: Sequence[str] = CATALYST) -> Built:
    """Run `catalyst demo` and measure it as a whole process: wall-clock seconds and peak memory."""
    begun = time.perf_counter()
    with (folder.parent / f"{name}.printed").open("w+") as printed:
        words = [*command, "demo", name, "--out", str(folder)]
        child = subprocess.Popen(words, stdout=printed, stderr=subprocess.STDOUT, env=env, cwd=folder.parent)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        printed.seek(0)
        text = printed.read()
    assert child.returncode == 0, text
    return Built(folder, folder / "build", text, time.perf_counter() - begun, usage.ru_maxrss / 1024)


@pytest.fixture(scope="session")
def built(engagements: dict[str, Built]) -> dict[str, Path]:
    """Build folder by example name."""
    return {name: example.out for name, example in engagements.items()}


@pytest.fixture(scope="session")
def results_of(built: dict[str, Path]) -> dict[str, dict[str, object]]:
    """results.json by example name."""
    return {name: json.loads((out / "consultant" / "results.json").read_text("utf-8")) for name, out in built.items()}


@pytest.fixture(scope="session")
def planned(engagements: dict[str, Built]) -> Callable[[str], Results]:
    """Return a function that gives what an example's build planned and wrote its files from."""

    def results(name: str) -> Results:
        kept: Results = pickle.loads((engagements[name].engagement.parent / f"{name}.results").read_bytes())
        return kept

    return results


@pytest.fixture
def copy_of(engagements: dict[str, Built], tmp_path: Path) -> Callable[[str], Path]:
    """Return a function that gives a private copy of an example's engagement, built files included."""

    def copy(name: str) -> Path:
        target = tmp_path / name
        shutil.copytree(engagements[name].engagement, target)
        return target

    return copy


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with benchmark and standards data, which is not part of the project."""
    if not SHARED.is_dir():
        pytest.skip("needs ../shared (benchmark and standards data), which is not here")
    return SHARED


QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Return a real browser; a page that must run scripts of ours under its own rules asks for `bypass_csp`."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium")
    assert path, "install chromium: these tests look at pages with it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()
