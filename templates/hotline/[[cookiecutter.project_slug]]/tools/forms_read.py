"""What the forms are made from: forms/*.form.toml, the lists of data/codebook.toml, the field list of data/htcds.toml.

A question is asked only when it is on and everything that it needs is signed; who reads a form gets nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from . import core
from .forms_records import SUFFIX, Field, Form, Section, Words, conditions
from .website_content import names_of

FOLDER = "forms"
CODEBOOK = "data/codebook.toml"
HTCDS = "data/htcds.toml"


class FormsError(Exception):
    """A source of the forms cannot be read; the text says where and what to do."""


@dataclass(frozen=True)
class Forms:
    """Everything the forms are made from."""

    facts: core.Table
    forms: tuple[Form, ...]
    codebook: core.Table
    htcds: core.Table
    regions: tuple[str, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)  # of languages, each in itself

    @cached_property
    def lists(self) -> dict[str, dict[str, Words]]:
        """Return the codes of each list with their words, the two made lists included."""
        own = {name: _codes(core.table(one, "codes")) for name, one in core.table(self.codebook, "lists").items()}
        standard = {name: self._standard(name) for name, one in self.htcds.items() if one.get("values")}
        codes = [code for code, _ in core.languages(self.facts)]
        spoken = {
            code_of(code): Words(dict.fromkeys(codes, self.names.get(code, code)) | {"en": str(r.get("name") or code)})
            for code, r in core.languages(self.facts)
        }
        other = Words({"en": "Other, with interpreter", "fr": "Autre, avec interprète", "es": "Otro, con intérprete",
                       "ar": "لغة أخرى مع مترجم"})  # fmt: skip
        abroad = Words({"en": "Abroad", "fr": "À l'étranger", "es": "En el extranjero", "ar": "في الخارج"})
        inside = Words({"en": "In the country", "fr": "Dans le pays", "es": "En el país", "ar": "داخل البلد"})
        places = {code_of(region): Words({"en": region}) for region in self.regions} or {"in_country": inside}
        return own | standard | {"language": spoken | {"other": other}, "region": places | {"abroad": abroad}}

    def _standard(self, name: str) -> dict[str, Words]:
        """Return the codes of a list of HTCDS: the standard's own first, then those that are only ours."""
        one = self.htcds[name]
        translated = core.table(core.table(self.codebook, "translations"), name)
        pairs = zip(one["values"], one.get("labels", one["values"]), strict=False)
        codes = {code: Words(core.table(translated, code) | {"en": label}) for code, label in pairs}
        return codes | _codes(core.table(core.table(self.codebook, "local"), name))

    @cached_property
    def missing(self) -> dict[str, Words]:
        """Return the three answers that say why there is none."""
        return _codes(core.table(self.codebook, "missing"))

    def word(self, name: str, code: str) -> str:
        """Return what the forms say around the questions."""
        words = core.table(self.codebook, "words")
        return Words({lang: core.said(core.table(words, lang), name) for lang in words}).in_language(code)

    def list_of(self, one: Field) -> str:
        """Return the list of a question; a field of HTCDS has the standard's own."""
        return str(one.record.get("list") or one.id)

    def takes_missing(self, form: Form, one: Field) -> bool:
        """Say whether "not asked, does not know, declined" can answer a question."""
        about_person = one.tier != "work" and one.kind not in ("note", "count") and not one.record.get("record_number")
        return not form.public and about_person and one.record.get("missing", True) is True and one.id != "received_at"

    def is_asked(self, one: Field) -> bool:
        """Say whether a question is on and everything that it needs is signed; nothing is asked by accident."""
        return one.on and not self.lacks(one)

    def lacks(self, one: Field) -> list[str]:
        """Return what must still be signed before a question may be asked."""
        if one.tier in ("minimum", "work"):
            return []
        signed = core.is_signed(one.record, "approved_by", "approved_on")
        lacking = [] if signed else ["approved_by and approved_on of this question"]
        return lacking + (identity_lacks(self.facts) if one.tier != "extra" else [])

    def asked(self, form: Form) -> list[tuple[Section, list[Field]]]:
        """Return the sections of a form with the questions that are asked; empty sections are left out."""
        found = [(section, [one for one in section.fields if self.is_asked(one)]) for section in form.sections]
        return [(section, fields) for section, fields in found if fields]

    def questions(self, form: Form) -> dict[str, Field]:
        """Return the questions of a form that are asked, by their name."""
        return {one.id: one for _, fields in self.asked(form) for one in fields}

    def form(self, name: str) -> Form | None:
        """Return a form by its name."""
        return next((form for form in self.forms if form.id == name), None)


def identity_lacks(facts: core.Table) -> list[str]:
    """Return what in hotline.toml keeps names, birth dates and addresses off: purpose, consent and retention."""
    data, retention = core.table(facts, "data"), core.table(facts, "retention")
    needs = {
        "data.purpose": bool(core.said(data, "purpose")),
        "data.consent_approved_by and _on": core.is_signed(data, "consent_approved_by", "consent_approved_on"),
        "retention.confirmed_by and _on": core.is_signed(retention, "confirmed_by", "confirmed_on"),
    }
    return [f"{name} in {core.FACTS}" for name, there in needs.items() if not there]


def code_of(text: str) -> str:
    """Return a code without blanks or marks for a language or a region.

    >>> code_of("North Coast")
    'North_Coast'
    """
    return re.sub(r"[^\w-]+", "_", core.clean(text)).strip("_") or "unnamed"


def _codes(table: core.Table) -> dict[str, Words]:
    return {code: Words(texts) for code, texts in table.items() if isinstance(texts, dict)}


def load(facts: core.Table, project: Path) -> Forms:
    """Read all sources.

    Raises
    ------
    FormsError
        When one of them cannot be read.
    """
    forms = tuple(_form(project, path) for path in sorted((project / FOLDER).glob(f"*{SUFFIX}")))
    htcds = core.table(core.read_toml(project, HTCDS, FormsError), "fields")
    regions, names = tuple(_regions(project)), names_of(facts, project)
    return Forms(facts, forms, core.read_toml(project, CODEBOOK, FormsError), htcds, regions, names)


def _form(project: Path, path: Path) -> Form:
    where = path.relative_to(project).as_posix()
    record = core.read_toml(project, where, FormsError)
    listed = record.get("sections", [])
    return Form(where, record, tuple(_sections(listed if isinstance(listed, list) else [])))


def _sections(listed: list[core.Table]) -> Iterator[Section]:
    for one in (one for one in listed if isinstance(one, dict)):
        when = conditions(one.get("when"))
        fields = tuple(Field(given, when) for given in one.get("fields", []) if isinstance(given, dict))
        yield Section(str(one.get("id", "")), Words(core.table(one, "title")), fields, when)


def _regions(project: Path) -> list[str]:
    """Return the regions of the directory; without a directory there are none."""
    try:
        listed = core.read_toml(project, "directory/directory.toml", FormsError).get("regions", [])
    except FormsError:
        return []
    return [core.clean(region) for region in listed if core.clean(region)] if isinstance(listed, list) else []
