"""Working-time rules: every value has a source, no law silently loosens good practice, own limits hold for a person."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from hotline_catalyst.errors import ContentError
from hotline_catalyst.library import content_root, load_sources, read_yaml
from hotline_catalyst.planning.calendar import Country, load_country
from hotline_catalyst.planning.rostering.people import limits_of, wish_fits
from hotline_catalyst.planning.rostering.records import Advocate
from hotline_catalyst.planning.shifts import Shift
from hotline_catalyst.planning.working_time import Limit, load_limits, working_time_files

FOLDER = content_root() / "assessment" / "working_time"
NAMES = sorted(p.stem for p in FOLDER.glob("*.yaml"))
TODAY = date(2026, 11, 21)


def days_of_change(name: str) -> list[date]:
    """Every day on which a value of the file, or of one it builds on, comes into force."""
    rules = [rule for file in working_time_files(name) for rule in file.rules.values()]
    return sorted({day for rule in rules for day in rule.values} | {TODAY})


def rules(tmp_path: Path, **files: str) -> Path:
    folder = tmp_path / "assessment" / "working_time"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, "utf-8")
    return tmp_path


BASE = """
id: base
title: Good practice
over: null
rules:
  rest: {title: Rest, unit: hours, better: more, values: {2000-01-01: {value: 11, source: Study}}}
  week: {title: Week, unit: hours, values: {2000-01-01: {value: 48, source: Study}}}
"""


# The content as it stands.


def test_the_laws_asked_for_are_there():
    assert {"base", "eu", "ilo", "mx", "mr", "ca-on", "uk", "us", "xr"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_rule_in_force_on_any_day_is_complete_and_has_a_source(name):
    for day in days_of_change(name):
        for limit in load_limits(name, day).values():
            assert all([limit.title, limit.unit, limit.source]), (name, day, limit.id)
            assert limit.law_value is None or limit.law_source, (name, day, limit.id)


@pytest.mark.parametrize("name", [n for n in NAMES if n != "base"])
def test_no_law_loosens_good_practice_without_saying_why(name):
    for day in days_of_change(name):
        base = load_limits("base", day)
        for limit in load_limits(name, day).values():
            if (under := base.get(limit.id)) is None:
                continue
            looser = limit.value < under.value if under.better == "more" else limit.value > under.value
            softer, waived = under.hard and not limit.hard, limit.waivable and not under.waivable
            assert not (looser or softer or waived) or limit.because, (name, day, limit.id)


@pytest.mark.parametrize("name", [n for n in NAMES if n != "base"])
def test_what_a_file_says_is_never_dead(name):
    """A softer or waivable rule without a reason would be overruled by the base and never take effect."""
    limits = load_limits(name, TODAY)
    for ident, rule in read_yaml(FOLDER / f"{name}.yaml")["rules"].items():
        for key in ("hard", "waivable", "weight", "unit", "title"):
            if key in rule and limits[ident].law_value is None:
                assert getattr(limits[ident], key) == rule[key], (name, ident, key)


def test_every_loosening_is_on_this_list():
    """What protects less than good practice, by law and with a reason. Add a line only after reading the reason."""
    found = {(name, limit.id) for name in NAMES for limit in load_limits(name, TODAY).values() if limit.because}
    assert found == {
        ("mx", "night_hours_make_night_shift"),
        ("ca-on", "weekly_hours_limit"),
        ("uk", "weekly_hours_limit"),
        ("uk", "average_weekly_hours_limit"),
    }


def test_a_rule_means_the_same_in_every_file():
    base = read_yaml(FOLDER / "base.yaml")["rules"]
    for name in NAMES:
        for ident, rule in read_yaml(FOLDER / f"{name}.yaml")["rules"].items():
            if ident in base and name != "base":
                assert "better" not in rule
                assert rule.get("unit", base[ident]["unit"]) == base[ident]["unit"]


def test_titles_are_one_of_a_kind_in_every_country():
    for name in NAMES:
        titles = [limit.title for limit in load_limits(name, TODAY).values()]
        assert len(titles) == len(set(titles)), name


# Values as the domain research gives them (section 3.1).
LAW = [
    ("eu", "daily_rest_hours", 11),
    ("eu", "weekly_rest_hours", 35),
    ("eu", "average_weekly_hours_limit", 48),
    ("eu", "reference_weeks", 17),
    ("eu", "night_shift_hours_limit", 8),
    ("eu", "break_after_hours", 6),
    ("ilo", "shift_hours_limit", 8),
    ("ilo", "weekly_hours_limit", 48),
    ("mx", "shift_hours_limit", 8),
    ("mx", "night_shift_hours_limit", 7),
    ("mx", "mixed_shift_hours_limit", 7.5),
    ("mx", "night_hours_make_night_shift", 3.5),
    ("mx", "break_minutes", 30),
    ("mx", "consecutive_days_limit", 6),
    ("mr", "weekly_hours_limit", 40),
    ("mr", "shift_hours_limit", 8),
    ("ca-on", "daily_rest_hours", 11),
    ("ca-on", "shift_hours_limit", 8),
    ("ca-on", "weekly_hours_limit", 48),
    ("ca-on", "break_after_hours", 5),
    ("uk", "average_weekly_hours_limit", 48),
    ("uk", "night_shift_hours_limit", 8),
    ("us", "overtime_after_hours", 40),
]


@pytest.mark.parametrize(("name", "rule", "value"), LAW)
def test_the_law_says(name, rule, value):
    limit = load_limits(name, TODAY)[rule]
    assert limit.value == value
    assert any(f"[{key}]" in limit.source for key in load_sources()), limit.source


def test_where_the_law_asks_for_less_rest_good_practice_stands_and_the_law_is_still_shown():
    for name in ("mx", "mr", "ca-on", "ilo"):
        limit = load_limits(name, TODAY)["weekly_rest_hours"]
        assert (limit.value, limit.law_value) == (35, 24)
        assert "24" in limit.law_source or "one paid rest day" in limit.law_source


def test_nobody_can_waive_the_daily_rest_anywhere():
    assert [name for name in NAMES if load_limits(name, TODAY)["daily_rest_hours"].waivable] == []


def test_where_the_law_knows_no_daily_cap_the_file_says_so_and_eight_hours_stand():
    (file,) = (f for f in working_time_files("us") if f.id == "us")
    assert "caps neither the day" in " ".join(file.notes)
    assert load_limits("us", TODAY)["shift_hours_limit"].value == 8
    assert not load_limits("us", TODAY)["overtime_after_hours"].hard


# How files stand over one another.


def test_a_looser_law_stands_only_with_a_reason(tmp_path):
    silent = "id: aa\ntitle: A\nrules: {rest: {values: {2000-01-01: {value: 8, source: Act}}}}\n"
    reasoned = silent.replace("id: aa", "id: bb").replace("{rest: {", "{rest: {because: Lighthouse keepers, ")
    root = rules(tmp_path, base=BASE, aa=silent, bb=reasoned)
    limit = load_limits("aa", TODAY, root)["rest"]
    assert (limit.value, limit.source, limit.law_value, limit.law_source) == (11, "Study", 8, "Act")
    limit = load_limits("bb", TODAY, root)["rest"]
    assert (limit.value, limit.source, limit.because, limit.law_value) == (8, "Act", "Lighthouse keepers", None)


def test_a_stricter_law_needs_no_reason_and_takes_the_rest_from_below(tmp_path):
    root = rules(
        tmp_path, base=BASE, aa="id: aa\ntitle: A\nrules: {week: {values: {2000-01-01: {value: 40, source: Act}}}}\n"
    )
    limit = load_limits("aa", TODAY, root)["week"]
    assert (limit.value, limit.title, limit.unit, limit.hard, limit.better) == (40, "Week", "hours", True, "less")


def test_a_hard_rule_stays_hard_and_unwaivable_without_a_reason(tmp_path):
    rule = "{hard: false, waivable: true, values: {2000-01-01: {value: 44, source: Act}}}"
    root = rules(tmp_path, base=BASE, aa=f"id: aa\ntitle: A\nrules: {{week: {rule}}}\n")
    limit = load_limits("aa", TODAY, root)["week"]
    assert (limit.value, limit.hard, limit.waivable) == (44, True, False)


def test_a_member_states_file_is_short_and_builds_on_the_unions(tmp_path):
    union = "id: eu\ntitle: Union\nrules: {rest: {values: {2003-01-01: {value: 11, source: Directive}}}}\n"
    state = "id: st\ntitle: State\nover: eu\nrules: {week: {values: {2020-01-01: {value: 38, source: Act}}}}\n"
    root = rules(tmp_path, base=BASE, eu=union, st=state)
    assert [f.id for f in working_time_files("st", root)] == ["base", "eu", "st"]
    assert {i: (x.value, x.source) for i, x in load_limits("st", TODAY, root).items()} == {
        "rest": (11, "Directive"),
        "week": (38, "Act"),
    }
    before = load_limits("st", date(2019, 12, 31), root)
    assert before["week"].value == 48, "before the state's act, what is below it holds"


def test_files_that_build_on_nothing_or_on_themselves_are_named(tmp_path):
    root = rules(
        tmp_path,
        base=BASE,
        aa="id: aa\ntitle: A\nover: bb\nrules: {}\n",
        bb="id: bb\ntitle: B\nover: aa\nrules: {}\n",
        cc="id: cc\ntitle: C\nover: bas\nrules: {}\n",
        dd="id: dd\ntitle: D\nrules: {weak: {values: {2000-01-01: {value: 1, source: Act}}}}\n",
    )
    with pytest.raises(ContentError, match="'aa' builds on itself"):
        load_limits("aa", TODAY, root)
    with pytest.raises(ContentError, match=r"cc\.yaml\n  there are no rules 'bas'; did you mean 'base'\?"):
        load_limits("cc", TODAY, root)
    with pytest.raises(ContentError, match=r"rules\.weak: no file below has it; .*did you mean 'week'\?"):
        load_limits("dd", TODAY, root)
    with pytest.raises(ContentError, match="there are no rules 'fr'"):
        load_limits("fr", TODAY)


# One person's own values.


def person(**own: float) -> Advocate:
    return Advocate("A01", 40, ("en",), limits=own)


def test_a_stricter_value_of_ones_own_always_counts():
    own = limits_of(person(daily_rest_hours=13, consecutive_nights_limit=2), load_limits("base", TODAY))
    assert (own["daily_rest_hours"].value, own["consecutive_nights_limit"].value) == (13, 2)
    assert own["weekly_hours_limit"] == load_limits("base", TODAY)["weekly_hours_limit"]


def test_a_looser_value_counts_only_where_the_law_lets_a_person_agree():
    own = limits_of(person(daily_rest_hours=9, weekly_hours_limit=55), load_limits("uk", TODAY))
    assert (own["daily_rest_hours"].value, own["weekly_hours_limit"].value) == (11, 55)
    assert limits_of(person(weekly_hours_limit=55), load_limits("eu", TODAY))["weekly_hours_limit"].value == 48


def test_a_rule_nobody_knows_adds_nothing():
    assert set(limits_of(person(naps=3), load_limits("base", TODAY))) == set(load_limits("base", TODAY))


def test_looser_means_the_other_way_for_rest_and_for_work():
    rest = Limit(id="r", title="", value=11, unit="", hard=True, weight=1, source="", better="more")
    work = rest.model_copy(update={"better": "less"})
    assert [rest.is_looser(v) for v in (10, 11, 12)] == [True, False, False]
    assert [work.is_looser(v) for v in (10, 11, 12)] == [False, False, True]


@pytest.mark.parametrize(
    ("wish", "fitting"),
    [("", "MLN"), ("early", "M"), ("late", "L"), ("night", "N"), ("L", "L"), ("noon", "")],
)
def test_a_wish_means_any_shift_a_part_of_the_day_or_one_shift(wish, fitting):
    shifts = [Shift("M", 420, 480, 15, False), Shift("L", 900, 480, 15, False), Shift("N", 1380, 480, 15, True)]
    assert "".join(s.id for s in shifts if wish_fits(wish, s)) == fitting


# The country's file over the library's calendar.


def test_mauritania_closes_at_noon_on_fridays():
    assert load_country("MR").half_days == {"friday": "12:00"}


@pytest.mark.parametrize(
    ("first", "last"),  # as announced in Mecca; elsewhere a day earlier or later
    [
        (date(2024, 3, 11), date(2024, 4, 9)),
        (date(2025, 3, 1), date(2025, 3, 29)),
        (date(2026, 2, 18), date(2026, 3, 19)),
    ],
)
def test_ramadan_is_found_within_a_day(first, last):
    days = sorted(load_country("MR").ramadan_days(first - timedelta(days=60), last + timedelta(days=60)))
    assert abs((days[0] - first).days) <= 1
    assert abs((days[-1] - last).days) <= 1
    assert days == [days[0] + timedelta(days=n) for n in range(len(days))]
    assert len(days) in (29, 30)


def test_a_year_may_hold_two_ramadans_and_a_span_may_begin_within_one():
    mauritania = load_country("MR")
    months = {(d.year, d.month) for d in mauritania.ramadan_days(date(2030, 1, 1), date(2030, 12, 31))}
    assert months >= {(2030, 1), (2030, 12)}
    assert len(mauritania.ramadan_days(date(2027, 2, 20), date(2027, 2, 22))) == 3
    assert load_country("MX").ramadan_days(date(2027, 2, 20), date(2027, 2, 22)) == frozenset()


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("timezone", "Africa/Nuakchott", "did you mean 'Africa/Nouakchott'"),
        ("rest_day", {"day": "freitag", "source": "Act"}, "'freitag' is not a day"),
        ("rest_day", {"day": "friday"}, "name a source"),
        ("ramadan", {"hours_a_day_less": 2}, "name a source"),
        ("half_days", {"friday": "noon"}, "'noon' is not a time"),
        ("half_days", {"fryday": "12:00"}, "'fryday' is not a day"),
    ],
)
def test_a_slip_in_a_countrys_file_is_named(key, value, says):
    with pytest.raises(ValidationError, match=says):
        Country.model_validate(load_country("MR").model_dump(by_alias=True) | {key: value})


def test_the_rest_day_of_the_law_is_asked_for_where_sources_differ():
    assert load_country("MR").rest_day_name == ""
    assert load_country("MX").rest_day_name == "sunday"
