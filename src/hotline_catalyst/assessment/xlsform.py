"""The questionnaire of one role as a survey form for Kobo and ODK (XLSForm); kobo.py reads the answers."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

from ..errors import ContentError
from ..library import Content, content_root, read_yaml, shown, validate
from .instrument import Domain, Instrument, Item, Quantity
from .questionnaire_words import shared_in
from .responses import CODE
from .tables import plain_number

COVER = ("respondent", "organisation", "given_on", "submission")
HIDDEN = ("hc_instrument", "hc_fingerprint", "hc_role", "hc_language")
CONSENT = "consent_"
NO_ANSWER = ("dont_know", "not_applicable", "declined")
TRANSLATED = ("label", "hint", "constraint_message", "required_message")
SURVEY = (
    "type", "name", "label", "hint", "appearance", "default", "required", "required_message", "relevant", "constraint",
    "constraint_message", "calculation",
)  # fmt: skip
Row = dict[str, str]


class Words(Content):
    """What a survey form says around the questions, in one language."""

    name: str
    reviewed: bool
    title: str
    welcome: str
    safety: str
    server: str
    cover: str
    respondent: str
    respondent_hint: str
    respondent_wrong: str
    given_on: str
    submission: str
    submission_hint: str
    submission_wrong: str
    yes: str
    no: str
    stopped: str
    why: str
    range: str
    range_wrong: str
    several: str
    no_answer: str
    dont_know: str
    not_applicable: str
    declined: str
    sure: str
    note: str
    note_hint: str
    note_needed: str
    evidence: str
    evidence_hint: str


def load_words(language: str, root: Path | None = None) -> Words:
    """Return what the form says in ``language``.

    Raises
    ------
    ContentError
        When xlsform_words.yaml does not have it.
    """
    path = (root or content_root()) / "templates" / "questionnaire" / "xlsform_words.yaml"
    data = read_yaml(path)
    if language not in data:
        raise ContentError(shown(path), [f"there is no '{language}'; add it, or write the form in {', '.join(data)}"])
    return validate(data[language], Words, path)


def field_name(question: str) -> str:
    """Return a question's name in the form, which must be an XML name.

    >>> field_name("FO-Q2")
    'FO_Q2'
    """
    return question.replace("-", "_")


def write_xlsform(
    instrument: Instrument,
    path: Path,
    *,
    stage: str,
    role: str,
    as_of: date,
    language: str = "en",
    core: bool = False,
) -> int:
    """Write the form of one role as a workbook that Kobo and ODK read, and return how many questions it asks.

    Answers are kept by question id, never by label; version and role travel with every submission.
    """
    words = load_words(language)
    survey, choices = _Survey(instrument, words, role, language).sheets(stage, core)
    meta, shared = instrument.meta, shared_in(language)
    told = shared.roles[role].id if role in shared.roles else role
    settings = {
        "form_title": words.title.format(title=meta.title, role=shared.role_title(instrument, role)),
        "form_id": f"{meta.id}-{stage}-{told}{'-core' if core else ''}",
        "version": f"{meta.version}+{instrument.fingerprint}",
        "default_language": f"{words.name} ({language})",
        "style": "pages",
        "instance_name": "concat(${respondent}, ' ', ${given_on})",
    }
    label = f"::{words.name} ({language})"
    sheets: dict[str, tuple[Iterable[str], list[Row]]] = {
        "survey": (SURVEY, survey),
        "choices": (("list_name", "name", "label"), choices),
        "settings": (settings, [settings]),
    }
    _write(path, sheets, label, as_of)
    return len(instrument.questions(role, stage, core=core))


def _write(path: Path, sheets: dict[str, tuple[Iterable[str], list[Row]]], label: str, as_of: date) -> None:
    import xlsxwriter

    from ..archive import workbook, write_bytes

    stream = io.BytesIO()
    book = xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"created": datetime(as_of.year, as_of.month, as_of.day)})
    bold = book.add_format({"bold": True, "font_name": "Noto Sans"})
    for title, (columns, rows) in sheets.items():
        sheet = book.add_worksheet(title)
        sheet.freeze_panes(1, 0)
        for at, column in enumerate(columns):
            sheet.set_column(at, at, 60 if column in TRANSLATED else 22)
            sheet.write_string(0, at, column + label if column in TRANSLATED else column, bold)
            for number, row in enumerate(rows, 1):
                if text := row.get(column, ""):
                    # "${" begins a reference to another question; no text of ours means one.
                    sheet.write_string(number, at, text.replace("${", "$ {") if column in TRANSLATED else text)
    book.close()
    write_bytes(path, workbook(stream.getvalue(), book.str_table.string_array))


class _Survey:
    """Collects the rows of the survey and choices sheets."""

    def __init__(self, instrument: Instrument, words: Words, role: str, language: str):
        self.instrument, self.words, self.role, self.language = instrument, words, role, language
        self.shared = shared_in(language)
        self.survey: list[Row] = []
        self.choices: list[Row] = []

    def ask(self, kind: str, name: str, **more: str) -> None:
        """Add a row to the survey sheet."""
        self.survey.append({"type": kind, "name": name, **more})

    def offer(self, listed: str, options: Iterable[tuple[str, str]]) -> None:
        """Add a list to the choices sheet."""
        self.choices += [{"list_name": listed, "name": name, "label": label} for name, label in options]

    def sheets(self, stage: str, core: bool) -> tuple[list[Row], list[Row]]:
        """Return both sheets' rows for the questions of a stage."""
        words, meta = self.words, self.instrument.meta
        self.offer("yes_no", [("yes", words.yes), ("no", words.no)])
        self.offer("certainty", meta.certainty.items())
        self.offer("no_answer", [(state, getattr(words, state)) for state in NO_ANSWER])
        said = (f"{meta.id}@{meta.version}", self.instrument.fingerprint, self.role, self.language)
        for name, text in zip(HIDDEN, said, strict=True):
            self.ask("calculate", name, calculation=f"'{text}'")
        self._notes(self.instrument.questions(self.role, stage, core=core))
        self._cover()
        for domain, items, quantities in self.instrument.asked(self.role, stage, core=core):
            self._domain(domain, items, quantities)
        return self.survey, self.choices

    def _notes(self, questions: list[Item | Quantity]) -> None:
        """Say what everybody is told before the first question; what a role is told of its own comes first."""
        words, shared = self.words, self.shared
        own = shared.roles.get(self.role)
        notes = {"first": f"{own.head}. {own.text}"} if own else {}
        notes |= {"welcome": words.welcome, "size": shared.sized(len(questions), self.instrument.minutes(questions))}
        notes |= {"safety": words.safety, "readers": f"{shared.who.head}. {shared.who.text} {words.server}"}
        notes |= {"taking_back": f"{shared.back.head}. {shared.back.text}"}
        for name, text in notes.items():
            self.ask("note", name, label=text)

    def _cover(self) -> None:
        words = self.words
        self.ask("begin_group", "cover", label=words.cover, appearance="field-list")
        self.ask(
            "text", "respondent", label=words.respondent, hint=words.respondent_hint, required="yes",
            constraint=f"regex(., '{CODE}')", constraint_message=words.respondent_wrong,
        )  # fmt: skip
        self.ask("text", "organisation", label=self.shared.organisation, required="yes")
        self.ask("date", "given_on", label=words.given_on, required="yes", default="today()")
        self.ask(
            "integer", "submission", label=words.submission, hint=words.submission_hint, default="1", required="yes",
            constraint=". >= 1 and . <= 999", constraint_message=words.submission_wrong,
        )  # fmt: skip
        for use, text in self.instrument.meta.consent.items():
            self.ask("select_one yes_no", CONSENT + use, label=text, required="yes")
        self.ask("end_group", "cover")
        self.ask("note", "stopped", label=words.stopped, relevant=f"${{{CONSENT}assess}} = 'no'")

    def _domain(self, domain: Domain, items: list[Item], quantities: list[Quantity]) -> None:
        self.ask("begin_group", domain.id, label=domain.title, relevant=f"${{{CONSENT}assess}} = 'yes'")
        questions: list[Item | Quantity] = [*items, *quantities]
        for question in questions:
            # One page a question: its levels, certainty, note and evidence stay together on a telephone.
            page = f"{field_name(question.id)}_page"
            self.ask("begin_group", page, label=f"{question.id} · {question.title}", appearance="field-list")
            if isinstance(question, Item):
                self._item(question)
            else:
                self._quantity(question)
            self.ask("end_group", page)
        self.ask("end_group", domain.id)

    def _item(self, item: Item) -> None:
        name = field_name(item.id)
        levels = [(str(n), f"{n} · {text}") for n, text in sorted(item.levels.items())]
        self.offer(f"{name}_levels", levels + [(state, getattr(self.words, state)) for state in NO_ANSWER])
        hint = self.words.why.format(why=item.why)
        self.ask(f"select_one {name}_levels", name, label=f"{item.id} · {item.ask}", hint=hint)
        self._about(name, f"regex(${{{name}}}, '^[0-4]$')", f"${{{name}}} != ''", name)

    def _quantity(self, quantity: Quantity) -> None:
        name, label = field_name(quantity.id), f"{quantity.id} · {quantity.ask}"
        if quantity.choices:
            self.offer(f"{name}_choices", quantity.choices.items())
            self.ask(f"select_multiple {name}_choices", name, label=label, hint=self.words.several)
        else:
            low, high = plain_number(quantity.minimum), plain_number(quantity.maximum)
            said = {"minimum": low, "maximum": high, "unit": quantity.unit}
            # Decimal also for whole numbers: a telephone's integer ends at 2147483647, which a budget passes.
            self.ask(
                "decimal", name, label=label, hint=self.words.range.format(**said),
                constraint=f". >= {low} and . <= {high}", constraint_message=self.words.range_wrong.format(**said),
            )  # fmt: skip
        state = f"{name}_state"
        self.ask("select_one no_answer", state, label=self.words.no_answer, relevant=f"${{{name}}} = ''")
        self._about(name, f"${{{name}}} != ''", f"${{{name}}} != '' or ${{{state}}} != ''", state)

    def _about(self, name: str, answered: str, relevant: str, state: str) -> None:
        """Ask how sure once there is an answer, and for a note and evidence once something was chosen."""
        words = self.words
        self.ask("select_one certainty", f"{name}_sure", label=words.sure, relevant=answered)
        self.ask(
            "text", f"{name}_note", label=words.note, hint=words.note_hint, relevant=relevant,
            required=f"${{{state}}} = 'not_applicable'", required_message=words.note_needed, appearance="multiline",
        )  # fmt: skip
        self.ask("text", f"{name}_evidence", label=words.evidence, hint=words.evidence_hint, relevant=relevant)
