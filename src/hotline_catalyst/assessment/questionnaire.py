"""The questionnaire workbook: one per respondent, read back by hidden ids and by nothing else."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from math import ceil
from pathlib import Path
from typing import Any

from .instrument import Domain, Instrument, Item, Quantity
from .questionnaire_reading import read_questionnaire
from .questionnaire_words import (
    ASKED,
    COLUMNS,
    CONSENT,
    COVER,
    STATES,
    SURE,
    Language,
    RoleWords,
    Shared,
    shared_in,
    words_in,
)
from .responses import Answer, Testimony, clean_text
from .workbook_layout import row_height

__all__ = ["next_submission", "read_questionnaire", "write_questionnaire"]

WIDTHS = (8, 13, 34, 53, 18, 14, 22, 16)
COVER_WIDTHS = (1, 42, 84)
INK, NIGHT, PALE, LINE, LINK, CAUTION = "#16242E", "#12355B", "#EAF3F4", "#C9D2D8", "#0B5CAD", "#8A5A00"
LATIN = "Noto Sans"
LISTS, ASKED_SHEET = "Lists", "Asked"
A4 = 9
Section = tuple[Domain, list[Item], list[Quantity]]
Styles = dict[str, Any]
Question = Item | Quantity


def _questions(section: Section) -> list[Question]:
    return [*section[1], *section[2]]


@dataclass(frozen=True)
class _Questionnaire:
    """What all sheets are written from."""

    instrument: Instrument
    words: Language
    shared: Shared
    role: str
    sections: list[Section]
    given: dict[str, Answer]

    def minutes(self, questions: Iterable[Question]) -> int:
        """Return about how many minutes some questions take."""
        return ceil(self.instrument.minutes(questions))

    @property
    def first(self) -> list[RoleWords]:
        """What this role is told before anything else."""
        return [self.shared.roles[self.role]] if self.role in self.shared.roles else []

    @property
    def levels(self) -> dict[int, str]:
        """Names of the levels in the workbook's language."""
        names = {level.n: level.name for level in self.instrument.meta.levels}
        return names | (self.words.terms.levels if self.words.terms else {})

    @property
    def sures(self) -> dict[str, str]:
        """Label of each certainty, its letter first."""
        texts = self.instrument.meta.certainty | (self.words.terms.certainty if self.words.terms else {})
        return {word: f"{letter} · {texts[word]}" for letter, word in SURE.items()}

    @property
    def states(self) -> dict[str, str]:
        """Label of each state that stands instead of an answer, its letter first."""
        return {state: f"{letter} · {getattr(self.words.states, letter)}" for letter, state in STATES.items()}


def write_questionnaire(
    instrument: Instrument,
    path: Path,
    *,
    stage: str,
    role: str | None,
    respondent: str,
    organisation: str,
    as_of: date,
    earlier: Testimony | None = None,
    core: bool = False,
    everything: bool = False,
    language: str = "en",
) -> int:
    """Write one respondent's workbook and return how many questions it asks.

    ``earlier`` prefills what the same respondent answered before, for a return visit or a new instrument version.
    ``core`` asks only the short set of a first visit; ``everything`` asks all questions of the stage, as for a desk
    review by someone who speaks in one role. ``language`` is that of everything but the questions themselves.
    """
    import xlsxwriter

    from ..archive import workbook, write_bytes

    sections = instrument.asked(None if everything else role, stage, core=core)
    given = earlier.given_by(respondent) if earlier else {}
    role = role or "operator"
    form = _Questionnaire(instrument, words_in(language), shared_in(language), role, sections, given)
    stream = io.BytesIO()
    # A column's width counts digits of the default font: the font of the texts, so that both shrink together.
    plain = {"font_name": LATIN, "font_size": 10}
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(stream, options | {"default_format_properties": plain})
    book.set_properties({"title": instrument.meta.title, "created": datetime(as_of.year, as_of.month, as_of.day)})
    style = _styles(book, form)
    cover = {
        "#respondent": respondent,
        "#role": role,
        "#organisation": clean_text(organisation),
        "#language": language,
        "#date": as_of.isoformat(),
        "#submission": str(next_submission(earlier, respondent)),
        "#instrument": f"{instrument.meta.id}@{instrument.meta.version}",
        "#fingerprint": instrument.fingerprint,
    }
    names = _sheet_names([form.words.sheet, *(domain.title for domain, _, _ in sections)])
    _write_cover(book.add_worksheet(names[0]), form, cover, names[1:], style)
    for name, section in zip(names[1:], sections, strict=True):
        _write_section(book.add_worksheet(name), form, section, style)
    _write_lists(book, form)
    asked = [question.id for section in sections for question in _questions(section)]
    _write_asked(book, asked)
    book.close()
    write_bytes(path, workbook(stream.getvalue(), book.str_table.string_array))
    return len(asked)


def next_submission(earlier: Testimony | None, respondent: str) -> int:
    """Return the number of the submission a respondent is about to make, from 1."""
    numbers = [r.submission for r in earlier.responses if r.respondent == respondent] if earlier else []
    return max(numbers, default=0) + 1


def _sheet_names(titles: Sequence[str]) -> list[str]:
    """Return a name for each sheet that every spreadsheet program takes: short, without []:*?/\\, each once."""
    names: list[str] = []
    taken = {LISTS.lower(), ASKED_SHEET.lower()}
    for title in titles:
        name = re.sub(r"[\[\]:*?/\\']", " ", title)[:31].strip() or "…"
        if name.lower() in taken:
            name = f"{name[:27]} {len(names) + 1}"
        taken.add(name.lower())
        names.append(name)
    return names


def _styles(book: Any, form: _Questionnaire) -> Styles:
    words = form.words
    reading = 2 if words.right_to_left else 1
    side = "right" if words.right_to_left else "left"
    own = {"font_size": 10, "font_color": INK, "text_wrap": True, "valign": "top"}
    base = own | {"font_name": words.font, "reading_order": reading, "align": side}
    question = own | {"font_name": LATIN, "reading_order": 1, "align": "left"}
    line = {"border": 1, "border_color": LINE}
    # The reading order of an input is left to what is typed.
    entry = own | line | {"font_name": words.font, "bg_color": PALE, "locked": False, "align": side}
    return {
        "text": book.add_format(base),
        "bold": book.add_format(base | {"bold": True}),
        "title": book.add_format(base | {"bold": True, "font_size": 16, "font_color": NIGHT, "text_wrap": False}),
        "draft": book.add_format(base | {"bold": True, "font_color": CAUTION}),
        "link": book.add_format(base | {"font_color": LINK, "underline": 1}),
        "head": book.add_format(base | line | {"bold": True, "font_color": "#FFFFFF", "bg_color": NIGHT}),
        "question": book.add_format(question | line | {"indent": 1}),
        "name": book.add_format(question | line | {"bold": True}),
        "hint": book.add_format(base | line | {"indent": 1}),
        "purpose": book.add_format(question),
        "code": book.add_format(question | {"align": side}),
        "role": book.add_format(question | {"align": side, **_role_shown(form)}),
        "section": book.add_format(
            question | {"bold": True, "font_size": 16, "font_color": NIGHT, "text_wrap": False, "align": side}
        ),
        "input": book.add_format(entry | {"num_format": "@"}),
        "number": book.add_format(entry),
    }


def _role_shown(form: _Questionnaire) -> Styles:
    """Return the format under which a role's cell shows something else than its code, which stays to be read back."""
    if form.role not in form.shared.roles:
        return {}
    shown = form.shared.roles[form.role].title.replace('"', "'")
    return {"num_format": f'General;General;General;"{shown}"', "hidden": True}


def _put(sheet: Any, row: int, column: int, text: str, style: Any) -> None:
    """Write a text as a text, and an empty one as an empty cell."""
    if text:
        sheet.write_string(row, column, text, style)
    else:
        sheet.write_blank(row, column, None, style)


def _set_up(sheet: Any, words: Language, widths: Sequence[float]) -> None:
    """Set what all sheets share: widths with the marks hidden, protection without a password, paper."""
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width, None, {"hidden": column == 0})
    if words.right_to_left:
        sheet.right_to_left()
    sheet.hide_gridlines(2)
    sheet.protect("", {"format_columns": True, "format_rows": True})
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L&F&C&A&R&P/&N")


def _write_cover(sheet: Any, form: _Questionnaire, cover: dict[str, str], names: list[str], style: Styles) -> None:
    words = form.words
    _set_up(sheet, words, COVER_WIDTHS)
    _put(sheet, 0, 1, form.instrument.meta.title, style["section"])
    sheet.set_row(0, 26)
    row = 1
    if not words.reviewed:
        _cover_line(sheet, row, words.name, words.draft, style["draft"], style["draft"])
    everything = [question for section in form.sections for question in _questions(section)]
    size = form.shared.sized(len(everything), form.instrument.minutes(everything))
    length = words.length.text.format(sections=len(form.sections), size=size)
    told = [(line.head, line.text) for line in (*form.first, *words.guide, form.shared.who, form.shared.back)]
    for head, text in [*told, (words.length.head, length)]:
        row += 1
        _cover_line(sheet, row, head, text, style["bold"], style["text"])
    row += 1
    for key in COVER:
        row += 1
        sheet.write_string(row, 0, key)
        label = form.shared.organisation if key == "#organisation" else getattr(words.fields, key[1:])
        look = "input" if key in ("#organisation", "#date", "#submission") else "role" if key == "#role" else "code"
        _cover_line(sheet, row, label, cover[key], style["bold"], style[look])
    row = _write_consent(sheet, row + 2, form, style)
    _write_contents(sheet, row + 2, form, names, style)


def _cover_line(sheet: Any, row: int, head: str, text: str, bold: Any, style: Any) -> None:
    _put(sheet, row, 1, head, bold)
    _put(sheet, row, 2, text, style)
    sheet.set_row(row, row_height([(head, COVER_WIDTHS[1]), (text, COVER_WIDTHS[2])]))


def _write_consent(sheet: Any, row: int, form: _Questionnaire, style: Styles) -> int:
    words = form.words
    _cover_line(sheet, row, words.consent.head, words.consent.text, style["bold"], style["text"])
    choices = [f"Y · {words.yes}", f"N · {words.no}"]
    texts = form.instrument.meta.consent | (words.terms.consent if words.terms else {})
    for use in form.instrument.meta.consent:
        row += 1
        sheet.write_string(row, 0, CONSENT + use)
        _cover_line(sheet, row, texts[use], "", style["text"], style["input"])
        sheet.data_validation(row, 2, row, 2, {"validate": "list", "source": choices})
    return row


def _write_contents(sheet: Any, row: int, form: _Questionnaire, names: list[str], style: Styles) -> None:
    words = form.words
    _cover_line(sheet, row, words.contents.head, words.contents.text, style["bold"], style["text"])
    for name, section in zip(names, form.sections, strict=True):
        row += 1
        title, asked = section[0].title, _questions(section)
        text = words.section.format(questions=len(asked), minutes=form.minutes(asked))
        _cover_line(sheet, row, title, text, style["text"], style["text"])
        sheet.write_url(row, 1, f"internal:'{name}'!B2", style["link"], title)


def _write_section(sheet: Any, form: _Questionnaire, section: Section, style: Styles) -> None:
    domain = section[0]
    words, heads = form.words, form.words.heads
    _set_up(sheet, words, WIDTHS)
    sheet.set_row(0, None, None, {"hidden": True})
    sheet.write_row(0, 0, COLUMNS)
    _put(sheet, 1, 1, domain.title, style["section"])
    _put(sheet, 1, 3, domain.purpose, style["purpose"])
    sheet.set_row(1, max(26, row_height([(domain.purpose, WIDTHS[3])])))
    names = (heads.title, heads.question, heads.levels, heads.answer, heads.sure, heads.note, heads.evidence)
    sheet.write_row(2, 1, names, style["head"])
    sheet.set_row(2, row_height(zip(names, WIDTHS[1:], strict=True)))
    row = 2
    for question in _questions(section):
        row += 1
        _write_question(sheet, row, form, question, style)
    if section[1]:
        sheet.data_validation(3, 4, 2 + len(section[1]), 4, {"validate": "list", "source": "=answer_list"})
    sheet.data_validation(3, 5, row, 5, {"validate": "list", "source": "=sure_list"})
    sheet.freeze_panes(3, 2)
    sheet.repeat_rows(2)
    sheet.print_area(1, 1, row, len(COLUMNS) - 1)


def _write_question(sheet: Any, row: int, form: _Questionnaire, question: Question, style: Styles) -> None:
    words = form.words
    if isinstance(question, Item):
        ask = f"{question.ask}\n\n{words.why.format(why=question.why)}"
        hint, look = "\n".join(f"{n}  {text}" for n, text in sorted(question.levels.items())), "question"
    else:
        ask, (hint, look) = question.ask, _hint(question, words)
    name = f"{question.id}\n{question.title}"
    sheet.write_string(row, 0, question.id)
    for column, text, kind in ((1, name, "name"), (2, ask, "question"), (3, hint, look)):
        _put(sheet, row, column, text, style[kind])
    answer = form.given.get(question.id)
    typed = _typed(form, question, answer) if answer else ("", "", "", "")
    for column, value in enumerate(typed, 4):
        look = style["number" if column == 4 else "input"]
        if isinstance(value, float):
            sheet.write_number(row, column, value, look)
        else:
            _put(sheet, row, column, value, look)
    texts = (name, ask, hint, *map(str, typed))
    sheet.set_row(row, row_height(zip(texts, WIDTHS[1:], strict=True)))


def _hint(quantity: Quantity, words: Language) -> tuple[str, str]:
    """Return how a quantity is answered, and the style: English choices read from the left in every language."""
    if quantity.choices:
        codes = "\n".join(f"{code}  {text}" for code, text in quantity.choices.items())
        several = words.choices.format(example=" ".join(list(quantity.choices)[:2]))
        return f"{codes}\n{several}\n{words.dont_know}", "question" if not words.right_to_left else "hint"
    bounds = {"minimum": f"{quantity.minimum:.12g}", "maximum": f"{quantity.maximum:.12g}"}
    return f"{words.number.format(**bounds, unit=quantity.unit)}\n{words.dont_know}", "hint"


def _typed(form: _Questionnaire, question: Question, answer: Answer) -> tuple[str | float, str, str, str]:
    """Return what a person would have typed into answer, certainty, note and evidence."""
    said: str | float = form.states.get(answer.state, " ".join(answer.chosen))
    if answer.value is not None:
        whole = isinstance(question, Item) and answer.value in form.levels
        said = f"{answer.value:g} · {form.levels[int(answer.value)]}" if whole else answer.value
    return said, form.sures[answer.sure], answer.note, answer.evidence


def _write_lists(book: Any, form: _Questionnaire) -> None:
    # A list inside a validation is cut at 255 characters by spreadsheets: names on a hidden sheet are not.
    sheet = book.add_worksheet(LISTS)
    answers = [f"{n} · {name}" for n, name in form.levels.items()] + list(form.states.values())
    sures = list(form.sures.values())
    sheet.write_column(0, 0, answers)
    sheet.write_column(0, 1, sures)
    book.define_name("answer_list", f"={LISTS}!$A$1:$A${len(answers)}")
    book.define_name("sure_list", f"={LISTS}!$B$1:$B${len(sures)}")
    sheet.hide()


def _write_asked(book: Any, asked: list[str]) -> None:
    """Write the hidden list of all questions, so that a deleted row is told from a question never asked."""
    sheet = book.add_worksheet(ASKED_SHEET)
    sheet.write_column(0, 0, [ASKED, *asked])
    sheet.hide()
