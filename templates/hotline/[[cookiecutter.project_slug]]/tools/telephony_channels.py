"""The sheet of channels: which language each one answers in, its limits, texts that can be sent, keywords, chat."""

from __future__ import annotations

from . import core
from .core import html_text
from .plain_page import shell
from .telephony_messages import CLOCKS, Texts, at_once, clock_of, keywords, limit_of
from .telephony_sheet import STYLE, ltr, table
from .telephony_words import Words

# Which retention period holds for what a channel keeps.
KEPT = {
    "phone": "signal_days",
    "text": "transcript_days",
    "chat": "transcript_days",
    "email": "transcript_days",
    "online_tip": "tip_days",
}


class Channels:
    """Lays out the channels in one language of the reader."""

    def __init__(self, facts: core.Table, words: Words, limits: core.Table, code: str) -> None:
        self.facts, self.words, self.limits, self.code = facts, words, limits, code

    def say(self, name: str, **values: object) -> str:
        """Return a label, ready for HTML."""
        text = self.words.label(self.code, name)
        for key, value in values.items():
            text = text.replace("{" + key + "}", str(value))
        return html_text(text)

    def page(self, texts: list[Texts]) -> str:
        """Return the whole page."""
        body = f"<p>{self.say('channels_lead')}</p>\n" + self.languages() + self.channels()
        for one in texts:
            body += self.sms(one) if "keywords" in one.given else self.chat(one)
        direction = core.table(core.table(self.facts, "languages"), self.code).get("direction")
        title = self.words.label(self.code, "channels_title")
        return shell(title, self.code, "rtl" if direction == "rtl" else "ltr", body, STYLE)

    def _named(self) -> list[str]:
        return [name for name in core.CHANNELS if name in core.table(self.facts, "channels")]

    def languages(self) -> str:
        """Return the table of channels and languages."""
        every = core.languages(self.facts)
        heads = [
            self.say("channel"),
            *(f"<bdi>{html_text(core.said(one, 'name') or code)}</bdi>" for code, one in every),
        ]
        rows = []
        for name in self._named():
            cells = [self.cell(limit_of(self.limits, name, code)) for code, _ in every]
            state = self.say("is_open" if core.is_open(self.facts, name) else "is_closed")
            rows.append((f"{self.say(f'channel_{name}')}<br>{state}", *cells))
        label = self.say("channel_languages")
        return f"<h2>{label}</h2>\n<p>{self.say('channel_note')}</p>\n{table(label, heads, rows)}"

    def cell(self, limit: core.Table) -> str:
        """Return who answers in a language, and when it is not all advertised hours."""
        by = core.said(limit, "by")
        if not by:
            return self.say("undecided")
        days = ", ".join(html_text(self.words.word(self.code, day)) for day in limit.get("days", []))
        start, end = core.said(limit, "from"), core.said(limit, "to")
        times = f"{html_text(start)} {html_text(self.words.word(self.code, 'to'))} {html_text(end)}" if start else ""
        when = "<br>".join(filter(None, (days, times)))
        return self.say(f"by_{by}") + (f"<br>{when}" if when and by != "no" else "")

    def channels(self) -> str:
        """Return what each channel can and cannot do."""
        rows = []
        for name in self._named():
            pair = [str(number) for number in at_once(self.limits, name)] or ["–", "–"]
            kept = f"retention.{KEPT[name]}"
            days = html_text(core.fact(self.facts, kept)) or "____"
            shown = f'<span data-fact="{kept}">{days}</span> {self.say("days")}'
            cells = (*pair, self.within(name), shown, self.say(f"cannot_{name}"))
            rows.append((self.say(f"channel_{name}"), *cells))
        heads = ["channel", "at_once_crisis", "at_once_other", "answered_within", "kept", "cannot"]
        label = self.say("channel_limits")
        return f"<h2>{label}</h2>\n{table(label, [self.say(head) for head in heads], rows)}"

    def within(self, name: str) -> str:
        """Return how soon a channel answers."""
        if name in ("text", "chat"):
            return self.say("live")
        fact, unit = ("voice_within_s", "seconds") if name == "phone" else ("written_days", "working_days")
        known = html_text(core.fact(self.facts, f"service.{fact}")) or "____"
        return f'<span data-fact="service.{fact}">{known}</span> {self.say(unit)}'

    def sms(self, texts: Texts) -> str:
        """Return keywords and replies with what a telephone counts."""
        rows = []
        for one in keywords(texts).values():
            listed = [w for code in texts.codes for w in one["words"].get(code, [])]
            shown = " ".join(f"<bdi><code>{html_text(word)}</code></bdi>" for word in listed)
            rows.append((shown, self.say(f"action_{one['action']}"), f"<code>{html_text(one['reply'])}</code>"))
        label = self.say("keywords")
        heads = [self.say(head) for head in ("word", "action", "reply")]
        body = f"<h2>{label}</h2>\n<p>{self.say('keywords_note')}</p>\n{table(label, heads, rows)}"
        return body + self.texts(texts, "replies", counted=True)

    def chat(self, texts: Texts) -> str:
        """Return the clocks and texts of the chat."""
        clocks = {name: clock_of(texts, name) for name in CLOCKS}
        rows = [(self.say(f"clock_{name}"), ltr(f"{clocks[name]} min") if clocks[name] else "–") for name in CLOCKS]
        label = self.say("clocks")
        body = f"<h2>{label}</h2>\n{table(label, [self.say('setting'), self.say('value')], rows)}"
        return body + self.texts(texts, "chat_texts", counted=False)

    def texts(self, texts: Texts, title: str, counted: bool) -> str:
        """Return texts in every language; missing ones say so."""
        known = core.table(self.facts, "languages")
        rows = []
        for name in texts.tables:
            for code in texts.codes:
                message = texts.message(name, code)
                direction = "rtl" if core.table(known, code).get("direction") == "rtl" else "ltr"
                shown = f'<span lang="{html_text(code)}" dir="{direction}">{html_text(message.text)}</span>'
                text = shown if message.text else f'<span class="caution">{self.say("status_missing")}</span>'
                state = (
                    self.say("status_reviewed" if texts.is_reviewed(code) else "status_draft") if message.text else "–"
                )
                count = [f"{message.signs}", f"{message.parts}"] if counted else []
                rows.append((f"<code>{html_text(name)}</code>", f"<code>{html_text(code)}</code>", text, *count, state))
        heads = ["name", "language", "words", *(["signs_count", "parts"] if counted else []), "status"]
        label = self.say(title)
        return f"<h2>{label}</h2>\n{table(label, [self.say(head) for head in heads], rows)}"
