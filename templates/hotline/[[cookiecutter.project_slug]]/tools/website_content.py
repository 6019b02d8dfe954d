"""What the public site says: pages and words by language, read from site/content/.

A page is a file such as site/content/en/home.md. It begins with a few facts between two lines of +++ and goes on in
plain paragraphs; site/content/README.md shows how. A language has pages of its own when its words.toml is there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from . import core

CONTENT = "site/content"
WORDS = "words.toml"
SOURCE = "en"
# Pages in the order of the site; what a hotline adds comes after them. `form` is made only for an open tip channel.
PAGES = (
    "home", "call", "write", "form", "devices", "privacy", "about", "library", "card", "complaints", "accessibility",
)  # fmt: skip
BLANK = "____"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,40}")


class ContentError(Exception):
    """The content cannot be read; the text says where and what to do."""


@dataclass(frozen=True)
class Text:
    """One page as it was written.

    Parameters
    ----------
    id
        Its name: "home" for home.md.
    path
        Where it lies in the project.
    title
        What the reader sees at the top.
    tab
        What the browser shows in its tab and its history; it gives nothing away.
    approved
        Whether a role and a date stand under it, and no blank is left in it.
    body
        The lines after the facts.
    signed
        Whether a role and a date stand under it, blanks or not.
    """

    id: str
    path: str
    title: str
    tab: str
    approved: bool
    body: str
    signed: bool


@dataclass(frozen=True)
class Language:
    """A language that has pages of its own."""

    code: str
    direction: str
    reviewed: bool
    words: core.Table
    pages: dict[str, Text]

    def say(self, name: str) -> str:
        """Return a word by its dotted name, ready for HTML; empty when nobody wrote it."""
        value = core.fact(self.words, name)
        return core.html_text(value) if isinstance(value, str) else ""

    def listed(self, name: str) -> list[str]:
        """Return a list of words, ready for HTML."""
        value = core.fact(self.words, name)
        return [core.html_text(one) for one in value] if isinstance(value, list) else []


def is_https(address: str) -> bool:
    """Say whether an address may stand in a link or a form of the public site."""
    return re.fullmatch(r"https://[A-Za-z0-9.-]+(?::[0-9]{1,5})?(?:/[^\s\"'<>\\]*)?", address) is not None


def load(facts: core.Table, project: Path) -> list[Language]:
    """Return the languages of the site, main language first; English when the hotline's own are not written yet.

    Raises
    ------
    ContentError
        When a file cannot be read, or there is no content at all.
    """
    found = [_language(project, code, record) for code, record in core.languages(facts) if folder_of(project, code)]
    if not found and folder_of(project, SOURCE):
        found = [_language(project, SOURCE, {})]
    if not found:
        raise ContentError(
            f"{CONTENT}: there are no words in any language; put the folder en back from your last copy."
        )
    return found


def spoken(facts: core.Table, project: Path, code: str) -> Language | None:
    """Return one language of the site, English where it has no words; nothing when the site has none of them."""
    record = core.table(core.table(facts, "languages"), code)
    if folder_of(project, code):
        return _language(project, code, record)
    return _language(project, SOURCE, {}) if folder_of(project, SOURCE) else None


def name_of(project: Path, code: str, otherwise: str) -> str:
    """Return what a language is called in itself, where the site has words in it; else what hotline.toml calls it."""
    folder = folder_of(project, code)
    try:
        return core.said(_words(project, folder), "name") or otherwise if folder else otherwise
    except ContentError:
        return otherwise


def names_of(facts: core.Table, project: Path) -> dict[str, str]:
    """Return what the languages of the hotline are called, each in itself where that is known."""
    return {code: name_of(project, code, str(one.get("name") or code)) for code, one in core.languages(facts)}


def home_of(facts: core.Table, project: Path, code: str) -> str:
    """Return where the first page of a language lies under site/public; empty when the site has no page at all."""
    codes = [one for one, _ in core.languages(facts) if folder_of(project, one)]
    if not codes and not folder_of(project, SOURCE):
        return ""
    return f"{code.replace('_', '-')}/index.html" if code in codes[1:] else "index.html"


def folder_of(project: Path, code: str) -> Path | None:
    """Return the content folder of a language: its own, or that of the language without its region."""
    if not re.fullmatch(r"[A-Za-z0-9_-]+", code):
        return None
    plain = code.replace("_", "-")
    for name in dict.fromkeys((code, plain, plain.split("-")[0], plain.split("-")[0].lower())):
        if (project / CONTENT / name / WORDS).is_file():
            return project / CONTENT / name
    return None


def _language(project: Path, code: str, record: core.Table) -> Language:
    folder = folder_of(project, code)
    assert folder
    words = _words(project, folder)
    names = sorted(path.stem for path in folder.glob("*.md"))
    order = [name for name in PAGES if name in names] + [name for name in names if name not in PAGES]
    pages = {name: read_page(project, folder / f"{name}.md") for name in order}
    direction = str(record.get("direction") or words.get("direction") or "ltr")
    reviewed = core.is_signed(record, "reviewed_by", "reviewed_on")
    return Language(code.replace("_", "-"), "rtl" if direction == "rtl" else "ltr", reviewed, words, pages)


def _words(project: Path, folder: Path) -> core.Table:
    return core.read_toml(project, f"{CONTENT}/{folder.name}/{WORDS}", ContentError)


def read_page(project: Path, path: Path) -> Text:
    """Read one page.

    Raises
    ------
    ContentError
        When its name, or what stands between the two lines of +++, cannot be used.
    """
    where = path.relative_to(project).as_posix()
    text = core.read_text(project, where, ContentError)
    if not NAME.fullmatch(path.stem):
        raise ContentError(f"{where}: the name cannot be read; use small letters, digits and hyphens.")
    parts = re.split(r"^\+\+\+[ \t]*$\n?", text, maxsplit=2, flags=re.MULTILINE)
    if len(parts) != 3 or parts[0].strip():
        raise ContentError(f"{where}: it does not parse; begin with the title between two lines of +++.")
    head = core.parse_toml("\n" + parts[1], where, ContentError)  # its first line is the file's second
    title, tab = core.clean(core.said(head, "title")), core.clean(core.said(head, "tab"))
    if not title or not tab:
        raise ContentError(
            f"{where}: it cannot be read without a title and a tab; write both between the lines of +++."
        )
    signed = core.is_signed(head, "approved_by", "approved_on")
    return Text(path.stem, where, title, tab, signed and BLANK not in parts[2], parts[2], signed)
