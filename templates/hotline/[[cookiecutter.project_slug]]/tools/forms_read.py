"""What the forms are made from: forms/*.form.toml, the lists of data/codebook.toml, the field list of data/htcds.toml.

A question is asked only when it is on and everything that it needs is signed; who reads a form gets nothing else.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from . import core

FOLDER = "forms"
SUFFIX = ".form.toml"
CODEBOOK = "data/codebook.toml"
HTCDS = "data/htcds.toml"
KINDS = ("one", "many", "text", "long", "number", "date", "moment", "note", "count")
CHOICES = ("one", "many")
TYPED = ("text", "long", "number", "date", "moment")
TIERS = ("minimum", "work", "extra", "identity")
AUDIENCES = ("advocate", "supervisor", "public")
MISSING = ("not_asked", "not_known", "declined")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")


class FormsError(Exception):
    """A source of the forms cannot be read; the text says where and what to do."""


@dataclass(frozen=True)
class Words:
    """A text in several languages; a language that is missing reads English."""

    texts: core.Table

    def in_language(self, code: str) -> str:
        """Return the text in a language, for example fr or fr-CA."""
        own = core.said(self.texts, code) or core.said(self.texts, code.replace("_", "-").split("-")[0].lower())
        return own or core.said(self.texts, "en")

    def has(self, code: str) -> bool:
        """Say whether the text exists in this language."""
        return bool(core.said(self.texts, code) or core.said(self.texts, code.replace("_", "-").split("-")[0].lower()))


@dataclass(frozen=True)
class Condition:
    """A question or section appears only when another question was answered so."""

    field: str
    codes: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True)
class Field:
    """One question, or a note."""

    record: core.Table
    section_when: tuple[Condition, ...]

    @property
    def id(self) -> str:
        """Return its name; names that begin with prs_, vic_ or cas_ are fields of HTCDS."""
        return str(self.record.get("id", ""))

    @property
    def kind(self) -> str:
        """Return one of KINDS."""
        return str(self.record.get("kind", ""))

    @property
    def tier(self) -> str:
        """Return minimum, work, extra or identity; what says nothing identifies, to be safe."""
        return str(self.record.get("tier", "identity"))

    @property
    def on(self) -> bool:
        """Say whether somebody wants it asked."""
        return self.record.get("on", True) is True

    @property
    def required(self) -> bool:
        """Say whether it must be answered where it appears."""
        return self.record.get("required") is True

    @property
    def label(self) -> Words:
        """Return what is asked."""
        return Words(core.table(self.record, "label"))

    @property
    def hint(self) -> Words:
        """Return what helps to answer."""
        return Words(core.table(self.record, "hint"))

    @property
    def when(self) -> tuple[Condition, ...]:
        """Return everything that must hold for it to appear."""
        return (*self.section_when, *conditions(self.record.get("when")))

    @property
    def unless(self) -> tuple[Condition, ...]:
        """Return what lets an answer other than must_be through; one of them is enough."""
        return conditions(self.record.get("unless"))

    @property
    def must_be(self) -> tuple[str, ...]:
        """Return the only answers with which the form goes on; empty when any will do."""
        listed = self.record.get("must_be")
        return tuple(map(str, listed)) if isinstance(listed, list) else ()


@dataclass(frozen=True)
class Section:
    """A part of a form."""

    id: str
    title: Words
    fields: tuple[Field, ...]
    when: tuple[Condition, ...]


@dataclass(frozen=True)
class Form:
    """One form as its file defines it."""

    where: str
    record: core.Table
    sections: tuple[Section, ...]

    @property
    def id(self) -> str:
        """Return its name: the one of its file."""
        return self.where.rpartition("/")[2].removesuffix(SUFFIX)

    @property
    def public(self) -> bool:
        """Say whether people fill it in who are not staff."""
        return self.record.get("audience") == "public"

    @property
    def title(self) -> Words:
        """Return what it is called."""
        return Words(core.table(self.record, "title"))

    @property
    def fields(self) -> list[Field]:
        """Return every question, also those that are off."""
        return [one for section in self.sections for one in section.fields]

    @property
    def is_reviewed(self) -> bool:
        """Say whether a role signed this form; until then every copy is a draft."""
        return core.is_signed(self.record, "reviewed_by", "reviewed_on")


@dataclass(frozen=True)
class Forms:
    """Everything the forms are made from."""

    facts: core.Table
    forms: tuple[Form, ...]
    codebook: core.Table
    htcds: core.Table
    regions: tuple[str, ...] = field(default=())

    @cached_property
    def lists(self) -> dict[str, dict[str, Words]]:
        """Return the codes of each list with their words, the two made lists included."""
        own = {name: _codes(core.table(one, "codes")) for name, one in core.table(self.codebook, "lists").items()}
        standard = {name: self._standard(name) for name, one in self.htcds.items() if one.get("values")}
        spoken = {code_of(code): Words({"en": str(r.get("name") or code)}) for code, r in core.languages(self.facts)}
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

    def form(self, name: str) -> Form | None:
        """Return a form by its name."""
        return next((form for form in self.forms if form.id == name), None)


def identity_lacks(facts: core.Table) -> list[str]:
    """Return what in hotline.toml keeps names, birth dates and addresses off: purpose, consent and retention."""
    data = core.table(facts, "data")
    needs = {
        "data.purpose": bool(core.said(data, "purpose")),
        "data.consent_approved_by and _on": core.is_signed(data, "consent_approved_by", "consent_approved_on"),
        "retention.confirmed_by and _on": core.is_signed(core.table(facts, "retention"), "confirmed_by", "confirmed_on"),
    }
    return [f"{name} in {core.FACTS}" for name, there in needs.items() if not there]


def conditions(given: object) -> tuple[Condition, ...]:
    """Read `when` or `unless`: one condition or a list of them."""
    listed = given if isinstance(given, list) else [given]
    return tuple(_condition(one) for one in listed if isinstance(one, dict))


def _condition(one: core.Table) -> Condition:
    negated = "not" in one
    codes = one.get("not" if negated else "is", [])
    return Condition(str(one.get("field", "")), tuple(map(str, codes)) if isinstance(codes, list) else (), negated)


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
    htcds = core.table(read_toml(project, HTCDS), "fields")
    return Forms(facts, forms, read_toml(project, CODEBOOK), htcds, tuple(_regions(project)))


def _form(project: Path, path: Path) -> Form:
    where = path.relative_to(project).as_posix()
    record = read_toml(project, where)
    listed = record.get("sections", [])
    return Form(where, record, tuple(_sections(listed if isinstance(listed, list) else [])))


def _sections(listed: list[core.Table]) -> Iterator[Section]:
    for one in (one for one in listed if isinstance(one, dict)):
        when = conditions(one.get("when"))
        fields = tuple(Field(given, when) for given in one.get("fields", []) if isinstance(given, dict))
        yield Section(str(one.get("id", "")), Words(core.table(one, "title")), fields, when)


def read_toml(project: Path, where: str) -> core.Table:
    """Read a TOML file of the project.

    Raises
    ------
    FormsError
        When it is missing or does not parse.
    """
    try:
        return tomllib.loads((project / where).read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError) as reason:
        raise FormsError(f"{where}: it cannot be read ({reason}); put it back from your last copy.") from None
    except tomllib.TOMLDecodeError as reason:
        raise FormsError(f"{where}: it does not parse ({reason}); correct that line.") from None


def _regions(project: Path) -> list[str]:
    """Return the regions of the directory; without a directory there are none."""
    try:
        listed = read_toml(project, "directory/directory.toml").get("regions", [])
    except FormsError:
        return []
    return [core.clean(region) for region in listed if core.clean(region)] if isinstance(listed, list) else []
