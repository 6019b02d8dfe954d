"""One form as an XLSForm workbook, which KoboToolbox, ODK Central and Enketo read.

A workbook is a zip of XML files; the few parts that are needed are written here, so that no package is needed.
Cells are always text: nothing that somebody typed can become a formula. Nothing about the device is collected.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from xml.sax.saxutils import escape

from . import core
from .forms_read import CHOICES, MISSING, TYPED, Condition, Field, Form, Forms, Section, code_of

Row = dict[str, str]

# A date for the zip's members, so that the same form gives the same bytes: the first that a zip can hold.
ZIP_DATE = (1980, 1, 1, 0, 0, 0)
TYPES = {"text": "text", "long": "text", "number": "integer", "date": "date", "moment": "dateTime"}
RECORD_NUMBER = "regex(., '^[A-Z0-9-]{4,20}$') and not(regex(., '^.*[0-9]{8,}.*$'))"
LOOKS_LIKE_NUMBER = "^.*[0-9]([ .()/-]?[0-9]){6,}.*$"
TRANSLATED = ("label", "hint", "constraint_message")
SURVEY = (
    "type", "name", "label", "hint", "appearance", "default", "required", "relevant", "constraint",
    "constraint_message", "calculation", "parameters",
)  # fmt: skip


def workbook(forms: Forms, form: Form) -> bytes:
    """Return the form as an .xlsx file."""
    sheets = _Sheets(forms, form)
    return zipped({"survey": sheets.survey(), "choices": sheets.choices(), "settings": sheets.settings()})


class _Sheets:
    """The three sheets of an XLSForm as rows of text."""

    def __init__(self, forms: Forms, form: Form):
        self.forms, self.form = forms, form
        self.languages = [code for code, _ in core.languages(forms.facts)] or ["en"]
        self.rows: list[Row] = []
        self.used: dict[str, tuple[str, bool]] = {}

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
        shown = {"label": self.said(one, "label"), "hint": self.said(one, "hint"), "relevant": self.relevant(when)}
        if one.kind == "note":
            self.ask("note", one.id, **shown)
        elif one.kind == "count":
            self.ask("calculate", one.id, calculation=self.counted(one), relevant=shown["relevant"])
            self.ask("note", f"{one.id}_shown", label={c: f"{t}: ${{{one.id}}}" for c, t in shown["label"].items()})
        elif one.kind in CHOICES:
            self.choice(one, shown)
        else:
            self.typed(one, shown)

    def choice(self, one: Field, shown: dict[str, object]) -> None:
        """Add a question with a list."""
        missing = self.forms.takes_missing(self.form, one)
        listed = self.forms.list_of(one)
        name = f"{listed}_or_why" if missing else listed
        self.used[name] = (listed, missing)
        more = {"required": "yes" if one.required else "", "default": str(one.record.get("default", ""))}
        if one.must_be:
            more["constraint"] = " or ".join(
                [*(f". = '{code}'" for code in one.must_be), *filter(None, map(self.test, one.unless))]
            )
            shown = shown | {"constraint_message": self.words("consent_first")}
        elif missing and one.kind == "many":
            alone = " or ".join(f"selected(., '{code}')" for code in MISSING)
            more["constraint"] = f"count-selected(.) <= 1 or not({alone})"
            shown = shown | {"constraint_message": self.words("alone")}
        self.ask(f"select_{'one' if one.kind == 'one' else 'multiple'} {name}", one.id, **shown, **more)

    def typed(self, one: Field, shown: dict[str, object]) -> None:
        """Add a question that is answered in words, numbers or dates."""
        missing = self.forms.takes_missing(self.form, one)
        more = {"required": "yes" if one.required and not missing else ""}
        more["appearance"] = "multiline" if one.kind == "long" else ""
        if one.record.get("record_number"):
            more["constraint"], shown = RECORD_NUMBER, shown | {"constraint_message": self.words("record_wrong")}
        elif one.kind == "number":
            more["constraint"] = f". >= {int(one.record.get('least', 0))} and . <= {int(one.record.get('most', 999999))}"
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
        asked = {one.id: one for _, fields in self.forms.asked(self.form) for one in fields}
        if condition.field not in asked:
            return ""
        many = asked[condition.field].kind == "many"
        shape = "selected(${{{}}}, '{}')" if many else "${{{}}} = '{}'"
        tests = " or ".join(shape.format(condition.field, code_of(code)) for code in condition.codes)
        return f"not({tests})" if condition.negated else f"({tests})"

    def counted(self, one: Field) -> str:
        """Return how often a code was chosen in the questions that can have it."""
        code = code_of(str(one.record.get("counts", "")))
        asked = [other for _, fields in self.forms.asked(self.form) for other in fields if other.kind == "one"]
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

    def settings(self) -> list[list[str]]:
        """Return title, version and, when there is one, the public key with which answers are encrypted."""
        facts, main = self.forms.facts, self.languages[0]
        name = core.clean(core.fact(facts, "hotline.name"), 80)
        record = {
            "form_title": plain(f"{self.form.title.in_language(main)} · {name}"),
            "form_id": f"{code_of(str(core.fact(facts, 'project.slug') or 'hotline'))}-{self.form.id}",
            "version": f"{core.fact(facts, 'project.as_of')}+{self.fingerprint()}",
            "default_language": self.column(main),
            "style": "pages",
            "public_key": core.said(core.table(facts, "data"), "form_public_key"),
        }
        record = {key: value for key, value in record.items() if value}
        return [list(record), list(record.values())]

    def fingerprint(self) -> str:
        """Return a short text that changes when the questions change."""
        content = repr((self.survey(), self.choices())).encode()
        return hashlib.sha256(content).hexdigest()[:8]

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


# ODK Collect and Enketo read Markdown and a little HTML in labels; signs that look alike do nothing.
MARKS = {"<": "\u2039", ">": "\u203a", "*": "\u2217", "#": "\uff03", "_": "\uff3f", "[": "\uff3b", "]": "\uff3d"}


def zipped(sheets: dict[str, list[list[str]]]) -> bytes:
    """Return sheets of text as an .xlsx file; the same texts give the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as target:
        for path, text in _parts(sheets).items():
            member = zipfile.ZipInfo(path, ZIP_DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 3
            member.external_attr = 0o644 << 16
            target.writestr(member, HEAD + text)
    return stream.getvalue()


HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.{}+xml"


def _parts(sheets: dict[str, list[list[str]]]) -> dict[str, str]:
    numbers = range(1, len(sheets) + 1)
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{SHEET_TYPE.format("worksheet")}"/>'
        for n in numbers
    )
    related = "".join(
        f'<Relationship Id="rId{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>' for n, name in zip(numbers, sheets, strict=True)
    )
    types = (
        f'<Types xmlns="{PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{SHEET_TYPE.format("sheet.main")}"/>{overrides}</Types>'
    )
    root = f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
    parts = {
        "[Content_Types].xml": types,
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{root}</Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{related}</Relationships>',
    }
    return parts | {
        f"xl/worksheets/sheet{n}.xml": _sheet(rows) for n, rows in zip(numbers, sheets.values(), strict=True)
    }


def _sheet(rows: list[list[str]]) -> str:
    lines = "".join(
        f'<row r="{number}">{"".join(_cell(at, number, text) for at, text in enumerate(row) if text)}</row>'
        for number, row in enumerate(rows, 1)
    )
    pane = '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>'
    view = f'<sheetViews><sheetView workbookViewId="0">{pane}</sheetView></sheetViews>'
    return f'<worksheet xmlns="{MAIN}">{view}<sheetData>{lines}</sheetData></worksheet>'


def _cell(at: int, number: int, text: str) -> str:
    # "_x0041_" would be read as a character by office programs.
    shown = escape(text).replace("_x", "_x005F_x")
    return f'<c r="{_letters(at)}{number}" t="inlineStr"><is><t xml:space="preserve">{shown}</t></is></c>'


def _letters(at: int) -> str:
    """Return a column's name.

    >>> _letters(0), _letters(27)
    ('A', 'AB')
    """
    name = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        name = chr(65 + rest) + name
    return name


__all__ = ["TYPED", "plain", "workbook", "zipped"]
