"""The command line's verbs about the playbooks: thin doors, as in cli."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .errors import CatalystError

if TYPE_CHECKING:
    from .reviewing import Review

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The engagement's folder.")]


def add_to(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command()(review)


def review(
    folder: Folder,
    page: Annotated[str | None, typer.Argument(metavar="PAGE", help="A page's id, such as PB-01.")] = None,
    survivor: Annotated[str | None, typer.Option(help="Code of the survivor adviser who read it, as SA-01.")] = None,
    counsel: Annotated[str | None, typer.Option(help="Code of the counsel who approved it, as C-01.")] = None,
    on: Annotated[str | None, typer.Option(help="The day it was read; today if you say nothing.")] = None,
    language: Annotated[str, typer.Option(help="The page's language.")] = "en",
) -> None:
    """Say which pages are drafts; copy one into the engagement to edit it; sign it when it was read."""
    from . import reviewing
    from .engagement import read_engagement

    engagement = read_engagement(folder)
    if page is None:
        _list(reviewing.reviews(engagement, language))
    elif survivor is None and counsel is None:
        _say(reviewing.take(engagement, page, language))
    else:
        found = reviewing.sign(engagement, page, _day(on), survivor=survivor, counsel=counsel, language=language)
        _say(found)


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text) if text else date.today()
    except ValueError:
        raise CatalystError(f"'{text}' is not a day; write it as 2027-06-01.") from None


def _list(found: list[Review]) -> None:
    for state in found:
        own = " (own text)" if state.file else ""
        typer.echo(f"{state.page.front.id} {state.page.front.title}{own}: {' '.join(state.missing) or 'reviewed.'}")
    drafts = sum(bool(state.missing) for state in found)
    typer.echo(f"{drafts} of {len(found)} pages are drafts. To edit or sign one: catalyst review DIR PAGE")


def _say(state: Review) -> None:
    typer.echo(f"{state.file}: {' '.join(state.missing) or 'reviewed; it no longer says DRAFT.'}")
    typer.echo("An edit after a signature makes it a draft again.")
