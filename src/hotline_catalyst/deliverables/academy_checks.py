"""What must hold between the academy's files: hours, topics, pages, role-plays, questions and marks."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from ..errors import ContentError
from ..library import did_you_mean, shown
from .academy import Academy, Quiz, RolePlay, Session, questions

BLOCK_MINUTES = 90
EVERY_CHANNEL = ("phone", "text", "chat", "email")


def check(academy: Academy, plays: Sequence[RolePlay], pages: Collection[str], gates: Collection[str]) -> None:
    """Refuse an academy whose parts do not fit.

    Raises
    ------
    ContentError
        Naming every problem at once.
    """
    problems = [
        *_clock(academy),
        *_days(academy),
        *_topics(academy),
        *_role_plays(academy, plays),
        *_questions(academy),
        *_year(academy),
        *_elsewhere(academy, pages, gates),
    ]
    if problems:
        raise ContentError(shown(academy.folder), problems)


def sessions(academy: Academy) -> Iterator[tuple[str, Session]]:
    """Yield every session with the place where it stands, the ones that stand in for another too."""
    for day in academy.curriculum.days:
        for number, block in enumerate(day.blocks, 1):
            yield f"day {day.day}, block {number}", block
            if block.instead:
                yield f"day {day.day}, block {number}, instead", block.instead


def _clock(academy: Academy) -> Iterator[str]:
    slots = academy.curriculum.clock
    where = "curriculum.yaml: clock"
    for before, after in pairwise(slots):
        if before.ends != after.starts:
            yield f"{where}: {before.ends} is not followed at once by {after.starts}; close the gap"
    for slot in slots:
        if slot.minutes <= 0 or (slot.kind == "block" and slot.minutes != BLOCK_MINUTES):
            yield f"{where}: {slot.starts} to {slot.ends} is not {BLOCK_MINUTES} minutes"
    if academy.hours != academy.curriculum.hours:
        yield f"{where}: blocks and debriefs come to {academy.hours:g} hours, not to the {academy.curriculum.hours:g}"


def _days(academy: Academy) -> Iterator[str]:
    curriculum = academy.curriculum
    blocks = sum(s.kind == "block" for s in curriculum.clock)
    if [d.day for d in curriculum.days] != list(range(1, curriculum.days_planned + 1)):
        yield f"curriculum.yaml: days must be numbered 1 to {curriculum.days_planned}, in order"
    for day in curriculum.days:
        if len(day.blocks) != blocks:
            yield f"curriculum.yaml: day {day.day} has {len(day.blocks)} blocks, the clock has {blocks}"
        for number, block in enumerate(day.blocks, 1):
            if (block.channels or block.stages) and block.instead is None:
                yield f"curriculum.yaml: day {day.day}, block {number} may fall out; say what comes 'instead'"
    if academy.practice_share < curriculum.practice_share:
        yield (
            f"curriculum.yaml: practice is {academy.practice_share:.0%} of the hours, "
            f"less than the {curriculum.practice_share:.0%} asked for"
        )


def _topics(academy: Academy) -> Iterator[str]:
    topics = list(academy.curriculum.topics)
    taught = {topic for _, session in sessions(academy) for topic in session.covers}
    for topic in topics:
        if topic not in taught:
            yield f"curriculum.yaml: no block covers '{topic}'; teach it or name the block that does"
    for topic in sorted(taught - set(topics)):
        yield f"curriculum.yaml: '{topic}' is not a topic{did_you_mean(topic, topics)}"


def _role_plays(academy: Academy, plays: Sequence[RolePlay]) -> Iterator[str]:
    known = [p.id for p in plays]
    for ident in sorted({i for i in known if known.count(i) > 1}):
        yield f"role_plays: {ident} is in two files; ids are used once"
    asked = {ident for _, session in sessions(academy) for ident in session.role_plays}
    for ident in sorted(asked - set(known)):
        yield f"curriculum.yaml: '{ident}' is not a role-play{did_you_mean(ident, known)}"
    for ident in sorted(set(known) - asked):
        yield f"role_plays: {ident} is used by no block; name it in curriculum.yaml or take it out"
    for play in plays:
        for number in play.score:
            if number not in academy.sign_off.card:
                yield f"role_plays: {play.id} scores item {number}, which is not on the card of sign_off.yaml"
    yield from _mocks(academy, plays)


def _mocks(academy: Academy, plays: Sequence[RolePlay]) -> Iterator[str]:
    sign_off, mocks = academy.sign_off, [p for p in plays if p.use == "mock"]
    if len(mocks) < sign_off.mocks:
        yield f"role_plays: {len(mocks)} are kept for mocks; sign_off.yaml asks for {sign_off.mocks}"
    for number in sign_off.safety_items:
        if not any(number in play.score for play in mocks):
            yield f"role_plays: no mock shows safety item {number} ({sign_off.card[number].title})"


def _questions(academy: Academy) -> Iterator[str]:
    idents = [q.id for quiz in academy.quizzes for q in quiz.questions]
    for ident in sorted({i for i in idents if idents.count(i) > 1}):
        yield f"quizzes.yaml: {ident} is used twice; ids are used once"
    for quiz in academy.quizzes:
        for question in quiz.questions:
            rights, texts = sum(c.right for c in question.choices), [c.text for c in question.choices]
            if rights != 1:
                yield f"quizzes.yaml: {question.id} has {rights} right answers; mark exactly one"
            if len(set(texts)) != len(texts):
                yield f"quizzes.yaml: {question.id} has the same answer twice"
        yield from _length(quiz)


def _length(quiz: Quiz) -> Iterator[str]:
    for channel in EVERY_CHANNEL:
        if quiz.marked and len(questions(quiz, [channel])) < 20:
            yield f"quizzes.yaml: {quiz.id} has fewer than 20 questions for a line with {channel} only"


def _year(academy: Academy) -> Iterator[str]:
    calendar = academy.calendar
    if [m.month for m in calendar.months] != list(range(1, 13)):
        yield "calendar.yaml: months must be numbered 1 to 12, in order"
    hours = sum(m.hours for m in calendar.months)
    if hours < calendar.hours_a_year:
        yield f"calendar.yaml: the sessions come to {hours:g} hours, less than the {calendar.hours_a_year:g} a year"


def _elsewhere(academy: Academy, pages: Collection[str], gates: Collection[str]) -> Iterator[str]:
    named = [(f"curriculum.yaml: {where}", p) for where, s in sessions(academy) for p in s.pages]
    named += [(f"calendar.yaml: month {m.month}", p) for m in academy.calendar.months for p in m.pages]
    named += [(f"role_plays: {r.id}", p) for r in academy.role_plays.values() for p in r.pages]
    named += [(f"quizzes.yaml: {q.id}", q.page) for z in academy.quizzes for q in z.questions]
    for where, page in named if pages else ():
        if page not in pages:
            yield f"{where}: page '{page}' does not exist{did_you_mean(page, list(pages))}"
    for where, session in sessions(academy) if gates else ():
        if session.gate and session.gate not in gates:
            yield f"curriculum.yaml: {where}: '{session.gate}' is not a gate{did_you_mean(session.gate, list(gates))}"
