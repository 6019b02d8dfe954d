"""People who answer and things that were seen, written down in one line each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from hotline_catalyst.assessment.gates import GateResult, caps, judge
from hotline_catalyst.assessment.instrument import Gate, Instrument, load_instrument
from hotline_catalyst.assessment.readiness import Readiness, assess, capped
from hotline_catalyst.assessment.responses import Answer, Evidence, Response, Ruling, Testimony

DAY = date(2027, 3, 1)
CHANNELS = ["phone", "text", "chat", "email"]


@cache
def instrument() -> Instrument:
    """Return the instrument as shipped."""
    return load_instrument()


def only(*domains: str, gates: Iterable[Gate] = ()) -> Instrument:
    """Return the instrument cut down to some domains, with the gates that ask for nothing else, and more gates."""
    whole = instrument()
    kept = replace(whole, domains=tuple(d for d in whole.domains if d.id in domains))
    closed = [g for g in whole.gates if g.items and set(g.items) <= set(kept.items)]
    return replace(kept, gates_file=whole.gates_file.model_copy(update={"gates": [*closed, *gates]}))


def person(
    code: str,
    said: Mapping[str, int | str],
    *,
    role: str = "operator",
    organisation: str = "",
    sure: str = "sure",
    day: date = DAY,
) -> Response:
    """Return what one person said: a level 0 to 4, or a state such as ``dont_know``, by item."""
    answers = {
        item: Answer.model_validate(
            {"state": "answered", "value": word, "sure": sure}
            if isinstance(word, int)
            else {"state": word, "note": "why"}
        )
        for item, word in said.items()
    }
    whole = instrument()
    return Response(
        instrument=f"{whole.meta.id}@{whole.meta.version}",
        fingerprint=whole.fingerprint,
        respondent=code,
        role=role,
        organisation=organisation or f"organisation of {code}",
        given_on=day,
        consent=["assess"],
        answers=answers,
    )


def seen(item: str, level: int, kind: str = "document", *, supports: bool = True, **more: Any) -> Evidence:
    """Return one thing that was seen, in force on DAY unless told otherwise."""
    data = {"id": f"E-{item}-{level}-{kind}", "kind": kind, "item": item, "level": level, "supports": supports}
    return Evidence.model_validate({**data, "what": "something seen", "dated": date(2027, 1, 15), **more})


def panel(*people: Response, evidence: Iterable[Evidence] = (), rulings: Iterable[Ruling] = ()) -> Testimony:
    """Return all that was said and seen, as of DAY."""
    return Testimony(people, tuple(evidence), tuple(rulings), DAY)


def verdicts(
    instrument: Instrument,
    testimony: Testimony,
    stage: str = "new",
    *,
    channels: list[str] = CHANNELS,
    plan: Mapping[str, bool] | None = None,
) -> tuple[Readiness, list[GateResult]]:
    """Judge as a build does: items, then gates, then domains under the caps of gates that are not met."""
    first = assess(instrument, testimony, stage)
    gates = judge(
        instrument, first, testimony, stage, several_languages=True, safe_migration=True, channels=channels, plan=plan
    )
    return capped(instrument, first, caps(instrument, gates)), gates
