"""What a reader finds on the pages of a PDF, as Poppler sees it: thirty times quicker than in Python."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest


def pages_of(pdf: Path | bytes) -> list[str]:
    """Return the text of each page, in the order in which it is drawn; a file is read once, however many ask."""
    return list(_pages(pdf if isinstance(pdf, bytes) else pdf.read_bytes()))


@cache
def _pages(content: bytes) -> tuple[str, ...]:
    done = subprocess.run(["pdftotext", "-raw", "-", "-"], input=content, capture_output=True, check=True)
    return tuple(done.stdout.decode("utf-8").split("\f")[:-1])


def without_pango(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make this process a machine on which WeasyPrint finds no Pango."""

    class NoPango:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "weasyprint":
                raise OSError("cannot load library 'libpango-1.0-0'")

    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.setattr(sys, "meta_path", [NoPango(), *sys.meta_path])
