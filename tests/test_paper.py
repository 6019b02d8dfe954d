"""Paper forms typed back give the same submission as any other door; each slip is named by its line."""

from __future__ import annotations

import random
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from panel import instrument
from submissions import QUESTIONS, answers, organisations

from hotline_catalyst.assessment.enter import Entering, begin, prompt, saved, submission, typed
from hotline_catalyst.assessment.paper import (
    asked_ids,
    entry_template,
    entry_text,
    parse_answer,
    parse_entry,
    read_paper,
)
from hotline_catalyst.assessment.responses import Answer, Response
from hotline_catalyst.errors import AnswerError

HEAD = 'respondent NGO-3 role provider organisation "Harbour House" date 2027-03-14 consent assess quote submission 1'
EVERYTHING = f"{HEAD} set everything"


def paper(folder: Path, *lines: str) -> Path:
    path = folder / "form.txt"
    path.write_text("\n".join(lines), "utf-8")
    return path


def refused(path: Path) -> list[str]:
    begun = time.perf_counter()
    with pytest.raises(AnswerError) as error:
        read_paper(instrument(), path, "new")
    assert time.perf_counter() - begun < 1
    return error.value.problems


def answer(question: str, text: str) -> Answer:
    return parse_answer(instrument(), question, text)


def test_a_typed_form_is_read_with_every_kind_of_answer(tmp_path):
    found = read_paper(
        instrument(),
        paper(
            tmp_path,
            EVERYTHING,
            "EE-01 3 sure note: seen in June evidence: Act 7, § 3",
            "EE-02 D",
            "EE-03 N there is no such body",
            "EE-04 R",
            "EE-05",
            "FO-Q2 extended round_the_clock",
            "EE-Q1 4500000 U",
        ),
        "new",
    )
    given = {q: a for q, a in found.answers.items() if a.state != "blank"}
    assert given == {
        "EE-01": Answer(state="answered", value=3, sure="sure", note="seen in June", evidence="Act 7, § 3"),
        "EE-02": Answer(state="dont_know"),
        "EE-03": Answer(state="not_applicable", note="there is no such body"),
        "EE-04": Answer(state="declined"),
        "FO-Q2": Answer(state="answered", chosen=["extended", "round_the_clock"]),
        "EE-Q1": Answer(state="answered", value=4500000, sure="unsure"),
    }
    assert (found.respondent, found.role, found.organisation) == ("NGO-3", "provider", "Harbour House")
    assert (found.given_on, found.submission, found.consent) == (date(2027, 3, 14), 1, ["assess", "quote"])


def test_questions_of_the_form_that_are_not_typed_were_left_empty(tmp_path):
    for which, questions in (
        ("whole", instrument().questions("provider", "new")),
        ("core", instrument().questions("provider", "new", core=True)),
        ("everything", instrument().questions(None, "new")),
    ):
        found = read_paper(instrument(), paper(tmp_path, f"{HEAD} set {which}"), "new")
        assert found.answers == {q.id: Answer(state="blank") for q in questions}


@given(
    st.fixed_dictionaries({}, optional={q: answers(q, asked=True) for q in QUESTIONS}),
    organisations,
    st.lists(st.sampled_from(list(instrument().meta.consent)), unique=True),
)
def test_what_was_written_as_lines_is_read_back_the_same(tmp_path, said, organisation, consent):
    head = {"respondent": "R-1", "role": "legal", "organisation": organisation, "date": "2027-03-14"}
    head |= {"consent": " ".join(consent) or "none", "submission": "2", "set": "everything", "language": "fr"}
    asked = asked_ids(instrument(), "legal", "new", "everything")
    text = entry_text(instrument(), head, said, asked)
    found = read_paper(instrument(), paper(tmp_path, text), "new")
    assert found == Response(
        instrument=f"{instrument().meta.id}@{instrument().meta.version}",
        fingerprint=instrument().fingerprint,
        respondent="R-1",
        role="legal",
        organisation=organisation,
        language="fr",
        given_on=date(2027, 3, 14),
        submission=2,
        consent=consent,
        answers={q: said.get(q, Answer(state="blank")) for q in asked},
    )


@pytest.mark.parametrize(
    ("typed_in", "note", "evidence"),
    [
        ("3 note: a  b", "a  b", ""),
        ("3 evidence: minutes note: said twice", "said twice", "minutes"),
        ("3 Note: there is note: twice evidence: x", "there is note: twice", "x"),
        ('3 note: "line\\none" evidence: y', "line\none", "y"),
        ('3 note: "quoted" by the minister', '"quoted" by the minister', ""),
        ('3 note: "evidence: inside"', "evidence: inside", ""),
        ("3 note: =cmd|' /C calc'!A0", "=cmd|' /C calc'!A0", ""),
        ("3 note: bell\x07 and \u202eturned", "bell and turned", ""),
    ],
)
def test_texts_run_to_the_next_mark_or_stand_in_quotes(typed_in, note, evidence):
    assert answer("EE-01", typed_in) == Answer(state="answered", value=3, note=note, evidence=evidence)


@pytest.mark.parametrize("word", ["sure", "S", "s", "Sure"])
def test_certainty_is_a_word_or_the_letter_of_its_box(word):
    assert answer("EE-01", f"2 {word}").sure == "sure"
    assert answer("EE-01", f"d {word}") == Answer(state="dont_know", sure="sure")
    assert answer("EE-01", f"N {word} note: why") == Answer(state="not_applicable", sure="sure", note="why")
    assert answer("EE-01", word) == Answer(state="blank", sure="sure")


LINES: list[tuple[str, str]] = [
    ("EE-01 5", "line 2: '5' is not one of 0 to 4, D, N and a reason, R; write note: before a text"),
    ("EE-01 3 very", "line 2: '3 very' is not one of 0 to 4"),
    ("EE-01 2-3", "line 2: '2-3' is not one of 0 to 4"),
    ("EE-01 N", "line 2: 'does not apply' needs its reason: N and then why"),
    ("EE-01 N why note: because", "line 2: the reason stands after N and also after note:; keep one"),
    ("EE-01 D hm", "line 2: 'hm' after D is not understood; write note: before texts"),
    ('EE-01 3 note: "a" evidence: b note: c', ""),
    ("EE-99 3", "line 2: EE-99 is not in this version of the instrument; did you mean 'EE-09'?"),
    ("FO-Q1 500", "line 2: FO-Q1: 500 percent lies outside 50 to 100"),
    ("FO-Q1 97,5", "line 2: '97,5' is not a plain number; write it as digits, like 1500.5"),
    ("FO-Q1 4 500", "line 2: '4 500' is not a plain number"),
    ("FO-Q3 phone fax", "line 2: FO-Q3: 'fax' is not one of phone, text, chat, email"),
    ("and the note goes on", "line 2: 'and' is not a question's id; a note stays on the line of its question"),
    ("=1+1\x1b[31m", "line 2: '=1+1[31m' is not a question's id"),
    ("EE-01 3 note: " + "x" * 30_000, "line 2: it is longer than a note can be"),
]


@pytest.mark.parametrize(("line", "said"), LINES, ids=[line[:20] for line, _ in LINES])
def test_a_line_that_cannot_be_understood_is_refused_with_its_number(tmp_path, line, said):
    path = paper(tmp_path, EVERYTHING, line)
    if said:
        (problem,) = refused(path)
        assert problem.startswith(said)
    else:
        assert read_paper(instrument(), path, "new").answers["EE-01"].evidence == "b note: c"


HEADS: list[tuple[str, str, str]] = [
    ("NGO-3", "", "line 1: respondent is missing; fill it in"),
    ("NGO-3", '"Maria López"', "line 1: 'Maria López' is not a code; use letters, digits, - and _, at most 20"),
    ("provider", "providr", "line 1: role 'providr' is not in the instrument; did you mean 'provider'?"),
    ('"Harbour House"', '""', "line 1: organisation is missing; fill it in"),
    ("2027-03-14", "14/03/2027", "line 1: the date '14/03/2027' is not clear; write it as 2027-03-14"),
    ("assess quote", "", "line 1: consent is missing; write the uses agreed to, or 'consent none'"),
    ("assess quote", "all", "line 1: consent 'all' is not one of assess, quote, compare, or none"),
    ("submission 1", "submission 1.5", "line 1: the submission number '1.5' is not a whole number from 1 to 999"),
    ("submission 1", "set short", "line 1: set 'short' is not one of core, whole, everything"),
    ("submission 1", "version 0.0.9", "line 1: the form is of version '0.0.9' and this is"),
    ("submission 1", "role legal", "line 1: 'role' is there twice; keep one"),
    ("submission 1", "language english", "line 1: language: 'english' is not a language code"),
]


@pytest.mark.parametrize(("word", "other", "said"), HEADS, ids=[said[8:40] for _, _, said in HEADS])
def test_a_first_line_that_cannot_be_understood_is_refused(tmp_path, word, other, said):
    assert any(problem.startswith(said) for problem in refused(paper(tmp_path, HEAD.replace(word, other))))


def test_every_slip_comes_back_at_once(tmp_path):
    problems = refused(
        paper(tmp_path, HEAD.replace("provider", "boss"), "EE-01 9", "# fine", "EE-02 3", "EE-02 4", "hm")
    )
    assert [p.split(":")[0] for p in problems] == ["line 2", "line 5", "line 6", "line 1"]
    assert "EE-02 is already in line 4; keep one of the two" in problems[1]


def test_a_question_that_is_not_on_the_form_is_refused(tmp_path):
    strange = next(i.id for i in instrument().items_for(None, "new") if not i.is_asked_of("provider"))
    (problem,) = refused(paper(tmp_path, HEAD, f"{strange} 3"))
    assert problem.startswith(f"line 2: {strange} is not on the whole form of provider; correct the id, or write 'set")


@pytest.mark.parametrize("content", [b"\xff\xfe\0x", b"a\0b", b"\xe9t\xe9", b"", b"x" * 1_000_001])
def test_a_file_that_is_no_typed_form_is_refused(tmp_path, content):
    path = tmp_path / "form.txt"
    path.write_bytes(content)
    assert refused(path)


@given(st.text(max_size=80), st.sampled_from(QUESTIONS))
def test_any_line_is_an_answer_or_is_refused_in_words(text, question):
    entry = parse_entry(instrument(), [f"{question} {text}".replace("\n", " ")])
    assert len(entry.answers) + len(entry.problems) == 1


def test_the_template_holds_every_question_of_the_role_with_its_title_and_is_a_form_once_the_cover_is_filled(tmp_path):
    for role in instrument().meta.roles:
        for core in (False, True):
            text = entry_template(instrument(), role, "new", core)
            asked = instrument().questions(role, "new", core=core)
            assert [line for line in text.splitlines() if line in {q.id for q in asked}] == [q.id for q in asked]
            assert all(f"# {q.title}\n" in text for q in asked)
            filled = text.replace("respondent role", "respondent A role").replace('organisation ""', "organisation B")
            filled = filled.replace("date consent", "date 2027-03-14 consent assess")
            assert len(read_paper(instrument(), paper(tmp_path, filled), "new").answers) == len(asked)
            assert len(refused(paper(tmp_path, text))) == 4


# Question by question.


def after(state: Entering, *lines: str) -> Entering:
    """Return the state after some lines that all were understood."""
    for line in lines:
        state, reply = typed(state, line)
        assert reply == ""
    return state


COVER = ("NGO-3", "provider", "Harbour House", "2027-03-14", "assess", "", "core")


def test_typing_question_by_question_gives_the_same_submission_as_the_file(tmp_path):
    state = after(begin(instrument(), "new"), *COVER)
    ids = state.questions
    assert ids == [q.id for q in instrument().questions("provider", "new", core=True)]
    rng = random.Random(5)
    lines = [rng.choice(["", "D", "R", "N no such thing", "2 sure note: = x"]) for _ in ids]
    lines = [line if q in instrument().items else "D" for q, line in zip(ids, lines, strict=True)]
    state = after(state, *lines)
    assert state.step is None
    assert prompt(state).startswith("Every question has been shown")
    typed_one, problems = submission(state)
    assert problems == []
    head = 'respondent NGO-3 role provider organisation "Harbour House" date 2027-03-14 consent assess set core'
    file = paper(tmp_path, head, *(f"{q} {line}" for q, line in zip(ids, lines, strict=True)))
    assert typed_one is not None
    assert typed_one.to_json() == read_paper(instrument(), file, "new").to_json()


def test_the_prompt_names_the_question_and_a_question_mark_shows_its_levels():
    state = after(begin(instrument(), "new"), *COVER)
    first = instrument().questions("provider", "new", core=True)[0]
    assert prompt(state).startswith(f"{first.id} {first.title} (1/")
    same, reply = typed(state, "?")
    assert same == state
    assert all(text in reply for text in instrument().items[first.id].levels.values())
    assert "back goes to the one before" in reply


def test_what_cannot_be_understood_is_said_and_asked_again():
    state = begin(instrument(), "new")
    state, reply = typed(state, "Maria López")
    assert (state.at, reply[:31]) == (0, "'Maria López' is not a code; us")
    state = after(state, *COVER)
    again, reply = typed(state, "7")
    assert again == state
    assert reply.startswith("'7' is not one of 0 to 4")
    assert typed(state, "N")[1] == "'does not apply' needs its reason: N and then why"


def test_back_shows_what_was_typed_and_a_dash_empties_it():
    state = after(begin(instrument(), "new"), *COVER, "3 sure", "back")
    question = state.questions[0]
    assert "[now: 3 sure; Enter keeps it, - empties it]" in prompt(state)
    assert after(state, "").answers[question].value == 3
    assert question not in after(state, "-").answers
    first = begin(instrument(), "new")
    assert typed(first, "back") == (first, "This is the first one.")


@given(
    st.lists(st.sampled_from(["", "D", "R", "2", "N why", "back", "-", "3 note: x\u2028y evidence: z"]), max_size=12)
)
def test_stopping_saves_a_file_from_which_typing_goes_on(lines):
    state = begin(instrument(), "new")
    for line in [*COVER, *lines]:
        state, _ = typed(state, line)
    state, _ = typed(state, "stop")
    assert state.stopped
    again = begin(instrument(), "new", saved(state).split("\n"))
    assert (again.head, again.answers) == (state.head, state.answers)
    assert submission(again) == submission(state)
    assert saved(again) == saved(state)


def test_a_form_stopped_on_the_cover_goes_on_there():
    state = after(begin(instrument(), "new"), "NGO-3", "provider", "stop")
    again = begin(instrument(), "new", saved(state).split("\n"))
    assert again.step == "organisation"
    assert submission(again)[0] is None
    assert "organisation is missing; fill it in" in submission(again)[1]


def test_a_form_stopped_half_way_goes_on_after_the_last_answer():
    state = after(begin(instrument(), "new"), *COVER, "2", "", "3", "stop")
    assert begin(instrument(), "new", saved(state).split("\n")).step == state.questions[3]


def test_a_saved_form_of_another_version_or_with_a_slip_is_refused_with_its_line():
    for line, said in (
        ("version 0.0.9", "line 1: the form is of version '0.0.9'"),
        ("EE-01 9", "line 1: '9' is not one"),
    ):
        with pytest.raises(AnswerError) as error:
            begin(instrument(), "new", [line], "half.txt")
        assert error.value.where == "half.txt"
        assert error.value.problems[0].startswith(said)
