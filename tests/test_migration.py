"""Answers to an older instrument: carried as declared, weaker where the meaning changed, never guessed or filled in."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from panel import instrument as shipped
from pydantic import ValidationError

from hotline_catalyst.assessment.instrument import Domain, Instrument, Item, Quantity
from hotline_catalyst.assessment.migration import MigrationFile, Rescale, load_migrations, migrate, preview
from hotline_catalyst.assessment.responses import Answer, Response
from hotline_catalyst.errors import AnswerError, ContentError


def item(ident: str, title: str) -> Item:
    return Item(
        id=ident,
        title=title,
        ask="What can be seen?",
        why="It matters.",
        levels={n: f"{title}: {n} of 4 can be seen" for n in range(5)},
        evidence={3: ["A paper"]},
        first_hand=["operator"],
        stage="both",
        asset="policy",
        source="Invented",
    )


def minutes(ident: str, most: float) -> Quantity:
    return Quantity(
        id=ident, title="Time", ask="How long?", unit="minutes", minimum=0, maximum=most,
        first_hand=["operator"], source="Invented",
    )  # fmt: skip


def invented(version: str, *questions: Item | Quantity) -> Instrument:
    """Return an instrument of one domain, with the shipped roles, gates and scoring around it."""
    domain = Domain(
        id="invented",
        code="ZZ",
        title="Invented",
        kind="offering",
        purpose="To try migrations.",
        items=[q for q in questions if isinstance(q, Item)],
        quantities=[q for q in questions if isinstance(q, Quantity)],
    )
    meta = shipped().meta.model_copy(update={"id": "invented", "version": version})
    return Instrument(meta, (domain,), shipped().gates_file, shipped().scoring, f"print-{version}")


# 1.0.0 asked ZZ-01 to ZZ-05 and ZZ-Q1 in hours; 2.0.0 asks these:
NEW = invented(
    "2.0.0",
    item("ZZ-11", "Renamed"),
    item("ZZ-12", "Reworded"),
    item("ZZ-13", "First half"),
    item("ZZ-14", "Second half"),
    item("ZZ-04", "New scale"),
    item("ZZ-06", "Untouched"),
    minutes("ZZ-Q1", 6000),
    item("ZZ-15", "Brand new"),
)
STEPS: list[dict[str, object]] = [
    {"rename": {"old": "ZZ-01", "new": "ZZ-11"}},
    {"rename": {"old": "ZZ-02", "new": "ZZ-12", "meaning": "changed"}},
    {"split": {"old": "ZZ-03", "into": ["ZZ-13", "ZZ-14"], "carry": "review"}},
    {"rescale": {"question": "ZZ-04", "map": {0: 0, 1: 1, 2: 1, 3: 3, 4: 4}}},
    {"retire": {"question": "ZZ-05"}},
    {"rescale": {"question": "ZZ-Q1", "factor": 60}},
    {"add": {"question": "ZZ-15"}},
]


def migration(start: str = "1.0.0", end: str = "2.0.0", steps: list[dict[str, object]] = STEPS) -> MigrationFile:
    return MigrationFile.model_validate({"from": start, "to": end, "why": "Invented.", "steps": steps})


def level(value: float, sure: str = "sure", **more: object) -> Answer:
    return Answer.model_validate({"state": "answered", "value": value, "sure": sure, **more})


def response(answers: dict[str, Answer], instrument: str = "invented@1.0.0", respondent: str = "OPR-1") -> Response:
    return Response(
        instrument=instrument,
        fingerprint="old",
        respondent=respondent,
        role="operator",
        organisation="Line",
        given_on=date(2026, 3, 2),
        answers=answers,
    )


BLANK, UNKNOWN = Answer(state="blank"), Answer(state="dont_know")


def carried(answers: dict[str, Answer]) -> dict[str, Answer]:
    return migrate(response(answers), NEW, [migration()])[0].answers


def test_an_untouched_answer_stays_exactly_as_it_was():
    given_ = level(3, note="seen it", evidence="minutes of March")
    assert carried({"ZZ-06": given_}) == {"ZZ-06": given_}


def test_a_new_name_with_the_same_meaning_keeps_certainty_and_asks_for_nothing():
    new, changes = migrate(response({"ZZ-01": level(2)}), NEW, [migration()])
    assert new.answers == {"ZZ-11": level(2)}
    assert [(c.question, c.confirm) for c in changes] == [("ZZ-11", False)]


@pytest.mark.parametrize(("before", "after"), [("sure", "fairly"), ("fairly", "unsure"), ("unsure", "unsure")])
def test_a_changed_meaning_makes_an_answer_one_grade_less_certain_and_names_its_origin(before, after):
    new, changes = migrate(response({"ZZ-02": level(3, before, note="n")}), NEW, [migration()])
    assert new.answers == {"ZZ-12": level(3, after, note="n", carried_from="1.0.0")}
    assert [(c.respondent, c.question, c.confirm) for c in changes] == [("OPR-1", "ZZ-12", True)]


def test_a_split_question_gives_each_part_the_answer_to_confirm():
    weaker = level(1, "fairly", carried_from="1.0.0")
    new, changes = migrate(response({"ZZ-03": level(1)}), NEW, [migration()])
    assert new.answers == {"ZZ-13": weaker, "ZZ-14": weaker}
    assert [(c.question, c.confirm) for c in changes] == [("ZZ-13", True), ("ZZ-14", True)]


def test_a_split_that_carries_nothing_leaves_its_parts_unasked():
    steps: list[dict[str, object]] = [{"split": {"old": "ZZ-03", "into": ["ZZ-13", "ZZ-14"], "carry": "none"}}]
    new, changes = migrate(response({"ZZ-03": level(1)}), NEW, [migration(steps=steps)])
    assert new.answers == {}
    assert [c.text for c in changes] == ["became ZZ-13, ZZ-14; ask these anew"]


def test_levels_follow_the_map_and_numbers_the_factor():
    new = carried({"ZZ-04": level(2), "ZZ-Q1": level(1.5, "fairly")})
    assert new["ZZ-04"] == level(1, "fairly", carried_from="1.0.0")
    assert new["ZZ-Q1"] == level(90, "unsure", carried_from="1.0.0")


def test_a_retired_answer_counts_no_more_and_a_new_question_is_not_answered_for_anyone():
    new, changes = migrate(response({"ZZ-05": level(4), "ZZ-06": level(2)}), NEW, [migration()])
    assert new.answers == {"ZZ-06": level(2)}
    assert [(c.question, c.confirm) for c in changes] == [("ZZ-05", False)]


@pytest.mark.parametrize("old", ["ZZ-01", "ZZ-02", "ZZ-03", "ZZ-04", "ZZ-Q1"])
def test_a_blank_stays_blank_and_is_never_listed(old):
    new, changes = migrate(response({old: BLANK}), NEW, [migration()])
    assert new.answers
    assert all(answer == BLANK for answer in new.answers.values())
    assert changes == []


def test_not_knowing_one_question_is_not_knowing_its_parts_and_has_no_level_to_rescale():
    new = carried({"ZZ-03": UNKNOWN, "ZZ-04": UNKNOWN})
    assert {q: a.state for q, a in new.items()} == {"ZZ-13": "dont_know", "ZZ-14": "dont_know", "ZZ-04": "dont_know"}
    assert new["ZZ-04"] == UNKNOWN


def test_the_submission_says_which_instrument_it_now_answers_and_the_stored_one_is_unchanged():
    old = response({"ZZ-02": level(3)})
    before = old.to_json()
    new, _ = migrate(old, NEW, [migration()])
    assert (new.instrument, new.fingerprint) == ("invented@2.0.0", "print-2.0.0")
    assert (new.respondent, new.given_on, new.submission) == (old.respondent, old.given_on, old.submission)
    assert old.to_json() == before


QUESTIONS = ["ZZ-01", "ZZ-02", "ZZ-03", "ZZ-04", "ZZ-05", "ZZ-06", "ZZ-Q1"]
ANSWERS = st.one_of(
    st.sampled_from([BLANK, UNKNOWN, Answer(state="declined"), Answer(state="not_applicable", note="no such thing")]),
    st.builds(level, st.integers(0, 4), st.sampled_from(["sure", "fairly", "unsure"])),
)


@given(st.dictionaries(st.sampled_from(QUESTIONS), ANSWERS))
def test_migrating_twice_changes_nothing_and_nobody_becomes_surer(answers):
    new, _ = migrate(response(answers), NEW, [migration()])
    assert migrate(new, NEW, [migration()]) == (new, [])
    grades = ["unsure", "fairly", "sure"]
    best = max((grades.index(a.sure) for a in answers.values()), default=0)
    assert all(grades.index(a.sure) <= best for a in new.answers.values())
    filled = sum(a.state != "blank" for a in new.answers.values())
    assert filled <= 2 * sum(a.state != "blank" for a in answers.values())


@given(st.lists(st.integers(0, 4), min_size=5, max_size=5), st.integers(0, 3))
def test_a_map_is_taken_only_when_a_better_answer_stays_at_least_as_good(levels, low):
    table = dict(enumerate(levels))
    if levels == sorted(levels):
        assert Rescale(question="ZZ-04", map=table).map[low] <= table[low + 1]
    else:
        with pytest.raises(ValidationError, match="must not become a lower one"):
            Rescale(question="ZZ-04", map=table)


# Several versions.

FIRST = migration("0.9.0", "1.0.0", [{"rename": {"old": "ZZ-00", "new": "ZZ-02", "meaning": "changed"}}])


def test_a_chain_carries_an_answer_through_every_version_and_keeps_where_it_came_from():
    old = response({"ZZ-00": level(3)}, "invented@0.9.0")
    new, changes = migrate(old, NEW, [migration(), FIRST])
    assert new.answers == {"ZZ-12": level(3, "unsure", carried_from="0.9.0")}
    assert [c.question for c in changes] == ["ZZ-02", "ZZ-12"]


@pytest.mark.parametrize("strange", ["invented@0.1.0", "invented@3.0.0", "other@1.0.0", "invented"])
def test_a_version_from_which_nothing_leads_here_is_refused_in_a_sentence(strange):
    with pytest.raises(AnswerError, match=r"no migration leads from there to invented@2\.0\.0; ask again"):
        migrate(response({}, strange), NEW, [migration(), FIRST])


def test_an_answer_that_fits_no_question_is_refused_by_name():
    with pytest.raises(AnswerError, match="ZZ-77 is not in this instrument, and no migration says what became of it"):
        migrate(response({"ZZ-77": level(1)}), NEW, [migration()])
    with pytest.raises(AnswerError, match="ZZ-Q1: 60000 minutes lies outside 0 to 6000"):
        migrate(response({"ZZ-Q1": level(1000)}), NEW, [migration()])


def test_the_preview_says_in_words_what_would_change_and_whom_to_ask():
    old = response({"ZZ-02": level(3), "ZZ-04": level(2), "ZZ-05": level(1), "ZZ-06": level(2), "ZZ-01": BLANK})
    current = response({"ZZ-06": level(1)}, "invented@2.0.0", "OPR-2")
    lost = response({}, "invented@0.1.0", "OPR-3")
    assert preview([lost, old, current], NEW, [migration()]) == [
        "OPR-1, 2026-03-02, invented@1.0.0: 1 other answers unchanged.",
        "  ZZ-12 Reworded: was ZZ-02, whose meaning changed. Ask OPR-1 whether it still holds.",
        "  ZZ-04 New scale: 2 became 1, because its scale changed. Ask OPR-1 whether it still holds.",
        "  ZZ-05: is asked no more; the answer stays stored and counts no more.",
        "1 problem in OPR-3's answers\n  they were given to invented@0.1.0, and no migration leads from there to "
        "invented@2.0.0; ask again with this instrument, or declare one in assessment/migrations",
    ]
    assert preview([current], NEW, []) == ["Every submission was given to invented@2.0.0; nothing changes."]


# The files.


HEAD = "from: 1.0.0\nto: 2.0.0\nwhy: x\nsteps:\n"


def write(root: Path, name: str, text: str) -> None:
    folder = root / "assessment" / "migrations"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.yaml").write_text(text, "utf-8")


def test_the_shipped_migration_leaves_every_answer_of_0_1_0_as_it_was():
    found = shipped()
    migrations = load_migrations(found)
    assert [(m.from_, m.to) for m in migrations] == [("0.1.0", "0.2.0")]
    answers = {q: level(n % 5) for n, q in enumerate(found.items)} | {"EE-Q1": level(5_000_000)}
    old = response(answers, f"{found.meta.id}@0.1.0")
    new, changes = migrate(old, found, migrations)
    assert (new.answers, changes, new.instrument) == (answers, [], f"{found.meta.id}@{found.meta.version}")


def test_the_shipped_migration_names_the_quantities_that_0_1_0_did_not_have():
    (only,) = load_migrations(shipped())
    added = [s.add.question for s in only.steps if s.add]
    assert {"EE-Q1", "FO-Q1", "SC-Q1", "HR-Q1", "HR-Q2"} | set(added) == set(shipped().quantities)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        (
            "1.0.0-to-2.0.0",
            HEAD + "  - rename: {old: ZZ-01, new: ZZ-99}\n",
            "1.0.0-to-2.0.0.yaml: step 1: 'ZZ-99' is not in the instrument",
        ),
        (
            "1.0.0-to-2.0.0",
            HEAD + "  - retire: {question: ZZ-06}\n",
            "step 1: 'ZZ-06' is still in the instrument; ids are never used again",
        ),
        (
            "1.0.0-to-2.0.0",
            HEAD + "  - rescale: {question: ZZ-Q1, map: {0: 0, 1: 1, 2: 2, 3: 3, 4: 4}}\n",
            "step 1: 'ZZ-Q1' is a quantity; rescale it by a factor",
        ),
        ("1.0.0-to-1.5.0", "from: 1.0.0\nto: 1.5.0\nwhy: x\n", "leads to 1.5.0, from where nothing leads to 2.0.0"),
        ("first", "from: 1.0.0\nto: 2.0.0\nwhy: x\n", "name the file 1.0.0-to-2.0.0.yaml after its versions"),
        ("2.0.0-to-1.0.0", "from: 2.0.0\nto: 1.0.0\nwhy: x\n", "a migration goes to a later version"),
        (
            "1.0.0-to-2.0.0",
            HEAD + "  - rescale: {question: ZZ-04, map: {0: 0, 1: 2, 2: 1, 3: 3, 4: 4}}\n",
            "line 5: steps.0.rescale: map: a higher level must not become a lower one than its neighbour's",
        ),
        (
            "1.0.0-to-2.0.0",
            HEAD + "  - rename: {old: A, new: ZZ-11}\n    retire: {question: B}\n",
            "line 5: steps.0: a step is exactly one of: rename, split, rescale, retire, add",
        ),
    ],
)
def test_a_migration_with_a_slip_is_refused_with_its_place(tmp_path, name, text, message):
    write(tmp_path, name, text)
    with pytest.raises(ContentError) as error:
        load_migrations(NEW, tmp_path)
    assert message in str(error.value)


def test_an_id_that_a_later_migration_uses_up_need_not_exist_today(tmp_path):
    write(
        tmp_path,
        "0.9.0-to-1.0.0",
        "from: 0.9.0\nto: 1.0.0\nwhy: x\nsteps:\n  - rename: {old: ZZ-00, new: ZZ-02, meaning: changed}\n",
    )
    write(
        tmp_path,
        "1.0.0-to-2.0.0",
        HEAD + "  - rename: {old: ZZ-02, new: ZZ-12}\n",
    )
    assert [m.from_ for m in load_migrations(NEW, tmp_path)] == ["0.9.0", "1.0.0"]
    assert load_migrations(NEW, tmp_path / "nothing here") == ()
