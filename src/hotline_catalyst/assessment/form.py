"""The offline form: one HTML file per respondent, which sends nothing and gives back a submission as a file."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal

from ..errors import CatalystError, ContentError
from ..library import Content, content_root, read, shown
from .instrument import Domain, Instrument, Item, Quantity
from .questionnaire import next_submission
from .questionnaire_words import Terms, shared_in, shipped_words
from .responses import CODE, MAX_TEXT, Testimony

# The language in which the instrument itself is written; its texts are marked so in a form of another language.
WRITTEN_IN = "en"
PLACEHOLDER = re.compile(r"\{(\w+)\}")
Questions = list[Item | Quantity]
Asked = list[tuple[Domain, list[Item], list[Quantity]]]


class FormLanguage(Content):
    """The form's own words in one language: ``page`` is printed in the file, ``messages`` are shown while filling in.

    ``reviewed`` is false until a native speaker of the field has read them; the form then says that it is a draft.
    """

    name: str
    dir: Literal["ltr", "rtl"]
    reviewed: bool
    page: dict[str, str]
    messages: dict[str, str]


class FormWords(Content):
    """form_words.yaml."""

    languages: dict[str, FormLanguage]


def load_form_words(path: Path | None = None) -> dict[str, FormLanguage]:
    """Read the form's words, by language code.

    Raises
    ------
    ContentError
        When a language lacks a text that English has, has one that English lacks, or fills in other names in braces.
    """
    path = path or _folder() / "form_words.yaml"
    languages = read(path, FormWords).languages
    if problems := list(_unlike_english(languages)):
        raise ContentError(shown(path), problems)
    return languages


def _unlike_english(languages: dict[str, FormLanguage]) -> Iterator[str]:
    if WRITTEN_IN not in languages:
        yield f"languages.{WRITTEN_IN} is missing; the others are compared with it"
        return
    for code, language in languages.items():
        for group in ("page", "messages"):
            model, texts = getattr(languages[WRITTEN_IN], group), getattr(language, group)
            for key in sorted({*model, *texts}):
                if problem := _unlike(model.get(key), texts.get(key)):
                    yield f"{code}.{group}.{key}: {problem}"


def _unlike(model: str | None, text: str | None) -> str | None:
    if model is None:
        return "English has no such text; remove it or correct its spelling"
    if not text or not text.strip():
        return f"this text is missing; translate '{model[:60]}'"
    wanted, found = (sorted(set(PLACEHOLDER.findall(t))) for t in (model, text))
    if wanted == found:
        return None
    return f"it fills in {{{', '.join(found)}}} where English fills in {{{', '.join(wanted)}}}; keep the same names"


def write_form(
    instrument: Instrument,
    path: Path,
    *,
    stage: str,
    role: str | None,
    respondent: str,
    organisation: str,
    as_of: date,
    language: str = "en",
    earlier: Testimony | None = None,
    core: bool = False,
    everything: bool = False,
) -> int:
    """Write one respondent's form and return how many questions it asks.

    The file needs no network and no other file. It keeps answers in the browser and gives them back as
    ``CODE-<submission>.json``, which is a stored `Response`. The parameters are those of `write_questionnaire`;
    ``language`` is that of the form's own words.

    Raises
    ------
    CatalystError
        When the form would be of no use: a language without words, a code no door accepts, no question for the role.
    """
    from ..archive import write_text

    languages = load_form_words()
    if language not in languages:
        raise CatalystError(f"The form has no words in '{language}'; choose from {', '.join(languages)}.")
    if not re.match(CODE, respondent):
        raise CatalystError(f"'{respondent[:30]}' is not a code; use letters and digits, no names.")
    whose = None if everything else role
    questions = instrument.questions(whose, stage, core=core)
    if not questions:
        raise CatalystError(
            f"The role '{role}' is asked nothing at the stage '{stage}'; choose a role of instrument.yaml."
        )
    fixed = {
        "schema": "response/1",
        "instrument": f"{instrument.meta.id}@{instrument.meta.version}",
        "fingerprint": instrument.fingerprint,
        "respondent": respondent,
        "role": role or "operator",
        "language": language,
        "submission": next_submission(earlier, respondent),
    }
    data = {
        "key": _storage_key(fixed, organisation, questions),
        "fixed": fixed,
        "organisation": organisation,
        "date": as_of.isoformat(),
        "uses": list(instrument.meta.consent),
        "longest": MAX_TEXT,
        "questions": {q.id: _behaviour(instrument, q) for q in questions},
        "given": _given(earlier, respondent, {q.id for q in questions}),
        "messages": languages[language].messages,
    }
    asked = instrument.asked(whose, stage, core=core)
    write_text(path, _page(instrument, asked, questions, data, languages[language]))
    return len(questions)


def _folder() -> Path:
    return content_root() / "templates" / "questionnaire"


def _storage_key(fixed: dict[str, Any], organisation: str, questions: Questions) -> str:
    """Return where a browser keeps this form's answers: two forms on one computer never share a place."""
    told = json.dumps([fixed, organisation, [q.id for q in questions]], sort_keys=True)
    mark = hashlib.sha256(told.encode("utf-8", "replace")).hexdigest()[:12]
    return f"hotline-form:{fixed['respondent']}:{fixed['fingerprint']}:{mark}"


def _behaviour(instrument: Instrument, question: Item | Quantity) -> dict[str, Any]:
    """Return what the script needs to know of a question."""
    minutes = round(instrument.minutes([question]), 2)
    if isinstance(question, Item):
        return {"kind": "item", "minutes": minutes}
    if question.choices:
        return {"kind": "choices", "minutes": minutes, "choices": list(question.choices)}
    ends = {"minimum": question.minimum, "maximum": question.maximum}
    shown_as = {f"{name}_said": digits(value) for name, value in ends.items()}
    return {"kind": "number", "minutes": minutes, **ends, **shown_as}


def digits(number: float) -> str:
    """Return a number in plain digits, thousands apart by a narrow space that never breaks.

    >>> digits(2_000_000.0).replace("\u202f", " "), digits(0.5)
    ('2 000 000', '0.5')
    """
    return f"{number:,.6f}".rstrip("0").rstrip(".").replace(",", "\u202f")


def _given(earlier: Testimony | None, respondent: str, questions: set[str]) -> dict[str, Any]:
    """Return the latest answer the respondent gave to each question of the form."""
    answers = earlier.given_by(respondent) if earlier else {}
    return {question: answer.model_dump(mode="json") for question, answer in answers.items() if question in questions}


def _page(instrument: Instrument, asked: Asked, questions: Questions, data: dict[str, Any], words: FormLanguage) -> str:
    meta, fixed = instrument.meta, data["fixed"]
    shared = shared_in(fixed["language"])
    terms = language.terms if (language := shipped_words().get(fixed["language"])) else None
    numbers = [q for q in questions if isinstance(q, Quantity) and not q.choices]
    style, script = ((_folder() / name).read_text("utf-8") for name in ("form.css", "form.js"))
    page: str = _template(_folder()).render(
        language=fixed["language"],
        dir=words.dir,
        reviewed=words.reviewed,
        foreign="" if fixed["language"] == WRITTEN_IN else WRITTEN_IN,
        page=SimpleNamespace(**words.page),
        title=meta.title,
        respondent=fixed["respondent"],
        shared=shared,
        own=shared.roles.get(fixed["role"]),
        role=shared.role_title(instrument, fixed["role"]),
        submission=fixed["submission"],
        size=shared.sized(len(questions), instrument.minutes(questions)),
        terms_translated=terms is not None,
        **_terms(instrument, terms),
        asked=asked,
        ranges={q.id: _range(q, words.page["range"]) for q in numbers},
        longest=MAX_TEXT,
        instrument=fixed["instrument"],
        fingerprint=fixed["fingerprint"],
        policy=_policy(style, script),
        style=style,
        script=script,
        data=_inert(data),
    )
    return page


@cache
def _template(folder: Path) -> Any:
    """Return the page's template, compiled once a process: it takes longer than to fill it in."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("form.html.j2")


def _terms(instrument: Instrument, terms: Terms | None) -> dict[str, dict[Any, str]]:
    """Return level names, certainties and consents in the form's language, or untranslated."""
    meta = instrument.meta
    own: dict[str, dict[Any, str]] = {
        "levels": {level.n: level.name for level in sorted(meta.levels, key=lambda level: level.n)},
        "certainty": dict(meta.certainty),
        "consent": dict(meta.consent),
    }
    return {kind: {key: _term(terms, kind, key, text) for key, text in texts.items()} for kind, texts in own.items()}


def _term(terms: Terms | None, kind: str, key: object, text: str) -> str:
    translated: str = getattr(terms, kind).get(key, text) if terms else text
    return translated


def _range(quantity: Quantity, text: str) -> str:
    return text.format(unit=quantity.unit, minimum=digits(quantity.minimum), maximum=digits(quantity.maximum))


def _policy(style: str, script: str) -> str:
    """Return what the browser may do with the page: our own style and script and nothing else, no request, no markup.

    References
    ----------
    W3C, Content Security Policy Level 3; W3C, Trusted Types (no script may turn text into markup).
    """
    rules = [
        "default-src 'none'",
        f"script-src {_hash(script)}",
        f"style-src {_hash(style)}",
        "base-uri 'none'",
        "form-action 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    ]
    return "; ".join(rules)


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _inert(data: dict[str, Any]) -> str:
    """Return data as JSON that cannot end the script element it stands in."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
