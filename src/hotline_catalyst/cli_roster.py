"""The command line's verbs about a roster at work: thin doors, as in cli."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .errors import CatalystError

if TYPE_CHECKING:
    from .engagement import Engagement
    from .planning.rostering.records import Roster
    from .rerostering import Outcome

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The engagement's folder.")]
Code = Annotated[str, typer.Argument(metavar="CODE", help="The person's code, such as A03.")]
Day = Annotated[str, typer.Argument(metavar="DATE", help="A day, such as 2027-10-12.")]
Apply = Annotated[bool, typer.Option("--apply", help="Write it into the published roster.")]


def add_to(app: typer.Typer) -> None:
    """Add the verbs to the command line, as one group."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="A roster at work: publish, repair, swap.")
    for name, verb in (
        ("publish", publish), ("check", check), ("ill", ill), ("swap", swap),
        ("who", who), ("renew", renew), ("why", why), ("next", next_),
    ):  # fmt: skip
        group.command(name)(verb)
    app.add_typer(group, name="roster")


def _draft(engagement: Engagement) -> Roster:
    """Return the roster as a build plans it."""
    from .desk import demand_of, desk_of, question_of
    from .planning.roster import DRAFT, plan_roster
    from .planning.staffing import plan_staffing

    staffing = plan_staffing(question_of(engagement, demand_of(engagement)), engagement.options)
    return plan_roster(desk_of(engagement, staffing), DRAFT)


def publish(
    folder: Folder,
    read: Annotated[Path | None, typer.Option(help="An edited roster.xlsx to sign instead of the plan.")] = None,
    again: Annotated[bool, typer.Option("--again", help="Publish over an earlier version; its log goes on.")] = False,
    despite: Annotated[str, typer.Option(help="Why it is signed although it breaks hard rules.")] = "",
) -> None:
    """Sign the roster: from now on it is repaired, not planned anew."""
    from . import rerostering

    _told(rerostering.publish(folder, _draft, date.today(), read=read, again=again, despite=despite))
    typer.echo(f"Next: catalyst build {folder}")


def check(folder: Folder, file: Annotated[Path, typer.Argument(metavar="FILE", help="An edited roster.xlsx.")]) -> None:
    """Say which rules an edited roster.xlsx breaks, by person and date. Nothing is written."""
    from . import rerostering

    _told(rerostering.check_workbook(folder, _draft, file))


def ill(
    folder: Folder,
    person: Code,
    from_: Annotated[str, typer.Option("--from", help="First day of the absence.")],
    to: Annotated[str | None, typer.Option(help="Last day; the first one when not given.")] = None,
    apply: Apply = False,
) -> None:
    """Cover somebody's absence with the fewest people moved."""
    from . import rerostering

    first = _day(from_)
    _told(rerostering.ill(folder, person, first, _day(to) if to else first, date.today(), apply=apply))


def swap(
    folder: Folder,
    person: Code,
    day: Day,
    other: Annotated[str, typer.Argument(metavar="CODE2", help="Who takes the shift.")],
    other_day: Annotated[str | None, typer.Argument(metavar="[DATE2]", help="The shift given in return.")] = None,
    apply: Apply = False,
) -> None:
    """Say whether a swap is legal, whether the cover holds, and who else could."""
    from . import rerostering

    then = _day(other_day) if other_day else None
    _told(rerostering.exchange(folder, person, _day(day), other, then, date.today(), apply=apply))


def who(
    folder: Folder,
    day: Day,
    shift: Annotated[str, typer.Argument(metavar="SHIFT", help="Its letter in the roster, such as N.")],
) -> None:
    """Say who could step in for a shift, whom to ask first at the top."""
    from . import rerostering

    _told(rerostering.who(folder, _day(day), shift))


def renew(
    folder: Folder,
    from_: Annotated[str, typer.Option("--from", help="First day that may change.")],
    apply: Apply = False,
) -> None:
    """Plan a published roster on for staff.yaml as it is now: who joined or left, new leave."""
    from . import rerostering

    _told(rerostering.renew(folder, _day(from_), date.today(), apply=apply))


def why(folder: Folder) -> None:
    """Say why the roster falls short, and what would help."""
    from . import rerostering

    _told(rerostering.why(folder, _draft))


def next_(folder: Folder) -> None:
    """Let the next roster start where the last published one ends, its history carried over."""
    from . import rerostering

    _told(rerostering.go_on(folder))
    typer.echo(f"Next: catalyst build {folder}")


def _told(outcome: Outcome) -> None:
    for line in outcome.lines:
        typer.echo(line)
    for path in outcome.written:
        typer.echo(f"wrote {path}")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CatalystError(f"'{text}' is not a day; write it as 2027-03-01.") from None
