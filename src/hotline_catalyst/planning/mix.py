"""The mix: which kinds of signal arrive, in which language, and how long each takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .demand import Parameters
    from .history import Observed

CATEGORIES = ("crisis", "tip", "referral", "technical", "general", "at_risk", "unrelated")
KINDS = ("crisis", "other", "silent")  # in the order in which they are answered


@dataclass(frozen=True, slots=True)
class SignalClass:
    """One kind of live signal: how often it comes, how long it takes, how long it waits.

    Parameters
    ----------
    id
        "phone/en/crisis".
    channel, language, kind
        phone, text or chat; a language code; "crisis", "other" or "silent".
    per_week
        Signals a week round the clock, likely case, before redials.
    handle_time_s
        Mean talk and work after it when it is the only one in hand, in seconds.
    parallel
        Most live contacts an advocate holds at once while this is among them.
    slowdown
        With k at once each takes (1 + slowdown * (k - 1)) times as long.
    patience_s
        Mean time until the person hangs up, exponential, in seconds.
    within_s, share
        The promise of its channel: this share answered within these seconds.
    debrief_s
        Seconds the advocate stays off the queue after it.
    priority
        0 goes first (crisis), 1 other, 2 silent.
    """

    id: str
    channel: str
    language: str
    kind: str
    per_week: float
    handle_time_s: float
    parallel: int
    slowdown: float
    patience_s: float
    within_s: float
    share: float
    debrief_s: float
    priority: int

    @property
    def effective_time_s(self) -> float:
        """Seconds of an advocate's time it takes when as many are in hand as its channel allows."""
        return self.handle_time_s * (1 + self.slowdown * (self.parallel - 1)) / self.parallel


def languages_of(
    parameters: Parameters, languages: Sequence[str], observed: Observed | None = None
) -> dict[str, float]:
    """Return each language's share of live signals; the first is the main one.

    ``demand.language_<code>`` gives a share; the others have an even part of what ``demand.other_language_share``
    leaves, and the first the rest.
    """
    first, *others = dict.fromkeys(languages)
    given = {x: parameters[i].likely for x in (first, *others) if (i := f"demand.language_{x}") in parameters}
    unknown = [x for x in others if x not in given]
    # A main language that is known leaves the rest to the others; otherwise a second language is needed to leave any.
    outside = 1 - given[first] if first in given else parameters["demand.other_language_share"].likely if others else 0
    left = max(0.0, outside - fsum(given[x] for x in others if x in given))
    shares = {x: given.get(x, left / max(1, len(unknown))) for x in others}
    main = given.get(first, max(0.0, 1 - fsum(shares.values())))
    return _blended(_to_one({first: main, **shares}), observed)


def _to_one(shares: Mapping[str, float]) -> dict[str, float]:
    """Return shares that add up to 1; all to the first where there is nothing to share."""
    total = fsum(shares.values())
    return {x: share / total if total else float(x == next(iter(shares))) for x, share in shares.items()}


def _blended(usual: dict[str, float], observed: Observed | None) -> dict[str, float]:
    """Return language shares weighed with what the line counted; one it never counted keeps its share."""
    if observed is None:
        return usual
    # Counts know languages without regions: pt-BR is counted as pt.
    base = {x: x.replace("_", "-").split("-")[0] for x in usual}
    if len(set(base.values())) < len(base):
        return observed.shares(usual, "language")
    found = observed.shares({base[x]: share for x, share in usual.items()}, "language")
    return {x: found[base[x]] for x in usual}


def classes_of(
    parameters: Parameters, live: Mapping[str, float], silent: float, languages: Mapping[str, float]
) -> tuple[SignalClass, ...]:
    """Return the kinds of live signal: by channel and language crisis and other, and on the telephone non-data.

    Parameters
    ----------
    live
        Substantive signals a week by channel.
    silent
        Silent, hang-up and prank calls a week; a menu of languages shares them out like the others.
    """
    made = []
    for channel, per_week in live.items():
        counts = {kind: per_week * share for kind, share in _kinds(parameters).items()}
        if channel == "phone":
            counts["silent"] = silent
        for language, part in languages.items():
            made += [_class(parameters, channel, language, k, n * part) for k, n in counts.items() if n * part]
    return tuple(made)


def _kinds(parameters: Parameters) -> dict[str, float]:
    """Return the share of crisis signals and of all others."""
    mix = {c: parameters[f"demand.mix_{c}"].likely for c in CATEGORIES}
    crisis = mix["crisis"] / fsum(mix.values())
    return {"crisis": crisis, "other": 1 - crisis}


def _class(parameters: Parameters, channel: str, language: str, kind: str, per_week: float) -> SignalClass:
    def likely(name: str) -> float:
        return parameters[name].likely

    phone, crisis = channel == "phone", kind == "crisis"
    promise = "voice" if phone else "text"
    handle_time_s = 60 * likely("demand.minutes_unsubstantive") if kind == "silent" else call_time_s(parameters, kind)
    return SignalClass(
        id=f"{channel}/{language}/{kind}",
        channel=channel,
        language=language,
        kind=kind,
        per_week=per_week,
        handle_time_s=handle_time_s * (1.0 if phone else likely("demand.text_talk_factor")),
        parallel=1 if phone or crisis else max(1, round(likely("service.parallel_contacts"))),
        slowdown=0.0 if phone or crisis else likely("service.parallel_slowdown"),
        patience_s=likely("demand.patience_s"),
        within_s=likely(f"service.{promise}_within_s"),
        share=likely(f"service.{promise}_share"),
        debrief_s=60 * likely("service.crisis_debrief_min") if crisis else 0.0,
        priority=KINDS.index(kind),
    )


def pooled_time_s(classes: Sequence[SignalClass]) -> float:
    """Return the mean advocate time of a live signal in seconds, each kind weighed by how often it comes."""
    return fsum(c.per_week * c.effective_time_s for c in classes) / fsum(c.per_week for c in classes)


def call_time_s(parameters: Parameters, kind: str = "") -> float:
    """Return the mean time of a call in seconds: of a crisis, of all other kinds, or of every kind together."""
    chosen = [c for c in CATEGORIES if not kind or (c == "crisis") == (kind == "crisis")]
    mix = [parameters[f"demand.mix_{c}"].likely for c in chosen]
    minutes = [parameters[f"demand.minutes_{c}"].likely for c in chosen]
    return 60 * fsum(m * t for m, t in zip(mix, minutes, strict=True)) / fsum(mix)
