"""A paper of the kit as a Word file that a consultant edits: plain styles, real headings, tables with header rows."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .. import archive
from ..results import Results
from . import look
from .kit_papers import Cell, Part
from .report import clean

BOX = "☐ "
WIDE_MM = 174
CELL, HEAD = "KitCell", "KitHead"


def document(
    results: Results, title: str, who: str, parts: Sequence[Part], words: Mapping[str, str], *, right_to_left: bool
) -> bytes:
    """Return a paper's .docx; the same parts give the same bytes."""
    from docx import Document

    paper = Document()
    _styles(paper)
    _sheet(paper, results, title, words)
    paper.add_heading(clean(title), 1)
    _written(paper, clean(f"{results.facts.name}. {words['as_of']} {look.day(results.facts.as_of)}."), look.QUIET)
    _written(paper, clean(who), look.CAUTION, bold=True)
    for part in parts:
        if part.kind not in ("open", "close"):
            _put(paper, part, right_to_left)
    _properties(paper, results, title)
    stream = io.BytesIO()
    paper.save(stream)
    return archive.normalised_zip(stream.getvalue())


def _colour(value: str) -> Any:
    from docx.shared import RGBColor

    return RGBColor.from_string(value.removeprefix("#"))


def _styles(paper: Any) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Pt

    sizes = {"Normal": 10.5, "Heading 1": 20, "Heading 2": 14, "Heading 3": 11.5, "List Bullet": 10.5, "Header": 8.5}
    for name, size in {**sizes, "Footer": 8.5}.items():
        style = paper.styles[name]
        style.font.name, style.font.size = look.FONT, Pt(size)
        fonts = style.element.rPr.rFonts
        for attribute in [a for a in fonts.attrib if a.endswith("Theme")]:
            # A theme font would win over ours.
            del fonts.attrib[attribute]
        if name.startswith("Heading"):
            style.font.color.rgb, style.font.bold = _colour(look.NIGHT), True
            style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(size), Pt(4)
    paper.styles["Normal"].paragraph_format.space_after = Pt(6)
    for name in (CELL, HEAD):
        style = paper.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style, style.font.size, style.font.bold = paper.styles["Normal"], Pt(9), name == HEAD
        style.paragraph_format.space_after = Pt(2)


def _sheet(paper: Any, results: Results, title: str, words: Mapping[str, str]) -> None:
    """Set A4, and the notice and page number on every page."""
    from docx.shared import Mm

    section = paper.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(18)
    section.top_margin, section.bottom_margin = Mm(20), Mm(18)
    head = section.header.paragraphs[0].add_run(clean(results.facts.notice))
    head.bold, head.font.color.rgb = True, _colour(look.CAUTION)
    foot = section.footer.paragraphs[0]
    foot.add_run(clean(f"{results.facts.name} · {title} · {words['page']} ")).font.color.rgb = _colour(look.QUIET)
    _field(foot, "PAGE")


def _field(paragraph: Any, code: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    paragraph._p.append(field)


def _written(paper: Any, text: str, colour: str, *, bold: bool = False) -> None:
    run = paper.add_paragraph().add_run(text)
    run.font.color.rgb, run.bold = _colour(colour), bold


def _put(paper: Any, part: Part, right_to_left: bool) -> None:
    text, items = clean(part.text), [clean(i) for i in part.items]
    lay: dict[str, Callable[[], object]] = {
        "h2": lambda: paper.add_heading(text, 2),
        "h3": lambda: paper.add_heading(text, 3),
        "p": lambda: paper.add_paragraph(text),
        "say": lambda: _say(paper, text),
        "care": lambda: _written(paper, text, look.CAUTION, bold=True),
        "bullets": lambda: [paper.add_paragraph(i, style="List Bullet") for i in items],
        "steps": lambda: [_hanging(paper, f"{n}.\t{i}") for n, i in enumerate(items, 1)],
        "ticks": lambda: [_hanging(paper, f"{BOX}\t{i}") for i in items],
        "fields": lambda: [_to_write_on(paper, i) for i in items],
        "page": lambda: paper.add_page_break(),
        "table": lambda: _table(paper, part, right_to_left),
    }
    lay[part.kind]()


def _say(paper: Any, text: str) -> None:
    from docx.shared import Mm

    paragraph = paper.add_paragraph()
    paragraph.paragraph_format.left_indent = Mm(8)
    paragraph.add_run(f"“{text}”").italic = True


def _hanging(paper: Any, text: str) -> Any:
    from docx.shared import Mm, Pt

    paragraph = paper.add_paragraph(text)
    form = paragraph.paragraph_format
    form.left_indent, form.first_line_indent, form.space_after = Mm(7), Mm(-7), Pt(4)
    form.tab_stops.add_tab_stop(Mm(7))
    return paragraph


def _to_write_on(paper: Any, label: str) -> Any:
    from docx.enum.text import WD_TAB_ALIGNMENT, WD_TAB_LEADER
    from docx.shared import Mm, Pt

    paragraph = paper.add_paragraph(f"{label} \t")
    form = paragraph.paragraph_format
    form.space_before = form.space_after = Pt(6)
    form.tab_stops.add_tab_stop(Mm(WIDE_MM), WD_TAB_ALIGNMENT.RIGHT, WD_TAB_LEADER.DOTS)
    return paragraph


def _table_form(table: Any, right_to_left: bool) -> None:
    """Fix the widths, draw hairlines in our own grey (the style's are black), mirror where that is asked."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{side}")
        for key, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", look.LINE.removeprefix("#"))):
            line.set(qn(f"w:{key}"), value)
        borders.append(line)
    table.autofit = False
    # The order of these marks is part of the format.
    table._tblPr.find(qn("w:tblLayout")).addprevious(borders)
    if right_to_left:
        table._tblPr.find(qn("w:tblW")).addprevious(OxmlElement("w:bidiVisual"))


def _table(paper: Any, part: Part, right_to_left: bool) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Mm

    table = paper.add_table(rows=1 + len(part.rows), cols=len(part.columns), style="Table Grid")
    _table_form(table, right_to_left)
    widths = [Mm(WIDE_MM * share) for share in part.widths]
    for column, width in zip(table.columns, widths, strict=True):
        column.width = width
    lines = [tuple(Cell((title,)) for title in part.columns), *part.rows]
    # table.rows[n].cells builds the whole grid anew each time.
    cells = iter(table._cells)
    for number, row in enumerate(lines):
        for width, cell in zip(widths, row, strict=True):
            _fill(next(cells), cell, width, heading=number == 0)
    for number, row in enumerate(table._tbl.tr_lst):
        marks = row.get_or_add_trPr()
        marks.append(OxmlElement("w:cantSplit"))
        if number == 0:
            marks.append(OxmlElement("w:tblHeader"))
        if not any(cell.lines for cell in lines[number]):
            height = OxmlElement("w:trHeight")
            height.set(qn("w:val"), "620")
            marks.append(height)
    paper.add_paragraph()


def _fill(target: Any, cell: Cell, width: Any, *, heading: bool) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    target.width = width
    paragraph = target.paragraphs[0]
    # By style, not run by run: the format of every run would triple the time of a long table.
    paragraph._p.style = HEAD if heading else CELL
    for number, line in enumerate(cell.lines):
        if number:
            paragraph = target.add_paragraph()
            paragraph._p.style = CELL
        run = paragraph.add_run(clean(f"{BOX}{line}" if cell.tick else line))
        if cell.strong and number == 0:
            run.bold = True
    if heading:
        shade = OxmlElement("w:shd")
        shade.set(qn("w:val"), "clear")
        shade.set(qn("w:fill"), look.PALE.removeprefix("#"))
        target._tc.get_or_add_tcPr().append(shade)


def _properties(paper: Any, results: Results, title: str) -> None:
    properties, made = paper.core_properties, look.created(results)
    properties.title = clean(f"{results.facts.name}: {title}")[:255]
    properties.author = properties.last_modified_by = "Hotline Catalyst"
    properties.subject = clean(results.facts.notice)[:255]
    properties.comments, properties.language = "", "en"
    properties.created = properties.modified = made
    properties.revision = 1
