"""roster.xlsx: the grid, and sheets that count over it, so that a change of the grid shows what it does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ..results import Results
from . import look
from .plan_sheets import read_me
from .roster_book import RosterBook, state_of, words
from .roster_days import by_day, cover_by_hour
from .roster_fairness import Ledger, fairness
from .roster_grid import add_grid, key_of
from .roster_judged import rules, service_by_hour, stress, why
from .roster_people import closed_office, on_call, sessions, shifts


def write(results: Results, path: Path) -> Path:
    """Write the workbook."""
    book, ledger = RosterBook(results), Ledger(results.roster)
    _read_me(book)
    add_grid(book, ledger.totals())
    by_day(book)
    cover_by_hour(book)
    fairness(book, ledger)
    for page in (rules, on_call, sessions, shifts, closed_office, stress, service_by_hour, why):
        page(book)
    return book.write(path)


def _read_me(book: RosterBook) -> None:
    results = book.results
    say = words("read_me_say", state=state_of(results), day=look.day(results.facts.as_of))
    read_me(book, words("read_me_title", line=results.facts.name), say, list(_guide(results)))


def _guide(results: Results) -> Iterator[tuple[str, str]]:
    """Yield what the book is for, who may have it, what to change first, and how good the roster is."""
    roster = results.roster
    hard = sum(v.hard for v in roster.violations)
    standing = "published" if roster.published else "posts" if roster.anonymous else "draft"
    found = f"found_{roster.status.removeprefix('proved ')}"
    holidays = "; ".join(f"{look.day(d)} {name}" for d, name in roster.holidays.items()) or words("no_holiday")
    figures: dict[str, dict[str, object]] = {
        "weeks": {"first": look.day(roster.days[0]), "last": look.day(roster.days[-1]), "weeks": roster.weeks},
        "uncovered": {"hours": f"{roster.uncovered_hours:g}", "days": len(roster.days)},
        "broken_rules": {"hard": hard, "soft": len(roster.violations) - hard},
        "holidays": {"listed": holidays},
        "letters": {"listed": key_of(roster)},
        "clock": {"zone": roster.zone or words("no_zone")},
    }
    for name in (f"is_{standing}", "who_may", "weeks", found, "uncovered", "broken_rules", "holidays", *STEPS, "clock"):
        label, text = words(name, **figures.get(name, {})).split(" | ", 1)
        yield label, text


STEPS = ("change_first", "then_check", "letters")
