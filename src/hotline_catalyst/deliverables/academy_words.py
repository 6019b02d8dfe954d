"""The words of the academy's workbook: playbooks/academy/words.yaml."""

from __future__ import annotations

from ..library import Content


class SheetWords(Content):
    """The words of one sheet of the workbook; ``lines`` are titles, units and meanings by the name of a rule."""

    name: str
    title: str
    say: str
    headings: list[str]
    lines: dict[str, tuple[str, str, str]] = {}
    below: str = ""


class ReadMe(Content):
    """The words of the workbook's first sheet."""

    title: str
    say: str
    lines: list[tuple[str, str]]


class States(Content):
    """What a cell says when a mark is reached, not yet reached, or nothing has been entered."""

    passed: str
    not_yet: str
    open: str
    signed: str
    not_started: str


class Words(Content):
    """All words of the workbook."""

    read_me: ReadMe
    rules: SheetWords
    sign_off: SheetWords
    attendance: SheetWords
    homework: SheetWords
    tests: SheetWords
    mocks: SheetWords
    safety: SheetWords
    after: SheetWords
    year: SheetWords
    hours: SheetWords
    states: States
