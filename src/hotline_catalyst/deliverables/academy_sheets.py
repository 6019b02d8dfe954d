"""The frame of the academy's workbook: rows by trainee, pale cells that take only what fits, marked results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..results import Results
from . import look
from .academy import Academy, Quiz, questions
from .academy_words import SheetWords
from .plan_sheets import Column, Formula, Sheet
from .sheets import FIRST_ROW, Book, column_name

INPUT: dict[str, Any] = {"locked": False, "bg_color": look.PALE}
LETTERS = ("p", "m", "a")
CODE = "T{:02}"
ROUNDS_EXTRA = 1  # one more mock than asked for: a second try
Area = tuple[int, int, int, int]


def first_line() -> int:
    """Return the first row of data, as formulas count rows."""
    return FIRST_ROW + 2


class Register(Book):
    """A workbook with one row a trainee on every sheet, and a block of rows a trainee on the sheet of mocks."""

    def __init__(self, academy: Academy, results: Results, title: str) -> None:
        super().__init__(results, title, academy.words.read_me.title)
        self.academy, self.words, self.size = academy, academy.words, academy.sign_off.class_size
        self.rounds = academy.sign_off.mocks + ROUNDS_EXTRA
        self.tests: list[tuple[Quiz, int]] = [
            (quiz, len(questions(quiz, results.facts.channels))) for quiz in academy.quizzes if quiz.marked
        ]

    def rows(self) -> Iterator[int]:
        """Yield the row of each trainee, as formulas count rows."""
        yield from range(first_line(), first_line() + self.size)

    def code(self, row: int) -> Formula:
        """Return the trainee's code, which is typed once, on the sheet of attendance."""
        return Formula(f'Attendance!$A${row}&""', CODE.format(row - first_line() + 1))

    def count_name(self, quiz: Quiz) -> str:
        """Return the name of the cell that holds how many questions a test has."""
        return f"rule_{quiz.id.replace('-', '_')}_questions"

    def mock_area(self, column: int) -> str:
        """Return a column of the sheet of mocks, all trainees and rounds."""
        first, last = first_line(), first_line() + self.size * self.rounds - 1
        return f"Mocks!${column_name(column)}${first}:${column_name(column)}${last}"

    @property
    def mock_codes(self) -> str:
        """Where the sheet of mocks says whose mock it is."""
        return self.mock_area(0)

    @property
    def mock_means(self) -> str:
        """Where the sheet of mocks has the mean score; it is empty until there are scores."""
        return self.mock_area(5)

    def page(self, words: SheetWords, columns: Sequence[Column]) -> Sheet:
        """Add a sheet with its headings."""
        sheet = Sheet(self, words.name, words.title, words.say, columns)
        sheet.squeeze(len(columns))
        sheet.headings()
        return sheet

    def finish(self, sheet: Sheet, *, marked: int = 0, filtered: bool = True) -> None:
        """Freeze, print and lock a sheet; results in the first ``marked`` columns stand out when they are reached."""
        sheet.finish(frozen=1, filtered=filtered)
        if marked:
            strong = self.book.add_format({"bold": True, "font_color": look.MET})
            area = (first_line() - 1, 0, max(sheet.row - 1, first_line()), marked - 1)
            for state in (self.words.states.passed, self.words.states.signed):
                wish = {"type": "cell", "criteria": "==", "value": f'"{state}"', "format": strong}
                sheet.page.conditional_format(*area, wish)
        sheet.page.protect("", {"autofilter": True, "format_columns": True, "format_rows": True})


def only(sheet: Sheet, area: Area, rule: dict[str, Any], what: str) -> None:
    """Let only what fits into an area of cells."""
    sheet.page.data_validation(
        *area, {**rule, "ignore_blank": True, "error_title": what, "error_message": f"Enter {what}."}
    )


def within(sheet: Sheet, area: Area, least: float, most: float | str, kind: str = "integer") -> None:
    """Let only numbers between two bounds into an area of cells."""
    rule = {"validate": kind, "criteria": "between", "minimum": least, "maximum": most}
    only(sheet, area, rule, "a number that fits" if isinstance(most, str) else f"a number from {least:g} to {most:g}")
