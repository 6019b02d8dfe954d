"""index.html at the top of a build: what was made, what it is for, who may have it, what to read first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ..archive import write_text
from ..library import content_root
from ..results import Results
from . import look

FORMATS = {
    "pdf": "PDF",
    "docx": "Word",
    "html": "Web page",
    "xlsx": "Excel",
    "xml": "MS Project",
    "ics": "Calendar",
    "svg": "Picture",
    "csv": "Table",
    "json": "Data",
}
# A folder is entered by the first of these that it holds.
DOORS = ("index.html", "README.md", "academy.xlsx")


@dataclass(frozen=True)
class Output:
    """One output: the folder it lies in, the start of its files' names, and the endings a whole build makes.

    No endings: it is made only where an offering asks for it.
    """

    audience: str
    stem: str
    title: str
    use: str
    endings: tuple[str, ...]


@dataclass(frozen=True)
class Audience:
    """A folder of the build and who may have it."""

    id: str
    title: str
    who: str
    empty: str
    careful: bool = True


AUDIENCES = (
    Audience(
        "partner",
        "For the partner",
        "The ministry, the donor, the operator and the organisations that plan with them. No respondent, note or shift "
        "stands in it.",
        "Nothing was made for the partner.",
        careful=False,
    ),
    Audience(
        "operator",
        "For the operator only",
        "The director and the supervisors. It holds shift times and safety protocols, which would help a trafficker. "
        "Do not forward it. Do not put it on a shared drive.",
        "Nothing was made for the operator.",
    ),
    Audience(
        "consultant",
        "For the consultant only",
        "You and your team. It holds respondents' codes, notes, rulings and answers by group. Never forward it.",
        "Nothing was made for the consultant.",
    ),
    Audience(
        "public",
        "For the public",
        "Anyone.",
        "Nothing is in it. What may be published is decided by people, one text at a time.",
        careful=False,
    ),
)

OUTPUTS = (
    Output(
        "partner",
        "report",
        "Assessment report",
        "What was found, how sure it is, which gates are open and what to do. Comment in the Word file.",
        ("pdf", "docx", "html"),
    ),
    Output(
        "partner",
        "at_a_glance",
        "Assessment at a glance",
        "One page for a first meeting: what was assessed, what may open, what comes first and what to agree next.",
        ("html", "docx"),
    ),
    Output(
        "partner",
        "roadmap",
        "Roadmap",
        "Every activity with its dates, owner, cost and the reason why it is there and why then.",
        ("xlsx", "xml", "ics", "svg", "csv"),
    ),
    Output(
        "partner", "playbooks", "Playbooks", "What to do, page by page, by offering. Opens without internet.", ("",)
    ),
    Output(
        "operator",
        "staffing",
        "Staffing workbook and page",
        "Advocates needed in each hour, people, hiring and money. Read the page; change the inputs in the "
        "workbook, and its formulas follow.",
        ("xlsx", "html"),
    ),
    Output(
        "operator",
        "roster",
        "Roster",
        "Weeks of shifts, a draft until it is signed: workbook, wall print, calendars. Check it against the law first.",
        ("xlsx", "pdf", "ics"),
    ),
    Output(
        "operator",
        "playbooks",
        "Playbooks, the operator's edition",
        "All pages, the safety protocols included. Opens without internet.",
        ("",),
    ),
    Output(
        "operator",
        "academy",
        "Academy",
        "Workbook for attendance, tests, sign-off; beside it lessons (SCORM), questions (GIFT), the assessors' sheet.",
        (),
    ),
    Output(
        "operator",
        "project",
        "Starter project",
        "Forms, call flow, directory, statistics and public site of the hotline's own, closed until signed.",
        ("",),
    ),
    Output(
        "consultant",
        "kit",
        "Consultant's kit",
        "Invitations, consent, interview guides by role, workshops, checklists and logs, made from what is still open.",
        ("",),
    ),
    Output(
        "consultant",
        "scorecard",
        "Scorecard",
        "Every item with its level, its answers and what to ask next.",
        ("xlsx",),
    ),
    Output("consultant", "results", "All numbers", "For other programs and for checking.", ("json",)),
)

FIRST = (
    (
        "partner/report",
        "what the hotline has, what it lacks and how sure that is. Read it before anyone else does.",
        ("pdf", "html", "docx"),
    ),
    ("consultant/scorecard", "where the answers disagree and what to look at on site.", ("xlsx",)),
    ("partner/roadmap", "check names, dates and money with the people who must do the work.", ("xlsx",)),
    ("operator/playbooks", "every page is a draft until survivors and counsel have reviewed it.", ("",)),
)


def write(results: Results, folder: Path) -> list[Path]:
    """Write index.html beside the audiences' folders; it names only what lies in them."""
    import jinja2

    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=False)
    template = environment.from_string((content_root() / "site" / "start_page.html.jinja").read_text("utf-8"))
    facts = results.facts
    text = template.render(
        ink=look.INK,
        night=look.NIGHT,
        link=look.LINK,
        quiet=look.QUIET,
        line=look.LINE,
        caution=look.CAUTION,
        pale=look.PALE,
        name=facts.name,
        country=facts.country.name,
        as_of=look.day(facts.as_of),
        stage={"existing": "A running hotline", "new": "A new hotline"}.get(facts.stage, "A hotline in preparation"),
        notice=facts.notice,
        first=list(_first(folder)),
        audiences=[_audience(audience, folder) for audience in AUDIENCES],
        missing=list(_missing(folder)),
    )
    return [write_text(folder / "index.html", text)]


def _first(folder: Path) -> Iterator[dict[str, str]]:
    for place, why, endings in FIRST:
        audience, stem = place.split("/")
        found = next((p for e in endings if (p := _door(folder / audience / _name(stem, e))) is not None), None)
        if found is not None:
            title = next(o.title for o in OUTPUTS if (o.audience, o.stem) == (audience, stem))
            yield {"title": title, "why": why, "href": _href(found, folder)}


def _name(stem: str, ending: str) -> str:
    return f"{stem}.{ending}" if ending else stem


def _door(path: Path) -> Path | None:
    """Return what to open: a file itself, or a folder's first page."""
    if path.is_dir():
        return next((path / door for door in DOORS if (path / door).is_file()), None)
    return path if path.is_file() else None


def _href(path: Path, folder: Path) -> str:
    return quote(path.relative_to(folder).as_posix())


def _audience(audience: Audience, folder: Path) -> dict[str, Any]:
    place = folder / audience.id
    left = sorted(p for p in place.iterdir() if not p.name.startswith(".")) if place.is_dir() else []
    outputs = []
    for output in (o for o in OUTPUTS if o.audience == audience.id):
        mine = [p for p in left if _belongs(p, output)]
        left = [p for p in left if p not in mine]
        if mine:
            links = [_link(p, output, folder) for p in sorted(mine, key=lambda p: _rank(p, output))]
            outputs.append({"title": output.title, "use": output.use, "links": links})
    if left:
        outputs.append({"title": "Also here", "use": "", "links": [_link(p, None, folder) for p in left]})
    return {
        "id": audience.id,
        "title": audience.title,
        "who": audience.who,
        "empty": audience.empty,
        "careful": audience.careful,
        "outputs": outputs,
    }


def _belongs(path: Path, output: Output) -> bool:
    name = path.name.split(".")[0]
    return name == output.stem or name.startswith((f"{output.stem}-", f"{output.stem}_"))


def _rank(path: Path, output: Output) -> tuple[bool, int, str]:
    ending = path.suffix.removeprefix(".")
    known = output.endings.index(ending) if ending in output.endings else len(output.endings)
    return path.name.split(".")[0] != output.stem, known, path.name


def _link(path: Path, output: Output | None, folder: Path) -> dict[str, str]:
    door, ending = _door(path), path.suffix.removeprefix(".")
    if path.is_dir():
        label = "Open" if output is not None and path.name == output.stem else f"{path.name}/"
        if door is None:
            label = f"{path.name}/ ({sum(p.is_file() for p in path.rglob('*'))} files)"
    elif output is not None and path.name == _name(output.stem, ending) and ending in FORMATS:
        label = FORMATS[ending]
    else:
        label = path.name
    return {"label": label, "href": _href(door, folder) if door is not None else ""}


def _missing(folder: Path) -> Iterator[str]:
    for output in (o for o in OUTPUTS if o.endings):
        lacking = [e for e in output.endings if not (folder / output.audience / _name(output.stem, e)).exists()]
        if len(lacking) == len(output.endings):
            yield f"{output.title} ({output.audience}/)"
        elif lacking:
            yield f"{output.title} as {' or '.join(FORMATS[e] for e in lacking)} ({output.audience}/)"
