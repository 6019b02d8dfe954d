"""What must hold before a form is used: it is whole, asks no more than was decided, and live answers are encrypted."""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from collections.abc import Iterator

from . import core
from .forms_read import CODEBOOK, Forms
from .forms_records import AUDIENCES, CHOICES, KINDS, NAME, TIERS, Condition, Field, Form

INTAKE = "intake"
# The least that a contact needs. Intake asks all of it, and beyond it only what somebody decided.
MINIMUM = (
    "signal id", "time", "channel", "language", "category", "contactor", "safe-contact", "consent", "need",
    "danger now", "region", "next step",
)  # fmt: skip
# Codes may be added to these lists, and none may go: years and hotlines are compared by them.
FOR_EVER = {
    "category": (
        "crisis", "tip", "technical_assistance", "referral", "general_information", "at_risk", "unrelated",
    ),
    "not_substantive": ("substantive", "hang_up", "silent", "wrong_number", "prank", "test", "abusive"),
}  # fmt: skip
# Words in a question's name that give away that it identifies a person, whatever its tier says.
IDENTIFIES = re.compile(
    r"(^|_)(first_?name|last_?name|second_?name|sur_?name|full_?name|name|nick_?name|birth\w*|dob|address|street|"
    r"postal\w*|zip|phone|telephone|mobile|e_?mail|account|passport|id_?number|identity\w*|national_id|document\w*|"
    r"photo\w*|image|voice|recording|gps|latitude|longitude|fingerprint|nationality|citizenship|residence_status|"
    r"callback_contact|contact_optional)($|_)|prs_(?!Gender|Deceased|Marital|NumberOf|Primary|Secondary|Highest)",
    re.IGNORECASE,
)
RSA = bytes.fromhex("2a864886f70d010101")
# DER of a public key of 2048 bits is 294 bytes long.
SHORTEST_KEY = 290


def problems(forms: Forms) -> list[str]:
    """Return every problem as a sentence."""
    found = [f"forms/: there is no {name}.form.toml; put it back from your last copy." for name in _gone(forms)]
    for form in forms.forms:
        found += [*_form(forms, form), *_fields(forms, form)]
    found += [*_minimum(forms), *_lists(forms), *_key(forms)]
    return found + (list(_live(forms)) if _any_open(forms.facts) else [])


def _gone(forms: Forms) -> list[str]:
    return [INTAKE] if forms.form(INTAKE) is None else []


def _any_open(facts: core.Table) -> bool:
    """Say whether any channel is meant to be open."""
    return any(record.get("open") is True for record in core.table(facts, "channels").values())


def _form(forms: Forms, form: Form) -> Iterator[str]:
    """Look at a form as a whole."""
    if form.record.get("id") != form.id:
        yield f"{form.where}: its id is '{core.clean(form.record.get('id'))}'; write '{core.clean(form.id)}'."
    if not form.fields:
        yield f"{form.where}: it asks nothing; put it back from your last copy."
    if form.record.get("audience") not in AUDIENCES:
        yield f"{form.where}: its audience is not known; write one of {', '.join(AUDIENCES)}."
    keep = str(form.record.get("keep", ""))
    if keep and core.fact(forms.facts, keep) == "":
        yield f"{form.where}: keep names '{core.clean(keep)}', which {core.FACTS} does not have; correct it."
    if not form.title.has("en"):
        yield f"{form.where}: it has no English title; write one."
    for name, times in Counter(one.id for one in form.fields).items():
        if times > 1:
            yield f"{form.where}: the question '{core.clean(name)}' is there {times} times; give each its own name."
    yield from _half_signed(form.where, form.record, "reviewed")


def _half_signed(where: str, record: core.Table, what: str) -> Iterator[str]:
    if bool(core.said(record, f"{what}_by")) != bool(core.said(record, f"{what}_on")):
        yield f"{where}: {what}_by and {what}_on belong together; fill in both or empty both."
    as_date = record.get(f"{what}_on")
    if as_date not in (None, "") and core.day_of(as_date) is None:
        yield f"{where}: {what}_on is not a date; write YYYY-MM-DD."


def _fields(forms: Forms, form: Form) -> Iterator[str]:
    """Look at each question of a form."""
    before: dict[str, Field] = {}
    for one in form.fields:
        where = f"{form.where}, {core.clean(one.id) or 'a question without id'}"
        yield from (f"{where}: {line}" for line in _shape(forms, one))
        yield from (f"{where}: {line}" for line in _decided(forms, one))
        for condition in (*one.when, *one.unless):
            yield from (f"{where}: {line}" for line in _condition(forms, before, condition))
        yield from _half_signed(where, one.record, "approved")
        before[one.id] = one


def _shape(forms: Forms, one: Field) -> Iterator[str]:
    if not NAME.fullmatch(one.id):
        yield "its id is not a name; use letters, digits and underscores, a letter first."
    if one.kind not in KINDS:
        yield f"its kind is not known; write one of {', '.join(KINDS)}."
    if one.record.get("tier") not in TIERS:
        yield f"its tier is not known; write one of {', '.join(TIERS)}."
    if one.kind in CHOICES and not forms.lists.get(forms.list_of(one)):
        yield f"the list '{core.clean(forms.list_of(one))}' is not in {CODEBOOK}; add it or correct the name."
    for code in [*one.must_be, *filter(None, [str(one.record.get("default", ""))])]:
        if code not in forms.lists.get(forms.list_of(one), {}):
            yield f"'{core.clean(code)}' in must_be or default is not one of its answers; correct it."
    if not one.label.has("en"):
        yield "it has no English label; write one."
    if not core.said(one.record, "why"):
        yield "it does not say why it is asked; write why, or take the question out."


def _decided(forms: Forms, one: Field) -> Iterator[str]:
    """Nothing that identifies a person is asked before it was decided and signed."""
    if one.on and forms.lacks(one):
        yield f"it is on but this is not signed: {', '.join(forms.lacks(one))}; set on = false until it is."
    if one.kind not in CHOICES and one.tier != "identity" and IDENTIFIES.search(one.id):
        yield 'its name says that it identifies a person; write tier = "identity", or give it another name.'


def _condition(forms: Forms, before: dict[str, Field], condition: Condition) -> Iterator[str]:
    other = before.get(condition.field)
    if other is None:
        yield f"it depends on '{core.clean(condition.field)}', which is not asked before it; correct the name."
        return
    codes = {*forms.lists.get(forms.list_of(other), {}), *forms.missing}
    for code in condition.codes:
        if code not in codes:
            yield f"it depends on the answer '{core.clean(code)}', which {condition.field} cannot have; correct it."


def _minimum(forms: Forms) -> Iterator[str]:
    """Intake covers the least that a contact needs."""
    intake = forms.form(INTAKE)
    if intake is None:
        return
    covered = {str(one.record.get("covers", "")) for one in intake.fields if forms.is_asked(one)}
    for need in MINIMUM:
        if need not in covered:
            yield f'{intake.where}: no question that is on covers "{need}"; turn one on, or write covers = "{need}".'


def _lists(forms: Forms) -> Iterator[str]:
    """Codes can be read by every system, and have English words."""
    for name, codes in forms.lists.items():
        for code, words in codes.items():
            where = f"{CODEBOOK}, {core.clean(name)}, {core.clean(code)}"
            if not re.fullmatch(r"[\w-]{1,60}", code):
                yield f"{where}: a code has letters, digits, hyphens and underscores only; correct it."
            if not words.has("en"):
                yield f"{where}: it has no English words; write them."
    for name, kept in FOR_EVER.items():
        gone = [code for code in kept if code not in forms.lists.get(name, {})]
        if gone:
            yield f"{CODEBOOK}, {name}: {', '.join(gone)} is missing; put it back, years are compared by these codes."
    if len(forms.missing) != 3:
        yield f"{CODEBOOK}: [missing] has {len(forms.missing)} answers; put back not_asked, not_known and declined."
    for name, codes in core.table(forms.codebook, "local").items():
        for code in codes:
            if not code.startswith("x_"):
                yield f"{CODEBOOK}, local, {name}: '{core.clean(code)}' is not the standard's; begin it with x_."


def _key(forms: Forms) -> Iterator[str]:
    """A key, when there is one, is the public half of an RSA key of 2048 bits or more."""
    key = core.said(core.table(forms.facts, "data"), "form_public_key")
    where = f"{core.FACTS}, data.form_public_key"
    if not key:
        return
    try:
        der = base64.b64decode(key, validate=True)
    except (binascii.Error, ValueError):
        yield f"{where}: it is not base64; copy the key again, in one line and without the lines around it."
        return
    if _is_secret(der):
        yield f"{where}: this is the SECRET half; take it out now and make a new pair, for this one is no longer safe."
    elif RSA not in der[:40] or len(der) < SHORTEST_KEY:
        yield f"{where}: it is not a public RSA key of 2048 bits or more; make a new pair and write its public half."


def _is_secret(der: bytes) -> bool:
    """Say whether a key holds a secret: both formats begin with a sequence whose first part is the version number."""
    start = 2 + (der[1] & 0x7F if len(der) > 1 and der[1] & 0x80 else 0)
    return der[:1] == b"\x30" and der[start : start + 2] == b"\x02\x01"


def _live(forms: Forms) -> Iterator[str]:
    """What matters once a channel is open."""
    if not core.said(core.table(forms.facts, "data"), "form_public_key"):
        do = "make a key pair, write its public half there and keep the secret half elsewhere, as README.md says"
        yield f"{core.FACTS}, data.form_public_key: answers would not be encrypted; {do}."
    for form in forms.forms:
        if not form.is_reviewed:
            yield f"{form.where}: it is still a draft; approve it and write reviewed_by and reviewed_on at its top."
        yield from _untranslated(forms, form)


def _untranslated(forms: Forms, form: Form) -> Iterator[str]:
    """Staff may work in one language; what the public fills in is in every language of the hotline."""
    if not form.public:
        return
    texts = [form.title, *(s.title for s, _ in forms.asked(form))]
    texts += [one.label for _, fields in forms.asked(form) for one in fields]
    for code, _ in core.languages(forms.facts):
        left = sum(not text.has(code) for text in texts)
        if left:
            yield f"{form.where}: {left} texts are not written in {core.clean(code)}; translate them."
