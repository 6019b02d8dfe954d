"""A roster at work by its verbs: signed, checked, repaired, swapped, asked about, and gone on from."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
import typer
from conftest import ROOT
from hotline_rosters import LATE, MORNING
from roster_at_work import SIGNED, at_work, by_hand, day, row
from typer.testing import CliRunner

from hotline_catalyst import cli_roster, rerostering
from hotline_catalyst.engagement import read_engagement
from hotline_catalyst.errors import AnswerError, CatalystError
from hotline_catalyst.planning.rostering.checking import check
from hotline_catalyst.planning.rostering.codes import codes_of
from hotline_catalyst.planning.rostering.published import load_published, load_roster, save_published
from hotline_catalyst.planning.rostering.records import Roster

EXAMPLE = ROOT / "assessment" / "examples" / "ruritania" / "engagement.yaml"


def staff_of(roster: Roster, *more: str) -> str:
    lines = [
        f"  - {{code: {p.code}, hours_per_week: {p.hours_per_week:g}, languages: [{', '.join(p.languages)}], "
        f"supervisor: {str(p.supervisor).lower()}}}"
        for p in roster.people
    ]
    return "\n".join(["staff:", *lines, *more, ""])


@pytest.fixture
def folder(tmp_path):
    """An engagement without answers whose staff are the people of `at_work`; its second language is Spanish."""
    text = EXAMPLE.read_text("utf-8")
    text = text.replace("second_languages: [fr]", "second_languages: [es]").replace("[en, fr]", "[en]")
    (tmp_path / "engagement.yaml").write_text(text, "utf-8")
    (tmp_path / "staff.yaml").write_text(staff_of(at_work()), "utf-8")
    return tmp_path


def draft(roster: Roster) -> rerostering.Draft:
    return lambda _: replace(roster, published=None)


def workbook(path: Path, roster: Roster, **edits: dict[int, str]) -> Path:
    """The grid of a roster as it comes back, with some cells changed: {person: {day: letter}}."""
    book = openpyxl.Workbook()
    sheet, codes = book.active, codes_of(roster.shifts)
    sheet.title = "By person"
    sheet.append(["Code", *roster.days])
    for person in roster.people:
        mine = {a.day: codes[a.shift] for a in roster.assignments if a.person == person.code}
        mine |= {d: "C" for d, code in roster.on_call.items() if code == person.code}
        mine |= {day(n): letter for n, letter in edits.get(person.code, {}).items()}
        sheet.append([person.code, *(mine.get(d) for d in roster.days)])
    book.save(path)
    return path


def test_a_roster_is_signed_once_and_again_only_when_meant(folder):
    told = rerostering.publish(folder, draft(at_work()), SIGNED)
    assert [p.name for p in told.written] == ["2027-10-04.json"]
    assert not any("Hard rules broken" in line for line in told.lines)
    with pytest.raises(CatalystError, match="--again"):
        rerostering.publish(folder, draft(at_work()), SIGNED)
    before = told.written[0].read_bytes()
    rerostering.publish(folder, draft(at_work()), SIGNED, again=True)
    assert told.written[0].read_bytes() == before


def test_a_roster_that_breaks_hard_rules_is_signed_only_with_a_reason_that_is_kept(folder):
    roster = by_hand({MORNING: 1, LATE: 1}, {"A01": "LM-----", "A02": "M------"})
    with pytest.raises(CatalystError, match=r"was not published: it breaks hard rules \(1\)") as caught:
        rerostering.publish(folder, draft(roster), SIGNED)
    assert "  A01, 5 October: 7.75 hours between the end of L (23:15) and the start of E (07:00)" in str(caught.value)
    assert load_published(folder, roster.start) is None
    told = rerostering.publish(folder, draft(roster), SIGNED, despite="A01 asked for it")
    file = load_published(folder, roster.start)
    assert file is not None
    assert file.despite == "A01 asked for it"
    assert told.lines[0] == "Published although it breaks hard rules (1): A01 asked for it"
    assert [v.rule for v in file.violations if v.hard] == ["daily_rest_hours"]


def test_posts_that_nobody_holds_are_not_signed(folder):
    with pytest.raises(CatalystError, match=r"Write staff.yaml with a code for each advocate"):
        rerostering.publish(folder, draft(replace(at_work(), anonymous=True)), SIGNED)


def test_an_edited_workbook_is_judged_by_person_and_day_and_signed_when_it_keeps_the_rules(folder, tmp_path):
    roster = by_hand({MORNING: 1, LATE: 1}, {"A01": "LL-M---", "A02": "MM-----", "A03": "--L----"})
    bad = workbook(tmp_path / "bad.xlsx", roster, A01={2: "E"}, A03={2: ""})
    lines = rerostering.check_workbook(folder, draft(roster), bad).lines
    assert lines[0] == "Changes: 2"
    assert any(line.startswith("  A01, 6 October: 7.75 hours between") for line in lines)
    with pytest.raises(CatalystError, match="A01, 6 October"):
        rerostering.publish(folder, draft(roster), SIGNED, read=bad)
    good = workbook(tmp_path / "good.xlsx", roster, A02={2: "L"}, A03={2: ""})
    rerostering.publish(folder, draft(roster), SIGNED, read=good)
    found = load_roster(folder, roster.start)
    assert found is not None
    assert (row(found, "A02"), row(found, "A03")) == ("MML----", "-------")
    unread = workbook(tmp_path / "unread.xlsx", roster, A02={4: "Q"})
    with pytest.raises(AnswerError, match=r"unread.xlsx"):
        rerostering.check_workbook(folder, draft(roster), unread)


def test_a_sick_call_says_who_moves_and_is_written_only_when_applied(folder):
    roster = at_work(8, 3)
    (folder / "staff.yaml").write_text(staff_of(roster), "utf-8")
    path = save_published(folder, roster, SIGNED)
    before = path.read_bytes()
    ill = next(p.code for p in roster.people if "-" not in row(roster, p.code)[7:9])
    told = rerostering.ill(folder, ill, day(7), day(8), SIGNED)
    assert told.lines[0] == f"{ill} does not come on 11 and 12 October. Shifts without them: 2."
    assert told.lines[-1].startswith("Nothing was written")
    assert path.read_bytes() == before
    told = rerostering.ill(folder, ill, day(7), day(8), SIGNED, apply=True)
    after = load_roster(folder, roster.start)
    assert after is not None
    assert "Every hour is covered." in told.lines
    assert row(after, ill)[7:9] == "--"
    log = load_published(folder, roster.start).log  # type: ignore[union-attr]
    assert {c.why for c in log} == {"absence"}
    sent = next(line for line in told.lines if line.startswith("To be sent again"))
    assert all(c.person in sent for c in log)


def test_days_that_are_over_stay_and_mistakes_are_told_in_sentences(folder):
    with pytest.raises(CatalystError, match="No roster is published for Monday 11 October"):
        rerostering.ill(folder, "A01", day(7), day(7), SIGNED)
    roster = by_hand({MORNING: 1}, {"A01": "MM-MM--", "A02": "--M--MM"})
    save_published(folder, roster, SIGNED)
    with pytest.raises(CatalystError, match=r"There is no 'A1' in the roster from 2027-10-04; did you mean 'A01'"):
        rerostering.ill(folder, "A1", day(4), day(4), SIGNED)
    with pytest.raises(CatalystError, match="turn the two around"):
        rerostering.ill(folder, "A01", day(4), day(3), SIGNED)
    with pytest.raises(CatalystError, match="is over"):
        rerostering.exchange(folder, "A01", day(1), "A02", None, day(2))
    told = rerostering.ill(folder, "A01", day(0), day(4), day(4), apply=True)
    assert told.lines[0].startswith("Monday 4 October is over and stays as it was")
    after = load_roster(folder, roster.start)
    assert after is not None
    assert row(after, "A01") == "MM-M---"
    assert "Every hour is covered." in told.lines


def test_a_place_that_nobody_can_take_is_named(folder):
    roster = by_hand({MORNING: 1}, {"A01": "MM-----", "A02": "--M----"})
    (folder / "staff.yaml").write_text(staff_of(roster), "utf-8")
    busy = frozenset(roster.days)
    people = tuple(replace(p, leave=busy) if p.code == "A02" else p for p in roster.people)
    save_published(folder, replace(roster, people=people, assignments=roster.assignments[:2]), SIGNED)
    lines = rerostering.ill(folder, "A01", day(1), day(1), SIGNED).lines
    assert "  Tuesday 5 October: E would lack 1 more." in lines
    assert "Hours without cover: 24." in lines  # of the open days A01 takes three


def test_what_a_change_breaks_in_the_next_roster_is_told(folder):
    first = by_hand({MORNING: 1, LATE: 1}, {"A01": "MMMM---", "A02": "----MMM", "A03": "L-----L"})
    save_published(folder, first, SIGNED)
    second = by_hand({MORNING: 1, LATE: 1}, {"A01": "M------", "A02": "-------", "A03": "-------"})
    shifted = [replace(a, day=a.day + timedelta(days=7)) for a in second.assignments]
    calls = {d + timedelta(days=7): code for d, code in second.on_call.items()}
    save_published(folder, replace(second, start=day(7), assignments=tuple(shifted), on_call=calls), SIGNED)
    told = rerostering.exchange(folder, "A03", day(6), "A01", None, SIGNED)
    assert any(
        line.startswith("In the roster from 2027-10-11, published too: A01, 11 October: 7.75 hours")
        for line in told.lines
    )


def test_a_swap_is_judged_and_taken_over_only_when_legal(folder):
    roster = by_hand({MORNING: 1, LATE: 1}, {"A01": "MML----", "A02": "LL-M---", "A03": "-------"})
    path = save_published(folder, roster, SIGNED)
    before = path.read_bytes()
    told = rerostering.exchange(folder, "A01", day(1), "A02", day(1), SIGNED)
    assert told.lines[0] == "The swap breaks hard rules and cannot be taken over."
    with pytest.raises(CatalystError, match="nothing was written"):
        rerostering.exchange(folder, "A01", day(1), "A02", day(1), SIGNED, apply=True)
    assert path.read_bytes() == before
    told = rerostering.exchange(folder, "A01", day(2), "A02", day(3), SIGNED, apply=True)
    assert told.lines[:2] == ("The swap keeps every hard rule.", "The cover holds.")
    assert told.lines[-1].endswith("the calendars of A01, A02, and the desk's.")
    after = load_roster(folder, roster.start)
    assert after is not None
    assert (row(after, "A01"), row(after, "A02")) == ("MM-M---", "LLL----")


def test_who_could_step_in_is_told_in_the_order_in_which_to_call(folder):
    roster = by_hand({MORNING: 1, LATE: 1}, {"A01": "MMM----", "A02": "L------", "A03": "-------"})
    save_published(folder, roster, SIGNED)
    told = rerostering.who(folder, day(3), "e")
    assert [line.split(":")[0] for line in told.lines] == ["A03", "A02", "A01", "SUP1"]
    assert told.lines[-1] == "SUP1: supervisor on call, the last resort"
    with pytest.raises(CatalystError, match=r"there are E \(07:00–15:15\), L \(15:00–23:15\)"):
        rerostering.who(folder, day(3), "Q")


def test_a_new_starter_and_a_leaver_are_taken_from_staff_yaml(folder):
    roster = at_work(8, 3)
    (folder / "staff.yaml").write_text(staff_of(roster), "utf-8")
    save_published(folder, roster, SIGNED)
    assert (
        rerostering.renew(folder, day(14), SIGNED).lines[0]
        == "staff.yaml and the published roster agree: nothing changes."
    )
    left = staff_of(replace(roster, people=tuple(p for p in roster.people if p.code != "A05")))
    starter = "  - {code: B01, hours_per_week: 40, languages: [en, es], first_day: 2027-10-25, academy: 3}\n"
    (folder / "staff.yaml").write_text(left + starter, "utf-8")
    told = rerostering.renew(folder, day(14), SIGNED, apply=True)
    assert told.lines[:2] == ("New in the roster: B01.", "No longer in staff.yaml: A05.")
    after = load_roster(folder, roster.start)
    assert after is not None
    assert row(after, "A05") == row(roster, "A05")[:14] + 14 * "-"
    assert row(after, "B01")[:21] == 21 * "-"
    assert [s.day for s in after.sessions if "B01" in s.people] == [day(16), day(17), day(18)], "training comes first"
    limits = read_engagement(folder).limits
    assert [v.text for v in check(after, limits) if v.hard] == []


def test_the_next_roster_starts_where_the_last_one_ends_and_comments_stay(folder):
    with pytest.raises(CatalystError, match="No roster is published yet"):
        rerostering.go_on(folder)
    roster = at_work()
    save_published(folder, roster, SIGNED)
    before = (folder / "engagement.yaml").read_text("utf-8")
    told = rerostering.go_on(folder)
    after = (folder / "engagement.yaml").read_text("utf-8")
    assert after == before.replace("roster_start: 2027-10-04", "roster_start: 2027-11-01")
    assert "# Monday of the first rostered week" in after
    assert (
        told.lines[0]
        == "The last published roster ends on Sunday 31 October; the next one starts on Monday 1 November."
    )
    assert told.lines[1].endswith(f": {len(roster.assignments)} shifts.")
    assert rerostering.go_on(folder).lines[-1] == "engagement.yaml says so already."


def test_why_says_what_is_missing_and_what_would_help(folder):
    roster = by_hand({MORNING: 1}, {"A01": "MMMMM--", "A02": "-----M-"})
    roster = replace(roster, people=tuple(replace(p, hours_per_week=24) for p in roster.people))
    told = rerostering.why(folder, draft(roster))
    assert len(told.lines) >= 2


def test_the_verbs_stand_in_one_group_and_name_their_mistakes(folder):
    app = typer.Typer()
    app.command("other")(lambda: None)
    cli_roster.add_to(app)
    run = CliRunner().invoke
    helped = run(app, ["roster", "--help"]).output
    assert all(verb in helped for verb in ("publish", "check", "ill", "swap", "who", "renew", "why", "next"))
    save_published(folder, at_work(), SIGNED)
    told = run(app, ["roster", "who", str(folder), "2027-10-12", "N"])
    assert told.exit_code == 0
    assert "SUP" in told.output
    told = run(app, ["roster", "ill", str(folder), "A01", "--from", "12.10.2027"])
    assert isinstance(told.exception, CatalystError)
    assert str(told.exception) == "'12.10.2027' is not a day; write it as 2027-03-01."
    assert "wrote" in run(app, ["roster", "next", str(folder)]).output
