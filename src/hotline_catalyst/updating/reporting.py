"""What an update leaves for people to read: a page with both texts side by side, and a checklist to sign.

Both lie in .scaffold/updates/<version>/ with the texts themselves: base (as the template was), yours, new (as the
template is now) and merged (both sides' edits, and your own text wherever the two differ).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from .changes import TemplateChange
from .merging import Piece, compare, lines, undressed, why_not
from .records import PENDING, Item, UpdatePlan

AROUND, MOST_ROWS = 3, 600
# Said in words beside the colours, for whoever does not see these.
WHO = {"yours": "you", "ours": "template", "both": "both, the same", "conflict": "both, differently"}
COLUMNS = ("Changed by", "Template, then", "Yours", "Template, now")
CHECKLIST, PAGE = "CHECKLIST.md", "report.html"
TICKED = re.compile(
    r"^- \[[xX]\] `(?P<path>[^`]+)` by \(role\): *(?P<role>[^_\s].*?) on \(date\): *(?P<day>\d{4}-\d{2}-\d{2})",
    re.MULTILINE,
)
TITLES = {
    "conflict": "Needs you: both of you changed it",
    "name taken": "Needs you: the build makes a file of this name now",
    "by hand": "Needs you: an accepted safety change in a file of your own",
    "seeded": "For you to read: the template changed a text that is yours now",
    "deleted here": "You deleted it; the template changed it",
    "kept edited": "The template dropped it; you edited it, so it stays",
    "kept yours": "You have a file of that name",
    "declined": "Held back: a safety change that you declined",
    "accepted": "Settled: yours stays",
    "rebuilt": "Somebody had edited a generated file; the edited copy is in the folder yours",
    "merge": "Done: your edits and the template's, together",
    "replace": "Done: brought to the new text",
    "add": "Done: new",
    "remove": "Done: no longer part of the template",
    "take": "Done: the template's text, as you asked",
}
STYLE = """
body { font: 16px/1.5 "Noto Sans", "Noto Sans Arabic", system-ui, sans-serif; color: #16242E;
  margin: 2rem auto; max-width: 90rem; padding: 0 1rem; overflow-wrap: anywhere; }
h1, h2, h3 { line-height: 1.3; color: #12355B; }
table { border-collapse: collapse; width: 100%; table-layout: fixed; margin: .5rem 0 2rem; }
th, td { border: 1px solid #767676; padding: .1rem .4rem; vertical-align: top; text-align: start; }
td { font: 14px/1.4 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
.ours { background: #e3f1e3; } .yours { background: #e5eefb; } .conflict { background: #fdecc8; }
th:first-child { width: 6rem; }
.gap { color: #595959; }
@media screen and (max-width: 48rem) {
  table, tbody, tr, td { display: block; } thead { display: none; }
  tr { border: 1px solid #767676; margin-bottom: .5rem; } td { border: 0; } td:empty { display: none; }
  td:nth-child(n+3):not([data-side]) { display: none; }
  td[data-side]::before { content: attr(data-side); display: block; font-weight: 700; }
}
@media print { body { max-width: none; } td { font-size: 10px; } }
"""


def folder(version: str) -> str:
    """Return where an update to a version leaves its papers."""
    return f".scaffold/updates/{version}"


def papers(plan: UpdatePlan, ticked: str, fresh_report: bool) -> dict[str, bytes]:
    """Return the page, the checklist and the texts beside them, by path in the project.

    Parameters
    ----------
    ticked
        The checklist as it is now: ticks of what is still open stay.
    fresh_report
        Whether page and texts are written too, and not the checklist alone.
    """
    place = folder(plan.version)
    found = {f"{place}/{CHECKLIST}": checklist(plan, ticked).encode()}
    if fresh_report:
        found |= {f"{place}/{path}": content for path, content in _texts(plan.items)}
        found[f"{place}/{PAGE}"] = page(plan).encode()
    return found


def _texts(items: Iterable[Item]) -> Iterator[tuple[str, bytes]]:
    for item in items:
        if item.kind in (
            *PENDING,
            "seeded",
            "deleted here",
            "kept edited",
            "kept yours",
            "declined",
            "rebuilt",
            "take",
        ):
            merged = item.merge.content if item.merge and item.merge.pieces else None
            # A merged text that holds nothing new would look like something to copy.
            merged = None if merged == item.live.content else merged
            sides = {"base": item.base, "yours": item.live.content, "new": item.ours, "merged": merged}
            yield from ((f"{side}/{item.path}", content) for side, content in sides.items() if content is not None)


def checklist(plan: UpdatePlan, ticked: str = "") -> str:
    """Return the list that the owner of a protocol signs, as Markdown."""
    done = {found["path"]: found[0] for found in TICKED.finditer(ticked)}
    todo = [
        done.get(item.path, f"- [ ] `{item.path}` by (role): ____________ on (date): ____________")
        for item in plan.pending
    ]
    head = f"# Update to template {plan.version}: what is left for you"
    if not todo:
        return f"{head}\n\nNothing is left. The project is at template {plan.version}.\n"
    steps = [
        "",
        "Open report.html beside this list. For each file below, one of these settles it:",
        "",
        "- There is a text of it in the folder `merged` and you agree with it: copy it over your file.",
        "- You want the template's text: run `catalyst update PROJECT --take FILE`.",
        "- You mended your file yourself, or it stays as it is: put an x between the brackets, your role and the date",
        "  (YYYY-MM-DD).",
        "",
        "Then run `catalyst update PROJECT --resolve`. Until then your files are as you left them.",
        "",
    ]
    return "\n".join([head, *steps, *todo, ""])


def ticks(text: str) -> set[str]:
    """Return the files that somebody ticked off with a role and a date."""
    return {found["path"] for found in TICKED.finditer(text)}


def half_ticks(text: str) -> list[str]:
    """Return the files that were ticked without a role or a date."""
    return sorted(set(re.findall(r"^- \[[xX]\] `([^`]+)`", text, re.MULTILINE)) - ticks(text))


def page(plan: UpdatePlan) -> str:
    """Return the whole report as one page without scripts or anything from outside."""
    title = f"Update to template {plan.version}"
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            f"<title>{_safe(title)}</title><style>{STYLE}</style></head><body><main>",
            f"<h1>{_safe(title)}</h1>",
            f"<p>From template {_safe(plan.before.version)}. {_said(plan)}</p>",
            _news(plan.changes, plan.after.decisions),
            *(_section(kind, plan.of([kind])) for kind in TITLES),
            "</main></body></html>\n",
        ]
    )


def _said(plan: UpdatePlan) -> str:
    count = len(plan.pending)
    if not count:
        return "Everything is settled."
    waits, them = ("1 file waits", "it") if count == 1 else (f"{count} files wait", "them")
    return f"{waits} for you and nothing in {them} was touched. CHECKLIST.md beside this page says what settles it."


def _news(changes: Sequence[TemplateChange], decided: Mapping[str, str]) -> str:
    if not changes:
        return ""
    rows = [
        f"<li><strong>{_safe(c.tag)}</strong>: {_safe(c.text)}"
        + (f" You decided: {_safe(decided[c.id])}." if c.id in decided else "")
        + "</li>"
        for c in sorted(changes, key=lambda c: ("safety", "legal", "feature").index(c.tag))
    ]
    return "<h2>What is new in the template</h2><ul>" + "\n".join(rows) + "</ul>"


def _section(kind: str, items: Sequence[Item]) -> str:
    if not items:
        return ""
    shown = _files(items) if kind in ("add", "remove", "replace") else "\n".join(_compared(item) for item in items)
    return f"<h2>{_safe(TITLES[kind])}</h2>\n{shown}"


def _files(items: Sequence[Item]) -> str:
    return "<ul>" + "\n".join(f"<li><code>{_safe(item.path)}</code></li>" for item in items) + "</ul>"


def _compared(item: Item) -> str:
    why = f"<p>{_safe(item.why[:1].upper() + item.why[1:])}.</p>" if item.why else ""
    return f"<h3><code>{_safe(item.path)}</code></h3>{why}{table(item)}"


@dataclass(frozen=True, slots=True)
class _Row:
    kind: str
    cells: tuple[str, str, str]
    word: str = ""


def table(item: Item) -> str:
    """Return the three texts side by side, only what changed and a few lines around it."""
    if item.live.content is None and item.ours is None:
        return "<p>There is no text to show.</p>"
    base, yours, ours = (side or b"" for side in (item.base, item.live.content, item.ours))
    if why_not(base, yours, ours):
        reason = _safe(why_not(base, yours, ours))
        return f"<p>The texts are not shown: {reason}. They are in the folders beside this page.</p>"
    plain, _ = undressed(yours, base)
    rows = list(_rows(list(compare(lines(base), lines(plain), lines(ours)))))
    more = (
        f"<p>{len(rows) - MOST_ROWS} more lines are in the folders beside this page.</p>"
        if len(rows) > MOST_ROWS
        else ""
    )
    body = "\n".join(_line(row) for row in rows[:MOST_ROWS])
    head = "".join(f'<th scope="col">{column}</th>' for column in COLUMNS)
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>{more}"


def _rows(pieces: Sequence[Piece]) -> Iterator[_Row]:
    for place, piece in enumerate(pieces):
        if piece.kind == "same":
            yield from _context(piece, first=place == 0, last=place == len(pieces) - 1)
            continue
        longest = max(len(piece.base), len(piece.yours), len(piece.ours))
        for n in range(longest):
            base, yours, ours = (_shown(side, n) for side in (piece.base, piece.yours, piece.ours))
            yield _Row(piece.kind, (base, yours, ours), WHO[piece.kind] if n == 0 else "")


def _shown(side: Sequence[bytes], n: int) -> str:
    return side[n].decode("utf-8").rstrip("\r\n") if n < len(side) else ""


def _context(piece: Piece, *, first: bool, last: bool) -> Iterator[_Row]:
    texts = [line.decode("utf-8").rstrip("\r\n") for line in piece.base]
    head, tail = ([] if first else texts[:AROUND]), ([] if last else texts[-AROUND:])
    if len(head) + len(tail) >= len(texts):
        head, tail = texts, []
    yield from (_Row("same", (text, text, text)) for text in head)
    if (left := len(texts) - len(head) - len(tail)) > 0:
        note = f"… {left} lines that nobody changed" if left > 1 else "… 1 line that nobody changed"
        yield _Row("gap", (note, note, note))
    yield from (_Row("same", (text, text, text)) for text in tail)


def _line(row: _Row) -> str:
    marked = {"ours": (2,), "yours": (1,), "both": (1, 2), "conflict": (1, 2)}.get(row.kind, ())
    sides = COLUMNS[1:] if marked else ("",) * 3
    cells = (
        f'<td dir="auto"{_side(side)}{_shade(row.kind, n in marked)}>{_safe(text)}</td>'
        for n, (side, text) in enumerate(zip(sides, row.cells, strict=True))
    )
    return f"<tr><td>{row.word}</td>{''.join(cells)}</tr>"


def _side(side: str) -> str:
    """Name whose text a cell is, for small screens, where the columns stand under one another."""
    return f' data-side="{side}"' if side else ""


def _shade(kind: str, marked: bool) -> str:
    if kind == "gap":
        return ' class="gap"'
    return f' class="{"ours" if kind == "both" else kind}"' if marked else ""


def _safe(text: str) -> str:
    """Return text for HTML, with what would turn the words after it around made visible."""
    shown = re.sub("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]", "\N{REPLACEMENT CHARACTER}", text)
    return escape(shown.encode("utf-8", "replace").decode("utf-8"))
