"""The command line's verb for starter projects: a thin door, as in cli."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .errors import CatalystError

if TYPE_CHECKING:
    from .updating.changes import TemplateChange

Project = Annotated[Path, typer.Argument(metavar="PROJECT", help="The folder of a starter hotline project.")]


def add_to(app: typer.Typer) -> None:
    """Add the verb to the command line."""
    app.command()(update)


def update(
    project: Project,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Take the last update back.")] = False,
    resolve: Annotated[bool, typer.Option("--resolve", help="Go on after you settled what was left.")] = False,
    decide: Annotated[
        list[str] | None, typer.Option(help='ID=yes:"reason" or ID=no:"reason" for a safety change; can be repeated.')
    ] = None,
    by: Annotated[str, typer.Option(help="The role that decides, such as Director.")] = "",
    take: Annotated[list[str] | None, typer.Option(help="A file that gets the template's text.")] = None,
    keep: Annotated[list[str] | None, typer.Option(help="A disputed file that stays as it is.")] = None,
    despite: Annotated[
        bool, typer.Option("--despite-problems", help="Go on although the check finds new problems then.")
    ] = False,
) -> None:
    """Bring a starter project to this toolkit's template; what the hotline wrote stays. It runs the project's tools."""
    from .updating import telling
    from .updating import update as updating

    if undo:
        _must_be_alone(dry_run, resolve, decide, take, keep)
        for path in updating.undo(project):
            typer.echo(f"as before: {path}")
        typer.echo("The last update was taken back.")
        return
    outcome = updating.update(
        project, today=date.today(), decide=decide or (), ask=_ask if sys.stdin.isatty() else None, by=by,
        take=take or (), keep=keep or (), dry_run=dry_run, despite=despite,
    )  # fmt: skip
    for line in telling.lines(outcome, dry_run=dry_run):
        typer.echo(line)
    if resolve and not outcome.up_to_date:
        raise typer.Exit(1)


def _must_be_alone(*others: object) -> None:
    if any(others):
        raise CatalystError("--undo stands alone; leave the other options out.")


def _ask(change: TemplateChange) -> str:
    """Ask for a yes or no to a safety change, and for the reason."""
    typer.echo(f"Safety change {change.id}: {' '.join(change.text.split())}")
    typer.echo(f"Files: {', '.join(change.files) or 'none'}")
    yes = typer.confirm("Take it?")
    return f"{change.id}={'yes' if yes else 'no'}:{typer.prompt('Why')}"
