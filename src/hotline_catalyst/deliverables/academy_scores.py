"""The sheets of the academy's workbook that hold marks: tests, mock conversations, safety items, first 90 days."""

from __future__ import annotations

from .academy_sheets import INPUT, Register, first_line, only, within
from .plan_sheets import A3, Column, Formula
from .sheets import column_name

ITEMS = 7  # the first column of the card's items on the sheet of mocks
SAFETY = 4  # the first column of safety items on the sheet of safety
MOST_POINTS = 3


def tests(book: Register) -> None:
    """Add the sheet of written tests: right answers in, share and result out; the better of two tries counts."""
    words, states = book.words.tests, book.words.states
    code, right, again, share, result = words.headings
    columns = [Column(code, 10, "name")]
    for quiz, count in book.tests:
        columns += [Column(right.format(test=quiz.title, count=count), 12, "whole"), Column(again, 12, "whole")]
        columns += [Column(share, 9, "share"), Column(result, 12, "centre")]
    sheet = book.page(words, columns)
    for row in book.rows():
        values: list[object] = [book.code(row)]
        for number, (quiz, _) in enumerate(book.tests):
            first, second, got = (f"{column_name(1 + 4 * number + n)}{row}" for n in range(3))
            reached = f'IF(COUNT({first}:{second})=0,"",MAX({first}:{second})/{book.count_name(quiz)})'
            judged = f'IF({got}="","{states.open}",IF(ROUND({got},9)>=rule_test,"{states.passed}","{states.not_yet}"))'
            values += ["", "", Formula(reached, ""), Formula(judged, states.open)]
        sheet.add(values)
        for number in range(len(book.tests)):
            for column in (1 + 4 * number, 2 + 4 * number):
                sheet.cell(row - 1, column, "", **INPUT)
    last = first_line() + book.size - 2
    for number, (quiz, _) in enumerate(book.tests):
        area = (first_line() - 1, 1 + 4 * number, last, 2 + 4 * number)
        within(sheet, area, 0, f"={book.count_name(quiz)}")
    book.finish(sheet, marked=len(columns))


def mocks(book: Register) -> None:
    """Add the sheet of observed conversations: a row a mock, a column an item of the quality card."""
    words, card = book.words.mocks, book.academy.sign_off.card
    widths = (10, 7, 12, 11, 11, 8, 8)
    kinds = ("name", "whole", "text", "text", "text", "hours", "whole")
    columns = [Column(t, w, k) for t, w, k in zip(words.headings, widths, kinds, strict=True)]
    columns += [Column(f"{n}{'*' if item.safety else ''} {item.title}", 13, "centre") for n, item in card.items()]
    sheet = book.page(words, columns)
    sheet.page.set_paper(A3)
    for trainee in book.rows():
        for number in range(1, book.rounds + 1):
            row = sheet.row + 1
            sheet.add([book.code(trainee), number, "", "", "", _mean(book, row), _fails(book, row), *[""] * len(card)])
            for column in (2, 3, 4, *range(ITEMS, ITEMS + len(card))):
                sheet.cell(row - 1, column, "", **INPUT)
    first, last = first_line() - 1, sheet.row - 1
    plays = sorted(book.academy.role_plays)
    only(sheet, (first, 2, last, 2), {"validate": "list", "source": plays}, "a role-play's number")
    within(sheet, (first, ITEMS, last, ITEMS + len(card) - 1), 0, MOST_POINTS)
    book.finish(sheet)


def _scores(book: Register, row: int) -> str:
    return f"{column_name(ITEMS)}{row}:{column_name(ITEMS + len(book.academy.sign_off.card) - 1)}{row}"


def _mean(book: Register, row: int) -> Formula:
    scores = _scores(book, row)
    return Formula(f'IF(COUNT({scores})=0,"",ROUND(AVERAGE({scores}),2))', "")


def _fails(book: Register, row: int) -> Formula:
    cells = [f"{column_name(_place(book, n))}{row}" for n in book.academy.sign_off.safety_items]
    terms = [f"IF(ISNUMBER({c}),IF({c}<rule_safety_points,1,0),0)" for c in cells]
    return Formula(f'IF(COUNT({_scores(book, row)})=0,"",{"+".join(terms)})', "")


def _place(book: Register, number: int) -> int:
    return ITEMS + list(book.academy.sign_off.card).index(number)


def safety(book: Register) -> None:
    """Add the sheet that counts, for each safety item, in which share of the mocks that show it it was passed."""
    words, states, marks = book.words.safety, book.words.states, book.academy.sign_off
    numbers = marks.safety_items
    kinds = ("name", "whole", "whole", "centre")
    columns = [Column(t, 11, k) for t, k in zip(words.headings, kinds, strict=True)]
    columns += [Column(f"{n} {marks.card[n].title}", 14, "share") for n in numbers]
    sheet = book.page(words, columns)
    rounds, fails = book.mock_area(1), book.mock_area(6)
    for row in book.rows():
        mine = f"({book.mock_codes}=A{row})"
        last = f'SUMPRODUCT(MAX({mine}*({book.mock_means}<>"")*{rounds}))'
        in_last = f'IF(B{row}=0,"",SUMIFS({fails},{book.mock_codes},A{row},{rounds},B{row}))'
        shares = f"{column_name(SAFETY)}{row}:{column_name(SAFETY + len(numbers) - 1)}{row}"
        good = f"COUNT({shares})={len(numbers)},ROUND(MIN({shares}),9)>=rule_safety_share,C{row}<=rule_last_mock"
        result = f'IF(B{row}=0,"{states.open}",IF(AND({good}),"{states.passed}","{states.not_yet}"))'
        values = [book.code(row), Formula(last, 0), Formula(in_last, ""), Formula(result, states.open)]
        sheet.add([*values, *(_share(book, mine, number) for number in numbers)])
    book.finish(sheet, marked=4)


def _share(book: Register, mine: str, number: int) -> Formula:
    column = book.mock_area(_place(book, number))
    shown = f"SUMPRODUCT({mine}*ISNUMBER({column}))"
    passed = f"SUMPRODUCT({mine}*ISNUMBER({column})*({column}>=rule_safety_points))"
    return Formula(f'IF({shown}=0,"",{passed}/{shown})', "")


def after(book: Register) -> None:
    """Add the sheet of the first 90 days: shifts, conversations and weeks in, and two different signatures."""
    words, states = book.words.after, book.words.states
    kinds = ("name", "whole", "whole", "whole", "whole", "day", "text", "text", "centre")
    columns = [Column(t, 14, k) for t, k in zip(words.headings, kinds, strict=True)]
    sheet = book.page(words, columns)
    for row in book.rows():
        done = ",".join(
            (f"B{row}>=rule_listen", f"C{row}>=rule_beside", f"ISNUMBER(D{row})", f"D{row}=0", f"E{row}>=rule_reach")
        )
        signed = f'ISNUMBER(F{row}),G{row}<>"",H{row}<>"",G{row}<>H{row}'
        result = (
            f'IF(COUNT(B{row}:F{row})=0,"{states.open}",IF(AND({done},{signed}),"{states.passed}","{states.not_yet}"))'
        )
        sheet.add([book.code(row), *[""] * 7, Formula(result, states.open)])
        for column in range(1, 8):
            sheet.cell(row - 1, column, "", **INPUT)
    last = first_line() + book.size - 2
    within(sheet, (first_line() - 1, 1, last, 4), 0, 999)
    book.finish(sheet, marked=len(columns))
