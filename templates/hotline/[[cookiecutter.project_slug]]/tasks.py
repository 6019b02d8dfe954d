"""The commands of this project. They need Python 3.11 or newer and nothing else.

    python3 tasks.py check           look at everything, change nothing
    python3 tasks.py check --todo    also list what is left before a channel can open
    python3 tasks.py build           write the generated files from hotline.toml
    python3 tasks.py serve           show the public site on this computer only
    python3 tasks.py start           check, then serve and open the browser
    python3 tasks.py check --full    also run the field's own validators; the first time it needs the internet

On Windows write `py tasks.py` instead of `python3 tasks.py`.
"""

# ruff: noqa: E402
from __future__ import annotations

import sys

if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit("tasks.py needs Python 3.11 or newer. Install a newer Python and run it again.")

# Compiled files would litter the folder that you copy and hand on.
sys.dont_write_bytecode = True

import argparse
from pathlib import Path

PROJECT = Path(__file__).resolve().parent
sys.path.insert(0, str(PROJECT))

# An update that was cut off is finished first: the tools may be among the files it had not reached.
FINISH = PROJECT / ".scaffold" / "journal" / "finish.py"
if FINISH.is_file():
    import runpy

    runpy.run_path(str(FINISH), run_name="__main__")

try:
    from tools import checks, core, full_check, serving
except (ImportError, SyntaxError) as reason:
    sys.exit(f"tools/: a file is missing or broken ({reason}); put the folder tools back from your last copy.")


def check(todo: bool, full: bool) -> int:
    """Print every problem, or OK; return 1 with problems."""
    report = checks.check(PROJECT)
    problems = report.problems + (full_check.run(PROJECT) if full and not report.problems else [])
    for problem in problems:
        print(problem)
    if problems:
        print(f"Problems: {len(problems)}, in {report.checks} checks.")
    else:
        print(f"OK: {report.checks} checks{', and the real validators' if full else ''}")
    if report.todo and todo:
        print(f"Left to do before every channel can open ({len(report.todo)}). The steps are those of README.md:")
        for number, (step, lines) in enumerate(report.steps().items(), start=1):
            print("\n".join([f"\n{number}. {step}: {len(lines) or 'nothing'} left", *(f"- {line}" for line in lines)]))
    elif todo and not problems:
        print('Nothing is left to do. README.md, "How a channel opens", says what comes on the day of opening.')
    elif report.todo and not problems:
        print(f"{len(report.todo)} things are left to do before every channel can open: check --todo lists them")
    return 1 if problems else 0


def build() -> int:
    """Write the generated files; return 1 when facts or sources do not allow it."""
    facts = core.load_facts(PROJECT)
    wrong = checks.shape(PROJECT, facts)
    if wrong:
        print("\n".join([*wrong, "Nothing was built."]))
        return 1
    changed, left, stopped = core.write_all(PROJECT)
    print("\n".join([*(f"changed {path}" for path in changed), *left, *stopped]) or "Everything was up to date.")
    if stopped:
        print("What these sources are for was not built and is as it was. Everything else was.")
    return 1 if stopped else 0


def start(port: int, browser: bool) -> int:
    """Check, then show the site."""
    if check(todo=False, full=False):
        print("The site is shown as it was built last. Correct the problems, then run build.")
    return serving.serve(PROJECT, port, browser)


def main(words: list[str]) -> int:
    """Run one command."""
    asked = argparse.ArgumentParser(prog="tasks.py", description="The commands of this hotline project.")
    verbs = asked.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("check", help="look at everything, change nothing")
    verb.add_argument("--todo", action="store_true", help="list what is left before a channel can open")
    verb.add_argument("--full", action="store_true", help="also run the field's own validators in .venv")
    verbs.add_parser("build", help="write the generated files from hotline.toml")
    for name, what in (("serve", "show the site on this computer only"), ("start", "check, serve, open the browser")):
        verb = verbs.add_parser(name, help=what)
        verb.add_argument("--port", type=int, default=8000, help="first port to try, 8000 unless told")
    given = asked.parse_args(words)
    if given.verb == "check":
        return check(given.todo, given.full)
    if given.verb == "build":
        return build()
    return start(given.port, browser=True) if given.verb == "start" else serving.serve(PROJECT, given.port, False)


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        sys.exit(main(sys.argv[1:]))
    except core.FactsError as reason:
        sys.exit(str(reason))
    except PermissionError as reason:
        place = Path(reason.filename or PROJECT).parent
        sys.exit(f"{place}: nothing can be written there; copy this folder to a place where you may write.")
    except KeyboardInterrupt:
        sys.exit(0)
