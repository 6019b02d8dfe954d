"""The same fact reads the same everywhere: a file that repeats one says which, and is compared with hotline.toml."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

from .core import FACTS, Table, fact

IN_TEXT = re.compile(r"`([a-z_]+(?:\.[a-z_0-9]+)+)` = (\S+)")
IN_LINES = re.compile(r"^\s*(?:;|#|--)\s*fact ([a-z_]+(?:\.[A-Za-z_0-9-]+)+) = (.*)$", re.MULTILINE)
# Elements that never have an end of their own.
VOID = ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
NOTHING = ("", "____", "-", "\u2013", "\u2014")


class Marked(HTMLParser):
    """Collects the facts that a page marks with data-fact."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._name = ""
        self._depth = 0
        self._words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if self._name:
            self._depth += tag not in VOID
        elif "data-value" in given and "data-fact" in given:
            self.found.append((given["data-fact"], given["data-value"]))
        elif "data-fact" in given:
            self._name, self._depth, self._words = given["data-fact"], 1, ""

    def handle_endtag(self, tag: str) -> None:
        if self._name and tag not in VOID:
            self._depth -= 1
            if self._depth == 0:
                self.found.append((self._name, self._words))
                self._name = ""

    def handle_data(self, data: str) -> None:
        if self._name:
            self._words += data


def facts_in(path: str, text: str) -> list[tuple[str, str]]:
    """Return the facts that a file repeats, by dotted name, as text."""
    if path.endswith((".html", ".htm", ".svg")):
        page = Marked()
        page.feed(text)
        page.close()
        return page.found
    if path.endswith(".json"):
        return [(name, as_text(value)) for name, value in _x_facts(text).items()]
    return IN_TEXT.findall(text) if path.endswith(".md") else IN_LINES.findall(text)


def _x_facts(text: str) -> Table:
    try:
        whole = json.loads(text)
    except ValueError:
        return {}
    marked = whole.get("x-facts", {}) if isinstance(whole, dict) else {}
    return marked if isinstance(marked, dict) else {}


def as_text(value: Any) -> str:
    """Return a fact as the markers write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(as_text(one) for one in value)
    return str(value)


def differences(path: str, text: str, facts: Table) -> list[str]:
    """Return a sentence for each fact that a file tells otherwise than hotline.toml."""
    found = []
    for name, shown in facts_in(path, text):
        wanted = as_text(fact(facts, name))
        same = _plain(shown) == _plain(wanted) or (not _plain(wanted) and _plain(shown) in NOTHING)
        if not same:
            do = "run `python3 tasks.py build`, or correct the file by hand if it is yours"
            found.append(
                f"{path}: it says {name} = {_plain(shown)} but {FACTS} says {_plain(wanted) or 'nothing'}; {do}."
            )
    return found


def _plain(text: str) -> str:
    return " ".join(text.split())
