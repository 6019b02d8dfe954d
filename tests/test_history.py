"""A line's own counts: files as lines really keep them are read the same, and nothing of a person is ever kept."""

from __future__ import annotations

import csv
import io
import os
import random
import zipfile
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import openpyxl
import pytest
from conftest import run
from hostile import KINDS

from hotline_catalyst.errors import ContentError
from hotline_catalyst.planning.history import History, Observed, load, observed_of, read_history, store
from hotline_catalyst.planning.history_quality import look_at
from hotline_catalyst.planning.history_record import Row, built
from hotline_catalyst.planning.history_times import hours_on, moment
from hotline_catalyst.planning.history_words import load_words, role_of
from hotline_catalyst.starting import new_engagement

START = date(2027, 3, 1)  # a Monday


def written(tmp_path: Path, text: str, name: str = "calls.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode("utf-8"))
    return path


def said(path: Path, **how: object) -> list[str]:
    with pytest.raises(ContentError) as caught:
        read_history(path, **how)  # type: ignore[arg-type]
    return caught.value.problems


def ids(history: History | Observed) -> set[str]:
    return {note.id for note in history.notes}


def note(history: History | Observed, ident: str) -> str:
    return next(n.text for n in history.notes if n.id == ident)


def hourly(counts: np.ndarray, first: date = START, timezone: str | None = None) -> History:
    """Return counts by day and hour as a history."""
    rows = [Row(first + timedelta(days=day), hour, "", "", int(count)) for (day, hour), count in np.ndenumerate(counts)]
    return built(rows, timed=True, timezone=timezone, notes=())


def drawn(days: int, a_day: float, seed: int = 1) -> np.ndarray:
    """Return Poisson counts of a line round the clock, busier by day."""
    wave = 1 + 0.6 * np.sin((np.arange(24) - 9) / 24 * 2 * np.pi)
    return np.random.default_rng(seed).poisson(np.outer(np.ones(days), wave / wave.sum() * a_day))


def contacts() -> list[datetime]:
    """Return three weeks of contacts with times to the minute."""
    chance = random.Random(3)
    found = [datetime(2027, 3, 1) + timedelta(minutes=chance.randrange(21 * 1440)) for _ in range(400)]
    return sorted([datetime(2027, 3, 1, 0, 1), *found, datetime(2027, 3, 21, 23, 59)])


def as_rows(moments: list[datetime]) -> str:
    return "Time\n" + "".join(f"{at:%Y-%m-%d %H:%M}\n" for at in moments)


def as_counts(moments: list[datetime]) -> str:
    hours = [(at.date(), at.hour) for at in moments]
    lines = [f"{day};{hour:02d}:00;{hours.count((day, hour))}" for day, hour in sorted(set(hours))]
    return "Fecha;Hora;Llamadas\n" + "\n".join(lines) + "\n"


def as_wide(moments: list[datetime]) -> str:
    days = [START + timedelta(days=n) for n in range(21)]
    hours = [(at.date(), at.hour) for at in moments]
    lines = [",".join([f"{day}", *(str(hours.count((day, h))) for h in range(24))]) for day in days]
    return "Date," + ",".join(f"{h:02d}:00-{(h + 1) % 24:02d}:00" for h in range(24)) + "\n" + "\n".join(lines)


def test_contacts_counts_and_a_wide_table_of_the_same_weeks_are_the_same_history(tmp_path):
    moments = contacts()
    one = read_history(written(tmp_path, as_rows(moments)))
    assert one.contacts == len(moments) == 402
    assert one.by_hour[0, 0] == sum(at < datetime(2027, 3, 1, 1) for at in moments)
    assert one == read_history(written(tmp_path, as_counts(moments)))
    assert one == read_history(written(tmp_path, as_wide(moments)))
    assert one == read_history(in_workbook(tmp_path, [["Zeit", "Time"], *(["x", at] for at in moments)]))
    assert one == read_history(in_workbook(tmp_path, list(csv.reader(io.StringIO(as_wide(moments))))))


def in_workbook(tmp_path: Path, rows: list[list[object]], name: str = "calls.xlsx") -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(tmp_path / name)
    return tmp_path / name


@pytest.mark.parametrize(
    ("heads", "row"),
    [
        ("Time,Channel,Language", "2027-03-14 17:05,Phone,English"),
        ("Call start time,Contact channel,Caller language", "3/14/2027 5:05 PM,Voice,en"),
        ("Fecha y hora de la llamada;Canal;Idioma", "14/03/2027 5:05 p. m.;Llamada;inglés"),
        ("Date;Heure;Canal;Langue", "14.03.2027;17h05;Appel;Anglais"),
        ("التاريخ,الوقت,القناة,اللغة", "١٤/٠٣/٢٠٢٧,١٧:٠٥,مكالمة,الإنجليزية"),
        ("\ufeffDate\tHour\tCount\tChannel\tLanguage", "14 March 2027\t17:00-18:00\t1\tHotline\ten-GB"),
        ("sep=;\nFecha;Hora;Cantidad;Medio;Lengua", "14 de marzo de 2027;17;1,0;Teléfono;EN"),
    ],
)
def test_the_words_of_four_languages_and_common_forms_say_the_same(tmp_path, heads, row):
    history = read_history(written(tmp_path, f"{heads}\n{row}\n"))
    assert history.rows == (Row(date(2027, 3, 14), 17, "phone", "en", 1),)


def test_heads_that_speak_of_other_times_are_left_unread():
    heads = ["Date of birth", "Fecha de nacimiento", "Call end time", "Heure de fin", "Follow-up date", "Time zone"]
    assert [role_of(head) for head in heads] == ["never"] * 6
    assert [role_of(head) for head in ("Name", "Notes", "Caller ID", "Phone number", "Teléfono")] == [None] * 5


def test_a_day_that_may_be_read_two_ways_is_refused_and_one_row_past_twelve_settles_it(tmp_path):
    (problem,) = said(written(tmp_path, "Date,Calls\n03/04/2027,2\n05/04/2027,1\n"))
    assert problem.startswith("row 2 and 1 more: the day may be read two ways (03/04 is March or April)")
    settled = read_history(written(tmp_path, "Date,Calls\n03/04/2027,2\n13/04/2027,1\n"))
    assert (settled.first, settled.last) == (date(2027, 4, 3), date(2027, 4, 13))
    american = read_history(written(tmp_path, "Date,Calls\n03/04/2027,2\n04/13/2027,1\n"))
    assert (american.first, american.last) == (date(2027, 3, 4), date(2027, 4, 13))
    assert read_history(written(tmp_path, "Date,Calls\n03/03/2027,2\n")).first == date(2027, 3, 3)
    (problem,) = said(written(tmp_path, "Date,Calls\n25/04/2027,2\n04/25/2027,1\n"))
    assert "some days stand before the month and some after it" in problem
    assert "is not a clear day" in said(written(tmp_path, "Date,Calls\n03/04/27,2\n"))[0]


def test_dates_that_a_spreadsheet_half_converted_are_refused(tmp_path):
    rows = [["Date", "Calls"], [datetime(2027, 4, 3), 2], ["14/03/2027", 1]]
    assert "a spreadsheet may have taken days for months" in said(in_workbook(tmp_path, rows))[0]


SECRETS = ("Amina Zoubir", "+34600123456", "amina@example.org", "She said her brother", "CASE-7781", "Dr. Okafor")


def test_nothing_but_hour_channel_language_and_count_is_kept_or_said(tmp_path):
    text = "Time,Caller,Phone,E-mail,Notes,Case,Advocate,Channel\n"
    text += "".join(f"2027-03-{d:02d} 10:{d:02d},{','.join(SECRETS)},Phone\n" for d in range(1, 29))
    history = read_history(written(tmp_path, text))
    store(history, tmp_path / "out")
    kept = b"".join(path.read_bytes() for path in (tmp_path / "out").iterdir()).decode()
    assert not [secret for secret in SECRETS if secret in kept + repr(history)]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"history.csv", "history_notes.yaml"}
    assert (tmp_path / "out" / "history.csv").read_text("utf-8").splitlines()[:2] == [
        "hour,channel,language,count",
        "2027-03-01T10:00,phone,,1",
    ]
    told = note(history, "not_read")
    assert told.startswith("Not read and not kept: 6 other columns ('Caller', 'Phone', 'E-mail', 'Notes', 'Case'")


def test_names_in_the_wrong_column_are_neither_kept_nor_shown(tmp_path):
    path = written(tmp_path, "Time,Person,Channel\nAmina Zoubir,2027-03-01,x\n2027-03-02 10:00,x,Amina Zoubir\n")
    assert said(path) == ["row 2: the time 'Ami…' is not a clear day; write it as 2027-03-14"]
    mapped = read_history(
        written(tmp_path, "Time,Person,Place\n2027-03-02 10:00,Amina Zoubir,Amina's house\n"),
        columns={"channel": "Person", "language": "Place"},
    )
    assert mapped.rows == (Row(date(2027, 3, 2), 10, "other", "", 1),)
    assert "Amina" not in repr(mapped)


def test_a_column_of_numbers_to_call_back_is_no_count(tmp_path):
    history = read_history(
        written(tmp_path, "Time,Phone,SMS\n2027-03-01 10:00,600123456,\n2027-03-01 11:00,,600999888\n")
    )
    assert [row.contacts for row in history.rows] == [1, 1]


def test_every_slip_of_a_file_is_named_at_once_with_its_row(tmp_path):
    text = "Date,Hour,Count\n2027-03-01,8,3\n2027-02-30,8,1\n2027-03-01,25,1\n2027-03-01,9,2.5\n,10,1\n"
    text += "2027-03-01,11,-4\n2027-03-01,12,\n2027-03-01,13,1.200\n2027-03-01,14,9999999\n2027-03-01,15,1,x\n"
    text += "2027-03-01,8,5\n2207-03-01,8,5\n"
    problems = said(written(tmp_path, text))
    assert [p.partition(":")[0] for p in problems] == [f"row {n}" for n in (4, 5, 6, 7, 8, 9, 10, 11)]
    assert problems[0].endswith(
        "has a time past 23:59; write it as 17:05, and midnight as 00:00 of the day that begins"
    )
    assert problems[1] == "row 5: the count '2.5' is not whole; give counts, not means"
    assert problems[5] == "row 9: the count '1.200' may be read two ways; write it without points and commas"
    problems = said(
        written(tmp_path, "Date,Hour,Count\n2027-02-30,8,1\n2027-03-01,8,3\n2027-03-01,8,5\n2207-03-01,8,5\n")
    )
    assert problems == [
        "row 2: there is no such day",
        "row 5: the year 2207 is not between 1990 and 2100",
        "row 4: 2027-03-01 hour 8 stands already in row 3; keep one",
    ]
    many = said(written(tmp_path, "Time\n" + "yesterday\n" * 500))
    assert len(many) == 51
    assert many[-1] == "and 450 more; mend these first"


HOSTILE = {
    "empty": (b"", "it is empty"),
    "blank": (b"\n\n,,\n", "it is empty"),
    "heads only": (b"Time,Channel\n", "it holds no contacts"),
    "no heads": (b"2027-03-01 10:00,a\n2027-03-02 10:00,b\n", "no row among the first 20 holds a head"),
    "all zero": (b"Date,Hour,Calls\n2027-03-01,8,0\n", "every count in it is 0"),
    "utf-16": ("Time\n2027-03-01".encode("utf-16"), "save it again as UTF-8"),
    "latin": ("Fecha,Añadido\n2027-03-01,ñ".encode("latin-1"), "it is not saved as UTF-8"),
    "nul": (b"Time\n2027-03-01\0\n", "NUL"),
    "open quote": (b'Time,Note\n2027-03-01 10:00,"never closed\n', "cannot be read"),
    "hours to 24": (b"Date,1,2,3,24\n2027-03-01,1,2,3,4\n", "the hours run to 24"),
    "two times": (b"Start time call,Time of arrival\n2027-03-01,2027-03-01\n", "could each be the hour"),
    "no day": (b"Hour,Calls\n08:00,4\n", "is not a clear day"),
    "far apart": (b"Time\n1991-03-01 10:00\n2099-03-01 10:00\n", "more than 30 years apart"),
    "offset": (b"Time\n2027-03-01T10:00:00Z\n", "say in which time zone the line works"),
    "digits": (b"Date,Calls\n2027-03-01," + b"9" * 5000 + b"\n", "is not a whole number"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_cannot_be_read_is_refused_with_a_sentence(tmp_path, name):
    content, wanted = HOSTILE[name]
    (tmp_path / "calls.csv").write_bytes(content)
    assert wanted in " ".join(said(tmp_path / "calls.csv"))


def test_a_huge_file_is_refused_before_it_is_read(tmp_path):
    with (tmp_path / "calls.csv").open("wb") as stream:
        stream.truncate(60_000_000)
    assert said(tmp_path / "calls.csv") == ["it is larger than 50 MB; give counts by hour instead"]


def test_a_workbook_with_formulas_macros_or_bombs_is_refused(tmp_path):
    rows = [["Date", "Hour", "Calls"], [date(2027, 3, 1), 8, "=1+1"], ["=TODAY()", 9, 2]]
    assert said(in_workbook(tmp_path, rows)) == [
        "sheet 'Sheet', row 2: the count is a formula; copy the column and paste it as values",
        "sheet 'Sheet', row 3: the date is a formula; copy the column and paste it as values",
    ]
    with zipfile.ZipFile(tmp_path / "calls.xlsx", "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    assert "it holds macros" in said(tmp_path / "calls.xlsx")[0]
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("xl/worksheets/sheet1.xml", "<row/>" * 3_000_000)
    assert "save the sheet as 'CSV UTF-8', which may be as large as 50 MB" in said(bomb)[0]
    (tmp_path / "calls.ods").write_bytes(b"PK")
    assert "only .xlsx workbooks are read" in said(tmp_path / "calls.ods")[0]


def test_sheets_of_several_years_are_read_together_and_a_copied_sheet_is_refused(tmp_path):
    book = openpyxl.Workbook()
    sheets = [book.active, book.create_sheet("2028"), book.create_sheet("About")]
    for n, sheet in enumerate(sheets[:2]):
        sheet.append(["Time"])
        for hour in range(20):
            sheet.append([f"{2027 + n}-03-01 {hour:02d}:30"])
    sheets[2].append(["Written by the line"])
    book.save(tmp_path / "years.xlsx")
    assert read_history(tmp_path / "years.xlsx").contacts == 40
    book.copy_worksheet(sheets[0])
    book.save(tmp_path / "years.xlsx")
    assert said(tmp_path / "years.xlsx") == ["the sheets 'Sheet' and 'Sheet Copy' hold the same rows; keep one of them"]


def test_no_text_of_the_hostile_collection_breaks_the_reader_or_reaches_the_store(tmp_path):
    texts = sorted({text for kind in KINDS.values() for text in kind})
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(["Time", "Channel", "Language", "Outcome", "Notes"])
    clean = [text.encode("utf-8", "ignore").decode().replace("\0", "")[:9000] for text in texts]
    for n, text in enumerate(clean):
        table.writerow([f"2027-03-{n % 28 + 1:02d} 10:{n % 60:02d}", text, text, text, text])
    history = read_history(written(tmp_path, out.getvalue()))
    lines = store(history, tmp_path).read_text("utf-8").splitlines()
    assert all(set(line) <= set("0123456789-T:,abcdefghijklmnopqrstuvwxyz") for line in lines)
    for head in ("Time", "Date", "Count", "Channel"):
        for text in clean:
            with suppress(ContentError):
                read_history(written(tmp_path, f"{head},Time\n{text},2027-03-01 10:00\n{text},{text}\n"))


def test_a_damaged_file_is_read_or_refused_and_never_breaks_the_reader(tmp_path):
    chance = random.Random(11)
    whole = [
        b"Time,Channel,Count\n" + b"".join(b"2027-03-%02d 10:%02d,Phone,3\n" % (n % 28 + 1, n) for n in range(60)),
        as_wide(contacts()).encode(),
        in_workbook(
            tmp_path, [["Date", "Hour", "Calls"], [date(2027, 3, 1), 8, 3], [date(2027, 3, 2), 9, 4]]
        ).read_bytes(),
    ]
    outcomes = set()
    for n in range(1500 if os.environ.get("SOAK") else 150):
        content = bytearray(whole[n % 3])
        for _ in range(chance.randrange(1, 6)):
            at = chance.randrange(len(content))
            content[at : at + chance.randrange(4)] = chance.choice(
                [b"", b",", b'"', b"\n", b"=", b";", b"9" * 30, b"\xff"]
            )
        path = tmp_path / ("x.xlsx" if n % 3 == 2 else "x.csv")
        path.write_bytes(content)
        try:
            outcomes.add(type(read_history(path)))
        except ContentError:
            outcomes.add(ContentError)
    assert outcomes == {History, ContentError}


def test_days_after_today_are_refused(tmp_path):
    path = written(tmp_path, "Time\n2027-03-01 10:00\n2027-03-09 10:00\n")
    assert said(path, until=date(2027, 3, 8)) == ["row 3: 2027-03-09 lies in the future; correct it"]


def test_times_with_their_distance_from_utc_come_to_the_clock_of_the_line(tmp_path):
    path = written(tmp_path, "Time\n2027-03-28T00:30:00Z\n2027-03-28T01:30:00Z\n2027-10-31T00:30:00+00:00\n")
    history = read_history(path, timezone="Europe/Madrid")
    assert [(row.day.month, row.hour) for row in history.rows] == [(3, 1), (3, 3), (10, 2)]
    assert note(history, "zone") == "3 times were converted to the clock of Europe/Madrid."
    with pytest.raises(ContentError, match="'Madrid' is not a time zone; write it as Europe/Madrid"):
        read_history(path, timezone="Madrid")


@pytest.mark.parametrize("name", ["Europe/Madrid", "America/New_York", "Asia/Dubai", "Australia/Lord_Howe"])
def test_hours_of_a_day_are_as_many_as_really_pass(name):
    zone = ZoneInfo(name)
    for n in range(366):
        day = date(2027, 1, 1) + timedelta(days=n)
        start = datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()
        following = day + timedelta(days=1)
        end = datetime(following.year, following.month, following.day, tzinfo=zone).timestamp()
        assert abs(sum(hours_on(day, zone)) - (end - start) / 3600) <= 0.5


def test_the_doubled_hour_of_autumn_is_added_up_and_weighed_as_two(tmp_path):
    lines = [f"{day},{hour},4" for day in ("2027-10-30", "2027-10-31", "2027-11-01") for hour in range(24)]
    lines.insert(24 + 3, "2027-10-31,2,6")
    history = read_history(written(tmp_path, "Date,Hour,Calls\n" + "\n".join(lines)), timezone="Europe/Madrid")
    assert history.by_hour[1, 2] == 10
    assert "clock_rows" in ids(history)
    assert look_at(history).hours[1, 2] == 2


def test_rows_that_are_the_same_in_every_column_are_counted_once(tmp_path):
    rows = [f"2027-03-01 10:{n:02d},C-{n}" for n in range(20)]
    history = read_history(written(tmp_path, "Time,Case\n" + "\n".join([*rows, *rows[:3]])))
    assert history.contacts == 20
    assert note(history, "duplicates").startswith("3 rows are the same as another")
    # Two contacts in one minute are no slip when nothing but the minute is written.
    assert read_history(written(tmp_path, "Time\n2027-03-01 10:05\n2027-03-01 10:05\n")).contacts == 2


def test_contacts_without_a_time_are_spread_over_their_day_like_the_others(tmp_path):
    timed = [f"2027-03-{n % 28 + 1:02d} {9 + n % 3:02d}:{1 + n % 50:02d}" for n in range(300)]
    untimed = [f"2027-03-{n % 28 + 1:02d} 00:00" for n in range(90)]
    history = read_history(written(tmp_path, "Time\n" + "\n".join(timed + untimed)))
    assert history.contacts == 390
    assert note(history, "midnight").startswith("90 contacts (23 %) stand at exactly 00:00")
    of_hour = history.by_hour.sum(0)
    assert of_hour[0] == 0
    assert of_hour[9:12] == pytest.approx([130, 130, 130], abs=2)
    assert history.by_hour.sum(1)[:2].tolist() == [15, 15]


def test_a_file_of_days_tells_days_and_leaves_the_hours_to_the_default(tmp_path):
    days = [START + timedelta(days=n) for n in range(70)]
    text = "Date,Calls\n" + "\n".join(f"{day},{30 if day.weekday() < 5 else 10}" for day in days)
    history = read_history(written(tmp_path, text))
    assert not history.timed
    store(history, tmp_path)
    assert load(tmp_path) == history
    observed = observed_of(history, date(2027, 6, 1))
    prior = np.tile(np.arange(1, 25) / 300, 7) / 7
    shape = observed.shape(prior).reshape(7, 24)
    assert shape.sum() == pytest.approx(1)
    assert np.allclose(shape[0] / shape[0].sum(), np.arange(1, 25) / 300)
    assert 0.33 < shape[6].sum() / shape[0].sum() < 0.75
    assert observed.per_week.likely == pytest.approx(170, rel=0.03)


def test_silent_and_test_contacts_are_counted_and_left_out_and_abandoned_ones_stay(tmp_path):
    outcomes = ["Answered"] * 60 + ["Abandoned"] * 10 + ["Silent call"] * 20 + ["Prank"] * 5 + ["Test call"] * 5
    rows = [f"2027-03-{n % 28 + 1:02d} 10:{n % 60:02d},{o},{4 if n < 7 else 300}" for n, o in enumerate(outcomes)]
    history = read_history(written(tmp_path, "Time,Outcome,Duration (s)\n" + "\n".join(rows)))
    assert history.contacts == 70
    assert note(history, "silent").startswith("25 contacts (26 %) are marked silent")
    assert note(history, "abandoned").startswith("10 contacts (11 %) hung up")
    assert note(history, "test") == "5 contacts are marked as tests; they were left out."
    assert note(history, "short").startswith("7 of 100 contacts with a duration (7 %) lasted under 10 seconds")


def test_sums_are_left_out_and_rows_divided_by_an_unread_column_are_added_up(tmp_path):
    text = "Report of calls\n\nDate,Hour,Region,Calls\n2027-03-01,8,North,3\n2027-03-01,8,South,2\nTotal,,,5\n"
    history = read_history(written(tmp_path, text))
    assert history.rows == (Row(START, 8, "", "", 5),)
    assert {"sums", "merged"} <= ids(history)
    wide = read_history(written(tmp_path, "Date,Hour,Phone,Chat,Total\n2027-03-01,8,3,2,5\n"))
    assert wide.rows == (Row(START, 8, "chat", "", 2), Row(START, 8, "phone", "", 3))


def test_a_stored_history_comes_back_the_same_with_the_same_bytes(tmp_path):
    text = "Time,Channel,Language\n2027-03-01 10:00,Chat,fr\n2027-03-01 10:30,Chat,fr\n2027-03-09 23:59,SMS,ar\n"
    history = read_history(written(tmp_path, text), timezone="Africa/Tunis")
    first = store(history, tmp_path / "a").read_bytes()
    again = load(tmp_path / "a")
    assert again == history
    assert (again.timezone, ids(again)) == ("Africa/Tunis", ids(history))
    shuffled = written(tmp_path, "\n".join([text.splitlines()[0], *reversed(text.splitlines()[1:])]))
    assert store(read_history(shuffled, timezone="Africa/Tunis"), tmp_path / "b").read_bytes() == first
    assert store(again, tmp_path / "b").read_bytes() == first
    assert [p.read_bytes() for p in sorted((tmp_path / "a").iterdir())] == [
        p.read_bytes() for p in sorted((tmp_path / "b").iterdir())
    ]
    assert load(tmp_path / "nowhere") is None


def test_zero_counts_at_both_ends_of_a_table_are_kept_as_days_seen(tmp_path):
    history = read_history(written(tmp_path, "Date,Hour,Calls\n2027-03-01,8,0\n2027-03-02,8,4\n2027-03-03,8,0\n"))
    assert (history.first, history.last, history.contacts) == (date(2027, 3, 1), date(2027, 3, 3), 4)
    store(history, tmp_path)
    assert load(tmp_path) == history


def test_a_stored_history_changed_by_hand_is_refused_line_by_line(tmp_path):
    lines = ["hour,channel,language,count", "2027-03-01T10:00,phone,en,2", "2027-03-01T25:00,phone,en,2",
             "2027-03-01T10:00,=cmd,en,2", "2027-03-01T10:00,phone,Amina,2", "2027-03-01T10:00,phone,en,-1",
             "2027-13-01T10:00,,,1", "2027-03-02,,,1"]  # fmt: skip
    (tmp_path / "history.csv").write_text("\n".join(lines), "utf-8")
    with pytest.raises(ContentError) as caught:
        load(tmp_path)
    assert [p.partition(":")[0] for p in caught.value.problems] == [
        *(f"line {n}" for n in range(3, 8)),
        "some lines have hours and others only days; read the line's own file again",
    ]


def test_dates_and_times_in_cells_of_their_own_are_read_from_a_workbook(tmp_path):
    rows = [
        ["Calls of March"],
        ["Date", "Time", "Case"],
        [date(2027, 3, 1), time(17, 5), 1],
        [date(2027, 3, 2), time(0, 0), 2],
    ]
    history = read_history(in_workbook(tmp_path, rows))
    assert [(row.day.day, row.hour) for row in history.rows] == [(1, 17), (2, 0)]
    wide = in_workbook(tmp_path, [["Date", *(time(hour) for hour in range(8, 18))], [date(2027, 3, 1), *range(10)]])
    assert [(row.hour, row.contacts) for row in read_history(wide).rows] == [(hour, hour - 8) for hour in range(9, 18)]


# What the counts show about themselves.


def test_steady_counts_raise_no_note_but_those_on_what_is_not_known():
    found = [look_at(hourly(drawn(180, 30, seed))) for seed in range(25)]
    more = [n.text for quality in found for n in quality.notes if n.id != "no_zone"]
    assert len(more) <= 1  # chance may empty the hours before the first contact
    assert sum((~quality.usable).sum() for quality in found) == len(more)
    assert all(quality.open_hours.all() for quality in found)


def test_missing_days_and_weeks_are_found_and_do_not_lower_the_level():
    counts = drawn(180, 30)
    counts[40] = 0
    counts[[90, 91]] = 0
    counts[120:134] = 0
    found = look_at(hourly(counts))
    texts = {n.id: n.text for n in found.notes}
    assert texts["gap"].startswith("3 days without any contact where 30")
    assert "10 Apr 2027, 30 to 31 May 2027" in texts["gap"]
    assert texts["gap_weeks"].startswith("2 whole weeks are missing (29 Jun 2027 to 12 Jul 2027)")
    assert (~found.usable).sum() == 17
    observed = observed_of(hourly(counts), date(2027, 9, 1))
    assert observed.per_week.likely == pytest.approx(210, rel=0.08)
    # A line that is closed on Sundays and on a holiday misses nothing.
    counts = drawn(180, 30)
    counts[6::7] = 0
    counts[44] = 0
    assert not {"gap", "gap_weeks"} & {n.id for n in look_at(hourly(counts), [START + timedelta(days=44)]).notes}


def test_ends_that_are_cut_off_a_step_and_days_out_of_line_are_found():
    counts = drawn(180, 60)
    counts[0, :15] = 0
    counts[-1, 9:] = 0
    counts[100:] *= 2
    counts[50] *= 6
    found = look_at(hourly(counts))
    texts = {n.id: n.text for n in found.notes}
    assert texts["cut_first"] == "The first day (1 Mar 2027) begins at 15:00; it was left out."
    assert texts["cut_last"].startswith("The last day (27 Aug 2027) ends at 0")
    assert texts["outlier"].startswith("1 day is far from its weekday's usual number (20 Apr 2027)")
    at = datetime.strptime(texts["shift"].split("week of ")[1].split(":")[0], "%d %b %Y").date()
    assert abs((at - START).days - 100) <= 7
    assert found.usable.sum() == 177


def test_hours_in_which_a_line_is_closed_keep_the_default_shape():
    counts = drawn(120, 60)
    counts[:, :7] = 0
    counts[5::7] = 0
    history = hourly(counts)
    found = look_at(history)
    assert found.open_hours.reshape(7, 24).sum(1).tolist() == [17, 17, 17, 17, 17, 0, 17]
    observed = observed_of(history, date(2027, 9, 1))
    prior = np.full(168, 1 / 168)
    shape = observed.shape(prior)
    assert shape.sum() == pytest.approx(1)
    assert np.allclose(shape[~observed.open_hours], 1 / 168)
    whole = observed.whole_week(prior)
    assert whole.likely == pytest.approx(observed.per_week.likely * 168 / 102)
    assert (shape * whole.likely)[observed.open_hours].sum() == pytest.approx(observed.per_week.likely)


def test_an_hour_that_towers_over_its_neighbours_is_told_and_left_alone():
    counts = drawn(120, 60)
    counts[:, 12] += 20
    found = look_at(hourly(counts))
    assert next(n.text for n in found.notes if n.id == "peak").startswith("At 12:00 there are ")


# Own data and default figures.


def test_e_mails_count_for_the_volume_and_not_for_the_rhythm_of_those_who_wait():
    days = [START + timedelta(days=n) for n in range(56)]
    rows = [Row(day, hour, "phone", "", 2) for day in days for hour in range(24)]
    rows += [Row(day, 9, "email", "", 30) for day in days]
    observed = observed_of(built(rows, timed=True, timezone=None, notes=()), date(2027, 6, 1))
    assert np.allclose(observed.hour_of_week, 1 / 168)
    assert observed.per_week.likely == pytest.approx(7 * 78)
    assert observed.measured("silent") is None


def test_own_data_weigh_as_many_weeks_as_they_have_against_eight():
    prior = np.roll(np.repeat([2, 1], 84) / 252, 30)
    for weeks, trust in ((2, 0.2), (8, 0.5), (24, 0.75), (92, 0.92)):
        observed = observed_of(hourly(drawn(7 * weeks, 40)), date(2029, 1, 1))
        assert observed.trust == pytest.approx(trust)
        blended = trust * observed.hour_of_week + (1 - trust) * prior
        assert np.allclose(observed.shape(prior), blended)
        assert observed.dispersion(0.2) == pytest.approx(
            (trust * observed.day_factor_cv**2 + (1 - trust) * 0.04) ** 0.5
        )
    early, late = (ids(observed_of(hourly(drawn(56, 40)), day)) for day in (date(2027, 5, 1), date(2029, 1, 1)))
    assert {"young", "no_year"} <= early
    assert late - early == {"old"}


def test_shares_are_blended_and_what_was_never_offered_keeps_its_default(tmp_path):
    rows = [f"2027-03-{n % 28 + 1:02d} {n % 24:02d}:10,{'Phone' if n % 4 else 'SMS'},fr" for n in range(672)]
    observed = observed_of(
        read_history(written(tmp_path, "Time,Channel,Language\n" + "\n".join(rows))), date(2028, 1, 1)
    )
    assert observed.channel_shares == {"phone": 0.75, "text": 0.25}
    shares = observed.shares({"phone": 0.6, "text": 0.2, "chat": 0.2})
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["chat"] == pytest.approx(0.2)
    assert shares["phone"] == pytest.approx(observed.trust * 0.8 * 0.75 + (1 - observed.trust) * 0.6)
    assert observed.shares({"en": 0.8, "fr": 0.2}, "language") == {"en": 0.8, "fr": pytest.approx(0.2)}
    assert observed.shares({"email": 1.0}) == {"email": 1.0}


def test_less_than_two_whole_weeks_are_no_history():
    with pytest.raises(ContentError, match="13 days of it can be used; give at least 14"):
        observed_of(hourly(drawn(13, 40)), date(2027, 9, 1))


def test_every_sentence_of_the_report_can_be_written():
    words = load_words()
    given = {"count": 2, "contacts": 2, "rows": 2, "weeks": 2, "share": 2, "days": "x", "day": "x", "names": "x",
             "first": "x", "last": "x", "zone": "x", "row": 2, "usual": 2, "hour": "x", "before": 2, "after": 2,
             "times": 2, "all": 2, "seconds": 2, "years": 2, "low": 2, "high": 2}  # fmt: skip
    for ident, text in words.notes.items():
        assert text.format(**given).endswith("."), ident
    assert {ident.removesuffix("_one") for ident in words.notes} <= words.notes.keys()


def test_the_forms_of_a_day_and_time_that_are_not_clear_are_refused():
    for text in ("44927.5", "03/04/27", "2027-03", "March 2027", "14/03/2027 24:00", "2027-03-14 8", "5 PM", "13:00"):
        with pytest.raises(ValueError, match=r"clear|past 23:59"):
            moment(text)


# The door.


def test_the_door_takes_counts_in_says_what_it_found_and_keeps_nothing_of_anybody(tmp_path):
    folder, log = tmp_path / "xr", tmp_path / "llamadas.csv"
    new_engagement(folder, "XR", "existing", "en", date(2026, 11, 21))
    rng, start = np.random.default_rng(5), datetime(2026, 6, 1)
    calls = [start + timedelta(minutes=int(m)) for m in np.sort(rng.integers(0, 60 * 24 * 84, 900))]
    rows = [f"{at:%d/%m/%Y %H:%M};Maria Perez;Teléfono" for at in calls]
    log.write_text("\n".join(["Fecha y hora;Nombre;Canal", *rows]), "utf-8")
    done = run("history", folder, log)
    assert done.returncode == 0, done.stderr
    assert "900 contacts from 2026-06-01" in done.stdout
    assert "Not read and not kept: 1 other column ('Nombre')" in done.stdout
    assert "Next: catalyst build" in done.stdout
    stored = (folder / "history.csv").read_text("utf-8")
    assert stored.startswith("hour,channel,language,count\n")
    assert "Maria" not in stored + (folder / "history_notes.yaml").read_text("utf-8")
    assert sum(int(line.rsplit(",", 1)[1]) for line in stored.splitlines()[1:]) == 900


def test_the_door_refuses_what_is_too_little_and_leaves_the_folder_as_it_was(tmp_path):
    folder, log = tmp_path / "xr", tmp_path / "calls.csv"
    new_engagement(folder, "XR", "existing", "en", date(2026, 11, 21))
    log.write_text("time,channel\n2026-06-01 10:00,phone\n", "utf-8")
    before = sorted(p.name for p in folder.iterdir())
    done = run("history", folder, log)
    assert done.returncode == 2
    assert "weeks" in done.stderr
    assert sorted(p.name for p in folder.iterdir()) == before
    wrong = run("history", folder, log, "--column", "time")
    assert "write what it is and the column's heading" in wrong.stderr
