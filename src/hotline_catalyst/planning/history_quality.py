"""What a line's counts by hour show about themselves: missing days, cut ends, steps, outliers, hours it is closed."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from .history_record import Floats, History, Note, day_names, weekday_dates
from .history_times import hours_on
from .history_words import load_words

Bools = NDArray[np.bool_]
AROUND = 28  # days before and after a day that say what is usual
FEWEST_WEEKS = 6  # on each side of a step between two levels


@dataclass(frozen=True)
class Quality:
    """Which days say something, how often each hour came, in which hours of the week the line is open, and notes."""

    usable: Bools
    hours: Floats
    open_hours: Bools
    notes: tuple[Note, ...]


def look_at(history: History, holidays: Collection[date] = ()) -> Quality:
    """Return what the counts show about themselves; a holiday is never a gap or an outlier."""
    counts, first = history.by_hour, history.first
    weekday = weekday_dates(first, history.days)
    dates = [first + timedelta(days=n) for n in range(history.days)]
    off = np.array([day in holidays for day in dates])
    totals = counts.sum(1)
    notes: list[Note] = []
    usable = np.ones(len(totals), dtype=bool)
    if history.timed:
        notes += _cut_ends(counts, weekday, dates, usable)
    notes += _gaps(totals, weekday, dates, off, usable)
    notes += _outliers(totals, weekday, dates, off, usable)
    notes += _shift(totals, weekday, dates, usable)
    open_hours = _open(counts, weekday, usable) if history.timed else np.ones(168, dtype=bool)
    if history.timed:
        notes += _peak(counts[usable])
        if closed := int((~open_hours).sum()):
            notes.append(Note("closed", {"count": closed}))
    hours = np.ones((len(totals), 24))
    notes += _clock_changes(history, dates, hours)
    return Quality(usable, hours, open_hours, tuple(notes))


def _usual(totals: Floats, weekday: NDArray[np.int64], usable: Bools) -> Floats:
    """Return the number usual for each weekday, from the usable days on which anyone made contact (0 for none)."""
    usual = np.zeros(7)
    for day in range(7):
        seen = totals[usable & (weekday == day)]
        # Where most of a weekday's days are empty the line is closed on it; a few contacts do not open it.
        if len(seen) and (seen > 0).mean() > 0.5:
            usual[day] = seen[seen > 0].mean()
        elif len(seen):
            usual[day] = seen.mean()
    return usual


def _cut_ends(counts: Floats, weekday: NDArray[np.int64], dates: list[date], usable: Bools) -> Iterator[Note]:
    """Yield a note for the first and the last day when contacts are missing at their open end; mark them."""
    least = load_words().limit("cut_expected")
    for ident, place in (("cut_first", 0), ("cut_last", len(counts) - 1)):
        alike = np.flatnonzero((weekday == weekday[place]) & (np.arange(len(counts)) != place))
        seen = np.flatnonzero(counts[place])
        if not len(alike) or not len(seen):
            continue
        usual = counts[alike].mean(0)
        missing = usual[: seen[0]].sum() if place == 0 else usual[seen[-1] + 1 :].sum()
        if missing >= least:
            usable[place] = False
            hour = int(seen[0] if place == 0 else seen[-1] + 1)
            yield Note(ident, {"day": day_names([dates[place]]), "hour": f"{hour:02d}:00"})


def _gaps(totals: Floats, weekday: NDArray[np.int64], dates: list[date], off: Bools, usable: Bools) -> Iterator[Note]:
    """Yield notes on runs of days without contacts that chance does not explain; mark them as not usable."""
    usual = _usual(totals, weekday, usable)[weekday]
    limit = -np.log(load_words().limit("gap_chance"))
    empty = (totals == 0) & (usual > 0) & ~off
    days: list[date] = []
    weeks: list[date] = []
    whole = 0
    for run in _runs((totals == 0) | (usual == 0)):
        missing = [n for n in run if empty[n]]
        if usual[missing].sum() < limit:
            continue
        usable[missing] = False
        if len(run) >= 7:
            whole += len(run) // 7
            weeks += [dates[n] for n in run]
        else:
            days += [dates[n] for n in missing]
    if days:
        level = usual[[(day - dates[0]).days for day in days]].mean()
        yield Note("gap", {"count": len(days), "usual": round(float(level), 1), "days": day_names(days)})
    if weeks:
        yield Note("gap_weeks", {"count": whole, "days": day_names(weeks)})


def _runs(marked: Bools) -> Iterator[list[int]]:
    run: list[int] = []
    for n, is_in in enumerate(marked):
        if is_in:
            run.append(n)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _outliers(
    totals: Floats, weekday: NDArray[np.int64], dates: list[date], off: Bools, usable: Bools
) -> Iterator[Note]:
    """Yield a note on days far from their weekday's number in the weeks around them; mark them unless many."""
    base = _usual(totals, weekday, usable)[weekday]
    looked = np.flatnonzero(usable & ~off & (base >= 1))
    if len(looked) < 2 * AROUND:
        return
    ratio = totals[looked] / base[looked]
    local = np.array([np.median(ratio[np.abs(looked - n) <= AROUND]) for n in looked])
    expected = np.maximum(local * base[looked], 0.5)
    apart = (totals[looked] - expected) / np.sqrt(expected)
    wide = max(1.0, 1.4826 * float(np.median(np.abs(apart))))
    far = looked[np.abs(apart) > load_words().limit("outlier_z") * wide]
    if not len(far):
        return
    if len(far) > max(load_words().limit("outlier_share") * len(looked), 1):
        yield Note("dispersed", {"count": len(far)})
        return
    usable[far] = False
    yield Note("outlier", {"count": len(far), "days": day_names([dates[n] for n in far])})


def _shift(totals: Floats, weekday: NDArray[np.int64], dates: list[date], usable: Bools) -> Iterator[Note]:
    """Yield a note on the largest step between two levels, when it is sudden, large and no chance."""
    base = _usual(totals, weekday, usable)[weekday] * usable
    weeks = len(totals) // 7
    if weeks < 2 * FEWEST_WEEKS:
        return
    cut = len(totals) - 7 * weeks
    seen, usual = ((v * usable)[cut:].reshape(weeks, 7).sum(1) for v in (totals, base))
    good = np.flatnonzero(usual > 0.4 * usual.max())
    if len(good) < 2 * FEWEST_WEEKS:
        return
    level = np.log(np.maximum(seen[good], 0.5) / usual[good])
    noise = float(np.median(np.abs(np.diff(level)))) * 1.4826 / np.sqrt(2)
    best, found = 0.0, None
    for n in range(FEWEST_WEEKS, len(level) - FEWEST_WEEKS + 1):
        step = level[n:].mean() - level[:n].mean()
        sudden = level[n : n + 4].mean() - level[n - 4 : n].mean()
        z = abs(step) / max(noise * np.sqrt(1 / n + 1 / (len(level) - n)), 1e-9)
        large = min(abs(step), abs(sudden)) >= np.log(load_words().limit("shift_ratio")) and step * sudden > 0
        if large and z > max(best, load_words().limit("shift_z")):
            best, found = z, n
    if found is not None:
        at = dates[cut + 7 * int(good[found])]
        whole = float(_usual(totals, weekday, usable).sum())
        before, after = (round(whole * float(np.exp(part.mean()))) for part in (level[:found], level[found:]))
        yield Note("shift", {"day": day_names([at]), "before": before, "after": after})


def _open(counts: Floats, weekday: NDArray[np.int64], usable: Bools) -> Bools:
    """Return in which hours of the week the line takes contacts: an empty hour is closed when it cannot be chance."""
    least = load_words().limit("closed_expected")
    seen = np.array([counts[usable & (weekday == day)].sum(0) for day in range(7)])
    days = np.array([(usable & (weekday == day)).sum() for day in range(7)])
    busy = seen[seen > 0]
    even = float(np.median(busy)) / max(float(days.mean()), 1) if len(busy) else 0.0
    closed = (seen == 0) & (even * days[:, None] >= least)
    closed |= (seen.sum(0) == 0)[None] & (even * days.sum() >= least)
    closed |= (seen.sum(1) == 0)[:, None] & (24 * even * days[:, None] >= least)
    # A stray contact out of hours (a recorded message, a wrong clock) does not open an hour.
    closed |= (seen <= 0.002 * even * days[:, None]) & (even * days[:, None] >= least)
    return np.asarray(~closed.ravel())


def _peak(counts: Floats) -> Iterator[Note]:
    of_hour = counts.sum(0)
    beside = np.maximum(np.roll(of_hour, 1), np.roll(of_hour, -1))
    times = load_words().limit("peak_times")
    for hour in np.flatnonzero((of_hour >= 20) & (of_hour > times * beside) & (beside > 0)):
        ratio = round(float(of_hour[hour] / beside[hour]), 1)
        yield Note("peak", {"hour": f"{hour:02d}:00", "times": ratio})


def _clock_changes(history: History, dates: list[date], hours: Floats) -> Iterator[Note]:
    if not history.timed:
        return
    if history.timezone is None:
        yield Note("no_zone")
        return
    zone = ZoneInfo(history.timezone)
    changed = 0
    for n, day in enumerate(dates):
        on_day = hours_on(day, zone)
        if on_day != (1,) * 24:
            hours[n] = on_day
            changed += 1
    if changed:
        yield Note("clock_change", {"count": changed})
