"""What a form is made of: words in several languages, conditions, questions, sections."""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import core

SUFFIX = ".form.toml"
KINDS = ("one", "many", "text", "long", "number", "date", "moment", "note", "count")
CHOICES = ("one", "many")
TIERS = ("minimum", "work", "extra", "identity")
AUDIENCES = ("advocate", "supervisor", "public")
MISSING = ("not_asked", "not_known", "declined")
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")


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


def conditions(given: object) -> tuple[Condition, ...]:
    """Read `when` or `unless`: one condition or a list of them."""
    listed = given if isinstance(given, list) else [given]
    return tuple(_condition(one) for one in listed if isinstance(one, dict))


def _condition(one: core.Table) -> Condition:
    negated = "not" in one
    codes = one.get("not" if negated else "is", [])
    return Condition(str(one.get("field", "")), tuple(map(str, codes)) if isinstance(codes, list) else (), negated)
