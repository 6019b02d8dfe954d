"""What a web server needs beside the pages: security headers, robots.txt, the site map, security.txt."""

from __future__ import annotations

from datetime import date, timedelta

from . import core
from .core import html_text
from .website_content import is_https
from .website_frame import POLICY, form_origin

SITE = "site/public"
HEADERS = "site/headers.conf"
YEAR = timedelta(days=365)


def headers(sends_to: str) -> dict[str, str]:
    """Return the headers that every answer of the real server must carry."""
    return {
        "Content-Security-Policy": f"{POLICY.format(form=form_origin(sends_to))}; frame-ancestors 'none'",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "geolocation=(), camera=(), microphone=(), payment=(), interest-cohort=()",
        "Strict-Transport-Security": "max-age=31536000",
    }


def nginx(sends_to: str) -> bytes:
    """Return the headers as nginx reads them."""
    lines = [f'add_header {name} "{value}" always;' for name, value in headers(sends_to).items()]
    note = (
        "# Made by `python3 tasks.py build`. For nginx: include this file inside the server block of the site.\n"
        "# For Apache the same is in site/public/.htaccess. Any other server must send the same headers.\n"
        "# Keep no list of visitors: who looked at this site, and when, can put a person in danger.\n"
        "access_log off;\nserver_tokens off;\nautoindex off;\n"
    )
    return (note + "\n".join(lines) + "\n").encode()


def apache(sends_to: str) -> bytes:
    """Return the headers as Apache reads them, for the usual shared hosting."""
    lines = [f'  Header always set {name} "{value}"' for name, value in headers(sends_to).items()]
    return (
        "# Made by `python3 tasks.py build`. Needs the module headers; ask your provider to switch visitor logs off.\n"
        "Options -Indexes\nAddDefaultCharset utf-8\n<IfModule mod_headers.c>\n" + "\n".join(lines) + "\n</IfModule>\n"
    ).encode()


def robots(facts: core.Table) -> bytes:
    """Return robots.txt: search engines stay out until something is open."""
    if not core.open_channels(facts):
        return b"User-agent: *\nDisallow: /\n"
    own = own_address(facts)
    return ("User-agent: *\nAllow: /\n" + (f"Sitemap: {own}/sitemap.xml\n" if own else "")).encode()


def own_address(facts: core.Table) -> str:
    """Return the address of the public site without its last slash; empty when it is not written."""
    own = core.said(core.table(facts, "public"), "website").rstrip("/")
    return own if is_https(own) else ""


def sitemap(facts: core.Table, pages: list[tuple[str, list[tuple[str, str]]]]) -> bytes:
    """Return the site map: each page with its address and its languages (code, address); nothing until it is open."""
    own = own_address(facts)
    if not own or not core.open_channels(facts):
        return b""
    entries = ""
    for address, others in pages:
        same = "".join(
            f'<xhtml:link rel="alternate" hreflang="{html_text(code)}" href="{html_text(own)}/{html_text(other)}"/>'
            for code, other in others
            if len(others) > 1
        )
        entries += f"<url><loc>{html_text(own)}/{html_text(address)}</loc>{same}</url>\n"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:xhtml="http://www.w3.org/1999/xhtml">\n{entries}</urlset>\n'
    ).encode()


def expires_on(facts: core.Table) -> date | None:
    """Return the day on which security.txt ends: a year after the date of the pages."""
    as_of = core.day_of(core.fact(facts, "project.as_of"))
    return as_of + YEAR if as_of else None


def security_txt(facts: core.Table, codes: list[str]) -> bytes:
    """Return security.txt (RFC 9116); nothing when nobody gave a contact."""
    contact, end = core.said(core.table(facts, "public"), "security_contact"), expires_on(facts)
    if not contact or end is None or any(sign.isspace() for sign in contact):
        return b""
    lines = [f"Contact: {contact}", f"Expires: {end.isoformat()}T00:00:00Z", f"Preferred-Languages: {', '.join(codes)}"]
    own = own_address(facts)
    lines += [f"Canonical: {own}/.well-known/security.txt"] if own else []
    return ("\n".join(lines) + "\n").encode()
