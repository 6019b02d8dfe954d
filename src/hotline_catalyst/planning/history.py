"""An existing line's own counts, read, judged and put in the place of default figures as far as they reach.

`read_history` reads the line's file, `store` and `load` keep contacts by hour in the engagement, `observed_of` says
what they mean for a plan.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..errors import ContentError
from .forecast import Fit, fit
from .history_quality import Quality, look_at
from .history_reading import read_history
from .history_record import FILE, NOTES, Floats, History, Note, load, store
from .history_words import load_words

if TYPE_CHECKING:
    from .demand import Span

__all__ = ["FILE", "NOTES", "History", "Note", "Observed", "load", "observed_of", "read_history", "store"]


@dataclass(frozen=True)
class Observed:
    """What a line's own counts say; its methods blend it with the default figures.

    Parameters
    ----------
    first, last, weeks, contacts
        The days it rests on, usable weeks among them, and contacts.
    hour_of_week
        Share of each hour of the week from Monday 00:00, sums to 1; of contacts that wait, e-mails left out.
    channel_shares, language_shares
        Where they are known; empty else.
    per_week
        Contacts a week in the first planned year, in the hours the line is open now: mean and 90 % interval.
    growth
        A year, as a share (0.1 is 10 % more).
    day_factor_cv
        How much whole days vary beyond chance.
    trust
        Weight of own data against default shapes: weeks / (weeks + 8), as if the defaults were eight weeks of data.
    notes
        The data-quality report.
    open_hours
        In which hours of the week the line takes contacts now (168).
    timed
        Whether the counts tell hours; else only days.
    fit
        The forecast, for more than the mean.
    """

    first: date
    last: date
    weeks: float
    contacts: int
    hour_of_week: Floats
    channel_shares: Mapping[str, float]
    language_shares: Mapping[str, float]
    per_week: Span
    growth: float
    day_factor_cv: float
    trust: float
    notes: tuple[Note, ...]
    open_hours: NDArray[np.bool_]
    timed: bool
    fit: Fit

    def measured(self, ident: str) -> float | None:
        """Return the share of contacts that the line's file marks "silent" or "abandoned"; None when it marks none."""
        found = (note for note in self.notes if note.id == ident)
        return next((float(note.values["share"]) / 100 for note in found), None)

    def shape(self, prior: Floats) -> Floats:
        """Return the share of each hour of the week, own and default blended by ``trust``; sums to 1.

        Hours in which the line is closed keep their default share: nobody could be counted there. Where counts tell
        only days, the hours within a day are the default's.
        """
        prior = np.asarray(prior, dtype=float) / np.sum(prior)
        own = self.hour_of_week * self.open_hours
        if not self.timed:
            of_day = prior.reshape(7, 24)
            own = (own.reshape(7, 24).sum(1)[:, None] * of_day / of_day.sum(1)[:, None]).ravel()
        here = np.where(self.open_hours, prior, 0.0)
        blended = self.trust * own / own.sum() * here.sum() + (1 - self.trust) * here
        whole = np.where(self.open_hours, blended, prior)
        return np.asarray(whole / whole.sum())

    def whole_week(self, prior: Floats) -> Span:
        """Return ``per_week`` as it would be round the clock: what closed hours would bring comes from the default.

        `shape` times this gives, in the hours open now, what was observed.
        """
        seen = float(np.where(self.open_hours, prior, 0).sum() / np.sum(prior))
        return self.per_week * (1 / seen)

    def shares(self, prior: Mapping[str, float], kind: str = "channel") -> dict[str, float]:
        """Return the shares of the channels or languages (``kind``) in ``prior``, blended by ``trust``; sum to 1.

        What own counts have never seen keeps its default share: it may not have been offered.
        """
        own = self.channel_shares if kind == "channel" else self.language_shares
        total = sum(prior.values())
        if total <= 0:
            return dict(prior)
        usual = {name: share / total for name, share in prior.items()}
        seen = {name: own[name] for name in usual if own.get(name, 0) > 0}
        mine, theirs = sum(seen.values()), sum(usual[name] for name in seen)
        if not seen or theirs <= 0:
            return usual
        return {
            name: self.trust * theirs * seen[name] / mine + (1 - self.trust) * share if name in seen else share
            for name, share in usual.items()
        }

    def dispersion(self, prior: float) -> float:
        """Return the coefficient of variation of days beyond chance, blended by ``trust`` (as variances)."""
        return float(np.sqrt(self.trust * self.day_factor_cv**2 + (1 - self.trust) * prior**2))


def observed_of(history: History, plan_start: date, *, holidays: Collection[date] = ()) -> Observed:
    """Return what a history means for a plan that begins on ``plan_start``.

    Parameters
    ----------
    holidays
        The country's public holidays in the days of the history.

    Raises
    ------
    ContentError
        When fewer than two whole weeks can be used.
    """
    words = load_words()
    quality = look_at(history, holidays)
    days, least = int(quality.usable.sum()), round(words.limit("least_days"))
    if days < least:
        raise ContentError(
            FILE, [f"{days} days of it can be used; give at least {least} (two whole weeks), or plan without history"]
        )
    found = fit(history.first, history.by_hour, quality.usable, quality.hours, holidays)
    live = history.live()
    waiting = found
    if 0 < len(live.rows) < len(history.rows):
        waiting = fit(history.first, live.by_hour, quality.usable, quality.hours, holidays)
    weeks = days / 7
    trust = weeks / (weeks + words.limit("trust_weeks"))
    return Observed(
        first=history.first,
        last=history.last,
        weeks=weeks,
        contacts=history.contacts,
        hour_of_week=_known_hours(waiting, quality, history.timed),
        channel_shares=history.shares("channel"),
        language_shares=history.shares("language"),
        per_week=found.per_week(plan_start),
        growth=float(np.expm1(found.growth)),
        day_factor_cv=found.day_cv,
        trust=trust,
        notes=(
            *history.notes,
            *quality.notes,
            *_days_off(history, found, holidays),
            *_age(found, weeks, trust, plan_start),
        ),
        open_hours=quality.open_hours,
        timed=history.timed,
        fit=found,
    )


def _known_hours(found: Fit, quality: Quality, timed: bool) -> Floats:
    if not timed:
        return np.repeat(found.rhythm.reshape(7, 24).sum(1) / 24, 24)
    open_ = np.where(quality.open_hours, found.rhythm, 0.0)
    return np.asarray(open_ / open_.sum())


def _days_off(history: History, found: Fit, holidays: Collection[date]) -> list[Note]:
    seen = sum(history.first <= day <= history.last for day in holidays)
    return [Note("holiday", {"count": seen, "share": round(100 * found.holiday)})] if seen else []


def _age(found: Fit, weeks: float, trust: float, plan_start: date) -> list[Note]:
    notes = []
    since = (plan_start - found.last).days // 7
    if since >= load_words().limit("old_weeks"):
        notes.append(Note("old", {"count": since}))
    if trust < 0.9:
        notes.append(Note("young", {"weeks": round(weeks), "share": round(100 * (1 - trust))}))
    if not found.seasonal:
        return [*notes, Note("no_year")]
    low, high = (round(100 * float(edge)) for edge in (found.season.min(), found.season.max()))
    ident = "year" if high > low else "even_year"
    return [*notes, Note(ident, {"years": round(weeks / 52), "low": low, "high": high})]
