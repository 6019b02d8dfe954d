"""The cases compared at launch: hours, channels, languages and promise, and the part of the demand each meets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import fsum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from .calendar import DAYS, Hours
from .demand import LIVE_CHANNELS, Demand, Span
from .mix import SignalClass, pooled_time_s
from .staffing_words import ChannelChoice, StaffingWords

CHOSEN = "chosen"


class NamedHours(Protocol):
    """A choice of hours as content gives it."""

    @property
    def id(self) -> str:
        """Short id that never changes."""

    @property
    def title(self) -> str:
        """Hours as people say them."""

    @property
    def hours(self) -> Hours:
        """The hours themselves."""


@dataclass(frozen=True)
class Promise:
    """The share of calls answered within ``within_s`` seconds: one step lower, as promised, one step higher."""

    shares: Span
    within_s: float


@dataclass(frozen=True)
class Case:
    """One way to run the line.

    Parameters
    ----------
    title
        The hours as people say them.
    languages
        Those that advocates speak; the others of the line are answered with an interpreter.
    voice_share
        Share of calls promised an answer in time.
    """

    id: str
    title: str
    hours: Hours = field(compare=False)
    channels: tuple[str, ...]
    languages: tuple[str, ...]
    voice_share: float


def cases_of(
    words: StaffingWords,
    compared: Sequence[NamedHours],
    *,
    hours: Hours,
    channels: Sequence[str],
    languages: Sequence[str],
    promise: Promise,
    weekend: Sequence[str],
) -> tuple[Case, ...]:
    """Return what was asked for, and the cases to compare with it.

    All hours are crossed with the channels, and with the languages at all channels; the promise is varied at what was
    asked for otherwise.

    Parameters
    ----------
    compared
        Hours to compare; Monday to Friday stand for the country's working days.
    channels, languages
        Those asked for, the main language first.
    """
    offered, spoken = tuple(channels), tuple(languages)
    asked = Case(CHOSEN, _capital(hours.text), hours, offered, spoken, promise.shares.likely)
    times = [asked, *(_at(asked, c.id, c.title, local_hours(c.hours, weekend)) for c in compared)]
    found: list[Case] = []
    for time in times:
        varied = [(time, "")]
        varied += [(replace(time, channels=tuple(c.channels)), c.id) for c in _fewer(words, offered)]
        varied += [(replace(time, languages=spoken[:1]), "first_language")]
        shares = (("lower", promise.shares.low), ("higher", promise.shares.high))
        # Nobody can promise to answer everybody in time.
        varied += [(replace(time, voice_share=share), name) for name, share in shares if 0 < share < 1]
        found += [replace(case, id=f"{case.id}-{name}" if name else case.id) for case, name in varied]
    return tuple(_distinct(found))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _at(case: Case, ident: str, title: str, hours: Hours) -> Case:
    return replace(case, id=ident, title=title, hours=hours)


def _fewer(words: StaffingWords, offered: tuple[str, ...]) -> Iterator[ChannelChoice]:
    """Yield the choices of channels that the line offers and that are not all it offers."""
    for choice in words.choices.channels:
        if set(choice.channels) < set(offered):
            yield choice


def _distinct(cases: list[Case]) -> Iterator[Case]:
    seen = set()
    for case in cases:
        key = (case.hours.open_quarters.tobytes(), frozenset(case.channels), case.languages, case.voice_share)
        if key not in seen:
            seen.add(key)
            yield case


def local_hours(hours: Hours, weekend: Sequence[str]) -> Hours:
    """Return hours written for a Saturday and Sunday weekend as they lie in a country with another one.

    >>> local_hours(Hours(monday="08:00-16:00"), ["friday", "saturday"]).text
    'Monday to Saturday closed; Sunday 08:00 to 16:00'
    """
    if len(weekend) != 2:
        return hours
    own = [d for d in DAYS if d not in weekend]
    # The week of work begins on the day after the weekend.
    first = next((i for i, day in enumerate(own) if DAYS[DAYS.index(day) - 1] in weekend), 0)
    order = [*own[first:], *own[:first], *[d for d in DAYS if d in weekend]]
    return Hours(**{there: getattr(hours, day) for day, there in zip(DAYS, order, strict=True)})


def narrowed(
    demand: Demand, channels: Sequence[str], languages: Sequence[str], *, factor: float, connect_s: float
) -> Demand:
    """Return the part of the demand that reaches a line with these channels, as its advocates meet it.

    Nobody is assumed to come by another channel instead. Signals in a language that no advocate speaks take
    ``factor`` times as long and ``connect_s`` seconds more, with an interpreter.
    """
    spoken = [x for x in demand.languages if x in languages] or list(demand.languages)[:1]
    if set(demand.shares) <= set(channels) and set(demand.languages) == set(spoken):
        return demand
    kept = [c if c.language in spoken else _interpreted(c, factor, connect_s) for c in demand.classes]
    kept = [c for c in kept if c.channel in channels]
    live = fsum(c.per_week for c in kept)
    part = live / demand.live_per_week if demand.live_per_week else 0.0
    shares = {c: share for c, share in demand.shares.items() if c in channels}
    written = fsum(share for c, share in shares.items() if c not in LIVE_CHANNELS)
    all_written = fsum(share for c, share in demand.shares.items() if c not in LIVE_CHANNELS)
    mail = written / all_written if all_written else 0.0
    return replace(
        demand,
        live_per_hour=demand.live_per_hour * part,
        band_per_hour=demand.band_per_hour * part,
        rows=tuple(replace(row, per_hour=row.per_hour * part) for row in demand.rows),
        live_per_week=live,
        all_per_week=demand.all_per_week - (demand.live_per_week - live) - demand.written_per_week * (1 - mail),
        handle_time_s=pooled_time_s(kept) if live else demand.handle_time_s,
        classes=tuple(kept),
        shares=shares,
        languages=_spoken_shares(demand.languages, spoken),
        written_per_week=demand.written_per_week * mail,
        written_hours_per_week=demand.written_hours_per_week * mail,
        follow_up_hours_per_week=demand.follow_up_hours_per_week * fsum(shares.values()),
    )


def _interpreted(kind: SignalClass, factor: float, connect_s: float) -> SignalClass:
    return replace(kind, handle_time_s=kind.handle_time_s * factor + connect_s)


def _spoken_shares(shares: Mapping[str, float], spoken: Sequence[str]) -> dict[str, float]:
    """Return shares of the languages spoken; whoever comes with an interpreter counts with the first."""
    rest = 1 - fsum(shares[x] for x in spoken)
    return {x: shares[x] + (rest if x == spoken[0] else 0.0) for x in spoken}


def open_share(demand: Demand, open_: NDArray[np.bool_]) -> float:
    """Return the share of the week's live signals that come in these quarter-hours, (672,)."""
    total = float(demand.shape.sum())
    return float(demand.shape[open_].sum()) / total if total else 1.0


def share_served(demand: Demand, case: Case, answered: float) -> float:
    """Return the share of expected signals that find hour and channel open and are answered.

    Parameters
    ----------
    demand
        Of all channels the line means to offer.
    answered
        Share of the live signals in open hours that are answered before they hang up.
    """
    reach = open_share(demand, case.hours.open_quarters)
    parts = [
        share * (reach * answered if channel in LIVE_CHANNELS else 1.0)
        for channel, share in demand.shares.items()
        if channel in case.channels
    ]
    return min(1.0, fsum(parts) / fsum(demand.shares.values())) if demand.shares else 1.0
