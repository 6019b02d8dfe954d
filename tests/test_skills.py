"""Languages: the promise is held by a simulation written here, and no smaller mix would do."""

from __future__ import annotations

import heapq
import os
import random
from collections.abc import Mapping
from itertools import combinations_with_replacement
from statistics import mean, stdev
from typing import Any

import pytest

from hotline_catalyst.errors import NoPlanError
from hotline_catalyst.planning import queueing
from hotline_catalyst.planning.skill_queue import levels
from hotline_catalyst.planning.skills import LanguageNeed, Mix, fewest, speakers_for

SOAK = bool(os.environ.get("SOAK"))
TIMES = (1800.0, 360.0, 40.0)  # handle time, patience, promise, in seconds
Sets = list[tuple[frozenset[str], int]]


def simulated(
    people: Sets,
    per_hour: Mapping[str, float],
    times: tuple[float, float, float],
    callers: int,
    seed: int,
    **handle: float,
) -> dict[str, tuple[float, float]]:
    """Return by language the share answered in time and its standard error, from 50 stretches of one long run.

    Another way than the product's: every person is followed one by one, the queue is a real list in order of arrival.
    ``handle`` gives a language another mean handle time.
    """
    rng, (handle_s, patience_s, within_s) = random.Random(seed), times
    speak = [languages for languages, count in people for _ in range(count)]
    names, total = list(per_hour), sum(per_hour.values()) / 3600
    free = set(range(len(speak)))
    waiting: list[tuple[float, float, str, list[int]]] = []
    ends: list[tuple[float, int]] = []
    answered = {name: [[0, 0] for _ in range(50)] for name in names}

    def start(person: int, language: str) -> None:
        free.discard(person)
        heapq.heappush(ends, (now + rng.expovariate(1 / handle.get(language, handle_s)), person))

    def call_next(person: int) -> None:
        waiting[:] = [call for call in waiting if call[1] > now]
        call = next((call for call in waiting if call[2] in speak[person]), None)
        if call is None:
            free.add(person)
            return
        waiting.remove(call)
        call[3][0] += now - call[0] <= within_s
        start(person, call[2])

    arrives = now = 0.0
    languages = rng.choices(names, [per_hour[name] for name in names], k=callers)
    for number, language in enumerate(languages):
        arrives += rng.expovariate(total)
        while ends and ends[0][0] <= arrives:
            now, person = heapq.heappop(ends)
            call_next(person)
        now = arrives
        count = answered[language][number * 50 // callers]
        count[1] += 1
        able = [person for person in free if language in speak[person]]
        if able:
            least = min(len(speak[person]) for person in able)
            count[0] += 1
            start(rng.choice([person for person in able if len(speak[person]) == least]), language)
        else:
            waiting.append((now, now + rng.expovariate(1 / patience_s), language, count))
    return {name: _share(counts) for name, counts in answered.items()}


def _share(counts: list[list[int]]) -> tuple[float, float]:
    """Return the share and its standard error by the ratio of the stretches' counts."""
    share = sum(good for good, _ in counts) / max(1, sum(offered for _, offered in counts))
    error = stdev([good - share * offered for good, offered in counts]) / mean(offered for _, offered in counts)
    return share, error / len(counts) ** 0.5


def promised(people: Sets, per_hour: Mapping[str, float], times: tuple[float, float, float]) -> dict[str, float]:
    """Return what the product promises a mix."""
    names = list(per_hour)
    groups = tuple((sum(1 << names.index(name) for name in languages), count) for languages, count in people)
    return dict(zip(names, map(float, levels(groups, tuple(per_hour.values()), *times)), strict=True))


def a_mix(seed: int) -> tuple[Sets, dict[str, float], tuple[float, float, float]]:
    """Return a random line: 1 to 3 languages, up to 12 advocates, everything spoken by somebody."""
    rng = random.Random(seed)
    names = "abc"[: rng.randint(1, 3)]
    people: dict[frozenset[str], int] = {}
    for number in range(rng.randint(max(2, len(names) - 1), 12)):
        own = set(rng.sample(names, rng.choice([1, 1, 1, 2, 2, 3][: 3 + len(names)]) % (len(names) + 1) or 1))
        own |= {names[number]} if number < len(names) else set()
        people[frozenset(own)] = people.get(frozenset(own), 0) + 1
    for name in names:
        if not any(name in own for own in people):
            people[frozenset(name)] = 1
    times = (rng.uniform(600, 2700), rng.uniform(60, 900), rng.uniform(10, 90))
    load = sum(people.values()) * rng.uniform(0.15, 1.0)
    parts = [rng.uniform(0.05, 1) for _ in names]
    return (
        list(people.items()),
        {n: load * 3600 / times[0] * p / sum(parts) for n, p in zip(names, parts, strict=True)},
        times,
    )


def worst_miss(seed: int, callers: int) -> float:
    """Return how many standard errors a simulated language lies below what it was promised, at worst."""
    people, per_hour, times = a_mix(seed)
    promise, found = promised(people, per_hour, times), simulated(people, per_hour, times, callers, 999 + seed)
    return max((promise[name] - found[name][0]) / max(found[name][1], 3e-4) for name in per_hour)


@pytest.mark.parametrize("seed", range(200) if SOAK else [0, 5, 8, 12])
def test_no_language_is_answered_less_than_promised(seed: int) -> None:
    assert worst_miss(seed, 100_000 if SOAK else 20_000) < 3


ONE, TWO = frozenset("a"), frozenset("b")
BOTH = ONE | TWO


def counted_fully(people: Sets, per_hour: Mapping[str, float], times: tuple[float, float, float]) -> dict[str, float]:
    """Return what counting everybody fully for each of his languages promises (as pyworkforce's skill mix does)."""
    handle_s, patience_s, within_s = times
    return {
        name: float(
            queueing.erlang_a_service_level(
                sum(n for languages, n in people if name in languages), rate, handle_s, patience_s, within_s
            )
        )
        for name, rate in per_hour.items()
    }


def test_a_bilingual_advocate_is_not_counted_fully_for_each_language() -> None:
    people, per_hour = [(ONE, 1), (BOTH, 2)], {"a": 1.6, "b": 1.2}
    found = simulated(people, per_hour, TIMES, 30_000, 3)
    for name in per_hour:
        assert counted_fully(people, per_hour, TIMES)[name] > found[name][0] + 0.05
        assert promised(people, per_hour, TIMES)[name] == pytest.approx(found[name][0], abs=4 * found[name][1])


@pytest.mark.parametrize("advocates", [1, 3, 9])
@pytest.mark.parametrize("per_hour", [0.0, 0.7, 4.0, 30.0])
def test_one_language_is_erlang_a(advocates: int, per_hour: float) -> None:
    exact = float(queueing.erlang_a_service_level(advocates, per_hour, *TIMES))
    assert promised([(ONE, advocates)], {"a": per_hour}, TIMES)["a"] == exact


def test_separate_groups_are_lines_of_their_own() -> None:
    found = promised([(ONE, 3), (TWO, 1)], {"a": 3.0, "b": 0.4}, TIMES)
    for name, advocates, rate in (("a", 3, 3.0), ("b", 1, 0.4)):
        assert found[name] == float(queueing.erlang_a_service_level(advocates, rate, *TIMES))


def test_people_who_all_speak_everything_are_one_pool() -> None:
    exact = float(queueing.erlang_a_service_level(4, 5.0, *TIMES))
    assert promised([(BOTH, 4)], {"a": 3.5, "b": 1.5}, TIMES) == {"a": exact, "b": exact}


def test_the_chain_itself_agrees_with_erlang_a_where_a_second_language_hardly_calls() -> None:
    # One caller in 10,000 hours: the chain with two languages is solved, and the answer must be the formula's.
    found = promised([(ONE, 2), (BOTH, 2)], {"a": 5.0, "b": 1e-4}, TIMES)
    assert found["a"] == pytest.approx(float(queueing.erlang_a_service_level(4, 5.0, *TIMES)), abs=1e-4)


def test_symmetric_languages_are_promised_the_same() -> None:
    three = [frozenset(s) for s in ("a", "b", "c", "ab", "bc", "ac")]
    found = promised([(s, 1) for s in three], dict.fromkeys("abc", 2.0), TIMES)
    assert found["a"] == pytest.approx(found["b"], abs=1e-12)
    assert found["a"] == pytest.approx(found["c"], abs=1e-12)


def test_a_busy_line_is_worked_out_without_running_out_of_range() -> None:
    found = promised([(ONE, 60), (BOTH, 8)], {"a": 120.0, "b": 20.0}, TIMES)
    assert all(0.05 < level < 0.95 for level in found.values())


def every_mix(advocates: int, names: str) -> list[dict[frozenset[str], int]]:
    """Return all mixes of so many people, each speaking any set of the languages."""
    sets = [frozenset(n for k, n in enumerate(names) if mask >> k & 1) for mask in range(1, 2 ** len(names))]
    return [{s: pick.count(s) for s in set(pick)} for pick in combinations_with_replacement(sets, advocates)]


def languages_spoken(counts: Mapping[frozenset[str], int]) -> int:
    return sum(len(languages) * n for languages, n in counts.items())


def keeps(counts: Mapping[frozenset[str], int], per_hour: Mapping[str, float], share: float) -> bool:
    return min(promised(list(counts.items()), per_hour, TIMES).values()) >= share


@pytest.mark.parametrize(
    ("per_hour", "share"),
    [
        ({"a": 1.5, "b": 0.5}, 0.8),
        ({"a": 4.0, "b": 1.5}, 0.85),
        ({"a": 0.4, "b": 0.2, "c": 0.1}, 0.8),
        ({"a": 0.9, "b": 0.9, "c": 0.2}, 0.8),
    ],
)
def test_trying_every_mix_finds_no_fewer_people_and_no_fewer_languages(
    per_hour: dict[str, float], share: float
) -> None:
    found = fewest(per_hour, *TIMES, share)
    assert keeps(found.counts, per_hour, share)
    names = "".join(per_hour)
    assert not any(keeps(mix, per_hour, share) for mix in every_mix(found.advocates - 1, names))
    cheaper = [m for m in every_mix(found.advocates, names) if languages_spoken(m) < languages_spoken(found.counts)]
    assert not any(keeps(mix, per_hour, share) for mix in cheaper)


NO_ALL_ROUNDER = [frozenset(s) for s in ("a", "b", "c", "ab", "bc", "ac")]


def test_people_who_cannot_be_hired_are_not_in_the_mix() -> None:
    per_hour = {"a": 1.6, "b": 0.8, "c": 0.4}
    free, bound = fewest(per_hour, *TIMES, 0.85), fewest(per_hour, *TIMES, 0.85, allowed=NO_ALL_ROUNDER)
    assert set(bound.counts) <= set(NO_ALL_ROUNDER)
    assert bound.advocates > free.advocates
    pairs = [m for m in every_mix(bound.advocates - 1, "abc") if set(m) <= set(NO_ALL_ROUNDER)]
    assert not any(keeps(mix, per_hour, 0.85) for mix in pairs)


def test_the_fewest_lie_between_one_pool_and_separate_lines() -> None:
    for per_hour in ({"a": 3.0, "b": 1.0}, {"a": 2.0, "b": 2.0, "c": 1.0}):
        alone = [int(queueing.required(r, 1800, 40, 0.8, 360)[0]) for r in per_hour.values()]
        pool = int(queueing.required(sum(per_hour.values()), 1800, 40, 0.8, 360)[0])
        assert fewest(per_hour, *TIMES, 0.8).advocates == pool
        apart = fewest(per_hour, *TIMES, 0.8, allowed=[frozenset(n) for n in per_hour])
        assert apart.advocates == sum(alone)


def test_a_higher_promise_never_needs_fewer() -> None:
    needs = [fewest({"a": 2.0, "b": 1.0}, *TIMES, share).advocates for share in (0.5, 0.7, 0.8, 0.9, 0.95, 0.99)]
    assert needs == sorted(needs)
    on_shift = [spoken({"a": 2.0, "b": 0.5}, share=share).advocates for share in (0.5, 0.7, 0.8, 0.9, 0.95, 0.99)]
    assert on_shift == sorted(on_shift)


def test_the_price_of_a_language_decides_among_equals() -> None:
    per_hour = {"a": 4.0, "b": 1.5}
    cheap = fewest(per_hour, *TIMES, 0.8, cost=lambda languages: len(languages & TWO))
    assert cheap.counts.get(ONE, 0) >= fewest(per_hour, *TIMES, 0.8).counts.get(ONE, 0)
    assert isinstance(cheap, Mix)


def test_what_cannot_be_kept_is_said() -> None:
    with pytest.raises(NoPlanError, match="2 advocates cannot answer a, b as promised"):
        fewest({"a": 9.0, "b": 4.0}, *TIMES, 0.8, most=2)
    with pytest.raises(NoPlanError, match="Nobody who can be hired speaks one of a, b"):
        fewest({"a": 1.0, "b": 1.0}, *TIMES, 0.8, allowed=[ONE])
    with pytest.raises(NoPlanError, match=r"Nobody on duty can speak fr.*plan interpreters"):
        spoken({"en": 1.0, "fr": 1.0}, versatile=0.0, interpreters=False)


def spoken(per_hour: Mapping[str, float], **other: Any) -> LanguageNeed:
    asked: dict[str, Any] = {"share": 0.85, "minimum": 2, "versatile": 0.5, "interpreters": True} | other
    handle_s, patience_s, within_s = TIMES
    return speakers_for(per_hour, handle_s, patience_s, within_s, asked.pop("share"), **asked)


def test_a_quiet_second_language_costs_no_extra_person() -> None:
    need = spoken({"en": 0.5, "fr": 0.1})
    assert (need.advocates, dict(need.speakers), need.interpreted) == (2, {"en": 2, "fr": 1}, ())
    assert min(need.promise.values()) >= 0.85


def test_a_language_goes_to_the_interpreter_where_speakers_would_need_more_people() -> None:
    per_hour = {"en": 0.6, "fr": 0.15, "sw": 0.05}
    need = spoken(per_hour)
    assert (need.advocates, need.interpreted, need.speakers["sw"]) == (2, ("sw",), 0)
    assert need.speakers["fr"] == 1
    alone = spoken(per_hour, interpreters=False)
    assert (alone.advocates, alone.interpreted) == (4, ())
    assert min(alone.promise.values()) >= 0.85


def test_nobody_calling_needs_only_the_minimum() -> None:
    need = spoken({"en": 0.0, "fr": 0.0})
    assert (need.advocates, dict(need.speakers), need.interpreted) == (2, {"en": 2, "fr": 0}, ())
    assert dict(need.promise) == {"en": 1.0, "fr": 1.0}


def test_one_language_on_shift_is_the_formula() -> None:
    for rate in (0.5, 2.0, 9.0):
        assert spoken({"en": rate}).advocates == max(2, int(queueing.required(rate, 1800, 40, 0.85, 360)[0]))


def test_a_line_where_everybody_may_speak_both_needs_no_more_than_one_pool() -> None:
    for rate in (1.0, 3.0, 6.0):
        need = spoken({"en": rate, "fr": rate / 2}, versatile=1.0, interpreters=False)
        assert need.advocates == max(2, int(queueing.required(1.5 * rate, 1800, 40, 0.85, 360)[0]))


@pytest.mark.parametrize("interpreters", [True, False])
def test_what_is_promised_on_shift_is_kept(interpreters: bool) -> None:
    per_hour = {"en": 3.0, "fr": 0.8, "sw": 0.3}
    need = spoken(per_hour, interpreters=interpreters)
    found = simulated(line_of(need), per_hour, TIMES, 40_000, 11, **interpreted_s(need))
    for name, (share, error) in found.items():
        assert share > need.promise[name] - 3 * error - (0.005 if need.interpreted else 0)


@pytest.mark.parametrize(
    "per_hour",
    [{"en": 3.0, "fr": 0.4, "sw": 0.3, "ar": 0.3, "am": 0.2}, {"en": 40.0, "fr": 6.0, "sw": 3.0}],
    ids=["five languages", "a large line"],
)
def test_what_is_promised_by_putting_languages_together_or_in_teams_is_kept(per_hour: dict[str, float]) -> None:
    need = spoken(per_hour, interpreters=False)
    for name, (share, error) in simulated(line_of(need), per_hour, TIMES, 20_000, 17).items():
        assert share > need.promise[name] - 3 * max(error, 3e-4)


def line_of(need: LanguageNeed) -> Sets:
    """Return the people on shift: everybody speaks the first language and those interpreted."""
    first, *further = need.speakers
    by_all = frozenset([first, *need.interpreted])
    bilingual = [(by_all | {name}, need.speakers[name]) for name in further if need.speakers[name]]
    return [(by_all, need.advocates - sum(n for _, n in bilingual)), *bilingual]


def interpreted_s(need: LanguageNeed) -> dict[str, float]:
    return dict.fromkeys(need.interpreted, TIMES[0] * 1.8 + 90)


@pytest.mark.parametrize("seed", range(200) if SOAK else range(6))
def test_more_callers_never_need_fewer_advocates(seed: int) -> None:
    rng = random.Random(seed)
    per_hour = {
        name: rng.uniform(0, 3) * part
        for name, part in zip("abcd"[: rng.randint(1, 4)], (1, 0.5, 0.3, 0.1), strict=False)
    }
    asked = {
        "versatile": rng.choice([0.3, 0.5, 1.0]),
        "interpreters": rng.random() < 0.5,
        "share": rng.uniform(0.7, 0.95),
    }
    before = spoken(per_hour, **asked).advocates
    for _ in range(4):
        name = rng.choice(list(per_hour))
        per_hour[name] += rng.uniform(0.01, 1.5)
        after = spoken(per_hour, **asked).advocates
        assert after >= before
        before = after


def test_a_large_line_is_planned_in_teams_and_still_grows_with_its_callers() -> None:
    needs = [spoken({"en": rate, "fr": rate / 8}).advocates for rate in (25.0, 32.0, 40.0, 55.0, 80.0)]
    assert needs == sorted(needs)
    pools = [int(queueing.required(rate * 9 / 8, 1800, 40, 0.85, 360)[0]) for rate in (25.0, 32.0, 40.0, 55.0, 80.0)]
    assert all(pool <= need <= 1.25 * pool + 2 for need, pool in zip(needs, pools, strict=True))
