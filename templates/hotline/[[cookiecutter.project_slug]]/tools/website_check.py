"""Checks of the words of the site: nothing live is typed into them, approvals hold, languages say the same."""

from __future__ import annotations

import re
from datetime import date

from . import core
from .website_blocks import DIALLED, MAIL
from .website_content import BLANK, CONTENT, WORDS, Language, Text, is_https
from .website_server import expires_on
from .website_text import BLOCKS, CONDITIONS, DIRECTIVE, INLINE

# Pages whose promises only counsel and survivor advisers can make.
APPROVED = ("privacy",)
NEEDED = ("home", "call", "devices", "privacy")
# Typed facts that pages show, open or not. The name is not among them: an official name may hold a number.
FREE = ("hotline.operator", "public.funders")
WORD = re.compile(r"\{([^{}]*)\}")


def problems(facts: core.Table, languages: list[Language], today: date | None = None) -> list[str]:
    """Return what is wrong, in sentences."""
    found = told(facts)
    for language in languages:
        found += no_contact(f"{CONTENT}/{language.code}/{WORDS}", *said_in(language.words))
        for text in language.pages.values():
            found += typed(text) + approved(text) + unknown(text)
    if any(core.table(core.table(facts, "channels"), one).get("open") for one in core.table(facts, "channels")):
        found += complete(facts, languages) + contacts(facts) + aged(facts, today or date.today())
    return found


def typed(text: Text) -> list[str]:
    """Nothing that only an open channel may show is typed into a page, and what is approved has no blank."""
    found = no_contact(text.path, " ; ".join((text.title, text.tab)), text.body)
    if BLANK in text.body and text.signed:
        found.append(f"{text.path}: it is approved but has a blank ({BLANK}); fill it in, or empty approved_by.")
    return found


def no_contact(where: str, *texts: str) -> list[str]:
    """No number, hour or address is typed into words: it would be public whether or not its channel is open."""
    do = "contacts and hours stand in hotline.toml alone; take it out, or write the number as a word"
    typed_in = [core.clean(one, 60) for text in texts for one in core.contacts_in(text)]
    return [f"{where}: '{one}' may be a way to reach somebody; {do}." for one in typed_in]


def told(facts: core.Table) -> list[str]:
    """Typed facts hold no contact either, but for one that is open."""
    shown = {
        _plain(core.said(core.table(facts, "channels")[one], "public_contact")) for one in core.open_channels(facts)
    }
    free = {name: core.contacts_in(str(core.fact(facts, name))) for name in FREE}
    return [
        line
        for name, listed in free.items()
        for one in listed
        if not any(_plain(one) in contact for contact in shown)
        for line in no_contact(f"{core.FACTS}, {name}", one)
    ]


def _plain(text: str) -> str:
    return "".join(ch for ch in text.casefold() if ch.isalnum())


def said_in(value: object) -> list[str]:
    """Return every text of a table of words."""
    if isinstance(value, dict):
        return [text for one in value.values() for text in said_in(one)]
    return [text for one in value for text in said_in(one)] if isinstance(value, list) else [str(value)]


def approved(text: Text) -> list[str]:
    """What counsel must approve stands behind {if approved}."""
    if text.id not in APPROVED or "{if approved}" in text.body:
        return []
    return [
        f"{text.path}: its text would be public before anybody approved it; put it between {{if approved}} and {{end}}."
    ]


def unknown(text: Text) -> list[str]:
    """Every word in braces is one that the site knows."""
    found = []
    for line in text.body.split("\n"):
        if DIRECTIVE.fullmatch(line.strip()) and _known(line.strip()):
            continue
        for word in WORD.findall(line):
            if word not in INLINE:
                do = f"use a block on a line of its own ({', '.join(BLOCKS)}), or a fact ({INLINE[0]} …)"
                found.append(f"{text.path}: {{{core.clean(word)}}} is not known here; {do}.")
    return found


def _known(line: str) -> bool:
    found = DIRECTIVE.fullmatch(line)
    return bool(found) and found is not None and found[1] in ("if", "if not", "else", "end", *BLOCKS)


def complete(facts: core.Table, languages: list[Language]) -> list[str]:
    """Once something is open every language of the site has the same pages, facts and blocks as the main one."""
    main, found = languages[0], []
    codes = [code.replace("_", "-") for code, _ in core.languages(facts)]
    if main.code != codes[0]:
        do = f"copy {CONTENT}/en to {CONTENT}/{codes[0]} and translate it"
        found.append(f"{CONTENT}/{codes[0]}: the main language has no pages; {do}.")
    for language in languages:
        missing = [name for name in dict.fromkeys((*NEEDED, *main.pages)) if name not in language.pages]
        if missing:
            do = "write it from the page of the main language"
            found.append(f"{CONTENT}/{language.code}: the page {', '.join(missing)} is missing; {do}.")
        for name, text in language.pages.items():
            other = main.pages.get(name, text)
            apart = sorted(_words(other) ^ _words(text))
            if apart:
                what = f"it differs from {other.path} in {', '.join(f'{{{core.clean(word)}}}' for word in apart)}"
                found.append(f"{text.path}: {what}; make both say the same.")
        for text in (text for name, text in language.pages.items() if name in APPROVED and not text.approved):
            do = "let counsel and a survivor adviser read it, fill in its blanks, write approved_by and approved_on"
            found.append(f"{text.path}: nobody approved what it promises; {do}.")
        lacking = sorted(_keys(main.words) - _keys(language.words))
        if lacking:
            found.append(f"{CONTENT}/{language.code}/words.toml: {', '.join(lacking)} is missing; write it.")
    return found


def _words(text: Text) -> set[str]:
    return set(WORD.findall(text.body))


def _keys(table: core.Table, at: str = "") -> set[str]:
    found = set()
    for key, value in table.items():
        found |= _keys(value, f"{at}{key}.") if isinstance(value, dict) else {f"{at}{key}"}
    return found


def contacts(facts: core.Table) -> list[str]:
    """What is shown as a contact can be used as one."""
    found = []
    for name, record in core.table(facts, "channels").items():
        contact = core.clean(core.said(record, "public_contact")) if isinstance(record, dict) else ""
        good = {
            "phone": bool(DIALLED.fullmatch(contact)),
            "text": bool(DIALLED.fullmatch(contact)) or is_https(contact),
            "email": bool(MAIL.fullmatch(contact)),
        }.get(name, is_https(contact))
        if contact and record.get("open") and not good:
            do = "write digits for calls and texts, name@place for e-mail, https://… for the rest"
            found.append(f"hotline.toml, channel {name}: '{contact}' cannot be used from the page; {do}.")
    return found


def aged(facts: core.Table, today: date) -> list[str]:
    """security.txt has not run out."""
    end = expires_on(facts)
    if core.said(core.table(facts, "public"), "security_contact") and end and end < today:
        do = "check the contact, write today's date in project.as_of, build and publish"
        return [f"site/public/.well-known/security.txt: it ran out on {end.isoformat()}; {do}."]
    return []


__all__ = ["CONDITIONS", "problems"]
