"""One form as an XLSForm workbook, which KoboToolbox, ODK Central and Enketo read.

Nothing about the device is collected, and nothing that somebody typed refers to a question or acts as markup.
"""

from __future__ import annotations

import hashlib
from functools import cached_property

from . import core
from .forms_read import Forms, code_of
from .forms_records import CHOICES, MISSING, Condition, Field, Form, Section
from .xlsx import zipped

Row = dict[str, str]

TYPES = {"text": "text", "long": "text", "number": "integer", "date": "date", "moment": "dateTime"}
RECORD_NUMBER = "regex(., '^[A-Z0-9-]{4,20}$') and not(regex(., '^.*[0-9]{8,}.*$'))"
LOOKS_LIKE_NUMBER = "^.*[0-9]([ .()/-]?[0-9]){6,}.*$"
TRANSLATED = ("label", "hint", "constraint_message")
SURVEY = (
    "type", "name", "label", "hint", "appearance", "default", "required", "relevant", "constraint",
    "constraint_message", "calculation", "parameters",
)  # fmt: skip

# ODK Collect and Enketo read Markdown and a little HTML in labels; signs that look alike do nothing.
MARKS = {"<": "\u2039", ">": "\u203a", "*": "\u2217", "#": "\uff03", "_": "\uff3f", "[": "\uff3b", "]": "\uff3d"}


def workbook(forms: Forms, form: Form) -> bytes:
    """Return the form as an .xlsx file."""
    sheets = _Sheets(forms, form)
    survey, choices = sheets.survey(), sheets.choices()
    # The version changes when the questions or their answers do.
    version = hashlib.sha256(repr((survey, choices)).encode()).hexdigest()[:8]
    return zipped({"survey": survey, "choices": choices, "settings": sheets.settings(version)})


class _Sheets:
    """The three sheets of an XLSForm as rows of text."""

    def __init__(self, forms: Forms, form: Form):
        self.forms, self.form = forms, form
        self.languages = [code for code, _ in core.languages(forms.facts)] or ["en"]
        self.rows: list[Row] = []
        self.used: dict[str, tuple[str, bool]] = {}

    @cached_property
    def asked(self) -> dict[str, Field]:
        """Return the questions that are asked."""
        return self.forms.questions(self.form)

    def survey(self) -> list[list[str]]:
        """Return the questions."""
        self.rows, self.used = [], {}
        if not self.form.public:
            self.ask("note", "privacy_note", label=self.words("privacy"))
        for section, fields in self.forms.asked(self.form):
            self.section(section, fields)
        return self.table(SURVEY, self.rows)

    def section(self, section: Section, fields: list[Field]) -> None:
        """Add one group of questions."""
        name = f"part_{code_of(section.id)}"
        title = {code: plain(section.title.in_language(code)) for code in self.languages}
        self.ask("begin_group", name, label=title, relevant=self.relevant(section.when))
        for one in fields:
            self.field(one, one.when[len(section.when) :])
        self.ask("end_group", name)

    def field(self, one: Field, when: tuple[Condition, ...]) -> None:
        """Add one question with what follows from it."""
        label = self.said(one, "label")
        shown: core.Table = {"label": label, "hint": self.said(one, "hint"), "relevant": self.relevant(when)}
        if one.kind == "note":
            self.ask("note", one.id, **shown)
        elif one.kind == "count":
            self.ask("calculate", one.id, calculation=self.counted(one), relevant=shown["relevant"])
            self.ask("note", f"{one.id}_shown", label={at: f"{text}: ${{{one.id}}}" for at, text in label.items()})
        elif one.kind in CHOICES:
            self.choice(one, shown)
        else:
            self.typed(one, shown)

    def choice(self, one: Field, shown: core.Table) -> None:
        """Add a question with a list."""
        missing = self.forms.takes_missing(self.form, one)
        listed = self.forms.list_of(one)
        name = f"{listed}_or_why" if missing else listed
        self.used[name] = (listed, missing)
        default = str(one.record.get("default", ""))
        more = {"required": "yes" if one.required else "", "default": code_of(default) if default else ""}
        if one.must_be:
            more["constraint"] = " or ".join(
                [*(f". = '{code_of(code)}'" for code in one.must_be), *filter(None, map(self.test, one.unless))]
            )
            shown = shown | {"constraint_message": self.words("consent_first")}
        elif missing and one.kind == "many":
            alone = " or ".join(f"selected(., '{code}')" for code in MISSING)
            more["constraint"] = f"count-selected(.) <= 1 or not({alone})"
            shown = shown | {"constraint_message": self.words("alone")}
        self.ask(f"select_{'one' if one.kind == 'one' else 'multiple'} {name}", one.id, **shown, **more)

    def typed(self, one: Field, shown: core.Table) -> None:
        """Add a question that is answered in words, numbers or dates."""
        missing = self.forms.takes_missing(self.form, one)
        more = {"required": "yes" if one.required and not missing else ""}
        more["appearance"] = "multiline" if one.kind == "long" else ""
        if one.record.get("record_number"):
            more["constraint"], shown = RECORD_NUMBER, shown | {"constraint_message": self.words("record_wrong")}
        elif one.kind == "number":
            least, most = int(one.record.get("least", 0)), int(one.record.get("most", 999_999))
            more["constraint"] = f". >= {least} and . <= {most}"
        self.ask(TYPES[one.kind], one.id, **shown, **more)
        if missing:
            empty = " and ".join(filter(None, [str(shown["relevant"]), f"${{{one.id}}} = ''"]))
            self.used["missing"] = ("", True)
            needed = {"required": "yes" if one.required else "", "relevant": empty}
            self.ask("select_one missing", f"{one.id}_missing", label=self.words("missing"), **needed)
        if one.kind in ("text", "long") and one.tier != "identity" and not one.record.get("record_number"):
            relevant = f"regex(${{{one.id}}}, '{LOOKS_LIKE_NUMBER}')"
            if not self.form.public:
                self.ask("note", f"{one.id}_digits", label=self.words("digits"), relevant=relevant)

    def ask(self, kind: str, name: str, **more: object) -> None:
        """Add a row; a text in several languages becomes one column for each."""
        row = {"type": kind, "name": name}
        for column, value in more.items():
            if isinstance(value, dict):
                row |= {f"{column}::{language}": text for language, text in value.items()}
            elif value:
                row[column] = str(value)
        self.rows.append(row)

    def said(self, one: Field, part: str) -> dict[str, str]:
        """Return a typed label or hint by language, with nothing in it that could become a reference."""
        words = one.label if part == "label" else one.hint
        return {code: plain(words.in_language(code)) for code in self.languages}

    def words(self, name: str) -> dict[str, str]:
        """Return what we say by language."""
        return {code: plain(self.forms.word(name, code)) for code in self.languages}

    def relevant(self, when: tuple[Condition, ...]) -> str:
        """Return conditions as ODK reads them; one about a question that is not asked is left out."""
        return " and ".join(filter(None, map(self.test, when)))

    def test(self, condition: Condition) -> str:
        """Return one condition as ODK reads it."""
        if condition.field not in self.asked:
            return ""
        many = self.asked[condition.field].kind == "many"
        shape = "selected(${{{}}}, '{}')" if many else "${{{}}} = '{}'"
        tests = " or ".join(shape.format(condition.field, code_of(code)) for code in condition.codes)
        return f"not({tests})" if condition.negated else f"({tests})"

    def counted(self, one: Field) -> str:
        """Return how often a code was chosen in the questions that can have it."""
        code = code_of(str(one.record.get("counts", "")))
        asked = [other for other in self.asked.values() if other.kind == "one"]
        terms = [
            f"if(${{{other.id}}} = '{code}', 1, 0)"
            for other in asked
            if code in self.forms.lists.get(self.forms.list_of(other), {})
        ]
        return " + ".join(terms) or "0"

    def choices(self) -> list[list[str]]:
        """Return the lists that the questions use."""
        rows: list[Row] = []
        for name, (listed, missing) in self.used.items():
            codes = self.forms.lists.get(listed, {}) | (self.forms.missing if missing else {})
            for code, words in codes.items():
                row = {"list_name": name, "name": code}
                rows.append(row | {f"label::{at}": plain(words.in_language(at)) for at in self.languages})
        return self.table(("list_name", "name", "label"), rows)

    def settings(self, version: str) -> list[list[str]]:
        """Return title, version and, when there is one, the public key with which answers are encrypted."""
        facts, main = self.forms.facts, self.languages[0]
        name = core.clean(core.fact(facts, "hotline.name"), 80)
        record = {
            "form_title": plain(f"{self.form.title.in_language(main)} · {name}"),
            "form_id": f"{code_of(str(core.fact(facts, 'project.slug') or 'hotline'))}-{self.form.id}",
            "version": f"{core.fact(facts, 'project.as_of')}+{version}",
            "default_language": self.column(main),
            "style": "pages",
            "public_key": core.said(core.table(facts, "data"), "form_public_key"),
        }
        record = {key: value for key, value in record.items() if value}
        return [list(record), list(record.values())]

    def table(self, columns: tuple[str, ...], rows: list[Row]) -> list[list[str]]:
        """Return rows as lists of cells, with a column for each language."""
        keys: list[tuple[str, str]] = []
        for column in columns:
            if column in TRANSLATED:
                keys += [(f"{column}::{at}", f"{column}::{self.column(at)}") for at in self.languages]
            else:
                keys.append((column, column))
        used = [(key, head) for key, head in keys if any(row.get(key) for row in rows) or key in ("type", "name")]
        return [[head for _, head in used], *([row.get(key, "") for key, _ in used] for row in rows)]

    def column(self, code: str) -> str:
        """Return a language as XLSForm names it, for example Français (fr)."""
        record = dict(core.languages(self.forms.facts)).get(code, {})
        name = "".join(ch if ch.isalnum() else " " for ch in core.clean(record.get("name") or code, 40))
        return f"{' '.join(name.split()) or code_of(code)} ({code_of(code)})"


def plain(text: str) -> str:
    """Return a typed text in which nothing refers to another question or acts as markup in a form."""
    line = core.clean(text, 1000).replace("${", "$ {")
    return "".join(MARKS.get(ch, ch) for ch in line)
