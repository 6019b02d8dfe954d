"""How the content reads: short sentences, plain words, short titles, nothing unfinished. Limits are in lint.yaml."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from .lint_subject import Problem, Subject

SENTENCE = re.compile(r"[.?!:;](?:\s|$)")
WORD = re.compile(r"[^\W\d_][^\W\d_'’]*")
PLACEHOLDER = re.compile(r"\{[^}]*\}")


def _texts(s: Subject) -> Iterator[tuple[str, str, str]]:
    """Yield owner, place and text of everything a respondent reads, and of what the roadmap says of its activities."""
    for item in s.instrument.items.values():
        yield item.id, "ask", item.ask
        yield item.id, "why", item.why
        for level, text in item.levels.items():
            yield item.id, f"level {level}", text
    for quantity in s.instrument.quantities.values():
        yield quantity.id, "ask", quantity.ask
    for activity in s.advice.activities.values():
        yield activity.id, "why", activity.why
        yield activity.id, "done_when", activity.done_when
        if activity.repeats is not None:
            yield activity.id, "repeats", activity.repeats.what


def texts_read_easily(s: Subject) -> Iterator[Problem]:
    """Sentences are short, long words are few, and a question asks one thing."""
    limits = s.limits.wording
    for ident, place, text in _texts(s):
        longest = max((len(WORD.findall(part)) for part in SENTENCE.split(text)), default=0)
        if longest > limits.sentence_words.most:
            yield s.problem(ident, f"{place} has a sentence of {longest} words; split it")
        words = WORD.findall(text)
        long = [w for w in words if len(w) > limits.long_word_letters.most]
        if len(long) > 1 and len(long) > limits.long_word_share.most * len(words):
            yield s.problem(ident, f"{place} leans on long words ({', '.join(long)}); use plainer ones")
        if place == "ask" and len(text.split()) > limits.ask_words.most:
            yield s.problem(ident, f"its question has {len(text.split())} words, at most {limits.ask_words.most:g}")
        if place == "ask" and text.count("?") != 1:
            yield s.problem(ident, "ask is one question with one question mark; split it or say it as a question")
        if place.startswith("level"):
            yield from _level_text(s, ident, place, text)


def _level_text(s: Subject, ident: str, place: str, text: str) -> Iterator[Problem]:
    limits = s.limits.wording
    if len(text) > limits.level_characters.most:
        most = limits.level_characters.most
        yield s.problem(ident, f"{place} has {len(text)} characters, at most {most:g}; keep what can be seen")
    if len(text.split()) < limits.level_words.least:
        yield s.problem(ident, f"{place} is a grade, not something an assessor could see; describe it")


def titles_are_short(s: Subject) -> Iterator[Problem]:
    """Titles fit the tables and charts they stand in."""
    limits = s.limits.wording
    titles = [(q.id, q.title, limits.title_words) for q in s.instrument.items.values()]
    titles += [(q.id, q.title, limits.title_words) for q in s.instrument.quantities.values()]
    titles += [(a.id, a.title, limits.activity_title_words) for a in s.advice.activities.values()]
    for ident, title, limit in titles:
        if len(title.split()) > limit.most:
            yield s.problem(ident, f"its title has {len(title.split())} words, at most {limit.most:g}")


def texts_are_finished(s: Subject) -> Iterator[Problem]:
    """No text holds a mark of unfinished work or a placeholder that nothing fills."""
    texts = [*_texts(s), *((r.id, "say", r.say) for r in s.advice.recommendations.values())]
    texts += [(g.id, "why", g.why) for g in s.instrument.gates]
    for ident, place, text in texts:
        for mark in s.limits.unfinished:
            if mark.lower() in text.lower():
                yield s.problem(ident, f"{place} still holds '{mark}'; finish it")
        if found := PLACEHOLDER.search(text):
            yield s.problem(ident, f"{place} holds {found[0]}, which nothing fills; write it out")


RULES: tuple[Callable[[Subject], Iterator[Problem]], ...] = (texts_read_easily, titles_are_short, texts_are_finished)
