"""Typing a paper form back question by question: what to show, and what one typed line changes. No terminal in here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from pydantic import ValidationError

from .instrument import Instrument, Item
from .paper import (
    Entry,
    EntryWords,
    answer_text,
    asked_ids,
    entry_text,
    load_entry_words,
    parse_answer,
    parse_entry,
    response_of,
    wrong_word,
)
from .responses import Answer, Response, clean_text
from .tables import refuse, words_of

ASKED_HEAD = ("respondent", "role", "organisation", "date", "consent", "submission", "set")
DEFAULTS = {"submission": "1", "set": "whole"}


@dataclass(frozen=True)
class Entering:
    """How far the typing has come: words of the first line, answers, and the step that is asked now."""

    instrument: Instrument
    stage: str
    words: EntryWords
    head: dict[str, str] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    at: int = 0
    stopped: bool = False

    @property
    def questions(self) -> list[str]:
        """Ids on this person's form, once the role is known."""
        role = self.head.get("role", "")
        known = role in self.instrument.meta.roles
        return asked_ids(self.instrument, role, self.stage, self.head.get("set", "")) if known else []

    @property
    def step(self) -> str | None:
        """The word of the first line or the question that is asked now; None when all were shown."""
        steps = [*ASKED_HEAD, *self.questions]
        return steps[self.at] if self.at < len(steps) else None


def begin(instrument: Instrument, stage: str, lines: Iterable[str] = (), where: str = "the saved form") -> Entering:
    """Return the start of a form; with the ``lines`` that `saved` gave, go on after the last answer.

    Raises
    ------
    AnswerError
        When lines cannot be understood, or are of another version of the instrument: nothing is dropped unsaid.
    """
    entry = parse_entry(instrument, lines)
    said = {name: text for name, text in entry.head.items() if text}
    wrong = [entry.line(name) + text for name in said if (text := wrong_word(instrument, name, said))]
    if entry.problems or wrong:
        raise refuse(where, entry.problems + wrong)
    head = {name: text for name, text in said.items() if name != "version"}
    answers = {q: a for q, a in entry.answers.items() if a != Answer(state="blank")}
    state = Entering(instrument, stage, load_entry_words(), head, answers)
    missing = [n for n, name in enumerate(ASKED_HEAD) if name not in head]
    answered = [n for n, question in enumerate(state.questions, 1) if question in answers]
    return replace(state, at=missing[0] if missing else len(ASKED_HEAD) + max(answered, default=0))


def prompt(state: Entering) -> str:
    """Return what to show for the step that is asked now."""
    step, words = state.step, state.words
    if step is None:
        return words.done
    if step in ASKED_HEAD:
        meta = state.instrument.meta
        text = words.head[step].format(roles=", ".join(meta.roles), uses=", ".join(meta.consent))
        now = state.head.get(step, DEFAULTS.get(step, ""))
    else:
        instrument = state.instrument
        question = instrument.items.get(step) or instrument.quantities[step]
        number = state.at - len(ASKED_HEAD) + 1
        text = f"{step} {question.title} ({number}/{len(state.questions)})"
        now = answer_text(state.answers[step]) if step in state.answers else ""
    if step in ASKED_HEAD:
        hint = words.default.format(answer=now) if now else ""
    else:
        hint = words.was.format(answer=now) if now else words.empty
    return f"{text} {hint}".strip()


def typed(state: Entering, line: str) -> tuple[Entering, str]:
    """Return the state after one typed line, and what to say about it (empty when there is nothing to say)."""
    text, step = line.strip(), state.step
    if text.lower() == "stop":
        return replace(state, stopped=True), ""
    if text.lower() == "back":
        return (replace(state, at=state.at - 1), "") if state.at else (state, state.words.first)
    if text == "?":
        return state, _help(state)
    if step is None:
        return state, state.words.done
    if step in ASKED_HEAD:
        return _typed_head(state, step, text)
    return _typed_answer(state, step, text)


def _typed_head(state: Entering, name: str, text: str) -> tuple[Entering, str]:
    text = clean_text(text.strip('"')) or state.head.get(name, DEFAULTS.get(name, ""))
    head = {**state.head, name: text}
    if wrong := wrong_word(state.instrument, name, head):
        return state, wrong
    return replace(state, head=head, at=state.at + 1), ""


def _typed_answer(state: Entering, question: str, text: str) -> tuple[Entering, str]:
    answers = dict(state.answers)
    if text == "-":
        answers.pop(question, None)
    elif text:
        try:
            answers[question] = parse_answer(state.instrument, question, text)
        except ValidationError as error:
            return state, "; ".join(said for _, said in words_of(error))
        except ValueError as error:
            return state, str(error)
    return replace(state, answers=answers, at=state.at + 1), ""


def _help(state: Entering) -> str:
    step, words, instrument = state.step, state.words, state.instrument
    if step is None or step in ASKED_HEAD:
        return words.help
    question = instrument.items.get(step) or instrument.quantities[step]
    if isinstance(question, Item):
        lines = [f"{n}  {text}" for n, text in sorted(question.levels.items())]
    elif question.choices:
        lines = [f"{code}  {text}" for code, text in question.choices.items()]
    else:
        limits = {"minimum": f"{question.minimum:g}", "maximum": f"{question.maximum:g}", "unit": question.unit}
        lines = [words.number.format(**limits)]
    return "\n".join([question.ask, *lines, words.states, words.help])


def saved(state: Entering) -> str:
    """Return what was typed as a file of lines: `begin` goes on from it, `read_paper` reads it when it is complete."""
    return entry_text(state.instrument, state.head, state.answers, state.questions)


def submission(state: Entering) -> tuple[Response | None, list[str]]:
    """Return the submission that was typed, or what still hinders it."""
    response, problems = response_of(state.instrument, Entry(dict(state.head), dict(state.answers)), state.stage)
    return response, [text.removeprefix("line 1: ") for text in problems]
