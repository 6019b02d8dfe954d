"""Files are read the way their authors mean them, and every problem comes back at once with its line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from hotline_catalyst.errors import ContentError
from hotline_catalyst.library import Content, DatedRule, Figure, content_root, did_you_mean, read, read_yaml


class Desk(Content):
    """A record for these tests."""

    id: str
    opens: str
    posts: int
    languages: list[str] = []


def write(folder: Path, text: str) -> Path:
    path = folder / "desk.yaml"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(
    "word", ["No", "NO", "no", "yes", "On", "off", "Y", "20:00", "2027-03-14", "0800", "1_000", "0x1F"]
)
def test_a_word_stays_the_word_its_author_wrote(tmp_path, word):
    assert read_yaml(write(tmp_path, f"value: {word}\n")) == {"value": word}


def test_norway_in_a_list_of_countries_is_not_false(tmp_path):
    assert read_yaml(write(tmp_path, "countries: [SE, NO, FI]\n")) == {"countries": ["SE", "NO", "FI"]}


def test_plain_numbers_truth_and_nothing_are_still_understood(tmp_path):
    text = "a: 12\nb: -0.5\nc: .25\nd: true\ne: false\nf: null\ng:\nh: ~\ni: 1e3\nj: 0\n"
    expected = {
        "a": 12,
        "b": -0.5,
        "c": 0.25,
        "d": True,
        "e": False,
        "f": None,
        "g": None,
        "h": None,
        "i": 1000.0,
        "j": 0,
    }
    assert read_yaml(write(tmp_path, text)) == expected


def test_quoted_numbers_and_truths_stay_text(tmp_path):
    assert read_yaml(write(tmp_path, "a: '12'\nb: \"true\"\nc: |\n  0\n")) == {"a": "12", "b": "true", "c": "0\n"}


def test_a_key_written_twice_is_an_error_with_file_and_line(tmp_path):
    with pytest.raises(ContentError) as error:
        read_yaml(write(tmp_path, "id: desk\nposts: 2\nopens: 08:00\nposts: 3\n"))
    assert error.value.where.endswith("desk.yaml")
    assert error.value.problems == ["line 4: 'posts' is written twice; keep one"]


def test_a_key_written_twice_deep_inside_is_an_error_too(tmp_path):
    with pytest.raises(ContentError, match="line 4: 'b' is written twice"):
        read_yaml(write(tmp_path, "list:\n  - a: 1\n    b: 2\n    b: 3\n"))


def test_every_problem_of_a_file_comes_back_at_once_with_its_line(tmp_path):
    path = write(tmp_path, "id: desk\nposts: many\ncolour: blue\nlanguages:\n  - fr\n  - [ar]\n")
    with pytest.raises(ContentError) as error:
        read(path, Desk)
    problems = error.value.problems
    assert len(problems) == 4
    assert "line 3: colour: this key is not known here; remove it or correct its spelling" in problems
    assert any(p.startswith("line 2: posts: ") for p in problems)
    assert any(p.startswith("line 6: languages.1: ") for p in problems)
    assert any("opens: this key is missing; add it" in p for p in problems)
    assert str(error.value).startswith("4 problems in ")


def test_a_file_that_is_no_yaml_says_where_it_breaks(tmp_path):
    with pytest.raises(ContentError, match=r"desk\.yaml\n  line 2: .*cannot be read as YAML"):
        read_yaml(write(tmp_path, "id: desk\n\topens: 08:00\n"))


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"id: \xe9\n", b"a: \x00\n"])
def test_bytes_that_are_no_text_are_an_error_about_the_file(tmp_path, content):
    path = tmp_path / "desk.yaml"
    path.write_bytes(content)
    with pytest.raises(ContentError, match=r"desk\.yaml"):
        read_yaml(path)


def test_a_missing_file_is_an_error_about_the_file(tmp_path):
    with pytest.raises(ContentError, match=r"absent\.yaml\n  No such file"):
        read_yaml(tmp_path / "absent.yaml")


def test_a_part_that_contains_itself_is_refused(tmp_path):
    with pytest.raises(ContentError, match="contains itself"):
        read_yaml(write(tmp_path, "a: &again [1, *again]\n"))


def test_a_record_never_changes_after_reading(tmp_path):
    desk = read(write(tmp_path, "id: desk\nopens: 08:00\nposts: 2\n"), Desk)
    assert desk.opens == "08:00"
    with pytest.raises(ValidationError):
        desk.posts = 3


def test_a_figure_needs_an_ordered_range_and_one_origin():
    good = {"title": "Handle time", "unit": "minutes", "low": 10, "likely": 20, "high": 30}
    assert Figure(**good, source="a study").likely == 20
    for wrong in ({}, {"source": "a study", "assumption": "a guess"}, {"source": "a study", "low": 25}):
        with pytest.raises(ValidationError):
            Figure(**{**good, **wrong})


def test_last_years_engagement_keeps_last_years_law():
    rule = DatedRule.model_validate(
        {
            "title": "Weekly hours",
            "unit": "hours",
            "values": {
                "2019-01-01": {"value": 48, "source": "Labour Act, section 27"},
                "2024-07-01": {"value": 45, "source": "Labour Amendment Act, section 3"},
            },
        }
    )
    on = {
        day: found.value if (found := rule.on(day)) else None
        for day in map(date.fromisoformat, ("2018-12-31", "2024-06-30", "2024-07-01"))
    }
    assert list(on.values()) == [None, 48, 45]


def test_a_near_word_is_offered_and_a_far_one_is_not():
    assert did_you_mean("shift_superviser", ["supervisor", "shift_supervisor"]) == "; did you mean 'shift_supervisor'?"
    assert did_you_mean("zebra", ["operator"]) == ""


def test_every_content_file_can_be_read():
    paths = [p for room in ("assessment", "templates/engagement") for p in (content_root() / room).rglob("*.yaml")]
    assert len(paths) > 50
    for path in paths:
        read_yaml(path)
