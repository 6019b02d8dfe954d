"""The press: HTML in, PDF/UA out, with our own fonts alone and every page's number in its place.

WeasyPrint can fill in page numbers by itself, and then lays a long book out five times. Here numbers are text in the
HTML, counted and filled in until they hold, which takes two rounds.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from .. import archive
from ..errors import MissingPartError
from . import look
from .print_parts import words
from .report import FAMILY, only_data

NUMBER = re.compile(r'(<span [^>]*data-page="([^"]+)">)\d*(?=</span>)')
TOTAL = re.compile(r'(<body [^>]*data-total=")\d*(?=")')
ROUNDS = 5


class Press:
    """Turns HTML into PDF/UA with our fonts alone; one press reads its fonts and styles once for many files.

    Raises
    ------
    MissingPartError
        When this machine cannot write PDF.
    """

    def __init__(self, style: str) -> None:
        try:
            import weasyprint
        except OSError as error:
            raise MissingPartError(words()["no_pdf"].strip()) from error
        self._weasyprint = weasyprint
        self._fonts, faces = _fonts()
        own = weasyprint.CSS(string=style, font_config=self._fonts, url_fetcher=only_data)
        self._styles = [faces, own]

    def _lay_out(self, html: str) -> Any:
        """Return WeasyPrint's document."""
        page = self._weasyprint.HTML(string=html, base_url=None, url_fetcher=only_data)
        return page.render(font_config=self._fonts, stylesheets=self._styles, **_variant(html))

    def starts(self, html: str) -> tuple[dict[str, int], int]:
        """Return the page on which each anchor first stands, from 1, and how many pages there are."""
        with _no_collector():
            return _starts(self._lay_out(html))

    def pdf(self, html: str) -> bytes:
        """Return the PDF; the same HTML gives the same bytes."""
        with _no_collector():
            for _ in range(ROUNDS):
                document = self._lay_out(html)
                settled = numbered(html, *_starts(document))
                if settled == html:
                    break
                html = settled
            return bytes(document.write_pdf(**_variant(html)))


def numbered(html: str, starts: Mapping[str, int], total: int) -> str:
    """Write page numbers, and how many pages there are, into their places.

    >>> numbered('<p>PB-02, page <span data-page="PB-02">99</span></p>', {"PB-02": 7}, 20)
    '<p>PB-02, page <span data-page="PB-02">7</span></p>'
    """
    return TOTAL.sub(rf"\g<1>{total}", NUMBER.sub(lambda m: f"{m[1]}{starts[m[2]]}", html))


def _starts(document: Any) -> tuple[dict[str, int], int]:
    found: dict[str, int] = {}
    for number, page in enumerate(document.pages, 1):
        for anchor in page.anchors:  # what runs on has its anchor on every page it fills
            found.setdefault(anchor, number)
    return found, len(document.pages)


@cache
def _fonts() -> tuple[Any, Any]:
    """Return our fonts, unpacked once for all presses: that takes a second."""
    import weasyprint
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    return fonts, weasyprint.CSS(string=look.font_faces(FAMILY, arabic=True), font_config=fonts, url_fetcher=only_data)


def _variant(html: str) -> dict[str, Any]:
    return {"pdf_variant": "pdf/ua-1", "pdf_identifier": archive.digest(html.encode())[:32].encode()}


@contextmanager
def _no_collector() -> Iterator[None]:
    """Let no garbage be looked for: WeasyPrint makes millions of small things, all of which are needed to the end."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
