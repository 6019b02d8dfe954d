"""The assessment report: Word to work on, one HTML file for screens and phones, PDF/UA for circulation and print.

All three lay out the same blocks (report_content.py). What stakeholders typed is escaped everywhere; the PDF writer
may open nothing but data inside the page itself.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

from .. import archive
from ..errors import MissingPartError
from ..library import content_root
from ..results import Results
from . import look
from .report_blocks import Block, words
from .report_content import blocks

# Column widths in per cent by table layout; report.docx holds the same layouts with the same widths.
WIDTHS = {
    "opens": (48, 18, 34),
    "moves": (58, 18, 24),
    "facts": (20, 80),
    "gates": (38, 14, 48),
    "domains": (31, 11, 10, 10, 15, 11, 12),
    "counts": (32, 17, 17, 17, 17),
    "assets": (30, 8, 42, 20),
    "looks": (50, 12, 8, 30),
    "recommendations": (56, 22, 22),
    "roadmap": (55, 14, 17, 14),
    "options": (46, 9, 11, 12, 22),
    "offerings": (28, 9, 20, 25, 18),
    "goals": (36, 10, 17, 17, 20),
    "wishes": (48, 26, 26),
    "sensitivity": (38, 32, 30),
    "assumptions": (36, 20, 44),
    "conditions": (30, 14, 56),
    "items": (54, 8, 8, 30),
}
PICTURE_PX = 1400
PICTURE_MM = 170
TALLEST_MM = 225
# A name of its own: where the system has Noto Sans too, WeasyPrint mixes the glyph numbers of the two.
FAMILY = "Catalyst Sans"
NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Section:
    """A heading of the contents list and what stands under it."""

    id: str
    title: str
    blocks: tuple[Block, ...]


def write(results: Results, folder: Path) -> list[Path]:
    """Write partner/report.docx, report.html and report.pdf.

    Raises
    ------
    MissingPartError
        When this machine cannot write PDF; Word and HTML are written first.
    """
    partner, listed = folder / "partner", blocks(results)
    page = html_page(results, listed, "report.html.j2", words()["title"])
    written = [
        archive.write_bytes(partner / "report.docx", word_file(results, listed, words()["title"])),
        archive.write_text(partner / "report.html", page),
    ]
    return [*written, archive.write_bytes(partner / "report.pdf", _pdf(results, page))]


def sections_of(listed: list[Block]) -> list[Section]:
    """Group blocks under their headings."""
    starts = [i for i, block in enumerate(listed) if block.kind == "h2"]
    ends = [*starts[1:], len(listed)] if starts else []
    return [Section(listed[a].id, listed[a].text, tuple(listed[a + 1 : b])) for a, b in zip(starts, ends, strict=True)]


def _words_of(results: Results, title: str) -> dict[str, Any]:
    """Return what stands around the blocks: title, notice, and a line of facts."""
    facts = results.facts
    channels = ", ".join(results.instrument.meta.channels[c].lower() for c in facts.channels)
    line = f"{facts.hours.text}; {channels}; working languages: {_languages(facts.working_languages)}"
    as_of = f"As of {look.day(facts.as_of)}. Instrument {facts.instrument}."
    return {
        "name": clean(facts.name),
        "notice": clean(facts.notice),
        "kicker": words()["kicker"].format(country=facts.country.name),
        "facts": clean(f"{line[0].upper()}{line[1:]}. {as_of}"),
        "created": facts.as_of.isoformat(),
        "title": title,
        "words": {**words(), "title": title},
    }


def clean(text: str) -> str:
    """Drop characters that no document format can hold."""
    return NOT_XML.sub("", text)


def _languages(codes: tuple[str, ...]) -> str:
    from babel import Locale

    names = Locale("en").languages
    return ", ".join(names.get(code, code) for code in codes)


# --- HTML and PDF ------------------------------------------------------------------------------------------------


def html_page(results: Results, listed: list[Block], template: str, title: str) -> str:
    """Lay out blocks as one HTML file that loads nothing."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    templates = content_root() / "templates" / "documents"
    environment = Environment(loader=FileSystemLoader(templates), autoescape=True, undefined=StrictUndefined)
    around = _words_of(results, title)
    style = "".join(
        (
            look.font_faces(FAMILY, arabic=look.has_arabic(around["name"])),
            (templates / "report.css").read_text("utf-8"),
            _page_rule(around),
        )
    )
    return environment.get_template(template).render(
        **around,
        blocks=listed,
        style=style,
        sections=sections_of(listed),
        pictures={b.id: b.svg.replace(look.FONT, FAMILY, 1) for b in listed if b.kind == "figure"},
        widths=WIDTHS,
    )


def _page_rule(around: dict[str, Any]) -> str:
    """Return the rule that puts the notice and the page number on every printed page."""
    name, notice = css_string(around["name"]), css_string(around["notice"])
    small = f'font: 8pt "{FAMILY}", "{FAMILY} Arabic", sans-serif'
    return (
        f"\n@page{{size:A4;margin:19mm 18mm 17mm;"
        f"@top-left{{content:{notice};{small};font-weight:700;color:{look.CAUTION};width:75%}}"
        f"@bottom-left{{content:{name};{small};color:{look.QUIET};width:75%}}"
        f'@bottom-right{{content:counter(page) " / " counter(pages);{small};color:{look.QUIET}}}}}\n'
    )


def css_string(text: str) -> str:
    """Write a text as a CSS string in which nothing but letters, digits and spaces stands unescaped.

    >>> css_string('a"}')
    '"a\\\\000022 \\\\00007d "'
    """
    return '"' + "".join(c if (c.isascii() and c.isalnum()) or c == " " else f"\\{ord(c):06x} " for c in text) + '"'


def _pdf(results: Results, page: str) -> bytes:
    try:
        import weasyprint
    except OSError as error:
        raise MissingPartError(
            "report.pdf was not written: this machine lacks Pango. Install it "
            "(Debian: apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0) or use report.docx."
        ) from error
    document = weasyprint.HTML(string=page, base_url=None, url_fetcher=only_data)
    identifier = archive.digest(page.encode())[:32].encode()
    # The notice stands in every page's margin: the screen's own bar would repeat it.
    bar = weasyprint.CSS(string=".notice { display: none }")
    return bytes(document.write_pdf(stylesheets=[bar], pdf_variant="pdf/ua-1", pdf_identifier=identifier))


def only_data(url: str, *args: Any, **kwargs: Any) -> Any:
    """Open data that the page itself carries, and nothing else: no file, no network."""
    if not url.startswith("data:"):
        raise ValueError(f"the report may not open {url[:80]}")
    from weasyprint.urls import URLFetcher

    return URLFetcher(allowed_protocols=("data",)).fetch(url)


# --- Word --------------------------------------------------------------------------------------------------------


def word_file(results: Results, listed: list[Block], title: str) -> bytes:
    """Lay out blocks in the Word template; the same results give the same bytes."""
    from docxtpl import DocxTemplate
    from jinja2 import Environment, StrictUndefined

    template = DocxTemplate(content_root() / "templates" / "documents" / "report.docx")
    pictures = {b.id: _inline(template, b.svg) for b in listed if b.kind == "figure"}
    around = _words_of(results, title)
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    template.render({**around, "blocks": listed, "pictures": pictures}, environment, autoescape=True)
    document = template.docx
    _describe(document, [b for b in listed if b.kind == "figure"])
    _properties(document, results, around)
    stream = io.BytesIO()
    document.save(stream)
    return archive.normalised_zip(stream.getvalue())


def _inline(template: Any, svg: str) -> Any:
    from docx.shared import Mm
    from docxtpl import InlineImage

    _, _, width, height = (float(n) for n in re.findall(r'viewBox="([^"]+)"', svg)[0].split())
    wide = min(PICTURE_MM, TALLEST_MM * width / height)
    return InlineImage(template, io.BytesIO(picture(svg)), width=Mm(wide))


def picture(svg: str) -> bytes:
    """Draw a chart as PNG with our own fonts alone, so that every machine draws the same."""
    import resvg_py

    fonts = [str(look.fonts_folder() / f"{file}.ttf") for file in (*look.FACES, look.ARABIC_FACE)]
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg,
            width=PICTURE_PX,
            skip_system_fonts=True,
            font_files=fonts,
            font_family=look.FONT,
            sans_serif_family=look.FONT,
        )
    )


def _describe(document: Any, figures: list[Block]) -> None:
    """Give each picture the words that a screen reader says."""
    shapes = document.element.body.iter("{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr")
    for shape, figure in zip(shapes, figures, strict=True):
        # Without these, LibreOffice puts a gap of its own around the picture.
        for side in ("distT", "distB", "distL", "distR"):
            shape.getparent().set(side, "0")
        shape.set("title", _tag(figure.svg, "title"))
        shape.set("descr", _tag(figure.svg, "desc"))


def _tag(svg: str, name: str) -> str:
    found = re.search(rf"<{name}[^>]*>([^<]*)</{name}>", svg)
    return unescape(found.group(1)) if found else ""


def _properties(document: Any, results: Results, around: dict[str, Any]) -> None:
    properties, made = document.core_properties, look.created(results)
    properties.title = f"{around['name']}: {around['title']}"[:255]
    properties.author = properties.last_modified_by = "Hotline Catalyst"
    properties.subject = around["notice"][:255]
    properties.language = "en"
    properties.created = properties.modified = made
    properties.revision = 1
