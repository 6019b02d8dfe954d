"""One person's rules as the problem states them: what may be done when, what may follow what, weekends, the past."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from ..calendar import DAYS
from .fairness import remembered, weekends
from .people import wish_fits
from .person_limits import ANY, Rules, at_most
from .prices import RosterFile
from .problem import FREE, OFF, Before, Blocks, Bools, Ints, Tally
from .records import Advocate, Assignment, Question
from .timetable import Duty, Timetable, fits_beside, past_duties, sessions_by_day

Groups = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class PersonRules:
    """One advocate in one question's timetable, under that person's rules."""

    question: Question
    table: Timetable
    person: Advocate
    rules: Rules
    prices: RosterFile

    @property
    def empty(self) -> Ints:
        """A table of zeros: shape (days, kinds)."""
        return np.zeros((len(self.table.days), len(self.table.duties)), dtype=np.int64)

    # Single days.

    def present(self, day: date) -> bool:
        """Return whether the person is there at all, by the rules that are on."""
        leave = day in self.person.leave and self.rules.on("leave")
        early = self.person.first_day is not None and day < self.person.first_day
        late = self.person.last_day is not None and day > self.person.last_day
        return not leave and not ((early or late) and self.rules.on("not_employed"))

    @cached_property
    def sessions(self) -> dict[int, int]:
        """By day: the kind that is the day's sessions and nothing else."""
        if not self.rules.on("sessions"):
            return {}
        mine = sessions_by_day(self.question.sessions, self.person.code)
        return {self.table.place[d]: self.table.duties.index(duty) for d, duty in mine.items() if d in self.table.place}

    def with_session(self, shift: int, day: int) -> int | None:
        """Return the kind that is a shift with the day's sessions beside it; the shift's own on a day without any."""
        if day not in self.sessions:
            return shift
        session = self.table.duties[self.sessions[day]]
        rest = self.rules.minutes("daily_rest_hours") or 0
        if not fits_beside(self.table.duties[shift], session, rest):
            return None
        spell = f"{self.table.duties[shift].id} and {session.id}"
        return next((k for k in self.table.holding(shift) if self.table.duties[k].id == spell), None)

    @cached_property
    def fixed(self) -> dict[int, int]:
        """By day: the kind that is published, with its session where one stands beside it."""
        found = {}
        kinds = {shift.id: k for k, shift in enumerate(self.question.shifts)}
        for given in self.question.fixed if self.rules.on("fixed") else ():
            if given.person == self.person.code and given.day in self.table.place:
                day, shift = self.table.place[given.day], kinds[given.shift]
                beside = self.with_session(shift, day)
                found[day] = shift if beside is None else beside
        return found

    def may(self) -> Bools:
        """Which duties are possible: asked for, agreed, not in hours that are taken, rested since before."""
        may = np.zeros(self.empty.shape, dtype=bool)
        possible = self._possible_shifts()
        for day in range(len(may)):
            if day in self.sessions:
                may[day, self.sessions[day]] = True
            for shift in np.flatnonzero(possible[day]):
                kind = self.with_session(int(shift), day)
                if kind is not None:
                    may[day, kind] = True
        may &= ~self._too_soon_after_a_clock_change()
        for day, kind in self.fixed.items():
            may[day, kind] = True
        return may

    def _possible_shifts(self) -> Bools:
        """Which shifts the person may hold, sessions apart: shape (days, shifts)."""
        shape = (len(self.table.days), len(self.table.shifts))
        possible = self.question.needed.reshape(shape) > 0
        possible &= np.array([self.present(day) for day in self.table.days], dtype=bool)[:, None]
        if not self.person.nights and self.rules.on("nights"):
            possible &= ~np.array([shift.night for shift in self.table.shifts], dtype=bool)
        if self.rules.on("unavailable"):
            possible &= ~self._unavailable()
        return possible

    def _unavailable(self) -> Bools:
        """Shifts that touch hours of the week the person cannot give."""
        touched = np.zeros((len(self.table.days), len(self.table.shifts)), dtype=bool)
        week = 7 * 1440
        spans = [(u.weekday * 1440 + u.start, u.weekday * 1440 + u.end) for u in self.person.unavailable]
        spans = [(a, b if b > a else b + 1440) for a, b in spans]
        for d, day in enumerate(self.table.days):
            for k, shift in enumerate(self.table.shifts):
                begin, end = day.weekday() * 1440 + shift.start, day.weekday() * 1440 + shift.end
                touched[d, k] = any(begin < b + w and a + w < end for a, b in spans for w in (-week, 0, week))
        return touched

    def must(self, may: Bools) -> Ints:
        """What is fixed: published days first, then sessions with which no shift fits."""
        must = np.full(len(self.table.days), FREE, dtype=np.int64)
        until = self.question.fixed_until if self.rules.on("fixed") else None
        for day, when in enumerate(self.table.days):
            closed = until is not None and when <= until
            if day in self.fixed:
                must[day] = self.fixed[day]
            elif day in self.sessions and (closed or may[day].sum() == 1):
                must[day] = self.sessions[day]
            elif closed:
                must[day] = OFF
        return must

    def sessions_held(self, must: Ints) -> Iterator[Tally]:
        """Yield, for a session beside which a shift may stand, that the day is not free."""
        for day in self.sessions:
            if must[day] == FREE:
                weights = self.empty
                weights[day] = 1
                yield Tally("sessions", weights, least=1)

    def wishes(self) -> tuple[int, Ints]:
        """Return the price with nothing given, wishes unmet, and what each duty changes."""
        base, price = 0, self.empty
        for wish in self.person.requests if self.rules.on("request") else ():
            if wish.day not in self.table.place:
                continue
            cost = self.prices.price(f"request_{wish.weight}")
            fits = [
                duty.shift >= 0 and wish_fits(wish.shift, self.table.shifts[duty.shift]) for duty in self.table.duties
            ]
            base += cost if wish.wanted else 0
            price[self.table.place[wish.day]] += np.array(fits, dtype=bool) * (-cost if wish.wanted else cost)
        return base, price

    def rest_day(self) -> list[Tally]:
        """Return what work on the legal weekly day of rest costs."""
        most = self.rules.value("rest_day")
        if most is None or not self.question.rest_day:
            return []
        resting = np.array([DAYS[day.weekday()] == self.question.rest_day for day in self.table.days], dtype=bool)
        weights = (resting[:, None] & self.table.is_shift).astype(np.int64)
        return at_most("rest_day", most, weights, self.rules.price("rest_day"))

    # What may follow what.

    def most_in_row(self) -> int:
        """Days in a row; one free day in a week at least wherever a weekly rest is asked for."""
        most = self.rules.whole("consecutive_days_limit", ANY)
        if self.rules.value("weekly_rest_hours") is None:
            return most
        return min(most, self.rules.whole("weekly_rest_window_days", 7) - 1)

    def shortest_run(self, rule: str) -> tuple[int, int]:
        """Return the fewest days in a row that are allowed, and the price of a single one."""
        least = self.rules.whole(rule, 1)
        if least < 2:
            return 1, 0
        price = self.rules.price(rule)
        return (least, 0) if price is None else (1, price)

    def followers(self) -> tuple[Bools, Ints]:
        """Return what may not follow, and what costs: the next day, and with one free day between."""
        size = len(self.table.duties)
        forbidden = np.zeros((2, size, size), dtype=bool)
        follow_price = np.zeros((2, size, size), dtype=np.int64)
        back = self.rules.minutes("forward_rotation")
        starts = [self.table.shifts[duty.shift].start if duty.shift >= 0 else None for duty in self.table.duties]
        for a, first in enumerate(self.table.duties):
            for b, second in enumerate(self.table.duties):
                for apart, rest in self._rests():
                    forbidden[apart - 1, a, b] = self.table.rest(first, second, apart) < rest
                was, then = starts[a], starts[b]
                if back and was is not None and then is not None and was - then >= back:
                    price = self.rules.price("forward_rotation")
                    forbidden[0, a, b] |= price is None
                    follow_price[0, a, b] = price or 0
        return forbidden, follow_price

    def _rests(self) -> Iterator[tuple[int, int]]:
        """Yield days apart and the minutes of rest asked for between duties that many days apart."""
        for apart, rule in ((1, "daily_rest_hours"), (2, "weekly_rest_hours")):
            rest = self.rules.minutes(rule)
            if rest is not None:
                yield apart, rest

    @cached_property
    def _short_on_a_clock_change(self) -> list[tuple[int, int, int, int]]:
        """Day, duty, days apart, later duty: pairs whose rest is long enough on any night but this one."""
        found = []
        for day in self.table.clock_changes:
            begins = self.table.days[0] + timedelta(days=day)
            for a, first in enumerate(self.table.duties):
                for b, second in enumerate(self.table.duties):
                    for apart, rest in self._rests():
                        usual = self.table.rest(first, second, apart)
                        if rest <= usual < rest + 180 and self.table.rest(first, second, apart, begins) < rest:
                            found.append((day, a, apart, b))
        return found

    def _too_soon_after_a_clock_change(self) -> Bools:
        """Duties too soon after the past's last one because the clock changes between them."""
        soon = np.zeros(self.empty.shape, dtype=bool)
        for day, a, apart, b in self._short_on_a_clock_change:
            if day == -1 - self.before.days_off and a == self.before.kind and 0 <= day + apart < len(soon):
                soon[day + apart, b] = True
        return soon

    def clock_change_rests(self) -> Iterator[Tally]:
        """Yield, for a night on which an hour is lost, pairs of duties between which the rest falls short."""
        later: dict[tuple[int, int, int], list[int]] = {}
        for day, a, apart, b in self._short_on_a_clock_change:
            if day >= 0 and day + apart < len(self.table.days):
                later.setdefault((day, apart, b), []).append(a)
        for (day, apart, b), firsts in later.items():
            weights = self.empty
            weights[day, firsts], weights[day + apart, b] = 1, 1
            yield from at_most("daily_rest_hours" if apart == 1 else "weekly_rest_hours", 1, weights, None)

    # Weekends.

    def free_weekends(self) -> Iterator[Blocks]:
        """Yield the free weekends asked for in each four, and in the first four that began before the roster."""
        groups = weekends(self.table.days, self.question.weekend)
        free = self.rules.whole("free_weekends_of_four", 0)
        if not free or not groups:
            return
        price = self.rules.price("free_weekends_of_four")
        for first in range(0, len(groups) - 3, 4):
            yield from worked_at_most("free_weekends_of_four", groups[first : first + 4], 4 - free, price)
        before, worked = self._weekends_before(free)
        if before:
            four = groups[: 4 - before]
            yield from worked_at_most("free_weekends_of_four", four, len(four) + before - free - worked, price)

    def _weekends_before(self, free: int) -> tuple[int, int]:
        """Return how many of the past's last weekends ask most of the next ones, and how many of them were worked."""
        days = remembered(self.question.past, self.question.start)
        worked_days = {a.day for a in self.past_shifts}
        worked = [any(days[n] in worked_days for n in group) for group in weekends(days, self.question.weekend)]
        for before in (3, 2, 1):
            busy = sum(worked[-before:])
            if len(worked) >= before and before - busy < free:
                return before, busy
        return 0, 0

    # What came before.

    @cached_property
    def past_shifts(self) -> tuple[Assignment, ...]:
        """The person's published shifts before the roster."""
        if not self.rules.on("past"):
            return ()
        return tuple(a for a in self.question.past.assignments if a.person == self.person.code)

    @cached_property
    def before(self) -> Before:
        """Where the person stands on the evening before day 0."""
        held = past_duties(self.question, self.person.code) if self.rules.on("past") else {}
        if not held:
            return Before()
        last = max(held)
        kind, days_off = self.table.duties.index(held[last]), (self.question.start - last).days - 1
        if days_off:
            return Before(kind, days_off)
        return Before(kind, 0, _in_row(held, last, lambda duty: True), _in_row(held, last, lambda duty: duty.night))


def worked_at_most(rule: str, groups: Groups, most: int, above: int | None) -> Iterator[Blocks]:
    """Yield groups of days with the most that should hold work, where that asks for anything."""
    if groups and most < len(groups):
        yield Blocks(rule, groups, max(0, most), above)


def _in_row(held: Mapping[date, Duty], last: date, counts: Callable[[Duty], bool]) -> int:
    length = 0
    while (day := last - timedelta(days=length)) in held and counts(held[day]):
        length += 1
    return length
