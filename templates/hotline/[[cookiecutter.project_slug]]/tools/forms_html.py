"""One form as a page to print: A4, for an outage, with the draft mark until its role has signed it."""

from __future__ import annotations

from . import core
from .core import html_text
from .forms_read import Forms
from .forms_records import CHOICES, Condition, Field, Form, Section, Words

STYLE = """
@page { size: A4; margin: 14mm 13mm 16mm; }
* { box-sizing: border-box; }
body { font: 10.5pt/1.35 "Noto Sans", "Noto Sans Arabic", "DejaVu Sans", Arial, sans-serif;
  color: #111; background: #fff; max-width: 186mm; margin: 0 auto; padding: 4mm; }
@media print { body { padding: 0; } }
h1 { font-size: 17pt; line-height: 1.2; margin: 0 0 1mm; }
h2 { font-size: 12pt; margin: 5mm 0 1mm; border-bottom: .5mm solid #111; padding-bottom: .6mm; break-after: avoid; }
p { margin: 0 0 1.2mm; }
.draft { border: .6mm solid #8a0000; color: #8a0000; font-weight: 700; padding: 1mm 2mm; display: inline-block; }
.small, .hint, .only { font-size: 9pt; color: #333; }
.only { font-style: italic; }
.only { break-after: avoid; }
.ask { break-inside: avoid; padding: 1.6mm 0; border-bottom: .2mm solid #777; }
.ask > .label { font-weight: 600; margin: 0; }
.must { font-weight: 400; font-size: 9pt; color: #333; }
ul { list-style: none; margin: .8mm 0 0; padding: 0; }
ul { display: inline; }
li { display: inline-block; max-width: 100%; margin-inline-end: 5mm; }
li::before { content: ""; display: inline-block; width: 3.4mm; height: 3.4mm; border: .3mm solid #111;
  margin-inline-end: 1.4mm; vertical-align: -.5mm; }
ul.one > li::before { border-radius: 50%; }
ul.why { font-size: 8.5pt; color: #333; border-inline-start: .3mm solid #777; padding-inline-start: 3mm; }
.line { border-bottom: .3mm solid #111; height: 7mm; margin-bottom: 1.2mm; }
.date { margin: 2mm 0 0; }
.blank { display: inline-block; width: 32mm; border-bottom: .3mm solid #111; margin-inline-end: 4mm; }
footer { margin-top: 5mm; border-top: .5mm solid #111; padding-top: 1.5mm; font-size: 9pt; break-inside: avoid; }
"""
LINES = {"text": 1, "long": 4}
# The direction of what is written in digits does not turn in right-to-left pages.
DATES = {
    "date": "________ - ____ - ____ (YYYY-MM-DD)",
    "moment": "________ - ____ - ____ (YYYY-MM-DD) &nbsp; ____ : ____ (HH:MM)",
}


def page(forms: Forms, form: Form, code: str, record: core.Table) -> str:
    """Return the page of a form in one language."""
    right = record.get("direction") == "rtl"
    body = "".join(_section(forms, form, section, fields, code) for section, fields in forms.asked(form))
    title = html_text(form.title.in_language(code))
    return (
        f'<!DOCTYPE html>\n<html lang="{html_text(code)}" dir="{"rtl" if right else "ltr"}">\n<head>\n'
        '<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="robots" content="noindex, nofollow">\n<title>{title}</title>\n<style>{STYLE}</style>\n'
        f"</head>\n<body>\n<main>\n{_head(forms, form, code, record)}{body}</main>\n{_foot(forms, form, code)}"
        "</body>\n</html>\n"
    )


def _head(forms: Forms, form: Form, code: str, record: core.Table) -> str:
    draft = f'<p class="draft">{_draft(forms, code)}</p>\n' if is_draft(form, record) else ""
    privacy = "" if form.public else f'<p class="small">{html_text(forms.word("privacy", code))}</p>\n'
    name = html_text(core.fact(forms.facts, "hotline.name"))
    return (
        f"<h1>{html_text(form.title.in_language(code))}</h1>\n{draft}"
        f'<p class="small"><bdi>{name}</bdi> · {html_text(core.fact(forms.facts, "project.as_of"))}</p>\n'
        f'<p class="small">{html_text(forms.word("paper", code))} {_keep(forms, form, code)}</p>\n{privacy}'
    )


def is_draft(form: Form, record: core.Table) -> bool:
    """Say whether a copy carries the draft mark: until a role signed the form, and a reader the language."""
    return not (form.is_reviewed and core.is_signed(record, "reviewed_by", "reviewed_on"))


def _draft(forms: Forms, code: str) -> str:
    own = html_text(forms.word("draft", code))
    return own if own == core.DRAFT else f'{own} · <span lang="en" dir="ltr">{core.DRAFT}</span>'


def _keep(forms: Forms, form: Form, code: str) -> str:
    """Return how long the paper is kept, with the fact it comes from."""
    name = str(form.record.get("keep", ""))
    days = core.fact(forms.facts, name) if name else ""
    if days == "":
        return html_text(forms.word("keep_open", code))
    shown = f'<span data-fact="{html_text(name)}" data-value="{html_text(days)}">{html_text(days)}</span>'
    return html_text(forms.word("keep", code)).replace("{days}", shown)


def _section(forms: Forms, form: Form, section: Section, fields: list[Field], code: str) -> str:
    only = _only(forms, form, section.when, code)
    asks = "".join(_ask(forms, form, one, one.when[len(section.when) :], code) for one in fields)
    return f"<section>\n<h2>{html_text(section.title.in_language(code))}</h2>\n{only}{asks}</section>\n"


def _ask(forms: Forms, form: Form, one: Field, when: tuple[Condition, ...], code: str) -> str:
    """Return one question with room for its answer."""
    label = html_text(one.label.in_language(code))
    only = _only(forms, form, when, code)
    if one.kind == "note":
        return f'<div class="ask">{only}<p class="label">{label}</p></div>\n'
    marks = [forms.word("must", code)] if one.required else []
    marks += [forms.word("several", code)] if one.kind == "many" else []
    more = f' <span class="must">({html_text(", ".join(marks))})</span>' if marks else ""
    hint = one.hint.in_language(code)
    said = f'<p class="hint">{html_text(hint)}</p>' if hint else ""
    return f'<div class="ask">{only}<p class="label">{label}{more}</p>{said}{_room(forms, form, one, code)}</div>\n'


def _room(forms: Forms, form: Form, one: Field, code: str) -> str:
    """Return boxes, lines or a date to fill in, and the reasons why there is no answer."""
    if one.kind in CHOICES:
        listed = forms.lists.get(forms.list_of(one), {})
        room = f'<ul class="{one.kind}">{_boxes(listed, code)}</ul>'
    elif one.kind in DATES:
        room = f'<p class="date"><bdi dir="ltr">{DATES[one.kind]}</bdi></p>'
    elif one.kind in ("number", "count"):
        room = '<p class="date">________</p>'
    else:
        room = '<div class="line"></div>' * LINES.get(one.kind, 1)
    if not forms.takes_missing(form, one):
        return room
    return f'{room} <ul class="why one">{_boxes(forms.missing, code)}</ul>'


def _boxes(listed: dict[str, Words], code: str) -> str:
    """Return one box to tick for each answer."""
    return " ".join(f"<li>{html_text(words.in_language(code))}</li>" for words in listed.values())


def _only(forms: Forms, form: Form, when: tuple[Condition, ...], code: str) -> str:
    """Return in words when a question or a section is filled in."""
    if not when:
        return ""
    asked = forms.questions(form)
    parts = [_condition(forms, asked[one.field], one, code) for one in when if one.field in asked]
    if not parts:
        return ""
    return f'<p class="only">{html_text(forms.word("only_if", code))}: {"; ".join(parts)}</p>\n'


def _condition(forms: Forms, one: Field, condition: Condition, code: str) -> str:
    codes = forms.lists.get(forms.list_of(one), {}) | forms.missing
    answers = [html_text(codes[c].in_language(code) if c in codes else c) for c in condition.codes]
    joined = f" {html_text(forms.word('or', code))} ".join(f"“{answer}”" for answer in answers)
    negated = f"{html_text(forms.word('not', code))} " if condition.negated else ""
    return f"{html_text(one.label.in_language(code))} = {negated}{joined}"


def _foot(forms: Forms, form: Form, code: str) -> str:
    if form.public:
        return ""
    parts = [f'{html_text(part)}: <span class="blank"></span>' for part in forms.word("by", code).split("|")]
    return f"<footer>{' '.join(parts)}</footer>\n"
