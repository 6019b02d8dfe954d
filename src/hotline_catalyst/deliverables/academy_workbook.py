"""academy.xlsx: attendance, homework, tests, mock conversations and sign-off by trainee code; formulas judge.

Every sheet has the same trainee in the same row. Words stand in playbooks/academy/words.yaml; the formulas use
functions of 2007 only, so that any spreadsheet program works them out.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..results import Results
from . import look
from .academy import Academy
from .academy_scores import after, mocks, safety, tests
from .academy_sheets import CODE, INPUT, LETTERS, Register, first_line, only, within
from .academy_words import SheetWords
from .plan_sheets import A3, Column, Formula, Sheet, read_me
from .sheets import Book, column_name

DEBRIEF = "D"


def write(academy: Academy, results: Results, path: Path) -> Path:
    """Write the workbook; the same results give the same bytes."""
    words = academy.words
    book = Register(academy, results, words.read_me.title)
    lines = [(label, text.format(**_facts(academy))) for label, text in words.read_me.lines]
    facts = results.facts
    read_me(book, words.read_me.title, words.read_me.say.format(line=facts.name, day=look.day(facts.as_of)), lines)
    _sign_off(book)
    _rules(book)
    _attendance(book)
    _homework(book)
    for page in (tests, mocks, safety, after):
        page(book)
    _year(book)
    _year_hours(book)
    return book.write(path)


def _facts(academy: Academy) -> dict[str, str]:
    curriculum = academy.curriculum
    return {
        "hours": f"{academy.hours:g}",
        "days": str(len(curriculum.days)),
        "practice": look.percent(academy.practice_share),
        "topics": ", ".join(t.title for t in curriculum.topics.values()),
    }


def _sign_off(book: Register) -> None:
    words, states = book.words.sign_off, book.words.states
    kinds = ("name", "hours", "share", "centre", "centre", "whole", "centre", "centre", "centre", "centre", "day")
    sheet = book.page(words, [Column(t, 14, k) for t, k in zip(words.headings, kinds, strict=True)])
    for row in book.rows():
        done = f'SUMPRODUCT(({book.mock_codes}=A{row})*({book.mock_means}<>""))'
        course = (
            f"AND(ROUND(B{row},6)>=rule_hours,ROUND(C{row},9)>=rule_homework,"
            f'D{row}="{states.passed}",E{row}="{states.passed}",F{row}>=rule_mocks,G{row}="{states.passed}")'
        )
        sheet.add(
            [
                book.code(row),
                Formula(f"Attendance!B{row}", 0),
                Formula(f"Homework!B{row}", 0),
                Formula(f"Tests!E{row}", states.open),
                Formula(f"Tests!I{row}", states.open),
                Formula(done, 0),
                Formula(f"Safety!D{row}", states.open),
                Formula(
                    f'IF(B{row}=0,"{states.not_started}",IF({course},"{states.passed}","{states.not_yet}"))',
                    states.not_started,
                ),
                Formula(f"After!I{row}", states.open),
                Formula(
                    f'IF(AND(H{row}="{states.passed}",I{row}="{states.passed}"),"{states.signed}","{states.not_yet}")',
                    states.not_yet,
                ),
                Formula(f'IF(J{row}="{states.signed}",EDATE(After!F{row},rule_valid),"")', ""),
            ]
        )
    book.finish(sheet, marked=len(words.headings))


def _rules(book: Register) -> None:
    words, marks = book.words.rules, book.academy.sign_off
    needed = {stage.id: stage.needed for stage in marks.stages}
    values: dict[str, float] = {
        "hours": book.academy.hours,
        "homework": marks.homework_share,
        "test": marks.test_share,
        "mocks": marks.mocks,
        "safety_points": marks.safety_points,
        "safety_share": marks.safety_share,
        "last_mock": 0 if marks.last_mock_without_fail else len(marks.safety_items),
        "listen": needed["listen"],
        "beside": needed["beside"],
        "reach": needed["reach"],
        "valid": marks.valid_months,
        "year": book.academy.calendar.hours_a_year,
    }
    columns = [Column(t, w) for t, w in zip(words.headings, (44, 12, 34, 70), strict=True)]
    sheet = book.page(words, columns)
    for name, value in values.items():
        _rule(book, sheet, f"rule_{name}", words.lines[name], value)
    for quiz, count in book.tests:
        title, unit, means = words.lines["questions"]
        _rule(book, sheet, book.count_name(quiz), (title.format(test=quiz.title), unit, means), count)
    book.finish(sheet, filtered=False)


def _rule(book: Book, sheet: Sheet, name: str, words: tuple[str, str, str], value: float) -> None:
    title, unit, means = words
    row = sheet.add([title, "", unit, means])
    shown = "0%" if unit.startswith("share") else "General"
    sheet.cell(row - 1, 1, value, **INPUT, align="right", num_format=shown)
    book.book.define_name(name, f"=Rules!$B${row}")


def _attendance(book: Register) -> None:
    words, curriculum = book.words.attendance, book.academy.curriculum
    slots = [s for s in curriculum.clock if s.kind in ("block", "debrief")]
    marks: list[tuple[str, float]] = []
    for day in curriculum.days:
        numbers = iter(range(1, len(slots) + 1))
        marks += [(f"{day.day}.{next(numbers) if s.kind == 'block' else DEBRIEF}", s.minutes / 60) for s in slots]
    columns = [Column(words.headings[0], 10, "name"), *(Column(t, 9, "hours") for t in words.headings[1:])]
    sheet = book.page(words, [*columns, *(Column(title, 4.6, "centre") for title, _ in marks)])
    sheet.page.set_paper(A3)
    sheet.page.fit_to_pages(2, 0)
    sheet.page.repeat_columns(0, 2)
    first, last = column_name(3), column_name(2 + len(marks))
    below = first_line() + book.size
    for number, row in enumerate(book.rows(), 1):
        here = f"{first}{row}:{last}{row}"
        hours = f'SUMPRODUCT((({here}="p")+({here}="m"))*${first}${below}:${last}${below})'
        sheet.add(["", Formula(hours, 0), Formula(f"rule_hours-B{row}", book.academy.hours), *[""] * len(marks)])
        sheet.cell(row - 1, 0, CODE.format(number), **INPUT)
        for column in range(3, 3 + len(marks)):
            sheet.cell(row - 1, column, "", **INPUT)
    area = (first_line() - 1, 3, below - 2, 2 + len(marks))
    only(sheet, area, {"validate": "list", "source": list(LETTERS)}, "p, m or a")
    _codes(book, sheet)
    sheet.add(["", "", "", *(hours for _, hours in marks)], font_color=look.QUIET, num_format="0.0")
    book.finish(sheet, filtered=False)


def _codes(book: Register, sheet: Sheet) -> None:
    """Let only short codes in, each once: a name has no place here."""
    first, last = first_line(), first_line() + book.size - 1
    formula = f'=AND(LEN(A{first})<=6,ISERROR(FIND(" ",A{first})),COUNTIF($A${first}:$A${last},A{first})=1)'
    only(sheet, (first - 1, 0, last - 1, 0), {"validate": "custom", "value": formula}, "a code, never a name")


def _homework(book: Register) -> None:
    words, days = book.words.homework, book.academy.curriculum.days
    columns = [Column(words.headings[0], 10, "name"), Column(words.headings[1], 9, "share")]
    sheet = book.page(words, [*columns, *(Column(str(d.day), 6, "centre") for d in days), Column("", 60)])
    last = column_name(1 + len(days))
    for row in book.rows():
        here = f"C{row}:{last}{row}"
        share = Formula(f'(COUNTIF({here},"h")+COUNTIF({here},"l"))/{len(days)}', 0)
        sheet.add([book.code(row), share, *[""] * len(days)])
        for column in range(2, 2 + len(days)):
            sheet.cell(row - 1, column, "", **INPUT)
    area = (first_line() - 1, 2, first_line() + book.size - 2, 1 + len(days))
    only(sheet, area, {"validate": "list", "source": ["h", "l"]}, "h or l")
    _tasks(sheet, words, [d.homework for d in days])
    book.finish(sheet, filtered=False)


def _tasks(sheet: Sheet, words: SheetWords, tasks: Sequence[str]) -> None:
    sheet.row += 1
    sheet.cell(sheet.row, 0, words.below, "name", bottom=0)
    for number, task in enumerate(tasks, 1):
        sheet.row += 1
        sheet.cell(sheet.row, 0, number, "whole", bottom=0)
        sheet.cell(sheet.row, 1, task, "text", bottom=0, text_wrap=False)
    sheet.row += 1


def _year(book: Register) -> None:
    words = book.words.year
    widths = (8, 30, 44, 16, 8, 13, 13, 16)
    kinds = ("whole", "name", "text", "text", "hours", "day", "day", "text")
    columns = [Column(t, w, k) for t, w, k in zip(words.headings, widths, kinds, strict=True)]
    sheet = book.page(words, columns)
    for month in book.academy.calendar.months:
        row = sheet.add([month.month, month.theme, month.exercise, ", ".join(month.pages), "", "", "", ""])
        for column, value in ((4, month.hours), (5, ""), (6, ""), (7, "")):
            sheet.cell(row - 1, column, value, **INPUT)
    within(sheet, (first_line() - 1, 4, sheet.row - 1, 4), 0, 24, "decimal")
    book.finish(sheet, filtered=False)


def _year_hours(book: Register) -> None:
    words, states, months = book.words.hours, book.words.states, book.academy.calendar.months
    columns = [Column(words.headings[0], 10, "name"), Column(words.headings[1], 9, "hours")]
    columns += [Column(words.headings[2], 12, "centre"), *(Column(str(m.month), 5, "centre") for m in months)]
    sheet = book.page(words, columns)
    for row in book.rows():
        terms: list[str] = []
        for number in range(len(months)):
            cell = f"{column_name(3 + number)}{row}"
            terms.append(f'IF(OR({cell}="p",{cell}="m"),Year!$E${first_line() + number},0)')
        result = f'IF(B{row}=0,"{states.open}",IF(B{row}>=rule_year,"{states.passed}","{states.not_yet}"))'
        sheet.add([book.code(row), Formula("+".join(terms), 0), Formula(result, states.open), *[""] * len(months)])
        for number in range(len(months)):
            sheet.cell(row - 1, 3 + number, "", **INPUT)
    area = (first_line() - 1, 3, first_line() + book.size - 2, 2 + len(months))
    only(sheet, area, {"validate": "list", "source": list(LETTERS)}, "p, m or a")
    book.finish(sheet, marked=3)
