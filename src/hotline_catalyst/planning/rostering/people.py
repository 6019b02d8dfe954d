"""What holds for one person: the working-time rules with the person's own values, and whether a wish fits a shift."""

from __future__ import annotations

from collections.abc import Mapping

from ..calendar import Limit
from ..shifts import Shift
from .records import Advocate

NOON = 12 * 60


def counts(own: float, limit: Limit) -> bool:
    """Return whether a person's own value stands in a rule's place: a stricter one, or one the law lets them agree to.

    staff.yaml is checked when it is read; this holds for people who come from anywhere else.
    """
    return limit.waivable or not limit.is_looser(own)


def limits_of(person: Advocate, limits: Mapping[str, Limit]) -> dict[str, Limit]:
    """Return the rules that hold for one person: the person's own value where it counts, else the rule's."""
    return {
        ident: limit.model_copy(update={"value": own})
        if (own := person.limits.get(ident)) is not None and counts(own, limit)
        else limit
        for ident, limit in limits.items()
    }


def wish_fits(wish: str, shift: Shift) -> bool:
    """Return whether a wish means this shift: any (empty), early, late, night, or the shift's own id.

    Early starts before noon and late from noon on; both are no night shifts.
    """
    kind = "night" if shift.night else "early" if shift.start < NOON else "late"
    return wish in ("", kind, shift.id)
