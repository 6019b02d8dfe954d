"""The call flow on paper, for any telephone company or vendor: drawing, steps, hours, keys, prompts, rules, paths."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from . import core
from .core import html_text
from .plain_page import shell
from .telephony_asterisk import desks_of
from .telephony_calendar import week
from .telephony_drawing import MARKS, Drawing, boxes, exits, order
from .telephony_flow import Flow
from .telephony_prompts import Item, lengths
from .telephony_simulator import seconds, silent, walks
from .telephony_words import Words, clock

STYLE = "../sheet.css"
SIGNS = {"open": "●", "part": "◐", "closed": "–"}
RULES = ("rule_recording", "rule_number", "rule_records", "rule_out", "rule_place", "rule_lines", "rule_names")


class Sheet:
    """Lays out one call flow in one language."""

    def __init__(
        self, facts: core.Table, flow: Flow, words: Words, items: list[Item], code: str, codes: list[str]
    ) -> None:
        self.facts, self.flow, self.words, self.items = facts, flow, words, items
        self.code, self.codes = code, codes
        record = core.table(core.table(facts, "languages"), code)
        self.is_rtl = record.get("direction") == "rtl"

    def say(self, name: str, **values: object) -> str:
        """Return a label, ready for HTML."""
        text = self.words.label(self.code, name)
        for key, value in values.items():
            text = text.replace("{" + key + "}", str(value))
        return html_text(text)

    def page(self) -> str:
        """Return the whole page."""
        parts = [self.lead(), self.drawing(), self.steps(), self.hours(), self.keys(), self.queues(), self.voicemail()]
        parts += [self.rules(), self.paths(), self.prompts()]
        title = self.words.label(self.code, "title")
        return shell(title, self.code, "rtl" if self.is_rtl else "ltr", "".join(parts), STYLE)

    def lead(self) -> str:
        """Return what the sheet is, and the number only when the telephone channel is open."""
        name = core.said(core.table(self.facts, "hotline"), "name")
        as_of = f'<bdi data-fact="project.as_of">{html_text(core.fact(self.facts, "project.as_of"))}</bdi>'
        lines = f"<p>{self.say('lead')}</p>\n"
        lines += f"<p><bdi>{html_text(name)}</bdi>. {self.say('as_of')} {as_of}.</p>\n"
        if not core.is_open(self.facts, "phone"):
            return lines + f'<p class="caution">{self.say("not_open")}</p>\n'
        contact = html_text(core.fact(self.facts, "channels.phone.public_contact"))
        shown = f'<bdi data-fact="channels.phone.public_contact">{contact}</bdi>'
        return lines + f"<p><strong>{self.say('number')}: {shown}</strong></p>\n"

    def drawing(self) -> str:
        """Return the call flow as a drawing."""
        texts = {item.prompt: item.text for item in self.items if item.language == self.code}
        drawn = boxes(self.flow, self.words, self.code, texts)
        svg = Drawing(drawn, self.is_rtl, self.words.label(self.code, "drawing_label")).write()
        return f"<h2>{self.say('drawing')}</h2>\n<p>{self.say('drawing_note')}</p>\n{svg}"

    def steps(self) -> str:
        """Return the same steps as a table."""
        names = order(self.flow)
        numbers = {name: number for number, name in enumerate(names, 1)}
        rows = []
        for name, number in numbers.items():
            step = self.flow.steps[name]
            ways = exits(self.flow, self.words, self.code, name, numbers)
            onward = "<br>".join(f"{html_text(why) or self.say('lead_next')}: {goal}" for why, goal in ways)
            kind = f"{MARKS.get(step.kind, '')} {self.say(f'kind_{step.kind}')}".strip()
            spoken = ", ".join(f"<code>{html_text(one)}</code>" for one in step.say)
            wait = ltr(f"{step.wait_s} s" + (f" × {step.tries}" if step.tries > 1 else ""))
            rows.append(
                (
                    number,
                    f"{kind}<br><code>{name}</code>",
                    spoken,
                    wait if step.kind in ("language", "menu", "queue") else "",
                    onward,
                )
            )
        heads = ("step", "kind", "prompt_names", "wait", "onward")
        return self.table("steps", heads, rows)

    def hours(self) -> str:
        """Return when people answer, as a list, as a picture of the week, and the holidays."""
        zone = core.said(core.table(self.facts, "project"), "timezone")
        shown = f'<bdi data-fact="project.timezone">{html_text(zone)}</bdi>' if zone else self.say("undecided")
        rows = []
        for day, hours in week(self.facts).items():
            listed = ", ".join(map(str, core.table(self.facts, "hours").get(day) or []))
            text = f'<bdi dir="ltr" data-fact="hours.{day}">{html_text(listed) or "–"}</bdi>'
            cells = [f'<span class="{state}">{SIGNS[state]}</span>' for state in hours]
            rows.append((html_text(self.words.word(self.code, day)), text, *cells))
        heads = [self.say("day"), self.say("open_hours"), *(f"{hour:02}" for hour in range(24))]
        body = f"<h2>{self.say('hours')}</h2>\n<p>{self.say('zone')}: {shown}. {self.say('signs')}</p>\n"
        return body + table(self.say("hours"), heads, rows, "week") + self.holidays()

    def holidays(self) -> str:
        """Return the days with hours of their own."""
        if not self.flow.holidays:
            return f"<p>{self.say('no_holidays')}</p>\n"
        rows = []
        for one in self.flow.holidays:
            listed = ", ".join(f"{clock(start)}-{clock(end)}" for start, end in one.spans)
            rows.append((f"<bdi>{one.day}</bdi>", html_text(one.name), f'<bdi dir="ltr">{listed or "–"}</bdi>'))
        return self.table("holidays", ("day", "name", "open_hours"), rows)

    def keys(self) -> str:
        """Return the key of each language."""
        if len(self.codes) < 2:
            return f"<h2>{self.say('languages')}</h2>\n<p>{self.say('one_language')}</p>\n"
        known = core.table(self.facts, "languages")
        rows = [
            (
                number,
                f"<bdi>{html_text(core.said(core.table(known, code), 'name') or code)}</bdi>",
                f"<code>{html_text(code)}</code>",
            )
            for number, code in enumerate(self.codes, 1)
        ]
        note = f"<p>{self.say('languages_note')}</p>\n"
        return self.table("languages", ("key", "name", "code"), rows, note)

    def queues(self) -> str:
        """Return who is rung, and how."""
        given = self.flow.queue
        desks = desks_of(self.facts, self.flow)
        peak = html_text(core.fact(self.facts, "staffing.peak_on_shift"))
        marked = f'<span data-fact="staffing.peak_on_shift" data-value="{peak}">{desks}</span>'
        pairs = {
            "desks": desks if given["desks"] else marked, "on_call": given["on_call"],
            "ring": ltr(f"{given['ring_s']} s"), "rest": ltr(f"{given['rest_s']} s"),
            "repeat": ltr(f"{given['repeat_s']} s"), "strategy": self.say("strategy_text"),
            "empty": self.say("empty_text"),
        }  # fmt: skip
        rows = [(self.say(name), value) for name, value in pairs.items()]
        return self.table("queues", ("setting", "value"), rows)

    def voicemail(self) -> str:
        """Return whether messages are taken, and under which policy."""
        head = f"<h2>{self.say('voicemail')}</h2>\n"
        if not self.flow.has_voicemail:
            return head + f"<p>{self.say('voicemail_off')}</p>\n"
        given = self.flow.voicemail
        numbers = {key: given[key] for key in ("listen_every_min", "longest_s", "delete_days")}
        by = ", ".join(f"<bdi>{html_text(given[key])}</bdi>" for key in ("policy", "approved_by", "approved_on"))
        return head + f"<p>{self.say('voicemail_on', **numbers)} {self.say('policy')}: {by}.</p>\n"

    def rules(self) -> str:
        """Return what every vendor must keep to."""
        lines = "".join(f"<li>{self.say(rule)}</li>\n" for rule in RULES)
        return f"<h2>{self.say('rules')}</h2>\n<ul>\n{lines}</ul>\n"

    def paths(self) -> str:
        """Return where calls end, as the simulator walked them."""
        rows, times = [], lengths(self.items)
        for state in self.flow.states:
            every = list(walks(self.flow, state, len(self.codes)))
            ends = {end: sum(walk.end == end for walk in every) for end in ("person", "voicemail", "message")}
            first = silent(self.flow, state)
            wait = ltr(f"{seconds(self.flow, first, times, len(self.codes))} s") if first.end else "–"
            rows.append((self.say(f"state_{state}"), len(every), *ends.values(), self.say(f"end_{first.end}"), wait))
        heads = ("calendar", "paths_count", "end_person", "end_voicemail", "end_message", "silent", "until")
        return self.table("paths", heads, rows, f"<p>{self.say('paths_note')}</p>\n")

    def prompts(self) -> str:
        """Return the words to record in this language, what other languages lack, and the state of each prompt."""
        rows = []
        for item in (item for item in self.items if item.language == self.code):
            text = (
                f"<bdi>{html_text(item.text)}</bdi>"
                if item.text
                else f'<span class="caution">{self.say("status_missing")}</span>'
            )
            rows.append(
                (
                    f"<code>{html_text(item.file)}</code>",
                    text,
                    f"<code>{item.code}</code>",
                    self.say(f"status_{item.status}"),
                )
            )
        note = f"<p>{self.say('prompts_note')}</p>\n{self.missing()}"
        return self.table("prompts", ("file", "words", "code", "status"), rows, note)

    def missing(self) -> str:
        """Return what no language may lack before opening."""
        lines = ""
        for code in self.codes:
            names = dict.fromkeys(i.prompt for i in self.items if i.language == code and i.status == "missing")
            listed = ", ".join(f"<code>{html_text(name)}</code>" for name in names)
            lines += f"<li><code>{html_text(code)}</code>: {listed}</li>\n" if names else ""
        return f'<p class="caution">{self.say("missing")}</p>\n<ul>\n{lines}</ul>\n' if lines else ""

    def table(self, title: str, heads: Sequence[str], rows: Iterable[Sequence[object]], note: str = "") -> str:
        """Return a section with a table; cells are HTML already."""
        return f"<h2>{self.say(title)}</h2>\n{note}" + table(self.say(title), [self.say(head) for head in heads], rows)


def ltr(text: str) -> str:
    """Return numbers with a unit, which read from the left in every language; HTML."""
    return f'<bdi dir="ltr">{html_text(text)}</bdi>'


def table(label: str, heads: Sequence[str], rows: Iterable[Sequence[object]], kind: str = "plain") -> str:
    """Return a table that scrolls by itself on a small screen; heads and cells are HTML already."""
    head = "".join(f'<th scope="col">{cell}</th>' for cell in heads)
    body = "".join(
        f'<tr><th scope="row">{row[0]}</th>' + "".join(f"<td>{cell}</td>" for cell in row[1:]) + "</tr>\n"
        for row in rows
    )
    return (
        f'<div class="wide" tabindex="0" role="region" aria-label="{label}"><table class="{kind}">\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table></div>\n"
    )
