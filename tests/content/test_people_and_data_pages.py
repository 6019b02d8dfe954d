"""What the pages on people, partners and figures claim, checked by counting: agendas, worked tables, lists."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product
from math import ceil

import pytest
from judged import gathered, judged

from hotline_catalyst.assessment.instrument import load_instrument
from hotline_catalyst.deliverables.playbook_pages import fill
from hotline_catalyst.deliverables.playbooks import Selection, load_pages, select
from hotline_catalyst.results import Results

PAGES = {p.front.id: p for p in load_pages(load_instrument())}
AGENDAS = ("PB-39", "PB-52", "PB-56", "PB-57", "PB-59")
MINE = ("PB-38", "PB-41", "PB-42", "PB-44", "PB-50", "PB-53", "PB-55", "PB-60", "PB-85", *AGENDAS)


@pytest.fixture(scope="module")
def results(tmp_path_factory) -> Results:
    folder = tmp_path_factory.mktemp("judged") / "ruritania"
    gathered("ruritania", folder)
    return judged(folder)


def tables(page: str) -> list[tuple[str, list[list[str]]]]:
    """Each table's rows of cells, with the text that stands before it."""
    found, before = [], ""
    for block in re.split(r"\n\s*\n", PAGES[page].body):
        if block.startswith("|"):
            rows = [[c.strip() for c in line.strip("|").split("|")] for line in block.splitlines()]
            found.append((before, [r for r in rows if not set("".join(r)) <= set("- ")]))
        before = block if not block.startswith("|") else before
    return found


@pytest.mark.parametrize("page", AGENDAS)
def test_the_minutes_of_an_agenda_add_up_to_those_in_its_title(page):
    timed = [(before, rows) for before, rows in tables(page) if rows[0][0] == "Minutes"]
    assert timed
    for before, rows in timed:
        assert sum(int(r[0]) for r in rows[1:]) == int(re.search(r"(\d+) minutes", before)[1]), before


def test_the_problem_sheet_of_the_network_meeting_fits_three_times_into_its_item():
    sheet = next(rows for _, rows in tables("PB-39") if rows[0][-1] == "Minutes")
    assert 3 * sum(int(r[-1]) for r in sheet[1:]) <= 40


def solutions(rows: list[list[int | None]], limit: int = 200) -> list[list[list[int]]]:
    """Every table of whole numbers that agrees with the totals in the last row and the last column."""
    holes = [(i, j) for i, row in enumerate(rows[:-1]) for j, cell in enumerate(row[:-1]) if cell is None]
    found = []
    for first in range(limit):
        table = [list(row) for row in rows]
        table[holes[0][0]][holes[0][1]] = first
        while True:  # a hole that is alone in its row or column follows by subtraction
            known = {
                (i, j): total
                for i, j in holes
                if table[i][j] is None
                for total in [_rest(table, i, j)]
                if total is not None
            }
            if not known:
                break
            for (i, j), value in known.items():
                table[i][j] = value
        if all(table[i][j] is not None and table[i][j] >= 0 for i, j in holes) and _adds_up(table):
            found.append([[table[i][j] for i, j in holes]])
    return found


def _rest(table, i, j):
    row, column = table[i], [r[j] for r in table]
    for line in (row, column):
        if sum(cell is None for cell in line) == 1:
            return line[-1] - sum(c for c in line[:-1] if c is not None)
    return None


def _adds_up(table) -> bool:
    lines = [*table, *zip(*table, strict=True)]
    return all(sum(line[:-1]) == line[-1] for line in lines)


def test_the_hidden_cells_of_the_worked_table_cannot_be_found_by_subtraction():
    """Each may be any of at least 11 numbers; with only the small cell hidden there is one answer."""
    true, published = (
        [[int(c) if c.isdigit() else None for c in row[1:]] for row in rows[1:]]
        for _, rows in tables("PB-44")
        if rows[0][0] == "Region"
    )
    assert _adds_up(true)
    small = [(i, j) for i, j in product(range(3), range(2)) if true[i][j] < 11]
    assert small
    assert all(published[i][j] is None for i, j in small)
    assert all(p is None or p == t for a, b in zip(published, true, strict=True) for p, t in zip(a, b, strict=True))
    possible = solutions(published)
    for cell in range(len(possible[0][0])):
        assert len({found[0][cell] for found in possible}) >= 11
    naive = [[None if (i, j) in small else true[i][j] for j in range(3)] for i in range(4)]
    assert len(solutions(naive)) == 1


def test_every_indicator_of_the_frame_is_listed_once_and_at_most_ten_are_proposed():
    listed = [row[0] for _, rows in tables("PB-85") if rows[0][0] == "No." for row in rows[1:]]
    assert sorted(name[:3] for name in listed) == [f"K{n:02}" for n in range(1, 31)]
    assert sum("†" in name for name in listed) <= 10


def test_the_interview_has_eight_scenarios_each_with_a_strong_and_a_weak_answer():
    answered = r"^\*\*(\d)\. (?:† )?.+$\n\n- Strong: .+\n- Weak: .+$"
    assert [int(n) for n in re.findall(answered, PAGES["PB-52"].body, re.M)] == [*range(1, 9)]
    assert len(re.findall(r"^\*\*\d\. †", PAGES["PB-52"].body, re.M)) == 3


def test_the_agreement_has_its_fifteen_clauses_and_six_partners():
    clauses = re.findall(r'^(\d+)\. \*\*.+?\.\*\* ".+"', PAGES["PB-38"].body, re.M)
    assert [int(number) for number in clauses] == [*range(1, 16)]
    partners = re.findall(r"^### (.+)$", PAGES["PB-38"].body, re.M)
    assert partners == ["Police", "Shelter", "Health", "Embassy or consulate", "Child line", "Emergency centre"]


def test_the_calendar_has_twelve_months_and_no_page_twice_a_month():
    year = next(rows for _, rows in tables("PB-56") if rows[0][0] == "Month")
    assert [int(r[0]) for r in year[1:]] == [*range(1, 13)]


def test_arithmetic_in_words_is_right():
    """Six to seven people fill one post day and night; about fifteen begin for ten posts; the academy is 80 hours."""
    assert [round(168 / 40 / (1 - away), 1) for away in (0.3, 0.4)] == [6.0, 7.0]
    assert "six to seven people for one post" in PAGES["PB-50"].body
    assert ceil(10 / (0.85 * 0.8)) == 15
    assert all("ten posts" in PAGES[p].body and "about fifteen" in PAGES[p].body for p in ("PB-50", "PB-52", "PB-54"))
    days = next(rows for _, rows in tables("PB-54") if rows[0][0] == "Day")[1:]
    assert len(days) * (5 * 90 + 30) / 60 == 80


def test_the_manual_leads_to_the_pages_of_the_channels_that_are_open(results):
    def manual(*channels: str) -> str:
        facts = replace(results.facts, channels=list(channels))
        return fill(PAGES["PB-60"], replace(results, facts=facts), Selection("operator", (), ()))

    everything, phone_only = manual("phone", "text", "email"), manual("phone")
    for row in ("Text or chat", "E-mail or web form"):
        assert row in everything
        assert row not in phone_only


def test_what_to_say_to_police_at_the_door_is_for_the_operator_alone(results):
    chosen = {e: {p.front.id for p in select([*PAGES.values()], results, e).chosen} for e in ("partner", "operator")}
    assert "PB-41" in chosen["operator"] - chosen["partner"]


@pytest.mark.parametrize("page", MINE)
def test_a_page_of_this_room_has_its_clocks_marked_and_its_words_to_say(page):
    """A clock is proposed or has a source; every page gives words for the talk it asks for."""
    body = PAGES[page].body
    assert "proposed" in body
    assert body.count('"') >= 8
