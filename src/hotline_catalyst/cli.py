"""The command line: a thin door onto the walk. Each verb parses its words, calls one function, says what to do next."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from .errors import CatalystError

app = typer.Typer(
    help="From filled scoping questionnaires to a national hotline's whole toolkit.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    rich_markup_mode=None,
)

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The engagement's folder.")]


def say(text: str) -> None:
    """Print one line for the user."""
    typer.echo(text)


def _progress() -> Callable[[str], None]:
    """Return a quiet reporter: one changing line on a terminal, nothing when piped."""
    if not sys.stderr.isatty():
        return lambda _: None
    from rich.console import Console

    console = Console(stderr=True)
    return lambda step: console.print(f"[dim]… {step.replace('_', ' ')}[/dim]")


@app.command()
def new(
    folder: Folder,
    country: Annotated[str, typer.Option(help="Country code of two letters, such as MX.")],
    stage: Annotated[str, typer.Option(help="inception, new or existing.")] = "new",
    language: Annotated[str, typer.Option(help="Language of the outputs.")] = "en",
) -> None:
    """Start an engagement: a folder with everything to fill in."""
    from datetime import date

    from .engagement import new_engagement

    for path in new_engagement(folder, country.upper(), stage, language, date.today()):
        say(f"wrote {path}")
    say(
        f"Next: read {folder / 'engagement.yaml'}, then make questionnaires: "
        f"catalyst questionnaire {folder} --role operator --respondent OPR-1 --out OPR-1.xlsx"
    )


@app.command()
def questionnaire(
    folder: Folder,
    out: Annotated[Path, typer.Option(help="The workbook to write (.xlsx).")],
    role: Annotated[str | None, typer.Option(help="Ask only what this role can answer.")] = None,
    respondent: Annotated[str, typer.Option(help="The respondent's code. Never a name.")] = "R-1",
    organisation: Annotated[str, typer.Option(help="The respondent's organisation.")] = "",
) -> None:
    """Write one respondent's questionnaire workbook."""
    from .engagement import make_questionnaire

    asked = make_questionnaire(folder, out, role=role, respondent=respondent, organisation=organisation)
    say(f"{out}: {asked} questions for {role or 'every role'}.")
    say(f"Next: send it. When it comes back: catalyst collect {folder} {out.name}")


@app.command()
def collect(
    folder: Folder,
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Returned workbooks.")],
) -> None:
    """Take returned workbooks in. Each is taken whole or not at all."""
    from .engagement import collect_files

    problems = 0
    for path, outcome in collect_files(folder, files):
        if isinstance(outcome, CatalystError):
            problems += 1
            typer.echo(str(outcome), err=True)
        else:
            say(f"saved {path.name}: {outcome}")
    if problems:
        raise CatalystError(f"{problems} of {len(files)} files were not taken in; the others are saved.")
    say(f"Next: catalyst score {folder}")


@app.command()
def check(folder: Folder) -> None:
    """Check everything in the engagement and name every problem."""
    from .engagement import read_engagement

    engagement = read_engagement(folder)
    respondents = len({r.respondent for r in engagement.testimony.responses})
    say(
        f"OK: {respondents} respondents, {len(engagement.testimony.evidence)} pieces of evidence, "
        f"{len(engagement.instrument.items)} items, {len(engagement.instrument.gates)} gates."
    )
    if engagement.file.notice:
        say(engagement.file.notice)
    say(f"Next: catalyst build {folder}")


@app.command()
def score(
    folder: Folder, json: Annotated[bool, typer.Option("--json", help="Print JSON for a program.")] = False
) -> None:
    """Judge readiness and gates from the answers."""
    from .engagement import read_engagement
    from .walk import judge_readiness

    engagement = read_engagement(folder)
    readiness, gates = judge_readiness(engagement)
    if json:
        import json as json_module

        data = {
            "domains": [
                {"id": d.id, "level": d.level, "low": d.low, "high": d.high, "settled": d.settled}
                for d in readiness.domains
            ],
            "gates": [{"id": g.id, "verdict": g.verdict, "probability": g.probability} for g in gates],
        }
        say(json_module.dumps(data, indent=1))
        return
    titles = {d.id: d.title for d in engagement.instrument.domains}
    for d in readiness.domains:
        level = f"level {d.level} ({d.low} to {d.high})" if d.settled else f"not settled ({d.low} to {d.high})"
        say(f"{titles[d.id]:<45} {level}")
    say("")
    for gate in gates:
        say(f"{gate.id:<6} {gate.verdict:<9} {gate.title}")
    say(f"Next: catalyst build {folder}")


@app.command()
def build(
    folder: Folder,
    out: Annotated[Path | None, typer.Option(help="Where to write; default DIR/build.")] = None,
    only: Annotated[list[str] | None, typer.Option(help="Write only this deliverable; may be given again.")] = None,
) -> None:
    """Turn the answers into every deliverable."""
    from .walk import build as build_all

    report = build_all(folder, out, only or None, _progress())
    _say_built(report)


def _say_built(report: Any) -> None:
    for line in report.missing:
        say(f"missing: {line}")
    for path in report.kept:
        say(f"kept your edited {path}; the new one lies beside it as {path.stem}.new{path.suffix}")
    say(f"{len(report.written)} files in {report.out} ({sum(report.seconds.values()):.0f} s)")
    say(f"Open {report.out / 'index.html'}" if (report.out / "index.html").exists() else f"Open {report.out}")


@app.command()
def explain(folder: Folder, ident: Annotated[str, typer.Argument(metavar="ID", help="An id of results.json.")]) -> None:
    """Trace a gate, an activity, an item or a number down to answers, evidence and sources."""
    from .explain import explain as trace

    say(trace(folder, ident))


@app.command()
def demo(
    example: Annotated[str, typer.Argument(help="ruritania, mexico or mauritania.")] = "ruritania",
    out: Annotated[Path | None, typer.Option(help="Folder to make; default ./EXAMPLE.")] = None,
) -> None:
    """Build an example from its filled questionnaires."""
    from .engagement import collect_files, copy_example
    from .walk import build as build_all

    folder = copy_example(example, out or Path(example))
    workbooks = sorted((folder / "questionnaires").glob("*.xlsx"))
    for path, outcome in collect_files(folder, workbooks):
        if isinstance(outcome, CatalystError):
            raise outcome
        say(f"saved {path.name}: {outcome}")
    _say_built(build_all(folder, None, None, _progress()))


def main() -> None:
    """Run the command line: exit 0 done, 1 our bug, 2 the user's to fix."""
    try:
        app(standalone_mode=False)
    except CatalystError as error:
        typer.echo(str(error), err=True)
        sys.exit(2)
    except typer.Exit as stop:
        sys.exit(stop.exit_code)
    except typer.Abort:
        sys.exit(2)
    except Exception as error:
        # Click's own usage errors name the option and the fix; everything else keeps its traceback: it is our bug.
        if hasattr(error, "show") and hasattr(error, "exit_code"):
            error.show()
            sys.exit(2)
        raise


if __name__ == "__main__":
    main()
