"""What hangs at the rota desk: a week to an A3 page, and the on-call list on A4; as a page for browsers and as PDF."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from .. import archive
from ..errors import MissingPartError
from ..library import content_root
from ..planning.calendar import clock_of
from ..planning.rostering.codes import LEAVE, ON_CALL, SESSIONS, codes_of, part_of_day
from ..planning.rostering.records import Roster
from ..results import Results
from . import look
from .report import FAMILY, clean, css_string, only_data
from .roster_book import mirrored, on_weekend, people_by_shift, state_of, titles, words

WEEK = 7
ROWS, HEADING_ROWS = 32, 5  # lines of people that an A3 page holds, and what headings of a week take of them
FEW, LARGE, SMALL = 40, 11, 9  # up to so many lines of text a week the letters are large; in points


@dataclass(frozen=True)
class Cell:
    """One person's day in lines of text: letter and times, then what else there is; ``kind`` names its look."""

    lines: tuple[str, ...] = ()
    kind: str = ""

    @property
    def text(self) -> str:
        """Every line: a cell is one piece of text, for the printer of PDF is slow with many small ones."""
        return "\n".join(self.lines)


def write(results: Results, operator: Path) -> list[Path]:
    """Write roster-print.html and roster.pdf into the operator's folder.

    Raises
    ------
    MissingPartError
        When this machine cannot write PDF; the page is written first.
    """
    page = html_page(results)
    written = archive.write_text(operator / "roster-print.html", page)
    return [written, archive.write_bytes(operator / "roster.pdf", _pdf(page))]


def html_page(results: Results) -> str:
    """Return the page as text; it loads nothing."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    templates = content_root() / "templates" / "documents"
    environment = Environment(loader=FileSystemLoader(templates), autoescape=True, undefined=StrictUndefined)
    roster, facts, state = results.roster, results.facts, state_of(results)
    name, notice, weeks = clean(facts.name), clean(facts.notice), _weeks(results)
    return environment.get_template("roster_print.html.j2").render(
        direction="rtl" if mirrored(results) else "ltr",
        name=name,
        notice=notice,
        created=facts.as_of.isoformat(),
        title=words("print_title"),
        careful=words("print_careful"),
        key=_key(roster),
        others=words("print_others", leave=LEAVE, on_call=ON_CALL),
        w={k: words(f"print_{k}") for k in ("code", "on_call", "called", "short", "week", "calls_title", "calls_say")},
        weeks=weeks,
        calls_columns=titles("print_calls_columns"),
        calls=_calls(results),
        style=look.font_faces(FAMILY, arabic=mirrored(results) or look.has_arabic(name + notice))
        + _page_rule(name, f"{state}. {notice}".strip()),
        state=state,
        per_page=max(1, ROWS // (len(roster.people) + HEADING_ROWS)),
        size=LARGE if max(map(_lines, weeks), default=0) <= FEW else SMALL,
    )


def _key(roster: Roster) -> list[tuple[str, str]]:
    """Return each shift's code and times; supervisors' shifts say that nobody on them is on the line."""
    codes, theirs = codes_of(roster.shifts), words("supervisors_shift")
    return [
        (codes[s.id], f"{s.text} ({theirs})" if s.id in roster.supervisor_shifts else s.text) for s in roster.shifts
    ]


def _weeks(results: Results) -> list[dict[str, Any]]:
    """Return each week: its days, a row of cells for each person, who is on call, and what is short."""
    roster = results.roster
    cells, days = _cells(results), roster.days
    who, codes = people_by_shift(roster), codes_of(roster.shifts)
    weeks = []
    for first in range(0, len(days), WEEK):
        week = days[first : first + WEEK]
        short = []
        for n, day in enumerate(week, first):
            lacking = [
                f"{codes[s.id]} −{missing}"
                for k, s in enumerate(roster.shifts)
                if (missing := int(roster.needed[n, k]) - len(who.get((day, s.id), []))) > 0
            ]
            short.append(", ".join(lacking))
        weeks.append(
            {
                "number": first // WEEK + 1,
                "first": look.day(week[0]),
                "last": look.day(week[-1]),
                "days": [_head(results, day) for day in week],
                "rows": [(p.code, [cells.get((p.code, day), Cell()) for day in week]) for p in roster.people],
                "called": [roster.on_call.get(day, "") for day in week],
                "short": short,
            }
        )
    return weeks


def _lines(week: dict[str, Any]) -> int:
    """Return how many lines of text a week's table has: sessions and breaks make a row higher."""
    return sum(max(1, *(len(cell.lines) for cell in cells)) for _, cells in week["rows"])


def _head(results: Results, day: date) -> dict[str, Any]:
    name = f"{day:%a} {day.day} {day:%b}"
    marks = [words("weekend")] if on_weekend(results, day) else []
    marks += [results.roster.holidays[day]] if day in results.roster.holidays else []
    return {"name": name, "marks": ", ".join(marks)}


def _cells(results: Results) -> dict[tuple[str, date], Cell]:
    """Return what stands in each person's day."""
    roster = results.roster
    codes, shifts = codes_of(roster.shifts), {s.id: s for s in roster.shifts}
    more: dict[tuple[str, date], list[str]] = defaultdict(list)
    for b in sorted(roster.breaks, key=lambda b: (b.day, b.start)):
        more[b.person, b.day].append(words("print_break", time=clock_of(b.start)))
    for s in sorted(roster.sessions, key=lambda s: (s.day, s.start)):
        for person in s.people:
            more[person, s.day].append(f"{clock_of(s.start)}–{clock_of(s.end)} {SESSIONS[s.kind]}")
    found = {place: Cell(tuple(notes)) for place, notes in more.items()}
    for day, code in roster.on_call.items():
        found[code, day] = Cell((ON_CALL, *more[code, day]), "call")
    for p in roster.people:
        found |= {(p.code, day): Cell((LEAVE,), "leave") for day in p.leave}
    for a in roster.assignments:
        letter = codes[a.shift]
        called = [words("print_called")] if roster.on_call.get(a.day) == a.person else []
        lines = (f"{letter}\u00a0\u00a0{shifts[a.shift].text}", *more[a.person, a.day], *called)
        found[a.person, a.day] = Cell(lines, part_of_day(letter).lower())
    return found


def _calls(results: Results) -> list[tuple[str, str, str]]:
    """Return the on-call list: day, what day it is, who."""
    return [
        (f"{head['name']} {day.year}", head["marks"], results.roster.on_call.get(day) or words("nobody_called"))
        for day in results.roster.days
        for head in (_head(results, day),)
    ]


def _page_rule(name: str, state: str) -> str:
    """Return the rules that put state, notice and page number on every printed page: A3 for weeks, A4 for calls."""
    small = f'font: 8pt "{FAMILY}", "{FAMILY} Arabic", sans-serif'
    around = (
        f"@top-left{{content:{css_string(state)};direction:ltr;{small};font-weight:700;color:{look.CAUTION};width:80%}}"
        f"@bottom-left{{content:{css_string(name)};{small};color:{look.QUIET};width:75%}}"
        f'@bottom-right{{content:counter(page) " / " counter(pages);direction:ltr;{small};color:{look.QUIET}}}'
    )
    return (
        f"\n@page{{size:A4;margin:16mm 14mm 14mm;{around}}}\n@page wall{{size:A3 landscape;margin:14mm 12mm 12mm}}\n"
        f'body{{font-family:"{FAMILY}","{FAMILY} Arabic",sans-serif}}\n'
    )


def _pdf(page: str) -> bytes:
    try:
        import weasyprint
    except OSError as error:
        raise MissingPartError(words("no_pdf")) from error
    document = weasyprint.HTML(string=page, base_url=None, url_fetcher=only_data)
    return bytes(document.write_pdf(pdf_identifier=archive.digest(page.encode())[:32].encode()))
