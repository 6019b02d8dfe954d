"""Launch options: each case against people, money and the share of signals served, with its sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .calendar import DAYS, Hours
from .cases import Case
from .demand import Span
from .staffing_words import StaffingWords, language_name, whole_percent

# Shares served that differ by less are the same.
SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Staffed:
    """What a case takes and what it serves; ``people`` is everybody on the pay roll."""

    advocates: int
    people: int
    share_served: float
    annual_cost: Span


@dataclass(frozen=True)
class Option:
    """One way to run the line against people, money and the share of expected signals served.

    Parameters
    ----------
    hours, channels, languages, voice_share
        What is open, as in `Case`.
    share_served
        Share of expected signals, messages included, that find hour and channel open and are answered.
    annual_cost
        In local currency.
    frontier
        No other option serves as much, in as many languages and as quickly, with fewer people.
    sentence, outside
        What it means, and what people get outside its hours and channels.
    """

    id: str
    title: str
    hours: str
    channels: tuple[str, ...]
    languages: tuple[str, ...]
    voice_share: float
    advocates: int
    people: int
    share_served: float
    annual_cost: Span
    chosen: bool
    frontier: bool
    sentence: str
    outside: str


def options(
    cases: Sequence[Case],
    staffed: Callable[[Case], Staffed],
    words: StaffingWords,
    *,
    within_s: float,
) -> tuple[Option, ...]:
    """Price the cases and return them from the fewest people to the most; the first case is what was asked for.

    Parameters
    ----------
    staffed
        Called once for each case.
    within_s
        The promise's seconds, for its sentence.
    """
    priced = [(case, staffed(case)) for case in cases]
    frontier = on_frontier(priced)
    say = _Say(words, priced[0][0], {_key(c): s for c, s in priced}, within_s)
    made = [say.option(case, result, best) for (case, result), best in zip(priced, frontier, strict=True)]
    return tuple(sorted(made, key=lambda o: (o.people, o.share_served, o.id)))


def on_frontier(priced: Sequence[tuple[Case, Staffed]]) -> list[bool]:
    """Return for each case whether none serves at least as much, as widely and as quickly, with fewer people.

    Of cases alike in people and signals served only the first is on the frontier.
    """
    best = []
    for index, (case, result) in enumerate(priced):
        others = [(n, c, r) for n, (c, r) in enumerate(priced) if n != index]
        best.append(not any(_better(case, result, c, r) or (n < index and _alike(result, r)) for n, c, r in others))
    return best


def _better(case: Case, result: Staffed, other: Case, its: Staffed) -> bool:
    """Whether the other is at least as good in everything, and better in people or in signals served."""
    as_wide = set(other.languages) >= set(case.languages) and other.voice_share >= case.voice_share
    as_good = its.people <= result.people and its.share_served >= result.share_served - SAME
    return as_wide and as_good and not _alike(result, its)


def _alike(one: Staffed, other: Staffed) -> bool:
    return one.people == other.people and abs(one.share_served - other.share_served) <= SAME


Key = tuple[bytes, frozenset[str], tuple[str, ...], float]


def _key(case: Case, hours: Hours | None = None) -> Key:
    quarters = (hours or case.hours).open_quarters
    return quarters.tobytes(), frozenset(case.channels), case.languages, case.voice_share


@dataclass(frozen=True)
class _Say:
    """Writes the sentences of the options."""

    words: StaffingWords
    asked: Case
    priced: Mapping[Key, Staffed]
    within_s: float

    def option(self, case: Case, result: Staffed, frontier: bool) -> Option:
        """Return the case as an option, its sentences written."""
        parts = [case.title, *self._differences(case)]
        return Option(
            id=case.id,
            title=self.words.join.join(parts),
            hours=case.hours.text,
            channels=case.channels,
            languages=case.languages,
            voice_share=case.voice_share,
            advocates=result.advocates,
            people=result.people,
            share_served=result.share_served,
            annual_cost=result.annual_cost,
            chosen=case.id == self.asked.id,
            frontier=frontier,
            sentence=self._sentence(case, result),
            outside=self.outside(case),
        )

    def _differences(self, case: Case) -> Iterator[str]:
        """Yield what sets the case apart from what was asked for, its hours left out."""
        if case.channels != self.asked.channels:
            yield self._channels(case)
        if case.languages != self.asked.languages:
            yield self._languages(case)
        if case.voice_share != self.asked.voice_share:
            yield self._level(case)

    def _sentence(self, case: Case, result: Staffed) -> str:
        parts = [case.title[:1].lower() + case.title[1:], self._channels(case)]
        if len(self.asked.languages) > 1:
            parts.append(self._languages(case))
        if case.voice_share != self.asked.voice_share:
            parts.append(self._level(case))
        what, share = self.words.join.join(parts), whole_percent(result.share_served)
        return self.words.option.sentence.text(result.people, what=what, share=share, tail=self._tail(case, result))

    def _channels(self, case: Case) -> str:
        named = next((c for c in self.words.choices.channels if set(c.channels) == set(case.channels)), None)
        return named.title if named else self.words.channels_listed(case.channels)

    def _languages(self, case: Case) -> str:
        names, say = [language_name(code) for code in case.languages], self.words.choices.languages
        if len(case.languages) < len(self.asked.languages):
            return say.first.format(language=names[0])
        return say.all.format(languages=self.words.listed(names))

    def _level(self, case: Case) -> str:
        return self.words.choices.level.format(share=whole_percent(case.voice_share), within=round(self.within_s))

    def _tail(self, case: Case, result: Staffed) -> str:
        """Say how it compares: with what was asked for, and with the same at every hour."""
        say, tail = self.words.option, ""
        if case.id == self.asked.id:
            tail = say.asked
        elif case.hours.round_the_clock:
            more = result.people - self.priced[_key(self.asked)].people
            return (say.asked_more if more > 0 else say.asked_fewer).text(abs(more)) if more else say.asked_same
        always = self.priced.get(_key(case, Hours(**dict.fromkeys(DAYS, "00:00-24:00"))))
        if case.hours.round_the_clock or always is None:
            return tail
        more = always.people - result.people
        return tail + (say.always_more.text(more) if more > 0 else say.always_same)

    def outside(self, case: Case) -> str:
        """Say what people get while the line is closed, by channels not offered, and in other languages."""
        return " ".join(self._outside(case))

    def _outside(self, case: Case) -> Iterator[str]:
        say, closed = self.words.outside, not case.hours.round_the_clock
        if not closed:
            yield say.always
        if closed and "phone" in case.channels:
            yield say.phone
        if closed and {"text", "chat"} & set(case.channels):
            yield say.written
        if closed and "email" in case.channels:
            yield say.email
        if missing := [c for c in self.asked.channels if c not in case.channels]:
            yield say.closed.format(channels=self.words.channels_listed(missing))
        if others := [language_name(x) for x in self.asked.languages if x not in case.languages]:
            yield say.interpreter.format(languages=self.words.listed(others))
