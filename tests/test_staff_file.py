"""staff.yaml: what people may say about themselves, and every slip named with person, line and what to do."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from hotline_catalyst.errors import ContentError
from hotline_catalyst.library import content_root, read_yaml
from hotline_catalyst.planning.calendar import load_limits
from hotline_catalyst.planning.rostering.people import limits_of
from hotline_catalyst.planning.rostering.records import Advocate, Request, Unavailable
from hotline_catalyst.planning.rostering.staff_file import advocates_of, read_staff

TODAY = date(2026, 11, 21)
EXAMPLE = content_root() / "assessment" / "examples" / "ruritania" / "staff.yaml"

EVERYTHING = """
staff:
  - code: A01
    contract: volunteer
    hours_per_week: 12
    languages: [en, fr]
    supervisor: true
    nights: false
    leave: [{from: 2027-10-11, to: 2027-10-12}]
    requests:
      - {day: 2027-10-06, wanted: false}
      - {day: 2027-10-07, wanted: true, shift: early, weight: 3}
    unavailable:
      - {weekday: monday, from: "08:00", to: "14:00"}
      - {weekday: sunday, from: "22:00", to: "02:00"}
      - {weekday: friday}
    limits:
      daily_rest_hours: {value: 12.5, reason: Long journey, agreed: 2026-01-05}
      consecutive_nights_limit: {value: 1}
    first_day: 2027-10-04
    last_day: 2027-12-31
    academy: 10
"""


def staff(tmp_path: Path, *entries: str) -> Path:
    path = tmp_path / "staff.yaml"
    path.write_text(
        entries[0] if "staff:" in entries[0] else "staff:\n" + "".join(f"  - {e}\n" for e in entries), "utf-8"
    )
    return path


def people(path: Path, law: str = "base", languages: tuple[str, ...] = ("en", "fr")) -> list[Advocate]:
    limits = load_limits(law, TODAY)
    return advocates_of(read_staff(path, limits, languages), limits)


def problems(tmp_path: Path, *entries: str, law: str = "base", languages: tuple[str, ...] = ("en", "fr")) -> list[str]:
    with pytest.raises(ContentError) as error:
        people(staff(tmp_path, *entries), law, languages)
    return error.value.problems


def test_a_file_of_before_reads_as_before():
    found = people(EXAMPLE, "xr")
    assert [p.code for p in found] == [m["code"] for m in read_yaml(EXAMPLE)["staff"]]
    leave = frozenset(date(2027, 10, 11) + timedelta(days=n) for n in range(7))
    assert found[2] == Advocate("A03", 40, ("en", "fr"), leave=leave)


def test_everything_a_person_may_say_reaches_the_roster(tmp_path):
    (found,) = people(staff(tmp_path, EVERYTHING))
    assert found == Advocate(
        code="A01",
        hours_per_week=12,
        languages=("en", "fr"),
        supervisor=True,
        nights=False,
        leave=frozenset({date(2027, 10, 11), date(2027, 10, 12)}),
        contract="volunteer",
        requests=(Request(date(2027, 10, 6), False, "", 2), Request(date(2027, 10, 7), True, "early", 3)),
        # Until 02:00 of the next day is minute 1560.
        unavailable=(Unavailable(0, 480, 840), Unavailable(6, 1320, 1560), Unavailable(4, 0, 1440)),
        limits={"daily_rest_hours": 12.5, "consecutive_nights_limit": 1},
        first_day=date(2027, 10, 4),
        last_day=date(2027, 12, 31),
    )


def one(rest: str) -> str:
    return f"{{code: A01, hours_per_week: 40, languages: [en], {rest}}}"


def test_less_rest_than_the_law_names_person_rule_both_values_source_and_what_to_do(tmp_path):
    (said,) = problems(tmp_path, one("limits: {daily_rest_hours: {value: 9, reason: Agreed, agreed: 2026-01-01}}"))
    source = load_limits("base", TODAY)["daily_rest_hours"].source
    for part in (
        "line 2:",
        "A01",
        "daily_rest_hours",
        "9 hours",
        "11 hours",
        source,
        "nobody can agree",
        "at least 11",
    ):
        assert part in said


def test_a_waiver_needs_a_law_that_allows_it_a_reason_and_its_day(tmp_path):
    for own, law, says in (
        ("{value: 55, reason: Opt-out, agreed: 2026-01-01}", "uk", ""),
        ("{value: 55, reason: Opt-out}", "uk", "add reason: and agreed:"),
        ("{value: 55, agreed: 2026-01-01}", "uk", "add reason: and agreed:"),
        ("{value: 55, reason: Opt-out, agreed: 2026-01-01}", "eu", "nobody can agree to that; set at most 48"),
        ("{value: 40}", "eu", ""),
    ):
        entry = one(f"limits: {{weekly_hours_limit: {own}}}")
        if says:
            assert says in problems(tmp_path, entry, law=law)[0]
        else:
            (found,) = people(staff(tmp_path, entry), law)
            value = float(own.split("value: ")[1].split(",")[0].strip("}"))
            assert limits_of(found, load_limits(law, TODAY))["weekly_hours_limit"].value == value


def test_a_contract_above_the_law_is_named_unless_the_person_opted_out(tmp_path):
    entry = "{code: A01, hours_per_week: 50, languages: [en]"
    (said,) = problems(tmp_path, entry + "}")
    assert "hours_per_week 50 is above" in said
    assert "48 hours (L-EU-4" in said
    waived = "{value: 55, reason: Opt-out, agreed: 2026-01-01}"
    both = f"{entry}, limits: {{weekly_hours_limit: {waived}, average_weekly_hours_limit: {waived}}}}}"
    assert people(staff(tmp_path, both), "uk")[0].hours_per_week == 50
    (said,) = problems(tmp_path, one("limits: {weekly_hours_limit: {value: 24}}"))
    assert "hours_per_week 40 is above" in said, "one's own lower cap binds the contract too"


def test_a_misspelt_rule_is_answered_with_the_right_one(tmp_path):
    (said,) = problems(tmp_path, one("limits: {daily_rest_hour: {value: 12}}"))
    assert said.endswith("'daily_rest_hour' is not a rule here; did you mean 'daily_rest_hours'?")


@pytest.mark.parametrize(
    ("code", "hint"),
    [("fra", "fr"), ("french", "fr"), ("eng", "en"), ("English", "en"), ("xx", None), ("FR", "fr")],
)
def test_a_language_written_otherwise_is_named_so_that_no_speaker_is_lost(tmp_path, code, hint):
    (said,) = problems(tmp_path, f"{{code: A01, hours_per_week: 40, languages: [{code}]}}")
    assert f"'{code}' is no language code" in said
    assert hint is None or said.endswith(f"did you mean '{hint}'?")


def test_a_language_the_line_does_not_need_may_be_written_down(tmp_path):
    entry = "{code: A01, hours_per_week: 40, languages: [en, es, snk, yua, pt-BR]}"
    assert people(staff(tmp_path, entry))[0].languages == ("en", "es", "snk", "yua", "pt-BR")


def test_every_problem_of_the_file_is_said_at_once_with_its_line(tmp_path):
    found = problems(
        tmp_path,
        "{code: A01, hours_per_week: 0, languages: [en]}",
        "{code: A02, hours_per_week: 40, languages: [en], leave: [{from: 2027-10-12, to: 2027-10-11}]}",
        "{code: A03, hours_per_week: 40, languages: [en], limits: {naps: {value: 1}}}",
        "{code: A04, hours_per_week: 40, languages: [en]}",
        "{code: A04, hours_per_week: 40, languages: [en]}",
        "{code: A05, hours_per_week: 40, languages: [en], unavailable: [{weekday: mondays}]}",
        "{code: A06, hours_per_week: 40, languages: [en], requests: [{day: 2027-10-05, wanted: true, weight: 4}]}",
        "{code: A07, hours_per_week: 40, languages: [en], academy: 5}",
        "{code: A08, hours_per_week: 40, languages: [en], first_day: 2027-10-04, last_day: 2027-10-01}",
        "{code: A09, hours_per_week: 40, languages: [en], nigths: false}",
    )
    wanted = [
        "line 2: staff.0.hours_per_week",
        "line 3: staff.1.leave.0: the last day, 2027-10-11, comes before the first",
        "line 7: staff.5.unavailable.0.weekday: 'mondays' is not a day; did you mean 'monday'?",
        "line 8: staff.6.requests.0.weight",
        "line 11: staff.9.nigths: this key is not known here",
        "line 4: A03: limits: 'naps' is not a rule here",
        "line 6: A04: this code stands twice",
        "line 9: A07: academy needs first_day",
        "line 10: A08: last_day 2027-10-01 comes before first_day",
    ]
    assert len(found) == len(wanted)
    for said, start in zip(found, wanted, strict=True):
        assert said.startswith(start), said


def test_wishes_that_contradict_are_named(tmp_path):
    found = problems(
        tmp_path,
        one("requests: [{day: 2027-10-05, wanted: true}, {day: 2027-10-05, wanted: false}]"),
        "{code: A02, hours_per_week: 40, languages: [en], leave: [{from: 2027-10-05, to: 2027-10-05}], "
        "requests: [{day: 2027-10-05, wanted: true}]}",
    )
    assert "asked for and refused at once" in found[0]
    assert "a wish to work on 2027-10-05, which is a day of leave" in found[1]


@pytest.mark.parametrize("text", ["staff:\n", "staff: {}\n", "people: []\n", "- A01\n", "staff: [A01, 3]\n", ""])
def test_a_file_of_another_shape_is_refused_in_words(tmp_path, text):
    path = tmp_path / "staff.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(ContentError, match=r"problems? in .*staff\.yaml"):
        read_staff(path, load_limits("base", TODAY), ["en"])
