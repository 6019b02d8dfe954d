"""What the results rest on: every figure with its origin, and the headline numbers with the figures behind them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from .assessment.instrument import Instrument
from .engagement import Engagement
from .planning.demand import Demand, Parameter
from .planning.people import COUNTED, MEASURED
from .planning.staffing import StaffingPlan, night_quarters
from .planning.staffing_words import load_staffing_words
from .results import Assumption, Number


def assumptions_of(engagement: Engagement) -> Iterator[Assumption]:
    """List every figure the plan rests on, the unsourced ones first."""
    currency = engagement.country.currency.per_usd
    income = engagement.country.income_per_head_usd
    entries = [
        Assumption(p.id, p.title, _range(p), p.unit, p.origin, p.assumption) for p in engagement.parameters.values()
    ]
    for ident, title, known, unit in (
        ("country.currency_per_usd", "Exchange rate", currency, f"{engagement.country.currency.code} per USD"),
        ("country.income_per_head", "National income per head", income, "USD per person per year"),
    ):
        origin = f"country file ({known.year}): {known.source or known.assumption}"
        entries.append(Assumption(ident, title, _figure(known.value), unit, origin, known.source is None))
    entries += [
        Assumption(
            f"roadmap.capacity.{role}",
            f"Time of {role.replace('_', ' ')} for the plan",
            f"{days:g}",
            "person-days per week",
            "engagement.yaml: capacity",
            False,
        )
        for role, days in engagement.file.capacity.items()
    ]
    entries += [
        Assumption(f"working_time.{x.id}", x.title, f"{x.value:g}", x.unit, x.source, "assumption" in x.source.lower())
        for x in engagement.limits.values()
    ]
    entries += [
        Assumption(f"scoring.{name}", reason, _figure(value), "", reason, True)
        for name, value, reason in _scoring(engagement.instrument)
    ]
    entries += [
        Assumption(f"roadmap.{name}", c.reason, _figure(c.value), c.unit, c.reason, True)
        for name, c in engagement.advice.roadmap.constants.items()
    ]
    yield from sorted(entries, key=lambda e: (not e.assumed, e.id))


def _scoring(instrument: Instrument) -> Iterator[tuple[str, float, str]]:
    for name, entry in instrument.scoring.model_dump(exclude={"variations"}).items():
        for key, constant in entry.items() if "value" not in entry else [("", entry)]:
            yield (f"{name}.{key}" if key != "" else name), constant["value"], constant["reason"]


def _range(p: Parameter) -> str:
    ends = [_figure(end) for end in (p.low, p.likely, p.high)]
    return ends[1] if p.low == p.high else " – ".join(ends)


def _figure(value: float) -> str:
    """Write a figure in full, grouped by spaces; no powers of ten.

    >>> _figure(9400000), _figure(0.15)
    ('9 400 000', '0.15')
    """
    return f"{value:,.0f}".replace(",", " ") if abs(value) >= 1000 else f"{value:g}"


def numbers_of(engagement: Engagement, demand: Demand, staffing: StaffingPlan) -> Iterator[Number]:
    """Yield the headline numbers, each with the sentence that explains it and the parameters it rests on."""
    say, volume = load_staffing_words().numbers, _volume(engagement, demand)
    promise = ("service.voice_share", "service.voice_within_s", "demand.patience_s")
    floors = ("service.minimum_cover", "service.minimum_without_supervisor")
    people, stress = staffing.people, staffing.stress
    annual = say["annual"].because.format(basis=demand.basis)
    yield Number("demand.annual", say["annual"].title, demand.annual.likely, "signals", annual, volume)
    rests_on = (*volume, *floors, *promise, "service.occupancy_cap", "service.plan_for_days")
    bound = staffing.need.bound_by
    peak = say["peak"].because.format(**_most(bound))
    yield Number("staffing.peak_on_shift", say["peak"].title, staffing.peak_on_shift, "advocates", peak, rests_on)
    at_night = night_quarters(engagement.country)
    night = say["night"].because.format(**_most([b for b, dark in zip(bound, at_night, strict=True) if dark]))
    yield Number("staffing.night_on_shift", say["night"].title, staffing.night_on_shift, "advocates", night, rests_on)
    service = say["service"].because.format(weeks=stress.weeks, formula=f"{staffing.service_level:.1%}")
    tested = ("demand.day_factor_cv", "staffing.absence_share", "service.break_minutes", "demand.redial_share")
    yield Number(
        "staffing.service_level", say["service"].title, stress.service, "share", service, (*volume, *promise, *tested)
    )
    payroll = say["people"].because.format(
        on_shift=f"{people.on_shift_hours_per_week:g}",
        offline=f"{people.offline_hours_per_week:.1f}",
        away=f"{people.shrinkage.share.likely:.1%}",
        advocates=people.advocates,
    )
    posts = sorted(p for p in engagement.parameters if p.startswith(("staffing.post_", "staffing.advocates_per_")))
    fewest = ("staffing.supervisor_span", "staffing.minimum_supervisors", "staffing.oncall_every")
    behind = ("staffing.contract_hours", *_away(engagement), *posts, *fewest)
    yield Number("staffing.people", say["people"].title, people.total, "people", payroll, behind)
    prices = tuple(sorted(p for p in engagement.parameters if p.startswith("cost.")))
    yield Number(
        "staffing.annual_cost",
        say["cost"].title,
        staffing.annual_cost.likely,
        staffing.currency,
        say["cost"].because,
        prices,
    )


def _most(bound: Sequence[str]) -> dict[str, object]:
    """Return the rule that sets most of these quarter-hours, and how many of how many it sets."""
    rules = Counter(rule for rule in bound if rule != "closed")
    rule, count = rules.most_common(1)[0] if rules else ("closed", len(bound))
    return {"rule": load_staffing_words().bounds[rule], "count": count, "of": rules.total() or len(bound)}


def _away(engagement: Engagement) -> tuple[str, ...]:
    """Return the figures behind the paid time away from signals."""
    if MEASURED in engagement.parameters:
        return (MEASURED,)
    more = ("staffing.supervision_new_hours", "staffing.attrition", "service.break_after_hours")
    return tuple(sorted({*COUNTED.values(), *more}))


def _volume(engagement: Engagement, demand: Demand) -> tuple[str, ...]:
    """Return the figures that the yearly volume rests on; own counts rest on none."""
    if demand.observed is not None:
        return ()
    if "demand.annual_signals" in engagement.parameters:
        return ("demand.annual_signals",)
    extra = ("demand.safe_migration_per_100k",) if engagement.file.safe_migration else ()
    return ("demand.population", "demand.signals_per_100k", *extra)
