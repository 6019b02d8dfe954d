"""The public website: static pages from site/content/ and hotline.toml, ready to be put on any web server.

No script is needed, nothing is loaded from anywhere else, nothing is stored on the reader's device. While no channel
is open every page says so. A number, an address or a form appears only while its channel is open.
"""

from __future__ import annotations

from pathlib import Path

from . import core
from .directory import page_path as directory_path
from .statistics import page_path as statistics_path
from .telephony_flow import LIMITS
from .telephony_words import TelephonyError
from .website_blocks import Blocks
from .website_check import problems
from .website_content import ContentError, Language, Text, load
from .website_form import tip_form
from .website_frame import Page, frame
from .website_server import HEADERS, SITE, apache, nginx, robots, security_txt, sitemap
from .website_text import Writer

ASSETS = ("site.css", "exit.js", "icon.svg")
FILES = "site/files"
# Pages that other parts of this project make.
ELSEWHERE = {"directory": directory_path, "statistics": statistics_path}


def build(facts: core.Table, project: Path) -> dict[str, bytes]:
    """Return the files of the site by their path; nothing when the website is not chosen."""
    if "website" not in core.chosen(facts):
        return {}
    site = Site(facts, project)
    made = {f"{SITE}/assets/{name}": core.unix_bytes(project / "site/assets" / name) for name in ASSETS}
    made |= {f"{SITE}/files/{path.name}": path.read_bytes() for path in files_of(project)}
    made |= {f"{SITE}/{path}": content.encode() for path, content in site.pages().items()}
    made |= {HEADERS: nginx(site.sends_to), f"{SITE}/.htaccess": apache(site.sends_to)}
    security = security_txt(facts, [language.code for language in site.languages])
    made[f"{SITE}/robots.txt"] = robots(facts)
    more = {f"{SITE}/sitemap.xml": sitemap(facts, site.listed()), f"{SITE}/.well-known/security.txt": security}
    return made | {path: content for path, content in more.items() if content}


def check(facts: core.Table, project: Path) -> list[str]:
    """Return what is wrong in the words of the site, in sentences."""
    if "website" not in core.chosen(facts):
        return []
    try:
        site = Site(facts, project)
    except ContentError as reason:
        return [str(reason)]
    site.pages()
    return site.problems + problems(facts, site.languages)


def full(facts: core.Table, project: Path) -> list[str]:
    """Hold every page against the HTML standard; needs the package html5lib."""
    import html5lib

    found = []
    for path, content in build(facts, project).items():
        if path.endswith(".html"):
            parser = html5lib.HTMLParser(strict=False)
            parser.parse(content.decode())
            wrong = dict.fromkeys(code for _, code, _ in parser.errors)
            found += [f"{path}: it is not valid HTML ({code}); run `python3 tasks.py build` again." for code in wrong]
    return found


def files_of(project: Path) -> list[Path]:
    """Return what the hotline put into site/files/ to be downloaded, such as a leaflet."""
    folder = project / FILES
    return sorted(path for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []


def limits_of(project: Path) -> core.Table:
    """Return which channel answers in which language; empty when that cannot be read."""
    try:
        return core.read_toml(project, LIMITS, TelephonyError)
    except TelephonyError:
        return {}


class Site:
    """The pages of every language, and where each of them lies."""

    def __init__(self, facts: core.Table, project: Path) -> None:
        self.facts, self.project = facts, project
        self.languages = load(facts, project)
        self.tip = tip_form(facts, project)
        self.sends_to = self.tip.address if self.tip else ""
        self.known = {code for code, _ in core.languages(facts)}
        self.limits = limits_of(project)
        self.problems: list[str] = []
        chosen = core.chosen(facts)
        self.elsewhere = {name: path for name, path in ELSEWHERE.items() if name in chosen}

    def pages(self) -> dict[str, str]:
        """Return the HTML of every page by its path under site/public."""
        self.problems = []
        made = {}
        for language in self.languages:
            for text in self.texts(language):
                page = self.page(language, text)
                closed = Blocks(self.facts, language, lambda _: "", None).closed()
                made[page.path] = frame(self.facts, language, page, closed)
        return made

    def texts(self, language: Language) -> list[Text]:
        """Return the pages that this language has today: the form only when it may be sent."""
        return [text for text in language.pages.values() if text.id != "form" or self.tip]

    def page(self, language: Language, text: Text) -> Page:
        """Return one page before its frame."""
        path = self.address(language, text.id)
        up = "../" * path.count("/")

        def link(target: str) -> str:
            name, _, place = target.partition("#")
            there = self.target(language, name) if name else path
            return (f"{up}{there}" if name else "") + (f"#{place}" if place else "") if there else ""

        blocks = Blocks(self.facts, language, link, self.tip)
        blocks.limits = self.limits
        blocks.names = {one.code: one.say("name") for one in self.languages}
        names = {one.id for one in self.texts(language)} | set(self.elsewhere)
        writer = Writer(self.facts, language, names, link, blocks.make)
        body = writer.write(text)
        if "{emergency}" not in text.body:
            body += blocks.emergency()
        self.problems += writer.problems
        sends_to = self.sends_to if "<form" in body else ""
        return Page(path, text, body, up, self.others(text), self.menu(language), sends_to)

    def others(self, text: Text) -> list[tuple[Language, str]]:
        """Return the same page in every language; the first page where a language does not have it."""
        return [
            (other, self.address(other, text.id if text.id in {t.id for t in self.texts(other)} else "home"))
            for other in self.languages
        ]

    def menu(self, language: Language) -> list[tuple[str, str, str]]:
        """Return name, title and address of every page, those of other parts included."""
        own = [(text.id, text.title, self.address(language, text.id)) for text in self.texts(language)]
        words = core.table(language.words, "menu")
        return own + [(name, str(words.get(name, name)), self.target(language, name)) for name in self.elsewhere]

    def address(self, language: Language, name: str) -> str:
        """Return where a page lies under site/public; the main language has no folder of its own."""
        folder = "" if language is self.languages[0] else f"{language.code}/"
        return f"{folder}{'index' if name == 'home' else name}.html"

    def target(self, language: Language, name: str) -> str:
        """Return where a link leads, seen from site/public; empty when there is nothing."""
        if name in self.elsewhere:
            codes = [code for code in self.known if code.replace("_", "-") == language.code]
            code = (codes or [core.languages(self.facts)[0][0]])[0]
            return self.elsewhere[name](self.facts, code).removeprefix(f"{SITE}/")
        if name.startswith("files/"):
            there = name.removeprefix("files/") in {path.name for path in files_of(self.project)}
            return name if there else ""
        return self.address(language, name) if name in {text.id for text in self.texts(language)} else ""

    def listed(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Return every page with its languages, for the site map."""
        found = []
        for language in self.languages:
            for text in self.texts(language):
                others = [(other.code, address) for other, address in self.others(text)]
                found.append((self.address(language, text.id), others))
        return found
