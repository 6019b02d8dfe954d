"""The command line's verbs about the playbooks: thin doors, as in cli."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .errors import CatalystError
from .terminal import progress, say, say_built

if TYPE_CHECKING:
    from .reviewing import Review

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The engagement's folder.")]


def add_to(app: typer.Typer) -> None:
    """Add the verbs to the command line."""
    app.command()(review)
    app.command("print")(print_)


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


def print_(
    folder: Folder,
    edition: Annotated[
        str | None, typer.Option(help="partner, operator or consultant; default partner and operator.")
    ] = None,
    page: Annotated[list[str] | None, typer.Option(help="Only this page, such as PB-02; may be given again.")] = None,
    cards: Annotated[bool, typer.Option("--cards", help="Only the protocol cards (and the pages named).")] = False,
    out: Annotated[Path | None, typer.Option(help="Where to write; default DIR/build.")] = None,
) -> None:
    """Print the playbooks as PDF: the book, each page on its own, and the protocol cards."""
    from .walk import print_playbooks

    report = print_playbooks(folder, out, edition, page or [], cards, progress())
    say_built(report)
    for place in sorted({path.parent for path in report.written}):
        say(f"Print from {place}; cards are A5: two fit on a sheet of A4.")
    say("Every draft says so on each sheet. Count the copies, and destroy them when a new build is made.")


def _day(text: str | None) -> date:
    try:
        return date.fromisoformat(text) if text else date.today()
    except ValueError:
        raise CatalystError(f"'{text}' is not a day; write it as 2027-06-01.") from None


def _list(found: list[Review]) -> None:
    for state in found:
        own = " (own text)" if state.file else ""
        say(f"{state.page.front.id} {state.page.front.title}{own}: {' '.join(state.missing) or 'reviewed.'}")
    drafts = sum(bool(state.missing) for state in found)
    say(f"{drafts} of {len(found)} pages are drafts. To edit or sign one: catalyst review DIR PAGE")


def _say(state: Review) -> None:
    say(f"{state.file}: {' '.join(state.missing) or 'reviewed; it no longer says DRAFT.'}")
    say("An edit after a signature makes it a draft again.")
