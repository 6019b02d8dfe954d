"""Two waves of answers, who speaks in both, and the ways of looking at them that a comparison needs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from ..errors import CatalystError
from .instrument import Instrument, Item
from .readiness import Readiness, assess, domain_score
from .responses import Answer, Evidence, Response, Ruling, Testimony

LATER = ("now", "now_alike", "now_shared", "now_shared_alike")
# Evidence and rulings, as one wave holds them.
Seen = tuple[tuple[Evidence, ...], tuple[Ruling, ...]]


@dataclass(frozen=True)
class Wave:
    """What one wave holds: all its testimony, each person's last submission and last answers."""

    testimony: Testimony
    people: Mapping[str, Response]
    answers: Mapping[str, Mapping[str, Answer]]  # person, question

    @classmethod
    def of(cls, testimony: Testimony) -> Wave:
        people: dict[str, Response] = {}
        for response in sorted(testimony.responses, key=Response.order):
            people[response.respondent] = response
        answers: dict[str, dict[str, Answer]] = {code: {} for code in people}
        for question in sorted({q for r in testimony.responses for q in r.answers}):
            for response, answer in testimony.answers_to(question):
                answers[response.respondent][question] = answer
        return cls(testimony, people, answers)

    def level(self, person: str, item: str) -> float | None:
        """Return the level a person gave, None where they gave none."""
        answer = self.answers.get(person, {}).get(item)
        return answer.value if answer is not None and answer.state == "answered" else None

    def speaks_of(self, item: str) -> bool:
        """Return whether anybody gave a level."""
        return any(self.level(person, item) is not None for person in self.people)

    def carried(self) -> set[str]:
        """Return what was answered to another wording, and carried over by a migration."""
        return {q for given in self.answers.values() for q, answer in given.items() if answer.carried_from}


@dataclass(frozen=True)
class Waves:
    """Both waves, and the people who can be set against themselves.

    ``pairs`` holds, by item, who gave a level both times; ``carried`` what a migration carried over to a new wording.
    ``known_then`` is evidence about the earlier time with the days it was seen; ``before`` takes it as seen in time.
    """

    before: Wave
    after: Wave
    known_then: tuple[Evidence, ...]
    shared: tuple[str, ...]
    not_agreed: int
    other_role: int
    pairs: Mapping[str, tuple[str, ...]]
    carried: frozenset[str]

    @classmethod
    def of(cls, instrument: Instrument, testimony: Testimony, since: date) -> Waves:
        early = tuple(r for r in testimony.responses if r.given_on <= since)
        late = tuple(r for r in testimony.responses if r.given_on > since)
        if not early or not late:
            raise CatalystError(_no_wave(testimony.responses, since))
        in_force = {e.id for e in testimony.evidence if e.in_force(testimony.as_of)}
        then = tuple(e for e in testimony.evidence if e.dated <= since and e.seen <= testimony.as_of)
        now = tuple(e for e in testimony.evidence if e.id in in_force)
        old = tuple(r for r in testimony.rulings if r.decided_on <= since)
        new = tuple(r for r in testimony.rulings if r.decided_on > since)
        # Seen later, but true at the time: as if it had been seen on the day it bears.
        relearnt = tuple(e.model_copy(update={"seen_on": None}) for e in then)
        before = Wave.of(Testimony(early, relearnt, old, since))
        after = Wave.of(Testimony(late, now, new, testimony.as_of))
        both = sorted(before.people.keys() & after.people.keys())
        agreed = [c for c in both if all("compare" in w.people[c].consent for w in (before, after))]
        # Someone who speaks from another role sees other things: a new respondent with an old code.
        shared = tuple(c for c in agreed if before.people[c].role == after.people[c].role)
        pairs = {
            item: tuple(c for c in shared if None not in (before.level(c, item), after.level(c, item)))
            for item in instrument.items
        }
        carried = frozenset(before.carried() | after.carried())
        return cls(before, after, then, shared, len(both) - len(agreed), len(agreed) - len(shared), pairs, carried)


def _no_wave(responses: Sequence[Response], since: date) -> str:
    days = sorted({r.given_on for r in responses})
    if not days:
        return "There are no answers to compare yet; collect both waves first."
    if len(days) == 1:
        return f"All answers were given on {days[0]}; a comparison needs a second wave."
    side = "by" if days[0] > since else "after"
    return (
        f"Nobody answered {side} {since}; answers were given from {days[0]} to {days[-1]}. "
        f"Choose the last day of the earlier wave, from {days[0]} to {days[-2]}."
    )


@dataclass(frozen=True)
class View:
    """One way of looking at a wave, judged."""

    testimony: Testimony
    readiness: Readiness

    def expected(self, items: Sequence[Item]) -> float:
        """Return the expected score of some items, 0 to 4: exact, no draws."""
        levels = [np.arange(5) @ np.array(self.readiness.items[i.id].probability) for i in items]
        return float(np.average(levels, weights=[i.weight for i in items]))

    def scores(self, domain: str, items: Sequence[Item]) -> NDArray[np.float64]:
        """Return the draws of the score of some items of a domain."""
        drawn = self.readiness.draws[domain]
        return domain_score(drawn.levels[:, [drawn.ids.index(i.id) for i in items]], items)


def look(instrument: Instrument, waves: Waves, stage: str) -> dict[str, View]:
    """Return the views of both waves by name.

    ``known``: the earlier wave as known then; ``then`` and ``now``: each wave as known today; with ``_shared``, only
    what people said who answered an item both times; with ``_alike``, only evidence on items looked at both times.
    """
    before, after = waves.before.testimony, waves.after.testimony
    (proof_then, ruled_then), (proof_now, ruled_now) = _alike(before, after)
    earlier, later = ({c: _paired(wave, c, waves) for c in waves.shared} for wave in (waves.before, waves.after))
    then_shared = replace(before, responses=tuple(earlier.values()))
    now_shared = replace(after, responses=tuple(later.values()))
    seen = {
        "known": replace(before, evidence=waves.known_then),
        "then": before,
        "then_alike": replace(before, evidence=proof_then, rulings=ruled_then),
        "then_shared": then_shared,
        "then_shared_alike": replace(then_shared, evidence=proof_then, rulings=ruled_then),
        "now": after,
        "now_alike": replace(after, evidence=proof_now, rulings=ruled_now),
        "now_shared": now_shared,
        "now_shared_alike": replace(now_shared, evidence=proof_now, rulings=ruled_now),
    }
    # Scenarios share their random numbers so that differences are not noise. Here it would be wrong: with common
    # numbers the smallest shift between two uncertain waves happens in every draw and looks certain.
    scoring = instrument.scoring
    other = scoring.seed.model_copy(update={"value": scoring.seed.value + 1})
    second = replace(instrument, scoring=scoring.model_copy(update={"seed": other}))
    judged: dict[object, Readiness] = {}
    views = {}
    for name, testimony in seen.items():
        key = _heard(testimony)
        if key not in judged:  # most views differ only where something was seen once
            judged[key] = assess(second if name in LATER else instrument, testimony, stage)
        views[name] = View(testimony, judged[key])
    return views


def _heard(testimony: Testimony) -> object:
    """Return what a judgement rests on: which answers, what was seen and is in force, what was ruled."""
    in_force = tuple(e.id for e in testimony.evidence if e.in_force(testimony.as_of))
    return testimony.as_of, id(testimony.responses), in_force, tuple(r.id for r in testimony.rulings)


def _paired(wave: Wave, person: str, waves: Waves) -> Response:
    """Return what a person said about the items they gave a level both times."""
    answers = {q: a for q, a in wave.answers[person].items() if person in waves.pairs.get(q, ())}
    return wave.people[person].model_copy(update={"answers": answers})


def _alike(before: Testimony, after: Testimony) -> tuple[Seen, Seen]:
    """Return evidence and rulings that set like against like.

    What holds in both waves stays. What holds in one alone stays where the other has something of its own on the same
    item: a first site visit in the second year would else look like progress, and an expired paper like decline.
    """
    then = {e.id: e for e in before.evidence if e.in_force(before.as_of)}
    now = {e.id: e for e in after.evidence}
    own_then = {e.item for e in then.values() if e.id not in now}
    own_now = {e.item for e in now.values() if e.id not in then}
    both = own_then & own_now
    ruled = {r.id for r in before.rulings} & {r.id for r in after.rulings}

    def kept(mine: Mapping[str, Evidence], other: Mapping[str, Evidence], rulings: Iterable[Ruling]) -> Seen:
        evidence = tuple(e for e in mine.values() if e.id in other or e.item in both)
        return evidence, tuple(r for r in rulings if r.id in ruled)

    return kept(then, now, before.rulings), kept(now, then, after.rulings)
