"""The command line's verbs about the plan: thin doors, as in cli."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import typer

from .errors import CatalystError

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The engagement's folder.")]


def add_to(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    for verb in (plan, progress, whatif, history):
        app.command()(verb)


def plan(
    folder: Folder,
    accept: Annotated[bool, typer.Option("--accept", help="Keep this plan: later ones move little from it.")] = False,
    read: Annotated[Path | None, typer.Option(help="An edited roadmap.xlsx to read back and check.")] = None,
    apply: Annotated[bool, typer.Option("--apply", help="With --read: take the edits over.")] = False,
) -> None:
    """Plan the roadmap and print it in short; accept it, or read an edited workbook back."""
    if apply and read is None:
        raise CatalystError("--apply takes over what a workbook says: name it with --read FILE.")
    if read is not None:
        _read_back(folder, read, apply)
        return
    from . import replanning
    from .engagement import read_engagement
    from .plan_file import unheard
    from .plan_words import in_short, not_heard
    from .whatif import roadmap_of

    engagement = read_engagement(folder)
    roadmap = roadmap_of(engagement)
    ids = [a.task.id for a in roadmap.activities]
    for line in (*in_short(roadmap), *not_heard(unheard(engagement.wishes, ids, roadmap.launch is not None))):
        typer.echo(line)
    if accept:
        typer.echo(f"wrote {replanning.accept(folder, roadmap, engagement.file.as_of, date.today())}")
    typer.echo(f"Next: catalyst build {folder}")


def _read_back(folder: Path, workbook: Path, take_over: bool) -> None:
    from . import replanning

    found = replanning.read_back(folder, workbook)
    for line in replanning.said_back(found):
        typer.echo(line)
    if found.empty:
        return
    if not take_over:
        typer.echo(f"Nothing was written. To take it over: catalyst plan {folder} --read {workbook} --apply")
        return
    for path in replanning.apply(folder, found):
        typer.echo(f"wrote {path}")
    typer.echo(f"Next: catalyst plan {folder}")


def progress(
    folder: Folder,
    activity: Annotated[str, typer.Argument(metavar="ACTIVITY", help="Its id, such as R06.")],
    started: Annotated[str, typer.Option(help="The day it started, such as 2027-03-01.")],
    ended: Annotated[str | None, typer.Option(help="The day it ended.")] = None,
    remaining_weeks: Annotated[float | None, typer.Option(help="Weeks that are left of one that runs.")] = None,
    way: Annotated[str | None, typer.Option(help="The way it is done, if not the planned one.")] = None,
    note: Annotated[str, typer.Option(help="A few words; never a name.")] = "",
) -> None:
    """Note down that an activity has started or ended, so that the next plan goes on from there."""
    from . import replanning

    path = replanning.report(folder, activity, _day(started), _day(ended), remaining_weeks, way, note)
    typer.echo(f"wrote {path}")
    typer.echo(f"Next: catalyst plan {folder}")


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise CatalystError(f"'{text}' is not a day; write it as 2027-03-01.") from None


def whatif(
    folder: Folder,
    scenario: Annotated[str, typer.Argument(metavar="SCENARIO", help="A name in DIR/scenarios, or a file.")],
) -> None:
    """Say what a scenario would change in the plan. Nothing is written."""
    from .whatif import lines
    from .whatif import whatif as compare_plans

    for line in lines(compare_plans(folder, scenario)):
        typer.echo(line)


def history(
    folder: Folder,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The line's own counts: .csv or .xlsx.")],
    timezone: Annotated[str | None, typer.Option(help="Where the line's clock stands, such as Africa/Tunis.")] = None,
    column: Annotated[list[str] | None, typer.Option(help='A column not found: time="Call logged at".')] = None,
) -> None:
    """Take a running line's own counts in: contacts by hour, channel and language, nothing else."""
    from .engagement import read_engagement
    from .planning.history import observed_of, read_history, store

    pairs = [pair.partition("=") for pair in column or []]
    if wrong := [name for name, equals, _ in pairs if not equals]:
        raise CatalystError(f'--column {wrong[0]}: write what it is and the column\'s heading, as time="Logged at".')
    engagement = read_engagement(folder)
    found = read_history(file, timezone=timezone, columns={a: b for a, _, b in pairs}, until=date.today())
    start = engagement.file.start
    days = engagement.country.public_holidays(found.first, start + timedelta(days=366))
    # What cannot be used is refused before anything is stored.
    seen = observed_of(found, start, holidays=tuple(days))
    path = store(found, folder)
    for note in seen.notes:
        typer.echo(f"- {note.text}")
    week = seen.per_week
    typer.echo(f"The planned year: {week.likely:.0f} signals a week ({week.low:.0f} to {week.high:.0f}).")
    typer.echo(f"wrote {path}")
    typer.echo(f"Next: catalyst build {folder}")
