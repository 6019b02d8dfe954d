"""The frame of a page that stands by itself: its head, its rules for the browser, and the way out."""

from __future__ import annotations

from . import core
from .core import html_text

POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; form-action 'none'"
LEAVE = {"fr": "Quitter cette page", "es": "Salir de esta página", "ar": "غادر هذه الصفحة"}


def shell(
    facts: core.Table | None, title: str, language: str, direction: str, body: str, style: str, script: str = ""
) -> str:
    """Return a whole page; a public one (with facts) begins with the way out."""
    robots = "" if facts and core.open_channels(facts) else '<meta name="robots" content="noindex, nofollow">\n'
    code = f'<script src="{script}" defer></script>\n' if script else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{html_text(language)}" dir="{"rtl" if direction == "rtl" else "ltr"}">\n<head>\n'
        '<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f'<meta name="referrer" content="no-referrer">\n{robots}'
        f'<title>{html_text(title)}</title>\n<link rel="stylesheet" href="{style}">\n{code}</head>\n<body>\n'
        f"{'' if facts is None else way_out(facts, language)}"
        f'<main id="main">\n<h1>{html_text(title)}</h1>\n{body}</main>\n</body>\n</html>\n'
    )


def way_out(facts: core.Table, language: str) -> str:
    """Return the link that leaves the page, first in reading and keyboard order."""
    target = core.said(core.table(facts, "public"), "neutral_exit")
    safe = target if target.startswith("https://") else "about:blank"
    text = LEAVE.get(language.split("-")[0], "Leave this page")
    return f'<header><a id="exit" href="{html_text(safe)}" rel="noreferrer">{html_text(text)}</a></header>\n'
