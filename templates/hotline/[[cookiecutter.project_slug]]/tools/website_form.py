"""The tip form of the site, from the one definition in forms/tip.form.toml: only while it may be sent.

It needs an open tip channel (which needs a tested queue), the address of that queue, and a form that a role reviewed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from . import core
from .core import html_text
from .forms_read import Forms, FormsError, load
from .forms_records import CHOICES, Field, Form
from .website_content import Language, is_https

NAME = "tip"
SIGNS = {"text": 300, "long": 4000}
INPUTS = {"number": "number", "count": "number", "date": "date", "moment": "datetime-local"}


@dataclass(frozen=True)
class TipForm:
    """A form that may be sent today.

    Parameters
    ----------
    address
        Where it sends to: the hotline's own queue.
    forms
        What all forms are made from.
    form
        The definition of this one.
    """

    address: str
    forms: Forms
    form: Form

    def html(self, language: Language) -> str:
        """Return the form in a language; answers go to the queue under the names of the definition."""
        parts = "".join(
            f"<h2>{html_text(section.title.in_language(language.code))}</h2>\n"
            + "".join(self._field(one, language.code) for one in fields)
            for section, fields in self.forms.asked(self.form)
        )
        how = f'method="post" action="{html_text(self.address)}" accept-charset="utf-8" autocomplete="off"'
        return (
            f"<form {how}>\n{parts}"
            f'<input type="hidden" name="language" value="{html_text(language.code)}">\n'
            f'<p><button type="submit">{language.say("form.send")}</button></p>\n</form>\n'
        )

    def _field(self, one: Field, code: str) -> str:
        label, hint = html_text(one.label.in_language(code)), html_text(one.hint.in_language(code))
        if one.kind == "note":
            return f"<p><strong>{label}</strong></p>\n"
        mark = f' <span class="must">({html_text(self.forms.word("must", code))})</span>' if must(one) else ""
        name = html_text(one.id)
        said = f'<span class="hint" id="ask-{name}-hint">{hint}</span>\n' if hint else ""
        about = f' aria-describedby="ask-{name}-hint"' if hint else ""
        if one.kind in CHOICES:
            return f"<fieldset{about}>\n<legend>{label}{mark}</legend>\n{said}{self._choices(one, code)}</fieldset>\n"
        entry = _entry(one, name, about)
        return f'<div class="field">\n<label for="ask-{name}">{label}{mark}</label>\n{said}{entry}\n</div>\n'

    def _choices(self, one: Field, code: str) -> str:
        kind = "radio" if one.kind == "one" else "checkbox"
        needed = " required" if must(one) and kind == "radio" else ""
        entry = f'<input type="{kind}" name="{html_text(one.id)}"{needed}'
        return "".join(
            f'<label class="choice">{entry} value="{html_text(value)}"> {html_text(words.in_language(code))}</label>\n'
            for value, words in self.forms.lists.get(self.forms.list_of(one), {}).items()
        )


def must(one: Field) -> bool:
    """Say whether a question needs an answer: never one that is only for some readers, since no script hides it."""
    return one.required and not one.when


def _entry(one: Field, name: str, about: str) -> str:
    needed = " required" if must(one) else ""
    common = f'id="ask-{name}" name="{name}" autocomplete="off"{about}{needed}'
    if one.kind in INPUTS:
        return f'<input type="{INPUTS[one.kind]}" {common}>'
    limit = f'{common} dir="auto" maxlength="{SIGNS.get(one.kind, 300)}"'
    return f'<textarea {limit} rows="4"></textarea>' if one.kind == "long" else f'<input type="text" {limit}>'


def tip_form(facts: core.Table, project: Path) -> TipForm | None:
    """Return the tip form, or nothing while it may not be sent."""
    record = core.table(core.table(facts, "channels"), "online_tip")
    address = core.said(record, "form_address")
    if not core.is_open(facts, "online_tip") or not is_https(address):
        return None
    try:
        forms = load(facts, project)
    except FormsError:
        return None
    form = forms.form(NAME)
    return TipForm(address, forms, form) if form and form.is_reviewed else None
