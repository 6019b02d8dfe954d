"""The blocks of a page that come from hotline.toml: how to reach the hotline, hours, languages, danger, the form.

A number or an address appears here and nowhere else, and only while `core.is_open` says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import groupby
from pathlib import Path

from . import core
from .core import html_text
from .telephony_messages import limit_of
from .website_content import ContentError, Language, is_https, spoken
from .website_form import TipForm

# A number that may be dialled as it stands; one with letters or an extension is shown as text only.
DIALLED = re.compile(r"\+?[0-9][0-9 ()./-]{1,30}|[*#][0-9*#]{1,10}")
WHOLE_DAY = [(0, 1440)]
MAIL = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}")


def contact_of(facts: core.Table, channel: str) -> str:
    """Return the public contact of a channel that is open; empty otherwise."""
    record = core.table(core.table(facts, "channels"), channel)
    return core.clean(core.said(record, "public_contact")) if core.is_open(facts, channel) else ""


def link_of(channel: str, contact: str) -> str:
    """Return what a contact links to; empty when it can only be read."""
    if DIALLED.fullmatch(contact) and channel in ("phone", "text"):
        return ("tel:" if channel == "phone" else "sms:") + re.sub(r"[ ()./-]", "", contact).replace("#", "%23")
    if channel == "email" and MAIL.fullmatch(contact):
        return f"mailto:{contact}"
    return contact if is_https(contact) else ""


def closed_box(facts: core.Table, project: Path, code: str) -> str:
    """Return what every public page says while nothing is open, for pages that other parts make."""
    try:
        language = spoken(facts, project, code)
    except ContentError:
        return ""
    return Blocks(facts, language, lambda _: "", None).closed() if language else ""


class Blocks:
    """Makes the blocks of one language.

    Parameters
    ----------
    facts
        Of hotline.toml.
    language
        Whose words are used.
    address
        Gives the link to a page, or nothing when there is none.
    tip
        The tip form, while it may be sent.

    `limits` is what telephony/limits.toml says: the page promises no more than that.
    """

    def __init__(
        self, facts: core.Table, language: Language, address: Callable[[str], str], tip: TipForm | None
    ) -> None:
        self.facts, self.language, self.address, self.tip = facts, language, address, tip
        self.names: dict[str, str] = {}
        self.limits: core.Table = {}
        self.opened = [channel for channel in core.open_channels(facts) if channel in core.CHANNELS]

    def make(self, name: str, words: list[str]) -> str:
        """Return one block as HTML."""
        if name == "contact":
            return self.contact([word for word in words if word in core.CHANNELS] or list(core.CHANNELS))
        made: dict[str, Callable[[], str]] = {
            "emergency": self.emergency, "hours": self.hours, "languages": self.languages, "form": self.form,
            "small_cards": self.small_cards,
        }  # fmt: skip
        return made[name]()

    def say(self, name: str) -> str:
        return self.language.say(name)

    def closed(self) -> str:
        """Return the box that every page has while nothing is open, with what to do in danger."""
        if self.opened:
            return ""
        title, text = self.say("status.title"), self.say("status.text")
        return (
            f'<section class="status" data-status="closed" lang="{html_text(self.language.code)}" '
            f'dir="{self.language.direction}" aria-labelledby="status">\n<h2 id="status">{title}</h2>\n'
            f"<p>{text}</p>\n<h3>{self.say('emergency.title')}</h3>\n{self._danger()}</section>\n"
        )

    def emergency(self) -> str:
        """Return what to do in danger; while nothing is open the box at the top says it already."""
        if not self.opened:
            return ""
        title = self.say("emergency.title")
        return f'<section aria-labelledby="danger">\n<h2 id="danger">{title}</h2>\n{self._danger()}</section>\n'

    def _danger(self) -> str:
        number = core.emergency_number(self.facts)
        said = f"<p>{self.say('emergency.text')}</p>\n"
        if not number:
            return said + f"<p><strong>{self.say('emergency.unconfirmed')}</strong></p>\n"
        shown = self._number("phone", number, "public.emergency_number")
        return said + f"<p>{self.say('emergency.number')} <strong>{shown}</strong></p>\n"

    def _number(self, channel: str, contact: str, name: str) -> str:
        link = link_of(channel, contact)
        text = f'<bdi dir="ltr" data-fact="{name}">{html_text(contact)}</bdi>'
        return f'<a class="reach" href="{html_text(link)}" rel="noreferrer">{text}</a>' if link else text

    def contact(self, channels: list[str]) -> str:
        """Return how to reach the hotline by these channels; nothing while everything is closed: the box says so."""
        if not self.opened:
            return ""
        here = [channel for channel in channels if channel in self.opened]
        if not here:
            other = f'<a href="{html_text(self.address("home"))}">{self.say("status.other_ways")}</a>'
            return f'<p class="status">{self.say("status.none_of_these")} {other}</p>\n'
        ways = "".join(self._way(channel) for channel in here)
        return f'<section class="contact" data-status="open">\n{ways}</section>\n'

    def _way(self, channel: str) -> str:
        """Return one way to reach the hotline: its contact, and what to know before using it."""
        contact = contact_of(self.facts, channel)
        note = self.say(f"channels.{channel}_note")
        if channel == "online_tip" and "phone" in self.opened:
            note = f"{note} {self.say('channels.online_tip_urgent')}".strip()
        title = self.say(f"channels.{channel}")
        if channel == "online_tip" and self.tip and self.address("form"):
            link = f'<a class="reach" href="{html_text(self.address("form"))}">{self.say("channels.open_form")}</a>'
            return f'<div class="on-screen">\n<h2>{title}</h2>\n<p>{link}</p>\n<p class="note">{note}</p>\n</div>\n'
        text = f"<div>\n<h2>{title}</h2>\n<p>{self._shown(channel, contact)}</p>\n"
        if channel == "phone":
            about = core.table(self.facts, "public")
            text += self._told("channels.free_from", about, "free_from") + self._told("channels.relay", about, "relay")
        return text + (f'<p class="note">{note}</p>\n' if note else "") + "</div>\n"

    def _shown(self, channel: str, contact: str) -> str:
        """Return a contact as people use it: a number or an address to read, a word to press for a web page."""
        name = f"channels.{channel}.public_contact"
        if not is_https(contact):
            return self._number(channel, contact, name)
        mark = f'data-fact="{name}" data-value="{html_text(contact)}"'
        words = self.say("channels.open_page")
        return f'<a class="reach" href="{html_text(contact)}" rel="noreferrer" {mark}>{words}</a>'

    def _told(self, label: str, record: core.Table, key: str) -> str:
        value = core.clean(core.said(record, key))
        shown = f'<bdi data-fact="public.{key}">{html_text(value)}</bdi>'
        return f"<p>{self.say(label)} {shown}</p>\n" if value else ""

    def hours(self) -> str:
        """Return the hours that are advertised: only while something is open."""
        if not self.opened:
            return ""
        listed = {day: core.table(self.facts, "hours").get(day) or [] for day in core.DAYS}
        marks = {
            day: f'data-fact="hours.{day}" data-value="{html_text(", ".join(map(str, spans)))}"'
            for day, spans in listed.items()
        }
        if all(core.spans(self.facts, day) == WHOLE_DAY for day in core.DAYS):
            said = "".join(f"<span {mark}></span>" for mark in marks.values())
            body = f"<p><strong>{self.say('hours.always')}</strong>{said}</p>\n"
        else:
            body = self._table(marks)
        title = self.say("hours.title")
        return f'<section aria-labelledby="hours">\n<h2 id="hours">{title}</h2>\n{body}{self._zone()}</section>\n'

    def _table(self, marks: dict[str, str]) -> str:
        names = dict(zip(marks, self.language.listed("hours.days") + [""] * len(marks), strict=False))
        rows = ""
        for _, same in groupby(marks, key=lambda day: core.spans(self.facts, day)):
            days = list(same)
            name = names[days[0]] + (f" \u2013 {names[days[-1]]}" if len(days) > 1 else "")
            rest = "".join(f"<span {marks[day]}></span>" for day in days[1:])
            rows += f'<tr><th scope="row">{name}</th><td {marks[days[0]]}>{self._spans(days[0])}{rest}</td></tr>\n'
        head = f'<tr><th scope="col">{self.say("hours.day")}</th><th scope="col">{self.say("hours.open")}</th></tr>'
        return f"<table>\n<thead>{head}</thead>\n<tbody>\n{rows}</tbody>\n</table>\n"

    def _spans(self, day: str) -> str:
        if core.spans(self.facts, day) == WHOLE_DAY:
            return self.say("hours.whole_day")
        clock = "{:02d}:{:02d}".format
        spans = [f"{clock(a // 60, a % 60)}\u2013{clock(b // 60, b % 60)}" for a, b in core.spans(self.facts, day)]
        return ", ".join(f'<bdi dir="ltr">{span}</bdi>' for span in spans) or self.say("hours.closed")

    def _zone(self) -> str:
        zone = html_text(core.fact(self.facts, "project.timezone"))
        shown = f'<bdi dir="ltr" data-fact="project.timezone">{zone}</bdi>'
        return f'<p class="quiet">{self.say("hours.zone")} {shown}</p>\n' if zone else ""

    def languages(self) -> str:
        """Return the languages in which somebody answers: only while something is open."""
        if not self.opened:
            return ""
        items = "".join(
            f"<li>{self._spoken(code, record)}{offered}</li>\n"
            for code, record in core.languages(self.facts)
            if (offered := self._offered(code)) is not None
        )
        title = self.say("languages.title")
        return f'<section aria-labelledby="spoken">\n<h2 id="spoken">{title}</h2>\n<ul>\n{items}</ul>\n</section>\n'

    def _offered(self, code: str) -> str | None:
        """Return by which ways and when a language is answered where it is not all of them; nothing when by none."""
        limits = {channel: limit_of(self.limits, channel, code) for channel in self.opened}
        here = {channel: one for channel, one in limits.items() if core.said(one, "by") != "no"}
        times = {channel: self._times(one) for channel, one in here.items()}
        if not here or (len(here) == len(limits) and not any(times.values())):
            return "" if here else None
        said = (self.say(f"channels.{name}") + (f" ({when})" if when else "") for name, when in times.items())
        return f": {', '.join(said)}"

    def _times(self, limit: core.Table) -> str:
        """Return the days and hours of a language that is not answered in all advertised hours."""
        names = dict(zip(core.DAYS, self.language.listed("hours.days"), strict=False))
        days = ", ".join(names.get(day, "") for day in limit.get("days", []))
        start, end = core.said(limit, "from"), core.said(limit, "to")
        times = f'<bdi dir="ltr">{html_text(start)}\u2013{html_text(end)}</bdi>' if start else ""
        return " ".join(filter(None, (days, times)))

    def _spoken(self, code: str, record: core.Table) -> str:
        """Return a language by its own name where the site has it, else as hotline.toml names it."""
        name = html_text(record.get("name", ""))
        mark = f'data-fact="languages.{html_text(code)}.name" data-value="{name}"'
        own = self.names.get(code.replace("_", "-"))
        return (
            f'<bdi lang="{html_text(code.replace("_", "-"))}" {mark}>{own}</bdi>'
            if own
            else f"<bdi {mark}>{name}</bdi>"
        )

    def form(self) -> str:
        """Return the tip form: only while it may be sent."""
        return self.tip.html(self.language) if self.tip else ""

    def small_cards(self) -> str:
        """Return cards to cut out that show a number and nothing about the subject: only while calls are open."""
        contact = contact_of(self.facts, "phone")
        if not contact:
            return ""
        number = f'<strong><bdi dir="ltr" data-fact="channels.phone.public_contact">{html_text(contact)}</bdi></strong>'
        card = f"<p>{number}<br>{self.say('card.line')}</p>\n"
        # One for people who read with a screen reader; the copies are for paper.
        copies = f'<div aria-hidden="true">{card}</div>\n' * 7
        return f'<div class="small-cards">\n<div>{card}</div>\n{copies}</div>\n'
