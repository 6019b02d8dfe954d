"""The staffing page for the operator's director: one HTML file that loads nothing, for desk, phone and paper.

Its parts stand in staffing_page_parts.py and staffing_page_plan.py; here they are laid out, from the right where the
line's first language is.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from .. import archive
from ..library import content_root
from ..results import Results
from . import look
from .chart_parts import RIGHT_TO_LEFT
from .report import FAMILY, WIDTHS, clean, css_string, sections_of
from .report_blocks import Block, words
from .staffing_page_plan import blocks

# Column widths in per cent by table layout.
OWN_WIDTHS = {
    "posts": (24, 9, 12, 55),
    "classes": (40, 30, 30),
    "choices": (54, 9, 13, 24),
    "growth": (40, 18, 18, 24),
    "weak": (60, 20, 20),
    "change": (70, 30),
}


def write(results: Results, folder: Path) -> list[Path]:
    """Write operator/staffing.html."""
    return [archive.write_text(folder / "operator" / "staffing.html", page(results))]


def page(results: Results) -> str:
    """Return the page as text."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    say, facts = words()["staffing"]["page"], results.facts
    rtl = facts.languages[0] in RIGHT_TO_LEFT
    listed = [_unbroken(block) for block in blocks(results, rtl=rtl)]
    templates = content_root() / "templates" / "documents"
    environment = Environment(loader=FileSystemLoader(templates), autoescape=True, undefined=StrictUndefined)
    notice, name = clean(facts.notice), clean(facts.name)
    faces = look.font_faces(FAMILY, arabic=True)
    return environment.get_template("staffing.html.j2").render(
        w=say,
        direction="rtl" if rtl else "ltr",
        name=name,
        notice=notice,
        kicker=say["kicker"].format(country=facts.country.name),
        created=facts.as_of.isoformat(),
        as_of=look.day(facts.as_of),
        sections=sections_of(listed),
        pictures={b.id: b.svg.replace(look.FONT, FAMILY, 1) for b in listed if b.kind == "figure"},
        widths=WIDTHS | OWN_WIDTHS,
        style="".join((faces, (templates / "report.css").read_text("utf-8"), _page_rule(name, say["careful"]))),
    )


def _unbroken(block: Block) -> Block:
    """Return the block with no line's end inside a number."""

    def joined(text: str) -> str:
        return re.sub(r"(?<=\d) (?=\d{3}\b|%)", "\u00a0", text)

    rows = tuple(tuple(tuple(replace(x, text=joined(x.text)) for x in c) for c in row) for row in block.rows)
    return replace(block, text=joined(block.text), items=tuple(map(joined, block.items)), rows=rows)


def _page_rule(name: str, careful: str) -> str:
    """Return the rule that puts the warning and the page number on every printed page."""
    small = f'font: 8pt "{FAMILY}", "{FAMILY} Arabic", sans-serif'
    return (
        f"\n@page{{size:A4;margin:17mm 16mm;"
        f"@top-left{{content:{css_string(careful)};{small};color:{look.CAUTION};width:100%}}"
        f"@bottom-left{{content:{css_string(name)};{small};color:{look.QUIET};width:75%}}"
        f'@bottom-right{{content:counter(page) " / " counter(pages);{small};color:{look.QUIET}}}}}\n'
    )
