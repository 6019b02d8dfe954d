"""Turns a page as people write it into HTML: a small part of Markdown, conditions, facts and blocks.

    ## Heading            - list            1. list            **strong**            [words](page)
    {if open} … {else} … {end}      only while that holds; see CONDITIONS
    {hotline.name}                  a fact of hotline.toml; see INLINE
    {contact}                       a block that the site makes; see website_blocks.py

Everything else is plain text: HTML that somebody types is shown as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from . import core
from .website_content import BLANK, Language, Text

# Facts that a sentence may repeat. Contacts are not among them: they enter a page only through a block.
INLINE = (
    "hotline.name", "hotline.operator", "hotline.country", "public.funders", "law.age_of_majority",
    "law.data_protection_law", "law.regulator", "retention.signal_days", "retention.transcript_days",
    "retention.tip_days", "service.written_days", "directory.revet_months", "statistics.k", "project.as_of",
)  # fmt: skip
BLOCKS = ("contact", "emergency", "hours", "languages", "form", "small_cards")
CONDITIONS = (
    "open", "emergency", "independent", "approved", "retention", "recorded", "relay", "directory", "statistics", "form",
    *(f"open.{channel}" for channel in core.CHANNELS),
)  # fmt: skip
DIRECTIVE = re.compile(r"\{(if not|if|else|end|[a-z_]+)((?: +[a-z_.]+)*)\}\s*")
# One pass over a line that is escaped already, so that nothing inside a fact can act as markup.
INSIDE = re.compile(
    r"\*\*(?P<strong>.+?)\*\*|\[(?P<words>[^\]\[]+)\]\((?P<target>[^)\s]+)\)|\{(?P<fact>[a-z_]+\.[a-z_]+)\}"
)


def fact_html(facts: core.Table, name: str) -> str:
    """Return a fact with its mark, so that the check can compare it with hotline.toml."""
    value = core.html_text(core.fact(facts, name))
    return f'<bdi data-fact="{name}">{value or BLANK}</bdi>'


def holds(name: str, facts: core.Table, text: Text, pages: set[str]) -> bool:
    """Say whether a condition holds today."""
    public = core.table(facts, "public")
    if name.startswith("open."):
        return bool(core.is_open(facts, name.removeprefix("open.")))
    if name in INLINE:
        return bool(core.fact(facts, name) != "")
    return {
        "open": bool(core.open_channels(facts)),
        "emergency": core.emergency_number(facts) != "",
        "independent": core.is_signed(public, "independence_confirmed_by", "independence_confirmed_on"),
        "approved": text.approved,
        "relay": core.is_open(facts, "phone") and core.said(public, "relay") != "",
        "recorded": core.fact(facts, "law.call_recording") != "off",
        "retention": core.is_signed(core.table(facts, "retention"), "confirmed_by", "confirmed_on"),
    }.get(name, name in pages)


@dataclass
class Writer:
    """Turns the text of one page into HTML.

    Parameters
    ----------
    facts
        Of hotline.toml.
    language
        Of the page.
    pages
        The names of the pages that this language has.
    address
        Gives the link to a page or file, or nothing when there is none.
    block
        Gives the HTML of a block.
    problems
        What was wrong in the text, filled while it is written.
    """

    facts: core.Table
    language: Language
    pages: set[str]
    address: Callable[[str], str]
    block: Callable[[str, list[str]], str]
    problems: list[str] = field(default_factory=list)

    def write(self, text: Text) -> str:
        """Return the body of a page."""
        made: list[str] = []
        for kind, lines in pieces(self.kept(text)):
            made.append(self._piece(kind, lines))
        return "".join(made)

    def kept(self, text: Text) -> list[str]:
        """Return the lines whose conditions hold."""
        lines: list[str] = []
        state: list[bool] = []
        for number, line in enumerate(text.body.split("\n"), start=1):
            found = DIRECTIVE.fullmatch(line.strip())
            word = found[1] if found else ""
            if found and word in ("if", "if not"):
                state.append(self._condition(found[2].strip(), text) == (word == "if"))
            elif word in ("else", "end") and not state:
                self._wrong(text, number, f"{{{word}}} has no {{if}} before it", "add one or take it out")
            elif word == "else":
                state[-1] = not state[-1]
            elif word == "end":
                state.pop()
            elif all(state):
                lines.append(line)
        if state:
            self._wrong(text, 0, "an {if} has no {end}", "add a line with {end}")
        return lines

    def _condition(self, name: str, text: Text) -> bool:
        if name not in CONDITIONS and name not in INLINE:
            self._wrong(text, 0, f"{{if {name}}} is not known", f"use one of {', '.join(CONDITIONS)} or a fact")
            return False
        return holds(name, self.facts, text, self.pages)

    def _wrong(self, text: Text, number: int, what: str, do: str) -> None:
        line = f", line {number} of the text" if number else ""
        self.problems.append(f"{text.path}{line}: {core.clean(what)}; {do}.")

    def _piece(self, kind: str, lines: list[str]) -> str:
        if kind == "block":
            found = DIRECTIVE.fullmatch(lines[0].strip())
            return self.block(found[1], found[2].split()) if found and found[1] in BLOCKS else ""
        if kind in ("h2", "h3"):
            words = lines[0].lstrip("#").strip()
            name, words = _anchor(words)
            return f"<{kind}{name}>{self.inside(words)}</{kind}>\n"
        if kind in ("ul", "ol"):
            items = "".join(f"<li>{self.inside(re.sub(r'^(-|[0-9]+[.])[ ]+', '', line))}</li>\n" for line in lines)
            return f"<{kind}>\n{items}</{kind}>\n"
        return f"<p>{self.inside(' '.join(lines))}</p>\n"

    def inside(self, line: str) -> str:
        """Return one line with strong words, links and facts."""
        return INSIDE.sub(self._mark, core.html_text(line))

    def _mark(self, found: re.Match[str]) -> str:
        if found["strong"]:
            return f"<strong>{INSIDE.sub(self._mark, found['strong'])}</strong>"
        if found["fact"]:
            return fact_html(self.facts, found["fact"]) if found["fact"] in INLINE else ""
        target = self.address(found["target"])
        return f'<a href="{core.html_text(target)}">{found["words"]}</a>' if target else found["words"]


def _anchor(words: str) -> tuple[str, str]:
    """Split `Leaving this site #leaving` into the id and the words."""
    found = re.fullmatch(r"(.*\S)\s+#([a-z][a-z0-9-]*)", words)
    return (f' id="{found[2]}"', found[1]) if found else ("", words)


def pieces(lines: list[str]) -> list[tuple[str, list[str]]]:
    """Group lines into headings, lists, paragraphs and blocks."""
    found: list[tuple[str, list[str]]] = []
    fresh = True
    for line in lines:
        kind = _kind(line.strip())
        joins = not fresh and bool(found) and found[-1][0] == kind and kind in ("p", "ul", "ol")
        if not line.strip():
            fresh = True
        elif joins:
            found[-1][1].append(line.strip())
            fresh = False
        elif kind == "p" and not fresh and found and found[-1][0] in ("ul", "ol"):
            # A long item that goes on in the next line.
            found[-1][1][-1] += " " + line.strip()
        else:
            found.append((kind, [line.strip()]))
            fresh = False
    return found


def _kind(line: str) -> str:
    for kind, pattern in (("h3", "### "), ("h2", "## "), ("ul", "- ")):
        if line.startswith(pattern):
            return kind
    if DIRECTIVE.fullmatch(line):
        return "block"
    return "ol" if re.match(r"[0-9]+[.] ", line) else "p"
