"""What the results rest on: every figure with its origin, and the headline numbers with the figures behind them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from .assessment.instrument import Instrument
from .engagement import Engagement
from .planning.demand import Demand, Parameter
from .planning.staffing import StaffingPlan
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
    parameters = engagement.parameters
    rules = Counter(rule for rule in staffing.need.bound_by if rule != "closed")
    most, quarters = rules.most_common(1)[0] if rules else ("minimum cover", 0)
    volume = _volume(engagement, demand)
    promise = ("service.voice_share", "service.voice_within_s", "demand.patience_s")
    people = staffing.people
    yield Number(
        "demand.annual", "Substantive signals a year", demand.annual.likely, "signals", f"From {demand.basis}.", volume
    )
    yield Number(
        "staffing.peak_on_shift",
        "Most advocates on shift at once",
        staffing.peak_on_shift,
        "advocates",
        f"The rule that sets most open quarter-hours is: {most} ({quarters} of {rules.total()}).",
        (*volume, "service.minimum_cover", *promise, "service.occupancy_cap", "service.plan_for_days"),
    )
    yield Number(
        "staffing.night_on_shift",
        "Fewest advocates on shift at night",
        staffing.night_on_shift,
        "advocates",
        "Nobody answers alone: minimum cover holds at night.",
        ("service.minimum_cover", "service.minimum_without_supervisor"),
    )
    yield Number(
        "staffing.service_level",
        "Live signals answered in time, simulated weeks",
        staffing.stress.service,
        "share",
        f"{staffing.stress.weeks} weeks with busy days, absence, breaks and unsure demand; by formula it is "
        f"{staffing.service_level:.3f}.",
        (*volume, *promise, "demand.day_factor_cv", "staffing.absence_share", "service.break_minutes"),
    )
    yield Number(
        "staffing.people",
        "People on the pay roll",
        people.total,
        "people",
        f"{people.on_shift_hours_per_week:g} paid shift hours a week, divided by contract hours less time away from "
        f"signals ({people.shrinkage.share.likely:.1%}), give {people.advocates} advocates; supervisors and support "
        "posts are added.",
        (
            "staffing.contract_hours",
            *sorted(p for p in parameters if p in AWAY or p.startswith("staffing.post_")),
            "staffing.supervisor_span",
            "staffing.minimum_supervisors",
        ),
    )
    yield Number(
        "staffing.annual_cost",
        "Cost of the first year, likely",
        staffing.annual_cost.likely,
        staffing.currency,
        "Pay of all posts with premiums and employer's charges, hiring and training, telephony, interpreters, "
        "premises, care and a reserve.",
        tuple(sorted(p for p in parameters if p.startswith("cost."))),
    )


# The parts of paid time away from signals, and the share that a line has measured itself.
AWAY = (
    "staffing.leave_days", "staffing.holiday_days", "staffing.sick_days", "staffing.other_days",
    "staffing.training_hours", "staffing.supervision_hours", "staffing.meeting_hours", "staffing.off_queue_hours",
    "staffing.shrinkage",
)  # fmt: skip


def _volume(engagement: Engagement, demand: Demand) -> tuple[str, ...]:
    """Return the figures that the yearly volume rests on; own counts rest on none."""
    if demand.observed is not None:
        return ()
    if "demand.annual_signals" in engagement.parameters:
        return ("demand.annual_signals",)
    extra = ("demand.safe_migration_per_100k",) if engagement.file.safe_migration else ()
    return ("demand.population", "demand.signals_per_100k", *extra)
