"""The simulated week: the paths of simpy and Ciw, the levels of the exact formulas, and the rules of the floor."""

from __future__ import annotations

import os
from dataclasses import fields, replace
from itertools import pairwise, permutations

import ciw
import numpy as np
import pytest
import simpy

from hotline_catalyst.planning import chat, simulation_draws, simulation_engine, transient
from hotline_catalyst.planning.demand import SignalClass
from hotline_catalyst.planning.queueing import erlang_a_abandonment, erlang_a_service_level
from hotline_catalyst.planning.shifts import Shift, ShiftPlan
from hotline_catalyst.planning.simulation import (
    Duty,
    Outcome,
    Trace,
    Week,
    duties_of,
    four_week,
    quantiles,
    simulate,
)

SOAK = bool(os.environ.get("SOAK"))
WEEK_S = 604800
EN, ES, BOTH = frozenset({"en"}), frozenset({"es"}), frozenset({"en", "es"})


def signal(kind: str = "other", channel: str = "phone", language: str = "en", **more: float) -> SignalClass:
    """Return a class of calls of 25 minutes by people who wait five minutes; crisis calls come with a debrief."""
    usual = {
        "per_week": 0.0,
        "handle_time_s": 1500.0,
        "parallel": 1,
        "slowdown": 0.0,
        "patience_s": 300.0,
        "within_s": 30.0,
        "share": 0.9,
        "debrief_s": 900.0 if kind == "crisis" else 0.0,
        "priority": {"crisis": 0, "other": 1, "silent": 2}[kind],
    }
    return SignalClass(f"{channel}/{language}/{kind}", channel, language, kind, **(usual | more))  # type: ignore[arg-type]


def always(*languages: frozenset[str]) -> tuple[Duty, ...]:
    return tuple(Duty(0, 10080, known) for known in languages)


def at_rates(*per_hour: float) -> np.ndarray:
    return np.repeat(np.array(per_hour)[:, None], 672, axis=1)


def without_sunday_evening(rates: np.ndarray) -> np.ndarray:
    """Leave the last hours of the week empty: then nothing is played before Monday 00:00."""
    rates[:, -40:] = 0
    return rates


def mixed_line(weeks: float = 1, **more: object) -> Week:
    """Return a line with everything: two languages, crisis calls, two chats at once, shifts, breaks, closed hours."""
    classes = (
        signal("crisis", handle_time_s=2400.0),
        signal(),
        signal("silent", handle_time_s=200.0),
        signal(channel="chat", parallel=2, slowdown=0.4, handle_time_s=1800.0, within_s=60.0),
        signal("crisis", language="es", handle_time_s=2400.0),
        signal(language="es"),
        signal(channel="chat", language="es", parallel=3, slowdown=0.3, handle_time_s=1800.0, within_s=60.0),
        signal(language="fr"),
    )
    rates = at_rates(0.5, 3, 1, 1.5, 0.2, 0.8, 0.6, 0.3) * weeks
    rates *= 1 + 0.6 * np.sin(np.arange(672) / 96 * 2 * np.pi)
    who = (EN, EN, BOTH, EN, ES)
    duties = []
    for day in range(7):
        for n, known in enumerate(who):
            start = 1440 * day + (420 if n < 3 else 900) + 30 * n
            duties.append(Duty(start, start + 540, known, ((start + 200 + 40 * n, start + 230 + 40 * n),)))
    # One night from Sunday into Monday; other nights are closed.
    duties.append(Duty(6 * 1440 + 1380, 7 * 1440 + 420, EN))
    settings = {"day_factor_cv": 0.2, "redial_share": 0.4, "absence": 0.1} | more
    return Week(classes, rates, tuple(duties), **settings)  # type: ignore[arg-type]


def traced(week: Week, weeks: int = 1, seed: int = 1, fast: bool = False) -> tuple[Outcome, Trace]:
    outcome = simulate(week, weeks, seed, fast=fast, trace=True)
    assert outcome.trace is not None
    return outcome, outcome.trace


def simpy_path(trace: Trace, advocates: int, ranks: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Play the same callers in simpy; return when each was answered and when each answer ended, nan for neither."""
    begun, ended = np.full(len(trace.at), np.nan), np.full(len(trace.at), np.nan)
    world = simpy.Environment()
    floor = simpy.PriorityResource(world, advocates)

    def caller(n: int):
        yield world.timeout(trace.at[n])
        with floor.request(priority=ranks[trace.kind[n]]) as turn:
            yield turn | world.timeout(trace.patience[n])
            if turn.triggered:
                begun[n] = world.now
                yield world.timeout(trace.work[n])
                ended[n] = world.now

    for n in range(len(trace.at)):
        world.process(caller(n))
    world.run()
    return begun, ended


@pytest.mark.parametrize("fast", [False, True])
def test_a_single_queue_runs_exactly_as_in_simpy(fast):
    if fast:
        pytest.importorskip("numba")
    _, trace = traced(Week((signal(),), without_sunday_evening(at_rates(8)), always(EN, EN, EN)), 1, fast=fast)
    begun, ended = simpy_path(trace, 3, [0])
    served = trace.state == 2
    assert len(served) > 1000
    assert 100 < (~served).sum() < 600
    assert np.array_equal(served, ~np.isnan(begun))
    assert abs(trace.start[served] - begun[served]).max() == 0.0
    assert abs(trace.finish[served] - ended[served]).max() == 0.0


def test_crisis_calls_overtake_and_languages_share_one_line_exactly_as_in_simpy():
    week = Week(
        (signal("crisis", debrief_s=0.0), signal(), signal("silent"), signal(language="es")),
        without_sunday_evening(at_rates(2, 4, 3, 2)),
        always(BOTH, BOTH, BOTH, BOTH),
    )
    _, trace = traced(week, seed=3)
    begun, ended = simpy_path(trace, 4, [0, 1, 2, 1])
    served = trace.state == 2
    assert np.array_equal(served, ~np.isnan(begun))
    assert abs(trace.start[served] - begun[served]).max() == 0.0
    assert abs(trace.finish[served] - ended[served]).max() == 0.0


class Listed(ciw.dists.Distribution):
    """Times given caller by caller."""

    def __init__(self, times: np.ndarray) -> None:
        self.times = [float(t) for t in times]

    def sample(self, t: float | None = None, ind: ciw.Individual | None = None) -> float:
        """Return the time of this caller; without one, the next from the list."""
        if ind is not None:
            return self.times[ind.id_number - 1]
        return self.times.pop(0) if self.times else float("inf")


def test_a_single_queue_runs_as_in_ciw():
    _, trace = traced(Week((signal(),), without_sunday_evening(at_rates(4)), always(EN, EN)), seed=2)
    network = ciw.create_network(
        arrival_distributions=[Listed(np.diff(trace.at, prepend=0))],
        service_distributions=[Listed(trace.work)],
        reneging_time_distributions=[Listed(trace.patience)],
        number_of_servers=[2],
    )
    run = ciw.Simulation(network)
    run.simulate_until_max_time(2 * WEEK_S)
    records = sorted(run.get_all_records(), key=lambda r: r.id_number)
    assert [r.record_type == "service" for r in records] == list(trace.state == 2)
    served = [r.service_start_date for r in records if r.record_type == "service"]
    # Ciw adds up the gaps between arrivals, which rounds.
    assert abs(trace.start[trace.state == 2] - served).max() < 1e-6


@pytest.mark.parametrize(("load", "advocates"), [(0.3, 1), (0.6, 1), (1.0, 2), (4.0, 5), (3.0, 2)])
def test_a_steady_line_is_erlang_a(load, advocates):
    per_hour = load * 3600 / 1500
    weeks = int((1_000_000 if SOAK else 60_000) / 168 / per_hour)
    outcome = simulate(Week((signal(),), at_rates(per_hour), always(*[EN] * advocates)), weeks, 7)
    offered = outcome.offered[:, 0]
    for found, exact in (
        (outcome.in_time[:, 0], erlang_a_service_level(advocates, per_hour, 1500, 300, 30)),
        (outcome.abandoned[:, 0], erlang_a_abandonment(advocates, per_hour, 1500, 300)),
    ):
        # The ratio's standard error from weeks that are independent.
        error = np.std(found - exact * offered) / np.sqrt(weeks) / offered.mean()
        assert abs(found.sum() / offered.sum() - exact) < 3 * error


@pytest.mark.parametrize(("advocates", "per_hour", "parallel"), [(1, 1.0, 2), (2, 4.0, 2), (3, 9.0, 3)])
def test_parallel_chats_are_the_exact_chat_queue(advocates, per_hour, parallel):
    kind = signal(channel="chat", parallel=parallel, slowdown=0.4, handle_time_s=1800.0, within_s=60.0)
    weeks = int((1_000_000 if SOAK else 30_000) / 168 / per_hour)
    outcome = simulate(Week((kind,), at_rates(per_hour), always(*[EN] * advocates)), weeks, 5)
    times = tuple(1800 * (1 + 0.4 * held) for held in range(parallel))
    for found, exact in (
        (outcome.in_time[:, 0], chat.service_level(advocates, per_hour, times, 300, 60)),
        (outcome.abandoned[:, 0], chat.abandonment(advocates, per_hour, times, 300)),
    ):
        error = np.std(found - exact * outcome.offered[:, 0]) / np.sqrt(weeks) / outcome.offered.mean()
        assert abs(found.sum() / outcome.offered.sum() - exact) < 3 * error


def test_a_daily_wave_with_a_peak_shift_is_the_exact_time_varying_queue():
    rates = at_rates(3) * (1 - 0.8 * np.cos(np.arange(672) / 96 * 2 * np.pi))
    advocates = np.tile(np.repeat([2, 4, 2], [40, 32, 24]), 7)
    exact = transient.week(rates[0], advocates, 1500, 300, 30)
    # Two always there and one more turn of ten to six each; the formula lets chance choose who leaves, so every order
    # of who is asked first has its share.
    turns = tuple(tuple(Duty(1440 * day + 600, 1440 * day + 1080, EN) for day in range(7)) for _ in range(2))
    orders = sorted(set(permutations("aapp")))
    outcomes = []
    for number, order in enumerate(orders):
        peaks = iter(turns)
        duties = sum((always(EN) if who == "a" else next(peaks) for who in order), ())
        outcomes.append(simulate(Week((signal(),), rates, duties), 45, number))
    offered, in_time = (np.concatenate([getattr(o, n)[:, 0] for o in outcomes]) for n in ("offered", "in_time"))
    error = np.std(in_time - exact.overall * offered) / np.sqrt(len(offered)) / offered.mean()
    assert abs(in_time.sum() / offered.sum() - exact.overall) < 3 * error
    # By hour of the day, the seven days together.
    level, weight = exact.service_level.reshape(7, 24, 4), rates.reshape(7, 24, 4)
    expected = (level * weight).sum(axis=(0, 2)) / weight.sum(axis=(0, 2))
    by_hour, in_time_by_hour = (
        sum(getattr(o, n).reshape(-1, 24).sum(axis=0) for o in outcomes) for n in ("offered_by_hour", "in_time_by_hour")
    )
    # Callers of one hour are not independent: somewhat more than the binomial error.
    assert (abs(in_time_by_hour / by_hour - expected) < 5 * np.sqrt(expected * (1 - expected) / by_hour)).all()


def spells(week: Week, trace: Trace, number: int) -> list[tuple[int, float, float]]:
    """Return every turn of every duty that came: index, begin and end in seconds."""
    away = set(np.flatnonzero(simulation_draws.absent(len(week.duties), week.absence, 1, number)))
    return [
        (d, 60.0 * duty.start + turn, 60.0 * duty.end + turn)
        for d, duty in enumerate(week.duties)
        if d not in away
        for turn in (-WEEK_S, 0, WEEK_S)
    ]


class Floor:
    """What a trace says about one week, to be held against the rules."""

    def __init__(self, week: Week, trace: Trace, number: int) -> None:
        rows = trace.week == number
        self.at, self.kind, self.state = trace.at[rows], trace.kind[rows], trace.state[rows]
        self.leave = self.at + trace.patience[rows]
        self.start = np.where(self.state >= 2, trace.start[rows], np.inf)
        self.finish, self.duty, self.work = trace.finish[rows], trace.duty[rows], trace.work[rows]
        self.week, self.classes, self.spells = week, week.classes, spells(week, trace, number)
        self.debrief = np.array([c.debrief_s for c in self.classes])[self.kind]
        self.parallel = np.array([c.parallel for c in self.classes])[self.kind]
        self.rank = np.array([c.priority for c in self.classes])[self.kind]
        self.language = np.array([c.language for c in self.classes])[self.kind]

    def of(self, spell: tuple[int, float, float]) -> np.ndarray:
        """Contacts taken in this turn of the duty."""
        return np.flatnonzero((self.duty == spell[0]) & (self.start >= spell[1]) & (self.start < spell[2]))

    def pauses(self, spell: tuple[int, float, float]) -> list[tuple[float, float]]:
        """Return breaks as they must have been: after the contact in hand, with their full length."""
        found = []
        taken = self.of(spell)
        for a, b in self.week.duties[spell[0]].breaks:
            due = 60 * a + spell[1] - 60 * self.week.duties[spell[0]].start
            held = taken[self.start[taken] < due]
            begins = max([due, *(self.finish[held] + self.debrief[held])])
            found.append((due, begins + 60 * (b - a)))
        return found

    def free(self, spell: tuple[int, float, float], now: float, parallel: int) -> bool:
        """Whether the advocate could take one more contact of a kind that allows ``parallel`` at once."""
        if not spell[1] <= now < spell[2] or any(a <= now < b for a, b in self.pauses(spell)):
            return False
        taken = self.of(spell)
        held = taken[(self.start[taken] < now) & (now < self.finish[taken])]
        resting = (self.finish[taken] <= now) & (now < self.finish[taken] + self.debrief[taken])
        return not resting.any() and len(held) < min([parallel, *self.parallel[held]])

    def speakers(self, language: str, now: float) -> list[tuple[int, float, float]]:
        """Return who is on duty, not on break, and speaks the language."""
        return [
            s
            for s in self.spells
            if s[1] <= now < s[2]
            and language in self.week.duties[s[0]].languages
            and not any(a <= now < b for a, b in self.pauses(s))
        ]


@pytest.fixture(scope="module")
def floors() -> list[Floor]:
    week = mixed_line()
    weeks = 30 if SOAK else 2
    _, trace = traced(week, weeks)
    return [Floor(week, trace, number) for number in range(weeks)]


def test_nobody_off_shift_on_break_or_in_a_debrief_takes_a_contact(floors):
    for floor in floors:
        in_turns = 0
        for spell in floor.spells:
            taken = floor.of(spell)
            in_turns += len(taken)
            for n in taken:
                assert not any(a <= floor.start[n] < b for a, b in floor.pauses(spell))
                ended = taken[floor.finish[taken] <= floor.start[n]]
                assert (floor.finish[ended] + floor.debrief[ended] <= floor.start[n]).all()
        assert in_turns == (floor.state >= 2).sum() > 300


def test_nobody_holds_more_contacts_than_each_of_them_allows(floors):
    most = 0
    for floor in floors:
        for spell in floor.spells:
            taken = floor.of(spell)
            for n in taken:
                held = taken[(floor.start[taken] <= floor.start[n]) & (floor.start[n] < floor.finish[taken])]
                assert len(held) <= floor.parallel[held].min()
                most = max(most, len(held))
    assert most == 3


def test_a_chat_takes_longer_exactly_while_it_is_not_alone(floors):
    for floor in floors:
        for spell in floor.spells:
            taken = floor.of(spell)
            for n in taken[floor.finish[taken] < WEEK_S]:
                moments = np.unique(np.concatenate([floor.start[taken], floor.finish[taken]]))
                moments = moments[(moments >= floor.start[n]) & (moments <= floor.finish[n])]
                slowdown, done = floor.classes[floor.kind[n]].slowdown, 0.0
                for a, b in pairwise(moments):
                    held = ((floor.start[taken] <= a) & (b <= floor.finish[taken])).sum()
                    done += (b - a) / (1 + slowdown * (held - 1))
                foreign = floor.state[n] == 3
                assert done == pytest.approx(floor.work[n] * (1.8 if foreign else 1) + (90 if foreign else 0))


def test_nobody_waits_while_a_speaker_is_free(floors):
    for floor in floors:
        for n in np.flatnonzero((floor.state == 1) | ((floor.state >= 2) & (floor.start > floor.at))):
            speakers = floor.speakers(floor.language[n], floor.at[n])
            asked = speakers or floor.spells
            assert not any(floor.free(s, floor.at[n], floor.parallel[n]) for s in asked)


def test_crisis_goes_first_and_then_whoever_waits_longest(floors):
    overtaken = 0
    for floor in floors:
        for n in np.flatnonzero((floor.state == 2) & (floor.start > floor.at)):
            now, known = floor.start[n], floor.week.duties[floor.duty[n]].languages
            others = (floor.at < now) & (floor.leave > now) & (floor.start > now) & (floor.state > 0)
            held = ((floor.duty == floor.duty[n]) & (floor.start <= now) & (now < floor.finish)).sum()
            others &= (floor.parallel >= held) & np.isin(floor.language, list(known))
            assert all((floor.rank[m], floor.at[m]) > (floor.rank[n], floor.at[n]) for m in np.flatnonzero(others))
            overtaken += int((others & (floor.at < floor.at[n])).sum())
    assert overtaken > 5


def test_an_interpreter_serves_exactly_the_languages_nobody_on_duty_speaks(floors):
    interpreted = 0
    for floor in floors:
        for n in np.flatnonzero(floor.state >= 2):
            speaks = floor.language[n] in floor.week.duties[floor.duty[n]].languages
            assert speaks == (floor.state[n] == 2)
            assert speaks or not floor.speakers(floor.language[n], floor.start[n])
        interpreted += (floor.state == 3).sum()
    assert interpreted > 20


def test_when_the_last_speaker_leaves_those_who_wait_get_an_interpreter_at_once():
    # One Spanish speaker until noon on each day, far too few; two who speak English with nothing to do.
    mornings = tuple(Duty(1440 * day + 480, 1440 * day + 720, ES) for day in range(7))
    week = Week((signal(language="es", patience_s=3600.0),), at_rates(6), always(EN, EN) + mornings)
    _, trace = traced(week)
    noon = trace.start[trace.state == 3] % 86400 == 720 * 60
    assert 7 <= noon.sum() <= 14
    in_the_morning = (trace.at % 86400 > 480 * 60) & (trace.at % 86400 < 720 * 60)
    assert (trace.start[in_the_morning & (trace.state == 3)] % 86400 >= 720 * 60).all()


def test_without_interpreters_a_language_nobody_speaks_is_never_answered():
    outcome = simulate(mixed_line(interpreters=False), 3, 1)
    assert outcome.offered[:, 7].sum() > 50
    assert outcome.answered[:, 7].sum() == 0
    assert outcome.interpreted.sum() == 0


@pytest.mark.parametrize(
    ("asked_first", "asked_second"),
    [(EN, BOTH), (BOTH, frozenset({"en", "fr"})), (frozenset({"en", "fr"}), BOTH)],
    ids=["fewest languages", "first of two alike", "first of two alike, turned round"],
)
def test_a_contact_goes_to_the_free_speaker_with_the_fewest_languages_and_then_to_the_first(asked_first, asked_second):
    here = always(asked_second, asked_first) if asked_first == EN else always(asked_first, asked_second)
    first = next(n for n, duty in enumerate(here) if duty.languages == asked_first)
    _, trace = traced(Week((signal(), signal(language="es")), at_rates(0.5, 0), here), 3)
    second_was_needed = 0
    for n in np.flatnonzero((trace.state == 2) & (trace.duty != first)):
        busy = (trace.week == trace.week[n]) & (trace.duty == first) & (trace.start <= trace.at[n])
        assert (busy & (trace.finish > trace.at[n])).any()
        second_was_needed += 1
    assert 10 < second_was_needed < 0.4 * (trace.state == 2).sum()


def test_no_contact_is_lost():
    outcome, trace = traced(mixed_line(), 4)
    assert (outcome.offered == outcome.answered + outcome.abandoned).all()
    assert (outcome.in_time <= outcome.answered).all()
    assert outcome.offered.sum() == (trace.counted & (trace.state > 0)).sum()
    # By hour only substantive signals count: a silent call that goes unanswered is no broken promise.
    real = outcome.substantive
    assert 0 < outcome.offered[:, real].sum() == outcome.offered_by_hour.sum() < outcome.offered.sum()
    assert outcome.in_time[:, real].sum() == outcome.in_time_by_hour.sum()
    assert outcome.interpreted.sum() == (trace.counted & (trace.state == 3)).sum()
    answered = trace.counted & (trace.state >= 2) & (trace.kind == 3)
    assert outcome.wait_s[3] == pytest.approx((trace.start - trace.at)[answered].mean())


def test_nobody_is_answered_after_hanging_up():
    _, trace = traced(mixed_line(), 3)
    served = trace.state >= 2
    assert (trace.start[served] - trace.at[served] < trace.patience[served]).all()


def test_calls_come_only_in_open_hours():
    week = mixed_line()
    outcome = simulate(week, 3, 1)
    open_hours = week.open_quarters.reshape(168, 4).any(axis=1)
    assert 0 < open_hours.sum() < 168
    assert outcome.offered_by_hour[:, ~open_hours].sum() == 0
    assert (outcome.offered_by_hour[:, open_hours].sum(axis=0) > 0).mean() > 0.8


def test_who_calls_before_the_line_opens_does_not_count_when_calling_again():
    rates = at_rates(0)
    rates[0, 24:28] = 40
    mornings = tuple(Duty(1440 * day + 420, 1440 * day + 720, EN) for day in range(7))
    assert simulate(Week((signal(),), rates, mornings, redial_share=0.9), 3, 1).offered.sum() == 0


def test_changing_who_is_on_duty_changes_no_caller():
    week = Week(
        (signal(), signal(language="es")), at_rates(3, 1), always(EN, BOTH), day_factor_cv=0.3, redial_share=0.5
    )
    _, few = traced(week, 3)
    _, many = traced(replace(week, duties=always(EN, EN, BOTH, ES), absence=0.2), 3)
    for name in ("week", "at", "kind", "work", "patience", "before"):
        assert np.array_equal(getattr(few, name), getattr(many, name))
    assert not np.array_equal(few.start, many.start)


def test_the_same_seed_gives_the_same_weeks_however_many_are_asked_for(monkeypatch):
    week = mixed_line(demand_factors=np.linspace(0.8, 1.2, 6))
    six = simulate(week, 6, 5)
    monkeypatch.setattr("hotline_catalyst.planning.simulation.CONTACTS_AT_ONCE", 1)
    again, fewer, other = simulate(week, 6, 5), simulate(week, 4, 5), simulate(week, 6, 6)
    for name in ("offered", "in_time", "answered", "abandoned", "offered_by_hour", "in_time_by_hour", "interpreted"):
        assert np.array_equal(getattr(six, name), getattr(again, name))
        assert np.array_equal(getattr(six, name)[:4], getattr(fewer, name))
    assert not np.array_equal(six.offered, other.offered)


def test_compiled_and_plain_agree_to_the_last_bit():
    pytest.importorskip("numba")
    week = mixed_line(2)
    plain, quick = simulate(week, 12, 9, fast=False, trace=True), simulate(week, 12, 9, fast=True, trace=True)
    for field in fields(Outcome):
        if field.name != "trace":
            assert np.array_equal(getattr(plain, field.name), getattr(quick, field.name)), field.name
    for field in fields(Trace):
        assert getattr(plain.trace, field.name).tobytes() == getattr(quick.trace, field.name).tobytes(), field.name


def test_a_long_run_without_numba_is_played_plainly(monkeypatch):
    monkeypatch.setattr(simulation_engine, "find_spec", lambda name: None)
    assert not simulation_engine.engine(None, 1e9).compiled


def test_days_are_as_uneven_as_asked():
    week = Week((signal(),), at_rates(4), always(EN), day_factor_cv=0.3)
    days = simulate(week, 300, 2).offered_by_hour.reshape(300 * 7, 24).sum(axis=1)
    assert days.mean() == pytest.approx(96, rel=0.03)
    assert np.sqrt(days.var() - days.mean()) / days.mean() == pytest.approx(0.3, rel=0.1)


def test_those_who_hang_up_call_again_up_to_three_times():
    nobody_speaks_it = Week((signal(),), at_rates(4), always(ES), redial_share=0.5, interpreters=False)
    once = simulate(replace(nobody_speaks_it, redial_share=0), 30, 3)
    again = simulate(nobody_speaks_it, 30, 3)
    assert again.offered.sum() / once.offered.sum() == pytest.approx(1 + 0.5 + 0.25 + 0.125, rel=0.02)
    assert again.answered.sum() == 0


def test_a_redial_comes_only_after_the_call_before_was_given_up():
    _, trace = traced(mixed_line(), 3)
    later = np.flatnonzero(trace.before >= 0)
    came = later[trace.state[later] > 0]
    assert len(came) > 20
    assert (trace.state[trace.before[came]] == 1).all()
    assert (trace.at[came] > (trace.at + trace.patience)[trace.before[came]]).all()
    assert (trace.kind[came] == trace.kind[trace.before[came]]).all()


def test_a_duty_that_nobody_takes_up_leaves_callers_unanswered():
    week = Week((signal(),), at_rates(4), always(EN, EN), absence=1.0)
    assert simulate(week, 2, 1).answered.sum() == 0
    share = 1 - np.mean([simulation_draws.absent(40, 0.3, 1, w) for w in range(300)])
    assert share == pytest.approx(0.7, abs=0.02)


def test_monday_begins_as_sunday_ended():
    # Overloaded all the time: a week that began empty would serve its first callers better.
    week = Week((signal(),), at_rates(12), always(EN, EN, EN))
    outcome = simulate(week, 150, 4)
    level = outcome.in_time_by_hour.sum(axis=0) / outcome.offered_by_hour.sum(axis=0)
    assert level[:2].mean() == pytest.approx(level[24:].mean(), abs=0.04)


def test_the_busy_share_is_the_carried_load():
    outcome = simulate(Week((signal(),), at_rates(4.8), always(EN, EN, EN)), 100, 5)
    carried = outcome.answered.sum() / 100 * 1500 / 604800 / 3
    assert outcome.busy_share == pytest.approx(carried, rel=0.02)


def test_silent_calls_do_not_count_in_the_service_level():
    outcome = simulate(Week((signal(), signal("silent")), at_rates(2, 2), always(EN)), 8, 5)
    assert np.array_equal(outcome.service_level, outcome.in_time[:, 0] / outcome.offered[:, 0])
    pooled = outcome.in_time[:4, 0].sum() / outcome.offered[:4, 0].sum()
    assert four_week(outcome)[0] == pooled
    assert len(four_week(outcome)) == 2
    found = quantiles(np.linspace(0, 1, 101))
    assert (found.low, found.median, found.high, found.mean) == pytest.approx((0.05, 0.5, 0.95, 0.5))


def test_a_week_without_callers_or_without_duties_is_played_too():
    silence = simulate(Week((signal(),), at_rates(0), always(EN)), 2, 1)
    assert silence.offered.sum() == 0
    assert (silence.service_level == 1).all()
    closed = simulate(Week((signal(),), at_rates(4), ()), 2, 1)
    assert closed.offered.sum() == 0
    assert closed.busy_share == 0


def three_shifts(count: int) -> ShiftPlan:
    kinds = tuple(Shift(f"S{h}", 60 * h, 480 if h < 23 else 495, 15, h == 23) for h in (7, 15, 23))
    return ShiftPlan(kinds, np.full((3, 7), count))


def test_every_shift_becomes_a_duty_and_sunday_night_runs_into_monday():
    plan = three_shifts(2)
    duties = duties_of(plan, "en")
    there = np.zeros(672, dtype=int)
    for duty in duties:
        there[np.arange(duty.start // 15, duty.end // 15) % 672] += 1
    assert np.array_equal(there, plan.covered)
    assert max(d.end for d in duties) == 10080 + 435
    assert all(d.languages == {"en"} for d in duties)


def test_enough_on_shift_speak_each_language_and_few_duties_need_two():
    need = {"es": np.ones(672, dtype=int), "fr": np.tile(np.repeat([0, 1, 0], [36, 40, 20]), 7)}
    duties = duties_of(three_shifts(3), "en", need)
    for language, fewest in need.items():
        speakers = np.zeros(672, dtype=int)
        for duty in duties:
            if language in duty.languages:
                speakers[np.arange(duty.start // 15, duty.end // 15) % 672] += 1
        assert (speakers >= fewest).all()
    assert sum("es" in d.languages for d in duties) == 21
    assert sum("fr" in d.languages for d in duties) == 14
    assert max(len(d.languages) for d in duties) == 2


def test_the_shift_that_fills_most_of_a_gap_gets_the_speaker():
    long, short = Shift("long", 780, 540, 15, False), Shift("short", 840, 240, 15, False)
    need = np.tile(np.repeat([0, 1, 0], [56, 32, 8]), 7)
    duties = duties_of(ShiftPlan((long, short), np.ones((2, 7), dtype=int)), "en", {"es": need})
    assert [d.end - d.start for d in duties if "es" in d.languages] == [540] * 7


@pytest.mark.parametrize("count", [2, 3, 4])
def test_a_long_shift_has_its_break_in_its_middle_third_and_not_together(count):
    duties = duties_of(three_shifts(count), "en", break_minutes=30, break_after_hours=6)
    away = np.zeros(10080, dtype=int)
    for duty in duties:
        ((begins, ends),) = duty.breaks
        third = (duty.end - duty.start) / 3
        assert ends - begins == 30
        assert duty.start + third <= begins
        assert ends <= duty.end - third
        away[np.arange(begins, ends) % 10080] += 1
    assert away.max() == 1
    assert all(d.breaks == () for d in duties_of(three_shifts(2), "en", break_after_hours=9))


def test_what_cannot_be_played_is_refused():
    week = Week((signal(),), at_rates(1), always(EN), demand_factors=np.ones(3))
    with pytest.raises(ValueError, match="for all of them"):
        simulate(week, 4, 1)
    with pytest.raises(ValueError, match="shape"):
        Week((signal(),), np.ones((2, 672)), always(EN))
    with pytest.raises(ValueError, match="end after it starts"):
        Duty(600, 600, EN)
    with pytest.raises(ValueError, match="inside its duty"):
        Duty(0, 480, EN, ((470, 500),))
